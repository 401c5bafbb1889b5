//! Every operation of every resource, with every fault at its first, second and last request.
//!
//! Afterwards, the error is clear, the state is accurate, and applying again leads to the same result as a run without faults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crosstenant::terraform::Value;
use futures::{FutureExt, StreamExt};
use serde_json::{Value as Json, json};

use crate::engine::scenarios::{Made, Scenario, all};
use crate::engine::{
    Outcome, Patience, Side, Stage, Stored, USUAL, advised, apply, import, refresh, seed,
};
use crate::faults::thorough;

#[path = "meddled.rs"]
mod meddled;
#[path = "requests.rs"]
mod requests;

/// Concurrent cells. Most of the time, they wait.
const AT_ONCE: usize = 96;

/// Few retries and short waits, because faults are frequent.
const SHORT: Patience = Patience {
    max_retries: 2,
    request_timeout: "3s",
    replication_timeout: Some("4s"),
};

/// `make test` repeats one of this many cells with a fault with lag; `make chaos` repeats all.
const LAGGING: usize = 16;

/// `make test` runs half of the cells without lag, selected by their titles, so that each kind of fault and each operation is included.
fn is_sampled(cell: &Cell) -> bool {
    let sum: u32 = cell.title().bytes().map(u32::from).sum();
    cell.lags || sum.is_multiple_of(2)
}

/// Longer than any cell takes, even on a busy machine on which a hundred share a processor.
const LIMIT: Duration = Duration::from_secs(900);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    Create,
    Read,
    Update,
    Delete,
    Import,
}

const OPERATIONS: [Operation; 5] = [
    Operation::Create,
    Operation::Read,
    Operation::Update,
    Operation::Delete,
    Operation::Import,
];

/// The faults, as they are injected.
pub fn faults() -> Vec<(&'static str, Json)> {
    let mut faults = vec![
        ("429", json!({ "kind": "throttle" })),
        (
            "429 with Retry-After",
            json!({ "kind": "throttle", "retry_after": 1 }),
        ),
        (
            "429 for long",
            json!({ "kind": "throttle", "retry_after": 0, "count": 9 }),
        ),
        ("403", json!({ "kind": "status", "status": 403 })),
        ("late", json!({ "kind": "late", "delay_ms": 4_000 })),
        ("delay", json!({ "kind": "delay", "delay_ms": 4_000 })),
        ("refuse", json!({ "kind": "refuse", "delay_ms": 150 })),
        ("trickle", json!({ "kind": "trickle", "delay_ms": 100 })),
        (
            "stale",
            json!({ "kind": "stale", "count": 2, "parts": true }),
        ),
    ];
    for (name, status) in [("500", 500), ("502", 502), ("503", 503), ("504", 504)] {
        faults.push((name, json!({ "kind": "status", "status": status })));
    }
    for kind in [
        "reset_before",
        "reset_during",
        "reset_after",
        "gateway",
        "truncate",
        "half_json",
        "not_json",
        "content_type",
        "empty",
        "expire",
    ] {
        faults.push((kind, json!({ "kind": kind })));
    }
    faults
}

/// The event that replicas lag from the operation on.
const LAG: &str = "replicas lag";

/// Changes of the object by others, or by Graph itself, before the operation.
const EVENTS: [&str; 7] = [
    LAG,
    "deleted meanwhile",
    "changed meanwhile",
    "job quarantined",
    "visible late",
    "visible after a minute",
    "made, lost and unseen",
];

/// One operation of one resource, with one fault at one request.
#[derive(Clone, Debug)]
struct Cell {
    scenario: Scenario,
    operation: Operation,
    /// From 0; the sign-in counts as a request.
    request: u64,
    name: &'static str,
    /// Null for an event that is not a fault of a request.
    fault: Json,
    /// Whether replicas lag during the operation and afterwards.
    lags: bool,
    /// The tenants before this operation, and after it without faults.
    before: Arc<Json>,
    expected: Arc<Json>,
}

impl Cell {
    fn title(&self) -> String {
        let subject = subject(&self.scenario, self.operation);
        let lag = if self.lags { ", replicas lag" } else { "" };
        format!("{subject}, {} at request {}{lag}", self.name, self.request)
    }
}

fn subject(scenario: &Scenario, operation: Operation) -> String {
    format!("{} {operation:?}", scenario.type_name)
}

/// The situation before the operation: the prerequisites, and the object if it must exist.
struct Begun {
    stage: Stage,
    made: Made,
    config: Json,
    stored: Stored,
    id: String,
}

