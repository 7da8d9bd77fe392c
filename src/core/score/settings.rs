//! The settings that decide verdicts, and the proof that they were checked.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::ScoreError;
use crate::clusters::ClusterSettings;
use crate::contacts::quality::QualitySettings;
use crate::contacts::timing::TimingSettings;
use crate::decide::CorrectionSettings;
use crate::intervals::IntervalSettings;
use crate::map::{AttractivenessSettings, MapSettings};
use crate::models::purchase::cnbd_k::LARGEST_K;
use crate::models::{ModelChoice, ModelSettings};
use crate::rfm::RfmSettings;
use crate::summary::SummarySettings;
use crate::value::{ClvConvention, ValueTerms};

/// The fewest bases that a bootstrap draws.
const FEWEST_REPLICATES: u32 = 20;

/// Settings that can be wrong.
pub trait Check {
    /// Which setting is wrong, and what would be right.
    type Error;

    /// Checks what no type can.
    ///
    /// # Errors
    /// The first setting that is wrong.
    fn check(&self) -> Result<(), Self::Error>;
}

/// Settings that were checked: whoever takes them need not ask again.
///
/// ```
/// use clivia_core::score::{Checked, ScoreSettings};
/// let mut settings = ScoreSettings::default();
/// assert!(Checked::new(settings.clone()).is_ok());
/// settings.value.margin = 0.0;
/// assert!(Checked::new(settings).unwrap_err().to_string().contains("value.margin"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Checked<S>(S);

impl<S: Check> Checked<S> {
    /// Checks settings.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn new(settings: S) -> Result<Self, S::Error> {
        settings.check()?;
        Ok(Checked(settings))
    }
}

impl<S> Deref for Checked<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

/// A setting outside its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{setting} = {value}: {rule}")]
pub struct SettingError {
    /// The setting, with its table: `timing.fdr`.
    pub setting: String,
    /// Its value.
    pub value: String,
    /// What would be right.
    pub rule: String,
}

impl SettingError {
    /// A setting that breaks a rule.
    pub fn new(setting: impl Into<String>, value: impl ToString, rule: impl Into<String>) -> Self {
        SettingError { setting: setting.into(), value: value.to_string(), rule: rule.into() }
    }
}

/// Every setting that decides what is said of a base that is summed up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreSettings {
    /// How orders are summed up.
    pub summary: SummarySettings,
    /// Which models value customers, and how they are fitted.
    pub models: ModelSettings,
    /// How value is counted.
    pub value: ValueTerms,
    /// How far off forecasts may be.
    pub intervals: IntervalSettings,
    /// RFM scores and segments.
    pub rfm: RfmSettings,
    /// Clusters.
    pub clusters: ClusterSettings,
    /// How contacts count.
    pub contacts: QualitySettings,
    /// What makes a customer attractive.
    pub attractiveness: AttractivenessSettings,
    /// How the map is cut.
    pub map: MapSettings,
    /// How corrections are looked for.
    pub corrections: CorrectionSettings,
    /// How contacts are related to purchases.
    pub timing: TimingSettings,
}

impl ScoreSettings {
    /// Whether more than the summary is asked of purchase days: when each was. `contacts` says whether there is a contact
    /// log.
    pub fn needs_days(&self, contacts: bool) -> bool {
        contacts
            || match self.models.purchases {
                ModelChoice::Auto => true,
                ModelChoice::One(name) => name.counts_days(),
            }
    }

    fn check_value(&self) -> Result<(), SettingError> {
        let margin = self.value.margin;
        if !(margin > 0.0 && margin <= 1.0) {
            let rule = "the share of spend that is profit is above 0 and at most 1: write 0.3, or \"30%\"";
            return Err(SettingError::new("value.margin", margin, rule));
        }
        if self.value.convention == ClvConvention::Monthly && self.value.months().is_err() {
            let rule = "the monthly convention counts whole months: write 12m, 1y, or a multiple of 30d";
            return Err(SettingError::new("value.horizon", self.value.horizon, rule));
        }
        Ok(())
    }

    fn check_intervals(&self) -> Result<(), SettingError> {
        if self.intervals.check().is_err() {
            let rule = "an interval holds a share from 0.01 to 0.999; 0 leaves intervals out";
            return Err(SettingError::new("intervals.level", self.intervals.level, rule));
        }
        let bootstrap = self.intervals.bootstrap;
        if (1..FEWEST_REPLICATES).contains(&bootstrap) {
            let rule = "fewer than 20 bases say little about how far off parameters are; 0 uses the Hessian";
            return Err(SettingError::new("intervals.bootstrap", bootstrap, rule));
        }
        Ok(())
    }

    fn check_models(&self) -> Result<(), SettingError> {
        let penalty = self.models.fit.penalty;
        if !(penalty >= 0.0 && penalty.is_finite()) {
            return Err(SettingError::new("models.fit.penalty", penalty, "a penalty is 0 (none) or above"));
        }
        let regularity = self.models.fit.regularity;
        if regularity > LARGEST_K {
            let rule = "it is at most 12; 0 chooses it by likelihood";
            return Err(SettingError::new("models.fit.regularity", regularity, rule));
        }
        Ok(())
    }
}

impl Check for ScoreSettings {
    type Error = ScoreError;

    fn check(&self) -> Result<(), ScoreError> {
        self.check_models()?;
        self.check_value()?;
        self.check_intervals()?;
        self.rfm.check()?;
        self.clusters.check()?;
        self.contacts.check()?;
        self.attractiveness.check()?;
        self.map.check()?;
        self.corrections.check()?;
        self.timing.check()?;
        Ok(())
    }
}
