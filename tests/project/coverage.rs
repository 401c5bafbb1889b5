//! Checks the table in `docs/internals/coverage.md`: everything it names exists, and it is complete.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;

use crate::reliability;

const STEPS: u8 = 14;
const SYMPTOMS: u8 = 8;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One feature: its step, and the texts in backticks in the other columns.
struct Row {
    line: String,
    step: String,
    types: Vec<String>,
    examples: Vec<String>,
    tests: Vec<String>,
}

fn quoted(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn rows() -> Vec<Row> {
    rows_of(&fs::read_to_string(root().join("docs/internals/coverage.md")).unwrap())
}

fn rows_of(page: &str) -> Vec<Row> {
    let lines = page.lines().filter(|line| line.starts_with("| "));
    let cells = lines.map(|line| {
        (
            line,
            line.trim_matches('|').split(" | ").collect::<Vec<_>>(),
        )
    });
    cells
        .filter(|(_, cells)| cells.len() == 5 && cells[0].trim() != "Step")
        .map(|(line, cells)| Row {
            line: line.to_owned(),
            step: cells[0].trim().to_owned(),
            types: quoted(cells[2]),
            examples: quoted(cells[3]),
            tests: quoted(cells[4]),
        })
        .collect()
}

/// The rows of what is served and belongs to no step, so that no row was written for it: `make docs` writes them.
fn rows_without_a_step() -> String {
    const LIFE: &str = "tests/lifecycle/lives/mod.rs::every_configuration_of_every_resource_lives";
    let page = fs::read_to_string(root().join("docs/internals/coverage.md")).unwrap();
    let (written, _) = page.split_once("<!-- others -->").unwrap();
    let named: BTreeSet<String> = rows_of(written)
        .into_iter()
        .flat_map(|row| row.types)
        .collect();
    let mut text =
        "| Step | Feature | Provider | Example | Tests |\n|---|---|---|---|---|\n".to_owned();
    for name in served().difference(&named) {
        let provider = CrossTenant::default();
        let folder = ["resources", "data-sources", "functions", "actions"]
            .map(|kind| format!("examples/{kind}/{name}"))
            .into_iter()
            .find(|folder| root().join(folder).is_dir())
            .unwrap_or_else(|| panic!("{name} has no example"));
        let resource = provider.resource(name);
        let description = resource.map_or("", |one| one.schema().description.as_ref());
        let about = description.split(['.', ':']).next().unwrap_or_default();
        let about = about.trim_start_matches("Manages ");
        let _ = writeln!(text, "| 0 | {about} | `{name}` | `{folder}` | `{LIFE}` |");
    }
    text
}

/// Resources, data sources, functions and actions by name.
fn served() -> BTreeSet<String> {
    let provider = CrossTenant::default();
    let resources = provider
        .resources()
        .into_iter()
        .map(|one| one.type_name().to_owned());
    let sources = provider
        .data_sources()
        .into_iter()
        .map(|one| one.type_name().to_owned());
    let functions = provider
        .functions()
        .into_iter()
        .map(|one| one.name().to_owned());
    let actions = provider
        .actions()
        .into_iter()
        .map(|one| one.type_name().to_owned());
    resources
        .chain(sources)
        .chain(functions)
        .chain(actions)
        .collect()
}

/// Whether `file` has a test function of that name.
fn has_test(file: &Path, name: &str) -> bool {
    let source = fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let declares = |line: &str| {
        let rest = line
            .strip_prefix("async ")
            .unwrap_or(line)
            .strip_prefix("fn ");
        rest.is_some_and(|rest| rest.starts_with(&format!("{name}(")))
    };
    lines
        .windows(2)
        .any(|pair| ["#[test]", "#[tokio::test]"].contains(&pair[0]) && declares(pair[1]))
}

#[test]
fn everything_that_is_named_exists() {
    let served = served();
    let mut problems = Vec::new();
    for row in rows() {
        for name in row.types.iter().filter(|name| name.len() > 10) {
            if !served.contains(name) && name != "crosstenant_provider" {
                problems.push(format!("the provider has no {name}: {}", row.line));
            }
        }
        for example in &row.examples {
            let folder = root().join(example);
            let files = fs::read_dir(&folder).into_iter().flatten().flatten();
            if !files
                .into_iter()
                .any(|file| file.path().extension().is_some_and(|end| end == "tf"))
            {
                problems.push(format!("{example} has no configuration"));
            }
        }
        for test in &row.tests {
            let (file, name) = test.split_once("::").unwrap_or((test, ""));
            if !has_test(&root().join(file), name) {
                problems.push(format!("there is no test {test}"));
            }
        }
        if row.types.is_empty() || row.examples.is_empty() || row.tests.is_empty() {
            problems.push(format!("a cell is empty: {}", row.line));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_step_and_symptom_has_an_example_of_its_own() {
    let rows = rows();
    let of = |step: &str, folder: &str| {
        let mut examples = rows
            .iter()
            .filter(|row| row.step == step)
            .flat_map(|row| &row.examples);
        assert!(
            examples.any(|example| example.starts_with(folder)),
            "{step} has no example in {folder}"
        );
    };
    for step in 1..=STEPS {
        of(&step.to_string(), &format!("examples/steps/{step:02}-"));
    }
    for symptom in 1..SYMPTOMS {
        of(&format!("S{symptom}"), "examples/symptoms/");
    }
    // The example with tenants in two clouds has its own seed.
    of(&format!("S{SYMPTOMS}"), "examples/other-cloud");
}

#[test]
fn every_example_is_in_the_table() {
    let rows = rows();
    let named: BTreeSet<&String> = rows.iter().flat_map(|row| &row.examples).collect();
    for kind in ["steps", "symptoms"] {
        for entry in fs::read_dir(root().join("examples").join(kind)).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = format!(
                "examples/{kind}/{}",
                path.file_name().unwrap().to_str().unwrap()
            );
            assert!(named.contains(&name), "{name} is missing in the table");
        }
    }
}

#[test]
fn everything_else_that_is_served_has_a_generated_row() {
    reliability::says_on("coverage.md", "others", &rows_without_a_step());
}

/// The troubleshooting guide names the example of each symptom.
#[test]
fn the_guide_names_every_symptom() {
    let guide = fs::read_to_string(root().join("docs/guides/troubleshooting.md")).unwrap();
    for entry in fs::read_dir(root().join("examples/symptoms")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            guide.contains(&format!("examples/symptoms/{name}/main.tf")),
            "{name}"
        );
    }
}

/// Everything that the page of unexpected responses names exists, and the page contains every recording.
#[test]
fn every_unexpected_response_has_its_test() {
    let page = fs::read_to_string(root().join("docs/internals/payloads.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 30, "{}", rows.len());
    let mut recordings = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let proofs = quoted(cells[cells.len() - 1]);
        assert!(
            !proofs.is_empty() || ["Given", "Documented behavior"].contains(&cells[0].trim()),
            "{row}"
        );
        for proof in proofs {
            match proof.split_once("::") {
                Some((file, name)) => assert!(crate::named::exists(file, name), "{proof}"),
                None => drop(recordings.insert(proof)),
            }
        }
    }
    let folder = fs::read_dir(root().join("tests/recordings/public")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(recordings, names.collect::<BTreeSet<_>>());
}
