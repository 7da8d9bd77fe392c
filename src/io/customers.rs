//! The customers table: what else is known of customers, carried through to the scored rows.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::compute::{cast, concat_batches, filter_record_batch};
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use arrow::error::ArrowError;

use serde::{Deserialize, Serialize};

use clivia_core::base::ids::{Id, IdIndex, Ids};
use clivia_core::contacts::consent::Refusal;
use clivia_core::control::Control;
use clivia_core::score;

use crate::blocks::{Block, each_block};
use crate::cells::{Cells, Texts};
use crate::columns;
use crate::columns::ATTRIBUTES_CUSTOMER;
use crate::consent::ConsentColumn;
use crate::dates::DateReader;
use crate::error::TableError;
use crate::filter::Filter;
use crate::orders::RowCounts;
use crate::orders::ids::FoldIds;
use crate::plan::{Decimal, ReadSettings};
use crate::rejects::{Reject, Rejects, Rule};
use crate::source::Source;

/// Which rows of the customers table are wanted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerSettings {
    /// Rows for which this condition over their columns is not true are left out; all stay where it is empty.
    #[serde(rename = "where")]
    pub condition: String,
}

/// Put before a column that has the name of one of the scored table.
pub const PREFIX: &str = "customers.";

/// Attributes of customers: one row a customer id, every column but the id.
#[derive(Debug)]
pub struct Attributes {
    /// The columns, under the table's own names.
    pub batch: RecordBatch,
    /// Which customer each row is of.
    pub index: IdIndex,
    /// Rows.
    pub rows: RowCounts,
    /// Whether ids that differ only in case and blanks are one.
    fold: FoldIds,
}

impl Attributes {
    /// A column by its name in the table.
    fn column(&self, name: &str) -> Result<&ArrayRef, String> {
        let prefixed = || self.batch.column_by_name(&format!("{PREFIX}{name}"));
        self.batch.column_by_name(name).or_else(prefixed).ok_or_else(|| {
            let held = self.batch.schema_ref().fields().iter().map(|field| field.name().as_str());
            format!("it is not there; there are: {}", held.collect::<Vec<_>>().join(", "))
        })
    }
}

/// What customers refuse by a table of theirs.
#[derive(Debug, Default)]
pub struct Refused {
    /// Customer by customer.
    pub refusals: Vec<Refusal>,
    /// The columns that say so, each with how many customers refuse by it.
    pub columns: Vec<(String, u64)>,
}

impl Attributes {
    /// What the columns of consent say of customers, who stand in the order of these ids.
    pub fn refused(&self, customers: &Ids, settings: &ReadSettings) -> Refused {
        let mut refused = Refused::default();
        let schema = self.batch.schema();
        let consent = schema.fields().iter().zip(self.batch.columns()).filter_map(|(field, cells)| {
            let name = field.name().strip_prefix(PREFIX).unwrap_or(field.name());
            Some((name, ConsentColumn::of(name)?, Cells::new(cells).ok()?))
        });
        let consent: Vec<(&str, ConsentColumn, Cells)> = consent.collect();
        if consent.is_empty() {
            return refused;
        }
        let dates = DateReader::new(settings);
        let rows: Vec<Option<u32>> = customers.iter().map(|id| score::Attributes::row(self, &Id::new(id))).collect();
        for (name, column, cells) in consent {
            let before = refused.refusals.len();
            let known = (0..).zip(&rows).filter_map(|(customer, row)| Some((customer, (*row)? as usize)));
            let refusing = known.filter(|(_, row)| column.refuses(&cells, *row) == Some(true));
            refused.refusals.extend(refusing.map(|(customer, row)| Refusal {
                customer,
                about: column.about(),
                from: column.since(&cells, row, &dates),
            }));
            refused.columns.push((name.into(), (refused.refusals.len() - before) as u64));
        }
        refused
    }
}

impl score::Attributes for Attributes {
    fn is_text(&self, name: &str) -> bool {
        let text = self.column(name).ok().and_then(text);
        text.is_some_and(|text| flags(&text).is_none())
    }

