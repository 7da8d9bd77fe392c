//! What stands around the rows of a file: found out, whatever wrote it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, StructArray};
use arrow::datatypes::{DataType, Field};
use arrow::ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use clivia_core::base::Day;
use clivia_core::base::ids::Id;
use clivia_core::control::Control;
use clivia_io::error::TableError;
use clivia_io::files;
use clivia_io::frame::{Frame, LineEnd};
use clivia_io::orders::{CurrencySettings, Given, OrderSettings, OrdersReader};
use clivia_io::plan::{Decimal, ReadSettings, ReadingPlan};
use clivia_io::rejects::{Rejects, Rule};

/// What reading came to.
#[derive(Debug)]
struct Came {
    /// Customer, day and amount of each line.
    lines: Vec<String>,
    /// How often each rule refused a row.
    refused: Vec<(Rule, u64)>,
    plan: ReadingPlan,
}

/// A file in a folder that goes with it.
struct Kept(#[allow(dead_code)] TempDir, PathBuf);

fn kept(name: &str, bytes: impl AsRef<[u8]>) -> Kept {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    Kept(folder, path)
}

impl Kept {
    fn read_with(&self, read: &ReadSettings, orders: &OrderSettings) -> Result<Came, TableError> {
        let currency = CurrencySettings::default();
        let (mut rejects, mut lines) = (Rejects::counting(false), Vec::new());
        let reader = OrdersReader::new(read, orders, &currency);
        let read =
            reader.read(&files::find(std::slice::from_ref(&self.1))?, &Control::default(), &mut rejects, |given| {
                let Given::Lines(more) = given else {
                    lines.clear();
                    return Ok(());
                };
                lines.extend(more.iter().map(|line| {
                    let day: Day = line.at.day;
                    format!("{} {day} {}", Id::from(line.customer), line.amount)
                }));
                Ok(())
            })?;
        lines.sort();
        let refused = rejects.counts().get("orders").cloned().unwrap_or_default().into_iter().collect();
        Ok(Came { lines, refused, plan: read.plan.expect("a file was read") })
    }

    fn read(&self, read: &ReadSettings) -> Came {
        self.read_with(read, &OrderSettings::default()).expect("it can be read")
    }

    fn refused(&self, read: &ReadSettings) -> TableError {
        self.read_with(read, &OrderSettings::default()).expect_err("it cannot be read")
    }
}

fn read(text: impl AsRef<[u8]>) -> Came {
    kept("orders.csv", text).read(&ReadSettings::default())
}

fn comma() -> ReadSettings {
    ReadSettings { decimal: Some(Decimal::Comma), ..ReadSettings::default() }
}

const PLAIN: &str = "customer,date,amount\nK1,2024-01-05,36.77\nK2,2024-01-06,5\nK1,2024-02-07,12.5\n";
const LINES: [&str; 3] = ["K1 2024-01-05 36.77", "K1 2024-02-07 12.5", "K2 2024-01-06 5"];

fn numbers(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| line.trim_end_matches('0').trim_end_matches('.').to_string()).collect()
}

fn assert_plain(came: &Came, what: &str) {
    assert_eq!(numbers(&came.lines), numbers(&LINES.map(String::from)), "{what}");
    assert_eq!(came.refused, [], "{what}");
}

#[test]
fn a_plain_file_has_a_plain_frame() {
    let came = read(PLAIN);
    assert_plain(&came, "plain");
    let frame = Frame { encoding: "utf-8".into(), delimiter: ",".into(), header_line: 1, ..Frame::default() };
    assert_eq!((came.plan.frame, came.plan.encoding.as_str()), (frame, "utf-8"));
}

#[test]
fn the_same_rows_in_any_frame_are_the_same() {
    let body = PLAIN;
    let semicolons = PLAIN.replace(',', ";");
    let frames = [
        ("preamble", format!("Sales report\nPeriod:,2024-01-01 to 2024-06-30\nCurrency:,USD\n\n{body}")),
        ("padded preamble", format!("Sales report,,\nPeriod:,2024,\n,,\n{body}")),
        ("sep line", format!("\u{feff}sep=;\r\n{}", semicolons.replace('\n', "\r\n"))),
        ("sep line in quotes", format!("\"sep=;\"\n{semicolons}")),
        ("delimiters at all ends", body.replace('\n', ",\n")),
        ("delimiters at the ends of rows", body.replace('\n', ",\n").replacen(",\n", "\n", 1)),
        ("two delimiters at the ends of rows", body.replace('\n', ",,\n").replacen(",,\n", "\n", 1)),
        ("a delimiter at the end of the header", body.replacen('\n', ",\n", 1)),
        ("carriage returns", body.replace('\n', "\r")),
        ("windows", body.replace('\n', "\r\n")),
        ("formulas", body.replace("K1,", "=\"K1\",").replace("K2,", "\"=\"\"K2\"\"\",")),
        ("a formula in the header", body.replace("customer", "=\"customer\"")),
        ("blank names", "\"customer\",\" date\",\" amount\"\n".to_string() + body.split_once('\n').expect("a line").1),
    ];
    for (what, text) in frames {
        assert_plain(&read(text), what);
    }
}

