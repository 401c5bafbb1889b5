use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

use super::*;
use crate::testing::{Answer, Script, Sent, lost, refuse, reply};

const ASSIGNED: &str = "/servicePrincipals/1/appRoleAssignedTo";

fn posts(count: usize, resend: Resend) -> Vec<Write> {
    let body = |number: usize| json!({ "principalId": number.to_string() });
    (0..count)
        .map(|number| Write::post(ASSIGNED.to_owned(), body(number), resend))
        .collect()
}

/// Responds to each item by `rule`, which gets the item's ID; the last item first.
fn each(sent: &Sent, mut rule: impl FnMut(&str) -> Json) -> Answer {
    let requests = sent.body["requests"].as_array().unwrap();
    let answer = |request: &Json| {
        let id = request["id"].as_str().unwrap();
        let mut item = rule(id);
        item["id"] = json!(id);
        item
    };
    let responses: Vec<_> = requests.iter().rev().map(answer).collect();
    reply(200, &json!({ "responses": responses }))
}

fn created(id: &str) -> Json {
    json!({ "status": 201, "body": { "id": id } })
}

fn throttled(seconds: &str) -> Json {
    json!({ "status": 429, "headers": { "Retry-After": seconds } })
}

fn ids(sent: &Sent) -> Vec<String> {
    let requests = sent.body["requests"].as_array().unwrap();
    let id = |request: &Json| request["id"].as_str().unwrap().to_owned();
    requests.iter().map(id).collect()
}

