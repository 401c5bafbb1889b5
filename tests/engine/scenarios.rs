//! A small life of every resource: what must be there first, how it is created and what it is changed to.

use crosstenant::terraform::Value;
use serde_json::{Value as Json, json};

use super::{CONTOSO, FABRIKAM, Side, Stage, Stored, USUAL, apply};

pub const ADA: &str = "a1000000-0000-4000-8000-000000000001";
pub const GRACE: &str = "a1000000-0000-4000-8000-000000000002";
pub const EDSGER: &str = "a1000000-0000-4000-8000-000000000005";
pub const COLLABORATORS: &str = "b1000000-0000-4000-8000-000000000001";

/// Something that a scenario stands on. `@name.attribute` in a configuration refers to what was made before.
#[derive(Clone, Debug)]
pub enum Ground {
    /// A resource, by the name that references use.
    Resource {
        name: &'static str,
        side: Side,
        type_name: &'static str,
        config: Json,
    },
    /// Somebody has deleted the object at this path of Graph.
    Deleted { side: Side, path: &'static str },
}

/// The life of one resource.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub type_name: &'static str,
    pub side: Side,
    pub ground: Vec<Ground>,
    pub config: Json,
    /// Null where nothing can change.
    pub changed: Json,
    /// The attributes of an import ID, slashes between them.
    pub import: &'static [&'static str],
}

fn ground(name: &'static str, side: Side, type_name: &'static str, config: Json) -> Ground {
    Ground::Resource {
        name,
        side,
        type_name,
        config,
    }
}

fn partner(side: Side, name: &'static str) -> Ground {
    let other = if side == Side::Source {
        FABRIKAM
    } else {
        CONTOSO
    };
    ground(
        name,
        side,
        "crosstenant_partner_policy",
        json!({ "partner_tenant_id": other }),
    )
}

fn configuration() -> Ground {
    ground(
        "configuration",
        Side::Source,
        "crosstenant_synchronization_configuration",
        json!({ "display_name": "Contoso to Fabrikam" }),
    )
}

fn organization() -> Ground {
    ground(
        "organization",
        Side::Source,
        "crosstenant_multi_tenant_organization",
        json!({ "display_name": "All of us" }),
    )
}

fn member() -> Ground {
    ground(
        "member",
        Side::Source,
        "crosstenant_multi_tenant_organization_tenant",
        json!({ "member_tenant_id": FABRIKAM, "display_name": "Fabrikam" }),
    )
}

fn all_for_a_job() -> Vec<Ground> {
    let trust = |name, side, consent| {
        let other = if side == Side::Source {
            FABRIKAM
        } else {
            CONTOSO
        };
        let config =
            json!({ "partner_tenant_id": other, "automatic_user_consent_settings": consent });
        ground(name, side, "crosstenant_trust_settings", config)
    };
    vec![
        partner(Side::Target, "partner"),
        trust("trust", Side::Target, json!({ "inbound_allowed": true })),
        ground(
            "sync",
            Side::Target,
            "crosstenant_sync_policy",
            json!({ "partner_tenant_id": CONTOSO, "user_sync_inbound": { "is_sync_allowed": true } }),
        ),
        partner(Side::Source, "other"),
        trust("consent", Side::Source, json!({ "outbound_allowed": true })),
        configuration(),
    ]
}

/// The settings that a tenant has once.
fn once(type_name: &'static str, config: Json, changed: Json) -> Scenario {
    Scenario {
        type_name,
        side: Side::Target,
        ground: Vec::new(),
        config,
        changed,
        import: &["tenant_id"],
    }
}

