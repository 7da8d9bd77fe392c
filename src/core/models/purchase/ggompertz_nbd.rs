//! GGompertz/NBD: as Pareto/NBD, but the risk of leaving may grow with age.
//!
//! While alive, a customer buys as a Poisson process of rate `λ`; its lifetime is Gompertz, with
//! `P(lifetime > t) = exp(-η (e^(bt) - 1))`. Over customers `λ ~ Gamma(r, α)` and `η ~ Gamma(s, β)`, independently, so
//! that the lifetime of a customer drawn at random has `S(t) = (β / (β + e^(bt) - 1))^s`. Where `b` and `β` go to 0
//! together, this is Pareto/NBD with the scale `β/b`; its parameters are then hardly to be told apart.
//!
//! Bemmaor, A. C. and N. Glady (2012), Modeling Purchasing Behavior with Sudden "Death": A Flexible Customer Lifetime
//! Model, Management Science 58(5), 1012-1021.
//!
//! Everything here is integrated from the model itself. The printed expectation is reported to come out too high; that
//! by integration agrees with simulated customers.

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::TimeUnit;
use crate::models::fit::report::positive;
use crate::models::fit::rows::{Derivatives, Rows};
use crate::models::fit::{Parameter, Task, Totals};
use crate::models::{
    FitError, FitReport, FitSettings, Fitted, Histories, History, MOST_COUNTS, ModelName, PurchaseModel,
};
use crate::numeric::log_concave::{NODES, ln_integral, panel_length, side};
use crate::numeric::negative_binomial::NegativeBinomial;
use crate::numeric::random::{gamma, waiting_time};
use crate::numeric::special::{ln_rising, softplus_with_slope};

/// The model's name in settings and reports.
pub const NAME: &str = "ggompertz-nbd";

/// The parameters, in the order of the search.
const PARAMETERS: [&str; 5] = ["r", "alpha", "b", "s", "beta"];

/// A GGompertz/NBD model with its five parameters.
///
/// ```
/// use clivia_core::models::{History, PurchaseModel};
/// use clivia_core::models::purchase::ggompertz_nbd::GgompertzNbd;
/// let model = GgompertzNbd::new(0.55, 10.6, 0.05, 0.6, 1.0)?;
/// assert!(model.p_alive(History::new(2, 30.0, 39.0)) > model.p_alive(History::new(2, 10.0, 39.0)));
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GgompertzNbd {
    /// Shape of the purchase rates: the smaller, the more customers differ.
    pub r: f64,
    /// Scale of the purchase rates, in time units: the mean rate is `r / alpha`.
    pub alpha: f64,
    /// How fast the risk of leaving grows, per time unit.
    pub b: f64,
    /// Shape of the lifetimes' frailty: the smaller, the more customers differ.
    pub s: f64,
    /// Scale of the lifetimes' frailty, without unit.
    pub beta: f64,
}

impl GgompertzNbd {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(r: f64, alpha: f64, b: f64, s: f64, beta: f64) -> Result<Self, FitError> {
        let [r, alpha, b, s, beta] = [r, alpha, b, s, beta].map(Some);
        Ok(GgompertzNbd {
            r: positive(NAME, "r", r)?,
            alpha: positive(NAME, "alpha", alpha)?,
            b: positive(NAME, "b", b)?,
            s: positive(NAME, "s", s)?,
            beta: positive(NAME, "beta", beta)?,
        })
    }

