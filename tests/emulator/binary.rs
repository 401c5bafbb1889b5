//! The binary: the line at its start, its state file, and its end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::client::{CONTOSO_APP, CONTOSO_SECRET, seed};

struct Process {
    child: Child,
    graph: String,
}

fn begin(seed: &Path, state: &Path) -> Process {
    let mut child = Command::new(env!("CARGO_BIN_EXE_graph-emulator"))
        .args(["--listen", "127.0.0.1:0", "--cycle", "40m", "--seed"])
        .arg(seed)
        .arg("--state")
        .arg(state)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["graph"], ready["login"]);
    let page = ready["page"].as_str().unwrap();
    assert_eq!(page.strip_suffix('/'), ready["graph"].as_str());
    Process {
        child,
        graph: ready["graph"].as_str().unwrap().to_owned(),
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn token(http: &reqwest::Client, process: &Process) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", CONTOSO_APP),
        ("client_secret", CONTOSO_SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let url = format!("{}/contoso.example/oauth2/v2.0/token", process.graph);
    let body: Value = http
        .post(url)
        .form(&form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn confirmed_writes_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (seed_file, state) = (
        folder.path().join("seed.json"),
        folder.path().join("state.json"),
    );
    std::fs::write(&seed_file, seed().to_string()).unwrap();
    let http = reqwest::Client::new();
    let mut process = begin(&seed_file, &state);
    let token = token(&http, &process).await;
    let path = "/v1.0/policies/crossTenantAccessPolicy/partners";
    // Many concurrent requests, so that they share writes of the file.
    let posts = (0..40).map(|number| {
        let body = json!({ "tenantId": format!("00000000-0000-4000-8000-0000000000{number:02}") });
        http.post(format!("{}{path}", process.graph))
            .bearer_auth(&token)
            .json(&body)
            .send()
    });
    for answer in futures::future::join_all(posts).await {
        assert_eq!(answer.unwrap().status(), 201);
    }
    process.child.kill().unwrap();
    process.child.wait().unwrap();
    let again = begin(&seed_file, &state);
    let answer = http
        .get(format!("{}{path}", again.graph))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "tokens survive as well");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["value"].as_array().unwrap().len(), 40);
}

#[test]
fn a_termination_signal_ends_it_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let seed_file = folder.path().join("seed.json");
    std::fs::write(&seed_file, seed().to_string()).unwrap();
    let mut process = begin(&seed_file, &folder.path().join("state.json"));
    let id = process.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(process.child.wait().unwrap().success());
}
