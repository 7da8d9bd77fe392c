//! Decisions: the solver and the managers against trying out everything, plans and corrections by hand.

use std::collections::BTreeMap;

use clivia::contacts::quality::{ContactQuality, Criterion, FittedQuality, QualitySettings};
use clivia::contacts::{Contact, ContactLog, Direction, Held, Outcome};
use clivia::decide::corrections::corrections;
use clivia::decide::managers::{AccountManager, Client, ManagerError, assign};
use clivia::decide::plan::{Budget, PlanError, PlanOption, PlanSettings, plan};
use clivia::decide::solver::{Choice, Method, Problem, Selection};
use clivia::decide::{Action, CorrectionError, CorrectionInput, CorrectionSettings, Corrections};
use clivia::map::{Column, CustomerMap, Diagnosis, FittedMap, IndexSettings, MapInput, MapSettings};
use clivia::units::{Clock, Day, Moment, Money};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What summing a few values in another order may change, relative to them.
const SUMMING: f64 = 1e-12;

fn money(amount: f64) -> Money {
    Money::from_f64(amount).expect("a small amount")
}

mod solver {
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
}

mod managers {
    use super::*;

    fn managers(capacities: &[u32]) -> Vec<AccountManager> {
        let named = capacities.iter().enumerate();
        named.map(|(number, &capacity)| AccountManager { name: format!("M{number}"), capacity }).collect()
    }

    /// The least objective of all assignments of customers, who are in the order of their value.
    fn by_hand(clients: &[Client], capacities: &[u32], cost: f64) -> f64 {
        let room: u32 = capacities.iter().sum();
        let top = &clients[..clients.len().min(room as usize)];
        let all: f64 = top.iter().map(|client| client.value).sum();
        let above = capacities.iter().map(|&capacity| -all * f64::from(capacity) / f64::from(room)).collect();
        least(top, &mut capacities.to_vec(), above, 0.0, cost)
    }

    fn least(clients: &[Client], room: &mut Vec<u32>, above: Vec<f64>, paid: f64, cost: f64) -> f64 {
        let Some((client, rest)) = clients.split_first() else {
            return paid + above.iter().map(|above| above.abs()).fold(0.0, f64::max);
        };
        let mut best = f64::INFINITY;
        for manager in 0..room.len() {
            if room[manager] > 0 {
                let mut above = above.clone();
                above[manager] += client.value;
                let is_move = client.manager.is_some_and(|before| before as usize != manager);
                room[manager] -= 1;
                best = best.min(least(rest, room, above, paid + if is_move { cost } else { 0.0 }, cost));
                room[manager] += 1;
            }
        }
        best
    }

    #[test]
    fn small_assignments_lie_between_the_bound_and_little_above_the_best() {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(21);
        let (mut optimal, mut excess) = (0, 0.0);
        for _ in 0..300 {
            let capacities: Vec<u32> = (0..chance.gen_range(1..4)).map(|_| chance.gen_range(1..5)).collect();
            let count = chance.gen_range(1..9);
            let mut values: Vec<f64> = (0..count).map(|_| chance.gen_range(1.0_f64..100.0).round()).collect();
            values.sort_by(|a, b| b.total_cmp(a));
            let before = |chance: &mut Xoshiro256PlusPlus| {
                chance.gen_bool(0.7).then(|| chance.gen_range(0..capacities.len() as u32))
            };
            let clients: Vec<Client> = (0..)
                .zip(values)
                .map(|(customer, value)| Client { customer, value, manager: before(&mut chance) })
                .collect();
            let cost = [0.0, 5.0, 40.0][chance.gen_range(0..3)];
            let found = assign(&clients, &managers(&capacities), cost).expect("sound settings");
            let best = by_hand(&clients, &capacities, cost);
            assert!(found.bound <= best * (1.0 + SUMMING) + 1e-9, "bound {} best {best}", found.bound);
            assert!(found.objective >= best - 1e-9, "objective {} best {best}", found.objective);
            assert!(found.loads.iter().all(|load| load.customers <= load.capacity));
            optimal += u32::from(found.objective <= best + 1e-9);
            excess += (found.objective - best) / clients.iter().map(|client| client.value).sum::<f64>();
        }
        assert!(optimal >= 280, "{optimal} of 300 optimal");
        assert!(excess / 300.0 < 0.002, "on average {} of all value above the best", excess / 300.0);
    }

