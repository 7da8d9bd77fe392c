//! Rows that sum up the rows above them, as reports end with.

/// What such a row begins with, in small letters.
const WORDS: [&str; 41] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub total",
    "sub-total",
    "total general",
    "overall",
    "sum",
    "sums",
    "summe",
    "summen",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "insgesamt",
    "endsumme",
    "razem",
    "suma",
    "ogółem",
    "łącznie",
    "somme",
    "total général",
    "totaux",
    "ensemble",
    "totale",
    "totali",
    "somma",
    "totales",
    "total geral",
    "soma",
    "totaal",
    "summa",
    "i alt",
    "totalt",
    "общо",
    "всичко",
    "итого",
    "celkem",
    "összesen",
    "toplam",
];

/// Whether a row sums up others: its first cell that is filled says so, such as `Totals:` or `Summe 2024`.
///
/// ```
/// use clivia_io::frame::is_totals_row;
/// assert!(is_totals_row(["", "Totals:", "", "6782.16"]));
/// assert!(!is_totals_row(["Total Wine", "2024-05-04", "62.41"]));
/// ```
pub fn is_totals_row<'c>(cells: impl IntoIterator<Item = &'c str>) -> bool {
    cells.into_iter().map(str::trim).find(|cell| !cell.is_empty()).is_some_and(is_totals_word)
}

fn is_totals_word(cell: &str) -> bool {
    let around = |sign: char| !sign.is_alphabetic();
    let word = cell.split_once(':').map_or(cell, |(word, _)| word).trim_matches(around).to_lowercase();
    WORDS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use crate::frame::is_totals_row;

    #[test]
    fn rows_of_totals_are_told_from_rows_of_customers() {
        for cell in ["Total", "TOTALS:", "Grand total (126)", "Summe 2024", "Razem: 126", "*** Suma ***", "Total: EUR"] {
            assert!(is_totals_row(["", " ", cell, "1"]), "{cell}");
        }
        for cell in ["Total Wine", "Totally", "Sumitomo", "K1019", "Summer 2024", "17", "Somme Nord", "Gesamtschule"] {
            assert!(!is_totals_row([cell, "", "1"]), "{cell}");
        }
        assert!(!is_totals_row(["K1", "Total", "1"]));
        assert!(!is_totals_row(["", ""]));
    }
}
