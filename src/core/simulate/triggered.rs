//! Contacts that follow purchases.

use rand::Rng;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::simulate::{Outcome, Population, SimulatedContact, SimulatedOrder};

impl Population {
    /// The contacts that a customer's purchases trigger, up to the end of the window.
    ///
    /// They are drawn when the purchases stand, since they do nothing to them: cause and consequence never
    /// go in a circle.
    pub(super) fn draw_triggered(
        &self,
        orders: &[SimulatedOrder],
        mut rng: Xoshiro256PlusPlus,
    ) -> Vec<SimulatedContact> {
        let plan = &self.settings.contacts;
        let place = plan.channel(&plan.triggered.channel).unwrap_or(plan.channels.len());
        let contact = |order: &SimulatedOrder| {
            let triggers = rng.r#gen::<f64>() < plan.triggered.share;
            let delay: f64 = Exp1.sample(&mut rng);
            let at = order.at + (delay * plan.triggered.delay_hours * 3_600.0) as i64;
            let seen = triggers && at < self.end_timestamp();
            seen.then(|| SimulatedContact::outbound(at, place, Outcome::Reached, plan.triggered.cost))
        };
        orders.iter().filter_map(contact).collect()
    }
}
