//! Reading tables: which files, which columns, which rows cannot be used and why.
//!
//! Text files are cut at record ends and read record by record, every cell as the text that stands in
//! the file, so that a refused value can be shown as it was and its row number is the file's own.
//! Columnar files are read by polars. Both arrive as blocks of the columns that were asked for.

pub(crate) mod cancelled;
pub mod cells;
mod columnar;
pub mod columns;
pub mod contacts;
pub mod customers;
pub mod managers;
pub(crate) mod dates;
mod ndjson;
mod numbers;
pub mod orders;
pub mod rejects;
pub mod sources;
pub mod subscriptions;
mod text;
mod texts;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use chrono_tz::Tz;
use polars::prelude::{DataFrame, PolarsResult, polars_err};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::units::Day;
use cells::{Cells, Texts};
use sources::{Format, Source};
use texts::TextTable;

/// Why a table could not be read at all. A row that cannot be used is no error but a [`rejects::Reject`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file system said no.
    #[error("{file}: {cause}")]
    Io {
        /// The file.
        file: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// No file is meant by what was typed.
    #[error("{0}: no such file; name a file, a folder, a pattern such as 'orders/*.csv', or - for standard input")]
    NoFile(String),
    /// A file without a single row.
    #[error("{file}: {what}; nothing can be scored from it")]
    Empty {
        /// The file.
        file: String,
        /// What it is: empty, or a header only.
        what: &'static str,
    },
    /// The bytes are not what the format promises.
    #[error("{file}: not readable as {format}: {cause}")]
    Broken {
        /// The file.
        file: String,
        /// The format that was expected.
        format: &'static str,
        /// What was wrong, and what to try.
        cause: String,
    },
    /// A needed column is missing.
    #[error("{file}: no {wanted}; the file holds: {held}{nearest}. Name it with {flag}")]
    Column {
        /// The file.
        file: String,
        /// What the column would be used for, and the name that was asked for.
        wanted: String,
        /// The columns there are.
        held: String,
        /// The nearest candidates, in words, or nothing.
        nearest: String,
        /// The flag or setting that names it.
        flag: &'static str,
    },
    /// Two columns could be meant.
    #[error("{file}: both '{first}' and '{second}' could be the {role} column; choose one with {flag}")]
    TwoColumns {
        /// The file.
        file: String,
        /// One of them.
        first: String,
        /// The other.
        second: String,
        /// What the column would be used for.
        role: &'static str,
        /// The flag or setting that names it.
        flag: &'static str,
    },
    /// Day or month first?
    #[error(
        "{file}, row {row}, column '{column}': '{value}' may be day/month or month/day, and the dates nearby do not tell, \
         or tell both; say which with --date-format, for example --date-format %d/%m/%Y"
    )]
    AmbiguousDates {
        /// The file.
        file: String,
        /// The first such row.
        row: u64,
        /// The date column.
        column: String,
        /// The date as it stands there.
        value: String,
    },
    /// The amount expression does not work.
    #[error("--amount \"{expression}\": {cause}")]
    Expression {
        /// The expression.
        expression: String,
        /// What is wrong with it.
        cause: String,
    },
    /// More than one currency.
    #[error(
        "{file}, row {row}, column '{column}': currency '{found}' after '{first}'; amounts of two currencies do not add \
         up. Keep one with --currency {first}, or give rates in the config: [currency] into = \"{first}\", \
         rates = {{ {found} = 1.0 }}"
    )]
    Currencies {
        /// The file.
        file: String,
        /// The row.
        row: u64,
        /// The currency column.
        column: String,
        /// The currency met first.
        first: String,
        /// The other one.
        found: String,
    },
    /// More money than can be counted.
    #[error(
        "{file}: all amounts together are more than 922 trillion currency units, which cannot be summed exactly; \
         give them in a larger unit, for example --amount \"amount / 1000\""
    )]
    SumTooLarge {
        /// The file in which the sum went over.
        file: String,
    },
    /// A row was refused in strict mode.
    #[error("{0} (--strict stops at the first refused row)")]
    Strict(rejects::Reject),
    /// The list of refused rows could not be written.
    #[error("rejects.csv: {0}")]
    Rejects(std::io::Error),
    /// What was read did not fit into memory, nor on disk.
    #[error(transparent)]
    Spill(#[from] crate::memory::SpillError),
    /// A setting for reading makes no sense.
    #[error("{setting}: {cause}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What is wrong and what would be right.
        cause: String,
    },
}

