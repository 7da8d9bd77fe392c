//! `run.json`: what was run, on what, with which result; enough to score another base alike, and all that a report says.
//!
//! It is one type, written and read. Numbers that are not finite are written as `null` and read back as NaN.

use std::collections::BTreeMap;

use clivia_core::base::{Day, TimeUnit};
use clivia_core::clusters::ClusterModel;
use clivia_core::contacts::quality::FittedQuality;
use clivia_core::contacts::timing::Timing;
use clivia_core::intervals::Forecast;
use clivia_core::ledger::ReturnsSettled;
use clivia_core::map::{FittedMap, Idea, MapTotals};
use clivia_core::models::spend::dependence::SpendDependence;
use clivia_core::notes;
use clivia_core::notes::Note;
use clivia_core::rfm::RfmScale;
use clivia_core::score::{FittedBase, FittedContact, Model, ModelsCompared, Oddities, ProfitSoFar};
use clivia_io::contacts::ContactMapping;
use clivia_io::orders::{Mapping, MoneyCounts, Replaced, RowCounts};
use clivia_io::settings::Settings;
use serde::{Deserialize, Serialize};

/// The record of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The version of this schema: [`SCHEMA`](clivia_core::table::SCHEMA).
    #[serde(default = "first_schema")]
    pub schema: u32,
    /// The version of the program.
    pub version: String,
    /// Settings as they were given.
    pub settings: Settings,
    /// The share of spend that counts as profit: that of the settings, or the one that the orders show.
    #[serde(default)]
    pub margin: Option<f64>,
    /// The last day that counts.
    pub as_of: Day,
    /// The unit of ages.
    pub time_unit: TimeUnit,
    /// Which columns of the orders were used.
    pub mapping: Option<Mapping>,
    /// Order rows.
    pub rows: RowCounts,
    /// Their money.
    pub money: MoneyCounts,
    /// Rows of orders that were replaced or cancelled later, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Replaced>,
    /// Refused rows, by table and rule.
    pub refused: BTreeMap<String, BTreeMap<String, u64>>,
    /// Order rows with an amount of zero that were used.
    pub zero_amounts: u64,
    /// What returns did.
    pub returns: Returns,
    /// Customers.
    pub customers: Customers,
    /// The contact log.
    pub contacts: Option<Contacts>,
    /// The customers table.
    pub attributes: Option<RowCounts>,
    /// The purchase model.
    pub purchases: Model,
    /// The spend model.
    pub spend: Model,
    /// How the purchase model was chosen, where that was left to the data.
    #[serde(default)]
    pub choice: Option<ModelsCompared>,
    /// Whether spend depends on frequency.
    #[serde(default)]
    pub spend_dependence: Option<SpendDependence>,
    /// Purchases and value of all customers together, with their prediction intervals.
    pub forecast: Option<Forecast>,
    /// RFM cut points and rules.
    pub rfm: RfmScale,
    /// Cluster centroids.
    pub clusters: ClusterModel,
    /// Profit so far: the whale curve.
    pub profit: Option<ProfitSoFar>,
    /// The map's scales, thresholds and totals.
    pub map: Option<MapRecord>,
    /// Whether contacts precede purchases.
    pub timing: Option<Timing>,
    /// What a reader of the results should know, the most important first; 0.1.0 wrote `warnings`, plain sentences.
    #[serde(default, alias = "warnings", deserialize_with = "notes::read")]
    pub notes: Vec<Note>,
    /// Seconds by stage: the only part that differs between equal runs.
    pub timings: BTreeMap<String, f64>,
}

/// What returns did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Returns {
    /// Rows with a negative amount that were used.
    pub rows: u64,
    /// What they did to orders.
    #[serde(flatten)]
    pub settled: ReturnsSettled,
}

/// How many customers there are.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Customers {
    /// With a purchase.
    pub scored: u64,
    /// All of whose orders were returned.
    pub without_purchase: u64,
}

/// The contact log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Contacts {
    /// Which columns were used.
    pub mapping: Option<ContactMapping>,
    /// Rows.
    pub rows: RowCounts,
}

/// The map.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MapRecord {
    /// How contacts count.
    pub contacts: FittedQuality,
    /// Scales and thresholds.
    pub scale: FittedMap,
    /// Counts over the whole map.
    pub totals: MapTotals,
    /// Whether contact follows attractiveness.
    pub idea: Idea,
    /// What is odd about the log, though allowed.
    #[serde(default)]
    pub oddities: Oddities,
}

fn first_schema() -> u32 {
    1
}

impl Record {
    /// The settings that decided results: the margin is the one that was observed, where that was asked for.
    pub fn settled(&self) -> Settings {
        let mut settings = self.settings.clone();
        settings.value.margin = self.margin.unwrap_or(settings.value.margin);
        settings
    }

    /// What was learned in the run.
    pub fn fitted(&self) -> FittedBase {
        FittedBase {
            version: FittedBase::VERSION,
            settings: self.settled().score(),
            purchases: self.purchases.clone(),
            spend: self.spend.clone(),
            choice: self.choice.clone(),
            spend_dependence: self.spend_dependence.clone(),
            rfm: self.rfm.clone(),
            clusters: self.clusters.clone(),
            map: self
                .map
                .as_ref()
                .map(|map| FittedContact { contacts: map.contacts.clone(), scale: map.scale.clone() }),
        }
    }
}
