//! RFM: how recently, how often and for how much each customer bought, scored from 1 to 5, and the
//! segment that a table of rules makes of the three scores.
//!
//! | score | measure | 5 means |
//! |---|---|---|
//! | R | days since the last purchase day | bought most recently |
//! | F | orders | orders most often |
//! | M | revenue, net of returns | spends most |
//!
//! Reference: A. M. Hughes (1994), "Strategic Database Marketing". The definition of the cut points,
//! and of what becomes of ties, is [`CutPoints`]'s.

mod scores;
mod segments;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use scores::{CutPoints, Measure, SCORES, Scale};
pub use segments::{Cell, SegmentError, SegmentRow, SegmentRule, SegmentTable};

use crate::summary::Summary;

/// Why customers could not be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RfmError {
    /// There is nobody to take quantiles of.
    #[error("there is no customer to score: RFM needs at least one")]
    NoCustomers,
    /// The rules do not give each combination of scores one segment.
    #[error("the RFM segments cannot be used: {0}")]
    Segments(#[from] SegmentError),
    /// The scale has money cut points, the data has no amounts.
    #[error("the RFM scale scores revenue, but these orders have no amounts: map an amount column, or fit again")]
    NoMoney,
}

/// What F and M are ranked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bins {
    /// All customers, so that R, F and M are three separate readings.
    #[default]
    Independent,
    /// F among the customers of the same R, M among those of the same R and F, so that the cells
    /// are of more even size.
    Nested,
}

/// Settings of the RFM stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RfmSettings {
    /// `independent`, or `nested`: F within R, M within R and F.
    pub bins: Bins,
    /// The rules that turn scores into segments; together they cover each of the 125 cells once.
    pub segments: Vec<SegmentRule>,
}

impl RfmSettings {
    /// Checks what no type can.
    ///
    /// # Errors
    /// [`RfmError::Segments`] where the rules leave a hole or overlap.
    pub fn check(&self) -> Result<(), RfmError> {
        SegmentTable::try_from(self.segments.clone())?;
        Ok(())
    }
}

impl Default for RfmSettings {
    fn default() -> Self {
        RfmSettings { bins: Bins::default(), segments: segments::default_rules() }
    }
}

/// Fitted RFM: the cut points and the segment table, enough to score another file alike.
///
/// ```
/// use clivia_core::rfm::{RfmScale, RfmSettings};
/// # use clivia_core::summary::{Means, Spend, SpendDays, Summary};
/// # use clivia_core::base::{Day, Money, TimeUnit};
/// # let days = [400, 200, 90, 30, 2];
/// # let summary = Summary {
/// #     as_of: Day(0),
/// #     unit: TimeUnit::Weeks,
/// #     ids: ["a", "b", "c", "d", "e"].into_iter().collect(),
/// #     orders: vec![1, 2, 3, 5, 9],
/// #     frequency: vec![0, 1, 2, 4, 8],
/// #     ages: None,
/// #     first_order: days.iter().map(|&d| Day(-d)).collect(),
/// #     last_order: days.iter().map(|&d| Day(-d)).collect(),
/// #     spend: Some(Spend {
/// #         days: SpendDays::Repeat,
/// #         revenue: [10.0, 30.0, 50.0, 90.0, 400.0].into_iter().filter_map(Money::from_f64).collect(),
/// #         mean: Means::unknown(5),
/// #     }),
/// # };
/// // Five customers; the last bought 2 days ago, has 9 orders and spent most.
/// let scale = RfmScale::fit(&summary, &RfmSettings::default())?;
/// let rfm = scale.apply(&summary)?;
/// assert_eq!((rfm.r[4], rfm.f[4], rfm.m.as_ref().map(|m| m[4])), (5, 5, Some(5)));
/// assert_eq!(rfm.segment_name(4), "Champions");
/// assert_eq!(rfm.segment_name(0), "Lost");
/// # Ok::<(), clivia_core::rfm::RfmError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RfmScale {
    /// How many customers the cut points were taken over.
    pub customers: usize,
    /// R, in days since the last purchase day.
    pub recency: Scale,
    /// F, in orders.
    pub frequency: Scale,
    /// M, in currency units; `None` where the orders have no amounts.
    pub money: Option<Scale>,
    /// Which segment each combination of scores belongs to.
    pub segments: SegmentTable,
    /// What an analyst should know before reading the scores.
    pub warnings: Vec<String>,
}

/// The RFM verdict, one row a customer in the order of the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rfm {
    /// Recency score, 1 (longest ago) to 5.
    pub r: Vec<u8>,
    /// Frequency score, 1 (fewest orders) to 5.
    pub f: Vec<u8>,
    /// Money score, 1 (least revenue) to 5; `None` where the orders have no amounts.
    pub m: Option<Vec<u8>>,
    /// Each customer's segment: its place in `segments`.
    pub segment: Vec<u8>,
    /// The names of the segments, in the order of the rules.
    pub segments: Vec<String>,
}

