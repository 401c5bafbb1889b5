//! Random users, and random changes of them in both tenants.

use serde_json::{Value as Json, json};

use super::world::Side;
use crate::dice::Dice;

const NAMES: [&str; 8] = [
    "Ada",
    "Zoë",
    "Grace Brewster",
    "Ælfric",
    "alan",
    "Ines",
    "O'Neil",
    "Łukasz",
];
const PLACES: [&str; 4] = ["London", "New York", "Oslo", ""];
const DEPARTMENTS: [&str; 5] = ["Sales", "sales", "Sales North", "Research", ""];
const COUNTRIES: [&str; 3] = ["GB", "US", "NO"];
const NUMBERS: [&str; 5] = ["7", "12", "1815", "x9", ""];

/// A text of the list, or none.
fn some(dice: &mut Dice, texts: &[&str]) -> Json {
    if dice.once_in(5) {
        Json::Null
    } else {
        json!(*dice.pick(texts))
    }
}

/// Attributes that mappings and filters use.
pub(super) const ATTRIBUTES: [&str; 9] = [
    "givenName",
    "surname",
    "displayName",
    "department",
    "city",
    "country",
    "employeeId",
    "jobTitle",
    "companyName",
];

pub(super) fn value(dice: &mut Dice, attribute: &str) -> Json {
    match attribute {
        "department" | "jobTitle" => some(dice, &DEPARTMENTS),
        "city" | "companyName" => some(dice, &PLACES),
        "country" => some(dice, &COUNTRIES),
        "employeeId" => some(dice, &NUMBERS),
        _ => some(dice, &NAMES),
    }
}

