//! Configuration that the CLI itself generates for existing objects: `plan -generate-config-out`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::{Attribute, Provider as _};

use crate::PROVIDERS;
use crate::examples::import_id;
use crate::support::{CONTOSO, Emulator, Feature, Workspace, clis, lacks, project, works};

/// Import blocks for everything in the state of `workspace`, each with the provider of its tenant.
fn imports(workspace: &Workspace) -> (usize, String) {
    let resources = workspace.resources();
    let mut text = String::new();
    for (number, (_, kind, values)) in resources.iter().enumerate() {
        let alias = if values["tenant_id"] == CONTOSO {
            "source"
        } else {
            "target"
        };
        let id = import_id(kind, values);
        let _ = write!(
            text,
            "import {{\n  to       = {kind}.found_{number}\n  id       = {id:?}\n  provider = crosstenant.{alias}\n}}\n"
        );
    }
    (resources.len(), text)
}

/// Generates configuration, and returns its types.
fn generate(cli: &str, folder: &Path) -> BTreeSet<String> {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    eprintln!("{cli}: {name}");
    let emulator = Emulator::start();
    let example = std::fs::read_to_string(folder.join("resource.tf")).unwrap();
    let made = Workspace::of(cli, emulator.environment(), &example);
    made.apply().succeeded();
    let (count, imports) = imports(&made);

    let adopted = Workspace::of(cli, emulator.environment(), PROVIDERS);
    adopted.write("imports.tf", &imports);
    let written = "-generate-config-out=generated.tf";
    let planned = adopted.run(&["plan", "-no-color", "-input=false", written]);
    let generated =
        std::fs::read_to_string(adopted.folder.path().join("generated.tf")).unwrap_or_default();
    assert_eq!(
        planned.code,
        Some(0),
        "{name}: {}\n{generated}",
        planned.text
    );
    let expected = format!("Plan: {count} to import, 0 to add, 0 to change, 0 to destroy.");
    assert!(
        planned.text.contains(&expected),
        "{name}: {}\n{generated}",
        planned.text
    );
    adopted.apply().succeeded();
    adopted.is_settled();
    let resources = adopted.resources().into_iter();
    resources.map(|(_, kind, _)| kind).collect()
}

/// The resources for which an older OpenTofu crashes: those with read-only nested attributes.
fn crashing() -> BTreeSet<String> {
    let is_nested =
        |one: &Attribute| !one.rules.optional && one.rules.computed && one.kind.nested().is_some();
    let provider = CrossTenant::default();
    let resources = provider.resources().into_iter();
    resources
        .filter(|one| one.schema().attributes.iter().any(is_nested))
        .map(|one| one.type_name().to_owned())
        .collect()
}

/// Every resource has an example, and each example creates an object of its own type, so this test covers all resources.
#[test]
fn generated_configurations_plan_nothing_but_the_import() {
    for cli in clis() {
        let left_out = if lacks(cli, Feature::GenerateConfig) {
            crashing()
        } else {
            BTreeSet::new()
        };
        let mut generated = BTreeSet::new();
        let mut wanted = BTreeSet::new();
        for entry in std::fs::read_dir(project("examples/resources")).unwrap() {
            let folder = entry.unwrap().path();
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            if !left_out.contains(&name) {
                generated.extend(generate(cli, &folder));
                wanted.insert(name);
            }
        }
        assert_eq!(generated, wanted);
        if left_out.is_empty() {
            works(cli, Feature::GenerateConfig);
        }
    }
}
