//! Functions of dates and timestamps.

use std::sync::Arc;

use arrow::array::types::{Date32Type, TimestampMicrosecondType};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::compute::kernels::temporal::{DatePart, date_part};
use arrow::datatypes::DataType;

use super::Call;
use crate::expression::column::Column;
use crate::expression::dates::DAY;
use crate::expression::error::ExpressionError;
use crate::expression::types::Kind;

/// DATE: the argument is a day already.
pub(in crate::expression) fn date(call: &Call<'_>) -> Result<Column, ExpressionError> {
    Ok(call.arguments[0].clone())
}

/// YEAR.
pub(in crate::expression) fn year(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, DatePart::Year)
}

/// QUARTER.
pub(in crate::expression) fn quarter(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, DatePart::Quarter)
}

/// MONTH.
pub(in crate::expression) fn month(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, DatePart::Month)
}

/// DAY.
pub(in crate::expression) fn day(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, DatePart::Day)
}

/// HOUR.
pub(in crate::expression) fn hour(call: &Call<'_>) -> Result<Column, ExpressionError> {
    part(call, DatePart::Hour)
}

fn part(call: &Call<'_>, part: DatePart) -> Result<Column, ExpressionError> {
    let array = date_part(call.arguments[0].array(), part).and_then(|array| cast(&array, &DataType::Int64));
    array.map(|array| call.result(array)).map_err(|error| ExpressionError::kernel(call.position, error))
}

/// DATE_DIFF: whole days from the second date to the first.
pub(in crate::expression) fn days_between(call: &Call<'_>) -> Result<Column, ExpressionError> {
    difference(&call.arguments[0], &call.arguments[1], call.rows)
}

/// Days from `earlier` to `later`: whole ones between dates, with a fraction between timestamps.
pub(in crate::expression) fn difference(
    later: &Column,
    earlier: &Column,
    rows: usize,
) -> Result<Column, ExpressionError> {
    let days = (0..rows).map(|row| Some(since_epoch(later, row)? - since_epoch(earlier, row)?));
    let array: ArrayRef = Arc::new(days.collect::<Float64Array>());
    Ok(Column::like(array, &[later, earlier]))
}

/// Days of a row's value since 1970-01-01.
fn since_epoch(column: &Column, row: usize) -> Option<f64> {
    let (array, at) = (column.array(), column.at(row));
    if array.is_null(at) {
        return None;
    }
    if *array.data_type() == Kind::Date.data_type() {
        return Some(f64::from(array.as_primitive::<Date32Type>().value(at)));
    }
    let micros = array.as_primitive_opt::<TimestampMicrosecondType>()?.value(at);
    Some(micros.div_euclid(DAY) as f64 + micros.rem_euclid(DAY) as f64 / DAY as f64)
}
