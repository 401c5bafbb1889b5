//! What a resource works with: one tenant, reached with one set of credentials.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::graph;

/// One configured provider.
#[derive(Clone)]
pub struct Context {
    /// The way to Graph, bound to the operation at hand.
    pub graph: graph::Client,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Objects this process created, which Graph's replicas may not know yet.
    fresh: Mutex<HashMap<String, Instant>>,
    /// Assignable roles by service principal: the same for every assignment to it.
    roles: tokio::sync::Mutex<HashMap<String, String>>,
}

/// How long a call is repeated for an object that this process created itself.
const PATIENCE_WITH_FRESH: Duration = Duration::from_secs(300);
/// How long it is repeated for any other object: a wrong id should not take minutes to be reported.
const PATIENCE: Duration = Duration::from_secs(15);

impl Context {
    /// A context for everything that goes through `graph`.
    #[must_use]
    pub fn new(graph: graph::Client) -> Self {
        Self {
            graph,
            shared: Arc::default(),
        }
    }

    /// The same, bound to one operation.
    pub(super) fn scoped(&self, time: Duration, cancel: CancellationToken) -> Self {
        let deadline = tokio::time::Instant::now() + time;
        Self {
            graph: self.graph.scoped(deadline, cancel),
            shared: Arc::clone(&self.shared),
        }
    }

    /// The tenant everything here is about.
    pub(super) fn tenant_id(&self) -> &str {
        self.graph.tenant_id()
    }

    /// Remembers that this process has just created `id`.
    pub(super) fn created(&self, id: &str) {
        let mut fresh = self
            .shared
            .fresh
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        fresh.insert(id.to_owned(), Instant::now());
    }

    /// How long "there is no such object" may be mistaken for one of `ids`.
    pub(super) fn patience(&self, ids: &[&str]) -> Duration {
        let fresh = self
            .shared
            .fresh
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |id: &&str| {
            fresh
                .get(*id)
                .is_some_and(|since| since.elapsed() < PATIENCE_WITH_FRESH)
        };
        if ids.iter().any(is_fresh) {
            PATIENCE_WITH_FRESH
        } else {
            PATIENCE
        }
    }

    /// The role known for `service_principal_id`, or what `look_up` finds; asked once however many want to know.
    pub(super) async fn role<E>(
        &self,
        service_principal_id: &str,
        look_up: impl AsyncFnOnce() -> Result<String, E>,
    ) -> Result<String, E> {
        let mut roles = self.shared.roles.lock().await;
        if let Some(role) = roles.get(service_principal_id) {
            return Ok(role.clone());
        }
        let role = look_up().await?;
        roles.insert(service_principal_id.to_owned(), role.clone());
        Ok(role)
    }
}

/// Waits that start short, because Graph is usually consistent at once, and grow, because sometimes it takes minutes.
pub(super) struct Pauses {
    next: Duration,
    left: Duration,
}

impl Pauses {
    /// Pauses that add up to `total` at the most.
    pub(super) fn within(total: Duration) -> Self {
        Self {
            next: Duration::from_millis(200),
            left: total,
        }
    }

    /// Pauses once; false where the time is used up.
    pub(super) async fn pause(&mut self, context: &Context) -> Result<bool, graph::Error> {
        if self.left.is_zero() {
            return Ok(false);
        }
        let pause = self.next.min(self.left);
        self.left -= pause;
        self.next = (self.next * 3 / 2).min(Duration::from_secs(5));
        context.graph.wait(pause).await?;
        Ok(true)
    }
}
