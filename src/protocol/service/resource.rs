//! The RPCs of managed resources.

use super::identity;
use super::rpcs::Rpcs;
use crate::{codec, convert};
use proto::tfplugin6 as pb;
use terraform::{
    Apply, Attribute, Diagnostic, Diagnostics, MoveSource, PlanRequest, ReadRequest, Resource,
    Schema, Trail, Type, Value, settle,
};

pub(super) fn validate(
    rpcs: &Rpcs,
    request: &pb::validate_resource_config::Request,
) -> Result<pb::validate_resource_config::Response, Diagnostics> {
    let (resource, shape) = lookup(rpcs, &request.type_name)?;
    let config = shape.decode("configuration", request.config.as_ref())?;
    let capabilities = convert::capabilities(request.client_capabilities);
    Ok(pb::validate_resource_config::Response {
        diagnostics: convert::diagnostics(resource.validate(&config, capabilities)),
    })
}

pub(super) fn upgrade(
    rpcs: &Rpcs,
    request: &pb::upgrade_resource_state::Request,
) -> Result<pb::upgrade_resource_state::Response, Diagnostics> {
    let (resource, shape) = lookup(rpcs, &request.type_name)?;
    let stored = raw(request.raw_state.as_ref())?;
    let upgraded = resource.upgrade(request.version, stored)?;
    let state = codec::conform(&shape.of, upgraded, &Trail::default())
        .map_err(|fault| vec![fault.diagnostic("stored object")])?;
    Ok(pb::upgrade_resource_state::Response {
        upgraded_state: Some(shape.encode(&state)?),
        diagnostics: Vec::new(),
    })
}

pub(super) async fn read(
    rpcs: &Rpcs,
    request: pb::read_resource::Request,
) -> Result<pb::read_resource::Response, Diagnostics> {
    let (resource, shape) = lookup(rpcs, &request.type_name)?;
    let current = shape.decode("stored object", request.current_state.as_ref())?;
    let private = request.private.to_vec();
    let refreshed = resource.read(ReadRequest { current, private }).await;
    Ok(pb::read_resource::Response {
        new_state: Some(shape.encode(&refreshed.state)?),
        new_identity: identity::encode(resource, &refreshed.state)?,
        private: refreshed.private.into(),
        diagnostics: convert::diagnostics(refreshed.diagnostics),
        ..pb::read_resource::Response::default()
    })
}

pub(super) async fn plan(
    rpcs: &Rpcs,
    request: pb::plan_resource_change::Request,
) -> Result<pb::plan_resource_change::Response, Diagnostics> {
    let (resource, shape) = lookup(rpcs, &request.type_name)?;
    let plan = resource
        .plan(PlanRequest {
            prior: shape.decode("stored object", request.prior_state.as_ref())?,
            config: shape.decode("configuration", request.config.as_ref())?,
            private: request.prior_private.to_vec(),
        })
        .await;
    Ok(pb::plan_resource_change::Response {
        planned_state: Some(shape.encode_planned(&plan.planned)?),
        planned_identity: identity::encode_planned(resource, &plan.planned)?,
        requires_replace: plan.requires_replace.iter().map(convert::path).collect(),
        planned_private: plan.private.into(),
        diagnostics: convert::diagnostics(plan.diagnostics),
        ..pb::plan_resource_change::Response::default()
    })
}

pub(super) async fn apply(
    rpcs: &Rpcs,
    request: pb::apply_resource_change::Request,
) -> Result<pb::apply_resource_change::Response, Diagnostics> {
    let (resource, shape) = lookup(rpcs, &request.type_name)?;
    let mut applied = resource
        .apply(Apply {
            prior: shape.decode("stored object", request.prior_state.as_ref())?,
            planned: shape.decode("planned object", request.planned_state.as_ref())?,
            config: shape.decode("configuration", request.config.as_ref())?,
            private: request.planned_private.to_vec(),
        })
        .await;
    // An unknown part must not lose the state of a change that was carried out.
    if let Err(unknown) = shape.encode(&applied.state) {
        applied.diagnostics.extend(unknown);
        applied.state = settle(&applied.state, &Value::Null);
    }
    Ok(pb::apply_resource_change::Response {
        new_state: Some(shape.encode(&applied.state)?),
        new_identity: identity::encode(resource, &applied.state)?,
        private: applied.private.into(),
        diagnostics: convert::diagnostics(applied.diagnostics),
        ..pb::apply_resource_change::Response::default()
    })
}

/// Returns the identity of the object before the change; `None` if it is created. The request contains only the planned one.
pub(super) fn prior_identity(
    rpcs: &Rpcs,
    request: &pb::apply_resource_change::Request,
) -> Option<pb::ResourceIdentityData> {
    let (resource, shape) = lookup(rpcs, &request.type_name).ok()?;
    let prior = shape
        .decode("stored object", request.prior_state.as_ref())
        .ok()?;
    identity::encode(resource, &prior).ok().flatten()
}

