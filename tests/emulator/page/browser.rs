//! A real browser, controlled by its DevTools pipe: two file descriptors, without a port, a websocket or a crate.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Time limit for each action of the page.
const PATIENCE: Duration = Duration::from_secs(20);

/// Names and paths of browsers.
const NAMES: [&str; 7] = [
    "chromium",
    "chromium-headless-shell",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

fn installed() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CROSSTENANT_BROWSER").filter(|name| !name.is_empty()) {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut places = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.find(|place| place.is_file())
}

/// A browser with one page.
pub(super) struct Browser {
    /// Killed when this is dropped; the child processes of the browser end with its pipe.
    _process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: u64,
    session: Option<String>,
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser, or prints that there is none, bypassing the capture of the test's output so that the message is visible.
    pub(super) async fn open(test: &str) -> Option<Self> {
        let Some(program) = installed() else {
            let why = "no Chromium or Chrome here; tests/browser/install installs one";
            assert!(
                std::env::var_os("CROSSTENANT_BROWSER_REQUIRED").is_none(),
                "{why}"
            );
            let _ = writeln!(std::io::stderr(), "SKIPPED emulator page::{test}: {why}");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // Chromium reads from descriptor 3 and writes to 4.
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1",
                "sh",
            ])
            .arg(program)
            .args([
                "--headless",
                "--remote-debugging-pipe",
                "--no-first-run",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-extensions",
                "--disable-sync",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()));
        if is_sandbox_impossible() {
            command.arg("--no-sandbox");
        }
        let mut process = command
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut browser = Self {
            to: process.stdin.take().unwrap(),
            from: BufReader::new(process.stdout.take().unwrap()),
            _process: process,
            next: 0,
            session: None,
            events: Vec::new(),
            _profile: profile,
        };
        browser.attach().await;
        Some(browser)
    }

    async fn attach(&mut self) {
        let made = self
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let target = json!({ "targetId": made["targetId"], "flatten": true });
        let attached = self.call("Target.attachToTarget", target).await;
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), json!({})).await;
        }
        self.size(1280, 900).await;
    }

    /// Sends one command of the DevTools protocol; events that arrive meanwhile are kept.
    pub(super) async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).await.unwrap();
        let began = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let mut bytes = Vec::new();
            let read = self.from.read_until(0, &mut bytes);
            let read = tokio::time::timeout(left, read).await;
            let length = read.unwrap_or_else(|_| panic!("the browser does not answer {method}"));
            assert!(length.unwrap() > 0, "the browser has ended during {method}");
            bytes.pop();
            let mut answer: Value = serde_json::from_slice(&bytes).unwrap();
            if answer["id"] != self.next {
                self.events.push(answer);
            } else if answer["error"].is_null() {
                return answer["result"].take();
            } else {
                panic!("{method}: {}", answer["error"]);
            }
        }
    }

    pub(super) async fn visit(&mut self, address: &str) {
        self.call("Page.navigate", json!({ "url": address })).await;
        self.until("document.getElementById('connection')?.dataset.up === 'true'")
            .await;
    }

    /// The value of an expression in the page.
    pub(super) async fn eval(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", asked).await;
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].take()
    }

    /// Waits until an expression is true.
    pub(super) async fn until(&mut self, expression: &str) {
        let began = Instant::now();
        while self.eval(&format!("Boolean({expression})")).await != true {
            if began.elapsed() > PATIENCE {
                let text = self.eval("document.body?.innerText").await;
                panic!("it never came: {expression}\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Clicks as a user would: on the topmost element at the center of the element, which has to be the element itself.
    pub(super) async fn click(&mut self, selector: &str) {
        let place = self.eval(&format!(
            "(() => {{ const node = document.querySelector({selector:?}); node.scrollIntoView({{ block: 'center' }});
                const box = node.getBoundingClientRect(); const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                const top = document.elementFromPoint(x, y); return node.contains(top) && !node.disabled ? [x, y] : String(top?.outerHTML); }})()"
        ))
        .await;
        assert!(place.is_array(), "{selector} cannot be clicked: {place}");
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Presses a key, which is `Tab`, `Enter`, `Escape`, `Space` or an arrow.
    pub(super) async fn press(&mut self, key: &str) {
        let (name, number, text) = match key {
            "Tab" => ("Tab", 9, None),
            "Enter" => ("Enter", 13, Some("\r")),
            "Escape" => ("Escape", 27, None),
            "Space" => (" ", 32, Some(" ")),
            "ArrowLeft" => (key, 37, None),
            "ArrowUp" => (key, 38, None),
            "ArrowRight" => (key, 39, None),
            "ArrowDown" => (key, 40, None),
            other => panic!("no key {other}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event =
                json!({ "type": kind, "key": name, "code": key, "windowsVirtualKeyCode": number });
            if let Some(text) = text.filter(|_| kind == "keyDown") {
                event["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Enters a text into a field as if it had been typed.
    pub(super) async fn fill(&mut self, selector: &str, text: &str) {
        self.eval(&format!("(() => {{ const node = document.querySelector({selector:?}); node.focus(); node.select?.(); }})()"))
            .await;
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Selects an option by its value.
    pub(super) async fn choose(&mut self, selector: &str, value: &str) {
        let choice = format!(
            "(() => {{ const node = document.querySelector({selector:?}); node.value = {value:?};
                node.dispatchEvent(new Event('change', {{ bubbles: true }})); return node.value; }})()"
        );
        let chosen = self.eval(&choice).await;
        assert_eq!(chosen, value, "{selector} has no such option");
    }

    pub(super) async fn size(&mut self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Sets a preference of the system: `("prefers-color-scheme", "dark")`.
    pub(super) async fn prefer(&mut self, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// The page as a PNG.
    pub(super) async fn picture(&mut self) -> Vec<u8> {
        let asked = json!({ "format": "png", "optimizeForSpeed": false });
        let answer = self.call("Page.captureScreenshot", asked).await;
        base64::engine::general_purpose::STANDARD
            .decode(answer["data"].as_str().unwrap())
            .unwrap()
    }

    /// Messages of the browser since the last call: errors, warnings, violations of the policy, exceptions.
    pub(super) async fn complaints(&mut self) -> Vec<String> {
        self.eval("new Promise((done) => setTimeout(done, 50))")
            .await;
        let is_complaint = |event: &Value| match event["method"].as_str() {
            Some("Log.entryAdded") => event["params"]["entry"]["level"] != "verbose",
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => {
                matches!(
                    event["params"]["type"].as_str(),
                    Some("error" | "warning" | "assert")
                )
            }
            _ => false,
        };
        let found = self.events.iter().filter(|event| is_complaint(event));
        let texts = found.map(|event| event["params"].to_string()).collect();
        self.events
            .retain(|event| event["method"] == "Network.requestWillBeSent");
        texts
    }

    /// The URLs that the page requested.
    pub(super) fn asked(&self) -> Vec<&str> {
        let sent = self.events.iter();
        let sent = sent.filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["params"]["request"]["url"].as_str())
            .collect()
    }
}

/// Chromium refuses to run as root with its sandbox, and containers do not support the sandbox.
fn is_sandbox_impossible() -> bool {
    let is_root = cfg!(unix) && rustix::process::geteuid().is_root();
    is_root || std::env::var_os("CI").is_some()
}
