//! The same orders by every door: the same lines, the same refusals.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray};
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use clivia_core::base::ids::Id;
use clivia_core::control::Control;
use clivia_io::error::TableError;
use clivia_io::files;
use clivia_io::orders::{CurrencySettings, Duplicates, Given, OrderSettings, OrdersReader};
use clivia_io::plan::{ReadSettings, ReadingPlan};
use clivia_io::rejects::{Rejects, Sheet};
use clivia_io::source::{Batches, Part, Source, Stream, Wanted};

type Any = Arc<dyn Source>;

/// What reading came to.
#[derive(Debug, PartialEq)]
struct Came {
    /// Customer, day, second, amount and order of each line.
    lines: Vec<(String, i32, Option<u32>, i64, u64)>,
    /// Record, column, value and rule of each refused row; a record's number is counted from 1.
    refused: Vec<(u64, String, String, String)>,
}

/// A place that refused rows are written to.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sheet for Shared {
    fn keep(&mut self, bytes: u64) -> std::io::Result<()> {
        self.0.lock().expect("nobody panics").keep(bytes)
    }
}

fn read_by(reader: &OrdersReader, sources: &[Any]) -> Result<Came, TableError> {
    let out = Shared::default();
    let mut rejects = Rejects::new(Box::new(out.clone()), false)?;
    let mut lines = Vec::new();
    let reader = OrdersReader { clocks: true, ..*reader };
    reader.read(sources, &Control::default(), &mut rejects, |given| {
        let Given::Lines(more) = given else {
            lines.clear();
            return Ok(());
        };
        lines.extend(more.iter().map(|line| {
            let (day, second) = (line.at.day.0, line.at.clock.second());
            (Id::from(line.customer).to_string(), day, second, line.amount.0, line.order)
        }));
        Ok(())
    })?;
    rejects.finish()?;
    lines.sort();
    let written = out.0.lock().expect("nobody panics").clone();
    let mut refused = Vec::new();
    for record in csv::Reader::from_reader(written.as_slice()).records() {
        let record = record.expect("what was written");
        let text = [2, 3, 4].map(|cell| record[cell].to_string());
        let [column, value, rule] = text;
        let of_text = [".csv", ".ndjson"].iter().any(|ending| record[0].ends_with(ending));
        let header = u64::from(record[0].ends_with(".csv"));
        let row: u64 = record[1].parse().expect("a number");
        refused.push((row - if of_text { header } else { 0 }, column, value, rule));
    }
    Ok(Came { lines, refused })
}

fn read_with(orders: &OrderSettings, source: Any) -> Result<Came, TableError> {
    let (read, currency) = (ReadSettings::default(), CurrencySettings::default());
    read_by(&OrdersReader::new(&read, orders, &currency), &[source])
}

fn read(source: Any) -> Result<Came, TableError> {
    read_with(&OrderSettings::default(), source)
}

const ROWS: [[&str; 4]; 9] = [
    ["7", "2024-01-31 08:26:00", "9.99", "A1"],
    ["b", "2024-02-30", "1", "A2"],
    ["", "2024-02-01", "1", "A3"],
    ["b", "2024-02-01", "x", "A3"],
    ["b", "2024-02-01", "", "A3"],
    ["b", "2024-02-01", "-2.5", ""],
    ["NULL", "2024-02-01", "1", "A4"],
    ["007", "1900-01-01", "1", "A4"],
    ["7", "2024-01-31 08:26:00", "9.99", "A1"],
];

fn texts() -> RecordBatch {
    let column = |cell: usize| -> ArrayRef {
        let cells = ROWS.iter().map(|row| Some(row[cell]).filter(|cell| !cell.is_empty()));
        Arc::new(cells.collect::<StringArray>())
    };
    let names = ["customer", "order date", "amount", "order_id"];
    RecordBatch::try_from_iter_with_nullable((0..4).map(|cell| (names[cell], column(cell), true)))
        .expect("columns of one length")
}

