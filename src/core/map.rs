//! The map: what customers are worth against how they are contacted.
//!
//! A customer portfolio in the manner of Fiocca (1982), "Account portfolio analysis for strategy development",
//! Industrial Marketing Management 11(1), 53-62, and Yorke and Droussiotis (1994), "The use of customer portfolio
//! theory: an empirical survey", Journal of Business & Industrial Marketing 9(3), 6-18: two scores per customer, a grid
//! of levels, a reading. The scores are weighted sums of criteria, as in the multi-factor portfolio that General
//! Electric and McKinsey made for business units around 1970; here every criterion counts by its percentile in the
//! base, so that nobody gives marks by hand.
//!
//! - **attractiveness**, 0-100: value ahead, profit so far, growth, the chance of still being a customer, and what else
//!   is known ([`AttractivenessSettings`]);
//! - **contact quality**, 0-100: how much, how well and how well timed the contact is; exactly 0 without contact.
//!
//! Each is an index ([`FittedIndex`]): a weighted mean whose contributions add up to the score exactly. A customer's
//! *position* on an axis is the percentile of its score in the base (`by = "quantile"`), so that both axes are in the
//! same unit, or the score itself (`by = "value"`). Positions are cut into levels, which makes the cells. The
//! *diagnosis* does not ask for the cell but for the distance from the diagonal, contact position minus attractiveness
//! position: below minus the tolerance the customer is *under-served*, above the tolerance *over-served*, else
//! *aligned*.
//!
//! The module is handed columns and knows nothing of how they came about. [`concentration`] and [`idea`] say what the
//! map amounts to.

pub mod attractiveness;
mod cells;
pub mod concentration;
mod error;
pub mod grid;
pub mod idea;
pub mod index;
pub mod percentile;
mod scorer;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use attractiveness::{AttractivenessSettings, Source, SpendWindows, growth};
pub use cells::{CellRow, MapTotals};
pub use concentration::{Concentration, CurvePoint, ProfitPoint, WhaleCurve};
pub use error::{AxisName, MapError};
pub use grid::{Cell, Diagnosis, Thresholds, level_name};
pub use idea::{Idea, RankCorrelation, Verdict};
pub use index::{Column, FittedCriterion, FittedIndex, IndexSettings, Scale, Target};
pub use percentile::{Knot, PercentileScale};
pub use scorer::Scorer;

use crate::base::Money;

/// What a position on an axis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Positions {
    /// The percentile of the score in the base: levels hold shares of the customers.
    #[default]
    Quantile,
    /// The score itself: levels are fixed marks.
    Value,
}

/// How the map is cut: a table of clivia.toml.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MapSettings {
    /// Levels of either axis, 2-10. Three are named low, medium and high.
    pub levels: usize,
    /// What the thresholds cut: `quantile`, the percentile of the score in the base, or `value`, the score itself.
    pub by: Positions,
    /// Thresholds on attractiveness, 0-100, one fewer than levels; empty = equal parts.
    pub attractiveness_thresholds: Vec<f64>,
    /// Thresholds on contact quality, 0-100, one fewer than levels; empty = equal parts.
    pub contact_thresholds: Vec<f64>,
    /// How far contact may stand from attractiveness and still be aligned, 0-100 points.
    pub tolerance: f64,
}

impl Default for MapSettings {
    fn default() -> Self {
        MapSettings {
            levels: 3,
            by: Positions::Quantile,
            attractiveness_thresholds: Vec::new(),
            contact_thresholds: Vec::new(),
            tolerance: 30.0,
        }
    }
}

