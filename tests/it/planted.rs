//! The diagnosis of the map against what was planted, and against what is true at the end.

use clivia_core::base::ids::Id;
use clivia_core::base::{Clock, Day, Moment, Money};
use clivia_core::contacts;
use clivia_core::contacts::quality::{Criterion, OutcomeWords, QualitySettings};
use clivia_core::contacts::{Contact, ContactLog, Held};
use clivia_core::ledger::{Ledger, LedgerBuilder};
use clivia_core::map::{
    AttractivenessSettings, Column, CustomerMap, Diagnosis, IndexSettings, MapInput, MapSettings, PercentileScale,
    Source,
};
use clivia_core::models::Fit;
use clivia_core::models::FitPurchases;
use clivia_core::models::spend::gamma_gamma::FitGammaGamma;
use clivia_core::orders::{OrderLine, ReturnsPolicy};
use clivia_core::simulate::{
    CustomerTruth, Direction, Planted, Population, PopulationSettings, Quirks, SimulatedContact, SimulatedCustomer,
};
use clivia_core::summary::{Summary, SummarySettings};
use clivia_core::value::{ValueTerms, value};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// A simulated base and where the map has put its customers.
struct Diagnosed {
    truth: Vec<CustomerTruth>,
    map: CustomerMap,
}

/// How well one diagnosis finds one kind of customer.
#[derive(Debug, Clone, Copy)]
struct Found {
    precision: f64,
    recall: f64,
}

impl Found {
    fn of(diagnosed: &[bool], so: &[bool]) -> Found {
        let count = |what: &dyn Fn(bool, bool) -> bool| {
            diagnosed.iter().zip(so).filter(|(diagnosed, so)| what(**diagnosed, **so)).count() as f64
        };
        let right = count(&|diagnosed, so| diagnosed && so);
        Found { precision: right / count(&|diagnosed, _| diagnosed), recall: right / count(&|_, so| so) }
    }

    fn is_at_least(self, bar: f64) -> bool {
        self.precision >= bar && self.recall >= bar
    }
}

impl Diagnosed {
    /// Those planted, under-served and over-served.
    fn of_the_planted(&self) -> [Found; 2] {
        let kinds = [(Diagnosis::UnderServed, Planted::UnderServed), (Diagnosis::OverServed, Planted::OverServed)];
        kinds.map(|(diagnosis, planted)| {
            let so: Vec<bool> = self.truth.iter().map(|truth| truth.planted == planted).collect();
            Found::of(&self.diagnosed(diagnosis), &so)
        })
    }

    /// Those whose true contact rate stands beyond the tolerance from their true remaining value.
    fn of_the_misplaced(&self) -> [Found; 2] {
        let rates: Vec<f64> = self.truth.iter().map(|truth| truth.contacts_per_week).collect();
        let values: Vec<f64> = self.truth.iter().map(|truth| truth.remaining_value).collect();
        let (rate, value) = (PercentileScale::fit(&rates), PercentileScale::fit(&values));
        let position = |scale: &PercentileScale, value: f64| scale.coordinate(value).unwrap_or(f64::NAN);
        let distances: Vec<f64> =
            rates.iter().zip(&values).map(|(&r, &v)| position(&rate, r) - position(&value, v)).collect();
        let under: Vec<bool> = distances.iter().map(|distance| *distance < -self.map.tolerance).collect();
        let over: Vec<bool> = distances.iter().map(|distance| *distance > self.map.tolerance).collect();
        [
            Found::of(&self.diagnosed(Diagnosis::UnderServed), &under),
            Found::of(&self.diagnosed(Diagnosis::OverServed), &over),
        ]
    }

    fn diagnosed(&self, diagnosis: Diagnosis) -> Vec<bool> {
        (0..self.truth.len()).map(|customer| self.map.diagnosis(customer) == Some(diagnosis)).collect()
    }

    fn misplaced_share(&self) -> f64 {
        1.0 - self.map.totals.aligned as f64 / self.map.totals.mapped as f64
    }
}

/// Draws a base and puts its customers on the map, all settings the defaults of clivia.toml.
fn diagnosed(settings: PopulationSettings) -> Outcome<Diagnosed> {
    let population = Population::new(PopulationSettings { quirks: Quirks::NONE, ..settings })?;
    let customers = population.block(0..population.settings().customers);
    let ledger = ledger(&population, &customers);
    let as_of = population.window().as_of;
    let summary = Summary::new(&ledger, true, &SummarySettings { as_of: Some(as_of), ..Default::default() })?;
    let log = contact_log(&population, &customers);
    let map = map(&ledger, &summary, &log)?;
    Ok(Diagnosed { truth: customers.into_iter().map(|customer| customer.truth).collect(), map })
}

