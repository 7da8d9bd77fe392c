//! Is the idea kept? Whether the customers who matter most get the best contact, in a handful of numbers.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::map::concentration::{percent, two_digits};
use crate::map::{Concentration, CustomerMap};

/// Draws of the bootstrap.
const DRAWS: u64 = 999;
/// What is drawn: so many customers, or so many groups of them.
const GROUPS: usize = 1_000;
/// Fewer customers than this say nothing about how sure a correlation is.
const FEWEST_FOR_INTERVAL: usize = 10;
/// Fewer customers than this have no correlation worth the name: two always have one of 1 or -1.
const FEWEST_FOR_CORRELATION: usize = 3;

/// The rank correlation of two axes, -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankCorrelation {
    /// Spearman's rank correlation, ties at their mid-rank.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub value: f64,
    /// The 95 % interval, low and high; `None` of fewer than 10 customers, and where so many are equal that resampling
    /// often leaves only equal ones.
    pub interval: Option<[f64; 2]>,
}

/// The idea, that the customers who matter most should get the best contact, held against a map.
///
/// ```
/// use clivia_core::map::{Column, Idea, IndexSettings, MapInput, MapSettings};
///
/// let only = |name: &str| IndexSettings { weights: [(name.to_string(), 1.0)].into(), ..Default::default() };
/// let worth: Vec<f64> = (0..40).map(f64::from).collect();
/// let input = MapInput {
///     attractiveness: &[Column { name: "clv", values: &worth, less_is_better: false }],
///     contact: &[Column { name: "intensity", values: &worth, less_is_better: false }],
///     contacted: &[true; 40],
///     revenue: None,
///     clv: Some(&worth),
///     contact_cost: None,
///     profit: None,
/// };
/// let map = MapSettings::default().fit(&only("clv"), &only("intensity"), &input)?.apply(&input)?;
/// let idea = Idea::of(&map, input.contact_cost, 1);
/// assert_eq!(idea.rank_correlation.map(|correlation| correlation.value), Some(1.0));
/// assert!(idea.sentences()[0].starts_with("The idea is kept"));
/// # Ok::<(), clivia_core::map::MapError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Idea {
    /// Customers on the map.
    pub customers: u64,
    /// How far contact may stand from attractiveness and still be aligned.
    pub tolerance: f64,
    /// Whether customers differ in attractiveness.
    pub attractiveness_differs: bool,
    /// Whether customers differ in contact quality.
    pub contact_differs: bool,
    /// Rank correlation of attractiveness and contact quality; `None` of fewer than three customers, and where they do
    /// not differ.
    pub rank_correlation: Option<RankCorrelation>,
    /// Contact cost over attractiveness; `None` as in [`Concentration::of`].
    pub contact_cost: Option<Concentration>,
    /// CLV of the under-served as a share of all CLV on the map, 0-1.
    pub under_served_clv_share: Option<f64>,
    /// Contact cost of the over-served as a share of all contact cost on the map, 0-1.
    pub over_served_contact_cost_share: Option<f64>,
}

impl Idea {
    /// Holds the idea against a map. `contact_cost` is a row a customer; `seed` starts the draws of the interval.
    pub fn of(map: &CustomerMap, contact_cost: Option<&[Money]>, seed: u64) -> Idea {
        let mapped = || (0..map.cell.len()).into_par_iter().filter(|&customer| map.cell[customer].is_some());
        let worth: Vec<f64> = mapped().map(|customer| map.attractiveness[customer]).collect();
        let treated: Vec<f64> = mapped().map(|customer| map.contact_quality[customer]).collect();
        let cost = contact_cost.map(|cost| mapped().map(|customer| cost[customer]).collect::<Vec<_>>());
        Idea {
            customers: map.totals.mapped,
            tolerance: map.tolerance,
            attractiveness_differs: differ(&worth),
            contact_differs: differ(&treated),
            rank_correlation: RankCorrelation::of(&worth, &treated, seed),
            contact_cost: cost.and_then(|cost| Concentration::of(&worth, &cost)),
            under_served_clv_share: map.totals.under_served_clv_share,
            over_served_contact_cost_share: map.totals.over_served_contact_cost_share,
        }
    }

    /// One plain sentence for each number: correlation, concentration, CLV under-served, cost over-served.
    pub fn sentences(&self) -> Vec<String> {
        vec![self.correlation_sentence(), self.concentration_sentence(), self.value_sentence(), self.cost_sentence()]
    }