async fn begin(scenario: &Scenario, operation: Operation) -> Begun {
    let stage = Stage::open(seed()).await;
    let made = Made::on(&stage, scenario).await;
    let config = made.fill(&scenario.config);
    let (mut stored, mut id) = (Stored::default(), String::new());
    if operation != Operation::Create {
        let provider = stage.provider(scenario.side, USUAL).await;
        stored = apply(&provider, scenario.type_name, &stored, &config)
            .await
            .succeeded();
        id = scenario.import_id(&stored.value);
    }
    let config = match operation {
        Operation::Update => made.fill(&scenario.changed),
        Operation::Delete => Json::Null,
        _ => config,
    };
    if operation == Operation::Import {
        stored = Stored::default();
    }
    stage.forget().await;
    Begun {
        stage,
        made,
        config,
        stored,
        id,
    }
}

impl Begun {
    /// Enables replication lag.
    async fn lag(&self) {
        let lag = json!({ "longest": "1s" });
        self.stage.control("POST", "lag", &lag).await;
    }
}

async fn perform(
    begun: &Begun,
    scenario: &Scenario,
    operation: Operation,
    stored: &Stored,
    patience: Patience,
) -> Outcome {
    let provider = begun.stage.provider(scenario.side, patience).await;
    match operation {
        Operation::Read => refresh(&provider, scenario.type_name, stored).await,
        Operation::Import if stored.value.is_null() => {
            import(&provider, scenario.type_name, &begun.id).await
        }
        _ => apply(&provider, scenario.type_name, stored, &begun.config).await,
    }
}

/// The requests to inject faults at: first, second, last, every write, and the sign-in for a creation.
async fn cells_of(scenario: Scenario, operation: Operation) -> Vec<Cell> {
    let begun = begin(&scenario, operation).await;
    let before = Arc::new(begun.stage.essence().await);
    let outcome = perform(&begun, &scenario, operation, &begun.stored, USUAL).await;
    assert!(!outcome.failed(), "{}", outcome.text());
    let journal = begun.stage.journal().await;
    let sent: Vec<&Json> = journal
        .iter()
        .filter(|entry| entry["batch"].is_null())
        .collect();
    let total = sent.len() as u64;
    let expected = Arc::new(begun.stage.essence().await);
    let cell = |name, request, fault| Cell {
        scenario: scenario.clone(),
        operation,
        request,
        name,
        fault,
        lags: false,
        before: Arc::clone(&before),
        expected: Arc::clone(&expected),
    };
    let mut requests = vec![1, 2, total.saturating_sub(1)];
    let writes = (0..total).zip(&sent).skip(1);
    requests.extend(
        writes
            .filter(|(_, entry)| entry["method"] != "GET")
            .map(|(at, _)| at),
    );
    if operation == Operation::Create {
        requests.insert(0, 0);
    }
    requests.retain(|request| *request < total);
    requests.sort_unstable();
    requests.dedup();
    let mut cells = Vec::new();
    for request in requests {
        for (name, fault) in faults() {
            cells.push(cell(name, request, fault));
        }
        if request == 0 {
            let skew = json!({ "kind": "skew", "delay_ms": 3_599_000 });
            cells.push(cell("skew", request, skew));
        }
    }
    let events = meddled::events(&scenario, operation, &begun, &journal).await;
    cells.extend(
        events
            .into_iter()
            .map(|(name, request)| cell(name, request, Json::Null)),
    );
    cells
}

/// Runs a cell; returns whether the operation itself succeeded.
async fn run(cell: &Cell) -> bool {
    if cell.fault.is_null() {
        return meddled::run(cell).await;
    }
    let Cell {
        scenario,
        operation,
        ..
    } = cell;
    let begun = begin(scenario, *operation).await;
    let mut order = cell.fault.clone();
    order["after"] = json!(cell.request);
    if order["parts"].is_null() {
        order["parts"] = json!(false);
    }
    if cell.name == "stale" {
        order["after"] = json!(0);
        order["method"] = json!("GET");
        order["count"] = json!(1 + cell.request);
    }
    if cell.lags {
        begun.lag().await;
    }
    begun.stage.fault(&order).await;
    let outcome = perform(&begun, scenario, *operation, &begun.stored, SHORT).await;
    begun.stage.heal().await;
    is_clear(&outcome, cell);
    is_told(&outcome, &begun, cell).await;
    let patient = begun.stage.provider(scenario.side, USUAL).await;
    let seen = refresh(&patient, scenario.type_name, &outcome.stored).await;
    // A stale read may still lack values that Graph sets.
    if !outcome.failed() && cell.lags {
        keeps_its_word(&begun.config, &seen.stored.value, &outcome.stored.value);
    } else if !outcome.failed() && cell.name != "stale" {
        assert_eq!(
            seen.stored.value, outcome.stored.value,
            "what a success stored is not what there is"
        );
    }
    if outcome.failed() && *operation == Operation::Update {
        claims_nothing(&begun.stored.value, &seen.stored.value, &outcome);
    }
    if *operation == Operation::Read {
        assert!(!outcome.stored.value.is_null(), "a read forgot the object");
    }
    let settled = recover(&begun, scenario, *operation, outcome.stored.clone()).await;
    let again = apply(&patient, scenario.type_name, &settled, &begun.config).await;
    assert!(
        !again.failed() && !again.changed,
        "does not settle: {:?} {}",
        again.stored.value,
        again.text()
    );
    let found = begun.stage.essence().await;
    assert_eq!(
        first_difference(&cell.expected, &found, ""),
        None,
        "the world is another one than without the fault"
    );
    !outcome.failed()
}

