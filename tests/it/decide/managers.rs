//! Who looks after whom, against trying out everything.

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
    let twins = [AccountManager { name: "A".into(), capacity: 1 }, AccountManager { name: "A".into(), capacity: 1 }];
    assert_eq!(assign(&crowd, &twins, 0.0), Err(ManagerError::Twice("A".into())));
    Ok(())
}
