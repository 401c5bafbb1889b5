//! Assumptions about undocumented behavior, so that verdicts that depend on one can be recognized.

/// An assumption that a verdict depends on. Each is a fact in `docs/internals/unverified.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Microsoft's pages disagree about internal guests as source users.
    InternalGuest,
    /// The exception for disabled users is documented for members of assigned groups, not for directly assigned users.
    DisabledAndUnassigned,
    /// Two users are matched by their names, not by the service's own link.
    MatchedByName,
    /// It is not known whether this job created the user.
    PerhapsNotManaged,
    /// It is not known whether the source user has changed since the last cycle.
    PerhapsUnchanged,
    /// The dialect of regular expressions in filters.
    Pattern,
    /// The error of the service for an address that is taken.
    TakenAddress,
    /// The flow types other than `Always` and `ObjectAddOnly`.
    FlowType,
    /// A function that only the service can evaluate.
    Expression,
    /// Members of a Microsoft 365 group that is not enabled for security.
    GroupWithoutSecurity,
    /// The effect on the copy of a group that leaves the scope.
    GroupLeaves,
    /// Whether a user in the recycle bin of the target was deleted by synchronization or manually.
    DeletedBySomebody,
    /// Whether the cycle redeems the pending invitation of the target user.
    PendingInvitation,
    /// The state of SMS sign-in is unknown.
    SmsSignIn,
    /// The order in which the service writes within a cycle.
    OrderInCycle,
    /// The user has none of the required licenses.
    NoLicense,
    /// The copy of a group is recognized by its name.
    CopyByName,
}

impl Doubt {
    /// The ID in the list of unverified facts.
    #[must_use]
    pub fn fact(self) -> &'static str {
        match self {
            Self::InternalGuest => "internal-guests",
            Self::DisabledAndUnassigned => "disabled-and-unassigned",
            Self::MatchedByName => "match-by-name",
            Self::PerhapsNotManaged => "managed-by-job",
            Self::PerhapsUnchanged => "changed-since-cycle",
            Self::Pattern => "dialect-of-patterns",
            Self::TakenAddress => "taken-address",
            Self::FlowType => "other-flow-types",
            Self::Expression => "expression-of-service",
            Self::GroupWithoutSecurity => "group-without-security",
            Self::GroupLeaves => "group-leaves-scope",
            Self::DeletedBySomebody => "deleted-by-whom",
            Self::PendingInvitation => "pending-invitation",
            Self::SmsSignIn => "sms-sign-in",
            Self::OrderInCycle => "order-in-cycle",
            Self::NoLicense => "users-without-license",
            Self::CopyByName => "copy-by-name",
        }
    }

    /// The assumption as a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::InternalGuest => {
                "Microsoft's pages disagree on whether internal guests are synchronized; the overview says no."
            }
            Self::DisabledAndUnassigned => {
                "Microsoft documents for members of assigned groups that a disabled user who is unassigned stays in the target; \
                 for users who are assigned themselves the same is assumed."
            }
            Self::MatchedByName => {
                "The target user is taken for the same person because of its name. The service compares an internal ID that \
                 Microsoft Graph does not show."
            }
            Self::PerhapsNotManaged => {
                "It is not known whether this job has brought the target user. A user whom it has never managed stays."
            }
            Self::PerhapsUnchanged => {
                "The service writes a difference only after a change of the source user or group, or in a full cycle."
            }
            Self::Pattern => {
                "The dialect of regular expressions in scoping filters is not published; .NET's is assumed."
            }
            Self::TakenAddress => {
                "That the creation fails follows from the uniqueness of the address; the error is not published."
            }
            Self::FlowType => {
                "Microsoft explains the flow types Always and ObjectAddOnly only; the others are assumed to do what their names say."
            }
            Self::Expression => "The expression has a function that only the service can compute.",
            Self::GroupWithoutSecurity => {
                "Microsoft asks for groups that are enabled for security; whether the members of others are read is not published."
            }
            Self::GroupLeaves => {
                "Microsoft does not say what becomes of the copy of a group that leaves the scope; a soft deletion is assumed."
            }
            Self::DeletedBySomebody => {
                "Synchronization restores a user whom it has deleted itself, not one whom an administrator has deleted."
            }
            Self::PendingInvitation => {
                "The invitation of the target user is pending; a full cycle or provisioning on demand is assumed to redeem it."
            }
            Self::OrderInCycle => {
                "A colliding user leaves in the same cycle; it is assumed that the service deletes first."
            }
            Self::NoLicense => {
                "Microsoft asks for a license with Microsoft Entra ID P1 in the source tenant for each synchronized user. Whether the \
                 service leaves out users without one is not published."
            }
            Self::CopyByName => {
                "The target group is taken for the copy because of its name. Microsoft Graph does not show which group it was copied from."
            }
            Self::SmsSignIn => {
                "Whether users have SMS sign-in, which keeps them from being synchronized, was not looked up."
            }
        }
    }
}
