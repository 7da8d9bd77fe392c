//! Numbers as a reader sees them: in the language of the page here, in the reader's own once the page is open.

use std::fmt::Write as _;

use minijinja::HtmlEscape;
use serde::Serialize;

use crate::messages::{CLOSE, OPEN};
use clivia_io::settings::report::Lang;

/// Texts of users are shown up to this many characters.
const LONGEST: usize = 80;

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Text,
    Count,
    Money,
    Percent,
    Number,
    Date,
}

impl Format {
    const ALL: [Format; 6] =
        [Format::Text, Format::Count, Format::Money, Format::Percent, Format::Number, Format::Date];

    pub(super) fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Count => "count",
            Format::Money => "money",
            Format::Percent => "percent",
            Format::Number => "number",
            Format::Date => "date",
        }
    }

    fn named(name: &str) -> Self {
        Format::ALL.into_iter().find(|format| format.name() == name).unwrap_or(Format::Number)
    }

    /// A number in the manner of a language.
    pub(super) fn show(self, value: f64, lang: Lang) -> String {
        match self {
            Format::Count => grouped(value, 0, lang),
            Format::Money if value.abs() >= 1000.0 => grouped(value, 0, lang),
            Format::Money => grouped(value, 2, lang),
            Format::Percent => format!("{}\u{a0}%", trimmed(grouped(100.0 * value, 1, lang), lang)),
            Format::Number | Format::Text | Format::Date => {
                let whole = if value == 0.0 { 1.0 } else { value.abs().log10().floor() + 1.0 };
                let digits = (4.0 - whole).clamp(0.0, 12.0) as usize;
                trimmed(grouped(value, digits, lang), lang)
            }
        }
    }
}

/// `1234.5` as `1,234.50`, with the separators of a language.
fn grouped(value: f64, digits: usize, lang: Lang) -> String {
    let (group, point) = lang.separators();
    let text = format!("{:.digits$}", value.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut shown = String::new();
    if value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        shown.push('-');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            shown.push(group);
        }
        shown.push(digit);
    }
    if !part.is_empty() {
        shown.push(point);
        shown.push_str(part);
    }
    shown
}

/// Without zeros at the end of the fraction.
fn trimmed(shown: String, lang: Lang) -> String {
    let (_, point) = lang.separators();
    if shown.contains(point) { shown.trim_end_matches('0').trim_end_matches(point).into() } else { shown }
}

/// A sentence as HTML: escaped, its numbers in elements that the page shows anew in the reader's locale.
pub(super) fn rich(said: &str, lang: Lang) -> String {
    let mut html = String::new();
    each_part(said, |part| {
        // Writing into a string cannot fail.
        match part {
            Part::Text(text) => write!(html, "{}", HtmlEscape(text)),
            Part::Number(format, value) => write!(html, "{}", number(format, value, lang)),
        }
        .ok();
    });
    html
}

/// A sentence as plain text.
pub(super) fn plain(said: &str, lang: Lang) -> String {
    let mut text = String::new();
    each_part(said, |part| match part {
        Part::Text(part) => text.push_str(part),
        Part::Number(format, value) => text.push_str(&format.show(value, lang)),
    });
    text
}

/// A number as an element.
pub(super) fn number(format: Format, value: f64, lang: Lang) -> String {
    let shown = format.show(value, lang);
    format!("<span data-v=\"{value}\" data-f=\"{}\">{}</span>", format.name(), HtmlEscape(&shown))
}

enum Part<'a> {
    Text(&'a str),
    Number(Format, f64),
}

fn each_part<'a>(said: &'a str, mut take: impl FnMut(Part<'a>)) {
    let mut rest = said;
    while let Some((before, after)) = rest.split_once(OPEN) {
        take(Part::Text(before));
        let Some((marked, behind)) = after.split_once(CLOSE) else { return take(Part::Text(after)) };
        match marked.split_once('|').and_then(|(format, value)| Some((Format::named(format), value.parse().ok()?))) {
            Some((format, value)) => take(Part::Number(format, value)),
            None => take(Part::Text(marked)),
        }
        rest = behind;
    }
    take(Part::Text(rest));
}

/// A user's text as it may be shown: not endless, and without characters that steer rather than say.
pub(super) fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, OPEN | CLOSE | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown: String = text.chars().map(|c| if steers(c) { '\u{FFFD}' } else { c }).take(LONGEST + 1).collect();
    if shown.chars().count() > LONGEST {
        shown = shown.chars().take(LONGEST - 1).collect();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use crate::numbers::*;

    #[test]
    fn numbers_are_shown_in_the_manner_of_a_language() {
        assert_eq!(Format::Money.show(1_234_567.8, Lang::En), "1,234,568");
        assert_eq!(Format::Money.show(-12.5, Lang::Ro), "-12,50");
        assert_eq!(Format::Percent.show(0.1234, Lang::Pl), "12,3\u{a0}%");
        assert_eq!(Format::Number.show(0.2425, Lang::En), "0.2425");
        assert_eq!(Format::Number.show(5.0, Lang::En), "5");
        assert_eq!(Format::Number.show(100.0, Lang::En), "100");
        assert_eq!(Format::Number.show(0.0, Lang::Bg), "0");
        assert_eq!(Format::Count.show(-0.2, Lang::En), "0");
    }

    #[test]
    fn what_a_user_wrote_is_escaped_and_not_endless() {
        let hostile = format!("</script><b>{}", "x".repeat(10_000));
        let shown = rich(&clean(&hostile), Lang::En);
        assert!(shown.starts_with("&lt;") && !shown.contains('<'), "{shown}");
        assert!(clean(&hostile).chars().count() == LONGEST);
        assert_eq!(clean("a\u{202e}b\u{2028}c"), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn a_number_within_a_sentence_becomes_an_element() {
        let said = format!("of {OPEN}count|1234{CLOSE} customers & more");
        assert_eq!(
            rich(&said, Lang::En),
            "of <span data-v=\"1234\" data-f=\"count\">1,234</span> customers &amp; more"
        );
        assert_eq!(plain(&said, Lang::Pl), "of 1\u{a0}234 customers & more");
    }
}
