//! `preview` of managers: they are looked up in both tenants for few users; otherwise, a note says that they were not looked up.

use serde_json::{Value as Json, json};

use crate::preview::{of, preview};
use crate::support::{CONTOSO, Emulator, FABRIKAM};
use crate::{seeded, set_up, without_sms};

const ADA: &str = "a1000000-0000-4000-8000-000000000001";
const GRACE: &str = "a1000000-0000-4000-8000-000000000002";
const ALAN: &str = "a1000000-0000-4000-8000-000000000003";

/// The manager of a user in a preview, before and after.
fn manager(document: &Json, name: &str) -> Option<(Json, Json)> {
    let changes = of(document, name)["changes"].as_array().unwrap();
    let mut changes = changes.iter();
    let change = changes.find(|change| change["attribute"] == "manager")?;
    Some((change["before"].clone(), change["after"].clone()))
}

/// The copy of a source user in the target tenant.
fn copy(emulator: &Emulator, mail: &str) -> Json {
    let target = emulator.tenant(FABRIKAM);
    let mut users = target["users"].as_object().unwrap().values();
    users.find(|user| user["mail"] == mail).unwrap().clone()
}

/// Ada reports to Grace, and Alan to a user who is not in scope.
fn with_managers() -> Emulator {
    let emulator = seeded(|seed| {
        without_sms(seed);
        seed["tenants"][0]["users"][0]["manager"] = json!("grace@contoso.example");
        seed["tenants"][0]["users"][2]["manager"] = json!("barbara@contoso.example");
    });
    set_up(&emulator);
    emulator
}

#[test]
fn previewed_managers_match_the_next_cycle() {
    let emulator = with_managers();
    let first = preview(&emulator, &[], 0);
    // Until Grace is created, her object ID in the source tenant represents her.
    assert_eq!(
        manager(&first, "ada@contoso.example"),
        Some((Json::Null, json!(GRACE))),
        "{first:#}"
    );
    assert_eq!(manager(&first, "alan@contoso.example"), None, "{first:#}");
    let notes = first["configurations"][0]["notes"].to_string();
    assert!(!notes.contains("Managers"), "{notes}");
    emulator.cycle();
    let grace = copy(&emulator, "grace@contoso.example")["id"].clone();
    assert_eq!(copy(&emulator, "ada@contoso.example")["_manager"], grace);
    let same = preview(&emulator, &[], 0);
    assert_eq!(
        same["configurations"][0]["users"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|user| user["outcome"] == "update")
            .count(),
        0,
        "{same:#}"
    );
    // Another manager, who is in the target tenant as well.
    let change = json!({ "users": { ADA: { "_manager": ALAN } } });
    emulator.control("PATCH", &format!("tenants/{CONTOSO}"), Some(&change));
    let alan = copy(&emulator, "alan@contoso.example")["id"].clone();
    let changed = preview(&emulator, &[], 0);
    assert_eq!(of(&changed, "ada@contoso.example")["outcome"], "update");
    assert_eq!(
        manager(&changed, "ada@contoso.example"),
        Some((grace, alan.clone())),
        "{changed:#}"
    );
    emulator.cycle();
    assert_eq!(copy(&emulator, "ada@contoso.example")["_manager"], alan);
}

/// The lookups would take one request for each twenty users.
#[test]
fn managers_of_many_users_are_not_looked_up() {
    const MORE: usize = 201;
    let name = |number: usize| format!("more{number}@contoso.example");
    let emulator = seeded(|seed| {
        without_sms(seed);
        let source = &mut seed["tenants"][0];
        for number in 0..MORE {
            let user = json!({ "id": format!("c5000000-0000-4000-8000-{number:012}"), "userPrincipalName": name(number),
                "displayName": format!("More {number}"), "mail": name(number), "manager": "grace@contoso.example" });
            source["users"].as_array_mut().unwrap().push(user);
            let members = source["groups"][0]["members"].as_array_mut();
            members.unwrap().push(json!(name(number)));
        }
    });
    set_up(&emulator);
    emulator.control("DELETE", "requests", None);
    let found = preview(&emulator, &[], 0);
    assert_eq!(manager(&found, &name(7)), None);
    let notes = found["configurations"][0]["notes"].to_string();
    assert!(notes.contains("looked up for up to 200 users"), "{notes}");
    let asked = emulator.journal();
    let is_about_managers = |one: &&Json| one["path"].as_str().unwrap().ends_with("/manager");
    assert_eq!(asked.iter().filter(is_about_managers).count(), 0);
}
