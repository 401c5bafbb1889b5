//! Tests of the requests that are sent and avoided.

use serde_json::{Value as Json, json};

use super::*;
use graph::testing::{Script, empty, reply};

fn path(rest: &str) -> String {
    format!("/v1.0/servicePrincipals/{PRINCIPAL}/synchronization/{rest}")
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_changes() {
    let job = reply(200, &json!({ "templateId": "Azure2Azure" }));
    let script = Script::of([reply(200, &template()), job, reply(200, &template())]);
    let context = Context::new(script.client());
    let planned = mapping(&[("department", blank_attribute("department"))]);
    let mut state = None;
    SynchronizationSchema::create(&context, &planned, &mut state)
        .await
        .unwrap();
    assert!(state.unwrap().matching_attributes.is_some());
    assert!(script.calls().iter().all(|call| call.starts_with("GET ")));
}

#[tokio::test]
async fn what_others_have_customized_is_not_replaced_unseen() {
    let mut live = template();
    users(&mut live)["attributeMappings"][5]["source"] =
        constant("userType", "Guest", "Always")["source"].take();
    let job = reply(200, &json!({ "templateId": "Azure2Azure" }));
    let script = Script::of([reply(200, &live), job, reply(200, &template())]);
    let context = Context::new(script.client());
    let planned = mapping(&[("userType", always("Member"))]);
    let problem = SynchronizationSchema::create(&context, &planned, &mut None)
        .await
        .unwrap_err();
    let said = problem.into_diagnostic("create", "t").detail;
    assert!(
        said.contains("the mapping of `userType`") && said.contains("import {"),
        "{said}"
    );
}

#[tokio::test]
async fn an_attribute_the_schema_does_not_know_is_discovered_first() {
    let extension = "extension_0a7d2b9e4f103f1c8a526d0b4c1e9c55_level";
    let planned = mapping(&[("department", blank_attribute(extension))]);
    let prior = mapping(&[]);
    let discovered = |names: &[&str]| {
        let attributes: Vec<Json> = names.iter().map(|name| json!({ "name": name })).collect();
        reply(
            200,
            &json!({ "@odata.context": "x", "id": "d1", "name": "Source",
            "objects": [{ "name": "User", "attributes": attributes }] }),
        )
    };
    let script = Script::of([
        reply(200, &template()),
        discovered(&[extension]),
        empty(204),
    ]);
    let context = Context::new(script.client());
    let mut state = prior.clone();
    SynchronizationSchema::update(&context, &planned, &mut state)
        .await
        .unwrap();
    assert_eq!(state.attribute_mappings, planned.attribute_mappings);
    let sent = script.sent();
    assert_eq!(
        script.calls()[1..],
        [
            format!(
                "POST {}",
                path("jobs/Azure2Azure.1.2/schema/directories/d1/discover")
            ),
            format!("PUT {}", path("jobs/Azure2Azure.1.2/schema"))
        ]
    );
    let listed = &sent[2].body["directories"][0];
    assert_eq!(listed["objects"][0]["attributes"][0]["name"], extension);
    assert!(sent[2].body.get("@odata.context").is_none() && listed.get("@odata.context").is_none());

    let script = Script::of([
        reply(200, &template()),
        discovered(&["extension_0a7d2b9e4f103f1c8a526d0b4c1e9c55_Level"]),
    ]);
    let context = Context::new(script.client());
    let problem = SynchronizationSchema::update(&context, &planned, &mut prior.clone())
        .await
        .unwrap_err();
    let said = problem.into_diagnostic("update", "t");
    assert!(said.detail.contains("_Level`?"), "{said:?}");
    let at = Path::root("attribute_mappings")
        .key("department")
        .attribute("attribute");
    assert_eq!(said.path, Some(at));
}
