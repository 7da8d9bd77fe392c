//! clivia
pub mod ids;
pub mod units;
pub mod tables;
pub mod ledger;
pub mod summary;
pub mod rfm;
pub mod models;
pub mod numeric;
pub mod value;
pub mod clusters;
pub mod contacts;
pub mod map;
pub mod simulate;
