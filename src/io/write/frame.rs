//! Columns of values into columns of a table.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, UInt32Array};
use arrow::compute::{cast, take};
use arrow::datatypes as arrow_types;
use arrow::error::ArrowError;
use polars::prelude::*;

use clivia_core::base::{Day, Money};
use clivia_core::table;
use clivia_core::table::Values;

use crate::cells::Texts;

/// A column of numbers; what is not finite is null.
pub fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    let finite: Float64Chunked = values.map(|value| value.filter(|value| value.is_finite())).collect();
    finite.with_name(name.into()).into_column()
}

/// A column of counts.
pub fn counts(name: &str, values: impl Iterator<Item = Option<u32>>) -> Column {
    let counts: UInt32Chunked = values.collect();
    counts.with_name(name.into()).into_column()
}

/// A column of whole numbers of either sign.
pub fn integers(name: &str, values: impl Iterator<Item = Option<i32>>) -> Column {
    let integers: Int32Chunked = values.collect();
    integers.with_name(name.into()).into_column()
}

/// A column of money in currency units.
pub fn money(name: &str, values: impl Iterator<Item = Option<Money>>) -> Column {
    numbers(name, values.map(|amount| amount.map(Money::to_f64)))
}

/// A column of days.
pub fn days(name: &str, values: impl Iterator<Item = Option<Day>>) -> Column {
    let days: Int32Chunked = values.map(|day| day.map(|day| day.0)).collect();
    days.with_name(name.into()).into_date().into_column()
}

/// A column of text.
pub fn text<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    let text: StringChunked = values.collect();
    text.with_name(name.into()).into_column()
}

/// A column of yes and no.
pub fn flags(name: &str, values: impl Iterator<Item = bool>) -> Column {
    let flags: BooleanChunked = values.map(Some).collect();
    flags.with_name(name.into()).into_column()
}

/// A column of an output table as polars has it.
pub fn of_values(column: table::Column<'_>) -> Column {
    let name = column.name.as_ref();
    match column.values {
        Values::Text(values) => text(name, values.into_iter()),
        Values::OwnText(values) => text(name, values.iter().map(Option::as_deref)),
        Values::Number(values) => numbers(name, values.into_iter()),
        Values::Count(values) => counts(name, values.into_iter()),
        Values::LargeCount(values) => {
            let counts: UInt64Chunked = values.into_iter().collect();
            counts.with_name(name.into()).into_column()
        }
        Values::Integer(values) => integers(name, values.into_iter()),
        Values::Day(values) => days(name, values.into_iter()),
        Values::Flag(values) => {
            let flags: BooleanChunked = values.into_iter().collect();
            flags.with_name(name.into()).into_column()
        }
    }
}

/// A table of these columns.
///
/// # Errors
/// What polars says where they are of different lengths, or two have one name.
pub fn table(columns: Vec<table::Column<'_>>) -> PolarsResult<DataFrame> {
    let height = columns.first().map_or(0, |column| column.values.len());
    DataFrame::new(height, columns.into_iter().map(of_values).collect())
}

/// A column of another table, as it was read: the rows at these places, or all. Numbers, flags, days and points in time
/// stay what they are, anything else becomes text.
///
/// # Errors
/// What Arrow says of a column that cannot be shown, or a place that is none.
pub fn column_of(name: &str, column: &ArrayRef, rows: Option<&[Option<u32>]>) -> PolarsResult<Column> {
    of_arrow(name, column, rows).map_err(|error| polars_err!(ComputeError: "column '{name}': {error}"))
}

