//! Gamma-Gamma: what a customer spends on a purchase day, shrunk towards what others spend.
//!
//! A customer's spend on a day is `Gamma(p, ν)`, and `ν ~ Gamma(q, v)` over customers, independently of
//! how often the customer buys.
//!
//! Fader, P. S. and B. G. S. Hardie (2013), The Gamma-Gamma Model of Monetary Value,
//! <http://www.brucehardie.com/notes/025/>. The note writes γ for `v`.

use crate::models::fit::histories::distinct;
use crate::models::fit::report::positive;
use crate::models::fit::{FitSettings, Likelihood, Parameter, Task, block_sum};
use crate::models::{Fit, FitError, FitReport, Fitted};
use crate::numeric::special::ln_inverse_beta;
use crate::summary::{Spend, Summary};

/// The model's name in settings and reports.
pub const NAME: &str = "gamma-gamma";

const PARAMETERS: [&str; 3] = ["p", "q", "v"];

/// Three parameters cannot be read from fewer customers than this.
const FEWEST_SPENDERS: usize = 10;

/// A Gamma-Gamma model with its three parameters.
///
/// ```
/// use clivia_core::models::spend::gamma_gamma::GammaGamma;
/// let model = GammaGamma::new(6.25, 3.74, 15.44)?; // the note's CDNOW estimates, in dollars
/// assert!((model.population_mean() - 35.22).abs() < 0.01);
/// // One day of 100 says less than ten of them.
/// assert!(model.expected_spend(1, Some(100.0)) < model.expected_spend(10, Some(100.0)));
/// # Ok::<(), clivia_core::models::FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaGamma {
    /// Shape of a customer's spend from day to day: the larger, the steadier.
    pub p: f64,
    /// Shape of the differences between customers; above 1.
    pub q: f64,
    /// Scale of the differences between customers, in currency units.
    pub v: f64,
}

impl GammaGamma {
    /// A model with given parameters.
    ///
    /// # Errors
    /// [`FitError::Parameter`] where one is not a positive finite number,
    /// [`FitError::ExpectedSpendUndefined`] where `q` is 1 or less.
    pub fn new(p: f64, q: f64, v: f64) -> Result<Self, FitError> {
        let [p, q, v] = [positive(NAME, "p", Some(p))?, positive(NAME, "q", Some(q))?, positive(NAME, "v", Some(v))?];
        if q > 1.0 { Ok(GammaGamma { p, q, v }) } else { Err(FitError::ExpectedSpendUndefined { q }) }
    }

    /// The model of an earlier fit.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::Parameter`] or [`FitError::ExpectedSpendUndefined`].
    pub fn from_report(report: &FitReport) -> Result<Self, FitError> {
        let [p, q, v] = report.parameters_of(NAME, PARAMETERS)?;
        GammaGamma::new(p, q, v)
    }

    /// The log density of a mean spend `mean > 0` over `x > 0` purchase days. Equation (1a):
    ///
    /// ```text
    /// f(z̄ | x) = Γ(px+q) / (Γ(px) Γ(q)) v^q z̄^(px-1) x^(px) / (v + x z̄)^(px+q)
    /// ```
    pub fn log_likelihood(&self, x: u32, mean: f64) -> f64 {
        let GammaGamma { p, q, v } = *self;
        let (shape, total) = (p * f64::from(x), f64::from(x) * mean);
        ln_inverse_beta(shape, q).0 - q * (total / v).ln_1p() - shape * (v / total).ln_1p() - mean.ln()
    }

    /// What a customer is expected to spend on a purchase day, given a mean spend over `x` days:
    ///
    /// ```text
    /// E[M | z̄, x] = p (v + x z̄) / (px + q - 1)
    /// ```
    ///
    /// a weighted mean of the customer's own mean and the population's. Without an observation (`x = 0`
    /// or no mean) it is the population mean. A mean below zero, where returns outweigh purchases, counts
    /// as zero: the model knows no negative spend, so this is its lowest answer for `x` days.
    pub fn expected_spend(&self, x: u32, mean: Option<f64>) -> f64 {
        match mean {
            Some(mean) if x > 0 => {
                let x = f64::from(x);
                self.p * (self.v + x * mean.max(0.0)) / (self.p * x + self.q - 1.0)
            }
            _ => self.population_mean(),
        }
    }

    /// What a customer of whom nothing is known is expected to spend on a purchase day:
    /// `E[M] = p v / (q - 1)`.
    pub fn population_mean(&self) -> f64 {
        self.p * self.v / (self.q - 1.0)
    }
}

/// Fits a [`GammaGamma`] by maximum likelihood to the customers with a positive mean spend.
///
/// Customers whose mean spend is zero or less are left out, and counted in the report's warnings: the
/// model has no place for them. Amounts are rescaled inside, so cents and euros give the same fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FitGammaGamma {
    /// How it is fitted.
    pub settings: FitSettings,
}

