//! Blocks of rows: read on one thread, turned over on all, handed on in the source's order.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use arrow::array::{ArrayRef, RecordBatch};
use rayon::prelude::*;

use clivia_core::control::Control;

use crate::cells::{Cells, Texts};
use crate::error::TableError;
use crate::plan::ReadSettings;
use crate::rejects::Rule;
use crate::source::{Part, Source, Wanted};
use crate::texts::TextTable;

/// Rows in a block of text, and in the first one of a text file, from which it is found out how the file is written.
pub(crate) const BLOCK_ROWS: usize = 65_536;
/// Parts that may wait to be used.
const PARTS_AHEAD: usize = 16;

/// The source of a block, for messages.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    name: Arc<str>,
    kind: &'static str,
}

impl Origin {
    pub(crate) fn of(source: &dyn Source) -> Self {
        Origin { name: source.name().into(), kind: source.kind() }
    }

    /// Of what has been made here.
    fn unnamed() -> Self {
        Origin { name: "".into(), kind: "a table" }
    }

    pub(crate) fn broken(&self, cause: String) -> TableError {
        TableError::Broken { file: self.name.to_string(), format: self.kind, cause }
    }
}

/// Some rows of a source: the wanted columns, and where each row stands.
#[derive(Debug)]
pub struct Block {
    origin: Origin,
    /// The wanted columns, under the source's own names.
    table: Table,
    /// Row numbers: lines of a text file (the header is line 1), else records counted from 1.
    pub rows: RowNumbers,
    /// Rows that broke before they became cells.
    pub broken: Vec<BrokenRow>,
    /// Quotes that should not be there.
    pub stray_quotes: Vec<StrayQuote>,
    /// A fingerprint of each whole row, where duplicates are looked for.
    pub fingerprints: Option<Vec<u128>>,
}

/// Columns as they were read.
#[derive(Debug)]
enum Table {
    Batch(RecordBatch),
    Texts(TextTable),
}

impl Block {
    pub(crate) fn of_batch(batch: RecordBatch, rows: RowNumbers, fingerprints: Option<Vec<u128>>) -> Self {
        let (broken, stray_quotes) = Default::default();
        Block { origin: Origin::unnamed(), table: Table::Batch(batch), rows, broken, stray_quotes, fingerprints }
    }

    /// Its first rows, not more than so many; what broke or is odd is left to the block.
    pub(crate) fn head(&self, rows: usize) -> Self {
        let rows = rows.min(self.height());
        let table = match &self.table {
            Table::Batch(batch) => Table::Batch(batch.slice(0, rows)),
            Table::Texts(texts) => Table::Texts(texts.head(rows)),
        };
        let numbers = match &self.rows {
            RowNumbers::From(first) => RowNumbers::From(*first),
            RowNumbers::Each(numbers) => RowNumbers::Each(numbers[..rows].to_vec()),
        };
        let (broken, stray_quotes) = Default::default();
        let fingerprints = self.fingerprints.as_ref().map(|prints| prints[..rows].to_vec());
        Block { origin: self.origin.clone(), table, rows: numbers, broken, stray_quotes, fingerprints }
    }

    pub(crate) fn of_texts(
        texts: TextTable,
        rows: Vec<u64>,
        broken: Vec<BrokenRow>,
        stray_quotes: Vec<StrayQuote>,
        fingerprints: Option<Vec<u128>>,
    ) -> Self {
        let rows = RowNumbers::Each(rows);
        Block { origin: Origin::unnamed(), table: Table::Texts(texts), rows, broken, stray_quotes, fingerprints }
    }

    /// The same, with its source.
    pub(crate) fn of(self, origin: &Origin) -> Self {
        Block { origin: origin.clone(), ..self }
    }

    /// How many rows there are.
    pub fn height(&self) -> usize {
        match &self.table {
            Table::Batch(batch) => batch.num_rows(),
            Table::Texts(texts) => texts.height,
        }
    }

    /// Whether there is a column of that name.
    pub fn holds(&self, name: &str) -> bool {
        match &self.table {
            Table::Batch(batch) => batch.column_by_name(name).is_some(),
            Table::Texts(texts) => texts.column(name).is_some(),
        }
    }

    /// A column.
    ///
    /// # Errors
    /// [`TableError::Broken`] where there is none of that name, or its type is none that can be looked at.
    pub fn cells(&self, name: &str) -> Result<Cells, TableError> {
        let missing = || self.origin.broken(format!("it has no column '{name}'"));
        match &self.table {
            Table::Batch(batch) => {
                let column = batch.column_by_name(name).ok_or_else(missing)?;
                Cells::new(column).map_err(|error| self.origin.broken(format!("column '{name}': {error}")))
            }
            Table::Texts(texts) => {
                let column = texts.column(name).ok_or_else(missing)?;
                Ok(Cells::Text(Texts::Lying(column.clone())))
            }
        }
    }

    /// A column as an Arrow array; that of a text is Utf8.
    ///
    /// # Errors
    /// [`TableError::Broken`] where there is none of that name.
    pub fn column(&self, name: &str) -> Result<ArrayRef, TableError> {
        let column = match &self.table {
            Table::Batch(batch) => batch.column_by_name(name).cloned(),
            Table::Texts(texts) => texts.column(name).map(|cells| Arc::new(cells.array()) as ArrayRef),
        };
        column.ok_or_else(|| self.origin.broken(format!("it has no column '{name}'")))
    }

