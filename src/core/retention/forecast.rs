//! What is still to come from a subscription: renewals, when they end, and their worth today.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::base::{DAYS_PER_YEAR, Day, DiscountRate, Money, TimeUnit};
use crate::models::contract::{FittedRetention, MOST_PARAMETERS, RetentionModel};
use crate::retention::Spell;
use crate::retention::curve::Known;
use crate::retention::period::Period;

/// How renewals to come are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// How many renewals ahead are counted.
    pub horizon: u32,
    /// Annual discount rate.
    pub rate: DiscountRate,
    /// How long a contract runs.
    pub period: Period,
    /// The share of the price that is profit.
    pub margin: f64,
    /// How much of the probability intervals hold.
    pub share: f64,
}

impl Terms {
    /// What one is worth a period before.
    fn discount(&self) -> f64 {
        (-self.rate.continuous(TimeUnit::Years) * self.period.years()).exp()
    }

    /// What one is worth so many days before.
    fn wait(&self, days: i32) -> f64 {
        (-self.rate.continuous(TimeUnit::Years) * f64::from(days.max(0)) / DAYS_PER_YEAR).exp()
    }
}

/// What is to come from a running subscription, as seen right before its next renewal.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Forecast {
    /// The probability that it still runs after all renewals of the horizon.
    pub survival: f64,
    /// Renewals expected within the horizon.
    pub renewals: f64,
    /// The same, each discounted to the next renewal.
    pub discounted: f64,
    /// All renewals to come, discounted; `None` where they have no mean.
    pub lifetime: Option<f64>,
    /// Renewals to come, without a horizon: fewer only with half of the probability outside the interval; `None` beyond
    /// a million.
    pub low: Option<u32>,
    /// More only with the other half.
    pub high: Option<u32>,
    /// The variance of the discounted renewals within the horizon.
    pub variance: f64,
    /// Slopes of `survival` in the parameters of the model.
    survival_slopes: [f64; MOST_PARAMETERS],
    /// Slopes of `discounted`.
    discounted_slopes: [f64; MOST_PARAMETERS],
}

/// Forecasts by the number of renewals made so far, which is all that matters.
#[derive(Debug)]
pub struct Forecasts {
    by_renewals: Vec<Option<Forecast>>,
    terms: Terms,
    known: Known,
    /// Whether the renewals to come have no mean.
    pub without_limit: bool,
}

impl Forecasts {
    /// Forecasts for subscriptions that have been renewed this often.
    pub fn new(fitted: &FittedRetention, renewals: impl Iterator<Item = u32>, terms: &Terms) -> Self {
        let wanted: BTreeSet<u32> = renewals.collect();
        let model = fitted.model.as_ref();
        let latest = wanted.last().copied().unwrap_or_default();
        let ahead = Ahead::new(model, latest.saturating_add(terms.horizon), terms.discount());
        let lifetimes = lifetimes(model, latest, terms.discount());
        let mut by_renewals = vec![None; wanted.last().map_or(0, |latest| *latest as usize + 1)];
        for n in wanted {
            let tail = 0.5 * (1.0 - terms.share);
            by_renewals[n as usize] = Some(Forecast {
                lifetime: lifetimes.as_ref().map(|lifetimes| lifetimes[n as usize]),
                low: model.quantile(n, tail),
                high: model.quantile(n, 1.0 - tail),
                ..ahead.within(n, terms.horizon)
            });
        }
        let without_limit = lifetimes.is_none();
        Forecasts { by_renewals, terms: *terms, known: Known::of(&fitted.report), without_limit }
    }

    /// The forecast for subscriptions renewed `n` times; `None` where the base has none.
    pub fn of(&self, n: u32) -> Option<&Forecast> {
        self.by_renewals.get(n as usize)?.as_ref()
    }

    /// What is to come from a subscription; nothing from one that has ended.
    pub fn outlook(&self, spell: &Spell, as_of: Day) -> Outlook {
        let renewals = spell.renewals(self.terms.period, as_of);
        let forecast = if spell.has_ended(as_of) { None } else { self.of(renewals) };
        let Some(forecast) = forecast else { return Outlook::ended(renewals, spell.price) };
        let next = self.terms.period.after(spell.start, renewals + 1);
        let wait = self.terms.wait(next.days_since(as_of));
        let price = spell.price.map(|price| price.to_f64() * self.terms.margin * wait);
        let worth = |renewals: f64| price.map(|price| price * renewals);
        let of_first = |count: Option<u32>| self.annuity(count.unwrap_or(u32::MAX).min(self.terms.horizon));
        Outlook {
            renewals,
            next_renewal: Some(next),
            survival: forecast.survival,
            expected: forecast.renewals,
            discounted: forecast.discounted * wait,
            low: forecast.low,
            high: forecast.high,
            value: worth(forecast.discounted),
            value_low: worth(of_first(forecast.low)),
            value_high: worth(of_first(forecast.high)),
            lifetime_value: forecast.lifetime.and_then(worth),
        }
    }

