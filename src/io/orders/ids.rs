//! Customer ids that are not what they seem: placeholders, numbers without their last digits, addresses in two spellings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use clivia_core::notes::Note;

use crate::frame::is_totals_row;

/// Whether ids that differ only in case and blanks are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FoldIds {
    /// Where they are e-mail addresses.
    #[default]
    Auto,
    /// They are.
    Always,
    /// They are not.
    Never,
}

impl FoldIds {
    /// An id of another table, as orders have it.
    pub fn of(self, id: &str) -> Cow<'_, str> {
        match self {
            FoldIds::Auto if is_address(id) => folded(id),
            FoldIds::Always => folded(id),
            FoldIds::Auto | FoldIds::Never => Cow::Borrowed(id),
        }
    }
}

/// What happens to ids that stand for nobody, such as `0` or `guest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Placeholders {
    /// The reading stops and asks.
    #[default]
    Ask,
    /// Their rows are refused.
    Refuse,
    /// They are customers.
    Keep,
}

/// How an id becomes a customer's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdRule {
    /// Whether ids that differ only in case and blanks are one.
    pub fold: bool,
    /// Ids that stand for nobody, as they are after folding.
    pub refuse: Vec<String>,
}

impl IdRule {
    /// Whether every id stays as it is.
    pub fn changes_nothing(&self) -> bool {
        !self.fold && self.refuse.is_empty()
    }

    /// The customer that an id means; `None` where it stands for nobody.
    pub fn of<'i>(&self, id: &'i str) -> Option<Cow<'i, str>> {
        let id = if self.fold { folded(id) } else { Cow::Borrowed(id) };
        (!self.refuse.iter().any(|refused| *refused == id)).then_some(id)
    }
}

/// An id without capitals and with one blank at most between its words; of `Ann <ann@mail.example>` the address.
pub(crate) fn folded(id: &str) -> Cow<'_, str> {
    let bracketed = id.trim_end().strip_suffix('>').and_then(|id| id.rsplit_once('<'));
    let id = bracketed.map(|(_, address)| address).filter(|address| is_address(address)).unwrap_or(id);
    let is_plain = |letter: u8| letter.is_ascii_graphic() && !letter.is_ascii_uppercase();
    if id.bytes().all(is_plain) {
        return Cow::Borrowed(id);
    }
    let words: Vec<String> = id.split_whitespace().map(str::to_lowercase).collect();
    Cow::Owned(words.join(" "))
}

/// Whether an id is an e-mail address.
pub(crate) fn is_address(id: &str) -> bool {
    let parts = id.trim().split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && host.len() > 2 && !host.contains(['@', ' ']))
}

/// A number as a spreadsheet shows it where it is too long: `4.93E+11`.
pub(crate) fn has_lost_digits(id: &str) -> bool {
    let Some((mantissa, exponent)) = id.split_once("E+").or_else(|| id.split_once("e+")) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
    let (whole, part) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(part) && digits(exponent)
}

/// What kind of placeholder an id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placeholder {
    /// A word that is nobody's id.
    Word,
    /// A number that can be somebody's id, too.
    Number,
}

/// Words that stand for nobody, in small letters.
#[rustfmt::skip]
const NOBODY: &[&str] = &[
    "guest", "guest checkout", "guest user", "guest customer", "gast", "gość", "gosc", "invité", "invitado", "ospite",
    "oaspete",
    "гост", "test", "tester", "n/a", "na", "none", "null", "nil", "unknown", "unbekannt", "nieznany", "inconnu",
    "desconocido",
    "sconosciuto", "necunoscut", "неизвестен", "anonymous", "anonym", "anon", "anonimowy", "anonyme", "anónimo",
    "anonimo",
    "undefined", "(not set)", "not set", "no customer", "walk-in", "walkin", "walk-in customer", "cash customer",
    "dummy",
    "noemail", "no-email", "nomail", "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "-", "?",
    "laufkundschaft", "laufkunde", "barkunde", "walk in", "walk in customer", "walkin customer", "walk-in client",
    "walk-in guest", "client de passage", "klient detaliczny",
];

