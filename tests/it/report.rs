//! The report of a run: the page, what it may show to whom, its languages, its pictures.

use std::collections::BTreeSet;
use std::fs;

use clivia_report::HashKey;
use serde_json::Value;

use crate::support::{Clivia, ORDERS, SCORED, says};

/// A page as text, and its tables.
struct Page(String);

impl Page {
    fn of(clivia: &Clivia, name: &str) -> Page {
        Page(clivia.text(name))
    }

    /// The data that scripts are told.
    fn data(&self) -> Value {
        let (_, from) = self.0.split_once("<script type=\"application/json\" id=\"told\">").unwrap();
        serde_json::from_str(from.split_once("</script>").unwrap().0).unwrap()
    }

    /// The rows of the table below a chart: numbers in full, texts as they are shown.
    fn table(&self, chart: &str) -> Vec<Vec<String>> {
        let (_, from) = self.0.split_once(&format!("id=\"{chart}-figure\"")).unwrap_or_else(|| panic!("no {chart}"));
        let body = from.split_once("<tbody>").unwrap().1.split_once("</tbody>").unwrap().0;
        let cell = |html: &str| match html.split_once("data-v=\"") {
            Some((_, from)) => from.split_once('"').unwrap().0.to_owned(),
            None => without_tags(html),
        };
        let cells = |row: &str| row.split("<td").skip(1).map(|html| cell(html.split_once('>').unwrap().1)).collect();
        body.split("<tr").skip(1).map(cells).collect()
    }

    fn section(&self, id: &str) -> &str {
        let (_, from) = self.0.split_once(&format!("<section id=\"{id}\"")).unwrap();
        from.split_once("</section>").unwrap().0
    }

    fn charts(&self) -> BTreeSet<String> {
        let starts = self.0.split(" id=\"chart-").skip(1);
        starts.map(|from| from.split_once('"').unwrap().0.to_owned()).collect()
    }
}

/// A count in a table, where a dash is nobody.
fn count(cell: &str) -> f64 {
    if cell == "–" { 0.0 } else { cell.parse().unwrap() }
}

fn without_tags(html: &str) -> String {
    let kept = html.split('<').enumerate().map(|(place, part)| match (place, part.split_once('>')) {
        (0, _) | (_, None) => part,
        (_, Some((_, text))) => text,
    });
    kept.collect()
}

const SECTIONS: [&str; 8] = ["headline", "map", "profit", "rfm", "clusters", "value", "timing", "data"];

/// What the simulated base has charts of.
const CHARTS: [&str; 19] = [
    "alive",
    "by-frequency",
    "clv",
    "deciles",
    "dropout-probability",
    "map",
    "matrix-alive",
    "matrix-purchases",
    "profile",
    "purchase-rate",
    "repeat-counts",
    "scores",
    "segments",
    "silhouette",
    "sizes",
    "timing",
    "tracking-cumulative",
    "tracking-periods",
    "whale",
];

/// A copy of what the simulated base came to.
fn scored() -> Clivia {
    let clivia = Clivia::new();
    for name in SCORED.files_in("out").iter().filter(|name| !name.starts_with('.')) {
        clivia.write(&format!("out/{name}"), SCORED.read(&format!("out/{name}")));
    }
    clivia
}

fn report(clivia: &Clivia, name: &str, more: &[&str]) -> Page {
    clivia.run(&[&["report", "--from", "out", "--out", name], more].concat()).ok();
    Page::of(clivia, name)
}

// ---- the page

#[test]
fn the_page_needs_nothing_beside_it() {
    let page = Page::of(&SCORED, "out/report.html");
    for section in SECTIONS {
        assert!(page.section(section).contains("<h2"), "{section}");
    }
    assert_eq!(page.charts(), CHARTS.map(String::from).into());
    // Nothing is loaded from anywhere: no source, no link but to the page itself.
    let html = page.0.split("<script>").next().unwrap();
    for loads in ["src=", "@import", "url(", "href=\"http", "<iframe", "<object"] {
        assert!(!html.contains(loads), "{loads}");
    }
    says(html, &["default-src &#x27;none&#x27;", "script-src", "sha256-", "base-uri"]);
    says(&page.0, &["Apache License", "Copyright"]);
    assert!(page.0.len() < 3_000_000, "{}", page.0.len());
}

