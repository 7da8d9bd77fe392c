//! Tables read and written: every door of clivia to files, data frames and streams.
//!
//! A [`source`] hands over batches of rows: a file ([`files`]), record batches in memory, a stream. A [`plan`] says how it
//! is read. [`blocks`] turns its rows over on all threads, [`columns`] finds out which column is which, and [`cells`] looks
//! at a column whatever its type; [`profiles`] are exports that are known by their header. [`orders`], [`contacts`], [`customers`], [`subscriptions`] and [`managers`] are the tables
//! of a customer base, cleaned; every row that cannot be used goes to the [`rejects`].
//!
//! [`write`](mod@write) makes tables into files, [`staging`] lets them appear whole or not at all, [`settings`] are what
//! clivia.toml holds, and [`memory`] is what a run may take of it.
//!
//! An error names the setting that would help ([`error::TableError::setting`]); the word by which a user sets it is the
//! door's own.

pub mod error;
pub mod plan;
pub mod settings;
pub mod memory;

pub mod source;
pub mod files;
pub mod frame;
pub mod blocks;
pub mod cells;
pub mod columns;
pub mod dates;
pub mod content;
pub mod filter;
mod fingerprints;
mod mistaken;
mod numbers;
pub mod rejects;
pub mod texts;
pub mod unreadable;

pub mod profiles;
pub mod orders;
pub mod contacts;
pub mod consent;
pub mod customers;
pub mod subscriptions;
pub mod managers;
pub mod items;
pub mod cancelled;

pub mod staging;
pub mod write;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
