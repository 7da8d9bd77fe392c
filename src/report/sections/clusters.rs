//! Groups found in the data: what sets each apart, how large it is, how well they part.

use crate::figure::{Chart, Figure, Part, Section, table};
use crate::messages::count;
use crate::numbers::{Format, clean};
use crate::sections::Sources;
use crate::table::Cell;
use clivia_core::clusters::Cluster;

pub(super) fn section(sources: &Sources<'_>) -> Section {
    let mut section = sources.section("clusters");
    let found = sources.figures.clusters.len();
    if found < 2 {
        section.said.push(sources.word("clusters-empty"));
        return section;
    }
    section.said.push(sources.say("clusters-said", &[("clusters", count(found as u64))]));
    section.parts.extend(profile(sources).map(Part::Chart));
    section.parts.push(Part::Chart(sizes(sources)));
    section.parts.extend(silhouettes(sources).map(Part::Chart));
    section
}

fn named(number: u16, label: &str) -> String {
    format!("{number}: {}", clean(label))
}

/// The clusters of the model that are shown, in their order.
fn shown<'a>(sources: &Sources<'a>) -> impl Iterator<Item = &'a Cluster> {
    let shown = &sources.figures.clusters;
    let is_shown = |cluster: &&Cluster| shown.iter().any(|group| group.row.cluster == cluster.cluster);
    sources.record.clusters.clusters.iter().filter(is_shown)
}

fn profile(sources: &Sources<'_>) -> Option<Figure> {
    let features = &sources.record.clusters.features;
    let mut cells = table(
        sources.messages,
        &[
            ("cluster", Format::Text),
            ("feature", Format::Text),
            ("deviations", Format::Number),
            ("typical", Format::Number),
        ],
    );
    for cluster in shown(sources) {
        for (place, scale) in features.iter().enumerate() {
            let feature = scale.feature.name();
            let word = sources.messages.known(&format!("feature-{}", feature.replace('_', "-")));
            cells.push([
                Cell::from(named(cluster.cluster, &cluster.label)),
                Cell::from(word.unwrap_or_else(|| feature.into())),
                cluster.centroid.get(place).copied().into(),
                cluster.typical.get(place).copied().into(),
            ]);
        }
    }
    if cells.rows.is_empty() {
        return None;
    }
    let chart = Chart::new("heat")
        .column("x", "feature")
        .column("y", "cluster")
        .column("colour", "deviations")
        .column("text", "typical")
        .with("around", true)
        .with("reversed", true);
    Some(Figure::new(sources.messages, "profile", chart, cells))
}

fn sizes(sources: &Sources<'_>) -> Figure {
    let mut rows = table(
        sources.messages,
        &[
            ("cluster", Format::Text),
            ("customers", Format::Count),
            ("customer-share", Format::Percent),
            ("mean-purchase-days", Format::Number),
            ("mean-days-since-last", Format::Number),
            ("revenue-per-day", Format::Money),
            ("revenue", Format::Money),
            ("clv", Format::Money),
            ("clv-low", Format::Money),
            ("clv-high", Format::Money),
        ],
    );
    for group in &sources.figures.clusters {
        let row = &group.row;
        let name = if row.cluster == 0 { clean(&row.cluster_label) } else { named(row.cluster, &row.cluster_label) };
        rows.push([
            Cell::from(name),
            row.customers.into(),
            row.customer_share.into(),
            row.mean_purchase_days.into(),
            row.mean_days_since_last.into(),
            row.revenue_per_purchase_day.into(),
            row.revenue.into(),
            row.clv.into(),
            group.value.and_then(|value| value.low).into(),
            group.value.and_then(|value| value.high).into(),
        ]);
    }
    let chart = Chart::new("bars")
        .column("label", "cluster")
        .series(&["customers", "revenue", "clv"])
        .span("clv", "clv-low", "clv-high")
        .with("panels", true);
    Figure::new(sources.messages, "sizes", chart, rows.without_empty())
}

fn silhouettes(sources: &Sources<'_>) -> Option<Figure> {
    let found = &sources.record.clusters.silhouettes;
    if found.is_empty() {
        return None;
    }
    let columns =
        [("k", Format::Count), ("silhouette", Format::Number), ("low", Format::Number), ("high", Format::Number)];
    let mut rows = table(sources.messages, &columns);
    for one in found {
        let ends = [one.silhouette - one.error, one.silhouette + one.error];
        rows.push([(one.k as u64).into(), one.silhouette.into(), ends[0].into(), ends[1].into()]);
    }
    let chart = Chart::new("intervals")
        .column("label", "k")
        .column("value", "silhouette")
        .column("low", "low")
        .column("high", "high")
        .with("x_title", sources.word("axis-k"))
        .with("y_title", sources.word("column-silhouette"));
    Some(Figure::new(sources.messages, "silhouette", chart, rows))
}
