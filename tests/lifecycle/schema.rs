//! Attribute mappings and scoping filters with the real CLI: the synchronized users, and the requests that are sent.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed};

const ADA: &str = "a1000000-0000-4000-8000-000000000001";
const GRACE: &str = "a1000000-0000-4000-8000-000000000002";
const EXTENSION: &str = "extension_0a7d2b9e4f103f1c8a526d0b4c1e9c55_costCenter";

/// An emulator whose jobs run only when a test runs a cycle.
fn emulator() -> Emulator {
    Emulator::with(&demo_seed(), &["--first-cycle", "1h"])
}

/// A running job for Ada and Grace, its schema with `attributes`, and `more`.
fn config(attributes: &str, more: &str) -> String {
    let text = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}
provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
}
resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = "CONTOSO"
}
resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
}
resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  user_sync_inbound = { is_sync_allowed = true }
}
resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_sync_policy.contoso.tenant_id
}
resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}
resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}
resource "crosstenant_app_role_assignment" "staff" {
  for_each            = toset(["ADA", "GRACE"])
  provider            = crosstenant.source
  principal_object_id = each.key
  resource_object_id  = crosstenant_synchronization_configuration.fabrikam.service_principal_id
}
resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_synchronization_configuration.fabrikam.service_principal_id
  target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id
  enabled              = true
}
"#;
    let text = text
        .replace("CONTOSO", CONTOSO)
        .replace("ADA", ADA)
        .replace("GRACE", GRACE);
    format!("{text}{}{more}", managed(attributes))
}

fn managed(attributes: &str) -> String {
    if attributes.is_empty() {
        return String::new();
    }
    format!(
        r#"
resource "crosstenant_synchronization_schema" "it" {{
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  {attributes}
}}
"#
    )
}

fn applied(emulator: &Emulator, attributes: &str) -> Workspace {
    let workspace = Workspace::new(emulator, &config(attributes, ""));
    workspace.apply().succeeded();
    workspace.is_settled();
    workspace
}

/// The path of the schema of the only job.
fn path(workspace: &Workspace) -> String {
    let job = workspace.values("crosstenant_provisioning_job");
    format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs/{}/schema",
        job["service_principal_id"].as_str().unwrap(),
        job["id"].as_str().unwrap()
    )
}

fn live(emulator: &Emulator, path: &str) -> Json {
    let (status, schema) = emulator.as_admin(CONTOSO, "GET", path, None);
    assert_eq!(status, 200, "{schema}");
    schema
}

fn users(schema: &mut Json) -> &mut Json {
    &mut schema["synchronizationRules"][0]["objectMappings"][1]
}

fn mapping<'s>(schema: &'s mut Json, target: &str) -> &'s mut Json {
    let mappings = users(schema)["attributeMappings"].as_array_mut().unwrap();
    mappings
        .iter_mut()
        .find(|mapping| mapping["targetAttributeName"] == target)
        .unwrap_or_else(|| panic!("nothing maps to {target}"))
}

fn change(emulator: &Emulator, path: &str, change: impl FnOnce(&mut Json)) {
    let mut schema = live(emulator, path);
    change(&mut schema);
    let (status, answer) = emulator.as_admin(CONTOSO, "PUT", path, Some(&schema));
    assert_eq!(status, 204, "{answer}");
}

fn writes(emulator: &Emulator) -> Vec<Json> {
    let is_write = |entry: &Json| {
        entry["method"] != "GET" && entry["path"].as_str().unwrap().ends_with("/schema")
    };
    emulator.journal().into_iter().filter(is_write).collect()
}

/// The copy of Ada or Grace in Fabrikam.
fn arrived(emulator: &Emulator, mail: &str) -> Option<Json> {
    let tenant = emulator.tenant(FABRIKAM);
    let mut users = tenant["users"].as_object().unwrap().values();
    users.find(|user| user["mail"] == mail).cloned()
}

const SEEDS: &str = r#"
  attribute_mappings = {
    userType          = { constant = "Guest", apply = "always" }
    showInAddressList = { constant = "True" }
    displayName       = { expression = "Join(\", \", [surname], [givenName])" }
    jobTitle          = { expression = "Join(\"\", [displayName], \" (\", Item(Split([mail], \"@\"), 2), \")\")" }
    companyName       = { attribute = "EXTENSION", default_value = "Contoso" }
  }
"#;

