//! What the tests of the expression language share: a small table, and readers of results.

#![allow(clippy::unwrap_used)]

mod blocks;
mod dates;
mod limits;
mod logic;
mod numbers;
mod refusals;
mod texts;
mod types;

use std::sync::Arc;

use arrow::array::types::Float64Type;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;

use super::{Bound, Evaluated, Expression, ExpressionError, Unreadable};

/// A column and its name.
type Named = (&'static str, ArrayRef);

fn numbers(name: &'static str, values: &[Option<f64>]) -> Named {
    (name, Arc::new(Float64Array::from(values.to_vec())))
}

fn whole(name: &'static str, values: &[Option<i64>]) -> Named {
    (name, Arc::new(Int64Array::from(values.to_vec())))
}

fn texts(name: &'static str, values: &[Option<&str>]) -> Named {
    (name, Arc::new(StringArray::from(values.to_vec())))
}

fn booleans(name: &'static str, values: &[Option<bool>]) -> Named {
    (name, Arc::new(BooleanArray::from(values.to_vec())))
}

fn days(name: &'static str, values: &[Option<i32>]) -> Named {
    (name, Arc::new(Date32Array::from(values.to_vec())))
}

fn fields(columns: &[Named]) -> Vec<(String, DataType)> {
    columns.iter().map(|(name, array)| ((*name).to_owned(), array.data_type().clone())).collect()
}

fn bind(text: &str, columns: &[Named]) -> Result<Bound, ExpressionError> {
    Expression::parse(text)?.bind(&fields(columns))
}

/// A number as a file has it.
fn read_number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn evaluate(text: &str, columns: &[Named]) -> Result<Evaluated, ExpressionError> {
    let arrays: Vec<ArrayRef> = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
    bind(text, columns)?.evaluate(&arrays, &read_number)
}

/// The results of all rows, as texts; null as "null".
fn results(text: &str, columns: &[Named]) -> Vec<String> {
    let evaluated = evaluate(text, columns).unwrap_or_else(|error| panic!("{text}: {error}"));
    shown(&evaluated.values)
}

fn shown(values: &ArrayRef) -> Vec<String> {
    (0..values.len())
        .map(|row| match (values.is_null(row), values.as_primitive_opt::<Float64Type>()) {
            (true, _) => "null".to_owned(),
            (false, Some(numbers)) => numbers.value(row).to_string(),
            (false, None) => array_value_to_string(values, row).unwrap_or_default(),
        })
        .collect()
}

/// The result of a single row without columns that matter.
fn result(text: &str) -> String {
    results(text, &[numbers("x", &[Some(4.0)])]).remove(0)
}

fn error(text: &str) -> String {
    error_with(text, &[numbers("x", &[Some(4.0)]), texts("status", &[Some("paid")]), days("d", &[Some(0)])])
}

fn error_with(text: &str, columns: &[Named]) -> String {
    match evaluate(text, columns) {
        Ok(evaluated) => panic!("{text} gives {:?}", shown(&evaluated.values)),
        Err(error) => error.to_string(),
    }
}

fn unreadable(row: usize, column: &str, value: &str) -> Unreadable {
    Unreadable { row, column: column.to_owned(), value: value.to_owned() }
}
