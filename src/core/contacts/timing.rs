//! Do contacts precede purchases? The purchase rate after a contact, set against the same customer's other times.
//!
//! Each customer is its own yardstick: frequent buyers are contacted more often, and comparing customers would
//! make every contact look like a success. The method is the self-controlled case series (Farrington 1995,
//! "Relative incidence estimation from case series for vaccine safety evaluation", Biometrics 51(1), 228-235;
//! tutorial: Whitaker, Farrington, Spiessens and Musonda 2006, Statistics in Medicine 25(10), 1768-1797).
//!
//! # The trap, and the way around it
//! A customer who has left has no purchases, and where contacts are triggered by purchases no contacts either: over
//! all the time from the first purchase until today, such contacts look like successes whatever they do. So only
//! the time between a customer's first and last purchase is looked at: there it is known to be alive. That is exact,
//! not a guess. Let the rate be `lambda phi(t)`, with `phi` the ratio of the window that `t` is in, and let the
//! customer leave after any purchase with a probability of its own (BG/NBD) or at an exponential time (Pareto/NBD).
//! Its likelihood with repeat purchases at `t_1 < ... < t_x` is
//!
//! ```text
//! prod of lambda phi(t_j)  x  exp(-lambda Phi(t_x))  x  g(x, t_x),      Phi(t) = integral of phi from 0 to t
//! ```
//!
//! where `g` holds all of leaving and of the time since. Given `x` and `t_x` only the first `x - 1` are left:
//! `L = (x-1)! prod of phi(t_j) / Phi(t_x)`, a multinomial over the windows within `(0, t_x)`, whatever `lambda`,
//! the way of leaving and P(alive) are. So the last purchase ends the observation and is no event, the
//! first begins it, and customers with two repeat purchases or more inform.
//!
//! # What is estimated
//! - **Kinds** of contact are channels, split by direction where the log holds it. At time `t` a kind is in the
//!   window of the lag since its latest contact; beyond the last window, and before the first contact, it is at
//!   rest. Contacts before the first purchase count. Log ratios of kinds add up, and are fitted jointly
//!   (conditional Poisson regression, intervals of Wald, a weak prior: see `series.rs`).
//! - **`any`** is the company's latest contact of any kind, in a model of its own.
//! - **P-values** are by permutation: the customer's purchases are moved around the circle `(0, t_x)`. They are
//!   adjusted after Benjamini and Hochberg over all kinds, `any` among them, and lags: so that, where there is
//!   nothing, the chance that anything at all is claimed stays below `fdr`.
//! - **The reverse**: contacts after purchases, in the same way, over the time from the first purchase until today.
//!   A kind *follows purchases* where within `follow_days` after a purchase its contacts are at least
//!   `follow_ratio` (1.2) times as frequent, beyond chance. Order confirmations do. A contact that a
//!   purchase caused says when the purchase was, so the multinomial above no longer holds: such kinds are
//!   flagged, fitted by themselves, left out of `any` and of the joint model (where, did they nothing, leaving them
//!   out costs nothing), and nothing is claimed from them.
//! - **A claim** that more purchases follow takes an adjusted p-value below `fdr`, an interval above 1,
//!   at least `min_expected` purchases to be expected, and a kind that does not follow purchases.
//!
//! Where a row has no time of day, all is counted in whole days: the window of the same day is shown with its order
//! unknown, and never claimed. There a kind follows purchases by its same day only at [`SAME_DAY_RATIO`] times the
//! frequency, since a contact that works makes the same day likelier too. A customer's purchases of a day are one.
//!
//! # How right it is
//! Over 200 simulated bases each of 2,000 customers who buy and leave as CDNOW's did, with contacts that go on after
//! they have left (`tests/it/timing.rs` prints and checks the figures):
//!
//! | truth | found |
//! |---|---|
//! | no effect | anything at all is claimed in 3 % of the bases |
//! | purchases trigger confirmations | those flagged in 100 %, claimed in 0 %; anything of other kinds in 3 % |
//! | ratio 1.5 for 7 days | found in 100 %; later windows claimed in 1.5 % |
//! | the same, intervals of 95 % | hold 1.5 in 96.0 % (0-1 days), 94.5 % (1-3) and 93.0 % (3-7) |
//!
//! Ratios come out at 1.47 on average rather than 1.50. In part that is because the inbound contacts of the simulation
//! work as well, which lifts the time without contact by the company (without them it is 1.48); what is left fits
//! purchases of a day counting once, but was not taken apart. The confirmations, which do nothing,
//! show a ratio of 1.6 where all the time until today is counted, and none above 1 in the time known to be alive.
//!
//! It is association and is called so; see [`Timing::sentences`] for what it does not prove. Where a campaign held
//! customers out at random, see [`Trial`] for its effect.

