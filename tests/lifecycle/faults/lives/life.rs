//! The lifecycles to run: one for every resource, and one for the pair of tenants.

use serde_json::{Value as Json, json};

use super::Phase;
use crate::engine::scenarios::{ADA, COLLABORATORS, GRACE, Ground, Scenario, all};
use crate::engine::{CONTOSO, FABRIKAM, Side};

/// One resource of a lifecycle. `@name.attribute` refers to an earlier one.
#[derive(Clone, Debug)]
pub struct Step {
    pub(super) name: &'static str,
    pub(super) side: Side,
    pub(super) type_name: &'static str,
    pub(super) config: Json,
    /// The configuration after the change, which may be the same.
    pub(super) changed: Json,
}

/// The resources that are created, changed and destroyed together.
#[derive(Clone, Debug)]
pub struct Life {
    pub name: String,
    /// Objects that others have deleted before.
    pub(super) deleted: Vec<(Side, &'static str)>,
    pub(super) steps: Vec<Step>,
    /// Whether the provider is killed during the creation.
    pub(super) killed: bool,
}

/// One for every resource, one for the pair of tenants of the example, and the latter again with a kill.
pub fn lives() -> Vec<Life> {
    let mut lives: Vec<Life> = all().iter().map(Life::of).collect();
    lives.push(Life::pair("two-tenants", false));
    lives.push(Life::pair("two-tenants, killed", true));
    lives
}

impl Life {
    fn of(scenario: &Scenario) -> Self {
        let mut life = Self {
            name: scenario.type_name.to_owned(),
            deleted: Vec::new(),
            steps: Vec::new(),
            killed: false,
        };
        for ground in &scenario.ground {
            match ground {
                Ground::Deleted { side, path } if life.steps.is_empty() => {
                    life.deleted.push((*side, path));
                }
                // An object that a step creates cannot be deleted before the lifecycle begins: then there is nothing to restore, and the
                // object is adopted.
                Ground::Deleted { .. } => {}
                Ground::Resource {
                    name,
                    side,
                    type_name,
                    config,
                } => life
                    .steps
                    .push(step(name, *side, type_name, config, &Json::Null)),
            }
        }
        life.steps.push(step(
            "subject",
            scenario.side,
            scenario.type_name,
            &scenario.config,
            &scenario.changed,
        ));
        life
    }

    /// Everything that the example in `examples/two-tenants` creates.
    fn pair(name: &str, killed: bool) -> Self {
        Self {
            name: name.to_owned(),
            deleted: Vec::new(),
            steps: [agreement(), synchronization()].concat(),
            killed,
        }
    }
}

/// The settings that both tenants need.
fn agreement() -> Vec<Step> {
    use Side::{Source, Target};
    let trust = |mfa: bool| json!({ "partner_tenant_id": CONTOSO, "inbound_trust": { "is_mfa_accepted": mfa }, "automatic_user_consent_settings": { "inbound_allowed": true } });
    let sync = |name: &str| json!({ "partner_tenant_id": CONTOSO, "display_name": name, "user_sync_inbound": { "is_sync_allowed": true } });
    let consent = json!({ "partner_tenant_id": FABRIKAM, "automatic_user_consent_settings": { "outbound_allowed": true } });
    let partner = |other: &str| json!({ "partner_tenant_id": other });
    vec![
        step(
            "contoso",
            Target,
            "crosstenant_partner_policy",
            &partner(CONTOSO),
            &Json::Null,
        ),
        step(
            "trust",
            Target,
            "crosstenant_trust_settings",
            &trust(true),
            &trust(false),
        ),
        step(
            "sync",
            Target,
            "crosstenant_sync_policy",
            &sync("Contoso"),
            &sync("Their users"),
        ),
        step(
            "fabrikam",
            Source,
            "crosstenant_partner_policy",
            &partner(FABRIKAM),
            &Json::Null,
        ),
        step(
            "consent",
            Source,
            "crosstenant_trust_settings",
            &consent,
            &Json::Null,
        ),
    ]
}

/// The configuration, its assignments, and the job with its schema, which starts last.
fn synchronization() -> Vec<Step> {
    let source = |name, type_name, config: &Json, changed: &Json| {
        step(name, Side::Source, type_name, config, changed)
    };
    let principal = "@configuration.service_principal_id";
    let named = |name: &str| json!({ "display_name": name });
    let assigned = |who: &[&str]| {
        let principals = who.iter().map(|id| ((*id).to_owned(), json!({})));
        json!({ "principals": principals.collect::<serde_json::Map<_, _>>(), "resource_object_id": principal })
    };
    let job = |threshold: u64| {
        json!({ "service_principal_id": principal, "target_tenant_id": FABRIKAM, "scope": "assigned", "notification_email": "identity@contoso.example",
            "accidental_deletion_threshold": threshold })
    };
    let of_job = |more: Json| {
        let mut config =
            json!({ "service_principal_id": "@job.service_principal_id", "job_id": "@job.id" });
        config
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        config
    };
    let mapped = |kind: &str| {
        of_job(
            json!({ "attribute_mappings": { "userType": { "constant": kind, "apply": "always" } },
        "scoping_filters": [{ "name": "Employees", "clauses": [{ "attribute": "department", "operator": "NOT EQUALS", "values": ["Contractors"] }] }] }),
        )
    };
    vec![
        source(
            "configuration",
            "crosstenant_synchronization_configuration",
            &named("Contoso to Fabrikam"),
            &named("Renamed"),
        ),
        source(
            "assignments",
            "crosstenant_app_role_assignments",
            &assigned(&[ADA, COLLABORATORS]),
            &assigned(&[ADA, GRACE]),
        ),
        source("job", "crosstenant_provisioning_job", &job(500), &job(100)),
        source(
            "schema",
            "crosstenant_synchronization_schema",
            &mapped("Member"),
            &mapped("Guest"),
        ),
        source(
            "state",
            "crosstenant_provisioning_job_state",
            &of_job(json!({})),
            &Json::Null,
        ),
    ]
}

fn step(
    name: &'static str,
    side: Side,
    type_name: &'static str,
    config: &Json,
    changed: &Json,
) -> Step {
    Step {
        name,
        side,
        type_name,
        config: config.clone(),
        changed: if changed.is_null() {
            config.clone()
        } else {
            changed.clone()
        },
    }
}

impl Step {
    pub(super) fn wanted(&self, phase: Phase) -> &Json {
        if phase == Phase::Create {
            &self.config
        } else {
            &self.changed
        }
    }
}
