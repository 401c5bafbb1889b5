//! Shared code for settings that every tenant has exactly once: they are never created or deleted.
//!
//! They have no ID of their own: they are imported by the ID of their tenant, and the read that follows checks that it is the provider's.
//! They are adopted as they are. Configured values are written; omitted values are never reset without showing in a plan.

use serde_json::Value as Json;

use super::prelude::*;
use terraform::Attribute;

/// Reads settings; `None` if Graph has none.
pub async fn read(context: &Context, path: &str) -> Result<Option<Json>> {
    Ok(context.graph.get(path).await?.map(unwrapped))
}

/// Returns the settings in a response: documented samples wrap some of them in `value`, as an object or as the only element of a list.
fn unwrapped(mut answer: Json) -> Json {
    let is_wrapper = answer.as_object().is_some_and(|members| {
        let mut names = members.keys().filter(|name| !name.starts_with("@odata."));
        names.all(|name| name == "value")
    });
    if !is_wrapper {
        return answer;
    }
    match answer["value"].take() {
        Json::Array(mut only) if only.len() == 1 => only.remove(0),
        settings @ Json::Object(_) => settings,
        other => {
            answer["value"] = other;
            answer
        }
    }
}

/// Reads settings that always exist.
pub async fn present(context: &Context, path: &str) -> Result<Json> {
    let found = read(context, path).await?;
    found.ok_or_else(|| absent(context, path))
}

/// Writes settings for the first time. They are not read first: a replica may return an outdated value, so only the response to the write
/// counts.
pub async fn write(context: &Context, path: &str, body: &Json) -> Result {
    // Settings are never created, so there is no replication lag to wait for if they do not exist.
    let graph = context.clone().impatient().graph;
    match graph.patch(path, body).await {
        Err(error) if error.is_not_found() => Err(absent(context, path)),
        result => Ok(result?),
    }
}

fn absent(context: &Context, path: &str) -> Problem {
    Problem::error(
        "The tenant does not have these settings",
        format!(
            "Microsoft Graph did not find {path} in tenant {}. Some settings do not exist in national clouds.",
            context.tenant_id()
        ),
    )
}

/// Whether adopting settings could reset this attribute without showing in the plan: it may be omitted, and is neither kept nor local.
pub fn may_be_lost(attribute: &Attribute) -> bool {
    let rules = &attribute.rules;
    rules.optional && !rules.local && !rules.observed
}

/// Refuses to adopt settings if some are set in `live` and omitted in `planned`: the plan does not show that they would be reset.
pub fn nothing_lost<R: Resource>(context: &Context, planned: &R, live: &R) -> Result {
    let (planned, live) = (Value::Object(planned.to_object()), live.to_object());
    let lost: Vec<String> = R::attributes()
        .iter()
        .filter(|attribute| may_be_lost(attribute))
        .filter(|attribute| planned.member(attribute.name).is_null())
        .filter(|attribute| {
            live.get(attribute.name)
                .is_some_and(|value| !value.is_null())
        })
        .map(|attribute| format!("`{}`", attribute.name))
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    let (type_name, tenant_id) = (
        format!("{}_{}", super::PREFIX, R::NAME),
        context.tenant_id(),
    );
    Err(Problem::error(
        "Settings that the configuration omits would be reset",
        format!(
            "In tenant {tenant_id}, {} is already set, and the configuration omits it. Nothing was changed. Add it to \
            the configuration, or import the existing settings, so that the plan shows what would be reset:\n\n  \
            import {{\n    to = {type_name}.NAME\n    id = {tenant_id:?}\n  }}\n",
            lost.join(", ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use graph::testing::{Script, refuse};

    #[tokio::test(start_paused = true)]
    async fn settings_that_a_cloud_does_not_have_are_reported_by_the_first_answer() {
        let script = Script::of([refuse(404, "Request_ResourceNotFound")]);
        let context = Context::new(script.client());
        let problem = write(&context, "/policies/none", &json!({ "a": 1 })).await;
        let said = problem.unwrap_err().into_diagnostic("create", "t");
        assert_eq!(said.summary, "The tenant does not have these settings");
        assert_eq!(script.calls(), ["PATCH /v1.0/policies/none"]);
    }

    #[test]
    fn settings_are_taken_out_of_their_wrapping() {
        let settings = json!({ "allowInvitesFrom": "none" });
        for answer in [
            settings.clone(),
            json!({ "value": settings }),
            json!({ "@odata.context": "c", "value": settings }),
            json!({ "value": [settings] }),
        ] {
            assert_eq!(unwrapped(answer.clone()), settings, "{answer}");
        }
        for whole in [
            json!({ "id": "1", "value": settings }),
            json!({ "value": [] }),
            json!({ "value": null }),
        ] {
            let kept = unwrapped(whole.clone());
            assert_eq!(kept, whole);
        }
    }
}
