//! Columns within columns: the fields of structs by dotted path, such as `ecommerce.purchase_revenue`.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

/// The names of all columns that are no structs, those within structs by their paths.
pub(crate) fn names(schema: &Schema) -> Vec<String> {
    let mut names = Vec::new();
    schema.fields().iter().for_each(|field| add_names(field, field.name().clone(), &mut names));
    names
}

fn add_names(field: &Field, path: String, names: &mut Vec<String>) {
    match field.data_type() {
        DataType::Struct(fields) => {
            fields.iter().for_each(|field| add_names(field, format!("{path}.{}", field.name()), names));
        }
        _ => names.push(path),
    }
}

/// Whether a column or one within it has this name.
pub(crate) fn holds(field: &Field, name: &str) -> bool {
    let within = || name.strip_prefix(field.name().as_str()).is_some_and(|rest| rest.starts_with('.'));
    field.name() == name || (is_struct(field) && within())
}

fn is_struct(field: &Field) -> bool {
    matches!(field.data_type(), DataType::Struct(_))
}

/// The same rows, with the columns within structs as columns of their own.
pub(crate) fn flat(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    if batch.schema_ref().fields().iter().any(|field| is_struct(field)) { batch.normalize(".", None) } else { Ok(batch) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StructArray};
    use arrow::datatypes::Int64Type;

    use crate::source::nested::*;

    #[test]
    fn columns_within_structs_are_columns() -> Result<(), ArrowError> {
        let revenue: ArrayRef = Arc::new(Int64Array::from(vec![Some(5), Some(6), None]));
        let inner = StructArray::from(vec![(Arc::new(Field::new("revenue", DataType::Int64, true)), revenue)]);
        let field = Arc::new(Field::new("commerce", inner.data_type().clone(), true));
        // The second row has no event.
        let outer = StructArray::new(vec![field].into(), vec![Arc::new(inner)], Some(vec![true, false, true].into()));
        let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter_with_nullable([("id", ids, false), ("event", Arc::new(outer) as _, true)])?;
        assert_eq!(names(&batch.schema()), ["id", "event.commerce.revenue"]);
        let event = batch.schema().field(1).clone();
        assert!(holds(&event, "event.commerce.revenue") && holds(&event, "event") && !holds(&event, "events.x"));
        assert!(!holds(batch.schema().field(0), "id.x"));
        let flat = flat(batch)?;
        let cells = flat.column_by_name("event.commerce.revenue").expect("a column").as_primitive::<Int64Type>();
        assert_eq!(cells.iter().collect::<Vec<_>>(), [Some(5), None, None]);
        Ok(())
    }
}
