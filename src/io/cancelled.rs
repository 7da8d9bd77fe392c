//! A list of orders that are gone: a table with an order-id column, or one id a line.

use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use crate::columns;
use crate::columns::ORDER;
use crate::orders::cells;
use crate::files::Source;
use crate::blocks::{Block, Progress, Wanted, column_names, for_each_block};
use crate::plan::ReadSettings;
use crate::error::TableError;

/// The fingerprints of the orders that a list names; `order` is the name of their column, found where it is empty.
///
/// # Errors
/// [`TableError`] where the list cannot be read, or a row names no order.
pub(crate) fn read(source: &Source, settings: &ReadSettings, order: &str) -> Result<Vec<u64>, TableError> {
    let held = column_names(source, settings)?;
    let named = Some(order).filter(|order| held.iter().any(|column| column == order));
    let (column, mut orders) = match (columns::find(&source.name, &held, ORDER, named)?, held.as_slice()) {
        (Some(column), _) => (column, Vec::new()),
        // There is no header: what stands there is the first id.
        (None, [first]) => (first.clone(), vec![fingerprint(first)]),
        (None, _) => (columns::need(&source.name, &held, ORDER, None)?, Vec::new()),
    };
    let columns = [column];
    for_each_block(
        source,
        settings,
        &Wanted { columns: &columns, fingerprints: false },
        &Arc::<Progress>::default(),
        |_| Ok(()),
        |block, ()| of_block(source, &block, &columns[0]),
        |more| {
            orders.extend(more);
            Ok(())
        },
    )?;
    Ok(orders)
}

fn of_block(source: &Source, block: &Block, column: &str) -> Result<Vec<u64>, TableError> {
    if let Some(broken) = block.broken.first() {
        return Err(source.broken(format!("row {}: {}", broken.row, broken.rule)));
    }
    let ids = cells(source, block, column)?;
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
