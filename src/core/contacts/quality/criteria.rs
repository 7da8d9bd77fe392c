//! The eight criteria of contact quality, one function each, of one customer's contacts in the order of time.
//!
//! NaN = the criterion has nothing to say of this customer; no other value is ever not finite.

use std::cell::Cell;

use crate::base::Day;
use crate::contacts::quality::channels::ChannelRules;
use crate::contacts::quality::shrinkage::Average;
use crate::contacts::{Contact, Direction, Outcome};

/// Intensity: how much contact there is, fresh contact counting most.
///
/// ```text
/// sum over contacts of  weight(channel) x 2^(-age_days / half_life_days)
/// ```
///
/// A visit today counts 1, a visit one half-life ago 1/2. From 0, without contact, without upper end; more is
/// better. A contact dated after `as_of` counts as one of that day.
pub fn intensity(contacts: &[Contact], channels: &ChannelRules, as_of: Day, half_life_days: f64) -> f64 {
    let decayed = |contact: &Contact| channels.weight(contact.channel) * (-age(contact, as_of) / half_life_days).exp2();
    contacts.iter().map(decayed).fold(0.0, |sum, part| sum + part)
}

/// Reach: the share of the company's contacts that reach their aim, each customer's share on a channel shrunk to
/// the rate of that channel.
///
/// ```text
/// sum over outbound contacts of  (successes_c + k_c m_c) / (n_c + k_c)  /  their number
/// ```
///
/// with `n_c` of the customer's contacts on the channel `c` of the contact and the channel's rate `m_c` and strength
/// `k_c` of the base. Contacts without a known outcome, or with a neutral one, do not count. Every channel is
/// shrunk by itself and weighs as many contacts as the customer had on it: so a channel whose rate is known firmly
/// cannot drown what the customer did on another. Above 0 and below 1, more is better; NaN without such a contact.
pub fn reach(contacts: &[Contact], channels: &ChannelRules) -> f64 {
    let aimed = || contacts.iter().filter_map(|contact| Some((contact, outbound_success(contact)?)));
    with_tallies(channels.groups(), |tallies| {
        aimed().for_each(|(contact, success)| tallies[channels.group(contact.channel)].add(success, false));
        let shrunk = aimed().map(|(contact, _)| {
            let tally = tallies[channels.group(contact.channel)];
            channels.rule(contact.channel).success.shrunk(f64::from(tally.successes), f64::from(tally.contacts))
        });
        let mean = mean(shrunk);
        aimed().for_each(|(contact, _)| tallies[channels.group(contact.channel)] = Tally::default());
        mean
    })
}

/// Whether one of the company's contacts reached its aim; `None` where it is not the company's or not known.
pub(super) fn outbound_success(contact: &Contact) -> Option<bool> {
    let outcome = contact.outcome.filter(|&outcome| outcome != Outcome::Neutral && contact.is_outbound())?;
    Some(outcome.is_success())
}

/// Dialogue: the share of contacts that are a conversation, that is, come from the customer or are answered.
///
/// ```text
/// (inbound or answered contacts) / (contacts whose direction is known, or whose outcome is known and not neutral)
/// ```
///
/// 0 to 1, more is better; NaN without such a contact.
pub fn dialogue(contacts: &[Contact]) -> f64 {
    mean(contacts.iter().filter_map(two_way).map(|is_two_way| f64::from(u8::from(is_two_way))))
}

fn two_way(contact: &Contact) -> Option<bool> {
    let outcome = contact.outcome.filter(|&outcome| outcome != Outcome::Neutral);
    let is_known = contact.direction.is_some() || outcome.is_some();
    is_known.then(|| contact.direction == Some(Direction::Inbound) || outcome == Some(Outcome::Answered))
}

/// Satisfaction: what the customer thinks of its contacts, shrunk to the mean rating of the base.
///
/// ```text
/// (sum of ratings + k x mean of the base) / (ratings + k),    k = variance within / variance between customers
/// ```
///
/// On the declared scale, more is better; NaN without a rating.
pub fn satisfaction(contacts: &[Contact], base: &Average) -> f64 {
    let (ratings, sum) = ratings(contacts).fold((0.0, 0.0), |(n, sum), rating| (n + 1.0, sum + rating));
    if ratings > 0.0 { base.shrunk(sum, ratings) } else { f64::NAN }
}

