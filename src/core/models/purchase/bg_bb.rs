//! BG/BB: in each of so many opportunities a customer buys or does not, and may leave before any of them.
//!
//! At each opportunity (a year's appeal, a monthly cruise) a customer that is alive buys with probability `p`; before
//! each opportunity it leaves with probability `θ`. Over customers `p ~ Beta(α, β)` and `θ ~ Beta(γ, δ)`, independently.
//!
//! Fader, P. S., B. G. S. Hardie and J. Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
//! Marketing Science 29(6), 1086-1108.
//!
//! Time is counted in opportunities here: `x` opportunities with a purchase after the first purchase, `t_x` the number
//! of the last such one, `T` how many there were. What is not whole is rounded down.

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::TimeUnit;
use crate::models::fit::report::positive;
use crate::models::fit::{Likelihood, Parameter, Task, Totals, block_sum};
use crate::models::{FitError, FitReport, FitSettings, Fitted, Histories, History, ModelName, PurchaseModel};
use crate::numeric::random::beta;
use crate::numeric::special::{ln_rising, softplus_with_slope};

/// The model's name in settings and reports.
pub const NAME: &str = "bg-bb";

const PARAMETERS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

/// A BG/BB model with its four parameters.
///
/// ```
/// use clivia_core::models::{History, PurchaseModel};
/// use clivia_core::models::purchase::bg_bb::BgBb;
/// let model = BgBb::new(1.204, 0.750, 0.657, 2.783)?; // the paper's estimates for yearly donations
/// // Who gave in all of six years will give about four times in the next five.
/// let loyal = model.expected_purchases(History::new(6, 6.0, 6.0), 5.0);
/// assert!((loyal - 3.75).abs() < 0.01);
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BgBb {
    /// First shape of the purchase probability: the mean is `alpha / (alpha + beta)`.
    pub alpha: f64,
    /// Second shape of the purchase probability.
    pub beta: f64,
    /// First shape of the dropout probability: the mean is `gamma / (gamma + delta)`.
    pub gamma: f64,
    /// Second shape of the dropout probability.
    pub delta: f64,
}

impl BgBb {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(alpha: f64, beta: f64, gamma: f64, delta: f64) -> Result<Self, FitError> {
        let [alpha, beta, gamma, delta] = [alpha, beta, gamma, delta].map(Some);
        Ok(BgBb {
            alpha: positive(NAME, "alpha", alpha)?,
            beta: positive(NAME, "beta", beta)?,
            gamma: positive(NAME, "gamma", gamma)?,
            delta: positive(NAME, "delta", delta)?,
        })
    }

