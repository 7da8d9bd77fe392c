//! Outcome words: what `answered`, `bounced` or `opt-out` in a contact log means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contacts::Outcome;
use crate::contacts::quality::{QualityError, channel_key};

/// The words that are understood without being listed.
const DEFAULTS: [(Outcome, &[&str]); 5] = [
    (Outcome::Answered, &["answered", "answer", "replied", "reply", "conversation", "talked", "held", "accepted"]),
    (
        Outcome::Success,
        &["success", "successful", "reached", "delivered", "opened", "open", "read", "clicked", "click", "converted"],
    ),
    (Outcome::Neutral, &["neutral", "unknown", "other", "none", "sent", "pending", "planned"]),
    (
        Outcome::Failure,
        &[
            "failure",
            "failed",
            "notreached",
            "unreached",
            "unanswered",
            "noanswer",
            "noreply",
            "busy",
            "missed",
            "voicemail",
            "bounced",
            "bounce",
            "undelivered",
            "undeliverable",
            "ignored",
            "unopened",
            "noshow",
            "cancelled",
            "canceled",
            "complained",
            "complaint",
        ],
    ),
    (
        Outcome::Refused,
        &["refused", "declined", "rejected", "unsubscribed", "unsubscribe", "optout", "optedout", "blocked", "spam"],
    ),
];

/// Which word in the outcome column means what: the table `[contacts.outcomes]` of clivia.toml.
///
/// What is listed here is laid over the words that are understood anyway; case, spaces, `-` and `_` do not
/// matter.
///
/// ```
/// use clivia_core::contacts::Outcome;
/// use clivia_core::contacts::quality::OutcomeWords;
/// let words: OutcomeWords = toml::from_str("success = ['Termin vereinbart']\nneutral = ['clicked']")?;
/// assert_eq!(words.meaning("termin-vereinbart"), Some(Outcome::Success));
/// assert_eq!(words.meaning("Clicked"), Some(Outcome::Neutral)); // a success where nothing is listed
/// assert_eq!(words.meaning("Opt-out"), Some(Outcome::Refused));
/// assert_eq!(words.meaning("42"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutcomeWords {
    /// The customer answered: a conversation.
    pub answered: Vec<String>,
    /// It reached its aim without an answer.
    pub success: Vec<String>,
    /// Neither good nor bad.
    pub neutral: Vec<String>,
    /// It failed.
    pub failure: Vec<String>,
    /// It failed, and the customer wants no more of it.
    pub refused: Vec<String>,
}

impl OutcomeWords {
    /// What a word means; `None` where it is not known. A reader should ask once for each distinct word.
    pub fn meaning(&self, word: &str) -> Option<Outcome> {
        let key = channel_key(word);
        let typed = self.lists().into_iter().find(|(_, words)| words.iter().any(|listed| channel_key(listed) == key));
        let known = || DEFAULTS.into_iter().find(|(_, words)| words.contains(&key.as_str()));
        typed.map(|(outcome, _)| outcome).or_else(|| known().map(|(outcome, _)| outcome))
    }

    fn lists(&self) -> [(Outcome, &Vec<String>); 5] {
        [
            (Outcome::Answered, &self.answered),
            (Outcome::Success, &self.success),
            (Outcome::Neutral, &self.neutral),
            (Outcome::Failure, &self.failure),
            (Outcome::Refused, &self.refused),
        ]
    }

    /// Every word that is understood, the listed ones and the others, by key.
    pub(super) fn resolved(&self) -> Result<Self, QualityError> {
        let mut meanings = self.typed()?;
        for (outcome, words) in DEFAULTS {
            words.iter().for_each(|word| {
                meanings.entry(word.to_string()).or_insert(outcome);
            });
        }
        let of = |wanted| meanings.iter().filter(|&(_, &o)| o == wanted).map(|(word, _)| word.clone()).collect();
        Ok(OutcomeWords {
            answered: of(Outcome::Answered),
            success: of(Outcome::Success),
            neutral: of(Outcome::Neutral),
            failure: of(Outcome::Failure),
            refused: of(Outcome::Refused),
        })
    }

    fn typed(&self) -> Result<BTreeMap<String, Outcome>, QualityError> {
        let mut meanings = BTreeMap::new();
        for (outcome, word) in
            self.lists().into_iter().flat_map(|(outcome, words)| words.iter().map(move |w| (outcome, w)))
        {
            let key = channel_key(word);
            if key.is_empty() {
                return Err(QualityError::OutcomeEmpty);
            }
            if meanings.insert(key, outcome).is_some_and(|before| before != outcome) {
                return Err(QualityError::OutcomeTwice(word.clone()));
            }
        }
        Ok(meanings)
    }
}

#[cfg(test)]
mod tests {
    use crate::contacts::quality::outcomes::*;

    fn one(word: &str) -> Vec<String> {
        vec![word.to_string()]
    }

    #[test]
    fn each_default_word_has_one_meaning_under_its_own_key() {
        let mut met = std::collections::HashSet::new();
        for (outcome, words) in DEFAULTS {
            for word in words {
                assert_eq!(channel_key(word), *word);
                assert!(met.insert(*word), "{word}");
                assert_eq!(OutcomeWords::default().meaning(word), Some(outcome), "{word}");
            }
        }
    }

    #[test]
    fn a_listed_word_moves_and_the_others_stay() -> Result<(), QualityError> {
        let words = OutcomeWords { answered: one("Clicked"), ..OutcomeWords::default() };
        let resolved = words.resolved()?;
        assert!(
            resolved.answered.contains(&"clicked".to_string()) && !resolved.success.contains(&"clicked".to_string())
        );
        assert_eq!(resolved.meaning("re-ached"), Some(Outcome::Success));
        assert_eq!(resolved.resolved()?, resolved);
        Ok(())
    }

    #[test]
    fn a_word_with_two_meanings_is_refused() {
        let words = OutcomeWords { success: one("Sent"), failure: one("s e n t"), ..OutcomeWords::default() };
        assert_eq!(words.resolved(), Err(QualityError::OutcomeTwice("s e n t".to_string())));
        let empty = OutcomeWords { neutral: one(" - "), ..OutcomeWords::default() };
        assert_eq!(empty.resolved(), Err(QualityError::OutcomeEmpty));
        let again = OutcomeWords { success: vec!["Yes".into(), "yes".into()], ..OutcomeWords::default() };
        assert!(again.resolved().is_ok());
    }
}
