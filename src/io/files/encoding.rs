//! In which encoding a text is written, where nobody says it.

use std::borrow::Cow;
use std::io::{self, BufRead};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes of lines that are not UTF-8, from which their encoding is found out.
const LOOKED_AT: usize = 4 << 20;

/// The encodings of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encodings {
    /// That of the whole.
    pub(crate) first: &'static Encoding,
    /// That of what is not in the first.
    pub(crate) then: Option<&'static Encoding>,
}

impl Encodings {
    pub(crate) const UTF_8: Encodings = Encodings { first: UTF_8, then: None };

    /// Those that are stated, such as `windows-1252` or `utf-8, windows-1252`; `None` where a name is none.
    pub(crate) fn stated(names: &str) -> Option<Self> {
        let of = |name: &str| Encoding::for_label(name.trim().as_bytes());
        match names.split_once(',') {
            None => Some(Encodings { first: of(names)?, then: None }),
            Some((first, then)) => Some(Encodings { first: of(first)?, then: Some(of(then)?) }),
        }
    }

    /// Their names, as they are stated.
    pub(crate) fn names(self) -> String {
        let first = self.first.name().to_ascii_lowercase();
        self.then.map_or(first.clone(), |then| format!("{first}, {}", then.name().to_ascii_lowercase()))
    }

    /// The one other than UTF-8 that all of a text is in.
    pub(crate) fn of_all(self) -> Option<&'static Encoding> {
        Some(self.first).filter(|first| self.then.is_none() && *first != UTF_8)
    }

    /// A cell as text; `None` where it is not in any of them.
    pub(crate) fn text(self, cell: &[u8]) -> Option<Cow<'_, str>> {
        match std::str::from_utf8(cell) {
            Ok(text) => Some(text.into()),
            Err(_) => self.then.or(self.of_all())?.decode_without_bom_handling_and_without_replacement(cell),
        }
    }
}

/// UTF-16 by its mark, or by the zero bytes that every second byte of most of its signs is.
pub(super) fn wide(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (high, low) = (zeros(0), zeros(1));
    let many = |zeros: usize| zeros > 0 && 8 * zeros >= head.len();
    if many(low) && high == 0 {
        Some(UTF_16LE)
    } else if many(high) && low == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Looks at a whole text whose lines are not all UTF-8.
///
/// Where one line in ten of those beyond ASCII is none, they are in another encoding; fewer are damaged.
pub(super) fn found(text: &mut dyn BufRead) -> io::Result<Encodings> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let (mut utf8, mut other, mut fed, mut line) = (0_u64, 0_u64, 0, Vec::new());
    while text.read_until(b'\n', &mut line)? > 0 {
        if !line.is_ascii() && std::str::from_utf8(&line).is_ok() {
            utf8 += 1;
        } else if !line.is_ascii() {
            other += 1;
            if fed < LOOKED_AT {
                detector.feed(&line, false);
                fed += line.len();
            }
        }
        line.clear();
    }
    detector.feed(b"", true);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    Ok(match (utf8, other) {
        (_, 0) => Encodings::UTF_8,
        (0, _) => Encodings { first: guessed, then: None },
        _ if 9 * other >= utf8 => Encodings { first: UTF_8, then: Some(guessed) },
        _ => Encodings::UTF_8,
    })
}

#[cfg(test)]
mod tests {
    use encoding_rs::{ISO_8859_2, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

    use crate::files::encoding::*;

    fn found_in(text: &[u8]) -> Encodings {
        found(&mut &text[..]).expect("bytes in memory")
    }

    #[test]
    fn encodings_of_one_byte_are_found_out() {
        let texts = [
            (WINDOWS_1252, "Kundennummer;Name;Stadt\n1;Jörg Müller;Köln\n2;Günther Weiß;Düsseldorf\n"),
            (WINDOWS_1252, "id,name\n1,Zoë Café\n"),
            (WINDOWS_1252, "client;ville\n1;Hélène à Orléans\n2;François, Besançon\n"),
            (WINDOWS_1252, "id;preis\n1;12,50 €\n2;3 €\n"),
            (WINDOWS_1250, "klient;miasto\n1;Łukasz Żółć, Łódź\n2;Święta Śląskie, Poznań\n"),
            (WINDOWS_1250, "klient;mesto\n1;Jiří Dvořák, Plzeň\n2;Šárka Žáková, Třebíč\n"),
            (ISO_8859_2, "klient;miasto\n1;Łukasz Żółć, Łódź\n2;Święta Śląskie, Poznań\n"),
            (WINDOWS_1251, "клиент;город\n1;Иван Петров;София\n"),
        ];
        for (encoding, text) in texts {
            let bytes = encoding.encode(text).0;
            let found = found_in(&bytes);
            let read = found.first.decode(&bytes).0;
            assert_eq!(read, text, "{} read as {}", encoding.name(), found.first.name());
        }
    }

    #[test]
    fn what_is_damaged_here_and_there_is_no_other_encoding() {
        let good = "1;Łódź\n".repeat(40);
        assert_eq!(found_in(good.as_bytes()), Encodings::UTF_8);
        assert_eq!(found_in(&[good.as_bytes(), b"2;cut \xc5\n"].concat()), Encodings::UTF_8);
        let mixed = found_in(&["1;Łódź\n".as_bytes(), "2;Köln\n".as_bytes(), b"3;K\xf6ln\n"].concat());
        assert_eq!(mixed.names(), "utf-8, windows-1252");
        assert_eq!(Encodings::stated(&mixed.names()), Some(mixed));
        assert_eq!(mixed.text(b"K\xf6ln").as_deref(), Some("Köln"));
        assert_eq!(mixed.text("Köln".as_bytes()).as_deref(), Some("Köln"));
        assert_eq!(Encodings::UTF_8.text(b"K\xf6ln"), None);
        assert_eq!(Encodings::stated("utf-9"), None);
    }

    #[test]
    fn utf_16_is_known_without_its_mark() {
        let text = "klient;kwota\nŁukasz;5\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!((wide(&little), wide(&big)), (Some(UTF_16LE), Some(UTF_16BE)));
        assert_eq!((wide(text.as_bytes()), wide(b""), wide(b"PK\x03\x04\0\0\0\0\0\0")), (None, None, None));
    }
}
