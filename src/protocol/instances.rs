//! Assigns a provider to each connection: the same one if the CLI started this process, a separate one in debug mode.
//!
//! The CLI starts a process for each provider configuration. In debug mode all configurations use the same process, with a
//! connection each, and writes for one tenant must not reach another.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use tonic::body::Body;
use tonic::codegen::{Context, Poll, Service, http};
use tonic::server::NamedService;

use super::service::{Rpcs, prepared};
use proto::tfplugin6::provider_server::ProviderServer;
use terraform::Provider;

/// The message size limit of providers in Go.
const LARGEST_MESSAGE: usize = 256 * 1024 * 1024;

/// Creates an unconfigured provider.
pub(super) type Make = Box<dyn Fn() -> Arc<dyn Provider> + Send + Sync>;

/// The providers of this process.
pub(super) struct Instances {
    make: Make,
    address: &'static str,
    /// The provider of all connections; `None` in debug mode.
    shared: Option<Arc<dyn Provider>>,
    /// The providers of the open connections.
    live: Mutex<Vec<Weak<dyn Provider>>>,
}

impl Instances {
    /// Creates one provider for all connections, or with `apart` one for each.
    pub(super) fn new(make: Make, address: &'static str, apart: bool) -> Self {
        Self {
            shared: (!apart).then(&make),
            make,
            address,
            live: Mutex::default(),
        }
    }

    /// Cancels the calls in flight.
    pub(super) fn stop(&self) {
        for provider in self.all(
            self.live
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter(),
        ) {
            provider.stop();
        }
    }

    /// Redacts the secrets of all providers from a text that is about to leave the process.
    pub(super) fn redact(&self, text: &str) -> String {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let redacted = |text: String, provider: Arc<dyn Provider>| provider.redact(&text);
        self.all(live.iter()).fold(text.to_owned(), redacted)
    }

    /// Redacts a panic message. If a lock cannot be taken at once, the whole message is dropped.
    pub(super) fn redact_in_panic(&self, text: &str) -> String {
        let Ok(live) = self.live.try_lock() else {
            return "(hidden)".to_owned();
        };
        let swept = |text: String, provider: Arc<dyn Provider>| provider.redact_in_panic(&text);
        self.all(live.iter()).fold(text.to_owned(), swept)
    }

    fn all<'a>(
        &'a self,
        live: impl Iterator<Item = &'a Weak<dyn Provider>>,
    ) -> impl Iterator<Item = Arc<dyn Provider>> {
        let shared = self.shared.iter().cloned();
        shared.chain(live.filter_map(Weak::upgrade))
    }

    fn provider(&self) -> Arc<dyn Provider> {
        if let Some(shared) = &self.shared {
            return Arc::clone(shared);
        }
        let own = (self.make)();
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|provider| provider.strong_count() > 0);
        live.push(Arc::downgrade(&own));
        own
    }
}

/// Holds the server of a connection, from its first call to its end.
pub(super) type ServerCell = Arc<OnceLock<Server>>;

/// Serves the calls of a provider.
#[derive(Clone)]
pub(super) struct Server {
    rpcs: Arc<Rpcs>,
    calls: ProviderServer<Rpcs>,
}

impl Server {
    fn new(rpcs: Rpcs) -> Self {
        let rpcs = Arc::new(rpcs);
        let calls = ProviderServer::from_arc(Arc::clone(&rpcs))
            .max_decoding_message_size(LARGEST_MESSAGE)
            .max_encoding_message_size(LARGEST_MESSAGE);
        Self { rpcs, calls }
    }
}

/// The gRPC service of the provider, which passes each call to the server of its connection.
#[derive(Clone)]
pub(super) struct PerConnection {
    instances: Arc<Instances>,
    /// The server of the shared provider.
    shared: Option<Server>,
}

impl PerConnection {
    /// Creates the service, with the schema of a shared provider encoded in advance.
    pub(super) fn new(instances: &Arc<Instances>) -> Self {
        let rpcs = |provider| Rpcs::new(provider, instances.address).with_schema();
        let shared = instances.shared.clone().map(rpcs).map(Server::new);
        Self {
            instances: Arc::clone(instances),
            shared,
        }
    }

    fn server(&self) -> Server {
        let own = || Server::new(Rpcs::new(self.instances.provider(), self.instances.address));
        self.shared.clone().unwrap_or_else(own)
    }
}

impl NamedService for PerConnection {
    const NAME: &'static str = <ProviderServer<Rpcs> as NamedService>::NAME;
}

impl Service<http::Request<Body>> for PerConnection {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = <ProviderServer<Rpcs> as Service<http::Request<Body>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let cell = request.extensions().get::<ServerCell>().cloned();
        let Server { rpcs, mut calls } = match cell {
            Some(cell) => cell.get_or_init(|| self.server()).clone(),
            None => self.server(),
        };
        if request.uri().path() == prepared::METHOD {
            return Box::pin(async move { Ok(prepared::answer(rpcs, request).await) });
        }
        calls.call(request)
    }
}
