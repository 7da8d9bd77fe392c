//! Rows into bytes: one file a thing that is written. Nothing is computed here.

pub mod frame;
mod out;
mod parquet;

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;

use polars::prelude::*;
use rayon::prelude::*;

use clivia_core::table::SCHEMA;

use crate::cells::show_moment;
use crate::rejects::spreadsheet_safe;
use crate::staging::Staging;
use out::{Failure, Out};
use parquet::Parquet;

/// Something could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file system said no.
    #[error("{file}: {cause}{}", remedy(cause))]
    Io {
        /// The file or folder.
        file: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A table could not be encoded.
    #[error("{file}: {cause}")]
    Encode {
        /// The file.
        file: String,
        /// What polars said.
        cause: PolarsError,
    },
    /// The folder holds an earlier run.
    #[error("{folder}: it holds {file} of an earlier run; choose another folder, or overwrite it")]
    Exists {
        /// The folder.
        folder: String,
        /// A file that would be replaced.
        file: String,
    },
    /// Another run is writing there.
    #[error("{folder}: another run is writing there; wait for it or choose another folder")]
    Busy {
        /// The folder.
        folder: String,
    },
}

impl ExportError {
    /// The setting that would help, where there is one: a door adds the word by which it is set there.
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            ExportError::Exists { .. } => Some("overwrite"),
            ExportError::Busy { .. } => Some("out"),
            ExportError::Io { cause, .. } if !remedy(cause).is_empty() => Some("out"),
            _ => None,
        }
    }

    /// What polars says of a table's file; where the system said it first, in the system's words.
    pub fn of_table(file: String, cause: PolarsError) -> Self {
        match cause {
            PolarsError::IO { error, .. } => ExportError::Io { file, cause: again(&error) },
            cause => ExportError::Encode { file, cause },
        }
    }
}

/// An error of the system once more: it cannot be cloned.
fn again(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

fn remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room there, or choose another folder",
        _ => "",
    }
}

/// How tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TableFormat {
    /// Apache Parquet, compressed with Snappy, which costs the least time and is read by everything.
    #[default]
    Parquet,
    /// Comma-separated values, safe to open in a spreadsheet.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Arrow IPC, also known as Feather.
    Ipc,
}

impl TableFormat {
    /// All of them.
    pub const ALL: [TableFormat; 4] = [TableFormat::Parquet, TableFormat::Csv, TableFormat::Ndjson, TableFormat::Ipc];

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            TableFormat::Parquet => "parquet",
            TableFormat::Csv => "csv",
            TableFormat::Ndjson => "ndjson",
            TableFormat::Ipc => "arrow",
        }
    }
}

/// Rows in a piece of a large table: what is in memory at a time.
pub const PIECE_ROWS: usize = 262_144;

/// Writes a table that is at hand.
///
/// # Errors
/// [`ExportError`] where it cannot be written.
pub fn write_frame(
    staging: &mut Staging,
    name: &str,
    format: TableFormat,
    frame: PolarsResult<DataFrame>,
) -> Result<(), ExportError> {
    write_frames(staging, name, format, std::iter::once(frame))
}

/// Writes a table piece by piece.
///
/// # Errors
/// [`ExportError`] where it cannot be written.
pub fn write_frames(
    staging: &mut Staging,
    name: &str,
    format: TableFormat,
    mut frames: impl Iterator<Item = PolarsResult<DataFrame>> + Send,
) -> Result<(), ExportError> {
    let file = staging.create(name)?;
    let write = || {
        let Some(first) = frames.next().transpose()? else { return Ok(()) };
        let mut writer = TableWriter::new(file, format, first.schema())?;
        let mut waiting = Some(first);
        while let Some(mut frame) = waiting {
            // The next is made while this one is written, on the threads of whoever calls.
            let (written, next) = rayon::join(|| writer.write(&mut frame), || frames.next().transpose());
            written?;
            waiting = next?;
        }
        writer.finish()
    };
    write().map_err(|cause| ExportError::of_table(staging.shown(name), cause))
}

/// A long table in pieces, as many at a time made side by side as there are threads; at least one piece.
pub fn pieces<'a>(
    rows: usize,
    piece: impl Fn(Range<usize>) -> PolarsResult<DataFrame> + Send + Sync + 'a,
) -> impl Iterator<Item = PolarsResult<DataFrame>> + Send + 'a {
    let ranges: Vec<Range<usize>> =
        (0..rows.max(1)).step_by(PIECE_ROWS).map(|start| start..(start + PIECE_ROWS).min(rows)).collect();
    let threads = rayon::current_num_threads();
    let groups = (0..ranges.len()).step_by(threads);
    groups.flat_map(move |first| {
        let group = &ranges[first..(first + threads).min(ranges.len())];
        group.par_iter().map(|range| piece(range.clone())).collect::<Vec<_>>()
    })
}

/// A table that is written piece by piece.
pub struct TableWriter {
    encoder: Encoder,
    failure: Failure,
}

enum Encoder {
    Parquet(Box<Parquet<Out>>),
    Csv(polars::io::csv::write::BatchedWriter<Out>),
    Ndjson(Out),
    Ipc(polars::io::ipc::BatchedWriter<Out>),
}

