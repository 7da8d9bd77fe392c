//! What to change: corrections of contact, a plan of them within a budget, and who looks after whom.
//!
//! Everything here is a pure function of the map, the contacts and a few settings, and makes a list; nothing is sent.
//! [`mod@corrections`] says what could be done for every misplaced customer, [`mod@plan`] chooses what to do, by
//! [`solver`], and [`managers`] hands the most valuable customers to named account managers.
//!
//! ```
//! use clivia_core::contacts::quality::{Criterion, QualitySettings};
//! use clivia_core::contacts::{Contact, ContactLog, Direction, Held};
//! use clivia_core::decide::{Budget, CorrectionInput, CorrectionSettings, PlanSettings, corrections, plan};
//! use clivia_core::map::{Column, IndexSettings, MapInput, MapSettings};
//! use clivia_core::base::{Day, Moment, Money};
//!
//! // Three customers. The first is worth most and was last called on 300 days ago; the last is worth least and was
//! // visited three times this month.
//! let clv = [2_000.0, 500.0, 20.0];
//! let contact = |customer, day, channel, cost| Contact {
//!     customer,
//!     at: Moment::on(Day(day)),
//!     channel,
//!     campaign: Contact::NONE,
//!     agent: Contact::NONE,
//!     direction: Some(Direction::Outbound),
//!     outcome: None,
//!     is_control: false,
//!     cost: Money(cost),
//!     satisfaction: f32::NAN,
//!     response_hours: f32::NAN,
//! };
//! let visits = [980, 985, 990].map(|day| contact(2, day, 0, 600_000));
//! let calls = [contact(0, 700, 1, 80_000), contact(1, 950, 1, 80_000)];
//! let channels = vec!["visit".to_string(), "phone".to_string()];
//! let held = Held { direction: true, cost: true, ..Held::default() };
//! let log = ContactLog::new(Day(1_000), 3, channels, Vec::new(), held, [&visits[..], &calls].concat());
//!
//! let rhythm_days = [60.0; 3];
//! let fitted_quality = QualitySettings::default().fit(&log, &rhythm_days)?;
//! let quality = fitted_quality.criteria(&log, &rhythm_days);
//! let contact = Criterion::ALL.map(|criterion| Column {
//!     name: criterion.name(),
//!     values: quality.column(criterion),
//!     less_is_better: criterion.less_is_better(),
//! });
//! let input = MapInput {
//!     attractiveness: &[Column { name: "clv", values: &clv, less_is_better: false }],
//!     contact: &contact,
//!     contacted: &[true; 3],
//!     revenue: None,
//!     clv: Some(&clv),
//!     contact_cost: None,
//!     profit: None,
//! };
//! let worth = IndexSettings { weights: [("clv".to_string(), 1.0)].into(), ..Default::default() };
//! let treated = IndexSettings { weights: fitted_quality.weights().clone(), ..Default::default() };
//! let (fitted_map, map) = MapSettings::default().draw(&worth, &treated, &input)?;
//!
//! let input = CorrectionInput {
//!     map: &map,
//!     fitted_map: &fitted_map,
//!     log: &log,
//!     quality: &quality,
//!     fitted_quality: &fitted_quality,
//!     rhythm_days: &rhythm_days,
//!     clv: &clv,
//! };
//! let found = corrections(&input, &CorrectionSettings::default())?;
//! let first = found.words(&found.rows[0]).to_string();
//! assert!(first.starts_with("no contact for 300 days against a rhythm of 60: "), "{first}");
//!
//! // What the last customer is spared pays for it.
//! let settings = PlanSettings { budget: Budget::Same, ..PlanSettings::default() };
//! let plan = plan(&found.plan_options(), &found.channels, log.as_of, &settings)?;
//! assert_eq!(plan.rows.len(), 2);
//! assert!(plan.cost <= plan.saving);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod corrections;
pub mod managers;
pub mod plan;
pub mod solver;

pub use corrections::{
    Action, Correction, CorrectionError, CorrectionInput, CorrectionSettings, Corrections, Reason, Treatment,
    corrections,
};
pub use managers::{AccountManager, Assignment, Client, ManagerError, assign};
pub use plan::{Budget, Plan, PlanError, PlanOption, PlanRow, PlanSettings, plan};
