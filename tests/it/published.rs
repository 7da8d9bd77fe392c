//! Published tables, and high-precision values of our own computation, to every digit they give.

use std::collections::BTreeMap;

use clivia::ids::Ids;
use clivia::models::bg_nbd::BgNbd;
use clivia::models::gamma_gamma::{FitGammaGamma, GammaGamma};
use clivia::models::{Fit, FitReport, FitSettings, Fitted, Histories, History, PurchaseModel};
use clivia::summary::{Spend, SpendDays, Summary};
use clivia::units::{Day, Money, TimeUnit};
use clivia::value::{ValueTerms, discounted_purchases, value};

use crate::support;

/// What every customer of the CDNOW sample spent on each day, in cents.
type Days = BTreeMap<u32, BTreeMap<Day, i64>>;

fn cdnow_days(as_of: Day) -> Days {
    let path = support::shared_data("cdnow_sample.csv");
    let mut reader = csv::Reader::from_path(path).expect("the CDNOW sample");
    let mut days = Days::new();
    // master_id, customer_id, date, cds, amount
    for record in reader.records().map(|record| record.expect("a record")) {
        let day: Day = record[2].parse().expect("a day");
        let cents = (record[4].parse::<f64>().expect("an amount") * 100.0).round() as i64;
        if day <= as_of {
            *days.entry(record[1].parse().expect("an id")).or_default().entry(day).or_default() += cents;
        }
    }
    days
}

/// The calibration summary of the papers, 1997-01-01 to 1997-09-30, built plainly from the orders.
fn cdnow(unit: TimeUnit) -> Summary {
    let as_of: Day = "1997-09-30".parse().expect("a day");
    let days = cdnow_days(as_of);
    let mut base = empty(as_of, unit);
    for (id, spent) in &days {
        push(&mut base, &id.to_string(), spent);
    }
    base
}

fn empty(as_of: Day, unit: TimeUnit) -> Summary {
    Summary {
        as_of,
        unit,
        ids: Ids::default(),
        orders: Vec::new(),
        frequency: Vec::new(),
        last_purchase_age: Vec::new(),
        age: Vec::new(),
        first_order: Vec::new(),
        last_order: Vec::new(),
        spend: Some(Spend { days: SpendDays::Repeat, revenue: Vec::new(), mean: Vec::new() }),
    }
}

fn push(base: &mut Summary, id: &str, spent: &BTreeMap<Day, i64>) {
    let (first, last) = (*spent.keys().next().expect("a day"), *spent.keys().last().expect("a day"));
    let repeat: i64 = spent.values().skip(1).sum();
    let x = spent.len() as u32 - 1;
    base.ids.push(id);
    base.orders.push(x + 1);
    base.frequency.push(x);
    base.last_purchase_age.push(f64::from(last.days_since(first)) / base.unit.days());
    base.age.push(f64::from(base.as_of.days_since(first)) / base.unit.days());
    base.first_order.push(first);
    base.last_order.push(last);
    let spend = base.spend.as_mut().expect("the base has amounts");
    spend.revenue.push(Money(spent.values().sum::<i64>() * 100));
    spend.mean.push((x > 0).then(|| repeat as f64 / 100.0 / f64::from(x)));
}

fn bg_nbd(base: &Summary) -> Fitted<BgNbd> {
    BgNbd::fit(&Histories::of(base), base.unit, &FitSettings::default()).expect("a fit")
}

fn fitted(unit: TimeUnit) -> Fitted<BgNbd> {
    bg_nbd(&cdnow(unit))
}

fn rounded(value: f64, digits: usize) -> String {
    format!("{value:.digits$}")
}

fn near(value: f64, exact: f64, tolerance: f64) -> bool {
    (value / exact - 1.0).abs() <= tolerance
}

