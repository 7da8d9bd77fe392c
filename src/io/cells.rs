//! One column of a block, whatever its type, as ids, days, amounts or the text to show.

use std::borrow::Cow;

use polars::prelude::*;

use crate::dates::DateReader;
use crate::rejects::Rule;
use crate::texts::TextColumn;
use crate::plan::Decimal;
use crate::numbers;
use clivia_core::base::ids::{Id, IdRef};
use clivia_core::base::{Clock, Day, Moment, Money};

/// Stands for a moment that must be looked at by itself.
pub(crate) const NO_MOMENT: Moment = Moment { day: Day(i32::MIN), clock: Clock::UNKNOWN };
/// Stands for an amount that must be looked at by itself: no row may hold so much.
pub(crate) const NO_AMOUNT: Money = Money(i64::MIN);

/// Moments of a local clock with so many ticks in a second.
fn local_moments<const PER_SECOND: i64>(ticks: &Int64Chunked, clocks: bool) -> Vec<Moment> {
    let clock = |ticks: i64| match clocks {
        true => Clock::at((ticks.rem_euclid(86_400 * PER_SECOND) / PER_SECOND) as u32),
        false => Clock::UNKNOWN,
    };
    let moment = |ticks: i64| {
        let day = ticks.div_euclid(86_400 * PER_SECOND);
        i32::try_from(day).map_or(NO_MOMENT, |day| Moment { day: Day(day), clock: clock(ticks) })
    };
    at_once(ticks, NO_MOMENT, moment)
}

/// Every value turned, nulls into `none`.
fn at_once<T: PolarsNumericType, R: Copy>(cells: &ChunkedArray<T>, none: R, turn: impl Fn(T::Native) -> R) -> Vec<R> {
    match cells.cont_slice() {
        Ok(values) => values.iter().map(|value| turn(*value)).collect(),
        Err(_) => cells.iter().map(|value| value.map_or(none, &turn)).collect(),
    }
}

/// [`Money::from_f64`] without a call to round: a half goes away from zero.
fn quick_money(amount: f64) -> Money {
    let scaled = amount * Money::SCALE as f64;
    if scaled.is_nan() || scaled.abs() > Money::MAX_ROW.0 as f64 {
        return NO_AMOUNT;
    }
    let whole = scaled as i64;
    // Below 2^53 the rest is exact.
    let rest = scaled - whole as f64;
    Money(whole + i64::from(rest >= 0.5) - i64::from(rest <= -0.5))
}

/// A local clock's seconds since 1970.
fn local(seconds: i64) -> Option<Moment> {
    let day = Day(i32::try_from(seconds.div_euclid(86_400)).ok()?);
    Some(Moment { day, clock: Clock::at(seconds.rem_euclid(86_400) as u32) })
}

/// Cells of text, one by one.
#[derive(Debug)]
pub(crate) enum Texts {
    /// In one chunk.
    Column(StringChunked),
    /// Where they were read.
    Lying(TextColumn),
}

impl Texts {
    #[inline(always)]
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Texts::Column(cells) => cells.downcast_get(0)?.get(row),
            Texts::Lying(cells) => cells.get(row),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Texts::Column(cells) => cells.len(),
            Texts::Lying(cells) => cells.len(),
        }
    }

    /// Every text turned, nulls into `none`.
    fn at_once<R: Copy>(&self, none: R, turn: impl Fn(&str) -> R) -> Vec<R> {
        let mut turned = Vec::with_capacity(self.len());
        for row in 0..self.len() {
            turned.push(match self.get(row) {
                Some(text) => turn(text),
                None => none,
            });
        }
        turned
    }
}