fn id(dice: &mut Dice) -> String {
    let (a, b) = (dice.roll(), dice.roll());
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// A user of the source tenant, of any kind.
pub(super) fn somebody(dice: &mut Dice) -> Json {
    let id = id(dice);
    let name = format!("u{}", &id[..8]);
    let mut user = json!({
        "id": id, "userPrincipalName": format!("{name}@contoso.example"), "mail": format!("{name}@contoso.example"),
        "mailNickname": name, "userType": "Member", "accountEnabled": !dice.once_in(6), "businessPhones": [], "otherMails": [],
        "proxyAddresses": [], "createdDateTime": "2025-01-01T00:00:00Z",
    });
    for attribute in ATTRIBUTES {
        user[attribute] = value(dice, attribute);
    }
    if dice.once_in(2) {
        user["businessPhones"] = json!(["+1 555"]);
    }
    if dice.once_in(2) {
        user["mobilePhone"] = json!("+47 1");
        user["officeLocation"] = json!("4/2");
        user["onPremisesExtensionAttributes"] =
            json!({ "extensionAttribute1": "one", "extensionAttribute2": value(dice, "city") });
    }
    match dice.below(24) {
        0 => user["userType"] = json!("Guest"),
        1 => user["userPrincipalName"] = json!(format!("{name}_x.example#EXT#@contoso.example")),
        2 => user["creationType"] = json!("Invitation"),
        3 => user["externalUserState"] = json!("Accepted"),
        4 => user["mail"] = Json::Null,
        _ => {}
    }
    user
}

/// A guest who was invited manually in the target tenant, and corresponds to this source user.
pub(super) fn invited(dice: &mut Dice, user: &Json) -> Json {
    let name = user["userPrincipalName"]
        .as_str()
        .unwrap()
        .replace('@', "_");
    let state = if dice.once_in(3) {
        "PendingAcceptance"
    } else {
        "Accepted"
    };
    json!({
        "id": id(dice), "userPrincipalName": format!("{name}#EXT#@fabrikam.example"), "displayName": "By hand",
        "mail": user["mail"], "userType": "Guest", "accountEnabled": true, "creationType": "Invitation",
        "externalUserState": state, "businessPhones": [], "proxyAddresses": [],
        "_source": { "tenantId": crate::client::CONTOSO, "userId": user["id"] },
    })
}

/// A user of the target tenant who may have the address of a source user.
fn stranger(dice: &mut Dice, like: Option<&Json>) -> Json {
    let id = id(dice);
    let mut user = json!({
        "id": id, "userPrincipalName": format!("f{}@fabrikam.example", &id[..8]), "displayName": "Stranger",
        "mail": format!("f{}@fabrikam.example", &id[..8]), "userType": "Member", "accountEnabled": true,
        "businessPhones": [], "proxyAddresses": [],
    });
    let Some(mail) = like.and_then(|like| like["mail"].as_str()) else {
        return user;
    };
    match dice.below(3) {
        0 => user["mail"] = json!(mail.to_uppercase()),
        1 => {
            user["proxyAddresses"] = json!([format!("smtp:{mail}"), "SMTP:other@fabrikam.example"]);
        }
        _ => {
            let name = like
                .and_then(|like| like["userPrincipalName"].as_str())
                .unwrap();
            user["userPrincipalName"] =
                json!(format!("{}#EXT#@fabrikam.example", name.replace('@', "_")));
        }
    }
    user
}

/// A random change in the source tenant.
pub(super) fn in_source(dice: &mut Dice, side: &mut Side, principal: &str, role: &str) {
    let users = side.ids("users");
    let groups = side.ids("groups");
    let user = dice.pick(&users).clone();
    match dice.below(23) {
        0 | 1 => side.put("users", somebody(dice)),
        2..=5 => {
            let attribute = *dice.pick(&ATTRIBUTES);
            side.now["users"][&user][attribute] = value(dice, attribute);
        }
        6 => {
            let enabled = side.now["users"][&user]["accountEnabled"] == true;
            side.now["users"][&user]["accountEnabled"] = json!(!enabled);
        }
        7 => {
            let state = *dice.pick(&["ready", "notEnabled"]);
            side.now["phoneMethods"][&user] = json!([{ "id": "3179e48a-750b-4051-897c-87b9720928f7", "phoneType": "mobile",
                "phoneNumber": "+1 2065555555", "smsSignInState": state }]);
        }
        8 if users.len() > 3 => side.bury(&user),
        9 => {
            if let Some(id) = side.ids("deletedItems").first().cloned() {
                side.unbury(&id);
            }
        }
        10 => {
            if let Some(id) = side.ids("deletedItems").first().cloned() {
                side.remove("deletedItems", &id);
            }
        }
        11 => {
            let assigned = side.ids("assignments");
            if !assigned.is_empty() {
                let id = dice.pick(&assigned).clone();
                side.remove("assignments", &id);
            }
        }
        12 => assign(dice, side, principal, role, &user),
        13 | 21 if !groups.is_empty() => {
            let group = dice.pick(&groups).clone();
            assign(dice, side, principal, role, &group);
        }
        14 | 15 if !groups.is_empty() => {
            let group = dice.pick(&groups).clone();
            let member = if dice.once_in(4) {
                dice.pick(&groups)
            } else {
                &user
            }
            .clone();
            toggle(side, &group, &member);
        }
        16 => {
            let manager = if dice.once_in(3) {
                Json::Null
            } else {
                json!(dice.pick(&users))
            };
            side.now["users"][&user]["_manager"] = manager;
        }
        17 => {
            let kind = *dice.pick(&["Member", "Guest"]);
            side.now["users"][&user]["userType"] = json!(kind);
        }
        18 => {
            let other = dice.pick(&users).clone();
            side.now["users"][&user]["mail"] = side.now["users"][&other]["mail"].clone();
        }
        19 if !groups.is_empty() => {
            let group = dice.pick(&groups).clone();
            let attribute = *dice.pick(&["displayName", "description"]);
            side.now["groups"][&group][attribute] = some(dice, &NAMES);
        }
        20 if groups.len() > 1 => {
            let group = dice.pick(&groups).clone();
            side.lose_group(&group);
        }
        _ => side.put("groups", group(dice)),
    }
}

fn toggle(side: &mut Side, group: &str, member: &str) {
    let mut members = side.now["members"][group]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if members.iter().any(|known| known == member) {
        members.retain(|known| known != member);
    } else {
        members.push(json!(member));
    }
    side.now["members"][group] = json!(members);
}

/// A group of any kind.
fn group(dice: &mut Dice) -> Json {
    let id = id(dice);
    let mut group = json!({
        "id": id, "displayName": some(dice, &NAMES), "description": some(dice, &PLACES), "groupTypes": [], "mailEnabled": false,
        "mailNickname": id, "securityEnabled": true, "isAssignableToRole": null,
    });
    match dice.below(12) {
        0 => group["groupTypes"] = json!(["DynamicMembership"]),
        1 | 2 => {
            group["groupTypes"] = json!(["Unified"]);
            group["mailEnabled"] = json!(true);
        }
        3 => {
            group["groupTypes"] = json!(["Unified"]);
            group["mailEnabled"] = json!(true);
            group["securityEnabled"] = json!(false);
        }
        4 => group["mailEnabled"] = json!(true),
        5 => {
            group["mailEnabled"] = json!(true);
            group["securityEnabled"] = json!(false);
        }
        6 => group["isAssignableToRole"] = json!(true),
        _ => {}
    }
    group
}

pub(super) fn assign(dice: &mut Dice, side: &mut Side, principal: &str, role: &str, whom: &str) {
    let role = if dice.once_in(5) {
        "00000000-0000-0000-0000-000000000000"
    } else {
        role
    };
    let kind = if side.now["groups"].get(whom).is_some() {
        "Group"
    } else {
        "User"
    };
    side.put("assignments", json!({
        "id": id(dice), "principalId": whom, "principalType": kind, "resourceId": principal, "appRoleId": role,
    }));
}

/// A random change in the target tenant.
pub(super) fn in_target(dice: &mut Dice, side: &mut Side, source: &Side) {
    let copies: Vec<String> = side
        .copies("users")
        .values()
        .map(|user| user["id"].as_str().unwrap().to_owned())
        .collect();
    let users = source.all("users");
    let user = dice.pick(&users).clone();
    match dice.below(10) {
        9 => {
            let allowed = !dice.once_in(4);
            side.now["syncPolicies"][crate::client::CONTOSO]["groupSyncInbound"] =
                json!({ "isSyncAllowed": allowed });
        }
        0..=2 if !copies.is_empty() => {
            let copy = dice.pick(&copies).clone();
            let attribute = *dice.pick(&ATTRIBUTES);
            side.now["users"][&copy][attribute] = json!("Drift");
        }
        3 if !copies.is_empty() => {
            let copy = dice.pick(&copies).clone();
            side.bury(&copy);
        }
        4 => {
            if let Some(id) = side.ids("deletedItems").first().cloned() {
                side.unbury(&id);
            }
        }
        5 => {
            if let Some(id) = side.ids("deletedItems").first().cloned() {
                side.remove("deletedItems", &id);
            }
        }
        6 => {
            let id = user["id"].as_str().unwrap();
            let is_there = side.copies("users").contains_key(id)
                || side.copies("deletedItems").contains_key(id);
            if !is_there {
                side.put("users", invited(dice, &user));
            }
        }
        7 => side.put("users", stranger(dice, Some(&user))),
        8 => {
            let from = *dice.pick(&["everyone", "everyone", "everyone", "none"]);
            side.now["authorizationPolicy"]["allowInvitesFrom"] = json!(from);
        }
        _ => side.put("users", stranger(dice, None)),
    }
}

/// The users of a new pair of tenants.
pub(super) fn populate(
    dice: &mut Dice,
    source: &mut Side,
    target: &mut Side,
    principal: &str,
    role: &str,
) {
    for side in [&mut *source, &mut *target] {
        for collection in [
            "users",
            "groups",
            "members",
            "assignments",
            "deletedItems",
            "phoneMethods",
        ] {
            side.now[collection] = json!({});
        }
    }
    target.now["authorizationPolicy"]["allowInvitesFrom"] = json!("everyone");
    let allowed = !dice.once_in(4);
    target.now["syncPolicies"][crate::client::CONTOSO]["groupSyncInbound"] =
        json!({ "isSyncAllowed": allowed });
    for _ in 0..4 + dice.below(9) {
        source.put("users", somebody(dice));
    }
    for _ in 0..dice.below(4) {
        source.put("groups", group(dice));
    }
    target.put("users", stranger(dice, None));
    for _ in 0..8 + dice.below(30) {
        in_source(dice, source, principal, role);
    }
    for id in source.ids("users") {
        if dice.once_in(3) {
            assign(dice, source, principal, role, &id);
        }
    }
    for _ in 0..dice.below(5) {
        in_target(dice, target, source);
    }
    super::back::deleted_before(dice, source, target);
}
