//! Explains entries of the provisioning log: the reason for a skip or failure, and the recommended action. Provisioning on demand returns
//! the same codes.

use serde_json::Value as Json;

use super::prelude::text;

/// Returns the reason why an entry was skipped, in the service's spelling; `None` if it was not skipped.
pub(crate) fn skip_reason(entry: &Json) -> Option<String> {
    let info = &entry["provisioningStatusInfo"];
    if info["status"] != "skipped" {
        return None;
    }
    steps(entry)
        .find_map(|step| text(&step["details"], "SkipReason"))
        .or_else(|| text(&info["errorInformation"], "errorCode"))
}

fn steps(entry: &Json) -> impl Iterator<Item = &Json> {
    entry["provisioningSteps"].as_array().into_iter().flatten()
}

/// Returns the clauses of scoping filters that were not met, as the log spells them.
pub(super) fn failed_clauses(entry: &Json) -> Vec<String> {
    let results: Vec<String> = steps(entry)
        .filter_map(|step| text(&step["details"], "ScopeEvaluationResult"))
        .collect();
    not_met(results.iter().map(String::as_str))
}

/// Returns the unmet clauses in scoping results, which are JSON in a string, without duplicates.
pub(crate) fn not_met<'r>(results: impl Iterator<Item = &'r str>) -> Vec<String> {
    let is_false = |met: &Json| {
        met == &Json::Bool(false)
            || met
                .as_str()
                .is_some_and(|met| met.eq_ignore_ascii_case("false"))
    };
    let mut failed: Vec<String> = Vec::new();
    for result in results {
        let clauses: Json = serde_json::from_str(result).unwrap_or_default();
        for (clause, met) in clauses.as_object().into_iter().flatten() {
            if is_false(met) && !failed.contains(clause) {
                failed.push(clause.clone());
            }
        }
    }
    failed
}

/// Explains why an entry was skipped or failed, with the recommended action; `None` if the reason is unknown.
pub(crate) fn explanation(entry: &Json) -> Option<String> {
    let info = &entry["provisioningStatusInfo"];
    let reason = text(&info["errorInformation"], "reason");
    let code = text(&info["errorInformation"], "errorCode").unwrap_or_default();
    match info["status"].as_str().unwrap_or_default() {
        "success" => None,
        "skipped" => {
            let skip = skip_reason(entry).unwrap_or_default();
            Some(skipped(&skip, &failed_clauses(entry), reason))
        }
        _ => words(&code).map(str::to_owned).or(reason),
    }
}

/// The clause with which the service excludes guests and users with SMS sign-in: both have alternative security IDs.
const EXTERNAL: &str = "alternativeSecurityIds EQUALS 'None'";
const EXTERNAL_WORDS: &str = "The user is a guest of the source tenant, or has SMS sign-in. Neither is synchronized: \
    disable SMS sign-in with `crosstenant_sms_sign_in` (`crosstenant_sms_sign_in_users` lists the users), or \
    synchronize guests from their home tenant.";

fn skipped(code: &str, clauses: &[String], reason: Option<String>) -> String {
    if clauses.iter().any(|clause| clause.contains(EXTERNAL)) {
        return EXTERNAL_WORDS.to_owned();
    }
    if !clauses.is_empty() {
        return format!(
            "It does not meet the scoping filter: {}.",
            clauses.join("; ")
        );
    }
    words(code)
        .map(str::to_owned)
        .or(reason)
        .unwrap_or_else(|| "The log does not say why.".to_owned())
}

/// Returns the explanation of a code or clause that occurs in `said`, with the recommended action.
pub(crate) fn meaning(said: &[&str]) -> Option<&'static str> {
    let names = |what: &str| said.iter().any(|text| text.contains(what));
    if names(EXTERNAL) {
        return Some(EXTERNAL_WORDS);
    }
    let known = CODES.iter().find(|(code, _)| names(code));
    known.map(|(_, words)| *words)
}

/// Returns the explanation of a code.
fn words(code: &str) -> Option<&'static str> {
    let known = CODES.iter().find(|(known, _)| *known == code);
    known.map(|(_, words)| *words)
}

