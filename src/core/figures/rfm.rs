//! Recency by frequency, with money on top.

use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::rfm::Rfm;
use crate::summary::Summary;

/// Scores run from 1 to this.
const SCORES: u8 = 5;

/// The customers of one score of recency and one of frequency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RfmCell {
    /// Recency, 1 (longest ago) to 5.
    pub r: u8,
    /// Frequency, 1 (fewest orders) to 5.
    pub f: u8,
    /// How many they are.
    pub customers: u64,
    /// Their mean score of money, 1 to 5; `None` of nobody, and where the orders have no amounts.
    pub mean_m: Option<f64>,
    /// Their revenue net of returns; `None` where the orders have no amounts.
    pub revenue: Option<Money>,
    /// Their lifetime value; `None` without one.
    pub clv: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    customers: u64,
    m: u64,
    revenue: Money,
    clv: f64,
}

/// All 25 cells, recency rising, then frequency rising; `clvs` are the lifetime values of everybody, 0 of one that has
/// none.
pub fn rfm_cells(rfm: &Rfm, summary: &Summary, clvs: Option<&[f64]>) -> Vec<RfmCell> {
    let side = usize::from(SCORES);
    let mut cells = vec![Sums::default(); side * side];
    for customer in 0..summary.len() {
        let sums = &mut cells[usize::from(rfm.r[customer] - 1) * side + usize::from(rfm.f[customer] - 1)];
        sums.customers += 1;
        sums.m += rfm.m.as_ref().map_or(0, |m| u64::from(m[customer]));
        if let Some(spend) = &summary.spend {
            sums.revenue += spend.revenue[customer];
        }
        sums.clv += clvs.map_or(0.0, |clvs| clvs[customer]);
    }
    let scores = (1..=SCORES).flat_map(|r| (1..=SCORES).map(move |f| (r, f)));
    let cell = |((r, f), sums): ((u8, u8), Sums)| RfmCell {
        r,
        f,
        customers: sums.customers,
        mean_m: rfm.m.as_ref().filter(|_| sums.customers > 0).map(|_| sums.m as f64 / sums.customers as f64),
        revenue: summary.spend.as_ref().map(|_| sums.revenue),
        clv: clvs.map(|_| sums.clv),
    };
    scores.zip(cells).map(cell).collect()
}
