//! Intervals hold what comes at their level, on bases whose whole future is drawn from known models.

use clivia_core::base::{Day, DiscountRate, Money, TimeUnit};
use clivia_core::intervals::{
    Grouping, IntervalInput, IntervalSettings, Intervals, ParameterErrors, Range, TotalInterval, intervals,
};
use clivia_core::models::fit::covariates;
use clivia_core::models::fit::covariates::{Covariate, Covariates};
use clivia_core::models::{
    FitReport, FitSettings, Fitted, Histories, History, ModelName, PurchaseModel, SpendModel, SpendName,
};
use clivia_core::summary::{Ages, Means, Spend, SpendDays, Summary};
use clivia_core::value::ValueTerms;
use rand::{Rng, SeedableRng};
use rand_distr::{Beta, Distribution, Exp1, Gamma};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How customers of a simulated base buy and leave.
#[derive(Clone, Copy)]
struct Truth {
    model: ModelName,
    rate: [f64; 2],
    dropout: [f64; 2],
}

const BG_NBD: Truth = Truth { model: ModelName::BgNbd, rate: [0.25, 4.5], dropout: [0.8, 2.4] };
const MBG_NBD: Truth = Truth { model: ModelName::MbgNbd, rate: [0.525, 6.183], dropout: [0.891, 1.614] };
const PARETO_NBD: Truth = Truth { model: ModelName::ParetoNbd, rate: [0.553, 10.578], dropout: [0.606, 11.669] };
/// `p`, `q`, `v` of spend, in dollars.
const SPEND: [f64; 3] = [6.25, 3.74, 15.44];
/// Weeks.
const HORIZON: f64 = 52.0;

fn gamma([shape, rate]: [f64; 2], rng: &mut Xoshiro256PlusPlus) -> f64 {
    Gamma::new(shape, 1.0 / rate).unwrap().sample(rng)
}

/// A base as seen at the as-of date, and what came afterwards.
struct Simulated {
    summary: Summary,
    purchases: Vec<u32>,
    value: Vec<f64>,
}

impl Truth {
    /// Times of purchases after the first, up to `end`.
    fn path(self, end: f64, rng: &mut Xoshiro256PlusPlus) -> Vec<f64> {
        let rate = gamma(self.rate, rng).max(1e-12);
        let (leaves, until) = match self.model {
            ModelName::ParetoNbd => {
                let unit: f64 = Exp1.sample(rng);
                (0.0, unit / gamma(self.dropout, rng))
            }
            _ => (Beta::new(self.dropout[0], self.dropout[1]).unwrap().sample(rng), f64::INFINITY),
        };
        let (mut at, mut times) = (0.0, Vec::new());
        if self.model == ModelName::MbgNbd && rng.gen_bool(leaves) {
            return times;
        }
        loop {
            let wait: f64 = Exp1.sample(rng);
            at += wait / rate;
            if at > end.min(until) {
                return times;
            }
            times.push(at);
            if rng.gen_bool(leaves) {
                return times;
            }
        }
    }

    fn base(self, seed: u64, customers: usize) -> Simulated {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let (mut frequency, mut last, mut age, mut mean) = (Vec::new(), Vec::new(), Vec::new(), Means::default());
        let (mut purchases, mut value) = (Vec::new(), Vec::new());
        let terms = ValueTerms::default();
        let delta = terms.discount_rate.continuous(TimeUnit::Weeks);
        for _ in 0..customers {
            let t = rng.gen_range(20.0..104.0);
            let [p, q, v] = SPEND;
            let spender = gamma([q, v], &mut rng);
            let times = self.path(t + HORIZON, &mut rng);
            let (seen, ahead): (Vec<f64>, Vec<f64>) = times.iter().partition(|at| **at <= t);
            let mut spent = |_: &f64| gamma([p, spender], &mut rng);
            let so_far: f64 = seen.iter().map(&mut spent).sum();
            value.push(ahead.iter().map(|at| spent(at) * (-delta * (at - t)).exp()).sum());
            purchases.push(ahead.len() as u32);
            frequency.push(seen.len() as u32);
            last.push(seen.last().copied().unwrap_or(0.0));
            age.push(t);
            mean.push((!seen.is_empty()).then(|| so_far / seen.len() as f64));
        }
        let summary = Summary {
            as_of: Day(2_000),
            unit: TimeUnit::Weeks,
            ids: std::iter::repeat_n("someone", customers).collect(),
            orders: frequency.iter().map(|x| x + 1).collect(),
            frequency,
            ages: Some(Ages { last_purchase: last, now: age }),
            first_order: vec![Day(0); customers],
            last_order: vec![Day(0); customers],
            spend: Some(Spend { days: SpendDays::Repeat, revenue: vec![Money(0); customers], mean }),
        };
        Simulated { summary, purchases, value }
    }
}

