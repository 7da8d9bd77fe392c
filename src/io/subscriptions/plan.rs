//! How a table of subscriptions is read, found out of the table itself.

use clivia_core::control::Control;

use crate::blocks::first_block;
use crate::dates::{DateReader, Looked};
use crate::error::TableError;
use crate::plan::SubscriptionsPlan;
use crate::source::Source;
use crate::subscriptions::{SubscriptionsReader, settle_all};

/// How a source would be read.
pub(super) fn plan(
    reader: &SubscriptionsReader<'_>,
    source: &dyn Source,
    control: &Control,
) -> Result<SubscriptionsPlan, TableError> {
    if let Some(plan) = reader.plan {
        return Ok(plan.clone());
    }
    let mapping = reader.mapping(source)?;
    let mut dates = DateReader::new(reader.read);
    let columns: Vec<String> = std::iter::once(&mapping.start).chain(mapping.days()).cloned().collect();
    if let Some(first) = first_block(source, reader.read, &columns, control)? {
        settle_all(Looked { source, settings: reader.read, control }, &mapping, &first, &mut dates)?;
    }
    let decimal = reader.decimal(&mapping, source, control)?;
    SubscriptionsPlan::of(source, reader.read, mapping, decimal, dates.order)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;
    use crate::plan::ReadSettings;
    use crate::rejects::Rejects;
    use crate::source::Batches;
    use crate::subscriptions::SubscriptionColumns;

    #[test]
    fn a_table_is_read_by_its_plan_as_without() -> Result<(), TableError> {
        let table = |starts: [&str; 2]| -> Arc<dyn Source> {
            let columns =
                [("customer", ["a", "b"]), ("start", starts), ("ended_at", ["", ""]), ("canceled_at", ["", ""])];
            let columns = columns.map(|(name, cells)| (name, Arc::new(StringArray::from(cells.to_vec())) as ArrayRef));
            let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
            Arc::new(Batches::new("subscriptions", batch.schema(), vec![batch]))
        };
        let (settings, columns) = (ReadSettings::default(), SubscriptionColumns::default());
        let reader = SubscriptionsReader { read: &settings, columns: &columns, as_of: None, plan: None };
        let control = Control::default();
        let plan = reader.plan_of(table(["25/12/2023", "03/04/2024"]).as_ref(), &control)?;
        assert_eq!(
            (plan.columns.end.as_deref(), plan.columns.cancelled.as_deref()),
            (Some("ended_at"), Some("canceled_at"))
        );
        assert_eq!(SubscriptionsPlan::parse(&plan.to_toml()?, "plan.toml")?, plan);
        let reader = SubscriptionsReader { plan: Some(&plan), ..reader };
        let read = reader.read(&[table(["03/04/2024", "03/04/2024"])], &control, &mut Rejects::counting(false))?;
        assert_eq!(read.spells.first().map(|spell| spell.start.to_string()).as_deref(), Some("2024-04-03"));
        assert_eq!(read.plan, Some(plan));
        Ok(())
    }
}
