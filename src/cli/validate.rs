//! `clivia validate`: which model predicts a holdout best.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clivia_core::base::{Horizon, TimeUnit};
use clivia_core::control::Control;
use clivia_core::models::ModelName;
use clivia_core::validation::{Contested, Counts, Standing};
use clivia_io::files;
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use clivia_io::staging::Staging;
use clivia_run::pipeline;
use clivia_run::pipeline::{Inputs, Validated};
use clivia_run::tables::validation::{Record, VALIDATE_LEAVES, write_validation};

use crate::fail_on::{FailArgs, judge};
use crate::progress::Bar;
use crate::settings::{FitArgs, ReadArgs, check_customers};
use crate::words::{FormatArg, ModelArg, UnitArg};
use crate::{Failure, terminal};

/// Which models, on which holdout.
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Order files: CSV (gzip or zstd too), Parquet, NDJSON, Arrow IPC; folders, patterns, - for standard input
    #[arg(required = true, value_name = "ORDERS")]
    orders: Vec<PathBuf>,
    /// Length of the holdout at the end of the orders: 39w, 90d, 12m [default: a third of the observed time]
    #[arg(long, value_name = "TIME")]
    holdout: Option<Horizon>,
    /// A model to compare; may be given again [default: all]
    #[arg(long, value_enum, value_name = "MODEL")]
    model: Vec<ModelArg>,
    /// The unit of ages [default: weeks]
    #[arg(long, value_enum, value_name = "UNIT")]
    time_unit: Option<UnitArg>,
    /// What else is known of customers
    #[arg(long, value_name = "FILE")]
    customers: Option<PathBuf>,
    /// A column of that table that affects the rates of bg-nbd or pareto-nbd; may be repeated
    #[arg(long, value_name = "COLUMN")]
    covariate: Vec<String>,
    /// The folder for validate.json and the tables behind the plots
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace an earlier validation there
    #[arg(long)]
    overwrite: bool,
    /// How tables are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: FormatArg,
    /// Print the record as JSON
    #[arg(long)]
    json: bool,
    /// No progress bar and no summary
    #[arg(long, short)]
    quiet: bool,
    /// Use at most this many threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    #[command(flatten)]
    fail: FailArgs,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    fit: FitArgs,
}

pub(super) fn run(args: &ValidateArgs) -> Result<(), Failure> {
    super::progress::limit_threads(args.threads)?;
    check_customers(args.read.customer.as_deref(), args.customers.as_deref())?;
    let settings = settings(args)?;
    let customers =
        args.customers.as_deref().map(files::find_one).transpose().map_err(clivia_run::error::Error::from)?;
    let orders = files::find(&args.orders).map_err(clivia_run::error::Error::from)?;
    let customers = customers.map(|source| Arc::new(source) as _);
    let inputs = Inputs { orders, customers, ..Inputs::default() };
    let staging = args.out.as_ref().map(|out| Staging::open(out, VALIDATE_LEAVES, args.overwrite));
    let mut staging = staging.transpose().map_err(clivia_run::error::Error::from)?;
    let rejects = match &mut staging {
        None => Rejects::counting(args.read.files.strict),
        Some(staging) => {
            let file = staging.create("rejects.csv").map_err(clivia_run::error::Error::from)?;
            Rejects::new(Box::new(file), args.read.files.strict).map_err(clivia_run::error::Error::from)?
        }
    };
    let models = if args.model.is_empty() {
        ModelName::ALL.to_vec()
    } else {
        args.model.iter().map(|model| (*model).into()).collect()
    };
    let control = Control::default();
    let bar = Bar::start(&control, args.quiet);
    let validated = pipeline::validate(&inputs, &settings, &models, rejects, &control)?;
    if let Some(staging) = staging {
        write_validation(&validated, args.format.into(), staging).map_err(clivia_run::error::Error::from)?;
    }
    drop(bar);
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{:#}", serde_json::json!(Record::new(&validated)))?;
    } else if !args.quiet {
        out.write_all(show(&validated, args.out.as_ref()).as_bytes())?;
    }
    judge(args.fail.over(settings.report.fail_on), &validated.notes)
}

