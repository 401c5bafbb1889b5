//! Objects as other providers store them: the attributes of their published schemas, with the values they would write.
//!
//! `hashicorp/azuread` 3.9.0 (and schema version 0 of 2.x), `deploymenttheory/microsoft365` 0.57.1-alpha,
//! `terraprovider/microsoft365wp` 0.18.1, `microsoft/msgraph` 0.4 (and 0.1, which had no `resource_url`).

use serde_json::{Value as Json, json};

/// One object of another provider.
pub struct Peer {
    /// Namespace and type of the provider.
    pub provider: &'static str,
    pub type_name: &'static str,
    pub version: i64,
    pub state: Json,
}

const IDENTITY: &str = "microsoft365_graph_beta_identity_and_access_cross_tenant_access_";

fn azuread(type_name: &'static str, version: i64, state: Json) -> Peer {
    Peer {
        provider: "hashicorp/azuread",
        type_name,
        version,
        state,
    }
}

fn microsoft365(type_name: &'static str, state: Json) -> Peer {
    assert!(type_name.starts_with(IDENTITY) || type_name.contains("_applications_"));
    Peer {
        provider: "deploymenttheory/microsoft365",
        type_name,
        version: 0,
        state,
    }
}

fn microsoft365wp(type_name: &'static str, state: Json) -> Peer {
    Peer {
        provider: "terraprovider/microsoft365wp",
        type_name,
        version: 0,
        state,
    }
}

fn msgraph(type_name: &'static str, state: Json) -> Peer {
    Peer {
        provider: "microsoft/msgraph",
        type_name,
        version: 0,
        state,
    }
}

/// A value of any type, as the plugin framework stores it.
fn dynamic(value: &Json) -> Json {
    let members = value.as_object().unwrap();
    let types: serde_json::Map<_, _> = members
        .iter()
        .map(|(name, member)| {
            let of = match member {
                Json::Bool(_) => json!("bool"),
                Json::Object(_) => dynamic(member)["type"].clone(),
                _ => json!("string"),
            };
            (name.clone(), of)
        })
        .collect();
    json!({ "type": ["object", types], "value": value })
}

/// What `msgraph_resource` stores of a member of a collection: now, and before it had `resource_url`.
fn members(collection: &str, id: &str, body: &Json) -> [Peer; 2] {
    let mut now = json!({
        "id": id, "url": collection, "resource_url": format!("{collection}/{id}"), "api_version": "v1.0",
        "body": dynamic(body), "ignore_missing_property": true, "create_query_parameters": null,
        "update_query_parameters": null, "read_query_parameters": null, "delete_query_parameters": null,
        "response_export_values": null, "retry": null, "output": dynamic(&json!({})), "timeouts": null,
        "update_method": null, "create_method": null,
    });
    let mut then = now.clone();
    then.as_object_mut().unwrap().remove("resource_url");
    then["url"] = format!("/{collection}/").into();
    now["output"] = Json::Null;
    [
        msgraph("msgraph_resource", now),
        msgraph("msgraph_resource", then),
    ]
}

/// What `msgraph_resource` stores of something that is put where it belongs.
fn put(url: &str, body: &Json) -> Peer {
    let [mut peer, _] = members("x", "y", body);
    peer.state["url"] = url.into();
    peer.state["resource_url"] = url.into();
    peer.state["id"] = url.rsplit('/').next().unwrap().into();
    peer.state["create_method"] = "PUT".into();
    peer
}

/// What `msgraph_update_resource` stores.
fn update(url: &str, body: &Json) -> Peer {
    let state = json!({
        "id": url.rsplit('/').next().unwrap(), "url": url, "api_version": "beta", "body": dynamic(body),
        "update_query_parameters": null, "read_query_parameters": null, "response_export_values": null,
        "output": dynamic(&json!({})),
    });
    msgraph("msgraph_update_resource", state)
}

/// What `msgraph_resource_action` stores after it instantiated a template, with that export.
fn instantiated(values: &Json, name: &str, from: &str, exported: &Json) -> Peer {
    let state = json!({
        "id": format!("applicationTemplates/{}/instantiate", text(values, "template_id")),
        "resource_url": format!("applicationTemplates/{}", text(values, "template_id")),
        "action": "instantiate", "method": "POST", "when": "create", "api_version": "v1.0",
        "body": dynamic(&json!({ "displayName": values["display_name"] })), "query_parameters": null, "headers": null,
        "response_export_values": { name: from }, "retry": null, "output": dynamic(&json!({ name: exported })),
        "timeouts": null,
    });
    msgraph("msgraph_resource_action", state)
}

