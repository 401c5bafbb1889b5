//! Maps the attribute names of mappings and filters to properties of Microsoft Graph.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::value::Value;

/// The property that Graph returns only if it is expanded.
pub const EXPANDED: &str = "manager";

/// Location of an attribute on a user or group of Microsoft Graph.
enum Place<'n> {
    /// In the property of this name.
    Property(&'n str),
    /// The first value of a multi-valued property.
    First(&'n str),
    /// A member of `onPremisesExtensionAttributes`.
    Extension(&'n str),
    /// The ID of the object in an expanded property.
    Id(&'n str),
    /// Not a property of the directory: the value that triggers deprovisioning.
    SoftDeleted,
}

fn place(attribute: &str) -> Place<'_> {
    match attribute {
        "mobile" => Place::Property("mobilePhone"),
        "physicalDeliveryOfficeName" => Place::Property("officeLocation"),
        "telephoneNumber" => Place::First("businessPhones"),
        "objectId" | "netId" => Place::Property("id"),
        "originalUserPrincipalName" => Place::Property("userPrincipalName"),
        "IsSoftDeleted" => Place::SoftDeleted,
        "manager" => Place::Id("manager"),
        name if name.starts_with("extensionAttribute") => Place::Extension(name),
        name => Place::Property(name),
    }
}

/// Returns the value of an attribute of a user or group from Graph. A manager is a reference.
pub(super) fn read(object: &Json, attribute: &str) -> Value {
    match place(attribute) {
        Place::Property(name) => Value::of(&object[name]),
        Place::First(name) => Value::of(&object[name][0]),
        Place::Extension(name) => Value::of(&object["onPremisesExtensionAttributes"][name]),
        Place::Id(name) => object[name]["id"]
            .as_str()
            .map_or(Value::Null, |id| Value::Reference(id.into())),
        Place::SoftDeleted => Value::Bool(false),
    }
}

/// Whether a mapping to this attribute has no visible effect on the user: it is used for matching or for deletion.
pub(super) fn is_internal(target: &str) -> bool {
    matches!(
        target,
        "IsSoftDeleted" | "alternativeSecurityIds" | "userState" | "originId" | "objectId"
    )
}

/// Whether the attribute refers to other objects, so that it is written after them.
pub(super) fn is_reference(target: &str) -> bool {
    matches!(target, "manager" | "members")
}

/// Whether the target attribute is a boolean.
pub(super) fn is_boolean(target: &str) -> bool {
    matches!(target, "accountEnabled" | "showInAddressList")
}

/// Returns the properties to select in Graph for these attributes, without duplicates and without [`EXPANDED`].
pub fn properties_of<'n>(attributes: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names = attributes.filter_map(|attribute| match place(attribute) {
        Place::Property(name) | Place::First(name) => Some(name),
        Place::Extension(_) => Some("onPremisesExtensionAttributes"),
        Place::Id(_) | Place::SoftDeleted => None,
    });
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    names.into_iter().collect()
}
