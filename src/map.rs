//! The map: what customers are worth against how they are contacted.
//!
//! A customer portfolio in the manner of Fiocca (1982), "Account portfolio analysis for strategy
//! development", Industrial Marketing Management 11(1), and Yorke and Droussiotis (1994), "The use of
//! customer portfolio theory: an empirical survey", Journal of Business & Industrial Marketing 9(3):
//! two scores per customer, a grid of levels, a reading for each cell. The axes here:
//!
//! - **attractiveness**, 0-100: the percentile of CLV in the base, or of what stands in for it
//!   ([`Source`]);
//! - **contact quality**, 0-100: the percentile of contact intensity in the whole base; a customer
//!   without contact stands at exactly 0.
//!
//! Both are cut into levels (three by default, equal parts). Contact on a lower level than
//! attractiveness reads *under-served*, on the same level *aligned*, on a higher one *over-served*.

pub mod grid;
pub mod percentile;

use std::fmt;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use grid::{Cell, Diagnosis, Thresholds, level_name};
pub use percentile::{Knot, PercentileScale};

use crate::units::Money;

/// A map that cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MapError {
    /// Too few or too many levels.
    #[error("map.levels = {0} must be from 2 to 10; 3 is usual")]
    Levels(usize),
    /// Thresholds that do not fit the number of levels.
    #[error("{axis} has {found} thresholds and map.levels asks for {needed}")]
    ThresholdCount {
        /// The axis.
        axis: AxisName,
        /// How many were typed.
        found: usize,
        /// How many the levels take.
        needed: usize,
    },
    /// Thresholds that do not rise, or off the axis.
    #[error("the thresholds {cuts:?} of {axis} must rise and lie between 0 and 100, such as [33.3, 66.7]")]
    Thresholds {
        /// The axis.
        axis: AxisName,
        /// As typed.
        cuts: Vec<f64>,
    },
    /// A column that is not one row a customer.
    #[error("column {column} has {found} rows for {customers} customers")]
    Length {
        /// The column.
        column: &'static str,
        /// Its rows.
        found: usize,
        /// Rows of the attractiveness column.
        customers: usize,
    },
    /// A frozen map was fitted on something else.
    #[error("the map was fitted on {fitted} and is given {given}; score with the columns that it was fitted with")]
    Source {
        /// What the axis was fitted on.
        fitted: Source,
        /// What it is to score.
        given: Source,
    },
    /// A percentile scale that does not rise.
    #[error("the knots of a percentile scale must rise in value and percent; run.json has been changed by hand")]
    Knots,
}

/// One of the two axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisName {
    /// What the customer is worth.
    Attractiveness,
    /// How it is contacted.
    Contact,
}

impl fmt::Display for AxisName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AxisName::Attractiveness => "attractiveness",
            AxisName::Contact => "contact quality",
        })
    }
}

/// The figure behind attractiveness, best first: each stands in where those before it are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Customer lifetime value.
    Clv,
    /// Purchases expected over the horizon, where there are no amounts.
    ExpectedPurchases,
    /// Revenue so far, where no model could be fitted.
    Revenue,
    /// Orders so far.
    Orders,
}

impl Source {
    /// Its column's name: `clv`.
    pub fn name(self) -> &'static str {
        match self {
            Source::Clv => "clv",
            Source::ExpectedPurchases => "expected_purchases",
            Source::Revenue => "revenue",
            Source::Orders => "orders",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the map is cut: a table of clivia.toml.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MapSettings {
    /// Levels of either axis, 2-10. Three are named low, medium and high.
    pub levels: usize,
    /// Thresholds on attractiveness, 0-100, one fewer than levels; empty = equal parts.
    pub attractiveness_thresholds: Vec<f64>,
    /// Thresholds on contact quality, 0-100, one fewer than levels; empty = equal parts.
    pub contact_thresholds: Vec<f64>,
}

impl Default for MapSettings {
    fn default() -> Self {
        MapSettings { levels: 3, attractiveness_thresholds: Vec::new(), contact_thresholds: Vec::new() }
    }
}

/// The columns that a map is drawn from, a row a customer.
#[derive(Debug, Clone, Copy)]
pub struct MapInput<'a> {
    /// What attractiveness is made of.
    pub source: Source,
    /// Its values; a customer without one gets no cell.
    pub attractiveness: &'a [Option<f64>],
    /// Contact intensity; 0 = no contact.
    pub intensity: &'a [f64],
    /// Revenue, for the cell table.
    pub revenue: Option<&'a [Money]>,
    /// CLV, for the cell table.
    pub clv: Option<&'a [Option<f64>]>,
}

impl MapInput<'_> {
    fn check(&self) -> Result<(), MapError> {
        let customers = self.attractiveness.len();
        let columns = [
            ("intensity", Some(self.intensity.len())),
            ("revenue", self.revenue.map(<[Money]>::len)),
            ("clv", self.clv.map(<[Option<f64>]>::len)),
        ];
        let wrong =
            columns.into_iter().find_map(|(column, rows)| rows.filter(|&n| n != customers).map(|n| (column, n)));
        wrong.map_or(Ok(()), |(column, found)| Err(MapError::Length { column, found, customers }))
    }
}