fn ledger(population: &Population, customers: &[SimulatedCustomer]) -> Ledger {
    let mut ledger = LedgerBuilder::new(ReturnsPolicy::Net, false);
    for customer in customers {
        let id = Id::new(&population.customer_id(customer.number));
        let line = |seconds: i64, amount| {
            let at = Moment::on(day(seconds));
            OrderLine { customer: id.clone(), at, amount, order: 0, profit: None }
        };
        let lines: Vec<OrderLine> = customer.orders.iter().map(|order| line(order.at, order.amount)).collect();
        ledger.add(&lines).expect("nothing is spilled");
    }
    let ledger = ledger.finish().expect("nothing is spilled");
    // Ids have six digits, so that they sort as the numbers do.
    let ids: Vec<String> = (0..ledger.len()).map(|row| ledger.ids.get(row).to_string()).collect();
    assert!(ids.into_iter().eq(customers.iter().map(|customer| population.customer_id(customer.number))));
    ledger
}

fn day(at: i64) -> Day {
    Day(at.div_euclid(86_400) as i32)
}

fn contact_log(population: &Population, customers: &[SimulatedCustomer]) -> ContactLog {
    let channels = population.channels().map(str::to_string).collect();
    let held = Held {
        direction: true,
        outcome: true,
        cost: true,
        satisfaction: true,
        response_time: true,
        campaign: false,
        control: false,
    };
    let words = OutcomeWords::default();
    let rows = customers.iter().zip(0..);
    let rows = rows.flat_map(|(customer, row)| customer.contacts.iter().map(move |contact| (row, contact)));
    let contacts = rows.map(|(row, simulated)| contact(row, simulated, &words)).collect();
    ContactLog::new(population.window().as_of, customers.len(), channels, Vec::new(), held, contacts)
}

fn contact(customer: u32, simulated: &SimulatedContact, words: &OutcomeWords) -> Contact {
    let direction = match simulated.direction {
        Direction::Outbound => contacts::Direction::Outbound,
        Direction::Inbound => contacts::Direction::Inbound,
    };
    let clock = Clock::at(simulated.at.rem_euclid(86_400) as u32);
    Contact {
        customer,
        at: Moment { day: day(simulated.at), clock },
        channel: simulated.channel,
        campaign: Contact::NONE,
        agent: Contact::NONE,
        direction: Some(direction),
        outcome: words.meaning(simulated.outcome.name()),
        is_control: false,
        cost: simulated.cost,
        satisfaction: simulated.satisfaction.map_or(f32::NAN, f32::from),
        response_hours: simulated.response_minutes.map_or(f32::NAN, |minutes| minutes as f32 / 60.0),
    }
}

fn map(ledger: &Ledger, summary: &Summary, log: &ContactLog) -> Outcome<CustomerMap> {
    let rhythm: Vec<f64> = (0..summary.len()).map(|row| rhythm_days(summary, row)).collect();
    let fitted_quality = QualitySettings::default().fit(log, &rhythm)?;
    let quality = fitted_quality.criteria(log, &rhythm);
    let contact = Criterion::ALL.map(|criterion| Column {
        name: criterion.name(),
        values: quality.column(criterion),
        less_is_better: criterion.less_is_better(),
    });

    let attractiveness = AttractivenessSettings::default();
    let revenue = summary.spend.as_ref().map(|spend| spend.revenue.clone()).unwrap_or_default();
    let profits = revenue.iter().zip(&summary.orders).zip(&quality.cost);
    let profits = profits.map(|((&margin, &orders), &cost)| attractiveness.profit(margin, orders, Money(0), cost));
    let profit = profits.map(|profit| Ok(profit?.to_f64())).collect::<Outcome<Vec<f64>>>()?;
    let windows = attractiveness.windows(summary.as_of);
    let growth: Vec<f64> = (0..summary.len())
        .map(|row| {
            let days = ledger.rows(row);
            let on: Vec<Day> = ledger.at[days.clone()].iter().map(|at| at.day).collect();
            windows.growth(summary.first_order[row], &on, Some(&ledger.spend[days]))
        })
        .collect();
    let (purchases, spend) = (FitPurchases::default().fit(summary)?, FitGammaGamma::default().fit(summary)?);
    let value = value(summary, Some(purchases.model.as_ref()), Some(&spend.model), &ValueTerms::default());
    let (clv, p_alive) = (value.clv.ok_or("no CLV")?, value.p_alive.ok_or("no P(alive)")?);
    let column = |name, values| Column { name, values, less_is_better: false };
    let worth =
        [column("clv", &clv), column("profit", &profit), column("growth", &growth), column("p_alive", &p_alive)];

    let contacted: Vec<bool> = quality.contacts.iter().map(|contacts| *contacts > 0).collect();
    let input = MapInput {
        attractiveness: &worth,
        contact: &contact,
        contacted: &contacted,
        revenue: Some(&revenue),
        clv: Some(&clv),
        contact_cost: Some(&quality.cost),
        profit: None,
    };
    let weights =
        IndexSettings { weights: fitted_quality.weights().clone(), targets: fitted_quality.targets().clone() };
    let fitted = MapSettings::default().fit(&attractiveness.index(Source::Clv)?, &weights, &input)?;
    Ok(fitted.apply(&input)?)
}