/// Reasons for skips and error codes, with their usual cause and fix.
const CODES: &[(&str, &str)] = &[
    (
        "NotEffectivelyEntitled",
        "The user or group has no valid assignment to the configuration. A user must be assigned directly or be a direct member of an \
         assigned, security-enabled group; members of nested groups are not synchronized. An assignment with the all-zero role or a \
         damaged assignment is not valid either: remove it, and assign the user or group again with the role `msiam_access`. Assign with \
         `crosstenant_app_role_assignment` or `crosstenant_app_role_assignments`, or set `scope` of the job to `all`, which synchronizes \
         users only.",
    ),
    (
        "NotInProvisioningScope",
        "The user or group does not meet the scoping filter, or is of a kind that is not synchronized.",
    ),
    (
        "RedundantExport",
        "There was nothing to do: the copy in the target tenant is up to date. This is not an error.",
    ),
    (
        "EntityTypeNotSupported",
        "The job does not synchronize objects of this type. For an assigned group, only the members are synchronized; to synchronize \
         groups as well, set `groups_enabled = true` in `crosstenant_synchronization_schema`, and `group_sync_inbound` in the target \
         tenant's `crosstenant_sync_policy`. If this is a user, the mapping of users is disabled in the schema.",
    ),
    (
        "UnableToResolveReferenceAttributeValue",
        "A member of the group, or the manager of the user, is not in the target tenant, so the reference was not written: the user is \
         out of scope, a guest, has SMS sign-in, or could not be created. The steps of this entry name the user. Bring the user into \
         scope, or find the entry of that user in the log; the next cycle then writes the reference. All other attributes of this \
         object were written.",
    ),
    (
        "Inactive",
        "The user is disabled or deleted in the source tenant.",
    ),
    (
        "AzureActiveDirectoryForbidden",
        "The target tenant does not allow guest invitations: `allow_invites_from` of its \
        `crosstenant_guest_invite_settings` must not be `none`.",
    ),
    (
        "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
        "The policies of the two tenants do not allow the synchronization: automatic redemption is required outbound in the source tenant \
         and inbound in the target tenant, and the synchronization policy of the target tenant must allow users and, for groups, \
         `group_sync_inbound`.",
    ),
    (
        "AzureDirectoryB2BManagementPolicyCheckFailure",
        "Automatic redemption is not allowed in both tenants. It is required outbound in the source tenant and inbound \
        in the target tenant.",
    ),
    (
        "AttributeMappingFailed",
        "An attribute mapping could not be evaluated for this user. Check the expressions and the attributes of the user.",
    ),
    (
        "ObjectConflict",
        "Another object in the target tenant has the same value of a unique property.",
    ),
    (
        "ExternalTenantNotFound",
        "The target tenant is in another Microsoft cloud, and the configuration was created without the check box for synchronization \
         across Microsoft clouds. This cannot be changed later: create another configuration in the portal and select the check box. \
         The source tenant must also list the other cloud in `allowed_cloud_endpoints` of `crosstenant_access_policy`.",
    ),
    (
        "AzureActiveDirectoryTokenExpired",
        "The target tenant is in another Microsoft cloud and does not know the synchronization service: in the portal of the target \
         tenant, select the check box for cross-cloud synchronization for the cloud of the source tenant, and list that cloud in \
         `allowed_cloud_endpoints` of `crosstenant_access_policy` there.",
    ),
    (
        "TooManyDeletes",
        "More users and groups would have been deleted than the threshold for accidental deletions allows, so none were deleted.",
    ),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(status: &str, code: &str, details: &Json) -> Json {
        json!({
            "provisioningStatusInfo": { "status": status, "errorInformation": { "errorCode": code, "reason": "As it is." } },
            "provisioningSteps": [{ "details": {} }, { "details": null }, { "details": details }],
        })
    }

    #[test]
    fn a_skip_is_explained_by_what_was_not_met() {
        let none = json!({});
        let unassigned = entry(
            "skipped",
            "x",
            &json!({ "SkipReason": "NotEffectivelyEntitled" }),
        );
        assert_eq!(
            skip_reason(&unassigned).as_deref(),
            Some("NotEffectivelyEntitled")
        );
        assert!(
            explanation(&unassigned)
                .unwrap()
                .contains("no valid assignment")
        );

        let scope = |clause: &str, met: bool| {
            let result = json!({ clause: met, "Other.city EQUALS 'Oslo'": true }).to_string();
            entry(
                "skipped",
                "NotInProvisioningScope",
                &json!({ "ScopeEvaluationResult": result }),
            )
        };
        let filtered = scope("Sales.department EQUALS 'Sales'", false);
        assert_eq!(
            failed_clauses(&filtered),
            ["Sales.department EQUALS 'Sales'"]
        );
        assert!(
            explanation(&filtered)
                .unwrap()
                .ends_with("filter: Sales.department EQUALS 'Sales'.")
        );
        assert_eq!(failed_clauses(&scope("x", true)), [""; 0]);
        let sms = scope(
            "Filter external users.alternativeSecurityIds EQUALS 'None'",
            false,
        );
        assert!(explanation(&sms).unwrap().contains("SMS sign-in"));

        assert!(
            explanation(&entry("skipped", "RedundantExport", &none))
                .unwrap()
                .contains("nothing to do")
        );
        assert_eq!(
            explanation(&entry("skipped", "New", &none)).as_deref(),
            Some("As it is.")
        );
    }

    #[test]
    fn codes_are_found_in_sentences_and_clauses_say_more_than_codes() {
        let clause =
            "NotInProvisioningScope: Filter external users.alternativeSecurityIds EQUALS 'None'";
        assert!(meaning(&[clause]).unwrap().contains("SMS sign-in"));
        assert!(
            meaning(&["x", "Error: ObjectConflict."])
                .unwrap()
                .contains("unique property")
        );
        assert_eq!(meaning(&["something new"]), None);
    }

    #[test]
    fn a_failure_is_explained_and_a_success_is_not() {
        let none = json!({});
        let forbidden = explanation(&entry("failure", "AzureActiveDirectoryForbidden", &none));
        assert!(
            forbidden
                .unwrap()
                .contains("crosstenant_guest_invite_settings")
        );
        assert_eq!(
            explanation(&entry("failure", "New", &none)).as_deref(),
            Some("As it is.")
        );
        let fine = entry("success", "", &json!({ "SkipReason": "x" }));
        assert_eq!((skip_reason(&fine), explanation(&fine)), (None, None));
    }
}