fn policies() -> Vec<Scenario> {
    let target = |kind: &str, target: &str, access: &str| json!({ "access_type": access, "targets": [{ "target": target, "target_type": kind }] });
    let block = |access: &str| json!({ "users_and_groups": target("user", "AllUsers", access), "applications": target("application", "AllApplications", access) });
    let of_partner = |type_name, ground, config, changed| Scenario {
        type_name,
        side: Side::Target,
        ground,
        config,
        changed,
        import: &["partner_tenant_id"],
    };
    vec![
        of_partner(
            "crosstenant_partner_policy",
            Vec::new(),
            json!({ "partner_tenant_id": CONTOSO, "b2b_direct_connect_inbound": block("allowed") }),
            json!({ "partner_tenant_id": CONTOSO, "b2b_collaboration_outbound": block("blocked"), "is_service_provider": true,
                "m365_capabilities": { "crossTenantOpenProfileCard": { "is_allowed": true } } }),
        ),
        of_partner(
            "crosstenant_trust_settings",
            vec![partner(Side::Target, "partner")],
            json!({ "partner_tenant_id": CONTOSO, "automatic_user_consent_settings": { "inbound_allowed": true } }),
            json!({ "partner_tenant_id": CONTOSO, "inbound_trust": { "is_mfa_accepted": true } }),
        ),
        of_partner(
            "crosstenant_sync_policy",
            vec![partner(Side::Target, "partner")],
            json!({ "partner_tenant_id": CONTOSO, "user_sync_inbound": { "is_sync_allowed": true } }),
            json!({ "partner_tenant_id": CONTOSO, "display_name": "Contoso", "user_sync_inbound": { "is_sync_allowed": false } }),
        ),
        once(
            "crosstenant_default_policy",
            json!({ "inbound_trust": { "is_mfa_accepted": true } }),
            json!({ "b2b_direct_connect_inbound": block("allowed"), "m365_capabilities": { "crossTenantMigration": { "is_allowed": true } } }),
        ),
        once(
            "crosstenant_access_policy",
            json!({ "allowed_cloud_endpoints": ["microsoftonline.us"] }),
            json!({ "allowed_cloud_endpoints": ["partner.microsoftonline.cn"] }),
        ),
        once(
            "crosstenant_guest_invite_settings",
            json!({ "allow_invites_from": "adminsAndGuestInviters" }),
            json!({ "allow_invites_from": "none" }),
        ),
        once(
            "crosstenant_tenant_properties",
            json!({ "privacy_profile": { "contact_email": "privacy@fabrikam.example" } }),
            json!({ "privacy_profile": { "statement_url": "https://fabrikam.example/privacy" } }),
        ),
        once(
            "crosstenant_external_user_leave_settings",
            json!({ "allow_external_identities_to_leave": false }),
            json!({ "allow_external_identities_to_leave": true }),
        ),
        once(
            "crosstenant_multi_tenant_organization_partner_configuration_template",
            json!({ "template_application_level": ["new_partners"], "inbound_trust": { "is_mfa_accepted": true } }),
            json!({ "template_application_level": ["new_partners"], "automatic_user_consent_settings": { "inbound_allowed": true } }),
        ),
        once(
            "crosstenant_multi_tenant_organization_identity_synchronization_template",
            json!({ "template_application_level": ["new_partners"], "user_sync_inbound": { "is_sync_allowed": true } }),
            json!({ "template_application_level": ["new_partners"], "user_sync_inbound": { "is_sync_allowed": false } }),
        ),
    ]
}

fn organizations() -> Vec<Scenario> {
    vec![
        Scenario {
            type_name: "crosstenant_multi_tenant_organization",
            side: Side::Source,
            ground: Vec::new(),
            config: json!({ "display_name": "All of us" }),
            changed: json!({ "display_name": "Everybody", "description": "Both" }),
            import: &["tenant_id"],
        },
        Scenario {
            type_name: "crosstenant_multi_tenant_organization_tenant",
            side: Side::Source,
            ground: vec![organization()],
            config: json!({ "member_tenant_id": FABRIKAM, "display_name": "Fabrikam" }),
            changed: json!({ "member_tenant_id": FABRIKAM, "display_name": "Fabrikam", "role": "owner" }),
            import: &["member_tenant_id"],
        },
        Scenario {
            type_name: "crosstenant_multi_tenant_organization_join_request",
            side: Side::Target,
            ground: vec![organization(), member()],
            config: json!({ "added_by_tenant_id": CONTOSO }),
            changed: Json::Null,
            import: &["tenant_id"],
        },
    ]
}

