//! The simulated population against what it says of itself.

use std::collections::HashSet;

use clivia_core::base::Money;
use clivia_core::simulate::{
    ContactPlan, Effect, OrderRow, Planted, Population, PopulationSettings, PurchaseTruth, Quirks, SimulatedContact,
    SimulatedCustomer, SimulationError, Totals, Truth, ValueLevel,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;
type Contacts<'a> = Vec<&'a SimulatedContact>;

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

/// Three standard errors of a share of `n`.
fn three_errors(share: f64, n: f64) -> f64 {
    3.0 * (share * (1.0 - share) / n).sqrt()
}

#[test]
fn service_follows_value_and_turns_where_planted() -> Outcome {
    let population = Population::new(PopulationSettings { customers: 2_000, ..PopulationSettings::planted() })?;
    let customers = drawn(&population);
    let contacts = |planted: Planted| {
        let of_kind = customers.iter().filter(move |customer| customer.truth.planted == planted);
        of_kind.flat_map(|customer| customer.contacts.iter())
    };
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let cost = |planted| mean(contacts(planted).map(|contact| contact.cost.to_f64()).collect());
    let rating = |planted| mean(contacts(planted).filter_map(|contact| contact.satisfaction).map(f64::from).collect());
    let wait =
        |planted| mean(contacts(planted).filter_map(|contact| contact.response_minutes).map(f64::from).collect());
    let (under, over) = (Planted::UnderServed, Planted::OverServed);
    // The dearest of five channels has 4 times its share on one side and a quarter of it on the other.
    assert!(cost(over) > 5.0 * cost(under), "{} {}", cost(over), cost(under));
    // 3.6 - 1.5 and 3.6 + 1.5 held at 5; rounding and holding move a mean by less than 0.25.
    assert!((rating(under) - 2.1).abs() < 0.25 && (rating(over) - 4.9).abs() < 0.25);
    // 24 hours times and divided by 6. The one side has about 80 waits, exponential: 3 standard errors are 48.
    assert!((wait(under) / 60.0 - 144.0).abs() < 48.0, "{}", wait(under) / 60.0);
    assert!((wait(over) / 60.0 - 4.0).abs() < 0.3, "{}", wait(over) / 60.0);
    let level = |customer: &SimulatedCustomer| customer.truth.service_level;
    assert!(customers.iter().all(|customer| (-1.0..=1.0).contains(&level(customer))));
    Ok(())
}

#[test]
fn ratings_answers_and_agents_stand_where_they_can() -> Outcome {
    let population = Population::new(settings(2_000))?;
    let customers = drawn(&population);
    let contacts: Contacts = customers.iter().flat_map(|customer| &customer.contacts).collect();
    let inbound = |direction| direction == clivia_core::simulate::Direction::Inbound;
    assert!(contacts.iter().all(|contact| contact.response_minutes.is_some() == inbound(contact.direction)));
    assert!(contacts.iter().all(|contact| contact.agent.is_some() == contact.campaign.is_none()));
    assert!(contacts.iter().filter_map(|contact| contact.satisfaction).all(|rating| (1..=5).contains(&rating)));
    let arrived = |outcome: &str| outcome == "answered" || outcome == "reached";
    let (rated, others): (Contacts, Contacts) =
        contacts.into_iter().partition(|contact| contact.satisfaction.is_some());
    assert!(rated.iter().all(|contact| arrived(contact.outcome.name())));
    let could = rated.len() + others.iter().filter(|contact| arrived(contact.outcome.name())).count();
    let share = rated.len() as f64 / could as f64;
    assert!((share - 0.1).abs() < three_errors(0.1, could as f64), "{share}");
    // A contact is by the own agent with probability p = 0.9 + 0.1 / 8, by each other with (1 - p) / 7.
    let own: f64 = 0.9 + 0.1 / 8.0;
    let agree = own * own + 7.0 * ((1.0 - own) / 7.0).powi(2);
    let pairs: Vec<bool> = customers.iter().filter_map(first_two_agents).map(|(one, two)| one == two).collect();
    let share = pairs.iter().filter(|same| **same).count() as f64 / pairs.len() as f64;
    assert!((share - agree).abs() < three_errors(agree, pairs.len() as f64), "{share} for {agree}");
    Ok(())
}

fn first_two_agents(customer: &SimulatedCustomer) -> Option<(u16, u16)> {
    let mut agents = customer.contacts.iter().filter_map(|contact| contact.agent);
    Some((agents.next()?, agents.next()?))
}

#[test]
fn service_settings_leave_orders_and_contact_times_alone() -> Outcome {
    let mut other = settings(500);
    let service = &mut other.contacts.service;
    (service.noise, service.channel_factor, service.rated_share, service.agents) = (0.0, 9.0, 1.0, 0);
    let (plain, other) = (drawn(&Population::new(settings(500))?), drawn(&Population::new(other)?));
    for (plain, other) in plain.iter().zip(&other) {
        assert_eq!(plain.orders, other.orders);
        assert!(plain.contacts.iter().map(|contact| contact.at).eq(other.contacts.iter().map(|contact| contact.at)));
        assert!(other.contacts.iter().all(|contact| contact.agent.is_none()));
    }
    Ok(())
}

#[test]
fn triggered_contacts_follow_purchases_and_change_nothing_else() -> Outcome {
    let mut settings = PopulationSettings { effect: Effect { rate_ratio: 3.0, days: 7.0 }, ..settings(5_000) };
    let plain = drawn(&Population::new(settings.clone())?);
    (settings.contacts.triggered.share, settings.contacts.triggered.cost) = (0.6, 0.01);
    let population = Population::new(settings)?;
    assert_eq!(population.channels().last(), Some("confirmation"));
    let (mut hours, mut purchases) = (Vec::new(), 0);
    for (plain, with) in plain.iter().zip(drawn(&population)) {
        assert_eq!(plain.orders, with.orders, "a triggered contact has no effect");
        assert!(with.contacts.is_sorted_by_key(|contact| contact.at));
        let (triggered, others): (Contacts, Contacts) = with.contacts.iter().partition(|contact| contact.channel == 5);
        assert!(others.into_iter().eq(&plain.contacts));
        purchases += with.orders.len();
        for contact in triggered {
            assert_eq!((contact.cost, contact.outcome.name()), (Money(100), "reached"));
            let before = with.orders.iter().rev().find(|order| order.at <= contact.at).map(|order| order.at);
            hours.push((contact.at - before.ok_or("a triggered contact before all purchases")?) as f64 / 3_600.0);
        }
    }
    let share = hours.len() as f64 / purchases as f64;
    assert!((share - 0.6).abs() < three_errors(0.6, purchases as f64), "{share}"); // those after the window: 0.0003
    let (mean, error) = mean_and_error(hours.into_iter());
    // Where the next purchase comes first the wait is cut short: at a purchase a week that is 0.1 hours.
    assert!((mean - 6.0).abs() < 4.0 * error + 0.1, "{mean} hours for 6");
    Ok(())
}

#[test]
fn a_trial_deals_at_random_and_holds_its_shares() -> Outcome {
    let mut plan = settings(20_000);
    plan.contacts.per_week = 0.0;
    (plan.contacts.trial.treated_share, plan.contacts.trial.control_share) = (0.5, 0.3);
    plan.effect = Effect { rate_ratio: 5.0, days: 28.0 };
    plan.purchases = PurchaseTruth { r: 2.0, alpha: 20.0, a: 0.001, b: 1_000.0 };
    let population = Population::new(plan)?;
    let day = population.window().start.0 + 52 * 7;
    let at = i64::from(day) * 86_400 + 36_000;
    let customers = drawn(&population); // the last joins before day 364
    let (treated, rest): (Vec<_>, Vec<_>) = customers.iter().partition(|customer| !customer.contacts.is_empty());
    let (held_out, outside): (Vec<_>, Vec<_>) = rest.into_iter().partition(|customer| customer.held_out.is_some());
    for (arm, share) in [(&treated, 0.5), (&held_out, 0.3), (&outside, 0.2)] {
        let seen = arm.len() as f64 / 20_000.0;
        assert!((seen - share).abs() < three_errors(share, 20_000.0), "{seen} for {share}");
    }
    assert!(treated.iter().all(|customer| customer.held_out.is_none() && customer.contacts.len() == 1));
    assert!(held_out.iter().all(|customer| customer.held_out.is_some_and(|held_out| held_out.at == at)));
    let orders_within = |arm: &[&SimulatedCustomer]| {
        let within = |customer: &&SimulatedCustomer| {
            customer.orders.iter().skip(1).filter(|order| (at..at + 28 * 86_400).contains(&order.at)).count() as f64
        };
        mean_and_error(arm.iter().map(within).collect::<Vec<_>>().into_iter())
    };
    // A mean rate of 0.1 a week over 4 weeks, five times that where treated.
    for (arm, expected) in [(&treated, 2.0), (&held_out, 0.4), (&outside, 0.4)] {
        let (mean, error) = orders_within(arm);
        assert!((mean - expected).abs() < 4.0 * error, "{mean} for {expected}");
    }
    Ok(())
}

#[test]
fn rows_of_a_trial_say_who_was_held_out() -> Outcome {
    let mut plan = settings(500);
    (plan.contacts.trial.treated_share, plan.contacts.trial.control_share) = (0.5, 0.5);
    let population = Population::new(plan)?;
    let customers = drawn(&population);
    let mut totals = Totals::default();
    customers.iter().for_each(|customer| totals.add(customer));
    let rows: Vec<_> = customers.iter().flat_map(|customer| population.contact_rows(customer)).collect();
    assert_eq!(rows.len() as u64, totals.contacts + totals.held_out);
    let ids: HashSet<&str> = rows.iter().map(|row| row.contact_id.as_str()).collect();
    assert_eq!(ids.len(), rows.len());
    let (held_out, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.control == Some("yes"));
    assert_eq!(held_out.len() as u64, totals.held_out);
    assert!(totals.held_out > 200);
    assert!(held_out.iter().all(|row| row.campaign.as_deref() == Some("trial") && row.outcome.is_none()));
    assert!(held_out.iter().all(|row| row.channel == "email" && row.cost == Money(0)));
    assert!(others.iter().all(|row| row.control.is_none() && row.outcome.is_some()));
    assert!(others.iter().any(|row| row.campaign.as_deref() == Some("trial")));
    Ok(())
}

#[test]
fn what_is_left_of_a_value_is_nothing_once_the_customer_has_left() -> Outcome {
    let population = Population::new(settings(2_000))?;
    for customer in drawn(&population) {
        let truth = &customer.truth;
        assert_eq!(truth.remaining_value, if truth.alive_at_end { truth.first_year_value } else { 0.0 });
    }
    Ok(())
}

/// The expectation that the truth states, against what customers go on to spend.
#[test]
fn the_remaining_value_is_what_is_spent_in_the_next_year() -> Outcome {
    let year = PopulationSettings { observed_days: 52 * 7, cohort_days: 1, ..settings(40_000) };
    let two_years = PopulationSettings { observed_days: 104 * 7, ..year.clone() };
    let (now, later) = (Population::new(year)?, Population::new(two_years)?);
    let close = (i64::from(now.window().as_of.0) + 1) * 86_400;
    let differences: Vec<f64> = (0..40_000)
        .map(|number| {
            let next = later.customer(number).orders.into_iter().filter(|order| order.at >= close);
            next.map(|order| order.amount.to_f64()).sum::<f64>() - now.customer(number).truth.remaining_value
        })
        .collect();
    let (mean, error) = mean_and_error(differences.into_iter());
    assert!(mean.abs() < 4.0 * error, "{mean}: 4 standard errors are {}", 4.0 * error);
    assert!(error < 0.5, "too few customers to tell anything: {error}");
    Ok(())
}