    /// `count` renewals that are sure to come, discounted to the first of them.
    fn annuity(&self, count: u32) -> f64 {
        let (v, n) = (self.terms.discount(), f64::from(count));
        let rate = -v.ln();
        if rate == 0.0 { n } else { -(-rate * n).exp_m1() / -(-rate).exp_m1() }
    }
}

/// What is to come from one subscription.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// How often it was renewed.
    pub renewals: u32,
    /// When it is to be renewed next; `None` where it has ended.
    pub next_renewal: Option<Day>,
    /// The probability that it still runs after all renewals of the horizon.
    pub survival: f64,
    /// Renewals expected within the horizon.
    pub expected: f64,
    /// The same, discounted to the as-of date.
    pub discounted: f64,
    /// Renewals to come, without a horizon: the lower end of the interval; `None` beyond a million.
    pub low: Option<u32>,
    /// The upper end.
    pub high: Option<u32>,
    /// Worth of the renewals within the horizon today; `None` without a price.
    pub value: Option<f64>,
    /// Worth of the fewest of them.
    pub value_low: Option<f64>,
    /// Worth of the most.
    pub value_high: Option<f64>,
    /// Worth of all renewals to come; `None` too where they have no mean.
    pub lifetime_value: Option<f64>,
}

impl Outlook {
    fn ended(renewals: u32, price: Option<Money>) -> Self {
        let nothing = price.map(|_| 0.0);
        Outlook {
            renewals,
            next_renewal: None,
            survival: 0.0,
            expected: 0.0,
            discounted: 0.0,
            low: Some(0),
            high: Some(0),
            value: nothing,
            value_low: nothing,
            value_high: nothing,
            lifetime_value: nothing,
        }
    }
}

/// The model's retention rates and the slopes of its hazard, renewal by renewal.
struct Ahead {
    /// `r(t)`, `t` from 1.
    retention: Vec<f64>,
    /// The slopes of the hazard up to `t`, `t` from 0.
    slopes: Vec<[f64; MOST_PARAMETERS]>,
    discount: f64,
}

impl Ahead {
    fn new(model: &dyn RetentionModel, latest: u32, discount: f64) -> Self {
        let retention = (1..=latest).map(|t| model.retention(t)).collect();
        let slopes = (0..=latest).map(|t| model.hazard(0.0, f64::from(t)).gradient).collect();
        Ahead { retention, slopes, discount }
    }

    /// What comes within a horizon, given `n` renewals. With `w = v^(k-1)` and `A` the sum of the `w` so far, the
    /// square of the discounted renewals has the mean `Σ w (2A - w) S(n+k)/S(n)`.
    fn within(&self, n: u32, horizon: u32) -> Forecast {
        let n = n as usize;
        let (mut stays, mut weight, mut weights, mut square) = (1.0, 1.0, 0.0, 0.0);
        let mut forecast = Forecast::default();
        let mut slopes = [0.0; MOST_PARAMETERS];
        for k in 1..=horizon as usize {
            stays *= self.retention[n + k - 1];
            weights += weight;
            forecast.renewals += stays;
            forecast.discounted += weight * stays;
            square += weight * (2.0 * weights - weight) * stays;
            slopes = std::array::from_fn(|i| self.slopes[n][i] - self.slopes[n + k][i]);
            forecast.discounted_slopes =
                std::array::from_fn(|i| forecast.discounted_slopes[i] + weight * stays * slopes[i]);
            weight *= self.discount;
        }
        Forecast {
            survival: stays,
            survival_slopes: slopes.map(|slope| stays * slope),
            variance: (square - forecast.discounted * forecast.discounted).max(0.0),
            ..forecast
        }
    }
}

/// All renewals to come, discounted, after 0, 1, ..., `latest` of them: the last by the model's own sum, the others by
///
/// ```text
/// DERL(n) = r(n+1) (1 + v DERL(n+1))
/// ```
///
/// in which any error fades. `None` where they have no mean.
fn lifetimes(model: &dyn RetentionModel, latest: u32, v: f64) -> Option<Vec<f64>> {
    let mut lifetime = model.discounted_residual_lifetime(latest, None, v)?;
    let mut backwards = vec![lifetime];
    for n in (0..latest).rev() {
        lifetime = model.retention(n + 1) * (1.0 + v * lifetime);
        backwards.push(lifetime);
    }
    backwards.reverse();
    Some(backwards)
}

