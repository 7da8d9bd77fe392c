//! From files of subscriptions to customers valued: reading, the model, what is to come.

use std::sync::Arc;

use serde::Serialize;

use crate::error::Error;
use clivia_core::base::Day;
use clivia_core::control::Control;
use clivia_core::notes::Note;
use clivia_core::retention::forecast::Outlook;
use clivia_core::retention::{Retention, RetentionError, RetentionSettings, Spell, current_spells, retain};
use clivia_io::plan::ReadSettings;
use clivia_io::rejects::{RefusedCounts, Rejects};
use clivia_io::source::Source;
use clivia_io::subscriptions::{SubscriptionColumns, Subscriptions, SubscriptionsReader, rules};

/// The name of the table in the list of refused rows.
pub const TABLE: &str = "subscriptions";

/// Everything that was set for a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RetainSettings {
    /// How files are read.
    pub read: ReadSettings,
    /// Which columns are used.
    pub columns: SubscriptionColumns,
    /// The last day that counts; the last day in the table where it is not given.
    pub as_of: Option<Day>,
    /// How the base is valued.
    #[serde(flatten)]
    pub retention: RetentionSettings,
}

/// A base of subscriptions, read and valued.
#[derive(Debug)]
pub struct Retained {
    /// Everything that was set.
    pub settings: RetainSettings,
    /// The table.
    pub subscriptions: Subscriptions,
    /// Refused rows, by rule.
    pub refused: RefusedCounts,
    /// The model and what it says.
    pub retention: Retention,
    /// The place of each customer's latest subscription, in the order of their ids.
    pub current: Vec<u32>,
    /// What a reader of the results should know.
    pub warnings: Vec<String>,
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

/// Reads subscriptions and values the base.
///
/// # Errors
/// [`Error`] where a file cannot be read, nothing in it can be used, or the model cannot be fitted.
pub fn retain_files(
    sources: &[Arc<dyn Source>],
    settings: &RetainSettings,
    mut rejects: Rejects,
    control: &Control,
) -> Result<Retained, Error> {
    settings.retention.check()?;
    rejects.begin(TABLE);
    control.enter("reading subscriptions");
    let reader =
        SubscriptionsReader { read: &settings.read, columns: &settings.columns, as_of: settings.as_of, plan: None };
    let subscriptions = reader.read(sources, control, &mut rejects)?;
    let refused = rejects.finish()?;
    if subscriptions.spells.is_empty() {
        let rules = rules(refused.get(TABLE));
        return Err(RetentionError::NothingUsed { rows: subscriptions.rows.read, rules }.into());
    }
    balanced(&subscriptions)?;
    control.enter("fitting");
    let retention = retain(&subscriptions.spells, subscriptions.as_of, &settings.retention)?;
    let notes = subscriptions.notes(settings.as_of.is_some());
    let warnings = [notes.iter().map(Note::to_string).collect(), retention.warnings.clone()].concat();
    let current = current_spells(&subscriptions.spells);
    Ok(Retained { settings: settings.clone(), subscriptions, refused, retention, current, warnings })
}

/// Every row and all money are either used or refused.
fn balanced(read: &Subscriptions) -> Result<(), Error> {
    let (rows, money) = (read.rows, read.money);
    if rows.read != rows.used + rows.refused {
        let [read, used, refused] = [rows.read, rows.used, rows.refused].map(|rows| rows.to_string());
        return Err(Error::NotBalanced { what: "rows", read, used, refused });
    }
    if money.read != money.used + money.refused {
        let [read, used, refused] = [money.read, money.used, money.refused].map(|money| money.to_string());
        return Err(Error::NotBalanced { what: "money", read, used, refused });
    }
    Ok(())
}
