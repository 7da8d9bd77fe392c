//! Options for a customer who gets less contact than it is worth: one contact more, by each channel that is open.

use crate::base::{Day, Moment};
use crate::contacts::quality::{Criteria, Criterion, criteria};
use crate::contacts::{Contact, Direction, Outcome};
use crate::decide::corrections::base::{Base, Channel};
use crate::decide::corrections::{Action, Correction, Reason};
use crate::map::Diagnosis;

/// Criteria of a customer, each with what it adds to the score; the position that follows.
struct Standing {
    contributions: [f64; 8],
    position: f64,
}

/// A customer as the log has it.
struct Client<'a> {
    row: usize,
    contacts: &'a [Contact],
    criteria: Criteria,
    standing: Standing,
    /// How far contact stands below attractiveness, above 0.
    distance: f64,
    value_at_stake: f64,
}

/// The options, in the order of the channels; a row that says why, where there is none. `room` is for contacts.
pub(super) fn options(base: &Base<'_>, row: usize, distance: f64, room: &mut Vec<Contact>) -> Vec<Correction> {
    let client = base.client(row, distance.abs());
    room.clear();
    room.extend_from_slice(client.contacts);
    let (mut options, mut refused, mut full) = (Vec::new(), 0, 0);
    for &channel in &base.channels {
        if base.is_refused(row, channel.position) {
            refused += 1;
        } else if base.is_full(client.contacts, channel.position) {
            full += 1;
        } else {
            options.extend(base.contact_more(&client, channel, room));
        }
    }
    options.extend(base.answer_sooner(&client));
    if options.is_empty() {
        let is_any_open = usize::from(refused + full) < base.channels.len();
        let action = if is_any_open { Action::NoGain } else { Action::NoChannel { refused, full } };
        let value_at_stake = client.value_at_stake;
        options.push(Correction { value_at_stake, ..Correction::new(row, Diagnosis::UnderServed, action) });
    }
    options
}

