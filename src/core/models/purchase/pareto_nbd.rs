//! Pareto/NBD: customers buy at random while they are alive, and may leave at any time.
//!
//! While alive, a customer buys as a Poisson process of rate `λ`; its lifetime is exponential with rate `μ`. Over
//! customers `λ ~ Gamma(r, α)` and `μ ~ Gamma(s, β)`, independently.
//!
//! Schmittlein, D. C., D. G. Morrison and R. Colombo (1987), Counting Your Customers: Who Are They and What Will They
//! Do Next?, Management Science 33(1), 1-24. Fader, P. S. and B. G. S. Hardie (2005), A Note on Deriving the
//! Pareto/NBD Model and Related Expressions, <http://www.brucehardie.com/notes/009/>.
//!
//! The notes write the likelihood with differences of hypergeometric functions, which cancel. Here the integral behind
//! them is taken as it stands: its integrand is positive, and smooth in the logarithm of time.

use std::f64::consts::PI;
use std::sync::LazyLock;

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::TimeUnit;
use crate::models::fit::report::positive;
use crate::models::fit::rows::Rows;
use crate::models::fit::{Parameter, Task, Totals};
use crate::models::{
    FitError, FitReport, FitSettings, Fitted, Histories, History, MOST_COUNTS, ModelName, PurchaseModel,
};
use crate::numeric::hypergeometric::exp_quotient;
use crate::numeric::log_concave::{NODES, ln_integral, side};
use crate::numeric::negative_binomial::NegativeBinomial;
use crate::numeric::quadrature::gauss_legendre;
use crate::numeric::random::{gamma, waiting_time};
use crate::numeric::special::{ln_rising, softplus_with_slope};

/// The model's name in settings and reports.
pub const NAME: &str = "pareto-nbd";

/// The parameters, in the order of the search.
pub(crate) const PARAMETERS: [&str; 4] = ["r", "alpha", "s", "beta"];

/// A Pareto/NBD model with its four parameters.
///
/// ```
/// use clivia_core::models::{History, PurchaseModel};
/// use clivia_core::models::purchase::pareto_nbd::ParetoNbd;
/// let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669)?; // the papers' CDNOW estimates, in weeks
/// // Who never came back may be gone, as may who did not come back for long.
/// assert!(model.p_alive(History::new(0, 0.0, 39.0)) < 0.9);
/// assert!(model.p_alive(History::new(9, 10.0, 39.0)) < model.p_alive(History::new(2, 10.0, 39.0)));
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParetoNbd {
    /// Shape of the purchase rates: the smaller, the more customers differ.
    pub r: f64,
    /// Scale of the purchase rates, in time units: the mean rate is `r / alpha`.
    pub alpha: f64,
    /// Shape of the dropout rates: the smaller, the more customers differ.
    pub s: f64,
    /// Scale of the dropout rates, in time units: the mean rate is `s / beta`.
    pub beta: f64,
}

impl ParetoNbd {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(r: f64, alpha: f64, s: f64, beta: f64) -> Result<Self, FitError> {
        let [r, alpha, s, beta] = [r, alpha, s, beta].map(Some);
        Ok(ParetoNbd {
            r: positive(NAME, "r", r)?,
            alpha: positive(NAME, "alpha", alpha)?,
            s: positive(NAME, "s", s)?,
            beta: positive(NAME, "beta", beta)?,
        })
    }

