//! What an object may be called when it is imported or moved here: our own IDs, Graph's paths, and the IDs of other providers.
//!
//! A form is written like a path. In angle brackets are attributes of the object, in braces is what is ignored:
//! `/servicePrincipals/<service_principal_id>/synchronization/jobs/<id>`. Everything else is literal, in any case.

use percent_encoding::percent_decode_str;

use super::resource::is_guid;
use super::verbs::Facts;
use crate::terraform::{Attribute, Check};

/// The attributes that an ID names, with their values.
pub(super) type Named = Vec<(&'static str, String)>;

/// What `id` says of an object of a resource. Of several forms that fit, the one with the most GUIDs in it counts.
pub(super) fn read(facts: &Facts, id: &str) -> Option<Named> {
    let attributes = (facts.attributes)();
    let segments = segments(id)?;
    let mut best: Option<(usize, Named)> = None;
    for form in facts.import {
        let Some(named) = fit(form, &segments) else {
            continue;
        };
        let guids = named
            .iter()
            .filter(|(name, _)| is_guid_in(&attributes, name));
        let (all, wrong) = guids.fold((0, false), |(all, wrong), (_, value)| {
            (all + 1, wrong || !is_guid(value))
        });
        if !wrong && best.as_ref().is_none_or(|(most, _)| all > *most) {
            best = Some((all, named));
        }
    }
    best.map(|(_, named)| named)
}

/// The forms of an ID as the end of a sentence that begins with "must have".
pub(super) fn listed(forms: &[&str]) -> String {
    let quoted: Vec<String> = forms.iter().map(|form| format!("`{form}`")).collect();
    match quoted.as_slice() {
        [only] => format!("the form {only}"),
        all => format!("one of these forms: {}", all.join(", ")),
    }
}

/// Which of the parts in angle brackets are GUIDs, as a sentence that follows the forms.
pub(super) fn explained(facts: &Facts) -> String {
    let attributes = (facts.attributes)();
    let mut guids: Vec<String> = Vec::new();
    for part in facts.import.iter().flat_map(|form| form.split('<').skip(1)) {
        let name = part.split('>').next().unwrap_or_default();
        let quoted = format!("`<{name}>`");
        if is_guid_in(&attributes, name) && !guids.contains(&quoted) {
            guids.push(quoted);
        }
    }
    match guids.as_slice() {
        [] => String::new(),
        [only] => format!(" {only} is a GUID without braces."),
        [first @ .., last] => {
            format!(" {} and {last} are GUIDs without braces.", first.join(", "))
        }
    }
}

/// Whether the attribute holds a GUID. Tenants are GUIDs, but one that is read-only is not checked.
fn is_guid_in(attributes: &[Attribute], name: &str) -> bool {
    let checked = |attribute: &Attribute| {
        let mut checks = attribute.rules.checks.iter();
        attribute.name == name && checks.any(|check| matches!(check, Check::Guid))
    };
    name == "tenant_id" || attributes.iter().any(checked)
}

/// The parts of an ID between its slashes, decoded. Neither Graph's address in front nor a query at the end belongs to it.
fn segments(id: &str) -> Option<Vec<String>> {
    let id = id.trim();
    let id = id.split_once('?').map_or(id, |(path, _)| path);
    let path = match id.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => id,
    };
    let path = path.trim();
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments = path
        .split('/')
        .map(decoded)
        .collect::<Option<Vec<String>>>()?;
    let has_version = ["v1.0", "beta"]
        .iter()
        .any(|version| segments.first().is_some_and(|first| first == version));
    if has_version {
        segments.remove(0);
    }
    Some(segments)
}

/// One part as it is meant; `None` where it can be no name of anything.
fn decoded(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment.trim()).decode_utf8().ok()?;
    let is_name = !text.is_empty() && !text.contains(|c: char| c == '/' || c.is_control());
    is_name.then(|| text.into_owned())
}

