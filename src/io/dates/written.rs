//! A date as it stands in a cell, before the column and the settings say what is left open.

use clivia_core::base::{Clock, Day, Moment};

use crate::dates::calendar::{date, year_of_two_digits};
use crate::dates::clocks;
use crate::dates::cursor::Cursor;
use crate::dates::names;
use crate::dates::numbers;
use crate::dates::parts::Parts;

use crate::dates::zones::{Zone, zone};
use crate::dates::{two, usual};

/// A date, and its time and zone where they are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Written {
    pub(super) form: Form,
    /// Without a day where that depends on the order of the parts.
    pub(super) at: Moment,
    pub(super) parts: Option<Parts>,
    pub(super) zone: Zone,
    /// Whether the year is written by two digits.
    pub(super) is_short: bool,
}

/// How a date is written, as far as there is something to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Year, month and day that are told apart by signs or names.
    Calendar,
    /// Days as Excel counts them.
    Serial,
    /// Digits alone: `202401051011`.
    Compact,
    /// Ten digits of a day and an hour, `2024010510`, which may be seconds of 2034 as well.
    Hours,
    /// Seconds since 1970, or parts of them.
    Epoch,
    /// Seconds since 1970 that are as high as a day and an hour would be, and are none.
    LateEpoch,
}

/// A day, or parts of which the column tells it.
#[derive(Debug, Clone, Copy)]
enum Calendar {
    Day { day: Day, is_short: bool },
    Parts(Parts),
}

impl Written {
    /// Of a form, without a zone.
    pub(super) fn of(form: Form, at: Moment) -> Self {
        Written { form, at, parts: None, zone: Zone::Unsaid, is_short: false }
    }

    fn new(calendar: Calendar, clock: Clock, zone: Zone) -> Self {
        let (day, parts, is_short) = match calendar {
            Calendar::Day { day, is_short } => (day, None, is_short),
            Calendar::Parts(parts) => (Day(0), Some(parts), parts.is_short()),
        };
        Written { form: Form::Calendar, at: Moment { day, clock }, parts, zone, is_short }
    }
}

/// Reads a cell that holds a date in any form that needs not be stated.
pub(super) fn written(text: &[u8]) -> Option<Written> {
    let rest = Cursor::new(text);
    match rest.run() {
        0 => in_words(rest).or_else(|| in_words(after_weekday(rest)?)),
        1 | 2 if clocks::comes(&rest) => clock_first(rest),
        2 => named_in_english(text).or_else(|| date_first(rest)),
        4 => usual_first(text).or_else(|| date_first(rest)),
        1 | 3 => date_first(rest),
        _ => numbers::written(text),
    }
}

/// `2011-12-09T08:26:00.000Z`, `2011-12-09 08:26:00 -0500`: as most programs write it, with more behind it.
fn usual_first(text: &[u8]) -> Option<Written> {
    let (front, tail) = text.split_at_checked(19)?;
    let at = usual(front)?;
    let mut rest = Cursor::new(tail);
    clocks::fraction(&mut rest);
    let zone = zone(&mut rest)?;
    rest.is_at_end().then(|| Written { zone, ..Written::of(Form::Calendar, at) })
}

/// `18-Jan-18`, `18 Jan 2018`: as most programs write a month's name, with nothing more behind it.
fn named_in_english(text: &[u8]) -> Option<Written> {
    let (&[tens, ones, before @ (b'-' | b' '), a, b, c, after], year) = text.split_first_chunk()? else { return None };
    let (year, is_short) = match *year {
        [tens, ones] => (year_of_two_digits(two(tens, ones)?), true),
        [c0, c1, y0, y1] => (two(c0, c1)? * 100 + two(y0, y1)?, false),
        _ => return None,
    };
    let month = names::english(&[a | 0x20, b | 0x20, c | 0x20]).filter(|_| before == after)?;
    let day = date(year, month, two(tens, ones)?)?;
    Some(Written { is_short, ..Written::of(Form::Calendar, Moment::on(day)) })
}

/// What begins with a word, or follows a day of the week.
fn in_words(rest: Cursor) -> Option<Written> {
    date_first(rest).or_else(|| year_last(rest))
}

/// `Mon, 02 Jan 2006`, `segunda-feira, 2 de janeiro de 2006`: what comes after the day of the week.
fn after_weekday(mut rest: Cursor) -> Option<Cursor> {
    names::is_weekday(rest.word()).then_some(())?;
    let mut ahead = rest;
    if ahead.take(b'-') && ahead.word() == b"feira" {
        rest = ahead;
    }
    rest.gaps();
    Some(rest)
}

/// A date, and its time and zone behind it.
fn date_first(mut rest: Cursor) -> Option<Written> {
    let calendar = calendar(&mut rest)?;
    year_mark(&mut rest);
    if rest.is_at_end() {
        return Some(Written::new(calendar, Clock::UNKNOWN, Zone::Unsaid));
    }
    to_clock(&mut rest)?;
    let clock = clocks::clock(&mut rest)?;
    let zone = zone(&mut rest)?;
    rest.is_at_end().then(|| Written::new(calendar, clock, zone))
}

/// `10:11:12 Jan 13, 2009 PST`.
fn clock_first(mut rest: Cursor) -> Option<Written> {
    let clock = clocks::clock(&mut rest)?;
    rest.take(b',');
    rest.blanks().then_some(())?;
    let calendar = calendar(&mut rest)?;
    year_mark(&mut rest);
    let zone = zone(&mut rest)?;
    rest.is_at_end().then(|| Written::new(calendar, clock, zone))
}

