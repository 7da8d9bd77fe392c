//! Clusters: groups of customers that the data itself suggests, by k-means on how often, how recently
//! and for how much they buy.
//!
//! Where RFM cuts each measure at fixed shares, k-means looks for groups of similar customers in all
//! measures at once. The features are logarithms, put on one scale ([`Feature`], [`FeatureScale`]); the
//! number of clusters is given, or the one with the best silhouette ([`Silhouette`]). A Gaussian mixture
//! may take the place of k-means ([`ClusterMethod`]).
//!
//! The result depends on the customers, the settings and the seed, and neither on the order of the
//! rows nor on the number of threads: samples are drawn by a hash of the ids, and sums are exact.

mod assign;
mod choose_k;
mod exact_sum;
mod features;
pub mod k_means;
mod mixture;
mod profile;

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use choose_k::Silhouette;
pub use features::{Feature, FeatureScale};
pub use mixture::Component;
pub use profile::ClusterRow;

use crate::control::{Cancelled, Control};
use crate::summary::Summary;
use assign::Rule;
use choose_k::Start;
use features::Point;
use profile::Group;

/// The most clusters that may be asked for.
const MOST_CLUSTERS: usize = 100;
/// Rounds after which k-means stops in any case.
const MOST_ROUNDS: usize = 1_000;

/// Why customers could not be clustered.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The run was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is nobody to group.
    #[error("there is no customer to cluster: k-means needs at least one")]
    NoCustomers,
    /// A setting outside its range.
    #[error("clusters.{setting} = {value} cannot be used; give a number from {least} to {most}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// As given.
        value: usize,
        /// The least that it may be.
        least: usize,
        /// The most that it may be.
        most: usize,
    },
    /// The clusters were made with revenue, the data has no amounts.
    #[error("the clusters use revenue, but these orders have no amounts: map an amount column, or fit again")]
    NoMoney,
    /// A fitted model that was read back names no cluster.
    #[error("the frozen cluster model has no clusters: fit again")]
    NoClusters,
    /// A fitted mixture that was read back has a component that is none.
    #[error("cluster {cluster} of the frozen mixture has no weight or covariance that can be used: fit again")]
    Component {
        /// Its number.
        cluster: u16,
    },
    /// k-means itself failed.
    #[error("k-means failed: {0}")]
    KMeans(#[from] k_means::KMeansError),
}

/// What makes a cluster.
///
/// ```
/// use clivia_core::clusters::ClusterMethod;
/// assert_eq!(serde_json::from_str::<ClusterMethod>("\"gmm\"")?, ClusterMethod::Gmm);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClusterMethod {
    /// k-means: a customer belongs to the nearest centroid, so clusters are about equally wide.
    #[default]
    KMeans,
    /// A Gaussian mixture: clusters have sizes, widths and directions of their own; a customer belongs to the one
    /// that is likeliest to have it.
    Gmm,
}

/// How many clusters: a number, or `"auto"` for the one with the best silhouette.
///
/// ```
/// use clivia_core::clusters::ClusterCount;
/// let read = |text| serde_json::from_str::<ClusterCount>(text);
/// assert_eq!(read("4")?, ClusterCount::Fixed(4));
/// assert_eq!(read("\"auto\"")?, ClusterCount::Auto);
/// assert!(read("\"many\"").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "NumberOrWord", into = "NumberOrWord")]
pub enum ClusterCount {
    /// The number with the best silhouette, from 2 to the setting `k_max`.
    #[default]
    Auto,
    /// This many.
    Fixed(usize),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "the number of clusters is \"auto\" or a whole number")]
enum NumberOrWord {
    Number(usize),
    Word(String),
}

impl TryFrom<NumberOrWord> for ClusterCount {
    type Error = String;

    fn try_from(written: NumberOrWord) -> Result<Self, String> {
        match written {
            NumberOrWord::Number(k) => Ok(ClusterCount::Fixed(k)),
            NumberOrWord::Word(word) if word == "auto" => Ok(ClusterCount::Auto),
            NumberOrWord::Word(word) => {
                Err(format!("the number of clusters is \"auto\" or a whole number, not \"{word}\""))
            }
        }
    }
}

impl From<ClusterCount> for NumberOrWord {
    fn from(count: ClusterCount) -> Self {
        match count {
            ClusterCount::Fixed(k) => NumberOrWord::Number(k),
            ClusterCount::Auto => NumberOrWord::Word("auto".into()),
        }
    }
}

