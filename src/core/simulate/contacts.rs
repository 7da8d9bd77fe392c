//! The contact log of one customer.

use std::fmt;

use chrono::{DateTime, Datelike};
use rand::Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::base::Money;
use crate::simulate::purchases::waiting_time;
use crate::simulate::{Channel, CustomerTruth, Population};

/// Who contacted whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The company the customer.
    Outbound,
    /// The customer the company.
    Inbound,
}

impl Direction {
    /// Its name in the file: `out` or `in`.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Outbound => "out",
            Direction::Inbound => "in",
        }
    }
}

/// What came of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The customer answered; also every inbound contact.
    Answered,
    /// It arrived, without an answer.
    Reached,
    /// It reached nobody.
    NotReached,
    /// The customer does not want it.
    Refused,
}

impl Outcome {
    /// Whether the customer had it before them, so that they can say what they think of it.
    fn arrived(self) -> bool {
        matches!(self, Outcome::Answered | Outcome::Reached)
    }

    /// Its name in the file: `answered`, `reached`, `not_reached` or `refused`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::Reached => "reached",
            Outcome::NotReached => "not_reached",
            Outcome::Refused => "refused",
        }
    }
}

/// The quarter of a campaign, written `2023-Q2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quarter {
    /// The year.
    pub year: i32,
    /// 1 to 4.
    pub quarter: u32,
}

impl Quarter {
    /// The quarter of a time in seconds since 1970-01-01 UTC.
    fn of(timestamp: i64) -> Option<Self> {
        let date = DateTime::from_timestamp(timestamp, 0)?;
        Some(Quarter { year: date.year(), quarter: date.month0() / 3 + 1 })
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-Q{}", self.year, self.quarter)
    }
}

/// The campaign that a contact belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Campaign {
    /// That of the quarter.
    Quarter(Quarter),
    /// The randomised one.
    Trial,
}

/// A line of the contact log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulatedContact {
    /// Seconds since 1970-01-01 UTC.
    pub at: i64,
    /// Its channel's place in [`Population::channels`].
    pub channel: u16,
    /// Who contacted whom.
    pub direction: Direction,
    /// What came of it.
    pub outcome: Outcome,
    /// What it cost.
    pub cost: Money,
    /// The campaign it belongs to.
    pub campaign: Option<Campaign>,
    /// What the customer thought of it, from 1 to 5, where it arrived and they were asked.
    pub satisfaction: Option<u8>,
    /// Minutes until it was answered, where inbound.
    pub response_minutes: Option<u32>,
    /// Who of the team made it, from 1, where it belongs to no campaign.
    pub agent: Option<u16>,
}

impl SimulatedContact {
    /// A contact of the company's that nobody rated and no agent made.
    pub(super) fn outbound(at: i64, channel: usize, outcome: Outcome, cost: f64) -> Self {
        SimulatedContact {
            at,
            channel: channel as u16,
            direction: Direction::Outbound,
            outcome,
            cost: Money::from_f64(cost).unwrap_or_default(),
            campaign: None,
            satisfaction: None,
            response_minutes: None,
            agent: None,
        }
    }
}

impl Population {
    /// The names of all channels: those of the plan, then that of triggered contacts where it is another.
    pub fn channels(&self) -> impl Iterator<Item = &str> {
        let plan = &self.settings.contacts;
        let triggered = &plan.triggered;
        let its_own = triggered.share > 0.0 && plan.channel(&triggered.channel).is_none();
        plan.channels.iter().map(|channel| channel.name.as_str()).chain(its_own.then_some(triggered.channel.as_str()))
    }

    /// Contacts from the first purchase on: their times in weeks, and their lines.
    pub(super) fn draw_contacts(
        &self,
        truth: &CustomerTruth,
        joined: f64,
        mut rng: Xoshiro256PlusPlus,
    ) -> (Vec<f64>, Vec<SimulatedContact>) {
        let times = poisson_times(truth.contacts_per_week, joined, self.observed_weeks(), &mut rng);
        let shares = self.channel_shares(truth.service_level);
        let contacts = times.iter().map(|&time| self.draw_contact(self.timestamp(time), &shares, &mut rng)).collect();
        (times, contacts)
    }

    /// How often each channel is used with a customer served at that level.
    fn channel_shares(&self, service_level: f64) -> Vec<f64> {
        let plan = &self.settings.contacts;
        let tilt = |dearness: f64| plan.service.channel_factor.powf(service_level * dearness);
        plan.channels.iter().zip(&self.dearness).map(|(channel, &dearness)| channel.share * tilt(dearness)).collect()
    }

