//! Random order files against a plain recomputation, customer by customer.

use std::collections::{BTreeMap, BTreeSet};

use clivia_core::base::Day;
use clivia_core::base::ids::Id;
use clivia_core::control::Control;
use clivia_core::ledger::{Ledger, LedgerBuilder};
use clivia_core::orders::ReturnsPolicy;
use clivia_core::summary::{SpendDays, Summary, SummarySettings};
use clivia_io::files;
use clivia_io::orders::{Given, OrdersRead, OrdersReader};
use clivia_io::rejects::Rejects;
use clivia_io::settings::Settings;
use clivia_run::pipeline::{Inputs, score};
use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::support::Clivia;

const FIRST_DAY: i32 = 19_723; // 2024-01-01

/// A line of an order file, good or bad.
#[derive(Debug, Clone)]
struct Row {
    order: &'static str,
    customer: &'static str,
    date: String,
    amount: &'static str,
    whole: bool,
}

fn row() -> impl Strategy<Value = Row> {
    let order = prop::sample::select(vec!["o1", "o2", "o3", "o4", "o5", ""]);
    let customer = prop::sample::select(vec!["1", "7", "007", " 7 ", "a", "a", "b", ""]);
    let good = (0..12i32).prop_map(|day| Day(FIRST_DAY + day).to_string());
    let bad = prop::sample::select(vec!["", "never", "1900-01-01", "9999-12-31", "2024-02-30"]).prop_map(String::from);
    let date = prop_oneof![12 => good, 1 => bad];
    let good = prop::sample::select(vec!["5", "-5", "10.00", "-10", "2.5", "-2.5", "0", "7.1234", "-3", "-0.5", "1e1"]);
    let bad = prop::sample::select(vec!["", "x", "NaN", "1e308", "1,5x"]);
    let amount = prop_oneof![12 => good, 1 => bad];
    let whole = prop::bool::weighted(0.97);
    (order, customer, date, amount, whole).prop_map(|(order, customer, date, amount, whole)| Row {
        order,
        customer,
        date,
        amount,
        whole,
    })
}

fn text(rows: &[Row], order_ids: bool) -> String {
    let line = |row: &Row| {
        let order = if order_ids { format!("{},", row.order) } else { String::new() };
        let amount = if row.whole { format!(",\"{}\"", row.amount) } else { String::new() };
        format!("{order}\"{}\",{}{amount}\n", row.customer, row.date)
    };
    let header = if order_ids { "order_id,customer_id,date,amount\n" } else { "customer_id,date,amount\n" };
    header.to_string() + &rows.iter().map(line).collect::<String>()
}

/// A good row as customer, day, order and amount in 1/10,000.
type Line = (String, i32, u64, i64);

fn usable(row: &Row, order_ids: bool) -> Option<Line> {
    let customer = row.customer.trim();
    let amount = row.amount.parse::<f64>().ok().filter(|amount| amount.abs() < 1e11)?;
    let day: Day = row.date.parse().ok()?;
    let good = row.whole && !customer.is_empty() && (FIRST_DAY..FIRST_DAY + 12).contains(&day.0);
    // Orders of a day are settled in the order of their fingerprints.
    let order = if order_ids && !row.order.is_empty() { xxh3_64(row.order.as_bytes()) } else { 0 };
    good.then(|| (customer.to_string(), day.0, order, (amount * 1e4).round() as i64))
}

/// What is left of a customer, worked out the slow way.
#[derive(Debug, Default, PartialEq)]
struct Plain {
    days: Vec<(i32, i64)>,
    orders: u32,
    revenue: i64,
    undone: u64,
    unmatched: i64,
}

/// An order that stands: day, id, what is left of it.
type Standing = (i32, u64, i64);

