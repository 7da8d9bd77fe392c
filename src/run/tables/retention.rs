//! retain.json, subscribers and retention: customers under contract.

use polars::prelude::*;
use serde::Serialize;

use crate::pipeline::{Retained, Subscriber};
use clivia_core::base::Day;
use clivia_core::models::FitReport;
use clivia_core::models::contract::Candidate;
use clivia_core::notes::Note;
use clivia_core::retention::Fallback;
use clivia_core::retention::curve::CurveRow;
use clivia_core::retention::forecast::Totals;
use clivia_io::orders::{MoneyCounts, RowCounts};
use clivia_io::rejects::RefusedCounts;
use clivia_io::settings::Settings;
use clivia_io::staging::{Leaves, Staging};
use clivia_io::subscriptions::SubscriptionMapping;
use clivia_io::write::frame::{counts, days, flags, money, numbers, text};
use clivia_io::write::{ExportError, PIECE_ROWS, TableFormat, write_frame, write_frames};

/// All files that valuing subscriptions can leave.
pub const RETAIN_LEAVES: Leaves =
    Leaves { record: "retain.json", files: &["rejects.csv"], tables: &["subscribers", "retention"] };

/// The record of a run, as it is written: the same for equal runs, to the last byte.
#[derive(Debug, Serialize)]
pub struct Record<'a> {
    /// Version of this program.
    pub version: &'static str,
    /// Settings as they were given.
    pub settings: &'a Settings,
    /// The last day that counts.
    pub as_of: Day,
    /// Which columns were used.
    pub mapping: Option<&'a SubscriptionMapping>,
    /// Rows.
    pub rows: RowCounts,
    /// Prices of a period.
    pub money: MoneyCounts,
    /// Refused rows, by table and rule.
    pub refused: &'a RefusedCounts,
    /// Rows that go on where another of the customer ends.
    pub joined: u64,
    /// Subscriptions, gaps between them.
    pub subscriptions: u64,
    /// Those of them that ended in a period that has not run out yet, so that the model does not see it.
    pub ended_early: u64,
    /// The model.
    pub model: &'a FitReport,
    /// The models that were tried.
    pub candidates: &'a [Candidate],
    /// Why it is not the one that was asked for.
    pub fallback: Option<&'a Fallback>,
    /// The base as a whole.
    pub totals: Totals,
    /// Seen against expected, a row a renewal.
    pub retention: &'a [CurveRow],
    /// What a reader of the results should know.
    pub notes: &'a [Note],
}

impl<'a> Record<'a> {
    /// The record of a run.
    pub fn new(retained: &'a Retained) -> Self {
        let Retained { subscriptions, retention, .. } = retained;
        Record {
            version: env!("CARGO_PKG_VERSION"),
            settings: &retained.settings,
            as_of: retention.as_of,
            mapping: subscriptions.mapping.as_ref(),
            rows: subscriptions.rows,
            money: subscriptions.money,
            refused: &retained.refused,
            joined: subscriptions.joined,
            subscriptions: subscriptions.spells.len() as u64,
            ended_early: retained.ended_early(),
            model: &retention.fitted.report,
            candidates: &retention.candidates,
            fallback: retention.fallback.as_ref(),
            totals: retention.totals,
            retention: &retention.curve,
            notes: &retained.notes,
        }
    }
}

/// Writes the tables and the record, and gives all files their names.
///
/// # Errors
/// [`ExportError`] where a file cannot be written; then none of them appears.
pub fn write_retained(retained: &Retained, format: TableFormat, mut staging: Staging) -> Result<(), ExportError> {
    let name = |stem: &str| format!("{stem}.{}", format.ending());
    write_frames(&mut staging, &name("subscribers"), format, subscribers(retained))?;
    write_frame(&mut staging, &name("retention"), format, curve(&retained.retention.curve))?;
    staging.write_json(RETAIN_LEAVES.record, &Record::new(retained))?;
    staging.publish()
}

/// All customers, in the order of their ids, in pieces; there is at least one.
fn subscribers(retained: &Retained) -> impl Iterator<Item = PolarsResult<DataFrame>> + Send + '_ {
    let starts = (0..retained.current.len()).step_by(PIECE_ROWS);
    starts.map(|start| {
        let end = (start + PIECE_ROWS).min(retained.current.len());
        piece(&(start..end).filter_map(|place| retained.subscriber(place)).collect::<Vec<_>>())
    })
}

fn piece(rows: &[Subscriber]) -> PolarsResult<DataFrame> {
    type Number = fn(&Subscriber) -> Option<f64>;
    let number = |name: &str, of: Number| numbers(name, rows.iter().map(of));
    let columns = vec![
        text("customer_id", rows.iter().map(|row| Some(row.id))),
        counts("subscriptions", rows.iter().map(|row| Some(row.subscriptions))),
        days("start", rows.iter().map(|row| Some(row.spell.start))),
        days("end", rows.iter().map(|row| row.spell.end.filter(|_| !row.is_active))),
        flags("is_active", rows.iter().map(|row| row.is_active)),
        counts("renewals", rows.iter().map(|row| Some(row.outlook.renewals))),
        days("next_renewal", rows.iter().map(|row| row.outlook.next_renewal)),
        money("price", rows.iter().map(|row| row.spell.price)),
        number("p_active", |row| Some(row.outlook.survival)),
        number("expected_renewals", |row| Some(row.outlook.expected)),
        number("discounted_renewals", |row| Some(row.outlook.discounted)),
        counts("lifetime_renewals_low", rows.iter().map(|row| row.outlook.low)),
        counts("lifetime_renewals_high", rows.iter().map(|row| row.outlook.high)),
        number("value", |row| row.outlook.value),
        number("value_low", |row| row.outlook.value_low),
        number("value_high", |row| row.outlook.value_high),
        number("lifetime_value", |row| row.outlook.lifetime_value),
    ];
    DataFrame::new(rows.len(), columns)
}

fn curve(rows: &[CurveRow]) -> PolarsResult<DataFrame> {
    type Number = fn(&CurveRow) -> Option<f64>;
    type Count = fn(&CurveRow) -> Option<u64>;
    let number = |name: &str, of: Number| numbers(name, rows.iter().map(of));
    let count = |name: &str, of: Count| {
        let counts: UInt64Chunked = rows.iter().map(of).collect();
        counts.with_name(name.into()).into_column()
    };
    let columns = vec![
        counts("renewal", rows.iter().map(|row| Some(row.renewal))),
        count("at_risk", |row| row.at_risk),
        count("lost", |row| row.lost),
        number("retained", |row| row.retained),
        number("survival", |row| row.survival),
        number("survival_low", |row| row.survival_low),
        number("survival_high", |row| row.survival_high),
        number("expected_retained", |row| Some(row.expected_retained)),
        number("expected_retained_low", |row| row.expected_retained_low),
        number("expected_retained_high", |row| row.expected_retained_high),
        number("expected_survival", |row| Some(row.expected_survival)),
        number("expected_survival_low", |row| row.expected_survival_low),
        number("expected_survival_high", |row| row.expected_survival_high),
    ];
    DataFrame::new(rows.len(), columns)
}
