//! A value as another kind: texts read as numbers and dates, numbers and dates written as texts.

use std::sync::Arc;

use arrow::array::types::{ArrowPrimitiveType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, PrimitiveArray, StringArray, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::column::{Column, finite};
use super::dates;
use super::error::ExpressionError;
use super::evaluate::{Evaluation, Needed};
use super::names::cut;
use super::typed::{Step, Typed};
use super::types::Kind;

/// A text column read as numbers, and the rows that could not be.
pub(super) type ReadColumn = (Float64Array, Vec<usize>);

/// The values of `inner` as another kind.
pub(super) fn converted(
    evaluation: &Evaluation<'_>,
    inner: &Typed,
    kind: Kind,
    needed: &Needed,
) -> Result<Column, ExpressionError> {
    let column = evaluation.values(inner, needed)?;
    let reading = Reading { evaluation, inner, kind, needed };
    let array = match (inner.kind, kind) {
        (Kind::Text, Kind::Number) => reading.numbers(&column)?,
        (Kind::Text, Kind::Integer) => whole(reading.numbers(&column)?.as_primitive()),
        (Kind::Text, Kind::Date) => reading.cells::<Date32Type>(&column, dates::read_day)?,
        (Kind::Text, Kind::Timestamp) => reading.cells::<TimestampMicrosecondType>(&column, dates::read_moment)?,
        (Kind::Text, Kind::Boolean) => reading.booleans(&column)?,
        (Kind::Unknown, kind) => new_null_array(&kind.data_type(), column.array().len()),
        (_, Kind::Text) => texts(inner, column.array())?,
        _ => plain(inner, column.array(), kind)?,
    };
    Ok(Column::like(array, &[&column]))
}

/// Between kinds where each value has its own.
fn plain(inner: &Typed, array: &ArrayRef, kind: Kind) -> Result<ArrayRef, ExpressionError> {
    Ok(match (inner.kind, kind) {
        (Kind::Number, Kind::Integer) => whole(array.as_primitive()),
        (Kind::Date, Kind::Timestamp) => {
            Arc::new(array.as_primitive::<Date32Type>().unary_opt::<_, TimestampMicrosecondType>(dates::midnight))
        }
        (Kind::Timestamp, Kind::Date) => {
            Arc::new(array.as_primitive::<TimestampMicrosecondType>().unary_opt::<_, Date32Type>(dates::day_of))
        }
        _ => cast(array, &kind.data_type()).map_err(|error| ExpressionError::kernel(inner.position, error))?,
    })
}

/// Numbers rounded to whole ones, halves away from zero; null beyond 64 bits.
fn whole(numbers: &Float64Array) -> ArrayRef {
    // 2^63, the first number above 64 bits with a sign.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let whole: Int64Array = numbers.unary_opt(|number| {
        let rounded = number.round();
        (-END..END).contains(&rounded).then_some(rounded as i64)
    });
    Arc::new(whole)
}

/// Values as texts: numbers without an exponent and without trailing zeros, dates as 2024-12-31, true and false.
fn texts(inner: &Typed, array: &ArrayRef) -> Result<ArrayRef, ExpressionError> {
    Ok(match inner.kind {
        Kind::Number => {
            let numbers = array.as_primitive::<Float64Type>();
            Arc::new(
                numbers.iter().map(|number| number.map(|number| (number + 0.0).to_string())).collect::<StringArray>(),
            )
        }
        Kind::Integer => {
            let numbers = array.as_primitive::<Int64Type>();
            Arc::new(numbers.iter().map(|number| number.map(|number| number.to_string())).collect::<StringArray>())
        }
        Kind::Timestamp => {
            let moments = array.as_primitive::<TimestampMicrosecondType>();
            let texts = (0..moments.len()).map(|row| {
                let moment = moments.is_valid(row).then(|| moments.value_as_datetime(row)).flatten();
                moment.map(|moment| moment.format("%Y-%m-%d %H:%M:%S%.f").to_string())
            });
            Arc::new(texts.collect::<StringArray>())
        }
        _ => cast(array, &DataType::Utf8).map_err(|error| ExpressionError::kernel(inner.position, error))?,
    })
}

