//! Prices for money and places: the Lagrangian relaxation of the choice.
//!
//! Let money have the price λ and a place on channel k the price μ_k. Then every customer decides for itself: it takes
//! the option that is worth most beyond what it uses, if any is. For all prices of 0 or more
//!
//! ```text
//! L(λ, μ) = λ B + Σ_k μ_k K_k + Σ_g max(0, max over i of g of (vᵢ - λ cᵢ - μ_k(i)))
//! ```
//!
//! is an upper bound of the value of every choice within budget and capacities (Fisher, 1981, "The Lagrangian relaxation
//! method for solving integer programming problems", Management Science 27(1)). The best prices make it least. L is
//! convex, and along one price its slope is what is left of that resource: so each price in turn is halved in upon
//! until what it prices just suffices.

use rayon::prelude::*;

use crate::decide::solver::Problem;

/// Customers in one block of a parallel sum.
const BLOCK: usize = 16_384;

/// Prices are found on so many customers first, where there are more.
const SAMPLE: usize = 16_384;

/// How often all prices are gone through, at most.
const SWEEPS: usize = 30;

/// How often for the whole base, once a sample has given the prices.
const LAST_SWEEPS: usize = 2;

/// A sweep that lowers the bound by less than this share of it is the last.
const PROGRESS: f64 = 1e-9;

/// How closely a price is found, in units of its last binary place: about 2^-36 of itself.
const PRECISION: u64 = 1 << 16;

/// The same where a sample has given the price, and the first step from there: 2^-22 and 2^-10 of it.
const LAST_PRECISION: u64 = 1 << 30;
const FIRST_STEP: u64 = 1 << 42;

/// An option as the relaxation sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) value: f64,
    /// Whole numbers of 1/10,000, which a float holds exactly up to far more than a row's largest cost.
    pub(super) cost: f64,
    /// The resource of which it takes one: a place in [`Relaxation::limits`], or [`Item::NO_CHANNEL`].
    pub(super) channel: u32,
    origin: u32,
}

impl Item {
    pub(super) const NO_CHANNEL: u32 = u32::MAX;

    /// How much of a resource it takes.
    pub(super) fn uses(&self, resource: usize) -> f64 {
        match resource {
            0 => self.cost,
            _ => f64::from(u8::from(self.channel as usize == resource)),
        }
    }
}

/// Takes what an option uses, so many times, from what is left.
pub(super) fn use_up(left: &mut [f64], item: &Item, times: f64) {
    left[0] -= times * item.cost;
    if let Some(left) = left.get_mut(item.channel as usize) {
        *left -= times;
    }
}

/// The options that could be taken, by customer, and the limits: money first, then channels.
#[derive(Debug)]
pub(super) struct Relaxation {
    items: Vec<Item>,
    /// Where each customer's options begin, and the end of the last.
    starts: Vec<u32>,
    /// What there is of each resource: money, then the places of each channel.
    limits: Vec<f64>,
}

/// What every customer's best option at given prices uses, and the bound that follows.
#[derive(Debug, Clone)]
pub(super) struct Demand {
    used: Vec<f64>,
    bound: f64,
}

impl Relaxation {
    pub(super) fn new(problem: &Problem<'_>) -> Self {
        let budget = problem.budget.map_or(f64::INFINITY, |budget| budget.0.max(0) as f64);
        let limits: Vec<f64> =
            std::iter::once(budget).chain(problem.capacity.iter().map(|&places| f64::from(places))).collect();
        let order = in_order_of_customers(problem);
        let mut all = Relaxation { items: Vec::with_capacity(order.len()), starts: vec![0], limits };
        let mut last = None;
        for origin in order {
            let choice = &problem.choices[origin as usize];
            let item = Item {
                value: choice.value,
                cost: choice.cost.0.max(0) as f64,
                channel: choice.channel.map_or(Item::NO_CHANNEL, |channel| u32::from(channel) + 1),
                origin,
            };
            if last.replace(choice.customer) != Some(choice.customer) {
                all.close_customer();
            }
            if item.value > 0.0 && item.value.is_finite() && fits(&item, &all.limits) {
                all.items.push(item);
            }
        }
        all.close_customer();
        all
    }

