//! The contact log: from the file's columns to customer, day and channel.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cells::Cells;
use super::columns::{self, CHANNEL, CONTACT_CUSTOMER, CONTACT_DATE};
use super::dates::DateReader;
use super::orders::{RowCounts, cells, settle_dates};
use super::rejects::{Reject, Rejects, Rule};
use super::sources::Source;
use super::{Block, Progress, ReadSettings, TableError, Wanted, column_names, for_each_block};
use crate::contacts::Contact;
use crate::ids::IdIndex;
use crate::units::Day;

/// Which columns of the contact log are used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactColumns {
    /// The customer column; found by its name where empty.
    pub customer: String,
    /// The column of the contact's date or timestamp; found by its name where empty.
    pub date: String,
    /// The channel column; found by its name where empty.
    pub channel: String,
}

/// Which column plays which part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactMapping {
    /// Who.
    pub customer: String,
    /// When.
    pub date: String,
    /// How.
    pub channel: String,
}

impl fmt::Display for ContactMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "customer = {}, date = {}, channel = {}", self.customer, self.date, self.channel)
    }
}

/// What reading the contact log came to.
#[derive(Debug, Clone, Default)]
pub struct ContactsRead {
    /// The mapping of the first file.
    pub mapping: Option<ContactMapping>,
    /// Rows.
    pub rows: RowCounts,
    /// Channels as they are written, in the order in which they were met.
    pub channels: Vec<String>,
}

/// Settings for a whole reading.
#[derive(Debug, Clone, Copy)]
pub struct ContactsReader<'a> {
    /// How files are read.
    pub read: &'a ReadSettings,
    /// Which columns are used.
    pub columns: &'a ContactColumns,
    /// Rows after this day are refused.
    pub as_of: Day,
    /// Customers who are on the map; contacts of others are refused.
    pub customers: &'a IdIndex,
    /// Customers whose every order was undone, so that their contacts are refused under a rule of its own.
    pub without_purchase: &'a IdIndex,
}

