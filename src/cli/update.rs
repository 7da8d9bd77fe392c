//! `clivia update`: new orders folded into a state.

use std::path::PathBuf;

use clap::Args;
use clivia_core::control::Control;
use clivia_io::files;
use clivia_io::settings::Settings;
use clivia_run::state::{NewOrders, Updated, Updating};

use crate::fail_on::{FailArgs, judge};
use crate::progress::Bar;
use crate::settings::{MemoryArgs, ReadArgs};
use crate::{Failure, terminal};

/// A state, and what is new.
#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// The folder of the state; created if it does not exist
    #[arg(value_name = "STATE")]
    state: PathBuf,
    /// New order files: CSV (gzip or zstd too), Parquet, NDJSON, Arrow IPC; folders, patterns, - for standard input
    #[arg(required_unless_present_any = ["cancel", "compact"], value_name = "ORDERS")]
    orders: Vec<PathBuf>,
    /// Orders in the new files replace the orders with the same ids in the state
    #[arg(long, requires = "orders")]
    replace: bool,
    /// Cancelled orders: a table with an order-id column, or one id per line
    #[arg(long, value_name = "FILE")]
    cancel: Option<PathBuf>,
    /// Add files that are already in the state once more; their orders then count twice
    #[arg(long)]
    again: bool,
    /// Merge all segments of the state into one, without replaced and cancelled orders
    #[arg(long)]
    compact: bool,
    /// column: read the margin or cost column too, for score --margin column
    #[arg(long, value_name = "column", value_parser = ["column"])]
    margin: Option<String>,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
    /// Print nothing
    #[arg(long, short)]
    quiet: bool,
    /// Use at most this many threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    #[command(flatten)]
    fail: FailArgs,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &UpdateArgs) -> Result<(), Failure> {
    check_usage(args)?;
    super::progress::limit_threads(args.threads)?;
    let new = NewOrders {
        orders: files::find(&args.orders).map_err(clivia_run::error::Error::from)?,
        replace: args.replace,
        cancel: files::find(args.cancel.as_slice()).map_err(clivia_run::error::Error::from)?,
        again: args.again,
        strict: args.read.files.strict,
    };
    let mut updating = Updating::open(&args.state).map_err(clivia_run::error::Error::from)?;
    let settings = settings(args, &updating)?;
    let control = Control::default();
    let bar = Bar::start(&control, args.quiet);
    let updated = update(args, &mut updating, &new, &settings, &control)?;
    drop(bar);
    if !args.quiet {
        terminal::print_updated(&updated, &args.state, args.json)?;
    }
    judge(args.fail.over(settings.report.fail_on), &updated.notes)
}

fn update(
    args: &UpdateArgs,
    updating: &mut Updating,
    new: &NewOrders,
    settings: &Settings,
    control: &Control,
) -> Result<Updated, Failure> {
    let memory = args.memory.within(updating.partial())?;
    let idle = new.orders.is_empty() && new.cancel.is_empty();
    if idle {
        return Ok(updating.compact(Some(&memory), control)?);
    }
    let updated = updating.update(new, settings, Some(&memory), control)?;
    if !args.compact {
        return Ok(updated);
    }
    let Updated { merged, state, .. } = updating.compact(Some(&memory), control)?;
    Ok(Updated { merged: updated.merged + merged, state, ..updated })
}

/// What no single flag shows to be wrong.
fn check_usage(args: &UpdateArgs) -> Result<(), Failure> {
    if args.read.has_as_of() {
        let text = "--as-of cannot be used with update, which keeps all days; give it to clivia score --state";
        return Err(Failure::Usage(text.into()));
    }
    let dashes = args.orders.iter().chain(&args.cancel).filter(|path| path.as_os_str() == "-");
    if dashes.count() > 1 {
        return Err(Failure::Usage("standard input (-) can be read only once; give the other table as a file".into()));
    }
    Ok(())
}

/// What a state is read by is not typed again.
fn settings(args: &UpdateArgs, updating: &Updating) -> Result<Settings, clivia_run::error::Error> {
    let mut settings = match updating.reading() {
        Some(reading) => args.read.base_over(reading)?,
        None => args.read.base()?,
    };
    args.read.lay_over(&mut settings);
    settings.orders.observed_margin |= args.margin.is_some();
    Ok(settings)
}
