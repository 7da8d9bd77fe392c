//! The contact log: from the file's columns to contacts of known customers, cleaned.

mod columns;
mod matching;
mod notes;
mod plan;
mod turn;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use clivia_core::base::ids::{IdIndex, Ids};
use clivia_core::base::{Day, Money};
use clivia_core::contacts::consent::{About, Refusal, Statement, standing};
use clivia_core::contacts::quality::{QualitySettings, channel_key};
use clivia_core::contacts::{Contact, Held};
use clivia_core::control::Control;
use clivia_core::notes::Note;

use crate::blocks::for_each_block;
use crate::dates;
use crate::dates::{DateReader, Looked};
use crate::error::TableError;
use crate::filter::Filter;
use crate::numbers;
use crate::orders::RowCounts;
use crate::orders::ids::FoldIds;
use crate::plan::{ContactsPlan, Decimal, ReadSettings};
use crate::profiles::{Holds, Profile, Profiles};
use crate::rejects::Rejects;
use crate::source::{Source, Wanted};
use turn::{Plan, Turned};

pub use columns::{ContactColumns, ContactMapping, Unmatched};
pub use matching::{Matching, UNMATCHED};

/// Stands for a cost that neither the row nor the settings tell, until the whole log is read.
const UNKNOWN_COST: Money = Money(i64::MIN);

/// What reading the contact log came to.
#[derive(Debug, Clone, Default)]
pub struct ContactsRead {
    /// The mapping of the first file.
    pub mapping: Option<ContactMapping>,
    /// How the first file was read.
    pub plan: Option<ContactsPlan>,
    /// Rows.
    pub rows: RowCounts,
    /// Rows whose sending failed, so that they are no contacts.
    pub not_sent: u64,
    /// How many contacts are of customers who ordered.
    pub matching: Matching,
    /// Which columns there were.
    pub held: Held,
    /// Channels as they are written, in the order in which they were met.
    pub channels: Vec<String>,
    /// Campaigns, likewise.
    pub campaigns: Vec<String>,
    /// Agents, likewise.
    pub agents: Vec<String>,
    /// Words of the outcome column that have no meaning in the settings, and how often each came.
    pub unknown_outcomes: BTreeMap<String, u64>,
    /// Channels with contacts whose cost neither their row nor the settings tell.
    pub without_cost: BTreeMap<String, WithoutCost>,
    /// What the log says of consent.
    statements: Vec<Statement>,
    /// What reading told beside.
    notes: Vec<Note>,
}

/// Contacts of a channel whose cost nobody tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WithoutCost {
    /// How many.
    pub contacts: u64,
    /// Whether other contacts of the channel have a cost, so that theirs is the mean of these; else it is 0.
    pub mean_known: bool,
}

impl ContactsRead {
    /// Refusals that the log holds, with the channels of its contacts.
    pub fn refusals(&self) -> Vec<Refusal> {
        standing(self.statements.clone())
    }

    /// Finishes the contacts of a whole reading: gives those without a cost the mean of their channel, and puts names
    /// into an order of their own.
    pub fn finish(&mut self, contacts: &mut [Contact]) {
        self.in_order_of_names(contacts);
        self.settle_costs(contacts);
    }

    /// A contact whose cost nobody tells costs what others of its channel do on average, and nothing where no cost of
    /// that channel is known.
    fn settle_costs(&mut self, contacts: &mut [Contact]) {
        let mut known = vec![(0_i128, 0_i128); self.channels.len()];
        let mut unknown = vec![0_u64; self.channels.len()];
        for contact in contacts.iter() {
            let channel = usize::from(contact.channel);
            if contact.cost == UNKNOWN_COST {
                unknown[channel] += 1;
            } else {
                known[channel] = (known[channel].0 + i128::from(contact.cost.0), known[channel].1 + 1);
            }
        }
        let mean = |(sum, count): &(i128, i128)| Money(if *count > 0 { (sum / count) as i64 } else { 0 });
        let means: Vec<Money> = known.iter().map(mean).collect();
        let without = contacts.iter_mut().filter(|contact| contact.cost == UNKNOWN_COST);
        without.for_each(|contact| contact.cost = means[usize::from(contact.channel)]);
        let named = self.channels.iter().zip(unknown).zip(known);
        self.without_cost = named
            .filter(|((_, contacts), _)| *contacts > 0)
            .map(|((name, contacts), (_, known))| (name.clone(), WithoutCost { contacts, mean_known: known > 0 }))
            .collect();
    }

    /// Puts channels, campaigns and agents into the order of their names, and the contacts' numbers with them, so that
    /// nothing depends on which came first in the file. Spellings of one channel or campaign become one, the first in
    /// that order.
    fn in_order_of_names(&mut self, contacts: &mut [Contact]) {
        let channels = reordered(&mut self.channels, channel_key);
        let campaigns = reordered(&mut self.campaigns, channel_key);
        let agents = reordered(&mut self.agents, str::to_string);
        contacts.par_iter_mut().for_each(|contact| {
            contact.channel = channels[usize::from(contact.channel)];
            contact.campaign = campaigns.get(usize::from(contact.campaign)).copied().unwrap_or(Contact::NONE);
            contact.agent = agents.get(usize::from(contact.agent)).copied().unwrap_or(Contact::NONE);
        });
        renumbered(&mut self.statements, &channels);
    }