/// Settings of the cluster stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterSettings {
    /// k-means or a Gaussian mixture.
    pub method: ClusterMethod,
    /// How many clusters: a number from 1 to 100, or `"auto"`.
    pub k: ClusterCount,
    /// The largest number that `"auto"` tries, 2 to 100.
    pub k_max: usize,
    /// The seed of the first centroids and of the samples.
    pub seed: u64,
    /// How often k-means starts anew; the best of them counts. While `"auto"` tries numbers, three do.
    pub starts: usize,
    /// k-means runs over at most this many customers, a sample where there are more. Everybody is
    /// then assigned to a cluster.
    pub fit_rows: usize,
    /// The starts, the runs among which the number of clusters is chosen, and a Gaussian mixture see at most this
    /// many.
    pub start_rows: usize,
    /// The silhouette is taken over at most this many; its cost grows with the square.
    pub silhouette_rows: usize,
}

impl Default for ClusterSettings {
    fn default() -> Self {
        ClusterSettings {
            method: ClusterMethod::KMeans,
            k: ClusterCount::Auto,
            k_max: 8,
            seed: 1,
            starts: 10,
            fit_rows: 1_000_000,
            start_rows: 4_000,
            silhouette_rows: 2_000,
        }
    }
}

impl ClusterSettings {
    /// Checks what no type can.
    ///
    /// # Errors
    /// [`ClusterError::Setting`] naming the setting.
    pub fn check(&self) -> Result<(), ClusterError> {
        let fixed = if let ClusterCount::Fixed(k) = self.k { k } else { 1 };
        let ranges = [
            ("k", fixed, 1, MOST_CLUSTERS),
            ("k_max", self.k_max, 2, MOST_CLUSTERS),
            ("starts", self.starts, 1, 1_000),
            ("fit_rows", self.fit_rows, 1, usize::MAX),
            ("start_rows", self.start_rows, 1, usize::MAX),
            ("silhouette_rows", self.silhouette_rows, 2, 50_000),
        ];
        let wrong = ranges.into_iter().find(|&(_, value, least, most)| value < least || most < value);
        wrong.map_or(Ok(()), |(setting, value, least, most)| Err(ClusterError::Setting { setting, value, least, most }))
    }
}

/// One cluster of a fitted model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Its number, from 1.
    pub cluster: u16,
    /// What sets it apart from the customer base, such as `frequent, recent, high spend`; no two
    /// clusters have the same label.
    pub label: String,
    /// How many of the customers fitted belong to it.
    pub customers: usize,
    /// Its centroid in standard deviations from the mean, in the order of the model's features.
    pub centroid: Vec<f64>,
    /// The same in the features' own units. It is a typical, not a mean value: the mean was taken
    /// over logarithms.
    pub typical: Vec<f64>,
    /// Its weight and covariance in a Gaussian mixture; nothing for k-means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Component>,
}

/// Fitted clusters: scales and centroids, for a mixture also weights and covariances, enough to assign another
/// file's customers alike.
///
/// Clusters are numbered by typical revenue (purchase days × revenue per purchase day), highest
/// first; without amounts by purchase days. Of equal ones the more recent comes first.
///
/// ```
/// use clivia_core::clusters::{ClusterModel, ClusterSettings};
/// # use clivia_core::summary::Summary;
/// # use clivia_core::base::{Day, TimeUnit};
/// # let days = [300, 310, 320, 2, 3, 4];
/// # let summary = Summary {
/// #     as_of: Day(0),
/// #     unit: TimeUnit::Weeks,
/// #     ids: ["a", "b", "c", "d", "e", "f"].into_iter().collect(),
/// #     orders: vec![1, 1, 1, 20, 21, 22],
/// #     frequency: vec![0, 0, 0, 19, 20, 21],
/// #     ages: None,
/// #     first_order: vec![Day(-420); 6],
/// #     last_order: days.iter().map(|&d| Day(-d)).collect(),
/// #     spend: None,
/// # };
/// // Three customers who came once, long ago, and three who come all the time.
/// let model = ClusterModel::fit(&summary, &ClusterSettings::default())?;
/// let clusters = model.apply(&summary)?;
/// assert_eq!(model.clusters.len(), 2);
/// assert_eq!(clusters.cluster, [2, 2, 2, 1, 1, 1]);
/// assert_eq!(clusters.label(5), "frequent, recent");
/// # Ok::<(), clivia_core::clusters::ClusterError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterModel {
    /// What made the clusters; k-means where a mixture could not be fitted.
    #[serde(default)]
    pub method: ClusterMethod,
    /// What customers are compared by.
    pub features: Vec<FeatureScale>,
    /// Features in which all customers are alike, so that they cannot tell customers apart.
    pub left_out: Vec<Feature>,
    /// The clusters, by number.
    pub clusters: Vec<Cluster>,
    /// Mean over the customers fitted of the squared distance to the centroid of their cluster, in squared
    /// standard deviations.
    pub inertia: f64,
    /// The silhouette of each number of clusters that was tried.
    pub silhouettes: Vec<Silhouette>,
    /// The seed used.
    pub seed: u64,
    /// How many customers k-means ran over, or were assigned to a mixture.
    pub customers: usize,
    /// What an analyst should know before reading the clusters.
    pub warnings: Vec<String>,
}

