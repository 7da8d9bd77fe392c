//! Rows into bytes: one file a thing that is written. Nothing is computed here.

pub mod customers;
pub mod frame;
pub mod run_json;
pub mod small_tables;
pub mod staging;

use std::fs::File;
use std::io::{BufWriter, Write};

use polars::prelude::*;

use crate::tables::rejects::spreadsheet_safe;

/// Something could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file system said no.
    #[error("{file}: {cause}")]
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
    #[error("{folder}: it holds {file} of an earlier run; choose another --out, or --overwrite")]
    Exists {
        /// The folder.
        folder: String,
        /// A file that would be replaced.
        file: String,
    },
    /// Another run is writing there.
    #[error("{folder}: another run is writing there; wait for it or choose another --out")]
    Busy {
        /// The folder.
        folder: String,
    },
}

/// How tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum TableFormat {
    /// Apache Parquet, compressed with zstd.
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
const PIECE_ROWS: usize = 262_144;

/// Writes a table piece by piece. The first piece, perhaps without rows, tells the columns.
pub(crate) fn write_table(
    file: File,
    format: TableFormat,
    schema: &Schema,
    pieces: impl Iterator<Item = PolarsResult<DataFrame>>,
) -> PolarsResult<File> {
    let mut out = BufWriter::with_capacity(1 << 20, file);
    match format {
        TableFormat::Parquet => {
            let mut writer = ParquetWriter::new(&mut out).batched(schema)?;
            pieces.into_iter().try_for_each(|piece| writer.write_batch(&piece?))?;
            writer.finish()?;
        }
        TableFormat::Csv => {
            let mut writer = CsvWriter::new(&mut out).include_header(true).batched(&safe_names(schema))?;
            pieces.into_iter().try_for_each(|piece| writer.write_batch(&spreadsheet(&piece?)?))?;
            writer.finish()?;
        }
        TableFormat::Ndjson => {
            for piece in pieces {
                JsonWriter::new(&mut out).with_json_format(JsonFormat::JsonLines).finish(&mut piece?)?;
            }
        }
        TableFormat::Ipc => {
            let mut writer = IpcWriter::new(&mut out).batched(schema, Vec::new())?;
            pieces.into_iter().try_for_each(|piece| writer.write_batch(&piece?))?;
            writer.finish()?;
        }
    }
    out.flush()?;
    out.into_inner().map_err(|error| error.into_error().into())
}

/// A table whose texts no spreadsheet takes for formulas.
fn spreadsheet(frame: &DataFrame) -> PolarsResult<DataFrame> {
    let safe = |column: &Column| {
        let name = spreadsheet_safe(column.name());
        match column.str() {
            Ok(text) => {
                let cells: StringChunked = text.iter().map(|cell| cell.map(spreadsheet_safe)).collect();
                cells.with_name(name.into()).into_column()
            }
            Err(_) => column.clone().with_name(name.into()),
        }
    };
    DataFrame::new(frame.height(), frame.columns().iter().map(safe).collect())
}

fn safe_names(schema: &Schema) -> Schema {
    schema.iter().map(|(name, dtype)| Field::new(spreadsheet_safe(name).into(), dtype.clone())).collect()
}
