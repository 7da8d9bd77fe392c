//! Units of time, horizons in them, and what waiting costs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{UnitError, share};

/// The unit in which ages are measured and models are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Days.
    Days,
    /// Weeks of 7 days, the unit of the papers.
    #[default]
    Weeks,
    /// Months of 30.4375 days (a twelfth of 365.25).
    Months,
    /// Quarters of 91.3125 days.
    Quarters,
    /// Years of 365.25 days.
    Years,
}

/// Days in a year, for annual rates.
pub const DAYS_PER_YEAR: f64 = 365.25;

impl TimeUnit {
    /// Days in one unit.
    pub fn days(self) -> f64 {
        match self {
            TimeUnit::Days => 1.0,
            TimeUnit::Weeks => 7.0,
            TimeUnit::Months => DAYS_PER_YEAR / 12.0,
            TimeUnit::Quarters => DAYS_PER_YEAR / 4.0,
            TimeUnit::Years => DAYS_PER_YEAR,
        }
    }

    /// Its name in a sentence: `weeks`.
    pub fn name(self) -> &'static str {
        match self {
            TimeUnit::Days => "days",
            TimeUnit::Weeks => "weeks",
            TimeUnit::Months => "months",
            TimeUnit::Quarters => "quarters",
            TimeUnit::Years => "years",
        }
    }
}

/// How far ahead value is counted, as typed: `39w`, `90d`, `12m`, `2y`.
///
/// ```
/// use clivia_core::base::{Horizon, TimeUnit};
/// let year: Horizon = "52w".parse()?;
/// assert_eq!(year.days(), 364.0);
/// assert_eq!(year.in_units(TimeUnit::Weeks), 52.0);
/// # Ok::<(), clivia_core::base::UnitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Horizon {
    count: f64,
    letter: char,
}

impl Horizon {
    /// Its length in days.
    pub fn days(self) -> f64 {
        self.count
            * match self.letter {
                'w' => TimeUnit::Weeks.days(),
                'm' => TimeUnit::Months.days(),
                'y' => DAYS_PER_YEAR,
                _ => 1.0,
            }
    }

    /// How many of which unit were typed: days, weeks, months or years.
    pub fn typed(self) -> (f64, &'static str) {
        let unit = match self.letter {
            'w' => "weeks",
            'm' => "months",
            'y' => "years",
            _ => "days",
        };
        (self.count, unit)
    }

    /// How many months were typed; `None` where it was typed in another unit.
    pub fn months(self) -> Option<f64> {
        match self.letter {
            'm' => Some(self.count),
            'y' => Some(12.0 * self.count),
            _ => None,
        }
    }

    /// Its length in the run's time unit.
    pub fn in_units(self, unit: TimeUnit) -> f64 {
        self.days() / unit.days()
    }
}

impl Default for Horizon {
    fn default() -> Self {
        Horizon { count: 52.0, letter: 'w' }
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.letter)
    }
}

impl FromStr for Horizon {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError::Horizon(text.into());
        let trimmed = text.trim();
        let letter = trimmed.chars().next_back().ok_or_else(wrong)?.to_ascii_lowercase();
        let count: f64 = trimmed[..trimmed.len() - letter.len_utf8()].trim().parse().map_err(|_| wrong())?;
        let horizon = Horizon { count, letter };
        // Two centuries is beyond any use and still far from overflow.
        let sensible = "dwmy".contains(letter) && count > 0.0 && horizon.days() <= 200.0 * DAYS_PER_YEAR;
        if sensible { Ok(horizon) } else { Err(wrong()) }
    }
}