impl MapSettings {
    /// Learns both scales from a base, with the thresholds that will cut them.
    ///
    /// # Errors
    /// [`MapError`] where the levels or thresholds have no meaning or the columns differ in length.
    ///
    /// ```
    /// use clivia::map::{MapInput, MapSettings, Source};
    ///
    /// let input = MapInput {
    ///     source: Source::Clv,
    ///     attractiveness: &[Some(900.0), Some(50.0), Some(300.0)],
    ///     intensity: &[0.0, 4.0, 1.5],
    ///     revenue: None,
    ///     clv: None,
    /// };
    /// let map = MapSettings::default().fit(&input)?.apply(&input)?;
    /// assert_eq!(map.cell_name(0), Some("high value, low contact"));
    /// assert_eq!((map.totals.under_served, map.totals.aligned, map.totals.over_served), (1, 1, 1));
    /// # Ok::<(), clivia::map::MapError>(())
    /// ```
    pub fn fit(&self, input: &MapInput<'_>) -> Result<FittedMap, MapError> {
        input.check()?;
        let values: Vec<f64> = input.attractiveness.iter().copied().flatten().collect();
        let attractiveness = self.axis(AxisName::Attractiveness, &self.attractiveness_thresholds, &values)?;
        let contact = self.axis(AxisName::Contact, &self.contact_thresholds, input.intensity)?;
        Ok(FittedMap { source: input.source, attractiveness, contact })
    }

    fn axis(&self, name: AxisName, cuts: &[f64], values: &[f64]) -> Result<FittedAxis, MapError> {
        let thresholds = self.thresholds(name, cuts)?;
        Ok(FittedAxis { thresholds, scale: PercentileScale::fit(values) })
    }

    fn thresholds(&self, axis: AxisName, cuts: &[f64]) -> Result<Thresholds, MapError> {
        let (found, levels) = (cuts.len(), self.levels);
        if !grid::LEVELS.contains(&levels) {
            return Err(MapError::Levels(levels));
        }
        match found {
            0 => Ok(Thresholds::equal_parts(levels)),
            _ if found + 1 == levels => Thresholds::new(axis, cuts.to_vec()),
            _ => Err(MapError::ThresholdCount { axis, found, needed: levels - 1 }),
        }
    }
}

/// One axis of a fitted map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FittedAxis {
    /// Where it is cut, 0-100.
    pub thresholds: Thresholds,
    /// How a value becomes a coordinate.
    pub scale: PercentileScale,
}

/// A map's scales and thresholds: what run.json keeps, so that another file can be scored alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MapAsRead")]
pub struct FittedMap {
    source: Source,
    attractiveness: FittedAxis,
    contact: FittedAxis,
}

/// A fitted map as read, not yet checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapAsRead {
    source: Source,
    attractiveness: AxisAsRead,
    contact: AxisAsRead,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AxisAsRead {
    thresholds: Vec<f64>,
    scale: PercentileScale,
}

impl AxisAsRead {
    fn check(self, axis: AxisName, levels: usize) -> Result<FittedAxis, MapError> {
        let settings = MapSettings { levels, ..MapSettings::default() };
        Ok(FittedAxis { thresholds: settings.thresholds(axis, &self.thresholds)?, scale: self.scale })
    }
}

impl TryFrom<MapAsRead> for FittedMap {
    type Error = MapError;

