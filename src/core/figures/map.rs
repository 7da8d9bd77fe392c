//! The map: where customers stand, how many, and who is worth a look first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::base::Money;
use crate::contacts::quality::channel_key;
use crate::decide::corrections::{Action, Correction, Corrections, Reason};
use crate::map::{CellRow, CustomerMap, Diagnosis, FittedMap};
use crate::summary::Summary;
use crate::value::Worth;

/// Fields on either side of the density.
const FIELDS: usize = 20;
/// Points drawn at most: those whose ids have the lowest hashes.
const POINTS: usize = 2_000;
/// Customers named at most.
const NAMED: usize = 100;
/// Positions run from 0 to this.
const FULL: f64 = 100.0;

/// The map, as it is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapFigure {
    /// Where the axis of attractiveness is cut.
    pub attractiveness_thresholds: Vec<f64>,
    /// Where the axis of contact quality is cut.
    pub contact_thresholds: Vec<f64>,
    /// How far contact may stand from attractiveness and still be aligned.
    pub tolerance: f64,
    /// The rows of `map`.
    pub cells: Vec<CellRow>,
    /// What is at stake with the under-served, in currency units.
    pub value_at_stake: f64,
    /// What could be saved with the over-served in a period.
    pub saving: f64,
    /// The period, in days.
    pub period_days: u32,
    /// Customers in fields of 5 by 5 points; empty fields are left out.
    pub density: Vec<Density>,
    /// Some customers, at most 2,000, chosen by the hash of their ids: all of them where there are no more.
    pub points: Vec<Point>,
    /// The under-served whose corrections are worth most, at most 100.
    pub most_under_served: Vec<Named>,
}

/// Customers in a field of the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Density {
    /// Its lower end on the axis of contact quality.
    pub contact: f64,
    /// Its lower end on the axis of attractiveness.
    pub attractiveness: f64,
    /// Customers in it.
    pub customers: u64,
    /// Of these, those under-served.
    pub under_served: u64,
    /// Those over-served.
    pub over_served: u64,
}

/// A customer on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Who.
    pub customer_id: String,
    /// Position of contact quality, 0-100.
    pub contact: f64,
    /// Position of attractiveness, 0-100.
    pub attractiveness: f64,
    /// What the distance says.
    pub diagnosis: String,
    /// The cell's name.
    pub cell: String,
    /// Value ahead; `None` without one.
    pub clv: Option<f64>,
}

/// An under-served customer, why, and what to do first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// Who and where.
    #[serde(flatten)]
    pub point: Point,
    /// What is at stake, in currency units.
    pub value_at_stake: f64,
    /// The channel of the first correction.
    pub channel: Option<String>,
    /// What a contact by it costs.
    pub cost: Option<Money>,
    /// Why, and what to do, as numbers that can be put into any language.
    pub advice: Advice,
    /// The same in the words of `corrections`.
    pub action: String,
}

/// A correction taken apart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Advice {
    /// What is wrong: `never`, `silence`, `silence-own`, `silence-usual`, `few`, `reach`, `reach-unknown`, `dialogue`,
    /// `richness`, `satisfaction`, `slow`, `no-channel` or `no-gain`.
    pub reason: String,
    /// The figures of the reason.
    pub figures: BTreeMap<String, f64>,
    /// The channel that the reason speaks of.
    pub tried: Option<String>,
    /// What to do: the key of a known channel, `other` for another, `answer` to answer sooner; `None` for nothing.
    pub step: Option<String>,
}

impl MapFigure {
    /// The map of a run.
    pub(crate) fn of(
        (map, fitted): (&CustomerMap, &FittedMap),
        corrections: &Corrections,
        period_days: u32,
        summary: &Summary,
        value: Option<&Worth>,
    ) -> Self {
        let point = |customer: usize| point(customer, map, summary, value);
        let first = || corrections.rows.iter().filter(|row| row.option == 1);
        let of = |diagnosis: Diagnosis| first().filter(move |row| row.diagnosis == diagnosis);
        let named = of(Diagnosis::UnderServed).filter_map(|row| {
            let advice = advice(row, corrections);
            let action = corrections.words(row).to_string();
            let channel = row.channel.map(|channel| corrections.channels[usize::from(channel)].clone());
            let point = point(row.customer as usize)?;
            Some(Named { point, value_at_stake: row.value_at_stake, channel, cost: row.cost, advice, action })
        });
        MapFigure {
            attractiveness_thresholds: fitted.attractiveness().thresholds().cuts().to_vec(),
            contact_thresholds: fitted.contact().thresholds().cuts().to_vec(),
            tolerance: map.tolerance,
            cells: map.cells.clone(),
            value_at_stake: of(Diagnosis::UnderServed).map(|row| row.value_at_stake).sum(),
            saving: of(Diagnosis::OverServed).map(|row| row.saving.map_or(0.0, Money::to_f64)).sum(),
            period_days,
            density: density(map),
            points: sample(map, summary).into_iter().filter_map(point).collect(),
            most_under_served: named.take(NAMED).collect(),
        }
    }
}

