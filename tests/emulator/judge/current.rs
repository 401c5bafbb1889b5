//! The copies of Microsoft's descriptions agree with the published selection, if it is available.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::openapi::reduced::{file, reduced, text};

fn shared() -> PathBuf {
    std::env::var_os("CROSSTENANT_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
        PathBuf::from,
    )
}

#[test]
fn the_copies_of_the_descriptions_are_current() {
    for version in ["v1.0", "beta"] {
        let published = shared().join(format!("graph/openapi-{version}.json"));
        let Ok(bytes) = std::fs::read(&published) else {
            eprintln!("not compared: {} is not here", published.display());
            continue;
        };
        let published: Value = serde_json::from_slice(&bytes).unwrap();
        let now = text(&reduced(&published));
        let copy = std::fs::read_to_string(file(version)).unwrap_or_default();
        if now == copy {
            continue;
        }
        assert!(
            std::env::var_os("UPDATE_DOCS").is_some(),
            "{} is not what {version} of the published selection gives; run this test with UPDATE_DOCS=1",
            file(version).display()
        );
        std::fs::write(file(version), now).unwrap();
    }
}

#[test]
fn a_copy_keeps_what_operations_need_and_nothing_else() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let answer = |name: &str| json!({ "responses": { "200": { "schema": reference(name) } } });
    let published = json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "v" },
        "paths": {
            "/users": { "description": "d", "get": answer("microsoft.graph.person"), "parameters": [] },
            "/users/bulkUpload": { "get": answer("unused"), "parameters": [] },
        },
        "components": { "schemas": {
            "microsoft.graph.person": { "properties": { "description": { "description": "d", "type": "string" }, "x": reference("inner") } },
            "inner": { "properties": { "back": reference("microsoft.graph.person") } },
            "unused": { "type": "object" },
        } },
    });
    let copy = reduced(&published);
    let paths: Vec<&String> = copy["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/users"]);
    assert!(copy["paths"]["/users"]["description"].is_null());
    let schemas = copy["components"]["schemas"].as_object().unwrap();
    assert_eq!(
        schemas.keys().collect::<Vec<_>>(),
        ["microsoft.graph.person", "inner"]
    );
    let person = &schemas["microsoft.graph.person"]["properties"];
    assert_eq!(
        person["description"],
        json!({ "type": "string" }),
        "a property may have any name"
    );
    let again: Value = serde_json::from_str(&text(&copy)).unwrap();
    assert_eq!(again, copy);
}
