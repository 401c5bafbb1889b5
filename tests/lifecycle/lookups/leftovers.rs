//! The source users of external users in the target tenant, the evidence for them, and leftover users.

use serde_json::{Value as Json, json};

use crate::lookups::{
    PROVIDERS, admin, column, data, read, refused, seeded, service_principal, set_up,
};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace};

const ADA: &str = "a1000000-0000-4000-8000-000000000001";
const GRACE: &str = "a1000000-0000-4000-8000-000000000002";
const ALAN: &str = "a1000000-0000-4000-8000-000000000003";
const EDSGER: &str = "a1000000-0000-4000-8000-000000000005";
const MARGARET: &str = "a1000000-0000-4000-8000-000000000009";

/// Users who were invited manually: one for each kind of evidence. Administrators of the source tenant may change users.
fn invited(seed: &mut Json) {
    let permissions = &mut seed["tenants"][0]["apps"][0]["permissions"];
    let permissions = permissions.as_array_mut().unwrap();
    permissions.extend(["User.ReadWrite.All", "User.DeleteRestore.All"].map(Json::from));
    let users = seed["tenants"][1]["users"].as_array_mut().unwrap();
    let guest = |name: &str, more: Json| {
        let mut user = json!({ "userPrincipalName": name, "displayName": name, "creationType": "Invitation",
            "externalUserState": "Accepted", "userType": "Guest", "createdDateTime": "2026-01-01T00:00:00Z" });
        user.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        user
    };
    users.extend([
        guest(
            "edsger_contoso.example#EXT#@fabrikam.example",
            json!({
            "onPremisesExtensionAttributes": { "extensionAttribute15": EDSGER },
            "signInActivity": { "lastSignInDateTime": "2026-02-03T04:05:06Z" } }),
        ),
        guest("ghost_contoso.example#EXT#@fabrikam.example", json!({})),
        guest(
            "renamed_old.example#EXT#@fabrikam.example",
            json!({ "mail": "margaret@contoso.example" }),
        ),
        guest(
            "m_contoso.example#EXT#@fabrikam.example",
            json!({
            "originTenantInfo": { "originTenantId": CONTOSO, "originUserId": MARGARET } }),
        ),
        guest(
            "linus_northwind.example#EXT#@fabrikam.example",
            json!({ "mail": "linus@northwind.example" }),
        ),
        guest("cutoff#EXT#@fabrikam.example", json!({})),
    ]);
}

/// An entry of a list of users, by the beginning of its name.
#[track_caller]
fn of<'l>(list: &'l Json, name: &str) -> &'l Json {
    let mut all = list.as_array().unwrap().iter();
    let found = all.find(|one| {
        one["user_principal_name"]
            .as_str()
            .unwrap()
            .starts_with(name)
    });
    found.unwrap_or_else(|| panic!("{name} is not in {list:#}"))
}

/// Both data sources, as a configuration chains them.
#[track_caller]
fn chained(emulator: &Emulator, principal: Option<&str>, arguments: &str) -> Json {
    let (scope, log) = match principal {
        Some(id) => (format!("service_principal_id = {id:?}"), true),
        None => (String::new(), false),
    };
    let links = if log {
        "data.crosstenant_provisioning_logs.it.links"
    } else {
        "{}"
    };
    let main = format!(
        "{PROVIDERS}{}{}{}output \"it\" {{ value = {{ users = data.crosstenant_synchronized_users.it, left = \
         data.crosstenant_leftover_users.it }} }}\n",
        data("provisioning_logs", "source", "max_results = 1000"),
        data(
            "synchronized_users",
            "target",
            &format!(
                "home_domains = [\"contoso.example\"]\nsource_object_id_attribute = \"extensionAttribute15\"\n\
             provisioning_links = {links}\n{arguments}"
            )
        ),
        data(
            "leftover_users",
            "source",
            &format!("{scope}\ntarget_users = data.crosstenant_synchronized_users.it.users")
        ),
    );
    let workspace = Workspace::new(emulator, &main);
    workspace.apply().succeeded();
    let output = workspace.run(&["output", "-json", "it"]);
    serde_json::from_str(&output.succeeded().stdout).unwrap()
}