    fn correlation_sentence(&self) -> String {
        match (self.rank_correlation, self.customers) {
            (Some(correlation), _) => correlation.sentence(self.customers),
            (None, 0) => "Nobody is on the map, so there is nothing to say about the idea.".into(),
            (None, 1) => "Only one customer is on the map, so there is nothing to compare.".into(),
            (None, 2) => "Only 2 customers are on the map, too few for a connection between worth and contact.".into(),
            _ if !self.attractiveness_differs => {
                "All customers are equally attractive, so contact cannot follow attractiveness.".into()
            }
            _ => "All customers are contacted equally well, so contact does not follow attractiveness.".into(),
        }
    }

    fn concentration_sentence(&self) -> String {
        match &self.contact_cost {
            Some(concentration) => spread_sentence(concentration),
            None if self.over_served_contact_cost_share.is_none() => {
                "No contact cost is known, so it is unknown to whom it goes.".into()
            }
            None if self.customers < 2 => "Only one customer is on the map, so contact cost cannot be compared.".into(),
            None => "All customers are equally attractive, so it does not matter to whom contact cost goes.".into(),
        }
    }

    fn value_sentence(&self) -> String {
        match self.under_served_clv_share {
            Some(share) => format!(
                "{} of the customer lifetime value is with under-served customers, whose contact is more than {} \
                 points below their attractiveness.",
                percent(share),
                self.tolerance
            ),
            None => "No customer lifetime value above 0 is known, so it cannot be said how much of it is under-served."
                .into(),
        }
    }

    fn cost_sentence(&self) -> String {
        match self.over_served_contact_cost_share {
            Some(share) => format!(
                "{} of the contact cost goes to over-served customers, whose contact is more than {} points above \
                 their attractiveness.",
                percent(share),
                self.tolerance
            ),
            None => "No contact cost is known, so none can be shown to go to over-served customers.".into(),
        }
    }
}

fn differ(values: &[f64]) -> bool {
    values.windows(2).any(|pair| pair[0] != pair[1])
}

fn spread_sentence(concentration: &Concentration) -> String {
    let index = concentration.index;
    let spread = match index {
        _ if index > 0.05 => "More contact cost goes to the more attractive customers",
        _ if index < -0.05 => "More contact cost goes to the less attractive customers",
        _ => "Contact cost is spread regardless of attractiveness",
    };
    let fifth = if concentration.customers >= FEWEST_FOR_INTERVAL as u64 {
        format!(": the most attractive fifth gets {}", percent(concentration.cost_share(0.2)))
    } else {
        String::new()
    };
    format!(
        "{spread}{fifth} (concentration index {}; 1 = all for the most attractive, 0 = spread evenly, -1 = all for the \
         least attractive).",
        two_digits(index)
    )
}

impl RankCorrelation {
    /// Spearman's rank correlation of two columns of equal length without NaN, with a 95 % percentile bootstrap
    /// interval of 999 draws; `None` of fewer than three customers, and where a column does not differ.
    ///
    /// ```text
    /// value = Σ (aᵢ - m)(bᵢ - m) / √(Σ (aᵢ - m)² Σ (bᵢ - m)²)
    /// ```
    ///
    /// with the mid-ranks a and b of a customer in either column and their mean m = (n + 1) / 2.
    ///
    /// **The draws.** Up to 1,000 customers, customers are drawn with replacement, as many as there are. Of more, they
    /// are first dealt at random to 1,000 groups of equal size (give or take one), and groups are drawn. The
    /// correlation is a function of six sums over customers; the sums of random groups vary between groups as sums of
    /// so many customers do, so drawing groups gives these six sums the same spread as drawing customers, known to 1
    /// part in √(2 x 1,000), 2 % of its size (the random-group method: Wolter, 2007, Introduction to Variance
    /// Estimation, chapter 2). So the interval of a million customers takes no longer than that of a thousand.
    ///
    /// **The ranks** stay those of the whole base: they are not ranked again within a draw. The width of the interval
    /// is then off by up to 6 % of what the correlation spreads in truth, as simulated of 500 normal pairs with
    /// correlations from 0 to 0.95.
    ///
    /// Customers are put in the order of their ranks before they are dealt and drawn, so the result depends neither on
    /// their order nor on the number of threads.
    ///
    /// Spearman (1904), "The proof and measurement of association between two things", American Journal of Psychology
    /// 15(1), 72-101; Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    pub fn of(a: &[f64], b: &[f64], seed: u64) -> Option<RankCorrelation> {
        let customers = a.len().min(b.len());
        if customers < FEWEST_FOR_CORRELATION {
            return None;
        }
        let mut ranks: Vec<(i64, i64)> = centred_ranks(a).into_iter().zip(centred_ranks(b)).collect();
        ranks.par_sort_unstable();
        ranks.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
        let value = spearman(&ranks)?;
        let groups = deal(&ranks);
        let interval = (customers >= FEWEST_FOR_INTERVAL).then(|| interval(&groups, seed)).flatten();
        Some(RankCorrelation { value, interval })
    }

    /// What it says of the idea; [`Verdict::Untold`] where it is not known how sure it is.
    pub fn verdict(&self) -> Verdict {
        self.interval.map_or(Verdict::Untold, |[low, high]| Verdict::of(self.value, low, high))
    }

    fn sentence(&self, customers: u64) -> String {
        let value = two_digits(self.value);
        let scale = "1 = the more attractive always get the better contact, 0 = no connection, -1 = the worse contact";
        let Some([low, high]) = self.interval else {
            return format!(
                "The rank correlation of attractiveness and contact quality is {value} ({scale}), but of {customers} \
                 customers it does not say how sure that is."
            );
        };
        let (reading, low, high) = (Verdict::of(self.value, low, high).words(), two_digits(low), two_digits(high));
        format!("{reading} (rank correlation {value}, 95 % interval {low} to {high}; {scale}).")
    }
}