#[test]
fn what_was_found_is_in_the_plan() {
    let frame = |text: String| read(text).plan.frame;
    let report = frame(format!("Report\nfor:,2024\n\n{PLAIN}"));
    assert_eq!((report.header_line, report.sep_line), (4, false));
    let sep = frame(format!("sep=,\r\n{}", PLAIN.replace('\n', "\r\n")));
    assert_eq!((sep.header_line, sep.sep_line, sep.line_end), (2, true, LineEnd::CrLf));
    let macintosh = frame(PLAIN.replace('\n', ",\r"));
    assert_eq!((macintosh.end_delimiters, macintosh.line_end), (true, LineEnd::Cr));
    // An older plan has no frame.
    let plan = read(PLAIN).plan;
    let text = plan.to_toml().expect("it can be written");
    assert_eq!(ReadingPlan::parse(&text, "x").expect("a plan"), plan);
    let (old, _) = text.split_once("[frame]").expect("the frame stands last");
    assert_eq!(ReadingPlan::parse(old, "x").expect("a plan").frame, Frame::default());
}

#[test]
fn row_numbers_are_those_of_the_file() {
    let text = format!("Report\n\n{PLAIN},2024-01-01,5\n");
    let kept = kept("orders.csv", text);
    let settings = ReadSettings::default();
    let orders = OrderSettings::default();
    let currency = CurrencySettings::default();
    let mut rejects = Rejects::counting(true);
    let reader = OrdersReader::new(&settings, &orders, &currency);
    let sources = files::find(std::slice::from_ref(&kept.1)).expect("a file");
    let error = reader.read(&sources, &Control::default(), &mut rejects, |_| Ok(())).expect_err("it is strict");
    assert!(error.to_string().contains("row 7"), "{error}");
}

#[test]
fn what_only_looks_like_a_frame_is_left() {
    // A first column called sep; an order line that is wide; an inch sign; a customer whose name begins like a total.
    let came = read("sep,customer,date,amount\n1,K1,2024-01-05,36.77\n2,K2,2024-01-06,5\n3,K1,2024-02-07,12.5\n");
    assert_plain(&came, "sep");
    let came = read(
        "customer,date,amount\nDoe, John,2024-01-05,1\nK1,2024-01-05,36.77\nK2,2024-01-06,5\nK1,2024-02-07,12.5\n",
    );
    assert_eq!((came.lines.len(), came.refused), (3, vec![(Rule::WrongNumberOfCells, 1)]));
    let came = read("customer,date,amount\n5\" pipe,2024-01-05,1\nTotal Wine,2024-01-06,2\n");
    assert_eq!(
        came.lines.iter().map(|line| line.rsplitn(3, ' ').nth(2)).collect::<Vec<_>>(),
        [Some("5\" pipe"), Some("Total Wine")]
    );
    // Stated, the header is not looked for.
    let stated = ReadSettings { header_line: 3, ..ReadSettings::default() };
    assert_plain(&kept("x.csv", format!("a,b,c\nd,e,f\n{PLAIN}")).read(&stated), "stated");
    let beyond = kept("x.csv", PLAIN).refused(&ReadSettings { header_line: 9, ..ReadSettings::default() });
    assert_eq!(beyond.setting(), Some("read.header_line"));
}

#[test]
fn a_short_row_of_totals_is_named() {
    let came = read(format!("{PLAIN}Total,54.27\n"));
    assert_eq!(came.refused, [(Rule::TotalsRow, 1)]);
    let came = read(format!("{PLAIN}Total Wine,54.27\n"));
    assert_eq!(came.refused, [(Rule::WrongNumberOfCells, 1)]);
}

/// Names in which every encoding differs.
fn named(name: &str) -> String {
    PLAIN.replace("customer", "Käufer").replace("K1", name)
}

