//! Columns of values into columns of a table.

use polars::prelude::*;

use clivia_core::base::{Day, Money};

/// A column of numbers; what is not finite is null.
pub(crate) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    let finite: Float64Chunked = values.map(|value| value.filter(|value| value.is_finite())).collect();
    finite.with_name(name.into()).into_column()
}

/// A column of counts.
pub(crate) fn counts(name: &str, values: impl Iterator<Item = Option<u32>>) -> Column {
    let counts: UInt32Chunked = values.collect();
    counts.with_name(name.into()).into_column()
}

/// A column of whole numbers of either sign.
pub(crate) fn integers(name: &str, values: impl Iterator<Item = Option<i32>>) -> Column {
    let integers: Int32Chunked = values.collect();
    integers.with_name(name.into()).into_column()
}

/// A column of money in currency units.
pub(crate) fn money(name: &str, values: impl Iterator<Item = Option<Money>>) -> Column {
    numbers(name, values.map(|amount| amount.map(Money::to_f64)))
}

/// A column of days.
pub(crate) fn days(name: &str, values: impl Iterator<Item = Option<Day>>) -> Column {
    let days: Int32Chunked = values.map(|day| day.map(|day| day.0)).collect();
    days.with_name(name.into()).into_date().into_column()
}

/// A column of text.
pub(crate) fn text<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    let text: StringChunked = values.collect();
    text.with_name(name.into()).into_column()
}

/// A column of yes and no.
pub(crate) fn flags(name: &str, values: impl Iterator<Item = bool>) -> Column {
    let flags: BooleanChunked = values.map(Some).collect();
    flags.with_name(name.into()).into_column()
}
