//! `clivia retain`: who stays under contract, and what that is worth.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use clivia_core::base::{Day, DiscountRate};
use clivia_core::control::Control;
use clivia_core::models::contract::Candidate;
use clivia_core::retention::curve::CurveRow;
use clivia_core::retention::forecast::Expected;
use clivia_core::retention::period::{Period, RetentionHorizon};
use clivia_io::files;
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use clivia_io::staging::Staging;
use clivia_run::error::Error;
use clivia_run::pipeline::{Inputs, Retained, SUBSCRIPTIONS, retain};
use clivia_run::tables::retention::{RETAIN_LEAVES, Record, write_retained};

use crate::Failure;
use crate::fail_on::{FailArgs, judge};
use crate::progress::Bar;
use crate::settings::{FileArgs, margin_share, set};
use crate::terminal::{amount, count, share, whole, write_notes};
use crate::words::{FormatArg, PriorArg, RetentionArg};

type Text = Result<(), std::fmt::Error>;

/// Renewals that are shown of a long curve.
const SHOWN: usize = 24;

/// Which subscriptions, and how they are valued.
#[derive(Debug, Args)]
pub(super) struct RetainArgs {
    /// Subscriptions: one row each with customer, start, end (empty = still running) and, if known, price per period
    #[arg(required = true, value_name = "SUBSCRIPTIONS")]
    subscriptions: Vec<PathBuf>,
    /// The folder for results
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace the results of an earlier run
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
    read: TableArgs,
    #[command(flatten)]
    value: ValueArgs,
}

/// How the table is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
struct TableArgs {
    /// Settings file; `clivia init` writes one with all defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The last day that counts [default: the last day in the table]
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// Customer column [default: found by its name]
    #[arg(long, value_name = "COLUMN")]
    customer: Option<String>,
    /// Column of the first day
    #[arg(long, value_name = "COLUMN")]
    start: Option<String>,
    /// Column of the last day
    #[arg(long, value_name = "COLUMN")]
    end: Option<String>,
    /// Column of the price of a period
    #[arg(long, value_name = "COLUMN")]
    price: Option<String>,
    /// Column of the day on which the end was asked for, or none
    #[arg(long, value_name = "COLUMN")]
    cancelled: Option<String>,
    /// Column that says whether a subscription runs, such as active or canceled, or none
    #[arg(long, value_name = "COLUMN")]
    status: Option<String>,
    /// Column that says whether it ends with the period that runs, or none
    #[arg(long, value_name = "COLUMN")]
    at_period_end: Option<String>,
    /// Column of the end of the period that runs, or none
    #[arg(long, value_name = "COLUMN")]
    period_end: Option<String>,
    #[command(flatten)]
    files: FileArgs,
}

/// How the base is valued.
#[derive(Debug, Args)]
#[command(next_help_heading = "Valuing")]
struct ValueArgs {
    /// Time between renewals: week, month, quarter, year, or 28d, 6m ... [default: month]
    #[arg(long, value_name = "PERIOD")]
    period: Option<Period>,
    /// The retention model, or auto: the one with the smaller AIC [default: auto]
    #[arg(long, value_enum, value_name = "MODEL")]
    model: Option<RetentionArg>,
    /// How far ahead: a number of periods, or a time such as 12m [default: 12]
    #[arg(long, value_name = "PERIODS|TIME", allow_hyphen_values = true)]
    horizon: Option<RetentionHorizon>,
    /// Annual discount rate [default: 0.10]
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    discount_rate: Option<DiscountRate>,
    /// Share of the price that is profit [default: 1.0]
    #[arg(long, value_name = "SHARE", value_parser = margin_share, allow_hyphen_values = true)]
    margin: Option<f64>,
    /// Prior: none, or weakly informative for small bases [default: none]
    #[arg(long, value_enum, value_name = "PRIOR")]
    prior: Option<PriorArg>,
    /// Penalty that pulls parameters towards a centre, for fits that find no maximum [default: 0]
    #[arg(long, value_name = "P", allow_hyphen_values = true)]
    penalty: Option<f64>,
    /// Level of the intervals [default: 0.8]
    #[arg(long, value_name = "SHARE", value_parser = level, allow_hyphen_values = true)]
    interval: Option<f64>,
}

fn level(text: &str) -> Result<f64, String> {
    let is_level = |share: &f64| *share > 0.0 && *share < 1.0;
    clivia_core::base::share::parse(text)
        .filter(is_level)
        .ok_or_else(|| "it is a share between 0 and 1, such as 0.8 or 80%".into())
}

