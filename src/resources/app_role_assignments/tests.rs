use serde_json::json;

use super::*;

const ADA: &str = "a1000000-0000-4000-8000-00000000000a";
const ROLE: &str = "c1000000-0000-4000-8000-00000000000c";
const RESOURCE: &str = "d1000000-0000-4000-8000-00000000000d";

fn map(ids: &[&str]) -> Value {
    let nothing = || AssignedPrincipal::default().to_value();
    Value::Map(ids.iter().map(|id| ((*id).to_owned(), nothing())).collect())
}

fn principals(ids: &[&str]) -> BTreeMap<String, AssignedPrincipal> {
    let nothing = AssignedPrincipal::default;
    ids.iter().map(|id| ((*id).to_owned(), nothing())).collect()
}

fn object(ids: &[&str]) -> Value {
    let mut object = Value::Object(
        AppRoleAssignments::attributes()
            .iter()
            .map(|attribute| (attribute.name.to_owned(), Value::Null))
            .collect(),
    );
    object.set_member("principals", map(ids));
    object
}

#[test]
fn ids_are_numbers_in_any_case() {
    assert_eq!(guid(ADA), guid(&ADA.to_uppercase()));
    assert_eq!(live::text(guid(ADA)), ADA);
    assert!(guids(&map(&[ADA])).is_ok());
    assert!(guids(&map(&[ADA, "ada"])).unwrap_err().contains("\"ada\""));
    assert!(guids(&map(&[])).is_ok());
}

/// Calls the resource's plan function.
fn adjust(prior: &Value, planned: &mut Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    AppRoleAssignments::plan(&mut Change {
        tenant_id: "t",
        prior,
        config: &planned.clone(),
        planned,
        requires_replace: &mut Vec::new(),
        diagnostics: &mut diagnostics,
    });
    diagnostics
}

#[test]
fn another_spelling_is_not_a_change_and_a_double_is_an_error() {
    let prior = object(&[ADA]);
    let mut planned = object(&[&ADA.to_uppercase()]);
    let mut diagnostics = adjust(&prior, &mut planned);
    assert_eq!(planned, prior);
    AppRoleAssignments::validate(&object(&[ADA, &ADA.to_uppercase()]), &mut diagnostics);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
}

