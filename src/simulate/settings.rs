//! What a population is drawn from, and the limits within which that has a meaning.

use serde::{Deserialize, Serialize};

use crate::units::{Day, Money};

/// The most purchases, and the most contacts, that a customer of mean rates may be expected to have.
pub const MAX_EVENTS: f64 = 10_000.0;

/// The largest amount of an order.
pub(super) const MAX_AMOUNT: f64 = (Money::MAX_ROW.0 / Money::SCALE) as f64;

/// A setting that no population can be drawn from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// A number outside its range.
    #[error("simulate.{setting} = {value} must be {rule}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// Its range in words.
        rule: &'static str,
    },
    /// More events than anyone would write to a file.
    #[error(
        "{expected:.0} {events} expected of a mean customer; lower the rate or observe for less than that makes 10,000"
    )]
    TooManyEvents {
        /// Purchases or contacts.
        events: &'static str,
        /// How many.
        expected: f64,
    },
    /// A channel without meaning.
    #[error("channel '{channel}': {rule}")]
    Channel {
        /// Its name.
        channel: String,
        /// What it breaks.
        rule: &'static str,
    },
    /// Contacts without a channel to come by.
    #[error("contacts.channels is empty; list a channel with a share above 0, or set contacts.per_week to 0")]
    NoChannel,
    /// Parameters that are each possible but together are not.
    #[error("the parameters of simulate.{0} are too large or too small to draw from")]
    Distribution(&'static str),
}

/// A population: how many, when, and what is true of them. Time is in weeks where nothing else is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PopulationSettings {
    /// How many customers.
    pub customers: u64,
    /// Another seed is another population of the same kind.
    pub seed: u64,
    /// The first day.
    pub start: Day,
    /// Days from the first to the as-of date, both included.
    pub observed_days: u32,
    /// First purchases are spread evenly over so many days from the start.
    pub cohort_days: u32,
    /// Put before a customer's number to make its id.
    pub id_prefix: String,
    /// BG/NBD.
    pub purchases: PurchaseTruth,
    /// Gamma-Gamma.
    pub spend: SpendTruth,
    /// The contact log.
    pub contacts: ContactPlan,
    /// What a contact does.
    pub effect: Effect,
    /// What makes files real.
    pub quirks: Quirks,
}

impl Default for PopulationSettings {
    fn default() -> Self {
        PopulationSettings {
            customers: 2_000,
            seed: 1,
            start: Day(19_359), // 2023-01-02, a Monday
            observed_days: 104 * 7,
            cohort_days: 52 * 7,
            id_prefix: "C".to_string(),
            purchases: PurchaseTruth::default(),
            spend: SpendTruth::default(),
            contacts: ContactPlan::default(),
            effect: Effect::default(),
            quirks: Quirks::default(),
        }
    }
}

/// Parameters of BG/NBD, per week. The defaults are those of CDNOW in Fader, Hardie and Lee (2005).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PurchaseTruth {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Rate of the purchase rates, in weeks; `r / alpha` purchases a week on average.
    pub alpha: f64,
    /// First shape of the dropout probabilities.
    pub a: f64,
    /// Second shape of the dropout probabilities; `a / (a + b)` on average.
    pub b: f64,
}

impl Default for PurchaseTruth {
    fn default() -> Self {
        PurchaseTruth { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }
    }
}

/// Parameters of Gamma-Gamma. The defaults are those of CDNOW in Fader and Hardie (2013).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpendTruth {
    /// Shape of a customer's amounts.
    pub p: f64,
    /// Shape of the customers' scales; above 1, so that a mean amount exists.
    pub q: f64,
    /// Rate of the customers' scales, in currency units; the mean amount is `p gamma / (q - 1)`.
    pub gamma: f64,
}

impl Default for SpendTruth {
    fn default() -> Self {
        SpendTruth { p: 6.25, q: 3.74, gamma: 15.44 }
    }
}

/// What a contact does to the purchase rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Effect {
    /// Purchase rate after a contact over the rate without; 1 = no effect.
    pub rate_ratio: f64,
    /// For how many days.
    pub days: f64,
}

impl Default for Effect {
    fn default() -> Self {
        Effect { rate_ratio: 1.0, days: 7.0 }
    }
}

/// What makes files real, with 0 for none of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// Share of orders sent back in full within 30 days (those after the window are not seen), 0-1.
    pub returns_share: f64,
    /// Share of order lines without customer id, 0-1.
    pub missing_id_share: f64,
}

impl Default for Quirks {
    fn default() -> Self {
        Quirks { returns_share: 0.02, missing_id_share: 0.001 }
    }
}

impl Quirks {
    /// Nothing but the models: for tests that recover parameters.
    pub const NONE: Quirks = Quirks { returns_share: 0.0, missing_id_share: 0.0 };
}