#[test]
fn encodings_are_found_out_and_said() {
    let orders = OrderSettings { customer: "Käufer".into(), ..OrderSettings::default() };
    let came = |bytes: &[u8], encoding: &str| {
        let settings = ReadSettings { encoding: encoding.into(), ..ReadSettings::default() };
        kept("orders.csv", bytes).read_with(&settings, &orders)
    };
    for (encoding, name) in [
        (encoding_rs::WINDOWS_1252, "Jörg Müller, Köln – Straße"),
        (encoding_rs::WINDOWS_1252, "Zoë"),
        (encoding_rs::UTF_8, "Łukasz Żółć"),
    ] {
        let name = name.replace(',', "");
        let bytes = encoding.encode(&named(&name)).0.into_owned();
        let found = came(&bytes, "").expect("it can be read");
        assert_eq!(found.refused, [], "{name}");
        assert!(found.lines.iter().any(|line| line.starts_with(&name)), "{:?}", found.lines);
        assert_eq!(found.plan.encoding, encoding.name().to_lowercase(), "{name}");
        // Read by its plan, it is the same.
        assert_eq!(came(&bytes, &found.plan.encoding).expect("it can be read").lines, found.lines);
    }
    let wide = |unit: fn(u16) -> [u8; 2]| named("Łukasz").encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    for (bytes, encoding) in [(wide(u16::to_le_bytes), "utf-16le"), (wide(u16::to_be_bytes), "utf-16be")] {
        let found = came(&bytes, "").expect("it can be read");
        assert_eq!((found.lines.len(), found.plan.encoding.as_str()), (3, encoding));
        assert!(found.lines.iter().any(|line| line.starts_with("Łukasz")));
    }
}

#[test]
fn an_encoding_that_shows_late_is_found_out_too() {
    let mut bytes = b"customer,date,amount,note\n".to_vec();
    (0..100_000).for_each(|row| bytes.extend(format!("K{row},2024-01-05,1,\n").bytes()));
    bytes.extend(b"J\xf6rg,2024-01-05,1,\n");
    let came = read(&bytes);
    assert_eq!((came.lines.len(), came.refused.len()), (100_001, 0));
    assert!(came.lines.iter().any(|line| line.starts_with("Jörg")));
    assert_eq!(came.plan.encoding, "windows-1252");
    // Stated, it is what is stated.
    let stated = ReadSettings { encoding: "utf-8".into(), ..ReadSettings::default() };
    assert_eq!(kept("orders.csv", &bytes).read(&stated).refused, [(Rule::NotText, 1)]);
}

#[test]
fn bytes_that_are_no_text_cost_no_row_where_nobody_needs_them() {
    let bytes =
        b"customer,date,amount,note\nK1,2024-01-05,36.77,Caf\xe9\nK2,2024-01-06,5,\xff\xfe\nK1,2024-02-07,12.5,x\n";
    for encoding in ["", "utf-8"] {
        let settings = ReadSettings { encoding: encoding.into(), ..ReadSettings::default() };
        assert_plain(&kept("orders.csv", bytes).read(&settings), encoding);
    }
    // What is damaged in a file of UTF-8 is not read as another encoding.
    let text = format!("customer,date,amount\n{}", "Łódź,2024-01-05,1\n".repeat(50));
    let came = read([text.as_bytes(), b"\xc5\xc5,2024-01-05,1\n"].concat());
    assert_eq!((came.lines.len(), came.refused), (50, vec![(Rule::NotText, 1)]));
}

#[test]
fn a_stray_quote_loses_no_row_and_a_cell_over_lines_no_line() {
    let row = |row: u32, quote: &str| format!("{quote}K{},2024-01-{:02},1.50\n", row % 97, row % 28 + 1);
    let all = |quotes: &[u32]| {
        let rows: String = (1..=100_000).map(|at| row(at, if quotes.contains(&at) { "\"" } else { "" })).collect();
        read(format!("customer,date,amount\n{rows}"))
    };
    let plain = all(&[]).lines;
    for quotes in [&[50_000, 60_000][..], &[50_000], &[1], &[100_000]] {
        let came = all(quotes);
        assert_eq!((came.lines.len(), &came.lines, came.refused), (100_000, &plain, vec![]), "{quotes:?}");
    }
    let came = read(
        "customer,date,amount,address\nK1,2024-01-05,36.77,\"Main St 5\nBerlin\"\nK2,2024-01-06,5,\"a\nb, c\nd\"\nK1,2024-02-07,12.5,\n",
    );
    assert_plain(&came, "addresses");
}

