//! Replication lag: lives × seeds × lags. Every life is clean at every lag, whatever replica answers.
//!
//! `CROSSTENANT_ONLY=two-tenants` lives only those whose title contains this.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use serde_json::Value as Json;

use crate::lives::{Damage, Life, Lived, Weather, lives};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed, project};
use crate::thorough;

/// The longest lags in seconds, and the seeds, of `make test` and of `make chaos`.
const LAGS: [&[u64]; 2] = [&[20], &[1, 5, 20, 60]];
const SEEDS: [&[u64]; 2] = [&[1], &[1, 2, 3]];

/// How fast the emulator's clock runs. `make chaos` leaves the provider's own waits more of their weight.
const SPEED: [u32; 2] = [10, 2];

/// Lives at once; they wait most of the time.
const AT_ONCE: usize = 48;

/// Nothing takes so long, also on a busy machine on which many lives share a processor.
const LIMIT: Duration = Duration::from_secs(3_600);

/// One life under one weather.
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
        Ok(Err(panic)) => Err(crate::words(panic.as_ref())),
    };
    (title, lag, result)
}

/// What a lag came to.
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

/// With the real command line and the lag that Graph is assumed to have, in a twentieth of the time.
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

/// How many objects there are of what the example makes.
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
