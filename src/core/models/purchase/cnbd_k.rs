//! BG/CNBD-k and MBG/CNBD-k: as BG/NBD and MBG/NBD, but purchases come more regularly than at random.
//!
//! The time between purchases is the sum of `k` stages, each exponential with rate `λ` (Erlang-k), so that after a
//! purchase the next one is not due at once. After each repeat purchase (MBG: after the first purchase too) the
//! customer leaves with probability `p`. Over customers `λ ~ Gamma(r, α)` and `p ~ Beta(a, b)`, independently.
//! With `k = 1` these are BG/NBD and MBG/NBD.
//!
//! Reutterer, T., M. Platzer and N. Schröder (2021), Leveraging Purchase Regularity for Predicting Customer
//! Behavior the Easy Way, International Journal of Research in Marketing 38(1), 194-215. Platzer, M. and T. Reutterer
//! (2016), Ticking Away the Moments: Timing Regularity Helps to Better Predict Customer Activity, Marketing Science
//! 35(5), 779-799.
//!
//! The papers' conditional expectation is an approximation. Here it is exact: the stages that have passed since the
//! last purchase are summed over.

use std::f64::consts::TAU;

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::TimeUnit;
use crate::models::fit::report::positive;
use crate::models::purchase::bg_nbd::BgNbd;
use crate::models::purchase::dropout::{Chances, PARAMETERS, Process, Stages};
use crate::models::purchase::mbg_nbd::MbgNbd;
use crate::models::{
    FitError, FitReport, FitSettings, Fitted, Histories, History, MOST_COUNTS, ModelName, PurchaseModel,
};
use crate::numeric::negative_binomial::NegativeBinomial;
use crate::numeric::quadrature::{LONGEST_STEP, beta_mean, discounted};
use crate::numeric::special::{ln_rising, softplus};

/// The name of BG/CNBD-k in settings and reports.
pub const BG_NAME: &str = "bg-cnbd-k";
/// The name of MBG/CNBD-k in settings and reports.
pub const MBG_NAME: &str = "mbg-cnbd-k";

/// The most regular purchases that are tried: a coefficient of variation of 0.29 between them.
pub const LARGEST_K: u32 = 12;
/// Counts of stages beyond which the mean over the dropout probability is the shorter way.
const MOST_COUNTED: f64 = 4_000.0;
/// Where a wave no longer shows: `e^-25`.
const LAST_WAVE: f64 = 25.0;
/// Terms after which a sum over counts is cut off; those before are fewer than [`MOST_COUNTED`] and a tail.
const MOST_TERMS: usize = 100_000;

/// When a customer may leave first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// After the first repeat purchase.
    Bg,
    /// After the first purchase.
    Mbg,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Bg => BG_NAME,
            Kind::Mbg => MBG_NAME,
        }
    }

    /// Chances to leave before the first repeat purchase.
    fn early_chances(self) -> f64 {
        match self {
            Kind::Bg => 0.0,
            Kind::Mbg => 1.0,
        }
    }
}

/// A (M)BG/CNBD-k model with its regularity and four parameters.
///
/// ```
/// use clivia_core::models::{History, PurchaseModel};
/// use clivia_core::models::purchase::cnbd_k::{CnbdK, Kind};
/// let regular = CnbdK::new(Kind::Mbg, 3, 0.5, 2.0, 0.9, 1.6)?;
/// // Who buys every four weeks is due four weeks after the last purchase, not at once.
/// let next_week = |t: f64| regular.purchases_if_alive(History::new(10, 40.0, t), 1.0);
/// assert!(next_week(43.0) > 2.0 * next_week(40.0));
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CnbdK {
    /// Which of the two.
    pub kind: Kind,
    /// Stages between purchases: 1 is random, more is more regular.
    pub k: u32,
    /// Shape of the stage rates: the smaller, the more customers differ.
    pub r: f64,
    /// Scale of the stage rates, in time units: purchases come at a mean rate of `r / (k alpha)`.
    pub alpha: f64,
    /// First shape of the dropout probability: the mean is `a / (a + b)`.
    pub a: f64,
    /// Second shape of the dropout probability.
    pub b: f64,
}

