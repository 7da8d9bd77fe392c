//! Attractiveness: what makes a customer worth good contact, by weight.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::{Day, Money};
use crate::map::index::{Target, check_names, check_weights};
use crate::map::{FittedIndex, IndexSettings, MapError};

/// The criteria that are worked out from orders and contacts.
const CRITERIA: [&str; 4] = ["clv", "profit", "growth", "p_alive"];

/// The longest window of growth: a hundred years.
const LONGEST_WINDOW: u32 = 36_525;

/// The figure behind value, best first: each stands in where those before it are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Customer lifetime value.
    Clv,
    /// Purchases expected over the horizon, where there are no amounts.
    ExpectedPurchases,
    /// Revenue so far, where no model could be fitted.
    Revenue,
    /// Orders so far.
    Orders,
}

impl Source {
    /// All of them, best first.
    pub const ALL: [Source; 4] = [Source::Clv, Source::ExpectedPurchases, Source::Revenue, Source::Orders];

    /// Its column's name: `clv`.
    pub fn name(self) -> &'static str {
        match self {
            Source::Clv => "clv",
            Source::ExpectedPurchases => "expected_purchases",
            Source::Revenue => "revenue",
            Source::Orders => "orders",
        }
    }

    /// The one that an index was fitted with, so that another base is scored by the same; `None` where value has no
    /// weight in it.
    pub fn of(index: &FittedIndex) -> Option<Source> {
        Source::ALL.into_iter().find(|source| index.has(source.name()))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What makes a customer attractive: a table of clivia.toml.
///
/// Attractiveness is an index ([`FittedIndex`]) over these criteria:
///
/// | criterion | what it is | default weight |
/// |---|---|---|
/// | `clv` | lifetime value ahead; where there is none, the next [`Source`] takes its place and weight | 0.6 |
/// | `profit` | profit so far, by [`AttractivenessSettings::profit`] | 0.2 |
/// | `growth` | trend of spend against the customer's own past, by [`SpendWindows::growth`] | 0.1 |
/// | `p_alive` | the probability of still being a customer | 0.1 |
///
/// and over any column of the customers table. What lies ahead has most of the weight, since contact can still change
/// it; what lies behind is known for certain and steadies it. CLV holds the chance of still being a customer already;
/// the small weight of its own tells apart customers of equal value by how safe that value is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttractivenessSettings {
    /// Weights of the criteria above, in any unit; one that is not named counts nothing.
    pub weights: BTreeMap<String, f64>,
    /// Targets as `[worst, best]` by criterion or column; without one the base is the yardstick.
    pub targets: BTreeMap<String, [f64; 2]>,
    /// Columns of the customers table by weight, such as `{ balance = 0.1, arrears = -0.1 }`: of one with a negative
    /// weight, less is better.
    pub columns: BTreeMap<String, f64>,
    /// Length of either window of growth, in days, from 1.
    pub growth_days: u32,
    /// What serving one order costs, in currency units.
    pub cost_per_order: f64,
    /// The column of the customers table that holds what serving a customer has cost; empty = none.
    pub cost_to_serve: String,
}

impl Default for AttractivenessSettings {
    fn default() -> Self {
        AttractivenessSettings {
            weights: CRITERIA.into_iter().map(str::to_string).zip([0.6, 0.2, 0.1, 0.1]).collect(),
            targets: BTreeMap::new(),
            columns: BTreeMap::new(),
            growth_days: 182,
            cost_per_order: 0.0,
            cost_to_serve: String::new(),
        }
    }
}

impl AttractivenessSettings {
    /// Checks what no type can.
    ///
    /// # Errors
    /// [`MapError`] naming the criterion or setting.
    pub fn check(&self) -> Result<(), MapError> {
        let columns: Vec<&str> = self.columns.keys().map(String::as_str).collect();
        check_names(self.weights.keys().map(String::as_str), &CRITERIA)?;
        check_names(self.targets.keys().map(String::as_str), &[&CRITERIA[..], &columns].concat())?;
        if let Some(taken) = columns.iter().find(|name| is_taken(name)) {
            return Err(MapError::Twice(taken.to_string()));
        }
        check_weights(&self.weights_of(Source::Clv))?;
        self.targets.values().try_for_each(|target| Target::try_from(*target).map(drop))?;
        if !(1..=LONGEST_WINDOW).contains(&self.growth_days) {
            return Err(MapError::GrowthDays(self.growth_days));
        }
        self.order_cost().map(drop)
    }

