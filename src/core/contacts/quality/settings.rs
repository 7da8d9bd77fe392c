//! The table `[contacts]` of clivia.toml, checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::contacts::ContactLog;
use crate::contacts::quality::channels;
use crate::contacts::quality::channels::channel_key;
use crate::contacts::quality::{Criterion, FittedQuality, OutcomeWords, QualityError, learning};

/// The largest weight of a channel or a criterion.
pub const MAX_WEIGHT: f64 = 1e6;

/// The largest cap of a channel: beyond any number of contacts that a customer could bear.
pub const MAX_CAP: u32 = 1_000_000;

/// The longest window of pressure: a century.
pub const MAX_PRESSURE_DAYS: u32 = 36_525;

/// In which unit the file holds response times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseUnit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    #[default]
    Hours,
    /// Days of 24 hours.
    Days,
}

impl ResponseUnit {
    /// Hours in one of it.
    pub fn hours(self) -> f64 {
        match self {
            ResponseUnit::Seconds => 1.0 / 3600.0,
            ResponseUnit::Minutes => 1.0 / 60.0,
            ResponseUnit::Hours => 1.0,
            ResponseUnit::Days => 24.0,
        }
    }
}

/// How contacts are read and count: the table `[contacts]` of clivia.toml.
///
/// What is typed in a table by channel, criterion or outcome is laid over the defaults. Of channels and
/// outcomes case, spaces, `-` and `_` do not matter.
///
/// ```
/// use clivia_core::contacts::quality::QualitySettings;
/// let settings: QualitySettings = toml::from_str("half_life_days = 30\n[channels]\nE-Mail = 0.5\nfair = 1.5")?;
/// let resolved = settings.resolved()?;
/// assert_eq!(resolved.channels["email"], 0.5);
/// assert_eq!(resolved.channels["fair"], 1.5);
/// assert_eq!(resolved.channels["visit"], 1.0); // the default stays
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QualitySettings {
    /// Days after which a contact counts half.
    pub half_life_days: f64,
    /// Hours after which an answer is worth half.
    pub response_half_life_hours: f64,
    /// Length of the window in which contacts press.
    pub pressure_days: u32,
    /// The unit of response times in the file.
    pub response_unit: ResponseUnit,
    /// The lowest and the highest rating.
    pub satisfaction_scale: [f64; 2],
    /// Weight of a channel that is not listed.
    pub other: f64,
    /// Cap of a channel that is not listed.
    pub other_cap: u32,
    /// Weight by channel, 0 = does not count.
    pub channels: BTreeMap<String, f64>,
    /// By channel the most contacts within the window that are not too many, 1 or more.
    pub caps: BTreeMap<String, u32>,
    /// By channel what a contact costs whose row does not say, in currency units.
    pub costs: BTreeMap<String, f64>,
    /// What the words of the outcome column mean.
    pub outcomes: OutcomeWords,
    /// Weight by criterion, 0 = does not count.
    pub weights: BTreeMap<String, f64>,
    /// By criterion its worst and its best value; where given, points rise linearly between them.
    pub targets: BTreeMap<String, [f64; 2]>,
}

impl Default for QualitySettings {
    fn default() -> Self {
        QualitySettings {
            half_life_days: 90.0,
            response_half_life_hours: 24.0,
            pressure_days: 30,
            response_unit: ResponseUnit::Hours,
            satisfaction_scale: [1.0, 5.0],
            other: channels::OTHER_WEIGHT,
            other_cap: channels::OTHER_CAP,
            channels: channels::default_weights(),
            caps: channels::default_caps(),
            costs: BTreeMap::new(),
            outcomes: OutcomeWords::default(),
            weights: default_weights(),
            targets: BTreeMap::new(),
        }
    }
}

fn default_weights() -> BTreeMap<String, f64> {
    Criterion::ALL.into_iter().map(|criterion| (criterion.name().to_string(), criterion.default_weight())).collect()
}

impl QualitySettings {
    /// Learns from a base what its contacts are like: rates, means, costs and the median purchase rhythm.
    ///
    /// `rhythm_days` has a customer's mean days between two purchases a row, NaN where not known.
    ///
    /// # Errors
    /// As [`QualitySettings::check`].
    ///
    /// # Panics
    /// Where the rhythms are not one row a customer.
    pub fn fit(&self, log: &ContactLog, rhythm_days: &[f64]) -> Result<FittedQuality, QualityError> {
        assert_eq!(rhythm_days.len(), log.customers(), "a rhythm a customer");
        let settings = self.resolved()?;
        let learnt = learning::learn(&settings, log, rhythm_days);
        Ok(FittedQuality { settings, learnt })
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`QualityError`] where one has no meaning or contradicts another.
    pub fn check(&self) -> Result<(), QualityError> {
        self.resolved().map(drop)
    }

