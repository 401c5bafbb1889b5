//! Tests the import IDs of all resources: every declared form is parsed, and nothing else is accepted as an ID.

use futures::FutureExt as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use crate::app_role_assignment::AppRoleAssignment;
use crate::default_policy::DefaultPolicy;
use crate::partner_policy::PartnerPolicy;
use crate::provider::CrossTenant;
use crate::provisioning_job::ProvisioningJob;
use crate::sync_policy::SyncPolicy;
use sdk::Resource;
use sdk::facts::Facts;
use sdk::import::{ImportId, explained, is_guid_in, read};
use sdk::served::Served;
use sdk::verbs::Of;

const ONE: &str = "11111111-2222-3333-4444-555555555555";
const TWO: &str = "66666666-2222-3333-4444-AAAAAAAAAAAA";

fn read_of<R: Resource>(id: &str) -> Option<ImportId> {
    read(Of::<R>::VERBS.facts(), id)
}

fn job(id: &str) -> Option<ImportId> {
    read_of::<ProvisioningJob>(id)
}

#[test]
fn spaces_case_addresses_and_encodings_make_no_difference() {
    let expected = Some(vec![
        ("service_principal_id", ONE.to_owned()),
        ("id", "Azure2Azure.a b".to_owned()),
    ]);
    for id in [
        format!("{ONE}/Azure2Azure.a b"),
        format!("  /{ONE}/Azure2Azure.a%20b/ "),
        format!("{ONE}/JOB/Azure2Azure.a b"),
        format!("/SERVICEPRINCIPALS/{ONE}/synchronization/Jobs/Azure2Azure.a%20b"),
        format!("servicePrincipals/{ONE}/synchronization/jobs/Azure2Azure.a b?api-version=beta"),
        format!(
            "https://graph.microsoft.com/v1.0/servicePrincipals/{ONE}/synchronization/jobs/Azure2Azure.a%20b"
        ),
        format!("/beta/servicePrincipals/{ONE}/synchronization/jobs/Azure2Azure.a b"),
    ] {
        assert_eq!(job(&id), expected, "{id}");
    }
}

#[test]
fn input_that_is_not_a_name_is_refused() {
    for id in [
        String::new(),
        "/".to_owned(),
        "https://graph.microsoft.com".to_owned(),
        "Azure2Azure.x".to_owned(),
        format!("{ONE}//"),
        format!("{ONE}//x"),
        format!("x/{ONE}"),
        format!("{ONE}/a/b/c"),
        format!("{ONE}/a%2Fb"),
        format!("{ONE}/a%00b"),
        format!("{ONE}/%ff"),
        format!("servicePrincipals/{ONE}/synchronization/secrets"),
    ] {
        assert_eq!(job(&id), None, "{id}");
    }
}

#[test]
fn a_guid_is_taken_for_one() {
    let by = |id: &str| read_of::<AppRoleAssignment>(&format!("{ONE}/{id}")).unwrap()[1].0;
    assert_eq!(by("aB-_9"), "id");
    assert_eq!(by(TWO), "principal_object_id");
}

#[test]
fn what_is_said_twice_is_said_once() {
    let expected = Some(vec![("partner_tenant_id", TWO.to_owned())]);
    let lower = TWO.to_lowercase();
    assert_eq!(read_of::<SyncPolicy>(&format!("{TWO}/{lower}")), expected);
    assert_eq!(read_of::<SyncPolicy>(&format!("{TWO}/{ONE}")), None);
}

#[test]
fn options_of_others_are_ignored_and_others_are_not() {
    let expected = Some(vec![("partner_tenant_id", ONE.to_owned())]);
    let partner = |tail: &str| read_of::<PartnerPolicy>(&format!("{ONE}{tail}"));
    assert_eq!(partner(":hard_delete=True"), expected);
    assert_eq!(partner(":Hard_Delete=true"), expected);
    assert_eq!(partner(":hard_delete=maybe"), None);
    assert_eq!(partner(":soft_delete=true"), None);
    let default = read_of::<DefaultPolicy>(
        "crossTenantAccessDefaultSettings:restore_defaults_on_destroy=false",
    );
    assert_eq!(default, Some(vec![]));
}

#[test]
fn attributes_that_must_be_guids_are_reported() {
    let one = " `<partner_tenant_id>` is a GUID without braces.";
    assert_eq!(explained(Of::<PartnerPolicy>::VERBS.facts()), one);
    let several = " `<resource_object_id>` and `<principal_object_id>` are GUIDs without braces.";
    assert_eq!(explained(Of::<AppRoleAssignment>::VERBS.facts()), several);
}

/// Returns the names in angle brackets of a form.
fn names(form: &'static str) -> Vec<&'static str> {
    let opened = form.split('<').skip(1);
    opened.filter_map(|part| part.split('>').next()).collect()
}

/// Formats an ID of that form with these values; parts in braces get any text.
fn written(form: &str, values: &ImportId) -> String {
    let mut id = form.replace("={flag}", "=false");
    for (name, value) in values {
        let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        id = id.replace(&format!("<{name}>"), &encoded);
    }
    id.replace(['{', '}'], "")
}

fn import_forms(type_name: &str) -> &'static [&'static str] {
    let mut facts = crate::SERVED.iter().filter_map(Served::facts);
    let is_it = |facts: &&Facts| type_name == format!("crosstenant_{}", facts.name);
    facts.find(is_it).unwrap().import
}

/// Formats and parses every form of every resource.
fn all_forms_are_read(guid: &str, text: &str) {
    use terraform::Provider as _;
    let served = CrossTenant::default();
    for resource in served.resources() {
        let forms = import_forms(resource.type_name());
        assert!(!forms.is_empty(), "{}", resource.type_name());
        for form in forms {
            let is_guid = |name: &str| is_guid_in(&resource.schema().attributes, name);
            let value = |name| if is_guid(name) { guid } else { text };
            let values: ImportId = names(form)
                .into_iter()
                .map(|name| (name, value(name).to_owned()))
                .collect();
            let id = written(form, &values);
            let imported = resource.import(id.clone()).now_or_never().unwrap();
            let state = imported
                .unwrap_or_else(|problem| panic!("{id}: {problem:?}"))
                .state;
            for (name, value) in &values {
                assert_eq!(state.member(name).as_str(), Some(value.as_str()), "{id}");
            }
        }
    }
}

/// An attribute that is not known to be a GUID would accept any string as an ID.
#[test]
fn only_ids_of_jobs_and_assignments_and_kinds_are_free() {
    use terraform::Provider as _;
    for resource in CrossTenant::default().resources() {
        let forms = import_forms(resource.type_name());
        for name in forms.iter().flat_map(|form| names(form)) {
            let is_free = !is_guid_in(&resource.schema().attributes, name);
            assert_eq!(is_free, ["id", "job_id", "kind"].contains(&name), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_in_any_form_is_read_back(
        guid in "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        text in "[^/\\p{Cc}]{0,20}[.?%:=]",
    ) {
        all_forms_are_read(&guid, &text);
    }

    #[test]
    fn no_id_is_too_odd_to_be_read(id in any::<String>(), tail in "[-/<>{}:%=?a-f0-9]{0,60}") {
        for id in [id.clone(), tail.clone(), format!("{ONE}/{tail}"), format!("{id}://{tail}")] {
            let _ = (job(&id), read_of::<PartnerPolicy>(&id), read_of::<DefaultPolicy>(&id));
        }
    }
}
