//! The randomised campaign.

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::simulate::contacts::draw_outcome;
use crate::simulate::{Campaign, DAY_SECONDS, Population, SimulatedContact, WEEK_SECONDS};

/// Seconds from midnight to ten in the morning.
const TEN: i64 = 10 * 3_600;

/// A row of the contact log that is no contact: a customer that was held out of the trial at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldOut {
    /// Seconds since 1970-01-01 UTC: when the others were contacted.
    pub at: i64,
    /// The place of the trial's channel in [`Population::channels`].
    pub channel: u16,
}

/// On which side of the trial a customer is.
pub(super) enum Arm {
    Treated(SimulatedContact),
    HeldOut(HeldOut),
    Outside,
}

impl Arm {
    pub(super) fn contact(&self) -> Option<SimulatedContact> {
        if let Arm::Treated(contact) = self { Some(*contact) } else { None }
    }

    pub(super) fn held_out(&self) -> Option<HeldOut> {
        if let Arm::HeldOut(held_out) = self { Some(*held_out) } else { None }
    }
}

impl Population {
    /// When the trial is held, in weeks since the start.
    pub(super) fn trial_time(&self) -> f64 {
        self.trial_seconds() as f64 / WEEK_SECONDS
    }

    fn trial_seconds(&self) -> i64 {
        i64::from(self.settings.contacts.trial.day) * DAY_SECONDS + TEN
    }

    /// Deals the customers who have joined by then.
    pub(super) fn draw_arm(&self, joined: f64, mut rng: Xoshiro256PlusPlus) -> Arm {
        let trial = &self.settings.contacts.trial;
        let place = self.settings.contacts.channel(&trial.channel);
        let Some(place) = place.filter(|_| trial.is_held() && joined <= self.trial_time()) else { return Arm::Outside };
        let at = i64::from(self.settings.start.0) * DAY_SECONDS + self.trial_seconds();
        match rng.r#gen::<f64>() {
            draw if draw < trial.treated_share => Arm::Treated(self.trial_contact(at, place, &mut rng)),
            draw if draw < trial.treated_share + trial.control_share => {
                Arm::HeldOut(HeldOut { at, channel: place as u16 })
            }
            _ => Arm::Outside,
        }
    }

    fn trial_contact(&self, at: i64, place: usize, rng: &mut Xoshiro256PlusPlus) -> SimulatedContact {
        let channel = &self.settings.contacts.channels[place];
        let contact = SimulatedContact::outbound(at, place, draw_outcome(channel, rng), channel.cost);
        SimulatedContact { campaign: Some(Campaign::Trial), ..contact }
    }
}
