//! Memory, disk, batches and threads change nothing about the results.

use std::path::Path;
use std::sync::Arc;

use clivia_core::base::ids::Id;
use clivia_core::base::{Clock, Day, Moment, Money};
use clivia_core::control::Control;
use clivia_core::ledger::{LedgerBuilder, Summed};
use clivia_core::orders::{Lines, OrderLine, Profit, ReturnsPolicy};
use clivia_core::summary::{SpendDays, Summary, SummarySettings};
use clivia_io::files;
use clivia_io::memory::{Bytes, Memory};
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use clivia_io::staging::Staging;
use clivia_io::write::TableFormat;
use clivia_run::pipeline::{Inputs, score};
use clivia_run::publish::{SCORE_LEAVES, write_run};
use proptest::prelude::*;

use crate::support::Clivia;

/// So little memory that every batch goes to disk.
fn none(folder: &Path) -> Memory {
    Memory { bytes: Bytes(1), folder: folder.into() }
}

fn id(number: u32) -> Id {
    match number % 3 {
        0 => Id::Number(u64::from(number)),
        1 => Id::Text(format!("0{number}").into()),
        _ => Id::Text(format!("C{number}ä").into()),
    }
}

fn line() -> impl Strategy<Value = OrderLine> {
    let clock = prop::option::of(0_u32..86_400);
    (0_u32..40, 0_i32..30, clock, -4_i64..9, 0_u64..4, prop::option::weighted(0.2, -50_i64..50)).prop_map(
        |(customer, day, clock, amount, order, profit)| OrderLine {
            customer: id(customer),
            at: Moment { day: Day(day), clock: clock.map_or(Clock::UNKNOWN, Clock::at) },
            amount: Money(amount * 333),
            order,
            profit: profit.map(Money),
        },
    )
}

fn policy() -> impl Strategy<Value = ReturnsPolicy> {
    prop::sample::select(vec![ReturnsPolicy::Net, ReturnsPolicy::Ignore])
}

fn builder(
    lines: &[OrderLine],
    policy: ReturnsPolicy,
    order_ids: bool,
    batch: usize,
    memory: Option<Memory>,
) -> LedgerBuilder {
    let mut builder = LedgerBuilder::new(policy, order_ids);
    if let Some(memory) = memory {
        builder = builder.within(Arc::new(memory));
    }
    lines.chunks(batch).for_each(|lines| builder.add(lines).unwrap());
    builder
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_batches_and_disk_leave_the_ledger_as_it_is(
        (lines, shuffled) in prop::collection::vec(line(), 1..200)
            .prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle())),
        policy in policy(), order_ids: bool, batch in 1_usize..50, until in 0_i32..30,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let whole = builder(&lines, policy, order_ids, 1_000, None);
        let spilled = builder(&shuffled, policy, order_ids, batch, Some(none(folder.path())));
        prop_assert_eq!(whole.days(), spilled.days());
        prop_assert_eq!(whole.up_to(Day(until)).unwrap(), spilled.up_to(Day(until)).unwrap());
        let early: Vec<OrderLine> = lines.iter().filter(|line| line.at.day <= Day(until)).cloned().collect();
        let early = builder(&early, policy, order_ids, batch, None).finish().unwrap();
        prop_assert_eq!(early.revenue, whole.up_to(Day(until)).unwrap().revenue);
        prop_assert_eq!(whole.finish().unwrap(), spilled.finish().unwrap());
        prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_summary_at_once_is_that_of_the_ledger(
        lines in prop::collection::vec(line(), 1..200), policy in policy(), order_ids: bool, all: bool, amounts: bool,
    ) {
        let spend_days = if all { SpendDays::All } else { SpendDays::Repeat };
        let settings = SummarySettings { as_of: Some(Day(40)), spend_days, ..SummarySettings::default() };
        let ledger = builder(&lines, policy, order_ids, 7, None).finish().unwrap();
        let at_once = builder(&lines, policy, order_ids, 50, None).summarise(amounts, &settings);
        let Ok(summary) = Summary::new(&ledger, amounts, &settings) else {
            prop_assert!(at_once.is_err());
            return Ok(());
        };
        let Summed { summary: summed, profit, ids_without, revenue_without, returns } = at_once.unwrap();
        prop_assert_eq!(summed, summary);
        prop_assert_eq!(returns, ledger.returns);
        let without: Vec<usize> = ledger.without_purchase().collect();
        prop_assert!(ids_without.iter().eq(without.iter().map(|customer| ledger.ids.get(*customer))));
        prop_assert!(revenue_without.into_iter().eq(without.iter().map(|customer| ledger.revenue[*customer])));
        let buyers: Option<Vec<Profit>> = ledger.profit.as_ref().map(|profit| {
            (0..ledger.len()).filter(|customer| !without.contains(customer)).map(|customer| profit[customer]).collect()
        });
        prop_assert_eq!(profit, buyers);
    }
}

