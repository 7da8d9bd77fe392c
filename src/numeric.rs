//! Special functions, quadrature and the optimiser: mathematics with no customer in sight.

pub mod hypergeometric;
pub mod newton;
pub mod quadrature;
pub mod special;
