//! What the report reads of `run.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use clivia_core::clusters::ClusterModel;
use clivia_io::settings::Settings;
use clivia_core::contacts::timing::{Claim, Sequence};
use clivia_core::intervals::Forecast;
use clivia_core::map::{Idea, MapTotals, WhaleCurve};
use clivia_core::models::FitReport;
use clivia_io::orders::{MoneyCounts, RowCounts};
use clivia_core::base::{Day, Money, TimeUnit};

/// The record of a run, as far as a report shows it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Record {
    pub(super) version: String,
    pub(super) settings: Settings,
    pub(super) as_of: Day,
    pub(super) time_unit: TimeUnit,
    pub(super) mapping: Option<BTreeMap<String, Option<String>>>,
    pub(super) rows: RowCounts,
    pub(super) money: MoneyCounts,
    pub(super) refused: BTreeMap<String, BTreeMap<String, u64>>,
    pub(super) zero_amounts: u64,
    pub(super) returns: Returns,
    pub(super) customers: Customers,
    pub(super) contacts: Option<Contacts>,
    pub(super) attributes: Option<RowCounts>,
    pub(super) purchases: Model,
    pub(super) spend: Model,
    pub(super) choice: Option<Choice>,
    pub(super) forecast: Option<Forecast>,
    pub(super) clusters: ClusterModel,
    pub(super) profit: Option<Profit>,
    pub(super) map: Option<Map>,
    pub(super) timing: Option<Timing>,
    pub(super) warnings: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Returns {
    pub(super) rows: u64,
    pub(super) orders_undone: u64,
    pub(super) unmatched: Money,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Customers {
    pub(super) scored: u64,
    pub(super) without_purchase: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Contacts {
    pub(super) mapping: Option<BTreeMap<String, Value>>,
    pub(super) rows: RowCounts,
}

/// A model that was fitted, or why there is none.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Model {
    Missing { model: String, reason: String },
    Fitted(Box<FitReport>),
}

impl Model {
    pub(super) fn fitted(&self) -> Option<&FitReport> {
        match self {
            Model::Fitted(report) => Some(report),
            Model::Missing { .. } => None,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Choice {
    pub(super) best: Option<String>,
    pub(super) holdout_end: Day,
    pub(super) calibration_end: Day,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Profit {
    pub(super) costs_known: bool,
    #[serde(flatten)]
    pub(super) whale: WhaleCurve,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Map {
    pub(super) totals: MapTotals,
    pub(super) idea: Idea,
}

/// Purchases after contacts; what is not finite is not in the record.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Timing {
    pub(super) customers: u64,
    pub(super) purchases: u64,
    pub(super) rows: Vec<TimingRow>,
    pub(super) any: Vec<TimingRow>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct TimingRow {
    pub(super) kind: String,
    pub(super) direction: Sequence,
    pub(super) lag_from_days: f64,
    pub(super) lag_to_days: f64,
    pub(super) contacts: u64,
    pub(super) events: u64,
    pub(super) expected: Option<f64>,
    pub(super) rate_ratio: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) p_adjusted: Option<f64>,
    pub(super) claim: Claim,
}
