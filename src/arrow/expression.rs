//! One expression language: an amount, a condition or another value of a row, worked out from the row's own columns.
//!
//! ```
//! use std::sync::Arc;
//!
//! use arrow::array::{ArrayRef, Float64Array, StringArray};
//! use clivia_arrow::expression::Expression;
//!
//! let quantity: ArrayRef = Arc::new(StringArray::from(vec!["2", "1", "two"]));
//! let price: ArrayRef = Arc::new(Float64Array::from(vec![9.5, 3.0, 3.0]));
//! let columns = [("Quantity".to_owned(), quantity.data_type().clone()), ("Price".to_owned(), price.data_type().clone())];
//!
//! let amount = Expression::parse("Quantity * Price")?.bind(&columns)?;
//! let found = amount.evaluate(&[quantity, price], &|cell| cell.parse().ok())?;
//! assert_eq!(*found.values, Float64Array::from(vec![Some(19.0), Some(3.0), None]));
//! assert_eq!((found.unreadable[0].row, found.unreadable[0].value.as_str()), (2, "two"));
//! # Ok::<(), clivia_arrow::expression::ExpressionError>(())
//! ```
//!
//! The grammar is SQL's own, read by sqlparser. Of it only what is listed here is in the language; the rest is refused
//! by name, with its position and what to write instead, before any row is read. An expression sees its own row alone:
//! aggregates, window functions and subqueries are refused, and so are the clock and chance.
//!
//! There are three steps, each a type: [`Expression::parse`] reads the text, [`Expression::bind`] gives every part a
//! kind once the columns' types are known, [`Bound::evaluate`] works whole columns out with Arrow's kernels.
//!
//! # Operators, from the loosest to the tightest
//! | operator | meaning |
//! |---|---|
//! | `a OR b` | true if either is |
//! | `a AND b` | true if both are |
//! | `NOT a` | |
//! | `a IS NULL`, `a IS TRUE`, `a IS FALSE`, each with `NOT` | never null themselves |
//! | `a = b`, `<>`, `!=`, `<`, `<=`, `>`, `>=` | |
//! | `a BETWEEN low AND high`, `a IN (b, c)`, `a LIKE b`, `a ILIKE b`, each with `NOT` | both ends of BETWEEN belong to it |
//! | `a \|\| b` | the texts one after another |
//! | `a + b`, `a - b` | the difference of two dates is in days |
//! | `a * b`, `a / b`, `a % b` | `%` has the sign of a |
//! | `-a`, `+a` | |
//! | `a::type`, `CAST(a AS type)` | number (double, float, real), integer (bigint), text (varchar), date, timestamp, boolean |
//! | `CASE WHEN c THEN a ELSE b END`, `CASE x WHEN v THEN a ELSE b END` | the first that is met; null if none is and there is no ELSE |
//!
//! Values are `12.5`, `'a text'` (a quote within is doubled), `TRUE`, `FALSE`, `NULL`, `DATE '2024-12-31'`,
//! `TIMESTAMP '2024-12-31 18:00:00'`. Columns are `Quantity`, `"Unit Price"` or `` `Unit Price` ``.
//!
//! # Functions
//! [`functions`] lists them; this is its list.
//!
//! | function | meaning |
//! |---|---|
//! | `ABS(x)` | x without its sign |
//! | `ROUND(x [, digits])` | x to so many decimals (0 if not given); halves away from zero |
//! | `FLOOR(x)` | the largest whole number not above x |
//! | `CEIL(x)` | the smallest whole number not below x |
//! | `SIGN(x)` | -1, 0 or 1 |
//! | `SQRT(x)` | the square root; null below 0 |
//! | `POWER(x, y)` | x to the power y |
//! | `EXP(x)` | e to the power x |
//! | `LN(x)` | the natural logarithm; null at 0 and below |
//! | `LOG10(x)` | the logarithm to base 10; null at 0 and below |
//! | `MOD(x, y)` | the remainder of x / y, with the sign of x; null if y is 0 |
//! | `GREATEST(a, b, ...)` | the largest of the values; nulls are left out |
//! | `LEAST(a, b, ...)` | the smallest of the values; nulls are left out |
//! | `COALESCE(a, b, ...)` | the first of the values that is not null |
//! | `NULLIF(a, b)` | null where a = b, else a |
//! | `LOWER(text)` | the text in small letters |
//! | `UPPER(text)` | the text in capitals |
//! | `TRIM(text [, characters])` | the text without white space, or the characters given, at both ends |
//! | `LTRIM(text [, characters])` | the same at the beginning |
//! | `RTRIM(text [, characters])` | the same at the end |
//! | `LENGTH(text)` | the number of characters |
//! | `REPLACE(text, part, other)` | the text with every part replaced by the other |
//! | `SUBSTR(text, start [, length])` | the characters from start, which counts from 1; null if start is below 1 or length below 0 |
//! | `LEFT(text, n)` | the first n characters; null if n is below 0 |
//! | `RIGHT(text, n)` | the last n characters; null if n is below 0 |
//! | `CONCAT(a, b, ...)` | the texts one after another; nulls are left out |
//! | `STARTS_WITH(text, part)` | whether the text begins with the part |
//! | `ENDS_WITH(text, part)` | whether the text ends with the part |
//! | `CONTAINS(text, part)` | whether the part is in the text |
//! | `SPLIT_PART(text, separator, n)` | the n-th piece between separators, from 1; empty past the last, null if n is below 1 |
//! | `LPAD(text, n [, fill])` | the text filled up at the beginning, or cut, to n characters |
//! | `RPAD(text, n [, fill])` | the text filled up at the end, or cut, to n characters |
//! | `DATE(x)` | the day of a date, a timestamp, or a text such as 2024-12-31 |
//! | `YEAR(date)` | the year; also EXTRACT(YEAR FROM date) |
//! | `QUARTER(date)` | the quarter, 1 to 4 |
//! | `MONTH(date)` | the month, 1 to 12 |
//! | `DAY(date)` | the day of the month, 1 to 31 |
//! | `HOUR(timestamp)` | the hour, 0 to 23 |
//! | `DATE_DIFF(later, earlier)` | whole days from the second date to the first |
//!
//! # What holds everywhere
//! * **Nulls** follow SQL: an operator or function with a null gives null, but `FALSE AND NULL` is false, `TRUE OR NULL`
//!   is true, and IS, COALESCE, CONCAT, GREATEST and LEAST do as their rows say. `x = NULL` is null: write `x IS NULL`.
//!   A blank text is a text; only where a number, date or boolean is needed is it null.
//! * **Numbers** are 64-bit floating point, whole ones too once they are added or multiplied: `7 / 2` is 3.5. Whole
//!   numbers are compared exactly with whole numbers, so ids of 19 digits are safe; beside a fraction they are taken as
//!   floating point, exact to 2^53. Amounts are rounded to 1/10,000 by the caller.
//! * **What is no number is null**: `1 / 0`, `x % 0`, `SQRT(-1)`, `EXP(1000)`, and NaN or infinity in a column.
//! * **Texts where numbers are needed** (in arithmetic, beside a number, as an argument) are read cell by cell by the
//!   caller's function. A cell that is no number gives null and is reported as [`Unreadable`]: an error of its row, not
//!   of the run. The same holds for dates, which are read as `2024-12-31` and `2024-12-31 18:00:00`. A text in quotes
//!   beside a number is refused: write the number without quotes. Two texts are compared as texts, by their code points.
//! * **Numbers where texts are needed** are written plainly: 12, 0.1, never 12.0 or 1e21.
//! * **Only what is needed counts**: a cell is not unreadable in a branch of CASE that is not taken, in an argument of
//!   COALESCE after one that is not null, or on the right of an AND or OR that the left has decided. `LPAD` does not
//!   fail there either.
//! * **Letters' case** counts in `=`, LIKE and the functions of texts, not in ILIKE. The names of functions and words of
//!   the grammar may be written either way. A column's name is matched letter by letter first; without quotes, letters'
//!   case is left aside if one column is meant then.
//! * **LIKE** has `%` for any characters and `_` for one; `\%` and `\_` are the signs themselves.
//! * **Dates** have no zone. A timestamp with a zone is taken in UTC, to the microsecond.
//! * **CAST to integer** rounds, halves away from zero; beyond 64 bits it is null. CAST of a text that cannot be read is
//!   null and reported.
//! * **Limits**: 4,096 characters, 64 levels of brackets, CASE and signs, 500 parts of which at most 250 lie within each
//!   other (a sum of 250 terms), and 65,536 characters of a text that an expression makes.

