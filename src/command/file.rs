//! Writes files atomically: the old content remains until the new content is complete.

use std::fs::Permissions;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::Failure;

/// The permissions of a new file. An existing file keeps its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Only its owner.
    Owner,
    /// The users who can read other files of the owner.
    Usual,
}

/// The destination of the bytes.
enum Target {
    /// A device or a pipe, which must not be replaced.
    Stream,
    /// A file, and its permissions if it exists.
    File(PathBuf, Option<Permissions>),
}

/// The text of a file, or of standard input if its name is `-`.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn contents(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|why| Failure::new(format!("{} cannot be read: {why}", path.display())))?;
    Ok(text)
}

/// Checks that a file can be written, before any tenant is read.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn can_be_written(file: &Path) -> io::Result<()> {
    match target(file)? {
        Target::Stream => Ok(()),
        Target::File(path, there) => match temporary(&path, Readers::Owner) {
            Err(why) if there.is_some() && is_irreplaceable(&why) => {
                std::fs::OpenOptions::new().append(true).open(path)
            }
            temporary => temporary.map(NamedTempFile::into_file),
        }
        .map(drop),
    }
}

/// Writes a temporary file and renames it, or overwrites the file if it cannot be replaced.
///
/// # Errors
///
/// If neither is possible. Unless it was being overwritten, the file is then unchanged.
pub(super) fn write(file: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let (path, permissions) = match target(file)? {
        Target::Stream => return std::fs::write(file, bytes),
        Target::File(path, permissions) => (path, permissions),
    };
    let is_there = permissions.is_some();
    let replaced = replace(&path, bytes, readers, permissions);
    overwrite_if_irreplaceable(replaced, is_there, &path, bytes)
}

/// Overwrites an existing file for which `replaced` failed because it cannot be replaced.
fn overwrite_if_irreplaceable(
    replaced: io::Result<()>,
    is_there: bool,
    path: &Path,
    bytes: &[u8],
) -> io::Result<()> {
    match replaced {
        Err(why) if is_there && is_irreplaceable(&why) => std::fs::write(path, bytes),
        replaced => replaced,
    }
}

fn replace(
    path: &Path,
    bytes: &[u8],
    readers: Readers,
    permissions: Option<Permissions>,
) -> io::Result<()> {
    let mut temporary = temporary(path, readers)?;
    temporary.write_all(bytes)?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions)?;
    }
    temporary.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

/// Whether this is the error of a file that can be written but not replaced: one that is mounted into a container, or one in the directory
/// of another user.
fn is_irreplaceable(why: &io::Error) -> bool {
    matches!(
        why.kind(),
        io::ErrorKind::ResourceBusy
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
    )
}

fn target(file: &Path) -> io::Result<Target> {
    let found = match std::fs::metadata(file) {
        Ok(found) => found,
        Err(why) if why.kind() == io::ErrorKind::NotFound => {
            return Ok(Target::File(file.to_owned(), None));
        }
        Err(why) => return Err(why),
    };
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Ok(Target::Stream);
    }
    // Replacing a file requires permission for its directory only. The owner of a read-only file wants to keep it.
    if found.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    // A link is followed, so that its target is replaced and not the link.
    let path = std::fs::canonicalize(file)?;
    Ok(Target::File(path, Some(found.permissions())))
}

fn temporary(file: &Path, readers: Readers) -> io::Result<NamedTempFile> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = Builder::new();
    if readers == Readers::Usual {
        request_all_permissions(&mut builder);
    }
    builder.tempfile_in(folder)
}

/// Requests all permissions; the umask of the process restricts them.
#[cfg(unix)]
fn request_all_permissions(builder: &mut Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(Permissions::from_mode(0o666));
}

