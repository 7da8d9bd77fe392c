//! How value is spread over customers, and what the purchase model says of them.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::function::beta::beta_reg;
use statrs::function::gamma::gamma_lr;

use crate::base::Money;
use crate::models::{FitReport, History, ModelName, PurchaseModel};
use crate::summary::Summary;
use crate::value::Worth;

/// Groups of customers by value.
const DECILES: usize = 10;
/// Bins of P(alive).
const ALIVE_BINS: usize = 20;
/// Bins of a trait over customers; beyond the last bin lies [`BEYOND`] of them.
const SPREAD_BINS: usize = 24;
const BEYOND: f64 = 0.02;
/// Ages at the last purchase in a matrix.
const AGES: usize = 21;
/// Rows of a matrix: as many repeat purchases as all but a hundredth of the customers have, between these.
const FEWEST_ROWS: u32 = 5;
const MOST_ROWS: u32 = 20;

/// A tenth of the customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decile {
    /// From 1, the most valuable.
    pub decile: u32,
    /// How many they are.
    pub customers: u64,
    /// Their value ahead: lifetime value, or purchases expected where there is none.
    pub value: f64,
    /// Its share of the whole, 0 to 1; `None` where that is not above 0.
    pub value_share: Option<f64>,
    /// What they have brought; `None` where the orders have no amounts.
    pub revenue: Option<Money>,
}

/// Customers between two values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Lower end, exclusive; `None` where the bin is open below.
    pub from: Option<f64>,
    /// Upper end, inclusive; `None` where it is open above.
    pub to: Option<f64>,
    /// How many customers.
    pub customers: u64,
}

/// What the purchase model says of customers with so many repeat purchases (rows) and such a last purchase (columns).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// The age of all these customers: that of the oldest in the base, in time units.
    pub age: f64,
    /// Repeat purchases, a row each.
    pub frequency: Vec<u32>,
    /// Age at the last purchase, a column each.
    pub last_purchase_age: Vec<f64>,
    /// Purchases expected within the horizon, row by row; `None` where nobody can be.
    pub expected_purchases: Vec<Option<f64>>,
    /// Probability of still being a customer, likewise.
    pub p_alive: Vec<Option<f64>>,
}

/// How a trait that the model draws for each customer is spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// `purchase_rate`, purchases a time unit; `dropout_probability`, after a purchase; `dropout_rate`, a time unit;
    /// `purchase_probability`, in a time unit.
    pub of: String,
    /// The share of customers in each bin; the last is open above.
    pub bins: Vec<Share>,
}

/// The share of customers between two values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Lower end.
    pub from: f64,
    /// Upper end; `None` where the bin is open.
    pub to: Option<f64>,
    /// Their share, 0 to 1.
    pub share: f64,
}

/// Value and the purchase model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueFigure {
    /// Customers by lifetime value; empty without one.
    pub clv: Vec<Bin>,
    /// Customers by P(alive).
    pub p_alive: Vec<Bin>,
    /// What the model says by frequency and recency; `None` of a model that knows covariates.
    pub matrix: Option<Matrix>,
    /// How customers differ, by the parameters of the model.
    pub spreads: Vec<Spread>,
}

impl ValueFigure {
    pub(crate) fn of(
        summary: &Summary,
        value: &Worth,
        model: (&dyn PurchaseModel, &FitReport),
        oldest: f64,
        horizon: f64,
    ) -> Self {
        let (model, report) = model;
        ValueFigure {
            clv: clv_bins(summary.len(), value),
            p_alive: alive_bins(summary, value),
            matrix: report.covariates.is_empty().then(|| matrix(summary, model, oldest, horizon)),
            spreads: spreads(report),
        }
    }
}

/// What is to come from a customer, and which it is, in twelve bytes: a pair would take sixteen.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    worth: [u32; 2],
    customer: u32,
}

