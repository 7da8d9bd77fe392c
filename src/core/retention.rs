//! Customers under contract: who is left after how many renewals, who will be, and what that is worth.
//!
//! Subscriptions become [tenures](crate::models::contract::Tenures) counted in whole periods of the contract; a
//! [retention model](crate::models::contract) is fitted to them; the [curve](mod@curve) holds what was seen against what
//! the model says, and a [forecast](mod@forecast) what is still to come from each customer.

pub mod curve;
pub mod forecast;
pub mod period;

use serde::{Deserialize, Serialize};
use statrs::function::erf::erf_inv;

use crate::base::{Day, DiscountRate, Money, share};
use crate::models::contract::{Candidate, FittedRetention, RetentionChoice, RetentionName, Tenure, Tenures};
use crate::models::{FitError, FitReport, FitSettings};
use curve::{CurveRow, curve};
use forecast::{Forecasts, Terms, Totals};
use period::{Period, RetentionHorizon};

/// Why a base of subscriptions could not be valued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RetentionError {
    /// A setting makes no sense.
    #[error("{setting} = {value}: {remedy}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What would be right.
        remedy: &'static str,
    },
    /// Every row was refused.
    #[error(
        "no subscription could be used: all {rows} rows were refused ({rules}); check subscription_columns.customer, \
         subscription_columns.start, subscription_columns.end, read.date_format and summary.as_of"
    )]
    NothingUsed {
        /// How many there are.
        rows: u64,
        /// How many each rule refused.
        rules: String,
    },
    /// No model.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// How a base of subscriptions is valued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionSettings {
    /// How long a subscription runs before it is renewed.
    pub period: Period,
    /// Which model.
    pub model: RetentionChoice,
    /// Priors and penalties.
    pub fit: FitSettings,
    /// How far ahead is looked.
    pub horizon: RetentionHorizon,
    /// Annual discount rate.
    pub discount_rate: DiscountRate,
    /// The share of the price that is profit.
    #[serde(deserialize_with = "share::deserialize")]
    pub margin: f64,
    /// How much of the probability intervals hold.
    #[serde(deserialize_with = "share::deserialize")]
    pub interval: f64,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        RetentionSettings {
            period: Period::default(),
            model: RetentionChoice::default(),
            fit: FitSettings::default(),
            horizon: RetentionHorizon::default(),
            discount_rate: DiscountRate::default(),
            margin: 1.0,
            interval: 0.8,
        }
    }
}

impl RetentionSettings {
    /// The horizon in whole periods.
    ///
    /// # Errors
    /// [`RetentionError::Setting`] where a setting is out of its range, or the horizon not even one period.
    pub fn check(&self) -> Result<u32, RetentionError> {
        let wrong =
            |setting, value: f64, remedy| Err(RetentionError::Setting { setting, value: value.to_string(), remedy });
        if !(0.0..=1.0).contains(&self.margin) {
            return wrong("retention.margin", self.margin, "it must be a share from 0 to 1, such as 0.3, or 30%");
        }
        if !(self.interval > 0.0 && self.interval < 1.0) {
            return wrong("retention.interval", self.interval, "it must be a share between 0 and 1, such as 0.8");
        }
        if !(self.fit.penalty >= 0.0 && self.fit.penalty.is_finite()) {
            return wrong("retention.fit.penalty", self.fit.penalty, "it must be a number from 0 on");
        }
        self.horizon.periods(self.period).ok_or_else(|| RetentionError::Setting {
            setting: "retention.horizon",
            value: self.horizon.to_string(),
            remedy: "it must be at least one period long, and at most 100,000",
        })
    }

    /// Half the width of an interval of the normal distribution, in standard deviations.
    fn deviations(&self) -> f64 {
        std::f64::consts::SQRT_2 * erf_inv(self.interval)
    }
}

/// A subscription of a customer, without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    /// The customer's place in the list of ids.
    pub customer: u32,
    /// The first day.
    pub start: Day,
    /// The day on which it ended or will end; `None` = not known.
    pub end: Option<Day>,
    /// What it costs the customer a period, at its latest price; `None` where the table has no prices.
    pub price: Option<Money>,
}

impl Spell {
    /// Whether it is over on a day.
    pub fn has_ended(&self, as_of: Day) -> bool {
        self.end.is_some_and(|end| end <= as_of)
    }

    /// How often it was renewed before it ended, or up to the as-of date.
    pub fn renewals(&self, period: Period, as_of: Day) -> u32 {
        match self.end.filter(|end| *end <= as_of) {
            Some(end) => period.until_end(self.start, end) - 1,
            None => period.whole(self.start, as_of),
        }
    }

