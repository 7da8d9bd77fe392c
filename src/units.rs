//! Days, money, time units, horizons and discount rates: the quantities that every stage shares.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Days from 0001-01-01 to 1970-01-01, by chrono's count.
const EPOCH_FROM_CE: i32 = 719_163;

/// A unit, date or rate that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not a calendar day.
    #[error("'{0}' is not a date; write it as 1997-09-30")]
    Day(String),
    /// Not a horizon.
    #[error("'{0}' is not a horizon; write a positive number and d, w, m or y, such as 90d, 39w or 12m")]
    Horizon(String),
    /// Not an annual rate.
    #[error("'{0}' is not a discount rate; write the annual rate as a number from 0 to 10, such as 0.10")]
    Rate(String),
    /// Not a whole number of months.
    #[error(
        "the monthly convention counts whole months, and the horizon {0} is not; write months or years, such as 12m"
    )]
    WholeMonths(String),
}

/// A calendar day, counted from 1970-01-01.
///
/// ```
/// use clivia::units::Day;
/// let day: Day = "1997-09-30".parse()?;
/// assert_eq!(day.to_string(), "1997-09-30");
/// # Ok::<(), clivia::units::UnitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a calendar date.
    pub fn from_date(date: NaiveDate) -> Self {
        Day(date.num_days_from_ce() - EPOCH_FROM_CE)
    }

    /// Days from `earlier` to `self`; negative when `self` comes first.
    pub fn days_since(self, earlier: Day) -> i32 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0.checked_add(EPOCH_FROM_CE).and_then(NaiveDate::from_num_days_from_ce_opt);
        match date {
            Some(date) => write!(f, "{}", date.format("%Y-%m-%d")),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl FromStr for Day {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Day::from_date).map_err(|_| UnitError::Day(text.into()))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A time of day in whole seconds since midnight, or none: four bytes, since there is one for every order and contact.
///
/// An unknown time sorts after every known one of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clock(u32);

/// No time of day is known.
impl Default for Clock {
    fn default() -> Self {
        Clock::UNKNOWN
    }
}

impl Clock {
    /// No time of day is known.
    pub const UNKNOWN: Clock = Clock(u32::MAX);

    /// The time so many seconds after midnight; of a second beyond the day's last, that last one.
    pub fn at(second: u32) -> Self {
        Clock(second.min(86_399))
    }

    /// Seconds since midnight, where known.
    pub fn second(self) -> Option<u32> {
        (self != Clock::UNKNOWN).then_some(self.0)
    }
}

/// A day, and the time of day where it is known.
///
/// ```
/// use clivia::units::{Clock, Day, Moment};
/// let noon = Moment { day: Day(1), clock: Clock::at(43_200) };
/// assert!(noon < Moment { day: Day(1), clock: Clock::UNKNOWN });
/// assert_eq!(noon.days(), Some(1.5));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The day.
    pub day: Day,
    /// The time of day.
    pub clock: Clock,
}

impl Moment {
    /// A day whose time is not known.
    pub fn on(day: Day) -> Self {
        Moment { day, clock: Clock::UNKNOWN }
    }

    /// Days since 1970-01-01 began, with the part of the day; `None` without a time of day.
    pub fn days(self) -> Option<f64> {
        self.clock.second().map(|second| f64::from(self.day.0) + f64::from(second) / 86_400.0)
    }
}

/// An amount of money in fixed point: whole 1/10,000 of the currency unit.
///
/// Sums of integers do not depend on their order, so revenue is the same on one thread or many and
/// is conserved to the last digit. It serialises as a plain decimal number of currency units.
///
/// ```
/// use clivia::units::Money;
/// let sum: Money = [Money::from_f64(0.10), Money::from_f64(0.20)].into_iter().flatten().sum();
/// assert_eq!(sum, Money::from_f64(0.30).unwrap());
/// assert_eq!(sum.to_string(), "0.30");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(pub i64);

impl Money {
    /// Fixed-point units in one currency unit.
    pub const SCALE: i64 = 10_000;
    /// The largest amount a single row may hold: a hundred billion currency units.
    pub const MAX_ROW: Money = Money(100_000_000_000 * Money::SCALE);

    /// The nearest amount, or `None` where it is not finite or beyond [`Money::MAX_ROW`].
    pub fn from_f64(amount: f64) -> Option<Self> {
        let scaled = (amount * Self::SCALE as f64).round();
        (scaled.abs() <= Self::MAX_ROW.0 as f64).then_some(Money(scaled as i64))
    }

    /// The amount in currency units.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::SCALE as f64
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / Self::SCALE as u64, self.0.unsigned_abs() % Self::SCALE as u64);
        let sign = if self.0 < 0 { "-" } else { "" };
        if part % 100 == 0 {
            write!(f, "{sign}{whole}.{:02}", part / 100)
        } else {
            write!(f, "{sign}{whole}.{part:04}")
        }
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        self.0 -= other.0;
    }
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money(0), Add::add)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_f64())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let amount = f64::deserialize(deserializer)?;
        Ok(Money((amount * Self::SCALE as f64).round() as i64))
    }
}

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
/// use clivia::units::{Horizon, TimeUnit};
/// let year: Horizon = "52w".parse()?;
/// assert_eq!(year.days(), 364.0);
/// assert_eq!(year.in_units(TimeUnit::Weeks), 52.0);
/// # Ok::<(), clivia::units::UnitError>(())
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
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct DiscountRate(f64);

impl DiscountRate {
    /// A rate from 0 to 10 (1,000 % a year).
    ///
    /// # Errors
    /// [`UnitError::Rate`] outside that range.
    pub fn annual(rate: f64) -> Result<Self, UnitError> {
        if (0.0..=10.0).contains(&rate) { Ok(DiscountRate(rate)) } else { Err(UnitError::Rate(rate.to_string())) }
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
        let rate = text.trim().parse().map_err(|_| UnitError::Rate(text.into()))?;
        Self::annual(rate)
    }
}

impl<'de> Deserialize<'de> for DiscountRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::annual(f64::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
