//! Before and after the tests: checks that these are test tenants, and removes everything that was created.

use serde_json::Value as Json;

use super::super::Failure;
use super::finding::{Obstacle, obstacle};
use super::stage::{PREFIX, Side, Stage, shown};

const COUNT: &str = "/users?$count=true&$top=1&$select=id";

/// Refuses tenants that are too large for test tenants, and removes what an earlier run left behind.
pub(super) async fn prepare(
    stage: &mut Stage,
    most: u64,
    adopt_partners: bool,
) -> Result<(), Failure> {
    for side in Side::BOTH {
        let users = count(stage, side)
            .await
            .map_err(|why| uncounted(side, &why))?;
        if users > most {
            return Err(Failure::new(format!(
                "The {} tenant {} has {users} users.\n\nThis command makes and deletes objects and is meant for test tenants. \
                 If this is one, allow it with --max-users {users}.",
                side.name(),
                stage.id(side)
            )));
        }
    }
    for side in Side::BOTH {
        let path = stage.partner_path(side);
        let found = stage.get(side, &path).await.map_err(failed)?;
        let ours = stage.made.has_partner(side) || adopt_partners;
        if found.succeeded() && ours {
            stage.remove_partner(side).await.map_err(failed)?;
        } else if found.succeeded() {
            stage.foreign_partners = Some(foreign(side));
        } else {
            stage.made.is_gone(side).map_err(failed)?;
        }
    }
    applications(stage).await.map_err(failed)
}

/// Removes everything that was created, and returns what could not be removed.
pub(super) async fn clean(stage: &mut Stage) -> Vec<String> {
    let mut problems = Vec::new();
    for side in Side::BOTH {
        if stage.made.has_partner(side) {
            problems.extend(stage.remove_partner(side).await.err());
        }
    }
    problems.extend(applications(stage).await.err());
    problems.into_iter().map(|Obstacle(why)| why).collect()
}

async fn count(stage: &mut Stage, side: Side) -> Result<u64, Obstacle> {
    let answer = stage.get(side, COUNT).await?;
    let count = answer.response["@odata.count"].as_u64();
    count.ok_or_else(|| Obstacle(format!("GET /users answered {}", shown(&answer))))
}

fn uncounted(side: Side, Obstacle(why): &Obstacle) -> Failure {
    Failure::new(format!(
        "The users of the {} tenant could not be counted, so it is not known to be a test tenant.\n\n{why}",
        side.name()
    ))
}

fn foreign(side: Side) -> String {
    format!(
        "the {} tenant has an entry for the other one that this command did not make; use tenants without one, or remove it with \
         --adopt-partners",
        side.name()
    )
}

fn failed(Obstacle(why): Obstacle) -> Failure {
    Failure::new(format!("The tenants could not be prepared.\n\n{why}"))
}

/// Deletes the applications of all runs, after their jobs. Their service principals are deleted with them or after them.
async fn applications(stage: &mut Stage) -> Result<(), Obstacle> {
    for principal in ours(stage, "servicePrincipals").await? {
        let jobs = format!("{principal}/synchronization/jobs");
        let found = stage.get(Side::Source, &jobs).await?;
        for job in found.response["value"].as_array().into_iter().flatten() {
            let id = job["id"].as_str().unwrap_or_default();
            delete(stage, &format!("{jobs}/{}", graph::segment(id))).await?;
        }
    }
    for collection in ["applications", "servicePrincipals"] {
        for path in ours(stage, collection).await? {
            delete(stage, &path).await?;
        }
    }
    Ok(())
}

async fn delete(stage: &mut Stage, path: &str) -> Result<(), Obstacle> {
    let done = stage.ask(Side::Source, "DELETE", path, None).await?;
    if done.succeeded() || done.status == 404 {
        return Ok(());
    }
    obstacle(format!("DELETE {path} was refused: {}", shown(&done)))
}

/// The paths of the objects in a collection that were created by this command.
async fn ours(stage: &mut Stage, collection: &str) -> Result<Vec<String>, Obstacle> {
    let list = format!(
        "/{collection}?$filter=startswith(displayName,{})&$select=id,displayName",
        graph::quoted(PREFIX)
    );
    let found = stage.get(Side::Source, &list).await?;
    let Some(objects) = found.response["value"].as_array() else {
        return obstacle(format!("{list} answered {}", shown(&found)));
    };
    // The filter already excludes other objects; because of the deletion, they are checked again.
    let is_ours = |object: &&Json| {
        let name = object["displayName"].as_str();
        name.is_some_and(|name| name.starts_with(PREFIX))
    };
    let ids = objects
        .iter()
        .filter(is_ours)
        .filter_map(|object| object["id"].as_str());
    Ok(ids
        .map(|id| format!("/{collection}/{}", graph::segment(id)))
        .collect())
}
