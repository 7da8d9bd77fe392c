//! A customer to its cluster.

use rayon::prelude::*;

use crate::clusters::features::{FeatureScale, Point};
use crate::clusters::k_means::{BLOCK, Batch};
use crate::clusters::mixture::{Component, Density};

/// Points of one task.
const TASK: usize = 16 * BLOCK;

/// How points are assigned.
#[derive(Debug)]
pub(super) enum Rule {
    /// To the nearest centroid.
    Nearest(Vec<Point>),
    /// To the component with the highest posterior probability.
    Likeliest(Vec<Density>),
}

impl Rule {
    /// The rule of centroids, and of the components around them where there are such.
    ///
    /// # Errors
    /// The number, from 0, of a centroid whose component is none.
    pub(super) fn new<'a>(
        clusters: impl Iterator<Item = (Point, Option<&'a Component>)> + Clone,
        features: &[FeatureScale],
    ) -> Result<Self, usize> {
        if clusters.clone().all(|(_, component)| component.is_none()) {
            return Ok(Rule::Nearest(clusters.map(|(centroid, _)| centroid).collect()));
        }
        let density = |(index, (mean, component)): (usize, (Point, Option<&Component>))| {
            component.and_then(|component| Density::new(mean, component, features)).ok_or(index)
        };
        Ok(Rule::Likeliest(clusters.enumerate().map(density).collect::<Result<_, _>>()?))
    }

    /// The clusters of `point(0)`, …, `point(count - 1)`, from 0; of equally near or likely ones the first.
    pub(super) fn all(&self, count: usize, point: impl Fn(usize) -> Point + Sync) -> Vec<u16> {
        let mut clusters = vec![0; count];
        let tasks = clusters.par_chunks_mut(TASK).enumerate();
        tasks.for_each(|(task, clusters)| self.some(clusters, |place| point(task * TASK + place)));
        clusters
    }

    fn some(&self, clusters: &mut [u16], point: impl Fn(usize) -> Point) {
        match self {
            Rule::Nearest(centroids) => {
                let mut batch = Batch::new();
                for (block, clusters) in clusters.chunks_mut(BLOCK).enumerate() {
                    let points = (0..clusters.len()).map(|place| point(block * BLOCK + place));
                    batch.find(points, centroids);
                    clusters.iter_mut().zip(batch.indices()).for_each(|(cluster, index)| *cluster = index);
                }
            }
            Rule::Likeliest(densities) => {
                let places = clusters.iter_mut().enumerate();
                places.for_each(|(place, cluster)| *cluster = likeliest(densities, &point(place)) as u16);
            }
        }
    }
}

fn likeliest(densities: &[Density], point: &Point) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, density) in densities.iter().enumerate() {
        let log = density.log_posterior(point);
        if log > best.1 {
            best = (index, log);
        }
    }
    best.0
}
