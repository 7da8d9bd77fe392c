//! Tells the tests whether the public data sets are there: `cfg(no_shared_data)` is set where they are not,
//! so that the tests that need them show as ignored. Where `CI` is set they run, and fail.
#![allow(clippy::print_stdout)] // standard output is how a build script speaks to cargo

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(no_shared_data)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CLIVIA_DATA");
    println!("cargo::rerun-if-env-changed=CI");
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let folder = root.join(env::var_os("CLIVIA_DATA").unwrap_or_else(|| "../shared/data".into()));
    if folder.is_dir() {
        println!("cargo::rerun-if-changed={}", folder.display());
    } else if env::var_os("CI").is_none() {
        // Not watched: cargo builds everything anew at each call where a watched path is not there.
        println!("cargo::rustc-cfg=no_shared_data");
    }
}
