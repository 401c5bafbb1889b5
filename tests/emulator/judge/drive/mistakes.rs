//! Mistakes: undescribed and forbidden requests, and injected faults. All of them are refused, and every refusal must have the form of
//! Graph's.

use crosstenant::emulator::Running;
use serde_json::{Value, json};

use super::{Caller, FABRIKAM};

const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

pub(super) async fn drive(emulator: &Running, me: &Caller, powerless: Caller) {
    nowhere(me).await;
    bodies(me).await;
    queries(me).await;
    batches(me).await;
    strangers(powerless).await;
    faults(emulator, me).await;
}

async fn nowhere(me: &Caller) {
    for path in [
        "",
        "/",
        "/nowhere",
        "/users/a/b/c",
        "/policies",
        "/servicePrincipals/x/synchronizatoin",
    ] {
        me.refused("GET", path, Value::Null).await;
    }
    me.refused(
        "GET",
        "/tenantRelationships/findTenantInformationByDomainName(name='x')",
        Value::Null,
    )
    .await;
    me.refused("PUT", PARTNERS, json!({})).await;
    me.refused(
        "DELETE",
        "/policies/crossTenantAccessPolicy/default",
        Value::Null,
    )
    .await;
    if !me.beta {
        me.refused("GET", "/policies/externalIdentitiesPolicy", Value::Null)
            .await;
        me.refused(
            "GET",
            "/policies/deletedItems/crossTenantPartners",
            Value::Null,
        )
        .await;
    }
}

async fn bodies(me: &Caller) {
    let partner = |body: Value| {
        let mut full = json!({ "tenantId": FABRIKAM });
        full.as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        full
    };
    let setting = |access: &str, kind: &str| {
        json!({ "b2bCollaborationInbound": { "applications": { "accessType": access,
            "targets": [{ "target": "AllApplications", "targetType": kind }] } } })
    };
    for wrong in [
        json!({ "inboundTrusts": null }),
        json!({ "inboundTrust": { "isMfaAccept": true } }),
        json!({ "inboundTrust": { "isMfaAccepted": "yes" } }),
        json!({ "tenantId": 5 }),
        setting("sometimes", "application"),
        setting("allowed", "device"),
    ] {
        me.refused("POST", PARTNERS, partner(wrong)).await;
    }
    me.refused("POST", PARTNERS, Value::Null).await;
    me.refused("POST", PARTNERS, json!([])).await;
    me.refused("POST", PARTNERS, json!("text")).await;
    me.refused(
        "PATCH",
        "/users/ada@contoso.example",
        json!({ "jobTitel": "x" }),
    )
    .await;
    me.refused(
        "PATCH",
        "/policies/crossTenantAccessPolicy/default",
        json!({ "inboundTrusts": {} }),
    )
    .await;
    if !me.beta {
        let wrong = json!({ "blockServiceProviderOutboundAccess": true });
        me.refused("POST", PARTNERS, partner(wrong)).await;
    }
}

async fn queries(me: &Caller) {
    for query in [
        "$select=dispalyName",
        "$filter=uesrType eq 'Guest'",
        "$filter=displayName",
        "$orderby=nmae",
        "$expand=managers",
        "$top=many",
        "$skipp=1",
    ] {
        me.refused("GET", &format!("/users?{query}"), Value::Null)
            .await;
    }
}

async fn batches(me: &Caller) {
    let get = json!({ "id": "1", "method": "GET", "url": "/organization" });
    let many: Vec<Value> = (0..21)
        .map(|id| json!({ "id": id.to_string(), "method": "GET", "url": "/organization" }))
        .collect();
    for requests in [
        json!([]),
        json!([get, get]),
        json!(many),
        json!([{ "id": "1" }]),
    ] {
        me.refused("POST", "/$batch", json!({ "requests": requests }))
            .await;
    }
    me.refused("POST", "/$batch", json!({})).await;
    me.refused("POST", "/$batch", Value::Null).await;
    me.refused("GET", "/$batch", Value::Null).await;
}

async fn strangers(powerless: Caller) {
    for path in [
        PARTNERS,
        "/users",
        "/organization",
        "/auditLogs/provisioning",
    ] {
        powerless.no(403, "GET", path, Value::Null).await;
    }
    powerless
        .no(403, "POST", PARTNERS, json!({ "tenantId": FABRIKAM }))
        .await;
    let unknown = Caller {
        token: "nonsense".to_owned(),
        ..powerless
    };
    unknown.no(401, "GET", "/users", Value::Null).await;
    unknown
        .no(401, "POST", "/$batch", json!({ "requests": [] }))
        .await;
}

async fn faults(emulator: &Running, me: &Caller) {
    let order = format!("{}/_emulator/faults", emulator.graph_url());
    let fault = async |fault: Value| {
        let answer = me.http.post(&order).json(&fault).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{fault}: {}",
            answer.text().await.unwrap()
        );
    };
    fault(json!({ "kind": "throttle", "retry_after": 1 })).await;
    me.no(429, "GET", "/organization", Value::Null).await;
    for status in [500, 502, 503, 504] {
        fault(json!({ "kind": "status", "status": status })).await;
        me.no(status, "GET", "/organization", Value::Null).await;
    }
    for kind in [
        "reset_before",
        "reset_after",
        "truncate",
        "not_json",
        "empty",
    ] {
        fault(json!({ "kind": kind, "path": "*/organization" })).await;
        let request = me
            .http
            .get(format!("{}/organization", me.root))
            .bearer_auth(&me.token);
        let _ = request.send().await;
    }
}
