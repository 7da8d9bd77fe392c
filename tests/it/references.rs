//! Every model against high-precision values, which the scripts in `tests/reference/` computed: each quantity at 500
//! points and more, edges included, to a relative error of 1e-9. Nothing is skipped: where a value is less than what
//! doubles hold to all their digits, ours must be as good as nothing too, and the point does not count.

use std::collections::BTreeMap;

use clivia_core::models::purchase::bg_bb::BgBb;
use clivia_core::models::purchase::bg_nbd::BgNbd;
use clivia_core::models::purchase::cnbd_k::{CnbdK, Kind};
use clivia_core::models::purchase::ggompertz_nbd::GgompertzNbd;
use clivia_core::models::purchase::mbg_nbd::MbgNbd;
use clivia_core::models::purchase::nbd::Nbd;
use clivia_core::models::purchase::pareto_nbd::ParetoNbd;
use clivia_core::models::spend::Spender;
use clivia_core::models::spend::conditional_gamma_gamma::ConditionalGammaGamma;
use clivia_core::models::spend::gamma_gamma::GammaGamma;
use clivia_core::models::{FitError, History, PurchaseModel, SpendModel};
use clivia_core::value::discounted_purchases;

/// What is asked for.
const TOLERANCE: f64 = 1e-9;
/// Below this a double loses digits; the smallest with all of them is 2.2e-308, and products of two come before.
const SMALLEST: f64 = 1e-290;

/// Points of a quantity of which fewer are tabled, as its test says.
const FEWER: usize = 100;

/// A line of a file with reference values.
struct Point {
    quantity: String,
    parameters: Vec<f64>,
    x: u32,
    t_x: f64,
    t: f64,
    horizon: f64,
    n: u32,
    value: f64,
    line: String,
}

/// `quantity`, the parameters, then `x,t_x,t,horizon,n,value`; what a quantity does not need is empty.
fn points(csv: &str) -> impl Iterator<Item = Point> + '_ {
    let number = |text: &str| if text.is_empty() { 0.0 } else { text.parse().expect("a number") };
    csv.lines().skip(1).map(move |line| {
        let cells: Vec<&str> = line.split(',').collect();
        let (parameters, [x, t_x, t, horizon, n, value]) = cells[1..].split_last_chunk().expect("six columns");
        Point {
            quantity: cells[0].into(),
            parameters: parameters.iter().map(|text| number(text)).collect(),
            x: x.parse().expect("a count"),
            t_x: number(t_x),
            t: number(t),
            horizon: number(horizon),
            n: if n.is_empty() { 0 } else { n.parse().expect("a count") },
            value: number(value),
            line: line.into(),
        }
    })
}

impl Point {
    fn history(&self) -> History {
        History::new(self.x, self.t_x, self.t)
    }

    /// What a purchase model says.
    fn of(&self, model: &dyn PurchaseModel) -> f64 {
        let (history, horizon, n) = (self.history(), self.horizon, self.n);
        match self.quantity.split_once(' ').unwrap_or((&self.quantity, "")) {
            ("log_likelihood", _) => model.log_likelihood(history),
            ("p_alive", _) => model.p_alive(history),
            ("unconditional", _) => model.expectation(horizon),
            ("conditional", _) => model.expected_purchases(history, horizon),
            ("count", _) => model.probability(horizon, n),
            ("conditional_count", _) => {
                let alive = model.p_alive(history);
                let gone = if n == 0 { 1.0 - alive } else { 0.0 };
                gone + alive * model.probability_if_alive(history, horizon, n)
            }
            ("discounted" | "endless", rate) => {
                discounted_purchases(model, history, horizon, rate.parse().expect("a rate"))
            }
            _ => panic!("unknown quantity: {}", self.line),
        }
    }

    /// How far a value is off: relative, for log-likelihoods absolute where they are below 1, and nothing where
    /// neither shows in a double.
    fn error(&self, ours: f64) -> f64 {
        let size = if self.quantity == "log_likelihood" { self.value.abs().max(1.0) } else { self.value.abs() };
        if !ours.is_finite() {
            f64::INFINITY
        } else if self.counts() {
            ((ours - self.value).abs() - self.rounding()).max(0.0) / size
        } else {
            if (0.0..=2.0 * SMALLEST).contains(&ours) { 0.0 } else { f64::INFINITY }
        }
    }

    /// No purchases are what is left of P(alive), which near 1 holds no more than the last bit of 1.
    fn rounding(&self) -> f64 {
        let left = matches!(self.quantity.as_str(), "count" | "conditional_count") && self.n == 0;
        if left { f64::EPSILON } else { 0.0 }
    }

    fn counts(&self) -> bool {
        self.quantity == "log_likelihood" || self.value.abs() >= SMALLEST
    }
}

/// The points that count and the worst error, for each quantity.
#[derive(Default)]
struct Seen {
    points: usize,
    failed: Vec<String>,
    worst: f64,
    where_worst: String,
}