    /// All columns as Arrow arrays; those of a text are Utf8.
    ///
    /// # Errors
    /// [`TableError::Broken`] where they are more than a record batch holds.
    pub fn batch(&self) -> Result<RecordBatch, TableError> {
        match &self.table {
            Table::Batch(batch) => Ok(batch.clone()),
            Table::Texts(texts) => texts.batch().map_err(|error| self.origin.broken(error.to_string())),
        }
    }
}

/// Row numbers of a block.
#[derive(Debug)]
pub enum RowNumbers {
    /// Consecutive from this one.
    From(u64),
    /// One a row.
    Each(Vec<u64>),
}

impl RowNumbers {
    /// The number of the block's row at `index`.
    pub fn get(&self, index: usize) -> u64 {
        match self {
            RowNumbers::From(first) => first + index as u64,
            RowNumbers::Each(numbers) => numbers[index],
        }
    }
}

/// A record that is no row: the wrong number of cells, not JSON, too long.
#[derive(Debug)]
pub struct BrokenRow {
    /// Its number in the file.
    pub row: u64,
    /// What it looks like.
    pub value: String,
    /// Which rule it breaks.
    pub rule: Rule,
}

/// A quote that should not be there: it opens a cell that is not closed where the cell ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrayQuote {
    /// Its line.
    pub row: u64,
    /// How many lines its record has. One: the quote was dropped and the lines behind it are rows of their own. More: they
    /// do not look like rows, and stay in the cell.
    pub lines: u64,
    /// How its line begins.
    pub value: String,
}

/// Reads a source on a thread of its own, turns its blocks over on all threads, and hands the results on in the source's
/// order.
///
/// `prepare` sees every block before its turn, one after the other. While a group of blocks is turned over, the next
/// one is decoded and the results of the one before are handed on.
///
/// # Errors
/// [`TableError`] of the source or of one of the three, [`TableError::Cancelled`] where the run was stopped.
pub fn for_each_block<P: Send, T: Send>(
    source: &dyn Source,
    settings: &ReadSettings,
    wanted: &Wanted,
    control: &Control,
    prepare: impl FnMut(&Block) -> Result<P, TableError>,
    turn: impl Fn(Block, P) -> Result<T, TableError> + Sync,
    absorb: impl FnMut(T) -> Result<(), TableError>,
) -> Result<(), TableError> {
    for_each_block_until(source, settings, wanted, control, prepare, turn, absorb)
}

/// As [`for_each_block`], where something else than an error may end it.
pub(crate) fn for_each_block_until<P: Send, T: Send, E: From<TableError>>(
    source: &dyn Source,
    settings: &ReadSettings,
    wanted: &Wanted,
    control: &Control,
    mut prepare: impl FnMut(&Block) -> Result<P, E>,
    turn: impl Fn(Block, P) -> Result<T, TableError> + Sync,
    mut absorb: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let origin = Origin::of(source);
    let of_part = |part: Part| part.into_block(&origin, wanted.fingerprints).transpose();
    let turn = |(block, with)| {
        control.check()?;
        turn(block, with)
    };
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Part>(PARTS_AHEAD);
        let mut hand_on = move |part| !control.is_cancelled() && sender.send(part).is_ok();
        let reader = scope.spawn(move || source.read(wanted, settings, control, &mut hand_on));
        let mut parts = receiver.into_iter();
        let (mut prepared, mut results) = (Vec::new(), Vec::new());
        let mut use_all = || loop {
            let group: Vec<Part> = parts.by_ref().take(4 * rayon::current_num_threads()).collect();
            control.check().map_err(TableError::from)?;
            if group.is_empty() && prepared.is_empty() && results.is_empty() {
                return Ok(());
            }
            let (waiting, finished) = (std::mem::take(&mut prepared), std::mem::take(&mut results));
            let mut blocks = Vec::new();
            rayon::in_place_scope(|pool| {
                pool.spawn(|_| results = waiting.into_par_iter().map(&turn).collect());
                pool.spawn(|_| blocks = group.into_par_iter().filter_map(of_part).collect());
                finished.into_iter().try_for_each(|result: Result<T, TableError>| absorb(result?))
            })?;
            let pair = |block: Result<Block, TableError>| {
                let block = block?;
                prepare(&block).map(|with| (block, with))
            };
            prepared = blocks.into_iter().map(pair).collect::<Result<_, E>>()?;
        };
        let used = use_all();
        // With nobody to read for any more, the reader stops.
        drop(parts);
        let read = reader.join().unwrap_or_else(|_| Err(source.gave_up()));
        used.and(read.map_err(E::from))
    })
}

/// The first rows of a source, which is not counted as reading it; `None` where it has none.
///
/// # Errors
/// [`TableError`] where they cannot be read, [`TableError::Cancelled`] where the run was stopped.
pub(crate) fn first_block(
    source: &dyn Source,
    settings: &ReadSettings,
    columns: &[String],
    control: &Control,
) -> Result<Option<Block>, TableError> {
    let wanted = Wanted { columns, fingerprints: false };
    let (origin, mut first) = (Origin::of(source), None);
    source.read(&wanted, settings, &control.uncounted(), &mut |part| {
        first = part.into_block(&origin, false).transpose();
        first.is_none() && !control.is_cancelled()
    })?;
    control.check()?;
    first.transpose()
}

/// As [`for_each_block`], where there is nothing to prepare, and each block is handed on as it is.
///
/// # Errors
/// As [`for_each_block`].
pub fn each_block(
    source: &dyn Source,
    settings: &ReadSettings,
    columns: &[String],
    control: &Control,
    absorb: impl FnMut(Block) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let wanted = Wanted { columns, fingerprints: false };
    for_each_block(source, settings, &wanted, control, |_| Ok(()), |block, ()| Ok(block), absorb)
}