    /// The model of an earlier fit, for a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Self, FitError> {
        let [r, alpha, s, beta] = report.parameters_in(unit, NAME, PARAMETERS)?;
        ParetoNbd::new(r, alpha, s, beta)
    }

    /// Fits by maximum likelihood, to histories with times in `unit`.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(histories: &Histories, unit: TimeUnit, settings: &FitSettings) -> Result<Fitted<Self>, FitError> {
        let totals = Totals::of(histories)?;
        let scale = totals.time_scale();
        let task = Task {
            model: NAME,
            parameters: vec![
                Parameter::shape("r"),
                Parameter::scale("alpha"),
                Parameter::shape("s"),
                Parameter::scale("beta"),
            ],
            fixed: Vec::new(),
            starts: starts(totals.scaled_rate()),
            scale,
            log_scale: totals.log_scale(),
            customers: histories.customers(),
            distinct_rows: histories.distinct().len(),
            time_unit: Some(unit),
            warnings: Vec::new(),
            settings,
        };
        let (values, report) = task.maximise(&Rows::new(histories, scale, derivatives))?;
        Ok(Fitted { model: ParetoNbd::new(values[0], values[1], values[2], values[3])?, report })
    }

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

    /// Purchases of a customer that stays alive.
    fn counts(&self, History { x, t, .. }: History, horizon: f64) -> NegativeBinomial {
        NegativeBinomial { shape: self.r + f64::from(x), w: horizon / (self.alpha + t) }
    }
}

impl PurchaseModel for ParetoNbd {
    fn name(&self) -> ModelName {
        ModelName::ParetoNbd
    }

    /// The likelihood as a sum over being alive at `T` and having left before:
    ///
    /// ```text
    /// L = Γ(r+x)/Γ(r) α^r β^s [ 1/((α+T)^(r+x) (β+T)^s) + s ∫ du / ((α+u)^(r+x) (β+u)^(s+1)) ],  u from t_x to T
    /// ```
    fn log_likelihood(&self, history: History) -> f64 {
        let [r, alpha, s, beta] = self.parameters();
        let (x, t) = (f64::from(history.x), history.t);
        let alive = ln_rising(r, x).0 - r * (t / alpha).ln_1p() - x * (alpha + t).ln() - s * (t / beta).ln_1p();
        alive + softplus_with_slope(Gone::of(self.parameters(), history, &mut |_, _| {}).log_odds).0
    }

    /// `1 / (1 + odds)`, the odds of having left being the second term of the likelihood over its first.
    fn p_alive(&self, history: History) -> f64 {
        1.0 / (1.0 + Gone::of(self.parameters(), history, &mut |_, _| {}).log_odds.exp())
    }

    /// ```text
    /// (r+x)(β+T) / ((α+T)(s-1)) [1 - ((β+T)/(β+T+t))^(s-1)]
    /// ```
    ///
    /// written so that `s = 1` is nothing special.
    fn purchases_if_alive(&self, History { x, t, .. }: History, horizon: f64) -> f64 {
        let log = (horizon / (self.beta + t)).ln_1p();
        let rate = (self.r + f64::from(x)) / (self.alpha + t);
        if horizon.is_infinite() {
            return if self.s > 1.0 { rate * (self.beta + t) / (self.s - 1.0) } else { f64::INFINITY };
        }
        rate * (self.beta + t) * log * exp_quotient((1.0 - self.s) * log)
    }

    /// ```text
    /// (r+x)/(α+T) ∫ e^(-δu) ((β+T)/(β+T+u))^s du,  u from 0 to t
    /// ```
    ///
    /// The notes write it with Tricomi's function where `t` is infinite. Here the integral is taken as it stands.
    fn discounted_if_alive(&self, history: History, horizon: f64, delta: f64) -> Option<f64> {
        if delta == 0.0 || horizon == 0.0 {
            return None;
        }
        let scale = self.beta + history.t;
        let rate = (self.r + f64::from(history.x)) / (self.alpha + history.t);
        Some(rate * side(&|u: f64| -delta * u - self.s * (u / scale).ln_1p(), &|u: f64| scale + u, 0.0, horizon))
    }

