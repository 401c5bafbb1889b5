//! Synchronization: the configuration, its assignments, its job, and the job's schema.

use serde_json::json;

use super::Side::Source;
use super::{
    ADA, COLLABORATORS, FABRIKAM, GRACE, Scenario, a_job, all_for_a_job, assigned, configuration,
    of_job, scenario,
};
use crate::support::peers;

const PRINCIPAL: &str = "@configuration.service_principal_id";

/// Permissions to look for warnings about assigned users, groups and applications.
const ABOUT_ASSIGNED: &[&str] = &[
    "Application.ReadWrite.OwnedBy",
    "GroupMember.Read.All",
    "User.Read.All",
];

pub(super) fn rows() -> Vec<Scenario> {
    vec![
        a_configuration(),
        an_assignment(),
        assignments(),
        job(),
        job_state(),
        schema(),
    ]
}

fn a_configuration() -> Scenario {
    scenario(
        "crosstenant_synchronization_configuration",
        Source,
        &["service_principal_id"],
        json!({ "display_name": "Contoso to Fabrikam" }),
    )
    .changes(json!({ "display_name": "Renamed" }))
    .forms(&[
        "/servicePrincipals/<service_principal_id>",
        "/applicationTemplates/{template}/instantiate/{application}/<service_principal_id>", // azuread_application_from_template
    ])
    .listed("", 1, 1)
    .peers(peers::configurations)
}

fn an_assignment() -> Scenario {
    scenario(
        "crosstenant_app_role_assignment",
        Source,
        &["resource_object_id", "id"], // also microsoft365_graph_beta_applications_service_principal_app_role_assigned_to
        json!({ "principal_object_id": COLLABORATORS, "resource_object_id": PRINCIPAL }),
    )
    .on([configuration()])
    .changes(json!({ "principal_object_id": GRACE, "resource_object_id": PRINCIPAL }))
    .forms(&[
        "<resource_object_id>/<principal_object_id>",
        "/servicePrincipals/<resource_object_id>/appRoleAssignedTo/<id>", // azuread_app_role_assignment, msgraph_resource
        "<resource_object_id>/appRoleAssignment/<id>", // azuread_app_role_assignment before 3.0
    ])
    .listed("resource_object_id", 1, 1)
    .peers(peers::assignments)
    .silent(ABOUT_ASSIGNED)
}

fn assignments() -> Scenario {
    scenario(
        "crosstenant_app_role_assignments",
        Source,
        &["resource_object_id"],
        json!({ "principals": { ADA: {}, COLLABORATORS: {} }, "resource_object_id": PRINCIPAL }),
    )
    .on([configuration()])
    .changes(json!({ "principals": { ADA: { "note": "Ada" }, GRACE: {} }, "resource_object_id": PRINCIPAL }))
    .forms(&[
        "<resource_object_id>/<app_role_id>",
        "/servicePrincipals/<resource_object_id>",
        "/servicePrincipals/<resource_object_id>/appRoleAssignedTo",
    ])
    .listed("", 1, 2)
    .silent(ABOUT_ASSIGNED)
    .unused(&["CrossTenantInformation.ReadBasic.All"]) // Without a job, no users leave, so no tenant is named.
}

fn job() -> Scenario {
    scenario(
        "crosstenant_provisioning_job",
        Source,
        &["service_principal_id", "id"],
        json!({ "service_principal_id": PRINCIPAL, "target_tenant_id": FABRIKAM, "enabled": true, "scope": "all" }),
    )
    .on(all_for_a_job())
    .changes(json!({ "service_principal_id": PRINCIPAL, "target_tenant_id": FABRIKAM, "enabled": false, "notification_email": "a@b.example" }))
    .forms(&[
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<id>", // azuread_synchronization_job, msgraph_resource
        "<service_principal_id>/job/<id>", // azuread_synchronization_job before 3.0
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>", // azuread_synchronization_secret
    ])
    .listed("service_principal_id", 1, 1)
    .peers(peers::jobs)
    .silent(&["Application.Read.All", "User.Read.All", "CrossTenantInformation.ReadBasic.All"])
    // No group is assigned to the configuration of this lifecycle, and its connection test succeeds.
    .unused(&["GroupMember.Read.All", "Policy.Read.All"])
}

fn job_state() -> Scenario {
    scenario(
        "crosstenant_provisioning_job_state",
        Source,
        &["service_principal_id", "job_id"],
        of_job(&json!({})),
    )
    .on(a_job())
    .changes(of_job(&json!({ "enabled": false })))
    .forms(&[
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<job_id>",
        "<service_principal_id>/job/<job_id>",
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>",
    ])
    .listed("service_principal_id", 1, 1)
    .unused(&["Policy.Read.All"])
}

fn schema() -> Scenario {
    scenario(
        "crosstenant_synchronization_schema",
        Source,
        &["service_principal_id", "job_id"], // also microsoft365wp_synchronization_schema_json
        of_job(&json!({ "attribute_mappings": { "userType": { "constant": "Member" } }, "object_actions": { "delete": false } })),
    )
    .on(a_job())
    .on([assigned("collaborators", COLLABORATORS)])
    .changes(of_job(
        &json!({ "groups_enabled": true, "scoping_filters": [{ "name": "Research", "clauses": [{ "attribute": "department", "operator": "EQUALS", "values": ["Research"] }] }] }),
    ))
    .forms(&[
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<job_id>/schema",
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<job_id>",
        "<service_principal_id>/job/<job_id>",
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>",
    ])
    .listed("service_principal_id", 0, 4) // The schema was not customized.
    .peers(peers::schemas)
    .silent(&[
        "User.Read.All",
        "Application.Read.All",
        "CrossTenantInformation.ReadBasic.All",
        "GroupMember.Read.All",
    ])
}
