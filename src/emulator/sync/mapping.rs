//! Maps a source user to the properties of the user in the target tenant.

use serde_json::{Map, Value, json};

use super::functions;
use crate::store::Tenant;

/// An attribute of a source user by its name in mappings.
pub(super) fn attribute(user: &Value, name: &str) -> Value {
    match name {
        "mobile" => user["mobilePhone"].clone(),
        "physicalDeliveryOfficeName" => user["officeLocation"].clone(),
        "telephoneNumber" => user["businessPhones"][0].clone(),
        "objectId" | "netId" => user["id"].clone(),
        "manager" => user["_manager"].clone(),
        "originalUserPrincipalName" => user["userPrincipalName"].clone(),
        "IsSoftDeleted" => json!(false),
        name if name.starts_with("extensionAttribute") => {
            user["onPremisesExtensionAttributes"][name].clone()
        }
        name => user[name].clone(),
    }
}

/// Attributes that refer to other objects. They are written after those objects.
const REFERENCES: [&str; 2] = ["manager", "members"];

/// The mapping of a reference, if there is one.
pub(super) fn reference<'m>(mappings: &'m Value, target: &str) -> Option<&'m Value> {
    let mut all = mappings.as_array().into_iter().flatten();
    all.find(|mapping| mapping["targetAttributeName"] == *target)
}

/// A property of the target user and its intended value.
#[derive(Debug, PartialEq)]
pub(super) struct Flow {
    pub(super) property: String,
    pub(super) value: Value,
}

/// The target user, apart from its mapped attributes.
pub(super) struct Destination<'t> {
    pub(super) tenant: &'t Tenant,
    pub(super) creating: bool,
}

/// The values for the target according to these mappings; an error names the mapping that failed.
pub(super) fn flows(
    user: &Value,
    mappings: &Value,
    destination: &Destination,
) -> Result<Vec<Flow>, String> {
    let mut found = Vec::new();
    for mapping in mappings.as_array().into_iter().flatten() {
        let target = mapping["targetAttributeName"].as_str().unwrap_or_default();
        let once = flows_once(mapping);
        let matches = mapping["matchingPriority"].as_i64().unwrap_or(0) > 0;
        if (once && !destination.creating) || matches || REFERENCES.contains(&target) {
            continue;
        }
        // A mapping of the type "None" fills an empty attribute, which is certain only for a new user.
        let value = match &mapping["source"] {
            Value::Null if destination.creating => Value::Null,
            Value::Null => continue,
            source => functions::value(source, &|name| attribute(user, name))
                .map_err(|why| format!("{target}: {why}"))?,
        };
        // According to the page about attribute mappings, "Default value if null" is provisioned only with a new object.
        let value = match (value.is_null() || value == "", destination.creating) {
            (true, true) => mapping["defaultValue"].clone(),
            (true, false) => Value::Null,
            (false, _) => value,
        };
        // Neither null nor an attribute that the source does not have is ever written.
        if !value.is_null() {
            found.extend(flow(target, &value, destination));
        }
    }
    Ok(found)
}

/// The property of the target user in which a mapped attribute is stored.
fn flow(target: &str, value: &Value, destination: &Destination) -> Option<Flow> {
    let text = || match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(","),
        other => other.to_string(),
    };
    let (property, value) = match target {
        "IsSoftDeleted" | "alternativeSecurityIds" | "userState" => return None,
        "userPrincipalName" => (
            "userPrincipalName",
            json!(external_name(&text(), destination.tenant.default_domain())),
        ),
        "mobile" => ("mobilePhone", json!(text())),
        "physicalDeliveryOfficeName" => ("officeLocation", json!(text())),
        "telephoneNumber" => ("businessPhones", json!([text()])),
        "accountEnabled" | "showInAddressList" => {
            (target, json!(text().eq_ignore_ascii_case("true")))
        }
        other => (other, json!(text())),
    };
    Some(Flow {
        property: property.to_owned(),
        value,
    })
}

/// The name of `ada@contoso.example` as an external user in another domain.
fn external_name(upn: &str, domain: &str) -> String {
    if upn.contains("#EXT#") {
        upn.to_owned()
    } else {
        format!("{}#EXT#@{domain}", upn.replace('@', "_"))
    }
}

