//! The lines of one partition, those that settling cannot tell apart made one.
//!
//! Settling sums an order's lines on a day and asks besides only whether one is below zero, and when the first of the
//! others was. So lines of one customer, day and order may be one where they have the same sign. Amounts of zero stay
//! apart, and so do lines whose profit is not known, because both are counted.

use std::borrow::Cow;

use crate::base::ids::{IdMap, IdRef, Ids};
use crate::base::{Clock, Moment, Money};
use crate::orders::{LineRef, unpack};

/// The merged lines of some customers.
#[derive(Debug, Default)]
pub struct Merged {
    /// The customers in the order of their ids.
    pub ids: Ids,
    /// Their lines in the same order, by day and order within a customer.
    pub lines: Vec<MergedLine>,
}

/// Lines of one customer, day, order and sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedLine {
    /// The customer's place among the ids.
    pub customer: u32,
    /// When; the earliest time of day, and none where the amount is below zero.
    pub at: Moment,
    /// A fingerprint of the order id; 0 where there is none.
    pub order: u64,
    /// Their sum.
    pub amount: Money,
    /// That of their profit, where it is known.
    pub profit: Option<Money>,
    /// How many there are.
    pub lines: u32,
}

impl MergedLine {
    fn new(line: &LineRef<'_>, customer: u32) -> Self {
        let &LineRef { mut at, amount, order, profit, lines, .. } = line;
        if amount < Money(0) {
            at.clock = Clock::UNKNOWN;
        }
        MergedLine { customer, at, order, amount, profit, lines }
    }

    /// Lines with the same one are made one.
    fn key(&self) -> (u32, i32, u64, i64, bool) {
        (self.customer, self.at.day.0, self.order, self.amount.0.signum(), self.profit.is_some())
    }

    fn add(&mut self, other: &MergedLine) {
        self.at.clock = self.at.clock.min(other.at.clock);
        self.amount += other.amount;
        let sum = |profit: Money, more: Money| Money(profit.0.saturating_add(more.0));
        self.profit = self.profit.zip(other.profit).map(|(profit, more)| sum(profit, more));
        self.lines = self.lines.saturating_add(other.lines);
    }
}

impl Merged {
    pub(super) fn of(pages: &[Cow<'_, [u8]>]) -> Merged {
        let lines = || pages.iter().flat_map(|page| unpack(page));
        let mut roll = Roll::default();
        let mut merged: Vec<MergedLine> =
            lines().map(|line| MergedLine::new(&line, roll.number(line.customer))).collect();
        let ids = renumber(&roll, &mut merged);
        merged.sort_unstable_by_key(MergedLine::key);
        merged.dedup_by(|next, line| {
            let same = next.key() == line.key();
            if same {
                line.add(next);
            }
            same
        });
        Merged { ids, lines: merged }
    }
}

/// The customers met, numbered as they come.
#[derive(Default)]
struct Roll<'a> {
    numbers: IdMap<u64, u32>,
    texts: IdMap<&'a str, u32>,
    ids: Vec<IdRef<'a>>,
}

impl<'a> Roll<'a> {
    fn number(&mut self, id: IdRef<'a>) -> u32 {
        let next = self.ids.len() as u32;
        let found = match id {
            IdRef::Number(number) => *self.numbers.entry(number).or_insert(next),
            IdRef::Text(text) => *self.texts.entry(text).or_insert(next),
        };
        if found == next {
            self.ids.push(id);
        }
        found
    }

    /// The customers' numbers in the order of their ids.
    fn in_order(&self) -> impl Iterator<Item = usize> + use<> {
        let mut order: Vec<u32> = (0..self.ids.len() as u32).collect();
        order.sort_unstable_by_key(|customer| self.ids[*customer as usize]);
        order.into_iter().map(|customer| customer as usize)
    }
}