fn point(customer: usize, map: &CustomerMap, summary: &Summary, value: Option<&Worth>) -> Option<Point> {
    Some(Point {
        customer_id: summary.ids.get(customer).into(),
        contact: map.contact_position[customer],
        attractiveness: map.attractiveness_position[customer],
        diagnosis: map.diagnosis(customer)?.name().into(),
        cell: map.cell_name(customer)?.into(),
        clv: value.and_then(|value| value.clv(customer)).filter(|clv| clv.is_finite()),
    })
}

/// Customers on the map with the lowest hashes: no more than are drawn, and the same ones whatever else is in the base.
fn sample(map: &CustomerMap, summary: &Summary) -> Vec<usize> {
    let mapped = (0..summary.len()).filter(|&customer| map.cell[customer].is_some());
    let mut hashed: Vec<(u64, usize)> =
        mapped.map(|customer| (xxh3_64(summary.ids.get(customer).as_bytes()), customer)).collect();
    if hashed.len() > POINTS {
        hashed.select_nth_unstable(POINTS);
        hashed.truncate(POINTS);
    }
    hashed.sort_unstable_by_key(|(_, customer)| *customer);
    hashed.into_iter().map(|(_, customer)| customer).collect()
}

fn density(map: &CustomerMap) -> Vec<Density> {
    let width = FULL / FIELDS as f64;
    let field = |position: f64| ((position / width) as usize).min(FIELDS - 1);
    let mut fields = vec![[0_u64; 3]; FIELDS * FIELDS];
    for customer in 0..map.cell.len() {
        if let Some(diagnosis) = map.diagnosis(customer) {
            let (worth, contact) = (map.attractiveness_position[customer], map.contact_position[customer]);
            fields[field(worth) * FIELDS + field(contact)][diagnosis as usize] += 1;
        }
    }
    let row = |(place, counts): (usize, [u64; 3])| Density {
        contact: (place % FIELDS) as f64 * width,
        attractiveness: (place / FIELDS) as f64 * width,
        customers: counts.iter().sum(),
        under_served: counts[Diagnosis::UnderServed as usize],
        over_served: counts[Diagnosis::OverServed as usize],
    };
    fields.into_iter().enumerate().map(row).filter(|field| field.customers > 0).collect()
}

/// What a correction of an under-served customer says, in parts.
fn advice(row: &Correction, corrections: &Corrections) -> Advice {
    let name = |channel: u16| corrections.channels[usize::from(channel)].clone();
    let said = |reason: &str, figures: &[(&str, f64)], tried: Option<u16>, step: Option<String>| Advice {
        reason: reason.into(),
        figures: figures
            .iter()
            .filter(|(_, figure)| figure.is_finite())
            .map(|(name, figure)| (name.to_string(), *figure))
            .collect(),
        tried: tried.map(name),
        step,
    };
    let step = row.channel.map(|channel| step(&name(channel)).to_string());
    let contact = |reason, figures: &[(&str, f64)], tried| said(reason, figures, tried, step.clone());
    match row.action {
        Action::Contact(reason) => match reason {
            Reason::NeverContacted => contact("never", &[], None),
            Reason::Silence { days, rhythm: None, .. } => contact("silence", &[("days", days.into())], None),
            Reason::Silence { days, rhythm: Some(rhythm), is_own } => {
                let reason = if is_own { "silence-own" } else { "silence-usual" };
                contact(reason, &[("days", days.into()), ("rhythm", rhythm)], None)
            }
            Reason::Few { contacts, days, last } => {
                contact("few", &[("contacts", contacts.into()), ("days", days.into()), ("last", last.into())], None)
            }
            Reason::Reach { tried: 0, rate, .. } => contact("reach-unknown", &[("rate", rate)], None),
            Reason::Reach { by, reached, tried, rate } => {
                contact("reach", &[("reached", reached.into()), ("tried", tried.into()), ("rate", rate)], Some(by))
            }
            Reason::Dialogue { two_way, contacts, rate } => {
                contact("dialogue", &[("both", two_way.into()), ("contacts", contacts.into()), ("rate", rate)], None)
            }
            Reason::Richness { mean, weight } => contact("richness", &[("mean", mean), ("weight", weight)], None),
            Reason::Satisfaction { rating, usual } => {
                contact("satisfaction", &[("rating", rating), ("usual", usual)], None)
            }
        },
        Action::AnswerSooner { hours, usual } => {
            said("slow", &[("hours", hours), ("usual", usual)], None, Some("answer".into()))
        }
        Action::NoChannel { refused, full } => {
            said("no-channel", &[("refused", refused.into()), ("full", full.into())], None, None)
        }
        // The other actions are for the over-served.
        Action::NoGain | Action::Replace { .. } | Action::Reduce(_) | Action::Pause { .. } | Action::Leave { .. } => {
            said("no-gain", &[], None, None)
        }
    }
}

/// The key of a channel that every language has a word for.
fn step(channel: &str) -> &'static str {
    match channel_key(channel).as_str() {
        "visit" => "visit",
        "meeting" => "meeting",
        "phone" | "call" | "telephone" => "call",
        "video" => "video",
        "chat" => "chat",
        "letter" => "letter",
        "email" => "email",
        "sms" => "sms",
        _ => "other",
    }
}
