//! A simulated base: orders, contacts, what is true of each customer and of all, written as it is drawn.

use polars::prelude::*;

use super::frame::{counts, money, numbers, text};
use super::staging::{Leaves, Staging};
use super::{ExportError, TableFormat, TableWriter};
use crate::simulate::{ContactRow, OrderRow, Population, SimulatedCustomer, Totals, TruthRow};

/// All files that a simulation can leave.
pub const SIMULATE_LEAVES: Leaves = Leaves {
    record: "truth.json",
    files: &["truth.parquet", "orders.csv", "orders.parquet", "contacts.csv", "contacts.parquet"],
    tables: &[],
};

/// Customers drawn at a time.
const BLOCK: u64 = 20_000;

/// Draws a base block by block, so that its size is bounded by the disk only.
///
/// The truth about the customers is always Parquet, whatever the format of the two files that a company has.
///
/// # Errors
/// [`ExportError`] where a file cannot be written; then none of them appears.
pub fn write_population(
    population: &Population,
    format: TableFormat,
    mut staging: Staging,
) -> Result<Totals, ExportError> {
    let mut orders = Table::begin(&mut staging, "orders", format, &orders(population, &[]))?;
    let mut contacts = Table::begin(&mut staging, "contacts", format, &contacts_of(population, &[]))?;
    let mut truth = Table::begin(&mut staging, "truth", TableFormat::Parquet, &truth_of(population, &[]))?;
    let mut totals = Totals::default();
    for block in population.blocks(BLOCK) {
        block.iter().for_each(|customer| totals.add(customer));
        orders.write(self::orders(population, &block))?;
        contacts.write(contacts_of(population, &block))?;
        truth.write(truth_of(population, &block))?;
    }
    orders.finish()?;
    contacts.finish()?;
    truth.finish()?;
    staging.write_json("truth.json", &population.truth(totals))?;
    staging.publish()?;
    Ok(totals)
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
        let encode = |cause| ExportError::Encode { file: name.clone(), cause };
        let empty = empty.as_ref().map_err(|error| encode(error.clone()))?;
        let writer = TableWriter::new(file, format, empty.schema()).map_err(encode)?;
        Ok(Table { name, writer })
    }

    fn write(&mut self, frame: PolarsResult<DataFrame>) -> Result<(), ExportError> {
        let written = frame.and_then(|mut frame| self.writer.write(&mut frame));
        written.map_err(|cause| ExportError::Encode { file: self.name.clone(), cause })
    }

    fn finish(self) -> Result<(), ExportError> {
        let Table { name, writer } = self;
        writer.finish().map_err(|cause| ExportError::Encode { file: name, cause })
    }
}

fn orders(population: &Population, customers: &[SimulatedCustomer]) -> PolarsResult<DataFrame> {
    let rows: Vec<OrderRow> = customers.iter().flat_map(|customer| population.order_rows(customer)).collect();
    let [id, customer, date, amount] = OrderRow::COLUMNS;
    let columns = vec![
        text(id, rows.iter().map(|row| Some(row.order_id.as_str()))),
        text(customer, rows.iter().map(|row| row.customer_id.as_deref())),
        moments(date, rows.iter().map(|row| row.order_date)),
        money(amount, rows.iter().map(|row| Some(row.amount))),
    ];
    DataFrame::new(rows.len(), columns)
}

fn contacts_of(population: &Population, customers: &[SimulatedCustomer]) -> PolarsResult<DataFrame> {
    let rows: Vec<ContactRow> = customers.iter().flat_map(|customer| population.contact_rows(customer)).collect();
    let [id, customer, at, channel, direction, outcome, cost, campaign, satisfaction, response, agent, control] =
        ContactRow::COLUMNS;
    let columns = vec![
        text(id, rows.iter().map(|row| Some(row.contact_id.as_str()))),
        text(customer, rows.iter().map(|row| Some(row.customer_id.as_str()))),
        moments(at, rows.iter().map(|row| row.contacted_at)),
        text(channel, rows.iter().map(|row| Some(row.channel))),
        text(direction, rows.iter().map(|row| Some(row.direction))),
        text(outcome, rows.iter().map(|row| row.outcome)),
        money(cost, rows.iter().map(|row| Some(row.cost))),
        text(campaign, rows.iter().map(|row| row.campaign.as_deref())),
        counts(satisfaction, rows.iter().map(|row| row.satisfaction.map(u32::from))),
        numbers(response, rows.iter().map(|row| row.response_time)),
        text(agent, rows.iter().map(|row| row.agent.as_deref())),
        text(control, rows.iter().map(|row| row.control)),
    ];
    DataFrame::new(rows.len(), columns)
}

fn truth_of(population: &Population, customers: &[SimulatedCustomer]) -> PolarsResult<DataFrame> {
    let rows: Vec<TruthRow> = customers.iter().map(|customer| population.truth_row(customer)).collect();
    let [id, planted, level, rate, dropout, spend, first_year, contacts, service, alive, remaining] = TruthRow::COLUMNS;
    let truths = || rows.iter().map(|row| row.truth);
    let columns = vec![
        text(id, rows.iter().map(|row| Some(row.customer_id.as_str()))),
        text(planted, truths().map(|truth| Some(truth.planted.name()))),
        text(level, truths().map(|truth| Some(truth.value_level.name()))),
        numbers(rate, truths().map(|truth| Some(truth.rate_per_week))),
        numbers(dropout, truths().map(|truth| Some(truth.dropout_probability))),
        numbers(spend, truths().map(|truth| Some(truth.mean_spend))),
        numbers(first_year, truths().map(|truth| Some(truth.first_year_value))),
        numbers(contacts, truths().map(|truth| Some(truth.contacts_per_week))),
        numbers(service, truths().map(|truth| Some(truth.service_level))),
        flags(alive, truths().map(|truth| truth.alive_at_end)),
        numbers(remaining, truths().map(|truth| Some(truth.remaining_value))),
    ];
    DataFrame::new(rows.len(), columns)
}

/// A column of yes and no.
fn flags(name: &str, values: impl Iterator<Item = bool>) -> Column {
    let flags: BooleanChunked = values.map(Some).collect();
    flags.with_name(name.into()).into_column()
}

/// A column of moments to the second.
fn moments(name: &str, seconds: impl Iterator<Item = i64>) -> Column {
    let ticks: Int64Chunked = seconds.map(|seconds| Some(seconds * 1_000)).collect();
    ticks.with_name(name.into()).into_datetime(TimeUnit::Milliseconds, None).into_column()
}
