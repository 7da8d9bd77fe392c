//! Settings: what was typed becomes what it means, checked once.

pub mod report;

use std::path::Path;

use chrono::format::{Item, StrftimeItems};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use clivia_core::clusters::ClusterSettings;
use clivia_core::contacts::quality::QualitySettings;
use clivia_core::contacts::timing::TimingSettings;
use clivia_core::decide::plan::PlanError;
use clivia_core::decide::{CorrectionSettings, PlanSettings};
use clivia_core::intervals::IntervalSettings;
use clivia_core::map::{AttractivenessSettings, MapSettings};
use clivia_core::models::ModelSettings;
use clivia_core::retention::{RetentionError, RetentionSettings};
use clivia_core::rfm::RfmSettings;
use clivia_core::score::{Check, ScoreError, ScoreSettings, SettingError};
use clivia_core::summary::SummarySettings;
use clivia_core::value::ValueTerms;

use crate::contacts::ContactColumns;
use crate::customers::CustomerSettings;
use crate::dates::PartOrder;
use crate::orders::{CurrencySettings, OrderSettings};
use crate::plan::ReadSettings;
use crate::subscriptions::SubscriptionColumns;
use report::ReportSettings;

/// A commented clivia.toml with every setting and its default.
pub const TEMPLATE: &str = include_str!("clivia.toml");

/// Settings that have no default, so that they are not found among the defaults.
const WITHOUT_DEFAULT: [&str; 2] = ["summary.as_of", "models.holdout"];
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
    #[error("{file}: '{key}' is not a setting{}; `clivia init` writes all settings with their defaults", nearest.as_ref().map(|key| format!(", did you mean '{key}'?")).unwrap_or_default())]
    UnknownKey {
        /// The config.
        file: String,
        /// The key, with its table.
        key: String,
        /// The nearest setting there is.
        nearest: Option<String>,
    },
    /// A value out of its range.
    #[error(transparent)]
    Range(#[from] SettingError),
    /// A setting that a stage of scoring cannot work with.
    #[error(transparent)]
    Score(ScoreError),
    /// A setting that no plan can keep to.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A setting by which no subscription can be valued.
    #[error(transparent)]
    Retention(#[from] RetentionError),
}

impl From<ScoreError> for ConfigError {
    fn from(error: ScoreError) -> Self {
        match error {
            ScoreError::Setting(error) => ConfigError::Range(error),
            error => ConfigError::Score(error),
        }
    }
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
    /// Which rows of the customers table are wanted.
    pub customers: CustomerSettings,
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
    /// Columns of the table of subscriptions.
    pub subscription_columns: SubscriptionColumns,
    /// How customers under contract are valued.
    pub retention: RetentionSettings,
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
        check_keys(&typed, &known, &known, "", file)?;
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

    /// Checks every table for what no type can, before the first byte is read.
    ///
    /// # Errors
    /// [`ConfigError`] naming the setting.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_read()?;
        self.check_currency()?;
        self.contact_columns.check()?;
        self.score().check()?;
        self.plan.check()?;
        self.retention.check()?;
        Ok(())
    }

    /// Those that decide what is said of a base that is summed up.
    pub fn score(&self) -> ScoreSettings {
        ScoreSettings {
            summary: self.summary.clone(),
            models: self.models.clone(),
            value: self.value,
            intervals: self.intervals,
            rfm: self.rfm.clone(),
            clusters: self.clusters.clone(),
            contacts: self.contacts.clone(),
            attractiveness: self.attractiveness.clone(),
            map: self.map.clone(),
            corrections: self.corrections.clone(),
            timing: self.timing.clone(),
        }
    }

    fn check_read(&self) -> Result<(), SettingError> {
        let read = &self.read;
        if read.delimiter_byte().is_err() {
            let rule = "it is not a single character that can stand between cells; write one of , ; | or tab";
            return Err(SettingError::new("read.delimiter", format!("'{}'", read.delimiter), rule));
        }
        if read.encodings().is_err() {
            let rule = "it is not an encoding; write utf-8, latin1 or windows-1252";
            return Err(SettingError::new("read.encoding", format!("'{}'", read.encoding), rule));
        }
        let format = &read.date_format;
        let unreadable = || StrftimeItems::new(format).any(|item| item == Item::Error);
        let is_order = format.is_empty() || PartOrder::stated(format).is_some();
        if !is_order && (!format.contains('%') || unreadable()) {
            let rule = "write it in strftime form, such as %d/%m/%Y, or the order of the parts: dmy, mdy or ymd";
            return Err(SettingError::new("read.date_format", format, rule));
        }
        for (name, share) in
            [("read.unreadable_warning", read.unreadable_warning), ("read.unreadable_error", read.unreadable_error)]
        {
            if !(0.0..=1.0).contains(&share) {
                return Err(SettingError::new(name, share, "it must be a share from 0 to 1"));
            }
        }
        if read.earliest > read.latest {
            return Err(SettingError::new("read.earliest", read.earliest, "it must not be after read.latest"));
        }
        Ok(())
    }

    fn check_currency(&self) -> Result<(), SettingError> {
        let CurrencySettings { rates, into, .. } = &self.currency;
        if let Some((currency, rate)) = rates.iter().find(|(_, rate)| !(rate.is_finite() && **rate > 0.0)) {
            let value = format!("{{ {currency} = {rate} }}");
            return Err(SettingError::new("currency.rates", value, "a rate is a number above 0"));
        }
        if !rates.is_empty() && into.is_empty() {
            let rule = "rates are given, so name the currency they convert into";
            return Err(SettingError::new("currency.into", "\"\"", rule));
        }
        Ok(())
    }
}

