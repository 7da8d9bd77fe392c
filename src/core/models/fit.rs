//! The fit that all models share: log parameters, several starts, thinned bases first, a verdict.

pub mod covariates;
pub mod histories;
pub mod report;
pub(crate) mod rows;
pub mod settings;

use std::borrow::Cow;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::control::Control;

use crate::base::TimeUnit;
use crate::models::fit::histories::Histories;
use crate::models::fit::report::{FitError, FitReport, Uncertainty};
use crate::numeric::newton::{Matrix, Minimum, Slope, Smooth, central_differences, minimise};

/// How models are fitted, beside the data.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitSettings {
    /// What is believed of the parameters before the data.
    pub prior: Prior,
    /// What a parameter's distance from its middle costs: `penalty / 2` times the squared logarithm, for
    /// coefficients the squared value, is taken from the log-likelihood of the base.
    pub penalty: f64,
    /// The regularity `k` of the CNBD-k models; 0 chooses it by likelihood.
    pub regularity: u32,
    /// By what the search can be stopped; no setting.
    #[serde(skip)]
    pub control: Control,
}

impl FitSettings {
    /// The same, stopped where the run is.
    pub fn under(&self, control: &Control) -> Self {
        FitSettings { control: control.clone(), ..self.clone() }
    }
}

/// What is believed of the parameters before the data.
///
/// The weak prior takes shape parameters as log-normal with median 1 and a factor of `e^1.5` a standard
/// deviation (95 % between 0.05 and 19); parameters in time or money as log-normal with a factor of `e^2`
/// around the base's own rhythm; coefficients as normal with standard deviation 1. Estimates are then
/// maxima a posteriori.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prior {
    /// Nothing: maximum likelihood.
    #[default]
    None,
    /// Weakly informative, for thin bases.
    Weak,
}

/// A parameter's name and range.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: Kind,
}

/// What kind of number a parameter is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Positive, without unit.
    Shape,
    /// Positive, a time (or an amount): it grows with the scale.
    Scale,
    /// Positive, per time: it falls with the scale.
    Rate,
    /// Any real number: the effect of a covariate with this standard deviation. The search sees the effect of
    /// one standard deviation.
    Coefficient(f64),
}

impl Parameter {
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Parameter { name: Cow::Borrowed(name), kind }
    }

    pub(crate) const fn shape(name: &'static str) -> Self {
        Self::new(name, Kind::Shape)
    }

    pub(crate) const fn scale(name: &'static str) -> Self {
        Self::new(name, Kind::Scale)
    }

    pub(crate) const fn rate(name: &'static str) -> Self {
        Self::new(name, Kind::Rate)
    }

    pub(crate) fn coefficient(name: String, deviation: f64) -> Self {
        let deviation = if deviation > 0.0 { deviation } else { 1.0 };
        Parameter { name: Cow::Owned(name), kind: Kind::Coefficient(deviation) }
    }
}

impl Kind {
    fn is_logarithmic(self) -> bool {
        !matches!(self, Kind::Coefficient(_))
    }

    /// From the coordinate of the search to the scaled parameter.
    fn parameter_at(self, coordinate: f64) -> f64 {
        match self {
            Kind::Coefficient(deviation) => coordinate / deviation,
            _ => coordinate.exp(),
        }
    }

    fn coordinate_of(self, parameter: f64) -> f64 {
        match self {
            Kind::Coefficient(deviation) => parameter * deviation,
            _ => parameter.ln(),
        }
    }

    /// How fast a parameter of this value grows with its coordinate.
    fn stretch(self, value: f64) -> f64 {
        match self {
            Kind::Coefficient(deviation) => 1.0 / deviation,
            _ => value,
        }
    }

    /// From the scaled parameter to that in the run's units.
    fn unscaled(self, parameter: f64, scale: f64) -> f64 {
        match self {
            Kind::Scale => parameter * scale,
            Kind::Rate => parameter / scale,
            Kind::Shape | Kind::Coefficient(_) => parameter,
        }
    }

    /// The precision of the prior, and of the penalty beside it.
    fn precision(self, settings: &FitSettings) -> f64 {
        let deviation: f64 = match self {
            Kind::Shape => 1.5,
            Kind::Scale | Kind::Rate => 2.0,
            Kind::Coefficient(_) => 1.0,
        };
        let prior = if settings.prior == Prior::Weak { deviation.powi(-2) } else { 0.0 };
        prior + settings.penalty
    }
}