    /// The index to fit where `value` stands for lifetime value. A target of `clv` is in money ahead and means nothing
    /// to what stands in for it, so it then falls away.
    ///
    /// # Errors
    /// [`MapError`] as for [`AttractivenessSettings::check`].
    pub fn index(&self, value: Source) -> Result<IndexSettings, MapError> {
        self.check()?;
        let mut targets = self.targets.clone();
        if value != Source::Clv {
            targets.remove(Source::Clv.name());
        }
        Ok(IndexSettings { weights: self.weights_of(value), targets })
    }

    /// Whether less of a criterion or column is better.
    pub fn less_is_better(&self, name: &str) -> bool {
        self.columns.get(name).is_some_and(|weight| *weight < 0.0)
    }

    fn weights_of(&self, value: Source) -> BTreeMap<String, f64> {
        let name = |name: &String| if name == Source::Clv.name() { value.name().to_string() } else { name.clone() };
        let criteria = self.weights.iter().map(|(criterion, weight)| (name(criterion), *weight));
        let columns = self.columns.iter().map(|(column, weight)| (column.clone(), weight.abs()));
        criteria.chain(columns).collect()
    }

    fn order_cost(&self) -> Result<Money, MapError> {
        let cost = Money::from_f64(self.cost_per_order).filter(|cost| *cost >= Money(0));
        cost.ok_or(MapError::CostPerOrder(self.cost_per_order))
    }

    /// What a customer has brought so far, after what it took to serve and to contact it.
    ///
    /// ```text
    /// profit = margin - orders x cost per order - cost to serve - contact cost
    /// ```
    ///
    /// `margin` is the customer's revenue, net of returns, times the share of it that is profit. `cost_to_serve` is the
    /// customers table's, and `contact_cost` the sum over the customer's contacts; 0 where not known. The result may
    /// be negative; beyond what [`Money`] holds it stands at the end.
    ///
    /// ```
    /// use clivia_core::map::AttractivenessSettings;
    /// use clivia_core::base::Money;
    ///
    /// let settings = AttractivenessSettings { cost_per_order: 4.0, ..Default::default() };
    /// let money = |units: i64| Money(units * Money::SCALE);
    /// assert_eq!(settings.profit(money(100), 3, money(20), money(90))?, money(-22));
    /// # Ok::<(), clivia_core::map::MapError>(())
    /// ```
    ///
    /// # Errors
    /// [`MapError::CostPerOrder`] where that setting is no amount of money.
    pub fn profit(
        &self,
        margin: Money,
        orders: u32,
        cost_to_serve: Money,
        contact_cost: Money,
    ) -> Result<Money, MapError> {
        let orders = i128::from(self.order_cost()?.0) * i128::from(orders);
        let costs = orders + i128::from(cost_to_serve.0) + i128::from(contact_cost.0);
        Ok(super::cells::money(i128::from(margin.0) - costs))
    }

    /// The two windows of growth that end with `as_of`.
    pub fn windows(&self, as_of: Day) -> SpendWindows {
        SpendWindows { as_of, days: self.growth_days.clamp(1, LONGEST_WINDOW) as i32 }
    }
}

/// Whether a column of this name would be mistaken for a criterion.
fn is_taken(name: &str) -> bool {
    CRITERIA.contains(&name) || Source::ALL.iter().any(|source| source.name() == name)
}

/// Trend of spend: what came lately against what came before.
///
/// ```text
/// growth = (recent - before) / (recent + before)
/// ```
///
/// from -1 (stopped) over 0 (as before) to 1 (newly begun); a third up is 1/7, doubled is 1/3, tripled 1/2. Both are
/// net amounts in currency units, or counts; a negative one, of returns beyond purchases, counts as 0. NaN where both
/// are 0: nothing before and nothing since is no trend, and a 0 would put a customer long gone beside a steady one.
///
/// ```
/// use clivia_core::map::growth;
/// assert_eq!(growth(300.0, 100.0), 0.5);
/// assert_eq!(growth(-5.0, 100.0), -1.0);
/// assert!(growth(0.0, 0.0).is_nan());
/// ```
pub fn growth(recent: f64, before: f64) -> f64 {
    let (recent, before) = (recent.clamp(0.0, f64::INFINITY), before.clamp(0.0, f64::INFINITY));
    (recent - before) / (recent + before)
}