fn check_keys(typed: &Table, known: &Table, all: &Table, prefix: &str, file: &str) -> Result<(), ConfigError> {
    for (key, value) in typed {
        let path = format!("{prefix}{key}");
        if WITHOUT_DEFAULT.contains(&path.as_str()) {
            continue;
        }
        match (known.get(key), value) {
            (None, _) => {
                let nearest = nearest(key, prefix, all);
                return Err(ConfigError::UnknownKey { file: file.into(), key: path, nearest });
            }
            (Some(Value::Table(known)), Value::Table(typed)) if !FREE_TABLES.contains(&path.as_str()) => {
                check_keys(typed, known, all, &format!("{path}."), file)?;
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

/// The setting that was most likely meant: one of this name in another table, one of a like name in this table, or one of a
/// very like name anywhere.
fn nearest(key: &str, prefix: &str, all: &Table) -> Option<String> {
    let key = key.to_lowercase().replace('-', "_");
    let (mut known, leaf) = (WITHOUT_DEFAULT.map(String::from).to_vec(), |path: &str| leaf(path).to_string());
    paths(all, "", &mut known);
    let elsewhere: Vec<&String> = known.iter().filter(|path| leaf(path) == key).collect();
    if !elsewhere.is_empty() && elsewhere.len() <= MOST_NAMED {
        return Some(elsewhere.into_iter().map(String::as_str).collect::<Vec<_>>().join("' or '"));
    }
    let likest = |paths: Vec<&String>, least: f64| {
        let scored = paths.into_iter().map(|path| (strsim::jaro_winkler(&key, &leaf(path)), path));
        scored
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(likeness, _)| *likeness > least)
            .map(|(_, path)| path.clone())
    };
    let beside = known.iter().filter(|path| path[..path.len() - leaf(path).len()] == *prefix);
    likest(beside.collect(), 0.8).or_else(|| likest(known.iter().collect(), 0.85))
}

/// Settings that are named where one is in several tables; a name that is in more says little.
const MOST_NAMED: usize = 3;

fn leaf(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, leaf)| leaf)
}

/// Every setting and table with the tables that it is in, such as `value.horizon`.
fn paths(table: &Table, prefix: &str, into: &mut Vec<String>) {
    for (key, value) in table {
        let path = format!("{prefix}{key}");
        if let Value::Table(table) = value {
            paths(table, &format!("{path}."), into);
        }
        into.push(path);
    }
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
    fn a_key_at_the_wrong_place_is_told_the_right_one() {
        for (text, right) in [
            ("horizon = '39w'", "did you mean 'retention.horizon' or 'value.horizon'?"),
            ("[read]\nas_of = '2024-12-31'", "did you mean 'summary.as_of'?"),
            ("[orders]\ntimezone = 'Europe/Warsaw'", "did you mean 'read.timezone'?"),
            ("[orders]\ndate-format = '%Y'", "did you mean 'read.date_format'?"),
            ("[value]\nregularity = 2", "did you mean 'models.fit.regularity' or 'retention.fit.regularity'?"),
            ("[orders]\ncustomr = 'x'", "did you mean 'orders.customer'?"),
            ("[value]\ndiscont_rate = 0.1", "did you mean 'value.discount_rate'?"),
            ("decimals = 'comma'", "did you mean 'read.decimal'?"),
            ("[valu]\nmargin = 0.3", "did you mean 'value'?"),
        ] {
            let said = Settings::parse(text, "x").expect_err(text).to_string();
            assert!(said.contains(right), "{text}: {said}");
        }
        let said = Settings::parse("frobnicate = 1", "x").expect_err("no setting").to_string();
        assert!(!said.contains("did you mean"), "{said}");
    }

    #[test]
    fn shares_may_be_written_in_percent() {
        let text = "[value]\nmargin = '30%'\ndiscount_rate = '8%'\n[intervals]\nlevel = '90%'";
        let settings = Settings::parse(text, "x").expect("settings");
        assert_eq!((settings.value.margin, settings.intervals.level), (0.3, 0.9));
        assert_eq!(settings.value.discount_rate, "0.08".parse().expect("a rate"));
        for text in ["discount_rate = 10", "discount_rate = 10.0"] {
            let said = Settings::parse(&format!("[value]\n{text}"), "x").expect_err(text).to_string();
            assert!(said.contains("10% or 0.1"), "{said}");
        }
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

    #[test]
    fn a_wrong_value_of_every_table_is_found_before_anything_is_read() {
        let wrong = [
            ("read", "delimiter = 'and'", "read.delimiter"),
            ("read", "encoding = 'utf-9'", "read.encoding"),
            ("read", "date_format = 'dd/mm/yyyy'", "read.date_format"),
            ("read", "date_format = '%d/%Q/%Y'", "read.date_format"),
            ("read", "earliest = '2030-01-01'\nlatest = '2020-01-01'", "read.earliest"),
            ("read", "unreadable_error = 20.0", "read.unreadable_error"),
            ("orders", "returns = 'keep'", "returns"),
            ("currency", "into = 'EUR'\nrates = { USD = 0.0 }", "currency.rates"),
            ("summary", "time_unit = 'fortnights'", "time_unit"),
            ("models", "fit = { regularity = 13 }", "models.fit.regularity"),
            ("models", "fit = { penalty = -1.0 }", "models.fit.penalty"),
            ("value", "margin = 1.5", "value.margin"),
            ("value", "convention = 'monthly'\nhorizon = '39w'", "value.horizon"),
            ("intervals", "level = 1.0", "intervals.level"),
            ("intervals", "bootstrap = 3", "intervals.bootstrap"),
            ("rfm", "segments = []", "segment"),
            ("clusters", "k = 0", "k"),
            ("customers", "when = 'x > 1'", "customers.where"),
            ("contact_columns", "chanel = 'channel'", "contact_columns.channel"),
            ("contact_columns", "channel = 'a'\nchannel_is = 'email'", "contact_columns.channel_is"),
            ("contact_columns", "direction_is = 'sideways'", "contact_columns.direction_is"),
            ("contact_columns", "direction = 'a'\ndirection_is = 'out'", "contact_columns.direction_is"),
            ("contacts", "half_life_days = 0.0", "half_life_days"),
            ("attractiveness", "growth_days = 0", "growth_days"),
            ("attractiveness", "targets = { clv = [5.0, 5.0] }", "5"),
            ("map", "levels = 1", "levels"),
            ("map", "tolerance = 101.0", "tolerance"),
            ("corrections", "period_days = 0", "corrections.period_days"),
            ("plan", "period_days = 3", "plan.period_days"),
            ("plan", "least_return = -0.5", "plan.least_return"),
            ("plan", "capacity = { \"e-mail\" = 5, email = 6 }", "two capacities"),
            ("timing", "fdr = 1.0", "fdr"),
            ("timing", "lags_days = [1.0]", "lags"),
            ("subscription_columns", "begin = 'from'", "subscription_columns.begin"),
            ("retention", "margin = -0.2", "retention.margin"),
            ("retention", "interval = 1.0", "retention.interval"),
            ("retention", "fit = { penalty = -1.0 }", "retention.fit.penalty"),
            ("retention", "period = 'year'\nhorizon = '6m'", "retention.horizon"),
            ("report", "lang = 'xx'", "lang"),
        ];
        for (table, text, named) in wrong {
            let error = Settings::parse(&format!("[{table}]\n{text}"), "x").expect_err(text).to_string();
            assert!(error.contains(named), "[{table}] {text}: {error}");
        }
        let known = Table::try_from(Settings::default()).expect("settings are a table");
        assert_eq!(known.len(), 20);
        assert!(known.keys().all(|table| wrong.iter().any(|(tried, ..)| tried == table)));
    }
}
