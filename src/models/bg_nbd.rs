//! BG/NBD: customers buy at random while they are alive, and may leave after any purchase.
//!
//! While alive, a customer buys as a Poisson process of rate `λ`; after each purchase it leaves with
//! probability `p`. Over customers `λ ~ Gamma(r, α)` and `p ~ Beta(a, b)`, independently.
//!
//! Fader, P. S., B. G. S. Hardie and K. L. Lee (2005), "Counting Your Customers" the Easy Way: An
//! Alternative to the Pareto/NBD Model, Marketing Science 24(2), 275-284. Equation numbers are the
//! paper's. P(alive): the same authors (2008), Computing P(alive) Using the BG/NBD Model.

use std::collections::HashMap;

use crate::models::{
    Fit, FitError, FitReport, Fitted, Histories, History, Likelihood, Outcome, PurchaseModel, block_sum, maximise,
    positive,
};
use crate::numeric::hypergeometric::gauss_quotient;
use crate::numeric::special::{ln_rising, softplus, softplus_with_slope};
use crate::summary::Summary;
use crate::units::TimeUnit;

/// The model's name in settings and reports.
pub const NAME: &str = "bg-nbd";

const PARAMETERS: [&str; 4] = ["r", "alpha", "a", "b"];

/// A BG/NBD model with its four parameters.
///
/// ```
/// use clivia::models::{History, PurchaseModel, bg_nbd::BgNbd};
/// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?; // the paper's CDNOW estimates, in weeks
/// let customer = History { x: 2, t_x: 30.43, t: 38.86 };
/// assert!((model.expected_purchases(customer, 39.0) - 1.226).abs() < 5e-4);
/// # Ok::<(), clivia::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BgNbd {
    /// Shape of the purchase rates: the smaller, the more customers differ.
    pub r: f64,
    /// Scale of the purchase rates, in time units: the mean rate is `r / alpha`.
    pub alpha: f64,
    /// First shape of the dropout probability: the mean is `a / (a + b)`.
    pub a: f64,
    /// Second shape of the dropout probability.
    pub b: f64,
}

impl BgNbd {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, FitError> {
        let [r, alpha, a, b] = [r, alpha, a, b].map(Some);
        Ok(BgNbd {
            r: positive(NAME, "r", r)?,
            alpha: positive(NAME, "alpha", alpha)?,
            a: positive(NAME, "a", a)?,
            b: positive(NAME, "b", b)?,
        })
    }

    /// The model of an earlier fit, for a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`] where the report does
    /// not hold this model in this unit.
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Self, FitError> {
        let [r, alpha, a, b] = report.parameters_of(NAME, PARAMETERS)?;
        if report.time_unit != Some(unit) {
            return Err(FitError::OtherUnit { model: NAME, fitted: report.time_unit, run: unit });
        }
        BgNbd::new(r, alpha, a, b)
    }

    /// `ln [ a / (b+x-1) ((α+T) / (α+t_x))^(r+x) ]`: the log odds that a repeat buyer has left.
    fn log_odds_gone(&self, History { x, t_x, t }: History) -> f64 {
        let x = f64::from(x);
        (self.a / (self.b + x - 1.0)).ln() + (self.r + x) * ((t - t_x) / (self.alpha + t_x)).ln_1p()
    }
}

impl PurchaseModel for BgNbd {
    /// Equation (6):
    ///
    /// ```text
    /// L = B(a, b+x)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+T)^(r+x))
    ///   + [x > 0] B(a+1, b+x-1)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+t_x)^(r+x))
    /// ```
    ///
    /// The second term is the first times the odds that the customer has left.
    fn log_likelihood(&self, history: History) -> f64 {
        let BgNbd { r, alpha, a, b } = *self;
        let x = f64::from(history.x);
        let rate = ln_rising(r, x).0 - r * (history.t / alpha).ln_1p() - x * (alpha + history.t).ln();
        let stayed = ln_rising(b, x).0 - ln_rising(a + b, x).0;
        let gone = if history.x > 0 { softplus(self.log_odds_gone(history)) } else { 0.0 };
        rate + stayed + gone
    }

    /// The note of 2008, for a customer drawn at random:
    ///
    /// ```text
    /// P(alive | x, t_x, T) = 1 / (1 + [x > 0] a / (b+x-1) ((α+T) / (α+t_x))^(r+x))
    /// ```
    ///
    /// It is 1 for a customer without a repeat purchase: the model lets customers leave only after one.
    fn p_alive(&self, history: History) -> f64 {
        if history.x == 0 { 1.0 } else { 1.0 / (1.0 + self.log_odds_gone(history).exp()) }
    }

