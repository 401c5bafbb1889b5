//! What a resource works with: one tenant, reached with one set of credentials.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::Problem;
use super::credentials::Origin;

/// One configured provider.
#[derive(Clone)]
pub struct Context {
    /// The way to Graph, bound to the operation at hand.
    pub graph: graph::Client,
    shared: Arc<Shared>,
    origin: Arc<Origin>,
}

#[derive(Default)]
struct Shared {
    /// Assignable roles by service principal: the same for every assignment to it.
    roles: OnceMap<String>,
    /// The rules for provisioning on demand by job.
    rules: OnceMap<String>,
    /// The groups that are assigned, by service principal, where groups are copied.
    copied: OnceMap<Option<Arc<HashSet<u128>>>>,
    /// How many single assignments a plan has looked at.
    looked_at: AtomicUsize,
    /// When users were provisioned on demand lately.
    demands: tokio::sync::Mutex<VecDeque<tokio::time::Instant>>,
}

/// A plan of thousands of single assignments looks at no more than these.
const LOOKS: usize = 20;

/// Graph takes so many requests to provision on demand in [`DEMAND_WINDOW`].
const DEMANDS: usize = 5;
/// Ten seconds and a margin, because requests do not all travel equally fast.
const DEMAND_WINDOW: Duration = Duration::from_millis(10_250);

impl Context {
    /// A context for everything that goes through `graph`.
    #[must_use]
    pub fn new(graph: graph::Client) -> Self {
        Self {
            graph,
            shared: Arc::default(),
            origin: Arc::default(),
        }
    }

    /// The same, made by a configuration that came from there.
    #[must_use]
    pub fn of(mut self, origin: Origin) -> Self {
        self.origin = Arc::new(origin);
        self
    }

    /// Where its configuration came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The same, bound to one operation.
    #[must_use]
    pub fn scoped(&self, time: Duration, cancel: CancellationToken) -> Self {
        let deadline = tokio::time::Instant::now() + time;
        Self {
            graph: self.graph.scoped(deadline, cancel),
            shared: Arc::clone(&self.shared),
            origin: Arc::clone(&self.origin),
        }
    }

    /// The tenant everything here is about.
    pub fn tenant_id(&self) -> &str {
        self.graph.tenant_id()
    }

    /// The same, for an operation that should not wait for what others may have created a moment ago.
    #[must_use]
    pub fn impatient(self) -> Self {
        Self {
            graph: self.graph.impatient(),
            ..self
        }
    }

    /// The same, with reads that no shared listing answers.
    #[must_use]
    pub fn unshared(&self) -> Self {
        Self {
            graph: self.graph.unshared(),
            ..self.clone()
        }
    }

    /// The role known for `service_principal_id`, or what `look_up` finds; asked once however many want to know.
    pub async fn role(
        &self,
        service_principal_id: &str,
        look_up: impl AsyncFnOnce() -> Result<String, Problem>,
    ) -> Result<String, Problem> {
        let found = self.shared.roles.get(service_principal_id, look_up);
        self.graph.within(found).await?
    }

    /// The rule known for `job_id`, or what `look_up` finds; asked once as well.
    pub async fn rule(
        &self,
        job_id: &str,
        look_up: impl AsyncFnOnce() -> Result<String, Problem>,
    ) -> Result<String, Problem> {
        let found = self.shared.rules.get(job_id, look_up);
        self.graph.within(found).await?
    }

    /// The groups that are copied because they are assigned to `service_principal_id`, or what `look_up` finds; asked once as well.
    pub async fn copied_groups(
        &self,
        service_principal_id: &str,
        look_up: impl AsyncFnOnce() -> Result<Option<Arc<HashSet<u128>>>, Problem>,
    ) -> Result<Option<Arc<HashSet<u128>>>, Problem> {
        let found = self.shared.copied.get(service_principal_id, look_up);
        self.graph.within(found).await?
    }

    /// Whether one more of many assignments may be looked at while planning: the first few only.
    pub fn may_look(&self) -> bool {
        self.shared.looked_at.fetch_add(1, Ordering::Relaxed) < LOOKS
    }

    /// Waits until one more user may be provisioned on demand, in the order of the calls.
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

/// Values that are looked up once each. Callers for the same key wait for the first lookup; others do not.
struct OnceMap<V>(Mutex<HashMap<String, Arc<OnceCell<V>>>>);

impl<V> Default for OnceMap<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> OnceMap<V> {
    async fn get(
        &self,
        key: &str,
        look_up: impl AsyncFnOnce() -> Result<V, Problem>,
    ) -> Result<V, Problem> {
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

    /// A wrong service principal takes fifteen seconds to be told; the others do not wait for it.
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
        // A failure is not kept: the object may exist by now.
        assert!(context.role("wrong", fast).await.is_ok());
        assert_eq!(looks.get(), 4);
    }
}
