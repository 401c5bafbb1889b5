//! The provisioning engine: it copies users and groups of one tenant to another, updates and removes them. Cycles and provisioning on
//! demand use the same functions. Objects are written before references to them.

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

use std::time::Duration;

use serde_json::{Value, json};

use super::store::World;

/// Runs one cycle of every started job now, and returns an entry for each job.
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

/// The positions of the started jobs.
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

/// Runs the cycles that are due, and returns the time until the next one, if a job is started.
pub(super) fn run_due(world: &mut World) -> Option<Duration> {
    let now = world.clock.now();
    for (tenant, job) in active(world) {
        if world.tenants[tenant].jobs[job]
            .next_run
            .is_some_and(|due| due <= now)
        {
            due(world, tenant, job, now);
        }
    }
    world.written();
    let next = active(world)
        .into_iter()
        .filter_map(|(tenant, job)| world.tenants[tenant].jobs[job].next_run)
        .min();
    next.map(|due| world.clock.real(due - now))
}

/// Begins a cycle, or ends it if cycles have a duration.
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