/// The ratings of a customer.
pub(super) fn ratings(contacts: &[Contact]) -> impl Iterator<Item = f64> {
    contacts.iter().map(|contact| f64::from(contact.satisfaction)).filter(|rating| rating.is_finite())
}

/// Promptness: how fast the company answers when the customer asks.
///
/// ```text
/// mean over inbound contacts with a response time of  2^(-hours / half_life_hours)
/// ```
///
/// 1 = at once, 1/2 = after one half-life, 0 = never; more is better; NaN without such a contact. A contact whose
/// direction is not known but which waited for an answer is inbound.
pub fn promptness(contacts: &[Contact], half_life_hours: f64) -> f64 {
    let asked = contacts.iter().filter(|contact| contact.direction != Some(Direction::Outbound));
    let hours = asked.map(|contact| f64::from(contact.response_hours)).filter(|hours| !hours.is_nan());
    mean(hours.map(|hours| (-hours.max(0.0) / half_life_hours).exp2()))
}

/// Richness: how personal the channels are.
///
/// ```text
/// mean over contacts of  weight(channel)
/// ```
///
/// 0 to the largest weight, more is better; NaN without contact.
pub fn richness(contacts: &[Contact], channels: &ChannelRules) -> f64 {
    mean(contacts.iter().map(|contact| channels.weight(contact.channel)))
}

/// Pressure: how far the company's contacts exceed what is bearable on a channel.
///
/// ```text
/// max over channels of  (most outbound contacts on any `window_days` days in a row) / cap(channel) - 1,  at least 0
/// ```
///
/// 0 = within every cap, 1 = twice as many as a cap allows; without upper end, less is better. One pass, however
/// many contacts there are: the window's two ends each move forward once.
pub fn pressure(contacts: &[Contact], channels: &ChannelRules, window_days: u32) -> f64 {
    let outbound = || contacts.iter().filter(|contact| contact.is_outbound());
    with_tallies(channels.groups(), |tallies| {
        let mut left = outbound().peekable();
        let mut most = 1.0_f64;
        for contact in outbound() {
            while let Some(old) = left.next_if(|old| contact.at.day.days_since(old.at.day) >= window_days as i32) {
                tallies[channels.group(old.channel)].contacts -= 1;
            }
            let tally = &mut tallies[channels.group(contact.channel)];
            tally.contacts += 1;
            most = most.max(f64::from(tally.contacts) / f64::from(channels.cap(contact.channel)));
        }
        left.for_each(|contact| tallies[channels.group(contact.channel)] = Tally::default());
        most - 1.0
    })
}

/// Rhythm: how long the last contact is ago, in purchases of the customer.
///
/// ```text
/// days since the last contact / max(1, rhythm_days)
/// ```
///
/// 1 = one purchase rhythm ago. From 0 without upper end, less is better; NaN without contact.
pub fn rhythm(contacts: &[Contact], as_of: Day, rhythm_days: f64) -> f64 {
    contacts.last().map_or(f64::NAN, |last| age(last, as_of) / rhythm_days.max(1.0))
}

/// Days from a contact to `as_of`.
fn age(contact: &Contact, as_of: Day) -> f64 {
    f64::from(as_of.days_since(contact.at.day).max(0))
}

/// The mean, NaN of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = values.fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
    if n > 0.0 { sum / n } else { f64::NAN }
}

/// Contacts on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tally {
    pub(super) contacts: u32,
    pub(super) successes: u32,
    pub(super) answered: u32,
}

impl Tally {
    pub(super) fn add(&mut self, success: bool, answered: bool) {
        self.contacts += 1;
        self.successes += u32::from(success);
        self.answered += u32::from(answered);
    }
}

thread_local! {
    /// One empty tally a channel. Whoever borrows them leaves them empty, so that a customer costs neither an
    /// allocation nor a sweep over channels that it never met.
    static TALLIES: Cell<Vec<Tally>> = const { Cell::new(Vec::new()) };
}

