//! Columns as they come in, brought to the one type that their kind has here.

use std::sync::Arc;

use arrow::array::types::{
    Date64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow::array::{Array, ArrayRef, AsArray, Date32Array, TimestampMicrosecondArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, TimeUnit};

use super::column::finite;
use super::error::ExpressionError;
use super::types::{Kind, kind_of};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// A column as its kind's own type. Numbers that are none (NaN, infinity) are null; a moment with a zone is taken in
/// UTC, and what is finer than a microsecond is cut off.
///
/// # Errors
/// A whole number needs more than 64 bits, or texts need more than 2 GiB.
pub(super) fn own_type(name: &str, kind: Kind, array: &ArrayRef) -> Result<ArrayRef, ExpressionError> {
    let array = match array.data_type() {
        DataType::Dictionary(_, values) => cast(name, array, &values.clone())?,
        _ => Arc::clone(array),
    };
    Ok(match (array.data_type(), kind) {
        (_, Kind::Number) => Arc::new(finite(cast(name, &array, &DataType::Float64)?.as_primitive())),
        (DataType::Date64, _) => {
            let days = array.as_primitive::<Date64Type>();
            let days: Date32Array = days.unary_opt(|millis| i32::try_from(millis.div_euclid(DAY)).ok());
            Arc::new(days)
        }
        (DataType::Timestamp(unit, _), _) => Arc::new(micros(&array, *unit)),
        (found, kind) if *found == kind.data_type() => array,
        (_, kind) => cast(name, &array, &kind.data_type())?,
    })
}

/// Moments in microseconds; those out of reach are null.
fn micros(array: &ArrayRef, unit: TimeUnit) -> TimestampMicrosecondArray {
    match unit {
        TimeUnit::Second => {
            array.as_primitive::<TimestampSecondType>().unary_opt(|second| second.checked_mul(1_000_000))
        }
        TimeUnit::Millisecond => {
            array.as_primitive::<TimestampMillisecondType>().unary_opt(|milli| milli.checked_mul(1_000))
        }
        TimeUnit::Microsecond => {
            array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(None::<Arc<str>>)
        }
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().unary(|nano| nano.div_euclid(1_000)),
    }
}

fn cast(name: &str, array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ExpressionError> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, to, &options).map_err(|_| ExpressionError::ColumnValue {
        column: name.to_owned(),
        reason: match kind_of(to) {
            Some(Kind::Integer) => format!("a whole number lies above {}; give the column as texts", i64::MAX),
            Some(Kind::Text) => {
                "its texts need more than 2 GiB for one block of rows; give fewer rows at once".to_owned()
            }
            _ => "it lies outside what can be held".to_owned(),
        },
    })
}
