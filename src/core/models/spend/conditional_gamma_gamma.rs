//! Gamma-Gamma conditional on frequency: what customers spend may depend on how often they buy.
//!
//! As Gamma-Gamma, but the scale of the differences between customers moves with the frequency `x`:
//!
//! ```text
//! v(x) = v (1 + x)^δ
//! ```
//!
//! At `δ = 0` it is Gamma-Gamma, so that a likelihood ratio tests the independence that Gamma-Gamma takes for granted.
//! Where `δ` is positive, frequent buyers spend more on a day than others.
//!
//! The power form is our own. That independence fails and what to condition on: Glady, N., B. Baesens and C. Croux
//! (2009), A Modified Pareto/NBD Approach for Predicting Customer Lifetime Value, Expert Systems with Applications
//! 36(2), 2062-2071.

use crate::models::fit::report::positive;
use crate::models::fit::{FitSettings, Likelihood, Parameter, Task, block_sum};
use crate::models::spend::gamma_gamma::{GammaGamma, Observed};
use crate::models::spend::{SpendModel, SpendName, SpendSpread, Spender};
use crate::models::{FitError, FitReport, Fitted};
use crate::numeric::special::ln_inverse_beta;
use crate::summary::Summary;

/// The model's name in settings and reports.
pub const NAME: &str = "gamma-gamma-conditional";

/// A conditional Gamma-Gamma model with its four parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConditionalGammaGamma {
    /// The model of customers who never came back.
    pub at_zero: GammaGamma,
    /// The elasticity of the spend scale to `1 + x`.
    pub delta: f64,
}

impl ConditionalGammaGamma {
    /// The model of an earlier fit.
    ///
    /// # Errors
    /// [`FitError::OtherModel`], [`FitError::Parameter`] or [`FitError::ExpectedSpendUndefined`].
    pub fn from_report(report: &FitReport) -> Result<Self, FitError> {
        let [p, q, v] = report.parameters_of(NAME, ["p", "q", "v"])?;
        let delta = report.parameters.get("delta").copied().filter(|delta| delta.is_finite());
        let delta = delta.ok_or(FitError::Parameter { model: NAME, name: "delta", value: delta })?;
        Ok(ConditionalGammaGamma { at_zero: GammaGamma::new(p, q, v)?, delta })
    }

    /// Fits by maximum likelihood to the customers with a positive mean spend.
    ///
    /// # Errors
    /// As Gamma-Gamma.
    pub fn fit(summary: &Summary, settings: &FitSettings) -> Result<Fitted<Self>, FitError> {
        let spend = summary.spend.as_ref().ok_or(FitError::NoAmounts)?;
        let scale = Observed::of(summary, spend).check()?;
        let rows: Vec<Row> = (0..summary.len()).filter_map(|customer| Row::of(summary, customer, scale)).collect();
        let customers = rows.len();
        let task = Task {
            model: NAME,
            parameters: vec![
                Parameter::shape("p"),
                Parameter::shape("q"),
                Parameter::scale("v"),
                Parameter::coefficient("delta".into(), 1.0),
            ],
            fixed: Vec::new(),
            starts: [(1.0, 2.5), (5.0, 4.0), (20.0, 10.0)].map(|(p, q)| vec![p, q, (q - 1.0) / p, 0.0]).to_vec(),
            scale,
            log_scale: -(customers as f64) * scale.ln(),
            customers,
            distinct_rows: customers,
            time_unit: None,
            warnings: Vec::new(),
            settings,
        };
        let (values, report) = task.maximise(&Rows(rows))?;
        let at_zero = GammaGamma::new(values[0], values[1], positive(NAME, "v", Some(values[2]))?)?;
        Ok(Fitted { model: ConditionalGammaGamma { at_zero, delta: values[3] }, report })
    }

    /// The Gamma-Gamma model of customers with this frequency.
    pub fn at(&self, frequency: u32) -> GammaGamma {
        let v = self.at_zero.v * (self.delta * f64::from(frequency).ln_1p()).exp();
        GammaGamma { v, ..self.at_zero }
    }
}

impl SpendModel for ConditionalGammaGamma {
    fn name(&self) -> SpendName {
        SpendName::GammaGammaConditional
    }

