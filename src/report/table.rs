//! Tables: what a chart is drawn from and what a reader without eyes for it gets.

use serde::Serialize;

use crate::numbers::{Format, clean};
use clivia_core::base::{Day, Money};

/// A column of a table.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Column {
    #[serde(skip)]
    pub(super) key: &'static str,
    pub(super) label: String,
    pub(super) format: Format,
}

/// What stands in a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Cell {
    Text(String),
    Number(f64),
    Day(Day),
    None(()),
}

impl Cell {
    /// A text that somebody else wrote.
    pub(super) fn text(text: &str) -> Self {
        Cell::Text(clean(text))
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        if value.is_finite() { Cell::Number(value) } else { Cell::None(()) }
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Cell::Number(count as f64)
    }
}

impl From<u32> for Cell {
    fn from(count: u32) -> Self {
        Cell::Number(count.into())
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Cell::Number(money.to_f64())
    }
}

impl From<Day> for Cell {
    fn from(day: Day) -> Self {
        Cell::Day(day)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Cell::None(()), Into::into)
    }
}

/// A table with its columns.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Columns by key, label and format.
    pub(super) fn new(columns: Vec<(&'static str, String, Format)>) -> Self {
        let columns = columns.into_iter().map(|(key, label, format)| Column { key, label, format }).collect();
        Table { columns, rows: Vec::new() }
    }

    pub(super) fn push<const N: usize>(&mut self, row: [Cell; N]) {
        self.rows.push(row.into());
    }

    /// Without the columns in which nothing stands.
    pub(super) fn without_empty(mut self) -> Self {
        let holds: Vec<bool> =
            (0..self.columns.len()).map(|column| self.rows.iter().any(|row| row[column] != Cell::None(()))).collect();
        let keep = |at: &mut usize| {
            *at += 1;
            holds[*at - 1]
        };
        let mut at = 0;
        self.columns.retain(|_| keep(&mut at));
        for row in &mut self.rows {
            let mut at = 0;
            row.retain(|_| keep(&mut at));
        }
        self
    }

    /// Where a column is.
    pub(super) fn place(&self, key: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.key == key)
    }
}
