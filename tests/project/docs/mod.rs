//! The documentation matches the code: pages are current, examples exist, and no page or example is orphaned.
//!
//! `UPDATE_DOCS=1 cargo test --test project docs::` writes the pages.

#[path = "../../support/compatibility.rs"]
mod compatibility;
mod links;
mod modules;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crosstenant::resources::{CrossTenant, Page, pages};
use crosstenant::terraform::{Attribute, Provider, Schema};

use crate::support::{clis, features};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn rendered() -> Vec<Page> {
    pages(&|example| read(&format!("examples/{example}")))
}

/// The names of the entries of a folder.
fn names(folder: &str) -> BTreeSet<String> {
    let entries =
        fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Every type with its folder and schema.
fn types(served: &CrossTenant) -> Vec<(&'static str, &str, &Schema)> {
    let resources = served.resources().into_iter();
    let sources = served.data_sources().into_iter();
    resources
        .map(|one| ("resources", one.type_name(), one.schema()))
        .chain(sources.map(|one| ("data-sources", one.type_name(), one.schema())))
        .chain(
            served
                .actions()
                .into_iter()
                .map(|one| ("actions", one.type_name(), one.schema())),
        )
        .chain(
            served
                .list_resources()
                .into_iter()
                .map(|one| ("list-resources", one.type_name(), one.schema())),
        )
        .collect()
}

/// All files below `folder` with this extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".terraform") {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
    found
}

#[test]
fn pages_are_current() {
    for page in rendered() {
        let path = root().join("docs").join(&page.path);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &page.text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == page.text,
            "docs/{} is not what the code says: run `make docs`",
            page.path
        );
    }
}

/// Checks that the file at `path` contains `text`, or writes it with `UPDATE_DOCS`.
fn is_current(path: &str, text: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(path), text).unwrap();
    }
    assert!(
        read(path) == text,
        "{path} is not what the code says: run `make docs`"
    );
}

/// The page is generated from the record of `make matrix`, which contains every feature of every CLI and agrees with the tests.
#[test]
fn the_compatibility_page_is_what_the_matrix_recorded() {
    let record: serde_json::Value = serde_json::from_str(&read(compatibility::RECORD)).unwrap();
    is_current(compatibility::PAGE, &compatibility::page(&record));
    for (name, seen) in record.as_object().unwrap() {
        let (flavor, version) = name.split_once(' ').unwrap();
        let numbers: Vec<u32> = version
            .split('.')
            .map(|part| part.parse().unwrap())
            .collect();
        let cli = clis::Cli {
            path: String::new(),
            flavor: [clis::Flavor::Terraform, clis::Flavor::OpenTofu]
                .into_iter()
                .find(|one| one.to_string() == flavor)
                .unwrap(),
            version: (numbers[0], numbers[1], numbers[2]),
            stands_alone: true,
        };
        for feature in features::Feature::ALL {
            let expected = feature.lacking(&cli).unwrap_or_else(|| "works".to_owned());
            assert_eq!(
                seen["features"][feature.key()],
                expected.as_str(),
                "{name}: {}",
                feature.key()
            );
        }
    }
}

#[test]
fn no_page_is_orphaned() {
    let expected: BTreeSet<String> = rendered().into_iter().map(|page| page.path).collect();
    for folder in [
        "resources",
        "data-sources",
        "functions",
        "actions",
        "list-resources",
    ] {
        for name in names(&format!("docs/{folder}")) {
            let path = format!("{folder}/{name}");
            assert!(
                expected.contains(&path),
                "docs/{path} belongs to no type: delete it"
            );
        }
    }
}

