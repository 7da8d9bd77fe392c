//! Whether what customers spend depends on how often they buy, which Gamma-Gamma takes for granted that it does not.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

use crate::models::spend::Spender;
use crate::models::spend::conditional_gamma_gamma::ConditionalGammaGamma;
use crate::models::spend::gamma_gamma::FitGammaGamma;
use crate::models::{Fit, FitReport, FitSettings, Fitted};
use crate::summary::Summary;

/// Half the width of a 95 % interval of the normal distribution, in standard deviations.
const NORMAL_95: f64 = 1.959_963_984_540_054;
/// A correlation that is worth a warning: one part in a hundred of the variance is shared.
const NOTABLE: f64 = 0.1;
/// A correlation alone is no proof: means over few days are more skewed, so that ranks go up a little with frequency even
/// where spend does not depend on it. The likelihood ratio knows that; it has to be this improbable.
const SURE: f64 = 0.01;
/// So many customers tell whether spend depends on frequency by as little as matters; more only cost time.
const MOST: usize = 200_000;
/// Fewer customers than this have no interval worth the name.
const FEWEST: usize = 20;

/// A correlation with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// From -1 to 1.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How frequency and mean spend go together, over customers who came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpendDependence {
    /// Customers with repeat purchases and a positive mean spend.
    pub customers: usize,
    /// Of frequency and mean spend, as in the papers. Interval by Fisher's z.
    pub pearson: Correlation,
    /// Of their ranks, which a few large amounts do not rule. Interval as Bonett and Wright (2000), Psychometrika
    /// 65(1), 23-28.
    pub spearman: Correlation,
    /// Twice what the log-likelihood gains where spend may depend on frequency; `None` where that could not be fitted.
    pub likelihood_ratio: Option<f64>,
    /// How often so large a gain comes by chance where it does not depend.
    pub p_value: Option<f64>,
    /// The elasticity of spend to `1 + x`.
    pub elasticity: Option<f64>,
    /// Whether independence is violated by so much that it matters.
    pub is_violated: bool,
}

impl SpendDependence {
    /// Tests a base against the fit of Gamma-Gamma on it; `None` where too few customers came back.
    pub fn of(summary: &Summary, gamma_gamma: &FitReport, settings: &FitSettings) -> Option<SpendDependence> {
        let (mut frequencies, mut means) = (Vec::new(), Vec::new());
        for spender in (0..summary.len()).filter_map(|customer| Spender::of(summary, customer)) {
            if let Some(mean) = spender.mean.filter(|mean| *mean > 0.0 && spender.frequency > 0) {
                frequencies.push(f64::from(spender.frequency));
                means.push(mean);
            }
        }
        let customers = means.len();
        if customers < FEWEST {
            return None;
        }
        let pearson = interval(correlation(&frequencies, &means)?, customers, 1.0);
        let ranked = correlation(&ranks(&frequencies), &ranks(&means))?;
        let spearman = interval(ranked, customers, 1.0 + 0.5 * ranked * ranked);
        let (conditional, plain) = both(summary, gamma_gamma, settings);
        let gain = |Fitted { report, .. }: &Fitted<_>| report.log_likelihood - plain;
        let ratio = conditional.as_ref().map(|conditional| (2.0 * gain(conditional)).max(0.0));
        // Chi-squared with one degree of freedom.
        let p_value = ratio.map(|ratio| erfc((0.5 * ratio).sqrt()));
        let outside = |of: Correlation| (of.low > 0.0 || of.high < 0.0) && of.value.abs() >= NOTABLE;
        Some(SpendDependence {
            customers,
            pearson,
            spearman,
            likelihood_ratio: ratio,
            p_value,
            elasticity: conditional.map(|fitted| fitted.model.delta),
            is_violated: (outside(pearson) || outside(spearman)) && p_value.is_none_or(|p| p < SURE),
        })
    }

    /// What a violation does, for people; `None` where there is none.
    pub fn warning(&self) -> Option<String> {
        let Correlation { value, low, high } = self.spearman;
        let more = if value > 0.0 { "more" } else { "less" };
        let toward =
            if value > 0.0 { "low for frequent and high for rare" } else { "high for frequent and low for rare" };
        let effect = self.elasticity.map_or(String::new(), |elasticity| {
            format!(", about {:+.0} % for each doubling of 1 + x", 100.0 * (elasticity * 2.0_f64.ln()).exp_m1())
        });
        self.is_violated.then(|| {
            format!(
                "frequent buyers spend {more} per day (rank correlation {value:.2}, 95 % {low:.2} to {high:.2}, Pearson \
                 {:.2}{effect}), so expected spend comes out too {toward} buyers; models.spend = \"gamma-gamma-conditional\" \
                 allows for this",
                self.pearson.value
            )
        })
    }
}

/// The model in which spend may depend on frequency, and the log-likelihood of that in which it does not, on the same
/// customers: everybody, or of a large base an even part of it.
fn both(
    summary: &Summary,
    gamma_gamma: &FitReport,
    settings: &FitSettings,
) -> (Option<Fitted<ConditionalGammaGamma>>, f64) {
    let step = summary.len().div_ceil(MOST);
    if step <= 1 {
        return (ConditionalGammaGamma::fit(summary, settings).ok(), gamma_gamma.log_likelihood);
    }
    let part = summary.every(step);
    let plain = FitGammaGamma { settings: settings.clone() }.fit(&part).map(|fitted| fitted.report.log_likelihood);
    let conditional = ConditionalGammaGamma::fit(&part, settings).ok();
    (conditional.filter(|_| plain.is_ok()), plain.unwrap_or(f64::NAN))
}

/// Fisher's z with its variance stretched by `stretch`.
fn interval(value: f64, customers: usize, stretch: f64) -> Correlation {
    let half = NORMAL_95 * (stretch / (customers as f64 - 3.0)).sqrt();
    let z = value.clamp(-1.0 + 1e-15, 1.0 - 1e-15).atanh();
    Correlation { value, low: (z - half).tanh(), high: (z + half).tanh() }
}

/// Pearson's correlation; `None` where either does not vary.
fn correlation(xs: &[f64], ys: &[f64]) -> Option<f64> {
    let n = xs.len() as f64;
    let (mean_x, mean_y) = (xs.iter().sum::<f64>() / n, ys.iter().sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in xs.iter().zip(ys) {
        let (x, y) = (x - mean_x, y - mean_y);
        (xx, yy, xy) = (xx + x * x, yy + y * y, xy + x * y);
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}

/// Ranks from 1, equal values sharing their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    // Values go along with their places: looking each up again would cost more than the sort.
    let mut order: Vec<(f64, usize)> = values.par_iter().copied().zip(0..values.len()).collect();
    order.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for equal in order.chunk_by(|a, b| a.0 == b.0) {
        let shared = start as f64 + 0.5 * (equal.len() + 1) as f64;
        equal.iter().for_each(|&(_, place)| ranks[place] = shared);
        start += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use crate::models::spend::dependence::*;

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
    }

    #[test]
    fn a_line_correlates_fully_and_noise_does_not() {
        let xs: Vec<f64> = (0..100).map(f64::from).collect();
        assert!((correlation(&xs, &xs).expect("varies") - 1.0).abs() < 1e-14); // rounding
        assert_eq!(correlation(&xs, &vec![1.0; 100]), None);
        // Fisher's z of 0.5 over 103 customers: atanh(0.5) ± 0.196.
        let half = interval(0.5, 103, 1.0);
        assert!((half.low - 0.339_f64).abs() < 1e-3 && (half.high - 0.632).abs() < 1e-3); // the digits given
    }
}
