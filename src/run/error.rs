//! One error over the stages' own.

use crate::state::StateError;
use arrow::error::ArrowError;
use clivia_core::base::{Day, UnitError};
use clivia_core::clusters::ClusterError;
use clivia_core::contacts::quality::QualityError;
use clivia_core::contacts::timing::TimingError;
use clivia_core::control::Cancelled;
use clivia_core::decide::corrections::CorrectionError;
use clivia_core::decide::managers::ManagerError;
use clivia_core::decide::plan::PlanError;
use clivia_core::intervals::IntervalError;
use clivia_core::ledger::SpillError;
use clivia_core::ledger::SumError;
use clivia_core::map::MapError;
use clivia_core::models::FitError;
use clivia_core::retention::RetentionError;
use clivia_core::rfm::RfmError;
use clivia_core::score::ScoreError;
use clivia_core::simulate::SimulationError;
use clivia_core::summary::SummaryError;
use clivia_io::error::TableError;
use clivia_io::memory::MemoryError;
use clivia_io::settings::ConfigError;
use clivia_io::write::ExportError;
use clivia_report::ReportError;

/// Whatever can go wrong on the way from files to scored customers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The run was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Fitting, or applying what was fitted.
    #[error(transparent)]
    Score(ScoreError),
    /// Record batches.
    #[error("record batches: {0}")]
    Arrow(#[from] ArrowError),
    /// Reading.
    #[error(transparent)]
    Table(TableError),
    /// Settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A quantity.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// Summing up.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// More than fits into memory, and the disk failed.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// More customers than fit into memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// RFM.
    #[error(transparent)]
    Rfm(#[from] RfmError),
    /// A model.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// Intervals.
    #[error(transparent)]
    Interval(#[from] IntervalError),
    /// Subscriptions.
    #[error(transparent)]
    Retention(#[from] RetentionError),
    /// Clusters.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Corrections.
    #[error(transparent)]
    Correction(#[from] CorrectionError),
    /// A plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Handing customers to managers.
    #[error(transparent)]
    Manager(#[from] ManagerError),
    /// Relating contacts to purchases.
    #[error(transparent)]
    Timing(#[from] TimingError),
    /// Contact quality.
    #[error(transparent)]
    Quality(#[from] QualityError),
    /// The map.
    #[error(transparent)]
    Map(#[from] MapError),
    /// Simulating.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// The state of a base.
    #[error(transparent)]
    State(#[from] StateError),
    /// Writing.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Every order line was refused.
    #[error(
        "no order line could be used: all {rows} were refused ({rules}); `clivia check` shows what is read, summary.as_of and the settings under [read] and [orders] decide what counts"
    )]
    NothingUsed {
        /// How many there are.
        rows: u64,
        /// How many each rule refused.
        rules: String,
    },
    /// Rows or money got lost on the way: a fault of this program, not of the data.
    #[error(
        "the books do not balance: {what} read {read}, used {used}, refused {refused}; \
         nothing was written. This is a fault of clivia, please report it"
    )]
    NotBalanced {
        /// Rows or money.
        what: &'static str,
        /// What came in.
        read: String,
        /// What counts.
        used: String,
        /// What does not.
        refused: String,
    },
    /// A holdout that leaves nothing to learn from.
    #[error(
        "a holdout of {days} days leaves nothing before it: orders go from {first} to {last}; shorten it with models.holdout"
    )]
    Holdout {
        /// The first purchase day.
        first: Day,
        /// The last day that counts.
        last: Day,
        /// Days of the holdout.
        days: u32,
    },
    /// A customer who is not in the results.
    #[error("{file}: there is no customer '{customer}'; ids are compared letter by letter, so 007 is not 7")]
    NoSuchCustomer {
        /// The scored table.
        file: String,
        /// The id.
        customer: String,
    },
    /// A run.json that cannot be used.
    #[error("{file}: this is not a usable finished run: {cause}")]
    Frozen {
        /// The file.
        file: String,
        /// Why.
        cause: String,
    },
}

impl From<TableError> for Error {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Cancelled(error) => error.into(),
            TableError::Spill(error) => error.into(),
            error => Error::Table(error),
        }
    }
}

impl From<ScoreError> for Error {
    fn from(error: ScoreError) -> Self {
        match error {
            ScoreError::Cancelled(error)
            | ScoreError::Fit(FitError::Cancelled(error))
            | ScoreError::Interval(IntervalError::Fit(FitError::Cancelled(error)))
            | ScoreError::Cluster(ClusterError::Cancelled(error))
            | ScoreError::Timing(TimingError::Cancelled(error)) => error.into(),
            ScoreError::Fit(error) => error.into(),
            ScoreError::Sum(error) => error.into(),
            error => Error::Score(error),
        }
    }
}

impl From<SumError> for Error {
    fn from(error: SumError) -> Self {
        match error {
            SumError::Cancelled(error) => error.into(),
            SumError::Spill(error) => error.into(),
            SumError::Summary(error) => error.into(),
        }
    }
}