impl Ranked {
    fn new(worth: f64, customer: u32) -> Self {
        let bits = worth.to_bits();
        Ranked { worth: [(bits >> 32) as u32, bits as u32], customer }
    }

    fn worth(&self) -> f64 {
        f64::from_bits(u64::from(self.worth[0]) << 32 | u64::from(self.worth[1]))
    }
}

/// Customers in ten groups by what is to come from them.
pub fn deciles(summary: &Summary, value: &Worth) -> Vec<Decile> {
    let worth = |customer: u32| {
        let customer = customer as usize;
        value.clv(customer).unwrap_or_else(|| value.expected_purchases(customer))
    };
    let customers = (0..summary.len() as u32).into_par_iter();
    let mut ranked: Vec<Ranked> = customers.map(|customer| Ranked::new(worth(customer), customer)).collect();
    // The most valuable first, and of equals who comes first: which group anybody is in is certain.
    let order = |a: &Ranked, b: &Ranked| b.worth().total_cmp(&a.worth()).then(a.customer.cmp(&b.customer));
    let (customers, mut rest) = (ranked.len(), ranked.as_mut_slice());
    let mut groups: Vec<&mut [Ranked]> = Vec::with_capacity(DECILES);
    for decile in 0..DECILES {
        let size = customers * (decile + 1) / DECILES - customers * decile / DECILES;
        if size > 0 && size < rest.len() {
            rest.select_nth_unstable_by(size, order);
        }
        let (group, after) = rest.split_at_mut(size);
        groups.push(group);
        rest = after;
    }
    // So that sums are added up in the order of customers.
    groups.par_iter_mut().for_each(|group| group.sort_unstable_by_key(|ranked| ranked.customer));
    let sums: Vec<f64> = groups.iter().map(|group| group.iter().map(Ranked::worth).sum()).collect();
    let total: f64 = sums.iter().sum();
    let row = |(decile, (group, &value)): (u32, (&&mut [Ranked], &f64))| Decile {
        decile,
        customers: group.len() as u64,
        value,
        value_share: (total > 0.0).then(|| value / total),
        revenue: summary
            .spend
            .as_ref()
            .map(|spend| group.iter().map(|ranked| spend.revenue[ranked.customer as usize]).sum()),
    };
    (1..).zip(groups.iter().zip(&sums)).map(row).filter(|decile| decile.customers > 0).collect()
}

/// Customers by lifetime value, in steps of 1, 2 and 5 times a power of ten.
fn clv_bins(customers: usize, value: &Worth) -> Vec<Bin> {
    // Worked out twice, which is cheaper than to keep those of everybody.
    let clvs = || {
        let all = (0..customers).into_par_iter();
        all.filter_map(|customer| value.clv(customer).filter(|clv| clv.is_finite()))
    };
    let positive = clvs().filter(|clv| *clv > 0.0).map(|clv| (clv, clv));
    let (least, most) = positive
        .reduce(|| (f64::INFINITY, 0.0), |(least, most), (low, high): (f64, f64)| (low.min(least), high.max(most)));
    let ends = steps(least.max(most / 1e6), most);
    // Nobody's, that up to the first step, and so on.
    let nobody = || vec![0_u64; ends.len() + 1];
    let count = |mut counts: Vec<u64>, clv: f64| {
        let bin =
            if clv > 0.0 { 1 + ends.partition_point(|end| *end < clv).min(ends.len().saturating_sub(1)) } else { 0 };
        counts[bin] += 1;
        counts
    };
    let add = |one: Vec<u64>, other: Vec<u64>| one.iter().zip(&other).map(|(one, other)| one + other).collect();
    let counts = clvs().fold(nobody, count).reduce(nobody, add);
    if counts.iter().all(|customers| *customers == 0) {
        return Vec::new();
    }
    let mut bins = vec![Bin { from: None, to: Some(0.0), customers: counts[0] }];
    bins.retain(|bin| bin.customers > 0);
    let starts = std::iter::once(0.0).chain(ends.iter().copied());
    bins.extend(starts.zip(&ends).zip(&counts[1..]).map(|((from, &to), &customers)| Bin {
        from: Some(from),
        to: Some(to),
        customers,
    }));
    bins
}

