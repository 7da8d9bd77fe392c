//! Columns that say by which channels customers may be contacted: `do_not_call`, `email_opt_in`, `unsubscribed_at`.

use clivia_core::base::Day;
use clivia_core::contacts::consent::{About, Medium, Refusal};
use serde::{Deserialize, Serialize};

use crate::cells::Cells;
use crate::columns::normal;
use crate::dates::DateReader;

/// What is done with refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentPolicy {
    /// No correction proposes a channel that its customer refuses.
    #[default]
    Obey,
    /// Columns of consent are not looked at.
    Ignore,
}

/// A column of consent, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentColumn {
    scope: Scope,
    /// Whether a yes is a refusal, as in `do_not_call`.
    yes_refuses: bool,
}

/// By which channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Everything,
    Media(&'static [Medium]),
    /// In a log the row's own channel; elsewhere these, or every one.
    Own(Option<&'static [Medium]>),
}

/// Words that a name begins or ends with, and whether a yes then refuses. Longer ones come before their parts.
const POLARITY: [(&str, bool); 20] = [
    ("unsubscribedfrom", true),
    ("unsubscribed", true),
    ("unsubscribe", true),
    ("donotallow", true),
    ("donotsend", true),
    ("donot", true),
    ("optedoutof", true),
    ("optoutof", true),
    ("optedout", true),
    ("optout", true),
    ("blacklisted", true),
    ("optedinto", false),
    ("optedin", false),
    ("optin", false),
    ("consentto", false),
    ("consentfor", false),
    ("consent", false),
    ("subscribed", false),
    ("accepts", false),
    ("accept", false),
];

/// Words of a name that say nothing about the channel.
const FILLERS: [&str; 20] = [
    "buyer",
    "customer",
    "is",
    "has",
    "marketing",
    "direct",
    "contact",
    "communications",
    "communication",
    "level",
    "status",
    "state",
    "date",
    "time",
    "at",
    "on",
    "to",
    "for",
    "all",
    "any",
];

/// Words of a name that say by which channel.
const MEDIA: [(&str, &[Medium]); 28] = [
    ("email", &[Medium::Email]),
    ("emails", &[Medium::Email]),
    ("bulkemail", &[Medium::Email]),
    ("bulkemails", &[Medium::Email]),
    ("newsletter", &[Medium::Email]),
    ("newsletters", &[Medium::Email]),
    ("phone", &[Medium::Phone]),
    ("call", &[Medium::Phone]),
    ("calls", &[Medium::Phone]),
    ("phonecall", &[Medium::Phone]),
    ("phonecalls", &[Medium::Phone]),
    ("telephone", &[Medium::Phone]),
    ("telemarketing", &[Medium::Phone]),
    ("voice", &[Medium::Phone]),
    ("sms", &[Medium::Text]),
    ("text", &[Medium::Text]),
    ("texts", &[Medium::Text]),
    ("textmessages", &[Medium::Text]),
    ("post", &[Medium::Post]),
    ("postal", &[Medium::Post]),
    ("postalmail", &[Medium::Post]),
    ("letter", &[Medium::Post]),
    ("directmail", &[Medium::Post]),
    ("mail", &[Medium::Email, Medium::Post]),
    ("mails", &[Medium::Email, Medium::Post]),
    ("push", &[Medium::Push]),
    ("pushnotifications", &[Medium::Push]),
    ("visit", &[Medium::Visit]),
];

impl ConsentColumn {
    /// What a column of this name says, if it is one of consent.
    pub fn of(name: &str) -> Option<Self> {
        let name = normal(name);
        POLARITY.iter().find_map(|&(word, yes_refuses)| {
            let rest = without(&name, word)?;
            Some(ConsentColumn { scope: scope(word, &rest)?, yes_refuses })
        })
    }

    /// What is refused by a column of the customers table.
    pub fn about(self) -> About {
        match self.scope {
            Scope::Everything | Scope::Own(None) => About::Everything,
            Scope::Media(media) | Scope::Own(Some(media)) => About::Media(media),
        }
    }

    /// What is refused by a column of the log, in a row of this channel.
    pub fn about_contact(self, channel: u16) -> About {
        match self.scope {
            Scope::Own(_) => About::Channel(channel),
            _ => self.about(),
        }
    }

    /// Whether a cell refuses; `None` where it says nothing.
    pub fn refuses(self, cells: &Cells, row: usize) -> Option<bool> {
        let word = cells.name(row)?;
        let said = Answer::of(&normal(&word))?;
        Some(match said {
            Answer::Refusal => true,
            Answer::Consent => false,
            Answer::No => !self.yes_refuses,
            Answer::Yes => self.yes_refuses,
        })
    }

    /// The day from which a cell that refuses does: its own where it is one.
    pub(crate) fn since(self, cells: &Cells, row: usize, dates: &DateReader) -> Day {
        // A flag is no time: 1 would be a second of 1970.
        let is_written = |cells: &Cells| cells.name(row).is_some_and(|word| word.len() >= 8);
        let day = Some(cells).filter(|cells| self.yes_refuses && is_written(cells));
        day.and_then(|cells| cells.moment(row, dates).ok()).map_or(Refusal::ALWAYS, |at| at.day)
    }
}

/// What stands before or behind a word of a name.
fn without(name: &str, word: &str) -> Option<String> {
    let at = name.find(word)?;
    let (before, after) = (&name[..at], &name[at + word.len()..]);
    Some(format!("{before} {after}"))
}

/// By which channels, by the rest of a name; `None` where that is about something else, as in `accepts_terms`.
fn scope(word: &str, rest: &str) -> Option<Scope> {
    let mut parts = rest.split(' ').map(without_fillers).filter(|part| !part.is_empty());
    let medium = match (parts.next(), parts.next()) {
        (None, _) => None,
        (Some(part), None) => Some(MEDIA.iter().find(|(name, _)| *name == part)?.1),
        _ => return None,
    };
    match medium {
        Some(media) => Some(Scope::Media(media)),
        None if word.starts_with("unsub") => Some(Scope::Own(Some(&[Medium::Email]))),
        // "Do not contact" is about every channel, and `accepts` alone may be about anything.
        None if word.starts_with("donot") => rest.contains("contact").then_some(Scope::Everything),
        None if word.starts_with("accept") => rest.contains("marketing").then_some(Scope::Own(None)),
        None if word == "subscribed" => None,
        None => Some(Scope::Own(None)),
    }
}

/// A part of a name with the words at its ends left out that say nothing about the channel.
fn without_fillers(part: &str) -> &str {
    let strip = |part: &'_ str, filler: &&str| part.starts_with(*filler) || part.ends_with(*filler);
    match FILLERS.iter().find(|filler| !MEDIA.iter().any(|(name, _)| *name == part) && strip(part, filler)) {
        None => part,
        Some(filler) => {
            let rest = part.strip_prefix(*filler).or_else(|| part.strip_suffix(*filler)).unwrap_or(part);
            without_fillers(rest)
        }
    }
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// Whatever the column asks.
    Refusal,
    /// Likewise.
    Consent,
}

impl Answer {
    /// Of a word in letters and digits; `None` of one that says neither.
    fn of(word: &str) -> Option<Self> {
        match word {
            "" | "pending" | "unknown" | "invalid" | "na" | "notasked" | "notset" => None,
            "0" | "no" | "n" | "f" | "false" | "off" | "nein" | "nie" | "nu" | "non" | "не" => Some(Answer::No),
            "refused" | "denied" | "declined" | "withdrawn" | "revoked" | "unsubscribed" | "notsubscribed"
            | "neversubscribed" | "optout" | "optedout" | "out" | "blocked" | "donotallow" => Some(Answer::Refusal),
            "granted" | "given" | "subscribed" | "optin" | "optedin" | "in" | "allow" | "allowed" | "accepted"
            | "confirmed" | "singleoptin" | "confirmedoptin" => Some(Answer::Consent),
            // How databases write that there is no date.
            _ if is_no_date(word) => None,
            _ => Some(Answer::Yes),
        }
    }
}

fn is_no_date(word: &str) -> bool {
    ["0000", "00010101", "19000101", "19700101"].iter().any(|nothing| word.len() >= 8 && word.starts_with(nothing))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, StringArray};

    use super::*;
    use crate::plan::ReadSettings;

    fn about(name: &str) -> Option<(About, bool)> {
        ConsentColumn::of(name).map(|column| (column.about(), column.yes_refuses))
    }

    #[test]
    fn names_say_what_is_refused() {
        let media = |media: &'static [Medium], yes_refuses| Some((About::Media(media), yes_refuses));
        for name in ["consent_email", "email_opt_in", "Accepts Email Marketing", "Email Marketing Consent"] {
            assert_eq!(about(name), media(&[Medium::Email], false), "{name}");
        }
        for name in
            ["do_not_email", "HasOptedOutOfEmail", "email_opt_out", "unsubscribed_at", "Unsubscribed", "DoNotBulkEMail"]
        {
            assert_eq!(about(name), media(&[Medium::Email], true), "{name}");
        }
        for name in ["do_not_call", "DoNotPhone", "Do not allow Phone Calls", "phone_optout"] {
            assert_eq!(about(name), media(&[Medium::Phone], true), "{name}");
        }
        assert_eq!(about("sms_consent"), media(&[Medium::Text], false));
        assert_eq!(about("Accepts SMS Marketing"), media(&[Medium::Text], false));
        assert_eq!(about("DoNotPostalMail"), media(&[Medium::Post], true));
        assert_eq!(about("do_not_mail"), media(&[Medium::Email, Medium::Post], true));
        for name in ["opt_out", "do_not_contact", "opted_out_at", "optout_date"] {
            assert_eq!(about(name), Some((About::Everything, true)), "{name}");
        }
        for name in ["opt_in", "accepts_marketing", "Buyer Accepts Marketing", "marketing_consent", "consent"] {
            assert_eq!(about(name), Some((About::Everything, false)), "{name}");
        }
    }

    #[test]
    fn other_names_say_nothing() {
        for name in [
            "do_not_track",
            "accepts_terms",
            "cookie_consent",
            "consented_by",
            "email",
            "status",
            "subscribed",
            "options",
            "do_not_discount",
            "opt",
            "accepts",
            "email_opened",
            "donations",
            "",
        ] {
            assert_eq!(about(name), None, "{name}");
        }
    }

    fn said(name: &str, cells: &[&str]) -> Vec<Option<bool>> {
        let column: ArrayRef = Arc::new(StringArray::from(cells.to_vec()));
        let (cells, column) = (Cells::new(&column).expect("text"), ConsentColumn::of(name).expect("consent"));
        (0..cells.len()).map(|row| column.refuses(&cells, row)).collect()
    }

    #[test]
    fn cells_refuse_or_agree_or_say_nothing() {
        assert_eq!(
            said("do_not_call", &["1", "yes", "TRUE", "0", "no", "", "N/A"]),
            [Some(true), Some(true), Some(true), Some(false), Some(false), None, None]
        );
        assert_eq!(
            said("consent_email", &["yes", "no", "", "SUBSCRIBED", "NEVER_SUBSCRIBED", "pending", "2024-01-05"]),
            [Some(false), Some(true), None, Some(false), Some(true), None, Some(false)]
        );
        assert_eq!(
            said("unsubscribed_at", &["2024-01-05", "", "0000-00-00 00:00:00", "1900-01-01", "0"]),
            [Some(true), None, None, None, Some(false)]
        );
        let column: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), Some(0.0), None]));
        let (cells, column) = (Cells::new(&column).expect("numbers"), ConsentColumn::of("opt_out").expect("consent"));
        assert_eq!([0, 1, 2].map(|row| column.refuses(&cells, row)), [Some(true), Some(false), None]);
        assert_eq!(column.since(&cells, 0, &DateReader::new(&ReadSettings::default())), Refusal::ALWAYS);
    }

    #[test]
    fn a_refusal_begins_on_its_day() {
        let column: ArrayRef = Arc::new(StringArray::from(vec!["2024-01-05 10:00:00", "yes", "31-31-2024"]));
        let cells = Cells::new(&column).expect("text");
        let column = ConsentColumn::of("unsubscribed_at").expect("consent");
        let dates = DateReader::new(&ReadSettings::default());
        let day = |row| column.since(&cells, row, &dates);
        assert_eq!(day(0).to_string(), "2024-01-05");
        assert_eq!([day(1), day(2)], [Refusal::ALWAYS; 2]);
    }
}