/// A base with its fitted models.
struct Fit {
    histories: Histories,
    purchases: Fitted<Box<dyn PurchaseModel>>,
    spend: Fitted<Box<dyn SpendModel>>,
}

impl Fit {
    fn of(summary: &Summary, model: ModelName, spend: SpendName) -> Fit {
        let (histories, settings) = (Histories::of(summary), FitSettings::default());
        let purchases = model.fit(&histories, summary.unit, &settings).unwrap();
        Fit { purchases, spend: spend.fit(summary, &settings).unwrap(), histories }
    }

    fn intervals(&self, summary: &Summary, groups: &[Grouping], settings: IntervalSettings) -> Intervals {
        self.by_terms(summary, groups, settings, &ValueTerms::default())
    }

    fn by_terms(
        &self,
        summary: &Summary,
        groups: &[Grouping],
        settings: IntervalSettings,
        terms: &ValueTerms,
    ) -> Intervals {
        let input = IntervalInput {
            summary,
            histories: &self.histories,
            purchases: self.purchases.model.as_ref(),
            purchase_fit: &self.purchases.report,
            spend: Some((self.spend.model.as_ref(), &self.spend.report)),
            covariates: None,
            terms,
            fit: &FitSettings::default(),
        };
        intervals(&input, groups, &settings).unwrap()
    }

    /// The probability of fewer than `n` purchases of a customer, by the fitted model.
    fn fewer(&self, history: History, n: u32) -> f64 {
        if n == 0 {
            return 0.0;
        }
        let model = &self.purchases.model;
        let state = model.while_alive(history);
        let counts = model.probabilities_if_alive(state, HORIZON, 1e-6);
        let alive = model.p_alive(history);
        1.0 - alive + alive * counts.iter().take(n as usize).sum::<f64>()
    }
}

/// A base with its intervals, its customers in segments by frequency.
struct Judged {
    base: Simulated,
    fit: Fit,
    made: Intervals,
    segments: Vec<u16>,
}

const SEGMENTS: usize = 4;

impl Judged {
    fn of(truth: Truth, seed: u64) -> Judged {
        let base = truth.base(seed, 2_000);
        let fit = Fit::of(&base.summary, truth.model, SpendName::GammaGamma);
        let segments: Vec<u16> = base.summary.frequency.iter().map(|x| (*x).min(3) as u16).collect();
        let made = fit.intervals(&base.summary, &[Grouping { of: &segments, groups: SEGMENTS }], level(0.8));
        Judged { base, fit, made, segments }
    }

    /// What the customers of a segment, or all, did together.
    fn realised(&self, segment: Option<u16>) -> [f64; 2] {
        let members = (0..self.segments.len()).filter(|i| segment.is_none_or(|segment| self.segments[*i] == segment));
        members.fold([0.0; 2], |[n, value], i| [n + f64::from(self.base.purchases[i]), value + self.base.value[i]])
    }

