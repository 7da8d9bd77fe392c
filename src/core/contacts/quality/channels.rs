//! Channels: how their names are matched, how much a contact by each counts, and how many are too many.
//!
//! The default weights rank channels by how much of a conversation they can carry, from a visit down to
//! a mass mail: the order of media richness in Daft and Lengel (1986), "Organizational information
//! requirements, media richness and structural design", Management Science 32(5). The caps say from how
//! many contacts within the pressure window on a customer is pestered. The figures themselves are our
//! convention, to be replaced by the company's own:
//!
//! | channel | weight | cap in 30 days |
//! |---|---|---|
//! | visit, meeting | 1.0 | 2 |
//! | video | 0.9 | 3 |
//! | phone, call, telephone | 0.7 | 4 |
//! | chat | 0.5 | 6 |
//! | letter | 0.4 | 4 |
//! | email | 0.3 | 8 |
//! | sms | 0.2 | 4 |
//! | mail, directmail, massmail | 0.1 | 4 |
//! | newsletter | 0.1 | 8 |
//! | push | 0.1 | 12 |
//! | any other | 0.2 | 8 |

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::Money;
use crate::contacts::ContactLog;
use crate::contacts::quality::ContactQuality;
use crate::contacts::quality::shrinkage::Proportion;

/// Channel key, weight and cap, as in the table above.
const DEFAULTS: [(&str, f64, u32); 15] = [
    ("visit", 1.0, 2),
    ("meeting", 1.0, 2),
    ("video", 0.9, 3),
    ("phone", 0.7, 4),
    ("call", 0.7, 4),
    ("telephone", 0.7, 4),
    ("chat", 0.5, 6),
    ("letter", 0.4, 4),
    ("email", 0.3, 8),
    ("sms", 0.2, 4),
    ("mail", 0.1, 4),
    ("directmail", 0.1, 4),
    ("massmail", 0.1, 4),
    ("newsletter", 0.1, 8),
    ("push", 0.1, 12),
];

/// The weight of a channel that is not listed.
pub(super) const OTHER_WEIGHT: f64 = 0.2;

/// The cap of a channel that is not listed.
pub(super) const OTHER_CAP: u32 = 8;

/// The default weights by channel key.
pub(super) fn default_weights() -> BTreeMap<String, f64> {
    DEFAULTS.iter().map(|&(key, weight, _)| (key.to_string(), weight)).collect()
}

/// The default caps by channel key.
pub(super) fn default_caps() -> BTreeMap<String, u32> {
    DEFAULTS.iter().map(|&(key, _, cap)| (key.to_string(), cap)).collect()
}

/// What a channel's name, or an outcome's word, is matched by: lower case, without spaces, `-` and `_`.
///
/// ```
/// use clivia_core::contacts::quality::channel_key;
/// assert_eq!(channel_key("E-Mail"), "email");
/// assert_eq!(channel_key("mass_mail "), channel_key("Mass Mail"));
/// ```
pub fn channel_key(name: &str) -> String {
    let kept = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_'));
    kept.flat_map(char::to_lowercase).collect()
}

/// All that is known of one channel: what the settings say of it, and what the base taught.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelRule {
    /// How much a contact by it counts.
    pub weight: f64,
    /// The most contacts within the pressure window that are not too many.
    pub cap: u32,
    /// How often the company's contacts reach their aim, and how firmly that holds for every customer.
    pub success: Proportion,
    /// How often they are answered.
    pub answer_rate: f64,
    /// What a contact costs on average.
    pub mean_cost: Money,
}

/// The rule of every channel of a log, by the position of the channel in it.
///
/// Names that differ in case, spaces, `-` and `_` only are one channel: they share a rule, a cap and a rate.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelRules {
    rules: Vec<ChannelRule>,
    groups: Groups,
}

impl ChannelRules {
    /// One rule a channel, by `rule` from its key.
    pub(super) fn new(channels: &[String], rule: impl Fn(&str) -> ChannelRule) -> Self {
        let groups = Groups::new(channels);
        ChannelRules { rules: groups.keys.iter().map(|key| rule(key)).collect(), groups }
    }

