//! The stages that take the time, one group a stage, on simulated customer bases of named sizes.
//!
//! Every base is drawn from a fixed seed before anything is timed. The smoke run (`cargo bench -- --test`)
//! takes the smallest size only; the largest needs `CLIVIA_BENCH_LARGE` in the environment.

use std::hint::black_box;
use std::time::Duration;

use clivia_core::base::ids::Id;
use clivia_core::base::{Day, Moment};
use clivia_core::clusters::{ClusterCount, ClusterModel, ClusterSettings};
use clivia_core::intervals::{IntervalInput, IntervalSettings, intervals};
use clivia_core::ledger::{Ledger, LedgerBuilder};
use clivia_core::models::purchase::bg_nbd::BgNbd;
use clivia_core::models::spend::gamma_gamma::{FitGammaGamma, GammaGamma};
use clivia_core::models::{Fit, FitReport, FitSettings, Fitted, Histories, ModelName};
use clivia_core::orders::{OrderLine, ReturnsPolicy};
use clivia_core::rfm::{RfmScale, RfmSettings};
use clivia_core::simulate::{Population, PopulationSettings, SimulatedCustomer, SimulatedOrder};
use clivia_core::summary::{Summary, SummarySettings};
use clivia_core::value::{ValueTerms, value_of};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput};

const SEED: u64 = 7;
const SECONDS_PER_DAY: i64 = 86_400;
/// Customers drawn at a time; a block of their lines is what the ledger is given at a time.
const BLOCK: u64 = 32_768;

/// A size's name in the benchmarks' ids, and how many customers it is.
type Size = (&'static str, u64);

const SMALL: Size = ("1e4", 10_000);
const MEDIUM: Size = ("1e6", 1_000_000);
const LARGE: Size = ("1e7", 10_000_000);

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let bases: Vec<Base> = sizes().iter().map(|&size| Base::new(size)).collect();
    for stage in [ledger, summary, fit, value, rfm, k_means] {
        stage(&mut criterion, &bases);
    }
    criterion.final_summary();
}

/// The smallest size alone where criterion runs everything once without measuring.
fn sizes() -> Vec<Size> {
    let given = |flag: &str| std::env::args().any(|argument| argument == flag);
    let smoke = given("--test") || given("--list") || !given("--bench");
    match (smoke, std::env::var_os("CLIVIA_BENCH_LARGE").is_some()) {
        (true, _) => vec![SMALL],
        (false, false) => vec![SMALL, MEDIUM],
        (false, true) => vec![SMALL, MEDIUM, LARGE],
    }
}

/// A simulated base, and what each stage takes from the stage before it.
struct Base {
    name: &'static str,
    customers: u64,
    lines: Vec<Vec<OrderLine>>,
    ledger: Ledger,
    summary: Summary,
    histories: Histories,
    purchases: BgNbd,
    spend: GammaGamma,
    purchase_fit: FitReport,
    spend_fit: FitReport,
}

impl Base {
    fn new((name, customers): Size) -> Self {
        let settings = PopulationSettings { customers, seed: SEED, ..PopulationSettings::default() };
        let population = Population::new(settings).expect("the default population can be drawn");
        let lines: Vec<Vec<OrderLine>> =
            population.blocks(BLOCK).map(|block| order_lines(&population, &block)).collect();
        let ledger = fold(lines.clone());
        let summary = sum_up(&ledger);
        let histories = Histories::of(&summary);
        let fitted = BgNbd::fit(&histories, summary.unit, &FitSettings::default()).expect("BG/NBD drew them");
        let Fitted { model: purchases, report: purchase_fit } = fitted;
        let Fitted { model: spend, report: spend_fit } =
            FitGammaGamma::default().fit(&summary).expect("Gamma-Gamma drew them");
        Base { name, customers, lines, ledger, summary, histories, purchases, spend, purchase_fit, spend_fit }
    }
}

/// Lines as the order reader hands them on.
fn order_lines(population: &Population, block: &[SimulatedCustomer]) -> Vec<OrderLine> {
    let of_customer = |customer| lines_of(population, customer);
    block.iter().flat_map(of_customer).collect()
}

fn lines_of(population: &Population, customer: &SimulatedCustomer) -> impl Iterator<Item = OrderLine> {
    let id = Id::new(&population.customer_id(customer.number));
    customer.orders.iter().map(move |order| order_line(&id, order))
}

fn order_line(customer: &Id, order: &SimulatedOrder) -> OrderLine {
    // Orders are told apart within a customer only, so any number will do for a fingerprint.
    let fingerprint = 2 * u64::from(order.number) + u64::from(order.is_return);
    OrderLine {
        customer: customer.clone(),
        at: Moment::on(day(order.at)),
        amount: order.amount,
        order: fingerprint,
        profit: None,
    }
}

fn day(at: i64) -> Day {
    Day(at.div_euclid(SECONDS_PER_DAY) as i32)
}

