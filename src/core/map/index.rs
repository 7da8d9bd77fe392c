//! The index: several criteria of one customer brought together in one score from 0 to 100, with reasons.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::map::{MapError, PercentileScale, Scorer};

/// Contributions and scores are whole multiples of this, about 2e-10 points: sums of such numbers are exact.
const GRID: f64 = 1.0 / (1_u64 << 32) as f64;

/// How far weights read from a file may be from adding up to 1.
const WEIGHT_TOLERANCE: f64 = 1e-9;

/// One criterion of a base: a row a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its raw values, NaN = absent. An empty slice: absent for everybody.
    pub values: &'a [f64],
    /// Whether a smaller value is the better one. A target decides that by itself.
    pub less_is_better: bool,
}

/// How criteria are brought together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IndexSettings {
    /// Weights by criterion, in any unit: only their shares count. A criterion that is not named counts nothing.
    pub weights: BTreeMap<String, f64>,
    /// Targets by criterion as `[worst, best]`, in the criterion's own unit; without one the base is the yardstick.
    pub targets: BTreeMap<String, [f64; 2]>,
}

/// How a criterion's value becomes points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The percentile at which it stands in the base.
    Percentile(PercentileScale),
    /// Its way from a worst value to a best one.
    Target(Target),
}

/// A worst and a best value: 0 and 100 points, on a straight line between and flat beyond.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 2]", into = "[f64; 2]")]
pub struct Target {
    worst: f64,
    best: f64,
}

impl TryFrom<[f64; 2]> for Target {
    type Error = MapError;

    fn try_from([worst, best]: [f64; 2]) -> Result<Self, MapError> {
        let length = best - worst;
        if length.is_finite() && length != 0.0 {
            Ok(Target { worst, best })
        } else {
            Err(MapError::Target { worst, best })
        }
    }
}

impl From<Target> for [f64; 2] {
    fn from(target: Target) -> Self {
        [target.worst, target.best]
    }
}

impl Target {
    /// `100 x (value - worst) / (best - worst)`, not below 0 nor above 100; NaN for NaN.
    pub fn points(self, value: f64) -> f64 {
        (100.0 * ((value - self.worst) / (self.best - self.worst))).clamp(0.0, 100.0)
    }
}

/// A criterion as it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedCriterion {
    /// Its name.
    pub name: String,
    /// Its share of the score, 0-1: weights renormalised over the criteria that the base has.
    pub weight: f64,
    /// Whether a smaller value is the better one.
    pub less_is_better: bool,
    /// How its value becomes points.
    pub scale: Scale,
}

impl FittedCriterion {
    /// Points of a value, 0-100, more is better; NaN for NaN.
    pub fn points(&self, value: f64) -> f64 {
        match &self.scale {
            Scale::Target(target) => target.points(value),
            Scale::Percentile(scale) => {
                let percent = scale.coordinate(value).unwrap_or(f64::NAN);
                if self.less_is_better { 100.0 - percent } else { percent }
            }
        }
    }
}