/// Whether an id looks like one that stands for nobody.
pub(crate) fn placeholder(id: &str) -> Option<Placeholder> {
    let quick = id.len() > 64 || id.bytes().next().is_some_and(|first| (b'1'..=b'8').contains(&first));
    if quick {
        return None;
    }
    let name = id.split_once('@').filter(|_| is_address(id)).map_or(id, |(name, _)| name).trim().to_lowercase();
    if NOBODY.contains(&name.as_str()) || is_totals_row([name.as_str()]) {
        return Some(Placeholder::Word);
    }
    let all = |wanted: &[char]| name.chars().all(|sign| wanted.contains(&sign));
    let has = |wanted: char| name.contains(wanted);
    let zeros = all(&['0', '-']) && has('0');
    let nines = all(&['9']) && name.len() >= 4;
    match zeros || nines || name == "-1" {
        true if has('-') && zeros => Some(Placeholder::Word),
        true => Some(Placeholder::Number),
        false if !name.is_empty() && all(&['-', '?', '.', '_', 'x']) => Some(Placeholder::Word),
        false => None,
    }
}

/// What was seen of the ids of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdEvidence {
    /// Ids that were seen.
    pub ids: u64,
    addresses: u64,
    lost_digits: u64,
    /// The first of them by its letters.
    example: Option<String>,
    /// How often each one was seen that looks as if it stood for nobody, or that is watched.
    suspects: BTreeMap<String, u64>,
    watched: Vec<String>,
}

impl IdEvidence {
    /// Evidence that counts these ids, too.
    pub fn watching(ids: impl IntoIterator<Item = String>) -> Self {
        IdEvidence { watched: ids.into_iter().collect(), ..IdEvidence::default() }
    }

    /// Looks at the id of a row.
    #[inline]
    pub fn add(&mut self, id: &str) {
        self.ids += 1;
        self.addresses += u64::from(is_address(id));
        if has_lost_digits(id) {
            self.lost_digits += 1;
            if self.example.as_deref().is_none_or(|example| id < example) {
                self.example = Some(id.into());
            }
        }
        if placeholder(id).is_some() || self.watched.iter().any(|watched| watched == id) {
            *self.suspects.entry(id.into()).or_default() += 1;
        }
    }

    /// Looks at the id of a row that is a whole number.
    #[inline]
    pub fn add_number(&mut self, id: i64) {
        match id > 0 && id % 10 != 9 && self.watched.is_empty() {
            true => self.ids += 1,
            false => self.add(&id.to_string()),
        }
    }

    /// The same, with what was seen of other rows.
    pub fn merge(&mut self, other: &IdEvidence) {
        self.ids += other.ids;
        self.addresses += other.addresses;
        self.lost_digits += other.lost_digits;
        let examples = [self.example.take(), other.example.clone()];
        self.example = examples.into_iter().flatten().min();
        for (id, rows) in &other.suspects {
            *self.suspects.entry(id.clone()).or_default() += rows;
        }
        let more = other.watched.iter().filter(|id| !self.watched.contains(id)).cloned().collect::<Vec<_>>();
        self.watched.extend(more);
        self.watched.sort();
    }

    /// Whether the ids are e-mail addresses: nearly all of them.
    pub fn is_of_addresses(&self) -> bool {
        self.ids > 0 && self.addresses * 10 >= self.ids * 9
    }

    /// How often an id was seen that looks as if it stood for nobody.
    pub fn suspect(&self, id: &str) -> u64 {
        self.suspects.get(id).copied().unwrap_or_default()
    }

    /// All of them, with how often they were seen.
    pub fn suspects(&self) -> impl Iterator<Item = (&str, u64)> {
        self.suspects.iter().map(|(id, rows)| (id.as_str(), *rows))
    }

