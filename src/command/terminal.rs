//! The output of commands: results go to standard output, everything else to standard error.

use std::io::{self, IsTerminal as _, Write};

use comfy_table::Table;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};

use super::Failure;
use graph::{self, Redactor};

/// The two streams, and their capabilities.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    interactive: bool,
    interactive_err: bool,
    color: bool,
    /// The text on the screen while a view is being redrawn.
    drawn: Option<String>,
    redactor: Redactor,
}

impl Terminal {
    /// The standard streams of the process.
    #[must_use]
    pub fn standard() -> Self {
        let interactive = io::stdout().is_terminal();
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            interactive,
            interactive_err: io::stderr().is_terminal(),
            color: interactive && wants_color(&|name| std::env::var(name).ok()),
            drawn: None,
            redactor: Redactor::default(),
        }
    }

    /// Two streams that are not terminals.
    #[must_use]
    pub fn of(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self {
            out,
            err,
            interactive: false,
            interactive_err: false,
            color: false,
            drawn: None,
            redactor: Redactor::default(),
        }
    }

    /// Redacts the secrets in `redactor` from now on.
    pub(super) fn redact_with(&mut self, redactor: Redactor) {
        self.redactor = redactor;
    }

    /// A text for output: without secrets, and with no control sequences except colors.
    fn redacted(&self, text: &str) -> String {
        if !self.color {
            return self.redactor.redact(text);
        }
        let mut found = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("\u{1b}[") {
            let code = &rest[at + 2..];
            let end = code.find(|letter: char| !letter.is_ascii_digit() && letter != ';');
            if let Some(end) = end.filter(|end| code[*end..].starts_with('m')) {
                found.push_str(&self.redactor.redact(&rest[..at]));
                found.push_str(&rest[at..at + end + 3]);
                rest = &code[end + 1..];
            } else {
                found.push_str(&self.redactor.redact(&rest[..at + 2]));
                rest = code;
            }
        }
        found + &self.redactor.redact(rest)
    }

    /// Writes a part of the result.
    ///
    /// # Errors
    ///
    /// If writing to standard output fails.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        let text = self.redacted(text);
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        Ok(())
    }

    /// Shows `text` instead of the last view, on the alternate screen, without a cursor.
    ///
    /// # Errors
    ///
    /// If writing to standard output fails.
    pub fn draw(&mut self, text: &str) -> Result<(), Failure> {
        if self.drawn.is_none() {
            queue!(self.out, EnterAlternateScreen, Hide)?;
        }
        self.drawn = Some(text.to_owned());
        let height = crossterm::terminal::size().map_or(0, |(_, height)| height);
        queue!(self.out, MoveTo(0, 0))?;
        for line in clipped(&self.redacted(text), usize::from(height)) {
            queue!(
                self.out,
                Print(line),
                Clear(ClearType::UntilNewLine),
                Print("\r\n")
            )?;
        }
        queue!(self.out, Clear(ClearType::FromCursorDown))?;
        self.out.flush()?;
        Ok(())
    }

    /// Restores the terminal and leaves the last view on it. Does nothing if nothing was drawn.
    ///
    /// # Errors
    ///
    /// If writing to standard output fails.
    pub fn stop_drawing(&mut self) -> Result<(), Failure> {
        let Some(text) = self.drawn.take() else {
            return Ok(());
        };
        queue!(self.out, Show, LeaveAlternateScreen)?;
        self.print(&text)
    }

    /// Writes a line that is not a result, such as progress or a warning.
    pub fn note(&mut self, line: &str) {
        // A failure to write to standard error cannot be reported.
        let _ = writeln!(self.err, "{}", self.redactor.redact(line));
    }

    /// Writes the reason why a command failed.
    pub fn report(&mut self, failure: &Failure) {
        self.note(&format!("Error: {failure}"));
    }

    /// Whether standard output is a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.interactive
    }

    /// Whether standard error is a terminal. Progress bars are shown only there.
    #[must_use]
    pub fn is_err_terminal(&self) -> bool {
        self.interactive_err
    }

    /// Sets the width of a table to that of the terminal, and its colors.
    pub(super) fn fit(&self, table: &mut Table) {
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_width(self.width());
    }

    /// The number of characters in a line. Files and pipelines have a readable width.
    pub(super) fn width(&self) -> u16 {
        let size = self.interactive.then(crossterm::terminal::size);
        let width = size.and_then(Result::ok).map(|(width, _)| width);
        width.filter(|width| *width > 0).unwrap_or(120)
    }

    /// Whether results may be colored.
    #[must_use]
    pub fn has_color(&self) -> bool {
        self.color
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Restores the cursor in any case.
        let _ = self.stop_drawing();
    }
}

