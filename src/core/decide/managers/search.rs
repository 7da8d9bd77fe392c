//! A good assignment: keep, fill up, then hand over and swap as long as it helps.

use crate::decide::managers::Task;

/// Exchanges that are made, at most.
const EXCHANGES: usize = 20_000;

/// An exchange that betters the objective by less than this share of all value is not made.
const PROGRESS: f64 = 1e-12;

/// Customers handed from one manager to another: one, or two that are swapped.
#[derive(Debug, Clone, Copy)]
struct Exchange {
    to: usize,
    given: Option<usize>,
    taken: Option<usize>,
    /// What the objective would be, and the sum of squares, which decides where the objective is the same.
    merit: (f64, f64),
}

/// An assignment being bettered.
struct Desk<'a> {
    task: &'a Task,
    /// The manager of every customer.
    of: Vec<usize>,
    /// The customers of every manager, least valuable first.
    held: Vec<Vec<usize>>,
    /// By how much a manager's value is above its share.
    above: Vec<f64>,
    moves: usize,
}

/// The manager of every customer.
pub(super) fn search(task: &Task) -> Vec<usize> {
    let mut desk = Desk::new(task);
    let all: f64 = task.clients.iter().map(|client| client.value).sum();
    for _ in 0..EXCHANGES {
        let now = desk.merit();
        let better = desk.best_exchange().filter(|best| is_better(best.merit, now, PROGRESS * all));
        let Some((from, exchange)) = better.map(|exchange| (desk.most_uneven(), exchange)) else { break };
        desk.make(from, exchange);
    }
    desk.of
}

/// Whether the objective is lower, or is the same with a lower sum of squares.
fn is_better(new: (f64, f64), old: (f64, f64), progress: f64) -> bool {
    new.0 < old.0 - progress || (new.0 <= old.0 && new.1 < old.1 * (1.0 - 1e-9))
}

impl<'a> Desk<'a> {
    /// Whoever has a manager keeps it, the most valuable first where there is no room for all; the others go to whom
    /// most is missing.
    fn new(task: &'a Task) -> Self {
        let above = task.shares().into_iter().map(|share| -share).collect();
        let of = vec![usize::MAX; task.clients.len()];
        let mut desk = Desk { task, of, held: vec![Vec::new(); task.capacity.len()], above, moves: 0 };
        for (client, manager) in (0..task.clients.len()).filter_map(|i| Some((i, task.clients[i].manager? as usize))) {
            if desk.has_room(manager) {
                desk.give(client, manager);
            }
        }
        for client in 0..task.clients.len() {
            if desk.of[client] == usize::MAX {
                let open = (0..task.capacity.len()).filter(|&manager| desk.has_room(manager));
                let neediest = open.min_by(|&a, &b| desk.above[a].total_cmp(&desk.above[b]));
                desk.give(client, neediest.expect("there are no more customers than places"));
            }
        }
        desk
    }

    fn value(&self, client: Option<usize>) -> f64 {
        client.map_or(0.0, |client| self.task.clients[client].value)
    }

    fn has_room(&self, manager: usize) -> bool {
        self.held[manager].len() < self.task.capacity[manager]
    }

    /// The place of a customer among those of a manager. Customers are numbered by falling value.
    fn place(&self, client: usize, manager: usize) -> usize {
        self.held[manager].partition_point(|&held| held > client)
    }

    fn give(&mut self, client: usize, manager: usize) {
        let place = self.place(client, manager);
        self.held[manager].insert(place, client);
        self.of[client] = manager;
        self.above[manager] += self.value(Some(client));
        self.moves += usize::from(self.task.is_moved(client, manager));
    }

    fn take_away(&mut self, client: usize) {
        let manager = self.of[client];
        let place = self.place(client, manager);
        self.held[manager].remove(place);
        self.above[manager] -= self.value(Some(client));
        self.moves -= usize::from(self.task.is_moved(client, manager));
    }