    /// The settings as they apply: checked, with every default in place and channels and words by key.
    ///
    /// # Errors
    /// As [`QualitySettings::check`].
    pub fn resolved(&self) -> Result<Self, QualityError> {
        check_half_life("half_life_days", self.half_life_days, 90.0)?;
        check_half_life("response_half_life_hours", self.response_half_life_hours, 24.0)?;
        check_window(self.pressure_days)?;
        check_scale(self.satisfaction_scale)?;
        check_weight("other", self.other)?;
        check_cap("other_cap", self.other_cap)?;
        Ok(QualitySettings {
            channels: laid_over(channels::default_weights(), keyed("channels", &self.channels, check_weight)?),
            caps: laid_over(channels::default_caps(), keyed("caps", &self.caps, check_cap)?),
            costs: keyed("costs", &self.costs, check_cost)?,
            outcomes: self.outcomes.resolved()?,
            weights: self.resolved_weights()?,
            targets: self.checked_targets()?,
            ..*self
        })
    }

    /// What a contact by a channel costs whose row does not say; `None` where the settings do not either.
    pub fn cost(&self, channel: &str) -> Option<Money> {
        let key = channel_key(channel);
        let listed = self.costs.iter().find(|(name, _)| channel_key(name) == key);
        listed.and_then(|(_, &cost)| Money::from_f64(cost))
    }

    fn resolved_weights(&self) -> Result<BTreeMap<String, f64>, QualityError> {
        for (name, &weight) in &self.weights {
            check_criterion("weights", name)?;
            if !(0.0..=MAX_WEIGHT).contains(&weight) {
                return Err(QualityError::CriterionWeight { name: name.clone(), weight });
            }
        }
        let weights = laid_over(default_weights(), self.weights.clone());
        if weights.values().any(|&weight| weight > 0.0) { Ok(weights) } else { Err(QualityError::NoWeight) }
    }

    fn checked_targets(&self) -> Result<BTreeMap<String, [f64; 2]>, QualityError> {
        for (name, &target) in &self.targets {
            check_criterion("targets", name)?;
            if !(target[1] - target[0]).is_finite() || target[0] == target[1] {
                return Err(QualityError::Target { name: name.clone(), target });
            }
        }
        Ok(self.targets.clone())
    }
}

fn laid_over<T>(mut defaults: BTreeMap<String, T>, typed: BTreeMap<String, T>) -> BTreeMap<String, T> {
    defaults.extend(typed);
    defaults
}

/// A table by channel under the channels' keys, every value checked.
fn keyed<T: Copy>(
    table: &'static str,
    typed: &BTreeMap<String, T>,
    check: impl Fn(&str, T) -> Result<(), QualityError>,
) -> Result<BTreeMap<String, T>, QualityError> {
    let mut keyed = BTreeMap::new();
    for (name, &value) in typed {
        check(name, value)?;
        let key = channel_key(name);
        if !key.chars().any(char::is_alphanumeric) {
            return Err(QualityError::ChannelName(name.clone()));
        }
        if keyed.insert(key, value).is_some() {
            return Err(QualityError::ChannelTwice { table, channel: name.clone() });
        }
    }
    Ok(keyed)
}

fn check_half_life(setting: &'static str, value: f64, usual: f64) -> Result<(), QualityError> {
    let meant = value.is_finite() && value > 0.0;
    if meant { Ok(()) } else { Err(QualityError::HalfLife { setting, value, usual }) }
}

fn check_window(days: u32) -> Result<(), QualityError> {
    if (1..=MAX_PRESSURE_DAYS).contains(&days) { Ok(()) } else { Err(QualityError::PressureDays(days)) }
}

fn check_scale(scale: [f64; 2]) -> Result<(), QualityError> {
    let [low, high] = scale;
    let meant = low < high && low.abs() <= MAX_WEIGHT && high.abs() <= MAX_WEIGHT;
    if meant { Ok(()) } else { Err(QualityError::Scale(scale)) }
}

fn check_weight(channel: &str, weight: f64) -> Result<(), QualityError> {
    let meant = (0.0..=MAX_WEIGHT).contains(&weight);
    if meant { Ok(()) } else { Err(QualityError::Weight { channel: channel.to_string(), weight }) }
}

fn check_cap(channel: &str, cap: u32) -> Result<(), QualityError> {
    let meant = (1..=MAX_CAP).contains(&cap);
    if meant { Ok(()) } else { Err(QualityError::Cap { channel: channel.to_string(), cap }) }
}

fn check_cost(channel: &str, cost: f64) -> Result<(), QualityError> {
    let meant = cost >= 0.0 && Money::from_f64(cost).is_some();
    if meant { Ok(()) } else { Err(QualityError::Cost { channel: channel.to_string(), cost }) }
}

fn check_criterion(table: &'static str, name: &str) -> Result<(), QualityError> {
    let known = Criterion::ALL.iter().any(|criterion| criterion.name() == name);
    if known { Ok(()) } else { Err(QualityError::Criterion { table, name: name.to_string() }) }
}