    pub(super) fn customers(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// The places of a customer's options among all.
    pub(super) fn of(&self, customer: usize) -> std::ops::Range<usize> {
        self.starts[customer] as usize..self.starts[customer + 1] as usize
    }

    pub(super) fn limits(&self) -> &[f64] {
        &self.limits
    }

    /// The positions of items in the problem.
    pub(super) fn origins(&self, items: &[usize]) -> Vec<u32> {
        items.iter().map(|&item| self.items[item].origin).collect()
    }

    pub(super) fn no_prices(&self) -> Vec<f64> {
        vec![0.0; self.limits.len()]
    }

    /// Whether a demand is within every limit.
    pub(super) fn allows(&self, demand: &Demand) -> bool {
        demand.used.iter().zip(&self.limits).all(|(used, limit)| used <= limit)
    }

    /// Every customer's best option at these prices, as far as one is worth more than it uses.
    pub(super) fn best(&self, prices: &[f64]) -> Vec<usize> {
        (0..self.customers()).filter_map(|customer| self.best_of(customer, prices)).map(|(item, _)| item).collect()
    }

    /// A customer's best option at these prices and what it is worth beyond them; the first of equal ones.
    pub(super) fn best_of(&self, customer: usize, prices: &[f64]) -> Option<(usize, f64)> {
        let mut best = None;
        let mut most = 0.0;
        for place in self.of(customer) {
            let surplus = surplus(&self.items[place], prices);
            if surplus > most {
                (best, most) = (Some(place), surplus);
            }
        }
        best.map(|place| (place, most))
    }

    /// Demand and bound at these prices, summed in fixed blocks.
    pub(super) fn at(&self, prices: &[f64]) -> Demand {
        let blocks: Vec<Demand> =
            (0..self.customers().div_ceil(BLOCK)).into_par_iter().map(|block| self.block(block, prices)).collect();
        let mut sum = Demand { used: vec![0.0; prices.len()], bound: 0.0 };
        for block in blocks {
            sum.used.iter_mut().zip(block.used).for_each(|(sum, used)| *sum += used);
            sum.bound += block.bound;
        }
        let limited = prices.iter().zip(&self.limits).filter(|(price, _)| **price > 0.0);
        sum.bound += limited.map(|(price, limit)| price * limit).sum::<f64>();
        sum
    }

    fn block(&self, block: usize, prices: &[f64]) -> Demand {
        let mut sum = Demand { used: vec![0.0; prices.len()], bound: 0.0 };
        for customer in block * BLOCK..self.customers().min((block + 1) * BLOCK) {
            if let Some((place, surplus)) = self.best_of(customer, prices) {
                let item = &self.items[place];
                sum.bound += surplus;
                use_up(&mut sum.used, item, -1.0);
            }
        }
        sum
    }

    /// Prices that make the bound least, as far as found from a guess, and that bound.
    pub(super) fn prices(&self, guess: &[f64]) -> (Vec<f64>, f64) {
        if !self.is_large() {
            return self.descend(guess.to_vec(), SWEEPS, PRECISION);
        }
        let (prices, _) = self.sample().descend(self.no_prices(), SWEEPS, PRECISION);
        self.descend(prices, LAST_SWEEPS, LAST_PRECISION)
    }

    /// Whether going through all customers is work enough to go through a sample first.
    pub(super) fn is_large(&self) -> bool {
        self.customers() > SAMPLE
    }

    /// What is left to choose where one customer has been given an option, or nothing; `None` where that is beyond a
    /// limit.
    pub(super) fn given(&self, customer: usize, item: Option<usize>) -> Option<Relaxation> {
        let mut limits = self.limits.clone();
        item.into_iter().for_each(|item| use_up(&mut limits, &self.items[item], 1.0));
        if limits.iter().any(|&limit| limit < 0.0) {
            return None;
        }
        let mut rest = Relaxation { items: Vec::with_capacity(self.items.len()), starts: vec![0], limits };
        for other in (0..self.customers()).filter(|&other| other != customer) {
            let possible = self.items[self.of(other)].iter().filter(|item| fits(item, &rest.limits));
            rest.items.extend(possible.copied());
            rest.close_customer();
        }
        Some(rest)
    }

    /// Ends the options of a customer, if it has any.
    fn close_customer(&mut self) {
        let end = self.items.len() as u32;
        if self.starts.last() != Some(&end) {
            self.starts.push(end);
        }
    }

    /// Customers picked by a scrambled number, with their part of every limit.
    fn sample(&self) -> Relaxation {
        let every = (self.customers() / SAMPLE) as u64;
        let picked: Vec<usize> =
            (0..self.customers()).filter(|&customer| scramble(customer as u64).is_multiple_of(every)).collect();
        let part = picked.len() as f64 / self.customers() as f64;
        let mut sample = Relaxation { items: Vec::new(), starts: vec![0], limits: self.limits.clone() };
        sample.limits.iter_mut().for_each(|limit| *limit *= part);
        for customer in picked {
            sample.items.extend_from_slice(&self.items[self.of(customer)]);
            sample.starts.push(sample.items.len() as u32);
        }
        sample
    }

    /// Goes through the prices again and again until the bound sinks no further.
    fn descend(&self, mut prices: Vec<f64>, sweeps: usize, precision: u64) -> (Vec<f64>, f64) {
        let mut best = (prices.clone(), self.at(&prices).bound);
        for _ in 0..sweeps {
            let before = best.1;
            for resource in 0..prices.len() {
                self.settle(&mut prices, resource, precision);
                let bound = self.at(&prices).bound;
                if bound < best.1 {
                    best = (prices.clone(), bound);
                }
            }
            if before - best.1 <= PROGRESS * before {
                break;
            }
        }
        best
    }

    /// Finds the lowest price at which what is demanded of a resource suffices, the other prices as they are.
    fn settle(&self, prices: &mut [f64], resource: usize, precision: u64) {
        let start = prices[resource].to_bits();
        let suffices = |bits: u64| {
            prices[resource] = f64::from_bits(bits);
            self.at(prices).used[resource] <= self.limits[resource]
        };
        let found = least_bits(suffices, start, self.ceiling(resource).to_bits(), precision);
        prices[resource] = f64::from_bits(found);
    }

    /// A price at which nobody demands anything of a resource that has a limit.
    fn ceiling(&self, resource: usize) -> f64 {
        let worth = |item: &Item| match resource {
            0 if item.cost > 0.0 => item.value / item.cost,
            0 => 0.0,
            _ => item.value,
        };
        2.0 * self.items.par_iter().map(worth).reduce(|| 0.0, f64::max)
    }
}

/// The least number from 0 to `high` that suffices, found from a guess; all above one that suffices do so too.
///
/// It halves in on the binary digits of a price, which rise with the price: so it takes no more steps for millions than
/// for cents.
fn least_bits(mut suffices: impl FnMut(u64) -> bool, guess: u64, mut high: u64, precision: u64) -> u64 {
    if suffices(0) {
        return 0;
    }
    let mut low = 0;
    let mut step = FIRST_STEP;
    let mut next = guess;
    while next > low && next < high {
        if suffices(next) {
            high = next;
            next = if high <= guess { guess.saturating_sub(step) } else { high };
        } else {
            low = next;
            next = if low >= guess { guess.saturating_add(step) } else { low };
        }
        step = step.saturating_mul(4);
    }
    while high - low > precision {
        let middle = low + (high - low) / 2;
        *(if suffices(middle) { &mut high } else { &mut low }) = middle;
    }
    high
}

/// What an option is worth beyond the prices of what it uses.
pub(super) fn surplus(item: &Item, prices: &[f64]) -> f64 {
    item.value - paid(item, prices)
}

/// What an option has to pay at these prices.
pub(super) fn paid(item: &Item, prices: &[f64]) -> f64 {
    prices[0] * item.cost + prices.get(item.channel as usize).copied().unwrap_or(0.0)
}

/// Whether an option alone is within the limits.
fn fits(item: &Item, limits: &[f64]) -> bool {
    let has_place = item.channel == Item::NO_CHANNEL || limits[item.channel as usize] >= 1.0;
    item.cost <= limits[0] && has_place
}

/// Positions of the options, customer by customer.
fn in_order_of_customers(problem: &Problem<'_>) -> Vec<u32> {
    let customer = |place: &u32| problem.choices[*place as usize].customer;
    let mut order: Vec<u32> = (0..problem.choices.len() as u32).collect();
    if !order.is_sorted_by_key(customer) {
        order.par_sort_by_key(customer);
    }
    order
}

/// A number without any order left in it (the finaliser of SplitMix64: Steele, Lea and Flood, 2014).
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use crate::base::Money;
    use crate::decide::solver::Choice;
    use crate::decide::solver::dual::*;