impl RfmScale {
    /// Takes the cut points of R, F and M from a customer base.
    ///
    /// Time and memory are linear in the customers: the quantiles are exact and found by selection.
    ///
    /// # Errors
    /// [`RfmError::NoCustomers`] for an empty summary; [`RfmError::Segments`] where the rules leave a
    /// hole or overlap.
    pub fn fit(summary: &Summary, settings: &RfmSettings) -> Result<Self, RfmError> {
        if summary.is_empty() {
            return Err(RfmError::NoCustomers);
        }
        let segments = SegmentTable::try_from(settings.segments.clone())?;
        let [mut recency, mut frequency, mut money] = overall_scales(summary);
        if settings.bins == Bins::Nested {
            nest(summary, &mut recency, &mut frequency, &mut money);
        }
        let money = summary.spend.is_some().then_some(money);
        let mut scale =
            RfmScale { customers: summary.len(), recency, frequency, money, segments, warnings: Vec::new() };
        scale.warnings = scale.find_warnings();
        Ok(scale)
    }

    /// Scores customers by these cut points, whether or not they were among those fitted.
    ///
    /// A value beyond the fitted ones scores 1 or 5. A scale without money leaves `m` empty and looks
    /// segments up with M taken equal to F.
    ///
    /// # Errors
    /// [`RfmError::NoMoney`] where the scale has money cut points and the summary has no amounts.
    pub fn apply(&self, summary: &Summary) -> Result<Rfm, RfmError> {
        if self.money.is_some() && summary.spend.is_none() {
            return Err(RfmError::NoMoney);
        }
        let r = self.recency.scores(summary, |_| 0);
        let f = self.frequency.scores(summary, |customer| cell_of_r(r[customer]));
        let m = self.money.as_ref().map(|money| money.scores(summary, |i| cell_of_rf(r[i], f[i])));
        let m_or_f = m.as_ref().unwrap_or(&f);
        let lookup = |customer: usize| self.segments.index(r[customer], f[customer], m_or_f[customer]);
        let segment = (0..summary.len()).into_par_iter().map(lookup).collect();
        Ok(Rfm { r, f, m, segment, segments: self.segments.names().to_vec() })
    }

    fn find_warnings(&self) -> Vec<String> {
        let scales = [Some(&self.recency), Some(&self.frequency), self.money.as_ref()];
        let mut warnings = Vec::new();
        if self.customers < usize::from(SCORES) {
            let count = self.customers;
            warnings.push(format!("only {count} customer(s): RFM has {count} bin(s) in place of {SCORES}"));
        }
        warnings.extend(scales.into_iter().flatten().flat_map(Scale::warnings));
        if self.money.is_none() {
            warnings.push("the orders have no amounts: M is empty, and segments take M as equal to F".into());
        }
        warnings
    }
}

impl Rfm {
    /// The name of a customer's segment.
    ///
    /// # Panics
    /// Where `customer` is not below the number of customers.
    pub fn segment_name(&self, customer: usize) -> &str {
        &self.segments[usize::from(self.segment[customer])]
    }

    /// One row a segment, in the order of the rules, the empty ones included.
    ///
    /// `summary` is the one that was scored; `clv` holds each customer's lifetime value, 0 of one that
    /// has none, where they have been computed.
    pub fn segment_table(&self, summary: &Summary, clv: Option<&[f64]>) -> Vec<SegmentRow> {
        segments::segment_rows(self, summary, clv)
    }
}

/// R, F and M ranked among all customers, one after the other, so that only one column of values is in memory.
fn overall_scales(summary: &Summary) -> [Scale; 3] {
    [Measure::DaysSinceLast, Measure::Orders, Measure::Revenue].map(|measure| Scale::overall(measure, summary))
}

/// Adds the cut points of F within R, and of M within R and F.
fn nest(summary: &Summary, recency: &mut Scale, frequency: &mut Scale, money: &mut Scale) {
    let r = recency.scores(summary, |_| 0);
    frequency.nest(summary, 5, |customer| cell_of_r(r[customer]));
    let f = frequency.scores(summary, |customer| cell_of_r(r[customer]));
    money.nest(summary, 25, |customer| cell_of_rf(r[customer], f[customer]));
}

fn cell_of_r(r: u8) -> usize {
    usize::from(r) - 1
}

fn cell_of_rf(r: u8, f: u8) -> usize {
    5 * cell_of_r(r) + usize::from(f) - 1
}
