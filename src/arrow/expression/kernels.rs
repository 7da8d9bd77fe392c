//! What works the functions out: whole columns in, a whole column out.

use arrow::buffer::BooleanBuffer;

use super::column::Column;

pub(super) mod dates;
pub(super) mod numbers;
pub(super) mod texts;

/// A function and the values of its arguments.
pub(super) struct Call<'a> {
    pub(super) arguments: &'a [Column],
    /// How many rows there are; 1 if every argument has one value for all rows.
    pub(super) rows: usize,
    /// The rows at which a result is needed; all of them for `None`.
    pub(super) needed: Option<&'a BooleanBuffer>,
    /// Where the function stands.
    pub(super) position: usize,
}

impl Call<'_> {
    /// Whether the result of a row is needed.
    fn needs(&self, row: usize) -> bool {
        self.needed.is_none_or(|needed| needed.value(row))
    }

    /// A result with one value if all arguments have one.
    fn result(&self, array: arrow::array::ArrayRef) -> Column {
        Column::like(array, &self.arguments.iter().collect::<Vec<_>>())
    }
}