    fn choices() -> Vec<Choice> {
        let choice = |customer, value, cost, channel| Choice { customer, value, cost: Money(cost), channel };
        vec![choice(1, 8.0, 6, Some(0)), choice(0, 5.0, 3, None), choice(0, 6.0, 5, Some(0)), choice(2, 2.0, 99, None)]
    }

    #[test]
    fn any_prices_give_a_bound() {
        let choices = choices();
        let relaxation = Relaxation::new(&Problem { choices: &choices, budget: Some(Money(9)), capacity: &[1] });
        // The last one costs more than there is; of the others 8 + 5 is the best, for 9.
        assert_eq!((relaxation.items().len(), relaxation.customers()), (3, 2));
        for money in 0..40 {
            for place in 0..40 {
                let prices = [f64::from(money) * 0.05, f64::from(place) * 0.2];
                assert!(relaxation.at(&prices).bound >= 13.0 - 1e-12, "{prices:?}"); // rounding of the prices
            }
        }
        let (prices, bound) = relaxation.prices(&relaxation.no_prices());
        assert_eq!(bound, relaxation.at(&prices).bound);
        assert!((13.0..=14.0).contains(&bound), "{bound}");
    }

    #[test]
    fn what_one_customer_is_given_is_gone() {
        let choices = choices();
        let relaxation = Relaxation::new(&Problem { choices: &choices, budget: Some(Money(9)), capacity: &[1] });
        let rest = relaxation.given(1, Some(2)).expect("it fits");
        assert_eq!(rest.limits(), [3.0, 0.0]);
        assert_eq!(rest.items().len(), 1, "no place is left for the other");
        assert!(rest.given(0, Some(0)).is_some() && relaxation.given(0, None).is_some());
    }

    #[test]
    fn the_least_number_is_found_from_any_guess() {
        for least in [0, 1, 77, 1 << 40, (1 << 62) - 1] {
            for guess in [0, 1, 78, 1 << 43, 1 << 61] {
                assert_eq!(least_bits(|bits| bits >= least, guess, 1 << 62, 1), least, "from {guess}");
            }
        }
    }
}