    /// Either the customer lives on to the end, or it leaves after the last of its purchases:
    ///
    /// ```text
    /// P(n) = P(N_t = n) S(t) + ∫ P(N_u = n) s (β+T)^s / (β+T+u)^(s+1) du,   S(u) = ((β+T)/(β+T+u))^s
    /// ```
    fn probability_if_alive(&self, history: History, horizon: f64, n: u32) -> f64 {
        if horizon <= 0.0 {
            return if n == 0 { 1.0 } else { 0.0 };
        }
        let counts = self.counts(history, horizon);
        let (purchase_scale, life_scale) = (self.alpha + history.t, self.beta + history.t);
        let stays = counts.probability(n) * (-self.s * (horizon / life_scale).ln_1p()).exp();
        let (shape, events, s) = (counts.shape, f64::from(n), self.s);
        // In v = ln(u / t), so that the top is not far from 0.
        let integrand = |v: f64| {
            let u = horizon * v.exp();
            let (bought, lived) = (u / purchase_scale, u / life_scale);
            let value = (events + 1.0) * v - (shape + events) * bought.ln_1p() - (s + 1.0) * lived.ln_1p();
            let slope = events + 1.0 - (shape + events) * bought / (1.0 + bought) - (s + 1.0) * lived / (1.0 + lived);
            (value, slope)
        };
        let front = ln_rising(shape, events).0 - ln_rising(1.0, events).0
            + events * (horizon / purchase_scale).ln()
            + (s * horizon / life_scale).ln();
        // Times below 0 are half a turn away from the positive ones.
        stays + (front + ln_integral(integrand, |_| PI, 0.0, 0.0)).exp()
    }

    /// All at once: each node of the integral over lifetimes adds its negative binomial counts.
    fn probabilities_if_alive(&self, history: History, horizon: f64, tail: f64) -> Vec<f64> {
        if horizon <= 0.0 {
            return vec![1.0];
        }
        let lives = self.lives(history, horizon);
        let shape = self.r + f64::from(history.x);
        // Each life with its z and the probability of its present count.
        let mut nodes: Vec<(f64, f64)> = lives
            .iter()
            .map(|(length, weight)| {
                let w = length / (self.alpha + history.t);
                (w / (1.0 + w), weight * (-shape * w.ln_1p()).exp())
            })
            .collect();
        let (mut all, mut rest) = (Vec::new(), 1.0);
        for n in 0..MOST_COUNTS {
            let value: f64 = nodes.iter().map(|(_, value)| value).sum();
            all.push(value);
            rest -= value;
            if rest <= tail || (value < 1e-18 && rest < 1e-6) {
                break;
            }
            let factor = (shape + f64::from(n)) / f64::from(n + 1);
            nodes.iter_mut().for_each(|(z, value)| *value *= factor * *z);
        }
        all
    }

    fn draw(&self, t: f64, rng: &mut Xoshiro256PlusPlus) -> History {
        let rate = gamma(self.r, self.alpha, rng);
        let end = waiting_time(gamma(self.s, self.beta, rng), rng).min(t);
        let (mut x, mut t_x) = (0, 0.0);
        loop {
            let next = t_x + waiting_time(rate, rng);
            if next > end {
                return History::new(x, t_x, t);
            }
            (x, t_x) = (x + 1, next);
        }
    }

    /// Purchases have no memory: of a customer that is alive, `t_x` says nothing more.
    fn while_alive(&self, history: History) -> History {
        History { t_x: history.t, ..history }
    }

    fn time_scale(&self, history: History) -> f64 {
        self.beta + history.t
    }
}

impl ParetoNbd {
    /// Lengths of life within the horizon with their probabilities: nodes of a quadrature, and the end itself.
    fn lives(&self, History { x, t, .. }: History, horizon: f64) -> Vec<(f64, f64)> {
        let (life_scale, shape) = (self.beta + t, self.r + f64::from(x));
        let scale = life_scale.min(self.alpha + t);
        let range = (horizon / scale).ln_1p();
        let spread = (shape + shape * horizon / (self.alpha + t) + self.s).max(1.0);
        let panels = (range / (2.5 / spread.sqrt()).min(1.5)).ceil().clamp(1.0, 400.0);
        let half = 0.5 * range / panels;
        let mut lives = Vec::with_capacity(1 + 12 * panels as usize);
        for panel in 0..panels as usize {
            for (node, weight) in NODES.iter() {
                let v = half * ((2 * panel + 1) as f64 + node);
                let u = scale * v.exp_m1();
                let density = self.s * (-(self.s + 1.0) * (u / life_scale).ln_1p()).exp() / life_scale;
                lives.push((u, weight * half * density * (scale + u)));
            }
        }
        lives.push((horizon, (-self.s * (horizon / life_scale).ln_1p()).exp()));
        lives
    }
}

