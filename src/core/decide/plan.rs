//! The plan: which corrections to carry out, when, and for how much.
//!
//! Of every customer at most one option is taken. What over-served customers could save is taken in full: each customer's
//! most valuable option. Of the options that cost money those are chosen that have the greatest value together within
//! the budget and the capacity of each channel ([`super::solver`], which also says how far from the best the choice can
//! be). A budget of `same` is what the over-served save, so that money moves from those who get too much to those who get
//! too little, in a period as long as the one in which the saving was measured.
//!
//! Contacts are spread over the working days, Monday to Friday, of the plan's period, which begins on the day after the
//! as-of date. The most valuable contact of a channel comes first: with `D` working days and a pace of `N` contacts a
//! period (the channel's capacity, or what is planned on it where it has none), contact number k = 0, 1, ... is on
//! working day `⌊k D / N⌋`. What needs no contact is for the first working day.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base::{Day, Money};
use crate::contacts::quality::channel_key;
use crate::decide::corrections::Corrections;
use crate::decide::solver::{Choice, Method, Problem, Selection};
use crate::map::Diagnosis;

/// The periods a plan can have, in days: shorter ones may have no working day.
const PERIODS: std::ops::RangeInclusive<u32> = 7..=366;

/// A plan that has no meaning.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// Not a budget.
    #[error(
        "'{0}' is not a budget; write an amount of 0 or more such as 2500, 'same' for what is saved, or 'unlimited'"
    )]
    Budget(String),
    /// A capacity for a channel that is not there.
    #[error("the capacity of '{name}' is for no channel of the log; its channels are {known}")]
    Channel {
        /// As typed.
        name: String,
        /// What there is.
        known: String,
    },
    /// Two capacities for one channel.
    #[error("the channel '{0}' has two capacities, in different spellings")]
    ChannelTwice(String),
    /// A least return that is none.
    #[error("plan.least_return = {0} must be a number of 0 or more; 1 asks that a contact be worth its cost")]
    LeastReturn(f64),
    /// A period without working days, or of years.
    #[error("plan.period_days = {0} must be from {start} to {end}; 90 is usual", start = PERIODS.start(), end = PERIODS.end())]
    Period(u32),
}

/// What contacts may cost together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Budget {
    /// As much as the plan saves.
    #[default]
    Same,
    /// So much.
    Amount(Money),
    /// As much as it takes.
    Unlimited,
}

impl FromStr for Budget {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        match text.trim().to_lowercase().as_str() {
            "same" => Ok(Budget::Same),
            "unlimited" => Ok(Budget::Unlimited),
            amount => {
                let amount = amount.parse().ok().and_then(Money::from_f64).filter(|amount| *amount >= Money(0));
                amount.map(Budget::Amount).ok_or_else(|| PlanError::Budget(text.to_string()))
            }
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Budget::Same => f.write_str("same"),
            Budget::Amount(amount) => amount.fmt(f),
            Budget::Unlimited => f.write_str("unlimited"),
        }
    }
}

impl Serialize for Budget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Budget::Amount(amount) => amount.serialize(serializer),
            other => serializer.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for Budget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Typed {
            Amount(f64),
            Word(String),
        }
        let typed = match Typed::deserialize(deserializer)? {
            Typed::Amount(amount) => amount.to_string(),
            Typed::Word(word) => word,
        };
        typed.parse().map_err(de::Error::custom)
    }
}

/// What a plan has to keep to: a table of clivia.toml.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlanSettings {
    /// What contacts may cost together: `same`, `unlimited` or an amount.
    pub budget: Budget,
    /// How many contacts a channel can bear in the period, however it is spelt; without one as many as it takes.
    pub capacity: BTreeMap<String, u32>,
    /// How many days after the as-of date the plan is for, 7-366.
    pub period_days: u32,
    /// What a contact must be worth at least for each unit of its cost, 0 or more: 0 takes whatever the budget allows,
    /// 1 nothing that costs more than it is worth.
    pub least_return: f64,
}

impl Default for PlanSettings {
    fn default() -> Self {
        PlanSettings { budget: Budget::Same, capacity: BTreeMap::new(), period_days: 90, least_return: 0.0 }
    }
}

impl PlanSettings {
    /// Checks what can be told without the contacts.
    ///
    /// # Errors
    /// [`PlanError`] where the period is too short or too long, the least return is no number of 0 or more, or a channel
    /// has two capacities.
    pub fn check(&self) -> Result<(), PlanError> {
        if !PERIODS.contains(&self.period_days) {
            return Err(PlanError::Period(self.period_days));
        }
        if !(self.least_return.is_finite() && self.least_return >= 0.0) {
            return Err(PlanError::LeastReturn(self.least_return));
        }
        let mut keys = BTreeSet::new();
        match self.capacity.keys().find(|name| !keys.insert(channel_key(name))) {
            Some(twice) => Err(PlanError::ChannelTwice(twice.clone())),
            None => Ok(()),
        }
    }
}

