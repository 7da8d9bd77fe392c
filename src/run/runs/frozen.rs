//! A finished run as a yardstick: another base measured by what was fitted to the first.

use std::path::Path;

use clivia_core::base::Day;
use clivia_core::score::{FittedBase, FittedContact};
use clivia_core::table::SCHEMA;
use clivia_io::settings::Settings;
use clivia_report::record::Record;

use crate::error::Error;
use crate::runs::nearest;

/// What was fitted in a finished run, and how its orders were read.
#[derive(Debug)]
pub struct Frozen {
    /// The run's settings, its as-of date left out: another file has its own.
    pub settings: Settings,
    /// The run's as-of date.
    pub as_of: Day,
    /// What was fitted.
    pub fitted: FittedBase,
    file: String,
}

impl Frozen {
    /// Reads a run.json, or that of a folder.
    ///
    /// # Errors
    /// [`Error::Frozen`] where it is not one, or has been changed into one that means nothing.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let record = nearest::record_of(path);
        let file = record.display().to_string();
        let wrong = |cause: String| Error::Frozen { file: file.clone(), cause };
        let text = std::fs::read_to_string(&record).map_err(|error| wrong(nearest::unreadable(&record, &error)))?;
        let record: Record = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if record.schema > SCHEMA {
            return Err(wrong(format!(
                "clivia {} wrote it, in a form that this version does not know: use that version, or score again",
                record.version
            )));
        }
        Ok(Self::of(&record, file))
    }

    /// What a record holds of a run; `file` is its name in errors.
    pub fn of(record: &Record, file: String) -> Self {
        let mut settings = record.settled();
        settings.summary.as_of = None;
        if let Some(mapping) = &record.mapping {
            // The same columns are read again; what they say of profit was settled then.
            settings.orders.margin_column = mapping.margin.clone().unwrap_or_default();
            settings.orders.cost_column = mapping.cost.clone().unwrap_or_default();
        }
        settings.orders.observed_margin = false;
        Frozen { settings, as_of: record.as_of, fitted: record.fitted(), file }
    }

    /// A fitted base that was kept by itself; `settings` say how orders are read.
    pub fn by(fitted: FittedBase, mut settings: Settings) -> Self {
        settings.summary.as_of = None;
        settings.orders.observed_margin = false;
        Frozen { settings, as_of: Day(0), fitted, file: "the fitted base".into() }
    }

    /// Whether the run drew a map.
    pub fn has_map(&self) -> bool {
        self.fitted.map.is_some()
    }

    /// How contacts count, and the map's scales.
    ///
    /// # Errors
    /// [`Error::Frozen`] where the run had no contacts.
    pub fn contact(&self) -> Result<&FittedContact, Error> {
        self.fitted.map.as_ref().ok_or_else(|| Error::Frozen {
            file: self.file.clone(),
            cause: "that run had no contacts, so it has no map to place contacts on".into(),
        })
    }
}
