//! Provisioning on demand: provisions one user or group now, and returns Graph's unusual response.

use serde_json::{Value, json};

use super::cycle::Cycle;
use crate::reply::Refusal;
use crate::store::World;

/// The object to provision.
pub(crate) enum Subject {
    User(String),
    /// A group, and those of its members whose membership is written.
    Group(String, Vec<String>),
}

/// Provisions one subject and returns Graph's `stringKeyStringValuePair`.
///
/// After a success, its key is the name of the type; otherwise, it is the result as JSON text.
pub(crate) fn provision(world: &mut World, source: usize, at: usize, subject: &Subject) -> Value {
    let views = world.engine_view(source);
    let answer = perform(world, source, at, subject);
    world.leave_views(views);
    answer
}

fn perform(world: &mut World, source: usize, at: usize, subject: &Subject) -> Value {
    let job = world.tenants[source].jobs[at].clone();
    // The response when a tenant does not allow the synchronization is UNVERIFIED.
    let (job, entry) = match Cycle::begin(world, source, &job, true) {
        Err(refusal) => return failure(&refusal),
        Ok(cycle) if !cycle.is_enabled() && matches!(subject, Subject::User(_)) => {
            return failure(&Refusal::new(
                400,
                "EntityTypeNotSupported",
                "The mapping of users is disabled in the schema.",
            ));
        }
        Ok(mut cycle) => {
            cycle.set_scope();
            let entry = match subject {
                Subject::User(id) => cycle.one(id),
                Subject::Group(id, members) => cycle.one_group(id, members),
            };
            (cycle.job, entry)
        }
    };
    world.tenants[source].jobs[at].links = job.links;
    packed(&entry)
}

fn failure(refusal: &Refusal) -> Value {
    json!({ "key": result("Failure", &refusal.code, &refusal.message), "value": "[]" })
}

fn result(word: &str, code: &str, message: &str) -> String {
    json!({ "result": word, "details": { "errorCode": code, "errorMessage": message } }).to_string()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn packed(entry: &Value) -> Value {
    let error = &entry["provisioningStatusInfo"]["errorInformation"];
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    let status = entry["provisioningStatusInfo"]["status"]
        .as_str()
        .unwrap_or("skipped");
    let key = match status {
        "success" => {
            "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo".to_owned()
        }
        "failure" => result("Failure", text("errorCode"), text("reason")),
        _ => result("Skipped", text("errorCode"), text("reason")),
    };
    let steps: Vec<Value> = entry["provisioningSteps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| {
            json!({
                "name": step["name"], "type": capital(step["provisioningStepType"].as_str().unwrap_or_default()),
                "status": capital(step["status"].as_str().unwrap_or_default()), "description": step["description"],
                "timestamp": entry["activityDateTime"], "details": step["details"],
            })
        })
        .collect();
    let value = json!([{
        "provisioningSteps": steps,
        "modifiedProperties": entry["modifiedProperties"],
        "action": entry["provisioningAction"],
        "sourceIdentity": entry["sourceIdentity"],
        "targetIdentity": entry["targetIdentity"],
    }]);
    json!({ "key": key, "value": value.to_string() })
}