#[test]
fn values_of_nested_json_have_paths() {
    let line = |user: &str, at: &str, amount: &str| {
        format!(
            r#"{{"user":{{"id":"{user}"}},"date":"{at}","ecommerce":{{"purchase_revenue":{amount}}},"event_params":[{{"key":"page","value":{{"string_value":"x"}}}}]}}"#
        )
    };
    let lines = [line("K1", "2024-01-05", "36.77"), line("K2", "2024-01-06", "5"), line("K1", "2024-02-07", "12.5")];
    let orders = OrderSettings {
        customer: "user.id".into(),
        amount: "ecommerce.purchase_revenue".into(),
        ..OrderSettings::default()
    };
    let array = format!("[\n{}\n]\n", lines.join(",\n"));
    for (name, text) in [("orders.ndjson", lines.join("\n")), ("orders.json", array.clone()), ("orders.txt", array)] {
        let kept = kept(name, text);
        let came = kept.read_with(&ReadSettings::default(), &orders).expect("it can be read");
        assert_plain(&came, name);
        let source = files::find_one(&kept.1).expect("a file");
        let names = clivia_io::source::Source::columns(&source, &ReadSettings::default()).expect("columns");
        assert_eq!(names, ["user.id", "date", "ecommerce.purchase_revenue", "event_params.page.value"], "{name}");
    }
    let broken = kept("orders.json", format!("[{}, 5, {{\"x\":", lines[0]));
    let came = broken.read_with(&ReadSettings::default(), &orders).expect("it can be read");
    assert_eq!((came.lines.len(), came.refused), (1, vec![(Rule::NotJson, 2)]));
}

#[test]
fn keys_that_come_late_are_seen() {
    let plain = |row: u32| format!("{{\"customer\":\"K{row}\",\"date\":\"2024-01-05\"}}\n");
    let text: String = (0..3_000).map(plain).collect();
    let text = format!("{text}{{\"customer\":\"K1\",\"date\":\"2024-01-05\",\"amount\":7}}\n");
    let came = kept("orders.ndjson", text).read(&ReadSettings::default());
    assert_eq!(came.plan.columns.amount.as_deref(), Some("amount"));
    assert_eq!((came.lines.len(), came.refused), (1, vec![(Rule::MissingAmount, 3_000)]));
}

#[test]
fn columns_within_structs_have_paths() {
    let texts = |texts: [&str; 3]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let amounts = Arc::new(Float64Array::from(vec![36.77, 5.0, 12.5])) as ArrayRef;
    let user = StructArray::from(vec![(Arc::new(Field::new("id", DataType::Utf8, false)), texts(["K1", "K2", "K1"]))]);
    let shop = StructArray::from(vec![
        (Arc::new(Field::new("revenue", DataType::Float64, false)), amounts),
        (Arc::new(Field::new("note", DataType::Utf8, false)), texts(["", "x", ""])),
    ]);
    let columns = [
        ("user", Arc::new(user) as ArrayRef),
        ("date", texts(["2024-01-05", "2024-01-06", "2024-02-07"])),
        ("shop", Arc::new(shop) as _),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let orders =
        OrderSettings { customer: "user.id".into(), amount: "shop.revenue".into(), ..OrderSettings::default() };
    for name in ["orders.parquet", "orders.arrow"] {
        let kept = kept(name, "");
        let file = File::create(&kept.1).expect("a file");
        if name.ends_with("parquet") {
            let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("types that can be written");
            writer.write(&batch).expect("rows are written");
            writer.close().expect("the file is ended");
        } else {
            let mut writer = FileWriter::try_new(file, &batch.schema()).expect("types that can be written");
            writer.write(&batch).expect("rows are written");
            writer.finish().expect("the file is ended");
        }
        assert_plain(&kept.read_with(&ReadSettings::default(), &orders).expect("it can be read"), name);
        let drop = OrderSettings { duplicates: clivia_io::orders::Duplicates::Drop, ..orders.clone() };
        assert_plain(&kept.read_with(&ReadSettings::default(), &drop).expect("it can be read"), name);
    }
}

/// Writes a zip file.
fn zipped(path: &Path, files: &[(&str, &[u8])]) {
    let mut archive = zip::ZipWriter::new(File::create(path).expect("a file"));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a name");
        archive.write_all(bytes).expect("bytes");
    }
    archive.finish().expect("the archive is ended");
}