/// The clusters of customers, one row a customer in the order of the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    /// Each customer's cluster, from 1.
    pub cluster: Vec<u16>,
    /// The labels of clusters 1, 2, …
    pub labels: Vec<String>,
}

impl Clusters {
    /// The label of a customer's cluster.
    ///
    /// # Panics
    /// Where `customer` is not below the number of customers.
    pub fn label(&self, customer: usize) -> &str {
        &self.labels[usize::from(self.cluster[customer]) - 1]
    }
}

impl ClusterModel {
    /// Finds clusters: k-means from k-means++ starts (Arthur and Vassilvitskii 2007), the number of
    /// clusters given or chosen by silhouette (Rousseeuw 1987).
    ///
    /// Starts and number come from a sample of the points; k-means then runs on from the best start
    /// over all of them. Where customers have fewer distinct features than clusters are asked for, there
    /// are fewer clusters, and a warning.
    ///
    /// A Gaussian mixture has the number that k-means would have, is fitted on that sample, and has all points
    /// assigned to it. Where it cannot be fitted, clusters are those of k-means, and there is a warning.
    ///
    /// # Errors
    /// [`ClusterError::NoCustomers`] for an empty summary; [`ClusterError::Setting`] for a setting out
    /// of range; [`ClusterError::KMeans`] where k-means fails.
    pub fn fit(summary: &Summary, settings: &ClusterSettings) -> Result<Self, ClusterError> {
        Self::fit_under(summary, settings, &Control::default())
    }

    /// As [`ClusterModel::fit`], stopped where `control` is cancelled.
    ///
    /// # Errors
    /// As [`ClusterModel::fit`], and [`ClusterError::Cancelled`].
    pub fn fit_under(summary: &Summary, settings: &ClusterSettings, control: &Control) -> Result<Self, ClusterError> {
        settings.check()?;
        if summary.is_empty() {
            return Err(ClusterError::NoCustomers);
        }
        let mut points = features::points_to_fit(summary, settings);
        let (features, left_out) = features::scales(&points, summary.spend.is_some());
        points.par_iter_mut().for_each(|point| *point = features::standardise(&features, *point));

        let sample = &points[..points.len().min(settings.start_rows)];
        let mut start = choose_k::choose(sample, summary.len(), settings, control)?;
        let mut warnings = std::mem::take(&mut start.warnings);
        let mixture = match settings.method {
            ClusterMethod::Gmm => mixed(&points, &features, sample, &start, &mut warnings),
            ClusterMethod::KMeans => None,
        };
        control.check()?;
        let method = if mixture.is_some() { ClusterMethod::Gmm } else { ClusterMethod::KMeans };
        let (groups, inertia) = mixture.map_or_else(|| refined(&points, &start, &mut warnings), Ok)?;
        warnings.extend(left_out.iter().map(|feature| feature.left_out_warning()));
        Ok(ClusterModel {
            method,
            clusters: profile::clusters(&features, groups),
            features,
            left_out,
            inertia,
            silhouettes: start.silhouettes,
            seed: settings.seed,
            customers: points.len(),
            warnings,
        })
    }

    /// Assigns customers to the nearest centroid, or to the likeliest component of a mixture, whether or not they
    /// were among those fitted; of equally near ones to the lowest number.
    ///
    /// # Errors
    /// [`ClusterError::NoMoney`] where the model compares revenue and the summary has no amounts;
    /// [`ClusterError::NoClusters`] and [`ClusterError::Component`] for a model read from a file that names no
    /// cluster, or one that cannot be.
    pub fn apply(&self, summary: &Summary) -> Result<Clusters, ClusterError> {
        let cluster = self.assign(summary, 0..summary.len())?;
        Ok(Clusters { cluster, labels: self.clusters.iter().map(|cluster| cluster.label.clone()).collect() })
    }

