//! Two runs compared: who moved, by the thresholds of the first.
//!
//! A customer's place on the map of the second run is worked out again from the criteria that run wrote,
//! with the scales, weights and thresholds of the first; so is its RFM segment. What moves is then the
//! customer and not the yardstick.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Serialize;

use crate::error::Error;
use crate::runs::finished::{Finished, Table};
use crate::runs::frozen::Frozen;
use crate::tables::map_tables::criterion_column;
use clivia_core::map::{Column, CustomerMap, FittedAxis, FittedMap, MapInput};
use clivia_core::notes;
use clivia_core::notes::Note;
use clivia_core::rfm::{Rfm, RfmError};

/// The place of a customer who is not in a run.
pub const ABSENT: &str = "(absent)";
/// The place of a customer who is in a run, but has none there.
pub const NOWHERE: &str = "(no place)";

/// How customers went from one place to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transition {
    /// Where they were.
    pub from: String,
    /// Where they are.
    pub to: String,
    /// How many.
    pub customers: u64,
    /// Their lifetime value in the first run.
    pub clv_before: f64,
    /// Their lifetime value in the second run.
    pub clv_after: f64,
}

/// A customer who moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mover {
    /// Its id.
    pub customer_id: String,
    /// Its cell in the first run.
    pub cell_before: String,
    /// Its cell in the second.
    pub cell_after: String,
    /// Its RFM segment in the first run.
    pub segment_before: String,
    /// Its RFM segment in the second.
    pub segment_after: String,
    /// Its diagnosis in the first run.
    pub diagnosis_before: String,
    /// Its diagnosis in the second.
    pub diagnosis_after: String,
    /// Its lifetime value in the first run; NaN without one.
    pub clv_before: f64,
    /// Its lifetime value in the second run; NaN without one.
    pub clv_after: f64,
}

impl Mover {
    /// What it has gained in value; a customer who is absent, or has no value, counts as 0.
    pub fn change(&self) -> f64 {
        or_zero(self.clv_after) - or_zero(self.clv_before)
    }
}

/// Two runs compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Customers of the first run.
    pub customers_before: u64,
    /// Customers of the second run.
    pub customers_after: u64,
    /// Between cells of the map, in the order of their names; empty where a run has no map.
    pub cells: Vec<Transition>,
    /// Between diagnoses.
    pub diagnoses: Vec<Transition>,
    /// Between RFM segments.
    pub segments: Vec<Transition>,
    /// Who changed its cell or its segment, worst losses of value first.
    pub movers: Vec<Mover>,
    /// Why part of the movement may be the yardstick's.
    pub notes: Vec<Note>,
}

/// A comparison without its single customers: compare.json.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonTotals<'a> {
    /// Customers of the first run.
    pub customers_before: u64,
    /// Customers of the second run.
    pub customers_after: u64,
    /// In the second run only.
    pub new: u64,
    /// In the first run only.
    pub gone: u64,
    /// Who changed cell or segment, the new and the gone included.
    pub moved: u64,
    /// Of these, who lost value.
    pub losing: u64,
    /// How much value these lost.
    pub value_lost: f64,
    /// Between cells of the map.
    pub cells: &'a [Transition],
    /// Between diagnoses.
    pub diagnoses: &'a [Transition],
    /// Between RFM segments.
    pub segments: &'a [Transition],
    /// Why part of the movement may be the yardstick's.
    pub notes: &'a [Note],
}

impl Comparison {
    /// The figures of the comparison as a whole.
    pub fn totals(&self) -> ComparisonTotals<'_> {
        let flows =
            |of: fn(&Transition) -> bool| self.segments.iter().filter(|flow| of(flow)).map(|flow| flow.customers).sum();
        let losses = || self.movers.iter().map(Mover::change).filter(|change| *change < 0.0);
        ComparisonTotals {
            customers_before: self.customers_before,
            customers_after: self.customers_after,
            new: flows(|flow| flow.from == ABSENT),
            gone: flows(|flow| flow.to == ABSENT),
            moved: self.movers.len() as u64,
            losing: losses().count() as u64,
            value_lost: -losses().sum::<f64>(),
            cells: &self.cells,
            diagnoses: &self.diagnoses,
            segments: &self.segments,
            notes: &self.notes,
        }
    }
}