    /// The model of an earlier fit, for a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Self, FitError> {
        let [r, alpha, b, s, beta] = report.parameters_in(unit, NAME, PARAMETERS)?;
        GgompertzNbd::new(r, alpha, b, s, beta)
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
                Parameter::rate("b"),
                Parameter::shape("s"),
                Parameter::shape("beta"),
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
        Ok(Fitted { model: GgompertzNbd::new(values[0], values[1], values[2], values[3], values[4])?, report })
    }

    fn parameters(&self) -> [f64; 5] {
        [self.r, self.alpha, self.b, self.s, self.beta]
    }

    fn life(&self) -> Life {
        Life { b: self.b, beta: self.beta }
    }

    /// Purchases of a customer that stays alive.
    fn counts(&self, History { x, t, .. }: History, horizon: f64) -> NegativeBinomial {
        NegativeBinomial { shape: self.r + f64::from(x), w: horizon / (self.alpha + t) }
    }

    /// `∫ e^(-δu) S(T+u)/S(T) du` from 0 to the horizon: how long a customer that is alive at `T` is expected to stay in
    /// it, its time discounted.
    fn time_left(&self, t: f64, horizon: f64, delta: f64) -> f64 {
        let life = self.life();
        let now = life.log(t);
        side(&|u: f64| -delta * u - self.s * (life.log(t + u) - now), &|u: f64| life.reach(t + u), 0.0, horizon)
    }
}

/// `β + e^(bt) - 1`, by its logarithm, which does not overflow.
#[derive(Debug, Clone, Copy)]
struct Life {
    b: f64,
    beta: f64,
}

impl Life {
    /// `Y(t) = ln(β + e^(bt) - 1)`.
    fn log(self, t: f64) -> f64 {
        let bt = self.b * t;
        if bt < 40.0 { (self.beta + bt.exp_m1()).ln() } else { bt + ((self.beta - 1.0) * (-bt).exp()).ln_1p() }
    }

    /// `e^(bt) / (β + e^(bt) - 1)`, the slope of `Y` over `b`.
    fn growth(self, t: f64) -> f64 {
        (self.b * t - self.log(t)).exp()
    }

    /// The distance from `t` to the nearest zero of `β + e^(bt) - 1` in the complex plane.
    fn reach(self, t: f64) -> f64 {
        self.zeros().iter().map(|(real, imaginary)| (t - real).hypot(*imaginary)).fold(f64::MAX, f64::min)
    }

    /// The zeros nearest to the real line: `e^(bt) = 1 - β`.
    fn zeros(self) -> [(f64, f64); 2] {
        let real = (1.0 - self.beta).abs().ln() / self.b;
        let turn = std::f64::consts::PI / self.b;
        if self.beta < 1.0 { [(real, 0.0), (real, 2.0 * turn)] } else { [(real, turn), (real, turn)] }
    }
}

impl PurchaseModel for GgompertzNbd {
    fn name(&self) -> ModelName {
        ModelName::GgompertzNbd
    }

    /// The likelihood as a sum over being alive at `T` and having left before:
    ///
    /// ```text
    /// L = Γ(r+x)/Γ(r) α^r [ S(T)/(α+T)^(r+x) - ∫ S'(u)/(α+u)^(r+x) du ],  u from t_x to T
    /// ```
    fn log_likelihood(&self, history: History) -> f64 {
        let (x, t) = (f64::from(history.x), history.t);
        let alive = ln_rising(self.r, x).0 - self.r * (t / self.alpha).ln_1p() - x * (self.alpha + t).ln();
        let lived = -self.s * (self.life().log(t) - self.beta.ln());
        alive + lived + softplus_with_slope(log_odds_gone(self.parameters(), history, &mut |_, _| {})).0
    }

    /// `1 / (1 + odds)`, the odds of having left being the second term of the likelihood over its first.
    fn p_alive(&self, history: History) -> f64 {
        1.0 / (1.0 + log_odds_gone(self.parameters(), history, &mut |_, _| {}).exp())
    }

    /// ```text
    /// (r+x)/(α+T) ∫ ((β + e^(bT) - 1) / (β + e^(b(T+u)) - 1))^s du,  u from 0 to t
    /// ```
    fn purchases_if_alive(&self, History { x, t, .. }: History, horizon: f64) -> f64 {
        (self.r + f64::from(x)) / (self.alpha + t) * self.time_left(t, horizon, 0.0)
    }

