//! `clivia summary`: orders in, what models need of each customer out.

use std::path::PathBuf;

use clap::Args;
use clivia_core::control::Control;
use clivia_io::plan::Plans;
use clivia_io::rejects::Rejects;
use clivia_io::staging::Staging;
use clivia_run::pipeline;
use clivia_run::pipeline::Inputs;
use clivia_run::tables::summary::{SUMMARY_LEAVES, write_summary};

use crate::Failure;
use crate::fail_on::{FailArgs, judge};
use crate::progress::Bar;
use crate::settings::{MemoryArgs, ReadArgs, SummaryArgs as SummarySettingArgs, check_planned, with_items};
use crate::terminal;
use crate::words::FormatArg;

/// Files and settings of a summary.
#[derive(Debug, Args)]
pub(super) struct SummaryArgs {
    /// Order files: CSV (gzip or zstd too), Parquet, NDJSON, Arrow IPC; folders, patterns, - for standard input
    #[arg(required = true, value_name = "ORDERS")]
    orders: Vec<PathBuf>,
    /// The folder for summary, refused rows and record
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace an earlier summary
    #[arg(long)]
    overwrite: bool,
    /// How the table is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: FormatArg,
    /// Print nothing
    #[arg(long, short)]
    quiet: bool,
    /// The lines of the orders, where they are a table of their own: joined by the order's id
    #[arg(long, value_name = "FILE")]
    items: Option<PathBuf>,
    /// How orders are read, as `clivia check --save` has written it down
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Use at most this many threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    #[command(flatten)]
    fail: FailArgs,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    summary: SummarySettingArgs,
}

pub(super) fn run(args: &SummaryArgs) -> Result<(), Failure> {
    super::progress::limit_threads(args.threads)?;
    check_planned(args.plan.as_deref(), &args.read)?;
    let mut settings = args.read.base()?;
    args.read.lay_over(&mut settings);
    args.summary.lay_over(&mut settings);
    let (orders, notes) = with_items(&args.orders, args.items.as_deref(), &settings)?;
    let mut staging =
        Staging::open(&args.out, SUMMARY_LEAVES, args.overwrite).map_err(clivia_run::error::Error::from)?;
    let rejects_file = staging.create("rejects.csv").map_err(clivia_run::error::Error::from)?;
    let rejects =
        Rejects::new(Box::new(rejects_file), args.read.files.strict).map_err(clivia_run::error::Error::from)?;
    let memory = args.memory.within(staging.partial())?;
    let plans = args.plan.as_deref().map(Plans::load).transpose().map_err(clivia_run::error::Error::from)?;
    let inputs = Inputs { orders, notes, plans: plans.unwrap_or_default(), memory: Some(memory), ..Inputs::default() };
    let control = Control::default();
    let bar = Bar::start(&control, args.quiet);
    let summarised = match pipeline::summarise(&inputs, &settings, rejects, &control) {
        Ok(summarised) => summarised,
        Err(error) => return Err(Failure::of_run(error, staging)),
    };
    write_summary(&summarised, args.format.into(), staging).map_err(clivia_run::error::Error::from)?;
    drop(bar);
    if !args.quiet {
        terminal::print_summarised(&summarised, &args.out)?;
    }
    judge(args.fail.over(settings.report.fail_on), &summarised.notes)
}
