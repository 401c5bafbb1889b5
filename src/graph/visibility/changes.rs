//! The effect of a write, derived from its method, path and response.

use reqwest::Method;

use super::{Change, plain};
use crate::Json;
use crate::path::segment;

/// Returns the effects of a successful write, and the objects they apply to.
pub(crate) fn changes(method: &Method, path: &str, answer: &Json) -> Vec<(String, Change)> {
    let plain = plain(path);
    let last = plain.rsplit('/').next().unwrap_or_default();
    let above = || {
        plain
            .rsplit_once('/')
            .map_or("", |(above, _)| above)
            .to_owned()
    };
    match *method {
        Method::PUT => vec![(plain, Change::Created)],
        Method::PATCH => vec![(plain, Change::Changed)],
        // Deleting a schema resets it to its template.
        Method::DELETE if last == "schema" => vec![(plain, Change::Changed)],
        Method::DELETE => vec![(plain, Change::Deleted)],
        Method::POST
            if matches!(
                last,
                "validatecredentials" | "provisionondemand" | "$batch" | "parseexpression"
            ) =>
        {
            Vec::new()
        }
        Method::POST if last == "restore" => {
            let user = above().replacen("/directory/deleteditems/", "/users/", 1);
            vec![(above(), Change::Deleted), (user, Change::Created)]
        }
        Method::POST
            if answer["servicePrincipal"].is_object() || answer["application"].is_object() =>
        {
            instantiated(answer)
        }
        Method::POST => match created_id(&plain, answer) {
            Some(id) => vec![(format!("{plain}/{id}"), Change::Created)],
            None => vec![(above(), Change::Changed)],
        },
        _ => Vec::new(),
    }
}

/// Returns the two objects that were created from an application template.
fn instantiated(answer: &Json) -> Vec<(String, Change)> {
    let parts = [
        ("application", "/applications"),
        ("servicePrincipal", "/serviceprincipals"),
    ];
    let mut made = Vec::new();
    for (part, collection) in parts {
        // Calls may use this alternate key, although listings do not contain it.
        let other = |id: String| format!("{collection}(appid='{id}')");
        let addresses = [
            id_in(&answer[part], "id").map(|id| format!("{collection}/{id}")),
            id_in(&answer[part], "appId").map(other),
        ];
        made.extend(
            addresses
                .into_iter()
                .flatten()
                .map(|path| (path, Change::Created)),
        );
    }
    made
}

/// Returns the ID of the object that a POST to `collection` created.
fn created_id(collection: &str, answer: &Json) -> Option<String> {
    let is_by_tenant = collection.ends_with("/partners") || collection.ends_with("/tenants");
    let name = if is_by_tenant { "tenantId" } else { "id" };
    id_in(answer, name)
}

fn id_in(answer: &Json, name: &str) -> Option<String> {
    let id = answer[name].as_str().filter(|id| !id.is_empty())?;
    Some(segment(id).to_ascii_lowercase())
}