/// One option of one customer, as far as a plan asks: a row of the corrections.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanOption {
    /// The customer.
    pub customer: u32,
    /// Whether its contact is below or above attractiveness.
    pub diagnosis: Diagnosis,
    /// The channel to contact by, or to use less: its position among the names handed over; none where no contact is
    /// meant.
    pub channel: Option<u16>,
    /// What the option is worth, in currency units; without a positive, finite value it is never taken.
    pub value: f64,
    /// What it costs; 0 where no contact is meant.
    pub cost: Money,
    /// What it saves; 0 unless over-served.
    pub saving: Money,
}

impl Corrections {
    /// The rows as options for a plan, in the same order.
    pub fn plan_options(&self) -> Vec<PlanOption> {
        let option = |row: &super::Correction| PlanOption {
            customer: row.customer,
            diagnosis: row.diagnosis,
            channel: row.channel,
            value: row.value,
            cost: row.cost.unwrap_or_default(),
            saving: row.saving.unwrap_or_default(),
        };
        self.rows.iter().map(option).collect()
    }
}

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanRow {
    /// Which option: its position among those handed over, where the reason stands.
    pub option: u32,
    /// When.
    pub on: Day,
}

/// What to do, the most valuable first, and how good a choice that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What to do.
    pub rows: Vec<PlanRow>,
    /// Whether the choice among what costs money is proven to be the best.
    pub method: Method,
    /// The value of what was chosen there.
    pub value: f64,
    /// No choice there has a greater value than this.
    pub bound: f64,
    /// What may be missing to the best, as a share of the bound: 0 to 1.
    pub gap: f64,
    /// What it costs.
    pub cost: Money,
    /// What it may cost; `None` = as much as it takes.
    pub budget: Option<Money>,
    /// What is saved with the over-served.
    pub saving: Money,
}

/// Makes a plan of options, from the day after `as_of`. `channels` are the names behind the options' channels.
///
/// # Errors
/// [`PlanError`] where a capacity is for no channel or given twice, or the period is too short or too long.
///
/// # Panics
/// Where an option's channel is beyond the names.
///
/// ```
/// use clivia_core::decide::plan::{plan, PlanOption, PlanSettings};
/// use clivia_core::map::Diagnosis;
/// use clivia_core::base::{Day, Money};
///
/// let money = |amount| Money::from_f64(amount).unwrap_or_default();
/// let option = |customer, value, cost| PlanOption {
///     customer,
///     diagnosis: Diagnosis::UnderServed,
///     channel: Some(0),
///     value,
///     cost: money(cost),
///     saving: Money(0),
/// };
/// let spared = PlanOption { diagnosis: Diagnosis::OverServed, saving: money(60.0), ..option(2, 60.0, 0.0) };
/// let options = [option(0, 40.0, 50.0), option(1, 90.0, 50.0), spared];
/// // What customer 2 is spared pays for one visit.
/// let plan = plan(&options, &["visit".to_string()], Day(0), &PlanSettings::default())?;
/// let taken: Vec<u32> = plan.rows.iter().map(|row| row.option).collect();
/// assert_eq!(taken, [1, 2]);
/// assert_eq!((plan.value, plan.cost, plan.saving), (90.0, money(50.0), money(60.0)));
/// # Ok::<(), clivia_core::decide::plan::PlanError>(())
/// ```
pub fn plan(
    options: &[PlanOption],
    channels: &[String],
    as_of: Day,
    settings: &PlanSettings,
) -> Result<Plan, PlanError> {
    settings.check()?;
    let limits = Limits::new(&settings.capacity, channels)?;
    let spared = best_savings(options);
    let saving = Money(spared.iter().fold(0, |sum, &option| sum.saturating_add(options[option as usize].saving.0)));
    let budget = match settings.budget {
        Budget::Same => Some(saving),
        Budget::Amount(amount) => Some(amount),
        Budget::Unlimited => None,
    };
    let Selection { chosen, value, bound, cost, method } = choose(options, &limits, budget, settings.least_return);
    let gap = if bound > 0.0 { (1.0 - value / bound).max(0.0) } else { 0.0 };
    let taken = in_order_of_value(options, spared.into_iter().chain(chosen));
    let rows = schedule(options, &limits, channels.len(), taken, working_days(as_of, settings.period_days));
    Ok(Plan { rows, method, value, bound, gap, cost, budget, saving })
}

/// Which channels have a capacity, and what it is.
struct Limits {
    capacity: Vec<u32>,
    /// The place of its capacity, by channel.
    of: Vec<Option<u16>>,
}

