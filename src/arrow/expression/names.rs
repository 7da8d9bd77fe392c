//! Names that were nearly right: the nearest known one, as a question.

/// How alike two names must be before one is proposed for the other, on the Jaro-Winkler scale from 0 to 1.
const ALIKE: f64 = 0.8;

/// The known name that is most like `name`, letters' case aside; of two as like, the first.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let mut best = None;
    let mut alike = ALIKE;
    for candidate in known {
        let likeness = strsim::jaro_winkler(&name, &candidate.to_lowercase());
        if likeness > alike {
            (best, alike) = (Some(candidate), likeness);
        }
    }
    best
}

/// At most 20 names in quotes, and how many more there are.
pub(super) fn list<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let rest = names.len().saturating_sub(20);
    let shown: Vec<String> = names.take(20).map(|name| format!("'{name}'")).collect();
    match rest {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A text from the user, cut to what fits into a message.
pub(super) fn cut(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() { format!("{start}...") } else { start }
}
