//! Columns of an output table, before any format: what is written, and what becomes record batches.

use std::borrow::Cow;

use crate::base::{Day, Money};

/// The version of what is written: the columns of all tables, and the record beside them. 0.1.0 wrote none, which is
/// read as 1.
pub const SCHEMA: u32 = 2;

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// A value a row.
    pub values: Values<'a>,
}

/// The values of a column; `None` is null.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<'a> {
    /// Words.
    Text(Vec<Option<&'a str>>),
    /// Words that were made for this table.
    OwnText(Vec<Option<String>>),
    /// Numbers; never one that is not finite.
    Number(Vec<Option<f64>>),
    /// Counts.
    Count(Vec<Option<u32>>),
    /// Large counts.
    LargeCount(Vec<Option<u64>>),
    /// Whole numbers of either sign.
    Integer(Vec<Option<i32>>),
    /// Calendar days.
    Day(Vec<Option<Day>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
}

impl Values<'_> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            Values::Text(values) => values.len(),
            Values::OwnText(values) => values.len(),
            Values::Number(values) => values.len(),
            Values::Count(values) => values.len(),
            Values::LargeCount(values) => values.len(),
            Values::Integer(values) => values.len(),
            Values::Day(values) => values.len(),
            Values::Flag(values) => values.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A column of numbers; what is not finite is null.
pub fn numbers<'a>(name: impl Into<Cow<'a, str>>, values: impl Iterator<Item = Option<f64>>) -> Column<'a> {
    let finite = values.map(|value| value.filter(|value| value.is_finite()));
    Column { name: name.into(), values: Values::Number(finite.collect()) }
}

/// A column of counts.
pub fn counts<'a>(name: impl Into<Cow<'a, str>>, values: impl Iterator<Item = Option<u32>>) -> Column<'a> {
    Column { name: name.into(), values: Values::Count(values.collect()) }
}

/// A column of whole numbers of either sign.
pub fn integers<'a>(name: impl Into<Cow<'a, str>>, values: impl Iterator<Item = Option<i32>>) -> Column<'a> {
    Column { name: name.into(), values: Values::Integer(values.collect()) }
}

/// A column of money, in currency units.
pub fn money<'a>(name: impl Into<Cow<'a, str>>, values: impl Iterator<Item = Option<Money>>) -> Column<'a> {
    numbers(name, values.map(|value| value.map(Money::to_f64)))
}

/// A column of calendar days.
pub fn days<'a>(name: impl Into<Cow<'a, str>>, values: impl Iterator<Item = Option<Day>>) -> Column<'a> {
    Column { name: name.into(), values: Values::Day(values.collect()) }
}

/// A column of words.
pub fn text<'a>(name: impl Into<Cow<'a, str>>, values: impl Iterator<Item = Option<&'a str>>) -> Column<'a> {
    Column { name: name.into(), values: Values::Text(values.collect()) }
}

/// A column of words that are made here.
pub fn own_text<'a>(name: impl Into<Cow<'a, str>>, values: impl Iterator<Item = Option<String>>) -> Column<'a> {
    Column { name: name.into(), values: Values::OwnText(values.collect()) }
}