/// An expected figure of the base, and the interval in which it will come out.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Expected {
    /// What is expected.
    pub mean: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The figures of the base as a whole.
///
/// Intervals take the normal distribution, with the variance that customers have of their own (each leaves or stays by
/// itself) and the one that comes from not knowing the parameters (by the delta method) together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Totals {
    /// Customers.
    pub customers: u64,
    /// Those whose latest subscription runs.
    pub active: u64,
    /// Those whose latest subscription has ended.
    pub churned: u64,
    /// The active that will still be there after the renewals of the horizon.
    pub active_ahead: Expected,
    /// Renewals expected of them within the horizon.
    pub expected_renewals: f64,
    /// What their prices come to in a period; none without prices.
    pub price_per_period: Option<Money>,
    /// Worth of the renewals within the horizon today.
    pub value: Option<Expected>,
    /// Worth of all renewals to come; none too where they have no mean.
    pub lifetime_value: Option<f64>,
}

/// A sum over customers, with its variance and its slopes in the parameters.
#[derive(Default)]
struct Sum {
    mean: f64,
    variance: f64,
    slopes: [f64; MOST_PARAMETERS],
}

impl Sum {
    fn add(&mut self, factor: f64, mean: f64, variance: f64, slopes: &[f64; MOST_PARAMETERS]) {
        self.mean += factor * mean;
        self.variance += factor * factor * variance;
        self.slopes.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += factor * slope);
    }

    fn expected(&self, known: &Known, deviations: f64, most: f64) -> Expected {
        let variance = self.variance + known.variance(&self.slopes).unwrap_or(0.0);
        let half = deviations * variance.sqrt();
        Expected { mean: self.mean, low: (self.mean - half).max(0.0), high: (self.mean + half).min(most) }
    }
}