/// Takes a return off the orders, by the four steps that the module of returns states.
fn undo(book: &mut Vec<Standing>, day: i32, mut amount: i64, plain: &mut Plain) {
    let exact = |book: &[Standing], amount: i64, from: i32| {
        book.iter().rposition(|(at, _, left)| *at >= from && *left == amount)
    };
    for from in [day, i32::MIN] {
        if amount == 0 {
            return;
        }
        if let Some(place) = exact(book, amount, from) {
            book.remove(place);
            plain.undone += 1;
            return;
        }
        while amount > 0 {
            let Some(place) = book.iter().rposition(|(at, _, left)| *at >= from && *left > 0) else { break };
            let taken = amount.min(book[place].2);
            amount -= taken;
            book[place].2 -= taken;
            if book[place].2 == 0 {
                book.remove(place);
                plain.undone += 1;
            }
        }
    }
    plain.unmatched -= amount;
}

fn plain(lines: &[Line], policy: ReturnsPolicy, order_ids: bool) -> Plain {
    let mut plain = Plain { revenue: lines.iter().map(|line| line.3).sum(), ..Plain::default() };
    let mut book: Vec<Standing> = Vec::new();
    for day in lines.iter().map(|line| line.1).collect::<BTreeSet<i32>>() {
        let (mut orders, mut returns) = (Vec::new(), Vec::new());
        for order in lines.iter().filter(|line| line.1 == day).map(|line| line.2).collect::<BTreeSet<u64>>() {
            let amounts = lines.iter().filter(|line| (line.1, line.2) == (day, order)).map(|line| line.3);
            let (sum, negative) = (amounts.clone().sum::<i64>(), amounts.clone().any(|amount| amount < 0));
            match policy {
                ReturnsPolicy::Net if sum < 0 => returns.push(-sum),
                ReturnsPolicy::Net if sum == 0 && negative => plain.undone += 1,
                ReturnsPolicy::Net => orders.push((day, order, sum)),
                _ if amounts.clone().any(|amount| amount >= 0) => {
                    orders.push((day, order, amounts.filter(|amount| *amount >= 0).sum()));
                }
                _ => {}
            }
        }
        orders.sort_by_key(|order| order.2);
        book.extend(orders);
        returns.sort_unstable();
        returns.into_iter().rev().for_each(|amount| undo(&mut book, day, amount, &mut plain));
    }
    let days: BTreeSet<i32> = book.iter().map(|order| order.0).collect();
    let spend = |day: i32| book.iter().filter(|order| order.0 == day).map(|order| order.2).sum();
    plain.days = days.iter().map(|day| (*day, spend(*day))).collect();
    let named: BTreeSet<u64> = book.iter().map(|order| order.1).filter(|order| *order != 0).collect();
    let nameless = book.iter().filter(|order| order.1 == 0).count();
    plain.orders = if order_ids { named.len() + nameless } else { days.len() } as u32;
    plain
}

fn read(clivia: &Clivia, settings: &Settings) -> (OrdersRead, u64, Ledger) {
    let sources = files::find(&[clivia.path("orders.csv")]).unwrap();
    let reader =
        OrdersReader { clocks: true, ..OrdersReader::new(&settings.read, &settings.orders, &settings.currency) };
    let mut builder = LedgerBuilder::new(settings.orders.returns, true);
    let mut rejects = Rejects::counting(false);
    let read = reader
        .read(&sources, &Control::default(), &mut rejects, |given| match given {
            Given::Lines(lines) => builder.absorb(lines),
            Given::Anew => panic!("amounts and dates that need no second look"),
        })
        .unwrap();
    builder.set_order_ids(read.has_order_ids());
    (read, rejects.counts().values().flat_map(|rules| rules.values()).sum(), builder.finish().unwrap())
}

fn settings(returns: ReturnsPolicy) -> Settings {
    let mut settings = Settings::default();
    settings.orders.returns = returns;
    // However many rows of a file are bad, the good ones are counted.
    settings.read.unreadable_error = 1.0;
    settings
}

