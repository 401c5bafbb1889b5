//! Replication lag: lifecycles × seeds × lags. Every lifecycle is clean at every lag, regardless of the replica that responds.
//!
//! `CROSSTENANT_ONLY=two-tenants` runs only those whose title contains this text.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crosstenant::emulator::{Lag, Options};
use crosstenant::resources::CrossTenant;
use crosstenant::terraform::{
    BoxFuture, ListEntry, ListRequest, Progress, Provider as _, Value, has_errors,
};
use futures::{FutureExt, StreamExt};
use serde_json::{Value as Json, json};

use crate::engine::{Outcome, Side, Stage, Stored, WITH_LAG, apply, apply_unseen, object, seed};
use crate::faults::lives::{Damage, Life, Lived, Weather, lives};
use crate::faults::thorough;
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed, project};

#[path = "acting.rs"]
mod acting;

/// The maximum lags in seconds, and the seeds, of `make test` and of `make chaos`.
const LAGS: [&[u64]; 2] = [&[20], &[1, 5, 20, 60]];
const SEEDS: [&[u64]; 2] = [&[1], &[1, 2, 3]];

/// Speed of the emulator's clock. In `make chaos`, the provider's own waits have more weight.
const SPEED: [u32; 2] = [10, 2];

/// Concurrent lifecycles; most of the time, they wait.
const AT_ONCE: usize = 48;

/// No lifecycle takes this long, even on a busy machine on which many share a processor.
const LIMIT: Duration = Duration::from_secs(3_600);

/// One lifecycle under one set of conditions.
struct Cell {
    life: Arc<Life>,
    expected: Arc<Vec<Json>>,
    weather: Weather,
}

impl Cell {
    fn title(&self) -> String {
        let Weather { longest, seed, .. } = self.weather;
        format!(
            "{}, lag up to {} s, seed {seed}",
            self.life.name,
            longest.as_secs()
        )
    }
}

async fn cells(only: &str) -> Vec<Cell> {
    let set = usize::from(thorough());
    let lives = lives().into_iter().map(|life| async move {
        let expected = Arc::new(life.expected().await);
        (Arc::new(life), expected)
    });
    let lives: Vec<_> = futures::stream::iter(lives)
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut cells = Vec::new();
    for (life, expected) in lives {
        for longest in LAGS[set] {
            for seed in SEEDS[set] {
                let weather = Weather {
                    longest: Duration::from_secs(*longest),
                    seed: *seed,
                    speed: SPEED[set],
                };
                cells.push(Cell {
                    life: Arc::clone(&life),
                    expected: Arc::clone(&expected),
                    weather,
                });
            }
        }
    }
    cells.retain(|cell| cell.title().contains(only));
    cells
}

async fn lived(cell: Cell) -> (String, u64, Result<Lived, String>) {
    let title = cell.title();
    let lag = cell.weather.longest.as_secs();
    let task = tokio::spawn(async move {
        let life = cell.life.lived(cell.weather, &cell.expected);
        let done = std::panic::AssertUnwindSafe(life).catch_unwind();
        tokio::time::timeout(LIMIT, done).await
    });
    let result = match task.await.unwrap() {
        Err(_) => Err("hangs".to_owned()),
        Ok(Ok(lived)) => Ok(lived),
        Ok(Err(panic)) => Err(crate::faults::words(panic.as_ref())),
    };
    (title, lag, result)
}

