//! Proves that the judge of exchanges tells right from wrong, then lets it judge the emulator.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "openapi/mod.rs"]
mod openapi;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use openapi::Description;
use serde_json::{Value, json};

const PARTNERS: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";
const PARTNER: &str =
    "/v1.0/policies/crossTenantAccessPolicy/partners/11111111-1111-4111-8111-111111111111";
const JOBS: &str = "/v1.0/servicePrincipals/2222/synchronization/jobs";

static DESCRIPTION: LazyLock<Option<Description>> = LazyLock::new(Description::load);

/// An exchange without query and bodies.
fn exchange(method: &str, path: &str, status: u16) -> Value {
    json!({ "method": method, "path": path, "query": "", "status": status,
        "request_body": null, "response_body": null })
}

/// The same exchange with one more thing known of it.
fn with(mut exchange: Value, name: &str, value: impl Into<Value>) -> Value {
    exchange[name] = value.into();
    exchange
}

fn sent(method: &str, path: &str, body: Value) -> Value {
    with(exchange(method, path, 204), "request_body", body)
}

fn got(path: &str, body: Value) -> Value {
    with(exchange("GET", path, 200), "response_body", body)
}

fn asked(path: &str, query: &str) -> Value {
    with(got(path, json!({ "value": [] })), "query", query)
}

fn refused(status: u16, body: Value) -> Value {
    with(exchange("GET", PARTNER, status), "response_body", body)
}

#[track_caller]
fn clean(exchange: &Value) {
    let Some(description) = &*DESCRIPTION else {
        return;
    };
    let violations = description.violations(exchange);
    assert!(violations.is_empty(), "{exchange}\n{violations:#?}");
}

/// Expects exactly one violation, with these words in it.
#[track_caller]
fn wrong(exchange: &Value, words: &[&str]) {
    let Some(description) = &*DESCRIPTION else {
        return;
    };
    let violations = description.violations(exchange);
    assert_eq!(violations.len(), 1, "{exchange}\n{violations:#?}");
    for word in words {
        assert!(
            violations[0].contains(word),
            "no '{word}' in {violations:?}"
        );
    }
}

#[test]
fn a_correct_partner_is_clean() {
    let body = json!({
        "tenantId": "11111111-1111-4111-8111-111111111111",
        "b2bCollaborationInbound": {
            "usersAndGroups": {
                "accessType": "allowed",
                "targets": [{ "target": "AllUsers", "targetType": "user" }],
            },
            "applications": null,
        },
        "inboundTrust": null,
        "automaticUserConsentSettings": { "inboundAllowed": true, "outboundAllowed": null },
    });
    let mut answer = body.clone();
    answer["@odata.context"] = json!("https://graph/v1.0/$metadata#partners/$entity");
    answer["crossCloudMeetingConfiguration"] = json!({ "unknown": ["to", "us"] });
    let post = with(exchange("POST", PARTNERS, 201), "request_body", body);
    clean(&with(post, "response_body", answer));
}

#[test]
fn misspelt_properties_are_rejected_at_every_depth() {
    let top = json!({ "inboundTrusts": null });
    wrong(
        &sent("PATCH", PARTNER, top),
        &["request /", "inboundTrusts"],
    );
    let deep = json!({ "inboundTrust": { "isMfaAccept": true } });
    wrong(
        &sent("PATCH", PARTNER, deep),
        &["/inboundTrust", "isMfaAccept"],
    );
    let listed = json!({ "tenantRestrictions": { "applications": {
        "targets": [{ "target": "AllApplications", "kind": "application" }] } } });
    wrong(&sent("PATCH", PARTNER, listed), &["/targets/0", "'kind'"]);
}

#[test]
fn annotations_pass_where_properties_would_not() {
    let body = json!({ "@odata.type": "#microsoft.graph.x", "inboundTrust@odata.type": "#y" });
    clean(&sent("PATCH", PARTNER, body));
    let body = json!({ "odata": 1 });
    wrong(&sent("PATCH", PARTNER, body), &["odata"]);
}

