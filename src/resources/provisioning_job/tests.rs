//! Tests of a changed target, a missing target, and the first triggers of a job.

use super::*;
use graph::testing::{Script, Sent, TENANT, empty, refuse, reply};

const PRINCIPAL: &str = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70";
const OLD: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const NEW: &str = "bbbbbbbb-0000-4000-8000-000000000002";

fn job(target: &str) -> ProvisioningJob {
    ProvisioningJob {
        service_principal_id: PRINCIPAL.to_owned(),
        template_id: Some(TEMPLATE.to_owned()),
        target_tenant_id: target.to_owned(),
        scope: Some("assigned".to_owned()),
        enabled: Some(true),
        validate_connection: Some(true),
        validate_connection_timeout: Some("0s".to_owned()),
        restart_pending: Some(false),
        id: Some("old".to_owned()),
        tenant_id: Some(TENANT.to_owned()),
        prevent_accidental_deletion: Some(true),
        accidental_deletion_threshold: Some(500),
        ..ProvisioningJob::from_value(&Value::Null).unwrap()
    }
}

/// A service principal with the job `old`, whose connection test returns the status `test`.
fn graph(test: u16) -> std::sync::Arc<Script> {
    Script::new(move |sent: &Sent| {
        let secrets = json!({ "value": [{ "key": "CompanyId", "value": OLD }, { "key": "Domain", "value": null }] });
        match (sent.method.as_str(), sent.path.rsplit('/').next().unwrap()) {
            ("POST", "validateCredentials") if test == 204 => empty(204),
            ("POST", "validateCredentials") => refuse(
                test,
                "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
            ),
            ("POST", "jobs") => reply(201, &json!({ "id": "new", "templateId": TEMPLATE })),
            ("GET", "secrets") => reply(200, &secrets),
            ("GET", _) => refuse(404, "Request_ResourceNotFound"),
            _ => empty(204),
        }
    })
}

/// Returns the writes by method and end of the path.
fn writes(script: &Script) -> Vec<String> {
    let sent = script.sent();
    let writes = sent.iter().filter(|sent| sent.method != "GET");
    let of = |sent: &Sent| {
        let parts: Vec<&str> = sent.path.rsplit('/').take(2).collect();
        format!("{} {}/{}", sent.method, parts[1], parts[0])
    };
    writes.map(of).collect()
}

#[tokio::test]
async fn the_job_stays_where_the_new_target_is_not_ready() {
    let script = graph(400);
    let context = Context::new(script.client());
    let mut state = job(OLD);
    let problem = ProvisioningJob::update(&context, &job(NEW), &mut state).await;
    assert!(problem.is_err());
    assert_eq!(writes(&script), ["POST jobs/validateCredentials"]);
    assert_eq!(state, job(OLD));
}

#[tokio::test]
async fn another_target_that_is_ready_gets_another_job() {
    let script = graph(204);
    let context = Context::new(script.client());
    let mut state = job(OLD);
    let planned = ProvisioningJob {
        id: None,
        ..job(NEW)
    };
    ProvisioningJob::update(&context, &planned, &mut state)
        .await
        .unwrap();
    let expected = [
        "POST jobs/validateCredentials",
        "POST old/pause",
        "DELETE jobs/old",
        "POST synchronization/jobs",
        "PUT synchronization/secrets",
        "POST new/start",
    ];
    assert_eq!(writes(&script), expected);
    assert_eq!(
        (state.id.as_deref(), state.enabled),
        (Some("new"), Some(true))
    );
    assert_eq!(state.target_tenant_id, NEW);
    let put = script.sent().into_iter().find(|sent| sent.method == "PUT");
    let pairs = put.unwrap().body["value"].take();
    assert!(
        pairs
            .as_array()
            .unwrap()
            .contains(&json!({ "key": "CompanyId", "value": NEW }))
    );
}

