//! Predictions that need no model. A model that does not beat them is not worth its trouble.

use serde::{Deserialize, Serialize};

use crate::models::History;
use crate::validation::split::Observed;

/// A prediction without a model.
///
/// Customers whose first purchase was on the last day of the calibration have no past of their own; to them every
/// baseline gives the base's mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Each customer goes on at its own rate: `x / T × horizon`.
    OwnRate,
    /// Each customer repeats what it bought in the last stretch of the calibration that is as long as the holdout. To
    /// customers younger than that it is their own rate.
    LastPeriod,
    /// All customers buy alike: the base's repeat purchases over the time that it was observed, `Σx / ΣT × horizon`.
    BaseMean,
}

impl Baseline {
    /// All of them.
    pub const ALL: [Baseline; 3] = [Baseline::OwnRate, Baseline::LastPeriod, Baseline::BaseMean];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Baseline::OwnRate => "own-rate",
            Baseline::LastPeriod => "last-period",
            Baseline::BaseMean => "base-mean",
        }
    }

    /// Purchases of each customer in the holdout.
    pub(super) fn predictions(self, observed: &Observed) -> Vec<f64> {
        let horizon = observed.horizon;
        let mean = base_rate(observed) * horizon;
        let own = |history: History| if history.t > 0.0 { f64::from(history.x) / history.t * horizon } else { mean };
        match self {
            Baseline::OwnRate => observed.histories.map(own),
            Baseline::BaseMean => vec![mean; observed.holdout.len()],
            Baseline::LastPeriod => {
                let repeated = |(history, recent): (History, &u32)| {
                    if history.t < horizon { own(history) } else { f64::from(*recent) }
                };
                observed.histories.map(|history| history).into_iter().zip(&observed.recent).map(repeated).collect()
            }
        }
    }
}

/// Repeat purchases of the whole base per time unit and customer.
fn base_rate(observed: &Observed) -> f64 {
    let rows = observed.histories.distinct().iter().zip(observed.histories.weights());
    let (purchases, time) = rows.fold((0.0, 0.0), |(purchases, time), (history, weight)| {
        (purchases + weight * f64::from(history.x), time + weight * history.t)
    });
    if time > 0.0 { purchases / time } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use crate::base::{Day, TimeUnit};
    use crate::validation::baselines::*;
    use crate::validation::split::{PurchaseDays, Window};

    #[test]
    fn baselines_by_hand() {
        let window = Window { calibration_end: Day(100), holdout_days: 20, unit: TimeUnit::Days };
        // Ages 100, 10 and 0 days; the first customer bought twice again, once in the last 20 days.
        let purchases = PurchaseDays { days: &[0, 50, 90, 90, 95, 100], starts: &[0, 3, 5, 6], groups: &[] };
        let observed = window.split(purchases).observed;
        let mean = 3.0 / 110.0 * 20.0;
        assert_eq!(Baseline::OwnRate.predictions(&observed), [2.0 / 100.0 * 20.0, 2.0, mean]);
        assert_eq!(Baseline::LastPeriod.predictions(&observed), [1.0, 2.0, mean]);
        assert_eq!(Baseline::BaseMean.predictions(&observed), [mean; 3]);
    }
}
