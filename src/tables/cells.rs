//! One column of a block, whatever its type, as ids, days, amounts or the text to show.

use std::borrow::Cow;

use polars::prelude::*;

use super::dates::DateReader;
use super::rejects::Rule;
use super::{Decimal, numbers};
use crate::ids::Id;
use crate::units::{Clock, Day, Moment, Money};

/// A local clock's seconds since 1970.
fn local(seconds: i64) -> Option<Moment> {
    let day = Day(i32::try_from(seconds.div_euclid(86_400)).ok()?);
    Some(Moment { day, clock: Clock::at(seconds.rem_euclid(86_400) as u32) })
}

/// A column's values behind one face.
pub(crate) enum Cells {
    Text(StringChunked),
    Int(Int64Chunked),
    Float(Float64Chunked),
    /// Days since 1970.
    Date(Int32Chunked),
    /// Ticks since 1970, how many make a second, and whether they are instants (in UTC) or a local clock.
    Timestamp {
        ticks: Int64Chunked,
        per_second: i64,
        zoned: bool,
    },
}

impl Cells {
    /// Looks at a column as what it is; types without a closer match are looked at as text.
    pub(crate) fn new(column: &Column) -> PolarsResult<Self> {
        let series = column.as_materialized_series().rechunk();
        Ok(match series.dtype() {
            DataType::String => Cells::Text(series.str()?.clone()),
            DataType::Date => Cells::Date(series.cast(&DataType::Int32)?.i32()?.clone()),
            DataType::Datetime(unit, zone) => Cells::Timestamp {
                ticks: series.cast(&DataType::Int64)?.i64()?.clone(),
                per_second: match unit {
                    TimeUnit::Milliseconds => 1_000,
                    TimeUnit::Microseconds => 1_000_000,
                    TimeUnit::Nanoseconds => 1_000_000_000,
                },
                zoned: zone.is_some(),
            },
            DataType::UInt64 => Cells::Text(series.cast(&DataType::String)?.str()?.clone()),
            dtype if dtype.is_integer() => Cells::Int(series.cast(&DataType::Int64)?.i64()?.clone()),
            dtype if dtype.is_float() || dtype.is_decimal() => {
                Cells::Float(series.cast(&DataType::Float64)?.f64()?.clone())
            }
            DataType::Null => Cells::Text(StringChunked::full_null("".into(), series.len())),
            _ => Cells::Text(series.cast(&DataType::String)?.str()?.clone()),
        })
    }

    /// The value as it would be shown; empty for a null.
    pub(crate) fn show(&self, row: usize) -> String {
        match self {
            Cells::Text(cells) => cells.get(row).unwrap_or_default().to_string(),
            Cells::Int(cells) => cells.get(row).map(|value| value.to_string()).unwrap_or_default(),
            Cells::Float(cells) => cells.get(row).map(|value| value.to_string()).unwrap_or_default(),
            Cells::Date(cells) => cells.get(row).map(|value| Day(value).to_string()).unwrap_or_default(),
            Cells::Timestamp { ticks, per_second, zoned } => {
                ticks.get(row).map(|ticks| show_moment(ticks, *per_second, *zoned)).unwrap_or_default()
            }
        }
    }

