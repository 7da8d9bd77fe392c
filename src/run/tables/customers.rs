//! customers.parquet: one scored row a customer, and the columns of the customers table beside them.

use clivia_core::base::ids::Id;
use clivia_core::score::Attributes as _;
use clivia_core::score::columns::{CustomerTable, Row};
use clivia_io::write::frame::{column_of, of_values};
use clivia_io::write::pieces;
use polars::prelude::{Column, DataFrame, PolarsResult};

use crate::pipeline::Run;

/// All customers, in the order of their ids, in pieces; there is at least one.
pub(crate) fn table(run: &Run) -> impl Iterator<Item = PolarsResult<DataFrame>> + Send + '_ {
    let table = run.customers();
    pieces(table.len(), move |range| piece(run, &table, &table.rows(range)))
}

fn piece(run: &Run, table: &CustomerTable<'_>, rows: &[Row]) -> PolarsResult<DataFrame> {
    let mut columns: Vec<Column> = table.block(rows).into_iter().map(of_values).collect();
    columns.extend(attribute_columns(run, table, rows)?);
    DataFrame::new(rows.len(), columns)
}

/// The columns of the customers table, null for who is not in it.
fn attribute_columns(run: &Run, table: &CustomerTable<'_>, rows: &[Row]) -> PolarsResult<Vec<Column>> {
    let Some(attributes) = &run.attributes else { return Ok(Vec::new()) };
    let places: Vec<Option<u32>> = rows.iter().map(|row| attributes.row(&Id::new(table.id(*row)))).collect();
    let schema = attributes.batch.schema();
    let columns = schema.fields().iter().zip(attributes.batch.columns());
    columns.map(|(field, column)| column_of(field.name(), column, Some(&places))).collect()
}
