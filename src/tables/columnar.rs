//! Parquet and Arrow IPC: polars decodes, batch by batch, only the wanted columns.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use polars::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use super::sources::{Format, Source};
use super::{Block, Part, Progress, RowNumbers, Table, TableError, Wanted};

/// The fewest rows that are worth a scan of their own.
const STRETCH_ROWS: u64 = 8_000_000;
/// Rows in a batch.
const BATCH_ROWS: NonZeroUsize = NonZeroUsize::new(65_536).unwrap();

fn scan(source: &Source) -> Result<LazyFrame, TableError> {
    let path = PlRefPath::try_from_path(source.path()).map_err(|error| failed(source, error))?;
    let frame = match source.format {
        Format::Ipc => {
            LazyFrame::scan_ipc(path, IpcScanOptions::default(), UnifiedScanArgs { glob: false, ..Default::default() })
        }
        _ => LazyFrame::scan_parquet(path, ScanArgsParquet { glob: false, ..Default::default() }),
    };
    frame.map_err(|error| failed(source, error))
}

pub(super) fn header(source: &Source) -> Result<Vec<String>, TableError> {
    let schema = scan(source)?.collect_schema().map_err(|error| failed(source, error))?;
    Ok(schema.iter_names().map(|name| name.to_string()).collect())
}

pub(super) fn read(
    source: &Source,
    wanted: &Wanted,
    progress: &Arc<Progress>,
    sender: SyncSender<Part>,
) -> Result<(), TableError> {
    let groups = row_groups(source)?;
    let total: u64 = groups.iter().sum();
    let bytes_a_row = source.bytes.unwrap_or(0) as f64 / total.max(1) as f64;
    let next_row = Arc::new(AtomicU64::new(1));
    for (offset, length) in stretches(&groups) {
        let mut frame = scan(source)?.slice(offset, length);
        // A fingerprint is of the whole row; otherwise only what is wanted is decoded.
        if !wanted.fingerprints {
            frame = frame.select(wanted.columns.iter().map(|name| col(name.as_str())).collect::<Vec<_>>());
        }
        let (fingerprints, counted) = (wanted.fingerprints, progress.clone());
        let (sender, next_row, stopped) = (sender.clone(), next_row.clone(), Arc::new(AtomicBool::new(false)));
        let stop = stopped.clone();
        let done = move |frame: DataFrame| {
            let height = frame.height() as u64;
            let rows = RowNumbers::From(next_row.fetch_add(height, Ordering::Relaxed));
            counted.add_bytes((bytes_a_row * height as f64) as u64);
            let fingerprints = if fingerprints { Some(fingerprints_of(&frame)?) } else { None };
            let block = Block { table: Table::Frame(frame), rows, broken: Vec::new(), fingerprints };
            let closed = sender.send(Part::Block(block)).is_err();
            stop.fetch_or(closed, Ordering::Relaxed);
            Ok(closed)
        };
        let query = frame.sink_batches(PlanCallback::new(done), true, Some(BATCH_ROWS));
        query.and_then(|query| query.collect_with_engine(Engine::Streaming)).map_err(|error| failed(source, error))?;
        if stopped.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(())
}

/// How many rows each part of the file holds that can be read by itself.
fn row_groups(source: &Source) -> Result<Vec<u64>, TableError> {
    if source.format == Format::Parquet {
        let mut reader = ParquetReader::new(source.file()?);
        let metadata = reader.get_metadata().map_err(|error| failed(source, error))?;
        return Ok(metadata.row_groups.iter().map(|group| group.num_rows() as u64).collect());
    }
    let count = scan(source)?.select([len()]).collect().map_err(|error| failed(source, error))?;
    let count =
        count.columns().first().and_then(|column| column.get(0).ok()).and_then(|value| value.try_extract::<u64>().ok());
    Ok(vec![count.unwrap_or(0)])
}

/// Row groups brought together to stretches of at least [`STRETCH_ROWS`], as offset and length. A file is mapped into
/// memory while it is read, so that a large one is read a stretch at a time.
fn stretches(groups: &[u64]) -> Vec<(i64, IdxSize)> {
    let mut stretches: Vec<(i64, IdxSize)> = Vec::new();
    let mut before = 0;
    for &rows in groups {
        match stretches.last_mut() {
            Some((_, length)) if u64::from(*length) < STRETCH_ROWS => *length += rows as IdxSize,
            _ => stretches.push((before, rows as IdxSize)),
        }
        before += rows as i64;
    }
    stretches
}

fn fingerprints_of(frame: &DataFrame) -> PolarsResult<Vec<u128>> {
    let mut hashers: Vec<Xxh3> = (0..frame.height()).map(|_| Xxh3::new()).collect();
    for column in frame.columns() {
        let text = column.as_materialized_series().cast(&DataType::String)?;
        for (hasher, cell) in hashers.iter_mut().zip(text.str()?.iter()) {
            hasher.update(&cell.map_or(u64::MAX, |cell| cell.len() as u64).to_le_bytes());
            hasher.update(cell.unwrap_or_default().as_bytes());
        }
    }
    Ok(hashers.iter().map(Xxh3::digest128).collect())
}

fn failed(source: &Source, error: PolarsError) -> TableError {
    source.broken(format!("{error}; the file is damaged or is not what its name says"))
}
