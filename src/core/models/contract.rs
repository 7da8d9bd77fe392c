//! Models of customers under contract, who say when they leave: how many renewals a subscription lasts.
//!
//! A subscription runs for whole periods, and at the end of each the customer renews it or does not. Of a base it is
//! known who has left at which renewal, and how many renewals the others have made so far. A model projects beyond
//! these: the survival curve, the renewals still to come from a customer, and what they are worth today.

pub mod beta_discrete_weibull;
pub mod constant_retention;
pub mod shifted_beta_geometric;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::models::fit::{Likelihood, Parameter, Prior, Task, block_sum};
use crate::models::{FitError, FitReport, FitSettings, Fitted};
use crate::numeric::slow_sum::{Fall, slow_sum};
use beta_discrete_weibull::BetaDiscreteWeibull;
use constant_retention::ConstantRetention;
use shifted_beta_geometric::ShiftedBetaGeometric;

/// The most parameters that a model has here.
pub const MOST_PARAMETERS: usize = 3;

/// Renewals after which a distribution is not followed any more.
pub const MOST_RENEWALS: u32 = 1_000_000;

/// How long a subscription has lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Tenure {
    /// How often it was renewed.
    pub renewals: u32,
    /// Whether it was not renewed the next time; else it is still running.
    pub ended: bool,
}

/// The tenures of a base, each distinct one once.
///
/// ```
/// use clivia_core::models::contract::{Renewal, Tenure, Tenures};
/// let running = Tenure { renewals: 2, ended: false };
/// let tenures: Tenures = [running, running, Tenure { renewals: 0, ended: true }].into_iter().collect();
/// assert_eq!(tenures.renewal(1), Renewal { at_risk: 3, lost: 1 });
/// assert_eq!(tenures.renewal(2), Renewal { at_risk: 2, lost: 0 });
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tenures {
    counts: BTreeMap<Tenure, u64>,
    /// By number of the renewal, from 1.
    renewals: Vec<Renewal>,
}

/// What happened at the `t`-th renewal of a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Renewal {
    /// Subscriptions that came to it.
    pub at_risk: u64,
    /// Those that ended there.
    pub lost: u64,
}

impl FromIterator<Tenure> for Tenures {
    fn from_iter<I: IntoIterator<Item = Tenure>>(tenures: I) -> Self {
        Self::weighted(tenures.into_iter().map(|tenure| (tenure, 1)))
    }
}

impl Tenures {
    /// Tenures that stand for several subscriptions each.
    pub fn weighted(tenures: impl IntoIterator<Item = (Tenure, u64)>) -> Self {
        let mut counts = BTreeMap::new();
        tenures.into_iter().filter(|(_, count)| *count > 0).for_each(|(tenure, count)| {
            *counts.entry(tenure).or_default() += count;
        });
        let mut renewals: Vec<Renewal> = Vec::new();
        for (tenure, count) in counts.iter().rev() {
            let seen = tenure.seen() as usize;
            renewals.resize(renewals.len().max(seen), Renewal::default());
            renewals[..seen].iter_mut().for_each(|renewal| renewal.at_risk += count);
            if tenure.ended {
                renewals[seen - 1].lost += count;
            }
        }
        Tenures { counts, renewals }
    }

    /// The tenures of a cohort of which so many were left after 0, 1, 2, ... renewals, as papers print them.
    ///
    /// ```
    /// use clivia_core::models::contract::{Renewal, Tenures};
    /// let regular = Tenures::cohort(&[1000, 631, 468]);
    /// assert_eq!(regular.renewal(2), Renewal { at_risk: 631, lost: 163 });
    /// ```
    pub fn cohort(left: &[u64]) -> Self {
        let lost =
            |(renewals, pair): (u32, &[u64])| (Tenure { renewals, ended: true }, pair[0].saturating_sub(pair[1]));
        let running = left.last().map(|count| (Tenure { renewals: left.len() as u32 - 1, ended: false }, *count));
        Self::weighted((0..).zip(left.windows(2)).map(lost).chain(running))
    }

    /// How many subscriptions there are.
    pub fn subscriptions(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Distinct tenures, and how many subscriptions have each.
    pub fn distinct(&self) -> impl ExactSizeIterator<Item = (Tenure, u64)> + '_ {
        self.counts.iter().map(|(tenure, count)| (*tenure, *count))
    }

    /// How many renewals in a row the oldest subscription has come to.
    pub fn observed(&self) -> u32 {
        self.renewals.len() as u32
    }

