//! Models fitted to the beginning of the orders and judged by the rest.

use clivia_core::control::Control;
use clivia_core::models::ModelName;
use clivia_core::notes::Note;
use clivia_core::score::{Base, Check, Cut, contest};
use clivia_core::summary::SummaryError;
use clivia_core::validation::Contested;
use clivia_io::orders::OrdersRead;
use clivia_io::rejects::{RefusedCounts, Rejects};
use clivia_io::settings::Settings;

use super::{Inputs, Running, check_rows, sorted};
use crate::error::Error;

/// A validation with what it was made from.
#[derive(Debug)]
pub struct Validated {
    /// The settings as they were given.
    pub settings: Settings,
    /// What reading the orders came to.
    pub orders: OrdersRead,
    /// How the models did.
    pub contested: Contested,
    /// Rows that were not used, by table and rule.
    pub refused: RefusedCounts,
    /// What a reader of the results should know, the most important first.
    pub notes: Vec<Note>,
    /// Seconds by stage.
    pub timings: Vec<(&'static str, f64)>,
}

/// Validates purchase models on a holdout: reads, sums up, cuts, fits each to the calibration, compares.
///
/// The holdout ends with the data, or with `summary.as_of`; its length is `models.holdout`, else a third of the time
/// observed.
///
/// # Errors
/// [`Error`] where a source or setting cannot be used, nobody had bought before the holdout, or `control` was cancelled.
pub fn validate(
    inputs: &Inputs,
    settings: &Settings,
    models: &[ModelName],
    rejects: Rejects,
    control: &Control,
) -> Result<Validated, Error> {
    Running::new(inputs, settings, rejects, control)?.validate(models)
}

impl Running<'_> {
    fn validate(mut self, models: &[ModelName]) -> Result<Validated, Error> {
        let scoring = self.settings.score();
        scoring.check()?;
        let (orders, builder) = self.read_orders(false, !self.inputs.contacts.is_empty())?;
        let attributes = self.read_attributes()?;
        self.control.enter("summing up");
        let (days, cut) = (builder.days(), Cut::of(&builder, &scoring)?);
        let folded = self.sum_up(&orders, builder, true)?;
        let (Some((first, _)), Some(cut), Some(ledger)) = (days, cut, folded.ledger.as_ref()) else {
            return Err(SummaryError::NoOrders.into());
        };
        if first > cut.window.calibration_end {
            let (last, days) = (cut.window.holdout_end(), cut.window.holdout_days);
            return Err(Error::Holdout { first, last, days });
        }
        let base = Base {
            summary: &folded.summary,
            ledger: Some(ledger),
            order_profit: None,
            attributes: attributes.as_ref().map(|attributes| attributes as _),
            contacts: None,
            cut: Some(&cut),
        };
        let contested = contest(&base, &cut, ledger, models, &scoring, self.control)?;
        let refused = self.rejects.finish()?;
        check_rows(&orders, None, attributes.as_ref(), &refused)?;
        let (settings, notes, timings) = (self.settings, sorted(self.notes), self.control.timings());
        Ok(Validated { settings, orders, contested, refused, notes, timings })
    }
}
