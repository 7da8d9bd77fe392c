//! What was read, refused and set: all that makes the run reproducible.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::figure::{Part, Section, table};
use crate::messages::{Arg, count, money};
use crate::numbers::{Format, clean};
use crate::sections::Sources;
use crate::table::{Cell, Table};
use clivia_core::models::FitReport;
use clivia_core::score::{MissingModel, Model};

pub(super) fn section(sources: &Sources<'_>) -> Section {
    let mut section = sources.section("data");
    section.said.push(sources.say("data-said", &[("version", Arg::Text(&sources.record.version))]));
    section.said.extend(returns(sources));
    if sources.record.zero_amounts > 0 {
        section.said.push(sources.say("data-zero", &[("rows", count(sources.record.zero_amounts))]));
    }
    section.said.extend(chosen(sources));
    let mut add = |title: &str, table: Table, folded: bool| {
        if !table.rows.is_empty() {
            section.parts.push(Part::Table { title: sources.word(title), table, folded });
        }
    };
    add("rows-title", rows(sources), false);
    add("refused-title", refused(sources), false);
    add("fits-title", fits(sources), false);
    add("warnings-title", warnings(sources), false);
    add("mapping-title", mapping(sources), true);
    add("settings-title", settings(sources), true);
    section
}

fn returns(sources: &Sources<'_>) -> Option<String> {
    let (returns, customers) = (&sources.record.returns, &sources.record.customers);
    if returns.rows == 0 {
        return Some(sources.word("data-no-returns"));
    }
    Some(sources.say(
        "data-returns",
        &[
            ("rows", count(returns.rows)),
            ("orders", count(returns.settled.orders_undone)),
            ("unmatched", money(returns.settled.unmatched.to_f64())),
            ("customers", count(customers.without_purchase)),
        ],
    ))
}

fn chosen(sources: &Sources<'_>) -> Option<String> {
    let choice = sources.record.choice.as_ref()?;
    let (from, to) = (choice.calibration_end.to_string(), choice.holdout_end.to_string());
    let best = choice.best.as_deref()?;
    Some(sources.say("data-chosen", &[("model", Arg::Text(best)), ("from", Arg::Text(&from)), ("to", Arg::Text(&to))]))
}

fn rows(sources: &Sources<'_>) -> Table {
    let mut rows = table(
        sources.messages,
        &[
            ("table", Format::Text),
            ("rows-read", Format::Count),
            ("rows-used", Format::Count),
            ("rows-refused", Format::Count),
            ("money-read", Format::Money),
            ("money-used", Format::Money),
            ("money-refused", Format::Money),
        ],
    );
    let record = sources.record;
    let has_amounts = record.mapping.as_ref().is_some_and(|mapping| mapping.amount.is_some());
    let money = has_amounts.then_some(record.money);
    rows.push([
        Cell::from(sources.word("table-orders")),
        record.rows.read.into(),
        record.rows.used.into(),
        record.rows.refused.into(),
        money.map(|money| money.read).into(),
        money.map(|money| money.used).into(),
        money.map(|money| money.refused).into(),
    ]);
    let others = [
        ("table-contacts", record.contacts.as_ref().map(|contacts| contacts.rows)),
        ("table-customers", record.attributes),
    ];
    for (name, counts) in others {
        if let Some(counts) = counts {
            let none = || Cell::None(());
            let [read, used, refused] = [counts.read, counts.used, counts.refused].map(Cell::from);
            rows.push([Cell::from(sources.word(name)), read, used, refused, none(), none(), none()]);
        }
    }
    rows.without_empty()
}

fn refused(sources: &Sources<'_>) -> Table {
    let mut rows =
        table(sources.messages, &[("table", Format::Text), ("rule", Format::Text), ("rows-refused", Format::Count)]);
    for (name, rules) in &sources.record.refused {
        for (rule, refused) in rules {
            let known = |key: String, name: &str| sources.messages.known(&key).unwrap_or_else(|| clean(name));
            rows.push([
                Cell::from(known(format!("table-{name}"), name)),
                Cell::from(known(format!("rule-{}", rule.replace('_', "-")), rule)),
                (*refused).into(),
            ]);
        }
    }
    rows
}