    /// Which intervals of sums hold: purchases and value of the base, of the segments.
    fn sums(&self) -> [f64; 4] {
        let holds = |interval: &TotalInterval, [purchases, value]: [f64; 2]| {
            [inside(interval.purchases, purchases), inside(interval.clv.unwrap(), value)]
        };
        let [purchases, value] = holds(&self.made.forecast.total, self.realised(None));
        let each: Vec<[f64; 2]> =
            (0..).zip(&self.made.groups[0]).map(|(i, interval)| holds(interval, self.realised(Some(i)))).collect();
        let share = |kind: usize| each.iter().map(|held| held[kind]).sum::<f64>() / SEGMENTS as f64;
        [purchases, value, share(0), share(1)]
    }

    /// The shares of customers whose intervals hold: purchases, value.
    fn customers(&self) -> [f64; 2] {
        let (spans, clv, n) = (self.made.purchase_spans(), self.made.clv_spans().unwrap(), self.segments.len());
        let held = |i: usize| {
            let history = self.fit.histories.distinct()[self.fit.histories.row_of()[i] as usize];
            let count = held_count(&self.fit, history, self.base.purchases[i], [spans.low[i], spans.high[i]], 0.1);
            let none = self.fit.fewer(history, 1);
            [count, held_value(none, self.base.value[i], [clv.low[i], clv.high[i]], 0.1)]
        };
        mean((0..n).map(held))
    }
}

/// Means by place.
fn mean<const N: usize>(all: impl ExactSizeIterator<Item = [f64; N]>) -> [f64; N] {
    let n = all.len() as f64;
    all.fold([0.0; N], |sums, one| std::array::from_fn(|i| sums[i] + one[i] / n))
}

fn inside(Range { low, high, .. }: Range, value: f64) -> f64 {
    f64::from(u8::from(low.unwrap() <= value && value <= high.unwrap()))
}

/// 1 for a count inside; at an end of the interval the part of its probability that is needed to reach the level.
fn held_count(fit: &Fit, history: History, count: u32, [low, high]: [u32; 2], tail: f64) -> f64 {
    if count < low || count > high {
        return 0.0;
    }
    if low < count && count < high {
        return 1.0;
    }
    let (below, up_to) = (fit.fewer(history, count), fit.fewer(history, count + 1));
    let (from, to) = (
        if count == low { tail.max(below) } else { below },
        if count == high { (1.0 - tail).min(up_to) } else { up_to },
    );
    ((to - from) / (up_to - below)).clamp(0.0, 1.0)
}

/// The same for a value, which has a probability of its own only at 0.
fn held_value(none: f64, value: f64, [low, high]: [f64; 2], tail: f64) -> f64 {
    if value > 0.0 {
        return f64::from(u8::from(low <= value && value <= high));
    }
    if low > 0.0 { 0.0 } else { ((none.min(1.0 - tail) - tail) / none).clamp(0.0, 1.0) }
}

const TRUTHS: [Truth; 3] = [BG_NBD, MBG_NBD, PARETO_NBD];

#[test]
fn intervals_of_sums_hold_what_comes() {
    let seeds: Vec<u32> = (0..200).collect();
    let covered = TRUTHS.map(|truth| mean(seeds.iter().map(|seed| Judged::of(truth, u64::from(*seed)).sums())));
    for of_model in covered {
        // 3.3 standard errors of 200 bases, or once in a thousand times.
        assert!(of_model.iter().all(|share| (share - 0.8).abs() <= 0.093), "{covered:?}");
    }
    // Of all 600 bases, between 75 and 85 %: three standard errors.
    assert!(mean(covered.into_iter()).iter().all(|share| (0.75..=0.85).contains(share)), "{covered:?}");
}

#[test]
fn intervals_of_customers_hold_what_comes() {
    let seeds: Vec<u32> = (0..30).collect();
    let covered = TRUTHS.map(|truth| mean(seeds.iter().map(|seed| Judged::of(truth, u64::from(*seed)).customers())));
    for of_model in covered {
        // Of 60,000 customers; the standard error is 0.002, and what their bases share doubles it at most.
        assert!(of_model.iter().all(|share| (share - 0.8).abs() <= 0.015), "{covered:?}");
    }
}

