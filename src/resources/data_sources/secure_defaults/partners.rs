//! Secure defaults of single partners, which no public baseline tests.

use serde_json::Value as Json;

use super::facts::{Facts, Partner};
use super::rows::{Rule, Verdict};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "no_unrestricted_partners",
        baselines: &[],
        expected: "Partners that do not synchronize are not allowed all users and all applications, and no partner may \
            use direct connect without limits.",
        why: "Access for all users to all applications exceeds what most partners need. Partners that synchronize \
            users into this tenant are an exception, because synchronization requires it.",
        judge: wide_open,
    },
    Rule {
        name: "no_device_trust_without_mfa",
        baselines: &[],
        expected: "Partners whose devices are trusted are also trusted for multifactor authentication.",
        why: "Where Conditional Access accepts a compliant or hybrid joined device in place of multifactor \
            authentication, the users of the partner sign in without either check in this tenant.",
        judge: device_trust,
    },
    Rule {
        name: "no_stale_partners",
        baselines: &[],
        expected: "Every partner tenant exists and has at least one setting.",
        why: "An unused partner entry allows access that is no longer monitored. A deleted tenant cannot be restored, \
            so its settings have no purpose.",
        judge: stale,
    },
    Rule {
        name: "no_unexpected_service_providers",
        baselines: &[],
        expected: "Only expected partners are service providers.",
        why: "Users of a service provider can administer this tenant by delegation.",
        judge: providers,
    },
    Rule {
        name: "microsoft_365_opened_narrowly",
        baselines: &[],
        expected: "Partners may not use Microsoft 365 features and applications of this tenant without limits.",
        why: "Allow the users, groups or applications that need it.",
        judge: opened,
    },
];

/// Returns a sentence and a fix for every partner in which `judge` finds a problem.
fn each(
    facts: &Facts,
    otherwise: &str,
    judge: impl Fn(&Partner) -> Option<(String, String)>,
) -> Verdict {
    Verdict::of(&facts.partners, |partners| {
        Verdict::none_of(partners.iter().filter_map(judge).collect(), otherwise)
    })
}

/// Formats a partner's policy as configuration. Its name contains the beginning of the ID, so that one file can contain several.
fn policy(partner: &Partner, lines: &str) -> String {
    block("crosstenant_partner_policy", partner, lines)
}

/// Formats a resource about a partner.
pub(super) fn block(kind: &str, partner: &Partner, lines: &str) -> String {
    let name = label(&partner.id);
    let id = &partner.id;
    format!("resource {kind:?} {name:?} {{\n  partner_tenant_id = {id:?}\n  {lines}\n}}")
}

fn label(id: &str) -> String {
    format!("partner_{}", id.split('-').next().unwrap_or(id))
}

/// Whether a part allows all of its kind.
fn allows_all(part: &Json) -> bool {
    let targets = part["targets"].as_array().into_iter().flatten();
    let names = targets.filter_map(|target| target["target"].as_str());
    part["accessType"] == "allowed"
        && names
            .into_iter()
            .any(|name| ["AllUsers", "AllApplications"].contains(&name))
}

fn is_wide_open(block: &Json) -> bool {
    allows_all(&block["usersAndGroups"]) && allows_all(&block["applications"])
}

fn wide_open(facts: &Facts) -> Verdict {
    each(facts, "No partner has unrestricted access.", |partner| {
        let mut open = Vec::new();
        if is_wide_open(&partner.settings["b2bDirectConnectInbound"]) {
            open.push("b2b_direct_connect_inbound");
        }
        if is_wide_open(&partner.settings["b2bCollaborationInbound"]) && !partner.is_source() {
            open.push("b2b_collaboration_inbound");
        }
        if open.is_empty() {
            return None;
        }
        let found = format!(
            "Partner {} is allowed all users and all applications in `{}`.",
            partner.id,
            open.join("`, `")
        );
        let lines: Vec<String> = open
            .iter()
            .map(|name| format!("# {name} is inherited from the default policy if it is omitted"))
            .collect();
        Some((found, policy(partner, &lines.join("\n  "))))
    })
}

fn device_trust(facts: &Facts) -> Verdict {
    each(
        facts,
        "No partner is trusted only for its devices.",
        |partner| {
            let trust = &partner.settings["inboundTrust"];
            let devices = trust["isCompliantDeviceAccepted"] == true
                || trust["isHybridAzureADJoinedDeviceAccepted"] == true;
            (devices && trust["isMfaAccepted"] != true).then(|| {
                let consent = &partner.settings["automaticUserConsentSettings"];
                let kept = consent_lines(consent);
                (
                    format!(
                        "Partner {} is trusted for its devices, but not for multifactor authentication.",
                        partner.id
                    ),
                    block(
                        "crosstenant_trust_settings",
                        partner,
                        &format!("inbound_trust = {{ is_mfa_accepted = true }}{kept}"),
                    ),
                )
            })
        },
    )
}

