//! What to do about every customer whose contact does not fit what it is worth.
//!
//! For an *under-served* customer, every channel that is open to it is tried out: one contact more on the as-of date,
//! with the outcome to be expected of that channel (each criterion is the mean over its outcomes), and the customer is
//! scored again. For an *over-served* one, what
//! its contacts cost beyond those of comparable customers is what could be saved. Each customer has up to three options,
//! the most valuable first:
//!
//! ```text
//! value at stake = max(CLV, 0) x |distance| / 100                        under-served
//! value          = value at stake x min(1, points gained / |distance|)
//! value at stake = cost of the last period beyond the yardstick          over-served
//! value          = what the option saves of it
//! ```
//!
//! The distance is that from the map's diagonal, and the points gained are points of the contact position. The yardstick
//! is the mean contact cost in the same period of the aligned customers in the same tenth of attractiveness. Customers
//! have priorities by their first option's value.
//!
//! A channel is open to a customer that does not refuse it ([`crate::contacts::consent`], or the outcome of a contact) and
//! whose cap allows one contact more on the as-of date. What is said in words is kept as figures and written on demand, and
//! names no customer.

mod base;
mod over_served;
mod under_served;
mod words;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::{Day, Money};
use crate::contacts::ContactLog;
use crate::contacts::quality::{ContactQuality, Criterion, FittedQuality};
use crate::map::{CustomerMap, Diagnosis, FittedMap};
use crate::notes::Note;
use base::Base;

/// Customers worked on in one go.
const BLOCK: usize = 1_024;

/// Options of a customer, at most.
const OPTIONS: usize = 3;

/// The longest period that costs are looked at, in days.
const MAX_PERIOD: u32 = 3_660;

/// Settings or columns that have no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionError {
    /// A period of no days, or of too many.
    #[error("corrections.period_days = {0} must be from 1 to {MAX_PERIOD}; 90 is usual")]
    Period(u32),
    /// A column that is not one row a customer.
    #[error("column {column} has {found} rows for {customers} customers")]
    Length {
        /// The column.
        column: &'static str,
        /// Its rows.
        found: usize,
        /// Customers on the map.
        customers: usize,
    },
    /// A contact axis that is made of something else than contact quality.
    #[error("the map's contact axis has the criterion '{0}', which contact quality has not; its criteria are {known}", known = Criterion::ALL.map(Criterion::name).join(", "))]
    Criterion(String),
}

/// How corrections are looked for: a table of clivia.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrectionSettings {
    /// The days before the as-of date whose contacts and costs are looked at.
    pub period_days: u32,
}

impl CorrectionSettings {
    /// Checks what no type can.
    ///
    /// # Errors
    /// [`CorrectionError::Period`].
    pub fn check(&self) -> Result<(), CorrectionError> {
        let fits = (1..=MAX_PERIOD).contains(&self.period_days);
        if fits { Ok(()) } else { Err(CorrectionError::Period(self.period_days)) }
    }
}

impl Default for CorrectionSettings {
    fn default() -> Self {
        CorrectionSettings { period_days: 90 }
    }
}

/// What corrections follow from, a row a customer.
#[derive(Debug, Clone, Copy)]
pub struct CorrectionInput<'a> {
    /// Where every customer stands.
    pub map: &'a CustomerMap,
    /// How it came to stand there.
    pub fitted_map: &'a FittedMap,
    /// The contacts.
    pub log: &'a ContactLog,
    /// What they amount to.
    pub quality: &'a ContactQuality,
    /// How they came to.
    pub fitted_quality: &'a FittedQuality,
    /// Mean days between two purchases of a customer, NaN = not known.
    pub rhythm_days: &'a [f64],
    /// Customer lifetime value in currency units, or what stands in for it. NaN = absent, which counts 0.
    pub clv: &'a [f64],
}

impl CorrectionInput<'_> {
    fn check(&self) -> Result<(), CorrectionError> {
        let customers = self.map.contact_position.len();
        let columns = [
            ("contacts", self.log.customers()),
            ("contact_quality", self.quality.contacts.len()),
            ("rhythm_days", self.rhythm_days.len()),
            ("clv", self.clv.len()),
        ];
        let wrong = columns.into_iter().find(|(_, rows)| *rows != customers);
        wrong.map_or(Ok(()), |(column, found)| Err(CorrectionError::Length { column, found, customers }))
    }
}