impl Fit for FitGammaGamma {
    type Fitted = Fitted<GammaGamma>;

    fn fit(&self, summary: &Summary) -> Result<Fitted<GammaGamma>, FitError> {
        let spend = summary.spend.as_ref().ok_or(FitError::NoAmounts)?;
        let observed = Observed::of(summary, spend);
        let customers = observed.means.len();
        let scale = observed.check()?;
        let rows = Rows::new(observed.means, scale);
        let task = Task {
            model: NAME,
            parameters: vec![Parameter::shape("p"), Parameter::shape("q"), Parameter::scale("v")],
            fixed: Vec::new(),
            starts: starts(),
            scale,
            // Each mean has a density in currency units.
            log_scale: -(customers as f64) * scale.ln(),
            customers,
            distinct_rows: rows.rows.len(),
            time_unit: None,
            warnings: left_out_warning(observed.left_out),
            settings: &self.settings,
        };
        let (values, report) = task.maximise(&rows)?;
        Ok(Fitted { model: GammaGamma::new(values[0], values[1], values[2])?, report })
    }
}

fn left_out_warning(left_out: usize) -> Vec<String> {
    let warning = format!("{left_out} customers with a mean spend of zero or less are left out of the fit");
    if left_out > 0 { vec![warning] } else { Vec::new() }
}

/// Varied, middling and steady spenders, each with population mean 1, to which amounts are scaled.
fn starts() -> Vec<Vec<f64>> {
    [(1.0, 2.5), (5.0, 4.0), (20.0, 10.0)].map(|(p, q)| vec![p, q, (q - 1.0) / p]).to_vec()
}

/// Days and mean spend of the customers that have one.
pub(crate) struct Observed {
    means: Vec<(u32, f64)>,
    left_out: usize,
}

impl Observed {
    pub(crate) fn of(summary: &Summary, spend: &Spend) -> Self {
        let days = |i: usize| summary.spend_days(i);
        let seen =
            (0..summary.len()).filter_map(|i| spend.mean.get(i).filter(|_| days(i) > 0).map(|mean| (days(i), mean)));
        let (means, others): (Vec<_>, Vec<_>) = seen.partition(|(_, mean)| *mean > 0.0);
        Observed { means, left_out: others.len() }
    }

    /// The mean of the means, where they carry a fit.
    pub(crate) fn check(&self) -> Result<f64, FitError> {
        let found = self.means.len();
        if found < FEWEST_SPENDERS {
            return Err(FitError::TooFewSpenders { found, needed: FEWEST_SPENDERS });
        }
        let [sum] = block_sum(&self.means, |(_, mean), sums: &mut [f64; 1]| sums[0] += mean);
        let average = sum / found as f64;
        let differs = |(_, mean): &(u32, f64)| (mean - average).abs() > 1e-9 * average;
        if self.means.iter().any(differs) {
            Ok(average)
        } else {
            Err(FitError::ConstantSpend { customers: found, spend: self.means[0].1 })
        }
    }
}

/// Distinct `(x, z̄)` in scaled money, with what does not change during the search summed up before.
struct Rows {
    rows: Vec<Row>,
    xs: Vec<PerX>,
    /// `Σ ln z̄`.
    log_means: f64,
    /// `Σ x ln(x z̄)`.
    log_totals: f64,
}

#[derive(Clone, Copy)]
struct Row {
    x: f64,
    /// `x z̄`.
    total: f64,
    weight: f64,
}

/// A number of days and how many customers have it.
struct PerX {
    x: f64,
    customers: f64,
}

impl Rows {
    fn new(means: Vec<(u32, f64)>, scale: f64) -> Self {
        let (rows, weights, _) = distinct(means.into_iter().map(|(x, mean)| (x, mean.to_bits())).collect());
        let row = |((x, mean), weight): ((u32, u64), f64)| {
            let x = f64::from(x);
            Row { x, total: x * f64::from_bits(mean) / scale, weight }
        };
        Rows::of(rows.into_iter().zip(weights).map(row).collect())
    }

    /// Rows sorted by `x`.
    fn of(rows: Vec<Row>) -> Self {
        let mut xs: Vec<PerX> = Vec::new();
        for row in &rows {
            if xs.last().is_none_or(|last| last.x != row.x) {
                xs.push(PerX { x: row.x, customers: 0.0 });
            }
            let last = xs.len() - 1;
            xs[last].customers += row.weight;
        }
        let [log_means, log_totals] = block_sum(&rows, |row, sums| {
            sums[0] += row.weight * (row.total / row.x).ln();
            sums[1] += row.weight * row.x * row.total.ln();
        });
        Rows { rows, xs, log_means, log_totals }
    }
}