    #[test]
    fn five_thousand_customers_of_twenty_managers_are_balanced() {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(22);
        let capacities: Vec<u32> = (0..20).map(|number| 200 + 10 * (number % 6)).collect();
        let clients: Vec<Client> = (0..5_000)
            .map(|customer| {
                let value = chance.gen_range(3.0_f64..9.0).exp();
                let manager = chance.gen_bool(0.8).then(|| chance.gen_range(0..20));
                Client { customer, value, manager }
            })
            .collect();
        let free = assign(&clients, &managers(&capacities), 0.0).expect("sound settings");
        let room: u32 = capacities.iter().sum();
        assert_eq!(free.assigned.len(), room as usize);
        let share = free.loads[0].share;
        assert!(free.unevenness < 1e-3 * share, "{} of {share}", free.unevenness);
        let dear = assign(&clients, &managers(&capacities), 1_000.0).expect("sound settings");
        assert!(dear.moves < free.moves);
        assert!(dear.bound <= dear.objective);
        assert_eq!(dear, assign(&clients, &managers(&capacities), 1_000.0).expect("sound settings"));
    }

    #[test]
    fn edges() -> Result<(), ManagerError> {
        let client = |customer, value, manager| Client { customer, value, manager };
        assert!(assign(&[], &managers(&[3]), 1.0)?.assigned.is_empty());
        assert!(assign(&[client(0, 1.0, None)], &[], 1.0)?.assigned.is_empty());
        assert!(assign(&[client(0, 1.0, Some(0))], &managers(&[0]), 1.0)?.assigned.is_empty());
        let odd = [client(0, f64::NAN, None), client(1, -3.0, Some(0)), client(2, f64::INFINITY, None)];
        let odd = assign(&odd, &managers(&[1, 2]), 0.0)?;
        assert_eq!((odd.assigned.len(), odd.objective, odd.bound), (3, 0.0, 0.0));
        // The most valuable stay with a manager who has too many.
        let crowd: Vec<Client> = (0..4).map(|customer| client(customer, 10.0, Some(0))).collect();
        let spread = assign(&crowd, &managers(&[3, 3]), 100.0)?;
        assert_eq!((spread.moves, spread.unevenness, spread.objective), (1, 10.0, 110.0));
        for cost in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(assign(&crowd, &managers(&[3]), cost), Err(ManagerError::SwitchingCost(_))));
        }
        let twins =
            [AccountManager { name: "A".into(), capacity: 1 }, AccountManager { name: "A".into(), capacity: 1 }];
        assert_eq!(assign(&crowd, &twins, 0.0), Err(ManagerError::Twice("A".into())));
        Ok(())
    }
}

mod plans {
    use super::*;

    fn serve(customer: u32, channel: u16, value: f64, cost: f64) -> PlanOption {
        let (diagnosis, channel) = (Diagnosis::UnderServed, Some(channel));
        PlanOption { customer, diagnosis, channel, value, cost: money(cost), saving: Money(0) }
    }

    fn spare(customer: u32, saving: f64) -> PlanOption {
        let (diagnosis, saving) = (Diagnosis::OverServed, money(saving));
        PlanOption { customer, diagnosis, channel: Some(0), value: saving.to_f64(), cost: Money(0), saving }
    }

    fn channels() -> Vec<String> {
        ["visit", "E-Mail", "email"].map(str::to_string).to_vec()
    }

