use super::*;
use crate::testing::{Answer, Script, raw, refuse, reply};
use serde_json::json;

const HERE: &str = "https://graph.microsoft.com/v1.0/users?$skiptoken=";

fn page(items: &[u32], next: &str) -> Answer {
    let items: Vec<Json> = items.iter().map(|id| json!({ "id": id })).collect();
    match next {
        "" => reply(200, &json!({"value": items})),
        next => reply(200, &json!({"value": items, "@odata.nextLink": next})),
    }
}

#[tokio::test(start_paused = true)]
async fn next_links_are_followed_unchanged() {
    let next = format!("{HERE}a%20b%2Bc&$top=2");
    let script = Script::of([
        page(&[1, 2], &next),
        refuse(429, "x"),
        page(&[], &format!("{HERE}3")),
        page(&[3], ""),
    ]);
    let items = script.client().list("/users?$top=2").await.unwrap();
    assert_eq!(items, [1, 2, 3].map(|id| json!({ "id": id })), "in order");
    assert_eq!(script.calls()[0], "GET /v1.0/users?$top=2");
    assert_eq!(
        script.calls()[1],
        "GET /v1.0/users?$skiptoken=a%20b%2Bc&$top=2"
    );
    assert_eq!(script.calls()[1], script.calls()[2]);
}

#[tokio::test(start_paused = true)]
async fn the_token_is_sent_only_to_the_configured_address() {
    for next in [
        "https://evil.example/v1.0/users",
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:444/v1.0/users",
        "https://graph.microsoft.com@evil.example/",
        "https://u:p@graph.microsoft.com/v1.0/users",
        "//evil.example/users",
        "/v1.0/users",
        "file:///etc/passwd",
        "https://graph.microsoft.com/elsewhere",
        "https://graph.microsoft.com/v1.0/../elsewhere",
        "https://graph.microsoft.com/v1.0/%2e%2E/elsewhere",
        "https://graph.microsoft.com/v1.0x/users",
    ] {
        let script = Script::of([page(&[1], next)]);
        let error = script.client().list("/users").await.unwrap_err();
        assert!(matches!(error, Error::Unexpected { .. }), "{next}: {error}");
        assert_eq!(script.sent().len(), 1, "{next}");
    }
}

