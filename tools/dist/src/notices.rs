//! The licenses of the crates in the binary, from their own sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

/// The text that follows the project's own license in an archive: each crate, and each distinct license text once.
pub fn notices(project: &Path) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(project.join("Cargo.toml"))
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let metadata: Json =
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    Ok(written(&metadata))
}

fn written(metadata: &Json) -> String {
    let linked = linked(metadata);
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut list = String::new();
    for package in packages
        .filter(|package| linked.contains(text(&package["id"])) && !package["source"].is_null())
    {
        let name = format!("{} {}", text(&package["name"]), text(&package["version"]));
        let _ = writeln!(
            list,
            "{name}: {}, {}",
            text(&package["license"]),
            text(&package["repository"])
        );
        let folder = Path::new(text(&package["manifest_path"]))
            .parent()
            .unwrap_or(Path::new("."));
        for license in license_texts(folder) {
            texts.entry(license).or_default().insert(name.clone());
        }
    }
    let mut all = format!("The binary contains the following third-party software.\n\n{list}");
    for (license, names) in texts {
        let names: Vec<String> = names.into_iter().collect();
        let _ = write!(
            all,
            "\n{}\n{}\n\n{}\n",
            "-".repeat(80),
            names.join(", "),
            license.trim()
        );
    }
    all
}

/// The packages in the binary: the normal dependencies of the root, on every platform.
fn linked(metadata: &Json) -> BTreeSet<&str> {
    let nodes = metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten();
    let nodes: BTreeMap<&str, &Json> = nodes.map(|node| (text(&node["id"]), node)).collect();
    let mut found = BTreeSet::new();
    let mut open = vec![text(&metadata["resolve"]["root"])];
    while let Some(id) = open.pop() {
        if !found.insert(id) {
            continue;
        }
        let needs = nodes
            .get(id)
            .and_then(|node| node["deps"].as_array())
            .into_iter()
            .flatten();
        for need in needs {
            let kinds = need["dep_kinds"].as_array().into_iter().flatten();
            if kinds.into_iter().any(|kind| kind["kind"].is_null()) {
                open.push(text(&need["pkg"]));
            }
        }
    }
    found
}

/// The texts of the license files in a package's folder.
fn license_texts(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let is_license = |name: &str| {
        ["LICENSE", "LICENCE", "COPYING", "NOTICE"]
            .iter()
            .any(|start| name.to_uppercase().starts_with(start))
    };
    let files = files.into_iter().filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        path.is_file() && name.is_some_and(is_license)
    });
    files
        .filter_map(|path| fs::read_to_string(path).ok())
        .map(|text| text.replace("\r\n", "\n"))
        .collect()
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}
