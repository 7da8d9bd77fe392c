//! What a customer is worth: expected purchases, times expected spend, times margin, discounted.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::models::gamma_gamma::GammaGamma;
use crate::models::{Histories, History, PurchaseModel};
use crate::numeric::quadrature::gauss_legendre;
use crate::summary::Summary;
use crate::units::{DiscountRate, Horizon};

/// How value is counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValueTerms {
    /// How far ahead.
    pub horizon: Horizon,
    /// What a year of waiting costs.
    pub discount_rate: DiscountRate,
    /// The share of spend that is kept, such as 0.3; 1 values revenue.
    pub margin: f64,
}

impl Default for ValueTerms {
    /// A year of 52 weeks at the default rate, revenue in full.
    fn default() -> Self {
        ValueTerms { horizon: Horizon::default(), discount_rate: DiscountRate::default(), margin: 1.0 }
    }
}

/// The value of every customer, in the order of the summary; a column is `None` where its model is missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Value {
    /// The probability of still being a customer at the as-of date.
    pub p_alive: Option<Vec<f64>>,
    /// Purchase days expected in the horizon.
    pub expected_purchases: Option<Vec<f64>>,
    /// Spend expected on a purchase day, in currency units.
    pub expected_spend: Option<Vec<f64>>,
    /// Customer lifetime value over the horizon, in currency units of today.
    pub clv: Option<Vec<f64>>,
}

/// Values every customer of a base.
///
/// ```text
/// CLV = margin × E[spend] × ∫₀ᴴ e^(-δt) dE[X(t)],   δ = ln(1 + annual rate) per time unit
/// ```
///
/// where `E[X(t)]` is the expected number of purchases within `t` after the as-of date given the
/// history: money is discounted continuously, from the moment at which it is expected. Without a
/// purchase model every column is `None`; without a spend model, spend and CLV are.
///
/// The models must have been fitted in the summary's time unit.
pub fn value(
    summary: &Summary,
    purchases: Option<&dyn PurchaseModel>,
    spend: Option<&GammaGamma>,
    terms: &ValueTerms,
) -> Value {
    value_of(summary, &Histories::of(summary), purchases, spend, terms)
}

/// As [`value`], on the summary's histories already brought together.
pub fn value_of(
    summary: &Summary,
    histories: &Histories,
    purchases: Option<&dyn PurchaseModel>,
    spend: Option<&GammaGamma>,
    terms: &ValueTerms,
) -> Value {
    let Some(model) = purchases else { return Value::default() };
    let horizon = terms.horizon.in_units(summary.unit);
    let delta = terms.discount_rate.continuous(summary.unit);
    let p_alive = histories.map(|history| model.p_alive(history));
    let ahead = histories.map_while_alive(model, |history| {
        let plain = model.purchases_if_alive(history, horizon);
        (plain, discounted_purchases_if_alive(model, history, horizon, delta))
    });
    let expected_spend = spend.and_then(|spend| spend.expected_spends(summary));
    let expected_purchases = p_alive.iter().zip(&ahead).map(|(alive, (plain, _))| alive * plain).collect();
    let discounted = p_alive.iter().zip(&ahead).map(|(alive, (_, discounted))| alive * discounted);
    let clv = expected_spend
        .as_ref()
        .map(|spend| discounted.zip(spend).map(|(count, spend)| terms.margin * spend * count).collect());
    Value { p_alive: Some(p_alive), expected_purchases: Some(expected_purchases), expected_spend, clv }
}

/// Expected purchases within the horizon, each discounted to the as-of date: `∫₀ᴴ e^(-δt) dE[X(t)]`.
///
/// Times in the model's unit, `delta` the continuous rate per unit. A horizon of 0 gives 0.
pub fn discounted_purchases(model: &dyn PurchaseModel, history: History, horizon: f64, delta: f64) -> f64 {
    model.p_alive(history) * discounted_purchases_if_alive(model, history, horizon, delta)
}

/// Beyond this exponent a discount factor no longer shows in a sum of doubles.
const LARGEST_DISCOUNT: f64 = 45.0;
/// The longest stretch of log time that one Gauss-Legendre rule covers to 1e-10.
const LONGEST_PANEL: f64 = 1.5;