#[tokio::test(start_paused = true)]
async fn cyclic_and_endless_collections_end() {
    let itself = "https://graph.microsoft.com/v1.0/users";
    let script = Script::new(move |_| page(&[1], itself));
    for wanted in [usize::MAX, 5] {
        let error = script.client().list_first("/users", wanted).await;
        assert!(error.unwrap_err().to_string().contains("cycle"));
    }
    let error = script.client().list("/users").await.unwrap_err();
    assert!(error.to_string().contains("cycle"), "{error}");
    assert_eq!(script.sent().len(), 3, "one request each");

    let script = Script::new(|_| page(&[1], &format!("{HERE}same")));
    let error = script.client().list("/users").await.unwrap_err();
    assert!(error.to_string().contains("cycle"), "{error}");
    assert_eq!(script.sent().len(), 2);

    let mut number = 0;
    let script = Script::new(move |_| {
        number += 1;
        page(&[], &format!("{HERE}{number}"))
    });
    let error = script.client().list("/users").await.unwrap_err();
    assert!(error.to_string().contains("10,000 pages"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_not_a_collection_is_rejected() {
    for answer in [
        reply(200, &json!({"value": {}})),
        reply(200, &json!({"value": [{}, 7]})),
        reply(200, &json!([])),
        reply(200, &json!(null)),
        raw(204, "", ""),
    ] {
        let error = Script::of([answer])
            .client()
            .list("/users")
            .await
            .unwrap_err();
        let told = error.to_string();
        let refused = ["without an array", "not an object", "no object"]
            .iter()
            .any(|words| told.contains(words));
        assert!(refused, "{told}");
    }
    let error = Script::of([refuse(404, "Request_ResourceNotFound")])
        .client()
        .list("/users")
        .await;
    assert!(
        error.unwrap_err().is_not_found(),
        "an absent collection is not an empty one"
    );
}

const CREATED: &str = "22220000-0000-4000-8000-000000000000";
const KNOWN: &str = "a1000000-0000-4000-8000-000000000001";

/// Responds to writes, and to reads with the given responses in order.
fn with_writes(reads: impl IntoIterator<Item = Answer>) -> std::sync::Arc<Script> {
    let mut reads = reads.into_iter().collect::<Vec<_>>().into_iter();
    Script::new(move |sent| match sent.method.as_str() {
        "POST" if sent.path.ends_with("/$batch") => reads.next().unwrap(),
        "POST" => reply(201, &json!({ "id": CREATED })),
        "DELETE" => raw(204, "", ""),
        _ => reads.next().unwrap(),
    })
}

fn things(ids: &[&str], next: &str) -> Answer {
    let items: Vec<Json> = ids.iter().map(|id| json!({ "id": id })).collect();
    match next {
        "" => reply(200, &json!({ "value": items })),
        next => reply(200, &json!({ "value": items, "@odata.nextLink": next })),
    }
}

async fn handed_out(client: &Client, path: &str) -> Vec<Vec<String>> {
    let (mut pages, mut all) = (Pages::of(path), Vec::new());
    while let Some(page) = client.next_settled_page(&mut pages).await.unwrap() {
        let id = |item: &Json| item["id"].as_str().unwrap().to_owned();
        all.push(page.iter().map(id).collect());
    }
    all
}

#[tokio::test(start_paused = true)]
async fn new_objects_are_returned_and_no_item_twice() {
    let script = with_writes([
        things(&[KNOWN], &format!("{HERE}2")),
        things(&["2"], ""),
        things(&["2", KNOWN], &format!("{HERE}2")),
        things(&[CREATED], ""),
    ]);
    let client = script.client();
    client
        .post("/users", &json!({}), Resend::Never)
        .await
        .unwrap();
    let pages = handed_out(&client, "/users").await;
    assert_eq!(pages, [vec![KNOWN], vec!["2"], vec![], vec![CREATED]]);
}

#[tokio::test(start_paused = true)]
async fn deleted_objects_are_not_returned() {
    let script = with_writes([things(&["1", KNOWN], ""), things(&["1"], "")]);
    let client = script.client();
    client.delete(&format!("/users/{KNOWN}")).await.unwrap();
    assert_eq!(handed_out(&client, "/users").await, [vec!["1"], vec![]]);
    // Another client may have created it again, so it is returned in the end.
    let client = Script::new(|sent| match sent.method.as_str() {
        "DELETE" => raw(204, "", ""),
        _ => things(&[KNOWN], ""),
    });
    let client = client.client();
    client.delete(&format!("/users/{KNOWN}")).await.unwrap();
    let pages = handed_out(&client, "/users").await;
    assert_eq!(pages.concat(), [KNOWN]);
}

#[tokio::test(start_paused = true)]
async fn without_recent_writes_each_page_is_read_once() {
    let script = with_writes([things(&["1"], &format!("{HERE}2")), things(&["1"], "")]);
    let pages = handed_out(&script.client(), "/users").await;
    assert_eq!(pages, [["1"], ["1"]], "as Graph gave them");
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn new_objects_are_returned_despite_a_filter() {
    let part = json!({ "id": "0", "status": 200, "body": { "id": CREATED } });
    let script = with_writes([
        things(&[KNOWN], ""),
        reply(200, &json!({ "responses": [part] })),
    ]);
    let client = script.client();
    client
        .post("/users", &json!({}), Resend::Never)
        .await
        .unwrap();
    let path = "/users?$filter=a%20eq%20'b'&$select=id,a&$top=999";
    let all = client.list_with_new(path).await.unwrap();
    assert_eq!(all, [json!({ "id": KNOWN }), json!({ "id": CREATED })]);
    let asked = &script.sent()[2].body["requests"][0]["url"];
    assert_eq!(*asked, format!("/users/{CREATED}?$select=id,a"));

    let script = with_writes([things(&[KNOWN, CREATED], "")]);
    let client = script.client();
    client
        .post("/users", &json!({}), Resend::Never)
        .await
        .unwrap();
    assert_eq!(client.list_with_new(path).await.unwrap().len(), 2);
    assert_eq!(script.sent().len(), 2, "the listing had it");
}

#[tokio::test(start_paused = true)]
async fn new_objects_are_expected_on_any_page() {
    let first = json!({ "id": "0", "status": 200, "body": { "value": [{ "id": KNOWN }], "@odata.nextLink": format!("{HERE}2") } });
    let script = with_writes([
        reply(200, &json!({ "responses": [first] })),
        things(&[CREATED], ""),
    ]);
    let client = script.client();
    client
        .post("/users", &json!({}), Resend::Never)
        .await
        .unwrap();
    let mut lists = client.list_many(&["/users".to_owned()]).await.unwrap();
    assert_eq!(lists.remove(0).unwrap().unwrap().len(), 2);
    assert_eq!(script.sent().len(), 3);
}
