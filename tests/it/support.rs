//! The `clivia` command in a folder of its own, and what it leaves there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// A public data set. Tests that need one carry
/// `#[cfg_attr(no_shared_data, ignore = "needs the data sets; set CLIVIA_DATA")]`.
pub(crate) fn shared_data(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join(std::env::var_os("CLIVIA_DATA").unwrap_or_else(|| "../shared/data".into()));
    let path = folder.join(name);
    assert!(path.is_file(), "{} is not there; set CLIVIA_DATA to the folder of the public data sets", path.display());
    path
}

/// A file of the sample.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// A folder in which commands run.
pub(crate) struct Clivia {
    dir: TempDir,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Clivia {
    pub(crate) fn new() -> Self {
        Clivia { dir: TempDir::new().unwrap() }
    }

    /// A folder that holds one file.
    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let clivia = Clivia::new();
        clivia.write(name, content);
        clivia
    }

    /// A folder with `orders.csv` and `contacts.csv` of so many simulated customers.
    pub(crate) fn simulated(customers: u32, seed: u32) -> Self {
        let clivia = Clivia::new();
        let (customers, seed) = (customers.to_string(), seed.to_string());
        clivia.run(&["simulate", "--customers", &customers, "--seed", &seed, "--out", "."]).ok();
        clivia
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// The command, to be changed before it runs.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clivia"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command.env_remove("RAYON_NUM_THREADS");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    /// Scores `orders` into `out`, tables as CSV; `more` goes to the end of the line.
    pub(crate) fn score(&self, orders: &str, more: &[&str]) -> Ran {
        let line = ["score", orders, "--format", "csv"];
        let out: &[&str] = if more.contains(&"--out") { &[] } else { &["--out", "out"] };
        self.run(&[&line[..], more, out].concat())
    }

    /// Scores what must work.
    pub(crate) fn scored(&self, orders: &str, more: &[&str]) -> Ran {
        self.score(orders, more).ok()
    }

    /// Scores what must be refused as a whole: exit code 1, nothing left behind. Gives what was said.
    pub(crate) fn refused(&self, orders: &str, more: &[&str]) -> String {
        let ran = self.score(orders, more);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.starts_with("error: ") && !ran.stderr.contains("panicked"), "{ran:?}");
        self.nothing_in("out");
        ran.stderr
    }

    /// Nothing is in the folder, not even a hidden file.
    pub(crate) fn nothing_in(&self, folder: &str) {
        let left: Vec<String> = self.files_in(folder);
        assert!(left.is_empty(), "left behind in {folder}: {left:?}");
    }

    /// Starts a command and sends it a signal after a while; how it ended.
    #[cfg(unix)]
    pub(crate) fn stopped(&self, line: &[&str], after: Duration, signal: &str) -> ExitStatus {
        let mut child = self.command(line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        // It may have ended already.
        let id = child.id().to_string();
        Command::new("kill").args([&format!("-{signal}"), &id]).stderr(Stdio::null()).status().unwrap();
        child.wait().unwrap()
    }

    pub(crate) fn files_in(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn customers(&self) -> Table {
        self.table("out/customers.csv")
    }

    pub(crate) fn table(&self, name: &str) -> Table {
        Table::parse(&self.read(name))
    }

    /// `file, row, column, value, rule` of each refused row.
    pub(crate) fn rejects(&self) -> Vec<[String; 5]> {
        let table = self.table("out/rejects.csv");
        assert_eq!(table.header, ["file", "row", "column", "value", "rule"]);
        table.rows.into_iter().map(|row| row.try_into().unwrap()).collect()
    }

    /// Row and rule of each refused row, as `3 missing_customer`.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.rejects().iter().map(|[_, row, _, _, rule]| format!("{row} {rule}")).collect()
    }

    pub(crate) fn run_json(&self) -> Value {
        serde_json::from_slice(&self.read("out/run.json")).unwrap()
    }

    /// All files of a run but the part of run.json that may differ between equal runs.
    pub(crate) fn results(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let names: Vec<String> = self.files_in(folder).into_iter().filter(|name| !name.starts_with('.')).collect();
        let content = |name: &String| match (name.as_str(), self.read(&format!("{folder}/{name}"))) {
            ("run.json", bytes) => untimed(&bytes),
            (_, bytes) => bytes,
        };
        names.iter().map(|name| (name.clone(), content(name))).collect()
    }
}

/// run.json up to its timings, which come last.
fn untimed(run_json: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(run_json.into()).unwrap();
    let (before, timings) = text.split_once("\n  \"timings\": {").expect("timings in run.json");
    assert_eq!(timings.matches('}').count(), 2, "timings are the last object of run.json");
    before.into()
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Checks that it worked.
    pub(crate) fn ok(self) -> Ran {
        assert_eq!(self.code, Some(0), "{self:?}");
        assert_eq!(self.stderr, "", "{self:?}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// A CSV file, every cell as text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn parse(bytes: &[u8]) -> Table {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().unwrap().iter().map(String::from).collect();
        let rows = reader.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect();
        Table { header, rows }
    }

    fn place(&self, column: &str) -> usize {
        self.header.iter().position(|name| name == column).unwrap_or_else(|| panic!("no {column} in {:?}", self.header))
    }

    pub(crate) fn column(&self, column: &str) -> Vec<&str> {
        let place = self.place(column);
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// A column without its gaps.
    pub(crate) fn numbers(&self, column: &str) -> Vec<f64> {
        self.column(column).iter().filter(|cell| !cell.is_empty()).map(|cell| cell.parse().unwrap()).collect()
    }

    /// The cell of a customer.
    pub(crate) fn of(&self, customer: &str, column: &str) -> &str {
        let ids = self.column("customer_id");
        let row =
            ids.iter().position(|id| *id == customer).unwrap_or_else(|| panic!("no customer {customer}: {ids:?}"));
        self.column(column)[row]
    }

    /// Cells of a customer, joined by blanks.
    pub(crate) fn row(&self, customer: &str, columns: &[&str]) -> String {
        columns.iter().map(|column| self.of(customer, column)).collect::<Vec<_>>().join(" ")
    }
}

/// Checks that a message holds all of these.
#[track_caller]
pub(crate) fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "'{part}' is not in: {message}");
    }
}

/// A base of 400 simulated customers, scored with contacts, tables as CSV.
pub(crate) static SCORED: LazyLock<Clivia> = LazyLock::new(|| {
    let clivia = Clivia::simulated(400, 7);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    clivia
});

/// Orders of three customers.
pub(crate) const ORDERS: &str = "\
customer_id,order_date,amount
a,2024-01-01,10.00
a,2024-01-08,20.00
b,2024-01-02,5.50
b,2024-01-23,4.50
b,2024-02-06,6.50
c,2024-01-05,7.00
";
