//! Retention models: published tables, and high-precision values of our own computation.

use clivia::models::FitSettings;
use clivia::models::beta_discrete_weibull::BetaDiscreteWeibull;
use clivia::models::contractual::{RetentionModel, Tenures};
use clivia::models::shifted_beta_geometric::ShiftedBetaGeometric;
use clivia::models::Fitted;

/// Fader and Hardie (2007), table 1: who is left of 1,000 customers after 0 to 12 years.
const REGULAR: [u64; 13] = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173];
const HIGH_END: [u64; 13] = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394];
/// The years that the paper fits to.
const FITTED: usize = 7;

fn fit_sbg(left: &[u64]) -> Fitted<ShiftedBetaGeometric> {
    ShiftedBetaGeometric::fit(&Tenures::cohort(left), &FitSettings::default()).expect("a fit")
}

fn fit_bdw(left: &[u64]) -> Fitted<BetaDiscreteWeibull> {
    BetaDiscreteWeibull::fit(&Tenures::cohort(left), &FitSettings::default()).expect("a fit")
}

#[test]
fn explore() {
    for left in [REGULAR, HIGH_END] {
        for years in 3..9 {
            let bdw = fit_bdw(&left[..=years]);
            eprintln!("{years} {:?} {}", bdw.model, bdw.report.log_likelihood);
        }
        let sbg = fit_sbg(&left[..=FITTED]);
        let bdw = fit_bdw(&left[..=FITTED]);
        eprintln!("{:?} {} {:?}", sbg.model, sbg.report.log_likelihood, sbg.report.standard_errors);
        eprintln!("{:?} {} {:?}", bdw.model, bdw.report.log_likelihood, bdw.report);
        for t in 0..13 {
            eprintln!("{t} {} {:.2} {:.2}", left[t as usize], 100.0 * sbg.model.survival(t), 100.0 * bdw.model.survival(t));
        }
    }
}