fn same<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

fn level(level: f64) -> IntervalSettings {
    IntervalSettings { level, ..IntervalSettings::default() }
}

/// A fit whose parameters are known for certain.
fn certain<const N: usize>(model: &str, unit: Option<TimeUnit>, parameters: [(&str, f64); N]) -> FitReport {
    let parameters = parameters.map(|(name, value)| (name.to_string(), value)).into();
    FitReport { model: model.into(), parameters, converged: true, time_unit: unit, ..FitReport::default() }
}

fn known(summary: &Summary, [p, q, v]: [f64; 3]) -> Fit {
    let report = certain("bg-nbd", Some(TimeUnit::Weeks), [("r", 0.25), ("alpha", 4.5), ("a", 0.8), ("b", 2.4)]);
    let spend = certain("gamma-gamma", None, [("p", p), ("q", q), ("v", v)]);
    Fit {
        histories: Histories::of(summary),
        purchases: Fitted { model: ModelName::from_report(&report, TimeUnit::Weeks).unwrap(), report },
        spend: Fitted { model: SpendName::from_report(&spend).unwrap(), report: spend },
    }
}

fn undiscounted() -> ValueTerms {
    ValueTerms { discount_rate: DiscountRate::annual(0.0).unwrap(), margin: 0.5, ..ValueTerms::default() }
}

#[test]
fn a_customers_interval_is_that_of_its_simulated_futures() {
    let base = BG_NBD.base(3, 40);
    let fit = known(&base.summary, SPEND);
    let made = fit.by_terms(&base.summary, &[], level(0.8), &undiscounted());
    let clv = made.clv_spans().unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    for (i, x) in base.summary.frequency.iter().enumerate().filter(|(_, x)| **x > 0) {
        let history = fit.histories.distinct()[fit.histories.row_of()[i] as usize];
        let mean = base.summary.spend.as_ref().unwrap().mean.get(i).unwrap();
        let mut futures: Vec<(u32, f64)> =
            (0..40_000).map(|_| future(fit.purchases.model.p_alive(history), history, mean, &mut rng)).collect();
        futures.sort_by(|one, other| one.1.total_cmp(&other.1));
        let share = |of: &dyn Fn(&(u32, f64)) -> bool| futures.iter().filter(|one| of(one)).count() as f64 / 40_000.0;
        // The standard error of a share of 0.1 of 40,000 is 0.0015; five of them.
        let [low, high] = made.purchases(i);
        assert!(share(&|(n, _)| *n < low) < 0.1 + 0.0075 && share(&|(n, _)| *n > high) < 0.1 + 0.0075, "{x}");
        assert!(low == 0 || share(&|(n, _)| *n <= low) > 0.1 - 0.0075, "{x}");
        assert!(high == 0 || share(&|(n, _)| *n >= high) > 0.1 - 0.0075, "{x}");
        for (end, below) in [(clv.low[i], 0.1), (clv.high[i], 0.9)] {
            let seen = share(&|(_, value)| *value <= end);
            assert!(if end > 0.0 { (seen - below).abs() < 0.0075 } else { seen > below - 0.0075 }, "{x} {end} {seen}");
        }
    }
}

/// What a customer buys and is worth in the horizon, drawn from what is known of it.
fn future(alive: f64, History { x, t, .. }: History, mean: f64, rng: &mut Xoshiro256PlusPlus) -> (u32, f64) {
    let ([r, alpha], [a, b], [p, q, v], x) = (BG_NBD.rate, BG_NBD.dropout, SPEND, f64::from(x));
    if !rng.gen_bool(alive) {
        return (0, 0.0);
    }
    let rate = gamma([r + x, alpha + t], rng);
    let leaves = Beta::new(a, b + x).unwrap().sample(rng);
    let spender = gamma([q + p * x, v + x * mean], rng);
    let (mut at, mut n, mut value) = (0.0, 0, 0.0);
    loop {
        let wait: f64 = Exp1.sample(rng);
        at += wait / rate;
        if at > HORIZON {
            return (n, value);
        }
        (n, value) = (n + 1, value + 0.5 * gamma([p, spender], rng));
        if rng.gen_bool(leaves) {
            return (n, value);
        }
    }
}