/// Fader, Hardie and Lee (2005), table 2.
#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn bg_nbd_of_the_paper() {
    let Fitted { model, report } = fitted(TimeUnit::Weeks);
    let parameters = [model.r, model.alpha, model.a, model.b].map(|value| rounded(value, 3));
    assert_eq!(parameters, ["0.243", "4.414", "0.793", "2.426"]);
    assert_eq!(rounded(report.log_likelihood, 1), "-9582.4");
    assert!(report.converged && report.warnings.is_empty());
    assert_eq!(report.customers, 2357);
}

/// Our own optimum from the same orders, by 30-digit arithmetic.
#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn bg_nbd_optimum_in_high_precision() {
    let Fitted { model, report } = fitted(TimeUnit::Weeks);
    for (value, exact) in [
        (model.r, 0.24259452),
        (model.alpha, 4.41360202),
        (model.a, 0.79292202),
        (model.b, 2.42590678),
        (report.log_likelihood, -9582.42920667),
    ] {
        assert!(near(value, exact, 2.5e-8), "{value} is not {exact}"); // the eight digits given
    }
}

/// Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value, from the orders.
#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn gamma_gamma_of_the_note() {
    let Fitted { model, report } = FitGammaGamma::default().fit(&cdnow(TimeUnit::Weeks)).expect("a fit");
    assert_eq!([model.p, model.q, model.v].map(|value| rounded(value, 2)), ["6.25", "3.74", "15.44"]);
    assert_eq!(report.customers, 946);
    assert!(report.converged && report.warnings.is_empty());
}

/// Fader, Hardie and Lee (2005): one customer's conditional expectation, and `E[X(t)]`.
#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn bg_nbd_expectations_of_the_paper() {
    let model = fitted(TimeUnit::Weeks).model;
    let ahead = model.expected_purchases(History::new(2, 30.43, 38.86), 39.0);
    assert_eq!(rounded(ahead, 3), "1.226");
    let expected = [1.0, 32.0].map(|weeks| rounded(model.expectation(weeks), 4));
    assert_eq!(expected, ["0.0532", "1.0437"]);
}

/// At 78 weeks the authors' spreadsheet prints 1.8576: its series for ₂F₁ ends after 150 terms, at
/// z = 0.95. Those terms give its digits; all of them give ours, as do 60-digit sums.
#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn bg_nbd_expectation_of_the_spreadsheet_is_cut_short() {
    let model = fitted(TimeUnit::Weeks).model;
    assert_eq!(rounded(equation_9(&model, 78.0, 150), 4), "1.8576");
    assert_eq!(rounded(equation_9(&model, 78.0, 2_000), 4), "1.8580");
    assert!(near(model.expectation(78.0), 1.8579584, 5e-8)); // the digits given
}

/// Equation (9) as printed, with so many terms of the hypergeometric series.
fn equation_9(&BgNbd { r, alpha, a, b }: &BgNbd, t: f64, terms: u32) -> f64 {
    let (c, z) = (a + b - 1.0, t / (alpha + t));
    let next = |term: f64, k: f64| term * (r + k) * (b + k) * z / ((c + k) * (k + 1.0));
    let (series, _) = (0..terms).fold((1.0, 1.0), |(sum, term), k| {
        let term = next(term, f64::from(k));
        (sum + term, term)
    });
    c / (a - 1.0) * (1.0 - (alpha / (alpha + t)).powf(r) * series)
}

#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn days_weeks_and_months_give_the_same_fit() {
    let weeks = fitted(TimeUnit::Weeks);
    let repeats: u32 = cdnow(TimeUnit::Weeks).frequency.iter().sum();
    for unit in [TimeUnit::Days, TimeUnit::Months] {
        let other = fitted(unit);
        let factor = TimeUnit::Weeks.days() / unit.days();
        let same = |value: f64, exact: f64| assert!(near(value, exact, 1e-8), "{unit:?}: {value} is not {exact}"); // asked for
        same(other.model.alpha, weeks.model.alpha * factor);
        same(other.model.r, weeks.model.r);
        same(other.model.a, weeks.model.a);
        same(other.model.b, weeks.model.b);
        same(other.report.log_likelihood, weeks.report.log_likelihood - f64::from(repeats) * factor.ln());
    }
}

