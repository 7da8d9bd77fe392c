//! The model that foresaw the holdout best.

use serde::{Deserialize, Serialize};

use crate::validation::split::Counts;
use crate::validation::{Assessment, Kind};

/// Scores nearer than this are equal: of 10,000 customers they are a tenth of a unit of log-likelihood apart, as are two
/// models one of which has come to the edge at which it is the other.
const EQUAL: f64 = 1e-5;

/// The best model, and which could not be it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The model's name; `None` where no model has a score.
    pub best: Option<String>,
    /// Models that were left out.
    pub left_out: Vec<LeftOut>,
}

/// A model that was not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which model.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Chooses the model with the highest mean log predictive probability; of equal ones, that with fewest parameters.
///
/// The logarithmic score is proper: no model gains in expectation by stating anything but what it believes. It judges
/// the whole distribution, that many customers buy nothing as much as that some buy often, and each customer counts
/// the same, where a squared error is ruled by the few who buy most. Gneiting, T. and A. E. Raftery (2007), Strictly
/// Proper Scoring Rules, Prediction, and Estimation, Journal of the American Statistical Association 102(477),
/// 359-378.
///
/// Baselines state no probabilities, so they are never chosen. A model that counts opportunities instead of purchase
/// days is left out: probabilities of different things do not compare.
pub fn best(assessments: &[Assessment]) -> Choice {
    let mut left_out = Vec::new();
    let mut best: Option<(&str, f64, usize)> = None;
    for assessment in assessments {
        match score(assessment) {
            Entry::Scored { score, parameters } => {
                let is_better = best.is_none_or(|(_, highest, fewest)| {
                    score > highest + EQUAL || (score >= highest - EQUAL && parameters < fewest)
                });
                if is_better {
                    best = Some((&assessment.name, score, parameters));
                }
            }
            Entry::LeftOut(reason) => {
                left_out.push(LeftOut { name: assessment.name.clone(), reason: reason.into() });
            }
            Entry::Baseline => {}
        }
    }
    Choice { best: best.map(|(name, ..)| name.into()), left_out }
}

/// What an assessment is in the comparison.
enum Entry {
    Scored { score: f64, parameters: usize },
    LeftOut(&'static str),
    Baseline,
}

fn score(assessment: &Assessment) -> Entry {
    let (Kind::Model { parameters }, Some(distribution)) = (assessment.kind, &assessment.distribution) else {
        return Entry::Baseline;
    };
    match (assessment.counts, distribution.mean_log_probability) {
        (Counts::Opportunities, _) => {
            Entry::LeftOut("it counts opportunities with a purchase, the others purchase days")
        }
        (Counts::PurchaseDays, None) => Entry::LeftOut("it has no score"),
        (Counts::PurchaseDays, Some(score)) => Entry::Scored { score, parameters },
    }
}

#[cfg(test)]
mod tests {
    use crate::validation::DistributionFit;
    use crate::validation::choice::*;

    fn model(name: &str, parameters: usize, mean_log_probability: Option<f64>) -> Assessment {
        let distribution = DistributionFit { mean_log_probability, coverage: 0.9, randomised_coverage: 0.9 };
        Assessment {
            name: name.into(),
            kind: Kind::Model { parameters },
            distribution: Some(distribution),
            ..Assessment::empty()
        }
    }

    fn chosen(assessments: &[Assessment]) -> Option<String> {
        best(assessments).best
    }

    #[test]
    fn the_highest_score_wins() {
        let (low, high) = (model("low", 2, Some(-0.9)), model("high", 5, Some(-0.8)));
        assert_eq!(chosen(&[low.clone(), high.clone()]).as_deref(), Some("high"));
        assert_eq!(chosen(&[high, low]).as_deref(), Some("high"));
    }

    #[test]
    fn of_equal_models_the_simpler_wins() {
        let (four, two) = (model("four", 4, Some(-0.8)), model("two", 2, Some(-0.8 - 1e-13)));
        assert_eq!(chosen(&[four.clone(), two.clone()]).as_deref(), Some("two"));
        assert_eq!(chosen(&[two, four]).as_deref(), Some("two"));
    }

    #[test]
    fn what_cannot_be_compared_is_left_out_with_its_reason() {
        let other = Assessment { counts: Counts::Opportunities, ..model("bg-bb", 4, Some(-0.1)) };
        let choice = best(&[other, model("silent", 4, None), Assessment::empty()]);
        assert_eq!(choice.best, None);
        let left_out: Vec<(&str, bool)> =
            choice.left_out.iter().map(|out| (out.name.as_str(), out.reason.contains("opportunities"))).collect();
        assert_eq!(left_out, [("bg-bb", true), ("silent", false)]);
    }
}
