//! The half of the comparison with other packages that runs in clivia; `run` beside it calls it.
//!
//! - `models draw FILE CUSTOMERS`: writes a base as CSV: frequency, last purchase age and age in weeks, mean spend.
//! - `models time FILE ROUNDS`: fits and values that base so often, and prints seconds and results as JSON.
//! - `models compare FILE`: works out again what another package predicted, and prints how far it is off.
#![allow(missing_docs, clippy::print_stdout)] // standard output is how `run` is told

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use clivia_core::base::ids::Ids;
use clivia_core::base::{Day, DiscountRate, Money, TimeUnit};
use clivia_core::models::purchase::bg_nbd::BgNbd;
use clivia_core::models::purchase::mbg_nbd::MbgNbd;
use clivia_core::models::purchase::pareto_nbd::ParetoNbd;
use clivia_core::models::spend::gamma_gamma::{FitGammaGamma, GammaGamma};
use clivia_core::models::{Fit, FitSettings, Histories, History, ModelName, PurchaseModel};
use clivia_core::summary::{Ages, Means, Spend, SpendDays, Summary};
use clivia_core::value::{ClvConvention, ValueTerms, discounted_by, value};
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Gamma};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A discount of 1 % a month, as in the examples of the other packages.
const MONTHLY_RATE: f64 = 0.01;

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["draw", file, customers] => draw(file, customers.parse()?),
        ["time", file, rounds] => time(file, rounds.parse()?),
        ["compare", file] => compare(file),
        // `cargo bench -- --test` runs every benchmark once.
        _ => smoke(),
    }
}

/// The base: BG/NBD with r 0.25, alpha 4.5, a 0.8, b 2.4, observed for 20 to 104 weeks to the day.
fn draw(file: &str, customers: u32) -> Outcome<()> {
    let model = BgNbd::new(0.25, 4.5, 0.8, 2.4)?;
    let rates = Gamma::new(3.74, 1.0)?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "frequency,last_purchase_age,age,mean_spend")?;
    for _ in 0..customers {
        let age = f64::from(rng.gen_range(140..=728_u32)) / 7.0;
        let History { x, t_x, .. } = model.draw(age, &mut rng);
        let t_x = (t_x * 7.0).ceil().min(age * 7.0) / 7.0;
        let mean = if x > 0 {
            let rate = rates.sample(&mut rng) / 15.44;
            Gamma::new(6.25 * f64::from(x), 1.0)?.sample(&mut rng) / (rate * f64::from(x))
        } else {
            0.0
        };
        writeln!(out, "{x},{t_x},{age},{mean}")?;
    }
    Ok(out.flush()?)
}

fn read(file: &str) -> Outcome<Summary> {
    let mut base = Summary {
        as_of: Day(20_000),
        unit: TimeUnit::Weeks,
        ids: Ids::default(),
        orders: Vec::new(),
        frequency: Vec::new(),
        ages: None,
        first_order: Vec::new(),
        last_order: Vec::new(),
        spend: None,
    };
    let (mut ages, mut revenue, mut mean) = (Ages::default(), Vec::new(), Means::default());
    for (number, row) in csv::Reader::from_path(file)?.records().enumerate() {
        let row = row?;
        let x: u32 = row[0].parse()?;
        base.ids.push(&number.to_string());
        base.orders.push(x + 1);
        base.frequency.push(x);
        ages.last_purchase.push(row[1].parse()?);
        ages.now.push(row[2].parse()?);
        base.first_order.push(Day(19_000));
        base.last_order.push(Day(19_000));
        revenue.push(Money(0));
        mean.push(Some(row[3].parse()?).filter(|mean| *mean > 0.0));
    }
    base.ages = Some(ages);
    base.spend = Some(Spend { days: SpendDays::Repeat, revenue, mean });
    Ok(base)
}

/// The terms of the other packages: twelve months of 4.345 weeks, 1 % a month, discounted at their end.
fn terms() -> Outcome<ValueTerms> {
    Ok(ValueTerms {
        horizon: "12m".parse()?,
        discount_rate: DiscountRate::annual((1.0 + MONTHLY_RATE).powi(12) - 1.0)?,
        margin: 1.0,
        convention: ClvConvention::Monthly,
    })
}

