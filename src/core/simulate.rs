//! A population with known truth, for tests, samples and load.
//!
//! Every customer is drawn from the models that the engine fits, so that what it finds can be held
//! against what is so:
//!
//! - **Purchases** follow BG/NBD (Fader, Hardie and Lee 2005, "Counting your customers the easy way",
//!   Marketing Science 24(2)). Rate `lambda ~ Gamma(r, alpha)`, purchases in continuous time at that
//!   rate, and after each *repeat* purchase the customer leaves with probability `p ~ Beta(a, b)`.
//! - **Spend** follows Gamma-Gamma (Fader and Hardie 2013, "The gamma-gamma model of monetary
//!   value"). Scale `nu ~ Gamma(q, gamma)`, amounts `~ Gamma(p, nu)`, independent of the purchases.
//! - **Contacts** come at random at a rate of the customer's own: more often to customers of high
//!   value, except for a planted share of them that is hardly contacted (*under-served*) and a planted
//!   share of low value that is contacted most (*over-served*). They go on after a customer has left,
//!   since nobody told the company. How good they are goes with value too, or against it where planted:
//!   their channels, what customers think of them, how soon an inbound one is answered.
//! - **The effect**: within `effect.days` after a contact an alive customer buys at `rate_ratio` times
//!   the rate; contacts in quick succession do not compound. Ratio 1 is no effect.
//! - **Triggered contacts**, such as order confirmations, follow purchases and have no effect. So each
//!   history is drawn in one pass: contacts, the purchases under their effect, what purchases trigger.
//! - **A trial** contacts a random share of the customers on one day and holds another share out.
//!
//! Customer `i` depends on the seed, the settings and `i` alone. So a population is generated in
//! blocks of any size, on any number of threads, with the same result, and none of it is kept.

mod contact_plan;
mod contacts;
mod purchases;
mod rows;
mod settings;
mod trial;
mod triggered;
mod truth;
mod volume;

use std::ops::Range;

use rand::SeedableRng;
use rand_distr::{Beta, Distribution, Gamma};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

pub use contact_plan::{Channel, ContactPlan, ServicePlan, Trial, Triggered};
pub use contacts::{Campaign, Direction, Outcome, Quarter, SimulatedContact};
pub use purchases::SimulatedOrder;
pub use rows::{ContactRow, OrderRow, TruthRow};
pub use settings::{Effect, MAX_EVENTS, PopulationSettings, PurchaseTruth, Quirks, SimulationError, SpendTruth};
pub use trial::HeldOut;
pub use truth::{CustomerTruth, Planted, Totals, Truth, ValueLevel, Window};

use crate::base::Day;

/// Seconds in a day and in a week.
const DAY_SECONDS: i64 = 86_400;
const WEEK_SECONDS: f64 = 604_800.0;

/// Customers drawn to know what is a low, medium or high value.
const REFERENCE_DRAWS: usize = 20_000;

/// The independent sources of chance of one customer: other contacts leave the purchases alone.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Traits,
    Contacts,
    Purchases,
    Quirks,
    Service,
    Trial,
    Triggered,
}

impl Stream {
    /// Streams are numbered within sets of so many, and each set has a seed of its own: a later stream leaves
    /// those before it as they are.
    const A_SET: u64 = 4;
}

/// A population that can be drawn, its settings checked.
///
/// ```
/// use clivia_core::simulate::{Population, PopulationSettings};
///
/// let population = Population::new(PopulationSettings { customers: 100, ..PopulationSettings::default() })?;
/// let customer = population.customer(7);
/// assert!(!customer.orders.is_empty()); // everybody buys once
/// assert_eq!(population.block(0..10)[7], customer); // alone or in a block
/// let row = population.order_rows(&customer).next();
/// assert_eq!(row.map(|row| row.order_id), Some("O000007-1".to_string()));
/// # Ok::<(), clivia_core::simulate::SimulationError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Population {
    settings: PopulationSettings,
    rate: Gamma<f64>,
    dropout: Beta<f64>,
    spend_scale: Gamma<f64>,
    /// Amounts of a customer whose scale `nu` is 1.
    amount: Gamma<f64>,
    /// Contact rates around their mean of 1.
    variation: Gamma<f64>,
    /// First-year values of other customers of the same kind, rising: what makes a value high or low.
    reference_values: Vec<f64>,
    /// How dear each channel is, from -1 to 1.
    dearness: Vec<f64>,
}

/// One customer: its file rows and what is true of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedCustomer {
    /// Its number, from 0.
    pub number: u64,
    /// Orders in the order of time, then returns.
    pub orders: Vec<SimulatedOrder>,
    /// Contacts in the order of time.
    pub contacts: Vec<SimulatedContact>,
    /// Where it was held out of the trial.
    pub held_out: Option<HeldOut>,
    /// What is true of it.
    pub truth: CustomerTruth,
}

impl Population {
    /// Checks the settings and prepares to draw.
    ///
    /// # Errors
    /// [`SimulationError`] where a setting has no meaning, naming it and its range.
    pub fn new(settings: PopulationSettings) -> Result<Self, SimulationError> {
        settings.check()?;
        let (purchases, spend, shape) = (settings.purchases, settings.spend, settings.contacts.rate_shape);
        let dropout = Beta::new(purchases.a, purchases.b);
        let population = Population {
            rate: gamma("purchases", purchases.r, purchases.alpha)?,
            dropout: dropout.map_err(|_| SimulationError::Distribution("purchases"))?,
            spend_scale: gamma("spend", spend.q, spend.gamma)?,
            amount: gamma("spend", spend.p, 1.0)?,
            variation: gamma("contacts", shape, shape)?,
            reference_values: Vec::new(),
            dearness: contacts::dearness(&settings.contacts.channels),
            settings,
        };
        Ok(Population { reference_values: population.draw_reference_values(), ..population })
    }