fn csv_file(path: &Path, batch: &RecordBatch) -> Any {
    let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..batch.num_rows() {
        let cells = batch.columns().iter().map(|column| {
            let shown = arrow::util::display::array_value_to_string(column, row);
            shown.expect("a value")
        });
        text += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    std::fs::write(path, text).expect("a file");
    found(path)
}

fn found(path: &Path) -> Any {
    files::find(&[path.into()]).expect("a file").remove(0)
}

fn parquet_file(path: &Path, batch: &RecordBatch, group: usize) -> Any {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group))
        .set_compression(Compression::SNAPPY)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path).expect("a file"), batch.schema(), Some(properties))
        .expect("a schema that can be written");
    writer.write(batch).expect("rows are written");
    writer.close().expect("the file is ended");
    found(path)
}

fn ipc_file(path: &Path, batch: &RecordBatch) -> Any {
    let options = IpcWriteOptions::default()
        .try_with_compression(Some(arrow::ipc::CompressionType::ZSTD))
        .expect("zstd is built in");
    let mut writer = FileWriter::try_new_with_options(File::create(path).expect("a file"), &batch.schema(), options)
        .expect("a schema that can be written");
    writer.write(batch).expect("rows are written");
    writer.finish().expect("the file is ended");
    found(path)
}

fn ipc_stream(path: &Path, batch: &RecordBatch) -> Any {
    let mut writer = StreamWriter::try_new(File::create(path).expect("a file"), &batch.schema()).expect("a schema");
    writer.write(batch).expect("rows are written");
    writer.finish().expect("the stream is ended");
    found(path)
}

fn ndjson_file(path: &Path, batch: &RecordBatch) -> Any {
    let fields = batch.schema().fields().clone();
    let text = |row: usize| {
        let cells = batch.columns().iter().zip(&fields).filter_map(|(column, field)| {
            let shown = arrow::util::display::array_value_to_string(column, row).expect("a value");
            column.is_valid(row).then(|| format!("\"{}\": \"{shown}\"", field.name()))
        });
        format!("{{{}}}\n", cells.collect::<Vec<_>>().join(", "))
    };
    std::fs::write(path, (0..batch.num_rows()).map(text).collect::<String>()).expect("a file");
    found(path)
}

fn stream(batches: Vec<RecordBatch>) -> Any {
    let schema = batches[0].schema();
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    Arc::new(Stream::new("a stream", Box::new(reader), &std::env::temp_dir()).expect("a folder"))
}

