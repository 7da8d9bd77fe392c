//! Dates as people and programs write them.

mod evidence;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike};
use chrono_tz::Tz;

use clivia_core::base::{Clock, Day, Moment};

use crate::cells::trimmed;
use crate::plan::ReadSettings;

pub(crate) use evidence::{Looked, settle};

/// Which part of `3/4/2024` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartOrder {
    /// The third of April.
    DayFirst,
    /// The fourth of March.
    MonthFirst,
}

/// How the dates of a column are read.
#[derive(Debug, Clone)]
pub struct DateReader {
    /// The stated form; where there is one, no other is read.
    pub format: Option<String>,
    /// In whose calendar an instant falls on a day.
    pub timezone: Tz,
    /// Decided by the first rows that tell.
    pub order: Option<PartOrder>,
}

impl DateReader {
    /// Dates as the settings say, with nothing found out yet.
    pub fn new(settings: &ReadSettings) -> Self {
        let format = Some(settings.date_format.clone()).filter(|format| !format.is_empty());
        DateReader { format, timezone: settings.timezone, order: None }
    }

    /// The day that `text` falls on, with its time of day where that is written; `None` where it is no date.
    #[inline]
    pub fn moment(&self, text: &str) -> Option<Moment> {
        let text = trimmed(text);
        match &self.format {
            Some(format) => self.stated(text, format),
            None => usual(text.as_bytes()).or_else(|| self.unusual(text)),
        }
    }

    /// Any form that needs not be stated.
    #[inline(never)]
    fn unusual(&self, text: &str) -> Option<Moment> {
        iso(text.as_bytes())
            .or_else(|| self.iso_with_zone(text))
            .or_else(|| self.slashed(text))
            .or_else(|| self.epoch_text(text))
    }

    #[inline(never)]
    fn stated(&self, text: &str, format: &str) -> Option<Moment> {
        let zoned = DateTime::parse_from_str(text, format).ok().and_then(|instant| self.instant(instant.timestamp()));
        zoned
            .or_else(|| NaiveDateTime::parse_from_str(text, format).ok().map(moment))
            .or_else(|| NaiveDate::parse_from_str(text, format).ok().map(|date| Moment::on(Day::from_date(date))))
    }

    /// `2011-12-09T08:26:00Z`, `2011-12-09 08:26:00+01:00`.
    fn iso_with_zone(&self, text: &str) -> Option<Moment> {
        let spaced = text.replacen(' ', "T", 1);
        let instant = DateTime::parse_from_rfc3339(&spaced)
            .or_else(|_| DateTime::parse_from_str(&spaced, "%Y-%m-%dT%H:%M:%S%.f%#z"))
            .or_else(|_| DateTime::parse_from_str(&spaced, "%Y-%m-%dT%H:%M%#z"));
        self.instant(instant.ok()?.timestamp())
    }

    /// `31/12/2011`, `12/31/2011 8:26`, `31.12.2011`: a dotted date has its day first.
    fn slashed(&self, text: &str) -> Option<Moment> {
        let Parts { first, second, year, dotted, clock } = parts(text)?;
        let order = if dotted { PartOrder::DayFirst } else { self.order? };
        let (day, month) = if order == PartOrder::DayFirst { (first, second) } else { (second, first) };
        Some(Moment { day: date(year, month, day)?, clock })
    }

    fn epoch_text(&self, text: &str) -> Option<Moment> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = (9..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain { self.epoch(text.parse().ok()?) } else { None }
    }

    /// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
    pub(crate) fn epoch(&self, number: i64) -> Option<Moment> {
        let per_second = match number.unsigned_abs() {
            0..100_000_000_000 => 1,
            100_000_000_000..100_000_000_000_000 => 1_000,
            100_000_000_000_000..100_000_000_000_000_000 => 1_000_000,
            _ => 1_000_000_000,
        };
        self.instant(number.div_euclid(per_second))
    }

    /// The calendar day and the time of an instant in the run's time zone.
    pub(crate) fn instant(&self, seconds: i64) -> Option<Moment> {
        let utc = DateTime::from_timestamp(seconds, 0)?;
        Some(moment(utc.with_timezone(&self.timezone).naive_local()))
    }
}

fn moment(local: NaiveDateTime) -> Moment {
    Moment { day: Day::from_date(local.date()), clock: Clock::at(local.num_seconds_from_midnight()) }
}

/// `2011-12-09`, `2011-12-09 08:26` and `2011-12-09 08:26:00`, which nearly all dates of a long file are; `None` does not
/// mean that it is no date.
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

fn time(hour: u32, minute: u32, second: u32) -> Option<Clock> {
    let right = hour < 24 && minute < 60 && second < 61;
    right.then(|| Clock::at(hour * 3_600 + minute * 60 + second))
}

