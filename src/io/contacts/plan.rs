//! How a contact log is read, found out of the log itself.

use clivia_core::control::Control;
use clivia_core::notes::Note;

use crate::blocks::{each_block, first_block};
use crate::contacts::columns::customer_candidates;
use crate::contacts::{ContactMapping, ContactsReader};
use crate::dates;
use crate::dates::{DateReader, Looked};
use crate::error::TableError;
use crate::plan::ContactsPlan;
use crate::profiles::Part;
use crate::source::Source;

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
    if let Some(first) = first_block(source, reader.read, std::slice::from_ref(&mapping.date), control)? {
        let looked = Looked { source, settings: reader.read, control };
        dates::settle(looked, &mapping.date, &first, &mut dates)?;
    }
    let decimal = reader.decimal(&mapping, source, control)?;
    ContactsPlan::of(source, reader.read, mapping, decimal, dates.order)
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
        let held = source.columns(self.read)?;
        let mut candidates = customer_candidates(&held);
        for column in self.profile(&held)?.iter().flat_map(|profile| profile.all(Part::Customer, &held)) {
            if !candidates.contains(&column) {
                candidates.push(column);
            }
        }
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
        each_block(source, self.read, candidates, &control.uncounted(), |block| {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use clivia_core::base::Day;
    use clivia_core::base::ids::{IdIndex, Ids};
    use clivia_core::contacts::Contact;
    use clivia_core::contacts::quality::QualitySettings;

    use super::*;
    use crate::contacts::{ContactColumns, ContactsRead, Known};
    use crate::orders::ids::FoldIds;
    use crate::plan::ReadSettings;
    use crate::plan::ReadingPlan;
    use crate::rejects::Rejects;
    use crate::source::Batches;

    fn log(columns: &[(&str, [&str; 3])]) -> Arc<dyn Source> {
        let columns =
            columns.iter().map(|(name, cells)| (*name, Arc::new(StringArray::from(cells.to_vec())) as ArrayRef));
        let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
        Arc::new(Batches::new("contacts", batch.schema(), vec![batch]))
    }

    /// Reads a log of customers a and b, by a plan where there is one.
    fn read(
        log: &Arc<dyn Source>,
        columns: &ContactColumns,
        plan: Option<&ContactsPlan>,
    ) -> Result<(ContactsPlan, ContactsRead, Vec<Contact>), TableError> {
        let (settings, quality) = (ReadSettings::default(), QualitySettings::default());
        let ids: Ids = ["a", "b"].into_iter().collect();
        let reader = ContactsReader {
            read: &settings,
            columns,
            quality: &quality,
            as_of: Day(40_000),
            customers: Known { ids: &ids, index: &IdIndex::new(&ids), fold: FoldIds::Auto },
            without_purchase: &IdIndex::default(),
            plan,
        };
        let (control, mut contacts) = (Control::default(), Vec::new());
        let plan = reader.plan_of(log.as_ref(), &control)?;
        let mut rejects = Rejects::counting(false);
        let read = reader.read(std::slice::from_ref(log), &control, &mut rejects, |block| contacts.extend(block))?;
        Ok((plan, read, contacts))
    }

    #[test]
    fn a_log_is_read_by_its_plan_as_without() -> Result<(), TableError> {
        let source = log(&[
            ("customer", ["a", "b", "a"]),
            ("sent_at", ["03/04/2024", "25/12/2023", "01/02/2024"]),
            ("is_failed", ["0", "1", "0"]),
        ]);
        let columns =
            ContactColumns { channel_is: "email".into(), direction_is: "out".into(), ..ContactColumns::default() };
        let (plan, found, contacts) = read(&source, &columns, None)?;
        assert_eq!((found.not_sent, contacts.len(), &found.plan), (1, 2, &Some(plan.clone())));
        let text = plan.to_toml()?;
        assert!(text.contains("channel_is = \"email\"") && text.contains("day_first"), "{text}");
        let saved = ContactsPlan::parse(&text, "plan.toml")?;
        assert_eq!(saved, plan);
        // A part of it alone would not tell which is the day, and the settings name no channel.
        let part = log(&[
            ("customer", ["a", "b", "a"]),
            ("sent_at", ["03/04/2024", "", "01/02/2024"]),
            ("is_failed", ["", "", ""]),
        ]);
        let (_, _, planned) = read(&part, &ContactColumns::default(), Some(&saved))?;
        let shown = |contacts: &[Contact]| format!("{contacts:?}"); // absent numbers are equal to nothing
        assert_eq!(shown(&planned), shown(&contacts));
        let other = log(&[("customer", ["a"; 3]), ("sent_at", [""; 3]), ("failed", [""; 3])]);
        let error = read(&other, &columns, Some(&saved)).expect_err("another table");
        assert!(error.to_string().contains("its plan names the column 'is_failed'"), "{error}");
        assert!(ReadingPlan::parse(&text, "x").is_err(), "a plan of contacts is none of orders");
        Ok(())
    }
}