/// Lends a tally for every channel, all empty; `work` must leave them so.
pub(super) fn with_tallies<T>(channels: usize, work: impl FnOnce(&mut [Tally]) -> T) -> T {
    let mut tallies = TALLIES.take();
    tallies.resize(channels.max(tallies.len()), Tally::default());
    let result = work(&mut tallies);
    TALLIES.set(tallies);
    result
}

#[cfg(test)]
mod tests {
    use crate::base::{Moment, Money};
    use crate::contacts::quality::channels::ChannelRule;
    use crate::contacts::quality::criteria::*;
    use crate::contacts::quality::shrinkage::Proportion;

    const VISIT: u16 = 0;
    const EMAIL: u16 = 1;

    /// Visits weigh 1, two within the window being bearable, and half of them reach the customer; e-mails 0.3, 3, 1/4.
    fn rules() -> ChannelRules {
        ChannelRules::new(&["visit".to_string(), "email".to_string()], |key| {
            let (weight, cap, mean) = if key == "visit" { (1.0, 2, 0.5) } else { (0.3, 3, 0.25) };
            let success = Proportion { mean, strength: 4.0 };
            ChannelRule { weight, cap, success, answer_rate: 0.1, mean_cost: Money(0) }
        })
    }

    fn contact(day: i32, channel: u16) -> Contact {
        Contact {
            customer: 0,
            at: Moment::on(Day(day)),
            channel,
            campaign: Contact::NONE,
            agent: Contact::NONE,
            direction: None,
            outcome: None,
            is_control: false,
            cost: Money(0),
            satisfaction: f32::NAN,
            response_hours: f32::NAN,
        }
    }

    fn with_outcome(channel: u16, outcome: Outcome) -> Contact {
        Contact { outcome: Some(outcome), ..contact(0, channel) }
    }

