//! What a person reads after a run.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use clivia_core::base::{Day, Money};
use clivia_core::decide::corrections::Correction;
use clivia_core::intervals::Range;
use clivia_core::map::{CellRow, Diagnosis};
use clivia_core::notes;
use clivia_core::notes::Note;
use clivia_core::rfm::SegmentRow;
use clivia_core::score::{Mapped, Model, ModelsCompared};
use clivia_io::contacts::ContactsRead;
use clivia_io::dates::PartOrder;
use clivia_io::orders::{OrdersRead, RowCounts};
use clivia_io::plan::{Decimal, PlanOf};
use clivia_io::rejects::RefusedCounts;
use clivia_io::source::Source;
use clivia_run::pipeline::{Run, Summarised};
use clivia_run::record::record;
use clivia_run::state::{StateError, Updated};
use clivia_run::tables::small_tables::{cluster_rows, segment_rows};
use serde::Serialize;
use serde_json::json;

use clivia_run::error::Error;

use crate::Failure;
use crate::flags::{flags_of, with_flags};
use crate::paint;
use crate::validate::write_standings;

type Text = Result<(), std::fmt::Error>;

/// Says what went wrong, on standard error.
pub(super) fn complain(failure: &Failure) {
    // Where even standard error is closed there is nobody to tell.
    writeln!(std::io::stderr(), "error: {}", said(failure)).ok();
}

/// A failure in the words of the command line; what is wrong in a settings file, or held in a state, keeps its name.
fn said(failure: &Failure) -> String {
    match failure {
        Failure::Run(Error::Config(error)) => error.to_string(),
        Failure::Run(Error::State(error @ StateError::Setting { .. })) => error.to_string(),
        failure => {
            let said = with_flags(&failure.to_string());
            match setting_of(failure).and_then(flags_of) {
                Some(flags) => format!("{said} ({flags})"),
                None => said,
            }
        }
    }
}

/// The setting that would help.
fn setting_of(failure: &Failure) -> Option<&'static str> {
    match failure {
        Failure::Run(Error::Table(error)) => error.setting(),
        Failure::Run(Error::Export(error)) => error.setting(),
        Failure::Run(Error::Memory(error)) => Some(error.setting()),
        Failure::Run(Error::Spill(_)) => Some("temp_dir"),
        _ => None,
    }
}

/// Prints the summary for people.
pub(super) fn print_summary(run: &Run, out: &Path) -> Result<(), Failure> {
    let mut text = String::new();
    // Writing into a string cannot fail.
    write_summary(&mut text, run, out).ok();
    Ok(anstream::stdout().lock().write_all(text.as_bytes())?)
}

