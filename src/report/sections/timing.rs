//! Whether contacts precede purchases, and what that does not prove.

use crate::figure::{Chart, Figure, Part, Section, table};
use crate::messages::{Arg, count, number};
use crate::numbers::{Format, clean, plain};
use crate::sections::Sources;
use crate::table::{Cell, Table};
use clivia_core::contacts::timing::{Sequence, TimingRow};

/// Rows shown at most: logs with hundreds of kinds are in `timing`.
const ROWS: usize = 400;
/// The kind that stands for all of the company's contacts.
const ANY: &str = "any";

pub(super) fn section(sources: &Sources<'_>) -> Section {
    let mut section = sources.section("timing");
    let Some(timing) = &sources.record.timing else {
        section.said.push(sources.word("timing-empty"));
        return section;
    };
    section.said.push(
        sources.say("timing-said", &[("purchases", count(timing.purchases)), ("customers", count(timing.customers))]),
    );
    section.said.push(sources.word("timing-caveat"));
    let rows: Vec<&TimingRow> = timing.any.iter().chain(&timing.rows).filter(|row| is_shown(row, sources)).collect();
    let after_contact: Vec<&TimingRow> =
        rows.iter().copied().filter(|row| row.direction == Sequence::AfterContact).take(ROWS).collect();
    if !after_contact.is_empty() {
        section.parts.push(Part::Chart(figure(sources, &after_contact)));
    }
    let after_purchase: Vec<&TimingRow> =
        rows.into_iter().filter(|row| row.direction == Sequence::AfterPurchase).take(ROWS).collect();
    if !after_purchase.is_empty() {
        let table = rows_of(sources, &after_purchase);
        section.parts.push(Part::Table { title: sources.word("after-purchases-title"), table, folded: true });
    }
    section
}

fn is_shown(row: &TimingRow, sources: &Sources<'_>) -> bool {
    row.contacts >= sources.options.min_cell
}

fn figure(sources: &Sources<'_>, rows: &[&TimingRow]) -> Figure {
    let chart = Chart::new("intervals")
        .column("label", "lag")
        .column("group", "kind")
        .column("value", "rate-ratio")
        .column("low", "low")
        .column("high", "high")
        .with("reference", 1)
        .with("open", 3)
        .with("x_title", sources.word("axis-lag"))
        .with("y_title", sources.word("column-rate-ratio"));
    Figure::new(sources.messages, "timing", chart, rows_of(sources, rows)).wide()
}

fn rows_of(sources: &Sources<'_>, rows: &[&TimingRow]) -> Table {
    let mut found = table(
        sources.messages,
        &[
            ("kind", Format::Text),
            ("lag", Format::Text),
            ("contacts", Format::Count),
            ("events", Format::Count),
            ("expected-events", Format::Number),
            ("rate-ratio", Format::Number),
            ("low", Format::Number),
            ("high", Format::Number),
            ("p-adjusted", Format::Number),
            ("claim", Format::Text),
        ],
    );
    for row in rows {
        let kind = if row.kind == ANY { sources.word("kind-any") } else { clean(&row.kind) };
        let days = [("from", number(row.lag_from_days)), ("to", number(row.lag_to_days))];
        found.push([
            Cell::from(kind),
            Cell::from(plain(&sources.say("lag-days", &days), sources.messages.lang)),
            row.contacts.into(),
            row.events.into(),
            finite(row.expected),
            finite(row.rate_ratio),
            finite(row.low),
            finite(row.high),
            row.p_adjusted.into(),
            Cell::from(claim(sources, row)),
        ]);
    }
    found
}

/// A number; nothing where it is not finite.
fn finite(number: f64) -> Cell {
    Some(number).filter(|number| number.is_finite()).into()
}

fn claim(sources: &Sources<'_>, row: &TimingRow) -> String {
    sources.say(&format!("claim-{}", row.claim.name().replace('_', "-")), &[("kind", Arg::Text(&row.kind))])
}
