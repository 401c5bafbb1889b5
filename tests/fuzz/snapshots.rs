//! Snapshots that `export --save` writes and that `map` and `export --offline-from` read, by the provider's own binary.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::engine::scenarios::{Made, all};
use crate::engine::{CONTOSO, Stage, seed};
use crate::harness::Target;

/// Nobody reads more, in bytes; a picture may have sixteen times as much.
const MOST_SAID: usize = 1024 * 1024;

/// An input is a snapshot.
pub struct Snapshots {
    folder: TempDir,
}

impl Snapshots {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("snapshot.json")
    }

    /// Runs the binary; its exit code and what it said.
    fn run(&self, arguments: &[&str], environment: &[(&str, String)]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"))
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("panic"), "{said}");
        assert!(output.stdout.len() < 16 * MOST_SAID && said.len() < MOST_SAID);
        (output.status.code().expect("it ends by itself"), said)
    }
}

impl Target for Snapshots {
    const NAME: &'static str = "snapshots";

    fn samples(&mut self) -> Vec<Vec<u8>> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let stage = runtime.block_on(async {
            let stage = Stage::open(seed()).await;
            let scenario = all()
                .into_iter()
                .find(|one| one.type_name == "crosstenant_synchronization_schema")
                .unwrap();
            Made::on(&stage, &scenario).await;
            stage
        });
        let app = &seed()["tenants"][0]["apps"][0];
        let text = |name: &serde_json::Value| name.as_str().unwrap().to_owned();
        let environment = [
            ("SOURCE_TENANT_ID", CONTOSO.to_owned()),
            ("SOURCE_CLIENT_ID", text(&app["clientId"])),
            ("SOURCE_CLIENT_SECRET", text(&app["secrets"][0])),
            ("SOURCE_GRAPH_ENDPOINT", stage.graph_url()),
            ("SOURCE_LOGIN_ENDPOINT", stage.graph_url()),
        ];
        let (code, said) = self.run(
            &["export", "--out", "first", "--save", "snapshot.json"],
            &environment,
        );
        assert_eq!(code, 0, "{said}");
        let snapshot = std::fs::read(self.path()).unwrap();
        let none = json!({ "kind": "crosstenant_snapshot", "version": 1, "tenants": [] });
        vec![snapshot, none.to_string().into_bytes()]
    }

    fn words(&self) -> Vec<String> {
        [
            "kind",
            "version",
            "tenants",
            "objects",
            "type",
            "config",
            "state",
            "identity",
            "import_id",
            "jobs",
            "partners",
            "principals",
            "${x}",
            CONTOSO,
        ]
        .map(str::to_owned)
        .into()
    }

    fn attempt(&mut self, input: &[u8]) -> String {
        std::fs::write(self.path(), input).unwrap();
        let (drawn, of_map) = self.run(&["map", "--snapshot", "snapshot.json"], &[]);
        let out = self.folder.path().join("out");
        let _ = std::fs::remove_dir_all(&out);
        let (written, of_export) = self.run(
            &["export", "--offline-from", "snapshot.json", "--out", "out"],
            &[],
        );
        for code in [drawn, written] {
            assert!((0..=2).contains(&code), "{code}");
        }
        format!("{drawn} {of_map} {written} {of_export}")
    }
}
