//! customers.parquet: one scored row a customer.

use std::ops::Range;

use polars::prelude::*;

use clivia_io::write::frame::{counts, days, integers, money, numbers, text};
use clivia_core::base::ids::{Id, IdRef};
use clivia_core::intervals::CustomerSpan;
use crate::pipeline::{Scored, WithoutPurchase};
use clivia_core::summary::Summary;
use clivia_core::value::CustomerWorth;

/// The columns, in order. `attractiveness` to `diagnosis` and `contacts` to `responsiveness` are there where there are
/// contacts, the last four where intervals are asked for.
pub const COLUMNS: [&str; 33] = [
    "customer_id",
    "orders",
    "frequency",
    "last_purchase_age",
    "age",
    "first_order",
    "last_order",
    "days_since_last",
    "revenue",
    "mean_spend",
    "r_score",
    "f_score",
    "m_score",
    "rfm_segment",
    "p_alive",
    "expected_purchases",
    "expected_spend",
    "clv",
    "cluster",
    "cluster_label",
    "attractiveness",
    "contact_quality",
    "map_cell",
    "diagnosis",
    "profit",
    "contacts",
    "contact_cost",
    "map_distance",
    "responsiveness",
    "purchases_low",
    "purchases_high",
    "clv_low",
    "clv_high",
];

/// Customers of both kinds.
pub(crate) struct Base<'a> {
    pub(crate) summary: &'a Summary,
    pub(crate) without_purchase: &'a WithoutPurchase,
}

/// A row of the table: a customer of the summary, or one whose every order was undone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Row {
    Summary(usize),
    WithoutPurchase(usize),
}

impl Row {
    fn summary(self) -> Option<usize> {
        match self {
            Row::Summary(customer) => Some(customer),
            Row::WithoutPurchase(_) => None,
        }
    }
}

/// All customers, in the order of their ids, in pieces; there is at least one.
pub(crate) fn pieces(scored: &Scored) -> impl Iterator<Item = PolarsResult<DataFrame>> + Send + '_ {
    let order = Order::of(&base(scored));
    super::pieces(order.len(), move |range| piece(scored, &order.rows(range)))
}

fn base(scored: &Scored) -> Base<'_> {
    Base { summary: &scored.summary, without_purchase: &scored.without_purchase }
}

/// Both kinds of customers in one order of ids.
pub(crate) struct Order {
    with: usize,
    /// Of each customer without purchase, its row.
    without: Vec<usize>,
}

impl Order {
    pub(crate) fn of(base: &Base<'_>) -> Self {
        let (with, without) = (&base.summary.ids, &base.without_purchase.ids);
        let before = |place: usize| {
            let id = IdRef::new(without.get(place));
            place + with.partition_point(|customer| IdRef::new(customer) < id)
        };
        Order { with: with.len(), without: (0..without.len()).map(before).collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.with + self.without.len()
    }

    pub(crate) fn rows(&self, range: Range<usize>) -> Vec<Row> {
        let mut next = self.without.partition_point(|row| *row < range.start);
        let row = |row| match self.without.get(next) {
            Some(without) if *without == row => {
                next += 1;
                Row::WithoutPurchase(next - 1)
            }
            _ => Row::Summary(row - next),
        };
        range.map(row).collect()
    }
}

fn piece(scored: &Scored, rows: &[Row]) -> PolarsResult<DataFrame> {
    let mut columns = summary_columns(&base(scored), rows);
    columns.extend(verdict_columns(scored, rows));
    columns.extend(map_columns(scored, rows));
    columns.push(profit_column(scored, rows));
    columns.extend(contact_columns(scored, rows));
    columns.extend(interval_columns(scored, rows));
    columns.extend(attribute_columns(scored, rows)?);
    DataFrame::new(rows.len(), columns)
}

fn id<'a>(base: &Base<'a>, row: Row) -> &'a str {
    match row {
        Row::Summary(customer) => base.summary.ids.get(customer),
        Row::WithoutPurchase(place) => base.without_purchase.ids.get(place),
    }
}

/// What is known of customers before anything is scored.
pub(crate) fn summary_columns(base: &Base<'_>, rows: &[Row]) -> Vec<Column> {
    let summary = base.summary;
    let known = || rows.iter().map(|row| row.summary());
    let revenue = rows.iter().map(|row| match (row, &summary.spend) {
        (Row::Summary(customer), Some(spend)) => Some(spend.revenue[*customer]),
        (Row::WithoutPurchase(place), Some(_)) => Some(base.without_purchase.revenue[*place]),
        (_, None) => None,
    });
    let mean = |customer: usize| summary.spend.as_ref().and_then(|spend| spend.mean.get(customer));
    vec![
        text("customer_id", rows.iter().map(|row| Some(id(base, *row)))),
        counts("orders", known().map(|customer| Some(customer.map_or(0, |customer| summary.orders[customer])))),
        counts("frequency", known().map(|customer| Some(summary.frequency[customer?]))),
        numbers("last_purchase_age", known().map(|customer| Some(summary.last_purchase_age(customer?)))),
        numbers("age", known().map(|customer| Some(summary.age(customer?)))),
        days("first_order", known().map(|customer| Some(summary.first_order[customer?]))),
        days("last_order", known().map(|customer| Some(summary.last_order[customer?]))),
        integers("days_since_last", known().map(|customer| Some(summary.days_since_last(customer?)))),
        money("revenue", revenue),
        numbers("mean_spend", known().map(|customer| mean(customer?))),
    ]
}

