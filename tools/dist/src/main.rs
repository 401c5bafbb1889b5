//! Packs built binaries into a release: `dist FOLDER PLATFORM=BINARY ...`, from the root of the repository. `make dist` runs it.

mod archive;
mod notices;
mod release;

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use release::{PLATFORMS, Release, Result, sign};

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&format!("dist: {problem}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let Some((folder, binaries)) = arguments.split_first() else {
        return Err("name a folder, and binaries as PLATFORM=PATH, for example linux_amd64=target/release/terraform-provider-crosstenant".to_owned());
    };
    let project = env::current_dir().map_err(|error| error.to_string())?;
    let read = |name: &str| {
        fs::read_to_string(project.join(name)).map_err(|error| format!("{name}: {error}"))
    };
    let manifest = read("Cargo.toml")?;
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = "));
    let version = version
        .ok_or("Cargo.toml names no version")?
        .trim_matches('"');
    let license = format!("{}\n{}", read("LICENSE")?, notices::notices(&project)?);
    let release = Release {
        version,
        license: &license,
        readme: &read("README.md")?,
        manifest: &read("terraform-registry-manifest.json")?,
        build_paths: &build_paths(&project),
        folder: Path::new(folder),
        compression: 9,
    };
    let mut packed = Vec::new();
    for binary in binaries {
        let (platform, path) = binary
            .split_once('=')
            .ok_or_else(|| format!("{binary} is not PLATFORM=PATH"))?;
        if !PLATFORMS.iter().any(|(_, known)| *known == platform) {
            return Err(format!("{platform} is no platform of a release"));
        }
        say(&release
            .pack(platform, Path::new(path))?
            .display()
            .to_string());
        packed.push(platform);
    }
    let sums = release.seal()?;
    say(&sums.display().to_string());
    for (target, platform) in PLATFORMS
        .iter()
        .filter(|(_, platform)| !packed.contains(platform))
    {
        say(&format!(
            "MISSING: {platform}. It needs `rustup target add {target}` and a linker for it, or a machine of that kind."
        ));
    }
    match env::var("GPG_FINGERPRINT") {
        Ok(fingerprint) if !fingerprint.is_empty() => {
            say(&sign(&sums, &fingerprint, None)?.display().to_string());
        }
        _ => say(
            "NOT SIGNED: set GPG_FINGERPRINT to a key of gpg's. No registry takes a release without a signature.",
        ),
    }
    Ok(())
}

/// Folders of sources on this machine: the repository, the user's home, Cargo's folders.
fn build_paths(project: &Path) -> Vec<String> {
    let folders =
        ["CARGO_HOME", "RUSTUP_HOME", "HOME"].map(|name| env::var_os(name).map(PathBuf::from));
    let folders = folders.into_iter().flatten().chain([project.to_owned()]);
    // The root folder, or a single letter, would be found in every binary.
    let long = folders.filter(|path| path.as_os_str().len() > 4);
    long.map(|path| format!("{}{}", path.display(), std::path::MAIN_SEPARATOR))
        .collect()
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