#[tokio::test]
async fn a_replacement_that_failed_half_way_is_not_mistaken_for_a_job() {
    let jobs = |found: Json| {
        Script::new(move |sent| {
            if sent.path.ends_with("/jobs") {
                reply(200, &json!({ "value": found }))
            } else {
                let answers = json!([
                    { "id": "0", "status": 200, "body": { "id": "new", "templateId": TEMPLATE } },
                    { "id": "1", "status": 200, "body": { "value": [] } },
                ]);
                reply(200, &json!({ "responses": answers }))
            }
        })
    };
    let half = ProvisioningJob {
        id: None,
        ..job(NEW)
    };
    let script = jobs(json!([]));
    let found = ProvisioningJob::read(&Context::new(script.client()), &half).await;
    assert_eq!(found.unwrap(), None);
    let script = jobs(json!([{ "id": "new", "templateId": TEMPLATE }]));
    let found = ProvisioningJob::read(&Context::new(script.client()), &half).await;
    assert_eq!(found.unwrap().unwrap().id.as_deref(), Some("new"));
}

/// Plans a change between two objects: (planned, attributes that replace it, warnings).
fn plan(prior: &Value, mut planned: Value) -> (Value, Vec<Path>, Diagnostics) {
    let (mut requires_replace, mut diagnostics) = (Vec::new(), Diagnostics::new());
    let config = planned.clone();
    ProvisioningJob::plan(&mut Change {
        tenant_id: TENANT,
        prior,
        config: &config,
        planned: &mut planned,
        requires_replace: &mut requires_replace,
        diagnostics: &mut diagnostics,
    });
    (planned, requires_replace, diagnostics)
}

#[test]
fn a_plan_says_that_another_target_replaces_the_job() {
    let (planned, replaced, told) = plan(&job(OLD).to_value(), job(NEW).to_value());
    assert!(planned.member("id").is_unknown() && replaced.is_empty());
    assert!(told[0].detail.contains(OLD), "{told:?}");
    let (planned, _, told) = plan(&job(OLD).to_value(), job(&OLD.to_uppercase()).to_value());
    assert!(!planned.member("id").is_unknown() && told.is_empty());
    let (planned, _, told) = plan(&job("").to_value(), job(NEW).to_value());
    assert!(!planned.member("id").is_unknown() && told.is_empty());
}

#[tokio::test]
async fn a_job_without_a_target_is_said_to_have_none_yet() {
    let context = Context::new(graph(204).client());
    let told = ProvisioningJob::explain(&context, &job(OLD), &job("")).await;
    assert_eq!(told[0].summary, "The job has no target tenant yet");
    assert!(
        ProvisioningJob::explain(&context, &job(OLD), &job(OLD))
            .await
            .is_empty()
    );
    assert!(
        checks::target(&"".into())
            .unwrap_err()
            .contains("no target yet")
    );
    assert!(
        checks::target(&"contoso".into())
            .unwrap_err()
            .contains("GUID")
    );
    assert_eq!(checks::target(&OLD.into()), Ok(()));
    assert_eq!(checks::target(&Value::Unknown), Ok(()));
}

#[tokio::test]
async fn the_first_triggers_of_a_job_restart_it() {
    let triggered = |value: Option<&str>| ProvisioningJob {
        restart_triggers: value.map(|value| [("it".to_owned(), value.to_owned())].into()),
        ..job(OLD)
    };
    let restarts = async |before: Option<&str>, after: Option<&str>| {
        let script = graph(204);
        let mut state = triggered(before);
        ProvisioningJob::update(
            &Context::new(script.client()),
            &triggered(after),
            &mut state,
        )
        .await
        .unwrap();
        writes(&script).contains(&"POST old/restart".to_owned())
    };
    assert!(restarts(None, Some("1")).await);
    assert!(restarts(Some("1"), Some("2")).await);
    assert!(!restarts(Some("1"), Some("1")).await);
    assert!(!restarts(Some("1"), None).await);
    let (_, _, told) = plan(&triggered(None).to_value(), triggered(Some("1")).to_value());
    assert_eq!(told[0].summary, "The job will be restarted");
    let (_, _, told) = plan(&Value::Null, triggered(Some("1")).to_value());
    assert!(told.is_empty(), "a new job starts anyway");
}

