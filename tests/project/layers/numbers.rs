//! The size and structure of the source in numbers, each with its aim. `make numbers` prints the table; the test compares it with
//! `docs/internals/numbers.md`, where a count may differ by a tenth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;

use super::imports;
use super::reliability;

/// A source file without its tests, comments and blank lines.
pub struct Source {
    /// Below `src`, for example `graph/client.rs`.
    pub path: String,
    /// The code, with its indentation.
    pub lines: Vec<String>,
}

/// Every source file that is not a test.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    super::sources(&root, &mut files);
    files.sort();
    let read: Vec<(String, String)> = files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap();
            (path.to_owned(), std::fs::read_to_string(file).unwrap())
        })
        .collect();
    let tests: BTreeSet<String> = read
        .iter()
        .flat_map(|(path, text)| test_modules(path, text))
        .collect();
    read.into_iter()
        .filter(|(path, _)| !tests.iter().any(|test| is_in(path, test)))
        .map(|(path, text)| Source {
            path,
            lines: code_lines(&text),
        })
        .collect()
}

/// Whether the file at `path` is the module `module` or below it.
fn is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// The modules in separate files that a file declares for tests only.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let folder = match path.strip_suffix("mod.rs").or(path.strip_suffix("lib.rs")) {
        Some(folder) => folder.to_owned(),
        None => format!("{}/", path.trim_end_matches(".rs")),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines
        .windows(2)
        .filter(|pair| pair[0] == "#[cfg(test)]")
        .filter_map(|pair| {
            let (_, name) = pair[1].split_once("mod ")?;
            name.strip_suffix(';').map(|name| format!("{folder}{name}"))
        })
        .collect()
}

/// The lines that are code, without test modules. A module ends at a closing brace with the same indentation.
pub fn code_lines(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut end: Option<String> = None;
    let mut is_test = false;
    for line in text.lines() {
        let code = line.trim();
        if let Some(last) = &end {
            if line == last {
                end = None;
            }
        } else if is_test && code.contains("mod ") && code.ends_with('{') {
            let indent = &line[..line.len() - line.trim_start().len()];
            end = Some(format!("{indent}}}"));
        } else if !code.is_empty() && !code.starts_with("//") && code != "#[cfg(test)]" {
            found.push(line.to_owned());
        }
        is_test = code == "#[cfg(test)]";
    }
    found
}

/// The number of lines of code in the files for which `wanted` is true.
fn count(sources: &[Source], wanted: impl Fn(&str) -> bool) -> usize {
    sources
        .iter()
        .filter(|source| wanted(&source.path))
        .map(|source| source.lines.len())
        .sum()
}

/// The lines of each resource with its list resource and the data source of the same name.
fn resource_sizes(sources: &[Source]) -> Vec<usize> {
    let served = CrossTenant::default();
    let mut sizes: Vec<usize> = served
        .resources()
        .into_iter()
        .map(|resource| {
            let name = resource.type_name().trim_start_matches("crosstenant_");
            let plural = match name.strip_suffix('y') {
                Some(stem) => format!("{stem}ies"),
                None => format!("{name}s"),
            };
            let parts = [
                format!("resources/{name}"),
                format!("resources/list_resources/{name}"),
                format!("resources/data_sources/{name}"),
                format!("resources/data_sources/{plural}"),
            ];
            count(sources, |path| parts.iter().any(|part| is_in(path, part)))
        })
        .collect();
    sizes.sort_unstable();
    sizes
}

/// The lines of functions with these names in the files of resources.
fn function_lines(sources: &[Source], names: &[&str]) -> usize {
    let provider = CrossTenant::default();
    let modules: Vec<String> = provider
        .resources()
        .into_iter()
        .map(|one| one.type_name().replace("crosstenant_", "resources/"))
        .collect();
    let mut total = 0;
    for source in sources {
        if !modules.iter().any(|module| is_in(&source.path, module)) {
            continue;
        }
        let mut end: Option<String> = None;
        for line in &source.lines {
            let code = line.trim_start();
            let indent = &line[..line.len() - code.len()];
            let begins = code
                .strip_prefix("async fn ")
                .and_then(|rest| rest.split_once(['(', '<']))
                .is_some_and(|(name, _)| names.contains(&name));
            if end.is_none() && begins && !code.ends_with(';') {
                end = Some(format!("{indent}}}"));
            }
            if let Some(last) = &end {
                total += 1;
                if line == last {
                    end = None;
                }
            }
        }
    }
    total
}

/// The number of files that contain `text` and whose path is `wanted`.
fn files_with(sources: &[Source], wanted: impl Fn(&str) -> bool, text: &str) -> usize {
    let has = |source: &&Source| source.lines.iter().any(|line| line.contains(text));
    sources
        .iter()
        .filter(|source| wanted(&source.path))
        .filter(has)
        .count()
}