#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn one_thread_and_many_give_the_same_bits() {
    let base = cdnow(TimeUnit::Days);
    let everything = || {
        let purchases = bg_nbd(&base);
        let spend = FitGammaGamma::default().fit(&base).expect("a fit");
        let valued = value(&base, Some(&purchases.model), Some(&spend.model), &ValueTerms::default());
        (purchases, spend, valued)
    };
    let on =
        |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads").install(everything);
    assert_eq!(on(1), on(7));
}

#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn a_frozen_fit_values_as_the_fit_did() {
    let base = cdnow(TimeUnit::Weeks);
    let (purchases, spend) = (bg_nbd(&base), FitGammaGamma::default().fit(&base).expect("a fit"));
    let through_json = |report: &FitReport| -> FitReport {
        serde_json::from_str(&serde_json::to_string(report).expect("JSON")).expect("a report")
    };
    let frozen = BgNbd::from_report(&through_json(&purchases.report), TimeUnit::Weeks).expect("a model");
    let frozen_spend = GammaGamma::from_report(&through_json(&spend.report)).expect("a model");
    let terms = ValueTerms::default();
    assert_eq!(
        value(&base, Some(&purchases.model), Some(&spend.model), &terms),
        value(&base, Some(&frozen), Some(&frozen_spend), &terms)
    );
}

#[test]
#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]
fn a_missing_model_leaves_its_columns_empty() {
    let base = cdnow(TimeUnit::Weeks);
    let model = fitted(TimeUnit::Weeks).model;
    let counts = value(&base, Some(&model), None, &ValueTerms::default());
    assert!(counts.p_alive.is_some() && counts.expected_purchases.is_some());
    assert!(counts.expected_spend.is_none() && counts.clv.is_none());
    assert_eq!(value(&base, None, None, &ValueTerms::default()), Default::default());
}

/// The columns of `tests/reference/bg_nbd.csv`, made by `bg_nbd.py` beside it.
struct Reference {
    quantity: &'static str,
    model: BgNbd,
    history: History,
    horizon: f64,
    value: f64,
}

fn references() -> impl Iterator<Item = Reference> {
    include_str!("../reference/bg_nbd.csv").lines().skip(1).map(|line| {
        let (quantity, numbers) = line.split_once(',').expect("a name");
        let number: Vec<f64> = numbers.split(',').map(|text| text.parse().expect("a number")).collect();
        Reference {
            quantity,
            model: BgNbd::new(number[0], number[1], number[2], number[3]).expect("positive parameters"),
            history: History::new(number[4] as u32, number[5], number[6]),
            horizon: number[7],
            value: number[8],
        }
    })
}

/// Edges included: a = 1 and |a - 1| = 1e-9, x up to 20,000, ₂F₁ near z = 1, a + b below 1, and the limits
/// of the search: a, b, r and alpha of 4.5e-5 and of 22,026.
#[test]
fn bg_nbd_agrees_with_high_precision_references() {
    let mut points = BTreeMap::new();
    for Reference { quantity, model, history, horizon, value } in references() {
        let ours = match quantity {
            "p_alive" => model.p_alive(history),
            "conditional" => model.expected_purchases(history, horizon),
            "unconditional" => model.expectation(horizon),
            _ => {
                let delta = quantity.trim_start_matches("discounted ").parse().expect("a rate");
                discounted_purchases(&model, history, horizon, delta)
            }
        };
        assert!(near(ours, value, 1e-9), "{quantity} {model:?} {history:?} {horizon}: {ours} is not {value}"); // asked for
        *points.entry(quantity).or_insert(0) += 1;
    }
    assert!(["p_alive", "conditional", "unconditional"].iter().all(|quantity| points[quantity] >= 500));
}