/// A weighted mean of criteria, each from 0 to 100, fitted on a base.
///
/// ```text
/// score = Σ wᵢ pᵢ / Σ wᵢ      over the criteria i that the customer has
/// ```
///
/// The points `p` of a value are its mid-rank percentile in the base, `100 - percentile` where less is better, or its
/// way towards a declared target. The weights `w` are those of the settings, renormalised to add up to 1 over the
/// criteria that the base has ([`FittedIndex::criteria`] shows them), and again for a customer that lacks some.
/// Customers that are alike in everything stand at 50 where no target is declared.
///
/// The contribution of a criterion is its term of that sum. Contributions and score are rounded to multiples of 2⁻³²
/// points, of which sums are exact, and the largest contribution takes what rounding left: so contributions add up
/// to the score to the last digit, in any order.
///
/// ```
/// use clivia_core::map::{Column, FittedIndex, IndexSettings};
///
/// let weights = [("clv".to_string(), 3.0), ("growth".to_string(), 1.0)].into();
/// let clv = Column { name: "clv", values: &[100.0, 300.0], less_is_better: false };
/// let growth = Column { name: "growth", values: &[0.5, f64::NAN], less_is_better: false };
/// let index = FittedIndex::fit(&IndexSettings { weights, ..Default::default() }, &[clv, growth])?;
///
/// let mut contributions = [0.0; 2];
/// // One of two customers stands at the percentile 25, the only one at 50.
/// assert_eq!(index.score(&[100.0, 0.5], &mut contributions), 0.75 * 25.0 + 0.25 * 50.0);
/// assert_eq!(contributions, [18.75, 12.5]);
/// assert_eq!(index.score(&[300.0, f64::NAN], &mut contributions), 75.0);
/// # Ok::<(), clivia_core::map::MapError>(())
/// ```
///
/// This is the factor-and-weight scoring of the GE/McKinsey portfolio, with percentiles in the place of marks given
/// by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "IndexAsRead")]
pub struct FittedIndex {
    criteria: Vec<FittedCriterion>,
}

/// An index as read, not yet checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexAsRead {
    criteria: Vec<FittedCriterion>,
}

impl TryFrom<IndexAsRead> for FittedIndex {
    type Error = MapError;

    fn try_from(IndexAsRead { criteria }: IndexAsRead) -> Result<Self, MapError> {
        let sum: f64 = criteria.iter().map(|criterion| criterion.weight).sum();
        let adds_up = criteria.is_empty() || (sum - 1.0).abs() <= WEIGHT_TOLERANCE;
        let positive = criteria.iter().all(|criterion| criterion.weight > 0.0);
        if !(adds_up && positive) {
            return Err(MapError::FrozenWeights);
        }
        distinct(criteria.iter().map(|criterion| criterion.name.as_str()))?;
        Ok(FittedIndex { criteria })
    }
}

impl FittedIndex {
    /// Learns the percentile scale of every criterion that has a weight and a value; the others are left out.
    ///
    /// # Errors
    /// [`MapError`] where a weight or target names no column, a weight is negative or no number, none is above 0,
    /// or a target is not two different numbers.
    pub fn fit(settings: &IndexSettings, columns: &[Column<'_>]) -> Result<Self, MapError> {
        let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
        distinct(known.iter().copied())?;
        settings.check(&known)?;
        let weight = |column: &&Column<'_>| settings.weights.get(column.name).is_some_and(|weight| *weight > 0.0);
        let present = |column: &&Column<'_>| !column.values.iter().all(|value| value.is_nan());
        let counting: Vec<&Column<'_>> = columns.iter().filter(weight).filter(present).collect();
        let all: f64 = counting.iter().map(|column| settings.weights[column.name]).sum();
        let criteria = counting.into_iter().map(|column| settings.criterion(column, all));
        Ok(FittedIndex { criteria: criteria.collect::<Result<_, _>>()? })
    }

    /// The criteria that count, with their weights, in the order of the columns.
    pub fn criteria(&self) -> &[FittedCriterion] {
        &self.criteria
    }

    /// Whether a criterion of this name counts.
    pub fn has(&self, name: &str) -> bool {
        self.criteria.iter().any(|criterion| criterion.name == name)
    }

    /// The points of a value of one criterion, 0-100, more is better; NaN for NaN.
    pub fn points(&self, criterion: usize, value: f64) -> f64 {
        self.criteria[criterion].points(value)
    }

    /// One customer's score from its raw values, one a criterion in the order of [`FittedIndex::criteria`], and into
    /// `contributions` what each adds to it: NaN where the value is. The score is NaN where every value is.
    pub fn score(&self, values: &[f64], contributions: &mut [f64]) -> f64 {
        self.score_by(|criterion| values[criterion], contributions)
    }

    pub(super) fn score_by(&self, value: impl Fn(usize) -> f64, contributions: &mut [f64]) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (place, criterion) in self.criteria.iter().enumerate() {
            let contribution = criterion.weight * criterion.points(value(place));
            if !contribution.is_nan() {
                sum += contribution;
                weights += criterion.weight;
            }
            contributions[place] = contribution;
        }
        settle(sum, weights, contributions)
    }

