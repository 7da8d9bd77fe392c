//! Record batches that come once.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use clivia_core::control::Control;

use crate::error::TableError;
use crate::files::shared::Shared;
use crate::plan::ReadSettings;
use crate::source::rows::{Rows, project};
use crate::source::{Part, Source, Wanted, nested};

/// Record batches that come once, as from a data frame's stream or a database's cursor. What passes is kept on disk, in a
/// file without a name, so that it can be read again.
pub struct Stream {
    name: String,
    schema: SchemaRef,
    kept: Mutex<Kept>,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("name", &self.name).field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Stream {
    /// Reads from `reader`; `name` stands in messages and in the list of refused rows. What passes is kept in `folder`.
    ///
    /// # Errors
    /// [`TableError::Io`] where nothing can be kept there.
    pub fn new(
        name: impl Into<String>,
        reader: Box<dyn RecordBatchReader + Send>,
        folder: &Path,
    ) -> Result<Self, TableError> {
        let (name, schema) = (name.into(), reader.schema());
        let kept = Kept::new(reader, &schema, folder).map_err(|error| failed(&name, error))?;
        Ok(Stream { name, schema, kept: Mutex::new(kept) })
    }
}

impl Source for Stream {
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
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = Rows::new(take);
        let mut hand_on = |batch: &RecordBatch| -> Result<bool, TableError> {
            control.check()?;
            let batch = project(batch, wanted).map_err(|error| failed(&self.name, error))?;
            Ok(rows.hand_on(&batch))
        };
        let again = kept.again().map_err(|error| failed(&self.name, error))?;
        for batch in again {
            if !hand_on(&batch.map_err(|error| failed(&self.name, error))?)? {
                return Ok(());
            }
        }
        while let Some(batch) = kept.next().map_err(|error| failed(&self.name, error))? {
            if !hand_on(&batch)? {
                break;
            }
        }
        Ok(())
    }

    fn kind(&self) -> &'static str {
        "a stream of record batches"
    }
}

/// What has come, and where more comes from.
struct Kept {
    /// A second handle of what is written.
    file: File,
    writer: StreamWriter<BufWriter<File>>,
    /// `None` once all has come.
    rest: Option<Box<dyn RecordBatchReader + Send>>,
}

impl Kept {
    fn new(rest: Box<dyn RecordBatchReader + Send>, schema: &SchemaRef, folder: &Path) -> Result<Self, ArrowError> {
        let file = tempfile::tempfile_in(folder)?;
        let writer = StreamWriter::try_new(BufWriter::with_capacity(1 << 20, file.try_clone()?), schema)?;
        Ok(Kept { file, writer, rest: Some(rest) })
    }

    /// All that has come.
    fn again(&mut self) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, ArrowError> {
        self.writer.get_mut().flush()?;
        let so_far = Shared::new(self.file.try_clone()?)?;
        StreamReader::try_new_buffered(so_far.at(0), None)
    }

    /// The next that comes.
    fn next(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        let Some(batch) = self.rest.as_mut().and_then(Iterator::next).transpose()? else {
            self.rest = None;
            return Ok(None);
        };
        self.writer.write(&batch)?;
        Ok(Some(batch))
    }
}

fn failed(name: &str, error: ArrowError) -> TableError {
    match error {
        ArrowError::IoError(_, cause) => TableError::Io { file: name.into(), cause },
        error => {
            TableError::Broken { file: name.into(), format: "a stream of record batches", cause: error.to_string() }
        }
    }
}
