//! The rows that need only one response of Graph. No I/O.

use serde_json::Value as Json;

use super::super::prelude::*;
use super::ReadinessCheck;

/// The evaluation of one prerequisite.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    passed: Option<bool>,
    permission_missing: bool,
    detail: String,
    fix: Option<String>,
}

/// The prerequisite is met.
pub(super) fn met(detail: impl Into<String>) -> Verdict {
    Verdict {
        passed: Some(true),
        permission_missing: false,
        detail: detail.into(),
        fix: None,
    }
}

/// The prerequisite is not met; `fix` is the fix.
pub(super) fn unmet(detail: impl Into<String>, fix: impl Into<String>) -> Verdict {
    Verdict {
        passed: Some(false),
        permission_missing: false,
        detail: detail.into(),
        fix: Some(fix.into()),
    }
}

/// Graph's response does not contain the value.
pub(super) fn unseen(detail: impl Into<String>) -> Verdict {
    Verdict {
        passed: None,
        permission_missing: false,
        detail: detail.into(),
        fix: None,
    }
}

/// The permission to read it is missing.
pub(super) fn hidden(error: &graph::Error) -> Verdict {
    Verdict {
        permission_missing: true,
        ..unseen(format!("This cannot be determined: {error}"))
    }
}

/// Returns the row for a response. A missing permission is not an error of the data source: the result is unknown. Any other refusal is an
/// error.
pub(super) fn row<T>(
    check: &str,
    answer: Result<T, graph::Error>,
    judge: impl FnOnce(&T) -> Verdict,
) -> Result<ReadinessCheck> {
    let verdict = match answer {
        Ok(answer) => judge(&answer),
        Err(error) if is_denied(&error) => hidden(&error),
        Err(error) => return Err(error.into()),
    };
    Ok(verdict.named(check))
}

/// Whether Graph refuses because of a missing permission.
pub(super) fn is_denied(error: &graph::Error) -> bool {
    matches!(error.status(), Some(401 | 403))
}

impl Verdict {
    pub(super) fn named(self, check: &str) -> ReadinessCheck {
        ReadinessCheck {
            check: Some(check.to_owned()),
            passed: self.passed,
            permission_missing: Some(self.permission_missing),
            detail: Some(self.detail),
            fix: self.fix,
        }
    }
}

pub(super) fn tenant(found: Option<&Json>, id: &str) -> Verdict {
    match found {
        Some(tenant) => {
            let name = text(tenant, "displayName").unwrap_or_else(|| id.to_owned());
            let domain = text(tenant, "defaultDomainName").unwrap_or_default();
            met(format!(
                "Tenant {id} is {name} ({domain}), in the same cloud."
            ))
        }
        None => unmet(
            format!("No tenant of this cloud has the ID {id}."),
            "Correct the ID. Tenants of other clouds cannot be looked up, and need the cross-cloud settings in both tenants.",
        ),
    }
}

pub(super) fn partner(found: Option<&Json>, id: &str) -> Verdict {
    match found {
        Some(_) => met(format!("Tenant {id} is a partner of this tenant.")),
        None => unmet(
            format!("Tenant {id} is not a partner of this tenant."),
            format!(
                "Create `crosstenant_partner_policy` with `partner_tenant_id = {id:?}` in this tenant."
            ),
        ),
    }
}

pub(super) fn redemption(found: Option<&Json>, is_source: bool, id: &str) -> Verdict {
    let (member, attribute, way) = if is_source {
        ("outboundAllowed", "outbound_allowed", "to")
    } else {
        ("inboundAllowed", "inbound_allowed", "from")
    };
    if found.unwrap_or(&Json::Null)["automaticUserConsentSettings"][member] == true {
        met(format!(
            "This tenant redeems invitations {way} tenant {id} automatically."
        ))
    } else {
        unmet(
            format!("This tenant does not redeem invitations {way} tenant {id} automatically."),
            format!(
                "Set `automatic_user_consent_settings = {{ {attribute} = true }}` in `crosstenant_trust_settings` for \
                the partner {id} in this tenant. The other tenant must allow it as well."
            ),
        )
    }
}

pub(super) fn user_sync(found: Option<&Json>, id: &str) -> Verdict {
    if found.unwrap_or(&Json::Null)["userSyncInbound"]["isSyncAllowed"] == true {
        met(format!(
            "Tenant {id} may synchronize users into this tenant."
        ))
    } else {
        unmet(
            format!("Tenant {id} may not synchronize users into this tenant."),
            format!(
                "Set `user_sync_inbound = {{ is_sync_allowed = true }}` in `crosstenant_sync_policy` for the partner \
                {id} in this tenant."
            ),
        )
    }
}

pub(super) fn invitations(found: Option<&Json>) -> Verdict {
    match found.and_then(|policy| text(policy, "allowInvitesFrom")) {
        Some(from) if from == "none" => unmet(
            "This tenant does not allow guest invitations, so synchronization cannot create users.",
            "Set `allow_invites_from` of `crosstenant_guest_invite_settings` in this tenant to a value other than `none`.",
        ),
        Some(from) => met(format!("This tenant allows guest invitations (`{from}`).")),
        None => unseen("Microsoft Graph does not return who may invite guests."),
    }
}

