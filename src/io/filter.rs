//! Rows that a user wants: those for which a condition over the row's own columns is true.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, TimestampSecondArray};
use arrow::datatypes::DataType;
use clivia_arrow::expression::{Expression, ExpressionError, Unreadable};
use clivia_core::base::Moment;

use crate::blocks::Block;
use crate::cells::{Cells, NO_MOMENT};
use crate::dates::DateReader;
use crate::error::TableError;
use crate::numbers;
use crate::plan::Decimal;

/// A condition and the columns that it needs.
///
/// ```
/// use clivia_io::filter::Filter;
/// let held = ["status".to_string(), "Unit Price".to_string()];
/// let filter = Filter::parse("orders.where", "o.csv", &held, "status = 'paid' AND \"Unit Price\" > 0")?;
/// assert_eq!(filter.map(|filter| filter.columns().to_vec()), Some(held.to_vec()));
/// let wrong = Filter::parse("orders.where", "o.csv", &held, "state = 'paid'").unwrap_err().to_string();
/// assert!(wrong.starts_with("o.csv: orders.where = \"state = 'paid'\": column 1: there is no column 'state'"), "{wrong}");
/// # Ok::<(), clivia_io::error::TableError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Filter {
    setting: &'static str,
    file: String,
    expression: Expression,
    columns: Vec<String>,
}

/// A column of dates and how they are read: a condition compares them as dates, however they are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dated<'a> {
    pub(crate) column: &'a str,
    pub(crate) dates: &'a DateReader,
}

/// Functions that take a text apart.
const OF_TEXTS: [&str; 14] = [
    "SUBSTR",
    "SUBSTRING",
    "LEFT",
    "RIGHT",
    "REPLACE",
    "SPLIT_PART",
    "CONCAT",
    "TRIM",
    "LTRIM",
    "RTRIM",
    "LENGTH",
    "UPPER",
    "LOWER",
    "STRPOS",
];

/// Which rows of a block are wanted.
#[derive(Debug)]
pub(crate) struct Kept<'a> {
    rows: BooleanArray,
    /// The first column of the condition.
    column: &'a str,
    cells: Cells,
    /// Cells that were needed as a number, a date or a truth and are none.
    unreadable: BTreeMap<usize, (String, String)>,
}

impl Filter {
    /// Reads a condition over the columns `held` of a file; `None` where it is empty. `setting` is where it was written.
    ///
    /// # Errors
    /// [`TableError::Where`] where it is none, or names a column that is not there.
    pub fn parse(setting: &'static str, file: &str, held: &[String], text: &str) -> Result<Option<Self>, TableError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let wrong = |cause: String| failed(setting, file, text, cause);
        let expression = Expression::parse(text).map_err(|error| wrong(error.to_string()))?;
        let columns: Option<Vec<String>> = expression.columns().iter().map(|name| own_name(held, name)).collect();
        let Some(columns) = columns else { return Err(wrong(unknown(&expression, held))) };
        match columns.is_empty() {
            true => Err(wrong("it names no column of the file, so that it keeps all rows or none".into())),
            false => Ok(Some(Filter { setting, file: file.into(), expression, columns })),
        }
    }

    /// The columns that it names, under the file's own names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Which rows of a block are wanted: not those for which the condition is null.
    pub(crate) fn keeps(
        &self,
        block: &Block,
        decimal: Decimal,
        dated: Option<Dated<'_>>,
    ) -> Result<Kept<'_>, TableError> {
        let dated = dated.filter(|dated| !takes_apart(self.expression.text(), dated.column));
        let column = |name: &String| match dated.filter(|dated| *name == dated.column) {
            Some(Dated { dates, .. }) => moments(block, name, dates),
            None => block.column(name),
        };
        let columns = self.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let types = self.columns.iter().cloned().zip(columns.iter().map(|column| column.data_type().clone()));
        let bound = self.expression.bind(&types.collect::<Vec<_>>()).and_then(|bound| bound.into_condition());
        let number = |text: &str| numbers::float(text, decimal);
        let found = bound.and_then(|bound| bound.evaluate(&columns, &number)).map_err(|error| self.wrong(error))?;
        let first = |Unreadable { row, column, value }| (row, (column, value));
        // The last of equal keys stays.
        let unreadable = found.unreadable.into_iter().rev().map(first).collect();
        let column = self.columns[0].as_str();
        Ok(Kept { rows: found.values.as_boolean().clone(), column, cells: block.cells(column)?, unreadable })
    }

    fn wrong(&self, error: ExpressionError) -> TableError {
        failed(self.setting, &self.file, self.expression.text(), error.to_string())
    }
}

