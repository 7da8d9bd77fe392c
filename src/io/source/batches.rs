//! Record batches in memory.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use clivia_core::control::Control;

use crate::error::TableError;
use crate::plan::ReadSettings;
use crate::source::rows::{Rows, project};
use crate::source::{Part, Source, Wanted, nested};

/// Record batches in memory: a data frame, a result of a query.
#[derive(Debug, Clone)]
pub struct Batches {
    name: String,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Batches {
    /// Batches of this schema; `name` stands in messages and in the list of refused rows.
    pub fn new(name: impl Into<String>, schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Batches { name: name.into(), schema, batches }
    }
}

impl Source for Batches {
    fn name(&self) -> &str {
        &self.name
    }

    fn columns(&self, _: &ReadSettings) -> Result<Vec<String>, TableError> {
        Ok(nested::names(&self.schema))
    }

    fn read(
        &self,
        wanted: &Wanted,
        _: &ReadSettings,
        control: &Control,
        take: &mut dyn FnMut(Part) -> bool,
    ) -> Result<(), TableError> {
        let mut rows = Rows::new(take);
        for batch in &self.batches {
            control.check()?;
            let batch = project(batch, wanted).map_err(|error| self.broken(error.to_string()))?;
            if !rows.hand_on(&batch) {
                break;
            }
        }
        Ok(())
    }

    fn kind(&self) -> &'static str {
        "record batches"
    }
}
