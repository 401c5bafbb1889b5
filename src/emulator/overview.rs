//! The data of the page: jobs, and the users and groups of two tenants, in one response of limited size.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::clock::moment;
use super::job::Job;
use super::query::Query;
use super::store::{Collection, Tenant, World};
use super::sync::{agreement, scope};

/// Default limit for the number of rows in a response.
const ROWS: usize = 200;

/// Everything except the faults, which are not part of the world.
pub(super) fn overview(world: &World, query: &Query) -> Result<Value, String> {
    let now = world.clock.now();
    let jobs = world.tenants.iter().flat_map(|tenant| {
        let jobs = tenant.jobs.iter();
        jobs.map(move |job| job_line(world, tenant, job))
    });
    let jobs: Vec<Value> = jobs.collect();
    let (source, target) = pair(world, query, &jobs)?;
    let find = query.get("find").unwrap_or_default().to_lowercase();
    let limit = match query.get("limit") {
        Some(text) => text.parse().map_err(|_| "limit must be a number")?,
        None => ROWS,
    };
    let people = People::of(source, target);
    let rows = people.rows(&find);
    Ok(json!({
        "time": moment(now),
        "tenants": world.tenants.iter().map(summary).collect::<Value>(),
        "jobs": jobs,
        "pair": {
            "source": source.tenant_id,
            "target": target.map(|tenant| &tenant.tenant_id),
            "policies": target.map(|target| policies(source, target)),
            "total": rows.len(),
            "people": people.lines(&rows[..rows.len().min(limit)]),
        },
    }))
}

/// The numbers of objects in a tenant.
pub(super) fn summary(tenant: &Tenant) -> Value {
    json!({
        "tenantId": tenant.tenant_id, "displayName": tenant.display_name, "domains": tenant.domains,
        "users": tenant.users.len(), "groups": tenant.groups.len(), "partners": tenant.partners.len(),
        "assignments": tenant.assignments.len(), "jobs": tenant.jobs.len(),
        "applications": tenant.applications.len(), "deletedItems": tenant.deleted_items.len(),
    })
}

/// The two tenants to show: the requested ones, or those of the first job, or the first two.
fn pair<'w>(
    world: &'w World,
    query: &Query,
    jobs: &[Value],
) -> Result<(&'w Tenant, Option<&'w Tenant>), String> {
    let asked = |name: &str| {
        let tenant = query.get(name).filter(|id| !id.is_empty());
        let found = tenant.map(|id| world.find(id).ok_or(format!("no such {name} tenant")));
        found.transpose()
    };
    let (source, target) = (asked("source")?, asked("target")?);
    let of_job = |member: &str| {
        let named = jobs.iter().filter(|job| !job["target"].is_null());
        let first = named.map(|job| &job[member]).next();
        first.and_then(|id| world.find(id.as_str()?))
    };
    let first = world.tenants.first().ok_or("there is no tenant")?;
    let source = source.or_else(|| of_job("tenant")).unwrap_or(first);
    let target = target.or_else(|| of_job("target"));
    let target = target.filter(|target| target.tenant_id != source.tenant_id);
    let mut others = world.tenants.iter();
    let other = || others.find(|tenant| tenant.tenant_id != source.tenant_id);
    Ok((source, target.or_else(other)))
}

fn job_line(world: &World, tenant: &Tenant, job: &Job) -> Value {
    let principal = tenant.service_principals.get(&job.service_principal);
    json!({
        "tenant": tenant.tenant_id,
        "id": job.id,
        "name": principal.map_or(Value::Null, |principal| principal["displayName"].clone()),
        "target": target_of(tenant, job).and_then(|id| world.find(id)).map(|target| &target.tenant_id),
        "state": job.state,
        "code": job.status["code"],
        "underway": job.underway,
        "next": job.next_run.filter(|_| job.state == "Active").map(moment),
        "lastExecution": job.status["lastExecution"],
        "quarantine": job.status["quarantine"],
        "synchronized": job.status["synchronizedEntryCountByType"],
    })
}

