//! Where `terraform-provider-crosstenant export` writes what exists.

/// Whether objects of a resource are exported, and into which file. An object in which only the key differs from Microsoft's default is
/// never exported where that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// They are not: one-off operations and deleted objects.
    No,
    /// All of them, into this file.
    Always(&'static str),
    /// Those with settings other than Microsoft's default, into this file.
    IfChanged(&'static str),
    /// Those of a type that the command names, into this file.
    OnRequest(&'static str),
}

impl Export {
    /// The file without its extension.
    #[must_use]
    pub fn file(self) -> Option<&'static str> {
        match self {
            Self::No => None,
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
/// Users and groups that are assigned.
pub const ASSIGNMENTS: &str = "assignments";
/// The multitenant organization.
pub const ORGANIZATION: &str = "organization";
