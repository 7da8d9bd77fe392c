//! New prices where a search at one set of prices is too long.
//!
//! The customer whose decision weighs most is given each of its options in turn, and nothing: for each, the rest of the
//! problem gets prices, a greedy choice and a search of its own. Parts are worked on in the order of their bounds, so
//! that the greatest bound of the parts left is that of the whole. Parts that cannot beat the best choice so far are
//! dropped; where none is left, that choice is proven to be the best.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::decide::solver::ROUNDING;
use crate::decide::solver::dual::Relaxation;
use crate::decide::solver::{exact, greedy};

/// Options looked at for the whole problem, and for a part of it, at most.
const FIRST_STEPS: u64 = 4_000_000;
const STEPS: u64 = 200_000;

/// How many parts are worked on, at most, and options in all of them together: about a second.
const PARTS: usize = 300;
const OPTIONS: usize = 300_000;

/// A part of the problem: what some customers are given, and what is left to choose.
struct Part {
    /// Positions in the problem of the options given.
    given: Vec<u32>,
    /// Their value.
    value: f64,
    rest: Relaxation,
    prices: Vec<f64>,
    /// No choice with what is given is worth more.
    bound: f64,
    /// The order of making, which decides between equal bounds.
    number: usize,
}

impl Ord for Part {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound).then(other.number.cmp(&self.number))
    }
}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Part {}

/// The parts still open, and the best choice so far.
pub(super) struct Branching {
    parts: BinaryHeap<Part>,
    made: usize,
    best: Vec<u32>,
    value: f64,
    /// Options looked at for the whole problem, and for a part of it, at most.
    steps: [u64; 2],
}

impl Branching {
    /// The whole as one part.
    pub(super) fn of(rest: Relaxation) -> Self {
        let prices = rest.no_prices();
        let whole = Part { given: Vec::new(), value: 0.0, rest, prices, bound: f64::INFINITY, number: 0 };
        Branching { parts: [whole].into(), made: 1, best: Vec::new(), value: 0.0, steps: [FIRST_STEPS, STEPS] }
    }

    /// The best choice found, and the bound of what it was not compared with: `None` where that is nothing.
    pub(super) fn finish(mut self) -> (Vec<u32>, Option<f64>) {
        let options = self.parts.peek().map_or(0, |whole| whole.rest.items().len());
        for worked in 0..PARTS.min(1 + OPTIONS / options.max(1)) {
            let Some(part) = self.parts.pop().filter(|part| self.may_win(part)) else {
                return (self.best, None);
            };
            let is_large = part.rest.is_large();
            if let Some(part) = self.work_on(part, self.steps[worked.min(1)]) {
                if is_large {
                    return (self.best, Some(part.bound));
                }
                self.split(part);
            }
        }
        let bound = self.parts.peek().filter(|part| self.may_win(part)).map(|part| part.bound);
        (self.best, bound)
    }

    fn may_win(&self, part: &Part) -> bool {
        part.bound * (1.0 - ROUNDING) > self.value
    }

    /// Prices a part, and fills and searches it; given back where something in it could still be better.
    fn work_on(&mut self, mut part: Part, steps: u64) -> Option<Part> {
        let (prices, bound) = part.rest.prices(&part.prices);
        part.bound = part.value + bound;
        let filled = greedy::fill(&part.rest, &prices);
        self.offer(&part, &filled.items());
        let (better, is_proven) = exact::search(&part.rest, &prices, (self.value - part.value, bound), steps);
        better.into_iter().for_each(|items| self.offer(&part, &items));
        part.prices = prices;
        (!is_proven && self.may_win(&part)).then_some(part)
    }

    /// Keeps a choice if it is better than the best so far.
    fn offer(&mut self, part: &Part, items: &[usize]) {
        let value = part.value + items.iter().map(|&item| part.rest.items()[item].value).sum::<f64>();
        if value > self.value {
            self.value = value;
            self.best = part.given.iter().copied().chain(part.rest.origins(items)).collect();
        }
    }

    /// Gives one customer of a part each of its options, and nothing.
    fn split(&mut self, part: Part) {
        let room = part.bound - self.value;
        let Some((customer, branches)) = exact::weightiest(&part.rest, &part.prices, room) else {
            return;
        };
        for branch in branches {
            let Some(rest) = part.rest.given(customer, branch.item) else { continue };
            let mut given = part.given.clone();
            given.extend(part.rest.origins(branch.item.as_slice()));
            let value = part.value + branch.item.map_or(0.0, |item| part.rest.items()[item].value);
            let (prices, bound) = (part.prices.clone(), part.bound - branch.short);
            self.parts.push(Part { given, value, rest, prices, bound, number: self.made });
            self.made += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use crate::base::Money;
    use crate::decide::solver::branching::*;
    use crate::decide::solver::{Choice, Problem};

    fn random(chance: &mut Xoshiro256PlusPlus) -> Vec<Choice> {
        let mut choices = Vec::new();
        for customer in 0..15 {
            for channel in 0..3_u16 {
                let cost = Money([45, 12, 1][usize::from(channel)] * chance.gen_range(1..4));
                let value = chance.gen_range(1.0_f64..90.0).round();
                choices.push(Choice { customer, value, cost, channel: Some(channel) });
            }
        }
        choices
    }

    /// Searches that are cut short at once leave the proof to the parts.
    #[test]
    fn parts_come_to_what_one_search_comes_to() {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(41);
        let (mut split, mut proven) = (0, 0);
        for _ in 0..200 {
            let choices = random(&mut chance);
            let problem = Problem { choices: &choices, budget: Some(Money(200)), capacity: &[2, 4, 6] };
            let whole = problem.solve();
            let relaxation = Relaxation::new(&problem);
            let (prices, bound) = relaxation.prices(&relaxation.no_prices());
            let filled: f64 =
                greedy::fill(&relaxation, &prices).items().iter().map(|&item| relaxation.items()[item].value).sum();
            assert!(filled <= whole.value && whole.value <= bound * (1.0 + ROUNDING), "greedy, best and bound");
            let mut parts = Branching::of(relaxation);
            parts.steps = [5, 5];
            let (best, left) = parts.finish();
            let value: f64 = best.iter().map(|&place| choices[place as usize].value).sum();
            let cost: i64 = best.iter().map(|&place| choices[place as usize].cost.0).sum();
            assert!(cost <= 200, "{cost}");
            split += u32::from(filled < whole.value);
            match left {
                None => assert_eq!(value, whole.value, "whole values add up exactly"),
                Some(bound) => assert!(value <= whole.value && whole.value <= bound * (1.0 + ROUNDING)),
            }
            proven += u32::from(left.is_none());
        }
        assert!(split >= 100 && proven >= 100, "{split} not solved by the greedy choice, {proven} proven by parts");
    }
}
