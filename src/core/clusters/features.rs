//! What customers are compared by.

use std::cmp::Ordering;
use std::sync::LazyLock;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::clusters::{ClusterSettings, exact_sum};
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
        match self {
            Feature::PurchaseDays => f64::from(summary.frequency[customer]) + 1.0,
            Feature::DaysSinceLast => f64::from(summary.days_since_last(customer).max(0)),
            Feature::RevenuePerPurchaseDay => {
                let revenue = summary.spend.as_ref().map_or(0.0, |spend| spend.revenue[customer].to_f64());
                revenue / Feature::PurchaseDays.of(summary, customer)
            }
        }
    }

    /// The logarithm of [`Feature::of`].
    fn log_of(self, summary: &Summary, customer: usize) -> f64 {
        let whole = match self {
            Feature::PurchaseDays => u64::from(summary.frequency[customer]) + 1,
            Feature::DaysSinceLast => u64::from(summary.days_since_last(customer).max(0).unsigned_abs()),
            Feature::RevenuePerPurchaseDay => return signed_log(self.of(summary, customer)),
        };
        usize::try_from(whole).ok().and_then(|whole| LOGS.get(whole)).copied().unwrap_or_else(|| (whole as f64).ln_1p())
    }

    pub(super) fn left_out_warning(self) -> String {
        format!("all customers have the same {}: clusters leave it out", self.name())
    }
}

/// `ln(1 + n)` of the whole numbers that purchase days and days since the last mostly are: over twenty years.
static LOGS: LazyLock<Vec<f64>> = LazyLock::new(|| (0..8_192_u32).map(|n| f64::from(n).ln_1p()).collect());

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
    Feature::ALL.map(|feature| feature.log_of(summary, customer))
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

/// The points to fit on. The first `start_rows` of them stand in an order of their own that makes each beginning of
/// it a random sample; the others stand in any order.
pub(super) fn points_to_fit(summary: &Summary, settings: &ClusterSettings) -> Vec<Point> {
    customers_to_fit(summary, settings).into_par_iter().map(|drawn| point(summary, drawn.customer)).collect()
}

/// Orders points by their values.
pub(super) fn compare(a: &Point, b: &Point) -> Ordering {
    a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])).then(a[2].total_cmp(&b[2]))
}

/// A customer and the seeded hash of its id.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    hash: u64,
    customer: usize,
}

/// All customers, or the `fit_rows` with the lowest hash: the same ones whatever the order of the rows. Those with
/// the `start_rows` lowest come first, by hash.
fn customers_to_fit(summary: &Summary, settings: &ClusterSettings) -> Vec<Drawn> {
    let mut drawn = low_hashes(summary, settings);
    let id = |drawn: &Drawn| summary.ids.get(drawn.customer);
    let by_hash = |a: &Drawn, b: &Drawn| a.hash.cmp(&b.hash).then_with(|| id(a).cmp(id(b)));
    if drawn.len() > settings.fit_rows {
        drawn.select_nth_unstable_by(settings.fit_rows, by_hash);
        drawn.truncate(settings.fit_rows);
    }
    let first = settings.start_rows.min(drawn.len());
    if first < drawn.len() {
        drawn.select_nth_unstable_by(first, by_hash);
    }
    drawn[..first].sort_unstable_by(by_hash);
    drawn
}

/// All customers, or those below a hash that leaves a few more than `fit_rows`, so that what is held does not grow
/// with the base.
fn low_hashes(summary: &Summary, settings: &ClusterSettings) -> Vec<Drawn> {
    let rows = settings.fit_rows as f64;
    // The number below a share of all hashes varies by the square root of its mean: six of these are enough, but
    // for one base in a thousand million.
    let mut most = rows + 6.0 * rows.sqrt() + 6.0;
    loop {
        let all = most >= summary.len() as f64;
        let limit = if all { u64::MAX } else { (most / summary.len() as f64 * u64::MAX as f64) as u64 };
        let low = hashes_up_to(summary, settings.seed, limit);
        if all || low.len() >= settings.fit_rows {
            return low;
        }
        most *= 2.0;
    }
}

