//! What is true of a simulated customer, and of the population.

use std::ops::AddAssign;

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use crate::base::{Day, Money};
use crate::simulate::{ContactPlan, Population, PopulationSettings, SimulatedCustomer, Stream};

/// Terciles of the value of a first year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueLevel {
    /// The lowest third.
    Low,
    /// The middle third.
    Medium,
    /// The highest third.
    High,
}

impl ValueLevel {
    /// Its name in a file: `low`, `medium` or `high`.
    pub fn name(self) -> &'static str {
        match self {
            ValueLevel::Low => "low",
            ValueLevel::Medium => "medium",
            ValueLevel::High => "high",
        }
    }
}

/// Whether a customer's contact was set against its value on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Planted {
    /// Contacted according to value.
    Nothing,
    /// High value, hardly contacted.
    UnderServed,
    /// Low value, contacted most.
    OverServed,
}

impl Planted {
    /// Its name in a file: `nothing`, `under_served` or `over_served`.
    pub fn name(self) -> &'static str {
        match self {
            Planted::Nothing => "nothing",
            Planted::UnderServed => "under_served",
            Planted::OverServed => "over_served",
        }
    }
}

/// What is true of a customer: a row of truth.parquet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerTruth {
    /// `lambda`: purchases a week while alive, without contact.
    pub rate_per_week: f64,
    /// `p`: probability to leave after a repeat purchase.
    pub dropout_probability: f64,
    /// Mean amount of an order.
    pub mean_spend: f64,
    /// Expected spend on repeat purchases in the first 52 weeks, without contact.
    pub first_year_value: f64,
    /// The third of the population in which that lies.
    pub value_level: ValueLevel,
    /// What was planted.
    pub planted: Planted,
    /// Contacts a week, without those that purchases trigger and that of the trial.
    pub contacts_per_week: f64,
    /// How well it is served, from -1, worst, to 1, best: channels, ratings and answers follow it.
    pub service_level: f64,
    /// Whether it still buys when the window closes.
    pub alive_at_end: bool,
    /// Expected spend in the 52 weeks after the window, without contact: 0 once it has left. A buyer that is
    /// still there does not age, so for it this is `first_year_value` again.
    pub remaining_value: f64,
}

impl CustomerTruth {
    /// Sets how the customer ended.
    pub(super) fn end(&mut self, alive: bool) {
        self.alive_at_end = alive;
        self.remaining_value = if alive { self.first_year_value } else { 0.0 };
    }
}

/// A customer's traits as a buyer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buyer {
    pub(super) rate_per_week: f64,
    pub(super) dropout_probability: f64,
    pub(super) mean_spend: f64,
}

impl Buyer {
    /// Mean spend times `E[X(t) | lambda, p] = (1 - exp(-lambda p t)) / p` at 52 weeks: Fader, Hardie and
    /// Lee (2005), section 4; `lambda t` in the limit of p = 0.
    pub(super) fn first_year_value(&self) -> f64 {
        let (expected_at_p_0, p) = (self.rate_per_week * 52.0, self.dropout_probability);
        let purchases = if p > 1e-12 { -(-expected_at_p_0 * p).exp_m1() / p } else { expected_at_p_0 };
        purchases * self.mean_spend
    }
}

impl Population {
    /// Everything true of a customer but how it ended, and its first purchase in weeks from the start.
    pub(super) fn draw_traits(&self, number: u64) -> (CustomerTruth, f64) {
        let mut rng = self.stream(number, Stream::Traits);
        let buyer = self.draw_buyer(&mut rng);
        let joined = rng.r#gen::<f64>() * f64::from(self.settings.cohort_days) / 7.0;
        let first_year_value = buyer.first_year_value();
        let (value_level, rank) = self.place_by_value(first_year_value);
        let planted = plant(&self.settings.contacts, value_level, &mut rng);
        let truth = CustomerTruth {
            rate_per_week: buyer.rate_per_week,
            dropout_probability: buyer.dropout_probability,
            mean_spend: buyer.mean_spend,
            first_year_value,
            value_level,
            planted,
            contacts_per_week: self.contact_rate(value_level, rank, planted, &mut rng),
            service_level: self.service_level(rank, planted, &mut rng),
            alive_at_end: true,
            remaining_value: first_year_value,
        };
        (truth, joined)
    }

