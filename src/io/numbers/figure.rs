//! Digits and the signs between them, before it is known which sign is the decimal one.

use clivia_core::base::Money;

use crate::plan::Decimal;
use crate::rejects::Rule;

/// What the signs between digits tell of the decimal sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Nothing: `12`, `1 234`, `1e3`.
    Alike,
    /// They make a number with this one alone: `1.50`, `1.234.567`, `0.250`.
    Only(Decimal),
    /// With this one they are a number, with the other a thousand times as much: `3.000`.
    Either(Decimal),
}

/// A number whose decimal sign may still be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) sense: Sense,
    /// With the decimal sign that `sense` names.
    number: Number,
}

impl Figure {
    /// Reads digits with signs between them, and an exponent where nothing separates thousands.
    pub(super) fn read(text: &str) -> Option<Figure> {
        let mut digits = Digits::new(text.starts_with('0'));
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'0'..=b'9' => digits.add(byte - b'0'),
                b'e' | b'E' => return digits.with_exponent(exponent(&text[at + 1..])?),
                // The rest of a sign that is longer than a byte.
                0x80..=0xbf => {}
                _ => digits.separate(text[at..].chars().next().and_then(Separator::of)?)?,
            }
        }
        digits.figure()
    }

    /// The number that it is with a decimal sign.
    pub(super) fn with(&self, decimal: Decimal) -> Option<Number> {
        match self.sense {
            Sense::Only(only) if only != decimal => None,
            Sense::Either(one) if one != decimal => Some(Number { places: 0, ..self.number }),
            _ => Some(self.number),
        }
    }
}

/// A number in decimal floating point: `mantissa` / 10^`places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    mantissa: u64,
    places: i64,
}

impl Number {
    /// Decimals of [`Money`].
    const MONEY_PLACES: i64 = 4;

    /// The nearest amount; a half goes away from zero.
    pub(super) fn money(self) -> Result<Money, Rule> {
        let shift = self.places - Self::MONEY_PLACES;
        let units = if shift > 0 { Some(self.divided(shift)) } else { self.multiplied(-shift) };
        let units = units.and_then(|units| i64::try_from(units).ok()).map(Money);
        units.filter(|amount| *amount <= Money::MAX_ROW).ok_or_else(|| self.too_large())
    }

    fn multiplied(self, zeros: i64) -> Option<u64> {
        if self.mantissa == 0 { Some(0) } else { self.mantissa.checked_mul(power_of_ten(zeros)?) }
    }

    fn divided(self, digits: i64) -> u64 {
        power_of_ten(digits - 1).map_or(0, |power| (self.mantissa / power + 5) / 10)
    }

    fn too_large(self) -> Rule {
        if self.float().is_some_and(f64::is_finite) { Rule::AmountTooLarge } else { Rule::NonFiniteAmount }
    }

    /// The nearest floating-point number.
    pub(super) fn float(self) -> Option<f64> {
        format!("{}e{}", self.mantissa, -self.places).parse().ok()
    }
}

fn power_of_ten(exponent: i64) -> Option<u64> {
    u32::try_from(exponent).ok().and_then(|exponent| 10_u64.checked_pow(exponent))
}

/// What stands between digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Sign(Decimal),
    Apostrophe,
    Blank,
}

impl Separator {
    fn of(sign: char) -> Option<Self> {
        match sign {
            '.' => Some(Separator::Sign(Decimal::Point)),
            ',' => Some(Separator::Sign(Decimal::Comma)),
            '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '\u{b4}' => Some(Separator::Apostrophe),
            ' ' | '\u{a0}' | '\u{2007}'..='\u{200a}' | '\u{202f}' => Some(Separator::Blank),
            _ => None,
        }
    }
}

