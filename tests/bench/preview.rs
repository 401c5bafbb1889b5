//! Preview of large tenants: the command with two directories in the emulator, and the engine alone with more users than fit comfortably in
//! memory as JSON.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use crosstenant::preview::{
    Configuration as Read, Cycle, Engine, Scope, Source, Target, new_schema,
};
use serde_json::{Value as Json, json};

use crate::graph::Configuration;
use crate::support::{Emulator, FABRIKAM, demo_seed};
use crate::{Sample, Watch, binary, id, megabytes, milliseconds, processor_time};

/// Number of users of the source tenant, all of them in scope. Every second user is already in the target tenant, under an old name.
const COUNTS: [usize; 2] = [5_000, 50_000];
/// The same for the engine alone.
const ALONE: [usize; 2] = [50_000, 500_000];

fn source(number: usize) -> Json {
    json!({
        "id": id(number), "userPrincipalName": format!("user{number}@contoso.example"), "mail": format!("user{number}@contoso.example"),
        "displayName": format!("User {number}"), "givenName": "User", "surname": format!("Number {number}"),
        "department": "Research", "jobTitle": "Researcher", "city": "London", "country": "GB", "companyName": "Contoso",
        "userType": "Member", "accountEnabled": true, "businessPhones": ["+44 2079460000"], "mobilePhone": "+44 7700900000",
    })
}

fn copy(number: usize) -> Json {
    let mut copy = source(number);
    copy["id"] = json!(format!("d2000000-0000-4000-8000-{number:012}"));
    copy["userPrincipalName"] = json!(format!(
        "user{number}_contoso.example#EXT#@fabrikam.example"
    ));
    copy["displayName"] = json!(format!("Old name of user {number}"));
    copy["creationType"] = json!("Invitation");
    copy["externalUserState"] = json!("Accepted");
    copy
}

fn seed(count: usize, folder: &Path) -> std::path::PathBuf {
    let text = std::fs::read_to_string(demo_seed()).unwrap();
    let mut seed: Json = serde_json::from_str(&text).unwrap();
    let tenants = seed["tenants"].as_array_mut().unwrap();
    for tenant in tenants.iter_mut() {
        tenant["apps"][0]["permissions"] = json!("*");
    }
    tenants[0]["users"] = (0..count).map(source).collect();
    tenants[0]["groups"] = json!([]);
    tenants[1]["users"] = (0..count).step_by(2).map(copy).collect();
    let path = folder.join("seed.json");
    std::fs::write(&path, seed.to_string()).unwrap();
    path
}

/// Number of requests to one tenant; parts of a batch are not counted separately.
fn requests(journal: &[Json], tenant: &str) -> usize {
    let is_graph = |entry: &&Json| {
        let path = entry["path"].as_str().unwrap_or_default();
        entry["batch"].is_null() && (path.starts_with("/v1.0/") || path.starts_with("/beta/"))
    };
    let sent = journal.iter().filter(is_graph);
    sent.filter(|entry| entry["tenant"] == *tenant).count()
}

fn command(count: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::with(&seed(count, folder.path()), &["--first-cycle", "24h"]);
    let made = Configuration::make(&emulator, "Contoso to Fabrikam");
    made.job(&emulator, FABRIKAM, true, &json!({}));
    emulator.control("DELETE", "requests", None);
    let watch = Watch::start();
    let started = Instant::now();
    let output = std::process::Command::new(binary())
        .arg("preview")
        .envs(emulator.environment())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let time = milliseconds(started.elapsed());
    let (memory, processor) = watch.stop();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let half = count / 2;
    assert!(
        said.contains(&format!("{half} created, {half} changed")),
        "{said}"
    );
    let journal = emulator.journal();
    format!(
        "| preview {count} | {} | {} | {} | {} | {:.1} |\n",
        Sample(vec![time]).row(),
        requests(&journal, crate::CONTOSO),
        requests(&journal, FABRIKAM),
        processor / 1000,
        megabytes(memory)
    )
}

/// Memory of this process, in bytes.
fn held() -> u64 {
    const PAGE: u64 = 4096;
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split_whitespace().nth(1);
    pages
        .and_then(|pages| pages.parse::<u64>().ok())
        .unwrap_or(0)
        * PAGE
}

fn alone(count: usize) -> String {
    let mut configuration = Read::read(&new_schema()).unwrap();
    configuration.scope = Scope::All;
    "fabrikam.example".clone_into(&mut configuration.target_domain);
    let before = held();
    let mut engine = Engine::new(&configuration, Vec::new(), Cycle::Full, true);
    let mut spent = 0.0;
    // Creating the users is not part of the measurement.
    for part in (0..count).step_by(1_000) {
        let numbers = part..count.min(part + 1_000);
        let users: Vec<Target> = numbers
            .step_by(2)
            .map(|number| Target {
                record: configuration.target_columns().record(&copy(number)),
                deleted: false,
                origin: None,
            })
            .collect();
        let started = processor_time(std::process::id());
        for user in users {
            engine.target(user);
        }
        spent += processor_time(std::process::id()) - started;
    }
    for part in (0..count).step_by(1_000) {
        let numbers = part..count.min(part + 1_000);
        let users: Vec<Source> = numbers
            .map(|number| Source {
                record: configuration.source_columns().record(&source(number)),
                sms_sign_in: None,
                licensed: None,
                managed: None,
            })
            .collect();
        let started = processor_time(std::process::id());
        for user in &users {
            engine.source(user);
        }
        spent += processor_time(std::process::id()) - started;
    }
    let started = processor_time(std::process::id());
    let preview = engine.finish(&[]);
    spent += processor_time(std::process::id()) - started;
    let memory = held().saturating_sub(before);
    assert_eq!(
        (preview.counts.created, preview.counts.updated),
        (count / 2, count / 2)
    );
    format!(
        "| judge {count} | {spent:.0} | {:.1} |\n",
        megabytes(memory)
    )
}

pub fn section() -> String {
    let mut text = String::from(
        "\n## Previewing large tenants\n\n`preview` of a job for all users, without latency. Every second user is in the target tenant \
         already and has another name there, so half of them are created and half of them change.\n\n\
         | | ms | requests to the source | requests to the target | processor time of the provider, ms | MB |\n|---|---|---|---|---|---|\n",
    );
    for count in COUNTS {
        text.push_str(&command(count));
    }
    text.push_str(
        "\nThe engine alone, with the same people and without any requests: processor time, and memory with all verdicts.\n\n\
         | | processor time, ms | MB |\n|---|---|---|\n",
    );
    for count in ALONE {
        let _ = write!(text, "{}", alone(count));
    }
    text
}
