//! What the charts of a report are drawn from: aggregates of a run, and of single customers only the few that the map
//! names and a sample of its points.
//!
//! They are an output like the tables, `figures.json`: the report draws them and computes none of its numbers.

mod holdout;
mod map;
mod rfm;
mod value;

use serde::{Deserialize, Serialize};

pub use holdout::HoldoutFigure;
pub use map::{Advice, Density, MapFigure, Named, Point};
pub use rfm::{RfmCell, rfm_cells};
pub use value::{Bin, Decile, Matrix, Share, Spread, ValueFigure, deciles};

use crate::clusters::ClusterRow;
use crate::intervals::Range;
use crate::rfm::SegmentRow;

/// Everything that is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The map, where there are contacts.
    pub map: Option<MapFigure>,
    /// Customers in ten groups, the most valuable first; empty without a purchase model.
    pub deciles: Vec<Decile>,
    /// Customers by their scores of recency and frequency.
    pub rfm: Vec<RfmCell>,
    /// The rows of `segments`, with what is expected of them.
    pub segments: Vec<Group<SegmentRow>>,
    /// The rows of `clusters`, likewise.
    pub clusters: Vec<Group<ClusterRow>>,
    /// How value is spread, and what the purchase model says; `None` without one.
    pub value: Option<ValueFigure>,
    /// The purchase model against a holdout, where there was one.
    pub holdout: Option<HoldoutFigure>,
}

/// A group of customers and what it is going to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group<Row> {
    /// What it is and did.
    #[serde(flatten)]
    pub row: Row,
    /// Purchases expected of it; `None` without intervals.
    pub purchases: Option<Range>,
    /// Its value ahead; `None` without intervals or amounts.
    pub value: Option<Range>,
}
