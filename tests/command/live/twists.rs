//! A relay between the command and the emulator turns each fact into its opposite, and the command detects every one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};

use crate::live::server::{Answered, Asked, relay};
use crate::live::{Desk, emulator, facts, traces};

/// The change of a response.
#[derive(Clone, Copy)]
enum Change {
    /// A refusal with this status and code.
    Refused(u16, &'static str),
    /// A success with this status and the body of the emulator.
    Done(u16),
    /// Another body, derived from the emulator's.
    Edited(fn(&mut Json)),
    /// Replaces a word of the body.
    Word(&'static str, &'static str),
}

/// One fact, the requests that show it (method and part of path and query), the number of these requests that are not changed, and the
/// change.
type Twist = (&'static str, &'static str, &'static str, usize, Change);

const TWISTS: &[Twist] = &[
    (
        "settings-in-value",
        "GET",
        "/externalIdentitiesPolicy",
        0,
        Change::Edited(wrapped),
    ),
    (
        "deletion-of-missing-assignment",
        "DELETE",
        "/appRoleAssignedTo/",
        0,
        Change::Refused(409, "Conflict"),
    ),
    (
        "ids-of-instantiate",
        "POST",
        "/instantiate",
        0,
        Change::Edited(nothing),
    ),
    (
        "trim-and-len",
        "POST",
        "/parseExpression",
        1,
        Change::Word("true", "false"),
    ),
    (
        "short-replace",
        "POST",
        "/parseExpression",
        0,
        Change::Word("true", "false"),
    ),
    (
        "life-of-partner-policy",
        "POST",
        "/partners",
        0,
        Change::Refused(400, "Request_BadRequest"),
    ),
    (
        "life-of-trust-settings",
        "PATCH",
        "/partners/",
        0,
        Change::Refused(400, "Request_BadRequest"),
    ),
    (
        "life-of-sync-policy",
        "PUT",
        "/identitySynchronization",
        0,
        Change::Refused(400, "Request_BadRequest"),
    ),
    (
        "life-of-configuration",
        "POST",
        "/instantiate",
        0,
        Change::Refused(400, "Request_BadRequest"),
    ),
    (
        "life-of-job",
        "PUT",
        "/synchronization/secrets",
        0,
        Change::Refused(405, "MethodNotAllowed"),
    ),
    (
        "partner-patch",
        "GET",
        "/partners/",
        0,
        Change::Edited(both_ways),
    ),
    (
        "second-sync-policy",
        "PUT",
        "/identitySynchronization",
        1,
        Change::Done(204),
    ),
    (
        "absent-sync-policy",
        "GET",
        "/identitySynchronization",
        0,
        Change::Edited(policy),
    ),
    (
        "sync-policy-null",
        "PATCH",
        "/identitySynchronization",
        0,
        Change::Refused(400, "Request_BadRequest"),
    ),
    (
        "partner-with-sync-policy",
        "DELETE",
        "/partners/",
        0,
        Change::Done(204),
    ),
    (
        "partner-created-again",
        "POST",
        "/partners",
        1,
        Change::Refused(409, "Conflict"),
    ),
    (
        "one-sided-consent",
        "GET",
        "/partners/",
        0,
        Change::Edited(both_ways),
    ),
    (
        "unknown-tenant",
        "GET",
        "findTenantInformationByTenantId",
        0,
        Change::Refused(400, "Request_BadRequest"),
    ),
    (
        "default-policy",
        "GET",
        "/default",
        0,
        Change::Word("blocked", "allowed"),
    ),
    (
        "no-organization",
        "GET",
        "/multiTenantOrganization",
        0,
        Change::Refused(400, "Request_BadRequest"),
    ),
    (
        "filter-by-template",
        "GET",
        "applicationTemplateId",
        0,
        Change::Refused(400, "Request_UnsupportedQuery"),
    ),
    (
        "new-application",
        "GET",
        "/servicePrincipals/",
        0,
        Change::Refused(404, "Request_ResourceNotFound"),
    ),
    (
        "name-of-principal",
        "GET",
        "/servicePrincipals/",
        0,
        Change::Word("crosstenant-live renamed", "crosstenant-live"),
    ),
    (
        "principal-of-deleted-application",
        "GET",
        "/servicePrincipals/",
        1,
        Change::Edited(nothing),
    ),
    (
        "role-for-users",
        "GET",
        "/servicePrincipals/",
        0,
        Change::Word("msiam_access", "other"),
    ),
    (
        "second-assignment",
        "POST",
        "/appRoleAssignedTo",
        1,
        Change::Done(201),
    ),
    (
        "page-of-assignments",
        "GET",
        "/appRoleAssignedTo",
        0,
        Change::Refused(400, "Request_BadRequest"),
    ),
    (
        "failed-connection-test",
        "POST",
        "/validateCredentials",
        0,
        Change::Refused(403, "Forbidden"),
    ),
    (
        "second-job",
        "POST",
        "/jobs",
        1,
        Change::Refused(409, "Conflict"),
    ),
    (
        "pause-when-paused",
        "POST",
        "/pause",
        0,
        Change::Refused(422, "Unprocessable"),
    ),
    (
        "schema-by-put",
        "PUT",
        "/schema",
        0,
        Change::Refused(405, "MethodNotAllowed"),
    ),
    (
        "directories-in-schema",
        "PUT",
        "/schema",
        0,
        Change::Refused(400, "BadRequest"),
    ),
    (
        "flow-type-of-user-type",
        "GET",
        "/schema",
        0,
        Change::Word("ObjectAddOnly", "Always"),
    ),
    (
        "mapping-of-groups",
        "GET",
        "/schema",
        0,
        Change::Word("Provision Microsoft Entra ID Groups", "Provision Groups"),
    ),
    (
        "names-of-operators",
        "GET",
        "/filterOperators",
        0,
        Change::Word("ENDS_WITH", "Ends With"),
    ),
    (
        "comparison-in-iif",
        "POST",
        "/parseExpression",
        0,
        Change::Word("\"name\":\"=\"", "\"name\":\"EQUALS\""),
    ),
    (
        "mistake-in-expression",
        "POST",
        "/parseExpression",
        0,
        Change::Refused(400, "BadRequest"),
    ),
    (
        "codes-of-404",
        "GET",
        "/applications/",
        0,
        Change::Refused(404, "Gone"),
    ),
    (
        "filters-of-provisioning-log",
        "GET",
        "provisioningAction",
        0,
        Change::Refused(400, "BadRequest"),
    ),
    (
        "no-mobile-phone",
        "GET",
        "/phoneMethods/",
        0,
        Change::Refused(400, "badRequest"),
    ),
    (
        "filter-of-deleted-users",
        "GET",
        "/deletedItems/",
        0,
        Change::Refused(400, "Request_UnsupportedQuery"),
    ),
    ("advanced-query", "GET", "endswith", 0, Change::Done(200)),
];

fn both_ways(body: &mut Json) {
    if body["automaticUserConsentSettings"].is_object() {
        body["automaticUserConsentSettings"]["outboundAllowed"] = json!(true);
    }
}

fn policy(body: &mut Json) {
    *body = json!({ "displayName": "as if it were there" });
}

fn wrapped(body: &mut Json) {
    *body = json!({ "value": body.take() });
}

fn nothing(body: &mut Json) {
    *body = json!({});
}

impl Change {
    fn make(self, (status, body): &mut Answered) {
        match self {
            Self::Refused(refused, code) => {
                *status = refused;
                *body = json!({ "error": { "code": code, "message": "as the relay has it" } });
            }
            Self::Done(done) => {
                *status = done;
                if done == 204 {
                    *body = Json::Null;
                } else {
                    *body = json!({ "id": "as-the-relay-has-it", "value": [] });
                }
            }
            Self::Edited(edit) => {
                edit(body);
                // A refusal that the edit does not change stays a refusal.
                if body["error"].is_null() {
                    *status = 200;
                }
            }
            Self::Word(word, other) => {
                let text = body.to_string().replace(word, other);
                *body = serde_json::from_str(&text).unwrap();
            }
        }
    }
}

/// Whether a request is one of those that show the fact. Paths that continue after an ID do not match.
fn shows(method: &str, part: &str, asked: &Asked) -> bool {
    let rest = asked.address.split(part).nth(1);
    let ends =
        |rest: &str| !part.starts_with('/') || !rest.contains('/') || part == "/phoneMethods/";
    let is_partner = part != "/partners/" && part != "/servicePrincipals/";
    asked.method == method
        && rest.is_some_and(|rest| ends(rest) || (is_partner && rest.starts_with("/microsoft")))
}

#[test]
fn every_fact_that_does_not_hold_is_detected() {
    let emulator = emulator();
    let before = traces(&emulator);
    let (tried, _) = facts();
    let twisted: BTreeSet<String> = TWISTS.iter().map(|(fact, ..)| (*fact).to_owned()).collect();
    assert_eq!(twisted, tried, "each fact that is tried has a twist");
    let mut unnoticed = Vec::new();
    for (fact, method, part, left_alone, change) in TWISTS {
        let seen = AtomicUsize::new(0);
        let server = relay(&emulator.graph, move |asked, answered| {
            if shows(method, part, asked) && seen.fetch_add(1, Ordering::SeqCst) >= *left_alone {
                change.make(answered);
            }
        });
        let mut desk = Desk::new(emulator.environment());
        for side in ["SOURCE", "TARGET"] {
            desk.environment
                .insert(format!("{side}_GRAPH_ENDPOINT"), server.url.clone());
        }
        let said = desk.run(&["--json", "--fact", fact]);
        let outcome = said.outcomes().remove(*fact);
        if said.code != Some(1)
            || outcome
                .as_ref()
                .is_none_or(|(outcome, _)| outcome != "seen_otherwise")
        {
            unnoticed.push(format!("{fact}: {outcome:?} {}", said.err));
        }
        // Objects that the relay hid from the run remain; the next run finds them.
        let calm = Desk::new(emulator.environment());
        calm.run(&["--adopt-partners", "--fact", "page-sizes"])
            .ended(0, &[]);
        assert_eq!(traces(&emulator), before, "{fact}");
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}