#[test]
fn mappings_decide_what_arrives() {
    let emulator = emulator();
    let user = format!("tenants/{CONTOSO}/users/{ADA}");
    let cost = json!({ EXTENSION: "R-1815" });
    emulator.control("PATCH", &user, Some(&cost));
    // They are created as members: the type of existing users changes only because the mapping always applies.
    let workspace = applied(&emulator, "");
    emulator.cycle();
    assert_eq!(
        arrived(&emulator, "ada@contoso.example").unwrap()["userType"],
        "Member"
    );
    let seeds = SEEDS.replace("EXTENSION", EXTENSION);
    workspace.write("main.tf", &config(&seeds, ""));
    workspace.apply().succeeded().says(&["1 added, 0 changed"]);
    workspace.is_settled();
    emulator.cycle();
    let ada = arrived(&emulator, "ada@contoso.example").unwrap();
    for (property, value) in [
        ("userType", json!("Guest")),
        ("showInAddressList", json!(true)),
        ("displayName", json!("Lovelace, Ada")),
        ("jobTitle", json!("Ada Lovelace (contoso.example)")),
        ("companyName", json!("R-1815")),
        ("department", json!("Research")),
    ] {
        assert_eq!(ada[property], value, "{property}");
    }
    let grace = arrived(&emulator, "grace@contoso.example").unwrap();
    assert_eq!(
        grace["companyName"],
        Json::Null,
        "the default value is used only for users who are created"
    );
}

#[test]
fn a_default_value_is_written_when_a_user_is_created() {
    let emulator = emulator();
    let user = format!("tenants/{CONTOSO}/users/{ADA}");
    emulator.control("PATCH", &user, Some(&json!({ EXTENSION: "R-1815" })));
    applied(&emulator, &SEEDS.replace("EXTENSION", EXTENSION));
    emulator.cycle();
    let grace = arrived(&emulator, "grace@contoso.example").unwrap();
    assert_eq!(grace["companyName"], "Contoso");
}

const RESEARCH: &str = r#"
  scoping_filters = [{
    name    = "Researchers"
    clauses = [{ attribute = "department", operator = "EQUALS", values = ["Research"] }]
  }]
"#;

#[test]
fn filters_leave_users_out_and_the_log_says_so() {
    let emulator = emulator();
    let workspace = applied(&emulator, RESEARCH);
    emulator.cycle();
    assert!(arrived(&emulator, "ada@contoso.example").is_some());
    assert!(arrived(&emulator, "grace@contoso.example").is_none());
    let log = emulator.tenant(CONTOSO)["provisioningLog"].clone();
    let entries = log.as_array().unwrap().iter();
    let mut of_grace = entries.filter(|entry| entry["sourceIdentity"]["id"] == GRACE);
    let said = of_grace.next().unwrap().to_string();
    for words in ["skipped", "Researchers.department EQUALS 'Research'"] {
        assert!(said.contains(words), "{words:?} is missing in {said}");
    }

    // A second filter is an alternative; a plan warns about a change of the filter of a job.
    let either = RESEARCH.replace(
        "  }]\n",
        "  }, { name = \"New York\", clauses = [{ attribute = \"city\", operator = \"EQUALS\", values = [\"New York\"] }, \
         { attribute = \"accountEnabled\", operator = \"IS TRUE\" }] }]\n",
    );
    workspace.write("main.tf", &config(&either, ""));
    workspace.plan().succeeded().says(&[
        "This starts a full resynchronization",
        "These parts change: `scoping_filters`",
        "soft-deleted in the target tenant",
    ]);
    workspace.apply().succeeded();
    workspace.is_settled();
    emulator.cycle();
    assert!(arrived(&emulator, "grace@contoso.example").is_some());
    workspace
        .destroy()
        .succeeded()
        .says(&["The scoping filters of the job will be removed"]);
}

