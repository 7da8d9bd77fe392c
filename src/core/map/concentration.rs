//! Concentration: how much of the profit comes from how many customers, and how much of the contact cost goes to them.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::map::cells::{money, share};

/// The most points of a curve that is to be drawn.
const MOST_POINTS: usize = 201;

/// A point of the whale curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProfitPoint {
    /// Share of the customers, the most profitable first, 0-1.
    pub customers: f64,
    /// What they bring together.
    pub profit: Money,
}

/// The whale curve: cumulative profit over customers ranked by profit, the most profitable first.
///
/// Profit per customer is [`super::AttractivenessSettings::profit`]. The curve rises while customers are profitable,
/// runs flat where they bring nothing and falls where they cost more than they bring, so it has the outline of a whale
/// that comes up from the water line; how far its back stands above its tail is the profit that the last customers
/// lose.
///
/// Sums are whole numbers and equal customers are the same to the curve, so the order of the customers does not matter.
///
/// ```
/// use clivia_core::map::WhaleCurve;
/// use clivia_core::base::Money;
///
/// let whale = WhaleCurve::of(&[60, -30, 90, 0, -20].map(|units| Money(units * Money::SCALE)));
/// assert_eq!(whale.peak_percent, Some(150.0)); // 60 + 90 of 100 in the end
/// assert_eq!(whale.profitable_share, Some(0.4));
/// assert_eq!(whale.lost, Money(50 * Money::SCALE));
/// ```
///
/// The term is that of Kaplan and Narayanan (2001), "Measuring and managing customer profitability", Journal of Cost
/// Management 15(5), 5-15.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhaleCurve {
    /// Customers ranked.
    pub customers: u64,
    /// What all of them bring together: where the curve ends.
    pub profit: Money,
    /// The highest point, and of several the first: behind the last customer that is profitable.
    pub peak: ProfitPoint,
    /// The peak in percent of the final profit, 100 or more; `None` where that is 0 or a loss.
    pub peak_percent: Option<f64>,
    /// Share of the customers whose profit is above 0, which is also where the curve peaks; `None` without customers.
    pub profitable_share: Option<f64>,
    /// What customers behind the peak lose, 0 or more: the peak less the final profit.
    pub lost: Money,
    /// The curve in at most 201 points, the start, the peak and the end among them.
    pub points: Vec<ProfitPoint>,
}

impl WhaleCurve {
    /// The curve of these profits, one a customer.
    pub fn of(profit: &[Money]) -> WhaleCurve {
        let mut falling = profit.to_vec();
        falling.par_sort_unstable_by(|a, b| b.cmp(a));
        let customers = falling.len();
        let profitable = falling.partition_point(|profit| *profit > Money(0));
        let sum = |part: &[Money]| part.iter().map(|profit| i128::from(profit.0)).sum::<i128>();
        let (gained, lost) = (sum(&falling[..profitable]), -sum(&falling[profitable..]));
        let total = gained - lost;
        WhaleCurve {
            customers: customers as u64,
            profit: money(total),
            peak: ProfitPoint { customers: way(profitable, customers), profit: money(gained) },
            peak_percent: share(gained, total).map(|times| 100.0 * times),
            profitable_share: share(profitable as i128, customers as i128),
            lost: money(lost),
            points: profit_points(&falling, profitable),
        }
    }

    /// The curve in words.
    pub fn sentence(&self) -> String {
        let Some(profitable) = self.profitable_share else { return "There are no customers to rank by profit.".into() };
        let customers = format!("{} of the customers are profitable", percent(profitable));
        let [gained, lost, profit] = [self.peak.profit, self.lost, self.profit].map(Money::to_f64);
        match self.peak_percent {
            _ if self.lost == Money(0) && self.peak.profit > Money(0) => {
                format!("{customers} and none loses money, so no profit is lost.")
            }
            Some(peak) => format!(
                "{customers} and bring {peak:.0} % of the final profit of {profit:.2}; the others lose {lost:.2} of it \
                 again."
            ),
            None => format!(
                "{customers} and bring {gained:.2}; the others lose {lost:.2}, so all together there is no profit that \
                 the peak could be a share of."
            ),
        }
    }
}

/// Evenly spaced points and the peak.
fn profit_points(falling: &[Money], profitable: usize) -> Vec<ProfitPoint> {
    let mut places = spaced(falling.len(), MOST_POINTS - 1);
    places.push(profitable);
    places.sort_unstable();
    places.dedup();
    let (mut sum, mut from) = (0_i128, 0);
    let point = |place: usize| {
        sum += falling[from..place].iter().map(|profit| i128::from(profit.0)).sum::<i128>();
        from = place;
        ProfitPoint { customers: way(place, falling.len()), profit: money(sum) }
    };
    places.into_iter().map(point).collect()
}

