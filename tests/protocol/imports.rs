//! Import IDs: every form in the table of scenarios, in every spelling that the reference allows. The forms are those of this provider,
//! the paths of Graph, and the IDs that other providers use for the same object.

use std::collections::{BTreeMap, BTreeSet};

use crosstenant::proto::tfplugin6 as pb;

use crate::identity::import;
use crate::life::Cli;
use crate::support::scenarios;
use crate::wire::{Wire, errors, get, unpack};

const ONE: &str = "1111AAAA-2222-3333-4444-555555555555";
const TWO: &str = "66666666-7777-8888-9999-AAAAAAAAAAAA";
const JOB: &str = "Azure2Azure.3f1c8a52.c2d3";

/// The value of an attribute; the attributes of one form have different values.
fn sample(type_name: &str, attribute: &str) -> &'static str {
    match (type_name, attribute) {
        ("crosstenant_provisioning_job", "id") | (_, "job_id") => JOB,
        (_, "id") => "aB-_9",
        (_, "kind") => "partner",
        (_, "principal_object_id" | "app_role_id" | "user_object_id" | "group_object_id") => TWO,
        _ => ONE,
    }
}

/// An ID of that form, with its fixed parts changed by `fixed`, and the attributes in it. If a form contains an attribute twice, the second
/// value is in lowercase.
fn filled(
    type_name: &str,
    form: &str,
    fixed: fn(&str) -> String,
) -> (String, BTreeMap<String, &'static str>) {
    let (mut id, mut named) = (String::new(), BTreeMap::new());
    for piece in form.split_inclusive(['>', '}']) {
        let (before, place) = piece.split_at(piece.find(['<', '{']).unwrap_or(piece.len()));
        id += &fixed(before);
        let name = place.trim_matches(['<', '>', '{', '}']);
        match place.chars().next() {
            Some('<') => {
                let value = sample(type_name, name);
                let is_new = named.insert(name.to_owned(), value).is_none();
                id += &if is_new {
                    value.to_owned()
                } else {
                    value.to_lowercase()
                };
            }
            Some(_) if name == "flag" => id += "true",
            Some(_) => id += TWO,
            None => {}
        }
    }
    (id, named)
}

/// The same ID in every spelling: other letter case in fixed parts, spaces around it, and for a path, an address before and a query after it.
fn spellings(type_name: &str, form: &str) -> Vec<String> {
    let spelled = |fixed| filled(type_name, form, fixed).0;
    let id = spelled(str::to_owned);
    let mut all = vec![
        id.clone(),
        spelled(str::to_uppercase),
        spelled(str::to_lowercase),
        format!("\t {id}\n"),
        id.replace("=true", "=FALSE"),
    ];
    match id.strip_prefix('/') {
        Some(rest) => all.extend([
            rest.to_owned(),
            format!("{id}/"),
            format!("{id}?api-version=beta"),
            format!("{}?api-version=v1.0", rest.replace('-', "%2D")),
            format!("/beta{id}"),
            format!("https://graph.microsoft.com/v1.0{id}"),
            format!("https://graph.microsoft.com/beta{id}"),
        ]),
        None => all.push(format!(" {} ", id.replace('/', " / "))),
    }
    all
}

/// Forms of nothing, and of something else.
fn refused() -> Vec<String> {
    [
        "",
        " ",
        "/",
        "x",
        "what is this",
        "https://graph.microsoft.com/v1.0",
        "/servicePrincipals/",
        "/servicePrincipals/x",
        "/groups/11111111-2222-3333-4444-555555555555",
        "/servicePrincipals/11111111-2222-3333-4444-555555555555/synchronization/secrets",
        "11111111-2222-3333-4444-555555555555//Azure2Azure.x",
        "11111111-2222-3333-4444-555555555555/job//",
        "11111111-2222-3333-4444-555555555555/%00",
        "11111111-2222-3333-4444-555555555555/a%2Fb",
        "11111111-2222-3333-4444-55555555555g",
        "{11111111-2222-3333-4444-555555555555}",
        "11111111222233334444555555555555",
        "11111111-2222-3333-4444-555555555555:hard_delete=perhaps",
        "a/b/c/d/e/f/g/h",
    ]
    .map(str::to_owned)
    .into()
}

/// The forms of the import ID that the reference lists; the form of this provider is the first.
fn documented(type_name: &str) -> Vec<String> {
    let page = type_name.trim_start_matches("crosstenant_");
    let page = crate::support::project(&format!("docs/resources/{page}.md"));
    let page = std::fs::read_to_string(page).unwrap();
    let section = page.split("\n## Import\n").nth(1).unwrap();
    let section = section.split("With an `import` block").next().unwrap();
    let quoted = section.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// An ID of that form for an object; `None` if the object lacks a value for it.
pub fn id_of(form: &str, values: &serde_json::Value) -> Option<String> {
    let mut id = form.replace("={flag}", "=true").replace(['{', '}'], "");
    while let Some((before, rest)) = id.clone().split_once('<') {
        let (name, after) = rest.split_once('>').unwrap();
        id = format!("{before}{}{after}", values[name].as_str()?);
    }
    Some(id)
}

async fn types(cli: &mut Cli) -> BTreeSet<String> {
    let request = pb::get_metadata::Request {};
    let metadata = cli.client.get_metadata(request).await.unwrap();
    let resources = metadata.into_inner().resources.into_iter();
    resources.map(|resource| resource.type_name).collect()
}

#[tokio::test]
async fn every_form_of_an_id_names_the_object() {
    let mut cli = Cli::provider().await;
    for row in scenarios::all() {
        let type_name = row.type_name;
        for form in row.all_forms() {
            let (_, named) = filled(type_name, &form, str::to_owned);
            for id in spellings(type_name, &form) {
                let answer = import(&mut cli, type_name, &id, None).await;
                let at = format!("{type_name} {id:?}: {:?}", answer.diagnostics);
                assert_eq!(answer.imported_resources.len(), 1, "{at}");
                let state = unpack(answer.imported_resources[0].state.as_ref());
                let set: BTreeSet<&str> = state
                    .as_map()
                    .unwrap()
                    .iter()
                    .filter(|(_, value)| *value != Wire::Nil)
                    .filter_map(|(name, _)| name.as_str())
                    .collect();
                assert_eq!(set, named.keys().map(String::as_str).collect(), "{at}");
                for (name, value) in &named {
                    assert_eq!(get(&state, name).as_str(), Some(*value), "{at}");
                }
            }
        }
    }
}

#[test]
fn the_reference_lists_every_form_and_no_other() {
    for row in scenarios::all() {
        assert_eq!(
            documented(row.type_name),
            row.all_forms(),
            "{}",
            row.type_name
        );
    }
}

#[tokio::test]
async fn what_has_no_form_of_an_id_is_refused_with_those_there_are() {
    let mut cli = Cli::provider().await;
    for type_name in types(&mut cli).await {
        let forms = scenarios::of(&type_name).all_forms();
        for id in refused() {
            let answer = import(&mut cli, &type_name, &id, None).await;
            let found = errors(&answer.diagnostics);
            assert_eq!(found.len(), 1, "{type_name} {id:?}");
            assert!(answer.imported_resources.is_empty());
            for form in &forms {
                let told = &found[0].detail;
                assert!(
                    told.contains(&format!("`{form}`")),
                    "{type_name}: {form} in {told}"
                );
            }
        }
        assert!(!forms.is_empty());
    }
}
