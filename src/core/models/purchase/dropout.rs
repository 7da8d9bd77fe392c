//! What the models share in which customers may leave after a purchase: BG/NBD, MBG/NBD and (M)BG/CNBD-k.
//!
//! Stages of a Poisson process of rate `λ ~ Gamma(r, α)` pass, and every `k`-th is a purchase; after a purchase
//! (with [`Process::leaves_at_once`] after the first one too) the customer leaves with probability
//! `p ~ Beta(a, b)`. BG/NBD is `k = 1`.

use std::collections::HashMap;

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::TimeUnit;
use crate::models::fit::{Likelihood, Parameter, Task, Totals, block_sum};
use crate::models::{FitError, FitReport, FitSettings, Histories, History};
use crate::numeric::negative_binomial::NegativeBinomial;
use crate::numeric::newton::{Matrix, central_differences};
use crate::numeric::random::{beta, gamma, waiting_time};
use crate::numeric::special::{ln_rising, softplus_with_slope};

/// The parameters, in the order of the search.
pub(crate) const PARAMETERS: [&str; 4] = ["r", "alpha", "a", "b"];

/// How purchases come and when customers may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    /// Stages between purchases: 1 is random, more is more regular.
    pub(crate) k: u32,
    /// Whether customers may leave after their first purchase.
    pub(crate) leaves_at_once: bool,
}

impl Process {
    /// How many chances to leave come before the first repeat purchase.
    fn early_chances(self) -> f64 {
        f64::from(u8::from(self.leaves_at_once))
    }

    /// Fits `r, α, a, b`, in the histories' time unit.
    ///
    /// `log_constant` is what is added to the log-likelihood beside what depends on the parameters.
    pub(crate) fn fit(
        self,
        model: &'static str,
        fixed: Vec<(&'static str, f64)>,
        histories: &Histories,
        unit: TimeUnit,
        settings: &FitSettings,
        log_constant: f64,
    ) -> Result<([f64; 4], FitReport), FitError> {
        let totals = Totals::of(histories)?;
        let scale = totals.time_scale();
        let task = Task {
            model,
            parameters: vec![
                Parameter::shape("r"),
                Parameter::scale("alpha"),
                Parameter::shape("a"),
                Parameter::shape("b"),
            ],
            fixed,
            starts: self.starts(totals.scaled_rate()),
            scale,
            log_scale: f64::from(self.k) * totals.log_scale() + log_constant,
            customers: histories.customers(),
            distinct_rows: histories.distinct().len(),
            time_unit: Some(unit),
            warnings: Vec::new(),
            settings,
        };
        let (values, report) = task.maximise(&Rows::new(self, histories, scale))?;
        Ok(([values[0], values[1], values[2], values[3]], report))
    }

    /// Unlike, alike and very alike customers, each with the base's own rate, in scaled time.
    fn starts(self, rate: f64) -> Vec<Vec<f64>> {
        let stages = f64::from(self.k);
        [(0.25, 0.8, 2.5), (1.0, 1.0, 5.0), (4.0, 0.3, 3.0)]
            .map(|(r, a, b)| vec![r, r / (stages * rate), a, b])
            .to_vec()
    }

    /// A customer drawn at random, as seen at age `t`.
    pub(crate) fn draw(self, [r, alpha, a, b]: [f64; 4], t: f64, rng: &mut Xoshiro256PlusPlus) -> History {
        let (rate, p) = (gamma(r, alpha, rng), beta(a, b, rng));
        let (mut x, mut t_x) = (0, 0.0);
        let mut gone = self.leaves_at_once && rng.gen_bool(p);
        while !gone {
            let next: f64 = t_x + (0..self.k).map(|_| waiting_time(rate, rng)).sum::<f64>();
            if next > t {
                break;
            }
            (x, t_x) = (x + 1, next);
            gone = rng.gen_bool(p);
        }
        History::new(x, t_x, t)
    }
}

/// The chances of a customer that is alive: `p ~ Beta(a, b)`, the past already counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chances {
    pub(crate) a: f64,
    pub(crate) b: f64,
}

