//! Attribute names of users and groups: known names, names that cross-tenant synchronization refuses, and suggestions for misspelled ones.
//!
//! A name that is not listed here may still exist in a job's schema; that is checked when it is written.

use super::part::Objects;
use expression::closest;

/// Attributes that can be read in the source tenant and written in the target tenant.
const BOTH: [&str; 24] = [
    "accountEnabled",
    "city",
    "companyName",
    "country",
    "department",
    "displayName",
    "employeeId",
    "employeeType",
    "givenName",
    "IsSoftDeleted",
    "jobTitle",
    "mail",
    "mailNickname",
    "manager",
    "mobile",
    "physicalDeliveryOfficeName",
    "postalCode",
    "preferredLanguage",
    "state",
    "streetAddress",
    "surname",
    "telephoneNumber",
    "usageLocation",
    "userPrincipalName",
];

const SOURCES: [&str; 6] = [
    "alternativeSecurityIds",
    "createdDateTime",
    "netId",
    "objectId",
    "originalUserPrincipalName",
    "otherMails",
];

const TARGETS: [&str; 3] = ["showInAddressList", "userState", "userType"];

/// The matching attribute of users, under both of its names.
pub(super) const MATCHING: [&str; 2] = ["alternativeSecurityIds", "alternativeSecurityIdentifier"];

/// Marks a deleted user for the target tenant. Without it, deletions are not synchronized.
pub(super) const DELETED: &str = "IsSoftDeleted";

const FORBIDDEN_SOURCES: [&str; 3] = ["userType", "SamAccountName", "onPremisesSamAccountName"];
const FORBIDDEN_TARGETS: [&str; 2] = ["otherMails", "proxyAddresses"];

const BOOLEAN: [&str; 3] = ["accountEnabled", "IsSoftDeleted", "showInAddressList"];
const NO_FILTER: [(&str, &str); 9] = [
    ("appRoleAssignments", "app role assignments"),
    ("userType", "the user type"),
    ("manager", "the manager"),
    ("createdDateTime", DATES),
    ("employeeHireDate", DATES),
    ("employeeLeaveDateTime", DATES),
    ("otherMails", LISTS),
    ("proxyAddresses", LISTS),
    ("alternativeSecurityIds", LISTS),
];
const DATES: &str = "attributes that hold a date and time";
const LISTS: &str = "attributes with several values";

/// Attributes of groups in Graph. Which of them the schema lists is not public.
const OF_GROUPS: [&str; 9] = [
    "description",
    "displayName",
    "groupTypes",
    "mail",
    "mailEnabled",
    "mailNickname",
    "members",
    "objectId",
    "securityEnabled",
];

/// The origin of a group, by which it is matched in the target tenant.
const ORIGIN: [&str; 2] = ["originId", "originTenantId"];

/// The direct members of a group.
pub(super) const MEMBERS: &str = "members";

const BOOLEAN_OF_GROUPS: [&str; 2] = ["mailEnabled", "securityEnabled"];
const NO_FILTER_OF_GROUPS: [(&str, &str); 9] = [
    ("members", "the members of a group"),
    ("memberOf", "the groups that a group is in"),
    ("owners", "the owners of a group"),
    ("groupTypes", LISTS),
    ("proxyAddresses", LISTS),
    ("appRoleAssignments", "app role assignments"),
    ("createdDateTime", DATES),
    ("expirationDateTime", DATES),
    ("renewedDateTime", DATES),
];

