//! Explains verdicts in words.

use super::scope::Route;
use super::verdict::{Collision, Kept, Leaving, Outcome, Skip};

impl Outcome {
    /// The reason, if there is something to explain.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        Some(match self {
            Self::Leave(why) => why.reason(),
            Self::Keep(why, kept) => format!("{}; {}", why.reason(), kept.reason()),
            Self::Skip(why) => match why.code() {
                Some(code) => format!("{} ({code})", why.reason()),
                None => why.reason(),
            },
            Self::Collide(collision) => collision.reason(),
            Self::Create(_) | Self::Update { .. } | Self::Restore(_) | Self::Nothing { .. } => {
                return None;
            }
        })
    }
}

impl Collision {
    /// The holder of the value, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        let holder = if self.arriving {
            format!("source user {}, who arrives as well", self.holder)
        } else {
            format!("{} ({})", self.holder_name, self.holder)
        };
        format!("{} {} is held by {holder}", self.attribute, self.value)
    }
}

impl Leaving {
    /// The reason as the end of a sentence: "because …".
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Unassigned => "not assigned, neither directly nor through a group".to_owned(),
            Self::DefaultAccess => {
                "assigned with the default access role only, which does not count for provisioning"
                    .to_owned()
            }
            Self::Filtered(clause) => format!("does not match the scoping filter: {clause}"),
            Self::Deleted => "deleted in the source tenant".to_owned(),
            Self::NotInternal => "a guest or external user of the source tenant".to_owned(),
            Self::SmsSignIn => "has SMS sign-in enabled".to_owned(),
        }
    }
}

impl Kept {
    /// The reason why the copy stays.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoDelete => "the target object actions do not include Delete",
            Self::DisabledBefore => {
                "the user was disabled in both tenants before it was unassigned, and such users are not deleted"
            }
            Self::Threshold => {
                "the cycle would delete more than the threshold allows, so the job goes into quarantine instead"
            }
        }
    }
}

impl Skip {
    /// The reason code in the provisioning log, if Microsoft publishes one.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::NotAssigned | Self::DefaultAccess => Some("NotEffectivelyEntitled"),
            Self::InvitationsOff => Some("AzureActiveDirectoryForbidden"),
            Self::MappingOff => Some("EntityTypeNotSupported"),
            _ => None,
        }
    }

    /// The reason why there is no copy.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::NotAssigned => "not assigned to the application".to_owned(),
            Self::DefaultAccess => {
                "assigned with the default access role only; unassign and assign again".to_owned()
            }
            Self::Filtered(clause) => format!("does not match the scoping filter: {clause}"),
            Self::External => {
                "external user; only internal members of the source tenant are synchronized".to_owned()
            }
            Self::InternalGuest => {
                "internal guest; only internal members of the source tenant are synchronized".to_owned()
            }
            Self::SmsSignIn => {
                "SMS sign-in is enabled (Filter external users.alternativeSecurityIds EQUALS 'None')"
                    .to_owned()
            }
            Self::Disabled => {
                "disabled; a user has to be active when it is provisioned for the first time".to_owned()
            }
            Self::NoAdd => "the target object actions do not include Create".to_owned(),
            Self::DeletedByHand => {
                "an administrator deleted the user in the target tenant; only an administrator can restore it"
                    .to_owned()
            }
            Self::InvitationsOff => {
                "the target tenant does not let guests be invited".to_owned()
            }
            Self::MappingOff => "the mapping of users is disabled".to_owned(),
            Self::MappingFails { attribute, why } => {
                format!("the mapping of {attribute} fails: {why}")
            }
        }
    }
}

impl Route {
    /// The reason why the user is in scope.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Everybody => "the scope is all users".to_owned(),
            Self::Direct => "assigned directly".to_owned(),
            Self::Group(name) => format!("member of the assigned group {name:?}"),
        }
    }
}
