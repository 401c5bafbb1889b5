//! Behavior that all commands share: help, flags, the environment, invalid arguments, and places where secrets must not appear.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::{CONTOSO, FABRIKAM};
use crate::{run, seeded};

const COMMANDS: [&str; 8] = [
    "check",
    "status",
    "preview",
    "leftovers",
    "map",
    "export",
    "scaffold",
    "live",
];

/// Commands that do not sign in.
const OFFLINE: [&str; 1] = ["scaffold"];

#[test]
fn every_command_explains_itself_and_takes_no_secret_as_a_flag() {
    let nothing = BTreeMap::new();
    let top = run(&nothing, &["--help"]);
    top.ended(0, &["This is a plugin", "--debug"]);
    for name in COMMANDS {
        assert!(
            top.out.contains(&format!("\n  {name} ")),
            "{name}: {}",
            top.out
        );
        let help = run(&nothing, &[name, "--help"]);
        help.ended(0, &["Exit codes", "Examples:"]);
        assert_eq!(
            help.out.contains("tenant-id <GUID>"),
            !OFFLINE.contains(&name),
            "{name}"
        );
        let flags = help
            .out
            .split_whitespace()
            .filter(|word| word.starts_with("--"));
        for flag in flags {
            let carries_a_secret = ["secret", "password", "token"]
                .iter()
                .any(|word| flag.contains(word));
            assert!(
                !carries_a_secret || flag.ends_with("file-path"),
                "{name} {flag}"
            );
        }
    }
}

/// Every flag in the guide exists.
#[test]
fn the_guide_knows_the_flags() {
    let nothing = BTreeMap::new();
    let help: String = COMMANDS
        .iter()
        .map(|name| run(&nothing, &[name, "--help"]).out)
        .collect();
    let known: Vec<&str> = help
        .split(|c: char| c.is_whitespace() || c == '`')
        .collect();
    let guide = std::fs::read_to_string(crate::project("docs/guides/command-line.md")).unwrap();
    let words = guide.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let flags =
        words.filter(|word| word.starts_with("--") && word.len() > 4 && !word.ends_with('-'));
    for flag in flags {
        assert!(known.contains(&flag), "{flag} is in the guide only");
    }
    for name in COMMANDS {
        assert!(guide.contains(&format!("## {name}")), "{name}");
    }
}

#[test]
fn bad_arguments_are_reported_and_end_with_2() {
    let nothing = BTreeMap::new();
    run(&nothing, &["chek"]).ended(2, &["'chek'", "similar subcommand exists: 'check'"]);
    run(&nothing, &["status", "--interval", "5s"]).ended(2, &["--watch"]);
    run(&nothing, &["status", "--watch", "--interval", "10ms"]).ended(2, &["at least one second"]);
    run(&nothing, &["status", "--watch", "--interval", "soon"]).ended(2, &["such as \"30s\""]);
    run(&nothing, &["check", "--client-secret", "x"]).ended(2, &["unexpected argument"]);
    run(&nothing, &["check", "--debug"]).ended(2, &["unexpected argument"]);
    run(&nothing, &["check"]).ended(2, &["SOURCE_TENANT_ID", "--source-tenant-id"]);
    run(&nothing, &["check", "--source-tenant-id", "contoso"])
        .ended(2, &["`tenant_id` must be a GUID"]);
    run(&nothing, &["status"]).ended(2, &["SOURCE_TENANT_ID", "--tenant-id"]);
    let tenant = [
        "status",
        "--tenant-id",
        CONTOSO,
        "--graph-endpoint",
        "http://graph.example",
    ];
    run(&nothing, &tenant).ended(2, &["Invalid `graph_endpoint`"]);
}

/// Signs in with flags instead of the environment, with `ARM_...` if there are no other variables, and with one authentication method from
/// each prefix.
#[test]
fn flags_files_and_plain_variables_sign_in_as_well() {
    let emulator = seeded(|_| ());
    let all = emulator.environment();
    let folder = tempfile::tempdir().unwrap();
    let file = |prefix: &str| {
        let path = folder.path().join(prefix);
        std::fs::write(&path, &all[&format!("{prefix}_CLIENT_SECRET")]).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (source, target) = (file("SOURCE"), file("TARGET"));
    let flags = [
        "check",
        "--json",
        "--source-tenant-id",
        CONTOSO,
        "--source-client-id",
        &all["SOURCE_CLIENT_ID"],
        "--source-client-secret-file-path",
        &source,
        "--target-tenant-id",
        FABRIKAM,
        "--target-client-id",
        &all["TARGET_CLIENT_ID"],
        "--target-client-secret-file-path",
        &target,
        "--graph-endpoint",
        &emulator.graph,
        "--login-endpoint",
        &emulator.login,
    ];
    let found = run(&BTreeMap::new(), &flags).ended(1, &[]).json();
    assert_eq!(
        (&found["source"]["tenant_id"], &found["target"]["tenant_id"]),
        (&CONTOSO.into(), &FABRIKAM.into())
    );

    let plain: BTreeMap<String, String> = all
        .iter()
        .filter_map(|(name, value)| {
            Some((
                format!("ARM_{}", name.strip_prefix("SOURCE_")?),
                value.clone(),
            ))
        })
        .collect();
    run(&plain, &["status"]).ended(0, &["has no configuration"]);
    run(&plain, &["check"]).ended(2, &["the same tenant"]);
    let mut mixed = plain.clone();
    for (name, value) in all.iter().filter(|(name, _)| name.starts_with("TARGET_")) {
        mixed.insert(name.clone(), value.clone());
    }
    run(&mixed, &["check"]).ended(1, &[CONTOSO, FABRIKAM]);
    mixed.insert("SOURCE_USE_OIDC".into(), "true".into());
    // The secret in `ARM_...` belongs to another authentication method.
    run(&mixed, &["check"]).ended(2, &["oidc_token", "SOURCE_OIDC_TOKEN"]);
    let prefixed = run(&all, &["status", "--environment-prefix", "TARGET"]);
    assert!(
        prefixed.out.contains(FABRIKAM) || prefixed.err.contains(FABRIKAM),
        "{}",
        prefixed.err
    );
}

#[test]
fn a_reader_that_stops_early_is_not_an_error() {
    let emulator = seeded(|_| ());
    let mut child = crate::command(&emulator.environment(), &["check"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A start by the host is detected first: regardless of the arguments, the host gets its handshake.
#[test]
fn started_by_the_cli_nothing_is_parsed() {
    let cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
    let mut child = crate::command(&BTreeMap::new(), &["check", "--nonsense"])
        .env("TF_PLUGIN_MAGIC_COOKIE", cookie)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("1|6|"), "{line}");
}
