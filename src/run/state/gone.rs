//! Orders that no longer count: each with the segment that says so of the segments before it.

use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, UInt64Type};
use clivia_core::control::Control;
use polars::prelude::{DataFrame, IntoColumn, NewChunkedArray, UInt64Chunked};

use crate::error::Error;
use crate::state::manifest::Manifest;
use crate::state::segment;
use crate::state::segment::for_each_batch;
use crate::state::{StateError, damaged};
use clivia_core::base::ids::IdMap;

/// The file of a segment that names them.
pub(super) const FILE: &str = "replaced.parquet";
/// Its only column: fingerprints of order ids.
const COLUMN: &str = "order";
/// Rows written at a time.
const PIECE: usize = 1 << 20;

/// Orders that are replaced or cancelled.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// Below which place among the segments an order does not count.
    below: IdMap<u64, usize>,
}

impl Gone {
    pub(super) fn of(folder: &Path, manifest: &Manifest) -> Result<Self, Error> {
        let mut gone = Gone::default();
        for (position, segment) in manifest.segments.iter().enumerate().filter(|(_, segment)| segment.replaces > 0) {
            let orders = read(folder, &segment.folder(folder).join(FILE), segment.replaces)?;
            gone.below.extend(orders.into_iter().map(|order| (order, position)));
        }
        Ok(gone)
    }

    /// Whether an order's lines in the segment at this place no longer count.
    pub(super) fn has(&self, order: u64, position: usize) -> bool {
        order != 0 && !self.below.is_empty() && self.below.get(&order).is_some_and(|below| position < *below)
    }
}

/// The orders that a segment names.
pub(super) fn read(folder: &Path, path: &Path, count: u64) -> Result<Vec<u64>, Error> {
    let mut orders = Vec::new();
    let of_batch = |rows: &RecordBatch| {
        let orders = segment::column(rows, COLUMN, &DataType::UInt64)?;
        Ok(orders.as_primitive::<UInt64Type>().iter().flatten().collect::<Vec<_>>())
    };
    let add = |more: Vec<u64>| {
        orders.extend(more);
        Ok(())
    };
    for_each_batch(folder, path, &[COLUMN], &Control::default(), of_batch, add)?;
    match orders.len() as u64 == count {
        true => Ok(orders),
        false => Err(damaged(folder, format!("{} does not hold {count} orders", path.display())).into()),
    }
}

/// Names orders in a segment that is being written; how many there are.
pub(super) fn write(folder: &Path, mut orders: Vec<u64>) -> Result<u64, StateError> {
    orders.sort_unstable();
    orders.dedup();
    let frame = |orders: &[u64]| {
        let column = UInt64Chunked::from_slice(COLUMN.into(), orders).into_column();
        DataFrame::new(orders.len(), vec![column])
    };
    if !orders.is_empty() {
        segment::write(&folder.join(FILE), orders.chunks(PIECE).map(frame))?;
    }
    Ok(orders.len() as u64)
}

#[cfg(test)]
mod tests {
    use crate::state::gone::*;

    #[test]
    fn an_order_is_gone_from_older_segments_only() {
        let gone = Gone { below: [(7, 2), (9, 0)].into_iter().collect() };
        let found = |order| (0..4).map(|position| gone.has(order, position)).collect::<Vec<_>>();
        assert_eq!(found(7), [true, true, false, false]);
        assert_eq!((found(9), found(8), found(0)), (vec![false; 4], vec![false; 4], vec![false; 4]));
    }
}