/// A problem with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It cannot be used here, with the reason in full sentences.
    Refused(String),
    /// It does not exist; the name that was probably meant.
    Misspelt(&'static str),
    /// It is unknown, but similar to a known name.
    Suspicious(&'static str),
}

/// Checks the attribute `name` as a source of users or groups.
pub(super) fn source(objects: Objects, name: &str) -> Option<Fault> {
    if objects == Objects::Groups {
        return spelling(name, &|| OF_GROUPS.into_iter());
    }
    if let Some(forbidden) = same_but_case(name, FORBIDDEN_SOURCES) {
        return Some(Fault::Refused(format!(
            "Cross-tenant synchronization cannot read {forbidden}."
        )));
    }
    spelling(name, &|| BOTH.into_iter().chain(SOURCES))
}

/// Checks the attribute `name` as a target of groups.
fn group_target(name: &str) -> Option<Fault> {
    if let Some(origin) = same_but_case(name, ORIGIN) {
        return Some(Fault::Refused(format!(
            "{origin} is the matching attribute: it identifies the source group, by which the group is matched in the \
            target tenant. It cannot be changed. Remove it; the mapping is then kept."
        )));
    }
    if let Some(forbidden) = same_but_case(name, ["proxyAddresses", "groupTypes", "mailEnabled"]) {
        return Some(Fault::Refused(format!(
            "{forbidden} cannot be written: a copied group is always a static security group without mail."
        )));
    }
    spelling(name, &|| OF_GROUPS.into_iter())
}

/// Checks the attribute `name` as a target of users or groups.
pub(super) fn target(objects: Objects, name: &str) -> Option<Fault> {
    if objects == Objects::Groups {
        return group_target(name);
    }
    if let Some(matching) = same_but_case(name, MATCHING) {
        return Some(Fault::Refused(format!(
            "{matching} is the matching attribute, by which users are matched in the target tenant. For cross-tenant \
             synchronization it cannot be changed, and no second matching attribute can be added: Microsoft Graph refuses \
             such a schema with `schemaInvalid`. Remove it; the mapping is then kept."
        )));
    }
    if let Some(forbidden) = same_but_case(name, FORBIDDEN_TARGETS) {
        return Some(Fault::Refused(format!(
            "Cross-tenant synchronization cannot write {forbidden}."
        )));
    }
    spelling(name, &|| BOTH.into_iter().chain(TARGETS))
}

/// Checks the attribute `name` in a scoping filter of users or groups.
pub(super) fn filter(objects: Objects, name: &str) -> Option<Fault> {
    let refused = match objects {
        Objects::Users => NO_FILTER,
        Objects::Groups => NO_FILTER_OF_GROUPS,
    };
    let refused = refused
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name));
    if let Some((_, what)) = refused {
        return Some(Fault::Refused(format!(
            "Scoping filters do not work on {what}."
        )));
    }
    source(objects, name)
}

/// Whether the attribute is known to have another type than boolean.
pub(super) fn is_no_boolean(objects: Objects, name: &str) -> bool {
    if objects == Objects::Groups {
        return OF_GROUPS.contains(&name) && !BOOLEAN_OF_GROUPS.contains(&name);
    }
    !BOOLEAN.contains(&name) && BOTH.into_iter().chain(SOURCES).any(|known| known == name)
}

/// Whether the attribute can only be written as `true` or `false`.
pub(super) fn is_boolean(name: &str) -> bool {
    BOOLEAN.contains(&name)
}

/// Whether every job's schema has the attribute. For groups, this is not public.
pub(super) fn is_known(objects: Objects, name: &str) -> bool {
    if objects == Objects::Groups {
        return false;
    }
    let mut all = BOTH.into_iter().chain(SOURCES).chain(TARGETS);
    all.any(|known| known == name) || numbered(name)
}

/// Whether the name has the format of a directory extension.
pub(super) fn is_extension(name: &str) -> bool {
    name.starts_with("extension_")
}

fn spelling<'n, I>(name: &str, known: &dyn Fn() -> I) -> Option<Fault>
where
    I: Iterator<Item = &'static str> + Clone + 'n,
{
    if name
        .get(..10)
        .is_some_and(|start| start.eq_ignore_ascii_case("extension_"))
    {
        return extension(name);
    }
    if numbered(name) || known().any(|other| other == name) {
        return None;
    }
    let meant = closest(name, known())?;
    Some(if meant.eq_ignore_ascii_case(name) {
        Fault::Misspelt(meant)
    } else {
        Fault::Suspicious(meant)
    })
}