    /// The model of an earlier fit, for a run whose opportunities are one `unit` long.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Self, FitError> {
        let [alpha, beta, gamma, delta] = report.parameters_in(unit, NAME, PARAMETERS)?;
        BgBb::new(alpha, beta, gamma, delta)
    }

    /// Fits by maximum likelihood, to histories counted in opportunities of one `unit`.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(histories: &Histories, unit: TimeUnit, settings: &FitSettings) -> Result<Fitted<Self>, FitError> {
        Totals::of(histories)?;
        let task = Task {
            model: NAME,
            parameters: PARAMETERS.map(Parameter::shape).to_vec(),
            fixed: Vec::new(),
            starts: vec![vec![1.0, 1.0, 1.0, 1.0], vec![0.5, 2.0, 0.5, 3.0], vec![3.0, 10.0, 0.3, 5.0]],
            scale: 1.0,
            log_scale: 0.0,
            customers: histories.customers(),
            distinct_rows: histories.distinct().len(),
            time_unit: Some(unit),
            warnings: Vec::new(),
            settings,
        };
        let rows =
            histories.distinct().iter().map(|history| Seen::of(*history)).zip(histories.weights().iter().copied());
        let (values, report) = task.maximise(&Rows { rows: rows.collect() })?;
        Ok(Fitted { model: BgBb::new(values[0], values[1], values[2], values[3])?, report })
    }

    fn parameters(&self) -> [f64; 4] {
        [self.alpha, self.beta, self.gamma, self.delta]
    }

    /// The probabilities of still being there at the next opportunities, given to be there at the first of them:
    /// `B(γ, c+i) / B(γ, c)` with `c = δ+n+1`.
    fn stays(&self, n: f64) -> impl Iterator<Item = f64> {
        let (c, either) = (self.delta + n + 1.0, self.gamma + self.delta + n + 1.0);
        let mut stay = 1.0;
        let mut i = 0.0;
        std::iter::from_fn(move || {
            let now = stay;
            stay *= (c + i) / (either + i);
            i += 1.0;
            Some(now)
        })
    }

    /// The probability of a purchase at an opportunity, given `x` of `n`.
    fn rate(&self, Seen { x, n, .. }: Seen) -> f64 {
        (self.alpha + x) / (self.alpha + self.beta + n)
    }

    /// `P(k purchases in the next m opportunities)`, `m` whole, given to be there at the first of them.
    fn probability(&self, seen: Seen, m: u32, k: u32) -> f64 {
        if m == 0 || k > m {
            return if k == 0 { 1.0 } else { 0.0 };
        }
        let Seen { x, n, .. } = seen;
        let (buys, passes) = (self.alpha + x, self.beta + n - x);
        // P(k of i), from i = k on by recurrence, relative to the first.
        let first = f64::from(k);
        let mut log_scale = ln_rising(buys, first).0 - ln_rising(buys + passes, first).0;
        let (mut of, mut sum) = (1.0, 0.0);
        let either = self.gamma + self.delta + n + 1.0;
        for (i, stay) in (1..=m).zip(self.stays(n)) {
            // Having been there for i opportunities, the customer leaves, or the horizon ends.
            let i_number = f64::from(i);
            let leaves = if i == m { 1.0 } else { self.gamma / (either + i_number - 1.0) };
            if i > k {
                let before = i_number - 1.0;
                let missed = i_number - first;
                of *= i_number / missed * (passes + missed - 1.0) / (buys + passes + before);
            }
            if i >= k {
                sum += stay * leaves * of;
            }
            if of > LARGE {
                log_scale += LARGE.ln();
                (of, sum) = (of / LARGE, sum / LARGE);
            }
        }
        if sum > 0.0 { (log_scale + sum.ln()).exp() } else { 0.0 }
    }
}

/// A history in whole opportunities.
#[derive(Debug, Clone, Copy)]
struct Seen {
    x: f64,
    t_x: f64,
    n: f64,
}

impl Seen {
    fn of(History { x, t_x, t, .. }: History) -> Self {
        Seen { x: f64::from(x), t_x: t_x.floor(), n: t.floor() }
    }
}

/// Where a sum is scaled down.
const LARGE: f64 = 1e200;

/// The log odds that a customer left before opportunity `n`, against being there at it, and their gradient.
///
/// ```text
/// Σ B(α+x, β+t_x-x+i) B(γ+1, δ+t_x+i) / [B(α+x, β+n-x) B(γ, δ+n)],   i from 0 to n-t_x-1
/// ```
///
/// The terms are taken backwards, each a ratio times the one before; all are positive.
fn log_odds_gone([alpha, beta, gamma, delta]: [f64; 4], Seen { x, t_x, n }: Seen) -> Option<(f64, [f64; 4])> {
    if n <= t_x {
        return None;
    }
    let (purchases, failures) = (alpha + beta + n - 1.0, beta + n - x - 1.0);
    let mut term = purchases / failures * gamma / (delta + n - 1.0);
    let mut slope = [1.0 / purchases, 1.0 / purchases - 1.0 / failures, 1.0 / gamma, -1.0 / (delta + n - 1.0)];
    let (mut sum, mut gradient, mut log_scale) = (term, slope.map(|slope| term * slope), 0.0);
    let mut left = n - t_x - 1.0;
    while left >= 1.0 {
        left -= 1.0;
        let at = t_x + left;
        let (purchases, failures, leaves, stays) =
            (alpha + beta + at, beta + at - x, gamma + 1.0 + delta + at, delta + at);
        term *= purchases / failures * (leaves / stays);
        slope[0] += 1.0 / purchases;
        slope[1] += 1.0 / purchases - 1.0 / failures;
        slope[2] += 1.0 / leaves;
        slope[3] += 1.0 / leaves - 1.0 / stays;
        sum += term;
        gradient.iter_mut().zip(slope).for_each(|(gradient, slope)| *gradient += term * slope);
        if sum > LARGE {
            log_scale += LARGE.ln();
            (term, sum) = (term / LARGE, sum / LARGE);
            gradient.iter_mut().for_each(|gradient| *gradient /= LARGE);
        }
    }
    Some((sum.ln() + log_scale, gradient.map(|gradient| gradient / sum)))
}

