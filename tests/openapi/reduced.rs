//! The part of Microsoft's descriptions in this repository: every operation that the client or the emulator may use, with the components
//! that these need, without descriptions.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

/// Operations of the published selection that neither the client nor the emulator uses: method and end of the path.
const LEFT_OUT: [(&str, &str); 9] = [
    ("", "/bulkUpload"),
    ("", "/synchronization/acquireAccessToken"),
    (
        "put",
        "/servicePrincipals/{servicePrincipal-id}/synchronization",
    ),
    (
        "patch",
        "/synchronization/templates/{synchronizationTemplate-id}",
    ),
    ("patch", "/schema/directories/{directoryDefinition-id}"),
    ("delete", "/schema/directories/{directoryDefinition-id}"),
    ("patch", TEMPLATE_SCHEMA),
    ("put", TEMPLATE_SCHEMA),
    ("delete", TEMPLATE_SCHEMA),
];

const TEMPLATE_SCHEMA: &str =
    "/applications/{application-id}/synchronization/templates/{synchronizationTemplate-id}/schema";

/// Members that only readers and code generators need.
const TEXTS: [&str; 12] = [
    "description",
    "summary",
    "externalDocs",
    "tags",
    "operationId",
    "x-origin",
    "x-ms-original-path",
    "x-ms-original-operationId",
    "x-ms-pageable",
    "x-ms-navigationProperty",
    "x-ms-deprecation",
    "x-known-values",
];

/// The path of the copy of a version: `v1.0` or `beta`.
pub(crate) fn file(version: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi/description");
    PathBuf::from(folder).join(format!("{version}.json"))
}

/// Adds the operations of a version that the published selection lacks: `description/added.json`, written from Microsoft's reference pages.
pub(crate) fn add(document: &mut Value, version: &str) {
    let path = file(version).with_file_name("added.json");
    let text = std::fs::read_to_string(&path).expect("added.json");
    let added: Value = serde_json::from_str(&text).expect("JSON");
    for (place, members) in [
        ("/paths", &added[version]["paths"]),
        ("/components/schemas", &added[version]["schemas"]),
    ] {
        let known = document.pointer_mut(place).and_then(Value::as_object_mut);
        let known = known.expect("an object");
        for (name, member) in members.as_object().expect("an object") {
            let Some(published) = known.get_mut(name) else {
                known.insert(name.clone(), member.clone());
                continue;
            };
            // A path may be published without one of its operations.
            let operations = published.as_object_mut().expect("an object");
            for (operation, value) in member.as_object().expect("an object") {
                let before = operations.insert(operation.clone(), value.clone());
                assert!(
                    place == "/paths" && before.is_none(),
                    "{operation} of {name} is published: take it out of added.json"
                );
            }
        }
    }
}

/// The part of a published description that the copy contains.
pub(crate) fn reduced(published: &Value) -> Value {
    let mut paths = Map::new();
    for (path, item) in published["paths"].as_object().expect("paths") {
        let left_out = |verb: &str| {
            let mut all = LEFT_OUT.iter();
            all.any(|(other, end)| path.ends_with(end) && (other.is_empty() || *other == verb))
        };
        let mut item = without_texts(item, false);
        let members = item.as_object_mut().expect("verbs");
        members.retain(|verb, _| verb == "parameters" || !left_out(verb));
        if members.keys().any(|verb| verb != "parameters") {
            paths.insert(path.clone(), item);
        }
    }
    let paths = Value::Object(paths);
    let components = without_texts(&published["components"], true);
    let components = needed(&components, &paths);
    json!({
        "openapi": published["openapi"],
        "info": {
            "title": published["info"]["title"],
            "version": published["info"]["version"],
            "license": { "name": "MIT, see LICENSE in this folder" },
        },
        "paths": paths,
        "components": components,
    })
}

/// A copy without descriptions. Names of properties are kept, even if they equal the name of such a member.
fn without_texts(value: &Value, names: bool) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(name, _)| names || !TEXTS.contains(&name.as_str()));
            let copied = kept.map(|(name, member)| {
                let names = !names && name == "properties";
                (name.clone(), without_texts(member, names))
            });
            copied.collect()
        }
        Value::Array(items) => items
            .iter()
            .map(|item| without_texts(item, false))
            .collect(),
        other => other.clone(),
    }
}

/// The components that the paths refer to, directly or indirectly, and those without references: the error envelope, and types that a
/// response may name in `@odata.type`.
fn needed(components: &Value, paths: &Value) -> Value {
    const NAMED_BY_ANSWERS: [&str; 5] =
        ["user", "group", "servicePrincipal", "application", "device"];
    let mut open = Vec::new();
    references(paths, &mut open);
    open.push("#/components/schemas/microsoft.graph.ODataErrors.ODataError".to_owned());
    open.extend(
        NAMED_BY_ANSWERS.map(|name| format!("#/components/schemas/microsoft.graph.{name}")),
    );
    let mut seen = BTreeSet::new();
    while let Some(reference) = open.pop() {
        let mut parts = reference.split('/').skip(2);
        let (Some(kind), Some(name)) = (parts.next(), parts.next()) else {
            panic!("{reference} is no reference to a component");
        };
        let component = &components[kind][name];
        if component.is_null() || !seen.insert(reference.clone()) {
            continue;
        }
        references(component, &mut open);
    }
    let mut kept = json!({});
    for (kind, members) in components.as_object().expect("components") {
        for (name, component) in members.as_object().expect("an object") {
            if seen.contains(&format!("#/components/{kind}/{name}")) {
                kept[kind][name] = component.clone();
            }
        }
    }
    kept
}

fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            into.extend(
                members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
            members.values().for_each(|member| references(member, into));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

/// The text of a copy: one line for each path and each component, so that changes are readable.
pub(crate) fn text(reduced: &Value) -> String {
    let lines = |members: &Value| {
        let members = members.as_object().expect("an object");
        let lines = members
            .iter()
            .map(|(name, value)| format!("{}:{value}", json!(name)));
        lines.collect::<Vec<_>>().join(",\n")
    };
    let mut text = format!(
        "{{\"openapi\":{},\n\"info\":{},\n\"paths\":{{\n{}\n}},\n\"components\":{{\n",
        reduced["openapi"],
        reduced["info"],
        lines(&reduced["paths"])
    );
    let kinds = reduced["components"].as_object().expect("components");
    for (at, (kind, members)) in kinds.iter().enumerate() {
        let comma = if at == 0 { "" } else { ",\n" };
        let _ = write!(text, "{comma}{}:{{\n{}\n}}", json!(kind), lines(members));
    }
    text + "\n}}\n"
}
