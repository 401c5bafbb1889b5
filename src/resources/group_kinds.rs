//! Determines from the kind of a group whether cross-tenant synchronization copies it and reads its members.

use serde_json::Value as Json;

/// The properties of a group that determine its kind.
pub(super) const SELECT: &str =
    "id,displayName,groupTypes,mailEnabled,securityEnabled,isAssignableToRole";

/// The role of an application without roles. A principal assigned with it is not entitled.
pub(super) const NO_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// A kind of group that is not synchronized like others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    RoleAssignable,
    MailEnabledSecurity,
    Distribution,
    /// A Microsoft 365 group that is not security-enabled.
    Microsoft365,
    NotForSecurity,
}

impl LeftOut {
    /// Returns the kind of a group if it is one of these. Missing properties are ignored.
    pub(super) fn of(group: &Json) -> Option<Self> {
        let mut types = group["groupTypes"].as_array().into_iter().flatten();
        let is_unified = types.any(|kind| kind == "Unified");
        let (mail, security) = (
            group["mailEnabled"] == true,
            group["securityEnabled"].as_bool(),
        );
        match (is_unified, mail, security) {
            _ if group["isAssignableToRole"] == true => Some(Self::RoleAssignable),
            (true, _, Some(false)) => Some(Self::Microsoft365),
            (false, true, Some(false)) => Some(Self::Distribution),
            (false, true, _) => Some(Self::MailEnabledSecurity),
            (false, false, Some(false)) => Some(Self::NotForSecurity),
            (true, ..) | (false, false, _) => None,
        }
    }

    /// Returns the kind with its article.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::RoleAssignable => "a role-assignable group",
            Self::MailEnabledSecurity => "a mail-enabled security group",
            Self::Distribution => "a distribution group",
            Self::Microsoft365 => "a Microsoft 365 group that is not security-enabled",
            Self::NotForSecurity => "a group that is not security-enabled",
        }
    }

    /// Whether the members of such a group are synchronized.
    pub(super) fn brings_members(self) -> bool {
        matches!(self, Self::RoleAssignable | Self::MailEnabledSecurity)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_kind_decides_what_is_copied_and_whose_members_are_read() {
        let group = |types: &[&str], mail: bool, security: bool| json!({ "groupTypes": types, "mailEnabled": mail, "securityEnabled": security });
        let mut role = group(&[], false, true);
        role["isAssignableToRole"] = json!(true);
        for (group, kind, members) in [
            (group(&[], false, true), None, true),
            (group(&["DynamicMembership"], false, true), None, true),
            (group(&["Unified"], true, true), None, true),
            (
                group(&["Unified"], true, false),
                Some(LeftOut::Microsoft365),
                false,
            ),
            (
                group(&[], true, true),
                Some(LeftOut::MailEnabledSecurity),
                true,
            ),
            (group(&[], true, false), Some(LeftOut::Distribution), false),
            (
                group(&[], false, false),
                Some(LeftOut::NotForSecurity),
                false,
            ),
            (role, Some(LeftOut::RoleAssignable), true),
            (json!({ "id": "x" }), None, true),
        ] {
            let found = LeftOut::of(&group);
            assert_eq!(found, kind, "{group}");
            assert_eq!(
                found.is_none_or(LeftOut::brings_members),
                members,
                "{group}"
            );
        }
    }
}
