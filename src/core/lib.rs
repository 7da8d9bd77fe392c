//! The mathematics and the rules of a customer base: slices and plain structs in, plain structs out.
//!
//! Nothing here reads a file, prints, or knows a command line; what is fitted to one base is a value that can be applied to
//! another. The crate is internal to `clivia`, whose face names what users import.

pub mod base;
pub mod control;
pub mod notes;

pub mod orders;
pub mod ledger;
pub mod summary;
pub mod numeric;
pub mod models;
pub mod value;
pub mod intervals;
pub mod validation;
pub mod rfm;
pub mod clusters;
pub mod retention;
pub mod contacts;
pub mod map;
pub mod decide;
pub mod figures;
pub mod score;
pub mod simulate;

pub mod table;
