//! The contact log: from the file's columns to contacts of known customers, cleaned.

mod turn;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use clivia_core::base::ids::IdIndex;
use clivia_core::base::{Day, Money};
use clivia_core::contacts::quality::{QualitySettings, channel_key};
use clivia_core::contacts::{Contact, Held};
use clivia_core::control::Control;

use crate::blocks::for_each_block;
use crate::columns;
use crate::columns::{
    AGENT, CAMPAIGN, CHANNEL, CONTACT_COST, CONTACT_CUSTOMER, CONTACT_DATE, CONTROL, DIRECTION, OUTCOME, RESPONSE_TIME,
    Role, SATISFACTION,
};
use crate::dates;
use crate::dates::{DateReader, Looked};
use crate::error::TableError;
use crate::filter::Filter;
use crate::mistaken;
use crate::orders::RowCounts;
use crate::plan::ReadSettings;
use crate::rejects::Rejects;
use crate::source::{Source, Wanted};
use turn::{Plan, Turned};

/// Stands for a cost that neither the row nor the settings tell, until the whole log is read.
const UNKNOWN_COST: Money = Money(i64::MIN);

/// Which columns of the contact log are used. Each is found by its name where the setting is empty; only
/// the first three must be there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactColumns {
    /// Rows for which this condition over their columns is not true are left out; all stay where it is empty.
    #[serde(rename = "where")]
    pub condition: String,
    /// Who was contacted.
    pub customer: String,
    /// The date or timestamp.
    pub date: String,
    /// By which channel.
    pub channel: String,
    /// Who contacted whom: `in` or `out`.
    pub direction: String,
    /// What came of it.
    pub outcome: String,
    /// What it cost.
    pub cost: String,
    /// What the customer thought of it.
    pub satisfaction: String,
    /// How long an inbound contact waited for its answer.
    pub response_time: String,
    /// To which campaign it belongs.
    pub campaign: String,
    /// Whether the customer was held out of the campaign at random.
    pub control: String,
    /// Who of the company made it.
    pub agent: String,
}

/// Which column plays which part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactMapping {
    /// Who.
    pub customer: String,
    /// When.
    pub date: String,
    /// How.
    pub channel: String,
    /// Who contacted whom.
    pub direction: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// What it cost.
    pub cost: Option<String>,
    /// What the customer thought of it.
    pub satisfaction: Option<String>,
    /// How long an answer took.
    pub response_time: Option<String>,
    /// To which campaign it belongs.
    pub campaign: Option<String>,
    /// Whether the customer was held out at random.
    pub control: Option<String>,
    /// Who of the company made it.
    pub agent: Option<String>,
}

impl ContactMapping {
    fn of(columns: &ContactColumns, file: &str, held: &[String]) -> Result<Self, TableError> {
        fn named(setting: &str) -> Option<&str> {
            Some(setting).filter(|name| !name.is_empty())
        }
        if [&columns.customer, &columns.date, &columns.channel].into_iter().any(String::is_empty) {
            mistaken::no_orders(file, held)?;
        }
        let need = |role: Role, setting: &str| columns::need(file, held, role, named(setting));
        let find = |role: Role, setting: &str| columns::find(file, held, role, named(setting));
        Ok(ContactMapping {
            customer: need(CONTACT_CUSTOMER, &columns.customer)?,
            date: need(CONTACT_DATE, &columns.date)?,
            channel: need(CHANNEL, &columns.channel)?,
            direction: find(DIRECTION, &columns.direction)?,
            outcome: find(OUTCOME, &columns.outcome)?,
            cost: find(CONTACT_COST, &columns.cost)?,
            satisfaction: find(SATISFACTION, &columns.satisfaction)?,
            response_time: find(RESPONSE_TIME, &columns.response_time)?,
            campaign: find(CAMPAIGN, &columns.campaign)?,
            control: find(CONTROL, &columns.control)?,
            agent: find(AGENT, &columns.agent)?,
        })
    }

    fn optional(&self) -> [(&'static str, &Option<String>); 8] {
        [
            ("direction", &self.direction),
            ("outcome", &self.outcome),
            ("cost", &self.cost),
            ("satisfaction", &self.satisfaction),
            ("response_time", &self.response_time),
            ("campaign", &self.campaign),
            ("control", &self.control),
            ("agent", &self.agent),
        ]
    }

    /// All columns that must be read, each once.
    fn names(&self) -> Vec<String> {
        let mut names = vec![self.customer.clone(), self.date.clone(), self.channel.clone()];
        names.extend(self.optional().into_iter().filter_map(|(_, column)| column.clone()));
        names.sort();
        names.dedup();
        names
    }
}

impl fmt::Display for ContactMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "customer = {}, date = {}, channel = {}", self.customer, self.date, self.channel)?;
        let mut rest = self.optional().into_iter().filter_map(|(role, column)| Some((role, column.as_ref()?)));
        rest.try_for_each(|(role, column)| write!(f, ", {role} = {column}"))
    }
}