    /// What happened at the `t`-th renewal, `t` from 1.
    pub fn renewal(&self, t: u32) -> Renewal {
        let place = (t as usize).checked_sub(1);
        place.and_then(|place| self.renewals.get(place)).copied().unwrap_or_default()
    }

    /// All renewals together.
    pub fn total(&self) -> Renewal {
        self.renewals.iter().fold(Renewal::default(), |sum, renewal| Renewal {
            at_risk: sum.at_risk + renewal.at_risk,
            lost: sum.lost + renewal.lost,
        })
    }

    /// Whether a model whose curve bends can be read from these.
    ///
    /// # Errors
    /// Why not; with a prior, only where there is nothing to see at all.
    fn check(&self, model: &'static str, least_renewals: u32, settings: &FitSettings) -> Result<(), FitError> {
        let Renewal { at_risk, lost } = self.total();
        let subscriptions = self.subscriptions() as usize;
        let informed = settings.prior != Prior::None || settings.penalty > 0.0;
        match subscriptions {
            0 => Err(FitError::NoCustomers),
            _ if at_risk == 0 => Err(FitError::NoRenewals { subscriptions }),
            _ if informed => Ok(()),
            1 => Err(FitError::OneCustomer),
            _ if lost == 0 => Err(FitError::NobodyLeft { subscriptions, renewals: at_risk }),
            _ if lost == at_risk => Err(FitError::EverybodyLeft { subscriptions }),
            _ if self.observed() < least_renewals => {
                Err(FitError::TooFewRenewals { model, found: self.observed(), needed: least_renewals })
            }
            _ => Ok(()),
        }
    }
}

impl Tenure {
    /// How many renewals it has come to.
    fn seen(self) -> u32 {
        self.renewals + u32::from(self.ended)
    }
}

/// `-ln` of the probability to make some renewals more, and its slopes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Hazard {
    /// The cumulative hazard, not negative.
    pub value: f64,
    /// Its slopes in the model's parameters, in the order of the report; those it does not have are 0.
    pub gradient: [f64; MOST_PARAMETERS],
    /// Its slope in the number of renewals.
    pub rate: f64,
}

/// A fitted model of how many renewals a subscription lasts. Times are counted in periods of one contract.
///
/// `t` is the number of a renewal, from 1; the first period is paid when the subscription starts, so `S(0) = 1`.
pub trait RetentionModel: fmt::Debug + Send + Sync {
    /// Which model it is.
    fn name(&self) -> RetentionName;

    /// `-ln [S(n + ahead) / S(n)]`: what a subscription that was renewed `n` times has before it.
    fn hazard(&self, n: f64, ahead: f64) -> Hazard;

    /// `m`, where survival in the end falls like `t^-m`; infinite where it falls faster.
    fn tail_exponent(&self) -> f64;

    /// The share of subscriptions that is left after `t` renewals: `S(t)`.
    fn survival(&self, t: u32) -> f64 {
        self.survival_from(0, t)
    }

    /// The probability that a subscription renewed `n` times is renewed `ahead` times more: `S(n+ahead) / S(n)`.
    fn survival_from(&self, n: u32, ahead: u32) -> f64 {
        (-self.hazard(f64::from(n), f64::from(ahead)).value).exp()
    }

    /// The share of those who come to the `t`-th renewal that make it: `r(t) = S(t) / S(t-1)`, `t` from 1.
    fn retention(&self, t: u32) -> f64 {
        self.survival_from(t.saturating_sub(1), 1)
    }

    /// The share of subscriptions that end at the `t`-th renewal: `P(T = t) = S(t-1) - S(t)`, `t` from 1.
    fn probability(&self, t: u32) -> f64 {
        let before = t.saturating_sub(1);
        -self.survival(before) * (-self.hazard(f64::from(before), 1.0).value).exp_m1()
    }

    /// The log-likelihood of one subscription: `ln P(T = t)` of one that ended at its `t`-th renewal, `ln S(n)` of one
    /// that runs after `n` of them; and its slopes in the parameters.
    fn log_likelihood(&self, tenure: Tenure) -> (f64, [f64; MOST_PARAMETERS]) {
        let n = f64::from(tenure.renewals);
        let until = self.hazard(0.0, n);
        let (value, gradient) = (-until.value, until.gradient.map(|slope| -slope));
        if !tenure.ended {
            return (value, gradient);
        }
        let last = self.hazard(n, 1.0);
        let lost = -(-last.value).exp_m1();
        let odds = last.value.exp_m1();
        (value + lost.ln(), std::array::from_fn(|i| gradient[i] + last.gradient[i] / odds))
    }

