//! Contact quality: how well a customer is contacted, by eight criteria that a meeting can argue about.
//!
//! | criterion | what it asks | range | better |
//! |---|---|---|---|
//! | intensity | how much contact, fresh contact counting most | from 0 | more |
//! | reach | how often the company's contacts reach their aim | 0-1 | more |
//! | dialogue | how much of it is a conversation | 0-1 | more |
//! | satisfaction | what the customer thinks of it | declared scale | more |
//! | promptness | how fast the company answers | 0-1 | more |
//! | richness | how personal the channels are | weights | more |
//! | pressure | how far the company overdoes it | from 0 | less |
//! | rhythm | how long ago, in purchases of the customer | from 0 | less |
//!
//! Each is a function of [`criteria`], with its formula. A criterion whose column the file does not hold is
//! absent for everyone. Shares and ratings of few contacts are drawn towards those of the base
//! ([`shrinkage`]), so the criteria are *fitted*: a frozen run judges another log by what the first one
//! taught. The map's index makes one score of them, by [`FittedQuality::weights`].

pub mod channels;
pub mod criteria;
mod error;
mod learning;
mod outcomes;
mod settings;
pub mod shrinkage;

use std::collections::BTreeMap;
use std::fmt;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::{Day, Money};
use crate::contacts::{Contact, ContactLog, Held};

pub use channels::{ChannelRule, ChannelRules, ChannelUse, channel_key};
pub use error::QualityError;
pub use learning::{ChannelHabit, Learnt};
pub use outcomes::OutcomeWords;
pub use settings::{MAX_CAP, MAX_PRESSURE_DAYS, MAX_WEIGHT, QualitySettings, ResponseUnit};
pub use shrinkage::{Average, Proportion};

/// Customers that are judged in one go.
const BLOCK: usize = 8_192;

/// One side of contact quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// How much contact there is, fresh contact counting most.
    Intensity,
    /// How often the company's contacts reach their aim.
    Reach,
    /// How much of it is a conversation.
    Dialogue,
    /// What the customer thinks of it.
    Satisfaction,
    /// How fast the company answers.
    Promptness,
    /// How personal the channels are.
    Richness,
    /// How far the company overdoes it.
    Pressure,
    /// How long ago the last contact is, in purchases of the customer.
    Rhythm,
}

/// A customer's criteria, by `Criterion as usize`; NaN = absent.
pub type Criteria = [f64; 8];

impl Criterion {
    /// All, in the order of [`Criteria`].
    pub const ALL: [Criterion; 8] = [
        Criterion::Intensity,
        Criterion::Reach,
        Criterion::Dialogue,
        Criterion::Satisfaction,
        Criterion::Promptness,
        Criterion::Richness,
        Criterion::Pressure,
        Criterion::Rhythm,
    ];

