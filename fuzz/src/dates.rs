//! Dates: a day that is read is read again where it is printed, and a column is read as its evidence says.

use clivia_io::dates::{DateEvidence, DateReader, DateVerdict, PartOrder};

const ORDERS: [Option<PartOrder>; 4] =
    [None, Some(PartOrder::DayFirst), Some(PartOrder::MonthFirst), Some(PartOrder::YearFirst)];

/// Dates, and columns of them.
pub const SEEDS: &[&str] = &[
    "2024-01-05 10:11:12",
    "2024-01-05T10:11:12.123Z",
    "2024-01-05 10:11:12 -0500",
    "2024-01-05T10:11:12+01:00[Europe/Paris]",
    "18-Jan-18",
    "Jan 2, 2018 10:11:12 AM",
    "2. März 2024 um 10:11",
    "2 stycznia 2024 r.",
    "1er févr. 2024 à 10h11",
    "2 de enero de 2024",
    "2 януари 2024 г.",
    "Mon, 02 Jan 2006 15:04:05 GMT",
    "Mon Jan 02 15:04:05 UTC 2006",
    "Fri Jan 05 2024 10:11:12 GMT+0100 (CET)",
    "10:11:12 Jan 13, 2009 PST",
    "4/23/20\n3/4/20\n",
    "23.4.20\n01.12.2023",
    "20-04-23\n20-05-11\n20-06-30\n",
    "13/04/2024\n04/13/2024\n",
    "20240105T101112Z\n202401051011",
    "43102\n43102.4236",
    "1704449472\n1704449472000\n2024010510",
];

/// Checks a date in every order, and each line as a value of a column.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    ORDERS.into_iter().for_each(|order| check_date(&text, order));
    check_column(&text);
}

fn reader(order: Option<PartOrder>) -> DateReader {
    DateReader { order, ..DateReader::default() }
}

fn check_date(text: &str, order: Option<PartOrder>) {
    let Some(at) = reader(order).moment(text) else { return };
    let again = |text: &str| reader(order).moment(text);
    assert_eq!(again(&format!("\u{a0}{text} ")), Some(at), "{text:?} between blanks");
    assert_eq!(again(&at.day.to_string()).map(|again| again.day), Some(at.day), "{text:?}");
    let zoned = DateReader { timezone: "Asia/Tokyo".parse().ok(), ..reader(order) };
    let away = zoned.moment(text).map(|there| there.day.days_since(at.day).abs());
    assert!(away.is_some_and(|days| days <= 2), "{text:?} is {away:?} days away in another zone");
}

fn check_column(text: &str) {
    let evidence = |lines: &[(u64, &str)]| {
        let mut evidence = DateEvidence::default();
        lines.iter().for_each(|(row, line)| evidence.add(*row, line));
        evidence
    };
    let lines: Vec<(u64, &str)> = (0..).zip(text.lines()).collect();
    let whole = evidence(&lines);
    let (front, end) = lines.split_at(lines.len() / 2);
    let mut parts = evidence(end);
    parts.merge(&evidence(front));
    assert_eq!(parts, whole, "{text:?}");
    if let DateVerdict::Settled(form) = whole.decide(None) {
        let read = lines.iter().filter(|(_, line)| reader(form.order).moment(line).is_some()).count();
        assert!(read as u64 <= whole.filled(), "{text:?}");
        assert!(whole.notes("date", &reader(form.order)).iter().all(|note| note.rows <= Some(whole.filled())));
    }
}