    fn expected_spend(&self, spender: Spender) -> f64 {
        SpendModel::expected_spend(&self.at(spender.frequency), spender)
    }

    fn spread(&self, spender: Spender) -> Option<SpendSpread> {
        self.at(spender.frequency).spread(spender)
    }

    fn formula(&self) -> String {
        let GammaGamma { p, q, v } = self.at_zero;
        let delta = self.delta;
        format!(
            "(p w + p x z) / (p x + q - 1) with w = v (1 + frequency)^delta, p = {p}, q = {q}, v = {v}, delta = {delta}"
        )
    }
}

#[derive(Debug, Clone, Copy)]
struct Row {
    days: f64,
    /// Spend of all days together, scaled.
    total: f64,
    /// `ln(1 + x)`.
    log_frequency: f64,
}

impl Row {
    fn of(summary: &Summary, customer: usize, scale: f64) -> Option<Row> {
        let Spender { frequency, days, mean } = Spender::of(summary, customer)?;
        let mean = mean.filter(|mean| *mean > 0.0 && days > 0)?;
        let days = f64::from(days);
        Some(Row { days, total: days * mean / scale, log_frequency: f64::from(frequency).ln_1p() })
    }
}

struct Rows(Vec<Row>);

impl Likelihood for Rows {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn thinned(&self, step: usize) -> Self {
        Rows(self.0.iter().step_by(step).copied().collect())
    }

    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let [p, q, v, delta] = [parameters[0], parameters[1], parameters[2], parameters[3]];
        let [value, in_p, in_q, in_log_v, in_delta] = block_sum(&self.0, |row, sums| {
            let own = v * (delta * row.log_frequency).exp();
            let shape = p * row.days;
            let (log, in_shape, in_q) = ln_inverse_beta(shape, q);
            let (over_v, over_total) = ((row.total / own).ln_1p(), (own / row.total).ln_1p());
            let in_log_v = (q * row.total - shape * own) / (own + row.total);
            sums[0] += log - q * over_v - shape * over_total - (row.total / row.days).ln();
            sums[1] += row.days * (in_shape - over_total);
            sums[2] += in_q - over_v;
            sums[3] += in_log_v;
            sums[4] += in_log_v * row.log_frequency;
        });
        (value, vec![in_p, in_q, in_log_v / v, in_delta])
    }
}

#[cfg(test)]
mod tests {
    use crate::models::spend::conditional_gamma_gamma::*;
    use crate::numeric::random::gamma;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// Customers with 1 to 9 repeat days, who spend the more the more often they buy.
    fn rows(customers: usize, delta: f64) -> Rows {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
        let row = |i: usize| {
            let days = (1 + i % 9) as f64;
            let rate = gamma(3.7, 2.5 * (1.0 + days).powf(delta), &mut rng);
            let total = (0..days as usize).map(|_| gamma(6.2, rate, &mut rng)).sum();
            Row { days, total, log_frequency: days.ln_1p() }
        };
        Rows((0..customers).map(row).collect())
    }

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let (rows, point) = (rows(300, 0.3), [5.0, 3.0, 2.0, 0.2]);
        let (_, gradient) = rows.at(&point);
        for (i, exact) in gradient.into_iter().enumerate() {
            let moved =
                |by: f64| -> [f64; 4] { std::array::from_fn(|j| if i == j { point[j] + by } else { point[j] }) };
            let slope = (rows.at(&moved(1e-5)).0 - rows.at(&moved(-1e-5)).0) / 2e-5;
            assert!((exact - slope).abs() < 1e-5 * exact.abs().max(1.0)); // of central differences
        }
    }

    #[test]
    fn without_elasticity_it_is_gamma_gamma() {
        let model = GammaGamma::new(6.2, 3.7, 2.5).expect("valid");
        let rows = rows(300, 0.0);
        let plain: f64 = rows.0.iter().map(|row| model.log_likelihood(row.days as u32, row.total / row.days)).sum();
        assert!((rows.at(&[6.2, 3.7, 2.5, 0.0]).0 / plain - 1.0).abs() < 1e-12); // the order of 300 sums
    }
}
