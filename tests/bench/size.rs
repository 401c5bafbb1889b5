//! What makes the binary large: the sections of the file, and the code in it by the crate that it comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::project;
use crate::{NAME, megabytes};

/// Crates that are listed by name; the others share one row.
const LISTED: usize = 24;

/// Functions of these traits are written by `derive`, not by people.
const DERIVED: [&str; 4] = [
    "serde_core::de::",
    "serde_core::ser::",
    "clap_builder::derive::",
    "prost::message::Message",
];

/// One symbol of the binary.
struct Symbol {
    name: String,
    bytes: u64,
}

pub fn section() -> String {
    let binary = linked_with_symbols();
    let sections = sections(&binary);
    let whole: u64 = sections.iter().map(|(_, bytes)| bytes).sum();
    let symbols = symbols(&binary);
    let code: u64 = symbols.iter().map(|symbol| symbol.bytes).sum();
    let mut text = format!(
        "\n## What makes the binary large\n\nThe binary of a release, linked once more with its symbols, \
         which are not counted: {:.1} MB, of which {:.1} MB are functions.\n\n| section of the file | MB |\n|---|---|\n",
        megabytes(whole),
        megabytes(code)
    );
    for (name, bytes) in sections.iter().filter(|(_, bytes)| *bytes >= 100_000) {
        let _ = writeln!(text, "| `{name}` | {:.2} |", megabytes(*bytes));
    }
    text.push_str(
        "\nFunctions by the crate that defines them. A generic function counts where it is written, not where it is used.\n\n\
         | crate | MB | share |\n|---|---|---|\n",
    );
    let crates = by_crate(&symbols);
    for (name, bytes) in &crates[..LISTED.min(crates.len())] {
        row(&mut text, &format!("`{name}`"), *bytes, code);
    }
    let others = crates.iter().skip(LISTED);
    let count = others.clone().count();
    let rest = others.map(|(_, bytes)| bytes).sum();
    row(&mut text, &format!("{count} others"), rest, code);
    let derived = symbols.iter().filter(|symbol| is_derived(&symbol.name));
    let derived = derived.map(|symbol| symbol.bytes).sum();
    row(
        &mut text,
        "of `crosstenant`: written by `derive`",
        derived,
        code,
    );
    text
}

#[allow(clippy::cast_precision_loss, reason = "a share with one decimal")]
fn row(text: &mut String, what: &str, bytes: u64, of: u64) {
    let share = bytes as f64 / of as f64 * 100.0;
    let _ = writeln!(text, "| {what} | {:.2} | {share:.1} % |", megabytes(bytes));
}

/// The release binary with its symbols. Only the last step of the build is repeated. Cargo notices that this is not the binary of a
/// release, and links that again when it is wanted.
fn linked_with_symbols() -> PathBuf {
    let mut command = if let Some(target) = crate::target() {
        let mut make = Command::new("make");
        make.args(["binary", "SYMBOLS=1", &format!("TARGET={target}")]);
        make
    } else {
        let mut cargo = Command::new("cargo");
        cargo.args(["rustc", "--release", "--locked", "--bin", NAME]);
        cargo.args(["--", "-C", "strip=none"]);
        cargo
    };
    let status = command.current_dir(project("")).status().unwrap();
    assert!(status.success());
    crate::binary()
}

fn output(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("{program}, of binutils: {error}"));
    assert!(output.status.success(), "{program} of {}", file.display());
    String::from_utf8(output.stdout).unwrap()
}

/// What a stripped file consists of, the largest first.
fn sections(binary: &Path) -> Vec<(String, u64)> {
    let listed = output("size", &["--format=sysv", "--radix=10"], binary);
    let mut sections: Vec<(String, u64)> = listed
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (name, bytes) = (words.next()?, words.next()?.parse().ok()?);
            let is_in_file = name.starts_with('.') && ![".bss", ".tbss"].contains(&name);
            (is_in_file && !name.starts_with(".debug")).then(|| (name.to_owned(), bytes))
        })
        .collect();
    sections.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    sections
}

/// The functions, once each where several names have the same place.
fn symbols(binary: &Path) -> Vec<Symbol> {
    let listed = output("nm", &["--print-size", "--demangle"], binary);
    let mut places = BTreeMap::new();
    for line in listed.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some(place), Some(bytes), Some(kind), Some(name)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        if let (Ok(bytes), "t" | "T" | "w" | "W") = (u64::from_str_radix(bytes, 16), kind) {
            places.insert(place.to_owned(), (name.to_owned(), bytes));
        }
    }
    let symbols = places.into_values();
    symbols
        .map(|(name, bytes)| Symbol { name, bytes })
        .collect()
}

fn by_crate(symbols: &[Symbol]) -> Vec<(String, u64)> {
    let mut crates: BTreeMap<&str, u64> = BTreeMap::new();
    for symbol in symbols {
        *crates.entry(crate_of(&symbol.name)).or_default() += symbol.bytes;
    }
    let mut crates: Vec<(String, u64)> = crates
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect();
    crates.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    crates
}

/// The crate that a function is from: that of its path, or of the type or else the trait that it is implemented for.
fn crate_of(name: &str) -> &str {
    if !name.contains("::") {
        return if name.starts_with("aws_lc") {
            "aws-lc, in C"
        } else {
            "the C library, and assembly"
        };
    }
    let (of, by) = name.split_once(" as ").unwrap_or((name, ""));
    first_crate(of).or(first_crate(by)).unwrap_or("core")
}

/// The first path in a type whose first part is a crate.
fn first_crate(of: &str) -> Option<&str> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let mut rest = of;
    while let Some((before, after)) = rest.split_once("::") {
        let start = before.rfind(|character| !is_part(character));
        let part = &before[start.map_or(0, |place| place + 1)..];
        if !part.is_empty() {
            return Some(part);
        }
        rest = after;
    }
    None
}

fn is_derived(name: &str) -> bool {
    DERIVED.iter().any(|part| name.contains(part)) && crate_of(name) == "crosstenant"
}
