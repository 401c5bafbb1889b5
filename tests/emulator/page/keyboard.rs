//! Everything that can be reached with the mouse can be reached with the keyboard, and the focus is visible.

use serde_json::{Value, json};

use super::browser::Browser;
use super::scene;
use crate::client::{ADA, user};

/// The focused element: a way to find it again, and the width of its outline.
const FOCUS: &str = "(() => { const node = document.activeElement; const style = getComputedStyle(node);
    return [node.id || node.dataset.id || node.dataset.index || node.parentElement.id || node.className, style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)]; })()";

/// Visible controls.
const CONTROLS: &str = "[...document.querySelectorAll('a[href], button, select, input, [tabindex=\"0\"]')]
    .filter((node) => !node.disabled && node.checkVisibility() && !node.closest('dialog:not([open])'))";

/// Presses Tab, and returns the focused element unless it belongs to the browser.
async fn tab(browser: &mut Browser) -> Option<String> {
    browser.press("Tab").await;
    if browser
        .eval("document.activeElement === document.body")
        .await
        == true
    {
        return None;
    }
    let focus = browser.eval(FOCUS).await;
    assert!(
        focus[1].as_f64().unwrap() >= 2.0,
        "the focus is not visible: {focus}"
    );
    Some(focus[0].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_reaches_everything() {
    let scene = scene().await;
    scene.desk.cycle().await;
    let Some(mut browser) = Browser::open("the_keyboard_reaches_everything").await else {
        return;
    };
    browser.visit(&scene.desk.running.graph_url()).await;

    // One round of Tab: every control, and one entry of each list.
    let mut stops = Vec::new();
    while let Some(stop) = tab(&mut browser).await {
        if stops.first() == Some(&stop) {
            break;
        }
        stops.push(stop);
        assert!(stops.len() < 60, "{stops:?}");
    }
    let expected = browser
        .eval(&format!(
            "{CONTROLS}.filter((node) => node.tabIndex === 0).length"
        ))
        .await;
    assert_eq!(json!(stops.len()), expected, "{stops:?}");
    assert_eq!(stops[0], "skip");
    assert_eq!(&stops[1..6], ["run", "by", "advance", "inject", "change"]);

    // The arrow keys reach all other entries, and up and down stay in one tenant.
    for (list, key) in [("#rows", "ArrowRight"), ("#log", "ArrowDown")] {
        let all = format!("{CONTROLS}.filter((node) => node.closest('{list}'))");
        let place = format!("{all}.indexOf(document.activeElement)");
        let wanted = browser.eval(&format!("{all}.length")).await;
        browser.eval(&format!("{all}[0].focus()")).await;
        for at in 0..wanted.as_u64().unwrap() {
            assert_eq!(browser.eval(&place).await, at, "{list}");
            browser.press(key).await;
        }
    }
    let side = "document.activeElement.dataset.side";
    browser
        .eval("document.querySelector('#rows [data-side=target]').focus()")
        .await;
    for _ in 0..3 {
        browser.press("ArrowDown").await;
        assert_eq!(browser.eval(side).await, "target");
    }

    // Enter on a name opens its form; Escape closes it, and the focus returns.
    let ada = user(ADA);
    browser
        .eval(&format!(
            "document.querySelector('#rows [data-id=\"{ada}\"]').focus()"
        ))
        .await;
    browser.press("Enter").await;
    browser.until("document.getElementById('user-dialog').open && document.getElementById('field-jobTitle')").await;
    for _ in 0..12 {
        tab(&mut browser).await;
        let inside = browser.eval("document.activeElement === document.body || document.getElementById('user-dialog').contains(document.activeElement)");
        assert_eq!(inside.await, true, "the focus leaves the dialog");
    }
    browser.press("Escape").await;
    browser
        .until("!document.getElementById('user-dialog').open")
        .await;
    assert_eq!(browser.eval(FOCUS).await[0], ada);

    // The space bar activates a button, which keeps the focus, and the result is announced.
    browser.eval("document.getElementById('run').focus()").await;
    browser.press("Space").await;
    browser
        .until("document.getElementById('outcome').innerText.includes('evaluated')")
        .await;
    browser.until("document.activeElement.id === 'run'").await;
    let live = browser
        .eval("document.getElementById('outcome').getAttribute('aria-live')")
        .await;
    assert_eq!(live, "polite");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    named(&mut browser, 20).await;
    browser.click("#inject").await;
    named(&mut browser, 10).await;
}

/// Every control has an accessible name.
async fn named(browser: &mut Browser, at_least: usize) {
    browser.call("Accessibility.enable", json!({})).await;
    let tree = browser.call("Accessibility.getFullAXTree", json!({})).await;
    let roles = [
        "button",
        "combobox",
        "textbox",
        "searchbox",
        "spinbutton",
        "link",
        "checkbox",
        "dialog",
        "grid",
    ];
    let nodes = tree["nodes"].as_array().unwrap().iter();
    let controls: Vec<&Value> = nodes
        .filter(|node| {
            node["ignored"] == false && roles.iter().any(|role| node["role"]["value"] == *role)
        })
        .collect();
    assert!(controls.len() > at_least, "{}", controls.len());
    for node in controls {
        let name = node["name"]["value"].as_str().unwrap_or_default();
        assert!(!name.trim().is_empty(), "no name: {node}");
    }
}
