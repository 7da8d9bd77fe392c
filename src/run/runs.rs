//! Finished runs: opened, compared, planned from, explained, and taken as a yardstick.

pub mod compare;
pub mod explain;
pub mod finished;
pub mod frozen;
mod nearest;
pub mod plan;
