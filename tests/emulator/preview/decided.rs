//! Former disagreements of the preview and the cycle, each decided by Microsoft's documentation: both now agree on the documented behavior.

use serde_json::{Value as Json, json};

use super::Pair;

fn somebody(number: u8, change: &Json) -> Json {
    let name = format!("u{number}@contoso.example");
    let mut user = json!({
        "id": id(number), "userPrincipalName": name, "mail": name, "mailNickname": format!("u{number}"), "displayName": "Somebody",
        "userType": "Member", "accountEnabled": true, "businessPhones": [], "otherMails": [], "proxyAddresses": [],
        "createdDateTime": "2025-01-01T00:00:00Z",
    });
    for (member, value) in change.as_object().unwrap() {
        user[member.as_str()] = value.clone();
    }
    user
}

fn id(number: u8) -> String {
    format!("c9000000-0000-4000-8000-0000000000{number:02}")
}

fn group(number: u8, change: &Json) -> Json {
    let mut group = json!({ "id": id(number), "displayName": "Team", "description": null, "groupTypes": [], "mailEnabled": false,
        "mailNickname": "team", "securityEnabled": true, "isAssignableToRole": null });
    for (member, value) in change.as_object().unwrap() {
        group[member.as_str()] = value.clone();
    }
    group
}

/// A mapping with this expression, or of an attribute.
fn mapping(target: &str, expression: &str, default: &Json) -> Json {
    let name = expression.split('(').next().unwrap();
    let source = if expression.starts_with('[') {
        json!({ "type": "Attribute", "name": expression.trim_matches(['[', ']']), "expression": expression, "parameters": [] })
    } else {
        json!({ "type": "Function", "name": name, "expression": expression, "parameters": [] })
    };
    json!({ "targetAttributeName": target, "source": source, "defaultValue": default, "flowType": "Always",
        "flowBehavior": "FlowWhenChanged", "matchingPriority": 0, "exportMissingReferences": false })
}

impl Pair {
    /// Two tenants with these users, all of whom are assigned.
    async fn with(users: &[Json]) -> Self {
        let mut pair = Self::open().await;
        for user in users {
            pair.source.put("users", user.clone());
            pair.assign(user["id"].as_str().unwrap());
        }
        pair.write().await;
        pair.settings(false, None).await;
        pair.restarted("Full", false).await;
        pair
    }

    fn assign(&mut self, whom: &str) {
        let is_group = self.source.now["groups"].get(whom).is_some();
        let assignment = json!({
            "id": format!("d9{}", &whom[2..]), "principalId": whom, "principalType": if is_group { "Group" } else { "User" },
            "resourceId": self.scene.made.principal, "appRoleId": self.scene.made.role,
        });
        self.source.put("assignments", assignment);
    }

    fn unassign(&mut self, whom: &str) {
        let all = self.source.now["assignments"].as_object_mut().unwrap();
        all.retain(|_, assignment| assignment["principalId"] != whom);
    }

    /// Adds mappings to those of the template.
    async fn map(&mut self, lines: &[Json]) {
        let mut schema = self.template.clone();
        let users = users_of(&mut schema);
        let all = users["attributeMappings"].as_array_mut().unwrap();
        all.retain(|line| {
            let replaced = |new: &Json| new["targetAttributeName"] == line["targetAttributeName"];
            !lines.iter().any(replaced)
        });
        all.extend(lines.iter().cloned());
        self.put_schema(schema).await;
    }

    fn copy(&self, number: u8) -> Option<Json> {
        self.target.copies("users").get(&id(number)).cloned()
    }

    /// Changes an attribute in the source tenant.
    async fn change(&mut self, number: u8, attribute: &str, value: Json) {
        self.source.now["users"][id(number)][attribute] = value;
        self.write().await;
    }
}

fn users_of(schema: &mut Json) -> &mut Json {
    let mappings = schema["synchronizationRules"][0]["objectMappings"]
        .as_array_mut()
        .unwrap();
    mappings
        .iter_mut()
        .find(|it| it["sourceObjectName"] == "User")
        .unwrap()
}

#[tokio::test]
async fn a_disabled_user_is_not_created_and_an_enabled_one_is() {
    let mut pair = Pair::with(&[
        somebody(1, &json!({ "accountEnabled": false })),
        somebody(2, &json!({})),
    ])
    .await;
    pair.step().await;
    assert!(pair.copy(1).is_none() && pair.copy(2).is_some());
}

#[tokio::test]
async fn each_mark_of_an_external_user_is_enough() {
    let marks = [
        json!({ "userType": "Guest" }),
        json!({ "userPrincipalName": "x_y.example#EXT#@contoso.example" }),
        json!({ "creationType": "Invitation" }),
        json!({ "externalUserState": "Accepted" }),
    ];
    let users: Vec<Json> = marks
        .iter()
        .zip(1..)
        .map(|(mark, number)| somebody(number, mark))
        .collect();
    let mut pair = Pair::with(&users).await;
    pair.step().await;
    assert!(pair.target.copies("users").is_empty());
}