    fn words(&self, name: &str) -> Result<Vec<Option<String>>, String> {
        let column = self.column(name)?;
        let word = |cell: &str| Some(cell.trim()).filter(|word| !word.is_empty()).map(String::from);
        if let DataType::Timestamp(..) = column.data_type() {
            let cells = Cells::new(column).map_err(|error| error.to_string())?;
            return Ok((0..cells.len()).map(|row| word(&cells.show(row))).collect());
        }
        let text = Texts::of(column).map_err(|error| error.to_string())?;
        Ok(text.iter().map(|cell| word(cell?)).collect())
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, String> {
        let column = self.column(name)?;
        if let Some(text) = text(column) {
            return flags(&text).ok_or_else(|| "it holds text where numbers, or yes and no, are needed".into());
        }
        if !(column.data_type().is_numeric() || matches!(column.data_type(), DataType::Boolean | DataType::Null)) {
            return Err("it holds neither numbers nor yes and no".into());
        }
        let numbers = cast(column, &DataType::Float64).map_err(|error| error.to_string())?;
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite()).unwrap_or(f64::NAN);
        Ok(numbers.as_primitive::<Float64Type>().iter().map(finite).collect())
    }

    fn row(&self, customer: &Id) -> Option<u32> {
        let folded = || match customer {
            Id::Text(text) => self.index.find(&Id::new(&self.fold.of(text))),
            Id::Number(_) => None,
        };
        self.index.find(customer).or_else(folded)
    }
}

/// A column that holds text, as such.
fn text(column: &ArrayRef) -> Option<Texts> {
    if column.data_type().is_string() { Texts::of(column).ok() } else { None }
}

/// Yes and no as 1 and 0; `None` where anything else stands.
fn flags(text: &Texts) -> Option<Vec<f64>> {
    text.iter().map(|cell| flag(cell.unwrap_or_default())).collect()
}

/// Yes as 1, no as 0, nothing as NaN; `None` of any other word.
pub fn flag(word: &str) -> Option<f64> {
    match word.trim().to_lowercase().as_str() {
        "" => Some(f64::NAN),
        "yes" | "true" | "y" | "t" => Some(1.0),
        "no" | "false" | "n" | "f" => Some(0.0),
        _ => None,
    }
}

/// Reads a customers table. Rows without an id and later rows of a known id are refused; a column that has one of the
/// names `taken` is prefixed with [`PREFIX`]. Ids are folded as those of the orders.
///
/// # Errors
/// [`TableError`] where the table cannot be read as a whole, has no customer column, or two columns of one
/// name.
pub fn read(
    source: &dyn Source,
    settings: &ReadSettings,
    customers: &CustomerSettings,
    fold: FoldIds,
    taken: &[&str],
    control: &Control,
    rejects: &mut Rejects,
) -> Result<Attributes, TableError> {
    let held = source.columns(settings)?;
    let customer = columns::need(source.name(), &held, ATTRIBUTES_CUSTOMER, None)?;
    if let Some(twice) = held.iter().enumerate().find(|(place, name)| held[..*place].contains(name)) {
        return Err(source.broken(format!("it has two columns named '{}'; rename one", twice.1)));
    }
    let filter = Filter::parse("customers.where", source.name(), &held, &customers.condition)?;
    let mut reading = Reading {
        source,
        customer,
        filter,
        fold,
        decimal: settings.decimal(),
        ids: Ids::default(),
        seen: HashSet::new(),
        batches: Vec::new(),
        read: 0,
        left_out: 0,
    };
    each_block(source, settings, &held, control, |block| reading.add(&block, rejects))?;
    let used = reading.ids.len() as u64;
    let (read, left_out) = (reading.read, reading.left_out);
    let rows = RowCounts { read, used, refused: read - used - left_out, left_out };
    let together = together(&reading.batches, &reading.customer, taken);
    let batch = together.map_err(|error| source.broken(error.to_string()))?;
    Ok(Attributes { batch, index: IdIndex::new(&reading.ids), rows, fold })
}

