//! What the emulator starts from: seeds that people write, and files that it has written itself.

use std::path::PathBuf;

use crosstenant::emulator::{self, Options};
use tempfile::TempDir;

use crate::engine::scenarios::{Made, all};
use crate::engine::{CONTOSO, Stage, seed};
use crate::harness::Target;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Starts with this, and looks whether what was started answers.
async fn started(options: Options) -> String {
    let running = match emulator::start(options).await {
        Err(why) => {
            assert!(!why.is_empty());
            return why;
        }
        Ok(running) => running,
    };
    let http = reqwest::Client::new();
    let root = running.graph_url();
    let cycle = http.post(format!("{root}/_emulator/cycle")).send().await;
    let cycle = cycle.expect("a cycle ends").status();
    let shown = http
        .get(format!("{root}/_emulator/tenants/{CONTOSO}"))
        .send()
        .await;
    let shown = shown.expect("a tenant is shown").status();
    format!("{cycle} {shown}")
}

/// An input is a seed.
pub struct Seeds(tokio::runtime::Runtime);

impl Seeds {
    pub fn new() -> Self {
        Self(runtime())
    }
}

impl Target for Seeds {
    const NAME: &'static str = "seeds";

    fn samples(&mut self) -> Vec<Vec<u8>> {
        vec![seed().to_string().into_bytes()]
    }

    fn words(&self) -> Vec<String> {
        [
            "tenantId",
            "users",
            "groups",
            "members",
            "apps",
            "permissions",
            "partners",
            "syncPolicies",
            "settings",
            CONTOSO,
        ]
        .map(str::to_owned)
        .into()
    }

    fn attempt(&mut self, input: &[u8]) -> String {
        let text = String::from_utf8_lossy(input).into_owned();
        self.0.block_on(started(Options::new(text)))
    }
}

/// An input is a state file.
pub struct StateFiles {
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
}

impl StateFiles {
    pub fn new() -> Self {
        Self {
            runtime: runtime(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("world.json")
    }

    fn options(&self) -> Options {
        let mut options = Options::new(seed().to_string());
        options.state = Some(self.path());
        options
    }
}

impl Target for StateFiles {
    const NAME: &'static str = "states";

    fn samples(&mut self) -> Vec<Vec<u8>> {
        let options = self.options();
        self.runtime.block_on(async {
            let stage = Stage::with(seed(), options).await;
            let scenario = all()
                .into_iter()
                .find(|one| one.type_name == "crosstenant_synchronization_schema")
                .unwrap();
            Made::on(&stage, &scenario).await;
        });
        vec![std::fs::read(self.path()).unwrap()]
    }

    fn words(&self) -> Vec<String> {
        vec![CONTOSO.to_owned()]
    }

    fn attempt(&mut self, input: &[u8]) -> String {
        std::fs::write(self.path(), input).unwrap();
        self.runtime.block_on(started(self.options()))
    }
}