/// `extensionAttribute1` to `extensionAttribute15`.
fn numbered(name: &str) -> bool {
    let number = name.strip_prefix("extensionAttribute");
    number.is_some_and(|number| (1..=15).any(|known| number == known.to_string()))
}

fn extension(name: &str) -> Option<Fault> {
    let parts = name
        .strip_prefix("extension_")
        .and_then(|rest| rest.split_once('_'));
    let is_right = parts.is_some_and(|(application, name)| {
        application.len() == 32
            && application
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
            && !name.is_empty()
    });
    (!is_right).then(|| {
        Fault::Refused(
            "Directory extensions are named extension_<application id>_<name>, with the application ID in lowercase and without dashes. \
             They are case-sensitive, for example extension_0a7d2b9e4f103f1c8a526d0b4c1e9c55_costCenter."
                .to_owned(),
        )
    })
}

fn same_but_case<const N: usize>(name: &str, names: [&'static str; N]) -> Option<&'static str> {
    names
        .into_iter()
        .find(|other| other.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_documented_passes() {
        for name in [
            "department",
            "extensionAttribute15",
            "extension_0a7d2b9e4f103f1c8a526d0b4c1e9c55_costCenter",
            "somethingElse",
        ] {
            assert_eq!(
                (
                    source(Objects::Users, name),
                    target(Objects::Users, name),
                    filter(Objects::Users, name)
                ),
                (None, None, None),
                "{name}"
            );
        }
        assert_eq!(target(Objects::Users, "userType"), None);
        assert_eq!(source(Objects::Users, "otherMails"), None);
    }

    #[test]
    fn what_cannot_be_used_is_refused_in_any_case() {
        let refused = |fault: Option<Fault>| matches!(fault, Some(Fault::Refused(_)));
        for name in ["userType", "SamAccountName", "usertype"] {
            assert!(
                refused(source(Objects::Users, name)) && refused(filter(Objects::Users, name)),
                "{name}"
            );
        }
        for name in [
            "otherMails",
            "proxyAddresses",
            "alternativeSecurityIds",
            "AlternativeSecurityIdentifier",
        ] {
            assert!(refused(target(Objects::Users, name)), "{name}");
        }
        for name in ["manager", "createdDateTime", "appRoleAssignments"] {
            assert!(refused(filter(Objects::Users, name)), "{name}");
        }
        for name in [
            "extension_0a7d2b9e-4f10-3f1c-8a52-6d0b4c1e9c55_costCenter",
            "Extension_0a7d2b9e4f103f1c8a526d0b4c1e9c55_costCenter",
            "extension_costCenter",
        ] {
            assert!(refused(source(Objects::Users, name)), "{name}");
        }
    }

    #[test]
    fn groups_have_names_of_their_own() {
        let groups = Objects::Groups;
        let refused = |fault: Option<Fault>| matches!(fault, Some(Fault::Refused(_)));
        for name in ["members", "memberOf", "groupTypes", "renewedDateTime"] {
            assert!(refused(filter(groups, name)), "{name}");
        }
        for name in ["originId", "originTenantId", "groupTypes"] {
            assert!(refused(target(groups, name)), "{name}");
        }
        assert_eq!(filter(groups, "displayName"), None);
        assert_eq!(target(groups, "members"), None);
        assert_eq!(
            source(groups, "DisplayName"),
            Some(Fault::Misspelt("displayName"))
        );
    }

    #[test]
    fn case_matters_and_misspellings_are_noticed() {
        assert_eq!(
            source(Objects::Users, "Department"),
            Some(Fault::Misspelt("department"))
        );
        assert_eq!(
            target(Objects::Users, "showinaddresslist"),
            Some(Fault::Misspelt("showInAddressList"))
        );
        assert_eq!(
            source(Objects::Users, "departmnt"),
            Some(Fault::Suspicious("department"))
        );
    }
}
