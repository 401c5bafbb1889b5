//! Doc comments as Markdown.

/// A doc comment without the indentation that rustdoc keeps.
pub(super) fn flowed(doc: &str) -> String {
    doc.lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}