/// The reading of texts as another kind, cell by cell.
struct Reading<'a> {
    evaluation: &'a Evaluation<'a>,
    inner: &'a Typed,
    kind: Kind,
    needed: &'a Needed,
}

impl Reading<'_> {
    /// Texts as numbers; a column is read once, however often it is named.
    fn numbers(&self, column: &Column) -> Result<ArrayRef, ExpressionError> {
        let Step::Column(index) = self.inner.step else {
            let read = |text: &str| (self.evaluation.read_number)(text);
            return Ok(Arc::new(finite(
                self.cells::<Float64Type>(column, |text| read(text).filter(|x| x.is_finite()))?.as_primitive(),
            )));
        };
        let kept = self.evaluation.numbers.borrow().get(index).cloned().flatten();
        let (numbers, failed) = match kept {
            Some(kept) => kept,
            None => {
                let read = read_cells::<Float64Type>(column.texts(), |text| {
                    (self.evaluation.read_number)(text).filter(|number| number.is_finite())
                });
                if let Some(place) = self.evaluation.numbers.borrow_mut().get_mut(index) {
                    *place = Some(read.clone());
                }
                read
            }
        };
        self.report(column, &failed)?;
        Ok(Arc::new(numbers))
    }

    fn cells<P: ArrowPrimitiveType>(
        &self,
        column: &Column,
        read: impl Fn(&str) -> Option<P::Native>,
    ) -> Result<ArrayRef, ExpressionError> {
        let (values, failed) = read_cells::<P>(column.texts(), read);
        self.report(column, &failed)?;
        Ok(Arc::new(values))
    }

    fn booleans(&self, column: &Column) -> Result<ArrayRef, ExpressionError> {
        let mut failed = Vec::new();
        let values = column.texts().iter().enumerate().map(|(row, text)| {
            let text = text.map(str::trim).filter(|text| !text.is_empty())?;
            let value = truth(text);
            if value.is_none() {
                failed.push(row);
            }
            value
        });
        let values: BooleanArray = values.collect();
        self.report(column, &failed)?;
        Ok(Arc::new(values))
    }

    /// Writes down the cells that could not be read, where they are needed.
    fn report(&self, column: &Column, failed: &[usize]) -> Result<(), ExpressionError> {
        let Some(source) = self.inner.first_column().filter(|_| !column.is_constant()) else {
            return failed.first().map_or(Ok(()), |row| Err(self.unreadable_constant(column, *row)));
        };
        let mut unreadable = self.evaluation.unreadable.borrow_mut();
        for row in failed {
            if self.needed.as_ref().is_none_or(|needed| needed.value(*row)) {
                unreadable.push((source, *row, column.text(*row).unwrap_or_default().to_owned()));
            }
        }
        Ok(())
    }

    fn unreadable_constant(&self, column: &Column, row: usize) -> ExpressionError {
        let value = cut(column.text(row).unwrap_or_default());
        ExpressionError::UnreadableConstant { position: self.inner.position, value, wanted: self.kind }
    }
}

/// Reads texts one by one: a blank cell is null, and so is one that cannot be read, whose row is given.
fn read_cells<P: ArrowPrimitiveType>(
    texts: &StringArray,
    read: impl Fn(&str) -> Option<P::Native>,
) -> (PrimitiveArray<P>, Vec<usize>) {
    let mut failed = Vec::new();
    let values = texts.iter().enumerate().map(|(row, text)| {
        let text = text.filter(|text| !text.trim().is_empty())?;
        let value = read(text);
        if value.is_none() {
            failed.push(row);
        }
        value
    });
    let values: PrimitiveArray<P> = values.collect();
    (values, failed)
}

/// Reads true and false as they are written in tables.
fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}