#[test]
fn only_managed_mappings_are_written_and_only_if_they_change() {
    let emulator = emulator();
    let workspace = applied(&emulator, "");
    let path = path(&workspace);
    // Content that another tool may have written. Unknown members are in the tests of the merge itself, because they would violate
    // Microsoft's description.
    change(&emulator, &path, |schema| {
        let rule = &mut schema["synchronizationRules"][0];
        rule["containerFilter"] = json!({ "includedContainers": ["theirs"] });
        rule["metadata"] = json!([{ "key": "theirs", "value": "kept" }]);
        let users = users(schema);
        users["scope"]["inputFilterGroups"] = json!([{ "name": "theirs", "clauses": [] }]);
        mapping(schema, "city")["defaultValue"] = json!("Oslo");
    });
    let mut expected = live(&emulator, &path);
    emulator.forget();
    let seeds = "attribute_mappings = { userType = { constant = \"Member\", apply = \"always\" } }";
    workspace.write("main.tf", &config(seeds, ""));
    workspace.apply().succeeded();
    workspace.is_settled();
    let sent = writes(&emulator);
    assert_eq!(sent.len(), 1);
    mapping(&mut expected, "userType")["flowType"] = json!("Always");
    expected
        .as_object_mut()
        .unwrap()
        .shift_remove("@odata.context");
    assert_eq!(sent[0]["request_body"].to_string(), expected.to_string());

    // Formatting, an equivalent form, and values of the template lead to no write.
    emulator.forget();
    let written = |name: &str| {
        let same = "{ userType = { constant = \"Member\", apply = \"always\" }, displayName = { EXPRESSION } }";
        config(
            &format!("attribute_mappings = {}", same.replace("EXPRESSION", name)),
            "",
        )
    };
    workspace.write("main.tf", &written("attribute = \"displayName\""));
    workspace.apply().succeeded();
    workspace.write("main.tf", &written("expression = \"[displayName]\""));
    workspace.apply().succeeded();
    workspace.is_settled();
    workspace.write("main.tf", &written("expression = \" [displayName]  \""));
    workspace.is_settled();
    assert_eq!(writes(&emulator), Vec::<Json>::new());
}

#[test]
fn drift_is_shown_and_repaired_and_what_others_changed_stays() {
    let emulator = emulator();
    let everything = format!(
        "attribute_mappings = {{ userType = {{ constant = \"Member\", apply = \"always\" }} }}\n{RESEARCH}\n\
         object_actions = {{ delete = false }}\n  users_enabled = true"
    );
    let workspace = applied(&emulator, &everything);
    let path = path(&workspace);
    change(&emulator, &path, |schema| {
        mapping(schema, "userType")["flowType"] = json!("ObjectAddOnly");
        mapping(schema, "city")["defaultValue"] = json!("Oslo");
        users(schema)["flowTypes"] = json!("Add");
        users(schema)["enabled"] = json!(false);
        users(schema)["scope"]["groups"] = json!([]);
    });
    workspace.plan().succeeded().says(&[
        "only_during_creation",
        "0 to add, 1 to change",
        "~ update = false -> true",
        "~ users_enabled = false -> true",
        "+ name = \"Researchers\"",
    ]);
    workspace.apply().succeeded();
    workspace.is_settled();
    let mut repaired = live(&emulator, &path);
    assert_eq!(mapping(&mut repaired, "userType")["flowType"], "Always");
    assert_eq!(mapping(&mut repaired, "city")["defaultValue"], "Oslo");
    assert_eq!(users(&mut repaired)["flowTypes"], "Add, Update");
    assert_eq!(users(&mut repaired)["enabled"], true);

    // A mapping that others have removed is restored.
    change(&emulator, &path, |schema| {
        let mappings = users(schema)["attributeMappings"].as_array_mut().unwrap();
        mappings.retain(|mapping| mapping["targetAttributeName"] != "userType");
    });
    workspace.plan().succeeded().says(&["1 to change"]);
    workspace.apply().succeeded();
    workspace.is_settled();
}

#[test]
fn mappings_removed_from_the_configuration_return_to_the_template() {
    let emulator = emulator();
    let workspace = applied(&emulator, "");
    let path = path(&workspace);
    let untouched = live(&emulator, &path);
    let seeds = SEEDS.replace("EXTENSION", "extensionAttribute1");
    let everything = format!(
        "{seeds}\n{RESEARCH}\nobject_actions = {{ create = false }}\n  groups_enabled = true"
    );
    workspace.write("main.tf", &config(&everything, ""));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_ne!(live(&emulator, &path), untouched);

    let rest = "attribute_mappings = { userType = { constant = \"Guest\", apply = \"always\" } }";
    workspace.write("main.tf", &config(rest, ""));
    workspace.apply().succeeded();
    workspace.is_settled();
    let mut expected = untouched.clone();
    *mapping(&mut expected, "userType") = mapping(&mut live(&emulator, &path), "userType").clone();
    assert_eq!(live(&emulator, &path), expected);

    change(&emulator, &path, |schema| {
        mapping(schema, "city")["defaultValue"] = json!("Oslo");
    });
    workspace.write("main.tf", &config("", ""));
    workspace.apply().succeeded().says(&["1 destroyed"]);
    let mut expected = untouched;
    mapping(&mut expected, "city")["defaultValue"] = json!("Oslo");
    assert_eq!(live(&emulator, &path), expected, "what others made stays");
}

