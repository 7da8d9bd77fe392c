//! The choice of options against trying out everything.

use super::*;

/// The greatest value of all choices, by going through them all.
fn by_hand(problem: &Problem<'_>) -> f64 {
    let mut customers: BTreeMap<u32, Vec<&Choice>> = BTreeMap::new();
    problem.choices.iter().for_each(|choice| customers.entry(choice.customer).or_default().push(choice));
    let customers: Vec<Vec<&Choice>> = customers.into_values().collect();
    best_from(&customers, problem.budget.map_or(i64::MAX, |budget| budget.0), &mut problem.capacity.to_vec())
}

fn best_from(customers: &[Vec<&Choice>], money: i64, places: &mut Vec<u32>) -> f64 {
    let Some((first, rest)) = customers.split_first() else { return 0.0 };
    let mut best = best_from(rest, money, places);
    for choice in first.iter().filter(|choice| choice.cost.0 <= money && choice.value > 0.0) {
        if choice.channel.is_some_and(|channel| places[usize::from(channel)] == 0) {
            continue;
        }
        choice.channel.into_iter().for_each(|channel| places[usize::from(channel)] -= 1);
        best = best.max(choice.value + best_from(rest, money - choice.cost.0, places));
        choice.channel.into_iter().for_each(|channel| places[usize::from(channel)] += 1);
    }
    best
}

/// A selection must keep to the limits, and add up.
fn check(problem: &Problem<'_>, taken: &Selection) {
    let chosen: Vec<&Choice> = taken.chosen.iter().map(|&place| &problem.choices[place as usize]).collect();
    let mut customers: Vec<u32> = chosen.iter().map(|choice| choice.customer).collect();
    customers.sort_unstable();
    assert!(customers.windows(2).all(|pair| pair[0] < pair[1]), "one option a customer");
    assert_eq!(taken.cost, chosen.iter().map(|choice| choice.cost).sum());
    assert!(problem.budget.is_none_or(|budget| taken.cost <= budget.max(Money(0))));
    for (channel, &places) in problem.capacity.iter().enumerate() {
        let used = chosen.iter().filter(|choice| choice.channel == Some(channel as u16)).count();
        assert!(used <= places as usize, "{used} of {places}");
    }
    let value: f64 = chosen.iter().map(|choice| choice.value).sum();
    assert!((taken.value - value).abs() <= SUMMING * value.abs());
    assert!(taken.value <= taken.bound * (1.0 + SUMMING));
    assert!((0.0..=1.0).contains(&taken.gap()));
}

fn random(random: &mut Xoshiro256PlusPlus, customers: u32, channels: u16, costs: i64, values: f64) -> Vec<Choice> {
    let mut choices = Vec::new();
    for customer in 0..customers {
        for _ in 0..random.gen_range(1..=3) {
            let channel = Some(random.gen_range(0..=channels)).filter(|&channel| channel < channels);
            let cost = Money(random.gen_range(0..=costs));
            choices.push(Choice { customer, value: random.gen_range(0.0..values).round(), cost, channel });
        }
    }
    choices
}

#[test]
fn small_choices_are_the_best_there_are() {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(11);
    for _ in 0..600 {
        let (customers, channels) = (chance.gen_range(1..9), chance.gen_range(0..4));
        let (costs, values) = (chance.gen_range(0..60), chance.gen_range(1.0..50.0));
        let choices = random(&mut chance, customers, channels, costs, values);
        let capacity: Vec<u32> = (0..channels).map(|_| chance.gen_range(0..4)).collect();
        let budget = chance.gen_bool(0.8).then(|| Money(chance.gen_range(0..120)));
        let problem = Problem { choices: &choices, budget, capacity: &capacity };
        let taken = problem.solve();
        check(&problem, &taken);
        let best = by_hand(&problem);
        assert_eq!((taken.method, taken.value), (Method::Exact, best), "whole values add up exactly");
    }
}

