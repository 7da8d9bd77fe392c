//! What a customer is worth: expected purchases, times expected spend, times margin, discounted.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::{DiscountRate, Horizon, TimeUnit, UnitError, share};
use crate::models::fit::histories::ByRow;
use crate::models::spend::expected_spends;
use crate::models::{Histories, History, PurchaseModel, SpendModel};
use crate::numeric::quadrature::{LONGEST_STEP, discounted};
use crate::summary::Summary;

/// How value is counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValueTerms {
    /// How far ahead.
    pub horizon: Horizon,
    /// What a year of waiting costs.
    pub discount_rate: DiscountRate,
    /// The share of spend that is kept, such as 0.3; 1 values revenue.
    #[serde(deserialize_with = "share::deserialize")]
    pub margin: f64,
    /// From when money is discounted.
    pub convention: ClvConvention,
}

/// From when expected money is discounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClvConvention {
    /// From the moment at which it is expected.
    #[default]
    Continuous,
    /// From the end of its month, as lifetimes and pymc-marketing do: 4.345 weeks where time is in weeks, a month where it
    /// is in months, else 30 days.
    Monthly,
}

/// Days in a month of [`ClvConvention::Monthly`].
const MONTH_DAYS: f64 = 30.0;
/// Customers that are summed up in one task.
const BLOCK: usize = 65_536;

impl ValueTerms {
    /// How many months the horizon has under [`ClvConvention::Monthly`]: those that were typed, else its days by 30.
    ///
    /// # Errors
    /// [`UnitError::WholeMonths`] where that is no whole number.
    pub fn months(&self) -> Result<u32, UnitError> {
        let months = self.horizon.months().unwrap_or(self.horizon.days() / MONTH_DAYS);
        let whole = months.round();
        if whole >= 1.0 && (months - whole).abs() < 1e-9 {
            Ok(whole as u32)
        } else {
            Err(UnitError::WholeMonths(self.horizon.to_string()))
        }
    }

    /// The way from expected purchases to discounted ones, for times in `unit`.
    fn discounting(&self, unit: TimeUnit) -> Discounting {
        let monthly = |months| Discounting::Monthly {
            months,
            month: match unit {
                // What the peers take a month for.
                TimeUnit::Weeks => 4.345,
                TimeUnit::Months => 1.0,
                TimeUnit::Days | TimeUnit::Quarters | TimeUnit::Years => MONTH_DAYS / unit.days(),
            },
            rate: self.discount_rate.monthly(),
        };
        let continuous = || Discounting::Continuous {
            horizon: self.horizon.in_units(unit),
            delta: self.discount_rate.continuous(unit),
        };
        match self.convention {
            ClvConvention::Continuous => continuous(),
            // Settings are checked before a run; a horizon that is not whole is counted to the moment.
            ClvConvention::Monthly => self.months().map_or_else(|_| continuous(), monthly),
        }
    }
}

/// How expected purchases are discounted.
#[derive(Debug, Clone, Copy)]
enum Discounting {
    Continuous { horizon: f64, delta: f64 },
    Monthly { months: u32, month: f64, rate: f64 },
}

impl Discounting {
    /// Discounted purchases expected of a customer that is alive.
    fn of(self, model: &dyn PurchaseModel, history: History) -> f64 {
        match self {
            Discounting::Continuous { horizon, delta } => discounted_purchases_if_alive(model, history, horizon, delta),
            Discounting::Monthly { months, month, rate } => {
                let (mut sum, mut before) = (0.0, 0.0);
                for i in 1..=months {
                    let by_then = model.purchases_if_alive(history, f64::from(i) * month);
                    sum += (by_then - before) / (1.0 + rate).powf(f64::from(i));
                    before = by_then;
                }
                sum
            }
        }
    }
}

/// Discounted purchases expected of a customer, by these terms; times in `unit`.
pub fn discounted_by(terms: &ValueTerms, unit: TimeUnit, model: &dyn PurchaseModel, history: History) -> f64 {
    model.p_alive(history) * terms.discounting(unit).of(model, history)
}

