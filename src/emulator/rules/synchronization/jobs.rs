//! Provisioning jobs: their lifecycle, and provisioning on demand.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{instance, job, principal, subjects};
use crate::call::Call;
use crate::job::Job;
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, field, ruled};
use crate::reply::{Answer, Refusal, Reply};
use crate::rules::applications;
use crate::store::World;
use crate::sync::template::TEMPLATE;
use crate::sync::{agreement, demand, status};

const SCHEDULE: &[Field] = &[
    field("expiration", Kind::Time),
    field("interval", Kind::Text),
    field("state", Kind::OneOf(&["Active", "Disabled", "Paused"])),
];

const JOB: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    ruled("status", Kind::Any, Access::ReadOnly),
    ruled("templateId", Kind::Text, Access::Required),
    field("schedule", Kind::Object(SCHEDULE)),
    field(
        "synchronizationJobSettings",
        Kind::List(&Kind::Object(&[
            field("name", Kind::Text),
            field("value", Kind::Text),
        ])),
    ),
];

const SCOPES: Kind = Kind::Flags(&[
    "None",
    "ConnectorDataStore",
    "Escrows",
    "Watermark",
    "QuarantineState",
    "Full",
    "ForceDeletes",
]);
const RESTART: &[Field] = &[field(
    "criteria",
    Kind::Object(&[field("resetScope", SCOPES)]),
)];

const DEMAND: &[Field] = &[ruled(
    "parameters",
    Kind::List(&Kind::Object(&[
        field("ruleId", Kind::Text),
        field("subjects", Kind::List(&Kind::Object(subjects::SUBJECT))),
    ])),
    Access::Required,
)];

const ENTITY: Entity = Entity {
    name: "synchronizationJob",
    properties: &[
        "id",
        "templateId",
        "schedule",
        "status",
        "synchronizationJobSettings",
        "schema",
    ],
    usual: &[],
    directory: false,
};

/// Calls of provision on demand that are allowed in ten seconds.
const DEMANDS: usize = 5;

fn context(principal: &str) -> String {
    format!("servicePrincipals('{principal}')/synchronization/jobs")
}

pub(crate) fn list_jobs(call: &mut Call) -> Answer {
    let id = principal(call)?;
    let jobs = call
        .tenant()
        .jobs
        .iter()
        .filter(|job| job.service_principal == id && !call.hides(&format!("jobs/{}", job.id)));
    let jobs: Vec<Value> = jobs.map(status::rendered).collect();
    odata::list(call, jobs.iter(), &ENTITY, &context(&id))
}

pub(crate) fn get_job(call: &mut Call) -> Answer {
    let at = job(call)?;
    let job = &call.tenant().jobs[at];
    odata::single(
        call,
        &status::rendered(job),
        &ENTITY,
        &context(&job.service_principal),
    )
}

/// A second call for the same template creates another job; whether the service refuses it is UNVERIFIED.
pub(crate) fn create_job(call: &mut Call) -> Answer {
    let id = instance(call)?;
    applications::check_backing(call, &id)?;
    let body = call.body(JOB, true)?;
    if body["templateId"] != TEMPLATE {
        return Err(Refusal::bad(format!(
            "The template '{}' does not belong to the service principal.",
            body["templateId"].as_str().unwrap_or_default()
        )));
    }
    let job = Job {
        id: format!(
            "{TEMPLATE}.{}.{}",
            call.tenant_id.replace('-', ""),
            Uuid::new_v4()
        ),
        service_principal: id.clone(),
        template_id: TEMPLATE.to_owned(),
        state: "Disabled".to_owned(),
        status: status::untouched(),
        full: true,
        ..Job::default()
    };
    let body = odata::with_context(
        call,
        status::rendered(&job),
        &format!("{}/$entity", context(&id)),
    );
    call.created(&format!("jobs/{}", job.id));
    call.tenant_mut().jobs.push(job);
    Ok(Reply::created(body))
}

/// Which properties the service allows to be changed is UNVERIFIED; the interval is fixed.
pub(crate) fn update_job(call: &mut Call) -> Answer {
    let at = job(call)?;
    let body = call.body(JOB, false)?;
    let schedule = body.get("schedule").cloned().unwrap_or_default();
    if schedule
        .get("interval")
        .is_some_and(|interval| interval != "PT40M")
    {
        return Err(Refusal::bad(
            "The interval of this template can't be changed.",
        ));
    }
    if let Some(state) = schedule.get("state").and_then(Value::as_str) {
        match state {
            "Active" => return start_at(call, at),
            state => halt(call, at, state),
        }
    }
    Ok(Reply::no_content())
}

/// Users that were already provisioned remain.
pub(crate) fn delete_job(call: &mut Call) -> Answer {
    let at = job(call)?;
    call.tenant_mut().jobs.remove(at);
    Ok(Reply::no_content())
}

