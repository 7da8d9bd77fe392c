//! `clivia score`: files in, scored customers out.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clivia_core::control::Control;
use clivia_io::files;
use clivia_io::plan::Plans;
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use clivia_io::staging::Staging;
use clivia_report::Report;
use clivia_run::pipeline;
use clivia_run::pipeline::Inputs;
use clivia_run::publish::plots::write_plots;
use clivia_run::publish::{SCORE_LEAVES, write_run};
use clivia_run::record::record;
use clivia_run::runs::frozen::Frozen;
use clivia_run::state::State;

use crate::fail_on::{FailArgs, judge};
use crate::progress::Bar;
use crate::report::ShowArgs;
use crate::settings::{
    ContactArgs, MemoryArgs, ReadArgs, ScoringArgs, check_customers, check_planned, set, with_items,
};
use crate::words::FormatArg;
use crate::{Failure, terminal};

/// Files and settings of a run.
#[derive(Debug, Args)]
pub(super) struct ScoreArgs {
    /// Order files: CSV (gzip or zstd too), Parquet, NDJSON, Arrow IPC; folders, patterns, - for standard input
    #[arg(required_unless_present = "state", value_name = "ORDERS")]
    orders: Vec<PathBuf>,
    /// Score all orders in this state, a folder of `clivia update`, instead of order files
    #[arg(long, value_name = "DIR", conflicts_with = "orders")]
    state: Option<PathBuf>,
    /// Contact logs with customer, timestamp and channel, for the map
    #[arg(long, value_name = "FILE", num_args = 1..)]
    contacts: Vec<PathBuf>,
    /// Customers table: what else is known of customers; its columns are added to the results
    #[arg(long, value_name = "FILE")]
    customers: Option<PathBuf>,
    /// Keep the contacts for which this condition is true, such as "status = 'delivered'"
    #[arg(long, value_name = "CONDITION", requires = "contacts", allow_hyphen_values = true)]
    contacts_where: Option<String>,
    /// Keep the rows of the customers table for which this condition is true
    #[arg(long, value_name = "CONDITION", requires = "customers", allow_hyphen_values = true)]
    customers_where: Option<String>,
    /// The folder for results
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace the results of an earlier run
    #[arg(long)]
    overwrite: bool,
    /// How tables are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: FormatArg,
    /// Score with the parameters, thresholds and centroids of an earlier run.json; fit nothing
    #[arg(long, value_name = "RUN.JSON", conflicts_with_all = ["config", "returns", "duplicates"])]
    frozen: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// No progress bar and no summary
    #[arg(long, short)]
    quiet: bool,
    /// The lines of the orders, where they are a table of their own: joined by the order's id
    #[arg(long, value_name = "FILE", conflicts_with = "state")]
    items: Option<PathBuf>,
    /// How orders and contacts are read, as `clivia check --save` has written it down
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Use at most this many threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Write no report.html
    #[arg(long)]
    no_report: bool,
    #[command(flatten)]
    fail: FailArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    contact: ContactArgs,
    #[command(flatten)]
    scoring: ScoringArgs,
}