    fn draw_contact(&self, at: i64, shares: &[f64], rng: &mut Xoshiro256PlusPlus) -> SimulatedContact {
        let place = pick(shares, rng);
        let channel = &self.settings.contacts.channels[place];
        let inbound = rng.r#gen::<f64>() < channel.inbound;
        let outcome = if inbound { Outcome::Answered } else { draw_outcome(channel, rng) };
        let campaign = if channel.campaigns && !inbound { Quarter::of(at).map(Campaign::Quarter) } else { None };
        let direction = if inbound { Direction::Inbound } else { Direction::Outbound };
        SimulatedContact { direction, campaign, ..SimulatedContact::outbound(at, place, outcome, channel.cost) }
    }

    /// How well the customer was served in each contact: the rating, the wait and the agent.
    ///
    /// Every contact takes the same draws, so that one setting leaves what the others decide alone.
    pub(super) fn draw_service(
        &self,
        service_level: f64,
        contacts: &mut [SimulatedContact],
        mut rng: Xoshiro256PlusPlus,
    ) {
        let plan = self.settings.contacts.service;
        let own = draw_agent(plan.agents, &mut rng);
        for contact in contacts {
            let (rated, by_own): (f64, f64) = (rng.r#gen(), rng.r#gen());
            let deviation: f64 = StandardNormal.sample(&mut rng);
            let wait: f64 = Exp1.sample(&mut rng);
            let other = draw_agent(plan.agents, &mut rng);
            let rating = plan.rating + plan.rating_step * service_level + plan.rating_noise * deviation;
            let minutes = wait * plan.response_hours * 60.0 * plan.response_factor.powf(-service_level);
            let agent = if by_own < plan.own_agent_share { own } else { other };
            let asked = rated < plan.rated_share && contact.outcome.arrived();
            contact.satisfaction = asked.then_some(rating.round().clamp(1.0, 5.0) as u8);
            contact.response_minutes = (contact.direction == Direction::Inbound).then_some(minutes.round() as u32);
            contact.agent = agent.filter(|_| contact.campaign.is_none());
        }
    }
}

/// Anybody of the team, from 1.
fn draw_agent(agents: u16, rng: &mut Xoshiro256PlusPlus) -> Option<u16> {
    let place = rng.r#gen::<f64>() * f64::from(agents); // below `agents`, whatever the draw
    (agents > 0).then_some(place as u16 + 1)
}

/// How dear each channel is among all, from -1 for the cheapest to 1 for the dearest: its mid-rank by cost.
pub(super) fn dearness(channels: &[Channel]) -> Vec<f64> {
    let beyond = channels.len().saturating_sub(1).max(1) as f64;
    let rank = |cost: f64| {
        let dearer = |other: &&Channel| other.cost > cost;
        let cheaper = |other: &&Channel| other.cost < cost;
        (channels.iter().filter(cheaper).count() as f64 - channels.iter().filter(dearer).count() as f64) / beyond
    };
    channels.iter().map(|channel| rank(channel.cost)).collect()
}

/// The times of a Poisson process between `from` and `to`.
fn poisson_times(rate: f64, from: f64, to: f64, rng: &mut Xoshiro256PlusPlus) -> Vec<f64> {
    let mut times = Vec::new();
    let mut time = from + waiting_time(rate, rng);
    while time < to {
        times.push(time);
        time += waiting_time(rate, rng);
    }
    times
}

/// A place drawn in proportion to its share.
fn pick(shares: &[f64], rng: &mut Xoshiro256PlusPlus) -> usize {
    let mut left = rng.r#gen::<f64>() * shares.iter().sum::<f64>();
    let mut last = 0;
    for (place, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        last = place;
        left -= share;
        if left < 0.0 {
            break;
        }
    }
    last
}

pub(super) fn draw_outcome(channel: &Channel, rng: &mut Xoshiro256PlusPlus) -> Outcome {
    let draw: f64 = rng.r#gen();
    let (answered, reached) = (channel.answered, channel.answered + channel.reached);
    match draw {
        _ if draw < answered => Outcome::Answered,
        _ if draw < reached => Outcome::Reached,
        _ if draw < reached + channel.refused => Outcome::Refused,
        _ => Outcome::NotReached,
    }
}