impl Likelihood for Rows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn thinned(&self, step: usize) -> Self {
        Rows::of(self.rows.iter().step_by(step).copied().collect())
    }

    /// The sum of equation (1a), its gamma functions once an `x`, with `L = ln(1 + x z̄ / v)`:
    ///
    /// ```text
    /// ln f = ln Γ(px+q) - ln Γ(px) - ln Γ(q) - ln z̄ - (px + q) L + px ln(x z̄ / v)
    /// ```
    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let [p, q, v] = [parameters[0], parameters[1], parameters[2]];
        let [logs, weighted_logs, slopes, weighted_slopes] = block_sum(&self.rows, |row, sums| {
            let (log, slope) = ((row.total / v).ln_1p(), row.total / (v * (v + row.total)));
            sums[0] += row.weight * log;
            sums[1] += row.weight * row.x * log;
            sums[2] += row.weight * slope;
            sums[3] += row.weight * row.x * slope;
        });
        let (mut value, mut gradient) = (-self.log_means - q * logs, [0.0, -logs, q * slopes + p * weighted_slopes]);
        let (mut days, log_v) = (0.0, v.ln());
        for &PerX { x, customers } in &self.xs {
            let (log, in_shape, in_q) = ln_inverse_beta(p * x, q);
            value += customers * log;
            gradient[0] += customers * x * in_shape;
            gradient[1] += customers * in_q;
            days += customers * x;
        }
        let own = self.log_totals - weighted_logs - days * log_v;
        (value + p * own, vec![gradient[0] + own, gradient[1], gradient[2] - p * days / v])
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{Day, Money, TimeUnit};
    use crate::models::spend::gamma_gamma::*;
    use crate::summary::{Ages, SpendDays};

    fn some_means() -> Vec<(u32, f64)> {
        (0..300).map(|i| (1 + i % 4, 5.0 + f64::from((i * 37) % 101))).collect()
    }

    #[test]
    fn the_fast_likelihood_is_the_sum_over_customers() {
        let model = GammaGamma::new(2.0, 3.0, 20.0).expect("valid");
        let plain: f64 = some_means().iter().map(|&(x, mean)| model.log_likelihood(x, mean)).sum();
        let (fast, _) = Rows::new(some_means(), 1.0).at(&[2.0, 3.0, 20.0]);
        assert!((fast / plain - 1.0).abs() < 1e-12); // the order of 300 sums
    }

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let rows = Rows::new(some_means(), 1.0);
        let point = [2.0, 3.0, 20.0];
        let (_, gradient) = rows.at(&point);
        for (i, exact) in gradient.into_iter().enumerate() {
            let moved =
                |by: f64| -> [f64; 3] { std::array::from_fn(|j| if i == j { point[j] + by } else { point[j] }) };
            let slope = (rows.at(&moved(1e-5)).0 - rows.at(&moved(-1e-5)).0) / 2e-5;
            assert!((exact - slope).abs() < 1e-5 * exact.abs().max(1.0)); // of central differences
        }
    }

    #[test]
    fn degenerate_spend_says_what_it_is() {
        let check = |means: Vec<(u32, f64)>| Observed { means, left_out: 0 }.check().expect_err("degenerate");
        assert_eq!(check(vec![(1, 5.0); 9]), FitError::TooFewSpenders { found: 9, needed: 10 });
        assert_eq!(check(vec![(1, 5.0); 20]), FitError::ConstantSpend { customers: 20, spend: 5.0 });
        assert_eq!(GammaGamma::new(1.0, 0.9, 1.0), Err(FitError::ExpectedSpendUndefined { q: 0.9 }));
    }

    #[test]
    fn customers_without_positive_spend_are_left_out_and_counted() {
        let mut means: Vec<Option<f64>> = some_means().iter().map(|(_, mean)| Some(*mean)).collect();
        means.extend([Some(0.0), Some(-4.0), None]);
        let n = means.len();
        let base = Summary {
            as_of: Day(70),
            unit: TimeUnit::Weeks,
            ids: std::iter::repeat_n("someone", n).collect(),
            orders: vec![3; n],
            frequency: vec![2; n],
            ages: Some(Ages { last_purchase: vec![5.0; n], now: vec![10.0; n] }),
            first_order: vec![Day(0); n],
            last_order: vec![Day(35); n],
            spend: Some(Spend {
                days: SpendDays::Repeat,
                revenue: vec![Money(0); n],
                mean: means.into_iter().collect(),
            }),
        };
        let fitted = FitGammaGamma::default().fit(&base).expect("a fit");
        assert_eq!(fitted.report.customers, n - 3);
        assert!(fitted.report.warnings[0].starts_with("2 customers"));
        let without = Summary { spend: None, ..base };
        assert_eq!(FitGammaGamma::default().fit(&without), Err(FitError::NoAmounts));
    }

    #[test]
    fn a_mean_below_zero_counts_as_zero() {
        let model = GammaGamma::new(6.25, 3.74, 15.44).expect("valid");
        assert_eq!(model.expected_spend(2, Some(-30.0)), model.expected_spend(2, Some(0.0)));
        assert_eq!(model.expected_spend(0, None), model.population_mean());
    }
}