impl<'a> Base<'a> {
    fn client(&self, row: usize, distance: f64) -> Client<'a> {
        let contacts = self.input.log.of(row);
        let criteria = self.input.quality.of(row);
        let nothing = Standing { contributions: [0.0; 8], position: 0.0 };
        let standing = if contacts.is_empty() { nothing } else { self.standing(&criteria) };
        let value = self.input.clv[row];
        let value = if value.is_finite() { value.max(0.0) } else { 0.0 };
        Client { row, contacts, criteria, standing, distance, value_at_stake: value * distance / 100.0 }
    }

    /// What criteria are worth on the map.
    fn standing(&self, criteria: &Criteria) -> Standing {
        let axis = self.input.fitted_map.contact();
        let (mut values, mut parts) = ([f64::NAN; 8], [0.0; 8]);
        values.iter_mut().zip(&self.criteria).for_each(|(value, &criterion)| *value = criteria[criterion as usize]);
        let counting = self.criteria.len();
        let score = axis.index().score(&values[..counting], &mut parts[..counting]);
        let mut contributions = [0.0; 8];
        for (&criterion, part) in self.criteria.iter().zip(parts) {
            contributions[criterion as usize] = if part.is_nan() { 0.0 } else { part };
        }
        Standing { contributions, position: axis.position(score) }
    }

    /// Whether a customer refuses a channel: by how a contact by it ended, or by what it said in the period ahead at the
    /// latest, in which a proposal is carried out.
    fn is_refused(&self, customer: usize, channel: u16) -> bool {
        let log = self.input.log;
        let ahead = Day(log.as_of.0.saturating_add(self.period_days as i32));
        let refused = |contact: &Contact| contact.outcome == Some(Outcome::Refused) && self.is_by(contact, channel);
        log.consent.refuses(customer, channel, ahead) || log.of(customer).iter().any(refused)
    }

    /// Whether one contact more would break the channel's cap.
    fn is_full(&self, contacts: &[Contact], channel: u16) -> bool {
        self.pressing(contacts, channel).count() >= self.rules.cap(channel) as usize
    }

    /// The company's contacts by a channel within the window of pressure, in the order of time.
    pub(super) fn pressing<'c>(&self, contacts: &'c [Contact], channel: u16) -> impl Iterator<Item = &'c Contact> {
        contacts
            .iter()
            .filter(move |contact| contact.is_outbound() && self.is_by(contact, channel) && self.is_pressing(contact))
    }

    /// Whether a contact came by a channel, however that is spelt.
    pub(super) fn is_by(&self, contact: &Contact, channel: u16) -> bool {
        self.rules.group(contact.channel) == self.rules.group(channel)
    }

    /// Whether a channel is open to a customer.
    pub(super) fn is_open(&self, customer: usize, channel: u16) -> bool {
        !self.is_refused(customer, channel) && !self.is_full(self.input.log.of(customer), channel)
    }

    /// One contact more by a channel, where that would raise the position.
    fn contact_more(&self, client: &Client<'_>, channel: Channel, room: &mut Vec<Contact>) -> Option<Correction> {
        let criteria = self.expected(client, channel, room);
        let standing = self.standing(&criteria);
        let criterion = most_raised(&client.standing, &standing);
        let option = self.raising(client, &standing, Action::Contact(self.reason(client, channel, criterion)))?;
        let cost = Some(self.rules.mean_cost(channel.position));
        Some(Correction { criterion: Some(criterion), channel: Some(channel.position), cost, ..option })
    }

    /// An option that takes a customer to a new standing; `None` where that is no higher.
    fn raising(&self, client: &Client<'_>, standing: &Standing, action: Action) -> Option<Correction> {
        let gain = standing.position - client.standing.position;
        let value_at_stake = client.value_at_stake;
        let value = value_at_stake * (gain / client.distance).min(1.0);
        let option = Correction::new(client.row, Diagnosis::UnderServed, action);
        (gain > 0.0).then_some(Correction { gain, value_at_stake, value, ..option })
    }

    /// The criteria to be expected with one contact more: each the mean over its outcomes, as likely as on the channel as
    /// a whole; where the log holds no outcomes, with a contact without one. A customer that has rated before is expected
    /// to rate as the channel is rated on average, another one not to rate.
    ///
    /// Of all criteria only reach and dialogue ask for the outcome, and they only whether it is a success, and whether it
    /// is an answer.
    fn expected(&self, client: &Client<'_>, channel: Channel, room: &mut Vec<Contact>) -> Criteria {
        let holds_outcomes = self.input.log.held.outcome;
        let contact = self.next_contact(client, channel, holds_outcomes.then_some(Outcome::Answered));
        let rhythm = self.input.rhythm_days[client.row];
        room.push(contact);
        let mut expected = self.input.fitted_quality.criteria_of(room, &self.rules, self.input.log.as_of, rhythm);
        if holds_outcomes {
            room.pop();
            room.push(Contact { outcome: Some(Outcome::Failure), ..contact });
            let (success, answer) =
                (self.rules.success_rate(channel.position), self.rules.answer_rate(channel.position));
            let failed = [
                (Criterion::Reach, success, criteria::reach(room, &self.rules)),
                (Criterion::Dialogue, answer, criteria::dialogue(room)),
            ];
            for (criterion, chance, value) in failed {
                let mean = &mut expected[criterion as usize];
                *mean = chance * *mean + (1.0 - chance) * value;
            }
        }
        room.pop();
        expected
    }

    fn next_contact(&self, client: &Client<'_>, channel: Channel, outcome: Option<Outcome>) -> Contact {
        let has_rated = !client.criteria[Criterion::Satisfaction as usize].is_nan();
        Contact {
            customer: client.row as u32,
            at: Moment::on(self.input.log.as_of),
            channel: channel.position,
            campaign: Contact::NONE,
            agent: Contact::NONE,
            direction: self.input.log.held.direction.then_some(Direction::Outbound),
            outcome,
            is_control: false,
            cost: self.rules.mean_cost(channel.position),
            satisfaction: if has_rated { channel.rating as f32 } else { f32::NAN },
            response_hours: f32::NAN,
        }
    }

    /// Answering as promptly as the median customer is answered, where that is sooner.
    fn answer_sooner(&self, client: &Client<'_>) -> Option<Correction> {
        let promptness = client.criteria[Criterion::Promptness as usize];
        if !(self.criteria.contains(&Criterion::Promptness) && promptness < self.promptness) {
            return None;
        }
        let mut criteria = client.criteria;
        criteria[Criterion::Promptness as usize] = self.promptness;
        let asked = client.contacts.iter().filter(|contact| contact.direction != Some(Direction::Outbound));
        let hours = asked.map(|contact| f64::from(contact.response_hours)).filter(|hours| !hours.is_nan());
        let usual = -self.promptness.log2() * self.input.fitted_quality.settings().response_half_life_hours;
        let action = Action::AnswerSooner { hours: mean(hours), usual: usual.max(0.0) };
        let option = self.raising(client, &self.standing(&criteria), action)?;
        Some(Correction { criterion: Some(Criterion::Promptness), ..option })
    }

    /// The figures that speak for a contact on behalf of a criterion.
    fn reason(&self, client: &Client<'_>, channel: Channel, criterion: Criterion) -> Reason {
        let position = channel.position;
        match criterion {
            _ if client.contacts.is_empty() => Reason::NeverContacted,
            Criterion::Reach => self.reach(client.contacts, position),
            Criterion::Dialogue => {
                let of =
                    |keep: fn(&Contact) -> bool| client.contacts.iter().filter(|contact| keep(contact)).count() as u32;
                Reason::Dialogue {
                    two_way: of(is_two_way),
                    contacts: of(|_| true),
                    rate: self.rules.answer_rate(position),
                }
            }
            Criterion::Richness => Reason::Richness {
                mean: client.criteria[Criterion::Richness as usize],
                weight: self.rules.weight(position),
            },
            Criterion::Satisfaction => {
                let ratings = client.contacts.iter().map(|contact| f64::from(contact.satisfaction));
                Reason::Satisfaction {
                    rating: mean(ratings.filter(|rating| rating.is_finite())),
                    usual: channel.rating,
                }
            }
            _ => self.quiet(client),
        }
    }

    fn quiet(&self, client: &Client<'_>) -> Reason {
        let as_of = self.input.log.as_of;
        let days = client.contacts.last().map_or(0, |last| as_of.days_since(last.at.day).max(0));
        let rhythms = client.criteria[Criterion::Rhythm as usize];
        let recent = client.contacts.iter().filter(|contact| self.is_recent(contact)).count() as u32;
        let is_own = self.input.rhythm_days[client.row].is_finite();
        if rhythms > 1.0 {
            Reason::Silence { days, rhythm: Some(f64::from(days) / rhythms), is_own }
        } else if recent == 0 {
            Reason::Silence { days, rhythm: None, is_own }
        } else {
            Reason::Few { contacts: recent, days: self.period_days, last: days }
        }
    }

    /// Successes by the channel that was tried most; of equal ones by the first.
    fn reach(&self, contacts: &[Contact], channel: u16) -> Reason {
        let tally = |by: u16| {
            let tried = contacts.iter().filter(|contact| contact.is_outbound() && self.is_by(contact, by));
            let known = tried.filter_map(|contact| contact.outcome).filter(|&outcome| outcome != Outcome::Neutral);
            known.fold((0, 0), |(tried, reached), outcome| (tried + 1, reached + u32::from(outcome.is_success())))
        };
        let tallies = self.channels.iter().map(|channel| (channel.position, tally(channel.position)));
        let most = tallies.reduce(|a, b| if b.1.0 > a.1.0 { b } else { a });
        let (by, (tried, reached)) = most.unwrap_or((channel, (0, 0)));
        Reason::Reach { by, reached, tried, rate: self.rules.success_rate(channel) }
    }
}

fn is_two_way(contact: &Contact) -> bool {
    contact.direction == Some(Direction::Inbound) || contact.outcome == Some(Outcome::Answered)
}

/// The criterion that adds most to the rise of the score.
fn most_raised(before: &Standing, after: &Standing) -> Criterion {
    let rise =
        |criterion: Criterion| after.contributions[criterion as usize] - before.contributions[criterion as usize];
    let first = Criterion::ALL[0];
    Criterion::ALL.into_iter().fold(first, |best, next| if rise(next) > rise(best) { next } else { best })
}

/// The mean, NaN of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}