impl Chances {
    /// How many purchases the customer is expected to be there for, if time does not end.
    pub(crate) fn most_purchases(self) -> f64 {
        if self.a > 1.0 { (self.a + self.b - 1.0) / (self.a - 1.0) } else { f64::INFINITY }
    }

    /// The probability of staying after each of `n` purchases: `B(a, b+n) / B(a, b)`.
    fn stay(self, n: f64) -> f64 {
        (ln_rising(self.b, n).0 - ln_rising(self.a + self.b, n).0).exp()
    }

    /// The probability of leaving right after the `n`-th purchase: `B(a+1, b+n-1) / B(a, b)`.
    fn leave(self, n: f64) -> f64 {
        self.stay(n - 1.0) * self.a / (self.a + self.b + n - 1.0)
    }

    /// The probability of `n` purchases, where `exactly` so many would come without dropout with this
    /// probability, and `at_least` so many with that.
    pub(crate) fn probability(self, n: u32, exactly: f64, at_least: f64) -> f64 {
        let n = f64::from(n);
        let left = if n > 0.0 { self.leave(n) * at_least } else { 0.0 };
        self.stay(n) * exactly + left
    }

    /// The probabilities of 0, 1, 2, ... purchases until the rest is at most `tail`, where `counts` gives those
    /// without dropout.
    pub(crate) fn probabilities(self, counts: impl Iterator<Item = f64>, tail: f64, most: u32) -> Vec<f64> {
        let (mut stay, mut leave, mut at_least, mut rest) = (1.0, 0.0, 1.0_f64, 1.0);
        let mut all = Vec::new();
        for (n, exactly) in counts.take(most as usize).enumerate() {
            let value = stay * exactly + leave * at_least.max(0.0);
            all.push(value);
            rest -= value;
            if rest <= tail {
                break;
            }
            at_least -= exactly;
            let n = n as f64;
            leave = stay * self.a / (self.a + self.b + n);
            stay *= (self.b + n) / (self.a + self.b + n);
        }
        all
    }

    /// The same, where purchases without dropout are negative binomial.
    pub(crate) fn of_negative_binomial(self, counts: NegativeBinomial, n: u32) -> f64 {
        self.probability(n, counts.probability(n), counts.at_least(n))
    }
}

/// Distinct histories in scaled time, with every `x` and every time numbered, so that the likelihood
/// takes each gamma function once an `x` and each logarithm once a time.
pub(crate) struct Rows {
    process: Process,
    rows: Vec<Row>,
    xs: Vec<PerX>,
    times: Vec<f64>,
}

struct Row {
    x: u32,
    t_x: u32,
    t: u32,
    /// Whether the customer can have left.
    had_chance: bool,
    weight: f64,
}

/// A frequency and how many customers have it.
struct PerX {
    x: f64,
    customers: f64,
}

/// What is the same for all rows with one `x`.
struct AtX {
    /// `r + k x`.
    shape: f64,
    /// `b + x - 1`, with the early chance `b + x`.
    stays: f64,
    /// `ln(a / stays)`.
    log_odds: f64,
}