/// The results for one lag.
#[derive(Clone, Copy, Default)]
struct Column {
    lives: usize,
    clean: usize,
    kills: usize,
    damage: Damage,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_life_is_clean_at_every_lag() {
    let only = std::env::var("CROSSTENANT_ONLY").unwrap_or_default();
    let tried = cells(&only).await.into_iter().map(lived);
    let results: Vec<_> = futures::stream::iter(tried)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut columns: BTreeMap<u64, Column> = BTreeMap::new();
    let mut failures = BTreeMap::new();
    for (title, lag, result) in results {
        let column = columns.entry(lag).or_default();
        column.lives += 1;
        match result {
            Ok(lived) => {
                column.kills += lived.kills;
                column.damage += lived.damage;
                if lived.complaints.is_empty() {
                    column.clean += 1;
                } else {
                    failures.insert(title, lived.complaints.join("\n"));
                }
            }
            Err(why) => drop(failures.insert(title, why)),
        }
    }
    let table = table(&columns);
    eprintln!("{table}");
    for (title, why) in &failures {
        eprintln!("--- {title}\n{why}");
    }
    assert!(
        failures.is_empty(),
        "{} lives are not clean",
        failures.len()
    );
    if !thorough() && only.is_empty() {
        crate::reliability::says("lag", &table);
    }
}

const CONFIGURATION: &str = "crosstenant_synchronization_configuration";
const ASSIGNMENTS: &str = "crosstenant_app_role_assignments";

fn user(number: usize) -> String {
    format!("c2000000-0000-4000-8000-{number:012}")
}

/// Tenants whose replicas lag, with this many additional users.
async fn lagging(users: usize, number: u64) -> Stage {
    let mut seed = seed();
    let all = seed["tenants"][0]["users"].as_array_mut().unwrap();
    for number in 0..users {
        let name = format!("user{number}@contoso.example");
        all.push(json!({ "id": user(number), "userPrincipalName": name, "displayName": name }));
    }
    let mut options = Options::new(seed.to_string());
    options.first_cycle = Duration::from_secs(3_600 * 24 * 365);
    options.speed = SPEED[0];
    options.lag = Lag {
        longest: Duration::from_secs(20),
        seed: number,
        ..Lag::default()
    };
    let stage = Stage::with(seed, options).await;
    stage.control("POST", "settle", &Json::Null).await;
    stage
}

async fn created(provider: &CrossTenant, type_name: &str, config: &Json) -> Stored {
    let made: Outcome = apply(provider, type_name, &Stored::default(), config).await;
    made.succeeded()
}

async fn configuration(provider: &CrossTenant) -> Stored {
    let config = json!({ "display_name": "Contoso to Fabrikam" });
    created(provider, CONFIGURATION, &config).await
}

fn text(stored: &Stored, name: &str) -> Json {
    json!(stored.value.member(name).as_str().unwrap())
}

/// There are more assignments than the private data record individually. A replica that does not have an assignment yet returns 404 for its
/// deletion, and an empty list.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn destroying_new_assignments_removes_all_of_them() {
    const USERS: usize = 24;
    for number in 1..=3 {
        let stage = lagging(USERS, number).await;
        let provider = stage.provider(Side::Source, WITH_LAG).await;
        let made = configuration(&provider).await;
        let set = |users: usize| {
            let principals = (0..users).map(|number| (user(number), json!({})));
            json!({ "resource_object_id": text(&made, "service_principal_id"),
                "principals": principals.collect::<serde_json::Map<_, _>>() })
        };
        let all = created(&provider, ASSIGNMENTS, &set(USERS)).await;
        let next = stage.provider(Side::Source, WITH_LAG).await;
        let fewer = apply_unseen(&next, ASSIGNMENTS, &all, &set(USERS - 3)).await;
        let fewer = fewer.succeeded();
        assert_eq!(assigned(&stage).await, USERS - 3, "seed {number}");
        let last = stage.provider(Side::Source, WITH_LAG).await;
        let gone = apply_unseen(&last, ASSIGNMENTS, &fewer, &Json::Null).await;
        assert!(!gone.failed(), "seed {number}: {}", gone.text());
        assert_eq!(assigned(&stage).await, 0, "seed {number}");
    }
}

async fn assigned(stage: &Stage) -> usize {
    let tenant = stage.tenant(Side::Source).await;
    tenant["assignments"].as_object().unwrap().len()
}

/// Collects all entries of a list.
#[derive(Default)]
struct Everything(Mutex<Vec<Value>>);

impl crosstenant::terraform::ListSink for Everything {
    fn take(&self, finding: ListEntry) -> BoxFuture<'_, bool> {
        self.0.lock().unwrap().push(finding.object);
        Box::pin(std::future::ready(true))
    }
}

async fn listed(provider: &CrossTenant, type_name: &str, config: &Json) -> Vec<Value> {
    let all = provider.list_resources();
    let list = all
        .iter()
        .find(|list| list.type_name() == type_name)
        .unwrap();
    let request = ListRequest {
        config: object(&list.schema().attributes, config),
        whole_objects: true,
        limit: 100,
    };
    let sink = Everything::default();
    let told = list.list(request, &sink).await;
    assert!(!has_errors(&told), "{told:?}");
    sink.0.into_inner().unwrap()
}