pub(super) fn run(args: &RetainArgs) -> Result<(), Failure> {
    if args.subscriptions.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Failure::Usage("standard input (-) can be read only once".into()));
    }
    super::progress::limit_threads(args.threads)?;
    let settings = settings(args)?;
    let inputs = Inputs { subscriptions: files::find(&args.subscriptions).map_err(Error::from)?, ..Inputs::default() };
    let mut staging = Staging::open(&args.out, RETAIN_LEAVES, args.overwrite).map_err(Error::from)?;
    let file = staging.create("rejects.csv").map_err(Error::from)?;
    let rejects = Rejects::new(Box::new(file), args.read.files.strict).map_err(Error::from)?;
    let control = Control::default();
    let bar = Bar::start(&control, args.quiet);
    let retained = match retain(&inputs, &settings, rejects, &control) {
        Ok(retained) => retained,
        Err(error) => return Err(Failure::of_run(error, staging)),
    };
    write_retained(&retained, args.format.into(), staging).map_err(Error::from)?;
    drop(bar);
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{:#}", serde_json::json!(Record::new(&retained)))?;
    } else if !args.quiet {
        let mut text = String::new();
        // Writing into a string cannot fail.
        show(&mut text, &retained, &args.out).ok();
        out.write_all(text.as_bytes())?;
    }
    judge(args.fail.over(settings.report.fail_on), &retained.notes)
}

/// The config's settings, or the defaults, and what was typed laid over them.
fn settings(args: &RetainArgs) -> Result<Settings, Error> {
    let mut settings = args.read.config.as_deref().map(Settings::load).transpose()?.unwrap_or_default();
    settings.summary.as_of = args.read.as_of.or(settings.summary.as_of);
    let Settings { read, subscription_columns: columns, retention, .. } = &mut settings;
    set(&mut columns.customer, args.read.customer.clone());
    set(&mut columns.start, args.read.start.clone());
    set(&mut columns.end, args.read.end.clone());
    set(&mut columns.price, args.read.price.clone());
    set(&mut columns.cancelled, args.read.cancelled.clone());
    set(&mut columns.status, args.read.status.clone());
    set(&mut columns.at_period_end, args.read.at_period_end.clone());
    set(&mut columns.period_end, args.read.period_end.clone());
    args.read.files.lay_over(read);
    set(&mut retention.period, args.value.period);
    set(&mut retention.model, args.value.model.map(Into::into));
    set(&mut retention.horizon, args.value.horizon);
    set(&mut retention.discount_rate, args.value.discount_rate);
    set(&mut retention.margin, args.value.margin);
    set(&mut retention.fit.prior, args.value.prior.map(Into::into));
    set(&mut retention.fit.penalty, args.value.penalty);
    set(&mut retention.interval, args.value.interval);
    Ok(settings)
}

/// The run for people.
fn show(text: &mut String, retained: &Retained, out: &Path) -> Text {
    write_table(text, retained)?;
    write_customers(text, retained)?;
    write_model(text, retained)?;
    write_value(text, retained)?;
    write_curve(text, retained)?;
    write_notes(text, &retained.notes)?;
    writeln!(text, "\nresults    {}", out.display())
}

fn write_table(text: &mut String, retained: &Retained) -> Text {
    let read = &retained.subscriptions;
    let [rows, used, refused] = [read.rows.read, read.rows.used, read.rows.refused].map(count);
    writeln!(text, "rows       {rows} rows read: {used} used, {refused} refused")?;
    if let Some(mapping) = &read.mapping {
        writeln!(text, "           {mapping}")?;
        if mapping.price.is_some() {
            let [all, used, refused] = [read.money.read, read.money.used, read.money.refused].map(amount);
            writeln!(text, "prices     {all} a period read: {used} used, {refused} refused")?;
        }
    }
    let mut rules = retained.refused.get(SUBSCRIPTIONS).into_iter().flatten();
    rules.try_for_each(|(rule, rows)| writeln!(text, "  refused  {} {rule}", count(*rows)))
}

fn write_customers(text: &mut String, retained: &Retained) -> Text {
    let totals = &retained.retention.totals;
    writeln!(
        text,
        "customers  {}: {} active, {} churned; as of {}, renewed every {}",
        count(totals.customers),
        count(totals.active),
        count(totals.churned),
        retained.retention.as_of,
        retained.settings.retention.period.name()
    )?;
    let (subscriptions, early) = (retained.subscriptions.spells.len() as u64, retained.ended_early());
    if subscriptions > totals.customers || retained.subscriptions.joined > 0 {
        writeln!(
            text,
            "           {} subscriptions with gaps between them; {} rows continue the one before",
            count(subscriptions),
            count(retained.subscriptions.joined)
        )?;
    }
    if early > 0 {
        let early = count(early);
        writeln!(
            text,
            "           {early} ended in a period that is not over yet: the fit treats them as running at its start"
        )?;
    }
    Ok(())
}

