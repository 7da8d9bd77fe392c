//! Campaigns with customers held out at random: the one place where an effect may be called one.
//!
//! A base holds those who ever purchased. Of people who were no customers yet when they were drawn it holds those
//! alone whom the outcome brought in, so among them every share and every mean is made by what is to be measured.
//! Who had purchased before the draw is in the base whatever came of it, and only those are compared.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::contacts::Contact;
use crate::contacts::timing::TimingSettings;
use crate::contacts::timing::base::Base;

/// A figure with its interval; the ends are `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The figure.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub value: f64,
    /// The low end.
    pub low: Option<f64>,
    /// The high end.
    pub high: Option<f64>,
}

/// One side of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Arm {
    /// Customers who had purchased before, and whose window is complete.
    pub customers: u64,
    /// Those of them who purchased in it.
    pub purchasers: u64,
    /// Purchase days in it.
    pub purchases: u64,
    /// Mean spend in it; `None` without amounts.
    pub mean_spend: Option<f64>,
}

/// A campaign whose contacts were drawn at random. What is compared is what was drawn, so differences are effects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The campaign as the file writes it.
    pub campaign: String,
    /// Days after the contact, or after the day on which a customer was held out, that count.
    pub days: f64,
    /// Customers who were contacted.
    pub treated: Arm,
    /// Customers who were held out.
    pub control: Arm,
    /// Customers who were both, and are left out.
    pub both: u64,
    /// Those whose first purchase did not lie before the contact, or before they were held out, and who are left out:
    /// they are in the base because they purchased, so nothing can be read from them. Where days are all that is
    /// known, it must lie on an earlier day.
    pub not_yet_customers: u64,
    /// Customers whose window is not yet over, and who are left out.
    pub incomplete: u64,
    /// Difference of the shares that purchased: the interval is Newcombe's.
    pub purchasers_difference: Option<Interval>,
    /// Additional purchases per contact: the interval is Welch's.
    pub purchases_difference: Option<Interval>,
    /// Additional spend per contact: the interval is Welch's.
    pub spend_difference: Option<Interval>,
    /// Cost per additional purchase: the interval is Fieller's. `None` where costs are not known, or where no
    /// additional purchase is shown, for then no finite interval exists.
    pub cost_per_purchase: Option<Interval>,
    /// Additional spend x margin - mean cost, per contact.
    pub profit_per_contact: Option<f64>,
    /// Whether the interval of additional purchases lies above 0.
    pub effect_shown: bool,
}

/// What a customer did within its window.
#[derive(Debug, Clone, Copy)]
struct Response {
    purchases: f64,
    spend: f64,
    cost: f64,
}

/// A trial for each campaign with customers held out, in the order of campaigns.
pub(super) fn trials(base: &Base, margin: f64, settings: &TimingSettings) -> Vec<Trial> {
    let mut campaigns: Vec<u16> = base.log.controls().iter().map(|control| control.campaign).collect();
    campaigns.sort_unstable();
    campaigns.dedup();
    campaigns.retain(|&campaign| usize::from(campaign) < base.log.campaigns.len());
    let groups = Groups::of(base, &campaigns);
    campaigns
        .iter()
        .enumerate()
        .map(|(place, &campaign)| groups.trial(base, place, campaign, margin, settings))
        .collect()
}

/// The first contact and the first control row of each customer, by campaign.
struct Groups {
    treated: Vec<Vec<Contact>>,
    control: Vec<Vec<Contact>>,
}

impl Groups {
    fn of(base: &Base, campaigns: &[u16]) -> Self {
        let first = |rows: &[Contact]| {
            let mut groups: Vec<Vec<Contact>> = vec![Vec::new(); campaigns.len()];
            for row in rows.iter().filter(|row| row.is_outbound()) {
                let Ok(place) = campaigns.binary_search(&row.campaign) else { continue };
                let group = &mut groups[place];
                // Rows are in the order of customers and time.
                if group.last().is_none_or(|before| before.customer != row.customer) {
                    group.push(*row);
                }
            }
            groups
        };
        Groups { treated: first(base.log.contacts()), control: first(base.log.controls()) }
    }

