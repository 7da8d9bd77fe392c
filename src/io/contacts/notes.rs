//! What a reader of the results should know of a contact log.

use clivia_core::contacts::Consent;
use clivia_core::notes::Note;

use crate::contacts::{ContactsRead, WithoutCost};

impl ContactsRead {
    /// What a reader of the results should know of the log, after [`ContactsRead::finish`].
    pub fn notes(&self) -> Vec<Note> {
        let found = [self.not_sent_note(), self.outcome_note(), self.cost_note()];
        self.notes.iter().cloned().chain(found.into_iter().flatten()).collect()
    }

    /// Rows that are no contacts, by which columns.
    fn not_sent_note(&self) -> Option<Note> {
        let mapping = self.mapping.as_ref().filter(|_| self.not_sent > 0)?;
        let columns: Vec<&str> = mapping.failed.iter().chain(&mapping.status).map(String::as_str).collect();
        let sentence = format!(
            "{} of {} rows of the contact log were not sent, by {}, and count as no contacts",
            self.not_sent,
            self.rows.read,
            columns.join(" and ")
        );
        let all = 2 * self.not_sent > self.rows.read;
        let note = if all { Note::warning("not_sent", sentence) } else { Note::info("not_sent", sentence) };
        let remedy = match (mapping.failed.is_empty(), &mapping.status) {
            (false, None) => "to count them, set contact_columns.failed = \"none\"",
            (true, _) => "to count them, set contact_columns.status = \"none\"",
            _ => "to count them, set contact_columns.failed = \"none\" and contact_columns.status = \"none\"",
        };
        Some(note.remedy(remedy).rows(self.not_sent, self.rows.read))
    }

    /// Which columns say what customers refuse, `table` being those of the customers table.
    pub fn consent_note(&self, consent: &Consent, table: &[(String, u64)]) -> Option<Note> {
        let customers = consent.customers() as u64;
        let of_log = self.mapping.iter().flat_map(|mapping| mapping.consent.iter().cloned());
        let of_table = table.iter().filter(|(_, refusing)| *refusing > 0).map(|(name, _)| name.clone());
        let columns: Vec<String> = of_table.chain(of_log).collect();
        (customers > 0).then(|| {
            let sentence = format!(
                "{customers} customers refuse channels, by {}, so no correction proposes these to them",
                columns.join(" and ")
            );
            Note::info("consent", sentence).remedy("contact_columns.consent = \"ignore\" takes no notice of it")
        })
    }

    fn cost_note(&self) -> Option<Note> {
        if !self.held.cost {
            let text = "the log has no costs, so contacts count as free in profit, corrections and plans";
            return Some(Note::warning("no_contact_costs", text).remedy("set contacts.costs"));
        }
        let of = |(channel, without): (&String, &WithoutCost)| {
            let counts_as = if without.mean_known { "the mean of the others" } else { "free" };
            format!("'{channel}' ({} contacts, taken as {counts_as})", without.contacts)
        };
        let channels: Vec<String> = self.without_cost.iter().map(of).collect();
        let contacts = self.without_cost.values().map(|without| without.contacts).sum();
        (!channels.is_empty()).then(|| {
            Note::warning("contacts_without_cost", format!("contacts without a cost: {}", channels.join(", ")))
                .remedy("give channels one under contacts.costs")
                .rows(contacts, self.rows.used)
        })
    }

    fn outcome_note(&self) -> Option<Note> {
        let shown: Vec<String> =
            self.unknown_outcomes.iter().take(5).map(|(word, rows)| format!("'{word}' ({rows} contacts)")).collect();
        let more = self.unknown_outcomes.len().saturating_sub(shown.len());
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        let rows = self.unknown_outcomes.values().sum();
        (!shown.is_empty()).then(|| {
            let sentence = format!("unknown outcome words count as neutral: {}{rest}", shown.join(", "));
            Note::warning("unknown_outcomes", sentence)
                .remedy("list them under contacts.outcomes")
                .rows(rows, self.rows.used)
        })
    }
}
