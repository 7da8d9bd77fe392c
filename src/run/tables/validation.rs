//! validate.json and the tables behind the standard plots of a validation.

use std::collections::BTreeMap;

use polars::prelude::*;
use serde::Serialize;

use crate::pipeline::Validated;
use clivia_core::notes::Note;
use clivia_core::validation::{Assessment, Contested, Kind};
use clivia_io::orders::{Mapping, MoneyCounts, RowCounts};
use clivia_io::rejects::RefusedCounts;
use clivia_io::settings::Settings;
use clivia_io::staging::{Leaves, Staging};
use clivia_io::write::frame::{counts, days, flags, numbers, text};
use clivia_io::write::{ExportError, TableFormat, write_frame};

/// All files that a validation can leave.
pub const VALIDATE_LEAVES: Leaves = Leaves {
    record: "validate.json",
    files: &["rejects.csv"],
    tables: &["models", "deciles", "tracking", "repeat_counts", "by_frequency", "by_recency"],
};

/// The record of a validation, as it is written.
#[derive(Debug, Serialize)]
pub struct Record<'a> {
    /// Version of this program.
    pub version: &'static str,
    /// Settings as resolved.
    pub settings: &'a Settings,
    /// Which columns of the orders were used.
    pub mapping: Option<&'a Mapping>,
    /// Order rows.
    pub rows: RowCounts,
    /// Their money.
    pub money: MoneyCounts,
    /// Refused rows, by table and rule.
    pub refused: &'a RefusedCounts,
    /// How the models did.
    #[serde(flatten)]
    pub contested: &'a Contested,
    /// What a reader of the results should know.
    pub notes: &'a [Note],
    /// Seconds by stage: the only part that differs between equal runs.
    pub timings: BTreeMap<String, f64>,
}

impl<'a> Record<'a> {
    /// The record of a validation.
    pub fn new(validated: &'a Validated) -> Self {
        let seconds = validated.timings.iter();
        Record {
            version: env!("CARGO_PKG_VERSION"),
            settings: &validated.settings,
            mapping: validated.orders.mapping.as_ref(),
            rows: validated.orders.rows,
            money: validated.orders.money,
            refused: &validated.refused,
            contested: &validated.contested,
            notes: &validated.notes,
            timings: seconds.map(|(stage, seconds)| (stage.replace(' ', "_"), *seconds)).collect(),
        }
    }
}

/// Writes a validation, and gives all files their names.
///
/// # Errors
/// [`ExportError`] where a file cannot be written; then none of them appears.
pub fn write_validation(validated: &Validated, format: TableFormat, mut staging: Staging) -> Result<(), ExportError> {
    let name = |stem: &str| format!("{stem}.{}", format.ending());
    let all = &validated.contested.validation.assessments;
    write_frame(&mut staging, &name("models"), format, models(&validated.contested))?;
    write_frame(&mut staging, &name("deciles"), format, deciles(all))?;
    write_frame(&mut staging, &name("tracking"), format, tracking(all))?;
    write_frame(&mut staging, &name("repeat_counts"), format, repeat_counts(all))?;
    write_frame(&mut staging, &name("by_frequency"), format, by_frequency(all))?;
    write_frame(&mut staging, &name("by_recency"), format, by_recency(all))?;
    staging.write_json(VALIDATE_LEAVES.record, &Record::new(validated))?;
    staging.publish()
}

fn models(contested: &Contested) -> PolarsResult<DataFrame> {
    let rows = contested.standings();
    let best = contested.validation.choice.best.as_deref();
    let reason = |name: &str| {
        let left_out = contested.validation.choice.left_out.iter().find(|left_out| left_out.name == name);
        left_out.map(|left_out| left_out.reason.as_str())
    };
    let columns = vec![
        text("model", rows.iter().map(|row| Some(row.name.as_str()))),
        counts("parameters", rows.iter().map(|row| row.parameters.and_then(|count| u32::try_from(count).ok()))),
        flags("best", rows.iter().map(|row| Some(row.name.as_str()) == best)),
        numbers("mean_log_probability", rows.iter().map(|row| row.mean_log_probability)),
        numbers("expected", rows.iter().map(|row| Some(row.expected))),
        numbers("actual", rows.iter().map(|row| Some(row.actual))),
        numbers("bias_percent", rows.iter().map(|row| row.bias_percent)),
        numbers("mae", rows.iter().map(|row| Some(row.mae))),
        numbers("rmse", rows.iter().map(|row| Some(row.rmse))),
        numbers("gini", rows.iter().map(|row| row.gini)),
        numbers("spearman", rows.iter().map(|row| row.spearman)),
        numbers("coverage", rows.iter().map(|row| row.coverage)),
        numbers("randomised_coverage", rows.iter().map(|row| row.randomised_coverage)),
        text("left_out", rows.iter().map(|row| reason(&row.name))),
    ];
    DataFrame::new(rows.len(), columns)
}