/// The lines that fit on the screen, or all lines if its height is not known. The last line stays empty for the cursor.
fn clipped(text: &str, height: usize) -> Vec<String> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let room = height.saturating_sub(1).max(1);
    if height == 0 || lines.len() <= room {
        return lines;
    }
    let hidden = lines.len() - room + 1;
    let mut shown: Vec<String> = lines.into_iter().take(room - 1).collect();
    shown.push(format!(
        "… {hidden} more lines; enlarge the terminal to see them"
    ));
    shown
}

/// Escapes a name for one line or table cell: line breaks become spaces, and characters that move the cursor, change colors or change the
/// writing direction are escaped.
pub(super) fn printable(words: &str) -> String {
    let is_break = |letter: char| matches!(letter, '\n' | '\r' | '\t');
    let mut line = String::with_capacity(words.len());
    for letter in words.replace("\r\n", "\n").chars() {
        line.push(if is_break(letter) { ' ' } else { letter });
    }
    graph::printable(&line).into_owned()
}

/// Colors are disabled if `NO_COLOR` is not empty, or if the terminal does not support them.
fn wants_color(environment: &dyn Fn(&str) -> Option<String>) -> bool {
    let refused = environment("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && environment("TERM").as_deref() != Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        assert_eq!(clipped("a\nb\nc", 4), ["a", "b", "c"]);
        assert_eq!(clipped("a\nb\nc", 0).len(), 3);
        let shown = clipped("a\nb\nc\nd", 4);
        assert_eq!(shown[..2], ["a", "b"]);
        assert!(shown[2].starts_with("… 2 more lines"), "{shown:?}");
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        assert_eq!(
            printable("a\u{1b}[31mb\u{202e}c\r\nd\te"),
            "a\\u001b[31mb\\u202ec d e"
        );
        assert_eq!(printable("Zoë 王"), "Zoë 王");
    }

    #[test]
    fn only_colors_leave_the_terminal_and_no_secrets() {
        let written = Written::default();
        let mut terminal = Terminal::of(Box::new(written.clone()), Box::new(written.clone()));
        let redactor = Redactor::default();
        redactor.learn(&graph::Secret::from("planted~secret"));
        terminal.redact_with(redactor);
        let text = "\u{1b}[1;31mred\u{1b}[0m \u{1b}[2Jplanted~secret\u{1b}[\n";
        terminal.print(text).unwrap();
        terminal.note("planted~secret\rx");
        terminal.color = true;
        terminal.print(text).unwrap();
        let expected = "\\u001b[1;31mred\\u001b[0m \\u001b[2J(hidden)\\u001b[\n(hidden)\\u000dx\n\
                        \u{1b}[1;31mred\u{1b}[0m \\u001b[2J(hidden)\\u001b[\n";
        assert_eq!(
            String::from_utf8(written.0.lock().unwrap().clone()).unwrap(),
            expected
        );
    }

    /// The written output.
    #[derive(Clone, Default)]
    struct Written(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn color_can_be_refused() {
        let with = |name: &'static str, value: &'static str| {
            wants_color(&move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(with("TERM", "xterm-256color"));
        assert!(with("NO_COLOR", ""));
        assert!(!with("NO_COLOR", "1"));
        assert!(!with("TERM", "dumb"));
    }
}
