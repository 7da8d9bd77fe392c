//! The last stage: aggregates of the verdicts, for charts.

use rayon::prelude::*;

use super::Mapped;
use crate::clusters::{ClusterModel, Clusters};
use crate::figures::{Figures, Group, HoldoutFigure, MapFigure, ValueFigure, deciles, rfm_cells};
use crate::intervals::{Intervals, TotalInterval};
use crate::rfm::Rfm;
use crate::summary::Summary;
use crate::value::Worth;

/// What figures are drawn from.
pub(super) struct Bases<'a> {
    pub(super) summary: &'a Summary,
    pub(super) rfm: &'a Rfm,
    pub(super) clusters: (&'a ClusterModel, &'a Clusters),
    pub(super) value: Option<&'a Worth>,
    pub(super) intervals: Option<&'a Intervals>,
    pub(super) map: Option<&'a Mapped>,
}

/// Everything that is drawn; `period_days` is that of the corrections.
pub(super) fn figures(
    bases: &Bases<'_>,
    value: Option<ValueFigure>,
    holdout: Option<HoldoutFigure>,
    period_days: u32,
) -> Figures {
    let Bases { summary, rfm, clusters: (model, clusters), .. } = *bases;
    let clvs = bases.value.filter(|value| value.has_spend()).map(|value| clvs(value, summary.len()));
    let groups = |grouping: usize| bases.intervals.and_then(|found| found.groups.get(grouping)).map(Vec::as_slice);
    let rfm_cells = rfm_cells(rfm, summary, clvs.as_deref());
    let segments = with_forecasts(rfm.segment_table(summary, clvs.as_deref()), groups(0));
    let clusters = with_forecasts(model.profile(clusters, summary, clvs.as_deref()), groups(1));
    // Deciles take their own room.
    drop(clvs);
    Figures {
        map: bases.map.map(|mapped| {
            let places = (&mapped.map, &mapped.fitted);
            MapFigure::of(places, &mapped.corrections, period_days, summary, bases.value)
        }),
        deciles: bases.value.map_or_else(Vec::new, |value| deciles(summary, value)),
        rfm: rfm_cells,
        segments,
        clusters,
        value,
        holdout,
    }
}

/// The lifetime values of so many customers, 0 where there is none that is finite.
fn clvs(value: &Worth, customers: usize) -> Vec<f64> {
    let clv = |customer| value.clv(customer).filter(|clv| clv.is_finite()).unwrap_or(0.0);
    (0..customers).into_par_iter().map(clv).collect()
}

/// Groups and what is going to come of each, in the same order.
fn with_forecasts<Row>(rows: Vec<Row>, groups: Option<&[TotalInterval]>) -> Vec<Group<Row>> {
    let forecast = |place: usize| groups.and_then(|groups| groups.get(place));
    let group = |(place, row): (usize, Row)| Group {
        row,
        purchases: forecast(place).map(|total| total.purchases),
        value: forecast(place).and_then(|total| total.clv),
    };
    rows.into_iter().enumerate().map(group).collect()
}
