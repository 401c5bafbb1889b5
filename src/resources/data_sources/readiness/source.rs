//! The rows about a configuration in the source tenant: its role, the assignments, the connection, the job.

use std::time::Duration;

use serde_json::Value as Json;

use super::super::prelude::*;
use super::super::{assigned, job_state};
use super::ReadinessCheck;
use super::checks::{Verdict, hidden, is_denied, met, row, unmet, unseen};
use super::groups;
use crate::connection_test::{self, Connection};
use crate::paths::{jobs_path, principal_path};
use crate::synchronization_configuration::assignable_role;

type Item = Result<Option<Json>, graph::Error>;

/// Returns all rows about the configuration with this service principal.
pub(super) async fn rows(
    context: &Context,
    id: &str,
    target: &str,
    with_groups: bool,
) -> Result<Vec<ReadinessCheck>> {
    let principal = principal_path(id);
    let paths = [
        format!("{principal}?$select=id,displayName,appRoles"),
        jobs_path(id),
        format!("{principal}/synchronization/secrets"),
    ];
    let mut answers = context.graph.batch_get(&paths).await?.into_iter();
    let mut next = || answers.next().unwrap_or(Ok(None));
    let (principal, jobs, secrets) = (next(), next(), next());
    if matches!(principal, Ok(None)) {
        let missing = unmet(
            format!("This tenant has no service principal with the object ID {id}."),
            "Refer to `service_principal_id` of a `crosstenant_synchronization_configuration` in this tenant.",
        );
        return Ok(vec![missing.named("assignable_role")]);
    }
    let mut rows = vec![row("assignable_role", principal, |found| {
        role(found.as_ref().unwrap_or(&Json::Null))
    })?];
    let everyone = is_for_everyone(secrets)?;
    rows.extend(assignment_rows(context, id, everyone).await?);
    if with_groups {
        rows.extend(groups::rows(context, id, everyone).await?);
    }
    rows.push(connection(context, id, target).await?);
    rows.push(row("job_not_in_quarantine", jobs, |found| {
        job(found.as_ref().unwrap_or(&Json::Null))
    })?);
    Ok(rows)
}

fn role(principal: &Json) -> Verdict {
    let name = text(principal, "displayName").unwrap_or_default();
    match assignable_role(principal) {
        Some(role) => met(format!(
            "Users and groups can be assigned to {name:?} with the role {role}."
        )),
        None => unmet(
            format!("{name:?} has no role for assigning users and groups."),
            "Use a configuration that was created from Microsoft's template, for example with \
            `crosstenant_synchronization_configuration`.",
        ),
    }
}

