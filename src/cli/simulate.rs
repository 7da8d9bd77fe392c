//! `clivia simulate`: a customer base with known truth.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clivia::Error;
use clivia::export::TableFormat;
use clivia::export::simulation::{SIMULATE_LEAVES, write_population};
use clivia::export::staging::Staging;
use clivia::simulate::{Population, PopulationSettings};
use clivia::units::Day;
use std::io::Write;

use super::Failure;
use super::terminal::count;

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
    /// What a contact multiplies the purchase rate by for a week; 1 is no effect
    #[arg(long, default_value_t = 1.0, value_name = "RATE_RATIO")]
    effect: f64,
    /// Frequent, loyal buyers whose contact follows value closely, but for a tenth planted on either side
    #[arg(long)]
    planted: bool,
    /// Share of purchases, from 0 to 1, that a confirmation follows
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    confirmations: f64,
    /// Day, from 0, on which half of the customers by then is e-mailed and the other half held out at random
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
    let population = Population::new(settings(args)).map_err(Error::from)?;
    let staging = Staging::open(&args.out, SIMULATE_LEAVES, args.overwrite).map_err(Error::from)?;
    let format = match args.format {
        FormatArg::Csv => TableFormat::Csv,
        FormatArg::Parquet => TableFormat::Parquet,
    };
    let totals = write_population(&population, format, staging).map_err(Error::from)?;
    writeln!(
        std::io::stdout().lock(),
        "{} customers, {} order lines, {} contacts in {}",
        count(totals.customers),
        count(totals.orders + totals.returns),
        count(totals.contacts),
        args.out.display()
    )?;
    Ok(())
}

fn settings(args: &SimulateArgs) -> PopulationSettings {
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
        settings.quirks = clivia::simulate::Quirks::NONE;
    }
    settings
}
