//! Output that cannot be written.

use super::*;

#[test]
fn no_cell_of_a_csv_becomes_a_formula() {
    let ids = ["=cmd|' /C calc'!A0", "@x", "+x", "-x", "\tx", "-5", "+5"];
    let mut text = String::from("id,date,amount\n");
    ids.iter().for_each(|id| text += &format!("\"{id}\",2024-01-01,5\n\"{id}\",2024-01-05,-2\n"));
    let table = scored(text, &["--placeholders", "keep"]).customers();
    let dangerous = |cell: &&str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    assert_eq!(table.rows.iter().flatten().map(String::as_str).filter(dangerous).count(), 0);
    assert_eq!(table.of("'=cmd|' /C calc'!A0", "revenue"), "3.0");
    assert_eq!(table.of("-5", "revenue"), "3.0");
    let negative = scored("id,date,amount\n1,2024-01-01,5\n2,2024-01-05,-2.5\n", &[]).customers();
    assert_eq!(negative.of("2", "revenue"), "-2.5");
}

/// A command with a limit on the size of each file it writes, in KiB.
fn limited(clivia: &Clivia, kib: u32, line: &str) -> Ran {
    let script = format!("trap '' XFSZ; ulimit -f {kib}; exec {} {line}", env!("CARGO_BIN_EXE_clivia"));
    Ran::from(Command::new("bash").args(["-c", &script]).current_dir(clivia.path(".")).output().unwrap())
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    // A file where a folder should be: not even root can write there.
    let ran = clivia.run(&["score", "orders.csv", "--out", "orders.csv/out"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.csv/out"]);
    let ran = clivia.run(&["score", "orders.csv", "--out", "orders.csv"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.csv"]);
    assert_eq!(clivia.text("orders.csv"), ORDERS);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let clivia = Clivia::simulated(3_000, 1);
    std::fs::create_dir(clivia.path("full")).unwrap();
    let disk = clivia.path("full");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&disk).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("a_full_disk_leaves_nothing_behind: skipped, mounting a tmpfs is not permitted here");
        return;
    }
    let runs = ["csv", "parquet", "ndjson", "ipc"].map(|format| {
        let ran = clivia.run(&["score", "orders.csv", "--out", "full/out", "--format", format]);
        (format, ran, clivia.files_in("full/out"))
    });
    let simulated = (
        clivia.run(&["simulate", "--customers", "3000", "--seed", "1", "--out", "full/sim"]),
        clivia.files_in("full/sim"),
    );
    assert!(Command::new("umount").arg(&disk).status().unwrap().success());
    for (format, ran, left) in &runs {
        assert_eq!(ran.code, Some(1), "{format}: {ran:?}");
        says(&ran.stderr, &["No space left"]);
        assert!(left.is_empty(), "{format}: {left:?}");
    }
    assert_eq!(simulated.0.code, Some(1), "{simulated:?}");
    assert!(simulated.1.is_empty(), "{simulated:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_table_that_cannot_be_written_to_its_end_is_no_result() {
    let clivia = Clivia::simulated(3_000, 1);
    for format in ["csv", "parquet", "ndjson", "ipc"] {
        let ran = limited(&clivia, 100, &format!("score orders.csv --format {format} --out out"));
        assert_eq!(ran.code, Some(1), "{format}: {ran:?}");
        says(&ran.stderr, &["customers.", "File too large"]);
        clivia.nothing_in("out");
    }
    let ran = limited(&clivia, 100, "simulate --customers 3000 --seed 1 --out sim");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    clivia.nothing_in("sim");
}

#[test]
fn words_for_nothing_are_no_customer() {
    let clivia = scored("id,date,amount\na,2024-01-01,5\nNULL,2024-01-01,5\nnan,2024-01-02,5\nb,N/A,5\n", &[]);
    assert_eq!(clivia.refusals(), ["3 missing_customer", "4 missing_customer", "5 missing_date"]);
}

#[test]
fn dates_that_contradict_each_other_are_an_error() {
    let said = refused("id,date,amount\na,02/13/2024,1\nb,13/02/2024,2\nc,01/02/2024,1\n", &[]);
    says(&said, &["orders.csv", "row 3", "13/02/2024", "--date-format"]);
}

#[test]
fn day_or_month_first_is_found_for_each_file() {
    let clivia = Clivia::with("p/1.csv", "id,date,amount\na,13/02/2024,1\n");
    clivia.write("p/2.csv", "id,date,amount\nb,02/13/2024,1\nc,03/04/2024,1\n");
    clivia.scored("p", &[]);
    assert_eq!(clivia.customers().column("last_order"), ["2024-02-13", "2024-02-13", "2024-03-04"]);
}

#[test]
fn an_out_that_is_a_file_is_named() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let ran = clivia.run(&["score", "orders.csv", "--out", "orders.csv"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.csv: it is a file; name a folder"]);
}

#[test]
fn a_file_named_twice_is_an_error() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let ran = clivia.run(&["score", "orders.csv", "./orders.csv", "--out", "out"]);
    assert_eq!(ran.code, Some(1));
    says(&ran.stderr, &["orders.csv", "twice"]);
}

#[test]
fn large_float_ids_keep_their_digits() {
    let mut columns = typed();
    let ids = [9_007_199_254_740_994.0, 1e17 + 16.0, 1.0, 2.0, 3.0, 4.0];
    columns[0] = Series::new("customer_id".into(), ids).into();
    let clivia = parquet(columns);
    clivia.scored("orders.parquet", &[]);
    assert_eq!(clivia.customers().column("customer_id")[4..], ["9007199254740994", "100000000000000016"]);
}

#[test]
fn a_currency_asked_for_needs_a_column() {
    says(&refused(ORDERS, &["--currency", "EUR"]), &["no currency column", "--currency-column"]);
    says(&refused(ORDERS, &["--date-format", "dd/mm/yyyy"]), &["read.date_format", "%d/%m/%Y"]);
}

#[test]
fn a_contact_log_without_contacts_is_an_error() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", "customer,timestamp,channel\n");
    says(&clivia.refused("orders.csv", &["--contacts", "contacts.csv"]), &["contacts.csv", "no contact"]);
}
