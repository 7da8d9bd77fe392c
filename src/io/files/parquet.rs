//! Parquet: only the wanted columns, decoded on several threads and handed on in the file's order.
//!
//! The rows of a file are cut into stretches of whole row groups, which are decoded side by side. Long stretches are cut by
//! columns too, since the batches of a stretch must wait for those of the stretches before. A decoder is only a few
//! batches ahead of what is used, so that memory does not grow with the file.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use clivia_core::control::Control;

use crate::blocks::BLOCK_ROWS;
use crate::error::TableError;
use crate::files::FileSource;
use crate::files::shared::{Reader, Shared};
use crate::source::rows::{Rows, places};
use crate::source::{Part, Source, Wanted, nested};

/// Batches that a decoder may be ahead.
const BATCHES_AHEAD: usize = 4;
/// The fewest rows of a stretch: small row groups are read together.
const STRETCH_ROWS: u64 = (BATCHES_AHEAD * BLOCK_ROWS) as u64;
/// Stretches of more rows are cut by columns too.
const LONG_STRETCH: u64 = 2 * STRETCH_ROWS;

pub(super) fn header(source: &FileSource) -> Result<Vec<String>, TableError> {
    let opened = Opened::new(source)?;
    Ok(nested::names(opened.metadata.schema()))
}

pub(super) fn read(
    source: &FileSource,
    wanted: &Wanted,
    control: &Control,
    take: &mut dyn FnMut(Part) -> bool,
) -> Result<(), TableError> {
    let opened = Opened::new(source)?;
    let threads = rayon::current_num_threads();
    let stretches = opened.stretches();
    let lanes = opened.lanes(&places(opened.metadata.schema(), wanted), &stretches, threads);
    let (tasks, waiting) = tasks(&stretches, lanes.len());
    let (tasks, begun) = (Arc::new(tasks), AtomicUsize::new(0));
    let bytes_a_row = opened.file.0.len() as f64 / opened.rows().max(1) as f64;
    let mut rows = Rows::new(take);
    let mut hand_on = |batch: RecordBatch| {
        control.check()?;
        control.add_bytes((bytes_a_row * batch.num_rows() as f64) as u64);
        let batch = nested::flat(batch).map_err(Stopped::Arrow)?;
        if rows.hand_on(&batch) { Ok(()) } else { Err(Stopped::Enough) }
    };
    std::thread::scope(|scope| {
        let decoder = |tasks: Arc<Tasks>| {
            let (opened, stretches, lanes, begun) = (&opened, &stretches, &lanes, &begun);
            scope.spawn(move || {
                while let Some(task) = tasks.next(begun) {
                    opened.decode(&stretches[task.stretch], &lanes[task.lane], &task.sender);
                }
            })
        };
        let decoders: Vec<_> = (0..threads.min(tasks.0.len())).map(|_| decoder(tasks.clone())).collect();
        let all = tasks.0.len();
        // Only those who decode keep them, so that nobody waits for tasks when all who could do them are gone.
        drop(tasks);
        let mut waiting = waiting.into_iter().zip(&stretches);
        let done = waiting.try_for_each(|(batches, stretch)| stretch.hand_on(&batches, &lanes, &mut hand_on));
        // Nobody waits for those who decode any more, so that they end.
        drop(waiting);
        begun.store(all, Ordering::Relaxed);
        let ended = decoders.into_iter().map(|decoder| decoder.join()).fold(Ok(()), Result::and);
        match done {
            Err(Stopped::Enough) => Ok(()),
            Err(Stopped::Decoder) => Err(source.gave_up()),
            Err(Stopped::Arrow(error)) => Err(failed(source, error)),
            Err(Stopped::Cancelled(cancelled)) => Err(cancelled.into()),
            Ok(()) => ended.map_err(|_| source.gave_up()),
        }
    })
}

/// Why no more is handed on.
enum Stopped {
    Enough,
    Decoder,
    Arrow(ArrowError),
    Cancelled(clivia_core::control::Cancelled),
}

impl From<clivia_core::control::Cancelled> for Stopped {
    fn from(cancelled: clivia_core::control::Cancelled) -> Self {
        Stopped::Cancelled(cancelled)
    }
}

/// A file of which the footer has been read.
struct Opened {
    file: Chunks,
    metadata: ArrowReaderMetadata,
}

/// Consecutive row groups.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    groups: Range<usize>,
    rows: u64,
}

/// Columns that are decoded together: their places in the file, rising.
type Lane = Vec<usize>;
type Decoded = Result<RecordBatch, ArrowError>;

impl Opened {
    fn new(source: &FileSource) -> Result<Self, TableError> {
        let file = Chunks(source.file()?);
        let options = || ArrowReaderOptions::new();
        let plain = ArrowReaderMetadata::load(&file, options())
            .or_else(|_| ArrowReaderMetadata::load(&file, options().with_skip_arrow_metadata(true)))
            .map_err(|error| failed(source, error.into()))?;
        let viewed = options().with_schema(Arc::new(with_views(plain.schema())));
        let viewed = ArrowReaderMetadata::try_new(plain.metadata().clone(), viewed);
        Ok(Opened { file, metadata: viewed.unwrap_or(plain) })
    }