    fn add(&mut self, turned: &mut Turned) {
        self.rows.read += turned.rows;
        self.rows.used += turned.contacts.len() as u64;
        let left_out = turned.rejects.iter().filter(|reject| reject.rule.leaves_out()).count() as u64;
        self.rows.left_out += left_out;
        self.rows.refused += turned.rejects.len() as u64 - left_out;
        self.not_sent += turned.not_sent;
        self.matching.merge(std::mem::take(&mut turned.matching));
        self.held.control |= turned.contacts.iter().any(|contact| contact.is_control);
        for (word, rows) in &turned.unknown_outcomes {
            *self.unknown_outcomes.entry(word.clone()).or_default() += rows;
        }
    }

    fn hold(&mut self, mapping: &ContactMapping, default_costs: bool) {
        let held = &mut self.held;
        held.direction |= mapping.direction.is_some() || mapping.direction_is.is_some();
        held.outcome |= mapping.outcome.is_some();
        held.cost |= mapping.cost.is_some() || default_costs;
        held.satisfaction |= mapping.satisfaction.is_some();
        held.response_time |= mapping.response_time.is_some();
        held.campaign |= mapping.campaign.is_some();
        self.mapping.get_or_insert_with(|| mapping.clone());
    }
}

/// Statements about channels, under the channels' new numbers.
fn renumbered(statements: &mut [Statement], channels: &[u16]) {
    for statement in statements {
        if let About::Channel(channel) = &mut statement.about {
            *channel = channels[usize::from(*channel)];
        }
    }
}

/// Sorts names, keeps the first of those with one key, and gives the new place of every old one.
fn reordered(names: &mut Vec<String>, key: impl Fn(&str) -> String) -> Vec<u16> {
    let old = std::mem::take(names);
    let mut sorted: Vec<&String> = old.iter().collect();
    sorted.sort();
    let mut places: HashMap<String, u16> = HashMap::new();
    for name in sorted {
        // No more names than before, and those had a number each.
        places.entry(key(name)).or_insert_with(|| {
            names.push(name.clone());
            (names.len() - 1) as u16
        });
    }
    old.iter().map(|name| places[&key(name)]).collect()
}

/// Settings for a whole reading.
#[derive(Debug, Clone, Copy)]
pub struct ContactsReader<'a> {
    /// How files are read.
    pub read: &'a ReadSettings,
    /// Which columns are used.
    pub columns: &'a ContactColumns,
    /// What outcomes mean, and what is the scale of the rest.
    pub quality: &'a QualitySettings,
    /// Rows after this day are refused.
    pub as_of: Day,
    /// Customers who are on the map; contacts of others are refused.
    pub customers: Known<'a>,
    /// Customers all of whose orders were returned, so that their contacts are refused under a rule of its own.
    pub without_purchase: &'a IdIndex,
    /// How every source is read; found out of each where there is none.
    pub plan: Option<&'a ContactsPlan>,
}

/// The customers of a base.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Their ids.
    pub ids: &'a Ids,
    /// Where each stands among them.
    pub index: &'a IdIndex,
    /// Whether ids that differ only in case and blanks are one.
    pub fold: FoldIds,
}