    /// The same integral, with `e^(-δu)` in it.
    fn discounted_if_alive(&self, History { x, t, .. }: History, horizon: f64, delta: f64) -> Option<f64> {
        Some((self.r + f64::from(x)) / (self.alpha + t) * self.time_left(t, horizon, delta))
    }

    /// Either the customer lives on to the end, or it leaves after the last of its purchases.
    fn probability_if_alive(&self, history: History, horizon: f64, n: u32) -> f64 {
        if horizon <= 0.0 {
            return if n == 0 { 1.0 } else { 0.0 };
        }
        let (life, t, s) = (self.life(), history.t, self.s);
        let (counts, now) = (self.counts(history, horizon), life.log(t));
        let (shape, events, scale) = (counts.shape, f64::from(n), self.alpha + t);
        let stays = counts.probability(n) * (-s * (life.log(t + horizon) - now)).exp();
        // In v = ln(u / t).
        let integrand = |v: f64| {
            let u = horizon * v.exp();
            let (bought, lived, growth) = (u / scale, life.log(t + u) - now, life.growth(t + u));
            let value = (events + 1.0) * v - (shape + events) * bought.ln_1p() - (s + 1.0) * lived + self.b * u;
            let slope = events + 1.0 - (shape + events) * bought / (1.0 + bought) - (s + 1.0) * self.b * u * growth
                + self.b * u;
            (value, slope)
        };
        // Zeros of the lifetime's denominator, as v sees them.
        let zeros = life.zeros().map(|(real, imaginary)| {
            let (real, imaginary) = ((real - t) / horizon, imaginary / horizon);
            (real.hypot(imaginary).ln(), imaginary.atan2(real))
        });
        let reach = |v: f64| {
            zeros.iter().map(|(log, angle)| (v - log).hypot(*angle)).fold(std::f64::consts::PI, f64::min).max(1e-3)
        };
        let front = ln_rising(shape, events).0 - ln_rising(1.0, events).0
            + events * (horizon / scale).ln()
            + (s * self.b * horizon).ln()
            + (self.b * t - now);
        stays + (front + ln_integral(integrand, reach, 0.0, 0.0)).exp()
    }

    /// All at once: each node of the integral over lifetimes adds its negative binomial counts.
    fn probabilities_if_alive(&self, history: History, horizon: f64, tail: f64) -> Vec<f64> {
        if horizon <= 0.0 {
            return vec![1.0];
        }
        let shape = self.r + f64::from(history.x);
        let node = |(length, weight): &(f64, f64)| {
            let w = length / (self.alpha + history.t);
            (w / (1.0 + w), weight * (-shape * w.ln_1p()).exp())
        };
        let mut nodes: Vec<(f64, f64)> = self.lives(history, horizon).iter().map(node).collect();
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
        // The cumulative risk η (e^(bt) - 1) of a lifetime is exponential.
        let risk = waiting_time(gamma(self.s, self.beta, rng), rng);
        let end = (risk.ln_1p() / self.b).min(t);
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
        self.life().reach(history.t).min(1.0 / self.b)
    }
}

impl GgompertzNbd {
    /// Lengths of life within the horizon with their probabilities: nodes of a quadrature, and the end itself.
    fn lives(&self, History { x, t, .. }: History, horizon: f64) -> Vec<(f64, f64)> {
        let (life, shape, scale) = (self.life(), self.r + f64::from(x), self.alpha + t);
        let now = life.log(t);
        let mut lives = Vec::new();
        let mut from = 0.0;
        while from < horizon && lives.len() < 12 * 400 {
            // Counts at a length of life spread by the root of their number.
            let spread = (scale + from) / (1.0 + shape * (1.0 + from / scale)).sqrt() * 1.5;
            let left = -self.s * (life.log(t + from) - now);
            if left < -45.0 {
                break;
            }
            let fall = 8.0 / ((self.s + 1.0) * self.b * life.growth(t + from)).max(1e-300);
            let length = (horizon - from).min(life.reach(t + from)).min(spread).min(fall);
            for (node, weight) in NODES.iter() {
                let u = from + 0.5 * length * (1.0 + node);
                let lived = life.log(t + u) - now;
                let density = self.s * self.b * life.growth(t + u) * (-self.s * lived).exp();
                lives.push((u, 0.5 * length * weight * density));
            }
            from = if length == horizon - from { horizon } else { from + length };
        }
        lives.push((horizon, (-self.s * (life.log(t + horizon) - now)).exp()));
        lives
    }
}