    fn rows(&self) -> u64 {
        self.metadata.metadata().row_groups().iter().map(|group| group.num_rows().max(0) as u64).sum()
    }

    /// Row groups brought together to stretches of at least [`STRETCH_ROWS`].
    fn stretches(&self) -> Vec<Stretch> {
        let groups = self.metadata.metadata().row_groups();
        stretches(groups.iter().map(|group| group.num_rows().max(0) as u64))
    }

    /// The columns, cut into about equal shares of bytes where stretches are long.
    fn lanes(&self, columns: &[usize], stretches: &[Stretch], threads: usize) -> Vec<Lane> {
        let long = stretches.iter().any(|stretch| stretch.rows > LONG_STRETCH);
        let count = if long { threads.min(columns.len()).max(1) } else { 1 };
        let mut by_size: Vec<(i64, usize)> = columns.iter().map(|column| (self.bytes_of(*column), *column)).collect();
        by_size.sort_unstable_by_key(|(bytes, column)| (std::cmp::Reverse(*bytes), *column));
        let mut lanes: Vec<(i64, Lane)> = vec![(0, Lane::new()); count];
        for (bytes, column) in by_size {
            if let Some((held, lane)) = lanes.iter_mut().min_by_key(|(held, _)| *held) {
                *held += bytes.max(1);
                lane.push(column);
            }
        }
        lanes.iter_mut().for_each(|(_, lane)| lane.sort_unstable());
        lanes.into_iter().map(|(_, lane)| lane).collect()
    }

    /// Bytes of a column, decompressed.
    fn bytes_of(&self, column: usize) -> i64 {
        let metadata = self.metadata.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let leaves = (0..schema.num_columns()).filter(|leaf| schema.get_column_root_idx(*leaf) == column);
        let of_leaf = |leaf| metadata.row_groups().iter().map(move |group| group.column(leaf).uncompressed_size());
        leaves.flat_map(of_leaf).sum()
    }

    /// Decodes some columns of a stretch, until nobody takes them any more.
    fn decode(&self, stretch: &Stretch, lane: &Lane, sender: &SyncSender<Decoded>) {
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone())
            .with_projection(ProjectionMask::roots(schema, lane.iter().copied()))
            .with_row_groups(stretch.groups.clone().collect())
            .with_batch_size(BLOCK_ROWS)
            .build();
        match reader {
            Ok(mut batches) => {
                batches.try_for_each(|batch| sender.send(batch)).ok();
            }
            Err(error) => {
                sender.send(Err(error.into())).ok();
            }
        }
    }
}

/// Texts are views of the pages that they were decoded from, in place of copies.
fn with_views(schema: &Schema) -> Schema {
    let view = |field: &Field| match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => field.clone().with_data_type(DataType::Utf8View),
        DataType::Dictionary(_, values) if matches!(**values, DataType::Utf8 | DataType::LargeUtf8) => {
            field.clone().with_data_type(DataType::Utf8View)
        }
        _ => field.clone(),
    };
    Schema::new(schema.fields().iter().map(|field| view(field)).collect::<Vec<_>>())
}

fn stretches(groups: impl Iterator<Item = u64>) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (group, rows) in groups.enumerate() {
        match stretches.last_mut() {
            Some(last) if last.rows < STRETCH_ROWS => {
                last.groups.end = group + 1;
                last.rows += rows;
            }
            _ => stretches.push(Stretch { groups: group..group + 1, rows }),
        }
    }
    stretches
}

impl Stretch {
    /// Hands on its batches, put together from its lanes.
    fn hand_on(
        &self,
        lanes: &[Receiver<Decoded>],
        columns: &[Lane],
        hand_on: &mut impl FnMut(RecordBatch) -> Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let mut left = self.rows;
        while left > 0 {
            let of_lane = |lane: &Receiver<Decoded>| lane.recv().map_err(|_| Stopped::Decoder)?.map_err(Stopped::Arrow);
            let parts = lanes.iter().map(of_lane).collect::<Result<Vec<_>, _>>()?;
            let batch = together(parts, columns).map_err(Stopped::Arrow)?;
            left = left.saturating_sub(batch.num_rows() as u64);
            hand_on(batch)?;
        }
        Ok(())
    }
}

/// The columns of several lanes as one batch, in the file's order.
fn together(mut parts: Vec<RecordBatch>, lanes: &[Lane]) -> Result<RecordBatch, ArrowError> {
    if let (1, Some(only)) = (parts.len(), parts.pop_if(|_| lanes.len() == 1)) {
        return Ok(only);
    }
    let rows = parts.first().map(RecordBatch::num_rows);
    let mut columns: Vec<(usize, Arc<Field>, ArrayRef)> = Vec::new();
    for (part, lane) in parts.iter().zip(lanes) {
        let held = part.schema_ref().fields().iter().cloned().zip(part.columns().iter().cloned());
        columns.extend(lane.iter().zip(held).map(|(place, (field, array))| (*place, field, array)));
    }
    columns.sort_unstable_by_key(|(place, ..)| *place);
    let (fields, arrays): (Vec<Arc<Field>>, Vec<ArrayRef>) =
        columns.into_iter().map(|(_, field, array)| (field, array)).unzip();
    let options = RecordBatchOptions::new().with_row_count(rows);
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
}

