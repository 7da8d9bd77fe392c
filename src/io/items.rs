//! Orders and their lines in two tables: one row an order with its customer and date, and one row an item with its price.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::{concat_batches, take};
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;

use clivia_core::control::Control;
use clivia_core::notes::Note;

use crate::blocks::each_block;
use crate::cells::Cells;
use crate::columns;
use crate::columns::ORDER;
use crate::error::TableError;
use crate::plan::ReadSettings;
use crate::source::{Batches, Source};

/// What goes before the name of an item's column where the orders have one of that name.
const PREFIX: &str = "items.";

/// Orders with their items beside them.
#[derive(Debug)]
pub struct Joined {
    /// A row an item with its order's columns; items without an order and orders without an item are rows, too.
    pub source: Batches,
    /// How the tables fit together.
    pub notes: Vec<Note>,
}

/// Joins orders and items by the order's id, whose column `order` names where its name does not say it. Rows are those of
/// the items, then orders without an item. Both tables are held in memory.
///
/// # Errors
/// [`TableError`] where a table cannot be read as a whole, an order id is missing from a header, or two orders have one id.
pub fn join(
    orders: &[Arc<dyn Source>],
    items: &dyn Source,
    order: &str,
    settings: &ReadSettings,
    control: &Control,
) -> Result<Joined, TableError> {
    let [one] = orders else {
        let cause = format!("items belong to one table of orders, and {} are given", orders.len());
        return Err(TableError::Setting { setting: "inputs.items", cause });
    };
    let (orders, of_orders) = table(one.as_ref(), order, settings, control)?;
    let (lines, of_lines) = table(items, order, settings, control)?;
    let known = places(one.as_ref(), &orders, &of_orders)?;
    let ids = cells(items, &lines, &of_lines)?;
    let order_of: Vec<Option<u32>> =
        (0..lines.num_rows()).map(|row| known.get(ids.name(row)?.as_ref()).copied()).collect();
    let mut with_items = vec![false; orders.num_rows()];
    order_of.iter().flatten().for_each(|place| with_items[*place as usize] = true);
    let without: Vec<u32> = (0..).zip(&with_items).filter(|(_, has)| !**has).map(|(place, _)| place).collect();
    let places: UInt32Array = order_of.iter().copied().chain(without.iter().copied().map(Some)).collect();
    let batch = beside(&orders, &lines, &of_lines, &places, without.len());
    let batch = batch.map_err(|error| items.broken(error.to_string()))?;
    let lonely = order_of.iter().filter(|place| place.is_none()).count() as u64;
    let name = format!("{} with {}", one.name(), items.name());
    let notes = notes(&name, (lonely, lines.num_rows() as u64), (without.len() as u64, orders.num_rows() as u64));
    Ok(Joined { source: Batches::new(name, batch.schema(), vec![batch]), notes })
}

/// A whole table, and the column of its order id.
fn table(
    source: &dyn Source,
    order: &str,
    settings: &ReadSettings,
    control: &Control,
) -> Result<(RecordBatch, String), TableError> {
    let held = source.columns(settings)?;
    let named = Some(order).filter(|order| !order.is_empty());
    let key = columns::need(source.name(), &held, ORDER, named)?;
    let mut batches = Vec::new();
    each_block(source, settings, &held, control, |block| {
        if let Some(row) = block.broken.first() {
            let cause = format!("row {}: {} ('{}'), which cannot be joined; mend it", row.row, row.rule, row.value);
            return Err(source.broken(cause));
        }
        batches.push(block.batch()?);
        Ok(())
    })?;
    let Some(first) = batches.first() else { return Err(source.empty("there is a header but no row")) };
    let all = concat_batches(&first.schema(), &batches).map_err(|error| source.broken(error.to_string()))?;
    Ok((all, key))
}

fn cells(source: &dyn Source, batch: &RecordBatch, column: &str) -> Result<Cells, TableError> {
    let found = batch.column_by_name(column).map(Cells::new);
    let found = found.ok_or_else(|| source.broken(format!("it has no column '{column}'")))?;
    found.map_err(|error| source.broken(error.to_string()))
}

/// The row of each order.
fn places(source: &dyn Source, batch: &RecordBatch, column: &str) -> Result<HashMap<String, u32>, TableError> {
    let ids = cells(source, batch, column)?;
    let mut known = HashMap::new();
    for (place, row) in (0..batch.num_rows()).enumerate() {
        let Some(id) = ids.name(row) else { continue };
        let place = u32::try_from(place).map_err(|_| source.broken("it has more than four billion rows".into()))?;
        if let Some(first) = known.insert(id.to_string(), place) {
            let cause = format!(
                "order '{id}' stands in rows {} and {} of it; beside a table of items, each order has one row",
                first + 1,
                place + 1
            );
            return Err(source.broken(cause));
        }
    }
    Ok(known)
}