    /// The renewals still to come from a subscription that was renewed `n` times, each discounted to the next one:
    ///
    /// ```text
    /// DERL = Σ_{k≥1} S(n+k) / S(n) v^(k-1),   k up to the horizon, or without end
    /// ```
    ///
    /// where `v` from 0 to 1 is what one is worth a period before. `None` where the sum has no limit: without
    /// discounting, and with survival that falls no faster than `1/t`. A sum without end is good to 1e-10.
    fn discounted_residual_lifetime(&self, n: u32, horizon: Option<u32>, v: f64) -> Option<f64> {
        match horizon {
            Some(horizon) => Some(self.sum_of_renewals(n, horizon, v)),
            None if v >= 1.0 && self.tail_exponent() <= 1.0 => None,
            None => Some(self.sum_of_all_renewals(n, v)),
        }
    }

    /// The renewals still to come, not discounted; `None` where their mean has no limit.
    fn residual_lifetime(&self, n: u32, horizon: Option<u32>) -> Option<f64> {
        self.discounted_residual_lifetime(n, horizon, 1.0)
    }

    /// The sum up to a horizon, term by term.
    fn sum_of_renewals(&self, n: u32, horizon: u32, v: f64) -> f64 {
        let (mut sum, mut term) = (0.0, 1.0 / v);
        for k in 1..=horizon {
            term *= v * self.retention(n.saturating_add(k));
            sum += term;
            if term <= 1e-18 * sum {
                break;
            }
        }
        sum
    }

    /// The sum without end.
    fn sum_of_all_renewals(&self, n: u32, v: f64) -> f64 {
        if v <= 0.0 {
            return self.survival_from(n, 1);
        }
        let discount = -v.ln();
        let fall = |k: f64| {
            let hazard = self.hazard(f64::from(n), k);
            Fall { log: -hazard.value - discount * (k - 1.0), rate: hazard.rate + discount }
        };
        slow_sum(fall).value
    }

    /// The smallest number of renewals `k` that a subscription renewed `n` times exceeds with a probability of at most
    /// `1 - share`; `None` beyond [`MOST_RENEWALS`].
    ///
    /// With `R` renewals to come, `P(R ≤ k) = 1 - S(n+k+1) / S(n)`.
    fn quantile(&self, n: u32, share: f64) -> Option<u32> {
        let enough = |k: u32| self.survival_from(n, k + 1) <= 1.0 - share;
        if !enough(MOST_RENEWALS) {
            return None;
        }
        // Enough at `high`, and not before `low`.
        let (mut low, mut high) = (0, 1);
        while !enough(high) {
            (low, high) = (high + 1, (2 * high).min(MOST_RENEWALS));
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if enough(middle) { high = middle } else { low = middle + 1 }
        }
        Some(low)
    }
}

/// The retention models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RetentionName {
    /// Each customer renews with a probability of its own, which stays.
    #[default]
    Sbg,
    /// Each customer's probability of renewing may rise or fall with tenure too.
    Bdw,
    /// All customers renew with the same probability, always: where the data cannot tell more.
    Constant,
}

impl RetentionName {
    /// All of them.
    pub const ALL: [RetentionName; 3] = [RetentionName::Sbg, RetentionName::Bdw, RetentionName::Constant];

    /// The name in settings and reports.
    pub fn name(self) -> &'static str {
        match self {
            RetentionName::Sbg => shifted_beta_geometric::NAME,
            RetentionName::Bdw => beta_discrete_weibull::NAME,
            RetentionName::Constant => constant_retention::NAME,
        }
    }

    /// Fits this model.
    ///
    /// # Errors
    /// A [`FitError`] where the base cannot carry the model or the search did not converge.
    pub fn fit(self, tenures: &Tenures, settings: &FitSettings) -> Result<FittedRetention, FitError> {
        Ok(match self {
            RetentionName::Sbg => boxed(ShiftedBetaGeometric::fit(tenures, settings)?),
            RetentionName::Bdw => boxed(BetaDiscreteWeibull::fit(tenures, settings)?),
            RetentionName::Constant => boxed(ConstantRetention::fit(tenures)?),
        })
    }

    /// The model of an earlier fit, for contracts with periods of the same length.
    ///
    /// # Errors
    /// [`FitError::OtherModel`] or [`FitError::Parameter`].
    pub fn from_report(report: &FitReport) -> Result<Box<dyn RetentionModel>, FitError> {
        let named = Self::ALL.into_iter().find(|model| model.name() == report.model);
        Ok(match named {
            Some(RetentionName::Sbg) => Box::new(ShiftedBetaGeometric::from_report(report)?),
            Some(RetentionName::Bdw) => Box::new(BetaDiscreteWeibull::from_report(report)?),
            Some(RetentionName::Constant) => Box::new(ConstantRetention::from_report(report)?),
            None => return Err(FitError::OtherModel { expected: "a retention model", found: report.model.clone() }),
        })
    }
}

