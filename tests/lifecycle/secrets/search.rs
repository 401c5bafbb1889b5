//! Searches for the recognizable secrets.

use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::read::DeflateDecoder;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::secrets::ways::Way;

/// Sets the title of a terminal, reverses the writing direction, and overwrites the line.
pub const STEERING: &str = "\u{1b}]0;title\u{7}\u{202e}turned\rover";

/// The forms of a secret: literal, JSON, URL, form, and base64.
fn forms(secret: &str) -> [String; 5] {
    // The last characters depend on the following text.
    let coded = STANDARD_NO_PAD.encode(secret);
    [
        secret.to_owned(),
        serde_json::json!(secret)
            .to_string()
            .trim_matches('"')
            .to_owned(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        coded[..coded.len() - 2].to_owned(),
    ]
}

/// The secrets and access tokens that a text contains.
pub fn leaks(way: &Way, title: &str, text: &str) -> Vec<String> {
    let mut found: Vec<String> = way
        .planted
        .iter()
        .filter(|secret| {
            forms(secret)
                .iter()
                .any(|form| text.contains(form.as_str()))
        })
        .map(|secret| format!("{title}: {secret}"))
        .collect();
    // A JWT begins with an encoded brace and quotation mark, twice. The CLI encodes private data, which is JSON as well, once.
    for rest in text.split("eyJ").skip(1) {
        let is_base64 = |letter: &char| letter.is_ascii_alphanumeric() || "-_+/=".contains(*letter);
        let length: usize = rest.chars().take_while(is_base64).map(char::len_utf8).sum();
        if rest[length..].starts_with('.') {
            let token: String = rest.chars().take(60).collect();
            found.push(format!("{title}: a token: eyJ{token}"));
        }
    }
    if ["\u{1b}]0;", "\u{202e}turned", "\rover"]
        .iter()
        .any(|part| text.contains(part))
    {
        found.push(format!("{title}: what steers a terminal"));
    }
    if text.contains("Bearer ") && !text.contains("Bearer realm") {
        found.push(format!("{title}: a bearer"));
    }
    found
}

/// The content of a plan file, which is a zip archive: every member, decompressed. Copies of the user's own files are omitted.
pub fn unpacked(archive: &[u8]) -> String {
    let mut found = String::new();
    let starts = archive.windows(4).enumerate();
    for (start, _) in starts.filter(|(_, bytes)| bytes == b"PK\x03\x04") {
        let number = |at: usize| {
            let bytes = [archive[start + at], archive[start + at + 1]];
            usize::from(u16::from_le_bytes(bytes))
        };
        let (title, rest) = archive[start + 30..].split_at(number(26));
        let title = String::from_utf8_lossy(title);
        if title.starts_with("tfconfig/") {
            continue;
        }
        assert_eq!(number(8), 8, "{title} is packed in another way");
        let mut text = Vec::new();
        // Data after the end of the member is not read.
        let mut member = DeflateDecoder::new(&rest[number(28)..]);
        member.read_to_end(&mut text).unwrap();
        found.push_str(&title);
        found.push_str(&String::from_utf8_lossy(&text));
    }
    assert!(found.contains("tfplan"), "this is no plan");
    found
}

/// Every file in a folder and its subfolders, with its name.
pub fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            found.push((path.display().to_string(), text));
        }
    }
    found
}
