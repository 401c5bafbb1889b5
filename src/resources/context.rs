//! What a resource works with: one tenant, reached with one set of credentials.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::credentials::Origin;
use crate::graph;

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
    /// Objects this process created, which Graph's replicas may not know yet.
    fresh: Mutex<HashMap<String, Instant>>,
    /// Assignable roles by service principal: the same for every assignment to it.
    roles: tokio::sync::Mutex<HashMap<String, String>>,
    /// The rules for provisioning on demand by job.
    rules: tokio::sync::Mutex<HashMap<String, String>>,
    /// When users were provisioned on demand lately.
    demands: tokio::sync::Mutex<VecDeque<tokio::time::Instant>>,
}

/// Graph takes so many requests to provision on demand in [`DEMAND_WINDOW`].
const DEMANDS: usize = 5;
/// Ten seconds and a margin, because requests do not all travel equally fast.
const DEMAND_WINDOW: Duration = Duration::from_millis(10_250);

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
            origin: Arc::default(),
        }
    }

    /// The same, made by a configuration that came from there.
    pub(super) fn of(mut self, origin: Origin) -> Self {
        self.origin = Arc::new(origin);
        self
    }

    /// Where its configuration came from.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The same, bound to one operation.
    pub(super) fn scoped(&self, time: Duration, cancel: CancellationToken) -> Self {
        let deadline = tokio::time::Instant::now() + time;
        Self {
            graph: self.graph.scoped(deadline, cancel),
            shared: Arc::clone(&self.shared),
            origin: Arc::clone(&self.origin),
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
        once(&self.shared.roles, service_principal_id, look_up).await
    }

    /// The rule known for `job_id`, or what `look_up` finds; asked once as well.
    pub(super) async fn rule<E>(
        &self,
        job_id: &str,
        look_up: impl AsyncFnOnce() -> Result<String, E>,
    ) -> Result<String, E> {
        once(&self.shared.rules, job_id, look_up).await
    }

    /// Waits until one more user may be provisioned on demand; whoever asks first is first.
    pub(super) async fn turn_to_provision(&self) -> Result<(), graph::Error> {
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

async fn once<E>(
    known: &tokio::sync::Mutex<HashMap<String, String>>,
    key: &str,
    look_up: impl AsyncFnOnce() -> Result<String, E>,
) -> Result<String, E> {
    let mut known = known.lock().await;
    if let Some(value) = known.get(key) {
        return Ok(value.clone());
    }
    let value = look_up().await?;
    known.insert(key.to_owned(), value.clone());
    Ok(value)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{Script, empty};

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
    async fn who_waits_for_a_turn_can_be_stopped() {
        let context = Context::new(Script::new(|_| empty(204)).client());
        for _ in 0..DEMANDS {
            context.turn_to_provision().await.unwrap();
        }
        let cancel = CancellationToken::new();
        let brief = context.scoped(Duration::from_secs(1), cancel);
        assert!(brief.turn_to_provision().await.is_err());
        assert!(context.turn_to_provision().await.is_ok(), "others go on");
    }
}
