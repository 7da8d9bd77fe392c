//! Kinds of contact: a channel, by direction where the log holds it.

use crate::contacts::{Contact, ContactLog};

/// Kinds that are looked at one by one: the most frequent. What is rarer is one kind together.
const MOST_KINDS: usize = 12;
/// The name of what is rarer.
const RARE: &str = "other channels";

/// The kinds of a log.
pub(super) struct Kinds {
    names: Vec<String>,
    outbound: Vec<bool>,
    /// The kind of each (channel, inbound).
    places: Vec<u16>,
    by_direction: bool,
}

impl Kinds {
    /// The kinds that a log has contacts of, in the order of its channels, the rare ones last.
    pub(super) fn of(log: &ContactLog) -> Self {
        let by_direction = log.held.direction;
        let mut counts = vec![0_u64; 2 * log.channels.len()];
        log.contacts().iter().for_each(|contact| counts[place(contact, by_direction)] += 1);
        let mut ranked: Vec<usize> = (0..counts.len()).filter(|&place| counts[place] > 0).collect();
        ranked.sort_by_key(|&place| (std::cmp::Reverse(counts[place]), place));
        let rare = if ranked.len() > MOST_KINDS + 1 { ranked.split_off(MOST_KINDS) } else { Vec::new() };
        ranked.sort_unstable();
        Kinds::listed(log, &ranked, &rare)
    }

    fn listed(log: &ContactLog, listed: &[usize], rare: &[usize]) -> Self {
        let mut places = vec![u16::MAX; 2 * log.channels.len()];
        listed.iter().enumerate().for_each(|(kind, &place)| places[place] = kind as u16);
        rare.iter().for_each(|&place| places[place] = listed.len() as u16);
        let names = listed.iter().map(|&place| name(&log.channels[place / 2], place % 2 == 1));
        let outbound = listed.iter().map(|&place| place % 2 == 0);
        Kinds {
            names: names.chain((!rare.is_empty()).then(|| RARE.to_string())).collect(),
            outbound: outbound.chain((!rare.is_empty()).then(|| rare.iter().all(|&place| place % 2 == 0))).collect(),
            places,
            by_direction: log.held.direction,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, kind: usize) -> &str {
        &self.names[kind]
    }

    /// Whether all its contacts are the company's.
    pub(super) fn is_outbound(&self, kind: usize) -> bool {
        self.outbound[kind]
    }

    /// The kind of a contact of the log.
    pub(super) fn kind(&self, contact: &Contact) -> u16 {
        self.places[place(contact, self.by_direction)]
    }
}

fn place(contact: &Contact, by_direction: bool) -> usize {
    2 * usize::from(contact.channel) + usize::from(by_direction && !contact.is_outbound())
}

fn name(channel: &str, inbound: bool) -> String {
    if inbound { format!("{channel} (in)") } else { channel.to_string() }
}
