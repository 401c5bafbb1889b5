//! Batches: the envelope and every part in it.

use serde_json::{Value, json};

use super::{DESCRIPTION, clean, exchange, with, wrong};

fn batch(parts: &Value, answers: &Value) -> Value {
    let envelope = json!({ "requests": parts });
    let post = with(
        exchange("POST", "/v1.0/$batch", 200),
        "request_body",
        envelope,
    );
    with(post, "response_body", json!({ "responses": answers }))
}

#[test]
fn a_batch_is_judged_part_by_part() {
    let get = json!({ "id": "A", "method": "GET", "url": "/users/u?$select=id" });
    let patch = json!({ "id": "b", "method": "PATCH", "url": "users/u", "body": { "jobTitle": "x" },
        "headers": { "content-type": "application/json" }, "dependsOn": ["A"] });
    let found = json!({ "id": "a", "status": 200, "body": { "id": "u" }, "headers": {} });
    let done = json!({ "id": "b", "status": 204 });
    let both = |parts: [&Value; 2], answers: [&Value; 2]| batch(&json!(parts), &json!(answers));
    clean(&both([&get, &patch], [&done, &found]));

    let misspelled = with(patch.clone(), "body", json!({ "jobTitel": "x" }));
    wrong(
        &both([&get, &misspelled], [&done, &found]),
        &["PATCH /v1.0/users/{user-id}", "jobTitel"],
    );
    let untyped = with(patch.clone(), "headers", json!({}));
    wrong(
        &both([&get, &untyped], [&done, &found]),
        &["'b'", "Content-Type"],
    );
    let query = with(get.clone(), "url", "/users/u?$select=idd");
    wrong(&both([&query, &patch], [&done, &found]), &["idd"]);
    let bare = with(found.clone(), "status", 404);
    wrong(
        &both([&get, &patch], [&done, &bare]),
        &["404 refusal", "error"],
    );
    let stranger = with(found.clone(), "id", "c");
    let description = &*DESCRIPTION;
    let lost = description.violations(&both([&get, &patch], [&done, &stranger]));
    assert_eq!(lost.len(), 2, "{lost:?}");
}

#[test]
fn the_envelope_of_a_batch_is_judged_as_well() {
    let part = json!({ "id": "1", "method": "GET", "url": "/organization" });
    let answer = json!([{ "id": "1", "status": 200, "body": { "value": [] } }]);
    clean(&batch(&json!([part]), &answer));
    let verb = with(part.clone(), "verb", "GET");
    wrong(
        &batch(&json!([verb]), &answer),
        &["request /requests/0", "verb"],
    );
    let status = json!([{ "id": "1", "status": "200", "body": { "value": [] } }]);
    wrong(
        &batch(&json!([part]), &status),
        &["200 answer /responses/0/status"],
    );
    wrong(&batch(&json!([]), &json!([])), &["request /requests"]);
    let nested = with(with(part, "url", "/$batch"), "method", "GET");
    wrong(&batch(&json!([nested]), &answer), &["inside a batch"]);
}
