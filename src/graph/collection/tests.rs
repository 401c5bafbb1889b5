use super::*;
use crate::collection_cache::{MAX_MEMBERS, MIN_READERS, RECENT};
use crate::gatherer::WINDOW;
use crate::testing::{Answer, Script, Sent, refuse, reply};
use futures::future::join_all;
use serde_json::json;

const ALL: &str = "/things?$top=999";

/// A collection of `total` things, listed in pages of 100; those with a number in `hidden` are only returned by reads of a single
/// thing.
fn things(total: usize, hidden: &'static [usize]) -> Arc<Script> {
    Script::new(move |sent: &Sent| {
        if sent.method != "GET" {
            return reply(204, &Json::Null);
        }
        if let Some((_, number)) = sent.path.split_once("/things/") {
            let number: usize = number.parse().unwrap();
            return if number < total {
                reply(200, &thing(number))
            } else {
                gone()
            };
        }
        let from = sent
            .path
            .split_once("from=")
            .map_or(0, |(_, from)| from.parse().unwrap());
        let to = (from + 100).min(total);
        let page: Vec<Json> = (from..to)
            .filter(|number| !hidden.contains(number))
            .map(thing)
            .collect();
        let next =
            (to < total).then(|| format!("https://graph.microsoft.com/v1.0/things?from={to}"));
        reply(200, &json!({ "value": page, "@odata.nextLink": next }))
    })
}

fn gone() -> Answer {
    refuse(404, "Request_ResourceNotFound")
}

fn thing(number: usize) -> Json {
    json!({ "id": format!("ID-{number}"), "number": number, "part": { "of": number } })
}

async fn read(client: &Client, number: usize) -> Result<Option<Json>, Error> {
    let member = Member {
        list: ALL,
        fallback: None,
        single: Some(&format!("/things/{number}")),
        key: &[("id", &format!("id-{number}"))],
        part: None,
        readers: 1,
    };
    client.member(&member).await
}

