//! How customers are contacted: how often, how well, by which channels, after purchases and in a trial.

use serde::{Deserialize, Serialize};

use crate::simulate::settings::{LARGEST, MAX_AMOUNT, SimulationError, is_share, not_negative, rule};

/// How customers are contacted.
///
/// A customer's contact rate is `per_week x factor x rank_factor^(2u - 1) x noise`: the factor by its value
/// or by what is planted, `u` (0-1) the rank of its value, the noise Gamma of mean 1. Planted customers
/// have their factor alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactPlan {
    /// Contacts a week of a customer of medium value; 0 = no contact log.
    pub per_week: f64,
    /// Factor for low, medium and high value.
    pub factor_by_value: [f64; 3],
    /// Factor of the most valuable customer over that of the median, and of the median over that of the
    /// least valuable, on top of `factor_by_value`; 1 = by level alone.
    pub rank_factor: f64,
    /// Share of the high-value customers planted as under-served, 0-1.
    pub under_served_share: f64,
    /// Their factor.
    pub under_served_factor: f64,
    /// Share of the low-value customers planted as over-served, 0-1.
    pub over_served_share: f64,
    /// Their factor.
    pub over_served_factor: f64,
    /// Shape of the noise: its coefficient of variation is `1 / sqrt(rate_shape)`.
    pub rate_shape: f64,
    /// How good contacts are.
    pub service: ServicePlan,
    /// Channels that contacts come by.
    pub channels: Vec<Channel>,
    /// Contacts that purchases trigger.
    pub triggered: Triggered,
    /// A randomised campaign.
    pub trial: Trial,
}

impl Default for ContactPlan {
    fn default() -> Self {
        ContactPlan {
            per_week: 0.1,
            factor_by_value: [0.5, 1.0, 2.0],
            rank_factor: 1.0,
            under_served_share: 0.2,
            under_served_factor: 0.1,
            over_served_share: 0.2,
            over_served_factor: 4.0,
            rate_shape: 4.0,
            service: ServicePlan::default(),
            channels: default_channels(),
            triggered: Triggered::default(),
            trial: Trial::default(),
        }
    }
}

/// How good contacts are. A customer is served at a level `s` from -1, worst, to 1, best: `2u - 1` plus
/// noise, `u` (0-1) the rank of its value; -1 where planted as under-served and 1 as over-served.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServicePlan {
    /// Standard deviation of `s` around `2u - 1`, before it is held within -1 and 1.
    pub noise: f64,
    /// What `s = 1` multiplies the share of the dearest channel by and divides that of the cheapest by,
    /// those between in steps; 1 = everybody has the same channels.
    pub channel_factor: f64,
    /// Share of the contacts answered or reached that the customer rates from 1 to 5, 0-1.
    pub rated_share: f64,
    /// Mean rating at `s = 0`, before it is rounded and held within 1 and 5.
    pub rating: f64,
    /// What `s = 1` adds to it.
    pub rating_step: f64,
    /// Standard deviation of a rating.
    pub rating_noise: f64,
    /// Mean hours until an inbound contact is answered, at `s = 0`; the hours are exponential.
    pub response_hours: f64,
    /// What `s = 1` divides the mean hours by.
    pub response_factor: f64,
    /// Agents of the team, who make the contacts that belong to no campaign; 0 = none is named.
    pub agents: u16,
    /// Share of these contacts that the customer's own agent makes, 0-1; the others are anybody's.
    pub own_agent_share: f64,
}

impl Default for ServicePlan {
    fn default() -> Self {
        ServicePlan {
            noise: 0.5,
            channel_factor: 1.5,
            rated_share: 0.1,
            rating: 3.6,
            rating_step: 0.6,
            rating_noise: 0.9,
            response_hours: 12.0,
            response_factor: 2.0,
            agents: 8,
            own_agent_share: 0.9,
        }
    }
}