impl CnbdK {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number.
    pub fn new(kind: Kind, k: u32, r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, FitError> {
        let name = kind.name();
        positive(name, "k", Some(f64::from(k)))?;
        let [r, alpha, a, b] = [r, alpha, a, b].map(Some);
        Ok(CnbdK {
            kind,
            k,
            r: positive(name, "r", r)?,
            alpha: positive(name, "alpha", alpha)?,
            a: positive(name, "a", a)?,
            b: positive(name, "b", b)?,
        })
    }

    /// The model of an earlier fit, for a run that counts time in `unit`.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::OtherUnit`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport, unit: TimeUnit) -> Result<Self, FitError> {
        let kind = if report.model == MBG_NAME { Kind::Mbg } else { Kind::Bg };
        let [r, alpha, a, b] = report.parameters_in(unit, kind.name(), PARAMETERS)?;
        let k = positive(kind.name(), "k", report.parameters.get("k").copied())?;
        CnbdK::new(kind, k as u32, r, alpha, a, b)
    }

    /// Fits by maximum likelihood, to histories with times in `unit`.
    ///
    /// A likelihood over `k` needs the times between purchases, which a history does not hold; where the histories
    /// know the sum of their logarithms ([`Histories::with_log_gaps`]), `k` is chosen among 1 to 12, and stops where
    /// two more stages in turn fit worse. Where they do not, [`FitSettings::regularity`] says it, or 2 is taken.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(
        kind: Kind,
        histories: &Histories,
        unit: TimeUnit,
        settings: &FitSettings,
    ) -> Result<Fitted<Self>, FitError> {
        match (settings.regularity, histories.log_gaps()) {
            (0, Some(_)) => Self::fit_best(kind, histories, unit, settings),
            (0, None) => {
                let mut fitted = Self::fit_with(kind, 2, histories, unit, settings)?;
                let warning = "the times between purchases are not known here, so k = 2 was taken; set regularity";
                fitted.report.warnings.push(warning.into());
                Ok(fitted)
            }
            (k, _) => Self::fit_with(kind, k, histories, unit, settings),
        }
    }

    fn fit_best(
        kind: Kind,
        histories: &Histories,
        unit: TimeUnit,
        settings: &FitSettings,
    ) -> Result<Fitted<Self>, FitError> {
        let mut best = Self::fit_with(kind, 1, histories, unit, settings)?;
        let mut worse = 0;
        for k in 2..=LARGEST_K {
            match Self::fit_with(kind, k, histories, unit, settings) {
                Ok(fitted) if fitted.report.log_likelihood > best.report.log_likelihood => {
                    (best, worse) = (fitted, 0);
                }
                _ => worse += 1,
            }
            if worse == 2 {
                break;
            }
        }
        Ok(best)
    }

    fn fit_with(
        kind: Kind,
        k: u32,
        histories: &Histories,
        unit: TimeUnit,
        settings: &FitSettings,
    ) -> Result<Fitted<Self>, FitError> {
        let process = Process { k, leaves_at_once: kind == Kind::Mbg };
        // Every gap enters the Erlang density with its power k - 1.
        let gaps = histories.log_gaps().map_or(0.0, |gaps| f64::from(k - 1) * gaps);
        let fixed = vec![("k", f64::from(k))];
        let ([r, alpha, a, b], report) = process.fit(kind.name(), fixed, histories, unit, settings, gaps)?;
        Ok(Fitted { model: CnbdK::new(kind, k, r, alpha, a, b)?, report })
    }

    /// `r + k x`: the shape of the stage rate, given the purchases.
    fn shape(&self, x: u32) -> f64 {
        self.r + f64::from(self.k) * f64::from(x)
    }

    /// The time since the last purchase, over `α + T`.
    fn share(&self, History { t_x, t, .. }: History) -> f64 {
        (t - t_x) / (self.alpha + t)
    }

    /// The log odds that the customer has left, against being alive with no stage passed.
    fn log_odds_gone(&self, History { x, t_x, t, .. }: History) -> f64 {
        let stays = self.b + f64::from(x) + self.kind.early_chances() - 1.0;
        (self.a / stays).ln() + self.shape(x) * ((t - t_x) / (self.alpha + t_x)).ln_1p()
    }

    fn had_chance(&self, history: History) -> bool {
        history.x > 0 || self.kind == Kind::Mbg
    }

    /// What is known of the dropout of a customer that is alive.
    fn chances(&self, x: u32) -> Chances {
        Chances { a: self.a, b: self.b + f64::from(x) + self.kind.early_chances() }
    }

    /// Each stage that may have passed, its probability, and the stages to come if the customer could not leave.
    fn stages(&self, history: History, horizon: f64) -> impl Iterator<Item = (u32, f64, NegativeBinomial)> {
        let (shape, w) = (self.shape(history.x), horizon / (self.alpha + history.t));
        let probabilities = Stages::probabilities(self.k, shape, self.share(history));
        (0..).zip(probabilities).map(move |(j, p)| (j, p, NegativeBinomial { shape: shape + f64::from(j), w }))
    }

    /// The mean time between purchases of a customer with this history.
    fn between_purchases(&self, History { x, t, .. }: History) -> f64 {
        f64::from(self.k) * (self.alpha + t) / self.shape(x)
    }

    /// Where `k = 1`, the model without stages.
    fn at_random(&self) -> Option<Box<dyn PurchaseModel>> {
        let CnbdK { kind, k, r, alpha, a, b } = *self;
        match (k, kind) {
            (1, Kind::Bg) => Some(Box::new(BgNbd { r, alpha, a, b })),
            (1, Kind::Mbg) => Some(Box::new(MbgNbd { r, alpha, a, b })),
            _ => None,
        }
    }

    /// `Σ_m P(M = m) C(⌊(j+m)/k⌋)` with `C(n) = Σ_{i<n} B(a, b'+i)/B(a, b')`: for how many of its next purchases
    /// the customer is expected to be there, from stage `j`. The sum runs outwards from the likeliest count.
    fn purchases_from(&self, j: u32, counts: NegativeBinomial, reached: &mut Reached) -> f64 {
        let z = counts.w / (1.0 + counts.w);
        let mode = ((counts.shape - 1.0) * counts.w).floor().clamp(0.0, 1e15);
        let k = f64::from(self.k);
        let purchases = |m: f64| ((f64::from(j) + m) / k).floor() as usize;
        let (mut mass, mut total) = (1.0, reached.by(purchases(mode)));
        let mut weight = 1.0;
        let mut m = mode;
        for _ in 0..MOST_TERMS {
            let ratio = (counts.shape + m) * z / (m + 1.0);
            weight *= ratio;
            m += 1.0;
            let more = weight * reached.by(purchases(m));
            mass += weight;
            total += more;
            let gap = 1.0 - ratio.max(z);
            if gap > 0.0 && more > 0.0 && more <= 1e-17 * total * gap * gap {
                break;
            }
        }
        (weight, m) = (1.0, mode);
        while m > 0.0 {
            weight *= m / ((counts.shape + m - 1.0) * z);
            m -= 1.0;
            let more = weight * reached.by(purchases(m));
            mass += weight;
            total += more;
            if weight * m <= 1e-18 * mass {
                break;
            }
        }
        total / mass
    }
}