/// The columns that a map is drawn from, a row a customer.
#[derive(Debug, Clone, Copy)]
pub struct MapInput<'a> {
    /// Criteria of attractiveness; a customer without any is not on the map.
    pub attractiveness: &'a [Column<'a>],
    /// Criteria of contact quality.
    pub contact: &'a [Column<'a>],
    /// Whether there was any contact; without, contact quality is exactly 0.
    pub contacted: &'a [bool],
    /// Revenue, for the cell table.
    pub revenue: Option<&'a [Money]>,
    /// CLV in currency units, NaN = absent, for the cell table and totals.
    pub clv: Option<&'a [f64]>,
    /// What the contacts cost, likewise.
    pub contact_cost: Option<&'a [Money]>,
    /// Profit so far, for the cell table.
    pub profit: Option<&'a [Money]>,
}

impl MapInput<'_> {
    fn check(&self) -> Result<(), MapError> {
        let customers = self.contacted.len();
        let money = [("revenue", self.revenue), ("contact_cost", self.contact_cost), ("profit", self.profit)];
        let money = money.into_iter().filter_map(|(name, column)| Some((name, column?.len())));
        let clv = self.clv.map(|column| ("clv", column.len()));
        let criteria = self.attractiveness.iter().chain(self.contact).map(|column| (column.name, column.values.len()));
        let criteria = criteria.filter(|(_, rows)| *rows > 0);
        let wrong = money.chain(clv).chain(criteria).find(|(_, rows)| *rows != customers);
        wrong.map_or(Ok(()), |(name, found)| Err(MapError::Length { column: name.to_string(), found, customers }))
    }
}

impl MapSettings {
    /// Checks what no type can.
    ///
    /// # Errors
    /// [`MapError`] naming the setting.
    pub fn check(&self) -> Result<(), MapError> {
        self.thresholds(AxisName::Attractiveness, &self.attractiveness_thresholds)?;
        self.thresholds(AxisName::Contact, &self.contact_thresholds)?;
        if (0.0..=100.0).contains(&self.tolerance) { Ok(()) } else { Err(MapError::Tolerance(self.tolerance)) }
    }

    /// Learns both axes from a base: how criteria become points, how scores become positions, where they are cut.
    ///
    /// # Errors
    /// [`MapError`] where settings, weights or targets have no meaning or the columns differ in length.
    ///
    /// ```
    /// use clivia_core::map::{Column, IndexSettings, MapInput, MapSettings};
    ///
    /// let only = |name: &str| IndexSettings { weights: [(name.to_string(), 1.0)].into(), ..Default::default() };
    /// let input = MapInput {
    ///     attractiveness: &[Column { name: "clv", values: &[900.0, 50.0, 300.0], less_is_better: false }],
    ///     contact: &[Column { name: "intensity", values: &[0.0, 4.0, 1.5], less_is_better: false }],
    ///     contacted: &[false, true, true],
    ///     revenue: None,
    ///     clv: None,
    ///     contact_cost: None,
    ///     profit: None,
    /// };
    /// let map = MapSettings::default().fit(&only("clv"), &only("intensity"), &input)?.apply(&input)?;
    /// assert_eq!(map.cell_name(0), Some("high value, low contact"));
    /// assert_eq!((map.totals.under_served, map.totals.aligned, map.totals.over_served), (1, 1, 1));
    /// # Ok::<(), clivia_core::map::MapError>(())
    /// ```
    pub fn fit(
        &self,
        attractiveness: &IndexSettings,
        contact: &IndexSettings,
        input: &MapInput<'_>,
    ) -> Result<FittedMap, MapError> {
        self.fit_scores(attractiveness, contact, input).map(|(fitted, _)| fitted)
    }

    /// [`MapSettings::fit`] and [`FittedMap::apply`] to the same base, scoring it only once.
    ///
    /// # Errors
    /// [`MapError`] as for [`MapSettings::fit`].
    pub fn draw(
        &self,
        attractiveness: &IndexSettings,
        contact: &IndexSettings,
        input: &MapInput<'_>,
    ) -> Result<(FittedMap, CustomerMap), MapError> {
        let (fitted, scores) = self.fit_scores(attractiveness, contact, input)?;
        let map = fitted.place(scores, input);
        Ok((fitted, map))
    }

