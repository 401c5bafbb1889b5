//! The schema of a job: reading, changing, refusals, and the effect of changes on users.

use serde_json::{Value, json};

use crate::client::{ADA, GRACE, code, column, user};
use crate::synchronization::Scene;

async fn schema(scene: &Scene) -> Value {
    scene.source.get(&format!("{}/schema", scene.job)).await.1
}

async fn save(scene: &Scene, schema: &Value) -> (u16, Value) {
    scene
        .source
        .put(&format!("{}/schema", scene.job), schema.clone())
        .await
}

fn users(schema: &mut Value) -> &mut Value {
    let mappings = schema["synchronizationRules"][0]["objectMappings"]
        .as_array_mut()
        .unwrap();
    mappings
        .iter_mut()
        .find(|mapping| mapping["sourceObjectName"] == "User")
        .unwrap()
}

fn mapping<'s>(schema: &'s mut Value, target: &str) -> &'s mut Value {
    let mappings = users(schema)["attributeMappings"].as_array_mut().unwrap();
    mappings
        .iter_mut()
        .find(|mapping| mapping["targetAttributeName"] == target)
        .unwrap()
}

#[tokio::test]
async fn the_schema_has_the_documented_shape() {
    let scene = Scene::open().await;
    let mut schema = schema(&scene).await;
    let rule = &schema["synchronizationRules"][0];
    assert_eq!(
        (&rule["name"], &rule["priority"]),
        (&json!("USER_INBOUND_USER"), &json!(1))
    );
    assert_eq!(schema["directories"].as_array().unwrap().len(), 2);
    assert_eq!(
        mapping(&mut schema, "alternativeSecurityIds")["matchingPriority"],
        1
    );
    assert_eq!(
        mapping(&mut schema, "userType")["flowType"],
        "ObjectAddOnly"
    );
    assert_eq!(users(&mut schema)["flowTypes"], "Add, Update, Delete");
    let template = scene
        .source
        .get(&format!("{}/templates/Azure2Azure/schema", scene.root()))
        .await;
    assert_eq!(
        template.1["id"],
        json!(format!("Azure2Azure.{}", "0".repeat(32)))
    );
    assert_eq!(
        column(
            &scene
                .source
                .get(&format!("{}/templates", scene.root()))
                .await,
            "factoryTag"
        ),
        ["Azure2Azure"]
    );
}

#[tokio::test]
async fn mappings_decide_what_arrives() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    let mut schema = schema(&scene).await;
    mapping(&mut schema, "displayName")["source"] = json!({ "type": "Function", "name": "Join", "expression": "Join(\", \", [surname], [givenName])", "parameters": [] });
    let kind = mapping(&mut schema, "userType");
    kind["source"] =
        json!({ "type": "Constant", "name": "Guest", "expression": "\"Guest\"", "parameters": [] });
    mapping(&mut schema, "jobTitle")["source"] = json!({ "type": "Attribute", "name": "companyName", "expression": "[companyName]", "parameters": [] });
    mapping(&mut schema, "jobTitle")["defaultValue"] = json!("Colleague");
    assert_eq!(save(&scene, &schema).await, (204, Value::Null));
    scene.start().await;
    let ada = scene.arrival("Lovelace, Ada").await;
    assert_eq!(
        (&ada["userType"], &ada["jobTitle"]),
        (&json!("Guest"), &json!("Colleague"))
    );
    // Existing users keep their type unless the mapping always applies.
    let mut schema = self::schema(&scene).await;
    assert_eq!(
        mapping(&mut schema, "displayName")["source"]["parameters"][0]["key"],
        "separator",
        "parsed by the server"
    );
    mapping(&mut schema, "userType")["source"] = json!({ "type": "Constant", "name": "Member", "expression": "\"Member\"", "parameters": [] });
    mapping(&mut schema, "userType")["flowType"] = json!("Always");
    save(&scene, &schema).await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrival("Lovelace, Ada").await["userType"], "Member");
    assert_eq!(
        scene
            .source
            .delete(&format!("{}/schema", scene.job))
            .await
            .0,
        204
    );
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace"]);
}

#[tokio::test]
async fn scoping_filters_let_in_and_put_out() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    scene.assign(&user(GRACE)).await;
    scene.start().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace", "Grace Hopper"]);
    let mut schema = schema(&scene).await;
    let clause = json!({ "operatorName": "EQUALS", "sourceOperandName": "department", "targetOperand": { "values": ["Research"] } });
    users(&mut schema)["scope"]["groups"] = json!([{ "name": "Researchers", "clauses": [clause] }]);
    assert_eq!(save(&scene, &schema).await.0, 204);
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace"]);
    let (_, skipped) = scene.demand(&user(GRACE)).await;
    assert!(
        skipped["value"]
            .as_str()
            .unwrap()
            .contains("Researchers.department EQUALS 'Research'")
    );
}

