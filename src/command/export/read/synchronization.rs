//! Reads partners, and configurations with everything that belongs to them.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::Value as Json;

use super::{Called, Reader, lock};
use crate::json::{self, text};
use crate::snapshot::{Object, Partner, Principal, PrincipalKind};
use terraform::{ListEntry, Value};

/// Above this number, the assignments of one role are written as one set.
pub(super) const SINGLE_ASSIGNMENTS: usize = 20;

/// The objects that belong to configurations.
#[derive(Default)]
pub(super) struct Synchronization {
    pub(super) objects: Vec<Object>,
    pub(super) principals: Vec<Principal>,
    /// The status of the jobs.
    pub(super) jobs: Vec<Json>,
}

impl Synchronization {
    fn add(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.principals.extend(other.principals);
        self.jobs.extend(other.jobs);
    }
}

/// One assignment of a role.
struct Assigned {
    id: String,
    principal: Principal,
}

impl Reader<'_, '_> {
    /// The objects of all partners, and the names of the partners.
    pub(super) async fn partners(&self) -> (Vec<Object>, Vec<Partner>) {
        let kinds = ["partner_policy", "trust_settings", "sync_policy"];
        if !self.wanted.has_any(&kinds) && self.wanted.partners.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let found = self.list("partner_policy", &[]).await;
        let partners: Vec<Partner> = found.iter().filter_map(partner).collect();
        // Most partners have none, and each would take a request.
        let synchronized = if self.wanted.has("sync_policy") && !found.is_empty() {
            self.list("sync_policy", &[]).await
        } else {
            Vec::new()
        };
        let synchronized = synchronized
            .iter()
            .filter_map(|one| text(&one.object, "partner_tenant_id"))
            .map(|id| ("sync_policy", id));
        let everywhere = kinds[..2].iter().filter(|kind| self.wanted.has(kind));
        let everywhere =
            everywhere.flat_map(|kind| partners.iter().map(|one| (*kind, one.tenant_id.clone())));
        let name = |id: &str| {
            let partner = partners.iter().find(|partner| partner.tenant_id == id);
            partner.and_then(|partner| partner.display_name.clone())
        };
        let read = everywhere.chain(synchronized).map(|(kind, id)| {
            let called = Called {
                name: name(&id),
                configuration: None,
            };
            self.object(kind, id, called)
        });
        let objects = join_all(read).await.into_iter().flatten().collect();
        (objects, partners)
    }

    /// All selected configurations.
    pub(super) async fn synchronization(&self, with_jobs: bool) -> Synchronization {
        let kinds = [
            "synchronization_configuration",
            "provisioning_job",
            "synchronization_schema",
            "app_role_assignment",
            "app_role_assignments",
            "sms_sign_in",
        ];
        let mut all = Synchronization::default();
        if !self.wanted.has_any(&kinds) {
            return all;
        }
        let found = self.list("synchronization_configuration", &[]).await;
        let read = found.iter().filter_map(|one| {
            let id = text(&one.object, "service_principal_id")?;
            lock(&self.configurations).push((id.clone(), one.display_name.clone()));
            let is_wanted = self.wanted.has_configuration(&id, &one.display_name);
            is_wanted.then(|| self.configuration(id, &one.display_name, with_jobs))
        });
        for one in join_all(read).await {
            all.add(one);
        }
        all
    }

    async fn configuration(&self, id: String, name: &str, with_jobs: bool) -> Synchronization {
        let called = Called {
            name: Some(name.to_owned()),
            configuration: Some(name.to_owned()),
        };
        let own = async {
            // Without it, the default role of its assignments would be unknown.
            if self.wanted.has("synchronization_configuration") {
                self.object("synchronization_configuration", id.clone(), called.clone())
                    .await
            } else {
                None
            }
        };
        let (own, jobs, assignments, users) = tokio::join!(
            own,
            self.jobs(&id, &called, with_jobs),
            self.assignments(&id, &called),
            self.sms_users(&id, &called),
        );
        let mut all = Synchronization {
            objects: own.into_iter().collect(),
            ..Synchronization::default()
        };
        all.add(jobs);
        all.add(assignments);
        all.add(users);
        all
    }

    /// The jobs of a configuration, and their schemas if customized.
    async fn jobs(&self, principal: &str, called: &Called, with_jobs: bool) -> Synchronization {
        let mut all = Synchronization::default();
        if !with_jobs
            && !self
                .wanted
                .has_any(&["provisioning_job", "synchronization_schema"])
            && self.wanted.partners.is_empty()
        {
            return all;
        }
        let argument = [("service_principal_id", Value::from(principal))];
        let found = self.list("provisioning_job", &argument).await;
        let ids = found.iter().filter_map(|job| text(&job.object, "id"));
        for id in ids {
            let import_id = format!("{principal}/{id}");
            let [job, schema] = ["provisioning_job", "synchronization_schema"]
                .map(|kind| {
                    (
                        kind,
                        self.wanted.has(kind)
                            || (kind == "provisioning_job" && !self.wanted.partners.is_empty()),
                    )
                })
                .map(|(kind, is_wanted)| {
                    let (import_id, called) = (import_id.clone(), called.clone());
                    async move {
                        if is_wanted {
                            self.object(kind, import_id, called).await
                        } else {
                            None
                        }
                    }
                });
            let state = async {
                if with_jobs {
                    self.job_state(principal, &id).await
                } else {
                    None
                }
            };
            let (job, schema, state) = tokio::join!(job, schema, state);
            all.objects.extend(job.into_iter().chain(schema));
            all.jobs.extend(state);
        }
        all
    }

