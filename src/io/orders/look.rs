//! The first rows of a source of orders, looked at before it is decided how they are read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clivia_core::base::Money;

use crate::blocks::Block;
use crate::cells::Cells;
use crate::columns::{normal, without_currency};
use crate::error::TableError;

/// Rows that are enough to tell what columns mean; with more, a look would cost as much as the reading.
pub const LOOK_ROWS: usize = 16_384;

/// How the amount of a column's row is read.
pub type ReadsMoney<'a> = dyn Fn(&str, &Cells, usize) -> Option<Money> + 'a;

/// Where the amount of a row most likely stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowAmount<'a> {
    /// In a column.
    Column(&'a str),
    /// In two, which are multiplied.
    Product(&'a str, &'a str),
}

/// Rows of a source, by column.
pub struct Look<'a> {
    header: &'a [String],
    rows: usize,
    columns: BTreeMap<&'a str, Cells>,
    money: &'a ReadsMoney<'a>,
}

impl<'a> Look<'a> {
    /// Looks at a block of a source with this header; columns that the block does not hold are as good as empty.
    ///
    /// # Errors
    /// [`TableError::Broken`] where a column is of no type that can be looked at.
    pub fn new(header: &'a [String], block: &Block, money: &'a ReadsMoney<'a>) -> Result<Self, TableError> {
        let held = header.iter().filter(|name| block.holds(name));
        let columns = held.map(|name| Ok((name.as_str(), block.cells(name)?))).collect::<Result<_, TableError>>()?;
        Ok(Look { header, rows: block.height(), columns, money })
    }

    /// The same of so many rows at most.
    pub fn first(self, rows: usize) -> Self {
        Look { rows: self.rows.min(rows), ..self }
    }

    /// The same with a column that was worked out.
    pub fn with(mut self, name: &'a str, cells: Cells) -> Self {
        self.columns.insert(name, cells);
        self
    }

    /// The columns of the source.
    pub fn header(&self) -> &'a [String] {
        self.header
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The first column that has one of these normalised names, by the order of the names.
    pub fn named(&self, names: &[&str]) -> Option<&'a str> {
        named(self.header, names)
    }

    /// A cell as a name or id; `None` where there is nothing.
    pub fn name(&self, column: &str, row: usize) -> Option<Cow<'_, str>> {
        self.columns.get(column)?.name(row)
    }

    /// A cell as an amount; `None` where there is none that can be read.
    pub fn money(&self, column: &str, row: usize) -> Option<Money> {
        (self.money)(column, self.columns.get(column)?, row)
    }

    /// The amount of a row.
    pub fn amount(&self, amount: RowAmount, row: usize) -> Option<Money> {
        match amount {
            RowAmount::Column(column) => self.money(column, row),
            RowAmount::Product(one, other) => times(self.money(one, row)?, self.money(other, row)?),
        }
    }

    /// The share of a column's cells that are amounts, of those that are not empty.
    pub fn share_of_amounts(&self, column: &str) -> f64 {
        let filled = (0..self.rows).filter(|&row| self.name(column, row).is_some());
        let (mut cells, mut amounts) = (0, 0);
        for row in filled {
            cells += 1;
            amounts += usize::from(self.money(column, row).is_some());
        }
        if cells == 0 { 0.0 } else { amounts as f64 / cells as f64 }
    }
}

/// A product of two numbers in fixed point.
pub(crate) fn times(one: Money, other: Money) -> Option<Money> {
    let product = i128::from(one.0) * i128::from(other.0) / i128::from(Money::SCALE);
    i64::try_from(product).ok().map(Money)
}

/// The first column of a header that has one of these normalised names, by the order of the names.
pub(crate) fn named<'h>(header: &'h [String], names: &[&str]) -> Option<&'h str> {
    let column = |wanted: &&str| header.iter().find(|name| normal(name) == **wanted);
    let in_a_currency = |wanted: &&str| header.iter().find(|name| without_currency(name) == **wanted);
    names.iter().find_map(column).or_else(|| names.iter().find_map(in_a_currency)).map(String::as_str)
}

/// A look at cells of text, for tests.
#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::plan::Decimal;
    use crate::texts::TextRows;

    /// Reads plain amounts.
    pub(crate) fn plain(_: &str, cells: &Cells, row: usize) -> Option<Money> {
        cells.money(row, Decimal::Point).ok()
    }

    /// The header of a CSV.
    pub(crate) fn header(csv: &str) -> Vec<String> {
        csv.lines().next().unwrap_or_default().split(',').map(|name| name.trim().into()).collect()
    }

    /// The rows of a CSV without quotes.
    pub(crate) fn block(csv: &str) -> Block {
        let names = header(csv);
        let mut rows = TextRows::new(names.iter(), false, 0);
        for (row, line) in csv.lines().skip(1).filter(|line| !line.trim().is_empty()).enumerate() {
            rows.copy(row as u64 + 2, line.split(',').map(|cell| Some(cell.trim())));
        }
        rows.into_block()
    }

    /// Looks at a CSV.
    pub(crate) fn look<T>(csv: &str, at: impl FnOnce(&Look) -> T) -> T {
        let (header, block) = (header(csv), block(csv));
        at(&Look::new(&header, &block, &plain).expect("cells of text"))
    }

    #[test]
    fn cells_are_found_by_column() {
        look("Order ID,amount,note\n1,2.50,\n2,x,a\n", |look| {
            assert_eq!(look.named(&["id", "orderid"]), Some("Order ID"));
            assert_eq!((look.rows(), look.money("amount", 0)), (2, Some(Money(25_000))));
            assert_eq!((look.money("amount", 1), look.name("note", 0), look.name("gone", 0)), (None, None, None));
            assert_eq!(look.amount(RowAmount::Product("amount", "Order ID"), 0), Some(Money(25_000)));
            assert_eq!((look.share_of_amounts("amount"), look.share_of_amounts("gone")), (0.5, 0.0));
        });
    }
}