/// The attributes in `form`, where the segments have it.
fn fit(form: &'static str, segments: &[String]) -> Option<Named> {
    let wanted: Vec<&'static str> = form.trim_matches('/').split('/').collect();
    if wanted.len() != segments.len() {
        return None;
    }
    let mut named = Named::new();
    for (wanted, segment) in wanted.into_iter().zip(segments) {
        let (wanted, value) = without_option(wanted, segment)?;
        if let Some(name) = inside(wanted, ['<', '>']) {
            let same = named.iter().find(|(other, _)| *other == name);
            match same {
                Some((_, first)) if !first.eq_ignore_ascii_case(value) => return None,
                Some(_) => {}
                None => named.push((name, value.to_owned())),
            }
        } else if inside(wanted, ['{', '}']).is_none() && !wanted.eq_ignore_ascii_case(value) {
            return None;
        }
    }
    Some(named)
}

/// What is left of both without the `:option=true` that `deploymenttheory/microsoft365` puts behind its IDs.
fn without_option<'a>(wanted: &'static str, value: &'a str) -> Option<(&'static str, &'a str)> {
    let Some((wanted, option)) = wanted.split_once(':') else {
        return Some((wanted, value));
    };
    let (value, given) = value.split_once(':')?;
    let (name, flag) = given.split_once('=')?;
    let is_flag = ["true", "false"]
        .iter()
        .any(|one| flag.eq_ignore_ascii_case(one));
    let is_option = option.split('=').next() == Some(name);
    (is_flag && is_option).then_some((wanted, value))
}

fn inside(text: &'static str, [open, close]: [char; 2]) -> Option<&'static str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;
    use crate::resources::Resource;
    use crate::resources::app_role_assignment::AppRoleAssignment;
    use crate::resources::default_policy::DefaultPolicy;
    use crate::resources::partner_policy::PartnerPolicy;
    use crate::resources::provider::{CrossTenant, import_forms};
    use crate::resources::provisioning_job::ProvisioningJob;
    use crate::resources::sync_policy::SyncPolicy;
    use crate::resources::verbs::Of;

    const ONE: &str = "11111111-2222-3333-4444-555555555555";
    const TWO: &str = "66666666-2222-3333-4444-AAAAAAAAAAAA";

    fn read_of<R: Resource>(id: &str) -> Option<Named> {
        read(Of::<R>::VERBS.facts(), id)
    }

    fn job(id: &str) -> Option<Named> {
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
            format!(
                "servicePrincipals/{ONE}/synchronization/jobs/Azure2Azure.a b?api-version=beta"
            ),
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
        let several =
            " `<resource_object_id>` and `<principal_object_id>` are GUIDs without braces.";
        assert_eq!(explained(Of::<AppRoleAssignment>::VERBS.facts()), several);
    }

    #[test]
    fn one_form_or_several_are_reported() {
        assert_eq!(listed(&["<a>"]), "the form `<a>`");
        assert_eq!(
            listed(&["<a>", "/b/<a>"]),
            "one of these forms: `<a>`, `/b/<a>`"
        );
    }

    /// What stands in angle brackets in any form of any resource.
    fn names(form: &'static str) -> Vec<&'static str> {
        let opened = form.split('<').skip(1);
        opened.filter_map(|part| part.split('>').next()).collect()
    }

    /// An id of that form with these values; names in braces are something.
    fn written(form: &str, values: &Named) -> String {
        let mut id = form.replace("={flag}", "=false");
        for (name, value) in values {
            let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
            id = id.replace(&format!("<{name}>"), &encoded);
        }
        id.replace(['{', '}'], "")
    }

    /// Every form of every resource is read back as it was written.
    fn all_forms_are_read(guid: &str, text: &str) {
        use crate::terraform::Provider as _;
        let served = CrossTenant::default();
        for resource in served.resources() {
            let forms = import_forms(resource.type_name().trim_start_matches("crosstenant_"));
            assert!(!forms.is_empty(), "{}", resource.type_name());
            for form in forms {
                let is_guid = |name: &str| is_guid_in(&resource.schema().attributes, name);
                let value = |name| if is_guid(name) { guid } else { text };
                let values: Named = names(form)
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

    /// An attribute that is not known to be a GUID would take any text for an ID.
    #[test]
    fn only_ids_of_jobs_and_assignments_and_kinds_are_free() {
        use crate::terraform::Provider as _;
        for resource in CrossTenant::default().resources() {
            let forms = import_forms(resource.type_name().trim_start_matches("crosstenant_"));
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
}
