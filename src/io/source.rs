//! Where rows come from: a file, record batches in memory, a stream of them, or whatever else can hand them over.
//!
//! A [`Source`] hands over batches of the columns that are asked for, in its own order. [`FileSource`](crate::files) is
//! one, [`Batches`] and [`Stream`] are others; a database is the next.

mod batches;
pub(crate) mod nested;
pub(crate) mod rows;
mod stream;

use std::fmt;
use std::path::Path;

use arrow::array::RecordBatch;

use clivia_core::control::Control;

use crate::blocks::{Block, Origin, RowNumbers};
use crate::error::TableError;
use crate::files::text::Piece;
use crate::fingerprints;
use crate::frame::Frame;
use crate::plan::ReadSettings;

pub use batches::Batches;
pub use stream::Stream;

/// A table to be read.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{Float64Array, RecordBatch, StringArray};
/// use clivia_io::orders::{CurrencySettings, OrderSettings, OrdersReader};
/// use clivia_io::plan::ReadSettings;
/// use clivia_io::rejects::Rejects;
/// use clivia_io::source::{Batches, Source};
///
/// let batch = RecordBatch::try_from_iter([
///     ("customer_id", Arc::new(StringArray::from(vec!["a", "b"])) as _),
///     ("date", Arc::new(StringArray::from(vec!["2024-01-31", "2024-02-30"])) as _),
///     ("amount", Arc::new(Float64Array::from(vec![9.9, 5.0])) as _),
/// ])?;
/// let orders: Arc<dyn Source> = Arc::new(Batches::new("a frame", batch.schema(), vec![batch]));
/// let (read, settings, currency) = <(ReadSettings, OrderSettings, CurrencySettings)>::default();
/// let reader = OrdersReader::new(&read, &settings, &currency);
/// let mut rejects = Rejects::counting(false);
/// let read = reader.read(&[orders], &Default::default(), &mut rejects, |_| Ok(()))?;
/// assert_eq!((read.rows.used, read.rows.refused), (1, 1)); // 2024 has no 30th of February
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Source: fmt::Debug + Send + Sync {
    /// Its name in messages and in the list of refused rows.
    fn name(&self) -> &str;

    /// The names of its columns.
    ///
    /// # Errors
    /// [`TableError`] where they cannot be read.
    fn columns(&self, settings: &ReadSettings) -> Result<Vec<String>, TableError>;

    /// Hands over its rows, batch by batch and in order, until `take` says that it wants no more.
    ///
    /// # Errors
    /// [`TableError`] where they cannot be read.
    fn read(
        &self,
        wanted: &Wanted,
        settings: &ReadSettings,
        control: &Control,
        take: &mut dyn FnMut(Part) -> bool,
    ) -> Result<(), TableError>;

    /// Bytes that there are to read, where that is known; [`Source::read`] counts them in its [`Control`].
    fn bytes(&self) -> Option<u64> {
        None
    }

    /// What it holds, in a sentence: "not readable as Parquet".
    fn kind(&self) -> &'static str {
        "a table"
    }

    /// Whether [`Source::read`] gives the same rows each time. A source that cannot is read once, so that it must be
    /// told how its dates are written; [`Stream`] keeps what passes, and can be read again.
    fn can_be_read_again(&self) -> bool {
        true
    }

    /// What a row's number counts.
    fn rows_are(&self) -> RowsAre {
        RowsAre::Records
    }

    /// The file that it is, where it is one.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// What stands around its rows, as far as that must be found out.
    ///
    /// # Errors
    /// [`TableError`] where it cannot be read.
    fn frame(&self, _: &ReadSettings) -> Result<Frame, TableError> {
        Ok(Frame::default())
    }

    /// The settings by which it is read, with what must be found out about it filled in: delimiter and encoding of a text,
    /// the sheet of a workbook.
    ///
    /// # Errors
    /// [`TableError`] where it cannot be read.
    fn settled(&self, settings: &ReadSettings) -> Result<ReadSettings, TableError> {
        let Frame { delimiter, encoding, sheet, .. } = self.frame(settings)?;
        let found = |found: String, stated: &String| if found.is_empty() { stated.clone() } else { found };
        Ok(ReadSettings {
            delimiter: found(delimiter, &settings.delimiter),
            encoding: found(encoding, &settings.encoding),
            sheet: found(sheet, &settings.sheet),
            ..settings.clone()
        })
    }

    /// The error of a source that is not what it should be.
    fn broken(&self, cause: String) -> TableError {
        TableError::Broken { file: self.name().into(), format: self.kind(), cause }
    }

    /// The error of a source that cannot be read for a reason of the system.
    fn io(&self, cause: std::io::Error) -> TableError {
        if cause.kind() == std::io::ErrorKind::UnexpectedEof {
            return self.broken("the file ends too early; it is cut short, so copy or download it again".into());
        }
        TableError::Io { file: self.name().into(), cause }
    }

    /// The error of a source without a row.
    fn empty(&self, what: &'static str) -> TableError {
        TableError::Empty { file: self.name().into(), what }
    }

    /// The error of a source whose decoder has panicked.
    fn gave_up(&self) -> TableError {
        self.broken("the decoder gave up; the file is damaged".into())
    }
}

/// What the number of a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsAre {
    /// Lines of a text; the header is line 1.
    Lines,
    /// Records, from 1.
    Records,
}

/// What is wanted of a source.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The columns, under the source's own names. Others may be handed over with them.
    pub columns: &'a [String],
    /// Whether rows must be told apart as wholes: then all columns are to be handed over.
    pub fingerprints: bool,
}

/// Some rows that a source hands over.
#[derive(Debug)]
pub struct Part(Held);

#[derive(Debug)]
enum Held {
    /// Rows, and the number of the first.
    Batch(RecordBatch, u64),
    /// Rows of text.
    Block(Block),
    /// Text that becomes rows on another thread.
    Text(Piece),
}

impl Part {
    /// Rows of Arrow columns; `first_row` is the number of the first of them in the source.
    pub fn batch(batch: RecordBatch, first_row: u64) -> Self {
        Part(Held::Batch(batch, first_row))
    }

    /// Rows of text.
    pub(crate) fn block(block: Block) -> Self {
        Part(Held::Block(block))
    }

    /// Text that becomes rows on another thread.
    pub(crate) fn text(piece: Piece) -> Self {
        Part(Held::Text(piece))
    }

    /// Its rows; `None` where a text has nothing but blank lines.
    pub(crate) fn into_block(self, origin: &Origin, fingerprints: bool) -> Result<Option<Block>, TableError> {
        match self.0 {
            Held::Block(block) => Ok(Some(block.of(origin))),
            Held::Text(piece) => Ok(piece.block().map(|block| block.of(origin))),
            Held::Batch(batch, first) => {
                let prints = fingerprints.then(|| fingerprints::of(&batch)).transpose();
                let prints = prints.map_err(|error| origin.broken(error.to_string()))?;
                Ok(Some(Block::of_batch(batch, RowNumbers::From(first), prints).of(origin)))
            }
        }
    }
}