/// `ln ∫ ((α+T)/(α+u))^(r+x) e^(s (Y(T) - Y(u))) s dY(u)` over `u` from `t_x` to `T`: the log odds that the customer has
/// left. Hands each node to `see` with its weight; the sum of the weights is proportional to the integral.
fn log_odds_gone(
    [r, alpha, b, s, beta]: [f64; 5],
    History { x, t_x, t, .. }: History,
    see: &mut impl FnMut(f64, f64),
) -> f64 {
    if t <= t_x {
        return f64::NEG_INFINITY;
    }
    let (shape, life) = (r + f64::from(x), Life { b, beta });
    // Relative to T, so that no power is ever large by itself.
    let at_end = life.log(t);
    let height = |u: f64| shape * ((t - u) / (alpha + u)).ln_1p() + s * (at_end - life.log(u)) + b * u - life.log(u);
    let top = height(highest(&height, [r, alpha, b, s, beta], t_x, t));
    let falls = |u: f64| height(u) - top;
    let (mut sum, mut from) = (0.0, t_x);
    while from < t {
        let length = panel_length(&falls, &|u: f64| life.reach(u).min(alpha + u), from, t);
        let mut panel = 0.0;
        for (node, weight) in NODES.iter() {
            let u = from + 0.5 * length * (1.0 + node);
            let value = 0.5 * length * weight * falls(u).exp();
            panel += value;
            see(u, value);
        }
        sum += panel;
        let next = if length == t - from { t } else { from + length };
        let over = panel <= 1e-17 * sum && sum > 0.0 && falls(next) < falls(from);
        if over || next <= from {
            break;
        }
        from = next;
    }
    (s * b).ln() + top + sum.ln()
}

/// Where the integrand is highest: at the beginning, unless the risk of leaving grows fast.
fn highest(height: &impl Fn(f64) -> f64, [_, _, b, s, beta]: [f64; 5], t_x: f64, t: f64) -> f64 {
    // Without purchases the density of lifetimes is highest where e^(bu) = (β - 1) / s.
    let latest = if beta > 1.0 { ((beta - 1.0) / s).ln() / b } else { 0.0 };
    if latest <= t_x {
        return t_x;
    }
    let (mut low, mut high) = (t_x, latest.min(t));
    for _ in 0..80 {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if height(left) < height(right) { low = left } else { high = right }
    }
    0.5 * (low + high)
}