#[tokio::test]
async fn a_proxy_address_of_another_user_is_taken() {
    let mut pair = Pair::with(&[somebody(1, &json!({}))]).await;
    let holder = somebody(
        9,
        &json!({ "userPrincipalName": "nadia@fabrikam.example", "mail": "nadia@fabrikam.example",
        "proxyAddresses": ["SMTP:nadia@fabrikam.example", "smtp:U1@contoso.example"] }),
    );
    pair.target.put("users", holder);
    pair.write().await;
    pair.step().await;
    assert!(pair.copy(1).is_none());
    // An existing user does not get such an address either.
    pair.target.now["users"][id(9)]["proxyAddresses"] = json!(["smtp:other@contoso.example"]);
    pair.write().await;
    pair.restarted("Escrows, Watermark, QuarantineState", false)
        .await;
    pair.step().await;
    pair.change(1, "mail", json!("other@contoso.example")).await;
    pair.step().await;
    assert_eq!(pair.copy(1).unwrap()["mail"], "u1@contoso.example");
}

#[tokio::test]
async fn users_who_return_to_the_scope_are_written_again() {
    let mut pair = Pair::with(&[
        somebody(1, &json!({ "displayName": "Ada" })),
        somebody(2, &json!({})),
    ])
    .await;
    pair.step().await;
    let copy = pair.copy(1).unwrap()["id"].as_str().unwrap().to_owned();
    pair.unassign(&id(1));
    pair.write().await;
    pair.step().await;
    assert!(pair.copy(1).is_none());
    // The source user has not changed since it was written, but the copy was edited.
    pair.target.now["deletedItems"][&copy]["displayName"] = json!("Edited");
    pair.assign(&id(1));
    pair.write().await;
    pair.step().await;
    assert_eq!(pair.copy(1).unwrap()["displayName"], "Ada");
}

#[tokio::test]
async fn a_manager_out_of_scope_is_not_referred_to_although_a_copy_is_there() {
    let mut pair = Pair::with(&[
        somebody(1, &json!({ "_manager": id(2) })),
        somebody(2, &json!({})),
    ])
    .await;
    pair.step().await;
    let manager = pair.copy(2).unwrap()["id"].clone();
    assert_eq!(pair.copy(1).unwrap()["_manager"], manager);
    // Disabled and then unassigned: the copy stays, out of scope.
    pair.change(2, "accountEnabled", json!(false)).await;
    pair.step().await;
    pair.unassign(&id(2));
    let copy = pair.copy(1).unwrap()["id"].as_str().unwrap().to_owned();
    pair.target.now["users"][&copy]["_manager"] = Json::Null;
    pair.write().await;
    pair.restarted("Escrows, Watermark, QuarantineState", false)
        .await;
    pair.step().await;
    assert!(pair.copy(2).is_some());
    assert!(pair.copy(1).unwrap()["_manager"].is_null());
}

#[tokio::test]
async fn another_manager_is_a_change_of_the_user() {
    let users = [
        somebody(1, &json!({ "city": "Oslo" })),
        somebody(2, &json!({})),
        somebody(3, &json!({})),
    ];
    let mut pair = Pair::with(&users).await;
    pair.unassign(&id(3));
    pair.write().await;
    pair.step().await;
    let edit = |pair: &mut Pair| {
        let copy = pair.copy(1).unwrap()["id"].as_str().unwrap().to_owned();
        pair.target.now["users"][&copy]["city"] = json!("Edited");
    };
    edit(&mut pair);
    pair.write().await;
    pair.step().await;
    assert_eq!(pair.copy(1).unwrap()["city"], "Edited");
    // The whole user is written, not only the manager.
    pair.change(1, "_manager", json!(id(2))).await;
    pair.step().await;
    let copy = pair.copy(1).unwrap();
    assert_eq!(copy["_manager"], pair.copy(2).unwrap()["id"]);
    assert_eq!(copy["city"], "Oslo");
    // A manager who does not exist yet is retried until it does.
    pair.change(1, "_manager", json!(id(3))).await;
    pair.step().await;
    assert_eq!(pair.copy(1).unwrap()["_manager"], copy["_manager"]);
    edit(&mut pair);
    pair.assign(&id(3));
    pair.write().await;
    pair.step().await;
    let copy = pair.copy(1).unwrap();
    assert_eq!(copy["_manager"], pair.copy(3).unwrap()["id"]);
    assert_eq!(copy["city"], "Oslo");
    // Afterwards, an edit in the target tenant stays.
    edit(&mut pair);
    pair.write().await;
    pair.step().await;
    assert_eq!(pair.copy(1).unwrap()["city"], "Edited");
}

