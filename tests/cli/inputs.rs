//! Invalid configurations: each is refused before any request, with a message that shows what to write instead.

use crate::support::{Emulator, Workspace};
use crate::{both, job};

fn refused(main: &str, words: &[&str]) {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, main);
    emulator.forget();
    workspace.plan().failed().says(words);
    assert_eq!(
        emulator.graph_requests(),
        Vec::<String>::new(),
        "something was sent for {words:?}"
    );
}

fn partner(more: &str) -> String {
    both(&format!(
        "resource \"crosstenant_partner_policy\" \"it\" {{\n  provider = crosstenant.target\n  {more}\n}}\n"
    ))
}

fn partner_with(users_and_groups: &str, applications: &str) -> String {
    partner(&format!(
        "partner_tenant_id = \"CONTOSO\"\n  b2b_collaboration_inbound = {{\n    users_and_groups = {users_and_groups}\n    \
         applications = {applications}\n  }}"
    ))
}

const ALL_APPLICATIONS: &str = "{ access_type = \"allowed\", targets = [{ target = \"AllApplications\", target_type = \"application\" }] }";
const ALL_USERS: &str =
    "{ access_type = \"allowed\", targets = [{ target = \"AllUsers\", target_type = \"user\" }] }";

#[test]
fn a_tenant_id_that_is_not_a_guid() {
    refused(
        &partner("partner_tenant_id = \"contoso\""),
        &[
            "Invalid `partner_tenant_id`",
            "must be a GUID such as",
            "not \"contoso\"",
        ],
    );
}

#[test]
fn the_own_tenant_as_partner() {
    refused(
        &partner("partner_tenant_id = \"FABRIKAM\""),
        &[
            "`partner_tenant_id` is the provider's own tenant",
            "must name the other tenant of the pair",
        ],
    );
}

#[test]
fn a_wrong_access_type() {
    let users = ALL_USERS.replace("allowed", "permitted");
    refused(
        &partner_with(&users, ALL_APPLICATIONS),
        &["access_type` must be one of \"allowed\" or \"blocked\", not \"permitted\""],
    );
}

#[test]
fn a_wrong_target_type() {
    let users = ALL_USERS.replace("\"user\"", "\"person\"");
    refused(
        &partner_with(&users, ALL_APPLICATIONS),
        &["must be one of \"user\", \"group\" or \"application\", not \"person\""],
    );
}

#[test]
fn all_users_as_an_application() {
    let applications = ALL_APPLICATIONS.replace("AllApplications", "AllUsers");
    refused(
        &partner_with(ALL_USERS, &applications),
        &["\"AllUsers\" needs the target type `user`, not `application`"],
    );
    let users = ALL_USERS.replace("\"user\"", "\"application\"");
    refused(
        &partner_with(&users, ALL_APPLICATIONS),
        &["only `user` or `group` belongs here"],
    );
}

#[test]
fn empty_targets() {
    let users = "{ access_type = \"allowed\", targets = [] }";
    refused(
        &partner_with(users, ALL_APPLICATIONS),
        &["users_and_groups.targets` must be non-empty"],
    );
}

#[test]
fn trust_settings_that_set_nothing() {
    let trust = |more: &str| {
        both(&format!(
            "resource \"crosstenant_trust_settings\" \"it\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \
             \"CONTOSO\"\n  {more}\n}}\n"
        ))
    };
    let words =
        ["At least one of `inbound_trust` and `automatic_user_consent_settings` is required"];
    refused(&trust(""), &words);
    refused(
        &trust("inbound_trust = {}\n  automatic_user_consent_settings = {}"),
        &words,
    );
}

#[test]
fn a_wrong_scope() {
    refused(
        &job("scope = \"everyone\""),
        &["`scope` must be one of \"assigned\" or \"all\", not \"everyone\""],
    );
}

#[test]
fn a_threshold_that_is_not_a_positive_integer() {
    refused(
        &job("accidental_deletion_threshold = 0"),
        &["must be a whole number from 1 to 2147483647, not 0"],
    );
    refused(
        &job("accidental_deletion_threshold = 1.5"),
        &["must be a whole number from 1 to 2147483647, not 1.5"],
    );
}

#[test]
fn an_address_without_at() {
    refused(
        &job("notification_email = \"identity\""),
        &["`notification_email` must be an email address such as"],
    );
}