/// Configured values are stored and in the tenant. Values that Graph sets may be stale while replicas lag.
fn keeps_its_word(config: &Json, now: &Value, stored: &Value) {
    for name in config
        .as_object()
        .into_iter()
        .flat_map(|members| members.keys())
    {
        assert_eq!(
            now.member(name),
            stored.member(name),
            "what a success stored of {name} is not what there is"
        );
    }
}

/// An error names the operation, the tenant and a cause; a crash of the provider does not count as an error.
fn is_clear(outcome: &Outcome, cell: &Cell) {
    let tenant = cell.scenario.side.tenant_id();
    for error in outcome.errors() {
        let text = format!("{}\n{}", error.summary, error.detail);
        assert!(!text.contains("crashed"), "{text}");
        assert!(text.contains(tenant), "no tenant in: {text}");
        let names = text.contains(cell.scenario.type_name);
        assert!(names, "no operation in: {text}");
        assert!(error.detail.len() > 20, "no cause in: {text}");
        assert!(!text.contains("Please report"), "{text}");
    }
}

/// A message names each object that exists and is not stored; an object is stored once Graph has confirmed it.
async fn is_told(outcome: &Outcome, begun: &Begun, cell: &Cell) {
    let creates = cell.operation == Operation::Create;
    if !creates || !outcome.failed() || !outcome.stored.value.is_null() {
        return;
    }
    let found = begun.stage.essence().await;
    if let Some(made) = first_difference(&cell.before, &found, "") {
        let text = outcome.text();
        assert!(is_warned(&text), "{made}, but nothing says so: {text}");
        let journal = begun.stage.journal().await;
        let answered = journal.iter().find(|entry| is_answered_write(entry));
        assert!(
            answered.is_none(),
            "{made}, which {} told, but nothing is stored: {text}",
            answered.unwrap_or(&Json::Null)
        );
    }
}

/// Whether the request was a write with an undisturbed response. Parts of batches share the fault of the batch.
fn is_answered_write(entry: &Json) -> bool {
    let path = entry["path"].as_str().unwrap_or_default();
    let asks = ["/token", "/$batch", "/validateCredentials"]
        .iter()
        .any(|end| path.ends_with(end));
    let writes = entry["method"] != "GET" && !asks && entry["batch"].is_null();
    let succeeded = entry["status"].as_u64().is_some_and(|status| status < 300);
    writes && succeeded && entry["fault"].is_null()
}

/// Whether a message warns that an unmanaged object may exist.
pub fn is_warned(text: &str) -> bool {
    [
        "may have carried out",
        "may have been",
        "pply again",
        "import {",
    ]
    .iter()
    .any(|words| text.contains(words))
}

/// After a failed change, each attribute is stored with its previous or its current value, not with the planned value.
fn claims_nothing(before: &Value, now: &Value, outcome: &Outcome) {
    let Value::Object(stored) = &outcome.stored.value else {
        return;
    };
    for (name, value) in stored {
        assert!(
            value == before.member(name) || value == now.member(name),
            "{name} is stored as {value:?}, was {:?} and is {:?}",
            before.member(name),
            now.member(name)
        );
    }
}

/// Applies without faults until it succeeds, importing the object that a message names.
async fn recover(
    begun: &Begun,
    scenario: &Scenario,
    operation: Operation,
    mut stored: Stored,
) -> Stored {
    for _ in 0..3 {
        let outcome = perform(begun, scenario, operation, &stored, USUAL).await;
        if !outcome.failed() {
            return outcome.stored;
        }
        let Some(id) = advised(&outcome.text()) else {
            panic!("neither success nor advice: {}", outcome.text());
        };
        let provider = begun.stage.provider(scenario.side, USUAL).await;
        stored = import(&provider, scenario.type_name, &id).await.succeeded();
    }
    panic!("never works");
}

