//! What lies ahead of customers that are alive, each distinct state once.

use rayon::prelude::*;

use crate::models::{Histories, History, PurchaseModel};
use crate::units::TimeUnit;
use crate::value::{ValueTerms, discounted_by};

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

    /// Works out `f` once a state, in parallel; one result a row.
    pub(super) fn by_row<T: Copy + Send + Sync>(&self, f: impl Fn(usize, History) -> T + Sync) -> Vec<T> {
        let values: Vec<T> = self.states.par_iter().enumerate().map(|(i, state)| f(i, *state)).collect();
        values.iter().enumerate().flat_map(|(i, value)| self.rows(i).map(move |_| *value)).collect()
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
