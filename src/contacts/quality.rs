//! Contact quality: how much, how lately and on how personal a channel a customer was contacted.
//!
//! The one criterion so far is *intensity*,
//!
//! ```text
//! intensity = sum over contacts of  weight(channel) x 2^(-age_days / half_life_days)
//! ```
//!
//! so that a visit today counts 1, a visit one half-life ago counts 1/2, and a customer without
//! contact has 0. It has no upper end; its unit is "visits today".
//!
//! The default weights rank channels by how much a conversation they can carry, from a visit down to
//! a mass mail: the order of media richness in Daft and Lengel (1986), "Organizational information
//! requirements, media richness and structural design", Management Science 32(5). The figures
//! themselves are our convention, to be replaced by the company's own:
//!
//! | channel | weight |
//! |---|---|
//! | visit, meeting | 1.0 |
//! | video | 0.9 |
//! | phone, call, telephone | 0.7 |
//! | chat | 0.5 |
//! | letter | 0.4 |
//! | e-mail | 0.3 |
//! | SMS | 0.2 |
//! | mail, direct mail, mass mail, newsletter, push | 0.1 |
//! | any other | 0.2 |

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Contact;
use crate::units::Day;

/// The largest weight of a channel: with it, the sum cannot overflow for four billion contacts.
pub const MAX_WEIGHT: f64 = 1e6;

/// Units of the running sum in an intensity of 1. See [`QualityTally`].
const UNITS: f64 = 18_446_744_073_709_551_616.0; // 2^64

/// The weights of the table above, by channel key.
const DEFAULT_WEIGHTS: [(&str, f64); 15] = [
    ("visit", 1.0),
    ("meeting", 1.0),
    ("video", 0.9),
    ("phone", 0.7),
    ("call", 0.7),
    ("telephone", 0.7),
    ("chat", 0.5),
    ("letter", 0.4),
    ("email", 0.3),
    ("sms", 0.2),
    ("mail", 0.1),
    ("directmail", 0.1),
    ("massmail", 0.1),
    ("newsletter", 0.1),
    ("push", 0.1),
];

/// A setting of contact quality that has no meaning.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QualityError {
    /// The half-life is not a positive number of days.
    #[error("contacts.half_life_days = {0} must be a positive number of days, such as 90")]
    HalfLife(f64),
    /// A channel's weight is negative, not a number or too large.
    #[error(
        "the weight of channel '{channel}' is {weight}; it must be from 0 to 1,000,000, a visit being 1 by default"
    )]
    Weight {
        /// The channel as typed, or `other`.
        channel: String,
        /// Its weight.
        weight: f64,
    },
    /// Two names of one channel.
    #[error("channel '{0}' has two weights under two spellings; case, spaces, '-' and '_' do not tell channels apart")]
    ChannelTwice(String),
    /// A name without a letter or digit.
    #[error("'{0}' is not a channel name; give it a letter or a digit")]
    ChannelName(String),
}

/// How contacts count: a table of clivia.toml.
///
/// ```
/// use clivia::contacts::QualitySettings;
/// let settings: QualitySettings = toml::from_str("half_life_days = 30\n[channels]\nE-Mail = 0.5\nfair = 1.5")?;
/// let fitted = settings.fit()?;
/// assert_eq!(fitted.weight("email"), Some(0.5));
/// assert_eq!(fitted.weight("Fair"), Some(1.5));
/// assert_eq!(fitted.weight("visit"), Some(1.0)); // the default stays
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QualitySettings {
    /// Days after which a contact counts half.
    pub half_life_days: f64,
    /// Weight of a channel that is not listed.
    pub other: f64,
    /// Weight by channel, 0 = does not count. What is typed here is laid over the defaults; case,
    /// spaces, `-` and `_` do not matter.
    pub channels: BTreeMap<String, f64>,
}

impl Default for QualitySettings {
    fn default() -> Self {
        QualitySettings { half_life_days: 90.0, other: 0.2, channels: default_weights() }
    }
}

impl QualitySettings {
    /// Checks the settings. Intensity has nothing to learn from the base, so these are the fit.
    ///
    /// # Errors
    /// [`QualityError`] where the half-life or a weight has no meaning, or a channel has two weights.
    pub fn fit(&self) -> Result<FittedQuality, QualityError> {
        check_half_life(self.half_life_days)?;
        check_weight("other", self.other)?;
        let mut channels = default_weights();
        channels.extend(self.keyed_weights()?);
        Ok(FittedQuality { half_life_days: self.half_life_days, other: self.other, channels })
    }