    /// Finds the columns of the criteria, for scoring a whole base.
    ///
    /// # Errors
    /// [`MapError::NoColumn`] where a criterion has none. An empty one says that the base has no such value, and its
    /// weight goes to the others: [`Scorer::without`] names such criteria.
    pub fn scorer<'a>(&'a self, columns: &[Column<'a>]) -> Result<Scorer<'a>, MapError> {
        let values = |criterion: &FittedCriterion| {
            let column = columns.iter().find(|column| column.name == criterion.name);
            column.map(|column| column.values).ok_or_else(|| MapError::NoColumn(criterion.name.clone()))
        };
        let columns = self.criteria.iter().map(values).collect::<Result<_, _>>()?;
        Ok(Scorer::new(self, columns))
    }
}

/// Rounds contributions and their sum to the grid, so that they add up exactly. The shares of the criteria that are
/// present stand for the whole.
fn settle(sum: f64, weights: f64, contributions: &mut [f64]) -> f64 {
    if weights == 0.0 {
        return f64::NAN;
    }
    let score = on_grid(sum / weights);
    let mut rest = score;
    for contribution in contributions.iter_mut() {
        *contribution = on_grid(*contribution / weights);
        rest -= if contribution.is_nan() { 0.0 } else { *contribution };
    }
    let present = contributions.iter_mut().filter(|contribution| !contribution.is_nan());
    if let Some(largest) = present.max_by(|a, b| a.total_cmp(b)) {
        *largest += rest;
    }
    score
}

fn on_grid(points: f64) -> f64 {
    (points / GRID).round() * GRID
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), MapError> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    twice.map_or(Ok(()), |pair| Err(MapError::Twice(pair[0].to_string())))
}

impl IndexSettings {
    fn check(&self, known: &[&str]) -> Result<(), MapError> {
        let named = self.weights.keys().chain(self.targets.keys());
        check_names(named.map(String::as_str), known)?;
        check_weights(&self.weights)?;
        self.targets.values().try_for_each(|&target| Target::try_from(target).map(drop))
    }

    fn criterion(&self, column: &Column<'_>, all: f64) -> Result<FittedCriterion, MapError> {
        let scale = match self.targets.get(column.name) {
            Some(&target) => Scale::Target(Target::try_from(target)?),
            None => Scale::Percentile(PercentileScale::fit(column.values)),
        };
        let Column { name, less_is_better, .. } = *column;
        Ok(FittedCriterion { name: name.to_string(), weight: self.weights[name] / all, less_is_better, scale })
    }
}

/// Names must be among those known.
pub(super) fn check_names<'a>(mut names: impl Iterator<Item = &'a str>, known: &[&str]) -> Result<(), MapError> {
    let unknown = names.find(|name| !known.contains(name));
    unknown.map_or(Ok(()), |name| Err(MapError::Criterion { name: name.to_string(), known: known.join(", ") }))
}

/// Weights must be numbers, none below 0, one above.
pub(super) fn check_weights(weights: &BTreeMap<String, f64>) -> Result<(), MapError> {
    let wrong = weights.iter().find(|(_, weight)| !(weight.is_finite() && **weight >= 0.0));
    if let Some((name, &weight)) = wrong {
        return Err(MapError::Weight { name: name.clone(), weight });
    }
    let sum: f64 = weights.values().sum();
    if sum > 0.0 && sum.is_finite() { Ok(()) } else { Err(MapError::NoWeight) }
}

#[cfg(test)]
mod tests {
    use crate::map::index::*;

