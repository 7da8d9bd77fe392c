//! Functions of numbers, and those of any kind that compare.

use std::sync::Arc;

use arrow::array::{Array, Float64Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::nullif;

use super::Call;
use crate::expression::column::Column;
use crate::expression::error::ExpressionError;
use crate::expression::evaluate::compare;
use crate::expression::syntax::Comparison;

/// A function of one number; what is no number is null.
pub(in crate::expression) fn one(call: &Call<'_>, work: fn(f64) -> f64) -> Result<Column, ExpressionError> {
    let numbers: Float64Array = call.arguments[0].numbers().unary_opt(|x| Some(work(x)).filter(|y| y.is_finite()));
    Ok(call.result(Arc::new(numbers)))
}

/// A function of two numbers; what is no number is null.
pub(in crate::expression) fn two(call: &Call<'_>, work: fn(f64, f64) -> f64) -> Result<Column, ExpressionError> {
    let (x, y) = (&call.arguments[0], &call.arguments[1]);
    let numbers = (0..call.rows).map(|row| Some(work(x.number(row)?, y.number(row)?)).filter(|z| z.is_finite()));
    Ok(call.result(Arc::new(numbers.collect::<Float64Array>())))
}

/// -1, 0 or 1.
pub(in crate::expression) fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// ROUND(x), ROUND(x, digits).
pub(in crate::expression) fn round(call: &Call<'_>) -> Result<Column, ExpressionError> {
    match call.arguments.len() {
        1 => one(call, f64::round),
        _ => two(call, round_to),
    }
}

/// x to so many decimals, halves away from zero. The half is that of the decimal number which was written: 2.675 lies
/// a little below it in binary, and is rounded to 2.68 all the same.
fn round_to(x: f64, digits: f64) -> f64 {
    let digits = digits.round().clamp(-30.0, 30.0) as i32;
    let scale = 10_f64.powi(digits.abs());
    let scaled = if digits < 0 { x / scale } else { x * scale };
    if scaled.abs() >= 4_503_599_627_370_496.0 {
        // From 2^52 on there are no decimals left to round.
        return x;
    }
    match digits {
        ..=0 => scaled.round() * scale,
        _ => (scaled * (1.0 + f64::EPSILON)).round() / scale,
    }
}

/// GREATEST: nulls are left out.
pub(in crate::expression) fn greatest(call: &Call<'_>) -> Result<Column, ExpressionError> {
    extreme(call, Comparison::Greater)
}

/// LEAST: nulls are left out.
pub(in crate::expression) fn least(call: &Call<'_>) -> Result<Column, ExpressionError> {
    extreme(call, Comparison::Less)
}

fn extreme(call: &Call<'_>, better: Comparison) -> Result<Column, ExpressionError> {
    let mut best = call.arguments[0].clone();
    for other in &call.arguments[1..] {
        let both_constant = best.is_constant() && other.is_constant();
        let rows = if both_constant { 1 } else { call.rows };
        let taken = taken(call.position, rows, better, other, &best)?;
        let found = other.or_else(call.position, &taken, &best)?;
        best = Column::like(Arc::clone(found.array()), &[&best, other]);
    }
    Ok(best)
}

/// The rows at which `other` takes the place of `best`: it is better, or there is none yet.
fn taken(
    position: usize,
    rows: usize,
    better: Comparison,
    other: &Column,
    best: &Column,
) -> Result<BooleanBuffer, ExpressionError> {
    let wins = compare(position, better, other, best)?.conditions(position, rows)?;
    let wins = match wins.nulls() {
        Some(valid) => wins.values() & valid.inner(),
        None => wins.values().clone(),
    };
    let missing = BooleanBuffer::collect_bool(rows, |row| best.array().is_null(best.at(row)));
    Ok(&wins | &missing)
}

/// NULLIF.
pub(in crate::expression) fn null_if(call: &Call<'_>) -> Result<Column, ExpressionError> {
    let (value, other) = (&call.arguments[0], &call.arguments[1]);
    let same = compare(call.position, Comparison::Equal, value, other)?.conditions(call.position, call.rows)?;
    let values = value.expanded(call.position, call.rows)?;
    let array = nullif::nullif(&values, &same).map_err(|error| ExpressionError::kernel(call.position, error))?;
    Ok(call.result(array))
}