    fn fit_scores(
        &self,
        attractiveness: &IndexSettings,
        contact: &IndexSettings,
        input: &MapInput<'_>,
    ) -> Result<(FittedMap, [Vec<f64>; 2]), MapError> {
        self.check()?;
        input.check()?;
        let indices =
            [FittedIndex::fit(attractiveness, input.attractiveness)?, FittedIndex::fit(contact, input.contact)?];
        let scores = scorers([&indices[0], &indices[1]], input)?.map(|scorer| scorer.scores(input.contacted.len()));
        let [attractiveness, contact] = indices;
        let fitted = FittedMap {
            attractiveness: self.axis(AxisName::Attractiveness, attractiveness, &scores[0])?,
            contact: self.axis(AxisName::Contact, contact, &scores[1])?,
            tolerance: self.tolerance,
        };
        Ok((fitted, scores))
    }

    fn axis(&self, name: AxisName, index: FittedIndex, scores: &[f64]) -> Result<FittedAxis, MapError> {
        let cuts = match name {
            AxisName::Attractiveness => &self.attractiveness_thresholds,
            AxisName::Contact => &self.contact_thresholds,
        };
        let percentiles = (self.by == Positions::Quantile).then(|| PercentileScale::fit(scores));
        Ok(FittedAxis { index, percentiles, thresholds: self.thresholds(name, cuts)? })
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
    index: FittedIndex,
    percentiles: Option<PercentileScale>,
    thresholds: Thresholds,
}

impl FittedAxis {
    /// How criteria become a score.
    pub fn index(&self) -> &FittedIndex {
        &self.index
    }

    /// Where the axis is cut, 0-100.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// Where a score stands on the axis, 0-100: its percentile among the scores of the base, or the score itself. NaN
    /// for NaN.
    pub fn position(&self, score: f64) -> f64 {
        self.percentiles.as_ref().map_or(score, |scale| scale.coordinate(score).unwrap_or(f64::NAN))
    }
}

/// A map's scales and thresholds: what run.json keeps, so that another file is scored alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MapAsRead")]
pub struct FittedMap {
    attractiveness: FittedAxis,
    contact: FittedAxis,
    tolerance: f64,
}

/// A fitted map as read, not yet checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapAsRead {
    attractiveness: AxisAsRead,
    contact: AxisAsRead,
    tolerance: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AxisAsRead {
    index: FittedIndex,
    percentiles: Option<PercentileScale>,
    thresholds: Vec<f64>,
}

impl AxisAsRead {
    fn check(self, axis: AxisName, levels: usize) -> Result<FittedAxis, MapError> {
        let settings = MapSettings { levels, ..MapSettings::default() };
        let thresholds = settings.thresholds(axis, &self.thresholds)?;
        Ok(FittedAxis { index: self.index, percentiles: self.percentiles, thresholds })
    }
}

impl TryFrom<MapAsRead> for FittedMap {
    type Error = MapError;

    fn try_from(read: MapAsRead) -> Result<Self, MapError> {
        let levels = read.attractiveness.thresholds.len() + 1;
        MapSettings { levels, tolerance: read.tolerance, ..MapSettings::default() }.check()?;
        Ok(FittedMap {
            attractiveness: read.attractiveness.check(AxisName::Attractiveness, levels)?,
            contact: read.contact.check(AxisName::Contact, levels)?,
            tolerance: read.tolerance,
        })
    }
}

impl FittedMap {
    /// The axis of attractiveness.
    pub fn attractiveness(&self) -> &FittedAxis {
        &self.attractiveness
    }

    /// The axis of contact quality.
    pub fn contact(&self) -> &FittedAxis {
        &self.contact
    }

    /// How far contact may stand from attractiveness and still be aligned, 0-100 points.
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// The figure that stands for value, which another base must be scored by too; `None` where it has no weight.
    pub fn source(&self) -> Option<Source> {
        Source::of(&self.attractiveness.index)
    }

