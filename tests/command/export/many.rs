//! Many objects take few requests. `make bench` measures ten times as many.

use serde_json::{Map, Value as Json, json};

use crate::export::graph::Configuration;
use crate::export::world::{Place, is_adopted, seeded};
use crate::support::{CONTOSO, clis};

const PARTNERS: usize = 60;
const ASSIGNMENTS: usize = 1_500;

#[test]
fn many_objects_take_few_requests() {
    let user = |number: usize| format!("c2000000-0000-4000-8000-{number:012}");
    let other = |number: usize| format!("d4000000-0000-4000-8000-{number:012}");
    let emulator = seeded(|seed| {
        let tenants = seed["tenants"].as_array_mut().unwrap();
        let partner = |number| json!({ "tenantId": other(number), "inboundTrust": { "isMfaAccepted": true } });
        tenants[0]["partners"] = (0..PARTNERS).map(partner).collect();
        let policy = |number| json!({ "tenantId": other(number), "userSyncInbound": { "isSyncAllowed": true } });
        tenants[0]["syncPolicies"] = (0..PARTNERS).map(policy).collect();
        let users = tenants[0]["users"].as_array_mut().unwrap();
        users.extend((0..ASSIGNMENTS).map(|number| {
            json!({ "id": user(number), "displayName": format!("User {number}"),
                "userPrincipalName": format!("user{number}@contoso.example") })
        }));
        for number in 0..PARTNERS {
            let domain = format!("partner{number}.example");
            tenants.push(json!({ "tenantId": other(number), "displayName": format!("Partner {number}"), "domains": [domain] }));
        }
    });
    let made = Configuration::make(&emulator, "Everybody");
    let assignment = |number: usize| -> (String, Json) {
        let id = format!("assignment-{number}");
        let assignment = json!({ "id": id, "appRoleId": made.role, "principalId": user(number), "principalType": "User",
            "principalDisplayName": format!("User {number}"), "resourceId": made.id, "resourceDisplayName": "Everybody",
            "createdDateTime": "2026-01-01T00:00:00Z", "deletedDateTime": null });
        (id, assignment)
    };
    let assignments: Map<String, Json> = (0..ASSIGNMENTS).map(assignment).collect();
    let body = json!({ "assignments": assignments });
    emulator.control("PATCH", &format!("tenants/{CONTOSO}"), Some(&body));

    let place = Place::new(&emulator);
    emulator.forget();
    let run = place.export(&[]);
    run.ended(0);
    let requests = emulator.graph_requests();
    assert!(requests.len() < 120, "{}: {requests:#?}", requests.len());
    assert_eq!(run.count(), 3 * PARTNERS + 2);
    is_adopted(&place.workspace(&clis()[0]), run.count());
}
