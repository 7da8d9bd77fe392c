//! What a return undoes.
//!
//! A return is an order whose lines sum to less than zero (or, in a file without order ids, a day).
//! It undoes, in this order, until it is used up:
//! 1. an order of the same day and exactly its amount,
//! 2. the other orders of that day, the largest first,
//! 3. the latest earlier order of exactly the amount that is left,
//! 4. earlier orders, the latest day first and on it the largest.
//!
//! An order that is undone as a whole is no purchase; what finds nothing to undo lowers revenue only.

use std::collections::HashMap;

use crate::base::Clock;
use crate::orders::ReturnsPolicy;

/// An order line of one customer, sorted by day, then order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Line {
    pub(super) day: i32,
    pub(super) order: u64,
    pub(super) amount: i64,
    pub(super) clock: Clock,
}

/// What is left of a customer's orders.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PurchaseDays {
    /// Day and net spend, rising.
    pub(super) days: Vec<(i32, i64)>,
    pub(super) orders: u32,
    pub(super) undone: u64,
    pub(super) unmatched: i64,
    /// Order ids met, while they are counted.
    named: Vec<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Order {
    day: i32,
    id: u64,
    amount: i64,
    stands: bool,
}

/// Sums lines to orders, lets returns undo what they undo, and sums what stands to days.
pub(super) fn settle(lines: &[Line], policy: ReturnsPolicy, order_ids: bool, into: &mut PurchaseDays) {
    if policy == ReturnsPolicy::Net && lines.iter().any(|line| line.amount < 0) {
        *into = undo(lines, order_ids);
    } else {
        into.fill(lines, order_ids);
    }
}

fn undo(lines: &[Line], order_ids: bool) -> PurchaseDays {
    let mut book = Book::default();
    lines.chunk_by(|a, b| a.day == b.day).for_each(|day| book.take_day(day));
    book.into_days(order_ids)
}

impl PurchaseDays {
    /// The days of lines of which none undoes another; those below zero are no purchases.
    fn fill(&mut self, lines: &[Line], order_ids: bool) {
        (self.orders, self.undone, self.unmatched) = (0, 0, 0);
        self.days.clear();
        self.named.clear();
        let mut last = None;
        for line in lines.iter().filter(|line| line.amount >= 0) {
            match self.days.last_mut() {
                Some((day, spend)) if *day == line.day => *spend += line.amount,
                _ => self.days.push((line.day, line.amount)),
            }
            if last.replace((line.day, line.order)) == Some((line.day, line.order)) {
                continue;
            }
            match line.order {
                0 => self.orders += 1,
                order => self.named.push(order),
            }
        }
        self.named.sort_unstable();
        self.named.dedup();
        let orders = if order_ids { self.orders as usize + self.named.len() } else { self.days.len() };
        self.orders = u32::try_from(orders).unwrap_or(u32::MAX);
    }
}

/// A customer's orders so far.
#[derive(Default)]
struct Book {
    orders: Vec<Order>,
    /// Places of orders by amount, the latest last; an order whose amount has changed is passed over.
    by_amount: HashMap<i64, Vec<usize>>,
    /// Places of orders that may still stand, the latest last.
    latest: Vec<usize>,
    undone: u64,
    unmatched: i64,
}

impl Book {
    /// Takes the orders of a day, then settles its returns, the largest first.
    fn take_day(&mut self, lines: &[Line]) {
        let first = self.orders.len();
        let (mut orders, mut returns) = (Vec::new(), Vec::new());
        for order in lines.chunk_by(|a, b| a.order == b.order) {
            let amount: i64 = order.iter().map(|line| line.amount).sum();
            let cancelled = amount == 0 && order.iter().any(|line| line.amount < 0);
            match amount {
                0 if cancelled => self.undone += 1,
                0.. => orders.push(Order { day: order[0].day, id: order[0].order, amount, stands: true }),
                _ => returns.push(-amount),
            }
        }
        orders.sort_by_key(|order| order.amount);
        orders.into_iter().for_each(|order| self.enter(order));
        returns.sort_unstable_by(|a, b| b.cmp(a));
        for amount in returns {
            self.settle_one(amount, first);
        }
    }

    fn enter(&mut self, order: Order) {
        let place = self.orders.len();
        self.by_amount.entry(order.amount).or_default().push(place);
        self.latest.push(place);
        self.orders.push(order);
    }

    fn settle_one(&mut self, amount: i64, first_of_day: usize) {
        if self.undo_exact(amount, first_of_day) {
            return;
        }
        let left = self.undo_latest(amount, first_of_day);
        if left > 0 && !self.undo_exact(left, 0) {
            self.unmatched -= self.undo_latest(left, 0);
        }
    }

    /// Undoes the latest standing order of exactly this amount, if there is one from `first` on.
    fn undo_exact(&mut self, amount: i64, first: usize) -> bool {
        let Some(places) = self.by_amount.get_mut(&amount) else { return false };
        while let Some(&place) = places.last() {
            let order = &mut self.orders[place];
            let current = order.stands && order.amount == amount;
            if current && place < first {
                return false;
            }
            places.pop();
            if current {
                (order.amount, order.stands) = (0, false);
                self.undone += 1;
                return true;
            }
        }
        false
    }

