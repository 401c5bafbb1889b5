//! The template `Azure2Azure`: the initial schema of every job, and its attributes and operators.

use serde_json::{Value, json};

use super::expression;
use crate::job::Job;

/// The gallery application of cross-tenant synchronization.
pub(crate) const TEMPLATE_APPLICATION: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

/// The only template of the gallery application.
pub(crate) const TEMPLATE: &str = "Azure2Azure";

pub(super) const USER_RULE: &str = "USER_INBOUND_USER";

/// Attributes of source and target users that are mapped directly.
const PLAIN: [&str; 17] = [
    "accountEnabled",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "department",
    "employeeId",
    "displayName",
    "givenName",
    "mailNickname",
    "jobTitle",
    "mobile",
    "physicalDeliveryOfficeName",
    "preferredLanguage",
    "surname",
    "telephoneNumber",
];

/// Other attributes that a mapping can read.
const MORE_SOURCES: [&str; 13] = [
    "netId",
    "IsSoftDeleted",
    "userPrincipalName",
    "mail",
    "manager",
    "objectId",
    "originalUserPrincipalName",
    "companyName",
    "employeeType",
    "otherMails",
    "usageLocation",
    "createdDateTime",
    "alternativeSecurityIds",
];

/// Other attributes that a mapping can write.
const MORE_TARGETS: [&str; 13] = [
    "alternativeSecurityIds",
    "IsSoftDeleted",
    "userPrincipalName",
    "mail",
    "manager",
    "showInAddressList",
    "userType",
    "companyName",
    "employeeType",
    "userState",
    "usageLocation",
    "preferredDataLocation",
    "employeeHireDate",
];

/// The matching attribute of groups.
pub(super) const GROUP_ORIGIN: &str = "originId";

/// Attributes of groups that a mapping can read, and whether a filter can use them.
const GROUP_SOURCES: [(&str, bool); 10] = [
    ("objectId", true),
    ("displayName", true),
    ("description", true),
    ("mail", true),
    ("mailNickname", true),
    ("mailEnabled", true),
    ("securityEnabled", true),
    ("members", false),
    ("groupTypes", false),
    ("proxyAddresses", false),
];

/// Attributes of groups that a mapping can write.
const GROUP_TARGETS: [&str; 5] = [
    GROUP_ORIGIN,
    "displayName",
    "description",
    "mailNickname",
    "members",
];

/// Whether a mapping of `User` or `Group` can read this attribute.
pub(super) fn is_source_of(kind: &str, name: &str) -> bool {
    let of_groups = || GROUP_SOURCES.iter().any(|(known, _)| *known == name) || is_extension(name);
    if kind == "Group" {
        of_groups()
    } else {
        is_source(name)
    }
}

/// Whether a mapping of `User` or `Group` can write this attribute.
pub(super) fn is_target_of(kind: &str, name: &str) -> bool {
    let of_groups = || GROUP_TARGETS.contains(&name) || is_extension(name);
    if kind == "Group" {
        of_groups()
    } else {
        is_target(name)
    }
}

/// Whether a filter of `User` or `Group` can use this attribute. Multi-valued attributes, references and dates are excluded.
pub(super) fn is_operand_of(kind: &str, name: &str) -> bool {
    let of_groups = GROUP_SOURCES.iter().find(|(known, _)| *known == name);
    match kind {
        "Group" => of_groups.map_or(is_extension(name), |(_, usable)| *usable),
        _ => is_source(name) && !matches!(name, "manager" | "createdDateTime" | "otherMails"),
    }
}

fn is_extension(name: &str) -> bool {
    name.starts_with("extension_")
        || name
            .strip_prefix("extensionAttribute")
            .and_then(|number| number.parse::<u8>().ok())
            .is_some_and(|number| (1..=15).contains(&number))
}

/// Whether a mapping or filter can read this attribute.
fn is_source(name: &str) -> bool {
    PLAIN.contains(&name) || MORE_SOURCES.contains(&name) || is_extension(name)
}

/// Whether a mapping can write this attribute.
fn is_target(name: &str) -> bool {
    PLAIN.contains(&name) || MORE_TARGETS.contains(&name) || is_extension(name)
}

fn mapping(target: &str, source: &Value, flow: &str, matching: i64) -> Value {
    json!({
        "defaultValue": null, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": flow,
        "matchingPriority": matching, "targetAttributeName": target, "source": source,
    })
}