impl fmt::Display for RetentionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A fitted model, whichever it is.
pub type FittedRetention = Fitted<Box<dyn RetentionModel>>;

fn boxed(fitted: Fitted<impl RetentionModel + 'static>) -> FittedRetention {
    Fitted { model: Box::new(fitted.model), report: fitted.report }
}

/// Which retention model is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RetentionChoice {
    /// Shifted beta-geometric.
    Sbg,
    /// Beta-discrete-Weibull.
    Bdw,
    /// The one of the two with the smaller AIC.
    #[default]
    Auto,
}

/// A model that was tried, and how well it fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The model.
    pub model: RetentionName,
    /// Its log-likelihood.
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion: twice the number of parameters minus twice the log-likelihood; less is better.
    pub aic: Option<f64>,
    /// Why it could not be fitted.
    pub error: Option<String>,
}

impl RetentionChoice {
    /// Fits what is asked for; of two, the one with the smaller AIC, and how each of them fits.
    ///
    /// # Errors
    /// A [`FitError`] where no model that is asked for could be fitted: that of the simplest.
    pub fn fit(self, tenures: &Tenures, settings: &FitSettings) -> Result<(FittedRetention, Vec<Candidate>), FitError> {
        let asked: &[RetentionName] = match self {
            RetentionChoice::Sbg => &[RetentionName::Sbg],
            RetentionChoice::Bdw => &[RetentionName::Bdw],
            RetentionChoice::Auto => &[RetentionName::Sbg, RetentionName::Bdw],
        };
        let fits: Vec<_> = asked.iter().map(|model| model.fit(tenures, settings)).collect();
        let candidates = asked.iter().zip(&fits).map(|(model, fit)| Candidate::of(*model, fit)).collect();
        let better =
            |best: Result<FittedRetention, FitError>, next: Result<FittedRetention, FitError>| match (best, next) {
                (Ok(best), Ok(next)) => Ok(if aic(&next.report) < aic(&best.report) { next } else { best }),
                (Err(_), Ok(next)) => Ok(next),
                (best, Err(_)) => best,
            };
        let best = fits.into_iter().reduce(better).unwrap_or(Err(FitError::NoCustomers))?;
        Ok((best, candidates))
    }
}

impl Candidate {
    fn of(model: RetentionName, fit: &Result<FittedRetention, FitError>) -> Self {
        let report = fit.as_ref().ok().map(|fitted| &fitted.report);
        Candidate {
            model,
            log_likelihood: report.map(|report| report.log_likelihood),
            aic: report.map(aic),
            error: fit.as_ref().err().map(FitError::to_string),
        }
    }
}

fn aic(report: &FitReport) -> f64 {
    2.0 * (report.parameters.len() as f64 - report.log_likelihood)
}

/// Distinct tenures as rows of a likelihood; `model` makes one of parameters in their order.
pub(crate) struct Rows<M> {
    rows: Vec<(Tenure, f64)>,
    model: fn(&[f64]) -> M,
}

impl<M: RetentionModel> Likelihood for Rows<M> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn thinned(&self, step: usize) -> Self {
        Rows { rows: self.rows.iter().step_by(step).copied().collect(), model: self.model }
    }

    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let model = (self.model)(parameters);
        let [value, gradient @ ..] =
            block_sum(&self.rows, |(tenure, weight), sums: &mut [f64; 1 + MOST_PARAMETERS]| {
                let (value, gradient) = model.log_likelihood(*tenure);
                sums[0] += weight * value;
                sums[1..].iter_mut().zip(gradient).for_each(|(sum, slope)| *sum += weight * slope);
            });
        (value, gradient[..parameters.len()].to_vec())
    }
}

