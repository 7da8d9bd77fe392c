//! Record batches handed on in pieces of a size, their rows counted.

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;

use crate::blocks::BLOCK_ROWS;
use crate::source::{Part, Wanted, nested};

/// Hands batches on, one after the other.
pub(crate) struct Rows<'a> {
    take: &'a mut dyn FnMut(Part) -> bool,
    /// The number of the next row.
    next: u64,
}

impl<'a> Rows<'a> {
    /// Begins with row 1.
    pub(crate) fn new(take: &'a mut dyn FnMut(Part) -> bool) -> Self {
        Rows { take, next: 1 }
    }

    /// Hands a batch on; whether more is wanted.
    pub(crate) fn hand_on(&mut self, batch: &RecordBatch) -> bool {
        (0..batch.num_rows()).step_by(BLOCK_ROWS).all(|start| {
            let piece = batch.slice(start, BLOCK_ROWS.min(batch.num_rows() - start));
            let first = self.next;
            self.next += piece.num_rows() as u64;
            (self.take)(Part::batch(piece, first))
        })
    }
}

/// The places of the wanted columns, and of those that hold them, among the fields of a schema, in its order; all of them
/// where rows must be told apart as wholes.
pub(crate) fn places(schema: &Schema, wanted: &Wanted) -> Vec<usize> {
    let is_wanted = |field: &Field| wanted.fingerprints || wanted.columns.iter().any(|name| nested::holds(field, name));
    let first = |place: usize, name: &String| schema.fields()[..place].iter().all(|field| field.name() != name);
    let fields = schema.fields().iter().enumerate();
    fields
        .filter(|(place, field)| is_wanted(field) && (wanted.fingerprints || first(*place, field.name())))
        .map(|(place, _)| place)
        .collect()
}

/// The wanted columns of a batch, those within structs under their paths.
pub(crate) fn project(batch: &RecordBatch, wanted: &Wanted) -> Result<RecordBatch, ArrowError> {
    nested::flat(match wanted.fingerprints {
        true => batch.clone(),
        false => batch.project(&places(batch.schema_ref(), wanted))?,
    })
}
