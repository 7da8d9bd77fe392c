//! A finished run as a yardstick: another file scored with its parameters, thresholds and centroids.

use std::path::Path;

use serde::Deserialize;

use clivia_core::clusters::ClusterModel;
use clivia_io::settings::Settings;
use clivia_core::contacts::quality::FittedQuality;
use crate::error::Error;
use clivia_core::map::FittedMap;
use clivia_core::models::FitReport;
use clivia_core::models::spend::dependence::SpendDependence;
use crate::pipeline::ModelsCompared;
use clivia_core::rfm::RfmScale;
use clivia_core::base::Day;

/// What of a run.json is needed to score alike.
#[derive(Debug, Deserialize)]
pub struct Frozen {
    /// The run's settings, its as-of date left out: another file has its own.
    pub settings: Settings,
    /// The run's as-of date.
    pub as_of: Day,
    /// The purchase model; `None` where the run had none.
    #[serde(deserialize_with = "fitted_only")]
    pub purchases: Option<FitReport>,
    /// The spend model; `None` where the run had none.
    #[serde(deserialize_with = "fitted_only")]
    pub spend: Option<FitReport>,
    /// How the purchase model was chosen, where that was left to the data.
    #[serde(default)]
    pub choice: Option<ModelsCompared>,
    /// Whether spend depended on frequency.
    #[serde(default)]
    pub spend_dependence: Option<SpendDependence>,
    /// RFM cut points and rules.
    pub rfm: RfmScale,
    /// Cluster centroids.
    pub clusters: ClusterModel,
    /// The map's scales; `None` where the run had no contacts.
    map: Option<FrozenMap>,
    #[serde(skip)]
    file: String,
}

/// What of a run's map is needed to draw another alike.
#[derive(Debug, Deserialize)]
pub struct FrozenMap {
    /// How contacts count.
    pub contacts: FittedQuality,
    /// Scales and thresholds.
    pub scale: FittedMap,
}

impl Frozen {
    /// Reads a run.json.
    ///
    /// # Errors
    /// [`Error::Frozen`] where it is not one, or has been changed into one that means nothing.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file = path.display().to_string();
        let wrong = |cause: String| Error::Frozen { file: file.clone(), cause };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let mut frozen: Frozen = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        frozen.settings.summary.as_of = None;
        frozen.file = file.clone();
        Ok(frozen)
    }

    /// Whether the run drew a map.
    pub fn has_map(&self) -> bool {
        self.map.is_some()
    }

    /// The map's scales.
    ///
    /// # Errors
    /// [`Error::Frozen`] where the run had no contacts.
    pub fn map(&self) -> Result<&FrozenMap, Error> {
        self.map.as_ref().ok_or_else(|| Error::Frozen {
            file: self.file.clone(),
            cause: "that run had no contacts, so it has no map to place contacts on".into(),
        })
    }
}

/// A model that did not converge has no parameters to use.
fn fitted_only<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<FitReport>, D::Error> {
    let written = serde_json::Value::deserialize(deserializer)?;
    if written.get("converged") != Some(&serde_json::Value::Bool(true)) {
        return Ok(None);
    }
    serde_json::from_value(written).map(Some).map_err(serde::de::Error::custom)
}