/// Seconds of each round.
fn timed<T>(rounds: usize, mut work: impl FnMut() -> Outcome<T>) -> Outcome<(Vec<f64>, T)> {
    let mut seconds = Vec::new();
    let mut once = || -> Outcome<T> {
        let start = Instant::now();
        let done = work()?;
        seconds.push(start.elapsed().as_secs_f64());
        Ok(done)
    };
    let mut last = once()?;
    for _ in 1..rounds {
        last = once()?;
    }
    Ok((seconds, last))
}

/// Fits from the columns of the base on: bringing equal histories together is in the time.
fn time(file: &str, rounds: usize) -> Outcome<()> {
    let base = read(file)?;
    let mut record = BTreeMap::new();
    for name in [ModelName::BgNbd, ModelName::MbgNbd, ModelName::ParetoNbd] {
        let fit = || Ok(name.fit(&Histories::of(&base), base.unit, &FitSettings::default())?);
        let (seconds, fitted) = timed(rounds, fit)?;
        let report = fitted.report;
        record.insert(
            format!("fit {name}"),
            json!({"seconds": seconds, "parameters": report.parameters, "log_likelihood": report.log_likelihood,
                   "distinct_rows": report.distinct_rows}),
        );
    }
    let (seconds, spend) = timed(rounds, || Ok(FitGammaGamma::default().fit(&base)?))?;
    record.insert("fit gamma-gamma".into(), json!({"seconds": seconds, "parameters": spend.report.parameters}));
    let purchases = BgNbd::fit(&Histories::of(&base), base.unit, &FitSettings::default())?.model;
    let terms = terms()?;
    let (seconds, valued) = timed(rounds, || Ok(value(&base, Some(&purchases), Some(&spend.model), &terms)))?;
    let clv: f64 = valued.clv.iter().flatten().sum();
    record.insert("clv bg-nbd".into(), json!({"seconds": seconds, "total": clv}));
    let customers = base.len();
    let threads = rayon::current_num_threads();
    println!("{}", json!({"customers": customers, "threads": threads, "work": record}));
    Ok(())
}

/// What another package predicted: model, quantity, four parameters, x, t_x, T, horizon, value.
fn compare(file: &str) -> Outcome<()> {
    let mut worst: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    for row in csv::Reader::from_path(file)?.records() {
        let row = row?;
        let numbers: Vec<f64> = row.iter().skip(2).map(str::parse).collect::<Result<_, _>>()?;
        let (ours, theirs) = (again(&row[0], &row[1], &numbers)?, numbers[8]);
        let off = (ours - theirs).abs() / theirs.abs().max(1e-9);
        let entry = worst.entry(format!("{} {}", &row[0], &row[1])).or_default();
        *entry = (entry.0 + 1, entry.1.max(off));
    }
    let record: BTreeMap<String, Value> =
        worst.into_iter().map(|(key, (rows, off))| (key, json!({"rows": rows, "largest_difference": off}))).collect();
    println!("{}", json!(record));
    Ok(())
}

fn again(model: &str, quantity: &str, numbers: &[f64]) -> Outcome<f64> {
    let [p0, p1, p2, p3, x, t_x, t, horizon] = numbers[..8].try_into()?;
    let history = History::new(x as u32, t_x, t);
    let model: Box<dyn PurchaseModel> = match model {
        "bg-nbd" => Box::new(BgNbd::new(p0, p1, p2, p3)?),
        "mbg-nbd" => Box::new(MbgNbd::new(p0, p1, p2, p3)?),
        "pareto-nbd" => Box::new(ParetoNbd::new(p0, p1, p2, p3)?),
        // p, q, v, and the mean of x days as t_x.
        _ => return Ok(GammaGamma::new(p0, p1, p2)?.expected_spend(x as u32, Some(t_x).filter(|_| x > 0.0))),
    };
    Ok(match quantity {
        "p_alive" => model.p_alive(history),
        "conditional" => model.expected_purchases(history, horizon),
        "unconditional" => model.expectation(horizon),
        "discounted" => discounted_by(&terms()?, TimeUnit::Weeks, model.as_ref(), history),
        other => return Err(format!("'{other}' is no quantity").into()),
    })
}

fn smoke() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("base.csv").display().to_string();
    draw(&file, 2_000)?;
    time(&file, 1)
}
