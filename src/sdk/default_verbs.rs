//! The default verbs of a resource: one GET, one PATCH, and the configured behavior at the end of the object's life.
//!
//! [`Resource`] calls these functions unless a resource overrides a verb. They call hooks that are smaller than a verb:
//! [`Resource::path_for`], [`Resource::body`] and [`Resource::found`].

use serde_json::Value as Json;

use super::resource::is_guid;
use super::{Context, Problem, Resource, Result, json, settings};
use graph::Resend;
use terraform::{Attribute, Attributes, Object, Value};

/// The effect of destroying a resource on its object.
#[derive(Clone, Copy)]
pub enum Destroy {
    /// Deletes the object: DELETE of its path.
    Delete,
    /// Resets settings that cannot be deleted: PATCH with these members, which are Microsoft's defaults.
    Reset(fn() -> Json),
    /// Resets settings that cannot be deleted: POST to this path.
    Post(&'static str),
    /// Keeps the object as it is.
    Keep,
}

/// Returns the path of `model` for a request with these members in its body; null stands for a read.
pub(crate) fn path<R: Resource>(model: &R, body: &Json) -> String {
    in_version_of::<R>(fill(R::PATH, &model.to_object()), body)
}

/// Returns `path` in beta if the body has properties of `R` that exist only in beta, or if no property of `R` is in v1.0.
pub fn in_version_of<R: Resource>(path: String, body: &Json) -> String {
    let attributes = R::attributes();
    let (beta, v1): (Vec<_>, Vec<_>) = attributes
        .iter()
        .filter(|it| json::is_sent(it) && !is_key(it))
        .partition(|it| it.rules.beta);
    let is_in_body = |it: &&Attribute| body.get(it.json_name()).is_some();
    if beta.iter().any(is_in_body) || (v1.is_empty() && !beta.is_empty()) {
        graph::beta(&path)
    } else {
        path
    }
}

/// Returns `template` with the attribute names in braces replaced by their values in `members`.
pub(crate) fn fill(template: &str, members: &Object) -> String {
    let mut parts = template.split('{');
    let mut path = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        let value = members.get(name).and_then(Value::as_str);
        let value = value.unwrap_or_default();
        // Graph stores tenant IDs and object IDs in lower case. Other keys, such as the ID of a job, keep theirs.
        path += &if is_guid(value) {
            value.to_lowercase()
        } else {
            graph::segment(value)
        };
        path += rest;
    }
    path
}

/// Adopts settings that every tenant has exactly once, and writes the configured values.
///
/// They are written even if they seem to have these values already, because a replica may return an old value. They are read first only if
/// there are optional attributes, so that no value is reset that the plan does not show.
pub(crate) async fn create<R: Resource>(
    context: &Context,
    planned: &R,
    state: &mut Option<R>,
) -> Result {
    let (attributes, after) = (R::attributes(), planned.to_object());
    let after = Value::Object(after);
    let mut body = json::body(&attributes, &after);
    if attributes.iter().any(settings::may_be_lost) {
        let path = planned.path();
        let answer = settings::present(context, &path).await?;
        let live = planned.found(&answer)?.unwrap_or_else(|| planned.clone());
        settings::nothing_lost(context, planned, &live)?;
        let set = body;
        body = changes(&attributes, &live, planned);
        json::add(&mut body, &json::everything(&attributes, &after), &set);
    }
    R::body(&mut body);
    if has_members(&body) {
        settings::write(context, &planned.path_for(&body), &body).await?;
    }
    *state = Some(planned.clone());
    Ok(())
}

/// Reads the object at its path.
pub(crate) async fn read<R: Resource>(context: &Context, state: &R) -> Result<Option<R>> {
    match settings::read(context, &state.path()).await? {
        Some(answer) => state.found(&answer),
        None => Ok(None),
    }
}

/// Writes the members that differ, if any.
pub(crate) async fn update<R: Resource>(context: &Context, planned: &R, state: &mut R) -> Result {
    let mut body = changes(&R::attributes(), state, planned);
    R::body(&mut body);
    if has_members(&body) {
        context.graph.patch(&planned.path_for(&body), &body).await?;
    }
    *state = planned.clone();
    Ok(())
}

/// Performs [`Resource::DESTROY`].
pub(crate) async fn delete<R: Resource>(context: &Context, state: &R) -> Result {
    let graph = &context.graph;
    match R::DESTROY {
        Destroy::Delete => {
            graph.delete(&state.path()).await?;
        }
        Destroy::Reset(default) => {
            let body = default();
            graph.patch(&state.path_for(&body), &body).await?;
        }
        Destroy::Post(path) => {
            graph.post(path, &Json::Null, Resend::Safe).await?;
        }
        Destroy::Keep => {}
    }
    Ok(())
}

/// Returns the object in a response, with the key of `stored`, which Graph may spell differently or omit. Attributes that exist only in
/// beta and are missing in the response keep their values of `stored`.
pub fn found<R: Resource>(stored: &R, answer: &Json) -> Result<R> {
    let attributes = R::attributes();
    let mut found = json::read(&attributes, answer)?;
    let stored = stored.to_object();
    let is_kept =
        |it: &&Attribute| is_key(it) || (it.rules.beta && answer.get(it.json_name()).is_none());
    for kept in attributes.iter().filter(is_kept) {
        let value = stored.get(kept.name).cloned().unwrap_or_default();
        found.set_member(kept.name, value);
    }
    model_of(&found)
}