async fn looked_up(provider: &CrossTenant, type_name: &str, config: &Json) -> Value {
    let source = provider.data_source(type_name).unwrap();
    let config = object(&source.schema().attributes, config);
    let read = source.read(config).await;
    assert!(!has_errors(&read.diagnostics), "{:?}", read.diagnostics);
    read.state
}

/// Lists, data sources and actions in the run that has created an object include it, regardless of the replica.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_objects_are_listed_looked_up_and_acted_upon() {
    for number in 1..=3 {
        let stage = lagging(1, number).await;
        let provider = stage.provider(Side::Source, WITH_LAG).await;
        let made = configuration(&provider).await;
        let principal = text(&made, "service_principal_id");
        let of_principal = json!({ "resource_object_id": principal });
        let set = json!({ "resource_object_id": principal, "principals": { (user(0)): {} } });
        created(&provider, ASSIGNMENTS, &set).await;
        let job = json!({ "service_principal_id": principal, "target_tenant_id": FABRIKAM, "validate_connection": false });
        let job = created(&provider, "crosstenant_provisioning_job", &job).await;
        let of_job = json!({ "service_principal_id": principal });

        assert_eq!(
            listed(&provider, CONFIGURATION, &json!({})).await.len(),
            1,
            "seed {number}"
        );
        assert_eq!(
            listed(&provider, ASSIGNMENTS, &json!({})).await.len(),
            1,
            "seed {number}"
        );
        let single = "crosstenant_app_role_assignment";
        assert_eq!(
            listed(&provider, single, &of_principal).await.len(),
            1,
            "seed {number}"
        );
        let jobs = listed(&provider, "crosstenant_provisioning_job", &of_job).await;
        assert_eq!(jobs.len(), 1, "seed {number}");

        let found = looked_up(
            &provider,
            "crosstenant_synchronization_configurations",
            &json!({}),
        )
        .await;
        assert_eq!(
            found
                .member("service_principal_ids")
                .as_elements()
                .unwrap()
                .len(),
            1
        );
        looked_up(&provider, "crosstenant_provisioning_job", &of_job).await;
        let found = looked_up(&provider, ASSIGNMENTS, &of_principal).await;
        assert!(
            format!("{found:?}").contains(&user(0)),
            "seed {number}: {found:?}"
        );

        let all = provider.actions();
        let restart = all
            .iter()
            .find(|one| one.type_name().ends_with("restart_provisioning_job"))
            .unwrap();
        let config = json!({ "service_principal_id": principal, "job_id": text(&job, "id") });
        let config = object(&restart.schema().attributes, &config);
        let told = restart.invoke(config, Progress::new(drop)).await;
        assert!(!has_errors(&told), "seed {number}: {told:?}");
    }
}

/// With the real CLI and the lag that Graph is assumed to have, in a twentieth of the time.
#[test]
fn the_example_applies_in_one_go() {
    let lag = ["--lag", "60s", "--speed", "20"];
    let emulator = Emulator::with(&demo_seed(), &lag);
    let main = std::fs::read_to_string(project("examples/two-tenants/main.tf")).unwrap();
    let mut workspace = Workspace::new(&emulator, &main);
    for tenant in ["SOURCE", "TARGET"] {
        workspace.set(&format!("{tenant}_REPLICATION_TIMEOUT"), "60s");
    }
    let before = [CONTOSO, FABRIKAM].map(|id| sizes(&emulator.tenant(id)));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(
        emulator.tenant(CONTOSO)["jobs"].as_array().unwrap().len(),
        1
    );
    workspace.destroy().succeeded();
    let after = [CONTOSO, FABRIKAM].map(|id| sizes(&emulator.tenant(id)));
    assert_eq!(before, after, "nothing is left");
}

/// The number of objects of each kind that the example creates.
fn sizes(tenant: &Json) -> Vec<usize> {
    let names = ["partners", "syncPolicies", "applications", "assignments"];
    let objects = |name: &str| tenant[name].as_object().unwrap().len();
    names.iter().map(|name| objects(name)).collect()
}

fn table(columns: &BTreeMap<u64, Column>) -> String {
    let mut lines = vec![
        "| Lag up to | Lives | Clean | Kills | Changes lost | Doubled | Forgotten |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    for (lag, column) in columns {
        let Damage {
            lost,
            doubled,
            forgotten,
        } = column.damage;
        lines.push(format!(
            "| {lag} s | {} | {} | {} | {lost} | {doubled} | {forgotten} |",
            column.lives, column.clean, column.kills
        ));
    }
    lines.join("\n")
}
