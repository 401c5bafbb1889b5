//! The imports and helpers of every resource's file.

pub use super::default_verbs::{found, in_version_of, model_of};
pub use super::resource::is_guid;
pub use super::{
    Calls, Change, Context, DataSource, Destroy, Export, Peer, Problem, Resource, Result, Task,
    export, json, peer,
};
pub use graph::{self, Resend};
pub use terraform::{
    AttributeType, Attributes, Check, Diagnostic, Diagnostics, Path, Set, Value, attributes,
    computed, default, default_value, key, optional, read_only, required,
};

/// Whether `found` has the values of `stored` in all attributes that can be sent.
pub fn shows<M: Attributes + AttributeType>(stored: &M, found: &M) -> bool {
    let attributes = M::attributes();
    json::agree(&attributes, &stored.to_value(), found.to_value())
}

/// Reads the model from Graph's response.
pub fn model<M: Attributes>(answer: &serde_json::Value) -> Result<M> {
    model_of(&json::read(&M::attributes(), answer)?)
}

/// Returns a string member of Graph's response if it exists and is not empty.
pub fn text(answer: &serde_json::Value, member: &str) -> Option<String> {
    answer[member]
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// Like [`text`], but a member of another type is an error, for members that decide whether an object exists.
pub fn only_text(answer: &serde_json::Value, member: &str) -> Result<Option<String>> {
    match &answer[member] {
        serde_json::Value::Null | serde_json::Value::String(_) => Ok(text(answer, member)),
        other => Err(json::UnexpectedShape {
            member: member.to_owned(),
            problem: format!("expected a text, got {other}"),
        }
        .into()),
    }
}

/// Reports an error unless exactly one of two attributes is set. An unknown attribute may turn out to be set or null.
pub fn exactly_one(config: &Value, [one, other]: [&str; 2], found: &mut Diagnostics) {
    if config.member(one).is_unknown() || config.member(other).is_unknown() {
        return;
    }
    let problem = match (config.member(one).is_null(), config.member(other).is_null()) {
        (true, true) => "neither is",
        (false, false) => "both are",
        _ => return,
    };
    let detail = format!("Exactly one of `{one}` and `{other}` must be set, but {problem}.");
    found.push(
        Diagnostic::error(format!("Set either `{one}` or `{other}`"), detail).at(Path::root(one)),
    );
}
