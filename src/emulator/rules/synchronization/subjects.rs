//! The subjects of provisioning on demand: a user, or a group with some of its members.

use serde_json::Value;

use crate::call::Call;
use crate::properties::{Field, Kind, field};
use crate::reply::Refusal;
use crate::sync::demand::Subject;

const MEMBER: &[Field] = &[
    field("objectId", Kind::Text),
    field("objectTypeName", Kind::Text),
    field("links", Kind::Any),
];

const LINKS: &[Field] = &[
    field("members", Kind::List(&Kind::Object(MEMBER))),
    // Part of the type but not documented on any page, so it is refused.
    field("owners", Kind::Any),
    field("manager", Kind::Any),
];

/// The body as Microsoft describes it.
pub(super) const SUBJECT: &[Field] = &[
    field("objectId", Kind::Text),
    field("objectTypeName", Kind::Text),
    field("links", Kind::Object(LINKS)),
];

/// The maximum number of members of a group in one request.
const MEMBERS: usize = 5;

/// Checks a subject. Its rule must be the one that contains the mapping of its type.
pub(super) fn checked(
    call: &Call,
    at: usize,
    parameter: &Value,
    subject: &Value,
) -> Result<Subject, Refusal> {
    let kind = subject["objectTypeName"].as_str().unwrap_or_default();
    let schema = call.tenant().jobs[at].schema();
    let mut rules = schema["synchronizationRules"]
        .as_array()
        .into_iter()
        .flatten();
    let rule = rules.find(|rule| rule["id"] == parameter["ruleId"] && rule["id"].is_string());
    let Some(rule) = rule else {
        return Err(Refusal::bad(
            "The rule does not exist in the schema of the job.",
        ));
    };
    let mut mappings = rule["objectMappings"].as_array().into_iter().flatten();
    let is_mapped = mappings.any(|mapping| mapping["sourceObjectName"] == *kind);
    let id = |object: &Value| {
        object["objectId"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase()
    };
    let known = |id: &str, in_users: bool| {
        let tenant = call.tenant();
        let objects = if in_users {
            &tenant.users
        } else {
            &tenant.groups
        };
        objects.contains_key(id)
    };
    match kind {
        "User" if is_mapped => {
            let user = id(subject);
            if !known(&user, true) {
                return Err(Refusal::absent(&user));
            }
            if !subject["links"].is_null() {
                return Err(Refusal::bad("A user has no linked objects."));
            }
            Ok(Subject::User(user))
        }
        "Group" if is_mapped && call.world.settings.groups_on_demand => {
            let group = id(subject);
            if !(subject["links"]["owners"].is_null() && subject["links"]["manager"].is_null()) {
                return Err(Refusal::bad("Only members can be linked to a group."));
            }
            let members = subject["links"]["members"].as_array();
            let members = members.map_or(&[][..], Vec::as_slice);
            if !known(&group, false) {
                return Err(Refusal::absent(&group));
            }
            if members.len() > MEMBERS {
                return Err(Refusal::bad(
                    "A group can be provisioned on demand with 5 members at most.",
                ));
            }
            if let Some(other) = members.iter().find(|it| it["objectTypeName"] != "User") {
                return Err(Refusal::bad(format!(
                    "Members must be objects of the type User, not {}.",
                    other["objectTypeName"]
                )));
            }
            let members: Vec<String> = members.iter().map(id).collect();
            if let Some(unknown) = members.iter().find(|member| !known(member, true)) {
                return Err(Refusal::absent(unknown));
            }
            Ok(Subject::Group(group, members))
        }
        // The service's message for a refused group is UNVERIFIED.
        "Group" => Err(Refusal::bad(
            "Provisioning on demand is not supported for objects of the type Group.",
        )),
        _ => Err(Refusal::bad(
            "Only objects of the types User and Group can be provisioned on demand.",
        )),
    }
}
