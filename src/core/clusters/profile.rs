//! What clusters are like: their order, their labels, and what they add up to.

use std::cmp::Ordering;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::clusters::features::{Feature, FeatureScale, Point, compare};
use crate::clusters::mixture::Component;
use crate::clusters::{Cluster, Clusters};
use crate::summary::Summary;

/// A centroid this many standard deviations from the mean is worth a word in the label.
const REMARKABLE: f64 = 1.0 / 3.0;

/// Customers summed up together.
const BLOCK: usize = 65_536;

/// A group that was found, not yet described.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) centroid: Point,
    pub(super) customers: usize,
    pub(super) component: Option<Component>,
}

/// The clusters of a model, numbered and labelled.
pub(super) fn clusters(features: &[FeatureScale], groups: Vec<Group>) -> Vec<Cluster> {
    let of = |group: Group| (group.centroid, cluster(features, group));
    let mut pairs: Vec<(Point, Cluster)> = groups.into_iter().map(of).collect();
    pairs.sort_by(|(at, a), (bt, b)| by_worth(features, &a.typical, &b.typical).then_with(|| compare(at, bt)));
    let mut clusters: Vec<Cluster> = pairs.into_iter().map(|(_, cluster)| cluster).collect();
    for (place, cluster) in clusters.iter_mut().enumerate() {
        cluster.cluster = place as u16 + 1;
    }
    label(features, &mut clusters);
    clusters
}

/// A cluster that has neither number nor label yet.
fn cluster(features: &[FeatureScale], Group { centroid, customers, component }: Group) -> Cluster {
    let centroid: Vec<f64> = features.iter().map(|scale| centroid[scale.feature.place()]).collect();
    let typical = features.iter().zip(&centroid).map(|(scale, &value)| scale.unscaled(value)).collect();
    Cluster { cluster: 0, label: String::new(), customers, centroid, typical, component }
}

/// Higher typical revenue first (purchase days where there are no amounts), then the more recent.
fn by_worth(features: &[FeatureScale], a: &[f64], b: &[f64]) -> Ordering {
    let product = |typical: &[f64]| -> f64 {
        let counts = |scale: &FeatureScale| scale.feature != Feature::DaysSinceLast;
        features.iter().zip(typical).filter(|(scale, _)| counts(scale)).map(|(_, value)| value).product()
    };
    let days = |typical: &[f64]| {
        let found = features.iter().zip(typical).find(|(scale, _)| scale.feature == Feature::DaysSinceLast);
        found.map_or(0.0, |(_, &days)| days)
    };
    product(b).total_cmp(&product(a)).then(days(a).total_cmp(&days(b)))
}

/// Labels clusters by what is remarkable about them, and makes equal labels different.
fn label(features: &[FeatureScale], clusters: &mut [Cluster]) {
    let plain: Vec<String> = clusters.iter().map(|cluster| plain_label(features, &cluster.centroid)).collect();
    for index in 0..clusters.len() {
        let alike: Vec<usize> = (0..plain.len()).filter(|&other| plain[other] == plain[index]).collect();
        let telling = if alike.len() > 1 { telling_value(features, clusters, &alike, index) } else { None };
        clusters[index].label = match telling {
            Some(value) => format!("{} (about {value})", plain[index]),
            None => plain[index].clone(),
        };
    }
    number_equal_labels(clusters);
}

/// The words for a centroid: `frequent, recent, high spend`; `average` where nothing stands out.
fn plain_label(features: &[FeatureScale], centroid: &[f64]) -> String {
    if features.is_empty() {
        return "all customers".into();
    }
    let words = features.iter().zip(centroid).filter_map(|(scale, &value)| word(scale.feature, value));
    let words: Vec<&str> = words.collect();
    if words.is_empty() { "average".into() } else { words.join(", ") }
}

fn word(feature: Feature, value: f64) -> Option<&'static str> {
    let (low, high) = match feature {
        Feature::PurchaseDays => ("infrequent", "frequent"),
        Feature::DaysSinceLast => ("recent", "long ago"),
        Feature::RevenuePerPurchaseDay => ("low spend", "high spend"),
    };
    match value {
        value if value >= REMARKABLE => Some(high),
        value if value <= -REMARKABLE => Some(low),
        _ => None,
    }
}

/// The typical value, in words, of the feature in which clusters of one label differ most.
fn telling_value(features: &[FeatureScale], clusters: &[Cluster], alike: &[usize], index: usize) -> Option<String> {
    let spread = |feature: usize| {
        let values = alike.iter().map(|&other| clusters[other].centroid[feature]);
        values.clone().fold(f64::NEG_INFINITY, f64::max) - values.fold(f64::INFINITY, f64::min)
    };
    let widest = (0..features.len()).max_by(|&a, &b| spread(a).total_cmp(&spread(b)))?;
    let value = clusters[index].typical[widest];
    // Adding 0 turns a rounded -0 into 0.
    let tenths = (10.0 * value).round() / 10.0 + 0.0;
    let number = if tenths.abs() < 10.0 { format!("{tenths:.1}") } else { format!("{value:.0}") };
    Some(match features[widest].feature {
        Feature::PurchaseDays => format!("{number} purchase days"),
        Feature::DaysSinceLast => format!("{number} days since the last"),
        Feature::RevenuePerPurchaseDay => format!("{number} a purchase day"),
    })
}

