//! Which room may look into which: the rule of each room, as its imports show it.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

use std::path::{Path, PathBuf};

/// Each room with the rooms it may use, and the libraries that belong to others.
const ROOMS: [(&str, &[&str], &[&str]); 7] = [
    (
        "terraform",
        &[],
        &["tokio", "tonic", "reqwest", "serde_json", "axum", "rmpv"],
    ),
    (
        "protocol",
        &["terraform"],
        &["reqwest", "azure_core", "azure_identity", "axum"],
    ),
    ("graph", &[], &["tonic", "prost", "rmpv", "axum"]),
    (
        "resources",
        &["terraform", "graph", "expression"],
        &["tonic", "prost", "rmpv", "reqwest", "axum"],
    ),
    (
        "expression",
        &[],
        &["tokio", "tonic", "prost", "rmpv", "reqwest", "axum"],
    ),
    (
        "command",
        &["terraform", "resources", "graph"],
        &[
            "tonic",
            "prost",
            "rmpv",
            "reqwest",
            "azure_core",
            "azure_identity",
            "axum",
        ],
    ),
    (
        "emulator",
        &[],
        &[
            "tonic",
            "prost",
            "rmpv",
            "reqwest",
            "azure_core",
            "azure_identity",
        ],
    ),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            found.push(entry);
        }
    }
}

/// The lines of a file that are code, each with its number.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim()))
        .filter(|(_, line)| !line.starts_with("//"))
}

#[test]
fn no_room_looks_where_it_must_not() {
    let mut broken = Vec::new();
    for (room, may_use, must_not) in ROOMS {
        let mut files = Vec::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room),
            &mut files,
        );
        assert!(!files.is_empty(), "{room} is gone");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            for (line, words) in code(&text) {
                let other = ROOMS.iter().map(|(name, ..)| *name).find(|other| {
                    *other != room
                        && !may_use.contains(other)
                        && words.contains(&format!("crate::{other}"))
                });
                let library = must_not
                    .iter()
                    .find(|library| words.starts_with(&format!("use {library}")));
                if let Some(what) = other.or(library.copied()) {
                    broken.push(format!("{}:{line} uses {what}", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_graph_client_has_never_heard_of_terraform() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/graph"),
        &mut files,
    );
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap().to_lowercase();
        for word in ["terraform", "opentofu", "diagnostic", "hcl"] {
            assert!(!text.contains(word), "{} knows of {word}", file.display());
        }
    }
}