#[test]
fn wider_levels_hold_narrower_ones() {
    let base = MBG_NBD.base(4, 600);
    let fit = Fit::of(&base.summary, ModelName::MbgNbd, SpendName::GammaGammaConditional);
    let [narrow, wide] = [0.5, 0.9].map(|of| fit.intervals(&base.summary, &[], level(of)));
    let (inner, outer) = (narrow.clv_spans().unwrap(), wide.clv_spans().unwrap());
    for i in 0..600 {
        let (wide, narrow) = (wide.purchases(i), narrow.purchases(i));
        assert!(wide[0] <= narrow[0] && narrow[1] <= wide[1]);
        assert!(outer.low[i] <= inner.low[i] && inner.low[i] <= inner.high[i] && inner.high[i] <= outer.high[i]);
    }
    let (inner, outer) = (narrow.forecast.total, wide.forecast.total);
    assert!(outer.clv.unwrap().low < inner.clv.unwrap().low && inner.clv.unwrap().high < outer.clv.unwrap().high);
    assert_eq!(inner.clv.unwrap().expected, outer.clv.unwrap().expected);
    assert!(IntervalSettings { level: 1.0, ..level(0.5) }.check().is_err());
}

#[test]
fn parameters_that_are_well_known_leave_intervals_of_customers_as_they_are() {
    let base = BG_NBD.base(14, 20_000);
    let mut fit = Fit::of(&base.summary, ModelName::BgNbd, SpendName::GammaGamma);
    let by_points = fit.intervals(&base.summary, &[], level(0.8));
    let report = &mut fit.purchases.report;
    let largest = report.parameters.iter().map(|(name, value)| report.standard_errors[name].unwrap() / value);
    let largest = largest.fold(0.0, f64::max);
    assert!((0.02..0.1).contains(&largest), "{largest}"); // so that the points were taken
    report.standard_errors.values_mut().for_each(|error| *error = Some(1e-4));
    let at_once = fit.intervals(&base.summary, &[], level(0.8));
    assert_eq!(by_points.forecast, at_once.forecast);
    let (mut others, mut furthest) = (0, 0.0_f64);
    for i in 0..20_000 {
        let ends = by_points.clv(i).unwrap().into_iter().zip(at_once.clv(i).unwrap());
        others += usize::from(by_points.purchases(i) != at_once.purchases(i));
        furthest =
            ends.filter(|(end, _)| *end > 1.0).map(|(end, other)| (other / end - 1.0).abs()).fold(furthest, f64::max);
    }
    // With the square of the errors: what is a tenth here is a thousandth where parameters are known to 0.5 %.
    assert!(furthest < 25.0 * largest * largest, "{furthest} at errors of {largest}");
    assert!(others < 1_000, "{others} of 20,000 customers have other whole numbers");
}

#[test]
fn nothing_is_bought_in_no_time() {
    let base = PARETO_NBD.base(5, 300);
    let fit = Fit::of(&base.summary, ModelName::ParetoNbd, SpendName::GammaGamma);
    let terms = ValueTerms { horizon: "0.001d".parse().unwrap(), ..ValueTerms::default() };
    let made = fit.by_terms(&base.summary, &[], level(0.8), &terms);
    let clv = made.clv_spans().unwrap();
    assert!(
        made.purchase_spans().high.iter().all(|n| *n == 0)
            && clv.high.iter().chain(&clv.low).all(|value| *value == 0.0)
    );
}

#[test]
fn one_thread_gives_the_same_as_many() {
    let base = BG_NBD.base(6, 1_500);
    let fit = Fit::of(&base.summary, ModelName::BgNbd, SpendName::GammaGamma);
    for bootstrap in [0, 3] {
        let of =
            |threads| same(threads, || fit.intervals(&base.summary, &[], IntervalSettings { bootstrap, ..level(0.8) }));
        assert_eq!(of(1), of(4));
    }
}

