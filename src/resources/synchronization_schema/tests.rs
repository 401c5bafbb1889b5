//! Merging into a realistic document, and what a configuration then shows.

use serde_json::{Value as Json, json};

use super::merge::Step;
use super::*;
use crate::graph::testing::{Script, empty, reply};
use crate::terraform::has_errors;

const PRINCIPAL: &str = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70";

fn plain(name: &str) -> Json {
    json!({ "defaultValue": "", "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always",
        "matchingPriority": 0, "targetAttributeName": name,
        "source": { "expression": format!("[{name}]"), "name": name, "type": "Attribute", "parameters": [] } })
}

fn constant(target: &str, value: &str, flow_type: &str) -> Json {
    let mut mapping = plain(target);
    mapping["flowType"] = json!(flow_type);
    mapping["source"] = json!({ "expression": format!("\"{value}\""), "name": value, "type": "Constant", "parameters": [] });
    mapping
}

/// A schema as a service newer than this provider might answer it: with members and an order of its own.
fn template() -> Json {
    let mut matching = plain("alternativeSecurityIds");
    matching["matchingPriority"] = json!(1);
    matching["source"] = json!({ "type": "Function", "name": "AltSecIdFromNetId", "expression": "AltSecIdFromNetId([netId])",
        "parameters": [{ "key": "source", "value": { "type": "Attribute", "name": "netId", "expression": "[netId]",
            "parameters": [] } }] });
    json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#schema",
        "version": "v1.2", "id": "Azure2Azure.x", "novel": { "weight": 1.0, "zeta": [3, 1, 2], "alpha": null },
        "directories": [{ "id": "d1", "name": "Source", "objects": [{ "name": "User", "attributes": [
            { "name": "department" }, { "name": "costCentre" }] }] }],
        "synchronizationRules": [{
            "priority": 1, "sourceDirectoryName": "Source", "targetDirectoryName": "Target", "unheardOf": "kept",
            "objectMappings": [
                { "sourceObjectName": "Group", "enabled": false, "attributeMappings": [plain("displayName")] },
                { "flowTypes": "Add, Update, Delete", "sourceObjectName": "User", "enabled": true, "newer": true,
                  "scope": { "categoryFilterGroups": [], "groups": [], "inputFilterGroups": [{ "name": "theirs", "clauses": [] }] },
                  "attributeMappings": [matching, plain("IsSoftDeleted"), plain("displayName"), plain("department"),
                      constant("showInAddressList", "true", "Always"), constant("userType", "Member", "ObjectAddOnly")] },
            ],
        }],
    })
}

fn schema() -> SynchronizationSchema {
    SynchronizationSchema {
        service_principal_id: PRINCIPAL.to_owned(),
        job_id: "Azure2Azure.1.2".to_owned(),
        exclusive: Some(false),
        ..SynchronizationSchema::from_value(&Value::Null).unwrap()
    }
}

fn blank() -> AttributeMapping {
    AttributeMapping {
        apply: Some("always".to_owned()),
        flow_behavior: Some("FlowWhenChanged".to_owned()),
        ..AttributeMapping::from_value(&Value::Null).unwrap()
    }
}

fn always(value: &str) -> AttributeMapping {
    AttributeMapping {
        constant: Some(value.to_owned()),
        ..blank()
    }
}

fn computed_by(expression: &str) -> AttributeMapping {
    AttributeMapping {
        expression: Some(expression.to_owned()),
        ..blank()
    }
}

fn mapping(mappings: &[(&str, AttributeMapping)]) -> SynchronizationSchema {
    let mappings = mappings
        .iter()
        .map(|(target, mapping)| ((*target).to_owned(), mapping.clone()));
    SynchronizationSchema {
        attribute_mappings: Some(mappings.collect()),
        ..schema()
    }
}

fn sales() -> Vec<ScopingFilter> {
    vec![ScopingFilter {
        name: "Sales staff".to_owned(),
        clauses: vec![Clause {
            attribute: "department".to_owned(),
            operator: "EQUALS".to_owned(),
            values: Some(vec!["Sales".to_owned()]),
        }],
    }]
}