    fn trial(&self, base: &Base, place: usize, campaign: u16, margin: f64, settings: &TimingSettings) -> Trial {
        let (treated, control) = (&self.treated[place], &self.control[place]);
        let sides = [
            Side::of(treated, control, base, settings.trial_days),
            Side::of(control, treated, base, settings.trial_days),
        ];
        let sum = |of: fn(&Side) -> u64| sides.iter().map(of).sum();
        let frame = Trial {
            campaign: base.log.campaigns[usize::from(campaign)].clone(),
            days: settings.trial_days,
            both: sides[0].both,
            not_yet_customers: sum(|side| side.not_yet_customers),
            incomplete: sum(|side| side.incomplete),
            ..Trial::empty()
        };
        frame.compare(&sides[0].responses, &sides[1].responses, base, margin, settings.confidence)
    }
}

/// One side of a trial: what its customers did, and how many are left out, each for the first reason that holds.
#[derive(Default)]
struct Side {
    responses: Vec<Response>,
    both: u64,
    not_yet_customers: u64,
    incomplete: u64,
}

impl Side {
    fn of(rows: &[Contact], others: &[Contact], base: &Base, days: f64) -> Self {
        let mut side = Side::default();
        for row in rows {
            if others.binary_search_by_key(&row.customer, |other| other.customer).is_ok() {
                side.both += 1;
            } else if !base.was_customer(row) {
                side.not_yet_customers += 1;
            } else if f64::from(base.log.as_of.days_since(row.at.day)) < days {
                side.incomplete += 1;
            } else {
                side.responses.push(base.response(row, days));
            }
        }
        side
    }
}

impl Trial {
    fn empty() -> Self {
        Trial {
            campaign: String::new(),
            days: 0.0,
            treated: Arm::default(),
            control: Arm::default(),
            both: 0,
            not_yet_customers: 0,
            incomplete: 0,
            purchasers_difference: None,
            purchases_difference: None,
            spend_difference: None,
            cost_per_purchase: None,
            profit_per_contact: None,
            effect_shown: false,
        }
    }

    fn compare(self, treated: &[Response], control: &[Response], base: &Base, margin: f64, confidence: f64) -> Self {
        let has_spend = base.purchases.spend.is_some();
        let column = |of: fn(&Response) -> f64| [treated, control].map(|arm| Sample::of(arm.iter().map(of)));
        let [[bought, held_back], [spent, saved]] = [column(|one| one.purchases), column(|one| one.spend)];
        let [cost, _] = column(|one| one.cost);
        let purchases = bought.minus(&held_back, confidence);
        let arms = [arm(treated, has_spend), arm(control, has_spend)];
        let spend = has_spend.then(|| spent.minus(&saved, confidence)).flatten();
        let together = covariance(treated);
        Trial {
            purchasers_difference: newcombe(&arms[0], &arms[1], confidence),
            cost_per_purchase: base
                .log
                .held
                .cost
                .then(|| fieller(&cost, &bought, &held_back, together, confidence))
                .flatten(),
            profit_per_contact: spend.map(|spend| spend.value * margin - cost.mean),
            effect_shown: purchases.is_some_and(|interval| interval.low.is_some_and(|low| low > 0.0)),
            purchases_difference: purchases,
            spend_difference: spend,
            treated: arms[0],
            control: arms[1],
            ..self
        }
    }
}

impl Base<'_> {
    /// Whether a customer had purchased before the days that count from a row on.
    fn was_customer(&self, row: &Contact) -> bool {
        let first = self.purchases.of(row.customer as usize).first();
        first.is_some_and(|&first| self.resolution.purchase(first) < self.counts_from(row))
    }

    /// From where on days count. In whole days that day counts for both sides, so that the unknown order within it
    /// does not matter.
    fn counts_from(&self, row: &Contact) -> f64 {
        self.resolution.opening(self.resolution.contact(row.at))
    }

    /// What a customer did in the days from a row on.
    fn response(&self, row: &Contact, days: f64) -> Response {
        let from = self.counts_from(row);
        let customer = row.customer as usize;
        let rows = self.purchases.rows(customer);
        let within =
            rows.filter(|&row| (from..from + days).contains(&self.resolution.purchase(self.purchases.at[row])));
        let (mut purchases, mut spend) = (0.0, 0.0);
        for row in within {
            purchases += 1.0;
            spend += self.purchases.spend.map_or(0.0, |spend| spend[row].to_f64());
        }
        Response { purchases, spend, cost: row.cost.to_f64() }
    }
}