#[test]
fn the_page_can_be_made_again_from_the_files_of_the_run() {
    let clivia = scored();
    let first = clivia.read("out/report.html");
    fs::remove_file(clivia.path("out/report.html")).unwrap();
    clivia.run(&["report", "--from", "out"]).ok();
    assert!(clivia.read("out/report.html") == first, "other bytes");
    // And once more, in the place of the one there.
    clivia.run(&["report", "--from", "out"]).ok();
    assert!(clivia.read("out/report.html") == first, "other bytes");
}

#[test]
fn every_number_is_one_of_the_run() {
    let page = Page::of(&SCORED, "out/report.html");
    let run = SCORED.run_json();
    let near = |shown: &str, whole: f64| {
        let shown: f64 = shown.parse().unwrap();
        assert!((shown - whole).abs() <= 1e-9 * whole.abs().max(1.0), "{shown} and {whole}");
    };

    // Segments as in their table.
    let segments = SCORED.table("out/segments.csv");
    let held: Vec<usize> = (0..segments.rows.len()).filter(|row| segments.numbers("customers")[*row] > 0.0).collect();
    let shown = page.table("segments");
    assert_eq!(shown.len(), held.len());
    for (row, at) in shown.iter().zip(held) {
        assert_eq!(row[0], segments.column("segment")[at]);
        near(&row[1], segments.numbers("customers")[at]);
        assert!(
            row.contains(&segments.column("revenue")[at].trim_end_matches('0').trim_end_matches('.').to_owned()),
            "{row:?}"
        );
    }

    // Cells of the map as in theirs.
    let cells = SCORED.table("out/map.csv");
    let shown = page.table("map");
    assert_eq!(shown.len(), cells.rows.len());
    for (row, at) in shown.iter().zip(0..) {
        near(&row[1], cells.numbers("customers")[at]);
    }
    let points = page.data()["figures"][0]["chart"]["points"].as_array().unwrap().len();
    assert_eq!(points, run["customers"]["scored"].as_u64().unwrap() as usize);

    // The whale curve ends at the profit of the run.
    let whale = page.table("whale");
    near(&whale.last().unwrap()[1], run["profit"]["profit"].as_f64().unwrap());

    // Ten tenths hold all customers and the whole value.
    let deciles = page.table("deciles");
    let sum = |column: usize| deciles.iter().map(|row| row[column].parse::<f64>().unwrap()).sum::<f64>();
    assert_eq!(deciles.len(), 10);
    near(&sum(1).to_string(), 396.0);
    let clv: f64 = SCORED.customers().numbers("clv").iter().sum();
    assert!((sum(2) - clv).abs() < 1.0, "{} and {clv}", sum(2));

    // Fields, bins and scores hold everybody.
    let everybody = |chart: &str, column: usize| {
        let sum: f64 = page.table(chart).iter().map(|row| count(&row[column])).sum();
        assert_eq!(sum, 396.0, "{chart}");
    };
    everybody("scores", 2);
    everybody("clv", 1);
    everybody("alive", 1);
    everybody("sizes", 1);

    // The headline has the count of the run and the interval of its forecast.
    let forecast = &run["forecast"]["total"]["clv"];
    let marked = |number: f64| format!("data-v=\"{number}\"");
    let low = marked(forecast["low"].as_f64().unwrap());
    says(page.section("headline"), &["data-v=\"396\"", &low, &marked(forecast["high"].as_f64().unwrap())]);
}

#[test]
fn what_is_held_out_was_not_seen() {
    let page = Page::of(&SCORED, "out/report.html");
    let tracking = page.table("tracking-cumulative");
    let frequencies: f64 = SCORED.customers().numbers("frequency").iter().sum();
    // All repeat purchases but those of customers who came within the holdout.
    let made: f64 = tracking.last().unwrap()[1].parse().unwrap();
    assert!(made <= frequencies && made > 0.5 * frequencies, "{made} of {frequencies}");
    assert!(tracking.windows(2).all(|pair| pair[0][1].parse::<f64>().unwrap() <= pair[1][1].parse::<f64>().unwrap()));
    says(page.section("value"), &["compared with what"]);
}

