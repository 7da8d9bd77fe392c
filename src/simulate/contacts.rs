//! The contact log of one customer.

use std::fmt;

use chrono::{DateTime, Datelike};
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::purchases::waiting_time;
use super::{Channel, CustomerTruth, Population};
use crate::units::Money;

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

/// A line of the contact log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulatedContact {
    /// Seconds since 1970-01-01 UTC.
    pub at: i64,
    /// Its channel's place in the settings.
    pub channel: u16,
    /// Who contacted whom.
    pub direction: Direction,
    /// What came of it.
    pub outcome: Outcome,
    /// What it cost.
    pub cost: Money,
    /// The campaign it belongs to.
    pub campaign: Option<Quarter>,
}

impl Population {
    /// Contacts from the first purchase on: their times in weeks, and their lines.
    pub(super) fn draw_contacts(
        &self,
        truth: &CustomerTruth,
        joined: f64,
        mut rng: Xoshiro256PlusPlus,
    ) -> (Vec<f64>, Vec<SimulatedContact>) {
        let times = poisson_times(truth.contacts_per_week, joined, self.observed_weeks(), &mut rng);
        let contacts = times.iter().map(|&time| self.draw_contact(self.timestamp(time), &mut rng)).collect();
        (times, contacts)
    }

    fn draw_contact(&self, at: i64, rng: &mut Xoshiro256PlusPlus) -> SimulatedContact {
        let channels = &self.settings.contacts.channels;
        let place = pick(channels.iter().map(|channel| channel.share), rng);
        let channel = &channels[place];
        let inbound = rng.r#gen::<f64>() < channel.inbound;
        let campaign = if channel.campaigns && !inbound { Quarter::of(at) } else { None };
        SimulatedContact {
            at,
            channel: place as u16,
            direction: if inbound { Direction::Inbound } else { Direction::Outbound },
            outcome: if inbound { Outcome::Answered } else { draw_outcome(channel, rng) },
            cost: Money::from_f64(channel.cost).unwrap_or_default(),
            campaign,
        }
    }
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
fn pick(shares: impl Iterator<Item = f64> + Clone, rng: &mut Xoshiro256PlusPlus) -> usize {
    let mut left = rng.r#gen::<f64>() * shares.clone().sum::<f64>();
    let mut last = 0;
    for (place, share) in shares.enumerate().filter(|(_, share)| *share > 0.0) {
        last = place;
        left -= share;
        if left < 0.0 {
            break;
        }
    }
    last
}

fn draw_outcome(channel: &Channel, rng: &mut Xoshiro256PlusPlus) -> Outcome {
    let draw: f64 = rng.r#gen();
    let (answered, reached) = (channel.answered, channel.answered + channel.reached);
    match draw {
        _ if draw < answered => Outcome::Answered,
        _ if draw < reached => Outcome::Reached,
        _ if draw < reached + channel.refused => Outcome::Refused,
        _ => Outcome::NotReached,
    }
}