/// The ID of the target tenant of a job.
fn target_of<'t>(tenant: &'t Tenant, job: &Job) -> Option<&'t str> {
    let secrets = tenant.secrets.get(&job.service_principal)?;
    agreement::secret(secrets, "CompanyId")
}

/// The policies of both tenants.
fn policies(source: &Tenant, target: &Tenant) -> Value {
    let partner = |tenant: &Tenant, other: &Tenant, side: &str| {
        let policy = tenant.partners.get(&other.tenant_id);
        let consent =
            policy.is_some_and(|policy| policy["automaticUserConsentSettings"][side] == true);
        (policy.is_some(), consent)
    };
    let allowed = |member: &str| {
        let policy = target.sync_policies.get(&source.tenant_id);
        policy.is_some_and(|policy| policy[member]["isSyncAllowed"] == true)
    };
    let (at_source, outbound) = partner(source, target, "outboundAllowed");
    let (at_target, inbound) = partner(target, source, "inboundAllowed");
    json!({
        "source": { "partner": at_source, "automaticRedemption": outbound },
        "target": {
            "partner": at_target, "automaticRedemption": inbound,
            "users": allowed("userSyncInbound"), "groups": allowed("groupSyncInbound"),
        },
    })
}

/// One row: an object of the source tenant, its copy in the target tenant, or both.
#[derive(Clone, Copy)]
struct Row<'w> {
    kind: &'static str,
    /// ID of the source object, which may no longer exist.
    origin: Option<&'w str>,
    source: Option<&'w Value>,
    target: Option<&'w Value>,
    is_deleted: bool,
}

/// The users and groups of two tenants.
struct People<'w> {
    source: &'w Tenant,
    target: Option<&'w Tenant>,
    jobs: Vec<&'w Job>,
}

impl<'w> People<'w> {
    fn of(source: &'w Tenant, target: Option<&'w Tenant>) -> Self {
        let id = target.map(|target| target.tenant_id.as_str());
        let leads = |job: &&Job| id.is_some() && target_of(source, job) == id;
        let jobs = source.jobs.iter().filter(leads).collect();
        Self {
            source,
            target,
            jobs,
        }
    }

