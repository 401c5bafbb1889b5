//! `leftovers`: leftover users in each format, with and without the provisioning log.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM};
use crate::{CONFIGURATION, admin, run, seeded, set_up};

const ALAN: &str = "a1000000-0000-4000-8000-000000000003";

fn with_a_ghost(seed: &mut Json) {
    let permissions = &mut seed["tenants"][0]["apps"][0]["permissions"];
    permissions
        .as_array_mut()
        .unwrap()
        .push(json!("User.DeleteRestore.All"));
    let users = seed["tenants"][1]["users"].as_array_mut().unwrap();
    users.push(json!({ "userPrincipalName": "ghost_contoso.example#EXT#@fabrikam.example", "displayName": "Ghost",
        "creationType": "Invitation", "externalUserState": "PendingAcceptance", "userType": "Guest" }));
    users.push(json!({ "userPrincipalName": "linus_northwind.example#EXT#@fabrikam.example", "displayName": "Linus",
        "creationType": "Invitation", "externalUserState": "Accepted", "userType": "Guest" }));
}

fn leftovers(emulator: &Emulator, arguments: &[&str], code: i32) -> Json {
    let all = [&["leftovers", "--json"][..], arguments].concat();
    run(&emulator.environment(), &all).ended(code, &[]).json()
}

fn names(document: &Json) -> Vec<&str> {
    let all = document["leftovers"].as_array().unwrap().iter();
    all.map(|one| {
        one["user_principal_name"]
            .as_str()
            .unwrap()
            .split('_')
            .next()
            .unwrap()
    })
    .collect()
}

#[test]
fn leftover_users_are_shown_in_each_format() {
    let emulator = seeded(with_a_ghost);
    set_up(&emulator);
    emulator.cycle();
    let before = leftovers(&emulator, &[], 1);
    assert_eq!(names(&before), ["ghost"], "{before:#}");
    assert_eq!(before["configurations"], json!([CONFIGURATION]));
    assert_eq!(
        leftovers(&emulator, &["--exact"], 0)["leftovers"],
        json!([])
    );
    admin(
        &emulator,
        CONTOSO,
        "DELETE",
        &format!("/v1.0/users/{ALAN}"),
        None,
    );
    emulator.forget();
    let found = leftovers(&emulator, &[], 1);
    assert_eq!(names(&found), ["alan", "ghost"], "{found:#}");
    let alan = &found["leftovers"][0];
    assert_eq!(
        (&alan["reason"], &alan["exact"]),
        (&json!("source_deleted"), &json!(true))
    );
    assert_eq!(alan["state"], "Accepted");
    assert_eq!(found["source_tenant_id"], CONTOSO);
    let environment = emulator.environment();
    run(&environment, &["leftovers"]).ended(
        1,
        &[
            "2 of 4 external users",
            "alan@contoso.example",
            "provisioning log (exact)",
            "The source user is deleted.",
            "To keep the user,",
            "user principal name (guess)",
            "First find out",
        ],
    );
    let blocks = run(&environment, &["leftovers", "--exact", "--import"]);
    blocks.ended(
        1,
        &[
            "# The source user is deleted.",
            "to = azuread_user.leftover_alan_contoso_example",
        ],
    );
    assert!(!blocks.out.contains("ghost"), "{}", blocks.out);
    // Nothing was written to either tenant.
    let writes: Vec<String> = emulator
        .graph_requests()
        .into_iter()
        .filter(|line| {
            line.contains(FABRIKAM) && !line.starts_with("GET") && !line.contains("$batch")
        })
        .collect();
    assert_eq!(writes, Vec::<String>::new());
}

