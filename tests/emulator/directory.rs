//! Users, groups, phone methods, deleted items, and the query options of directory collections.

use serde_json::{Value, json};

use crate::client::{
    ADA, COLLABORATORS, Desk, EDSGER_SMS, GRACE, NOBODY, code, column, seed, user,
};

const MOBILE: &str = "3179e48a-750b-4051-897c-87b9720928f7";

#[tokio::test]
async fn users_are_found_by_id_and_by_name() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    for name in [user(ADA), "ada@contoso.example".to_owned()] {
        assert_eq!(
            caller.get(&format!("/v1.0/users/{name}")).await.1["displayName"],
            "Ada Lovelace"
        );
        assert_eq!(
            caller.get(&format!("/v1.0/users('{name}')")).await.1["displayName"],
            "Ada Lovelace"
        );
    }
    assert_eq!(
        code(&caller.get(&format!("/v1.0/users/{NOBODY}")).await),
        (404, "Request_ResourceNotFound")
    );
    let (_, usual) = caller.get("/v1.0/users/ada@contoso.example").await;
    assert!(
        usual.get("department").is_none(),
        "v1.0 answers few properties by default"
    );
    let (_, chosen) = caller
        .get("/v1.0/users/ada@contoso.example?$select=department,userType")
        .await;
    assert_eq!(
        (&chosen["department"], &chosen["userType"]),
        (&json!("Research"), &json!("Member"))
    );
    assert!(
        caller
            .get("/beta/users/ada@contoso.example")
            .await
            .1
            .get("department")
            .is_some()
    );
    assert_eq!(
        code(
            &caller
                .get("/v1.0/users/ada@contoso.example?$select=nonsense")
                .await
        ),
        (400, "BadRequest")
    );
}

#[tokio::test]
async fn filters_select_what_they_say() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    for (filter, expected) in [
        (
            "userPrincipalName eq 'ada@contoso.example'",
            vec!["Ada Lovelace"],
        ),
        (
            "userPrincipalName eq 'ADA@contoso.example'",
            vec!["Ada Lovelace"],
        ),
        (
            "startswith(displayName,'A')",
            vec!["Ada Lovelace", "Alan Turing"],
        ),
        (
            "department eq 'Research' and startswith(displayName,'A')",
            vec!["Ada Lovelace", "Alan Turing"],
        ),
        (
            "displayName eq 'Ada Lovelace' or displayName eq 'Grace Hopper'",
            vec!["Ada Lovelace", "Grace Hopper"],
        ),
        (
            "userPrincipalName in ('ada@contoso.example', 'grace@contoso.example')",
            vec!["Ada Lovelace", "Grace Hopper"],
        ),
        ("userType eq 'Guest'", vec!["Linus (Guest)"]),
    ] {
        let answer = caller.get(&format!("/v1.0/users?$filter={filter}")).await;
        assert_eq!(column(&answer, "displayName"), expected, "{filter}");
    }
    for filter in ["nonsense eq 'x'", "displayName eq", "displayName like 'x'"] {
        assert_eq!(
            caller.get(&format!("/v1.0/users?$filter={filter}")).await.0,
            400,
            "{filter}"
        );
    }
    assert_eq!(caller.get("/v1.0/users?$nonsense=1").await.0, 400);
    // One filter accepts fifteen values.
    let ids = |count: usize| {
        let ids: Vec<String> = (0..count)
            .map(|number| format!("'{}'", user(u8::try_from(number).unwrap())))
            .collect();
        format!("/v1.0/users?$filter=id in ({})", ids.join(","))
    };
    assert_eq!(caller.get(&ids(15)).await.0, 200);
    assert_eq!(
        code(&caller.get(&ids(16)).await),
        (400, "Request_UnsupportedQuery")
    );
}

#[tokio::test]
async fn a_name_that_begins_with_a_dollar_is_a_key_in_parentheses_only() {
    let mut seed = seed();
    let users = seed["tenants"][0]["users"].as_array_mut().unwrap();
    users.push(json!({ "userPrincipalName": "$svc@contoso.example", "displayName": "Service" }));
    let desk = Desk::seeded(&seed).await;
    let caller = desk.contoso().await;
    let found = caller.get("/v1.0/users('$svc@contoso.example')").await;
    assert_eq!((found.0, &found.1["displayName"]), (200, &json!("Service")));
    for path in [
        "/v1.0/users/$svc@contoso.example",
        "/v1.0/users/%24svc@contoso.example",
    ] {
        assert_eq!(code(&caller.get(path).await), (400, "BadRequest"), "{path}");
    }
}

#[tokio::test]
async fn advanced_queries_need_their_header() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let path = "/v1.0/users?$count=true&$filter=userType ne 'Guest'";
    assert_eq!(
        code(&caller.get(path).await),
        (400, "Request_UnsupportedQuery")
    );
    let (status, body) = caller.eventual(path).await;
    assert_eq!((status, &body["@odata.count"]), (200, &json!(8)));
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let (mut path, mut names, mut pages) = (
        "/v1.0/users?$top=4&$select=displayName".to_owned(),
        Vec::new(),
        0,
    );
    loop {
        let answer = caller.get(&path).await;
        names.extend(column(&answer, "displayName"));
        pages += 1;
        let Some(next) = answer.1["@odata.nextLink"].as_str() else {
            break;
        };
        path = next.strip_prefix(&caller.root).unwrap().to_owned();
    }
    assert_eq!((pages, names.len()), (3, 9));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 9);
    assert_eq!(caller.get("/v1.0/users?$top=1000").await.0, 400);
    assert_eq!(
        code(&caller.get("/v1.0/users?$skiptoken=abc").await),
        (400, "Directory_ExpiredPageToken")
    );
}

