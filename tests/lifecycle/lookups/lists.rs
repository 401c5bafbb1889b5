//! Lists of users, groups, policies, configurations and assignments.

use serde_json::{Value as Json, json};

use crate::lookups::{column, data, read, refused, seeded, service_principal, set_up};
use crate::support::{CONTOSO, FABRIKAM};

#[test]
fn users_are_found_by_name_id_prefix_and_filter() {
    let emulator = seeded(|_| (), &[]);
    let users = |arguments: &str| read(&emulator, &data("users", "source", arguments));
    let named =
        users("user_principal_names = [\"grace@contoso.example\", \"Ada@contoso.example\"]");
    assert_eq!(
        named["ids"],
        json!([
            "a1000000-0000-4000-8000-000000000002",
            "a1000000-0000-4000-8000-000000000001"
        ])
    );
    assert_eq!(named["users"][1]["department"], "Research");
    let by_id = users("ids = [\"a1000000-0000-4000-8000-000000000006\"]");
    assert_eq!(by_id["users"][0]["user_type"], "Guest");
    let lost = users(
        "user_principal_names = [\"nobody@contoso.example\", \"ada@contoso.example\"]\nignore_missing = true",
    );
    assert_eq!(
        (
            lost["missing"].clone(),
            lost["users"].as_array().unwrap().len()
        ),
        (json!(["nobody@contoso.example"]), 1)
    );
    assert_eq!(
        column(
            &users("display_name_prefix = \"AL\"")["users"],
            "display_name"
        ),
        ["Alan Turing"]
    );
    let filtered = users("filter = \"department eq 'Research'\"");
    assert_eq!(filtered["users"].as_array().unwrap().len(), 3);
    // Requires an advanced query, which the provider detects from the response.
    let advanced = users("filter = \"endswith(mail,'@northwind.example')\"");
    assert_eq!(
        column(&advanced["users"], "display_name"),
        ["Linus (Guest)"]
    );
}

#[test]
fn what_cannot_be_looked_for_is_said_before_anything_is_asked() {
    let emulator = seeded(|_| (), &[]);
    let users = |arguments: &str| refused(&emulator, &data("users", "source", arguments));
    users("").says(&["Exactly one of `user_principal_names`, `ids`, `display_name_prefix`, `filter` must be set, but none is."]);
    users("ids = []\nfilter = \"x\"").says(&["`ids`, `filter` are"]);
    users("ids = [\"ada\"]").says(&["GUID"]);
    assert_eq!(emulator.graph_requests(), Vec::<String>::new());
    users("filter = \"nonsense\"").says(&["Graph answered 400"]);
    users("user_principal_names = [\"nobody@contoso.example\"]")
        .says(&["nobody@contoso.example", "ignore_missing"]);
    let groups = |arguments: &str| refused(&emulator, &data("groups", "source", arguments));
    groups("").says(&["none is"]);
    groups("ids = [\"a1000000-0000-4000-8000-000000000001\"]").says(&["has no group"]);
}

#[test]
fn many_users_come_in_pages() {
    let many = |seed: &mut Json| {
        let users = seed["tenants"][0]["users"].as_array_mut().unwrap();
        for number in 0..1500 {
            users.push(json!({ "userPrincipalName": format!("u{number}@contoso.example"), "displayName": format!("Extra {number}") }));
        }
    };
    let emulator = seeded(many, &[]);
    emulator.forget();
    let main = format!(
        "{}{}output \"count\" {{ value = length(data.crosstenant_users.it.ids) }}\n",
        crate::lookups::PROVIDERS,
        data("users", "source", "display_name_prefix = \"Extra\"")
    );
    let workspace = crate::support::Workspace::new(&emulator, &main);
    workspace.plan().succeeded().says(&["count = 1500"]);
    assert_eq!(
        emulator.graph_requests(),
        ["GET /v1.0/users", "GET /v1.0/users"]
    );
}

#[test]
fn groups_are_found() {
    let emulator = seeded(|_| (), &[]);
    let groups =
        |arguments: &str| read(&emulator, &data("groups", "source", arguments))["groups"].clone();
    let both = ["Fabrikam advisers", "Fabrikam collaborators"];
    assert_eq!(
        column(
            &groups("display_name_prefix = \"fabrikam\""),
            "display_name"
        ),
        both
    );
    assert_eq!(
        column(
            &groups("filter = \"displayName eq 'Fabrikam advisers'\""),
            "display_name"
        ),
        both[..1]
    );
    assert_eq!(
        column(
            &groups("ids = [\"b1000000-0000-4000-8000-000000000001\"]"),
            "display_name"
        ),
        both[1..]
    );
}

#[test]
fn policies_configurations_and_assignments_are_listed() {
    let emulator = seeded(|_| (), &[]);
    let id = service_principal(&set_up(&emulator));
    let partners = read(&emulator, &data("partner_policies", "target", ""));
    let partner = &partners["partners"][0];
    assert_eq!(partners["partner_tenant_ids"], json!([CONTOSO]));
    assert_eq!(
        partner["automatic_user_consent_settings"]["inbound_allowed"],
        true
    );
    assert_eq!(partner["inbound_trust"]["is_mfa_accepted"], true);
    assert_eq!(partner["b2b_collaboration_inbound"], Json::Null);

    let policies = read(&emulator, &data("sync_policies", "target", ""));
    assert_eq!(policies["policies"][0]["display_name"], "Contoso");
    assert_eq!(policies["allowed_tenant_ids"], json!([CONTOSO]));
    let none = read(&emulator, &data("sync_policies", "source", ""));
    assert_eq!(
        (&none["policies"], &none["tenant_id"]),
        (&json!([]), &json!(CONTOSO))
    );

    let configurations = |arguments: &str| {
        read(
            &emulator,
            &data("synchronization_configurations", "source", arguments),
        )["configurations"]
            .clone()
    };
    let all = configurations("");
    assert_eq!(all[0]["service_principal_id"], id);
    assert!(all[0]["app_role_id"].is_string() && all[0]["client_id"].is_string());
    assert_eq!(configurations("display_name_prefix = \"contoso TO\""), all);
    assert_eq!(
        configurations("display_name_prefix = \"Fabrikam\""),
        json!([])
    );
    assert_eq!(
        configurations(&format!("template_id = {FABRIKAM:?}")),
        json!([])
    );

    let assigned = |more: &str| {
        let arguments = format!("resource_object_id = {id:?}\n{more}");
        read(
            &emulator,
            &data("app_role_assignments", "source", &arguments),
        )
    };
    assert_eq!(
        assigned("")["principal_object_ids"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    let groups = assigned("principal_type = \"Group\"");
    assert_eq!(
        column(&groups["assignments"], "principal_display_name"),
        ["Fabrikam collaborators"]
    );
}