/// A point of a concentration curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Share of the customers, the most attractive first, 0-1.
    pub customers: f64,
    /// Share of the contact cost that goes to them, 0-1.
    pub cost: f64,
}

/// The concentration of contact cost over attractiveness.
///
/// Customers are ranked by attractiveness, the most attractive first, and the curve tells which share of the contact
/// cost the first so many of them get. Equally attractive customers get their mean cost, so that their order does not
/// matter. The index compares the area below the curve with that below an even spread:
///
/// ```text
/// index = 2 x area - 1,    from -1 to 1
/// ```
///
/// 0 where cost does not depend on attractiveness, above 0 where more goes to the attractive, 1 where (of very many
/// customers) the most attractive gets all, -1 where the least attractive does. A part of the customers that gets all
/// cost, evenly, makes it 1 less that part: 0.8 where the first fifth gets all.
///
/// ```
/// use clivia_core::map::Concentration;
/// use clivia_core::base::Money;
///
/// let all_for_the_best = Concentration::of(&[90.0, 50.0, 10.0, 30.0], &[8, 0, 0, 0].map(Money));
/// assert_eq!(all_for_the_best.map(|curve| curve.index), Some(0.75)); // 1 less the first quarter
/// ```
///
/// It is the concentration index of Wagstaff, Paci and van Doorslaer (1991), "On the measurement of inequalities in
/// health", Social Science & Medicine 33(5), 545-557, and Kakwani, Wagstaff and van Doorslaer (1997), "Socioeconomic
/// inequalities in health: measurement, computation, and statistical inference", Journal of Econometrics 77(1), 87-103,
/// with the best in the place of the poorest first, which turns its sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Concentration {
    /// Customers ranked.
    pub customers: u64,
    /// The index, -1 to 1.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub index: f64,
    /// The curve in at most 201 points, its start and end among them.
    pub points: Vec<CurvePoint>,
}

/// Customers of equal attractiveness, and what lies before them on the curve.
struct Tie {
    start: usize,
    end: usize,
    before: i128,
    after: i128,
}

impl Concentration {
    /// The concentration of a cost, 0 or more, over attractiveness; customers without attractiveness (NaN) are left
    /// out. `None` where it has no meaning: of fewer than two customers, where all are equally attractive, and without
    /// cost.
    pub fn of(attractiveness: &[f64], cost: &[Money]) -> Option<Concentration> {
        let mut ranked: Vec<(f64, i64)> =
            attractiveness.iter().zip(cost).map(|(&worth, cost)| (worth, cost.0.max(0))).collect();
        ranked.retain(|(worth, _)| !worth.is_nan());
        ranked.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let ties = ties(&ranked);
        let total = ties.last()?.after;
        if ties.len() < 2 || total == 0 {
            return None;
        }
        let customers = ranked.len();
        // Twice the area, in customers x cost: whole numbers, so that no order and no rounding matters.
        let area: i128 = ties.iter().map(|tie| (tie.end - tie.start) as i128 * (tie.before + tie.after)).sum();
        let whole = customers as i128 * total;
        let index = (area - whole) as f64 / whole as f64;
        Some(Concentration { customers: customers as u64, index, points: curve(&ties, customers, total) })
    }

    /// The share of cost that goes to the most attractive customers, by their share, 0-1.
    pub fn cost_share(&self, customers: f64) -> f64 {
        let after = self.points.partition_point(|point| point.customers < customers);
        let Some(&end) = self.points.get(after).or(self.points.last()) else { return f64::NAN };
        let start = self.points[after.saturating_sub(1)];
        let length = end.customers - start.customers;
        let part = if length > 0.0 { (customers - start.customers) / length } else { 0.0 };
        start.cost + part.clamp(0.0, 1.0) * (end.cost - start.cost)
    }
}

fn ties(ranked: &[(f64, i64)]) -> Vec<Tie> {
    let (mut start, mut before) = (0, 0);
    let tie = |tied: &[(f64, i64)]| {
        let after = before + tied.iter().map(|(_, cost)| i128::from(*cost)).sum::<i128>();
        let tie = Tie { start, end: start + tied.len(), before, after };
        (start, before) = (tie.end, after);
        tie
    };
    ranked.chunk_by(|a, b| a.0 == b.0).map(tie).collect()
}

fn curve(ties: &[Tie], customers: usize, total: i128) -> Vec<CurvePoint> {
    let point = |place: usize| {
        let tie = &ties[ties.partition_point(|tie| tie.end < place)];
        let within = way(place - tie.start, tie.end - tie.start);
        let cost = tie.before as f64 + within * (tie.after - tie.before) as f64;
        CurvePoint { customers: way(place, customers), cost: cost / total as f64 }
    };
    spaced(customers, MOST_POINTS).into_iter().map(point).collect()
}