fn hashes_up_to(summary: &Summary, seed: u64, limit: u64) -> Vec<Drawn> {
    let of = |customer| Drawn { hash: xxh3_64_with_seed(summary.ids.get(customer).as_bytes(), seed), customer };
    (0..summary.len()).into_par_iter().map(of).filter(|drawn| drawn.hash <= limit).collect()
}

/// The features' scales, and those left out because all points have the same value.
pub(super) fn scales(points: &[Point], money: bool) -> (Vec<FeatureScale>, Vec<Feature>) {
    let present = Feature::ALL.into_iter().filter(|&feature| money || feature != Feature::RevenuePerPurchaseDay);
    let scales = present.map(|feature| scale(points, feature));
    let (used, constant): (Vec<_>, Vec<_>) = scales.partition(|scale| scale.sd > 0.0);
    (used, constant.into_iter().map(|scale| scale.feature).collect())
}

fn scale(points: &[Point], feature: Feature) -> FeatureScale {
    let value = |i: usize| points[i][feature.place()];
    let mean = exact_sum::mean(points.len(), value);
    let variance = exact_sum::mean(points.len(), |i| (value(i) - mean) * (value(i) - mean));
    FeatureScale { feature, mean, sd: variance.sqrt() }
}

#[cfg(test)]
mod tests {
    use crate::base::{Day, TimeUnit};
    use crate::clusters::features::*;
    use crate::summary::Ages;

    fn base(count: usize) -> Summary {
        let ids: Vec<String> = (0..count).map(|number| format!("C{number:06}")).collect();
        Summary {
            as_of: Day(100),
            unit: TimeUnit::Weeks,
            ids: ids.iter().map(String::as_str).collect(),
            orders: vec![1; count],
            frequency: (0..count as u32).collect(),
            ages: Some(Ages { last_purchase: vec![0.0; count], now: vec![1.0; count] }),
            first_order: vec![Day(0); count],
            last_order: vec![Day(0); count],
            spend: None,
        }
    }

    #[test]
    fn the_sample_is_that_of_sorting_everybody() {
        for (count, fit_rows, start_rows) in [(20_000, 700, 90), (20_000, 1, 1), (500, 499, 600), (500, 500, 20)] {
            let base = base(count);
            for seed in 0..4 {
                let settings = ClusterSettings { fit_rows, start_rows, seed, ..ClusterSettings::default() };
                let hash = |customer: usize| xxh3_64_with_seed(base.ids.get(customer).as_bytes(), seed);
                let mut plain: Vec<usize> = (0..count).collect();
                plain.sort_by_key(|&customer| hash(customer));
                plain.truncate(fit_rows);
                let mut drawn: Vec<usize> =
                    customers_to_fit(&base, &settings).iter().map(|drawn| drawn.customer).collect();
                let first = start_rows.min(fit_rows);
                assert_eq!(drawn[..first], plain[..first]);
                drawn.sort_unstable();
                plain.sort_unstable();
                assert_eq!(drawn, plain);
            }
        }
    }

    #[test]
    fn little_more_than_the_sample_is_held() {
        let settings = ClusterSettings { fit_rows: 1_000, ..ClusterSettings::default() };
        let held = low_hashes(&base(50_000), &settings).len();
        // 1,000 and six of its square roots expected, give or take six.
        assert!((1_000..=1_000 + 2 * 6 * 32 + 6).contains(&held), "{held}");
    }

    #[test]
    fn logarithms_from_the_table_are_those_of_the_features() {
        let base = base(9_000);
        for customer in [0, 1, 2, 77, 8_190, 8_191, 8_192, 8_999] {
            for feature in Feature::ALL {
                assert_eq!(feature.log_of(&base, customer), signed_log(feature.of(&base, customer)));
            }
        }
    }
}
