//! Time zones of moments: as they are written behind a time, and as types of columns name them.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::dates::cursor::Cursor;

/// What is said of the zone of a local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// Nothing: it is the time of whoever wrote it.
    #[default]
    Unsaid,
    /// UTC.
    Utc,
    /// So many seconds ahead of UTC.
    Offset(i32),
    /// A zone of the time zone database.
    Named(Tz),
    /// Letters such as EST, which several zones share.
    Abbreviated,
    /// A name that no zone has.
    Unknown,
}

/// Letters that stand for a zone behind a time. Which one is not certain: IST is one of three.
const ABBREVIATIONS: &[&[u8]] = &[
    b"EST", b"EDT", b"ET", b"CST", b"CDT", b"CT", b"MST", b"MDT", b"MT", b"PST", b"PDT", b"PT", b"AKST", b"AKDT",
    b"HST", b"AST", b"ADT", b"NST", b"NDT", b"BRT", b"ART", b"CLT", b"WET", b"WEST", b"BST", b"IST", b"CET", b"CEST",
    b"MET", b"MEST", b"MEZ", b"MESZ", b"EET", b"EEST", b"MSK", b"SAST", b"SGT", b"HKT", b"JST", b"KST", b"AEST",
    b"AEDT", b"NZST", b"NZDT",
];

impl Zone {
    /// The zone of a column's type: a name, or an offset such as `+05:30`.
    pub(crate) fn of_type(name: &str) -> Self {
        let mut rest = Cursor::new(name.as_bytes());
        match (name.parse::<Tz>(), offset(&mut rest, 2)) {
            (Ok(Tz::UTC | Tz::Etc__UTC | Tz::GMT | Tz::Zulu), _) => Zone::Utc,
            (Ok(zone), _) => Zone::Named(zone),
            (Err(_), Some(zone)) if rest.is_at_end() => zone,
            _ if name.eq_ignore_ascii_case("z") => Zone::Utc,
            _ => Zone::Unknown,
        }
    }

    /// The instant of a local time, both in seconds since 1970; `None` where the zone does not tell.
    pub(crate) fn instant(self, local: i64) -> Option<i64> {
        match self {
            Zone::Unsaid | Zone::Abbreviated | Zone::Unknown => None,
            Zone::Utc => Some(local),
            Zone::Offset(ahead) => Some(local - i64::from(ahead)),
            Zone::Named(zone) => {
                let written = DateTime::from_timestamp(local, 0)?.naive_utc();
                zone.from_local_datetime(&written).earliest().map(|instant| instant.timestamp())
            }
        }
    }

    /// What a clock of the zone shows at an instant, both in seconds since 1970; a zone that is not known has UTC's.
    pub(crate) fn local(self, instant: i64) -> Option<i64> {
        match self {
            Zone::Unsaid | Zone::Abbreviated | Zone::Unknown | Zone::Utc => Some(instant),
            Zone::Offset(ahead) => instant.checked_add(i64::from(ahead)),
            Zone::Named(zone) => {
                let utc = DateTime::from_timestamp(instant, 0)?.naive_utc();
                Some(instant + i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()))
            }
        }
    }
}

/// The zone behind a time, if one is there: `Z`, ` UTC`, `-0500`, ` +01:00[Europe/Paris]`, ` GMT+0100 (CET)`, ` EST`.
/// `None` of what is no zone; a number is left where it stands.
pub(super) fn zone(rest: &mut Cursor) -> Option<Zone> {
    rest.blanks();
    let zone = match rest.next() {
        None | Some(b'0'..=b'9') => return Some(Zone::Unsaid),
        Some(b'[') => Zone::Unsaid,
        Some(b'+' | b'-' | 0xe2) => offset(rest, 2)?,
        Some(_) => named(rest)?,
    };
    in_brackets(rest, zone)
}

/// `-0500`, `+05:30`, `+01`, with any minus; of one digit only where as few as that will do.
fn offset(rest: &mut Cursor, least: usize) -> Option<Zone> {
    let sign = if sign(rest)? { -1 } else { 1 };
    let digits = rest.digits().filter(|digits| digits.width >= least)?;
    let (hours, minutes) = match digits.width {
        4 => (digits.value / 100, digits.value % 100),
        1 | 2 if rest.take(b':') => (digits.value, rest.digits().filter(|minutes| minutes.width == 2)?.value),
        1 | 2 => (digits.value, 0),
        _ => return None,
    };
    let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
    match sign * seconds {
        0 => Some(Zone::Utc),
        ahead => (hours <= 15 && minutes < 60).then_some(Zone::Offset(ahead)),
    }
}

/// Whether a sign is a minus.
fn sign(rest: &mut Cursor) -> Option<bool> {
    if rest.take(b'+') {
        return Some(false);
    }
    // U+2212, byte by byte.
    (rest.take(b'-') || (rest.take(0xe2) && rest.take(0x88) && rest.take(0x92))).then_some(true)
}

