//! Periods of a contract, by the calendar.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base::{DAYS_PER_YEAR, Day, Horizon};

/// Not a period or horizon of contracts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// Not a period.
    #[error(
        "'{0}' is not a period; write week, month, quarter or year, or a number and d, w, m or y, such as 28d or 6m"
    )]
    Period(String),
    /// Not a horizon.
    #[error("'{0}' is not a horizon; write a number of periods, or a time such as 90d, 12m or 2y")]
    Horizon(String),
}

/// How long a subscription runs before it is renewed: so many days, or so many months of the calendar.
///
/// ```
/// use clivia_core::retention::period::Period;
/// use clivia_core::base::Day;
/// let month: Period = "month".parse()?;
/// let start: Day = "2024-01-31".parse()?;
/// assert_eq!(month.after(start, 1).to_string(), "2024-02-29");
/// assert_eq!(month.after(start, 2).to_string(), "2024-03-31");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Days,
    Months,
}

/// A century, which is longer than any contract.
const LONGEST_DAYS: u32 = 36_525;
const LONGEST_MONTHS: u32 = 1_200;

impl Default for Period {
    fn default() -> Self {
        Period { count: 1, unit: Unit::Months }
    }
}

impl Period {
    /// The day of the `n`-th renewal of a subscription that started on a day; where a month has no such day, its last.
    /// The last day of the calendar where that is beyond it.
    pub fn after(self, start: Day, n: u32) -> Day {
        let steps = u64::from(n) * u64::from(self.count);
        let end = match self.unit {
            Unit::Days => date(start).checked_add_days(Days::new(steps)),
            Unit::Months => {
                u32::try_from(steps).ok().and_then(|steps| date(start).checked_add_months(Months::new(steps)))
            }
        };
        Day::from_date(end.unwrap_or(NaiveDate::MAX))
    }

    /// How many whole periods have run out from `start` to `until`, both days included.
    pub fn whole(self, start: Day, until: Day) -> u32 {
        if until < start {
            return 0;
        }
        let (first, last) = (date(start), date(until));
        let steps = match self.unit {
            Unit::Days => until.days_since(start) as u32,
            Unit::Months => {
                let months = |date: NaiveDate| 12 * date.year() + date.month0() as i32;
                (months(last) - months(first)).max(0) as u32
            }
        };
        let n = steps / self.count;
        // The day of the month may not have come yet.
        if n > 0 && self.after(start, n) > until { n - 1 } else { n }
    }

    /// The renewal that a subscription which ended on a day did not make, from 1: the first on that day or after it.
    pub fn until_end(self, start: Day, end: Day) -> u32 {
        let whole = self.whole(start, end);
        let exact = whole > 0 && self.after(start, whole) == end;
        if exact { whole } else { whole + 1 }
    }

    /// Its mean length in years of 365.25 days.
    pub fn years(self) -> f64 {
        match self.unit {
            Unit::Days => f64::from(self.count) / DAYS_PER_YEAR,
            Unit::Months => f64::from(self.count) / 12.0,
        }
    }

    /// What one of it is called: `month`, `28 days`.
    pub fn name(self) -> String {
        match (self.unit, self.count) {
            (Unit::Days, 1) => "day".into(),
            (Unit::Days, 7) => "week".into(),
            (Unit::Days, count) => format!("{count} days"),
            (Unit::Months, 1) => "month".into(),
            (Unit::Months, 3) => "quarter".into(),
            (Unit::Months, 12) => "year".into(),
            (Unit::Months, count) => format!("{count} months"),
        }
    }
}

fn date(day: Day) -> NaiveDate {
    let epoch = NaiveDate::default();
    let ahead = epoch.checked_add_days(Days::new(day.0.max(0) as u64));
    let back = || epoch.checked_sub_days(Days::new(u64::from(day.0.unsigned_abs())));
    if day.0 >= 0 { ahead } else { back() }.unwrap_or_default()
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = if self.unit == Unit::Days { 'd' } else { 'm' };
        write!(f, "{}{letter}", self.count)
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let wrong = || PeriodError::Period(text.into());
        let word = text.trim().to_ascii_lowercase();
        let (count, letter) = match word.as_str() {
            "day" => (1, 'd'),
            "week" => (1, 'w'),
            "month" => (1, 'm'),
            "quarter" => (3, 'm'),
            "year" => (1, 'y'),
            other => {
                let letter = other.chars().next_back().ok_or_else(wrong)?;
                let digits = &other[..other.len() - letter.len_utf8()];
                (digits.parse::<u32>().map_err(|_| wrong())?, letter)
            }
        };
        let (unit, size, longest) = match letter {
            'd' => (Unit::Days, 1, LONGEST_DAYS),
            'w' => (Unit::Days, 7, LONGEST_DAYS),
            'm' => (Unit::Months, 1, LONGEST_MONTHS),
            'y' => (Unit::Months, 12, LONGEST_MONTHS),
            _ => return Err(wrong()),
        };
        let count = count.checked_mul(size).filter(|count| (1..=longest).contains(count)).ok_or_else(wrong)?;
        Ok(Period { count, unit })
    }
}

