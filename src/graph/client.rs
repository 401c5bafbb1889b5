//! The client: the state that all calls share, and the deadline of the operation.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::batched_reads::Reads;
use super::collection_cache::CollectionCache;
use super::gatherer::WINDOW;
use super::hosts::Hosts;
use super::operation::Operation;
use super::path;
use super::rate_limiter::RateLimiter;
use super::record::Recorder;
use super::sign_in::Tokens;
use super::transport::{Network, Transport};
use super::visibility::{Journal, Pauses, Visibility};
use super::{Error, Options};

/// A client for one tenant. Clones share connections and token.
#[derive(Clone)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) operation: Operation,
    /// The writes of the current operation.
    pub(super) journal: Arc<Journal>,
    /// How long a write is retried that refers to an object without a record.
    pub(super) for_others: Duration,
    /// Whether reads bypass shared listings.
    pub(super) is_unshared: bool,
    /// Records the exchanges, if requested.
    pub(super) recorder: Option<Recorder>,
}

/// The state that all clones share.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) hosts: Arc<Hosts>,
    pub(super) tokens: Tokens,
    pub(super) cache: CollectionCache,
    pub(super) reads: Arc<Mutex<Reads>>,
    pub(super) limiter: RateLimiter,
    pub(super) visibility: Visibility,
    /// The last sign-in failure that was reported.
    pub(super) told: Mutex<Option<String>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("tenant_id", &self.shared.options.tenant_id)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client for one tenant. It does not connect or sign in before the first call; only a certificate is read at once,
    /// because that needs no network.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::over(options, Arc::new(Network::default()))
    }

    /// Creates a client with another transport than the network, for tests.
    pub fn over(options: Options, transport: Arc<dyn Transport>) -> Result<Self, Error> {
        let hosts = Arc::new(Hosts::of(&options.endpoints));
        let tokens = Tokens::new(&options, Arc::clone(&transport), Arc::clone(&hosts))?;
        let visibility = Visibility::new(options.replication_timeout);
        let for_others = visibility.for_others();
        Ok(Self {
            shared: Arc::new(Shared {
                options,
                transport,
                hosts,
                tokens,
                cache: CollectionCache::default(),
                reads: Arc::default(),
                limiter: RateLimiter::default(),
                visibility,
                told: Mutex::default(),
            }),
            operation: Operation::default(),
            journal: Arc::default(),
            for_others,
            is_unshared: false,
            recorder: None,
        })
    }

    /// Prepares an error for the user. The complete response of the sign-in service is reported once, not for every resource.
    #[must_use]
    pub fn deduplicate_sign_in_error(&self, mut error: Error) -> Error {
        if let Error::SignIn(failure) = &mut error {
            let words = failure.to_string();
            let mut told = self
                .shared
                .told
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            failure.repeated = told.as_ref() == Some(&words);
            *told = Some(words);
        }
        error
    }

    /// The tenant of all calls.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.shared.options.tenant_id
    }

    /// The cloud of the tenant.
    #[must_use]
    pub fn cloud(&self) -> super::Cloud {
        self.shared.options.endpoints.cloud
    }

    /// Returns a client with the same connections and token for one operation: every call and every wait ends by `deadline`, or
    /// when `cancel` is canceled.
    #[must_use]
    pub fn scoped(&self, deadline: Instant, cancel: CancellationToken) -> Self {
        Self {
            operation: Operation::new(deadline, cancel),
            journal: Arc::default(),
            ..self.clone()
        }
    }

    /// The same, for an operation that should not wait for objects that another client may have just created.
    #[must_use]
    pub fn impatient(self) -> Self {
        Self {
            for_others: Duration::ZERO,
            ..self
        }
    }

    /// The same, with reads that bypass shared listings.
    #[must_use]
    pub fn unshared(&self) -> Self {
        Self {
            is_unshared: true,
            ..self.clone()
        }
    }

    /// Runs a future of the caller, until the operation ends.
    pub async fn within<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        self.bounded(future).await
    }

    /// Calls `look` until the result is `enough`, with growing waits, for at most `patience`. After that, the last result is
    /// returned.
    pub async fn until<T, E: From<Error>, Looking>(
        &self,
        patience: Duration,
        mut look: impl FnMut() -> Looking,
        enough: impl Fn(&T) -> bool,
    ) -> Result<T, E>
    where
        Looking: Future<Output = Result<T, E>>,
    {
        let (started, mut pauses) = (Instant::now(), Pauses::default());
        loop {
            let found = look().await?;
            let left = patience.saturating_sub(started.elapsed());
            if left.is_zero() || enough(&found) {
                return Ok(found);
            }
            self.wait(pauses.next(left)).await?;
        }
    }

    /// Sleeps, but not beyond the end of the operation.
    pub async fn wait(&self, duration: Duration) -> Result<(), Error> {
        self.operation.wait(duration).await
    }

    /// Waits until the readers of the same moment have joined a `Gatherer`.
    pub(super) async fn gather(&self) -> Result<(), Error> {
        self.wait(WINDOW).await
    }

    /// The URL of `path`.
    pub(super) fn locate(&self, path: &str) -> Result<Url, Error> {
        let graph = &self.shared.options.endpoints.graph;
        path::locate(graph, path).map_err(|what| Error::BadPath {
            path: path.to_owned(),
            what,
        })
    }

    /// Runs `future`, until the operation ends.
    pub(super) async fn bounded<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        self.operation.bounded(future).await
    }

    /// The time until the deadline, if there is one.
    pub(super) fn left(&self) -> Option<Duration> {
        self.operation.left()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SECRET, Script, empty};

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_the_operation() {
        let client = Script::new(|_| empty(204)).client();
        let second = Duration::from_secs(1);

        let started = Instant::now();
        client.wait(second).await.unwrap();
        assert_eq!(started.elapsed(), second);

        let cancel = CancellationToken::new();
        let scoped = client.scoped(Instant::now() + 5 * second, cancel.clone());
        let started = Instant::now();
        let error = scoped.wait(60 * second).await.unwrap_err();
        assert!(matches!(
            error,
            Error::DeadlineExceeded {
                unanswered: None,
                held_back: false
            }
        ));
        assert_eq!(started.elapsed(), 5 * second);

        cancel.cancel();
        let started = Instant::now();
        let error = scoped.wait(60 * second).await.unwrap_err();
        assert!(matches!(error, Error::Cancelled { unanswered: None }));
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert!(client.wait(second).await.is_ok(), "other operations go on");
    }

    #[test]
    fn neither_client_nor_options_print_secrets() {
        let client = Script::new(|_| empty(204)).client();
        let text = format!("{client:?} {:?}", client.shared.options);
        assert!(
            text.contains("client secret") && !text.contains(SECRET),
            "{text}"
        );
    }
}