    /// Undoes orders from the latest back to `first`; what is left of the amount.
    fn undo_latest(&mut self, mut amount: i64, first: usize) -> i64 {
        while amount > 0 {
            let Some(&place) = self.latest.last().filter(|place| **place >= first) else { break };
            let order = &mut self.orders[place];
            let taken = amount.min(order.amount);
            amount -= taken;
            order.amount -= taken;
            if order.amount == 0 {
                // An order of value zero is stepped over, not undone: there is nothing to return.
                if taken > 0 {
                    order.stands = false;
                    self.undone += 1;
                }
                self.latest.pop();
            } else {
                self.by_amount.entry(order.amount).or_default().push(place);
            }
        }
        amount
    }

    fn into_days(self, order_ids: bool) -> PurchaseDays {
        let standing: Vec<Order> = self.orders.into_iter().filter(|order| order.stands).collect();
        let days: Vec<(i32, i64)> = standing
            .chunk_by(|a, b| a.day == b.day)
            .map(|day| (day[0].day, day.iter().map(|order| order.amount).sum()))
            .collect();
        let orders = if order_ids { distinct(&standing) } else { days.len() };
        let orders = u32::try_from(orders).unwrap_or(u32::MAX);
        PurchaseDays { days, orders, undone: self.undone, unmatched: self.unmatched, named: Vec::new() }
    }
}

/// Distinct order ids; lines without an id make one order a day.
fn distinct(orders: &[Order]) -> usize {
    let mut ids: Vec<u64> = orders.iter().map(|order| order.id).filter(|id| *id != 0).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len() + orders.iter().filter(|order| order.id == 0).count()
}

#[cfg(test)]
mod tests {
    use crate::ledger::returns::*;

    fn settled(lines: &[(i32, u64, i64)], policy: ReturnsPolicy) -> PurchaseDays {
        let mut lines: Vec<Line> =
            lines.iter().map(|&(day, order, amount)| Line { day, order, amount, clock: Clock::UNKNOWN }).collect();
        lines.sort_unstable();
        let mut days = PurchaseDays::default();
        settle(&lines, policy, true, &mut days);
        days.named.clear();
        days
    }

    fn net(lines: &[(i32, u64, i64)]) -> PurchaseDays {
        settled(lines, ReturnsPolicy::Net)
    }

    #[test]
    fn an_order_cancelled_on_its_day_is_no_purchase() {
        let left = net(&[(1, 1, 500), (2, 2, 80_995), (2, 3, -80_995)]);
        assert_eq!(left, PurchaseDays { days: vec![(1, 500)], orders: 1, undone: 1, unmatched: 0, named: vec![] });
    }

    #[test]
    fn a_later_return_undoes_the_order_of_its_amount_before_newer_ones() {
        let left = net(&[(1, 1, 300), (2, 2, 700), (5, 3, -300)]);
        assert_eq!(left, PurchaseDays { days: vec![(2, 700)], orders: 1, undone: 1, unmatched: 0, named: vec![] });
    }

    #[test]
    fn a_partial_return_lowers_the_latest_order() {
        let left = net(&[(1, 1, 300), (2, 2, 700), (5, 3, -200)]);
        assert_eq!(
            left,
            PurchaseDays { days: vec![(1, 300), (2, 500)], orders: 2, undone: 0, unmatched: 0, named: vec![] }
        );
        let left = net(&[(1, 1, 300), (2, 2, 700), (5, 3, -900)]);
        assert_eq!(left, PurchaseDays { days: vec![(1, 100)], orders: 1, undone: 1, unmatched: 0, named: vec![] });
    }

    #[test]
    fn the_same_day_comes_before_an_earlier_match() {
        let left = net(&[(1, 1, 300), (2, 2, 700), (2, 3, -300)]);
        assert_eq!(
            left,
            PurchaseDays { days: vec![(1, 300), (2, 400)], orders: 2, undone: 0, unmatched: 0, named: vec![] }
        );
    }

    #[test]
    fn what_finds_nothing_is_unmatched() {
        assert_eq!(
            net(&[(1, 1, -300)]),
            PurchaseDays { days: vec![], orders: 0, undone: 0, unmatched: -300, named: vec![] }
        );
        assert_eq!(
            net(&[(1, 1, 100), (2, 2, -300)]),
            PurchaseDays { days: vec![], orders: 0, undone: 1, unmatched: -200, named: vec![] }
        );
    }

    #[test]
    fn zero_orders_stand_and_a_line_discount_stays_in_its_order() {
        assert_eq!(net(&[(1, 1, 0)]).days, [(1, 0)]);
        assert_eq!(net(&[(1, 1, 0), (2, 2, -5)]).days, [(1, 0)]);
        assert_eq!(
            net(&[(1, 1, 100), (1, 1, -10)]),
            PurchaseDays { days: vec![(1, 90)], orders: 1, undone: 0, unmatched: 0, named: vec![] }
        );
    }

    #[test]
    fn ignored_returns_undo_nothing() {
        let left = settled(&[(1, 1, 300), (2, 2, -300)], ReturnsPolicy::Ignore);
        assert_eq!(left, PurchaseDays { days: vec![(1, 300)], orders: 1, undone: 0, unmatched: 0, named: vec![] });
    }

    #[test]
    fn an_order_over_two_days_counts_once() {
        let left = net(&[(1, 9, 100), (2, 9, 100)]);
        assert_eq!((left.orders, left.days.len()), (1, 2));
    }
}