/// How customers are contacted. A customer's contact rate is `per_week x factor x noise`, the factor by
/// its value or by what is planted, the noise Gamma of mean 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactPlan {
    /// Contacts a week of a customer of medium value; 0 = no contact log.
    pub per_week: f64,
    /// Factor for low, medium and high value.
    pub factor_by_value: [f64; 3],
    /// Share of the high-value customers planted as under-served, 0-1.
    pub under_served_share: f64,
    /// Their factor.
    pub under_served_factor: f64,
    /// Share of the low-value customers planted as over-served, 0-1.
    pub over_served_share: f64,
    /// Their factor.
    pub over_served_factor: f64,
    /// Shape of the noise: its coefficient of variation is `1 / sqrt(rate_shape)`.
    pub rate_shape: f64,
    /// Channels that contacts come by.
    pub channels: Vec<Channel>,
}

impl Default for ContactPlan {
    fn default() -> Self {
        ContactPlan {
            per_week: 0.1,
            factor_by_value: [0.5, 1.0, 2.0],
            under_served_share: 0.2,
            under_served_factor: 0.1,
            over_served_share: 0.2,
            over_served_factor: 4.0,
            rate_shape: 4.0,
            channels: default_channels(),
        }
    }
}

/// A channel of the simulated contact log. An outbound contact that is neither answered, reached nor
/// refused has reached nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Contacts by it, relative to the other channels.
    pub share: f64,
    /// Cost of a contact, in currency units.
    pub cost: f64,
    /// Share that is inbound, 0-1.
    pub inbound: f64,
    /// Share of outbound that is answered, 0-1.
    pub answered: f64,
    /// Share of outbound that is reached without an answer, 0-1.
    pub reached: f64,
    /// Share of outbound that is refused, 0-1.
    pub refused: f64,
    /// Whether outbound contacts belong to the campaign of the quarter.
    pub campaigns: bool,
}

fn default_channels() -> Vec<Channel> {
    let channel = |name: &str, [share, cost, inbound]: [f64; 3], [answered, reached, refused]: [f64; 3], campaigns| {
        Channel { name: name.to_string(), share, cost, inbound, answered, reached, refused, campaigns }
    };
    vec![
        channel("visit", [0.05, 85.0, 0.0], [0.80, 0.10, 0.05], false),
        channel("phone", [0.20, 6.5, 0.3], [0.35, 0.15, 0.08], false),
        channel("letter", [0.15, 1.8, 0.0], [0.05, 0.85, 0.02], true),
        channel("email", [0.50, 0.05, 0.1], [0.08, 0.50, 0.03], true),
        channel("sms", [0.10, 0.08, 0.0], [0.04, 0.80, 0.04], true),
    ]
}

impl PopulationSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// [`SimulationError`] for the first that has no meaning.
    pub(super) fn check(&self) -> Result<(), SimulationError> {
        self.check_window()?;
        self.check_models()?;
        self.check_shares()?;
        self.contacts.check()?;
        self.check_volume()
    }

    fn check_window(&self) -> Result<(), SimulationError> {
        let (observed, cohort) = (self.observed_days, self.cohort_days);
        rule("observed_days", f64::from(observed), (1..=36_525).contains(&observed), "from 1 to 36,525 (100 years)")?;
        rule("cohort_days", f64::from(cohort), (1..=observed).contains(&cohort), "from 1 to observed_days")?;
        let (start, a_million_days) = (self.start.0, 1_000_000);
        rule("start", f64::from(start), start.abs() <= a_million_days, "a day of this age")
    }

    fn check_models(&self) -> Result<(), SimulationError> {
        let PurchaseTruth { r, alpha, a, b } = self.purchases;
        let SpendTruth { p, q, gamma } = self.spend;
        let shapes = [("purchases.r", r), ("purchases.alpha", alpha), ("purchases.a", a), ("purchases.b", b)];
        shapes.into_iter().try_for_each(|(setting, value)| positive(setting, value))?;
        [("spend.p", p), ("spend.gamma", gamma)]
            .into_iter()
            .try_for_each(|(setting, value)| positive(setting, value))?;
        rule("spend.q", q, q > 1.0 && q <= LARGEST, "above 1, else no mean amount exists")?;
        let Effect { rate_ratio, days } = self.effect;
        rule("effect.rate_ratio", rate_ratio, (0.0..=100.0).contains(&rate_ratio), "from 0 to 100; 1 is no effect")?;
        rule("effect.days", days, (0.0..=LARGEST).contains(&days), "0 or more days")
    }

    fn check_shares(&self) -> Result<(), SimulationError> {
        let shares = [
            ("quirks.returns_share", self.quirks.returns_share),
            ("quirks.missing_id_share", self.quirks.missing_id_share),
            ("contacts.under_served_share", self.contacts.under_served_share),
            ("contacts.over_served_share", self.contacts.over_served_share),
        ];
        shares.into_iter().try_for_each(|(name, value)| rule(name, value, is_share(value), "a share from 0 to 1"))
    }

    fn check_volume(&self) -> Result<(), SimulationError> {
        let weeks = f64::from(self.observed_days) / 7.0;
        let purchases = weeks * self.purchases.r / self.purchases.alpha * self.effect.rate_ratio.max(1.0);
        let contacts = weeks * self.contacts.per_week * self.contacts.largest_factor();
        for (events, expected) in [("purchases", purchases), ("contacts", contacts)] {
            if expected > MAX_EVENTS {
                return Err(SimulationError::TooManyEvents { events, expected });
            }
        }
        Ok(())
    }
}