/// Service plans that include what synchronization requires: Entra ID P1 and P2.
const PLANS: [(&str, &str); 2] = [
    (
        "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
        "Microsoft Entra ID P1",
    ),
    (
        "eec0eb4f-6444-4f95-aba0-50c24d67f998",
        "Microsoft Entra ID P2",
    ),
];

/// Whether the organization in this response has an active service plan.
pub(super) fn has_plan(organization: &Json, id: &str) -> bool {
    let mut plans = organization["value"][0]["assignedPlans"]
        .as_array()
        .into_iter()
        .flatten();
    plans.any(|plan| {
        let is_it = |known: &str| known.eq_ignore_ascii_case(id);
        plan["servicePlanId"].as_str().is_some_and(is_it)
            && (plan["capabilityStatus"] == "Enabled" || plan["capabilityStatus"] == "Warning")
    })
}

/// Whether one of these service plans is an active Microsoft Entra ID P1 or P2.
pub(crate) fn has_premium(plans: &[Json]) -> bool {
    plans.iter().any(|plan| premium(plan).is_some())
}

/// Returns which of the two an active service plan is.
fn premium(plan: &Json) -> Option<&'static str> {
    let id = plan["servicePlanId"].as_str().unwrap_or_default();
    let in_force = ["Enabled", "Warning"]
        .map(Json::from)
        .contains(&plan["capabilityStatus"]);
    let known = PLANS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(id));
    known.filter(|_| in_force).map(|(_, name)| *name)
}

pub(super) fn license(found: Option<&Json>) -> Verdict {
    let organization = found.unwrap_or(&Json::Null);
    let Some(plans) = organization["value"][0]["assignedPlans"].as_array() else {
        return unseen("Microsoft Graph does not return the licenses of this tenant.");
    };
    match plans.iter().find_map(premium) {
        Some(name) => met(format!(
            "This tenant has {name}. Whether there is one license for each synchronized user cannot be determined."
        )),
        None => unmet(
            "This tenant has neither Microsoft Entra ID P1 nor P2.",
            "Get a license for each user to be synchronized.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn passed(verdict: &Verdict) -> Option<bool> {
        assert_eq!(
            verdict.passed == Some(false),
            verdict.fix.is_some(),
            "{verdict:?}"
        );
        verdict.passed
    }

    #[test]
    fn consent_is_looked_for_on_the_own_side() {
        let partner = |consent: Json| Some(json!({ "automaticUserConsentSettings": consent }));
        let inbound = json!({ "inboundAllowed": true, "outboundAllowed": null });
        let check =
            |found: Option<Json>, is_source| passed(&redemption(found.as_ref(), is_source, "t"));
        assert_eq!(check(partner(inbound.clone()), false), Some(true));
        assert_eq!(check(partner(inbound), true), Some(false));
        assert_eq!(check(partner(Json::Null), true), Some(false));
        assert_eq!(check(None, false), Some(false));
        let fix = redemption(None, true, "t").fix.unwrap();
        assert!(fix.contains("{ outbound_allowed = true }"), "{fix}");
    }

    #[test]
    fn sync_and_invitations_must_be_allowed() {
        let policy = |allowed: Json| user_sync(Some(&json!({ "userSyncInbound": allowed })), "t");
        assert_eq!(
            passed(&policy(json!({ "isSyncAllowed": true }))),
            Some(true)
        );
        assert_eq!(passed(&policy(Json::Null)), Some(false));
        assert_eq!(passed(&user_sync(None, "t")), Some(false));
        let from = |from: Json| passed(&invitations(Some(&json!({ "allowInvitesFrom": from }))));
        assert_eq!(from(json!("none")), Some(false));
        assert_eq!(from(json!("everyone")), Some(true));
        assert_eq!(from(Json::Null), None);
    }

    #[test]
    fn a_license_counts_while_it_is_in_force() {
        let with = |id: &str, status: &str| {
            let plans = json!([{ "servicePlanId": id, "capabilityStatus": status }]);
            passed(&license(Some(
                &json!({ "value": [{ "assignedPlans": plans }] }),
            )))
        };
        assert_eq!(with(PLANS[1].0, "Enabled"), Some(true));
        assert_eq!(with(PLANS[0].0, "Suspended"), Some(false));
        assert_eq!(with("other", "Enabled"), Some(false));
        assert_eq!(passed(&license(None)), None);
    }

    #[test]
    fn tenants_and_partners_exist_or_not() {
        let known = Some(json!({ "displayName": "Contoso" }));
        assert_eq!(passed(&tenant(known.as_ref(), "t")), Some(true));
        assert_eq!(passed(&tenant(None, "t")), Some(false));
        assert_eq!(passed(&partner(known.as_ref(), "t")), Some(true));
        assert_eq!(passed(&partner(None, "t")), Some(false));
    }
}
