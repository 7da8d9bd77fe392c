//! What is known of the base before a single customer is looked at: its channels, and what customers cost.

use rayon::prelude::*;

use crate::contacts::Contact;
use crate::contacts::quality::{ChannelRules, Criterion};
use crate::decide::corrections::{CorrectionError, CorrectionInput};
use crate::map::Diagnosis;

/// Customers in one block of a parallel sum.
/// Channels that are tried out for a customer: those that the company uses most.
const MOST_CHANNELS: usize = 32;

const BLOCK: usize = 8_192;

/// Parts of attractiveness within which costs are compared.
const TENTHS: usize = 10;

/// A channel that the company uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Channel {
    /// Its position in the log; that of its first spelling.
    pub(super) position: u16,
    /// Its mean rating; NaN where it is never rated.
    pub(super) rating: f64,
}

/// The base, as corrections see it.
pub(super) struct Base<'a> {
    pub(super) input: &'a CorrectionInput<'a>,
    pub(super) rules: ChannelRules,
    /// The channels by which the company contacts customers, at most [`MOST_CHANNELS`].
    pub(super) channels: Vec<Channel>,
    /// The criteria of the index, in its order.
    pub(super) criteria: Vec<Criterion>,
    /// Promptness at the median of the customers that have one; NaN where none has.
    pub(super) promptness: f64,
    pub(super) period_days: u32,
    /// What every customer cost in the period, in 1/10,000.
    cost: Vec<i64>,
    /// What an aligned customer cost on average, by tenth of attractiveness.
    yardstick: [i64; TENTHS],
}

/// What is summed up of a channel.
#[derive(Debug, Clone, Copy, Default)]
struct Use {
    contacts: u64,
    ratings: u64,
    sum: f64,
}

impl<'a> Base<'a> {
    pub(super) fn learn(input: &'a CorrectionInput<'a>, period_days: u32) -> Result<Self, CorrectionError> {
        let rules = input.fitted_quality.channel_rules(&input.log.channels);
        let (uses, cost) = survey(input, &rules, period_days);
        Ok(Base {
            input,
            channels: channels(input, &rules, &uses),
            rules,
            criteria: criteria(input)?,
            promptness: median(input.quality.column(Criterion::Promptness)),
            period_days,
            yardstick: yardstick(input, &cost),
            cost,
        })
    }

    /// Whether a contact is of the period before the as-of date.
    pub(super) fn is_recent(&self, contact: &Contact) -> bool {
        is_within(self.input, contact, self.period_days)
    }

    /// Whether a contact is of the window that pressure counts, up to the as-of date.
    pub(super) fn is_pressing(&self, contact: &Contact) -> bool {
        is_within(self.input, contact, self.input.fitted_quality.settings().pressure_days)
    }

    /// What a customer cost in the period beyond what comparable customers do, at least 0, in 1/10,000.
    pub(super) fn excess(&self, customer: usize) -> i64 {
        let usual = self.yardstick[tenth(self.input.map.attractiveness_position[customer])];
        self.cost[customer].saturating_sub(usual).max(0)
    }
}

/// The criteria of the map's contact axis.
fn criteria(input: &CorrectionInput<'_>) -> Result<Vec<Criterion>, CorrectionError> {
    let known = |name: &str| Criterion::ALL.into_iter().find(|criterion| criterion.name() == name);
    let criteria = input.fitted_map.contact().index().criteria().iter();
    criteria.map(|one| known(&one.name).ok_or_else(|| CorrectionError::Criterion(one.name.clone()))).collect()
}

fn is_within(input: &CorrectionInput<'_>, contact: &Contact, days: u32) -> bool {
    i64::from(input.log.as_of.days_since(contact.at.day)) < i64::from(days)
}

/// What channels were used for, and what customers cost in the period: in parallel, summed in fixed blocks.
fn survey(input: &CorrectionInput<'_>, rules: &ChannelRules, period_days: u32) -> (Vec<Use>, Vec<i64>) {
    let customers: Vec<usize> = (0..input.log.customers()).step_by(BLOCK).collect();
    let block = |&first: &usize| {
        let rows = first..input.log.customers().min(first + BLOCK);
        let mut uses = vec![Use::default(); rules.groups()];
        let cost: Vec<i64> = rows.map(|customer| survey_one(input, rules, period_days, customer, &mut uses)).collect();
        (uses, cost)
    };
    let blocks: Vec<(Vec<Use>, Vec<i64>)> = customers.par_iter().map(block).collect();
    let mut all = (vec![Use::default(); rules.groups()], Vec::with_capacity(input.log.customers()));
    for (uses, cost) in blocks {
        all.0.iter_mut().zip(uses).for_each(|(sum, one)| sum.add(one));
        all.1.extend(cost);
    }
    all
}

