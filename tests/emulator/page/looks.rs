//! The appearance of the page: legible in light and dark mode, on wide and narrow screens. Also takes the images of the documentation.

use serde_json::json;

use super::browser::Browser;
use super::{png, scene};
use crate::client::{CONTOSO, user};
use crate::synchronization::Scene;

/// Texts whose contrast with their background is too low, with the ratio.
const PALE: &str = "(() => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = color; paint.fillRect(0, 0, 1, 1); const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const ground = (node) => { for (; node; node = node.parentElement) { const color = rgba(getComputedStyle(node).backgroundColor); if (color[3] > 0.99) return color; if (color[3] > 0.01) throw new Error('translucent: ' + node.outerHTML); } return [255, 255, 255, 1]; };
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255).map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4).reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const found = []; let seen = 0;
  for (const node of document.querySelectorAll('body *')) {
    const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!text || !node.checkVisibility() || node.matches('.hidden, .hidden *, option, :disabled, :disabled *, .skip')) continue;
    seen += 1;
    const value = ratio(rgba(getComputedStyle(node).color), ground(node));
    if (value < 4.5) found.push([node.tagName + '.' + node.className, node.textContent.slice(0, 30), value.toFixed(2)]);
  }
  return { seen, found };
})()";

/// Two tenants during synchronization: some users are synchronized, some are skipped, one request has failed, one fault is pending.
async fn in_full_swing() -> Scene {
    let scene = scene().await;
    scene.desk.cycle().await;
    scene.assign(&user(7)).await;
    let fault = json!({ "kind": "throttle", "path": "/v1.0/users*", "retry_after": 2 });
    scene.desk.control("POST", "faults", fault).await;
    scene.source.get("/v1.0/users?$top=5").await;
    scene.source.get("/v1.0/users?$top=5").await;
    let disabled = json!({ "accountEnabled": false });
    let path = format!("tenants/{CONTOSO}/users/{}", user(8));
    scene.desk.control("PATCH", &path, disabled).await;
    let waits =
        json!({ "kind": "gateway", "method": "PATCH", "path": "/v1.0/policies/*", "count": 2 });
    scene.desk.control("POST", "faults", waits).await;
    scene
}

async fn is_legible(browser: &mut Browser, what: &str) {
    let pale = browser.eval(PALE).await;
    assert!(pale["seen"].as_u64().unwrap() > 30, "{what}: {pale}");
    assert_eq!(pale["found"], json!([]), "{what}");
    let wide = browser
        .eval("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .await;
    assert_eq!(wide, 0, "{what}: it has to be scrolled sideways");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_legible_in_light_and_dark_on_any_screen() {
    let scene = in_full_swing().await;
    let Some(mut browser) = Browser::open("it_is_legible_in_light_and_dark_on_any_screen").await
    else {
        return;
    };
    for scheme in ["light", "dark"] {
        browser
            .prefer(&[
                ("prefers-color-scheme", scheme),
                ("prefers-reduced-motion", "reduce"),
            ])
            .await;
        browser.size(1280, 860).await;
        let aside = json!({ "type": "mouseMoved", "x": 1, "y": 1 });
        browser.call("Input.dispatchMouseEvent", aside).await;
        browser.visit(&scene.desk.running.graph_url()).await;
        is_legible(&mut browser, scheme).await;
        picture(&mut browser, &format!("emulator-{scheme}")).await;
        for width in [360, 768, 1920] {
            browser.size(width, 900).await;
            is_legible(&mut browser, &format!("{scheme}, {width} wide")).await;
        }
        for (button, dialog) in [
            ("#inject", "fault-dialog"),
            ("#change", "user-dialog"),
            ("#log button", "request-dialog"),
        ] {
            browser.size(1280, 900).await;
            browser.click(button).await;
            browser
                .until(&format!("document.getElementById('{dialog}').open"))
                .await;
            is_legible(&mut browser, &format!("{scheme}, {dialog}")).await;
            browser.press("Escape").await;
        }
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

/// Writes an image of the documentation with `make screenshots`. The image must be small enough to load with a page.
async fn picture(browser: &mut Browser, name: &str) {
    let picture = png::with_palette(&browser.picture().await);
    let path = format!("{}/docs/images/{name}.png", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let kept =
        std::fs::read(&path).unwrap_or_else(|why| panic!("{path}: {why}; run `make screenshots`"));
    assert!(
        kept.starts_with(b"\x89PNG") && kept.len() < 150_000,
        "{path}: {} bytes",
        kept.len()
    );
}