    fn keyed_weights(&self) -> Result<BTreeMap<String, f64>, QualityError> {
        let mut keyed = BTreeMap::new();
        for (name, &weight) in &self.channels {
            check_weight(name, weight)?;
            let key = channel_key(name);
            if !key.chars().any(char::is_alphanumeric) {
                return Err(QualityError::ChannelName(name.clone()));
            }
            if keyed.insert(key, weight).is_some() {
                return Err(QualityError::ChannelTwice(name.clone()));
            }
        }
        Ok(keyed)
    }
}

fn default_weights() -> BTreeMap<String, f64> {
    DEFAULT_WEIGHTS.iter().map(|&(name, weight)| (name.to_string(), weight)).collect()
}

fn check_half_life(days: f64) -> Result<(), QualityError> {
    if days.is_finite() && days > 0.0 { Ok(()) } else { Err(QualityError::HalfLife(days)) }
}

fn check_weight(channel: &str, weight: f64) -> Result<(), QualityError> {
    let meant = (0.0..=MAX_WEIGHT).contains(&weight);
    if meant { Ok(()) } else { Err(QualityError::Weight { channel: channel.to_string(), weight }) }
}

/// What a channel's name is matched by: lower case, without spaces, `-` and `_`.
fn channel_key(name: &str) -> String {
    let kept = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_'));
    kept.flat_map(char::to_lowercase).collect()
}

/// Checked settings with every weight that applies: what run.json keeps, and a frozen run reads back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "QualitySettings")]
pub struct FittedQuality {
    half_life_days: f64,
    other: f64,
    channels: BTreeMap<String, f64>,
}

impl TryFrom<QualitySettings> for FittedQuality {
    type Error = QualityError;

    fn try_from(settings: QualitySettings) -> Result<Self, QualityError> {
        settings.fit()
    }
}

impl FittedQuality {
    /// The weight of a channel, `None` where it is not listed.
    pub fn weight(&self, channel: &str) -> Option<f64> {
        self.channels.get(&channel_key(channel)).copied()
    }

    /// What a contact of weight 1 counts `age_days` later: `2^(-age_days / half_life_days)`.
    pub fn decay(&self, age_days: i32) -> f64 {
        (-f64::from(age_days) / self.half_life_days).exp2()
    }

    /// An empty tally for a base of so many customers, to be fed with contacts.
    pub fn tally(&self, as_of: Day, customers: usize) -> QualityTally<'_> {
        QualityTally {
            rule: self,
            as_of,
            units: vec![0; customers],
            contacts: vec![0; customers],
            last_contact: vec![None; customers],
            channels: Vec::new(),
        }
    }

    /// The contact quality of every customer, from contacts that are all at hand.
    ///
    /// # Panics
    /// As [`QualityTally::add`].
    ///
    /// ```
    /// use clivia::contacts::{Contact, QualitySettings};
    /// use clivia::units::Day;
    ///
    /// let channels = ["Visit".to_string(), "E-mail".to_string()];
    /// let contacts = [
    ///     Contact { customer: 0, day: Day(1000), channel: 0 }, // a visit today: 1
    ///     Contact { customer: 0, day: Day(910), channel: 1 },  // an e-mail one half-life ago: 0.3 / 2
    /// ];
    /// let quality = QualitySettings::default().fit()?.apply(Day(1000), 2, &channels, &contacts);
    /// assert_eq!(quality.intensity, [1.15, 0.0]);
    /// assert_eq!(quality.last_contact, [Some(Day(1000)), None]);
    /// # Ok::<(), clivia::contacts::QualityError>(())
    /// ```
    pub fn apply(&self, as_of: Day, customers: usize, channels: &[String], contacts: &[Contact]) -> ContactQuality {
        let mut tally = self.tally(as_of, customers);
        tally.add(channels, contacts);
        tally.finish()
    }

    fn channel_use(&self, name: &str) -> ChannelUse {
        let listed = self.weight(name);
        ChannelUse {
            channel: name.to_string(),
            weight: listed.unwrap_or(self.other),
            listed: listed.is_some(),
            contacts: 0,
        }
    }
}