/// The places that the page for contributors lists for a new resource.
fn places_for_a_resource() -> usize {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/internals/contributing.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("## Add a resource\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    rows.count() - 1
}

/// The number of manifests of packages that are built together.
fn crates() -> usize {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let members = manifest.split_once("members = [").map_or(0, |(_, rest)| {
        rest.split(']')
            .next()
            .unwrap_or_default()
            .matches('"')
            .count()
            / 2
    });
    1 + members
}

fn test_binaries() -> usize {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    std::fs::read_dir(tests)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some() || path.join("main.rs").is_file())
        .count()
}

/// One row: what is counted, the count, and its maximum. For crates, the aim is a minimum.
fn row(what: &str, now: usize, aim: usize, reached: bool, sign: char) -> String {
    let reached = if reached { "yes" } else { "no" };
    format!("| {what} | {now} | {sign} {aim} | {reached} |\n")
}

fn at_most(what: &str, now: usize, aim: usize) -> String {
    row(what, now, aim, now <= aim, '≤')
}

/// The table of the page.
fn table(sources: &[Source]) -> String {
    let is_own = |path: &str| !path.starts_with("emulator/") && !path.starts_with("bin/");
    let sizes = resource_sizes(sources);
    let cycles = imports::cycles(sources);
    let verbs = [
        "create",
        "read",
        "update",
        "delete",
        "delete_before_recreate",
    ];
    let mut text = "| Number | Now | Aim | Reached |\n|---|---|---|---|\n".to_owned();
    text += &at_most("Lines of code in `src`", count(sources, |_| true), 38_000);
    text += &at_most(
        "Lines of the median resource, with its list resource and data source",
        sizes[sizes.len() / 2],
        120,
    );
    text += &at_most(
        "Lines of `create`, `read`, `update` and `delete` in resources, before the default verbs 996",
        function_lines(sources, &verbs),
        996,
    );
    text += &at_most(
        "Files in `src/resources` and `src/command` that wait with `sleep`, except the probes of `live`",
        files_with(
            sources,
            |path| {
                (path.starts_with("resources/") || path.starts_with("command/"))
                    && !path.starts_with("command/live/")
            },
            "::sleep(",
        ),
        0,
    );
    text += &at_most(
        "Places to change for a new resource",
        places_for_a_resource(),
        5,
    );
    text += &at_most(
        "Files in the largest import cycle",
        cycles.first().map_or(1, BTreeSet::len),
        4,
    );
    let crates = crates();
    text += &row("Crates", crates, 10, crates >= 10, '≥');
    text += &at_most(
        "Files that follow `@odata.nextLink`, outside the emulator",
        files_with(sources, is_own, "\"@odata.nextLink\""),
        1,
    );
    text += &at_most(
        "Files that send `/$batch`, outside the emulator",
        files_with(sources, is_own, "\"/$batch\""),
        1,
    );
    text += &at_most(
        "Files that gather the reads of several callers",
        files_with(sources, is_own, "wait(WINDOW)"),
        1,
    );
    text += &at_most("Test binaries in `tests`", test_binaries(), 6);
    text
}

/// Lines of code by folder, and the largest import cycle of each.
fn folders(sources: &[Source]) -> String {
    let cycles = imports::cycles(sources);
    let mut folders: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources {
        if let Some((folder, _)) = source.path.split_once('/') {
            folders.entry(folder).or_default().push(source);
        }
    }
    let mut text =
        "| Folder | Files | Lines of code | Largest import cycle |\n|---|---|---|---|\n".to_owned();
    for (folder, files) in folders {
        let lines: usize = files.iter().map(|file| file.lines.len()).sum();
        let begins = format!("{folder}/");
        let cycle = cycles
            .iter()
            .find(|cycle| cycle.iter().any(|path| path.starts_with(&begins)))
            .map_or(1, BTreeSet::len);
        let _ = writeln!(
            text,
            "| `src/{folder}` | {} | {lines} | {cycle} |",
            files.len()
        );
    }
    text
}

#[test]
fn the_page_of_numbers_is_current() {
    let sources = sources();
    let (table, folders) = (table(&sources), folders(&sources));
    eprintln!("\n{table}\n{folders}");
    reliability::says_nearly_on("numbers.md", "numbers", &table);
    reliability::says_nearly_on("numbers.md", "folders", &folders);
}

#[test]
fn tests_and_comments_are_not_counted() {
    let text = "//! Header.\n\nuse a::b;\n/// Doc.\nfn f() {\n    // why\n    g();\n}\n\n#[cfg(test)]\nmod tests {\n    fn t() {\n    }\n}\n\nfn h() {}\n";
    let lines = code_lines(text);
    assert_eq!(
        lines,
        ["use a::b;", "fn f() {", "    g();", "}", "fn h() {}"]
    );
    let declares = "#[cfg(test)]\nmod tests;\nmod real;\n#[cfg(test)]\npub(crate) mod testing;\n";
    assert_eq!(
        test_modules("graph/mod.rs", declares),
        ["graph/tests", "graph/testing"]
    );
    assert_eq!(
        test_modules("graph/client.rs", declares)[0],
        "graph/client/tests"
    );
}
