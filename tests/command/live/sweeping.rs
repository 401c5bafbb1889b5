//! The tenants and objects that the command refuses to change, and the objects that it removes after a crash.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::live::{Desk, emulator, files, traces};
use crate::support::{CONTOSO, FABRIKAM};

#[test]
fn a_tenant_with_many_users_is_refused_before_anything_is_made() {
    let emulator = emulator();
    let desk = Desk::new(emulator.environment());
    let said = desk.run(&["--max-users", "8"]);
    said.ended(
        2,
        &[
            "The source tenant",
            "has 9 users",
            "meant for test tenants",
            "--max-users 9",
        ],
    );
    assert!(
        emulator
            .graph_requests()
            .iter()
            .all(|call| call.starts_with("GET /v1.0/users"))
    );
    let path = format!("tenants/{FABRIKAM}/apps/0");
    let none = json!({ "permissions": ["Policy.Read.All"] });
    emulator.control("PATCH", &path, Some(&none));
    desk.run(&[]).ended(
        2,
        &[
            "The users of the target tenant could not be counted",
            "User.Read.All",
        ],
    );
}

#[test]
fn partners_of_others_are_not_changed_by_default() {
    let emulator = emulator();
    let partners = "/v1.0/policies/crossTenantAccessPolicy/partners";
    let (status, _) = emulator.as_admin(
        FABRIKAM,
        "POST",
        partners,
        Some(&json!({ "tenantId": CONTOSO })),
    );
    assert_eq!(status, 201);
    let before = traces(&emulator);
    let desk = Desk::new(emulator.environment());
    let said = desk.run(&["--json"]);
    said.ended(
        2,
        &["the target tenant has an entry for the other one that this command did not make"],
    );
    let outcomes = said.outcomes();
    assert_eq!(outcomes["partner-patch"].0, "not_tried");
    assert_eq!(
        outcomes["second-job"].0, "seen_so",
        "what needs no partner is tried"
    );
    assert_eq!(traces(&emulator), before);
    desk.run(&["--adopt-partners", "--fact", "partner-patch"])
        .ended(0, &["✓ seen so"]);
    assert!(
        emulator.tenant(FABRIKAM)["partners"]
            .as_object()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn the_next_run_removes_objects_of_a_killed_run() {
    let emulator = emulator();
    let before = traces(&emulator);
    let desk = Desk::new(emulator.environment());
    // The last request of both facts never gets a response.
    for (method, path) in [
        ("PUT", "*/identitySynchronization"),
        ("PATCH", "/v1.0/applications/*"),
    ] {
        let fault = json!({ "method": method, "path": path, "kind": "late", "delay_ms": 600_000 });
        emulator.fault(&fault);
        let fact = if method == "PUT" {
            "second-sync-policy"
        } else {
            "name-of-principal"
        };
        let mut run = desk.command(&["--fact", fact]).spawn().unwrap();
        let since = Instant::now();
        while emulator.control("GET", "faults", None)["left"] != 0 {
            assert!(
                since.elapsed() < Duration::from_secs(60),
                "the request does not come"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        run.kill().unwrap();
        run.wait().unwrap();
        assert_ne!(traces(&emulator), before, "{fact} has left something");
        desk.run(&["--fact", "page-sizes"])
            .ended(0, &["0 seen otherwise"]);
        assert_eq!(traces(&emulator), before);
        assert!(files(desk.folder.path()).is_empty());
    }
}