/// What a customer with a known probability `p` of leaving buys. With `z` the `k`-th roots of `q = 1 - p`, and `w` the
/// horizon over `α + T`, the sum over every `k`-th count is one over these roots:
///
/// ```text
/// (1 - E q^N) / p,   E q^N = Σ_j P(j) p/(kq) Σ_z z^(j+1)/(1-z) (1 + w (1-z))^-(shape+j)
/// ```
///
/// The positive root gives nearly all of it, and its distance to 1 is taken by its logarithm.
struct KnownDropout<'a> {
    k: f64,
    stages: &'a [(u32, f64, NegativeBinomial)],
    w: f64,
    /// Half the roots of 1, without 1 itself: their angle, and for how many they stand.
    roots: Vec<(f64, f64)>,
    /// `P(N = n)` for the first few `n`.
    first: [f64; 5],
}

/// Up to here `E q^N` is the sum of its first terms; the roots cancel there.
const SMALLEST_STAY: f64 = 1e-3;

impl<'a> KnownDropout<'a> {
    fn new(k: u32, stages: &'a [(u32, f64, NegativeBinomial)], w: f64) -> Self {
        let root = |l: u32| (TAU * f64::from(l) / f64::from(k), if 2 * l == k { 1.0 } else { 2.0 });
        let first = std::array::from_fn(|n| {
            let n = n as u32;
            let of = |&(j, p, counts): &(u32, f64, NegativeBinomial)| {
                p * ((k * n).saturating_sub(j)..k * n + k - j).map(|m| counts.probability(m)).sum::<f64>()
            };
            stages.iter().map(of).sum()
        });
        KnownDropout { k: f64::from(k), stages, w, roots: (1..=k / 2).map(root).collect(), first }
    }

    fn purchases(&self, p: f64) -> f64 {
        let p = p.max(1e-200);
        let q = 1.0 - p;
        if q < SMALLEST_STAY {
            return (1.0 - self.first.iter().rev().fold(0.0, |sum, value| sum * q + value)) / p;
        }
        self.stages.iter().map(|&(j, share, counts)| share * self.at_stage(j, counts.shape, p)).sum()
    }

