//! The subject of provisioning on demand: a user, or a group with some of its members. Also its messages.

use serde_json::{Value as Json, json};

use super::ProvisionOnDemand;
use super::answer::Answer;
use sdk::prelude::*;

/// The maximum number of members of a group in one request.
const MEMBERS: usize = 5;

/// The subject of the request.
pub(super) enum Subject {
    User(String),
    Group(String, Vec<String>),
}

/// Checks the subject in a configuration. Unknown values are allowed.
pub(crate) fn check(config: &Value, found: &mut Diagnostics) {
    exactly_one(config, ["user_object_id", "group_object_id"], found);
    let group = config.member("group_object_id");
    let members = config.member("member_object_ids");
    if members.is_null() {
        return;
    }
    let at = Path::root("member_object_ids");
    if group.is_null() {
        let detail = "Members are provisioned together with their group. Set `group_object_id`, or remove `member_object_ids`.";
        let problem = Diagnostic::error("`member_object_ids` needs `group_object_id`", detail);
        found.push(problem.at(at.clone()));
    }
    let ids = members.as_elements().unwrap_or_default();
    if ids.len() > MEMBERS {
        let detail = format!(
            "Graph provisions at most {MEMBERS} members together with a group, and {} are set. Wait for the next cycle \
            of the job to provision the others, or use another `crosstenant_provision_on_demand` for them.",
            ids.len()
        );
        let problem = Diagnostic::error("Too many members for one request", detail);
        found.push(problem.at(at.clone()));
    }
    let wrong = ids.iter().filter_map(Value::as_str).find(|id| !is_guid(id));
    if let Some(id) = wrong {
        let detail = format!("{id:?} is not an object ID, which is a GUID.");
        found.push(Diagnostic::error("Invalid object ID of a member", detail).at(at));
    }
}

impl ProvisionOnDemand {
    pub(super) fn subject(&self) -> Result<Subject> {
        let members = self.member_object_ids.clone().map(|Set(ids)| ids);
        match (&self.user_object_id, &self.group_object_id) {
            (Some(user), None) => Ok(Subject::User(user.clone())),
            (None, Some(group)) => Ok(Subject::Group(group.clone(), members.unwrap_or_default())),
            _ => Err(Problem::at(
                "user_object_id",
                "One user or one group is required",
                "Exactly one of `user_object_id` and `group_object_id` must be set.",
            )),
        }
    }
}

impl Subject {
    pub(super) fn is_group(&self) -> bool {
        matches!(self, Self::Group(..))
    }

