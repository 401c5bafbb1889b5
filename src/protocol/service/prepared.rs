//! Encodes the schema before the CLI requests it, so that the bytes only need to be sent.
//!
//! It is by far the largest message, and every CLI waits for it right after connecting.

use std::sync::{Arc, Mutex};

use prost::Message as _;
use prost::bytes::{BufMut as _, Bytes};
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::{BoxFuture, http};
use tonic::server::{Grpc, UnaryService};
use tonic::{Request, Response, Status};

use super::provider;
use super::rpcs::Rpcs;
use proto::tfplugin6 as pb;
use proto::tfplugin6::provider_server::Provider as _;

/// The RPC that is answered here.
pub(crate) const METHOD: &str = "/tfplugin6.Provider/GetProviderSchema";

type Asked = pb::get_provider_schema::Request;

/// Responds to a call of [`METHOD`].
pub(crate) async fn answer(rpcs: Arc<Rpcs>, request: http::Request<Body>) -> http::Response<Body> {
    Grpc::new(Encoded).unary(Schema(rpcs), request).await
}

impl Rpcs {
    /// Encodes the schema in advance, which takes longer than sending it.
    pub(crate) fn with_schema(self) -> Self {
        let schema = provider::schema(&self).encode_to_vec();
        let schema = Mutex::new(Some(schema.into()));
        Self { schema, ..self }
    }
}

struct Schema(Arc<Rpcs>);

impl UnaryService<Asked> for Schema {
    type Response = Bytes;
    type Future = BoxFuture<Response<Bytes>, Status>;

    fn call(&mut self, request: Request<Asked>) -> Self::Future {
        let rpcs = Arc::clone(&self.0);
        Box::pin(async move {
            if let Some(prepared) = rpcs.take_schema() {
                rpcs.call("GetProviderSchema", "").answered();
                return Ok(Response::new(prepared));
            }
            let made = rpcs.get_provider_schema(request).await?;
            Ok(made.map(|schema| schema.encode_to_vec().into()))
        })
    }
}

/// A codec for messages that are already encoded.
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = Asked;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(item.len());
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Encoded {
    type Item = Asked;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Asked>, Status> {
        let decoded = Asked::decode(buffer).map_err(|error| Status::internal(error.to_string()));
        decoded.map(Some)
    }
}
