//! Settings: what was typed becomes what it means, checked once.

pub mod report;

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use clivia_core::clusters::ClusterSettings;
use clivia_core::contacts::quality::QualitySettings;
use clivia_core::contacts::timing::TimingSettings;
use clivia_core::decide::{CorrectionSettings, PlanSettings};
use clivia_core::intervals::IntervalSettings;
use clivia_core::map::{AttractivenessSettings, MapSettings};
use clivia_core::models::ModelSettings;
use clivia_core::models::purchase::cnbd_k::LARGEST_K;
use report::ReportSettings;
use clivia_core::rfm::RfmSettings;
use clivia_core::summary::SummarySettings;
use crate::plan::ReadSettings;
use crate::contacts::ContactColumns;
use crate::orders::{CurrencySettings, OrderSettings};
use clivia_core::value::{ClvConvention, ValueTerms};

/// A commented clivia.toml with every setting and its default.
pub const TEMPLATE: &str = include_str!("clivia.toml");

/// Settings that have no default, so that they are not found among the defaults.
const WITHOUT_DEFAULT: [&str; 2] = ["summary.as_of", "models.holdout"];
/// The fewest bases that a bootstrap draws.
const FEWEST_REPLICATES: u32 = 20;
/// Tables whose keys are the user's own.
const FREE_TABLES: [&str; 10] = [
    "currency.rates",
    "contacts.channels",
    "contacts.caps",
    "contacts.costs",
    "contacts.weights",
    "contacts.targets",
    "attractiveness.weights",
    "attractiveness.targets",
    "attractiveness.columns",
    "plan.capacity",
];

/// A setting that makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The config cannot be read.
    #[error("{file}: {cause}")]
    Io {
        /// The config.
        file: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The config is not TOML, or a value is not of its setting's kind.
    #[error("{file}: {cause}")]
    Invalid {
        /// The config.
        file: String,
        /// Where and what.
        cause: String,
    },
    /// A key that is no setting.
    #[error("{file}: '{key}' is no setting{}; `clivia init` writes all settings with their defaults", nearest.as_ref().map(|key| format!(", did you mean '{key}'?")).unwrap_or_default())]
    UnknownKey {
        /// The config.
        file: String,
        /// The key, with its table.
        key: String,
        /// The nearest setting there is.
        nearest: Option<String>,
    },
    /// A value out of its range.
    #[error("{setting} = {value}: {rule}")]
    Range {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        rule: &'static str,
    },
}

/// Every setting that decides results.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How files are read.
    pub read: ReadSettings,
    /// How orders are mapped and cleaned.
    pub orders: OrderSettings,
    /// How currencies become one.
    pub currency: CurrencySettings,
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
    /// Columns of the contact log.
    pub contact_columns: ContactColumns,
    /// How contacts count.
    pub contacts: QualitySettings,
    /// What makes a customer attractive.
    pub attractiveness: AttractivenessSettings,
    /// How the map is cut.
    pub map: MapSettings,
    /// How corrections are looked for.
    pub corrections: CorrectionSettings,
    /// What a plan has to keep to.
    pub plan: PlanSettings,
    /// How contacts are related to purchases.
    pub timing: TimingSettings,
    /// What the report shows.
    pub report: ReportSettings,
}

impl Settings {
    /// Reads a config file.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file and the key, with the nearest known one.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::Io { file: file.clone(), cause })?;
        Self::parse(&text, &file)
    }

    /// Reads settings from TOML; `file` is their name in errors.
    ///
    /// ```
    /// use clivia_io::settings::Settings;
    /// let error = Settings::parse("[value]\nhorizonn = '39w'", "clivia.toml").unwrap_err();
    /// assert!(error.to_string().contains("did you mean 'value.horizon'?"));
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] as for [`Settings::load`].
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let invalid = |cause: String| ConfigError::Invalid { file: file.into(), cause };
        let typed: Table = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let known = Table::try_from(Settings::default()).map_err(|error| invalid(error.to_string()))?;
        check_keys(&typed, &known, "", file)?;
        let settings: Settings = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        settings.check()?;
        Ok(settings)
    }

    /// Reads a config file over these settings: what it leaves out stays as it is.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load_over(&self, path: &Path) -> Result<Self, ConfigError> {
        let file = path.display().to_string();
        let invalid = |cause: String| ConfigError::Invalid { file: file.clone(), cause };
        let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::Io { file: file.clone(), cause })?;
        Self::parse(&text, &file)?;
        let typed: Table = toml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        let mut settings = Table::try_from(self).map_err(|error| invalid(error.to_string()))?;
        lay_over(typed, &mut settings, "");
        Value::Table(settings).try_into().map_err(|error| invalid(error.to_string()))
    }

    /// Checks what no type can.
    ///
    /// # Errors
    /// [`ConfigError::Range`] naming the setting.
    pub fn check(&self) -> Result<(), ConfigError> {
        let range = |setting, value: String, rule| Err(ConfigError::Range { setting, value, rule });
        let margin = self.value.margin;
        if !(margin > 0.0 && margin <= 1.0) {
            return range(
                "value.margin",
                margin.to_string(),
                "the share of spend that is profit is above 0 and at most 1",
            );
        }
        if self.value.convention == ClvConvention::Monthly && self.value.months().is_err() {
            let rule = "the monthly convention counts whole months: write 12m, 1y, or a multiple of 30d";
            return range("value.horizon", self.value.horizon.to_string(), rule);
        }
        if self.intervals.check().is_err() {
            let rule = "an interval holds a share from 0.01 to 0.999; 0 leaves intervals out";
            return range("intervals.level", self.intervals.level.to_string(), rule);
        }
        let bootstrap = self.intervals.bootstrap;
        if (1..FEWEST_REPLICATES).contains(&bootstrap) {
            let rule = "fewer than 20 bases say little about how far off parameters are; 0 takes the Hessian's word";
            return range("intervals.bootstrap", bootstrap.to_string(), rule);
        }
        let penalty = self.models.fit.penalty;
        if !(penalty >= 0.0 && penalty.is_finite()) {
            return range("models.fit.penalty", penalty.to_string(), "a penalty is 0 (none) or above");
        }
        let regularity = self.models.fit.regularity;
        if regularity > LARGEST_K {
            let rule = "purchases have at most 12 stages; 0 chooses how many";
            return range("models.fit.regularity", regularity.to_string(), rule);
        }
        let format = &self.read.date_format;
        if !format.is_empty() && !format.contains('%') {
            return range("read.date_format", format.clone(), "it is written in strftime's words, such as %d/%m/%Y");
        }
        if self.read.earliest > self.read.latest {
            return range("read.earliest", self.read.earliest.to_string(), "it must not be after read.latest");
        }
        if let Some((currency, rate)) = self.currency.rates.iter().find(|(_, rate)| !(rate.is_finite() && **rate > 0.0))
        {
            return range("currency.rates", format!("{{ {currency} = {rate} }}"), "a rate is a number above 0");
        }
        if !self.currency.rates.is_empty() && self.currency.into.is_empty() {
            return range("currency.into", "\"\"".into(), "rates are given, so say into which currency they convert");
        }
        Ok(())
    }
}

