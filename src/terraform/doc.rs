//! Converts doc comments to the published Markdown at compile time, so that it costs nothing at startup.

/// The lines of a doc comment as one string, without the space at the start of each.
#[macro_export]
macro_rules! doc {
    ($($line:literal),+ $(,)?) => {{
        const LINES: &str = concat!($($line, "\n"),+);
        const BYTES: [u8; $crate::doc_length(LINES)] = $crate::doc_bytes(LINES);
        const TEXT: &str = match ::core::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("only whole characters are left out"),
        };
        TEXT
    }};
}

/// The number of bytes that [`doc_bytes`] needs.
#[must_use]
pub const fn doc_length(lines: &str) -> usize {
    let bytes = lines.as_bytes();
    let mut end = bytes.len();
    while end > 0 && bytes[end - 1] == b'\n' {
        end -= 1;
    }
    let (mut length, mut at) = (0, 0);
    while at < end {
        if !is_margin(bytes, at) {
            length += 1;
        }
        at += 1;
    }
    length
}

/// Returns `lines` without margins and trailing empty lines; `N` is [`doc_length`].
#[must_use]
pub const fn doc_bytes<const N: usize>(lines: &str) -> [u8; N] {
    let bytes = lines.as_bytes();
    let mut result = [0; N];
    let (mut length, mut at) = (0, 0);
    while length < N {
        if !is_margin(bytes, at) {
            result[length] = bytes[at];
            length += 1;
        }
        at += 1;
    }
    result
}

/// Fails the compilation if a description is not fit for publication.
pub const fn check_description(text: &str) {
    let bytes = text.as_bytes();
    assert!(
        !bytes.is_empty() && bytes[bytes.len() - 1] == b'.',
        "end the description with a full stop"
    );
    assert!(
        !begins_with(bytes, b"Who ") && !begins_with(bytes, b"What "),
        "begin the description with the thing itself, and not with `Who` or `What`"
    );
}

const fn begins_with(text: &[u8], beginning: &[u8]) -> bool {
    let mut at = 0;
    while at < beginning.len() {
        if at == text.len() || text[at] != beginning[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether this is the space between the slashes of a doc comment and its text.
const fn is_margin(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b' ' && (at == 0 || bytes[at - 1] == b'\n')
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_doc_comment_loses_its_margin_and_keeps_its_lines() {
        assert_eq!(doc!(" Says how."), "Says how.");
        assert_eq!(doc!("Bare"), "Bare");
        assert_eq!(
            doc!(" Übersicht:", " - one", "   deeper", "", " Last.", ""),
            "Übersicht:\n- one\n  deeper\n\nLast."
        );
        assert_eq!(doc!(""), "");
    }
}
