//! The actions of a user on the page: each button has its effect, and the page shows the result.

use serde_json::{Value, json};

use super::browser::Browser;
use super::scene;
use crate::client::{ADA, CONTOSO, FABRIKAM, GRACE, PARTNERS, user};
use crate::synchronization::Scene;

/// A name that would run a script if it were interpreted as markup.
const MARKUP: &str = "<img src=x onerror=\"document.title='struck'\">";

async fn open(scene: &Scene, test: &str) -> Option<Browser> {
    let mut browser = Browser::open(test).await?;
    browser.visit(&scene.desk.running.graph_url()).await;
    Some(browser)
}

/// The text of the row of a user.
fn words(number: u8) -> String {
    let id = user(number);
    format!(
        "document.querySelector('#rows [data-side=source][data-id=\"{id}\"]')?.closest('tr').innerText"
    )
}

/// Whether a row contains this text.
fn row_with(word: &str) -> String {
    format!(
        "[...document.querySelectorAll('#rows tr')].some((row) => row.innerText.includes('{word}'))"
    )
}

async fn is_silent(browser: &mut Browser) {
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_is_run_and_its_result_is_shown() {
    let scene = scene().await;
    let Some(mut browser) = open(&scene, "a_cycle_is_run_and_its_result_is_shown").await else {
        return;
    };
    browser
        .until(&format!("{}.includes('Not synchronized yet')", words(ADA)))
        .await;
    browser.eval("window.tokens = 0; new MutationObserver((all) => { for (const one of all) for (const node of one.addedNodes) if (node.classList?.contains('token')) tokens += 1; }).observe(document.body, { childList: true })").await;
    browser.click("#run").await;
    browser
        .until("document.getElementById('outcome').innerText.includes('written')")
        .await;
    browser
        .until(&format!("{}.includes('Created')", words(ADA)))
        .await;
    assert_eq!(
        scene.arrived().await,
        [
            "Ada Lovelace",
            "Alan Turing",
            "Grace Hopper",
            "Katherine Johnson"
        ]
    );
    let outcome = browser
        .eval("document.getElementById('outcome').innerText")
        .await;
    assert_eq!(
        outcome,
        "Contoso → Fabrikam: 10 objects evaluated, 4 written."
    );
    let row = browser.eval(&words(ADA)).await;
    assert!(
        row.as_str()
            .unwrap()
            .contains("ada_contoso.example#EXT#@fabrikam.example"),
        "{row}"
    );
    let guest = browser.eval(&words(crate::client::LINUS_GUEST)).await;
    assert!(
        guest
            .as_str()
            .unwrap()
            .contains("Guest, or signs in by SMS"),
        "{guest}"
    );
    assert_eq!(
        browser.eval("tokens").await,
        4,
        "one for each copy that is new"
    );
    browser
        .until("document.querySelectorAll('.token').length === 0")
        .await;
    let tally = browser
        .eval("document.getElementById('tally').innerText")
        .await;
    assert_eq!(tally, "4 of 11 in both");

    // With reduced motion, the row is highlighted and nothing moves.
    browser
        .prefer(&[("prefers-reduced-motion", "reduce")])
        .await;
    let grace = format!("tenants/{CONTOSO}/users/{}", user(GRACE));
    scene.desk.control("DELETE", &grace, Value::Null).await;
    browser.until(&row_with("Left behind")).await;
    browser
        .eval("document.querySelectorAll('.news').forEach((row) => row.classList.remove('news'))")
        .await;
    browser.click("#run").await;
    browser.until(&row_with("Removed")).await;
    let lit = browser.eval("[...document.querySelectorAll('.news')].map((row) => row.querySelector('[data-side=target] .name').textContent)");
    assert_eq!(lit.await, json!(["Grace Hopper"]));
    assert_eq!(browser.eval("tokens").await, 4);

    it_shows_a_quarantine(&scene, &mut browser).await;
    is_silent(&mut browser).await;
    let own = format!("{}/", scene.desk.running.graph_url());
    assert!(
        browser
            .asked()
            .iter()
            .all(|address| address.starts_with(&own)),
        "{:?}",
        browser.asked()
    );
}

/// Without consent, the job goes into quarantine, and its card shows the reason.
async fn it_shows_a_quarantine(scene: &Scene, browser: &mut Browser) {
    let partner = format!("{PARTNERS}/{FABRIKAM}");
    scene
        .source
        .patch(
            &partner,
            json!({ "automaticUserConsentSettings": { "outboundAllowed": false } }),
        )
        .await;
    browser.until("document.querySelector('#source-policies .unset')?.innerText.includes('Automatic redemption')").await;
    browser.click("#run").await;
    browser
        .until("document.querySelector('.job .badge').innerText === 'Quarantine'")
        .await;
    let why = browser
        .eval("document.querySelector('.job .quarantine').innerText")
        .await;
    assert!(
        why.as_str()
            .unwrap()
            .contains("outbound consent is missing"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_faults_and_users_are_changed() {
    let scene = scene().await;
    let Some(mut browser) = open(&scene, "the_clock_faults_and_users_are_changed").await else {
        return;
    };
    let clock = "Date.parse(document.getElementById('clock').dateTime)";
    let before = browser.eval(clock).await.as_i64().unwrap();
    browser.choose("#by", "1d").await;
    browser.click("#advance button").await;
    browser
        .until("document.getElementById('outcome').innerText.includes('1 day')")
        .await;
    browser
        .until(&format!("{clock} >= {before} + 86400000"))
        .await;

    // Earlier tokens have expired.
    assert_eq!(scene.source.get("/v1.0/users").await.0, 401);
    let source = scene.desk.contoso().await;

    browser.click("#inject").await;
    browser.choose("#kind", "status").await;
    browser.choose("#method", "GET").await;
    browser.fill("#path", "/v1.0/users*").await;
    browser.fill("#count", "2").await;
    browser.fill("#status", "507").await;
    browser.click("#fault-form .primary").await;
    browser
        .until("!document.getElementById('fault-dialog').open")
        .await;
    browser.until("document.getElementById('waiting').innerText.includes('status: GET /v1.0/users*, 2 left')").await;
    let users = source.get("/v1.0/users").await.0;
    assert_eq!(users, 507);
    browser
        .until("document.querySelector('#log button').innerText.includes('Fault: status')")
        .await;
    browser
        .until("document.getElementById('waiting').innerText.includes('1 left')")
        .await;
    browser.click("#cancel-faults").await;
    browser
        .until("document.getElementById('waiting').hidden")
        .await;
    assert_eq!(source.get("/v1.0/users").await.0, 200);
    is_silent(&mut browser).await;
    // A refusal is shown in the dialog, which stays open.
    browser.click("#inject").await;
    browser
        .eval("document.getElementById('kind').append(new Option('earthquake'))")
        .await;
    browser.choose("#kind", "earthquake").await;
    browser.click("#fault-form .primary").await;
    browser
        .until("document.querySelector('#fault-dialog .problem').innerText.includes('earthquake')")
        .await;
    browser.press("Escape").await;
    assert_eq!(
        browser.complaints().await.len(),
        1,
        "the browser notes the status 400"
    );

    let ada = format!("#rows [data-side=source][data-id=\"{}\"]", user(ADA));
    browser.click(&ada).await;
    browser
        .until("document.getElementById('field-department')?.value === 'Research'")
        .await;
    browser.fill("#field-department", "Sales").await;
    browser.click("#field-accountEnabled").await;
    browser.click("#user-form .primary").await;
    browser
        .until("!document.getElementById('user-dialog').open")
        .await;
    let path = format!("tenants/{CONTOSO}/users/{}", user(ADA));
    let (_, now) = scene.desk.control("GET", &path, Value::Null).await;
    assert_eq!(
        (&now["department"], &now["accountEnabled"]),
        (&json!("Sales"), &json!(false))
    );
    assert_eq!(now["displayName"], "Ada Lovelace", "the rest stays");
    browser
        .until(&format!("{}.includes('Disabled')", words(ADA)))
        .await;

    // The button of the bar opens the same form; the first click on Delete asks for confirmation.
    browser.click("#change").await;
    browser.choose("#who", "1").await;
    browser
        .until("document.getElementById('field-displayName')?.value === 'Grace Hopper'")
        .await;
    browser.click("#delete").await;
    browser
        .until("document.getElementById('delete').innerText === 'Really delete'")
        .await;
    let grace = format!("tenants/{CONTOSO}/users/{}", user(GRACE));
    assert_eq!(scene.desk.control("GET", &grace, Value::Null).await.0, 200);
    browser.click("#delete").await;
    browser
        .until("!document.getElementById('user-dialog').open")
        .await;
    assert_eq!(scene.desk.control("GET", &grace, Value::Null).await.0, 400);
    is_silent(&mut browser).await;
}

/// Names, paths and bodies with markup are shown literally, everywhere they appear.
#[tokio::test(flavor = "multi_thread")]
async fn markup_in_data_is_text() {
    let mut seed = crate::client::seed();
    seed["tenants"][0]["displayName"] = json!(MARKUP);
    let scene = Scene::seeded(&seed).await;
    scene.assign(&user(ADA)).await;
    let change = json!({ "displayName": MARKUP, "department": MARKUP });
    let path = format!("tenants/{CONTOSO}/users/{}", user(ADA));
    scene.desk.control("PATCH", &path, change).await;
    scene.start().await;
    scene
        .source
        .get(&format!("/v1.0/users?$filter=displayName eq '{MARKUP}'"))
        .await;
    scene
        .source
        .post(PARTNERS, json!({ "tenantId": MARKUP }))
        .await;
    scene
        .desk
        .control(
            "POST",
            "faults",
            json!({ "kind": "throttle", "path": MARKUP }),
        )
        .await;
    let Some(mut browser) = open(&scene, "markup_in_data_is_text").await else {
        return;
    };
    let names = browser.eval("[...document.querySelectorAll('#rows .name')].filter((one) => one.textContent.startsWith('<img')).map((one) => one.textContent)");
    assert_eq!(names.await, json!([MARKUP, MARKUP]), "in both tenants");
    for place in ["#waiting", "#source", "#jobs", "#log", "#target-policies"] {
        let text = browser
            .eval(&format!("document.querySelector('{place}').textContent"))
            .await;
        let text = text.as_str().unwrap();
        assert!(
            text.contains("<img") || text.contains("%3Cimg"),
            "{place}: {text}"
        );
    }
    browser.click("#log button").await;
    browser
        .until("document.getElementById('request-sent').textContent.includes('<img src=x')")
        .await;
    browser.press("Escape").await;
    browser
        .click(&format!("#rows [data-id=\"{}\"]", user(ADA)))
        .await;
    browser
        .until("document.getElementById('field-department')?.value.startsWith('<img')")
        .await;
    browser.fill("#field-jobTitle", MARKUP).await;
    browser.click("#user-form .primary").await;
    browser
        .until("document.getElementById('outcome').textContent.startsWith('<img')")
        .await;
    assert_eq!(
        browser
            .eval("[document.title, document.images.length]")
            .await,
        json!(["Graph emulator", 1]),
        "no picture but the page's own"
    );
    is_silent(&mut browser).await;
    // Checks that violations are detected: a script in the document and text that becomes markup are refused.
    let refused = "(() => {
        const acts = [() => document.body.setAttribute('onclick', 'document.title = 1'), () => { document.body.innerHTML = '<p>'; }];
        const said = acts.map((act) => { try { act(); return 'taken'; } catch (error) { return error.name; } });
        document.body.click();
        return [said[1], document.title];
    })()";
    assert_eq!(
        browser.eval(refused).await,
        json!(["TypeError", "Graph emulator"])
    );
    let complaints = browser.complaints().await;
    assert!(
        complaints.iter().any(|one| one.contains("Trusted")),
        "{complaints:?}"
    );
}