    /// The numerator of equation (10); its denominator is `1 / P(alive)`:
    ///
    /// ```text
    /// (a+b+x-1)/(a-1) [1 - ((α+T)/(α+T+t))^(r+x) ₂F₁(r+x, b+x; a+b+x-1; t/(α+T+t))]
    /// ```
    ///
    /// By Pfaff's transformation the product in the bracket is `₂F₁(r+x, a-1; a+b+x-1; -t/(α+T))`, so
    /// that the whole is a difference quotient without a singularity at `a = 1`.
    fn purchases_if_alive(&self, History { x, t, .. }: History, horizon: f64) -> f64 {
        let x = f64::from(x);
        gauss_quotient(self.r + x, self.a, self.b + x, horizon / (self.alpha + t))
    }

    /// Equation (9), transformed as equation (10):
    ///
    /// ```text
    /// E[X(t)] = (a+b-1)/(a-1) [1 - (α/(α+t))^r ₂F₁(r, b; a+b-1; t/(α+t))]
    /// ```
    fn expectation(&self, t: f64) -> f64 {
        gauss_quotient(self.r, self.a, self.b, t / self.alpha)
    }

    /// Purchases have no memory: of a customer that is alive, `t_x` says nothing more.
    fn while_alive(&self, history: History) -> History {
        History { t_x: history.t, ..history }
    }

    /// Time enters equation (10) as `t / (α+T)`.
    fn time_scale(&self, history: History) -> f64 {
        self.alpha + history.t
    }
}

/// Fits a [`BgNbd`] by maximum likelihood, in the summary's time unit.
///
/// Time is rescaled inside by the base's own rhythm, so days, weeks and months give the same fit.
///
/// ```
/// use clivia::ids::Ids;
/// use clivia::models::{Fit, FitError, bg_nbd::FitBgNbd};
/// use clivia::summary::Summary;
/// use clivia::units::{Day, TimeUnit};
/// let day = Day(0);
/// let base = Summary {
///     as_of: Day(70), unit: TimeUnit::Weeks, ids: Ids::from_iter(["ann", "bob"]), orders: vec![1, 1],
///     frequency: vec![0, 0], last_purchase_age: vec![0.0, 0.0], age: vec![10.0, 10.0],
///     first_order: vec![day, day], last_order: vec![day, day], spend: None,
/// };
/// assert_eq!(FitBgNbd.fit(&base), Err(FitError::NoRepeatPurchases { customers: 2 }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FitBgNbd;

impl Fit for FitBgNbd {
    type Fitted = Fitted<BgNbd>;

    fn fit(&self, summary: &Summary) -> Result<Fitted<BgNbd>, FitError> {
        self.fit_histories(&Histories::of(summary), summary.unit)
    }
}

impl FitBgNbd {
    /// The fit on histories already brought together, with times in `unit`.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn fit_histories(&self, histories: &Histories, unit: TimeUnit) -> Result<Fitted<BgNbd>, FitError> {
        let totals = Totals::of(histories);
        totals.check(histories.customers())?;
        let scale = totals.time_scale();
        let minimum = maximise(&Rows::new(histories, scale), &totals.starts());
        let outcome = Outcome {
            model: NAME,
            names: PARAMETERS,
            scales: [1.0, scale, 1.0, 1.0],
            // Each repeat purchase has a density in time, so each brings a factor 1 / scale.
            log_scale: -totals.repeats * scale.ln(),
            customers: histories.customers(),
            distinct_rows: histories.distinct().len(),
            time_unit: Some(unit),
            warnings: Vec::new(),
        };
        let ([r, alpha, a, b], report) = outcome.report(&minimum)?;
        Ok(Fitted { model: BgNbd::new(r, alpha, a, b)?, report })
    }
}

/// Sums over customers that decide whether and where to start.
struct Totals {
    customers: f64,
    repeats: f64,
    age: f64,
}

impl Totals {
    fn of(histories: &Histories) -> Self {
        let rows: Vec<_> = histories.distinct().iter().zip(histories.weights()).collect();
        let [customers, repeats, age] = block_sum(&rows, |(history, weight), sums| {
            sums[0] += **weight;
            sums[1] += **weight * f64::from(history.x);
            sums[2] += **weight * history.t;
        });
        Totals { customers, repeats, age }
    }

    fn check(&self, customers: usize) -> Result<(), FitError> {
        match customers {
            0 => Err(FitError::NoCustomers),
            1 => Err(FitError::OneCustomer),
            _ if self.age <= 0.0 => Err(FitError::NoTime { customers }),
            _ if self.repeats <= 0.0 => Err(FitError::NoRepeatPurchases { customers }),
            _ => Ok(()),
        }
    }

    /// Between the mean age and the mean time between purchases, so that `alpha` is of order one for
    /// rare and for heavy buyers alike.
    fn time_scale(&self) -> f64 {
        self.age / (self.customers * self.repeats).sqrt()
    }