/// The log-likelihood of a history, its gradient and its second derivatives in `r, α, b, s, β`, the last only where
/// `second`; without the terms that depend on `x` alone.
///
/// With `v` the gradient of the integrand's logarithm `φ`, that of the log odds is the mean of `v` over the integral,
/// and its second derivatives are the mean of `φ_ij + v_i v_j` less the product of the means.
fn derivatives(parameters: [f64; 5], history: History, second: bool) -> Derivatives<5> {
    let [r, alpha, b, s, beta] = parameters;
    let (x, t) = (f64::from(history.x), history.t);
    let (shape, life) = (r + x, Life { b, beta });
    let at_alpha = 1.0 / (alpha + t);
    let end = Bends::of(life, t);
    let log_alpha = (t / alpha).ln_1p();
    let mut value = -shape * log_alpha - x * alpha.ln() - s * (end.log - beta.ln());
    let mut gradient = [
        -log_alpha,
        shape * (1.0 / alpha - at_alpha) - x / alpha,
        -s * end.in_b,
        beta.ln() - end.log,
        s * (1.0 / beta - end.in_beta),
    ];
    let mut hessian = [[0.0; 5]; 5];
    if second {
        hessian[0][1] = 1.0 / alpha - at_alpha;
        hessian[1][1] = shape * (at_alpha * at_alpha - alpha.powi(-2)) + x * alpha.powi(-2);
        hessian[2][2] = -s * end.in_bb;
        hessian[2][3] = -end.in_b;
        hessian[2][4] = -s * end.in_b_beta;
        hessian[3][4] = 1.0 / beta - end.in_beta;
        hessian[4][4] = -s * (end.in_beta_beta + beta.powi(-2));
    }
    let (mut mass, mut first, mut products) = (0.0, [0.0; 5], [[0.0; 5]; 5]);
    let log_odds = log_odds_gone(parameters, history, &mut |u, weight| {
        let here = Bends::of(life, u);
        let to_alpha = 1.0 / (alpha + u);
        let v = [
            ((t - u) * to_alpha).ln_1p(),
            shape * (at_alpha - to_alpha),
            s * (end.in_b - here.in_b) + 1.0 / b + u - here.in_b,
            end.log - here.log + 1.0 / s,
            s * (end.in_beta - here.in_beta) - here.in_beta,
        ];
        mass += weight;
        for i in 0..5 {
            first[i] += weight * v[i];
        }
        if second {
            for i in 0..5 {
                for j in i..5 {
                    products[i][j] += weight * v[i] * v[j];
                }
            }
            products[0][1] += weight * (at_alpha - to_alpha);
            products[1][1] += weight * shape * (to_alpha * to_alpha - at_alpha * at_alpha);
            products[2][2] += weight * (s * (end.in_bb - here.in_bb) - b.powi(-2) - here.in_bb);
            products[2][3] += weight * (end.in_b - here.in_b);
            products[2][4] += weight * (s * (end.in_b_beta - here.in_b_beta) - here.in_b_beta);
            products[3][3] -= weight * s.powi(-2);
            products[3][4] += weight * (end.in_beta - here.in_beta);
            products[4][4] += weight * (s * (end.in_beta_beta - here.in_beta_beta) - here.in_beta_beta);
        }
    });
    if mass > 0.0 {
        let (log_sum, p_gone) = softplus_with_slope(log_odds);
        let mean = first.map(|sum| sum / mass);
        if second {
            for i in 0..5 {
                for j in i..5 {
                    let own = products[i][j] / mass - mean[i] * mean[j];
                    hessian[i][j] += p_gone * own + p_gone * (1.0 - p_gone) * mean[i] * mean[j];
                }
            }
        }
        value += log_sum;
        gradient.iter_mut().zip(mean).for_each(|(sum, slope)| *sum += p_gone * slope);
    }
    (value, gradient, hessian)
}

/// `Y(t) = ln(β + e^(bt) - 1)` and its derivatives in `b` and `β`.
struct Bends {
    log: f64,
    in_b: f64,
    in_beta: f64,
    in_bb: f64,
    in_b_beta: f64,
    in_beta_beta: f64,
}

impl Bends {
    fn of(life: Life, t: f64) -> Self {
        let log = life.log(t);
        let (in_b, in_beta) = (t * (life.b * t - log).exp(), (-log).exp());
        Bends {
            log,
            in_b,
            in_beta,
            in_bb: in_b * (t - in_b),
            in_b_beta: -in_b * in_beta,
            in_beta_beta: -in_beta * in_beta,
        }
    }
}

/// Lifetimes as of Pareto/NBD, a slow and a fast growth of the risk, in scaled time.
fn starts(rate: f64) -> Vec<Vec<f64>> {
    [(0.5, 0.01, 0.5, 0.01), (0.5, 0.2, 0.3, 0.5), (1.0, 1.0, 0.2, 3.0)]
        .map(|(r, b, s, beta)| vec![r, r / rate, b, s, beta])
        .to_vec()
}

