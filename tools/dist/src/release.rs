//! The files of a release in the layout of the registries, and the same archives as a filesystem mirror.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::archive::{Entry, zip};

pub const NAME: &str = "terraform-provider-crosstenant";
/// The addresses of the provider in a mirror.
pub const ADDRESSES: [&str; 2] = [
    "registry.terraform.io/crosstenant/crosstenant",
    "registry.opentofu.org/crosstenant/crosstenant",
];

/// A Rust target and the name of the platform in Go's notation, which the registries use.
pub const PLATFORMS: [(&str, &str); 6] = [
    ("x86_64-unknown-linux-musl", "linux_amd64"),
    ("aarch64-unknown-linux-musl", "linux_arm64"),
    ("x86_64-apple-darwin", "darwin_amd64"),
    ("aarch64-apple-darwin", "darwin_arm64"),
    ("x86_64-pc-windows-msvc", "windows_amd64"),
    ("aarch64-pc-windows-msvc", "windows_arm64"),
];

/// The files of every archive, and the folder of the release.
pub struct Release<'a> {
    pub version: &'a str,
    /// `LICENSE` of the archives: the licenses of the project and of its dependencies.
    pub license: &'a str,
    pub readme: &'a str,
    /// The protocol versions, `terraform-registry-manifest.json`.
    pub manifest: &'a str,
    /// Paths of the build machine; a binary that contains one is refused.
    pub build_paths: &'a [String],
    pub folder: &'a Path,
    /// From 0 to 9; a release uses 9.
    pub compression: u32,
}

pub type Result<T> = std::result::Result<T, String>;

impl Release<'_> {
    /// The name of an asset with this ending.
    pub fn asset(&self, ending: &str) -> String {
        format!("{NAME}_{}_{ending}", self.version)
    }

    /// Writes the archive of one platform to the release and the mirror.
    pub fn pack(&self, platform: &str, binary: &Path) -> Result<PathBuf> {
        let bytes = fs::read(binary).map_err(|error| format!("{}: {error}", binary.display()))?;
        if let Some(path) = self
            .build_paths
            .iter()
            .find(|path| holds(&bytes, path.as_bytes()))
        {
            return Err(format!(
                "{} holds the path {path} of the machine that built it. Build it with `make dist`.",
                binary.display()
            ));
        }
        let suffix = if platform.starts_with("windows_") {
            ".exe"
        } else {
            ""
        };
        let name = format!("{NAME}_v{}{suffix}", self.version);
        let entries = [
            Entry {
                name: "LICENSE",
                bytes: self.license.as_bytes(),
                executable: false,
            },
            Entry {
                name: "README.md",
                bytes: self.readme.as_bytes(),
                executable: false,
            },
            Entry {
                name: &name,
                bytes: &bytes,
                executable: true,
            },
        ];
        let archive = zip(&entries, self.compression).map_err(|error| error.to_string())?;
        let file = self.asset(&format!("{platform}.zip"));
        for address in ADDRESSES {
            write(
                &self.folder.join("mirror").join(address).join(&file),
                &archive,
            )?;
        }
        let path = self.folder.join(file);
        write(&path, &archive)?;
        Ok(path)
    }

    /// Writes the manifest, and the checksums of all assets including the manifest.
    pub fn seal(&self) -> Result<PathBuf> {
        write(
            &self.folder.join(self.asset("manifest.json")),
            self.manifest.as_bytes(),
        )?;
        let entries = fs::read_dir(self.folder).map_err(|error| error.to_string())?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names
            .filter(|name| {
                Path::new(name)
                    .extension()
                    .is_some_and(|ending| ending == "zip")
                    || name.ends_with("_manifest.json")
            })
            .collect();
        names.sort();
        let mut sums = String::new();
        for name in names {
            let bytes = fs::read(self.folder.join(&name)).map_err(|error| error.to_string())?;
            let _ = writeln!(sums, "{}  {name}", hex(&Sha256::digest(bytes)));
        }
        let path = self.folder.join(self.asset("SHA256SUMS"));
        write(&path, sums.as_bytes())?;
        Ok(path)
    }
}

/// Signs `sums` with a gpg key, from the default home or another, as a binary detached signature next to it.
pub fn sign(sums: &Path, fingerprint: &str, home: Option<&Path>) -> Result<PathBuf> {
    let signature = PathBuf::from(format!("{}.sig", sums.display()));
    let mut gpg = Command::new("gpg");
    if let Some(home) = home {
        gpg.arg("--homedir").arg(home);
    }
    gpg.args(["--batch", "--yes", "--local-user", fingerprint])
        .args(["--detach-sign", "--output"])
        .args([&signature, sums]);
    let output = gpg.output().map_err(|error| format!("gpg: {error}"))?;
    if output.status.success() {
        Ok(signature)
    } else {
        Err(format!("gpg: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && bytes.windows(part.len()).any(|window| window == part)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