#[test]
fn costs_that_follow_values_are_no_trap() {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(12);
    for _ in 0..100 {
        let mut choices = random(&mut chance, 9, 2, 100, 2.0);
        choices.iter_mut().for_each(|choice| choice.value = (choice.cost.0 + 10) as f64);
        let problem = Problem { choices: &choices, budget: Some(Money(250)), capacity: &[4, 2] };
        let taken = problem.solve();
        check(&problem, &taken);
        assert_eq!((taken.method, taken.value), (Method::Exact, by_hand(&problem)));
    }
}

#[test]
fn the_order_of_the_options_does_not_matter() {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(13);
    let choices = random(&mut chance, 200, 3, 1_000, 1e9);
    let problem = Problem { choices: &choices, budget: Some(Money(20_000)), capacity: &[20, 20, 20] };
    let taken = problem.solve();
    check(&problem, &taken);
    let reversed: Vec<Choice> = choices.iter().rev().copied().collect();
    let again = Problem { choices: &reversed, ..problem }.solve();
    check(&Problem { choices: &reversed, ..problem }, &again);
    assert_eq!((again.value, again.cost, again.method), (taken.value, taken.cost, Method::Exact));
}

/// Four channels of very different cost, and values that differ a hundredfold: a base as there is one.
fn large(customers: u32) -> Vec<Choice> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(14);
    let mut choices = Vec::new();
    for customer in 0..customers {
        let stake = chance.gen_range(0.0_f64..5.0).exp();
        for channel in 0..4_u16 {
            let (cost, share) = [(45.0, 0.9), (12.0, 0.6), (0.8, 0.3), (0.05, 0.1)][usize::from(channel)];
            let value = stake * share * chance.gen_range(0.5..1.0);
            choices.push(Choice { customer, value, cost: money(cost), channel: Some(channel) });
        }
    }
    choices
}

#[test]
fn a_large_choice_is_close_to_its_bound() {
    let choices = large(50_000);
    let capacity = [2_000, 8_000, 20_000, 30_000];
    let problem = Problem { choices: &choices, budget: Some(money(150_000.0)), capacity: &capacity };
    let taken = problem.solve();
    check(&problem, &taken);
    // What is lost to whole contacts is about one contact's worth of tens of thousands.
    assert!(taken.gap() < 1e-4, "gap {}", taken.gap());
    assert_eq!(taken, problem.solve());
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    assert_eq!(taken, one.install(|| problem.solve()));
}

#[test]
fn edges() {
    let option = |customer, value, cost| Choice { customer, value, cost: Money(cost), channel: Some(0) };
    let choices = [option(0, 5.0, 0), option(1, 7.0, 3), option(2, f64::NAN, 0), option(3, -1.0, 0)];
    let all = Problem { choices: &choices, budget: None, capacity: &[9] };
    let chosen = |problem: Problem<'_>| {
        let taken = problem.solve();
        check(&problem, &taken);
        assert_eq!(taken.method, Method::Exact);
        taken.chosen
    };
    assert_eq!(chosen(all), [0, 1]);
    assert_eq!(chosen(Problem { budget: Some(Money(0)), ..all }), [0]);
    assert_eq!(chosen(Problem { budget: Some(Money(-5)), ..all }), [0]);
    assert_eq!(chosen(Problem { capacity: &[0], ..all }), [0; 0]);
    assert_eq!(chosen(Problem { capacity: &[1], ..all }), [1]);
    assert_eq!(chosen(Problem { choices: &[], ..all }), [0; 0]);
    assert_eq!(chosen(Problem { choices: &[option(0, f64::INFINITY, 1)], ..all }), [0; 0]);
    let alike = vec![option(0, 2.0, 10); 50];
    assert_eq!(chosen(Problem { choices: &alike, budget: Some(Money(10)), capacity: &[1] }), [0]);
    let alike: Vec<Choice> = (0..50_000).map(|customer| option(customer, 2.0, 10)).collect();
    let some = Problem { choices: &alike, budget: Some(Money(105)), capacity: &[60_000] };
    assert_eq!(some.solve().chosen.len(), 10);
}