impl ContactPlan {
    fn factors(&self) -> impl Iterator<Item = f64> {
        self.factor_by_value.into_iter().chain([self.under_served_factor, self.over_served_factor])
    }

    fn largest_factor(&self) -> f64 {
        self.factors().fold(0.0, f64::max)
    }

    fn check(&self) -> Result<(), SimulationError> {
        rule("contacts.per_week", self.per_week, not_negative(self.per_week), "0 or more")?;
        self.factors().try_for_each(|factor| rule("contacts: a factor", factor, not_negative(factor), "0 or more"))?;
        rule("contacts.rate_shape", self.rate_shape, (0.1..=LARGEST).contains(&self.rate_shape), "0.1 or more")?;
        self.channels.iter().try_for_each(Channel::check)?;
        let has_channel = self.channels.iter().any(|channel| channel.share > 0.0);
        let countable = self.channels.len() <= usize::from(u16::MAX);
        if self.per_week == 0.0 || (has_channel && countable) { Ok(()) } else { Err(SimulationError::NoChannel) }
    }
}

impl Channel {
    fn check(&self) -> Result<(), SimulationError> {
        let outcomes = [self.answered, self.reached, self.refused];
        let rules = [
            (!self.name.trim().is_empty(), "its name is empty"),
            (not_negative(self.share), "share must be 0 or more"),
            ((0.0..=MAX_AMOUNT).contains(&self.cost), "cost must be an amount of 0 or more"),
            (is_share(self.inbound), "inbound must be a share from 0 to 1"),
            (outcomes.into_iter().all(is_share), "answered, reached and refused must be shares from 0 to 1"),
            (outcomes.iter().sum::<f64>() <= 1.0 + 1e-9, "answered, reached and refused must add up to 1 at most"),
        ];
        let broken = rules.into_iter().find(|(kept, _)| !kept);
        broken.map_or(Ok(()), |(_, rule)| Err(SimulationError::Channel { channel: self.name.clone(), rule }))
    }
}

/// Beyond this no parameter has a meaning.
const LARGEST: f64 = 1e9;

fn rule(setting: &'static str, value: f64, kept: bool, rule: &'static str) -> Result<(), SimulationError> {
    if kept { Ok(()) } else { Err(SimulationError::Setting { setting, value, rule }) }
}

fn positive(setting: &'static str, value: f64) -> Result<(), SimulationError> {
    rule(setting, value, (1e-3..=LARGEST).contains(&value), "from 0.001 to 1,000,000,000")
}

fn not_negative(value: f64) -> bool {
    (0.0..=LARGEST).contains(&value)
}

fn is_share(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl Fn(&mut PopulationSettings)) -> Option<SimulationError> {
        let mut settings = PopulationSettings::default();
        change(&mut settings);
        settings.check().err()
    }

    #[test]
    fn settings_without_meaning_are_refused_by_name() {
        let named = |change: fn(&mut PopulationSettings)| match refused(change) {
            Some(SimulationError::Setting { setting, .. }) => setting,
            other => panic!("{other:?}"),
        };
        assert_eq!(named(|s| s.purchases.r = 0.0), "purchases.r");
        assert_eq!(named(|s| s.purchases.b = f64::NAN), "purchases.b");
        assert_eq!(named(|s| s.spend.q = 1.0), "spend.q");
        assert_eq!(named(|s| s.effect.rate_ratio = -0.5), "effect.rate_ratio");
        assert_eq!(named(|s| s.observed_days = 0), "observed_days");
        assert_eq!(named(|s| s.cohort_days = 10_000), "cohort_days");
        assert_eq!(named(|s| s.quirks.returns_share = 1.5), "quirks.returns_share");
        assert_eq!(named(|s| s.contacts.per_week = f64::INFINITY), "contacts.per_week");
    }

    #[test]
    fn floods_and_silent_channels_are_refused() {
        assert!(matches!(refused(|s| s.purchases.alpha = 1e-3), Some(SimulationError::TooManyEvents { .. })));
        assert!(matches!(refused(|s| s.contacts.per_week = 1e3), Some(SimulationError::TooManyEvents { .. })));
        assert_eq!(refused(|s| s.contacts.channels.clear()), Some(SimulationError::NoChannel));
        assert!(matches!(refused(|s| s.contacts.channels[0].reached = 0.9), Some(SimulationError::Channel { .. })));
        assert_eq!(refused(|s| (s.contacts.per_week, s.contacts.channels) = (0.0, Vec::new())), None);
    }

    #[test]
    fn the_default_starts_on_the_day_it_says() {
        assert_eq!(PopulationSettings::default().start.to_string(), "2023-01-02");
    }
}