/// The nodes of a panel, found once.
static NODES: LazyLock<[(f64, f64); 12]> = LazyLock::new(gauss_legendre);

/// [`discounted_purchases`] of a customer that is alive. By parts,
///
/// ```text
/// ∫₀ᴴ e^(-δt) dE(t) = e^(-δH) E(H) + δ ∫₀ᴴ e^(-δt) E(t) dt
/// ```
///
/// and with `t = s (e^u - 1)`, `s` the model's time scale, the integrand is smooth in `u` however young
/// the customer.
fn discounted_purchases_if_alive(model: &dyn PurchaseModel, history: History, horizon: f64, delta: f64) -> f64 {
    let expected = |t: f64| model.purchases_if_alive(history, t);
    if delta == 0.0 || horizon == 0.0 {
        return expected(horizon);
    }
    let end = horizon.min(LARGEST_DISCOUNT / delta);
    let scale = model.time_scale(history);
    let integrand = |u: f64| {
        let t = scale * u.exp_m1();
        (-delta * t).exp() * expected(t) * (scale + t)
    };
    let integral = panels((end / scale).ln_1p(), integrand);
    (-delta * horizon).exp() * expected(horizon) + delta * integral
}

/// `∫₀ᴸ f(u) du` by Gauss-Legendre on equal panels.
fn panels(length: f64, f: impl Fn(f64) -> f64) -> f64 {
    let count = (length / LONGEST_PANEL).ceil().max(1.0);
    let half = 0.5 * length / count;
    let panel = |index: usize| {
        let middle = (2 * index + 1) as f64 * half;
        NODES.iter().map(|(node, weight)| weight * f(middle + half * node)).sum::<f64>() * half
    };
    (0..count as usize).map(panel).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::bg_nbd::BgNbd;

    fn model() -> BgNbd {
        BgNbd::new(0.243, 4.414, 0.793, 2.426).expect("positive")
    }

    #[test]
    fn no_horizon_no_value() {
        let history = History { x: 3, t_x: 20.0, t: 39.0 };
        assert_eq!(discounted_purchases(&model(), history, 0.0, 0.002), 0.0);
    }

    #[test]
    fn without_discount_it_is_expected_purchases() {
        let history = History { x: 3, t_x: 20.0, t: 39.0 };
        assert_eq!(discounted_purchases(&model(), history, 52.0, 0.0), model().expected_purchases(history, 52.0));
    }

    #[test]
    fn twelve_nodes_a_panel_are_enough() {
        for (history, horizon, delta) in [
            (History { x: 0, t_x: 0.0, t: 0.0 }, 52.0, 0.0018),
            (History { x: 3, t_x: 20.0, t: 39.0 }, 52.0, 0.0018),
            (History { x: 1, t_x: 0.1, t: 0.2 }, 10_000.0, 0.046),
            (History { x: 20_000, t_x: 99.0, t: 100.0 }, 520.0, 0.0018),
        ] {
            let fine = simpson(&model(), history, horizon, delta);
            let value = discounted_purchases_if_alive(&model(), history, horizon, delta);
            assert!((value / fine - 1.0).abs() < 1e-9, "{history:?}: {value} {fine}"); // of Simpson's rule
        }
    }

    /// The integral by parts, by Simpson's rule on 20,000 intervals of log time.
    fn simpson(model: &BgNbd, history: History, horizon: f64, delta: f64) -> f64 {
        let (n, scale) = (20_000, model.alpha + history.t);
        let step = (horizon / scale).ln_1p() / n as f64;
        let f = |i: usize| {
            let t = scale * (i as f64 * step).exp_m1();
            let weight = if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * (i % 2) as f64 };
            weight * (-delta * t).exp() * model.purchases_if_alive(history, t) * (scale + t)
        };
        let integral = (0..=n).map(f).sum::<f64>() * step / 3.0;
        (-delta * horizon).exp() * model.purchases_if_alive(history, horizon) + delta * integral
    }
}