#[test]
fn an_import_id_of_another_form() {
    for (kind, form) in [
        ("partner_policy", "`<partner_tenant_id>`"),
        ("trust_settings", "`<partner_tenant_id>`"),
        ("sync_policy", "`<partner_tenant_id>`"),
        ("synchronization_configuration", "`<service_principal_id>`"),
        (
            "app_role_assignment",
            "`<resource_object_id>/<id>`, `<resource_object_id>/<principal_object_id>`",
        ),
        ("provisioning_job", "`<service_principal_id>/<id>`"),
    ] {
        let body = match kind {
            "synchronization_configuration" => "display_name = \"x\"",
            "sync_policy" => {
                "partner_tenant_id = \"FABRIKAM\"\n  user_sync_inbound = { is_sync_allowed = true }"
            }
            "app_role_assignment" => {
                "principal_object_id = \"CONTOSO\"\n  resource_object_id = \"CONTOSO\""
            }
            "provisioning_job" => {
                "service_principal_id = \"CONTOSO\"\n  target_tenant_id = \"FABRIKAM\""
            }
            "trust_settings" => {
                "partner_tenant_id = \"FABRIKAM\"\n  inbound_trust = { is_mfa_accepted = true }"
            }
            _ => "partner_tenant_id = \"FABRIKAM\"",
        };
        let main = both(&format!(
            "import {{\n  to = crosstenant_{kind}.it\n  id = \"what is this\"\n}}\nresource \"crosstenant_{kind}\" \"it\" {{\n  \
             provider = crosstenant.source\n  {body}\n}}\n"
        ));
        refused(
            &main,
            &[
                "Invalid import ID \"what is this\"",
                "The import ID must have",
                form,
            ],
        );
    }
}

#[test]
fn a_provider_without_a_tenant() {
    let emulator = Emulator::start();
    let mut environment = emulator.environment();
    environment.remove("TARGET_TENANT_ID");
    let main = partner("partner_tenant_id = \"CONTOSO\"");
    let workspace = Workspace::of(&crate::support::clis()[0], environment, &main);
    workspace.plan().failed().says(&[
        "Missing tenant_id",
        "Set `tenant_id` in the provider's configuration or the environment variable TARGET_TENANT_ID",
    ]);
}

/// The default provider configuration has no tenant if each tenant has an alias. Functions do not need one.
#[test]
fn a_block_that_forgot_its_alias() {
    let emulator = Emulator::start();
    let forgetful = |resource: &str| {
        both(&format!(
            "{resource}\noutput \"valid\" {{ value = provider::crosstenant::validate_expression(\"[mail]\").valid }}\n"
        ))
    };
    let workspace = Workspace::new(&emulator, &forgetful(""));
    workspace.apply().succeeded();
    for (resource, meant) in [
        (
            "resource \"crosstenant_sync_policy\" \"it\" {\n  partner_tenant_id = \"CONTOSO\"\n  user_sync_inbound = { is_sync_allowed = true }\n}",
            "You may have meant `provider = crosstenant.target`",
        ),
        (
            "resource \"crosstenant_synchronization_configuration\" \"it\" {\n  display_name = \"x\"\n}",
            "You may have meant `provider = crosstenant.source`",
        ),
        (
            "data \"crosstenant_tenant\" \"it\" {\n  tenant_id = \"CONTOSO\"\n}",
            "You may have meant `provider = crosstenant.source` or `provider = crosstenant.target`",
        ),
    ] {
        workspace.write("main.tf", &forgetful(resource));
        workspace.plan().failed().says(&[
            "Missing tenant_id",
            meant,
            "environment variable ARM_TENANT_ID",
        ]);
    }
}

#[test]
fn an_endpoint_without_tls_that_is_not_this_machine() {
    let main = partner("partner_tenant_id = \"CONTOSO\"").replace(
        "environment_prefix = \"TARGET\"",
        "environment_prefix = \"TARGET\"\n  graph_endpoint = \"http://graph.example\"",
    );
    refused(&main, &["Invalid `graph_endpoint`", "https"]);
}

#[test]
fn a_provider_that_depends_on_what_is_not_known_yet() {
    let main = both(
        r#"
resource "terraform_data" "later" { input = "CONTOSO" }
provider "crosstenant" {
  alias     = "later"
  tenant_id = terraform_data.later.output
}
data "crosstenant_user" "ada" {
  provider            = crosstenant.later
  user_principal_name = "ada@contoso.example"
}
"#,
    );
    refused(
        &main,
        &[
            "`tenant_id` is not known yet",
            "the provider must sign in to plan",
        ],
    );
}

#[test]
fn two_ways_to_sign_in() {
    let main = partner("partner_tenant_id = \"CONTOSO\"").replace(
        "environment_prefix = \"TARGET\"",
        "environment_prefix = \"TARGET\"\n  client_secret = \"hush-hush\"\n  use_msi = true",
    );
    let emulator = Emulator::start();
    let outcome = Workspace::new(&emulator, &main).plan();
    outcome.failed().says(&[
        "Multiple authentication methods configured",
        "Both `client_secret` and `use_msi` are set",
    ]);
    assert!(!outcome.text.contains("hush-hush"), "{}", outcome.text);
}

#[test]
fn what_both_or_neither_identifies() {
    let user = |more: &str| {
        both(&format!(
            "data \"crosstenant_user\" \"it\" {{\n  provider = crosstenant.source\n  {more}\n}}\n"
        ))
    };
    refused(
        &user(""),
        &["Exactly one of `user_principal_name` and `id` must be set, but neither is"],
    );
    let both_set = "id = \"CONTOSO\"\n  user_principal_name = \"ada@contoso.example\"";
    refused(
        &user(both_set),
        &["Exactly one of `user_principal_name` and `id` must be set, but both are"],
    );
}
