//! The demo with `--watch`: it prints the URL of the page, waits for Enter, serves the page meanwhile, and stops the server at the end.

use std::process::{Command, Stdio};

use crate::support::http;
use crate::support::terminal::Session;

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.args(arguments);
    command
}

/// The page at a URL; `None` if no server listens.
fn page(address: &str) -> Option<String> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(async {
        let answer = http().get(address).send().await.ok()?;
        assert_eq!(answer.status(), 200, "{address}");
        answer.text().await.ok()
    })
}

#[test]
fn the_page_is_served_from_the_first_enter_to_the_last() {
    let mut session = Session::start(demo(&["--watch"]));
    let seen = session.wait_for("Press Enter to begin.").seen();
    let address = seen
        .split_whitespace()
        .find(|word| word.starts_with("http"));
    let address = address.unwrap_or_else(|| panic!("no address: {seen}"));
    assert!(
        seen.contains(&format!("Open {address} in a browser")),
        "{seen}"
    );
    let first = page(address).expect("the page");
    assert!(first.contains("<title>"), "{first}");
    // Nothing is applied before a user opens the page.
    assert!(!seen.contains("apply"), "{seen}");
    session
        .answer("")
        .wait_for("keeps running at")
        .wait_for("Press Enter to stop it.");
    assert!(session.seen().contains("Nothing remains in either tenant"));
    assert!(
        page(address).is_some(),
        "it can be looked at until Enter is pressed"
    );
    session.answer("");
    let (code, seen) = session.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("The demo took"), "{seen}");
    assert_eq!(page(address), None, "the emulator ends with the demo");
}

#[test]
fn any_other_option_is_refused_before_anything_starts() {
    let refused = demo(&["--wacth"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("the only option is --watch"), "{said}");
    assert!(refused.stdout.is_empty(), "{refused:?}");
}