#[test]
fn exclusive_shows_and_removes_everything_else() {
    let emulator = emulator();
    let workspace = applied(&emulator, "");
    let path = path(&workspace);
    let untouched = live(&emulator, &path);
    let only = "exclusive = true\n  attribute_mappings = { displayName = { attribute = \"displayName\" }, mail = { attribute = \
                \"mail\" }, userPrincipalName = { attribute = \"userPrincipalName\" } }";
    workspace.write("main.tf", &config(only, ""));
    workspace.apply().succeeded();
    workspace.is_settled();
    let targets = |schema: &mut Json| -> Vec<String> {
        let mappings = users(schema)["attributeMappings"].as_array().unwrap();
        let names = mappings
            .iter()
            .map(|mapping| &mapping["targetAttributeName"]);
        names
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        targets(&mut live(&emulator, &path)),
        [
            "alternativeSecurityIds",
            "IsSoftDeleted",
            "displayName",
            "userPrincipalName",
            "mail"
        ]
    );
    emulator.cycle();
    let ada = arrived(&emulator, "ada@contoso.example").unwrap();
    assert!(ada["department"].is_null(), "{ada}");

    change(&emulator, &path, |schema| {
        let mappings = users(schema)["attributeMappings"].as_array_mut().unwrap();
        let mut added = mappings.last().unwrap().clone();
        added["targetAttributeName"] = json!("companyName");
        mappings.push(added);
    });
    workspace
        .plan()
        .succeeded()
        .says(&["- \"companyName\"", "1 to change"]);
    workspace.apply().succeeded();
    workspace.is_settled();
    workspace.write("main.tf", &config("", ""));
    emulator.forget();
    workspace.apply().succeeded();
    assert_eq!(writes(&emulator)[0]["method"], "DELETE");
    assert_eq!(live(&emulator, &path), untouched);
}

#[test]
fn a_customized_schema_is_imported_not_overwritten() {
    let emulator = emulator();
    let workspace = applied(&emulator, "");
    let path = path(&workspace);
    change(&emulator, &path, |schema| {
        let source = &mut mapping(schema, "userType")["source"];
        source["name"] = json!("Guest");
        source["expression"] = json!("\"Guest\"");
        users(schema)["flowTypes"] = json!("Add, Update");
    });
    let member = "attribute_mappings = { userType = { constant = \"Member\" } }";
    workspace.write("main.tf", &config(member, ""));
    workspace.apply().failed().says(&[
        "The schema is already customized",
        "the mapping of `userType`",
        "import {",
    ]);
    assert!(
        writes(&emulator).len() == 1,
        "nothing but the change of somebody else"
    );

    let id = path
        .trim_start_matches("/v1.0/servicePrincipals/")
        .trim_end_matches("/schema")
        .replace("/synchronization/jobs/", "/");
    let import = |id: &str| {
        format!("import {{\n  to = crosstenant_synchronization_schema.it\n  id = \"{id}\"\n}}\n")
    };
    workspace.write("import.tf", &import("nonsense"));
    workspace
        .plan()
        .failed()
        .says(&["must have one of these forms: `<service_principal_id>/<job_id>`"]);
    workspace.write("import.tf", &import(&id));
    let faithful = "attribute_mappings = { userType = { constant = \"Guest\", apply = \"only_during_creation\" } }\n  \
                    object_actions = { delete = false }";
    workspace.write("main.tf", &config(faithful, ""));
    workspace
        .apply()
        .succeeded()
        .says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
    workspace.is_settled();
    assert!(writes(&emulator).len() == 1);
}

/// A schema of a job that does not exist: a refusal here happens before any request.
fn alone(attributes: &str) -> String {
    config("", "")
        .split("resource \"")
        .next()
        .unwrap()
        .to_owned()
        + &managed(attributes)
            .replace(
                "crosstenant_provisioning_job.fabrikam.service_principal_id",
                "\"5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70\"",
            )
            .replace(
                "crosstenant_provisioning_job.fabrikam.id",
                "\"Azure2Azure.1.2\"",
            )
}

