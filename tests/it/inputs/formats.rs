//! Formats other than text.

use super::*;

#[test]
fn json_lines_are_read() {
    let lines = ORDERS.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        format!(
            "{{\"amount\": {}, \"customer_id\": \"{}\", \"order_date\": \"{}T10:00:00\"}}\n",
            cells[2], cells[0], cells[1]
        )
    });
    let clivia = Clivia::with("orders.ndjson", lines.collect::<String>());
    clivia.scored("orders.ndjson", &[]);
    assert_eq!(clivia.read("out/customers.csv"), expected());
}

#[test]
fn lines_that_are_not_json_are_refused() {
    let good = "{\"id\": 7, \"date\": \"2024-01-01\", \"amount\": 5}\n";
    let text = format!(
        "{good}not json\n\n{{\"id\": null, \"date\": \"2024-01-01\", \"amount\": 1}}\n{{\"id\": 12345.0, \"date\": 1704067200, \"amount\": \"x\"}}\n"
    );
    let clivia = Clivia::with("orders.jsonl", text);
    clivia.scored("orders.jsonl", &GO_ON);
    assert_eq!(clivia.refusals(), ["2 not_json", "4 missing_customer", "5 unreadable_amount"]);
    assert_eq!(clivia.rejects()[0][3], "not json");
    says(&Clivia::with("orders.json", "[1, 2]\n").refused("orders.json", &[]), &["orders.json", "JSON object"]);
}

#[test]
fn parquet_and_arrow_are_read() {
    let expected = expected();
    let clivia = parquet(typed());
    clivia.scored("orders.parquet", &[]);
    assert_eq!(clivia.read("out/customers.csv"), expected);
    let mut frame = DataFrame::new(6, typed()).unwrap();
    IpcWriter::new(File::create(clivia.path("orders.arrow")).unwrap()).finish(&mut frame).unwrap();
    clivia.scored("orders.arrow", &["--overwrite"]);
    assert_eq!(clivia.read("out/customers.csv"), expected);
}

#[test]
fn rows_of_parquet_are_counted_from_one() {
    let mut columns = typed();
    columns[0] = Column::new("customer_id".into(), [Some("a"), None, Some("b"), Some(""), Some("c"), Some("d")]);
    let clivia = parquet(columns);
    clivia.scored("orders.parquet", &[]);
    assert_eq!(clivia.refusals(), ["2 missing_customer", "4 missing_customer"]);
}

#[test]
fn several_files_a_pattern_and_a_folder_are_one_file() {
    let expected = expected();
    let header = ORDERS.lines().next().unwrap();
    let clivia = Clivia::new();
    for (number, line) in ORDERS.lines().skip(1).enumerate() {
        clivia.write(&format!("parts/year=2024/part-{number}.csv"), format!("{header}\n{line}\n"));
    }
    clivia.write("parts/_SUCCESS", "");
    clivia.write("parts/.hidden.csv", "junk");
    clivia.scored("parts", &[]);
    assert_eq!(clivia.read("out/customers.csv"), expected);
    clivia.scored("parts/*/part-*.csv", &["--overwrite"]);
    assert_eq!(clivia.read("out/customers.csv"), expected);
    let files: Vec<String> = (0..6).map(|number| format!("parts/year=2024/part-{number}.csv")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    clivia.run(&[&["score", "--out", "many", "--format", "csv"][..], &files].concat()).ok();
    assert_eq!(clivia.read("many/customers.csv"), expected);
}

#[test]
fn standard_input_is_read() {
    let clivia = Clivia::new();
    let mut command = clivia.command(&["score", "-", "--out", "out", "--format", "csv", "--threads", "1"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&gzip(format!("{ORDERS},2024-01-01,1\n").as_bytes())).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(clivia.read("out/customers.csv"), expected());
    assert_eq!(clivia.rejects(), [["standard input", "8", "customer_id", "", "missing_customer"].map(String::from)]);
}