/// 1, 2, 5, 10, 20, ... from the first at or above `least` to the first at or above `most`.
fn steps(least: f64, most: f64) -> Vec<f64> {
    if !(most > 0.0 && least.is_finite()) {
        return Vec::new();
    }
    let powers = (least.log10().floor() as i32)..=(most.log10().ceil() as i32 + 1);
    let all = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10.0_f64.powi(power)));
    let all: Vec<f64> = all.collect();
    let first = all.partition_point(|step| *step < least);
    let last = all.partition_point(|step| *step < most);
    all[first.min(last)..=last.min(all.len() - 1)].to_vec()
}

fn alive_bins(summary: &Summary, value: &Worth) -> Vec<Bin> {
    let count = |mut counts: [u64; ALIVE_BINS], customer: usize| {
        let bin = (value.p_alive(customer) * ALIVE_BINS as f64).ceil() as usize;
        counts[bin.clamp(1, ALIVE_BINS) - 1] += 1;
        counts
    };
    let nobody = || [0_u64; ALIVE_BINS];
    let add = |one: [u64; ALIVE_BINS], other: [u64; ALIVE_BINS]| std::array::from_fn(|bin| one[bin] + other[bin]);
    let counts = (0..summary.len()).into_par_iter().fold(nobody, count).reduce(nobody, add);
    let end = |bin: usize| bin as f64 / ALIVE_BINS as f64;
    let bin = |(bin, &customers): (usize, &u64)| Bin { from: Some(end(bin)), to: Some(end(bin + 1)), customers };
    counts.iter().enumerate().map(bin).collect()
}

fn matrix(summary: &Summary, model: &dyn PurchaseModel, age: f64, horizon: f64) -> Matrix {
    let is_discrete = model.name() == ModelName::BgBb;
    let most = rows(summary, is_discrete.then_some(age));
    let frequency: Vec<u32> = (0..=most).collect();
    let last_purchase_age: Vec<f64> = if is_discrete {
        let step = (age / (AGES - 1) as f64).ceil().max(1.0);
        (0..AGES).map(|column| column as f64 * step).take_while(|at| *at <= age).collect()
    } else {
        (0..AGES).map(|column| age * column as f64 / (AGES - 1) as f64).collect()
    };
    // So many purchase days take at least as many days.
    let least = if is_discrete { 1.0 } else { 1.0 / summary.unit.days() };
    let cells = || frequency.iter().flat_map(|&x| last_purchase_age.iter().map(move |&t_x| (x, t_x)));
    let history = |(x, t_x): (u32, f64)| {
        let is_possible = if x == 0 { t_x == 0.0 } else { t_x >= f64::from(x) * least };
        is_possible.then(|| History::new(x, t_x, age))
    };
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    let of = |of: &dyn Fn(History) -> f64| cells().map(|cell| finite(of(history(cell)?))).collect();
    Matrix {
        age,
        expected_purchases: of(&|history| model.expected_purchases(history, horizon)),
        p_alive: of(&|history| model.p_alive(history)),
        frequency,
        last_purchase_age,
    }
}

/// The highest frequency of all but a hundredth of the customers.
fn rows(summary: &Summary, bound: Option<f64>) -> u32 {
    let mut counts = [0_usize; MOST_ROWS as usize + 1];
    summary.frequency.iter().for_each(|&x| counts[x.min(MOST_ROWS) as usize] += 1);
    let enough = summary.len() - summary.len() / 100;
    let mut seen = 0;
    let found = counts.iter().position(|count| {
        seen += count;
        seen >= enough
    });
    let most = found.map_or(MOST_ROWS, |x| x as u32).clamp(FEWEST_ROWS, MOST_ROWS);
    bound.map_or(most, |bound| most.min(bound as u32))
}