/// Compares two finished runs by the thresholds of the first.
///
/// # Errors
/// [`Error`] where a folder holds no run, or a table of it cannot be read or scored.
pub fn compare(before: &Path, after: &Path) -> Result<Comparison, Error> {
    let (before, after) = (Finished::open(before)?, Finished::open(after)?);
    let yardstick = &before.frozen;
    let mapped = yardstick.has_map() && after.frozen.has_map();
    let (old, new) = (Places::of(&before, yardstick, mapped)?, Places::of(&after, yardstick, mapped)?);
    let found: HashMap<&str, usize> = new.ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
    let mut pairs: Vec<(Option<usize>, Option<usize>)> =
        old.ids.iter().enumerate().map(|(row, id)| (Some(row), found.get(id.as_str()).copied())).collect();
    let mut known = vec![false; new.ids.len()];
    pairs.iter().filter_map(|pair| pair.1).for_each(|row| known[row] = true);
    pairs.extend((0..new.ids.len()).filter(|row| !known[*row]).map(|row| (None, Some(row))));
    let flows = |place: fn(&Places, usize) -> &str| transitions(&pairs, &old, &new, place);
    let scored = old.has_segments && new.has_segments;
    Ok(Comparison {
        customers_before: old.ids.len() as u64,
        customers_after: new.ids.len() as u64,
        cells: if mapped { flows(Places::cell) } else { Vec::new() },
        diagnoses: if mapped { flows(Places::diagnosis) } else { Vec::new() },
        segments: if scored { flows(Places::segment) } else { Vec::new() },
        movers: movers(&pairs, &old, &new),
        notes: notes::warnings("scored_otherwise", warnings(yardstick, &after.frozen)),
    })
}

/// What the second run was not scored alike with: it then measures something else under the same names.
fn warnings(before: &Frozen, after: &Frozen) -> Vec<String> {
    let (a, b) = (&before.settings, &after.settings);
    let contacts = |frozen: &Frozen| frozen.contact().ok().map(|map| map.contacts.clone());
    let criteria = |frozen: &Frozen| {
        let names = |axis: &FittedAxis| axis.index().criteria().iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        frozen.contact().ok().map(|map| [names(map.scale.attractiveness()), names(map.scale.contact())])
    };
    let parts = [
        ("the terms of value (horizon, discount rate, margin)", a.value != b.value),
        ("the time unit or the days that spend is taken over", {
            (a.summary.time_unit, a.summary.spend_days) != (b.summary.time_unit, b.summary.spend_days)
        }),
        ("the purchase model", before.fitted.purchases.fitted() != after.fitted.purchases.fitted()),
        ("the spend model", before.fitted.spend.fitted() != after.fitted.spend.fitted()),
        ("how contacts count", before.has_map() && after.has_map() && contacts(before) != contacts(after)),
        ("what attractiveness is made of", a.attractiveness != b.attractiveness || criteria(before) != criteria(after)),
    ];
    let differing: Vec<&str> = parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect();
    if differing.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "the second run differs in {}, so part of the movement is the yardstick's; score it with run.frozen and the \
         run.json of the first",
        differing.join(", ")
    )]
}

/// Where the customers of a run are.
struct Places {
    ids: Vec<String>,
    has_segments: bool,
    cells: Vec<Option<String>>,
    diagnoses: Vec<Option<&'static str>>,
    segments: Vec<Option<String>>,
    clv: Vec<f64>,
}

impl Places {
    fn of(run: &Finished, yardstick: &Frozen, mapped: bool) -> Result<Self, Error> {
        let customers = run.table("customers")?;
        let ids: Vec<String> = customers.ids()?.iter().map(String::from).collect();
        let mut places = Places {
            has_segments: true,
            cells: vec![None; ids.len()],
            diagnoses: vec![None; ids.len()],
            segments: vec![None; ids.len()],
            clv: customers.numbers("clv")?,
            ids,
        };
        places.score_segments(&customers, run, yardstick)?;
        if mapped {
            places.draw_map(run, &yardstick.contact()?.scale)?;
        }
        Ok(places)
    }

