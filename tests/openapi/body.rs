//! Bodies of requests and of responses, both successes and refusals.

use serde_json::Value;

use super::Version;

const ERROR: &str = "microsoft.graph.ODataErrors.ODataError";

/// The violations in the body of a request, checked strictly.
pub(super) fn request(version: &Version, operation: &Value, body: &Value) -> Vec<String> {
    let declared = operation.get("requestBody").map(|it| version.resolve(it));
    let schema = declared.and_then(|holder| version.content(holder));
    match (declared, schema) {
        (Some(declared), _) if body.is_null() => {
            let missing = declared["required"] == true;
            missing
                .then(|| "request has no body, but must have one".to_owned())
                .into_iter()
                .collect()
        }
        (Some(_), Some(schema)) => placed("request", version.strict.errors(schema, body)),
        (None, _) if !body.is_null() => vec!["request has a body, but may have none".to_owned()],
        _ => Vec::new(),
    }
}

/// The violations in a response that is neither a refusal nor missing.
pub(super) fn success(
    version: &Version,
    operation: &Value,
    status: u64,
    body: &Value,
) -> Vec<String> {
    let Some(declared) = operation["responses"].get(status.to_string()) else {
        return vec![format!("answered {status}, which is not declared")];
    };
    match version.content(declared) {
        None if body.is_null() => Vec::new(),
        None => vec![format!("answered {status} with a body, but may have none")],
        Some(_) if body.is_null() => {
            vec![format!(
                "answered {status} without a body, but must have one"
            )]
        }
        Some(schema) => {
            let mut errors = version.lenient.errors(schema, body);
            errors.extend(derived(version, body));
            placed(&format!("{status} answer"), errors)
        }
    }
}

/// The violations in a refusal, which must have Graph's envelope with a code that is not empty.
pub(super) fn refusal(version: &Version, status: u64, body: &Value) -> Vec<String> {
    let mut errors = version.lenient.component_errors(ERROR, body);
    if body.pointer("/error/code").is_some_and(|code| code == "") {
        errors.push("/error/code: is empty".to_owned());
    }
    placed(&format!("{status} refusal"), errors)
}

/// Objects that name their type if the operation declares only a base type.
fn derived(version: &Version, body: &Value) -> Vec<String> {
    let items = body["value"].as_array().into_iter().flatten().enumerate();
    let items = items.map(|(at, item)| (format!("/value/{at}"), item));
    let mut all = Vec::new();
    for (place, object) in items.chain([(String::new(), body)]) {
        let Some(name) = object["@odata.type"].as_str() else {
            continue;
        };
        let name = name.trim_start_matches('#');
        let errors = version.lenient.component_errors(name, object);
        all.extend(errors.into_iter().map(|error| format!("{place}{error}")));
    }
    all
}

fn placed(what: &str, errors: Vec<String>) -> Vec<String> {
    errors
        .into_iter()
        .map(|error| format!("{what} {error}"))
        .collect()
}
