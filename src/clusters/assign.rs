//! A customer to its cluster.

use rayon::prelude::*;

use super::features::{FeatureScale, Point};
use super::k_means::Centroids;
use super::mixture::{Component, Density};

/// Points that one task takes at least.
const TASK: usize = 4_096;

/// How points are assigned.
#[derive(Debug)]
pub(super) enum Rule {
    /// To the nearest centroid.
    Nearest(Centroids<3>),
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
            let centroids: Vec<Point> = clusters.map(|(centroid, _)| centroid).collect();
            return Ok(Rule::Nearest(Centroids::new(&centroids)));
        }
        let density = |(index, (mean, component)): (usize, (Point, Option<&Component>))| {
            component.and_then(|component| Density::new(mean, component, features)).ok_or(index)
        };
        Ok(Rule::Likeliest(clusters.enumerate().map(density).collect::<Result<_, _>>()?))
    }

    /// A point's cluster, from 0; of equally near or likely ones the first.
    pub(super) fn of(&self, point: &Point) -> usize {
        match self {
            Rule::Nearest(centroids) => centroids.nearest(point),
            Rule::Likeliest(densities) => likeliest(densities, point),
        }
    }

    /// The clusters of `point(0)`, …, `point(count - 1)`.
    pub(super) fn all(&self, count: usize, point: impl Fn(usize) -> Point + Sync) -> Vec<u16> {
        let places = (0..count).into_par_iter().with_min_len(TASK);
        places.map(|place| self.of(&point(place)) as u16).collect()
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
