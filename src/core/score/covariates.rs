//! Columns of the customers table as covariates of a purchase model.

use std::collections::BTreeMap;

use super::{Attributes, ScoreError};
use crate::base::ids::{Id, Ids};
use crate::models::fit::covariates::{Covariate, Covariates, is_known};

/// A column of words with more levels than this is no covariate.
const MOST_LEVELS: usize = 50;

/// A word, where a column holds words, and the value of each customer.
type Level = (Option<String>, Vec<f64>);

/// Covariates to fit: columns of the customers table by their names.
pub(super) fn covariates_of(
    attributes: Option<&dyn Attributes>,
    ids: &Ids,
    names: &[String],
) -> Result<Covariates, ScoreError> {
    if names.is_empty() {
        return Ok(Covariates::default());
    }
    Table { attributes: attributes.ok_or_else(|| no_table(names.join(", ")))?, ids }.covariates(names)
}

/// The covariates of an earlier fit, of other customers.
pub(super) fn covariates_as_before(
    attributes: Option<&dyn Attributes>,
    ids: &Ids,
    columns: &[Covariate],
) -> Result<Covariates, ScoreError> {
    let Some(first) = columns.first() else { return Ok(Covariates::default()) };
    Table { attributes: attributes.ok_or_else(|| no_table(first.name()))?, ids }.as_before(columns)
}

fn no_table(column: String) -> ScoreError {
    ScoreError::Covariate { column, cause: "there is no customers table; give one by inputs.customers".into() }
}

/// The customers table, and the customers that it is looked up for.
struct Table<'a> {
    attributes: &'a dyn Attributes,
    ids: &'a Ids,
}

impl Table<'_> {
    /// Covariates to fit: numbers as they are, words as 0 or 1 for each but the first in their order.
    fn covariates(&self, names: &[String]) -> Result<Covariates, ScoreError> {
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for name in names {
            let (reference, found) = self.columns(name)?;
            for (level, column) in found {
                let (mean, deviation) = moments(&column);
                if deviation == 0.0 {
                    let cause = "it is the same for everybody, so that it has no effect to be found".into();
                    return Err(ScoreError::Covariate { column: name.clone(), cause });
                }
                columns.push(Covariate { column: name.clone(), level, reference: reference.clone(), mean, deviation });
                values.push(column);
            }
        }
        Ok(Covariates::new(columns, &values, self.ids.len()))
    }

    /// Covariates of an earlier fit.
    fn as_before(&self, columns: &[Covariate]) -> Result<Covariates, ScoreError> {
        let values = columns.iter().map(|covariate| match &covariate.level {
            None => self.numbers(&covariate.column),
            Some(level) => {
                let mut words = self.words(&covariate.column)?;
                for word in &mut words {
                    word.take_if(|word| !is_known(columns, &covariate.column, word));
                }
                Ok(self.level(&words, level))
            }
        });
        let values = values.collect::<Result<Vec<_>, ScoreError>>()?;
        Ok(Covariates::new(columns.to_vec(), &values, self.ids.len()))
    }

    /// The covariates that a column makes, each with a value a customer; NaN = not known.
    ///
    /// With the word that needs none.
    fn columns(&self, name: &str) -> Result<(Option<String>, Vec<Level>), ScoreError> {
        if !self.attributes.is_text(name) {
            return Ok((None, vec![(None, self.numbers(name)?)]));
        }
        let words = self.words(name)?;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        words.iter().flatten().for_each(|word| *counts.entry(word).or_default() += 1);
        if counts.len() > MOST_LEVELS {
            let cause = format!("it holds {} different words; at most {MOST_LEVELS} make a covariate", counts.len());
            return Err(ScoreError::Covariate { column: name.into(), cause });
        }
        let levels: Vec<&str> = counts.into_keys().collect();
        let others = if levels.len() > 1 { &levels[1..] } else { &levels[..] };
        let reference = levels.first().filter(|_| levels.len() > 1).map(|word| (*word).to_string());
        Ok((reference, others.iter().map(|level| (Some((*level).to_string()), self.level(&words, level))).collect()))
    }

    fn level(&self, words: &[Option<String>], level: &str) -> Vec<f64> {
        let flag = |word: &Option<String>| word.as_ref().map_or(f64::NAN, |word| f64::from(u8::from(word == level)));
        words.iter().map(flag).collect()
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, ScoreError> {
        let column = self.attributes.numbers(name);
        let column = column.map_err(|cause| ScoreError::Covariate { column: name.into(), cause })?;
        Ok(self.by_customer(|row| column[row], f64::NAN))
    }

    fn words(&self, name: &str) -> Result<Vec<Option<String>>, ScoreError> {
        let column = self.attributes.words(name);
        let column = column.map_err(|cause| ScoreError::Covariate { column: name.into(), cause })?;
        Ok(self.by_customer(|row| column[row].clone(), None))
    }

    fn by_customer<T: Clone>(&self, value: impl Fn(usize) -> T, absent: T) -> Vec<T> {
        let row = |id: &str| self.attributes.row(&Id::new(id));
        self.ids.iter().map(|id| row(id).map_or(absent.clone(), |row| value(row as usize))).collect()
    }
}

/// Mean and standard deviation of what is known.
fn moments(values: &[f64]) -> (f64, f64) {
    let known = || values.iter().copied().filter(|value| value.is_finite());
    let count = known().count().max(1) as f64;
    let mean = known().sum::<f64>() / count;
    let variance = known().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}