    fn make(&mut self, from: usize, exchange: Exchange) {
        exchange.given.into_iter().chain(exchange.taken).for_each(|client| self.take_away(client));
        exchange.given.into_iter().for_each(|client| self.give(client, exchange.to));
        exchange.taken.into_iter().for_each(|client| self.give(client, from));
    }

    fn most_uneven(&self) -> usize {
        let managers = 0..self.above.len();
        managers.reduce(|a, b| if self.above[b].abs() > self.above[a].abs() { b } else { a }).unwrap_or(0)
    }

    fn merit(&self) -> (f64, f64) {
        let uneven = self.above.iter().map(|above| above.abs()).fold(0.0, f64::max);
        let squares = self.above.iter().map(|above| above * above).sum();
        (uneven + self.task.switching_cost * self.moves as f64, squares)
    }

    /// The exchange between the most uneven manager and another that betters the objective most.
    fn best_exchange(&self) -> Option<Exchange> {
        let from = self.most_uneven();
        let others = (0..self.above.len()).filter(|&to| to != from);
        let best = others.flat_map(|to| self.exchanges_with(from, to));
        best.reduce(|a, b| if is_less(b.merit, a.merit) { b } else { a })
    }

    /// For each customer that `from` could give to `to`, or none, those to take in return, or none, that come nearest
    /// to making both equally uneven: one of each way in which the number of moves changes.
    fn exchanges_with(&self, from: usize, to: usize) -> Vec<Exchange> {
        let wanted = (self.above[from] - self.above[to]) / 2.0;
        let others = (0..self.above.len()).filter(|&other| other != from && other != to);
        let (rest, squares) = others.fold((0.0_f64, 0.0), |(most, squares), other| {
            let above = self.above[other];
            (most.max(above.abs()), squares + above * above)
        });
        let returns = [-1, 0, 1].map(|change| -> Vec<usize> {
            self.held[to].iter().copied().filter(|&client| self.change(client, to, from) == change).collect()
        });
        let givable = self.held[from].iter().copied().map(Some).chain([None]);
        let mut exchanges = Vec::new();
        for given in givable {
            let sought = self.value(given) - wanted;
            let nearest = returns.iter().flat_map(|clients| self.nearest(clients, sought)).map(Some);
            for taken in nearest.chain([None]) {
                if self.is_possible(from, to, given, taken) {
                    let shifted = self.value(given) - self.value(taken);
                    let (above, below) = (self.above[from] - shifted, self.above[to] + shifted);
                    let change = given.map_or(0, |client| self.change(client, from, to))
                        + taken.map_or(0, |client| self.change(client, to, from));
                    let cost = self.task.switching_cost * (self.moves as i64 + change) as f64;
                    let merit =
                        (rest.max(above.abs()).max(below.abs()) + cost, squares + above * above + below * below);
                    exchanges.push(Exchange { to, given, taken, merit });
                }
            }
        }
        exchanges
    }

    /// By how much the number of moves changes where a customer goes from one manager to another.
    fn change(&self, client: usize, from: usize, to: usize) -> i64 {
        i64::from(self.task.is_moved(client, to)) - i64::from(self.task.is_moved(client, from))
    }

    fn is_possible(&self, from: usize, to: usize, given: Option<usize>, taken: Option<usize>) -> bool {
        match (given, taken) {
            (Some(_), Some(_)) => true,
            (Some(_), None) => self.has_room(to),
            (None, Some(_)) => self.has_room(from),
            (None, None) => false,
        }
    }

    /// The customers of the values next to the one sought, among some of rising value.
    fn nearest(&self, clients: &[usize], sought: f64) -> impl Iterator<Item = usize> + use<> {
        let place = clients.partition_point(|&client| self.value(Some(client)) < sought);
        let (above, below) = (clients.get(place).copied(), place.checked_sub(1).map(|before| clients[before]));
        above.into_iter().chain(below)
    }
}

fn is_less(a: (f64, f64), b: (f64, f64)) -> bool {
    a.0 < b.0 || (a.0 == b.0 && a.1 < b.1)
}