    fn settings(weights: &[(&str, f64)], targets: &[(&str, [f64; 2])]) -> IndexSettings {
        IndexSettings {
            weights: weights.iter().map(|(name, weight)| (name.to_string(), *weight)).collect(),
            targets: targets.iter().map(|(name, target)| (name.to_string(), *target)).collect(),
        }
    }

    fn column<'a>(name: &'a str, values: &'a [f64]) -> Column<'a> {
        Column { name, values, less_is_better: false }
    }

    #[test]
    fn weights_are_renormalised_over_what_the_base_has() -> Result<(), MapError> {
        let settings = settings(&[("a", 4.0), ("b", 2.0), ("c", 2.0), ("d", 0.0)], &[]);
        let nobody = [f64::NAN; 3];
        let columns = [
            column("a", &[1.0, 2.0, 3.0]),
            column("b", &nobody),
            column("c", &[5.0, f64::NAN, 5.0]),
            column("d", &[1.0, 2.0, 3.0]),
            column("e", &[1.0, 2.0, 3.0]),
        ];
        let index = FittedIndex::fit(&settings, &columns)?;
        let shown: Vec<(&str, f64)> = index.criteria().iter().map(|c| (c.name.as_str(), c.weight)).collect();
        assert_eq!(shown, [("a", 4.0 / 6.0), ("c", 2.0 / 6.0)]);
        let mut parts = [0.0; 2];
        // The second customer has no c: a alone makes its score, in the middle of three.
        assert_eq!(index.score(&[2.0, f64::NAN], &mut parts), 50.0);
        assert!(parts[0] == 50.0 && parts[1].is_nan());
        // The third: 4/6 of 100 x 2.5 / 3, and 2/6 of 50 for one of two equal ones.
        let score = index.score(&[3.0, 5.0], &mut parts);
        assert!((score - (4.0 / 6.0 * 250.0 / 3.0 + 2.0 / 6.0 * 50.0)).abs() < 1e-9, "{score}"); // of the grid
        assert!(index.score(&[f64::NAN; 2], &mut parts).is_nan());
        Ok(())
    }

    #[test]
    fn less_may_be_better_and_targets_have_a_direction() -> Result<(), MapError> {
        let settings =
            settings(&[("gap", 1.0), ("rating", 1.0), ("wait", 1.0)], &[("rating", [1.0, 5.0]), ("wait", [48.0, 0.0])]);
        let gap = Column { less_is_better: true, ..column("gap", &[1.0, 2.0]) };
        let index = FittedIndex::fit(&settings, &[gap, column("rating", &[3.0, 4.0]), column("wait", &[1.0, 9.0])])?;
        assert_eq!([1.0, 2.0].map(|gap| index.points(0, gap)), [75.0, 25.0]);
        assert_eq!([0.0, 1.0, 2.0, 5.0, 9.0].map(|rating| index.points(1, rating)), [0.0, 0.0, 25.0, 100.0, 100.0]);
        assert_eq!([0.0, 12.0, 48.0, f64::INFINITY].map(|wait| index.points(2, wait)), [100.0, 75.0, 0.0, 0.0]);
        assert!((0..3).all(|criterion| index.points(criterion, f64::NAN).is_nan()));
        Ok(())
    }