impl Kept<'_> {
    /// Whether a row is wanted.
    #[inline]
    pub(crate) fn keeps(&self, row: usize) -> bool {
        self.rows.is_valid(row) && self.rows.value(row)
    }

    /// The column and the value for which a row is left out: a cell that could not be read, else what the first column of
    /// the condition holds.
    pub(crate) fn why(&self, row: usize) -> (String, String) {
        let first = || (self.column.into(), self.cells.show(row));
        self.unreadable.get(&row).cloned().unwrap_or_else(first)
    }
}

/// Whether a condition takes the text of this column apart, as `LIKE` and `LEFT` do: to it a date is a text.
fn takes_apart(condition: &str, column: &str) -> bool {
    let tokens = tokens(condition);
    let is = |at: Option<usize>, words: &[&str]| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| words.iter().any(|word| token.eq_ignore_ascii_case(word)))
    };
    let named = (0..tokens.len()).filter(|at| tokens[*at].trim_matches('"').eq_ignore_ascii_case(column));
    let mut apart = named.map(|at| {
        let behind = if is(Some(at + 1), &["NOT"]) { at + 2 } else { at + 1 };
        let joined = is(Some(behind), &["LIKE", "ILIKE", "||"]) || is(at.checked_sub(1), &["||"]);
        joined || (is(at.checked_sub(1), &["("]) && is(at.checked_sub(2), &OF_TEXTS))
    });
    apart.any(|apart| apart)
}

