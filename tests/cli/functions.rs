//! The provider's functions in real configurations, with the real CLI and without a tenant.

use std::collections::BTreeMap;

use crate::support::{Workspace, clis, project};

/// A workspace with an example.
fn example(cli: &str, name: &str) -> Workspace {
    let file = project(&format!("examples/functions/{name}/function.tf"));
    Workspace::of(
        cli,
        BTreeMap::new(),
        &std::fs::read_to_string(file).unwrap(),
    )
}

#[test]
fn an_expression_is_previewed() {
    for cli in clis() {
        let workspace = example(cli, "evaluate_expression");
        let applied = workspace.apply();
        applied
            .succeeded()
            .says(&["preview = \"Lovelace, Ada (contoso.com)\""]);
    }
}

#[test]
fn a_mistake_is_reported_with_its_attribute() {
    for cli in clis() {
        let workspace = example(cli, "validate_expression");
        let applied = workspace.apply();
        applied.succeeded().says(&["\"surname\", \"givenName\""]);
        let plan = workspace.run(&[
            "plan",
            "-no-color",
            "-var",
            "display_name=ToUpper(Jion([a]))",
        ]);
        plan.failed().says(&["column 9, at `Jion`", "Join"]);
    }
}

#[test]
fn a_preview_that_is_impossible_says_why() {
    let head = std::fs::read_to_string(project("examples/provider/provider.tf")).unwrap();
    let required = &head[..head.find("provider \"").unwrap()];
    let call = |arguments: &str| {
        let body = format!(
            "{required}\noutput \"x\" {{\n  value = provider::crosstenant::evaluate_expression({arguments})\n}}\n"
        );
        Workspace::of(&clis()[0], BTreeMap::new(), &body).plan()
    };
    call("\"DefaultDomain()\", {}")
        .failed()
        .says(&["only the service knows"]);
    call("\"ToUpper([a]\", {}").failed().says(&["column"]);
    call("\"[a]\", \"text\"")
        .failed()
        .says(&["must be an object or a map"]);
    call("null, {}").failed().says(&["must not be null"]);
}
