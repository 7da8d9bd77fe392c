//! Scoring a base by row.

use rayon::prelude::*;

use crate::map::FittedIndex;

/// An index with the columns of a base: it scores the customers of that base by row.
#[derive(Debug, Clone)]
pub struct Scorer<'a> {
    index: &'a FittedIndex,
    columns: Vec<&'a [f64]>,
    contacted: Option<&'a [bool]>,
}

impl<'a> Scorer<'a> {
    pub(super) fn new(index: &'a FittedIndex, columns: Vec<&'a [f64]>) -> Self {
        Scorer { index, columns, contacted: None }
    }

    /// Scores 0 where there was no contact, with contributions of 0.
    pub(super) fn of_contacted(self, contacted: &'a [bool]) -> Self {
        Scorer { contacted: Some(contacted), ..self }
    }

    /// The index.
    pub fn index(&self) -> &'a FittedIndex {
        self.index
    }

    /// Criteria of the index of which this base has no value.
    pub fn without(&self) -> Vec<&'a str> {
        let criteria = self.index.criteria().iter().zip(&self.columns);
        let empty = criteria.filter(|(_, values)| values.iter().all(|value| value.is_nan()));
        empty.map(|(criterion, _)| criterion.name.as_str()).collect()
    }

    /// The raw value of a criterion for a customer; NaN = absent.
    pub fn value(&self, criterion: usize, customer: usize) -> f64 {
        self.columns[criterion].get(customer).copied().unwrap_or(f64::NAN)
    }

    /// A customer's score and contributions, as [`FittedIndex::score`]; all 0 where contact is scored and there was
    /// none.
    pub fn score(&self, customer: usize, contributions: &mut [f64]) -> f64 {
        if self.contacted.is_some_and(|contacted| !contacted[customer]) {
            contributions.fill(0.0);
            return 0.0;
        }
        self.index.score_by(|criterion| self.value(criterion, customer), contributions)
    }

    /// The scores of customers 0 to `customers` - 1.
    pub(super) fn scores(&self, customers: usize) -> Vec<f64> {
        let contributions = || vec![0.0; self.columns.len()];
        let score = |contributions: &mut Vec<f64>, customer| self.score(customer, contributions);
        (0..customers).into_par_iter().map_init(contributions, score).collect()
    }
}
