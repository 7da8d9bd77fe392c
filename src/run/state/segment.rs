//! A segment's files: order lines sorted by customer within partitions, and the rows that were refused.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type, UInt32Type, UInt64Type};
use polars::prelude::{
    DataFrame, Int32Chunked, Int64Chunked, IntoColumn, NewChunkedArray, PolarsResult, Schema, StringChunked,
    UInt32Chunked, UInt64Chunked,
};

use crate::error::Error;
use crate::state::gone::Gone;
use crate::state::manifest::{Part, Segment, Totals};
use crate::state::{StateError, damaged, io_error, shown};
use clivia_core::base::ids::IdRef;
use clivia_core::base::{Clock, Day, Moment, Money};
use clivia_core::control::Control;
use clivia_core::ledger::Merged;
use clivia_core::ledger::SpillError;
use clivia_core::orders::{LineRef, Lines, PARTITIONS};
use clivia_io::blocks::{Block, for_each_block};
use clivia_io::error::TableError;
use clivia_io::files::FileSource;
use clivia_io::plan::ReadSettings;
use clivia_io::rejects::Rejects;
use clivia_io::source::Source;
use clivia_io::source::Wanted;
use clivia_io::write::{TableFormat, TableWriter};

/// The file of refused rows.
pub(super) const REJECTS: &str = "rejects.csv";
/// Lines from which on a segment has more than one file, and how many files it has at most: each can be read by itself,
/// and small segments are one file.
const LINES_OF_PART: u64 = 4 << 20;
const MOST_PARTS: u64 = 16;
/// Lines that are compressed, and read, together.
const GROUP: usize = 1 << 17;

const CUSTOMER: &str = "customer_id";
const DAY: &str = "day";
const SECOND: &str = "second";
const AMOUNT: &str = "amount";
const ORDER: &str = "order";
const PROFIT: &str = "profit";
const LINES: &str = "lines";
const COLUMNS: [&str; 7] = [CUSTOMER, DAY, SECOND, AMOUNT, ORDER, PROFIT, LINES];

/// A segment in the making. Partitions come in their order; none is cut between two files.
pub(super) struct SegmentWriter {
    folder: PathBuf,
    parts: usize,
    /// The file that is written.
    number: usize,
    writer: Option<TableWriter>,
    written: u64,
    pending: Vec<Merged>,
    done: Vec<Part>,
    /// The orders of all lines, where they replace earlier ones.
    orders: Option<Vec<u64>>,
}

impl SegmentWriter {
    /// Writes about so many lines into a folder; `orders` says whether their orders are to be known.
    pub(super) fn new(folder: &Path, lines: u64, orders: bool) -> Self {
        let parts = (lines / LINES_OF_PART).max(1).next_power_of_two().min(MOST_PARTS) as usize;
        let (pending, done, orders) = (Vec::new(), Vec::new(), orders.then(Vec::new));
        SegmentWriter { folder: folder.into(), parts, number: 0, writer: None, written: 0, pending, done, orders }
    }

    pub(super) fn take(&mut self, partition: usize, merged: Merged) -> Result<(), StateError> {
        let number = partition * self.parts / PARTITIONS;
        if number != self.number {
            self.close()?;
            self.number = number;
        }
        if let Some(orders) = &mut self.orders {
            orders.extend(merged.lines.iter().map(|line| line.order).filter(|order| *order != 0));
        }
        self.pending.push(merged);
        if self.waiting() >= GROUP { self.flush() } else { Ok(()) }
    }

    fn waiting(&self) -> usize {
        self.pending.iter().map(|merged| merged.lines.len()).sum()
    }

    fn file(&self) -> String {
        format!("part-{:02}.parquet", self.number)
    }

    /// Writes the lines that wait.
    fn flush(&mut self) -> Result<(), StateError> {
        let path = self.folder.join(self.file());
        let encode = |cause| StateError::Encode { file: shown(&path), cause };
        let frame = frame(&std::mem::take(&mut self.pending)).map_err(encode)?;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(begin(&path, frame.schema())?),
        };
        for start in (0..frame.height()).step_by(GROUP) {
            writer.write(&mut frame.slice(start as i64, GROUP)).map_err(encode)?;
        }
        self.written += frame.height() as u64;
        Ok(())
    }

    fn close(&mut self) -> Result<(), StateError> {
        if self.waiting() > 0 {
            self.flush()?;
        }
        self.pending.clear();
        let file = self.file();
        let Some(writer) = self.writer.take() else { return Ok(()) };
        finish(&self.folder.join(&file), writer)?;
        self.done.push(Part { file, lines: std::mem::take(&mut self.written) });
        Ok(())
    }

    /// Ends the last file; all files, and the orders of their lines.
    pub(super) fn finish(mut self) -> Result<(Vec<Part>, Vec<u64>), StateError> {
        self.close()?;
        Ok((self.done, self.orders.unwrap_or_default()))
    }
}