fn by_every_door(batch: &RecordBatch) -> (tempfile::TempDir, Vec<(&'static str, Any)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let halves = || vec![batch.slice(0, 4), batch.slice(4, batch.num_rows() - 4)];
    let doors: Vec<(&str, Any)> = vec![
        ("csv", csv_file(&at("orders.csv"), batch)),
        ("ndjson", ndjson_file(&at("orders.ndjson"), batch)),
        ("parquet", parquet_file(&at("orders.parquet"), batch, 3)),
        ("ipc", ipc_file(&at("orders.arrow"), batch)),
        ("ipc stream", ipc_stream(&at("orders.arrows"), batch)),
        ("batches", Arc::new(Batches::new("a frame", batch.schema(), halves()))),
        ("stream", stream(halves())),
    ];
    (folder, doors)
}

#[test]
fn the_same_orders_are_the_same_by_every_door() -> Result<(), TableError> {
    let (_folder, doors) = by_every_door(&texts());
    let expected = read(doors[0].1.clone())?;
    assert_eq!(expected.lines.len(), 3);
    let rules: Vec<&str> = expected.refused.iter().map(|refused| refused.3.as_str()).collect();
    let unreadable = ["unreadable_date", "missing_customer", "unreadable_amount", "missing_amount"];
    assert_eq!(rules, [&unreadable[..], &["missing_customer", "date_out_of_range"]].concat());
    for (door, source) in &doors {
        assert_eq!(read(source.clone())?, expected, "{door}");
        // Once more: a source can be read again.
        assert_eq!(read(source.clone())?, expected, "{door}");
    }
    Ok(())
}

#[test]
fn duplicates_are_the_same_by_every_door() -> Result<(), TableError> {
    let (_folder, doors) = by_every_door(&texts());
    let drop = OrderSettings { duplicates: Duplicates::Drop, ..OrderSettings::default() };
    let expected = read_with(&drop, doors[0].1.clone())?;
    assert!(expected.refused.iter().any(|(row, .., rule)| *row == 9 && rule == "duplicate"));
    // A line of JSON is a whole of its own.
    for (door, source) in doors.iter().filter(|(door, _)| *door != "ndjson") {
        assert_eq!(read_with(&drop, source.clone())?, expected, "{door}");
    }
    Ok(())
}

#[test]
fn amounts_that_are_worked_out_are_the_same_by_every_door() -> Result<(), TableError> {
    let (_folder, doors) = by_every_door(&texts());
    let twice = OrderSettings { amount: "2 * amount".into(), ..OrderSettings::default() };
    let expected = read_with(&twice, doors[0].1.clone())?;
    assert!(expected.lines.iter().any(|line| line.3 == -50_000), "{expected:?}");
    assert!(expected.refused.iter().any(|(row, column, value, _)| (*row, &**column, &**value) == (4, "amount", "x")));
    for (door, source) in &doors {
        assert_eq!(read_with(&twice, source.clone())?, expected, "{door}");
    }
    Ok(())
}

#[test]
fn customers_are_joined_from_columns() -> Result<(), TableError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, "Store,no,date,amount\nA,1,2024-01-01,9\nA,2,2024-01-02,8\nB,1,2024-01-03,7\n")
        .expect("a file");
    let orders = OrderSettings { customer: "store || '-' || no".into(), ..OrderSettings::default() };
    let came = read_with(&orders, found(&path))?;
    let customers: Vec<&str> = came.lines.iter().map(|(customer, ..)| customer.as_str()).collect();
    assert_eq!((customers, came.refused.len()), (vec!["A-1", "A-2", "B-1"], 0));
    let wrong = OrderSettings { customer: "shop || no".into(), ..OrderSettings::default() };
    let error = read_with(&wrong, found(&path)).expect_err("no such column");
    assert!(error.to_string().contains("orders.customer: shop || no: there is no column 'shop'"), "{error}");
    Ok(())
}

#[test]
fn an_amount_of_text_is_exact() -> Result<(), TableError> {
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef),
        ("date", Arc::new(Date32Array::from(vec![19_723, 19_723])) as _),
        ("total", Arc::new(StringArray::from(vec!["1,234,567,890.1234", "x"])) as _),
    ])
    .expect("columns of one length");
    let orders = OrderSettings { amount: "REPLACE(total, ',', '')".into(), ..OrderSettings::default() };
    let came = read_with(&orders, Arc::new(Batches::new("t", batch.schema(), vec![batch])))?;
    assert_eq!((came.lines[0].3, came.refused[0].3.as_str()), (12_345_678_901_234, "unreadable_amount"));
    Ok(())
}

#[test]
fn an_expression_that_cannot_work_says_so() {
    let of = |amount: &str| {
        let orders = OrderSettings { amount: amount.into(), ..OrderSettings::default() };
        let batch = texts();
        let error = read_with(&orders, Arc::new(Batches::new("t", batch.schema(), vec![batch])));
        error.expect_err("it cannot work")
    };
    assert!(of("amount * pricee").to_string().contains("no amount column 'pricee'"));
    assert!(of("1 + 2").to_string().contains("names no column"));
    for amount in ["amount * * 2", "amount > 2"] {
        let error = of(amount);
        assert!(matches!(&error, TableError::Expression { .. }), "{error}");
        assert_eq!(error.setting(), Some("orders.amount"));
    }
}