/// How far ahead is looked: a number of periods, or a time of which the whole periods count.
///
/// ```
/// use clivia_core::retention::period::RetentionHorizon;
/// let year: RetentionHorizon = "1y".parse()?;
/// assert_eq!(year.periods("month".parse()?), Some(12));
/// assert_eq!("8".parse::<RetentionHorizon>()?.periods("month".parse()?), Some(8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RetentionHorizon {
    /// So many periods.
    Periods(u32),
    /// As many as fit into this.
    Time(Horizon),
}

/// No horizon has more periods.
const MOST_PERIODS: u32 = 100_000;

impl RetentionHorizon {
    /// In periods; `None` where that is none, or too many.
    pub fn periods(self, period: Period) -> Option<u32> {
        let count = match self {
            RetentionHorizon::Periods(count) => f64::from(count),
            RetentionHorizon::Time(time) => {
                let years = time.months().map_or(time.days() / DAYS_PER_YEAR, |months| months / 12.0);
                // Twelve months are twelve months, whatever rounding says.
                (years / period.years() + 1e-9).floor()
            }
        };
        (1.0..=f64::from(MOST_PERIODS)).contains(&count).then_some(count as u32)
    }
}

impl Default for RetentionHorizon {
    fn default() -> Self {
        RetentionHorizon::Periods(12)
    }
}

impl fmt::Display for RetentionHorizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RetentionHorizon::Periods(count) => count.fmt(f),
            RetentionHorizon::Time(time) => time.fmt(f),
        }
    }
}

impl FromStr for RetentionHorizon {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let time = || text.parse().map(RetentionHorizon::Time).map_err(|_| PeriodError::Horizon(text.into()));
        text.trim().parse().map(RetentionHorizon::Periods).or_else(|_| time())
    }
}

/// Serialises as it is typed.
macro_rules! as_typed {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

as_typed!(Period);
as_typed!(RetentionHorizon);

#[cfg(test)]
mod tests {
    use crate::retention::period::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn renewals_fall_on_days_of_the_calendar() {
        let month = Period::default();
        assert_eq!(month.whole(day("2024-01-31"), day("2024-02-28")), 0);
        assert_eq!(month.whole(day("2024-01-31"), day("2024-02-29")), 1);
        assert_eq!(month.whole(day("2024-01-31"), day("2024-03-30")), 1);
        assert_eq!(month.whole(day("2024-02-29"), day("2025-02-28")), 12);
        let year: Period = "year".parse().expect("a period");
        assert_eq!(year.after(day("2024-02-29"), 1), day("2025-02-28"));
        assert_eq!(year.whole(day("2023-05-01"), day("2025-04-30")), 1);
        assert_eq!(year.whole(day("2023-05-01"), day("2020-01-01")), 0);
        assert_eq!(year.after(day("1965-05-01"), 4), day("1969-05-01"));
    }

    #[test]
    fn the_last_day_and_the_day_after_are_the_same_renewal() {
        let year: Period = "1y".parse().expect("a period");
        for end in ["2024-01-01", "2024-07-14", "2024-12-31", "2025-01-01"] {
            assert_eq!(year.until_end(day("2024-01-01"), day(end)), 1, "{end}");
        }
        assert_eq!(year.until_end(day("2024-01-01"), day("2025-01-02")), 2);
    }

    #[test]
    fn periods_are_read_as_they_are_written() {
        for (text, written, name) in [
            ("month", "1m", "month"),
            ("Quarter", "3m", "quarter"),
            ("1y", "12m", "year"),
            ("2w", "14d", "14 days"),
            ("week", "7d", "week"),
        ] {
            let period: Period = text.parse().expect("a period");
            assert_eq!((period.to_string().as_str(), period.name().as_str()), (written, name));
            assert_eq!(period.to_string().parse(), Ok(period));
        }
        for text in ["", "0m", "m", "-1d", "1.5m", "fortnight", "9999y", "1é"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn horizons_count_whole_periods() {
        let periods = |horizon: &str, period: &str| {
            let horizon: RetentionHorizon = horizon.parse().expect("a horizon");
            horizon.periods(period.parse().expect("a period"))
        };
        assert_eq!(periods("12m", "month"), Some(12));
        assert_eq!(periods("1y", "quarter"), Some(4));
        assert_eq!(periods("5y", "year"), Some(5));
        assert_eq!(periods("90d", "week"), Some(12));
        assert_eq!(periods("6m", "year"), None);
        assert_eq!(periods("0", "year"), None);
        assert!("soon".parse::<RetentionHorizon>().is_err());
    }

    proptest! {
        #[test]
        fn whole_periods_are_the_renewals_that_have_come(start in -20_000..40_000, days in 0..20_000, count in 1_u32..30, months in any::<bool>()) {
            let period = Period { count, unit: if months { Unit::Months } else { Unit::Days } };
            let (start, until) = (Day(start), Day(start + days));
            let n = period.whole(start, until);
            prop_assert!(period.after(start, n) <= until && period.after(start, n + 1) > until);
            let end = period.until_end(start, until);
            prop_assert!(end >= 1 && period.after(start, end) >= until);
            prop_assert!(end == 1 || period.after(start, end - 1) < until);
        }
    }
}