fn arm(responses: &[Response], has_spend: bool) -> Arm {
    let spend: f64 = responses.iter().map(|one| one.spend).sum();
    Arm {
        customers: responses.len() as u64,
        purchasers: responses.iter().filter(|one| one.purchases > 0.0).count() as u64,
        purchases: responses.iter().map(|one| one.purchases as u64).sum(),
        mean_spend: (has_spend && !responses.is_empty()).then(|| spend / responses.len() as f64),
    }
}

/// Mean and variance of some values.
struct Sample {
    n: f64,
    mean: f64,
    variance: f64,
}

impl Sample {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let n = values.clone().count() as f64;
        let mean = values.clone().sum::<f64>() / n.max(1.0);
        let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
        Sample { n, mean, variance: squares / (n - 1.0).max(1.0) }
    }

    /// The squared standard error of the mean.
    fn error2(&self) -> f64 {
        self.variance / self.n.max(1.0)
    }

    /// The difference of the means, after Welch (1947); `None` where an arm has fewer than two.
    fn minus(&self, other: &Sample, confidence: f64) -> Option<Interval> {
        let (value, reach) = (self.mean - other.mean, self.reach(other, confidence)?);
        Some(Interval { value, low: Some(value - reach), high: Some(value + reach) })
    }

    fn reach(&self, other: &Sample, confidence: f64) -> Option<f64> {
        Some(self.quantile(other, confidence)? * (self.error2() + other.error2()).sqrt())
    }

    /// Student's t at the degrees of freedom of Satterthwaite.
    fn quantile(&self, other: &Sample, confidence: f64) -> Option<f64> {
        let (a, b) = (self.error2(), other.error2());
        if self.n < 2.0 || other.n < 2.0 {
            return None;
        }
        let freedom = (a + b).powi(2) / (a * a / (self.n - 1.0) + b * b / (other.n - 1.0));
        // No variance at all: the interval is a point, whatever the quantile.
        let freedom = if freedom.is_finite() { freedom } else { 1.0 };
        StudentsT::new(0.0, 1.0, freedom).ok().map(|t| t.inverse_cdf(0.5 + confidence / 2.0))
    }
}

/// The difference of two shares by Newcombe's hybrid score interval.
///
/// Source: Newcombe (1998), "Interval estimation for the difference between independent proportions",
/// Statistics in Medicine 17(8), method 10.
fn newcombe(treated: &Arm, control: &Arm, confidence: f64) -> Option<Interval> {
    if treated.customers == 0 || control.customers == 0 {
        return None;
    }
    let z = normal_quantile(confidence);
    let [[p1, l1, u1], [p2, l2, u2]] = [wilson(treated, z), wilson(control, z)];
    let value = p1 - p2;
    let low = value - ((p1 - l1).powi(2) + (u2 - p2).powi(2)).sqrt();
    let high = value + ((u1 - p1).powi(2) + (p2 - l2).powi(2)).sqrt();
    Some(Interval { value, low: Some(low), high: Some(high) })
}

/// A share, with Wilson's score interval.
fn wilson(arm: &Arm, z: f64) -> [f64; 3] {
    let (n, p) = (arm.customers as f64, arm.purchasers as f64 / arm.customers as f64);
    let middle = p + z * z / (2.0 * n);
    let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    [p, (middle - reach) / (1.0 + z * z / n), (middle + reach) / (1.0 + z * z / n)]
}

/// The covariance of the means of cost and of purchases among the treated.
fn covariance(treated: &[Response]) -> f64 {
    let n = treated.len() as f64;
    let mean = |of: fn(&Response) -> f64| treated.iter().map(of).sum::<f64>() / n.max(1.0);
    let (cost, purchases) = (mean(|one| one.cost), mean(|one| one.purchases));
    let products: f64 = treated.iter().map(|one| (one.cost - cost) * (one.purchases - purchases)).sum();
    products / (n - 1.0).max(1.0) / n.max(1.0)
}