/// A channel of the simulated contact log. An outbound contact that is neither answered, reached nor
/// refused has reached nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Contacts by it, relative to the other channels.
    pub share: f64,
    /// Cost of a contact, in currency units.
    pub cost: f64,
    /// Share that is inbound, 0-1.
    pub inbound: f64,
    /// Share of outbound that is answered, 0-1.
    pub answered: f64,
    /// Share of outbound that is reached without an answer, 0-1.
    pub reached: f64,
    /// Share of outbound that is refused, 0-1.
    pub refused: f64,
    /// Whether outbound contacts belong to the campaign of the quarter.
    pub campaigns: bool,
}

fn default_channels() -> Vec<Channel> {
    let channel = |name: &str, [share, cost, inbound]: [f64; 3], [answered, reached, refused]: [f64; 3], campaigns| {
        Channel { name: name.to_string(), share, cost, inbound, answered, reached, refused, campaigns }
    };
    vec![
        channel("visit", [0.05, 85.0, 0.0], [0.80, 0.10, 0.05], false),
        channel("phone", [0.20, 6.5, 0.3], [0.35, 0.15, 0.08], false),
        channel("letter", [0.15, 1.8, 0.0], [0.05, 0.85, 0.02], true),
        channel("email", [0.50, 0.05, 0.1], [0.08, 0.50, 0.03], true),
        channel("sms", [0.10, 0.08, 0.0], [0.04, 0.80, 0.04], true),
    ]
}

/// Contacts that purchases trigger, such as order confirmations. They follow purchases and do nothing to
/// them: the effect is that of other contacts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Triggered {
    /// The channel they come by; one of its own where the plan has none of that name.
    pub channel: String,
    /// Share of purchases that are followed by one, 0-1; 0 = none.
    pub share: f64,
    /// Mean hours from the purchase to the contact; the hours are exponential.
    pub delay_hours: f64,
    /// Cost of one, in currency units.
    pub cost: f64,
}

impl Default for Triggered {
    fn default() -> Self {
        Triggered { channel: "confirmation".to_string(), share: 0.0, delay_hours: 6.0, cost: 0.0 }
    }
}

/// A randomised campaign: on one day, at ten in the morning, a random share of the customers until then is
/// contacted, and another random share is held out. That contact has the same effect as any other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trial {
    /// Its day, counted from the first day of the window, which is 0.
    pub day: u32,
    /// Share that is contacted, 0-1; 0 for both shares = no trial.
    pub treated_share: f64,
    /// Share that is held out, 0-1.
    pub control_share: f64,
    /// The channel it comes by: one of the plan.
    pub channel: String,
    /// Its name in the campaign column.
    pub campaign: String,
}

impl Default for Trial {
    fn default() -> Self {
        Trial {
            day: 52 * 7,
            treated_share: 0.0,
            control_share: 0.0,
            channel: "email".to_string(),
            campaign: "trial".to_string(),
        }
    }
}

impl Trial {
    /// Whether anybody takes part.
    pub(super) fn is_held(&self) -> bool {
        self.treated_share + self.control_share > 0.0
    }
}

impl ContactPlan {
    /// Contacts that follow value closely, and a tenth of all customers planted on either side.
    pub(super) fn planted() -> Self {
        ContactPlan {
            per_week: 0.8,
            factor_by_value: [1.0; 3],
            rank_factor: 8.0,
            under_served_share: 0.3,
            under_served_factor: 0.08,
            over_served_share: 0.3,
            over_served_factor: 10.0,
            rate_shape: 100.0,
            service: ServicePlan::planted(),
            ..ContactPlan::default()
        }
    }

    fn factors(&self) -> impl Iterator<Item = f64> {
        self.factor_by_value.into_iter().chain([self.under_served_factor, self.over_served_factor])
    }

    /// The highest mean contact rate over `per_week`.
    pub(super) fn largest_factor(&self) -> f64 {
        let by_rank = self.rank_factor.max(1.0 / self.rank_factor);
        let by_value = self.factor_by_value.into_iter().map(|factor| factor * by_rank);
        by_value.chain([self.under_served_factor, self.over_served_factor]).fold(0.0, f64::max)
    }

