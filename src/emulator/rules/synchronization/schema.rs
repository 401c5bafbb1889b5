//! The schema of a job, its directories, and the expressions of mappings.

use serde_json::{Value, json};

use super::{instance, job};
use crate::call::Call;
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, field, ruled};
use crate::reply::{Answer, Refusal, Reply};
use crate::sync::{expression, functions as evaluation, template, validation};

const PAIR: Kind = Kind::Object(&[field("key", Kind::Text), field("value", Kind::Any)]);
const PARSE: &[Field] = &[
    ruled("expression", Kind::Text, Access::Required),
    field(
        "testInputObject",
        Kind::Object(&[
            field("definition", Kind::Any),
            field("properties", Kind::List(&PAIR)),
        ]),
    ),
    field("targetAttributeDefinition", Kind::Any),
];

const FUNCTION: Entity = Entity {
    name: "attributeMappingFunctionSchema",
    properties: &["id", "name", "parameters"],
    usual: &[],
    directory: false,
};
const OPERATOR: Entity = Entity {
    name: "filterOperatorSchema",
    properties: &[
        "id",
        "name",
        "arity",
        "multivaluedComparisonType",
        "supportedAttributeTypes",
    ],
    usual: &[],
    directory: false,
};
const DIRECTORY: Entity = Entity {
    name: "directoryDefinition",
    properties: &[
        "id",
        "name",
        "version",
        "readOnly",
        "discoverabilities",
        "discoveryDateTime",
        "objects",
    ],
    usual: &[],
    directory: false,
};

fn context(call: &Call, rest: &str) -> String {
    format!(
        "servicePrincipals('{}')/synchronization/jobs('{}')/schema{rest}",
        call.arg(0),
        call.arg(1)
    )
}

/// Names of the extension attributes of the source tenant.
fn extensions(call: &Call) -> Vec<String> {
    let users = call.tenant().users.values().filter_map(Value::as_object);
    let mut names: Vec<String> = users
        .flat_map(|user| user.keys())
        .filter(|name| name.starts_with("extension_"))
        .cloned()
        .collect();
    names.sort();
    names.dedup();
    names
}

pub(crate) fn get_schema(call: &mut Call) -> Answer {
    let at = job(call)?;
    let mut schema = call.tenant().jobs[at].schema();
    schema["directories"] = Value::Array(template::directories(&extensions(call), None));
    odata::document(call, schema, &context(call, "/$entity"))
}

/// Storing a schema starts a full synchronization.
pub(crate) fn put_schema(call: &mut Call) -> Answer {
    let at = job(call)?;
    let present = call.tenant().jobs[at].schema();
    let schema = validation::accepted(call.body.as_ref().unwrap_or(&Value::Null), &present)?;
    let job = &mut call.tenant_mut().jobs[at];
    job.schema = Some(schema);
    job.full = true;
    Ok(Reply::no_content())
}

/// Restores the schema of the template.
pub(crate) fn reset_schema(call: &mut Call) -> Answer {
    let at = job(call)?;
    let job = &mut call.tenant_mut().jobs[at];
    job.schema = None;
    job.full = true;
    Ok(Reply::no_content())
}

pub(crate) fn directories(call: &mut Call) -> Answer {
    job(call)?;
    let directories = template::directories(&extensions(call), None);
    odata::list(
        call,
        directories.iter(),
        &DIRECTORY,
        &context(call, "/directories"),
    )
}

pub(crate) fn directory(call: &mut Call) -> Answer {
    job(call)?;
    find(call, None)
}

/// Reads the attributes of the directory again.
pub(crate) fn discover(call: &mut Call) -> Answer {
    job(call)?;
    call.optional_body(&[])?;
    let now = call.now();
    find(call, Some(&now))
}

fn find(call: &Call, discovered: Option<&str>) -> Answer {
    let directories = template::directories(&extensions(call), discovered);
    let found = directories
        .iter()
        .find(|directory| directory["id"] == *call.arg(2));
    let found = found.ok_or_else(|| Refusal::absent(call.arg(2)))?;
    odata::single(call, found, &DIRECTORY, &context(call, "/directories"))
}

/// Checks the job or template in the path; both have these paths.
fn either(call: &Call) -> Result<(), Refusal> {
    if call.path.contains("/templates/") {
        instance(call)?;
        return super::check_template(call.arg(1));
    }
    job(call).map(|_| ())
}

pub(crate) fn filter_operators(call: &mut Call) -> Answer {
    either(call)?;
    odata::list(
        call,
        template::operators().iter(),
        &OPERATOR,
        &context(call, "/filterOperators"),
    )
}

pub(crate) fn functions(call: &mut Call) -> Answer {
    either(call)?;
    odata::list(
        call,
        expression::described().iter(),
        &FUNCTION,
        &context(call, "/functions"),
    )
}

/// An invalid expression gives a 200 whose body contains the error (UNVERIFIED in a live tenant).
pub(crate) fn parse_expression(call: &mut Call) -> Answer {
    either(call)?;
    let body = call.body(PARSE, true)?;
    let text = body["expression"].as_str().unwrap_or_default();
    let mut answer = json!({
        "parsingSucceeded": false, "evaluationSucceeded": false, "evaluationResult": [], "parsedExpression": null, "error": null,
    });
    match expression::parse(text) {
        Err(why) => answer["error"] = json!({ "code": "ExpressionParsingFailed", "message": why }),
        Ok(source) => {
            answer["parsingSucceeded"] = json!(true);
            let properties = body
                .get("testInputObject")
                .map(|input| input["properties"].clone())
                .unwrap_or_default();
            let attribute = |name: &str| {
                let mut pairs = properties.as_array().into_iter().flatten();
                pairs
                    .find(|pair| pair["key"] == *name)
                    .map(|pair| pair["value"].clone())
                    .unwrap_or_default()
            };
            match evaluation::value(&source, &attribute) {
                Ok(value) => {
                    answer["evaluationSucceeded"] = json!(true);
                    answer["evaluationResult"] = results(value);
                }
                Err(why) => {
                    answer["error"] =
                        json!({ "code": "ExpressionEvaluationFailed", "message": why });
                }
            }
            answer["parsedExpression"] = source;
        }
    }
    odata::document(call, answer, "microsoft.graph.parseExpressionResponse")
}

fn results(value: Value) -> Value {
    let text = |value: Value| match value {
        Value::String(text) => json!(text),
        Value::Null => Value::Null,
        other => json!(other.to_string()),
    };
    match value {
        Value::Array(items) => items.into_iter().map(text).collect(),
        Value::Null => json!([]),
        single => json!([text(single)]),
    }
}