/// `2011-12-09`, `2011/12/09`, `20111209`, each with or without a time of day that has no zone.
fn iso(text: &[u8]) -> Option<Moment> {
    if text.len() == 8 {
        return date(number(text, 0, 4)?, number(text, 4, 6)?, number(text, 6, 8)?).map(Moment::on);
    }
    let separator = *text.get(4)?;
    if text.len() < 10 || !b"-/.".contains(&separator) || text[7] != separator {
        return None;
    }
    let clock = clock(&text[10..])?;
    Some(Moment { day: date(number(text, 0, 4)?, number(text, 5, 7)?, number(text, 8, 10)?)?, clock })
}

#[inline]
fn date(year: u32, month: u32, day: u32) -> Option<Day> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let before = *BEFORE_MONTH.get(usize::from(leap))?.get(month.checked_sub(1)? as usize)?;
    let length = BEFORE_MONTH[usize::from(leap)].get(month as usize)? - before;
    // A leap year comes after each four, not after each hundred, but after each four hundred.
    let years = year as i32 + 399;
    let days = years * 365 + years / 4 - years / 100 + years / 400;
    (1..=length).contains(&day).then(|| Day(days - EPOCH + (before + day) as i32))
}

/// Days of a year before each of its months and after the last, in plain and in leap years.
const BEFORE_MONTH: [[u32; 13]; 2] = [
    [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365],
    [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366],
];
/// 1970-01-01 by the count of [`date`], which begins 400 years before the first year.
const EPOCH: i32 = 2_369 * 365 + 2_369 / 4 - 2_369 / 100 + 2_369 / 400 + 1;

fn number(text: &[u8], from: usize, to: usize) -> Option<u32> {
    let digits = text.get(from..to)?;
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    plain.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

/// Nothing, or a separator and a time of day: ` 8:26`, `T08:26:00.123`, ` 8:26 PM`. `None` where it is neither.
fn clock(rest: &[u8]) -> Option<Clock> {
    let [b'T' | b' ', clock @ ..] = rest else { return rest.is_empty().then_some(Clock::UNKNOWN) };
    let clock = clock.trim_ascii();
    let half = clock.len().checked_sub(2).map(|at| clock[at..].to_ascii_uppercase());
    let (clock, half) = match half.as_deref() {
        Some(b"AM") => (clock[..clock.len() - 2].trim_ascii_end(), Some(0)),
        Some(b"PM") => (clock[..clock.len() - 2].trim_ascii_end(), Some(12)),
        _ => (clock, None),
    };
    let whole = clock.split(|&byte| byte == b'.').next()?;
    let mut parts = whole.split(|&byte| byte == b':').map(|part| number(part, 0, part.len()));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let hour = half.map_or(hour, |half| if hour <= 12 { hour % 12 + half } else { hour });
    parts.next().is_none().then(|| time(hour, minute, second))?
}

/// A slashed, dotted or dashed date whose year comes last.
struct Parts {
    first: u32,
    second: u32,
    year: u32,
    dotted: bool,
    clock: Clock,
}

fn parts(text: &str) -> Option<Parts> {
    let bytes = text.as_bytes();
    let end = bytes.iter().position(|byte| matches!(byte, b' ' | b'T')).unwrap_or(bytes.len());
    let separator = *bytes[..end].iter().find(|byte| !byte.is_ascii_digit())?;
    if !b"/.-".contains(&separator) {
        return None;
    }
    let clock = clock(&bytes[end..])?;
    let mut pieces = bytes[..end].split(|&byte| byte == separator);
    let (first, second, year) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let short = first.len() <= 2 && second.len() <= 2 && year.len() == 4 && pieces.next().is_none();
    let read = |piece: &[u8]| number(piece, 0, piece.len());
    let dotted = separator == b'.';
    short.then_some(Parts { first: read(first)?, second: read(second)?, year: read(year)?, dotted, clock })
}

/// What a column's first dates tell of the order of day and month.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OrderSeen {
    /// No date needs it, or so few that they are the odd ones out and are refused one by one.
    NotNeeded,
    /// Some date tells.
    Known(PartOrder),
    /// Most dates need it and none tells; the position of the first of them.
    Ambiguous(usize),
    /// One date can only have its day first, another only its month; the position of the second.
    Contradicted(usize),
}

/// Looks for a date with a part above 12.
pub(crate) fn order_seen<'a>(dates: impl Iterator<Item = &'a str>) -> OrderSeen {
    let (mut known, mut first_open, mut open, mut filled) = (None, None, 0, 0);
    for (index, text) in dates.enumerate() {
        filled += usize::from(!text.trim().is_empty());
        let parts = parts(text.trim()).filter(|parts| !parts.dotted);
        let order = match parts.map(|parts| (parts.first, parts.second)) {
            Some((1..=12, 1..=12)) => {
                first_open.get_or_insert(index);
                open += 1;
                continue;
            }
            Some((13..=31, 1..=12)) => PartOrder::DayFirst,
            Some((1..=12, 13..=31)) => PartOrder::MonthFirst,
            _ => continue,
        };
        if *known.get_or_insert(order) != order {
            return OrderSeen::Contradicted(index);
        }
    }
    if let Some(order) = known {
        return OrderSeen::Known(order);
    }
    first_open.filter(|_| 2 * open > filled).map_or(OrderSeen::NotNeeded, OrderSeen::Ambiguous)
}

