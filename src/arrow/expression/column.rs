//! The values of a part: one for each row, or one for all rows.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Datum, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::array::{AsArray, UInt64Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::{take, zip};

use super::error::ExpressionError;
use super::syntax::Value;
use super::types::Kind;

/// Bytes of the texts of one array: beyond 2 GiB Arrow's offsets end, and two arrays must fit into one.
pub(super) const MOST_TEXT_BYTES: usize = (1 << 30) - 1;

/// The values of a part.
#[derive(Debug, Clone)]
pub(super) struct Column {
    array: ArrayRef,
    constant: bool,
}

impl Datum for Column {
    fn get(&self) -> (&dyn Array, bool) {
        (&*self.array, self.constant)
    }
}

impl Column {
    /// One value for each row.
    pub(super) fn rows(array: ArrayRef) -> Self {
        Self { array, constant: false }
    }

    /// The result of a kernel over these columns: one value if all of them are.
    pub(super) fn like(array: ArrayRef, of: &[&Self]) -> Self {
        Self { array, constant: of.iter().all(|column| column.constant) }
    }

    /// The same value in every row.
    pub(super) fn constant(value: &Value, kind: Kind) -> Self {
        let array: ArrayRef = match value {
            Value::Null => new_null_array(&kind.data_type(), 1),
            Value::Boolean(value) => Arc::new(BooleanArray::from(vec![*value])),
            Value::Integer(value) => Arc::new(Int64Array::from(vec![*value])),
            Value::Number(value) => Arc::new(Float64Array::from(vec![*value])),
            Value::Text(value) => Arc::new(StringArray::from(vec![value.as_str()])),
            Value::Date(value) => Arc::new(Date32Array::from(vec![*value])),
            Value::Timestamp(value) => Arc::new(TimestampMicrosecondArray::from(vec![*value])),
        };
        Self { array, constant: true }
    }

    pub(super) fn array(&self) -> &ArrayRef {
        &self.array
    }

    pub(super) fn is_constant(&self) -> bool {
        self.constant
    }

    pub(super) fn numbers(&self) -> &Float64Array {
        self.array.as_primitive()
    }

    pub(super) fn texts(&self) -> &StringArray {
        self.array.as_string()
    }

    /// The place of a row's value.
    pub(super) fn at(&self, row: usize) -> usize {
        if self.constant { 0 } else { row }
    }

    /// The number of a row.
    pub(super) fn number(&self, row: usize) -> Option<f64> {
        let (array, at) = (self.numbers(), self.at(row));
        array.is_valid(at).then(|| array.value(at))
    }

    /// The text of a row.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        let (array, at) = (self.texts(), self.at(row));
        array.is_valid(at).then(|| array.value(at))
    }

    /// One value for each of so many rows.
    ///
    /// # Errors
    /// It is a text, and too long to stand in every row.
    pub(super) fn expanded(&self, position: usize, rows: usize) -> Result<ArrayRef, ExpressionError> {
        if !self.constant {
            return Ok(Arc::clone(&self.array));
        }
        check_bytes(position, self.text_bytes(rows), rows)?;
        take::take(&self.array, &UInt64Array::from_value(0, rows), None)
            .map_err(|error| ExpressionError::kernel(position, error))
    }

    /// True, false or null for each of so many rows.
    pub(super) fn conditions(&self, position: usize, rows: usize) -> Result<BooleanArray, ExpressionError> {
        self.expanded(position, rows).map(|array| array.as_boolean().clone())
    }

    /// The values of this where `mask` is set, else those of `other`.
    pub(super) fn or_else(&self, position: usize, mask: &BooleanBuffer, other: &Self) -> Result<Self, ExpressionError> {
        check_bytes(position, self.text_bytes(mask.len()).saturating_add(other.text_bytes(mask.len())), mask.len())?;
        let mask = BooleanArray::new(mask.clone(), None);
        let array = zip::zip(&mask, self, other).map_err(|error| ExpressionError::kernel(position, error))?;
        Ok(Self::rows(array))
    }

    /// The bytes of its texts in so many rows; 0 for other kinds.
    fn text_bytes(&self, rows: usize) -> usize {
        let Some(texts) = self.array.as_string_opt::<i32>() else { return 0 };
        let offsets = texts.value_offsets();
        let (first, last) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
        let bytes = usize::try_from(last - first).unwrap_or(usize::MAX);
        if self.constant { bytes.saturating_mul(rows) } else { bytes }
    }
}

/// Refuses texts that would not fit into one array.
pub(super) fn check_bytes(position: usize, bytes: usize, rows: usize) -> Result<(), ExpressionError> {
    if bytes > 2 * MOST_TEXT_BYTES { Err(ExpressionError::BlockTooLarge { position, rows }) } else { Ok(()) }
}

/// Numbers with those that are none (1 / 0, the root of -1, what is too large) as null.
pub(super) fn finite(numbers: &Float64Array) -> Float64Array {
    if numbers.values().iter().all(|number| number.is_finite()) {
        return numbers.clone();
    }
    numbers.unary_opt(|number| number.is_finite().then_some(number))
}
