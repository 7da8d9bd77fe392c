//! clivia
pub mod ids;
pub mod units;
pub mod tables;
pub mod summary;
pub mod rfm;
pub mod clusters;
pub mod contacts;
pub mod map;
pub mod simulate;
