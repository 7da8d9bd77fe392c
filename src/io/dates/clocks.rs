//! Times of day as they are written.

use clivia_core::base::Clock;

use crate::dates::cursor::Cursor;

/// The time of day, where there is such a one; a leap second is one.
pub(super) fn time(hour: u32, minute: u32, second: u32) -> Option<Clock> {
    let right = hour < 24 && minute < 60 && second < 61;
    right.then(|| Clock::at(hour * 3_600 + minute * 60 + second))
}

/// Whether a time comes next, by its colon.
pub(super) fn comes(rest: &Cursor) -> bool {
    let mut ahead = *rest;
    ahead.one_or_two().is_some() && ahead.next() == Some(b':')
}

/// `8:26`, `08:26:05.123`, `8:26 PM`, `8 p.m.`, `8h26`, `08.26`.
pub(super) fn clock(rest: &mut Cursor) -> Option<Clock> {
    let hour = rest.one_or_two()?;
    let Some(sign) = rest.take_one_of(b":.hH") else { return time(half(rest)?.hour(hour), 0, 0) };
    let minute = rest.digits().filter(|minute| minute.width == 2 || (minute.width == 1 && sign == b':'))?.value;
    let second = match sign {
        b':' | b'.' if rest.take(sign) => second(rest)?,
        _ => 0,
    };
    match half(rest) {
        Some(half) => time(half.hour(hour), minute, second),
        None => time(hour, minute, second),
    }
}

/// `1011`, `101112`, `101112.123`.
pub(super) fn compact(rest: &mut Cursor) -> Option<Clock> {
    match rest.run() {
        4 => rest.digits().and_then(|digits| time(digits.value / 100, digits.value % 100, 0)),
        6 => {
            let digits = rest.digits()?.value;
            fraction(rest);
            time(digits / 10_000, digits / 100 % 100, digits % 100)
        }
        _ => clock(rest),
    }
}

fn second(rest: &mut Cursor) -> Option<u32> {
    let second = rest.one_or_two();
    fraction(rest);
    second
}

/// Skips a part of a second.
pub(super) fn fraction(rest: &mut Cursor) {
    if rest.second().is_some_and(|digit| digit.is_ascii_digit()) && rest.take_one_of(b".,:").is_some() {
        rest.skip_digits();
    }
}

/// Before or after noon.
enum Half {
    Am,
    Pm,
}

impl Half {
    /// The hour of the day; one above 12 is such an hour already.
    fn hour(&self, hour: u32) -> u32 {
        match self {
            _ if hour > 12 => hour,
            Half::Am => hour % 12,
            Half::Pm => hour % 12 + 12,
        }
    }
}

/// ` AM`, `pm`, ` a.m.`, ` p. m.`; where it is none, nothing is taken.
fn half(rest: &mut Cursor) -> Option<Half> {
    let mut ahead = *rest;
    ahead.blanks();
    let half = match ahead.take_one_of(b"aApP")? {
        b'a' | b'A' => Half::Am,
        _ => Half::Pm,
    };
    if ahead.take(b'.') {
        ahead.blanks();
    }
    ahead.take_one_of(b"mM")?;
    ahead.take(b'.');
    let ends = !ahead.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    ends.then(|| {
        *rest = ahead;
        half
    })
}