fn synchronization() -> Vec<Scenario> {
    let principal = "@configuration.service_principal_id";
    vec![
        Scenario {
            type_name: "crosstenant_synchronization_configuration",
            side: Side::Source,
            ground: Vec::new(),
            config: json!({ "display_name": "Contoso to Fabrikam" }),
            changed: json!({ "display_name": "Renamed" }),
            import: &["service_principal_id"],
        },
        Scenario {
            type_name: "crosstenant_app_role_assignment",
            side: Side::Source,
            ground: vec![configuration()],
            config: json!({ "principal_object_id": COLLABORATORS, "resource_object_id": principal }),
            changed: json!({ "principal_object_id": GRACE, "resource_object_id": principal }),
            import: &["resource_object_id", "id"],
        },
        Scenario {
            type_name: "crosstenant_app_role_assignments",
            side: Side::Source,
            ground: vec![configuration()],
            config: json!({ "principals": { ADA: {}, COLLABORATORS: {} }, "resource_object_id": principal }),
            changed: json!({ "principals": { ADA: { "note": "Ada" }, GRACE: {} }, "resource_object_id": principal }),
            import: &["resource_object_id"],
        },
        Scenario {
            type_name: "crosstenant_provisioning_job",
            side: Side::Source,
            ground: all_for_a_job(),
            config: json!({ "service_principal_id": principal, "target_tenant_id": FABRIKAM, "enabled": true, "scope": "all" }),
            changed: json!({ "service_principal_id": principal, "target_tenant_id": FABRIKAM, "enabled": false, "notification_email": "a@b.example" }),
            import: &["service_principal_id", "id"],
        },
    ]
}

fn a_job() -> Vec<Ground> {
    let mut ground_of_job = all_for_a_job();
    ground_of_job.push(ground(
        "assignment",
        Side::Source,
        "crosstenant_app_role_assignment",
        json!({ "principal_object_id": ADA, "resource_object_id": "@configuration.service_principal_id" }),
    ));
    ground_of_job.push(ground(
        "job",
        Side::Source,
        "crosstenant_provisioning_job",
        json!({ "service_principal_id": "@configuration.service_principal_id", "target_tenant_id": FABRIKAM }),
    ));
    ground_of_job
}

/// Somebody else who is assigned.
fn assigned(name: &'static str, principal: &str) -> Ground {
    ground(
        name,
        Side::Source,
        "crosstenant_app_role_assignment",
        json!({ "principal_object_id": principal, "resource_object_id": "@configuration.service_principal_id" }),
    )
}

