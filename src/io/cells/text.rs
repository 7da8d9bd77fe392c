//! Cells of text, wherever they lie.

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, StringArray, StringBuilder, StringViewArray};
use arrow::compute::{can_cast_types, cast};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::texts::TextColumn;

/// Cells of text, one by one.
#[derive(Debug)]
pub enum Texts {
    /// One after the other.
    Plain(StringArray),
    /// The same, longer than 2 GiB.
    Large(LargeStringArray),
    /// Views of where they were decoded.
    View(StringViewArray),
    /// Where they were read.
    Lying(TextColumn),
}

impl Texts {
    /// A column of any type as text: nulls stay nulls.
    ///
    /// # Errors
    /// [`ArrowError`] where a type cannot be shown.
    pub fn of(column: &ArrayRef) -> Result<Self, ArrowError> {
        match column.data_type() {
            DataType::Utf8 => Ok(Texts::Plain(column.as_string::<i32>().clone())),
            DataType::LargeUtf8 => Ok(Texts::Large(column.as_string::<i64>().clone())),
            DataType::Utf8View => Ok(Texts::View(column.as_string_view().clone())),
            DataType::LargeBinary => Texts::of(&cast(column, &DataType::LargeUtf8)?),
            DataType::Binary | DataType::BinaryView => Texts::of(&cast(column, &DataType::Utf8View)?),
            // Their text would need the zone's calendar.
            DataType::Timestamp(..) => Texts::of(&cast(column, &DataType::Int64)?),
            DataType::Dictionary(_, values) => Texts::of(&cast(column, values)?),
            DataType::RunEndEncoded(_, values) => Texts::of(&cast(column, values.data_type())?),
            dtype if !dtype.is_nested() && can_cast_types(dtype, &DataType::Utf8) => {
                Texts::of(&cast(column, &DataType::Utf8)?)
            }
            _ => formatted(column).map(Texts::Plain),
        }
    }

    /// A cell; `None` where there is nothing.
    #[inline(always)]
    pub fn get(&self, row: usize) -> Option<&str> {
        match self {
            Texts::View(cells) => (row < cells.len() && cells.is_valid(row)).then(|| cells.value(row)),
            Texts::Lying(cells) => cells.get(row),
            Texts::Plain(cells) => (row < cells.len() && cells.is_valid(row)).then(|| cells.value(row)),
            Texts::Large(cells) => (row < cells.len() && cells.is_valid(row)).then(|| cells.value(row)),
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        match self {
            Texts::Plain(cells) => cells.len(),
            Texts::Large(cells) => cells.len(),
            Texts::View(cells) => cells.len(),
            Texts::Lying(cells) => cells.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All cells.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Every text with its row.
    pub(crate) fn each(&self, mut take: impl FnMut(usize, &str)) {
        fn all<'a>(cells: impl Iterator<Item = Option<&'a str>>, take: &mut impl FnMut(usize, &str)) {
            cells.enumerate().filter_map(|(row, cell)| Some((row, cell?))).for_each(|(row, text)| take(row, text));
        }
        match self {
            Texts::Plain(cells) => all(cells.iter(), &mut take),
            Texts::Large(cells) => all(cells.iter(), &mut take),
            Texts::View(cells) => all(cells.iter(), &mut take),
            Texts::Lying(cells) => all((0..cells.len()).map(|row| cells.get(row)), &mut take),
        }
    }

    /// Every text turned, with its row; nulls into `none`.
    pub(crate) fn at_once<R: Copy>(&self, none: R, turn: impl FnMut(usize, &str) -> R) -> Vec<R> {
        fn all<'a, R: Copy>(
            cells: impl Iterator<Item = Option<&'a str>>,
            none: R,
            mut turn: impl FnMut(usize, &str) -> R,
        ) -> Vec<R> {
            let mut turned = Vec::with_capacity(cells.size_hint().0);
            for (row, cell) in cells.enumerate() {
                turned.push(match cell {
                    Some(text) => turn(row, text),
                    None => none,
                });
            }
            turned
        }
        match self {
            Texts::Plain(cells) => all(cells.iter(), none, turn),
            Texts::Large(cells) => all(cells.iter(), none, turn),
            Texts::View(cells) => all(cells.iter(), none, turn),
            Texts::Lying(cells) => all((0..cells.len()).map(|row| cells.get(row)), none, turn),
        }
    }
}

/// Cells as they are shown, of types that no cast reaches.
fn formatted(column: &ArrayRef) -> Result<StringArray, ArrowError> {
    let options = FormatOptions::default();
    let shown = ArrayFormatter::try_new(column, &options)?;
    let mut cells = StringBuilder::new();
    for row in 0..column.len() {
        match column.is_null(row) {
            true => cells.append_null(),
            false => cells.append_value(shown.value(row).try_to_string()?),
        }
    }
    Ok(cells.finish())
}
