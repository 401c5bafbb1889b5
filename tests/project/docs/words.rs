//! Wording: the rules in `docs/internals/contributing.md`, section Words, that a test can check.

use std::fs;
use std::path::Path;

use crosstenant::resources::{CrossTenant, Page};
use crosstenant::terraform::{Attribute, Provider};

use super::{files, read, rendered, root, types};

/// Phrases that are difficult to read, in every text of the repository.
const PHRASES: [&str; 19] = [
    "Left out:",
    "belongs into",
    "belong into",
    "Changing it makes another",
    "hoever ",
    "never told",
    "never heard of",
    "licence",
    "customis",
    "colour",
    "behaviour",
    "recognis",
    "synchronis",
    "organis",
    "misspelt",
    "neighbour",
    "labelled",
    "catalogue",
    "favour",
];

/// Further phrases, in texts for users.
const FOR_USERS: [&str; 12] = [
    "obody ",
    "omebody ",
    "verybody ",
    "Deeds",
    " by hand",
    "set-up",
    "customise",
    "what others have set",
    "whatever others",
    "wants it",
    "to be told",
    "bject id ",
];

/// Finds statements such as "this is no expression"; "there is no job" and "is no longer" are correct.
fn says_is_no(text: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(at) = text[from..].find(" no ").map(|at| from + at) {
        from = at + 4;
        let before = &text[..at];
        let verb = [" is", " are", " was"]
            .iter()
            .find(|verb| before.ends_with(**verb));
        let Some(verb) = verb else { continue };
        let subject = &before[..before.len() - verb.len()];
        let subject = subject.rsplit(|c: char| !c.is_alphanumeric()).next();
        let fits = subject.is_some_and(|word| word.eq_ignore_ascii_case("there"));
        let rest = &text[from..];
        let is_usual = ["longer", "more", "such"]
            .iter()
            .any(|word| rest.starts_with(word));
        if !fits && !is_usual {
            let begin = before.len() - verb.len();
            return text
                .get(begin.saturating_sub(20)..)
                .or_else(|| text.get(begin..));
        }
    }
    None
}