#[test]
fn pages_have_what_the_registry_asks_for() {
    for Page { path, text } in rendered() {
        let is_index = path == "index.md";
        assert!(text.starts_with("---\npage_title: \""), "{path}");
        assert!(text.contains("\ndescription: |-\n  "), "{path}");
        if path.starts_with("guides/") {
            continue; // Guides have no required sections.
        }
        let mut sections = vec!["## Example Usage\n\n```terraform\n"];
        if path.starts_with("functions/") {
            sections.extend([
                "# function: ",
                "## Signature\n\n```text\n",
                "## Arguments\n\n1. ",
            ]);
        } else {
            sections.push("## Schema\n");
            if !is_index {
                sections.push("## API Permissions\n");
            }
        }
        if path.starts_with("resources/") {
            sections.extend(["## Import\n", "  to = crosstenant_", "\nterraform import "]);
        }
        for section in sections {
            assert!(text.contains(section), "{path} lacks {section:?}");
        }
    }
}

#[test]
fn every_type_has_its_example_and_no_other_does() {
    let served = CrossTenant::default();
    for (kind, wanted) in [
        ("resources", &["resource.tf", "import.sh"][..]),
        ("data-sources", &["data-source.tf"]),
        ("actions", &["action.tf"]),
        ("list-resources", &["list-resource.tfquery.hcl"]),
    ] {
        let of_kind = types(&served).into_iter().filter(|one| one.0 == kind);
        let type_names: BTreeSet<String> = of_kind.map(|one| one.1.to_owned()).collect();
        assert_eq!(names(&format!("examples/{kind}")), type_names);
        for type_name in type_names {
            for file in wanted {
                let path = format!("examples/{kind}/{type_name}/{file}");
                assert!(read(&path).contains(&type_name), "{path}");
            }
        }
    }
}

#[test]
fn every_function_has_its_example_and_no_other_does() {
    let served = CrossTenant::default();
    let functions: BTreeSet<String> = served
        .functions()
        .iter()
        .map(|one| one.name().to_owned())
        .collect();
    assert_eq!(names("examples/functions"), functions);
    for name in functions {
        let path = format!("examples/functions/{name}/function.tf");
        assert!(
            read(&path).contains(&format!("provider::crosstenant::{name}(")),
            "{path}"
        );
    }
}

#[test]
fn examples_name_the_provider_and_its_aliases() {
    for path in files(&root().join("examples"), "tf") {
        let (text, path) = (fs::read_to_string(&path).unwrap(), path.display());
        let source = "source = \"crosstenant/crosstenant\"";
        let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains(source), "{path}");
        for (alias, prefix) in [("source", "SOURCE"), ("target", "TARGET")] {
            let uses = text.contains(&format!("= crosstenant.{alias}\n"));
            let declares = text.contains(&format!("environment_prefix = \"{prefix}\""))
                || text.contains("configuration_aliases"); // a module
            assert!(!uses || declares, "{path}: {alias} is not declared");
        }
    }
}

#[test]
fn import_commands_name_a_resource_of_the_example() {
    let served = CrossTenant::default();
    for resource in served.resources() {
        let type_name = resource.type_name();
        let folder = format!("examples/resources/{type_name}");
        let script = read(&format!("{folder}/import.sh"));
        let command = script
            .lines()
            .find(|line| line.starts_with("terraform import "));
        let address = command.unwrap().split_whitespace().nth(2).unwrap();
        let (_, name) = address.split_once('.').unwrap();
        let block = format!("resource \"{type_name}\" \"{name}\" {{");
        let example = read(&format!("{folder}/resource.tf"));
        assert!(example.contains(&block), "{folder}: {address}");
    }
}

