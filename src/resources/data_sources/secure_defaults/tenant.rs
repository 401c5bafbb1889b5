//! Secure defaults of the whole tenant: guests, and the default policy that partners inherit.

use serde_json::Value as Json;

use super::super::prelude::text;
use super::facts::Facts;
use super::rows::{Rule, Verdict};

/// Guest roles, by the IDs that Microsoft documents.
const RESTRICTED: &str = "2af84b1e-32c8-42b7-82bc-daa82404023b";
const LIMITED: &str = "10dae51f-b6af-4016-8d66-8c2a99b929b3";
const AS_MEMBERS: &str = "a0b1b346-4d3e-4e8b-98f8-753987be4970";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "guest_access_limited",
        baselines: &["CIS 5.1.6.2", "MS.AAD.8.1v1", "CISA.MS.AAD.8.1"],
        expected: "Guests have limited access to the directory, or less.",
        why: "Guests with the access of members can read all users, groups and their members.",
        judge: |facts| guests(facts, &[LIMITED, RESTRICTED]),
    },
    Rule {
        name: "guest_access_most_restricted",
        baselines: &["EIDSCA.AP07", "ZTA 21792"],
        expected: "Guests can read only their own objects in the directory.",
        why: "Guests with limited access can still enumerate the members of groups that they belong to.",
        judge: |facts| guests(facts, &[RESTRICTED]),
    },
    Rule {
        name: "guests_cannot_invite",
        baselines: &["ZTA 21791"],
        expected: "Guests cannot invite guests.",
        why: "With `everyone`, every guest can invite further guests without a decision in this tenant.",
        judge: |facts| invitations(facts, |from| from != "everyone" && from != "none"),
    },
    Rule {
        name: "invitations_by_inviters_only",
        baselines: &[
            "CIS 5.1.6.3",
            "MS.AAD.8.2v1",
            "CISA.MS.AAD.8.2",
            "EIDSCA.AP04",
        ],
        expected: "Administrators and users with the role Guest Inviter can invite guests.",
        why: "This limits the users who can invite guests. `none` satisfies some baselines but stops synchronization, \
            which then fails with `AzureActiveDirectoryForbidden`.",
        judge: |facts| invitations(facts, |from| from == "adminsAndGuestInviters"),
    },
    Rule {
        name: "inbound_collaboration_blocked_by_default",
        baselines: &["CISA.MS.AAD.8.3"],
        expected: "The default policy blocks inbound B2B collaboration for all users and all applications.",
        why: "Users of organizations without their own settings cannot be invited, so each partner must be added explicitly.",
        judge: |facts| blocked(facts, &["b2bCollaborationInbound"]),
    },
    Rule {
        name: "outbound_access_blocked_by_default",
        baselines: &["ZTA 21790"],
        expected: "The default policy blocks outbound B2B collaboration and direct connect for all users and all applications.",
        why: "Users can access and share data only in tenants of partners that were added explicitly.",
        judge: |facts| {
            blocked(
                facts,
                &["b2bCollaborationOutbound", "b2bDirectConnectOutbound"],
            )
        },
    },
    Rule {
        name: "direct_connect_blocked_by_default",
        baselines: &[],
        expected: "The default policy blocks inbound direct connect for all users and all applications.",
        why: "With direct connect, users of any organization can access this tenant without a user object that could \
            be reviewed.",
        judge: |facts| blocked(facts, &["b2bDirectConnectInbound"]),
    },
    Rule {
        name: "tenant_restrictions_block_by_default",
        baselines: &["ZTA 21793", "ZTA 25377"],
        expected: "Tenant restrictions of the default policy block all users and all applications.",
        why: "Where tenant restrictions are enforced, external accounts cannot be used on devices and networks of this tenant.",
        judge: |facts| blocked(facts, &["tenantRestrictions"]),
    },
    Rule {
        name: "no_claims_trusted_by_default",
        baselines: &[],
        expected: "The default policy trusts no claims of other organizations.",
        why: "A claim that is trusted by default is trusted from every organization, including tenants that anyone can \
            create. Trust individual partners with `crosstenant_trust_settings`.",
        judge: trust,
    },
    Rule {
        name: "microsoft_365_closed_by_default",
        baselines: &[],
        expected: "The default policy blocks inbound Microsoft 365 collaboration for all users.",
        why: "Otherwise users of every organization can use Microsoft 365 features of this tenant that were opened to others.",
        judge: |facts| closed(facts, "m365CollaborationInbound", "users"),
    },
    Rule {
        name: "applications_closed_by_default",
        baselines: &[],
        expected: "The default policy blocks calls of applications of other organizations.",
        why: "Otherwise applications of every organization can call applications of this tenant.",
        judge: |facts| closed(facts, "appServiceConnectInbound", "applications"),
    },
];