    /// Its name in settings and columns: `intensity`.
    pub fn name(self) -> &'static str {
        match self {
            Criterion::Intensity => "intensity",
            Criterion::Reach => "reach",
            Criterion::Dialogue => "dialogue",
            Criterion::Satisfaction => "satisfaction",
            Criterion::Promptness => "promptness",
            Criterion::Richness => "richness",
            Criterion::Pressure => "pressure",
            Criterion::Rhythm => "rhythm",
        }
    }

    /// The names of all in a sentence.
    pub(crate) fn names() -> String {
        Criterion::ALL.map(Criterion::name).join(", ")
    }

    /// Whether a low value is good.
    pub fn less_is_better(self) -> bool {
        matches!(self, Criterion::Pressure | Criterion::Rhythm)
    }

    /// How much it counts where the settings do not say: whether there is contact at all, and lately, counts most.
    pub fn default_weight(self) -> f64 {
        match self {
            Criterion::Intensity => 4.0,
            Criterion::Rhythm => 2.0,
            _ => 1.0,
        }
    }

    /// Whether a log holds the columns that it takes.
    pub fn is_held(self, held: Held) -> bool {
        match self {
            Criterion::Reach => held.outcome,
            Criterion::Dialogue => held.direction || held.outcome,
            Criterion::Satisfaction => held.satisfaction,
            Criterion::Promptness => held.response_time,
            Criterion::Intensity | Criterion::Richness | Criterion::Pressure | Criterion::Rhythm => true,
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Checked settings with every default in place, and what was learnt from a base: what run.json keeps, and a
/// frozen run reads back.
///
/// ```
/// use clivia_core::contacts::quality::{Criterion, QualitySettings};
/// use clivia_core::contacts::{Contact, ContactLog, Direction, Held, Outcome};
/// use clivia_core::base::{Day, Moment, Money};
///
/// let contact = |customer, day, channel, outcome| Contact {
///     customer,
///     at: Moment::on(Day(day)),
///     channel,
///     campaign: Contact::NONE,
///     agent: Contact::NONE,
///     direction: Some(Direction::Outbound),
///     outcome: Some(outcome),
///     is_control: false,
///     cost: Money(0),
///     satisfaction: f32::NAN,
///     response_hours: f32::NAN,
/// };
/// let held = Held { direction: true, outcome: true, ..Held::default() };
/// let channels = vec!["Visit".to_string(), "E-mail".to_string()];
/// let contacts = vec![
///     contact(0, 1000, 0, Outcome::Answered), // a visit today: 1
///     contact(0, 910, 1, Outcome::Failure),   // an e-mail one half-life ago: 0.3 / 2
/// ];
/// let log = ContactLog::new(Day(1000), 2, channels, Vec::new(), held, contacts);
/// let rhythm_days = [30.0, f64::NAN];
///
/// let fitted = QualitySettings::default().fit(&log, &rhythm_days)?;
/// let quality = fitted.criteria(&log, &rhythm_days);
/// assert_eq!(quality.column(Criterion::Intensity), [1.15, 0.0]);
/// assert_eq!(quality.column(Criterion::Dialogue)[0], 0.5);
/// assert!(quality.column(Criterion::Satisfaction)[0].is_nan()); // the log holds no ratings
/// assert_eq!(quality.last_contact, [Some(Day(1000)), None]);
/// # Ok::<(), clivia_core::contacts::quality::QualityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FittedAsRead")]
pub struct FittedQuality {
    settings: QualitySettings,
    learnt: Learnt,
}

/// A fit as read, not yet checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FittedAsRead {
    settings: QualitySettings,
    learnt: Learnt,
}

impl TryFrom<FittedAsRead> for FittedQuality {
    type Error = QualityError;

    fn try_from(FittedAsRead { settings, learnt }: FittedAsRead) -> Result<Self, QualityError> {
        let settings = settings.resolved()?;
        learnt.check(&settings)?;
        Ok(FittedQuality { settings, learnt })
    }
}

impl FittedQuality {
    /// The settings as they apply.
    pub fn settings(&self) -> &QualitySettings {
        &self.settings
    }

    /// What was learnt from the base.
    pub fn learnt(&self) -> &Learnt {
        &self.learnt
    }

    /// The weight of every criterion by name, for the index.
    pub fn weights(&self) -> &BTreeMap<String, f64> {
        &self.settings.weights
    }

    /// The targets of criteria by name, for the index.
    pub fn targets(&self) -> &BTreeMap<String, [f64; 2]> {
        &self.settings.targets
    }

    /// The rules of a log's channels, by position. A channel without contacts in the fitted base has the
    /// base's overall rates; its mean cost is that of the settings, else the overall one.
    pub fn channel_rules(&self, channels: &[String]) -> ChannelRules {
        ChannelRules::new(channels, |key| self.channel_rule(key))
    }

    fn channel_rule(&self, key: &str) -> ChannelRule {
        let habit = self.learnt.channels.get(key).copied().unwrap_or_else(|| self.unmet_habit(key));
        ChannelRule {
            weight: self.settings.channels.get(key).copied().unwrap_or(self.settings.other),
            cap: self.settings.caps.get(key).copied().unwrap_or(self.settings.other_cap),
            success: habit.success,
            answer_rate: habit.answer_rate,
            mean_cost: habit.mean_cost,
        }
    }

    fn unmet_habit(&self, key: &str) -> ChannelHabit {
        let overall = self.learnt.overall;
        ChannelHabit { mean_cost: self.settings.cost(key).unwrap_or(overall.mean_cost), ..overall }
    }

    /// The criteria of every customer of a log, in parallel. `rhythm_days` has a customer's mean days between
    /// two purchases a row; where it is NaN, the fitted base's median stands in.
    ///
    /// # Panics
    /// Where the rhythms are not one row a customer.
    pub fn criteria(&self, log: &ContactLog, rhythm_days: &[f64]) -> ContactQuality {
        assert_eq!(rhythm_days.len(), log.customers(), "a rhythm a customer");
        let rules = self.channel_rules(&log.channels);
        let blocks = rhythm_days.par_chunks(BLOCK).enumerate();
        let judged = blocks.map(|(block, rhythms)| self.judge(log, &rules, block * BLOCK, rhythms));
        let judged: Vec<ContactQuality> = judged.collect();
        let mut quality =
            judged.into_iter().fold(ContactQuality::of_none(log.customers()), ContactQuality::followed_by);
        quality.channels = self.channel_uses(log);
        quality
    }

    fn judge(&self, log: &ContactLog, rules: &ChannelRules, first: usize, rhythms: &[f64]) -> ContactQuality {
        let mut quality = ContactQuality::of_none(rhythms.len());
        for (customer, &rhythm_days) in (first..).zip(rhythms) {
            let contacts = log.of(customer);
            quality.push(contacts, self.held_criteria(log, contacts, rules, rhythm_days));
        }
        quality
    }

    fn held_criteria(
        &self,
        log: &ContactLog,
        contacts: &[Contact],
        rules: &ChannelRules,
        rhythm_days: f64,
    ) -> Criteria {
        let criteria = self.criteria_of(contacts, rules, log.as_of, rhythm_days);
        Criterion::ALL.map(
            |criterion| {
                if criterion.is_held(log.held) { criteria[criterion as usize] } else { f64::NAN }
            },
        )
    }

    /// One customer's criteria from its contacts in the order of time, as far as these tell; of a customer of a
    /// log, or of one with a contact more. Where `rhythm_days` is NaN, the base's median stands in.
    pub fn criteria_of(&self, contacts: &[Contact], channels: &ChannelRules, as_of: Day, rhythm_days: f64) -> Criteria {
        let settings = &self.settings;
        let rhythm_days = if rhythm_days.is_finite() { rhythm_days } else { self.learnt.rhythm_days };
        Criterion::ALL.map(|criterion| match criterion {
            Criterion::Intensity => criteria::intensity(contacts, channels, as_of, settings.half_life_days),
            Criterion::Reach => criteria::reach(contacts, channels),
            Criterion::Dialogue => criteria::dialogue(contacts),
            Criterion::Satisfaction => criteria::satisfaction(contacts, &self.learnt.satisfaction),
            Criterion::Promptness => criteria::promptness(contacts, settings.response_half_life_hours),
            Criterion::Richness => criteria::richness(contacts, channels),
            Criterion::Pressure => criteria::pressure(contacts, channels, settings.pressure_days),
            Criterion::Rhythm => criteria::rhythm(contacts, as_of, rhythm_days),
        })
    }

    /// The channels of a log in the order of their names.
    fn channel_uses(&self, log: &ContactLog) -> Vec<ChannelUse> {
        let counts = channels::contacts_by_channel(log);
        let named = log.channels.iter().zip(counts);
        let mut uses: Vec<ChannelUse> = named.map(|(name, contacts)| self.channel_use(name, contacts)).collect();
        uses.sort_by(|a, b| a.channel.cmp(&b.channel));
        uses
    }

    fn channel_use(&self, name: &str, contacts: u64) -> ChannelUse {
        let listed = self.settings.channels.get(&channel_key(name)).copied();
        let weight = listed.unwrap_or(self.settings.other);
        ChannelUse { channel: name.to_string(), weight, listed: listed.is_some(), contacts }
    }
}

/// How every customer was contacted: columns of one length, a row a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactQuality {
    /// A column a criterion, by `Criterion as usize`; NaN = absent.
    pub criteria: [Vec<f64>; 8],
    /// How many contacts there were.
    pub contacts: Vec<u32>,
    /// The day of the latest.
    pub last_contact: Vec<Option<Day>>,
    /// What they cost, capped at the largest amount.
    pub cost: Vec<Money>,
    /// What each channel counted, for the report.
    pub channels: Vec<ChannelUse>,
}

