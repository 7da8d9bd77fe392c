//! Whether the contacts are of the customers who ordered: how many are, and what the ids of the others look like.

use std::collections::BTreeSet;

use clivia_core::base::ids::{Id, IdIndex, Ids};
use clivia_core::notes::Note;

use crate::orders::ids::is_address;

/// Ids of strangers that are kept to be looked at.
const KEPT: usize = 64;

/// The code of the note that says how few contacts match.
pub const UNMATCHED: &str = "unmatched_contacts";

/// Below this share of contacts, those that match may do so by chance.
const CHANCE: f64 = 0.01;

/// How many contacts are of customers who ordered.
#[derive(Debug, Clone, Default)]
pub struct Matching {
    /// Contacts with an id.
    pub contacts: u64,
    /// Of customers who ordered.
    pub matched: u64,
    /// Ids of others: the first in the order of text, so that nothing depends on which came first.
    strangers: BTreeSet<String>,
}

impl Matching {
    pub(super) fn add(&mut self, id: &Id, is_known: bool) {
        self.contacts += 1;
        self.matched += u64::from(is_known);
        if !is_known {
            self.keep(id.to_string());
        }
    }

    fn keep(&mut self, id: String) {
        if self.strangers.len() < KEPT || self.strangers.last().is_some_and(|last| id < *last) {
            self.strangers.insert(id);
            if self.strangers.len() > KEPT {
                self.strangers.pop_last();
            }
        }
    }

    pub(super) fn merge(&mut self, other: Matching) {
        self.contacts += other.contacts;
        self.matched += other.matched;
        other.strangers.into_iter().for_each(|id| self.keep(id));
    }

    /// Whether there are contacts and none is of a customer who ordered.
    pub fn is_empty(&self) -> bool {
        self.contacts > 0 && self.matched == 0
    }

    /// Whether so few match that a map of them would say nothing.
    pub fn is_chance(&self) -> bool {
        (self.matched as f64) < CHANCE * self.contacts as f64
    }

    /// What a reader should know where few contacts match, or where the others only look different.
    pub(super) fn note(&self, customers: &Ids, index: &IdIndex) -> Option<Note> {
        let strangers = self.contacts - self.matched;
        if strangers == 0 || self.strangers.is_empty() {
            return None;
        }
        let difference = Difference::of(&self.strangers, index);
        if !(self.is_chance() || difference.is_some()) {
            return None;
        }
        let counted = format!("{} of {} contacts are of customers who ordered", self.matched, self.contacts);
        let looks = looks(&self.strangers, customers);
        let (cause, remedy) = match difference {
            Some(difference) => (difference.sentence(), difference.remedy()),
            None => ("", "name the column with the ids of the orders by contact_columns.customer"),
        };
        let sentence = format!("{counted}{looks}{cause}");
        let (note, otherwise) = match self.is_chance() {
            true => (
                Note::severe(UNMATCHED, sentence),
                "; contact_columns.unmatched = \"map\" draws the map of those that match",
            ),
            false => (Note::warning(UNMATCHED, sentence), ""),
        };
        let otherwise = if self.is_empty() { "" } else { otherwise };
        Some(note.remedy(format!("{remedy}{otherwise}")).rows(strangers, self.contacts))
    }
}

/// In what ids of the two files differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    Case,
    Blanks,
    LeadingZeros,
    Fraction,
}

impl Difference {
    const ALL: [Difference; 4] = [Difference::Case, Difference::Blanks, Difference::LeadingZeros, Difference::Fraction];

    /// The difference without which at least half of the strangers would be customers.
    fn of(strangers: &BTreeSet<String>, index: &IdIndex) -> Option<Self> {
        Self::ALL.into_iter().find(|difference| {
            let known = |id: &&String| difference.forms(id).iter().any(|form| index.find(&Id::new(form)).is_some());
            2 * strangers.iter().filter(known).count() >= strangers.len()
        })
    }

    /// How else an id may be written.
    fn forms(self, id: &str) -> Vec<String> {
        match self {
            Difference::Case => vec![id.to_lowercase(), id.to_uppercase()],
            Difference::Blanks => vec![id.chars().filter(|letter| !letter.is_whitespace()).collect()],
            Difference::LeadingZeros => zeros(id),
            Difference::Fraction => vec![id.trim_end_matches('0').trim_end_matches('.').into(), format!("{id}.0")],
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Difference::Case => "; they would match if upper and lower case were the same",
            Difference::Blanks => "; they would match without the blanks",
            Difference::LeadingZeros => "; they would match if leading zeros did not count",
            Difference::Fraction => "; they would match without the fraction",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Difference::Case => "write the ids of both files in one case",
            Difference::Blanks => "write the ids of both files without blanks",
            Difference::LeadingZeros => "export the ids of both files as text, with their leading zeros",
            Difference::Fraction => "export the ids of both files as text",
        }
    }
}

