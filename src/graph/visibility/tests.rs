use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::testing::{Answer, Script, Sent, empty, refuse, reply};
use crate::{Client, Error, Resend, Write};

const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";
const FABRIKAM: &str = "22220000-0000-4000-8000-000000000000";
const PRINCIPAL: &str = "33330000-0000-4000-8000-000000000000";
const ADA: &str = "a1000000-0000-4000-8000-000000000001";

fn partner() -> String {
    format!("{PARTNERS}/{FABRIKAM}")
}

fn assigned_to() -> String {
    format!("/servicePrincipals/{PRINCIPAL}/appRoleAssignedTo")
}

fn absent() -> Answer {
    refuse(404, "Request_ResourceNotFound")
}

/// Responds to reads by `rule`, which gets the number of reads so far; creates the objects of POST requests.
fn graph(mut rule: impl FnMut(usize, &Sent) -> Answer + Send + 'static) -> Arc<Script> {
    let mut asked = 0;
    Script::new(move |sent| match sent.method.as_str() {
        "POST" if sent.path.ends_with("/instantiate") => reply(
            201,
            &json!({ "application": { "id": ADA }, "servicePrincipal": { "id": PRINCIPAL } }),
        ),
        "POST" if sent.path.ends_with("/partners") => reply(201, &sent.body),
        "DELETE" => empty(204),
        _ => {
            asked += 1;
            rule(asked, sent)
        }
    })
}

async fn create_partner(client: &Client) {
    let body = json!({ "tenantId": FABRIKAM });
    client.post(PARTNERS, &body, Resend::Never).await.unwrap();
}

async fn instantiate(client: &Client) {
    let path = "/applicationTemplates/1/instantiate";
    client.post(path, &json!({}), Resend::Never).await.unwrap();
}

fn found() -> Answer {
    reply(200, &json!({ "tenantId": FABRIKAM }))
}