/// A column's values behind one face.
pub(crate) enum Cells {
    Text(Texts),
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
        let text = |series: &Series| PolarsResult::Ok(Cells::Text(Texts::Column(series.str()?.clone())));
        Ok(match series.dtype() {
            DataType::String => text(&series)?,
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
            DataType::UInt64 => text(&series.cast(&DataType::String)?)?,
            dtype if dtype.is_integer() => Cells::Int(series.cast(&DataType::Int64)?.i64()?.clone()),
            dtype if dtype.is_float() || dtype.is_decimal() => {
                Cells::Float(series.cast(&DataType::Float64)?.f64()?.clone())
            }
            DataType::Null => Cells::Text(Texts::Column(StringChunked::full_null("".into(), series.len()))),
            _ => text(&series.cast(&DataType::String)?)?,
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
                let text = trimmed(cells.get(row)?);
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
        self.id_ref(row, &mut String::new()).map(Id::from)
    }

    /// The customer id, put together in `scratch` where it does not stand in the column as it is.
    pub(crate) fn id_ref<'a>(&'a self, row: usize, scratch: &'a mut String) -> Option<IdRef<'a>> {
        let quick = match self {
            Cells::Int(cells) => cells.get(row).and_then(IdRef::number),
            Cells::Text(cells) => cells.get(row).and_then(quick_id),
            _ => None,
        };
        if quick.is_some() {
            return quick;
        }
        match self.name(row)? {
            Cow::Borrowed(text) => Some(IdRef::new(text)),
            Cow::Owned(text) => {
                *scratch = text;
                Some(IdRef::new(scratch))
            }
        }
    }

    /// The calendar day, and the time of day where there is one.
    pub(crate) fn moment(&self, row: usize, reader: &DateReader) -> Result<Moment, Rule> {
        match self {
            Cells::Text(cells) => match cells.get(row).map(trimmed) {
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

    /// All moments at once; [`NO_MOMENT`] stands for what is none, of which [`Cells::moment`] tells why.
    pub(crate) fn moments(&self, reader: &DateReader, clocks: bool) -> Vec<Moment> {
        match self {
            Cells::Text(cells) => cells.at_once(NO_MOMENT, |text| reader.moment(text).unwrap_or(NO_MOMENT)),
            Cells::Date(cells) => at_once(cells, NO_MOMENT, |day| Moment::on(Day(day))),
            Cells::Timestamp { ticks, per_second, zoned: false } => match *per_second {
                // Divisors that are known here make divisions multiplications.
                1_000 => local_moments::<1_000>(ticks, clocks),
                1_000_000 => local_moments::<1_000_000>(ticks, clocks),
                _ => local_moments::<1_000_000_000>(ticks, clocks),
            },
            _ => (0..self.len()).map(|row| self.moment(row, reader).unwrap_or(NO_MOMENT)).collect(),
        }
    }

    /// All amounts at once; [`NO_AMOUNT`] stands for what is none, of which [`Cells::money`] tells why.
    pub(crate) fn amounts(&self, decimal: Decimal) -> Vec<Money> {
        match self {
            Cells::Text(cells) => cells.at_once(NO_AMOUNT, |text| numbers::money(text, decimal).unwrap_or(NO_AMOUNT)),
            Cells::Float(cells) => at_once(cells, NO_AMOUNT, quick_money),
            _ => (0..self.len()).map(|row| self.money(row, decimal).unwrap_or(NO_AMOUNT)).collect(),
        }
    }

    /// All values where they are whole numbers without a gap.
    pub(crate) fn whole_numbers(&self) -> Option<&[i64]> {
        match self {
            Cells::Int(cells) => cells.cont_slice().ok(),
            _ => None,
        }
    }

    fn len(&self) -> usize {
        match self {
            Cells::Text(cells) => cells.len(),
            Cells::Int(cells) => cells.len(),
            Cells::Float(cells) => cells.len(),
            Cells::Date(cells) => cells.len(),
            Cells::Timestamp { ticks, .. } => ticks.len(),
        }
    }

    /// The amount.
    pub(crate) fn money(&self, row: usize, decimal: Decimal) -> Result<Money, Rule> {
        match self {
            Cells::Text(cells) => match cells.get(row).map(trimmed) {
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
                let texts = (0..cells.len()).filter_map(|row| cells.get(row));
                let mut filled = texts.filter(|text| !text.trim().is_empty()).peekable();
                filled.peek().is_none() || filled.any(|text| numbers::float(text, decimal).is_some())
            }
            _ => true,
        }
    }
}

/// As [`str::trim`], at once where both ends are visible ASCII.
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// The id that stands in most texts: a number, or what begins with a letter, to which no rule for texts applies.
#[inline]
fn quick_id(text: &str) -> Option<IdRef<'_>> {
    match text.as_bytes() {
        // Nothing may be written with an N.
        [b'N' | b'n', ..] => None,
        [b'A'..=b'Z' | b'a'..=b'z', .., b'!'..=b'~'] => Some(IdRef::Text(text)),
        _ => IdRef::written_number(text),
    }
}

/// Nothing, and how databases and data frames write nothing.
const MISSING: [&str; 9] = ["", "NULL", "null", "NaN", "nan", "N/A", "#N/A", "None", "\\N"];

fn is_missing(text: &str) -> bool {
    MISSING.contains(&text)
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
    use crate::cells::*;

    #[test]
    fn amounts_at_once_are_those_one_by_one() {
        let mut values =
            vec![0.0, -0.0, 0.00005, -0.00005, 35.2, 1e11, -1e11, 1e11 + 1.0, f64::NAN, f64::INFINITY, 1e308];
        values.extend((0..2_000).map(|i| f64::from(i) * 0.00005 - 0.03 + 1e-13 * f64::from(i % 7)));
        values.extend((0..2_000).map(|i| 99_999_999_999.0 - f64::from(i) * 0.005_05));
        let cells = Cells::new(&Column::new("amount".into(), &values)).expect("a float column");
        let at_once = cells.amounts(Decimal::Point);
        for (row, amount) in at_once.iter().enumerate() {
            assert_eq!(*amount, cells.money(row, Decimal::Point).unwrap_or(NO_AMOUNT), "{}", values[row]);
        }
    }

    #[test]
    fn texts_at_once_are_those_one_by_one() {
        let texts =
            ["2024-02-29", " 2024-02-29 08:26", "29/02/2024", "2023-02-29", "12.5", " -1 ", "1e3", "1e308", "NULL", ""];
        let cells: StringChunked = texts.into_iter().map(Some).chain([None]).collect();
        let cells = Cells::new(&cells.into_column()).expect("a text column");
        let reader = DateReader { format: None, timezone: chrono_tz::Tz::UTC, order: None };
        for (row, at) in cells.moments(&reader, true).into_iter().enumerate() {
            assert_eq!(at, cells.moment(row, &reader).unwrap_or(NO_MOMENT), "row {row}");
        }
        for decimal in [Decimal::Point, Decimal::Comma] {
            for (row, amount) in cells.amounts(decimal).into_iter().enumerate() {
                assert_eq!(amount, cells.money(row, decimal).unwrap_or(NO_AMOUNT), "row {row}");
            }
        }
    }

    #[test]
    fn moments_at_once_are_those_one_by_one() -> PolarsResult<()> {
        let reader = DateReader { format: None, timezone: chrono_tz::Tz::UTC, order: None };
        let seconds = [0, 1, -1, 86_399, 86_400, -86_400, -86_401, 1_700_000_000].map(Some);
        for (unit, per_second) in [
            (TimeUnit::Milliseconds, 1_000),
            (TimeUnit::Microseconds, 1_000_000),
            (TimeUnit::Nanoseconds, 1_000_000_000),
        ] {
            let ticks: Int64Chunked =
                seconds.into_iter().chain([None]).map(|second| Some(second? * per_second + 7)).collect();
            let cells = Cells::new(&ticks.with_name("at".into()).into_datetime(unit, None).into_column())?;
            for (row, at) in cells.moments(&reader, true).into_iter().enumerate() {
                assert_eq!(at, cells.moment(row, &reader).unwrap_or(NO_MOMENT));
            }
        }
        Ok(())
    }

    #[test]
    fn ids_found_quickly_are_those_of_all_rules() {
        let others =
            ["7", "007", "12.0", "C1", "c1.0", "C 1", " C1", "C1 ", "C", "Nina", "né", "Ä1", "a\u{a0}", "-1", "1e3"];
        for text in MISSING.into_iter().chain(others) {
            let name = trimmed(text);
            let id = (!is_missing(name)).then(|| IdRef::new(without_zero_fraction(name)));
            assert!(quick_id(text).is_none_or(|quick| Some(quick) == id), "{text:?}");
        }
        assert!(["7", "C1"].iter().all(|text| quick_id(text).is_some()));
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
