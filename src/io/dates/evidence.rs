//! Whether day or month comes first: what the dates of a source tell.

use clivia_core::control::Control;

use crate::blocks::{Block, Origin};
use crate::cells::Cells;
use crate::dates::{DateReader, OrderSeen, PartOrder, order_seen};
use crate::error::TableError;
use crate::plan::ReadSettings;
use crate::source::{Part, Source, Wanted};

/// A source whose dates are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Looked<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) settings: &'a ReadSettings,
    pub(crate) control: &'a Control,
}

/// Finds out whether day or month comes first in a column, where its dates need it: by the first block, and where that
/// leaves it open, by the whole source. Where no date of the source tells, it is as in the source before.
pub(crate) fn settle(looked: Looked, column: &str, first: &Block, dates: &mut DateReader) -> Result<(), TableError> {
    if dates.format.is_some() {
        return Ok(());
    }
    let open = match seen(&looked, column, first)? {
        Seen::Needless => return Ok(()),
        Seen::Known(order) => {
            dates.order = Some(order);
            return Ok(());
        }
        Seen::Contradicted(error) => return Err(error),
        Seen::Open(error) => error,
    };
    match looked.further(column)? {
        Some(order) => dates.order = Some(order),
        None if dates.order.is_some() => {}
        None => return Err(open),
    }
    Ok(())
}

/// What the dates of a block tell.
enum Seen {
    Needless,
    Known(PartOrder),
    /// None tells; the error of a source in which no other does.
    Open(TableError),
    Contradicted(TableError),
}

fn seen(looked: &Looked, column: &str, block: &Block) -> Result<Seen, TableError> {
    let Cells::Text(text) = block.cells(column)? else { return Ok(Seen::Needless) };
    let ambiguous = |row| TableError::AmbiguousDates {
        file: looked.source.name().into(),
        row: block.rows.get(row),
        column: column.into(),
        value: text.get(row).unwrap_or_default().into(),
    };
    Ok(match order_seen(text.iter().map(Option::unwrap_or_default)) {
        OrderSeen::NotNeeded => Seen::Needless,
        OrderSeen::Known(order) => Seen::Known(order),
        OrderSeen::Ambiguous(row) => Seen::Open(ambiguous(row)),
        OrderSeen::Contradicted(row) => Seen::Contradicted(ambiguous(row)),
    })
}

impl Looked<'_> {
    /// Looks on until a date tells, reading nothing but dates.
    fn further(&self, column: &str) -> Result<Option<PartOrder>, TableError> {
        if !self.source.can_be_read_again() {
            return Ok(None);
        }
        let columns = [column.to_string()];
        let wanted = Wanted { columns: &columns, fingerprints: false };
        let (origin, mut found) = (Origin::of(self.source), Ok(None));
        // What is read twice counts once.
        self.source.read(&wanted, self.settings, &Control::default(), &mut |part| {
            found = self.look(column, part, &origin);
            matches!(found, Ok(None))
        })?;
        found
    }

    /// What the dates of some rows tell; nothing where they do not.
    fn look(&self, column: &str, part: Part, origin: &Origin) -> Result<Option<PartOrder>, TableError> {
        self.control.check()?;
        let Some(block) = part.into_block(origin, false)? else { return Ok(None) };
        match seen(self, column, &block)? {
            Seen::Known(order) => Ok(Some(order)),
            Seen::Contradicted(error) => Err(error),
            Seen::Needless | Seen::Open(_) => Ok(None),
        }
    }
}
