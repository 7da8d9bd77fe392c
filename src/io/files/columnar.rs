//! Parquet and Arrow IPC: polars decodes, batch by batch, only the wanted columns.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use polars::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use crate::files::{Format, Source};
use crate::blocks::{Block, Part, Progress, RowNumbers, Table, Wanted};
use crate::error::TableError;

/// The fewest rows that are worth a scan of their own.
const STRETCH_ROWS: u64 = 8_000_000;
/// With fewer rows of a stretch left, the next one is begun: it takes a while until the first rows of a scan are there.
const ROWS_LEFT: usize = 1_000_000;
/// Batches of a stretch that may wait.
const BATCHES_AHEAD: usize = 1;
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
    let mut next_row = 1;
    std::thread::scope(|scope| {
        let mut stretches = stretches(&groups).into_iter().map(|stretch| {
            let (sender, batches) = sync_channel(BATCHES_AHEAD);
            (scope.spawn(move || decode(source, wanted, stretch, sender)), batches, stretch.1 as usize)
        });
        let mut begun = stretches.next();
        while let Some((decoding, batches, mut left)) = begun.take() {
            for Batch { frame, fingerprints } in batches {
                let height = frame.height();
                let rows = RowNumbers::From(next_row);
                next_row += height as u64;
                progress.add_bytes((bytes_a_row * height as f64) as u64);
                let block = Block { table: Table::Frame(frame), rows, broken: Vec::new(), fingerprints };
                if sender.send(Part::Block(block)).is_err() {
                    // Nobody wants more, which those who decode see too once their batches have nowhere to go.
                    return Ok(());
                }
                left = left.saturating_sub(height);
                if left < ROWS_LEFT && begun.is_none() {
                    begun = stretches.next();
                }
            }
            decoding.join().unwrap_or_else(|_| Err(source.gave_up()))?;
            begun = begun.or_else(|| stretches.next());
        }
        Ok(())
    })
}

/// Some rows of the file, in its order.
struct Batch {
    frame: DataFrame,
    fingerprints: Option<Vec<u128>>,
}

/// Decodes a stretch of rows, until nobody takes them any more.
fn decode(
    source: &Source,
    wanted: &Wanted,
    (offset, length): (i64, IdxSize),
    sender: SyncSender<Batch>,
) -> Result<(), TableError> {
    let mut frame = scan(source)?.slice(offset, length);
    // A fingerprint is of the whole row; otherwise only what is wanted is decoded.
    let whole_rows = wanted.fingerprints;
    if !whole_rows {
        frame = frame.select(wanted.columns.iter().map(|name| col(name.as_str())).collect::<Vec<_>>());
    }
    let done = move |frame: DataFrame| {
        let fingerprints = if whole_rows { Some(fingerprints_of(&frame)?) } else { None };
        Ok(sender.send(Batch { frame, fingerprints }).is_err())
    };
    let query = frame.sink_batches(PlanCallback::new(done), true, Some(BATCH_ROWS));
    query.and_then(|query| query.collect_with_engine(Engine::Streaming)).map_err(|error| failed(source, error))?;
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
