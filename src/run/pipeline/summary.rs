//! Only the first half of the way: orders to summary.

use std::sync::Arc;

use crate::pipeline::{Clock, Folded, Inputs, Run, WithoutPurchase, check_rows};
use clivia_io::settings::Settings;
use crate::error::Error;
use clivia_core::ledger::ReturnsSettled;
use clivia_core::summary::Summary;
use clivia_io::blocks::Progress;
use clivia_io::orders::OrdersRead;
use clivia_io::rejects::{RefusedCounts, Rejects};

/// What orders come to, before anything is scored.
#[derive(Debug)]
pub struct Summarised {
    /// The settings as they came to be used.
    pub settings: Settings,
    /// What reading the orders came to.
    pub orders: OrdersRead,
    /// What returns did.
    pub returns: ReturnsSettled,
    /// Customers whose every order was undone.
    pub without_purchase: WithoutPurchase,
    /// All other customers.
    pub summary: Summary,
    /// Rows that were not used, by table and rule.
    pub refused: RefusedCounts,
    /// What a reader of the results should know.
    pub warnings: Vec<String>,
    /// Seconds by stage.
    pub timings: Vec<(&'static str, f64)>,
}

/// Sums up a customer base: frequency, recency, age and spend of each customer, for whatever is done with them elsewhere.
///
/// # Errors
/// [`Error`] where a file or setting cannot be used, or no purchase stands.
pub fn summarise(
    inputs: &Inputs,
    settings: &Settings,
    rejects: Rejects,
    progress: &Arc<Progress>,
) -> Result<Summarised, Error> {
    settings.check()?;
    let settings = settings.clone();
    Run { inputs, settings, frozen: None, rejects, progress, warnings: Vec::new(), clock: Clock::new(progress) }
        .summarise()
}

impl Run<'_> {
    fn summarise(mut self) -> Result<Summarised, Error> {
        let (orders, builder) = self.read_orders()?;
        self.clock.enter("summing up");
        let Folded { summary, without_purchase, returns, .. } = self.sum_up(&orders, builder, false)?;
        let refused = self.rejects.finish()?;
        check_rows(&orders, None, None, &refused)?;
        let (settings, warnings) = (self.settings, self.warnings);
        let timings = self.clock.stop();
        Ok(Summarised { settings, orders, returns, without_purchase, summary, refused, warnings, timings })
    }
}