impl Limits {
    fn new(capacity: &BTreeMap<String, u32>, channels: &[String]) -> Result<Self, PlanError> {
        let mut limits = Limits { capacity: Vec::new(), of: vec![None; channels.len()] };
        let keys: Vec<String> = channels.iter().map(|name| channel_key(name)).collect();
        for (name, &places) in capacity {
            let key = channel_key(name);
            let meant: Vec<usize> = (0..keys.len()).filter(|&channel| keys[channel] == key).collect();
            if meant.is_empty() {
                return Err(PlanError::Channel { name: name.clone(), known: channels.join(", ") });
            }
            if meant.iter().any(|&channel| limits.of[channel].is_some()) {
                return Err(PlanError::ChannelTwice(name.clone()));
            }
            meant.into_iter().for_each(|channel| limits.of[channel] = Some(limits.capacity.len() as u16));
            limits.capacity.push(places);
        }
        Ok(limits)
    }
}

/// The most valuable saving of every over-served customer; of equal ones the first.
fn best_savings(options: &[PlanOption]) -> Vec<u32> {
    let saves = |place: &u32| options[*place as usize].diagnosis == Diagnosis::OverServed;
    let worth = |place: &u32| options[*place as usize].value > 0.0 && options[*place as usize].saving > Money(0);
    let mut all: Vec<u32> = (0..options.len() as u32).filter(saves).filter(worth).collect();
    all.sort_by(|&a, &b| {
        let (a, b) = (&options[a as usize], &options[b as usize]);
        a.customer.cmp(&b.customer).then(b.value.total_cmp(&a.value))
    });
    all.dedup_by_key(|place| options[*place as usize].customer);
    all
}

/// The best choice among what is for the under-served.
fn choose(options: &[PlanOption], limits: &Limits, budget: Option<Money>, least_return: f64) -> Selection {
    let serves = |place: &usize| options[*place].diagnosis == Diagnosis::UnderServed;
    let pays = |place: &usize| options[*place].value >= least_return * options[*place].cost.to_f64();
    let places: Vec<usize> = (0..options.len()).filter(serves).filter(pays).collect();
    let choice = |&place: &usize| {
        let PlanOption { customer, value, cost, channel, .. } = options[place];
        Choice { customer, value, cost, channel: channel.and_then(|channel| limits.of[usize::from(channel)]) }
    };
    let choices: Vec<Choice> = places.iter().map(choice).collect();
    let mut selection = Problem { choices: &choices, budget, capacity: &limits.capacity }.solve();
    selection.chosen.iter_mut().for_each(|chosen| *chosen = places[*chosen as usize] as u32);
    selection
}

/// The most valuable first; of equal ones the first customer's.
fn in_order_of_value(options: &[PlanOption], taken: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut taken: Vec<u32> = taken.collect();
    taken.sort_by(|&a, &b| {
        let (a, b) = (&options[a as usize], &options[b as usize]);
        b.value.total_cmp(&a.value).then(a.customer.cmp(&b.customer))
    });
    taken
}

/// Monday to Friday of the days after `as_of`.
fn working_days(as_of: Day, period_days: u32) -> Vec<Day> {
    let days = (1..=period_days as i32).map(|after| Day(as_of.0.saturating_add(after)));
    // 1970-01-01 was a Thursday.
    days.filter(|day| (i64::from(day.0) + 3).rem_euclid(7) < 5).collect()
}

/// Gives every contact its day.
fn schedule(options: &[PlanOption], limits: &Limits, channels: usize, taken: Vec<u32>, days: Vec<Day>) -> Vec<PlanRow> {
    let contact_by = |option: u32| {
        let option = &options[option as usize];
        option.channel.filter(|_| option.diagnosis == Diagnosis::UnderServed).map(usize::from)
    };
    let place = |channel: usize| limits.of[channel].map_or(limits.capacity.len() + channel, usize::from);
    let mut planned = vec![0_u64; limits.capacity.len() + channels];
    taken.iter().filter_map(|&option| contact_by(option)).for_each(|channel| planned[place(channel)] += 1);
    planned.iter_mut().zip(&limits.capacity).for_each(|(pace, &capacity)| *pace = u64::from(capacity));
    let mut number = vec![0_u64; planned.len()];
    let on = |option: u32| {
        let Some(place) = contact_by(option).map(place) else { return days[0] };
        let day = number[place] * days.len() as u64 / planned[place];
        number[place] += 1;
        days[day as usize]
    };
    let on: Vec<Day> = taken.iter().copied().map(on).collect();
    taken.into_iter().zip(on).map(|(option, on)| PlanRow { option, on }).collect()
}
