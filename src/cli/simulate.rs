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
    /// How many customers
    #[arg(long, value_name = "N")]
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
    /// The first day
    #[arg(long, value_name = "DATE")]
    start: Option<Day>,
    /// How many days are observed
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    /// No returns and no missing ids
    #[arg(long)]
    clean: bool,
    /// The folder for orders, contacts and truth.json
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
    let staging = Staging::open(&args.out, &SIMULATE_LEAVES, args.overwrite).map_err(Error::from)?;
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
    let mut settings =
        PopulationSettings { customers: args.customers, seed: args.seed, ..PopulationSettings::default() };
    settings.effect.rate_ratio = args.effect;
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
