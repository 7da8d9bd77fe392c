//! Real files and bad ones: what is read, what is refused, what is said.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};

use clivia_core::base::Day;
use polars::prelude::*;

use crate::support::{Clivia, ORDERS, Ran, says};

mod cleaning;
mod columns;
mod contacts;
mod customers;
mod files;
mod formats;
mod ids_and_dates;
mod output;
mod rows;
mod small;
mod text;

const ROW: [&str; 3] = ["orders", "frequency", "revenue"];

/// `ORDERS` with another delimiter.
fn delimited(by: &str) -> String {
    ORDERS.replace(',', by)
}

/// What scoring this text gives; the run must work.
fn scored(text: impl AsRef<[u8]>, more: &[&str]) -> Clivia {
    let clivia = Clivia::with("orders.csv", text);
    clivia.scored("orders.csv", more);
    clivia
}

/// Goes on however many rows of a small file cannot be read: what is listed is looked at.
const GO_ON: [&str; 2] = ["--unreadable-error", "1"];

/// A file of which many rows cannot be read, scored all the same.
fn listed(text: impl AsRef<[u8]>) -> Clivia {
    scored(text, &GO_ON)
}

/// customers.csv of `ORDERS`.
fn expected() -> Vec<u8> {
    scored(ORDERS, &[]).read("out/customers.csv")
}

/// What is said of this text, which no run can use.
fn refused(text: impl AsRef<[u8]>, more: &[&str]) -> String {
    Clivia::with("orders.csv", text).refused("orders.csv", more)
}

fn rejects(text: impl AsRef<[u8]>, more: &[&str]) -> Vec<String> {
    scored(text, &[more, &GO_ON].concat()).rejects().iter().map(|reject| reject[1..].join("|")).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn write_parquet(clivia: &Clivia, name: &str, columns: Vec<Column>) {
    clivia.write(name, "");
    let mut frame = DataFrame::new(columns[0].len(), columns).unwrap();
    ParquetWriter::new(File::create(clivia.path(name)).unwrap()).finish(&mut frame).unwrap();
}

fn parquet(columns: Vec<Column>) -> Clivia {
    let clivia = Clivia::new();
    write_parquet(&clivia, "orders.parquet", columns);
    clivia
}

/// The columns of `ORDERS`, typed.
fn typed() -> Vec<Column> {
    let rows: Vec<Vec<&str>> = ORDERS.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let days: Vec<i32> = rows.iter().map(|row| row[1].parse::<Day>().unwrap().0).collect();
    vec![
        Column::new("customer_id".into(), rows.iter().map(|row| row[0]).collect::<Vec<_>>()),
        Column::new("order_date".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), rows.iter().map(|row| row[2].parse::<f64>().unwrap()).collect::<Vec<_>>()),
    ]
}
