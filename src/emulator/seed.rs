//! The seed: converts the tenants that a file describes into objects of Graph.
//!
//! Reference: `docs/internals/emulator.md`. Omitted IDs are derived from tenant and name, so that the same seed always creates the same
//! world.

use aws_lc_rs::digest;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::job::Job;
use super::properties::is_guid;
use super::rules::{
    authorization, contacts, default_policy, gallery, groups, multi_tenant, phone_methods,
    templates, users,
};
use super::store::{App, Settings, Tenant, World};
use super::sync::template::TEMPLATE;
use super::sync::{clouds, status};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Seed {
    tenants: Vec<SeedTenant>,
    #[serde(default)]
    settings: Settings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedTenant {
    tenant_id: String,
    display_name: String,
    domains: Vec<String>,
    #[serde(default = "global")]
    cloud: String,
    #[serde(default)]
    unlicensed: bool,
    #[serde(default)]
    allow_invites_from: Option<String>,
    #[serde(default)]
    apps: Vec<App>,
    #[serde(default)]
    users: Vec<Map<String, Value>>,
    #[serde(default)]
    contacts: Vec<Map<String, Value>>,
    #[serde(default)]
    groups: Vec<SeedGroup>,
    #[serde(default)]
    partners: Vec<Map<String, Value>>,
    #[serde(default)]
    sync_policies: Vec<Map<String, Value>>,
    /// Clouds for which cross-cloud synchronization is enabled in this target tenant.
    #[serde(default)]
    cross_cloud_from: Vec<String>,
    /// Configurations that were created in the portal.
    #[serde(default)]
    configurations: Vec<SeedConfiguration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedConfiguration {
    display_name: String,
    /// Whether it was created for synchronization across clouds.
    #[serde(default)]
    across_clouds: bool,
    /// Tenant ID to which its job synchronizes; if omitted, there is no job.
    #[serde(default)]
    target: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedGroup {
    #[serde(default)]
    id: Option<String>,
    display_name: String,
    #[serde(default)]
    description: Option<String>,
    /// User principal names, or display names of other groups.
    #[serde(default)]
    members: Vec<String>,
    /// `Unified` for Microsoft 365 groups, `DynamicMembership` for groups with a membership rule.
    #[serde(default)]
    group_types: Vec<String>,
    #[serde(default)]
    mail: Option<String>,
    #[serde(default)]
    mail_enabled: bool,
    #[serde(default = "yes")]
    security_enabled: bool,
    #[serde(default)]
    is_assignable_to_role: Option<bool>,
    #[serde(default)]
    membership_rule: Option<String>,
}

fn yes() -> bool {
    true
}

fn global() -> String {
    "microsoftonline.com".to_owned()
}

/// Parses a seed.
pub(super) fn world(text: &str) -> Result<World, String> {
    let seed: Seed =
        serde_json::from_str(text).map_err(|why| format!("the seed is not understood: {why}"))?;
    let mut world = World {
        settings: seed.settings,
        ..World::default()
    };
    for tenant in seed.tenants {
        if world.find(&tenant.tenant_id).is_some() {
            return Err(format!("tenant {} appears twice", tenant.tenant_id));
        }
        world.tenants.push(build(tenant)?);
    }
    link(&mut world)?;
    world.token_key = uuid::Uuid::new_v4().simple().to_string();
    Ok(world)
}

fn build(seed: SeedTenant) -> Result<Tenant, String> {
    let id = seed.tenant_id.to_lowercase();
    if !is_guid(&id) || seed.domains.is_empty() {
        return Err(format!(
            "tenant '{id}' needs a GUID as tenantId and at least one domain"
        ));
    }
    let mut tenant = Tenant {
        access_policy: default_policy::root(&id),
        default_policy: default_policy::service_default(&id),
        sync_policy_template: templates::untouched(&id),
        partner_template: templates::untouched(&id),
        authorization_policy: authorization::untouched(
            seed.allow_invites_from.as_deref().unwrap_or("everyone"),
        ),
        external_identities_policy: authorization::untouched_external(),
        join_request: multi_tenant::no_join_request(),
        display_name: seed.display_name,
        domains: seed.domains,
        cloud: seed.cloud,
        unlicensed: seed.unlicensed,
        tenant_id: id,
        ..Tenant::default()
    };
    seed.apps
        .into_iter()
        .for_each(|app| add_app(&mut tenant, app));
    seed.users
        .into_iter()
        .try_for_each(|user| add_user(&mut tenant, user))?;
    for contact in seed.contacts {
        add_contact(&mut tenant, contact)?;
    }
    resolve_managers(&mut tenant)?;
    add_groups(&mut tenant, &seed.groups)?;
    add_policies(&mut tenant, seed.partners, seed.sync_policies)?;
    let id = tenant.tenant_id.clone();
    for cloud in &seed.cross_cloud_from {
        let id = |name: &str| stable_id(&id, cloud, name);
        clouds::prepare(&mut tenant, cloud, BEGINNING, &id);
    }
    for configuration in &seed.configurations {
        add_configuration(&mut tenant, configuration);
    }
    Ok(tenant)
}

/// Adds a configuration as the portal creates it, with its job.
fn add_configuration(tenant: &mut Tenant, seed: &SeedConfiguration) {
    let name = seed.display_name.as_str();
    let tenant_id = tenant.tenant_id.clone();
    let mut kinds = ["client", "application", "servicePrincipal"].into_iter();
    let id = || stable_id(&tenant_id, kinds.next().unwrap_or_default(), name);
    let (mut application, mut principal) = gallery::made(tenant, name, BEGINNING, id);
    if seed.across_clouds {
        principal[clouds::ACROSS] = json!(true);
        for object in [&mut application, &mut principal] {
            object["applicationTemplateId"] = json!(clouds::TEMPLATE_ACROSS);
        }
    }
    let text = |object: &Value| object["id"].as_str().unwrap_or_default().to_owned();
    let principal_id = text(&principal);
    tenant.applications.insert(text(&application), application);
    tenant
        .service_principals
        .insert(principal_id.clone(), principal);
    let Some(target) = &seed.target else { return };
    let job = stable_id(&tenant_id, "job", name);
    let pair = |key: &str, value: &str| json!({ "key": key, "value": value });
    let secrets = vec![
        pair("AuthenticationType", "SyncPolicy"),
        pair("CompanyId", &target.to_lowercase()),
        pair("SyncAll", "false"),
    ];
    tenant.secrets.insert(principal_id.clone(), secrets);
    tenant.jobs.push(Job {
        id: format!("{TEMPLATE}.{}.{job}", tenant_id.replace('-', "")),
        service_principal: principal_id,
        template_id: TEMPLATE.to_owned(),
        state: "Paused".to_owned(),
        status: status::untouched(),
        full: true,
        ..Job::default()
    });
}

/// An ID that depends only on the tenant, the type and the name.
fn stable_id(tenant: &str, kind: &str, name: &str) -> String {
    let digest = digest::digest(
        &digest::SHA256,
        format!("{tenant}/{kind}/{name}").as_bytes(),
    );
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

const BEGINNING: &str = "2025-01-01T00:00:00Z";

fn add_app(tenant: &mut Tenant, app: App) {
    let mut application = gallery::blank_application(
        &app.client_id,
        &app.display_name,
        tenant.default_domain(),
        BEGINNING,
    );
    let id = stable_id(&tenant.tenant_id, "application", &app.client_id);
    application["id"] = json!(id);
    tenant.applications.insert(id, application);
    let mut principal = gallery::blank_service_principal(
        &app.client_id,
        &app.display_name,
        &tenant.tenant_id,
        BEGINNING,
    );
    let id = stable_id(&tenant.tenant_id, "servicePrincipal", &app.client_id);
    principal["id"] = json!(id);
    tenant.service_principals.insert(id, principal);
    tenant.apps.push(app);
}

fn add_user(tenant: &mut Tenant, mut user: Map<String, Value>) -> Result<(), String> {
    let Some(upn) = user
        .get("userPrincipalName")
        .and_then(Value::as_str)
        .map(str::to_owned)
    else {
        return Err(format!(
            "a user of {} has no userPrincipalName",
            tenant.tenant_id
        ));
    };
    let id = match user.get("id").and_then(Value::as_str) {
        Some(id) => id.to_lowercase(),
        None => stable_id(&tenant.tenant_id, "user", &upn),
    };
    let sms = user.remove("smsSignIn").and_then(|flag| flag.as_bool());
    if let Some(sms) = sms {
        let number = user
            .get("mobilePhone")
            .and_then(Value::as_str)
            .unwrap_or("+1 2065555555");
        tenant
            .phone_methods
            .insert(id.clone(), vec![phone_methods::mobile(number, sms)]);
    }
    let known = |name: &str| {
        users::ENTITY.properties.contains(&name)
            || name.starts_with("extension_")
            || name == "homeUser"
            || name == "originTenantInfo"
    };
    if let Some(name) = user.keys().find(|name| !known(name)) {
        return Err(format!("user {upn} has the unknown property '{name}'"));
    }
    user.insert("id".to_owned(), json!(id));
    user.entry("createdDateTime")
        .or_insert_with(|| json!(BEGINNING));
    if !user.contains_key("mailNickname") {
        user.insert(
            "mailNickname".to_owned(),
            json!(upn.split(['@', '#']).next()),
        );
    }
    let is_member = user.get("userType").is_none_or(|kind| kind == "Member");
    if !tenant.unlicensed && is_member && !upn.contains("#EXT#") {
        user.entry("assignedPlans")
            .or_insert_with(|| json!([super::rules::tenant::premium()]));
    }
    // This is not a property of a user, but of an account in the profile.
    if let Some(origin) = user.remove("originTenantInfo") {
        user.insert("_originTenantInfo".to_owned(), origin);
    }
    tenant.users.insert(id, users::complete(user));
    Ok(())
}

fn add_contact(tenant: &mut Tenant, mut contact: Map<String, Value>) -> Result<(), String> {
    let unknown = |name: &&String| !contacts::ENTITY.properties.contains(&name.as_str());
    if let Some(name) = contact.keys().find(unknown) {
        return Err(format!("a contact has the unknown property '{name}'"));
    }
    let mail = contact
        .get("mail")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let id = stable_id(&tenant.tenant_id, "contact", mail);
    contact.entry("id").or_insert(json!(id));
    tenant.contacts.push(contacts::complete(contact));
    Ok(())
}

/// Resolves the user principal name in `manager` to an ID, which is stored as `_manager`.
fn resolve_managers(tenant: &mut Tenant) -> Result<(), String> {
    let names: Vec<(String, String)> = tenant
        .users
        .iter_mut()
        .filter_map(|(id, user)| {
            Some((
                id.clone(),
                user.as_object_mut()?
                    .shift_remove("manager")?
                    .as_str()?
                    .to_owned(),
            ))
        })
        .collect();
    for (id, name) in names {
        let manager = tenant.user(&name).map(|user| user["id"].clone());
        tenant.users[&id]["_manager"] =
            manager.ok_or_else(|| format!("manager '{name}' is unknown"))?;
    }
    Ok(())
}

fn add_groups(tenant: &mut Tenant, all: &[SeedGroup]) -> Result<(), String> {
    let id = |tenant: &Tenant, group: &SeedGroup| {
        group
            .id
            .clone()
            .unwrap_or_else(|| stable_id(&tenant.tenant_id, "group", &group.display_name))
    };
    for group in all {
        let id = id(tenant, group);
        let properties = json!({
            "id": id, "displayName": group.display_name, "description": group.description, "mailNickname": id,
            "groupTypes": group.group_types, "mail": group.mail, "mailEnabled": group.mail_enabled,
            "securityEnabled": group.security_enabled, "isAssignableToRole": group.is_assignable_to_role,
            "membershipRule": group.membership_rule,
        });
        let properties = properties.as_object().cloned().unwrap_or_default();
        let object = groups::blank(&properties, BEGINNING);
        tenant.groups.insert(id, object);
    }
    for group in all {
        let members: Result<Vec<String>, String> = group
            .members
            .iter()
            .map(|name| member(tenant, name))
            .collect();
        tenant.members.insert(id(tenant, group), members?);
    }
    Ok(())
}

/// The id of a user or of another group.
fn member(tenant: &Tenant, name: &str) -> Result<String, String> {
    let found = tenant.user(name).or_else(|| {
        tenant
            .groups
            .values()
            .find(|group| group["displayName"] == *name)
    });
    let id = found.and_then(|object| object["id"].as_str());
    id.map(str::to_owned)
        .ok_or_else(|| format!("'{name}' is neither user nor group of {}", tenant.tenant_id))
}

fn add_policies(
    tenant: &mut Tenant,
    partners: Vec<Map<String, Value>>,
    policies: Vec<Map<String, Value>>,
) -> Result<(), String> {
    let key = |object: &Map<String, Value>| {
        let id = object
            .get("tenantId")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase();
        if is_guid(&id) {
            Ok(id)
        } else {
            Err("a partner or sync policy has no tenantId".to_owned())
        }
    };
    for mut partner in partners {
        partner
            .entry("isInMultiTenantOrganization")
            .or_insert(json!(false));
        tenant
            .partners
            .insert(key(&partner)?, Value::Object(partner));
    }
    for policy in policies {
        let id = key(&policy)?;
        if !tenant.partners.contains_key(&id) {
            return Err(format!("the sync policy for {id} has no partner"));
        }
        tenant.sync_policies.insert(id, Value::Object(policy));
    }
    Ok(())
}

/// Links guests to their users in the home tenant, which `homeUser` names by user principal name.
fn link(world: &mut World) -> Result<(), String> {
    let homes = world.clone();
    for user in world
        .tenants
        .iter_mut()
        .flat_map(|tenant| tenant.users.values_mut())
    {
        let Some(members) = user.as_object_mut() else {
            continue;
        };
        let Some(name) = members.remove("homeUser") else {
            continue;
        };
        let name = name.as_str().unwrap_or_default();
        let domain = name.rsplit('@').next().unwrap_or_default();
        let home = homes
            .find(domain)
            .and_then(|tenant| tenant.user(name).map(|user| (tenant, user)));
        let (tenant, home) = home.ok_or_else(|| format!("homeUser '{name}' is unknown"))?;
        members.insert(
            "_source".to_owned(),
            json!({ "tenantId": tenant.tenant_id, "userId": home["id"] }),
        );
    }
    Ok(())
}