#[tokio::test(start_paused = true)]
async fn a_new_object_is_read_until_it_is_visible() {
    let script = graph(|asked, _| if asked < 4 { absent() } else { found() });
    let client = script.client();
    create_partner(&client).await;
    assert!(client.get(&partner()).await.unwrap().is_some());
    assert_eq!(script.sent().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_404_is_trusted_after_the_replication_window() {
    let client = graph(|_, _| absent()).client();
    create_partner(&client).await;
    let started = Instant::now();
    assert_eq!(client.get(&partner()).await.unwrap(), None);
    assert_eq!(started.elapsed(), POLICIES);
    // From then on, and for all other objects, at once.
    client.get(&partner()).await.unwrap();
    client.get(&format!("{PARTNERS}/{ADA}")).await.unwrap();
    assert_eq!(started.elapsed(), POLICIES);
}

#[tokio::test(start_paused = true)]
async fn a_new_object_is_deleted_even_if_a_replica_lacks_it() {
    let mut refused = 0;
    let script = Script::new(move |sent| match sent.method.as_str() {
        "DELETE" if refused < 4 => {
            refused += 1;
            absent()
        }
        "DELETE" => empty(204),
        _ => reply(201, &sent.body),
    });
    let client = script.client();
    create_partner(&client).await;
    let deleted = client.delete(&partner()).await.unwrap();
    assert_eq!(deleted, crate::Deleted::Now);
    assert_eq!(script.sent().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_object_is_read_until_it_is_gone() {
    let script = graph(|asked, _| if asked < 4 { found() } else { absent() });
    let client = script.client();
    client.delete(&partner()).await.unwrap();
    assert_eq!(client.get(&partner()).await.unwrap(), None);
    assert_eq!(script.sent().len(), 5);
    // Another client may have created it again, so it is returned in the end.
    let client = graph(|_, _| found()).client();
    client.delete(&partner()).await.unwrap();
    assert!(client.get(&partner()).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_listing_is_read_again_until_it_shows_the_write() {
    let list = |ids: &[&str]| {
        let items: Vec<_> = ids.iter().map(|id| json!({ "tenantId": id })).collect();
        reply(200, &json!({ "value": items }))
    };
    let script = graph(move |asked, _| match asked {
        1 => list(&[ADA]),
        2 => list(&[ADA, FABRIKAM]),
        3 => list(&[FABRIKAM, ADA]),
        _ => list(&[FABRIKAM]),
    });
    let client = script.client();
    create_partner(&client).await;
    assert_eq!(client.list(PARTNERS).await.unwrap().len(), 2);
    client.delete(&format!("{PARTNERS}/{ADA}")).await.unwrap();
    assert_eq!(client.list(PARTNERS).await.unwrap().len(), 1);
    assert_eq!(script.sent().len(), 6);
    // A filter may exclude it.
    let script = graph(move |_, _| list(&[]));
    let client = script.client();
    create_partner(&client).await;
    let filtered = format!("{PARTNERS}?$filter=isServiceProvider%20eq%20true");
    client.list(&filtered).await.unwrap();
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn only_uncertain_items_of_a_batch_are_read_again() {
    let mut rounds = 0;
    let script = Script::new(move |sent| {
        if sent.path.ends_with("/partners") {
            return reply(201, &sent.body);
        }
        rounds += 1;
        let requests = sent.body["requests"].as_array().unwrap();
        let answer = |request: &Json| {
            let is_there = rounds > 2 && request["url"].as_str().unwrap().contains(FABRIKAM);
            let status = if is_there { 200 } else { 404 };
            let error = json!({ "code": "Request_ResourceNotFound", "message": "" });
            json!({ "id": request["id"], "status": status, "body": { "error": error } })
        };
        reply(
            200,
            &json!({ "responses": requests.iter().map(answer).collect::<Vec<_>>() }),
        )
    });
    let client = script.client();
    create_partner(&client).await;
    let paths = [partner(), format!("/users/{ADA}")];
    let answers = client.batch_get(&paths).await.unwrap();
    assert!(matches!(answers[..], [Ok(Some(_)), Ok(None)]));
    let sizes: Vec<_> = script.sent()[1..]
        .iter()
        .map(|sent| sent.body["requests"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [2, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_refers_to_a_new_object_is_retried() {
    let script = graph(|asked, _| {
        if asked < 9 {
            refuse(404, "Directory_ObjectNotFound")
        } else {
            empty(204)
        }
    });
    let client = script.client();
    create_partner(&client).await;
    client.patch(&partner(), &json!({})).await.unwrap();
    // The same applies to objects below it.
    let client = graph(|asked, _| if asked < 3 { absent() } else { empty(204) }).client();
    create_partner(&client).await;
    let policy = format!("{}/identitySynchronization", partner());
    client.put(&policy, &json!({})).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wrong_id_is_reported_after_fifteen_seconds() {
    let client = graph(|_, _| absent()).client();
    let started = Instant::now();
    client.patch(&partner(), &json!({})).await.unwrap_err();
    assert_eq!(started.elapsed(), FOR_OTHERS);
    let started = Instant::now();
    let error = client
        .clone()
        .impatient()
        .patch(&partner(), &json!({}))
        .await;
    assert!(error.unwrap_err().is_not_found());
    assert_eq!(started.elapsed(), Duration::ZERO);
}

/// Checks that a principal that does not exist is distinguished from a service principal that is not visible yet.
async fn assign(exists: bool) -> (Duration, Result<Json, Error>) {
    let script = Script::new(move |sent| {
        if sent.path.ends_with("/instantiate") {
            let made = json!({ "servicePrincipal": { "id": PRINCIPAL } });
            return reply(201, &made);
        }
        if sent.path.ends_with("/$batch") {
            let requests = sent.body["requests"].as_array().unwrap();
            let answer = |request: &Json| {
                let status = if exists { 200 } else { 404 };
                let error = json!({ "code": "Request_ResourceNotFound", "message": "" });
                json!({ "id": request["id"], "status": status, "body": { "error": error } })
            };
            return reply(
                200,
                &json!({ "responses": requests.iter().map(answer).collect::<Vec<_>>() }),
            );
        }
        refuse(400, "Request_BadRequest")
    });
    let client = script.client();
    instantiate(&client).await;
    let body = json!({ "principalId": ADA, "resourceId": PRINCIPAL });
    let started = Instant::now();
    let path = assigned_to();
    let look = || async { Ok(None) };
    let assigned = client.post_once(&path, &body, Resend::Safe, look).await;
    (started.elapsed(), assigned)
}

#[tokio::test(start_paused = true)]
async fn a_wrong_id_next_to_a_new_object_is_reported_as_soon() {
    let (took, result) = assign(false).await;
    assert_eq!(result.unwrap_err().status(), Some(400));
    assert!(took < Duration::from_secs(20), "{took:?}");
    let (took, result) = assign(true).await;
    assert_eq!(result.unwrap_err().status(), Some(400));
    assert_eq!(took, DIRECTORY);
}

#[tokio::test(start_paused = true)]
async fn failed_items_of_a_batch_are_retried_too() {
    let mut refused = 0;
    let script = Script::new(move |sent| {
        if sent.path.ends_with("/instantiate") {
            return reply(201, &json!({ "servicePrincipal": { "id": PRINCIPAL } }));
        }
        let requests = sent.body["requests"].as_array().unwrap();
        let mut answer = |request: &Json| {
            let error = json!({ "error": { "code": "Request_BadRequest", "message": "" } });
            refused += 1;
            if refused > 12 {
                json!({ "id": request["id"], "status": 201, "body": { "id": "1" } })
            } else {
                json!({ "id": request["id"], "status": 400, "body": error })
            }
        };
        reply(
            200,
            &json!({ "responses": requests.iter().map(&mut answer).collect::<Vec<_>>() }),
        )
    });
    let client = script.client();
    instantiate(&client).await;
    let body = json!({ "principalId": ADA, "resourceId": PRINCIPAL });
    let writes = [Write::post(assigned_to(), body, Resend::Safe)];
    let look = |_| async { Vec::new() };
    let results = client.batch_create(&writes, drop, look).await;
    assert!(results[0].is_ok());
}

#[tokio::test(start_paused = true)]
async fn only_transient_errors_are_retried() {
    let told = |message: &str| {
        let error = json!({ "code": "Authorization_RequestDenied", "message": message });
        reply(403, &json!({ "error": error }))
    };
    let passing = "When using this permission, the backing application of the service principal being created must in the local tenant";
    for (message, is_repeated) in [(passing, true), ("Insufficient privileges", false)] {
        let script = graph(move |asked, _| if asked < 3 { told(message) } else { empty(204) });
        let client = script.client();
        instantiate(&client).await;
        let path = format!("/servicePrincipals/{PRINCIPAL}");
        let result = client.patch(&path, &json!({})).await;
        assert_eq!(result.is_ok(), is_repeated);
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_may_be_created_again_right_after_its_deletion() {
    let mut refused = 0;
    let script = Script::new(move |sent| match sent.method.as_str() {
        "DELETE" => empty(204),
        _ if refused < 3 => {
            refused += 1;
            refuse(409, "Request_MultipleObjectsWithSameKeyValue")
        }
        _ => reply(201, &sent.body),
    });
    let client = script.client();
    client.delete(&partner()).await.unwrap();
    create_partner(&client).await;
    // A duplicate by another client stays.
    let client = Script::new(|_| refuse(409, "Conflict")).client();
    let body = json!({ "tenantId": FABRIKAM });
    let error = client.post(PARTNERS, &body, Resend::Never).await;
    assert!(error.unwrap_err().is_conflict());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_returns_graphs_error_and_cancellation_is_immediate() {
    let client = graph(|_, _| absent()).client();
    create_partner(&client).await;
    let deadline = Instant::now() + Duration::from_secs(7);
    let brief = client.scoped(deadline, CancellationToken::new());
    let error = brief.patch(&partner(), &json!({})).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    // A read does not report an object as missing if that is uncertain.
    let error = brief.get(&partner()).await.unwrap_err();
    assert!(matches!(error, Error::DeadlineExceeded { .. }), "{error}");

    let cancel = CancellationToken::new();
    let client = client.scoped(Instant::now() + Duration::from_secs(600), cancel.clone());
    let started = Instant::now();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        cancel.cancel();
    };
    let path = partner();
    let (error, ()) = tokio::join!(client.get(&path), stop);
    assert!(matches!(error.unwrap_err(), Error::Cancelled { .. }));
    assert_eq!(started.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn writes_are_passed_from_one_process_to_the_next() {
    let client = graph(|_, _| absent()).client();
    let client = client.scoped(Instant::now() + DIRECTORY, CancellationToken::new());
    create_partner(&client).await;
    let written = client.written();
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].path, partner().to_lowercase());

    let later = |age: u64| {
        let client = graph(|asked, _| if asked < 3 { absent() } else { found() }).client();
        let aged = Written {
            at: written[0].at - age,
            ..written[0].clone()
        };
        client.recall(&[aged]);
        client
    };
    assert!(later(10).get(&partner()).await.unwrap().is_some());
    assert!(later(600).get(&partner()).await.unwrap().is_none());
    // A caller that knows of it can pass it on to others that refer to it.
    let ids = HashSet::from([FABRIKAM.to_owned()]);
    assert_eq!(later(10).recent(|| ids).len(), 1);
    assert_eq!(later(10).recent(HashSet::new).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_created_and_changed_object_keeps_both_records() {
    let one = |change, ago| Written {
        path: "/policies/a".to_owned(),
        change,
        at: now() - ago,
    };
    let visibility = Visibility::new(None);
    visibility.recall(&[one(Change::Changed, 5), one(Change::Created, 20)]);
    assert!(!visibility.missing("/policies/a").is_zero());
    assert!(visibility.written("/policies/a") > Duration::from_secs(50));
}

/// Otherwise, the next process would expect an object below one that was deleted in the second of its creation.
#[tokio::test(start_paused = true)]
async fn writes_of_one_second_are_passed_on_in_their_order() {
    let (above, below) = ("/applications/a", "/applications/a/owners/b");
    let journal = Journal::default();
    journal.note(above, Change::Created);
    journal.note(below, Change::Created);
    journal.note(above, Change::Deleted);
    let visibility = Visibility::new(None);
    visibility.recall(&journal.written());
    assert!(visibility.missing(below).is_zero());
    assert!(visibility.expected("/applications/a/owners").is_nothing());
}

#[tokio::test(start_paused = true)]
async fn many_writes_are_passed_on_as_a_change_of_their_collection() {
    let journal = Journal::default();
    for number in 0..5000 {
        journal.note(
            &format!("/serviceprincipals/1/approleassignedto/{number}"),
            Change::Created,
        );
    }
    let written = journal.written();
    assert_eq!(written.len(), MAX_WRITES + 1);
    let last = written.last().unwrap();
    assert_eq!(last.path, "/serviceprincipals/1/approleassignedto");
    assert_eq!(last.change, Change::Changed);
}

#[tokio::test(start_paused = true)]
async fn without_lag_no_read_is_repeated() {
    let script = graph(|_, sent| match sent.method.as_str() {
        "GET" if sent.path.ends_with("/partners") => {
            reply(200, &json!({ "value": [{ "tenantId": FABRIKAM }] }))
        }
        "GET" => found(),
        _ => empty(204),
    });
    let client = script.client();
    create_partner(&client).await;
    client.get(&partner()).await.unwrap();
    client.patch(&partner(), &json!({})).await.unwrap();
    client.get_referred(&partner()).await.unwrap();
    client.get_written(&partner(), |_| true).await.unwrap();
    client.list(PARTNERS).await.unwrap();
    assert_eq!(script.sent().len(), 6);
}

#[test]
fn records_below_a_deleted_object_are_dropped() {
    let visibility = Visibility::new(None);
    visibility.note("/serviceprincipals/33330000-1", Change::Created);
    visibility.note(
        "/serviceprincipals/33330000-1/synchronization/jobs/44440000-1",
        Change::Created,
    );
    assert!(
        !visibility
            .missing("/serviceprincipals/33330000-1/synchronization/jobs/44440000-1")
            .is_zero()
    );
    visibility.note("/serviceprincipals/33330000-1", Change::Deleted);
    assert!(
        visibility
            .missing("/serviceprincipals/33330000-1/synchronization/jobs/44440000-1")
            .is_zero()
    );
}

#[test]
fn created_objects_are_recognized_from_the_response() {
    let changes = |method: Method, path: &str, answer: Json| changes(&method, path, &answer);
    let job = "/servicePrincipals/33330000-1/synchronization/jobs";
    assert_eq!(
        changes(Method::POST, job, json!({ "id": "Azure2Azure.1.2" })),
        [(
            format!("{}/azure2azure.1.2", job.to_lowercase()),
            Change::Created
        )]
    );
    assert_eq!(
        changes(
            Method::POST,
            &format!("{job}/Azure2Azure.1.2/start"),
            Json::Null
        ),
        [(
            format!("{}/azure2azure.1.2", job.to_lowercase()),
            Change::Changed
        )]
    );
    assert_eq!(
        changes(
            Method::POST,
            &format!("{job}/validateCredentials"),
            Json::Null
        ),
        []
    );
    assert_eq!(
        changes(
            Method::POST,
            "/directory/deletedItems/a1000000-1/restore",
            json!({ "id": "a1000000-1" })
        ),
        [
            (
                "/directory/deleteditems/a1000000-1".to_owned(),
                Change::Deleted
            ),
            ("/users/a1000000-1".to_owned(), Change::Created)
        ]
    );
    assert_eq!(
        changes(
            Method::DELETE,
            &format!("{job}/Azure2Azure.1.2/schema"),
            Json::Null
        )[0]
        .1,
        Change::Changed
    );
}