/// The same base, its customers from the last to the first.
fn reversed(summary: &Summary) -> Summary {
    fn back<T: Clone>(values: &[T]) -> Vec<T> {
        values.iter().rev().cloned().collect()
    }
    let spend = summary.spend.as_ref().map(|spend| Spend { mean: spend.mean.iter().rev().collect(), ..spend.clone() });
    Summary {
        frequency: back(&summary.frequency),
        ages: summary.ages.as_ref().map(|ages| Ages { last_purchase: back(&ages.last_purchase), now: back(&ages.now) }),
        spend,
        ..summary.clone()
    }
}

#[test]
fn the_order_of_customers_does_not_matter() {
    let base = BG_NBD.base(7, 900);
    let back = reversed(&base.summary);
    let groups: Vec<u16> = base.summary.frequency.iter().map(|x| u16::from(*x > 0)).collect();
    let groups_back: Vec<u16> = groups.iter().rev().copied().collect();
    for bootstrap in [0, 3] {
        let settings = IntervalSettings { bootstrap, ..level(0.8) };
        let of = |summary: &Summary, groups: &[u16]| {
            // The same models, fitted once.
            let fit = Fit {
                histories: Histories::of(summary),
                ..Fit::of(&base.summary, ModelName::BgNbd, SpendName::GammaGamma)
            };
            fit.intervals(summary, &[Grouping { of: groups, groups: 2 }], settings)
        };
        let (there, again) = (of(&base.summary, &groups), of(&back, &groups_back));
        let totals = |made: &Intervals| [made.forecast.total, made.groups[0][0], made.groups[0][1]];
        for (there, again) in totals(&there).into_iter().zip(totals(&again)) {
            assert_eq!(there.customers, again.customers);
            assert!(alike(there.purchases, again.purchases) && alike(there.clv.unwrap(), again.clv.unwrap()));
        }
        let turned: Vec<f64> = again.clv_spans().unwrap().high.into_iter().rev().collect();
        assert_eq!(there.clv_spans().unwrap().high, turned);
    }
}

/// Sums of 900 numbers in another order.
fn alike(there: Range, again: Range) -> bool {
    let near = |there: f64, again: f64| (there / again - 1.0).abs() < 1e-12;
    let ends = [there.low.zip(again.low), there.high.zip(again.high)];
    near(there.expected, again.expected) && ends.into_iter().all(|end| end.is_some_and(|end| near(end.0, end.1)))
}

#[test]
fn constant_spend_makes_value_a_multiple_of_purchases() {
    let base = BG_NBD.base(8, 500);
    let fit = Fit::of(&base.summary, ModelName::BgNbd, SpendName::Constant);
    let made = fit.by_terms(&base.summary, &[], level(0.8), &undiscounted());
    let (mean, clv, counts) = (fit.spend.report.parameters["mean"], made.clv_spans().unwrap(), made.purchase_spans());
    for (value, count) in clv.high.iter().zip(&counts.high).chain(clv.low.iter().zip(&counts.low)) {
        assert!((value - 0.5 * mean * f64::from(*count)).abs() <= 1e-9 * mean * f64::from(*count)); // rounding
    }
    assert!(made.forecast.warnings.iter().any(|warning| warning.contains("constant")));
}

fn width(Range { low, high, .. }: Range) -> f64 {
    high.unwrap() - low.unwrap()
}