mod axis;
mod base;
mod cost;
mod kinds;
mod permutation;
mod responsiveness;
mod rows;
mod sentences;
mod series;
mod settings;
mod track;
mod trial;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::base::{Moment, Money};
use crate::contacts::ContactLog;
use crate::contacts::timing::base::Base;
use crate::contacts::timing::rows::Question;
use crate::control::Control;

pub use crate::contacts::timing::axis::Resolution;
pub use crate::contacts::timing::base::Sampled;
pub use crate::contacts::timing::cost::AdditionalCost;
pub use crate::contacts::timing::rows::{Claim, Sequence, TimingRow};
pub use crate::contacts::timing::settings::{TimingError, TimingSettings};
pub use crate::contacts::timing::trial::{Arm, Interval, Trial};

/// The name of the company's contacts of any kind.
pub const ANY: &str = "any";
/// In whole days, so many times as many contacts on the day of a purchase are taken to follow it.
pub const SAME_DAY_RATIO: f64 = 3.0;
/// Purchase days of each customer, rising, the first included.
#[derive(Debug, Clone, Copy)]
pub struct Purchases<'a> {
    /// Where each customer's begin in `at`; one more than there are customers, the last is their number.
    pub starts: &'a [usize],
    /// When: the first moment of each day with a purchase.
    pub at: &'a [Moment],
    /// What was spent, where amounts are known.
    pub spend: Option<&'a [Money]>,
}

impl<'a> Purchases<'a> {
    /// How many customers there are.
    pub fn customers(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Where a customer's purchases are among all.
    pub fn rows(&self, customer: usize) -> Range<usize> {
        self.starts[customer]..self.starts[customer + 1]
    }

    /// A customer's purchases.
    pub fn of(&self, customer: usize) -> &'a [Moment] {
        &self.at[self.rows(customer)]
    }
}

/// What is looked at: one base throughout.
#[derive(Debug, Clone, Copy)]
pub struct TimingInput<'a> {
    /// Purchase days.
    pub purchases: Purchases<'a>,
    /// Contacts.
    pub log: &'a ContactLog,
    /// P(alive) of each customer today, NaN = not known; only costs need it.
    pub p_alive: Option<&'a [f64]>,
    /// Share of spend that is profit.
    pub margin: f64,
}

/// Whether contacts precede purchases: a part of run.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// How finely the order in time is known.
    pub resolution: Resolution,
    /// Customers with purchases between their first and their last, in the sample.
    pub customers: u64,
    /// Those purchases.
    pub purchases: u64,
    /// Circular shifts behind each p-value.
    pub permutations: u32,
    /// Kinds x lags, after contacts and then after purchases.
    pub rows: Vec<TimingRow>,
    /// The company's contacts of any kind that does not follow purchases, by lag.
    pub any: Vec<TimingRow>,
    /// What an additional purchase would cost, for each kind with a claim.
    pub costs: Vec<AdditionalCost>,
    /// Campaigns with customers held out at random.
    pub trials: Vec<Trial>,
    /// Each customer's ratio of purchases in the days after the company's contacts, shrunk to 1: no column of run.json.
    #[serde(skip)]
    pub responsiveness: Vec<f64>,
    /// `k` of that.
    #[serde(deserialize_with = "crate::numeric::nan_if_null")]
    pub responsiveness_shrinkage: f64,
    /// Which part of the base was looked at; `None` where it was all.
    pub sampled: Option<Sampled>,
    /// What else to know.
    pub notes: Vec<String>,
}

