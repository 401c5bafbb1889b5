//! Readiness of a pair: before and after the setup, with missing settings, and without permissions.

use serde_json::{Value as Json, json};

use crate::lookups::{
    PROVIDERS, data, read, refused, seeded, service_principal, set_up, withdraw_consent,
};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace};

fn from_source(emulator: &Emulator, service_principal_id: Option<&str>) -> Json {
    let more = service_principal_id
        .map_or_else(String::new, |id| format!("service_principal_id = {id:?}"));
    let arguments = format!("partner_tenant_id = {FABRIKAM:?}\ndirection = \"source\"\n{more}");
    read(emulator, &data("readiness", "source", &arguments))
}

fn from_target(emulator: &Emulator) -> Json {
    let arguments = format!("partner_tenant_id = {CONTOSO:?}\ndirection = \"target\"");
    read(emulator, &data("readiness", "target", &arguments))
}

/// Every row, and whether it passed.
fn rows(readiness: &Json) -> Vec<(String, Option<bool>)> {
    let rows = readiness["checks"].as_array().unwrap().iter();
    rows.map(|row| {
        let failed = row["passed"] == false;
        assert_eq!(row["fix"].is_string(), failed, "{row}");
        (
            row["check"].as_str().unwrap().to_owned(),
            row["passed"].as_bool(),
        )
    })
    .collect()
}

fn row<'r>(readiness: &'r Json, name: &str) -> &'r Json {
    let mut rows = readiness["checks"].as_array().unwrap().iter();
    rows.find(|row| row["check"] == name).unwrap()
}

fn named(names: &[(&str, Option<bool>)]) -> Vec<(String, Option<bool>)> {
    names
        .iter()
        .map(|(name, passed)| ((*name).to_owned(), *passed))
        .collect()
}

#[test]
fn before_anything_is_set_up_every_gap_is_named() {
    let emulator = seeded(|_| (), &[]);
    let (yes, no) = (Some(true), Some(false));
    let source = from_source(&emulator, None);
    assert_eq!(
        rows(&source),
        named(&[
            ("tenant_found", yes),
            ("partner_exists", no),
            ("automatic_redemption", no),
            ("license", yes)
        ])
    );
    assert_eq!(
        (
            &source["ready"],
            source["problems"].as_array().unwrap().len()
        ),
        (&json!(false), 2)
    );
    let target = from_target(&emulator);
    assert_eq!(
        rows(&target),
        named(&[
            ("tenant_found", yes),
            ("partner_exists", no),
            ("automatic_redemption", no),
            ("user_sync_allowed", no),
            ("invitations_allowed", yes),
        ])
    );
    let nowhere =
        "partner_tenant_id = \"00000000-0000-4000-8000-00000000000f\"\ndirection = \"target\"";
    let found = read(&emulator, &data("readiness", "target", nowhere));
    assert_eq!(row(&found, "tenant_found")["passed"], false);
}

#[test]
fn a_pair_that_is_set_up_is_ready_until_something_is_taken_away() {
    let emulator = seeded(|_| (), &[]);
    let id = service_principal(&set_up(&emulator));
    emulator.cycle();
    assert_eq!(
        (
            &from_target(&emulator)["ready"],
            &from_target(&emulator)["problems"]
        ),
        (&json!(true), &json!([]))
    );
    let source = from_source(&emulator, Some(&id));
    let failed: Vec<_> = rows(&source)
        .into_iter()
        .filter(|(_, passed)| *passed != Some(true))
        .collect();
    assert_eq!(
        failed,
        named(&[("no_sms_sign_in", Some(false))]),
        "Edsger signs in by SMS"
    );
    assert!(
        source["problems"][0]
            .as_str()
            .unwrap()
            .contains("edsger@contoso.example")
    );
    assert_eq!(rows(&source).len(), 9);

    withdraw_consent(&emulator);
    emulator.cycle();
    let source = from_source(&emulator, Some(&id));
    let connection = row(&source, "connection");
    assert_eq!(connection["passed"], false);
    assert!(
        connection["fix"]
            .as_str()
            .unwrap()
            .contains("inbound_allowed = true"),
        "{connection}"
    );
    assert_eq!(row(&source, "job_not_in_quarantine")["passed"], false);
    assert_eq!(
        row(&from_target(&emulator), "automatic_redemption")["passed"],
        false
    );
}