fn named(rest: &mut Cursor) -> Option<Zone> {
    let mut ahead = *rest;
    match rest.word() {
        b"Z" | b"z" => Some(Zone::Utc),
        b"UTC" | b"GMT" | b"UT" | b"utc" | b"gmt" => match rest.next() {
            Some(b'+' | b'-' | 0xe2) => offset(rest, 1),
            _ => Some(Zone::Utc),
        },
        letters if ABBREVIATIONS.contains(&letters) => Some(Zone::Abbreviated),
        _ => {
            let zone = of_region(ahead.until(b' '));
            *rest = ahead;
            zone
        }
    }
}

/// `Europe/Paris`.
fn of_region(name: &[u8]) -> Option<Zone> {
    let name = std::str::from_utf8(name).ok().filter(|name| name.contains('/'))?;
    name.parse().ok().map(Zone::Named)
}

/// What is said once more of a zone: `+01:00[Europe/Paris]`, `+0000 UTC`, `GMT+0100 (Central European Time)`.
fn in_brackets(rest: &mut Cursor, zone: Zone) -> Option<Zone> {
    if rest.take(b'[') {
        let region = of_region(rest.until(b']'));
        return rest.take(b']').then(|| if zone == Zone::Unsaid { region } else { Some(zone) })?;
    }
    let mut ahead = *rest;
    if ahead.blanks() && ahead.take(b'(') {
        ahead.rest_before(b')')?;
        *rest = ahead;
    } else if matches!(zone, Zone::Utc | Zone::Offset(_)) && repeats(ahead.word()) {
        *rest = ahead;
    }
    Some(zone)
}

fn repeats(word: &[u8]) -> bool {
    word == b"UTC" || word == b"GMT" || ABBREVIATIONS.contains(&word)
}

#[cfg(test)]
mod tests {
    use crate::dates::zones::*;

    fn read(text: &str) -> Option<Zone> {
        let mut rest = Cursor::new(text.as_bytes());
        zone(&mut rest).filter(|_| rest.is_at_end())
    }

    #[test]
    fn zones_are_read_as_they_are_written() {
        let right = [
            ("", Zone::Unsaid),
            ("Z", Zone::Utc),
            (" UTC", Zone::Utc),
            (" GMT", Zone::Utc),
            (" +0000", Zone::Utc),
            (" +0000 UTC", Zone::Utc),
            ("-0500", Zone::Offset(-18_000)),
            ("-05:00", Zone::Offset(-18_000)),
            (" \u{2212}05:00", Zone::Offset(-18_000)),
            ("+05", Zone::Offset(18_000)),
            ("+05:30", Zone::Offset(19_800)),
            (" -0700 MST", Zone::Offset(-25_200)),
            (" GMT+1", Zone::Offset(3_600)),
            (" GMT+0100 (Central European Standard Time)", Zone::Offset(3_600)),
            ("+01:00[Europe/Paris]", Zone::Offset(3_600)),
            ("Z[UTC]", Zone::Utc),
            ("[Europe/Paris]", Zone::Named(Tz::Europe__Paris)),
            (" America/New_York", Zone::Named(Tz::America__New_York)),
            (" EST", Zone::Abbreviated),
        ];
        for (text, zone) in right {
            assert_eq!(read(text), Some(zone), "{text}");
        }
        let wrong =
            ["+5", "+2500", "+05:60", "-", " -05:0", " XYZ", "[Mars/Olympus]", "[Europe/Paris", "Zz", " estimated"];
        for text in wrong {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn types_name_zones_and_offsets() {
        let zones = ["UTC", "Z", "+00:00", "+05:30", "-11:00", "Europe/Warsaw", "Mars/Olympus", ""].map(Zone::of_type);
        let named = Zone::Named(Tz::Europe__Warsaw);
        let offsets = [Zone::Offset(19_800), Zone::Offset(-39_600)];
        let unknown = Zone::Unknown;
        assert_eq!(zones, [Zone::Utc, Zone::Utc, Zone::Utc, offsets[0], offsets[1], named, unknown, unknown]);
    }

    #[test]
    fn local_times_and_instants_are_one_another() {
        let warsaw = Zone::Named(Tz::Europe__Warsaw);
        assert_eq!(warsaw.local(1_706_743_800), Some(1_706_747_400)); // an hour ahead in winter
        assert_eq!(warsaw.instant(1_706_747_400), Some(1_706_743_800));
        assert_eq!(Zone::Offset(-18_000).instant(0), Some(18_000));
        assert_eq!((Zone::Abbreviated.instant(0), Zone::Unsaid.instant(0)), (None, None));
    }
}