impl ContactsReader<'_> {
    /// Which columns of a file would be used.
    ///
    /// # Errors
    /// [`TableError::Column`] where a needed column is not found.
    pub fn mapping(&self, source: &Source) -> Result<ContactMapping, TableError> {
        let held = column_names(source, self.read)?;
        let need = |role, setting: &str| {
            columns::need(&source.name, &held, role, Some(setting).filter(|name| !name.is_empty()))
        };
        Ok(ContactMapping {
            customer: need(CONTACT_CUSTOMER, &self.columns.customer)?,
            date: need(CONTACT_DATE, &self.columns.date)?,
            channel: need(CHANNEL, &self.columns.channel)?,
        })
    }

    /// Reads the files in order; `take` gets the channels met so far and a block of contacts.
    ///
    /// # Errors
    /// [`TableError`] where a file cannot be read as a whole, or at the first refused row in strict mode.
    pub fn read(
        &self,
        sources: &[Source],
        progress: &Arc<Progress>,
        rejects: &mut Rejects,
        mut take: impl FnMut(&[String], &[Contact]),
    ) -> Result<ContactsRead, TableError> {
        let format = Some(self.read.date_format.clone()).filter(|format| !format.is_empty());
        let mut dates = DateReader { format, timezone: self.read.timezone, order: None };
        let mut read = ContactsRead::default();
        let mut places = HashMap::new();
        for source in sources {
            let mapping = self.mapping(source)?;
            read.mapping.get_or_insert_with(|| mapping.clone());
            let names = [mapping.customer.clone(), mapping.date.clone(), mapping.channel.clone()];
            let mut settled = false;
            for_each_block(
                source,
                self.read,
                &Wanted { columns: &names, fingerprints: false },
                progress,
                |block| {
                    if !std::mem::replace(&mut settled, true) {
                        settle_dates(source, &mapping.date, block, &mut dates)?;
                    }
                    Ok(dates.clone())
                },
                |block, dates| self.turn(source, &mapping, &dates, &block),
                |turned| {
                    progress.add_rows(turned.rows);
                    read.rows.read += turned.rows;
                    read.rows.used += turned.contacts.len() as u64;
                    read.rows.refused += turned.rejects.len() as u64;
                    turned.rejects.into_iter().try_for_each(|reject| rejects.add(reject))?;
                    let contacts = number_channels(turned.contacts, &turned.channels, &mut read.channels, &mut places);
                    take(&read.channels, &contacts?);
                    Ok(())
                },
            )?;
        }
        if read.rows.read == 0 {
            let file = sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(TableError::Empty { file, what: "there is a header but no contact" });
        }
        Ok(read)
    }

    fn turn(
        &self,
        source: &Source,
        mapping: &ContactMapping,
        dates: &DateReader,
        block: &Block,
    ) -> Result<Turned, TableError> {
        let customer = cells(source, block, &mapping.customer)?;
        let date = cells(source, block, &mapping.date)?;
        let channel = cells(source, block, &mapping.channel)?;
        let mut turned = Turned { rows: (block.frame.height() + block.broken.len()) as u64, ..Turned::default() };
        let reject = |row, column: &str, value, rule| Reject {
            file: source.name.clone(),
            row,
            column: column.into(),
            value,
            rule,
        };
        for broken in &block.broken {
            turned.rejects.push(reject(broken.row, "", broken.value.clone(), broken.rule));
        }
        let mut places = HashMap::new();
        for row in 0..block.frame.height() {
            let contact = self.contact(&customer, &date, &channel, dates, row);
            match contact {
                Ok((customer, day, name)) => {
                    let place = *places.entry(name.clone()).or_insert_with(|| {
                        turned.channels.push(name);
                        turned.channels.len() - 1
                    });
                    turned.contacts.push((customer, day, place));
                }
                Err(rule) => {
                    let (column, cells) = match rule {
                        Rule::MissingCustomer | Rule::UnknownCustomer | Rule::CustomerWithoutPurchase => {
                            (&mapping.customer, &customer)
                        }
                        Rule::MissingChannel => (&mapping.channel, &channel),
                        _ => (&mapping.date, &date),
                    };
                    turned.rejects.push(reject(block.rows.get(row), column, cells.show(row), rule));
                }
            }
        }
        turned.rejects.sort_by_key(|reject| reject.row);
        Ok(turned)
    }

    fn contact(
        &self,
        customer: &Cells,
        date: &Cells,
        channel: &Cells,
        dates: &DateReader,
        row: usize,
    ) -> Result<(u32, Day, String), Rule> {
        let id = customer.id(row).ok_or(Rule::MissingCustomer)?;
        let day = date.day(row, dates)?;
        if day < self.read.earliest || day > self.read.latest {
            return Err(Rule::DateOutOfRange);
        }
        if day > self.as_of {
            return Err(Rule::AfterAsOf);
        }
        let channel = channel.name(row).ok_or(Rule::MissingChannel)?;
        match self.customers.find(&id) {
            Some(customer) => Ok((customer, day, channel.into_owned())),
            None if self.without_purchase.find(&id).is_some() => Err(Rule::CustomerWithoutPurchase),
            None => Err(Rule::UnknownCustomer),
        }
    }
}

/// What a block came to; channels are numbered within the block.
#[derive(Default)]
struct Turned {
    contacts: Vec<(u32, Day, usize)>,
    channels: Vec<String>,
    rejects: Vec<Reject>,
    rows: u64,
}

/// Renumbers a block's channels to those of the whole log.
fn number_channels(
    contacts: Vec<(u32, Day, usize)>,
    own: &[String],
    all: &mut Vec<String>,
    places: &mut HashMap<String, u16>,
) -> Result<Vec<Contact>, TableError> {
    let mut numbers = Vec::with_capacity(own.len());
    for name in own {
        let number = match places.get(name) {
            Some(number) => *number,
            None => {
                let next = u16::try_from(all.len()).map_err(|_| TableError::Setting {
                    setting: "contact_columns.channel",
                    cause: "the channel column holds more than 65,535 different values; it is not a channel column"
                        .into(),
                })?;
                all.push(name.clone());
                places.insert(name.clone(), next);
                next
            }
        };
        numbers.push(number);
    }
    Ok(contacts.into_iter().map(|(customer, day, place)| Contact { customer, day, channel: numbers[place] }).collect())
}
