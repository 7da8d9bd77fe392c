//! Parameters that stand for what is not known of them: a few points around the estimates.

use crate::models::fit::report::Uncertainty;
use crate::models::{FitError, FitReport};

/// A logarithm is never moved by more: a factor of 150 either way. Beyond, the normal approximation has no say.
const LONGEST_STEP: f64 = 5.0;
/// How often a step that leads out of a model's range is halved.
const MOST_HALVINGS: u32 = 6;

/// Models at parameters around the estimates, each as probable as the others.
#[derive(Debug)]
pub(super) struct Points<M> {
    pub(super) models: Vec<M>,
    /// How many standard deviations each lies from the estimate, two and two on opposite sides; empty where they were
    /// drawn at random.
    pub(super) reaches: Vec<f64>,
    /// Whether the errors of the estimates are in them.
    pub(super) uncertain: bool,
}

impl<M> Points<M> {
    /// Only the estimates.
    pub(super) fn estimate(model: M) -> Self {
        Points { models: vec![model], reaches: Vec::new(), uncertain: false }
    }

    /// The mean of something over the points.
    pub(super) fn weight(&self) -> f64 {
        1.0 / self.models.len() as f64
    }
}

/// The `2 d` points `±√d` times the columns of a root of the covariance: their mean is the estimate and their
/// covariance that of the normal approximation, so that the mean over them of any cubic function of the parameters is
/// that over the whole normal distribution.
///
/// Stroud, A. H. (1971), Approximate Calculation of Multiple Integrals, formula 3-1 for `E_n^{r²}`; as used by
/// Arasaratnam, I. and S. Haykin (2009), Cubature Kalman Filters, IEEE Transactions on Automatic Control 54(6),
/// 1254-1269.
///
/// A step is halved until `model` takes the parameters and `holds` says that they are still likely, given how far the
/// logarithm of the likelihood may have fallen: where the likelihood is not a parabola, the approximation reaches too far.
///
/// # Errors
/// What `model` says of the estimates themselves.
pub(super) fn points<M>(
    report: &FitReport,
    model: impl Fn(&FitReport) -> Result<M, FitError>,
    holds: impl Fn(&M, f64) -> bool,
) -> Result<Points<M>, FitError> {
    let steps = report.uncertainty.as_ref().map(steps).unwrap_or_default();
    if steps.is_empty() {
        return Ok(Points::estimate(model(report)?));
    }
    // At the points of the approximation itself it falls by a quarter of their number.
    let furthest = steps.len() as f64;
    let moved = |(step, reach): &(Vec<f64>, f64)| {
        let shrunk = |halvings: u32| {
            let factor = 0.5_f64.powi(halvings as i32);
            let moved = report.moved(&step.iter().map(|value| factor * value).collect::<Vec<_>>());
            model(&moved).ok().filter(|model| holds(model, furthest)).map(|model| (model, factor * reach))
        };
        (0..MOST_HALVINGS).find_map(shrunk).map_or_else(|| Ok::<_, FitError>((model(report)?, 0.0)), Ok)
    };
    let (models, reaches) = steps.iter().map(moved).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    Ok(Points { models, reaches, uncertain: true })
}

/// Steps in pairs of opposite ones, each with its length in standard deviations.
fn steps(uncertainty: &Uncertainty) -> Vec<(Vec<f64>, f64)> {
    let columns: Vec<Vec<f64>> = root_columns(&uncertainty.covariance)
        .into_iter()
        .filter(|column| column.iter().any(|value| *value != 0.0))
        .collect();
    let reach = (columns.len() as f64).sqrt();
    let scaled = |column: &Vec<f64>| {
        let longest = column.iter().zip(&uncertainty.logarithmic).filter(|(_, logarithmic)| **logarithmic);
        let longest = longest.fold(0.0_f64, |longest, (value, _)| longest.max((reach * value).abs()));
        let factor = if longest > LONGEST_STEP { reach * LONGEST_STEP / longest } else { reach };
        (column.iter().map(|value| factor * value).collect::<Vec<f64>>(), factor)
    };
    let both = |(column, reach): (Vec<f64>, f64)| {
        let back = column.iter().map(|value| -value).collect();
        [(column, reach), (back, reach)]
    };
    columns.iter().map(scaled).flat_map(both).collect()
}

/// The columns of the Cholesky factor; a column is zero where the matrix has nothing left for it.
fn root_columns(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(n);
    for j in 0..n {
        let rest = |i: usize| matrix[i][j] - columns.iter().map(|column| column[i] * column[j]).sum::<f64>();
        let pivot = rest(j);
        let column: Vec<f64> = if pivot > 1e-12 * matrix[j][j] && pivot.is_finite() {
            let scale = pivot.sqrt();
            (0..n).map(|i| if i < j { 0.0 } else { rest(i) / scale }).collect()
        } else {
            vec![0.0; n]
        };
        columns.push(column);
    }
    columns
}

#[cfg(test)]
mod tests {
    use crate::intervals::points::*;

    fn report() -> FitReport {
        let covariance = vec![vec![0.04, 0.0, 0.01], vec![0.0, 0.0, 0.0], vec![0.01, 0.0, 0.09]];
        let names = ["a", "b", "c"].map(String::from);
        FitReport {
            parameters: names.iter().cloned().zip([2.0, 7.0, -1.0]).collect(),
            uncertainty: Some(Uncertainty { names: names.into(), logarithmic: vec![true, true, false], covariance }),
            ..FitReport::default()
        }
    }

    fn moved() -> Vec<[f64; 3]> {
        let model = |report: &FitReport| Ok(["a", "b", "c"].map(|name| report.parameters[name]));
        points(&report(), model, |_, _| true).expect("points").models
    }

    #[test]
    fn points_have_the_mean_and_the_covariance_of_the_normal_approximation() {
        let moved = moved();
        assert_eq!(moved.len(), 4); // two free directions
        let steps: Vec<[f64; 3]> = moved.iter().map(|[a, b, c]| [(a / 2.0).ln(), b - 7.0, c + 1.0]).collect();
        let mean = |of: &dyn Fn(&[f64; 3]) -> f64| steps.iter().map(of).sum::<f64>() / 4.0;
        for i in 0..3 {
            assert!(mean(&|step| step[i]).abs() < 1e-15); // rounding
            for j in 0..3 {
                let covariance = report().uncertainty.expect("given").covariance[i][j];
                assert!((mean(&|step| step[i] * step[j]) - covariance).abs() < 1e-15); // rounding
            }
        }
    }

    #[test]
    fn steps_stay_within_the_range_of_the_model() {
        let model = |report: &FitReport| {
            let c = report.parameters["c"];
            if c > -1.2 { Ok(c) } else { Err(FitError::NoCustomers) }
        };
        let points = points(&report(), model, |_, _| true).expect("points");
        assert!(points.uncertain && points.models.iter().all(|c| *c > -1.2) && points.models.iter().any(|c| *c < -1.0));
        let certain = FitReport { uncertainty: None, ..report() };
        // A likelihood that is not there beyond 0.3: the step of 0.42 is halved.
        let likely = |c: &f64, furthest: f64| (c + 1.0).abs() / 0.3 * furthest <= furthest;
        let nearer = super::points(&report(), |report| Ok(report.parameters["c"]), likely).expect("points");
        assert!(
            nearer.models.iter().all(|c| (c + 1.0).abs() < 0.3) && nearer.models.iter().any(|c| (c + 1.0).abs() > 0.1)
        );
        assert!(!super::points(&certain, |_| Ok(()), |_, _| true).expect("a point").uncertain);
    }
}