    /// The channel of that name.
    pub(super) fn channel(&self, name: &str) -> Option<usize> {
        self.channels.iter().position(|channel| channel.name == name)
    }

    pub(super) fn check(&self, observed_days: u32) -> Result<(), SimulationError> {
        rule("contacts.per_week", self.per_week, not_negative(self.per_week), "0 or more")?;
        self.factors().try_for_each(|factor| rule("contacts: a factor", factor, not_negative(factor), "0 or more"))?;
        factor("contacts.rank_factor", self.rank_factor)?;
        share("contacts.under_served_share", self.under_served_share)?;
        share("contacts.over_served_share", self.over_served_share)?;
        rule("contacts.rate_shape", self.rate_shape, (0.1..=LARGEST).contains(&self.rate_shape), "0.1 or more")?;
        self.service.check()?;
        self.check_channels()?;
        self.triggered.check()?;
        self.check_trial(observed_days)
    }

    fn check_channels(&self) -> Result<(), SimulationError> {
        self.channels.iter().try_for_each(Channel::check)?;
        let has_channel = self.channels.iter().any(|channel| channel.share > 0.0);
        let countable = self.channels.len() < usize::from(u16::MAX); // one more may be triggered
        if self.per_week == 0.0 || (has_channel && countable) { Ok(()) } else { Err(SimulationError::NoChannel) }
    }

    fn check_trial(&self, observed_days: u32) -> Result<(), SimulationError> {
        let trial = &self.trial;
        share("contacts.trial.treated_share", trial.treated_share)?;
        share("contacts.trial.control_share", trial.control_share)?;
        let both = trial.treated_share + trial.control_share;
        rule("contacts.trial: the sum of both shares", both, both <= 1.0 + 1e-9, "1 at most")?;
        if !trial.is_held() {
            return Ok(());
        }
        rule("contacts.trial.day", f64::from(trial.day), trial.day < observed_days, "below observed_days")?;
        let known = self.channel(&trial.channel).is_some();
        channel_rule(&trial.channel, known, "a trial comes by one of contacts.channels; name one of them")?;
        channel_rule(&trial.channel, !trial.campaign.trim().is_empty(), "contacts.trial.campaign is empty")
    }
}

impl ServicePlan {
    /// Service that follows value closely, and is asked about often.
    fn planted() -> Self {
        ServicePlan {
            noise: 0.05,
            channel_factor: 4.0,
            rated_share: 0.5,
            rating_step: 1.5,
            rating_noise: 0.5,
            response_hours: 24.0,
            response_factor: 6.0,
            ..ServicePlan::default()
        }
    }

    fn check(&self) -> Result<(), SimulationError> {
        let sizes = [
            ("contacts.service.noise", self.noise),
            ("contacts.service.rating_step", self.rating_step),
            ("contacts.service.rating_noise", self.rating_noise),
            ("contacts.service.response_hours", self.response_hours),
        ];
        sizes.into_iter().try_for_each(|(name, value)| rule(name, value, not_negative(value), "0 or more"))?;
        rule("contacts.service.rating", self.rating, (1.0..=5.0).contains(&self.rating), "from 1 to 5")?;
        factor("contacts.service.channel_factor", self.channel_factor)?;
        factor("contacts.service.response_factor", self.response_factor)?;
        share("contacts.service.rated_share", self.rated_share)?;
        share("contacts.service.own_agent_share", self.own_agent_share)
    }
}

impl Triggered {
    fn check(&self) -> Result<(), SimulationError> {
        share("contacts.triggered.share", self.share)?;
        rule("contacts.triggered.delay_hours", self.delay_hours, not_negative(self.delay_hours), "0 or more hours")?;
        channel_rule(&self.channel, !self.channel.trim().is_empty(), "its name is empty")?;
        channel_rule(&self.channel, (0.0..=MAX_AMOUNT).contains(&self.cost), "cost must be an amount of 0 or more")
    }
}

