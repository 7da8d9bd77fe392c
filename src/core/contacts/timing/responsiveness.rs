//! How each customer's own purchases go with contacts, shrunk.
//!
//! ```text
//! responsiveness = (observed + k) / (expected + k)
//! ```
//!
//! with the customer's purchases within some days after a contact, and those to be expected there if its
//! purchases between the first and the last were spread evenly over that time. Where customers' true
//! ratios vary as a Gamma of mean 1 and variance 1/k, this is the mean of a customer's ratio after what was
//! seen (gamma-Poisson). `k` is from the base, by moments: of what the squared deviations exceed chance by,
//!
//! ```text
//! 1/k = sum of [(observed - expected)^2 - expected (1 - share of the time)] / sum of expected^2
//! ```
//!
//! 1 is as often as at other times. A customer of whom nothing is known has 1: nobody is called responsive,
//! or the contrary, without evidence.
//!
//! Source: Efron and Morris (1973), "Stein's estimation rule and its competitors", Journal of the American
//! Statistical Association 68(341), on empirical Bayes; the gamma-Poisson form is textbook.

use rayon::prelude::*;

use crate::contacts::timing::axis::Resolution;
use crate::contacts::timing::base::Base;
use crate::contacts::timing::permutation::Counts;
use crate::contacts::timing::track::Windows;

/// Shrinkage so strong that everybody has 1: the base does not vary beyond chance.
const MOST_SHRUNK: f64 = 1e6;
/// Shrinkage so weak that one purchase still counts no more than as one.
const LEAST_SHRUNK: f64 = 0.5;

/// The responsiveness of every customer, and what it was shrunk by.
pub(super) struct Responsiveness {
    pub(super) by_customer: Vec<f64>,
    pub(super) shrinkage: f64,
}

/// What one customer shows.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    observed: f64,
    expected: f64,
    share: f64,
}

pub(super) fn responsiveness(base: &Base, in_any: &[bool], response_days: f64) -> Responsiveness {
    // Where the order within a day is unknown, the day itself says nothing.
    let edges = match base.resolution {
        Resolution::Clocks => vec![0.0, response_days],
        Resolution::Days => vec![0.0, 1.0, response_days.max(2.0)],
    };
    let windows = Windows::new(&edges, base.resolution);
    let see = |customer| seen(base, customer, in_any, &windows);
    let all: Vec<Seen> = (0..base.customers()).into_par_iter().map(see).collect();
    let k = shrinkage(&all);
    let by_customer = all.iter().map(|seen| (seen.observed + k) / (seen.expected + k)).collect();
    Responsiveness { by_customer, shrinkage: k }
}

fn seen(base: &Base, customer: usize, in_any: &[bool], windows: &Windows) -> Seen {
    if base.log.of(customer).is_empty() || base.control.is_cancelled() {
        return Seen::default();
    }
    let Some(track) = base.purchases_after_any(customer, in_any, windows) else { return Seen::default() };
    let length = track.length;
    let counts = Counts::of(std::slice::from_ref(&track), windows.len());
    let last = windows.len() - 1;
    Seen { observed: counts.events[last] as f64, expected: counts.expected[last], share: counts.days[last] / length }
}

fn shrinkage(all: &[Seen]) -> f64 {
    let excess = |seen: &Seen| (seen.observed - seen.expected).powi(2) - seen.expected * (1.0 - seen.share);
    let excess: f64 = all.iter().map(excess).sum();
    let squares: f64 = all.iter().map(|seen| seen.expected.powi(2)).sum();
    if excess > 0.0 { (squares / excess).clamp(LEAST_SHRUNK, MOST_SHRUNK) } else { MOST_SHRUNK }
}

#[cfg(test)]
mod tests {
    use crate::contacts::timing::responsiveness::*;

    #[test]
    fn shrinkage_by_hand() {
        let seen = |observed| Seen { observed, expected: 2.0, share: 0.5 };
        // Squared deviations 9, 4 and 0 exceed three variances of 1 by 10; squares of expectations are 12.
        assert!((shrinkage(&[seen(5.0), seen(0.0), seen(2.0)]) - 1.2).abs() < 1e-12); // rounding
        assert_eq!(shrinkage(&[seen(2.0), seen(2.0)]), MOST_SHRUNK);
        assert_eq!(shrinkage(&[]), MOST_SHRUNK);
    }
}
