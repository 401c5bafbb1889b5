//! The auxiliary services of go-plugin: shutdown, and two streams that stay open and empty.

use std::pin::Pin;

use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use proto::plugin::grpc_broker_server::GrpcBroker;
use proto::plugin::grpc_controller_server::GrpcController;
use proto::plugin::grpc_stdio_server::GrpcStdio;
use proto::plugin::{ConnInfo, Empty, StdioData};

/// All auxiliary services; `end` is canceled to end the process.
#[derive(Clone, Debug)]
pub(super) struct Plugin {
    pub(super) end: CancellationToken,
}

/// A stream that is empty and ends with the process.
type EmptyStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Plugin {
    fn empty_stream<T: Send + 'static>(&self) -> Response<EmptyStream<T>> {
        let end = self.end.clone();
        Response::new(Box::pin(futures::stream::once(async move {
            end.cancelled().await;
            Err(Status::unavailable("the plugin is ending"))
        })))
    }
}

#[tonic::async_trait]
impl GrpcController for Plugin {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.end.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcBroker for Plugin {
    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<EmptyStream<ConnInfo>>, Status> {
        Ok(self.empty_stream())
    }
}

#[tonic::async_trait]
impl GrpcStdio for Plugin {
    async fn stream_stdio(
        &self,
        _: Request<()>,
    ) -> Result<Response<EmptyStream<StdioData>>, Status> {
        Ok(self.empty_stream())
    }
}