    fn try_from(read: MapAsRead) -> Result<Self, MapError> {
        let levels = read.attractiveness.thresholds.len() + 1;
        Ok(FittedMap {
            source: read.source,
            attractiveness: read.attractiveness.check(AxisName::Attractiveness, levels)?,
            contact: read.contact.check(AxisName::Contact, levels)?,
        })
    }
}

impl FittedMap {
    /// What attractiveness is made of; a frozen run must hand in the same.
    pub fn source(&self) -> Source {
        self.source
    }

    /// The axis of attractiveness.
    pub fn attractiveness(&self) -> &FittedAxis {
        &self.attractiveness
    }

    /// The axis of contact quality.
    pub fn contact(&self) -> &FittedAxis {
        &self.contact
    }

    /// Places every customer on the map.
    ///
    /// # Errors
    /// [`MapError::Length`] where the columns differ in length, [`MapError::Source`] where
    /// attractiveness is made of something else than in the fit.
    pub fn apply(&self, input: &MapInput<'_>) -> Result<CustomerMap, MapError> {
        input.check()?;
        if input.source != self.source {
            return Err(MapError::Source { fitted: self.source, given: input.source });
        }
        let attractiveness: Vec<Option<f64>> =
            input.attractiveness.par_iter().map(|value| self.attractiveness.scale.coordinate((*value)?)).collect();
        let contact_quality: Vec<f64> = input.intensity.par_iter().map(|&value| self.contact_quality(value)).collect();
        let cell = attractiveness.par_iter().zip(&contact_quality).map(|(&a, &c)| self.cell(a, c)).collect();
        Ok(self.describe(input, attractiveness, contact_quality, cell))
    }

    /// Percentile of intensity; exactly 0 without contact.
    fn contact_quality(&self, intensity: f64) -> f64 {
        let contacted = intensity > 0.0;
        self.contact.scale.coordinate(intensity).filter(|_| contacted).unwrap_or(0.0)
    }

    fn cell(&self, attractiveness: Option<f64>, contact: f64) -> Option<Cell> {
        let attractiveness = self.attractiveness.thresholds.level(attractiveness?);
        Some(Cell { attractiveness, contact: self.contact.thresholds.level(contact) })
    }

    fn describe(
        &self,
        input: &MapInput<'_>,
        attractiveness: Vec<Option<f64>>,
        contact_quality: Vec<f64>,
        cell: Vec<Option<Cell>>,
    ) -> CustomerMap {
        let levels = self.attractiveness.thresholds.levels();
        let sums = sum_cells(levels, &cell, input);
        let cells = cell_rows(levels, &sums, input);
        let totals = map_totals(&cells, &sums, input);
        CustomerMap { levels, attractiveness, contact_quality, cell, cells, totals }
    }
}

/// The map: columns of one length, a row a customer, with the cell table and the whole-map figures.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerMap {
    /// Levels of either axis.
    pub levels: usize,
    /// Attractiveness, 0-100.
    pub attractiveness: Vec<Option<f64>>,
    /// Contact quality, 0-100.
    pub contact_quality: Vec<f64>,
    /// The cell; `None` without attractiveness.
    pub cell: Vec<Option<Cell>>,
    /// Every cell, also the empty ones; attractiveness rising, then contact rising.
    pub cells: Vec<CellRow>,
    /// The map as a whole.
    pub totals: MapTotals,
}

impl CustomerMap {
    /// The name of a customer's cell, such as `high value, low contact`: the column `map_cell`.
    pub fn cell_name(&self, customer: usize) -> Option<&str> {
        self.cell[customer].map(|cell| self.cells[cell.index(self.levels)].name.as_str())
    }

    /// What a customer's cell says of its contact: the column `diagnosis`.
    pub fn diagnosis(&self, customer: usize) -> Option<Diagnosis> {
        self.cell[customer].map(Cell::diagnosis)
    }
}

/// A row of the cell table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellRow {
    /// Level of attractiveness: `low`, `medium`, `high` or `L1` to `Ln`.
    pub attractiveness: String,
    /// Level of contact quality, likewise.
    pub contact: String,
    /// `high value, low contact`.
    pub name: String,
    /// Whether contact fits attractiveness.
    pub diagnosis: Diagnosis,
    /// Customers in the cell.
    pub customers: u64,
    /// Their share of all customers on the map, 0-1.
    pub share: f64,
    /// Their revenue; `None` without amounts.
    pub revenue: Option<Money>,
    /// Their CLV; `None` without CLV.
    pub clv: Option<f64>,
}

