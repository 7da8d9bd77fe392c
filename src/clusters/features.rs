//! What customers are compared by.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::ClusterSettings;
use crate::summary::Summary;

/// One customer's features, by [`Feature::place`]. A feature that is left out is 0 throughout, so
/// that it adds nothing to a distance.
pub(super) type Point = [f64; 3];

/// What customers are compared by.
///
/// A value `v` enters as `sign(v) ln(1 + |v|)`: from 1 purchase to 2 is a larger step than from 51 to
/// 52, and revenue may be negative after returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Days with a purchase: x + 1.
    PurchaseDays,
    /// Days from the last purchase day to the as-of date.
    DaysSinceLast,
    /// Revenue net of returns over purchase days, in currency units.
    RevenuePerPurchaseDay,
}

impl Feature {
    /// All of them, by place.
    pub(super) const ALL: [Feature; 3] =
        [Feature::PurchaseDays, Feature::DaysSinceLast, Feature::RevenuePerPurchaseDay];

    /// Its place in a point.
    pub(super) fn place(self) -> usize {
        self as usize
    }

    /// Its name, as in the exports.
    pub fn name(self) -> &'static str {
        match self {
            Feature::PurchaseDays => "purchase_days",
            Feature::DaysSinceLast => "days_since_last",
            Feature::RevenuePerPurchaseDay => "revenue_per_purchase_day",
        }
    }

    /// A customer's value in the feature's own unit; revenue is 0 where the orders have no amounts.
    pub fn of(self, summary: &Summary, customer: usize) -> f64 {
        let purchase_days = f64::from(summary.frequency[customer]) + 1.0;
        match self {
            Feature::PurchaseDays => purchase_days,
            Feature::DaysSinceLast => f64::from(summary.days_since_last(customer).max(0)),
            Feature::RevenuePerPurchaseDay => {
                let revenue = summary.spend.as_ref().map_or(0.0, |spend| spend.revenue[customer].to_f64());
                revenue / purchase_days
            }
        }
    }

    pub(super) fn left_out_warning(self) -> String {
        format!("all customers have the same {}: clusters leave it out", self.name())
    }
}

/// `sign(v) ln(1 + |v|)`.
fn signed_log(value: f64) -> f64 {
    value.abs().ln_1p().copysign(value)
}

/// The inverse of [`signed_log`].
fn signed_exp(log: f64) -> f64 {
    log.abs().exp_m1().copysign(log)
}

/// One feature's scale: what is taken off its logarithm, and what it is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureScale {
    /// Which feature.
    pub feature: Feature,
    /// Mean of the logarithms `sign(v) ln(1 + |v|)`.
    pub mean: f64,
    /// Their standard deviation, over n.
    pub sd: f64,
}

impl FeatureScale {
    /// From standard deviations off the mean back to the feature's own unit.
    pub fn unscaled(&self, standardised: f64) -> f64 {
        signed_exp(self.mean + self.sd * standardised)
    }
}

/// A customer's logarithms, not yet on one scale.
pub(super) fn point(summary: &Summary, customer: usize) -> Point {
    Feature::ALL.map(|feature| signed_log(feature.of(summary, customer)))
}

/// Puts logarithms on the fitted scales.
pub(super) fn standardise(scales: &[FeatureScale], logs: Point) -> Point {
    let mut point = Point::default();
    for scale in scales {
        let place = scale.feature.place();
        point[place] = (logs[place] - scale.mean) / scale.sd;
    }
    point
}

/// The points to fit on, sorted, so that neither their sums nor a sample of them by place depend on
/// the order of the rows.
pub(super) fn sorted_points(summary: &Summary, settings: &ClusterSettings) -> Vec<Point> {
    let customers = customers_to_fit(summary, settings);
    let mut points: Vec<Point> = customers.into_par_iter().map(|customer| point(summary, customer)).collect();
    points.par_sort_unstable_by(compare);
    points
}

/// Orders points by their values.
pub(super) fn compare(a: &Point, b: &Point) -> std::cmp::Ordering {
    a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])).then(a[2].total_cmp(&b[2]))
}

/// All customers, or the `fit_rows` with the lowest seeded hash of their id: the same ones whatever
/// the order of the rows.
fn customers_to_fit(summary: &Summary, settings: &ClusterSettings) -> Vec<usize> {
    if summary.len() <= settings.fit_rows {
        return (0..summary.len()).collect();
    }
    let hash = |customer| (xxh3_64_with_seed(summary.ids.get(customer).as_bytes(), settings.seed), customer);
    let mut hashed: Vec<(u64, usize)> = (0..summary.len()).into_par_iter().map(hash).collect();
    hashed.select_nth_unstable(settings.fit_rows);
    hashed[..settings.fit_rows].iter().map(|&(_, customer)| customer).collect()
}

/// The features' scales, and those left out because all points have the same value.
pub(super) fn scales(points: &[Point], money: bool) -> (Vec<FeatureScale>, Vec<Feature>) {
    let present = Feature::ALL.into_iter().filter(|&feature| money || feature != Feature::RevenuePerPurchaseDay);
    let (used, left_out): (Vec<_>, Vec<_>) = present.partition(|feature| varies(points, feature.place()));
    (used.into_iter().map(|feature| scale(points, feature)).collect(), left_out)
}

fn varies(points: &[Point], place: usize) -> bool {
    points.iter().any(|point| point[place] != points[0][place])
}

fn scale(points: &[Point], feature: Feature) -> FeatureScale {
    let count = points.len() as f64;
    let values = || points.iter().map(|point| point[feature.place()]);
    let mean = values().sum::<f64>() / count;
    let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    FeatureScale { feature, mean, sd: variance.sqrt() }
}
