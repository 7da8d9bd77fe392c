//! Models fitted to the beginning of the orders and judged by the rest.

use std::sync::Arc;

use crate::pipeline::models::Cut;
use crate::pipeline::{Clock, Inputs, Run, check_rows};
use clivia_io::settings::Settings;
use crate::error::Error;
use clivia_core::models::ModelName;
use clivia_core::summary::SummaryError;
use clivia_io::blocks::Progress;
use clivia_io::orders::OrdersRead;
use clivia_io::rejects::{RefusedCounts, Rejects};
use clivia_core::validation::Contested;

/// A validation with what it was made from.
#[derive(Debug)]
pub struct Validated {
    /// The settings as they came to be used.
    pub settings: Settings,
    /// What reading the orders came to.
    pub orders: OrdersRead,
    /// How the models did.
    pub contested: Contested,
    /// Rows that were not used, by table and rule.
    pub refused: RefusedCounts,
    /// What a reader of the results should know.
    pub warnings: Vec<String>,
    /// Seconds by stage.
    pub timings: Vec<(&'static str, f64)>,
}

/// Validates purchase models on a holdout: reads, sums up, cuts, fits each to the calibration, compares.
///
/// The holdout ends with the data, or with `summary.as_of`; its length is `models.holdout`, else a third of the time
/// observed.
///
/// # Errors
/// [`Error`] where a file or setting cannot be used, or nobody had bought before the holdout.
pub fn validate(
    inputs: &Inputs,
    settings: &Settings,
    models: &[ModelName],
    rejects: Rejects,
    progress: &Arc<Progress>,
) -> Result<Validated, Error> {
    settings.check()?;
    let settings = settings.clone();
    Run { inputs, settings, frozen: None, rejects, progress, warnings: Vec::new(), clock: Clock::new(progress) }
        .validate(models)
}

impl Run<'_> {
    fn validate(mut self, models: &[ModelName]) -> Result<Validated, Error> {
        let (orders, builder) = self.read_orders()?;
        let attributes = self.read_attributes()?;
        self.clock.enter("summing up");
        let (days, cut) = (builder.days(), Cut::of(&builder, &self.settings)?);
        let folded = self.sum_up(&orders, builder, true)?;
        let (Some((first, _)), Some(cut), Some(ledger)) = (days, cut, folded.ledger) else {
            return Err(SummaryError::NoOrders.into());
        };
        if first > cut.window.calibration_end {
            let (last, days) = (cut.window.holdout_end(), cut.window.holdout_days);
            return Err(Error::Holdout { first, last, days });
        }
        let contested = self.contest(&cut, &ledger, attributes.as_ref(), models)?;
        let refused = self.rejects.finish()?;
        check_rows(&orders, None, attributes.as_ref(), &refused)?;
        let (settings, warnings) = (self.settings, self.warnings);
        Ok(Validated { settings, orders, contested, refused, warnings, timings: self.clock.stop() })
    }
}