#[test]
fn typed_columns_are_the_same_by_every_door() -> Result<(), TableError> {
    let customers: ArrayRef = Arc::new(Int64Array::from(vec![Some(7), None, Some(-3), Some(7), Some(8)]));
    let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(19_753), Some(1), None, Some(19_753), Some(0)]));
    let amounts: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.5), Some(1.0), Some(2.25), None, Some(1.0)]));
    let columns = [("id", customers, true), ("date", days, true), ("amount", amounts, true)];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length");
    let (_folder, doors) = by_every_door(&batch);
    let expected = read(doors.last().expect("a stream").1.clone())?;
    assert_eq!((expected.lines.len(), expected.refused.len()), (1, 4));
    for (door, source) in &doors {
        let came = read(source.clone())?;
        // A date that is not there is shown in its own way by a text.
        assert_eq!(came.lines, expected.lines, "{door}");
        let rules = |came: &Came| came.refused.iter().map(|row| (row.0, row.3.clone())).collect::<Vec<_>>();
        assert_eq!(rules(&came), rules(&expected), "{door}");
    }
    Ok(())
}

/// One customer, whose amounts are the numbers of the rows.
fn numbered(rows: i64) -> RecordBatch {
    let customers = (0..rows).map(|row| Some(1).filter(|_| row % 100_000 != 7));
    RecordBatch::try_from_iter_with_nullable([
        ("id", Arc::new(customers.collect::<Int64Array>()) as ArrayRef, true),
        ("date", Arc::new(Date32Array::from_iter_values((0..rows).map(|_| 19_753))) as _, false),
        ("amount", Arc::new((1..=rows).map(Some).collect::<Int64Array>()) as _, false),
    ])
    .expect("columns of one length")
}

#[test]
fn row_groups_of_any_length_come_in_their_order() -> Result<(), TableError> {
    let folder = tempfile::tempdir().expect("a folder");
    let batch = numbered(700_000);
    for group in [700_000, 300_000, 9_999] {
        let source = parquet_file(&folder.path().join(format!("{group}.parquet")), &batch, group);
        let (read, orders, currency) = Default::default();
        let reader = OrdersReader::new(&read, &orders, &currency);
        let (control, mut rejects) = (Control::default(), Rejects::counting(false));
        let mut amounts: Vec<i64> = Vec::new();
        let read = reader.read(std::slice::from_ref(&source), &control, &mut rejects, |given| {
            let Given::Lines(lines) = given else { panic!("plain rows need no second look") };
            amounts.extend(lines.iter().map(|line| line.amount.0 / 10_000));
            Ok(())
        })?;
        assert_eq!((read.rows.read, read.rows.refused), (700_000, 7), "{group}");
        assert!(amounts.is_sorted() && amounts.len() == 699_993, "{group}");
        let bytes = source.bytes().expect("a file has bytes");
        assert!(control.bytes() <= bytes && control.bytes() + 1_000 > bytes, "{group}: {} of {bytes}", control.bytes());
    }
    Ok(())
}

#[test]
fn a_stream_goes_on_where_a_reading_stopped() -> Result<(), TableError> {
    let batch = numbered(5_000);
    let source = stream((0..5).map(|part| batch.slice(1_000 * part, 1_000)).collect());
    let columns = source.columns(&ReadSettings::default())?;
    let wanted = Wanted { columns: &columns, fingerprints: false };
    for stop in [1, 3, 9, 2, 9] {
        let mut parts = 0;
        source.read(&wanted, &ReadSettings::default(), &Control::default(), &mut |_| {
            parts += 1;
            parts < stop
        })?;
        assert_eq!(parts, stop.min(5));
    }
    assert_eq!(read(source)?.lines.len(), 4_999);
    Ok(())
}

/// Rows of one ambiguous date, and at their end one that tells.
fn late_evidence(telling: &str) -> RecordBatch {
    let dates = std::iter::repeat_n("03/04/2024", 70_000).chain([telling]);
    let dates: ArrayRef = Arc::new(dates.map(Some).collect::<StringArray>());
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..70_001));
    RecordBatch::try_from_iter([("id", ids), ("date", dates)]).expect("columns of one length")
}

