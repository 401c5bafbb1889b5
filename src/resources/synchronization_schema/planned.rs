//! Computes the schema document after a planned change, for a preview.

use serde_json::Value as Json;

use super::SynchronizationSchema;
use super::merge::Step;
use super::reading::Read;
use terraform::{AttributeType as _, Value};

/// Returns the live document with the planned parts. `before` are the parts that were managed before; parts that are no longer managed are
/// kept, because the template is not available.
///
/// # Errors
///
/// If the attributes are not those of the resource, or do not match the document.
pub fn planned(live: &Json, after: &Json, before: &Json) -> Result<Json, String> {
    let model = |json: &Json| SynchronizationSchema::from_value(&value(json));
    let planned = model(after)?;
    let prior = if before.is_null() {
        None
    } else {
        Some(model(before)?)
    };
    let step = Step {
        planned: &planned,
        prior: prior.as_ref(),
        template: live,
    };
    let merged = step.merged(live, &Read::default());
    merged.map_err(|problem| format!("{}: {}", problem.summary, problem.detail))
}

/// Returns the live document with only the planned filters and operations of users.
pub(super) fn filtered(live: &Json, planned: &Value) -> Result<Json, String> {
    let names = [
        "service_principal_id",
        "job_id",
        "scoping_filters",
        "object_actions",
    ];
    let known = names.map(|name| (name.to_owned(), planned.member(name)));
    let known = known
        .into_iter()
        .filter(|(_, value)| value.is_wholly_known());
    let members = known.map(|(name, value)| (name, value.clone())).collect();
    let planned = SynchronizationSchema::from_value(&Value::Object(members))?;
    let step = Step {
        planned: &planned,
        prior: None,
        template: live,
    };
    let merged = step.merged(live, &Read::default());
    merged.map_err(|problem| format!("{}: {}", problem.summary, problem.detail))
}

/// Converts JSON of `show -json`; maps and objects are both read as objects.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => number.as_i64().map_or(Value::Null, Value::from),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .map(|(name, json)| (name.clone(), value(json)))
                    .collect(),
            )
        }
    }
}