/// A number without its leading zeros, and with them up to the widths that are usual.
fn zeros(id: &str) -> Vec<String> {
    let plain = id.trim_start_matches('0');
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let plain = if plain.is_empty() { "0" } else { plain };
    std::iter::once(plain.into()).chain((plain.len() + 1..=12).map(|width| format!("{plain:0>width$}"))).collect()
}

/// What the ids of both sides look like, as shapes: `, whose ids look like AA999, while contacts have ids like aa999`.
fn looks(strangers: &BTreeSet<String>, customers: &Ids) -> String {
    let (own, theirs) = (usual_shape(customers.iter()), usual_shape(strangers.iter().map(String::as_str)));
    match (own, theirs) {
        (Some(own), Some(theirs)) if own != theirs => {
            format!(": order ids look like {own}, ids of other contacts like {theirs}")
        }
        (Some(own), _) => format!(": all ids look like {own}"),
        _ => String::new(),
    }
}

/// The shape that most of the first ids have, with what it stands for.
fn usual_shape<'a>(ids: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut shapes: Vec<String> = ids.take(1_000).map(shape).collect();
    shapes.sort_unstable();
    let most = shapes.chunk_by(|a, b| a == b).max_by_key(|equal| equal.len())?;
    most.first().cloned()
}

/// An id without what it says: letters as `A` or `a`, digits as 9, leading zeros and signs as they are.
fn shape(id: &str) -> String {
    if is_address(id) {
        return "an e-mail address".into();
    }
    let zeros = id.len() - id.trim_start_matches('0').len();
    let letter = |(place, letter): (usize, char)| match letter {
        '0' if place < zeros && zeros < id.len() => '0',
        letter if letter.is_ascii_digit() => '9',
        letter if letter.is_uppercase() => 'A',
        letter if letter.is_alphabetic() => 'a',
        sign => sign,
    };
    let shape: String = id.chars().enumerate().map(letter).take(20).collect();
    format!("'{shape}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(customers: &[&str], contacts: &[&str]) -> Option<(String, clivia_core::notes::Severity)> {
        let ids: Ids = customers.iter().copied().collect();
        let index = IdIndex::new(&ids);
        let mut matching = Matching::default();
        for id in contacts.iter().map(|id| Id::new(id)) {
            matching.add(&id, index.find(&id).is_some());
        }
        matching.note(&ids, &index).map(|note| (note.to_string(), note.severity))
    }

    #[test]
    fn ids_that_only_look_different_are_told() {
        for (customers, contacts, said) in [
            (
                ["AB12", "CD34"],
                ["ab12", "cd34"],
                "order ids look like 'AA99', ids of other contacts like 'aa99'; they would match if upper",
            ),
            (["7", "12"], ["0007", "0012"], "like '0099'; they would match if leading zeros did not count: export"),
            (["0007", "0012"], ["7", "12"], "would match if leading zeros"),
            (["A1", "B2"], ["A 1", "B 2"], "like 'A 9'; they would match without the blanks"),
            (["A1", "B2"], ["x@y.pl", "z@y.pl"], "ids of other contacts like an e-mail address: name the column"),
        ] {
            let (text, severity) = note(&customers, &contacts).expect("a note");
            assert!(text.starts_with("0 of 2 contacts are of customers who ordered") && text.contains(said), "{text}");
            assert_eq!(severity, clivia_core::notes::Severity::Severe);
        }
    }

    #[test]
    fn strangers_among_many_customers_are_nothing_to_tell() {
        assert_eq!(note(&["a", "b"], &["a", "b", "z", "y"]), None);
        assert_eq!(note(&["a", "b"], &[]), None);
        let (text, severity) = note(&["AB", "CD", "EF"], &["AB", "cd", "ef"]).expect("a note");
        assert!(text.starts_with("1 of 3 contacts") && text.contains("one case"), "{text}");
        assert_eq!(severity, clivia_core::notes::Severity::Warning);
    }

    #[test]
    fn the_ids_that_are_kept_do_not_depend_on_their_order() {
        let ids: Vec<String> = (0..500).map(|n| format!("x{}", n * 7 % 500)).collect();
        let of = |ids: &mut dyn Iterator<Item = &String>| {
            let mut matching = Matching::default();
            ids.for_each(|id| matching.add(&Id::new(id), false));
            matching
        };
        let mut halves = of(&mut ids[250..].iter());
        halves.merge(of(&mut ids[..250].iter()));
        assert_eq!(halves.strangers, of(&mut ids.iter().rev()).strangers);
        assert_eq!((halves.strangers.len(), halves.contacts), (KEPT, 500));
    }
}
