//! run.json: what was run, on what, with which result; enough to score another file the same way.

use std::collections::BTreeMap;

use serde::Serialize;

use clivia_core::clusters::ClusterModel;
use clivia_io::settings::Settings;
use clivia_core::contacts::quality::FittedQuality;
use clivia_core::contacts::timing::Timing;
use clivia_core::intervals::Forecast;
use clivia_core::ledger::ReturnsSettled;
use clivia_core::map::{FittedMap, Idea, MapTotals};
use clivia_core::models::spend::dependence::SpendDependence;
use crate::pipeline::{Model, ModelsCompared, Oddities, ProfitSoFar, Scored};
use clivia_core::rfm::RfmScale;
use clivia_io::contacts::ContactMapping;
use clivia_io::orders::{Mapping, MoneyCounts, Replaced, RowCounts};
use clivia_io::rejects::RefusedCounts;
use clivia_core::base::{Day, TimeUnit};

/// The run, as it is written.
#[derive(Debug, Serialize)]
pub struct Run<'a> {
    /// Version of this program.
    pub version: &'static str,
    /// Settings as resolved.
    pub settings: &'a Settings,
    /// The last day that counts.
    pub as_of: Day,
    /// The unit of ages.
    pub time_unit: TimeUnit,
    /// Which columns of the orders were used.
    pub mapping: Option<&'a Mapping>,
    /// Order rows.
    pub rows: RowCounts,
    /// Their money.
    pub money: MoneyCounts,
    /// Rows of orders that were replaced or cancelled later, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Replaced>,
    /// Refused rows, by table and rule.
    pub refused: &'a RefusedCounts,
    /// Order rows with an amount of zero that were used.
    pub zero_amounts: u64,
    /// What returns did.
    pub returns: Returns,
    /// Customers.
    pub customers: Customers,
    /// The contact log.
    pub contacts: Option<Contacts<'a>>,
    /// The customers table.
    pub attributes: Option<RowCounts>,
    /// The purchase model.
    pub purchases: &'a Model,
    /// The spend model.
    pub spend: &'a Model,
    /// How the purchase model was chosen, where that was left to the data.
    pub choice: Option<&'a ModelsCompared>,
    /// Whether spend depends on frequency.
    pub spend_dependence: Option<&'a SpendDependence>,
    /// Purchases and value of all customers together, with their intervals.
    pub forecast: Option<&'a Forecast>,
    /// RFM cut points and rules.
    pub rfm: &'a RfmScale,
    /// Cluster centroids.
    pub clusters: &'a ClusterModel,
    /// Profit so far: the whale curve.
    pub profit: Option<&'a ProfitSoFar>,
    /// The map's scales, thresholds and totals.
    pub map: Option<Map<'a>>,
    /// Whether contacts precede purchases.
    pub timing: Option<&'a Timing>,
    /// What a reader of the results should know.
    pub warnings: &'a [String],
    /// Seconds by stage: the only part that differs between equal runs.
    pub timings: BTreeMap<String, f64>,
}

/// What returns did.
#[derive(Debug, Serialize)]
pub struct Returns {
    /// Rows with a negative amount that were used.
    pub rows: u64,
    /// What they did to orders.
    #[serde(flatten)]
    pub settled: ReturnsSettled,
}

/// How many customers there are.
#[derive(Debug, Serialize)]
pub struct Customers {
    /// With a purchase.
    pub scored: usize,
    /// With nothing but orders that were undone.
    pub without_purchase: usize,
}

/// The contact log.
#[derive(Debug, Serialize)]
pub struct Contacts<'a> {
    /// Which columns were used.
    pub mapping: Option<&'a ContactMapping>,
    /// Rows.
    pub rows: RowCounts,
}

/// The map.
#[derive(Debug, Serialize)]
pub struct Map<'a> {
    /// How contacts count.
    pub contacts: &'a FittedQuality,
    /// Scales and thresholds.
    pub scale: &'a FittedMap,
    /// Counts over the whole map.
    pub totals: &'a MapTotals,
    /// Whether contact follows value.
    pub idea: &'a Idea,
    /// What is odd about the log, though allowed.
    pub oddities: Oddities,
}

impl<'a> Run<'a> {
    /// The record of a run.
    pub fn new(scored: &'a Scored) -> Self {
        let seconds = scored.timings.iter();
        Run {
            version: env!("CARGO_PKG_VERSION"),
            settings: &scored.settings,
            as_of: scored.summary.as_of,
            time_unit: scored.summary.unit,
            mapping: scored.orders.mapping.as_ref(),
            rows: scored.orders.rows,
            money: scored.orders.money,
            replaced: Some(scored.orders.replaced).filter(|replaced| replaced.rows > 0),
            refused: &scored.refused,
            zero_amounts: scored.orders.zero_amounts,
            returns: Returns { rows: scored.orders.returns, settled: scored.returns },
            customers: Customers { scored: scored.summary.len(), without_purchase: scored.without_purchase.ids.len() },
            contacts: scored.contacts.as_ref().map(|read| Contacts { mapping: read.mapping.as_ref(), rows: read.rows }),
            attributes: scored.attributes.as_ref().map(|attributes| attributes.rows),
            purchases: &scored.purchases,
            spend: &scored.spend,
            choice: scored.choice.as_ref(),
            spend_dependence: scored.dependence.as_ref(),
            forecast: scored.intervals.as_ref().map(|found| &found.forecast),
            rfm: &scored.rfm_scale,
            clusters: &scored.cluster_model,
            profit: scored.profit.as_ref(),
            map: scored.map.as_ref().map(|mapped| Map {
                contacts: &mapped.quality,
                scale: &mapped.fitted,
                totals: &mapped.map.totals,
                idea: &mapped.idea,
                oddities: mapped.oddities,
            }),
            timing: scored.map.as_ref().map(|mapped| &mapped.timing),
            warnings: &scored.warnings,
            timings: seconds.map(|(stage, seconds)| (stage.replace(' ', "_"), *seconds)).collect(),
        }
    }
}