#[test]
fn each_user_says_how_its_source_user_is_known() {
    let emulator = seeded(invited, &[]);
    let id = service_principal(&set_up(&emulator));
    emulator.cycle();
    let found = chained(
        &emulator,
        Some(&id),
        "include_profiles = true\ninclude_sign_in_activity = true",
    );
    let users = &found["users"]["users"];
    for (name, known_by, source, exact) in [
        ("ada_", "provisioning_log", Some(ADA), true),
        ("edsger_", "attribute", Some(EDSGER), true),
        ("m_contoso", "profile", Some(MARGARET), false),
        ("ghost_", "user_principal_name", None, false),
        ("renamed_", "user_principal_name", None, false),
    ] {
        let user = of(users, name);
        assert_eq!(user["known_by"], known_by, "{user:#}");
        assert_eq!(user["source_object_id"].as_str(), source, "{user:#}");
        assert_eq!(user["exact"], exact, "{user:#}");
    }
    let names = column(users, "user_principal_name").join(" ");
    assert!(
        !names.contains("northwind") && !names.contains("cutoff"),
        "{names}"
    );
    let edsger = of(users, "edsger_");
    assert_eq!(edsger["last_sign_in"], "2026-02-03T04:05:06Z");
    assert_eq!(edsger["state"], "Accepted");
    assert!(edsger["age_days"].as_i64().unwrap() > 0);
    assert_eq!(of(users, "m_contoso")["source_tenant_id"], CONTOSO);
    assert_eq!(found["users"]["sign_in_activity_available"], true);
    assert_eq!(
        found["users"]["ids"].as_array().unwrap().len(),
        users.as_array().unwrap().len()
    );
}

#[test]
fn sign_ins_that_may_not_be_read_are_left_out() {
    let emulator = seeded(
        |seed| {
            let permissions = seed["tenants"][1]["apps"][0]["permissions"]
                .as_array_mut()
                .unwrap();
            permissions.retain(|name| name != "AuditLog.Read.All");
            invited(seed);
        },
        &[],
    );
    let block = data(
        "synchronized_users",
        "target",
        "include_sign_in_activity = true",
    );
    let found = read(&emulator, &block);
    assert_eq!(found["sign_in_activity_available"], false);
    assert_eq!(of(&found["users"], "edsger_")["last_sign_in"], Json::Null);
    assert_eq!(
        found["users"].as_array().unwrap().len(),
        6,
        "all external users"
    );
    assert_eq!(of(&found["users"], "cutoff")["known_by"], Json::Null);
    let unasked = read(&emulator, &data("synchronized_users", "target", ""));
    assert_eq!(unasked["sign_in_activity_available"], Json::Null);
}

/// The leftover users with their reasons, by the beginning of the name.
fn reasons(found: &Json) -> Vec<String> {
    let left = found["left"]["leftovers"].as_array().unwrap();
    let reason = |one: &Json| {
        let name = one["user_principal_name"].as_str().unwrap();
        let name = name.split('_').next().unwrap();
        format!("{name}: {}", one["reason"].as_str().unwrap())
    };
    let mut reasons: Vec<String> = left.iter().map(reason).collect();
    reasons.sort();
    reasons
}

/// Alan is deleted in the source tenant, Grace is disabled, and Ada is unassigned.
fn disturb(emulator: &Emulator, id: &str) {
    let path = |id: &str| format!("/v1.0/users/{id}");
    let graph = |method: &str, path: &str, body: Option<&Json>| {
        admin(emulator, CONTOSO, method, path, body)
    };
    graph("DELETE", &path(ALAN), None);
    graph(
        "PATCH",
        &path(GRACE),
        Some(&json!({ "accountEnabled": false })),
    );
    let assigned = graph(
        "GET",
        &format!("/v1.0/servicePrincipals/{id}/appRoleAssignedTo"),
        None,
    );
    let mut all = assigned["value"].as_array().unwrap().iter();
    let ada = all.find(|one| one["principalId"] == ADA).unwrap();
    let own = ada["id"].as_str().unwrap();
    graph(
        "DELETE",
        &format!("/v1.0/servicePrincipals/{id}/appRoleAssignedTo/{own}"),
        None,
    );
}