impl Serialize for Horizon {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Horizon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// An annual discount rate: 0.10 makes 1.10 in a year worth 1.00 today.
///
/// ```
/// use clivia_core::base::DiscountRate;
/// assert_eq!("10%".parse::<DiscountRate>()?, "0.10".parse()?);
/// assert!("10".parse::<DiscountRate>().unwrap_err().to_string().contains("1000% a year"));
/// # Ok::<(), clivia_core::base::UnitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiscountRate(f64);

impl DiscountRate {
    /// A rate from 0 to 10 (1,000 % a year).
    ///
    /// # Errors
    /// [`UnitError::Rate`] outside that range.
    pub fn annual(rate: f64) -> Result<Self, UnitError> {
        if (0.0..=10.0).contains(&rate) { Ok(DiscountRate(rate)) } else { Err(UnitError::Rate(rate.to_string())) }
    }

    /// A rate as people type it: more than 1 was meant in percent, unless it is written so.
    fn typed(rate: f64) -> Result<Self, UnitError> {
        if !(rate > 1.0 && rate <= 100.0) {
            return Self::annual(rate);
        }
        let [percent, share] = [format!("{}%", 100.0 * rate), (rate / 100.0).to_string()];
        Err(UnitError::Percent { rate: rate.to_string(), percent, share })
    }

    /// The continuous rate `δ` per time unit: `ln(1 + annual) × days / 365.25`.
    pub fn continuous(self, unit: TimeUnit) -> f64 {
        self.0.ln_1p() * unit.days() / DAYS_PER_YEAR
    }

    /// The rate that a twelfth of a year costs: `(1 + annual)^(1/12) - 1`.
    pub fn monthly(self) -> f64 {
        (self.0.ln_1p() / 12.0).exp_m1()
    }
}

impl Default for DiscountRate {
    fn default() -> Self {
        DiscountRate(0.10)
    }
}

impl FromStr for DiscountRate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError::Rate(text.into());
        match share::percent(text) {
            Some(rate) => Self::annual(rate).map_err(|_| wrong()),
            None => Self::typed(text.trim().parse().map_err(|_| wrong())?),
        }
    }
}

/// As a number, unless one so large would not be read back.
impl Serialize for DiscountRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 > 1.0 {
            true => serializer.collect_str(&format_args!("{}%", 100.0 * self.0)),
            false => serializer.serialize_f64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for DiscountRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Rate)
    }
}

struct Rate;

impl de::Visitor<'_> for Rate {
    type Value = DiscountRate;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an annual rate such as 0.10 or \"10%\"")
    }

    fn visit_f64<E: de::Error>(self, rate: f64) -> Result<DiscountRate, E> {
        DiscountRate::typed(rate).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, rate: i64) -> Result<DiscountRate, E> {
        self.visit_f64(rate as f64)
    }

    fn visit_u64<E: de::Error>(self, rate: u64) -> Result<DiscountRate, E> {
        self.visit_f64(rate as f64)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DiscountRate, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use crate::base::time::*;

    #[test]
    fn a_rate_is_a_share_or_percent_and_never_both() {
        for (text, rate) in [("0.10", 0.1), ("10%", 0.1), ("0", 0.0), ("1", 1.0), ("150 %", 1.5), ("1000%", 10.0)] {
            assert_eq!(text.parse(), Ok(DiscountRate(rate)), "{text}");
        }
        let said = |text: &str| text.parse::<DiscountRate>().expect_err(text).to_string();
        assert_eq!(
            said("10"),
            "a discount rate of 10 is 1000% a year; write 10% or 0.1 for 10 percent, and 1000% where that is meant"
        );
        for text in ["-1", "-5%", "1001%", "120", "ten", "nan", ""] {
            assert!(said(text).contains("is not a discount rate"), "{text}");
        }
    }

    #[test]
    fn a_rate_is_read_as_it_was_written() -> Result<(), serde_json::Error> {
        for rate in [DiscountRate(0.1), DiscountRate(1.0), DiscountRate(1.5)] {
            assert_eq!(serde_json::from_str::<DiscountRate>(&serde_json::to_string(&rate)?)?, rate);
        }
        assert!(
            serde_json::from_str::<DiscountRate>("10").is_err_and(|error| error.to_string().contains("1000% a year"))
        );
        Ok(())
    }
}