/// Digits that are being read.
#[derive(Debug)]
struct Digits {
    mantissa: u64,
    /// Digits that the mantissa has no room for.
    dropped: i64,
    begins_with_zero: bool,
    /// Digits before the first separator.
    leading: usize,
    /// Digits since the last one.
    trailing: usize,
    separators: usize,
    first: Option<Separator>,
    last: Option<Separator>,
    /// Whether the groups between separators are as in `1,234,567`.
    in_thousands: bool,
    /// Whether they are as in `12,34,567`.
    in_lakhs: bool,
}

impl Digits {
    /// Below it there is room for another digit. Nineteen are more than the largest amount has, with one to round by.
    const ROOM: u64 = 10_u64.pow(18);

    fn new(begins_with_zero: bool) -> Self {
        Digits {
            mantissa: 0,
            dropped: 0,
            begins_with_zero,
            leading: 0,
            trailing: 0,
            separators: 0,
            first: None,
            last: None,
            in_thousands: true,
            in_lakhs: true,
        }
    }

    fn add(&mut self, digit: u8) {
        self.trailing += 1;
        if self.mantissa < Self::ROOM {
            self.mantissa = self.mantissa * 10 + u64::from(digit);
        } else {
            self.dropped += 1;
        }
    }

    /// Ends a group; `None` where it is already a fraction.
    fn separate(&mut self, separator: Separator) -> Option<()> {
        match self.first {
            None => (self.first, self.leading) = (Some(separator), self.trailing),
            first if first != self.last => return None,
            first => {
                self.in_thousands &= self.trailing == 3;
                // The last group before a fraction has three digits here, too.
                self.in_lakhs &= self.trailing == if first == Some(separator) { 2 } else { 3 };
            }
        }
        (self.last, self.separators, self.trailing) = (Some(separator), self.separators + 1, 0);
        Some(())
    }

    /// Whether all digits before the last group are grouped as somebody would.
    fn grouped(&self) -> bool {
        let in_lakhs = self.in_lakhs && self.leading <= 2 && self.first == Some(Separator::Sign(Decimal::Comma));
        !self.begins_with_zero && (1..=3).contains(&self.leading) && (self.in_thousands || in_lakhs)
    }

    fn figure(&self) -> Option<Figure> {
        let (Some(first), Some(last)) = (self.first, self.last) else { return self.ending(Sense::Alike, 0) };
        let grouped = self.grouped();
        match last {
            Separator::Sign(sign) if first != last && grouped => self.ending(Sense::Only(sign), self.trailing),
            _ if first != last => None,
            Separator::Sign(sign) if self.separators == 1 => {
                let open = grouped && self.trailing == 3;
                self.ending(if open { Sense::Either(sign) } else { Sense::Only(sign) }, self.trailing)
            }
            _ if !grouped || self.trailing != 3 => None,
            Separator::Sign(sign) => self.ending(Sense::Only(sign.other()), 0),
            _ => self.ending(Sense::Alike, 0),
        }
    }

    /// Nobody writes thousands and an exponent, so that a sign before one is the decimal sign.
    fn with_exponent(&self, exponent: i64) -> Option<Figure> {
        let (sense, places) = match self.last {
            None => (Sense::Alike, 0),
            Some(Separator::Sign(sign)) if self.separators == 1 => (Sense::Only(sign), self.trailing),
            _ => return None,
        };
        let figure = self.ending(sense, places)?;
        Some(Figure { number: Number { places: figure.number.places - exponent, ..figure.number }, ..figure })
    }

    fn ending(&self, sense: Sense, places: usize) -> Option<Figure> {
        let places = i64::try_from(places).ok()? - self.dropped;
        Some(Figure { sense, number: Number { mantissa: self.mantissa, places } })
    }
}

/// The digits behind an `e`; more than there can be are as many as matter.
fn exponent(text: &str) -> Option<i64> {
    const MOST: i64 = 1 << 40;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let written = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let size = || digits.parse::<i64>().map_or(MOST, |size| size.min(MOST));
    written.then(|| if text.starts_with('-') { -size() } else { size() })
}
