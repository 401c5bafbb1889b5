//! A release, from its files to `init`: packed by the code of `make dist`, installed by the real CLIs, offline.
//!
//! The binary in it is the one under test, so that packing is tested in every run without a separate build.

#[path = "../../../tools/dist/src/archive.rs"]
#[allow(dead_code)]
mod archive;
#[path = "../../../tools/dist/src/notices.rs"]
#[allow(dead_code)]
mod notices;
mod registry;
#[path = "../../../tools/dist/src/release.rs"]
#[allow(dead_code)]
mod release;
#[cfg(target_os = "linux")]
mod root;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use base64::Engine as _;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{Emulator, Outcome, Workspace, cli, clis, project};
use registry::{Offer, Registry};
use release::{ADDRESSES, NAME, Release, hex, sign};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The platform of this machine, in the notation of the registries.
fn platform() -> String {
    let os = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        std::env::consts::OS
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}_{arch}")
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"))
}

fn text(path: &str) -> String {
    fs::read_to_string(project(path)).unwrap()
}

/// The archive with the binary under test. Packing takes seconds, so it is done once.
fn packed() -> &'static TempDir {
    static PACKED: OnceLock<TempDir> = OnceLock::new();
    PACKED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        with_release(folder.path(), &[], |release| {
            release.pack(&platform(), binary()).unwrap()
        });
        folder
    })
}

fn with_release<T>(folder: &Path, build_paths: &[String], then: impl FnOnce(&Release) -> T) -> T {
    then(&Release {
        version: VERSION,
        license: &text("LICENSE"),
        readme: &text("README.md"),
        manifest: &text("terraform-registry-manifest.json"),
        build_paths,
        folder,
        compression: 1,
    })
}

fn archive_name() -> String {
    format!("{NAME}_{VERSION}_{}.zip", platform())
}

/// A workspace with a configuration that installs the provider from `source`, with these settings of the CLI.
fn workspace(
    cli: &str,
    source: &str,
    settings: &str,
    environment: BTreeMap<String, String>,
) -> Workspace {
    let main = text("examples/two-tenants/main.tf").replace("crosstenant/crosstenant", source);
    let workspace = Workspace::of(cli, environment, &main);
    workspace.write("cli.tfrc", settings);
    workspace
}

fn init(workspace: &Workspace) -> Outcome {
    workspace.run(&["init", "-no-color", "-input=false"])
}

/// The hash of a folder that lock files call `h1`.
fn h1(folder: &Path) -> String {
    let mut names: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    let mut list = Sha256::new();
    for file in names {
        let name = file.file_name().unwrap().to_str().unwrap();
        list.update(format!(
            "{}  {name}\n",
            hex(&Sha256::digest(fs::read(&file).unwrap()))
        ));
    }
    let hash = base64::engine::general_purpose::STANDARD.encode(list.finalize());
    format!("h1:{hash}")
}

/// The folder into which `init` unpacked the archive.
fn installed(workspace: &Workspace, address: &str) -> PathBuf {
    let providers = workspace.folder.path().join(".terraform/providers");
    providers.join(address).join(VERSION).join(platform())
}

fn mirror(folder: &Path) -> String {
    let path = folder.join("mirror").display().to_string();
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = {path:?}\n  }}\n}}\n")
}

#[test]
fn a_packed_mirror_installs_and_the_two_tenants_live() {
    for path in clis() {
        let emulator = Emulator::start();
        let settings = mirror(packed().path());
        let workspace = workspace(
            path,
            "crosstenant/crosstenant",
            &settings,
            emulator.environment(),
        );
        init(&workspace).succeeded();

        let address = format!("{}/crosstenant/crosstenant", cli(path).registry());
        assert!(ADDRESSES.contains(&address.as_str()));
        let folder = installed(&workspace, &address);
        let mut files: Vec<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let suffix = std::env::consts::EXE_SUFFIX;
        assert_eq!(
            files,
            [
                "LICENSE",
                "README.md",
                &format!("{NAME}_v{VERSION}{suffix}")
            ]
        );

        let lock = fs::read_to_string(workspace.folder.path().join(".terraform.lock.hcl")).unwrap();
        for part in [
            &format!("provider \"{address}\""),
            &format!("\"{VERSION}\""),
            &h1(&folder),
        ] {
            assert!(lock.contains(part), "{part} is missing in {lock}");
        }

        workspace.apply().succeeded();
        workspace.is_settled();
        workspace.destroy().succeeded();
    }
}

