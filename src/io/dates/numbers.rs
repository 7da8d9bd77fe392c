//! Numbers that are dates: days of a spreadsheet, digits of a calendar date, seconds since 1970.
//!
//! The ranges do not meet, so that each number is read by itself. One that lies in none of them is no date: a number
//! that was meant otherwise must not become a day of 1970.

use std::ops::RangeInclusive;

use clivia_core::base::{Clock, Day, Moment};

use crate::dates::calendar::date;
use crate::dates::clocks::{compact, fraction, time};
use crate::dates::cursor::Cursor;
use crate::dates::written::{Form, Written};
use crate::dates::zones::{Zone, zone};

/// Days that Excel counts, of 1954 to 2119.
const SERIALS: RangeInclusive<i64> = 20_000..=80_000;
/// The day from which Excel counts, 1899-12-30.
const BEFORE_SERIALS: i64 = 25_569;
/// Years of digits that hold a time as well.
const YEARS: RangeInclusive<i64> = 1990..=2100;
/// Seconds since 1970 that are of 1990 to 2100.
const SECONDS: RangeInclusive<i64> = 631_152_000..=4_133_980_799;
/// Digits of a day and an hour, if these are right; seconds of 2033 to 2036, if they are not.
const HOURS: RangeInclusive<i64> = 1_990_010_100..=2_100_123_123;

/// The date that a whole number is.
pub(super) fn number(number: i64) -> Option<Written> {
    if SERIALS.contains(&number) {
        return Some(serial(number, None));
    }
    of_digits(number).or_else(|| epoch(number))
}

/// The date that a number of a column of numbers is.
pub(super) fn float(value: f64) -> Option<Written> {
    let (whole, part) = (value.trunc() as i64, value.fract());
    match part == 0.0 {
        true => number(whole),
        false => with_part(whole, (part * 86_400.0).round() as i64),
    }
}

/// A number with a part behind its sign, which is a part of a day or of a second; `part` is that of a day in seconds.
fn with_part(whole: i64, part: i64) -> Option<Written> {
    if SERIALS.contains(&whole) {
        return Some(serial(whole, Some(part)));
    }
    let to_the_second = |written: &Written| match written.form {
        Form::Epoch | Form::LateEpoch => true,
        Form::Compact => whole >= 10_000_000_000_000,
        _ => false,
    };
    number(whole).filter(to_the_second)
}

/// What begins with five or more digits: a number, or a compact date with more behind it.
pub(super) fn written(text: &[u8]) -> Option<Written> {
    let (digits, tail) = text.split_at(Cursor::new(text).run());
    let whole = whole(digits)?;
    match tail {
        [] => number(whole),
        [b'.' | b',', part @ ..] if !part.is_empty() && part.iter().all(u8::is_ascii_digit) => {
            match part.iter().all(|digit| *digit == b'0') {
                true => number(whole),
                false => with_part(whole, part_of_a_day(part)),
            }
        }
        _ => with_tail(whole, digits.len(), tail),
    }
}

/// No number that is a date begins with 0 or has more than nineteen digits.
fn whole(digits: &[u8]) -> Option<i64> {
    let right = (1..=19).contains(&digits.len()) && digits[0] != b'0';
    let add = |sum: i64, digit: &u8| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0'));
    if right { digits.iter().try_fold(0, add) } else { None }
}

/// Seconds of a part of a day, to the nearest.
fn part_of_a_day(digits: &[u8]) -> i64 {
    let (mut part, mut scale) = (0_i64, 1);
    for digit in digits.iter().take(12) {
        (part, scale) = (part * 10 + i64::from(digit - b'0'), scale * 10);
    }
    (part * 86_400 + scale / 2) / scale
}

/// `20240105T101112Z`, `20240105 10:11`, `20240105101112Z`.
fn with_tail(whole: i64, width: usize, tail: &[u8]) -> Option<Written> {
    let mut rest = Cursor::new(tail);
    let mut written = of_digits(whole).filter(|written| written.form == Form::Compact)?;
    if width == 8 {
        (rest.take(b'T') || rest.blanks()).then_some(())?;
        written.at.clock = compact(&mut rest)?;
    } else {
        fraction(&mut rest);
    }
    written.zone = zone(&mut rest)?;
    rest.is_at_end().then_some(written)
}

fn serial(days: i64, seconds: Option<i64>) -> Written {
    let (days, clock) = match seconds {
        None => (days, Clock::UNKNOWN),
        Some(seconds) => (days + seconds / 86_400, Clock::at((seconds % 86_400) as u32)),
    };
    Written::of(Form::Serial, Moment { day: Day((days - BEFORE_SERIALS) as i32), clock })
}

/// `20240105`, `2024010510`, `202401051011`, `20240105101112`, `20240105101112123`.
fn of_digits(number: i64) -> Option<Written> {
    let (form, day, clock) = match number {
        10_000_000..=99_999_999 => return Some(Written::of(Form::Compact, Moment::on(of_eight(number)?))),
        1_000_000_000..=9_999_999_999 => (Form::Hours, number / 100, number % 100 * 10_000),
        100_000_000_000..=999_999_999_999 => (Form::Compact, number / 10_000, number % 10_000 * 100),
        10_000_000_000_000..=99_999_999_999_999 => (Form::Compact, number / 1_000_000, number % 1_000_000),
        10_000_000_000_000_000..=99_999_999_999_999_999 => {
            (Form::Compact, number / 1_000_000_000, number / 1_000 % 1_000_000)
        }
        _ => return None,
    };
    let part = |scale: i64| (clock / scale % 100) as u32;
    let clock = time(part(10_000), part(100), part(1))?;
    let day = Some(day).filter(|day| YEARS.contains(&(day / 10_000))).and_then(of_eight)?;
    Some(Written::of(form, Moment { day, clock }))
}

/// The day of eight digits.
fn of_eight(digits: i64) -> Option<Day> {
    date((digits / 10_000) as u32, (digits / 100 % 100) as u32, (digits % 100) as u32)
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
fn epoch(number: i64) -> Option<Written> {
    let per_second = match number {
        ..100_000_000_000 => 1,
        100_000_000_000..100_000_000_000_000 => 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000_000,
        _ => 1_000_000_000,
    };
    let seconds = Some(number / per_second).filter(|seconds| SECONDS.contains(seconds))?;
    let form = if HOURS.contains(&number) { Form::LateEpoch } else { Form::Epoch };
    Some(Written { zone: Zone::Utc, ..Written::of(form, moment(seconds)?) })
}

/// The day and the time of seconds since 1970 on a clock that knows no zones.
pub(super) fn moment(seconds: i64) -> Option<Moment> {
    let day = Day(i32::try_from(seconds.div_euclid(86_400)).ok()?);
    Some(Moment { day, clock: Clock::at(seconds.rem_euclid(86_400) as u32) })
}