/// The sign between whole and part of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// `1234.50`
    #[default]
    Point,
    /// `1234,50`
    Comma,
}

/// How files are read, whatever they hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadSettings {
    /// What separates the cells of a text file: one of `,` `;` `|` or a tab; sniffed where empty.
    pub delimiter: String,
    /// The encoding of text files, such as `utf-8`, `latin1` or `windows-1252`.
    pub encoding: String,
    /// Whether numbers are written with a decimal point or a decimal comma.
    pub decimal: Decimal,
    /// How dates are written, in strftime's words, such as `%d/%m/%Y`; found out where empty.
    pub date_format: String,
    /// The time zone in whose calendar a timestamp with a zone falls on a day.
    #[serde(with = "timezone_name")]
    pub timezone: Tz,
    /// Rows before this day are refused; 1900-01-01 and 1970-01-01 are how databases write "no date".
    pub earliest: Day,
    /// Rows after this day are refused.
    pub latest: Day,
}

mod timezone_name {
    use super::*;
    use serde::{Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse()
            .map_err(|_| de::Error::custom(format!("'{name}' is not a time zone; write one such as Europe/Warsaw")))
    }
}

impl Default for ReadSettings {
    fn default() -> Self {
        ReadSettings {
            delimiter: String::new(),
            encoding: "utf-8".into(),
            decimal: Decimal::Point,
            date_format: String::new(),
            timezone: Tz::UTC,
            earliest: Day(1),
            latest: Day(47_481), // 2099-12-31
        }
    }
}

impl ReadSettings {
    fn delimiter_byte(&self) -> Result<Option<u8>, TableError> {
        match self.delimiter.as_str() {
            "" => Ok(None),
            "\\t" | "tab" => Ok(Some(b'\t')),
            one if one.len() == 1 && one.is_ascii() && !["\n", "\r", "\""].contains(&one) => {
                Ok(Some(one.as_bytes()[0]))
            }
            other => Err(TableError::Setting {
                setting: "read.delimiter",
                cause: format!(
                    "'{other}' is not a single character that can stand between cells; write one of , ; | or tab"
                ),
            }),
        }
    }
}

/// Some rows of a file: the wanted columns, and where each row stands in the file.
#[derive(Debug)]
pub(crate) struct Block {
    /// The wanted columns, under the file's own names.
    table: Table,
    /// Row numbers: lines of a text file (the header is line 1), else records counted from 1.
    pub(crate) rows: RowNumbers,
    /// Rows that broke before they became cells.
    pub(crate) broken: Vec<BrokenRow>,
    /// A fingerprint of each whole row, where duplicates are looked for.
    pub(crate) fingerprints: Option<Vec<u128>>,
}

/// Columns as they were read.
#[derive(Debug)]
enum Table {
    Frame(DataFrame),
    Texts(TextTable),
}

impl Block {
    /// How many rows there are.
    pub(crate) fn height(&self) -> usize {
        match &self.table {
            Table::Frame(frame) => frame.height(),
            Table::Texts(texts) => texts.height,
        }
    }

    /// A column.
    pub(crate) fn cells(&self, name: &str) -> PolarsResult<Cells> {
        match &self.table {
            Table::Frame(frame) => Cells::new(frame.column(name)?),
            Table::Texts(texts) => {
                let column = texts.column(name).ok_or_else(|| polars_err!(ColumnNotFound: "{name}"))?;
                Ok(Cells::Text(Texts::Lying(column.clone())))
            }
        }
    }

    /// All columns, as polars wants them.
    pub(crate) fn frame(&self) -> PolarsResult<DataFrame> {
        match &self.table {
            Table::Frame(frame) => Ok(frame.clone()),
            Table::Texts(texts) => texts.frame(),
        }
    }
}

/// Row numbers of a block.
#[derive(Debug)]
pub(crate) enum RowNumbers {
    /// Consecutive from this one.
    From(u64),
    /// One a row.
    Each(Vec<u64>),
}

impl RowNumbers {
    /// The number of the block's row at `index`.
    pub(crate) fn get(&self, index: usize) -> u64 {
        match self {
            RowNumbers::From(first) => first + index as u64,
            RowNumbers::Each(numbers) => numbers[index],
        }
    }
}

/// A record that is no row: the wrong number of cells, not JSON, too long.
#[derive(Debug)]
pub(crate) struct BrokenRow {
    /// Its number in the file.
    pub(crate) row: u64,
    /// What it looks like.
    pub(crate) value: String,
    /// Which rule it breaks.
    pub(crate) rule: rejects::Rule,
}