/// Logarithms of scaled parameters are searched in `±LOG_BOUND`: a factor of 22,000 either way.
const LOG_BOUND: f64 = 10.0;

/// Rows on which the starts are compared; each further search sees `LADDER_STEP` times as many.
const FIRST_ROWS: usize = 4096;
const LADDER_STEP: usize = 8;

/// The log-likelihood of some rows and its gradient, in scaled parameters.
pub(crate) trait Likelihood: Sized {
    /// How many rows there are.
    fn len(&self) -> usize;
    /// Every `step`-th row.
    fn thinned(&self, step: usize) -> Self;
    /// The log-likelihood and its gradient.
    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>);
    /// Its second derivatives, where the model knows them cheaper than by differences of the gradient.
    fn second_derivatives(&self, _parameters: &[f64]) -> Option<Matrix> {
        None
    }
}

/// Everything that a fit needs beside its likelihood.
pub(crate) struct Task<'a> {
    pub(crate) model: &'static str,
    pub(crate) parameters: Vec<Parameter>,
    /// What is not searched, but belongs to the model.
    pub(crate) fixed: Vec<(&'static str, f64)>,
    /// Scaled parameters to start from.
    pub(crate) starts: Vec<Vec<f64>>,
    /// What parameters of kind [`Kind::Scale`] are multiplied by to be in the run's units.
    pub(crate) scale: f64,
    /// What is added to the log-likelihood of the scaled data.
    pub(crate) log_scale: f64,
    pub(crate) customers: usize,
    pub(crate) distinct_rows: usize,
    pub(crate) time_unit: Option<TimeUnit>,
    pub(crate) warnings: Vec<String>,
    pub(crate) settings: &'a FitSettings,
}

/// A condition number beyond which estimates are not to be read one by one.
const WEAK_CONDITION: f64 = 1e6;
/// A standard error of a logarithm beyond which a parameter is hardly known: a factor of 50 either way at 95 %.
const WEAK_LOG_ERROR: f64 = 2.0;
/// Half the width of a 95 % interval of the normal distribution, in standard deviations.
const NORMAL_95: f64 = 1.959_963_984_540_054;

