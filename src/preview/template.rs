//! The default schema of a new job, as far as Microsoft documents it, for configurations that do not exist yet.

use serde_json::{Value as Json, json};

/// Attributes that are mapped to the attribute of the same name.
const PLAIN: [&str; 19] = [
    "accountEnabled",
    "city",
    "country",
    "department",
    "displayName",
    "employeeId",
    "givenName",
    "jobTitle",
    "mail",
    "mailNickname",
    "mobile",
    "physicalDeliveryOfficeName",
    "postalCode",
    "preferredLanguage",
    "state",
    "streetAddress",
    "surname",
    "telephoneNumber",
    "userPrincipalName",
];

/// Returns the schema of a new job. Microsoft publishes no complete one: it is compiled from the documentation.
#[must_use]
pub fn new_schema() -> Json {
    let line = |target: &str, source: Json, flow: &str, priority: i64| {
        json!({ "targetAttributeName": target, "source": source, "flowType": flow, "flowBehavior": "FlowWhenChanged",
            "defaultValue": null, "exportMissingReferences": false, "matchingPriority": priority })
    };
    let attribute = |name: &str| json!({ "type": "Attribute", "name": name, "expression": format!("[{name}]"), "parameters": [] });
    let constant = |text: &str| json!({ "type": "Constant", "name": text, "expression": format!("\"{text}\""), "parameters": [] });
    let net_id = json!({ "type": "Function", "name": "AltSecIdFromNetId", "expression": "AltSecIdFromNetId([netId])",
        "parameters": [{ "key": "source", "value": attribute("netId") }] });
    let mut lines = vec![
        line("alternativeSecurityIds", net_id, "Always", 1),
        line("IsSoftDeleted", attribute("IsSoftDeleted"), "Always", 0),
        line("showInAddressList", constant("true"), "Always", 0),
        line("userType", constant("Member"), "ObjectAddOnly", 0),
        line("manager", attribute("manager"), "Always", 0),
    ];
    lines.extend(PLAIN.map(|name| line(name, attribute(name), "Always", 0)));
    let mapping = |kind: &str, enabled: bool, lines: Json| {
        json!({ "name": format!("Provision Microsoft Entra ID {kind}s"), "enabled": enabled, "sourceObjectName": kind,
            "targetObjectName": kind, "flowTypes": "Add, Update, Delete", "scope": { "groups": [] }, "attributeMappings": lines })
    };
    let groups = ["displayName", "description", "mailNickname", "members"];
    let groups = groups.map(|name| line(name, attribute(name), "Always", 0));
    json!({ "synchronizationRules": [{ "objectMappings": [
        mapping("Group", false, json!(groups)),
        mapping("User", true, json!(lines)),
    ] }] })
}