#[cfg(test)]
mod tests {
    use crate::models::fit::Likelihood;
    use crate::models::purchase::ggompertz_nbd::*;
    use crate::models::purchase::pareto_nbd::ParetoNbd;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn model() -> GgompertzNbd {
        GgompertzNbd::new(0.8, 6.0, 0.08, 0.6, 1.4).expect("positive")
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
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_derivatives_are_those_of_the_likelihood(
            r in 0.05..5.0, alpha in 0.5..50.0, b in 0.001..0.5, s in 0.05..5.0, beta in 0.01..20.0
        ) {
            let rows = Rows::new(&drawn(200), 1.0, derivatives);
            let point = [r, alpha, b, s, beta];
            let (_, gradient) = rows.at(&point);
            let second = rows.second_derivatives(&point).expect("known");
            for (i, exact) in gradient.into_iter().enumerate() {
                let step = 1e-5 * point[i];
                let moved = |by: f64| -> [f64; 5] { std::array::from_fn(|j| if i == j { point[j] + by } else { point[j] }) };
                let (ahead, behind) = (rows.at(&moved(step)), rows.at(&moved(-step)));
                let slope = (ahead.0 - behind.0) / (2.0 * step);
                // Central differences of a sum of about 1e3, which holds twelve digits.
                prop_assert!((exact - slope).abs() < 1e-4 * exact.abs().max(1.0 / point[i]), "{i}: {exact} {slope}");
                for j in 0..5 {
                    let near = (ahead.1[j] - behind.1[j]) / (2.0 * step);
                    // As above, of the gradient.
                    prop_assert!((second[i][j] - near).abs() < 1e-4 * near.abs().max(1.0 / (point[i] * point[j])), "{i} {j}");
                }
            }
        }
    }

    #[test]
    fn slow_growth_is_pareto() {
        let pareto = ParetoNbd::new(0.55, 10.6, 0.6, 11.7).expect("positive");
        let b = 1e-9;
        let slow = GgompertzNbd::new(0.55, 10.6, b, 0.6, 11.7 * b).expect("positive");
        for history in [History::new(0, 0.0, 39.0), History::new(4, 21.0, 39.0)] {
            for (one, other) in [
                (slow.log_likelihood(history), pareto.log_likelihood(history)),
                (slow.p_alive(history), pareto.p_alive(history)),
                (slow.purchases_if_alive(history, 52.0), pareto.purchases_if_alive(history, 52.0)),
                (slow.probability_if_alive(history, 52.0, 3), pareto.probability_if_alive(history, 52.0, 3)),
            ] {
                assert!((one / other - 1.0).abs() < 1e-6, "{one} {other}"); // b T = 1e-7
            }
        }
    }

    #[test]
    fn simulated_customers_buy_as_often_as_expected() {
        let model = model();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
        for t in [10.0, 60.0] {
            let counts: Vec<f64> = (0..40_000).map(|_| f64::from(model.draw(t, &mut rng).x)).collect();
            let mean = counts.iter().sum::<f64>() / 4e4;
            let variance = counts.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4e4;
            assert!((mean - model.expectation(t)).abs() < 3.5 * (variance / 4e4).sqrt(), "{t}"); // standard errors
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
    fn risks_beyond_all_numbers_do_not_overflow() {
        let model = GgompertzNbd::new(0.8, 6.0, 40.0, 0.6, 1e4).expect("positive");
        for history in [History::new(0, 0.0, 0.1), History::new(3, 0.2, 1_000.0), History::new(3, 1_000.0, 1_000.0)] {
            let (alive, ahead) = (model.p_alive(history), model.expected_purchases(history, 500.0));
            assert!((0.0..=1.0).contains(&alive) && ahead >= 0.0 && ahead.is_finite(), "{history:?} {alive} {ahead}");
        }
    }
}