pub(super) async fn import(
    rpcs: &Rpcs,
    request: pb::import_resource_state::Request,
) -> Result<pb::import_resource_state::Response, Diagnostics> {
    let (resource, shape) = lookup(rpcs, &request.type_name)?;
    let imported = match &request.identity {
        Some(named) if request.id.is_empty() => {
            let named = identity::decode(resource, named)?;
            resource.import_by_identity(named).await?
        }
        _ => resource.import(request.id).await?,
    };
    let state = shape.encode(&imported.state)?;
    Ok(pb::import_resource_state::Response {
        imported_resources: vec![pb::import_resource_state::ImportedResource {
            type_name: request.type_name,
            state: Some(state),
            private: imported.private.into(),
            identity: identity::encode(resource, &imported.state)?,
        }],
        ..pb::import_resource_state::Response::default()
    })
}

pub(super) fn generate(
    rpcs: &Rpcs,
    request: &pb::generate_resource_config::Request,
) -> Result<pb::generate_resource_config::Response, Diagnostics> {
    let (resource, shape) = lookup(rpcs, &request.type_name)?;
    let state = shape.decode("stored object", request.state.as_ref())?;
    Ok(pb::generate_resource_config::Response {
        config: Some(shape.encode(&resource.generate(&state))?),
        diagnostics: Vec::new(),
    })
}

pub(super) fn move_from(
    rpcs: &Rpcs,
    request: pb::move_resource_state::Request,
) -> Result<pb::move_resource_state::Response, Diagnostics> {
    let (resource, shape) = lookup(rpcs, &request.target_type_name)?;
    let moved = resource.move_from(MoveSource {
        state: raw(request.source_state.as_ref())?,
        provider_address: request.source_provider_address,
        type_name: request.source_type_name,
        schema_version: request.source_schema_version,
    })?;
    Ok(pb::move_resource_state::Response {
        target_state: Some(shape.encode(&moved.state)?),
        target_private: moved.private.into(),
        target_identity: identity::encode(resource, &moved.state)?,
        ..pb::move_resource_state::Response::default()
    })
}

/// Decodes an object that was stored with any schema.
pub(super) fn raw(state: Option<&pb::RawState>) -> Result<Value, Diagnostics> {
    match codec::decode_raw(state) {
        Ok(Value::Null) => Err(vec![Diagnostic::error(
            "Nothing to upgrade",
            "The CLI sent no stored object.",
        )]),
        Ok(stored) => Ok(stored),
        Err(fault) => Err(vec![fault.diagnostic("stored object")]),
    }
}

fn lookup<'a>(
    rpcs: &'a Rpcs,
    type_name: &str,
) -> Result<(&'a dyn Resource, Shape<'a>), Diagnostics> {
    let resource = rpcs.resource(type_name)?;
    let schema = resource.schema();
    let of = codec::object_type(schema);
    Ok((resource, Shape { schema, of }))
}

/// The schema of a resource, as needed to encode and decode its objects.
struct Shape<'a> {
    schema: &'a Schema,
    of: Type,
}

impl Shape<'_> {
    fn decode(&self, what: &str, value: Option<&pb::DynamicValue>) -> Result<Value, Diagnostics> {
        codec::decode(&self.of, value).map_err(|fault| vec![fault.diagnostic(what)])
    }

    fn encode(&self, value: &Value) -> Result<pb::DynamicValue, Diagnostics> {
        self.check_secrets(value);
        codec::encode(&self.of, value)
            .map_err(|fault| vec![fault.diagnostic("answer of this provider")])
    }

    fn encode_planned(&self, value: &Value) -> Result<pb::DynamicValue, Diagnostics> {
        self.check_secrets(value);
        codec::encode_with_unknowns(&self.of, value)
            .map_err(|fault| vec![fault.diagnostic("answer of this provider")])
    }

    fn check_secrets(&self, value: &Value) {
        debug_assert!(
            keeps_secrets(&self.schema.attributes, value),
            "a write-only attribute would be stored"
        );
    }
}

/// Whether every write-only attribute in `value` is null.
fn keeps_secrets(attributes: &[Attribute], value: &Value) -> bool {
    attributes.iter().all(|attribute| {
        let member = value.member(attribute.name);
        if attribute.rules.write_only {
            return member.is_null() || value.is_unknown();
        }
        let Some(nested) = attribute.kind.nested() else {
            return true;
        };
        match member {
            Value::List(elements) | Value::Set(elements) => elements
                .iter()
                .all(|element| keeps_secrets(nested, element)),
            Value::Map(elements) => elements
                .values()
                .all(|element| keeps_secrets(nested, element)),
            object => keeps_secrets(nested, object),
        }
    })
}