/// A service principal of an earlier run, without a job at first. Afterwards, its jobs are `jobs`, or cannot be listed; the secrets can be
/// read or return 404.
fn older(jobs: Option<&'static [&'static str]>, has_secrets: bool) -> std::sync::Arc<Script> {
    let absent = json!({ "error": { "code": "Request_ResourceNotFound", "message": "" } });
    let denied = json!({ "error": { "code": "Authorization_RequestDenied", "message": "No." } });
    let listed = move |jobs: &[&str]| {
        let job = |id: &&str| json!({ "id": id, "templateId": TEMPLATE });
        json!({ "value": jobs.iter().map(job).collect::<Vec<_>>() })
    };
    let mut is_made = false;
    Script::new(move |sent: &Sent| {
        let mut one = |method: &str, url: &str| match (method, url.rsplit('/').next().unwrap()) {
            ("POST", "jobs") => {
                is_made = true;
                (201, json!({ "id": "new", "templateId": TEMPLATE }))
            }
            ("GET", "jobs") if !is_made => (200, listed(&[])),
            ("GET", "jobs") => jobs.map_or((403, denied.clone()), |jobs| (200, listed(jobs))),
            ("GET", "secrets") if has_secrets => (200, json!({ "value": [] })),
            ("GET", _) => (404, absent.clone()),
            _ => (204, Json::Null),
        };
        if !sent.path.ends_with("/$batch") {
            let (status, body) = one(&sent.method, &sent.path);
            return if body.is_null() {
                empty(status)
            } else {
                reply(status, &body)
            };
        }
        let requests = sent.body["requests"].as_array().unwrap();
        let answers: Vec<Json> = requests
            .iter()
            .map(|part| {
                let text = |name: &str| part[name].as_str().unwrap();
                let (status, body) = one(text("method"), text("url"));
                json!({ "id": part["id"], "status": status, "body": body })
            })
            .collect();
        reply(200, &json!({ "responses": answers }))
    })
}

async fn create(script: &std::sync::Arc<Script>) -> (Option<ProvisioningJob>, Result) {
    let planned = ProvisioningJob {
        id: None,
        ..job(NEW)
    };
    let mut state = None;
    let context = Context::new(script.client());
    let result = ProvisioningJob::create(&context, &planned, &mut state).await;
    (state, result)
}

#[tokio::test(start_paused = true)]
async fn creating_a_job_takes_five_requests() {
    let script = older(Some(&["new"]), true);
    let (state, result) = create(&script).await;
    result.unwrap();
    assert_eq!(state.unwrap().id.as_deref(), Some("new"));
    let ends = [
        "$batch",
        "validateCredentials",
        "$batch",
        "secrets",
        "start",
    ];
    let calls = script.calls();
    assert_eq!(calls.len(), ends.len(), "{calls:#?}");
    assert!(
        calls
            .iter()
            .zip(ends)
            .all(|(call, end)| call.ends_with(end)),
        "{calls:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_job_of_a_killed_run_is_noticed_and_no_second_one_stays() {
    let script = older(Some(&["other", "new"]), true);
    let (state, result) = create(&script).await;
    let said = result.unwrap_err().into_diagnostic("create", "t").detail;
    assert!(
        said.contains(&format!("id = \"{PRINCIPAL}/other\"")),
        "{said}"
    );
    assert_eq!(state, None, "it was deleted again");
    let expected = [
        "POST v1.0/$batch",
        "POST jobs/validateCredentials",
        "POST v1.0/$batch",
        "DELETE jobs/new",
    ];
    assert_eq!(writes(&script), expected);
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_is_refused_after_the_creation_forgets_nothing() {
    let script = older(None, true);
    let (state, result) = create(&script).await;
    assert!(result.is_err());
    assert_eq!(state.unwrap().id.as_deref(), Some("new"));
}

/// A write of the whole list would delete unmanaged secrets.
#[tokio::test(start_paused = true)]
async fn secrets_that_are_not_found_are_not_taken_for_none() {
    let script = older(Some(&["new"]), false);
    let (state, result) = create(&script).await;
    let said = result.unwrap_err().into_diagnostic("create", "t");
    assert_eq!(
        said.summary,
        "The settings of the provisioning job cannot be read"
    );
    assert_eq!(state, None);
    let is_read = |sent: &Sent| {
        let parts = sent.body["requests"].as_array().unwrap();
        parts.iter().all(|part| part["method"] == "GET")
    };
    assert!(script.sent().iter().all(is_read), "nothing was written");

    let mut state = job(OLD);
    let planned = ProvisioningJob {
        notification_email: Some("a@b.example".to_owned()),
        ..job(OLD)
    };
    let context = Context::new(script.client());
    let changed = ProvisioningJob::update(&context, &planned, &mut state).await;
    assert!(changed.is_err());
    assert!(
        writes(&script)
            .iter()
            .all(|write| write == "POST v1.0/$batch")
    );
}