/// One option of one misplaced customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correction {
    /// Row of the customer.
    pub customer: u32,
    /// The customer's place among the misplaced, from 1: whose first option is worth most comes first.
    pub priority: u32,
    /// The option's place among the customer's, from 1 to 3.
    pub option: u8,
    /// Whether contact is below or above attractiveness.
    pub diagnosis: Diagnosis,
    /// The criterion that would rise most, or that may fall.
    pub criterion: Option<Criterion>,
    /// The channel to contact by, or to use less: its position in the log.
    pub channel: Option<u16>,
    /// What a contact costs on average; `None` where no contact is meant.
    pub cost: Option<Money>,
    /// What is saved in a period; `None` unless over-served.
    pub saving: Option<Money>,
    /// Points by which the position of contact quality rises; 0 where it is not to rise.
    pub gain: f64,
    /// What is at stake for the customer, in currency units, 0 or more.
    pub value_at_stake: f64,
    /// What the option is worth of that.
    pub value: f64,
    /// What to do, and why.
    pub action: Action,
}

impl Correction {
    /// An option that neither costs nor saves nor is worth anything, to be filled in.
    fn new(customer: usize, diagnosis: Diagnosis, action: Action) -> Self {
        Correction {
            customer: customer as u32,
            priority: 0,
            option: 1,
            diagnosis,
            criterion: None,
            channel: None,
            cost: None,
            saving: None,
            gain: 0.0,
            value_at_stake: 0.0,
            value: 0.0,
            action,
        }
    }

    /// Whether there is anything to do.
    pub fn is_open(&self) -> bool {
        !matches!(self.action, Action::NoChannel { .. } | Action::NoGain | Action::Leave { .. })
    }
}

/// What to do, with the figures that say why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Contact the customer by the correction's channel.
    Contact(Reason),
    /// Answer sooner when it asks.
    AnswerSooner {
        /// Hours that it waits on average.
        hours: f64,
        /// Hours at the median of the base, as promptness counts them.
        usual: f64,
    },
    /// Every channel is refused or at its cap.
    NoChannel {
        /// Channels that it refused.
        refused: u16,
        /// Channels at their cap.
        full: u16,
    },
    /// No single contact would raise contact quality.
    NoGain,
    /// Use a cheaper channel in the place of the correction's.
    Replace {
        /// How the customer is treated.
        treatment: Treatment,
        /// The channel to use.
        with: u16,
    },
    /// Use the correction's channel less.
    Reduce(Treatment),
    /// Rest the correction's channel.
    Pause {
        /// Contacts in the window that ends on the as-of date.
        contacts: u32,
        /// The window.
        days: u32,
        /// How many of them are not too many.
        cap: u32,
        /// The first day on which the cap allows a contact again.
        until: Day,
    },
    /// Nothing was spent lately.
    Leave {
        /// Days without a contact by the company, at least.
        days: u32,
    },
}

/// Why a contact would help.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// There never was one.
    NeverContacted,
    /// There was none for long.
    Silence {
        /// Days since the last.
        days: i32,
        /// The customer's purchase rhythm, where the silence is longer.
        rhythm: Option<f64>,
        /// Whether that rhythm is the customer's own, and not the usual one of the base.
        is_own: bool,
    },
    /// There were few.
    Few {
        /// Contacts in the period.
        contacts: u32,
        /// The period.
        days: u32,
        /// Days since the last.
        last: i32,
    },
    /// The company's contacts do not reach their aim.
    Reach {
        /// The channel by which most was tried.
        by: u16,
        /// How many reached their aim.
        reached: u32,
        /// Of so many.
        tried: u32,
        /// The share that does on the channel to use.
        rate: f64,
    },
    /// The customer does not answer.
    Dialogue {
        /// Contacts that went both ways.
        two_way: u32,
        /// Of so many.
        contacts: u32,
        /// The share that is answered on the channel to use.
        rate: f64,
    },
    /// The channels are impersonal.
    Richness {
        /// Mean weight of the contacts.
        mean: f64,
        /// Weight of the channel to use.
        weight: f64,
    },
    /// The customer is not pleased.
    Satisfaction {
        /// Its mean rating.
        rating: f64,
        /// The mean rating of the channel to use.
        usual: f64,
    },
}