/// The orders at these places with all items beside them, then nothing beside the last `without`.
fn beside(
    orders: &RecordBatch,
    items: &RecordBatch,
    key: &str,
    places: &UInt32Array,
    without: usize,
) -> Result<RecordBatch, ArrowError> {
    let (mut fields, mut columns): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for (field, column) in orders.schema().fields().iter().zip(orders.columns()) {
        fields.push(field.as_ref().clone().with_nullable(true));
        columns.push(take(column, places, None)?);
    }
    for (field, column) in items.schema().fields().iter().zip(items.columns()).filter(|(field, _)| field.name() != key)
    {
        let taken = orders.column_by_name(field.name()).is_some();
        let name = if taken { format!("{PREFIX}{}", field.name()) } else { field.name().clone() };
        fields.push(Field::new(name, field.data_type().clone(), true));
        let nothing = new_null_array(field.data_type(), without);
        columns.push(arrow::compute::concat(&[column.as_ref() as &dyn Array, nothing.as_ref()])?);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn notes(name: &str, (lonely, items): (u64, u64), (without, orders): (u64, u64)) -> Vec<Note> {
    let joined =
        format!("{name}: {} of {items} items belong to {} of {orders} orders", items - lonely, orders - without);
    let mut notes = vec![Note::info("items_joined", joined)];
    if lonely > 0 {
        let sentence =
            format!("{lonely} of {items} items belong to no order of the table and are refused: their money is lost");
        notes.push(Note::warning("items_without_order", sentence).rows(lonely, items));
    }
    if without > 0 {
        let sentence = format!("{without} of {orders} orders have no item");
        notes.push(Note::warning("orders_without_items", sentence).rows(without, orders));
    }
    notes
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, StringArray};

    use super::*;

    fn source(name: &str, columns: &[(&str, &[&str])]) -> Arc<dyn Source> {
        let columns =
            columns.iter().map(|(name, cells)| (*name, Arc::new(StringArray::from(cells.to_vec())) as ArrayRef));
        let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
        Arc::new(Batches::new(name, batch.schema(), vec![batch]))
    }

    fn joined(orders: &[&str], items: &[&str]) -> Result<(Vec<String>, Vec<String>), TableError> {
        let customers: Vec<&str> = orders.iter().map(|_| "c").collect();
        let orders = source("orders", &[("order_id", orders), ("customer", &customers), ("note", &customers)]);
        let notes: Vec<&str> = items.iter().map(|_| "n").collect();
        let items = source("items", &[("order_id", items), ("price", items), ("note", &notes)]);
        let settings = ReadSettings::default();
        let Joined { source, notes } = join(&[orders], items.as_ref(), "", &settings, &Control::default())?;
        let mut rows = Vec::new();
        each_block(&source, &settings, &source.columns(&settings)?, &Control::default(), |block| {
            let batch = block.batch()?;
            let cells = |name: &str| batch.column_by_name(name).expect("a column").as_string::<i32>().clone();
            let columns = ["order_id", "customer", "price", "items.note"].map(cells);
            rows.extend((0..batch.num_rows()).map(|row| {
                let cell = |column: &StringArray| {
                    if column.is_valid(row) { column.value(row).to_string() } else { "-".into() }
                };
                columns.iter().map(cell).collect::<Vec<_>>().join(" ")
            }));
            Ok(())
        })?;
        Ok((rows, notes.into_iter().map(|note| note.code).collect()))
    }

    #[test]
    fn items_stand_beside_their_orders_and_none_is_lost() {
        let (rows, notes) = joined(&["1", "2", "3"], &["2", "2", "1", "9"]).expect("tables that fit");
        assert_eq!(rows, ["2 c 2 n", "2 c 2 n", "1 c 1 n", "- - 9 n", "3 c - -"]);
        assert_eq!(notes, ["items_joined", "items_without_order", "orders_without_items"]);
        assert_eq!(joined(&["1"], &["1"]).expect("tables that fit").1, ["items_joined"]);
    }

    #[test]
    fn an_order_has_one_row_beside_its_items() {
        let error = joined(&["1", "1"], &["1"]).expect_err("twice").to_string();
        assert!(error.contains("order '1' stands in rows 1 and 2"), "{error}");
    }
}
