//! Words of dates: months and days of the week in the languages of the report and their neighbours.

/// A word in small letters without accents, so that `Février`, `FEVRIER` and `fevrier` are one.
struct Folded {
    bytes: [u8; 32],
    length: usize,
}

impl Folded {
    /// `None` of what is longer than any name of a date.
    fn new(word: &[u8]) -> Option<Self> {
        let mut folded = Folded { bytes: [0; 32], length: 0 };
        for letter in std::str::from_utf8(word).ok()?.chars().flat_map(char::to_lowercase).filter_map(without_accent) {
            let free = folded.bytes.get_mut(folded.length..folded.length + letter.len_utf8())?;
            folded.length += letter.encode_utf8(free).len();
        }
        Some(folded)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// The letter below an accent; `None` of an accent that stands alone.
fn without_accent(letter: char) -> Option<char> {
    Some(match letter {
        'à'..='å' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' => 'c',
        'è'..='ë' | 'ę' => 'e',
        'ì'..='ï' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ò'..='ö' => 'o',
        'ś' | 'ş' | 'ș' => 's',
        'ţ' | 'ț' => 't',
        'ù'..='ü' => 'u',
        'ź' | 'ż' => 'z',
        'й' => 'и',
        '\u{300}'..='\u{36f}' => return None,
        letter => letter,
    })
}

/// The month that a word names, 1 to 12.
pub(super) fn month(word: &[u8]) -> Option<u32> {
    let short = if let [a, b, c] = word { english(&[a | 0x20, b | 0x20, c | 0x20]) } else { None };
    short.or_else(|| {
        let name = Folded::new(word)?;
        of_any_language(name.as_str()).or_else(|| english(name.as_str().as_bytes().try_into().ok()?))
    })
}

/// The short names that most programs write.
pub(super) fn english(name: &[u8; 3]) -> Option<u32> {
    Some(match name {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    })
}

/// English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Romanian and Bulgarian, in that order.
fn of_any_language(name: &str) -> Option<u32> {
    Some(match name {
        "january" | "januar" | "janner" | "janvier" | "janv" | "enero" | "ene" | "gennaio" | "gen" | "janeiro"
        | "januari" | "styczen" | "stycznia" | "sty" | "ianuarie" | "ian" | "януари" | "яну" | "ян" => 1,
        "february" | "februar" | "feber" | "fevrier" | "fevr" | "fev" | "febrero" | "febbraio" | "fevereiro"
        | "februari" | "luty" | "lutego" | "lut" | "februarie" | "февруари" | "февр" | "фев" => 2,
        "march" | "marz" | "maerz" | "mrz" | "mars" | "marzo" | "marco" | "maart" | "mrt" | "marzec" | "marca"
        | "martie" | "март" | "мар" => 3,
        "april" | "avril" | "avr" | "abril" | "abr" | "aprile" | "kwiecien" | "kwietnia" | "kwi" | "aprilie"
        | "април" | "апр" => 4,
        "mai" | "mayo" | "maggio" | "mag" | "maio" | "mei" | "maj" | "maja" | "маи" => 5,
        "june" | "juni" | "juin" | "junio" | "giugno" | "giu" | "junho" | "czerwiec" | "czerwca" | "cze" | "iunie"
        | "iun" | "юни" => 6,
        "july" | "juli" | "juillet" | "juil" | "julio" | "luglio" | "lug" | "julho" | "lipiec" | "lipca" | "lip"
        | "iulie" | "iul" | "юли" => 7,
        "august" | "aout" | "agosto" | "ago" | "augustus" | "sierpien" | "sierpnia" | "sie" | "август" | "авг" => {
            8
        }
        "september" | "sept" | "septembre" | "septiembre" | "setiembre" | "settembre" | "sett" | "set" | "setembro"
        | "wrzesien" | "wrzesnia" | "wrz" | "septembrie" | "септември" | "септ" | "сеп" => 9,
        "october" | "oktober" | "okt" | "octobre" | "octubre" | "ottobre" | "ott" | "outubro" | "out"
        | "pazdziernik" | "pazdziernika" | "paz" | "octombrie" | "октомври" | "окт" => 10,
        "november" | "novembre" | "noviembre" | "novembro" | "listopad" | "listopada" | "lis" | "noiembrie" | "noi"
        | "ноември" | "ноем" | "ное" => 11,
        "december" | "dezember" | "dez" | "decembre" | "diciembre" | "dic" | "dicembre" | "dezembro" | "grudzien"
        | "grudnia" | "gru" | "decembrie" | "декември" | "дек" => 12,
        _ => return None,
    })
}

/// Whether a word is a day of the week. `mar` is one, and a month as well.
pub(super) fn is_weekday(word: &[u8]) -> bool {
    Folded::new(word).is_some_and(|word| WEEKDAYS.contains(&word.as_str()))
}

/// In the languages of the months.
#[rustfmt::skip]
const WEEKDAYS: &[&str] = &[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun",
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
    "mo", "di", "mi", "do", "fr", "sa", "so",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    "lun", "mar", "mer", "jeu", "ven", "sam", "dim",
    "lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo",
    "mie", "jue", "vie", "sab", "dom",
    "lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica", "gio",
    "segunda", "terca", "quarta", "quinta", "sexta", "seg", "ter", "qua", "qui", "sex",
    "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag",
    "ma", "wo", "vr", "za", "zo",
    "poniedzialek", "wtorek", "sroda", "czwartek", "piatek", "sobota", "niedziela",
    "pon", "wt", "sr", "czw", "pt", "sob", "niedz", "nd",
    "luni", "marti", "miercuri", "joi", "vineri", "sambata", "duminica", "vin", "dum",
    "понеделник", "вторник", "сряда", "четвъртък", "петък", "събота", "неделя",
    "пн", "вт", "ср", "чт", "пт", "сб", "нд",
];

/// Whether a word makes a day of a number, as in `2nd`, `1er`, `2e`.
pub(super) fn is_ordinal(word: &[u8]) -> bool {
    [&b"st"[..], b"nd", b"rd", b"th", b"er", b"e"].iter().any(|ending| word.eq_ignore_ascii_case(ending))
}

/// Whether a word stands between day, month and year, as in `2 de enero de 2024`.
pub(super) fn is_of(word: &[u8]) -> bool {
    [&b"of"[..], b"de", b"del"].iter().any(|of| word.eq_ignore_ascii_case(of))
}

/// Whether a word follows a year, as in `2 stycznia 2024 r.`.
pub(super) fn is_year(word: &[u8]) -> bool {
    Folded::new(word).is_some_and(|word| ["r", "roku", "г", "година"].contains(&word.as_str()))
}

/// Whether a word stands between date and time, as in `2 January 2024 at 10:11`.
pub(super) fn is_at(word: &[u8]) -> bool {
    let words = ["at", "um", "a", "as", "alle", "las", "om", "o", "la", "ora", "в"];
    Folded::new(word).is_some_and(|word| words.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::dates::names::*;

    fn named(name: &str) -> Option<u32> {
        month(name.as_bytes())
    }

    #[test]
    fn the_months_of_a_language_are_those_of_the_year() {
        let years = [
            "January February March April May June July August September October November December",
            "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
            "Jän Feb Mrz Apr Mai Jun Jul Aug Sept Okt Nov Dez",
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
            "janv févr mars avr mai juin juil aout sept oct nov déc",
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            "ene feb mar abr may jun jul ago sept oct nov dic",
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
            "gen feb mar apr mag giu lug ago set ott nov dic",
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
            "jan fev mar abr mai jun jul ago set out nov dez",
            "januari februari maart april mei juni juli augustus september oktober november december",
            "jan feb mrt apr mei jun jul aug sep okt nov dec",
            "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
            "sty lut mar kwi maj cze lip sie wrz paź lis gru",
            "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
            "ian feb mar apr mai iun iul aug sept oct noi dec",
            "януари февруари март април май юни юли август септември октомври ноември декември",
            "яну фев мар апр май юни юли авг сеп окт ное дек",
        ];
        for names in years {
            for written in [names.to_string(), names.to_uppercase(), names.to_lowercase()] {
                let months: Vec<Option<u32>> = written.split(' ').map(named).collect();
                assert_eq!(months, (1..=12).map(Some).collect::<Vec<_>>(), "{written}");
            }
        }
        assert_eq!(named("Ma\u{308}rz"), Some(3));
        assert_eq!(named("ма\u{438}\u{306}"), Some(5));
    }

    #[test]
    fn what_only_looks_like_a_name_is_none() {
        let alike = ["", "ja", "janus", "janua", "marching", "mayor", "sepp", "decem", "augustine", "junk", "é", "m"];
        assert!(alike.iter().all(|word| named(word).is_none()));
        assert!(named(&"j".repeat(100)).is_none() && month(&[0xff, 0xfe]).is_none());
        assert!(["Mon", "FRIDAY", "śr", "пт", "lunedì"].iter().all(|word| is_weekday(word.as_bytes())));
        assert!(["", "moon", "day", "frid", "2"].iter().all(|word| !is_weekday(word.as_bytes())));
    }
}