/// The rows of all assessments, each with the name of its model or baseline.
fn rows<T>(all: &[Assessment], of: impl Fn(&Assessment) -> &[T]) -> Vec<(&str, &T)> {
    all.iter().flat_map(|one| of(one).iter().map(|row| (one.name.as_str(), row))).collect()
}

fn names<T>(rows: &[(&str, &T)]) -> Column {
    text("model", rows.iter().map(|(name, _)| Some(*name)))
}

fn whole<T>(name: &str, rows: &[(&str, &T)], of: impl Fn(&T) -> u64) -> Column {
    counts(name, rows.iter().map(|(_, row)| u32::try_from(of(row)).ok()))
}

fn number<T>(name: &str, rows: &[(&str, &T)], of: impl Fn(&T) -> f64) -> Column {
    numbers(name, rows.iter().map(|(_, row)| Some(of(row))))
}

fn deciles(all: &[Assessment]) -> PolarsResult<DataFrame> {
    let rows = rows(all, |one| &one.deciles);
    let columns = vec![
        names(&rows),
        whole("decile", &rows, |row| row.decile as u64),
        whole("customers", &rows, |row| row.customers as u64),
        number("expected", &rows, |row| row.expected),
        number("actual", &rows, |row| row.actual),
    ];
    DataFrame::new(rows.len(), columns)
}

fn tracking(all: &[Assessment]) -> PolarsResult<DataFrame> {
    let rows = rows(all, |one| &one.tracking);
    let columns = vec![
        names(&rows),
        whole("period", &rows, |row| row.period as u64),
        days("end", rows.iter().map(|(_, row)| Some(row.end))),
        flags("is_holdout", rows.iter().map(|(_, row)| row.is_holdout)),
        number("actual", &rows, |row| row.actual as f64),
        number("expected", &rows, |row| row.expected),
        number("cumulative_actual", &rows, |row| row.cumulative_actual as f64),
        number("cumulative_expected", &rows, |row| row.cumulative_expected),
    ];
    DataFrame::new(rows.len(), columns)
}

fn repeat_counts(all: &[Assessment]) -> PolarsResult<DataFrame> {
    let models: Vec<Assessment> = all.iter().filter(|one| matches!(one.kind, Kind::Model { .. })).cloned().collect();
    let rows = rows(&models, |one| &one.repeat_counts);
    let columns = vec![
        names(&rows),
        whole("repeats", &rows, |row| u64::from(row.repeats)),
        number("actual", &rows, |row| row.actual as f64),
        number("expected", &rows, |row| row.expected),
    ];
    DataFrame::new(rows.len(), columns)
}

fn by_frequency(all: &[Assessment]) -> PolarsResult<DataFrame> {
    let rows = rows(all, |one| &one.by_frequency);
    let columns = vec![
        names(&rows),
        whole("repeats", &rows, |row| u64::from(row.repeats)),
        whole("customers", &rows, |row| row.customers),
        number("actual", &rows, |row| row.actual),
        number("expected", &rows, |row| row.expected),
    ];
    DataFrame::new(rows.len(), columns)
}

fn by_recency(all: &[Assessment]) -> PolarsResult<DataFrame> {
    let rows = rows(all, |one| &one.by_recency);
    let columns = vec![
        names(&rows),
        number("from", &rows, |row| row.from),
        number("to", &rows, |row| row.to),
        whole("customers", &rows, |row| row.customers),
        number("actual", &rows, |row| row.actual),
        number("expected", &rows, |row| row.expected),
    ];
    DataFrame::new(rows.len(), columns)
}