fn verdict_columns(scored: &Scored, rows: &[Row]) -> Vec<Column> {
    let Scored { rfm, value, clusters, .. } = scored;
    let known = || rows.iter().map(|row| row.summary());
    let score = |scores: &[u8], customer: Option<usize>| Some(u32::from(scores[customer?]));
    // Fetched once for all columns.
    let worth: Vec<Option<CustomerWorth>> =
        known().map(|customer| Some(value.as_ref()?.of_customer(customer?))).collect();
    let worth = || worth.iter().copied();
    vec![
        counts("r_score", known().map(|customer| score(&rfm.r, customer))),
        counts("f_score", known().map(|customer| score(&rfm.f, customer))),
        counts("m_score", known().map(|customer| score(rfm.m.as_ref()?, customer))),
        text("rfm_segment", known().map(|customer| Some(rfm.segment_name(customer?)))),
        numbers("p_alive", worth().map(|worth| Some(worth?.p_alive))),
        numbers("expected_purchases", worth().map(|worth| Some(worth?.expected_purchases))),
        numbers("expected_spend", worth().map(|worth| worth?.expected_spend)),
        numbers("clv", worth().map(|worth| worth?.clv)),
        counts("cluster", known().map(|customer| Some(u32::from(clusters.cluster[customer?])))),
        text("cluster_label", known().map(|customer| Some(clusters.label(customer?)))),
    ]
}

fn map_columns(scored: &Scored, rows: &[Row]) -> Vec<Column> {
    let Some(mapped) = &scored.map else { return Vec::new() };
    let map = &mapped.map;
    let known = || rows.iter().map(|row| row.summary());
    vec![
        numbers("attractiveness", known().map(|customer| Some(map.attractiveness[customer?]))),
        numbers("contact_quality", known().map(|customer| Some(map.contact_quality[customer?]))),
        text("map_cell", known().map(|customer| map.cell_name(customer?))),
        text("diagnosis", known().map(|customer| Some(map.diagnosis(customer?)?.name()))),
    ]
}

fn profit_column(scored: &Scored, rows: &[Row]) -> Column {
    let profit = |row: &Row| Some(scored.profit.as_ref()?.by_customer[row.summary()?]);
    money("profit", rows.iter().map(profit))
}

fn contact_columns(scored: &Scored, rows: &[Row]) -> Vec<Column> {
    let Some(mapped) = &scored.map else { return Vec::new() };
    let known = || rows.iter().map(|row| row.summary());
    vec![
        counts("contacts", known().map(|customer| Some(mapped.contact.contacts[customer?]))),
        money("contact_cost", known().map(|customer| Some(mapped.contact.cost[customer?]))),
        numbers("map_distance", known().map(|customer| mapped.map.distance(customer?))),
        numbers("responsiveness", known().map(|customer| mapped.timing.responsiveness.get(customer?).copied())),
    ]
}

fn interval_columns(scored: &Scored, rows: &[Row]) -> Vec<Column> {
    if scored.settings.intervals.is_off() {
        return Vec::new();
    }
    // Fetched once for all columns.
    let spans: Vec<Option<CustomerSpan>> =
        rows.iter().map(|row| Some(scored.intervals.as_ref()?.of_customer(row.summary()?))).collect();
    let purchases = |end: usize| spans.iter().map(move |span| Some((*span)?.purchases[end]));
    let value = |end: usize| spans.iter().map(move |span| Some((*span)?.clv?[end]));
    vec![
        counts("purchases_low", purchases(0)),
        counts("purchases_high", purchases(1)),
        numbers("clv_low", value(0)),
        numbers("clv_high", value(1)),
    ]
}

/// The columns of the customers table, null for who is not in it.
fn attribute_columns(scored: &Scored, rows: &[Row]) -> PolarsResult<Vec<Column>> {
    let Some(attributes) = &scored.attributes else { return Ok(Vec::new()) };
    let places: IdxCa = rows.iter().map(|row| attributes.index.find(&Id::new(id(&base(scored), *row)))).collect();
    Ok(attributes.frame.take(&places)?.columns().to_vec())
}
