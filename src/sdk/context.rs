//! The context of an operation: one tenant and one set of credentials.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::Result;
use super::credentials::Origin;

/// A configured provider.
#[derive(Clone)]
pub struct Context {
    /// The Graph client, with the deadline and the cancellation of the current operation.
    pub graph: graph::Client,
    shared: Arc<Shared>,
    origin: Arc<Origin>,
}

#[derive(Default)]
struct Shared {
    /// Assignable roles by service principal. All assignments to a service principal share the lookup.
    roles: OnceMap<String>,
    /// The rules for provisioning on demand, by job.
    rules: OnceMap<String>,
    /// The assigned groups by service principal; `None` if groups are not copied.
    copied: OnceMap<Option<Arc<HashSet<u128>>>>,
    /// The number of single assignments that plans have looked up.
    looked_at: AtomicUsize,
    /// The times of the latest requests to provision on demand.
    demands: tokio::sync::Mutex<VecDeque<tokio::time::Instant>>,
}

/// The maximum number of single assignments that plans look up, because there may be thousands.
const LOOKS: usize = 20;

/// The number of requests to provision on demand that Graph accepts in [`DEMAND_WINDOW`].
const DEMANDS: usize = 5;
/// Ten seconds and a margin, because the network delay varies.
const DEMAND_WINDOW: Duration = Duration::from_millis(10_250);

impl Context {
    /// Creates a context that sends its requests through `graph`.
    #[must_use]
    pub fn new(graph: graph::Client) -> Self {
        Self {
            graph,
            shared: Arc::default(),
            origin: Arc::default(),
        }
    }

    /// Returns this context with the origin of the provider configuration.
    #[must_use]
    pub fn of(mut self, origin: Origin) -> Self {
        self.origin = Arc::new(origin);
        self
    }

    /// Returns the origin of the provider configuration.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns this context with the deadline and the cancellation token of one operation.
    #[must_use]
    pub fn scoped(&self, time: Duration, cancel: CancellationToken) -> Self {
        let deadline = tokio::time::Instant::now() + time;
        Self {
            graph: self.graph.scoped(deadline, cancel),
            shared: Arc::clone(&self.shared),
            origin: Arc::clone(&self.origin),
        }
    }

    /// Returns the tenant of all requests.
    pub fn tenant_id(&self) -> &str {
        self.graph.tenant_id()
    }

    /// Returns this context for an operation that does not wait for objects that may have been created a moment ago.
    #[must_use]
    pub fn impatient(self) -> Self {
        Self {
            graph: self.graph.impatient(),
            ..self
        }
    }

    /// Returns this context with reads that are not answered from a shared collection.
    #[must_use]
    pub fn unshared(&self) -> Self {
        Self {
            graph: self.graph.unshared(),
            ..self.clone()
        }
    }

    /// Returns the cached role of `service_principal_id`, or the result of `look_up`. Concurrent callers share one lookup.
    pub async fn role(
        &self,
        service_principal_id: &str,
        look_up: impl AsyncFnOnce() -> Result<String>,
    ) -> Result<String> {
        let found = self.shared.roles.get(service_principal_id, look_up);
        self.graph.within(found).await?
    }

    /// Returns the cached rule of `job_id`, or the result of `look_up`. Concurrent callers share one lookup.
    pub async fn rule(
        &self,
        job_id: &str,
        look_up: impl AsyncFnOnce() -> Result<String>,
    ) -> Result<String> {
        let found = self.shared.rules.get(job_id, look_up);
        self.graph.within(found).await?
    }

    /// Returns the groups that are copied because they are assigned to `service_principal_id`, cached, or the result of `look_up`.
    /// Concurrent callers share one lookup.
    pub async fn copied_groups(
        &self,
        service_principal_id: &str,
        look_up: impl AsyncFnOnce() -> Result<Option<Arc<HashSet<u128>>>>,
    ) -> Result<Option<Arc<HashSet<u128>>>> {
        let found = self.shared.copied.get(service_principal_id, look_up);
        self.graph.within(found).await?
    }

