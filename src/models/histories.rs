//! Histories: what a purchase model knows of customers, each distinct one once.

use rayon::prelude::*;

use crate::models::PurchaseModel;
use crate::summary::Summary;

/// What a purchase model knows of a customer, in the run's time unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History {
    /// `x`: purchase days after the first.
    pub x: u32,
    /// `t_x`: age at the last purchase day.
    pub t_x: f64,
    /// `T`: age at the as-of date.
    pub t: f64,
    /// Which combination of covariates the customer has; 0 where there are none.
    pub group: u32,
}

impl History {
    /// A customer whose first purchase was just now.
    pub const NEW: History = History::new(0, 0.0, 0.0);

    /// A history without covariates.
    pub const fn new(x: u32, t_x: f64, t: f64) -> Self {
        History { x, t_x, t, group: 0 }
    }
}

/// The distinct histories of a base, and which customer has which.
///
/// ```
/// use clivia::models::{History, Histories};
/// let seen = [History::new(1, 2.0, 9.0), History::new(0, 0.0, 5.0), History::new(1, 2.0, 9.0)];
/// let histories = Histories::new(&seen);
/// assert_eq!(histories.distinct().len(), 2);
/// assert_eq!(histories.map(|history| history.t), [9.0, 5.0, 9.0]);
/// ```
#[derive(Debug, Clone)]
pub struct Histories {
    distinct: Vec<History>,
    weights: Vec<f64>,
    row_of: Vec<u32>,
    customers: usize,
    log_gaps: Option<f64>,
}

impl Histories {
    /// The distinct ones among these, sorted by `x`, then `T`, then `group`, then `t_x`.
    pub fn new(histories: &[History]) -> Self {
        let (distinct, weights, row_of) = distinct(histories.par_iter().map(|history| key(*history)).collect());
        Histories {
            distinct: distinct.into_iter().map(from_key).collect(),
            weights,
            row_of,
            customers: histories.len(),
            log_gaps: None,
        }
    }

    /// Those of a base.
    pub fn of(summary: &Summary) -> Self {
        Self::grouped(summary, |_| 0)
    }

    /// Those of a base whose customers have covariates: `group` numbers their combinations.
    pub fn grouped(summary: &Summary, group: impl Fn(usize) -> u32 + Sync) -> Self {
        let history = |i: usize| History {
            x: summary.frequency[i],
            t_x: summary.last_purchase_age[i],
            t: summary.age[i],
            group: group(i),
        };
        Self::new(&(0..summary.len()).into_par_iter().map(history).collect::<Vec<_>>())
    }

    /// Histories that stand for several customers each, such as the rows of a published table.
    pub fn weighted(rows: &[(History, u32)]) -> Self {
        let mut histories = Self::new(&rows.iter().map(|(history, _)| *history).collect::<Vec<_>>());
        histories.weights.fill(0.0);
        for (&row, (_, customers)) in histories.row_of.iter().zip(rows) {
            histories.weights[row as usize] += f64::from(*customers);
        }
        histories.customers = rows.iter().map(|(_, customers)| *customers as usize).sum();
        histories
    }

    /// The same, with the sum over all customers of the logarithms of the times between their purchases, in the unit
    /// of the histories: what a model of regular purchases needs to say how regular they are.
    pub fn with_log_gaps(self, log_gaps: f64) -> Self {
        Histories { log_gaps: Some(log_gaps), ..self }
    }

    /// The sum of the logarithms of the times between purchases, where it is known.
    pub fn log_gaps(&self) -> Option<f64> {
        self.log_gaps
    }

    /// Each distinct history.
    pub fn distinct(&self) -> &[History] {
        &self.distinct
    }

    /// How many customers have each distinct history.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// How many customers there are.
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// Where the history of each row is among the distinct ones.
    pub fn row_of(&self) -> &[u32] {
        &self.row_of
    }

    /// Works out `f` once a distinct history, in parallel; one result a customer, in the base's order.
    pub fn map<T: Copy + Send + Sync>(&self, f: impl Fn(History) -> T + Sync + Send) -> Vec<T> {
        let values: Vec<T> = self.distinct.par_iter().map(|history| f(*history)).collect();
        self.row_of.par_iter().map(|&row| values[row as usize]).collect()
    }

    /// As [`map`](Self::map), for what depends only on [`PurchaseModel::while_alive`].
    pub fn map_while_alive<T: Copy + Send + Sync>(
        &self,
        model: &dyn PurchaseModel,
        f: impl Fn(History) -> T + Sync + Send,
    ) -> Vec<T> {
        let mut states: Vec<History> = Vec::new();
        let mut state_of = Vec::with_capacity(self.distinct.len());
        // Distinct histories are sorted with t_x last, so equal states are neighbours.
        for history in &self.distinct {
            let state = model.while_alive(*history);
            if states.last() != Some(&state) {
                states.push(state);
            }
            state_of.push(states.len() - 1);
        }
        let values: Vec<T> = states.par_iter().map(|state| f(*state)).collect();
        self.row_of.par_iter().map(|&row| values[state_of[row as usize]]).collect()
    }
}

/// A history as sortable bits: `x`, `T`, the group, `t_x`. The bits of floats that are not negative sort as they do.
type HistoryKey = (u32, u64, u32, u64);

fn key(History { x, t_x, t, group }: History) -> HistoryKey {
    // Adding zero makes a negative zero positive.
    (x, (t + 0.0).to_bits(), group, (t_x + 0.0).to_bits())
}

fn from_key((x, t, group, t_x): HistoryKey) -> History {
    History { x, t_x: f64::from_bits(t_x), t: f64::from_bits(t), group }
}

/// The distinct keys in order, how often each occurs, and which of them stands at each place.
pub(crate) fn distinct<K: Ord + Copy + Send>(keys: Vec<K>) -> (Vec<K>, Vec<f64>, Vec<u32>) {
    let mut row_of = vec![0; keys.len()];
    let mut sorted: Vec<(K, u32)> = keys.into_iter().zip(0..).collect();
    sorted.par_sort_unstable();
    let (mut rows, mut weights) = (Vec::new(), Vec::new());
    for (key, place) in sorted {
        if rows.last() != Some(&key) {
            rows.push(key);
            weights.push(0.0);
        }
        let row = rows.len() - 1;
        weights[row] += 1.0;
        row_of[place as usize] = row as u32;
    }
    (rows, weights, row_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_rows_keep_every_customer() {
        let (rows, weights, row_of) = distinct(vec![5, 3, 5, 9, 3, 5]);
        assert_eq!((rows, weights), (vec![3, 5, 9], vec![2.0, 3.0, 1.0]));
        assert_eq!(row_of, [1, 0, 1, 2, 0, 1]);
    }

    #[test]
    fn weighted_rows_stand_for_their_customers() {
        let (once, twice) = (History::new(0, 0.0, 9.0), History::new(1, 3.0, 9.0));
        let histories = Histories::weighted(&[(twice, 4), (once, 2), (twice, 1)]);
        assert_eq!((histories.weights(), histories.customers()), (&[2.0, 5.0][..], 7));
    }
}
