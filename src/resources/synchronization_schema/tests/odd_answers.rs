//! Schemas written by other tools: mappings without a source, filters without a name, unknown functions.

use serde_json::{Value as Json, json};

use super::*;
use graph::testing::{Script, empty, reply};

/// A mapping of the type "None", as the portal saves it.
fn only_a_default() -> Json {
    json!({ "targetAttributeName": "companyName", "source": null, "defaultValue": "Contoso", "flowType": "Always" })
}

/// A call of an unknown function.
fn novel(text: &str) -> Json {
    json!({ "type": "Function", "name": "Novel", "expression": text, "parameters": [
        { "key": "text", "value": { "type": "Attribute", "name": "department", "expression": "[department]", "parameters": [] } },
    ] })
}

/// Returns the template's schema with a change.
fn live(change: impl FnOnce(&mut Json)) -> Json {
    let mut live = template();
    change(users(&mut live));
    live
}

/// Returns the state after an import of `live`.
fn imported(live: &Json) -> SynchronizationSchema {
    let named = SynchronizationSchema {
        exclusive: None,
        ..schema()
    };
    let found = named.customized(live, &template());
    let problems = {
        let mut problems = Diagnostics::new();
        guards::check(&found.to_value(), &mut problems);
        problems
    };
    assert!(!terraform::has_errors(&problems), "{problems:?}");
    SynchronizationSchema {
        exclusive: Some(false),
        ..found
    }
}

#[test]
fn a_mapping_without_a_source_is_shown_as_a_default_and_stays_without() {
    let document = live(|users| push(users, only_a_default()));
    let found = imported(&document);
    let shown = &found.attribute_mappings.as_ref().unwrap()["companyName"];
    let expected = AttributeMapping {
        default_value: Some("Contoso".to_owned()),
        ..blank()
    };
    assert_eq!(*shown, expected);
    assert_eq!(found.found(&document), found);
    assert_eq!(merged(&found, Some(&found), &document), document);

    let mut changed = found.clone();
    let mapping = changed.attribute_mappings.as_mut().unwrap();
    mapping.get_mut("companyName").unwrap().default_value = Some("Fabrikam".to_owned());
    let mut expected = only_a_default();
    expected["defaultValue"] = json!("Fabrikam");
    let mut next = merged(&changed, Some(&found), &document);
    assert_eq!(
        *users(&mut next)["attributeMappings"]
            .as_array()
            .unwrap()
            .last()
            .unwrap(),
        expected
    );
}

#[test]
fn a_mapping_that_does_nothing_is_not_shown() {
    let mut nothing = only_a_default();
    nothing["defaultValue"] = Json::Null;
    let document = live(|users| push(users, nothing));
    assert_eq!(imported(&document).attribute_mappings, None);
}

#[test]
fn a_filter_without_a_name_round_trips() {
    let group = |name: Json| {
        json!([{ "name": name, "clauses": [{ "operatorName": "EQUALS", "sourceOperandName": "department",
            "targetOperand": { "values": ["Sales"] } }] }])
    };
    for name in [json!(""), Json::Null] {
        let document = live(|users| users["scope"]["groups"] = group(name.clone()));
        let found = imported(&document);
        assert_eq!(found.scoping_filters.as_ref().unwrap()[0].name, "");
        assert_eq!(merged(&found, Some(&found), &document), document, "{name}");
    }
}

#[tokio::test]
async fn an_unknown_function_in_the_live_schema_round_trips() {
    let document = live(|users| {
        users["attributeMappings"][3]["source"] = novel("Novel([department])");
    });
    let found = imported(&document);
    let shown = &found.attribute_mappings.as_ref().unwrap()["department"];
    assert_eq!(shown.expression.as_deref(), Some("Novel([department])"));
    assert_eq!(shown.validate_expression, Some(false));
    assert_eq!(found.found(&document), found);

    // Another part changes; Graph does not parse expressions that it already has.
    let script = Script::of([reply(200, &document), empty(204)]);
    let planned = SynchronizationSchema {
        groups_enabled: Some(true),
        ..found.clone()
    };
    let mut state = found;
    let context = Context::new(script.client());
    SynchronizationSchema::update(&context, &planned, &mut state)
        .await
        .unwrap();
    let sent = script.sent().remove(1);
    assert_eq!(sent.method, "PUT");
    let mappings = &sent.body["synchronizationRules"][0]["objectMappings"][1]["attributeMappings"];
    assert_eq!(mappings[3]["source"], novel("Novel([department])"));
}

#[tokio::test]
async fn graph_reads_an_expression_that_is_not_known_here() {
    let text = "Novel([department])";
    let planned = mapping(&[(
        "city",
        AttributeMapping {
            validate_expression: Some(false),
            ..computed_by(text)
        },
    )]);
    let parsed = |succeeded: bool| {
        let tree = if succeeded { novel(text) } else { Json::Null };
        reply(
            200,
            &json!({ "parsingSucceeded": succeeded, "parsedExpression": tree, "evaluationSucceeded": false,
            "evaluationResult": [], "error": { "code": "x", "message": "Column 1: no function." } }),
        )
    };
    let script = Script::of([reply(200, &template()), parsed(true), empty(204)]);
    let mut state = mapping(&[]);
    SynchronizationSchema::update(&Context::new(script.client()), &planned, &mut state)
        .await
        .unwrap();
    let sent = script.sent();
    assert!(
        sent[1].path.ends_with("/schema/parseExpression"),
        "{sent:?}"
    );
    assert_eq!(sent[1].body["expression"], text);
    let mappings =
        &sent[2].body["synchronizationRules"][0]["objectMappings"][1]["attributeMappings"];
    assert_eq!(
        mappings.as_array().unwrap().last().unwrap()["source"],
        novel(text)
    );

    let script = Script::of([reply(200, &template()), parsed(false)]);
    let mut state = mapping(&[]);
    let problem =
        SynchronizationSchema::update(&Context::new(script.client()), &planned, &mut state)
            .await
            .unwrap_err()
            .into_diagnostic("update", "t");
    assert!(
        problem.detail.contains("Column 1: no function."),
        "{problem:?}"
    );
}

fn push(users: &mut Json, mapping: Json) {
    users["attributeMappings"]
        .as_array_mut()
        .unwrap()
        .push(mapping);
}
