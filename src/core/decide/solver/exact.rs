//! The search for the best choice of all, which ends with a proof.
//!
//! At prices λ, μ with the bound L, every choice falls short of L by
//!
//! ```text
//! Σ_g (the customer's best surplus - the surplus of what it is given) + λ x money left + Σ_k μ_k x places left on k
//! ```
//!
//! where all terms are 0 or more. To be better than a choice of value z, a choice may fall short by less than L - z. So
//! whatever alone costs as much is struck out for good (most of all, as a rule), and the rest is gone through customer
//! by customer, the weightiest decisions first, turning back where the shortfall is used up, where money or places
//! cannot suffice, or where too much of them must be left over. Every better choice that is found narrows the search.
//!
//! This is branch and bound with bounds from reduced costs, as in Kellerer, Pferschy and Pisinger (2004), section 11.3.

use rayon::prelude::*;

use crate::decide::solver::ROUNDING;
use crate::decide::solver::dual::{Item, Relaxation, paid, surplus, use_up};

/// Searches for a choice of a value greater than `value`, in so many steps. The second half of the answer says whether
/// that was enough to be sure that nothing is better than what was found, or given.
pub(super) fn search(
    relaxation: &Relaxation,
    prices: &[f64],
    (value, bound): (f64, f64),
    steps: u64,
) -> (Option<Vec<usize>>, bool) {
    let rounding = ROUNDING * bound;
    let room = bound - value - rounding;
    if room <= 0.0 {
        return (None, true);
    }
    let mut tree = Tree::new(relaxation, prices, room, rounding);
    let is_proven = tree.walk(steps);
    (tree.best, is_proven)
}

/// The customer to decide on first where a search is too long, and what it can be given: that whose two best options
/// differ most in what they use, at the prices.
pub(super) fn weightiest(relaxation: &Relaxation, prices: &[f64], room: f64) -> Option<(usize, Vec<Branch>)> {
    let all = (0..relaxation.customers()).map(|customer| (customer, branches(relaxation, prices, room, customer)));
    let open = all.filter(|(_, branches)| branches.len() > 1);
    let used = |branch: &Branch| branch.item.map_or(0.0, |item| paid(&relaxation.items()[item], prices));
    let weighed =
        open.map(|(customer, branches)| ((used(&branches[0]) - used(&branches[1])).abs(), customer, branches));
    let heaviest = weighed.reduce(|a, b| if b.0 > a.0 { b } else { a });
    heaviest.map(|(_, customer, branches)| (customer, branches))
}

/// What a customer can be given: an option or nothing, and how far that falls short of its best.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) item: Option<usize>,
    pub(super) short: f64,
}

/// What a customer can be given without falling short by `room`, the best first. A customer without any has none.
fn branches(relaxation: &Relaxation, prices: &[f64], room: f64, customer: usize) -> Vec<Branch> {
    let worth = |item: Option<usize>| item.map_or(0.0, |item| surplus(&relaxation.items()[item], prices));
    let all = || std::iter::once(None).chain(relaxation.of(customer).map(Some));
    let most = all().map(worth).fold(0.0, f64::max);
    let mut branches: Vec<Branch> =
        all().map(|item| Branch { item, short: most - worth(item) }).filter(|branch| branch.short < room).collect();
    branches.sort_by(|a, b| a.short.total_cmp(&b.short));
    branches
}

/// Customers whose choice is open, a level each, and what those from a level on can use.
struct Tree<'a> {
    items: &'a [Item],
    prices: &'a [f64],
    /// Weightiest decisions first: where the second best falls short the most.
    levels: Vec<Vec<Branch>>,
    /// Options of customers whose choice is not open.
    settled: Vec<usize>,
    /// What is left of every resource for the customers whose choice is open.
    left: Vec<f64>,
    /// The least and the most that the customers from a level on use of every resource.
    least: Vec<Vec<f64>>,
    most: Vec<Vec<f64>>,
    /// How far a better choice may fall short.
    room: f64,
    rounding: f64,
    best: Option<Vec<usize>>,
}