    /// A name or id: trimmed, `None` where there is nothing. Whole floats are shown as integers, and so is
    /// the text `12345.0`, which is how a float column with gaps is written to CSV.
    pub(crate) fn name(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Cells::Text(cells) => {
                let text = trimmed(text(cells, row)?);
                (!is_missing(text)).then(|| Cow::Borrowed(without_zero_fraction(text)))
            }
            Cells::Float(cells) => {
                let value = cells.get(row).filter(|value| value.is_finite())?;
                let whole = value.fract() == 0.0 && value.abs() < 9.2e18;
                Some(Cow::Owned(if whole { (value as i64).to_string() } else { value.to_string() }))
            }
            Cells::Timestamp { ticks, .. } if ticks.get(row).is_none() => None,
            _ => Some(self.show(row)).filter(|text| !text.is_empty()).map(Cow::Owned),
        }
    }

    /// The customer id.
    pub(crate) fn id(&self, row: usize) -> Option<Id> {
        match self {
            Cells::Int(cells) => cells.get(row).map(|number| match u64::try_from(number) {
                Ok(number) if number < 1_000_000_000_000_000_000 => Id::Number(number),
                _ => Id::Text(number.to_string().into()),
            }),
            Cells::Text(cells) => match text(cells, row).and_then(plain_number) {
                Some(number) => Some(Id::Number(number)),
                None => self.name(row).map(|name| Id::new(&name)),
            },
            _ => self.name(row).map(|name| Id::new(&name)),
        }
    }

    /// The calendar day, and the time of day where there is one.
    pub(crate) fn moment(&self, row: usize, reader: &DateReader) -> Result<Moment, Rule> {
        match self {
            Cells::Text(cells) => match text(cells, row).map(trimmed) {
                None => Err(Rule::MissingDate),
                Some(text) if is_missing(text) => Err(Rule::MissingDate),
                Some(text) => reader.moment(text).ok_or(Rule::UnreadableDate),
            },
            Cells::Date(cells) => cells.get(row).map(|day| Moment::on(Day(day))).ok_or(Rule::MissingDate),
            Cells::Timestamp { ticks, per_second, zoned } => {
                let seconds = ticks.get(row).ok_or(Rule::MissingDate)?.div_euclid(*per_second);
                if *zoned { reader.instant(seconds) } else { local(seconds) }.ok_or(Rule::UnreadableDate)
            }
            // A stated form such as %Y%m%d means the digits, not an instant.
            Cells::Int(cells) => {
                let number = cells.get(row).ok_or(Rule::MissingDate)?;
                let written = || reader.moment(&number.to_string());
                let in_words = reader.format.is_some() || (19_000_101..=21_001_231).contains(&number);
                if in_words { written() } else { reader.epoch(number) }.ok_or(Rule::UnreadableDate)
            }
            Cells::Float(cells) => {
                let value = cells.get(row).ok_or(Rule::MissingDate)?;
                if !value.is_finite() {
                    return Err(Rule::MissingDate);
                }
                reader.epoch(value as i64).ok_or(Rule::UnreadableDate)
            }
        }
    }

    /// The amount.
    pub(crate) fn money(&self, row: usize, decimal: Decimal) -> Result<Money, Rule> {
        match self {
            Cells::Text(cells) => match text(cells, row).map(trimmed) {
                None | Some("") => Err(Rule::MissingAmount),
                Some(text) => numbers::money(text, decimal),
            },
            Cells::Int(cells) => {
                let whole = cells.get(row).ok_or(Rule::MissingAmount)?;
                let amount = whole.checked_mul(Money::SCALE).map(Money);
                amount.filter(|amount| amount.0.unsigned_abs() <= Money::MAX_ROW.0 as u64).ok_or(Rule::AmountTooLarge)
            }
            Cells::Float(cells) => cells.get(row).ok_or(Rule::MissingAmount).and_then(numbers::money_from_f64),
            Cells::Date(_) | Cells::Timestamp { .. } => Err(Rule::UnreadableAmount),
        }
    }

    /// Whether some value is a number, or the column holds nothing at all.
    pub(crate) fn has_numbers(&self, decimal: Decimal) -> bool {
        match self {
            Cells::Text(cells) => {
                let mut filled = cells.iter().flatten().filter(|text| !text.trim().is_empty()).peekable();
                filled.peek().is_none() || filled.any(|text| numbers::float(text, decimal).is_some())
            }
            _ => true,
        }
    }
}

/// A cell of a column in one chunk.
fn text(cells: &StringChunked, row: usize) -> Option<&str> {
    cells.downcast_get(0)?.get(row)
}

/// As [`str::trim`], at once where both ends are visible ASCII.
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// The number of an id that is one, by the rule of [`Id::new`].
fn plain_number(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let canonical = (1..=18).contains(&bytes.len()) && (bytes.len() == 1 || bytes[0] != b'0');
    let add = |sum, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0'));
    if canonical { bytes.iter().try_fold(0, add) } else { None }
}

/// Nothing, or how databases and data frames write nothing.
fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NULL" | "null" | "NaN" | "nan" | "N/A" | "#N/A" | "None" | "\\N")
}

/// A moment to the second, with Z where it is an instant; ticks where no calendar reaches.
fn show_moment(ticks: i64, per_second: i64, zoned: bool) -> String {
    let moment = chrono::DateTime::from_timestamp(ticks.div_euclid(per_second), 0);
    let form = if zoned { "%Y-%m-%d %H:%M:%SZ" } else { "%Y-%m-%d %H:%M:%S" };
    moment.map_or_else(|| ticks.to_string(), |moment| moment.format(form).to_string())
}

fn without_zero_fraction(text: &str) -> &str {
    match text.strip_suffix(".0") {
        Some(whole) if matches!(Id::new(whole), Id::Number(_)) => whole,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ids_by_the_same_rule() {
        let texts =
            ["0", "7", "00", "07", "999999999999999999", "1000000000000000000", "", "-1", "+1", "1x", "1.0", "١"];
        for text in texts {
            let number = match Id::new(text) {
                Id::Number(number) => Some(number),
                Id::Text(_) => None,
            };
            assert_eq!(plain_number(text), number, "{text}");
        }
    }

    #[test]
    fn ids_stay_what_they_are() {
        let column = Column::new("id".into(), ["007", " A 1 ", "12345.0", "007.0", "1.50", ""]);
        let cells = Cells::new(&column).expect("a text column");
        let ids: Vec<Option<Cow<str>>> = (0..6).map(|row| cells.name(row)).collect();
        let ids: Vec<Option<&str>> = ids.iter().map(|id| id.as_deref()).collect();
        assert_eq!(ids, [Some("007"), Some("A 1"), Some("12345"), Some("007.0"), Some("1.50"), None]);
        let floats = Cells::new(&Column::new("id".into(), [12345.0, f64::NAN])).expect("a float column");
        assert_eq!((floats.name(0).as_deref(), floats.name(1)), (Some("12345"), None));
    }
}
