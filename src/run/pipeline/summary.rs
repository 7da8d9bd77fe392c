//! Only the first half of the way: orders to summary.

use clivia_core::control::Control;
use clivia_core::ledger::ReturnsSettled;
use clivia_core::notes::Note;
use clivia_core::score::WithoutPurchase;
use clivia_core::summary::Summary;
use clivia_io::orders::OrdersRead;
use clivia_io::rejects::{RefusedCounts, Rejects};
use clivia_io::settings::Settings;

use super::{Folded, Inputs, Running, check_rows, sorted};
use crate::error::Error;

/// What orders come to, before anything is scored.
#[derive(Debug)]
pub struct Summarised {
    /// The settings as they were given.
    pub settings: Settings,
    /// What reading the orders came to.
    pub orders: OrdersRead,
    /// What returns did.
    pub returns: ReturnsSettled,
    /// Customers all of whose orders were returned.
    pub without_purchase: WithoutPurchase,
    /// All other customers.
    pub summary: Summary,
    /// Rows that were not used, by table and rule.
    pub refused: RefusedCounts,
    /// What a reader of the results should know, the most important first.
    pub notes: Vec<Note>,
    /// Seconds by stage.
    pub timings: Vec<(&'static str, f64)>,
}

/// Sums up a customer base: frequency, ages and spend of each customer, for whatever is done with them elsewhere.
///
/// # Errors
/// [`Error`] where a source or setting cannot be used, no purchase stands, or `control` was cancelled.
pub fn summarise(
    inputs: &Inputs,
    settings: &Settings,
    rejects: Rejects,
    control: &Control,
) -> Result<Summarised, Error> {
    Running::new(inputs, settings, rejects, control)?.summarise()
}

impl Running<'_> {
    fn summarise(mut self) -> Result<Summarised, Error> {
        let (orders, builder) = self.read_orders(false, !self.inputs.contacts.is_empty())?;
        self.control.enter("summing up");
        let Folded { summary, without_purchase, returns, .. } = self.sum_up(&orders, builder, false)?;
        self.control.check()?;
        let refused = self.rejects.finish()?;
        check_rows(&orders, None, None, &refused)?;
        let (settings, notes, timings) = (self.settings, sorted(self.notes), self.control.timings());
        Ok(Summarised { settings, orders, returns, without_purchase, summary, refused, notes, timings })
    }
}
