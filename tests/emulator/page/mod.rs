//! The page at `/`: its files and requests, and, in a real browser, the actions of a user.

#[cfg(unix)]
mod browser;
#[cfg(unix)]
mod keyboard;
#[cfg(unix)]
mod looks;
#[cfg(unix)]
mod png;
#[cfg(unix)]
mod visit;

use serde_json::{Value, json};

use crate::client::{ADA, CONTOSO, Desk, FABRIKAM, GRACE, LINUS_GUEST, PARTNERS, user};
use crate::synchronization::Scene;

/// Ada, Grace, a guest and a group are assigned, and the job is started, but no cycle has run.
async fn scene() -> Scene {
    let scene = Scene::open().await;
    for principal in [ADA, GRACE, LINUS_GUEST] {
        scene.assign(&user(principal)).await;
    }
    scene.assign(crate::client::COLLABORATORS).await;
    let started = scene.source.act(&format!("{}/start", scene.job)).await;
    assert_eq!(started.0, 204);
    scene
}

/// The row of a user of the source tenant.
fn row(overview: &Value, number: u8) -> Value {
    let people = overview["pair"]["people"].as_array().unwrap();
    let mut found = people.iter().filter(|row| row["key"] == user(number));
    found.next().unwrap().clone()
}

async fn overview(desk: &Desk, query: &str) -> Value {
    let (status, body) = desk
        .control("GET", &format!("overview{query}"), Value::Null)
        .await;
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test]
async fn the_page_is_served_with_a_policy_that_allows_own_files_only() {
    let desk = Desk::open().await;
    let page = desk.http.get(desk.url("/")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
    for part in [
        "frame-ancestors 'none'",
        "form-action 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ] {
        assert!(policy.contains(part), "{part}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"));
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    let html = page.text().await.unwrap();
    let inline = regex::Regex::new(r#"(?i)<style|\sstyle=|\son[a-z]+=|javascript:|https?://|"//"#);
    assert!(!inline.unwrap().is_match(&html));
    let files = regex::Regex::new(r#"(?:href|src)="(/[^"]*)""#).unwrap();
    let mut found = 0;
    for file in files.captures_iter(&html) {
        let answer = desk.http.get(desk.url(&file[1])).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", &file[1]);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        found += 1;
    }
    assert!(found >= 4, "{found}");
    let nowhere = desk.url("/_emulator/page/none.js");
    assert_eq!(desk.http.get(nowhere).send().await.unwrap().status(), 404);
    let posted = desk.http.post(desk.url("/")).send().await.unwrap();
    assert_eq!(
        (posted.status().as_u16(), &posted.headers()["allow"]),
        (405, &"GET, HEAD".parse().unwrap())
    );
    assert_eq!(desk.journal().await, Vec::<Value>::new());
}

/// Requests of other web pages, and requests with a foreign host name, are refused, and a frame stays empty.
#[tokio::test]
async fn pages_elsewhere_drive_nothing() {
    let desk = Desk::open().await;
    let asked = |method: &str, path: &str, headers: &[(&str, &str)]| {
        let request = desk
            .http
            .request(method.parse().unwrap(), desk.url(path))
            .body(r#"{"by":"40m"}"#);
        headers
            .iter()
            .fold(request, |request, (name, value)| {
                request.header(*name, *value)
            })
            .send()
    };
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("host", "evil.example")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        for (method, path) in [
            ("POST", "/_emulator/advance"),
            ("POST", "/_emulator/cycle"),
            ("GET", "/_emulator/overview"),
            ("GET", "/"),
        ] {
            let answer = asked(method, path, headers).await.unwrap();
            assert_eq!(answer.status(), 403, "{method} {path} {headers:?}");
        }
    }
    let own = ("sec-fetch-site", "same-origin");
    let origin = desk.running.graph_url();
    let answer = asked("POST", "/_emulator/advance", &[own, ("origin", &origin)]);
    assert_eq!(answer.await.unwrap().status(), 204);
    let visit = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    assert_eq!(asked("GET", "/", &visit).await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_overview_shows_a_pair_from_assignment_to_departure() {
    let scene = scene().await;
    let desk = &scene.desk;
    let before = overview(desk, "").await;
    assert_eq!(before["pair"]["source"], CONTOSO);
    assert_eq!(before["pair"]["target"], FABRIKAM);
    assert_eq!(
        before["pair"]["policies"],
        json!({
            "source": { "partner": true, "automaticRedemption": true },
            "target": { "partner": true, "automaticRedemption": true, "users": true, "groups": false },
        })
    );
    let ada = row(&before, ADA);
    assert_eq!(
        (&ada["assigned"], &ada["last"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(ada["target"], Value::Null);
    assert_eq!(before["jobs"][0]["state"], "Active");
    assert_eq!(before["jobs"][0]["name"], "Contoso to Fabrikam");
    desk.cycle().await;
    let after = overview(desk, "").await;
    let ada = row(&after, ADA);
    assert_eq!(ada["target"]["state"], "active");
    assert_eq!(
        ada["target"]["userPrincipalName"],
        "ada_contoso.example#EXT#@fabrikam.example"
    );
    assert_eq!(
        (&ada["last"]["action"], &ada["last"]["status"]),
        (&json!("create"), &json!("success"))
    );
    let guest = row(&after, LINUS_GUEST);
    assert_eq!(guest["last"]["code"], "NotInProvisioningScope");
    let own = after["pair"]["people"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&own["source"], &own["target"]["displayName"], &own["left"]),
        (&Value::Null, &json!("Oskar Kam"), &json!(false))
    );
    let path = format!("tenants/{CONTOSO}/users/{}", user(GRACE));
    desk.control("DELETE", &path, Value::Null).await;
    let grace = |overview: &Value| {
        let people = overview["pair"]["people"].as_array().unwrap().clone();
        let name = "Grace Hopper";
        let found = people
            .into_iter()
            .find(|row| row["target"]["displayName"] == name);
        found.unwrap()
    };
    let left = grace(&overview(desk, "").await);
    assert_eq!(
        (&left["source"], &left["left"]),
        (&Value::Null, &json!(true))
    );
    desk.cycle().await;
    let gone = grace(&overview(desk, "").await);
    assert_eq!(gone["target"]["state"], "deleted");
    assert_eq!(gone["last"]["action"], "delete");
}

#[tokio::test]
async fn the_overview_is_bounded_and_says_what_it_does_not_know() {
    let scene = scene().await;
    let desk = &scene.desk;
    let two = overview(desk, "?limit=2").await;
    assert_eq!(two["pair"]["people"].as_array().unwrap().len(), 2);
    assert!(two["pair"]["total"].as_u64().unwrap() > 10);
    let found = overview(desk, "?find=HOPPER").await;
    assert_eq!(found["pair"]["total"], 1);
    assert_eq!(
        found["pair"]["people"][0]["source"]["displayName"],
        "Grace Hopper"
    );
    let turned = overview(desk, &format!("?source={FABRIKAM}")).await;
    assert_eq!(turned["pair"]["source"], FABRIKAM);
    assert_eq!(turned["pair"]["target"], CONTOSO);
    for wrong in ["?source=nobody", "?target=nobody", "?limit=many"] {
        let (status, body) = desk
            .control("GET", &format!("overview{wrong}"), Value::Null)
            .await;
        assert_eq!(status, 400, "{wrong}");
        assert!(body["error"].is_string(), "{body}");
    }
    let mut alone = crate::client::seed();
    alone["tenants"].as_array_mut().unwrap().pop();
    let alone = overview(&Desk::seeded(&alone).await, "").await;
    assert_eq!(alone["pair"]["target"], Value::Null);
    assert_eq!(row(&alone, ADA)["target"], Value::Null);
}

#[tokio::test]
async fn the_journal_can_be_read_in_short_and_one_by_one() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    for _ in 0..5 {
        caller.get(PARTNERS).await;
    }
    let (_, short) = desk
        .control("GET", "requests?last=2&bodies=false", Value::Null)
        .await;
    let short = short.as_array().unwrap().clone();
    assert_eq!(short.len(), 2);
    assert!(
        short
            .iter()
            .all(|entry| entry.get("response_body").is_none())
    );
    assert_eq!(short[1]["path"], PARTNERS);
    let index = short[1]["index"].as_u64().unwrap();
    assert_eq!(short[0]["index"], index - 1, "the newest is last");
    let (_, whole) = desk
        .control("GET", &format!("requests/{index}"), Value::Null)
        .await;
    assert_eq!(whole["response_body"]["value"], json!([]));
    for wrong in [
        format!("requests/{}", index + 1),
        "requests/x".into(),
        "requests?last=x".into(),
    ] {
        assert_eq!(
            desk.control("GET", &wrong, Value::Null).await.0,
            400,
            "{wrong}"
        );
    }
}

/// Each fault in the list of the page can be injected, and the list contains every fault in the reference.
#[tokio::test]
async fn the_page_offers_every_fault() {
    let desk = Desk::open().await;
    let html = desk
        .http
        .get(desk.url("/"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let list = html.split("<select id=\"kind\"").nth(1).unwrap();
    let list = list.split("</select>").next().unwrap();
    let option = regex::Regex::new(r#"<option value="(\w+)">"#).unwrap();
    let mut offered: Vec<&str> = option
        .captures_iter(list)
        .map(|found| found.extract::<1>().1[0])
        .collect();
    for kind in &offered {
        let order = json!({ "kind": kind, "path": "/nowhere", "count": 2 });
        assert_eq!(desk.control("POST", "faults", order).await.0, 204, "{kind}");
    }
    let (_, waiting) = desk.control("GET", "faults", Value::Null).await;
    assert_eq!(waiting["left"], 2 * offered.len());
    assert_eq!(
        waiting["orders"][0],
        json!({ "kind": offered[0], "method": null, "path": "/nowhere", "tenant": null, "after": 0, "count": 2 })
    );
    let reference = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/internals/emulator.md"
    ));
    let table = reference.split("| Fault | Done? |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let named = regex::Regex::new(r"(?m)^\| `(\w+)` \|").unwrap();
    let mut described: Vec<&str> = named
        .captures_iter(table)
        .map(|found| found.extract::<1>().1[0])
        .collect();
    offered.sort_unstable();
    described.sort_unstable();
    assert_eq!(offered, described);
}