/// The current value of `SyncAll` in the secrets.
fn wants_all(call: &Call, principal: &str) -> bool {
    let secrets = call
        .tenant()
        .secrets
        .get(principal)
        .map_or(&[][..], Vec::as_slice);
    agreement::secret(secrets, "SyncAll").is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn plan(world: &World) -> i64 {
    world.clock.now() + world.first_cycle
}

/// Continues where the job was paused, and clears a quarantine.
pub(crate) fn start(call: &mut Call) -> Answer {
    let at = job(call)?;
    call.optional_body(&[])?;
    start_at(call, at)
}

fn start_at(call: &mut Call, at: usize) -> Answer {
    let principal = call.tenant().jobs[at].service_principal.clone();
    if call
        .tenant()
        .secrets
        .get(&principal)
        .is_none_or(Vec::is_empty)
    {
        return Err(Refusal::bad(
            "The job can't be started: its credentials have not been saved.",
        ));
    }
    let (all, due) = (wants_all(call, &principal), plan(call.world));
    let job = &mut call.tenant_mut().jobs[at];
    // A change of SyncAll takes effect only with a restart.
    job.all_users.get_or_insert(all);
    "Active".clone_into(&mut job.state);
    job.next_run = Some(due);
    job.underway = false;
    resume(job);
    Ok(Reply::no_content())
}

/// The status of a job that has just been started.
fn resume(job: &mut Job) {
    job.status["quarantine"] = Value::Null;
    if job.status["lastExecution"].is_null() {
        job.status["code"] = json!("NotRun");
        job.status["lastExecution"] = status::placeholder();
    } else {
        job.status["code"] = json!(if job.status["lastSuccessfulExecution"].is_null() {
            "NotRun"
        } else {
            "Active"
        });
    }
}

pub(crate) fn pause(call: &mut Call) -> Answer {
    let at = job(call)?;
    call.optional_body(&[])?;
    halt(call, at, "Paused");
    Ok(Reply::no_content())
}

fn halt(call: &mut Call, at: usize, state: &str) {
    let job = &mut call.tenant_mut().jobs[at];
    state.clone_into(&mut job.state);
    job.next_run = None;
    job.underway = false;
    job.status["code"] = json!("Paused");
    job.status["progress"] = json!([]);
}

/// Starts over as far as the criteria require. 204 means that the restart was accepted.
pub(crate) fn restart(call: &mut Call) -> Answer {
    let at = job(call)?;
    let body = call.optional_body(RESTART)?;
    let criteria = body.get("criteria").cloned().unwrap_or_default();
    let text = criteria["resetScope"]
        .as_str()
        .unwrap_or("Escrows, Watermark, QuarantineState")
        .to_owned();
    let scopes: Vec<&str> = text.split(',').map(str::trim).collect();
    if scopes.contains(&"ConnectorDataStore") {
        return Err(Refusal::bad(
            "The reset scope ConnectorDataStore is not supported.",
        ));
    }
    let has = |scope: &str| scopes.contains(&scope) || scopes.contains(&"Full");
    let principal = call.tenant().jobs[at].service_principal.clone();
    let (all, due) = (wants_all(call, &principal), plan(call.world));
    let job = &mut call.tenant_mut().jobs[at];
    job.all_users = Some(all);
    job.full |= has("Watermark");
    // Only a full reset removes the stored links between source and target.
    if scopes.contains(&"Full") {
        job.links.clear();
    }
    job.force_deletes |= scopes.contains(&"ForceDeletes");
    if has("QuarantineState") {
        job.status["quarantine"] = Value::Null;
        job.status["code"] = json!(if job.status["lastSuccessfulExecution"].is_null() {
            "NotRun"
        } else {
            "Active"
        });
    }
    "Active".clone_into(&mut job.state);
    job.next_run = Some(due);
    job.underway = false;
    if job.status["lastExecution"].is_null() {
        resume(job);
    }
    Ok(Reply::no_content())
}

pub(crate) fn provision_on_demand(call: &mut Call) -> Answer {
    let at = job(call)?;
    let limit = format!("demand {} {}", call.tenant_id, call.app);
    if let Some(wait) = call.world.limited(&limit, DEMANDS) {
        return Err(Refusal::throttled(Some(wait)));
    }
    let body = call.body(DEMAND, true)?;
    let parameters = body["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let [parameter] = parameters else {
        return Err(Refusal::bad("Exactly one parameter is expected."));
    };
    let [subject] = parameter["subjects"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
    else {
        return Err(Refusal::bad("Exactly one subject is expected."));
    };
    let subject = subjects::checked(call, at, parameter, subject)?;
    let position = call.position;
    let pair = demand::provision(call.world, position, at, &subject);
    odata::document(call, pair, "microsoft.graph.stringKeyStringValuePair")
}