/// The log-likelihood of a history and its gradient.
fn log_likelihood_slope(parameters: [f64; 4], seen: Seen) -> (f64, [f64; 4]) {
    let [alpha, beta, gamma, delta] = parameters;
    let Seen { x, n, .. } = seen;
    let (buys, misses, either) = (ln_rising(alpha, x), ln_rising(beta, n - x), ln_rising(alpha + beta, n));
    let (stays, ends) = (ln_rising(delta, n), ln_rising(gamma + delta, n));
    let value = buys.0 + misses.0 - either.0 + stays.0 - ends.0;
    let gradient = [buys.1 - either.1, misses.1 - either.1, -ends.1, stays.1 - ends.1];
    match log_odds_gone(parameters, seen) {
        None => (value, gradient),
        Some((log_odds, slope)) => {
            let (log_sum, gone) = softplus_with_slope(log_odds);
            (value + log_sum, std::array::from_fn(|i| gradient[i] + gone * slope[i]))
        }
    }
}

impl PurchaseModel for BgBb {
    fn name(&self) -> ModelName {
        ModelName::BgBb
    }

    /// The likelihood of the paper:
    ///
    /// ```text
    /// L = B(α+x, β+n-x)/B(α, β) B(γ, δ+n)/B(γ, δ)
    ///   + Σ B(α+x, β+t_x-x+i)/B(α, β) B(γ+1, δ+t_x+i)/B(γ, δ),   i from 0 to n-t_x-1
    /// ```
    fn log_likelihood(&self, history: History) -> f64 {
        log_likelihood_slope(self.parameters(), Seen::of(history)).0
    }

    /// The probability of being there at the next opportunity, as in the paper:
    ///
    /// ```text
    /// P(alive at n+1 | x, t_x, n) = (δ+n)/(γ+δ+n) / (1 + odds of having left before n)
    /// ```
    fn p_alive(&self, history: History) -> f64 {
        let seen = Seen::of(history);
        let odds = log_odds_gone(self.parameters(), seen).map_or(0.0, |(log_odds, _)| log_odds.exp());
        (self.delta + seen.n) / (self.gamma + self.delta + seen.n) / (1.0 + odds)
    }

    /// Given to be there at the next opportunity,
    ///
    /// ```text
    /// (α+x)/(α+β+n) Σ B(γ, δ+n+1+i)/B(γ, δ+n+1),   i from 0 to n*-1
    /// ```
    ///
    /// times P(alive) that is the paper's conditional expectation. Part of an opportunity counts in proportion.
    fn purchases_if_alive(&self, history: History, horizon: f64) -> f64 {
        self.discounted_if_alive(history, horizon, 0.0).unwrap_or(f64::NAN)
    }

    /// The same, each opportunity discounted from its end.
    fn discounted_if_alive(&self, history: History, horizon: f64, delta: f64) -> Option<f64> {
        let seen = Seen::of(history);
        if horizon.is_infinite() && delta == 0.0 {
            let mean = (self.gamma + self.delta + seen.n) / (self.gamma - 1.0);
            return Some(if self.gamma > 1.0 { self.rate(seen) * mean } else { f64::INFINITY });
        }
        let mut sum = 0.0;
        for (i, stay) in self.stays(seen.n).enumerate() {
            let i = i as f64;
            let part = (horizon - i).min(1.0);
            let term = stay * (-delta * (i + 1.0)).exp();
            if part <= 0.0 || term <= 1e-18 * sum {
                break;
            }
            sum += part * term;
        }
        Some(self.rate(seen) * sum)
    }

    /// In part of an opportunity, the probabilities of the whole ones around it in proportion.
    fn probability_if_alive(&self, history: History, horizon: f64, n: u32) -> f64 {
        let seen = Seen::of(history);
        let (whole, part) = (horizon.floor(), horizon.fract());
        let below = self.probability(seen, whole as u32, n);
        if part == 0.0 { below } else { (1.0 - part) * below + part * self.probability(seen, whole as u32 + 1, n) }
    }

    fn draw(&self, t: f64, rng: &mut Xoshiro256PlusPlus) -> History {
        let (p, theta) = (beta(self.alpha, self.beta, rng), beta(self.gamma, self.delta, rng));
        let (mut x, mut t_x) = (0, 0.0);
        for opportunity in 1..=t.floor() as u32 {
            if rng.gen_bool(theta) {
                break;
            }
            if rng.gen_bool(p) {
                (x, t_x) = (x + 1, f64::from(opportunity));
            }
        }
        History::new(x, t_x, t.floor())
    }

