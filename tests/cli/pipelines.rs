//! The pipelines in the guide about previews: their commands run here as written, with each CLI, and stop the pipeline if a limit is
//! exceeded.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::Value as Json;

use crate::support::{Emulator, Flavor, Workspace, cli, clis, demo_seed, project, provider};

/// One pipeline of the guide.
fn pipeline(number: usize) -> Json {
    let text = fs::read_to_string(project("docs/guides/preview.md")).unwrap();
    let mut blocks = text.split("```yaml\n").skip(1);
    let block = blocks.nth(number).unwrap().split("```").next().unwrap();
    serde_saphyr::from_str(block).unwrap()
}

/// The result of a job.
struct Job {
    code: i32,
    /// The comment that was sent.
    comment: String,
}

/// A workspace with the example and prepared tenants, and with stubs of the programs that send comments.
struct Checkout {
    workspace: Workspace,
    is_tofu: bool,
}

/// An unpacked mirror in which `init` finds the provider, for both registries.
fn mirror(folder: &Path) {
    let version = env!("CARGO_PKG_VERSION");
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let system = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    for host in ["registry.terraform.io", "registry.opentofu.org"] {
        let place = folder.join(format!(
            "mirror/{host}/crosstenant/crosstenant/{version}/{system}_{arch}"
        ));
        fs::create_dir_all(&place).unwrap();
        let name = format!("terraform-provider-crosstenant_v{version}");
        symlink(provider(), place.join(name)).unwrap();
    }
    let path = folder.join("mirror").display().to_string();
    let settings = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = {path:?}\n  }}\n}}\n"
    );
    fs::write(folder.join("cli.tfrc"), settings).unwrap();
}

/// A program that stores the comment that it is to send.
fn stub(folder: &Path, name: &str) {
    let path = folder.join(name);
    let text = "#!/bin/sh\nprintf '%s\\n' \"$@\" > comment\ncat preview.md >> comment\n";
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

impl Checkout {
    fn new(path: &str, emulator: &Emulator) -> Self {
        let text = fs::read_to_string(project("examples/two-tenants/main.tf")).unwrap();
        let workspace = Workspace::of(path, emulator.environment(), &text);
        let folder = workspace.folder.path();
        mirror(folder);
        fs::create_dir(folder.join("bin")).unwrap();
        for name in ["gh", "curl"] {
            stub(&folder.join("bin"), name);
        }
        let is_tofu = cli(path).flavor == Flavor::OpenTofu;
        // The pipelines call the CLI by its name.
        let name = if is_tofu { "tofu" } else { "terraform" };
        let found = std::process::Command::new("sh")
            .args(["-c", "command -v \"$1\"", "sh", path])
            .output()
            .unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        symlink(found.trim(), folder.join("bin").join(name)).unwrap();
        workspace
            .run(&["init", "-input=false", "-no-color"])
            .succeeded();
        workspace.apply().succeeded();
        emulator.cycle();
        Self { workspace, is_tofu }
    }

    fn script(&self, text: &str, users: &str, environment: &[(String, String)]) -> i32 {
        // The replacement that the guide describes for OpenTofu.
        let text = if self.is_tofu {
            text.replace("terraform init", "tofu init")
                .replace("terraform plan", "tofu plan")
                .replace("terraform show", "tofu show")
        } else {
            text.to_owned()
        };
        let path = std::env::var("PATH").unwrap();
        let bin = self.workspace.folder.path().join("bin");
        let output = self
            .workspace
            .command_of("bash")
            .args(["-e", "-c", &text])
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("TF_VAR_users", users)
            .envs(environment.iter().cloned())
            .output()
            .unwrap();
        let code = output.status.code().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!([0, 3].contains(&code), "{text}: {code} {said}");
        code
    }

    fn comment(&self) -> String {
        let path = self.workspace.folder.path().join("comment");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        text
    }

    fn github(&self, users: &str) -> Job {
        let pipeline = pipeline(0);
        let steps = pipeline["jobs"]["plan"]["steps"].as_array().unwrap();
        let mut code = 0;
        for step in steps {
            let always = step["if"]
                .as_str()
                .is_some_and(|it| it.contains("always()"));
            let Some(text) = step["run"].as_str().filter(|_| code == 0 || always) else {
                continue;
            };
            let set = step["env"].as_object().into_iter().flatten();
            let set: Vec<(String, String)> = set
                .map(|(name, _)| (name.clone(), "7".to_owned()))
                .collect();
            code = code.max(self.script(text, users, &set));
        }
        Job {
            code,
            comment: self.comment(),
        }
    }

    fn gitlab(&self, users: &str) -> Job {
        let pipeline = pipeline(1);
        let lines = |part: &str| -> String {
            let lines = pipeline["preview"][part].as_array().unwrap().iter();
            lines
                .map(|line| line.as_str().unwrap())
                .collect::<Vec<_>>()
                .join("\n")
        };
        let code = self.script(&lines("script"), users, &[]);
        self.script(&lines("after_script"), users, &[]);
        Job {
            code,
            comment: self.comment(),
        }
    }
}

const EVERYBODY: &str = r#"["ada@contoso.example","grace@contoso.example","edsger@contoso.example","linus_northwind.example#EXT#@contoso.example"]"#;
const WITHOUT_ADA: &str = r#"["grace@contoso.example"]"#;

#[test]
fn the_pipelines_of_the_guide_comment_and_gate() {
    for path in clis() {
        let emulator = Emulator::with(&demo_seed(), &["--first-cycle", "1h"]);
        let checkout = Checkout::new(path, &emulator);
        let jobs: [fn(&Checkout, &str) -> Job; 2] = [Checkout::github, Checkout::gitlab];
        for (job, sender) in jobs
            .into_iter()
            .zip(["pr\ncomment", "--fail\n--request\nPOST"])
        {
            let stopped = job(&checkout, WITHOUT_ADA);
            assert_eq!(stopped.code, 3, "{path}: {}", stopped.comment);
            assert!(stopped.comment.starts_with(sender), "{}", stopped.comment);
            for words in [
                "## Synchronization preview",
                "ada",
                "--max-leaving 5% allows 0",
            ] {
                assert!(
                    stopped.comment.contains(words),
                    "{words}: {}",
                    stopped.comment
                );
            }
            let passed = job(&checkout, EVERYBODY);
            assert_eq!(passed.code, 0, "{path}: {}", passed.comment);
            assert!(
                passed.comment.contains("0 soft-deleted"),
                "{}",
                passed.comment
            );
        }
        let assignments = emulator.tenant(crate::support::CONTOSO)["assignments"].clone();
        assert_eq!(
            assignments.as_object().unwrap().len(),
            5,
            "a preview changes nothing"
        );
    }
}
