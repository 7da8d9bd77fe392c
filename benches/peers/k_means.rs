//! The half of the k-means comparison that runs in clivia; `k_means.py` beside it calls it.
//!
//! `k_means POINTS STARTS REPETITIONS`: both files hold rows of four little-endian 64-bit numbers. Runs k-means from
//! these starting centroids to where it settles, so often, and prints seconds and results as JSON.
#![allow(missing_docs, clippy::print_stdout)] // standard output is how `k_means.py` is told

use std::time::Instant;

use clivia_core::clusters::k_means::{Found, KMeansError, lloyd};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
type Point = [f64; 4];

const MOST_ROUNDS: usize = 10_000;

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [points, starts, repetitions] => time(&read(points)?, &read(starts)?, repetitions.parse()?),
        // `cargo bench -- --test` runs every benchmark once.
        _ => smoke(),
    }
}

fn read(file: &str) -> Outcome<Vec<Point>> {
    let bytes = std::fs::read(file)?;
    let (numbers, rest) = bytes.as_chunks::<8>();
    let numbers: Vec<f64> = numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let (points, odd) = numbers.as_chunks::<4>();
    if rest.is_empty() && odd.is_empty() { Ok(points.to_vec()) } else { Err(format!("{file} ends in a row").into()) }
}

fn time(points: &[Point], starts: &[Point], repetitions: usize) -> Outcome<()> {
    let (mut seconds, mut found) = (Vec::new(), None);
    for _ in 0..repetitions {
        let before = Instant::now();
        found = Some(lloyd(points, starts, MOST_ROUNDS)?);
        seconds.push(before.elapsed().as_secs_f64());
    }
    let found: Found<4> = found.ok_or("give at least one repetition")?;
    println!(
        "{}",
        json!({"seconds": seconds, "inertia": found.inertia, "iterations": found.rounds, "settled": found.settled,
               "centroids": found.centroids, "sizes": found.sizes})
    );
    Ok(())
}

/// Two heaps far from each other.
fn smoke() -> Outcome<()> {
    let points: Vec<Point> = (0..1_000).map(|i| [f64::from(i % 2) * 100.0, f64::from(i % 7), 0.0, 1.0]).collect();
    let found: Result<Found<4>, KMeansError> = lloyd(&points, &points[..2], MOST_ROUNDS);
    if found?.sizes != [500, 500] {
        return Err("two heaps are no longer two clusters".into());
    }
    Ok(())
}