/// The map as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapTotals {
    /// Customers in the base.
    pub customers: u64,
    /// Of these on the map.
    pub mapped: u64,
    /// Off the map, having no attractiveness.
    pub unmapped: u64,
    /// Without contact that counts, on the map or off it.
    pub without_contact: u64,
    /// Contact below attractiveness.
    pub under_served: u64,
    /// Contact on the level of attractiveness.
    pub aligned: u64,
    /// Contact above attractiveness.
    pub over_served: u64,
    /// CLV of the under-served as a share of the CLV on the map, 0-1 unless a CLV is negative; `None`
    /// where that CLV is absent or not positive.
    pub under_served_clv_share: Option<f64>,
}

/// What is summed up in a cell.
#[derive(Debug, Clone, Copy, Default)]
struct CellSum {
    customers: u64,
    revenue: Money,
    /// In fixed point like [`Money`], so that the sum does not depend on the order of the customers.
    clv: i128,
}

impl CellSum {
    fn add(&mut self, input: &MapInput<'_>, customer: usize) {
        self.customers += 1;
        self.revenue += input.revenue.map_or(Money(0), |revenue| revenue[customer]);
        self.clv += input.clv.and_then(|clv| clv[customer]).map_or(0, clv_units);
    }
}

/// A CLV in 1/10,000 of the currency unit, bounded so that no base can overflow the sum.
fn clv_units(clv: f64) -> i128 {
    const BOUND: f64 = 1e24;
    (clv * Money::SCALE as f64).round().clamp(-BOUND, BOUND) as i128
}

fn clv_of_units(units: i128) -> f64 {
    units as f64 / Money::SCALE as f64
}

fn sum_cells(levels: usize, cell: &[Option<Cell>], input: &MapInput<'_>) -> Vec<CellSum> {
    let mut sums = vec![CellSum::default(); levels * levels];
    let mapped = cell.iter().enumerate().filter_map(|(customer, cell)| Some((customer, (*cell)?)));
    mapped.for_each(|(customer, cell)| sums[cell.index(levels)].add(input, customer));
    sums
}

fn cell_rows(levels: usize, sums: &[CellSum], input: &MapInput<'_>) -> Vec<CellRow> {
    let mapped = sums.iter().map(|sum| sum.customers).sum();
    let row = |(cell, sum): (Cell, &CellSum)| CellRow {
        attractiveness: level_name(cell.attractiveness, levels),
        contact: level_name(cell.contact, levels),
        name: cell.name(levels),
        diagnosis: cell.diagnosis(),
        customers: sum.customers,
        share: share(sum.customers, mapped),
        revenue: input.revenue.map(|_| sum.revenue),
        clv: input.clv.map(|_| clv_of_units(sum.clv)),
    };
    Cell::all(levels).zip(sums).map(row).collect()
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn map_totals(cells: &[CellRow], sums: &[CellSum], input: &MapInput<'_>) -> MapTotals {
    let customers = input.attractiveness.len() as u64;
    let count =
        |of: Diagnosis| cells.iter().filter(|cell| cell.diagnosis == of).map(|cell| cell.customers).sum::<u64>();
    let mapped = cells.iter().map(|cell| cell.customers).sum();
    MapTotals {
        customers,
        mapped,
        unmapped: customers - mapped,
        without_contact: input.intensity.iter().filter(|&&intensity| intensity <= 0.0).count() as u64,
        under_served: count(Diagnosis::UnderServed),
        aligned: count(Diagnosis::Aligned),
        over_served: count(Diagnosis::OverServed),
        under_served_clv_share: under_served_clv_share(cells, sums),
    }
}

fn under_served_clv_share(cells: &[CellRow], sums: &[CellSum]) -> Option<f64> {
    let all: i128 = sums.iter().map(|sum| sum.clv).sum();
    let under_served = cells.iter().zip(sums).filter(|(cell, _)| cell.diagnosis == Diagnosis::UnderServed);
    let part: i128 = under_served.map(|(_, sum)| sum.clv).sum();
    (all > 0).then(|| clv_of_units(part) / clv_of_units(all))
}
