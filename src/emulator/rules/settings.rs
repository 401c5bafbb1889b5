//! The complex values that partners and the default policy have in common.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::properties::{Field, Kind, field, is_guid};
use crate::reply::Refusal;

const TARGET: &[Field] = &[
    field("target", Kind::Text),
    field(
        "targetType",
        Kind::OneOf(&["user", "group", "application", "unknownFutureValue"]),
    ),
];
const ACCESS_TYPE: Kind = Kind::OneOf(&["allowed", "blocked", "unknownFutureValue"]);
pub(super) const CONFIGURATION: &[Field] = &[
    field("accessType", ACCESS_TYPE),
    field("targets", Kind::List(&Kind::Object(TARGET))),
];
/// The users and applications for which collaboration is allowed or blocked.
pub(super) const B2B: &[Field] = &[
    field("usersAndGroups", Kind::Object(CONFIGURATION)),
    field("applications", Kind::Object(CONFIGURATION)),
];
pub(super) const RESTRICTIONS: &[Field] = &[
    field("usersAndGroups", Kind::Object(CONFIGURATION)),
    field("applications", Kind::Object(CONFIGURATION)),
    field(
        "devices",
        Kind::Object(&[field("mode", ACCESS_TYPE), field("rule", Kind::Text)]),
    ),
];
pub(super) const TRUST: &[Field] = &[
    field("isMfaAccepted", Kind::Bool),
    field("isCompliantDeviceAccepted", Kind::Bool),
    field("isHybridAzureADJoinedDeviceAccepted", Kind::Bool),
];
pub(super) const CONSENT: &[Field] = &[
    field("inboundAllowed", Kind::Bool),
    field("outboundAllowed", Kind::Bool),
];
pub(super) const APP_SERVICE: &[Field] = &[field("applications", Kind::Object(CONFIGURATION))];
pub(super) const M365_INBOUND: &[Field] = &[field("users", Kind::Object(CONFIGURATION))];
pub(super) const M365_OUTBOUND: &[Field] = &[field("usersAndGroups", Kind::Object(CONFIGURATION))];
pub(super) const SYNC_ALLOWED: &[Field] = &[field("isSyncAllowed", Kind::Bool)];

/// The cloud that supports every property.
const GLOBAL: &str = "microsoftonline.com";
/// Properties that are missing in the metadata of the US Government and China clouds.
const GLOBAL_ONLY: [&str; 2] = ["m365CollaborationInbound", "m365CollaborationOutbound"];

/// Removes properties that the cloud of the tenant does not support from a response.
pub(super) fn hide_from_other_clouds(cloud: &str, settings: &mut Map<String, Value>) {
    if cloud != GLOBAL {
        settings.retain(|name, _| !GLOBAL_ONLY.contains(&name.as_str()));
    }
}

/// Refuses a body with properties that the cloud of the tenant does not support.
pub(super) fn check_cloud(cloud: &str, settings: &Map<String, Value>) -> Result<(), Refusal> {
    let unknown = settings
        .keys()
        .find(|name| cloud != GLOBAL && GLOBAL_ONLY.contains(&name.as_str()));
    match unknown {
        Some(name) => Err(Refusal::bad(format!("Invalid property '{name}'."))),
        None => Ok(()),
    }
}

/// Refuses a path that exists only in the global cloud.
pub(super) fn check_global(cloud: &str, segment: &str) -> Result<(), Refusal> {
    if cloud == GLOBAL {
        return Ok(());
    }
    Err(Refusal::gateway(format!(
        "Resource not found for the segment '{segment}'."
    )))
}

/// Refuses targets that no directory accepts: keywords of the wrong type, and empty lists.
///
/// Which of these the service itself refuses is UNVERIFIED; a stricter emulator finds more mistakes.
pub(super) fn check_targets(settings: &Map<String, Value>) -> Result<(), Refusal> {
    for part in settings.values().filter_map(Value::as_object) {
        for configuration in part.values().filter(|value| value.get("targets").is_some()) {
            let Some(targets) = configuration["targets"]
                .as_array()
                .filter(|targets| !targets.is_empty())
            else {
                return Err(Refusal::bad(
                    "The property 'targets' must contain at least one target.",
                ));
            };
            if configuration["accessType"].is_null() {
                return Err(Refusal::bad(
                    "A value is required for property 'accessType' of resource.",
                ));
            }
            targets.iter().try_for_each(check_target)?;
        }
    }
    Ok(())
}

fn check_target(target: &Value) -> Result<(), Refusal> {
    let (Some(name), Some(kind)) = (target["target"].as_str(), target["targetType"].as_str())
    else {
        return Err(Refusal::bad(
            "Every target needs the properties 'target' and 'targetType'.",
        ));
    };
    let fits = match name {
        "AllUsers" => kind == "user",
        "AllApplications" | "AllMicrosoftApps" | "Office365" => kind == "application",
        _ => is_guid(name),
    };
    if fits {
        Ok(())
    } else {
        Err(Refusal::bad(format!(
            "Invalid target '{name}' of type '{kind}'."
        )))
    }
}

/// Stores lists of targets in an order of its own, so that no client relies on the order that it sent.
pub(super) fn sort_targets(value: &mut Value) {
    let Some(object) = value.as_object_mut() else {
        return;
    };
    for (name, inner) in object {
        match inner {
            Value::Array(items) if name == "targets" => items.sort_by(by_target),
            inner => sort_targets(inner),
        }
    }
}

fn by_target(a: &Value, b: &Value) -> Ordering {
    a["target"].as_str().cmp(&b["target"].as_str())
}
