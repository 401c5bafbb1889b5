//! `m365Capabilities` of the default policy and of partners: single Microsoft 365 features that are open to another tenant.
//!
//! From Microsoft's pages of August 2026. Beta only: the metadata of v1.0 does not contain them, although a page mentions them.

use serde_json::{Value, json};

use super::{partners, settings};
use crate::call::{Call, audit_target};
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, field, is_guid, ruled};
use crate::reply::{Answer, Refusal, Reply};

const RESOURCE: &[Field] = &[
    field("resourceId", Kind::Text),
    field("resourceType", Kind::OneOf(&["user", "group"])),
];
const SCOPES: &[Field] = &[
    field("included", Kind::List(&Kind::Object(RESOURCE))),
    field("excluded", Kind::List(&Kind::Object(RESOURCE))),
];
const ACCESS: &[Field] = &[
    field("isAllowed", Kind::Bool),
    field("resourceScopes", Kind::Object(SCOPES)),
];
const CAPABILITY: &[Field] = &[
    ruled("name", Kind::Text, Access::ReadOnly),
    ruled("lastModifiedDateTime", Kind::Time, Access::ReadOnly),
    ruled("inboundAccess", Kind::Object(ACCESS), Access::Required),
];

const ENTITY: Entity = Entity {
    name: "m365CapabilityBase",
    properties: &["name", "lastModifiedDateTime", "inboundAccess"],
    usual: &[],
    directory: false,
};

const TYPES: [&str; 14] = [
    "anonymousCalendarSharingFreeBusyDetail",
    "anonymousCalendarSharingFreeBusyReviewer",
    "anonymousCalendarSharingFreeBusySimple",
    "crossTenantCalendarAvailabilityBasic",
    "crossTenantCalendarAvailabilityLimitedDetails",
    "crossTenantCalendarSharingFreeBusyDetail",
    "crossTenantCalendarSharingFreeBusyReviewer",
    "crossTenantCalendarSharingFreeBusySimple",
    "crossTenantMailTipsAll",
    "crossTenantMailTipsLimited",
    "crossTenantMigration",
    "crossTenantOpenProfileCard",
    "crossTenantPlacesDeskBooking",
    "crossTenantPlacesRoomBooking",
];

/// The property in which they are stored, in the object that they belong to, so that they are deleted and restored with it.
const KEPT: &str = "m365Capabilities";

/// The partner in the path; none for the default policy.
fn partner(call: &Call) -> Result<Option<String>, Refusal> {
    settings::check_global(&call.tenant().cloud, KEPT)?;
    if call
        .path
        .starts_with("/policies/crossTenantAccessPolicy/default")
    {
        return Ok(None);
    }
    partners::existing(call).map(Some)
}

fn kept(call: &Call, partner: Option<&str>) -> Vec<Value> {
    let tenant = call.tenant();
    let kept = match partner {
        Some(id) => tenant.partners[id].get(KEPT),
        None => tenant.default_policy.get(KEPT),
    };
    kept.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn keep(call: &mut Call, partner: Option<&str>, mut items: Vec<Value>) {
    items.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str()));
    let tenant = call.tenant_mut();
    match partner {
        Some(id) => tenant.partners[id][KEPT] = items.into(),
        None => drop(tenant.default_policy.insert(KEPT.to_owned(), items.into())),
    }
    let about = partner.unwrap_or("default").to_owned();
    // The name of the activity in Microsoft's audit log is UNVERIFIED.
    call.audit(
        "CrossTenantAccessSettings",
        "Update a cross-tenant Microsoft 365 capability",
        "Update",
        &audit_target("Policy", &about, &Value::Null),
    );
}

/// The index of the capability at the end of the path.
fn position(call: &Call, items: &[Value]) -> Result<usize, Refusal> {
    let name = call.args.last().map_or("", String::as_str);
    let found = items.iter().position(|item| item["name"] == name);
    found.ok_or_else(|| Refusal::absent(name))
}

/// Refuses access settings without a target. Which of these the service itself refuses is UNVERIFIED.
fn check_access(access: &Value) -> Result<(), Refusal> {
    if !access["isAllowed"].is_boolean() {
        return Err(Refusal::bad(
            "A value is required for property 'isAllowed' of resource.",
        ));
    }
    let scopes = &access["resourceScopes"];
    let of = |name: &str| scopes[name].as_array().cloned();
    let (Some(included), Some(excluded)) = (of("included"), of("excluded")) else {
        return Err(Refusal::bad(
            "A value is required for property 'resourceScopes' of resource.",
        ));
    };
    let fits = |resource: &Value| match resource["resourceId"].as_str() {
        Some("All") => resource["resourceType"] == "user",
        Some(id) => is_guid(id) && resource["resourceType"].is_string(),
        None => false,
    };
    if included.is_empty() || !included.iter().chain(&excluded).all(fits) {
        return Err(Refusal::bad(
            "Invalid value specified for property 'resourceScopes' of resource.",
        ));
    }
    Ok(())
}

fn context(partner: Option<&str>) -> String {
    let policy = "policies/crossTenantAccessPolicy";
    partner.map_or_else(
        || format!("{policy}/default/{KEPT}"),
        |id| format!("{policy}/partners('{id}')/{KEPT}"),
    )
}

pub(crate) fn list(call: &mut Call) -> Answer {
    let partner = partner(call)?;
    let items = kept(call, partner.as_deref());
    odata::list(call, items.iter(), &ENTITY, &context(partner.as_deref()))
}

pub(crate) fn create(call: &mut Call) -> Answer {
    let partner = partner(call)?;
    let body = call.body(CAPABILITY, true)?;
    check_access(&body["inboundAccess"])?;
    let kind = call
        .body
        .as_ref()
        .map_or(&Value::Null, |it| &it["@odata.type"]);
    let kind = kind.as_str().unwrap_or_default().to_owned();
    let name = kind.strip_prefix("#microsoft.graph.").unwrap_or_default();
    if !TYPES.contains(&name) {
        return Err(Refusal::gateway(format!(
            "Cannot create an abstract class or a type that is not known: '{kind}'."
        )));
    }
    let mut items = kept(call, partner.as_deref());
    if items.iter().any(|item| item["name"] == name) {
        return Err(Refusal::conflict());
    }
    let item = json!({
        "@odata.type": kind, "name": name, "lastModifiedDateTime": call.now(), "inboundAccess": body["inboundAccess"],
    });
    items.push(item.clone());
    keep(call, partner.as_deref(), items);
    let address = format!("{}/$entity", context(partner.as_deref()));
    Ok(Reply::created(odata::with_context(call, item, &address)))
}

pub(crate) fn update(call: &mut Call) -> Answer {
    let partner = partner(call)?;
    let body = call.body(CAPABILITY, true)?;
    check_access(&body["inboundAccess"])?;
    let mut items = kept(call, partner.as_deref());
    let at = position(call, &items)?;
    items[at]["inboundAccess"] = body["inboundAccess"].clone();
    items[at]["lastModifiedDateTime"] = json!(call.now());
    keep(call, partner.as_deref(), items);
    Ok(Reply::no_content())
}

pub(crate) fn delete(call: &mut Call) -> Answer {
    let partner = partner(call)?;
    let mut items = kept(call, partner.as_deref());
    let at = position(call, &items)?;
    items.remove(at);
    keep(call, partner.as_deref(), items);
    Ok(Reply::no_content())
}
