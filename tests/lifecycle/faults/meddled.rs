//! Events that are not faults of a request: others delete or change the object between plan and apply, Graph quarantines the job, new
//! objects become visible late.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{
    Begun, Cell, EVENTS, LAG, Operation, begin, first_difference, is_clear, is_told, perform,
};
use crate::engine::scenarios::Scenario;
use crate::engine::{Outcome, Side, Stored, USUAL, advised, apply, apply_unseen, import, refresh};
use crate::faults::thorough;

/// The events that can happen before this operation, with their request: the first one unless the event concerns a certain request.
pub(super) async fn events(
    scenario: &Scenario,
    operation: Operation,
    begun: &Begun,
    journal: &[Json],
) -> Vec<(&'static str, u64)> {
    let has_job = !begun.stage.tenant(Side::Source).await["jobs"]
        .as_array()
        .unwrap()
        .is_empty();
    let is_possible = |event: &str| match event {
        "deleted meanwhile" => !matches!(operation, Operation::Create | Operation::Import),
        "changed meanwhile" => {
            !matches!(operation, Operation::Create | Operation::Import)
                && !scenario.changed.is_null()
        }
        "job quarantined" => has_job,
        LOST => false,
        LAG => crate::faults::LAG,
        // Every operation that creates objects.
        _ => matches!(operation, Operation::Create | Operation::Update),
    };
    let possible = EVENTS.into_iter().filter(|event| is_possible(event));
    let mut events: Vec<_> = possible.map(|event| (event, 0)).collect();
    if operation == Operation::Create {
        let exchanges = journal.iter().filter(|entry| entry["batch"].is_null());
        let making = (0..)
            .zip(exchanges)
            .filter(|(_, entry)| entry["status"] == 201);
        events.extend(making.map(|(request, _)| (LOST, request)));
    }
    events
}

/// The request that creates an object is performed, its response is lost, and the object stays invisible for longer than the provider looks
/// for it.
const LOST: &str = "made, lost and unseen";

/// Longer than the provider looks for the result of a lost response.
const UNSEEN: Duration = Duration::from_secs(40);

/// Causes the event.
async fn happen(cell: &Cell, begun: &Begun) {
    let scenario = &cell.scenario;
    match cell.name {
        LOST => {
            begun.visible_after("1h").await;
            let order = json!({ "kind": "reset_after", "after": cell.request, "parts": false });
            begun.stage.fault(&order).await;
        }
        "deleted meanwhile" => meddle(begun, scenario, &Json::Null).await,
        "changed meanwhile" => {
            let changed = begun.made.fill(&scenario.changed);
            meddle(begun, scenario, &changed).await;
        }
        "job quarantined" => {
            let path = format!("tenants/{}/jobs/0", Side::Source.tenant_id());
            let quarantine = json!({ "status": { "code": "Quarantine", "quarantine": { "reason": "EncounteredBaseEscrowThreshold" } } });
            begun.stage.control("PATCH", &path, &quarantine).await;
        }
        LAG => begun.lag().await,
        "visible late" => begun.visible_after("1500ms").await,
        _ => begun.visible_after("1m").await,
    }
}

impl Begun {
    async fn visible_after(&self, delay: &str) {
        self.stage
            .control("POST", "visibility", &json!({ "delay": delay }))
            .await;
    }
}

/// Another administrator with another state applies `config`. If that creates another object in place of this one, it is removed
/// afterwards.
async fn meddle(begun: &Begun, scenario: &Scenario, config: &Json) {
    let provider = begun.stage.provider(scenario.side, USUAL).await;
    let name = scenario.type_name;
    let theirs = apply(&provider, name, &begun.stored, config)
        .await
        .succeeded();
    if !theirs.value.is_null()
        && scenario.import_id(&theirs.value) != scenario.import_id(&begun.stored.value)
    {
        apply(&provider, name, &theirs, &Json::Null)
            .await
            .succeeded();
    }
}

/// Lets the emulator's minute pass in two seconds, unless the test is thorough.
async fn hurry(begun: &Begun, event: &str) {
    if event == LOST {
        tokio::time::sleep(UNSEEN).await;
        begun.visible_after("0s").await;
        return std::future::pending().await;
    }
    if thorough() || event == LAG {
        return std::future::pending().await;
    }
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        begun
            .stage
            .control("POST", "advance", &json!({ "by": "3s" }))
            .await;
    }
}