/// Prints what a summary came to.
pub(super) fn print_summarised(summarised: &Summarised, out: &Path) -> Result<(), Failure> {
    let mut text = String::new();
    // Writing into a string cannot fail.
    write_summarised(&mut text, summarised, out).ok();
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

/// What a careful analyst would be told, the most important first.
pub(super) fn write_notes(text: &mut String, notes: &[Note]) -> Text {
    if notes.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nmind")?;
    notes.iter().try_for_each(|note| writeln!(text, "  - {}", with_flags(&note.to_string())))
}

fn write_summarised(text: &mut String, summarised: &Summarised, out: &Path) -> Text {
    let Summarised { summary, without_purchase, .. } = summarised;
    write_orders(text, &summarised.orders, &summarised.refused)?;
    writeln!(text, "customers  {} with a purchase up to {}", count(summary.len() as u64), summary.as_of)?;
    if !without_purchase.ids.is_empty() {
        writeln!(text, "           {} all of whose orders were returned", count(without_purchase.ids.len() as u64))?;
    }
    write_notes(text, &summarised.notes)?;
    writeln!(text, "\nresults    {}", out.display())
}

/// Prints the summary for programs: run.json without its bulk, and the small tables.
pub(super) fn print_json(run: &Run) -> Result<(), Failure> {
    let record = record(run);
    let map = run.scored.map.as_ref();
    let summary = json!({
        "version": record.version,
        "as_of": record.as_of,
        "time_unit": record.time_unit,
        "mapping": record.mapping,
        "rows": record.rows,
        "money": record.money,
        "replaced": record.replaced,
        "refused": record.refused,
        "returns": record.returns,
        "customers": record.customers,
        "contacts": record.contacts,
        "purchases": record.purchases,
        "spend": record.spend,
        "choice": record.choice,
        "spend_dependence": record.spend_dependence,
        "forecast": record.forecast,
        "segments": segment_rows(run),
        "clusters": cluster_rows(run),
        "profit": record.profit,
        "map": map.map(|mapped| json!({
            "totals": mapped.map.totals,
            "cells": mapped.map.cells,
            "idea": mapped.idea,
        })),
        "timing": record.timing,
        "notes": record.notes,
        "timings": record.timings,
    });
    Ok(writeln!(std::io::stdout().lock(), "{summary:#}")?)
}

fn write_summary(text: &mut String, run: &Run, out: &Path) -> Text {
    write_orders(text, &run.orders, &run.refused)?;
    if let Some(contacts) = &run.contacts {
        write_contacts(text, contacts, &run.refused)?;
    }
    if let Some(attributes) = &run.attributes {
        write_rows(text, "attributes", attributes.rows)?;
        write_refused(text, "customers", &run.refused)?;
    }
    write_customers(text, run)?;
    if let Some(choice) = &run.fitted.choice {
        write_choice(text, choice)?;
    }
    write_model(text, "purchases", &run.fitted.purchases)?;
    write_model(text, "spend", &run.fitted.spend)?;
    write_value(text, run)?;
    write_segments(text, run)?;
    write_clusters(text, run)?;
    if let Some(profit) = &run.scored.profit {
        match profit.costs_known {
            true => writeln!(text, "\nprofit     {}", profit.whale.sentence())?,
            false => writeln!(
                text,
                "\nprofit     no cost is known, so profit is revenue; set the share of profit with --margin"
            )?,
        }
    }
    if let Some(mapped) = &run.scored.map {
        write_map(text, mapped)?;
        write_corrections(text, mapped, run.settings.corrections.period_days)?;
        writeln!(text, "\ndo contacts precede purchases? (an association, not an effect)")?;
        mapped.timing.sentences().iter().try_for_each(|sentence| writeln!(text, "  - {sentence}"))?;
    }
    write_notes(text, &run.notes)?;
    writeln!(text, "\nresults    {}", out.display())
}

fn write_rows(text: &mut String, table: &str, rows: RowCounts) -> Text {
    let (read, used, refused) = (count(rows.read), count(rows.used), count(rows.refused));
    write!(text, "{table:<10} {read} rows read: {used} used, {refused} refused")?;
    match rows.left_out {
        0 => writeln!(text),
        left_out => writeln!(text, ", {} left out", count(left_out)),
    }
}

pub(super) fn write_orders(text: &mut String, read: &OrdersRead, refused: &RefusedCounts) -> Text {
    write_rows(text, "orders", read.rows)?;
    if let Some(mapping) = &read.mapping {
        writeln!(text, "           {mapping}")?;
    }
    if read.has_amounts() {
        let money = read.money;
        writeln!(
            text,
            "money      {} read: {} used, {} refused{}{}",
            amount(money.read),
            amount(money.used),
            amount(money.refused),
            match money.left_out {
                Money(0) => String::new(),
                left_out => format!(", {} left out", amount(left_out)),
            },
            match money.unknown {
                0 => String::new(),
                rows => format!(", and that of {} rows is unknown", count(rows)),
            }
        )?;
    }
    if read.zero_amounts > 0 {
        writeln!(text, "  kept     {} amounts of zero", count(read.zero_amounts))?;
    }
    if read.replaced.rows > 0 {
        let (rows, money) = (count(read.replaced.rows), amount(read.replaced.money));
        writeln!(text, "  replaced {rows} rows of orders that were corrected later, {money}")?;
    }
    write_refused(text, "orders", refused)
}

/// Prints what an update did to a state.
pub(super) fn print_updated(updated: &Updated, state: &Path, json: bool) -> Result<(), Failure> {
    let mut text = String::new();
    if json {
        text = format!("{:#}\n", updated_json(updated));
    } else {
        // Writing into a string cannot fail.
        write_updated(&mut text, updated, state).ok();
    }
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

fn updated_json(updated: &Updated) -> serde_json::Value {
    json!({
        "mapping": updated.orders.mapping,
        "rows": updated.orders.rows,
        "money": updated.orders.money,
        "refused": updated.refused,
        "days": updated.days,
        "replacing_orders": updated.replacing,
        "cancelled_orders": updated.cancelled,
        "merged_segments": updated.merged,
        "state": updated.state,
        "notes": updated.notes,
    })
}

fn write_updated(text: &mut String, updated: &Updated, folder: &Path) -> Text {
    let Updated { orders, state, .. } = updated;
    if orders.rows.read > 0 {
        write_orders(text, orders, &RefusedCounts::from([("orders", updated.refused.clone())]))?;
    }
    if let Some((first, last)) = updated.days {
        writeln!(text, "days       {first} to {last}")?;
    }
    if let Some(orders) = updated.replacing {
        writeln!(text, "replaced   {} orders, as far as they were in the state", count(orders))?;
    }
    if let Some(orders) = updated.cancelled {
        writeln!(text, "cancelled  {} orders, as far as they were in the state", count(orders))?;
    }
    if updated.merged > 0 {
        writeln!(text, "merged     {} segments", updated.merged)?;
    }
    let (rows, lines, segments) = (count(state.rows), count(state.lines), state.segments);
    let (held, parts) = (folder.display(), if segments == 1 { "segment" } else { "segments" });
    writeln!(text, "state      {held}: {rows} order rows as {lines} lines in {segments} {parts}")?;
    if let Some((first, last)) = state.days {
        writeln!(text, "           from {first} to {last}")?;
    }
    write_notes(text, &updated.notes)
}

fn write_contacts(text: &mut String, read: &ContactsRead, refused: &RefusedCounts) -> Text {
    write_rows(text, "contacts", read.rows)?;
    if let Some(mapping) = &read.mapping {
        writeln!(text, "           {mapping}")?;
    }
    write_refused(text, "contacts", refused)
}

fn write_refused(text: &mut String, table: &str, refused: &RefusedCounts) -> Text {
    let mut rules = refused.get(table).into_iter().flatten();
    rules.try_for_each(|(rule, rows)| {
        let what = if rule.leaves_out() { "left out" } else { "refused " };
        writeln!(text, "  {what} {} {rule}", count(*rows))
    })
}

fn write_customers(text: &mut String, run: &Run) -> Text {
    let summary = &run.summary;
    let back = summary.frequency.iter().filter(|x| **x > 0).count() as u64;
    let total = summary.len() as u64;
    writeln!(
        text,
        "customers  {}, of whom {} came back ({}); as of {}, in {}",
        count(total),
        count(back),
        share(back as f64 / total as f64),
        summary.as_of,
        summary.unit.name()
    )?;
    let returns = run.returns;
    if run.orders.returns > 0 {
        writeln!(
            text,
            "returns    {} rows cancelled {} orders; {} matched no order in the file; {} customers have no purchase left",
            count(run.orders.returns),
            count(returns.orders_undone),
            amount(returns.unmatched),
            count(run.without_purchase.ids.len() as u64)
        )?;
    }
    Ok(())
}

/// How the purchase model was chosen.
fn write_choice(text: &mut String, choice: &ModelsCompared) -> Text {
    let best = choice.best.as_deref().unwrap_or("none");
    writeln!(
        text,
        "auto       {best} predicts {} to {} best, of {} models:",
        Day(choice.calibration_end.0.saturating_add(1)),
        choice.holdout_end,
        choice.standings.iter().filter(|standing| standing.mean_log_probability.is_some()).count()
    )?;
    write_standings(text, &choice.standings, choice.level)
}

fn write_model(text: &mut String, role: &str, model: &Model) -> Text {
    match model {
        Model::Missing(missing) => writeln!(text, "{role:<10} no {}: {}", missing.model, missing.reason),
        Model::Fitted(report) => {
            write!(text, "{role:<10} {}", report.model)?;
            for (name, value) in &report.parameters {
                write!(text, "  {name} {}", significant(*value))?;
                if let Some(Some(error)) = report.standard_errors.get(name) {
                    write!(text, " (±{})", significant(*error))?;
                }
            }
            writeln!(
                text,
                "\n           log-likelihood {:.1}, converged; {} customers, {} distinct histories",
                report.log_likelihood,
                count(report.customers as u64),
                count(report.distinct_rows as u64)
            )
        }
    }
}

fn write_value(text: &mut String, run: &Run) -> Text {
    let Some(value) = &run.scored.value else { return Ok(()) };
    let (worth, horizon) = (value.totals(), run.settings.value.horizon);
    let forecast = run.scored.intervals.as_ref().map(|found| found.forecast.total);
    let of_purchases = forecast.map_or_else(String::new, |total| between(total.purchases));
    let of_value = forecast.and_then(|total| total.clv).map_or_else(String::new, between);
    let periods = run.fitted.purchases.fitted().is_some_and(|report| report.model == "bg-bb");
    let what = if periods { format!("{} with a purchase", run.summary.unit.name()) } else { "purchase days".into() };
    write!(text, "value      {} {what} expected in {horizon}{of_purchases}", whole(worth.expected_purchases))?;
    match worth.clv {
        Some(clv) => {
            writeln!(text, ", lifetime value {}{of_value} at a margin of {}", whole(clv), run.settings.value.margin)?;
        }
        None => writeln!(text)?,
    }
    if run.scored.intervals.is_some() {
        writeln!(text, "           in brackets: {} % prediction intervals", 100.0 * run.settings.intervals.level)?;
    }
    Ok(())
}

/// ` (1,580 to 1,730)`; nothing where there is no interval.
fn between(range: Range) -> String {
    match (range.low, range.high) {
        (Some(low), Some(high)) => format!(" ({} to {})", whole(low), whole(high)),
        _ => String::new(),
    }
}

/// Segments, with bars of what they are worth: by lifetime value, else by revenue, else by how many they are.
fn write_segments(text: &mut String, run: &Run) -> Text {
    let rows: Vec<&SegmentRow> = segment_rows(run).into_iter().filter(|row| row.customers > 0).collect();
    let worth = |row: &SegmentRow| {
        let clv = row.clv.filter(|_| rows.iter().all(|row| row.clv.is_some()));
        clv.or_else(|| row.revenue.map(Money::to_f64)).unwrap_or(row.customers as f64)
    };
    let most = rows.iter().map(|row| worth(row)).fold(0.0, f64::max);
    writeln!(text, "\n{:<22}{:>12}{:>9}{:>17}{:>15}", "segment", "customers", "share", "revenue", "CLV")?;
    rows.iter().try_for_each(|row| {
        let (revenue, clv) = (row.revenue.map(amount).unwrap_or_default(), row.clv.map(whole).unwrap_or_default());
        let line = format!(
            "{:<22}{:>12}{:>9}{revenue:>17}{clv:>15}  {}",
            row.segment,
            count(row.customers),
            share(row.customer_share),
            paint::bar(worth(row), most)
        );
        writeln!(text, "{}", line.trim_end())
    })
}

fn write_clusters(text: &mut String, run: &Run) -> Text {
    writeln!(text, "\n{:<22}{:>12}{:>9}{:>17}{:>15}", "cluster", "customers", "share", "revenue", "CLV")?;
    cluster_rows(run).iter().try_for_each(|row| {
        let (revenue, clv) = (row.revenue.map(amount).unwrap_or_default(), row.clv.map(whole).unwrap_or_default());
        writeln!(
            text,
            "{:<22}{:>12}{:>9}{revenue:>17}{clv:>15}  {}",
            row.cluster,
            count(row.customers),
            share(row.customer_share),
            row.cluster_label
        )
    })
}

/// Rows from the most attractive down, columns from the least contact up.
fn write_map(text: &mut String, mapped: &Mapped) -> Text {
    let levels = mapped.map.levels;
    let names: Vec<&str> =
        (0..levels).filter_map(|level| mapped.map.cells.get(level)).map(|cell| cell.contact.as_str()).collect();
    write!(text, "\n{:<20}", "map: value \\ contact")?;
    names.iter().try_for_each(|name| write!(text, "{name:>19}"))?;
    writeln!(text)?;
    for row in mapped.map.cells.chunks(levels).rev() {
        write!(text, "{:<20}", row.first().map_or("", |cell| cell.attractiveness.as_str()))?;
        let shown = |cell: &CellRow| paint::cell(&format!("{:>19}", show_cell(cell)), cell);
        row.iter().try_for_each(|cell| write!(text, "{}", shown(cell)))?;
        writeln!(text)?;
    }
    let totals = &mapped.map.totals;
    writeln!(
        text,
        "of these - under-served {}, + over-served {}, aligned {}; {} without any contact",
        count(totals.under_served),
        count(totals.over_served),
        count(totals.aligned),
        count(totals.without_contact)
    )?;
    writeln!(text, "\nis the idea kept?")?;
    mapped.idea.sentences().iter().try_for_each(|sentence| writeln!(text, "  - {sentence}"))
}

/// How much is at stake, and what most corrections come to. Single customers are in the table only.
fn write_corrections(text: &mut String, mapped: &Mapped, period_days: u32) -> Text {
    let corrections = &mapped.corrections;
    let first = || corrections.rows.iter().filter(|row| row.option == 1);
    let sum = |diagnosis: Diagnosis, part: fn(&Correction) -> f64| -> f64 {
        first().filter(|row| row.diagnosis == diagnosis).map(part).sum()
    };
    let open = first().filter(|row| row.is_open() && row.value > 0.0).count() as u64;
    writeln!(
        text,
        "\ncorrections {} for {} misplaced customers; something can be done for {} of them",
        count(corrections.rows.len() as u64),
        count(corrections.customers.into()),
        count(open)
    )?;
    writeln!(
        text,
        "           {} of value at stake with under-served customers; {} could be saved on over-served customers in {period_days} days",
        whole(sum(Diagnosis::UnderServed, |row| row.value_at_stake)),
        whole(sum(Diagnosis::OverServed, |row| row.saving.map_or(0.0, Money::to_f64)))
    )
}

/// Customers in a cell, and of these the under-served and the over-served: `430 -210 +3`.
fn show_cell(cell: &CellRow) -> String {
    let marked = |sign: char, customers: u64| match customers {
        0 => String::new(),
        _ => format!(" {sign}{}", count(customers)),
    };
    format!("{}{}{}", count(cell.customers), marked('-', cell.under_served), marked('+', cell.over_served))
}

/// What `check` found.
pub(super) struct Checked {
    pub(super) files: Vec<CheckedFile>,
    pub(super) orders: OrdersRead,
    /// The first and the last day with an order.
    pub(super) days: Option<(Day, Day)>,
    pub(super) contacts: Option<ContactsRead>,
    pub(super) refused: RefusedCounts,
}

/// A file and how its columns are used.
#[derive(Serialize)]
pub(super) struct CheckedFile {
    file: String,
    format: &'static str,
    mapping: serde_json::Value,
    #[serde(skip)]
    shown: String,
}

impl CheckedFile {
    pub(super) fn new(source: &dyn Source, mapping: impl Serialize + std::fmt::Display) -> Self {
        CheckedFile {
            file: source.name().into(),
            format: source.kind(),
            shown: mapping.to_string(),
            mapping: json!(mapping),
        }
    }
}

/// Prints what `check` found.
pub(super) fn print_check(checked: &Checked, as_json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let Checked { files, orders, days, contacts, refused } = checked;
    if as_json {
        let findings = json!({
            "files": files,
            "plan": orders.plan,
            "rows": orders.rows,
            "money": orders.money,
            "refused": refused,
            "notes": orders.notes,
            "returns": orders.returns,
            "zero_amounts": orders.zero_amounts,
            "first_day": days.map(|days| days.0),
            "last_day": days.map(|days| days.1),
            "contacts": contacts.as_ref().map(|read| json!({
                "plan": read.plan,
                "notes": read.notes(),
                "rows": read.rows,
                "channels": read.channels,
                "unknown_outcomes": read.unknown_outcomes,
            })),
        });
        return Ok(writeln!(out, "{findings:#}")?);
    }
    let mut text = String::new();
    for CheckedFile { file, format, shown, .. } in files {
        writeln!(text, "file       {file}, {format}: {shown}").ok();
    }
    if let Some(plan) = &orders.plan {
        writeln!(text, "read as    {}", read_as(plan)).ok();
    }
    write_orders(&mut text, orders, refused).ok();
    if orders.has_amounts() {
        writeln!(text, "returns    {} rows", count(orders.returns)).ok();
    }
    if let Some((first, last)) = days {
        writeln!(text, "days       {first} to {last}").ok();
    }
    if let Some(contacts) = contacts {
        if let Some(plan) = &contacts.plan {
            writeln!(text, "read as    {}", read_as(plan)).ok();
        }
        write_contacts(&mut text, contacts, refused).ok();
        writeln!(text, "channels   {}", contacts.channels.join(", ")).ok();
    }
    let mut notes = orders.notes.clone();
    notes.extend(contacts.iter().flat_map(ContactsRead::notes));
    notes::sort(&mut notes);
    write_notes(&mut text, &notes).ok();
    Ok(out.write_all(text.as_bytes())?)
}

/// How a source is read, as far as the values of a file say it.
fn read_as<Columns>(plan: &PlanOf<Columns>) -> String {
    let delimiter = match plan.delimiter.as_str() {
        "" => None,
        "\t" | "tab" => Some(format!("{} with tabs", plan.encoding)),
        sign => Some(format!("{} with {sign}", plan.encoding)),
    };
    let decimal = match plan.decimal {
        Decimal::Point => "decimal point",
        Decimal::Comma => "decimal comma",
    };
    let dates = match (plan.date_format.as_str(), plan.day_or_month_first) {
        ("", Some(PartOrder::DayFirst)) => Some("dates day first".to_string()),
        ("", Some(PartOrder::MonthFirst)) => Some("dates month first".to_string()),
        ("", Some(PartOrder::YearFirst)) => Some("dates year first".to_string()),
        ("", None) => None,
        (format, _) => Some(format!("dates as {format}")),
    };
    let currency = plan.currency.as_ref().map(|code| format!("currency {code}"));
    let days = plan.timezone.map_or("days as written".to_string(), |zone| format!("days of {zone}"));
    let parts = [delimiter, Some(decimal.into()), dates, Some(days), currency];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `1234567` as `1,234,567`.
pub(super) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub(super) fn amount(money: Money) -> String {
    let text = format!("{:.2}", money.to_f64());
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{part}", grouped(whole))
}

pub(super) fn whole(value: f64) -> String {
    let sign = if value < -0.5 { "-" } else { "" };
    format!("{sign}{}", grouped(&format!("{:.0}", value.abs())))
}

pub(super) fn share(part: f64) -> String {
    format!("{:.1} %", 100.0 * part)
}

/// Four significant digits at least, so that parameters read as in the papers.
fn significant(value: f64) -> String {
    if value.abs() >= 1000.0 { format!("{value:.1}") } else { format!("{value:.3}") }
}