    /// Purchases have no memory: of a customer that is there, `t_x` says nothing more.
    fn while_alive(&self, history: History) -> History {
        History { t_x: history.t, ..history }
    }

    fn time_scale(&self, history: History) -> f64 {
        self.delta + history.t
    }
}

/// Distinct histories in opportunities.
struct Rows {
    rows: Vec<(Seen, f64)>,
}

impl Likelihood for Rows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn thinned(&self, step: usize) -> Self {
        Rows { rows: self.rows.iter().step_by(step).copied().collect() }
    }

    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let parameters = [parameters[0], parameters[1], parameters[2], parameters[3]];
        let [value, gradient @ ..] = block_sum(&self.rows, |(seen, weight), sums: &mut [f64; 5]| {
            let (value, gradient) = log_likelihood_slope(parameters, *seen);
            sums[0] += weight * value;
            sums[1..].iter_mut().zip(gradient).for_each(|(sum, slope)| *sum += weight * slope);
        });
        (value, gradient.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use crate::models::purchase::bg_bb::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn model() -> BgBb {
        BgBb::new(1.204, 0.750, 0.657, 2.783).expect("positive")
    }

    fn drawn(customers: usize) -> Histories {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        Histories::new(&(0..customers).map(|i| model().draw((6 + i % 9) as f64, &mut rng)).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn the_gradient_is_that_of_the_likelihood(
            alpha in 0.05..9.0, beta in 0.05..9.0, gamma in 0.05..9.0, delta in 0.05..9.0
        ) {
            let histories = drawn(300);
            let rows = Rows { rows: histories.distinct().iter().map(|history| (Seen::of(*history), 1.0)).collect() };
            let point = [alpha, beta, gamma, delta];
            let (_, gradient) = rows.at(&point);
            for (i, exact) in gradient.into_iter().enumerate() {
                let step = 1e-5 * point[i];
                let moved = |by: f64| -> [f64; 4] { std::array::from_fn(|j| if i == j { point[j] + by } else { point[j] }) };
                let slope = (rows.at(&moved(step)).0 - rows.at(&moved(-step)).0) / (2.0 * step);
                // Central differences of a sum of about 1e3, which holds twelve digits.
                prop_assert!((exact - slope).abs() < 1e-4 * exact.abs().max(1.0 / point[i]), "{i}: {exact} {slope}");
            }
        }
    }

    #[test]
    fn likelihoods_of_all_histories_sum_to_one() {
        // Every pattern of purchases in four opportunities; (x, t_x) has as many as there are ways to place the others.
        let ways = |x: u32, t_x: u32| {
            (0..x.saturating_sub(1)).fold(1.0, |ways, i| ways * f64::from(t_x - 1 - i) / f64::from(i + 1))
        };
        let mut sum = model().log_likelihood(History::new(0, 0.0, 4.0)).exp();
        for t_x in 1..=4_u32 {
            for x in 1..=t_x {
                sum += ways(x, t_x) * model().log_likelihood(History::new(x, f64::from(t_x), 4.0)).exp();
            }
        }
        assert!((sum - 1.0).abs() < 1e-13); // a dozen roundings
    }

    #[test]
    fn the_counts_have_the_expected_mean() {
        for (history, horizon) in [(History::new(0, 0.0, 6.0), 5.0), (History::new(3, 4.0, 6.0), 9.5)] {
            let counts: Vec<f64> = (0..12).map(|n| model().probability_if_alive(history, horizon, n)).collect();
            let mean: f64 = counts.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            assert!((counts.iter().sum::<f64>() - 1.0).abs() < 1e-13); // rounding
            assert!((mean / model().purchases_if_alive(history, horizon) - 1.0).abs() < 1e-12); // rounding
        }
    }

    #[test]
    fn simulated_customers_buy_as_often_as_expected() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
        let counts: Vec<f64> = (0..40_000).map(|_| f64::from(model().draw(7.0, &mut rng).x)).collect();
        let mean = counts.iter().sum::<f64>() / 4e4;
        assert!((mean - model().expectation(7.0)).abs() < 3.5 * 2.5 / 200.0); // standard errors
    }

    #[test]
    fn discounting_takes_each_opportunity_from_its_end() {
        let history = History::new(3, 4.0, 6.0);
        let one = model().discounted_if_alive(history, 1.0, 0.1).expect("known");
        assert!((one / (model().purchases_if_alive(history, 1.0) * (-0.1_f64).exp()) - 1.0).abs() < 1e-14); // rounding
    }
}
