//! Models of when customers buy and when they stop, a file a model.

pub mod bg_bb;
pub mod bg_nbd;
pub mod cnbd_k;
pub(crate) mod dropout;
pub mod ggompertz_nbd;
pub mod mbg_nbd;
pub mod nbd;
pub mod pareto_nbd;