#[test]
fn errors_of_the_parameters_widen_intervals() {
    let base = BG_NBD.base(9, 300);
    let fit = Fit::of(&base.summary, ModelName::BgNbd, SpendName::GammaGamma);
    let uncertain = fit.intervals(&base.summary, &[], level(0.8));
    let mut sure = Fit::of(&base.summary, ModelName::BgNbd, SpendName::GammaGamma);
    sure.purchases.report.uncertainty = None;
    sure.spend.report.uncertainty = None;
    let certain = sure.intervals(&base.summary, &[], level(0.8));
    assert_eq!(certain.forecast.parameter_errors, ParameterErrors::Missing);
    assert_eq!(certain.forecast.warnings.len(), 2);
    let [with, without] = [&uncertain, &certain].map(|made| made.forecast.total);
    assert!(width(with.purchases) > 1.1 * width(without.purchases));
    assert!(width(with.clv.unwrap()) > 1.1 * width(without.clv.unwrap()));
    let sum = |made: &Intervals| {
        let clv = made.clv_spans().unwrap();
        clv.high.iter().sum::<f64>() - clv.low.iter().sum::<f64>()
    };
    assert!(sum(&uncertain) > sum(&certain));
}

#[test]
fn the_bootstrap_agrees_with_the_hessian() {
    let base = BG_NBD.base(10, 3_000);
    let fit = Fit::of(&base.summary, ModelName::BgNbd, SpendName::GammaGamma);
    let hessian = fit.intervals(&base.summary, &[], level(0.8)).forecast;
    let drawn = fit.intervals(&base.summary, &[], IntervalSettings { bootstrap: 80, ..level(0.8) }).forecast;
    assert_eq!((drawn.parameter_errors, drawn.bootstrap, hessian.bootstrap), (ParameterErrors::Bootstrap, 80, 0));
    let ratio = width(drawn.total.purchases) / width(hessian.total.purchases);
    // A standard deviation of 80 draws is known to 8 %, and is but a part of the width.
    assert!((0.8..1.25).contains(&ratio), "{ratio}");
    let ratio = width(drawn.total.clv.unwrap()) / width(hessian.total.clv.unwrap());
    assert!((0.8..1.25).contains(&ratio), "{ratio}");
}

#[test]
fn spend_without_variance_has_no_interval_of_sums() {
    let base = BG_NBD.base(11, 200);
    let made = known(&base.summary, [5.0, 1.5, 10.0]).intervals(&base.summary, &[], level(0.8));
    let clv = made.forecast.total.clv.unwrap();
    assert!(clv.expected > 0.0 && clv.low.is_none() && clv.high.is_none());
    assert!(made.forecast.warnings.iter().any(|warning| warning.contains("no variance")));
    assert!(made.clv_spans().unwrap().high.iter().all(|value| value.is_finite()));
    assert!(width(made.forecast.total.purchases) > 0.0);
}

#[test]
fn covariates_are_in_both_kinds_of_intervals() {
    let base = BG_NBD.base(12, 1_200);
    let column = Covariate { column: "club".into(), level: None, reference: None, mean: 0.5, deviation: 0.5 };
    let values: Vec<f64> = (0..1_200).map(|i| f64::from(i % 2)).collect();
    let covariates = Covariates::new(vec![column], &[values], 1_200);
    let histories = Histories::grouped(&base.summary, |customer| covariates.group(customer));
    let settings = FitSettings::default();
    let fitted = covariates::fit(ModelName::BgNbd, &histories, &covariates, TimeUnit::Weeks, &settings).unwrap();
    let input = IntervalInput {
        summary: &base.summary,
        histories: &histories,
        purchases: fitted.model.as_ref(),
        purchase_fit: &fitted.report,
        spend: None,
        covariates: Some(&covariates),
        terms: &ValueTerms::default(),
        fit: &settings,
    };
    let hessian = intervals(&input, &[], &level(0.8)).unwrap();
    let drawn = intervals(&input, &[], &IntervalSettings { bootstrap: 12, ..level(0.8) }).unwrap();
    assert!(hessian.clv_spans().is_none() && drawn.forecast.bootstrap == 12);
    let ratio = width(drawn.forecast.total.purchases) / width(hessian.forecast.total.purchases);
    assert!((0.6..1.6).contains(&ratio), "{ratio}"); // a standard deviation of 12 draws is known to 21 %
}
