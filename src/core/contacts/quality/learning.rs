//! What a base teaches: how often each channel succeeds, what it costs, how customers rate, how they buy.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::contacts::quality::channels::Groups;
use crate::contacts::quality::criteria::{Tally, outbound_success, ratings, with_tallies};
use crate::contacts::quality::shrinkage::{Average, FALLBACK_STRENGTH, MeanSums, Proportion, STRENGTHS, ShareSums};
use crate::contacts::quality::{QualityError, QualitySettings, channel_key};
use crate::contacts::{Contact, ContactLog, Outcome};

/// Sums over customers run in so many blocks, whatever the number of threads.
const BLOCKS: usize = 64;

/// Of all contacts, two more are thought of that went one way and the other: Laplace's rule of succession. So no
/// rate is 0 or 1.
const EVEN_CHANCES: f64 = 2.0;

/// What contacts on a channel are like.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelHabit {
    /// How often the company's contacts reach their aim, and how firmly that holds for every customer.
    pub success: Proportion,
    /// How often they are answered.
    pub answer_rate: f64,
    /// What a contact costs on average, rounded to 1/10,000 of the currency unit, halves up.
    pub mean_cost: Money,
}

/// What was learnt from a base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learnt {
    /// By the key of each channel that the base has contacts on. Its rates are drawn towards the overall ones, which
    /// count four contacts, so that a channel with one answered call is not at 100 % either.
    pub channels: BTreeMap<String, ChannelHabit>,
    /// Over all channels: what stands in for a channel that the base has no contact on.
    pub overall: ChannelHabit,
    /// How customers rate; the middle of the scale where none does.
    pub satisfaction: Average,
    /// The median purchase rhythm; the half-life of contacts where no customer bought twice.
    pub rhythm_days: f64,
}

impl Learnt {
    /// Checks what was read from a file.
    pub(super) fn check(&self, settings: &QualitySettings) -> Result<(), QualityError> {
        let is_wrong = |(key, habit): &(&String, &ChannelHabit)| channel_key(key) != **key || !habit.is_sound();
        if let Some((key, _)) = self.channels.iter().find(is_wrong) {
            return Err(QualityError::Learnt(format!("channel '{key}'")));
        }
        let [low, high] = settings.satisfaction_scale;
        let Average { mean, strength } = self.satisfaction;
        let checks = [
            ("overall", self.overall.is_sound()),
            ("satisfaction", (low..=high).contains(&mean) && STRENGTHS.contains(&strength)),
            ("rhythm_days", self.rhythm_days.is_finite() && self.rhythm_days > 0.0),
        ];
        let wrong = checks.into_iter().find(|(_, is_sound)| !is_sound);
        wrong.map_or(Ok(()), |(name, _)| Err(QualityError::Learnt(name.to_string())))
    }
}

impl ChannelHabit {
    fn is_sound(&self) -> bool {
        let answered = self.answer_rate > 0.0 && self.answer_rate <= self.success.mean;
        answered && self.success.is_sound() && (Money(0)..=Money::MAX_ROW).contains(&self.mean_cost)
    }
}

/// Learns from all contacts of a base.
pub(super) fn learn(settings: &QualitySettings, log: &ContactLog, rhythm_days: &[f64]) -> Learnt {
    let groups = Groups::new(&log.channels);
    let sums = base_sums(settings, log, &groups);
    let overall = sums.overall.habit(&ChannelHabit::UNKNOWN, EVEN_CHANCES);
    let met = groups.keys.iter().zip(&sums.channels).filter(|(_, sums)| sums.contacts > 0);
    Learnt {
        channels: met.map(|(key, sums)| (key.clone(), sums.habit(&overall, FALLBACK_STRENGTH))).collect(),
        overall,
        satisfaction: satisfaction(&sums.ratings, settings.satisfaction_scale),
        rhythm_days: median_rhythm(rhythm_days).unwrap_or(settings.half_life_days),
    }
}

fn base_sums(settings: &QualitySettings, log: &ContactLog, groups: &Groups) -> BaseSums {
    let customers = log.customers();
    let block_sums = |block: usize| {
        let mut sums = BaseSums::new(groups.keys.len());
        let rows = customers * block / BLOCKS..customers * (block + 1) / BLOCKS;
        rows.for_each(|customer| sums.add(log.of(customer), groups, settings.satisfaction_scale));
        sums
    };
    let blocks: Vec<BaseSums> = (0..BLOCKS).into_par_iter().map(block_sums).collect();
    blocks.into_iter().fold(BaseSums::new(groups.keys.len()), BaseSums::plus)
}

/// Sums over customers.
#[derive(Debug, Clone)]
struct BaseSums {
    channels: Vec<HabitSums>,
    overall: HabitSums,
    ratings: MeanSums,
}

