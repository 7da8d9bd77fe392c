//! What an additional purchase would cost, were a claimed association an effect.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::contacts::timing::base::Base;
use crate::contacts::timing::{Claim, TimingRow};

/// Additional purchases that go with the contacts of a kind, and what they cost. It takes the association for
/// an effect; only an experiment can say whether it is one.
///
/// ```text
/// additional = sum over contacts of P(alive) x rate x sum over claimed windows of (ratio - 1) x days
/// ```
///
/// with the days of the window until the next contact of the kind, P(alive) of 1 before the customer's last purchase
/// and from then on the one of today (which is not above the one of that day, so that costs are rather
/// overstated), and the customer's own rate of repeat purchases while alive, less what the windows add to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdditionalCost {
    /// The kind of contact, or `any`.
    pub kind: String,
    /// Contacts from the customers' first purchases on.
    pub contacts: u64,
    /// What they cost; `None` where costs are not known.
    pub cost: Option<Money>,
    /// Additional purchases, and with every ratio at the low and at the high end of its interval.
    pub additional_purchases: [f64; 3],
    /// Cost per additional purchase, and at the low and the high end; `None` where costs are not known.
    pub cost_per_purchase: Option<[f64; 3]>,
}

/// A claimed window.
struct Window {
    days: Range<f64>,
    /// Ratio, low, high.
    ratios: [f64; 3],
    /// Part of the purchases to be expected in it.
    share: f64,
}

/// For each kind with a claim. `rows` are those of the kind, `purchases` all that were looked at.
pub(super) fn additional_cost(
    base: &Base,
    rows: &[TimingRow],
    of_kind: impl Fn(u16) -> bool,
    p_alive: Option<&[f64]>,
    purchases: u64,
) -> Option<AdditionalCost> {
    let claimed = rows.iter().filter(|row| row.claim == Claim::MoreFollow);
    let windows: Vec<Window> = claimed.map(|row| Window::of(row, purchases)).collect();
    let kind = rows.first().filter(|_| !windows.is_empty())?.kind.clone();
    let (mut contacts, mut cost, mut additional) = (0, Money(0), [0.0; 3]);
    for customer in 0..base.customers() {
        let of_customer = Contacted::of(base, customer, &of_kind);
        let rate = base.repeat_rate(customer, p_alive);
        contacts += of_customer.times.len() as u64;
        cost += of_customer.cost;
        for (alive, gap) in of_customer.gaps(base, customer, p_alive) {
            windows.iter().for_each(|window| window.add(alive * rate, gap, &mut additional));
        }
    }
    for (end, sum) in additional.iter_mut().enumerate() {
        *sum /= 1.0 + windows.iter().map(|window| window.share * (window.ratios[end] - 1.0)).sum::<f64>();
    }
    let cost = base.log.held.cost.then_some(cost);
    let [middle, low, high] = additional;
    let per = |cost: Money| [middle, high, low].map(|additional| cost.to_f64() / additional);
    let cost_per_purchase = cost.filter(|_| low > 0.0).map(per);
    Some(AdditionalCost { kind, contacts, cost, additional_purchases: additional, cost_per_purchase })
}

impl Window {
    fn of(row: &TimingRow, purchases: u64) -> Self {
        Window {
            days: row.lag_from_days..row.lag_to_days,
            ratios: [row.rate_ratio, row.low, row.high],
            share: row.expected / (purchases as f64).max(1.0),
        }
    }

    /// Adds what a contact brings whose window is cut short after `gap` days.
    fn add(&self, rate: f64, gap: f64, additional: &mut [f64; 3]) {
        let days = (gap.min(self.days.end) - self.days.start).max(0.0);
        additional.iter_mut().zip(self.ratios).for_each(|(sum, ratio)| *sum += rate * days * (ratio - 1.0));
    }
}

/// A customer's contacts of a kind since its first purchase.
struct Contacted {
    times: Vec<f64>,
    cost: Money,
}

impl Contacted {
    fn of(base: &Base, customer: usize, of_kind: &impl Fn(u16) -> bool) -> Self {
        let mut contacted = Contacted { times: Vec::new(), cost: Money(0) };
        let Some(&first) = base.purchases.of(customer).first() else { return contacted };
        let contacts = base.log.of(customer).iter().filter(|contact| of_kind(base.kinds.kind(contact)));
        for contact in contacts.filter(|contact| contact.at >= first) {
            contacted.times.push(base.resolution.contact(contact.at));
            contacted.cost += contact.cost;
        }
        contacted
    }

    /// Of each contact the probability that the customer was alive, and the days until the next.
    fn gaps(&self, base: &Base, customer: usize, p_alive: Option<&[f64]>) -> impl Iterator<Item = (f64, f64)> {
        let last = base.purchases.of(customer).last().map_or(f64::NEG_INFINITY, |&at| base.resolution.purchase(at));
        let later = p_alive.map_or(0.0, |p_alive| probability(p_alive[customer]));
        let next = self.times.iter().skip(1).copied().chain([f64::INFINITY]);
        self.times.iter().zip(next).map(move |(&at, next)| (if at < last { 1.0 } else { later }, next - at))
    }
}

impl Base<'_> {
    /// Repeat purchases a day while alive: up to the last purchase, and as likely as P(alive) since.
    fn repeat_rate(&self, customer: usize, p_alive: Option<&[f64]>) -> f64 {
        let [first, .., last] = self.purchases.of(customer) else { return 0.0 };
        let [from, to] = [first, last].map(|at| self.resolution.purchase(*at));
        let since = f64::from(self.log.as_of.0) + 1.0 - to;
        let alive = to - from + p_alive.map_or(0.0, |p_alive| probability(p_alive[customer])) * since.max(0.0);
        (self.purchases.of(customer).len() - 1) as f64 / alive.max(1.0)
    }
}

/// Unknown is 0.
fn probability(p: f64) -> f64 {
    if p.is_finite() { p.clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use crate::contacts::timing::cost::*;

    #[test]
    fn a_window_that_the_next_contact_cuts_short() {
        let window = Window { days: 3.0..7.0, ratios: [1.5, 1.0, 2.0], share: 0.1 };
        let mut additional = [0.0; 3];
        window.add(0.1, 5.0, &mut additional); // two of its four days, at 0.1 purchases a day
        window.add(0.1, 2.0, &mut additional); // none
        let by_hand = [0.1, 0.0, 0.2];
        assert!(additional.iter().zip(by_hand).all(|(found, by_hand)| (found - by_hand).abs() < 1e-12)); // rounding
        window.add(0.1, f64::INFINITY, &mut additional);
        assert!((additional[0] - 0.3).abs() < 1e-12); // rounding
    }

    #[test]
    fn what_is_not_a_probability_is_none() {
        assert_eq!([f64::NAN, -0.1, 0.4, 7.0].map(probability), [0.0, 0.0, 0.4, 1.0]);
    }
}