#[cfg(test)]
mod tests {
    use crate::contacts::quality::settings::*;

    fn refused(toml: &str) -> QualityError {
        let settings: QualitySettings = toml::from_str(toml).expect("the text is good TOML of known names");
        settings.check().expect_err("the setting has no meaning")
    }

    #[test]
    fn the_defaults_are_sound_and_resolve_to_themselves() -> Result<(), QualityError> {
        let resolved = QualitySettings::default().resolved()?;
        assert_eq!(resolved.resolved()?, resolved);
        assert_eq!(resolved.weights["intensity"], 4.0);
        assert_eq!((resolved.caps["visit"], resolved.caps["push"]), (2, 12));
        Ok(())
    }

    #[test]
    fn numbers_without_meaning_are_refused() {
        for text in ["0", "-1", "nan", "inf"] {
            assert!(matches!(refused(&format!("half_life_days = {text}")), QualityError::HalfLife { .. }), "{text}");
            let answer = refused(&format!("response_half_life_hours = {text}"));
            assert!(matches!(answer, QualityError::HalfLife { .. }), "{text}");
        }
        for text in ["-0.1", "nan", "inf", "2e6"] {
            assert!(matches!(refused(&format!("other = {text}")), QualityError::Weight { .. }), "{text}");
            assert!(matches!(refused(&format!("channels.visit = {text}")), QualityError::Weight { .. }), "{text}");
            let weight = refused(&format!("weights.reach = {text}"));
            assert!(matches!(weight, QualityError::CriterionWeight { .. }), "{text}");
        }
        for text in ["-0.01", "nan", "inf", "2e11"] {
            assert!(matches!(refused(&format!("costs.visit = {text}")), QualityError::Cost { .. }), "{text}");
        }
        assert_eq!(refused("pressure_days = 0"), QualityError::PressureDays(0));
        assert_eq!(refused("other_cap = 0"), QualityError::Cap { channel: "other_cap".into(), cap: 0 });
        assert_eq!(refused("caps.visit = 0"), QualityError::Cap { channel: "visit".into(), cap: 0 });
    }

    #[test]
    fn scales_and_targets_need_two_ends() {
        for text in ["[5, 1]", "[3, 3]", "[nan, 5]", "[1, inf]"] {
            assert!(matches!(refused(&format!("satisfaction_scale = {text}")), QualityError::Scale(_)), "{text}");
        }
        for text in ["[3, 3]", "[nan, 5]", "[1, inf]", "[-1e308, 1e308]"] {
            assert!(matches!(refused(&format!("targets.rhythm = {text}")), QualityError::Target { .. }), "{text}");
        }
        let falling: Result<QualitySettings, _> = toml::from_str("targets.rhythm = [3, 1]");
        assert!(falling.is_ok_and(|settings| settings.check().is_ok()));
    }

    #[test]
    fn names_must_mean_something_and_one_thing() {
        assert_eq!(refused("channels.'- -' = 1"), QualityError::ChannelName("- -".into()));
        let twice = QualityError::ChannelTwice { table: "channels", channel: "email".into() };
        assert_eq!(refused("channels = { E-mail = 1, email = 2 }"), twice);
        assert!(matches!(refused("caps = { E-mail = 1, email = 2 }"), QualityError::ChannelTwice { .. }));
        assert!(matches!(refused("costs = { E-mail = 1, email = 2 }"), QualityError::ChannelTwice { .. }));
        let unknown = refused("weights.speed = 1").to_string();
        assert!(unknown.contains("'speed'") && unknown.contains("intensity, reach"), "{unknown}");
        assert!(matches!(refused("targets.speed = [0, 1]"), QualityError::Criterion { table: "targets", .. }));
        assert!(toml::from_str::<QualitySettings>("half_live_days = 3").is_err());
    }

    #[test]
    fn something_must_count() {
        let zeros = Criterion::ALL.map(|criterion| (criterion.name().to_string(), 0.0));
        let settings = QualitySettings { weights: zeros.into(), ..QualitySettings::default() };
        assert_eq!(settings.check(), Err(QualityError::NoWeight));
    }

    #[test]
    fn a_cost_is_found_under_any_spelling() -> Result<(), Box<dyn std::error::Error>> {
        let settings: QualitySettings = toml::from_str("costs.Phone-Call = 2.5")?;
        assert_eq!(settings.cost("phone call"), Money::from_f64(2.5));
        assert_eq!(settings.cost("visit"), None);
        Ok(())
    }

    #[test]
    fn response_units_are_hours() {
        assert_eq!(ResponseUnit::Days.hours() * 2.0, 48.0);
        assert!((ResponseUnit::Seconds.hours() * 7200.0 - 2.0).abs() < 1e-12); // rounding of 1 / 3600
        assert!((ResponseUnit::Minutes.hours() * 120.0 - 2.0).abs() < 1e-12); // rounding of 1 / 60
    }
}