fn of_arrow(name: &str, column: &ArrayRef, rows: Option<&[Option<u32>]>) -> Result<Column, ArrowError> {
    let column = match rows {
        Some(rows) => &take(column, &UInt32Array::from(rows.to_vec()), None)?,
        None => column,
    };
    use arrow_types::DataType as Arrow;
    Ok(match column.data_type() {
        Arrow::Int8 | Arrow::Int16 | Arrow::Int32 => {
            primitive::<arrow_types::Int32Type, Int32Type>(name, &cast(column, &Arrow::Int32)?).into_column()
        }
        Arrow::Int64 => primitive::<arrow_types::Int64Type, Int64Type>(name, column).into_column(),
        Arrow::UInt8 | Arrow::UInt16 | Arrow::UInt32 => {
            primitive::<arrow_types::UInt32Type, UInt32Type>(name, &cast(column, &Arrow::UInt32)?).into_column()
        }
        Arrow::UInt64 => primitive::<arrow_types::UInt64Type, UInt64Type>(name, column).into_column(),
        Arrow::Float16 | Arrow::Float32 => {
            primitive::<arrow_types::Float32Type, Float32Type>(name, &cast(column, &Arrow::Float32)?).into_column()
        }
        dtype if dtype.is_floating() || dtype.is_decimal() => {
            primitive::<arrow_types::Float64Type, Float64Type>(name, &cast(column, &Arrow::Float64)?).into_column()
        }
        Arrow::Boolean => {
            let flags: BooleanChunked = column.as_boolean().iter().collect();
            flags.with_name(name.into()).into_column()
        }
        Arrow::Date32 => days(name, column.as_primitive::<arrow_types::Date32Type>().iter().map(|day| day.map(Day))),
        Arrow::Date64 => moments(name, column, TimeUnit::Milliseconds, false)?,
        Arrow::Timestamp(unit, zone) => {
            use arrow_types::TimeUnit as Unit;
            let zoned = zone.is_some();
            match unit {
                Unit::Second => {
                    let millis = cast(column, &Arrow::Timestamp(Unit::Millisecond, zone.clone()))?;
                    moments(name, &millis, TimeUnit::Milliseconds, zoned)?
                }
                Unit::Millisecond => moments(name, column, TimeUnit::Milliseconds, zoned)?,
                Unit::Microsecond => moments(name, column, TimeUnit::Microseconds, zoned)?,
                Unit::Nanosecond => moments(name, column, TimeUnit::Nanoseconds, zoned)?,
            }
        }
        _ => text(name, Texts::of(column)?.iter()),
    })
}

/// Numbers of one library as those of the other.
fn primitive<A: ArrowPrimitiveType, P: PolarsNumericType<Native = A::Native>>(
    name: &str,
    column: &dyn Array,
) -> ChunkedArray<P>
where
    ChunkedArray<P>: NewChunkedArray<P, A::Native>,
{
    let cells: &PrimitiveArray<A> = column.as_primitive();
    match cells.null_count() {
        0 => ChunkedArray::from_slice(name.into(), cells.values()),
        _ => ChunkedArray::from_iter_options(name.into(), cells.iter()),
    }
}

/// Points in time. An instant is one whatever its zone is called: it is written in UTC.
fn moments(name: &str, column: &ArrayRef, unit: TimeUnit, zoned: bool) -> Result<Column, ArrowError> {
    let ticks = cast(column, &arrow_types::DataType::Int64)?;
    let ticks = primitive::<arrow_types::Int64Type, Int64Type>(name, &ticks);
    let zone = zoned.then_some(polars::prelude::TimeZone::UTC);
    Ok(ticks.into_datetime(unit, zone).into_column())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        BooleanArray, Date32Array, DictionaryArray, Float64Array, Int8Array, StringViewArray, TimestampSecondArray,
        UInt64Array,
    };

    use crate::write::frame::*;

    #[test]
    fn columns_are_carried_over_by_place() -> PolarsResult<()> {
        let shown = |column: ArrayRef| -> PolarsResult<(String, Vec<String>)> {
            let places = [Some(1), None, Some(0)];
            let carried = column_of("c", &column, Some(&places))?;
            assert_eq!(column_of("c", &column, None)?.len(), column.len());
            let stored = carried.to_physical_repr();
            let cells = (0..carried.len()).map(|row| stored.get(row).map(|value| value.to_string()));
            Ok((carried.dtype().to_string(), cells.collect::<PolarsResult<_>>()?))
        };
        let expected = |dtype: &str, cells: [&str; 3]| (dtype.to_string(), cells.map(String::from).to_vec());
        let words = DictionaryArray::<arrow_types::Int32Type>::from_iter(["x", "y"]);
        let zoned = TimestampSecondArray::from(vec![86_400, 0]).with_timezone("+05:30");
        assert_eq!(shown(Arc::new(Int8Array::from(vec![1, -2])))?, expected("i32", ["-2", "null", "1"]));
        assert_eq!(shown(Arc::new(UInt64Array::from(vec![7, u64::MAX])))?.1[0], "18446744073709551615");
        assert_eq!(shown(Arc::new(Float64Array::from(vec![0.5, 2.0])))?, expected("f64", ["2.0", "null", "0.5"]));
        assert_eq!(
            shown(Arc::new(BooleanArray::from(vec![true, false])))?,
            expected("bool", ["false", "null", "true"])
        );
        assert_eq!(shown(Arc::new(StringViewArray::from(vec!["a", "b"])))?.1, ["\"b\"", "null", "\"a\""]);
        assert_eq!(shown(Arc::new(words))?.1, ["\"y\"", "null", "\"x\""]);
        assert_eq!(shown(Arc::new(Date32Array::from(vec![0, 1])))?, expected("date", ["1", "null", "0"]));
        assert_eq!(shown(Arc::new(zoned))?, expected("datetime[ms, UTC]", ["0", "null", "86400000"]));
        Ok(())
    }
}