impl Channel {
    fn check(&self) -> Result<(), SimulationError> {
        let outcomes = [self.answered, self.reached, self.refused];
        let rules = [
            (!self.name.trim().is_empty(), "its name is empty"),
            (not_negative(self.share), "share must be 0 or more"),
            ((0.0..=MAX_AMOUNT).contains(&self.cost), "cost must be an amount of 0 or more"),
            (is_share(self.inbound), "inbound must be a share from 0 to 1"),
            (outcomes.into_iter().all(is_share), "answered, reached and refused must be shares from 0 to 1"),
            (outcomes.iter().sum::<f64>() <= 1.0 + 1e-9, "answered, reached and refused must add up to 1 at most"),
        ];
        rules.into_iter().try_for_each(|(kept, rule)| channel_rule(&self.name, kept, rule))
    }
}

fn channel_rule(channel: &str, kept: bool, rule: &'static str) -> Result<(), SimulationError> {
    if kept { Ok(()) } else { Err(SimulationError::Channel { channel: channel.to_string(), rule }) }
}

fn share(setting: &'static str, value: f64) -> Result<(), SimulationError> {
    rule(setting, value, is_share(value), "a share from 0 to 1")
}

fn factor(setting: &'static str, value: f64) -> Result<(), SimulationError> {
    rule(setting, value, (1e-3..=1e3).contains(&value), "a factor from 0.001 to 1,000")
}

#[cfg(test)]
mod tests {
    use crate::simulate::contact_plan::*;

    fn refused(change: impl Fn(&mut ContactPlan)) -> Option<String> {
        let mut plan = ContactPlan::default();
        change(&mut plan);
        plan.check(728).err().map(|error| error.to_string())
    }

    #[track_caller]
    fn is_refused(change: impl Fn(&mut ContactPlan), because: &str) {
        let error = refused(change).unwrap_or_default();
        assert!(error.contains(because), "'{because}' is not in '{error}'");
    }

    #[test]
    fn plans_without_meaning_are_refused_by_name() {
        is_refused(|plan| plan.rank_factor = 0.0, "contacts.rank_factor = 0 must be a factor");
        is_refused(|plan| plan.under_served_share = 1.1, "contacts.under_served_share = 1.1");
        is_refused(|plan| plan.service.noise = f64::NAN, "contacts.service.noise = NaN");
        is_refused(|plan| plan.service.rating = 0.0, "contacts.service.rating = 0 must be from 1 to 5");
        is_refused(|plan| plan.service.response_factor = f64::INFINITY, "contacts.service.response_factor");
        is_refused(|plan| plan.triggered.share = 2.0, "contacts.triggered.share = 2");
        is_refused(|plan| plan.triggered.delay_hours = -1.0, "contacts.triggered.delay_hours = -1");
        is_refused(|plan| plan.triggered.channel = " ".to_string(), "its name is empty");
    }

    #[test]
    fn a_trial_has_a_day_a_channel_and_people() {
        let held = |plan: &mut ContactPlan| (plan.trial.treated_share, plan.trial.control_share) = (0.5, 0.5);
        assert_eq!(refused(held), None);
        assert_eq!(refused(|plan| plan.trial.channel = "fax".to_string()), None, "no trial, no matter");
        is_refused(|plan| (plan.trial.treated_share, plan.trial.control_share) = (0.6, 0.5), "= 1.1 must be 1 at most");
        is_refused(|plan| (held(plan), plan.trial.day = 728).0, "contacts.trial.day = 728 must be below observed_days");
        is_refused(|plan| (held(plan), plan.trial.channel = "fax".to_string()).0, "channel 'fax'");
        is_refused(|plan| (held(plan), plan.trial.campaign = String::new()).0, "contacts.trial.campaign is empty");
    }

    #[test]
    fn the_presets_hold_what_they_ask_of_others() {
        assert_eq!(refused(|plan| *plan = ContactPlan::planted()), None);
        assert_eq!(ContactPlan::default().largest_factor(), 4.0);
        assert_eq!(ContactPlan::planted().largest_factor(), 10.0);
    }
}
