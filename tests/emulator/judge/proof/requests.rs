//! Rules for the parameters and bodies of requests.

use serde_json::{Value, json};

use super::{JOBS, PARTNER, PARTNERS, asked, clean, exchange, got, sent, with, wrong};

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
fn misspelled_properties_are_rejected_at_every_depth() {
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