impl ContactQuality {
    /// The column of a criterion.
    pub fn column(&self, criterion: Criterion) -> &[f64] {
        &self.criteria[criterion as usize]
    }

    /// The criteria of one customer.
    ///
    /// # Panics
    /// Where the customer is beyond the base.
    pub fn of(&self, customer: usize) -> Criteria {
        Criterion::ALL.map(|criterion| self.criteria[criterion as usize][customer])
    }

    /// Columns without a row, with room for so many.
    fn of_none(room: usize) -> Self {
        ContactQuality {
            criteria: Criterion::ALL.map(|_| Vec::with_capacity(room)),
            contacts: Vec::with_capacity(room),
            last_contact: Vec::with_capacity(room),
            cost: Vec::with_capacity(room),
            channels: Vec::new(),
        }
    }

    fn push(&mut self, contacts: &[Contact], criteria: Criteria) {
        self.criteria.iter_mut().zip(criteria).for_each(|(column, value)| column.push(value));
        self.contacts.push(u32::try_from(contacts.len()).unwrap_or(u32::MAX));
        self.last_contact.push(contacts.last().map(|contact| contact.at.day));
        self.cost.push(Money(contacts.iter().fold(0, |sum: i64, contact| sum.saturating_add(contact.cost.0))));
    }

    fn followed_by(mut self, mut block: Self) -> Self {
        self.criteria.iter_mut().zip(&mut block.criteria).for_each(|(column, rows)| column.append(rows));
        self.contacts.append(&mut block.contacts);
        self.last_contact.append(&mut block.last_contact);
        self.cost.append(&mut block.cost);
        self
    }
}

#[cfg(test)]
mod tests;
