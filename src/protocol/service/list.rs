//! The RPCs of lists. Objects are read only as fast as the CLI takes them, and only as many as it requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::codegen::BoxStream;

use super::answer::{Call, redact};
use super::identity;
use super::rpcs::{Rpcs, unknown};
use crate::{codec, convert};
use pb::list_resource::Event;
use proto::tfplugin6 as pb;
use terraform::{
    BoxFuture, Diagnostics, ListEntry, ListRequest, ListResource, ListSink, Provider, Resource,
    Value,
};

/// The number of objects that are read ahead.
const AHEAD: usize = 1;

pub(super) fn schemas(rpcs: &Rpcs) -> impl Iterator<Item = (String, pb::Schema)> {
    let listings = rpcs.provider.list_resources().into_iter();
    listings.map(|it| (it.type_name().to_owned(), convert::schema(it.schema())))
}

pub(super) fn validate(
    rpcs: &Rpcs,
    request: &pb::validate_list_resource_config::Request,
) -> Result<pb::validate_list_resource_config::Response, Diagnostics> {
    let listing = lookup(rpcs.provider.as_ref(), &request.type_name)?;
    let config = decode(listing, request.config.as_ref())?;
    Ok(pb::validate_list_resource_config::Response {
        diagnostics: convert::diagnostics(listing.validate(&config)),
    })
}

/// Starts the listing and streams its results. It ends at the limit, or if the CLI closes the stream.
pub(super) fn list(
    rpcs: &Rpcs,
    call: Call,
    request: pb::list_resource::Request,
) -> BoxStream<Event> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let provider = Arc::clone(&rpcs.provider);
    tokio::spawn(async move {
        let work = look(provider.as_ref(), &request, &sender);
        let diagnostic = tokio::select! {
            found = call.diagnose(work) => found,
            () = sender.closed() => return,
        };
        if !diagnostic.is_empty() {
            let event = Event {
                diagnostic,
                ..Event::default()
            };
            // This fails only if the CLI has closed the stream.
            let _ = sender.send(Ok(event)).await;
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

async fn look(
    provider: &dyn Provider,
    request: &pb::list_resource::Request,
    events: &mpsc::Sender<Result<Event, Status>>,
) -> Result<Diagnostics, Diagnostics> {
    let listing = lookup(provider, &request.type_name)?;
    let resource = provider
        .resource(&request.type_name)
        .ok_or_else(|| unknown("resource type", &request.type_name))?;
    let config = decode(listing, request.config.as_ref())?;
    // Zero means no limit.
    let limit = usize::try_from(request.limit)
        .ok()
        .filter(|limit| *limit > 0)
        .unwrap_or(usize::MAX);
    let sink = Stream {
        events,
        provider,
        resource,
        whole_objects: request.include_resource_object,
        left: AtomicUsize::new(limit),
    };
    let request = ListRequest {
        config,
        whole_objects: request.include_resource_object,
        limit,
    };
    Ok(listing.list(request, &sink).await)
}

/// Converts results to events.
struct Stream<'a> {
    events: &'a mpsc::Sender<Result<Event, Status>>,
    provider: &'a dyn Provider,
    resource: &'a dyn Resource,
    whole_objects: bool,
    left: AtomicUsize,
}

impl Stream<'_> {
    fn event(&self, entry: ListEntry) -> Result<Event, Diagnostics> {
        let fault = |fault: codec::Fault| vec![fault.diagnostic("answer of this provider")];
        let of = codec::object_type(self.resource.schema());
        let object = self.whole_objects && !entry.object.is_null();
        Ok(Event {
            identity: identity::encode(self.resource, &entry.object)?,
            display_name: self.provider.redact(&entry.display_name),
            resource_object: object
                .then(|| codec::encode(&of, &entry.object))
                .transpose()
                .map_err(fault)?,
            diagnostic: convert::diagnostics(entry.diagnostics),
        })
    }
}

impl ListSink for Stream<'_> {
    fn take(&self, entry: ListEntry) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let mut event = self.event(entry).unwrap_or_else(|found| Event {
                diagnostic: convert::diagnostics(found),
                ..Event::default()
            });
            redact(self.provider, &mut event.diagnostic);
            if self.left.load(Ordering::Relaxed) == 0 || self.events.send(Ok(event)).await.is_err()
            {
                return false;
            }
            // Objects are offered one at a time, so the load and the subtraction cannot race.
            self.left.fetch_sub(1, Ordering::Relaxed) > 1
        })
    }
}

fn lookup<'a>(
    provider: &'a dyn Provider,
    type_name: &str,
) -> Result<&'a dyn ListResource, Diagnostics> {
    let mut listings = provider.list_resources().into_iter();
    listings
        .find(|listing| listing.type_name() == type_name)
        .ok_or_else(|| unknown("list resource", type_name))
}

fn decode(
    listing: &dyn ListResource,
    config: Option<&pb::DynamicValue>,
) -> Result<Value, Diagnostics> {
    codec::decode(&codec::object_type(listing.schema()), config)
        .map_err(|fault| vec![fault.diagnostic("configuration")])
}
