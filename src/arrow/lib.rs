//! Arrow record batches in and out: the border that data frames, databases and clusters use; and expressions over columns.

pub mod batches;
pub mod expression;
pub mod tables;