#[test]
fn sections_without_data_say_so_in_a_line() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("bare.csv", "customer_id,order_date\na,2024-01-01\na,2024-01-08\nb,2024-01-02\nc,2024-02-05\n");
    for orders in ["orders.csv", "bare.csv"] {
        clivia.scored(orders, &["--not-converged", "empty", "--overwrite"]);
        let page = Page::of(&clivia, "out/report.html");
        says(page.section("map"), &["no contact log"]);
        says(page.section("timing"), &["no contact log"]);
        assert!(!page.section("map").contains("<figure"));
        assert!(page.section("data").contains("<table"));
    }
    says(Page::of(&clivia, "out/report.html").section("profit"), &["no amounts"]);
}

#[test]
fn a_frozen_run_has_its_report() {
    let clivia = scored();
    clivia.run(&["simulate", "--customers", "400", "--seed", "7", "--out", "."]).ok();
    let more = ["--contacts", "contacts.csv", "--frozen", "out/run.json", "--out", "again"];
    clivia.scored("orders.csv", &more);
    let page = Page::of(&clivia, "again/report.html");
    assert!(page.charts().is_superset(&["map", "clv", "segments"].map(String::from).into()));
    says(page.section("value"), &["no holdout"]);
}

#[test]
fn a_large_base_has_a_small_page() {
    let clivia = Clivia::simulated(20_000, 3);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    let page = Page::of(&clivia, "out/report.html");
    let map = page.data()["figures"][0].clone();
    let points = map["chart"]["points"].as_array().unwrap().len();
    assert!((1_500..=2_000).contains(&points), "{points}");
    let fields = map["chart"]["density"].as_array().unwrap();
    let scored = clivia.run_json()["customers"]["scored"].as_u64().unwrap();
    assert_eq!(fields.iter().map(|field| field["customers"].as_u64().unwrap()).sum::<u64>(), scored);
    assert!(page.0.len() < 3_000_000, "{}", page.0.len());
    assert!(clivia.read("out/figures.json").len() < 1_500_000);
}

#[test]
fn no_report_is_written_where_none_is_wanted() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.scored("orders.csv", &["--no-report", "--not-converged", "empty"]);
    let files = clivia.files_in("out");
    assert!(files.contains(&"figures.json".into()) && !files.contains(&"report.html".into()), "{files:?}");
    clivia.run(&["report", "--from", "out"]).ok();
    says(&clivia.text("out/report.html"), &["<!doctype html>"]);
}

// ---- who may see what

/// Every id of the base that a text holds.
fn named(text: &str) -> usize {
    SCORED.customers().column("customer_id").iter().filter(|id| text.contains(*id)).count()
}

#[test]
fn no_customer_is_named_where_none_is_to_be() {
    let clivia = scored();
    assert!(named(&clivia.text("out/report.html")) == 396);
    let page = report(&clivia, "closed.html", &["--no-customers"]);
    assert_eq!(named(&page.0), 0);
    let map = &page.data()["figures"][0]["chart"];
    assert_eq!(map["points"].as_array().unwrap().len(), 0);
    assert!(!page.0.contains("<tr data-cell="));
    // What is summed up stays.
    assert_eq!(page.charts(), CHARTS.map(String::from).into());
}

#[test]
fn ids_are_hashed_with_a_key() {
    let clivia = scored();
    clivia.write("key", "a secret of the company\n");
    let first = report(&clivia, "first.html", &["--hash-ids=key"]);
    assert_eq!(named(&first.0), 0);
    let key = HashKey::kept(b"a secret of the company");
    let customers = SCORED.customers();
    let hashed = customers.column("customer_id").iter().filter(|id| first.0.contains(&key.hashed(id))).count();
    assert_eq!(hashed, 396);
    let again = report(&clivia, "again.html", &["--hash-ids=key"]);
    assert!(first.0 == again.0);

    let args = ["report", "--from", "out", "--out", "variable.html", "--hash-ids"];
    let mut command = clivia.command(&args);
    assert!(command.env("CLIVIA_HASH_KEY", "a secret of the company").output().unwrap().status.success());
    assert!(clivia.text("variable.html") == first.0);

    // Without a key one is drawn, which nobody has.
    let (one, other) = (report(&clivia, "one.html", &["--hash-ids"]), report(&clivia, "other.html", &["--hash-ids"]));
    assert!(named(&one.0) == 0 && one.0 != other.0);

    clivia.write("empty", " \n");
    let ran = clivia.run(&["report", "--from", "out", "--out", "x.html", "--hash-ids=empty"]);
    assert_eq!(ran.code, Some(2));
    says(&ran.stderr, &["empty", "key is empty"]);
    assert!(!clivia.path("x.html").exists());
}