/// How an over-served customer was treated in the period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Treatment {
    /// The company's contacts by the correction's channel.
    pub contacts: u32,
    /// The channel that it used most besides, and how often.
    pub besides: Option<(u16, u32)>,
    /// The period.
    pub days: u32,
    /// Its third of attractiveness, 0 = lowest.
    pub third: u8,
}

/// All options of all misplaced customers, in the order of priority.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrections {
    /// The options; those of a customer stand together.
    pub rows: Vec<Correction>,
    /// The channels that they speak of.
    pub channels: Vec<String>,
    /// Misplaced customers.
    pub customers: u32,
}

/// Finds the corrections of every misplaced customer.
///
/// # Errors
/// [`CorrectionError`] where a column is not one row a customer, the period has no meaning, or the map's contact axis is
/// made of something else than contact quality.
pub fn corrections(input: &CorrectionInput<'_>, settings: &CorrectionSettings) -> Result<Corrections, CorrectionError> {
    input.check()?;
    settings.check()?;
    let base = Base::learn(input, settings.period_days)?;
    let misplaced: Vec<usize> =
        (0..input.rhythm_days.len()).filter(|&customer| is_misplaced(input.map, customer)).collect();
    let found: Vec<Vec<Correction>> = misplaced.par_chunks(BLOCK).map(|customers| base.options(customers)).collect();
    Ok(Corrections {
        rows: by_priority(&found),
        channels: input.log.channels.clone(),
        customers: misplaced.len() as u32,
    })
}

impl Corrections {
    /// Under-served customers who refuse every channel, so that nothing is proposed for them.
    pub fn unreachable(&self) -> u64 {
        let refuses_all =
            |row: &&Correction| matches!(row.action, Action::NoChannel { refused, full: 0 } if refused > 0);
        self.rows.iter().filter(refuses_all).count() as u64
    }

    /// What a reader should know of them.
    pub fn note(&self) -> Option<Note> {
        let (unreachable, misplaced) = (self.unreachable(), u64::from(self.customers));
        let sentence =
            format!("{unreachable} under-served customers refuse every channel, so no contact is proposed for them");
        (unreachable > 0).then(|| Note::info("all_channels_refused", sentence).rows(unreachable, misplaced))
    }
}

fn is_misplaced(map: &CustomerMap, customer: usize) -> bool {
    matches!(map.diagnosis(customer), Some(Diagnosis::UnderServed | Diagnosis::OverServed))
}

impl Base<'_> {
    fn options(&self, customers: &[usize]) -> Vec<Correction> {
        let mut contacts = Vec::new();
        let all = customers.iter().filter_map(|&customer| {
            let distance = self.input.map.distance(customer)?;
            let options = if distance < 0.0 {
                under_served::options(self, customer, distance, &mut contacts)
            } else {
                over_served::options(self, customer)
            };
            Some(numbered(options))
        });
        all.flatten().collect()
    }
}

/// The most valuable options of a customer, numbered. Of equal ones that of the first channel comes first.
fn numbered(mut options: Vec<Correction>) -> Vec<Correction> {
    options.sort_by(|a, b| b.value.total_cmp(&a.value));
    options.truncate(OPTIONS);
    (1..).zip(&mut options).for_each(|(number, option)| option.option = number);
    options
}

/// Customers in the order of their first option's value, of equal ones in the order of their rows.
fn by_priority(found: &[Vec<Correction>]) -> Vec<Correction> {
    let of_customer = |a: &Correction, b: &Correction| a.customer == b.customer;
    let mut customers: Vec<&[Correction]> = found.iter().flat_map(|block| block.chunk_by(of_customer)).collect();
    customers.par_sort_by(|a, b| b[0].value.total_cmp(&a[0].value).then(a[0].customer.cmp(&b[0].customer)));
    let ranked = customers.into_par_iter().enumerate();
    ranked
        .flat_map_iter(|(place, options)| {
            let priority = place as u32 + 1;
            options.iter().map(move |option| Correction { priority, ..*option })
        })
        .collect()
}
