//! A customer base kept from day to day: new orders are folded in without reading the old ones again.
//!
//! A state is a folder. Each update adds a *segment*: the order lines of its files, those that settling cannot tell
//! apart made one, as Parquet, with the rows that were refused beside them. `manifest.json` names the segments that
//! count, how files are read, and what they came to; it is replaced as the last step, at once. So whatever ends an
//! update, the state is the one before it or the one after it, and anything else in the folder is rubbish that the next
//! update removes.
//!
//! An order that is replaced or cancelled is not looked for: the newer segment says that its lines in older segments no
//! longer count, and they are passed over whenever segments are read. Small segments are merged into larger ones from
//! time to time, without them.
//!
//! The Parquet files of a segment, `segment-000001/part-00.parquet` and so on, have a row for all lines of one customer,
//! day, order and sign:
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `customer_id` | text | the id as it came |
//! | `day` | date | the day |
//! | `second` | 32-bit, or null | the earliest time of day, in seconds, where it is known; none of amounts below zero |
//! | `amount` | 64-bit | the sum, in 1/10,000 of the currency unit |
//! | `order` | 64-bit | a fingerprint of the order id (XXH3), 0 without one |
//! | `profit` | 64-bit, or null | the sum of what is known to be profit, in 1/10,000 |
//! | `lines` | 32-bit | how many lines of the order files these are |
//!
//! ```
//! use clivia_io::settings::Settings;
//! use clivia_run::pipeline::{score, Inputs};
//! use clivia_run::state::{NewOrders, State, Updating};
//! use clivia_io::rejects::Rejects;
//! use clivia_io::files;
//! use clivia_core::control::Control;
//!
//! let home = tempfile::tempdir()?;
//! let (folder, control) = (home.path().join("state"), Control::default());
//! for (name, orders) in [("monday.csv", "a,2024-01-01,5\nb,2024-01-01,7\n"), ("tuesday.csv", "a,2024-01-02,9\n")] {
//!     let file = home.path().join(name);
//!     std::fs::write(&file, format!("customer_id,date,amount\n{orders}"))?;
//!     let new = NewOrders { orders: files::find(&[file])?, ..NewOrders::default() };
//!     Updating::open(&folder)?.update(&new, &Settings::default(), None, &control)?;
//! }
//! let inputs = Inputs { state: Some(State::open(&folder)?), ..Inputs::default() };
//! let scored = score(&inputs, &Settings::default(), None, Rejects::counting(false), &control)?;
//! assert_eq!((scored.orders.rows.used, scored.summary.len()), (3, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compaction;
mod folder;
mod gone;
mod known;
mod manifest;
mod reading;
mod segment;
mod update;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use polars::prelude::PolarsError;

use crate::error::Error;
use clivia_core::base::Day;
use clivia_core::control::Control;
use clivia_core::ledger::LedgerBuilder;
use clivia_io::orders::{Mapping, OrdersRead};
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use gone::Gone;
use manifest::{Manifest, Totals};
pub use reading::Reading;
pub use update::{NewOrders, Updated, Updating};

/// Why a state cannot be used or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The file system said no.
    #[error("{file}: {cause}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the system said.
        cause: io::Error,
    },
    /// A table could not be encoded.
    #[error("{file}: {cause}")]
    Encode {
        /// The file.
        file: String,
        /// What polars said.
        cause: PolarsError,
    },
    /// There is no state.
    #[error("{0}: there is no state; make one from all orders so far: clivia update {0} ORDERS")]
    None(String),
    /// A folder with something else in it.
    #[error("{folder}: this is not a state, because it holds {found}; name another folder, or an empty one")]
    NotOne {
        /// The folder.
        folder: String,
        /// What is in it.
        found: String,
    },
    /// Another update is at work.
    #[error("{0}: another update is at work there; run this one again when it has ended")]
    Busy(String),
    /// A state of another version.
    #[error(
        "{folder}: this state has format {found}, and this version of clivia reads format {read}; use the version that made it, or make it again from the orders"
    )]
    Version {
        /// The folder.
        folder: String,
        /// Its format.
        found: u64,
        /// The format that can be read.
        read: u64,
    },
    /// A state that is not as it was written.
    #[error("{folder}: the state is damaged: {cause}; restore it from a backup, or make it again from the orders")]
    Damaged {
        /// The folder.
        folder: String,
        /// What is wrong.
        cause: String,
    },
    /// Rows would not mean what they mean in the state.
    #[error(
        "{folder}: {setting} is {held} in the state, not {given}; all its orders must be read in the same way, so leave the setting out or make another state from the orders"
    )]
    Setting {
        /// The folder.
        folder: String,
        /// The setting.
        setting: String,
        /// Its value in the state.
        held: String,
        /// Its value now.
        given: String,
    },
    /// Equal lines cannot be told without all lines.
    #[error(
        "orders.duplicates = \"drop\" needs every line ever read, and a state keeps sums; to give orders again that are in the state already, update with update.replace, which takes the new lines of an order for all its old ones"
    )]
    Duplicates,
    /// Corrections need order ids.
    #[error(
        "{0} tells orders by their ids, and the orders have no order-id column; name it with orders.order when the state is made"
    )]
    NoOrderIds(&'static str),
    /// A file that is in the state already.
    #[error(
        "{folder}: {file} was taken in by an earlier update and has not changed since; its orders would count twice. To count them twice all the same, add update.again = true"
    )]
    Taken {
        /// The folder.
        folder: String,
        /// The file.
        file: String,
    },
    /// A file whose rows are in the state already.
    #[error(
        "{folder}: {file} holds the same rows as {of}, which an earlier update took in; its orders would count twice. To count them twice all the same, add update.again = true"
    )]
    Same {
        /// The folder.
        folder: String,
        /// The file.
        file: String,
        /// The one that was taken in.
        of: String,
    },
    /// A file that begins with one that is in the state already.
    #[error(
        "{folder}: the first {rows} rows of {file} were counted before, as {of}; only what follows is new. Give a file of the header and the rows behind these; or, where orders have ids, add update.replace = true, which takes the new lines of an order for all its old ones; update.again = true counts all rows"
    )]
    Longer {
        /// The folder.
        folder: String,
        /// The file.
        file: String,
        /// The one that was taken in.
        of: String,
        /// Its rows.
        rows: u64,
    },
    /// A file most of whose rows are in the state already.
    #[error(
        "{folder}: about {rows} of the {all} rows of {file} are in the state already; they would count twice. Give the new rows alone; or, where orders have ids, add update.replace = true, which takes the new lines of an order for all its old ones; update.again = true counts all rows"
    )]
    Mostly {
        /// The folder.
        folder: String,
        /// The file.
        file: String,
        /// About how many rows are known.
        rows: u64,
        /// How many there are.
        all: u64,
    },
    /// A day before the last one.
    #[error(
        "{folder}: summary.as_of = {as_of} is before {last}, the last day of the state, which cannot leave days out; score the order files themselves, or cancel what is wrongly dated with update.cancel"
    )]
    AsOf {
        /// The folder.
        folder: String,
        /// The as-of date.
        as_of: Day,
        /// The last day of the state.
        last: Day,
    },
    /// The share of profit is asked for and not there.
    #[error(
        "{0}: the state holds no profit of order lines, so orders.observed_margin = true finds none; give orders.observed_margin = true when the state is made"
    )]
    NoProfit(String),
}

