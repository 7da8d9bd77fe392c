//! Which models are used, and how they are fitted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base::Horizon;
use crate::models::spend::SpendName;
use crate::models::{FitSettings, ModelName};

/// Which models value customers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// The purchase model, or `auto`: the best on a holdout.
    pub purchases: ModelChoice,
    /// The spend model.
    pub spend: SpendName,
    /// Columns of the customers table that move the rates of BG/NBD or Pareto/NBD.
    pub covariates: Vec<String>,
    /// How much of the end of the data `auto` holds out; a third of the time observed where not given.
    pub holdout: Option<Horizon>,
    /// What happens where a fit does not converge.
    pub not_converged: NotConverged,
    /// Priors, penalties, regularity.
    pub fit: FitSettings,
}

/// A purchase model, or whichever does best on a holdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelChoice {
    /// This one.
    One(ModelName),
    /// The best on a holdout.
    Auto,
}

impl Default for ModelChoice {
    fn default() -> Self {
        ModelChoice::One(ModelName::default())
    }
}

impl fmt::Display for ModelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelChoice::One(model) => model.fmt(f),
            ModelChoice::Auto => f.write_str("auto"),
        }
    }
}

impl FromStr for ModelChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, ModelName::of(text)) {
            ("auto", _) => Ok(ModelChoice::Auto),
            (_, Some(model)) => Ok(ModelChoice::One(model)),
            _ => Err(format!("it is auto or one of {}", ModelName::ALL.map(ModelName::name).join(", "))),
        }
    }
}

impl Serialize for ModelChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ModelChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// What happens where a fit does not converge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotConverged {
    /// The run ends with an error that says what to try.
    #[default]
    Error,
    /// The run goes on without the model, its columns empty.
    Empty,
}

#[cfg(test)]
mod tests {
    use crate::models::fit::settings::*;

    #[test]
    fn a_choice_is_written_as_it_is_read() {
        for text in ["auto", "pareto-nbd", "bg-cnbd-k"] {
            assert_eq!(text.parse::<ModelChoice>().map(|choice| choice.to_string()), Ok(text.into()));
        }
        assert!("bgnbd".parse::<ModelChoice>().is_err_and(|error| error.contains("bg-nbd")));
    }
}