impl Rows {
    pub(crate) fn new(process: Process, histories: &Histories, scale: f64) -> Self {
        let mut all = Rows { process, rows: Vec::new(), xs: Vec::new(), times: Vec::new() };
        let mut numbers = HashMap::new();
        for (history, &weight) in histories.distinct().iter().zip(histories.weights()) {
            let mut number = |time: f64| {
                *numbers.entry(time.to_bits()).or_insert_with(|| {
                    all.times.push(time / scale);
                    all.times.len() as u32 - 1
                })
            };
            let (t_x, t) = (number(history.t_x), number(history.t));
            let had_chance = history.x > 0 || process.leaves_at_once;
            all.push(f64::from(history.x), Row { x: 0, t_x, t, had_chance, weight });
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

    /// The part that depends on `x` alone, `Γ(r+kx)/Γ(r) α^(-kx) · B(a, b+x)/B(a, b)`, and its gradient.
    /// `x` counts the early chance in the beta functions.
    fn gamma_part(&self, [r, alpha, a, b]: [f64; 4]) -> (f64, [f64; 4]) {
        let (k, early) = (f64::from(self.process.k), self.process.early_chances());
        let (mut value, mut gradient) = (0.0, [0.0; 4]);
        for &PerX { x, customers } in &self.xs {
            let stages = k * x;
            let (rate, rate_slope) = ln_rising(r, stages);
            let (stay, stay_slope) = ln_rising(b, x + early);
            let (either, either_slope) = ln_rising(a + b, x + early);
            value += customers * (rate - stages * alpha.ln() + stay - either);
            gradient[0] += customers * rate_slope;
            gradient[1] -= customers * stages / alpha;
            gradient[2] -= customers * either_slope;
            gradient[3] += customers * (stay_slope - either_slope);
        }
        // Each interval of k stages has the density of its last one: the others have passed unseen.
        let unseen = ln_rising(1.0, k - 1.0).0;
        let purchases: f64 = self.xs.iter().map(|per| per.customers * per.x).sum();
        (value - purchases * unseen, gradient)
    }

    /// The part that depends on times, `-(r+kx) ln(1 + T/α) + ln(Σ stages + odds gone)`, and its gradient.
    fn time_part(&self, [r, alpha, a, b]: [f64; 4]) -> (f64, [f64; 4]) {
        let k = f64::from(self.process.k);
        // ln(1 + t/α) and minus its slope in α, for every time.
        let at_time = |time: &f64| ((time / alpha).ln_1p(), time / (alpha * (alpha + time)));
        let times: Vec<(f64, f64)> = self.times.iter().map(at_time).collect();
        let early = self.process.early_chances();
        let at_x = |per: &PerX| {
            let stays = b + per.x + early - 1.0;
            AtX { shape: r + k * per.x, stays, log_odds: (a / stays).ln() }
        };
        let per_x: Vec<AtX> = self.xs.iter().map(at_x).collect();
        let [value, dr, dalpha, da, db] = block_sum(&self.rows, |row, sums: &mut [f64; 5]| {
            let AtX { shape, stays, log_odds } = per_x[row.x as usize];
            let (log_t, slope_t) = times[row.t as usize];
            sums[0] -= row.weight * shape * log_t;
            sums[1] -= row.weight * log_t;
            sums[2] += row.weight * shape * slope_t;
            let (log_t_x, slope_t_x) = times[row.t_x as usize];
            let odds = log_odds + shape * (log_t - log_t_x);
            let gone = if self.process.k == 1 {
                if !row.had_chance {
                    return;
                }
                let (log_sum, gone) = softplus_with_slope(odds);
                sums[0] += row.weight * log_sum;
                gone
            } else {
                let (since, scale) =
                    (self.times[row.t as usize] - self.times[row.t_x as usize], alpha + self.times[row.t as usize]);
                let stages = Stages::new(self.process.k, shape, since / scale);
                let log_alive = stages.sum.ln();
                let (log_sum, gone) = if row.had_chance { softplus_with_slope(odds - log_alive) } else { (0.0, 0.0) };
                sums[0] += row.weight * (log_alive + log_sum);
                sums[1] += row.weight * (1.0 - gone) * stages.in_shape / stages.sum;
                sums[2] -= row.weight * (1.0 - gone) * stages.count / (stages.sum * scale);
                gone
            };
            let gone = row.weight * gone;
            sums[1] += gone * (log_t - log_t_x);
            sums[2] += gone * shape * (slope_t_x - slope_t);
            sums[3] += gone;
            sums[4] -= gone / stays;
        });
        (value, [dr, dalpha, da / a, db])
    }
}

impl Rows {
    /// The second derivatives of [`time_part`](Self::time_part) where `k = 1`. With `o` the log odds of having left
    /// and `g` their probability, those of `ln(1 + e^o)` are `g o_ij + g (1-g) o_i o_j`.
    fn time_part_second(&self, [r, alpha, a, b]: [f64; 4]) -> [[f64; 4]; 4] {
        let early = self.process.early_chances();
        // ln(1 + t/α), minus its slope in α, and 1 / (α+t)².
        let at_time = |time: &f64| ((time / alpha).ln_1p(), time / (alpha * (alpha + time)), (alpha + time).powi(-2));
        let times: Vec<(f64, f64, f64)> = self.times.iter().map(at_time).collect();
        let at_zero = alpha.powi(-2);
        let per_x: Vec<(f64, f64)> = self.xs.iter().map(|per| (r + per.x, b + per.x + early - 1.0)).collect();
        let [ra, aa, rr, rd, rb, ad, ab, dd, db, bb, gone_aa, gone_bb] =
            block_sum(&self.rows, |row, sums: &mut [f64; 12]| {
                let (shape, stays) = per_x[row.x as usize];
                let ((log_t, slope_t, square_t), (log_t_x, slope_t_x, square_t_x)) =
                    (times[row.t as usize], times[row.t_x as usize]);
                sums[0] += row.weight * slope_t;
                sums[1] += row.weight * shape * (square_t - at_zero);
                if !row.had_chance {
                    return;
                }
                let (since, bend) = (log_t - log_t_x, slope_t_x - slope_t);
                let (_, gone) = softplus_with_slope((a / stays).ln() + shape * since);
                let (both, gone) = (row.weight * gone * (1.0 - gone), row.weight * gone);
                sums[0] += gone * bend;
                sums[1] += gone * shape * (square_t_x - square_t);
                let [in_r, in_alpha, in_b] = [since, shape * bend, -1.0 / stays];
                sums[2] += both * in_r * in_r;
                sums[0] += both * in_r * in_alpha;
                sums[1] += both * in_alpha * in_alpha;
                sums[3] += both * in_r;
                sums[4] += both * in_r * in_b;
                sums[5] += both * in_alpha;
                sums[6] += both * in_alpha * in_b;
                sums[7] += both;
                sums[8] += both * in_b;
                sums[9] += both * in_b * in_b;
                sums[10] += gone;
                sums[11] += gone / (stays * stays);
            });
        let dropout = (dd - gone_aa) / (a * a);
        [[rr, ra, rd / a, rb], [ra, aa, ad / a, ab], [rd / a, ad / a, dropout, db / a], [rb, ab, db / a, bb + gone_bb]]
    }
}

/// Stages that a customer who is alive may have passed since its last purchase, each relative to none.
pub(crate) struct Stages {
    /// `Σ_{j<k} s_j` with `s_j = (shape)_j / j! (w / (α+T))^j`.
    pub(crate) sum: f64,
    /// Its slope in the shape.
    in_shape: f64,
    /// `Σ j s_j`.
    count: f64,
}

impl Stages {
    /// `share` is the time since the last purchase over `α + T`.
    pub(crate) fn new(k: u32, shape: f64, share: f64) -> Self {
        let mut all = Stages { sum: 1.0, in_shape: 0.0, count: 0.0 };
        let (mut weight, mut slope) = (1.0, 0.0);
        for j in 1..k {
            let j = f64::from(j);
            let factor = shape + j - 1.0;
            weight *= factor * share / j;
            slope += 1.0 / factor;
            all.sum += weight;
            all.in_shape += weight * slope;
            all.count += j * weight;
        }
        all
    }

    /// The probability of each stage.
    pub(crate) fn probabilities(k: u32, shape: f64, share: f64) -> Vec<f64> {
        let mut weights = vec![1.0];
        for j in 1..k {
            let j = f64::from(j);
            let last = weights.last().copied().unwrap_or(1.0);
            weights.push(last * (shape + j - 1.0) * share / j);
        }
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / sum).collect()
    }
}

impl Likelihood for Rows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn thinned(&self, step: usize) -> Self {
        let mut thin = Rows { process: self.process, rows: Vec::new(), xs: Vec::new(), times: self.times.clone() };
        for row in self.rows.iter().step_by(step) {
            thin.push(self.xs[row.x as usize].x, Row { ..*row });
        }
        thin
    }

    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let parameters = [parameters[0], parameters[1], parameters[2], parameters[3]];
        let (gamma, gamma_gradient) = self.gamma_part(parameters);
        let (time, time_gradient) = self.time_part(parameters);
        (gamma + time, gamma_gradient.iter().zip(time_gradient).map(|(gamma, time)| gamma + time).collect())
    }

    fn second_derivatives(&self, parameters: &[f64]) -> Option<Matrix> {
        if self.process.k > 1 {
            return None;
        }
        let point = [parameters[0], parameters[1], parameters[2], parameters[3]];
        // The gamma functions are few, one set an x, so differences cost nothing.
        let gamma = |logs: &[f64]| {
            let at = [logs[0], logs[1], logs[2], logs[3]].map(f64::exp);
            let (value, gradient) = self.gamma_part(at);
            (value, gradient.iter().zip(at).map(|(slope, value)| slope * value).collect())
        };
        let gamma_slope = self.gamma_part(point).1;
        let mut second = central_differences(&gamma, &point.map(f64::ln));
        for (i, row) in second.iter_mut().enumerate() {
            row[i] -= gamma_slope[i] * point[i];
            row.iter_mut().enumerate().for_each(|(j, value)| *value /= point[i] * point[j]);
        }
        let time = self.time_part_second(point);
        second
            .iter_mut()
            .zip(time)
            .for_each(|(row, more)| row.iter_mut().zip(more).for_each(|(sum, value)| *sum += value));
        Some(second)
    }
}

