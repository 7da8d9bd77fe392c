//! The managers table: who can look after how many customers.

use clivia_core::base::Money;
use clivia_core::control::Control;
use clivia_core::decide::managers::AccountManager;

use crate::blocks::each_block;
use crate::columns;
use crate::columns::{CAPACITY, MANAGER};
use crate::error::TableError;
use crate::plan::{Decimal, ReadSettings};
use crate::source::Source;

/// How many customers a manager can look after where the table does not say: 200 to 500 is usual.
pub const USUAL_CAPACITY: u32 = 300;

/// Reads a table of names, and of capacities where it holds such a column.
///
/// # Errors
/// [`TableError`] where the file cannot be read, has no column of names, or a row has no name or no whole number
/// of customers.
pub fn read(source: &dyn Source, settings: &ReadSettings) -> Result<Vec<AccountManager>, TableError> {
    let held = source.columns(settings)?;
    let name = columns::need(source.name(), &held, MANAGER, None)?;
    let capacity = columns::find(source.name(), &held, CAPACITY, None)?;
    let wanted: Vec<String> = std::iter::once(name.clone()).chain(capacity.clone()).collect();
    let mut managers = Vec::new();
    each_block(source, settings, &wanted, &Control::default(), |block| {
        if let Some(broken) = block.broken.first() {
            return Err(source.broken(format!("row {}: {}", broken.row, broken.rule)));
        }
        let names = block.cells(&name)?;
        let capacities = capacity.as_ref().map(|column| block.cells(column)).transpose()?;
        for row in 0..block.height() {
            let at = block.rows.get(row);
            let wrong = |column: &str, value: String, remedy: &str| {
                source.broken(format!("row {at}, column '{column}': '{value}'; {remedy}"))
            };
            let manager = names.name(row).ok_or_else(|| wrong(&name, names.show(row), "give the manager a name"))?;
            let capacity = match (&capacities, &capacity) {
                (Some(cells), Some(column)) => whole(cells.money(row, Decimal::Point).ok()).ok_or_else(|| {
                    wrong(column, cells.show(row), "it must be a whole number of customers, 0 or more")
                })?,
                _ => USUAL_CAPACITY,
            };
            managers.push(AccountManager { name: manager.into_owned(), capacity });
        }
        Ok(())
    })?;
    match managers.is_empty() {
        true => Err(TableError::Empty { file: source.name().into(), what: "there is a header but no manager" }),
        false => Ok(managers),
    }
}

/// A number without a part.
fn whole(number: Option<Money>) -> Option<u32> {
    let number = number.filter(|number| number.0 % Money::SCALE == 0)?;
    u32::try_from(number.0 / Money::SCALE).ok()
}
