//! Who was left after how many renewals, and who should have been, and will be, by the model.

use serde::Serialize;

use crate::models::FitReport;
use crate::models::contract::{FittedRetention, Hazard, Renewal, Tenures};

/// A renewal of the base: what was seen, and what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurveRow {
    /// Its number; 0 = the start.
    pub renewal: u32,
    /// Subscriptions that came to it; none where that is still to come.
    pub at_risk: Option<u64>,
    /// Those that ended there.
    pub lost: Option<u64>,
    /// The share that was renewed.
    pub retained: Option<f64>,
    /// The share of all that was left after it, by Kaplan and Meier.
    pub survival: Option<f64>,
    /// The least that share may be.
    pub survival_low: Option<f64>,
    /// The most it may be.
    pub survival_high: Option<f64>,
    /// The share to be renewed by the model.
    pub expected_retained: f64,
    /// The least that may be, as far as the parameters are known.
    pub expected_retained_low: Option<f64>,
    /// The most it may be.
    pub expected_retained_high: Option<f64>,
    /// The share of all to be left by the model.
    pub expected_survival: f64,
    /// The least that may be, as far as the parameters are known.
    pub expected_survival_low: Option<f64>,
    /// The most it may be.
    pub expected_survival_high: Option<f64>,
}

/// All renewals that were seen, and as many more as the horizon has.
///
/// What was left is estimated by Kaplan and Meier, `S(t) = Π (1 - lost / at risk)`; its interval comes from Greenwood's
/// variance, symmetric in `ln(-ln S)`, as wide as `deviations` standard deviations to either side. Intervals of what is
/// expected are symmetric there too, by the delta method from the covariance of the parameters: they say how well the
/// curve is known, not how a single customer may fare.
///
/// Source: Kalbfleisch and Prentice (2002), The Statistical Analysis of Failure Time Data, section 1.4.
pub fn curve(tenures: &Tenures, fitted: &FittedRetention, horizon: u32, deviations: f64) -> Vec<CurveRow> {
    let known = Known::of(&fitted.report);
    let (mut seen, last) = (Seen::default(), tenures.observed());
    let row = |renewal: u32| {
        let came = (renewal <= last).then(|| seen.next(renewal, tenures.renewal(renewal)));
        let t = f64::from(renewal);
        let whole = fitted.model.hazard(0.0, t);
        let step = if renewal == 0 { Hazard::default() } else { fitted.model.hazard(t - 1.0, 1.0) };
        let (of_all, of_those) = (known.interval(&whole, deviations), known.interval(&step, deviations));
        let interval = came.and_then(|_| seen.interval(deviations));
        let counts = came.filter(|_| renewal > 0);
        CurveRow {
            renewal,
            at_risk: counts.map(|came| came.at_risk),
            lost: counts.map(|came| came.lost),
            retained: counts.map(|came| 1.0 - came.lost as f64 / came.at_risk as f64),
            survival: came.map(|_| seen.survival),
            survival_low: interval.map(|interval| interval[0]),
            survival_high: interval.map(|interval| interval[1]),
            expected_retained: (-step.value).exp(),
            expected_retained_low: of_those.map(|interval| interval[0]),
            expected_retained_high: of_those.map(|interval| interval[1]),
            expected_survival: (-whole.value).exp(),
            expected_survival_low: of_all.map(|interval| interval[0]),
            expected_survival_high: of_all.map(|interval| interval[1]),
        }
    };
    (0..=last.saturating_add(horizon)).map(row).collect()
}

/// The estimate of Kaplan and Meier so far.
struct Seen {
    survival: f64,
    /// Greenwood's sum of `lost / (at risk · left)`.
    variance: f64,
    at_risk: u64,
}

impl Default for Seen {
    fn default() -> Self {
        Seen { survival: 1.0, variance: 0.0, at_risk: 0 }
    }
}

impl Seen {
    fn next(&mut self, renewal: u32, came: Renewal) -> Renewal {
        if renewal > 0 {
            let (at_risk, left) = (came.at_risk as f64, (came.at_risk - came.lost) as f64);
            self.survival *= left / at_risk;
            self.variance += came.lost as f64 / (at_risk * left);
            self.at_risk = came.at_risk;
        }
        came
    }

    /// `None` where nobody is left, and before anybody could leave.
    fn interval(&self, deviations: f64) -> Option<[f64; 2]> {
        let hazard = -self.survival.ln();
        if self.at_risk == 0 || !hazard.is_finite() {
            return None;
        }
        if hazard == 0.0 {
            // Nobody has left: so few that none of them is seen among so many.
            let outside = statrs::function::erf::erfc(deviations / std::f64::consts::SQRT_2);
            return Some([(0.5 * outside).powf(1.0 / self.at_risk as f64), 1.0]);
        }
        Some(around(hazard, deviations * self.variance.sqrt() / hazard))
    }
}

