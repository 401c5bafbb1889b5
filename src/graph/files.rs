//! Describes a file that cannot be read. Its name may be a secret that was given in place of the path to it.

use std::io;
use std::path::Path;

/// Returns the reason why a file cannot be read. If the path does not exist, only its existing folders are named.
#[must_use]
pub fn path_problem(path: &Path, error: &io::Error) -> String {
    if path.symlink_metadata().is_ok() {
        return format!("{}: {error}", path.display());
    }
    let hint = "The name is not shown, because it may be a secret that was set instead of the name of its file";
    let folder = path
        .ancestors()
        .skip(1)
        .find(|folder| !folder.as_os_str().is_empty() && folder.is_dir());
    match folder {
        Some(folder) if path.parent() == Some(folder) => {
            format!(
                "the directory {} does not contain this file. {hint}",
                folder.display()
            )
        }
        Some(folder) => format!(
            "the directory {} does not contain this subdirectory. {hint}",
            folder.display()
        ),
        None => format!("the current directory does not contain this file. {hint}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &Path) -> String {
        path_problem(path, &std::fs::read(path).unwrap_err())
    }

    #[test]
    fn only_existing_folders_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().display().to_string();
        let text = said(&folder.path().join("planted"));
        assert!(text.contains(&name) && !text.contains("planted"), "{text}");
        let text = said(&folder.path().join("planted/secret"));
        assert!(text.contains(&name) && !text.contains("planted"), "{text}");
        for secret in [
            "planted~secret",
            "pla/nted+secret==",
            "/planted",
            "planted/",
            ".",
        ] {
            let text = said(Path::new(secret));
            assert!(!text.contains("planted"), "{text}");
        }
        assert!(said(folder.path()).contains(&name), "what exists is named");
    }
}