/// Some columns of a stretch that are to be decoded.
struct Task {
    stretch: usize,
    lane: usize,
    sender: SyncSender<Decoded>,
}

/// Tasks in the order of the file: the earliest is always being worked at, so that nobody waits for a task that nobody
/// has begun.
struct Tasks(Vec<Mutex<Option<Task>>>);

impl Tasks {
    /// The first that is not begun.
    fn next(&self, begun: &AtomicUsize) -> Option<Task> {
        let task = self.0.get(begun.fetch_add(1, Ordering::Relaxed))?;
        task.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The tasks of all stretches, and where the batches of each stretch come, lane by lane.
fn tasks(stretches: &[Stretch], lanes: usize) -> (Tasks, Vec<Vec<Receiver<Decoded>>>) {
    let (mut tasks, mut waiting) = (Vec::new(), Vec::new());
    for stretch in 0..stretches.len() {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..lanes).map(|_| sync_channel(BATCHES_AHEAD)).unzip();
        let task = |(lane, sender)| Mutex::new(Some(Task { stretch, lane, sender }));
        tasks.extend(senders.into_iter().enumerate().map(task));
        waiting.push(receivers);
    }
    (Tasks(tasks), waiting)
}

/// A file as the Parquet reader wants it.
#[derive(Debug, Clone)]
struct Chunks(Shared);

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Chunks {
    type T = io::BufReader<Reader>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(io::BufReader::new(self.0.at(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // What a damaged file says of its lengths may be more than there is memory.
        let end = start.checked_add(length as u64).filter(|end| *end <= self.0.len());
        if end.is_none() {
            return Err(ParquetError::EOF(format!("{length} bytes are to be at {start}, behind the end of the file")));
        }
        let mut bytes = vec![0; length];
        self.0.at(start).read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

fn failed(source: &FileSource, error: ArrowError) -> TableError {
    source.broken(format!("{error}; the file is damaged or is not what its name says"))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, DictionaryArray, Int32Array, LargeStringArray, StringArray};
    use arrow::datatypes::Int32Type;
    use parquet::arrow::ArrowWriter;

    use crate::files::parquet::*;
    use crate::plan::ReadSettings;

    #[test]
    fn texts_of_every_kind_are_views() -> Result<(), TableError> {
        let words = ["x", "y", "x"];
        let columns: [(&str, ArrayRef); 4] = [
            ("dictionary", Arc::new(words.into_iter().collect::<DictionaryArray<Int32Type>>())),
            ("large", Arc::new(LargeStringArray::from(words.to_vec()))),
            ("number", Arc::new(Int32Array::from(vec![1, 2, 3]))),
            ("text", Arc::new(StringArray::from(words.to_vec()))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("types that can be written");
        writer.write(&batch).expect("rows are written");
        writer.close().expect("the file is ended");
        let source = FileSource::kept("x", &mut bytes.as_slice())?;
        let columns = source.columns(&ReadSettings::default())?;
        assert_eq!(columns, ["dictionary", "large", "number", "text"]);
        let opened = Opened::new(&source)?;
        let kinds = opened.metadata.schema().fields().iter().map(|field| field.data_type().clone());
        let view = DataType::Utf8View;
        assert_eq!(kinds.collect::<Vec<_>>(), [view.clone(), view.clone(), DataType::Int32, view]);
        let mut read = Vec::new();
        let wanted = Wanted { columns: &columns[1..3], fingerprints: false };
        source.read(&wanted, &ReadSettings::default(), &Control::default(), &mut |part| {
            read.push(part);
            true
        })?;
        assert!(matches!(read.as_slice(), [_]), "{read:?}");
        Ok(())
    }

    #[test]
    fn lanes_are_put_together_in_the_order_of_the_file() -> Result<(), ArrowError> {
        let column = |value: i32| Arc::new(Int32Array::from(vec![value; 2])) as ArrayRef;
        let part = |columns: Vec<(&str, i32)>| {
            RecordBatch::try_from_iter(columns.into_iter().map(|(name, value)| (name, column(value))))
        };
        let parts = vec![part(vec![("b", 1), ("d", 3)])?, part(vec![("a", 0), ("c", 2)])?];
        let whole = together(parts, &[vec![1, 3], vec![0, 2]])?;
        let names: Vec<&str> = whole.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!((names, whole.num_rows()), (vec!["a", "b", "c", "d"], 2));
        assert_eq!(whole.column(3).to_data(), column(3).to_data());
        Ok(())
    }

    #[test]
    fn small_row_groups_are_read_together() {
        let cut = stretches([1, 2, STRETCH_ROWS, 5, 3 * STRETCH_ROWS, 7].into_iter());
        let expected = [(0..3, STRETCH_ROWS + 3), (3..5, 3 * STRETCH_ROWS + 5), (5..6, 7)];
        assert_eq!(cut, expected.map(|(groups, rows)| Stretch { groups, rows }));
    }
}
