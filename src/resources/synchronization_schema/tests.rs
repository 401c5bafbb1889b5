//! Tests of merging into a realistic document, and of the attributes that result.

mod groups;
mod guarding;
mod odd_answers;
mod requests;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::announcement::changes;
use super::merge::Step;
use super::part::Objects;
use super::*;

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

/// A schema in the response of a newer service version: with unknown members and another order.
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
    step.merged(live, &super::reading::Read::new()).unwrap()
}

fn users(document: &mut Json) -> &mut Json {
    document::object_mapping_mut(document, Objects::Users).unwrap()
}

fn customized() -> SynchronizationSchema {
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
    let next = merged(&customized(), None, &live);
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
    assert_eq!(next, expected);
    // The texts are compared as well, because order and the spelling of numbers matter.
    assert_eq!(without_sources(&next), without_sources(&expected));
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

/// Returns the document as text without the parts whose order the provider determines: the sources, and the added mapping.
fn without_sources(document: &Json) -> String {
    let mut document = document.clone();
    let mappings = users(&mut document)["attributeMappings"]
        .as_array_mut()
        .unwrap();
    for mapping in mappings.iter_mut() {
        mapping["source"] = Json::Null;
    }
    mappings.pop();
    document.to_string()
}

#[test]
fn a_second_time_nothing_changes_and_the_spelling_of_the_configuration_is_shown() {
    let planned = customized();
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
            group_matching_attributes: Some(BTreeMap::new()),
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
    let live = merged(&customized(), None, &template());
    assert_eq!(merged(&schema(), Some(&customized()), &live), template());
    // Changes made outside Terraform in the meantime are kept.
    let mut theirs = live;
    users(&mut theirs)["attributeMappings"][3]["defaultValue"] = json!("none");
    let back = merged(&schema(), Some(&customized()), &theirs);
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
    let mut live = merged(&customized(), None, &template());
    assert!(
        planned.found(&live).scoping_filters.is_some(),
        "filters of others are shown"
    );
    live = merged(&planned, None, &live);
    let targets: Vec<&str> = document::mappings(&live, Objects::Users)
        .map(|(target, _)| target)
        .collect();
    assert_eq!(
        targets,
        ["alternativeSecurityIds", "IsSoftDeleted", "userType"]
    );
    assert_eq!(document::filter_groups(&live, Objects::Users), &json!([]));
    let found = planned.found(&live);
    assert_eq!(found.attribute_mappings, planned.attribute_mappings);
    assert_eq!(found.scoping_filters, None);
}

#[test]
fn drift_is_shown_where_it_is_managed() {
    let planned = customized();
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
fn an_import_shows_what_was_customized() {
    let planned = customized();
    let live = merged(&planned, None, &template());
    let found = schema().customized(&live, &template());
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
    let prior = customized();
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