fn begin(path: &Path, schema: &Schema) -> Result<TableWriter, StateError> {
    let file = File::create(path).map_err(|cause| io_error(path, cause))?;
    TableWriter::new(file, TableFormat::Parquet, schema)
        .map_err(|cause| StateError::Encode { file: shown(path), cause })
}

fn finish(path: &Path, writer: TableWriter) -> Result<(), StateError> {
    writer.finish().map_err(|cause| StateError::Encode { file: shown(path), cause })?;
    File::open(path).and_then(|file| file.sync_all()).map_err(|cause| io_error(path, cause))
}

/// Writes a whole file.
pub(super) fn write(path: &Path, frames: impl Iterator<Item = PolarsResult<DataFrame>>) -> Result<(), StateError> {
    let encode = |cause| StateError::Encode { file: shown(path), cause };
    let mut writer = None;
    for frame in frames {
        let mut frame = frame.map_err(encode)?;
        let writer = match &mut writer {
            Some(writer) => writer,
            none => none.insert(begin(path, frame.schema())?),
        };
        writer.write(&mut frame).map_err(encode)?;
    }
    writer.map_or(Ok(()), |writer| finish(path, writer))
}

fn frame(merged: &[Merged]) -> PolarsResult<DataFrame> {
    let lines = || merged.iter().flat_map(|merged| &merged.lines);
    let ids = merged.iter().flat_map(|merged| merged.lines.iter().map(|line| merged.ids.get(line.customer as usize)));
    let days = Int32Chunked::from_iter_values(DAY.into(), lines().map(|line| line.at.day.0)).into_date();
    let seconds: UInt32Chunked = lines().map(|line| line.at.clock.second()).collect();
    let profits: Int64Chunked = lines().map(|line| line.profit.map(|profit| profit.0)).collect();
    let columns = vec![
        StringChunked::from_iter_values(CUSTOMER.into(), ids).into_column(),
        days.into_column(),
        seconds.with_name(SECOND.into()).into_column(),
        Int64Chunked::from_iter_values(AMOUNT.into(), lines().map(|line| line.amount.0)).into_column(),
        UInt64Chunked::from_iter_values(ORDER.into(), lines().map(|line| line.order)).into_column(),
        profits.with_name(PROFIT.into()).into_column(),
        UInt32Chunked::from_iter_values(LINES.into(), lines().map(|line| line.lines)).into_column(),
    ];
    DataFrame::new(lines().count(), columns)
}

/// Reads a file of a state batch by batch, turns the batches over on all threads, and hands the results on in order.
pub(super) fn for_each_batch<T: Send>(
    folder: &Path,
    path: &Path,
    columns: &[&str],
    control: &Control,
    turn: impl Fn(&RecordBatch) -> Result<T, String> + Sync,
    mut take: impl FnMut(T) -> Result<(), SpillError>,
) -> Result<(), Error> {
    let columns: Vec<String> = columns.iter().map(|column| column.to_string()).collect();
    let wanted = Wanted { columns: &columns, fingerprints: false };
    let read = FileSource::open(path.into()).and_then(|source| {
        let turn = |block: Block| turn(&block.batch()?).map_err(|cause| source.broken(cause));
        let settings = ReadSettings::default();
        for_each_block(
            &source,
            &settings,
            &wanted,
            control,
            |_| Ok(()),
            |block, ()| turn(block),
            |turned| Ok(take(turned)?),
        )
    });
    read.map_err(|error| match error {
        TableError::Spill(error) => error.into(),
        error => damaged(folder, error.to_string()).into(),
    })
}

/// A batch of lines.
struct Batch {
    lines: Lines,
    /// How many rows there were, and what they come to.
    rows: u64,
    all: Totals,
    /// Those of them that no longer count.
    gone: Totals,
}

