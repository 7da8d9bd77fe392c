//! How a table of subscriptions is read, found out of the table itself.

use clivia_core::control::Control;

use crate::blocks::Origin;
use crate::dates::{DateReader, Looked};
use crate::error::TableError;
use crate::plan::{ReadSettings, SubscriptionsPlan};
use crate::source::{Source, Wanted};
use crate::subscriptions::{SubscriptionMapping, SubscriptionsReader, settle_all};

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
    let wanted = Wanted { columns: &columns, fingerprints: false };
    let (origin, mut first) = (Origin::of(source), None);
    source.read(&wanted, reader.read, &Control::default(), &mut |part| {
        first = part.into_block(&origin, false).transpose();
        first.is_none() && !control.is_cancelled()
    })?;
    control.check()?;
    if let Some(first) = first.transpose()? {
        settle_all(Looked { source, settings: reader.read, control }, &mapping, &first, &mut dates)?;
    }
    planned(reader, source, &mapping, &dates)
}

/// The plan of a source of which everything has been found out.
pub(super) fn planned(
    reader: &SubscriptionsReader<'_>,
    source: &dyn Source,
    mapping: &SubscriptionMapping,
    dates: &DateReader,
) -> Result<SubscriptionsPlan, TableError> {
    let ReadSettings { delimiter, encoding, decimal, date_format, timezone, .. } = source.settled(reader.read)?;
    Ok(SubscriptionsPlan {
        version: SubscriptionsPlan::VERSION,
        delimiter,
        encoding,
        decimal,
        date_format,
        day_or_month_first: dates.order,
        timezone,
        currency: None,
        amount_expression: None,
        columns: mapping.clone(),
    })
}
