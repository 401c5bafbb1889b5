//! `/contacts`: organizational contacts, which are written by Exchange or a synchronized directory. Graph only reads them, so only a seed
//! creates them.

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::odata::{self, Entity};
use crate::reply::Answer;

/// Properties of contacts for query options.
pub(crate) const ENTITY: Entity = Entity {
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

pub(crate) fn list(call: &mut Call) -> Answer {
    odata::list(call, call.tenant().contacts.iter(), &ENTITY, "contacts")
}

/// The complete contact that Graph would return for these properties.
pub(crate) fn complete(properties: Map<String, Value>) -> Value {
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