mod border;
mod coerce;
mod column;
mod convert;
mod dates;
mod error;
mod evaluate;
mod functions;
mod kernels;
mod limits;
mod names;
mod parse;
mod refused;
mod syntax;
mod typed;
mod types;
mod typing;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::cast;
use arrow::datatypes::DataType;

pub use error::ExpressionError;
pub use functions::functions;
pub use types::Kind;

use evaluate::Evaluation;
use syntax::{Form, Node};
use typed::Typed;

/// An expression that has been read and not yet been given its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    root: Node,
    columns: Vec<String>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// ```
    /// # use clivia_arrow::expression::Expression;
    /// let amount = Expression::parse(r#"Quantity * "Unit Price""#)?;
    /// assert_eq!(amount.columns(), ["Quantity", "Unit Price"]);
    ///
    /// let wrong = Expression::parse("Quantity * SUM(UnitPrice)").unwrap_err();
    /// assert_eq!(wrong.position(), Some(12));
    /// # Ok::<(), clivia_arrow::expression::ExpressionError>(())
    /// ```
    ///
    /// # Errors
    /// The text is too long or nested too deeply, is not one expression, or has a part that looks at other rows, gives
    /// another result on each run, or is not in the language.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let root = parse::parse(text)?;
        let mut columns = Vec::new();
        name_columns(&root, &mut columns);
        Ok(Self { text: text.to_owned(), root, columns })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it names, as written, each once, in the order in which they stand.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Fits the expression to columns: their names and types, in the order in which [`Bound::evaluate`] gets them.
    ///
    /// # Errors
    /// A column or function is unknown, a column is of a type without a kind, or a value does not fit its place.
    pub fn bind(&self, columns: &[(String, DataType)]) -> Result<Bound, ExpressionError> {
        let root = typing::Scope::new(columns).typed(&self.root)?;
        let mut used = vec![false; columns.len()];
        mark_used(&root, &mut used);
        let columns = columns.iter().zip(used).map(|((name, data_type), used)| Source {
            name: name.clone(),
            kind: types::kind_of(data_type).filter(|_| used),
        });
        Ok(Bound { root, columns: columns.collect() })
    }
}

