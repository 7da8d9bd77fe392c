//! What lies ahead of customers that are alive, each distinct state once.

use rayon::prelude::*;

use crate::base::TimeUnit;
use crate::models::{Histories, History, PurchaseModel};
use crate::value::{ValueTerms, discounted_by};

/// States worked out in one task.
const BLOCK: usize = 512;

/// What is left of a distribution where its mean square is worked out.
const SQUARE_TAIL: f64 = 1e-9;

/// The distinct states of customers that are alive, with the rows of the histories that come to each.
#[derive(Debug)]
pub(super) struct States {
    pub(super) states: Vec<History>,
    /// The first row of each state; one more than there are states.
    starts: Vec<usize>,
}

impl States {
    pub(super) fn of(model: &dyn PurchaseModel, histories: &Histories) -> Self {
        let (mut states, mut starts): (Vec<History>, Vec<usize>) = (Vec::new(), Vec::new());
        // Distinct histories are sorted with t_x last, so equal states are neighbours.
        for (row, history) in histories.distinct().iter().enumerate() {
            let state = model.while_alive(*history);
            if states.last() != Some(&state) {
                states.push(state);
                starts.push(row);
            }
        }
        starts.push(histories.distinct().len());
        States { states, starts }
    }

    /// The rows of a state.
    pub(super) fn rows(&self, state: usize) -> std::ops::Range<usize> {
        self.starts[state]..self.starts[state + 1]
    }

    /// Works out what customers in a state have in common once, and from it what is said of each row, in parallel.
    pub(super) fn by_row<S: Copy, T: Copy + Default + Send>(
        &self,
        histories: &Histories,
        of_state: impl Fn(usize, History) -> S + Sync,
        of_row: impl Fn(S, History) -> T + Sync,
    ) -> Vec<T> {
        let mut values = vec![T::default(); histories.distinct().len()];
        let mut rest = values.as_mut_slice();
        let mut blocks = Vec::with_capacity(self.states.len().div_ceil(BLOCK));
        for first in (0..self.states.len()).step_by(BLOCK) {
            let last = (first + BLOCK).min(self.states.len());
            let (block, after) = rest.split_at_mut(self.starts[last] - self.starts[first]);
            blocks.push((first..last, block));
            rest = after;
        }
        blocks.into_par_iter().for_each(|(states, values)| {
            let mut values = values.iter_mut();
            for number in states {
                let state = of_state(number, self.states[number]);
                let rows = histories.distinct()[self.rows(number)].iter();
                rows.zip(&mut values).for_each(|(history, value)| *value = of_row(state, *history));
            }
        });
        values
    }
}

/// The horizon of customers that are alive in a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead {
    /// The expected square of the number of purchases.
    pub(super) square: f64,
    /// What a purchase is worth today, on average.
    pub(super) discount: f64,
    /// More purchases than this hardly come.
    pub(super) most: usize,
}

impl Ahead {
    pub(super) fn of(model: &dyn PurchaseModel, state: History, terms: &ValueTerms, unit: TimeUnit) -> Self {
        let horizon = terms.horizon.in_units(unit);
        let counts = model.probabilities_if_alive(state, horizon, SQUARE_TAIL);
        let square = counts.iter().enumerate().map(|(n, probability)| (n as f64).powi(2) * probability).sum();
        let plain = model.expected_purchases(state, horizon);
        let discount = discounted_by(terms, unit, model, state) / plain;
        let discount = if discount.is_finite() { discount } else { 1.0 };
        Ahead { square, discount, most: counts.len() }
    }
}