/// Formats the current automatic redemption, because a fix of trust settings must not remove it.
fn consent_lines(consent: &Json) -> String {
    let allowed = |name: &str| consent[name] == true;
    let (inbound, outbound) = (allowed("inboundAllowed"), allowed("outboundAllowed"));
    if !inbound && !outbound {
        return String::new();
    }
    format!(
        "\n  automatic_user_consent_settings = {{ inbound_allowed = {inbound}, outbound_allowed = {outbound} }}"
    )
}

/// Members of a partner that are not access settings.
const NO_SETTINGS: [&str; 3] = [
    "tenantId",
    "isInMultiTenantOrganization",
    "isServiceProvider",
];

fn sets_nothing(partner: &Partner) -> bool {
    let is_nothing = |value: &Json| match value {
        Json::Null | Json::Bool(false) => true,
        Json::Object(members) => members.values().all(Json::is_null),
        _ => false,
    };
    let members = partner.settings.as_object().into_iter().flatten();
    let mut settings =
        members.filter(|(name, _)| !name.starts_with('@') && !NO_SETTINGS.contains(&name.as_str()));
    partner.synchronization.is_null() && settings.all(|(_, value)| is_nothing(value))
}

fn stale(facts: &Facts) -> Verdict {
    // A tenant of another cloud cannot be looked up.
    let is_one_cloud = facts.clouds.as_ref().is_ok_and(Vec::is_empty);
    let judge = |partner: &Partner| {
        let in_organization = partner.settings["isInMultiTenantOrganization"] == true;
        let is_provider = partner.settings["isServiceProvider"] == true;
        let found = if partner.exists == Some(false) && is_one_cloud {
            format!("No tenant with the ID {} exists any more.", partner.id)
        } else if sets_nothing(partner) && !in_organization && !is_provider {
            format!("Partner {} has no settings.", partner.id)
        } else {
            return None;
        };
        let id = &partner.id;
        let name = label(id);
        let fix = format!(
            "import {{\n  to = crosstenant_partner_policy.{name}\n  id = {id:?}\n}}\n\n{}\n\n# Apply, then remove both blocks and \
             apply again: that deletes the partner.",
            policy(partner, "")
        );
        Some((found, fix))
    };
    Verdict::of(&facts.existence, |()| {
        each(facts, "Every partner is in use.", judge)
    })
}

fn providers(facts: &Facts) -> Verdict {
    each(
        facts,
        "No unexpected partner is a service provider.",
        |partner| {
            let is_expected = facts
                .expected_providers
                .contains(&partner.id.to_lowercase());
            let is_provider = partner.settings["isServiceProvider"] == true;
            (is_provider && !is_expected).then(|| {
                (
                    format!(
                        "Partner {} is a service provider of this tenant.",
                        partner.id
                    ),
                    policy(partner, "is_service_provider = false"),
                )
            })
        },
    )
}

fn opened(facts: &Facts) -> Verdict {
    const BLOCKS: [(&str, &str, &str, &str, &str); 2] = [
        (
            "m365CollaborationInbound",
            "users",
            "m365_collaboration_inbound",
            "AllUsers",
            "user",
        ),
        (
            "appServiceConnectInbound",
            "applications",
            "app_service_connect_inbound",
            "AllApplications",
            "application",
        ),
    ];
    each(
        facts,
        "No partner has unrestricted access to Microsoft 365 features and applications.",
        |partner| {
            let open: Vec<_> = BLOCKS
                .iter()
                .filter(|(block, part, ..)| allows_all(&partner.settings[block][part]))
                .collect();
            if open.is_empty() {
                return None;
            }
            let names: Vec<&str> = open.iter().map(|one| one.2).collect();
            let lines: Vec<String> = open
                .iter()
                .map(|(_, part, attribute, target, kind)| {
                    format!(
                        "{attribute} = {{ {part} = {{ access_type = \"blocked\", targets = [{{ target = {target:?}, target_type = \
                         {kind:?} }}] }} }}"
                    )
                })
                .collect();
            Some((
                format!(
                    "Partner {} has unrestricted access in `{}`.",
                    partner.id,
                    names.join("`, `")
                ),
                policy(partner, &lines.join("\n  ")),
            ))
        },
    )
}
