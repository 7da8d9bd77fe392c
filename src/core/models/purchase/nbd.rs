//! NBD: customers buy at random and never leave. What the other models fall back to where nobody seems to leave.
//!
//! A customer buys as a Poisson process of rate `λ`, and `λ ~ Gamma(r, α)` over customers.
//!
//! Ehrenberg, A. S. C. (1959), The Pattern of Consumer Purchases, Applied Statistics 8(1), 26-41.

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::TimeUnit;
use crate::models::fit::report::positive;
use crate::models::fit::{Likelihood, Parameter, Task, Totals, block_sum};
use crate::models::{
    FitError, FitReport, FitSettings, Fitted, Histories, History, MOST_COUNTS, ModelName, PurchaseModel,
};
use crate::numeric::negative_binomial::NegativeBinomial;
use crate::numeric::random::{gamma, waiting_time};
use crate::numeric::special::ln_rising;

/// The model's name in settings and reports.
pub const NAME: &str = "nbd";

const PARAMETERS: [&str; 2] = ["r", "alpha"];

/// An NBD model with its two parameters.
///
/// ```
/// use clivia_core::models::{History, PurchaseModel};
/// use clivia_core::models::purchase::nbd::Nbd;
/// let model = Nbd::new(0.4, 8.0)?;
/// assert_eq!(model.p_alive(History::new(3, 1.0, 500.0)), 1.0);
/// assert!((model.expectation(20.0) - 1.0).abs() < 1e-12); // r t / alpha
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nbd {
    /// Shape of the purchase rates: the smaller, the more customers differ.
    pub r: f64,
    /// Scale of the purchase rates, in time units: the mean rate is `r / alpha`.
    pub alpha: f64,
}

impl Nbd {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(r: f64, alpha: f64) -> Result<Self, FitError> {
        Ok(Nbd { r: positive(NAME, "r", Some(r))?, alpha: positive(NAME, "alpha", Some(alpha))? })
    }

    /// The model of an earlier fit, for a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Self, FitError> {
        let [r, alpha] = report.parameters_in(unit, NAME, PARAMETERS)?;
        Nbd::new(r, alpha)
    }

    /// Fits by maximum likelihood, to histories with times in `unit`.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(histories: &Histories, unit: TimeUnit, settings: &FitSettings) -> Result<Fitted<Self>, FitError> {
        let totals = Totals::of(histories)?;
        let scale = totals.time_scale();
        let rate = totals.scaled_rate();
        let task = Task {
            model: NAME,
            parameters: vec![Parameter::shape("r"), Parameter::scale("alpha")],
            fixed: Vec::new(),
            starts: [0.25, 1.0, 4.0].map(|r| vec![r, r / rate]).to_vec(),
            scale,
            log_scale: totals.log_scale(),
            customers: histories.customers(),
            distinct_rows: histories.distinct().len(),
            time_unit: Some(unit),
            warnings: Vec::new(),
            settings,
        };
        let (values, report) = task.maximise(&Rows::new(histories, scale))?;
        Ok(Fitted { model: Nbd::new(values[0], values[1])?, report })
    }

    fn counts(&self, History { x, t, .. }: History, horizon: f64) -> NegativeBinomial {
        NegativeBinomial { shape: self.r + f64::from(x), w: horizon / (self.alpha + t) }
    }
}

impl PurchaseModel for Nbd {
    fn name(&self) -> ModelName {
        ModelName::Nbd
    }

    /// ```text
    /// L = Γ(r+x)/Γ(r) α^r / (α+T)^(r+x)
    /// ```
    ///
    /// the density of purchases at given times, so that it compares with the other models'.
    fn log_likelihood(&self, history: History) -> f64 {
        let (x, t) = (f64::from(history.x), history.t);
        ln_rising(self.r, x).0 - self.r * (t / self.alpha).ln_1p() - x * (self.alpha + t).ln()
    }

    fn p_alive(&self, _: History) -> f64 {
        1.0
    }

    /// `(r+x) t / (α+T)`.
    fn purchases_if_alive(&self, History { x, t, .. }: History, horizon: f64) -> f64 {
        (self.r + f64::from(x)) * horizon / (self.alpha + t)
    }

    /// `(r+x)/(α+T) (1 - e^(-δt))/δ`.
    fn discounted_if_alive(&self, History { x, t, .. }: History, horizon: f64, delta: f64) -> Option<f64> {
        let time = if delta == 0.0 { horizon } else { -(-delta * horizon).exp_m1() / delta };
        Some((self.r + f64::from(x)) * time / (self.alpha + t))
    }

    fn probability_if_alive(&self, history: History, horizon: f64, n: u32) -> f64 {
        self.counts(history, horizon).probability(n)
    }

    fn probabilities_if_alive(&self, history: History, horizon: f64, tail: f64) -> Vec<f64> {
        let mut rest = 1.0;
        let counts = self.counts(history, horizon).probabilities().take(MOST_COUNTS as usize);
        let enough = |value: &f64| {
            let before = rest;
            rest -= value;
            before > tail
        };
        counts.take_while(enough).collect()
    }