    /// Unlike, alike and very alike customers, each with the base's own rate, in scaled time.
    fn starts(&self) -> [[f64; 4]; 3] {
        let rate = (self.repeats / self.customers).sqrt();
        [(0.25, 0.8, 2.5), (1.0, 1.0, 5.0), (4.0, 0.3, 3.0)].map(|(r, a, b)| [r, r / rate, a, b])
    }
}

/// Distinct histories in scaled time, with every `x` and every time numbered, so that the likelihood
/// takes each gamma function once an `x` and each logarithm once a time.
struct Rows {
    rows: Vec<Row>,
    xs: Vec<PerX>,
    times: Vec<f64>,
}

struct Row {
    x: u32,
    t_x: u32,
    t: u32,
    repeat: bool,
    weight: f64,
}

/// A frequency and how many customers have it.
struct PerX {
    x: f64,
    customers: f64,
}

impl Rows {
    fn new(histories: &Histories, scale: f64) -> Self {
        let mut all = Rows { rows: Vec::new(), xs: Vec::new(), times: Vec::new() };
        let mut numbers = HashMap::new();
        for (history, &weight) in histories.distinct().iter().zip(histories.weights()) {
            let mut number = |time: f64| {
                *numbers.entry(time.to_bits()).or_insert_with(|| {
                    all.times.push(time / scale);
                    all.times.len() as u32 - 1
                })
            };
            let (t_x, t) = (number(history.t_x), number(history.t));
            all.push(f64::from(history.x), Row { x: 0, t_x, t, repeat: history.x > 0, weight });
        }
        all
    }

    /// Adds a row of a frequency not below those before it.
    fn push(&mut self, x: f64, row: Row) {
        if self.xs.last().is_none_or(|last| last.x != x) {
            self.xs.push(PerX { x, customers: 0.0 });
        }
        let number = self.xs.len() - 1;
        self.xs[number].customers += row.weight;
        self.rows.push(Row { x: number as u32, ..row });
    }

    /// The part of equation (6) that depends on `x` alone, and its gradient:
    /// `Γ(r+x)/Γ(r) α^-x · B(a, b+x)/B(a, b)`.
    fn gamma_part(&self, &[r, alpha, a, b]: &[f64; 4]) -> (f64, [f64; 4]) {
        let (mut value, mut gradient) = (0.0, [0.0; 4]);
        for &PerX { x, customers } in &self.xs {
            let (rate, rate_slope) = ln_rising(r, x);
            let (stay, stay_slope) = ln_rising(b, x);
            let (either, either_slope) = ln_rising(a + b, x);
            value += customers * (rate - x * alpha.ln() + stay - either);
            gradient[0] += customers * rate_slope;
            gradient[1] -= customers * x / alpha;
            gradient[2] -= customers * either_slope;
            gradient[3] += customers * (stay_slope - either_slope);
        }
        (value, gradient)
    }

    /// The part that depends on times, `-(r+x) ln(1 + T/α) + ln(1 + odds gone)`, and its gradient.
    fn time_part(&self, &[r, alpha, a, b]: &[f64; 4]) -> (f64, [f64; 4]) {
        // ln(1 + t/α) and minus its slope in α, for every time.
        let at_time = |time: &f64| ((time / alpha).ln_1p(), time / (alpha * (alpha + time)));
        let times: Vec<(f64, f64)> = self.times.iter().map(at_time).collect();
        let per_x: Vec<(f64, f64)> = self.xs.iter().map(|per| (r + per.x, b + per.x - 1.0)).collect();
        let odds_once: Vec<f64> = per_x.iter().map(|&(_, stays)| (a / stays).ln()).collect();
        let [value, dr, dalpha, da, db] = block_sum(&self.rows, |row, sums: &mut [f64; 5]| {
            let (shape, stays) = per_x[row.x as usize];
            let (log_t, slope_t) = times[row.t as usize];
            sums[0] -= row.weight * shape * log_t;
            sums[1] -= row.weight * log_t;
            sums[2] += row.weight * shape * slope_t;
            if row.repeat {
                let (log_t_x, slope_t_x) = times[row.t_x as usize];
                let (log_sum, gone) = softplus_with_slope(odds_once[row.x as usize] + shape * (log_t - log_t_x));
                let gone = row.weight * gone;
                sums[0] += row.weight * log_sum;
                sums[1] += gone * (log_t - log_t_x);
                sums[2] += gone * shape * (slope_t_x - slope_t);
                sums[3] += gone;
                sums[4] -= gone / stays;
            }
        });
        (value, [dr, dalpha, da / a, db])
    }
}

