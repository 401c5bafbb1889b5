//! Users who leave and return: the copy is moved to the deleted items of the target tenant, and restored from there.

use serde_json::{Value as Json, json};

use super::people::{ATTRIBUTES, assign, invited, value};
use super::world::Side;
use crate::dice::Dice;

/// Source users with a copy in a collection of the target tenant, and the copy.
fn copied(source: &Side, target: &Side, collection: &str) -> Vec<(String, String)> {
    let copies = target.copies(collection).into_iter();
    let copies = copies.map(|(user, copy)| (user, copy["id"].as_str().unwrap().to_owned()));
    let is_somewhere = |user: &str| {
        let all = ["users", "deletedItems"].into_iter();
        all.map(|at| &source.now[at])
            .any(|users| users.get(user).is_some())
    };
    copies.filter(|(user, _)| is_somewhere(user)).collect()
}

/// A user who was deleted from the target tenant returns into scope, or an existing user leaves it.
pub(super) fn back_and_forth(
    dice: &mut Dice,
    (source, target): (&mut Side, &mut Side),
    principal: &str,
    role: &str,
) {
    let gone = copied(source, target, "deletedItems");
    if !gone.is_empty() && !dice.once_in(3) {
        let (user, copy) = dice.pick(&gone).clone();
        if dice.once_in(3) {
            edit(dice, target, &copy);
        }
        comes_back(dice, source, &user, (principal, role));
        return;
    }
    let mut there = copied(source, target, "users");
    there.retain(|(user, _)| source.now["users"].get(user).is_some());
    if !there.is_empty() {
        let (user, _) = dice.pick(&there).clone();
        goes(dice, source, &user);
    }
}

/// Edits a copy in the deleted items.
fn edit(dice: &mut Dice, target: &mut Side, copy: &str) {
    let attribute = *dice.pick(&ATTRIBUTES);
    target.now["deletedItems"][copy][attribute] = json!("Edited");
}

/// Reverts whatever removed the user from the scope, except filters.
fn comes_back(dice: &mut Dice, source: &mut Side, user: &str, (principal, role): (&str, &str)) {
    source.unbury(user);
    source.remove("phoneMethods", user);
    let own = &mut source.now["users"][user];
    own["userType"] = json!("Member");
    for mark in ["creationType", "externalUserState"] {
        own[mark] = Json::Null;
    }
    if dice.once_in(2) {
        let attribute = *dice.pick(&ATTRIBUTES);
        own[attribute] = value(dice, attribute);
    }
    assign(dice, source, principal, role, user);
}

/// Removes the assignments of the user, its membership in groups, its phone, or the user itself.
fn goes(dice: &mut Dice, source: &mut Side, user: &str) {
    match dice.below(4) {
        0 if source.ids("users").len() > 3 => source.bury(user),
        1 => source.now["users"][user]["userType"] = json!("Guest"),
        _ => {
            let all = source.now["assignments"].as_object_mut().unwrap();
            all.retain(|_, assignment| assignment["principalId"] != user);
            for members in source.now["members"].as_object_mut().unwrap().values_mut() {
                let members = members.as_array_mut().unwrap();
                members.retain(|member| member != user);
            }
        }
    }
}

/// Copies that were in the deleted items of the target tenant before the job was created: deleted by synchronization, manually, or by both
/// in turn.
pub(super) fn deleted_before(dice: &mut Dice, source: &Side, target: &mut Side) {
    for user in source.all("users") {
        let is_there = ["users", "deletedItems"]
            .into_iter()
            .any(|at| target.copies(at).contains_key(user["id"].as_str().unwrap()));
        if is_there || !dice.once_in(6) {
            continue;
        }
        let mut copy = invited(dice, &user);
        copy["@odata.type"] = json!("#microsoft.graph.user");
        copy["deletedDateTime"] = json!("2026-01-01T00:00:00Z");
        if !dice.once_in(4) {
            copy["_deletedBySync"] = json!(true);
        }
        target.put("deletedItems", copy);
    }
}