/// How customers differ in buying and in leaving, by the distributions that the model's parameters are of.
fn spreads(report: &FitReport) -> Vec<Spread> {
    let two = |first: &str, second: &str| {
        let of = |name: &str| report.parameters.get(name).copied().filter(|value| *value > 0.0 && value.is_finite());
        Some((of(first)?, of(second)?))
    };
    let is = |names: &[ModelName]| names.iter().any(|name| name.name() == report.model);
    let mut spreads = Vec::new();
    if is(&[ModelName::BgBb]) {
        spreads.extend(two("alpha", "beta").map(|shape| beta("purchase_probability", shape)));
        spreads.extend(two("gamma", "delta").map(|shape| beta("dropout_probability", shape)));
        return spreads;
    }
    spreads.extend(two("r", "alpha").map(|shape| gamma("purchase_rate", shape)));
    if is(&[ModelName::ParetoNbd]) {
        spreads.extend(two("s", "beta").map(|shape| gamma("dropout_rate", shape)));
    } else if is(&[ModelName::BgNbd, ModelName::MbgNbd, ModelName::BgCnbdK, ModelName::MbgCnbdK]) {
        spreads.extend(two("a", "b").map(|shape| beta("dropout_probability", shape)));
    }
    spreads
}

fn gamma(of: &str, (shape, rate): (f64, f64)) -> Spread {
    let below = |x: f64| if x > 0.0 { gamma_lr(shape, rate * x) } else { 0.0 };
    // The mean and so many standard deviations have more than enough below them.
    let most = (shape + 20.0 * shape.sqrt() + 20.0) / rate;
    spread(of, below, most)
}

fn beta(of: &str, (a, b): (f64, f64)) -> Spread {
    spread(of, |p| beta_reg(a, b, p.clamp(0.0, 1.0)), 1.0)
}

/// Equal bins up to where all but a few are, and one for these.
fn spread(of: &str, below: impl Fn(f64) -> f64, most: f64) -> Spread {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if below(middle) < 1.0 - BEYOND { low = middle } else { high = middle }
    }
    // A width that reads well: 1, 2 or 5 times a power of ten.
    let narrowest = high / SPREAD_BINS as f64;
    let width = steps(narrowest, narrowest).first().copied().unwrap_or(narrowest);
    let count = (high / width).ceil().max(1.0) as usize;
    let bin = |place: usize| {
        let (from, to) = (place as f64 * width, (place + 1) as f64 * width);
        Share { from, to: Some(to), share: (below(to) - below(from)).max(0.0) }
    };
    let mut bins: Vec<Share> = (0..count).map(bin).collect();
    let end = count as f64 * width;
    // A probability has nothing above 1.
    let above = Share { from: end, to: None, share: 1.0 - below(end) };
    bins.extend(Some(above).filter(|bin| bin.share > 0.0));
    Spread { of: of.into(), bins }
}

#[cfg(test)]
mod tests {
    use crate::figures::value::*;

    #[test]
    fn steps_hold_the_least_and_the_most() {
        assert_eq!(steps(0.7, 12.0), [1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(steps(10.0, 10.0), [10.0]);
        assert!(steps(f64::INFINITY, 0.0).is_empty());
    }

    #[test]
    fn a_spread_holds_everybody() {
        for spread in [gamma("purchase_rate", (0.24, 4.4)), gamma("purchase_rate", (9.0, 0.1)), beta("p", (0.8, 2.4))] {
            let all: f64 = spread.bins.iter().map(|bin| bin.share).sum();
            assert!((all - 1.0).abs() < 1e-9, "{all}"); // rounding of some 25 differences
            assert!((SPREAD_BINS / 3..=SPREAD_BINS + 1).contains(&spread.bins.len()), "{}", spread.bins.len());
            assert!(spread.bins.last().is_some_and(|bin| bin.share <= BEYOND + 1e-9 || bin.to.is_some()));
        }
    }
}