#[test]
fn enumerations_types_and_nulls() {
    let access = |value: Value| {
        let body =
            json!({ "b2bDirectConnectInbound": { "applications": { "accessType": value } } });
        sent("PATCH", PARTNER, body)
    };
    clean(&access(json!("blocked")));
    clean(&access(Value::Null));
    wrong(&access(json!("sometimes")), &["accessType", "sometimes"]);
    wrong(&access(json!(3)), &["accessType"]);
    let consent = json!({ "automaticUserConsentSettings": { "inboundAllowed": "yes" } });
    wrong(
        &sent("PATCH", PARTNER, consent),
        &["inboundAllowed", "boolean"],
    );
}

#[test]
fn flags_may_be_combined() {
    let restart = |scope: &str| {
        let body = json!({ "criteria": { "resetScope": scope } });
        sent("POST", &format!("{JOBS}/j/restart"), body)
    };
    clean(&restart("Full"));
    clean(&restart("Watermark, Escrows,QuarantineState"));
    wrong(&restart("Watermark,Everything"), &["resetScope"]);
    wrong(&restart(""), &["resetScope"]);
}

#[test]
fn bodies_are_there_exactly_where_they_belong() {
    wrong(&exchange("PATCH", PARTNER, 204), &["no body"]);
    clean(&exchange("POST", &format!("{JOBS}/j/start"), 204));
    let start = sent("POST", &format!("{JOBS}/j/start"), json!({}));
    wrong(&start, &["may have none"]);
    wrong(
        &with(got(PARTNER, json!({})), "request_body", json!({})),
        &["may have none"],
    );
    wrong(
        &sent("PATCH", PARTNER, json!("text that was no JSON")),
        &["request /"],
    );
}

#[test]
fn unknown_paths_and_verbs() {
    let nowhere = exchange("GET", "/v1.0/policies/crossTenantAccessPolicies", 0);
    wrong(&nowhere, &["unknown path"]);
    wrong(&exchange("GET", "/v1.0/users/", 0), &["unknown path"]);
    wrong(&exchange("GET", "/v1.0/users/$ref", 0), &["unknown path"]);
    wrong(&exchange("GET", "/v1.0", 0), &["neither"]);
    wrong(
        &exchange("GET", "/v2.0/users", 0),
        &["neither v1.0 nor beta"],
    );
    wrong(
        &exchange("PUT", PARTNER, 0),
        &["unknown verb", "-tenantId}"],
    );
    clean(&exchange("POST", "/contoso/oauth2/v2.0/token", 200));
}

#[test]
fn a_path_of_beta_is_unknown_in_v1() {
    let path = "policies/externalIdentitiesPolicy";
    clean(&got(
        &format!("/beta/{path}"),
        json!({ "id": "externalIdentitiesPolicy" }),
    ));
    wrong(
        &exchange("GET", &format!("/v1.0/{path}"), 0),
        &["unknown path"],
    );
    let group = json!({ "groupSyncInbound": { "isSyncAllowed": true } });
    let path = PARTNER.replace("v1.0", "beta") + "/identitySynchronization";
    clean(&sent("PATCH", &path, group.clone()));
    let path = format!("{PARTNER}/identitySynchronization");
    wrong(&sent("PATCH", &path, group), &["groupSyncInbound"]);
}

#[test]
fn functions_and_alternate_keys_plain_and_encoded() {
    let find = "/v1.0/tenantRelationships/findTenantInformationByDomainName";
    let answer = json!({ "tenantId": "t", "displayName": "d", "defaultDomainName": "c.example" });
    clean(&got(
        &format!("{find}(domainName='c.example')"),
        answer.clone(),
    ));
    clean(&got(
        &format!("{find}%28domainName=%27c.example%27%29"),
        answer,
    ));
    clean(&got("/v1.0/servicePrincipals(appId='o''hara')", json!({})));
    wrong(
        &exchange("GET", &format!("{find}(domainName='')"), 0),
        &["unknown path"],
    );
    wrong(
        &exchange("GET", &format!("{find}(domain='c')"), 0),
        &["unknown path"],
    );
    wrong(
        &exchange("GET", &format!("{find}(domainName=c)"), 0),
        &["unknown path"],
    );
    wrong(
        &exchange("GET", "/v1.0/servicePrincipals(appId='o'hara')", 0),
        &["unknown path"],
    );
}

