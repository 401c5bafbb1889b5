//! Writes the output directory atomically.
//!
//! It is created next to its destination and moved there in one step. An empty directory that cannot be replaced, because it is the current
//! directory of a process or a mount point, is filled instead.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Failure;

/// The output directory.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The parent directory, on the same file system.
    parent: PathBuf,
    force: bool,
}

impl Folder {
    /// Checks that the directory at `path` can be written, before any tenant is read.
    ///
    /// # Errors
    ///
    /// If it exists and `force` is not set, or if it cannot be written.
    pub(super) fn at(path: &Path, force: bool) -> Result<Self, Failure> {
        let absolute = std::path::absolute(path).map_err(|error| unwritable(path, &error))?;
        // A link is followed, so that its target is replaced and not the link.
        let path = std::fs::canonicalize(&absolute).unwrap_or(absolute);
        let parent = match path.parent() {
            Some(parent) if path.file_name().is_some() => parent.to_owned(),
            _ => {
                return Err(Failure::new(format!(
                    "{} is not a directory that can be replaced. Choose another directory with --out.",
                    path.display()
                )));
            }
        };
        let folder = Self {
            path,
            parent,
            force,
        };
        folder.check()?;
        Ok(folder)
    }

    fn check(&self) -> Result<(), Failure> {
        self.check_free()?;
        if self.is_current_directory() && !self.is_empty() {
            return Err(Failure::new(format!(
                "{} is the current directory and not empty, so nothing was written.\n\nChoose another directory with \
                --out, or change to another directory first: --force moves the existing directory.",
                self.path.display()
            )));
        }
        std::fs::create_dir_all(&self.parent).map_err(|error| unwritable(&self.parent, &error))?;
        match self.temporary_beside() {
            Err(_) if self.is_empty() => self.temporary_inside()?,
            beside => beside?,
        };
        Ok(())
    }

    /// Checks that the directory does not exist, is empty, or may be replaced.
    fn check_free(&self) -> Result<(), Failure> {
        let shown = self.path.display();
        let entries = match std::fs::read_dir(&self.path) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(Failure::new(format!(
                    "{shown} is not a directory. Choose another path with --out."
                )));
            }
            Err(error) => return Err(unwritable(&self.path, &error)),
        };
        if entries && !self.force {
            return Err(Failure::new(format!(
                "{shown} is not empty, so nothing was written.\n\nChoose another directory with --out, or use --force \
                to replace it and keep the existing directory next to it."
            )));
        }
        Ok(())
    }

    /// Whether it is an empty directory.
    fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.path).is_ok_and(|mut entries| entries.next().is_none())
    }

    /// Whether it is the current directory of this process, so that a shell would be left in a deleted directory.
    fn is_current_directory(&self) -> bool {
        let here = std::env::current_dir().and_then(std::fs::canonicalize);
        here.is_ok_and(|here| here.starts_with(&self.path))
    }

    /// Whether a file would be in the directory.
    pub(super) fn holds(&self, file: &Path) -> bool {
        let Ok(file) = std::path::absolute(file) else {
            return false;
        };
        let folder = file.parent().unwrap_or(&file);
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        folder.starts_with(&self.path)
    }

    /// A temporary directory next to it.
    fn temporary_beside(&self) -> Result<TempDir, Failure> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        temporary(&format!(".{name}.unfinished-"), &self.parent)
    }

    /// A temporary directory in it.
    fn temporary_inside(&self) -> Result<TempDir, Failure> {
        temporary(".unfinished-", &self.path)
    }

    /// Writes the files and moves them into place. Returns the path to which the old directory was moved.
    ///
    /// # Errors
    ///
    /// If writing fails; then nothing has changed.
    pub(super) fn write(&self, files: &[(String, String)]) -> Result<Option<PathBuf>, Failure> {
        self.check_free()?;
        if self.is_current_directory() {
            return self.fill(files);
        }
        match self.replace(files) {
            // It is a mount point, or its parent is not writable.
            Err(_) if self.is_empty() => self.fill(files),
            done => done,
        }
    }

    /// Writes the files next to the directory and replaces it in one step.
    fn replace(&self, files: &[(String, String)]) -> Result<Option<PathBuf>, Failure> {
        let temporary = self.temporary_beside()?;
        let made = temporary.path().join("configuration");
        let wrong = |error: io::Error| unwritable(&self.path, &error);
        std::fs::create_dir(&made).map_err(wrong)?;
        write_all(&made, files).map_err(wrong)?;
        let kept = self.move_aside().map_err(wrong)?;
        std::fs::rename(&made, &self.path).map_err(|error| {
            if let Some(kept) = &kept {
                let _ = std::fs::rename(kept, &self.path);
            }
            wrong(error)
        })?;
        Ok(kept)
    }

    /// Writes the files into the empty directory, first into a temporary directory in it, so that only moving them can still fail.
    fn fill(&self, files: &[(String, String)]) -> Result<Option<PathBuf>, Failure> {
        let wrong = |error: io::Error| unwritable(&self.path, &error);
        if !self.is_empty() {
            return Err(wrong(io::ErrorKind::DirectoryNotEmpty.into()));
        }
        let temporary = self.temporary_inside()?;
        write_all(temporary.path(), files).map_err(wrong)?;
        for (at, (name, _)) in files.iter().enumerate() {
            let moved = std::fs::rename(temporary.path().join(name), self.path.join(name));
            moved.map_err(|error| {
                for (name, _) in &files[..at] {
                    let _ = std::fs::remove_file(self.path.join(name));
                }
                wrong(error)
            })?;
        }
        Ok(None)
    }

    /// Moves the existing directory aside. An empty directory is simply replaced.
    fn move_aside(&self) -> io::Result<Option<PathBuf>> {
        let mut entries = match std::fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if entries.next().is_none() {
            return Ok(None);
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let mut number = 1;
        let mut kept = self.parent.join(format!("{name}.before-{number}"));
        while kept.exists() {
            number += 1;
            kept.set_file_name(format!("{name}.before-{number}"));
        }
        std::fs::rename(&self.path, &kept)?;
        Ok(Some(kept))
    }

    /// The path of the directory.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn temporary(prefix: &str, folder: &Path) -> Result<TempDir, Failure> {
    tempfile::Builder::new()
        .prefix(prefix)
        .tempdir_in(folder)
        .map_err(|error| unwritable(folder, &error))
}

