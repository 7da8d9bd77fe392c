//! Options for a customer who gets more contact than it is worth: a pause, a cheaper channel, or less of one.

use crate::base::{Day, Money};
use crate::contacts::Contact;
use crate::contacts::quality::Criterion;
use crate::decide::corrections::base::Base;
use crate::decide::corrections::{Action, Correction, Treatment};
use crate::map::Diagnosis;

/// The company's contacts by one channel in the period.
#[derive(Debug, Clone, Copy)]
struct Used {
    channel: u16,
    contacts: u32,
    /// What they cost, in 1/10,000.
    cost: i64,
}

/// The options, in the order of the channels: one a channel that was used in the period, and a pause of each that is
/// over its cap; a row that says so where nothing was done in the period.
pub(super) fn options(base: &Base<'_>, customer: usize) -> Vec<Correction> {
    let contacts = base.input.log.of(customer);
    let used: Vec<Used> = base.channels.iter().filter_map(|channel| base.used(contacts, channel.position)).collect();
    let excess = base.excess(customer);
    let pauses = used.iter().filter_map(|used| base.pause(customer, used, excess));
    let others = used.iter().map(|one| base.spare(customer, one, &used, excess));
    let mut options: Vec<Correction> = pauses.chain(others).collect();
    if options.is_empty() {
        options.push(Correction::new(customer, Diagnosis::OverServed, Action::Leave { days: base.period_days }));
    }
    options
}

impl Base<'_> {
    fn used(&self, contacts: &[Contact], channel: u16) -> Option<Used> {
        let recent = contacts
            .iter()
            .filter(|contact| contact.is_outbound() && self.is_recent(contact) && self.is_by(contact, channel));
        let nothing = Used { channel, contacts: 0, cost: 0 };
        let used = recent.fold(nothing, |used, contact| Used {
            contacts: used.contacts.saturating_add(1),
            cost: used.cost.saturating_add(contact.cost.0),
            ..used
        });
        (used.contacts > 0).then_some(used)
    }

    /// A rest for a channel that is over its cap. It saves the contacts beyond the cap at their mean cost.
    fn pause(&self, customer: usize, used: &Used, excess: i64) -> Option<Correction> {
        let cap = self.rules.cap(used.channel);
        let days = self.input.fitted_quality.settings().pressure_days;
        let pressing: Vec<Day> =
            self.pressing(self.input.log.of(customer), used.channel).map(|contact| contact.at.day).collect();
        let contacts = u32::try_from(pressing.len()).unwrap_or(u32::MAX);
        let beyond = contacts.checked_sub(cap).filter(|&beyond| beyond > 0)?;
        // Once all but cap - 1 have left the window, there is room for one.
        let last_to_leave = pressing[(beyond as usize).min(pressing.len() - 1)];
        let until = Day(last_to_leave.0.saturating_add(days as i32));
        let saved = used.cost / i64::from(used.contacts) * i64::from(beyond.min(used.contacts));
        let action = Action::Pause { contacts, days, cap, until };
        Some(self.saving(customer, used, saved, excess, Criterion::Pressure, action))
    }

    /// A cheaper channel in the place of this one where one is open, else less of it.
    fn spare(&self, customer: usize, used: &Used, all: &[Used], excess: i64) -> Correction {
        let treatment = self.treatment(customer, used, all);
        match self.cheaper(customer, used) {
            Some((with, saved)) => {
                let action = Action::Replace { treatment, with };
                self.saving(customer, used, saved, excess, Criterion::Richness, action)
            }
            None => self.saving(customer, used, used.cost, excess, Criterion::Intensity, Action::Reduce(treatment)),
        }
    }

    /// An option that saves so much, as far as it lies beyond what comparable customers cost.
    fn saving(
        &self,
        customer: usize,
        used: &Used,
        saved: i64,
        excess: i64,
        criterion: Criterion,
        action: Action,
    ) -> Correction {
        let saving = Money(saved.min(excess).max(0));
        Correction {
            criterion: Some(criterion),
            channel: Some(used.channel),
            saving: Some(saving),
            value_at_stake: Money(excess).to_f64(),
            value: saving.to_f64(),
            ..Correction::new(customer, Diagnosis::OverServed, action)
        }
    }

    /// The cheapest channel that is open and can bear the contacts, and what it saves, if it saves anything.
    fn cheaper(&self, customer: usize, used: &Used) -> Option<(u16, i64)> {
        let contacts = self.input.log.of(customer);
        let others = self.channels.iter().map(|channel| channel.position).filter(|&other| other != used.channel);
        let open = others.filter(|&other| self.is_open(customer, other) && self.bears(contacts, other, used.contacts));
        let with = open.min_by_key(|&other| (self.rules.mean_cost(other), other))?;
        let cost = self.rules.mean_cost(with).0.saturating_mul(i64::from(used.contacts));
        let saved = used.cost.saturating_sub(cost);
        (saved > 0).then_some((with, saved))
    }

    /// Whether a channel's cap allows the contacts of a whole period besides those that it has now.
    fn bears(&self, contacts: &[Contact], channel: u16, more: u32) -> bool {
        let days = self.input.fitted_quality.settings().pressure_days;
        let in_a_window = (u64::from(more) * u64::from(days)).div_ceil(u64::from(self.period_days.max(days)));
        let now = self.pressing(contacts, channel).count() as u64;
        now + in_a_window <= u64::from(self.rules.cap(channel))
    }

    fn treatment(&self, customer: usize, used: &Used, all: &[Used]) -> Treatment {
        let others = all.iter().filter(|other| other.channel != used.channel);
        let besides = others.reduce(|a, b| if b.contacts > a.contacts { b } else { a });
        Treatment {
            contacts: used.contacts,
            besides: besides.map(|other| (other.channel, other.contacts)),
            days: self.period_days,
            third: third(self.input.map.attractiveness_position[customer]),
        }
    }
}

fn third(position: f64) -> u8 {
    ((position / (100.0 / 3.0)) as u8).min(2)
}