impl Totals {
    /// The base, from its running subscriptions.
    pub(crate) fn of(
        running: impl Iterator<Item = Spell>,
        customers: usize,
        has_prices: bool,
        as_of: Day,
        forecasts: &Forecasts,
        deviations: f64,
    ) -> Self {
        let (mut stay, mut value, mut renewals, mut active) = (Sum::default(), Sum::default(), 0.0, 0);
        let mut lifetime_value = (!forecasts.without_limit).then_some(0.0);
        let (mut price_per_period, mut most) = (has_prices.then_some(0_i64), 0.0);
        for spell in running {
            let outlook = forecasts.outlook(&spell, as_of);
            let Some(forecast) = forecasts.of(outlook.renewals) else { continue };
            let Forecast { survival, .. } = *forecast;
            active += 1;
            renewals += forecast.renewals;
            stay.add(1.0, survival, survival * (1.0 - survival), &forecast.survival_slopes);
            let Some(price) = spell.price else { continue };
            let wait = forecasts.terms.wait(outlook.next_renewal.map_or(0, |next| next.days_since(as_of)));
            let factor = price.to_f64() * forecasts.terms.margin * wait;
            value.add(factor, forecast.discounted, forecast.variance, &forecast.discounted_slopes);
            most += factor * forecasts.annuity(forecasts.terms.horizon);
            price_per_period = price_per_period.map(|paid| paid.saturating_add(price.0));
            lifetime_value = lifetime_value.zip(outlook.lifetime_value).map(|(sum, more)| sum + more);
        }
        Totals {
            customers: customers as u64,
            active,
            churned: customers as u64 - active,
            active_ahead: stay.expected(&forecasts.known, deviations, active as f64),
            expected_renewals: renewals,
            price_per_period: price_per_period.map(Money),
            value: price_per_period.map(|_| value.expected(&forecasts.known, deviations, most)),
            lifetime_value: lifetime_value.filter(|_| price_per_period.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::models::FitSettings;
    use crate::models::contract::{RetentionName, Tenures};
    use crate::retention::forecast::*;

    fn fitted() -> FittedRetention {
        let tenures = Tenures::cohort(&[1000, 869, 743, 653, 593, 551, 517, 491]);
        RetentionName::Bdw.fit(&tenures, &FitSettings::default()).expect("a fit")
    }

    fn terms(horizon: u32, rate: f64) -> Terms {
        let rate = DiscountRate::annual(rate).expect("a rate");
        Terms { horizon, rate, period: "year".parse().expect("a period"), margin: 0.5, share: 0.8 }
    }

    #[test]
    fn forecasts_are_the_model_s_own_sums() {
        let (fitted, terms) = (fitted(), terms(9, 0.1));
        let forecasts = Forecasts::new(&fitted, [0, 3, 7].into_iter(), &terms);
        let model = &fitted.model;
        assert!(forecasts.of(2).is_none() && forecasts.of(8).is_none());
        for n in [0, 3, 7] {
            let forecast = forecasts.of(n).expect("wanted");
            let v = 1.0 / 1.1;
            let near = |one: f64, other: Option<f64>| (one / other.expect("a limit") - 1.0).abs() < 1e-11; // 1e-12 each
            assert!((forecast.survival / model.survival_from(n, 9) - 1.0).abs() < 1e-12); // nine products
            assert!(near(forecast.renewals, model.residual_lifetime(n, Some(9))));
            assert!(near(forecast.discounted, model.discounted_residual_lifetime(n, Some(9), v)));
            assert!(near(forecast.lifetime.expect("a limit"), model.discounted_residual_lifetime(n, None, v)));
        }
    }

    #[test]
    fn the_variance_is_that_of_the_distribution() {
        let (fitted, terms) = (fitted(), terms(6, 0.25));
        let forecasts = Forecasts::new(&fitted, [2].into_iter(), &terms);
        let forecast = forecasts.of(2).expect("wanted");
        // Every number of renewals by itself.
        let worth = |count: u32| (0..count).map(|k| 0.8_f64.powi(k as i32)).sum::<f64>();
        let chance = |count: u32| {
            let makes = fitted.model.survival_from(2, count);
            if count == 6 { makes } else { makes - fitted.model.survival_from(2, count + 1) }
        };
        let mean: f64 = (0..=6).map(|count| chance(count) * worth(count)).sum();
        let square: f64 = (0..=6).map(|count| chance(count) * worth(count).powi(2)).sum();
        assert!((mean / forecast.discounted - 1.0).abs() < 1e-13); // rounding
        assert!(((square - mean * mean) / forecast.variance - 1.0).abs() < 1e-12); // rounding, and a difference
    }

    #[test]
    fn slopes_are_those_of_moved_parameters() {
        let (fitted, terms) = (fitted(), terms(6, 0.1));
        let forecast = *Forecasts::new(&fitted, [2].into_iter(), &terms).of(2).expect("wanted");
        let moved = |place: usize, by: f64| {
            let mut steps = vec![0.0; 3];
            steps[place] = by;
            let report = fitted.report.moved(&steps);
            let fitted = FittedRetention { model: RetentionName::from_report(&report).expect("valid"), report };
            *Forecasts::new(&fitted, [2].into_iter(), &terms).of(2).expect("wanted")
        };
        for (place, name) in ["gamma", "delta", "c"].into_iter().enumerate() {
            let (ahead, behind) = (moved(place, 1e-5), moved(place, -1e-5));
            let value = fitted.report.parameters[name];
            for (slope, difference) in [
                (forecast.survival_slopes[place], ahead.survival - behind.survival),
                (forecast.discounted_slopes[place], ahead.discounted - behind.discounted),
            ] {
                assert!((slope * value - difference / 2e-5).abs() < 1e-8, "{name}"); // of central differences
            }
        }
    }

    #[test]
    fn an_outlook_is_priced_from_the_as_of_date() {
        let (fitted, terms) = (fitted(), terms(5, 0.1));
        let forecasts = Forecasts::new(&fitted, [2].into_iter(), &terms);
        let day = |text: &str| text.parse::<Day>().expect("a day");
        let spell = Spell { customer: 0, start: day("2021-07-01"), end: None, price: Some(Money(1_200_000)) };
        let as_of = day("2023-12-31");
        let outlook = forecasts.outlook(&spell, as_of);
        let forecast = forecasts.of(2).expect("wanted");
        assert_eq!((outlook.renewals, outlook.next_renewal), (2, Some(day("2024-07-01"))));
        let wait = 1.1_f64.powf(-183.0 / 365.25);
        let value = outlook.value.expect("a price");
        assert!((value / (60.0 * wait * forecast.discounted) - 1.0).abs() < 1e-13); // half of 120, rounding
        assert!(outlook.value_low <= outlook.value && outlook.value <= outlook.value_high);
        let all_five = 60.0 * wait * (0..5).map(|k| 1.1_f64.powi(-k)).sum::<f64>();
        assert!((outlook.value_high.expect("a price") / all_five - 1.0).abs() < 1e-12); // it may well last for five
        let over = forecasts.outlook(&Spell { end: Some(day("2023-06-30")), ..spell }, as_of);
        assert_eq!((over.renewals, over.survival, over.value, over.high), (1, 0.0, Some(0.0), Some(0)));
    }

    #[test]
    fn without_discounting_there_may_be_no_mean() {
        let fitted = fitted(); // γc of 0.37
        let forecasts = Forecasts::new(&fitted, [2].into_iter(), &terms(5, 0.0));
        assert!(forecasts.without_limit && forecasts.of(2).is_some_and(|forecast| forecast.lifetime.is_none()));
        assert_eq!(forecasts.annuity(7), 7.0);
    }
}