#[test]
fn impossible_mappings_are_refused_during_the_plan() {
    let emulator = emulator();
    let mapped =
        |target: &str, it: &str| format!("attribute_mappings = {{ {target} = {{ {it} }} }}");
    let clause =
        |it: &str| format!("scoping_filters = [{{ name = \"x\", clauses = [{{ {it} }}] }}]");
    for (attributes, words) in [
        (
            mapped("alternativeSecurityIds", "attribute = \"mail\""),
            "is the matching attribute, by which users are matched in the target tenant. For cross-tenant \
             synchronization it cannot be changed, and no second matching attribute can be added: Microsoft Graph refuses \
             such a schema with `schemaInvalid`.",
        ),
        (
            mapped("otherMails", "attribute = \"mail\""),
            "Cross-tenant synchronization cannot write otherMails. At `attribute_mappings[\"otherMails\"]`.",
        ),
        (
            mapped("city", "attribute = \"SamAccountName\""),
            "Cross-tenant synchronization cannot read SamAccountName. At `attribute_mappings[\"city\"].attribute`.",
        ),
        (
            mapped("showinaddresslist", "constant = \"True\""),
            "Names of attributes are case-sensitive. Did you mean `showInAddressList`?",
        ),
        (
            mapped(
                "city",
                "attribute = \"extension_0a7d2b9e-4f10-3f1c-8a52-6d0b4c1e9c55_x\"",
            ),
            "without dashes",
        ),
        (
            mapped("city", "expression = \"Join(\\\", \\\", [city]\""),
            "The expression is wrong at column 18",
        ),
        (
            mapped(
                "city",
                "expression = \"SelectUniqueValue([city], [state])\"",
            ),
            "SelectUniqueValue is not supported by cross-tenant synchronization",
        ),
        (
            mapped("city", "attribute = \"city\", constant = \"Oslo\""),
            "A mapping needs exactly one source",
        ),
        (
            mapped("city", "constant = \"Oslo\", apply = \"sometimes\""),
            "not \"sometimes\"",
        ),
        (
            clause("attribute = \"department\", operator = \"Is MemberOf\", values = [\"x\"]"),
            "IsMemberOf is not supported",
        ),
        (
            clause("attribute = \"department\", operator = \"IS NULL\", values = [\"x\"]"),
            "IS NULL takes no values. Remove `values`.",
        ),
        (
            clause("attribute = \"department\", operator = \"equals\", values = [\"x\"]"),
            "Did you mean `EQUALS`?",
        ),
        (
            clause("attribute = \"userType\", operator = \"EQUALS\", values = [\"Guest\"]"),
            "Scoping filters do not work on the user type. At `scoping_filters[0].clauses[0].attribute`.",
        ),
        (
            "exclusive = true".to_owned(),
            "`exclusive` requires `attribute_mappings`",
        ),
    ] {
        Workspace::new(&emulator, &alone(&attributes))
            .plan()
            .failed()
            .says(&[words]);
    }
    assert_eq!(emulator.graph_requests(), Vec::<String>::new());
}

#[test]
fn attributes_that_only_a_schema_can_have_are_looked_for_there() {
    let emulator = emulator();
    let workspace = applied(&emulator, "");
    emulator.forget();
    let unknown = "attribute_mappings = { city = { attribute = \"cityOfBirth\" } }";
    workspace.write("main.tf", &config(unknown, ""));
    workspace.apply().failed().says(&[
        "The schema of the job has no attribute \"cityOfBirth\" of users in the source tenant.",
        "Nothing was changed.",
    ]);
    assert_eq!(writes(&emulator), Vec::<Json>::new());
    let calls = emulator.graph_requests();
    assert!(
        calls.iter().any(|call| call.ends_with("/discover")),
        "{calls:?}"
    );
}

#[test]
fn graph_itself_can_be_asked_about_an_expression() {
    let emulator = emulator();
    let question = |name: &str, expression: &str| {
        format!(
            r#"
data "crosstenant_expression_test" "{name}" {{
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  expression           = {expression:?}
  attributes           = {{ givenName = "Ada", surname = "Lovelace" }}
}}
output "{name}" {{
  value = data.crosstenant_expression_test.{name}
}}
"#
        )
    };
    let more = [
        question("good", "Join(\", \", [surname], [givenName])"),
        question("bad", "Join(\", \", [surname]"),
    ];
    let workspace = Workspace::new(&emulator, &config("", &more.concat()));
    workspace.apply().succeeded();
    let shown = workspace.run(&["output", "-json"]);
    let outputs: Json = serde_json::from_str(&shown.succeeded().stdout).unwrap();
    let (good, bad) = (&outputs["good"]["value"], &outputs["bad"]["value"]);
    assert_eq!(
        (&good["parsed"], &good["result"], &good["error"]),
        (&json!(true), &json!("Lovelace, Ada"), &Json::Null)
    );
    assert_eq!(good["results"], json!(["Lovelace, Ada"]));
    assert_eq!(
        (&bad["parsed"], &bad["result"]),
        (&json!(false), &Json::Null)
    );
    assert!(
        bad["error"].as_str().unwrap().contains("Column 21"),
        "{bad}"
    );
}