/// What reading the contact log came to.
#[derive(Debug, Clone, Default)]
pub struct ContactsRead {
    /// The mapping of the first file.
    pub mapping: Option<ContactMapping>,
    /// Rows.
    pub rows: RowCounts,
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
    /// What a reader of the results should know of the log.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        [self.outcome_warning(), self.cost_warning()].into_iter().flatten()
    }

    fn cost_warning(&self) -> Option<String> {
        if !self.held.cost {
            let text =
                "the log has no costs, so contacts count as free in profit, corrections and plans; set contacts.costs";
            return Some(text.into());
        }
        let of = |(channel, without): (&String, &WithoutCost)| {
            let counts_as = if without.mean_known { "the mean of the others" } else { "free" };
            format!("'{channel}' ({} contacts, taken as {counts_as})", without.contacts)
        };
        let channels: Vec<String> = self.without_cost.iter().map(of).collect();
        (!channels.is_empty()).then(|| {
            format!("contacts without a cost: {}; give channels one under contacts.costs", channels.join(", "))
        })
    }

    fn outcome_warning(&self) -> Option<String> {
        let shown: Vec<String> =
            self.unknown_outcomes.iter().take(5).map(|(word, rows)| format!("'{word}' ({rows} contacts)")).collect();
        let more = self.unknown_outcomes.len().saturating_sub(shown.len());
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!shown.is_empty()).then(|| {
            format!(
                "unknown outcome words count as neutral: {}{rest}; list them under contacts.outcomes",
                shown.join(", ")
            )
        })
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
    }

    fn add(&mut self, turned: &Turned) {
        self.rows.read += turned.rows;
        self.rows.used += turned.contacts.len() as u64;
        self.rows.refused += turned.rejects.len() as u64;
        self.held.control |= turned.contacts.iter().any(|contact| contact.is_control);
        for (word, rows) in &turned.unknown_outcomes {
            *self.unknown_outcomes.entry(word.clone()).or_default() += rows;
        }
    }

    fn hold(&mut self, mapping: &ContactMapping, default_costs: bool) {
        let held = &mut self.held;
        held.direction |= mapping.direction.is_some();
        held.outcome |= mapping.outcome.is_some();
        held.cost |= mapping.cost.is_some() || default_costs;
        held.satisfaction |= mapping.satisfaction.is_some();
        held.response_time |= mapping.response_time.is_some();
        held.campaign |= mapping.campaign.is_some();
        self.mapping.get_or_insert_with(|| mapping.clone());
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
    pub customers: &'a IdIndex,
    /// Customers all of whose orders were returned, so that their contacts are refused under a rule of its own.
    pub without_purchase: &'a IdIndex,
}

impl ContactsReader<'_> {
    /// Which columns of a file would be used.
    ///
    /// # Errors
    /// [`TableError::Column`] where a needed column is not found.
    pub fn mapping(&self, source: &dyn Source) -> Result<ContactMapping, TableError> {
        ContactMapping::of(self.columns, source.name(), &source.columns(self.read)?)
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
        let mut dates = DateReader::new(self.read);
        let mut read = ContactsRead::default();
        let mut names = Numbering::default();
        for source in sources.iter().map(AsRef::as_ref) {
            let mapping = self.mapping(source)?;
            read.hold(&mapping, !self.quality.costs.is_empty());
            let held = source.columns(self.read)?;
            let filter = Filter::parse("contact_columns.where", source.name(), &held, &self.columns.condition)?;
            let plan = Plan { reader: self, source, mapping: &mapping, filter: filter.as_ref() };
            let mut columns = mapping.names();
            columns.extend(filter.iter().flat_map(|filter| filter.columns().iter().cloned()));
            columns.sort();
            columns.dedup();
            let mut settled = false;
            for_each_block(
                source,
                self.read,
                &Wanted { columns: &columns, fingerprints: false },
                control,
                |block| {
                    if !std::mem::replace(&mut settled, true) {
                        let looked = Looked { source, settings: self.read, control };
                        dates::settle(looked, &mapping.date, block, &mut dates)?;
                    }
                    Ok(dates.clone())
                },
                |block, dates| plan.turn(&block, &dates),
                |mut turned| {
                    control.add_rows(turned.rows);
                    read.add(&turned);
                    std::mem::take(&mut turned.rejects).into_iter().try_for_each(|reject| rejects.add(reject))?;
                    names.renumber(&mut turned)?;
                    take(turned.contacts);
                    Ok(())
                },
            )?;
        }
        if read.rows.read == 0 {
            let file = sources.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ");
            return Err(TableError::Empty { file, what: "there is a header but no contact" });
        }
        (read.channels, read.campaigns, read.agents) =
            (names.channels.names, names.campaigns.names, names.agents.names);
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
        Ok(())
    }
}
