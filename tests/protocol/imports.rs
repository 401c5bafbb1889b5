//! What an import ID may look like: ours, Graph's paths, and the IDs that other providers use for the same object.

use std::collections::BTreeSet;

use crosstenant::proto::tfplugin6 as pb;

use crate::identity::import;
use crate::life::Cli;
use crate::wire::{Wire, errors, get, unpack};

const ONE: &str = "11111111-2222-3333-4444-555555555555";
const TWO: &str = "66666666-7777-8888-9999-AAAAAAAAAAAA";
const JOB: &str = "Azure2Azure.3f1c8a52.c2d3";
const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";
const TEMPLATES: &str = "/policies/crossTenantAccessPolicy/templates/multiTenantOrganization";

/// One resource, the IDs that name the same object, and the attributes it then has.
struct Row {
    resource: &'static str,
    ids: Vec<String>,
    named: Vec<(&'static str, &'static str)>,
}

fn row<const N: usize, const M: usize>(
    resource: &'static str,
    ids: [String; N],
    named: [(&'static str, &'static str); M],
) -> Row {
    Row {
        resource,
        ids: ids.into(),
        named: named.into(),
    }
}

fn configuration_and_assignments() -> Vec<Row> {
    let principal = format!("/servicePrincipals/{ONE}");
    vec![
        row(
            "synchronization_configuration",
            [
                ONE.to_owned(),
                principal.clone(),
                principal[1..].to_owned(),
                format!("{principal}?api-version=beta"),
                format!("/applicationTemplates/{TWO}/instantiate/{TWO}/{ONE}"), // azuread_application_from_template
            ],
            [("service_principal_id", ONE)],
        ),
        row(
            "app_role_assignment",
            [
                format!("{ONE}/aB-_9"), // also microsoft365_graph_beta_applications_service_principal_app_role_assigned_to
                format!("{principal}/appRoleAssignedTo/aB-_9"), // azuread_app_role_assignment
                format!("{ONE}/appRoleAssignment/aB-_9"), // azuread_app_role_assignment before 3.0
                format!("servicePrincipals/{ONE}/appRoleAssignedTo/aB%2D_9?api-version=v1.0"), // msgraph_resource
            ],
            [("resource_object_id", ONE), ("id", "aB-_9")],
        ),
        row(
            "app_role_assignment",
            [format!("{ONE}/{TWO}"), format!(" {ONE} / {TWO} ")],
            [("resource_object_id", ONE), ("principal_object_id", TWO)],
        ),
        row(
            "app_role_assignments",
            [
                ONE.to_owned(),
                principal.clone(),
                format!("{principal}/appRoleAssignedTo/"),
            ],
            [("resource_object_id", ONE)],
        ),
        row(
            "app_role_assignments",
            [format!("{ONE}/{TWO}")],
            [("resource_object_id", ONE), ("app_role_id", TWO)],
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn jobs_and_users() -> Vec<Row> {
    let job = format!("/servicePrincipals/{ONE}/synchronization/jobs/{JOB}");
    vec![
        row(
            "provisioning_job",
            [
                format!("{ONE}/{JOB}"),
                job.clone(), // azuread_synchronization_job
                job.to_uppercase().replace(&JOB.to_uppercase(), JOB),
                format!("{ONE}/job/{JOB}"), // azuread_synchronization_job before 3.0
                format!("{}?api-version=beta", &job[1..]), // msgraph_resource
                format!("https://graph.microsoft.com/v1.0{job}"),
            ],
            [("service_principal_id", ONE), ("id", JOB)],
        ),
        row(
            "provisioning_job",
            [
                ONE.to_owned(),
                format!("/servicePrincipals/{ONE}"), // azuread_synchronization_secret
            ],
            [("service_principal_id", ONE)],
        ),
        row(
            "synchronization_schema",
            [
                format!("{ONE}/{JOB}"), // also microsoft365wp_synchronization_schema_json
                format!("{job}/schema"),
                format!("https://graph.microsoft.com/beta{job}/schema"),
                job,
                format!("{ONE}/job/{JOB}"),
            ],
            [("service_principal_id", ONE), ("job_id", JOB)],
        ),
        row(
            "provisioning_job_state",
            [
                format!("{ONE}/{JOB}"),
                format!("/servicePrincipals/{ONE}/synchronization/jobs/{JOB}"),
                format!("{ONE}/job/{JOB}"),
            ],
            [("service_principal_id", ONE), ("job_id", JOB)],
        ),
        row(
            "synchronization_schema",
            [ONE.to_owned(), format!("/servicePrincipals/{ONE}")],
            [("service_principal_id", ONE)],
        ),
        row(
            "provisioning_job_state",
            [ONE.to_owned(), format!("/servicePrincipals/{ONE}")],
            [("service_principal_id", ONE)],
        ),
        row(
            "provision_on_demand",
            [
                format!("{ONE}/{JOB}/{TWO}"),
                format!("\t{ONE}/{JOB}/{TWO}\n"),
            ],
            [
                ("service_principal_id", ONE),
                ("job_id", JOB),
                ("user_object_id", TWO),
            ],
        ),
        row(
            "provision_on_demand",
            [
                format!("{ONE}/{JOB}/groups/{TWO}"),
                format!(" {ONE}/{JOB}/groups/{TWO} "),
            ],
            [
                ("service_principal_id", ONE),
                ("job_id", JOB),
                ("group_object_id", TWO),
            ],
        ),
        row(
            "sms_sign_in",
            [
                ONE.to_owned(),
                format!("/users/{ONE}"),
                format!("users/{ONE}/authentication/phoneMethods/{TWO}"),
            ],
            [("user_object_id", ONE)],
        ),
        row(
            "restored_user",
            [
                ONE.to_owned(),
                format!("/users/{ONE}"),
                format!("/directory/deletedItems/{ONE}"),
            ],
            [("user_object_id", ONE)],
        ),
        row(
            "restored_policy",
            [format!("{ONE}/partner"), format!(" {ONE}/partner\n")],
            [("partner_tenant_id", ONE), ("kind", "partner")],
        ),
        row(
            "restored_configuration",
            [
                ONE.to_owned(),
                format!("/servicePrincipals/{ONE}"),
                format!("/directory/deletedItems/{ONE}"),
            ],
            [("service_principal_id", ONE)],
        ),
    ]
}

fn partners() -> Vec<Row> {
    vec![
        row(
            "partner_policy",
            [
                TWO.to_owned(), // also microsoft365wp_cross_tenant_access_policy_configuration_partner
                format!("{PARTNERS}/{TWO}"),
                format!("{}/{TWO}", &PARTNERS[1..]), // msgraph_resource
                format!("{TWO}:hard_delete=true"), // microsoft365_…_cross_tenant_access_partner_settings
                format!("{TWO}:hard_delete=FALSE"),
            ],
            [("partner_tenant_id", TWO)],
        ),
        row(
            "trust_settings",
            [TWO.to_owned(), format!("{PARTNERS}/{TWO}")],
            [("partner_tenant_id", TWO)],
        ),
        row(
            "sync_policy",
            [
                TWO.to_owned(), // also microsoft365_…_cross_tenant_access_partner_user_sync_settings
                format!("{TWO}/{}", TWO.to_lowercase()), // microsoft365wp_cross_tenant_identity_sync_policy_partner
                format!("{PARTNERS}/{TWO}/identitySynchronization"),
                format!("{PARTNERS}/{TWO}/IDENTITYSYNCHRONIZATION/"),
            ],
            [("partner_tenant_id", TWO)],
        ),
        row(
            "multi_tenant_organization_tenant",
            [
                TWO.to_owned(),
                format!("tenantRelationships/multiTenantOrganization/tenants/{TWO}"),
            ],
            [("member_tenant_id", TWO)],
        ),
    ]
}

/// What a tenant has once is named by its path, or by its tenant.
fn singletons() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |resource, ids: &[&str]| {
        rows.push(row(resource, [ONE.to_owned()], [("tenant_id", ONE)]));
        rows.push(Row {
            resource,
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            named: Vec::new(),
        });
    };
    add(
        "default_policy",
        &[
            "/policies/crossTenantAccessPolicy/default",
            "crossTenantAccessDefaultSettings", // microsoft365_…_cross_tenant_access_default_settings
            "crossTenantAccessDefaultSettings:restore_defaults_on_destroy=true",
        ],
    );
    add(
        "access_policy",
        &[
            "/policies/crossTenantAccessPolicy",
            "crossTenantAccessPolicy", // microsoft365_…_cross_tenant_access_policy
            "https://graph.microsoft.com/v1.0/policies/crossTenantAccessPolicy",
        ],
    );
    add(
        "guest_invite_settings",
        &[
            "/policies/authorizationPolicy",
            "authorizationPolicy",
            "/beta/policies/authorizationPolicy/authorizationPolicy",
        ],
    );
    add(
        "external_user_leave_settings",
        &[
            "policies/externalIdentitiesPolicy",
            "externalIdentitiesPolicy",
        ],
    );
    let organization = "/tenantRelationships/multiTenantOrganization";
    add("multi_tenant_organization", &[organization]);
    let join = format!("{organization}/joinRequest");
    add("multi_tenant_organization_join_request", &[&join]);
    let partner = format!("{TEMPLATES}PartnerConfiguration");
    add(
        "multi_tenant_organization_partner_configuration_template",
        &[&partner],
    );
    let synchronization = format!("{TEMPLATES}IdentitySynchronization");
    add(
        "multi_tenant_organization_identity_synchronization_template",
        &[&synchronization],
    );
    rows
}

/// Forms of nothing, and of something else.
fn refused() -> Vec<String> {
    [
        "",
        " ",
        "/",
        "x",
        "what is this",
        "https://graph.microsoft.com/v1.0",
        "/servicePrincipals/",
        "/servicePrincipals/x",
        "/groups/11111111-2222-3333-4444-555555555555",
        "/servicePrincipals/11111111-2222-3333-4444-555555555555/synchronization/secrets",
        "11111111-2222-3333-4444-555555555555//Azure2Azure.x",
        "11111111-2222-3333-4444-555555555555/job//",
        "11111111-2222-3333-4444-555555555555/%00",
        "11111111-2222-3333-4444-555555555555/a%2Fb",
        "11111111-2222-3333-4444-55555555555g",
        "{11111111-2222-3333-4444-555555555555}",
        "11111111222233334444555555555555",
        "11111111-2222-3333-4444-555555555555:hard_delete=perhaps",
        "a/b/c/d/e/f/g/h",
    ]
    .map(str::to_owned)
    .into()
}

/// The forms of an import ID that the reference lists, the resource's own first.
pub fn forms(type_name: &str) -> Vec<String> {
    let page = type_name.trim_start_matches("crosstenant_");
    let page = crate::support::project(&format!("docs/resources/{page}.md"));
    let page = std::fs::read_to_string(page).unwrap();
    let section = page.split("\n## Import\n").nth(1).unwrap();
    let section = section.split("With an `import` block").next().unwrap();
    let quoted = section.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// An id of that form for an object; `None` where it has nothing for a part of it.
pub fn id_of(form: &str, values: &serde_json::Value) -> Option<String> {
    let mut id = form.replace("={flag}", "=true").replace(['{', '}'], "");
    while let Some((before, rest)) = id.clone().split_once('<') {
        let (name, after) = rest.split_once('>').unwrap();
        id = format!("{before}{}{after}", values[name].as_str()?);
    }
    Some(id)
}

async fn types(cli: &mut Cli) -> BTreeSet<String> {
    let request = pb::get_metadata::Request {};
    let metadata = cli.client.get_metadata(request).await.unwrap();
    let resources = metadata.into_inner().resources.into_iter();
    resources.map(|resource| resource.type_name).collect()
}

#[tokio::test]
async fn every_form_of_an_id_names_the_object() {
    let mut cli = Cli::provider().await;
    let mut seen = BTreeSet::new();
    let rows = [
        configuration_and_assignments(),
        jobs_and_users(),
        partners(),
        singletons(),
    ];
    for row in rows.into_iter().flatten() {
        let type_name = format!("crosstenant_{}", row.resource);
        for id in &row.ids {
            let answer = import(&mut cli, &type_name, id, None).await;
            let at = format!("{type_name} {id:?}: {:?}", answer.diagnostics);
            assert_eq!(answer.imported_resources.len(), 1, "{at}");
            let state = unpack(answer.imported_resources[0].state.as_ref());
            let set: Vec<&str> = state
                .as_map()
                .unwrap()
                .iter()
                .filter(|(_, value)| *value != Wire::Nil)
                .filter_map(|(name, _)| name.as_str())
                .collect();
            assert_eq!(set.len(), row.named.len(), "{at}: {set:?}");
            for (name, value) in &row.named {
                assert_eq!(get(&state, name).as_str(), Some(*value), "{at}");
            }
        }
        seen.insert(type_name);
    }
    assert_eq!(seen, types(&mut cli).await, "each resource has its row");
}

#[tokio::test]
async fn what_has_no_form_of_an_id_is_refused_with_those_there_are() {
    let mut cli = Cli::provider().await;
    for type_name in types(&mut cli).await {
        let forms = forms(&type_name);
        for id in refused() {
            let answer = import(&mut cli, &type_name, &id, None).await;
            let found = errors(&answer.diagnostics);
            assert_eq!(found.len(), 1, "{type_name} {id:?}");
            assert!(answer.imported_resources.is_empty());
            for form in &forms {
                let told = &found[0].detail;
                assert!(
                    told.contains(&format!("`{form}`")),
                    "{type_name}: {form} in {told}"
                );
            }
        }
        assert!(!forms.is_empty());
    }
}