#[tokio::test]
async fn a_page_holds_a_hundred_unless_told_otherwise() {
    let mut seed = seed();
    let more = (0..150).map(|number| json!({ "userPrincipalName": format!("u{number}@contoso.example"), "displayName": "U" }));
    seed["tenants"][0]["users"]
        .as_array_mut()
        .unwrap()
        .extend(more);
    let desk = Desk::seeded(&seed).await;
    let caller = desk.contoso().await;
    let (_, body) = caller.get("/v1.0/users").await;
    assert_eq!(body["value"].as_array().unwrap().len(), 100);
    assert!(body["@odata.nextLink"].is_string());
    assert_eq!(
        caller.get("/v1.0/users?$top=999").await.1["value"]
            .as_array()
            .unwrap()
            .len(),
        159
    );
}

#[tokio::test]
async fn groups_name_their_direct_members() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let found = caller
        .get("/v1.0/groups?$filter=displayName eq 'Fabrikam collaborators'")
        .await;
    assert_eq!(column(&found, "id"), [COLLABORATORS]);
    let members = caller
        .get(&format!("/v1.0/groups/{COLLABORATORS}/members"))
        .await;
    assert_eq!(
        column(&members, "displayName"),
        ["Alan Turing", "Katherine Johnson", "Fabrikam advisers"]
    );
    assert_eq!(column(&members, "@odata.type")[2], "#microsoft.graph.group");
    let users = caller
        .get(&format!(
            "/v1.0/groups/{COLLABORATORS}/members/microsoft.graph.user"
        ))
        .await;
    assert_eq!(
        column(&users, "displayName"),
        ["Alan Turing", "Katherine Johnson"]
    );
    assert_eq!(caller.get(&format!("/v1.0/groups/{NOBODY}")).await.0, 404);
}

#[tokio::test]
async fn users_change_go_and_come_back() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let path = format!("/v1.0/users/{}", user(GRACE));
    assert_eq!(
        caller.patch(&path, json!({ "department": "Navy" })).await.0,
        204
    );
    assert_eq!(
        caller.get(&format!("{path}?$select=department")).await.1["department"],
        "Navy"
    );
    for body in [
        json!({ "id": NOBODY }),
        json!({ "nonsense": 1 }),
        json!({ "accountEnabled": "no" }),
        json!({ "userType": "King" }),
    ] {
        assert_eq!(caller.patch(&path, body.clone()).await.0, 400, "{body}");
    }
    assert_eq!(caller.delete(&path).await.0, 204);
    assert_eq!(caller.get(&path).await.0, 404);
    let deleted = "/v1.0/directory/deletedItems";
    assert_eq!(
        column(
            &caller.get(&format!("{deleted}/microsoft.graph.user")).await,
            "displayName"
        ),
        ["Grace Hopper"]
    );
    assert_eq!(caller.get(deleted).await.0, 400);
    assert_eq!(
        caller
            .act(&format!("{deleted}/{}/restore", user(GRACE)))
            .await
            .1["displayName"],
        "Grace Hopper"
    );
    assert_eq!(caller.get(&path).await.0, 200);
    caller.delete(&path).await;
    assert_eq!(
        caller.delete(&format!("{deleted}/{}", user(GRACE))).await.0,
        204
    );
    assert_eq!(
        caller
            .act(&format!("{deleted}/{}/restore", user(GRACE)))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn deleted_items_are_forgotten_after_thirty_days() {
    let desk = Desk::open().await;
    desk.contoso()
        .await
        .delete(&format!("/v1.0/users/{}", user(GRACE)))
        .await;
    for (days, left) in [("29d", 1), ("2d", 0)] {
        desk.control("POST", "advance", json!({ "by": days })).await;
        let found = desk
            .contoso()
            .await
            .get("/v1.0/directory/deletedItems/microsoft.graph.user")
            .await;
        assert_eq!(column(&found, "id").len(), left, "{days}");
    }
}

#[tokio::test]
async fn sms_sign_in_is_seen_and_switched_off() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let methods = format!(
        "/v1.0/users/{}/authentication/phoneMethods",
        user(EDSGER_SMS)
    );
    assert_eq!(
        column(&caller.get(&methods).await, "smsSignInState"),
        ["ready"]
    );
    let mobile = format!("{methods}/{MOBILE}");
    assert_eq!(
        caller.act(&format!("{mobile}/disableSmsSignIn")).await,
        (204, Value::Null)
    );
    assert_eq!(caller.get(&mobile).await.1["smsSignInState"], "notEnabled");
    assert_eq!(
        caller.act(&format!("{mobile}/enableSmsSignIn")).await.0,
        204
    );
    assert_eq!(caller.get(&mobile).await.1["smsSignInState"], "ready");
    assert_eq!(caller.get(&format!("{methods}/{NOBODY}")).await.0, 404);
}

#[tokio::test]
async fn unknown_paths_and_verbs_are_refused() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let unknown = caller.get("/v1.0/nonsense/7").await;
    assert_eq!(code(&unknown), (400, "BadRequest"));
    assert_eq!(
        unknown.1["error"]["message"],
        "Resource not found for the segment 'nonsense'."
    );
    assert_eq!(caller.delete("/v1.0/organization").await.0, 405);
    let answer = caller
        .request("GET", "/v1.0/nonsense")
        .header("client-request-id", "mine")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["client-request-id"], "mine");
    let request_id = answer.headers()["request-id"].to_str().unwrap().to_owned();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["innerError"]["request-id"], json!(request_id));
    assert_eq!(body["error"]["innerError"]["client-request-id"], "mine");
}