/// Fits a model with these parameters, all of them shapes. `more` are the starts of those after the first two, which
/// start at the base's own rate of leaving, with customers from very different to nearly alike.
pub(crate) fn fit<M: RetentionModel>(
    name: &'static str,
    parameters: &[&'static str],
    model: fn(&[f64]) -> M,
    more: [&[f64]; 3],
    tenures: &Tenures,
    settings: &FitSettings,
) -> Result<(Vec<f64>, FitReport), FitError> {
    tenures.check(name, parameters.len() as u32, settings)?;
    let Renewal { at_risk, lost } = tenures.total();
    let odds = ((at_risk - lost) as f64 + 0.5) / (lost as f64 + 0.5);
    let start = |(shape, more): (f64, &[f64])| [&[shape, (shape * odds).clamp(1e-3, 1e4)], more].concat();
    let rows = Rows { rows: tenures.distinct().map(|(tenure, count)| (tenure, count as f64)).collect(), model };
    let task = Task {
        model: name,
        parameters: parameters.iter().map(|name| Parameter::shape(name)).collect(),
        fixed: Vec::new(),
        starts: [0.3, 1.0, 5.0].into_iter().zip(more).map(start).collect(),
        scale: 1.0,
        log_scale: 0.0,
        customers: tenures.subscriptions() as usize,
        distinct_rows: rows.rows.len(),
        time_unit: None,
        warnings: Vec::new(),
        settings,
    };
    task.maximise(&rows)
}

#[cfg(test)]
mod tests {
    use crate::models::contract::*;

    #[test]
    fn a_cohort_is_its_table() {
        let cohort = Tenures::cohort(&[1000, 869, 743]);
        assert_eq!((cohort.subscriptions(), cohort.observed()), (1000, 2));
        assert_eq!(cohort.renewal(1), Renewal { at_risk: 1000, lost: 131 });
        assert_eq!(cohort.renewal(2), Renewal { at_risk: 869, lost: 126 });
        assert_eq!(cohort.renewal(3), Renewal::default());
        assert_eq!(cohort.total(), Renewal { at_risk: 1869, lost: 257 });
        assert_eq!(cohort.renewal(0), Renewal::default());
    }

    #[test]
    fn bases_that_cannot_carry_a_model_say_why() {
        let settings = FitSettings::default();
        let fit =
            |tenures: &Tenures| RetentionChoice::Auto.fit(tenures, &settings).map(|_| ()).expect_err("degenerate");
        let of = |tenures: &[(u32, bool, u64)]| {
            Tenures::weighted(tenures.iter().map(|&(renewals, ended, count)| (Tenure { renewals, ended }, count)))
        };
        assert_eq!(fit(&Tenures::default()), FitError::NoCustomers);
        assert_eq!(fit(&of(&[(3, true, 1)])), FitError::OneCustomer);
        assert_eq!(fit(&of(&[(0, false, 9)])), FitError::NoRenewals { subscriptions: 9 });
        assert_eq!(fit(&of(&[(2, false, 9)])), FitError::NobodyLeft { subscriptions: 9, renewals: 18 });
        assert_eq!(fit(&of(&[(0, true, 9)])), FitError::EverybodyLeft { subscriptions: 9 });
        let once = of(&[(0, true, 9), (1, false, 9)]);
        assert_eq!(fit(&once), FitError::TooFewRenewals { model: "sbg", found: 1, needed: 2 });
        let weak = FitSettings { prior: Prior::Weak, ..FitSettings::default() };
        for tenures in [of(&[(3, true, 1)]), of(&[(2, false, 9)]), of(&[(0, true, 9)]), once] {
            let (fitted, _) = RetentionChoice::Sbg.fit(&tenures, &weak).expect("a prior tells what the data do not");
            assert!(fitted.report.converged && fitted.report.at_boundary.is_empty());
        }
    }

    #[test]
    fn the_better_of_two_models_is_taken_and_both_are_told() {
        let cohort = Tenures::cohort(&[1000, 631, 468, 382, 326, 289, 262, 241]);
        let (fitted, candidates) = RetentionChoice::Auto.fit(&cohort, &FitSettings::default()).expect("a fit");
        assert_eq!(candidates.len(), 2);
        let aics: Vec<f64> = candidates.iter().filter_map(|candidate| candidate.aic).collect();
        let best = if aics[1] < aics[0] { "bdw" } else { "sbg" };
        assert_eq!(fitted.report.model, best);
        assert!(candidates[1].log_likelihood > candidates[0].log_likelihood, "the wider model fits better");
        let again = RetentionName::from_report(&fitted.report).expect("a retention model");
        assert_eq!(again.survival(9), fitted.model.survival(9));
    }
}