/// The remembered form of values.
pub(super) fn remembered(flows: &[Flow]) -> Value {
    let pairs = flows.iter();
    let pairs = pairs.map(|flow| (flow.property.clone(), flow.value.clone()));
    Value::Object(pairs.collect())
}

/// The values of a creation that an update would send, in the remembered form.
pub(super) fn lasting(mappings: &Value, flows: &[Flow]) -> Value {
    let mut sent = remembered(flows);
    if let Some(members) = sent.as_object_mut() {
        for mapping in mappings.as_array().into_iter().flatten() {
            if let (true, Some(target)) = (flows_once(mapping), stored_as(mapping)) {
                members.shift_remove(target);
            }
        }
    }
    sent
}

/// Whether a mapping is applied to new objects only.
fn flows_once(mapping: &Value) -> bool {
    mapping["flowType"] == "ObjectAddOnly" || mapping["flowType"] == "AttributeAddOnly"
}

/// The property to which a mapping writes.
fn stored_as(mapping: &Value) -> Option<&str> {
    Some(match mapping["targetAttributeName"].as_str()? {
        "mobile" => "mobilePhone",
        "physicalDeliveryOfficeName" => "officeLocation",
        "telephoneNumber" => "businessPhones",
        other => other,
    })
}

/// The values that differ from those of the existing user.
pub(super) fn changes(existing: &Value, flows: Vec<Flow>) -> Vec<Flow> {
    let current = |property: &str| match property.strip_prefix("extensionAttribute") {
        Some(_) => &existing["onPremisesExtensionAttributes"][property],
        None => &existing[property],
    };
    flows
        .into_iter()
        .filter(|flow| *current(&flow.property) != flow.value)
        .collect()
}

/// Writes values to a user.
pub(super) fn write(user: &mut Map<String, Value>, flows: &[Flow]) {
    for flow in flows {
        if flow.property.starts_with("extensionAttribute") {
            let slot = user
                .entry("onPremisesExtensionAttributes")
                .or_insert_with(|| json!({}));
            if !slot.is_object() {
                *slot = json!({});
            }
            slot[flow.property.as_str()] = flow.value.clone();
        } else {
            user.insert(flow.property.clone(), flow.value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> Tenant {
        Tenant {
            domains: vec!["fabrikam.example".to_owned()],
            ..Tenant::default()
        }
    }

    fn mapping(target: &str, kind: &str, name: &str, flow: &str) -> Value {
        json!({ "targetAttributeName": target, "flowType": flow, "defaultValue": null, "matchingPriority": 0,
            "source": { "type": kind, "name": name, "expression": "", "parameters": [] } })
    }

    #[test]
    fn values_arrive_under_their_property() {
        let user = json!({ "userPrincipalName": "ada@contoso.example", "mobilePhone": "1", "city": null, "accountEnabled": false });
        let mappings = json!([
            mapping(
                "userPrincipalName",
                "Attribute",
                "userPrincipalName",
                "Always"
            ),
            mapping("mobile", "Attribute", "mobile", "Always"),
            mapping("city", "Attribute", "city", "Always"),
            mapping("accountEnabled", "Attribute", "accountEnabled", "Always"),
            mapping("userType", "Constant", "Member", "ObjectAddOnly"),
        ]);
        let tenant = tenant();
        let found = |creating| {
            flows(
                &user,
                &mappings,
                &Destination {
                    tenant: &tenant,
                    creating,
                },
            )
            .unwrap()
        };
        let names: Vec<String> = found(true)
            .into_iter()
            .map(|flow| format!("{}={}", flow.property, flow.value))
            .collect();
        assert_eq!(
            names,
            [
                "userPrincipalName=\"ada_contoso.example#EXT#@fabrikam.example\"",
                "mobilePhone=\"1\"",
                "accountEnabled=false",
                "userType=\"Member\"",
            ]
        );
        assert_eq!(found(false).len(), 3);
    }

    #[test]
    fn only_differences_are_changes() {
        let flows = vec![
            Flow {
                property: "city".into(),
                value: json!("Oslo"),
            },
            Flow {
                property: "mail".into(),
                value: json!("a@b"),
            },
        ];
        assert_eq!(
            changes(&json!({ "city": "Oslo" }), flows),
            [Flow {
                property: "mail".into(),
                value: json!("a@b")
            }]
        );
    }
}
