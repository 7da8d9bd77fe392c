//! Histories: what a purchase model knows of customers, each distinct one once.

use std::sync::Arc;

use rayon::prelude::*;

use crate::base::TimeUnit;
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
/// use clivia_core::models::{History, Histories};
/// let seen = [History::new(1, 2.0, 9.0), History::new(0, 0.0, 5.0), History::new(1, 2.0, 9.0)];
/// let histories = Histories::new(&seen);
/// assert_eq!(histories.distinct().len(), 2);
/// assert_eq!(histories.map(|history| history.t), [9.0, 5.0, 9.0]);
/// ```
#[derive(Debug, Clone)]
pub struct Histories {
    distinct: Vec<History>,
    weights: Vec<f64>,
    row_of: Arc<Vec<u32>>,
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
            row_of: Arc::new(row_of),
            customers: histories.len(),
            log_gaps: None,
        }
    }

    /// Those of a base.
    pub fn of(summary: &Summary) -> Self {
        Self::of_days(summary).unwrap_or_else(|| Self::grouped(summary, |_| 0))
    }

    /// Those of a base whose ages are whole days: each is packed into one number, which takes a quarter of the memory and
    /// sorts faster. `None` where one does not fit.
    fn of_days(summary: &Summary) -> Option<Self> {
        let pack = |i: usize| {
            let days = |age: f64| whole_days(age, summary.unit);
            let (t, t_x) = (days(summary.age(i))?, days(summary.last_purchase_age(i))?);
            let x = u64::from(summary.frequency[i]);
            (x < 1 << (64 - 2 * DAY_BITS)).then_some(x << (2 * DAY_BITS) | t << DAY_BITS | t_x)
        };
        let unpack = |packed: u64| {
            let age = |days: u64| (days & ((1 << DAY_BITS) - 1)) as f64 / summary.unit.days();
            History::new((packed >> (2 * DAY_BITS)) as u32, age(packed), age(packed >> DAY_BITS))
        };
        let packed: Option<Vec<u64>> = (0..summary.len()).into_par_iter().map(pack).collect();
        let (distinct, weights, row_of) = distinct(packed?);
        Some(Histories {
            distinct: distinct.into_iter().map(unpack).collect(),
            weights,
            row_of: Arc::new(row_of),
            customers: summary.len(),
            log_gaps: None,
        })
    }

    /// Those of a base whose customers have covariates: `group` numbers their combinations.
    pub fn grouped(summary: &Summary, group: impl Fn(usize) -> u32 + Sync) -> Self {
        let history = |i: usize| History {
            x: summary.frequency[i],
            t_x: summary.last_purchase_age(i),
            t: summary.age(i),
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

    /// Works out `f` once a distinct history, in parallel.
    pub fn by_row<T: Send>(&self, f: impl Fn(History) -> T + Sync + Send) -> ByRow<T> {
        ByRow { rows: self.distinct.par_iter().map(|history| f(*history)).collect(), row_of: self.row_of.clone() }
    }

    /// Values worked out for each distinct history, as those of customers.
    pub(crate) fn of_rows<T>(&self, rows: Vec<T>) -> ByRow<T> {
        ByRow { rows, row_of: self.row_of.clone() }
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
    ) -> ByRow<T> {
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
        self.of_rows(state_of.into_iter().map(|state| values[state]).collect())
    }
}

/// A column of customers in which equal histories share a value.
#[derive(Debug, Clone, PartialEq)]
pub struct ByRow<T> {
    rows: Vec<T>,
    row_of: Arc<Vec<u32>>,
}

impl<T: Copy + Send + Sync> ByRow<T> {
    /// The value of a customer.
    ///
    /// # Panics
    /// Where `customer` is not below the number of customers.
    pub fn get(&self, customer: usize) -> T {
        self.rows[self.row_of[customer] as usize]
    }

    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.row_of.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.row_of.is_empty()
    }

    /// The value of each distinct history.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// The values of all customers.
    pub fn column(&self) -> Vec<T> {
        self.row_of.par_iter().map(|&row| self.rows[row as usize]).collect()
    }
}

/// Bits of a number of days in a packed history: five thousand years.
const DAY_BITS: u32 = 21;

/// The whole number of days that an age is, if it is one.
fn whole_days(age: f64, unit: TimeUnit) -> Option<u64> {
    let days = (age * unit.days()).round();
    let exact = (days / unit.days()).to_bits() == age.to_bits();
    (exact && (0.0..f64::from(1 << DAY_BITS)).contains(&days)).then_some(days as u64)
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
    use crate::base::Day;
    use crate::models::fit::histories::*;
    use crate::summary::Ages;

    #[test]
    fn distinct_rows_keep_every_customer() {
        let (rows, weights, row_of) = distinct(vec![5, 3, 5, 9, 3, 5]);
        assert_eq!((rows, weights), (vec![3, 5, 9], vec![2.0, 3.0, 1.0]));
        assert_eq!(row_of, [1, 0, 1, 2, 0, 1]);
    }

    #[test]
    fn packed_histories_are_the_plain_ones() {
        for unit in [TimeUnit::Days, TimeUnit::Weeks, TimeUnit::Months] {
            let mut summary = base_of_days(unit);
            let packed = Histories::of_days(&summary).expect("whole days");
            let plain = Histories::grouped(&summary, |_| 0);
            assert_eq!(
                (&packed.distinct, &packed.weights, &packed.row_of),
                (&plain.distinct, &plain.weights, &plain.row_of)
            );
            summary.ages.as_mut().expect("ages are given").now[3] += 1e-9;
            assert!(Histories::of_days(&summary).is_none());
        }
    }

    fn base_of_days(unit: TimeUnit) -> Summary {
        let ages: Vec<[u32; 3]> = (0..500).map(|i| [i % 4, (i * 7) % 90, 90 + (i * 13) % 700]).collect();
        let in_units = |place: usize| ages.iter().map(|age| f64::from(age[place]) / unit.days()).collect();
        Summary {
            as_of: Day(0),
            unit,
            ids: std::iter::repeat_n("someone", 500).collect(),
            orders: vec![1; 500],
            frequency: ages.iter().map(|age| age[0]).collect(),
            ages: Some(Ages { last_purchase: in_units(1), now: in_units(2) }),
            first_order: vec![Day(0); 500],
            last_order: vec![Day(0); 500],
            spend: None,
        }
    }

    #[test]
    fn weighted_rows_stand_for_their_customers() {
        let (once, twice) = (History::new(0, 0.0, 9.0), History::new(1, 3.0, 9.0));
        let histories = Histories::weighted(&[(twice, 4), (once, 2), (twice, 1)]);
        assert_eq!((histories.weights(), histories.customers()), (&[2.0, 5.0][..], 7));
    }
}
