//! What a map cannot be drawn of.

use std::fmt;

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
    /// A tolerance off the axis.
    #[error("map.tolerance = {0} must be from 0 to 100 points; 30 is usual")]
    Tolerance(f64),
    /// A column that is not one row a customer.
    #[error("column {column} has {found} rows for {customers} customers")]
    Length {
        /// The column.
        column: String,
        /// Its rows.
        found: usize,
        /// Customers of the base.
        customers: usize,
    },
    /// A weight or target of a criterion that there is not.
    #[error("there is no criterion '{name}'; there are: {known}")]
    Criterion {
        /// As typed.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A weight that is none.
    #[error("the weight {weight} of {name} must be a number of 0 or more")]
    Weight {
        /// The criterion.
        name: String,
        /// As typed.
        weight: f64,
    },
    /// Nothing counts.
    #[error("every weight is 0; at least one criterion must count")]
    NoWeight,
    /// A target that is no scale.
    #[error("a target of [{worst}, {best}] must be two different numbers, the worst value and the best")]
    Target {
        /// The worst value.
        worst: f64,
        /// The best value.
        best: f64,
    },
    /// One name for two criteria.
    #[error("there are two criteria called '{0}'; rename one, such as the column in the customers table")]
    Twice(String),
    /// Windows of growth that are none.
    #[error("attractiveness.growth_days = {0} must be from 1 to 36525")]
    GrowthDays(u32),
    /// A cost that is none.
    #[error("attractiveness.cost_per_order = {0} must be an amount of 0 or more")]
    CostPerOrder(f64),
    /// A fitted criterion without its column.
    #[error("the map was fitted with the criterion '{0}' and is not given it; score with the columns of the fit")]
    NoColumn(String),
    /// A percentile scale that does not rise.
    #[error("the knots of a percentile scale must rise in value and percent; run.json has been changed by hand")]
    Knots,
    /// Weights that are no shares of one score.
    #[error("the weights of a fitted index must be above 0 and add up to 1; run.json has been changed by hand")]
    FrozenWeights,
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