#[test]
fn a_configuration_without_internal_users_fails_the_check() {
    let emulator = seeded(|_| (), &[]);
    let text =
        std::fs::read_to_string(crate::lookups::project("examples/two-tenants/main.tf")).unwrap();
    let mut workspace = Workspace::new(&emulator, &text);
    workspace.set(
        "TF_VAR_users",
        "[\"linus_northwind.example#EXT#@contoso.example\"]",
    );
    workspace.set("TF_VAR_groups", "[]");
    workspace.apply().succeeded();
    let source = from_source(&emulator, Some(&service_principal(&workspace)));
    let internal = row(&source, "internal_user_assigned");
    assert!(
        internal["detail"]
            .as_str()
            .unwrap()
            .contains("The only assigned user is a guest"),
        "{internal}"
    );
    let nobody = from_source(&emulator, Some(FABRIKAM));
    assert_eq!(row(&nobody, "assignable_role")["passed"], false);
}

#[test]
fn with_the_scope_of_everyone_nobody_has_to_be_assigned() {
    let emulator = seeded(|_| (), &[]);
    let text =
        std::fs::read_to_string(crate::lookups::project("examples/two-tenants/main.tf")).unwrap();
    let text = text.replace(
        "scope                = \"assigned\"",
        "scope                = \"all\"",
    );
    let workspace = Workspace::new(&emulator, &text);
    workspace.apply().succeeded();
    let source = from_source(&emulator, Some(&service_principal(&workspace)));
    assert_eq!(row(&source, "internal_user_assigned")["passed"], true);
    assert_eq!(source["unseen"], json!(["no_sms_sign_in"]));
    assert_eq!(source["ready"], true);
}

#[test]
fn a_missing_permission_is_a_row_and_no_failure() {
    let without = |seed: &mut Json| {
        let keep = [
            "CrossTenantInformation.ReadBasic.All",
            "Application.ReadWrite.OwnedBy",
        ];
        for tenant in seed["tenants"].as_array_mut().unwrap() {
            tenant["apps"][0]["permissions"] = json!(keep);
        }
    };
    let emulator = seeded(without, &[]);
    let source = from_source(&emulator, None);
    assert_eq!(
        source["unseen"],
        json!(["partner_exists", "automatic_redemption", "license"])
    );
    assert_eq!(source["ready"], true);
    let detail = row(&source, "license")["detail"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(detail.contains("Organization.Read.All"), "{detail}");
    let target = from_target(&emulator);
    assert_eq!(target["unseen"].as_array().unwrap().len(), 4);
}

#[test]
fn it_stops_a_plan_or_warns_as_the_user_likes() {
    let emulator = seeded(|_| (), &[]);
    let readiness = data(
        "readiness",
        "target",
        &format!("partner_tenant_id = {CONTOSO:?}\ndirection = \"target\""),
    );
    let guarded = format!(
        "{PROVIDERS}{readiness}
resource \"crosstenant_synchronization_configuration\" \"fabrikam\" {{
  provider     = crosstenant.source
  display_name = \"Contoso to Fabrikam\"
  lifecycle {{
    precondition {{
      condition     = data.crosstenant_readiness.it.ready
      error_message = join(\"\\n\", data.crosstenant_readiness.it.problems)
    }}
  }}
}}
"
    );
    let workspace = Workspace::new(&emulator, &guarded);
    workspace
        .plan()
        .failed()
        .says(&["is not a partner of this tenant", "is_sync_allowed = true"]);
    let example =
        crate::lookups::project("examples/data-sources/crosstenant_readiness/data-source.tf");
    let example = std::fs::read_to_string(example).unwrap();
    let warned = Workspace::new(&emulator, &example).apply();
    warned.succeeded().says(&[
        "Warning: Check block assertion failed",
        "Fabrikam is not ready",
        "Contoso is not ready",
    ]);
    set_up(&emulator);
    let quiet = Workspace::new(&emulator, &example).apply();
    assert!(
        !quiet.succeeded().text.contains("Warning: Check"),
        "{}",
        quiet.text
    );
    workspace.plan().succeeded();
}

#[test]
fn contradictory_arguments_are_refused() {
    let emulator = seeded(|_| (), &[]);
    let check = |arguments: &str| refused(&emulator, &data("readiness", "target", arguments));
    let partner = format!("partner_tenant_id = {CONTOSO:?}\n");
    check(&format!("{partner}direction = \"both\"")).says(&["one of \"source\" or \"target\""]);
    check(&format!(
        "{partner}direction = \"target\"\nservice_principal_id = {CONTOSO:?}"
    ))
    .says(&["The target tenant has no configuration"]);
    check(&format!(
        "partner_tenant_id = {FABRIKAM:?}\ndirection = \"target\""
    ))
    .says(&["is the provider's own tenant"]);
}