/// What a correlation says of the idea.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Contact does not follow attractiveness.
    NotKept,
    /// There are too few customers to tell.
    Untold,
    /// The more attractive get the worse contact.
    UpsideDown,
    /// The more attractive get slightly worse contact.
    Against,
    /// Contact follows attractiveness weakly.
    HardlyKept,
    /// It follows with many exceptions.
    KeptInPart,
    /// It follows closely.
    Kept,
}

impl Verdict {
    /// Below 0.3 a connection is weak and from 0.7 it is close, as is usual.
    fn of(value: f64, low: f64, high: f64) -> Self {
        match value {
            _ if low <= 0.0 && high >= 0.0 && low > -0.3 && high < 0.3 => Verdict::NotKept,
            _ if low <= 0.0 && high >= 0.0 => Verdict::Untold,
            _ if value < -0.3 => Verdict::UpsideDown,
            _ if value < 0.0 => Verdict::Against,
            _ if value < 0.3 => Verdict::HardlyKept,
            _ if value < 0.7 => Verdict::KeptInPart,
            _ => Verdict::Kept,
        }
    }

    /// Its key, such as `not-kept`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::NotKept => "not-kept",
            Verdict::Untold => "untold",
            Verdict::UpsideDown => "upside-down",
            Verdict::Against => "against",
            Verdict::HardlyKept => "hardly-kept",
            Verdict::KeptInPart => "kept-in-part",
            Verdict::Kept => "kept",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Verdict::NotKept => "The idea is not kept: contact does not follow attractiveness",
            Verdict::Untold => "There are too few customers to say whether the idea is kept",
            Verdict::UpsideDown => "The idea is turned upside down: the more attractive get the worse contact",
            Verdict::Against => "The idea is not kept: the more attractive get slightly worse contact",
            Verdict::HardlyKept => "The idea is hardly kept: contact follows attractiveness weakly",
            Verdict::KeptInPart => "The idea is kept in part: contact follows attractiveness, with many exceptions",
            Verdict::Kept => "The idea is kept: contact follows attractiveness closely",
        }
    }
}

/// Twice the mid-ranks less their mean, which are whole numbers: from -(n - 1) to n - 1, 0 for the customer in the
/// middle.
fn centred_ranks(values: &[f64]) -> Vec<i64> {
    let mut ranked: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    ranked.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0; values.len()];
    let mut below = 0;
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let up_to = below + tied.len();
        let rank = (below + up_to) as i64 - values.len() as i64;
        tied.iter().for_each(|&(_, place)| ranks[place] = rank);
        below = up_to;
    }
    ranks
}

/// The correlation of centred ranks, from sums of whole numbers; `None` where a column does not differ.
fn spearman(ranks: &[(i64, i64)]) -> Option<f64> {
    let sum =
        |product: fn(i128, i128) -> i128| ranks.iter().map(|&(a, b)| product(a.into(), b.into())).sum::<i128>() as f64;
    let (aa, bb, ab) = (sum(|a, _| a * a), sum(|_, b| b * b), sum(|a, b| a * b));
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt()).map(|value| value.clamp(-1.0, 1.0))
}