    /// What a model may know of it: of a period that has not run out yet, nothing. Who leaves early in it would be
    /// seen, and who stays would not, so that both count as running when it began.
    pub fn tenure(&self, period: Period, as_of: Day) -> Tenure {
        let (seen, renewals) = (period.whole(self.start, as_of), self.renewals(period, as_of));
        if self.has_ended(as_of) && renewals < seen {
            Tenure { renewals, ended: true }
        } else {
            Tenure { renewals: seen, ended: false }
        }
    }
}

/// Why the model that was asked for is not the one that is used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fallback {
    /// What the base lacks.
    pub reason: String,
    /// What is used in its place.
    pub model: RetentionName,
}

/// A base of subscriptions, with a fitted model and what it says.
#[derive(Debug)]
pub struct Retention {
    /// The last day that counts.
    pub as_of: Day,
    /// Tenures that the model was fitted to.
    pub tenures: Tenures,
    /// The model and how it was fitted.
    pub fitted: FittedRetention,
    /// The models that were tried.
    pub candidates: Vec<Candidate>,
    /// Why it is not the one that was asked for.
    pub fallback: Option<Fallback>,
    /// Seen against expected, a row a renewal.
    pub curve: Vec<CurveRow>,
    /// What is to come from a subscription, by its renewals so far.
    pub forecasts: Forecasts,
    /// The base as a whole.
    pub totals: Totals,
    /// What a reader of the results should know.
    pub warnings: Vec<String>,
}

/// Fits a model to the subscriptions of a base, sorted by customer and start, and looks ahead with it.
///
/// Where the base cannot carry a model at all (a single customer, nobody who left, everybody gone at the first renewal,
/// too few renewals) all customers get the same probability of leaving, and [`Retention::fallback`] says why.
///
/// # Errors
/// [`RetentionError::Setting`], or [`RetentionError::Fit`] where nothing can be known of renewals or a fit did not
/// converge.
///
/// ```
/// use clivia_core::retention::{RetentionSettings, Spell, retain};
/// use clivia_core::base::Day;
/// // A hundred customers a month; of each such group twenty leave at the first renewal, and three at each later one.
/// let mut spells = Vec::new();
/// for (customer, month) in (0..1200_u32).zip((0..12).flat_map(|month| [month; 100])) {
///     let start = Day(19_723 + 30 * month);
///     let left_at = match customer % 100 { i @ 0..20 => 1 + i / 20, i => 2 + (i - 20) / 3 };
///     let end = Some(Day(start.0 + 30 * left_at as i32)).filter(|end| end.0 <= 20_083);
///     spells.push(Spell { customer, start, end, price: None });
/// }
/// let settings = RetentionSettings { period: "30d".parse()?, ..RetentionSettings::default() };
/// let retention = retain(&spells, Day(20_083), &settings)?;
/// assert_eq!(retention.curve[1].retained, Some(0.8));
/// let next = retention.forecasts.of(5).expect("some customers have been renewed five times");
/// assert!(next.renewals > 6.0 && next.low <= next.high);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn retain(spells: &[Spell], as_of: Day, settings: &RetentionSettings) -> Result<Retention, RetentionError> {
    let horizon = settings.check()?;
    let period = settings.period;
    let tenures: Tenures = spells.iter().map(|spell| spell.tenure(period, as_of)).collect();
    let (fitted, candidates, fallback) = fit(&tenures, settings)?;
    let terms =
        Terms { horizon, rate: settings.discount_rate, period, margin: settings.margin, share: settings.interval };
    let deviations = settings.deviations();
    let current = current_spells(spells);
    let running = current.iter().map(|place| &spells[*place as usize]).filter(|spell| !spell.has_ended(as_of));
    let forecasts = Forecasts::new(&fitted, running.clone().map(|spell| spell.renewals(period, as_of)), &terms);
    let has_prices = spells.iter().any(|spell| spell.price.is_some());
    let totals = Totals::of(running.copied(), current.len(), has_prices, as_of, &forecasts, deviations);
    let warnings = warnings(&fitted.report, fallback.as_ref(), &forecasts);
    Ok(Retention {
        as_of,
        curve: curve(&tenures, &fitted, horizon, deviations),
        tenures,
        fitted,
        candidates,
        fallback,
        forecasts,
        totals,
        warnings,
    })
}