    #[test]
    fn intensity_fades_by_half_lives() {
        let contacts = [contact(-90, EMAIL), contact(0, VISIT), contact(90, VISIT)];
        assert_eq!(intensity(&contacts, &rules(), Day(90), 90.0), 0.3 / 4.0 + 0.5 + 1.0);
        assert_eq!(intensity(&contacts[2..], &rules(), Day(0), 90.0), 1.0); // tomorrow's contact counts as today's
        assert_eq!(intensity(&[], &rules(), Day(0), 90.0).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn one_answered_call_is_not_100_percent() {
        assert_eq!(reach(&[with_outcome(VISIT, Outcome::Answered)], &rules()), (1.0 + 4.0 * 0.5) / 5.0);
        assert_eq!(reach(&[with_outcome(VISIT, Outcome::Failure)], &rules()), (0.0 + 4.0 * 0.5) / 5.0);
    }

    #[test]
    fn reach_shrinks_each_channel_by_itself() {
        let contacts = [
            with_outcome(VISIT, Outcome::Success),
            with_outcome(EMAIL, Outcome::Refused),
            with_outcome(EMAIL, Outcome::Success),
            with_outcome(EMAIL, Outcome::Failure),
            with_outcome(EMAIL, Outcome::Neutral),
            contact(0, EMAIL),
            Contact { direction: Some(Direction::Inbound), ..with_outcome(VISIT, Outcome::Answered) },
        ];
        let (visits, emails) = ((1.0 + 2.0) / 5.0, (1.0 + 1.0) / 7.0);
        let expected = (visits + 3.0 * emails) / 4.0;
        assert!((reach(&contacts, &rules()) - expected).abs() < 1e-15); // of the order of the sum
        assert_eq!(reach(&contacts, &rules()), reach(&contacts, &rules())); // the tallies are left empty
        assert!(reach(&contacts[4..], &rules()).is_nan());
    }

    #[test]
    fn dialogue_counts_inbound_and_answered() {
        let outbound = Contact { direction: Some(Direction::Outbound), ..contact(0, EMAIL) };
        let inbound = Contact { direction: Some(Direction::Inbound), ..contact(0, EMAIL) };
        let contacts = [
            outbound,
            inbound,
            with_outcome(EMAIL, Outcome::Answered),
            with_outcome(EMAIL, Outcome::Success),
            contact(0, EMAIL),
            with_outcome(EMAIL, Outcome::Neutral),
        ];
        assert_eq!(dialogue(&contacts), 0.5);
        assert!(dialogue(&contacts[4..]).is_nan());
    }

    #[test]
    fn satisfaction_is_drawn_to_the_base() {
        let base = Average { mean: 4.0, strength: 3.0 };
        let rated = |satisfaction| Contact { satisfaction, ..contact(0, VISIT) };
        let contacts = [rated(1.0), rated(f32::NAN), rated(2.0), rated(f32::INFINITY)];
        assert_eq!(satisfaction(&contacts, &base), (1.0 + 2.0 + 12.0) / 5.0);
        assert!(satisfaction(&contacts[1..2], &base).is_nan());
    }

    #[test]
    fn promptness_halves_by_the_half_life() {
        let asked =
            |response_hours| Contact { response_hours, direction: Some(Direction::Inbound), ..contact(0, EMAIL) };
        let called = Contact { direction: Some(Direction::Outbound), ..asked(0.0) };
        assert_eq!(promptness(&[asked(0.0), asked(24.0), asked(48.0), asked(f32::NAN), called], 24.0), 1.75 / 3.0);
        assert_eq!(promptness(&[asked(f32::INFINITY)], 24.0), 0.0);
        assert_eq!(promptness(&[Contact { direction: None, ..asked(24.0) }], 24.0), 0.5);
        assert!(promptness(&[called, contact(0, EMAIL)], 24.0).is_nan());
    }

    #[test]
    fn richness_is_the_mean_weight() {
        assert_eq!(richness(&[contact(0, VISIT), contact(5, EMAIL)], &rules()), 0.65);
        assert!(richness(&[], &rules()).is_nan());
    }

    #[test]
    fn pressure_is_the_fullest_window_of_the_worst_channel() {
        let on = |days: &[i32]| days.iter().map(|&day| contact(day, VISIT)).collect::<Vec<_>>();
        assert_eq!(pressure(&on(&[0, 29]), &rules(), 30), 0.0); // within the cap
        assert_eq!(pressure(&on(&[0, 28, 29]), &rules(), 30), 0.5); // three within 30 days
        assert_eq!(pressure(&on(&[0, 29, 30]), &rules(), 30), 0.0); // day 30 is beyond day 0's window
        let mixed = [contact(0, EMAIL), contact(0, VISIT), contact(1, EMAIL), contact(1, VISIT), contact(2, VISIT)];
        assert_eq!(pressure(&mixed, &rules(), 30), 0.5); // channels do not add up
        let inbound = mixed.map(|contact| Contact { direction: Some(Direction::Inbound), ..contact });
        assert_eq!(pressure(&inbound, &rules(), 30), 0.0);
        assert_eq!(pressure(&[], &rules(), 30), 0.0);
    }

    /// The oracle: every window that ends with a contact, counted anew.
    #[test]
    fn two_pointers_equal_plain_counting() {
        let day = |i: i32| i * i % 400 / 3;
        let mut contacts: Vec<Contact> = (0..300).map(|i| contact(day(i), u16::from(i % 3 == 0))).collect();
        contacts.sort_by_key(|contact| contact.at);
        let in_window = |last: &Contact, other: &Contact| {
            other.channel == last.channel && (0..7).contains(&last.at.day.days_since(other.at.day))
        };
        let over = |last: &Contact| {
            contacts.iter().filter(|other| in_window(last, other)).count() as f64 / f64::from(rules().cap(last.channel))
        };
        let expected = contacts.iter().map(over).fold(1.0, f64::max) - 1.0;
        assert!(expected > 0.0);
        assert_eq!(pressure(&contacts, &rules(), 7), expected);
    }

    #[test]
    fn rhythm_counts_in_purchases() {
        let contacts = [contact(0, VISIT), contact(10, EMAIL)];
        assert_eq!(rhythm(&contacts, Day(100), 45.0), 2.0);
        assert_eq!(rhythm(&contacts, Day(100), 0.25), 90.0); // no shorter than a day
        assert_eq!(rhythm(&contacts, Day(5), 45.0), 0.0);
        assert!(rhythm(&[], Day(100), 45.0).is_nan());
    }
}