/// A state to be read. Updates may go on meanwhile; it stays what it was when it was opened.
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
    manifest: Manifest,
    /// Held while segments may be read: an update that makes them superfluous leaves them to the next.
    _reading: Option<File>,
}

impl State {
    /// Opens the state in a folder.
    ///
    /// # Errors
    /// [`StateError`] where there is none, or it is damaged or of another version.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let reading = folder::lock_reading(folder)?;
        let manifest = Manifest::load(folder)?.ok_or_else(|| StateError::None(shown(folder)))?;
        Ok(State { folder: folder.into(), manifest, _reading: reading })
    }

    /// How its orders were read.
    pub fn reading(&self) -> &Reading {
        &self.manifest.reading
    }

    /// Bytes of its segments, where the system tells.
    pub fn bytes(&self) -> u64 {
        let parts = self.manifest.segments.iter().flat_map(|segment| segment.paths(&self.folder));
        parts.filter_map(|part| Some(part.metadata().ok()?.len())).sum()
    }

    /// Checks that settings read orders as the state's were read, and that what they ask for is there; `frozen` says
    /// whether they are those of another run, whose columns may have other names.
    ///
    /// # Errors
    /// [`StateError::Setting`] naming the first that differs, [`StateError::NoProfit`].
    pub fn check(&self, settings: &Settings, frozen: bool) -> Result<(), StateError> {
        self.reading().check_run(&Reading::of(settings), frozen, &shown(&self.folder))?;
        let of_profit = |mapping: &Mapping| mapping.margin.is_some() || mapping.cost.is_some();
        let profit = self.manifest.carried.mapping.as_ref().is_some_and(of_profit);
        match settings.orders.observed_margin && !profit && !self.reading().orders.observed_margin {
            true => Err(StateError::NoProfit(shown(&self.folder))),
            false => Ok(()),
        }
    }

    /// Takes all lines that count to `builder`, and the refused rows of all updates to `rejects`: as if the files were
    /// read now, one after the other.
    pub(crate) fn read(
        &self,
        clocks: bool,
        builder: &mut LedgerBuilder,
        rejects: &mut Rejects,
        control: &Control,
    ) -> Result<OrdersRead, Error> {
        let gone = Gone::of(&self.folder, &self.manifest)?;
        let mut totals = Totals::default();
        for (position, segment) in self.manifest.segments.iter().enumerate() {
            let of_segment =
                segment.read(&self.folder, position, &gone, clocks, control, |lines| builder.absorb(&lines))?;
            totals.add(&segment.totals.without(&of_segment));
            segment.append_rejects(&self.folder, rejects)?;
        }
        Ok(totals.into_orders(&self.manifest.carried))
    }

    /// Checks that no day of the state lies after the as-of date.
    pub(crate) fn check_as_of(&self, as_of: Option<Day>, days: Option<(Day, Day)>) -> Result<(), StateError> {
        match as_of.zip(days) {
            Some((as_of, (_, last))) if as_of < last => {
                Err(StateError::AsOf { folder: shown(&self.folder), as_of, last })
            }
            _ => Ok(()),
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn io_error(path: &Path, cause: io::Error) -> StateError {
    StateError::Io { file: shown(path), cause }
}

fn damaged(folder: &Path, cause: impl Into<String>) -> StateError {
    StateError::Damaged { folder: shown(folder), cause: cause.into() }
}
