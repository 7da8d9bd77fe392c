//! The decimal sign of a column of a source, looked for before it is read.

use crate::blocks::{each_block, first_block};
use crate::dates::Looked;
use crate::error::TableError;
use crate::numbers::{DecimalVerdict, NumberEvidence};
use crate::plan::Decimal;

/// The decimal sign of a column: the stated one, else what its first values show, and where these show nothing, all of
/// them.
pub(crate) fn settle(looked: Looked, column: Option<&str>) -> Result<Decimal, TableError> {
    let Looked { source, settings, control } = looked;
    let (None, Some(column)) = (settings.decimal, column) else { return Ok(settings.decimal()) };
    if !source.can_be_read_again() {
        return Ok(settings.decimal());
    }
    let columns = [column.to_string()];
    let Some(first) = first_block(source, settings, &columns, control)? else { return Ok(settings.decimal()) };
    let mut seen = NumberEvidence::of(&first.cells(column)?, &first.rows);
    if !shows_its_sign(&seen) {
        seen = NumberEvidence::default();
        each_block(source, settings, &columns, &control.uncounted(), |block| {
            seen.merge(&NumberEvidence::of(&block.cells(column)?, &block.rows));
            Ok(())
        })?;
    }
    match seen.decide(None) {
        DecimalVerdict::Settled(decimal) => Ok(decimal),
        DecimalVerdict::Question(readings) | DecimalVerdict::Mixed(readings) => {
            Err(TableError::Question(Box::new(readings.question(source.name(), column))))
        }
    }
}

/// Whether some values have one sign only, and none is open.
fn shows_its_sign(seen: &NumberEvidence) -> bool {
    let readings = seen.readings();
    let settled = matches!(seen.decide(None), DecimalVerdict::Settled(_));
    settled && readings.only_point + readings.only_comma > 0
}
