//! Who looks after whom: the most valuable customers handed to named account managers.
//!
//! As many customers as the managers have room for are looked after, the most valuable of them. Each gets one manager,
//! none gets more than its capacity, and the values are to be balanced without tearing apart what has grown:
//!
//! ```text
//! minimise   max over managers m of |V_m - V capacity_m / Σ capacity|   +   switching cost x moves
//! ```
//!
//! with `V_m` the value of the customers of m and V that of all who are looked after. A *move* is a customer that had
//! one of these managers and gets another; a customer that had none is free. So a move is made where it brings the most
//! uneven manager nearer to its share by more than it costs, in the unit of the values; with a cost of 0 only balance
//! counts.
//!
//! Customers first stay where they are, as far as there is room, and the free ones go, the most valuable first, to whom
//! most is missing (the longest-processing-time rule of Graham, 1969, "Bounds on multiprocessing timing anomalies", SIAM
//! Journal on Applied Mathematics 17(2)). Then the most uneven manager hands over, takes on or swaps the customers that
//! better the objective most, again and again. That need not end with the best of all assignments, so a bound is stated
//! below which no assignment can come.

mod bound;
mod search;

use serde::Serialize;

/// An assignment that cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ManagerError {
    /// A switching cost that is none.
    #[error("the cost of switching {0} must be 0 or more, in the unit of the values")]
    SwitchingCost(f64),
    /// A manager's name occurs twice.
    #[error("the manager '{0}' is listed twice; give each a name of its own")]
    Twice(String),
}

/// A customer who may get a manager.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Client {
    /// Row of the customer.
    pub customer: u32,
    /// What it is worth; NaN, infinite and negative values count as 0.
    pub value: f64,
    /// Who looks after it now: a position among the managers, or none.
    pub manager: Option<u32>,
}

/// An account manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountManager {
    /// The name.
    pub name: String,
    /// How many customers the manager can look after.
    pub capacity: u32,
}

/// A customer and its manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned {
    /// Row of the customer.
    pub customer: u32,
    /// Position of the manager.
    pub manager: u32,
    /// Whether it had another one of these managers before.
    pub is_moved: bool,
}

/// What a manager has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// The name.
    pub name: String,
    /// How many customers the manager can look after.
    pub capacity: u32,
    /// How many the manager got.
    pub customers: u32,
    /// What they are worth.
    pub value: f64,
    /// What the manager's share of all value would be.
    pub share: f64,
}

/// Who looks after whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Every customer that is looked after, the most valuable first.
    pub assigned: Vec<Assigned>,
    /// What each manager has.
    pub loads: Vec<Load>,
    /// Customers that get another manager than they had.
    pub moves: u32,
    /// The largest difference between a manager's value and its share.
    pub unevenness: f64,
    /// Unevenness plus what the moves cost.
    pub objective: f64,
    /// No assignment has an objective below this.
    pub bound: f64,
}

/// Hands the most valuable customers to managers. A move costs `switching_cost`, in the unit of the values.
///
/// # Errors
/// [`ManagerError`] where the switching cost is not 0 or more, or a name occurs twice.
///
/// # Panics
/// Where a customer's manager is beyond the managers.
///
/// ```
/// use clivia_core::decide::managers::{assign, AccountManager, Client};
///
/// let managers = ["Ada", "Bo"].map(|name| AccountManager { name: name.to_string(), capacity: 2 });
/// let client = |customer, value, manager| Client { customer, value, manager };
/// // Ada has the two most valuable customers; the last of the five is not looked after.
/// let clients = [
///     client(0, 90.0, Some(0)),
///     client(1, 80.0, Some(0)),
///     client(2, 20.0, None),
///     client(3, 30.0, Some(1)),
///     client(4, 10.0, None),
/// ];
/// let balanced = assign(&clients, &managers, 5.0)?;
/// assert_eq!((balanced.moves, balanced.unevenness), (1, 0.0));
/// let kept = assign(&clients, &managers, 70.0)?;
/// assert_eq!((kept.moves, kept.unevenness), (0, 60.0));
/// # Ok::<(), clivia_core::decide::managers::ManagerError>(())
/// ```
pub fn assign(
    clients: &[Client],
    managers: &[AccountManager],
    switching_cost: f64,
) -> Result<Assignment, ManagerError> {
    if !(switching_cost.is_finite() && switching_cost >= 0.0) {
        return Err(ManagerError::SwitchingCost(switching_cost));
    }
    let mut names: Vec<&str> = managers.iter().map(|manager| manager.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(ManagerError::Twice(twice[0].to_string()));
    }
    let room = managers.iter().map(|manager| u64::from(manager.capacity)).sum::<u64>();
    let task = Task {
        clients: most_valuable(clients, room),
        capacity: managers.iter().map(|manager| manager.capacity as usize).collect(),
        switching_cost,
    };
    let bound = bound::bound(&task);
    Ok(task.describe(managers, &search::search(&task), bound))
}

/// The most valuable customers, as many as there is room; of equal ones those of the first rows.
fn most_valuable(clients: &[Client], room: u64) -> Vec<Client> {
    let worth = |client: &Client| if client.value.is_finite() { client.value.max(0.0) } else { 0.0 };
    let mut top: Vec<Client> = clients.iter().map(|client| Client { value: worth(client), ..*client }).collect();
    top.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.customer.cmp(&b.customer)));
    top.truncate(usize::try_from(room).unwrap_or(usize::MAX));
    top
}

/// Customers to be looked after, the most valuable first, and who there is to do so.
struct Task {
    clients: Vec<Client>,
    capacity: Vec<usize>,
    switching_cost: f64,
}

impl Task {
    /// What each manager's share of all value is.
    fn shares(&self) -> Vec<f64> {
        let value: f64 = self.clients.iter().map(|client| client.value).sum();
        let room = self.capacity.iter().sum::<usize>().max(1) as f64;
        self.capacity.iter().map(|&capacity| value * (capacity as f64 / room)).collect()
    }

    fn is_moved(&self, client: usize, manager: usize) -> bool {
        self.clients[client].manager.is_some_and(|before| before as usize != manager)
    }

    fn describe(&self, managers: &[AccountManager], of: &[usize], bound: f64) -> Assignment {
        let assigned = of.iter().enumerate().map(|(client, &manager)| Assigned {
            customer: self.clients[client].customer,
            manager: manager as u32,
            is_moved: self.is_moved(client, manager),
        });
        let assigned: Vec<Assigned> = assigned.collect();
        let load = |(manager, share): (usize, f64)| {
            let held = || of.iter().enumerate().filter(move |(_, of)| **of == manager);
            let AccountManager { name, capacity } = managers[manager].clone();
            let value = held().map(|(client, _)| self.clients[client].value).sum();
            Load { name, capacity, customers: held().count() as u32, value, share }
        };
        let loads: Vec<Load> = self.shares().into_iter().enumerate().map(load).collect();
        let moves = assigned.iter().filter(|assigned| assigned.is_moved).count() as u32;
        let unevenness = loads.iter().map(|load| (load.value - load.share).abs()).fold(0.0, f64::max);
        let objective = unevenness + self.switching_cost * f64::from(moves);
        // Both are sums of the same values in different orders: rounding must not put one above the other.
        Assignment { assigned, loads, moves, unevenness, objective, bound: bound.min(objective) }
    }
}
