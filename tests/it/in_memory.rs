//! A program that has its orders in memory: scored, applied, stopped, with no file written.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::Float64Type;
use clivia::{Batches, Control, Error, FittedBase, Inputs, Rejects, Run, Settings, Source, files, score};

use clivia::simulate::{Population, PopulationSettings};

use crate::support::sample;

/// The sample as record batches, cut into pieces: each text as it stands in the file, amounts as numbers.
fn batches(name: &str, rows: impl Fn(usize) -> bool) -> Arc<dyn Source> {
    let mut reader = csv::Reader::from_path(sample(name)).unwrap();
    let header = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let records: Vec<&csv::StringRecord> =
        records.iter().enumerate().filter(|(row, _)| rows(*row)).map(|(_, r)| r).collect();
    let column = |place: usize| -> ArrayRef {
        let cells = records.iter().map(|record| Some(&record[place]).filter(|cell| !cell.is_empty()));
        match &header[place] {
            "amount" => Arc::new(cells.map(|cell| cell?.parse::<f64>().ok()).collect::<Float64Array>()),
            _ => Arc::new(cells.collect::<StringArray>()),
        }
    };
    let columns = (0..header.len()).map(|place| (&header[place], column(place)));
    let whole = RecordBatch::try_from_iter(columns).unwrap();
    let pieces = (0..whole.num_rows()).step_by(1_000).map(|at| whole.slice(at, 1_000.min(whole.num_rows() - at)));
    Arc::new(Batches::new(name, whole.schema(), pieces.collect()))
}

fn run(
    orders: Arc<dyn Source>,
    contacts: Arc<dyn Source>,
    frozen: Option<&Run>,
    control: &Control,
) -> Result<Run, Error> {
    let inputs = Inputs { orders: vec![orders], contacts: vec![contacts], ..Inputs::default() };
    let frozen = frozen.map(Run::frozen);
    score(&inputs, &Settings::default(), frozen.as_ref(), Rejects::counting(false), control)
}

fn table(run: &Run) -> RecordBatch {
    let batches: Vec<RecordBatch> = run.record_batches().collect::<Result<_, _>>().unwrap();
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

#[test]
fn frames_and_files_are_the_same_run() {
    let file = |name: &str| files::find(&[sample(name)]).unwrap().remove(0);
    let of_files = run(file("orders.csv"), file("contacts.csv"), None, &Control::default()).unwrap();
    let of_frames =
        run(batches("orders.csv", |_| true), batches("contacts.csv", |_| true), None, &Control::default()).unwrap();
    assert_eq!(table(&of_files), table(&of_frames));
    assert_eq!(of_files.refused, of_frames.refused);
    assert_eq!(of_files.orders.money, of_frames.orders.money);
    assert_eq!(table(&of_files).num_rows(), of_files.summary.len() + of_files.without_purchase.ids.len());
    assert!(of_files.scored.map.is_some() && of_files.refused.values().flatten().count() > 0);
}

/// One process: scores, applies what was learned to another month, stops a third run.
#[test]
fn a_program_needs_no_file() {
    if std::env::var_os("CLIVIA_TEST_INNER").is_none() {
        // Again, in a process whose folders can be looked at.
        let folder = tempfile::tempdir().unwrap();
        let inner = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "in_memory::a_program_needs_no_file"])
            .env("CLIVIA_TEST_INNER", "1")
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(inner.status.success(), "{}", String::from_utf8_lossy(&inner.stdout));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "something was written");
        return;
    }
    let contacts = || batches("contacts.csv", |_| true);
    let first = run(batches("orders.csv", |row| row % 3 > 0), contacts(), None, &Control::default()).unwrap();
    let next = run(batches("orders.csv", |row| row % 3 < 2), contacts(), Some(&first), &Control::default()).unwrap();
    // The other month is measured by the first one's scales, and is another month.
    assert_eq!(next.fitted.rfm, first.fitted.rfm);
    assert_eq!(next.fitted.clusters, first.fitted.clusters);
    let sum = |run: &Run| -> f64 {
        let table = table(run);
        table.column_by_name("clv").unwrap().as_primitive::<Float64Type>().iter().flatten().sum()
    };
    assert!(sum(&next) > 0.0 && (sum(&next) - sum(&first)).abs() > 1.0);
    // What was learned is kept and read back.
    let kept = FittedBase::from_json(&first.fitted.to_json().unwrap()).unwrap();
    assert_eq!(kept, first.fitted);
    // A base is measured by itself as it was when it was fitted.
    let same = run(batches("orders.csv", |row| row % 3 > 0), contacts(), Some(&first), &Control::default()).unwrap();
    assert_eq!(table(&same), table(&first));

    let control = Control::default();
    let (stopped, took) = stop_after(&control, Duration::from_millis(30), || {
        run(batches("orders.csv", |_| true), contacts(), None, &control)
    });
    assert!(matches!(stopped, Err(Error::Cancelled(_))), "{stopped:?}");
    assert!(took < Duration::from_millis(500), "it went on for {took:?}");
    assert!(
        run(batches("orders.csv", |_| true), contacts(), None, &Control::default()).is_ok(),
        "the process lives on"
    );
}

/// What work gives that is stopped while it is done, and how long after that it went on.
fn stop_after<T>(control: &Control, wait: Duration, work: impl FnOnce() -> T) -> (T, Duration) {
    let handle = control.clone();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(wait);
        handle.cancel();
        Instant::now()
    });
    let given = work();
    let ended = Instant::now();
    (given, ended.saturating_duration_since(stopper.join().unwrap()))
}

#[test]
fn two_runs_side_by_side_give_what_each_gives_alone() {
    let orders = |seed| -> Arc<dyn Source> {
        let base = Population::new(PopulationSettings { customers: 3_000, seed, ..Default::default() }).unwrap();
        let (mut ids, mut days, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
        for customer in base.block(0..3_000) {
            for order in &customer.orders {
                ids.push(base.customer_id(customer.number));
                days.push(clivia::Day((order.at / 86_400) as i32).to_string());
                amounts.push(order.amount.to_f64());
            }
        }
        let batch = RecordBatch::try_from_iter([
            ("customer_id", Arc::new(StringArray::from(ids)) as ArrayRef),
            ("date", Arc::new(StringArray::from(days)) as _),
            ("amount", Arc::new(Float64Array::from(amounts)) as _),
        ]);
        let batch = batch.unwrap();
        Arc::new(Batches::new("orders", batch.schema(), vec![batch]))
    };
    let alone = |seed| {
        let inputs = Inputs { orders: vec![orders(seed)], ..Inputs::default() };
        table(&score(&inputs, &Settings::default(), None, Rejects::counting(false), &Control::default()).unwrap())
    };
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| alone(1));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let other = pool.install(|| alone(2));
        (one.join().unwrap(), other)
    });
    assert_eq!((one, other), (alone(1), alone(2)));
}