fn text<'a>(values: &'a Json, name: &str) -> &'a str {
    values[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {values}"))
}

/// All the ways in which others store the object that is `values` of `type_name` here.
pub fn of(type_name: &str, values: &Json) -> Vec<Peer> {
    let peers = super::scenarios::of(type_name).peers;
    peers.map_or_else(Vec::new, |peers| peers(values))
}

/// The state of `msgraph_update_resource` for an object of which a tenant has exactly one.
pub fn updated(url: &str) -> Vec<Peer> {
    vec![update(url, &json!({ "displayName": "x" }))]
}

pub fn trust_settings(values: &Json) -> Vec<Peer> {
    let body = json!({ "automaticUserConsentSettings": { "inboundAllowed": true } });
    vec![update(&partner(values), &body)]
}

pub fn jobs(values: &Json) -> Vec<Peer> {
    let (principal, id) = (text(values, "service_principal_id"), text(values, "id"));
    let path = format!("servicePrincipals/{principal}");
    let mut state = json!({
        "id": format!("/{path}/synchronization/jobs/{id}"), "service_principal_id": format!("/{path}"),
        "template_id": values["template_id"], "enabled": true,
        "schedule": [{ "expiration": "", "interval": "PT40M", "state": "Active" }], "timeouts": null,
    });
    let now = azuread("azuread_synchronization_job", 1, state.clone());
    state["id"] = format!("{principal}/job/{id}").into();
    state["service_principal_id"] = principal.into();
    let mut all = vec![now, azuread("azuread_synchronization_job", 0, state)];
    let body = json!({ "templateId": values["template_id"] });
    all.extend(members(&format!("{path}/synchronization/jobs"), id, &body));
    all.extend([1, 0].map(|version| secret_of(version, principal, &[("CompanyId", principal)])));
    all
}

/// A secret of `hashicorp/azuread`, with these credentials.
pub fn secret(principal: &str, credentials: &[(&str, &str)]) -> Peer {
    secret_of(1, principal, credentials)
}

/// The same, as a version of its schema has it.
fn secret_of(version: i64, principal: &str, credentials: &[(&str, &str)]) -> Peer {
    let pairs: Vec<Json> = credentials
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    let path = format!("/servicePrincipals/{principal}");
    let (id, principal) = match version {
        0 => (format!("{principal}/secrets"), principal.to_owned()),
        _ => (path.clone(), path),
    };
    let state = json!({
        "id": id, "service_principal_id": principal, "credential": pairs, "timeouts": null,
    });
    azuread("azuread_synchronization_secret", version, state)
}

/// The action of `microsoft/msgraph` that writes the secrets of a service principal, with one of these values.
pub fn secrets_action(principal: &str, value: &str) -> Peer {
    let resource = format!("servicePrincipals/{principal}/synchronization");
    let pairs = json!({ "type": ["tuple", [["object", { "key": "string", "value": "string" }]]],
        "value": [{ "key": "SecretToken", "value": value }] });
    let state = json!({
        "id": format!("{resource}/secrets"), "resource_url": resource, "action": "secrets", "method": "PUT",
        "when": "create", "api_version": "v1.0",
        "body": { "type": ["object", { "value": pairs["type"] }], "value": { "value": pairs["value"] } },
        "query_parameters": null, "headers": null, "response_export_values": null, "retry": null, "output": null,
        "timeouts": null,
    });
    msgraph("msgraph_resource_action", state)
}

pub fn schemas(values: &Json) -> Vec<Peer> {
    let (principal, job) = (text(values, "service_principal_id"), text(values, "job_id"));
    let url = format!("servicePrincipals/{principal}/synchronization/jobs/{job}/schema");
    let state = json!({
        "service_principal_id": principal, "id": job, "version": "Date:2026-05-01T00:00:00.0000000Z",
        "synchronization_rules_json": "[]", "directories_json": "[]",
    });
    let body = json!({ "synchronizationRules": {} });
    vec![
        microsoft365wp("microsoft365wp_synchronization_schema_json", state),
        put(&url, &body),
        update(&url, &body),
    ]
}

