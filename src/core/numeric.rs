//! Special functions, quadrature and the optimiser: mathematics with no customer in sight.

pub mod beta_decay;
pub mod hypergeometric;
pub mod incomplete_beta;
pub mod log_concave;
pub mod negative_binomial;
pub mod newton;
pub mod quadrature;
pub mod random;
pub mod slow_sum;
pub mod special;
