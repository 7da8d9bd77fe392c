//! # The tour
//!
//! Orders in memory, from any engine that speaks Arrow, become scored customers; what was learned is applied to the next
//! month; and a run can be stopped:
//!
//! ```
//! use std::sync::Arc;
//! use arrow::array::{Float64Array, RecordBatch, StringArray};
//! use clivia::{Batches, Control, Inputs, Rejects, Settings, Source, score};
//!
//! // Orders of 60 customers, who buy every 5 to 14 days. With files, `clivia::files::find` gives the sources.
//! let orders = |month: u32| -> Result<Arc<dyn Source>, Box<dyn std::error::Error>> {
//!     let lines = (0..60_u32).flat_map(|customer| {
//!         let every = 5 + customer % 10;
//!         (0..(10 + customer % 7)).map(move |k| (customer, month * 28 + k * every))
//!     });
//!     let lines: Vec<(u32, u32)> = lines.collect();
//!     let day = |day: u32| clivia::Day(19_700 + day as i32).to_string();
//!     let batch = RecordBatch::try_from_iter([
//!         ("customer_id", Arc::new(StringArray::from_iter_values(lines.iter().map(|(c, _)| format!("C{c}")))) as _),
//!         ("date", Arc::new(StringArray::from_iter_values(lines.iter().map(|(_, d)| day(*d)))) as _),
//!         ("amount", Arc::new(Float64Array::from_iter_values(lines.iter().map(|(c, d)| f64::from(9 + c + d % 5)))) as _),
//!     ])?;
//!     Ok(Arc::new(Batches::new("orders", batch.schema(), vec![batch])))
//! };
//! let inputs = Inputs { orders: vec![orders(0)?], ..Inputs::default() };
//! let run = score(&inputs, &Settings::default(), None, Rejects::counting(false), &Control::default())?;
//! assert_eq!(run.customers().len(), 60);
//! for block in run.record_batches() {
//!     println!("{} rows of {} columns", block?.num_rows(), clivia::COLUMNS.len());
//! }
//!
//! // Next month, by what was learned in this one.
//! let next = Inputs { orders: vec![orders(1)?], ..Inputs::default() };
//! let again = score(&next, &Settings::default(), Some(&run.frozen()), Rejects::counting(false), &Control::default())?;
//! assert_eq!(again.fitted.rfm, run.fitted.rfm);
//!
//! // A run that is stopped leaves nothing.
//! let control = Control::default();
//! control.cancel();
//! let stopped = score(&inputs, &Settings::default(), None, Rejects::counting(false), &control);
//! assert!(stopped.is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | what | takes | gives |
//! |---|---|---|
//! | [`Source`], [`files::find`], [`Batches`], [`Stream`] | files, record batches, streams | rows |
//! | [`OrdersReader`], [`ReadingPlan`] | a source | order lines; refused rows in [`Rejects`] |
//! | [`LedgerBuilder`], [`Ledger`] | order lines | what a customer did on a day, returns settled |
//! | [`Summary`] | the ledger | frequency, ages and spend of each customer |
//! | [`fit`], [`FittedBase`] | a [`Base`]: the summary and what else is known | parameters, cut points, centroids, scales |
//! | [`FittedBase::apply`], [`Scored`] | a base | a verdict of each stage for every customer |
//! | [`models`] | histories | fitted models of purchases, spend and contracts, one file beside its paper |
//! | [`rfm`], [`clusters`], [`value`], [`intervals`], [`validation`], [`retention`] | the summary, models | scores and forecasts |
//! | [`contacts`], [`map`](mod@map), [`decide`] | the contact log, value | who is under-served, and what to change |
//! | [`score`], [`summarise`], [`validate`] | [`Inputs`] | a whole run, in memory |
//! | [`write_run`], [`Report`], [`runs`], [`State`] | a run | a folder; and what is done with finished runs |
//!
//! What is not re-exported here is internal and may change with every version.

// Reading.
pub use clivia_arrow::expression;
pub use clivia_io::error::TableError;
pub use clivia_io::files;
pub use clivia_io::memory::{Bytes, Memory};
pub use clivia_io::orders::{CurrencySettings, Given, Mapping, OrderSettings, OrdersRead, OrdersReader};
pub use clivia_io::plan::{Decimal, ReadSettings, ReadingPlan};
pub use clivia_io::rejects::{Reject, Rejects, Rule};
pub use clivia_io::settings::Settings;
pub use clivia_io::source::{Batches, Part, Source, Stream, Wanted};

// The quantities that every stage shares.
pub use clivia_core::base::ids::{Id, IdIndex, Ids};
pub use clivia_core::base::{Clock, Day, DiscountRate, Horizon, Moment, Money, TimeUnit};
pub use clivia_core::control::{Cancelled, Control};
pub use clivia_core::notes::{Note, Severity};

// Orders to summary.
pub use clivia_arrow::batches;
pub use clivia_core::ledger::{Ledger, LedgerBuilder};
pub use clivia_core::orders::{OrderLine, ReturnsPolicy};
pub use clivia_core::summary::{self, Summary, SummarySettings};

// Models and verdicts, stage by stage.
pub use clivia_core::{clusters, contacts, decide, intervals, map, models, numeric, retention, rfm, validation, value};

// A base fitted, and what was fitted applied.
pub use clivia_arrow::tables::customer_batches;
pub use clivia_core::score::columns::{COLUMNS, CustomerColumn, CustomerTable, Customers};
pub use clivia_core::score::{
    Attributes, Base, Checked, Contacted, Cut, FittedBase, ScoreError, ScoreSettings, Scored, WithoutPurchase, fit,
};

// Whole runs.
pub use clivia_core::simulate;
pub use clivia_io::staging::Staging;
pub use clivia_io::write::TableFormat;
pub use clivia_report::{Report, ReportOptions};
pub use clivia_run::error::Error;
pub use clivia_run::pipeline::{Inputs, Retained, Run, Summarised, Validated, retain, score, summarise, validate};
pub use clivia_run::publish::{SCORE_LEAVES, write_run};
pub use clivia_run::record::record;
pub use clivia_run::runs;
pub use clivia_run::state::State;

/// The examples of the page on the library, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
pub struct LibraryPage;