#[cfg(test)]
mod tests {
    use crate::models::purchase::dropout::*;
    use proptest::prelude::*;

    fn some_histories() -> Histories {
        let history = |i: u32| {
            let (x, t) = (i % 7, 20.0 + f64::from(i % 11));
            History::new(x, if x == 0 { 0.0 } else { t * f64::from(1 + i % 5) / 6.0 }, t)
        };
        Histories::new(&(0..500).map(history).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn the_gradient_is_that_of_the_likelihood(
            r in 0.05..5.0, alpha in 0.5..50.0, a in 0.05..5.0, b in 0.05..9.0, k in 1_u32..5, leaves_at_once: bool
        ) {
            let rows = Rows::new(Process { k, leaves_at_once }, &some_histories(), 1.0);
            let point = [r, alpha, a, b];
            let (_, gradient) = rows.at(&point);
            for (i, exact) in gradient.into_iter().enumerate() {
                let step = 1e-5 * point[i];
                let moved = |by: f64| -> [f64; 4] { std::array::from_fn(|j| if i == j { point[j] + by } else { point[j] }) };
                let slope = (rows.at(&moved(step)).0 - rows.at(&moved(-step)).0) / (2.0 * step);
                // Central differences of a sum of about 1e4, which holds twelve digits.
                prop_assert!((exact - slope).abs() < 1e-4 * exact.abs().max(1.0 / point[i]), "{i}: {exact} {slope}");
            }
            if let Some(second) = rows.second_derivatives(&point) {
                let differences = central_differences(&|point: &[f64]| rows.at(point), &point);
                for (exact, near) in second.iter().flatten().zip(differences.iter().flatten()) {
                    // Differences of a gradient of up to 1e4, over steps of 1e-5.
                    prop_assert!((exact - near).abs() < 1e-4 * exact.abs() + 1e-4 / (a * b).min(1.0), "{exact} {near}");
                }
            }
        }
    }
}
