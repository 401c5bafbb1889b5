//! The schema document as it will be once a plan is applied, for a preview.

use serde_json::Value as Json;

use super::SynchronizationSchema;
use super::merge::Step;
use super::reading::Read;
use terraform::{AttributeType as _, Value};

/// The live document with what a plan manages in it. `before` is what was managed until then; what is no longer managed stays
/// as it is, because the template is not at hand.
///
/// # Errors
///
/// Where the attributes are not those of the resource, or do not fit the document.
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

/// The live document with the filters of users and what may happen to them as planned, and nothing else.
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

/// JSON of `show -json`; maps and objects are both read as objects.
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