#[test]
fn an_archive_has_the_same_bytes_whenever_it_is_packed() {
    let [one, two] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let small = one.path().join("binary");
    fs::write(&small, b"binary").unwrap();
    let pack = |folder: &Path| {
        with_release(folder, &[], |release| {
            fs::read(release.pack("linux_arm64", &small).unwrap()).unwrap()
        })
    };
    let first = pack(one.path());
    std::thread::sleep(std::time::Duration::from_millis(2100)); // Zip stores time in steps of two seconds.
    assert_eq!(first, pack(two.path()));
    let mirrored = two
        .path()
        .join("mirror")
        .join(ADDRESSES[1])
        .join(format!("{NAME}_{VERSION}_linux_arm64.zip"));
    assert_eq!(first, fs::read(mirrored).unwrap());
}

#[test]
fn a_binary_with_a_path_of_its_build_machine_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("binary");
    fs::write(&binary, b"\0\0/home/somebody/.cargo/registry/src/lib.rs\0").unwrap();
    let paths = ["/home/somebody/.cargo/".to_owned()];
    let refused = with_release(folder.path(), &paths, |release| {
        release.pack("linux_amd64", &binary).unwrap_err()
    });
    assert!(refused.contains("/home/somebody/.cargo/"), "{refused}");
    fs::write(&binary, b"\0\0/cargo/registry/src/lib.rs\0").unwrap();
    with_release(folder.path(), &paths, |release| {
        release.pack("linux_amd64", &binary).unwrap()
    });
}

#[test]
fn sums_cover_the_archives_and_the_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("binary");
    fs::write(&binary, b"binary").unwrap();
    let sums = with_release(folder.path(), &[], |release| {
        for platform in ["linux_amd64", "windows_amd64"] {
            release.pack(platform, &binary).unwrap();
        }
        release.seal().unwrap()
    });
    let sums = fs::read_to_string(sums).unwrap();
    let names: Vec<&str> = sums
        .lines()
        .map(|line| line.split_once("  ").unwrap().1)
        .collect();
    let expected = ["linux_amd64.zip", "manifest.json", "windows_amd64.zip"]
        .map(|ending| format!("{NAME}_{VERSION}_{ending}"));
    assert_eq!(names, expected);
    let manifest: serde_json::Value =
        serde_json::from_str(&text("terraform-registry-manifest.json")).unwrap();
    assert_eq!(
        manifest,
        serde_json::json!({ "version": 1, "metadata": { "protocol_versions": ["6.0"] } })
    );
}

/// The tool, the Makefile and the workflow have the same platforms.
#[test]
fn platforms_are_the_same_everywhere() {
    let (makefile, workflow) = (text("Makefile"), text(".github/workflows/release.yml"));
    for (target, platform) in release::PLATFORMS {
        assert!(
            makefile.contains(&format!("{target}:{platform}")),
            "Makefile: {platform}"
        );
        let row = format!("platform: {platform}, target: {target},");
        assert!(workflow.contains(&row), "release.yml: {platform}");
    }
    let built = workflow.matches("{ platform: ").count();
    assert_eq!(built, release::PLATFORMS.len());
}

#[test]
fn the_licenses_of_what_is_linked_are_collected() {
    let notices = notices::notices(&project("")).unwrap();
    for part in [
        "\nrustls 0.",
        "\ntokio 1.",
        "Apache License",
        "Permission is hereby granted",
    ] {
        assert!(notices.contains(part), "{part}");
    }
    assert!(
        !notices.contains("\nproptest "),
        "what only tests use is not in the binary"
    );
}

/// A key of gpg that is deleted with its folder.
struct Key {
    home: TempDir,
    fingerprint: String,
}

