//! The map against what comes before it, in one run: 1,000,000 customers with about 10,000,000 orders and as many contacts,
//! read from Parquet files. The bar: map, corrections and plan take at most half the time of summary and scoring.
//!
//! Not a criterion benchmark: what counts is the ratio of stages within one whole run. The smoke run takes few customers.

use std::time::Instant;

use clivia_core::control::Control;
use clivia_core::decide::plan::{PlanSettings, plan};
use clivia_core::simulate::{Population, PopulationSettings, PurchaseTruth, Totals};
use clivia_io::files;
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use clivia_io::staging::Staging;
use clivia_io::write::TableFormat;
use clivia_run::pipeline::{Inputs, Run, score};
use clivia_run::tables::simulation::{SIMULATE_LEAVES, SimulatedFiles, write_population};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Stages that are the map's own; reading the contacts stands by itself.
const MAP_STAGES: [&str; 2] = ["drawing the map", "finding corrections"];
const BESIDE: [&str; 2] = ["reading contacts", "relating contacts to purchases"];

fn main() -> Outcome {
    let measured = std::env::args().any(|argument| argument == "--bench") && !std::env::args().any(|a| a == "--test");
    let customers = if measured { 1_000_000 } else { 5_000 };
    let folder = tempfile::tempdir()?;
    let totals = simulate(customers, folder.path())?;
    say(&format!("{customers} customers, {} orders, {} contacts", totals.orders, totals.contacts));
    say(&format!("peak memory of drawing and writing them: {} MB", peak_megabytes()));
    for _ in 0..if measured { 3 } else { 1 } {
        run(folder.path())?;
    }
    say(&format!("peak memory: {} MB", peak_megabytes()));
    Ok(())
}

fn simulate(customers: u64, folder: &std::path::Path) -> Outcome<Totals> {
    // Buyers who order about ten times in the two years.
    let purchases = PurchaseTruth { r: 1.0, alpha: 6.0, a: 0.1, b: 2.0 };
    let mut settings = PopulationSettings { customers, purchases, seed: 7, ..PopulationSettings::default() };
    settings.contacts.per_week = 0.105;
    let staging = Staging::open(folder, SIMULATE_LEAVES, false)?;
    let files = SimulatedFiles::new(TableFormat::Parquet);
    Ok(write_population(&Population::new(settings)?, &files, staging)?)
}

fn run(folder: &std::path::Path) -> Outcome {
    let inputs = Inputs {
        orders: files::find(&[folder.join("orders.parquet")])?,
        contacts: files::find(&[folder.join("contacts.parquet")])?,
        ..Inputs::default()
    };
    let scored = score(&inputs, &Settings::default(), None, Rejects::counting(false), &Control::default())?;
    let mapped = scored.scored.map.as_ref().ok_or("there are contacts, so there is a map")?;
    let begun = Instant::now();
    let options = mapped.corrections.plan_options();
    let chosen = plan(&options, &mapped.corrections.channels, scored.summary.as_of, &PlanSettings::default())?;
    let planning = begun.elapsed().as_secs_f64();
    report(&scored, planning);
    say(&format!("  {} options, {} contacts planned, gap {:.1e}", options.len(), chosen.rows.len(), chosen.gap));
    Ok(())
}

fn report(scored: &Run, planning: f64) {
    let seconds = |of: &dyn Fn(&str) -> bool| -> f64 {
        scored.timings.iter().filter(|(stage, _)| of(stage)).map(|(_, seconds)| seconds).sum()
    };
    let map = seconds(&|stage| MAP_STAGES.contains(&stage)) + planning;
    let rest = seconds(&|stage| !MAP_STAGES.contains(&stage) && !BESIDE.contains(&stage));
    for (stage, seconds) in &scored.timings {
        say(&format!("  {stage:<34}{seconds:>8.2} s"));
    }
    say(&format!("  {:<34}{planning:>8.2} s", "planning"));
    say(&format!("map, corrections and plan {map:.2} s / summary and scoring {rest:.2} s = {:.2}", map / rest));
}

/// The most memory that this process has held so far, where the system tells.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1_024
}

#[allow(clippy::print_stdout)] // what a benchmark is for
fn say(text: &str) {
    println!("{text}");
}