    /// Whether a plan may look up one more assignment. Only the first few are looked up.
    pub fn may_look(&self) -> bool {
        self.shared.looked_at.fetch_add(1, Ordering::Relaxed) < LOOKS
    }

    /// Waits until another user can be provisioned on demand. Callers are served in order.
    pub async fn turn_to_provision(&self) -> Result<(), graph::Error> {
        let mut demands = self.shared.demands.lock().await;
        while demands.len() >= DEMANDS {
            let Some(wait) = demands
                .front()
                .and_then(|first| DEMAND_WINDOW.checked_sub(first.elapsed()))
                .filter(|wait| !wait.is_zero())
            else {
                demands.pop_front();
                continue;
            };
            self.graph.wait(wait).await?;
        }
        demands.push_back(tokio::time::Instant::now());
        Ok(())
    }
}

/// A cache of values that are looked up once each. Callers for the same key wait for the first lookup; other keys do not wait.
struct OnceMap<V>(Mutex<HashMap<String, Arc<OnceCell<V>>>>);

impl<V> Default for OnceMap<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> OnceMap<V> {
    async fn get(&self, key: &str, look_up: impl AsyncFnOnce() -> Result<V>) -> Result<V> {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key.to_ascii_lowercase()).or_default())
        };
        cell.get_or_try_init(|| look_up()).await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Problem;
    use graph::testing::{Script, empty};

    #[tokio::test(start_paused = true)]
    async fn no_ten_seconds_see_more_than_five_provisioned() {
        let context = Context::new(Script::new(|_| empty(204)).client());
        let started = tokio::time::Instant::now();
        let turn = |_| {
            let context = context.clone();
            tokio::spawn(async move {
                context.turn_to_provision().await.unwrap();
                started.elapsed()
            })
        };
        let turns = futures::future::join_all((0..17).map(turn)).await;
        let mut times: Vec<Duration> = turns.into_iter().map(Result::unwrap).collect();
        times.sort();
        assert_eq!(times[4], Duration::ZERO);
        for pair in times.windows(DEMANDS + 1) {
            assert!(
                pair[DEMANDS] > pair[0] + Duration::from_secs(10),
                "{times:?}"
            );
        }
        assert!(times[16] < Duration::from_secs(32), "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_to_provision_on_demand_can_be_cancelled() {
        let context = Context::new(Script::new(|_| empty(204)).client());
        for _ in 0..DEMANDS {
            context.turn_to_provision().await.unwrap();
        }
        let cancel = CancellationToken::new();
        let brief = context.scoped(Duration::from_secs(1), cancel);
        assert!(brief.turn_to_provision().await.is_err());
        assert!(context.turn_to_provision().await.is_ok(), "others go on");
    }

    /// Graph takes fifteen seconds to refuse a wrong service principal; lookups of other keys do not wait for it.
    #[tokio::test(start_paused = true)]
    async fn each_key_is_looked_up_by_itself_and_once() {
        let context = Context::new(Script::new(|_| empty(204)).client());
        let started = tokio::time::Instant::now();
        let looks = std::cell::Cell::new(0);
        let slow = async || {
            looks.set(looks.get() + 1);
            tokio::time::sleep(Duration::from_secs(15)).await;
            Err(Problem::error("absent", "There is no such object."))
        };
        let fast = async || {
            looks.set(looks.get() + 1);
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok("role".to_owned())
        };
        let right = async |id: &str| {
            let found = context.role(id, fast).await;
            (found.unwrap(), started.elapsed().as_secs())
        };
        let (wrong, first, second, other) = tokio::join!(
            context.role("wrong", slow),
            right("right"),
            right("RIGHT"),
            right("other")
        );
        assert!(wrong.is_err());
        assert_eq!(first, ("role".to_owned(), 1));
        assert_eq!((&second, &other), (&first, &first));
        assert_eq!(looks.get(), 3, "two spellings of one ID are one look");
        assert_eq!(started.elapsed(), Duration::from_secs(15));
        // A failure is not cached, because the object may exist by now.
        assert!(context.role("wrong", fast).await.is_ok());
        assert_eq!(looks.get(), 4);
    }
}
