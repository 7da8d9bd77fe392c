//! Calendar days, times of day, and both together.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::UnitError;

/// Days from 0001-01-01 to 1970-01-01, by chrono's count.
const EPOCH_FROM_CE: i32 = 719_163;

/// A calendar day, counted from 1970-01-01.
///
/// ```
/// use clivia_core::base::Day;
/// let day: Day = "1997-09-30".parse()?;
/// assert_eq!(day.to_string(), "1997-09-30");
/// # Ok::<(), clivia_core::base::UnitError>(())
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
        let text = text.trim();
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(date) => Ok(Day::from_date(date)),
            Err(_) => written(text),
        }
    }
}

/// A day in another form that can mean one day only: `31.12.2024`, `2024/12/31`, `12/31/2024`, `20241231`.
fn written(text: &str) -> Result<Day, UnitError> {
    let date = |form: &str| NaiveDate::parse_from_str(text, form).ok().filter(|date| date.year() >= 1_000);
    let read = |form: &str| date(form).map(Day::from_date);
    let long = text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit() || b"./".contains(&byte));
    let plain = ["%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%Y%m%d"].into_iter().find_map(read);
    match (plain, read("%d/%m/%Y"), read("%m/%d/%Y")) {
        _ if !long => Err(UnitError::Day(text.into())),
        (Some(day), ..) | (None, Some(day), None) | (None, None, Some(day)) => Ok(day),
        (None, Some(one), Some(other)) if one == other => Ok(one),
        (None, Some(one), Some(other)) => Err(UnitError::TwoDays { text: text.into(), one, other }),
        (None, None, None) => Err(UnitError::Day(text.into())),
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
/// use clivia_core::base::{Clock, Day, Moment};
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

#[cfg(test)]
mod tests {
    use crate::base::days::*;

    #[test]
    fn a_day_is_read_in_every_form_that_means_one_day() {
        for text in ["2024-12-31", "31.12.2024", "2024/12/31", "2024.12.31", "31/12/2024", "12/31/2024", "20241231"] {
            assert_eq!(text.parse(), Ok(Day(20_088)), "{text}");
        }
        let said = |text: &str| text.parse::<Day>().expect_err(text).to_string();
        assert_eq!(
            said("3/4/2024"),
            "'3/4/2024' may be 2024-04-03 or 2024-03-04; write the one that is meant in this form"
        );
        for text in ["31.12.24", "2024-13-01", "31.02.2024", "soon", "", "2024", "12.2024"] {
            assert!(said(text).contains("write it as 1997-09-30"), "{text}");
        }
    }
}
