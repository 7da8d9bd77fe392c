//! Purchases, amounts and returns of one customer.

use rand::Rng;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::Money;
use crate::simulate::settings::MAX_AMOUNT;
use crate::simulate::{CustomerTruth, DAY_SECONDS, Population};

/// Fixed-point units in a cent.
const CENT: i64 = Money::SCALE / 100;

/// The most days from an order to its return.
const RETURN_DAYS: i64 = 30;

/// A line of the order file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulatedOrder {
    /// Number of the order among the customer's, from 1; a return has that of its order.
    pub number: u32,
    /// Seconds since 1970-01-01 UTC.
    pub at: i64,
    /// Whole cents, at least one; negative on a return.
    pub amount: Money,
    /// Whether it takes an order back.
    pub is_return: bool,
    /// Whether the line has lost its customer id.
    pub id_missing: bool,
}

/// What a customer bought, and whether it would go on.
pub(super) struct History {
    pub(super) orders: Vec<SimulatedOrder>,
    pub(super) alive_at_end: bool,
}

impl Population {
    /// The first purchase at `joined`, then repeat purchases until the customer leaves or the window closes.
    ///
    /// Candidates come at the highest rate that the effect allows and are kept with the probability of
    /// the rate at that moment over the highest: thinning (Lewis and Shedler 1979), exact for any rate.
    pub(super) fn draw_purchases(
        &self,
        truth: &CustomerTruth,
        joined: f64,
        contacts: &[f64],
        mut rng: Xoshiro256PlusPlus,
    ) -> History {
        let highest = self.settings.effect.rate_ratio.max(1.0);
        let mut orders = vec![self.draw_order(truth, joined, 1, &mut rng)];
        let candidate_rate = truth.rate_per_week * highest;
        let mut time = joined + waiting_time(candidate_rate, &mut rng);
        while time < self.observed_weeks() {
            if rng.r#gen::<f64>() * highest < self.rate_ratio_at(time, contacts) {
                orders.push(self.draw_order(truth, time, orders.len() as u32 + 1, &mut rng));
                if rng.r#gen::<f64>() < truth.dropout_probability {
                    return History { orders, alive_at_end: false };
                }
            }
            time += waiting_time(candidate_rate, &mut rng);
        }
        History { orders, alive_at_end: true }
    }

    /// The rate at `time` over the rate without contact: contacts are in the order of time, in weeks.
    fn rate_ratio_at(&self, time: f64, contacts: &[f64]) -> f64 {
        let effect = self.settings.effect;
        let before = contacts.partition_point(|&contact| contact <= time);
        let latest = before.checked_sub(1).map(|latest| contacts[latest]);
        let under_effect = latest.is_some_and(|contact| (time - contact) * 7.0 < effect.days);
        if under_effect { effect.rate_ratio } else { 1.0 }
    }

    fn draw_order(
        &self,
        truth: &CustomerTruth,
        time: f64,
        number: u32,
        rng: &mut Xoshiro256PlusPlus,
    ) -> SimulatedOrder {
        let amount = self.amount.sample(rng) / self.settings.spend.p * truth.mean_spend;
        SimulatedOrder {
            number,
            at: self.timestamp(time),
            amount: whole_cents(amount),
            is_return: false,
            id_missing: false,
        }
    }

    /// Adds returns and takes customer ids away.
    pub(super) fn add_quirks(
        &self,
        mut orders: Vec<SimulatedOrder>,
        mut rng: Xoshiro256PlusPlus,
    ) -> Vec<SimulatedOrder> {
        let quirks = self.settings.quirks;
        let returns: Vec<SimulatedOrder> =
            orders.iter().filter_map(|order| self.draw_return(order, &mut rng)).collect();
        orders.extend(returns);
        orders.iter_mut().for_each(|line| line.id_missing = rng.r#gen::<f64>() < quirks.missing_id_share);
        orders
    }

    fn draw_return(&self, order: &SimulatedOrder, rng: &mut Xoshiro256PlusPlus) -> Option<SimulatedOrder> {
        let sent_back = rng.r#gen::<f64>() < self.settings.quirks.returns_share;
        let at = order.at + rng.gen_range(DAY_SECONDS..=RETURN_DAYS * DAY_SECONDS);
        let seen = at < self.end_timestamp();
        (sent_back && seen).then_some(SimulatedOrder { at, amount: -order.amount, is_return: true, ..*order })
    }
}

/// Weeks to the next event of a Poisson process; endless at a rate of 0.
pub(super) fn waiting_time(rate: f64, rng: &mut Xoshiro256PlusPlus) -> f64 {
    let gap: f64 = Exp1.sample(rng);
    gap / rate
}

fn whole_cents(amount: f64) -> Money {
    Money((amount * 100.0).round().clamp(1.0, MAX_AMOUNT * 100.0) as i64 * CENT)
}
