//! All integration tests in one binary.
#![allow(missing_docs, clippy::unwrap_used)] // a test that cannot go on says so by panicking

mod cli;
mod clusters;
mod inputs;
mod contact_quality;
mod map;
mod pipeline;
mod properties;
mod published;
mod recovery;
mod rfm;
mod planted;
mod simulate;
mod support;
mod timing;