#[tokio::test]
async fn a_user_is_not_restored_over_somebody_who_took_its_address() {
    let mut pair = Pair::with(&[somebody(1, &json!({})), somebody(2, &json!({}))]).await;
    pair.step().await;
    pair.unassign(&id(1));
    pair.write().await;
    pair.step().await;
    assert!(pair.copy(1).is_none());
    let holder = somebody(
        9,
        &json!({ "userPrincipalName": "nadia@fabrikam.example", "mail": "U1@contoso.example" }),
    );
    pair.target.put("users", holder);
    pair.assign(&id(1));
    pair.write().await;
    pair.step().await;
    assert!(pair.copy(1).is_none());
    pair.target.remove("users", &id(9));
    pair.write().await;
    pair.step().await;
    assert!(pair.copy(1).is_some());
}

#[tokio::test]
async fn a_default_value_is_for_new_users_only() {
    let mut pair = Pair::with(&[
        somebody(1, &json!({ "city": "Oslo" })),
        somebody(2, &json!({})),
    ])
    .await;
    pair.map(&[mapping("city", "[city]", &json!("Nowhere"))])
        .await;
    pair.step().await;
    assert_eq!(
        (
            &pair.copy(1).unwrap()["city"],
            &pair.copy(2).unwrap()["city"]
        ),
        (&json!("Oslo"), &json!("Nowhere"))
    );
    pair.change(1, "city", Json::Null).await;
    pair.step().await;
    assert_eq!(pair.copy(1).unwrap()["city"], "Oslo");
}

#[tokio::test]
async fn functions_mean_what_their_page_says_of_empty_values_and_odd_letters() {
    let users = [
        somebody(
            1,
            &json!({ "surname": "O'NEIL", "city": "Oslo", "givenName": "\u{141}ukasz" }),
        ),
        somebody(
            2,
            &json!({ "surname": "smith", "city": "", "givenName": "\u{c6}lfric" }),
        ),
    ];
    let mut pair = Pair::with(&users).await;
    let none = Json::Null;
    pair.map(&[
        mapping("surname", "PCase([surname])", &none),
        mapping("givenName", "NormalizeDiacritics([givenName])", &none),
        mapping("jobTitle", r#"Append(Left([department], 2), "x")"#, &none),
    ])
    .await;
    pair.step().await;
    let (one, other) = (pair.copy(1).unwrap(), pair.copy(2).unwrap());
    assert_eq!(
        (&one["surname"], &one["givenName"]),
        (&json!("O'neil"), &json!("Lukasz"))
    );
    assert_eq!(
        (&other["givenName"], &other["jobTitle"]),
        (&json!("AElfric"), &json!("x"))
    );

    // If an attribute in the condition is empty, the function fails, and so does the user.
    pair.map(&[mapping(
        "companyName",
        r#"IIF([city]="Oslo", "home", "away")"#,
        &none,
    )])
    .await;
    pair.step().await;
    assert_eq!(pair.copy(1).unwrap()["companyName"], "home");
    assert!(pair.copy(2).unwrap()["companyName"].is_null());
}

#[tokio::test]
async fn groups_count_for_the_threshold() {
    let mut pair = Pair::with(&[somebody(1, &json!({})), somebody(2, &json!({}))]).await;
    pair.target.now["syncPolicies"][crate::client::CONTOSO]["groupSyncInbound"] =
        json!({ "isSyncAllowed": true });
    pair.source.put("groups", group(50, &json!({})));
    pair.source.now["members"][id(50)] = json!([id(1)]);
    pair.assign(&id(50));
    pair.write().await;
    let mut schema = pair.template.clone();
    let mut mappings = schema["synchronizationRules"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .flat_map(|rule| rule["objectMappings"].as_array_mut().unwrap());
    let groups = mappings
        .find(|it| it["sourceObjectName"] == "Group")
        .unwrap();
    groups["enabled"] = json!(true);
    pair.put_schema(schema).await;
    pair.settings(false, Some(1)).await;
    pair.step().await;
    assert_eq!(pair.target.group_copies().len(), 1);
    // One user and one group are two deletions.
    pair.unassign(&id(2));
    pair.unassign(&id(50));
    pair.write().await;
    pair.step().await;
    assert_eq!(
        (pair.target.group_copies().len(), pair.copy(2).is_some()),
        (1, true)
    );
    pair.settings(false, Some(2)).await;
    pair.restarted("QuarantineState", false).await;
    pair.step().await;
    assert_eq!(
        (pair.target.group_copies().len(), pair.copy(2).is_some()),
        (0, false)
    );
}