/// The first difference of two tenants.
pub fn first_difference(one: &Json, other: &Json, at: &str) -> Option<String> {
    match (one, other) {
        (Json::Object(a), Json::Object(b)) if a.keys().eq(b.keys()) => a
            .iter()
            .find_map(|(name, value)| first_difference(value, &b[name], &format!("{at}/{name}"))),
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(index, (a, b))| first_difference(a, b, &format!("{at}/{index}")))
        }
        (one, other) if one == other => None,
        (one, other) => Some(format!("{at}: {one} became {other}")),
    }
}

/// The cells, and those that are repeated with lag. Lag itself is an event, and a single stale read is a fault.
fn with_lag(mut cells: Vec<Cell>) -> Vec<Cell> {
    if !crate::faults::LAG {
        return cells;
    }
    for cell in &mut cells {
        cell.lags = cell.name == LAG;
    }
    let faulty = cells
        .iter()
        .filter(|cell| !cell.fault.is_null() && cell.name != "stale");
    let step = if thorough() { 1 } else { LAGGING };
    let lagging: Vec<Cell> = faulty
        .step_by(step)
        .map(|cell| Cell {
            lags: true,
            ..cell.clone()
        })
        .collect();
    cells.extend(lagging);
    cells
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_survives_every_fault() {
    let only = std::env::var("CROSSTENANT_ONLY").unwrap_or_default();
    let mut plans = Vec::new();
    for scenario in all() {
        for operation in OPERATIONS {
            let is_possible = operation != Operation::Update || !scenario.changed.is_null();
            let subject = subject(&scenario, operation);
            // The part of the title before the comma is known before the cell runs.
            let wanted = only.split(',').next().unwrap_or_default();
            if is_possible && (subject.contains(wanted) || !wanted.starts_with("crosstenant")) {
                plans.push(cells_of(scenario.clone(), operation));
            }
        }
    }
    let planned: Vec<Vec<Cell>> = futures::stream::iter(plans)
        .buffered(AT_ONCE)
        .collect()
        .await;
    let cells: Vec<Cell> = planned.into_iter().flatten().collect();
    let cells = with_lag(cells);
    eprintln!(
        "fault matrix: {} cells planned, {} of them with lag",
        cells.len(),
        cells.iter().filter(|cell| cell.lags).count()
    );
    let cells: Vec<Cell> = cells
        .into_iter()
        .filter(|cell| cell.title().contains(&only))
        .filter(|cell| thorough() || !only.is_empty() || is_sampled(cell))
        .collect();
    let tried = cells.len();
    let lagging = cells.iter().filter(|cell| cell.lags).count();
    let results: Vec<(String, Result<bool, String>)> = futures::stream::iter(cells)
        .map(|cell| async move {
            let title = cell.title();
            let task = tokio::spawn(async move {
                let done = std::panic::AssertUnwindSafe(run(&cell)).catch_unwind();
                tokio::time::timeout(LIMIT, done).await
            });
            let result = match task.await.unwrap() {
                Err(_) => Err("hangs".to_owned()),
                Ok(Ok(worked)) => Ok(worked),
                Ok(Err(panic)) => Err(crate::faults::words(panic.as_ref())),
            };
            (title, result)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let worked = results
        .iter()
        .filter(|(_, result)| *result == Ok(true))
        .count();
    let mut failures = BTreeMap::new();
    for (title, result) in results {
        if let Err(why) = result {
            failures.insert(title, why);
        }
    }
    eprintln!(
        "fault matrix: {tried} cells tried, {worked} operations succeeded despite the fault, {} said why not, \
         {} went wrong",
        tried - worked - failures.len(),
        failures.len()
    );
    for (title, why) in &failures {
        eprintln!("--- {title}\n{why}");
    }
    assert!(failures.is_empty());
    if !thorough() && only.is_empty() {
        let kinds = faults().len() + 1;
        let resources = all().len();
        let text = format!(
            "{resources} resources, {kinds} kinds of faults: {tried} combinations of operation, fault and request in `make test`, \
             half of all, {lagging} of them while replicas lag; in `make chaos` all are tried, and with lag too. None went wrong."
        );
        crate::reliability::says("matrix", &text);
    }
}

#[test]
fn both_sides_are_where_the_seed_has_them() {
    let seed = seed();
    for (index, side) in [Side::Source, Side::Target].into_iter().enumerate() {
        assert_eq!(seed["tenants"][index]["tenantId"], side.tenant_id());
    }
}
