//! The task to which a page of the reference belongs. The registries group pages of all kinds by task.

/// The task for which a user needs a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Set what other tenants may do, and what is trusted.
    Policies,
    /// Synchronize users and groups.
    Synchronization,
    /// View the current state, the history and previews.
    Monitoring,
    /// Manage single users and groups.
    UsersAndGroups,
    /// Manage a multitenant organization.
    MultitenantOrganization,
}

impl Task {
    /// Returns the title of its group of pages.
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