#[test]
fn a_date_anywhere_in_the_source_tells_day_and_month() -> Result<(), TableError> {
    let folder = tempfile::tempdir().expect("a folder");
    for (telling, day) in [("13/04/2024", "2024-04-03"), ("04/13/2024", "2024-03-04")] {
        let batch = late_evidence(telling);
        let doors: [Any; 3] = [
            csv_file(&folder.path().join("orders.csv"), &batch),
            parquet_file(&folder.path().join("orders.parquet"), &batch, 1_000_000),
            stream(vec![batch.clone()]),
        ];
        for source in doors {
            let came = read(source)?;
            let first = clivia_core::base::Day(came.lines[0].1).to_string();
            assert_eq!((first.as_str(), came.lines.len()), (day, 70_001));
        }
    }
    let undecided = csv_file(&folder.path().join("orders.csv"), &late_evidence("01/02/2024"));
    let error = read(undecided).expect_err("nothing tells");
    assert!(matches!(&error, TableError::AmbiguousDates { row: 2, .. }), "{error}");
    assert_eq!(error.setting(), Some("read.date_format"));
    Ok(())
}

#[test]
fn a_part_is_read_by_the_plan_of_the_whole() -> Result<(), TableError> {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "kunde;datum;betrag;beleg\na;03.04.2024;1,50;1\nb;3/4/2024;2,5;2\nb;13/4/2024;3;3\n";
    let path = folder.path().join("whole.csv");
    std::fs::write(&path, text).expect("a file");
    let settings = ReadSettings { decimal: Some(clivia_io::plan::Decimal::Comma), ..ReadSettings::default() };
    let orders = OrderSettings {
        customer: "kunde".into(),
        date: "datum".into(),
        amount: "betrag * 2".into(),
        order: "beleg".into(),
        ..OrderSettings::default()
    };
    let currency = CurrencySettings::default();
    let reader = OrdersReader::new(&settings, &orders, &currency);
    let plan = reader.plan_of(found(&path).as_ref(), &Control::default())?;
    assert_eq!((plan.delimiter.as_str(), plan.amount_expression.as_deref()), (";", Some("betrag * 2")));
    let whole = read_by(&reader, &[found(&path)])?;

    // The second row, and the header in another order, by a machine that knows the plan alone.
    let part = folder.path().join("part.csv");
    std::fs::write(&part, "beleg;kunde;datum;betrag\n2;b;3/4/2024;2,5\n").expect("a file");
    let (nothing, unnamed) = (ReadSettings::default(), OrderSettings::default());
    for name in ["plan.toml", "plan.json"] {
        plan.save(&folder.path().join(name)).expect("the plan is written");
        let loaded = ReadingPlan::load(&folder.path().join(name))?;
        assert_eq!(loaded, plan);
        let alone = OrdersReader::new(&nothing, &unnamed, &currency).with_plan(&loaded);
        let came = read_by(&alone, &[found(&part)])?;
        assert_eq!(came.lines, whole.lines[1..2]);
        assert_eq!(read_by(&alone, &[found(&path)])?, whole);
    }
    assert!(matches!(read_by(&reader, &[found(&part)]), Err(TableError::AmbiguousDates { .. })));

    // A source without one of its columns is named, and so is a plan of another version.
    std::fs::write(&part, "beleg;kunde;betrag\n2;b;2,5\n").expect("a file");
    let missing = read_by(&OrdersReader::new(&nothing, &unnamed, &currency).with_plan(&plan), &[found(&part)]);
    assert!(missing.expect_err("no date").to_string().contains("no date column 'datum'"));
    let newer = plan.to_toml()?.replace("version = 1", "version = 2");
    assert!(matches!(ReadingPlan::parse(&newer, "x"), Err(TableError::Plan { .. })));
    let unknown = plan.to_toml()?.replace("version = 1", "version = 1\ncolour = 'red'");
    assert!(ReadingPlan::parse(&unknown, "x").expect_err("no such key").to_string().contains("colour"));
    Ok(())
}