/// What has been read of a table.
struct Reading<'a> {
    source: &'a dyn Source,
    /// The column of ids.
    customer: String,
    /// Which rows are wanted.
    filter: Option<Filter>,
    fold: FoldIds,
    decimal: Decimal,
    ids: Ids,
    seen: HashSet<Id>,
    batches: Vec<RecordBatch>,
    read: u64,
    left_out: u64,
}

impl Reading<'_> {
    fn add(&mut self, block: &Block, rejects: &mut Rejects) -> Result<(), TableError> {
        let ids = block.cells(&self.customer)?;
        let reject = |row, value, rule| Reject {
            file: self.source.name().into(),
            row,
            column: self.customer.clone(),
            value,
            rule,
        };
        self.read += (block.height() + block.broken.len()) as u64;
        for broken in &block.broken {
            rejects.add(reject(broken.row, broken.value.clone(), broken.rule))?;
        }
        let kept = self.filter.as_ref().map(|filter| filter.keeps(block, self.decimal, None)).transpose()?;
        let mut keep = Vec::with_capacity(block.height());
        for row in 0..block.height() {
            if let Some(kept) = kept.as_ref().filter(|kept| !kept.keeps(row)) {
                let (column, value) = kept.why(row);
                rejects.add(Reject { column, ..reject(block.rows.get(row), value, Rule::Where) })?;
                self.left_out += 1;
                keep.push(false);
                continue;
            }
            let id = ids.name(row).map(|name| Id::new(&self.fold.of(&name)));
            let refused = match id {
                None => Some(Rule::MissingCustomer),
                Some(id) if !self.seen.insert(id.clone()) => Some(Rule::Duplicate),
                Some(id) => {
                    self.ids.push(&id.to_string());
                    None
                }
            };
            if let Some(rule) = refused {
                rejects.add(reject(block.rows.get(row), ids.show(row), rule))?;
            }
            keep.push(refused.is_none());
        }
        let kept = filter_record_batch(&block.batch()?, &BooleanArray::from(keep));
        self.batches.push(kept.map_err(|error| self.source.broken(error.to_string()))?);
        Ok(())
    }
}