impl Segment {
    /// Hands on the lines that count; what those come to that do not.
    ///
    /// # Errors
    /// [`StateError::Damaged`] where the files are not what the manifest says.
    pub(super) fn read(
        &self,
        folder: &Path,
        position: usize,
        gone: &Gone,
        clocks: bool,
        control: &Control,
        mut take: impl FnMut(Lines) -> Result<(), SpillError>,
    ) -> Result<Totals, Error> {
        let (mut all, mut without) = (Totals::default(), Totals::default());
        let turn = |rows: &RecordBatch| batch(rows, clocks, |order| gone.has(order, position));
        for (part, path) in self.parts.iter().zip(self.paths(folder)) {
            let mut rows = 0;
            for_each_batch(folder, &path, &COLUMNS, control, turn, |batch: Batch| {
                rows += batch.rows;
                control.add_rows(batch.rows);
                all.add(&batch.all);
                without.add(&batch.gone);
                take(batch.lines)
            })?;
            if rows != part.lines {
                return Err(damaged(folder, format!("{} does not hold {} lines", path.display(), part.lines)).into());
            }
        }
        let held = |totals: &Totals| (totals.rows_used, totals.money_used, totals.returns, totals.profit);
        if held(&all) != held(&self.totals) {
            let name = super::manifest::name(self.number);
            return Err(damaged(folder, format!("the lines of {name} do not add up to what was read")).into());
        }
        Ok(without)
    }

    /// Puts the refused rows behind those of `rejects`.
    pub(super) fn append_rejects(&self, folder: &Path, rejects: &mut Rejects) -> Result<(), Error> {
        let count = self.totals.rows_listed();
        if count == 0 {
            return Ok(());
        }
        let path = self.folder(folder).join(REJECTS);
        let file = File::open(&path).map_err(|cause| damaged(folder, format!("{}: {cause}", path.display())))?;
        match rejects.append(file, &self.totals.refused)? {
            rows if rows == count => Ok(()),
            _ => Err(damaged(folder, format!("{} does not hold {count} rows", path.display())).into()),
        }
    }
}

fn batch(rows: &RecordBatch, clocks: bool, gone: impl Fn(u64) -> bool) -> Result<Batch, String> {
    let ids = text(rows, CUSTOMER)?;
    let days = column(rows, DAY, &DataType::Date32)?;
    let (amounts, profits) = (column(rows, AMOUNT, &DataType::Int64)?, column(rows, PROFIT, &DataType::Int64)?);
    let (seconds, orders) = (column(rows, SECOND, &DataType::UInt32)?, column(rows, ORDER, &DataType::UInt64)?);
    let counts = column(rows, LINES, &DataType::UInt32)?;
    let (days, amounts) = (days.as_primitive::<Date32Type>(), amounts.as_primitive::<Int64Type>());
    let (profits, seconds) = (profits.as_primitive::<Int64Type>(), seconds.as_primitive::<UInt32Type>());
    let (orders, counts) = (orders.as_primitive::<UInt64Type>(), counts.as_primitive::<UInt32Type>());
    if [ids.null_count(), days.null_count(), amounts.null_count(), orders.null_count(), counts.null_count()] != [0; 5] {
        return Err("a value is missing".into());
    }
    let mut batch = Batch {
        lines: Lines::new(clocks),
        rows: rows.num_rows() as u64,
        all: Totals::default(),
        gone: Totals::default(),
    };
    batch.lines.reserve(rows.num_rows());
    for row in 0..rows.num_rows() {
        let clock = if seconds.is_null(row) { Clock::UNKNOWN } else { Clock::at(seconds.value(row)) };
        let line = LineRef {
            customer: IdRef::new(ids.value(row)),
            at: Moment { day: Day(days.value(row)), clock },
            amount: Money(amounts.value(row)),
            order: orders.value(row),
            profit: profits.is_valid(row).then(|| Money(profits.value(row))),
            lines: counts.value(row),
        };
        batch.all.count(&line);
        if gone(line.order) {
            batch.gone.count(&line);
        } else {
            batch.lines.push(line);
        }
    }
    Ok(batch)
}

/// A column of a batch, as the type that it was written in.
pub(super) fn column(rows: &RecordBatch, name: &str, wanted: &DataType) -> Result<ArrayRef, String> {
    let column = rows.column_by_name(name).ok_or_else(|| format!("it has no column '{name}'"))?;
    cast(column, wanted).map_err(|error| error.to_string())
}

fn text(rows: &RecordBatch, name: &str) -> Result<StringViewArray, String> {
    Ok(column(rows, name, &DataType::Utf8View)?.as_string_view().clone())
}

impl Totals {
    /// Counts a line that was used.
    fn count(&mut self, line: &LineRef<'_>) {
        let &LineRef { amount, profit, lines, .. } = line;
        let lines = u64::from(lines);
        self.rows_used += lines;
        self.money_used = self.money_used.saturating_add(amount.0);
        self.turnover = self.turnover.saturating_add(amount.0.saturating_abs());
        match amount.0 {
            ..0 => self.returns += lines,
            0 => self.zero_amounts += lines,
            _ => {}
        }
        if let Some(profit) = profit {
            self.profit_rows += lines;
            self.profit_money = self.profit_money.saturating_add(amount.0);
            self.profit = self.profit.saturating_add(profit.0);
        }
    }
}
