//! What Microsoft does not say, so that a verdict that depends on it can be recognized.

/// An assumption that a verdict rests on. Each is a fact of `docs/internals/unverified.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Microsoft's pages disagree about internal guests as source users.
    InternalGuest,
    /// The exception for disabled users is documented for members of assigned groups, not for users assigned themselves.
    DisabledAndUnassigned,
    /// Whether two users are the same person is concluded from names, not from the service's own link.
    MatchedByName,
    /// Whether this job has brought the user is not known.
    PerhapsNotManaged,
    /// Whether the source user has changed since the last cycle is not known.
    PerhapsUnchanged,
    /// The dialect of regular expressions in filters.
    Pattern,
    /// Which words the service refuses an address with that is taken.
    TakenAddress,
    /// The flow types besides `Always` and `ObjectAddOnly`.
    FlowType,
    /// A function that is evaluated by the service alone.
    Expression,
    /// Members of a Microsoft 365 group that is not enabled for security.
    GroupWithoutSecurity,
    /// What becomes of the copy of a group that leaves the scope.
    GroupLeaves,
    /// Whether a user in the recycle bin of the target was deleted by synchronization or by hand.
    DeletedBySomebody,
    /// Whether the target user's invitation, which is pending, is redeemed by the cycle.
    PendingInvitation,
    /// SMS sign-in was not looked up.
    SmsSignIn,
    /// The order in which the service writes within a cycle.
    OrderInCycle,
    /// The user has none of the licenses that Microsoft asks for.
    NoLicense,
    /// Which group of the target is the copy of a group is concluded from its name.
    CopyByName,
}

impl Doubt {
    /// Its ID in the list of unverified facts.
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

    /// In a sentence.
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
