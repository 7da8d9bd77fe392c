//! The percentile scale: where a value stands in the base that it was fitted on, from 0 to 100.

use rayon::prelude::*;
use serde::{Deserialize, Serialize, Serializer};

use crate::map::MapError;

/// A base with no more distinct values is kept whole; of a larger one, so many evenly spaced customers.
const MAX_KNOTS: usize = 1_000;

/// Values beyond this stand at the ends: so the distance of two knots is always a number.
const LARGEST: f64 = 1e300;

/// The bit of a number's sign.
const SIGN: u64 = 1 << 63;

/// A value and the percentile at which it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knot {
    /// The value.
    pub value: f64,
    /// Its percentile, 0-100.
    pub percent: f64,
}

/// The mid-rank empirical distribution of a base, kept as knots.
///
/// A value stands at `100 x (customers below + half of the customers equal) / customers`: the mean of
/// all is 50, and equal customers stand at one place. With up to 1,000 distinct values every one is a
/// knot; beyond, the knots are 1,000 customers evenly spaced by rank, smallest and largest among
/// them, with the neighbours of long ties, and what lies between two knots is interpolated (off by
/// 0.3 points at most). Beyond the ends the scale is flat. A fresh run and a frozen one both read
/// coordinates off the knots, so the same customer scores the same in both.
///
/// ```
/// use clivia_core::map::PercentileScale;
/// let scale = PercentileScale::fit(&[10.0, 20.0, 20.0, 40.0]);
/// assert_eq!(scale.coordinate(20.0), Some(50.0)); // one below, two equal: 100 x (1 + 1) / 4
/// assert_eq!(scale.coordinate(30.0), Some(68.75)); // half way from 50 to 87.5
/// assert_eq!(scale.coordinate(999.0), Some(87.5));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Knots")]
pub struct PercentileScale {
    #[serde(serialize_with = "on_one_line")]
    knots: Vec<Knot>,
}

/// Knots as pairs without blanks: a thousand of them are not to take five thousand lines of a file that is indented.
fn on_one_line<S: Serializer>(knots: &[Knot], serializer: S) -> Result<S::Ok, S::Error> {
    let pairs: Vec<[f64; 2]> = knots.iter().map(|knot| [knot.value, knot.percent]).collect();
    let line = serde_json::value::to_raw_value(&pairs).map_err(serde::ser::Error::custom)?;
    line.serialize(serializer)
}

/// Knots as read, not yet checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Knots {
    knots: Vec<[f64; 2]>,
}

impl TryFrom<Knots> for PercentileScale {
    type Error = MapError;

    fn try_from(Knots { knots }: Knots) -> Result<Self, MapError> {
        let knots: Vec<Knot> = knots.into_iter().map(|[value, percent]| Knot { value, percent }).collect();
        let on_scale = knots.iter().all(|knot| knot.value.is_finite() && (0.0..=100.0).contains(&knot.percent));
        let rising = knots.windows(2).all(|pair| pair[0].value < pair[1].value && pair[0].percent <= pair[1].percent);
        if on_scale && rising { Ok(PercentileScale { knots }) } else { Err(MapError::Knots) }
    }
}

impl PercentileScale {
    /// The scale of these values, in any order. Values that are no number are left out.
    pub fn fit(values: &[f64]) -> Self {
        let sorted = sorted(values);
        let ranks = knot_ranks(&sorted);
        PercentileScale { knots: ranks.into_iter().map(|rank| knot_at(&sorted, rank)).collect() }
    }

    /// Where a value stands, 0-100; `None` for what is no number, and on a scale of no customers.
    pub fn coordinate(&self, value: f64) -> Option<f64> {
        let value = canonical(value)?;
        let above = self.knots.partition_point(|knot| knot.value <= value);
        match (above.checked_sub(1).map(|below| self.knots[below]), self.knots.get(above)) {
            (Some(low), Some(high)) => Some(interpolate(low, *high, value)),
            (Some(end), None) => Some(end.percent),
            (None, end) => end.map(|knot| knot.percent),
        }
    }

    /// The knots, values rising.
    pub fn knots(&self) -> &[Knot] {
        &self.knots
    }
}

/// A value as it is compared: within bounds, and 0 for -0.
fn canonical(value: f64) -> Option<f64> {
    (!value.is_nan()).then(|| value.clamp(-LARGEST, LARGEST) + 0.0)
}

/// Values in rising order, sorted as the whole numbers that their bits make, which is faster.
fn sorted(values: &[f64]) -> Vec<f64> {
    let mut keys: Vec<u64> = values.iter().copied().filter_map(canonical).map(key).collect();
    keys.par_sort_unstable();
    keys.into_iter().map(of_key).collect()
}

/// A whole number that rises with the value: the bits, all turned over below 0, else only that of the sign.
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if value < 0.0 { !bits } else { bits ^ SIGN }
}

fn of_key(key: u64) -> f64 {
    f64::from_bits(if key < SIGN { !key } else { key ^ SIGN })
}

/// One rank per distinct value, or of evenly spaced customers where there are too many values.
fn knot_ranks(sorted: &[f64]) -> Vec<usize> {
    let is_new = |&rank: &usize| rank == 0 || sorted[rank - 1] < sorted[rank];
    let distinct: Vec<usize> = (0..sorted.len()).filter(is_new).take(MAX_KNOTS + 1).collect();
    if distinct.len() <= MAX_KNOTS { distinct } else { spaced_ranks(sorted) }
}