    fn at_stage(&self, j: u32, shape: f64, p: f64) -> f64 {
        // q = e^(-k g), and the positive root of it e^-g.
        let (steps, g) = (f64::from(j) + 1.0, -(-p).ln_1p() / self.k);
        let positive = ln_mean_fall(self.k * g) - ln_mean_fall(g) + (self.k - steps) * g
            - shape * (-self.w * (-g).exp_m1()).ln_1p();
        let others: f64 = self.roots.iter().map(|&(angle, times)| times * self.root(angle, g, steps, shape)).sum();
        -positive.exp_m1() / p - others * (self.k * g).exp() / self.k
    }

    /// The real part of `z^(j+1)/(1-z) (1 + w (1-z))^-shape`.
    fn root(&self, angle: f64, g: f64, steps: f64, shape: f64) -> f64 {
        let (sin, cos) = angle.sin_cos();
        let size = (-g).exp();
        let (gap, turn) = (1.0 - size * cos, -size * sin);
        let (far, far_turn) = (1.0 + self.w * gap, self.w * turn);
        let log = -steps * g - gap.hypot(turn).ln() - shape * far.hypot(far_turn).ln();
        log.exp() * (steps * angle - turn.atan2(gap) - shape * far_turn.atan2(far)).cos()
    }
}

/// `ln [(1 - e^-x) / x]`.
fn ln_mean_fall(x: f64) -> f64 {
    if x < 0.02 { x * (-0.5 + x * (1.0 / 24.0 - x * x / 2880.0)) } else { (-(-x).exp_m1() / x).ln() }
}

/// `C(n)`, worked out as far as it is asked for.
struct Reached {
    chances: Chances,
    sums: Vec<f64>,
    stay: f64,
}

impl Reached {
    fn new(chances: Chances) -> Self {
        Reached { chances, sums: vec![0.0], stay: 1.0 }
    }

    fn by(&mut self, n: usize) -> f64 {
        while self.sums.len() <= n {
            let i = (self.sums.len() - 1) as f64;
            let last = self.sums[self.sums.len() - 1];
            self.sums.push(last + self.stay);
            self.stay *= (self.chances.b + i) / (self.chances.a + self.chances.b + i);
        }
        self.sums[n]
    }
}

impl PurchaseModel for CnbdK {
    fn name(&self) -> ModelName {
        match self.kind {
            Kind::Bg => ModelName::BgCnbdK,
            Kind::Mbg => ModelName::MbgCnbdK,
        }
    }

    /// With `w = T - t_x` and (for MBG) one more chance to leave in the beta functions:
    ///
    /// ```text
    /// L = B(a, b+x)/B(a, b) α^r / (Γ(r) Γ(k)^x) Σ_{j<k} Γ(r+kx+j) w^j / (j! (α+T)^(r+kx+j))
    ///   + [x > 0] B(a+1, b+x-1)/B(a, b) α^r Γ(r+kx) / (Γ(r) Γ(k)^x (α+t_x)^(r+kx))
    /// ```
    ///
    /// The Erlang densities have another factor `Π Δt^(k-1)` over the times between purchases, which a history does
    /// not hold and no parameter depends on. A fit adds it where it is known, since `k` depends on it.
    fn log_likelihood(&self, history: History) -> f64 {
        let CnbdK { r, alpha, a, b, .. } = *self;
        let (x, k) = (f64::from(history.x), f64::from(self.k));
        let shape = self.shape(history.x);
        let rate = ln_rising(r, k * x).0 - r * (history.t / alpha).ln_1p() - k * x * (alpha + history.t).ln();
        let chances = x + self.kind.early_chances();
        let stayed = ln_rising(b, chances).0 - ln_rising(a + b, chances).0;
        let alive = Stages::new(self.k, shape, self.share(history)).sum.ln();
        let gone = if self.had_chance(history) { softplus(self.log_odds_gone(history) - alive) } else { 0.0 };
        rate - x * ln_rising(1.0, k - 1.0).0 + stayed + alive + gone
    }

    fn p_alive(&self, history: History) -> f64 {
        if !self.had_chance(history) {
            return 1.0;
        }
        let alive = Stages::new(self.k, self.shape(history.x), self.share(history)).sum.ln();
        1.0 / (1.0 + (self.log_odds_gone(history) - alive).exp())
    }