/// Good lines by customer.
fn by_customer(rows: &[Row], policy: ReturnsPolicy, order_ids: bool) -> BTreeMap<Id, Vec<Line>> {
    let mut customers = BTreeMap::<Id, Vec<Line>>::new();
    for line in rows.iter().filter_map(|row| usable(row, order_ids)) {
        if policy != ReturnsPolicy::Reject || line.3 >= 0 {
            customers.entry(Id::new(&line.0)).or_default().push(line);
        }
    }
    customers
}

fn policies() -> impl Strategy<Value = ReturnsPolicy> {
    prop::sample::select(vec![ReturnsPolicy::Net, ReturnsPolicy::Net, ReturnsPolicy::Ignore, ReturnsPolicy::Reject])
}

fn from_ledger(ledger: &Ledger, customer: usize) -> Plain {
    let rows = ledger.rows(customer);
    let days = rows.map(|row| (ledger.at[row].day.0, ledger.spend[row].0)).collect();
    Plain { days, orders: ledger.orders[customer], revenue: ledger.revenue[customer].0, undone: 0, unmatched: 0 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_is_what_a_plain_recomputation_gives(
        rows in prop::collection::vec(row(), 1..70), policy in policies(), order_ids: bool,
    ) {
        let clivia = Clivia::with("orders.csv", text(&rows, order_ids));
        let (read, refused, ledger) = read(&clivia, &settings(policy));
        let customers = by_customer(&rows, policy, order_ids);
        let used: usize = customers.values().map(Vec::len).sum();
        prop_assert_eq!((read.rows.read, read.rows.used), (rows.len() as u64, used as u64));
        // Lines without an amount behind one that has the order's are no refusals.
        prop_assert_eq!(read.rows.refused + read.rows.left_out, refused);
        prop_assert_eq!(read.rows.read, read.rows.used + refused);
        let ids: Vec<String> = customers.keys().map(Id::to_string).collect();
        prop_assert_eq!(ledger.ids.iter().collect::<Vec<_>>(), ids.clone());
        let (mut undone, mut unmatched) = (0, 0);
        for (customer, lines) in customers.values().enumerate() {
            let expected = plain(lines, policy, order_ids);
            undone += expected.undone;
            unmatched += expected.unmatched;
            let expected = Plain { undone: 0, unmatched: 0, ..expected };
            prop_assert_eq!(from_ledger(&ledger, customer), expected, "customer {}", ids[customer]);
        }
        prop_assert_eq!((ledger.returns.orders_undone, ledger.returns.unmatched.0), (undone, unmatched));
    }

    #[test]
    fn money_is_conserved(rows in prop::collection::vec(row(), 1..70), policy in policies(), order_ids: bool) {
        let clivia = Clivia::with("orders.csv", text(&rows, order_ids));
        let (read, _, ledger) = read(&clivia, &settings(policy));
        let readable = rows.iter().filter(|row| row.whole).filter_map(|row| row.amount.parse::<f64>().ok());
        let readable = readable.filter(|amount| amount.abs() < 1e11).map(|amount| (amount * 1e4).round() as i64);
        prop_assert_eq!(read.money.read.0, readable.sum::<i64>());
        prop_assert_eq!(read.money.read, read.money.used + read.money.refused);
        prop_assert_eq!(read.money.used, ledger.revenue.iter().copied().sum());
        // What purchase days hold, returns that found no order, and (not netted) returns make up all of it.
        if policy == ReturnsPolicy::Net {
            let spent: i64 = ledger.spend.iter().map(|spend| spend.0).sum();
            prop_assert_eq!(spent + ledger.returns.unmatched.0, read.money.used.0);
        }
    }

    #[test]
    fn the_summary_is_that_of_the_papers(rows in prop::collection::vec(row(), 1..70), all: bool) {
        let clivia = Clivia::with("orders.csv", text(&rows, true));
        let (_, _, ledger) = read(&clivia, &Settings::default());
        let spend_days = if all { SpendDays::All } else { SpendDays::Repeat };
        let as_of = Day(FIRST_DAY + 40);
        let settings = SummarySettings { as_of: Some(as_of), spend_days, ..SummarySettings::default() };
        let Ok(summary) = Summary::new(&ledger, true, &settings) else { return Ok(()) };
        let customers = by_customer(&rows, ReturnsPolicy::Net, true);
        let all_plain = customers.iter().map(|(id, lines)| (id, plain(lines, ReturnsPolicy::Net, true)));
        let standing: Vec<(&Id, Plain)> = all_plain.filter(|(_, plain)| !plain.days.is_empty()).collect();
        prop_assert_eq!(summary.len(), standing.len());
        for (place, (id, plain)) in standing.iter().enumerate() {
            let (first, last) = (plain.days[0].0, plain.days[plain.days.len() - 1].0);
            prop_assert_eq!(summary.ids.get(place), id.to_string());
            prop_assert_eq!(summary.frequency[place] as usize, plain.days.len() - 1);
            prop_assert_eq!(summary.last_purchase_age(place), f64::from(last - first) / 7.0);
            prop_assert_eq!(summary.age(place), f64::from(as_of.0 - first) / 7.0);
            let counted = &plain.days[usize::from(!all)..];
            let sum: i64 = counted.iter().map(|day| day.1).sum();
            let mean = (!counted.is_empty()).then(|| sum as f64 / 1e4 / counted.len() as f64);
            prop_assert_eq!(summary.spend.as_ref().unwrap().mean.get(place), mean);
        }
    }

    #[test]
    fn rows_in_any_order_give_the_same_ledger(
        (rows, shuffled) in prop::collection::vec(row(), 1..70)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        order_ids: bool,
    ) {
        let of = |rows: &[Row]| read(&Clivia::with("orders.csv", text(rows, order_ids)), &Settings::default()).2;
        prop_assert_eq!(of(&rows), of(&shuffled));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_file_holds_the_books_balance(rows in prop::collection::vec(row(), 1..120), policy in policies()) {
        let clivia = Clivia::with("orders.csv", text(&rows, true));
        let inputs = Inputs { orders: files::find(&[clivia.path("orders.csv")]).unwrap(), ..Inputs::default() };
        let scored = score(&inputs, &settings(policy), None, Rejects::counting(false), &Control::default());
        let standing = by_customer(&rows, policy, true).values().any(|lines| !plain(lines, policy, true).days.is_empty());
        let scored = match scored {
            Ok(scored) => scored,
            // Two or three customers may have no maximum of the likelihood; the run then ends with advice.
            Err(clivia_run::error::Error::Fit(clivia_core::models::FitError::DidNotConverge { .. })) => return Ok(()),
            Err(error) => {
                prop_assert!(!standing, "{}", error);
                prop_assert!(!matches!(error, clivia_run::error::Error::NotBalanced { .. }), "{}", error);
                return Ok(());
            }
        };
        let rows = scored.orders.rows;
        let refused: u64 = scored.refused.values().flat_map(|rules| rules.values()).sum();
        prop_assert_eq!(refused, rows.refused + rows.left_out);
        let finite = |column: Option<Vec<f64>>| column.iter().flatten().all(|value| value.is_finite() && *value >= 0.0);
        let value = scored.scored.value.map(|value| value.columns()).unwrap_or_default();
        prop_assert!([value.p_alive, value.expected_purchases, value.clv].into_iter().all(finite));
    }

    #[test]
    fn bytes_without_any_sense_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), header: bool) {
        let start: &[u8] = if header { b"customer_id,date,amount\n" } else { b"" };
        let clivia = Clivia::with("orders.csv", [start, &bytes].concat());
        let Ok(orders) = files::find(&[clivia.path("orders.csv")]) else { return Ok(()) };
        let inputs = Inputs { orders, ..Inputs::default() };
        let result = score(&inputs, &Settings::default(), None, Rejects::counting(false), &Control::default());
        if let Err(error) = result {
            prop_assert!(!matches!(error, clivia_run::error::Error::NotBalanced { .. }), "{}", error);
        }
    }
}