impl Likelihood<4> for Rows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn thinned(&self, step: usize) -> Self {
        let mut thin = Rows { rows: Vec::new(), xs: Vec::new(), times: self.times.clone() };
        for row in self.rows.iter().step_by(step) {
            thin.push(self.xs[row.x as usize].x, Row { ..*row });
        }
        thin
    }

    fn at(&self, parameters: &[f64; 4]) -> (f64, [f64; 4]) {
        let (gamma, gamma_gradient) = self.gamma_part(parameters);
        let (time, time_gradient) = self.time_part(parameters);
        (gamma + time, std::array::from_fn(|i| gamma_gradient[i] + time_gradient[i]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_histories() -> Histories {
        let history = |i: u32| {
            let (x, t) = (i % 7, 20.0 + f64::from(i % 11));
            History { x, t_x: if x == 0 { 0.0 } else { t * f64::from(1 + i % 5) / 6.0 }, t }
        };
        Histories::new(&(0..500).map(history).collect::<Vec<_>>())
    }

    #[test]
    fn the_fast_likelihood_is_the_sum_over_customers() {
        let histories = some_histories();
        let model = BgNbd::new(0.7, 5.0, 0.9, 2.2).expect("positive");
        let plain: f64 = histories.map(|history| model.log_likelihood(history)).iter().sum();
        let (fast, _) = Rows::new(&histories, 1.0).at(&[model.r, model.alpha, model.a, model.b]);
        assert!((fast / plain - 1.0).abs() < 1e-12); // the order of 500 sums
    }

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let rows = Rows::new(&some_histories(), 1.0);
        let point = [0.7, 5.0, 0.9, 2.2];
        let (_, gradient) = rows.at(&point);
        for (i, exact) in gradient.into_iter().enumerate() {
            let moved = |by: f64| std::array::from_fn(|j| if i == j { point[j] + by } else { point[j] });
            let slope = (rows.at(&moved(1e-5)).0 - rows.at(&moved(-1e-5)).0) / 2e-5;
            assert!((exact - slope).abs() < 1e-5 * exact.abs().max(1.0)); // of central differences
        }
    }

    #[test]
    fn degenerate_bases_say_what_they_are() {
        let fit =
            |seen: &[History]| FitBgNbd.fit_histories(&Histories::new(seen), TimeUnit::Weeks).expect_err("degenerate");
        let once = History { x: 0, t_x: 0.0, t: 9.0 };
        assert_eq!(fit(&[]), FitError::NoCustomers);
        assert_eq!(fit(&[once]), FitError::OneCustomer);
        assert_eq!(fit(&[once; 3]), FitError::NoRepeatPurchases { customers: 3 });
        assert_eq!(fit(&[History { t: 0.0, ..once }; 3]), FitError::NoTime { customers: 3 });
    }

    #[test]
    fn a_base_that_nobody_leaves_is_fitted_with_a_warning() {
        let loyal = |i: u32| History { x: 1 + i % 9, t_x: 30.0, t: 30.0 };
        let histories = Histories::new(&(0..400).map(loyal).collect::<Vec<_>>());
        let fitted = FitBgNbd.fit_histories(&histories, TimeUnit::Weeks).expect("a fit at the edge");
        assert!(!fitted.report.warnings.is_empty());
        assert!(fitted.model.p_alive(loyal(3)) > 0.999);
    }

    #[test]
    fn a_report_gives_its_model_back_and_no_other() {
        let fitted = FitBgNbd.fit_histories(&some_histories(), TimeUnit::Weeks).expect("a fit");
        let text = serde_json::to_string(&fitted.report).expect("JSON");
        let report: FitReport = serde_json::from_str(&text).expect("the same report");
        assert_eq!(BgNbd::from_report(&report, TimeUnit::Weeks), Ok(fitted.model));
        assert!(matches!(BgNbd::from_report(&report, TimeUnit::Days), Err(FitError::OtherUnit { .. })));
        let mut broken = report.clone();
        broken.parameters.insert("a".into(), -1.0);
        assert!(matches!(BgNbd::from_report(&broken, TimeUnit::Weeks), Err(FitError::Parameter { name: "a", .. })));
        broken.model = "gamma-gamma".into();
        assert!(matches!(BgNbd::from_report(&broken, TimeUnit::Weeks), Err(FitError::OtherModel { .. })));
    }

    #[test]
    fn predictions_stay_in_their_range() {
        let model = BgNbd::new(0.243, 4.414, 0.793, 2.426).expect("positive");
        for x in [0, 1, 5, 20_000] {
            for t_x in [0.0, 1e-3, 50.0] {
                let history = History { x, t_x, t: 100.0 };
                let (alive, ahead) = (model.p_alive(history), model.expected_purchases(history, 52.0));
                assert!((0.0..=1.0).contains(&alive) && ahead >= 0.0 && ahead.is_finite());
                assert_eq!(model.expected_purchases(history, 0.0), 0.0);
            }
        }
    }
}