#[test]
fn leftover_users_have_reasons() {
    let emulator = seeded(invited, &[]);
    let id = service_principal(&set_up(&emulator));
    emulator.cycle();
    // Nothing was changed: only users who were invited manually and are not in scope, or have no source user, are leftover.
    let before = chained(&emulator, Some(&id), "");
    assert_eq!(
        reasons(&before),
        [
            "ghost: source_not_found",
            "m: source_not_found",
            "renamed: unassigned"
        ]
    );
    disturb(&emulator, &id);
    let found = chained(&emulator, Some(&id), "");
    assert_eq!(
        reasons(&found),
        [
            "ada: unassigned",
            "alan: source_deleted",
            "ghost: source_not_found",
            "grace: source_disabled",
            "m: source_not_found",
            "renamed: unassigned"
        ]
    );
    let left = &found["left"]["leftovers"];
    let alan = of(left, "alan_");
    assert_eq!(alan["exact"], true);
    assert!(alan["restorable_until"].is_string(), "{alan:#}");
    assert_eq!(alan["source_user_principal_name"], "alan@contoso.example");
    let ghost = of(left, "ghost_");
    assert_eq!(ghost["exact"], false);
    assert!(
        ghost["what_to_do"]
            .as_str()
            .unwrap()
            .starts_with("First find out")
    );
    // Without a configuration, only users whose source user does not exist, is deleted or is disabled count. Without a log, Alan is a
    // guess.
    let alone = chained(&emulator, None, "");
    assert_eq!(
        reasons(&alone),
        [
            "alan: source_deleted",
            "ghost: source_not_found",
            "grace: source_disabled",
            "m: source_not_found"
        ]
    );
    assert_eq!(of(&alone["left"]["leftovers"], "alan_")["exact"], false);
    // After the cycle, users who were unassigned or deleted no longer exist in the target tenant.
    emulator.cycle();
    let after = chained(&emulator, Some(&id), "");
    assert_eq!(
        reasons(&after),
        [
            "ghost: source_not_found",
            "grace: source_disabled",
            "m: source_not_found",
            "renamed: unassigned"
        ]
    );
    let target = emulator.tenant(FABRIKAM);
    assert!(
        target["users"].as_object().unwrap().len() > 6,
        "nobody was deleted by looking"
    );
}

#[test]
fn guesses_and_optional_permissions_are_not_required() {
    let emulator = seeded(|_| (), &[]);
    let users = |users: &str, more: &str| {
        data(
            "leftover_users",
            "source",
            &format!("target_users = {users}\n{more}"),
        )
    };
    let guess = "[{ id = \"x\", home_user_principal_name = \"nobody@contoso.example\", known_by = \"user_principal_name\" }, { id = \"y\" }]";
    let found = read(&emulator, &users(guess, ""));
    assert_eq!(
        (&found["ids"], &found["unknown_ids"]),
        (&json!(["x"]), &json!(["y"]))
    );
    let exact = read(&emulator, &users(guess, "include_guesses = false"));
    assert_eq!(exact["ids"], json!([]));
    refused(&emulator, &data("leftover_users", "source", "")).says(&["target_users"]);
    refused(
        &emulator,
        &data(
            "synchronized_users",
            "target",
            "source_object_id_attribute = \"a,b\"",
        ),
    )
    .says(&["must be the name of an attribute"]);
}

/// The example with additional lines in one resource block.
fn with(block: &str, more: &str) -> String {
    let text =
        std::fs::read_to_string(crate::support::project("examples/two-tenants/main.tf")).unwrap();
    let changed = text.replace(block, &format!("{block}\n  {more}"));
    assert_ne!(changed, text);
    changed
}