/// An expression that knows its columns.
#[derive(Debug, Clone)]
pub struct Bound {
    root: Typed,
    columns: Vec<Source>,
}

/// A column that was bound; the kind of one that the expression reads.
#[derive(Debug, Clone)]
struct Source {
    name: String,
    kind: Option<Kind>,
}

/// What an expression gives for a block of rows.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// A value for each row: Float64, Utf8, Boolean, Date32, or Timestamp in microseconds without a zone. Whole numbers
    /// and nothing but nulls are Float64.
    pub values: ArrayRef,
    /// The cells that were needed as a number, date or boolean and are none, by row; the value of such a row is not to
    /// be used.
    pub unreadable: Vec<Unreadable>,
}

/// A cell that was needed as a number, date or boolean and is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Its row within the block, from 0.
    pub row: usize,
    /// The column; of a text made from several, the first.
    pub column: String,
    /// The text that could not be read.
    pub value: String,
}

impl Bound {
    /// The kind of the result.
    pub fn kind(&self) -> Kind {
        self.root.kind
    }

    /// The same expression with its result as a number: a text is then read cell by cell, and a cell that is no number
    /// is reported.
    ///
    /// # Errors
    /// The result is a date or a boolean.
    pub fn into_number(self) -> Result<Self, ExpressionError> {
        Ok(Self { root: coerce::number(self.root, "an amount")?, columns: self.columns })
    }

