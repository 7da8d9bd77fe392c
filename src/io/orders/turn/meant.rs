//! Columns of a block that say what a row is.

use clivia_core::base::Money;

use crate::blocks::Block;
use crate::cells::Cells;
use crate::error::TableError;
use crate::orders::meaning::Meaning;

/// Columns that say more of a row.
pub(super) struct Meant {
    pub(super) status: Vec<Cells>,
    pub(super) refunded: Option<Cells>,
    pub(super) refund_customer: Option<Cells>,
    /// The columns that are empty in a further row of an order.
    empty: Vec<Cells>,
    /// The order that such a row goes on with.
    goes_on_with: Option<Cells>,
}

impl Meant {
    pub(super) fn of(meaning: &Meaning, block: &Block) -> Result<Self, TableError> {
        let get = |name: &String| block.cells(name);
        let amount = meaning.amount.as_ref();
        let continuation = amount.and_then(|amount| amount.continuation.as_ref());
        let status = meaning.status.iter().flat_map(|rule| &rule.columns);
        Ok(Meant {
            status: status.map(|column| get(&column.column)).collect::<Result<_, _>>()?,
            refunded: amount.and_then(|amount| amount.refunded.as_ref()).map(get).transpose()?,
            refund_customer: meaning.refund_customer.as_ref().map(get).transpose()?,
            empty: continuation.iter().flat_map(|rows| &rows.empty).map(get).collect::<Result<_, _>>()?,
            goes_on_with: continuation.map(|rows| get(&rows.order)).transpose()?,
        })
    }

    /// Whether a row goes on with an order.
    pub(super) fn continues(&self, row: usize) -> bool {
        let has_order = self.goes_on_with.as_ref().is_some_and(|order| order.name(row).is_some());
        has_order && self.empty.iter().all(|cells| cells.name(row).is_none())
    }
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowIs {
    Purchase,
    Refund,
    NoPurchase,
    /// A further row of an order.
    Continued,
}

/// Money that was given back, however it is signed.
pub(super) fn given_back(amount: Money) -> Money {
    Money(-amount.0.saturating_abs())
}
