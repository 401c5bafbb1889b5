//! The identities of managed resources, which accompany every object and have RPCs of their own.

use super::resource;
use super::rpcs::Rpcs;
use crate::{codec, convert};
use proto::tfplugin6 as pb;
use terraform::{Diagnostic, Diagnostics, Identity, Resource, Trail, Value};

pub(super) fn schemas(rpcs: &Rpcs) -> pb::get_resource_identity_schemas::Response {
    let resources = rpcs.provider.resources().into_iter();
    pb::get_resource_identity_schemas::Response {
        identity_schemas: resources
            .filter_map(|it| Some((it.type_name().to_owned(), convert::identity(it.identity()?))))
            .collect(),
        diagnostics: Vec::new(),
    }
}

pub(super) fn upgrade(
    rpcs: &Rpcs,
    request: &pb::upgrade_resource_identity::Request,
) -> Result<pb::upgrade_resource_identity::Response, Diagnostics> {
    let resource = rpcs.resource(&request.type_name)?;
    let identity = resource.identity().ok_or_else(|| none(resource))?;
    let stored = resource::raw(request.raw_identity.as_ref())?;
    let upgraded = resource.upgrade_identity(request.version, stored)?;
    let of = identity.value_type();
    let value = codec::conform(&of, upgraded, &Trail::default())
        .and_then(|value| codec::encode(&of, &value))
        .map_err(|fault| vec![fault.diagnostic("stored identity")])?;
    Ok(pb::upgrade_resource_identity::Response {
        upgraded_identity: Some(data(value)),
        diagnostics: Vec::new(),
    })
}

/// Encodes the identity of an existing object; `None` if it has none.
pub(super) fn encode(
    resource: &dyn Resource,
    object: &Value,
) -> Result<Option<pb::ResourceIdentityData>, Diagnostics> {
    let Some(identity) = resource.identity() else {
        return Ok(None);
    };
    let value = identity.of(object);
    if value.is_null() {
        return Ok(None);
    }
    codec::encode(&identity.value_type(), &value)
        .map(|value| Some(data(value)))
        .map_err(|fault| vec![fault.diagnostic("answer of this provider")])
}

/// Encodes the planned identity of an object; `None` while a part of it is unknown. CLIs print planned identities as JSON, which
/// has no unknown values, and one would make the whole plan fail.
pub(super) fn encode_planned(
    resource: &dyn Resource,
    planned: &Value,
) -> Result<Option<pb::ResourceIdentityData>, Diagnostics> {
    let is_known = |identity: &Identity| identity.of(planned).is_wholly_known();
    if resource.identity().is_some_and(is_known) {
        encode(resource, planned)
    } else {
        Ok(None)
    }
}

/// Decodes the identity of an object.
pub(super) fn decode(
    resource: &dyn Resource,
    sent: &pb::ResourceIdentityData,
) -> Result<Value, Diagnostics> {
    let identity = resource.identity().ok_or_else(|| none(resource))?;
    codec::decode(&identity.value_type(), sent.identity_data.as_ref())
        .map_err(|fault| vec![fault.diagnostic("identity")])
}

fn none(resource: &dyn Resource) -> Diagnostics {
    let detail = format!(
        "`{}` has no identity. Use `id` in the import block instead.",
        resource.type_name()
    );
    vec![Diagnostic::error("Import by identity", detail)]
}

fn data(value: pb::DynamicValue) -> pb::ResourceIdentityData {
    pb::ResourceIdentityData {
        identity_data: Some(value),
    }
}