fn survey_one(
    input: &CorrectionInput<'_>,
    rules: &ChannelRules,
    period_days: u32,
    customer: usize,
    uses: &mut [Use],
) -> i64 {
    let mut cost = 0_i64;
    for contact in input.log.of(customer) {
        if is_within(input, contact, period_days) {
            cost = cost.saturating_add(contact.cost.0);
        }
        if contact.is_outbound() {
            let rating = f64::from(contact.satisfaction);
            let is_rated = rating.is_finite();
            let sum = if is_rated { rating } else { 0.0 };
            uses[rules.group(contact.channel)].add(Use { contacts: 1, ratings: u64::from(is_rated), sum });
        }
    }
    cost
}

impl Use {
    fn add(&mut self, other: Use) {
        self.contacts += other.contacts;
        self.ratings += other.ratings;
        self.sum += other.sum;
    }
}

fn channels(input: &CorrectionInput<'_>, rules: &ChannelRules, uses: &[Use]) -> Vec<Channel> {
    let mut met = vec![false; uses.len()];
    let positions = (0..input.log.channels.len()).map(|position| position as u16);
    let first = positions.filter(|&position| !std::mem::replace(&mut met[rules.group(position)], true));
    let used = first.map(|position| (position, uses[rules.group(position)])).filter(|(_, used)| used.contacts > 0);
    let mut used: Vec<(u16, Use)> = used.collect();
    used.sort_by(|a, b| b.1.contacts.cmp(&a.1.contacts).then(a.0.cmp(&b.0)));
    used.truncate(MOST_CHANNELS);
    used.sort_by_key(|(position, _)| *position);
    used.into_iter().map(|(position, used)| Channel { position, rating: used.sum / used.ratings as f64 }).collect()
}

/// The mean cost of the aligned, by tenth of attractiveness; where a tenth has none, of all who are aligned, and where
/// nobody is, of all on the map.
fn yardstick(input: &CorrectionInput<'_>, cost: &[i64]) -> [i64; TENTHS] {
    let mut aligned = [(0_i128, 0_i128); TENTHS];
    let mut mapped = (0, 0);
    for (customer, &cost) in cost.iter().enumerate() {
        let Some(diagnosis) = input.map.diagnosis(customer) else { continue };
        add(&mut mapped, cost);
        if diagnosis == Diagnosis::Aligned {
            add(&mut aligned[tenth(input.map.attractiveness_position[customer])], cost);
        }
    }
    let all = aligned.iter().fold((0, 0), |sum, tenth| (sum.0 + tenth.0, sum.1 + tenth.1));
    aligned.map(|tenth| mean(tenth).or(mean(all)).or(mean(mapped)).unwrap_or(0))
}

fn add(sum: &mut (i128, i128), cost: i64) {
    sum.0 += i128::from(cost);
    sum.1 += 1;
}

fn mean((sum, count): (i128, i128)) -> Option<i64> {
    (count > 0).then(|| i64::try_from(sum / count).unwrap_or(i64::MAX))
}

fn tenth(position: f64) -> usize {
    ((position / 10.0) as usize).min(TENTHS - 1)
}

/// The lower median of what is known; NaN of nothing.
fn median(values: &[f64]) -> f64 {
    let mut known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    if known.is_empty() {
        return f64::NAN;
    }
    let middle = (known.len() - 1) / 2;
    *known.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use crate::decide::corrections::base::*;

    #[test]
    fn the_lower_median_of_what_is_known() {
        assert_eq!(median(&[3.0, f64::NAN, 1.0, 2.0, 4.0]), 2.0);
        assert!(median(&[f64::NAN]).is_nan() && median(&[]).is_nan());
    }

    #[test]
    fn tenths_hold_the_ends() {
        assert_eq!([0.0, 9.99, 10.0, 95.0, 100.0].map(tenth), [0, 0, 1, 9, 9]);
    }

    #[test]
    fn means_do_not_overflow() {
        let mut sum = (0, 0);
        (0..3).for_each(|_| add(&mut sum, i64::MAX));
        assert_eq!((mean(sum), mean((0, 0))), (Some(i64::MAX), None));
    }
}
