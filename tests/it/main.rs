//! All integration tests in one binary.
#![allow(missing_docs, clippy::unwrap_used)] // a test that cannot go on says so by panicking

mod cli;
mod clusters;
mod contact_quality;
mod contacts;
mod decide;
mod inputs;
mod map;
mod pipeline;
mod planning;
mod planted;
mod properties;
mod published;
mod recovery;
mod references;
mod rfm;
mod simulate;
mod support;
mod timing;