fn attribute(name: &str) -> Value {
    json!({ "expression": format!("[{name}]"), "name": name, "type": "Attribute", "parameters": [] })
}

fn constant(text: &str) -> Value {
    json!({ "expression": format!("\"{text}\""), "name": text, "type": "Constant", "parameters": [] })
}

fn user_mappings() -> Vec<Value> {
    let matching = expression::parse("AltSecIdFromNetId([netId])").unwrap_or_default();
    let mut all = vec![
        mapping("alternativeSecurityIds", &matching, "Always", 1),
        mapping("IsSoftDeleted", &attribute("IsSoftDeleted"), "Always", 0),
    ];
    all.extend(
        PLAIN
            .iter()
            .map(|name| mapping(name, &attribute(name), "Always", 0)),
    );
    all.extend([
        mapping(
            "userPrincipalName",
            &attribute("userPrincipalName"),
            "Always",
            0,
        ),
        mapping("showInAddressList", &constant("true"), "Always", 0),
        mapping("mail", &attribute("mail"), "Always", 0),
        // By default, existing users keep their type; ObjectAddOnly expresses this (UNVERIFIED).
        mapping("userType", &constant("Member"), "ObjectAddOnly", 0),
        mapping("manager", &attribute("manager"), "Always", 0),
    ]);
    all
}

/// Made up, because Microsoft does not document the default attribute mappings of groups. The matching attribute is the origin of the
/// group, as documented.
fn group_mappings() -> Vec<Value> {
    vec![
        mapping(GROUP_ORIGIN, &attribute("objectId"), "ObjectAddOnly", 1),
        mapping("displayName", &attribute("displayName"), "Always", 0),
        mapping("description", &attribute("description"), "Always", 0),
        mapping(
            "mailNickname",
            &attribute("mailNickname"),
            "ObjectAddOnly",
            0,
        ),
        mapping("members", &attribute("members"), "Always", 0),
    ]
}

fn no_scope() -> Value {
    json!({ "categoryFilterGroups": [], "groups": [], "inputFilterGroups": [] })
}

fn object_mapping(kind: &str, enabled: bool, mappings: &[Value], scope: &Value) -> Value {
    json!({
        "enabled": enabled, "flowTypes": "Add, Update, Delete", "metadata": [],
        "name": format!("Provision Microsoft Entra ID {kind}s"), "sourceObjectName": kind, "targetObjectName": kind,
        "attributeMappings": mappings, "scope": scope,
    })
}

/// The schema of a job or template before it is customized.
pub(crate) fn schema(id: &str, version: &str, rule_id: &str) -> Value {
    json!({
        "id": id,
        "version": version,
        "synchronizationRules": [{
            "containerFilter": null,
            "editable": true,
            "groupFilter": null,
            "id": rule_id,
            "name": USER_RULE,
            "priority": 1,
            "sourceDirectoryName": "Microsoft Entra ID",
            "targetDirectoryName": "Microsoft Entra ID (target tenant)",
            "metadata": [
                { "key": "defaultSourceObjectMappings", "value": "true" },
                { "key": "supportsProvisionOnDemand", "value": "true" },
            ],
            "objectMappings": [
                object_mapping("Group", false, &group_mappings(), &Value::Null),
                object_mapping("User", true, &user_mappings(), &no_scope()),
            ],
        }],
    })
}

impl Job {
    /// The current schema.
    pub(crate) fn schema(&self) -> Value {
        self.schema
            .clone()
            .unwrap_or_else(|| schema(&self.id, "v1.2", &self.rule_id()))
    }

    /// Differs between jobs, so that clients must read it from the schema.
    fn rule_id(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.id.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_ref()[..16]);
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }
}

fn definition(name: &str) -> Value {
    let kind = match name {
        "accountEnabled" | "IsSoftDeleted" | "showInAddressList" | "mailEnabled"
        | "securityEnabled" => "Boolean",
        "manager" | "members" => "Reference",
        "createdDateTime" | "employeeHireDate" => "DateTime",
        _ => "String",
    };
    let references = if kind == "Reference" {
        json!([{ "referencedObjectName": "User", "referencedProperty": name }])
    } else {
        json!([])
    };
    json!({
        "anchor": matches!(name, "objectId" | "alternativeSecurityIds" | GROUP_ORIGIN), "apiExpressions": [], "caseExact": false,
        "defaultValue": null, "flowNullValues": false, "metadata": [], "multivalued": matches!(name, "otherMails" | "alternativeSecurityIds" | "members" | "groupTypes" | "proxyAddresses"),
        "mutability": "ReadWrite", "name": name, "referencedObjects": references, "required": false, "type": kind,
    })
}

