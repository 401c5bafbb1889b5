//! Where commands write: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal as _, Write};

use comfy_table::Table;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};

use super::Failure;
use graph::{self, Redactor};

/// The two streams, and what may be done on them.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    interactive: bool,
    interactive_err: bool,
    color: bool,
    /// What is on the screen, while a view is drawn again and again.
    drawn: Option<String>,
    redactor: Redactor,
}

impl Terminal {
    /// The process's own streams.
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

    /// Two streams that no person reads.
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

    /// From now on hides the secrets that `redactor` knows.
    pub(super) fn redact_with(&mut self, redactor: Redactor) {
        self.redactor = redactor;
    }

    /// A text on its way out: without secrets, and with nothing that steers the terminal but colors of our own.
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

    /// Writes a piece of the result.
    ///
    /// # Errors
    ///
    /// Where standard output cannot be written to.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        let text = self.redacted(text);
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        Ok(())
    }

    /// Shows `text` in place of what was drawn before, on a screen of its own, without a cursor.
    ///
    /// # Errors
    ///
    /// Where standard output cannot be written to.
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

    /// Gives the terminal back as it was, and leaves on it what was drawn last. Does nothing where nothing was.
    ///
    /// # Errors
    ///
    /// Where standard output cannot be written to.
    pub fn stop_drawing(&mut self) -> Result<(), Failure> {
        let Some(text) = self.drawn.take() else {
            return Ok(());
        };
        queue!(self.out, Show, LeaveAlternateScreen)?;
        self.print(&text)
    }

    /// Writes a line that is not a result: what is going on, a warning.
    pub fn note(&mut self, line: &str) {
        // There is nobody left to tell that standard error is gone.
        let _ = writeln!(self.err, "{}", self.redactor.redact(line));
    }

    /// Writes why a command could not do its work.
    pub fn report(&mut self, failure: &Failure) {
        self.note(&format!("Error: {failure}"));
    }

    /// Whether results are read on a terminal, by a person.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.interactive
    }

    /// Whether notes are read on a terminal: only there a progress bar makes sense.
    #[must_use]
    pub fn is_err_terminal(&self) -> bool {
        self.interactive_err
    }

    /// Makes a table as wide as the terminal, and colored where colors are wanted.
    pub(super) fn fit(&self, table: &mut Table) {
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_width(self.width());
    }

    /// How many characters fit into a line. Files and pipelines get lines that can still be read.
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
        // Whatever happened: nobody wants a terminal without a cursor.
        let _ = self.stop_drawing();
    }
}

/// The lines that fit on a screen, all of them where its height is not known. Its last line stays empty for the cursor.
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

/// What other people named, for one line or one cell of a table: line breaks become spaces, and characters that move the cursor,
/// change colors or turn the direction of writing are escaped.
pub(super) fn printable(words: &str) -> String {
    let is_break = |letter: char| matches!(letter, '\n' | '\r' | '\t');
    let mut line = String::with_capacity(words.len());
    for letter in words.replace("\r\n", "\n").chars() {
        line.push(if is_break(letter) { ' ' } else { letter });
    }
    graph::printable(&line).into_owned()
}

/// Color is unwanted where `NO_COLOR` is not empty, and where the terminal cannot do it.
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

    /// What was written.
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