    /// The clusters, from 1, of some customers of a summary, such as one block after the other: the same that
    /// [`ClusterModel::apply`] gives them.
    ///
    /// # Errors
    /// Those of [`ClusterModel::apply`].
    ///
    /// # Panics
    /// Where `customers` go beyond the summary.
    pub fn assign(&self, summary: &Summary, customers: Range<usize>) -> Result<Vec<u16>, ClusterError> {
        if self.clusters.is_empty() {
            return Err(ClusterError::NoClusters);
        }
        let needs_money = self.features.iter().any(|scale| scale.feature == Feature::RevenuePerPurchaseDay);
        if needs_money && summary.spend.is_none() {
            return Err(ClusterError::NoMoney);
        }
        let rule = self.rule()?;
        let point = |place| features::standardise(&self.features, features::point(summary, customers.start + place));
        let mut clusters = rule.all(customers.len(), point);
        clusters.iter_mut().for_each(|cluster| *cluster += 1);
        Ok(clusters)
    }

    fn rule(&self) -> Result<Rule, ClusterError> {
        let clusters = self.clusters.iter().map(|cluster| (self.point_of(cluster), cluster.component.as_ref()));
        let refused = |index: usize| ClusterError::Component { cluster: self.clusters[index].cluster };
        Rule::new(clusters, &self.features).map_err(refused)
    }

    /// One row a cluster, in their order, the empty ones included.
    ///
    /// `summary` is the one that was assigned; `clv` holds each customer's lifetime value, 0 of one that
    /// has none, where they have been computed.
    pub fn profile(&self, clusters: &Clusters, summary: &Summary, clv: Option<&[f64]>) -> Vec<ClusterRow> {
        profile::cluster_rows(clusters, summary, clv)
    }

    /// A centroid as a point, features that were left out being 0.
    fn point_of(&self, cluster: &Cluster) -> Point {
        let mut point = Point::default();
        for (scale, &value) in self.features.iter().zip(&cluster.centroid) {
            point[scale.feature.place()] = value;
        }
        point
    }
}

/// The clusters of k-means and their inertia, run on from the start over all points. A centroid that ends up nearest
/// to no point is dropped.
fn refined(
    points: &[Point],
    start: &Start,
    warnings: &mut Vec<String>,
) -> Result<(Vec<Group>, f64), k_means::KMeansError> {
    let found = k_means::lloyd(points, &start.centroids, MOST_ROUNDS)?;
    let group = |(&centroid, &customers)| Group { centroid, customers, component: None };
    let groups = with_customers(start.k, found.centroids.iter().zip(&found.sizes).map(group), warnings);
    if !found.settled {
        let why = "k-means was stopped before its centroids had settled: try fewer clusters or another seed";
        warnings.push(why.into());
    }
    Ok((groups, found.inertia))
}

/// The clusters of a Gaussian mixture fitted on the sample, and the inertia of all points in them; `None`, and a
/// warning, where it cannot be fitted.
fn mixed(
    points: &[Point],
    features: &[FeatureScale],
    sample: &[Point],
    start: &Start,
    warnings: &mut Vec<String>,
) -> Option<(Vec<Group>, f64)> {
    if start.k == 1 {
        return None;
    }
    let fitted = mixture::fit(sample, features, start.k, start.rng.clone());
    let gaussians = fitted.map_err(|error| warnings.push(no_mixture(&error.to_string()))).ok()?;
    let components = gaussians.iter().map(|gaussian| (gaussian.mean, Some(&gaussian.component)));
    let rule =
        Rule::new(components, features).map_err(|_| warnings.push(no_mixture("a cluster has collapsed"))).ok()?;
    let cluster = rule.all(points.len(), |place| points[place]);
    let mean = |place: usize| &gaussians[usize::from(cluster[place])].mean;
    let inertia = exact_sum::mean(points.len(), |place| k_means::squared_distance(&points[place], mean(place)));
    let mut sizes = vec![0; gaussians.len()];
    cluster.iter().for_each(|&cluster| sizes[usize::from(cluster)] += 1);
    let group = |(gaussian, customers): (mixture::Gaussian, usize)| Group {
        centroid: gaussian.mean,
        customers,
        component: Some(gaussian.component),
    };
    Some((with_customers(start.k, gaussians.into_iter().zip(sizes).map(group), warnings), inertia))
}

fn no_mixture(why: &str) -> String {
    format!("no Gaussian mixture could be fitted, so clusters are those of k-means; try fewer of them ({why})")
}

/// The groups that have customers, and a warning where there are fewer than asked for.
fn with_customers(asked: usize, groups: impl Iterator<Item = Group>, warnings: &mut Vec<String>) -> Vec<Group> {
    let groups: Vec<Group> = groups.filter(|group| group.customers > 0).collect();
    if groups.len() < asked {
        warnings.push(format!("{} of {asked} clusters were empty and are left out", asked - groups.len()));
    }
    groups
}