async fn read_all(client: &Client, numbers: impl Iterator<Item = usize>) -> Vec<Option<Json>> {
    join_all(numbers.map(|number| read(client, number)))
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn many_readers_share_one_listing() {
    let script = things(80, &[]);
    let client = script.client();
    let found = read_all(&client, 0..80).await;
    assert!(
        found
            .iter()
            .enumerate()
            .all(|(number, found)| *found == Some(thing(number)))
    );
    assert_eq!(script.calls(), ["GET /v1.0/things?$top=999"]);
}

#[tokio::test(start_paused = true)]
async fn one_or_two_readers_send_their_own_requests() {
    let script = things(80, &[]);
    let client = script.client();
    assert_eq!(
        read_all(&client, 0..2).await,
        [Some(thing(0)), Some(thing(1))]
    );
    let mut calls = script.calls();
    calls.sort();
    assert_eq!(calls, ["GET /v1.0/things/0", "GET /v1.0/things/1"]);
}

#[tokio::test(start_paused = true)]
async fn many_slow_readers_share_one_listing_too() {
    let script = things(80, &[]);
    let client = script.client();
    for number in 0..40 {
        assert_eq!(read(&client, number).await.unwrap(), Some(thing(number)));
        tokio::time::sleep(2 * WINDOW).await;
    }
    assert_eq!(script.calls().len(), MIN_READERS, "{:?}", script.calls());
    // Readers at long intervals are not counted together.
    let script = things(80, &[]);
    let client = script.client();
    for number in 0..10 {
        read(&client, number).await.unwrap();
        tokio::time::sleep(RECENT).await;
    }
    assert_eq!(listings(&script), 0);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_not_listed_is_read_before_it_counts_as_missing() {
    let script = things(10, &[3]);
    let client = script.client();
    let found = read_all(&client, 0..12).await;
    assert_eq!(found[3], Some(thing(3)), "listings lag");
    assert_eq!((&found[10], &found[11]), (&None, &None));
    assert_eq!(script.calls().len(), 1 + 3);
}

#[tokio::test(start_paused = true)]
async fn no_listing_serves_reads_after_a_write() {
    let script = things(10, &[]);
    let client = script.client();
    client.delete("/things/4").await.unwrap();
    read_all(&client, 0..5).await;
    assert!(
        !script.calls().iter().any(|call| call.contains("$top")),
        "{:?}",
        script.calls()
    );
}

#[tokio::test(start_paused = true)]
async fn a_much_larger_collection_is_not_read_to_the_end() {
    let script = things(50_000, &[]);
    let client = script.client();
    let found = read_all(&client, (0..10).map(|number| number * 5_000 + 4_999)).await;
    assert!(found.iter().all(Option::is_some));
    let calls = script.calls();
    assert!(calls.len() <= 10 + 3, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_rejected_listing_every_reader_sends_its_own_request() {
    let script = Script::new(|sent: &Sent| match sent.path.split_once("/things/") {
        Some((_, number)) => reply(200, &thing(number.parse().unwrap())),
        None => refuse(403, "Authorization_RequestDenied"),
    });
    let client = script.client();
    assert_eq!(
        read_all(&client, 0..5).await,
        (0..5).map(|number| Some(thing(number))).collect::<Vec<_>>()
    );
    assert_eq!(script.calls().len(), 1 + 5);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_query_has_a_fallback_and_an_unlisted_part_is_read() {
    let script = Script::new(|sent: &Sent| match sent.path.as_str() {
        "/v1.0/things?$expand=part" => refuse(400, "BadRequest"),
        "/v1.0/things" => {
            let things: Vec<Json> = (0..5)
                .map(|number| json!({ "id": format!("id-{number}") }))
                .collect();
            reply(200, &json!({ "value": things }))
        }
        _ => reply(200, &json!({ "of": "one" })),
    });
    let client = script.client();
    let reads = (0..5).map(|number| {
        let client = client.clone();
        async move {
            let (single, key) = (format!("/things/{number}/part"), format!("id-{number}"));
            let member = Member {
                list: "/things?$expand=part",
                fallback: Some("/things"),
                single: Some(&single),
                key: &[("id", &key)],
                part: Some("part"),
                readers: 1,
            };
            client.member(&member).await.unwrap()
        }
    });
    assert!(
        join_all(reads)
            .await
            .iter()
            .all(|found| *found == Some(json!({ "of": "one" })))
    );
    assert_eq!(script.calls().len(), 2 + 5);
}

fn delayed(script_rule: impl FnMut(&Sent) -> Answer + Send + 'static) -> Arc<Script> {
    let mut rule = script_rule;
    Script::new(move |sent: &Sent| {
        let pause = if sent.path.contains('$') || sent.path.contains("from=") {
            Duration::from_secs(1)
        } else {
            Duration::ZERO
        };
        rule(sent).after(pause)
    })
}

/// The same collection as `things(10, &[])`, with a listing that takes a second.
fn slow_things() -> Arc<Script> {
    delayed(|sent| {
        if sent.method != "GET" {
            return reply(204, &Json::Null);
        }
        match sent.path.split_once("/things/") {
            Some((_, number)) => reply(200, &thing(number.parse().unwrap())),
            None => reply(
                200,
                &json!({ "value": (0..10).map(thing).collect::<Vec<_>>() }),
            ),
        }
    })
}

fn listings(script: &Script) -> usize {
    let calls = script.calls();
    calls.iter().filter(|call| call.contains("$top")).count()
}

#[tokio::test(start_paused = true)]
async fn a_listing_during_a_write_answers_no_reads() {
    for path in ["/things/4", "/THINGS/4", "/elsewhere/1"] {
        let script = slow_things();
        let client = script.client();
        let write = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            client.patch(path, &json!({})).await.unwrap();
            // The listing began before the write; this reader comes after it.
            read(&client, 9).await.unwrap()
        };
        let (found, last) = tokio::join!(read_all(&client, 0..5), write);
        assert!(found.iter().all(Option::is_some) && last.is_some());
        let alone = script.calls().len() - listings(&script) - 1;
        assert_eq!((listings(&script), alone), (1, 6), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_elsewhere_invalidates_earlier_listings() {
    let script = things(10, &[]);
    let client = script.client();
    read_all(&client, 0..3).await;
    client.delete("/applications/1").await.unwrap();
    read(&client, 5).await.unwrap();
    assert_eq!(script.calls().last().unwrap(), "GET /v1.0/things/5");
    // An action that only reads is not a write.
    let script = things(10, &[]);
    let client = script.client();
    read_all(&client, 0..3).await;
    client
        .post("/elsewhere/parse", &json!({}), crate::Resend::Safe)
        .await
        .unwrap();
    read(&client, 5).await.unwrap();
    assert_eq!(listings(&script), 1);
    assert_eq!(script.calls().last().unwrap(), "POST /v1.0/elsewhere/parse");
}

#[tokio::test(start_paused = true)]
async fn canceling_the_reader_that_began_a_listing_does_not_affect_others() {
    let script = slow_things();
    let client = script.client();
    let mut first = Box::pin(read(&client, 0));
    assert!(futures::poll!(&mut first).is_pending());
    let others = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(first);
        read_all(&client, 1..6).await
    };
    assert!(others.await.iter().all(Option::is_some));
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_times_out_does_not_affect_others() {
    let script = slow_things();
    let client = script.client();
    let hasty = client.scoped(
        Instant::now() + Duration::from_millis(300),
        tokio_util::sync::CancellationToken::new(),
    );
    let (hasty, others) = tokio::join!(read(&hasty, 0), read_all(&client, 1..6));
    assert!(matches!(hasty, Err(Error::DeadlineExceeded { .. })));
    assert!(others.iter().all(Option::is_some));
    // The listing was not rejected, so the next readers use one again.
    read_all(&client, 0..5).await;
    assert_eq!(listings(&script), 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_listing_that_fails_every_reader_sends_its_own_request() {
    let script = Script::new(|sent: &Sent| match sent.path.split_once("/things/") {
        Some((_, number)) => reply(200, &thing(number.parse().unwrap())),
        None if sent.path.contains("from=") => refuse(403, "Authorization_RequestDenied"),
        None => {
            let next = "https://graph.microsoft.com/v1.0/things?from=2";
            let page = [thing(0), thing(1)];
            reply(200, &json!({ "value": page, "@odata.nextLink": next }))
        }
    });
    let client = script.client();
    let expected = |number| Some(thing(number));
    assert_eq!(
        read_all(&client, 0..6).await,
        (0..6).map(expected).collect::<Vec<_>>()
    );
    assert_eq!(script.calls().len(), 2 + 4);
}

#[tokio::test(start_paused = true)]
async fn a_listing_expires_even_while_it_is_used() {
    let script = things(10, &[]);
    let client = script.client();
    read_all(&client, 0..4).await;
    tokio::time::sleep(LISTING_LIFETIME / 2).await;
    read(&client, 5).await.unwrap();
    assert_eq!(script.calls().len(), 1);
    tokio::time::sleep(LISTING_LIFETIME / 2 + Duration::from_millis(10)).await;
    {
        let collection = client.shared.cache.of(ALL, &[("id", "")]);
        assert!(
            lock(&collection.0).members.is_empty(),
            "the memory is given back"
        );
    }
    read(&client, 6).await.unwrap();
    assert_eq!(script.calls()[1], "GET /v1.0/things/6");
}

#[tokio::test(start_paused = true)]
async fn continuing_a_listing_does_not_extend_its_lifetime() {
    let script = things(50_000, &[]);
    let client = script.client();
    // The collection was read in part: a few pages, and 5 is on the first.
    read_all(&client, (0..10).map(|number| number * 5_000 + 4_999)).await;
    tokio::time::sleep(LISTING_LIFETIME * 19 / 20).await;
    read_all(&client, (0..30).map(|number| number * 1_000 + 999)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    read(&client, 5).await.unwrap();
    assert_eq!(script.calls().last().unwrap(), "GET /v1.0/things/5");
}

#[tokio::test(start_paused = true)]
async fn two_selections_of_one_collection_are_two_listings() {
    let script = Script::new(|sent: &Sent| {
        let of = sent.path.rsplit('=').next().unwrap().to_owned();
        let things: Vec<Json> = (0..4)
            .map(|number| json!({ "id": format!("id-{number}"), "of": of }))
            .collect();
        reply(200, &json!({ "value": things }))
    });
    let client = script.client();
    let reads = (0..8).map(|number| {
        let client = client.clone();
        async move {
            let select = if number < 4 { "a" } else { "b" };
            let key = format!("id-{}", number % 4);
            let member = Member {
                list: &format!("/things?$select={select}"),
                fallback: None,
                single: Some("/never"),
                key: &[("id", &key)],
                part: None,
                readers: 1,
            };
            let found = client.member(&member).await.unwrap().unwrap();
            assert_eq!(found["of"], select);
        }
    });
    join_all(reads).await;
    assert_eq!(script.calls().len(), 2);
}

/// Searches by number instead of by the ID, which is the only key of a single read.
async fn find(client: &Client, numbers: impl Iterator<Item = usize>) -> Vec<Option<Json>> {
    let reads = numbers.map(|number| async move {
        let (name, of) = (format!("name {number}"), format!("OF {}", number % 2));
        let member = Member {
            list: "/named?$top=999",
            fallback: None,
            single: None,
            key: &[("name", &name), ("of", &of)],
            part: None,
            readers: 1,
        };
        client.member(&member).await.unwrap()
    });
    join_all(reads).await
}

fn named(total: usize) -> Arc<Script> {
    Script::new(move |sent: &Sent| {
        if sent.method != "GET" {
            return reply(204, &Json::Null);
        }
        let from: usize = sent
            .path
            .split_once("from=")
            .map_or(0, |(_, from)| from.parse().unwrap());
        let page: Vec<Json> = (from..total.min(from + 100))
            .map(|number| json!({ "name": format!("Name {number}"), "of": format!("of {}", number % 2) }))
            .collect();
        let to = from + 100;
        let next =
            (to < total).then(|| format!("https://graph.microsoft.com/v1.0/named?from={to}"));
        reply(200, &json!({ "value": page, "@odata.nextLink": next }))
    })
}

#[tokio::test(start_paused = true)]
async fn members_without_their_own_path_are_found_by_one_listing() {
    let script = named(1_000);
    let client = script.client();
    let found = find(&client, [950].into_iter()).await;
    assert_eq!(found[0].as_ref().unwrap()["name"], "Name 950");
    // The readers come in waves, as the CLI sends them; all after the first find their members on the pages that were read.
    for wave in 0..90 {
        let found = find(&client, wave * 10..wave * 10 + 10).await;
        assert!(found.iter().all(Option::is_some));
    }
    assert_eq!(script.calls().len(), 10);
    assert_eq!(
        find(&client, [1_000, 7_000].into_iter()).await,
        [None, None]
    );
    assert_eq!(
        script.calls().len(),
        10,
        "what is not listed is not listed again"
    );
    {
        let collection = client
            .shared
            .cache
            .of("/named?$top=999", &[("name", ""), ("of", "")]);
        assert_eq!(
            lock(&collection.0).members.len(),
            99,
            "who was served is forgotten"
        );
    }
    client.delete("/named/4").await.unwrap();
    assert_eq!(
        find(&client, [950].into_iter()).await,
        [None],
        "nothing listed serves after a write"
    );
}

#[test]
fn the_cache_is_limited_but_waiting_readers_are_served() {
    let listing = Listing {
        path: ALL.to_owned(),
        fallback: None,
        key: vec!["id".to_owned()],
        readers: 1,
        is_only_way: false,
    };
    let mut contents = Contents::default();
    for page in 0..=MAX_MEMBERS / 1000 {
        let page = (0..1000).map(|number| json!({ "id": format!("{page}-{number}") }));
        contents.store_page(page.collect(), &listing);
    }
    assert_eq!(contents.members.len(), MAX_MEMBERS);
    let (mut received, _) = contents.readers.join("last".to_owned());
    drop(contents.readers.join("gone".to_owned()));
    assert_eq!(
        contents.store_page(vec![json!({ "id": "LAST" })], &listing),
        1
    );
    assert!(received.try_recv().unwrap().is_some());
    assert!(
        contents.readers.waiting.is_empty(),
        "nobody waits for one who gave up"
    );
}
