use serde_json::json;

use super::*;
use crate::export::{hcl, json as terraform_json};
use crate::snapshot::{Partner, Principal, PrincipalKind};

fn object(
    name: &str,
    display_name: Option<&str>,
    config: &serde_json::Value,
    more: &serde_json::Value,
) -> Object {
    let config = config.as_object().cloned().unwrap_or_default();
    let mut state = config.clone();
    state.extend(more.as_object().cloned().unwrap_or_default());
    Object {
        type_name: format!("{PREFIX}_{name}"),
        import_id: format!("import/{name}"),
        display_name: display_name.map(str::to_owned),
        configuration: state
            .contains_key("service_principal_id")
            .then(|| display_name.unwrap_or_default().to_owned()),
        identity: serde_json::Value::Null,
        config,
        state,
    }
}

fn principal(id: &str, kind: PrincipalKind, name: &str, unique: Option<&str>) -> Principal {
    Principal {
        id: id.to_owned(),
        kind,
        display_name: Some(name.to_owned()),
        unique_name: unique.map(str::to_owned),
    }
}

/// One tenant with one configuration that has two sets of assignments.
fn snapshot() -> Snapshot {
    let configuration = object(
        "synchronization_configuration",
        Some("To Fabrikam"),
        &json!({ "display_name": "To Fabrikam" }),
        &json!({ "service_principal_id": "SP", "app_role_id": "usual" }),
    );
    let set = |role: &str, members: &[&str]| {
        let principals: serde_json::Map<String, serde_json::Value> = members
            .iter()
            .map(|id| ((*id).to_owned(), json!({})))
            .collect();
        let config =
            json!({ "resource_object_id": "sp", "principals": principals, "app_role_id": role });
        let mut set = object(
            "app_role_assignments",
            Some("To Fabrikam"),
            &config,
            &json!({}),
        );
        set.configuration = Some("To Fabrikam".to_owned());
        set
    };
    let partner = Partner {
        tenant_id: "n".to_owned(),
        display_name: Some("Northwind".to_owned()),
        domain_name: Some("northwind.example".to_owned()),
    };
    let leftover = Partner {
        tenant_id: "gone".to_owned(),
        display_name: None,
        domain_name: None,
    };
    Snapshot::of(vec![TenantSnapshot {
        tenant_id: "t".to_owned(),
        display_name: Some("Contoso".to_owned()),
        objects: vec![
            configuration,
            set("usual", &["u1", "u2", "g1", "x"]),
            set("other", &["u3"]),
            object(
                "partner_policy",
                None,
                &json!({ "partner_tenant_id": "N" }),
                &json!({}),
            ),
            object(
                "partner_policy",
                None,
                &json!({ "partner_tenant_id": "gone" }),
                &json!({}),
            ),
        ],
        partners: vec![partner, leftover],
        principals: vec![
            principal("u1", PrincipalKind::User, "One", Some("one@x")),
            principal("u2", PrincipalKind::User, "Two", Some("two@x")),
            principal("u3", PrincipalKind::User, "Three", None),
            principal("g1", PrincipalKind::Group, "Group", Some("Group")),
            principal("x", PrincipalKind::ServicePrincipal, "Robot", None),
        ],
        ..TenantSnapshot::default()
    }])
}

fn texts() -> HashMap<&'static str, String> {
    let document = document(&snapshot());
    document
        .files
        .iter()
        .map(|file| (file.name, hcl::text(file)))
        .collect()
}

#[test]
fn sets_are_found_by_name_as_far_as_possible() {
    let texts = texts();
    let expected = "\
resource \"crosstenant_app_role_assignments\" \"to_fabrikam\" {
  resource_object_id = crosstenant_synchronization_configuration.to_fabrikam.service_principal_id
  principals = { for id in concat(data.crosstenant_users.to_fabrikam.ids, [
    data.crosstenant_group.group.id,
    \"x\", # Robot
  ]) : id => {} }
}
";
    assert!(
        texts[super::super::exported_types::ASSIGNMENTS].contains(expected),
        "{}",
        texts["assignments"]
    );
    let other = "\
resource \"crosstenant_app_role_assignments\" \"to_fabrikam_2\" {
  resource_object_id = crosstenant_synchronization_configuration.to_fabrikam.service_principal_id
  principals = { for id in [
    \"u3\", # Three
  ] : id => {} }
  app_role_id = \"other\"
}
";
    assert!(
        texts["assignments"].contains(other),
        "{}",
        texts["assignments"]
    );
    assert!(texts["principals"].contains("user_principal_names = [\"one@x\", \"two@x\"]"));
}

#[test]
fn principals_without_references_are_not_looked_up() {
    let texts = texts();
    assert!(texts["tenants"].contains("northwind.example"));
    assert_eq!(
        texts["principals"].matches("data \"").count(),
        2,
        "{}",
        texts["principals"]
    );
    assert!(texts["partners"].contains(
        "\"crosstenant_partner_policy\" \"tenant_gone\" {\n  partner_tenant_id = \"gone\""
    ));
    assert!(!texts.contains_key("organization") && !texts.contains_key("settings"));
}

#[test]
fn both_syntaxes_have_the_same_blocks() {
    let document = document(&snapshot());
    for file in &document.files {
        let json: serde_json::Value = serde_json::from_str(&terraform_json::text(file)).unwrap();
        for block in &file.blocks {
            let mut place = &json[block.kind];
            for label in &block.labels {
                place = &place[label];
            }
            assert!(
                !place.is_null(),
                "{} {:?} in {json}",
                block.kind,
                block.labels
            );
        }
    }
}