    fn score_segments(&mut self, customers: &Table, run: &Finished, yardstick: &Frozen) -> Result<(), Error> {
        let (summary, rows) = customers.summary(&run.frozen)?;
        let rfm: Rfm = match yardstick.fitted.rfm.apply(&summary) {
            Ok(rfm) => rfm,
            // Without amounts there are no segments by these cut points.
            Err(RfmError::NoMoney) => {
                self.has_segments = false;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        rows.into_iter()
            .enumerate()
            .for_each(|(customer, row)| self.segments[row] = Some(rfm.segment_name(customer).into()));
        Ok(())
    }

    /// Cells and diagnoses from the criteria that the run wrote; customers in the order of its customers table.
    fn draw_map(&mut self, run: &Finished, scale: &FittedMap) -> Result<(), Error> {
        let criteria = run.table("criteria")?;
        let rows: HashMap<String, usize> = self.ids.iter().cloned().zip(0..).collect();
        let map = drawn(&criteria, scale)?;
        for (customer, id) in criteria.ids()?.iter().enumerate() {
            let Some(&row) = rows.get(id) else { continue };
            self.cells[row] = map.cell_name(customer).map(String::from);
            self.diagnoses[row] = map.diagnosis(customer).map(|diagnosis| diagnosis.name());
        }
        Ok(())
    }

    fn cell(&self, row: usize) -> &str {
        self.cells[row].as_deref().unwrap_or(NOWHERE)
    }

    fn diagnosis(&self, row: usize) -> &str {
        self.diagnoses[row].unwrap_or(NOWHERE)
    }

    fn segment(&self, row: usize) -> &str {
        self.segments[row].as_deref().unwrap_or(NOWHERE)
    }
}

/// The map of a run's criteria on another run's scales. A criterion that the run did not have is absent.
fn drawn(criteria: &Table, scale: &FittedMap) -> Result<CustomerMap, Error> {
    let read = |axis: &str, names: Vec<String>| {
        let column = |name: &str| match criterion_column(axis, name) {
            column if criteria.holds(&column) => criteria.numbers(&column),
            _ => Ok(vec![f64::NAN; criteria.rows()]),
        };
        names
            .into_iter()
            .map(|name| Ok((name.clone(), column(&name)?)))
            .collect::<Result<Vec<(String, Vec<f64>)>, Error>>()
    };
    let names = |axis: &FittedAxis| axis.index().criteria().iter().map(|criterion| criterion.name.clone()).collect();
    let attractiveness = read("value", names(scale.attractiveness()))?;
    let contact = read("contact", names(scale.contact()))?;
    fn columns(read: &[(String, Vec<f64>)]) -> Vec<Column<'_>> {
        read.iter().map(|(name, values)| Column { name, values, less_is_better: false }).collect()
    }
    let contacts = criteria.numbers("contacts")?;
    let contacted: Vec<bool> = contacts.iter().map(|count| *count > 0.0).collect();
    Ok(scale.apply(&MapInput {
        attractiveness: &columns(&attractiveness),
        contact: &columns(&contact),
        contacted: &contacted,
        revenue: None,
        clv: None,
        contact_cost: None,
        profit: None,
    })?)
}

type Pair = (Option<usize>, Option<usize>);

fn transitions(pairs: &[Pair], old: &Places, new: &Places, place: fn(&Places, usize) -> &str) -> Vec<Transition> {
    let mut flows: BTreeMap<(&str, &str), (u64, f64, f64)> = BTreeMap::new();
    for &(before, after) in pairs {
        let key = (before.map_or(ABSENT, |row| place(old, row)), after.map_or(ABSENT, |row| place(new, row)));
        let (customers, clv_before, clv_after) = flows.entry(key).or_default();
        *customers += 1;
        *clv_before += before.map_or(0.0, |row| or_zero(old.clv[row]));
        *clv_after += after.map_or(0.0, |row| or_zero(new.clv[row]));
    }
    let rows = flows.into_iter().map(|((from, to), (customers, clv_before, clv_after))| Transition {
        from: from.into(),
        to: to.into(),
        customers,
        clv_before,
        clv_after,
    });
    rows.collect()
}

fn movers(pairs: &[Pair], old: &Places, new: &Places) -> Vec<Mover> {
    let at = |places: &Places, row: Option<usize>, place: fn(&Places, usize) -> &str| {
        row.map_or(ABSENT, |row| place(places, row)).to_string()
    };
    let both = |(before, after): Pair, place| (at(old, before, place), at(new, after, place));
    let mut movers = Vec::new();
    for &pair in pairs {
        let (cell_before, cell_after) = both(pair, Places::cell);
        let (segment_before, segment_after) = both(pair, Places::segment);
        if cell_before == cell_after && segment_before == segment_after {
            continue;
        }
        let (diagnosis_before, diagnosis_after) = both(pair, Places::diagnosis);
        let id = pair.0.map(|row| &old.ids[row]).or(pair.1.map(|row| &new.ids[row]));
        movers.push(Mover {
            customer_id: id.cloned().unwrap_or_default(),
            cell_before,
            cell_after,
            segment_before,
            segment_after,
            diagnosis_before,
            diagnosis_after,
            clv_before: pair.0.map_or(f64::NAN, |row| old.clv[row]),
            clv_after: pair.1.map_or(f64::NAN, |row| new.clv[row]),
        });
    }
    // Equal losses stay in the order of the runs.
    movers.sort_by(|a, b| a.change().total_cmp(&b.change()));
    movers
}

fn or_zero(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value }
}
