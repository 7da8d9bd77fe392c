//! Options taken one after the other, in the order of what they are worth beyond the prices of what they use.
//!
//! First every customer's best option at these prices, then whatever else still fits: an option for a customer that has
//! none, or a more valuable one in the place of the option that it has.

use rayon::prelude::*;

use crate::decide::solver::dual::{Item, Relaxation, surplus, use_up};

/// The options taken so far, and what is left of every resource.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// The option of each customer.
    of: Vec<Option<usize>>,
    left: Vec<f64>,
}

impl Taken {
    pub(super) fn nothing(relaxation: &Relaxation) -> Self {
        Taken { of: vec![None; relaxation.customers()], left: relaxation.limits().to_vec() }
    }

    /// The options, rising.
    pub(super) fn items(&self) -> Vec<usize> {
        self.of.iter().copied().flatten().collect()
    }

    /// Gives a customer an option in the place of the one that it has, if what is left suffices.
    fn take(&mut self, customer: usize, item: usize, items: &[Item]) {
        if let Some(held) = self.of[customer] {
            use_up(&mut self.left, &items[held], -1.0);
        }
        use_up(&mut self.left, &items[item], 1.0);
        if self.left.iter().all(|&left| left >= 0.0) {
            self.of[customer] = Some(item);
            return;
        }
        use_up(&mut self.left, &items[item], -1.0);
        if let Some(held) = self.of[customer] {
            use_up(&mut self.left, &items[held], 1.0);
        }
    }
}

/// An option with its customer and what it gains at the prices.
type Candidate = (f64, u32, u32);

/// Takes options as long as they fit.
pub(super) fn fill(relaxation: &Relaxation, prices: &[f64]) -> Taken {
    let mut taken = Taken::nothing(relaxation);
    let best = |customer: usize| {
        let (place, most) = relaxation.best_of(customer, prices)?;
        Some(candidate((most, customer, place)))
    };
    let first: Vec<Candidate> = (0..relaxation.customers()).into_par_iter().filter_map(best).collect();
    take_in_order(&mut taken, first, relaxation.items());
    let more = (0..relaxation.customers()).into_par_iter();
    let more = more.flat_map_iter(|customer| better(relaxation, prices, customer, taken.of[customer])).collect();
    take_in_order(&mut taken, more, relaxation.items());
    taken
}

/// The options of a customer that are more valuable than the one that it has.
fn better<'a>(
    relaxation: &'a Relaxation,
    prices: &'a [f64],
    customer: usize,
    held: Option<usize>,
) -> impl Iterator<Item = Candidate> + 'a {
    let items = relaxation.items();
    let worth = |place: usize| surplus(&items[place], prices);
    let (value, now) = held.map_or((0.0, 0.0), |place| (items[place].value, worth(place)));
    let better = relaxation.of(customer).filter(move |&place| items[place].value > value);
    better.map(move |place| candidate((surplus(&items[place], prices) - now, customer, place)))
}

fn candidate((gain, customer, place): (f64, usize, usize)) -> Candidate {
    (gain, customer as u32, place as u32)
}

/// Those that gain most first; of equal ones that of the first customer.
fn take_in_order(taken: &mut Taken, mut candidates: Vec<Candidate>, items: &[Item]) {
    candidates.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
    for (_, customer, place) in candidates {
        let (customer, place) = (customer as usize, place as usize);
        let value = taken.of[customer].map_or(0.0, |held| items[held].value);
        if items[place].value > value {
            taken.take(customer, place, items);
        }
    }
}