impl Default for ValueTerms {
    /// A year of 52 weeks at the default rate, revenue in full.
    fn default() -> Self {
        ValueTerms {
            horizon: Horizon::default(),
            discount_rate: DiscountRate::default(),
            margin: 1.0,
            convention: ClvConvention::default(),
        }
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
    spend: Option<&dyn SpendModel>,
    terms: &ValueTerms,
) -> Value {
    value_of(summary, &Histories::of(summary), purchases, spend, terms)
}

/// As [`value`], on the summary's histories already brought together.
pub fn value_of(
    summary: &Summary,
    histories: &Histories,
    purchases: Option<&dyn PurchaseModel>,
    spend: Option<&dyn SpendModel>,
    terms: &ValueTerms,
) -> Value {
    purchases.map_or_else(Value::default, |model| Worth::of(summary, histories, model, spend, terms).columns())
}

/// The value of every customer, worked out where it is asked for: what equal histories share is kept once.
#[derive(Debug, Clone)]
pub struct Worth {
    shared: ByRow<Shared>,
    spend: Option<Arc<Vec<f64>>>,
    margin: f64,
}

/// What equal histories share, side by side: it is fetched from far apart, once for all of it.
#[derive(Debug, Clone, Copy)]
struct Shared {
    p_alive: f64,
    purchases: f64,
    /// Expected purchases, each discounted.
    discounted: f64,
}

/// What one customer is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CustomerWorth {
    /// The probability of still being a customer.
    pub p_alive: f64,
    /// Purchase days expected in the horizon.
    pub expected_purchases: f64,
    /// Spend expected on a purchase day; `None` without a spend model.
    pub expected_spend: Option<f64>,
    /// Lifetime value; `None` without a spend model.
    pub clv: Option<f64>,
}

/// What all customers together are worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TotalWorth {
    /// Purchase days expected in the horizon.
    pub expected_purchases: f64,
    /// Lifetime value; `None` without a spend model.
    pub clv: Option<f64>,
}

impl TotalWorth {
    fn and(self, purchases: f64, clv: Option<f64>) -> Self {
        TotalWorth {
            expected_purchases: self.expected_purchases + purchases,
            clv: self.clv.zip(clv).map(|(sum, clv)| sum + clv),
        }
    }
}

impl Worth {
    /// As [`value_of`].
    pub fn of(
        summary: &Summary,
        histories: &Histories,
        model: &dyn PurchaseModel,
        spend: Option<&dyn SpendModel>,
        terms: &ValueTerms,
    ) -> Self {
        let horizon = terms.horizon.in_units(summary.unit);
        let discounting = terms.discounting(summary.unit);
        let p_alive = histories.by_row(|history| model.p_alive(history));
        let ahead = histories.map_while_alive(model, |history| {
            let plain = model.purchases_if_alive(history, horizon);
            (plain, discounting.of(model, history))
        });
        let shared = |(p_alive, (plain, discounted)): (&f64, &(f64, f64))| Shared {
            p_alive: *p_alive,
            purchases: p_alive * plain,
            discounted: p_alive * discounted,
        };
        Worth {
            shared: histories.of_rows(p_alive.rows().iter().zip(ahead.rows()).map(shared).collect()),
            spend: spend.and_then(|spend| expected_spends(spend, summary)).map(Arc::new),
            margin: terms.margin,
        }
    }

    /// All of a customer.
    pub fn of_customer(&self, customer: usize) -> CustomerWorth {
        let Shared { p_alive, purchases, discounted } = self.shared.get(customer);
        let expected_spend = self.expected_spend(customer);
        let clv = expected_spend.map(|spend| self.margin * spend * discounted);
        CustomerWorth { p_alive, expected_purchases: purchases, expected_spend, clv }
    }

    /// The probability of still being a customer.
    pub fn p_alive(&self, customer: usize) -> f64 {
        self.shared.get(customer).p_alive
    }

    /// Purchase days expected in the horizon.
    pub fn expected_purchases(&self, customer: usize) -> f64 {
        self.shared.get(customer).purchases
    }

    /// Spend expected on a purchase day; `None` without a spend model.
    pub fn expected_spend(&self, customer: usize) -> Option<f64> {
        Some(self.spend.as_ref()?[customer])
    }

    /// Whether there is a spend model.
    pub fn has_spend(&self) -> bool {
        self.spend.is_some()
    }

    /// Lifetime value; `None` without a spend model.
    pub fn clv(&self, customer: usize) -> Option<f64> {
        self.of_customer(customer).clv
    }

    /// The lifetime values of everybody; `None` without a spend model.
    pub fn clvs(&self) -> Option<Vec<f64>> {
        let spend = self.spend.as_ref()?;
        let clv = |(customer, spend): (usize, &f64)| self.margin * spend * self.shared.get(customer).discounted;
        Some(spend.par_iter().enumerate().map(clv).collect())
    }

    /// What all customers together are worth.
    pub fn totals(&self) -> TotalWorth {
        let customers = self.shared.len();
        let nothing = TotalWorth { expected_purchases: 0.0, clv: self.has_spend().then_some(0.0) };
        let of_block = |first: usize| {
            let block = (first..(first + BLOCK).min(customers)).map(|customer| self.of_customer(customer));
            block.fold(nothing, |sum, worth| sum.and(worth.expected_purchases, worth.clv))
        };
        // Sums of blocks are added in their order, so that they are the same on any number of threads.
        let blocks: Vec<TotalWorth> = (0..customers).into_par_iter().step_by(BLOCK).map(of_block).collect();
        blocks.iter().fold(nothing, |sum, block| sum.and(block.expected_purchases, block.clv))
    }