fn write_model(text: &mut String, retained: &Retained) -> Text {
    let retention = &retained.retention;
    let report = &retention.fitted.report;
    write!(text, "model      {}", report.model)?;
    for (name, value) in &report.parameters {
        write!(text, "  {name} {value:.3}")?;
        if let Some(Some(error)) = report.standard_errors.get(name) {
            write!(text, " (±{error:.3})")?;
        }
    }
    writeln!(
        text,
        "\n           log-likelihood {:.1}, converged; {} subscriptions, {} distinct tenures{}",
        report.log_likelihood,
        count(report.customers as u64),
        count(report.distinct_rows as u64),
        verdict(report.weakly_identified, &report.at_boundary)
    )?;
    if retention.candidates.len() > 1 {
        let tried: Vec<String> = retention.candidates.iter().map(tried).collect();
        writeln!(text, "           by AIC, less is better: {}", tried.join(", "))?;
    }
    Ok(())
}

fn verdict(weakly_identified: bool, at_boundary: &[String]) -> String {
    let edge =
        if at_boundary.is_empty() { String::new() } else { format!("; at the edge: {}", at_boundary.join(", ")) };
    format!("{edge}{}", if weakly_identified { "; weakly identified" } else { "" })
}

fn tried(candidate: &Candidate) -> String {
    match (candidate.aic, &candidate.error) {
        (Some(aic), _) => format!("{} {aic:.1}", candidate.model),
        (None, Some(error)) => format!("{} not fitted ({error})", candidate.model),
        (None, None) => candidate.model.to_string(),
    }
}

fn write_value(text: &mut String, retained: &Retained) -> Text {
    let (totals, settings) = (&retained.retention.totals, &retained.settings.retention);
    let horizon = match settings.horizon {
        RetentionHorizon::Periods(count) => format!("{count} renewals"),
        RetentionHorizon::Time(time) => time.to_string(),
    };
    let level = share(settings.interval);
    writeln!(
        text,
        "ahead      {} active, of whom {} are expected to remain after {horizon}; {level} prediction interval",
        count(totals.active),
        between(totals.active_ahead)
    )?;
    let Some(value) = totals.value else { return Ok(()) };
    let lifetime = totals.lifetime_value.map(|value| format!("; {} without a horizon", whole(value)));
    writeln!(
        text,
        "value      {} from their renewals in {horizon}, at a margin of {}{}",
        between(value),
        settings.margin,
        lifetime.unwrap_or_default()
    )
}

fn between(expected: Expected) -> String {
    format!("{} ({} to {})", whole(expected.mean), whole(expected.low), whole(expected.high))
}

/// The renewals that were seen, or the first and last of many, and the last that is projected.
fn write_curve(text: &mut String, retained: &Retained) -> Text {
    let rows = &retained.retention.curve;
    writeln!(
        text,
        "\n{:>8}{:>12}{:>10}{:>11}{:>11}{:>11}{:>11}  {}",
        "renewal",
        "at risk",
        "lost",
        "retained",
        "expected",
        "left",
        "expected",
        format_args!("{} interval", share(retained.settings.retention.interval))
    )?;
    let seen = rows.iter().filter(|row| row.at_risk.is_some());
    let all = seen.clone().count();
    for (place, row) in seen.enumerate() {
        match (place, all > SHOWN) {
            (place, true) if place == SHOWN / 2 => writeln!(text, "     ...")?,
            (place, true) if place > SHOWN / 2 && place + SHOWN / 2 < all => {}
            _ => write_row(text, row)?,
        }
    }
    match rows.last().filter(|row| row.at_risk.is_none()) {
        Some(last) => write_row(text, last),
        None => Ok(()),
    }
}

fn write_row(text: &mut String, row: &CurveRow) -> Text {
    let shown = |part: Option<f64>| part.map(share).unwrap_or_default();
    let counted = |number: Option<u64>| number.map(count).unwrap_or_default();
    let interval = row.expected_survival_low.zip(row.expected_survival_high);
    writeln!(
        text,
        "{:>8}{:>12}{:>10}{:>11}{:>11}{:>11}{:>11}  {}",
        row.renewal,
        counted(row.at_risk),
        counted(row.lost),
        shown(row.retained),
        share(row.expected_retained),
        shown(row.survival),
        share(row.expected_survival),
        interval.map_or_else(String::new, |(low, high)| format!("{} to {}", share(low), share(high)))
    )
}