pub fn configurations(values: &Json) -> Vec<Peer> {
    let principal = text(values, "service_principal_id");
    let application = text(values, "application_id");
    let template = text(values, "template_id");
    let state = json!({
        "id": format!("/applicationTemplates/{template}/instantiate/{application}/{principal}"),
        "display_name": values["display_name"], "template_id": template,
        "application_id": format!("/applications/{application}"), "application_object_id": application,
        "service_principal_id": format!("/servicePrincipals/{principal}"), "service_principal_object_id": principal,
        "timeouts": null,
    });
    let whole =
        json!({ "servicePrincipal": { "id": principal }, "application": { "id": application } });
    let mut all = vec![
        azuread("azuread_application_from_template", 0, state),
        instantiated(values, "made", "servicePrincipal.id", &principal.into()),
        instantiated(values, "sp", "servicePrincipal", &whole["servicePrincipal"]),
        instantiated(values, "all", "@", &whole),
        update(
            &format!("/servicePrincipals/{principal}"),
            &json!({ "notes": "x" }),
        ),
    ];
    let body = json!({ "displayName": values["display_name"] });
    all.extend(members("servicePrincipals", principal, &body));
    all
}

pub fn assignments(values: &Json) -> Vec<Peer> {
    let (resource, id) = (text(values, "resource_object_id"), text(values, "id"));
    let mut state = json!({
        "id": format!("/servicePrincipals/{resource}/appRoleAssignedTo/{id}"), "app_role_id": values["app_role_id"],
        "principal_object_id": values["principal_object_id"], "resource_object_id": resource,
        "principal_display_name": values["principal_display_name"], "principal_type": values["principal_type"],
        "resource_display_name": values["resource_display_name"], "timeouts": null,
    });
    let now = azuread("azuread_app_role_assignment", 1, state.clone());
    state["id"] = format!("{resource}/appRoleAssignment/{id}").into();
    let then = azuread("azuread_app_role_assignment", 0, state);
    let state = json!({
        "id": id, "resource_object_id": resource, "app_role_id": values["app_role_id"],
        "target_service_principal_object_id": values["principal_object_id"], "principal_type": values["principal_type"],
        "principal_display_name": values["principal_display_name"],
        "resource_display_name": values["resource_display_name"], "created_date_time": "2026-01-01T00:00:00Z",
        "timeouts": null,
    });
    let name = "microsoft365_graph_beta_applications_service_principal_app_role_assigned_to";
    let mut all = vec![now, then, microsoft365(name, state)];
    let body = json!({
        "principalId": values["principal_object_id"], "resourceId": resource, "appRoleId": values["app_role_id"],
    });
    let principal = text(values, "principal_object_id");
    for collection in [
        format!("servicePrincipals/{resource}/appRoleAssignedTo"),
        format!("users/{principal}/appRoleAssignments"),
    ] {
        all.extend(members(&collection, id, &body));
    }
    all
}

fn partner(values: &Json) -> String {
    format!(
        "policies/crossTenantAccessPolicy/partners/{}",
        text(values, "partner_tenant_id")
    )
}

pub fn partners(values: &Json) -> Vec<Peer> {
    let tenant = text(values, "partner_tenant_id");
    let consent = json!({ "inbound_allowed": true, "outbound_allowed": null });
    let state = json!({
        "id": tenant, "tenant_id": tenant, "is_service_provider": null, "is_in_multi_tenant_organization": null,
        "b2b_collaboration_inbound": values["b2b_collaboration_inbound"], "b2b_collaboration_outbound": null,
        "b2b_direct_connect_inbound": null, "b2b_direct_connect_outbound": null, "inbound_trust": null,
        "automatic_user_consent_settings": consent, "tenant_restrictions": null, "hard_delete": false, "timeouts": null,
    });
    let wp = json!({
        "tenant_id": tenant, "deleted_date_time": null, "is_service_provider": null,
        "is_in_multi_tenant_organization": false, "b2b_collaboration_inbound": null, "b2b_collaboration_outbound": null,
        "b2b_direct_connect_inbound": null, "b2b_direct_connect_outbound": null, "inbound_trust": null,
        "automatic_user_consent_settings": consent, "tenant_restrictions": null,
        "identity_synchronization": { "tenant_id": tenant, "display_name": "x", "deleted_date_time": null,
            "user_sync_inbound": { "is_sync_allowed": true }, "group_sync_inbound": null },
    });
    let mut all = vec![
        microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_partner_settings",
            state,
        ),
        microsoft365wp(
            "microsoft365wp_cross_tenant_access_policy_configuration_partner",
            wp,
        ),
        update(&partner(values), &json!({ "isServiceProvider": false })),
    ];
    let collection = "policies/crossTenantAccessPolicy/partners";
    all.extend(members(collection, tenant, &json!({ "tenantId": tenant })));
    all
}