/// Rows in a block of text, and in the first one of a text file, from which it is found out how the file is written.
const BLOCK_ROWS: usize = 65_536;
/// Parts that may wait to be used.
const PARTS_AHEAD: usize = 16;

/// How far a run is, for whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    rows: AtomicU64,
    stage: Mutex<&'static str>,
}

impl Progress {
    /// Bytes of the files read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// What is being done.
    pub fn stage(&self) -> &'static str {
        self.stage.lock().map_or("", |stage| *stage)
    }

    pub(crate) fn enter(&self, stage: &'static str) {
        if let Ok(mut current) = self.stage.lock() {
            *current = stage;
        }
    }

    fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add_rows(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }
}

/// The names of a file's columns, found by reading its head.
pub(crate) fn column_names(source: &Source, settings: &ReadSettings) -> Result<Vec<String>, TableError> {
    match source.format {
        Format::Text => text::header(source, settings),
        Format::NdJson => ndjson::header(source, settings),
        Format::Parquet | Format::Ipc => columnar::header(source),
    }
}

/// What is wanted of a file.
pub(crate) struct Wanted<'a> {
    /// The columns, under the file's own names.
    pub(crate) columns: &'a [String],
    /// Whether rows must be told apart as wholes.
    pub(crate) fingerprints: bool,
}

/// What a reader hands over: rows, or text that becomes rows on another thread.
enum Part {
    Block(Block),
    Text(text::Piece),
}

impl Part {
    /// Its rows; `None` where a text has nothing but blank lines.
    fn block(self) -> Option<Block> {
        match self {
            Part::Block(block) => Some(block),
            Part::Text(piece) => piece.block(),
        }
    }
}

/// Reads a file on a thread of its own, turns its blocks over on all threads, and hands the results
/// on in the file's order.
///
/// `prepare` sees every block before its turn, one after the other. While a group of blocks is turned over, the next
/// one is decoded and the results of the one before are handed on.
pub(crate) fn for_each_block<P: Send, T: Send>(
    source: &Source,
    settings: &ReadSettings,
    wanted: &Wanted,
    progress: &Arc<Progress>,
    mut prepare: impl FnMut(&Block) -> Result<P, TableError>,
    turn: impl Fn(Block, P) -> Result<T, TableError> + Sync,
    mut absorb: impl FnMut(T) -> Result<(), TableError>,
) -> Result<(), TableError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Part>(PARTS_AHEAD);
        let reader = scope.spawn(move || read(source, settings, wanted, progress, sender));
        let mut parts = receiver.into_iter();
        let (mut prepared, mut results) = (Vec::new(), Vec::new());
        let mut use_all = || loop {
            let group: Vec<Part> = parts.by_ref().take(4 * rayon::current_num_threads()).collect();
            if group.is_empty() && prepared.is_empty() && results.is_empty() {
                return Ok(());
            }
            let (waiting, finished) = (std::mem::take(&mut prepared), std::mem::take(&mut results));
            let mut blocks = Vec::new();
            rayon::in_place_scope(|pool| {
                pool.spawn(|_| results = waiting.into_par_iter().map(|(block, with)| turn(block, with)).collect());
                pool.spawn(|_| blocks = group.into_par_iter().filter_map(Part::block).collect());
                finished.into_iter().try_for_each(|result: Result<T, TableError>| absorb(result?))
            })?;
            let pair = |block| prepare(&block).map(|with| (block, with));
            prepared = blocks.into_iter().map(pair).collect::<Result<_, _>>()?;
        };
        let used = use_all();
        // With nobody to read for any more, the reader stops.
        drop(parts);
        let read = reader.join().unwrap_or_else(|_| Err(source.gave_up()));
        used.and(read)
    })
}

fn read(
    source: &Source,
    settings: &ReadSettings,
    wanted: &Wanted,
    progress: &Arc<Progress>,
    sender: SyncSender<Part>,
) -> Result<(), TableError> {
    match source.format {
        Format::Text => text::read(source, settings, wanted, progress, &sender),
        Format::NdJson => ndjson::read(source, settings, wanted, progress, &sender),
        Format::Parquet | Format::Ipc => columnar::read(source, wanted, progress, sender),
    }
}

/// Where a file is, for sorting and showing.
pub(crate) fn shown(path: &std::path::Path) -> String {
    PathBuf::from(path).display().to_string()
}
