//! Segments: a table of rules over the 125 combinations of R, F and M.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::rfm::Rfm;
use crate::summary::Summary;

/// How many combinations of three scores there are.
const CELLS: usize = 125;
/// How many cells an error message spells out.
const CELLS_NAMED: usize = 5;

/// One rule: customers whose scores lie in all three ranges belong to the segment.
///
/// A segment may have several rules. In `clivia.toml`, where a range that is left out is `[1, 5]`:
/// ```toml
/// segments = [{ segment = "Loyal", r = [4, 5], f = [4, 5], m = [1, 3] }]
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentRule {
    /// The segment's name.
    pub segment: String,
    /// Lowest and highest recency score.
    #[serde(default = "any_score")]
    pub r: [u8; 2],
    /// Lowest and highest frequency score.
    #[serde(default = "any_score")]
    pub f: [u8; 2],
    /// Lowest and highest money score.
    #[serde(default = "any_score")]
    pub m: [u8; 2],
}

fn any_score() -> [u8; 2] {
    [1, 5]
}

impl SegmentRule {
    fn new(segment: &str, r: [u8; 2], f: [u8; 2], m: [u8; 2]) -> Self {
        SegmentRule { segment: segment.into(), r, f, m }
    }

    fn covers(&self, cell: Cell) -> bool {
        let within = |[low, high]: [u8; 2], score: u8| (low..=high).contains(&score);
        within(self.r, cell.r) && within(self.f, cell.f) && within(self.m, cell.m)
    }

    /// Whether the rule, the `number`th, makes sense by itself.
    fn check(&self, number: usize) -> Result<(), SegmentError> {
        if self.segment.trim().is_empty() {
            return Err(SegmentError::Name { rule: number });
        }
        let right = |[low, high]: [u8; 2]| 1 <= low && low <= high && high <= 5;
        match [('r', self.r), ('f', self.f), ('m', self.m)].into_iter().find(|&(_, range)| !right(range)) {
            Some((score, range)) => Err(SegmentError::Range { rule: self.named(number), score, range }),
            None => Ok(()),
        }
    }

    fn named(&self, number: usize) -> String {
        format!("{number} ({})", self.segment)
    }
}

/// The eleven segments used where none are given.
pub(super) fn default_rules() -> Vec<SegmentRule> {
    let rule = SegmentRule::new;
    vec![
        rule("Champions", [4, 5], [4, 5], [4, 5]),
        rule("Loyal", [4, 5], [4, 5], [1, 3]),
        rule("Loyal", [3, 3], [4, 5], [1, 5]),
        rule("Potential loyalist", [4, 5], [2, 3], [1, 5]),
        rule("New", [5, 5], [1, 1], [1, 5]),
        rule("Promising", [4, 4], [1, 1], [1, 5]),
        rule("Needs attention", [3, 3], [2, 3], [1, 5]),
        rule("About to sleep", [3, 3], [1, 1], [1, 5]),
        rule("Cannot lose", [1, 2], [4, 5], [5, 5]),
        rule("At risk", [1, 2], [3, 3], [1, 5]),
        rule("At risk", [1, 2], [4, 5], [1, 4]),
        rule("Hibernating", [2, 2], [1, 2], [1, 5]),
        rule("Hibernating", [1, 1], [2, 2], [1, 5]),
        rule("Lost", [1, 1], [1, 1], [1, 5]),
    ]
}

/// One combination of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Recency score, 1 to 5.
    pub r: u8,
    /// Frequency score, 1 to 5.
    pub f: u8,
    /// Money score, 1 to 5.
    pub m: u8,
}

impl Cell {
    fn all() -> impl Iterator<Item = Cell> {
        let cell = |index: u8| Cell { r: index / 25 + 1, f: index / 5 % 5 + 1, m: index % 5 + 1 };
        (0..CELLS as u8).map(cell)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{} f{} m{}", self.r, self.f, self.m)
    }
}

/// Why rules make no segment table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// A rule without a name.
    #[error("rule {rule} has no segment name")]
    Name {
        /// Which rule, from 1.
        rule: usize,
    },
    /// A range that is not within 1 to 5, or the wrong way round.
    #[error(
        "rule {rule}: {score} = {range:?} is not a range of scores; write the lower of 1 to 5 first, such as [2, 3]"
    )]
    Range {
        /// Number and name of the rule.
        rule: String,
        /// `r`, `f` or `m`.
        score: char,
        /// As given.
        range: [u8; 2],
    },
    /// A cell that two rules claim.
    #[error("rules {first} and {second} both cover {cell}; narrow one of them")]
    Overlap {
        /// The first such cell.
        cell: Cell,
        /// Number and name of the earlier rule.
        first: String,
        /// Number and name of the later rule.
        second: String,
    },
    /// Cells that no rule claims.
    #[error("no rule covers {}; add a rule or widen one", listed(.cells))]
    Hole {
        /// All such cells.
        cells: Vec<Cell>,
    },
}