/// All points of a file, each by what `ours` makes of it. Rates of discount are one quantity.
fn compare(csv: &str, ours: impl Fn(&Point) -> f64) -> BTreeMap<String, Seen> {
    let mut all: BTreeMap<String, Seen> = BTreeMap::new();
    for point in points(csv) {
        let value = ours(&point);
        let error = point.error(value);
        let probability = matches!(point.quantity.as_str(), "p_alive" | "count" | "conditional_count");
        assert!(!probability || (0.0..=1.0).contains(&value), "no probability: {value} at {}", point.line);
        let name = point.quantity.split(' ').next().unwrap_or_default();
        let seen = all.entry(name.into()).or_default();
        seen.points += usize::from(point.counts());
        if error > TOLERANCE {
            seen.failed.push(format!("{}: {value:e}, {error:.1e}", point.line));
        }
        if error >= seen.worst {
            (seen.worst, seen.where_worst) = (error, format!("{}: {value:e}", point.line));
        }
    }
    all
}

fn assert_holds(csv: &str, quantities: &[&str], ours: impl Fn(&Point) -> f64) {
    let all = compare(csv, ours);
    let names: Vec<&str> = all.keys().map(String::as_str).collect();
    for (name, Seen { points, failed, worst, where_worst }) in &all {
        eprintln!("{name}: {points} points, {} failed, at worst {worst:.1e} at {where_worst}", failed.len());
    }
    assert!(quantities.iter().all(|quantity| names.contains(quantity)), "{names:?}");
    for (name, Seen { points, failed, .. }) in &all {
        let fewest = if quantities.contains(&name.as_str()) { 500 } else { FEWER };
        assert!(*points >= fewest, "{name}: {points} points");
        assert!(failed.is_empty(), "{} of {name}:\n{}", failed.len(), failed.join("\n"));
    }
}

const ALL: [&str; 8] = [
    "log_likelihood",
    "p_alive",
    "unconditional",
    "conditional",
    "count",
    "conditional_count",
    "discounted",
    "endless",
];

/// A purchase model from the parameters of a line.
type Make = fn(&[f64]) -> Result<Box<dyn PurchaseModel>, FitError>;

fn assert_model_holds(csv: &str, quantities: &[&str], make: Make) {
    assert_holds(csv, quantities, |point| point.of(&*make(&point.parameters).expect("valid parameters")));
}

fn boxed(model: impl PurchaseModel + 'static) -> Box<dyn PurchaseModel> {
    Box::new(model)
}

#[test]
fn nbd_holds() {
    assert_model_holds(include_str!("../reference/nbd.csv"), &ALL, |p| Nbd::new(p[0], p[1]).map(boxed));
}

/// The rest of BG/NBD; expectations and finite discounting are in `bg_nbd.csv`.
#[test]
fn bg_nbd_holds() {
    let quantities = ["log_likelihood", "p_alive", "count", "conditional_count", "endless"];
    let csv = include_str!("../reference/bg_nbd_more.csv");
    assert_model_holds(csv, &quantities, |p| BgNbd::new(p[0], p[1], p[2], p[3]).map(boxed));
}

#[test]
fn mbg_nbd_holds() {
    let csv = include_str!("../reference/mbg_nbd.csv");
    assert_model_holds(csv, &ALL, |p| MbgNbd::new(p[0], p[1], p[2], p[3]).map(boxed));
}

#[test]
fn pareto_nbd_holds() {
    let csv = include_str!("../reference/pareto_nbd.csv");
    assert_model_holds(csv, &ALL, |p| ParetoNbd::new(p[0], p[1], p[2], p[3]).map(boxed));
}

#[test]
fn ggompertz_nbd_holds() {
    let csv = include_str!("../reference/ggompertz_nbd.csv");
    assert_model_holds(csv, &ALL, |p| GgompertzNbd::new(p[0], p[1], p[2], p[3], p[4]).map(boxed));
}

#[test]
fn bg_bb_holds() {
    let csv = include_str!("../reference/bg_bb.csv");
    assert_model_holds(csv, &ALL, |p| BgBb::new(p[0], p[1], p[2], p[3]).map(boxed));
}

/// Fewer points are tabled of discounted purchases, each of which takes thousands of sums over counts.
#[test]
fn bg_cnbd_k_holds() {
    let csv = include_str!("../reference/bg_cnbd_k.csv");
    assert_model_holds(csv, &ALL[..6], |p| CnbdK::new(Kind::Bg, p[0] as u32, p[1], p[2], p[3], p[4]).map(boxed));
}

/// As above.
#[test]
fn mbg_cnbd_k_holds() {
    let csv = include_str!("../reference/mbg_cnbd_k.csv");
    assert_model_holds(csv, &ALL[..6], |p| CnbdK::new(Kind::Mbg, p[0] as u32, p[1], p[2], p[3], p[4]).map(boxed));
}

/// Gamma-Gamma and its conditional form; `horizon` is the mean spend.
#[test]
fn gamma_gamma_holds() {
    assert_holds(include_str!("../reference/gamma_gamma.csv"), &["log_likelihood", "expected_spend"], |point| {
        let [p, q, v, delta] = point.parameters[..] else { panic!("four parameters") };
        let at_zero = GammaGamma::new(p, q, v).expect("valid parameters");
        let mean = (point.x > 0).then_some(point.horizon);
        let conditional = ConditionalGammaGamma { at_zero, delta };
        match point.quantity.as_str() {
            "log_likelihood" => conditional.at(point.x).log_likelihood(point.x, point.horizon),
            _ if delta == 0.0 => at_zero.expected_spend(point.x, mean),
            _ => conditional.expected_spend(Spender { frequency: point.x, days: point.x, mean }),
        }
    });
}