impl ContactsReader<'_> {
    /// Which columns of a source would be used.
    ///
    /// # Errors
    /// [`TableError::Columns`] where needed columns are not found.
    pub fn mapping(&self, source: &dyn Source) -> Result<ContactMapping, TableError> {
        let held = source.columns(&self.settings())?;
        match self.plan {
            Some(plan) => plan.columns.check_held(source.name(), &held).map(|()| plan.columns.clone()),
            None => ContactMapping::by(self.profile(&held)?.as_ref(), self.columns, source.name(), &held),
        }
    }

    /// The export that a log with this header is; none where a plan says how it is read.
    fn profile(&self, held: &[String]) -> Result<Option<Profile>, TableError> {
        match self.plan {
            Some(_) => Ok(None),
            None => Profiles::chosen_for(Holds::Contacts, &self.read.profile, held),
        }
    }

    /// How a source would be read: what the settings leave open is found out, over all of it where its first rows do not
    /// tell.
    ///
    /// # Errors
    /// [`TableError`] where that cannot be told.
    pub fn plan_of(&self, source: &dyn Source, control: &Control) -> Result<ContactsPlan, TableError> {
        plan::plan(self, source, control)
    }

    /// How files are read: by the plan where there is one.
    fn settings(&self) -> ReadSettings {
        self.plan.map_or_else(|| self.read.clone(), |plan| plan.settings(self.read))
    }

    /// The decimal sign of costs, as their column shows.
    fn decimal(&self, mapping: &ContactMapping, source: &dyn Source, control: &Control) -> Result<Decimal, TableError> {
        let settings = self.settings();
        numbers::settle(Looked { source, settings: &settings, control }, mapping.cost.as_deref())
    }

    /// Reads the files in order; `take` gets each block of contacts, whose channels, campaigns and agents are
    /// places in the lists of the result.
    ///
    /// # Errors
    /// [`TableError`] where a file cannot be read as a whole, or at the first refused row in strict mode.
    pub fn read(
        &self,
        sources: &[Arc<dyn Source>],
        control: &Control,
        rejects: &mut Rejects,
        mut take: impl FnMut(Vec<Contact>),
    ) -> Result<ContactsRead, TableError> {
        let mut dates = self.plan.map_or_else(|| DateReader::new(self.read), ContactsPlan::dates);
        let mut read = ContactsRead::default();
        let mut names = Numbering::default();
        let settings = self.settings();
        for source in sources.iter().map(AsRef::as_ref) {
            let (mapping, note) = self.settled_mapping(source, control)?;
            read.notes.extend(note);
            read.hold(&mapping, !self.quality.costs.is_empty());
            let held = source.columns(&settings)?;
            read.notes.extend(self.profile(&held)?.iter().flat_map(|profile| profile.notes(&held)));
            let filter = Filter::parse("contact_columns.where", source.name(), &held, &self.columns.condition)?;
            let (filter, decimal) = (filter.as_ref(), self.decimal(&mapping, source, control)?);
            let plan = Plan { reader: self, source, mapping: &mapping, filter, decimal };
            let mut columns = mapping.names();
            columns.extend(filter.iter().flat_map(|filter| filter.columns().iter().cloned()));
            columns.sort();
            columns.dedup();
            let mut settled = self.plan.is_some();
            for_each_block(
                source,
                &settings,
                &Wanted { columns: &columns, fingerprints: false },
                control,
                |block| {
                    if !std::mem::replace(&mut settled, true) {
                        let looked = Looked { source, settings: &settings, control };
                        dates::settle(looked, &mapping.date, block, &mut dates)?;
                    }
                    Ok(dates.clone())
                },
                |block, dates| plan.turn(&block, &dates),
                |mut turned| {
                    control.add_rows(turned.rows);
                    read.add(&mut turned);
                    std::mem::take(&mut turned.rejects).into_iter().try_for_each(|reject| rejects.add(reject))?;
                    names.renumber(&mut turned)?;
                    read.statements.append(&mut turned.statements);
                    take(turned.contacts);
                    Ok(())
                },
            )?;
            if read.plan.is_none() {
                let found = || ContactsPlan::of(source, self.read, mapping.clone(), decimal, dates.order);
                read.plan = Some(self.plan.cloned().map_or_else(found, Ok)?);
            }
        }
        if read.rows.read == 0 {
            let file = sources.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ");
            return Err(TableError::Empty { file, what: "there is a header but no contact" });
        }
        (read.channels, read.campaigns, read.agents) =
            (names.channels.names, names.campaigns.names, names.agents.names);
        read.notes.extend(read.matching.note(self.customers.ids, self.customers.index));
        Ok(read)
    }
}

/// Names of a column in the order in which they were met.
#[derive(Debug, Default)]
struct Names {
    names: Vec<String>,
    places: HashMap<String, u16>,
}

impl Names {
    /// The place of a name, new or known.
    fn place(&mut self, name: &str, setting: &'static str) -> Result<u16, TableError> {
        if let Some(place) = self.places.get(name) {
            return Ok(*place);
        }
        // The last number means none.
        let place = u16::try_from(self.names.len()).ok().filter(|place| *place < u16::MAX);
        let place = place.ok_or_else(|| TableError::Setting {
            setting,
            cause: "the column holds more than 65,534 different values; name another, or one that is not there".into(),
        })?;
        self.names.push(name.into());
        self.places.insert(name.into(), place);
        Ok(place)
    }
}

/// The names of the whole log, blocks in order.
#[derive(Debug, Default)]
struct Numbering {
    channels: Names,
    campaigns: Names,
    agents: Names,
}

impl Numbering {
    /// From a block's own numbers to those of the log.
    fn renumber(&mut self, turned: &mut Turned) -> Result<(), TableError> {
        fn places(all: &mut Names, own: &[String], setting: &'static str) -> Result<Vec<u16>, TableError> {
            own.iter().map(|name| all.place(name, setting)).collect()
        }
        let channels = places(&mut self.channels, &turned.channels, "contact_columns.channel")?;
        let campaigns = places(&mut self.campaigns, &turned.campaigns, "contact_columns.campaign")?;
        let agents = places(&mut self.agents, &turned.agents, "contact_columns.agent")?;
        for contact in &mut turned.contacts {
            contact.channel = channels[usize::from(contact.channel)];
            contact.campaign = campaigns.get(usize::from(contact.campaign)).copied().unwrap_or(Contact::NONE);
            contact.agent = agents.get(usize::from(contact.agent)).copied().unwrap_or(Contact::NONE);
        }
        renumbered(&mut turned.statements, &channels);
        Ok(())
    }
}
