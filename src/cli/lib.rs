//! The command line: parse, resolve, run.
//!
//! The crate is internal to `clivia`: its binary is this crate and an allocator.

mod bench_read;
mod check;
mod compare;
mod completions;
mod examples;
mod explain;
mod fail_on;
mod flags;
mod init;
mod paint;
mod plan;
mod profiles;
mod progress;
mod report;
mod retain;
mod score;
mod settings;
#[cfg(unix)]
mod signals;
mod simulate;
mod summary;
mod terminal;
mod update;
mod validate;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clivia_io::error::TableError;
use clivia_io::staging::Staging;

/// Customer analytics: what each customer is worth, whether the contact matches it, and what to change.
#[derive(Debug, Parser)]
#[command(name = "clivia", version, about, max_term_width = 100, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Score customers: from an order file (and a contact log) to one row per customer
    #[command(after_help = examples::SCORE)]
    Score(Box<score::ScoreArgs>),
    /// Show what would be read, mapped and refused; write nothing
    #[command(after_help = examples::CHECK)]
    Check(Box<check::CheckArgs>),
    /// Compare the purchase models on a holdout: which one predicts it best
    #[command(after_help = examples::VALIDATE)]
    Validate(Box<validate::ValidateArgs>),
    /// Make the report of a finished run again: another language, without customers, charts as pictures
    #[command(after_help = examples::REPORT)]
    Report(report::ReportArgs),
    /// Choose corrections within a budget: who, what, when, by whom, for how much
    #[command(after_help = examples::PLAN)]
    Plan(plan::PlanArgs),
    /// Say who moved between two runs, by the thresholds of the first
    #[command(after_help = examples::COMPARE)]
    Compare(compare::CompareArgs),
    /// Value customers under contract: from a table of subscriptions to how long they stay and what that is worth
    #[command(after_help = examples::RETAIN)]
    Retain(Box<retain::RetainArgs>),
    /// Write what models need of each customer, for other tools: frequency, last purchase age, age and spend
    #[command(after_help = examples::SUMMARY)]
    Summary(Box<summary::SummaryArgs>),
    /// Add new orders to a state that is kept from day to day, for score --state
    #[command(after_help = examples::UPDATE)]
    Update(Box<update::UpdateArgs>),
    /// Simulate a customer base whose truth is known: orders, contacts, truth.json, truth.parquet
    #[command(after_help = examples::SIMULATE)]
    Simulate(simulate::SimulateArgs),
    /// Show where the numbers of a customer come from: each one is traced to its inputs
    #[command(after_help = examples::EXPLAIN)]
    Explain(explain::ExplainArgs),
    /// Write a commented clivia.toml with every setting and its default
    #[command(after_help = examples::INIT)]
    Init(init::InitArgs),
    /// List the exports that are known by their header, or print what one of them says
    #[command(after_help = examples::PROFILES)]
    Profiles(profiles::ProfilesArgs),
    /// Print a completion script for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(completions::CompletionsArgs),
    /// Read and decode the columns of an order file, and do nothing with them: a limit for benchmarks
    #[command(hide = true)]
    BenchRead(Box<bench_read::BenchReadArgs>),
}

/// Why a command ended without its result.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The data or settings are wrong.
    #[error(transparent)]
    Run(#[from] clivia_run::error::Error),
    /// So many rows were refused that the run stopped.
    #[error("{error}\n       the refused rows are listed in {}", list.display())]
    Refused {
        /// Why it stopped.
        error: Box<clivia_run::error::Error>,
        /// The list.
        list: PathBuf,
    },
    /// The command line is.
    #[error("{0}")]
    Usage(String),
    /// All was done, and something in it should be looked at.
    #[error("{}; all was done, and report.fail_on ends the command so: {first}", notes(*count))]
    Notes {
        /// How many notes are as severe as that.
        count: usize,
        /// The most important one.
        first: String,
    },
    /// Standard output cannot be written.
    #[error("standard output: {0}")]
    Output(#[from] std::io::Error),
}

impl Failure {
    /// The failure of a run; where it is for refused rows, their list stays.
    fn of_run(error: clivia_run::error::Error, staging: Staging) -> Self {
        use clivia_run::error::Error;
        match error {
            Error::Table(TableError::Unreadable { .. } | TableError::MostLost { .. }) => {
                match staging.leave_rejects() {
                    Ok(list) => Failure::Refused { error: Box::new(error), list },
                    Err(_) => error.into(),
                }
            }
            error => error.into(),
        }
    }

    fn exit_code(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Notes { .. } => 3,
            // Whoever closed the pipe has read enough.
            Failure::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => 0,
            Failure::Run(_) | Failure::Refused { .. } | Failure::Output(_) => 1,
        }
    }
}

fn notes(count: usize) -> String {
    if count == 1 { "a note is to be looked at".into() } else { format!("{count} notes are to be looked at") }
}

/// Runs the command that was typed: 0 done, 1 the data or settings are wrong, 2 usage, 3 done, and `--fail-on` was met.
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    #[cfg(unix)]
    signals::heed();
    let result = match command {
        Command::Score(args) => score::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Retain(args) => retain::run(&args),
        Command::Summary(args) => summary::run(&args),
        Command::Update(args) => update::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Profiles(args) => profiles::run(&args),
        Command::Completions(args) => completions::run::<Cli>(&args),
        Command::BenchRead(args) => bench_read::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure.exit_code() != 0 {
                terminal::complain(&failure);
            }
            ExitCode::from(failure.exit_code())
        }
    }
}