/// All attributes; one that has the name of a column of the scored table is prefixed with `customers.`.
fn together(batches: &[RecordBatch], customer: &str, taken: &[&str]) -> Result<RecordBatch, ArrowError> {
    let Some(first) = batches.first() else { return Ok(RecordBatch::new_empty(Arc::new(Schema::empty()))) };
    let all = concat_batches(first.schema_ref(), batches)?;
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in all.schema_ref().fields().iter().zip(all.columns()) {
        let name = field.name().as_str();
        if name == customer {
            continue;
        }
        let name = if taken.contains(&name) { format!("{PREFIX}{name}") } else { name.into() };
        let column = typed(column)?;
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(all.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

/// A text column whose every value is a number becomes numbers; `007` keeps a column text.
fn typed(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let column = match column.data_type() {
        DataType::Dictionary(_, values) => &cast(column, values)?,
        _ => column,
    };
    let Some(text) = text(column) else { return Ok(column.clone()) };
    let padded = |cell: &str| cell.len() > 1 && cell.starts_with('0') && !cell.starts_with("0.");
    let mut filled = text.iter().flatten().peekable();
    let numbers = filled.peek().is_some() && filled.all(|cell| cell.parse::<f64>().is_ok() && !padded(cell));
    if !numbers {
        return Ok(column.clone());
    }
    let whole = text.iter().flatten().all(|cell| cell.parse::<i64>().is_ok());
    Ok(match whole {
        true => Arc::new(text.iter().map(|cell| cell?.parse().ok()).collect::<Int64Array>()),
        false => Arc::new(text.iter().map(|cell| cell?.parse().ok()).collect::<Float64Array>()),
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::{DictionaryArray, StringArray};
    use arrow::datatypes::Int32Type;
    use clivia_core::score::Attributes as _;

    use crate::customers::*;
    use crate::source::Batches;

    fn table(columns: &[(&str, &[&str])]) -> Attributes {
        let columns =
            columns.iter().map(|(name, cells)| (*name, Arc::new(StringArray::from(cells.to_vec())) as ArrayRef, true));
        let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length");
        let table = Batches::new("t", batch.schema(), vec![batch]);
        let mut rejects = Rejects::counting(false);
        read(
            &table,
            &ReadSettings::default(),
            &CustomerSettings::default(),
            FoldIds::Auto,
            &[],
            &Control::default(),
            &mut rejects,
        )
        .expect("a table")
    }

    #[test]
    fn columns_of_consent_say_who_refuses() {
        let table = table(&[
            ("customer_id", &["a", "b", "c", "d"]),
            ("do_not_call", &["1", "0", "", "1"]),
            ("unsubscribed_at", &["", "2024-01-05", "", ""]),
            ("sms_consent", &["", "", "", ""]),
            ("region", &["no", "no", "no", "no"]),
        ]);
        let customers: Ids = ["a", "b", "z"].into_iter().collect();
        let refused = table.refused(&customers, &ReadSettings::default());
        let columns = refused.columns.iter().map(|(name, count)| (name.as_str(), *count));
        assert_eq!(columns.collect::<Vec<_>>(), [("do_not_call", 1), ("unsubscribed_at", 1), ("sms_consent", 0)]);
        let said = refused.refusals.iter().map(|one| (one.customer, one.from));
        let day = "2024-01-05".parse().expect("a day");
        assert_eq!(said.collect::<Vec<_>>(), [(0, Refusal::ALWAYS), (1, day)]);
    }

    #[test]
    fn an_address_is_found_however_it_is_written() {
        let table = table(&[("email", &["Anna@Example.com", "AB1"]), ("size", &["1", "2"])]);
        let row = |id: &str| table.row(&Id::new(id));
        assert_eq!(
            (row("anna@example.com"), row("Anna@Example.com"), row("AB1"), row("ab1")),
            (Some(0), Some(0), Some(1), None)
        );
    }

    #[test]
    fn attributes_are_words_or_numbers() -> Result<(), TableError> {
        let columns: [(&str, ArrayRef); 5] = [
            ("customer_id", Arc::new(StringArray::from(vec![Some("a"), Some("b"), Some("a"), None, Some("c")]))),
            ("zip", Arc::new(StringArray::from(vec!["01", "2", "3", "4", "5"]))),
            ("size", Arc::new(StringArray::from(vec![Some("1"), Some("2.5"), None, None, None]))),
            ("vip", Arc::new(StringArray::from(vec![Some("yes"), Some("No"), None, None, None]))),
            ("clv", Arc::new(DictionaryArray::<Int32Type>::from_iter(["x", " y ", "x", "x", ""]))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)));
        let batch = batch.expect("columns of one length");
        let table = Batches::new("t", batch.schema(), vec![batch]);
        let mut rejects = Rejects::counting(false);
        let read = read(
            &table,
            &ReadSettings::default(),
            &CustomerSettings::default(),
            FoldIds::Auto,
            &["clv"],
            &Control::default(),
            &mut rejects,
        )?;
        assert_eq!(read.rows, RowCounts { read: 5, used: 3, refused: 2, left_out: 0 });
        assert_eq!((read.row(&Id::new("b")), read.row(&Id::new("z"))), (Some(1), None));
        assert!(read.is_text("zip") && !read.is_text("vip") && !read.is_text("size"));
        assert_eq!(read.numbers("vip").map(|flags| flags[..2].to_vec()), Ok(vec![1.0, 0.0]));
        assert!(read.numbers("size").is_ok_and(|sizes| sizes[..2] == [1.0, 2.5] && sizes[2].is_nan()));
        assert_eq!(read.words("clv"), Ok([Some("x"), Some("y"), None].map(|word| word.map(String::from)).to_vec()));
        assert!(read.numbers("region").is_err_and(|error| error.ends_with("there are: zip, size, vip, customers.clv")));
        Ok(())
    }
}