pub fn sync_policies(values: &Json) -> Vec<Peer> {
    let tenant = text(values, "partner_tenant_id");
    let inbound = json!({ "is_sync_allowed": true });
    let one = |block: &str| json!({ "id": tenant, "tenant_id": tenant, "display_name": values["display_name"], block: inbound, "timeouts": null });
    let wp = json!({
        "tenant_id": tenant, "deleted_date_time": null, "display_name": values["display_name"],
        "group_sync_inbound": null, "user_sync_inbound": inbound,
    });
    let url = format!("{}/identitySynchronization", partner(values));
    let body = json!({ "userSyncInbound": { "isSyncAllowed": true } });
    vec![
        microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_partner_user_sync_settings",
            one("user_sync_inbound"),
        ),
        microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_partner_group_sync_settings",
            one("group_sync_inbound"),
        ),
        microsoft365wp(
            "microsoft365wp_cross_tenant_identity_sync_policy_partner",
            wp,
        ),
        put(&url, &body),
        update(&url, &body),
    ]
}

pub fn default_policies(_: &Json) -> Vec<Peer> {
    let id = json!({ "id": "crossTenantAccessDefaultSettings", "is_service_default": false, "timeouts": null });
    let mut all = vec![
        microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_default_settings",
            id,
        ),
        microsoft365wp(
            "microsoft365wp_cross_tenant_access_policy_configuration_default",
            json!({ "id": "singleton", "inbound_trust": null }),
        ),
    ];
    all.extend(updated("policies/crossTenantAccessPolicy/default"));
    all
}

pub fn access_policies(_: &Json) -> Vec<Peer> {
    let state = |id: &str| json!({ "id": id, "display_name": "x", "allowed_cloud_endpoints": ["microsoftonline.us"] });
    let mut all = vec![
        microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_policy",
            state("crossTenantAccessPolicy"),
        ),
        microsoft365wp(
            "microsoft365wp_cross_tenant_access_policy",
            state("singleton"),
        ),
    ];
    all.extend(updated("policies/crossTenantAccessPolicy"));
    all
}

pub fn guest_invite_settings(_: &Json) -> Vec<Peer> {
    let state = json!({ "id": "authorizationPolicy", "allow_invites_from": "everyone", "block_msol_powershell": false });
    let mut all = vec![microsoft365wp("microsoft365wp_authorization_policy", state)];
    all.extend(updated("policies/authorizationPolicy"));
    all.extend(updated("policies/authorizationPolicy/authorizationPolicy"));
    all
}

pub fn external_user_leave_settings(_: &Json) -> Vec<Peer> {
    let state =
        json!({ "id": "externalIdentitiesPolicy", "allow_external_identities_to_leave": false });
    let mut all = vec![microsoft365wp(
        "microsoft365wp_external_identities_policy",
        state,
    )];
    all.extend(updated("policies/externalIdentitiesPolicy"));
    all
}

pub fn tenant_properties(values: &Json) -> Vec<Peer> {
    updated(&format!("organization/{}", text(values, "tenant_id")))
}

pub fn organization_tenants(values: &Json) -> Vec<Peer> {
    let collection = "tenantRelationships/multiTenantOrganization/tenants";
    let tenant = text(values, "member_tenant_id");
    let mut all = updated(&format!("{collection}/{tenant}"));
    all.extend(members(collection, tenant, &json!({ "displayName": "x" })));
    all
}
