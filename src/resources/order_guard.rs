//! The order of deprovisioning: warns about users who stay in the target tenant when a job or a configuration is destroyed.

use serde_json::Value as Json;

use super::paths::{job_path, jobs_path};
use sdk::prelude::*;
use terraform::Attribute;

/// The attribute that turns the warning into an error.
pub(super) const ATTRIBUTE: &str = "prevent_leftovers";

/// The object to be destroyed.
pub(super) struct Doomed<'v> {
    /// Its noun in a sentence.
    pub(super) what: &'static str,
    /// Object ID of the service principal.
    pub(super) principal: &'v str,
    /// ID of the job; `None` for all jobs.
    pub(super) job: Option<&'v str>,
    /// Whether leaving users behind is an error.
    pub(super) prevents: bool,
}

/// The numbers of synchronized objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Synchronized {
    users: i64,
    groups: i64,
}

/// Whether the plan destroys or replaces the object. It is replaced if an attribute changes that cannot change in place.
pub(super) fn is_doomed<R: Attributes>(prior: &Value, planned: &Value) -> bool {
    if prior.is_null() {
        return false;
    }
    let changes = |attribute: &Attribute| {
        let (before, after) = (prior.member(attribute.name), planned.member(attribute.name));
        let same = before.as_str().zip(after.as_str());
        !before.is_null() && same.is_none_or(|(before, after)| !before.eq_ignore_ascii_case(after))
    };
    let attributes = R::attributes();
    let mut identifying = attributes.iter().filter(|it| it.rules.replaces);
    planned.is_null() || identifying.any(changes)
}

/// Returns the diagnostics for the plan.
pub(super) async fn about(context: &Context, doomed: &Doomed<'_>) -> Diagnostics {
    let problem = match look(context, doomed).await {
        Ok(found) => said(doomed, found),
        Err(error) if doomed.prevents => Some(not_known(doomed, &error)),
        Err(error) => {
            tracing::debug!(%error, "the users who stay in the target tenant cannot be determined");
            None
        }
    };
    problem.into_iter().collect()
}

/// Reads the number of synchronized objects from the jobs. A deleted job has none.
async fn look(context: &Context, doomed: &Doomed<'_>) -> Result<Synchronized, graph::Error> {
    let principal = doomed.principal;
    let jobs = match doomed.job {
        Some(id) => {
            let job = context.graph.get(&job_path(principal, id)).await?;
            job.into_iter().collect()
        }
        None => match context.graph.list(&jobs_path(principal)).await {
            Err(error) if error.is_not_found() => Vec::new(),
            found => found?,
        },
    };
    Ok(jobs
        .iter()
        .map(counted)
        .fold(Synchronized::default(), |all, one| Synchronized {
            users: all.users + one.users,
            groups: all.groups + one.groups,
        }))
}

/// Returns the counts in a job's status: `User to User` and `Group to Group`.
fn counted(job: &Json) -> Synchronized {
    let counts = job["status"]["synchronizedEntryCountByType"].as_array();
    let mut found = Synchronized::default();
    for count in counts.into_iter().flatten() {
        let number = count["value"].as_i64().unwrap_or_default().max(0);
        let kind = count["key"]
            .as_str()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if kind.starts_with("group") {
            found.groups += number;
        } else if kind.starts_with("user") {
            found.users += number;
        }
    }
    found
}