    /// Ids that have lost their digits.
    pub fn notes(&self, column: &str) -> Vec<Note> {
        let Some(example) = &self.example else { return Vec::new() };
        let sentence = format!(
            "column '{column}' holds ids such as '{example}': a spreadsheet has rounded them, so that different customers \
             have become one"
        );
        let note = Note::severe("ids_lost_digits", sentence).rows(self.lost_digits, self.ids);
        vec![note.remedy(
            "export the table anew without opening it in a spreadsheet, or name another column with orders.customer",
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_stand_for_nobody_are_known() {
        for id in [
            "guest",
            "Guest",
            "N/A",
            "walk-in",
            "-",
            "--",
            "???",
            "noemail@shop.example",
            "noreply@shop.example",
            "guest@shop.example",
            "Laufkundschaft",
            "Walk-in Customer",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert_eq!(placeholder(id), Some(Placeholder::Word), "{id}");
        }
        for id in ["0", "000", "-1", "9999", "99999999"] {
            assert_eq!(placeholder(id), Some(Placeholder::Number), "{id}");
        }
        for id in [
            "1",
            "10",
            "99",
            "999",
            "90",
            "guesthouse",
            "Nancy",
            "test7",
            "a@b.example",
            "-5",
            "0x1",
            "K0",
            "Unknown Pleasures",
        ] {
            assert_eq!(placeholder(id), None, "{id}");
        }
    }

    #[test]
    fn digits_are_lost_only_where_a_spreadsheet_wrote_them() {
        assert!(["4.93E+11", "4.68769E+15", "1E+12", "4,93E+11"].into_iter().all(has_lost_digits));
        assert!(
            !["4E10", "12.5E+3", "E+12", "1.E+12", "ABE+12", "4.93E-11", "493000000000"]
                .into_iter()
                .any(has_lost_digits)
        );
    }

    #[test]
    fn addresses_are_told_from_other_ids() {
        assert!(["a@b.example", " A.B@C.EXAMPLE "].into_iter().all(is_address));
        let of = |fold: FoldIds| [" A.B@C.EXAMPLE ", "AB 1"].map(|id| fold.of(id).into_owned());
        assert_eq!(of(FoldIds::Auto), ["a.b@c.example", "AB 1"]);
        assert_eq!(of(FoldIds::Always), ["a.b@c.example", "ab 1"]);
        assert_eq!(of(FoldIds::Never), [" A.B@C.EXAMPLE ", "AB 1"]);
        assert!(!["@home", "a@", "a@b c", "a@b@c.d", "K1"].into_iter().any(is_address));
    }

    #[test]
    fn folding_leaves_nothing_but_case_and_blanks_aside() {
        let rule = IdRule { fold: true, refuse: vec!["guest".into()] };
        assert_eq!(rule.of("A.B@C.Example").as_deref(), Some("a.b@c.example"));
        assert_eq!(rule.of("Zoë  K").as_deref(), Some("zoë k"));
        assert_eq!((rule.of("GUEST"), rule.of("guests").as_deref()), (None, Some("guests")));
        assert_eq!(IdRule::default().of("A b").as_deref(), Some("A b"));
        assert!(IdRule::default().changes_nothing() && !rule.changes_nothing());
    }

    #[test]
    fn evidence_of_parts_is_that_of_the_whole() {
        let ids = ["a@b.example", "0", "4.93E+11", "guest", "4.1E+11", "K1", "0"];
        let of = |ids: &[&str]| {
            let mut evidence = IdEvidence::watching(["K1".to_string()]);
            ids.iter().for_each(|id| evidence.add(id));
            evidence
        };
        let (mut one, mut other) = (of(&ids[..3]), of(&ids[3..]));
        one.merge(&of(&ids[3..]));
        other.merge(&of(&ids[..3]));
        assert_eq!((&one, &other), (&of(&ids), &one));
        assert_eq!((one.suspect("0"), one.suspect("K1"), one.suspect("guest"), one.suspect("a")), (2, 1, 1, 0));
        let note = &one.notes("id")[0];
        assert!(note.sentence.contains("'4.1E+11'") && note.rows == Some(2), "{note}");
        assert!(!one.is_of_addresses());
    }
}