/// Numbers customers in the order of their ids; those ids.
fn renumber(roll: &Roll<'_>, lines: &mut [MergedLine]) -> Ids {
    let (mut ids, mut places) = (Ids::default(), vec![0; roll.ids.len()]);
    for (place, customer) in (0..).zip(roll.in_order()) {
        places[customer] = place;
        match roll.ids[customer] {
            IdRef::Number(number) => ids.push_number(number),
            IdRef::Text(text) => ids.push(text),
        }
    }
    lines.iter_mut().for_each(|line| line.customer = places[line.customer as usize]);
    ids
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::base::Day;
    use crate::ledger::merged::*;
    use crate::ledger::{Ledger, LedgerBuilder};
    use crate::ledger::{SpillError, SumError};
    use crate::orders::{Lines, ReturnsPolicy};

    const CUSTOMERS: [IdRef<'static>; 4] =
        [IdRef::Number(7), IdRef::Text("007"), IdRef::Text("b"), IdRef::Number(1 << 40)];

    fn line() -> impl Strategy<Value = LineRef<'static>> {
        let amounts = prop::sample::select(vec![0, 0, 500, -500, 1_000, -1_000, 250, -250, 75, 33]);
        let profit = prop::option::of(-3..9_i64);
        let clock = prop::option::of(0..5_u32);
        (0..4_usize, 0..4_i32, 0..4_u64, amounts, clock, profit).prop_map(
            |(customer, day, order, amount, clock, profit)| {
                let at = Moment { day: Day(day), clock: clock.map_or(Clock::UNKNOWN, Clock::at) };
                let profit = profit.map(Money);
                LineRef { customer: CUSTOMERS[customer], at, amount: Money(amount), order, profit, lines: 1 }
            },
        )
    }

    fn ledger<'a>(
        lines: impl Iterator<Item = LineRef<'a>>,
        policy: ReturnsPolicy,
        ids: bool,
    ) -> Result<Ledger, SumError> {
        let mut builder = LedgerBuilder::new(policy, ids);
        let mut batch = Lines::new(true);
        lines.for_each(|line| batch.push(line));
        builder.absorb(&batch)?;
        builder.finish()
    }

    /// All lines as they come out of the partitions.
    fn merged(lines: &[LineRef<'_>]) -> Result<Vec<Merged>, SpillError> {
        let mut builder = LedgerBuilder::new(ReturnsPolicy::Net, true);
        let mut batch = Lines::new(true);
        lines.iter().for_each(|line| batch.push(*line));
        builder.absorb(&batch)?;
        let mut all = Vec::new();
        builder.merge::<SpillError>(|_, merged| {
            all.push(merged);
            Ok(())
        })?;
        Ok(all)
    }

    fn line_refs(merged: &[Merged]) -> impl Iterator<Item = LineRef<'_>> {
        merged.iter().flat_map(|part| {
            part.lines.iter().map(|&MergedLine { customer, at, order, amount, profit, lines }| {
                let customer = IdRef::new(part.ids.get(customer as usize));
                LineRef { customer, at, amount, order, profit, lines }
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn settling_cannot_tell_merged_lines_from_single_ones(
            lines in prop::collection::vec(line(), 1..60),
            policy in prop::sample::select(vec![ReturnsPolicy::Net, ReturnsPolicy::Ignore]),
            ids: bool,
        ) {
            let merged = merged(&lines).expect("in memory");
            let plain = ledger(lines.iter().copied(), policy, ids).expect("in memory");
            prop_assert_eq!(ledger(line_refs(&merged), policy, ids).expect("in memory"), plain);
            let count = |of: fn(&LineRef<'_>) -> bool| {
                let merged: u32 = line_refs(&merged).filter(of).map(|line| line.lines).sum();
                (merged as usize, lines.iter().filter(|line| of(line)).count())
            };
            for (merged, single) in [count(|line| line.amount < Money(0)), count(|line| line.amount == Money(0))] {
                prop_assert_eq!(merged, single);
            }
        }

        #[test]
        fn merging_again_changes_nothing(lines in prop::collection::vec(line(), 1..60)) {
            let once = merged(&lines).expect("in memory");
            let again = merged(&line_refs(&once).collect::<Vec<_>>()).expect("in memory");
            prop_assert!(line_refs(&once).eq(line_refs(&again)));
        }
    }
}