#[test]
fn what_reading_found_out_is_the_plan_of_its_first_source() -> Result<(), TableError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, "id|date|amount|currency\n1|13/4/2024|5|EUR\n").expect("a file");
    let (settings, orders, currency) = Default::default();
    let reader = OrdersReader::new(&settings, &orders, &currency);
    let mut rejects = Rejects::counting(false);
    let read = reader.read(&[found(&path)], &Control::default(), &mut rejects, |_| Ok(()))?;
    let plan = read.plan.expect("a file was read");
    assert_eq!((plan.delimiter.as_str(), plan.currency.as_deref()), ("|", Some("EUR")));
    assert_eq!(plan.day_or_month_first, Some(clivia_io::dates::PartOrder::DayFirst));
    // Amounts of another currency do not follow.
    std::fs::write(&path, "id|date|amount|currency\n1|3/4/2024|5|USD\n").expect("a file");
    let error = read_by(&reader.with_plan(&plan), &[found(&path)]).expect_err("USD after EUR");
    assert!(matches!(error, TableError::Currencies { .. }), "{error}");
    Ok(())
}

/// Rows without end.
#[derive(Debug)]
struct Endless(RecordBatch, bool);

impl Source for Endless {
    fn name(&self) -> &str {
        "endless"
    }

    fn columns(&self, _: &ReadSettings) -> Result<Vec<String>, TableError> {
        Ok(self.0.schema().fields().iter().map(|field| field.name().clone()).collect())
    }

    fn read(
        &self,
        _: &Wanted,
        _: &ReadSettings,
        _: &Control,
        take: &mut dyn FnMut(Part) -> bool,
    ) -> Result<(), TableError> {
        let mut row = 1;
        while take(Part::batch(self.0.clone(), row)) {
            row += self.0.num_rows() as u64;
        }
        Ok(())
    }

    fn can_be_read_again(&self) -> bool {
        self.1
    }
}

#[test]
fn a_reading_that_is_stopped_ends_at_once() {
    let (settings, orders, currency) = Default::default();
    let reader = OrdersReader::new(&settings, &orders, &currency);
    let control = Control::default();
    let stopping = control.clone();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        stopping.cancel();
        Instant::now()
    });
    let mut rejects = Rejects::counting(false);
    let source: Any = Arc::new(Endless(numbered(1_000), true));
    let read = reader.read(&[source], &control, &mut rejects, |_| Ok(()));
    let stopped = stopper.join().expect("it stops");
    assert!(matches!(read, Err(TableError::Cancelled(_))), "{read:?}");
    assert!(stopped.elapsed() < Duration::from_millis(500), "{:?}", stopped.elapsed());
}

#[test]
fn a_source_that_is_read_once_must_be_told_what_its_first_rows_do_not_tell() {
    let source = |again| -> Any { Arc::new(Endless(late_evidence("04/13/2024").slice(0, 10), again)) };
    let error = read(source(false)).expect_err("the dates do not tell");
    assert!(matches!(error, TableError::AmbiguousDates { .. }), "{error}");
}

/// Batches that come once.
#[derive(Debug)]
struct Once(Vec<RecordBatch>);

impl Source for Once {
    fn name(&self) -> &str {
        "once"
    }

    fn columns(&self, _: &ReadSettings) -> Result<Vec<String>, TableError> {
        Ok(self.0[0].schema().fields().iter().map(|field| field.name().clone()).collect())
    }

    fn read(
        &self,
        _: &Wanted,
        _: &ReadSettings,
        _: &Control,
        take: &mut dyn FnMut(Part) -> bool,
    ) -> Result<(), TableError> {
        let mut row = 1;
        for batch in &self.0 {
            if !take(Part::batch(batch.clone(), row)) {
                break;
            }
            row += batch.num_rows() as u64;
        }
        Ok(())
    }