/// Mean days between two purchase days.
fn rhythm_days(summary: &Summary, row: usize) -> f64 {
    match summary.frequency[row] {
        0 => f64::NAN,
        repeats => summary.last_purchase_age(row) * summary.unit.days() / f64::from(repeats),
    }
}

/// The bar of the diagnosis: at the noise of [`PopulationSettings::planted`], at least nine in ten that are diagnosed
/// were planted, and at least nine in ten that were planted are diagnosed, on either side of the diagonal. The settings
/// were chosen on other seeds than these.
#[test]
fn planted_customers_are_found_where_contact_follows_value_closely() -> Outcome {
    for seed in 201..=205 {
        let base = diagnosed(PopulationSettings { customers: 3_000, seed, ..PopulationSettings::planted() })?;
        let [under, over] = base.of_the_planted();
        eprintln!("seed {seed}: under-served {under:?}, over-served {over:?}");
        assert!(under.is_at_least(0.9), "seed {seed}: under-served {under:?}");
        assert!(over.is_at_least(0.9), "seed {seed}: over-served {over:?}");
        // Hardly anybody leaves, so what was planted is what is true at the end.
        assert!(base.of_the_misplaced().iter().all(|found| found.is_at_least(0.9)));
    }
    Ok(())
}

#[test]
fn nobody_is_found_where_nobody_was_planted() -> Outcome {
    let mut settings = PopulationSettings { customers: 3_000, ..PopulationSettings::planted() };
    (settings.contacts.under_served_share, settings.contacts.over_served_share) = (0.0, 0.0);
    let share = diagnosed(settings)?.misplaced_share();
    eprintln!("misplaced where nobody was planted: {share}");
    // Where a tenth is planted on either side it is a fifth.
    assert!(share < 0.05, "{share}");
    Ok(())
}

/// The more loosely contact follows value, the more customers are misplaced that nobody planted: they are diagnosed
/// too, and precision falls, while those planted are found all the same.
#[test]
fn precision_is_what_noise_takes() -> Outcome {
    let mut before = 1.0;
    for noise in [0.1, 0.2, 0.4] {
        let mut settings = PopulationSettings { customers: 3_000, ..PopulationSettings::planted() };
        settings.contacts.service.noise = noise;
        settings.contacts.rate_shape = 1.0 / (noise * noise);
        let [under, over] = diagnosed(settings)?.of_the_planted();
        eprintln!("noise {noise}: under-served {under:?}, over-served {over:?}");
        assert!(under.recall > 0.95 && over.recall > 0.95, "{noise}: {under:?} {over:?}");
        assert!(under.precision.max(over.precision) < before, "{noise}: {under:?} {over:?}");
        before = under.precision.min(over.precision);
    }
    Ok(())
}

/// At the noise of the default population the bar is out of reach: most of its customers buy once, a quarter has left
/// without a word, and contact rates vary by half. These are the figures that [`PopulationSettings::planted`] states.
#[test]
fn buyers_like_those_of_cdnow_hide_what_was_planted() -> Outcome {
    let base = diagnosed(PopulationSettings { customers: 6_000, ..PopulationSettings::default() })?;
    let ([under, over], [truly_under, truly_over]) = (base.of_the_planted(), base.of_the_misplaced());
    eprintln!("planted: under-served {under:?}, over-served {over:?}");
    eprintln!("true at the end: under-served {truly_under:?}, over-served {truly_over:?}");
    for (found, precision, recall) in [(under, 0.19, 0.70), (over, 0.24, 0.88)] {
        // To the two digits that are stated, give or take one in the last for rounding.
        assert!((found.precision - precision).abs() < 0.015 && (found.recall - recall).abs() < 0.015, "{found:?}");
    }
    Ok(())
}
