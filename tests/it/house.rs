//! The house: which room may use which, and what the core must not know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The members from the bottom to the top: each uses only those before it.
const FLOORS: [&str; 6] = ["clivia-core", "clivia-arrow", "clivia-io", "clivia-report", "clivia-run", "clivia-cli"];
/// What the core is free of, whatever it uses.
const FOREIGN: [&str; 9] =
    ["polars", "polars-core", "arrow", "clap", "tokio", "reqwest", "indicatif", "minijinja", "rquickjs"];
/// Nobody reads or writes over a network, plans queries, or parses a whole database language.
const NOWHERE: [&str; 6] = ["reqwest", "hyper", "rustls", "object_store", "polars-lazy", "polars-sql"];

/// What each package uses when it is built: by its name, the names of others.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    // Of this platform: what others need may not be on this machine.
    let host = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let host = String::from_utf8_lossy(&host);
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_string();
    let metadata = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let names: BTreeMap<String, String> =
        packages.iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
    let nodes = metadata["resolve"]["nodes"].as_array().expect("the graph");
    let used = |node: &Value| {
        let is_built =
            |dep: &&Value| dep["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k["kind"].is_null()));
        let deps = node["deps"].as_array().into_iter().flatten().filter(is_built);
        deps.map(|dep| names[dep["pkg"].as_str().unwrap_or_default()].clone()).collect()
    };
    nodes.iter().map(|node| (names[node["id"].as_str().unwrap_or_default()].clone(), used(node))).collect()
}

fn closure(uses: &BTreeMap<String, BTreeSet<String>>, of: &str) -> BTreeSet<String> {
    let (mut found, mut ahead) = (BTreeSet::new(), vec![of.to_string()]);
    while let Some(package) = ahead.pop() {
        for used in uses.get(&package).into_iter().flatten() {
            if found.insert(used.clone()) {
                ahead.push(used.clone());
            }
        }
    }
    found
}

/// What is built for a package: `cargo metadata` lists what features only might ask for, too.
fn built(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let lines = String::from_utf8_lossy(&tree.stdout).into_owned();
    lines.lines().filter_map(|line| line.split_whitespace().next()).map(String::from).collect()
}

#[test]
fn arrows_point_down_and_the_core_stands_alone() {
    let uses = uses();
    for (floor, member) in FLOORS.iter().enumerate() {
        let above: Vec<&&str> = FLOORS[floor..].iter().filter(|other| uses[*member].contains(**other)).collect();
        assert!(above.is_empty(), "{member} uses {above:?}, which stand above it");
    }
    let core = closure(&uses, "clivia-core");
    let foreign: Vec<&&str> = FOREIGN.iter().filter(|name| core.contains(**name)).collect();
    assert!(foreign.is_empty(), "the core uses {foreign:?}");
    let all = built("clivia");
    assert!(all.len() > 100 && built("clivia-core").is_disjoint(&FOREIGN.map(String::from).into()));
    let nowhere: Vec<&&str> = NOWHERE.iter().filter(|name| all.contains(**name)).collect();
    assert!(nowhere.is_empty(), "the default build has {nowhere:?}");
    for asked_for in ["polars", "linfa", "linfa-clustering", "ndarray", "rayon", "arrow", "clap", "serde"] {
        assert!(all.contains(asked_for), "{asked_for} is not in the default build");
    }
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// The code of a file: no comment, and nothing from its tests on.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a source file");
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_core_opens_no_file_prints_nothing_and_names_no_flag() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut core = Vec::new();
    sources(&root.join("src/core"), &mut core);
    assert!(core.len() > 100, "the core has been moved: {core:?}");
    for path in core {
        let code = code(&path);
        for word in ["std::fs", "File::open", "File::create", "println!", "eprintln!", "print!("] {
            assert!(!code.contains(word), "{} has {word}", path.display());
        }
    }
    // The words of the command line are the command line's.
    let mut library = Vec::new();
    ["core", "arrow", "io", "report", "run"]
        .iter()
        .for_each(|room| sources(&root.join("src").join(room), &mut library));
    for path in library {
        let code = code(&path);
        let is_flag = |(at, _): &(usize, &str)| {
            let before = code[..*at].chars().next_back().unwrap_or(' ');
            let after = code[at + 2..].chars().next().unwrap_or(' ');
            after.is_ascii_lowercase() && !before.is_ascii_alphanumeric() && before != '-'
        };
        let flags: Vec<&str> = code
            .match_indices("--")
            .filter(is_flag)
            .map(|(at, _)| code[at..].split(|c: char| c.is_whitespace()).next().unwrap_or(""))
            .collect();
        assert!(flags.is_empty(), "{} names {flags:?}", path.display());
    }
}
