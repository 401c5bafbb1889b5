//! The RPCs of the provider itself.

use super::rpcs::Rpcs;
use super::{action, function, list};
use crate::{codec, convert};
use proto::tfplugin6 as pb;
use terraform::{Diagnostics, Value};

pub(super) fn metadata(rpcs: &Rpcs) -> pb::get_metadata::Response {
    let resource = |type_name: &str| pb::get_metadata::ResourceMetadata {
        type_name: type_name.to_owned(),
    };
    let data_source = |type_name: &str| pb::get_metadata::DataSourceMetadata {
        type_name: type_name.to_owned(),
    };
    let (resources, sources) = (rpcs.provider.resources(), rpcs.provider.data_sources());
    pb::get_metadata::Response {
        server_capabilities: Some(convert::server_capabilities()),
        resources: resources
            .iter()
            .map(|it| resource(it.type_name()))
            .collect(),
        data_sources: sources
            .iter()
            .map(|it| data_source(it.type_name()))
            .collect(),
        functions: function::names(rpcs),
        list_resources: list::schemas(rpcs)
            .map(|(type_name, _)| pb::get_metadata::ListResourceMetadata { type_name })
            .collect(),
        actions: action::schemas(rpcs)
            .map(|(type_name, _)| pb::get_metadata::ActionMetadata { type_name })
            .collect(),
        ..pb::get_metadata::Response::default()
    }
}

pub(super) fn schema(rpcs: &Rpcs) -> pb::get_provider_schema::Response {
    let provider = &rpcs.provider;
    pb::get_provider_schema::Response {
        provider: Some(convert::schema(provider.schema())),
        resource_schemas: provider
            .resources()
            .iter()
            .map(|it| (it.type_name().to_owned(), convert::schema(it.schema())))
            .collect(),
        data_source_schemas: provider
            .data_sources()
            .iter()
            .map(|it| (it.type_name().to_owned(), convert::schema(it.schema())))
            .collect(),
        server_capabilities: Some(convert::server_capabilities()),
        functions: function::all(rpcs).functions,
        list_resource_schemas: list::schemas(rpcs).collect(),
        action_schemas: action::schemas(rpcs).collect(),
        ..pb::get_provider_schema::Response::default()
    }
}

pub(super) fn validate(
    rpcs: &Rpcs,
    request: &pb::validate_provider_config::Request,
) -> Result<pb::validate_provider_config::Response, Diagnostics> {
    let config = config(rpcs, request.config.as_ref())?;
    let found = rpcs.provider.validate(&config);
    Ok(pb::validate_provider_config::Response {
        diagnostics: convert::diagnostics(found),
    })
}

pub(super) async fn configure(
    rpcs: &Rpcs,
    request: pb::configure_provider::Request,
) -> Result<pb::configure_provider::Response, Diagnostics> {
    let config = config(rpcs, request.config.as_ref())?;
    let found = rpcs
        .provider
        .configure(config, request.terraform_version)
        .await;
    Ok(pb::configure_provider::Response {
        diagnostics: convert::diagnostics(found),
    })
}

fn config(rpcs: &Rpcs, config: Option<&pb::DynamicValue>) -> Result<Value, Diagnostics> {
    let of = codec::object_type(rpcs.provider.schema());
    codec::decode(&of, config).map_err(|fault| vec![fault.diagnostic("provider configuration")])
}