#[test]
fn an_archive_with_one_table_is_that_table() {
    let kept = kept("orders.zip", "");
    zipped(&kept.1, &[("readme.md", b"#"), ("data/orders.csv", PLAIN.as_bytes()), ("__MACOSX/._orders.csv", b"x")]);
    assert_plain(&kept.read(&ReadSettings::default()), "one");
    let source = files::find_one(&kept.1).expect("a file");
    assert!(clivia_io::source::Source::name(&source).ends_with("orders.zip/data/orders.csv"));
    zipped(&kept.1, &[("a.csv", PLAIN.as_bytes()), ("b.csv", PLAIN.as_bytes())]);
    let error = kept.refused(&ReadSettings::default()).to_string();
    assert!(error.contains("2 tables (a.csv, b.csv)"), "{error}");
    zipped(&kept.1, &[("readme.md", b"#")]);
    assert!(kept.refused(&ReadSettings::default()).to_string().contains("no table"));
    std::fs::write(&kept.1, b"PK\x03\x04 and no more").expect("a file");
    assert!(kept.refused(&ReadSettings::default()).to_string().contains("damaged"));
}

/// A workbook of sheets of rows; a cell is a number, a date as its serial behind `@`, or a text.
fn workbook(path: &Path, sheets: &[(&str, &str, &[&[&str]])]) {
    let column = |place: usize| char::from(b'A' + place as u8);
    let cell = |row: usize, place: usize, text: &str| {
        let at = format!("{}{}", column(place), row + 1);
        match (text.strip_prefix('@'), text.parse::<f64>()) {
            (Some(serial), _) => format!("<c r=\"{at}\" s=\"1\"><v>{serial}</v></c>"),
            (None, Ok(_)) => format!("<c r=\"{at}\"><v>{text}</v></c>"),
            _ if text.is_empty() => String::new(),
            _ => format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
        }
    };
    let row = |(number, cells): (usize, &&[&str])| {
        let cells: String = cells.iter().enumerate().map(|(place, text)| cell(number, place, text)).collect();
        format!("<row r=\"{}\">{cells}</row>", number + 1)
    };
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let (mut files, mut listed, mut related) = (Vec::new(), String::new(), String::new());
    for (number, (name, state, rows)) in sheets.iter().enumerate() {
        let rows: String = rows.iter().enumerate().map(row).collect();
        let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>");
        files.push((format!("xl/worksheets/sheet{}.xml", number + 1), sheet));
        listed += &format!("<sheet name=\"{name}\" sheetId=\"{0}\" state=\"{state}\" r:id=\"rId{0}\"/>", number + 1);
        related += &format!(
            "<Relationship Id=\"rId{0}\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet{0}.xml\"/>",
            number + 1
        );
    }
    files.push((
        "xl/workbook.xml".into(),
        format!("<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets>{listed}</sheets></workbook>"),
    ));
    files.push(("xl/_rels/workbook.xml.rels".into(), format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{related}</Relationships>")));
    files.push(("_rels/.rels".into(), format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>")));
    files.push(("xl/styles.xml".into(), format!("<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>")));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zipped(path, &files);
}

// 45296 is 2024-01-05.
const SHEET: [&[&str]; 4] =
    [&["customer", "date", "amount"], &["K1", "@45296", "36.77"], &["K2", "@45297", "5"], &["K1", "@45329", "12.5"]];

#[test]
fn a_sheet_of_a_workbook_is_read_by_its_types() {
    for name in ["orders.xlsx", "orders.csv", "orders"] {
        let kept = kept(name, "");
        workbook(&kept.1, &[("Orders", "visible", &SHEET), ("Notes", "visible", &[&["made by hand"]])]);
        let came = kept.read(&ReadSettings::default());
        assert_plain(&came, name);
        assert_eq!((came.plan.sheet.as_str(), came.plan.frame.header_line), ("Orders", 1));
        let drop = OrderSettings { duplicates: clivia_io::orders::Duplicates::Drop, ..OrderSettings::default() };
        assert_plain(&kept.read_with(&ReadSettings::default(), &drop).expect("it can be read"), name);
    }
}

#[test]
fn the_header_of_a_sheet_is_found_and_its_rows_keep_their_numbers() {
    let report: [&[&str]; 8] = [
        &["Sales report"],
        &["Period", "2024"],
        &[],
        SHEET[0],
        SHEET[1],
        &[],
        &["", "@45297", "5"],
        &["K2", "@45297", "five"],
    ];
    let kept = kept("report.xlsx", "");
    workbook(&kept.1, &[("Report", "visible", &report)]);
    let came = kept.read(&ReadSettings::default());
    assert_eq!((came.plan.frame.header_line, came.lines.len()), (4, 1));
    assert_eq!(came.refused, [(Rule::MissingCustomer, 1), (Rule::UnreadableAmount, 1)]);
    let mut rejects = Rejects::counting(true);
    let (settings, orders, currency) = (ReadSettings::default(), OrderSettings::default(), CurrencySettings::default());
    let sources = files::find(std::slice::from_ref(&kept.1)).expect("a file");
    let reader = OrdersReader::new(&settings, &orders, &currency);
    let error = reader.read(&sources, &Control::default(), &mut rejects, |_| Ok(())).expect_err("it is strict");
    assert!(error.to_string().contains("row 7"), "{error}");
}

#[test]
fn of_several_sheets_one_is_named() {
    let kept = kept("orders.xlsx", "");
    let other: [&[&str]; 2] = [&["customer", "date"], &["K9", "@45296"]];
    workbook(
        &kept.1,
        &[("Year 2023", "visible", &SHEET), ("Year 2024", "visible", &other), ("Secret", "hidden", &other)],
    );
    let error = kept.refused(&ReadSettings::default());
    assert_eq!(error.setting(), Some("read.sheet"));
    assert!(error.to_string().contains("Year 2023, Year 2024") && !error.to_string().contains("Secret"), "{error}");
    let of = |sheet: &str| ReadSettings { sheet: sheet.into(), ..ReadSettings::default() };
    assert_plain(&kept.read(&of("Year 2023")), "by name");
    assert_plain(&kept.read(&of("1")), "by number");
    assert_eq!(kept.read(&of("year 2024")).lines.len(), 1);
    assert_eq!(kept.read(&of("Secret")).lines.len(), 1);
    assert!(kept.refused(&of("Year 2025")).to_string().contains("Year 2023"));
}

#[test]
fn a_sheet_of_open_document_is_read() {
    let cell = |text: &str| match (text.strip_prefix('@'), text.parse::<f64>()) {
        (Some(day), _) => format!(r#"<table:table-cell office:value-type="date" office:date-value="{day}"/>"#),
        (None, Ok(_)) => format!(r#"<table:table-cell office:value-type="float" office:value="{text}"/>"#),
        _ => format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#),
    };
    let rows = PLAIN.replace(",2024", ",@2024");
    let rows = rows.lines().map(|line| line.split(',').map(cell).collect::<String>());
    let rows: String = rows.map(|cells| format!("<table:table-row>{cells}</table:table-row>")).collect();
    let open = "urn:oasis:names:tc:opendocument:xmlns";
    let content = format!(
        r#"<office:document-content xmlns:office="{open}:office:1.0" xmlns:table="{open}:table:1.0" xmlns:text="{open}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Orders">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let kept = kept("orders.ods", "");
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    zipped(&kept.1, &[("mimetype", kind), ("content.xml", content.as_bytes()), ("META-INF/manifest.xml", b"<m/>")]);
    assert_plain(&kept.read(&ReadSettings::default()), "ods");
}

#[test]
fn a_damaged_workbook_is_named() {
    let kept = kept("orders.xlsx", "");
    workbook(&kept.1, &[("Orders", "visible", &SHEET)]);
    let whole = std::fs::read(&kept.1).expect("the file");
    for bytes in [&whole[..whole.len() / 2], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more"] {
        std::fs::write(&kept.1, bytes).expect("a file");
        let error = kept.refused(&ReadSettings::default()).to_string();
        assert!(error.contains("orders.xlsx") && error.contains("damaged"), "{error}");
    }
}

#[test]
fn a_decimal_comma_and_its_frame_go_together() {
    let text =
        "Bericht\nZeitraum;2024\n\nKunde;Datum;Umsatz;\nK1;05.01.2024;36,77;\nK2;06.01.2024;5;\nK1;07.02.2024;12,5;\n";
    let orders = OrderSettings {
        customer: "Kunde".into(),
        date: "Datum".into(),
        amount: "Umsatz".into(),
        ..OrderSettings::default()
    };
    let settings = ReadSettings { date_format: "%d.%m.%Y".into(), ..comma() };
    assert_plain(&kept("x.csv", text).read_with(&settings, &orders).expect("it can be read"), "comma");
}