fn fold(blocks: Vec<Vec<OrderLine>>) -> Ledger {
    let mut builder = LedgerBuilder::new(ReturnsPolicy::Net, true);
    blocks.iter().for_each(|lines| builder.add(lines).expect("nothing is spilled"));
    builder.finish().expect("nothing is spilled")
}

fn sum_up(ledger: &Ledger) -> Summary {
    Summary::new(ledger, true, &SummarySettings::default()).expect("somebody bought something")
}

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// A group whose rates are in customers.
fn group<'a>(criterion: &'a mut Criterion, name: &str) -> Group<'a> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    group
}

/// Times one thing on one base.
fn time<R>(group: &mut Group, what: &str, base: &Base, mut work: impl FnMut() -> R) {
    group.throughput(Throughput::Elements(base.customers));
    group.bench_function(BenchmarkId::new(what, base.name), |bencher| bencher.iter_with_large_drop(&mut work));
}

/// From lines to the finished ledger, once with ids such as `C000123` and once with plain numbers.
fn ledger(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = group(criterion, "ledger");
    for base in bases {
        time_fold(&mut group, "text_ids", base, &base.lines);
        time_fold(&mut group, "number_ids", base, &with_number_ids(&base.lines));
    }
    group.finish();
}

fn time_fold(group: &mut Group, what: &str, base: &Base, lines: &[Vec<OrderLine>]) {
    group.throughput(Throughput::Elements(base.customers));
    group.bench_function(BenchmarkId::new(what, base.name), |bencher| {
        bencher.iter_batched(|| lines.to_vec(), fold, BatchSize::PerIteration);
    });
}

/// The same lines, with `C000123` as 123.
fn with_number_ids(blocks: &[Vec<OrderLine>]) -> Vec<Vec<OrderLine>> {
    let number = |id: &Id| match id {
        Id::Text(text) => Id::Number(text[1..].parse().expect("a letter and a number")),
        Id::Number(number) => Id::Number(*number),
    };
    let renamed = |line: &OrderLine| OrderLine { customer: number(&line.customer), ..line.clone() };
    blocks.iter().map(|lines| lines.iter().map(renamed).collect()).collect()
}

fn summary(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = group(criterion, "summary");
    for base in bases {
        time(&mut group, "new", base, || sum_up(black_box(&base.ledger)));
    }
    group.finish();
}

fn fit(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = group(criterion, "fit");
    for base in bases {
        time(&mut group, "histories", base, || Histories::of(black_box(&base.summary)));
        time(&mut group, "bg_nbd", base, || {
            BgNbd::fit(black_box(&base.histories), base.summary.unit, &FitSettings::default())
        });
        for model in [ModelName::MbgNbd, ModelName::ParetoNbd, ModelName::Nbd, ModelName::GgompertzNbd] {
            let id = model.name().replace('-', "_");
            time(&mut group, &id, base, || {
                model.fit(black_box(&base.histories), base.summary.unit, &FitSettings::default())
            });
        }
        time(&mut group, "gamma_gamma", base, || FitGammaGamma::default().fit(black_box(&base.summary)));
    }
    group.finish();
}

fn value(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = group(criterion, "value");
    let terms = ValueTerms::default();
    for base in bases {
        time(&mut group, "all_columns", base, || {
            value_of(black_box(&base.summary), &base.histories, Some(&base.purchases), Some(&base.spend), &terms)
        });
        let input = IntervalInput {
            summary: &base.summary,
            histories: &base.histories,
            purchases: &base.purchases,
            purchase_fit: &base.purchase_fit,
            spend: Some((&base.spend, &base.spend_fit)),
            covariates: None,
            terms: &terms,
            fit: &FitSettings::default(),
        };
        time(&mut group, "intervals", base, || intervals(black_box(&input), &[], &IntervalSettings::default()));
    }
    group.finish();
}

fn rfm(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = group(criterion, "rfm");
    let settings = RfmSettings::default();
    for base in bases {
        let scale = RfmScale::fit(&base.summary, &settings).expect("there are customers");
        time(&mut group, "fit", base, || RfmScale::fit(black_box(&base.summary), &settings));
        time(&mut group, "apply", base, || scale.apply(black_box(&base.summary)));
    }
    group.finish();
}

fn k_means(criterion: &mut Criterion, bases: &[Base]) {
    let mut group = group(criterion, "k_means");
    let (four, auto) =
        (ClusterSettings { k: ClusterCount::Fixed(4), ..ClusterSettings::default() }, ClusterSettings::default());
    for base in bases {
        let model = ClusterModel::fit(&base.summary, &four).expect("there are customers");
        time(&mut group, "fit_k4", base, || ClusterModel::fit(black_box(&base.summary), &four));
        time(&mut group, "fit_auto", base, || ClusterModel::fit(black_box(&base.summary), &auto));
        time(&mut group, "apply", base, || model.apply(black_box(&base.summary)));
    }
    group.finish();
}