/// Files inherit the permissions of their directory.
#[cfg(not(unix))]
fn request_all_permissions(_: &mut Builder<'_, '_>) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_is_there_as_a_whole_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("map.svg");
        for text in ["one", "two"] {
            can_be_written(&file).unwrap();
            write(&file, text.as_bytes(), Readers::Usual).unwrap();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
        assert_eq!(names(folder.path()), 1, "no temporary file stays");
        for wrong in ["", "missing/map.svg", "map.svg/below"] {
            let wrong = folder.path().join(wrong);
            assert!(can_be_written(&wrong).is_err(), "{}", wrong.display());
            assert!(write(&wrong, b"three", Readers::Usual).is_err());
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(names(folder.path()), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mode = |name: &str| std::fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
        std::fs::write(path("usual"), "").unwrap();
        write(&path("new"), b"1", Readers::Usual).unwrap();
        assert_eq!(mode("new"), mode("usual"), "as any other file");
        write(&path("own"), b"1", Readers::Owner).unwrap();
        assert_eq!(mode("own"), 0o600);

        for readers in [Readers::Owner, Readers::Usual] {
            std::fs::set_permissions(path("new"), Permissions::from_mode(0o640)).unwrap();
            write(&path("new"), b"2", readers).unwrap();
            assert_eq!(mode("new"), 0o640);
        }
        std::os::unix::fs::symlink("new", path("link")).unwrap();
        write(&path("link"), b"3", Readers::Usual).unwrap();
        assert!(path("link").is_symlink());
        assert_eq!(std::fs::read_to_string(path("new")).unwrap(), "3");

        std::fs::set_permissions(path("new"), Permissions::from_mode(0o444)).unwrap();
        for file in ["new", "link"] {
            assert!(can_be_written(&path(file)).is_err());
            assert!(write(&path(file), b"4", Readers::Usual).is_err());
        }
        assert_eq!(std::fs::read_to_string(path("new")).unwrap(), "3");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let device = Path::new("/dev/null");
        can_be_written(device).unwrap();
        write(device, b"1", Readers::Usual).unwrap();
        assert!(!std::fs::metadata(device).unwrap().is_file());
    }

    /// Neither a file that is mounted into a container nor one in the directory of another user can be replaced, but both can be written.
    #[test]
    fn a_file_that_cannot_be_replaced_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("map.svg");
        for (kind, there, written) in [
            (io::ErrorKind::ResourceBusy, true, true),
            (io::ErrorKind::PermissionDenied, true, true),
            (io::ErrorKind::ReadOnlyFilesystem, true, true),
            (io::ErrorKind::StorageFull, true, false),
            (io::ErrorKind::PermissionDenied, false, false),
        ] {
            std::fs::write(&file, "as it was").unwrap();
            let outcome = overwrite_if_irreplaceable(Err(kind.into()), there, &file, b"new");
            assert_eq!(outcome.is_ok(), written, "{kind}");
            let found = std::fs::read_to_string(&file).unwrap();
            assert_eq!(found, if written { "new" } else { "as it was" }, "{kind}");
        }
        assert_eq!(names(folder.path()), 1);
    }

    /// Tests the actual errors of the system: a directory in which its owner cannot create files, or, for root, who can create files
    /// anywhere, a mounted file. If root cannot mount either, it runs in a container and has only the other test.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_error_of_a_file_that_cannot_be_replaced_is_recognized() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["outside", "inside"] {
            std::fs::write(path(name), "as it was").unwrap();
        }
        let mode = |mode| {
            std::fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
        };
        mode(0o555);
        let is_root = std::fs::write(path("probe"), "").is_ok();
        let mount = |command: &str, names: &[&str]| {
            let mut mount = std::process::Command::new(command);
            let done = mount.args(names).current_dir(folder.path()).status();
            done.is_ok_and(|status| status.success())
        };
        let mounted = is_root && mount("mount", &["--bind", "outside", "inside"]);
        let replaced = replace(&path("inside"), b"new", Readers::Usual, None);
        let written = can_be_written(&path("inside"))
            .and_then(|()| write(&path("inside"), b"new", Readers::Usual));
        if mounted {
            assert!(mount("umount", &["inside"]));
        }
        mode(0o755);
        written.unwrap();
        let place = if mounted { "outside" } else { "inside" };
        assert_eq!(std::fs::read_to_string(path(place)).unwrap(), "new");
        let kept = replaced
            .err()
            .map(|why| (is_irreplaceable(&why), why.kind()));
        let expected = match (is_root, mounted) {
            (true, true) => Some((true, io::ErrorKind::ResourceBusy)),
            (true, false) => None,
            (false, _) => Some((true, io::ErrorKind::PermissionDenied)),
        };
        assert_eq!(kept, expected);
    }
}