    fn column(&self, of: fn(Shared) -> f64) -> Vec<f64> {
        (0..self.shared.len()).into_par_iter().map(|customer| of(self.shared.get(customer))).collect()
    }

    /// The spend expected of everybody, to be shared.
    pub(crate) fn spends(&self) -> Option<Arc<Vec<f64>>> {
        self.spend.clone()
    }

    /// All columns.
    pub fn columns(&self) -> Value {
        Value {
            p_alive: Some(self.column(|shared| shared.p_alive)),
            expected_purchases: Some(self.column(|shared| shared.purchases)),
            expected_spend: self.spend.as_ref().map(|spend| spend.to_vec()),
            clv: self.clvs(),
        }
    }
}

/// Expected purchases within the horizon, each discounted to the as-of date: `∫₀ᴴ e^(-δt) dE[X(t)]`.
///
/// Times in the model's unit, `delta` the continuous rate per unit. A horizon of 0 gives 0; an infinite one gives the
/// discounted expected residual transactions (DERT), where `delta` is positive.
pub fn discounted_purchases(model: &dyn PurchaseModel, history: History, horizon: f64, delta: f64) -> f64 {
    model.p_alive(history) * discounted_purchases_if_alive(model, history, horizon, delta)
}

/// [`discounted_purchases`] of a customer that is alive: by the model's own way, else by quadrature.
fn discounted_purchases_if_alive(model: &dyn PurchaseModel, history: History, horizon: f64, delta: f64) -> f64 {
    model.discounted_if_alive(history, horizon, delta).unwrap_or_else(|| {
        let scale = model.time_scale(history);
        let expected = |t: f64| model.purchases_if_alive(history, t);
        discounted(expected, horizon, delta, |t| LONGEST_STEP * (scale + t))
    })
}

#[cfg(test)]
mod tests {
    use crate::models::purchase::bg_nbd::BgNbd;
    use crate::value::*;

    fn model() -> BgNbd {
        BgNbd::new(0.243, 4.414, 0.793, 2.426).expect("positive")
    }

    #[test]
    fn no_horizon_no_value() {
        let history = History::new(3, 20.0, 39.0);
        assert_eq!(discounted_purchases(&model(), history, 0.0, 0.002), 0.0);
    }

    #[test]
    fn without_discount_it_is_expected_purchases() {
        let history = History::new(3, 20.0, 39.0);
        assert_eq!(discounted_purchases(&model(), history, 52.0, 0.0), model().expected_purchases(history, 52.0));
    }

    #[test]
    fn twelve_nodes_a_panel_are_enough() {
        for (history, horizon, delta) in [
            (History::NEW, 52.0, 0.0018),
            (History::new(3, 20.0, 39.0), 52.0, 0.0018),
            (History::new(1, 0.1, 0.2), 10_000.0, 0.046),
            (History::new(20_000, 99.0, 100.0), 520.0, 0.0018),
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

    #[test]
    fn an_endless_horizon_is_a_long_one() {
        let history = History::new(3, 20.0, 39.0);
        let endless = discounted_purchases(&model(), history, f64::INFINITY, 0.002);
        let long = discounted_purchases(&model(), history, 22_400.0, 0.002);
        assert!((endless / long - 1.0).abs() < 1e-9); // e^-45 is beyond doubles, the rest is quadrature
    }

    #[test]
    fn months_are_discounted_at_their_end() {
        let terms = ValueTerms {
            horizon: "3m".parse().expect("months"),
            discount_rate: DiscountRate::annual(1.01_f64.powi(12) - 1.0).expect("a rate"),
            convention: ClvConvention::Monthly,
            ..ValueTerms::default()
        };
        let history = History::new(3, 20.0, 39.0);
        let by = |months: f64| model().expected_purchases(history, 4.345 * months);
        let plain = by(1.0) / 1.01 + (by(2.0) - by(1.0)) / 1.01_f64.powi(2) + (by(3.0) - by(2.0)) / 1.01_f64.powi(3);
        let value = discounted_by(&terms, TimeUnit::Weeks, &model(), history);
        assert!((value / plain - 1.0).abs() < 1e-12); // differences of sums of about 1
        assert!(ValueTerms { horizon: "39w".parse().expect("weeks"), ..terms }.months().is_err());
        assert_eq!(ValueTerms { horizon: "90d".parse().expect("days"), ..terms }.months(), Ok(3));
    }
}
