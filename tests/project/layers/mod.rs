//! Dependencies between crates: the compiler rejects crates that a manifest does not name, and these tests compare the manifests with the
//! table.

mod imports;
mod numbers;
mod wrong_declarations;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;

use crate::reliability;

/// A crate: its folder, the crates of this workspace that it uses, and libraries that it must not use.
struct Crate {
    folder: &'static str,
    uses: &'static [&'static str],
    never: &'static [&'static str],
}

const CRATES: [Crate; 10] = [
    Crate {
        folder: "proto",
        uses: &[],
        never: &["tokio", "reqwest", "serde_json"],
    },
    Crate {
        folder: "src/terraform",
        uses: &[],
        never: &[
            "tokio",
            "tonic",
            "prost",
            "reqwest",
            "serde_json",
            "axum",
            "rmp",
        ],
    },
    Crate {
        folder: "src/protocol",
        uses: &["proto", "terraform"],
        never: &["reqwest", "azure_core", "azure_identity", "axum"],
    },
    Crate {
        folder: "src/graph",
        uses: &[],
        never: &["tonic", "prost", "rmp", "axum"],
    },
    Crate {
        folder: "src/expression",
        uses: &[],
        never: &["tokio", "tonic", "prost", "rmp", "reqwest", "axum"],
    },
    Crate {
        folder: "src/preview",
        uses: &["expression"],
        never: &["tokio", "tonic", "prost", "rmp", "reqwest", "axum"],
    },
    Crate {
        folder: "src/sdk",
        uses: &["graph", "terraform"],
        never: &["tonic", "prost", "rmp", "reqwest", "axum"],
    },
    Crate {
        folder: "src/resources",
        uses: &["expression", "graph", "preview", "sdk", "terraform"],
        never: &["tonic", "prost", "rmp", "reqwest", "axum"],
    },
    Crate {
        folder: "src/command",
        uses: &["graph", "preview", "resources", "sdk", "terraform"],
        never: &[
            "tonic",
            "prost",
            "rmp",
            "reqwest",
            "azure_core",
            "azure_identity",
            "axum",
        ],
    },
    Crate {
        folder: "src/emulator",
        uses: &[],
        never: &[
            "tonic",
            "prost",
            "rmp",
            "reqwest",
            "azure_core",
            "azure_identity",
        ],
    },
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn name(of: &Crate) -> &str {
    of.folder.trim_start_matches("src/")
}

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

/// The tokens of a source file, each with its line, without comments and without the content of string literals.
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
            // A quotation mark as a character literal.
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

/// The length of a string literal with its quotation marks.
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

/// The entries of a manifest below each heading that ends in `dependencies]`, except dev-dependencies.
fn dependencies(manifest: &str) -> BTreeSet<&str> {
    let mut is_meant = false;
    let mut found = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_meant = line.ends_with("dependencies]") && !line.contains("dev-");
        } else if is_meant && !line.trim().is_empty() && !line.starts_with('#') {
            found.extend(line.split(['.', ' ', '=']).next());
        }
    }
    found
}

#[test]
fn every_crate_uses_the_crates_of_the_table_and_no_library_of_others() {
    let names: BTreeSet<&str> = CRATES.iter().map(name).collect();
    for it in CRATES {
        let file = root().join(it.folder).join("Cargo.toml");
        let manifest = std::fs::read_to_string(file).unwrap();
        let found = dependencies(&manifest);
        let own: Vec<&str> = found.intersection(&names).copied().collect();
        assert_eq!(own, it.uses, "{}", it.folder);
        for library in it.never {
            assert!(!found.contains(library), "{} uses {library}", it.folder);
        }
    }
}

#[test]
fn every_crate_is_in_the_table_and_has_the_lints_of_all() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, members) = manifest.split_once("members = [").unwrap();
    let (members, _) = members.split_once(']').unwrap();
    let members: BTreeSet<&str> = members.split('"').skip(1).step_by(2).collect();
    let table: BTreeSet<&str> = CRATES.iter().map(|it| it.folder).collect();
    assert_eq!(members, table);
    for folder in members.into_iter().chain([""]) {
        let file = root().join(folder).join("Cargo.toml");
        let manifest = std::fs::read_to_string(file).unwrap();
        assert!(
            manifest.contains("\n[lints]\nworkspace = true\n"),
            "{folder}: add `[lints] workspace = true`"
        );
    }
}

/// The log contains only lines of the crates that it lists, so a missing crate would log nothing.
#[test]
fn the_log_lists_every_crate_that_logs() {
    let logging = std::fs::read_to_string(root().join("src/protocol/logging.rs")).unwrap();
    let mut heard = 0;
    // The emulator is a separate program.
    for it in CRATES.iter().filter(|it| name(it) != "emulator") {
        let manifest = std::fs::read_to_string(root().join(it.folder).join("Cargo.toml")).unwrap();
        if dependencies(&manifest).contains("tracing") {
            let listed = logging.contains(&format!("    \"{}\",\n", name(it)));
            assert!(
                listed,
                "add {} to CRATES in src/protocol/logging.rs",
                name(it)
            );
            heard += 1;
        }
    }
    assert!(heard > 2, "{heard}");
}

#[test]
fn dependencies_are_read_from_every_table_but_that_of_tests() {
    let manifest = "[package]\nname = \"a\"\n\n[dependencies]\n# Why.\ngraph.workspace = true\ntonic = { workspace = true }\n\n\
        [target.'cfg(unix)'.dependencies]\nrustix.workspace = true\n\n[dev-dependencies]\nproptest = \"1\"\n\n[lints]\n\
        workspace = true\n";
    let found: Vec<&str> = dependencies(manifest).into_iter().collect();
    assert_eq!(found, ["graph", "rustix", "tonic"]);
}

/// The framework and the client are independent of resources. The code that resources share may name one in its advice.
#[test]
fn neither_the_framework_nor_the_client_names_a_resource() {
    let served = CrossTenant::default();
    let names: Vec<&str> = served
        .resources()
        .into_iter()
        .map(crosstenant::terraform::Resource::type_name)
        .collect();
    for it in CRATES
        .iter()
        .filter(|it| ["terraform", "protocol", "graph"].contains(&name(it)))
    {
        let mut files = Vec::new();
        sources(&root().join(it.folder), &mut files);
        assert!(!files.is_empty(), "{} is gone", it.folder);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let code = numbers::code_lines(&text).join("\n");
            for name in &names {
                assert!(!code.contains(*name), "{} names {name}", file.display());
            }
        }
    }
}

#[test]
fn the_graph_client_does_not_mention_terraform() {
    let mut files = Vec::new();
    sources(&root().join("src/graph"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap().to_lowercase();
        for word in ["terraform", "opentofu", "diagnostic", "hcl"] {
            assert!(!text.contains(word), "{} knows of {word}", file.display());
        }
    }
}
