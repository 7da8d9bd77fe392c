//! Dates in all forms, read and refused.

use chrono::Datelike;

use crate::dates::*;

fn reader(order: Option<PartOrder>) -> DateReader {
    DateReader { order, ..DateReader::default() }
}

fn day_first() -> DateReader {
    reader(Some(PartOrder::DayFirst))
}

/// The day, and the time where there is one: `2024-01-05 10:11:12`.
fn shown(at: Option<Moment>) -> String {
    match at.map(|at| (at.day, at.clock.second())) {
        None => "none".into(),
        Some((day, None)) => day.to_string(),
        Some((day, Some(second))) => {
            format!("{day} {:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
        }
    }
}

fn read(text: &str) -> String {
    shown(day_first().moment(text))
}

#[test]
fn usual_forms_are_read() {
    let same = [
        "2011-12-09",
        "2011/12/09",
        "20111209",
        "2011-12-09 08:26:00",
        "2011-12-09T08:26",
        "2011-12-09T08:26:00.123",
        "2011-12-09T08:26:00Z",
        "2011-12-09 08:26:00+01:00",
        "2011-12-09 08:26:00.5+0100",
        "9/12/2011",
        "09/12/2011 8:26",
        "09.12.2011",
        "09-12-2011 8:26 PM",
        "1323419160",
        "1323419160000",
    ];
    for text in same {
        assert_eq!(read(text).split(' ').next(), Some("2011-12-09"), "{text}");
    }
}

#[test]
fn dates_are_read_as_people_and_programs_write_them() {
    let dates = [
        // Numbers and signs.
        ("2011-1-9", "2011-01-09"),
        ("2011/1/9 8:26", "2011-01-09 08:26:00"),
        ("2011.12.09", "2011-12-09"),
        ("2011. 12. 9.", "2011-12-09"),
        ("31/12/11", "2011-12-31"),
        ("31/12/11 8:26", "2011-12-31 08:26:00"),
        ("23.4.20", "2020-04-23"),
        ("23. 4. 2020", "2020-04-23"),
        ("23.04.2020 10:11", "2020-04-23 10:11:00"),
        ("23-04-2020", "2020-04-23"),
        ("1/5/2024, 10:11:12 AM", "2024-05-01 10:11:12"),
        ("1/5/2024, 10:11:12\u{202f}PM", "2024-05-01 22:11:12"),
        // Names of months.
        ("18-Jan-18", "2018-01-18"),
        ("18-JAN-2018", "2018-01-18"),
        ("18 Jan 2018", "2018-01-18"),
        ("18/Jan/2018:10:11:12 +0100", "2018-01-18 10:11:12"),
        ("18Jan2018", "2018-01-18"),
        ("18JAN2018:10:11:12", "2018-01-18 10:11:12"),
        ("2018-Jan-18", "2018-01-18"),
        ("Jan 2, 2018", "2018-01-02"),
        ("Jan. 2, 2018", "2018-01-02"),
        ("Jan 2, 2018 10:11:12 AM", "2018-01-02 10:11:12"),
        ("Jan 2 2018 12:05:00 AM", "2018-01-02 00:05:00"),
        ("Jan  2 2018 10:11PM", "2018-01-02 22:11:00"),
        ("January 2 2018", "2018-01-02"),
        ("january 2nd, 2018", "2018-01-02"),
        ("2nd January 2018", "2018-01-02"),
        ("2nd of January, 2018", "2018-01-02"),
        ("January 2, 2018 at 10:11:12 AM GMT+1", "2018-01-02 10:11:12"),
        ("Jan 2 '18", "2018-01-02"),
        ("2. Januar 2024", "2024-01-02"),
        ("2.Jän.2024", "2024-01-02"),
        ("2. MÄRZ 2024 um 10:11", "2024-03-02 10:11:00"),
        ("2 stycznia 2024", "2024-01-02"),
        ("2 stycznia 2024 r.", "2024-01-02"),
        ("2 paź 2024, 10:11", "2024-10-02 10:11:00"),
        ("2 janv. 2024", "2024-01-02"),
        ("1er février 2024 à 10h11", "2024-02-01 10:11:00"),
        ("2 AOUT 2024", "2024-08-02"),
        ("2 de enero de 2024", "2024-01-02"),
        ("2 ene 2024 10:11:12 p. m.", "2024-01-02 22:11:12"),
        ("2 de março de 2024 às 10:11", "2024-03-02 10:11:00"),
        ("2 gennaio 2024 alle 10.11", "2024-01-02 10:11:00"),
        ("2 iunie 2024", "2024-06-02"),
        ("2 maart 2024 om 10:11", "2024-03-02 10:11:00"),
        ("2 януари 2024 г.", "2024-01-02"),
        ("2 май 2024", "2024-05-02"),
        // Days of the week.
        ("Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02 15:04:05"),
        ("Monday, January 2, 2006", "2006-01-02"),
        ("Mon Jan 02 15:04:05 UTC 2006", "2006-01-02 15:04:05"),
        ("Mon Jan  2 15:04:05 2006", "2006-01-02 15:04:05"),
        ("Mon Jan 02 15:04:05 -0700 2006", "2006-01-02 15:04:05"),
        ("Fri Jan 05 2024 10:11:12 GMT+0100 (Central European Standard Time)", "2024-01-05 10:11:12"),
        ("Mo., 2. Januar 2006", "2006-01-02"),
        ("mar. 2 janv. 2024", "2024-01-02"),
        ("segunda-feira, 2 de janeiro de 2006", "2006-01-02"),
        ("Fr 05.01.2024 10:11", "2024-01-05 10:11:00"),
        // Times.
        ("2024-01-05 10:11:12.123456", "2024-01-05 10:11:12"),
        ("2024-01-05 10:11:12,123", "2024-01-05 10:11:12"),
        ("2024-01-05 10h11", "2024-01-05 10:11:00"),
        ("05/01/2024 10:11:12 PM", "2024-01-05 22:11:12"),
        ("05/01/2024 12:11 am", "2024-01-05 00:11:00"),
        ("05/01/2024 10 p.m.", "2024-01-05 22:00:00"),
        ("10:11:12 Jan 13, 2009 PST", "2009-01-13 10:11:12"),
        ("10:11 05.01.2024", "2024-01-05 10:11:00"),
        // Zones: the day and the time are those that are written.
        ("2024-01-05T23:30:00.000Z", "2024-01-05 23:30:00"),
        ("2024-01-05 23:30:00 UTC", "2024-01-05 23:30:00"),
        ("2024-01-05 23:30:00.123456 UTC", "2024-01-05 23:30:00"),
        ("2024-01-05 23:30:00 -0500", "2024-01-05 23:30:00"),
        ("2024-01-05T23:30:00-05:00", "2024-01-05 23:30:00"),
        ("2024-01-05 23:30:00+05", "2024-01-05 23:30:00"),
        ("2024-01-05 23:30:00 +0000 UTC", "2024-01-05 23:30:00"),
        ("2024-01-05T23:30:00+01:00[Europe/Paris]", "2024-01-05 23:30:00"),
        ("2024-01-05 23:30:00.000 Europe/Berlin", "2024-01-05 23:30:00"),
        ("2024-01-05 23:30:00 EST", "2024-01-05 23:30:00"),
        ("18-Jan-18 23:30 CET", "2018-01-18 23:30:00"),
        // Digits.
        ("20240105", "2024-01-05"),
        ("20240105.0", "2024-01-05"),
        ("2024010510", "2024-01-05 10:00:00"),
        ("202401051011", "2024-01-05 10:11:00"),
        ("20240105101112", "2024-01-05 10:11:12"),
        ("20240105101112.5", "2024-01-05 10:11:12"),
        ("20240105101112123", "2024-01-05 10:11:12"),
        ("20240105T101112Z", "2024-01-05 10:11:12"),
        ("20240105T101112+0100", "2024-01-05 10:11:12"),
        ("20240105 10:11", "2024-01-05 10:11:00"),
        ("20240105101112Z", "2024-01-05 10:11:12"),
        ("43102", "2018-01-02"),
        ("43102.4236", "2018-01-02 10:09:59"),
        ("43102,5", "2018-01-02 12:00:00"),
        ("43102.9999999", "2018-01-03 00:00:00"),
        ("45292", "2024-01-01"),
        ("1704449472", "2024-01-05 10:11:12"),
        ("1704449472.123", "2024-01-05 10:11:12"),
        ("1704449472000", "2024-01-05 10:11:12"),
        ("1704449472123456", "2024-01-05 10:11:12"),
        ("1704449472123456789", "2024-01-05 10:11:12"),
        ("\u{a0}2024-01-05 ", "2024-01-05"),
    ];
    assert!(dates.len() >= 60);
    for (text, expected) in dates {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_date_is_none() {
    let wrong = [
        "2011-13-01",
        "2011-02-30",
        "31/12/11x",
        "31/12/111",
        "yesterday",
        "",
        "12",
        "2024",
        "202401",
        "240105",
        "99999",
        "19999",
        "80001",
        "2011-12-09 25:00",
        "2011-12-09 10:11:12 X",
        "2011-12-09 10:11 AMT",
        "2011-12-09x",
        "2011-12",
        "2011-12-09T",
        "1-2-3-4",
        "1.2.3.4",
        "13/13/2011",
        "31/04/2011",
        "Jan 2018",
        "Jan-18",
        "Jan 32, 2018",
        "18 Janus 2018",
        "18 Mayor 2018",
        "18-Foo-18",
        "Decem 2, 2018",
        "Moonday, January 2, 2006",
        "Mon",
        "Mon Mon 2 Jan 2006",
        "Jan 2 15:04:05",
        "10:11",
        "12.30",
        "1,234.50",
        "0",
        "-1",
        "-1704449472",
        "86400",
        "100000000",
        "20241301",
        "202413011011",
        "20240105T",
        "20240105.5",
        "99999999999999999999",
        "0043102",
        "4.31E4",
        "2024-01-05T10:11:12+1",
        "2024-01-05T10:11:12+99:00",
        "2024-01-05T10:11:12[Mars/Olympus]",
        "2024-01-05 10:11:12 (",
        "١٢/٠٣/٢٠٢٤",
        "\u{feff}",
        "é",
        "Jan\u{e9}",
    ];
    for text in wrong {
        assert_eq!(read(text), "none", "{text}");
    }
}

#[test]
fn the_order_of_the_parts_is_that_of_the_column() {
    let of = |order, text: &str| shown(reader(order).moment(text));
    let (day, month, year) = (Some(PartOrder::DayFirst), Some(PartOrder::MonthFirst), Some(PartOrder::YearFirst));
    assert_eq!([day, month].map(|order| of(order, "3/4/2020")), ["2020-04-03", "2020-03-04"]);
    assert_eq!([day, month].map(|order| of(order, "4/23/20")), ["none", "2020-04-23"]);
    assert_eq!([day, year].map(|order| of(order, "20-04-23")), ["2023-04-20", "2020-04-23"]);
    // Where nothing tells, only what is one day in each order is read; dots are day first.
    assert_eq!([None, year].map(|order| of(order, "3/4/2020")), ["none", "none"]);
    assert_eq!(
        ["3/3/2020", "3/3/20", "03.04.2020"].map(|text| of(None, text)),
        ["2020-03-03", "2020-03-03", "2020-04-03"]
    );
    assert_eq!(of(month, "03.04.2020"), "2020-04-03");
    let settings = ReadSettings { date_format: "mdy".into(), ..ReadSettings::default() };
    let stated = DateReader { order: day, ..DateReader::new(&settings) };
    assert_eq!(
        ["3/4/2020", "03.04.20 8:26"].map(|text| shown(stated.moment(text))),
        ["2020-03-04", "2020-03-04 08:26:00"]
    );
}

#[test]
fn the_usual_forms_are_read_as_by_the_general_rule() {
    let rests =
        ["", " 08:26", "T08:26:59", " 23:59:60", " 24:00", " 08:60:00", "T08:26:61", "x08:26", " 08-26", " 8:26:00"];
    let days = (0..=99_999_999u32).step_by(997).map(|day| day.to_string());
    let dates = days.map(|day| format!("{day:0>8}")).map(|day| format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]));
    let general = |text: &str| day_first().unusual(text.as_bytes());
    for text in dates.flat_map(|date| rests.map(|rest| format!("{date}{rest}"))).chain(["2024/01-31".into()]) {
        let quick = usual(text.as_bytes());
        assert!(quick.is_none() || quick == general(&text), "{text}");
        let simple = text.len() > 10 || !text.contains('/');
        assert!(quick.is_some() || !simple || text.ends_with("8:26:00") || general(&text).is_none(), "{text}");
    }
}

#[test]
fn a_stated_zone_decides_the_day_of_an_instant() {
    let warsaw = DateReader { timezone: Some(Tz::Europe__Warsaw), ..day_first() };
    let moments = [
        ("2011-12-09T23:30:00Z", "2011-12-10 00:30:00"),
        ("2011-12-09T23:30:00.000Z", "2011-12-10 00:30:00"),
        ("2011-12-09 23:30:00.123456 UTC", "2011-12-10 00:30:00"),
        ("2011-12-09T18:30:00-0500", "2011-12-10 00:30:00"),
        ("2011-12-09T23:30:00+01:00", "2011-12-09 23:30:00"),
        ("2011-12-09T18:30:00[America/New_York]", "2011-12-10 00:30:00"),
        ("9 Dec 2011 23:30 GMT", "2011-12-10 00:30:00"),
        ("20111209T233000Z", "2011-12-10 00:30:00"),
        ("1323473400", "2011-12-10 00:30:00"),
        // No instants.
        ("2011-12-09T23:30:00", "2011-12-09 23:30:00"),
        ("2011-12-09 23:30:00 EST", "2011-12-09 23:30:00"),
        ("2011-12-09", "2011-12-09"),
        ("202312092330", "2023-12-09 23:30:00"),
        ("43102", "2018-01-02"),
    ];
    for (text, expected) in moments {
        assert_eq!(shown(warsaw.moment(text)), expected, "{text}");
    }
}

#[test]
fn the_time_of_day_is_read_where_it_is_written() {
    let reader = DateReader { timezone: Some(Tz::Europe__Warsaw), ..day_first() };
    let second = |text: &str| reader.moment(text).and_then(|at| at.clock.second());
    assert_eq!(second("2011-12-09"), None);
    assert_eq!(second("9.12.2011"), None);
    assert_eq!(second("2011-12-09 08:26:05"), Some(30_365));
    assert_eq!(second("2011-12-09T08:26:05.999"), Some(30_365));
    assert_eq!(second("2011-12-09T07:26:05Z"), Some(30_365)); // an hour later in Warsaw
    assert_eq!(second("9/12/2011 8:26 PM"), Some(73_560));
    assert_eq!(second("9/12/2011 12:26 am"), Some(1_560));
    assert_eq!(second("1323419160"), Some(33_960)); // 08:26 UTC
}

#[test]
fn a_stated_form_is_the_only_one() {
    let stated = |format: &str, timezone, text: &str| {
        let reader = DateReader { format: Some(format.into()), timezone, ..DateReader::default() };
        shown(reader.moment(text))
    };
    assert_eq!(stated("%d %b %Y %H:%M", None, "09 Dec 2011 08:26"), "2011-12-09 08:26:00");
    assert_eq!(stated("%d %b %Y", None, "2011-12-09"), "none");
    let zoned = "%Y-%m-%d %H:%M:%S %z";
    assert_eq!(stated(zoned, None, "2011-12-09 23:30:00 -0500"), "2011-12-09 23:30:00");
    assert_eq!(stated(zoned, Some(Tz::UTC), "2011-12-09 23:30:00 -0500"), "2011-12-10 04:30:00");
    // Numbers that are no dates of themselves.
    assert_eq!(stated("%s", None, "86400"), "1970-01-02 00:00:00");
    assert_eq!(stated("%s", Some(Tz::Europe__Warsaw), "1323473400"), "2011-12-10 00:30:00");
    assert_eq!(stated("%Y%m%d%H", None, "2024010510"), "2024-01-05");
}

#[test]
fn zone_and_order_are_stated_in_settings_and_plans() {
    let settings = |text: &str| crate::settings::Settings::parse(text, "x").map(|settings| settings.read);
    let read = settings("[read]\ntimezone = ''\ndate_format = 'mdy'").expect("settings");
    assert_eq!((read.timezone, DateReader::new(&read).order()), (None, Some(PartOrder::MonthFirst)));
    assert_eq!(settings("[read]\ntimezone = 'UTC'").map(|read| read.timezone).ok(), Some(Some(Tz::UTC)));
    assert!(settings("[read]\ndate_format = 'ydm'").is_err());
    // A plan of 0.1.0 has a zone; one without reads moments as they are written.
    let plan = |zone: &str| {
        let text = format!(
            "version = 1\nencoding = 'utf-8'\ndecimal = 'point'\ndate_format = 'dmy'\n{zone}\
             [columns]\ncustomer = 'a'\ndate = 'b'\n"
        );
        crate::plan::ReadingPlan::parse(&text, "x").expect("a plan")
    };
    for (zone, expected) in [("", None), ("timezone = ''\n", None), ("timezone = 'UTC'\n", Some(Tz::UTC))] {
        let plan = plan(zone);
        assert_eq!((plan.timezone, plan.dates().order()), (expected, Some(PartOrder::DayFirst)));
        let again = crate::plan::ReadingPlan::parse(&plan.to_toml().expect("TOML"), "again").expect("a plan");
        assert_eq!(again, plan);
    }
}

/// A writer of dates.
type Form = (&'static str, Option<PartOrder>, fn(NaiveDate) -> String);

/// The forms of programs and languages, each with the order that it needs.
fn forms() -> Vec<Form> {
    fn month(names: &str, date: NaiveDate) -> &str {
        names.split(' ').nth(date.month0() as usize).expect("twelve names")
    }
    vec![
        ("ISO", None, |date| date.to_string()),
        ("ISO slashed", None, |date| date.format("%Y/%-m/%-d").to_string()),
        ("day slashed", Some(PartOrder::DayFirst), |date| date.format("%d/%m/%Y").to_string()),
        ("day dashed", Some(PartOrder::DayFirst), |date| date.format("%-d-%-m-%Y 8:26").to_string()),
        ("month slashed", Some(PartOrder::MonthFirst), |date| date.format("%-m/%-d/%Y").to_string()),
        ("short month slashed", Some(PartOrder::MonthFirst), |date| date.format("%-m/%-d/%y").to_string()),
        ("short day slashed", Some(PartOrder::DayFirst), |date| date.format("%d/%m/%y").to_string()),
        ("short year first", Some(PartOrder::YearFirst), |date| date.format("%y-%m-%d").to_string()),
        ("dotted", None, |date| date.format("%d.%m.%Y").to_string()),
        ("short dotted", None, |date| date.format("%-d.%-m.%y").to_string()),
        ("short named", None, |date| date.format("%d-%b-%y").to_string()),
        ("named", None, |date| date.format("%-d %B %Y").to_string()),
        ("American", None, |date| date.format("%b %-d, %Y 10:11:12 AM").to_string()),
        ("mail", None, |date| date.format("%a, %d %b %Y 15:04:05 +0200").to_string()),
        ("C", None, |date| date.format("%a %b %e 15:04:05 UTC %Y").to_string()),
        ("JavaScript", None, |date| date.format("%a %b %d %Y 10:11:12 GMT+0100 (CET)").to_string()),
        ("SAS", None, |date| date.format("%d%b%Y:10:11:12").to_string().to_uppercase()),
        ("shop", None, |date| date.format("%Y-%m-%d 23:50:44 -0500").to_string()),
        ("instant", None, |date| date.format("%Y-%m-%dT23:59:59.999Z").to_string()),
        ("Java", None, |date| date.format("%Y-%m-%dT00:30:00+01:00[Europe/Paris]").to_string()),
        ("eight digits", None, |date| date.format("%Y%m%d").to_string()),
        ("ten digits", None, |date| date.format("%Y%m%d23").to_string()),
        ("twelve digits", None, |date| date.format("%Y%m%d2359").to_string()),
        ("fourteen digits", None, |date| date.format("%Y%m%d235959").to_string()),
        ("basic ISO", None, |date| date.format("%Y%m%dT235959Z").to_string()),
        ("serial", None, |date| (date.num_days_from_ce() - 693_594).to_string()),
        ("serial with time", None, |date| format!("{}.9993", date.num_days_from_ce() - 693_594)),
        ("seconds", None, |date| (i64::from(date.num_days_from_ce() - 719_163) * 86_400 + 86_399).to_string()),
        ("milliseconds", None, |date| (i64::from(date.num_days_from_ce() - 719_163) * 86_400_000).to_string()),
        ("German", None, |date| {
            let names = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember";
            format!("{}. {} {}", date.day(), month(names, date), date.year())
        }),
        ("French", None, |date| {
            let names = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.";
            format!("{} {} {}", date.day(), month(names, date), date.year())
        }),
        ("Polish", None, |date| {
            let names = "sty lut mar kwi maj cze lip sie wrz paź lis gru";
            format!("{} {} {}", date.day(), month(names, date), date.year())
        }),
        ("Spanish", None, |date| {
            let names = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre";
            format!("{} de {} de {}", date.day(), month(names, date), date.year())
        }),
        ("Bulgarian", None, |date| {
            let names = "януари февруари март април май юни юли август септември октомври ноември декември";
            format!("{} {} {} г.", date.day(), month(names, date), date.year())
        }),
    ]
}

#[test]
fn what_a_form_writes_is_read_as_the_day() {
    let first = NaiveDate::from_ymd_opt(1990, 1, 1).expect("a day");
    for (name, order, write) in forms() {
        let reader = reader(order);
        let last = if name.starts_with("short") { 2069 } else { 2100 };
        for date in first.iter_days().take_while(|date| date.year() < last) {
            // Digits of a day and an hour are those of 1990 to 2100, and so is everything else here.
            let text = write(date);
            assert_eq!(reader.moment(&text).map(|at| at.day), Some(Day::from_date(date)), "{name}: {text}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn nothing_that_is_typed_is_too_much(text in "[0-9A-Za-zäé ./:,+'\\-\\[\\]()\u{a0}\u{2212}]{0,40}") {
        let at = day_first().moment(&text);
        // What is read once is read the same again, and evidence counts it.
        let mut evidence = DateEvidence::default();
        evidence.add(1, &text);
        proptest::prop_assert_eq!(at, day_first().moment(&text));
    }

    #[test]
    fn whole_numbers_are_no_days_of_1970(number in proptest::prelude::any::<i64>()) {
        let at = DateReader::default().number(number);
        proptest::prop_assert!(at.is_none_or(|at| at.day >= Day(-5_572)), "{}", number); // 1954-09-29
        let text = DateReader::default().moment(&number.to_string());
        proptest::prop_assert_eq!(at, text);
    }
}