fn users() -> Vec<Scenario> {
    let of_job = |more: Json| {
        let mut config =
            json!({ "service_principal_id": "@job.service_principal_id", "job_id": "@job.id" });
        for (name, value) in more.as_object().unwrap() {
            config[name] = value.clone();
        }
        config
    };
    vec![
        Scenario {
            type_name: "crosstenant_provisioning_job_state",
            side: Side::Source,
            ground: a_job(),
            config: of_job(json!({})),
            changed: of_job(json!({ "enabled": false })),
            import: &["service_principal_id", "job_id"],
        },
        Scenario {
            type_name: "crosstenant_synchronization_schema",
            side: Side::Source,
            ground: {
                let mut ground = a_job();
                ground.push(assigned("collaborators", COLLABORATORS));
                ground
            },
            config: of_job(
                json!({ "attribute_mappings": { "userType": { "constant": "Member" } }, "object_actions": { "delete": false } }),
            ),
            changed: of_job(
                json!({ "groups_enabled": true, "scoping_filters": [{ "name": "Research", "clauses": [{ "attribute": "department", "operator": "EQUALS", "values": ["Research"] }] }] }),
            ),
            import: &["service_principal_id", "job_id"],
        },
        Scenario {
            type_name: "crosstenant_provision_on_demand",
            side: Side::Source,
            ground: a_job(),
            config: of_job(json!({ "user_object_id": ADA })),
            changed: Json::Null,
            import: &["service_principal_id", "job_id", "user_object_id"],
        },
        Scenario {
            type_name: "crosstenant_sms_sign_in",
            side: Side::Source,
            ground: Vec::new(),
            config: json!({ "user_object_id": EDSGER, "enabled": false }),
            changed: json!({ "user_object_id": EDSGER, "enabled": true }),
            import: &["user_object_id"],
        },
        Scenario {
            type_name: "crosstenant_restored_user",
            side: Side::Target,
            ground: vec![Ground::Deleted {
                side: Side::Target,
                path: "/v1.0/users/f1000000-0000-4000-8000-000000000001",
            }],
            config: json!({ "user_object_id": "f1000000-0000-4000-8000-000000000001" }),
            changed: Json::Null,
            import: &["user_object_id"],
        },
        Scenario {
            type_name: "crosstenant_restored_policy",
            side: Side::Target,
            ground: vec![
                partner(Side::Target, "partner"),
                Ground::Deleted {
                    side: Side::Target,
                    path: "/v1.0/policies/crossTenantAccessPolicy/partners/3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10",
                },
            ],
            config: json!({ "partner_tenant_id": CONTOSO, "kind": "partner" }),
            changed: Json::Null,
            import: &["partner_tenant_id", "kind"],
        },
        Scenario {
            type_name: "crosstenant_restored_configuration",
            side: Side::Source,
            ground: vec![configuration()],
            config: json!({ "service_principal_id": "@configuration.service_principal_id" }),
            changed: Json::Null,
            import: &["service_principal_id"],
        },
    ]
}

/// Every resource the provider has.
pub fn all() -> Vec<Scenario> {
    [policies(), organizations(), synchronization(), users()].concat()
}

/// Every data source, each with something to find.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn lookups() -> Vec<Scenario> {
    let look = |type_name, side, config| Scenario {
        type_name,
        side,
        ground: [
            a_job(),
            vec![assigned("group", COLLABORATORS), assigned("texter", EDSGER)],
        ]
        .concat(),
        config,
        changed: Json::Null,
        import: &[],
    };
    let (source, target) = (Side::Source, Side::Target);
    let principal = json!({ "service_principal_id": "@job.service_principal_id" });
    let expression = json!({
        "service_principal_id": "@job.service_principal_id",
        "job_id": "@job.id",
        "expression": "Join(\", \", [surname], [givenName])",
        "attributes": { "givenName": "Ada", "surname": "Lovelace" },
    });
    vec![
        look(
            "crosstenant_app_role_assignments",
            source,
            json!({ "resource_object_id": "@job.service_principal_id" }),
        ),
        look(
            "crosstenant_audit_logs",
            source,
            json!({ "max_results": 5 }),
        ),
        look("crosstenant_deleted_users", target, json!({})),
        look("crosstenant_deleted_policies", target, json!({})),
        look("crosstenant_deleted_configurations", source, json!({})),
        look("crosstenant_secure_defaults", source, json!({})),
        look("crosstenant_expression_test", source, expression),
        look(
            "crosstenant_group",
            source,
            json!({ "display_name": "Fabrikam collaborators" }),
        ),
        look(
            "crosstenant_groups",
            source,
            json!({ "display_name_prefix": "Fabrikam" }),
        ),
        look(
            "crosstenant_leftover_users",
            source,
            json!({ "service_principal_id": "@job.service_principal_id", "target_users": [
                { "id": "f1000000-0000-4000-8000-000000000011", "source_object_id": EDSGER, "known_by": "attribute" },
                { "id": "f1000000-0000-4000-8000-000000000012", "home_user_principal_name": "nobody@contoso.example",
                  "known_by": "user_principal_name" },
            ] }),
        ),
        look("crosstenant_partner_policies", target, json!({})),
        look("crosstenant_pending_guests", target, json!({})),
        look("crosstenant_provisioning_job", source, principal.clone()),
        look(
            "crosstenant_provisioning_logs",
            source,
            json!({ "principal": "ada@contoso.example", "max_results": 5 }),
        ),
        look(
            "crosstenant_readiness",
            source,
            json!({ "partner_tenant_id": FABRIKAM, "direction": "source", "service_principal_id": "@job.service_principal_id" }),
        ),
        look("crosstenant_sms_sign_in_users", source, principal),
        look("crosstenant_sync_policies", target, json!({})),
        look(
            "crosstenant_synchronization_configurations",
            source,
            json!({}),
        ),
        look(
            "crosstenant_synchronization_preview",
            source,
            json!({ "service_principal_id": "@job.service_principal_id", "include_sms_sign_in": true,
                "include_changes": true }),
        ),
        look(
            "crosstenant_synchronized_users",
            target,
            json!({ "include_profiles": true }),
        ),
        look(
            "crosstenant_tenant",
            target,
            json!({ "domain_name": "contoso.example" }),
        ),
        look(
            "crosstenant_user",
            source,
            json!({ "user_principal_name": "ada@contoso.example" }),
        ),
        look(
            "crosstenant_users",
            source,
            json!({ "user_principal_names": ["ada@contoso.example"] }),
        ),
    ]
}