impl Timing {
    /// The same without its customers: what a record of the run holds.
    pub fn without_customers(&self) -> Self {
        Timing {
            responsiveness: Vec::new(),
            rows: self.rows.clone(),
            any: self.any.clone(),
            costs: self.costs.clone(),
            trials: self.trials.clone(),
            notes: self.notes.clone(),
            ..*self
        }
    }
}

/// Sets purchases and contacts against each other; deterministic, whatever the number of threads.
///
/// ```
/// use clivia_core::contacts::timing::{Claim, Purchases, TimingInput, TimingSettings, timing};
/// use clivia_core::contacts::{ContactLog, Held};
/// use clivia_core::base::{Day, Moment};
///
/// let at: Vec<Moment> = [0, 40, 90].map(|day| Moment::on(Day(day))).to_vec(); // one customer, three purchases
/// let log = ContactLog::new(Day(100), 1, vec![], vec![], Held::default(), vec![]);
/// let purchases = Purchases { starts: &[0, 3], at: &at, spend: None };
/// let input = TimingInput { purchases, log: &log, p_alive: None, margin: 1.0 };
/// let found = timing(&input, &TimingSettings::default())?;
/// assert_eq!((found.customers, found.purchases), (1, 1)); // the one between the first and the last
/// assert!(found.any.iter().all(|row| row.claim == Claim::TooFew)); // nobody was contacted
/// # Ok::<(), clivia_core::contacts::timing::TimingError>(())
/// ```
///
/// # Errors
/// [`TimingError`] where a setting has no meaning or columns are not of one base.
pub fn timing(input: &TimingInput, settings: &TimingSettings) -> Result<Timing, TimingError> {
    timing_under(input, settings, &Control::default())
}

/// As [`timing`], stopped where `control` is cancelled.
///
/// # Errors
/// As [`timing`], and [`TimingError::Cancelled`].
pub fn timing_under(input: &TimingInput, settings: &TimingSettings, control: &Control) -> Result<Timing, TimingError> {
    settings.check()?;
    input.check()?;
    let base = Base::new(input, settings, control);
    let question = Question::new(&base, settings);
    let (reverse, follows) = question.contacts_after_purchases();
    let in_any: Vec<bool> = (0..base.kinds.len()).map(|kind| base.kinds.is_outbound(kind) && !follows[kind]).collect();
    let tracks = base.after_contacts(&in_any);
    control.check()?;
    let mut rows = question.purchases_after_contacts(&tracks, &follows, &in_any);
    let any = rows.split_off(follows.len() * question.lags());
    let purchases = tracks.iter().map(|track| track.events.len() as u64).sum();
    let costs = question.costs(&rows, &any, &in_any, input.p_alive, purchases);
    let responsiveness = responsiveness::responsiveness(&base, &in_any, settings.response_days);
    rows.extend(reverse);
    let trials = trial::trials(&base, input.margin, settings);
    // What was worked out while the run was being stopped is nothing.
    control.check()?;
    Ok(Timing {
        resolution: base.resolution,
        customers: tracks.len() as u64,
        purchases,
        permutations: question.draws,
        rows,
        any,
        costs,
        trials,
        responsiveness: responsiveness.by_customer,
        responsiveness_shrinkage: responsiveness.shrinkage,
        sampled: Some(base.sampled).filter(|part| part.after_contacts.min(part.after_purchases) < 1.0),
        notes: question.notes(),
    })
}