pub(super) fn run(args: &ScoreArgs) -> Result<(), Failure> {
    check_usage(args)?;
    super::progress::limit_threads(args.threads)?;
    let frozen = args.frozen.as_deref().map(Frozen::load).transpose()?;
    let state = args.state.as_deref().map(State::open).transpose().map_err(clivia_run::error::Error::from)?;
    let settings = settings(args, frozen.as_ref(), state.as_ref())?;
    let mut inputs = inputs(args, state, &settings)?;
    let mut staging = Staging::open(&args.out, SCORE_LEAVES, args.overwrite).map_err(clivia_run::error::Error::from)?;
    inputs.memory = Some(args.memory.within(staging.partial())?);
    let rejects_file = staging.create("rejects.csv").map_err(clivia_run::error::Error::from)?;
    let rejects =
        Rejects::new(Box::new(rejects_file), args.read.files.strict).map_err(clivia_run::error::Error::from)?;
    let shown = args.show.options(&settings.report)?;
    let plots = args.show.open_plots(args.overwrite)?;
    let control = Control::default();
    let bar = Bar::start(&control, args.quiet);
    let run = match pipeline::score(&inputs, &settings, frozen.as_ref(), rejects, &control) {
        Ok(run) => run,
        Err(error) => return Err(Failure::of_run(error, staging)),
    };
    let report = (!args.no_report || plots.is_some())
        .then(|| Report::of_run(&record(&run), &run.scored.figures, &shown))
        .transpose();
    let report = report.map_err(clivia_run::error::Error::from)?;
    if let Some((staging, report)) = plots.zip(report.as_ref()) {
        write_plots(report, staging)?;
    }
    write_run(&run, args.format.into(), report.as_ref().filter(|_| !args.no_report), staging, &control)?;
    drop(bar);
    if args.json {
        terminal::print_json(&run)?;
    } else if !args.quiet {
        terminal::print_summary(&run, &args.out)?;
    }
    judge(run.settings.report.fail_on, &run.notes)
}

/// What no single flag shows to be wrong.
fn check_usage(args: &ScoreArgs) -> Result<(), Failure> {
    let dashes = args.orders.iter().chain(&args.contacts).chain(&args.customers).filter(|path| path.as_os_str() == "-");
    if dashes.count() > 1 {
        return Err(Failure::Usage("standard input (-) can be read only once; give the other table as a file".into()));
    }
    check_customers(args.read.customer.as_deref(), args.customers.as_deref())?;
    check_planned(args.plan.as_deref(), &args.read)?;
    if let (Some(_), Some(flag)) = (&args.state, args.read.first_typed()) {
        let text =
            format!("{flag} cannot be used with --state: its orders are read already; give {flag} to clivia update");
        return Err(Failure::Usage(text));
    }
    if let (Some(_), Some(flag)) = (&args.frozen, args.scoring.first_typed()) {
        let text =
            format!("{flag} cannot be used with --frozen: a frozen run keeps the settings that it was fitted with");
        return Err(Failure::Usage(text));
    }
    Ok(())
}

fn settings(args: &ScoreArgs, frozen: Option<&Frozen>, state: Option<&State>) -> Result<Settings, Failure> {
    let mut settings = match (frozen, state) {
        (Some(frozen), _) => frozen.settings.clone(),
        (None, Some(state)) => args.read.base_over(state.reading())?,
        (None, None) => args.read.base()?,
    };
    args.read.lay_over(&mut settings);
    set(&mut settings.contact_columns.condition, args.contacts_where.clone());
    set(&mut settings.customers.condition, args.customers_where.clone());
    args.contact.lay_over(&mut settings.contact_columns);
    args.scoring.lay_over(&mut settings);
    args.show.lay_over(&mut settings.report);
    args.fail.lay_over(&mut settings.report.fail_on);
    if let Some(state) = state {
        // The state's profit counts unless another margin was typed.
        settings.orders.observed_margin &= !args.scoring.has_share();
        state.check(&settings, frozen.is_some()).map_err(clivia_run::error::Error::from)?;
    }
    settings.check().map_err(clivia_run::error::Error::from)?;
    Ok(settings)
}

fn inputs(args: &ScoreArgs, state: Option<State>, settings: &Settings) -> Result<Inputs, clivia_run::error::Error> {
    let (orders, notes) = with_items(&args.orders, args.items.as_deref(), settings)?;
    let customers = args.customers.as_deref().map(files::find_one).transpose()?.map(|source| Arc::new(source) as _);
    Ok(Inputs {
        orders,
        notes,
        state,
        contacts: files::find(&args.contacts)?,
        customers,
        plans: args.plan.as_deref().map(Plans::load).transpose()?.unwrap_or_default(),
        ..Inputs::default()
    })
}
