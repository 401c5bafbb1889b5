//! Secure defaults of automatic redemption, synchronization policies and jobs, which no public baseline tests.

use super::facts::{Facts, Job, Partner};
use super::partners::block;
use super::rows::{Rule, Verdict};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "outbound_redemption_only_where_synchronized",
        baselines: &[],
        expected: "Invitations are redeemed automatically, outbound, only towards partners to which a job synchronizes.",
        why: "With outbound redemption, users are not asked for consent before their data is shared with a partner. \
            Only synchronization requires this.",
        judge: outbound,
    },
    Rule {
        name: "inbound_redemption_only_where_synchronized",
        baselines: &[],
        expected: "Invitations are redeemed automatically, inbound, only from partners that may synchronize into this tenant.",
        why: "Together with outbound redemption in the other tenant, it lets users access this tenant without being \
            asked for consent.",
        judge: inbound,
    },
    Rule {
        name: "no_groups_without_users",
        baselines: &[],
        expected: "A partner that may synchronize groups may synchronize users as well.",
        why: "Groups without members have no purpose. This state usually remains after only the synchronization of \
            users was disabled.",
        judge: groups,
    },
    Rule {
        name: "no_policies_of_other_clouds_without_need",
        baselines: &[],
        expected: "No synchronization policy names an application of another cloud while no other cloud is allowed.",
        why: "The application may write to this tenant as soon as its cloud is allowed.",
        judge: other_clouds,
    },
    Rule {
        name: "jobs_synchronize_assigned_only",
        baselines: &[],
        expected: "Jobs synchronize only the users and groups that are assigned.",
        why: "With the scope `all`, every new user of this tenant is created in the target tenant automatically.",
        judge: |facts| {
            jobs(
                facts,
                "All jobs synchronize assigned users and groups only.",
                |job| {
                    job.sends_all.then_some((
                    "synchronizes all users of this tenant",
                    "scope = \"assigned\" # First assign the users who are synchronized: users who are not assigned \
                    are deleted in the target tenant.",
                ))
                },
            )
        },
    },
    Rule {
        name: "jobs_prevent_accidental_deletions",
        baselines: &[],
        expected: "Jobs stop before they delete more users than a threshold.",
        why: "Otherwise, an empty group or a wrong filter deletes users in the target tenant within one cycle.",
        judge: |facts| {
            jobs(facts, "All jobs prevent accidental deletions.", |job| {
                (!job.prevents_deletions).then_some((
                    "deletes any number of users without confirmation",
                    "prevent_accidental_deletion = true",
                ))
            })
        },
    },
    Rule {
        name: "jobs_send_notifications",
        baselines: &[],
        expected: "Jobs send a notification when they go into quarantine.",
        why: "Without a notification, it can go unnoticed that a job no longer disables and deletes users who have left.",
        judge: |facts| {
            jobs(facts, "All jobs send notifications.", |job| {
                (!job.notifies).then_some((
                    "sends no notifications",
                    "notification_email = \"identity@example.com\" # a monitored mailbox",
                ))
            })
        },
    },
];

/// Formats trust settings without automatic redemption in one direction. The other direction is kept.
fn without(partner: &Partner, direction: &str) -> String {
    let other = match direction {
        "outbound" => ("inboundAllowed", "inbound_allowed"),
        _ => ("outboundAllowed", "outbound_allowed"),
    };
    let kept = partner.settings["automaticUserConsentSettings"][other.0] == true;
    let lines = format!(
        "automatic_user_consent_settings = {{ {direction}_allowed = false, {} = {kept} }}",
        other.1
    );
    block("crosstenant_trust_settings", partner, &lines)
}

fn redeems(partner: &Partner, member: &str) -> bool {
    partner.settings["automaticUserConsentSettings"][member] == true
}