/// Far below a second in practice; a quadratic algorithm would take minutes.
#[test]
fn fifty_thousand_are_planned_and_held_in_a_moment() {
    let ids: Vec<String> = (0..50_000_u128).map(|id| live::text(id << 64)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let started = std::time::Instant::now();
    let prior = object(&ids[..49_000]);
    let config = object(&ids);
    let schema = AppRoleAssignments::attributes();
    let found = terraform::validate(&schema, &config, terraform::Capabilities::default());
    assert!(
        found
            .iter()
            .all(|one| one.summary.contains("resource_object_id")),
        "{found:?}"
    );
    let mut planned = terraform::plan(&schema, &prior, &config).value;
    AppRoleAssignments::plan(&mut Change {
        tenant_id: "t",
        prior: &prior,
        config: &config,
        planned: &mut planned,
        requires_replace: &mut Vec::new(),
        diagnostics: &mut Diagnostics::new(),
    });
    let live = ids.iter().map(|id| {
        let assignment = (*id).to_owned();
        (
            guid(id),
            Live {
                assignment,
                kind: Kind::User,
            },
        )
    });
    let mut model = AppRoleAssignments::from_object(planned.as_object().unwrap()).unwrap();
    model.hold(&live.collect());
    assert_eq!(model.user_count, Some(50_000));
    assert_eq!(
        terraform::settle(&planned, &model.to_value()).member("principals"),
        planned.member("principals")
    );
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_answer_had_assigned_is_found_at_once() {
    use graph::testing::{Script, lost, reply};
    use serde_json::json;

    let ids: Vec<Id> = (1..=20_u128).collect();
    let mut round = 0;
    let script = Script::new(move |sent| {
        round += 1;
        if round == 1 {
            return lost();
        }
        if sent.method == "GET" {
            let one = |id: u128| json!({ "id": format!("a{id}"), "appRoleId": ADA, "principalId": live::text(id), "principalType": "User" });
            return reply(
                200,
                &json!({ "value": (1..=20).map(one).collect::<Vec<_>>() }),
            );
        }
        let requests = sent.body["requests"].as_array().unwrap();
        let refused = |request: &serde_json::Value| {
            let error = json!({ "code": "Request_BadRequest", "message": "It exists already." });
            json!({ "id": request["id"], "status": 400, "body": { "error": error } })
        };
        reply(
            200,
            &json!({ "responses": requests.iter().map(refused).collect::<Vec<_>>() }),
        )
    });
    let context = Context::new(script.client());
    // For a service principal that this process created, the wait is much longer.
    let resource = "33330000-0000-4000-8000-000000000000";
    context.graph.recall(&[graph::Written {
        path: format!("/serviceprincipals/{resource}"),
        change: graph::Change::Created,
        at: u64::MAX,
    }]);
    let target = Target {
        context: &context,
        resource,
        role: ADA,
    };
    let started = tokio::time::Instant::now();
    let (added, failed) = target.add(ids).await;
    assert_eq!((added.len(), failed.len()), (20, 0));
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(script.sent().len(), 3);
}

/// The collection lags behind: Graph refuses the assignment because it exists, but does not list it.
#[tokio::test(start_paused = true)]
async fn an_assignment_that_exists_already_is_adopted() {
    use graph::testing::{Script, reply};

    let message = "Permission being assigned already exists on the object.";
    for (listed, kind) in [(true, Kind::User), (false, Kind::Other)] {
        let mut reads = 0;
        let script = Script::new(move |sent| {
            if sent.method == "POST" {
                let error =
                    json!({ "error": { "code": "Request_BadRequest", "message": message } });
                let refused = json!({ "id": "0", "status": 400, "body": error });
                return reply(200, &json!({ "responses": [refused] }));
            }
            reads += 1;
            let one = json!({ "id": "x", "appRoleId": ROLE, "principalId": ADA, "principalType": "User" });
            let all = if listed && reads > 1 {
                json!([one])
            } else {
                json!([])
            };
            reply(200, &json!({ "value": all }))
        });
        let context = Context::new(script.client());
        let planned = AppRoleAssignments {
            resource_object_id: RESOURCE.to_owned(),
            principals: principals(&[ADA]),
            app_role_id: Some(ROLE.to_owned()),
            ..AppRoleAssignments::from_value(&object(&[])).unwrap()
        };
        let mut state = None;
        AppRoleAssignments::create(&context, &planned, &mut state)
            .await
            .unwrap();
        let state = state.unwrap();
        assert_eq!(state.principals, principals(&[ADA]));
        assert_eq!(state.user_count, Some(i64::from(kind == Kind::User)));
        let sent = script.sent();
        let posts = sent.iter().filter(|sent| sent.method == "POST").count();
        assert_eq!(posts, 1, "it is not repeated");
    }
}

#[tokio::test(start_paused = true)]
async fn an_assignment_that_is_gone_may_be_refused_with_400() {
    use graph::testing::{Script, refuse, reply};

    let script = Script::new(|sent| match sent.method.as_str() {
        "POST" => {
            let message = "The entry being updated or deleted is not found.";
            let error = json!({ "error": { "code": "Request_BadRequest", "message": message } });
            let refused = json!({ "id": "0", "status": 400, "body": error });
            reply(200, &json!({ "responses": [refused] }))
        }
        _ if sent.path.contains("appRoleAssignedTo/x") => refuse(404, "Request_ResourceNotFound"),
        _ => {
            let one = json!({ "id": "x", "appRoleId": ROLE, "principalId": ADA, "principalType": "User" });
            reply(200, &json!({ "value": [one] }))
        }
    });
    let context = Context::new(script.client());
    let state = AppRoleAssignments {
        resource_object_id: RESOURCE.to_owned(),
        principals: principals(&[ADA]),
        app_role_id: Some(ROLE.to_owned()),
        ..AppRoleAssignments::from_value(&object(&[])).unwrap()
    };
    AppRoleAssignments::delete(&context, &state).await.unwrap();
}

#[test]
fn a_plan_that_empties_the_set_says_how_many_lose_access() {
    let prior = object(&[ADA, RESOURCE]);
    let mut planned = object(&[]);
    let mut diagnostics = Diagnostics::new();
    AppRoleAssignments::plan(&mut Change {
        tenant_id: "t",
        prior: &prior,
        config: &planned.clone(),
        planned: &mut planned,
        requires_replace: &mut Vec::new(),
        diagnostics: &mut diagnostics,
    });
    assert!(
        diagnostics[0].detail.contains("2 principals lose"),
        "{diagnostics:?}"
    );
}

#[test]
fn a_note_changes_no_assignment() {
    let noted = |note: &str| {
        let mut object = object(&[ADA]);
        let value = AssignedPrincipal {
            note: Some(note.to_owned()),
        };
        let map = [(ADA.to_uppercase(), value.to_value())]
            .into_iter()
            .collect();
        object.set_member("principals", Value::Map(map));
        object.set_member("user_count", Value::from(1));
        object
    };
    let (prior, mut planned) = (noted("Ada"), noted("Ada Lovelace"));
    planned.set_member("user_count", Value::Unknown);
    adjust(&prior, &mut planned);
    assert_eq!(
        *planned.member("user_count"),
        Value::from(1),
        "nobody comes or goes"
    );
    let model = |value: &Value| AppRoleAssignments::from_value(value).unwrap();
    assert!(model(&prior).assigns_the_same(&model(&planned)));
    assert!(!model(&prior).assigns_the_same(&model(&object(&[RESOURCE]))));
    let mut held = model(&planned);
    let live = |kind| Live {
        assignment: "x".to_owned(),
        kind,
    };
    held.hold(&HashMap::from([
        (guid(ADA), live(Kind::User)),
        (guid(ROLE), live(Kind::Group)),
    ]));
    assert_eq!(
        held.principals[&ADA.to_uppercase()].note.as_deref(),
        Some("Ada Lovelace")
    );
    assert_eq!(held.principals[ROLE].note, None, "somebody new has none");
}

#[test]
fn a_set_of_version_0_becomes_a_map() {
    let list = |ids: &[&str]| Value::List(ids.iter().map(|id| Value::from(*id)).collect());
    let stored = |ids: Value| {
        let members = [
            ("principal_object_ids", ids),
            ("resource_object_id", RESOURCE.into()),
        ];
        Value::Object(
            members
                .map(|(name, value)| (name.to_owned(), value))
                .into_iter()
                .collect(),
        )
    };
    let upgraded = AppRoleAssignments::upgrade(0, stored(list(&[ADA, ROLE]))).unwrap();
    let model = AppRoleAssignments::from_value(&upgraded).unwrap();
    assert_eq!(model.principals, principals(&[ADA, ROLE]));
    assert_eq!(model.resource_object_id, RESOURCE);
    let without = stored(Value::Null);
    assert_eq!(
        AppRoleAssignments::upgrade(0, without.clone()),
        Some(without)
    );
}
