//! Dates as people and programs write them.

mod calendar;
mod clocks;
mod cursor;
mod evidence;
mod names;
mod notes;
mod numbers;
mod parts;
mod seen;
mod survey;
mod tally;
mod written;
mod zones;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike};
use chrono_tz::Tz;

use clivia_core::base::{Clock, Day, Moment};

use crate::cells::trimmed;
use crate::plan::ReadSettings;
use calendar::date;
use clocks::time;
use written::{Written, written};

pub use evidence::{DateEvidence, DateForm, DateQuestion, DateVerdict};
pub(crate) use survey::{Looked, settle};
pub use zones::Zone;

/// Which part of `3/4/2024` is the day, and where the year of two digits stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartOrder {
    /// The third of April.
    DayFirst,
    /// The fourth of March.
    MonthFirst,
    /// `20-04-23` is the 23rd of April 2020.
    YearFirst,
}

impl PartOrder {
    pub(crate) const ALL: [PartOrder; 3] = [PartOrder::DayFirst, PartOrder::MonthFirst, PartOrder::YearFirst];

    /// The word by which `read.date_format` states it.
    pub fn name(self) -> &'static str {
        match self {
            PartOrder::DayFirst => "dmy",
            PartOrder::MonthFirst => "mdy",
            PartOrder::YearFirst => "ymd",
        }
    }

    /// The order that a date format states, where it is no form of strftime but such a word.
    pub fn stated(date_format: &str) -> Option<Self> {
        PartOrder::ALL.into_iter().find(|order| date_format.eq_ignore_ascii_case(order.name()))
    }

    /// The part that comes first.
    pub(crate) fn part(self) -> &'static str {
        match self {
            PartOrder::DayFirst => "day",
            PartOrder::MonthFirst => "month",
            PartOrder::YearFirst => "year",
        }
    }
}

/// How the dates of a column are read.
#[derive(Debug, Clone, Default)]
pub struct DateReader {
    /// The stated form; where there is one, no other is read.
    pub format: Option<String>,
    /// The stated order of the parts; where there is one, none is found out.
    pub stated: Option<PartOrder>,
    /// In whose calendar an instant falls on a day; as it is written where there is none.
    pub timezone: Option<Tz>,
    /// The order that the column's dates tell.
    pub order: Option<PartOrder>,
}

impl DateReader {
    /// Dates as the settings say, with nothing found out yet.
    pub fn new(settings: &ReadSettings) -> Self {
        DateReader::of(&settings.date_format, settings.timezone, None)
    }

    /// Dates of a stated format, if it is not empty, and in an order that has been found out.
    pub(crate) fn of(date_format: &str, timezone: Option<Tz>, order: Option<PartOrder>) -> Self {
        let stated = PartOrder::stated(date_format);
        let format = Some(date_format).filter(|format| !format.is_empty() && stated.is_none());
        DateReader { format: format.map(String::from), stated, timezone, order }
    }

    /// Whether nothing is left to find out.
    pub(crate) fn is_stated(&self) -> bool {
        self.format.is_some() || self.stated.is_some()
    }

    /// The order of parts, as stated or as found out.
    pub(crate) fn order(&self) -> Option<PartOrder> {
        self.stated.or(self.order)
    }

    /// The day that `text` falls on, with its time of day where that is written; `None` where it is no date.
    #[inline]
    pub fn moment(&self, text: &str) -> Option<Moment> {
        let text = trimmed(text);
        match &self.format {
            Some(format) => self.stated(text, format),
            None => usual(text.as_bytes()).or_else(|| self.unusual(text.as_bytes())),
        }
    }

    /// Any form that needs not be stated.
    #[inline(never)]
    fn unusual(&self, text: &[u8]) -> Option<Moment> {
        written(text).and_then(|written| self.read(written))
    }

    /// The date that a whole number is, or its digits in the stated form.
    pub(crate) fn number(&self, number: i64) -> Option<Moment> {
        match &self.format {
            Some(format) => self.stated(&number.to_string(), format),
            None => numbers::number(number).and_then(|written| self.read(written)),
        }
    }