/// Converts what was read from a response to the model.
pub fn model_of<M: Attributes>(found: &Value) -> Result<M> {
    let empty = Object::new();
    M::from_object(found.as_object().unwrap_or(&empty))
        .map_err(|problem| Problem::error("Unexpected response from Microsoft Graph", problem))
}

fn has_members(body: &Json) -> bool {
    body.as_object().is_some_and(|members| !members.is_empty())
}

fn is_key(attribute: &Attribute) -> bool {
    attribute.rules.required && attribute.rules.replaces
}

/// Returns the body that turns `prior` into `planned`. An attribute that is no longer configured gets the value that omitting it stands
/// for: null, or its neutral value.
fn changes<R: Resource>(attributes: &[Attribute], prior: &R, planned: &R) -> Json {
    let prior = Value::Object(prior.to_object());
    let mut planned = planned.to_object();
    for attribute in attributes {
        let neutral = attribute.rules.neutral.as_ref();
        if let (Some(neutral), Some(value)) = (neutral, planned.get_mut(attribute.name))
            && value.is_null()
            && !prior.member(attribute.name).is_null()
        {
            *value = neutral.clone();
        }
    }
    json::changes(attributes, &prior, &Value::Object(planned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::prelude::*;
    use super::Destroy;
    use graph::testing::{Script, empty, reply};

    attributes! {
        /// An object with a property that only beta has.
        pub struct Thing {
            /// The key.
            thing_id: String = key().named("id"),
            /// A property with a value that means the same as omitting it.
            level: Option<String> = optional().observed().neutral("low"),
            /// A property of beta.
            flag: Option<bool> = optional().observed().beta(),
        }
    }

    impl Resource for Thing {
        const NAME: &'static str = "thing";
        const TASK: Task = Task::Policies;
        const EXPORT: Export = Export::No("it is a test");
        const PATH: &'static str = "/things/{thing_id}/part";
        const DESTROY: Destroy = Destroy::Reset(|| json!({ "level": "low" }));
    }

    fn thing(level: Option<&str>, flag: Option<bool>) -> Thing {
        Thing {
            thing_id: "A B".to_owned(),
            level: level.map(str::to_owned),
            flag,
        }
    }

    #[test]
    fn the_path_is_in_beta_only_for_a_body_with_properties_of_beta() {
        const GUID: &str = "AAAAAAAA-0000-4000-8000-000000000001";
        let thing = thing(None, None);
        assert_eq!(thing.path(), "/things/A%20B/part");
        let thing_id = GUID.to_owned();
        let by_guid = Thing {
            thing_id,
            ..thing.clone()
        };
        assert_eq!(
            by_guid.path(),
            format!("/things/{}/part", GUID.to_lowercase())
        );
        assert_eq!(thing.path_for(&json!({ "level": "high" })), thing.path());
        let beta = graph::beta(&thing.path());
        assert_eq!(thing.path_for(&json!({ "flag": true })), beta);
    }

    #[test]
    fn the_key_and_what_the_answer_cannot_know_stay() {
        let stored = thing(Some("high"), Some(true));
        let read = |answer| stored.found(&answer).unwrap().unwrap();
        let v1 = read(json!({ "id": "a b", "level": null }));
        assert_eq!(v1, thing(None, Some(true)));
        let beta = read(json!({ "id": "a b", "level": null, "flag": null }));
        assert_eq!(beta, thing(None, None));
    }

    #[tokio::test]
    async fn only_what_differs_is_written_and_omitting_writes_the_neutral_value() {
        let script = Script::new(|_| empty(204));
        let context = Context::new(script.client());
        let mut state = thing(Some("high"), None);
        for planned in [thing(None, None), thing(None, None)] {
            Thing::update(&context, &planned, &mut state).await.unwrap();
            assert_eq!(state, planned);
        }
        Thing::delete(&context, &state).await.unwrap();
        let bodies: Vec<_> = script.sent().into_iter().map(|sent| sent.body).collect();
        assert_eq!(
            bodies,
            [json!({ "level": "low" }), json!({ "level": "low" })]
        );
    }

    #[tokio::test]
    async fn settings_are_adopted_without_a_look_if_nothing_can_be_lost() {
        let script = Script::of([
            empty(204),
            reply(200, &json!({ "id": "a b", "level": "high" })),
        ]);
        let context = Context::new(script.client());
        let mut state = None;
        let planned = thing(Some("high"), None);
        Thing::create(&context, &planned, &mut state).await.unwrap();
        let found = Thing::read(&context, &state.unwrap()).await.unwrap();
        assert_eq!(found, Some(planned));
        let calls = [
            "PATCH /v1.0/things/A%20B/part",
            "GET /v1.0/things/A%20B/part",
        ];
        assert_eq!(script.calls(), calls);
    }
}
