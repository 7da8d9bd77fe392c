//! The purchase model against what customers did next.

use serde::{Deserialize, Serialize};

use crate::base::{Day, TimeUnit};
use crate::validation::{ByFrequency, Contested, RepeatCount, TrackedPeriod};

/// A model fitted to the calibration alone, held against the holdout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldoutFigure {
    /// The model.
    pub model: String,
    /// The last day of the calibration.
    pub calibration_end: Day,
    /// The last day of the holdout.
    pub holdout_end: Day,
    /// What a period of the tracking is.
    pub time_unit: TimeUnit,
    /// Customers of the calibration.
    pub customers: u64,
    /// Purchases that the model expected in the holdout.
    pub expected: f64,
    /// Purchases made in it.
    pub actual: f64,
    /// By how much too many were expected, in percent of those made.
    pub bias_percent: Option<f64>,
    /// Repeat purchases of the whole base, period by period.
    pub tracking: Vec<TrackedPeriod>,
    /// Purchases in the holdout by frequency in the calibration.
    pub by_frequency: Vec<ByFrequency>,
    /// Customers by repeat purchases in the calibration.
    pub repeat_counts: Vec<RepeatCount>,
}

impl HoldoutFigure {
    /// What a contest says of one model; `None` where it could not be fitted to the calibration.
    pub(crate) fn of(contested: &Contested, model: &str) -> Option<Self> {
        let found = contested.validation.assessments.iter().find(|one| one.name == model)?;
        Some(HoldoutFigure {
            model: model.into(),
            calibration_end: contested.calibration_end,
            holdout_end: contested.holdout_end,
            time_unit: contested.time_unit,
            customers: contested.validation.customers as u64,
            expected: found.accuracy.expected,
            actual: found.accuracy.actual,
            bias_percent: found.accuracy.bias_percent,
            tracking: found.tracking.clone(),
            by_frequency: found.by_frequency.clone(),
            repeat_counts: found.repeat_counts.clone(),
        })
    }
}