impl TableWriter {
    /// Begins a table with these columns.
    ///
    /// # Errors
    /// What polars says where it cannot begin.
    pub fn new(file: File, format: TableFormat, schema: &Schema) -> PolarsResult<Self> {
        let failure = Failure::default();
        let out = Out::new(file, &failure);
        let encoder = match format {
            TableFormat::Parquet => Encoder::Parquet(Box::new(Parquet::new(out, schema)?)),
            TableFormat::Csv => {
                let threads = rayon::current_num_threads();
                let writer =
                    CsvWriter::new(out).n_threads(threads).with_datetime_format(Some("%Y-%m-%d %H:%M:%S".into()));
                Encoder::Csv(writer.batched(&safe_names(schema))?)
            }
            TableFormat::Ndjson => Encoder::Ndjson(out),
            TableFormat::Ipc => {
                let fields = std::iter::repeat_with(Default::default).take(schema.len()).collect();
                let mut writer = IpcWriter::new(out).batched(schema, fields)?;
                writer.set_custom_metadata(made_by());
                Encoder::Ipc(writer)
            }
        };
        Ok(TableWriter { encoder, failure })
    }

    /// Writes some rows.
    ///
    /// # Errors
    /// What polars says where it cannot write.
    pub fn write(&mut self, frame: &mut DataFrame) -> PolarsResult<()> {
        let written = match &mut self.encoder {
            Encoder::Parquet(writer) => writer.write(frame),
            Encoder::Csv(writer) => writer.write_batch(&spreadsheet(frame)?),
            Encoder::Ndjson(out) => JsonWriter::new(out).with_json_format(JsonFormat::JsonLines).finish(frame),
            Encoder::Ipc(writer) => writer.write_batch(frame),
        };
        told(&self.failure, written)
    }

    /// Ends the table.
    ///
    /// # Errors
    /// What polars says where it cannot write.
    pub fn finish(self) -> PolarsResult<()> {
        // Each encoder is dropped here, and its file flushed.
        let ended = match self.encoder {
            Encoder::Parquet(writer) => writer.finish(),
            Encoder::Csv(mut writer) => writer.finish(),
            Encoder::Ndjson(mut out) => out.flush().map_err(PolarsError::from),
            Encoder::Ipc(mut writer) => writer.finish(),
        };
        told(&self.failure, ended)
    }
}

/// What a table's file says of itself, where its format has a place for it.
fn made_by() -> Vec<(String, String)> {
    vec![("clivia.schema".into(), SCHEMA.to_string())]
}

/// What the file itself said of something that was done with it, where it said anything.
fn told(failure: &Failure, done: PolarsResult<()>) -> PolarsResult<()> {
    match failure.take() {
        Some(error) => Err(error.into()),
        None => done,
    }
}

/// A table whose texts no spreadsheet takes for formulas.
fn spreadsheet(frame: &DataFrame) -> PolarsResult<DataFrame> {
    let safe = |column: &Column| {
        let name = spreadsheet_safe(column.name());
        match (column.str(), column.dtype()) {
            (Ok(text), _) => {
                let cells: StringChunked = text.iter().map(|cell| cell.map(spreadsheet_safe)).collect();
                cells.with_name(name.into()).into_column()
            }
            (Err(_), DataType::Datetime(unit, Some(_))) => instants(column, *unit).with_name(name.into()),
            (Err(_), _) => column.clone().with_name(name.into()),
        }
    };
    DataFrame::new(frame.height(), frame.columns().iter().map(safe).collect())
}

/// Instants as text, to the second.
fn instants(column: &Column, unit: TimeUnit) -> Column {
    let per_second = match unit {
        TimeUnit::Milliseconds => 1_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Nanoseconds => 1_000_000_000,
    };
    let shown = |ticks: i64| show_moment(ticks, per_second, true);
    let cells = column.as_materialized_series().datetime().map(|instants| instants.physical().iter());
    let cells: StringChunked = cells.into_iter().flatten().map(|ticks| ticks.map(shown)).collect();
    cells.into_column()
}

fn safe_names(schema: &Schema) -> Schema {
    let safe = |dtype: &DataType| match dtype {
        DataType::Datetime(_, Some(_)) => DataType::String,
        other => other.clone(),
    };
    schema.iter().map(|(name, dtype)| Field::new(spreadsheet_safe(name).into(), safe(dtype))).collect()
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};

    use crate::write::*;

    #[test]
    fn tables_carry_the_version_of_their_schema() -> PolarsResult<()> {
        let mut frame = DataFrame::new(3, vec![Column::new("id".into(), [1, 2, 3])])?;
        let mut write = |format| {
            let file = tempfile::NamedTempFile::new()?;
            let mut writer = TableWriter::new(file.reopen()?, format, frame.schema())?;
            writer.write(&mut frame)?;
            writer.finish()?;
            PolarsResult::Ok(file)
        };
        let parquet = SerializedFileReader::new(write(TableFormat::Parquet)?.reopen()?).expect("a Parquet file");
        let held = parquet.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        let version = held.iter().find(|pair| pair.key == "clivia.schema").and_then(|pair| pair.value.clone());
        assert_eq!(version, Some(SCHEMA.to_string()));
        let ipc = arrow::ipc::reader::FileReader::try_new(write(TableFormat::Ipc)?.reopen()?, None).expect("a file");
        assert_eq!(ipc.custom_metadata().get("clivia.schema"), Some(&SCHEMA.to_string()));
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_called_one_in_every_format() -> PolarsResult<()> {
        for format in TableFormat::ALL {
            let mut frame = DataFrame::new(3, vec![Column::new("id".into(), [1, 2, 3])])?;
            let full = File::options().write(true).open("/dev/full")?;
            let written = TableWriter::new(full, format, frame.schema()).and_then(|mut writer| {
                writer.write(&mut frame)?;
                writer.finish()
            });
            let error = ExportError::of_table("t".into(), written.expect_err("there is no room"));
            assert!(error.to_string().starts_with("t: No space left on device"), "{format:?}: {error}");
            assert!(error.to_string().ends_with("choose another folder"), "{format:?}: {error}");
        }
        Ok(())
    }
}