/// Performs the operation as it was planned before, without another refresh.
async fn act(begun: &Begun, cell: &Cell) -> Outcome {
    let (scenario, operation) = (&cell.scenario, cell.operation);
    let provider = begun.stage.provider(scenario.side, USUAL).await;
    match operation {
        Operation::Read => refresh(&provider, scenario.type_name, &begun.stored).await,
        Operation::Import => perform(begun, scenario, operation, &begun.stored, USUAL).await,
        _ => apply_unseen(&provider, scenario.type_name, &begun.stored, &begun.config).await,
    }
}

/// Applies until it succeeds, importing the object that a message names.
async fn recover(begun: &Begun, scenario: &Scenario, mut stored: Stored) -> Stored {
    let provider = begun.stage.provider(scenario.side, USUAL).await;
    let mut said = String::new();
    for _ in 0..3 {
        let outcome = apply(&provider, scenario.type_name, &stored, &begun.config).await;
        if !outcome.failed() {
            return outcome.stored;
        }
        said = outcome.text();
        stored = outcome.stored.clone();
        if let Some(id) = advised(&outcome.text()) {
            stored = import(&provider, scenario.type_name, &id).await.succeeded();
        }
    }
    panic!("never works: {said}");
}

/// Combinations with another result by design, and why.
const BEYOND_REPAIR: [(&str, Operation, &str); 2] = [
    // A tenant that has left needs an owner to add it again; the message says so.
    (
        "crosstenant_multi_tenant_organization_join_request",
        Operation::Read,
        "deleted meanwhile",
    ),
    // A principal that others have assigned after the plan stays assigned: an apply destroys only objects in the plan.
    (
        "crosstenant_app_role_assignments",
        Operation::Delete,
        "changed meanwhile",
    ),
];

fn is_beyond_repair(cell: &Cell) -> bool {
    BEYOND_REPAIR.contains(&(cell.scenario.type_name, cell.operation, cell.name))
}

/// The number of objects of each kind.
fn census(world: &Json) -> Json {
    let count = |value: &Json| match value {
        // Settings that exist once in each tenant count as one, regardless of their values.
        Json::Object(members) if members.contains_key("id") => json!(1),
        Json::Object(members) => json!(members.len()),
        Json::Array(items) => json!(items.len()),
        _ => Json::Null,
    };
    let tenants = world.as_array().unwrap().iter();
    let census = tenants.map(|tenant| {
        let members = tenant.as_object().unwrap().iter();
        members
            .map(|(name, value)| (name.clone(), count(value)))
            .collect()
    });
    census.map(Json::Object).collect()
}

/// The content that must be the same as without the event. Settings of others that this configuration omits are kept; in that case, only
/// duplicates and losses are checked. The history of jobs always differs.
fn essence(world: &Json, cell: &Cell) -> Json {
    if cell.name == "changed meanwhile" {
        return census(world);
    }
    let mut world = world.clone();
    world[0]["secrets"] = Json::Null;
    for job in world[0]["jobs"].as_array_mut().into_iter().flatten() {
        job["state"] = json!(job["state"] == "Active");
        job["status"] = Json::Null;
    }
    world
}

pub(super) async fn run(cell: &Cell) -> bool {
    let scenario = &cell.scenario;
    let begun = begin(scenario, cell.operation).await;
    happen(cell, &begun).await;
    let outcome = tokio::select! {
        outcome = act(&begun, cell) => outcome,
        () = hurry(&begun, cell.name) => unreachable!("time passes for ever"),
    };
    begun.stage.heal().await;
    is_clear(&outcome, cell);
    begun.visible_after("0s").await;
    is_told(&outcome, &begun, cell).await;
    if is_beyond_repair(cell) {
        return !outcome.failed();
    }
    let settled = recover(&begun, scenario, outcome.stored.clone()).await;
    let provider = begun.stage.provider(scenario.side, USUAL).await;
    let again = apply(&provider, scenario.type_name, &settled, &begun.config).await;
    assert!(
        !again.failed() && !again.changed,
        "does not settle: {:?} {}",
        again.stored.value,
        again.text()
    );
    let found = begun.stage.essence().await;
    assert_eq!(
        first_difference(&essence(&cell.expected, cell), &essence(&found, cell), ""),
        None,
        "the world is another one than if nobody had interfered"
    );
    !outcome.failed()
}