/// Evenly spaced customers. A tie longer than that space is a step in the distribution: its two neighbours
/// are kept too, so that the step is not smoothed into what stands beside it.
fn spaced_ranks(sorted: &[f64]) -> Vec<usize> {
    let last = sorted.len() - 1;
    let mut ranks: Vec<usize> = (0..MAX_KNOTS).map(|knot| knot * last / (MAX_KNOTS - 1)).collect();
    let long_ties = ranks.windows(2).filter(|pair| sorted[pair[0]] == sorted[pair[1]]);
    let beside: Vec<usize> = long_ties.flat_map(|pair| neighbours(sorted, sorted[pair[0]])).collect();
    ranks.extend(beside);
    ranks.sort_unstable();
    ranks.dedup_by(|next, kept| sorted[*next] == sorted[*kept]);
    ranks
}

/// The ranks of the next smaller and the next larger value.
fn neighbours(sorted: &[f64], value: f64) -> impl Iterator<Item = usize> {
    let below = sorted.partition_point(|&other| other < value).checked_sub(1);
    let above = sorted.partition_point(|&other| other <= value);
    below.into_iter().chain((above < sorted.len()).then_some(above))
}

fn knot_at(sorted: &[f64], rank: usize) -> Knot {
    let value = sorted[rank];
    let below = sorted.partition_point(|&other| other < value);
    let up_to = sorted.partition_point(|&other| other <= value);
    Knot { value, percent: 50.0 * (below + up_to) as f64 / sorted.len() as f64 }
}

fn interpolate(low: Knot, high: Knot, value: f64) -> f64 {
    let way = (value - low.value) / (high.value - low.value);
    // Rounding must not carry a value past the knot above it.
    (low.percent + way * (high.percent - low.percent)).min(high.percent)
}

#[cfg(test)]
mod tests {
    use crate::map::percentile::*;

    #[test]
    fn the_ends_are_flat_and_ties_stand_together() {
        let scale = PercentileScale::fit(&[1.0, 1.0, 1.0, 5.0]);
        assert_eq!([0.0, 1.0, 5.0, 9.0].map(|v| scale.coordinate(v)), [37.5, 37.5, 87.5, 87.5].map(Some));
        assert_eq!(scale.coordinate(f64::INFINITY), Some(87.5));
        assert_eq!(scale.coordinate(f64::NAN), None);
    }

    #[test]
    fn values_are_sorted_as_numbers() {
        let values = [3.0, -1.0, f64::NEG_INFINITY, 0.0, -1e-300, f64::NAN, -0.0, 1e-300, -7.5, f64::INFINITY, 3.0];
        let expected = [-LARGEST, -7.5, -1.0, -1e-300, 0.0, 0.0, 1e-300, 3.0, 3.0, LARGEST];
        assert_eq!(sorted(&values), expected);
        assert!(sorted(&values).iter().all(|value| *value != 0.0 || value.is_sign_positive()));
    }

    #[test]
    fn one_customer_and_equal_customers_stand_in_the_middle() {
        for values in [vec![7.0], vec![7.0; 4_000], vec![0.0, -0.0]] {
            let scale = PercentileScale::fit(&values);
            assert_eq!(scale.knots().len(), 1);
            assert_eq!(scale.coordinate(values[0]), Some(50.0));
        }
        assert_eq!(PercentileScale::fit(&[f64::NAN]).coordinate(1.0), None);
    }

    #[test]
    fn many_values_are_within_a_third_of_a_point_of_their_mid_rank() {
        let n = 20_011;
        let mut values: Vec<f64> = (0..n).map(|i| (f64::from(i * 7_919 % n) / 100.0).exp2()).collect();
        values.extend([64.0; 500]); // a tie that is longer than the space between knots
        let scale = PercentileScale::fit(&values);
        assert!(scale.knots().len() <= MAX_KNOTS + 2);
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        for &value in &sorted {
            let exact = knot_at(&sorted, sorted.partition_point(|&other| other < value)).percent;
            let read = scale.coordinate(value).unwrap_or(f64::NAN);
            // Two knots are 0.1 points of rank apart; half of a short tie, 0.1, may come on top at either end.
            assert!((read - exact).abs() <= 0.3, "{value}: {read} for {exact}");
        }
        assert_eq!(scale.coordinate(64.0), Some(knot_at(&sorted, sorted.partition_point(|&v| v < 64.0)).percent));
    }

    #[test]
    fn coordinates_never_fall_as_values_rise() {
        let values: Vec<f64> =
            (0..3_000).map(|i| (f64::from(i) * 0.37).sin() * f64::from(i).exp2().min(1e299)).collect();
        let scale = PercentileScale::fit(&values);
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        let read: Vec<f64> = sorted.iter().filter_map(|&v| scale.coordinate(v)).collect();
        assert_eq!(read.len(), sorted.len());
        assert!(read.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn knots_survive_json_and_are_checked() -> Result<(), serde_json::Error> {
        let scale = PercentileScale::fit(&[0.1, 1.0 / 3.0, 2e-300, 1e250]);
        let json = serde_json::to_string(&scale)?;
        assert_eq!(serde_json::from_str::<PercentileScale>(&json)?, scale);
        let falling = r#"{"knots": [[2, 10], [1, 20]]}"#;
        assert!(serde_json::from_str::<PercentileScale>(falling).is_err());
        Ok(())
    }
}
