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

/// Reads a number that is written as `null` where it is not finite.
///
/// # Errors
/// Those of the reader, where there is neither a number nor `null`.
pub(crate) fn nan_if_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    use serde::Deserialize;
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}
