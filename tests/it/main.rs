//! All integration tests in one binary.
#![allow(missing_docs, clippy::unwrap_used)] // a test that cannot go on says so by panicking

mod cli;
mod clusters;
mod columns;
mod conditions;
mod contact_quality;
mod contacts;
mod decide;
mod exports;
mod house;
mod in_memory;
mod inputs;
mod intervals;
mod load;
mod map;
mod meant;
mod memory;
mod models;
mod pipeline;
mod planning;
mod planted;
mod properties;
mod published;
mod published_retention;
mod recovery;
mod references;
mod report;
mod retain;
mod rfm;
mod same_rows;
mod simulate;
mod support;
mod timing;
mod update;
mod update_faults;
mod validate;