impl Task<'_> {
    /// The estimates, in the order of the parameters and the run's units, and the report.
    ///
    /// # Errors
    /// [`FitError::DidNotConverge`].
    pub(crate) fn maximise<L: Likelihood>(self, likelihood: &L) -> Result<(Vec<f64>, FitReport), FitError> {
        let (minimum, agreed) = self.search_all(likelihood);
        self.settings.control.check()?;
        let Minimum { iterations, gradient_norm, condition, converged, .. } = minimum;
        if !converged {
            return Err(FitError::DidNotConverge { model: self.model, iterations, gradient_norm });
        }
        let values = self.values(&minimum.point);
        let errors: Vec<Option<f64>> = (0..values.len()).map(|i| deviation(&minimum, i)).collect();
        let uncertain = |i: usize| errors[i].is_some_and(|error| error > WEAK_LOG_ERROR);
        let weakly_identified = condition.is_none_or(|condition| condition > WEAK_CONDITION)
            || (0..values.len()).any(uncertain)
            || minimum.at_bound.contains(&true);
        let name = |i: usize| self.parameters[i].name.to_string();
        let at_boundary: Vec<String> = (0..values.len()).filter(|&i| minimum.at_bound[i]).map(name).collect();
        let by_name = |i: usize| (name(i), values[i]);
        let in_units = |i: usize| errors[i].map(|error| self.parameters[i].kind.stretch(values[i]) * error);
        let interval = |i: usize| errors[i].map(|error| self.interval(i, values[i], NORMAL_95 * error));
        let log_prior = -self.prior(&minimum.point).0;
        let informed = self.settings.penalty > 0.0 || self.settings.prior != Prior::None;
        let verdict = verdict_warnings(weakly_identified, &at_boundary);
        let report = FitReport {
            model: self.model.into(),
            parameters: (0..values.len()).map(by_name).chain(self.fixed_by_name()).collect(),
            standard_errors: (0..values.len()).map(|i| (name(i), in_units(i))).collect(),
            confidence_intervals: (0..values.len()).map(|i| (name(i), interval(i))).collect(),
            log_likelihood: self.log_scale - minimum.value - log_prior,
            log_prior: informed.then_some(log_prior),
            converged,
            customers: self.customers,
            distinct_rows: self.distinct_rows,
            time_unit: self.time_unit,
            gradient_norm,
            condition,
            at_boundary,
            weakly_identified,
            warnings: self.warnings.iter().cloned().chain(verdict).collect(),
            iterations,
            starts: self.starts.len(),
            starts_agreed: agreed,
            covariates: Vec::new(),
            uncertainty: self.uncertainty(minimum),
        };
        Ok((values, report))
    }

    /// Where searches start; a test may say so.
    fn starts(&self) -> Vec<Vec<f64>> {
        #[cfg(test)]
        if let Some(start) = tests::START.with_borrow(Clone::clone) {
            return vec![start];
        }
        self.starts.clone()
    }

    fn fixed_by_name(&self) -> impl Iterator<Item = (String, f64)> + '_ {
        self.fixed.iter().map(|(name, value)| ((*name).to_string(), *value))
    }

    fn uncertainty(&self, minimum: Minimum) -> Option<Uncertainty> {
        let mut covariance = minimum.covariance?;
        // Coefficients are reported per unit of their covariate, and so is what is not known of them.
        let unit = |i: usize| match self.parameters[i].kind {
            Kind::Coefficient(deviation) => 1.0 / deviation,
            _ => 1.0,
        };
        for (i, row) in covariance.iter_mut().enumerate() {
            row.iter_mut().enumerate().for_each(|(j, value)| *value *= unit(i) * unit(j));
        }
        let names = self.parameters.iter().map(|parameter| parameter.name.to_string()).collect();
        let logarithmic = self.parameters.iter().map(|parameter| parameter.kind.is_logarithmic()).collect();
        Some(Uncertainty { names, logarithmic, covariance })
    }

    /// The estimates in the run's units.
    fn values(&self, point: &[f64]) -> Vec<f64> {
        let value = |(parameter, coordinate): (&Parameter, &f64)| {
            parameter.kind.unscaled(parameter.kind.parameter_at(*coordinate), self.scale)
        };
        self.parameters.iter().zip(point).map(value).collect()
    }

    /// The interval that reaches `half` to either side in the coordinate of the search.
    fn interval(&self, i: usize, value: f64, half: f64) -> [f64; 2] {
        match self.parameters[i].kind {
            Kind::Coefficient(deviation) => [value - half / deviation, value + half / deviation],
            _ => [value * (-half).exp(), value * half.exp()],
        }
    }

    /// The maximum: the best of several starts on a thinned base, then that one refined on ever more rows,
    /// so that the whole base sees only the last steps. With how many starts came to it.
    fn search_all<L: Likelihood>(&self, likelihood: &L) -> (Minimum, usize) {
        let mut step = 1;
        while likelihood.len() / step > FIRST_ROWS {
            step *= LADDER_STEP;
        }
        let coordinates = |start: &Vec<f64>| -> Vec<f64> {
            self.parameters.iter().zip(start).map(|(parameter, value)| parameter.kind.coordinate_of(*value)).collect()
        };
        let sparse = likelihood.thinned(step);
        let searches: Vec<Minimum> =
            self.starts().iter().map(|start| self.search(&sparse, step, &coordinates(start))).collect();
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-7 * other.abs().max(1.0);
        let Some(mut best) = searches.iter().cloned().reduce(better) else {
            return (self.search(likelihood, 1, &vec![0.0; self.parameters.len()]), 0);
        };
        let agreed = searches.iter().filter(|search| search.converged && near(search.value, best.value)).count();
        while step > LADDER_STEP {
            step /= LADDER_STEP;
            best = self.search(&likelihood.thinned(step), step, &best.point);
        }
        if step > 1 {
            best = self.search(likelihood, 1, &best.point);
        }
        (best, agreed)
    }

    /// The maximum near a start. A thinned base takes its share of the prior.
    fn search<L: Likelihood>(&self, likelihood: &L, step: usize, start: &[f64]) -> Minimum {
        minimise(Negative { task: self, likelihood, share: 1.0 / step as f64 }, start, LOG_BOUND)
    }

    /// Minus the log density of prior and penalty, up to a constant, and its slope.
    fn prior(&self, point: &[f64]) -> (f64, Vec<f64>) {
        let precision = |i: usize| self.parameters[i].kind.precision(self.settings);
        let value = (0..point.len()).map(|i| 0.5 * precision(i) * point[i] * point[i]).sum();
        (value, (0..point.len()).map(|i| precision(i) * point[i]).collect())
    }
}

