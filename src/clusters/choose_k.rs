//! How many clusters: the number whose clusters stand apart best.

use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::features::Point;
use super::k_means::{matrix, nearest, squared_distance, start};
use super::{ClusterCount, ClusterError, ClusterSettings};

/// How often k-means starts for each number while choosing; the silhouette needs no perfect fit.
const STARTS_TO_CHOOSE: usize = 3;

/// How well customers fit their own cluster where there are `k`.
///
/// A customer's silhouette is `(b - a) / max(a, b)`: `a` the mean distance to the others of its
/// cluster, `b` that to the nearest other cluster; 0 where it is alone in its cluster. The mean lies
/// from -1 to 1; above 0.5 clusters are usually called clear, below 0.25 there is hardly any structure.
///
/// Reference: P. J. Rousseeuw (1987), "Silhouettes: a graphical aid to the interpretation and
/// validation of cluster analysis".
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silhouette {
    /// The number of clusters.
    pub k: usize,
    /// The mean silhouette over the customers sampled.
    pub silhouette: f64,
}

/// Where k-means starts from.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) centroids: Vec<Point>,
    pub(super) silhouettes: Vec<Silhouette>,
    pub(super) warnings: Vec<String>,
}

/// Takes the number of clusters with the highest silhouette on a sample of sorted points, of equal
/// ones the lowest, and starts it afresh, more often.
pub(super) fn choose(
    points: &[Point],
    settings: &ClusterSettings,
    rng: &mut Xoshiro256Plus,
) -> Result<Start, ClusterError> {
    let sample = sampled(points, settings.start_rows, rng);
    let few = sampled(&sample, settings.silhouette_rows, rng);
    let rows = matrix(&sample);
    let (numbers, warnings) = numbers(settings, &sample);
    if numbers.start() == numbers.end() {
        let centroids = start(&rows, *numbers.start(), settings.starts, jumped(rng))?;
        let silhouettes = silhouettes(&few, std::slice::from_ref(&centroids));
        return Ok(Start { centroids, silhouettes, warnings });
    }
    let tries: Vec<(usize, Xoshiro256Plus)> = numbers.map(|k| (k, jumped(rng))).collect();
    let tried = tries.into_par_iter().map(|(k, rng)| start(&rows, k, settings.starts.min(STARTS_TO_CHOOSE), rng));
    let silhouettes = silhouettes(&few, &tried.collect::<Result<Vec<_>, _>>()?);
    let centroids = start(&rows, best(&silhouettes), settings.starts, jumped(rng))?;
    Ok(Start { centroids, silhouettes, warnings })
}

/// The number with the highest silhouette, of equal ones the lowest.
fn best(silhouettes: &[Silhouette]) -> usize {
    let higher = |best: Silhouette, tried: &Silhouette| if tried.silhouette > best.silhouette { *tried } else { best };
    silhouettes.iter().fold(Silhouette { k: 1, silhouette: f64::NEG_INFINITY }, higher).k
}

/// The numbers of clusters to try, no higher than there are distinct points.
fn numbers(settings: &ClusterSettings, sample: &[Point]) -> (std::ops::RangeInclusive<usize>, Vec<String>) {
    let distinct = 1 + sample.windows(2).filter(|pair| pair[0] != pair[1]).count();
    match settings.k {
        ClusterCount::Auto if distinct == 1 => (1..=1, vec!["all customers are alike: there is one cluster".into()]),
        ClusterCount::Auto => (2..=settings.k_max.min(distinct), Vec::new()),
        ClusterCount::Fixed(k) if k > distinct => {
            let why = format!("customers have only {distinct} distinct features: k is {distinct} in place of {k}");
            (distinct..=distinct, vec![why])
        }
        ClusterCount::Fixed(k) => (k..=k, Vec::new()),
    }
}

/// At most `rows` of the points, in their order.
fn sampled(points: &[Point], rows: usize, rng: &mut Xoshiro256Plus) -> Vec<Point> {
    if points.len() <= rows {
        return points.to_vec();
    }
    let mut places = rand::seq::index::sample(rng, points.len(), rows).into_vec();
    places.sort_unstable();
    places.into_iter().map(|place| points[place]).collect()
}

/// A generator of its own for each number, so that they may run side by side.
fn jumped(rng: &mut Xoshiro256Plus) -> Xoshiro256Plus {
    rng.jump();
    rng.clone()
}

/// Which cluster each point belongs to, and how many belong to each.
struct Labelling {
    cluster: Vec<u8>,
    sizes: Vec<usize>,
}

impl Labelling {
    fn new(points: &[Point], centroids: &[Point]) -> Self {
        let cluster: Vec<u8> = points.iter().map(|point| nearest(centroids, point).0 as u8).collect();
        let mut sizes = vec![0; centroids.len()];
        cluster.iter().for_each(|&cluster| sizes[usize::from(cluster)] += 1);
        Labelling { cluster, sizes }
    }

    /// A point's silhouette from the sums of its distances to each cluster.
    fn silhouette(&self, point: usize, sums: &[f64]) -> f64 {
        let own = usize::from(self.cluster[point]);
        if self.sizes[own] == 1 {
            return 0.0;
        }
        let a = sums[own] / (self.sizes[own] - 1) as f64;
        let others = (0..sums.len()).filter(|&other| other != own && self.sizes[other] > 0);
        let b = others.map(|other| sums[other] / self.sizes[other] as f64).fold(f64::INFINITY, f64::min);
        if b.is_finite() && a.max(b) > 0.0 { (b - a) / a.max(b) } else { 0.0 }
    }
}

/// The mean silhouette for each set of two or more centroids.
fn silhouettes(points: &[Point], starts: &[Vec<Point>]) -> Vec<Silhouette> {
    let starts: Vec<&Vec<Point>> = starts.iter().filter(|centroids| centroids.len() > 1).collect();
    let labellings: Vec<Labelling> = starts.iter().map(|centroids| Labelling::new(points, centroids)).collect();
    let of_points: Vec<Vec<f64>> =
        (0..points.len()).into_par_iter().map(|point| point_silhouettes(points, point, &labellings)).collect();
    let mean = |tried: usize| of_points.iter().map(|of_point| of_point[tried]).sum::<f64>() / points.len() as f64;
    (0..starts.len()).map(|tried| Silhouette { k: starts[tried].len(), silhouette: mean(tried) }).collect()
}

/// One point's silhouette in each labelling; its distances are taken once for all of them.
fn point_silhouettes(points: &[Point], point: usize, labellings: &[Labelling]) -> Vec<f64> {
    let distance = |other: &Point| squared_distance(&points[point], other).sqrt();
    let distances: Vec<f64> = points.iter().map(distance).collect();
    let of = |labelling: &Labelling| {
        let mut sums = vec![0.0; labelling.sizes.len()];
        for (&cluster, distance) in labelling.cluster.iter().zip(&distances) {
            sums[usize::from(cluster)] += distance;
        }
        labelling.silhouette(point, &sums)
    };
    labellings.iter().map(of).collect()
}