fn guests(facts: &Facts, expected: &[&str]) -> Verdict {
    Verdict::of(&facts.authorization, |policy| {
        let Some(role) = text(policy, "guestUserRoleId").map(|role| role.to_lowercase()) else {
            return Verdict::unseen("Microsoft Graph does not return the role of guests.");
        };
        let name = match role.as_str() {
            RESTRICTED => "most restricted",
            LIMITED => "limited",
            AS_MEMBERS => "the same as members",
            other => other,
        };
        let found = format!("Access of guests is {name}.");
        if expected.contains(&role.as_str()) {
            return Verdict::met(found);
        }
        let from = match text(policy, "allowInvitesFrom") {
            Some(from) if from != "everyone" && from != "none" => from,
            _ => "adminsAndGuestInviters".to_owned(),
        };
        let role = expected.last().unwrap_or(&RESTRICTED);
        Verdict::unmet(found, guest_settings(&from, Some(role)))
    })
}

fn invitations(facts: &Facts, is_right: impl Fn(&str) -> bool) -> Verdict {
    Verdict::of(&facts.authorization, |policy| {
        let Some(from) = text(policy, "allowInvitesFrom") else {
            return Verdict::unseen("Microsoft Graph does not return who may invite guests.");
        };
        let found = match from.as_str() {
            "none" => {
                "Guest invitations are not allowed, which also stops synchronization.".to_owned()
            }
            from => format!("Guests can be invited by `{from}`."),
        };
        if is_right(&from) {
            return Verdict::met(found);
        }
        Verdict::unmet(found, guest_settings("adminsAndGuestInviters", None))
    })
}

fn guest_settings(from: &str, role: Option<&str>) -> String {
    let role = role.map_or_else(String::new, |role| {
        format!("\n  guest_user_role_id = {role:?}")
    });
    format!(
        "resource \"crosstenant_guest_invite_settings\" \"this\" {{\n  allow_invites_from = {from:?}{role}\n}}"
    )
}

/// Whether a part of a setting blocks all of its kind.
fn blocks_all(part: &Json) -> bool {
    let all = ["AllUsers", "AllApplications"];
    let targets = part["targets"].as_array().into_iter().flatten();
    let names = targets.filter_map(|target| target["target"].as_str());
    part["accessType"] == "blocked" && names.into_iter().any(|name| all.contains(&name))
}

/// Whether these blocks of the default policy block all users and all applications.
fn blocked(facts: &Facts, blocks: &[&str]) -> Verdict {
    Verdict::of(&facts.default, |policy| {
        let is_open = |block: &&&str| {
            let block = &policy[**block];
            !blocks_all(&block["usersAndGroups"]) || !blocks_all(&block["applications"])
        };
        let open: Vec<&str> = blocks.iter().filter(is_open).copied().collect();
        if open.is_empty() {
            return Verdict::met("All users and all applications are blocked by default.");
        }
        let attributes: Vec<String> = open.iter().map(|block| attribute(block)).collect();
        let found = format!(
            "The default policy does not block everything in `{}`.",
            attributes.join("`, `")
        );
        Verdict::unmet(found, blocking(facts, &attributes))
    })
}