    /// The date that a number is.
    pub(crate) fn float(&self, number: f64) -> Option<Moment> {
        match &self.format {
            Some(_) => self.number(number as i64),
            None => numbers::float(number).and_then(|written| self.read(written)),
        }
    }

    /// The day of what was written, by the order of its parts, on the calendar that counts.
    fn read(&self, written: Written) -> Option<Moment> {
        let day = match written.parts {
            None => written.at.day,
            Some(parts) if parts.is_dotted() => parts.day(self.stated.unwrap_or(PartOrder::DayFirst))?,
            Some(parts) => match self.order() {
                Some(order) => parts.day(order)?,
                None => parts.day_in_any_order()?,
            },
        };
        let at = Moment { day, ..written.at };
        if self.timezone.is_none() { Some(at) } else { Some(self.elsewhere(at, written.zone).unwrap_or(at)) }
    }

    /// The same instant in the stated time zone; `None` where it is none.
    #[inline(never)]
    fn elsewhere(&self, at: Moment, zone: Zone) -> Option<Moment> {
        let local = i64::from(at.day.0) * 86_400 + i64::from(at.clock.second()?);
        self.instant(zone.instant(local)?, zone)
    }

    #[inline(never)]
    fn stated(&self, text: &str, format: &str) -> Option<Moment> {
        let offset = |instant: DateTime<chrono::FixedOffset>| {
            let zone = Zone::Offset(instant.offset().local_minus_utc());
            self.instant(instant.timestamp(), zone)
        };
        // Seconds since 1970 have no zone of their own.
        let utc = |local: NaiveDateTime| match format.contains("%s") {
            true => self.instant(local.and_utc().timestamp(), Zone::Utc),
            false => Some(moment(local)),
        };
        let zoned = DateTime::parse_from_str(text, format).ok().and_then(offset);
        zoned
            .or_else(|| NaiveDateTime::parse_from_str(text, format).ok().and_then(utc))
            .or_else(|| NaiveDate::parse_from_str(text, format).ok().map(|date| Moment::on(Day::from_date(date))))
    }

    /// Whether moments of a zone fall on the days that a clock without zones shows.
    pub(crate) fn shows_as_it_is(&self, zone: Zone) -> bool {
        zone == Zone::Unsaid || (self.timezone.is_none() && matches!(zone, Zone::Utc | Zone::Unknown))
    }

    /// The calendar day and the time of an instant, seconds since 1970: in the stated time zone, else in its own.
    pub(crate) fn instant(&self, seconds: i64, own: Zone) -> Option<Moment> {
        // A clock without a zone is no instant, and stays what it shows.
        let zone = self.timezone.filter(|_| own != Zone::Unsaid).map_or(own, Zone::Named);
        zone.local(seconds).and_then(numbers::moment)
    }
}

fn moment(local: NaiveDateTime) -> Moment {
    Moment { day: Day::from_date(local.date()), clock: Clock::at(local.num_seconds_from_midnight()) }
}

/// `2011-12-09`, `2011-12-09 08:26` and `2011-12-09 08:26:00`, which nearly all dates of a long file are; `None` does
/// not mean that it is no date.
#[inline]
fn usual(text: &[u8]) -> Option<Moment> {
    let (&[c0, c1, y0, y1, b'-', m0, m1, b'-', d0, d1], rest) = text.split_first_chunk()? else { return None };
    let clock = match *rest {
        [] => Clock::UNKNOWN,
        [b' ' | b'T', h0, h1, b':', m0, m1] => time(two(h0, h1)?, two(m0, m1)?, 0)?,
        [b' ' | b'T', h0, h1, b':', m0, m1, b':', s0, s1] => time(two(h0, h1)?, two(m0, m1)?, two(s0, s1)?)?,
        _ => return None,
    };
    Some(Moment { day: date(two(c0, c1)? * 100 + two(y0, y1)?, two(m0, m1)?, two(d0, d1)?)?, clock })
}

/// A number of two digits.
#[inline]
fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

#[cfg(test)]
mod tests;