/// So many places from 0 to `end`, evenly spaced, both ends among them; all of them where there are fewer.
fn spaced(end: usize, points: usize) -> Vec<usize> {
    let steps = points - 1;
    let mut places: Vec<usize> = (0..points).map(|point| point * end / steps).collect();
    places.dedup();
    places
}

/// How far along a place is, 0-1; 0 where there is no way to go.
fn way(place: usize, end: usize) -> f64 {
    if end == 0 { 0.0 } else { place as f64 / end as f64 }
}

/// A share in whole percent, never rounded to nothing or to all.
pub(super) fn percent(share: f64) -> String {
    let rounded = (100.0 * share).round();
    if rounded == 0.0 && share > 0.0 {
        "less than 1 %".into()
    } else if rounded == 100.0 && share < 1.0 {
        "more than 99 %".into()
    } else {
        format!("{rounded} %")
    }
}

/// A correlation or index as it is read, never -0.00.
pub(super) fn two_digits(value: f64) -> String {
    format!("{:.2}", (100.0 * value).round() / 100.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use crate::map::concentration::*;

    fn units(amounts: &[i64]) -> Vec<Money> {
        amounts.iter().map(|amount| Money(amount * Money::SCALE)).collect()
    }

    fn scattered(n: usize, step: usize) -> impl DoubleEndedIterator<Item = usize> {
        (0..n).map(move |i| i * step % 10_007)
    }

    #[test]
    fn a_whale_by_hand() {
        let whale = WhaleCurve::of(&units(&[-30, 60, 0, 90, -20]));
        let points: Vec<(f64, i64)> =
            whale.points.iter().map(|point| (point.customers, point.profit.0 / Money::SCALE)).collect();
        assert_eq!(points, [(0.0, 0), (0.2, 90), (0.4, 150), (0.6, 150), (0.8, 130), (1.0, 100)]);
        assert_eq!(whale.peak, ProfitPoint { customers: 0.4, profit: Money(150 * Money::SCALE) });
        assert_eq!(
            (whale.customers, whale.profit, whale.lost),
            (5, Money(100 * Money::SCALE), Money(50 * Money::SCALE))
        );
        assert_eq!(
            whale.sentence(),
            "40 % of the customers are profitable and bring 150 % of the final profit of 100.00; the others lose 50.00 \
             of it again."
        );
    }

    #[test]
    fn whales_without_a_profit_have_no_percent() {
        let of = |amounts: &[i64]| {
            let whale = WhaleCurve::of(&units(amounts));
            (
                whale.peak_percent,
                whale.profitable_share,
                whale.peak.customers,
                whale.lost.0 / Money::SCALE,
                whale.points.len(),
            )
        };
        assert_eq!(of(&[]), (None, None, 0.0, 0, 1));
        assert_eq!(of(&[0, 0]), (None, Some(0.0), 0.0, 0, 3));
        assert_eq!(of(&[-5, -1]), (None, Some(0.0), 0.0, 6, 3));
        assert_eq!(of(&[5, -5]), (None, Some(0.5), 0.5, 5, 3));
        assert_eq!(of(&[5]), (Some(100.0), Some(1.0), 1.0, 0, 2));
        let sentence = |amounts: &[i64]| WhaleCurve::of(&units(amounts)).sentence();
        assert_eq!(sentence(&[]), "There are no customers to rank by profit.");
        assert_eq!(
            sentence(&[5, 0]),
            "50 % of the customers are profitable and none loses money, so no profit is lost."
        );
        assert!(
            sentence(&[-5]).starts_with("0 % of the customers are profitable and bring 0.00; the others lose 5.00")
        );
    }

    #[test]
    fn a_large_whale_keeps_its_ends_and_peak_in_any_order() {
        let profit: Vec<Money> = scattered(10_000, 37).map(|i| Money(i as i64 / 3 - 1_234)).collect();
        let whale = WhaleCurve::of(&profit);
        assert!(whale.points.len() <= MOST_POINTS);
        assert!(whale.points.contains(&whale.peak));
        assert_eq!(whale.points.first().map(|point| (point.customers, point.profit)), Some((0.0, Money(0))));
        assert_eq!(
            whale.points.last().map(|point| (point.customers, point.profit)),
            Some((1.0, profit.iter().copied().sum()))
        );
        assert!(whale.points.iter().all(|point| point.profit <= whale.peak.profit));
        let reversed: Vec<Money> = profit.into_iter().rev().collect();
        assert_eq!(WhaleCurve::of(&reversed), whale);
    }

    #[test]
    fn sums_beyond_money_stand_at_its_end() {
        let whale = WhaleCurve::of(&[Money(i64::MAX), Money(i64::MAX), Money(i64::MIN)]);
        assert_eq!(
            (whale.peak.profit, whale.lost, whale.profit),
            (Money(i64::MAX), Money(i64::MAX), Money(i64::MAX - 1))
        );
        assert!(Concentration::of(&[2.0, 1.0, 0.0], &[Money(i64::MAX); 3]).is_some_and(|curve| curve.index == 0.0));
    }

    #[test]
    fn a_concentration_by_hand() -> Result<(), &'static str> {
        // Ranked: 6, then 3 and 1 tied as 2 and 2, then 0. Areas of trapezoids of width 1/4 over cumulative 6, 8, 10,
        // 10.
        let curve = Concentration::of(&[1.0, 5.0, 5.0, 9.0, f64::NAN], &units(&[0, 3, 1, 6, 100])).ok_or("none")?;
        assert_eq!(curve.points.iter().map(|point| point.cost).collect::<Vec<_>>(), [0.0, 0.6, 0.8, 1.0, 1.0]);
        assert_eq!(curve.index, 0.45); // 2 x 1/4 x (0.3 + 0.7 + 0.9 + 1) - 1
        assert!((curve.cost_share(0.2) - 0.48).abs() < 1e-15); // of one rounding
        assert_eq!([0.0, 0.25, 1.0].map(|share| curve.cost_share(share)), [0.0, 0.6, 1.0]);
        Ok(())
    }

    #[test]
    fn the_index_turns_its_sign_with_the_order() {
        let index =
            |attractiveness: &[f64], cost: &[i64]| Concentration::of(attractiveness, &units(cost)).map(|c| c.index);
        assert_eq!(index(&[1.0, 2.0, 3.0, 4.0], &[0, 0, 0, 4]), Some(0.75));
        assert_eq!(index(&[4.0, 3.0, 2.0, 1.0], &[0, 0, 0, 4]), Some(-0.75));
        assert_eq!(index(&[1.0, 2.0, 3.0, 4.0], &[7; 4]), Some(0.0));
        assert_eq!(index(&[1.0, 2.0], &[1, 2]), Some(1.0 / 6.0));
        for (attractiveness, cost) in [
            (vec![], vec![]),
            (vec![1.0], vec![1]),
            (vec![1.0, 1.0], vec![1, 2]),
            (vec![1.0, 2.0], vec![0, 0]),
            (vec![f64::NAN; 3], vec![1; 3]),
        ] {
            assert_eq!(index(&attractiveness, &cost), None, "{attractiveness:?}");
        }
    }

    #[test]
    fn the_index_is_twice_the_covariance_with_rank() -> Result<(), &'static str> {
        // Kakwani, Wagstaff and van Doorslaer (1997): 2 / mean x cov(cost, fractional mid-rank).
        let worth: Vec<f64> = scattered(5_000, 37).map(|i| (i % 83) as f64).collect();
        let cost: Vec<Money> = scattered(5_000, 101).map(|i| Money((i % 977) as i64)).collect();
        let n = worth.len() as f64;
        let rank = |w: f64| {
            (worth.iter().filter(|&&o| o > w).count() as f64 + 0.5 * worth.iter().filter(|&&o| o == w).count() as f64)
                / n
        };
        let mean = cost.iter().map(|c| c.0 as f64).sum::<f64>() / n;
        let covariance = worth.iter().zip(&cost).map(|(&w, c)| (c.0 as f64 - mean) * (0.5 - rank(w))).sum::<f64>() / n;
        let curve = Concentration::of(&worth, &cost).ok_or("none")?;
        assert!((curve.index - 2.0 * covariance / mean).abs() < 1e-12, "{}", curve.index); // of rounding
        assert!(curve.points.len() == MOST_POINTS && curve.points.windows(2).all(|pair| pair[0].cost <= pair[1].cost));
        let back: (Vec<f64>, Vec<Money>) = worth.into_iter().rev().zip(cost.into_iter().rev()).unzip();
        assert_eq!(Concentration::of(&back.0, &back.1), Some(curve));
        Ok(())
    }

    #[test]
    fn shares_are_not_rounded_to_nothing_or_all() {
        assert_eq!([-0.004, 0.125, -1.0].map(two_digits), ["0.00", "0.13", "-1.00"]);
        assert_eq!(
            [0.0, 0.004, 0.1234, 0.996, 1.0].map(percent),
            ["0 %", "less than 1 %", "12 %", "more than 99 %", "100 %"]
        );
    }
}