    /// The status of a job. It is not an object, so a snapshot without it is complete.
    async fn job_state(&self, principal: &str, id: &str) -> Option<Json> {
        let arguments = [
            ("service_principal_id", principal.into()),
            ("id", id.into()),
        ];
        let found = self.look_up("provisioning_job", &arguments).await;
        Some(json::json(&found.ok()?))
    }

    /// The assignments of a configuration: single resources if there are few, and a map for each role if there are many. A type that was
    /// requested by name takes precedence.
    async fn assignments(&self, resource: &str, called: &Called) -> Synchronization {
        let mut all = Synchronization::default();
        if !self
            .wanted
            .has_any(&["app_role_assignment", "app_role_assignments"])
        {
            return all;
        }
        let argument = [("resource_object_id", Value::from(resource))];
        let found = match self.look_up("app_role_assignments", &argument).await {
            Ok(found) => found,
            Err(failure) => {
                self.record_problem(
                    "app_role_assignments",
                    called.name.clone(),
                    &failure.to_string(),
                );
                return all;
            }
        };
        let (singles, sets) = (
            self.wanted.names("app_role_assignment"),
            self.wanted.names("app_role_assignments"),
        );
        for (role, assigned) in by_role(&found) {
            let is_set = if singles == sets {
                assigned.len() > SINGLE_ASSIGNMENTS
            } else {
                sets
            };
            if is_set {
                let id = format!("{resource}/{role}");
                all.objects.extend(
                    self.object("app_role_assignments", id, called.clone())
                        .await,
                );
            } else {
                let read = assigned.iter().map(|one| {
                    let called = Called {
                        name: one.principal.display_name.clone(),
                        configuration: called.configuration.clone(),
                    };
                    self.object(
                        "app_role_assignment",
                        format!("{resource}/{}", one.id),
                        called,
                    )
                });
                all.objects
                    .extend(join_all(read).await.into_iter().flatten());
            }
            all.principals
                .extend(assigned.into_iter().map(|one| one.principal));
        }
        all
    }

    /// The assigned users with SMS sign-in, only if requested.
    async fn sms_users(&self, principal: &str, called: &Called) -> Synchronization {
        let mut all = Synchronization::default();
        if !self.wanted.has("sms_sign_in") {
            return all;
        }
        let argument = [("service_principal_id", Value::from(principal))];
        let found = match self.look_up("sms_sign_in_users", &argument).await {
            Ok(found) => found,
            Err(failure) => {
                self.record_problem("sms_sign_in", called.name.clone(), &failure.to_string());
                return all;
            }
        };
        let users = found.member("users").as_elements().unwrap_or_default();
        let read = users.iter().filter_map(|user| {
            let id = text(user, "id")?;
            let called = Called {
                name: text(user, "display_name"),
                configuration: called.configuration.clone(),
            };
            Some(self.object("sms_sign_in", id, called))
        });
        all.objects = join_all(read).await.into_iter().flatten().collect();
        all
    }
}

/// A partner in the result of a list, either the name followed by the ID, or the ID alone.
fn partner(found: &ListEntry) -> Option<Partner> {
    let tenant_id = text(&found.object, "partner_tenant_id")?;
    let name = found.display_name.strip_suffix(&format!(" ({tenant_id})"));
    Some(Partner {
        display_name: name.map(str::to_owned),
        domain_name: None,
        tenant_id,
    })
}

fn by_role(found: &Value) -> BTreeMap<String, Vec<Assigned>> {
    let mut roles: BTreeMap<String, Vec<Assigned>> = BTreeMap::new();
    for one in found
        .member("assignments")
        .as_elements()
        .unwrap_or_default()
    {
        let parts = ["id", "principal_object_id", "app_role_id"].map(|name| text(one, name));
        let [Some(id), Some(principal), Some(role)] = parts else {
            continue;
        };
        let kind = match text(one, "principal_type").as_deref() {
            Some("User") => PrincipalKind::User,
            Some("Group") => PrincipalKind::Group,
            _ => PrincipalKind::ServicePrincipal,
        };
        roles.entry(role).or_default().push(Assigned {
            id,
            principal: Principal {
                id: principal,
                kind,
                display_name: text(one, "principal_display_name"),
                unique_name: None,
            },
        });
    }
    roles
}