/// The last resort: labels that are still equal get the cluster's number.
fn number_equal_labels(clusters: &mut [Cluster]) {
    let labels: Vec<String> = clusters.iter().map(|cluster| cluster.label.clone()).collect();
    for cluster in clusters {
        if labels.iter().filter(|label| **label == cluster.label).count() > 1 {
            cluster.label = format!("{}, cluster {}", cluster.label, cluster.cluster);
        }
    }
}

/// What a cluster's customers add up to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterRow {
    /// The cluster's number, from 1.
    pub cluster: u16,
    /// Its label.
    pub cluster_label: String,
    /// Its customers.
    pub customers: u64,
    /// Its share of all customers, 0 to 1.
    pub customer_share: f64,
    /// Mean purchase days of a customer; `None` for an empty cluster.
    pub mean_purchase_days: Option<f64>,
    /// Mean days from a customer's last purchase day to the as-of date; `None` for an empty cluster.
    pub mean_days_since_last: Option<f64>,
    /// Revenue over purchase days, both summed over the cluster; `None` for an empty cluster, and
    /// where the orders have no amounts.
    pub revenue_per_purchase_day: Option<f64>,
    /// Its revenue net of returns; `None` where the orders have no amounts.
    pub revenue: Option<Money>,
    /// The sum of its customers' lifetime values, those without one left out; `None` where lifetime
    /// value was not computed.
    pub clv: Option<f64>,
}

/// Sums over a cluster. Whole numbers, so that means do not depend on the order of the rows; only
/// lifetime value is summed in the order of the customers, block by block.
#[derive(Debug, Clone, Default)]
struct Sums {
    customers: u64,
    purchase_days: u64,
    days_since_last: i64,
    revenue: Money,
    clv: f64,
}

/// The profile of each cluster.
pub(super) fn cluster_rows(clusters: &Clusters, summary: &Summary, clv: Option<&[f64]>) -> Vec<ClusterRow> {
    let sums = sums(clusters, summary, clv);
    let row = |(index, sums): (usize, &Sums)| {
        let mean = |sum: f64, count: u64| (count > 0).then(|| sum / count as f64);
        let revenue = summary.spend.as_ref().map(|_| sums.revenue);
        ClusterRow {
            cluster: index as u16 + 1,
            cluster_label: clusters.labels[index].clone(),
            customers: sums.customers,
            customer_share: sums.customers as f64 / summary.len().max(1) as f64,
            mean_purchase_days: mean(sums.purchase_days as f64, sums.customers),
            mean_days_since_last: mean(sums.days_since_last as f64, sums.customers),
            revenue_per_purchase_day: revenue.and_then(|revenue| mean(revenue.to_f64(), sums.purchase_days)),
            revenue,
            clv: clv.map(|_| sums.clv),
        }
    };
    sums.iter().enumerate().map(row).collect()
}

fn sums(clusters: &Clusters, summary: &Summary, clv: Option<&[f64]>) -> Vec<Sums> {
    let nothing = || vec![Sums::default(); clusters.labels.len()];
    let of_block = |(block, of_customers): (usize, &[u16])| {
        let mut sums = nothing();
        for (customer, &cluster) in (block * BLOCK..).zip(of_customers) {
            sums[usize::from(cluster) - 1].add(summary, clv, customer);
        }
        sums
    };
    let blocks: Vec<Vec<Sums>> = clusters.cluster.par_chunks(BLOCK).enumerate().map(of_block).collect();
    let join = |mut all: Vec<Sums>, block: Vec<Sums>| {
        all.iter_mut().zip(block).for_each(|(sums, block)| sums.join(&block));
        all
    };
    blocks.into_iter().fold(nothing(), join)
}

impl Sums {
    fn join(&mut self, block: &Sums) {
        self.customers += block.customers;
        self.purchase_days += block.purchase_days;
        self.days_since_last += block.days_since_last;
        self.revenue += block.revenue;
        self.clv += block.clv;
    }

    fn add(&mut self, summary: &Summary, clv: Option<&[f64]>, customer: usize) {
        self.customers += 1;
        self.purchase_days += u64::from(summary.frequency[customer]) + 1;
        self.days_since_last += i64::from(summary.days_since_last(customer));
        if let Some(spend) = &summary.spend {
            self.revenue += spend.revenue[customer];
        }
        self.clv += clv.map_or(0.0, |clv| clv[customer]);
    }
}
