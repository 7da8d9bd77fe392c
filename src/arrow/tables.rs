//! Output tables as record batches.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, RecordBatch, RecordBatchOptions, StringArray,
    UInt32Array, UInt64Array,
};
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use clivia_core::score::columns::CustomerTable;
use clivia_core::table::{Column, Values};

/// Rows of a batch of the customer table.
pub const BATCH_ROWS: usize = 65_536;

/// The customer table, block by block; at least one batch, so that its columns are known.
///
/// Texts are Utf8, counts UInt32, days Date32, all other numbers Float64 or Int32; null is what is not known.
pub fn customer_batches<'a>(
    table: &'a CustomerTable<'_>,
) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<'a> {
    let rows = table.len();
    let blocks = (0..rows.max(1)).step_by(BATCH_ROWS);
    blocks.map(move |first| customer_batch(table, first..(first + BATCH_ROWS).min(rows)))
}

/// Some rows of the customer table.
///
/// # Errors
/// [`ArrowError`] where they are more than a batch holds.
pub fn customer_batch(table: &CustomerTable<'_>, rows: Range<usize>) -> Result<RecordBatch, ArrowError> {
    let rows = table.rows(rows);
    record_batch(rows.len(), table.block(&rows))
}

/// Columns of an output table as a batch.
///
/// # Errors
/// [`ArrowError`] where they differ in length.
pub fn record_batch(rows: usize, columns: Vec<Column<'_>>) -> Result<RecordBatch, ArrowError> {
    let arrays: Vec<(String, ArrayRef)> =
        columns.into_iter().map(|column| (column.name.into_owned(), array(column.values))).collect();
    let field = |(name, array): &(String, ArrayRef)| Field::new(name, array.data_type().clone(), true);
    let schema = Schema::new(arrays.iter().map(field).collect::<Vec<_>>());
    let arrays = arrays.into_iter().map(|(_, array)| array).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(schema), arrays, &options)
}

fn array(values: Values<'_>) -> ArrayRef {
    match values {
        Values::Text(values) => Arc::new(StringArray::from_iter(values)),
        Values::OwnText(values) => Arc::new(StringArray::from_iter(values)),
        Values::Number(values) => Arc::new(Float64Array::from_iter(values)),
        Values::Count(values) => Arc::new(UInt32Array::from_iter(values)),
        Values::LargeCount(values) => Arc::new(UInt64Array::from_iter(values)),
        Values::Integer(values) => Arc::new(Int32Array::from_iter(values)),
        Values::Day(values) => Arc::new(Date32Array::from_iter(values.into_iter().map(|day| day.map(|day| day.0)))),
        Values::Flag(values) => Arc::new(BooleanArray::from_iter(values)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, AsArray};
    use clivia_core::base::Day;
    use clivia_core::table::{counts, days, numbers, text};

    #[test]
    fn columns_keep_their_values_and_their_gaps() -> Result<(), ArrowError> {
        let columns = vec![
            text("customer_id", [Some("a"), Some("b")].into_iter()),
            counts("orders", [Some(3), None].into_iter()),
            numbers("clv", [Some(1.5), Some(f64::NAN)].into_iter()),
            days("last_order", [None, Some(Day(19_000))].into_iter()),
        ];
        let batch = record_batch(2, columns)?;
        assert_eq!(
            batch.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(),
            ["customer_id", "orders", "clv", "last_order"]
        );
        assert_eq!(batch.column(0).as_string::<i32>().value(1), "b");
        assert_eq!((0..4).map(|column| batch.column(column).null_count()).collect::<Vec<_>>(), [0, 1, 1, 1]);
        Ok(())
    }
}
