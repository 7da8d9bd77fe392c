//! How a contact log is read, found out of the log itself.

use clivia_core::control::Control;
use clivia_core::notes::Note;

use crate::blocks::{Origin, each_block};
use crate::contacts::columns::customer_candidates;
use crate::contacts::{ContactMapping, ContactsReader};
use crate::dates;
use crate::dates::{DateReader, Looked};
use crate::error::TableError;
use crate::plan::{ContactsPlan, ReadSettings};
use crate::source::{Source, Wanted};

/// How a source would be read.
pub(super) fn plan(
    reader: &ContactsReader<'_>,
    source: &dyn Source,
    control: &Control,
) -> Result<ContactsPlan, TableError> {
    if let Some(plan) = reader.plan {
        return Ok(plan.clone());
    }
    let (mapping, _) = reader.settled_mapping(source, control)?;
    let mut dates = DateReader::new(reader.read);
    let wanted = [mapping.date.clone()];
    let wanted = Wanted { columns: &wanted, fingerprints: false };
    let (origin, mut first) = (Origin::of(source), None);
    source.read(&wanted, reader.read, &Control::default(), &mut |part| {
        first = part.into_block(&origin, false).transpose();
        first.is_none() && !control.is_cancelled()
    })?;
    control.check()?;
    if let Some(first) = first.transpose()? {
        let looked = Looked { source, settings: reader.read, control };
        dates::settle(looked, &mapping.date, &first, &mut dates)?;
    }
    planned(reader, source, &mapping, &dates)
}

/// The plan of a source of which everything has been found out.
pub(super) fn planned(
    reader: &ContactsReader<'_>,
    source: &dyn Source,
    mapping: &ContactMapping,
    dates: &DateReader,
) -> Result<ContactsPlan, TableError> {
    let ReadSettings { delimiter, encoding, decimal, date_format, timezone, .. } = source.settled(reader.read)?;
    Ok(ContactsPlan {
        version: ContactsPlan::VERSION,
        delimiter,
        encoding,
        decimal,
        date_format,
        day_or_month_first: dates.order,
        timezone,
        currency: None,
        amount_expression: None,
        columns: mapping.clone(),
    })
}

/// How many rows of a candidate hold an id, and how many that of a customer who ordered.
#[derive(Debug, Clone, Copy, Default)]
struct Match {
    ids: u64,
    known: u64,
}

impl ContactsReader<'_> {
    /// The mapping, in which the customer column is the one whose ids are those of the orders: where hardly any id of the
    /// usual one is, and most of another are, that is taken and said.
    pub(super) fn settled_mapping(
        &self,
        source: &dyn Source,
        control: &Control,
    ) -> Result<(ContactMapping, Option<Note>), TableError> {
        let mapping = self.mapping(source)?;
        if self.plan.is_some() || !self.columns.customer.is_empty() || !source.can_be_read_again() {
            return Ok((mapping, None));
        }
        let mut candidates = customer_candidates(&source.columns(self.read)?);
        candidates.retain(|name| *name != mapping.customer && !mapping.is_used(name));
        if candidates.is_empty() {
            return Ok((mapping, None));
        }
        candidates.insert(0, mapping.customer.clone());
        let matches = self.matches(source, &candidates, control)?;
        let usual = matches[0];
        let by_chance = |found: &Match| 100 * found.known < found.ids;
        let most = |found: &Match| found.known > 0 && 2 * found.known >= found.ids;
        let other = (1..candidates.len())
            .filter(|&place| most(&matches[place]))
            .max_by_key(|&place| (matches[place].known, std::cmp::Reverse(place)));
        let Some(other) = other.filter(|_| by_chance(&usual)) else { return Ok((mapping, None)) };
        let customer = candidates.swap_remove(other);
        let sentence = format!(
            "the customer of a contact is in {customer}: {} of {} rows hold a customer who ordered there, {} of {} in {}",
            matches[other].known, matches[other].ids, usual.known, usual.ids, mapping.customer
        );
        let remedy = format!("contact_columns.customer = \"{}\" takes the other column", mapping.customer);
        let note = Note::info("contact_customer", sentence).remedy(remedy);
        Ok((ContactMapping { customer, ..mapping }, Some(note)))
    }

    fn matches(&self, source: &dyn Source, candidates: &[String], control: &Control) -> Result<Vec<Match>, TableError> {
        let mut matches = vec![Match::default(); candidates.len()];
        // What is read twice counts once.
        each_block(source, self.read, candidates, &Control::default(), |block| {
            control.check()?;
            for (name, found) in candidates.iter().zip(&mut matches) {
                let cells = block.cells(name)?;
                for id in (0..block.height()).filter_map(|row| cells.id(row)) {
                    found.ids += 1;
                    found.known += u64::from(self.is_known(&id));
                }
            }
            Ok(())
        })?;
        Ok(matches)
    }
}
