//! Emulated tenants for exports, the command that exports them, and a workspace with its output.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::{Emulator, Workspace, demo_seed, forget_settings};

/// The tenants of the demo after `change`, with all permissions for the applications.
pub fn seeded(change: impl FnOnce(&mut Json)) -> Emulator {
    let text = std::fs::read_to_string(demo_seed()).unwrap();
    let mut seed: Json = serde_json::from_str(&text).unwrap();
    for tenant in seed["tenants"].as_array_mut().unwrap() {
        tenant["apps"][0]["permissions"] = json!("*");
    }
    change(&mut seed);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seed.json");
    std::fs::write(&file, seed.to_string()).unwrap();
    Emulator::with(&file, &[])
}

/// The result of an export.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    #[track_caller]
    pub fn ended(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    #[track_caller]
    pub fn says(&self, words: &[&str]) -> &Self {
        let all = format!("{}\n{}", self.stdout, self.stderr);
        let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in words {
            assert!(all.contains(words), "{words:?} is missing in {self:#?}");
        }
        self
    }

    /// The number of objects to import.
    #[track_caller]
    pub fn count(&self) -> usize {
        let words: Vec<&str> = self.stdout.split_whitespace().collect();
        let at = words.iter().position(|word| word.starts_with("object"));
        at.and_then(|at| words[at - 1].parse().ok())
            .unwrap_or_else(|| panic!("no count in {self:#?}"))
    }
}

/// A folder for exports.
pub struct Place {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Place {
    pub fn new(emulator: &Emulator) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: emulator.environment().into_iter().collect(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets a variable, or removes it if the value is empty.
    pub fn set(&mut self, variable: &str, value: &str) -> &mut Self {
        self.environment.retain(|(name, _)| name != variable);
        if !value.is_empty() {
            self.environment
                .push((variable.to_owned(), value.to_owned()));
        }
        self
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"));
        forget_settings(&mut command);
        command
            .arg("export")
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Exports to `out`.
    pub fn export(&self, arguments: &[&str]) -> Run {
        let arguments = [&["--out", "out"], arguments].concat();
        let output = self.command(&arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Run {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The names of the entries of this folder.
    pub fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }

    /// Every file that was written, with its content.
    pub fn written(&self) -> Vec<(String, String)> {
        let out = self.path("out");
        names(&out)
            .into_iter()
            .map(|name| {
                let text = std::fs::read_to_string(out.join(&name)).unwrap();
                (name, text)
            })
            .collect()
    }

    /// A workspace with the exported files.
    pub fn workspace(&self, cli: &str) -> Workspace {
        let environment = self.environment.iter().cloned().collect();
        let workspace = Workspace::of(cli, environment, "");
        for (name, text) in self.written() {
            workspace.write(&name, &text);
        }
        workspace
    }
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Checks the promise: the first plan imports everything and changes nothing, and the plan after the apply is empty.
#[track_caller]
pub fn is_adopted(workspace: &Workspace, count: usize) {
    let changes = "0 to add, 0 to change, 0 to destroy.";
    let plan = workspace.plan();
    let all = workspace_text(workspace);
    assert_eq!(plan.code, Some(0), "{}\n{all}", plan.text);
    let expected = match count {
        0 => "No changes.".to_owned(),
        _ => format!("Plan: {count} to import, {changes}"),
    };
    assert!(plan.text.contains(&expected), "{}\n{all}", plan.text);
    let applied = workspace.apply();
    let done = match count {
        0 => "0 added, 0 changed, 0 destroyed".to_owned(),
        _ => format!("{count} imported, 0 added, 0 changed, 0 destroyed"),
    };
    applied.succeeded().says(&[&done]);
    workspace.is_settled();
}

fn workspace_text(workspace: &Workspace) -> String {
    let folder = workspace.folder.path();
    let files = names(folder)
        .into_iter()
        .filter(|name| name.contains(".tf"));
    let texts = files.map(|name| {
        let text = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        format!("--- {name}\n{text}")
    });
    texts.collect::<Vec<_>>().join("\n")
}