/// The nodes of a short panel, found once.
static SHORT_NODES: LazyLock<[(f64, f64); 7]> = LazyLock::new(gauss_legendre);

/// The longest panel in log time: a singularity is never nearer than π.
const LONGEST_PANEL: f64 = 2.0;
/// How often a panel may let the integrand fall by a factor of e: twelve nodes hold that to 1e-15, seven to 1e-14.
const MOST_FALL: f64 = 8.0;
/// How often a panel that was cut too short is drawn out.
const MOST_STRETCHES: u32 = 8;
const SHORT_FALL: f64 = 2.0;
const SHORT_PANEL: f64 = 0.7;

/// How likely a customer is to have left, and when.
struct Gone {
    /// `ln [ s ∫ ((α+T)/(α+u))^(r+x) ((β+T)/(β+u))^s du/(β+u) ]` over `u` from `t_x` to `T`.
    log_odds: f64,
}

impl Gone {
    /// Hands each node `u` of the integral to `see`, with its weight relative to the first instant; the sum of the
    /// weights is the integral.
    fn of([r, alpha, s, beta]: [f64; 4], History { x, t_x, t, .. }: History, see: &mut impl FnMut(f64, f64)) -> Gone {
        if t <= t_x {
            return Gone { log_odds: f64::NEG_INFINITY };
        }
        let shape = r + f64::from(x);
        // In v = ln((m+u) / (m+t_x)) with the smaller m of both scales, the other factor is smooth.
        let (m, steep, other, gentle) =
            if alpha < beta { (alpha, shape, beta, s + 1.0) } else { (beta, s + 1.0, alpha, shape) };
        let (near, far) = (m + t_x, other + t_x);
        let range = ((t - t_x) / near).ln_1p();
        let fall = |v: f64| {
            let grown = near * v.exp();
            steep + gentle * grown / (other - m + grown) - 1.0
        };
        let (mut sum, mut from) = (0.0, 0.0);
        while from < range {
            let mut length = LONGEST_PANEL.min(range - from);
            // The fall gets steeper along the panel, so that a panel shortened by its end is short enough; then it is
            // drawn out while it stays so.
            let steepness = |length: f64| fall(from + length).abs().max(1e-300);
            if steepness(length) * length > MOST_FALL {
                length = MOST_FALL / steepness(length);
                for _ in 0..MOST_STRETCHES {
                    let longer = (MOST_FALL / steepness(length)).min(range - from).min(2.0 * length);
                    if longer <= 1.1 * length || steepness(longer) * longer > MOST_FALL {
                        break;
                    }
                    length = longer;
                }
            }
            let steepest = steepness(length);
            let half = 0.5 * length;
            let mut panel = 0.0;
            let mut node = |(node, weight): &(f64, f64)| {
                let v = from + half * (1.0 + node);
                let step = near * v.exp_m1();
                // The other factor relative to the first instant; du = (m+u) dv.
                let log = -(steep - 1.0) * v - gentle * (step / far).ln_1p();
                let value = weight * half * log.exp();
                panel += value;
                see(t_x + step, value);
            };
            if steepest * length <= SHORT_FALL && length <= SHORT_PANEL {
                SHORT_NODES.iter().for_each(&mut node);
            } else {
                NODES.iter().for_each(&mut node);
            }
            sum += panel;
            from += length;
            if panel <= 1e-17 * sum {
                break;
            }
        }
        let since = t - t_x;
        let first = shape * (since / (alpha + t_x)).ln_1p() + s * (since / (beta + t_x)).ln_1p();
        Gone { log_odds: s.ln() + first + (near / (beta + t_x)).ln() + sum.ln() }
    }
}