/// The two directories of a schema; `extensions` are extension attributes of the source tenant.
pub(crate) fn directories(extensions: &[String], discovered: Option<&str>) -> Vec<Value> {
    let object = |name: &str, attributes: Vec<Value>| json!({ "name": name, "attributes": attributes, "metadata": [], "supportedApis": [] });
    let directory = |id: &str, name: &str, users: Vec<Value>, groups: Vec<Value>| {
        json!({
            "id": id, "name": name, "version": null, "readOnly": false,
            "discoverabilities": "AttributeNames, AttributeDataTypes, AttributeReadOnly",
            "discoveryDateTime": discovered,
            "objects": [object("User", users), object("Group", groups)],
        })
    };
    let numbered: Vec<String> = (1..=15)
        .map(|number| format!("extensionAttribute{number}"))
        .collect();
    let all = |more: &[&str]| {
        let names = PLAIN
            .iter()
            .chain(more)
            .copied()
            .chain(numbered.iter().chain(extensions).map(String::as_str));
        names.map(definition).collect::<Vec<Value>>()
    };
    vec![
        directory(
            "66e4a8cc-1b7b-435e-95f8-f06cea133828",
            "Microsoft Entra ID",
            all(&MORE_SOURCES),
            GROUP_SOURCES
                .iter()
                .map(|(name, _)| definition(name))
                .collect(),
        ),
        directory(
            "ba1a5a3d-3e3c-44a1-9d8c-2f7bb0f6c7a4",
            "Microsoft Entra ID (target tenant)",
            all(&MORE_TARGETS),
            GROUP_TARGETS.iter().copied().map(definition).collect(),
        ),
    ]
}

/// The template itself.
pub(crate) fn template() -> Value {
    let entry = |key: &str, value: &str| json!({ "key": key, "value": value });
    json!({
        "id": TEMPLATE, "applicationId": TEMPLATE_APPLICATION, "default": true, "description": null,
        "discoverable": true, "factoryTag": TEMPLATE,
        "metadata": [
            entry("galleryApplicationIdentifier", TEMPLATE_APPLICATION),
            entry("galleryApplicationKey", "aad2aadsync"),
            entry("isOAuthEnabled", "false"),
            entry("SyncPolicy", "[{\"defaultLabel\":\"Tenant Id\",\"name\":\"companyId\"}]"),
            entry("SupportedAuthenticationTypes", "[\"SyncPolicy\"]"),
            entry("AzureIngestionAttributeOptimization", "False"),
            entry("LookaheadQueryEnabled", "False"),
        ],
    })
}

/// Operators of scoping filters. The spelling of those without spaces is UNVERIFIED.
pub(super) const OPERATORS: [(&str, bool); 14] = [
    ("EQUALS", true),
    ("NOT EQUALS", true),
    ("IS NULL", false),
    ("IS NOT NULL", false),
    ("IS TRUE", false),
    ("IS FALSE", false),
    ("REGEX MATCH", true),
    ("NOT REGEX MATCH", true),
    ("&", true),
    ("!&", true),
    ("ENDS_WITH", true),
    ("Greater_Than", true),
    ("Greater_Than_OR_EQUALS", true),
    ("Includes", true),
];

/// The operators as Graph returns them.
pub(crate) fn operators() -> Vec<Value> {
    let types = |name: &str| match name {
        "IS TRUE" | "IS FALSE" => json!(["Boolean"]),
        "&" | "!&" | "Greater_Than" | "Greater_Than_OR_EQUALS" => json!(["Integer"]),
        _ => json!([
            "String",
            "Integer",
            "Boolean",
            "Reference",
            "Binary",
            "DateTime"
        ]),
    };
    let describe = |(name, binary): &(&str, bool)| {
        json!({
            "id": name, "name": name, "arity": if *binary { "Binary" } else { "Unary" },
            "multivaluedComparisonType": "All", "supportedAttributeTypes": types(name),
        })
    };
    OPERATORS.iter().map(describe).collect()
}
