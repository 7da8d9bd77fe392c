//! The elements of a JSON array, one by one, however they are laid out.

use std::io::BufRead;

use crate::error::TableError;
use crate::files::FileSource;
use crate::files::ndjson::LONGEST;
use crate::source::Source;

/// Calls back with each element and its number from 1, until told to stop.
pub(super) fn for_each_element(
    source: &FileSource,
    mut text: Box<dyn BufRead + Send>,
    mut use_element: impl FnMut(u64, &[u8]) -> Result<bool, TableError>,
) -> Result<(), TableError> {
    let (mut cut, mut element, mut row) = (Cut::default(), Vec::new(), 0);
    loop {
        let held = text.fill_buf().map_err(|cause| source.io(cause))?;
        if held.is_empty() {
            cut.ended = true;
        }
        let (passed, ends) = cut.pass(held, &mut element);
        text.consume(passed);
        if ends || cut.ended {
            let written = element.trim_ascii();
            if !written.is_empty() {
                row += 1;
                if !use_element(row, written)? {
                    return Ok(());
                }
            }
            element.clear();
        }
        if cut.ended {
            return Ok(());
        }
    }
}

/// Members that one object may have before its list; of an order, more stand before its lines.
const MEMBERS_BEFORE: u32 = 3;

/// Where the list begins of a text that is one object around a list of objects, such as `{"orders": [{...}, {...}]}`; these
/// are its first bytes.
pub(super) fn wrapped(head: &[u8]) -> Option<usize> {
    if head.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    let (mut cut, mut list, mut members, mut end) = (Cut::default(), None, 0, None);
    for (at, byte) in head.iter().enumerate() {
        let within_text = cut.in_text;
        cut.ends_element(*byte);
        if within_text {
            continue;
        }
        let opens_list = *byte == b'[' && head[at + 1..].trim_ascii_start().first() == Some(&b'{');
        match byte {
            b'[' if list.is_none() && !opens_list => return None,
            b'[' if list.is_none() => list = Some(at),
            b',' if list.is_none() => members += 1,
            b'}' if cut.depth == 0 => {
                end = Some(at + 1);
                break;
            }
            _ => {}
        }
    }
    let is_whole = end.is_none_or(|end| head[end..].trim_ascii().is_empty());
    list.filter(|_| is_whole && members <= MEMBERS_BEFORE)
}

/// Where in an array one is.
#[derive(Default)]
struct Cut {
    /// Brackets that are open.
    depth: u32,
    in_text: bool,
    /// Whether the next byte of a text means itself.
    escaped: bool,
    /// Whether the array is closed.
    ended: bool,
}

impl Cut {
    /// Goes on to the end of an element, which is kept as far as it may be long; how many bytes that takes, and whether the
    /// end is reached.
    fn pass(&mut self, text: &[u8], element: &mut Vec<u8>) -> (usize, bool) {
        for (at, byte) in text.iter().enumerate() {
            let within = self.depth > 0;
            if self.ends_element(*byte) {
                return (at + 1, true);
            }
            if within && element.len() < LONGEST {
                element.push(*byte);
            }
        }
        (text.len(), false)
    }

    fn ends_element(&mut self, byte: u8) -> bool {
        if self.in_text {
            let quote = byte == b'"' && !self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            self.in_text = !quote;
            return false;
        }
        match byte {
            b'"' => self.in_text = true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.ended = self.depth == 0 && byte == b']';
        self.ended || (self.depth == 1 && byte == b',')
    }
}

#[cfg(test)]
mod tests {
    use crate::files::ndjson::elements::*;

    fn elements(text: &'static str) -> Vec<String> {
        let source = FileSource::kept("x", &mut text.as_bytes()).expect("a file");
        // Whatever is read at a time.
        let of = |step: usize| {
            let mut found = Vec::new();
            let text = std::io::BufReader::with_capacity(step, text.as_bytes());
            for_each_element(&source, Box::new(text), |row, element| {
                assert_eq!(row as usize, found.len() + 1);
                found.push(String::from_utf8_lossy(element).into_owned());
                Ok(true)
            })
            .expect("bytes in memory");
            found
        };
        assert_eq!(of(1), of(1_000));
        of(7)
    }

    #[test]
    fn a_list_within_an_object_is_found() {
        let found = |text: &str| wrapped(text.as_bytes()).map(|at| text[at..].to_string());
        assert_eq!(found("{\"orders\": [{\"id\": 1}], \"next\": null}"), Some("[{\"id\": 1}], \"next\": null}".into()));
        assert_eq!(found("\n{\"object\":\"list\",\"data\":[ {\"id\":\"a, [\"}"), Some("[ {\"id\":\"a, [\"}".into()));
        assert_eq!(found("{\"data\": {\"orders\": [\n{}]}}\n"), Some("[\n{}]}}\n".into()));
        // An order a line, with its lines within it.
        assert_eq!(found("{\"id\": 1, \"lines\": [{\"sku\": 2}]}\n{\"id\": 2, \"lines\": []}"), None);
        assert_eq!(found("{\"id\": 1, \"day\": 2, \"who\": 3, \"what\": 4, \"lines\": [{\"sku\": 2}]}"), None);
        assert_eq!(found("{\"id\": 1, \"tags\": [1, 2]}"), None);
        assert_eq!(found("[{\"id\": 1}]"), None);
    }

    #[test]
    fn elements_are_cut_however_they_are_laid_out() {
        assert_eq!(elements("[{\"a\":1},{\"a\":[2,3]}]"), ["{\"a\":1}", "{\"a\":[2,3]}"]);
        assert_eq!(
            elements(" [\n  {\n \"a\": \"x, ] } \\\" \"\n},\n\n{\"b\": {}}\n]\n"),
            ["{\n \"a\": \"x, ] } \\\" \"\n}", "{\"b\": {}}"]
        );
        assert_eq!(elements("[[1,2],[],3]"), ["[1,2]", "[]", "3"]);
        assert_eq!(elements("[{\"a\":1},{\"a\":"), ["{\"a\":1}", "{\"a\":"]);
        assert!(elements("[]").is_empty() && elements("[ ] x").is_empty());
    }
}