/// The negative log-likelihood and log prior as a function of the coordinates of the search.
struct Negative<'a, L> {
    task: &'a Task<'a>,
    likelihood: &'a L,
    /// Of the prior.
    share: f64,
}

impl<L> Negative<'_, L> {
    fn parameters(&self, point: &[f64]) -> Vec<f64> {
        let of = |(parameter, coordinate): (&Parameter, &f64)| parameter.kind.parameter_at(*coordinate);
        self.task.parameters.iter().zip(point).map(of).collect()
    }

    /// How fast each parameter grows with its coordinate.
    fn stretches(&self, parameters: &[f64]) -> Vec<f64> {
        self.task.parameters.iter().zip(parameters).map(|(parameter, value)| parameter.kind.stretch(*value)).collect()
    }
}

impl<L: Likelihood> Smooth for Negative<'_, L> {
    fn at(&self, point: &[f64]) -> Slope {
        if self.task.settings.control.is_cancelled() {
            // The search ends by itself: there is nothing to be seen any more.
            return (f64::INFINITY, vec![0.0; point.len()]);
        }
        let parameters = self.parameters(point);
        let stretches = self.stretches(&parameters);
        let (value, gradient) = self.likelihood.at(&parameters);
        let (prior, prior_slope) = self.task.prior(point);
        let slope = |i: usize| self.share * prior_slope[i] - gradient[i] * stretches[i];
        (self.share * prior - value, (0..point.len()).map(slope).collect())
    }

    fn hessian(&self, point: &[f64]) -> Matrix {
        let parameters = self.parameters(point);
        let Some(second) = self.likelihood.second_derivatives(&parameters) else {
            return central_differences(&|point: &[f64]| self.at(point), point);
        };
        let stretches = self.stretches(&parameters);
        let (_, gradient) = self.likelihood.at(&parameters);
        let mut hessian = second;
        for (i, row) in hessian.iter_mut().enumerate() {
            row.iter_mut().enumerate().for_each(|(j, value)| *value *= -stretches[i] * stretches[j]);
            let kind = self.task.parameters[i].kind;
            // The logarithm bends: d²θ/dz² = θ.
            row[i] -= if kind.is_logarithmic() { gradient[i] * stretches[i] } else { 0.0 };
            row[i] += self.share * kind.precision(self.task.settings);
        }
        hessian
    }
}

/// The standard error of a coordinate that is free to move.
fn deviation(minimum: &Minimum, i: usize) -> Option<f64> {
    minimum.covariance.as_ref().filter(|_| !minimum.at_bound[i]).map(|covariance| covariance[i][i].sqrt())
}

/// A converged search before one that is not, then the lower value, then the first.
fn better(left: Minimum, right: Minimum) -> Minimum {
    let lower = right.value < left.value || left.value.is_nan();
    let take_right = if left.converged == right.converged { lower } else { right.converged };
    if take_right { right } else { left }
}

/// What the shape of the likelihood at its maximum says about the estimates.
fn verdict_warnings(weakly_identified: bool, at_boundary: &[String]) -> Vec<String> {
    let mut warnings = Vec::new();
    if !at_boundary.is_empty() {
        let names = at_boundary.join(", ");
        warnings
            .push(format!("at the edge of the range: {names}; a simpler model would do, predictions are still valid"));
    }
    if weakly_identified {
        warnings.push(
            "the parameters are weakly identified: different values fit equally well; use the predictions, do not interpret the parameters".into(),
        );
    }
    warnings
}

/// Rows summed up in one task. The blocks, and so the bits of a sum, do not depend on the threads.
const BLOCK: usize = 4096;

/// Sums of `f` over rows: fixed blocks in parallel, then the blocks in order.
pub(crate) fn block_sum<R: Sync, const N: usize>(rows: &[R], f: impl Fn(&R, &mut [f64; N]) + Sync) -> [f64; N] {
    let block = |rows: &[R]| {
        let mut sums = [0.0; N];
        rows.iter().for_each(|row| f(row, &mut sums));
        sums
    };
    let blocks: Vec<[f64; N]> = rows.par_chunks(BLOCK).map(block).collect();
    blocks.iter().fold([0.0; N], |sums, block| std::array::from_fn(|i| sums[i] + block[i]))
}

