//! Order lines, cleaned: what every reader hands over and the ledger sums up.

mod lines;

use serde::{Deserialize, Serialize};

use crate::base::ids::Id;
use crate::base::{Moment, Money};
#[cfg(test)]
pub(crate) use lines::partition;
pub(crate) use lines::{IdBytes, PARTITION_BITS, Packed, unpack};
pub use lines::{LineRef, Lines, PARTITIONS, Told};

/// What happens to rows with a negative amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReturnsPolicy {
    /// They undo purchases: of the same day first, then the earlier order that they match.
    #[default]
    Net,
    /// They lower revenue but undo no purchase.
    Ignore,
    /// They are refused.
    Reject,
}

/// One usable order line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Who.
    pub customer: Id,
    /// When.
    pub at: Moment,
    /// For how much; zero where the file has no amounts.
    pub amount: Money,
    /// A fingerprint of the order id; 0 where there is none.
    pub order: u64,
    /// Its profit, where a margin or cost column says.
    pub profit: Option<Money>,
}

/// Profit observed in the order file.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Profit {
    /// Rows whose profit is known.
    pub rows: u64,
    /// Their amounts.
    pub amount: Money,
    /// Their profit: the margin column, or amount less the cost column.
    pub profit: Money,
}

impl Profit {
    /// Adds more rows.
    pub fn add(&mut self, more: Profit) {
        self.rows += more.rows;
        self.amount = Money(self.amount.0.saturating_add(more.amount.0));
        self.profit = Money(self.profit.0.saturating_add(more.profit.0));
    }

    /// The share of money that is profit; `None` where it is not above 0 and at most 1.
    pub fn share(&self) -> Option<f64> {
        let share = self.profit.to_f64() / self.amount.to_f64();
        (share > 0.0 && share <= 1.0).then_some(share)
    }
}