/// A short description of the flaw of a text.
fn flaw(text: &str, phrases: &[&'static str]) -> Option<String> {
    let phrase = phrases.iter().find(|phrase| text.contains(**phrase));
    phrase
        .map(|phrase| (*phrase).to_owned())
        .or_else(|| says_is_no(text).map(|rest| rest.chars().take(60).collect()))
}

/// The text of a page outside of code.
fn outside_code(text: &str) -> String {
    let mut in_fence = false;
    let mut kept = String::new();
    for line in text.lines() {
        let marks = line.trim_start().starts_with("```");
        in_fence ^= marks;
        if !in_fence && !marks {
            let parts = line.split('`').step_by(2);
            kept.extend(parts.flat_map(|part| [part, "`"]));
            kept.push('\n');
        }
    }
    kept
}

/// The pages that users read: the reference, the guides, and those in the root.
fn pages() -> Vec<(String, String)> {
    let rendered = rendered().into_iter();
    let mut pages: Vec<(String, String)> =
        rendered.map(|Page { path, text }| (path, text)).collect();
    let modules = files(&root().join("modules"), "md");
    let guides = files(&root().join("docs/guides"), "md");
    for path in modules.iter().chain(&guides) {
        pages.push((
            path.display().to_string(),
            fs::read_to_string(path).unwrap(),
        ));
    }
    for name in [
        "README.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "RELEASING.md",
        "CONTRIBUTING.md",
    ] {
        pages.push((name.to_owned(), read(name)));
    }
    pages
}

#[test]
fn pages_use_the_words_of_the_field() {
    let phrases: Vec<&'static str> = PHRASES.into_iter().chain(FOR_USERS).collect();
    let mut found = Vec::new();
    for (name, text) in pages() {
        let text = outside_code(&text);
        for line in text.lines() {
            found.extend(flaw(line, &phrases).map(|flaw| format!("{name}: {flaw:?}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Pages for contributors, except the page that lists the phrases.
#[test]
fn pages_for_contributors_use_the_words_of_the_field() {
    let mut found = Vec::new();
    for path in files(&root().join("docs/internals"), "md") {
        if path.ends_with("contributing.md") {
            continue;
        }
        for line in outside_code(&fs::read_to_string(&path).unwrap()).lines() {
            let name = path.file_name().unwrap().to_string_lossy();
            found.extend(flaw(line, &PHRASES).map(|flaw| format!("{name}: {flaw:?}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn links_have_a_text_that_says_where_they_lead() {
    let mut found = Vec::new();
    for (name, text) in pages() {
        for link in outside_code(&text)
            .split("](")
            .collect::<Vec<_>>()
            .windows(2)
        {
            let text = link[0].rsplit('[').next().unwrap_or_default().trim();
            let says = !["", "here", "this", "this page", "link"].contains(&text);
            if !says {
                found.push(format!("{name}: [{text}]({:.40}", link[1]));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A description is a noun phrase or a sentence. It must not begin with "Who" or "What", because readers would have to read it twice.
#[test]
fn descriptions_are_phrases_that_end() {
    let served = CrossTenant::default();
    let mut found = Vec::new();
    described("provider", &served.schema().attributes, &mut found);
    for (_, name, schema) in types(&served) {
        described(name, &schema.attributes, &mut found);
        judged(name, &schema.description, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn described(place: &str, attributes: &[Attribute], found: &mut Vec<String>) {
    for attribute in attributes {
        let place = format!("{place}.{}", attribute.name);
        judged(&place, &attribute.description, found);
        described(&place, attribute.kind.nested().unwrap_or_default(), found);
    }
}

fn judged(place: &str, text: &str, found: &mut Vec<String>) {
    let phrases: Vec<&'static str> = PHRASES.into_iter().chain(FOR_USERS).collect();
    let first = text.split_whitespace().next().unwrap_or_default();
    if ["Who", "Whom", "Whose", "What", "Why"].contains(&first) || !text.trim_end().ends_with('.') {
        found.push(format!("{place}: {text:?}"));
    }
    found.extend(flaw(text, &phrases).map(|flaw| format!("{place}: {flaw:?}")));
}

/// Literals and comments of a source file: whether they are a comment, and the text.
fn texts(source: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['/', '"', '\'']) {
        rest = &rest[at..];
        let length = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            found.push((true, rest[..end].to_owned()));
            end
        } else if rest.starts_with('"') {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, letter)| {
                let ends = *letter == '"' && !escaped;
                escaped = *letter == '\\' && !escaped;
                ends
            });
            let end = end.map_or(rest.len(), |(end, _)| end + 1);
            let literal = rest[..end].replace("\\n", "\n");
            let lines = literal.split("\\\n").map(str::trim_start);
            found.push((false, lines.collect::<String>()));
            end
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            3
        } else {
            1
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}

/// The literals of the program are texts for users, in errors, plans and commands; comments are for contributors. The emulator uses the
/// wording of Graph.
#[test]
fn sources_use_the_words_of_the_field() {
    let mut found = Vec::new();
    for folder in ["src", "tests"] {
        for path in files(&root().join(folder), "rs") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            if name.ends_with("docs/words.rs") {
                continue;
            }
            let of_users = folder == "src" && !name.contains("emulator") && !is_test(&path);
            let source = fs::read_to_string(&path).unwrap();
            let source = source.split("\n#[cfg(test)]\nmod ").next().unwrap();
            for (is_comment, text) in texts(source) {
                let wrong = if is_comment || !of_users {
                    let phrase = PHRASES.iter().find(|phrase| text.contains(**phrase));
                    phrase.map(|phrase| (*phrase).to_owned())
                } else {
                    flaw(&text, &PHRASES)
                };
                found.extend(wrong.map(|flaw| format!("{name}: {flaw:?}")));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| {
        let part = part.as_os_str().to_string_lossy();
        part == "tests" || part == "tests.rs" || part == "testing.rs"
    })
}

#[test]
fn flaws_are_seen() {
    for text in [
        "this is no expression",
        "Guests are no members.",
        "the licence is missing",
        "It belongs into the source tenant.",
    ] {
        assert!(flaw(text, &PHRASES).is_some(), "{text}");
    }
    for text in [
        "There is no job.",
        "there are no users",
        "It is no longer there, and no more is known.",
        "no users are assigned",
    ] {
        assert_eq!(flaw(text, &PHRASES), None, "{text}");
    }
    let source = "let a = \"one \\\"is\\\" \\\n    no b\"; // c\nlet d = '\"';";
    assert_eq!(
        texts(source),
        [
            (false, "\"one \\\"is\\\" no b\"".to_owned()),
            (true, "// c".to_owned()),
        ]
    );
}
