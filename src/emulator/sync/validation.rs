//! Validates the schema of a job.

use serde_json::Value;

use super::{expression, pattern, template};
use crate::properties::{self, Field, Intent, Kind, field};
use crate::reply::Refusal;

const SOURCE: &[Field] = &[
    field("expression", Kind::Text),
    field("name", Kind::Text),
    field("type", Kind::OneOf(&["Attribute", "Constant", "Function"])),
    field("parameters", Kind::List(&Kind::Any)),
];

const MAPPING: &[Field] = &[
    field("defaultValue", Kind::Text),
    field("exportMissingReferences", Kind::Bool),
    field(
        "flowBehavior",
        Kind::OneOf(&["FlowWhenChanged", "FlowAlways"]),
    ),
    field(
        "flowType",
        Kind::OneOf(&[
            "Always",
            "ObjectAddOnly",
            "MultiValueAddOnly",
            "ValueAddOnly",
            "AttributeAddOnly",
        ]),
    ),
    field("matchingPriority", Kind::Int),
    field("source", Kind::Object(SOURCE)),
    field("targetAttributeName", Kind::Text),
];

const CLAUSE: &[Field] = &[
    field("operatorName", Kind::Text),
    field("sourceOperandName", Kind::Text),
    field(
        "targetOperand",
        Kind::Object(&[field("values", Kind::List(&Kind::Text))]),
    ),
];

const GROUPS: Kind = Kind::List(&Kind::Object(&[
    field("clauses", Kind::List(&Kind::Object(CLAUSE))),
    field("name", Kind::Text),
]));

const PAIR: &[Field] = &[field("key", Kind::Text), field("value", Kind::Text)];

const OBJECT: &[Field] = &[
    field("enabled", Kind::Bool),
    field(
        "flowTypes",
        Kind::Flags(&["None", "Add", "Update", "Delete"]),
    ),
    field("metadata", Kind::List(&Kind::Object(PAIR))),
    field("name", Kind::Text),
    field("sourceObjectName", Kind::Text),
    field("targetObjectName", Kind::Text),
    field("attributeMappings", Kind::List(&Kind::Object(MAPPING))),
    field(
        "scope",
        Kind::Object(&[
            field("categoryFilterGroups", GROUPS),
            field("groups", GROUPS),
            field("inputFilterGroups", GROUPS),
        ]),
    ),
];

const RULE: &[Field] = &[
    field("containerFilter", Kind::Any),
    field("editable", Kind::Bool),
    field("groupFilter", Kind::Any),
    field("id", Kind::Text),
    field("name", Kind::Text),
    field("priority", Kind::Int),
    field("sourceDirectoryName", Kind::Text),
    field("targetDirectoryName", Kind::Text),
    field("metadata", Kind::List(&Kind::Object(PAIR))),
    field("objectMappings", Kind::List(&Kind::Object(OBJECT))),
];

const SCHEMA: &[Field] = &[
    field("id", Kind::Text),
    field("version", Kind::Text),
    field("synchronizationRules", Kind::List(&Kind::Object(RULE))),
    field("directories", Kind::List(&Kind::Any)),
];

/// The code is documented; its status is UNVERIFIED.
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "schemaInvalid", message)
}

/// The schema to store: the body with parsed expressions and without annotations.
pub(crate) fn accepted(body: &Value, present: &Value) -> Result<Value, Refusal> {
    properties::check(
        body,
        SCHEMA,
        Intent {
            creating: false,
            beta: true,
        },
    )?;
    let mut schema = body.clone();
    if let Some(members) = schema.as_object_mut() {
        members.retain(|name, _| !name.contains('@') && name != "directories");
        members.insert("id".to_owned(), present["id"].clone());
        members
            .entry("version")
            .or_insert_with(|| present["version"].clone());
    }
    let rules = schema["synchronizationRules"]
        .as_array_mut()
        .filter(|rules| !rules.is_empty());
    let rules = rules.ok_or_else(|| invalid("The schema has no synchronization rule."))?;
    for (at, rule) in rules.iter_mut().enumerate() {
        let before = &present["synchronizationRules"][at];
        if rule["id"] != before["id"] || rule["name"] != before["name"] {
            return Err(invalid(
                "Synchronization rules can't be added, removed or renamed.",
            ));
        }
        let mappings = rule["objectMappings"]
            .as_array_mut()
            .ok_or_else(|| invalid("The rule has no object mappings."))?;
        for mapping in mappings {
            match mapping["sourceObjectName"].as_str() {
                Some("User") => object(mapping, &USERS)?,
                Some("Group") => object(mapping, &GROUP)?,
                _ => {}
            }
        }
    }
    Ok(schema)
}