fn settings(args: &ValidateArgs) -> Result<Settings, Failure> {
    let mut settings = args.read.base()?;
    args.read.lay_over(&mut settings);
    args.fit.lay_over(&mut settings);
    let models = &mut settings.models;
    models.holdout = args.holdout.or(models.holdout);
    if !args.covariate.is_empty() {
        models.covariates.clone_from(&args.covariate);
    }
    if let Some(unit) = args.time_unit {
        settings.summary.time_unit = unit.into();
    }
    settings.check().map_err(clivia_run::error::Error::from)?;
    Ok(settings)
}

/// The comparison for people.
fn show(validated: &Validated, out: Option<&PathBuf>) -> String {
    let mut text = String::new();
    let contested = &validated.contested;
    // Writing into a string cannot fail.
    terminal::write_orders(&mut text, &validated.orders, &validated.refused).ok();
    write_window(&mut text, contested).ok();
    text.push('\n');
    write_standings(&mut text, &contested.standings(), contested.validation.level).ok();
    write_choice(&mut text, contested).ok();
    terminal::write_notes(&mut text, &validated.notes).ok();
    if let Some(out) = out {
        writeln!(text, "\nresults    {}", out.display()).ok();
    }
    text
}

fn write_window(text: &mut String, contested: &Contested) -> std::fmt::Result {
    let validation = &contested.validation;
    writeln!(
        text,
        "holdout    {} to {}: {} customers had bought before it, {} first bought in it and are left out; {} {} ahead",
        next_day(contested),
        contested.holdout_end,
        terminal::count(validation.customers as u64),
        terminal::count(contested.newcomers as u64),
        short(validation.horizon),
        unit(contested.time_unit),
    )
}

fn next_day(contested: &Contested) -> clivia_core::base::Day {
    clivia_core::base::Day(contested.calibration_end.0.saturating_add(1))
}

fn unit(unit: TimeUnit) -> &'static str {
    unit.name()
}

fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// A line a model or baseline. What counts periods stands apart.
pub(super) fn write_standings(text: &mut String, standings: &[Standing], level: f64) -> std::fmt::Result {
    writeln!(
        text,
        "{:<16}{:>11}{:>11}{:>11}{:>9}{:>8}{:>8}{:>7}{:>15}",
        "model",
        "log prob.",
        "expected",
        "actual",
        "bias",
        "MAE",
        "RMSE",
        "Gini",
        format!("{:.0} % coverage", 100.0 * level)
    )?;
    let days = standings.iter().filter(|standing| standing.counts == Counts::PurchaseDays);
    days.clone().try_for_each(|standing| write_standing(text, standing))?;
    let periods: Vec<&Standing> =
        standings.iter().filter(|standing| standing.counts == Counts::Opportunities).collect();
    if !periods.is_empty() {
        writeln!(text, "counts time units with a purchase, so it cannot be compared with those above:")?;
        periods.into_iter().try_for_each(|standing| write_standing(text, standing))?;
    }
    Ok(())
}

fn write_standing(text: &mut String, standing: &Standing) -> std::fmt::Result {
    let or_blank = |value: Option<String>| value.unwrap_or_default();
    writeln!(
        text,
        "{:<16}{:>11}{:>11}{:>11}{:>9}{:>8.3}{:>8.3}{:>7}{:>15}",
        standing.name,
        or_blank(standing.mean_log_probability.map(|value| format!("{value:.5}"))),
        terminal::whole(standing.expected),
        terminal::whole(standing.actual),
        or_blank(standing.bias_percent.map(|value| format!("{value:+.1} %"))),
        standing.mae,
        standing.rmse,
        or_blank(standing.gini.map(|value| format!("{value:.3}"))),
        or_blank(standing.randomised_coverage.map(|value| format!("{:.1} %", 100.0 * value))),
    )
}

fn write_choice(text: &mut String, contested: &Contested) -> std::fmt::Result {
    let choice = &contested.validation.choice;
    match &choice.best {
        Some(best) => writeln!(text, "\nbest       {best}: it has the highest mean log probability")?,
        None => writeln!(text, "\nbest       none: no model has a score")?,
    }
    choice.left_out.iter().try_for_each(|out| writeln!(text, "left out   {}: {}", out.name, out.reason))
}