fn merged(
    planned: &SynchronizationSchema,
    prior: Option<&SynchronizationSchema>,
    live: &Json,
) -> Json {
    let template = template();
    let step = Step {
        planned,
        prior,
        template: &template,
    };
    step.merged(live).unwrap()
}

fn users(document: &mut Json) -> &mut Json {
    document::object_mapping_mut(document, "User").unwrap()
}

fn customised() -> SynchronizationSchema {
    SynchronizationSchema {
        scoping_filters: Some(sales()),
        object_actions: Some(ObjectActions {
            create: Some(true),
            update: Some(true),
            delete: Some(false),
        }),
        groups_enabled: Some(true),
        ..mapping(&[
            ("userType", always("Member")),
            (
                "displayName",
                computed_by("Join(\", \",[surname],[givenName])"),
            ),
            ("costCentre", computed_by("[department]")),
        ])
    }
}

#[test]
fn only_what_is_written_changes() {
    let live = template();
    let next = merged(&customised(), None, &live);
    let mut expected = live;
    let rule = &mut expected["synchronizationRules"][0];
    rule["objectMappings"][0]["enabled"] = json!(true);
    let users = &mut rule["objectMappings"][1];
    users["flowTypes"] = json!("Add, Update");
    users["scope"]["groups"] = json!([{ "name": "Sales staff", "clauses": [{ "operatorName": "EQUALS",
        "sourceOperandName": "department", "targetOperand": { "values": ["Sales"] } }] }]);
    let mappings = users["attributeMappings"].as_array_mut().unwrap();
    mappings[5]["flowType"] = json!("Always");
    mappings[2]["source"] = computed_by("Join(\", \", [surname], [givenName])")
        .source()
        .unwrap();
    let mut added = plain("costCentre");
    added["defaultValue"] = Json::Null;
    added["source"] = blank_attribute("department").source().unwrap();
    mappings.push(added);
    // Texts are compared, so that order and the spelling of numbers count.
    assert_eq!(sorted_last(&next), sorted_last(&expected));
    let count = |document: &Json| document.to_string().len();
    assert_eq!(count(&next), count(&expected));
    assert!(
        next.to_string()
            .contains(r#""novel":{"weight":1.0,"zeta":[3,1,2],"alpha":null}"#)
    );
}

fn blank_attribute(name: &str) -> AttributeMapping {
    AttributeMapping {
        attribute: Some(name.to_owned()),
        ..blank()
    }
}

/// The document with the members of the mapping that was added in no order: they are ours to choose.
fn sorted_last(document: &Json) -> (String, Json) {
    let mut document = document.clone();
    let mappings = users(&mut document)["attributeMappings"]
        .as_array_mut()
        .unwrap();
    for mapping in mappings.iter_mut() {
        mapping["source"] = Json::Null;
    }
    let last = mappings.pop().unwrap();
    (document.to_string(), last)
}

#[test]
fn a_second_time_nothing_changes_and_the_spelling_of_the_configuration_is_shown() {
    let planned = customised();
    let next = merged(&planned, None, &template());
    assert_eq!(merged(&planned, Some(&planned), &next), next);
    let found = planned.found(&next);
    let matching = BTreeMap::from([(
        "alternativeSecurityIds".to_owned(),
        "AltSecIdFromNetId([netId])".to_owned(),
    )]);
    assert_eq!(
        found,
        SynchronizationSchema {
            matching_attributes: Some(matching),
            ..planned
        }
    );
}

#[test]
fn what_equals_the_template_changes_nothing() {
    let planned = mapping(&[
        ("department", computed_by(" [department] ")),
        ("showInAddressList", always("true")),
    ]);
    assert_eq!(merged(&planned, None, &template()), template());
}

#[test]
fn what_is_given_up_returns_to_the_template() {
    let live = merged(&customised(), None, &template());
    assert_eq!(merged(&schema(), Some(&customised()), &live), template());
    // What others have changed in the meantime stays.
    let mut theirs = live;
    users(&mut theirs)["attributeMappings"][3]["defaultValue"] = json!("none");
    let back = merged(&schema(), Some(&customised()), &theirs);
    let mut expected = template();
    users(&mut expected)["attributeMappings"][3]["defaultValue"] = json!("none");
    assert_eq!(back, expected);
}

#[test]
fn exclusive_removes_the_rest_but_what_is_built_in() {
    let planned = SynchronizationSchema {
        exclusive: Some(true),
        ..mapping(&[("userType", always("Member"))])
    };
    let mut live = merged(&customised(), None, &template());
    assert!(
        planned.found(&live).scoping_filters.is_some(),
        "filters of others are shown"
    );
    live = merged(&planned, None, &live);
    let targets: Vec<&str> = document::mappings(&live)
        .map(|(target, _)| target)
        .collect();
    assert_eq!(
        targets,
        ["alternativeSecurityIds", "IsSoftDeleted", "userType"]
    );
    assert_eq!(document::filter_groups(&live), &json!([]));
    let found = planned.found(&live);
    assert_eq!(found.attribute_mappings, planned.attribute_mappings);
    assert_eq!(found.scoping_filters, None);
}

#[test]
fn drift_is_shown_where_it_is_managed() {
    let planned = customised();
    let mut live = merged(&planned, None, &template());
    users(&mut live)["attributeMappings"][5]["flowType"] = json!("ObjectAddOnly");
    users(&mut live)["attributeMappings"][3]["defaultValue"] = json!("not managed");
    users(&mut live)["scope"]["groups"][0]["clauses"][0]["targetOperand"]["values"] =
        json!(["Support"]);
    let found = planned.found(&live);
    let mappings = found.attribute_mappings.unwrap();
    assert_eq!(mappings.len(), 3);
    assert_eq!(
        mappings["userType"].apply.as_deref(),
        Some("only_during_creation")
    );
    assert_eq!(
        found.scoping_filters.unwrap()[0].clauses[0].values,
        Some(vec!["Support".to_owned()])
    );
}

#[test]
fn an_import_shows_what_was_customised() {
    let planned = customised();
    let live = merged(&planned, None, &template());
    let found = schema().customised(&live, &template());
    let mappings = found.attribute_mappings.unwrap();
    let targets: Vec<&String> = mappings.keys().collect();
    assert_eq!(targets, ["costCentre", "displayName", "userType"]);
    assert_eq!(
        mappings["displayName"].expression.as_deref(),
        Some("Join(\", \", [surname], [givenName])")
    );
    assert_eq!(found.object_actions, planned.object_actions);
    assert_eq!(found.scoping_filters, planned.scoping_filters);
    assert_eq!(
        (found.users_enabled, found.groups_enabled),
        (None, Some(true))
    );
}

#[test]
fn a_full_resynchronization_is_announced_for_changes_in_meaning_only() {
    let prior = customised();
    let mut planned = prior.clone();
    let mappings = planned.attribute_mappings.as_mut().unwrap();
    mappings.insert("costCentre".to_owned(), blank_attribute("department"));
    assert_eq!(changes(&prior.to_value(), &planned.to_value()), []);
    let mappings = planned.attribute_mappings.as_mut().unwrap();
    mappings.insert("userType".to_owned(), always("Guest"));
    planned.scoping_filters = None;
    assert_eq!(
        changes(&prior.to_value(), &planned.to_value()),
        [
            Path::root("attribute_mappings").key("userType"),
            Path::root("scoping_filters")
        ]
    );
}

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
async fn what_others_have_customised_is_not_replaced_unseen() {
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
    let said = problem.tell("create", "t").detail;
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
    let said = problem.tell("update", "t");
    assert!(said.detail.contains("_Level`?"), "{said:?}");
    let at = Path::root("attribute_mappings")
        .key("department")
        .attribute("attribute");
    assert_eq!(said.path, Some(at));
}

/// The first problem that is found in a configuration, as (path, everything it says).
fn problem(config: &SynchronizationSchema) -> (String, String) {
    let mut found = Diagnostics::new();
    guards::check(&config.to_value(), &mut found);
    let first = found.first().expect("nothing was found");
    let path = first.path.as_ref().unwrap().to_string();
    (path, format!("{}: {}", first.summary, first.detail))
}

#[track_caller]
fn refused(config: &SynchronizationSchema, path: &str, words: &[&str]) {
    let (at, said) = problem(config);
    assert_eq!(at, path, "{said}");
    for words in words {
        assert!(said.contains(words), "{words:?} is missing in {said}");
    }
}

#[test]
fn mappings_are_judged_where_they_stand() {
    let one = |target: &str, it: AttributeMapping| mapping(&[(target, it)]);
    let at = |target: &str, rest: &str| format!("attribute_mappings[{target:?}]{rest}");
    for target in ["alternativeSecurityIds", "alternativeSecurityIdentifier"] {
        refused(
            &one(target, always("x")),
            &at(target, ""),
            &["matching attribute", "schemaInvalid", "no second"],
        );
    }
    refused(
        &one("proxyAddresses", always("x")),
        &at("proxyAddresses", ""),
        &["cannot write proxyAddresses"],
    );
    refused(
        &one("Department", always("x")),
        &at("Department", ""),
        &["case-sensitive", "`department`"],
    );
    refused(
        &one("city", blank_attribute("SamAccountName")),
        &at("city", ".attribute"),
        &["cannot read SamAccountName"],
    );
    refused(
        &one("city", computed_by("ToUpper([userType])")),
        &at("city", ".expression"),
        &["cannot read userType"],
    );
    refused(
        &one("city", computed_by("Jion(\", \", [city])")),
        &at("city", ".expression"),
        &["wrong at column 1", "Join", "^"],
    );
    refused(
        &one("userType", always("member")),
        &at("userType", ".constant"),
        &["\"Member\" or \"Guest\"", "\"member\""],
    );
    refused(
        &one("showInAddressList", always("yes")),
        &at("showInAddressList", ".constant"),
        &["\"True\" or \"False\""],
    );
    refused(&one("city", blank()), &at("city", ""), &["none of them"]);
    let both = AttributeMapping {
        attribute: Some("city".to_owned()),
        ..always("x")
    };
    refused(&one("city", both), &at("city", ""), &["2 of them"]);
    let exclusive = SynchronizationSchema {
        exclusive: Some(true),
        ..schema()
    };
    refused(&exclusive, "exclusive", &["needs `attribute_mappings`"]);
}

#[test]
fn clauses_are_judged_where_they_stand() {
    let clause = |attribute: &str, operator: &str, values: &[&str]| {
        let mut filters = sales();
        filters[0].clauses[0] = Clause {
            attribute: attribute.to_owned(),
            operator: operator.to_owned(),
            values: Some(values.iter().map(|it| (*it).to_owned()).collect()),
        };
        SynchronizationSchema {
            scoping_filters: Some(filters),
            ..schema()
        }
    };
    for (config, member, words) in [
        (
            clause("manager", "EQUALS", &["x"]),
            "attribute",
            "the manager",
        ),
        (
            clause("createdDateTime", "EQUALS", &["x"]),
            "attribute",
            "date and time",
        ),
        (
            clause("otherMails", "EQUALS", &["x"]),
            "attribute",
            "several values",
        ),
        (
            clause("Department", "EQUALS", &["x"]),
            "attribute",
            "Did you mean `department`?",
        ),
        (
            clause("department", "Equals", &["x"]),
            "operator",
            "Did you mean `EQUALS`?",
        ),
        (
            clause("department", "NOT_EQUALS", &["x"]),
            "operator",
            "Did you mean `NOT EQUALS`?",
        ),
        (
            clause("department", "resembles", &["x"]),
            "operator",
            "`REGEX MATCH`",
        ),
        (
            clause("department", "IsMemberOf", &["x"]),
            "operator",
            "Assign the group",
        ),
        (
            clause("department", "EQUALS", &[]),
            "operator",
            "EQUALS needs a value",
        ),
        (
            clause("department", "IS NULL", &["x"]),
            "values",
            "IS NULL takes no values",
        ),
        (
            clause("department", "IS TRUE", &[]),
            "operator",
            "neither true nor false",
        ),
    ] {
        refused(
            &config,
            &format!("scoping_filters[0].clauses[0].{member}"),
            &[words],
        );
    }
    let mut found = Diagnostics::new();
    for right in [
        clause("accountEnabled", "IS TRUE", &[]),
        clause("extensionAttribute3", "NOT REGEX MATCH", &["a|b"]),
    ] {
        guards::check(&right.to_value(), &mut found);
    }
    assert!(!has_errors(&found), "{found:?}");
}