/// The fixed part of the mapping of one object type: its matching attribute and the attribute that is compared with it.
struct Matching {
    kind: &'static str,
    target: &'static str,
    source: &'static str,
}

const USERS: Matching = Matching {
    kind: "User",
    target: "alternativeSecurityIds",
    source: "AltSecIdFromNetId",
};

const GROUP: Matching = Matching {
    kind: "Group",
    target: template::GROUP_ORIGIN,
    source: "objectId",
};

/// Validates the mapping of users or groups: one matching attribute, known attributes, and existing operators.
fn object(object: &mut Value, fixed: &Matching) -> Result<(), Refusal> {
    let mut matching = 0;
    let mappings = object["attributeMappings"].as_array_mut();
    for mapping in mappings.into_iter().flatten() {
        let target = mapping["targetAttributeName"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if matches!(target.as_str(), "proxyAddresses" | "otherMails")
            || !template::is_target_of(fixed.kind, &target)
        {
            return Err(invalid(format!(
                "The attribute '{target}' can't be a target attribute."
            )));
        }
        let is_matching = mapping["matchingPriority"].as_i64().unwrap_or(0) > 0;
        matching += usize::from(is_matching);
        if is_matching != (target == fixed.target)
            || (is_matching && mapping["source"]["name"] != fixed.source)
        {
            return Err(invalid(
                "Matching attributes can't be changed or added for cross-tenant synchronization.",
            ));
        }
        source(&target, &mut mapping["source"], fixed.kind)?;
        if target == "members" && mapping["source"]["name"] != "members" {
            return Err(invalid("Members can be mapped from members only."));
        }
    }
    if matching != 1 {
        return Err(invalid(format!(
            "The matching attribute {} must be mapped exactly once.",
            fixed.target
        )));
    }
    let groups = object["scope"]["groups"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    groups
        .iter()
        .flat_map(|group| group["clauses"].as_array().cloned().unwrap_or_default())
        .try_for_each(|clause| filter(&clause, fixed.kind))
}

/// Validates and completes a source. That the service accepts bare expressions is UNVERIFIED.
fn source(target: &str, source: &mut Value, kind: &str) -> Result<(), Refusal> {
    // A mapping of the type "None" can only have a default.
    if source.is_null() {
        return Ok(());
    }
    if source["type"] == "Function" && source["parameters"].as_array().is_none_or(Vec::is_empty) {
        let text = source["expression"].as_str().unwrap_or_default();
        *source = expression::parse(text).map_err(|why| {
            invalid(format!(
                "The expression of '{target}' is not understood. {why}"
            ))
        })?;
    }
    if let Some(object) = source.as_object_mut() {
        object
            .entry("parameters")
            .or_insert_with(|| Value::Array(Vec::new()));
    }
    known(source, kind)
}

fn known(source: &Value, kind: &str) -> Result<(), Refusal> {
    let name = source["name"].as_str().unwrap_or_default();
    if source["type"] == "Attribute" && !template::is_source_of(kind, name) {
        return Err(invalid(format!(
            "The attribute '{name}' can't be a source attribute."
        )));
    }
    let parameters = source["parameters"].as_array().into_iter().flatten();
    parameters
        .map(|parameter| &parameter["value"])
        .try_for_each(|value| known(value, kind))
}

fn filter(clause: &Value, kind: &str) -> Result<(), Refusal> {
    let name = clause["sourceOperandName"].as_str().unwrap_or_default();
    if !template::is_operand_of(kind, name) {
        return Err(invalid(format!(
            "The attribute '{name}' can't be used in a scoping filter."
        )));
    }
    let operator = clause["operatorName"].as_str().unwrap_or_default();
    let Some((_, binary)) = template::OPERATORS
        .iter()
        .find(|(known, _)| *known == operator)
    else {
        return Err(invalid(format!(
            "The operator '{operator}' is not supported."
        )));
    };
    let values = clause["targetOperand"]["values"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if *binary && values.is_empty() {
        return Err(invalid(format!("The operator '{operator}' needs a value.")));
    }
    if operator.ends_with("REGEX MATCH")
        && !values
            .iter()
            .filter_map(Value::as_str)
            .all(pattern::is_valid)
    {
        return Err(invalid("The regular expression is not valid."));
    }
    Ok(())
}
