//! Rows of text cells that stay where they were read: a cell is a place in a text that all of them share.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

use crate::blocks::{BLOCK_ROWS, Block, BrokenRow, StrayQuote};

/// Where a cell is in its text: its begin, above its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span(u64);

impl Span {
    /// No record is that long, and no file has a text of 2^40 bytes in a block.
    const LENGTH_BITS: u32 = 24;
    /// There is no cell.
    const NONE: Span = Span(u64::MAX);

    fn new(start: usize, length: usize) -> Self {
        debug_assert!(length < 1 << Self::LENGTH_BITS && start < 1 << (u64::BITS - Self::LENGTH_BITS));
        Span((start as u64) << Self::LENGTH_BITS | length as u64)
    }

    fn range(self) -> Range<usize> {
        let start = (self.0 >> Self::LENGTH_BITS) as usize;
        start..start + (self.0 & ((1 << Self::LENGTH_BITS) - 1)) as usize
    }
}

/// A column of text cells that lie where they were read.
#[derive(Debug, Clone)]
pub struct TextColumn {
    text: Arc<String>,
    spans: Arc<Vec<Span>>,
}

impl TextColumn {
    /// A cell; `None` where there is nothing.
    #[inline(always)]
    pub fn get(&self, row: usize) -> Option<&str> {
        let span = *self.spans.get(row)?;
        if span == Span::NONE { None } else { self.text.get(span.range()) }
    }

    /// The first of these cells, not more than so many.
    fn head(&self, rows: usize) -> Self {
        TextColumn { text: self.text.clone(), spans: Arc::new(self.spans[..rows.min(self.len())].to_vec()) }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The same cells as an array of Arrow.
    pub fn array(&self) -> StringArray {
        let mut cells = StringBuilder::with_capacity(self.len(), 0);
        (0..self.len()).for_each(|row| cells.append_option(self.get(row)));
        cells.finish()
    }
}

/// Columns of one length.
#[derive(Debug)]
pub(crate) struct TextTable {
    columns: Vec<(String, TextColumn)>,
    pub(crate) height: usize,
}

impl TextTable {
    pub(crate) fn column(&self, name: &str) -> Option<&TextColumn> {
        self.columns.iter().find(|(held, _)| held == name).map(|(_, column)| column)
    }

    /// Its first rows, not more than so many.
    pub(crate) fn head(&self, rows: usize) -> Self {
        let columns = self.columns.iter().map(|(name, column)| (name.clone(), column.head(rows))).collect();
        TextTable { columns, height: self.height.min(rows) }
    }

    /// The same cells as columns of Arrow.
    pub(crate) fn batch(&self) -> Result<RecordBatch, ArrowError> {
        let field = |(name, _): &(String, TextColumn)| Field::new(name, DataType::Utf8, true);
        let schema = Schema::new(self.columns.iter().map(field).collect::<Vec<_>>());
        let columns = self.columns.iter().map(|(_, cells)| Arc::new(cells.array()) as ArrayRef).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.height));
        RecordBatch::try_new_with_options(schema.into(), columns, &options)
    }
}

/// A table of texts that is being filled, record by record.
pub(crate) struct TextRows {
    names: Vec<String>,
    columns: Vec<Vec<Span>>,
    text: String,
    pub(crate) rows: Vec<u64>,
    pub(crate) broken: Vec<BrokenRow>,
    pub(crate) stray_quotes: Vec<StrayQuote>,
    pub(crate) fingerprints: Option<Vec<u128>>,
}

impl TextRows {
    /// A table with room for `rows`.
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a String>, fingerprints: bool, rows: usize) -> Self {
        let names: Vec<String> = names.cloned().collect();
        TextRows {
            columns: names.iter().map(|_| Vec::with_capacity(rows)).collect(),
            names,
            text: String::new(),
            rows: Vec::with_capacity(rows),
            broken: Vec::new(),
            stray_quotes: Vec::new(),
            fingerprints: fingerprints.then(Vec::new),
        }
    }

    /// Adds a row of cells that lie in a text which is given to [`TextRows::keep`] next.
    #[inline]
    pub(crate) fn add(&mut self, row: u64, cells: impl Iterator<Item = Option<Range<usize>>>) {
        self.rows.push(row);
        let kept = self.text.len();
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell.map_or(Span::NONE, |cell| Span::new(kept + cell.start, cell.len())));
        }
    }

    /// Keeps the text in which the rows since the last one lie.
    pub(crate) fn keep(&mut self, text: String) {
        if self.text.is_empty() {
            self.text = text;
        } else {
            self.text.push_str(&text);
        }
    }

    /// Adds a row of cells that are copied.
    pub(crate) fn copy<C: AsRef<str>>(&mut self, row: u64, cells: impl Iterator<Item = Option<C>>) {
        self.rows.push(row);
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell.as_ref().map_or(Span::NONE, |cell| Span::new(self.text.len(), cell.as_ref().len())));
            self.text.push_str(cell.as_ref().map_or("", C::as_ref));
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() + self.broken.len() >= BLOCK_ROWS
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.broken.is_empty()
    }

    pub(crate) fn into_block(self) -> Block {
        let (height, text) = (self.rows.len(), Arc::new(self.text));
        let column = |spans| TextColumn { text: text.clone(), spans: Arc::new(spans) };
        let columns = self.names.into_iter().zip(self.columns.into_iter().map(column)).collect();
        Block::of_texts(TextTable { columns, height }, self.rows, self.broken, self.stray_quotes, self.fingerprints)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;

    use crate::error::TableError;
    use crate::texts::*;

    #[test]
    fn cells_that_are_kept_and_copied_are_read_back() -> Result<(), TableError> {
        let names = ["a".to_string(), "b".to_string()];
        let mut rows = TextRows::new(names.iter(), false, 0);
        rows.copy(2, [Some("Łódź"), None].into_iter());
        rows.add(3, [Some(0..1), Some(2..9)].into_iter());
        rows.add(4, [None, Some(10..11)].into_iter());
        rows.keep("1,2.50€,9\n".into());
        rows.copy(5, [Some(""), Some("last")].into_iter());
        rows.add(6, [Some(0..2), None].into_iter());
        rows.keep("17,\n".into());
        let block = rows.into_block();
        let read = |name: &str| -> Result<Vec<Option<String>>, TableError> {
            let column = block.batch()?.column_by_name(name).cloned().expect("a column");
            Ok(column.as_string::<i32>().iter().map(|cell| cell.map(String::from)).collect())
        };
        let texts = |texts: [Option<&str>; 5]| texts.map(|text| text.map(String::from)).to_vec();
        assert_eq!(read("a")?, texts([Some("Łódź"), Some("1"), None, Some(""), Some("17")]));
        assert_eq!(read("b")?, texts([None, Some("2.50€"), Some("9"), Some("last"), None]));
        Ok(())
    }
}