    fn can_be_read_again(&self) -> bool {
        false
    }
}

/// Orders of one customer with these amounts.
fn amounts(amounts: &[&str]) -> RecordBatch {
    let text = |cells: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(cells)) };
    let (ids, days) = (vec!["a"; amounts.len()], vec!["2024-01-31"; amounts.len()]);
    RecordBatch::try_from_iter([("id", text(ids)), ("date", text(days)), ("amount", text(amounts.to_vec()))])
        .expect("columns of one length")
}

fn sums(came: &Came) -> Vec<i64> {
    came.lines.iter().map(|line| line.3 / 100).collect()
}

#[test]
fn a_source_that_is_read_once_is_taken_at_its_first_rows_word() -> Result<(), TableError> {
    let once = |batches| -> Any { Arc::new(Once(batches)) };
    let came = read(once(vec![amounts(&["12,50", "1.234,50"]), amounts(&["3,000"])]))?;
    assert_eq!(sums(&came), [300, 1_250, 123_450]);
    let error = read(once(vec![amounts(&["7", "8"]), amounts(&["12,50"])])).expect_err("it cannot be read anew");
    assert!(error.to_string().contains("read.decimal = \"comma\""), "{error}");
    Ok(())
}

#[test]
fn later_rows_that_say_otherwise_make_a_source_be_read_anew() -> Result<(), TableError> {
    let whole = vec!["990"; 70_000];
    for (late, expected) in [("1.234,50", 123_450), ("1,234.50", 123_450), ("12,50", 1_250)] {
        let batches = vec![amounts(&whole), amounts(&[late])];
        let frame: Any = Arc::new(Batches::new("a frame", batches[0].schema(), batches.clone()));
        for source in [frame, stream(batches)] {
            let came = read(source)?;
            assert_eq!((came.lines.len(), came.refused.len()), (70_001, 0), "{late}");
            assert_eq!(sums(&came).into_iter().filter(|sum| *sum != 99_000).collect::<Vec<_>>(), [expected], "{late}");
        }
    }
    let asked = read(Arc::new(Batches::new("x", amounts(&["1"]).schema(), vec![amounts(&whole), amounts(&["3.000"])])));
    let asked = asked.expect_err("3.000 may be three or three thousand").to_string();
    assert!(asked.contains("69303000.00 in all") && asked.contains("69300003.00 in all"), "{asked}");
    Ok(())
}

#[test]
fn streams_of_the_same_orders_do_not_wait_for_each_other() {
    let orders = |first: usize| {
        let ids: Vec<String> = (first..first + 3_000).map(|order| format!("o{order}")).collect();
        let text = |cells: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(cells)) };
        let columns = [
            ("order_id", text(ids.iter().map(String::as_str).collect())),
            ("id", text(vec!["a"; 3_000])),
            ("date", text(vec!["2024-01-31"; 3_000])),
            ("amount", text(vec!["5"; 3_000])),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
        stream((0..60).map(|part| batch.slice(50 * part, 50)).collect())
    };
    let (settings, choices, currency) = Default::default();
    let reader = OrdersReader::new(&settings, &choices, &currency);
    let came = read_by(&reader, &[orders(0), orders(1_500)]).expect("orders, half of them twice");
    assert_eq!((came.lines.len(), came.refused.len()), (4_500, 1_500));
}

#[test]
fn a_parquet_file_that_is_cut_short_or_damaged_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("orders.parquet");
    parquet_file(&path, &numbered(50_000), 10_000);
    let whole = std::fs::read(&path).expect("the file");
    let cut = whole[..whole.len() / 2].to_vec();
    let mut damaged = whole.clone();
    damaged[4..whole.len() / 4].fill(0xff);
    for bytes in [cut, damaged] {
        std::fs::write(&path, bytes).expect("a file");
        let error = read(found(&path)).expect_err("it cannot be read").to_string();
        assert!(error.contains("not readable as Parquet") && error.contains("damaged"), "{error}");
    }
}