#[test]
fn literal_segments_come_before_parameters() {
    // As the name of a job this would be the wrong verb.
    let body = json!({ "useSavedCredentials": false, "templateId": "Azure2Azure",
        "credentials": [{ "key": "CompanyId", "value": "t" }] });
    clean(&sent("POST", &format!("{JOBS}/validateCredentials"), body));
    // A user in this list has what an arbitrary deleted object lacks.
    let users = "/v1.0/directory/deletedItems/microsoft.graph.user";
    clean(&asked(users, "$select=userPrincipalName"));
    let answer = got(users, json!({ "value": [{ "accountEnabled": "yes" }] }));
    wrong(&answer, &["/value/0/accountEnabled"]);
    wrong(
        &exchange(
            "GET",
            "/v1.0/directory/deletedItems/microsoft.graph.device",
            0,
        ),
        &["unknown"],
    );
}

#[test]
fn answers_may_carry_more_but_what_is_known_must_fit() {
    clean(&got(
        PARTNER,
        json!({ "tenantId": "t", "brandNew": { "a": 1 } }),
    ));
    wrong(
        &got(PARTNER, json!({ "tenantId": 5 })),
        &["200 answer /tenantId"],
    );
    let user = |name: &str, value: Value| got("/v1.0/users/u", json!({ name: value }));
    clean(&user("createdDateTime", json!("2026-01-02T03:04:05.6789Z")));
    wrong(&user("createdDateTime", json!("yesterday")), &["date-time"]);
    let assignment = |id: &str| {
        let path = "/v1.0/servicePrincipals/s/appRoleAssignedTo/a";
        got(path, json!({ "appRoleId": id }))
    };
    clean(&assignment("00000000-0000-0000-0000-000000000000"));
    wrong(&assignment("none"), &["appRoleId", "uuid"]);
}