    /// Scores attractiveness and contact quality customer by customer, with what each criterion contributes.
    ///
    /// # Errors
    /// [`MapError`] where the columns differ in length or a criterion of the fit has none.
    pub fn scorers<'a>(&'a self, input: &MapInput<'a>) -> Result<[Scorer<'a>; 2], MapError> {
        input.check()?;
        scorers([&self.attractiveness.index, &self.contact.index], input)
    }

    /// Places every customer on the map.
    ///
    /// # Errors
    /// [`MapError`] as for [`FittedMap::scorers`].
    pub fn apply(&self, input: &MapInput<'_>) -> Result<CustomerMap, MapError> {
        let scores = self.scorers(input)?.map(|scorer| scorer.scores(input.contacted.len()));
        Ok(self.place(scores, input))
    }

    fn place(&self, scores: [Vec<f64>; 2], input: &MapInput<'_>) -> CustomerMap {
        let [attractiveness, contact_quality] = scores;
        let worth: Vec<f64> = attractiveness.par_iter().map(|&score| self.attractiveness.position(score)).collect();
        let treated = contact_quality.par_iter().zip(input.contacted);
        let treated = treated.map(|(&score, &contacted)| if contacted { self.contact.position(score) } else { 0.0 });
        let treated: Vec<f64> = treated.collect();
        let cell = worth.par_iter().zip(&treated).map(|(&worth, &treated)| self.cell(worth, treated)).collect();
        let mut map = CustomerMap {
            levels: self.attractiveness.thresholds.levels(),
            tolerance: self.tolerance,
            attractiveness,
            contact_quality,
            attractiveness_position: worth,
            contact_position: treated,
            cell,
            ..CustomerMap::default()
        };
        cells::describe(&mut map, input);
        map
    }

    fn cell(&self, worth: f64, treated: f64) -> Option<Cell> {
        let attractiveness = self.attractiveness.thresholds.level(worth);
        let contact = self.contact.thresholds.level(treated);
        (!worth.is_nan() && !treated.is_nan()).then_some(Cell { attractiveness, contact })
    }
}

/// Attractiveness and contact quality over the columns of a base.
fn scorers<'a>(indices: [&'a FittedIndex; 2], input: &MapInput<'a>) -> Result<[Scorer<'a>; 2], MapError> {
    let [attractiveness, contact] = indices;
    let contact = contact.scorer(input.contact)?.of_contacted(input.contacted);
    Ok([attractiveness.scorer(input.attractiveness)?, contact])
}

/// The map: columns of one length, a row a customer, with the cell table and the whole-map figures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CustomerMap {
    /// Levels of either axis.
    pub levels: usize,
    /// How far contact may stand from attractiveness and still be aligned.
    pub tolerance: f64,
    /// The score of attractiveness, 0-100; NaN = absent.
    pub attractiveness: Vec<f64>,
    /// The score of contact quality, 0-100, exactly 0 without contact; NaN where there was contact but none of the
    /// criteria is known.
    pub contact_quality: Vec<f64>,
    /// Where attractiveness stands on its axis, 0-100; NaN = absent.
    pub attractiveness_position: Vec<f64>,
    /// Where contact quality stands on its axis, 0-100, exactly 0 without contact; NaN likewise.
    pub contact_position: Vec<f64>,
    /// The cell; `None` where either position is absent.
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

    /// How far contact stands above attractiveness, -100 to 100 points, below 0 where it stands below; `None` off the
    /// map.
    pub fn distance(&self, customer: usize) -> Option<f64> {
        self.cell[customer].map(|_| self.contact_position[customer] - self.attractiveness_position[customer])
    }

    /// Whether contact fits attractiveness: the column `diagnosis`; `None` off the map.
    pub fn diagnosis(&self, customer: usize) -> Option<Diagnosis> {
        self.distance(customer).map(|distance| Diagnosis::of(distance, self.tolerance))
    }
}
