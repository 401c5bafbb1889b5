//! `/contacts`: organizational contacts, which Exchange or a synchronized directory writes. Graph only reads them; they are here
//! because of a seed.

use serde_json::{Map, Value, json};

use crate::emulator::call::Call;
use crate::emulator::odata::{self, Entity};
use crate::emulator::reply::Answer;

/// Contacts as query options see them.
pub(in crate::emulator) const ENTITY: Entity = Entity {
    name: "orgContact",
    properties: &[
        "id",
        "deletedDateTime",
        "addresses",
        "companyName",
        "department",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mailNickname",
        "onPremisesLastSyncDateTime",
        "onPremisesProvisioningErrors",
        "onPremisesSyncEnabled",
        "phones",
        "proxyAddresses",
        "serviceProvisioningErrors",
        "surname",
    ],
    usual: &[],
    directory: true,
};

pub(in crate::emulator) fn list(call: &mut Call) -> Answer {
    odata::list(call, call.tenant().contacts.iter(), &ENTITY, "contacts")
}

/// The complete contact that Graph would keep for these properties.
pub(in crate::emulator) fn complete(properties: Map<String, Value>) -> Value {
    let mut contact = Map::new();
    for name in ENTITY.properties {
        contact.insert((*name).to_owned(), Value::Null);
    }
    for name in [
        "addresses",
        "onPremisesProvisioningErrors",
        "phones",
        "proxyAddresses",
        "serviceProvisioningErrors",
    ] {
        contact.insert(name.to_owned(), json!([]));
    }
    contact.extend(properties);
    Value::Object(contact)
}