/// Names, texts in their quotes, and signs one by one.
fn tokens(condition: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), condition.trim_start());
    while let Some(first) = rest.chars().next() {
        let is_name = |sign: char| sign.is_alphanumeric() || "_.$".contains(sign);
        let end = match first {
            '"' | '\'' => rest[1..].find(first).map_or(rest.len(), |at| at + 2),
            _ if rest.starts_with("||") => 2,
            first if is_name(first) => rest.find(|sign| !is_name(sign)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        found.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    found
}

/// A column of dates as points in time, where it is one of texts.
fn moments(block: &Block, column: &str, dates: &DateReader) -> Result<ArrayRef, TableError> {
    let cells = block.cells(column)?;
    if !matches!(cells, Cells::Text(_)) {
        return block.column(column);
    }
    let second = |at: Moment| i64::from(at.day.0) * 86_400 + i64::from(at.clock.second().unwrap_or_default());
    let found = cells.moments(dates, true).into_iter().map(|at| (at != NO_MOMENT).then(|| second(at)));
    Ok(Arc::new(found.collect::<TimestampSecondArray>()))
}

/// A column as the language finds it: letter by letter, else by letters of either case where one column is meant then.
fn own_name(held: &[String], name: &str) -> Option<String> {
    let mut alike = held.iter().filter(|column| column.eq_ignore_ascii_case(name));
    let only = alike.next().filter(|_| alike.next().is_none());
    held.iter().find(|column| *column == name).or(only).cloned()
}

/// What the language says of a name that is no column, with its place.
fn unknown(expression: &Expression, held: &[String]) -> String {
    let texts: Vec<_> = held.iter().map(|name| (name.clone(), DataType::Utf8)).collect();
    match expression.bind(&texts) {
        Err(error) => error.to_string(),
        Ok(_) => format!("it names a column that is not there; the file holds: {}", held.join(", ")),
    }
}

fn failed(setting: &'static str, file: &str, expression: &str, cause: String) -> TableError {
    TableError::Where { setting, file: file.into(), expression: expression.into(), cause }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};

    use crate::blocks::RowNumbers;
    use crate::filter::*;

    fn kept(text: &str) -> Result<Vec<bool>, TableError> {
        let columns: [(&str, ArrayRef); 3] = [
            ("status", Arc::new(StringArray::from(vec![Some("paid"), Some("void"), None, Some("Paid")]))),
            ("price", Arc::new(StringArray::from(vec![Some("1,50"), Some("20"), Some("x"), Some("")]))),
            ("n", Arc::new(Float64Array::from(vec![Some(1.0), Some(2.0), Some(3.0), None]))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)));
        let block = Block::of_batch(batch.expect("columns of one length"), RowNumbers::From(1), None);
        let held = ["status", "price", "n"].map(String::from);
        let Some(filter) = Filter::parse("orders.where", "t", &held, text)? else { return Ok(vec![true; 4]) };
        let kept = filter.keeps(&block, Decimal::Comma, None)?;
        Ok((0..4).map(|row| kept.keeps(row)).collect())
    }

    #[test]
    fn a_date_is_a_text_where_its_text_is_taken_apart() {
        for condition in ["day LIKE '2024%'", "\"Day\" NOT LIKE '%1'", "LEFT(day, 4) = '2024'", "x || day = 'a'"] {
            assert!(takes_apart(condition, "day"), "{condition}");
        }
        for condition in
            ["day >= '2024-06-01' AND x LIKE 'day%'", "YEAR(day) = 2024 AND LEFT(x, 1) = 'a'", "day2 LIKE 'a'"]
        {
            assert!(!takes_apart(condition, "day"), "{condition}");
        }
    }

    #[test]
    fn rows_stay_where_the_condition_is_true() -> Result<(), TableError> {
        for (text, expected) in [
            ("", [true; 4]),
            ("status = 'paid'", [true, false, false, false]),
            ("STATUS = 'paid'", [true, false, false, false]),
            ("LOWER(status) = 'paid'", [true, false, false, true]),
            ("status <> 'void'", [true, false, false, true]),
            ("status <> 'void' OR status IS NULL", [true, false, true, true]),
            ("NOT (status = 'void')", [true, false, false, true]),
            ("price > 1.4", [true, true, false, false]),
            ("price * n < 10", [true, false, false, false]),
            ("n >= 2", [false, true, true, false]),
            ("n IN (1, 3) AND status IS NOT NULL", [true, false, false, false]),
            ("price LIKE '%,%'", [true, false, false, false]),
        ] {
            assert_eq!(kept(text)?, expected, "{text}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_condition_is_said_with_its_place() {
        for (text, said) in [
            ("n + 1", "needs a condition, such as"),
            ("status = ", "column 10: the expression ends where"),
            ("statu = 'paid'", "column 1: there is no column 'statu'"),
            ("n > 1 AND SUM(n) > 3", "column 11: SUM looks at other rows"),
            ("n = '1'", "write a number without quotes"),
            ("1 = 1", "names no column"),
        ] {
            let error = kept(text).expect_err(text).to_string();
            assert!(error.starts_with("t: orders.where = ") && error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_row_that_is_left_out_says_why() -> Result<(), TableError> {
        let column: ArrayRef = Arc::new(StringArray::from(vec!["5", "x", "1"]));
        let batch = RecordBatch::try_from_iter([("price", column)]).expect("a column");
        let block = Block::of_batch(batch, RowNumbers::From(1), None);
        let filter = Filter::parse("orders.where", "t", &["price".into()], "price > 2")?.expect("a condition");
        let kept = filter.keeps(&block, Decimal::Point, None)?;
        assert_eq!((kept.why(1), kept.why(2).1), (("price".into(), "x".into()), "1".into()));
        Ok(())
    }
}
