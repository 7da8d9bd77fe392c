//! Recency, frequency and money; the segments that they make.

use crate::figure::{Chart, Figure, Part, Section, table};
use crate::numbers::Format;
use crate::sections::Sources;
use crate::table::Cell;

pub(super) fn section(sources: &Sources<'_>) -> Section {
    let mut section = sources.section("rfm");
    section.parts.push(Part::Chart(scores(sources)));
    section.parts.push(Part::Chart(segments(sources)));
    section
}

fn scores(sources: &Sources<'_>) -> Figure {
    let mut cells = table(
        sources.messages,
        &[
            ("recency", Format::Count),
            ("frequency", Format::Count),
            ("customers", Format::Count),
            ("mean-m", Format::Number),
            ("revenue", Format::Money),
            ("clv", Format::Money),
        ],
    );
    let has_m = sources.figures.rfm.iter().any(|cell| cell.mean_m.is_some());
    for cell in &sources.figures.rfm {
        let shown = (cell.customers > 0).then_some(cell);
        cells.push([
            u32::from(cell.r).into(),
            u32::from(cell.f).into(),
            shown.map(|cell| cell.customers).into(),
            cell.mean_m.into(),
            shown.and_then(|cell| cell.revenue).into(),
            shown.and_then(|cell| cell.clv).into(),
        ]);
    }
    let chart = Chart::new("heat")
        .column("x", "frequency")
        .column("y", "recency")
        .column("colour", if has_m { "mean-m" } else { "customers" })
        .column("text", "customers")
        .with("x_title", sources.word("axis-frequency-score"))
        .with("y_title", sources.word("axis-recency-score"));
    let chart = if has_m { chart.with("from", 1).with("to", 5) } else { chart };
    Figure::new(sources.messages, "scores", chart, cells.without_empty())
}

fn segments(sources: &Sources<'_>) -> Figure {
    let mut rows = table(
        sources.messages,
        &[
            ("segment", Format::Text),
            ("customers", Format::Count),
            ("customer-share", Format::Percent),
            ("orders", Format::Count),
            ("revenue", Format::Money),
            ("clv", Format::Money),
            ("clv-low", Format::Money),
            ("clv-high", Format::Money),
            ("expected-purchases", Format::Number),
        ],
    );
    for group in sources.figures.segments.iter().filter(|group| group.row.customers > 0) {
        let row = &group.row;
        rows.push([
            Cell::text(&row.segment),
            row.customers.into(),
            row.customer_share.into(),
            row.orders.into(),
            row.revenue.into(),
            row.clv.into(),
            group.value.and_then(|value| value.low).into(),
            group.value.and_then(|value| value.high).into(),
            group.purchases.map(|purchases| purchases.expected).into(),
        ]);
    }
    let chart = Chart::new("bars")
        .column("label", "segment")
        .series(&["customers", "revenue", "clv"])
        .span("clv", "clv-low", "clv-high")
        .with("panels", true);
    Figure::new(sources.messages, "segments", chart, rows.without_empty())
}
