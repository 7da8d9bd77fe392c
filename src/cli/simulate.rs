//! `clivia simulate`: a customer base with known truth.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clivia_core::base::Day;
use clivia_core::simulate::{Population, PopulationSettings, SimulationError, Totals};
use clivia_io::staging::Staging;
use clivia_io::write::TableFormat;
use clivia_run::error::Error;
use clivia_run::tables::simulation::{SIMULATE_LEAVES, SimulatedFiles, write_population};
use std::io::Write;

use crate::Failure;
use crate::terminal::count;

/// What base to draw.
#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// How many customers, from 1 to 1,000,000,000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    customers: u64,
    /// Equal seeds draw equal bases
    #[arg(long, value_name = "S")]
    seed: u64,
    /// How tables are written
    #[arg(long, value_enum, default_value_t = FormatArg::Csv, value_name = "FORMAT")]
    format: FormatArg,
    /// Factor by which a contact multiplies the purchase rate for a week; 1 is no effect
    #[arg(long, default_value_t = 1.0, value_name = "RATE_RATIO")]
    effect: f64,
    /// Frequent, loyal buyers whose contact follows value closely, except for a planted tenth on either side
    #[arg(long)]
    planted: bool,
    /// Share of purchases, from 0 to 1, that are followed by a confirmation
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    confirmations: f64,
    /// Day, from 0, of a randomised campaign: half of the customers so far get an e-mail, the others are held out
    #[arg(long, value_name = "DAY")]
    trial: Option<u32>,
    /// The first day
    #[arg(long, value_name = "DATE")]
    start: Option<Day>,
    /// How many days are observed
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    /// No returns and no missing ids
    #[arg(long)]
    clean: bool,
    /// Mean order lines per customer: one factor scales how often everybody buys
    #[arg(long, value_name = "N")]
    orders_per_customer: Option<f64>,
    /// Orders and truth.json alone: no contacts, and no truth of each customer
    #[arg(long)]
    orders_only: bool,
    /// Customer ids are plain numbers from 1, in no order
    #[arg(long)]
    number_ids: bool,
    /// No column of order ids
    #[arg(long)]
    no_order_ids: bool,
    /// Sort order lines by time, not by customer; needs 20 bytes of disk per line meanwhile
    #[arg(long)]
    by_time: bool,
    /// The folder for orders, contacts and the truth about them
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace an earlier simulation
    #[arg(long)]
    overwrite: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    Csv,
    Parquet,
}

pub(super) fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let population = settings(args).and_then(Population::new).map_err(Error::from)?;
    let staging = Staging::open(&args.out, SIMULATE_LEAVES, args.overwrite).map_err(Error::from)?;
    let totals = write_population(&population, &files(args), staging).map_err(Error::from)?;
    writeln!(
        std::io::stdout().lock(),
        "{} customers, {} order lines{} in {}",
        count(totals.customers),
        count(totals.orders + totals.returns),
        contacts(args, totals),
        args.out.display()
    )?;
    Ok(())
}

fn contacts(args: &SimulateArgs, totals: Totals) -> String {
    if args.orders_only { String::new() } else { format!(", {} contacts", count(totals.contacts)) }
}

fn files(args: &SimulateArgs) -> SimulatedFiles {
    SimulatedFiles {
        format: match args.format {
            FormatArg::Csv => TableFormat::Csv,
            FormatArg::Parquet => TableFormat::Parquet,
        },
        orders_only: args.orders_only,
        number_ids: args.number_ids,
        order_ids: !args.no_order_ids,
        by_time: args.by_time,
    }
}

fn settings(args: &SimulateArgs) -> Result<PopulationSettings, SimulationError> {
    let kind = if args.planted { PopulationSettings::planted() } else { PopulationSettings::default() };
    let mut settings = PopulationSettings { customers: args.customers, seed: args.seed, ..kind };
    settings.effect.rate_ratio = args.effect;
    settings.contacts.triggered.share = args.confirmations;
    if let Some(day) = args.trial {
        let trial = &mut settings.contacts.trial;
        (trial.day, trial.treated_share, trial.control_share) = (day, 0.5, 0.5);
    }
    settings.start = args.start.unwrap_or(settings.start);
    if let Some(days) = args.days {
        settings.observed_days = days;
        settings.cohort_days = settings.cohort_days.min(days);
    }
    if args.clean {
        settings.quirks = clivia_core::simulate::Quirks::NONE;
    }
    match args.orders_per_customer {
        Some(lines) => settings.with_lines_per_customer(lines),
        None => Ok(settings),
    }
}