/// Two windows of equal length that follow each other, the later one ending with the as-of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpendWindows {
    as_of: Day,
    days: i32,
}

impl SpendWindows {
    /// A customer's [`growth`] from its purchase days, in any order, and what was spent on each; where there are no
    /// amounts, every purchase day counts 1. NaN = absent.
    ///
    /// The recent window holds the last `growth_days` days up to the as-of day, the window before it as many. A
    /// customer that is at least two windows old is seen throughout both. For a younger one the second window starts
    /// with its first purchase, so that
    ///
    /// - this first purchase is left out: it is there because the window starts with it, and counted would make every
    ///   young customer seem to shrink;
    /// - the rest is scaled up to a whole window, by `growth_days / (age - growth_days)`, at most twofold;
    /// - below an age of 1.5 windows, less than half of the second is seen: too little for a trend, so there is none.
    ///
    /// ```
    /// use clivia_core::map::AttractivenessSettings;
    /// use clivia_core::base::Day;
    ///
    /// let windows = AttractivenessSettings { growth_days: 100, ..Default::default() }.windows(Day(1_000));
    /// // Old enough; one purchase day in the window before, two in the recent one.
    /// assert!((windows.growth(Day(500), &[Day(500), Day(850), Day(920), Day(999)], None) - 1.0 / 3.0).abs() < 1e-15);
    /// // First seen 150 days ago: one day after the first in half a window, so two in a whole one.
    /// assert_eq!(windows.growth(Day(850), &[Day(850), Day(870), Day(920), Day(999)], None), 0.0);
    /// assert!(windows.growth(Day(851), &[Day(851), Day(999)], None).is_nan());
    /// ```
    pub fn growth(&self, first_order: Day, days: &[Day], spend: Option<&[Money]>) -> f64 {
        let (age, window) = (self.age(first_order), i64::from(self.days));
        if 2 * age < 3 * window {
            return f64::NAN;
        }
        let amount = |place: usize| spend.map_or(1.0, |spend| spend.get(place).map_or(0.0, |money| money.to_f64()));
        let (mut recent, mut before) = (0.0, 0.0);
        for (place, &day) in days.iter().enumerate() {
            match self.age(day) {
                since if (0..window).contains(&since) => recent += amount(place),
                since if (window..2 * window).contains(&since) && day != first_order => before += amount(place),
                _ => {}
            }
        }
        growth(recent, before * window as f64 / (age - window).min(window) as f64)
    }

