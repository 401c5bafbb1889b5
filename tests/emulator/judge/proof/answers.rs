//! Rules for responses.

use serde_json::{Value, json};

use super::{DESCRIPTION, JOBS, PARTNER, PARTNERS, clean, exchange, got, refused, with, wrong};

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
fn numbers_keep_their_bounds_for_any_size() {
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
fn refusals_have_the_error_envelope() {
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
    let description = &*DESCRIPTION;
    assert_eq!(description.violations(&refused(409, details)).len(), 2);
    let nowhere = with(exchange("GET", "/v1.0/nowhere", 404), "response_body", full);
    assert!(description.answer_violations(&nowhere).is_empty());
    let answered = exchange("GET", "/v1.0/nowhere", 200);
    assert_eq!(description.answer_violations(&answered).len(), 1);
}
