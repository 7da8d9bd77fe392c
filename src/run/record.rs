//! The record of a run that has just been made.

use std::collections::BTreeMap;

use clivia_core::table::SCHEMA;
use clivia_io::rejects::Rule;
use clivia_report::record::{Contacts, Customers, MapRecord, Record, Returns};

use crate::pipeline::Run;

/// `run.json` of a run.
pub fn record(run: &Run) -> Record {
    let (fitted, scored) = (&run.fitted, &run.scored);
    Record {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").into(),
        settings: run.settings.clone(),
        margin: Some(fitted.settings.value.margin),
        as_of: run.summary.as_of,
        time_unit: run.summary.unit,
        mapping: run.orders.mapping.clone(),
        rows: run.orders.rows,
        money: run.orders.money,
        replaced: Some(run.orders.replaced).filter(|replaced| replaced.rows > 0),
        refused: run.refused.iter().map(|(table, rules)| (table.to_string(), named(rules))).collect(),
        zero_amounts: run.orders.zero_amounts,
        returns: Returns { rows: run.orders.returns, settled: run.returns },
        customers: Customers {
            scored: run.summary.len() as u64,
            without_purchase: run.without_purchase.ids.len() as u64,
        },
        contacts: run.contacts.as_ref().map(|read| Contacts { mapping: read.mapping.clone(), rows: read.rows }),
        attributes: run.attributes.as_ref().map(|attributes| attributes.rows),
        purchases: fitted.purchases.clone(),
        spend: fitted.spend.clone(),
        choice: fitted.choice.clone(),
        spend_dependence: fitted.spend_dependence.clone(),
        forecast: scored.intervals.as_ref().map(|found| found.forecast.clone()),
        rfm: fitted.rfm.clone(),
        clusters: fitted.clusters.clone(),
        profit: scored.profit.as_ref().map(|profit| profit.without_customers()),
        map: scored.map.as_ref().map(|mapped| MapRecord {
            contacts: mapped.quality.clone(),
            scale: mapped.fitted.clone(),
            totals: mapped.map.totals.clone(),
            idea: mapped.idea.clone(),
            oddities: mapped.oddities,
        }),
        timing: scored.map.as_ref().map(|mapped| mapped.timing.without_customers()),
        notes: run.notes.clone(),
        timings: seconds(&run.timings),
    }
}

fn named(rules: &BTreeMap<Rule, u64>) -> BTreeMap<String, u64> {
    rules.iter().map(|(rule, rows)| (rule.to_string(), *rows)).collect()
}

/// Seconds by stage, under the names that records use.
pub(crate) fn seconds(timings: &[(&'static str, f64)]) -> BTreeMap<String, f64> {
    timings.iter().map(|(stage, seconds)| (stage.replace(' ', "_"), *seconds)).collect()
}