    fn settings(budget: Budget, capacity: &[(&str, u32)]) -> PlanSettings {
        let capacity = capacity.iter().map(|(name, places)| (name.to_string(), *places)).collect();
        PlanSettings { budget, capacity, period_days: 14 }
    }

    #[test]
    fn what_is_saved_pays_for_what_is_done() -> Result<(), PlanError> {
        // Customer 9 saves 60 or 20, not both.
        let options = [serve(1, 0, 30.0, 50.0), serve(2, 0, 40.0, 50.0), spare(9, 20.0), spare(9, 60.0), spare(8, 0.0)];
        let same = plan(&options, &channels(), Day(0), &settings(Budget::Same, &[]))?;
        assert_eq!(same.rows.iter().map(|row| row.option).collect::<Vec<_>>(), [3, 1]);
        assert_eq!((same.budget, same.saving, same.cost), (Some(money(60.0)), money(60.0), money(50.0)));
        assert_eq!((same.method, same.value, same.bound, same.gap), (Method::Exact, 40.0, 40.0, 0.0));
        let all = plan(&options, &channels(), Day(0), &settings(Budget::Unlimited, &[]))?;
        assert_eq!((all.rows.len(), all.cost, all.budget), (3, money(100.0), None));
        let none = plan(&options, &channels(), Day(0), &settings(Budget::Amount(Money(0)), &[]))?;
        assert_eq!((none.rows.len(), none.cost), (1, Money(0)));
        Ok(())
    }

    #[test]
    fn two_spellings_share_a_capacity() -> Result<(), PlanError> {
        let options = [serve(1, 1, 3.0, 0.1), serve(2, 2, 2.0, 0.1), serve(3, 1, 1.0, 0.1), serve(4, 0, 9.0, 0.1)];
        let plan = plan(&options, &channels(), Day(0), &settings(Budget::Unlimited, &[("e mail", 2)]))?;
        assert_eq!(plan.rows.iter().map(|row| row.option).collect::<Vec<_>>(), [3, 0, 1]);
        Ok(())
    }

    #[test]
    fn contacts_are_spread_over_working_days() -> Result<(), PlanError> {
        // Ten working days from Friday 1970-01-02 to Thursday 1970-01-15.
        let options: Vec<PlanOption> =
            (0..20).map(|customer| serve(customer, 0, 100.0 - f64::from(customer), 0.0)).collect();
        let all = plan(&options, &channels(), Day(0), &settings(Budget::Same, &[]))?;
        let days: Vec<i32> = all.rows.iter().map(|row| row.on.0).collect();
        assert_eq!(days[..6], [1, 1, 4, 4, 5, 5], "Friday, Monday, Tuesday: two a day");
        assert_eq!(days[18..], [14, 14]);
        // At a capacity of 40 the pace is four a day.
        let early = plan(&options, &channels(), Day(0), &settings(Budget::Same, &[("visit", 40)]))?;
        assert_eq!(early.rows.iter().map(|row| row.on.0).filter(|&day| day == 1).count(), 4);
        assert_eq!(early.rows[19].on, Day(7), "the fifth working day");
        Ok(())
    }

    #[test]
    fn settings_without_meaning_are_refused() {
        let refuse = |settings: &PlanSettings| plan(&[], &channels(), Day(0), settings).expect_err("no meaning");
        let unknown = refuse(&settings(Budget::Same, &[("fax", 1)]));
        assert_eq!(
            unknown.to_string(),
            "the capacity of 'fax' is for no channel of the log; its channels are visit, E-Mail, email"
        );
        let twice = refuse(&settings(Budget::Same, &[("email", 1), ("E-mail", 2)]));
        assert!(matches!(twice, PlanError::ChannelTwice(_)));
        for period_days in [0, 6, 367] {
            let wrong = refuse(&PlanSettings { period_days, ..PlanSettings::default() });
            assert_eq!(wrong, PlanError::Period(period_days));
        }
        assert!(refuse(&PlanSettings { period_days: 6, ..PlanSettings::default() }).to_string().contains("7 to 366"));
    }