#[test]
fn a_batch_without_clocks_forgets_them_only() {
    let lines: Vec<OrderLine> = (0..50)
        .map(|i| OrderLine {
            customer: id(i % 7),
            at: Moment { day: Day(i as i32 % 5), clock: Clock::at(100 + i) },
            amount: Money(i64::from(i)),
            order: 0,
            profit: None,
        })
        .collect();
    let of = |clocks: bool| {
        let mut builder = LedgerBuilder::new(ReturnsPolicy::Net, false);
        builder.absorb(&Lines::of(&lines, clocks)).unwrap();
        builder.finish().unwrap()
    };
    let (with, without) = (of(true), of(false));
    assert!(
        with.at.iter().all(|at| at.clock != Clock::UNKNOWN) && without.at.iter().all(|at| at.clock == Clock::UNKNOWN)
    );
    assert_eq!((with.spend, with.ids, with.starts), (without.spend, without.ids, without.starts));
}

/// All files of a run within some memory.
fn outputs(orders: &Path, memory: Option<Memory>) -> Vec<(String, Vec<u8>)> {
    let out = tempfile::tempdir().unwrap();
    let inputs = Inputs { orders: files::find(&[orders.into()]).unwrap(), memory, ..Inputs::default() };
    let rejects = Rejects::counting(false);
    let scored = score(&inputs, &Settings::default(), None, rejects, &Control::default()).unwrap();
    let staging = Staging::open(out.path(), SCORE_LEAVES, false).unwrap();
    write_run(&scored, TableFormat::Csv, None, staging, &Control::default()).unwrap();
    let names = ["customers.csv", "segments.csv", "clusters.csv", "profit_curve.csv"];
    names.iter().map(|name| (name.to_string(), std::fs::read(out.path().join(name)).unwrap())).collect()
}

#[test]
fn a_run_that_waits_on_disk_writes_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let orders = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/orders.csv");
    assert_eq!(outputs(&orders, None), outputs(&orders, Some(none(folder.path()))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_disk_that_fails_ends_the_run_in_words() {
    let orders = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/orders.csv");
    let inputs = Inputs {
        orders: files::find(&[orders]).unwrap(),
        memory: Some(none(Path::new("/no/such/folder"))),
        ..Inputs::default()
    };
    let rejects = Rejects::counting(false);
    let error = score(&inputs, &Settings::default(), None, rejects, &Control::default()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("/no/such/folder") && text.contains("temporary files") && text.contains("memory"), "{text}");
}

#[test]
fn a_summary_holds_the_first_columns_of_the_customers() {
    let clivia = Clivia::with(
        "orders.csv",
        "customer_id,order_date,amount\nb,2024-01-03,5\na,2024-01-01,10\nb,2024-02-01,7\nb,2024-02-01,1\nc,2024-01-05,4\nc,2024-01-05,-4\n,2024-01-01,3\n",
    );
    let ran = clivia.run(&["summary", "orders.csv", "--out", "out", "--format", "csv", "--memory", "256MiB"]).ok();
    assert!(
        ran.stdout.contains("2 with a purchase up to 2024-02-01")
            && ran.stdout.contains("1 all of whose orders were returned"),
        "{}",
        ran.stdout
    );
    assert_eq!(clivia.files_in("out"), ["rejects.csv", "summary.csv", "summary.json"]);
    let summary = clivia.table("out/summary.csv");
    clivia.run(&["score", "orders.csv", "--out", "scored", "--format", "csv"]).ok();
    let customers = clivia.table("scored/customers.csv");
    assert_eq!(summary.header, customers.header[..10]);
    for column in &summary.header {
        assert_eq!(summary.column(column), customers.column(column), "{column}");
    }
    assert_eq!(summary.column("revenue"), ["10.0", "13.0", "0.0"]);
    let again = clivia.run(&["summary", "orders.csv", "--out", "out", "--format", "csv"]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("--overwrite"), "{}", again.stderr);
}

#[test]
fn too_little_memory_is_refused_before_anything_is_read() {
    let clivia = Clivia::with("orders.csv", "customer_id,order_date,amount\na,2024-01-01,10\n");
    for (given, word) in [("10MB", "256MiB"), ("lots", "8GiB")] {
        let ran = clivia.run(&["score", "orders.csv", "--out", "out", "--memory", given]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains(word), "{}", ran.stderr);
        clivia.nothing_in("out");
    }
    let ran = clivia.run(&["score", "orders.csv", "--out", "out", "--temp-dir", "nowhere"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("nowhere"), "{}", ran.stderr);
    clivia.nothing_in("out");
}