#[test]
fn small_groups_are_merged() {
    let clivia = scored();
    let least = 25.0;
    let page = report(&clivia, "merged.html", &["--min-cell", "25"]);
    for (chart, column, may_be_empty) in [
        ("segments", 1, false),
        ("sizes", 1, false),
        ("clv", 1, false),
        ("alive", 1, false),
        ("deciles", 1, false),
        ("scores", 2, true),
        ("map", 1, true),
    ] {
        let counts: Vec<f64> = page.table(chart).iter().map(|row| count(&row[column])).collect();
        assert!(!counts.is_empty(), "{chart}");
        for count in &counts {
            assert!(*count >= least || (may_be_empty && *count == 0.0), "{chart}: {counts:?}");
        }
        // Nobody is lost but in the table of scores, whose small fields are shown as empty.
        if chart != "scores" {
            assert_eq!(counts.iter().sum::<f64>(), 396.0, "{chart}");
        }
    }
    for field in page.data()["figures"][0]["chart"]["density"].as_array().unwrap() {
        assert!(field["customers"].as_f64().unwrap() >= least);
    }
    says(page.section("rfm"), &["All others together"]);
}

// ---- languages

#[test]
fn the_report_speaks_four_languages() {
    let clivia = scored();
    let said = [("en", "Customers: worth"), ("pl", "Klienci"), ("ro", "Clienți"), ("bg", "Клиенти")];
    for (lang, title) in said {
        let page = report(&clivia, &format!("{lang}.html"), &["--lang", lang]);
        says(&page.0, &[&format!("<html lang=\"{lang}\">"), title]);
        assert_eq!(page.charts(), CHARTS.map(String::from).into());
        assert_eq!(page.table("segments").len(), Page::of(&SCORED, "out/report.html").table("segments").len());
    }
    let ran = clivia.run(&["report", "--from", "out", "--lang", "tlh"]);
    assert_eq!(ran.code, Some(2));
    says(&ran.stderr, &["tlh", "en (English)", "bg (Bulgarian)"]);
}

#[test]
fn the_settings_file_sets_what_flags_do_not() {
    let clivia = Clivia::simulated(400, 7);
    clivia.write("clivia.toml", "[report]\nlang = 'pl'\nmin_cell = 25\n");
    clivia.scored("orders.csv", &["--config", "clivia.toml"]);
    let page = Page::of(&clivia, "out/report.html");
    says(&page.0, &["<html lang=\"pl\">"]);
    assert!(page.table("segments").iter().all(|row| row[1].parse::<f64>().unwrap() >= 25.0));
    // The run keeps them for when its report is made again.
    clivia.run(&["report", "--from", "out", "--out", "again.html"]).ok();
    assert!(Page::of(&clivia, "again.html").0 == page.0);
    let english = report(&clivia, "en.html", &["--lang", "en", "--min-cell", "1"]);
    says(&english.0, &["<html lang=\"en\">"]);
}

// ---- hostile data

