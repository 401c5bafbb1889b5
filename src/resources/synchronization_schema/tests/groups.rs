//! Tests of the mapping of groups: it is found in any rule, merged like that of users, and validated with its own names.

use std::collections::BTreeMap;

use super::*;

/// A schema with a separate rule for groups. No such schema is published.
fn apart() -> Json {
    let mut document = template();
    let mut origin = plain("originId");
    origin["matchingPriority"] = json!(1);
    let groups = json!({ "name": "Provision Microsoft Entra ID Groups", "sourceObjectName": "group", "targetObjectName": "GROUP",
        "enabled": false, "flowTypes": "Add, Update, Delete", "scope": null, "unheardOf": 1,
        "attributeMappings": [origin, plain("displayName"), plain("members")] });
    let rules = document["synchronizationRules"].as_array_mut().unwrap();
    let users = rules[0]["objectMappings"].as_array_mut().unwrap();
    // Another object with the name of a group mapping is not mistaken for it.
    users[0]["name"] = json!("Provision other things");
    rules.push(json!({ "name": "GROUP_INBOUND_GROUP", "objectMappings": [groups] }));
    document
}

fn groups(document: &mut Json) -> &mut Json {
    document::object_mapping_mut(document, Objects::Groups).unwrap()
}

fn named(mappings: &[(&str, AttributeMapping)]) -> Option<BTreeMap<String, AttributeMapping>> {
    mapping(mappings).attribute_mappings
}

fn teams() -> Vec<ScopingFilter> {
    let mut filters = sales();
    filters[0].clauses[0].attribute = "displayName".to_owned();
    filters
}

fn managed() -> SynchronizationSchema {
    SynchronizationSchema {
        groups_enabled: Some(true),
        group_attribute_mappings: named(&[("displayName", computed_by("ToUpper([displayName])"))]),
        group_scoping_filters: Some(teams()),
        group_object_actions: Some(ObjectActions {
            create: Some(true),
            update: Some(true),
            delete: Some(false),
        }),
        ..schema()
    }
}

fn merged_apart(
    planned: &SynchronizationSchema,
    prior: Option<&SynchronizationSchema>,
    live: &Json,
) -> Json {
    let template = apart();
    let step = Step {
        planned,
        prior,
        template: &template,
    };
    step.merged(live, &super::super::reading::Read::new())
        .unwrap()
}

#[test]
fn the_mapping_of_groups_is_found_by_name_in_any_rule_and_alone_changed() {
    let next = merged_apart(&managed(), None, &apart());
    let mut expected = apart();
    let mapping = &mut expected["synchronizationRules"][1]["objectMappings"][0];
    mapping["enabled"] = json!(true);
    mapping["flowTypes"] = json!("Add, Update");
    mapping["attributeMappings"][1]["source"] =
        computed_by("ToUpper([displayName])").source().unwrap();
    mapping["scope"] = json!({ "groups": [{ "name": "Sales staff", "clauses": [{ "operatorName": "EQUALS",
        "sourceOperandName": "displayName", "targetOperand": { "values": ["Sales"] } }] }],
        "inputFilterGroups": [], "categoryFilterGroups": [] });
    assert_eq!(next, expected);
    assert_eq!(
        managed().found(&next).part(Objects::Groups),
        managed().part(Objects::Groups)
    );
    let imported = schema().customized(&next, &apart());
    assert_eq!(
        imported.part(Objects::Groups),
        managed().part(Objects::Groups)
    );
    assert_eq!(
        imported.group_matching_attributes,
        Some(BTreeMap::from([(
            "originId".to_owned(),
            "[originId]".to_owned()
        )]))
    );
}

#[test]
fn without_its_name_it_is_found_by_what_it_writes() {
    let mut document = apart();
    groups(&mut document)["name"] = json!("Something new");
    document["synchronizationRules"][0]["objectMappings"][0]["sourceObjectName"] = json!("Contact");
    assert_eq!(Objects::Groups.place(&document), Some((1, 0)));
    groups(&mut document)["targetObjectName"] = Json::Null;
    assert_eq!(Objects::Groups.place(&document), Some((1, 0)));
}

#[test]
fn what_is_given_up_of_groups_returns_to_the_template() {
    let live = merged_apart(&managed(), None, &apart());
    let mut expected = apart();
    // The filter's container remains, empty: that is equivalent.
    groups(&mut expected)["scope"] =
        json!({ "groups": [], "inputFilterGroups": [], "categoryFilterGroups": [] });
    assert_eq!(merged_apart(&schema(), Some(&managed()), &live), expected);
}

