//! A list of orders that are gone: a table with an order-id column, or one id a line.

use xxhash_rust::xxh3::xxh3_64;

use clivia_core::control::Control;

use crate::blocks::{Block, each_block};
use crate::columns;
use crate::columns::ORDER;
use crate::error::TableError;
use crate::plan::ReadSettings;
use crate::source::Source;

/// The fingerprints of the orders that a list names; `order` is the name of their column, found where it is empty.
///
/// # Errors
/// [`TableError`] where the list cannot be read, or a row names no order.
pub fn read(source: &dyn Source, settings: &ReadSettings, order: &str) -> Result<Vec<u64>, TableError> {
    let held = source.columns(settings)?;
    let named = Some(order).filter(|order| held.iter().any(|column| column == order));
    let (column, mut orders) = match (columns::find(source.name(), &held, ORDER, named)?, held.as_slice()) {
        (Some(column), _) => (column, Vec::new()),
        // There is no header: what stands there is the first id.
        (None, [first]) => (first.clone(), vec![fingerprint(first)]),
        (None, _) => (columns::need(source.name(), &held, ORDER, None)?, Vec::new()),
    };
    let columns = [column];
    each_block(source, settings, &columns, &Control::default(), |block| {
        orders.extend(of_block(source, &block, &columns[0])?);
        Ok(())
    })?;
    Ok(orders)
}

fn of_block(source: &dyn Source, block: &Block, column: &str) -> Result<Vec<u64>, TableError> {
    if let Some(broken) = block.broken.first() {
        return Err(source.broken(format!("row {}: {}", broken.row, broken.rule)));
    }
    let ids = block.cells(column)?;
    let order = |row| {
        let id = ids.name(row).ok_or_else(|| {
            let at = block.rows.get(row);
            source.broken(format!("row {at}: no order id; give one, or take the row out"))
        })?;
        Ok(fingerprint(&id))
    };
    (0..block.height()).map(order).collect()
}

/// As that of an order line.
fn fingerprint(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}
