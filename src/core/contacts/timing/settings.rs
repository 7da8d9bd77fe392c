//! How contacts and purchases are set against each other, and what makes no sense.

use serde::{Deserialize, Serialize};

use crate::contacts::timing::TimingInput;
use crate::control::Cancelled;

/// The most lag windows.
const MOST_LAGS: usize = 50;

/// Input or settings that nothing can be computed from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TimingError {
    /// Lags that are no windows.
    #[error(
        "timing.lags_days must begin at 0 and rise, with 2 to 51 numbers of days, such as [0, 1, 3, 7, 14, 28, 56]"
    )]
    Lags,
    /// A number out of its range.
    #[error("timing.{setting} = {value} must be {rule}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// Its range in words.
        rule: &'static str,
    },
    /// The run was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Columns of different bases.
    #[error("{column} has {found} customers, but the contact log has {customers}")]
    Customers {
        /// What does not fit.
        column: &'static str,
        /// Its customers.
        found: usize,
        /// Those of the log.
        customers: usize,
    },
    /// Purchases of which some have no spend.
    #[error("there are {purchases} purchases, but {spend} amounts of spend")]
    Spend {
        /// Purchases.
        purchases: usize,
        /// Amounts.
        spend: usize,
    },
    /// Places of customers' purchases that are none.
    #[error("the places at which customers' purchases start must rise from 0 to the number of purchases")]
    Starts,
}

/// How contacts and purchases are set against each other: the table `[timing]` of clivia.toml.
///
/// ```
/// use clivia_core::contacts::timing::TimingSettings;
/// let settings: TimingSettings = toml::from_str("lags_days = [0, 7, 28]\npermutations = 1999")?;
/// assert!(settings.check().is_ok());
/// assert_eq!(settings.fdr, 0.05);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimingSettings {
    /// Where the windows after a contact begin and end, in days. Time beyond the last is time without contact.
    pub lags_days: Vec<f64>,
    /// Circular shifts behind a p-value. More are drawn where there are so many rows that the least p-value of so
    /// few could not pass `fdr`.
    pub permutations: u32,
    /// Another seed draws other shifts, and another sample of a large base.
    pub seed: u64,
    /// About so many purchases, and so many contacts, of customers drawn by a hash are looked at; all of a
    /// smaller base.
    pub max_events: u64,
    /// False discovery rate of the claims.
    pub fdr: f64,
    /// Of the intervals.
    pub confidence: f64,
    /// A window is claimed only where at least so many purchases are to be expected in it.
    pub min_expected: f64,
    /// A kind whose contacts are more frequent in a window up to so many days after a purchase follows purchases.
    pub follow_days: f64,
    /// How many times as frequent they must be at least.
    pub follow_ratio: f64,
    /// Days after a contact that count for a customer's responsiveness.
    pub response_days: f64,
    /// Days after a randomised contact that count.
    pub trial_days: f64,
}

impl Default for TimingSettings {
    fn default() -> Self {
        TimingSettings {
            lags_days: vec![0.0, 1.0, 3.0, 7.0, 14.0, 28.0, 56.0],
            permutations: 999,
            seed: 1,
            max_events: 50_000,
            fdr: 0.05,
            confidence: 0.95,
            min_expected: 5.0,
            follow_days: 7.0,
            follow_ratio: 1.2,
            response_days: 7.0,
            trial_days: 28.0,
        }
    }
}

impl TimingSettings {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`TimingError`] for the first that has no meaning.
    pub fn check(&self) -> Result<(), TimingError> {
        let lags = &self.lags_days;
        let rising = lags.windows(2).all(|pair| pair[0] < pair[1]) && lags.iter().all(|lag| lag.is_finite());
        if !rising || lags.first() != Some(&0.0) || !(2..=MOST_LAGS + 1).contains(&lags.len()) {
            return Err(TimingError::Lags);
        }
        let open_share = |value: f64| value > 0.0 && value < 1.0;
        let days = |value: f64| value > 0.0 && value <= 1e6;
        let permutations = f64::from(self.permutations);
        rule("permutations", permutations, (99.0..=1e6).contains(&permutations), "from 99 to 1,000,000")?;
        rule("max_events", self.max_events as f64, self.max_events >= 1_000, "1,000 or more")?;
        rule("fdr", self.fdr, open_share(self.fdr), "above 0 and below 1")?;
        rule("confidence", self.confidence, open_share(self.confidence), "above 0 and below 1")?;
        rule("min_expected", self.min_expected, (1.0..=1e9).contains(&self.min_expected), "1 or more")?;
        rule("follow_days", self.follow_days, days(self.follow_days), "a number of days above 0")?;
        rule("follow_ratio", self.follow_ratio, (1.0..=1e3).contains(&self.follow_ratio), "from 1 to 1,000")?;
        rule("response_days", self.response_days, days(self.response_days), "a number of days above 0")?;
        rule("trial_days", self.trial_days, days(self.trial_days), "a number of days above 0")
    }
}

fn rule(setting: &'static str, value: f64, kept: bool, rule: &'static str) -> Result<(), TimingError> {
    if kept { Ok(()) } else { Err(TimingError::Setting { setting, value, rule }) }
}

impl TimingInput<'_> {
    /// Whether all columns are of one base.
    pub(super) fn check(&self) -> Result<(), TimingError> {
        let purchases = &self.purchases;
        let rising = purchases.starts.windows(2).all(|pair| pair[0] <= pair[1]);
        let ends = [purchases.starts.first().copied(), purchases.starts.last().copied()];
        if !rising || ends != [Some(0), Some(purchases.at.len())] {
            return Err(TimingError::Starts);
        }
        let customers = self.log.customers();
        let fits = |column, found| {
            if found == customers { Ok(()) } else { Err(TimingError::Customers { column, found, customers }) }
        };
        fits("the purchases' column", purchases.customers())?;
        self.p_alive.map_or(Ok(()), |p_alive| fits("the column of P(alive)", p_alive.len()))?;
        match purchases.spend {
            Some(spend) if spend.len() != purchases.at.len() => {
                Err(TimingError::Spend { purchases: purchases.at.len(), spend: spend.len() })
            }
            _ => rule("margin", self.margin, self.margin.is_finite(), "a number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::contacts::timing::settings::*;

    #[test]
    fn settings_without_meaning_are_refused() {
        let refused = |change: fn(&mut TimingSettings)| {
            let mut settings = TimingSettings::default();
            change(&mut settings);
            settings.check().expect_err("no meaning")
        };
        assert_eq!(TimingSettings::default().check(), Ok(()));
        for lags in [vec![], vec![0.0], vec![1.0, 2.0], vec![0.0, 3.0, 3.0], vec![0.0, f64::NAN]] {
            let settings = TimingSettings { lags_days: lags, ..TimingSettings::default() };
            assert_eq!(settings.check(), Err(TimingError::Lags));
        }
        assert!(refused(|settings| settings.fdr = 0.0).to_string().starts_with("timing.fdr = 0 must be"));
        assert!(refused(|settings| settings.confidence = f64::NAN).to_string().contains("confidence"));
        assert!(refused(|settings| settings.permutations = 5).to_string().contains("permutations"));
        assert!(refused(|settings| settings.trial_days = -1.0).to_string().contains("trial_days"));
        assert!(toml::from_str::<TimingSettings>("lag_days = [0, 1]").is_err());
    }
}