/// The sums that the correlation of a draw is made of.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: f64,
    a: f64,
    b: f64,
    aa: f64,
    bb: f64,
    ab: f64,
}

impl Moments {
    fn of(a: f64, b: f64) -> Self {
        Moments { n: 1.0, a, b, aa: a * a, bb: b * b, ab: a * b }
    }

    fn add(self, other: &Moments) -> Self {
        Moments {
            n: self.n + other.n,
            a: self.a + other.a,
            b: self.b + other.b,
            aa: self.aa + other.aa,
            bb: self.bb + other.bb,
            ab: self.ab + other.ab,
        }
    }

    /// `None` where a column does not differ.
    fn correlation(self) -> Option<f64> {
        let covariance = self.ab - self.a * self.b / self.n;
        let variances = [self.aa - self.a * self.a / self.n, self.bb - self.b * self.b / self.n];
        // Beyond the rounding of sums that cancel. Equal customers all have the same rank, so nothing smaller is meant.
        let differ = variances[0] > 1e-12 * self.aa && variances[1] > 1e-12 * self.bb;
        differ.then(|| (covariance / (variances[0] * variances[1]).sqrt()).clamp(-1.0, 1.0))
    }
}

/// Deals customers, already in random order, to at most 1,000 groups in turn, and sums up each.
fn deal(ranks: &[(i64, i64)]) -> Vec<Moments> {
    let scale = ranks.len() as f64;
    let mut groups = vec![Moments::default(); ranks.len().min(GROUPS)];
    let count = groups.len();
    for (place, &(a, b)) in ranks.iter().enumerate() {
        let customer = Moments::of(a as f64 / scale, b as f64 / scale);
        groups[place % count] = groups[place % count].add(&customer);
    }
    groups
}

/// The 95 % percentile interval over draws of groups; `None` where more than one draw in twenty has only equal
/// customers.
fn interval(groups: &[Moments], seed: u64) -> Option<[f64; 2]> {
    let draw = |number: u64| {
        // Draws are numbered, so that they are the same whichever thread makes them.
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(number));
        let drawn = (0..groups.len()).map(|_| &groups[chance.gen_range(0..groups.len())]);
        drawn.fold(Moments::default(), Moments::add).correlation()
    };
    let mut drawn: Vec<f64> = (1..=DRAWS).into_par_iter().filter_map(draw).collect();
    drawn.sort_unstable_by(f64::total_cmp);
    let tail = (drawn.len() + 1) / 40;
    let enough = drawn.len() as u64 * 20 >= DRAWS * 19;
    enough.then(|| [drawn[tail - 1], drawn[drawn.len() - tail]])
}

#[cfg(test)]
mod tests {
    use crate::map::idea::*;

    fn noisy(n: usize, noise: f64) -> (Vec<f64>, Vec<f64>) {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(7);
        (0..n)
            .map(|_| {
                let a: f64 = chance.r#gen();
                (a, a + noise * chance.r#gen::<f64>())
            })
            .unzip()
    }

    fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
        RankCorrelation::of(a, b, 1).map(|correlation| correlation.value)
    }