    #[test]
    fn budgets_are_read_as_written() -> Result<(), Box<dyn std::error::Error>> {
        for (text, budget) in [
            ("same", Budget::Same),
            (" Unlimited ", Budget::Unlimited),
            ("0", Budget::Amount(Money(0))),
            ("2500.5", Budget::Amount(Money(25_005_000))),
        ] {
            assert_eq!(text.parse::<Budget>()?, budget);
        }
        for text in ["-1", "", "much", "NaN", "1e300"] {
            assert!(text.parse::<Budget>().is_err(), "{text}");
        }
        let read: PlanSettings = toml::from_str("budget = 12\ncapacity = { visit = 3 }")?;
        assert_eq!((read.budget, read.capacity["visit"]), (Budget::Amount(money(12.0)), 3));
        let read: PlanSettings = toml::from_str("budget = \"same\"")?;
        assert_eq!(serde_json::from_str::<PlanSettings>(&serde_json::to_string(&read)?)?, read);
        assert!(toml::from_str::<PlanSettings>("budget = -3").is_err());
        Ok(())
    }
}

mod correct {
    use super::*;

    const AS_OF: i32 = 1_000;

    fn contact(customer: u32, day: i32, channel: u16, outcome: Outcome, cost: f64) -> Contact {
        Contact {
            customer,
            at: Moment { day: Day(day), clock: Clock::UNKNOWN },
            channel,
            campaign: Contact::NONE,
            agent: Contact::NONE,
            direction: Some(Direction::Outbound),
            outcome: Some(outcome),
            is_control: false,
            cost: money(cost),
            satisfaction: f32::NAN,
            response_hours: f32::NAN,
        }
    }

    fn names() -> Vec<String> {
        ["visit", "Phone", "E-Mail", "e mail"].map(str::to_string).to_vec()
    }

    struct Case {
        log: ContactLog,
        fitted_quality: FittedQuality,
        quality: ContactQuality,
        fitted_map: FittedMap,
        map: CustomerMap,
        rhythm_days: Vec<f64>,
        clv: Vec<f64>,
    }

    /// A base by its contacts and values.
    fn case(contacts: Vec<Contact>, clv: &[f64], tolerance: f64) -> Case {
        let held = Held {
            direction: true,
            outcome: true,
            cost: true,
            satisfaction: true,
            response_time: true,
            ..Held::default()
        };
        let log = ContactLog::new(Day(AS_OF), clv.len(), names(), Vec::new(), held, contacts);
        let rhythm_days = vec![45.0; clv.len()];
        let fitted_quality = QualitySettings::default().fit(&log, &rhythm_days).expect("sound settings");
        let quality = fitted_quality.criteria(&log, &rhythm_days);
        let columns: Vec<Column<'_>> = Criterion::ALL
            .iter()
            .map(|&criterion| Column {
                name: criterion.name(),
                values: quality.column(criterion),
                less_is_better: criterion.less_is_better(),
            })
            .collect();
        let contacted: Vec<bool> = quality.contacts.iter().map(|&contacts| contacts > 0).collect();
        let input = MapInput {
            attractiveness: &[Column { name: "clv", values: clv, less_is_better: false }],
            contact: &columns,
            contacted: &contacted,
            revenue: None,
            clv: Some(clv),
            contact_cost: None,
            profit: None,
        };
        let worth = IndexSettings { weights: [("clv".to_string(), 1.0)].into(), ..IndexSettings::default() };
        let treated =
            IndexSettings { weights: fitted_quality.weights().clone(), targets: fitted_quality.targets().clone() };
        let settings = MapSettings { tolerance, ..MapSettings::default() };
        let (fitted_map, map) = settings.draw(&worth, &treated, &input).expect("sound settings");
        Case { log, fitted_quality, quality, fitted_map, map, rhythm_days, clv: clv.to_vec() }
    }