    /// From stage `j`, which a customer that is alive has reached with probability proportional to
    /// `Γ(r+kx+j) w^j / (j! (α+T)^j)`, the next purchases are every `k`-th of `j + M` stages, `M` negative binomial;
    /// the customer is there for the `n`-th with probability `B(a, b'+n-1)/B(a, b')`.
    fn purchases_if_alive(&self, history: History, horizon: f64) -> f64 {
        if let Some(model) = self.at_random() {
            return model.purchases_if_alive(history, horizon);
        }
        if horizon <= 0.0 {
            return 0.0;
        }
        let (chances, w) = (self.chances(history.x), horizon / (self.alpha + history.t));
        let mean = (self.shape(history.x) + f64::from(self.k)) * w;
        let counted = mean + 10.0 * (mean * (1.0 + w)).sqrt() + 40.0 * w;
        if horizon.is_infinite() {
            chances.most_purchases()
        } else if counted > MOST_COUNTED {
            let stages: Vec<_> = self.stages(history, horizon).collect();
            let known = KnownDropout::new(self.k, &stages, w);
            beta_mean(chances.a, chances.b, |p| known.purchases(p))
        } else {
            let mut reached = Reached::new(chances);
            self.stages(history, horizon).map(|(j, p, counts)| p * self.purchases_from(j, counts, &mut reached)).sum()
        }
    }

    /// By parts. What is known of the stage fades as `e^(-λt (1 - cos 2π/k))`; until nothing of it is left, regular
    /// purchases come in waves, and panels reach from one to the next.
    fn discounted_if_alive(&self, history: History, horizon: f64, delta: f64) -> Option<f64> {
        if let Some(model) = self.at_random() {
            return model.discounted_if_alive(history, horizon, delta);
        }
        let (scale, wave) = (self.time_scale(history), self.between_purchases(history));
        let k = f64::from(self.k);
        let waves = wave * LAST_WAVE / (k * (1.0 - (TAU / k).cos()));
        let step = |t: f64| {
            let long = LONGEST_STEP * (scale + t);
            if t < waves { long.min(wave) } else { long }
        };
        Some(discounted(|t| self.purchases_if_alive(history, t), horizon, delta, step))
    }

    fn probability_if_alive(&self, history: History, horizon: f64, n: u32) -> f64 {
        let chances = self.chances(history.x);
        let at_stage = |(j, p, counts): (u32, f64, NegativeBinomial)| {
            // With j stages passed, n purchases take from kn - j to kn - j + k - 1 more.
            let first = (self.k * n).saturating_sub(j);
            let exactly: f64 = (first..self.k * n + self.k - j).map(|m| counts.probability(m)).sum();
            p * chances.probability(n, exactly, counts.at_least(first))
        };
        self.stages(history, horizon).map(at_stage).sum()
    }

    fn probabilities_if_alive(&self, history: History, horizon: f64, tail: f64) -> Vec<f64> {
        let (chances, k) = (self.chances(history.x), self.k as usize);
        let mut all: Vec<f64> = Vec::new();
        for (j, p, counts) in self.stages(history, horizon) {
            let mut stages = counts.probabilities();
            let mut left = k - j as usize;
            let purchases = std::iter::from_fn(|| Some(stages.by_ref().take(std::mem::replace(&mut left, k)).sum()));
            let own = chances.probabilities(purchases, tail, MOST_COUNTS);
            all.resize(all.len().max(own.len()), 0.0);
            all.iter_mut().zip(own).for_each(|(sum, value)| *sum += p * value);
        }
        all
    }

    fn draw(&self, t: f64, rng: &mut Xoshiro256PlusPlus) -> History {
        let process = Process { k: self.k, leaves_at_once: self.kind == Kind::Mbg };
        process.draw([self.r, self.alpha, self.a, self.b], t, rng)
    }

    /// Without stages, `t_x` says nothing more of a customer that is alive.
    fn while_alive(&self, history: History) -> History {
        if self.k == 1 { History { t_x: history.t, ..history } } else { history }
    }

    /// As that of BG/NBD; the roots of the stages bend sooner by half.
    fn time_scale(&self, history: History) -> f64 {
        let Chances { a, b } = self.chances(history.x);
        let purchases = self.shape(history.x) / f64::from(self.k);
        0.5 * (self.alpha + history.t) / (1.0 + purchases * a / (a + b))
    }
}

#[cfg(test)]
mod tests {
    use crate::models::fit::Likelihood;
    use crate::models::purchase::cnbd_k::*;
    use crate::models::purchase::dropout::Rows;
    use rand::SeedableRng;