    #[test]
    fn a_rank_correlation_by_hand() {
        // Without ties 1 - 6 Σ d² / (n (n² - 1)): differences of ranks 0, 1, -1, 1, -1 make 1 - 6 x 4 / 120.
        assert_eq!(correlation(&[1.0, 2.0, 3.0, 4.0, 5.0], &[10.0, 30.0, 20.0, 500.0, 40.0]), Some(0.8));
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[9.0, 5.0, 1.0]), Some(-1.0));
        // Ties at their mid-rank: 1, 2.5, 2.5, 4 against 1, 2, 3, 4 is 4.5 / √(4.5 x 5).
        let tied = correlation(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]).unwrap_or(0.0);
        assert!((tied - 0.9_f64.sqrt()).abs() < 1e-15, "{tied}"); // of rounding
        assert_eq!(correlation(&[], &[]), None);
        assert_eq!(correlation(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(correlation(&[1.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
        assert_eq!(RankCorrelation::of(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0], 1).and_then(|c| c.interval), None);
    }

    #[test]
    fn neither_order_nor_threads_matter() -> Result<(), rayon::ThreadPoolBuildError> {
        for n in [200, 5_000] {
            let (mut a, mut b) = noisy(n, 1.0);
            a.iter_mut().take(50).for_each(|value| *value = 0.5);
            let on = |threads, a: &[f64], b: &[f64]| {
                Ok(rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()?
                    .install(|| RankCorrelation::of(a, b, 3)))
            };
            let one = on(1, &a, &b)?;
            a.reverse();
            b.reverse();
            assert_eq!(on(4, &a, &b)?, one);
        }
        Ok(())
    }

    #[test]
    fn groups_of_customers_give_the_interval_of_customers() -> Result<(), &'static str> {
        let (a, b) = noisy(4_000, 1.0);
        let found = RankCorrelation::of(&a, &b, 1).ok_or("none")?;
        let [low, high] = found.interval.ok_or("no interval")?;
        // The plain bootstrap of all 4,000 customers, each a group of its own.
        let scale = a.len() as f64;
        let ranks = centred_ranks(&a).into_iter().zip(centred_ranks(&b));
        let customers: Vec<Moments> = ranks.map(|(a, b)| Moments::of(a as f64 / scale, b as f64 / scale)).collect();
        let [plain_low, plain_high] = interval(&customers, 2).ok_or("no interval")?;
        assert!(low < found.value && found.value < high);
        // 2 % by groups and 3.5 % by draws in either width, three deviations: 17 %.
        assert!(((high - low) / (plain_high - plain_low) - 1.0).abs() < 0.17, "{low} {high} {plain_low} {plain_high}");
        assert!((low - plain_low).abs() < 0.2 * (high - low) && (high - plain_high).abs() < 0.2 * (high - low));
        Ok(())
    }

    /// How many of 400 bases of normal pairs have an interval that holds the truth, which is 6 / π x asin(r / 2).
    fn bases_that_hold_the_truth(r: f64) -> usize {
        let truth = 6.0 / std::f64::consts::PI * (r / 2.0).asin();
        let holds = |seed: &u64| {
            let mut chance = Xoshiro256PlusPlus::seed_from_u64(1_000 + seed);
            let mut normal = || {
                let angle = std::f64::consts::TAU * chance.r#gen::<f64>();
                (-2.0 * (1.0 - chance.r#gen::<f64>()).ln()).sqrt() * angle.cos()
            };
            let (a, b): (Vec<f64>, Vec<f64>) = (0..150)
                .map(|_| normal())
                .collect::<Vec<_>>()
                .into_iter()
                .map(|a| (a, r * a + (1.0 - r * r).sqrt() * normal()))
                .unzip();
            let interval = RankCorrelation::of(&a, &b, *seed).and_then(|found| found.interval);
            interval.is_some_and(|[low, high]| low <= truth && truth <= high)
        };
        (0..400).filter(holds).count()
    }

    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        // 380 expected, with a deviation of 4.4; the percentile interval is a little short of it.
        for r in [0.0, 0.8] {
            let held = bases_that_hold_the_truth(r);
            assert!((364..=393).contains(&held), "{held} of 400 with a correlation of {r}");
        }
    }

    #[test]
    fn so_many_equal_that_draws_are_all_equal_have_no_interval() {
        let mut one = vec![1.0; 12];
        one[3] = 2.0;
        let found = RankCorrelation::of(&one, &noisy(12, 0.0).0, 1);
        assert!(found.is_some_and(|found| found.interval.is_none()));
    }

    #[test]
    fn every_reading_of_a_correlation() {
        let read =
            |value: f64, low: f64, high: f64| RankCorrelation { value, interval: Some([low, high]) }.sentence(99);
        assert!(read(-0.001, -0.1, 0.12).starts_with("The idea is not kept: "));
        assert!(read(-0.001, -0.1, 0.12).contains("(rank correlation 0.00, 95 % interval -0.10 to 0.12; "));
        assert!(read(0.3, -0.2, 0.7).starts_with("There are too few customers to say whether the idea is kept"));
        assert!(read(-0.4, -0.5, -0.3).starts_with("The idea is turned upside down: "));
        assert!(read(-0.1, -0.15, -0.05).starts_with("The idea is not kept: the more attractive get slightly worse"));
        assert!(read(0.2, 0.1, 0.3).starts_with("The idea is hardly kept: "));
        assert!(read(0.5, 0.4, 0.6).starts_with("The idea is kept in part: "));
        assert!(read(0.9, 0.85, 0.93).starts_with("The idea is kept: "));
        assert!(read(0.9, 0.85, 0.93).contains("(rank correlation 0.90, 95 % interval 0.85 to 0.93; "));
        assert!(RankCorrelation { value: 0.9, interval: None }.sentence(5).contains("of 5 customers"));
    }
}
