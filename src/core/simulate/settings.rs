//! What a population is drawn from, and the limits within which that has a meaning.

use serde::{Deserialize, Serialize};

use crate::base::{Day, Money};
use crate::simulate::ContactPlan;

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

impl PopulationSettings {
    /// A population in which the misplaced customers can be found, and with them whether a diagnosis works.
    ///
    /// Its customers buy once a week on average and hardly ever leave, so that two years of orders tell who
    /// is worth what; all join in the first eight weeks. Contacts follow value closely: rates vary by
    /// a tenth around what the rank of value makes them, service levels by 0.05. A tenth of all customers is
    /// planted as under-served (high value; few contacts, cheap channels, slow answers) and a tenth as
    /// over-served, the other way round. Nothing in between: whoever is not planted stands near the diagonal.
    ///
    /// The default population is the opposite: CDNOW's buyers, most of whom buy once and a quarter of whom has
    /// left without a word, and contact rates that vary by half. What the map's diagnosis finds of those
    /// planted in either, all settings the defaults:
    ///
    /// | population | customers, seeds | | precision | recall |
    /// |---|---|---|---|---|
    /// | this one | 3,000, 201-220 | under-served | 0.942-0.990 | 0.996-1 |
    /// | | | over-served | 0.913-0.974 | 1 |
    /// | the default | 6,000, 1 | under-served | 0.19 | 0.70 |
    /// | | | over-served | 0.24 | 0.88 |
    ///
    /// The settings of this one were chosen for the bar of 0.9, on other seeds than those. The default's
    /// precision is low by nature: where customers leave unseen and contact goes on, many are misplaced
    /// whom nobody planted. [`CustomerTruth`](super::CustomerTruth) holds what is true of each at the end.
    ///
    /// ```
    /// use clivia_core::simulate::{Population, PopulationSettings, Totals};
    ///
    /// let population = Population::new(PopulationSettings { customers: 1_000, ..PopulationSettings::planted() })?;
    /// let mut totals = Totals::default();
    /// population.blocks(500).flatten().for_each(|customer| totals.add(&customer));
    /// assert!((70..130).contains(&totals.under_served) && (70..130).contains(&totals.over_served));
    /// # Ok::<(), clivia_core::simulate::SimulationError>(())
    /// ```
    pub fn planted() -> Self {
        PopulationSettings {
            cohort_days: 8 * 7,
            purchases: PurchaseTruth { r: 1.0, alpha: 1.0, a: 0.001, b: 1_000.0 },
            contacts: ContactPlan::planted(),
            ..PopulationSettings::default()
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`SimulationError`] for the first that has no meaning.
    pub(super) fn check(&self) -> Result<(), SimulationError> {
        self.check_window()?;
        self.check_models()?;
        self.check_shares()?;
        self.contacts.check(self.observed_days)?;
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

/// Below this no shape and no rate has a meaning.
pub(super) const SMALLEST: f64 = 1e-3;

/// Beyond this no parameter has a meaning.
pub(super) const LARGEST: f64 = 1e9;

pub(super) fn rule(setting: &'static str, value: f64, kept: bool, rule: &'static str) -> Result<(), SimulationError> {
    if kept { Ok(()) } else { Err(SimulationError::Setting { setting, value, rule }) }
}

fn positive(setting: &'static str, value: f64) -> Result<(), SimulationError> {
    rule(setting, value, (SMALLEST..=LARGEST).contains(&value), "from 0.001 to 1,000,000,000")
}

pub(super) fn not_negative(value: f64) -> bool {
    (0.0..=LARGEST).contains(&value)
}

pub(super) fn is_share(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

#[cfg(test)]
mod tests {
    use crate::simulate::settings::*;

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