impl<'a> Tree<'a> {
    fn new(relaxation: &'a Relaxation, prices: &'a [f64], room: f64, rounding: f64) -> Self {
        let items = relaxation.items();
        let all = (0..relaxation.customers()).into_par_iter();
        let all: Vec<Vec<Branch>> = all.map(|customer| branches(relaxation, prices, room, customer)).collect();
        let (mut levels, settled): (Vec<_>, Vec<_>) = all.into_iter().partition(|branches| branches.len() > 1);
        let settled: Vec<usize> = settled.into_iter().filter_map(|branches| branches.first()?.item).collect();
        levels.sort_by(|a, b| b[1].short.total_cmp(&a[1].short));
        let mut left = relaxation.limits().to_vec();
        settled.iter().for_each(|&item| use_up(&mut left, &items[item], 1.0));
        let least = from_level(items, &levels, left.len(), f64::min);
        let most = from_level(items, &levels, left.len(), f64::max);
        Tree { items, prices, levels, settled, left, least, most, room, rounding, best: None }
    }

    /// Goes through the tree, deepest first; false where the steps do not suffice.
    fn walk(&mut self, steps: u64) -> bool {
        let mut path = Path::new(self.levels.len(), self.left.clone());
        if !self.may_be_better(&path) {
            return true;
        }
        for _ in 0..steps {
            let level = path.level;
            if level == self.levels.len() {
                self.keep(&path);
            } else if let Some(&branch) = self.levels[level].get(path.next[level])
                && path.short[level] + branch.short < self.room
            {
                path.go(branch, self.items);
                if !self.may_be_better(&path) {
                    path.back(&self.levels, self.items);
                }
                continue;
            }
            // Branches fall short more and more: after one that does so too far, so do all that follow.
            if level == 0 {
                return true;
            }
            path.back(&self.levels, self.items);
        }
        false
    }

    /// Whether anything below can still be allowed and fall short by less than there is room.
    fn may_be_better(&self, path: &Path) -> bool {
        let mut short = path.short[path.level];
        for (resource, &left) in path.left.iter().enumerate() {
            if left < self.least[path.level][resource] {
                return false;
            }
            if self.prices[resource] > 0.0 {
                short += self.prices[resource] * (left - self.most[path.level][resource]).max(0.0);
            }
        }
        short < self.room
    }

    /// Keeps a complete choice, which is better than all before.
    fn keep(&mut self, path: &Path) {
        let left_over = path.left.iter().zip(self.prices).filter(|(_, price)| **price > 0.0);
        let short = path.short[path.level] + left_over.map(|(left, price)| left * price).sum::<f64>();
        let open = self.levels.iter().zip(&path.next).filter_map(|(branches, next)| branches[next - 1].item);
        let mut best: Vec<usize> = open.chain(self.settled.iter().copied()).collect();
        best.sort_unstable();
        self.best = Some(best);
        self.room = short - self.rounding;
    }
}

/// The branches taken so far.
struct Path {
    level: usize,
    /// The branch to take next, by level.
    next: Vec<usize>,
    /// How far the path falls short above each level.
    short: Vec<f64>,
    left: Vec<f64>,
}

impl Path {
    fn new(depth: usize, left: Vec<f64>) -> Self {
        Path { level: 0, next: vec![0; depth + 1], short: vec![0.0; depth + 1], left }
    }

    fn go(&mut self, branch: Branch, items: &[Item]) {
        branch.item.into_iter().for_each(|item| use_up(&mut self.left, &items[item], 1.0));
        self.next[self.level] += 1;
        self.short[self.level + 1] = self.short[self.level] + branch.short;
        self.level += 1;
        self.next[self.level] = 0;
    }

    fn back(&mut self, levels: &[Vec<Branch>], items: &[Item]) {
        self.level -= 1;
        let branch = levels[self.level][self.next[self.level] - 1];
        branch.item.into_iter().for_each(|item| use_up(&mut self.left, &items[item], -1.0));
    }
}

/// What the customers from each level on use at the least or at the most: `choose` is the smaller or greater of two.
fn from_level(items: &[Item], levels: &[Vec<Branch>], resources: usize, choose: fn(f64, f64) -> f64) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; resources]; levels.len() + 1];
    for (level, branches) in levels.iter().enumerate().rev() {
        let uses = |resource| {
            let uses = branches.iter().map(|branch| branch.item.map_or(0.0, |item| items[item].uses(resource)));
            uses.reduce(choose).unwrap_or(0.0)
        };
        sums[level] = sums[level + 1].iter().enumerate().map(|(resource, below)| below + uses(resource)).collect();
    }
    sums
}
