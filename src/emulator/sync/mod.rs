//! What a provisioning job does: it puts users and groups of one tenant into another, keeps them up to date and takes them
//! away again, by the same functions for cycles and on demand. Objects come first, then what refers to them.

pub(super) mod agreement;
pub(super) mod clouds;
mod cycle;
pub(super) mod demand;
mod export;
pub(super) mod expression;
pub(super) mod functions;
mod groups;
mod log;
mod mapping;
mod pattern;
mod references;
pub(super) mod scope;
pub(super) mod status;
pub(super) mod template;
pub(super) mod validation;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::server::Server;
use super::store::World;

/// The gallery application of cross-tenant synchronization.
pub(super) const TEMPLATE_APPLICATION: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

/// A provisioning job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) service_principal: String,
    pub(super) template_id: String,
    /// `Active`, `Paused` or `Disabled`.
    pub(super) state: String,
    /// Graph's `synchronizationStatus`.
    pub(super) status: Value,
    /// The schema once it was customized.
    pub(super) schema: Option<Value>,
    /// When the next cycle begins, in milliseconds since 1970.
    pub(super) next_run: Option<i64>,
    /// `SyncAll` as it was at the first start or the last restart.
    pub(super) all_users: Option<bool>,
    /// Whether the next cycle evaluates every user anew.
    pub(super) full: bool,
    /// Whether a cycle has begun and not ended.
    pub(super) underway: bool,
    /// Whether the next cycle may delete as many users as it wants.
    pub(super) force_deletes: bool,
    /// What became of each source user and group.
    pub(super) links: BTreeMap<String, Link>,
}

/// What a job knows of one source user or group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Link {
    /// Id of the copy in the target tenant; empty if there is none.
    pub(super) target: String,
    /// Why the object was skipped or failed the last time, so that it is logged once.
    pub(super) outcome: String,
    /// Which references could not be resolved the last time, for the same reason.
    pub(super) unresolved: String,
    /// What was sent last. The engine looks at the source alone: the copy is not touched while this would be sent again.
    pub(super) sent: Value,
    /// Source users whose membership was sent.
    pub(super) references: Vec<String>,
}

impl Job {
    /// The schema in force.
    pub(super) fn schema(&self) -> Value {
        self.schema
            .clone()
            .unwrap_or_else(|| template::schema(&self.id, "v1.2", &self.rule_id()))
    }

    /// Differs from job to job: clients must read it from the schema.
    fn rule_id(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.id.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_ref()[..16]);
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }
}

/// Runs one cycle of every started job now; a line per job.
pub(super) fn run_all(world: &mut World) -> Value {
    let mut lines = Vec::new();
    for (tenant, job) in active(world) {
        lines.push(run(world, tenant, job));
    }
    world.written();
    Value::Array(lines)
}

fn run(world: &mut World, tenant: usize, job: usize) -> Value {
    cycle::run(world, tenant, job);
    let (tenant, job) = (&world.tenants[tenant], &world.tenants[tenant].jobs[job]);
    json!({
        "tenant": tenant.tenant_id, "job": job.id, "code": job.status["code"],
        "lastExecution": job.status["lastExecution"], "quarantine": job.status["quarantine"],
    })
}

/// Where the started jobs are.
fn active(world: &World) -> Vec<(usize, usize)> {
    let jobs = world.tenants.iter().enumerate().flat_map(|(at, tenant)| {
        tenant
            .jobs
            .iter()
            .enumerate()
            .map(move |(job, found)| (at, job, found))
    });
    jobs.filter(|(_, _, job)| job.state == "Active")
        .map(|(tenant, job, _)| (tenant, job))
        .collect()
}

/// Runs cycles when they are due, for as long as the emulator lives.
pub(super) async fn schedule(server: Arc<Server>) {
    loop {
        let wait = {
            let mut world = server.world();
            let now = world.clock.now();
            for (tenant, job) in active(&world) {
                if world.tenants[tenant].jobs[job]
                    .next_run
                    .is_some_and(|due| due <= now)
                {
                    due(&mut world, tenant, job, now);
                }
            }
            world.written();
            let next = active(&world)
                .into_iter()
                .filter_map(|(tenant, job)| world.tenants[tenant].jobs[job].next_run)
                .min();
            next.map(|due| world.clock.real(due - now))
        };
        server.saved().await;
        match wait {
            Some(wait) => {
                let _ = tokio::time::timeout(wait, server.wake.notified()).await;
            }
            None => server.wake.notified().await,
        }
    }
}

/// Begins a cycle, or ends it where cycles take time.
fn due(world: &mut World, tenant: usize, job: usize, now: i64) {
    world.version += 1;
    if world.cycle_duration > 0 && !world.tenants[tenant].jobs[job].underway {
        let total = world.tenants[tenant].users.len();
        let text = world.clock.text();
        let end = now + world.cycle_duration;
        let job = &mut world.tenants[tenant].jobs[job];
        job.underway = true;
        job.next_run = Some(end);
        status::underway(&mut job.status, total, &text);
        return;
    }
    run(world, tenant, job);
}