/// `Jan 02 15:04:05 UTC 2006`.
fn year_last(mut rest: Cursor) -> Option<Written> {
    let (month, day) = month_and_day(&mut rest)?;
    let clock = clocks::clock(&mut rest)?;
    let zone = zone(&mut rest)?;
    rest.blanks();
    let calendar = of_named_month(year(&mut rest)?, month, day)?;
    rest.is_at_end().then(|| Written::new(calendar, clock, zone))
}

/// A date without its time: by the digits that it begins with.
fn calendar(rest: &mut Cursor) -> Option<Calendar> {
    match rest.run() {
        0 => {
            let (month, day) = month_and_day(rest)?;
            // What comes before a colon is an hour.
            if clocks::comes(rest) { None } else { of_named_month(year(rest)?, month, day) }
        }
        1 | 2 => day_or_parts(rest),
        4 => year_first(rest),
        _ => None,
    }
}

/// `Jan 2, `, `January 2nd `.
fn month_and_day(rest: &mut Cursor) -> Option<(u32, u32)> {
    let month = names::month(rest.word())?;
    rest.gaps();
    let day = rest.one_or_two()?;
    ordinal(rest);
    rest.gaps();
    Some((month, day))
}

/// Two or four digits of a year; whether they are two.
fn year(rest: &mut Cursor) -> Option<(u32, bool)> {
    let digits = rest.digits()?;
    match digits.width {
        2 => Some((year_of_two_digits(digits.value), true)),
        4 => Some((digits.value, false)),
        _ => None,
    }
}

fn of_named_month((year, is_short): (u32, bool), month: u32, day: u32) -> Option<Calendar> {
    date(year, month, day).map(|day| Calendar::Day { day, is_short })
}

/// `31/12/2011`, `31.12.11`, `18-Jan-18`, `18 January 2018`, `18JAN2018`.
fn day_or_parts(rest: &mut Cursor) -> Option<Calendar> {
    let first = rest.digits()?;
    let mut ahead = *rest;
    let Some(sign) = ahead.take_one_of(b"/-.") else { return named(first.value, rest) };
    // Some write a blank behind a dot.
    let blanks = |rest: &mut Cursor| sign == b'.' && rest.blanks();
    blanks(&mut ahead);
    let Some(second) = ahead.digits() else { return named(first.value, rest) };
    ahead.take(sign).then_some(())?;
    blanks(&mut ahead);
    let third = ahead.digits()?;
    let widths = [first.width, second.width, third.width].map(|width| width as u8);
    *rest = ahead;
    let right = second.width <= 2 && matches!(third.width, 1 | 2 | 4);
    right.then_some(Calendar::Parts(Parts { numbers: [first.value, second.value, third.value], widths, sign }))
}

/// What follows a day before the name of its month.
fn named(day: u32, rest: &mut Cursor) -> Option<Calendar> {
    ordinal(rest);
    rest.gaps();
    let month = names::month(after_of(rest))?;
    rest.gaps();
    if rest.run() == 0 {
        names::is_of(rest.word()).then_some(())?;
        rest.gaps();
    }
    of_named_month(year(rest)?, month, day)
}

/// The next word that is not "of".
fn after_of<'a>(rest: &mut Cursor<'a>) -> &'a [u8] {
    let word = rest.word();
    if !names::is_of(word) {
        return word;
    }
    rest.gaps();
    rest.word()
}

/// Skips what makes a number a day: `2nd`, `1er`, `1º`.
fn ordinal(rest: &mut Cursor) {
    let mut ahead = *rest;
    let sign = ahead.take(0xc2) && ahead.take_one_of(&[0xaa, 0xb0, 0xba]).is_some();
    if sign || names::is_ordinal(ahead.word()) {
        *rest = ahead;
    }
}

/// `2011-12-09`, `2011/1/9`, `2011. 12. 9.`, `2011-Dec-09`.
fn year_first(rest: &mut Cursor) -> Option<Calendar> {
    let year = (rest.digits()?.value, false);
    let mut ahead = *rest;
    let Some(sign) = ahead.take_one_of(b"/-.") else { return month_in_the_middle(year, rest) };
    let blanks = |rest: &mut Cursor| sign == b'.' && rest.blanks();
    blanks(&mut ahead);
    if ahead.run() == 0 {
        return month_in_the_middle(year, rest);
    }
    let month = ahead.one_or_two()?;
    ahead.take(sign).then_some(())?;
    blanks(&mut ahead);
    let day = ahead.one_or_two()?;
    if sign == b'.' {
        ahead.take(sign);
    }
    *rest = ahead;
    of_named_month(year, month, day)
}

fn month_in_the_middle(year: (u32, bool), rest: &mut Cursor) -> Option<Calendar> {
    rest.gaps();
    let (month, day) = month_and_day_alone(rest)?;
    of_named_month(year, month, day)
}

/// As [`month_and_day`], with nothing taken behind the day.
fn month_and_day_alone(rest: &mut Cursor) -> Option<(u32, u32)> {
    let month = names::month(rest.word())?;
    rest.gaps();
    Some((month, rest.one_or_two()?))
}

/// Skips ` r.`, ` г.` behind a year.
fn year_mark(rest: &mut Cursor) {
    let mut ahead = *rest;
    ahead.blanks();
    if names::is_year(ahead.word()) {
        ahead.take(b'.');
        *rest = ahead;
    }
}

/// What stands between a date and its time: `T`, a blank, a comma, a colon, ` at `. `None` where nothing does.
fn to_clock(rest: &mut Cursor) -> Option<()> {
    if rest.take_one_of(b"Tt:").is_some() {
        return Some(());
    }
    let apart = rest.take(b',');
    let apart = rest.blanks() || apart;
    while rest.run() == 0 && names::is_at(rest.word()) {
        rest.blanks();
    }
    apart.then_some(())
}
