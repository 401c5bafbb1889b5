//! The task that a page of the reference belongs to. The registries group pages of every kind by it.

/// What somebody wants to do who looks for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Decide what other tenants may do, and what is trusted.
    Policies,
    /// Synchronize users and groups.
    Synchronization,
    /// See what is, what was and what would be.
    Monitoring,
    /// Look after single users and groups.
    UsersAndGroups,
    /// Manage a multitenant organization.
    MultitenantOrganization,
}

impl Task {
    /// The title of its group of pages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Policies => "Policies",
            Self::Synchronization => "Synchronization",
            Self::Monitoring => "Monitoring",
            Self::UsersAndGroups => "Users and Groups",
            Self::MultitenantOrganization => "Multitenant Organization",
        }
    }
}
