//! Transcripts: they contain no data of the tenants, every exchange matches Microsoft's description, and a replay leads to the same
//! findings. Those in `tests/recordings/live` came from real tenants, those in `tests/recordings/public` from public issues and pages.

use std::path::{Path, PathBuf};

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::{Provider as _, Value};
use serde_json::{Value as Json, json};

use crate::engine::{self, Outcome, Stored, configured};
use crate::live::server::{environment, replay};
use crate::live::{Desk, emulator, facts};
use crate::support::{openapi::Description, project};

fn recordings(folder: &Path) -> Vec<(PathBuf, Json)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let files = entries.map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

/// Replays a transcript against the trial that recorded it.
fn replays(path: &Path, recording: &Json) {
    let fact = recording["fact"].as_str().unwrap();
    let server = replay(recording);
    let desk = Desk::new(environment(&server, recording));
    let said = desk.run(&["--json", "--fact", fact]);
    let (outcome, detail) = &said.outcomes()[fact];
    let holds = recording["holds"] == true;
    let expected = if holds { "seen_so" } else { "seen_otherwise" };
    assert_eq!(outcome, expected, "{}: {detail}", path.display());
}

fn is_described(description: &Description, path: &Path, recording: &Json) {
    for exchange in recording["exchanges"].as_array().unwrap() {
        let violations = description.violations(exchange);
        assert!(violations.is_empty(), "{}: {violations:#?}", path.display());
    }
}

#[test]
fn transcripts_hold_nothing_of_the_tenants_and_replay_to_the_same_findings() {
    let emulator = emulator();
    let desk = Desk::new(emulator.environment());
    desk.run(&["--json", "--transcripts", "told"]).ended(0, &[]);
    let all = recordings(&desk.folder.path().join("told"));
    let (tried, _) = facts();
    let lives = tried
        .iter()
        .filter(|fact| fact.starts_with("life-of-"))
        .count();
    assert_eq!(all.len(), tried.len() - lives);
    let seed = std::fs::read_to_string(crate::support::demo_seed()).unwrap();
    let seed: Json = serde_json::from_str(&seed).unwrap();
    let mut private = Vec::new();
    texts(&seed, &mut private);
    let description = Description::load();
    for (path, recording) in &all {
        let text = recording.to_string();
        for secret in &private {
            assert!(!has_words(&text, secret), "{secret} in {}", path.display());
        }
        is_described(&description, path, recording);
        replays(path, recording);
    }
}

/// Whether a text contains these words as whole words: "director" does not match "Directory".
fn has_words(text: &str, words: &str) -> bool {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(words).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + words.len()..]);
        !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
    })
}

/// The IDs, names, addresses, domains and secrets of a seed.
fn texts(seed: &Json, into: &mut Vec<String>) {
    match seed {
        Json::Object(members) => {
            let kept = members.iter().filter(|(name, _)| *name != "permissions");
            kept.for_each(|(_, value)| texts(value, into));
        }
        Json::Array(items) => items.iter().for_each(|item| texts(item, into)),
        // Shorter texts are countries, and "Guest" is a value of Graph.
        Json::String(text) if text.len() > 5 => into.push(text.clone()),
        _ => {}
    }
}

#[test]
fn recordings_of_real_tenants_are_described_and_replay() {
    let description = Description::load();
    for (path, recording) in recordings(&project("tests/recordings/live")) {
        is_described(&description, &path, &recording);
        replays(&path, &recording);
    }
}

/// Performs the operation of the recording. A deletion is preceded by an import.
async fn replayed<'r>(provider: &CrossTenant, replay: &'r Json) -> (Outcome, &'r str) {
    let (verb, order) = replay.as_object().unwrap().iter().next().unwrap();
    let type_name = order["resource"].as_str().unwrap();
    if verb == "create" {
        let nothing = Stored::default();
        let made = engine::apply(provider, type_name, &nothing, &order["config"]).await;
        return (made, type_name);
    }
    let found = engine::import(provider, type_name, order["id"].as_str().unwrap()).await;
    if verb == "import" {
        return (found, type_name);
    }
    assert_eq!(verb, "destroy");
    let gone = engine::apply_unseen(provider, type_name, &found.succeeded(), &Json::Null).await;
    assert!(
        !gone.failed() && gone.stored.value.is_null(),
        "{}",
        gone.text()
    );
    (gone, type_name)
}

/// The provider's handling of published responses.
#[test]
fn public_payloads_are_understood() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let description = Description::load();
    let all = recordings(&project("tests/recordings/public"));
    assert!(!all.is_empty());
    for (path, recording) in all {
        let title = path.display();
        if recording["undescribed"].is_null() {
            is_described(&description, &path, &recording);
        }
        let server = replay(&recording);
        let replay = &recording["replay"];
        let settings = json!({
            "tenant_id": recording["source"],
            "client_id": "22222222-2222-4222-8222-222222222222",
            "client_secret": "replayed",
            "graph_endpoint": server.url,
            "login_endpoint": server.url,
            "max_retries": 0,
            "replication_timeout": "2s",
        });
        let provider = runtime.block_on(configured(&settings));
        let (found, type_name) = runtime.block_on(replayed(&provider, replay));
        if let Some(words) = recording["says"].as_str() {
            assert!(found.text().contains(words), "{title}: {}", found.text());
        }
        let resource = provider.resource(type_name).unwrap();
        for (name, expected) in recording["expect"].as_object().into_iter().flatten() {
            assert!(!found.failed(), "{title}: {}", found.text());
            let config = json!({ name: expected });
            let expected: Value = engine::object(&resource.schema().attributes, &config);
            let (actual, expected) = (found.stored.value.member(name), expected.member(name));
            assert_eq!(actual, expected, "{title}: {name}");
        }
    }
}