#[tokio::test(start_paused = true)]
async fn results_keep_their_order_and_bodies_their_content_type() {
    let script = Script::new(|sent| each(sent, created));
    let mut writes = posts(41, Resend::Safe);
    writes.push(Write::delete(format!("{ASSIGNED}/x")));
    let results = script
        .client()
        .batch_write(&writes, |body| body["id"].clone())
        .await;
    for (index, result) in results.iter().enumerate() {
        assert_eq!(result.as_ref().unwrap(), &json!(index.to_string()));
    }
    let sent = script.sent();
    assert_eq!(
        sent.iter().map(|sent| ids(sent).len()).collect::<Vec<_>>(),
        [20, 20, 2]
    );
    assert_eq!(
        sent[2].body["requests"],
        json!([
            { "id": "40", "method": "POST", "url": ASSIGNED, "headers": { "Content-Type": "application/json" },
              "body": { "principalId": "40" } },
            { "id": "41", "method": "DELETE", "url": format!("{ASSIGNED}/x") },
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn only_throttled_writes_are_retried_after_the_longest_wait() {
    let mut seen = HashMap::<String, usize>::new();
    let script = Script::new(move |sent| {
        each(sent, |id| {
            let round = seen.entry(id.to_owned()).or_default();
            *round += 1;
            match (id, *round) {
                ("1", 1) => throttled("4"),
                ("2", 1) => json!({ "status": 503, "headers": { "retry-after": 9 } }),
                _ => created(id),
            }
        })
    });
    let started = Instant::now();
    let results = script
        .client()
        .batch_write(&posts(4, Resend::Safe), drop)
        .await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(started.elapsed(), Duration::from_secs(9));
    assert_eq!(ids(&script.sent()[1]), ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn throttling_does_not_use_up_retries_while_some_writes_succeed() {
    // Three succeed per exchange, which takes far more rounds than there are retries.
    let script = Script::new(|sent| {
        let mut passed = 0;
        each(sent, |id| {
            passed += 1;
            if passed > 3 {
                throttled("1")
            } else {
                created(id)
            }
        })
    });
    let results = script
        .client()
        .batch_write(&posts(60, Resend::Never), drop)
        .await;
    assert!(results.iter().all(Result::is_ok));
    // A write that never succeeds fails as soon as no other write is left.
    let script = Script::new(|sent| {
        each(sent, |id| {
            if id == "7" {
                throttled("1")
            } else {
                created(id)
            }
        })
    });
    let results = script
        .client()
        .batch_write(&posts(9, Resend::Never), drop)
        .await;
    let errors: Vec<_> = results
        .iter()
        .filter_map(|result| result.as_ref().err())
        .collect();
    assert!(matches!(errors[..], [Error::Throttled(_)]), "{errors:?}");
    assert_eq!(script.sent().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn one_failed_write_does_not_affect_others() {
    let script = Script::new(|sent| {
        each(sent, |id| match id {
            "3" => {
                json!({ "status": 400, "body": { "error": { "code": "Request_BadRequest", "message": "No." } } })
            }
            "4" => {
                json!({ "status": 404, "body": { "error": { "code": "Request_ResourceNotFound", "message": "Gone." } } })
            }
            id => created(id),
        })
    });
    let mut writes = posts(4, Resend::Safe);
    writes.push(Write::delete(format!("{ASSIGNED}/gone")));
    let results = script.client().batch_write(&writes, drop).await;
    let failed: Vec<usize> = (0..5).filter(|index| results[*index].is_err()).collect();
    assert_eq!(failed, [3]);
    assert!(
        results[3]
            .as_ref()
            .unwrap_err()
            .has_code("Request_BadRequest")
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_with_a_lost_response_is_retried_only_if_idempotent() {
    let mut first = true;
    let script = Script::new(move |sent| {
        if std::mem::take(&mut first) {
            return lost();
        }
        each(
            sent,
            |_| json!({ "status": 400, "body": { "error": { "code": "Request_BadRequest", "message": "Exists." } } }),
        )
    });
    let mut writes = posts(2, Resend::Safe);
    writes.extend(posts(1, Resend::Never));
    let results = script.client().batch_write(&writes, drop).await;
    assert_eq!(ids(&script.sent()[1]), ["0", "1"]);
    for result in &results[..2] {
        assert!(result.as_ref().unwrap_err().follows_lost_answer());
    }
    let Err(Error::AnswerLost(lost)) = &results[2] else {
        panic!("{:?}", results[2]);
    };
    assert_eq!(lost.path, ASSIGNED);
    // The same for an item with a response from a gateway.
    let script = Script::new(|sent| each(sent, |_| json!({ "status": 502 })));
    let results = script
        .client()
        .batch_write(&posts(1, Resend::Never), drop)
        .await;
    assert!(matches!(results[0], Err(Error::AnswerLost(_))));
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_creation_with_a_lost_response_is_recorded() {
    const EXISTS: &str = "Permission being assigned already exists on the object";
    let answer = |status: u16, message: &str| {
        let body = json!({ "error": { "code": "Request_BadRequest", "message": message } });
        json!({ "status": status, "body": body })
    };
    for (listed, message, recorded) in [
        (true, EXISTS, true),
        (false, EXISTS, true),
        (false, "No.", false),
    ] {
        let mut first = true;
        let script = Script::new(move |sent| {
            if std::mem::take(&mut first) {
                return lost();
            }
            each(sent, |_| answer(400, message))
        });
        let client = script.client();
        let look = |open: Vec<usize>| async move {
            let found = open.into_iter().filter(|_| listed);
            found.map(|index| (index, ())).collect()
        };
        let writes = posts(1, Resend::Safe);
        client.batch_create(&writes, drop, look).await;
        let paths: Vec<String> = client.written().into_iter().map(|one| one.path).collect();
        let expected = recorded.then(|| ASSIGNED.to_ascii_lowercase());
        assert_eq!(paths, Vec::from_iter(expected), "{message} {listed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_as_a_whole_fails_only_its_own_writes() {
    let script = Script::new(|sent| {
        if ids(sent)[0] == "20" {
            return refuse(403, "Authorization_RequestDenied");
        }
        each(sent, created)
    });
    let results = script
        .client()
        .batch_write(&posts(45, Resend::Safe), drop)
        .await;
    let failed: Vec<usize> = (0..45).filter(|index| results[*index].is_err()).collect();
    assert_eq!(failed, (20..40).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn at_most_four_exchanges_run_at_a_time() {
    let script = Script::new(|sent| each(sent, created).after(Duration::from_secs(1)));
    let started = Instant::now();
    let results = script
        .client()
        .batch_write(&posts(160, Resend::Safe), drop)
        .await;
    assert_eq!(results.len(), 160);
    assert_eq!(started.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn writes_end_with_the_operation() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let script = Script::new(move |sent| {
        counted.fetch_add(1, Ordering::Relaxed);
        each(sent, created).after(Duration::from_secs(10))
    });
    let deadline = Instant::now() + Duration::from_secs(15);
    let client = script.client().scoped(deadline, CancellationToken::new());
    let results = client.batch_write(&posts(200, Resend::Safe), drop).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 80);
    assert_eq!(count.load(Ordering::Relaxed), 8, "the rest was never sent");
    assert!(matches!(
        results[80],
        Err(Error::DeadlineExceeded {
            unanswered: Some(_),
            ..
        })
    ));

    // A wait that would exceed the deadline of the operation is not started.
    let script = Script::new(|sent| each(sent, |_| throttled("60")));
    let deadline = Instant::now() + Duration::from_secs(15);
    let client = script.client().scoped(deadline, CancellationToken::new());
    let results = client.batch_write(&posts(2, Resend::Safe), drop).await;
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Err(Error::Throttled(_))))
    );
}

#[tokio::test(start_paused = true)]
async fn no_writes_send_no_request() {
    let script = Script::new(|_| panic!("nothing to write"));
    assert!(script.client().batch_write(&[], drop).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_batch_is_sent_again_unchanged() {
    let mut first = true;
    let script = Script::new(move |sent| {
        if std::mem::take(&mut first) {
            return refuse(429, "TooManyRequests").with("retry-after", "7");
        }
        each(sent, created)
    });
    let started = Instant::now();
    let results = script
        .client()
        .batch_write(&posts(5, Resend::Never), drop)
        .await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(started.elapsed(), Duration::from_secs(7));
    assert_eq!(script.sent()[0].body, script.sent()[1].body);
}

#[tokio::test(start_paused = true)]
async fn concurrent_batches_wait_for_each_others_throttling() {
    let mut first = true;
    let script = Script::new(move |sent| {
        let throttles = std::mem::take(&mut first);
        each(sent, |id| {
            if throttles {
                throttled("5")
            } else {
                created(id)
            }
        })
    });
    let client = script.client();
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let results = client.batch_write(&posts(1, Resend::Never), drop).await;
        assert!(results[0].is_ok());
        Instant::now()
    };
    let started = Instant::now();
    let writes = posts(3, Resend::Never);
    let (results, later) = tokio::join!(client.batch_write(&writes, drop), later);
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(later - started, Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn single_writes_do_not_starve_a_batch() {
    let script = Script::new(|sent| {
        if sent.path.ends_with("$batch") {
            each(sent, created)
        } else {
            reply(200, &json!({}))
        }
    });
    let client = script.client();
    // The quota is used one write at a time, and is released the same way.
    for _ in 0..2_700 {
        client.patch("/a/1", &json!({})).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let started = Instant::now();
    let singles = async {
        for _ in 0..100 {
            client.patch("/a/1", &json!({})).await.unwrap();
        }
        started.elapsed()
    };
    let batch = async {
        tokio::task::yield_now().await;
        let writes = posts(20, Resend::Safe);
        let results = client.batch_write(&writes, drop).await;
        assert!(results.iter().all(Result::is_ok));
        started.elapsed()
    };
    let (singles, batch) = tokio::join!(singles, batch);
    assert!(batch < singles, "{batch:?} {singles:?}");
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_replaced_once_and_only_rejected_items_are_retried() {
    let refused = || json!({ "status": 401, "body": { "error": { "code": "InvalidAuthenticationToken", "message": "Old." } } });
    let script = Script::new(move |sent| {
        let old = sent.bearer.ends_with("-1");
        each(sent, |id| {
            if old && id != "0" {
                refused()
            } else {
                created(id)
            }
        })
    });
    let results = script
        .client()
        .batch_write(&posts(3, Resend::Never), |body| body["id"].clone())
        .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let sent = script.sent();
    assert_eq!(ids(&sent[1]), ["1", "2"]);
    assert_eq!((sent.len(), script.signed_in().len()), (2, 2));

    let script = Script::new(move |sent| each(sent, |_| refused()));
    let client = script.client();
    for result in client.batch_write(&posts(2, Resend::Safe), drop).await {
        assert_eq!(result.unwrap_err().status(), Some(401));
    }
    assert_eq!(
        script.sent().len(),
        2,
        "a token that is never taken is not asked for for ever"
    );
}

#[tokio::test(start_paused = true)]
async fn a_path_with_dots_is_not_sent() {
    let script = Script::new(|sent| each(sent, created));
    let write = |path: &str| Write::post(path.to_owned(), json!({}), Resend::Safe);
    let writes = [
        write("/users/../applications"),
        write("/users"),
        write("/users/%2E%2e/x"),
    ];
    let results = script
        .client()
        .batch_write(&writes, |body| body["id"].clone())
        .await;
    let is_refused = |at: usize| matches!(results[at], Err(Error::BadPath { .. }));
    assert!(
        is_refused(0) && results[1].is_ok() && is_refused(2),
        "{results:?}"
    );
    assert_eq!(ids(&script.sent()[0]), ["1"]);
}
