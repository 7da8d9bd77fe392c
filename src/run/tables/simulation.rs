//! A simulated base: orders, contacts, what is true of each customer and of all, written as it is drawn.

mod ahead;
mod by_time;
mod rows;

use std::ops::Range;

use polars::prelude::*;

use ahead::ahead;
use by_time::{Cuts, Slices};
use clivia_core::simulate::{Population, Totals};
use clivia_io::staging::{Leaves, Staging};
use clivia_io::write::{ExportError, TableFormat, TableWriter};
use rows::{Line, Rows};

/// All files that a simulation can leave.
pub const SIMULATE_LEAVES: Leaves = Leaves {
    record: "truth.json",
    files: &["truth.parquet", "orders.csv", "orders.parquet", "contacts.csv", "contacts.parquet"],
    tables: &[],
};

/// Customers drawn at a time.
const BLOCK: u64 = 20_000;

/// What a simulation leaves, and what its rows are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulatedFiles {
    /// How orders and contacts are written.
    pub format: TableFormat,
    /// No contacts, and no truth of each customer.
    pub orders_only: bool,
    /// Customer ids are plain numbers, [`Population::number_id`].
    pub number_ids: bool,
    /// Order lines have ids.
    pub order_ids: bool,
    /// Order lines follow one another in time, and not customer by customer.
    pub by_time: bool,
}

impl SimulatedFiles {
    /// Everything, customer by customer, in this format.
    pub fn new(format: TableFormat) -> Self {
        SimulatedFiles { format, orders_only: false, number_ids: false, order_ids: true, by_time: false }
    }
}

/// Draws a base block by block, so that its size is bounded by the disk only: some blocks are drawn while those
/// before them are written.
///
/// The truth about the customers is always Parquet, whatever the format of the two files that a company has.
///
/// # Errors
/// [`ExportError`] where a file cannot be written; then none of them appears.
pub fn write_population(
    population: &Population,
    files: &SimulatedFiles,
    mut staging: Staging,
) -> Result<Totals, ExportError> {
    let rows = Rows { population, files };
    let mut orders = Table::begin(&mut staging, "orders", files.format, &rows.orders(&[]))?;
    let mut others = if files.orders_only { None } else { Some(Others::begin(&mut staging, rows)?) };
    let cuts = files.by_time.then(|| Cuts::of(population));
    let mut slices = cuts.as_ref().map(|cuts| Slices::new(cuts, &staging)).transpose()?;
    let mut totals = Totals::default();
    let draw = |numbers| Drawn::of(rows, cuts.as_ref(), numbers);
    ahead(population.ranges(BLOCK), draw, |drawn| {
        totals += drawn.totals;
        match (drawn.lines, &mut slices) {
            (Lines::Laid(laid), Some(slices)) => slices.write(&laid)?,
            (Lines::Laid(_), None) => {}
            (Lines::Table(frame), _) => orders.write(frame)?,
        }
        others.iter_mut().zip(drawn.others).try_for_each(|(others, frames)| others.write(frames))
    })?;
    if let Some(slices) = slices {
        ahead(slices.sorted(), |part| part.map(|part| rows.orders(part.lines())), |frame| orders.write(frame?))?;
    }
    orders.finish()?;
    others.map_or(Ok(()), Others::finish)?;
    staging.write_json("truth.json", &population.truth(totals))?;
    staging.publish()?;
    Ok(totals)
}

/// A block, ready to be written.
struct Drawn {
    totals: Totals,
    lines: Lines,
    others: Option<[PolarsResult<DataFrame>; 2]>,
}

/// The order lines of a block.
enum Lines {
    /// As they go to the file.
    Table(PolarsResult<DataFrame>),
    /// To be sorted by time, by slice of time.
    Laid(Vec<Vec<u8>>),
}

impl Drawn {
    fn of(rows: Rows<'_>, cuts: Option<&Cuts>, numbers: Range<u64>) -> Self {
        let (population, orders_only) = (rows.population, rows.files.orders_only);
        let customers = if orders_only { population.buyers(numbers) } else { population.block(numbers) };
        let mut totals = Totals::default();
        customers.iter().for_each(|customer| totals.add(customer));
        let lines: Vec<Line> = customers.iter().flat_map(Line::of).collect();
        let lines = match cuts {
            Some(cuts) => Lines::Laid(cuts.lay_down(&lines)),
            None => Lines::Table(rows.orders(&lines)),
        };
        let others = (!orders_only).then(|| [rows.contacts(&customers), rows.truth(&customers)]);
        Drawn { totals, lines, others }
    }
}

/// Contacts, and the truth of each customer.
struct Others {
    contacts: Table,
    truth: Table,
}

impl Others {
    fn begin(staging: &mut Staging, rows: Rows<'_>) -> Result<Self, ExportError> {
        Ok(Others {
            contacts: Table::begin(staging, "contacts", rows.files.format, &rows.contacts(&[]))?,
            truth: Table::begin(staging, "truth", TableFormat::Parquet, &rows.truth(&[]))?,
        })
    }

    fn write(&mut self, [contacts, truth]: [PolarsResult<DataFrame>; 2]) -> Result<(), ExportError> {
        self.contacts.write(contacts)?;
        self.truth.write(truth)
    }

    fn finish(self) -> Result<(), ExportError> {
        self.contacts.finish()?;
        self.truth.finish()
    }
}

/// A table with its name for errors.
struct Table {
    name: String,
    writer: TableWriter,
}

impl Table {
    fn begin(
        staging: &mut Staging,
        stem: &str,
        format: TableFormat,
        empty: &PolarsResult<DataFrame>,
    ) -> Result<Self, ExportError> {
        let name = format!("{stem}.{}", format.ending());
        let file = staging.create(&name)?;
        let name = staging.shown(&name);
        let encode = |cause| ExportError::of_table(name.clone(), cause);
        let empty = empty.as_ref().map_err(|error| encode(error.clone()))?;
        let writer = TableWriter::new(file, format, empty.schema()).map_err(encode)?;
        Ok(Table { name, writer })
    }

    fn write(&mut self, frame: PolarsResult<DataFrame>) -> Result<(), ExportError> {
        let written = frame.and_then(|mut frame| self.writer.write(&mut frame));
        written.map_err(|cause| ExportError::of_table(self.name.clone(), cause))
    }

    fn finish(self) -> Result<(), ExportError> {
        let Table { name, writer } = self;
        writer.finish().map_err(|cause| ExportError::of_table(name, cause))
    }
}