    fn draw(&self, t: f64, rng: &mut Xoshiro256PlusPlus) -> History {
        let rate = gamma(self.r, self.alpha, rng);
        let (mut x, mut t_x) = (0, 0.0);
        loop {
            let next = t_x + waiting_time(rate, rng);
            if next > t {
                return History::new(x, t_x, t);
            }
            (x, t_x) = (x + 1, next);
        }
    }

    /// Purchases have no memory: `t_x` says nothing.
    fn while_alive(&self, history: History) -> History {
        History { t_x: history.t, ..history }
    }

    fn time_scale(&self, history: History) -> f64 {
        self.alpha + history.t
    }
}

/// Distinct `(x, T)` in scaled time.
struct Rows {
    rows: Vec<(f64, f64, f64)>,
    /// Each `x` and how many customers have it.
    xs: Vec<(f64, f64)>,
}

impl Rows {
    fn new(histories: &Histories, scale: f64) -> Self {
        let mut rows: Vec<(f64, f64, f64)> = Vec::new();
        // Sorted by x, then T, so that those who differ in t_x alone are neighbours.
        for (history, weight) in histories.distinct().iter().zip(histories.weights()) {
            let (x, t) = (f64::from(history.x), history.t / scale);
            match rows.last_mut().filter(|last| last.0 == x && last.1 == t) {
                Some(last) => last.2 += weight,
                None => rows.push((x, t, *weight)),
            }
        }
        Self::of(rows)
    }

    fn of(rows: Vec<(f64, f64, f64)>) -> Self {
        let mut xs: Vec<(f64, f64)> = Vec::new();
        for (x, _, weight) in &rows {
            match xs.last_mut().filter(|last| last.0 == *x) {
                Some(last) => last.1 += weight,
                None => xs.push((*x, *weight)),
            }
        }
        Rows { rows, xs }
    }
}

impl Likelihood for Rows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn thinned(&self, step: usize) -> Self {
        Rows::of(self.rows.iter().step_by(step).copied().collect())
    }

    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let (r, alpha) = (parameters[0], parameters[1]);
        let [mut value, mut in_r, mut in_alpha] = block_sum(&self.rows, |&(x, t, weight), sums| {
            let log = (t / alpha).ln_1p();
            sums[0] -= weight * (r + x) * log;
            sums[1] -= weight * log;
            sums[2] += weight * (r + x) * t / (alpha * (alpha + t));
        });
        for (x, customers) in &self.xs {
            let (log, slope) = ln_rising(r, *x);
            value += customers * (log - x * alpha.ln());
            in_r += customers * slope;
            in_alpha -= customers * x / alpha;
        }
        (value, vec![in_r, in_alpha])
    }
}

#[cfg(test)]
mod tests {
    use crate::models::purchase::nbd::*;
    use rand::SeedableRng;

    fn drawn(customers: usize) -> Histories {
        let (model, mut rng) = (Nbd { r: 0.4, alpha: 8.0 }, Xoshiro256PlusPlus::seed_from_u64(3));
        Histories::new(&(0..customers).map(|i| model.draw(20.0 + (i % 30) as f64, &mut rng)).collect::<Vec<_>>())
    }

    #[test]
    fn the_fast_likelihood_is_the_sum_over_customers() {
        let (histories, model) = (drawn(500), Nbd { r: 0.7, alpha: 5.0 });
        let plain: f64 = histories.map(|history| model.log_likelihood(history)).iter().sum();
        let (fast, gradient) = Rows::new(&histories, 1.0).at(&[model.r, model.alpha]);
        assert!((fast / plain - 1.0).abs() < 1e-12); // the order of 500 sums
        for (i, exact) in gradient.into_iter().enumerate() {
            let moved =
                |by: f64| [model.r + if i == 0 { by } else { 0.0 }, model.alpha + if i == 1 { by } else { 0.0 }];
            let rows = Rows::new(&histories, 1.0);
            let slope = (rows.at(&moved(1e-5)).0 - rows.at(&moved(-1e-5)).0) / 2e-5;
            assert!((exact - slope).abs() < 1e-5 * exact.abs().max(1.0)); // of central differences
        }
    }

    #[test]
    fn the_truth_is_found_again() {
        let Fitted { report, .. } = Nbd::fit(&drawn(20_000), TimeUnit::Weeks, &FitSettings::default()).expect("a fit");
        for (name, truth) in [("r", 0.4), ("alpha", 8.0)] {
            let error = report.standard_errors[name].expect("identified");
            assert!((report.parameters[name] - truth).abs() < 3.5 * error, "{name}");
        }
    }

    #[test]
    fn the_counts_have_the_expected_mean() {
        let (model, history) = (Nbd { r: 0.4, alpha: 8.0 }, History::new(3, 2.0, 30.0));
        let counts = model.probabilities_if_alive(history, 52.0, 1e-13);
        let mean: f64 = counts.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
        assert!((mean / model.purchases_if_alive(history, 52.0) - 1.0).abs() < 1e-9); // the tail cut off
    }
}
