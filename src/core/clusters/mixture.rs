//! A Gaussian mixture in place of k-means: clusters of different size, width and direction.

use linfa::DatasetBase;
use linfa::prelude::Fit;
use linfa_clustering::{GaussianMixtureModel, GmmError};
use ndarray::{Array2, ArrayView2};
use rand_xoshiro::Xoshiro256Plus;
use serde::{Deserialize, Serialize};

use crate::clusters::features::{FeatureScale, Point};

/// The fit has converged when the mean log-likelihood of a customer grows by less than this.
const TOLERANCE: f64 = 1e-5;
/// Rounds after which it is given up.
const MOST_ROUNDS: u64 = 1_000;
/// Added to each variance, in squared standard deviations of the base: no cluster is narrower than 1/30 of these.
const LEAST_VARIANCE: f64 = 1e-3;

/// The shape of one cluster of a Gaussian mixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its share of the customer base, above 0 to 1.
    pub weight: f64,
    /// Its covariance in squared standard deviations of the base, a row a feature.
    pub covariance: Vec<Vec<f64>>,
}

/// A component and where its centre is.
#[derive(Debug, Clone)]
pub(super) struct Gaussian {
    pub(super) mean: Point,
    pub(super) component: Component,
}

/// Fits a mixture of `k` Gaussians with covariances of their own by expectation and maximisation (A. P. Dempster,
/// N. M. Laird and D. B. Rubin 1977), from the clusters of k-means.
pub(super) fn fit(
    points: &[Point],
    features: &[FeatureScale],
    k: usize,
    rng: Xoshiro256Plus,
) -> Result<Vec<Gaussian>, GmmError> {
    let places: Vec<usize> = features.iter().map(|scale| scale.feature.place()).collect();
    let rows = Array2::from_shape_fn((points.len(), places.len()), |(row, column)| points[row][places[column]]);
    let params = GaussianMixtureModel::params_with_rng(k, rng).tolerance(TOLERANCE).reg_covariance(LEAST_VARIANCE);
    let model = params.max_n_iterations(MOST_ROUNDS).fit(&DatasetBase::from(rows))?;
    Ok((0..k).map(|index| gaussian(&model, index, &places)).collect())
}

fn gaussian(model: &GaussianMixtureModel<f64>, index: usize, places: &[usize]) -> Gaussian {
    let mut mean = Point::default();
    for (&place, &value) in places.iter().zip(model.means().row(index)) {
        mean[place] = value;
    }
    let rows = |covariance: ArrayView2<f64>| covariance.outer_iter().map(|row| row.to_vec()).collect();
    let covariance = rows(model.covariances().index_axis(ndarray::Axis(0), index));
    Gaussian { mean, component: Component { weight: model.weights()[index], covariance } }
}

/// What the log-density of one weighted Gaussian takes.
#[derive(Debug, Clone)]
pub(super) struct Density {
    mean: Point,
    /// The inverse of the lower triangle `L` with `L Lᵀ` the covariance; 1 on the diagonal of a feature that is left
    /// out, in which every point is 0.
    inverse: [Point; 3],
    /// `ln(weight) - ln det L`; what all Gaussians share is left out.
    constant: f64,
}

impl Density {
    /// `None` where the weight is no share or the covariance none of these features.
    pub(super) fn new(mean: Point, component: &Component, features: &[FeatureScale]) -> Option<Self> {
        let lower = cholesky(&by_place(&component.covariance, features)?)?;
        let share = component.weight > 0.0 && component.weight <= 1.0 + 1e-9;
        let constant = component.weight.ln() - (0..3).map(|place| lower[place][place].ln()).sum::<f64>();
        share.then(|| Density { mean, inverse: inverse(&lower), constant })
    }

    /// The logarithm of weight times density, up to a constant that all Gaussians share: the highest has the
    /// highest posterior probability.
    pub(super) fn log_posterior(&self, point: &Point) -> f64 {
        let off: Point = std::array::from_fn(|place| point[place] - self.mean[place]);
        let along = |row: &Point| row.iter().zip(&off).map(|(a, b)| a * b).sum::<f64>();
        let squared: f64 = self.inverse.iter().map(|row| along(row) * along(row)).sum();
        self.constant - 0.5 * squared
    }
}

/// A covariance of the features in use as one of all features.
fn by_place(covariance: &[Vec<f64>], features: &[FeatureScale]) -> Option<[Point; 3]> {
    let square = covariance.len() == features.len() && covariance.iter().all(|row| row.len() == features.len());
    let mut all = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for (row, across) in covariance.iter().zip(features) {
        for (&value, down) in row.iter().zip(features) {
            all[across.feature.place()][down.feature.place()] = value;
        }
    }
    square.then_some(all)
}

/// The lower triangle `L` with `L Lᵀ = a`; `None` where `a` is not positive definite.
fn cholesky(a: &[Point; 3]) -> Option<[Point; 3]> {
    let mut lower = [Point::default(); 3];
    for row in 0..3 {
        for column in 0..=row {
            let known: f64 = (0..column).map(|i| lower[row][i] * lower[column][i]).sum();
            let rest = a[row][column] - known;
            lower[row][column] = if row == column { rest.sqrt() } else { rest / lower[column][column] };
        }
        if !lower[row].iter().all(|value| value.is_finite()) || lower[row][row] <= 0.0 {
            return None;
        }
    }
    Some(lower)
}

/// The inverse of a lower triangle.
#[allow(clippy::needless_range_loop)] // Rows and columns, as it is written.
fn inverse(lower: &[Point; 3]) -> [Point; 3] {
    let mut inverse = [Point::default(); 3];
    for column in 0..3 {
        for row in column..3 {
            let known: f64 = (column..row).map(|i| lower[row][i] * inverse[i][column]).sum();
            let unit = if row == column { 1.0 } else { 0.0 };
            inverse[row][column] = (unit - known) / lower[row][row];
        }
    }
    inverse
}