const JOB: &str = "resource \"crosstenant_provisioning_job\" \"fabrikam\" {";
const CONFIGURATION: &str = "resource \"crosstenant_synchronization_configuration\" \"fabrikam\" {";

#[test]
fn a_destroy_says_how_many_stay_behind() {
    let emulator = seeded(|_| (), &[]);
    let workspace = set_up(&emulator);
    let destroy = || workspace.run(&["plan", "-destroy", "-no-color", "-input=false"]);
    let early = destroy();
    assert!(
        !early
            .succeeded()
            .text
            .contains("in the target tenant and are no longer updated"),
        "{}",
        early.text
    );
    emulator.cycle();
    let planned = destroy();
    planned.succeeded().says(&[
        "Warning: 3 users stay in the target tenant",
        "no cycle removes these users",
        "and one more similar warning elsewhere",
    ]);
    // The count is requested only in the plan of a destroy.
    emulator.forget();
    workspace.is_settled();
    let quiet = sent(&emulator);
    workspace.write("main.tf", &with(JOB, "prevent_leftovers = true"));
    emulator.forget();
    workspace.plan().succeeded().says(&["prevent_leftovers"]);
    assert_eq!(sent(&emulator), quiet);
}

/// The requests to Graph, sorted. The number of requests in one batch varies.
fn sent(emulator: &Emulator) -> Vec<String> {
    let journal = emulator.journal();
    let lines = journal.iter().filter_map(|one| {
        let (method, path) = (one["method"].as_str()?, one["path"].as_str()?);
        let is_graph = path.contains("/v1.0/") || path.contains("/beta/");
        (is_graph && !path.ends_with("/$batch")).then(|| format!("{method} {path}"))
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

#[test]
fn destroy_is_refused_until_no_leftover_users_exist() {
    let emulator = seeded(|_| (), &[]);
    let workspace = set_up(&emulator);
    let text = with(JOB, "prevent_leftovers = true").replace(
        CONFIGURATION,
        &format!("{CONFIGURATION}\n  prevent_leftovers = true"),
    );
    workspace.write("main.tf", &text);
    workspace.apply().succeeded();
    workspace.is_settled();
    emulator.cycle();
    let refused = workspace.destroy();
    refused.failed().says(&[
        "Error: 3 users stay in the target tenant",
        "set `prevent_leftovers` to `false` and apply before you destroy the job",
    ]);
    assert_eq!(
        emulator.tenant(CONTOSO)["jobs"].as_array().unwrap().len(),
        1
    );
    // After unassigning and a cycle, the destroy succeeds.
    let nobody = ["-var", "users=[]", "-var", "groups=[]"];
    workspace
        .run(
            &[
                &["apply", "-no-color", "-input=false", "-auto-approve"][..],
                &nobody,
            ]
            .concat(),
        )
        .succeeded();
    emulator.cycle();
    workspace
        .run(
            &[
                &["destroy", "-no-color", "-input=false", "-auto-approve"][..],
                &nobody,
            ]
            .concat(),
        )
        .succeeded();
    let left = emulator.tenant(FABRIKAM);
    let mut users = left["users"].as_object().unwrap().values();
    assert!(
        users.all(|user| user["creationType"] != "Invitation"),
        "{left:#}"
    );
}

#[test]
fn another_target_leaves_users_behind_as_well() {
    let emulator = seeded(|_| (), &[]);
    let workspace = set_up(&emulator);
    emulator.cycle();
    let text = with(JOB, "prevent_leftovers = true").replace(
        "target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id",
        "target_tenant_id     = \"0d5a5b1e-4a41-4a3c-9a4f-3f9c1f6f2b11\"",
    );
    workspace.write("main.tf", &text);
    // The stored value decides, and the state does not have the attribute yet.
    workspace
        .plan()
        .succeeded()
        .says(&["Warning: 3 users stay in the target tenant"]);
}