    /// The same expression as a condition.
    ///
    /// # Errors
    /// The result is neither true nor false.
    pub fn into_condition(self) -> Result<Self, ExpressionError> {
        Ok(Self { root: coerce::condition(self.root, "a condition for rows")?, columns: self.columns })
    }

    /// Works the expression out for a block of rows. `read_number` reads a cell of text as a number, and gives `None`
    /// for one that is none; a blank cell is null without being asked for.
    ///
    /// The result of a row does not depend on the rows beside it. Where no columns were bound there are no rows.
    ///
    /// # Errors
    /// The columns are not those bound, are of different lengths, or a text would be too long.
    pub fn evaluate(
        &self,
        columns: &[ArrayRef],
        read_number: &dyn Fn(&str) -> Option<f64>,
    ) -> Result<Evaluated, ExpressionError> {
        let rows = self.check(columns)?;
        let own = self.own_types(columns)?;
        let evaluation = Evaluation {
            rows,
            columns: &own,
            read_number,
            unreadable: RefCell::default(),
            numbers: RefCell::new(vec![None; columns.len()]),
        };
        let values = evaluation.values(&self.root, &None)?.expanded(self.root.position, rows)?;
        let unreadable = self.named(evaluation.unreadable.into_inner());
        Ok(Evaluated { values: self.outward(values)?, unreadable })
    }

    /// The number of rows of columns that are those bound.
    fn check(&self, columns: &[ArrayRef]) -> Result<usize, ExpressionError> {
        let fail = |reason| Err(ExpressionError::ColumnsGiven { reason });
        if columns.len() != self.columns.len() {
            return fail(format!("{} were bound and {} are given", self.columns.len(), columns.len()));
        }
        let rows = columns.first().map_or(0, |column| column.len());
        for (source, column) in self.columns.iter().zip(columns) {
            if column.len() != rows {
                return fail(format!("'{}' has {} rows and the first column {rows}", source.name, column.len()));
            }
            if source.kind.is_some_and(|kind| types::kind_of(column.data_type()) != Some(kind)) {
                return fail(format!("'{}' is of another type than the one bound", source.name));
            }
        }
        Ok(rows)
    }

    /// The columns that are read, each in its kind's own type.
    fn own_types(&self, columns: &[ArrayRef]) -> Result<Vec<Option<ArrayRef>>, ExpressionError> {
        let own = self.columns.iter().zip(columns);
        own.map(|(source, column)| source.kind.map(|kind| border::own_type(&source.name, kind, column)).transpose())
            .collect()
    }

    /// Unreadable cells by row and column, each once.
    fn named(&self, found: Vec<(usize, usize, String)>) -> Vec<Unreadable> {
        let mut unreadable: Vec<Unreadable> = found
            .into_iter()
            .map(|(column, row, value)| {
                let column = self.columns.get(column).map(|source| source.name.clone()).unwrap_or_default();
                Unreadable { row, column, value }
            })
            .collect();
        unreadable.sort();
        unreadable.dedup();
        unreadable
    }

    /// The result in one of the types that [`Evaluated`] promises.
    fn outward(&self, values: ArrayRef) -> Result<ArrayRef, ExpressionError> {
        match self.root.kind {
            Kind::Integer | Kind::Unknown => {
                cast(&values, &DataType::Float64).map_err(|error| ExpressionError::kernel(self.root.position, error))
            }
            _ => Ok(Arc::clone(&values)),
        }
    }
}

/// Adds the columns of a part, in the order in which they stand.
fn name_columns(node: &Node, names: &mut Vec<String>) {
    if let Form::Column { name, .. } = &node.form {
        if !names.contains(name) {
            names.push(name.clone());
        }
        return;
    }
    for part in node.parts() {
        name_columns(part, names);
    }
}

/// Marks the columns that a part reads.
fn mark_used(part: &Typed, used: &mut [bool]) {
    if let typed::Step::Column(index) = part.step {
        if let Some(used) = used.get_mut(index) {
            *used = true;
        }
        return;
    }
    for part in part.parts() {
        mark_used(part, used);
    }
}
