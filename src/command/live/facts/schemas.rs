//! Schemas of jobs: mappings, filters, expressions.

use serde_json::{Value as Json, json};

use crate::live::fact::facts;
use crate::live::finding::{Finding, Obstacle, judged, obstacle};
use crate::live::stage::{Side, Stage, shown};
use graph::Exchange;

facts! {
    "schema-by-put"
        "A schema is changed by PUT of the whole document as it was read."
        changes schema_by_put;
    "directories-in-schema"
        "The document of a schema may contain its directories in a PUT."
        changes directories_in_schema;
    "flow-type-of-user-type"
        "The template maps userType with the flow type ObjectAddOnly, for new users only."
        changes flow_type_of_user_type;
    "mapping-of-groups"
        "A new job has a mapping called \"Provision Microsoft Entra ID Groups\", which is disabled."
        changes mapping_of_groups;
    "copied-group-that-leaves"
        "A copied group whose source group leaves the scope is deleted."
        cannot "the run synchronizes no users";
    "groups-on-demand"
        "A group can be provisioned on demand, with up to five members."
        cannot "the run synchronizes no users";
    "extensions-in-schema"
        "A directory extension that a mapping writes does not have to be in the schema before."
        cannot "it needs an extension of the tenant and users who have a value of it";
    "names-of-operators"
        "Operators are called ENDS_WITH, Greater_Than, Greater_Than_OR_EQUALS, Includes and &."
        changes names_of_operators;
    "comparison-in-iif"
        "A comparison inside IIF is stored as a function named like its operator."
        changes comparison_in_iif;
    "mapping-of-a-default"
        "A mapping that has only a default is stored with a source of null."
        cannot "only a mapping that the portal saved would show it";
    "mistake-in-expression"
        "An invalid expression gives a successful response that contains the error."
        changes mistake_in_expression;
    "both-branches-of-iif"
        "IIF evaluates the branch that is not selected."
        cannot "only a cycle would show it";
    "trim-and-len"
        "The service supports Trim and Len."
        changes trim_and_len;
    "short-replace"
        "The last two arguments of Replace are optional."
        changes short_replace;
    "schema-after-start"
        "A job that starts before its schema is saved synchronizes users whom the filter excludes."
        cannot "the run starts no job, so no users are synchronized";
}

/// The schema of the job that is never started, and its path.
async fn schema(stage: &mut Stage) -> Result<(String, Json), Obstacle> {
    let path = format!("{}/schema", stage.job().await?);
    let read = stage.must(Side::Source, "GET", &path, None).await?;
    Ok((path, read.response))
}

async fn put(stage: &mut Stage, path: &str, document: Json) -> Result<Exchange, Obstacle> {
    let mut document = document;
    if let Some(members) = document.as_object_mut() {
        members.retain(|name, _| !name.starts_with("@odata."));
    }
    stage.ask(Side::Source, "PUT", path, Some(document)).await
}

async fn schema_by_put(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let (path, mut document) = schema(stage).await?;
    if let Some(members) = document.as_object_mut() {
        members.remove("directories");
    }
    let done = put(stage, &path, document).await?;
    judged(done.succeeded(), shown(&done))
}

async fn directories_in_schema(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let (path, mut document) = schema(stage).await?;
    if document["directories"].is_null() {
        let read = stage
            .get(Side::Source, &format!("{path}/directories"))
            .await?;
        document["directories"] = read.response["value"].clone();
    }
    let done = put(stage, &path, document).await?;
    judged(done.succeeded(), shown(&done))
}

async fn flow_type_of_user_type(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let (_, document) = schema(stage).await?;
    let parts = |of: &Json, name: &str| of[name].as_array().cloned().unwrap_or_default();
    let rules = parts(&document, "synchronizationRules").into_iter();
    let objects = rules.flat_map(|rule| parts(&rule, "objectMappings"));
    let mut mappings = objects.flat_map(|object| parts(&object, "attributeMappings"));
    let Some(mapping) = mappings.find(|mapping| mapping["targetAttributeName"] == "userType")
    else {
        return obstacle("the template does not map userType");
    };
    let flow = &mapping["flowType"];
    judged(*flow == json!("ObjectAddOnly"), format!("flow type {flow}"))
}

