//! segments, clusters and map: the small tables behind the scored rows.

use polars::prelude::*;

use crate::pipeline::Run;
use clivia_core::clusters::ClusterRow;
use clivia_core::intervals::Range;
use clivia_core::map::CellRow;
use clivia_core::rfm::SegmentRow;
use clivia_io::write::frame::{counts, money, numbers, text};

fn count(number: u64) -> Option<u32> {
    Some(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The segments of a run, in the order of their rules.
pub fn segment_rows(run: &Run) -> Vec<&SegmentRow> {
    run.scored.figures.segments.iter().map(|group| &group.row).collect()
}

/// The clusters of a run.
pub fn cluster_rows(run: &Run) -> Vec<&ClusterRow> {
    run.scored.figures.clusters.iter().map(|group| &group.row).collect()
}

/// What groups are going to do together, by the number of their grouping: 0 RFM segments, 1 clusters.
fn forecast_columns(run: &Run, grouping: usize) -> Vec<Column> {
    let Some(groups) = run.scored.intervals.as_ref().and_then(|found| found.groups.get(grouping)) else {
        return Vec::new();
    };
    let purchases = |part: fn(&Range) -> Option<f64>| groups.iter().map(move |group| part(&group.purchases));
    let value = |part: fn(&Range) -> Option<f64>| groups.iter().map(move |group| part(group.clv.as_ref()?));
    vec![
        numbers("expected_purchases", purchases(|range| Some(range.expected))),
        numbers("purchases_low", purchases(|range| range.low)),
        numbers("purchases_high", purchases(|range| range.high)),
        numbers("clv_low", value(|range| range.low)),
        numbers("clv_high", value(|range| range.high)),
    ]
}

pub(crate) fn segments(run: &Run) -> PolarsResult<DataFrame> {
    let rows = segment_rows(run);
    let mut columns = vec![
        text("segment", rows.iter().map(|row| Some(row.segment.as_str()))),
        counts("customers", rows.iter().map(|row| count(row.customers))),
        numbers("customer_share", rows.iter().map(|row| Some(row.customer_share))),
        counts("orders", rows.iter().map(|row| count(row.orders))),
        money("revenue", rows.iter().map(|row| row.revenue)),
        numbers("clv", rows.iter().map(|row| row.clv)),
    ];
    columns.extend(forecast_columns(run, 0));
    DataFrame::new(rows.len(), columns)
}

pub(crate) fn clusters(run: &Run) -> PolarsResult<DataFrame> {
    let rows = cluster_rows(run);
    let centroid = |feature: usize| {
        let clusters = &run.fitted.clusters.clusters;
        let name = run.fitted.clusters.features[feature].feature.name();
        numbers(
            &format!("centroid_{name}"),
            rows.iter().map(move |row| {
                clusters
                    .iter()
                    .find(|cluster| cluster.cluster == row.cluster)
                    .and_then(|cluster| cluster.typical.get(feature).copied())
            }),
        )
    };
    let mut columns = vec![
        counts("cluster", rows.iter().map(|row| Some(u32::from(row.cluster)))),
        text("cluster_label", rows.iter().map(|row| Some(row.cluster_label.as_str()))),
        counts("customers", rows.iter().map(|row| count(row.customers))),
        numbers("customer_share", rows.iter().map(|row| Some(row.customer_share))),
        numbers("mean_purchase_days", rows.iter().map(|row| row.mean_purchase_days)),
        numbers("mean_days_since_last", rows.iter().map(|row| row.mean_days_since_last)),
        numbers("revenue_per_purchase_day", rows.iter().map(|row| row.revenue_per_purchase_day)),
        money("revenue", rows.iter().map(|row| row.revenue)),
        numbers("clv", rows.iter().map(|row| row.clv)),
    ];
    columns.extend((0..run.fitted.clusters.features.len()).map(centroid));
    columns.extend(forecast_columns(run, 1));
    DataFrame::new(rows.len(), columns)
}

pub(crate) fn map(cells: &[CellRow]) -> PolarsResult<DataFrame> {
    let columns = vec![
        text("map_cell", cells.iter().map(|cell| Some(cell.name.as_str()))),
        text("attractiveness", cells.iter().map(|cell| Some(cell.attractiveness.as_str()))),
        text("contact", cells.iter().map(|cell| Some(cell.contact.as_str()))),
        counts("customers", cells.iter().map(|cell| count(cell.customers))),
        numbers("customer_share", cells.iter().map(|cell| Some(cell.share))),
        counts("under_served", cells.iter().map(|cell| count(cell.under_served))),
        counts("aligned", cells.iter().map(|cell| count(cell.aligned))),
        counts("over_served", cells.iter().map(|cell| count(cell.over_served))),
        money("revenue", cells.iter().map(|cell| cell.revenue)),
        numbers("clv", cells.iter().map(|cell| cell.clv)),
        money("contact_cost", cells.iter().map(|cell| cell.contact_cost)),
        money("profit", cells.iter().map(|cell| cell.profit)),
    ];
    DataFrame::new(cells.len(), columns)
}
