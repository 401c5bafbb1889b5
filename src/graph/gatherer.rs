//! Gathers the reads of several callers that come at about the same time, so that one request can answer all of them.

use std::time::Duration;

use tokio::sync::oneshot;

/// How long the first reader waits for others; short compared to a round trip.
pub(super) const WINDOW: Duration = Duration::from_millis(6);

/// A caller that waits for an answer of type `A` to what it wants.
pub(super) struct Reader<W, A> {
    pub(super) wanted: W,
    pub(super) answer: oneshot::Sender<A>,
}

/// The readers that wait, and whether a task has started to gather them or to read for them.
pub(super) struct Gatherer<W, A> {
    pub(super) waiting: Vec<Reader<W, A>>,
    pub(super) is_busy: bool,
}

impl<W, A> Default for Gatherer<W, A> {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            is_busy: false,
        }
    }
}

impl<W, A> Gatherer<W, A> {
    /// Adds a reader. Returns where its answer arrives, and whether the caller has to start the task, because there is none. An answer
    /// that never arrives means that the reader has to send its own request.
    pub(super) fn join(&mut self, wanted: W) -> (oneshot::Receiver<A>, bool) {
        let (answer, receiver) = oneshot::channel();
        self.waiting.push(Reader { wanted, answer });
        (receiver, !std::mem::replace(&mut self.is_busy, true))
    }

    /// Ends the task's work: the next reader starts a new task. Returns the readers that still wait.
    pub(super) fn finish(&mut self) -> Vec<Reader<W, A>> {
        self.is_busy = false;
        std::mem::take(&mut self.waiting)
    }
}