/// The log-likelihood of a history, its gradient and its second derivatives in `r, α, s, β`, the last two only where
/// `second`; without the terms that depend on `x` alone.
///
/// With `v` the gradient of the integrand's logarithm `φ`, that of the log odds is the mean of `v` over the integral,
/// and its second derivatives are the mean of `φ_ij + v_i v_j` less the product of the means.
fn derivatives(parameters: [f64; 4], history: History, second: bool) -> (f64, [f64; 4], [[f64; 4]; 4]) {
    let [r, alpha, s, beta] = parameters;
    let (x, t) = (f64::from(history.x), history.t);
    let shape = r + x;
    let (log_alpha, log_beta) = ((t / alpha).ln_1p(), (t / beta).ln_1p());
    let (at_alpha, at_beta) = (1.0 / (alpha + t), 1.0 / (beta + t));
    let mut value = -shape * log_alpha - s * log_beta - x * alpha.ln();
    let mut gradient =
        [-log_alpha, shape * (1.0 / alpha - at_alpha) - x / alpha, -log_beta, s * (1.0 / beta - at_beta)];
    let mut hessian = [[0.0; 4]; 4];
    if second {
        hessian[0][1] = 1.0 / alpha - at_alpha;
        hessian[1][1] = shape * (at_alpha * at_alpha - alpha.powi(-2)) + x * alpha.powi(-2);
        hessian[2][3] = 1.0 / beta - at_beta;
        hessian[3][3] = s * (at_beta * at_beta - beta.powi(-2));
    }
    let (mut mass, mut first, mut products) = (0.0, [0.0; 4], [[0.0; 4]; 4]);
    let (log_at_t, log_life) = ((alpha + t).ln(), (beta + t).ln());
    let gone = Gone::of(parameters, history, &mut |u, weight| {
        let (to_alpha, to_beta) = (1.0 / (alpha + u), 1.0 / (beta + u));
        let in_alpha = at_alpha - to_alpha;
        let in_beta = at_beta - to_beta;
        let v = [log_at_t - (alpha + u).ln(), shape * in_alpha, log_life - (beta + u).ln(), s * in_beta - to_beta];
        mass += weight;
        for i in 0..4 {
            first[i] += weight * v[i];
        }
        if second {
            for i in 0..4 {
                for j in i..4 {
                    products[i][j] += weight * v[i] * v[j];
                }
            }
            products[0][1] += weight * in_alpha;
            products[1][1] += weight * shape * (to_alpha * to_alpha - at_alpha * at_alpha);
            products[2][3] += weight * in_beta;
            products[3][3] += weight * (s * (to_beta * to_beta - at_beta * at_beta) + to_beta * to_beta);
        }
    });
    if mass > 0.0 {
        let (log_sum, p_gone) = softplus_with_slope(gone.log_odds);
        let mut mean = first.map(|sum| sum / mass);
        if second {
            let means = mean;
            mean[2] += 1.0 / s;
            for i in 0..4 {
                for j in i..4 {
                    let own = products[i][j] / mass - means[i] * means[j];
                    hessian[i][j] += p_gone * own + p_gone * (1.0 - p_gone) * mean[i] * mean[j];
                }
            }
            hessian[2][2] -= p_gone / (s * s);
        } else {
            mean[2] += 1.0 / s;
        }
        value += log_sum;
        gradient.iter_mut().zip(mean).for_each(|(sum, slope)| *sum += p_gone * slope);
    }
    (value, gradient, hessian)
}

/// The log-likelihood of a history and its gradient in `r, α, s, β`.
pub(crate) fn log_likelihood_slope(parameters: [f64; 4], history: History) -> (f64, [f64; 4]) {
    let (rate, rate_slope) = ln_rising(parameters[0], f64::from(history.x));
    let (value, mut gradient, _) = derivatives(parameters, history, false);
    gradient[0] += rate_slope;
    (value + rate, gradient)
}

/// Unlike, alike and very alike customers, each with the base's own rate, in scaled time.
fn starts(rate: f64) -> Vec<Vec<f64>> {
    [(0.25, 0.4, 1.0), (1.0, 1.0, 2.0), (4.0, 0.2, 0.2)].map(|(r, s, beta)| vec![r, r / rate, s, beta]).to_vec()
}

