//! Data sources.

use serde_json::json;

use super::{COLLABORATORS, EDSGER, FABRIKAM, Scenario, Side, a_job, assigned, scenario};

/// All data sources, each with something to find.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn lookups() -> Vec<Scenario> {
    let found = [assigned("group", COLLABORATORS), assigned("texter", EDSGER)];
    let ground = [a_job(), found.to_vec()].concat();
    let look = |type_name, side, config| scenario(type_name, side, &[], config).on(ground.clone());
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