    /// The rule of the channel at this position of [`ContactLog::channels`].
    ///
    /// # Panics
    /// Where the position is beyond the channels that the rules were made for; so do all that follow.
    pub fn rule(&self, channel: u16) -> &ChannelRule {
        &self.rules[self.group(channel)]
    }

    /// How much a contact by a channel counts.
    pub fn weight(&self, channel: u16) -> f64 {
        self.rule(channel).weight
    }

    /// The most contacts within the pressure window that are not too many.
    pub fn cap(&self, channel: u16) -> u32 {
        self.rule(channel).cap
    }

    /// The share of the company's contacts that reach their aim; above 0 and below 1.
    pub fn success_rate(&self, channel: u16) -> f64 {
        self.rule(channel).success.mean
    }

    /// The share of the company's contacts that are answered; above 0 and no more than the success rate.
    pub fn answer_rate(&self, channel: u16) -> f64 {
        self.rule(channel).answer_rate
    }

    /// What a contact costs on average.
    pub fn mean_cost(&self, channel: u16) -> Money {
        self.rule(channel).mean_cost
    }

    /// Which channel a position means: two spellings of one channel have one number, below [`Self::groups`].
    pub fn group(&self, channel: u16) -> usize {
        self.groups.of[usize::from(channel)]
    }

    /// How many channels there are, spellings apart.
    pub fn groups(&self) -> usize {
        self.rules.len()
    }
}

/// Channels by their keys, so that two spellings are one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Groups {
    /// The keys, in the order in which they are met.
    pub(super) keys: Vec<String>,
    /// The key's place, by the channel's position in the log.
    pub(super) of: Vec<usize>,
}

impl Groups {
    pub(super) fn new(channels: &[String]) -> Self {
        let mut places = BTreeMap::new();
        let mut keys = Vec::new();
        let mut place = |key: String| {
            *places.entry(key.clone()).or_insert_with(|| {
                keys.push(key);
                keys.len() - 1
            })
        };
        let of = channels.iter().map(|name| place(channel_key(name))).collect();
        Groups { keys, of }
    }
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

/// How many contacts of a log came by each channel, by position.
pub(super) fn contacts_by_channel(log: &ContactLog) -> Vec<u64> {
    let none = || vec![0_u64; log.channels.len()];
    let blocks = log.contacts().par_chunks(log.contacts().len() / 64 + 1);
    let counted = blocks.map(|block| {
        let mut counts = none();
        block.iter().for_each(|contact| counts[usize::from(contact.channel)] += 1);
        counts
    });
    counted.reduce(none, |sum, block| sum.iter().zip(block).map(|(a, b)| a + b).collect())
}

impl ContactQuality {
    /// A sentence that names the channels that occur but have no weight in the settings, if there are any.
    pub fn warning(&self) -> Option<String> {
        let unlisted: Vec<&ChannelUse> = self.channels.iter().filter(|c| !c.listed && c.contacts > 0).collect();
        let weight = unlisted.first()?.weight;
        let names: Vec<String> =
            unlisted.iter().map(|c| format!("'{}' ({} contacts)", c.channel, c.contacts)).collect();
        Some(format!(
            "channels without a weight count as other ({weight}): {}; list them under contacts.channels",
            names.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::contacts::quality::channels::*;

    #[test]
    fn spellings_of_a_channel_are_one() {
        let names = ["E-Mail", "visit", "e mail", "Visit"].map(str::to_string);
        let groups = Groups::new(&names);
        assert_eq!(groups.keys, ["email", "visit"]);
        assert_eq!(groups.of, [0, 1, 0, 1]);
    }

    #[test]
    fn the_defaults_are_listed_under_their_own_keys() {
        for (key, weight, cap) in DEFAULTS {
            assert_eq!(channel_key(key), key);
            assert!(weight > 0.0 && cap > 0, "{key}");
        }
        assert_eq!(default_weights().len(), DEFAULTS.len());
    }
}
