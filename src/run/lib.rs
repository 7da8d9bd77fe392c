//! Runs: sources in, a folder of results out; and what is done with finished runs.
//!
//! The crate is internal to `clivia`, whose face names what users import.

pub mod error;
pub mod pipeline;
pub mod publish;
pub mod record;
pub mod runs;
pub mod state;
pub mod tables;