#[cfg(test)]
mod tests {
    use crate::dates::*;

    fn read(text: &str) -> Option<String> {
        let reader = DateReader { format: None, timezone: Tz::UTC, order: Some(PartOrder::DayFirst) };
        reader.moment(text).map(|at| at.day.to_string())
    }

    #[test]
    fn usual_forms_are_read() {
        let same = [
            "2011-12-09",
            "2011/12/09",
            "20111209",
            "2011-12-09 08:26:00",
            "2011-12-09T08:26",
            "2011-12-09T08:26:00.123",
            "2011-12-09T08:26:00Z",
            "2011-12-09 08:26:00+01:00",
            "2011-12-09 08:26:00.5+0100",
            "9/12/2011",
            "09/12/2011 8:26",
            "09.12.2011",
            "09-12-2011 8:26 PM",
            "1323419160",
            "1323419160000",
        ];
        for text in same {
            assert_eq!(read(text).as_deref(), Some("2011-12-09"), "{text}");
        }
    }

    #[test]
    fn the_usual_forms_are_read_as_by_the_general_rule() {
        let rests = [
            "",
            " 08:26",
            "T08:26:59",
            " 23:59:60",
            " 24:00",
            " 08:60:00",
            "T08:26:61",
            "x08:26",
            " 08-26",
            " 8:26:00",
        ];
        let days = (0..=99_999_999u32).step_by(997).map(|day| day.to_string());
        let dates =
            days.map(|day| format!("{day:0>8}")).map(|day| format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]));
        for text in dates.flat_map(|date| rests.map(|rest| format!("{date}{rest}"))).chain(["2024/01-31".into()]) {
            let quick = usual(text.as_bytes());
            assert!(quick.is_none() || quick == iso(text.as_bytes()), "{text}");
            let simple = text.len() > 10 || !text.contains('/');
            assert!(
                quick.is_some() || !simple || text.ends_with("8:26:00") || iso(text.as_bytes()).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn the_calendar_is_that_of_chrono() {
        for (year, month, day) in
            (0..=9_999).flat_map(|year| (0..14).flat_map(move |month| (0..33).map(move |day| (year, month, day))))
        {
            let expected = NaiveDate::from_ymd_opt(year as i32, month, day).map(Day::from_date);
            assert_eq!(date(year, month, day), expected, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        let wrong = [
            "2011-13-01",
            "2011-02-30",
            "31/12/11",
            "yesterday",
            "",
            "12",
            "2011-12-09 25:00",
            "2011-12-09x",
            "1-2-3-4",
        ];
        for text in wrong {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn zones_decide_the_day() {
        let warsaw = DateReader { format: None, timezone: Tz::Europe__Warsaw, order: None };
        assert_eq!(warsaw.moment("2011-12-09T23:30:00Z").map(|at| at.day.to_string()).as_deref(), Some("2011-12-10"));
        assert_eq!(warsaw.moment("2011-12-09T23:30:00").map(|at| at.day.to_string()).as_deref(), Some("2011-12-09"));
    }

    #[test]
    fn the_time_of_day_is_read_where_it_is_written() {
        let reader = DateReader { format: None, timezone: Tz::Europe__Warsaw, order: Some(PartOrder::DayFirst) };
        let second = |text: &str| reader.moment(text).and_then(|at| at.clock.second());
        assert_eq!(second("2011-12-09"), None);
        assert_eq!(second("9.12.2011"), None);
        assert_eq!(second("2011-12-09 08:26:05"), Some(30_365));
        assert_eq!(second("2011-12-09T08:26:05.999"), Some(30_365));
        assert_eq!(second("2011-12-09T07:26:05Z"), Some(30_365)); // an hour later in Warsaw
        assert_eq!(second("9/12/2011 8:26 PM"), Some(73_560));
        assert_eq!(second("9/12/2011 12:26 am"), Some(1_560));
        assert_eq!(second("1323419160"), Some(33_960)); // 08:26 UTC
        let stated = DateReader { format: Some("%d %b %Y %H:%M".into()), timezone: Tz::UTC, order: None };
        assert_eq!(stated.moment("09 Dec 2011 08:26").and_then(|at| at.clock.second()), Some(30_360));
    }

    #[test]
    fn a_part_above_twelve_tells_the_order() {
        assert_eq!(order_seen(["1/2/2011", "13/2/2011"].into_iter()), OrderSeen::Known(PartOrder::DayFirst));
        assert_eq!(order_seen(["1/2/2011", "2/13/2011"].into_iter()), OrderSeen::Known(PartOrder::MonthFirst));
        assert_eq!(order_seen(["13/2/2011", "2/13/2011"].into_iter()), OrderSeen::Contradicted(1));
        assert_eq!(order_seen(["", "1/2/2011"].into_iter()), OrderSeen::Ambiguous(1));
        assert_eq!(order_seen(["2011-01-01", "1/2/2011"].into_iter()), OrderSeen::NotNeeded);
        assert_eq!(order_seen(["2011-01-01", "1.2.2011"].into_iter()), OrderSeen::NotNeeded);
    }
}