#[tokio::test]
async fn without_delete_in_the_flow_types_nobody_is_removed() {
    let scene = Scene::open().await;
    let assignment = scene.assign(&user(ADA)).await;
    scene.start().await;
    let mut schema = schema(&scene).await;
    users(&mut schema)["flowTypes"] = json!("Add, Update");
    save(&scene, &schema).await;
    scene
        .source
        .delete(&format!("{}/{assignment}", scene.made.assigned_to()))
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace"]);
}

#[tokio::test]
async fn wrong_schemas_are_refused() {
    let scene = Scene::open().await;
    let good = schema(&scene).await;
    let refused = |change: fn(&mut Value)| {
        let mut schema = good.clone();
        change(&mut schema);
        schema
    };
    for wrong in [
        refused(|schema| {
            mapping(schema, "alternativeSecurityIds")["source"]["name"] = json!("ToLower");
        }),
        refused(|schema| mapping(schema, "mail")["matchingPriority"] = json!(2)),
        refused(|schema| mapping(schema, "mail")["targetAttributeName"] = json!("proxyAddresses")),
        refused(|schema| mapping(schema, "mail")["targetAttributeName"] = json!("Mail")),
        refused(|schema| mapping(schema, "mail")["source"]["name"] = json!("userType")),
        refused(|schema| {
            mapping(schema, "mail")["source"] =
                json!({ "type": "Function", "expression": "Join(" });
        }),
        refused(|schema| schema["synchronizationRules"][0]["id"] = json!("other")),
        refused(|schema| {
            let clause = json!({ "operatorName": "RESEMBLES", "sourceOperandName": "department", "targetOperand": { "values": ["x"] } });
            users(schema)["scope"]["groups"] = json!([{ "name": "x", "clauses": [clause] }]);
        }),
    ] {
        assert_eq!(code(&save(&scene, &wrong).await), (400, "schemaInvalid"));
    }
    for wrong in [
        refused(|schema| mapping(schema, "mail")["flowType"] = json!("Sometimes")),
        refused(|schema| mapping(schema, "mail")["nonsense"] = json!(1)),
        refused(|schema| users(schema)["flowTypes"] = json!("Add, Burn")),
    ] {
        assert_eq!(
            code(&save(&scene, &wrong).await),
            (400, "Request_BadRequest")
        );
    }
    assert_eq!(save(&scene, &good).await.0, 204);
}

#[tokio::test]
async fn functions_operators_and_expressions_can_be_requested() {
    let scene = Scene::open().await;
    let root = format!("{}/schema", scene.job);
    let functions = column(&scene.source.get(&format!("{root}/functions")).await, "id");
    assert!(functions.contains(&"Join".to_owned()));
    let operators = column(
        &scene.source.get(&format!("{root}/filterOperators")).await,
        "id",
    );
    assert!(operators.contains(&"NOT REGEX MATCH".to_owned()));
    let directories = scene.source.get(&format!("{root}/directories")).await;
    let id = column(&directories, "id")[0].clone();
    let discovered = scene
        .source
        .act(&format!("{root}/directories/{id}/discover"))
        .await;
    assert!(discovered.1["discoveryDateTime"].is_string());
    let parse = |expression: &str| {
        json!({ "expression": expression, "targetAttributeDefinition": null, "testInputObject": {
            "definition": { "name": "User", "attributes": [] },
            "properties": [{ "key": "givenName", "value": "Ada" }, { "key": "surname", "value": "Lovelace" }] } })
    };
    let path = format!("{root}/parseExpression");
    let (_, good) = scene
        .source
        .post(&path, parse("Join(\" \", [givenName], [surname])"))
        .await;
    assert_eq!(
        (&good["parsingSucceeded"], &good["evaluationResult"]),
        (&json!(true), &json!(["Ada Lovelace"]))
    );
    assert_eq!(good["parsedExpression"]["name"], "Join");
    let (status, bad) = scene.source.post(&path, parse("Join(\" \"")).await;
    assert_eq!((status, &bad["parsingSucceeded"]), (200, &json!(false)));
    assert!(
        bad["error"]["message"]
            .as_str()
            .unwrap()
            .contains("Column 9")
    );
    assert_eq!(scene.source.post(&path, json!({})).await.0, 400);
}
