//! Reads and writes the current assignments of a service principal. Other modules decide which principals to assign.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use crate::paths::principal_path;
use graph::{self, Resend, Write};
use sdk::{Context, Problem, Result};

/// An object ID as a number: a third of the size of the text, and case-insensitive.
pub(super) type Id = u128;

/// The principals that could not be assigned or removed, with the errors.
pub(super) type Failures = Vec<(Id, graph::Error)>;

/// The number of writes that are prepared at once: enough for all concurrent requests, but a bounded amount of memory.
const AT_A_TIME: usize = 1000;

/// The type of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
    Other,
}

/// An assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Live {
    /// Its ID; empty if only the response to its creation is known.
    pub(super) assignment: String,
    pub(super) kind: Kind,
}

/// The service principal and role to which principals are assigned.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) context: &'a Context,
    pub(super) resource: &'a str,
    pub(super) role: &'a str,
}

/// Converts an object ID to a number; zero for an invalid ID, which validation has already rejected.
pub(super) fn guid(text: &str) -> Id {
    uuid::Uuid::try_parse(text).map_or(0, |id| id.as_u128())
}

/// Converts a number to an object ID.
pub(super) fn text(id: Id) -> String {
    uuid::Uuid::from_u128(id).to_string()
}

impl Live {
    /// An existing assignment of which nothing else is known.
    fn unseen() -> Self {
        Self {
            assignment: String::new(),
            kind: Kind::Other,
        }
    }

    fn read(assignment: &Json) -> Self {
        let kind = match assignment["principalType"].as_str() {
            Some("User") => Kind::User,
            Some("Group") => Kind::Group,
            _ => Kind::Other,
        };
        let assignment = assignment["id"].as_str().unwrap_or_default().to_owned();
        Self { assignment, kind }
    }
}

impl Target<'_> {
    fn path(&self) -> String {
        format!("{}/appRoleAssignedTo", principal_path(self.resource))
    }

    /// Lists the principals that have the role; `None` if the service principal does not exist.
    pub(super) async fn list(&self) -> Result<Option<HashMap<Id, Live>>, graph::Error> {
        let path = format!(
            "{}?$top=999&$select=id,appRoleId,principalId,principalType",
            self.path()
        );
        let role = guid(self.role);
        let take = |live: &mut HashMap<Id, Live>, assignment: Json| {
            if assignment["appRoleId"].as_str().map(guid) == Some(role)
                && let Some(principal) = assignment["principalId"].as_str()
            {
                live.insert(guid(principal), Live::read(&assignment));
            }
        };
        match self.context.graph.fold(&path, HashMap::new, take).await {
            Ok(live) => Ok(Some(live)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Like `list`, but reads the collection again if it lacks any of `members` and an earlier run may have assigned it recently.
    pub(super) async fn holding(
        &self,
        members: &HashMap<Id, &str>,
    ) -> Result<Option<HashMap<Id, Live>>, graph::Error> {
        let graph = &self.context.graph;
        let has_all = |live: &Option<HashMap<Id, Live>>| {
            let has = |live: &HashMap<Id, Live>| members.keys().all(|id| live.contains_key(id));
            live.as_ref().is_some_and(has)
        };
        let settling = graph.is_settling(&self.path());
        graph.until(settling, || self.list(), has_all).await
    }

    /// Like `holding`, but waits until a recently created service principal is visible.
    pub(super) async fn settled(&self, members: &HashMap<Id, &str>) -> Result<HashMap<Id, Live>> {
        let graph = &self.context.graph;
        let patience = graph.for_others(&self.path());
        let look = || self.holding(members);
        let found = graph.until(patience, look, Option::is_some).await?;
        found.ok_or_else(|| {
            Problem::at(
                "resource_object_id",
                "The service principal does not exist",
                format!(
                    "Tenant {} has no service principal with the object ID {}, or the object was created so recently \
                    that it is not visible yet.",
                    self.context.tenant_id(),
                    self.resource
                ),
            )
        })
    }

    /// Assigns each principal. An assignment that was created outside Terraform in the meantime is a success.
    pub(super) async fn add(&self, ids: Vec<Id>) -> (Vec<(Id, Live)>, Failures) {
        let (path, mut done, mut failed) = (self.path(), Vec::new(), Failures::new());
        for (number, part) in ids.chunks(AT_A_TIME).enumerate() {
            let body = |id: &Id| json!({ "principalId": text(*id), "resourceId": self.resource, "appRoleId": self.role });
            let writes: Vec<Write> = part
                .iter()
                .map(|id| Write::post(path.clone(), body(id), Resend::Safe))
                .collect();
            let results = self
                .context
                .graph
                .batch_create(
                    &writes,
                    |answer| Live::read(&answer),
                    |open| self.assigned(part, open),
                )
                .await;
            let before = done.len();
            for (id, result) in part.iter().zip(results) {
                match result {
                    Ok(live) => done.push((*id, live)),
                    // The error is more recent than any collection read.
                    Err(error) if error.says_it_exists() => done.push((*id, Live::unseen())),
                    Err(error) => failed.push((*id, error)),
                }
            }
            tracing::info!(assigned = done.len(), of = ids.len(), "assigning");
            let rest = ids.len().min((number + 1) * AT_A_TIME);
            // If a whole part failed, the rest would fail as well.
            if done.len() == before
                && let Some((_, error)) = failed.last().cloned()
            {
                failed.extend(ids[rest..].iter().map(|id| (*id, error.clone())));
                break;
            }
        }
        (done, failed)
    }

    /// Returns the principals with an unknown result that are assigned.
    async fn assigned(&self, part: &[Id], open: Vec<usize>) -> Vec<(usize, Live)> {
        let Ok(Some(mut live)) = self.list().await else {
            return Vec::new();
        };
        open.into_iter()
            .filter_map(|index| Some((index, live.remove(part.get(index)?)?)))
            .collect()
    }

    /// Removes these assignments and returns the ones that could not be removed.
    pub(super) async fn remove<'i>(
        &self,
        assignments: impl Iterator<Item = (Id, &'i str)>,
    ) -> Failures {
        let (path, mut failed) = (self.path(), Failures::new());
        let assignments: Vec<(Id, &str)> = assignments.collect();
        for part in assignments.chunks(AT_A_TIME) {
            let writes: Vec<Write> = part
                .iter()
                .map(|(_, id)| Write::delete(format!("{path}/{}", graph::segment(id))))
                .collect();
            let results = self.context.graph.batch_write(&writes, drop).await;
            let refused = part
                .iter()
                .zip(results)
                .filter_map(|((id, _), result)| Some((*id, result.err()?)));
            failed.extend(refused);
            tracing::info!(of = assignments.len(), "unassigning");
        }
        failed
    }
}
