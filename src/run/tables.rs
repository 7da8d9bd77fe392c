//! The tables that runs leave, a file a kind of run: rows into columns. Nothing is computed here.

pub mod comparison;
pub mod customers;
pub mod map_tables;
pub mod plan;
pub mod retention;
pub mod simulation;
pub mod small_tables;
pub mod summary;
pub mod validation;
