//! What happens when code panics: the user sees why, and the CLI gets an answer all the same.

use std::any::Any;
use std::backtrace::Backtrace;
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe, Location};

use futures::FutureExt as _;

/// From now on prints panics the way hosts look for: they show a line that begins with `panic: ` and all that follow.
/// Their words are redacted by `redact`.
pub(super) fn report_panics(redact: impl Fn(&str) -> String + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        let message = redact(message(info.payload()));
        let text = report(&message, info.location(), &Backtrace::force_capture());
        // There is nobody left to tell that standard error is gone.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }));
}

fn report(message: &str, place: Option<&Location<'_>>, backtrace: &Backtrace) -> String {
    let place = place.map(ToString::to_string);
    format!(
        "panic: {message}\n\nat {}\n\n{backtrace}\n",
        place.as_deref().unwrap_or("an unknown place")
    )
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// What `work` comes to, or the message of its panic.
pub(super) async fn rescued<T>(work: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|payload| message(payload.as_ref()).to_owned())
}