    fn model(kind: Kind, k: u32) -> CnbdK {
        CnbdK::new(kind, k, 0.9, 2.2, 0.7, 2.6).expect("positive")
    }

    fn drawn(model: &CnbdK, customers: usize) -> Histories {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
        Histories::new(&(0..customers).map(|i| model.draw(30.0 + (i % 30) as f64, &mut rng)).collect::<Vec<_>>())
    }

    #[test]
    fn one_stage_is_no_stage() {
        for history in [History::new(0, 0.0, 20.0), History::new(3, 11.0, 20.0)] {
            let (bg, mbg) = (model(Kind::Bg, 1), model(Kind::Mbg, 1));
            let plain = BgNbd::new(0.9, 2.2, 0.7, 2.6).expect("positive");
            let early = MbgNbd::new(0.9, 2.2, 0.7, 2.6).expect("positive");
            for (one, other) in [
                (bg.log_likelihood(history), plain.log_likelihood(history)),
                (mbg.log_likelihood(history), early.log_likelihood(history)),
                (bg.p_alive(history), plain.p_alive(history)),
                (mbg.p_alive(history), early.p_alive(history)),
                (bg.probability_if_alive(history, 9.0, 2), plain.probability_if_alive(history, 9.0, 2)),
            ] {
                assert!((one / other - 1.0).abs() < 1e-13); // rounding
            }
        }
    }

    #[test]
    fn the_fast_likelihood_is_the_sum_over_customers() {
        for (kind, leaves_at_once) in [(Kind::Bg, false), (Kind::Mbg, true)] {
            let model = model(kind, 3);
            let histories = drawn(&model, 500);
            let plain: f64 = histories.map(|history| model.log_likelihood(history)).iter().sum();
            let rows = Rows::new(Process { k: 3, leaves_at_once }, &histories, 1.0);
            let (fast, _) = rows.at(&[model.r, model.alpha, model.a, model.b]);
            assert!((fast / plain - 1.0).abs() < 1e-12); // the order of 500 sums
        }
    }

    #[test]
    fn the_counts_have_the_expected_mean() {
        for kind in [Kind::Bg, Kind::Mbg] {
            for history in [History::NEW, History::new(4, 31.0, 39.0)] {
                let model = model(kind, 3);
                let counts = model.probabilities_if_alive(history, 39.0, 1e-13);
                let mean: f64 = counts.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
                assert!((mean / model.purchases_if_alive(history, 39.0) - 1.0).abs() < 1e-9); // the tail cut off
                for (n, value) in counts.iter().enumerate().step_by(5) {
                    let exact = model.probability_if_alive(history, 39.0, n as u32);
                    assert!((value - exact).abs() < 1e-12); // rounding of the sums so far
                }
            }
        }
    }

    #[test]
    fn simulated_customers_buy_as_often_as_expected() {
        let model = model(Kind::Mbg, 3);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
        let counts: Vec<f64> = (0..40_000).map(|_| f64::from(model.draw(30.0, &mut rng).x)).collect();
        let mean = counts.iter().sum::<f64>() / 4e4;
        let variance = counts.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4e4;
        assert!((mean - model.expectation(30.0)).abs() < 3.5 * (variance / 4e4).sqrt()); // standard errors
    }

    #[test]
    fn regularity_is_found_by_the_gaps() {
        let truth = model(Kind::Mbg, 3);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
        let (mut seen, mut gaps) = (Vec::new(), 0.0);
        for _ in 0..3_000 {
            let history = truth.draw(40.0, &mut rng);
            // The last purchase times of a growing window are all purchase times; here only their spacing counts,
            // so gaps are drawn as the model draws them: Erlang, conditional on their sum.
            let parts: Vec<f64> = (0..history.x).map(|_| crate::numeric::random::gamma(3.0, 1.0, &mut rng)).collect();
            let sum: f64 = parts.iter().sum();
            gaps += parts.iter().map(|part| (part / sum * history.t_x).ln()).sum::<f64>();
            seen.push(history);
        }
        let histories = Histories::new(&seen).with_log_gaps(gaps);
        let fitted = CnbdK::fit(Kind::Mbg, &histories, TimeUnit::Weeks, &FitSettings::default()).expect("a fit");
        assert_eq!(fitted.model.k, 3);
        assert_eq!(CnbdK::from_report(&fitted.report, TimeUnit::Weeks), Ok(fitted.model));
    }
}
