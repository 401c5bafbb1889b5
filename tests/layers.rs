//! Which room may look into which: the rule of each room, as its imports show it.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "layers/imports.rs"]
mod imports;
#[path = "layers/numbers.rs"]
mod numbers;
#[path = "support/reliability.rs"]
mod reliability;

use std::path::{Path, PathBuf};

/// Each room with the rooms it may use, and the libraries that belong to others.
const ROOMS: [(&str, &[&str], &[&str]); 8] = [
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
        &["terraform", "graph", "expression", "preview"],
        &["tonic", "prost", "rmpv", "reqwest", "axum"],
    ),
    (
        "preview",
        &["expression"],
        &["tokio", "tonic", "prost", "rmpv", "reqwest", "axum"],
    ),
    (
        "expression",
        &[],
        &["tokio", "tonic", "prost", "rmpv", "reqwest", "axum"],
    ),
    (
        "command",
        &["terraform", "resources", "graph", "preview"],
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

/// The words and signs of a source file, each with its line; without comments and the content of texts.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    let line = |rest: &str| text[..text.len() - rest.len()].lines().count().max(1);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => text_length(rest),
            _ if rest.starts_with("r#\"") => {
                rest[3..].find("\"#").map_or(rest.len(), |end| end + 5)
            }
            // The quotation mark as a letter.
            '\'' if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") => 3,
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        let is_code = is_word(first) && !token.starts_with("r#") || "::{},;".contains(token);
        if is_code && !token.trim().is_empty() {
            found.push((line(rest), token.to_owned()));
        }
        rest = after;
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The length of a text with its quotation marks.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The first names of what follows the two colons at `at`: one, or those of a group in braces.
fn heads(tokens: &[(usize, String)], at: usize) -> Vec<(usize, String)> {
    let word = |index: usize| tokens.get(index).map_or("", |(_, word)| word.as_str());
    if word(at + 1) != "{" {
        return tokens.get(at + 1).cloned().into_iter().collect();
    }
    let (mut depth, mut found) = (0, Vec::new());
    for (index, token) in tokens.iter().enumerate().skip(at + 1) {
        match token.1.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if depth == 1 && matches!(word(index - 1), "{" | ",") => found.push(token.clone()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// What in the text of a file of `room` it must not look at; `depth` is how many modules the file is below the crate.
fn forbidden(room: &str, depth: usize, text: &str) -> Vec<(usize, String)> {
    let (_, may_use, must_not) = ROOMS.iter().find(|(name, ..)| *name == room).unwrap();
    let other = |name: &str| {
        let mut others = ROOMS
            .iter()
            .map(|(name, ..)| *name)
            .filter(|other| *other != room);
        others.any(|other| other == name) && !may_use.contains(&name)
    };
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut supers = 0;
    for (at, (line, word)) in tokens.iter().enumerate() {
        let before = at
            .checked_sub(1)
            .map_or("", |before| tokens[before].1.as_str());
        let leads_on = tokens.get(at + 1).is_some_and(|(_, next)| next == "::");
        supers = match word.as_str() {
            "super" => supers + 1,
            "::" => supers,
            _ => 0,
        };
        let is_root = word == "crate" || (word == "super" && supers >= depth);
        if is_root && leads_on {
            let rooms = heads(&tokens, at + 1).into_iter();
            found.extend(rooms.filter(|(_, name)| other(name)));
        }
        // Two colons continue a path where a name stands before them.
        let name_before = at
            .checked_sub(2)
            .map_or("", |before| tokens[before].1.as_str());
        let continues = before == "::" && name_before != "use" && name_before.starts_with(is_word);
        let begins_path = !continues && (leads_on || matches!(before, "use" | "extern" | "::"));
        if begins_path && must_not.contains(&word.as_str()) {
            found.push((*line, word.clone()));
        }
        if word == "use" && tokens.get(at + 1).is_some_and(|(_, next)| next == "{") {
            let libraries = heads(&tokens, at).into_iter();
            found.extend(libraries.filter(|(_, name)| must_not.contains(&name.as_str())));
        }
    }
    found.dedup();
    found
}

#[test]
fn no_room_looks_where_it_must_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut broken = Vec::new();
    for (room, ..) in ROOMS {
        let mut files = Vec::new();
        sources(&root.join(room), &mut files);
        assert!(!files.is_empty(), "{room} is gone");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let parts = file.strip_prefix(&root).unwrap().components().count();
            let depth = parts - usize::from(file.ends_with("mod.rs"));
            for (line, what) in forbidden(room, depth, &text) {
                broken.push(format!("{}:{line} uses {what}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_way_to_look_into_another_room_is_seen() {
    for (room, text, what) in [
        ("terraform", "use crate::graph::Client;", "graph"),
        (
            "terraform",
            "use crate::{\n    terraform::Value,\n    graph::{self, Client},\n};",
            "graph",
        ),
        (
            "protocol",
            "fn f() { crate::resources::pages(); }",
            "resources",
        ),
        ("emulator", "use super::super::graph::Client;", "graph"),
        ("emulator", "use super::super::{emulator, graph};", "graph"),
        ("graph", "pub(crate) use crate::terraform;", "terraform"),
        ("command", "let client = reqwest::Client::new();", "reqwest"),
        ("command", "use ::reqwest;", "reqwest"),
        ("command", "use {std::fmt, reqwest::Client};", "reqwest"),
        ("expression", "use tokio as runtime;", "tokio"),
        ("preview", "use crate::emulator::Options;", "emulator"),
        ("emulator", "use crate::preview::Engine;", "preview"),
    ] {
        let found = forbidden(room, 2, text);
        assert!(
            found.iter().any(|(_, name)| name == what),
            "{room}: {text} {found:?}"
        );
    }
    for (room, text) in [
        (
            "terraform",
            "// use crate::graph;\nlet a = \"crate::graph::Client \\\" reqwest::\";",
        ),
        (
            "resources",
            "use crate::{graph, terraform::{self, Value}, expression};",
        ),
        (
            "graph",
            "use super::graph::Client; let reqwest = 1; self.tonic();",
        ),
        (
            "command",
            "use crate::resources::graph::Thing; Error::reqwest(1); '\"'; b",
        ),
    ] {
        assert_eq!(forbidden(room, 2, text), [], "{room}: {text}");
    }
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
