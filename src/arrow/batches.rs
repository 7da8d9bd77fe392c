//! Arrow record batches at the border: score customers inside another engine, without files.
//!
//! An engine that has summed up its orders hands over a batch of histories ([`summary_from_batch`]) and
//! takes back a batch of values ([`value_to_batch`]); polars is not involved.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, UInt32Type};
use arrow::error::ArrowError;

use clivia_core::base::ids::Ids;
use clivia_core::base::{Day, Money, TimeUnit};
use clivia_core::summary::{Ages, Spend, SpendDays, Summary};
use clivia_core::value::Value;

/// A batch that is no summary.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// A needed column is not there.
    #[error("the batch has no column '{0}'")]
    Missing(&'static str),
    /// A needed column has a null.
    #[error("column '{column}', row {row}: null; every customer needs a value there")]
    Null {
        /// The column.
        column: &'static str,
        /// The row, counted from 0.
        row: usize,
    },
    /// A history that cannot be.
    #[error("row {row}: last_purchase_age {t_x} and age {t} must be finite with 0 <= last_purchase_age <= age")]
    Ages {
        /// The row, counted from 0.
        row: usize,
        /// `t_x`.
        t_x: f64,
        /// `T`.
        t: f64,
    },
    /// An amount that is no money.
    #[error("column 'revenue', row {row}: {value} is not an amount")]
    Amount {
        /// The row, counted from 0.
        row: usize,
        /// What stands there.
        value: f64,
    },
    /// A type that cannot be converted.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

/// A summary from a batch with a row a customer.
///
/// | column | type, or what converts to it | meaning |
/// |---|---|---|
/// | `customer_id` | Utf8 | the id |
/// | `frequency` | UInt32 | `x`: purchase days after the first |
/// | `last_purchase_age` | Float64 | `t_x`, in `unit` |
/// | `age` | Float64 | `T`, in `unit` |
/// | `revenue` | Float64, may be absent | in currency units |
/// | `mean_spend` | Float64, null where there is none; needed beside `revenue` | of a repeat purchase day |
///
/// Order days are worked back from the ages; `orders` is taken as `x + 1`.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{Float64Array, RecordBatch, StringArray, UInt32Array};
/// use clivia_arrow::batches::{summary_from_batch, value_to_batch};
/// use clivia_core::models::purchase::bg_nbd::BgNbd;
/// use clivia_core::base::TimeUnit;
/// use clivia_core::value::{value, ValueTerms};
///
/// let batch = RecordBatch::try_from_iter([
///     ("customer_id", Arc::new(StringArray::from(vec!["a"])) as _),
///     ("frequency", Arc::new(UInt32Array::from(vec![2])) as _),
///     ("last_purchase_age", Arc::new(Float64Array::from(vec![30.43])) as _),
///     ("age", Arc::new(Float64Array::from(vec![38.86])) as _),
/// ])?;
/// let summary = summary_from_batch(&batch, "1997-09-30".parse()?, TimeUnit::Weeks)?;
/// let model = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
/// let terms = ValueTerms { horizon: "39w".parse()?, ..ValueTerms::default() };
/// let value = value_to_batch(&summary.ids, &value(&summary, Some(&model), None, &terms))?;
/// assert_eq!(value.schema().field(2).name(), "expected_purchases");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`BatchError`] naming the column and row.
pub fn summary_from_batch(batch: &RecordBatch, as_of: Day, unit: TimeUnit) -> Result<Summary, BatchError> {
    let ids = required(batch, "customer_id", &DataType::Utf8)?;
    let ids: Ids = ids.as_string::<i32>().iter().flatten().collect();
    let frequency = required(batch, "frequency", &DataType::UInt32)?;
    let frequency = frequency.as_primitive::<UInt32Type>().values().to_vec();
    let last_purchase_age = numbers(batch, "last_purchase_age")?;
    let age = numbers(batch, "age")?;
    for (row, (&t_x, &t)) in last_purchase_age.iter().zip(&age).enumerate() {
        if !(t_x >= 0.0 && t_x <= t && t.is_finite()) {
            return Err(BatchError::Ages { row, t_x, t });
        }
    }
    let back = |units: f64| Day(as_of.0.saturating_sub((units * unit.days()).round() as i32));
    Ok(Summary {
        as_of,
        unit,
        orders: frequency.iter().map(|x| x.saturating_add(1)).collect(),
        first_order: age.iter().map(|t| back(*t)).collect(),
        last_order: last_purchase_age.iter().zip(&age).map(|(t_x, t)| back(t - t_x)).collect(),
        spend: spend(batch)?,
        ids,
        frequency,
        ages: Some(Ages { last_purchase: last_purchase_age, now: age }),
    })
}

/// The value of customers as a batch: `customer_id, p_alive, expected_purchases, expected_spend, clv`, a
/// column whose model is missing being null.
///
/// # Errors
/// [`BatchError::Arrow`] where the ids are not those of the value.
pub fn value_to_batch(ids: &Ids, value: &Value) -> Result<RecordBatch, BatchError> {
    let column = |values: &Option<Vec<f64>>| -> ArrayRef {
        match values {
            Some(values) => Arc::new(Float64Array::from(values.clone())),
            None => Arc::new(Float64Array::from(vec![None; ids.len()])),
        }
    };
    let columns: [(&str, ArrayRef); 5] = [
        ("customer_id", Arc::new(StringArray::from_iter_values(ids.iter()))),
        ("p_alive", column(&value.p_alive)),
        ("expected_purchases", column(&value.expected_purchases)),
        ("expected_spend", column(&value.expected_spend)),
        ("clv", column(&value.clv)),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn optional(batch: &RecordBatch, name: &str, wanted: &DataType) -> Result<Option<ArrayRef>, BatchError> {
    batch.column_by_name(name).map(|column| cast(column, wanted)).transpose().map_err(Into::into)
}

fn required(batch: &RecordBatch, name: &'static str, wanted: &DataType) -> Result<ArrayRef, BatchError> {
    let column = optional(batch, name, wanted)?.ok_or(BatchError::Missing(name))?;
    match (0..column.len()).find(|row| column.is_null(*row)) {
        Some(row) => Err(BatchError::Null { column: name, row }),
        None => Ok(column),
    }
}

fn numbers(batch: &RecordBatch, name: &'static str) -> Result<Vec<f64>, BatchError> {
    Ok(required(batch, name, &DataType::Float64)?.as_primitive::<Float64Type>().values().to_vec())
}

fn spend(batch: &RecordBatch) -> Result<Option<Spend>, BatchError> {
    if batch.column_by_name("revenue").is_none() {
        return Ok(None);
    }
    let mut revenue = Vec::with_capacity(batch.num_rows());
    for (row, value) in numbers(batch, "revenue")?.into_iter().enumerate() {
        revenue.push(Money::from_f64(value).ok_or(BatchError::Amount { row, value })?);
    }
    let mean = optional(batch, "mean_spend", &DataType::Float64)?.ok_or(BatchError::Missing("mean_spend"))?;
    let mean = mean.as_primitive::<Float64Type>().iter().collect();
    Ok(Some(Spend { days: SpendDays::Repeat, revenue, mean }))
}

#[cfg(test)]
mod tests {
    use crate::batches::*;
    use arrow::array::UInt32Array;

    fn batch(t_x: f64, t: f64) -> RecordBatch {
        RecordBatch::try_from_iter([
            ("customer_id", Arc::new(StringArray::from(vec!["a"])) as ArrayRef),
            ("frequency", Arc::new(UInt32Array::from(vec![2])) as _),
            ("last_purchase_age", Arc::new(Float64Array::from(vec![t_x])) as _),
            ("age", Arc::new(Float64Array::from(vec![t])) as _),
        ])
        .expect("columns of one length")
    }

    #[test]
    fn days_are_worked_back_from_ages() -> Result<(), BatchError> {
        let summary = summary_from_batch(&batch(2.0, 3.0), Day(100), TimeUnit::Weeks)?;
        assert_eq!((summary.first_order[0], summary.last_order[0]), (Day(79), Day(93)));
        Ok(())
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let wrong = |t_x, t| summary_from_batch(&batch(t_x, t), Day(100), TimeUnit::Weeks);
        assert!(matches!(wrong(3.0, 2.0), Err(BatchError::Ages { row: 0, .. })));
        assert!(matches!(wrong(f64::NAN, 2.0), Err(BatchError::Ages { .. })));
        let short = batch(1.0, 2.0).project(&[0, 1, 2]).expect("three columns");
        assert!(matches!(summary_from_batch(&short, Day(0), TimeUnit::Days), Err(BatchError::Missing("age"))));
    }
}