#[test]
fn unreadable_data_is_noted() {
    let emulator = seeded(|seed| {
        with_a_ghost(seed);
        for (tenant, removed) in [
            (0, "ProvisioningLog.Read.All"),
            (0, "AuditLog.Read.All"),
            (1, "AuditLog.Read.All"),
        ] {
            let permissions = seed["tenants"][tenant]["apps"][0]["permissions"]
                .as_array_mut()
                .unwrap();
            permissions.retain(|name| name != removed);
        }
    });
    set_up(&emulator);
    emulator.cycle();
    let found = leftovers(&emulator, &[], 1);
    let notes = found["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 2, "{notes:#?}");
    assert!(
        notes[0]
            .as_str()
            .unwrap()
            .contains("ProvisioningLog.Read.All"),
        "{notes:#?}"
    );
    assert!(
        notes[1].as_str().unwrap().contains("AuditLog.Read.All"),
        "{notes:#?}"
    );
    assert_eq!(names(&found), ["ghost"]);
    assert_eq!(
        leftovers(&emulator, &["--log-entries", "0"], 1)["notes"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn without_a_configuration_the_source_users_count() {
    let emulator = seeded(with_a_ghost);
    let found = leftovers(&emulator, &[], 1);
    assert_eq!(names(&found), ["ghost"]);
    assert_eq!(found["configurations"], json!([]));
    assert!(
        found["notes"][0]
            .as_str()
            .unwrap()
            .starts_with("No configuration")
    );
    run(
        &emulator.environment(),
        &["leftovers", "--configuration", "Nowhere"],
    )
    .ended(2, &["\"Nowhere\""]);
}

#[test]
fn collisions_are_a_row_of_check() {
    let emulator = seeded(|seed| {
        crate::without_sms(seed);
        let target = &mut seed["tenants"][1];
        target["apps"][0]["permissions"]
            .as_array_mut()
            .unwrap()
            .push(json!("OrgContact.Read.All"));
        target["contacts"] = json!([{ "displayName": "Grace (mail)", "mail": "x@elsewhere.example",
            "proxyAddresses": ["SMTP:x@elsewhere.example", "smtp:Grace@contoso.example"] }]);
        let users = target["users"].as_array_mut().unwrap();
        users.push(json!({ "userPrincipalName": "ada.internal@fabrikam.example", "displayName": "Ada (internal)",
            "mail": "ada@contoso.example" }));
        users.push(json!({ "userPrincipalName": "edsger_contoso.example#EXT#@fabrikam.example", "displayName": "Edsger",
            "mail": "edsger@contoso.example", "creationType": "Invitation", "externalUserState": "Accepted", "userType": "Guest" }));
    });
    set_up(&emulator);
    let environment = emulator.environment();
    let rows = |document: &Json| {
        let rows = document["configurations"][0]["checks"]
            .as_array()
            .unwrap()
            .clone();
        rows.into_iter().find(|row| row["check"] == "no_collisions")
    };
    let plain = run(&environment, &["check", "--json"]).json();
    assert_eq!(rows(&plain), None, "only where it is asked for");
    let found = run(&environment, &["check", "--json", "--collisions"])
        .ended(1, &[])
        .json();
    let row = rows(&found).unwrap();
    assert_eq!(row["state"], "not_met");
    let detail = row["detail"].as_str().unwrap();
    for words in [
        "1 user cannot be created or changed: ada@contoso.example: mail ada@contoso.example is used by",
        "1 user may be created without the email address",
        "grace@contoso.example: the contact \"Grace (mail)\" uses",
        "1 of them already exist as external users of the target tenant",
    ] {
        assert!(detail.contains(words), "{words:?} is missing in {detail}");
    }
    run(&environment, &["preview"]).ended(
        0,
        &["the contact \"Grace (mail)\" uses", "contact-with-address"],
    );
    // The recommended action for the internal user takes effect.
    emulator.cycle();
    let users = emulator.tenant(FABRIKAM)["users"].clone();
    let arrived = |name: &str| {
        let mut all = users.as_object().unwrap().values();
        all.any(|user| {
            user["userPrincipalName"]
                .as_str()
                .unwrap()
                .starts_with(name)
        })
    };
    assert!(arrived("grace_") && !arrived("ada_"), "{users:#}");
}

#[test]
fn contacts_that_may_not_be_read_leave_the_row_open() {
    let emulator = seeded(crate::without_sms);
    set_up(&emulator);
    let found = run(
        &emulator.environment(),
        &["check", "--json", "--collisions"],
    )
    .ended(0, &[])
    .json();
    let rows = found["configurations"][0]["checks"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["check"] == "no_collisions")
        .unwrap();
    assert_eq!(row["state"], "no_permission", "{row:#}");
    assert!(
        row["detail"]
            .as_str()
            .unwrap()
            .contains("OrgContact.Read.All")
    );
    run(
        &emulator.environment(),
        &["check", "--collisions", "--only", "target"],
    )
    .ended(2, &["--collisions"]);
}
