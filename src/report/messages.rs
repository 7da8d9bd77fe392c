//! The report's words, from one file a language, and numbers among them.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use intl_memoizer::concurrent::IntlLangMemoizer;
use unic_langid::LanguageIdentifier;

use crate::numbers::Format;
use clivia_io::settings::report::Lang;

/// Around a number within a sentence: `OPEN format|value CLOSE`. Private characters, which no text of a user keeps.
pub(super) const OPEN: char = '\u{E000}';
pub(super) const CLOSE: char = '\u{E001}';

/// The messages of a language.
fn source(lang: Lang) -> &'static str {
    match lang {
        Lang::En => include_str!("messages/en.ftl"),
        Lang::Pl => include_str!("messages/pl.ftl"),
        Lang::Ro => include_str!("messages/ro.ftl"),
        Lang::Bg => include_str!("messages/bg.ftl"),
    }
}

/// The words of one language, and those of English for what it lacks.
pub(super) struct Messages {
    pub(super) lang: Lang,
    bundle: FluentBundle<FluentResource>,
    english: FluentBundle<FluentResource>,
}

/// What a message is told.
#[derive(Debug, Clone)]
pub(super) enum Arg<'a> {
    Number(f64, Format),
    Text(&'a str),
}

/// A whole number for a message.
pub(super) fn count(number: impl TryInto<u64>) -> Arg<'static> {
    Arg::Number(number.try_into().unwrap_or(u64::MAX) as f64, Format::Count)
}

/// Money for a message.
pub(super) fn money(amount: f64) -> Arg<'static> {
    Arg::Number(amount, Format::Money)
}

/// A share of 1 for a message.
pub(super) fn percent(share: f64) -> Arg<'static> {
    Arg::Number(share, Format::Percent)
}

/// Any other number for a message.
pub(super) fn number(number: f64) -> Arg<'static> {
    Arg::Number(number, Format::Number)
}

impl Messages {
    pub(super) fn new(lang: Lang) -> Self {
        Messages { lang, bundle: bundle(lang), english: bundle(Lang::En) }
    }

    /// A message, its numbers between marks.
    pub(super) fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let mut told = FluentArgs::new();
        for (name, arg) in args {
            told.set(*name, fluent(arg));
        }
        let found = [&self.bundle, &self.english].into_iter().find_map(|bundle| {
            let pattern = bundle.get_message(key)?.value()?;
            let mut errors = Vec::new();
            let said = bundle.format_pattern(pattern, Some(&told), &mut errors).into_owned();
            errors.is_empty().then_some(said)
        });
        // A key without a message shows as itself; a test keeps that from happening.
        found.unwrap_or_else(|| key.into())
    }

    /// A message that is told nothing.
    pub(super) fn word(&self, key: &str) -> String {
        self.say(key, &[])
    }

    /// A message where there is one.
    pub(super) fn known(&self, key: &str) -> Option<String> {
        let known = [&self.bundle, &self.english].iter().any(|bundle| bundle.has_message(key));
        known.then(|| self.word(key))
    }
}

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(marked));
    // What could be read is taken; tests see that it is all.
    let resource = FluentResource::try_new(source(lang).into()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

fn fluent<'a>(arg: &Arg<'a>) -> FluentValue<'a> {
    match arg {
        Arg::Text(text) => FluentValue::from(super::numbers::clean(text)),
        Arg::Number(value, format) => {
            let mut number = FluentNumber::from(*value);
            // The one option that takes any text tells the formatter how the number is shown.
            number.options.currency = Some(format.name().into());
            if *format == Format::Count {
                number.options.maximum_fraction_digits = Some(0);
            }
            FluentValue::Number(number)
        }
    }
}

fn marked(value: &FluentValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let format = number.options.currency.as_deref().unwrap_or(Format::Number.name());
    Some(format!("{OPEN}{format}|{}{CLOSE}", number.value))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_bundle::FluentResource;

    use crate::messages::*;
    use crate::numbers::plain;

    /// The keys of a language, each with the names that its message is told.
    fn keys(lang: Lang) -> BTreeSet<(String, BTreeSet<String>)> {
        let resource = FluentResource::try_new(source(lang).into()).map_err(|(_, errors)| errors);
        let resource = resource.unwrap_or_else(|errors| panic!("{lang:?}: {errors:?}"));
        let messages = resource.source().lines();
        let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
        for line in messages {
            if let Some((key, _)) = line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                found.push((key.into(), BTreeSet::new()));
            }
            if let Some((_, names)) = found.last_mut() {
                let told = line.split('$').skip(1);
                let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                names.extend(told.map(name));
            }
        }
        let count = found.len();
        let keys: BTreeSet<_> = found.into_iter().collect();
        assert_eq!(keys.len(), count, "{lang:?} has a key twice");
        keys
    }

    #[test]
    fn every_language_has_every_key_and_tells_the_same() {
        let english = keys(Lang::En);
        assert!(english.len() > 150);
        for lang in Lang::ALL {
            let own = keys(lang);
            let missing: Vec<_> = english.difference(&own).collect();
            let more: Vec<_> = own.difference(&english).collect();
            assert!(missing.is_empty() && more.is_empty(), "{lang:?} lacks {missing:?}, has too much {more:?}");
        }
    }

    #[test]
    fn numbers_choose_their_plural_and_are_shown_in_the_language() {
        let said = |lang: Lang, n: u64| plain(&Messages::new(lang).say("days", &[("days", count(n))]), lang);
        assert_eq!(said(Lang::En, 1), "1 day");
        assert_eq!(said(Lang::En, 12_345), "12,345 days");
        assert_eq!(said(Lang::Pl, 1), "1 dzień");
        assert_eq!(said(Lang::Pl, 3), "3 dni");
        assert_eq!(said(Lang::Ro, 1), "1 zi");
        assert_eq!(said(Lang::Ro, 20), "20 de zile");
    }

    #[test]
    fn a_text_cannot_pass_for_a_number() {
        let hostile = "\u{E000}count|7\u{E001}";
        let said = Messages::new(Lang::En).say("languages-note", &[("words", Arg::Text(hostile))]);
        assert!(!said.contains(OPEN));
    }
}
