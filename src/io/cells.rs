//! One column of a block, whatever its type, as ids, days, amounts or the text to show.

mod text;

use std::borrow::Cow;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, Date32Array, Float64Array, Int64Array, PrimitiveArray,
};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimeUnit};
use arrow::error::ArrowError;

use clivia_core::base::ids::{Id, IdRef};
use clivia_core::base::{Clock, Day, Moment, Money};

use crate::blocks::RowNumbers;
use crate::dates::{DateReader, Zone};
use crate::numbers::{self, NumberEvidence};
use crate::plan::Decimal;
use crate::rejects::Rule;

pub use text::Texts;

/// Stands for a moment that must be looked at by itself.
pub(crate) const NO_MOMENT: Moment = Moment { day: Day(i32::MIN), clock: Clock::UNKNOWN };
/// Stands for an amount that must be looked at by itself: no row may hold so much.
pub(crate) const NO_AMOUNT: Money = Money(i64::MIN);

/// Moments of a local clock with so many ticks in a second.
fn local_moments<const PER_SECOND: i64>(ticks: &Int64Array, clocks: bool) -> Vec<Moment> {
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
fn at_once<T: ArrowPrimitiveType, R: Copy>(
    cells: &PrimitiveArray<T>,
    none: R,
    turn: impl Fn(T::Native) -> R,
) -> Vec<R> {
    match cells.null_count() {
        0 => cells.values().iter().map(|value| turn(*value)).collect(),
        _ => cells.iter().map(|value| value.map_or(none, &turn)).collect(),
    }
}

/// The value of a row; `None` of a null, and where there is no such row.
#[inline(always)]
pub(crate) fn get<T: ArrowPrimitiveType>(cells: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    (row < cells.len() && cells.is_valid(row)).then(|| cells.value(row))
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

/// A column's values behind one face.
#[derive(Debug)]
pub enum Cells {
    /// Text.
    Text(Texts),
    /// Whole numbers.
    Int(Int64Array),
    /// Numbers.
    Float(Float64Array),
    /// Days since 1970.
    Date(Date32Array),
    /// Points in time.
    Timestamp {
        /// Ticks since 1970.
        ticks: Int64Array,
        /// How many make a second.
        per_second: i64,
        /// In whose calendar these instants fall on a day; a local clock that knows no zone says nothing.
        zone: Zone,
    },
}

impl Cells {
    /// Looks at a column as what it is; types without a closer match are looked at as text.
    ///
    /// # Errors
    /// [`ArrowError`] where a type cannot even be shown as text.
    pub fn new(column: &ArrayRef) -> Result<Self, ArrowError> {
        let whole = |column| Ok(Cells::Int(cast(column, &DataType::Int64)?.as_primitive::<Int64Type>().clone()));
        let number = |column| Ok(Cells::Float(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone()));
        match column.data_type() {
            DataType::Date32 => Ok(Cells::Date(column.as_primitive::<Date32Type>().clone())),
            DataType::Date64 => timestamps(column, TimeUnit::Millisecond, Zone::Unsaid),
            DataType::Timestamp(unit, zone) => {
                timestamps(column, *unit, zone.as_deref().map_or(Zone::Unsaid, Zone::of_type))
            }
            DataType::UInt64 => Texts::of(column).map(Cells::Text),
            dtype if dtype.is_integer() => whole(column),
            dtype if dtype.is_floating() => number(column),
            dtype if dtype.is_decimal() => whole_decimals(column).map_or_else(|| number(column), Ok),
            DataType::Dictionary(_, values) => Cells::new(&cast(column, values)?),
            DataType::RunEndEncoded(_, values) => Cells::new(&cast(column, values.data_type())?),
            _ => Texts::of(column).map(Cells::Text),
        }
    }

    /// The value as it would be shown; empty for a null.
    pub fn show(&self, row: usize) -> String {
        match self {
            Cells::Text(cells) => cells.get(row).unwrap_or_default().to_string(),
            Cells::Int(cells) => get(cells, row).map(|value| value.to_string()).unwrap_or_default(),
            Cells::Float(cells) => get(cells, row).map(|value| value.to_string()).unwrap_or_default(),
            Cells::Date(cells) => get(cells, row).map(|value| Day(value).to_string()).unwrap_or_default(),
            Cells::Timestamp { ticks, per_second, zone } => {
                let zoned = *zone != Zone::Unsaid;
                get(ticks, row).map(|ticks| show_moment(ticks, *per_second, zoned)).unwrap_or_default()
            }
        }
    }

    /// A name or id: trimmed, `None` where there is nothing. Whole floats are shown as integers, and so is
    /// the text `12345.0`, which is how a float column with gaps is written to CSV.
    pub fn name(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Cells::Text(cells) => {
                let text = trimmed(cells.get(row)?);
                (!is_missing(text)).then(|| Cow::Borrowed(without_zero_fraction(text)))
            }
            Cells::Float(cells) => {
                let value = get(cells, row).filter(|value| value.is_finite())?;
                let whole = value.fract() == 0.0 && value.abs() < 9.2e18;
                Some(Cow::Owned(if whole { (value as i64).to_string() } else { value.to_string() }))
            }
            Cells::Timestamp { ticks, .. } if get(ticks, row).is_none() => None,
            _ => Some(self.show(row)).filter(|text| !text.is_empty()).map(Cow::Owned),
        }
    }

    /// The customer id.
    pub fn id(&self, row: usize) -> Option<Id> {
        self.id_ref(row, &mut String::new()).map(Id::from)
    }

    /// The customer id, put together in `scratch` where it does not stand in the column as it is.
    pub(crate) fn id_ref<'a>(&'a self, row: usize, scratch: &'a mut String) -> Option<IdRef<'a>> {
        let quick = match self {
            Cells::Int(cells) => get(cells, row).and_then(IdRef::number),
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
    pub fn moment(&self, row: usize, reader: &DateReader) -> Result<Moment, Rule> {
        match self {
            Cells::Text(cells) => match cells.get(row).map(trimmed) {
                None => Err(Rule::MissingDate),
                Some(text) if is_missing(text) => Err(Rule::MissingDate),
                Some(text) => reader.moment(text).ok_or(Rule::UnreadableDate),
            },
            Cells::Date(cells) => get(cells, row).map(|day| Moment::on(Day(day))).ok_or(Rule::MissingDate),
            Cells::Timestamp { ticks, per_second, zone } => {
                let seconds = get(ticks, row).ok_or(Rule::MissingDate)?.div_euclid(*per_second);
                reader.instant(seconds, *zone).ok_or(Rule::UnreadableDate)
            }
            Cells::Int(cells) => {
                let number = get(cells, row).ok_or(Rule::MissingDate)?;
                reader.number(number).ok_or(Rule::UnreadableDate)
            }
            Cells::Float(cells) => {
                let number = get(cells, row).filter(|number| number.is_finite()).ok_or(Rule::MissingDate)?;
                reader.float(number).ok_or(Rule::UnreadableDate)
            }
        }
    }

    /// All moments at once; [`NO_MOMENT`] stands for what is none, of which [`Cells::moment`] tells why.
    pub(crate) fn moments(&self, reader: &DateReader, clocks: bool) -> Vec<Moment> {
        match self {
            Cells::Text(cells) => cells.at_once(NO_MOMENT, |_, text| reader.moment(text).unwrap_or(NO_MOMENT)),
            Cells::Date(cells) => at_once(cells, NO_MOMENT, |day| Moment::on(Day(day))),
            Cells::Timestamp { ticks, per_second, zone } if reader.shows_as_it_is(*zone) => match *per_second {
                // Divisors that are known here make divisions multiplications.
                1 => local_moments::<1>(ticks, clocks),
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
            Cells::Text(cells) => {
                cells.at_once(NO_AMOUNT, |_, text| numbers::money(text, decimal).unwrap_or(NO_AMOUNT))
            }
            Cells::Float(cells) => at_once(cells, NO_AMOUNT, quick_money),
            _ => (0..self.len()).map(|row| self.money(row, decimal).unwrap_or(NO_AMOUNT)).collect(),
        }
    }

    /// As [`Cells::amounts`]; what texts tell of their decimal sign is added to the evidence.
    pub(crate) fn amounts_seen(&self, decimal: Decimal, rows: &RowNumbers, seen: &mut NumberEvidence) -> Vec<Money> {
        let Cells::Text(cells) = self else { return self.amounts(decimal) };
        let mut block = NumberEvidence::default();
        let amounts = cells.at_once(NO_AMOUNT, |row, text| block.amount(row as u64, text, decimal));
        seen.merge(&block.at(rows));
        amounts
    }

    /// All values where they are whole numbers without a gap.
    pub fn whole_numbers(&self) -> Option<&[i64]> {
        match self {
            Cells::Int(cells) if cells.null_count() == 0 => Some(cells.values()),
            _ => None,
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        match self {
            Cells::Text(cells) => cells.len(),
            Cells::Int(cells) => cells.len(),
            Cells::Float(cells) => cells.len(),
            Cells::Date(cells) => cells.len(),
            Cells::Timestamp { ticks, .. } => ticks.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The amount.
    pub fn money(&self, row: usize, decimal: Decimal) -> Result<Money, Rule> {
        match self {
            Cells::Text(cells) => match cells.get(row).map(trimmed) {
                None | Some("" | "NULL" | "null" | "N/A" | "#N/A" | "None" | "\\N") => Err(Rule::MissingAmount),
                Some(text) => numbers::money(text, decimal),
            },
            Cells::Int(cells) => {
                let whole = get(cells, row).ok_or(Rule::MissingAmount)?;
                let amount = whole.checked_mul(Money::SCALE).map(Money);
                amount.filter(|amount| amount.0.unsigned_abs() <= Money::MAX_ROW.0 as u64).ok_or(Rule::AmountTooLarge)
            }
            Cells::Float(cells) => get(cells, row).ok_or(Rule::MissingAmount).and_then(numbers::money_from_f64),
            Cells::Date(_) | Cells::Timestamp { .. } => Err(Rule::UnreadableAmount),
        }
    }
}

/// Points in time, or what is stored like them.
fn timestamps(column: &ArrayRef, unit: TimeUnit, zone: Zone) -> Result<Cells, ArrowError> {
    let ticks = cast(column, &DataType::Int64)?.as_primitive::<Int64Type>().clone();
    let per_second = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    Ok(Cells::Timestamp { ticks, per_second, zone })
}

/// Decimals without a fraction, which databases use for ids: as floats, long ones would lose digits and become one.
fn whole_decimals(column: &ArrayRef) -> Option<Cells> {
    let (DataType::Decimal32(_, 0)
    | DataType::Decimal64(_, 0)
    | DataType::Decimal128(_, 0)
    | DataType::Decimal256(_, 0)) = column.data_type()
    else {
        return None;
    };
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let whole = cast_with_options(column, &DataType::Int64, &options).ok()?;
    Some(Cells::Int(whole.as_primitive::<Int64Type>().clone()))
}

/// As [`str::trim`], at once where both ends are visible ASCII.
pub(crate) fn trimmed(text: &str) -> &str {
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

pub(crate) fn is_missing(text: &str) -> bool {
    MISSING.contains(&text)
}

/// A moment to the second, with Z where it is an instant; ticks where no calendar reaches.
pub(crate) fn show_moment(ticks: i64, per_second: i64, zoned: bool) -> String {
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
    use std::sync::Arc;

    use arrow::array::{
        BooleanArray, Decimal128Array, DictionaryArray, DurationSecondArray, FixedSizeBinaryArray, Int32Array,
        ListArray, NullArray, StringArray, StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray,
        TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
    };
    use arrow::datatypes::Int32Type;

    use crate::cells::*;

    fn of(column: impl Array + 'static) -> Cells {
        let column: ArrayRef = Arc::new(column);
        Cells::new(&column).expect("a type that can be looked at")
    }

    #[test]
    fn amounts_at_once_are_those_one_by_one() {
        let mut values =
            vec![0.0, -0.0, 0.00005, -0.00005, 35.2, 1e11, -1e11, 1e11 + 1.0, f64::NAN, f64::INFINITY, 1e308];
        values.extend((0..2_000).map(|i| f64::from(i) * 0.00005 - 0.03 + 1e-13 * f64::from(i % 7)));
        values.extend((0..2_000).map(|i| 99_999_999_999.0 - f64::from(i) * 0.005_05));
        let cells = of(Float64Array::from(values.clone()));
        let at_once = cells.amounts(Decimal::Point);
        for (row, amount) in at_once.iter().enumerate() {
            assert_eq!(*amount, cells.money(row, Decimal::Point).unwrap_or(NO_AMOUNT), "{}", values[row]);
        }
    }

    #[test]
    fn texts_at_once_are_those_one_by_one() {
        let texts =
            ["2024-02-29", " 2024-02-29 08:26", "29/02/2024", "2023-02-29", "12.5", " -1 ", "1e3", "1e308", "NULL", ""];
        let texts: Vec<Option<&str>> = texts.into_iter().map(Some).chain([None]).collect();
        let cells = of(StringArray::from(texts.clone()));
        let views = of(StringViewArray::from(texts));
        let reader = DateReader::default();
        for (row, at) in cells.moments(&reader, true).into_iter().enumerate() {
            assert_eq!(at, cells.moment(row, &reader).unwrap_or(NO_MOMENT), "row {row}");
            assert_eq!(at, views.moments(&reader, true)[row], "row {row}");
        }
        for decimal in [Decimal::Point, Decimal::Comma] {
            for (row, amount) in cells.amounts(decimal).into_iter().enumerate() {
                assert_eq!(amount, cells.money(row, decimal).unwrap_or(NO_AMOUNT), "row {row}");
            }
        }
    }

    #[test]
    fn moments_at_once_are_those_one_by_one() {
        let reader = DateReader::default();
        let seconds = [0, 1, -1, 86_399, 86_400, -86_400, -86_401, 1_700_000_000];
        let ticks = |per_second: i64| -> Vec<Option<i64>> {
            seconds.into_iter().map(|second| Some(second * per_second + 7 % per_second)).chain([None]).collect()
        };
        for cells in [
            of(TimestampSecondArray::from(ticks(1))),
            of(TimestampMillisecondArray::from(ticks(1_000))),
            of(TimestampMicrosecondArray::from(ticks(1_000_000))),
            of(TimestampNanosecondArray::from(ticks(1_000_000_000))),
        ] {
            for (row, at) in cells.moments(&reader, true).into_iter().enumerate() {
                assert_eq!(at, cells.moment(row, &reader).unwrap_or(NO_MOMENT));
                let day = seconds.get(row).map(|second| Day(second.div_euclid(86_400) as i32));
                assert_eq!(at.day, day.unwrap_or(NO_MOMENT.day));
            }
        }
    }

    #[test]
    fn an_instant_falls_on_a_day_of_its_own_zone_or_the_stated_one() {
        let stated = |timezone| DateReader { timezone, ..DateReader::default() };
        let warsaw = stated(Some(chrono_tz::Tz::Europe__Warsaw));
        let zones = [
            ("UTC", "2024-01-31"),
            ("+05:30", "2024-02-01"),
            ("-11:00", "2024-01-31"),
            ("Europe/Warsaw", "2024-02-01"),
            ("Mars/Olympus", "2024-01-31"),
        ];
        for (zone, own) in zones {
            let cells = of(TimestampMicrosecondArray::from(vec![1_706_743_800_000_000]).with_timezone(zone));
            let day = |reader| cells.moment(0, reader).map(|at| at.day.to_string());
            assert_eq!(day(&warsaw), Ok("2024-02-01".into()), "{zone}");
            assert_eq!(day(&stated(None)), Ok(own.into()), "{zone}");
            assert_eq!(cells.moments(&stated(None), true)[0], cells.moment(0, &stated(None)).unwrap_or(NO_MOMENT));
            assert_eq!(cells.show(0), "2024-01-31 23:30:00Z");
        }
    }

    #[test]
    fn numbers_are_the_dates_that_their_digits_are() {
        let dates = [
            (43_102, "2018-01-02"),
            (20_240_105, "2024-01-05"),
            (2_024_010_510, "2024-01-05"),
            (202_401_051_011, "2024-01-05"),
            (20_240_105_101_112, "2024-01-05"),
            (1_704_449_472, "2024-01-05"),
            (1_704_449_472_000, "2024-01-05"),
            (1_704_449_472_000_000, "2024-01-05"),
            (1_704_449_472_000_000_000, "2024-01-05"),
        ];
        let whole = of(Int64Array::from_iter_values(dates.map(|(number, _)| number)));
        let floats = of(Float64Array::from_iter_values(dates.map(|(number, _)| number as f64)));
        for (row, (number, day)) in dates.into_iter().enumerate() {
            for cells in [&whole, &floats] {
                let read = cells.moment(row, &DateReader::default()).map(|at| at.day.to_string());
                assert_eq!(read, Ok(day.into()), "{number}");
            }
        }
        let wrong =
            of(Int64Array::from(vec![0, 12, 2024, 99_999, 240_105, 20_241_301, 86_400, -1, i64::MAX, i64::MIN]));
        let none = wrong.moments(&DateReader::default(), true);
        assert_eq!(none, [NO_MOMENT; 10]);
        let stated = DateReader { format: Some("%Y%m%d".into()), ..DateReader::default() };
        let digits = of(Float64Array::from(vec![20_240_105.0]));
        assert_eq!(digits.moment(0, &stated).map(|at| at.day.to_string()), Ok("2024-01-05".into()));
        let noon = of(Float64Array::from(vec![43_102.5])).moment(0, &DateReader::default());
        assert_eq!(noon.map(|at| at.clock.second()), Ok(Some(43_200)));
    }

    #[test]
    fn every_type_is_looked_at_as_what_it_is() {
        let words = DictionaryArray::<Int32Type>::from_iter([Some("a"), None, Some("b"), Some("a")]);
        let words = of(words);
        assert_eq!([0, 1, 2, 3].map(|row| words.show(row)), ["a", "", "b", "a"]);
        let numbers = Arc::new(Int64Array::from(vec![7, 8]));
        let numbers = of(DictionaryArray::new(Int32Array::from(vec![1, 0]), numbers));
        assert!(matches!(&numbers, Cells::Int(_)) && numbers.show(0) == "8");
        let flags = of(BooleanArray::from(vec![Some(true), Some(false), None]));
        assert_eq!([0, 1, 2].map(|row| flags.show(row)), ["true", "false", ""]);
        assert_eq!(of(UInt64Array::from(vec![u64::MAX])).show(0), "18446744073709551615");
        let nothing = of(NullArray::new(2));
        assert_eq!((nothing.len(), nothing.name(1)), (2, None));
        let amounts =
            Decimal128Array::from(vec![Some(1_250), None]).with_precision_and_scale(10, 2).expect("a decimal");
        assert_eq!(of(amounts).money(0, Decimal::Point), Ok(Money(125_000)));
        let list = of(ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1), Some(2)]), None]));
        assert_eq!([0, 1].map(|row| list.show(row)), ["[1, 2]", ""]);
        let bytes = FixedSizeBinaryArray::try_from_iter([[1_u8, 2]].into_iter()).expect("two bytes");
        assert_eq!(of(bytes).show(0), "0102");
        assert!(!of(DurationSecondArray::from(vec![90])).show(0).is_empty());
    }

    #[test]
    fn long_whole_decimals_keep_their_digits() {
        let ids = |ids: Vec<i128>| of(Decimal128Array::from(ids).with_precision_and_scale(38, 0).expect("a decimal"));
        let cells = ids(vec![9_007_199_254_740_993, 9_007_199_254_740_992]);
        assert_eq!([0, 1].map(|row| cells.show(row)), ["9007199254740993", "9007199254740992"]);
        assert!(matches!(ids(vec![1 << 100]), Cells::Float(_)));
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
        let cells = of(StringArray::from(vec!["007", " A 1 ", "12345.0", "007.0", "1.50", ""]));
        let ids: Vec<Option<Cow<str>>> = (0..6).map(|row| cells.name(row)).collect();
        let ids: Vec<Option<&str>> = ids.iter().map(|id| id.as_deref()).collect();
        assert_eq!(ids, [Some("007"), Some("A 1"), Some("12345"), Some("007.0"), Some("1.50"), None]);
        let floats = of(Float64Array::from(vec![12345.0, f64::NAN]));
        assert_eq!((floats.name(0).as_deref(), floats.name(1)), (Some("12345"), None));
    }
}