fn listed(cells: &[Cell]) -> String {
    let named: Vec<String> = cells.iter().take(CELLS_NAMED).map(Cell::to_string).collect();
    let more = cells.len().saturating_sub(CELLS_NAMED);
    if more == 0 { named.join(", ") } else { format!("{} and {more} more cells", named.join(", ")) }
}

/// Rules that were checked: each of the 125 combinations of scores has exactly one segment.
///
/// ```
/// use clivia_core::rfm::{RfmSettings, SegmentTable};
/// let table = SegmentTable::try_from(RfmSettings::default().segments)?;
/// assert_eq!(table.names().len(), 11);
/// assert_eq!(table.segment(5, 1, 3), "New");
/// # Ok::<(), clivia_core::rfm::SegmentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<SegmentRule>", into = "Vec<SegmentRule>")]
pub struct SegmentTable {
    rules: Vec<SegmentRule>,
    names: Vec<String>,
    segments: Vec<u8>,
}

impl SegmentTable {
    /// The segments' names, in the order of the rules.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The name of the segment of three scores.
    ///
    /// # Panics
    /// Where a score is not 1 to 5.
    pub fn segment(&self, r: u8, f: u8, m: u8) -> &str {
        &self.names[usize::from(self.index(r, f, m))]
    }

    /// The place in [`SegmentTable::names`] of the segment of three scores, each from 1 to 5.
    pub(super) fn index(&self, r: u8, f: u8, m: u8) -> u8 {
        let [r, f, m] = [r, f, m].map(|score| usize::from(score) - 1);
        self.segments[25 * r + 5 * f + m]
    }
}

impl TryFrom<Vec<SegmentRule>> for SegmentTable {
    type Error = SegmentError;

    fn try_from(rules: Vec<SegmentRule>) -> Result<Self, SegmentError> {
        rules.iter().enumerate().try_for_each(|(index, rule)| rule.check(index + 1))?;
        let mut names: Vec<String> = Vec::new();
        for rule in &rules {
            if !names.contains(&rule.segment) {
                names.push(rule.segment.clone());
            }
        }
        // Each segment has a cell of its own, so that there are at most 125.
        let place = |rule: &SegmentRule| names.iter().position(|name| *name == rule.segment).unwrap_or(0) as u8;
        let segments = rule_of_each_cell(&rules)?.into_iter().map(|rule| place(&rules[rule])).collect();
        Ok(SegmentTable { rules, names, segments })
    }
}

impl From<SegmentTable> for Vec<SegmentRule> {
    fn from(table: SegmentTable) -> Self {
        table.rules
    }
}

/// Which rule covers each of the 125 cells.
fn rule_of_each_cell(rules: &[SegmentRule]) -> Result<Vec<usize>, SegmentError> {
    let mut covering = Vec::with_capacity(CELLS);
    let mut holes = Vec::new();
    for cell in Cell::all() {
        let mut claims = (0..rules.len()).filter(|&rule| rules[rule].covers(cell));
        match (claims.next(), claims.next()) {
            (Some(rule), None) => covering.push(rule),
            (Some(first), Some(second)) => {
                let named = |rule: usize| rules[rule].named(rule + 1);
                return Err(SegmentError::Overlap { cell, first: named(first), second: named(second) });
            }
            (None, _) => holes.push(cell),
        }
    }
    if holes.is_empty() { Ok(covering) } else { Err(SegmentError::Hole { cells: holes }) }
}

/// What a segment adds up to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentRow {
    /// The segment's name.
    pub segment: String,
    /// Its customers.
    pub customers: u64,
    /// Its share of all customers, 0 to 1.
    pub customer_share: f64,
    /// Its orders.
    pub orders: u64,
    /// Its revenue net of returns; `None` where the orders have no amounts.
    pub revenue: Option<Money>,
    /// The sum of its customers' lifetime values, those without one left out; `None` where lifetime
    /// value was not computed.
    pub clv: Option<f64>,
}

/// The segment table of a verdict, summed in the order of the customers.
pub(super) fn segment_rows(rfm: &Rfm, summary: &Summary, clv: Option<&[f64]>) -> Vec<SegmentRow> {
    let empty = |segment: &String| SegmentRow {
        segment: segment.clone(),
        customers: 0,
        customer_share: 0.0,
        orders: 0,
        revenue: summary.spend.as_ref().map(|_| Money(0)),
        clv: clv.map(|_| 0.0),
    };
    let mut rows: Vec<SegmentRow> = rfm.segments.iter().map(empty).collect();
    for (customer, &segment) in rfm.segment.iter().enumerate() {
        rows[usize::from(segment)].add(summary, clv, customer);
    }
    for row in &mut rows {
        row.customer_share = row.customers as f64 / summary.len().max(1) as f64;
    }
    rows
}

impl SegmentRow {
    fn add(&mut self, summary: &Summary, clv: Option<&[f64]>, customer: usize) {
        self.customers += 1;
        self.orders += u64::from(summary.orders[customer]);
        if let (Some(revenue), Some(spend)) = (&mut self.revenue, &summary.spend) {
            *revenue += spend.revenue[customer];
        }
        if let (Some(sum), Some(clv)) = (&mut self.clv, clv) {
            *sum += clv[customer];
        }
    }
}
