//! The RPCs of data sources.

use super::rpcs::Rpcs;
use crate::{codec, convert};
use proto::tfplugin6 as pb;
use terraform::Diagnostics;

pub(super) fn validate(
    rpcs: &Rpcs,
    request: &pb::validate_data_resource_config::Request,
) -> Result<pb::validate_data_resource_config::Response, Diagnostics> {
    let source = rpcs.data_source(&request.type_name)?;
    let config = codec::decode(
        &codec::object_type(source.schema()),
        request.config.as_ref(),
    )
    .map_err(|fault| vec![fault.diagnostic("configuration")])?;
    Ok(pb::validate_data_resource_config::Response {
        diagnostics: convert::diagnostics(source.validate(&config)),
    })
}

pub(super) async fn read(
    rpcs: &Rpcs,
    request: pb::read_data_source::Request,
) -> Result<pb::read_data_source::Response, Diagnostics> {
    let source = rpcs.data_source(&request.type_name)?;
    let of = codec::object_type(source.schema());
    let config = codec::decode(&of, request.config.as_ref())
        .map_err(|fault| vec![fault.diagnostic("configuration")])?;
    let read = source.read(config).await;
    let state = codec::encode(&of, &read.state)
        .map_err(|fault| vec![fault.diagnostic("answer of this provider")])?;
    Ok(pb::read_data_source::Response {
        state: Some(state),
        diagnostics: convert::diagnostics(read.diagnostics),
        deferred: None,
    })
}
