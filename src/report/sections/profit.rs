//! Where the profit comes from, and where the value is.

use serde_json::json;

use crate::figure::{Chart, Figure, Part, Section, table};
use crate::messages::{money, percent};
use crate::numbers::Format;
use crate::sections::Sources;

pub(super) fn section(sources: &Sources<'_>) -> Section {
    let mut section = sources.section("profit");
    match &sources.record.profit {
        None => section.said.push(sources.word("profit-empty")),
        Some(profit) => {
            if !profit.costs_known {
                section.said.push(sources.word("profit-is-revenue"));
            }
            section.said.extend(summit(sources));
            section.parts.extend(whale(sources).map(Part::Chart));
        }
    }
    section.parts.extend(deciles(sources).map(Part::Chart));
    section
}

fn summit(sources: &Sources<'_>) -> Option<String> {
    let whale = &sources.record.profit.as_ref()?.whale;
    Some(sources.say(
        "profit-said",
        &[
            ("share", percent(whale.profitable_share?)),
            ("peak", money(whale.peak.profit.to_f64())),
            ("profit", money(whale.profit.to_f64())),
        ],
    ))
}

fn whale(sources: &Sources<'_>) -> Option<Figure> {
    let whale = &sources.record.profit.as_ref()?.whale;
    let mut points = table(sources.messages, &[("customer-share", Format::Percent), ("profit-so-far", Format::Money)]);
    let fewest = if sources.options.customers { 1 } else { 2 };
    let least = sources.options.min_cell.max(fewest) as f64 / whale.customers.max(1) as f64;
    let mut last = f64::NEG_INFINITY;
    for point in &whale.points {
        // Two points with fewer customers between them than may be shown would show these.
        if point.customers - last >= least.min(1.0) || (point.customers == 1.0 && last < 1.0 && least >= 1.0) {
            points.push([point.customers.into(), point.profit.into()]);
            last = point.customers;
        }
    }
    if points.rows.len() < 2 {
        return None;
    }
    let chart = Chart::new("lines")
        .column("x", "customer-share")
        .series(&["profit-so-far"])
        .with("area", true)
        .with("x_title", sources.word("axis-customer-share"))
        .with("y_title", sources.word("axis-profit"));
    let chart = match whale.profitable_share {
        Some(share) if share < 1.0 => chart.with("mark", json!({ "at": share, "label": sources.word("mark-peak") })),
        _ => chart,
    };
    Some(Figure::new(sources.messages, "whale", chart, points))
}

fn deciles(sources: &Sources<'_>) -> Option<Figure> {
    let deciles = &sources.figures.deciles;
    if deciles.is_empty() {
        return None;
    }
    let has_clv = sources.record.spend.fitted().is_some() && sources.record.purchases.fitted().is_some();
    let value = if has_clv { ("clv", Format::Money) } else { ("expected-purchases", Format::Number) };
    let mut rows = table(
        sources.messages,
        &[
            ("decile", Format::Count),
            ("customers", Format::Count),
            value,
            ("value-share", Format::Percent),
            ("revenue", Format::Money),
        ],
    );
    for decile in deciles {
        rows.push([
            decile.decile.into(),
            decile.customers.into(),
            decile.value.into(),
            decile.value_share.into(),
            decile.revenue.into(),
        ]);
    }
    let chart = Chart::new("bars")
        .column("label", "decile")
        .series(&[value.0])
        .with("x_title", sources.word("axis-decile"))
        .with("y_title", sources.word(&format!("column-{}", value.0)));
    Some(Figure::new(sources.messages, "deciles", chart, rows.without_empty()))
}