fn write_all(folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    files
        .iter()
        .try_for_each(|(name, text)| write_one(&folder.join(name), text))
}

/// Readable only by the owner, because assignments contain names of people.
fn write_one(path: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!(
        "{} cannot be written: {error}.\n\nNothing was written. Choose another directory with --out.",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<(String, String)> {
        vec![("a.tf".to_owned(), "new".to_owned())]
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[cfg(unix)]
    #[test]
    fn files_are_for_their_owner() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        for name in ["new", "empty"] {
            let path = parent.path().join(name);
            if name == "empty" {
                std::fs::create_dir(&path).unwrap();
            }
            Folder::at(&path, false).unwrap().write(&files()).unwrap();
            let mode = std::fs::metadata(path.join("a.tf"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_new_one_and_an_empty_one_are_filled() {
        let here = tempfile::tempdir().unwrap();
        std::fs::create_dir(here.path().join("empty")).unwrap();
        for name in ["empty", "new", "deep/er"] {
            let path = here.path().join(name);
            let folder = Folder::at(&path, false).unwrap();
            assert_eq!(folder.write(&files()).unwrap(), None);
            assert_eq!(names(&path), ["a.tf"]);
        }
        assert_eq!(names(here.path()), ["deep", "empty", "new"]);
    }

    #[test]
    fn what_is_there_is_refused_or_kept() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("out");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("terraform.tfstate"), "precious").unwrap();
        let refused = Folder::at(&path, false).unwrap_err().to_string();
        assert!(refused.contains("--force"), "{refused}");
        let kept = Folder::at(&path, true)
            .unwrap()
            .write(&files())
            .unwrap()
            .unwrap();
        assert_eq!(names(&path), ["a.tf"]);
        assert_eq!(names(&kept), ["terraform.tfstate"]);
        assert_eq!(names(here.path()), ["out", "out.before-1"]);
    }

    #[test]
    fn a_file_is_never_replaced() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("out");
        std::fs::write(&path, "precious").unwrap();
        for force in [false, true] {
            let refused = Folder::at(&path, force).unwrap_err().to_string();
            assert!(refused.contains("not a directory"), "{refused}");
        }
        let below = Folder::at(&path.join("below"), false)
            .unwrap_err()
            .to_string();
        assert!(
            below.contains("cannot be written") || below.contains("not a directory"),
            "{below}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn one_that_cannot_be_replaced_is_filled_or_left_empty() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("mounted");
        std::fs::create_dir(&path).unwrap();
        let folder = Folder::at(&path, false).unwrap();
        let mut wrong = files();
        wrong.push(("b/c.tf".to_owned(), String::new()));
        assert!(folder.fill(&wrong).is_err());
        assert!(names(&path).is_empty());
        assert_eq!(folder.fill(&files()).unwrap(), None);
        assert_eq!(names(&path), ["a.tf"]);
        assert!(folder.fill(&files()).is_err(), "it is not empty any more");
    }

    #[test]
    fn what_would_be_in_it_is_known() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("out");
        let folder = Folder::at(&path, false).unwrap();
        assert!(folder.holds(&path.join("a.json")) && folder.holds(&path.join("b/a.json")));
        assert!(!folder.holds(&here.path().join("out.json")) && !folder.holds(Path::new("a.json")));
    }

    #[test]
    fn what_appears_meanwhile_is_not_overwritten() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("out");
        let folder = Folder::at(&path, false).unwrap();
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("other.tf"), "theirs").unwrap();
        assert!(folder.write(&files()).is_err());
        assert_eq!(names(&path), ["other.tf"]);
        assert_eq!(names(here.path()), ["out"]);
    }
}