#[test]
fn numbers_keep_their_bounds_whatever_their_size() {
    let job = |text: &str| {
        let body = format!(r#"{{ "status": {{ "countSuccessiveCompleteFailures": {text} }} }}"#);
        got(&format!("{JOBS}/j"), serde_json::from_str(&body).unwrap())
    };
    clean(&job("0"));
    clean(&job("9223372036854775807"));
    wrong(
        &job("9223372036854775808"),
        &["countSuccessiveCompleteFailures"],
    );
    wrong(
        &job("123456789012345678901234567890"),
        &["countSuccessiveCompleteFailures"],
    );
    wrong(&job("1.5"), &["integer"]);
    wrong(&job("\"1\""), &["integer"]);
}

#[test]
fn success_has_a_declared_status_and_the_body_that_goes_with_it() {
    wrong(
        &with(exchange("DELETE", PARTNER, 204), "response_body", json!({})),
        &["may have none"],
    );
    wrong(&exchange("DELETE", PARTNER, 202), &["202", "not declared"]);
    wrong(&exchange("GET", PARTNER, 200), &["without a body"]);
    wrong(&exchange("GET", PARTNER, 302), &["302"]);
    let list = got(PARTNERS, json!([]));
    wrong(&list, &["200 answer /"]);
}

#[test]
fn objects_are_held_to_the_type_they_name() {
    let item = |kind: &str| {
        let object = json!({ "@odata.type": kind, "accountEnabled": "yes" });
        got(
            "/v1.0/directory/deletedItems",
            json!({ "value": [{}, object] }),
        )
    };
    clean(&item("#microsoft.graph.unheardOf"));
    wrong(&item("#microsoft.graph.user"), &["/value/1/accountEnabled"]);
}

#[test]
fn refusals_wear_the_envelope() {
    let inner = json!({ "date": "2026-01-01T00:00:00", "request-id": "r" });
    let full = json!({ "error": { "code": "Request_ResourceNotFound", "message": "m",
        "target": null, "details": [{ "code": "c", "message": "m" }], "innerError": inner } });
    clean(&refused(404, full.clone()));
    clean(&refused(503, full.clone()));
    wrong(&refused(404, Value::Null), &["404 refusal"]);
    wrong(&refused(404, json!({ "message": "m" })), &["error"]);
    wrong(&refused(404, json!({ "error": "gone" })), &["/error"]);
    wrong(
        &refused(404, json!({ "error": { "code": "c" } })),
        &["message"],
    );
    wrong(
        &refused(404, json!({ "error": { "code": "", "message": "m" } })),
        &["empty"],
    );
    let details = json!({ "error": { "code": "c", "message": "m", "details": [{}] } });
    let Some(description) = &*DESCRIPTION else {
        return;
    };
    assert_eq!(description.violations(&refused(409, details)).len(), 2);
    let nowhere = with(exchange("GET", "/v1.0/nowhere", 404), "response_body", full);
    assert!(description.answer_violations(&nowhere).is_empty());
    let answered = exchange("GET", "/v1.0/nowhere", 200);
    assert_eq!(description.answer_violations(&answered).len(), 1);
}

#[test]
fn query_options_are_declared_and_name_what_exists() {
    clean(&asked(
        "/v1.0/users",
        "$select=id,displayName&$top=5&$count=true&$skiptoken=x",
    ));
    clean(&asked(
        "/v1.0/users",
        "%24filter=userType+eq+%27Guest%27%20and%20accountEnabled%20eq%20true",
    ));
    clean(&asked(
        "/v1.0/users",
        "$filter=identities/any(c:c/issuer eq 'x, y eq z')",
    ));
    clean(&asked(
        "/v1.0/users",
        "$expand=manager($select=id,displayName)&$orderby=displayName desc",
    ));
    clean(&asked(
        "/v1.0/groups/g/members",
        "$select=id,userPrincipalName",
    ));
    wrong(&asked("/v1.0/users", "$skip=5"), &["$skip", "not declared"]);
    wrong(
        &asked("/v1.0/users", "select=id"),
        &["select", "not declared"],
    );
    wrong(
        &asked("/v1.0/users", "$select=id,dispalyName"),
        &["dispalyName"],
    );
    wrong(
        &asked("/v1.0/users", "$filter=startswith(uesrName,'a')"),
        &["uesrName"],
    );
    wrong(
        &asked("/v1.0/users", "$filter=not(uesrType eq 'Guest')"),
        &["uesrType"],
    );
    wrong(&asked("/v1.0/users", "$orderby=nmae desc"), &["nmae"]);
    wrong(&asked("/v1.0/users", "$expand=managers"), &["managers"]);
    wrong(&asked("/v1.0/users", "$top=many"), &["$top", "many"]);
    wrong(&asked("/v1.0/users", "$count=1"), &["$count"]);
    wrong(&asked("/v1.0/users", "$top=1&$top=2"), &["twice"]);
    let one = with(got(PARTNER, json!({})), "query", "$filter=tenantId eq 'x'");
    wrong(&one, &["$filter"]);
    let patch = with(
        sent("PATCH", PARTNER, json!({})),
        "query",
        "$select=tenantId",
    );
    wrong(&patch, &["$select"]);
}

#[test]
fn a_synchronization_schema_is_replaced_as_a_whole() {
    let schema = |mapping: Value| {
        let rule = json!({ "name": "USER_INBOUND_USER", "objectMappings": [mapping] });
        let body = json!({ "synchronizationRules": [rule], "version": "1" });
        sent("PUT", &format!("{JOBS}/j/schema"), body)
    };
    let source =
        json!({ "type": "Attribute", "expression": "[mail]", "name": "mail", "parameters": [] });
    let attribute = |name: &str, value: Value| {
        let mut mapping =
            json!({ "targetAttributeName": "mail", "flowType": "Always", "source": source });
        mapping[name] = value;
        json!({ "flowTypes": "Add,Update", "attributeMappings": [mapping] })
    };
    clean(&schema(attribute("matchingPriority", json!(1))));
    wrong(
        &schema(attribute("flowType", json!("Never"))),
        &["flowType"],
    );
    wrong(
        &schema(attribute("matchingPriority", json!(4_294_967_296_i64))),
        &["matchingPriority"],
    );
    wrong(
        &schema(attribute("priority", json!(1))),
        &["attributeMappings/0", "priority"],
    );
}

fn batch(parts: Value, answers: Value) -> Value {
    let path = "/v1.0/$batch";
    let post = with(
        exchange("POST", path, 200),
        "request_body",
        json!({ "requests": parts }),
    );
    with(post, "response_body", json!({ "responses": answers }))
}

#[test]
fn a_batch_is_judged_part_by_part() {
    let get = json!({ "id": "A", "method": "GET", "url": "/users/u?$select=id" });
    let patch = json!({ "id": "b", "method": "PATCH", "url": "users/u", "body": { "jobTitle": "x" },
        "headers": { "content-type": "application/json" }, "dependsOn": ["A"] });
    let found = json!({ "id": "a", "status": 200, "body": { "id": "u" }, "headers": {} });
    let done = json!({ "id": "b", "status": 204 });
    let both = |parts: [&Value; 2], answers: [&Value; 2]| batch(json!(parts), json!(answers));
    clean(&both([&get, &patch], [&done, &found]));

    let misspelt = with(patch.clone(), "body", json!({ "jobTitel": "x" }));
    wrong(
        &both([&get, &misspelt], [&done, &found]),
        &["PATCH /v1.0/users/{user-id}", "jobTitel"],
    );
    let untyped = with(patch.clone(), "headers", json!({}));
    wrong(
        &both([&get, &untyped], [&done, &found]),
        &["'b'", "Content-Type"],
    );
    let query = with(get.clone(), "url", "/users/u?$select=idd");
    wrong(&both([&query, &patch], [&done, &found]), &["idd"]);
    let bare = with(found.clone(), "status", 404);
    wrong(
        &both([&get, &patch], [&done, &bare]),
        &["404 refusal", "error"],
    );
    let stranger = with(found.clone(), "id", "c");
    let Some(description) = &*DESCRIPTION else {
        return;
    };
    let lost = description.violations(&both([&get, &patch], [&done, &stranger]));
    assert_eq!(lost.len(), 2, "{lost:?}");
}

#[test]
fn the_envelope_of_a_batch_is_judged_as_well() {
    let part = json!({ "id": "1", "method": "GET", "url": "/organization" });
    let answer = json!([{ "id": "1", "status": 200, "body": { "value": [] } }]);
    clean(&batch(json!([part]), answer.clone()));
    let verb = with(part.clone(), "verb", "GET");
    wrong(
        &batch(json!([verb]), answer.clone()),
        &["request /requests/0", "verb"],
    );
    let status = json!([{ "id": "1", "status": "200", "body": { "value": [] } }]);
    wrong(
        &batch(json!([part]), status),
        &["200 answer /responses/0/status"],
    );
    wrong(&batch(json!([]), json!([])), &["request /requests"]);
    let nested = with(with(part, "url", "/$batch"), "method", "GET");
    wrong(&batch(json!([nested]), answer), &["inside a batch"]);
}

#[test]
fn violations_are_counted_and_an_empty_journal_proves_nothing() {
    let Some(description) = &*DESCRIPTION else {
        return;
    };
    let bad = sent("PATCH", PARTNER, json!({ "inboundTrusts": null }));
    let good = sent("PATCH", PARTNER, json!({ "inboundTrust": null }));
    description.assert_clean(std::slice::from_ref(&good));
    let journal = vec![bad.clone(), good, bad];
    let text = openapi::report(
        journal
            .iter()
            .flat_map(|entry| description.violations(entry)),
    );
    assert!(
        text.contains("2 × PATCH") && text.lines().count() == 1,
        "{text}"
    );
    let sign_in = exchange("POST", "/contoso/oauth2/v2.0/token", 200);
    for journal in [journal, vec![sign_in], Vec::new()] {
        let outcome = std::panic::catch_unwind(|| description.assert_clean(&journal));
        assert!(outcome.is_err(), "{journal:?}");
    }
}

#[test]
fn thousands_of_exchanges_take_seconds() {
    let Some(description) = &*DESCRIPTION else {
        return;
    };
    let began = Instant::now();
    for _ in 0..3_000 {
        clean(&sent(
            "PATCH",
            PARTNER,
            json!({ "inboundTrust": { "isMfaAccepted": true } }),
        ));
        clean(&got(
            "/beta/users/u",
            json!({ "id": "u", "displayName": "U" }),
        ));
    }
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    description.assert_clean(&[got(PARTNER, json!({}))]);
}