    /// The settings.
    pub fn settings(&self) -> &PopulationSettings {
        &self.settings
    }

    /// Customer `number`, independent of all others.
    pub fn customer(&self, number: u64) -> SimulatedCustomer {
        let stream = |stream| self.stream(number, stream);
        let (mut truth, joined) = self.draw_traits(number);
        let (mut times, mut contacts) = self.draw_contacts(&truth, joined, stream(Stream::Contacts));
        self.draw_service(truth.service_level, &mut contacts, stream(Stream::Service));
        let arm = self.draw_arm(joined, stream(Stream::Trial));
        if let Some(contact) = arm.contact() {
            times.insert(times.partition_point(|&time| time <= self.trial_time()), self.trial_time());
            contacts.push(contact);
        }
        let history = self.draw_purchases(&truth, joined, &times, stream(Stream::Purchases));
        contacts.extend(self.draw_triggered(&history.orders, stream(Stream::Triggered)));
        contacts.sort_by_key(|contact| contact.at);
        truth.end(history.alive_at_end);
        let orders = self.add_quirks(history.orders, stream(Stream::Quirks));
        SimulatedCustomer { number, orders, contacts, held_out: arm.held_out(), truth }
    }

    /// Customer `number` with the same traits and orders, and without contacts: sooner drawn where contacts have
    /// no effect on purchases, since then nothing of them is drawn at all.
    pub fn buyer(&self, number: u64) -> SimulatedCustomer {
        if self.settings.effect.rate_ratio != 1.0 {
            return SimulatedCustomer { contacts: Vec::new(), held_out: None, ..self.customer(number) };
        }
        let (mut truth, joined) = self.draw_traits(number);
        let history = self.draw_purchases(&truth, joined, &[], self.stream(number, Stream::Purchases));
        truth.end(history.alive_at_end);
        let orders = self.add_quirks(history.orders, self.stream(number, Stream::Quirks));
        SimulatedCustomer { number, orders, contacts: Vec::new(), held_out: None, truth }
    }

    /// The buyers of a range of numbers, drawn in parallel, in order.
    pub fn buyers(&self, numbers: Range<u64>) -> Vec<SimulatedCustomer> {
        numbers.into_par_iter().map(|number| self.buyer(number)).collect()
    }

    /// The customers of a range of numbers, drawn in parallel, in order.
    pub fn block(&self, numbers: Range<u64>) -> Vec<SimulatedCustomer> {
        numbers.into_par_iter().map(|number| self.customer(number)).collect()
    }

    /// The whole population in blocks of `size` customers (at least one), of which only one need be in memory.
    pub fn blocks(&self, size: u64) -> impl Iterator<Item = Vec<SimulatedCustomer>> + '_ {
        self.ranges(size).map(|numbers| self.block(numbers))
    }

    /// The numbers of all customers in ranges of `size` (at least one).
    pub fn ranges(&self, size: u64) -> impl Iterator<Item = Range<u64>> + use<> {
        let (size, customers) = (size.max(1), self.settings.customers);
        let starts = (0..customers.div_ceil(size)).map(move |block| block * size);
        starts.map(move |start| start..start.saturating_add(size).min(customers))
    }

    /// The days that the files cover.
    pub fn window(&self) -> Window {
        let start = self.settings.start;
        Window { start, as_of: Day(start.0 + self.settings.observed_days as i32 - 1) }
    }

    /// The truth about a population whose customers have been added up in `totals`.
    pub fn truth(&self, totals: Totals) -> Truth {
        Truth { window: self.window(), totals, settings: self.settings.clone() }
    }

    fn stream(&self, number: u64, stream: Stream) -> Xoshiro256PlusPlus {
        let (set, in_set) = (stream as u64 / Stream::A_SET, stream as u64 % Stream::A_SET);
        let of_set = (0..=set).fold(self.settings.seed, |seed, _| scramble(seed));
        let place = number.wrapping_mul(Stream::A_SET).wrapping_add(in_set);
        Xoshiro256PlusPlus::seed_from_u64(scramble(of_set.wrapping_add(place)))
    }

    fn observed_weeks(&self) -> f64 {
        f64::from(self.settings.observed_days) / 7.0
    }

    /// A time in weeks since the start as seconds since 1970, within the window.
    fn timestamp(&self, weeks: f64) -> i64 {
        let at = i64::from(self.settings.start.0) * DAY_SECONDS + (weeks * WEEK_SECONDS).floor() as i64;
        at.min(self.end_timestamp() - 1)
    }

    /// Seconds since 1970 at which the window has closed.
    fn end_timestamp(&self) -> i64 {
        i64::from(self.settings.start.0) * DAY_SECONDS + i64::from(self.settings.observed_days) * DAY_SECONDS
    }

    /// From draws that depend on the parameters and not on the seed.
    fn draw_reference_values(&self) -> Vec<f64> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(0);
        let mut values: Vec<f64> = (0..REFERENCE_DRAWS).map(|_| self.draw_buyer(&mut rng).first_year_value()).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    fn draw_buyer(&self, rng: &mut Xoshiro256PlusPlus) -> truth::Buyer {
        truth::Buyer {
            rate_per_week: self.rate.sample(rng),
            dropout_probability: self.dropout.sample(rng),
            mean_spend: (self.settings.spend.p / self.spend_scale.sample(rng)).min(settings::MAX_AMOUNT),
        }
    }
}

fn gamma(table: &'static str, shape: f64, rate: f64) -> Result<Gamma<f64>, SimulationError> {
    Gamma::new(shape, 1.0 / rate).map_err(|_| SimulationError::Distribution(table))
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): one to one, near inputs far apart.
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