/// Each parameter of each model, and what the fit says of itself.
fn fits(sources: &Sources<'_>) -> Table {
    let mut rows = table(
        sources.messages,
        &[
            ("model", Format::Text),
            ("parameter", Format::Text),
            ("estimate", Format::Number),
            ("standard-error", Format::Number),
            ("verdict", Format::Text),
        ],
    );
    for model in [&sources.record.purchases, &sources.record.spend] {
        match model {
            Model::Missing(MissingModel { model, reason, .. }) => {
                let none = || Cell::None(());
                rows.push([Cell::text(model), none(), none(), none(), Cell::text(reason)]);
            }
            Model::Fitted(fit) => {
                for (name, value) in &fit.parameters {
                    let error = fit.standard_errors.get(name).copied().flatten();
                    let verdict = Cell::from(verdict(sources, fit));
                    rows.push([Cell::text(&fit.model), Cell::text(name), (*value).into(), error.into(), verdict]);
                }
            }
        }
    }
    rows
}

fn verdict(sources: &Sources<'_>, fit: &FitReport) -> String {
    let key = match (fit.converged, fit.at_boundary.is_empty()) {
        (true, true) => "verdict-converged",
        (true, false) => "verdict-boundary",
        (false, _) => "verdict-not-converged",
    };
    sources.word(key)
}

fn warnings(sources: &Sources<'_>) -> Table {
    let mut rows = table(sources.messages, &[("warning", Format::Text)]);
    // They are as the run gave them, whatever the language of the page.
    sources.record.notes.iter().for_each(|note| {
        let cut: String = note.to_string().chars().take(600).collect();
        let pieces: Vec<String> =
            cut.chars().collect::<Vec<_>>().chunks(80).map(|piece| clean(&piece.iter().collect::<String>())).collect();
        rows.push([Cell::from(pieces.concat())]);
    });
    rows
}

fn mapping(sources: &Sources<'_>) -> Table {
    let mut rows =
        table(sources.messages, &[("table", Format::Text), ("part", Format::Text), ("column", Format::Text)]);
    let contacts = sources.record.contacts.as_ref().and_then(|contacts| contacts.mapping.as_ref());
    let tables = [("table-orders", parts(&sources.record.mapping)), ("table-contacts", parts(&contacts))];
    for (table, parts) in tables {
        for (part, column) in parts {
            rows.push([Cell::from(sources.word(table)), Cell::text(&part), Cell::text(&column)]);
        }
    }
    rows
}

/// The parts that columns play, those without a column left out.
fn parts(mapping: &impl Serialize) -> Vec<(String, String)> {
    let Ok(Value::Object(parts)) = serde_json::to_value(mapping) else { return Vec::new() };
    let column = |(part, column): (String, Value)| Some((part, column.as_str()?.to_string()));
    parts.into_iter().filter_map(column).collect()
}

/// All settings, by their names in the settings file.
fn settings(sources: &Sources<'_>) -> Table {
    let mut rows = table(sources.messages, &[("setting", Format::Text), ("set-to", Format::Text)]);
    let mut found = BTreeMap::new();
    flatten("", &serde_json::to_value(&sources.record.settings).unwrap_or_default(), &mut found);
    for (name, value) in found {
        rows.push([Cell::text(&name), Cell::text(&value)]);
    }
    rows
}

fn flatten(name: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(parts) if !parts.is_empty() => {
            let dot = if name.is_empty() { "" } else { "." };
            parts.iter().for_each(|(part, value)| flatten(&format!("{name}{dot}{part}"), value, into));
        }
        Value::Null => {}
        Value::String(text) => {
            into.insert(name.into(), text.clone());
        }
        // The rules of the segments, most of all: their number says enough beside the table of segments.
        Value::Array(items) if items.len() > 8 => {
            into.insert(name.into(), format!("({})", items.len()));
        }
        other => {
            into.insert(name.into(), other.to_string());
        }
    }
}