/// The place of each customer's latest subscription.
pub fn current_spells(spells: &[Spell]) -> Vec<u32> {
    let is_last = |place: usize| spells.get(place + 1).is_none_or(|next| next.customer != spells[place].customer);
    (0..spells.len()).filter(|place| is_last(*place)).map(|place| place as u32).collect()
}

type Fit = (FittedRetention, Vec<Candidate>, Option<Fallback>);

fn fit(tenures: &Tenures, settings: &RetentionSettings) -> Result<Fit, FitError> {
    let error = match settings.model.fit(tenures, &settings.fit) {
        Ok((fitted, candidates)) => return Ok((fitted, candidates, None)),
        Err(error) => error,
    };
    let is_thin = matches!(
        error,
        FitError::OneCustomer
            | FitError::NobodyLeft { .. }
            | FitError::EverybodyLeft { .. }
            | FitError::TooFewRenewals { .. }
    );
    if !is_thin {
        return Err(error);
    }
    let model = RetentionName::Constant;
    let fitted = model.fit(tenures, &settings.fit)?;
    Ok((fitted, Vec::new(), Some(Fallback { reason: error.to_string(), model })))
}

fn warnings(report: &FitReport, fallback: Option<&Fallback>, forecasts: &Forecasts) -> Vec<String> {
    let mut warnings = report.warnings.clone();
    if let Some(Fallback { reason, model }) = fallback {
        warnings.push(format!(
            "{reason}. Until then the {model} model is used, the same probability for everybody; with retention.fit.prior = \"weak\", what \
             the data do not tell comes from a prior"
        ));
    }
    if forecasts.without_limit {
        warnings.push(
            "without discounting, the renewals to come have no mean with this model, so lifetime values are left empty; \
             give a retention.discount_rate above 0"
                .into(),
        );
    }
    warnings
}

#[cfg(test)]
mod tests {
    use crate::models::Prior;
    use crate::numeric::random::beta;
    use crate::retention::*;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    const AS_OF: Day = Day(20_000);

    fn settings() -> RetentionSettings {
        RetentionSettings { period: "30d".parse().expect("a period"), ..RetentionSettings::default() }
    }

