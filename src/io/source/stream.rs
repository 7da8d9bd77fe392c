//! Record batches that come once.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

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

impl Stream {
    /// Locked for a moment only: another reader may go over what has come while this one waits for more.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut rows = Rows::new(take);
        let mut handed = 0;
        loop {
            let more = self.kept().after(handed).map_err(|error| failed(&self.name, error))?;
            let Some(more) = more else { return Ok(()) };
            for batch in more {
                control.check()?;
                let batch =
                    batch.and_then(|batch| project(&batch, wanted)).map_err(|error| failed(&self.name, error))?;
                if !rows.hand_on(&batch) {
                    return Ok(());
                }
                handed += 1;
            }
        }
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
    /// How many batches have come.
    come: usize,
    /// `None` once all has come.
    rest: Option<Box<dyn RecordBatchReader + Send>>,
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

impl Kept {
    fn new(rest: Box<dyn RecordBatchReader + Send>, schema: &SchemaRef, folder: &Path) -> Result<Self, ArrowError> {
        let file = tempfile::tempfile_in(folder)?;
        let writer = StreamWriter::try_new(BufWriter::with_capacity(1 << 20, file.try_clone()?), schema)?;
        Ok(Kept { file, writer, come: 0, rest: Some(rest) })
    }

    /// What comes after so many batches: those that have come, else the next one; `None` at the end.
    fn after(&mut self, handed: usize) -> Result<Option<Batches>, ArrowError> {
        if handed < self.come {
            self.writer.get_mut().flush()?;
            let so_far = Shared::new(self.file.try_clone()?)?;
            let come = StreamReader::try_new_buffered(so_far.at(0), None)?.take(self.come).skip(handed);
            return Ok(Some(Box::new(come)));
        }
        Ok(self.next()?.map(|batch| Box::new(std::iter::once(Ok(batch))) as Batches))
    }

    /// The next that comes.
    fn next(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        let Some(batch) = self.rest.as_mut().and_then(Iterator::next).transpose()? else {
            self.rest = None;
            return Ok(None);
        };
        self.writer.write(&batch)?;
        self.come += 1;
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