    /// The users of the source tenant with their copies, then its groups, then the objects that exist only in the target tenant.
    fn rows(&self, find: &str) -> Vec<Row<'w>> {
        let copies = self.copies();
        let mut rows = Vec::new();
        let here = [("User", &self.source.users), ("Group", &self.source.groups)];
        for (kind, objects) in here {
            rows.extend(objects.iter().map(|(id, object)| {
                let copy = copies.get(id.as_str());
                Row {
                    kind,
                    origin: Some(id),
                    source: Some(object),
                    target: copy.map(|(copy, _)| *copy),
                    is_deleted: copy.is_some_and(|(_, deleted)| *deleted),
                }
            }));
        }
        rows.extend(self.only_there());
        if !find.is_empty() {
            let fits = |object: &Value| {
                let mut texts = ["displayName", "userPrincipalName", "mail"].into_iter();
                texts.any(|name| {
                    let text = object[name].as_str();
                    text.is_some_and(|text| text.to_lowercase().contains(find))
                })
            };
            rows.retain(|row| [row.source, row.target].into_iter().flatten().any(fits));
        }
        rows
    }

    /// Copies by the ID of their source object, and whether they are deleted. An existing copy precedes a deleted one.
    fn copies(&self) -> HashMap<&'w str, (&'w Value, bool)> {
        let mut found = HashMap::new();
        for (objects, deleted) in self.there() {
            for (_, object) in objects {
                if let Some(origin) = self.origin(object) {
                    found.entry(origin).or_insert((object, deleted));
                }
            }
        }
        found
    }

    /// The collections of the target tenant, and whether their objects are deleted.
    fn there(&self) -> impl Iterator<Item = (&'w Collection, bool)> + use<'w> {
        let all = |target: &'w Tenant| {
            let alive = [(&target.users, false), (&target.groups, false)];
            alive.into_iter().chain([(&target.deleted_items, true)])
        };
        self.target.into_iter().flat_map(all)
    }

    /// The ID of the source object of this copy.
    fn origin(&self, object: &'w Value) -> Option<&'w str> {
        let origin = &object["_source"];
        let here = origin["tenantId"] == self.source.tenant_id.as_str();
        let id = origin["userId"].as_str().or(origin["groupId"].as_str());
        id.filter(|_| here)
    }

    /// Objects of the target tenant without a counterpart in the source tenant, except its own deleted ones.
    fn only_there(&self) -> Vec<Row<'w>> {
        let known =
            |id: &str| self.source.users.contains_key(id) || self.source.groups.contains_key(id);
        let mut rows = Vec::new();
        for (objects, is_deleted) in self.there() {
            for (_, object) in objects {
                let origin = self.origin(object);
                if origin.is_some_and(known) || (is_deleted && origin.is_none()) {
                    continue;
                }
                let is_group = object["securityEnabled"].is_boolean();
                rows.push(Row {
                    kind: if is_group { "Group" } else { "User" },
                    origin,
                    source: None,
                    target: Some(object),
                    is_deleted,
                });
            }
        }
        rows
    }

    fn lines(&self, rows: &[Row]) -> Value {
        let assigned = self.assigned();
        let wanted = rows.iter().filter_map(|row| row.origin).collect();
        let last = self.last(wanted);
        let line = |row: &Row| {
            let id = |object: &Value| object["id"].as_str().unwrap_or_default().to_owned();
            json!({
                "key": row.origin.map(str::to_owned).or(row.target.map(id)),
                "kind": row.kind,
                "source": row.source.map(|object| shown(object, false)),
                "target": row.target.map(|object| shown(object, row.is_deleted)),
                "left": row.source.is_none() && row.origin.is_some(),
                "assigned": row.origin.is_some_and(|origin| assigned.contains(origin)),
                "last": row.origin.and_then(|origin| last.get(origin)),
            })
        };
        rows.iter().map(line).collect()
    }

    /// The IDs of the users and groups that are assigned to a job of these tenants.
    fn assigned(&self) -> HashSet<String> {
        let mut found = HashSet::new();
        for job in &self.jobs {
            let everyone = job.all_users.unwrap_or(false);
            let users = scope::entitled(self.source, &job.service_principal, everyone);
            let themselves: BTreeMap<_, _> = scope::principals(self.source, &job.service_principal);
            let all = users.into_iter().chain(themselves);
            found.extend(all.filter(|(_, how)| how.counts()).map(|(id, _)| id));
        }
        found
    }

    /// The latest entry of the provisioning log for each of these objects.
    fn last(&self, mut wanted: HashSet<&str>) -> HashMap<String, Value> {
        let mut found = HashMap::new();
        for line in self.source.provisioning_log.iter().rev() {
            if wanted.is_empty() {
                break;
            }
            if !self.jobs.iter().any(|job| line["jobId"] == job.id.as_str()) {
                continue;
            }
            let id = line["sourceIdentity"]["id"].as_str().unwrap_or_default();
            if wanted.remove(id) {
                let status = &line["provisioningStatusInfo"];
                let said = json!({
                    "action": line["provisioningAction"],
                    "status": status["status"],
                    "code": status["errorInformation"]["errorCode"],
                    "reason": status["errorInformation"]["reason"],
                    "time": line["activityDateTime"],
                });
                found.insert(id.to_owned(), said);
            }
        }
        found
    }
}

/// The properties of a user or group that the page shows.
fn shown(object: &Value, is_deleted: bool) -> Value {
    let mut shown = Map::new();
    for name in ["id", "displayName", "userPrincipalName", "userType"] {
        if let Some(value) = object.get(name) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    let disabled = object["accountEnabled"] == false;
    let state = match (is_deleted, disabled) {
        (true, _) => "deleted",
        (_, true) => "disabled",
        _ => "active",
    };
    shown.insert("state".to_owned(), json!(state));
    Value::Object(shown)
}