/// `[exp(-H e^half), exp(-H e^-half)]`.
fn around(hazard: f64, half: f64) -> [f64; 2] {
    [(-hazard * half.exp()).exp(), (-hazard * (-half).exp()).exp()]
}

/// How well the parameters of a model are known.
#[derive(Debug)]
pub(crate) struct Known {
    /// By place: the parameter, and what is not known of its logarithm together with the others'.
    values: Vec<f64>,
    covariance: Option<Vec<Vec<f64>>>,
}

impl Known {
    pub(crate) fn of(report: &FitReport) -> Self {
        let uncertainty = report.uncertainty.as_ref();
        let value = |name: &String| report.parameters.get(name).copied().unwrap_or(0.0);
        Known {
            values: uncertainty.map(|known| known.names.iter().map(value).collect()).unwrap_or_default(),
            covariance: uncertainty.map(|known| known.covariance.clone()),
        }
    }

    /// The variance of a quantity with these slopes in the parameters, by the delta method.
    pub(crate) fn variance(&self, slopes: &[f64]) -> Option<f64> {
        let covariance = self.covariance.as_ref()?;
        let slope = |i: usize| slopes[i] * self.values[i];
        let n = self.values.len();
        let row = |i: usize| (0..n).map(|j| slope(i) * covariance[i][j] * slope(j)).sum::<f64>();
        Some((0..n).map(row).sum::<f64>().max(0.0))
    }

    fn interval(&self, hazard: &Hazard, deviations: f64) -> Option<[f64; 2]> {
        let variance = self.variance(&hazard.gradient)?;
        if hazard.value == 0.0 {
            return Some([1.0, 1.0]);
        }
        Some(around(hazard.value, deviations * variance.sqrt() / hazard.value))
    }
}

#[cfg(test)]
mod tests {
    use crate::models::FitSettings;
    use crate::models::contract::RetentionName;
    use crate::retention::curve::*;

    fn high_end() -> (Tenures, FittedRetention) {
        let tenures = Tenures::cohort(&[1000, 869, 743, 653, 593, 551, 517, 491]);
        let fitted = RetentionName::Sbg.fit(&tenures, &FitSettings::default()).expect("a fit");
        (tenures, fitted)
    }

    #[test]
    fn a_cohort_that_nobody_joins_or_hides_from_survives_as_counted() {
        let (tenures, fitted) = high_end();
        let rows = curve(&tenures, &fitted, 5, 1.96);
        assert_eq!(rows.len(), 13);
        let (three, last) = (rows[3], rows[12]);
        assert_eq!((three.at_risk, three.lost), (Some(743), Some(90)));
        assert!((three.survival.expect("seen") - 0.653).abs() < 1e-12); // three divisions
        // Without censoring Greenwood's variance is the binomial one.
        let deviation = (0.653_f64 * 0.347 / 1000.0).sqrt() / (0.653 * -0.653_f64.ln());
        let low = 0.653_f64.powf((1.96 * deviation).exp());
        assert!((three.survival_low.expect("seen") - low).abs() < 1e-12); // rounding
        assert_eq!((last.at_risk, last.survival, rows[0].survival), (None, None, Some(1.0)));
        assert!((last.expected_survival - 0.378).abs() < 5e-4); // as the paper projects it
    }

    #[test]
    fn intervals_of_the_curve_widen_with_what_is_not_seen() {
        let (tenures, fitted) = high_end();
        let rows = curve(&tenures, &fitted, 20, 1.2816);
        let width = |row: &CurveRow| {
            let (low, high) = (row.expected_survival_low.expect("known"), row.expected_survival_high.expect("known"));
            assert!(low <= row.expected_survival && row.expected_survival <= high && high <= 1.0);
            high - low
        };
        assert_eq!(width(&rows[0]), 0.0);
        assert!(width(&rows[27]) > width(&rows[7]) && width(&rows[7]) > 0.0);
        // The parameters' interval at a year that was seen is about as wide as the count's own.
        let seen = rows[7].survival_high.expect("seen") - rows[7].survival_low.expect("seen");
        assert!(width(&rows[7]) < 1.2 * seen && width(&rows[7]) > 0.5 * seen);
    }

    #[test]
    fn where_nobody_left_the_interval_has_a_lower_end() {
        let tenures = Tenures::cohort(&[50, 50, 50]);
        let fitted = RetentionName::Constant.fit(&tenures, &FitSettings::default()).expect("a fit");
        let row = curve(&tenures, &fitted, 1, 1.281_551_565_544_6)[2];
        assert!((row.survival_low.expect("seen") - 0.1_f64.powf(0.02)).abs() < 1e-9); // of the deviations as written
        assert_eq!((row.survival, row.survival_high), (Some(1.0), Some(1.0)));
    }
}
