//! What no assignment can better.
//!
//! With k moves the load of a manager lies between what is left when its k most valuable customers are moved away, and
//! what it has when all free customers and the k most valuable ones of others come: within its capacity, of course, which
//! also says that it holds at least the least valuable customers where all places are taken. So with k moves the
//! objective is at least `k x switching cost` plus the largest distance of a share from its manager's range. At least as
//! many moves are needed as managers have customers beyond their capacity. The bound is the least of that over all k;
//! besides, whoever has the most valuable customer has at least its value.

use crate::decide::managers::Task;

/// The least objective that any assignment could have.
pub(super) fn bound(task: &Task) -> f64 {
    let ranges = ranges(task);
    let shares = task.shares();
    let most = task.clients.first().map_or(0.0, |client| client.value);
    let holders = shares.iter().zip(&task.capacity).filter(|(_, capacity)| **capacity > 0);
    let holder = holders.map(|(share, _)| (most - share).max(0.0)).fold(f64::INFINITY, f64::min);
    let holder = if task.clients.is_empty() { 0.0 } else { holder };
    let mut least = f64::INFINITY;
    for moves in forced_moves(task)..=task.clients.len() {
        let cost = task.switching_cost * moves as f64;
        if cost >= least {
            break;
        }
        let away = ranges.iter().zip(&shares).map(|(range, share)| range.distance(*share, moves));
        least = least.min(cost + away.fold(holder, f64::max));
    }
    least
}

/// Customers of managers that have more than they can look after.
fn forced_moves(task: &Task) -> usize {
    let mut had = vec![0_usize; task.capacity.len()];
    task.clients.iter().filter_map(|client| client.manager).for_each(|manager| had[manager as usize] += 1);
    had.iter().zip(&task.capacity).map(|(had, capacity)| had.saturating_sub(*capacity)).sum()
}

/// Between which values a manager's load can be.
struct Range {
    /// The value of its own customers.
    own: f64,
    /// That of those that have no manager.
    free: f64,
    /// Sums of its own, and of other managers' customers, the most valuable first, from that of none.
    own_sums: Vec<f64>,
    other_sums: Vec<f64>,
    /// The least and the most that its places can hold.
    least: f64,
    most: f64,
}

impl Range {
    /// How far a share is from the range with so many moves.
    fn distance(&self, share: f64, moves: usize) -> f64 {
        let sum = |sums: &[f64]| sums[moves.min(sums.len() - 1)];
        let low = (self.own - sum(&self.own_sums)).max(self.least);
        let high = (self.own + self.free + sum(&self.other_sums)).min(self.most);
        (low - share).max(share - high).max(0.0)
    }
}

fn ranges(task: &Task) -> Vec<Range> {
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    let values: Vec<f64> = task.clients.iter().map(|client| client.value).collect();
    let room: usize = task.capacity.iter().sum();
    let range = |manager: usize| {
        let capacity = task.capacity[manager].min(values.len());
        // Where the others cannot take all, somebody has to.
        let at_least = (values.len() + task.capacity[manager]).saturating_sub(room).min(values.len());
        let of = |keep: &dyn Fn(Option<u32>) -> bool| -> Vec<f64> {
            task.clients.iter().filter(|client| keep(client.manager)).map(|client| client.value).collect()
        };
        let own = of(&|before| before == Some(manager as u32));
        let others = of(&|before| before.is_some_and(|before| before != manager as u32));
        Range {
            own: sum(&own),
            free: sum(&of(&|before| before.is_none())),
            own_sums: sums(&own),
            other_sums: sums(&others),
            least: sum(&values[values.len() - at_least..]),
            most: sum(&values[..capacity]),
        }
    };
    (0..task.capacity.len()).map(range).collect()
}

/// Sums of the first 0, 1, 2, ... values.
fn sums(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values {
        sums.push(sums[sums.len() - 1] + value);
    }
    sums
}

#[cfg(test)]
mod tests {
    use crate::decide::managers::Client;
    use crate::decide::managers::bound::*;

    fn task(values: &[(f64, Option<u32>)], capacity: &[usize], switching_cost: f64) -> Task {
        let clients = (0..).zip(values).map(|(customer, &(value, manager))| Client { customer, value, manager });
        Task { clients: clients.collect(), capacity: capacity.to_vec(), switching_cost }
    }

    #[test]
    fn one_giant_cannot_be_shared() {
        // 100 of 110 with one of two managers: 45 above the share of 55.
        assert_eq!(bound(&task(&[(100.0, None), (10.0, None)], &[1, 1], 1.0)), 45.0);
    }

    #[test]
    fn moves_that_must_be_made_cost() {
        let crowd = [(10.0, Some(0)), (10.0, Some(0)), (10.0, Some(0))];
        // Two of three must go, and then all is balanced.
        assert_eq!(bound(&task(&crowd, &[1, 2], 7.0)), 14.0);
    }

    #[test]
    fn balance_takes_moves() {
        // Shares of 20 each: two moves at 3, or one and 10 above the share, or none and 20 above.
        let torn = [(10.0, Some(0)), (10.0, Some(0)), (10.0, Some(0)), (10.0, Some(0))];
        assert_eq!(bound(&task(&torn, &[4, 4], 3.0)), 6.0);
        assert_eq!(bound(&task(&torn, &[4, 4], 30.0)), 20.0);
    }

    #[test]
    fn nobody_to_look_after() {
        assert_eq!(bound(&task(&[], &[2], 1.0)), 0.0);
        assert_eq!(bound(&task(&[], &[], 1.0)), 0.0);
    }
}