/// Fails where a resource or a data source has no scenario.
pub fn is_complete() {
    use crosstenant::terraform::Provider;
    let provider = crosstenant::resources::CrossTenant::default();
    let (scenarios, lookups) = (all(), lookups());
    let forgotten: Vec<&str> = provider
        .resources()
        .iter()
        .map(|resource| resource.type_name())
        .filter(|name| scenarios.iter().all(|scenario| scenario.type_name != *name))
        .collect();
    assert!(forgotten.is_empty(), "no scenario for {forgotten:?}");
    for source in provider.data_sources() {
        let name = source.type_name();
        let known = lookups.iter().any(|lookup| lookup.type_name == name);
        assert!(known, "no scenario for the data source {name}");
    }
}

/// The ground, made on a stage.
pub struct Made(Vec<(&'static str, Stored)>);

impl Made {
    pub async fn on(stage: &Stage, scenario: &Scenario) -> Self {
        let mut made = Self(Vec::new());
        for ground in &scenario.ground {
            match ground {
                Ground::Deleted { side, path } => stage.delete(*side, path).await,
                Ground::Resource {
                    name,
                    side,
                    type_name,
                    config,
                } => {
                    let provider = stage.provider(*side, USUAL).await;
                    let config = made.fill(config);
                    let outcome = apply(&provider, type_name, &Stored::default(), &config).await;
                    made.0.push((name, outcome.succeeded()));
                }
            }
        }
        made
    }

    /// A configuration with its references resolved.
    pub fn fill(&self, config: &Json) -> Json {
        match config {
            Json::String(text) => {
                match text.strip_prefix('@').and_then(|path| path.split_once('.')) {
                    Some((name, attribute)) => {
                        let (_, stored) = self.0.iter().find(|(made, _)| *made == name).unwrap();
                        json!(stored.value.member(attribute).as_str())
                    }
                    None => config.clone(),
                }
            }
            Json::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Json::Object(members) => {
                let filled = members
                    .iter()
                    .map(|(name, json)| (name.clone(), self.fill(json)));
                Json::Object(filled.collect())
            }
            other => other.clone(),
        }
    }
}

impl Scenario {
    /// The ID with which the stored object would be imported.
    pub fn import_id(&self, stored: &Value) -> String {
        let parts = self
            .import
            .iter()
            .map(|name| stored.member(name).as_str().unwrap());
        parts.collect::<Vec<_>>().join("/")
    }
}
