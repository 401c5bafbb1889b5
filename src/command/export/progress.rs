//! The progress of reading: bars on a terminal, a line for each tenant otherwise.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::Terminal;

/// All output while tenants are read.
pub(super) struct Progress<'a> {
    bars: MultiProgress,
    terminal: Mutex<&'a mut Terminal>,
}

/// The progress bar of one tenant, which grows as objects are found.
pub(super) struct Bar(ProgressBar);

impl<'a> Progress<'a> {
    /// Progress bars on standard error if it is a terminal, otherwise none.
    pub(super) fn on(terminal: &'a mut Terminal) -> Self {
        let target = if terminal.is_err_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            bars: MultiProgress::with_draw_target(target),
            terminal: Mutex::new(terminal),
        }
    }

    /// Prints a line above the bars.
    pub(super) fn note(&self, line: &str) {
        self.bars.suspend(|| {
            let mut terminal = self.terminal.lock().unwrap_or_else(PoisonError::into_inner);
            terminal.note(line);
        });
    }

    /// Adds a bar with this name.
    pub(super) fn bar(&self, name: &str) -> Bar {
        // One more than exists, because the number of objects is not known until the lists are read.
        let bar = self.bars.add(ProgressBar::new(1));
        let style = ProgressStyle::with_template("{spinner} {prefix} {bar:24} {pos}/{len} {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        if self.bars.is_hidden() {
            self.note(&format!("Reading the {name} ..."));
        } else {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Bar(bar)
    }
}

impl Bar {
    /// Adds an object to read.
    pub(super) fn begin(&self, kind: &str) {
        self.0.inc_length(1);
        self.0.set_message(kind.to_owned());
    }

    /// Completes an object.
    pub(super) fn end(&self) {
        self.0.inc(1);
    }

    /// Completes the bar.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
