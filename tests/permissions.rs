//! The permissions in the reference are enough for the whole life of each resource, and each of them is needed: without it an
//! error names it, and nothing is sent again.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "engine/mod.rs"]
mod engine;

use std::collections::BTreeSet;

use crosstenant::terraform::{Provider, has_errors};
use engine::scenarios::{Made, Scenario, all, is_complete, lookups};
use engine::{Side, Stage, Stored, USUAL, apply, import, object, refresh, seed};
use futures::StreamExt;
use serde_json::{Value as Json, json};

/// Whether a permission to read may not be missed, because whoever may write may read in Microsoft's published data, which the
/// emulator follows. Nothing goes wrong then.
fn is_included(removed: &str, rest: &BTreeSet<String>) -> bool {
    removed.contains(".Read.") && rest.iter().any(|other| other.contains(".ReadWrite."))
}

/// The permissions in a page of the reference.
fn documented(folder: &str, type_name: &str) -> BTreeSet<String> {
    let name = type_name.strip_prefix("crosstenant_").unwrap();
    let path = format!("{folder}/{name}.md");
    let pages = crosstenant::resources::pages(&|_| String::new());
    let page = pages.iter().find(|page| page.path == path).unwrap();
    let (_, section) = page.text.split_once("## API Permissions").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap_or((section, ""));
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let mut found = BTreeSet::new();
    for row in rows {
        let names = row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2);
        found.extend(names.map(str::to_owned));
    }
    assert!(!found.is_empty(), "{path}");
    found
}

async fn grant(stage: &Stage, side: Side, permissions: &BTreeSet<String>) {
    let path = format!("tenants/{}/apps/0", side.tenant_id());
    stage
        .control("PATCH", &path, &json!({ "permissions": permissions }))
        .await;
    stage.forget().await;
}

/// Everything that goes wrong in the life of a resource: create, read, update, import, delete.
async fn live(stage: &Stage, scenario: &Scenario, made: &Made) -> Vec<String> {
    let provider = stage.provider(scenario.side, USUAL).await;
    let name = scenario.type_name;
    let mut wrong = Vec::new();
    let mut stored = Stored::default();
    for config in [&scenario.config, &scenario.config, &scenario.changed] {
        if config.is_null() {
            continue;
        }
        let done = apply(&provider, name, &stored, &made.fill(config)).await;
        if done.failed() {
            wrong.push(done.text());
        }
        stored = done.stored;
        if stored.value.is_null() {
            return wrong;
        }
    }
    if !stored.tainted {
        let found = import(&provider, name, &scenario.import_id(&stored.value)).await;
        if found.failed() {
            wrong.push(found.text());
        }
    }
    let seen = refresh(&provider, name, &stored).await;
    let gone = apply(&provider, name, &seen.stored, &Json::Null).await;
    if gone.failed() {
        wrong.push(gone.text());
    }
    wrong
}

/// Refused requests that were sent more than once by the same operation would show as a run of equal ones.
async fn assert_nothing_repeated(stage: &Stage, title: &str) {
    let mut before = String::new();
    for entry in stage.journal().await {
        let refused = entry["status"] == 403;
        let request = format!(
            "{} {} {}",
            entry["method"], entry["path"], entry["request_body"]
        );
        let repeated = refused && request == before && entry["method"] != "GET";
        assert!(!repeated, "{title}: {request} was sent again after a 403");
        before = if refused { request } else { String::new() };
    }
}

async fn resource(scenario: Scenario) -> usize {
    let needed = documented("resources", scenario.type_name);
    let stage = Stage::open(seed()).await;
    let made = Made::on(&stage, &scenario).await;
    grant(&stage, scenario.side, &needed).await;
    let wrong = live(&stage, &scenario, &made).await;
    assert!(
        wrong.is_empty(),
        "{} with {needed:?}: {wrong:#?}",
        scenario.type_name
    );
    for removed in &needed {
        let mut rest = needed.clone();
        rest.remove(removed);
        let title = format!("{} without {removed}", scenario.type_name);
        let stage = Stage::open(seed()).await;
        let made = Made::on(&stage, &scenario).await;
        grant(&stage, scenario.side, &rest).await;
        let wrong = live(&stage, &scenario, &made).await;
        assert_missed(&wrong.concat(), removed, &rest, &title);
        assert_nothing_repeated(&stage, &title).await;
    }
    needed.len()
}

fn assert_missed(said: &str, removed: &str, rest: &BTreeSet<String>, title: &str) {
    assert!(
        said.contains(removed) || (said.is_empty() && is_included(removed, rest)),
        "{title} nothing names it: {said:?}"
    );
    for other in rest {
        let named = format!("needs the application permission {other} or");
        assert!(!said.contains(&named), "{title} names {other}: {said}");
    }
}

/// Reads a data source; what was said and what was found, as text.
async fn look(stage: &Stage, scenario: &Scenario, made: &Made) -> (bool, String) {
    let provider = stage.provider(scenario.side, USUAL).await;
    let source = provider.data_source(scenario.type_name).unwrap();
    let config = object(&source.schema().attributes, &made.fill(&scenario.config));
    let said = source.validate(&config);
    assert!(!has_errors(&said), "{said:?}");
    let read = source.read(config).await;
    let text = format!("{:?} {:?}", read.diagnostics, read.state);
    (has_errors(&read.diagnostics), text)
}

async fn data_source(scenario: Scenario) -> usize {
    let needed = documented("data-sources", scenario.type_name);
    let stage = Stage::open(seed()).await;
    let made = Made::on(&stage, &scenario).await;
    grant(&stage, scenario.side, &needed).await;
    let (failed, text) = look(&stage, &scenario, &made).await;
    assert!(
        !failed && !text.contains("Authorization_RequestDenied"),
        "{} with {needed:?}: {text}",
        scenario.type_name
    );
    for removed in &needed {
        let mut rest = needed.clone();
        rest.remove(removed);
        grant(&stage, scenario.side, &rest).await;
        let (_, text) = look(&stage, &scenario, &made).await;
        let title = format!("{} without {removed}", scenario.type_name);
        assert!(
            text.contains(removed) || is_included(removed, &rest),
            "{title}: {text}"
        );
        assert_nothing_repeated(&stage, &title).await;
    }
    needed.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_resource_needs_exactly_what_the_reference_says() {
    is_complete();
    let counts: Vec<usize> = futures::stream::iter(all())
        .map(|scenario| async move { tokio::spawn(resource(scenario)).await.unwrap() })
        .buffer_unordered(8)
        .collect()
        .await;
    let total: usize = counts.iter().sum();
    eprintln!(
        "permissions: {} resources live with what is documented, and each of {total} permissions is named where it is missing, or included in another one",
        counts.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_data_source_needs_exactly_what_the_reference_says() {
    let lookups = lookups();
    let counts: Vec<usize> = futures::stream::iter(lookups)
        .map(|scenario| async move { tokio::spawn(data_source(scenario)).await.unwrap() })
        .buffer_unordered(8)
        .collect()
        .await;
    let total: usize = counts.iter().sum();
    eprintln!(
        "permissions: {} data sources read with what is documented, and each of {total} permissions is named where it is missing, or included in another one",
        counts.len()
    );
}
