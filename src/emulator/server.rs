//! The running emulator: the state that all requests share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::connection::Outage;
use super::faults::Faults;
use super::journal::Journal;
use super::lag::Lag;
use super::state::StateFile;
use super::store::World;

/// The state that all requests share.
pub(super) struct Server {
    world: Mutex<World>,
    journal: Mutex<Journal>,
    faults: Mutex<Faults>,
    /// The text of the seed, for a reset.
    pub(super) seed: String,
    /// Distinguishes runs of the emulator.
    pub(super) instance: String,
    /// The emulator's own address.
    pub(super) own: String,
    pub(super) latency: Duration,
    pub(super) visibility_delay: Duration,
    pub(super) lag: Lag,
    pub(super) state: Option<StateFile>,
    /// Whether machines other than this one are served.
    pub(super) is_remote: bool,
    /// Wakes the scheduler when a job has been started.
    pub(super) wake: Notify,
    /// Simulated outages.
    pub(super) outage: Arc<Outage>,
}

impl Server {
    pub(super) fn new(
        world: World,
        seed: String,
        own: String,
        latency: Duration,
        visibility_delay: Duration,
        lag: Lag,
        state: Option<StateFile>,
    ) -> Self {
        Self {
            world: Mutex::new(world),
            journal: Mutex::default(),
            faults: Mutex::default(),
            seed,
            instance: uuid::Uuid::new_v4().to_string(),
            own,
            latency,
            visibility_delay,
            lag,
            state,
            is_remote: false,
            wake: Notify::new(),
            outage: Arc::default(),
        }
    }

    /// The same server, which serves other machines as well if `is_remote`.
    pub(super) fn reachable(self, is_remote: bool) -> Self {
        Self { is_remote, ..self }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when everything that was answered so far is in the state file, if there is one.
    pub(super) async fn saved(&self) {
        if let Err(why) = self.save().await {
            // Logs may not be read by anyone, and the promise of durability is broken.
            eprintln!("graph-emulator: {why}");
        }
    }

    /// Like [`Self::saved`], but returns an error if the file cannot be written.
    pub(super) async fn save(&self) -> Result<(), String> {
        match &self.state {
            Some(state) => state.save(&self.world).await,
            None => Ok(()),
        }
    }
}