/// Sums over customers that decide whether a purchase model can be fitted and where to start.
pub(crate) struct Totals {
    pub(crate) customers: f64,
    pub(crate) repeats: f64,
    pub(crate) age: f64,
}

impl Totals {
    /// # Errors
    /// Where the base is too poor for any purchase model.
    pub(crate) fn of(histories: &Histories) -> Result<Self, FitError> {
        let rows: Vec<_> = histories.distinct().iter().zip(histories.weights()).collect();
        let [customers, repeats, age] = block_sum(&rows, |(history, weight), sums| {
            sums[0] += **weight;
            sums[1] += **weight * f64::from(history.x);
            sums[2] += **weight * history.t;
        });
        match histories.customers() {
            0 => Err(FitError::NoCustomers),
            1 => Err(FitError::OneCustomer),
            customers if age <= 0.0 => Err(FitError::NoTime { customers }),
            customers if repeats <= 0.0 => Err(FitError::NoRepeatPurchases { customers }),
            _ => Ok(Totals { customers, repeats, age }),
        }
    }

    /// Between the mean age and the mean time between purchases, so that `alpha` is of order one for
    /// rare and for heavy buyers alike.
    pub(crate) fn time_scale(&self) -> f64 {
        self.age / (self.customers * self.repeats).sqrt()
    }

    /// The base's own purchase rate, in scaled time.
    pub(crate) fn scaled_rate(&self) -> f64 {
        (self.repeats / self.customers).sqrt()
    }

    /// What a density in time of each repeat purchase adds to the log-likelihood of scaled data.
    pub(crate) fn log_scale(&self) -> f64 {
        -self.repeats * self.time_scale().ln()
    }
}

#[cfg(test)]
mod tests {
    use crate::models::fit::*;
    use std::cell::RefCell;

    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use crate::models::purchase::bg_bb::BgBb;
    use crate::models::purchase::bg_nbd::BgNbd;
    use crate::models::purchase::cnbd_k::{CnbdK, Kind as Chances};
    use crate::models::purchase::mbg_nbd::MbgNbd;
    use crate::models::purchase::nbd::Nbd;
    use crate::models::purchase::pareto_nbd::ParetoNbd;
    use crate::models::{ModelName, PurchaseModel};

    thread_local! {
        /// The only start of searches on this thread, in place of a model's own.
        pub(super) static START: RefCell<Option<Vec<f64>>> = const { RefCell::new(None) };
    }

    fn drawn(model: &dyn PurchaseModel) -> Histories {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
        Histories::new(&(0..400).map(|i| model.draw(f64::from(20 + i % 20), &mut rng)).collect::<Vec<_>>())
    }

    /// Random starts of each model.
    const STARTS: usize = 12;

    /// A base on which each of the models has a top of its own.
    fn bases() -> Vec<(ModelName, Histories)> {
        let bg = BgNbd::new(0.6, 4.4, 0.8, 2.4).expect("positive");
        let mbg = MbgNbd::new(0.6, 4.4, 0.8, 2.4).expect("positive");
        let pareto = ParetoNbd::new(0.8, 6.0, 0.7, 12.0).expect("positive");
        let regular = |kind| CnbdK::new(kind, 2, 0.8, 2.0, 0.8, 2.4).expect("positive");
        let donors = BgBb::new(1.2, 0.75, 0.66, 2.8).expect("positive");
        vec![
            (ModelName::BgNbd, drawn(&bg)),
            (ModelName::MbgNbd, drawn(&mbg)),
            (ModelName::ParetoNbd, drawn(&pareto)),
            (ModelName::Nbd, drawn(&Nbd::new(0.6, 4.4).expect("positive"))),
            (ModelName::BgCnbdK, drawn(&regular(Chances::Bg))),
            (ModelName::MbgCnbdK, drawn(&regular(Chances::Mbg))),
            (ModelName::BgBb, drawn(&donors)),
        ]
    }

