//! Handles panics: they are reported to the user, and the CLI still gets a response.

use std::any::Any;
use std::backtrace::Backtrace;
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe, Location};

use futures::FutureExt as _;

/// Installs a panic hook that prints panics in the format that hosts show: a line that begins with `panic: ` and all following
/// ones. `redact` redacts the message.
pub(super) fn report_panics(redact: impl Fn(&str) -> String + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        let message = redact(message(info.payload()));
        let text = report(&message, info.location(), &Backtrace::force_capture());
        // If standard error is closed, there is nowhere to report that.
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

/// Returns the result of `work`, or the message of its panic.
pub(super) async fn catch<T>(work: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|payload| message(payload.as_ref()).to_owned())
}
