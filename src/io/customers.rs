//! The customers table: what else is known of customers, carried through to the scored rows.

use std::sync::Arc;

use polars::prelude::*;

use crate::columns;
use crate::columns::CUSTOMER;
use crate::orders::{RowCounts, cells};
use crate::rejects::{Reject, Rejects, Rule};
use crate::files::Source;
use crate::blocks::{Block, Progress, Wanted, column_names, for_each_block};
use crate::plan::ReadSettings;
use crate::error::TableError;
use clivia_core::base::ids::{IdIndex, Ids};

/// Put before a column that has the name of one of the scored table.
pub(crate) const PREFIX: &str = "customers.";

/// Attributes of customers: one row a customer id, every column but the id.
#[derive(Debug, Default)]
pub struct Attributes {
    /// The columns, under the file's own names.
    pub frame: DataFrame,
    /// Which customer each row is of.
    pub index: IdIndex,
    /// Rows.
    pub rows: RowCounts,
}

impl Attributes {
    /// A column by its name in the file.
    fn column(&self, name: &str) -> Result<&Column, String> {
        let held = || self.frame.get_column_names().iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let prefixed = || self.frame.column(&format!("{PREFIX}{name}"));
        self.frame.column(name).or_else(|_| prefixed()).map_err(|_| format!("it is not there; there are: {}", held()))
    }

    /// Whether a column holds words that are neither numbers nor yes and no.
    pub(crate) fn is_text(&self, name: &str) -> bool {
        let text = self.column(name).ok().and_then(|column| column.str().ok());
        text.is_some_and(|text| flags(text).is_none())
    }

    /// A column as words, a row a row of the table.
    ///
    /// # Errors
    /// Why it is none, with the columns that there are.
    pub(crate) fn words(&self, name: &str) -> Result<Vec<Option<String>>, String> {
        let text = self.column(name)?.cast(&DataType::String).map_err(|error| error.to_string())?;
        let text = text.str().map_err(|error| error.to_string())?;
        let word = |cell: Option<&str>| cell.map(str::trim).filter(|word| !word.is_empty()).map(String::from);
        Ok(text.iter().map(word).collect())
    }

    /// A column as numbers, a row a row of the table; NaN = absent.
    ///
    /// # Errors
    /// Why it is none, with the columns that there are.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, String> {
        let column = self.column(name)?;
        if let Ok(text) = column.str() {
            return flags(text).ok_or_else(|| "it holds text where numbers, or yes and no, are needed".into());
        }
        if !(column.dtype().is_primitive_numeric() || column.dtype().is_bool() || column.dtype().is_null()) {
            return Err("it holds neither numbers nor yes and no".into());
        }
        let numbers = column.cast(&DataType::Float64).and_then(|column| column.f64().cloned());
        let numbers = numbers.map_err(|error| error.to_string())?;
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite()).unwrap_or(f64::NAN);
        Ok(numbers.iter().map(finite).collect())
    }
}

/// Yes and no as 1 and 0; `None` where anything else stands.
fn flags(text: &StringChunked) -> Option<Vec<f64>> {
    text.iter().map(|cell| flag(cell.unwrap_or_default())).collect()
}

/// Yes as 1, no as 0, nothing as NaN; `None` of any other word.
pub(crate) fn flag(word: &str) -> Option<f64> {
    match word.trim().to_lowercase().as_str() {
        "" => Some(f64::NAN),
        "yes" | "true" | "y" | "t" => Some(1.0),
        "no" | "false" | "n" | "f" => Some(0.0),
        _ => None,
    }
}

/// Reads a customers table. Rows without an id and later rows of a known id are refused.
///
/// # Errors
/// [`TableError`] where the file cannot be read as a whole, has no customer column, or two columns of one
/// name.
pub fn read(
    source: &Source,
    settings: &ReadSettings,
    taken: &[&str],
    progress: &Arc<Progress>,
    rejects: &mut Rejects,
) -> Result<Attributes, TableError> {
    let held = column_names(source, settings)?;
    let customer = columns::need(&source.name, &held, CUSTOMER, None)?;
    if let Some(twice) = held.iter().enumerate().find(|(place, name)| held[..*place].contains(name)) {
        return Err(source.broken(format!("it has two columns named '{}'; rename one", twice.1)));
    }
    let mut ids = Ids::default();
    let mut seen = std::collections::HashSet::new();
    let mut frames: Vec<DataFrame> = Vec::new();
    let mut rows = RowCounts::default();
    for_each_block(
        source,
        settings,
        &Wanted { columns: &held, fingerprints: false },
        progress,
        |_| Ok(()),
        |block: Block, ()| Ok(block),
        |block| {
            let view = cells(source, &block, &customer)?;
            let reject =
                |row, value, rule| Reject { file: source.name.clone(), row, column: customer.clone(), value, rule };
            rows.read += (block.height() + block.broken.len()) as u64;
            for broken in &block.broken {
                rejects.add(reject(broken.row, broken.value.clone(), broken.rule))?;
            }
            let mut keep = Vec::with_capacity(block.height());
            for row in 0..block.height() {
                let refused = match view.id(row) {
                    None => Some(Rule::MissingCustomer),
                    Some(id) if !seen.insert(id.clone()) => Some(Rule::Duplicate),
                    Some(id) => {
                        ids.push(&id.to_string());
                        None
                    }
                };
                if let Some(rule) = refused {
                    rejects.add(reject(block.rows.get(row), view.show(row), rule))?;
                }
                keep.push(refused.is_none());
            }
            let kept = BooleanChunked::from_slice("keep".into(), &keep);
            let rows = block.frame().and_then(|frame| frame.filter(&kept));
            frames.push(rows.map_err(|error| source.broken(error.to_string()))?);
            Ok(())
        },
    )?;
    rows.used = ids.len() as u64;
    rows.refused = rows.read - rows.used;
    let frame = together(frames, &customer, taken).map_err(|error| source.broken(error.to_string()))?;
    Ok(Attributes { frame, index: IdIndex::new(&ids), rows })
}

/// All attributes; one that has the name of a column of the scored table is prefixed with `customers.`.
fn together(frames: Vec<DataFrame>, customer: &str, taken: &[&str]) -> PolarsResult<DataFrame> {
    let mut frames = frames.into_iter();
    let mut all = frames.next().unwrap_or_default();
    frames.try_for_each(|frame| all.vstack_mut(&frame).map(|_| ()))?;
    all.rechunk_mut();
    let columns = all.columns().iter().filter(|column| column.name().as_str() != customer).map(typed);
    let mut columns = columns.collect::<PolarsResult<Vec<Column>>>()?;
    for column in columns.iter_mut().filter(|column| taken.contains(&column.name().as_str())) {
        column.rename(format!("{PREFIX}{}", column.name()).into());
    }
    DataFrame::new(all.height(), columns)
}

/// A text column whose every value is a number becomes numbers; `007` keeps a column text.
fn typed(column: &Column) -> PolarsResult<Column> {
    let Ok(text) = column.str() else { return Ok(column.clone()) };
    let padded = |cell: &str| cell.len() > 1 && cell.starts_with('0') && !cell.starts_with("0.");
    let mut filled = text.iter().flatten().peekable();
    let numbers = filled.peek().is_some() && filled.all(|cell| cell.parse::<f64>().is_ok() && !padded(cell));
    if !numbers {
        return Ok(column.clone());
    }
    let whole = text.iter().flatten().all(|cell| cell.parse::<i64>().is_ok());
    column.cast(if whole { &DataType::Int64 } else { &DataType::Float64 })
}