    #[test]
    fn the_maximum_is_reached_from_any_start() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(12);
        for (name, histories) in bases() {
            let fit = || name.fit(&histories, TimeUnit::Weeks, &FitSettings::default()).expect("a fit").report;
            let best = fit();
            let parameters = best.parameters.len() - usize::from(best.parameters.contains_key("k"));
            for _ in 0..STARTS {
                // A factor of 20 either way in scaled parameters.
                let start: Vec<f64> = (0..parameters).map(|_| rng.gen_range(-3.0_f64..3.0).exp()).collect();
                START.set(Some(start.clone()));
                let other = fit();
                START.set(None);
                assert!((other.log_likelihood / best.log_likelihood - 1.0).abs() < 1e-9, "{name} from {start:?}"); // asked for
                for (parameter, exact) in &best.parameters {
                    let value = other.parameters[parameter];
                    assert!((value / exact - 1.0).abs() < 1e-6, "{name} from {start:?}: {parameter} {value}"); // asked for
                }
            }
        }
    }

    #[test]
    fn block_sums_take_every_row_once() {
        let rows: Vec<f64> = (0..10_000).map(f64::from).collect();
        let [sum] = block_sum(&rows, |row, sums: &mut [f64; 1]| sums[0] += row);
        assert_eq!(sum, 49_995_000.0);
    }

    /// Counts of a Poisson distribution with mean `parameters[0]`.
    struct Poisson(Vec<f64>);

    impl Likelihood for Poisson {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn thinned(&self, step: usize) -> Self {
            Poisson(self.0.iter().step_by(step).copied().collect())
        }

        fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
            let (mean, total, n) = (parameters[0], self.0.iter().sum::<f64>(), self.0.len() as f64);
            (total * mean.ln() - n * mean, vec![total / mean - n])
        }
    }

    fn task(settings: &FitSettings) -> Task<'_> {
        Task {
            model: "poisson",
            parameters: vec![Parameter::shape("mean")],
            fixed: vec![("k", 2.0)],
            starts: vec![vec![0.1], vec![9.0]],
            scale: 1.0,
            log_scale: 0.0,
            customers: 4,
            distinct_rows: 4,
            time_unit: None,
            warnings: Vec::new(),
            settings,
        }
    }

    #[test]
    fn the_maximum_comes_with_its_error_and_interval() {
        let settings = FitSettings::default();
        let (values, report) = task(&settings).maximise(&Poisson(vec![1.0, 2.0, 3.0, 6.0])).expect("a fit");
        assert!((values[0] - 3.0).abs() < 1e-9); // the decrement stops at 1e-18
        let error = report.standard_errors["mean"].expect("an error");
        assert!((error - (3.0_f64 / 4.0).sqrt()).abs() < 1e-3); // the Hessian may be that of the step before
        let [low, high] = report.confidence_intervals["mean"].expect("an interval");
        assert!((low * high - 9.0).abs() < 1e-9 && low < 3.0); // symmetric in the logarithm
        assert_eq!((report.starts, report.starts_agreed, report.log_prior), (2, 2, None));
        assert_eq!(report.parameters["k"], 2.0);
        assert!((report.moved(&[0.5]).parameters["mean"] / values[0] - 0.5_f64.exp()).abs() < 1e-12); // rounding
    }

    #[test]
    fn prior_and_penalty_pull_towards_the_middle() {
        let rows = Poisson(vec![1.0, 2.0, 3.0, 6.0]);
        let plain = task(&FitSettings::default()).maximise(&rows).expect("a fit").0[0];
        let weak = FitSettings { prior: Prior::Weak, ..FitSettings::default() };
        let (by_prior, report) = task(&weak).maximise(&rows).expect("a fit");
        let strong = FitSettings { penalty: 1e6, ..FitSettings::default() };
        let by_penalty = task(&strong).maximise(&rows).expect("a fit").0[0];
        assert!(1.0 < by_prior[0] && by_prior[0] < plain && (by_penalty - 1.0).abs() < 1e-3); // 8 / 1e6, with room
        // The slope of the log posterior vanishes: 12 - 4 m - ln m / 1.5².
        assert!((12.0 - 4.0 * by_prior[0] - by_prior[0].ln() / 2.25).abs() < 1e-8); // as the search ends
        assert!((report.log_prior.expect("a prior") + by_prior[0].ln().powi(2) / 4.5).abs() < 1e-12); // rounding
        assert!((report.log_likelihood - rows.at(&by_prior).0).abs() < 1e-9); // the prior is not in it
    }
}