/// Mean cost over additional purchases, with the interval of a quotient of two means; `None` unless additional
/// purchases are above 0 beyond chance.
///
/// Source: Fieller (1954), "Some problems in interval estimation", Journal of the Royal Statistical Society B 16(2).
fn fieller(cost: &Sample, treated: &Sample, control: &Sample, covariance: f64, confidence: f64) -> Option<Interval> {
    let t2 = treated.quantile(control, confidence)?.powi(2);
    let (a, b) = (cost.mean, treated.mean - control.mean);
    let (aa, ab, bb) =
        (a * a - t2 * cost.error2(), a * b - t2 * covariance, b * b - t2 * (treated.error2() + control.error2()));
    let root = (ab * ab - aa * bb).max(0.0).sqrt();
    let finite = b > 0.0 && bb > 0.0;
    finite.then(|| Interval { value: a / b, low: Some((ab - root) / bb), high: Some((ab + root) / bb) })
}

/// How many standard errors an interval reaches to either side.
pub(super) fn normal_quantile(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + confidence / 2.0)
}

#[cfg(test)]
mod tests {
    use crate::contacts::timing::trial::*;

    fn arm_of(purchasers: u64, customers: u64) -> Arm {
        Arm { customers, purchasers, ..Arm::default() }
    }

    #[test]
    fn newcombe_as_published() {
        // Newcombe (1998), table II, method 10, contrast (a): 56/70 - 48/80 is 0.0524 to 0.3339.
        let interval = newcombe(&arm_of(56, 70), &arm_of(48, 80), 0.95).expect("two arms");
        assert!((interval.value - 0.2).abs() < 1e-12); // rounding
        let [low, high] = [interval.low, interval.high].map(|end| end.expect("defined"));
        assert!((low - 0.0524).abs() < 5e-5 && (high - 0.3339).abs() < 5e-5, "{interval:?}"); // four printed digits
        // 10/10 - 0/10 is 0.6075 to 1: by hand, 1 - sqrt(2) x z^2 / (10 + z^2).
        let interval = newcombe(&arm_of(10, 10), &arm_of(0, 10), 0.95).expect("two arms");
        assert!((interval.low.expect("defined") - 0.6075).abs() < 5e-5, "{interval:?}"); // four digits
        assert_eq!(newcombe(&arm_of(0, 0), &arm_of(1, 2), 0.95), None);
    }

    #[test]
    fn welch_by_hand() {
        let [a, b] = [Sample::of([1.0, 2.0, 3.0].into_iter()), Sample::of([0.0, 2.0].into_iter())];
        // Squared errors 1/3 and 1; (4/3)^2 / (1/18 + 1) = 1.684 degrees of freedom.
        let interval = a.minus(&b, 0.95).expect("two and more");
        assert_eq!(interval.value, 1.0);
        let t = StudentsT::new(0.0, 1.0, (16.0 / 9.0) / (1.0 / 18.0 + 1.0)).expect("valid").inverse_cdf(0.975);
        assert!((interval.high.expect("defined") - (1.0 + t * (4.0_f64 / 3.0).sqrt())).abs() < 1e-9); // rounding
        assert_eq!(a.minus(&Sample::of([1.0].into_iter()), 0.95), None);
        let point = Sample::of([2.0, 2.0].into_iter());
        assert_eq!(point.minus(&point, 0.95), Some(Interval { value: 0.0, low: Some(0.0), high: Some(0.0) }));
    }

    #[test]
    fn a_certain_cost_over_additional_purchases() {
        let cost = Sample { n: 100.0, mean: 6.0, variance: 0.0 };
        let [treated, control] = [2.0, 0.5].map(|mean| Sample { n: 100.0, mean, variance: 1.0 });
        let found = fieller(&cost, &treated, &control, 0.0, 0.95).expect("finite");
        let difference = treated.minus(&control, 0.95).expect("defined");
        // A constant over an interval: 6 over its ends.
        assert!((found.value - 4.0).abs() < 1e-12); // rounding
        assert!((found.low.expect("defined") - 6.0 / difference.high.expect("defined")).abs() < 1e-9); // rounding
        assert!((found.high.expect("defined") - 6.0 / difference.low.expect("defined")).abs() < 1e-9); // rounding
        assert_eq!(fieller(&cost, &control, &treated, 0.0, 0.95), None);
        assert_eq!(fieller(&cost, &treated, &treated, 0.0, 0.95), None);
    }
}
