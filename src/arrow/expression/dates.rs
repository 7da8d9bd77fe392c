//! Days and moments: read from ISO texts, turned into each other. A day is `i32` days and a moment `i64` microseconds
//! since 1970-01-01, both without a zone.

use arrow::array::types::{Date32Type, TimestampNanosecondType};
use arrow::compute::kernels::cast_utils::Parser;

use super::error::ExpressionError;
use super::names::cut;
use super::syntax::Value;
use super::types::Kind;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// The day a moment lies in.
pub(super) fn day_of(micros: i64) -> Option<i32> {
    i32::try_from(micros.div_euclid(DAY)).ok()
}

/// Midnight at the beginning of a day.
pub(super) fn midnight(day: i32) -> Option<i64> {
    i64::from(day).checked_mul(DAY)
}

/// Reads `2024-12-31`, and the day of `2024-12-31 18:00:00`.
pub(super) fn read_day(text: &str) -> Option<i32> {
    let text = text.trim();
    if text.len() > 10 { day_of(read_moment(text)?) } else { Date32Type::parse(text) }
}

/// Reads `2024-12-31 18:00:00` with T or a blank between, and `2024-12-31` as its midnight.
pub(super) fn read_moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.len() <= 10 {
        return midnight(Date32Type::parse(text)?);
    }
    TimestampNanosecondType::parse(text).map(|nanos| nanos.div_euclid(1_000))
}

/// The value of a text that is written where a date, a moment or another kind is meant.
///
/// # Errors
/// The text is none of that kind.
pub(super) fn literal(position: usize, text: &str, kind: Kind) -> Result<Value, ExpressionError> {
    let value = match kind {
        Kind::Date => read_day(text).map(Value::Date),
        Kind::Timestamp => read_moment(text).map(Value::Timestamp),
        _ => {
            return Err(ExpressionError::not_supported(position, "this form of value", "write a number or 'a text'"));
        }
    };
    value.ok_or_else(|| {
        let example = if kind == Kind::Date { "2024-12-31" } else { "2024-12-31 18:00:00" };
        ExpressionError::wrong_kind(position, format!("'{}' is no date: write it as '{example}'", cut(text)))
    })
}