/// The running sums behind [`ContactQuality`]: 28 bytes a customer, however many contacts there are.
///
/// Each contact is rounded to a whole number of 2^-64 and added as an integer, so that the result
/// does not depend on the order of the contacts nor on the number of threads. A contact older than
/// 64 half-lives is below that resolution and counts nothing.
#[derive(Debug, Clone)]
pub struct QualityTally<'a> {
    rule: &'a FittedQuality,
    as_of: Day,
    units: Vec<u128>,
    contacts: Vec<u32>,
    last_contact: Vec<Option<Day>>,
    channels: Vec<ChannelUse>,
}

impl QualityTally<'_> {
    /// Adds a block of contacts. `channels` names the channels; from block to block it may only grow.
    /// A contact dated after the as-of date counts as one of that day.
    ///
    /// # Panics
    /// Where a contact's customer or channel is beyond the base or the list.
    pub fn add(&mut self, channels: &[String], contacts: &[Contact]) {
        let new = channels.iter().skip(self.channels.len());
        self.channels.extend(new.map(|name| self.rule.channel_use(name)));
        contacts.iter().for_each(|contact| self.add_one(contact));
    }

    fn add_one(&mut self, contact: &Contact) {
        let (customer, channel) = (contact.customer as usize, &mut self.channels[usize::from(contact.channel)]);
        let age = self.as_of.days_since(contact.day).max(0);
        self.units[customer] += (channel.weight * self.rule.decay(age) * UNITS).round() as u128;
        self.contacts[customer] = self.contacts[customer].saturating_add(1);
        self.last_contact[customer] = self.last_contact[customer].max(Some(contact.day));
        channel.contacts += 1;
    }

    /// Adds what another thread has tallied over the same base and the same, or a shorter or longer, list of channels.
    pub fn merge(&mut self, other: Self) {
        self.units.iter_mut().zip(other.units).for_each(|(sum, units)| *sum += units);
        self.contacts.iter_mut().zip(other.contacts).for_each(|(sum, n)| *sum = sum.saturating_add(n));
        self.last_contact.iter_mut().zip(other.last_contact).for_each(|(last, day)| *last = (*last).max(day));
        self.channels.iter_mut().zip(&other.channels).for_each(|(sum, channel)| sum.contacts += channel.contacts);
        self.channels.extend(other.channels.into_iter().skip(self.channels.len()));
    }

    /// The result, channels in the order of their names.
    pub fn finish(mut self) -> ContactQuality {
        self.channels.sort_by(|a, b| a.channel.cmp(&b.channel));
        ContactQuality {
            intensity: self.units.into_iter().map(|units| units as f64 / UNITS).collect(),
            contacts: self.contacts,
            last_contact: self.last_contact,
            channels: self.channels,
        }
    }
}

/// How every customer was contacted: columns of one length, a row a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactQuality {
    /// Sum of weight x decay; 0 without a contact that counts.
    pub intensity: Vec<f64>,
    /// How many contacts there were.
    pub contacts: Vec<u32>,
    /// The day of the latest.
    pub last_contact: Vec<Option<Day>>,
    /// What each channel counted, for the report.
    pub channels: Vec<ChannelUse>,
}

/// A channel as it occurs in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelUse {
    /// Its name in the log.
    pub channel: String,
    /// The weight of a contact on it.
    pub weight: f64,
    /// Whether the settings list it; otherwise it has the weight of `other`.
    pub listed: bool,
    /// How many contacts came by it.
    pub contacts: u64,
}