fn outbound(facts: &Facts) -> Verdict {
    Verdict::of(&facts.partners, |partners| {
        let redeeming = || {
            partners
                .iter()
                .filter(|partner| redeems(partner, "outboundAllowed"))
        };
        if redeeming().next().is_none() {
            return Verdict::met("No invitations are redeemed automatically, outbound.");
        }
        Verdict::of(&facts.jobs, |_| {
            let wrong = redeeming()
                .filter(|partner| facts.sends_to(&partner.id) == Some(false))
                .map(|partner| {
                    let found = format!(
                        "Invitations to partner {} are redeemed automatically, and no job synchronizes to it.",
                        partner.id
                    );
                    (found, without(partner, "outbound"))
                });
            Verdict::none_of(
                wrong.collect(),
                "Invitations are redeemed automatically, outbound, only for synchronized partners.",
            )
        })
    })
}

fn inbound(facts: &Facts) -> Verdict {
    let wrong = |partner: &&Partner| redeems(partner, "inboundAllowed") && !partner.is_source();
    let said = |partner: &Partner| {
        let found = format!(
            "Invitations from partner {} are redeemed automatically, and it may not synchronize into this tenant.",
            partner.id
        );
        (found, without(partner, "inbound"))
    };
    Verdict::of(&facts.partners, |partners| {
        let wrong = partners.iter().filter(wrong).map(said);
        Verdict::none_of(
            wrong.collect(),
            "Invitations are redeemed automatically, inbound, only for partners that may synchronize.",
        )
    })
}

fn groups(facts: &Facts) -> Verdict {
    let is_wrong = |partner: &&Partner| {
        partner.may_send("groupSyncInbound") && !partner.may_send("userSyncInbound")
    };
    let said = |partner: &Partner| {
        let lines = "user_sync_inbound = { is_sync_allowed = false }\n  group_sync_inbound = { is_sync_allowed = false }";
        (
            format!(
                "Partner {} may synchronize groups, but not users.",
                partner.id
            ),
            block("crosstenant_sync_policy", partner, lines),
        )
    };
    Verdict::of(&facts.partners, |partners| {
        let wrong = partners.iter().filter(is_wrong).map(said);
        Verdict::none_of(
            wrong.collect(),
            "No partner may synchronize groups without users.",
        )
    })
}

fn other_clouds(facts: &Facts) -> Verdict {
    let application = |partner: &Partner| {
        let id = &partner.synchronization["externalCloudAuthorizedApplicationId"];
        id.as_str().map(str::to_owned)
    };
    Verdict::of(&facts.clouds, |clouds| {
        Verdict::of(&facts.partners, |partners| {
            if !clouds.is_empty() {
                return Verdict::met(
                    "Other clouds are allowed, so policies may name applications of them.",
                );
            }
            let wrong = partners.iter().filter_map(|partner| {
                let application = application(partner)?;
                let allowed = partner.may_send("userSyncInbound");
                let lines = format!(
                    "user_sync_inbound = {{ is_sync_allowed = {allowed} }}\n  external_cloud_authorized_application_id = \
                     {application:?} # Apply, then remove this line and apply again."
                );
                Some((
                    format!(
                        "The synchronization policy of partner {} names the application {application} of another cloud.",
                        partner.id
                    ),
                    block("crosstenant_sync_policy", partner, &lines),
                ))
            });
            Verdict::none_of(
                wrong.collect(),
                "No policy names an application of another cloud.",
            )
        })
    })
}

/// Returns a sentence and a fix for every job in which `judge` finds a problem.
fn jobs(
    facts: &Facts,
    otherwise: &str,
    judge: impl Fn(&Job) -> Option<(&'static str, &'static str)>,
) -> Verdict {
    Verdict::of(&facts.jobs, |jobs| {
        let wrong = jobs.iter().filter_map(|job| {
            let (what, line) = judge(job)?;
            let target = job.target.as_deref().unwrap_or("the target tenant's ID");
            let fix = format!(
                "# In the job of {:?}, in addition to its other attributes:\nresource \"crosstenant_provisioning_job\" \"this\" {{\n  \
                 service_principal_id = {:?}\n  target_tenant_id = {target:?}\n  {line}\n}}",
                job.configuration, job.service_principal_id
            );
            Some((
                format!("The job of {:?} {what}.", job.configuration),
                fix,
            ))
        });
        Verdict::none_of(wrong.collect(), otherwise)
    })
}
