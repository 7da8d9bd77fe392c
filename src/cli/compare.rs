//! `clivia compare`: who moved between two runs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use clivia_io::staging::Staging;
use clivia_run::runs::compare::{Comparison, Transition, compare};
use clivia_run::tables::comparison::{COMPARE_LEAVES, write_comparison};

use crate::Failure;
use crate::terminal::{count, whole, write_notes};
use crate::words::FormatArg;

/// Flows of customers that are shown of each kind.
const SHOWN: usize = 12;

/// Which runs.
#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// The folder of the earlier run: its thresholds count for both
    #[arg(value_name = "RUN_A")]
    before: PathBuf,
    /// The folder of the later run
    #[arg(value_name = "RUN_B")]
    after: PathBuf,
    /// The folder for transitions, movers and compare.json
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace an earlier comparison there
    #[arg(long)]
    overwrite: bool,
    /// How tables are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: FormatArg,
    /// Print the transitions as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &CompareArgs) -> Result<(), Failure> {
    let staging = args.out.as_ref().map(|out| Staging::open(out, COMPARE_LEAVES, args.overwrite));
    let staging = staging.transpose().map_err(clivia_run::error::Error::from)?;
    let comparison = compare(&args.before, &args.after)?;
    if let Some(staging) = staging {
        write_comparison(&comparison, args.format.into(), staging).map_err(clivia_run::error::Error::from)?;
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        return Ok(writeln!(out, "{:#}", serde_json::json!(comparison.totals()))?);
    }
    Ok(out.write_all(show(&comparison).as_bytes())?)
}

/// The comparison in words: flows, the largest first. Single customers are in the movers table only.
fn show(comparison: &Comparison) -> String {
    let mut text = String::new();
    let totals = comparison.totals();
    // Writing into a string cannot fail.
    writeln!(
        text,
        "customers  {} before, {} after; {} new, {} gone",
        count(comparison.customers_before),
        count(comparison.customers_after),
        count(totals.new),
        count(totals.gone)
    )
    .ok();
    writeln!(
        text,
        "moved      {} changed their cell or segment; {} of them lost value, {} in all",
        count(totals.moved),
        count(totals.losing),
        whole(totals.value_lost)
    )
    .ok();
    for (title, flows) in
        [("diagnosis", &comparison.diagnoses), ("map cell", &comparison.cells), ("RFM segment", &comparison.segments)]
    {
        write_flows(&mut text, title, flows).ok();
    }
    write_notes(&mut text, &comparison.notes).ok();
    text
}

fn write_flows(text: &mut String, title: &str, flows: &[Transition]) -> std::fmt::Result {
    if flows.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "\n{:<62}{:>12}{:>14}{:>14}",
        format!("{title}: from -> to"),
        "customers",
        "CLV before",
        "CLV after"
    )?;
    let stayed: u64 = flows.iter().filter(|flow| flow.from == flow.to).map(|flow| flow.customers).sum();
    let mut moved: Vec<&Transition> = flows.iter().filter(|flow| flow.from != flow.to).collect();
    moved.sort_by_key(|flow| std::cmp::Reverse(flow.customers));
    for flow in moved.iter().take(SHOWN) {
        writeln!(
            text,
            "{:<62}{:>12}{:>14}{:>14}",
            format!("{} -> {}", flow.from, flow.to),
            count(flow.customers),
            whole(flow.clv_before),
            whole(flow.clv_after)
        )?;
    }
    let more: u64 = moved.iter().skip(SHOWN).map(|flow| flow.customers).sum();
    if more > 0 {
        writeln!(text, "{:<62}{:>12}", "all other moves", count(more))?;
    }
    writeln!(text, "{:<62}{:>12}", "stayed", count(stayed))
}