impl ContactQuality {
    /// A sentence that names the channels that occur but are not in the settings, if there are any.
    pub fn warning(&self) -> Option<String> {
        let unlisted: Vec<&ChannelUse> = self.channels.iter().filter(|c| !c.listed && c.contacts > 0).collect();
        let weight = unlisted.first()?.weight;
        let names: Vec<String> =
            unlisted.iter().map(|c| format!("'{}' ({} contacts)", c.channel, c.contacts)).collect();
        Some(format!(
            "channels without a weight count as other ({weight}): {}; list them under channels",
            names.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(customer: u32, day: i32, channel: u16) -> Contact {
        Contact { customer, day: Day(day), channel }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn settings(name: &str, weight: f64) -> QualitySettings {
        QualitySettings { channels: [(name.to_string(), weight)].into(), ..QualitySettings::default() }
    }

    #[test]
    fn order_blocks_and_threads_do_not_matter() -> Result<(), QualityError> {
        let rule = QualitySettings::default().fit()?;
        let channels = names(&["visit", "fax", "Mass-Mail", "E mail"]);
        let forward: Vec<Contact> = (0..5_000).map(|i| contact(i % 7, (i * 37 % 900) as i32, (i % 4) as u16)).collect();
        let backward: Vec<Contact> = forward.iter().rev().copied().collect();
        let whole = rule.apply(Day(900), 7, &channels, &forward);
        assert_eq!(whole, rule.apply(Day(900), 7, &channels, &backward));
        let (mut left, mut right) = (rule.tally(Day(900), 7), rule.tally(Day(900), 7));
        forward[..10].chunks(3).for_each(|block| left.add(&channels, block));
        right.add(&channels, &forward[10..]);
        left.merge(right);
        assert_eq!(whole, left.finish());
        Ok(())
    }

    #[test]
    fn the_list_of_channels_may_grow() -> Result<(), QualityError> {
        let rule = QualitySettings::default().fit()?;
        let mut tally = rule.tally(Day(0), 1);
        tally.add(&names(&["visit"]), &[contact(0, 0, 0)]);
        tally.add(&names(&["visit", "phone"]), &[contact(0, 0, 1)]);
        assert_eq!(tally.finish().intensity, [1.7]);
        Ok(())
    }

    #[test]
    fn names_match_whatever_their_spelling() -> Result<(), QualityError> {
        let rule = QualitySettings::default().fit()?;
        for (name, weight) in [("E-MAIL", 0.3), ("e_mail", 0.3), ("Mass Mail", 0.1), ("Phone", 0.7)] {
            assert_eq!(rule.weight(name), Some(weight), "{name}");
        }
        assert_eq!(rule.weight("pigeon"), None);
        Ok(())
    }

    #[test]
    fn an_unlisted_channel_is_named() -> Result<(), QualityError> {
        let rule = QualitySettings::default().fit()?;
        let quality = rule.apply(Day(0), 1, &names(&["pigeon", "visit", "drum"]), &[contact(0, 0, 0)]);
        assert_eq!(quality.intensity, [0.2]);
        let warning = quality.warning().unwrap_or_default();
        assert!(warning.contains("'pigeon' (1 contacts)") && !warning.contains("drum"), "{warning}");
        Ok(())
    }

    #[test]
    fn a_customer_with_very_many_contacts_is_exact() -> Result<(), QualityError> {
        let rule = settings("siren", MAX_WEIGHT).fit()?;
        let quality = rule.apply(Day(0), 1, &names(&["siren"]), &vec![contact(0, 0, 0); 100_000]);
        assert_eq!(quality.intensity, [1e11]);
        assert_eq!(quality.contacts, [100_000]);
        Ok(())
    }

    #[test]
    fn old_contacts_fade_to_nothing() -> Result<(), QualityError> {
        let rule = QualitySettings { half_life_days: 1.0, ..QualitySettings::default() }.fit()?;
        let quality = rule.apply(Day(70), 2, &names(&["visit"]), &[contact(0, 0, 0), contact(1, 10, 0)]);
        assert_eq!(quality.intensity, [0.0, (-60.0_f64).exp2()]);
        Ok(())
    }

    #[test]
    fn settings_without_meaning_are_refused() {
        for days in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let refused = QualitySettings { half_life_days: days, ..QualitySettings::default() }.fit();
            assert!(matches!(refused, Err(QualityError::HalfLife(_))), "{days}");
        }
        for weight in [-0.1, f64::NAN, f64::INFINITY, 2e6] {
            assert!(matches!(settings("visit", weight).fit(), Err(QualityError::Weight { .. })), "{weight}");
        }
        assert!(matches!(settings("- -", 1.0).fit(), Err(QualityError::ChannelName(_))));
        let twice = QualitySettings {
            channels: [("E-mail".to_string(), 1.0), ("email".to_string(), 2.0)].into(),
            ..QualitySettings::default()
        };
        assert_eq!(twice.fit(), Err(QualityError::ChannelTwice("email".to_string())));
    }

    #[test]
    fn a_fit_survives_json() -> Result<(), Box<dyn std::error::Error>> {
        let fitted = settings("Trade Fair", 1.25).fit()?;
        let read: FittedQuality = serde_json::from_str(&serde_json::to_string(&fitted)?)?;
        assert_eq!(read, fitted);
        assert!(serde_json::from_str::<FittedQuality>(r#"{"half_life_days": -1}"#).is_err());
        assert!(toml::from_str::<QualitySettings>("half_live_days = 3").is_err());
        Ok(())
    }
}