/// Whether the job's scope is all users of the tenant; false if that cannot be determined.
fn is_for_everyone(secrets: Item) -> Result<bool> {
    let secrets = match secrets {
        Ok(found) => found.unwrap_or_default(),
        Err(error) if is_denied(&error) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let mut pairs = secrets["value"].as_array().into_iter().flatten();
    let scope = pairs.find(|pair| pair["key"] == "SyncAll");
    let scope = scope.and_then(|pair| pair["value"].as_str());
    Ok(scope.is_some_and(|scope| scope.eq_ignore_ascii_case("true")))
}

async fn assignment_rows(
    context: &Context,
    id: &str,
    everyone: bool,
) -> Result<[ReadinessCheck; 2]> {
    const NAMES: [&str; 2] = ["internal_user_assigned", "no_sms_sign_in"];
    if everyone {
        return Ok([
            met("The scope of the job is `all`, so no users have to be assigned.").named(NAMES[0]),
            unseen("The scope of the job is `all`: find skipped users in `crosstenant_provisioning_logs`.").named(NAMES[1]),
        ]);
    }
    let users = match users(context, id).await {
        Err(error) if is_denied(&error) => {
            return Ok(NAMES.map(|name| hidden(&error).named(name)));
        }
        users => users?,
    };
    let internal = row(NAMES[0], any_internal(context, &users).await, |any| {
        internal(*any, users.len())
    })?;
    let sms = row(NAMES[1], sms_users(context, &users).await, |names| {
        sms(names)
    })?;
    Ok([internal, sms])
}

async fn users(context: &Context, id: &str) -> Result<Vec<String>, graph::Error> {
    let assignments = assigned::assignments(context, id).await?;
    assigned::users_of(context, &assignments).await
}

/// Whether one of the users is internal. Reads only as many as necessary.
async fn any_internal(context: &Context, users: &[String]) -> Result<bool, graph::Error> {
    for some in users.chunks(20) {
        let read = assigned::read_users(context, some, "id,userType").await?;
        if read.iter().any(|user| user["userType"] != "Guest") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the names of the users whom synchronization would skip because of SMS sign-in.
async fn sms_users(context: &Context, users: &[String]) -> Result<Vec<String>, graph::Error> {
    let ready = assigned::with_sms_sign_in(context, users).await?;
    let read = assigned::read_users(context, &ready, "id,userPrincipalName,userType").await?;
    let members = read.iter().filter(|user| user["userType"] != "Guest");
    Ok(members
        .filter_map(|user| text(user, "userPrincipalName"))
        .collect())
}

fn internal(any: bool, count: usize) -> Verdict {
    if any {
        return met(match count {
            1 => "One user is assigned, directly or as a direct member of a group, and is an internal user.".to_owned(),
            _ => format!(
                "{count} users are assigned, directly or as direct members of groups; at least one is an internal user."
            ),
        });
    }
    let found = match count {
        0 => "No users are assigned.".to_owned(),
        1 => "The only assigned user is a guest, who is not synchronized.".to_owned(),
        _ => format!("All {count} assigned users are guests, who are not synchronized."),
    };
    unmet(
        found,
        "Assign an internal user, or a group with an internal user as a direct member, with `crosstenant_app_role_assignment`.",
    )
}

fn sms(names: &[String]) -> Verdict {
    if names.is_empty() {
        return met("None of the assigned users has SMS sign-in.");
    }
    unmet(
        format!(
            "Synchronization skips {} because of SMS sign-in.",
            names.join(", ")
        ),
        "Disable it with `crosstenant_sms_sign_in`; `crosstenant_sms_sign_in_users` lists their IDs.",
    )
}

/// Runs the portal's connection test once.
async fn connection(context: &Context, id: &str, target: &str) -> Result<ReadinessCheck> {
    let tested = Connection {
        principal: id,
        template: "Azure2Azure",
        target,
    };
    let verdict = match connection_test::run(context, &tested, Duration::ZERO).await {
        Ok(()) => met("The connection test passes: both tenants allow the synchronization."),
        Err(Problem::Graph(error)) if is_denied(&error) => hidden(&error),
        Err(Problem::Graph(error)) if error.status() != Some(400) => return Err(error.into()),
        Err(Problem::Graph(error)) => unmet(
            format!("The connection test fails: {error}"),
            "Check the rows of `crosstenant_readiness` in the other tenant.",
        ),
        Err(Problem::Diagnostic(said)) => unmet(
            format!("{}.", said.summary),
            said.detail.replace("\n\nNothing was saved. ", "\n\n"),
        ),
    };
    Ok(verdict.named("connection"))
}

fn job(jobs: &Json) -> Verdict {
    let Some(job) = jobs["value"].as_array().and_then(|jobs| jobs.first()) else {
        return met("There is no job yet.");
    };
    match job_state::quarantine(&job["status"]) {
        Some(quarantine) => unmet(
            job_state::summary(job),
            quarantine.what_to_do.unwrap_or_default(),
        ),
        None => met(job_state::summary(job)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn passed(verdict: Verdict) -> Option<bool> {
        verdict.named("x").passed
    }

    #[test]
    fn an_internal_user_must_be_assigned() {
        assert_eq!(passed(internal(true, 3)), Some(true));
        let guests = internal(false, 2).named("x").detail.unwrap();
        assert!(
            guests.contains("All 2 assigned users are guests"),
            "{guests}"
        );
        let told = |any, count| internal(any, count).named("x").detail.unwrap();
        assert!(told(false, 1).starts_with("The only assigned user is a guest"));
        assert!(told(true, 1).starts_with("One user is assigned"));
        assert!(told(true, 3).starts_with("3 users are assigned"));
        assert_eq!(passed(internal(false, 0)), Some(false));
        assert_eq!(passed(sms(&[])), Some(true));
        assert_eq!(passed(sms(&["ada@contoso.example".into()])), Some(false));
    }

    #[test]
    fn a_job_may_be_missing_but_not_in_quarantine() {
        assert_eq!(passed(job(&json!({ "value": [] }))), Some(true));
        let status = json!({ "code": "Quarantine", "quarantine": { "reason": "TooManyDeletes" } });
        let found = job(&json!({ "value": [{ "status": status }] })).named("x");
        assert_eq!(found.passed, Some(false));
        assert!(found.fix.unwrap().contains("ForceDeletes"));
    }

    #[test]
    fn the_scope_is_a_secret() {
        let secrets = |value: &str| {
            Ok(Some(
                json!({ "value": [{ "key": "SyncAll", "value": value }] }),
            ))
        };
        assert!(is_for_everyone(secrets("True")).unwrap());
        assert!(!is_for_everyone(secrets("false")).unwrap());
        assert!(!is_for_everyone(Ok(None)).unwrap());
    }
}