fn said(doomed: &Doomed, found: Synchronized) -> Option<Diagnostic> {
    let number = |count: i64, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {more}")),
    };
    let parts = [
        number(found.users, "user", "users"),
        number(found.groups, "group", "groups"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return None;
    }
    let who = parts.join(" and ");
    let (be, verb) = match found.users + found.groups {
        1 => ("is", "stays"),
        _ => ("are", "stay"),
    };
    let what = doomed.what;
    let keep = if doomed.prevents {
        format!("set `{ATTRIBUTE}` to `false` and apply before you destroy {what}")
    } else {
        "nothing has to be done".to_owned()
    };
    let detail = format!(
        "According to the last cycle, {who} {be} synchronized. Without {what}, no cycle removes these users: they stay in the target \
         tenant and are no longer updated, disabled or deleted. To remove them, remove all assignments, wait for a cycle, check the result \
         with `terraform-provider-crosstenant leftovers`, and then destroy {what}. The guide \"Deprovisioning\" shows each step. To keep \
         them, {keep}."
    );
    let summary = format!("{who} {verb} in the target tenant");
    Some(if doomed.prevents {
        Diagnostic::error(summary, detail).at(Path::root(ATTRIBUTE))
    } else {
        Diagnostic::warning(summary, detail)
    })
}

fn not_known(doomed: &Doomed, error: &graph::Error) -> Diagnostic {
    let detail = format!(
        "`{ATTRIBUTE}` is set, but whether users would be left over in the target tenant without {} cannot be determined: {error}\n\nMake \
         the job readable, or set `{ATTRIBUTE}` to `false` and apply before you destroy it.",
        doomed.what
    );
    Diagnostic::error(
        "Users who stay in the target tenant cannot be determined",
        detail,
    )
    .at(Path::root(ATTRIBUTE))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn doomed(prevents: bool) -> Doomed<'static> {
        Doomed {
            what: "the job",
            principal: "sp",
            job: None,
            prevents,
        }
    }

    #[test]
    fn the_counts_of_a_job_are_read_by_kind() {
        let job = |counts: Json| {
            counted(&json!({ "status": { "synchronizedEntryCountByType": counts } }))
        };
        let found = job(
            json!([{ "key": "User to User", "value": 37 }, { "key": "Group to Group", "value": 2 },
            { "key": "Other", "value": 5 }]),
        );
        assert_eq!(
            found,
            Synchronized {
                users: 37,
                groups: 2
            }
        );
        assert_eq!(job(Json::Null), Synchronized::default());
    }

    #[test]
    fn no_leaving_users_means_no_message() {
        assert_eq!(said(&doomed(true), Synchronized::default()), None);
    }

    #[test]
    fn an_attribute_makes_an_error_of_it() {
        let many = Synchronized {
            users: 37,
            groups: 1,
        };
        let warning = said(&doomed(false), many).unwrap();
        assert_eq!(
            warning.summary,
            "37 users and 1 group stay in the target tenant"
        );
        assert_eq!(warning.severity, terraform::Severity::Warning);
        let error = said(&doomed(true), many).unwrap();
        assert_eq!(error.severity, terraform::Severity::Error);
        assert!(error.detail.contains("set `prevent_leftovers` to `false`"));
        let one = said(
            &doomed(false),
            Synchronized {
                users: 1,
                groups: 0,
            },
        )
        .unwrap();
        assert_eq!(one.summary, "1 user stays in the target tenant");
        assert!(
            one.detail.contains("1 user is synchronized"),
            "{}",
            one.detail
        );
    }

    attributes! {
        /// Something with an address and a name.
        pub struct Sample {
            /// Makes another one.
            place: String = key(),
            /// Changes in place.
            name: Option<String>,
        }
    }

    #[test]
    fn only_what_removes_the_object_counts() {
        let object = |place: &str| {
            let members = [("place", place), ("name", "n")];
            let members = members.map(|(name, value)| (name.to_owned(), Value::from(value)));
            Value::Object(members.into())
        };
        let is = |prior: &Value, planned: &Value| is_doomed::<Sample>(prior, planned);
        assert!(is(&object("a"), &Value::Null));
        assert!(is(&object("a"), &object("b")));
        assert!(!is(&object("a"), &object("A")));
        let mut renamed = object("a");
        renamed.set_member("name", "m".into());
        assert!(!is(&object("a"), &renamed));
        assert!(!is(&Value::Null, &object("a")));
    }
}