#[test]
fn exclusive_covers_groups_only_where_their_mappings_are_written() {
    let users = SynchronizationSchema {
        exclusive: Some(true),
        ..mapping(&[("userType", always("Member"))])
    };
    let next = merged_apart(&users, None, &apart());
    let targets = |document: &Json| -> Vec<String> {
        let mappings = document::mappings(document, Objects::Groups);
        mappings.map(|(target, _)| target.to_owned()).collect()
    };
    assert_eq!(targets(&next), ["originId", "displayName", "members"]);
    assert_eq!(users.found(&next).group_attribute_mappings, None);
    let both = SynchronizationSchema {
        group_attribute_mappings: named(&[("members", blank_attribute("members"))]),
        ..users
    };
    assert_eq!(
        targets(&merged_apart(&both, None, &apart())),
        ["originId", "members"]
    );
}

#[test]
fn a_schema_without_groups_says_so() {
    let mut live = template();
    live["synchronizationRules"][0]["objectMappings"]
        .as_array_mut()
        .unwrap()
        .remove(0);
    let planned = managed();
    let step = Step {
        planned: &planned,
        prior: None,
        template: &live,
    };
    let told = step
        .merged(&live, &super::super::reading::Read::new())
        .unwrap_err();
    assert_eq!(told.path.unwrap().to_string(), "groups_enabled");
    assert!(
        told.detail.contains("no mapping of groups"),
        "{}",
        told.detail
    );
    let nothing = schema();
    let step = Step {
        planned: &nothing,
        prior: None,
        template: &live,
    };
    assert_eq!(
        step.merged(&live, &super::super::reading::Read::new())
            .unwrap(),
        live
    );
}

/// Returns all findings, as (path, full text).
fn told(config: &SynchronizationSchema) -> Vec<(String, String)> {
    let mut found = Diagnostics::new();
    guards::check(&config.to_value(), &mut found);
    let text = |it: &Diagnostic| format!("{}: {}", it.summary, it.detail);
    let path = |it: &Diagnostic| {
        it.path
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    found.iter().map(|it| (path(it), text(it))).collect()
}

#[test]
fn mistakes_about_groups_have_their_own_words() {
    let filtered = |attribute: &str, operator: &str| {
        let mut filters = teams();
        filters[0].clauses[0].attribute = attribute.to_owned();
        filters[0].clauses[0].operator = operator.to_owned();
        SynchronizationSchema {
            groups_enabled: Some(true),
            group_scoping_filters: Some(filters),
            ..schema()
        }
    };
    let mapped = |target: &str, mapping: AttributeMapping| SynchronizationSchema {
        groups_enabled: Some(true),
        group_attribute_mappings: named(&[(target, mapping)]),
        ..schema()
    };
    let at = |member: &str| format!("group_scoping_filters[0].clauses[0].{member}");
    for (config, path, words) in [
        (
            filtered("members", "EQUALS"),
            at("attribute"),
            "the members of a group",
        ),
        (
            filtered("groupTypes", "EQUALS"),
            at("attribute"),
            "several values",
        ),
        (
            filtered("displayName", "IsMemberOf"),
            at("operator"),
            "IsMemberOf is not supported",
        ),
        (
            filtered("DisplayName", "EQUALS"),
            at("attribute"),
            "Did you mean `displayName`?",
        ),
        (
            filtered("displayName", "IS TRUE"),
            at("operator"),
            "not a Boolean attribute",
        ),
        (
            mapped("originId", blank_attribute("objectId")),
            "group_attribute_mappings[\"originId\"]".to_owned(),
            "identifies the source group",
        ),
        (
            mapped("groupTypes", blank_attribute("groupTypes")),
            "group_attribute_mappings[\"groupTypes\"]".to_owned(),
            "static security group",
        ),
        (
            mapped("members", computed_by("Append([displayName], \"x\")")),
            "group_attribute_mappings[\"members\"]".to_owned(),
            "only be mapped from members",
        ),
        (
            SynchronizationSchema {
                users_enabled: Some(false),
                groups_enabled: Some(true),
                ..schema()
            },
            "groups_enabled".to_owned(),
            "without users",
        ),
        (
            SynchronizationSchema {
                groups_enabled: None,
                ..managed()
            },
            "group_attribute_mappings".to_owned(),
            "not enabled here",
        ),
        (
            SynchronizationSchema {
                exclusive: Some(true),
                attribute_mappings: named(&[("userType", always("Member"))]),
                ..managed()
            },
            "group_attribute_mappings".to_owned(),
            "The members of groups are not synchronized",
        ),
    ] {
        let found = told(&config);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, path, "{found:?}");
        assert!(
            found[0].1.contains(words),
            "{words:?} is missing in {found:?}"
        );
    }
    assert_eq!(told(&managed()), []);
    assert_eq!(
        told(&filtered("mailEnabled", "IS TRUE")).len(),
        1,
        "it takes no values"
    );
}