    fn age(&self, day: Day) -> i64 {
        i64::from(self.as_of.0) - i64::from(day.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::map::attractiveness::*;

    fn units(amount: i64) -> Money {
        Money(amount * Money::SCALE)
    }

    #[test]
    fn default_weights_are_those_of_the_table() -> Result<(), MapError> {
        let index = AttractivenessSettings::default().index(Source::Revenue)?;
        let weights: Vec<(&str, f64)> = index.weights.iter().map(|(name, weight)| (name.as_str(), *weight)).collect();
        assert_eq!(weights, [("growth", 0.1), ("p_alive", 0.1), ("profit", 0.2), ("revenue", 0.6)]);
        Ok(())
    }

    #[test]
    fn columns_of_negative_weight_count_the_other_way_round() -> Result<(), Box<dyn std::error::Error>> {
        let text =
            "columns = { balance = 0.5, arrears = -0.25 }\ntargets = { clv = [0.0, 900.0], balance = [0.0, 1.0] }";
        let settings: AttractivenessSettings = toml::from_str(text)?;
        let index = settings.index(Source::Clv)?;
        assert_eq!((index.weights["balance"], index.weights["arrears"]), (0.5, 0.25));
        assert!(settings.less_is_better("arrears") && !settings.less_is_better("balance"));
        assert_eq!(index.targets.len(), 2);
        assert_eq!(settings.index(Source::Orders)?.targets.len(), 1);
        Ok(())
    }

    #[test]
    fn what_has_no_meaning_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let refused = |text: &str| -> Result<MapError, Box<dyn std::error::Error>> {
            let settings: AttractivenessSettings = toml::from_str(text)?;
            settings.check().err().ok_or_else(|| format!("{text} was taken").into())
        };
        let known = "clv, profit, growth, p_alive";
        let unknown = |name: &str| MapError::Criterion { name: name.into(), known: known.into() };
        assert_eq!(refused("weights = { cvl = 1.0 }")?, unknown("cvl"));
        assert_eq!(refused("targets = { balance = [0.0, 1.0] }")?, unknown("balance"));
        assert_eq!(refused("weights = { clv = 0.0 }")?, MapError::NoWeight);
        assert!(matches!(refused("weights = { clv = -1.0 }")?, MapError::Weight { .. }));
        assert!(matches!(refused("columns = { x = nan }")?, MapError::Weight { .. }));
        assert_eq!(refused("columns = { revenue = 1.0 }")?, MapError::Twice("revenue".into()));
        assert_eq!(refused("growth_days = 0")?, MapError::GrowthDays(0));
        assert_eq!(refused("cost_per_order = -1.0")?, MapError::CostPerOrder(-1.0));
        assert!(matches!(refused("cost_per_order = nan")?, MapError::CostPerOrder(_)));
        assert!(toml::from_str::<AttractivenessSettings>("grow_days = 1").is_err());
        Ok(())
    }

    #[test]
    fn profit_stands_at_the_end_of_what_money_holds() -> Result<(), MapError> {
        let settings = AttractivenessSettings { cost_per_order: 1e11, ..Default::default() };
        assert_eq!(settings.profit(Money(i64::MIN), u32::MAX, Money(i64::MAX), Money(1))?, Money(i64::MIN));
        assert_eq!(AttractivenessSettings::default().profit(units(5), 9, Money(0), units(7))?, units(-2));
        Ok(())
    }

    #[test]
    fn windows_hold_their_days_and_no_other() {
        let windows = AttractivenessSettings { growth_days: 10, ..Default::default() }.windows(Day(100));
        let spent = |days: &[(i32, i64)]| {
            let (days, spend): (Vec<Day>, Vec<Money>) =
                days.iter().map(|&(day, spent)| (Day(day), units(spent))).unzip();
            windows.growth(Day(0), &days, Some(&spend))
        };
        assert_eq!(spent(&[(0, 9), (80, 9), (81, 1), (90, 1), (91, 2), (100, 4), (101, 9)]), 0.5); // 6 against 2
        assert_eq!(spent(&[(0, 9), (85, 7), (95, -3)]), -1.0);
        assert_eq!(spent(&[(0, 9), (85, -7), (95, 3)]), 1.0);
        assert!(spent(&[(0, 9)]).is_nan());
        assert!(spent(&[(0, 9), (85, -7), (95, -1)]).is_nan());
    }

    #[test]
    fn a_steady_customer_does_not_grow_at_any_age() {
        let windows = AttractivenessSettings { growth_days: 100, ..Default::default() }.windows(Day(0));
        for age in [150, 160, 175, 199, 200, 201, 300] {
            // A purchase day on every day since the first.
            let days: Vec<Day> = (0..=age).map(|since| Day(-since)).collect();
            // One day more or fewer of a hundred.
            let found = windows.growth(Day(-age), &days, None);
            assert!(found.abs() <= 0.011, "{age}: {found}");
        }
        assert!(windows.growth(Day(-149), &[Day(-149), Day(0)], None).is_nan());
        // Of a young customer the first purchase does not count: 1 recent, and 1 in half a window before, so 2.
        let young = windows.growth(Day(-150), &[Day(-150), Day(-120), Day(-20)], None);
        assert!((young + 1.0 / 3.0).abs() < 1e-15, "{young}"); // of one rounding
    }

    #[test]
    fn days_and_amounts_off_any_scale_do_no_harm() {
        let windows = AttractivenessSettings { growth_days: u32::MAX, ..Default::default() }.windows(Day(i32::MAX));
        assert!(windows.growth(Day(i32::MIN), &[Day(i32::MIN), Day(i32::MAX)], None) == 1.0);
        assert_eq!(growth(1e308, 1e308), 0.0);
        assert!(growth(f64::NAN, 2.0).is_nan() && growth(2.0, f64::NAN).is_nan());
    }
}