async fn mapping_of_groups(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let (_, document) = schema(stage).await?;
    let parts = |of: &Json, name: &str| of[name].as_array().cloned().unwrap_or_default();
    let name = "Provision Microsoft Entra ID Groups";
    for rule in parts(&document, "synchronizationRules") {
        let mut objects = parts(&rule, "objectMappings").into_iter();
        let Some(groups) = objects.find(|object| object["name"] == name) else {
            continue;
        };
        let mappings = parts(&groups, "attributeMappings");
        let targets: Vec<String> = mappings
            .iter()
            .map(|mapping| {
                format!(
                    "{}={}",
                    mapping["targetAttributeName"], mapping["matchingPriority"]
                )
            })
            .collect();
        let (source, target) = (&groups["sourceObjectName"], &groups["targetObjectName"]);
        let said = format!(
            "rule {}, {source} to {target}, enabled {}, {}, {}",
            rule["name"],
            groups["enabled"],
            groups["flowTypes"],
            targets.join(" ")
        );
        return judged(groups["enabled"] == false, said);
    }
    judged(false, format!("no mapping is called {name:?}"))
}

async fn names_of_operators(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let (path, _) = schema(stage).await?;
    let read = stage
        .get(Side::Source, &format!("{path}/filterOperators"))
        .await?;
    let operators = read.response["value"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let names: Vec<&str> = operators
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    let expected = [
        "ENDS_WITH",
        "Greater_Than",
        "Greater_Than_OR_EQUALS",
        "Includes",
        "&",
    ];
    let holds = expected.iter().all(|name| names.contains(name));
    judged(holds, format!("{} {}", shown(&read), names.join(", ")))
}

async fn parsed(stage: &mut Stage, expression: &str) -> Result<Exchange, Obstacle> {
    let (path, document) = schema(stage).await?;
    let first = |of: &Json, name: &str| of[name].get(0).cloned().unwrap_or_default();
    let rule = first(&document, "synchronizationRules");
    let mapping = first(&rule, "objectMappings");
    let source = rule["sourceDirectoryName"].clone();
    let directories = if let Some(directories) = document["directories"].as_array() {
        directories.clone()
    } else {
        let read = stage
            .get(Side::Source, &format!("{path}/directories"))
            .await?;
        read.response["value"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let directory = directories
        .iter()
        .find(|directory| directory["name"] == source);
    let objects = directory.and_then(|directory| directory["objects"].as_array());
    let object = objects.and_then(|objects| {
        objects
            .iter()
            .find(|object| object["name"] == mapping["sourceObjectName"])
    });
    let mut body = json!({ "expression": expression });
    if let Some(object) = object {
        body["targetAttributeDefinition"] =
            object["attributes"].get(0).cloned().unwrap_or_default();
    }
    stage
        .ask(
            Side::Source,
            "POST",
            &format!("{path}/parseExpression"),
            Some(body),
        )
        .await
}

async fn comparison_in_iif(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let read = parsed(stage, "IIF([department] = \"x\", \"a\", \"b\")").await?;
    let tree = &read.response["parsedExpression"];
    let condition = tree["parameters"].get(0).map(|first| &first["value"]);
    let stored = condition.map(|it| (it["type"] == "Function", it["name"] == "="));
    let text = condition.map(|it| format!("{} {}", it["type"], it["name"]));
    judged(
        stored == Some((true, true)),
        format!("{} {}", shown(&read), text.unwrap_or_default()),
    )
}

async fn mistake_in_expression(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let read = parsed(stage, "Join(").await?;
    let says_so = read.response["parsingSucceeded"] == json!(false);
    judged(read.succeeded() && says_so, shown(&read))
}

/// Tests whether Graph can parse all of these expressions.
async fn all_parsed(stage: &mut Stage, expressions: &[&str]) -> Result<Finding, Obstacle> {
    let mut holds = true;
    let mut all = Vec::new();
    for expression in expressions {
        let read = parsed(stage, expression).await?;
        let succeeded = read.response["parsingSucceeded"] == json!(true);
        holds &= succeeded;
        all.push(format!("{expression}: {} {succeeded}", shown(&read)));
    }
    judged(holds, all.join("; "))
}

async fn trim_and_len(stage: &mut Stage) -> Result<Finding, Obstacle> {
    all_parsed(stage, &["Trim([displayName])", "Len([displayName])"]).await
}

async fn short_replace(stage: &mut Stage) -> Result<Finding, Obstacle> {
    all_parsed(stage, &["Replace([mailNickname], \".\", , , \"\")"]).await
}
