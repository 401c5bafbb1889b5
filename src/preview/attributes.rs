//! Names: attributes as mappings and filters call them, and the properties of Microsoft Graph that hold them.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::value::Value;

/// The property that Graph answers only when it is expanded.
pub const EXPANDED: &str = "manager";

/// What holds an attribute on a user or group of Microsoft Graph.
enum Place<'n> {
    /// A property of this name.
    Property(&'n str),
    /// The first value of a property with many.
    First(&'n str),
    /// A member of `onPremisesExtensionAttributes`.
    Extension(&'n str),
    /// The ID of the object that an expanded property holds.
    Id(&'n str),
    /// Not a property of the directory: what deprovisioning is told with.
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

/// The value of an attribute of a user or group as Graph answered it. A manager is a reference.
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

/// Whether a mapping to this attribute writes nothing that can be seen on the user: what matches and what deletes.
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

/// Whether the attribute of the target is true or false.
pub(super) fn is_boolean(target: &str) -> bool {
    matches!(target, "accountEnabled" | "showInAddressList")
}

/// The properties that Graph must be asked for to read these attributes, each once; [`EXPANDED`] is not among them.
pub fn properties_of<'n>(attributes: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names = attributes.filter_map(|attribute| match place(attribute) {
        Place::Property(name) | Place::First(name) => Some(name),
        Place::Extension(_) => Some("onPremisesExtensionAttributes"),
        Place::Id(_) | Place::SoftDeleted => None,
    });
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    names.into_iter().collect()
}