/// Converts Graph's name of a block to an attribute name. Digits do not begin a word.
fn attribute(block: &str) -> String {
    let mut name = String::new();
    for letter in block.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

const NOBODY: &str = "{
    users_and_groups = { access_type = \"blocked\", targets = [{ target = \"AllUsers\", target_type = \"user\" }] }
    applications     = { access_type = \"blocked\", targets = [{ target = \"AllApplications\", target_type = \"application\" }] }
  }";
const EVERYBODY: &str = "{
    users_and_groups = { access_type = \"allowed\", targets = [{ target = \"AllUsers\", target_type = \"user\" }] }
    applications     = { access_type = \"allowed\", targets = [{ target = \"AllApplications\", target_type = \"application\" }] }
  }";

/// Formats the default policy with these blocks blocked. It would also block partners that synchronize, so they get an explicit allow
/// first.
fn blocking(facts: &Facts, attributes: &[String]) -> String {
    let mut allows = Vec::new();
    let mut depends = Vec::new();
    for (direction, name) in [
        ("b2b_collaboration_inbound", "inbound"),
        ("b2b_collaboration_outbound", "outbound"),
    ] {
        if !attributes.iter().any(|attribute| attribute == direction) {
            continue;
        }
        for (index, partner) in synchronizing(facts, name).enumerate() {
            let label = format!("synchronized_{name}_{index}");
            allows.push(format!(
                "resource \"crosstenant_partner_policy\" {label:?} {{\n  partner_tenant_id = {partner:?}\n  {direction} = \
                 {EVERYBODY}\n}}\n\n"
            ));
            depends.push(format!("crosstenant_partner_policy.{label}"));
        }
    }
    let blocks: Vec<String> = attributes
        .iter()
        .map(|attribute| format!("  {attribute} = {NOBODY}\n"))
        .collect();
    let depends = if depends.is_empty() {
        String::new()
    } else {
        format!("  depends_on = [{}]\n", depends.join(", "))
    };
    format!(
        "{}resource \"crosstenant_default_policy\" \"this\" {{\n{}{depends}}}",
        allows.concat(),
        blocks.concat()
    )
}

/// Returns the partners that synchronize in a direction and inherit the setting from the default policy.
fn synchronizing<'a>(facts: &'a Facts, direction: &'a str) -> impl Iterator<Item = &'a str> {
    let partners = facts.partners.iter().flatten();
    let concerned = partners.filter(move |partner| match direction {
        "inbound" => partner.is_source() && partner.settings["b2bCollaborationInbound"].is_null(),
        _ => {
            facts.sends_to(&partner.id) == Some(true)
                && partner.settings["b2bCollaborationOutbound"].is_null()
        }
    });
    concerned.map(|partner| partner.id.as_str())
}

fn trust(facts: &Facts) -> Verdict {
    const CLAIMS: [(&str, &str); 3] = [
        ("isMfaAccepted", "multifactor authentication"),
        ("isCompliantDeviceAccepted", "compliant devices"),
        (
            "isHybridAzureADJoinedDeviceAccepted",
            "hybrid joined devices",
        ),
    ];
    Verdict::of(&facts.default, |policy| {
        let trusted = CLAIMS
            .iter()
            .filter(|(claim, _)| policy["inboundTrust"][claim] == true);
        let trusted: Vec<&str> = trusted.map(|(_, words)| *words).collect();
        if trusted.is_empty() {
            return Verdict::met("No claims are trusted by default.");
        }
        Verdict::unmet(
            format!(
                "By default, claims about {} are trusted from every organization.",
                trusted.join(" and ")
            ),
            "resource \"crosstenant_default_policy\" \"this\" {\n  inbound_trust = {\n    is_mfa_accepted = false\n    \
             is_compliant_device_accepted = false\n    is_hybrid_azure_ad_joined_device_accepted = false\n  }\n}",
        )
    })
}

/// Whether a block with one part is closed in the default policy. Some clouds do not have the block.
fn closed(facts: &Facts, block: &str, part: &str) -> Verdict {
    Verdict::of(&facts.default, |policy| {
        let found = &policy[block][part];
        if found.is_null() {
            return Verdict::unseen("This setting does not exist in this cloud or tenant.");
        }
        if blocks_all(found) {
            return Verdict::met("Everything is blocked by default.");
        }
        let attribute = attribute(block);
        let all = if part == "users" {
            ("AllUsers", "user")
        } else {
            ("AllApplications", "application")
        };
        Verdict::unmet(
            format!("The default policy does not block everything in `{attribute}`."),
            format!(
                "resource \"crosstenant_default_policy\" \"this\" {{\n  {attribute} = {{\n    {part} = {{ access_type = \"blocked\", \
                 targets = [{{ target = {:?}, target_type = {:?} }}] }}\n  }}\n}}",
                all.0, all.1
            ),
        )
    })
}