    #[test]
    fn contributions_add_up_exactly_in_any_order() -> Result<(), MapError> {
        let values: Vec<f64> = (0..997).map(|i| f64::from(i * 37 % 997).sqrt()).collect();
        let other: Vec<f64> = (0..997).map(|i| f64::from(i * 101 % 997).ln()).collect();
        let third: Vec<f64> = (0..997).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i % 7) }).collect();
        let columns = [column("a", &values), column("b", &other), column("c", &third)];
        let index = FittedIndex::fit(&settings(&[("a", 0.6), ("b", 0.3), ("c", 0.1)], &[]), &columns)?;
        let scorer = index.scorer(&columns)?;
        let mut parts = [0.0; 3];
        for customer in 0..997 {
            let score = scorer.score(customer, &mut parts);
            let present = || parts.iter().filter(|part| !part.is_nan());
            assert_eq!((present().sum::<f64>(), present().rev().sum::<f64>()), (score, score));
            assert!(present().all(|part| (0.0..=100.0).contains(part)));
        }
        Ok(())
    }

    #[test]
    fn equal_customers_stand_at_50() -> Result<(), MapError> {
        let equal = [7.0; 5];
        let weights: Vec<(&str, f64)> =
            ["a", "b", "c", "d", "e", "f", "g"].into_iter().zip([0.1, 0.7, 0.3, 1.1, 0.9, 3.3, 1e-3]).collect();
        let columns: Vec<Column<'_>> = weights.iter().map(|(name, _)| column(name, &equal)).collect();
        let index = FittedIndex::fit(&settings(&weights, &[]), &columns)?;
        assert_eq!(index.score(&[7.0; 7], &mut [0.0; 7]), 50.0);
        Ok(())
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        let columns = [column("a", &[1.0]), column("b", &[1.0])];
        let refused = |weights: &[(&str, f64)], targets: &[(&str, [f64; 2])]| {
            FittedIndex::fit(&settings(weights, targets), &columns).expect_err("refused")
        };
        let known = || "a, b".to_string();
        assert_eq!(refused(&[("x", 1.0)], &[]), MapError::Criterion { name: "x".into(), known: known() });
        assert_eq!(
            refused(&[("a", 1.0)], &[("x", [0.0, 1.0])]),
            MapError::Criterion { name: "x".into(), known: known() }
        );
        assert_eq!(refused(&[("a", 0.0), ("b", 0.0)], &[]), MapError::NoWeight);
        assert_eq!(refused(&[], &[]), MapError::NoWeight);
        assert_eq!(refused(&[("a", -1.0)], &[]), MapError::Weight { name: "a".into(), weight: -1.0 });
        assert!(matches!(refused(&[("a", f64::NAN)], &[]), MapError::Weight { .. }));
        for target in [[1.0, 1.0], [f64::NAN, 1.0], [0.0, f64::INFINITY], [-1e308, 1e308]] {
            assert!(matches!(refused(&[("a", 1.0)], &[("a", target)]), MapError::Target { .. }), "{target:?}");
        }
        let twice = FittedIndex::fit(&settings(&[("a", 1.0)], &[]), &[column("a", &[1.0]), column("a", &[1.0])]);
        assert_eq!(twice, Err(MapError::Twice("a".into())));
    }

    #[test]
    fn an_index_survives_json_and_is_checked() -> Result<(), Box<dyn std::error::Error>> {
        let columns = [column("a", &[0.1, 0.7, 1.0 / 3.0]), column("b", &[1.0, 2.0, 3.0])];
        let index = FittedIndex::fit(&settings(&[("a", 1.0), ("b", 2.0)], &[("b", [3.0, 0.1])]), &columns)?;
        let json = serde_json::to_string(&index)?;
        assert_eq!(serde_json::from_str::<FittedIndex>(&json)?, index);
        for (from, to) in [("0.333", "0.433"), ("\"b\"", "\"a\""), ("[3.0,0.1]", "[3.0,3.0]"), ("0.333", "-0.333")] {
            assert!(serde_json::from_str::<FittedIndex>(&json.replacen(from, to, 1)).is_err(), "{from} -> {to}");
        }
        Ok(())
    }

    #[test]
    fn a_base_without_any_value_scores_nobody() -> Result<(), MapError> {
        let index = FittedIndex::fit(&settings(&[("a", 1.0)], &[]), &[column("a", &[])])?;
        assert!(index.criteria().is_empty());
        assert!(index.score(&[], &mut []).is_nan());
        Ok(())
    }
}
