//! The rows of a simulation as tables.

use std::fmt::Write as _;

use polars::prelude::*;

use crate::tables::simulation::SimulatedFiles;
use clivia_core::base::Money;
use clivia_core::simulate::{ContactRow, OrderRow, Population, SimulatedCustomer, TruthRow};
use clivia_io::write::frame::{counts, flags, money, numbers, text};

/// A line of the order file. Lines sort by time, then customer, then number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    /// Seconds since 1970-01-01 UTC.
    pub(super) at: i64,
    pub(super) customer: u64,
    /// Number of the order among the customer's, from 1; a return has that of its order.
    pub(super) number: u32,
    pub(super) is_return: bool,
    pub(super) id_missing: bool,
    pub(super) amount: Money,
}

impl Line {
    /// The lines of a customer.
    pub(super) fn of(customer: &SimulatedCustomer) -> impl Iterator<Item = Line> {
        customer.orders.iter().map(|order| Line {
            at: order.at,
            customer: customer.number,
            number: order.number,
            is_return: order.is_return,
            id_missing: order.id_missing,
            amount: order.amount,
        })
    }
}

/// Makes tables of what is drawn.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) population: &'a Population,
    pub(super) files: &'a SimulatedFiles,
}

impl Rows<'_> {
    /// The rows of [`Population::order_rows`], without a text of its own for each cell.
    pub(super) fn orders(self, lines: &[Line]) -> PolarsResult<DataFrame> {
        let [id, customer, date, amount] = OrderRow::COLUMNS;
        let order_ids = self.files.order_ids.then(|| order_ids(id, lines));
        let customers = lines.iter().map(|line| (!line.id_missing).then_some(line.customer));
        let others = [
            self.customer_ids(customer, customers),
            moments(date, lines.iter().map(|line| line.at)),
            money(amount, lines.iter().map(|line| Some(line.amount))),
        ];
        DataFrame::new(lines.len(), order_ids.into_iter().chain(others).collect())
    }

    pub(super) fn contacts(self, customers: &[SimulatedCustomer]) -> PolarsResult<DataFrame> {
        let rows_of = |customer| self.population.contact_rows(customer).map(|row| (customer.number, row));
        let (numbers_of, rows): (Vec<u64>, Vec<ContactRow>) = customers.iter().flat_map(rows_of).unzip();
        let [id, customer, at, channel, direction, outcome, cost, campaign, satisfaction, response, agent, control] =
            ContactRow::COLUMNS;
        let columns = vec![
            text(id, rows.iter().map(|row| Some(row.contact_id.as_str()))),
            self.customer_ids(customer, numbers_of.into_iter().map(Some)),
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

    pub(super) fn truth(self, customers: &[SimulatedCustomer]) -> PolarsResult<DataFrame> {
        let [id, planted, level, rate, dropout, spend, first_year, contacts, service, alive, remaining] =
            TruthRow::COLUMNS;
        let truths = || customers.iter().map(|customer| &customer.truth);
        let columns = vec![
            self.customer_ids(id, customers.iter().map(|customer| Some(customer.number))),
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
        DataFrame::new(customers.len(), columns)
    }

    fn customer_ids(self, name: &str, customers: impl Iterator<Item = Option<u64>>) -> Column {
        let population = self.population;
        if self.files.number_ids {
            let ids: Int64Chunked =
                customers.map(|customer| customer.map(|customer| population.number_id(customer) as i64)).collect();
            return ids.with_name(name.into()).into_column();
        }
        written(name, customers, |text, customer| population.write_customer_id(text, customer))
    }
}

/// `O000123-2` for the second order of customer 123, `R000123-2` for its return.
fn order_ids(name: &str, lines: &[Line]) -> Column {
    written(name, lines.iter().map(Some), |text, line| {
        write!(text, "{}{:06}-{}", if line.is_return { 'R' } else { 'O' }, line.customer, line.number)
    })
}

/// A column of text, each cell of which is written into the same buffer first.
fn written<T>(
    name: &str,
    cells: impl Iterator<Item = Option<T>>,
    write: impl Fn(&mut String, T) -> std::fmt::Result,
) -> Column {
    let mut column = StringChunkedBuilder::new(name.into(), cells.size_hint().0);
    let mut cell = String::new();
    for value in cells {
        cell.clear();
        // Writing into a string cannot fail.
        let written = value.and_then(|value| write(&mut cell, value).ok());
        column.append_option(written.map(|()| cell.as_str()));
    }
    column.finish().into_column()
}

/// A column of moments to the second.
fn moments(name: &str, seconds: impl Iterator<Item = i64>) -> Column {
    let ticks: Int64Chunked = seconds.map(|seconds| Some(seconds * 1_000)).collect();
    ticks.with_name(name.into()).into_datetime(TimeUnit::Milliseconds, None).into_column()
}
