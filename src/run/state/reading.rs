//! How orders are read: one way for all orders of a state.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::state::StateError;
use clivia_io::orders::{CurrencySettings, OrderSettings};
use clivia_io::plan::ReadSettings;
use clivia_io::settings::Settings;

/// How a file is written may differ from file to file, and so may what rows several files have in common.
const OF_FILES: [&str; 7] = [
    "read.delimiter",
    "read.encoding",
    "read.header_line",
    "read.sheet",
    "read.decimal",
    "read.date_format",
    "orders.duplicates",
];
/// Whether the profit of order lines is asked for is a matter of scoring, where they tell it.
const OF_PROFIT: [&str; 1] = ["orders.observed_margin"];
/// Which column plays which part, where only what rows mean is compared.
const OF_COLUMNS: [&str; 8] = [
    "orders.customer",
    "orders.date",
    "orders.amount",
    "orders.order",
    "orders.margin_column",
    "orders.cost_column",
    "orders.observed_margin",
    "currency.column",
];

/// The settings that decide what a row of an order file means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// How files are read.
    pub read: ReadSettings,
    /// How orders are mapped and cleaned.
    pub orders: OrderSettings,
    /// How currencies become one.
    pub currency: CurrencySettings,
}

impl Reading {
    /// Those of a run.
    pub fn of(settings: &Settings) -> Self {
        let Settings { read, orders, currency, .. } = settings.clone();
        Reading { read, orders, currency }
    }

    /// Puts them in the place of those of a run.
    pub fn lay_over(&self, settings: &mut Settings) {
        let Reading { read, orders, currency } = self.clone();
        (settings.read, settings.orders, settings.currency) = (read, orders, currency);
    }

    /// Checks that another update reads alike; how its files are written may differ.
    pub(super) fn check_update(&self, other: &Reading, folder: &str) -> Result<(), StateError> {
        self.compare(other, folder, &OF_FILES)
    }

    /// Checks that a run means the same by rows; a frozen run was fitted on other files, with columns of their own.
    pub(super) fn check_run(&self, other: &Reading, frozen: bool, folder: &str) -> Result<(), StateError> {
        let free = if frozen { &OF_COLUMNS[..] } else { &OF_PROFIT };
        self.compare(other, folder, &[&OF_FILES[..], free].concat())
    }

    fn compare(&self, other: &Reading, folder: &str, free: &[&str]) -> Result<(), StateError> {
        let (held, given) = (self.by_name(), other.by_name());
        let differs = |(name, value): &(&String, &Value)| !free.contains(&name.as_str()) && given[*name] != **value;
        match held.iter().find(differs) {
            Some((name, value)) => Err(StateError::Setting {
                folder: folder.into(),
                setting: name.clone(),
                held: value.to_string(),
                given: given[name].to_string(),
            }),
            None => Ok(()),
        }
    }

    /// Each setting under its table and name, such as `read.timezone`.
    fn by_name(&self) -> Map<String, Value> {
        let tables = serde_json::to_value(self).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
        let of_table = |(table, settings): (String, Value)| {
            let settings = settings.as_object().cloned().unwrap_or_default();
            settings.into_iter().map(move |(name, value)| (format!("{table}.{name}"), value))
        };
        tables.into_iter().flat_map(of_table).collect()
    }
}
