use super::*;
use graph::testing::{Script, reply};

/// The collection lags behind for a minute, which is longer than the wait for a wrong ID.
#[tokio::test(start_paused = true)]
async fn an_assignment_that_exists_already_is_adopted_once_it_is_listed() {
    let started = tokio::time::Instant::now();
    let script = Script::new(move |sent| {
        if sent.method == "POST" {
            let error = json!({ "error": { "code": "Request_BadRequest", "message": "The entry already exists." } });
            return reply(400, &error);
        }
        let one = json!({ "id": "x", "appRoleId": "r", "principalId": "p", "principalType": "User", "resourceId": "sp" });
        let is_listed = started.elapsed() > std::time::Duration::from_secs(60);
        let all = if is_listed { json!([one]) } else { json!([]) };
        reply(200, &json!({ "value": all }))
    });
    let planned = AppRoleAssignment {
        principal_object_id: "p".to_owned(),
        resource_object_id: "sp".to_owned(),
        app_role_id: Some("r".to_owned()),
        ..AppRoleAssignment::from_value(&Value::Null).unwrap()
    };
    let mut state = None;
    AppRoleAssignment::create(&Context::new(script.client()), &planned, &mut state)
        .await
        .unwrap();
    assert_eq!(state.unwrap().id.as_deref(), Some("x"));
}
