//! `clivia plan`: which corrections to carry out, when, by whom and for how much.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use clivia_core::base::Money;
use clivia_core::contacts::quality::channel_key;
use clivia_core::decide::plan::Budget;
use clivia_core::decide::solver::Method;
use clivia_io::settings::Settings;
use clivia_io::staging::Staging;
use clivia_io::{files, managers};
use clivia_run::runs::frozen::Frozen;
use clivia_run::runs::plan::{PlanRequest, Planned, plan_run};
use clivia_run::tables::plan::{PLAN_LEAVES, write_plan};

use crate::Failure;
use crate::terminal::{amount, count, share, whole};
use crate::words::FormatArg;

/// What a plan is made of, and what it has to keep to.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// The folder of a finished run with a map
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Budget for all contacts: an amount, same (what over-served customers save), or unlimited [default: same]
    #[arg(long, value_name = "AMOUNT|same|unlimited", allow_hyphen_values = true)]
    budget: Option<Budget>,
    /// The most contacts on a channel in the period; may be repeated
    #[arg(long, value_name = "CHANNEL=N", value_parser = capacity)]
    capacity: Vec<(String, u32)>,
    /// How many days the plan is for [default: 90]
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    /// Least value per unit of cost; 1 leaves out contacts that cost more than they are worth [default: 0]
    #[arg(long, value_name = "RATIO", allow_hyphen_values = true)]
    least_return: Option<f64>,
    /// Account managers: a table of names and, if known, capacities; they get the most valuable customers
    #[arg(long, value_name = "FILE")]
    managers: Option<PathBuf>,
    /// Cost of moving a customer from one manager to another, in the unit of CLV [default: the mean CLV of customers
    /// looked after]
    #[arg(long, value_name = "VALUE", requires = "managers", allow_hyphen_values = true)]
    switching_cost: Option<f64>,
    /// The folder for the plan [default: that of the run]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace an earlier plan
    #[arg(long)]
    overwrite: bool,
    /// How tables are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: FormatArg,
    /// Settings file whose [plan] replaces that of the run
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

fn capacity(text: &str) -> Result<(String, u32), String> {
    let (channel, places) = text.rsplit_once('=').ok_or("write it as CHANNEL=N, such as phone=500")?;
    let places = places.trim().parse().map_err(|_| format!("'{places}' is not a number of contacts, 0 or more"))?;
    Ok((channel.trim().to_string(), places))
}

pub(super) fn run(args: &PlanArgs) -> Result<(), Failure> {
    let request = request(args)?;
    let out = args.out.as_deref().unwrap_or(&args.from);
    let planned = plan_run(&args.from, &request)?;
    let staging = Staging::open(out, PLAN_LEAVES, args.overwrite).map_err(clivia_run::error::Error::from)?;
    write_plan(&planned, args.format.into(), staging).map_err(clivia_run::error::Error::from)?;
    let mut stdout = std::io::stdout().lock();
    if args.json {
        return Ok(writeln!(stdout, "{:#}", serde_json::json!(planned.totals))?);
    }
    Ok(stdout.write_all(show(&planned, out).as_bytes())?)
}

/// The run's settings, or the config's, and what was typed laid over them.
fn request(args: &PlanArgs) -> Result<PlanRequest, Failure> {
    let mut settings = match &args.config {
        Some(config) => Settings::load(config).map_err(clivia_run::error::Error::from)?.plan,
        None => Frozen::load(&args.from)?.settings.plan,
    };
    settings.budget = args.budget.unwrap_or(settings.budget);
    settings.period_days = args.days.unwrap_or(settings.period_days);
    settings.least_return = args.least_return.unwrap_or(settings.least_return);
    for (channel, _) in &args.capacity {
        settings.capacity.retain(|known, _| channel_key(known) != channel_key(channel));
    }
    for (channel, places) in &args.capacity {
        if settings.capacity.insert(channel.clone(), *places).is_some() {
            return Err(Failure::Usage(format!("--capacity {channel} is given twice")));
        }
    }
    let managers = match &args.managers {
        Some(file) => {
            let source = files::find_one(file).map_err(clivia_run::error::Error::from)?;
            managers::read(&source, &Settings::default().read).map_err(clivia_run::error::Error::from)?
        }
        None => Vec::new(),
    };
    Ok(PlanRequest { settings, managers, switching_cost: args.switching_cost })
}

fn show(planned: &Planned, out: &Path) -> String {
    let totals = &planned.totals;
    let mut text = String::new();
    let budget = totals.budget.map_or("without a limit".into(), |budget| format!("of {} allowed", amount(budget)));
    let sure = match totals.method {
        Method::Exact => "proven to be the best possible".to_string(),
        Method::Greedy if totals.gap < 0.001 => "less than 0.1 % below the best possible".to_string(),
        Method::Greedy => format!("at most {} below the best possible", share(totals.gap)),
    };
    // Writing into a string cannot fail.
    writeln!(
        text,
        "plan       {} contacts from {} options, after {}",
        count(totals.contacts),
        count(totals.options),
        totals.as_of
    )
    .ok();
    writeln!(text, "cost       {} {budget}", amount(totals.cost)).ok();
    writeln!(text, "value      {}: {sure}", whole(totals.value)).ok();
    if totals.worth_less_than_cost > 0 {
        let dear = count(totals.worth_less_than_cost);
        writeln!(
            text,
            "           {dear} of the contacts are worth less than they cost: --least-return 1 leaves them out"
        )
        .ok();
    }
    if totals.saving > Money(0) {
        writeln!(text, "saving     {} with {} over-served customers", amount(totals.saving), count(totals.spared)).ok();
    }
    if let Some(managers) = &totals.managers {
        writeln!(text, "\n{:<24}{:>10}{:>12}{:>16}{:>16}", "manager", "capacity", "customers", "value", "fair share")
            .ok();
        for load in &managers.loads {
            writeln!(
                text,
                "{:<24}{:>10}{:>12}{:>16}{:>16}",
                load.name,
                count(load.capacity.into()),
                count(load.customers.into()),
                whole(load.value),
                whole(load.share)
            )
            .ok();
        }
        writeln!(
            text,
            "{} customers move from one manager to another, {} are taken over from others; the most uneven manager is {} off \
             its share",
            count(managers.moves.into()),
            count(managers.taken_over.into()),
            whole(managers.unevenness)
        )
        .ok();
    }
    writeln!(text, "\nresults    {}", out.display()).ok();
    text
}
