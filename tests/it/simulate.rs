//! The simulated population against what it says of itself.

use std::collections::HashSet;

use clivia::simulate::{
    ContactPlan, Effect, OrderRow, Planted, Population, PopulationSettings, PurchaseTruth, Quirks, SimulatedCustomer,
    SimulationError, Totals, Truth, ValueLevel,
};
use clivia::units::Money;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const WEEK: f64 = 604_800.0;

fn settings(customers: u64) -> PopulationSettings {
    PopulationSettings { customers, quirks: Quirks::NONE, ..PopulationSettings::default() }
}

fn drawn(population: &Population) -> Vec<SimulatedCustomer> {
    population.blocks(1_000).flatten().collect()
}

fn mean_and_error(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// The Gauss hypergeometric series, for `|z| < 1`.
fn hypergeometric(a: f64, b: f64, c: f64, z: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 0..5_000 {
        let n = f64::from(n);
        term *= (a + n) * (b + n) / (c + n) / (n + 1.0) * z;
        sum += term;
    }
    sum
}

/// `E[X(t)]` of a random customer: Fader, Hardie and Lee (2005), "Counting your customers the easy way".
fn expected_repeat_orders(truth: PurchaseTruth, t: f64) -> f64 {
    let PurchaseTruth { r, alpha, a, b } = truth;
    let bought = (alpha / (alpha + t)).powf(r) * hypergeometric(r, b, a + b - 1.0, t / (alpha + t));
    (a + b - 1.0) / (a - 1.0) * (1.0 - bought)
}

#[test]
fn repeat_orders_meet_their_expectation() -> Outcome {
    let population = Population::new(PopulationSettings { cohort_days: 1, ..settings(60_000) })?;
    let customers = drawn(&population);
    let (mean, error) = mean_and_error(customers.iter().map(|customer| customer.orders.len() as f64 - 1.0));
    // All join on day 0, at noon on average; E[X(t)] is straight over one day in 104 weeks.
    let expected = expected_repeat_orders(PurchaseTruth::default(), 104.0 - 0.5 / 7.0);
    assert!((mean - expected).abs() < 4.0 * error, "{mean} for {expected}: 4 standard errors are {}", 4.0 * error);
    assert!(error < 0.02 * expected, "too few customers to tell anything");
    Ok(())
}

#[test]
fn amounts_and_joining_meet_their_expectation() -> Outcome {
    let population = Population::new(settings(60_000))?;
    let customers = drawn(&population);
    // One order a customer, so that amounts are independent. E[z] = p gamma / (q - 1).
    let (mean, error) = mean_and_error(customers.iter().map(|customer| customer.orders[0].amount.to_f64()));
    let expected = 6.25 * 15.44 / 2.74;
    assert!((mean - expected).abs() < 4.0 * error, "{mean} for {expected}: 4 standard errors are {}", 4.0 * error);
    let start = f64::from(population.window().start.0) / 7.0;
    let (joined, error) = mean_and_error(customers.iter().map(|customer| customer.orders[0].at as f64 / WEEK - start));
    assert!((joined - 26.0).abs() < 4.0 * error, "{joined} weeks for 26: 4 standard errors are {}", 4.0 * error);
    Ok(())
}

#[test]
fn all_lies_within_the_window_and_in_order() -> Outcome {
    let population = Population::new(PopulationSettings { quirks: Quirks::default(), ..settings(3_000) })?;
    let window = population.window();
    assert_eq!((window.start.to_string(), window.as_of.to_string()), ("2023-01-02".into(), "2024-12-29".into()));
    let (open, close) = (i64::from(window.start.0) * 86_400, (i64::from(window.as_of.0) + 1) * 86_400);
    for customer in drawn(&population) {
        assert!(customer.orders.iter().all(|order| (open..close).contains(&order.at)));
        assert!(customer.contacts.iter().all(|contact| (customer.orders[0].at..close).contains(&contact.at)));
        assert!(customer.contacts.is_sorted_by_key(|contact| contact.at));
        assert!(
            customer.orders.iter().all(|order| (order.amount.0 < 0) == order.is_return && order.amount.0 % 100 == 0)
        );
        assert!(customer.orders.iter().filter(|order| !order.is_return).is_sorted_by_key(|order| order.at));
    }
    Ok(())
}

#[test]
fn blocks_of_any_size_are_the_customers_one_by_one() -> Outcome {
    let population = Population::new(PopulationSettings::default())?;
    let one_by_one: Vec<SimulatedCustomer> = (0..2_000).map(|number| population.customer(number)).collect();
    for size in [7, 1_000, 5_000] {
        assert_eq!(population.blocks(size).flatten().collect::<Vec<_>>(), one_by_one);
    }
    let more = Population::new(PopulationSettings { customers: 9_000, ..PopulationSettings::default() })?;
    assert_eq!(more.customer(1_234), one_by_one[1_234]);
    Ok(())
}

#[test]
fn another_seed_is_another_population() -> Outcome {
    let [one, again, two] = [1, 1, 2].map(|seed| Population::new(PopulationSettings { seed, ..settings(50) }));
    let (one, again, two) = (drawn(&one?), drawn(&again?), drawn(&two?));
    assert_eq!(one, again);
    assert!(one.iter().zip(&two).all(|(one, two)| one != two));
    Ok(())
}

#[test]
fn other_contacts_leave_the_purchases_alone() -> Outcome {
    let silent = ContactPlan { per_week: 0.0, channels: Vec::new(), ..ContactPlan::default() };
    let (with, without) =
        (Population::new(settings(500))?, Population::new(PopulationSettings { contacts: silent, ..settings(500) })?);
    for (with, without) in drawn(&with).iter().zip(drawn(&without)) {
        assert_eq!(with.orders, without.orders);
        assert!(without.contacts.is_empty());
    }
    Ok(())
}

/// The purchase rate within 7 days after a contact over the rate outside, by Mantel and Haenszel with
/// every customer a stratum of its own, so that who is contacted often does not matter.
fn rate_ratio(population: &Population) -> f64 {
    let close = (f64::from(population.window().as_of.0) + 1.0) / 7.0;
    let (mut above, mut below) = (0.0, 0.0);
    for customer in drawn(population) {
        let weeks = |seconds: i64| seconds as f64 / WEEK;
        let joined = weeks(customer.orders[0].at);
        let contacts: Vec<f64> = customer.contacts.iter().map(|contact| weeks(contact.at)).collect();
        let next = contacts.iter().skip(1).copied().chain([close]);
        let exposed: f64 = contacts.iter().zip(next).map(|(contact, next)| (next - contact).min(1.0)).sum();
        let is_exposed = |time: f64| contacts.iter().any(|contact| (0.0..1.0).contains(&(time - contact)));
        let repeat = customer.orders.iter().skip(1);
        let (inside, outside): (Vec<f64>, Vec<f64>) =
            repeat.map(|order| weeks(order.at)).partition(|&at| is_exposed(at));
        let observed = close - joined;
        above += inside.len() as f64 * (observed - exposed) / observed;
        below += outside.len() as f64 * exposed / observed;
    }
    above / below
}

/// Buyers who never leave, so that time at risk is the whole window.
fn loyal(rate_ratio: f64) -> Result<Population, SimulationError> {
    let purchases = PurchaseTruth { r: 2.0, alpha: 4.0, a: 0.001, b: 1_000.0 };
    Population::new(PopulationSettings { purchases, effect: Effect { rate_ratio, days: 7.0 }, ..settings(2_000) })
}

#[test]
fn an_effect_shows_in_the_week_after_a_contact() -> Outcome {
    for truth in [1.0, 1.5, 0.5] {
        let found = rate_ratio(&loyal(truth)?);
        // Some 80,000 purchases, 10 % of them exposed: the standard error of the log ratio is
        // sqrt(1/8,000 + 1/72,000) = 0.012, a little more at ratio 0.5; five of them are 0.06.
        assert!((found / truth).ln().abs() < 0.06, "{found} for {truth}");
    }
    Ok(())
}

#[test]
fn contacts_go_with_value_except_where_planted() -> Outcome {
    let population = Population::new(settings(20_000))?;
    let customers = drawn(&population);
    let rates = |level: ValueLevel, planted: Planted| {
        let of_kind =
            customers.iter().map(|c| &c.truth).filter(move |t| t.value_level == level && t.planted == planted);
        mean_and_error(of_kind.map(|truth| truth.contacts_per_week))
    };
    let expected = [
        (ValueLevel::Low, Planted::Nothing, 0.05),
        (ValueLevel::Medium, Planted::Nothing, 0.1),
        (ValueLevel::High, Planted::Nothing, 0.2),
        (ValueLevel::High, Planted::UnderServed, 0.01),
        (ValueLevel::Low, Planted::OverServed, 0.4),
    ];
    for (level, planted, rate) in expected {
        let (mean, error) = rates(level, planted);
        assert!((mean - rate).abs() < 4.0 * error, "{level:?} {planted:?}: {mean} for {rate}");
    }
    // A third is of high value and a fifth of that is planted: sd = sqrt(n p (1 - p)) = 35, 5 of them are 177.
    let planted = customers.iter().filter(|customer| customer.truth.planted == Planted::UnderServed).count() as f64;
    assert!((planted - 20_000.0 / 15.0).abs() < 177.0, "{planted}");
    Ok(())
}

#[test]
fn returns_take_back_orders_and_add_up() -> Outcome {
    let quirks = Quirks { returns_share: 0.1, missing_id_share: 0.01 };
    let population = Population::new(PopulationSettings { quirks, ..settings(5_000) })?;
    let mut totals = Totals::default();
    let (mut bought, mut sent_back) = (Money(0), Money(0));
    for customer in drawn(&population) {
        totals.add(&customer);
        for order in customer.orders.iter().filter(|order| order.is_return) {
            let original = customer.orders[order.number as usize - 1];
            assert_eq!(order.amount, -original.amount);
            assert!((1..=30).contains(&((order.at - original.at) / 86_400)));
            sent_back += original.amount;
        }
        bought += customer.orders.iter().filter(|order| !order.is_return).map(|order| order.amount).sum();
    }
    assert_eq!(totals.revenue, bought - sent_back);
    let share = totals.returns as f64 / totals.orders as f64;
    // Ten percent less what comes after the window: standard error sqrt(0.1 x 0.9 / 10,000) = 0.003.
    assert!((0.088..0.112).contains(&share), "{share}");
    assert!(totals.lines_without_id > 0 && totals.revenue_without_id.0 != 0);

    let plain = Population::new(settings(1_000))?;
    assert!(drawn(&plain).iter().flat_map(|c| &c.orders).all(|order| !order.is_return && !order.id_missing));
    Ok(())
}

#[test]
fn rows_have_ids_of_their_own() -> Outcome {
    let population = Population::new(PopulationSettings { quirks: Quirks::default(), ..settings(2_000) })?;
    let customers = drawn(&population);
    let orders: Vec<OrderRow> = customers.iter().flat_map(|customer| population.order_rows(customer)).collect();
    let ids: HashSet<&str> = orders.iter().map(|row| row.order_id.as_str()).collect();
    assert_eq!(ids.len(), orders.len());
    assert_eq!(orders[0].customer_id.as_deref(), Some("C000000"));
    let contacts: Vec<_> = customers.iter().flat_map(|customer| population.contact_rows(customer)).collect();
    let ids: HashSet<&str> = contacts.iter().map(|row| row.contact_id.as_str()).collect();
    assert_eq!(ids.len(), contacts.len());
    assert!(contacts.iter().all(|row| row.direction == "out" || row.campaign.is_none()));
    assert!(contacts.iter().any(|row| row.campaign.as_deref() == Some("2023-Q2")));
    Ok(())
}

#[test]
fn the_truth_survives_json() -> Outcome {
    let population = Population::new(settings(300))?;
    let mut totals = Totals::default();
    drawn(&population).iter().for_each(|customer| totals.add(customer));
    let truth = population.truth(totals);
    let read: Truth = serde_json::from_str(&serde_json::to_string(&truth)?)?;
    assert_eq!(read, truth);
    assert_eq!(read.totals.customers, 300);
    let typed: PopulationSettings = toml::from_str("customers = 5\n[effect]\nrate_ratio = 1.5")?;
    assert_eq!((typed.customers, typed.effect.rate_ratio, typed.effect.days), (5, 1.5, 7.0));
    Ok(())
}