    /// Customers who leave on any day of the period before the renewal that they do not make, and how often each will
    /// have been renewed in the end.
    fn simulated(customers: u32, seed: u64) -> Vec<(Spell, u32)> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut spell = |customer: u32| {
            let start = Day(AS_OF.0 - rng.gen_range(0..700));
            let theta = beta(1.5, 12.0, &mut rng);
            let renewals = (0..10_000).take_while(|_| !rng.gen_bool(theta)).count() as u32;
            let end = Day(start.0 + 30 * renewals as i32 + rng.gen_range(1..=30));
            let price = Some(Money(99_000));
            (Spell { customer, start, end: Some(end).filter(|end| *end <= AS_OF), price }, renewals)
        };
        (0..customers).map(&mut spell).collect()
    }

    fn spells(simulated: &[(Spell, u32)]) -> Vec<Spell> {
        simulated.iter().map(|(spell, _)| *spell).collect()
    }

    #[test]
    fn cancelling_at_any_time_does_not_bend_the_curve() {
        let retention = retain(&spells(&simulated(40_000, 11)), AS_OF, &settings()).expect("a fit");
        let report = &retention.fitted.report;
        assert_eq!(report.model, "sbg", "{:?}", retention.candidates);
        for (name, truth) in [("alpha", 1.5), ("beta", 12.0)] {
            let (found, error) = (report.parameters[name], report.standard_errors[name].expect("identified"));
            assert!((found - truth).abs() < 3.0 * error && error < 0.1 * truth, "{name}: {found} ± {error}");
        }
    }

    #[test]
    fn intervals_hold_what_comes() {
        let settings = RetentionSettings { model: RetentionChoice::Sbg, ..settings() };
        let (mut held, mut bases, mut within, mut customers) = (0, 0, 0, 0);
        for seed in 0..40 {
            let base = simulated(2_000, seed);
            let retention = retain(&spells(&base), AS_OF, &settings).expect("a fit");
            let mut stayed = 0;
            for (spell, renewals) in base.iter().filter(|(spell, _)| !spell.has_ended(AS_OF)) {
                let outlook = retention.forecasts.outlook(spell, AS_OF);
                let to_come = renewals - outlook.renewals;
                let (low, high) = (outlook.low.expect("within reach"), outlook.high.unwrap_or(u32::MAX));
                stayed += u32::from(to_come >= 12);
                within += u32::from((low..=high).contains(&to_come));
                customers += 1;
            }
            let active = retention.totals.active_ahead;
            held += u32::from((active.low..=active.high).contains(&f64::from(stayed)));
            bases += 1;
        }
        // 80 % of 40 are 32, with a standard deviation of 2.5: two and a half of them.
        assert!((26..=38).contains(&held), "{held} of {bases} bases");
        // Renewals are whole, so that a little more than 80 % is held: 0.4 % is three standard deviations.
        let share = f64::from(within) / f64::from(customers);
        assert!((0.796..0.87).contains(&share), "{share} of {customers} customers");
    }

    #[test]
    fn the_worth_of_a_base_grows_with_its_horizon() {
        let spells = spells(&simulated(5_000, 3));
        let value = |horizon: u32| {
            let settings = RetentionSettings { horizon: period::RetentionHorizon::Periods(horizon), ..settings() };
            retain(&spells, AS_OF, &settings).expect("a fit").totals
        };
        let (short, long) = (value(3), value(60));
        let (near, far) = (short.value.expect("there are prices"), long.value.expect("there are prices"));
        assert!(near.low < near.mean && near.mean < near.high && near.high < far.low);
        assert!(far.mean < long.lifetime_value.expect("discounted") && short.lifetime_value == long.lifetime_value);
        assert!(long.active_ahead.mean < short.active_ahead.mean);
    }

    #[test]
    fn an_unfinished_period_says_nothing() {
        let spell =
            |start: i32, end: Option<i32>| Spell { customer: 0, start: Day(start), end: end.map(Day), price: None };
        let period = settings().period;
        let tenure = |spell: Spell| spell.tenure(period, AS_OF);
        // 65 days in, two periods are whole.
        assert_eq!(tenure(spell(19_935, None)), Tenure { renewals: 2, ended: false });
        assert_eq!(tenure(spell(19_935, Some(19_998))), Tenure { renewals: 2, ended: false });
        assert_eq!(tenure(spell(19_935, Some(19_995))), Tenure { renewals: 1, ended: true });
        assert_eq!(tenure(spell(19_935, Some(19_935))), Tenure { renewals: 0, ended: true });
        assert_eq!(tenure(spell(19_935, Some(20_001))), Tenure { renewals: 2, ended: false });
        // What is known of a customer is known all the same.
        assert_eq!(spell(19_935, Some(19_998)).renewals(period, AS_OF), 2);
    }

    #[test]
    fn thin_bases_get_the_same_for_everybody_and_are_told_why() {
        let of = |ends: &[Option<i32>]| -> Vec<Spell> {
            let spell = |(customer, end): (u32, &Option<i32>)| Spell {
                customer,
                start: Day(AS_OF.0 - 100),
                end: end.map(|days| Day(AS_OF.0 - 100 + days)),
                price: None,
            };
            (0..).zip(ends).map(spell).collect()
        };
        for (spells, word) in [
            (of(&[None]), "a single customer"),
            (of(&[None, None]), "has ended in 6 renewals"),
            (of(&[Some(30), Some(20)]), "at their first renewal"),
        ] {
            let retention = retain(&spells, AS_OF, &settings()).expect("a fallback");
            assert_eq!(retention.fitted.report.model, "constant");
            assert!(retention.warnings.iter().any(|warning| warning.contains(word)), "{:?}", retention.warnings);
            let weak = FitSettings { prior: Prior::Weak, ..FitSettings::default() };
            let informed = RetentionSettings { fit: weak, model: RetentionChoice::Sbg, ..settings() };
            let retention = retain(&spells, AS_OF, &informed).expect("a fit");
            assert_eq!((retention.fitted.report.model.as_str(), retention.fallback), ("sbg", None));
        }
        assert_eq!(retain(&[], AS_OF, &settings()).map(|_| ()), Err(FitError::NoCustomers.into()));
        let young = [Spell { customer: 0, start: AS_OF, end: None, price: None }];
        assert_eq!(
            retain(&young, AS_OF, &settings()).map(|_| ()),
            Err(FitError::NoRenewals { subscriptions: 1 }.into())
        );
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let wrong = |settings: RetentionSettings| settings.check().expect_err("out of range").to_string();
        assert!(wrong(RetentionSettings { margin: 1.5, ..settings() }).contains("retention.margin = 1.5"));
        assert!(wrong(RetentionSettings { interval: 1.0, ..settings() }).contains("retention.interval = 1"));
        let short = RetentionSettings { horizon: "3d".parse().expect("a horizon"), ..settings() };
        assert!(wrong(short).contains("at least one period"));
    }
}