impl BaseSums {
    fn new(channels: usize) -> Self {
        let none = HabitSums::default();
        BaseSums { channels: vec![none; channels], overall: none, ratings: MeanSums::default() }
    }

    fn add(&mut self, contacts: &[Contact], groups: &Groups, scale: [f64; 2]) {
        contacts.iter().for_each(|contact| self.channels[groups.of[usize::from(contact.channel)]].count(contact));
        contacts.iter().for_each(|contact| self.overall.count(contact));
        self.add_outcomes(contacts, groups);
        self.ratings.add(ratings(contacts).map(|rating| (rating - scale[0]) / (scale[1] - scale[0])));
    }

    /// The first contact on a channel takes the customer's tally there to the sums, and leaves it empty.
    fn add_outcomes(&mut self, contacts: &[Contact], groups: &Groups) {
        let group = |contact: &Contact| groups.of[usize::from(contact.channel)];
        with_tallies(groups.keys.len(), |tallies| {
            let mut all = Tally::default();
            for contact in contacts {
                if let Some(success) = outbound_success(contact) {
                    let answered = contact.outcome == Some(Outcome::Answered);
                    [&mut tallies[group(contact)], &mut all].into_iter().for_each(|tally| tally.add(success, answered));
                }
            }
            contacts.iter().for_each(|contact| {
                self.channels[group(contact)].add(std::mem::take(&mut tallies[group(contact)]));
            });
            self.overall.add(all);
        });
    }

    fn plus(mut self, other: Self) -> Self {
        self.channels.iter_mut().zip(other.channels).for_each(|(sum, channel)| *sum += channel);
        self.overall += other.overall;
        self.ratings += other.ratings;
        self
    }
}

/// Sums over customers on one channel, or on all.
#[derive(Debug, Clone, Copy, Default)]
struct HabitSums {
    contacts: u64,
    cost: i128,
    answered: u64,
    shares: ShareSums,
}

impl HabitSums {
    fn count(&mut self, contact: &Contact) {
        self.contacts += 1;
        self.cost += i128::from(contact.cost.0);
    }

    fn add(&mut self, tally: Tally) {
        if tally.contacts > 0 {
            self.answered += u64::from(tally.answered);
            self.shares.add(tally.successes, tally.contacts);
        }
    }

    /// What the sums say, with a `weight` of contacts like those `beyond` laid on top.
    fn habit(&self, beyond: &ChannelHabit, weight: f64) -> ChannelHabit {
        let share = |part: u64, towards: f64| {
            Proportion { mean: towards, strength: weight }.shrunk(part as f64, self.shares.tried() as f64)
        };
        ChannelHabit {
            success: Proportion {
                mean: share(self.shares.successes(), beyond.success.mean),
                strength: self.shares.strength(),
            },
            answer_rate: share(self.answered, beyond.answer_rate),
            mean_cost: mean_money(self.cost, self.contacts),
        }
    }
}

impl AddAssign for HabitSums {
    fn add_assign(&mut self, other: Self) {
        self.contacts += other.contacts;
        self.cost += other.cost;
        self.answered += other.answered;
        self.shares += other.shares;
    }
}

impl ChannelHabit {
    /// What is known without any contact: an even chance.
    const UNKNOWN: ChannelHabit = ChannelHabit {
        success: Proportion { mean: 0.5, strength: FALLBACK_STRENGTH },
        answer_rate: 0.5,
        mean_cost: Money(0),
    };
}

/// Sum over count, rounded half up; 0 of nothing.
fn mean_money(sum: i128, count: u64) -> Money {
    let count = i128::from(count.max(1));
    let mean = (2 * sum + count).div_euclid(2 * count);
    Money(mean.clamp(0, i128::from(Money::MAX_ROW.0)) as i64)
}

/// The base's rating, learnt on a scale from 0 to 1 and put back on its own.
fn satisfaction(sums: &MeanSums, [low, high]: [f64; 2]) -> Average {
    let mean = low + (high - low) * sums.mean().unwrap_or(0.5);
    Average { mean: mean.clamp(low, high), strength: sums.strength() }
}

/// The median of the rhythms that are known, and no shorter than a day.
fn median_rhythm(rhythm_days: &[f64]) -> Option<f64> {
    let mut known: Vec<f64> = rhythm_days.iter().copied().filter(|days| days.is_finite()).collect();
    known.par_sort_unstable_by(f64::total_cmp);
    let (lower, upper) = (known.get(known.len().checked_sub(1)? / 2)?, known.get(known.len() / 2)?);
    Some((lower + (upper - lower) / 2.0).max(1.0))
}