impl Key {
    fn new() -> Self {
        // The agent of gpg listens in its home, and paths of sockets must be short.
        let home = tempfile::Builder::new()
            .prefix("gpg")
            .tempdir_in("/tmp")
            .unwrap();
        let mut key = Self {
            home,
            fingerprint: String::new(),
        };
        key.gpg(&[
            "--passphrase",
            "",
            "--quick-generate-key",
            "Throw-away <nobody@contoso.example>",
            "rsa2048",
            "sign",
            "never",
        ]);
        let listed = key.gpg(&["--with-colons", "--list-keys"]);
        let line = listed
            .lines()
            .find(|line| line.starts_with("fpr:"))
            .unwrap();
        line.split(':')
            .nth(9)
            .unwrap()
            .clone_into(&mut key.fingerprint);
        key
    }

    fn gpg(&self, arguments: &[&str]) -> String {
        let output = Command::new("gpg")
            .args(["--batch", "--homedir"])
            .arg(self.home.path())
            .args(arguments)
            .output()
            .expect("these tests need gpg");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The armored public key, and the ID that registries return.
    fn public(&self) -> (String, String) {
        let armored = self.gpg(&["--armor", "--export", &self.fingerprint]);
        (
            armored,
            self.fingerprint[self.fingerprint.len() - 16..].to_owned(),
        )
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.home.path())
            .args(["--kill", "all"])
            .output();
    }
}

/// A signed release in its own folder, and a registry that serves it with `offered` as the public key.
fn published(signing: &Key, offered: &Key, tamper: impl FnOnce(&Path)) -> (TempDir, Registry) {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        packed().path().join(archive_name()),
        folder.path().join(archive_name()),
    )
    .unwrap();
    let sums = with_release(folder.path(), &[], |release| release.seal().unwrap());
    sign(&sums, &signing.fingerprint, Some(signing.home.path())).unwrap();
    tamper(folder.path());
    let registry = Registry::start(Offer {
        folder: folder.path().to_owned(),
        version: VERSION.to_owned(),
        platform: platform(),
        key: offered.public(),
    });
    (folder, registry)
}

/// The output of `init` with one CLI and this registry, and the path at which the provider would be installed.
fn init_from(path: &str, registry: &Registry) -> (Workspace, Outcome, PathBuf) {
    let address = format!("localhost:{}/crosstenant/crosstenant", registry.port);
    let trusted = BTreeMap::from([(
        "SSL_CERT_FILE".to_owned(),
        registry.certificate.display().to_string(),
    )]);
    let workspace = workspace(path, &address, "", trusted);
    let outcome = init(&workspace);
    let folder = installed(&workspace, &address);
    (workspace, outcome, folder)
}

#[test]
#[cfg(target_os = "linux")] // On other systems, Go asks the system which certificates it trusts.
fn a_registry_installs_a_signed_release() {
    let key = Key::new();
    let (release, registry) = published(&key, &key, |_| ());
    for path in clis() {
        let (workspace, outcome, folder) = init_from(path, &registry);
        outcome
            .succeeded()
            .says(&["Installed", "key ID", &key.public().1]);
        let lock = fs::read_to_string(workspace.folder.path().join(".terraform.lock.hcl")).unwrap();
        let archive = fs::read(release.path().join(archive_name())).unwrap();
        for hash in [h1(&folder), format!("zh:{}", hex(&Sha256::digest(archive)))] {
            assert!(lock.contains(&hash), "{hash} is missing in {lock}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn tampered_releases_are_refused() {
    let (key, other) = (Key::new(), Key::new());
    let archive = |folder: &Path| folder.join(archive_name());
    let sums = |folder: &Path| folder.join(format!("{NAME}_{VERSION}_SHA256SUMS"));
    let zip = published(&key, &key, |folder| {
        let mut bytes = fs::read(archive(folder)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(archive(folder), bytes).unwrap();
    });
    let summed = published(&key, &key, |folder| {
        let text = fs::read_to_string(sums(folder)).unwrap();
        fs::write(sums(folder), format!("{text}\n")).unwrap();
    });
    let unknown = published(&key, &other, |_| ());
    for (what, published, said) in [
        ("zip", &zip, "checksum"),
        ("sums", &summed, "signature"),
        ("key", &unknown, "sign"),
    ] {
        for path in clis() {
            let (_workspace, outcome, folder) = init_from(path, &published.1);
            outcome.failed().says(&[said]);
            assert!(!folder.exists(), "{what}: {path} installed it");
        }
    }
}
