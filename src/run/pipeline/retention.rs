//! Subscriptions in, customers valued out: reading, the model, what is to come.

use clivia_core::control::Control;
use clivia_core::notes;
use clivia_core::notes::Note;
use clivia_core::retention;
use clivia_core::retention::forecast::Outlook;
use clivia_core::retention::{Retention, RetentionError, Spell, current_spells};
use clivia_io::rejects::{RefusedCounts, Rejects};
use clivia_io::settings::Settings;
use clivia_io::subscriptions::{Subscriptions, SubscriptionsReader, rules};
use clivia_io::unreadable::Table;

use super::{Inputs, Running, sorted};
use crate::error::Error;

/// The name of the table in the list of refused rows.
pub const SUBSCRIPTIONS: &str = "subscriptions";

/// A base of subscriptions, read and valued.
#[derive(Debug)]
pub struct Retained {
    /// The settings as they were given.
    pub settings: Settings,
    /// The table.
    pub subscriptions: Subscriptions,
    /// Refused rows, by rule.
    pub refused: RefusedCounts,
    /// The model and what it says.
    pub retention: Retention,
    /// The place of each customer's latest subscription, in the order of their ids.
    pub current: Vec<u32>,
    /// What a reader of the results should know, the most important first.
    pub notes: Vec<Note>,
    /// Seconds by stage.
    pub timings: Vec<(&'static str, f64)>,
}

/// A customer with what is to come from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subscriber<'a> {
    /// The customer.
    pub id: &'a str,
    /// How many subscriptions it has had, gaps between them.
    pub subscriptions: u32,
    /// The latest of them.
    pub spell: Spell,
    /// Whether that runs.
    pub is_active: bool,
    /// What is to come.
    pub outlook: Outlook,
}

impl Retained {
    /// The customer at a place in the order of ids; `None` beyond the last.
    pub fn subscriber(&self, place: usize) -> Option<Subscriber<'_>> {
        let last = *self.current.get(place)?;
        let spell = *self.subscriptions.spells.get(last as usize)?;
        let before = place.checked_sub(1).map_or(0, |before| self.current[before] + 1);
        let as_of = self.retention.as_of;
        Some(Subscriber {
            id: self.subscriptions.ids.get(spell.customer as usize),
            subscriptions: last + 1 - before,
            spell,
            is_active: !spell.has_ended(as_of),
            outlook: self.retention.forecasts.outlook(&spell, as_of),
        })
    }

    /// Subscriptions that ended in a period that has not run out yet, which the model does not see.
    pub fn ended_early(&self) -> u64 {
        let (period, as_of) = (self.settings.retention.period, self.retention.as_of);
        let is_hidden = |spell: &&Spell| spell.has_ended(as_of) && !spell.tenure(period, as_of).ended;
        self.subscriptions.spells.iter().filter(is_hidden).count() as u64
    }
}

/// Values customers under contract: reads their subscriptions, fits the model, looks ahead.
///
/// # Errors
/// [`Error`] where a source or setting cannot be used, no subscription can, the model cannot be fitted, or `control` was
/// cancelled.
pub fn retain(inputs: &Inputs, settings: &Settings, rejects: Rejects, control: &Control) -> Result<Retained, Error> {
    Running::new(inputs, settings, rejects, control)?.retain()
}

impl Running<'_> {
    fn retain(mut self) -> Result<Retained, Error> {
        let as_of = self.settings.summary.as_of;
        let subscriptions = self.read_subscriptions()?;
        if subscriptions.spells.is_empty() {
            let rules = rules(self.rejects.counts().get(SUBSCRIPTIONS));
            return Err(RetentionError::NothingUsed { rows: subscriptions.rows.read, rules }.into());
        }
        self.note_unreadable(Table { name: SUBSCRIPTIONS, rows: subscriptions.rows, turnover: None })?;
        let refused = self.rejects.finish()?;
        balanced(&subscriptions)?;
        self.control.check()?;
        self.control.enter("fitting");
        let retention = retention::retain(&subscriptions.spells, subscriptions.as_of, &self.settings.retention)?;
        self.notes.extend(subscriptions.notes(as_of.is_some()));
        self.notes.extend(notes::warnings("retention_model", retention.warnings.iter().cloned()));
        let current = current_spells(&subscriptions.spells);
        let (settings, notes, timings) = (self.settings, sorted(self.notes), self.control.timings());
        Ok(Retained { settings, subscriptions, refused, retention, current, notes, timings })
    }

    fn read_subscriptions(&mut self) -> Result<Subscriptions, Error> {
        self.control.enter("reading subscriptions");
        self.rejects.begin(SUBSCRIPTIONS)?;
        let Settings { read, subscription_columns: columns, summary, .. } = &self.settings;
        let reader = SubscriptionsReader { read, columns, as_of: summary.as_of, plan: None };
        Ok(reader.read(&self.inputs.subscriptions, self.control, &mut self.rejects)?)
    }
}

/// Every row and all money are either used or refused.
fn balanced(read: &Subscriptions) -> Result<(), Error> {
    let (rows, money) = (read.rows, read.money);
    if rows.read != rows.used + rows.refused + rows.left_out {
        let [read, used, refused] = [rows.read, rows.used, rows.refused].map(|rows| rows.to_string());
        return Err(Error::NotBalanced { what: "rows", read, used, refused });
    }
    if money.read != money.used + money.refused + money.left_out {
        let [read, used, refused] = [money.read, money.used, money.refused].map(|money| money.to_string());
        return Err(Error::NotBalanced { what: "money", read, used, refused });
    }
    Ok(())
}