    /// The third of the reference draws in which a value lies, and the share of them that it reaches.
    fn place_by_value(&self, value: f64) -> (ValueLevel, f64) {
        let draws = self.reference_values.len();
        let reached = self.reference_values.partition_point(|&reference| reference <= value);
        let level = match reached {
            _ if reached > draws * 2 / 3 => ValueLevel::High,
            _ if reached > draws / 3 => ValueLevel::Medium,
            _ => ValueLevel::Low,
        };
        (level, reached as f64 / draws as f64)
    }

    fn contact_rate(&self, level: ValueLevel, rank: f64, planted: Planted, rng: &mut Xoshiro256PlusPlus) -> f64 {
        let plan = &self.settings.contacts;
        let factor = match planted {
            Planted::Nothing => plan.factor_by_value[level as usize] * plan.rank_factor.powf(2.0 * rank - 1.0),
            Planted::UnderServed => plan.under_served_factor,
            Planted::OverServed => plan.over_served_factor,
        };
        plan.per_week * factor * self.variation.sample(rng)
    }

    fn service_level(&self, rank: f64, planted: Planted, rng: &mut Xoshiro256PlusPlus) -> f64 {
        let deviation: f64 = StandardNormal.sample(rng);
        match planted {
            Planted::Nothing => (2.0 * rank - 1.0 + self.settings.contacts.service.noise * deviation).clamp(-1.0, 1.0),
            Planted::UnderServed => -1.0,
            Planted::OverServed => 1.0,
        }
    }
}

fn plant(plan: &ContactPlan, level: ValueLevel, rng: &mut Xoshiro256PlusPlus) -> Planted {
    let draw: f64 = rng.r#gen();
    match level {
        ValueLevel::High if draw < plan.under_served_share => Planted::UnderServed,
        ValueLevel::Low if draw < plan.over_served_share => Planted::OverServed,
        _ => Planted::Nothing,
    }
}

/// The days that the files cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first day.
    pub start: Day,
    /// The last day.
    pub as_of: Day,
}

/// What the files hold, added up: counts and money, so that the order of adding does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Customers.
    pub customers: u64,
    /// Still buying when the window closes.
    pub alive_at_end: u64,
    /// Planted as under-served.
    pub under_served: u64,
    /// Planted as over-served.
    pub over_served: u64,
    /// Orders, without returns.
    pub orders: u64,
    /// Returns: each is a line of its own, with a negative amount.
    pub returns: u64,
    /// Order lines, returns included, whose customer id is missing.
    pub lines_without_id: u64,
    /// Sum of all amounts, returns taken off, lines without id included.
    pub revenue: Money,
    /// The part of `revenue` on lines without id.
    pub revenue_without_id: Money,
    /// Contacts.
    pub contacts: u64,
    /// Rows of customers who were held out of the trial: no contacts.
    pub held_out: u64,
    /// Their cost.
    pub contact_cost: Money,
}

impl Totals {
    /// Adds a customer.
    pub fn add(&mut self, customer: &SimulatedCustomer) {
        let truth = &customer.truth;
        self.customers += 1;
        self.alive_at_end += u64::from(truth.alive_at_end);
        self.under_served += u64::from(truth.planted == Planted::UnderServed);
        self.over_served += u64::from(truth.planted == Planted::OverServed);
        self.add_orders(customer);
        self.contacts += customer.contacts.len() as u64;
        self.held_out += u64::from(customer.held_out.is_some());
        self.contact_cost += customer.contacts.iter().map(|contact| contact.cost).sum();
    }

    fn add_orders(&mut self, customer: &SimulatedCustomer) {
        for order in &customer.orders {
            self.orders += u64::from(!order.is_return);
            self.returns += u64::from(order.is_return);
            self.revenue += order.amount;
            if order.id_missing {
                self.lines_without_id += 1;
                self.revenue_without_id += order.amount;
            }
        }
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Totals) {
        self.customers += other.customers;
        self.alive_at_end += other.alive_at_end;
        self.under_served += other.under_served;
        self.over_served += other.over_served;
        self.orders += other.orders;
        self.returns += other.returns;
        self.lines_without_id += other.lines_without_id;
        self.revenue += other.revenue;
        self.revenue_without_id += other.revenue_without_id;
        self.contacts += other.contacts;
        self.held_out += other.held_out;
        self.contact_cost += other.contact_cost;
    }
}

/// What is true of a population: truth.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The days that the files cover.
    pub window: Window,
    /// What they hold.
    pub totals: Totals,
    /// Every parameter it was drawn from: the effect, the models, the planted shares.
    pub settings: PopulationSettings,
}
