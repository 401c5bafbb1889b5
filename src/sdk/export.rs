//! The files that `terraform-provider-crosstenant export` writes.

/// Whether objects of a resource are exported, and into which file. With [`Export::IfChanged`], an object in which only the key differs
/// from Microsoft's default is not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// They are not, for this reason.
    No(&'static str),
    /// All objects, into this file.
    Always(&'static str),
    /// Objects with settings other than Microsoft's default, into this file.
    IfChanged(&'static str),
    /// Objects of a type that the command line names, into this file.
    OnRequest(&'static str),
}

impl Export {
    /// Returns the file name without its extension.
    #[must_use]
    pub fn file(self) -> Option<&'static str> {
        match self {
            Self::No(_) => None,
            Self::Always(file) | Self::IfChanged(file) | Self::OnRequest(file) => Some(file),
        }
    }
}

/// Settings of a whole tenant.
pub const SETTINGS: &str = "settings";
/// Partners with their policies.
pub const PARTNERS: &str = "partners";
/// Configurations with their jobs and schemas.
pub const SYNCHRONIZATION: &str = "synchronization";
/// Assigned users and groups.
pub const ASSIGNMENTS: &str = "assignments";
/// The multitenant organization.
pub const ORGANIZATION: &str = "organization";