#[cfg(test)]
mod tests {
    use crate::models::fit::Likelihood;
    use crate::models::purchase::pareto_nbd::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn model() -> ParetoNbd {
        ParetoNbd::new(0.553, 10.578, 0.606, 11.669).expect("positive")
    }

    fn drawn(customers: usize) -> Histories {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        Histories::new(&(0..customers).map(|i| model().draw(20.0 + (i % 30) as f64, &mut rng)).collect::<Vec<_>>())
    }

    #[test]
    fn the_fast_likelihood_is_the_sum_over_customers() {
        let (histories, model) = (drawn(500), model());
        let plain: f64 = histories.map(|history| model.log_likelihood(history)).iter().sum();
        let (fast, _) = Rows::new(&histories, 1.0, derivatives).at(&model.parameters());
        assert!((fast / plain - 1.0).abs() < 1e-12, "{fast} {plain}"); // the order of 500 sums
        let slopes: f64 = histories.map(|history| log_likelihood_slope(model.parameters(), history).0).iter().sum();
        assert!((slopes / plain - 1.0).abs() < 1e-12); // the same sum
    }

    proptest! {
        #[test]
        fn the_derivatives_are_those_of_the_likelihood(
            r in 0.05..5.0, alpha in 0.5..50.0, s in 0.05..5.0, beta in 0.5..50.0
        ) {
            let rows = Rows::new(&drawn(300), 1.0, derivatives);
            let point = [r, alpha, s, beta];
            let (_, gradient) = rows.at(&point);
            let second = rows.second_derivatives(&point).expect("known");
            for (i, exact) in gradient.into_iter().enumerate() {
                let step = 1e-5 * point[i];
                let moved = |by: f64| -> [f64; 4] { std::array::from_fn(|j| if i == j { point[j] + by } else { point[j] }) };
                let (ahead, behind) = (rows.at(&moved(step)), rows.at(&moved(-step)));
                let slope = (ahead.0 - behind.0) / (2.0 * step);
                // Central differences of a sum of about 1e3, which holds twelve digits.
                prop_assert!((exact - slope).abs() < 1e-4 * exact.abs().max(1.0 / point[i]), "{i}: {exact} {slope}");
                for j in 0..4 {
                    let near = (ahead.1[j] - behind.1[j]) / (2.0 * step);
                    // As above, of the gradient.
                    prop_assert!((second[i][j] - near).abs() < 1e-4 * near.abs().max(1.0 / (point[i] * point[j])), "{i} {j}");
                }
            }
        }
    }

    #[test]
    fn the_truth_is_found_again() {
        let Fitted { report, .. } =
            ParetoNbd::fit(&drawn(20_000), TimeUnit::Weeks, &FitSettings::default()).expect("a fit");
        for (name, truth) in PARAMETERS.iter().zip(model().parameters()) {
            let error = report.standard_errors[*name].expect("identified");
            assert!((report.parameters[*name] - truth).abs() < 3.5 * error, "{name}");
        }
    }

    #[test]
    fn the_counts_have_the_expected_mean() {
        for history in [History::NEW, History::new(2, 30.0, 39.0), History::new(60, 30.0, 39.0)] {
            let counts = model().probabilities_if_alive(history, 39.0, 1e-13);
            let mean: f64 = counts.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            let exact = model().purchases_if_alive(history, 39.0);
            assert!((mean / exact - 1.0).abs() < 1e-9, "{history:?} {mean} {exact}"); // the tail cut off
            for (n, value) in counts.iter().enumerate().step_by(7) {
                let exact = model().probability_if_alive(history, 39.0, n as u32);
                assert!((value - exact).abs() < 1e-10, "{history:?} {n} {value} {exact}"); // the coarser quadrature
            }
        }
    }

    #[test]
    fn a_history_without_time_since_is_alive() {
        assert_eq!(model().p_alive(History::new(3, 9.0, 9.0)), 1.0);
        assert_eq!(model().purchases_if_alive(History::new(3, 9.0, 9.0), 0.0), 0.0);
    }
}