#[test]
fn every_attribute_is_described_by_a_sentence() {
    let served = CrossTenant::default();
    let mut problems = Vec::new();
    describe("provider", &served.schema().attributes, &mut problems);
    for (_, type_name, schema) in types(&served) {
        describe(type_name, &schema.attributes, &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn describe(place: &str, attributes: &[Attribute], problems: &mut Vec<String>) {
    for attribute in attributes {
        let place = format!("{place}.{}", attribute.name);
        let text = &attribute.description;
        let opens = text.starts_with(|c: char| c.is_uppercase() || c == '`');
        if !opens || !text.ends_with('.') || text.split_whitespace().count() < 2 {
            problems.push(format!("{place}: no sentence: {text:?}"));
        }
        let words = text
            .trim_start_matches('`')
            .to_lowercase()
            .replace(' ', "_");
        let rest = words.strip_prefix(attribute.name);
        if rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')) {
            problems.push(format!("{place}: begins with its own name: {text:?}"));
        }
        let nested = attribute.kind.nested().unwrap_or_default();
        describe(&place, nested, problems);
    }
}

/// The list of permissions in the guide contains all permissions of the pages.
#[test]
fn the_guide_names_every_permission() {
    let guide = read("docs/guides/getting-started.md");
    let mut compared = 0;
    for Page { path, text } in rendered() {
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        for row in rows.filter(|_| path != "index.md") {
            for permission in row.split('|').nth(1).unwrap().split(" and ") {
                assert!(guide.contains(permission.trim()), "{path}: {permission}");
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "the pages have lost their permissions");
}

#[test]
fn the_readme_is_short_and_the_index_names_everything() {
    let (readme, index) = (read("README.md"), read("docs/index.md"));
    let lines = readme.lines().count();
    assert!(lines < 170, "README.md has {lines} lines");
    assert!(readme.contains("](docs/index.md)"));
    for (_, type_name, _) in types(&CrossTenant::default()) {
        assert!(index.contains(&format!("[`{type_name}`](")), "{type_name}");
    }
    for function in CrossTenant::default().functions() {
        let name = function.name();
        assert!(index.contains(&format!("[`{name}`](")), "{name}");
    }
}

#[test]
fn the_changelog_has_room_for_what_comes_next() {
    let changelog = read("CHANGELOG.md");
    let mut headings = changelog.lines().filter(|line| line.starts_with("## "));
    assert_eq!(headings.next(), Some("## Unreleased"));
}

/// The changelog names every type, so that a new one is not forgotten.
#[test]
fn the_changelog_names_everything_that_is_served() {
    let changelog = read("CHANGELOG.md");
    let served = CrossTenant::default();
    let types = types(&served).into_iter().map(|(_, name, _)| name);
    let functions = served.functions();
    let names = types.chain(functions.iter().map(|function| function.name()));
    let forgotten: BTreeSet<&str> = names
        .filter(|name| !changelog.contains(&format!("`{name}`")))
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

/// The benchmark writes the page section by section, and reads the aims from its own rows: a renamed row would go unnoticed.
#[test]
fn every_aim_of_the_page_of_numbers_was_measured() {
    let page = read("docs/internals/performance.md");
    let (_, aims) = page.split_once("## Aims").unwrap();
    let rows: Vec<&str> = aims
        .split("<!--")
        .next()
        .unwrap()
        .lines()
        .filter(|line| line.contains('≤'))
        .collect();
    assert!(rows.len() > 10, "{rows:#?}");
    for row in rows {
        assert!(
            row.contains("| yes |") || row.contains("| no |"),
            "not measured: {row}"
        );
    }
    for part in page.split("<!-- /").skip(1) {
        let name = part.split(" -->").next().unwrap();
        let (_, rest) = page.split_once(&format!("<!-- {name} -->")).unwrap();
        assert!(!rest.trim_start().starts_with("<!--"), "{name} is empty");
    }
    assert!(root().join("docs/internals/performance.svg").is_file());
}

/// Paths in the documentation exist.
#[test]
fn paths_in_the_documents_exist() {
    let mut documents = files(&root().join("docs"), "md");
    documents.extend(["README.md", "SECURITY.md"].map(|name| root().join(name)));
    let mut named = 0;
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for path in text.split('`').skip(1).step_by(2) {
            // A test is named with its file: `src/file.rs::test`.
            let path = path.split("::").next().unwrap_or_default();
            let is_path = ["src/", "examples/", "docs/", "tests/", "proto/"]
                .iter()
                .any(|folder| path.starts_with(folder));
            if is_path && !path.contains(['<', '*', ' ']) && !path.starts_with("docs/internals/") {
                let file = path.split("::").next().unwrap_or(path);
                let exists = root().join(file).exists();
                assert!(exists, "{}: {path}", document.display());
                named += 1;
            }
        }
    }
    assert!(named > 20, "only {named} paths were found");
}

/// Every promise names an existing test.
#[test]
fn every_promise_names_an_existing_test() {
    let mut promises = 0;
    let mut pages = files(&root().join("docs"), "md");
    pages.push(root().join("SECURITY.md"));
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for test in text.split('`').skip(1).step_by(2) {
            let Some((file, name)) = test.split_once("::") else {
                continue;
            };
            let is_test = ["src/", "tests/"]
                .iter()
                .any(|folder| file.starts_with(folder));
            if is_test && !file.contains(['<', '*']) {
                let page = page.display();
                assert!(
                    crate::named::exists(file, name),
                    "{page}: there is no {test}"
                );
                promises += 1;
            }
        }
    }
    assert!(promises > 150, "only {promises} tests are named");
}

/// Applies to every crate of the workspace (`layers` checks that they all have its lints), and cannot be allowed again.
#[test]
fn unsafe_code_is_forbidden() {
    let lints = read("Cargo.toml");
    let (_, lints) = lints.split_once("[workspace.lints.rust]").unwrap();
    assert!(lints.contains("\nunsafe_code = \"forbid\"\n"));
}

/// The workflows, each with its name.
fn workflows() -> Vec<(String, String)> {
    let names = names(".github/workflows").into_iter();
    names
        .map(|name| {
            let text = read(&format!(".github/workflows/{name}"));
            (name, text)
        })
        .collect()
}

#[test]
fn actions_of_workflows_are_pinned_by_hash() {
    let mut pinned = 0;
    for (name, text) in workflows() {
        for line in text.lines().filter(|line| line.contains("uses:")) {
            let (_, action) = line.split_once("uses:").unwrap();
            let (action, comment) = action.split_once(" # ").unwrap_or((action, ""));
            let hash = action.rsplit_once('@').map_or("", |(_, hash)| hash.trim());
            let is_hash = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_hash, "{name}: pin by commit hash: {line}");
            assert!(comment.starts_with('v'), "{name}: name the version: {line}");
            pinned += 1;
        }
    }
    assert!(pinned > 0);
}

#[test]
fn workflows_may_read_and_nothing_else_unless_a_job_says_so() {
    for (name, text) in workflows() {
        let confined = text.contains("\npermissions:\n  contents: read\n\n");
        assert!(confined, "{name} has no `permissions: contents: read`");
        let persistent = text.matches("actions/checkout@").count();
        let forgetful = text.matches("persist-credentials: false").count();
        assert_eq!(persistent, forgetful, "{name}: a checkout keeps its token");
    }
}

#[test]
fn workflows_call_targets_that_exist() {
    let makefile = read("Makefile");
    for (name, text) in workflows() {
        let calls = text.lines().filter_map(|line| line.split_once("make "));
        for (_, call) in calls.filter(|(before, _)| !before.contains('#')) {
            let target = call.split_whitespace().next().unwrap();
            assert!(
                makefile.contains(&format!("\n{target}:")),
                "{name}: the Makefile has no target {target}"
            );
        }
    }
}

#[test]
fn the_oldest_rust_is_that_of_the_dependencies() {
    let own = read("Cargo.toml");
    let own = own
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .unwrap()
        .trim_matches('"')
        .to_owned();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = std::process::Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |version: &str| -> Vec<u32> {
        version
            .split('.')
            .map(|part| part.parse().unwrap())
            .collect()
    };
    for package in metadata["packages"].as_array().unwrap() {
        if let Some(needed) = package["rust_version"].as_str() {
            let fits = number(needed)[..2] <= number(&own)[..2];
            assert!(fits, "{} needs Rust {needed}", package["name"]);
        }
    }
}
