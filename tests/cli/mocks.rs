//! Tests of users for their own modules: with a mocked provider, and against the emulator.

use std::fmt::Write as _;
use std::path::Path;

use crate::support::mocks::Optional;
use crate::support::{
    Feature, Flavor, Workspace, cli, clis, demo_seed, lacks, mocks, project, works,
};

const FOLDER: &str = "examples/testing";
const MOCKS: &str = "mocks/crosstenant.tfmock.hcl";
const HEAD: &str = "\
# A plausible value for everything that the provider computes, for `mock_provider \"crosstenant\" { source = … }` of `terraform test`.
# Copy this file into your module. It is written by `make docs` and fits the version of the provider beside it.
# Override values that a test depends on with `override_resource` and `override_data`.

";
const TERRAFORM: &str = "tests/mocked.tftest.hcl";
const TOFU: &str = "tests/mocked.tofutest.hcl";

/// Formats HCL with `fmt` of the CLI under test.
fn formatted(text: &str) -> String {
    let workspace = Workspace::of(&clis()[0], std::collections::BTreeMap::new(), "");
    workspace.write("text.tf", text);
    workspace.run(&["fmt", "text.tf"]).succeeded();
    std::fs::read_to_string(workspace.folder.path().join("text.tf")).unwrap()
}

/// OpenTofu reads no mocks from a folder, so they are in the file of the tests.
fn for_opentofu() -> String {
    let terraform = std::fs::read_to_string(project(FOLDER).join(TERRAFORM)).unwrap();
    let (head, rest) = terraform.split_once("\nmock_provider").unwrap();
    assert!(head.contains("crosstenant.tfmock.hcl"));
    let runs = &rest[rest.find("\nvariables {").unwrap()..];
    let mut text = "# The tests of mocked.tftest.hcl for OpenTofu 1.8 or later, which reads no mocks from a folder. Written by `make docs`.\n#\n# OpenTofu refuses a value for an attribute that the module configures: remove the line that it names.\n\n".to_owned();
    for alias in ["source", "target"] {
        write!(
            text,
            "mock_provider \"crosstenant\" {{\nalias = {alias:?}\n\n{}}}\n\n",
            mocks::blocks(Optional::Ids)
        )
        .unwrap();
    }
    formatted(&(text.trim_end().to_owned() + "\n" + runs))
}

fn is_current(name: &str, text: &str) {
    let path = project(FOLDER).join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "{name} is not what the schema says: run `make docs`"
    );
}

#[test]
fn mocks_are_current() {
    is_current(
        MOCKS,
        &(HEAD.to_owned() + &formatted(&mocks::blocks(Optional::All))),
    );
    is_current(TOFU, &for_opentofu());
}

/// A copy of the example, with a provider that needs no installation.
fn copied(cli: &str) -> Workspace {
    let main = std::fs::read_to_string(project(FOLDER).join("main.tf")).unwrap();
    let workspace = Workspace::of(cli, std::collections::BTreeMap::new(), &main);
    for folder in ["mocks", "tests"] {
        let to = workspace.folder.path().join(folder);
        std::fs::create_dir(&to).unwrap();
        for entry in std::fs::read_dir(project(FOLDER).join(folder)).unwrap() {
            let from = entry.unwrap().path();
            std::fs::copy(&from, to.join(from.file_name().unwrap())).unwrap();
        }
    }
    let script = "test-with-emulator.sh";
    std::fs::copy(
        project(FOLDER).join(script),
        workspace.folder.path().join(script),
    )
    .unwrap();
    workspace
}

#[test]
fn a_module_is_tested_with_mocks() {
    for path in clis() {
        if lacks(path, Feature::Mocks) {
            continue;
        }
        let workspace = copied(path);
        let file = match cli(path).flavor {
            Flavor::Terraform => TERRAFORM,
            Flavor::OpenTofu => TOFU,
        };
        let run = workspace.run(&["test", "-no-color", &format!("-filter={file}")]);
        run.succeeded().says(&["3 passed, 0 failed"]);
        works(path, Feature::Mocks);
    }
}

#[test]
fn a_module_is_tested_against_the_emulator() {
    for path in clis() {
        let workspace = copied(path);
        let mut command = workspace.command_of("sh");
        let output = command
            .arg("test-with-emulator.sh")
            .args([Path::new(path), &demo_seed()])
            .env("GRAPH_EMULATOR", env!("CARGO_BIN_EXE_graph-emulator"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("2 passed, 0 failed"), "{text}");
    }
}