    /// Returns the type in Graph's spelling.
    pub(super) fn type_name(&self) -> &'static str {
        if self.is_group() { "Group" } else { "User" }
    }

    fn attribute(&self) -> &'static str {
        if self.is_group() {
            "group_object_id"
        } else {
            "user_object_id"
        }
    }

    fn id(&self) -> &str {
        match self {
            Self::User(id) | Self::Group(id, _) => id,
        }
    }

    /// Returns the subject in the format of Graph's request.
    pub(super) fn body(&self) -> Json {
        let one = |id: &String, kind: &str| json!({ "objectId": id, "objectTypeName": kind });
        match self {
            Self::User(id) => one(id, "User"),
            Self::Group(id, members) => {
                let mut members = members.clone();
                members.sort();
                let members: Vec<Json> = members.iter().map(|id| one(id, "User")).collect();
                let mut group = one(id, "Group");
                group["links"] = json!({ "members": members });
                group
            }
        }
    }

    /// Returns the error of a refused request. Microsoft's documentation about groups is contradictory.
    pub(super) fn refused(&self, error: graph::Error) -> Problem {
        if !self.is_group() || error.status() != Some(400) {
            return error.into();
        }
        let detail = format!(
            "Group {} could not be provisioned on demand: {error}\n\nMicrosoft's documentation contradicts itself: its page about \
             on-demand provisioning says that groups are not supported in cross-tenant synchronization, and says elsewhere that a \
             group can be provisioned with up to five members. If the service refuses groups in this tenant, remove this \
             resource: the next cycle of the job provisions the group, within about 40 minutes.",
            self.id()
        );
        Problem::at("group_object_id", "The service refused the group", detail)
    }

    pub(super) fn odd(&self, what: &str, json: &Json) -> Problem {
        let start: String = json.to_string().chars().take(500).collect();
        Problem::error(
            "The response to provisioning on demand cannot be read",
            format!(
                "{what}. {} {} may have been provisioned. The response begins with: {start}",
                self.type_name(),
                self.id()
            ),
        )
    }

    pub(super) fn skipped(&self, context: &Context, answer: &Answer) -> Problem {
        let reason = answer.skip_reason.as_deref().unwrap_or("no reason given");
        let mut meaning = answer.meaning();
        if !answer.is_entitled() {
            meaning.push_str(
                " The service can take minutes to see a new assignment: see `wait_for_assignment`.",
            );
        }
        let kind = self.type_name();
        Problem::at(
            self.attribute(),
            format!("The {} was skipped", kind.to_lowercase()),
            format!(
                "{kind} {} of tenant {} was not provisioned: {reason}.{meaning}\n\n{}\n\nTo continue without an error, \
                set `fail_on_skip = false`.",
                self.id(),
                context.tenant_id(),
                answer.told()
            ),
        )
    }

    pub(super) fn failed(&self, context: &Context, answer: &Answer) -> Problem {
        let code = answer.error_code.as_deref().unwrap_or("no error code");
        let message = answer.error_message.as_deref().unwrap_or("no message");
        let meaning = answer.meaning();
        let kind = self.type_name();
        Problem::at(
            self.attribute(),
            format!("The {} could not be provisioned", kind.to_lowercase()),
            format!(
                "{kind} {} of tenant {}: {code}: {message}.{meaning}\n\n{}",
                self.id(),
                context.tenant_id(),
                answer.told()
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "a1000000-0000-4000-8000-000000000001";

    fn said(user: Option<&str>, group: Option<&str>, members: Option<Vec<&str>>) -> Vec<String> {
        let of = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        let members = members.map_or(Value::Null, |ids| {
            Value::set(ids.into_iter().map(Value::from).collect())
        });
        let config = Value::Object(
            [
                ("user_object_id".to_owned(), of(user)),
                ("group_object_id".to_owned(), of(group)),
                ("member_object_ids".to_owned(), members),
            ]
            .into(),
        );
        let mut found = Diagnostics::new();
        check(&config, &mut found);
        found.into_iter().map(|it| it.summary).collect()
    }

    #[test]
    fn one_user_or_one_group_with_five_members() {
        let required = "Set either `user_object_id` or `group_object_id`";
        assert_eq!(said(None, None, None), [required]);
        assert_eq!(said(Some(ONE), Some(ONE), None), [required]);
        assert_eq!(
            said(Some(ONE), None, Some(vec![ONE])),
            ["`member_object_ids` needs `group_object_id`"]
        );
        let many: Vec<String> = (0..6)
            .map(|n| format!("a1000000-0000-4000-8000-00000000000{n}"))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(
            said(None, Some(ONE), Some(many.clone())),
            ["Too many members for one request"]
        );
        assert_eq!(
            said(None, Some(ONE), Some(vec!["x"])),
            ["Invalid object ID of a member"]
        );
        assert!(said(None, Some(ONE), Some(many[..5].to_vec())).is_empty());
        assert!(said(Some(ONE), None, None).is_empty());
    }

    #[test]
    fn a_group_is_sent_with_its_members() {
        let group = Subject::Group("g".to_owned(), vec!["b".to_owned(), "a".to_owned()]);
        let member = |id: &str| json!({ "objectId": id, "objectTypeName": "User" });
        assert_eq!(
            group.body(),
            json!({ "objectId": "g", "objectTypeName": "Group", "links": { "members": [member("a"), member("b")] } })
        );
        assert_eq!(Subject::User("u".to_owned()).body(), member("u"));
    }
}