#[test]
fn what_users_wrote_is_text_and_nothing_else() {
    let clivia = Clivia::simulated(400, 7);
    let hostile = "<script>alert(1)</script>";
    let long = "x".repeat(10_000);
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let renamed = |text: &str| {
        let lines = text.lines().map(|line| {
            let cells = line.split(',').map(|cell| match cell {
                id if id.starts_with('C') && id.ends_with('7') => quoted(&format!("</script>{hostile}{id}")),
                id if id.starts_with('C') && id.ends_with('3') => format!("{long}{id}"),
                "phone" => quoted("\"><img src=x onerror=alert(1)>"),
                "visit" => "\u{2028}\u{202e}\u{200f}visit".into(),
                other => other.to_owned(),
            });
            cells.collect::<Vec<_>>().join(",")
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    clivia.write("orders.csv", renamed(&clivia.text("orders.csv")));
    clivia.write("contacts.csv", renamed(&clivia.text("contacts.csv")));
    clivia.write(
        "clivia.toml",
        format!("[rfm]\nsegments = [{{ segment = \"{hostile}\" }}]\n[contacts.channels]\n'\"><img src=x onerror=alert(1)>' = 0.7\n"),
    );
    clivia.scored("orders.csv", &["--contacts", "contacts.csv", "--config", "clivia.toml"]);
    let page = clivia.text("out/report.html");
    // Up to the scripts, which are ours.
    let (own, _) = page.split_once("<script>").unwrap();
    assert!(!own.contains(hostile) && !own.contains("<img"));
    assert_eq!(page.matches("</script>").count(), 4, "an element that was not meant");
    assert!(!page.contains(&long) && !page.contains('\u{2028}') && !page.contains('\u{202e}'));
    says(&page, &["&lt;script&gt;alert(1)&lt;&#x2f;script&gt;", "\\u003cscript>alert(1)\\u003c/script>"]);
}

// ---- pictures

#[test]
fn each_chart_is_a_picture() {
    let clivia = scored();
    clivia.run(&["report", "--from", "out", "--plots", "plots"]).ok();
    let files: BTreeSet<String> = clivia.files_in("plots").into_iter().filter(|name| !name.starts_with('.')).collect();
    let mut expected: BTreeSet<String> = CHARTS.iter().map(|chart| format!("{chart}.svg")).collect();
    expected.insert("plots.json".into());
    assert_eq!(files, expected);
    for chart in CHARTS {
        let svg = clivia.text(&format!("plots/{chart}.svg"));
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{chart}");
        assert!(svg.contains("xmlns=\"http://www.w3.org/2000/svg\"") && !svg.contains("NaN"), "{chart}");
        assert!(svg.matches("<path").count() + svg.matches("<rect").count() > 5, "{chart}: nothing is drawn");
    }
    let record: Value = serde_json::from_slice(&clivia.read("plots/plots.json")).unwrap();
    assert_eq!(record.as_array().unwrap().len(), CHARTS.len());
    assert!(record.as_array().unwrap().iter().all(|one| !one["title"].as_str().unwrap().is_empty()));

    // What score draws is the same, and what is there is not touched.
    let before = clivia.results("plots");
    let ran = clivia.run(&["report", "--from", "out", "--plots", "plots"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["plots", "--overwrite"]);
    clivia.run(&["simulate", "--customers", "400", "--seed", "7", "--out", "."]).ok();
    clivia.scored("orders.csv", &["--contacts", "contacts.csv", "--plots", "again", "--out", "other"]);
    assert!(clivia.results("again") == before);
}

// ---- what goes wrong

#[test]
fn a_folder_that_is_no_run_is_refused_in_words() {
    let clivia = scored();
    let refused = |args: &[&str], said: &[&str]| {
        let ran = clivia.run(&[&["report"], args].concat());
        assert!(ran.code == Some(1) || ran.code == Some(2), "{ran:?}");
        assert_eq!(ran.stdout, "");
        says(&ran.stderr, said);
    };
    refused(&["--from", "nowhere"], &["nowhere/run.json", "there is no folder nowhere", "./out"]);
    let before = clivia.read("out/report.html");
    refused(&["--from", "out", "--out", "out/report.html"], &["out/report.html", "--overwrite"]);
    clivia.write("out/figures.json", "{\"map\": 1");
    refused(&["--from", "out"], &["figures.json", "damaged", "score again"]);
    assert!(clivia.read("out/report.html") == before, "an old report is lost");
    assert!(!clivia.files_in("out").iter().any(|name| name.ends_with(".tmp")));
}

// ---- the terminal

#[test]
fn a_terminal_has_colour_and_a_file_has_none() {
    let clivia = Clivia::simulated(400, 7);
    let run = |out: &str, variables: &[(&str, &str)]| {
        let args = ["score", "orders.csv", "--contacts", "contacts.csv", "--out", out];
        let mut command = clivia.command(&args);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let plain = run("plain", &[]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    says(&plain, &["map: value \\ contact", "█"]);
    let coloured = run("coloured", &[("CLICOLOR_FORCE", "1")]);
    assert!(coloured.contains("\u{1b}[38;5;16m\u{1b}[48;5;"), "{coloured}");
    let refused = run("refused", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
    assert!(!refused.contains('\u{1b}'), "{refused}");
    // Colour changes nothing but colour.
    let mut uncoloured = coloured.clone();
    while let Some(start) = uncoloured.find('\u{1b}') {
        let end = start + uncoloured[start..].find('m').unwrap();
        uncoloured.replace_range(start..=end, "");
    }
    assert_eq!(uncoloured.replace("coloured", "plain"), plain);
}