fn check_keys(typed: &Table, known: &Table, prefix: &str, file: &str) -> Result<(), ConfigError> {
    for (key, value) in typed {
        let path = format!("{prefix}{key}");
        if WITHOUT_DEFAULT.contains(&path.as_str()) {
            continue;
        }
        match (known.get(key), value) {
            (None, _) => {
                let nearest = nearest(&path, prefix, known);
                return Err(ConfigError::UnknownKey { file: file.into(), key: path, nearest });
            }
            (Some(Value::Table(known)), Value::Table(typed)) if !FREE_TABLES.contains(&path.as_str()) => {
                check_keys(typed, known, &format!("{path}."), file)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Puts what was typed in the place of what was there; tables whose keys are the user's own are replaced as wholes.
fn lay_over(typed: Table, settings: &mut Table, prefix: &str) {
    for (key, value) in typed {
        let path = format!("{prefix}{key}");
        match (settings.get_mut(&key), value) {
            (Some(Value::Table(held)), Value::Table(typed)) if !FREE_TABLES.contains(&path.as_str()) => {
                lay_over(typed, held, &format!("{path}."));
            }
            (_, value) => {
                settings.insert(key, value);
            }
        }
    }
}

fn nearest(path: &str, prefix: &str, known: &Table) -> Option<String> {
    let candidates = known.keys().map(|key| format!("{prefix}{key}"));
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(path, &candidate), candidate));
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.7).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use crate::settings::*;

    #[test]
    fn the_template_holds_every_setting_with_its_default() {
        assert_eq!(Settings::parse(TEMPLATE, "template").expect("a valid template"), Settings::default());
        let written: Table = toml::from_str(TEMPLATE).expect("valid TOML");
        let known = Table::try_from(Settings::default()).expect("settings are a table");
        for (name, table) in &known {
            let (Value::Table(table), Some(Value::Table(written))) = (table, written.get(name)) else {
                panic!("[{name}] is not in the template");
            };
            assert_eq!(table.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>(), "[{name}]");
        }
    }

    #[test]
    fn a_config_over_settings_keeps_what_it_leaves_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("clivia.toml");
        let mut base = Settings::parse("[orders]\namount = 'a * b'\n[value]\nmargin = 0.5", "x").expect("settings");
        base.currency.rates = [("USD".to_string(), 0.9)].into();
        std::fs::write(&path, "[value]\nmargin = 0.25\n[currency]\ninto = 'EUR'\nrates = { GBP = 1.2 }")
            .expect("a file");
        let over = base.load_over(&path).expect("settings");
        assert_eq!((over.orders.amount.as_str(), over.value.margin), ("a * b", 0.25));
        assert_eq!(over.currency.rates.into_iter().collect::<Vec<_>>(), [("GBP".to_string(), 1.2)]);
        std::fs::write(&path, TEMPLATE).expect("a file");
        assert_eq!(base.load_over(&path).expect("settings"), Settings::default());
    }

    #[test]
    fn values_out_of_range_are_named() {
        let wrong = ["[value]\nmargin = 0.0", "[value]\nmargin = nan", "[currency]\nrates = { USD = 0.9 }"];
        for text in wrong {
            assert!(matches!(Settings::parse(text, "x"), Err(ConfigError::Range { .. })), "{text}");
        }
        assert!(Settings::parse("[value]\ndiscount_rate = -1.0", "x").is_err());
        assert!(Settings::parse("[read]\ntimezone = 'Mars'", "x").is_err());
    }
}
