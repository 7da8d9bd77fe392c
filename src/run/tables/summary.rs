//! summary.parquet: what models need of each customer.

use std::collections::BTreeMap;
use std::ops::Range;

use polars::prelude::*;
use serde::Serialize;

use crate::pipeline::Summarised;
use clivia_core::base::{Day, TimeUnit};
use clivia_core::ledger::ReturnsSettled;
use clivia_core::notes::Note;
use clivia_core::score::columns::{CustomerTable, Customers};
use clivia_io::orders::{Mapping, MoneyCounts, RowCounts};
use clivia_io::rejects::RefusedCounts;
use clivia_io::settings::Settings;
use clivia_io::staging::{Leaves, Staging};
use clivia_io::write::frame::of_values;
use clivia_io::write::{ExportError, TableFormat, pieces, write_frames};

/// All files that a summary can leave.
pub const SUMMARY_LEAVES: Leaves = Leaves { record: "summary.json", files: &["rejects.csv"], tables: &["summary"] };

/// The record of a summary, for summary.json.
#[derive(Debug, Serialize)]
struct Record<'a> {
    version: &'static str,
    settings: &'a Settings,
    as_of: Day,
    time_unit: TimeUnit,
    mapping: Option<&'a Mapping>,
    rows: RowCounts,
    money: MoneyCounts,
    refused: &'a RefusedCounts,
    returns: ReturnsSettled,
    customers: usize,
    without_purchase: usize,
    notes: &'a [Note],
    timings: BTreeMap<String, f64>,
}

/// Writes the table and its record, and gives all files their names.
///
/// # Errors
/// [`ExportError`] where a file cannot be written; then none of them appears.
pub fn write_summary(summarised: &Summarised, format: TableFormat, mut staging: Staging) -> Result<(), ExportError> {
    let name = format!("summary.{}", format.ending());
    let customers = Customers { summary: &summarised.summary, without_purchase: &summarised.without_purchase };
    let table = CustomerTable::of_summary(customers);
    let piece = |range: Range<usize>| {
        let columns = table.block(&table.rows(range.clone())).into_iter().map(of_values);
        DataFrame::new(range.len(), columns.collect())
    };
    write_frames(&mut staging, &name, format, pieces(table.len(), piece))?;
    staging.write_json(SUMMARY_LEAVES.record, &Record::new(summarised))?;
    staging.publish()
}

impl<'a> Record<'a> {
    fn new(summarised: &'a Summarised) -> Self {
        let seconds = summarised.timings.iter();
        Record {
            version: env!("CARGO_PKG_VERSION"),
            settings: &summarised.settings,
            as_of: summarised.summary.as_of,
            time_unit: summarised.summary.unit,
            mapping: summarised.orders.mapping.as_ref(),
            rows: summarised.orders.rows,
            money: summarised.orders.money,
            refused: &summarised.refused,
            returns: summarised.returns,
            customers: summarised.summary.len(),
            without_purchase: summarised.without_purchase.ids.len(),
            notes: &summarised.notes,
            timings: seconds.map(|(stage, seconds)| (stage.replace(' ', "_"), *seconds)).collect(),
        }
    }
}
