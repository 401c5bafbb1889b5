//! An empty machine: a folder that becomes the root directory of the CLI, with a release, certificates, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::release::NAME;
use super::{mirror, platform, text, with_release};
use crate::support::{Cli, Emulator, cli, clis, project, skipped};

/// The binary of `make binary`, or the one that `CROSSTENANT_STATIC` names.
fn static_binary() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CROSSTENANT_STATIC") {
        return Some(std::path::absolute(named).unwrap());
    }
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let built = project("target").join(target).join("release").join(NAME);
    built.is_file().then_some(built)
}

/// The command that runs another command with a folder as root directory, if this user may do so.
fn changed_root(folder: &Path) -> Option<Command> {
    let candidates = [&["chroot"][..], &["unshare", "--map-root-user", "chroot"]];
    let is_allowed = |words: &&&[&str]| {
        let tried = Command::new(words[0])
            .args(&words[1..])
            .args(["/", "true"])
            .output();
        tried.is_ok_and(|output| output.status.success())
    };
    let words = candidates.iter().find(is_allowed)?;
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(folder);
    Some(command)
}

/// The libraries that the system's linker loads for a program. A static program, such as a released CLI, has none; a CLI that was built
/// from source may need the C library.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let listed = Command::new("ldd").arg(program).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let paths = listed.lines().filter_map(|line| {
        line.split_whitespace()
            .find(|word| word.starts_with('/') && !word.ends_with(':'))
    });
    paths.map(PathBuf::from).collect()
}

/// Fills the root directory: the CLI, certificates, a mirror with the packed binary, and the example.
fn furnish(root: &Path, cli: &Path, binary: &Path) {
    for folder in ["tmp", "project", "etc/ssl/certs"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::copy(cli, root.join("cli")).unwrap();
    for library in libraries(cli) {
        let place = root.join(library.strip_prefix("/").unwrap());
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(&library, place).unwrap();
    }
    fs::copy(
        "/etc/ssl/certs/ca-certificates.crt",
        root.join("etc/ssl/certs/ca-certificates.crt"),
    )
    .unwrap();
    with_release(root, &[], |release| {
        release.pack(&platform(), binary).unwrap()
    });
    fs::write(
        root.join("project/main.tf"),
        text("examples/two-tenants/main.tf"),
    )
    .unwrap();
    fs::write(root.join("project/cli.tfrc"), mirror(Path::new("/"))).unwrap();
}

fn file_of(cli: &Cli) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::split_paths(&folders).map(|folder| folder.join(&cli.path));
    named
        .chain([PathBuf::from(&cli.path)])
        .find(|file| file.is_file())
        .unwrap()
}

#[test]
fn a_static_binary_runs_in_an_empty_root() {
    for path in clis() {
        let Some(binary) = static_binary() else {
            skipped(
                path,
                "no static binary: run `make binary TARGET=...-unknown-linux-musl`, or set CROSSTENANT_STATIC",
            );
            continue;
        };
        let cli = cli(path);
        let root = tempfile::tempdir().unwrap();
        if !cli.stands_alone || changed_root(root.path()).is_none() {
            skipped(
                path,
                "the command line is not one file, or this user may not change the root",
            );
            continue;
        }
        assert!(
            libraries(&binary).is_empty(),
            "{} is not static",
            binary.display()
        );
        furnish(root.path(), &file_of(&cli), &binary);
        let emulator = Emulator::start();
        let environment: BTreeMap<String, String> = emulator.environment();
        for arguments in [
            &["init"][..],
            &["apply", "-auto-approve"],
            &["plan", "-detailed-exitcode"],
            &["destroy", "-auto-approve"],
        ] {
            let mut command = changed_root(root.path()).unwrap();
            let output = command
                .args(["/cli", "-chdir=/project"])
                .args(arguments)
                .args(["-no-color", "-input=false"])
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap())
                .env("HOME", "/project")
                .env("TF_CLI_CONFIG_FILE", "/project/cli.tfrc")
                .env("CHECKPOINT_DISABLE", "1")
                .envs(&environment)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{cli} {arguments:?}: {said}");
        }
    }
}
