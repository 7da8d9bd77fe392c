//! A plain loop for where `cargo fuzz` does not run: changes the inputs to begin with at random and checks them.
//!
//! `mutate TARGET MINUTES [SEED]`

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clivia_fuzz::{TARGETS, Target};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// Inputs that are changed; they drift away from those to begin with.
const POOL: usize = 4_096;
/// Bytes of an input.
const LONGEST: usize = 4_096;
/// Inputs between looks at the clock.
const AT_ONCE: u64 = 1_000;

struct Mutator {
    random: Xoshiro256PlusPlus,
    seeds: Vec<Vec<u8>>,
    pool: Vec<Vec<u8>>,
}

impl Mutator {
    fn new(target: &Target, seed: u64) -> Self {
        let seeds: Vec<Vec<u8>> = target.seeds.iter().map(|text| text.as_bytes().to_vec()).collect();
        Mutator { random: Xoshiro256PlusPlus::seed_from_u64(seed), pool: seeds.clone(), seeds }
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.random.next_u64() % limit.max(1) as u64) as usize
    }

    fn any(&mut self, fresh: bool) -> Vec<u8> {
        let count = if fresh { self.seeds.len() } else { self.pool.len() };
        let at = self.below(count);
        if fresh { self.seeds[at].clone() } else { self.pool[at].clone() }
    }

    fn next(&mut self) -> Vec<u8> {
        let fresh = self.below(4) == 0;
        let mut input = self.any(fresh);
        for _ in 0..=self.below(6) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        self.keep(&input);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = (at + self.below(8)).min(input.len());
        match self.below(6) {
            0 => input.insert(at, self.random.next_u64() as u8),
            1 => drop(input.drain(at..end)),
            2 => input.extend_from_within(at..end),
            3 if at < input.len() => input[at] ^= 1 << self.below(8),
            // A piece of another input.
            _ => {
                let other = self.any(true);
                let begin = self.below(other.len());
                let length = 1 + self.below(6);
                input.splice(at..at, other[begin..].iter().take(length).copied());
            }
        }
    }

    fn keep(&mut self, input: &[u8]) {
        if self.pool.len() < POOL {
            self.pool.push(input.to_vec());
        } else {
            let at = self.below(POOL);
            self.pool[at] = input.to_vec();
        }
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let target = args.first().and_then(|name| TARGETS.iter().find(|target| target.name == name));
    let minutes = args.get(1).and_then(|minutes| minutes.parse::<f64>().ok());
    let (Some(target), Some(minutes)) = (target, minutes.filter(|minutes| (0.0..1e6).contains(minutes))) else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("mutate TARGET MINUTES [SEED], where TARGET is one of: {}", names.join(", "));
        return ExitCode::from(2);
    };
    let seed = args.get(2).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    run(target, Duration::from_secs_f64(60.0 * minutes), seed)
}

fn run(target: &Target, time: Duration, seed: u64) -> ExitCode {
    let (mut mutator, start, mut count) = (Mutator::new(target, seed), Instant::now(), 0_u64);
    while start.elapsed() < time {
        for _ in 0..AT_ONCE {
            let input = mutator.next();
            if catch_unwind(|| (target.check)(&input)).is_err() {
                eprintln!("{}: failed at {:?}, bytes {input:?}", target.name, String::from_utf8_lossy(&input));
                return ExitCode::FAILURE;
            }
        }
        count += AT_ONCE;
    }
    println!("{}: {count} inputs in {:.0} s, none failed", target.name, start.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