    impl Case {
        fn input(&self) -> CorrectionInput<'_> {
            CorrectionInput {
                map: &self.map,
                fitted_map: &self.fitted_map,
                log: &self.log,
                quality: &self.quality,
                fitted_quality: &self.fitted_quality,
                rhythm_days: &self.rhythm_days,
                clv: &self.clv,
            }
        }

        fn corrections(&self) -> Corrections {
            corrections(&self.input(), &CorrectionSettings::default()).expect("sound settings")
        }

        fn words_of(&self, customer: u32) -> Vec<String> {
            let found = self.corrections();
            let rows = found.rows.iter().filter(|row| row.customer == customer);
            rows.map(|row| found.words(row).to_string()).collect()
        }
    }

    /// Customer 0 is worth most and neglected, 4 is worth least and cherished, those between are treated as they deserve.
    fn mixed() -> Vec<Contact> {
        let mut contacts = vec![contact(0, AS_OF - 210, 2, Outcome::Failure, 0.5)];
        for (customer, visits) in [(1, 4), (2, 2), (3, 1)] {
            (0..visits).for_each(|n| contacts.push(contact(customer, AS_OF - 10 - 20 * n, 1, Outcome::Answered, 8.0)));
        }
        (0..9).for_each(|n| contacts.push(contact(4, AS_OF - 1 - 9 * n, 0, Outcome::Answered, 60.0)));
        (0..14).for_each(|n| contacts.push(contact(4, AS_OF - 2 - 6 * n, 1, Outcome::Answered, 8.0)));
        contacts
    }

    #[test]
    fn the_neglected_are_to_be_contacted_and_the_cherished_less() {
        let case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
        let found = case.corrections();
        assert_eq!(found.customers, 2);
        let words = case.words_of(0);
        assert!(
            words.iter().any(|words| words == "no contact for 210 days against a rhythm of 45: visit"),
            "{words:?}"
        );
        let words = case.words_of(4);
        let expected = "9 visits and 14 calls in 90 days for a customer of the lowest third: ";
        assert!(words.iter().any(|words| words.starts_with(expected) && words.contains(", saves ")), "{words:?}");
        let first = found.rows[0];
        assert_eq!((first.customer, first.priority, first.option), (0, 1, 1));
        // 5,000 x the distance of 90 - 10 = 80 points.
        let distance = case.map.distance(0).expect("on the map");
        assert_eq!(first.value_at_stake, 5_000.0 * -distance / 100.0);
        assert_eq!(first.value, first.value_at_stake * (first.gain / -distance).min(1.0));
        assert_eq!(first.cost, Some(case.fitted_quality.channel_rules(&names()).mean_cost(0)));
        assert!(found.rows.iter().all(|row| row.option <= 3 && row.value <= row.value_at_stake));
    }

    #[test]
    fn the_gain_is_that_of_scoring_the_customer_again() {
        // With certain outcomes on every channel the expected contact is an answered one, nearly.
        let case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
        let rules = case.fitted_quality.channel_rules(&names());
        for row in case.corrections().rows.iter().filter(|row| row.customer == 0) {
            let channel = row.channel.expect("a contact");
            let (success, answer) = (rules.success_rate(channel), rules.answer_rate(channel));
            let mut expected = [0.0; 8];
            for (outcome, chance) in
                [(Outcome::Answered, answer), (Outcome::Success, success - answer), (Outcome::Failure, 1.0 - success)]
            {
                let mut contacts = case.log.of(0).to_vec();
                contacts.push(contact(0, AS_OF, channel, outcome, 0.0));
                let criteria = case.fitted_quality.criteria_of(&contacts, &rules, Day(AS_OF), 45.0);
                expected.iter_mut().zip(criteria).for_each(|(sum, value)| *sum += chance.max(0.0) * value);
            }
            let axis = case.fitted_map.contact();
            let value = |name: &str| {
                Criterion::ALL
                    .iter()
                    .find(|criterion| criterion.name() == name)
                    .map(|&criterion| expected[criterion as usize])
            };
            let values: Vec<f64> =
                axis.index().criteria().iter().map(|criterion| value(&criterion.name).expect("a criterion")).collect();
            let score = axis.index().score(&values, &mut vec![0.0; values.len()]);
            let gain = axis.position(score) - case.map.contact_position[0];
            // A chance of exactly 0 may be left out of the sum.
            assert!((row.gain - gain).abs() < 1e-9, "{} {gain}", row.gain);
        }
    }

    #[test]
    fn a_refused_channel_and_a_full_one_are_not_options() {
        let mut contacts = mixed();
        contacts.push(contact(0, AS_OF - 800, 2, Outcome::Refused, 0.0));
        let mut case_ = case(contacts.clone(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
        let channels = |case: &Case| -> Vec<u16> {
            case.corrections().rows.iter().filter(|row| row.customer == 0).filter_map(|row| row.channel).collect()
        };
        assert!(!channels(&case_).is_empty());
        assert!(!channels(&case_).iter().any(|&channel| channel >= 2), "neither spelling of e-mail");
        // Refused under one spelling, the other is closed too; and visits and calls are refused besides.
        contacts.extend([0, 1].map(|channel| contact(0, AS_OF - 700, channel, Outcome::Refused, 0.0)));
        case_ = case(contacts, &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
        assert_eq!(channels(&case_), [0; 0]);
        assert_eq!(case_.words_of(0), ["no channel is open: 3 refused, 0 at the cap"]);
        let found = case_.corrections();
        let row = found.rows.iter().find(|row| row.customer == 0).expect("a row that says so");
        assert_eq!((row.cost, row.is_open(), row.value), (None, false, 0.0));
    }

    #[test]
    fn too_many_e_mails_are_to_rest() {
        let mut contacts: Vec<Contact> =
            (0..12).map(|n| contact(2, AS_OF - 2 * n, 2 + (n % 2) as u16, Outcome::Answered, 1.0)).collect();
        (0..3).for_each(|n| contacts.push(contact(1, AS_OF - 300 - n, 2, Outcome::Success, 1.0)));
        let case = case(contacts, &[500.0, 400.0, 1.0], 30.0);
        // The twelve are of days 978 to 1000; the fifth oldest, of day 986, leaves the window of 30 days on day 1016.
        let words = case.words_of(2);
        let pause = format!("12 e-mails within 30 days, cap 8: pause until {}", Day(AS_OF + 16));
        assert!(words.iter().any(|words| words.starts_with(&pause)), "{words:?}");
        assert_eq!(case.words_of(0), ["never contacted: write an e-mail"]);
    }

    #[test]
    fn nobody_gets_a_value_from_no_clv() {
        for clv in [f64::NAN, -100.0, f64::INFINITY, f64::NEG_INFINITY] {
            let mut case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
            case.clv[0] = clv;
            let found = case.corrections();
            let mine = found.rows.iter().filter(|row| row.customer == 0);
            assert!(mine.into_iter().all(|row| row.value == 0.0 && row.gain >= 0.0));
        }
    }

    #[test]
    fn priorities_fall_with_value_and_words_name_no_customer() {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(31);
        let customers = 3_000;
        let mut contacts = Vec::new();
        for customer in 0..customers {
            for _ in 0..chance.gen_range(0..12) {
                let outcome =
                    [Outcome::Answered, Outcome::Success, Outcome::Neutral, Outcome::Failure, Outcome::Refused]
                        [chance.gen_range(0..5)];
                let channel = chance.gen_range(0..4_u16);
                let cost = [60.0, 8.0, 0.5, 0.5][usize::from(channel)];
                let mut one = contact(customer, AS_OF - chance.gen_range(0..400), channel, outcome, cost);
                one.satisfaction = if chance.gen_bool(0.3) { chance.gen_range(1.0..5.0) } else { f32::NAN };
                if chance.gen_bool(0.3) {
                    one.direction = Some(Direction::Inbound);
                    one.response_hours = chance.gen_range(0.0..72.0);
                }
                contacts.push(one);
            }
        }
        let clv: Vec<f64> = (0..customers).map(|_| chance.gen_range(0.0_f64..9.0).exp()).collect();
        let case = case(contacts, &clv, 30.0);
        let found = case.corrections();
        let firsts: Vec<f64> = found.rows.iter().filter(|row| row.option == 1).map(|row| row.value).collect();
        assert_eq!(firsts.len(), found.customers as usize);
        assert!(firsts.windows(2).all(|pair| pair[0] >= pair[1]));
        assert!((1..).zip(found.rows.chunk_by(|a, b| a.customer == b.customer)).all(|(priority, rows)| {
            rows.iter().all(|row| row.priority == priority)
                && rows.windows(2).all(|pair| pair[0].value >= pair[1].value)
        }));
        for row in &found.rows {
            let words = found.words(row).to_string();
            assert!(!words.contains("NaN") && !words.contains("inf") && words.contains(": "), "{words}");
            assert!(row.value.is_finite() && row.value >= 0.0 && row.value <= row.value_at_stake * (1.0 + SUMMING));
            let is_told = matches!(row.action, Action::Contact(_)) == row.cost.is_some();
            assert!(is_told, "a contact has a cost, nothing else has");
        }
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
        assert_eq!(found, one.install(|| case.corrections()));
        let options = found.plan_options();
        let plan = plan(&options, &found.channels, Day(AS_OF), &PlanSettings::default()).expect("sound settings");
        assert!(plan.cost <= plan.saving && !plan.rows.is_empty());
        for row in &plan.rows {
            let option = &found.rows[row.option as usize];
            assert!(option.is_open());
            if let (Action::Contact(_), Some(channel)) = (option.action, option.channel) {
                let refused = case.log.of(option.customer as usize).iter().any(|contact| {
                    contact.outcome == Some(Outcome::Refused)
                        && (contact.channel == channel || contact.channel.min(channel) == 2)
                });
                assert!(!refused, "never on a channel that was refused");
            }
        }
    }

    #[test]
    fn bases_without_contrast_have_no_corrections() {
        assert_eq!(case(Vec::new(), &[], 30.0).corrections().rows, []);
        let alike: Vec<Contact> = (0..4).map(|customer| contact(customer, AS_OF, 0, Outcome::Answered, 1.0)).collect();
        assert_eq!(case(alike, &[7.0; 4], 30.0).corrections().rows, []);
        // Nobody was ever contacted: there is no channel that the company uses.
        let nobody = case(Vec::new(), &[9.0, 1.0, 2.0], 30.0);
        assert_eq!(nobody.words_of(0), ["no channel is open: the company contacts nobody by any"]);
    }

    #[test]
    fn a_customer_with_very_many_contacts_is_one_customer() {
        let mut contacts: Vec<Contact> =
            (0..100_000).map(|n| contact(1, AS_OF - n / 300, 2, Outcome::Answered, 1e6)).collect();
        contacts.push(contact(0, AS_OF - 500, 1, Outcome::Answered, 8.0));
        let case = case(contacts, &[900.0, 1.0], 30.0);
        assert!(case.corrections().rows.iter().any(|row| row.customer == 1 && row.saving > Some(Money(0))));
    }

    #[test]
    fn columns_of_other_lengths_are_refused() {
        let case = case(mixed(), &[5_000.0, 900.0, 500.0, 100.0, 10.0], 30.0);
        let short = CorrectionInput { clv: &[1.0], ..case.input() };
        let wrong = corrections(&short, &CorrectionSettings::default());
        assert_eq!(wrong, Err(CorrectionError::Length { column: "clv", found: 1, customers: 5 }));
        let period = corrections(&case.input(), &CorrectionSettings { period_days: 0 });
        assert_eq!(period, Err(CorrectionError::Period(0)));
    }
}
