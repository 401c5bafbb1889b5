//! One-off operations: provisioning on demand, SMS sign-in, and restored objects.

use serde_json::json;

use super::Side::{Source, Target};
use super::{
    ADA, CONTOSO, EDSGER, Ground, Listed, Scenario, a_job, configuration, of_job, partner, scenario,
};

const GUEST: &str = "f1000000-0000-4000-8000-000000000001";

pub(super) fn rows() -> Vec<Scenario> {
    vec![
        scenario(
            "crosstenant_provision_on_demand",
            Source,
            &["service_principal_id", "job_id", "user_object_id"],
            of_job(&json!({ "user_object_id": ADA })),
        )
        .on(a_job())
        .forms(&["<service_principal_id>/<job_id>/groups/<group_object_id>"])
        .or_by("group_object_id")
        .lists(Listed::None("Graph does not store what was provisioned on demand")),
        scenario(
            "crosstenant_sms_sign_in",
            Source,
            &["user_object_id"],
            json!({ "user_object_id": EDSGER, "enabled": false }),
        )
        .changes(json!({ "user_object_id": EDSGER, "enabled": true }))
        .forms(&[
            "/users/<user_object_id>",
            "/users/<user_object_id>/authentication/phoneMethods/{method}",
        ])
        .listed("service_principal_id", 0, 2), // No assigned user has it.
        scenario(
            "crosstenant_restored_user",
            Target,
            &["user_object_id"],
            json!({ "user_object_id": GUEST }),
        )
        .on([Ground::Deleted {
            side: Target,
            path: "/v1.0/users/f1000000-0000-4000-8000-000000000001",
        }])
        .forms(&["/users/<user_object_id>", "/directory/deletedItems/<user_object_id>"])
        .lists(Listed::None("every user who is not deleted would be listed")),
        scenario(
            "crosstenant_restored_policy",
            Target,
            &["partner_tenant_id", "kind"],
            json!({ "partner_tenant_id": CONTOSO, "kind": "partner" }),
        )
        .on([
            partner(Target, "partner"),
            Ground::Deleted {
                side: Target,
                path: "/v1.0/policies/crossTenantAccessPolicy/partners/3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10",
            },
        ])
        .lists(Listed::Deleted),
        scenario(
            "crosstenant_restored_configuration",
            Source,
            &["service_principal_id"],
            json!({ "service_principal_id": "@configuration.service_principal_id" }),
        )
        .on([configuration()])
        .forms(&[
            "/servicePrincipals/<service_principal_id>",
            "/directory/deletedItems/<service_principal_id>",
        ])
        .lists(Listed::None("every configuration that is not deleted would be listed"))
        // The lifecycle begins with an existing configuration; tests/cli/undo.rs restores one.
        .unused(&["Application.ReadWrite.All"]),
    ]
}
