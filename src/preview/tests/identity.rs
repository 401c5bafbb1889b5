//! Filters, names and addresses, managers, and users in the recycle bin.

use serde_json::json;

use super::*;

#[test]
fn clauses_on_empty_values_are_not_met_except_is_null() {
    for (operator, values, met) in [
        ("EQUALS", vec!["Sales"], false),
        ("NOT EQUALS", vec!["Sales"], false),
        ("IS NULL", vec![], true),
        ("IS NOT NULL", vec![], false),
        ("NOT REGEX MATCH", vec!["Sales"], false),
        ("!&", vec!["Sales"], false),
    ] {
        let pair = Pair::with(
            &clause("department", operator, &values),
            "Add, Update, Delete",
        );
        let created = matches!(pair.outcome("ada"), Outcome::Create(_));
        assert_eq!(created, met, "{operator}");
    }
    let mut pair = Pair::with(
        &clause("department", "EQUALS", &["Sales"]),
        "Add, Update, Delete",
    );
    pair.here[0]["department"] = json!("sales");
    assert_eq!(
        pair.outcome("ada"),
        Outcome::Skip(Skip::Filtered("Staff.department EQUALS 'Sales'".to_owned()))
    );
}

#[test]
fn an_address_of_another_user_is_a_collision() {
    let mut pair = Pair::new();
    let internal = json!({ "id": "nadia", "userPrincipalName": "nadia@fabrikam.example",
        "proxyAddresses": ["smtp:Ada@contoso.example"] });
    pair.there.push((internal, false, None));
    let Outcome::Collide(collision) = pair.outcome("ada") else {
        panic!("no collision");
    };
    assert_eq!((collision.attribute, &*collision.holder), ("mail", "nadia"));
    // Two new users with the same address.
    let mut pair = Pair::new();
    pair.here[1]["mail"] = json!("ada@contoso.example");
    let Outcome::Collide(collision) = pair.outcome("grace") else {
        panic!("no collision");
    };
    assert!(collision.arriving);
    // Users in the recycle bin hold no names.
    let mut pair = Pair::new();
    pair.there.push((copy("ada", json!({})), true, None));
    assert!(matches!(pair.outcome("ada"), Outcome::Create(_)));
}

#[test]
fn managers_are_written_once_their_copy_exists() {
    let mut pair = Pair::new();
    pair.here[0]["manager"] = json!({ "id": "grace" });
    let preview = pair.run();
    let to_grace = Value::Reference("grace".into());
    let mut changes = preview.users[0].changes().iter();
    assert!(changes.any(|change| change.after == to_grace));
    pair.configuration.assignments.pop();
    let preview = pair.run();
    assert_eq!(preview.users[0].unresolved, ["grace".into()]);
    let pair = Pair {
        here: pair.here,
        ..Pair::new()
    };
    let pair = pair.copied("grace", true, json!({})).copied(
        "ada",
        true,
        json!({ "manager": { "id": "copy-grace" } }),
    );
    assert_eq!(pair.outcome("ada"), Outcome::Nothing { adopted: false });
}

/// Graph returns managers separately from users. Those of copies have the same effect as if they were read with the copies.
#[test]
fn managers_of_copies_may_be_read_separately() {
    let mut pair = Pair::new()
        .copied("grace", true, json!({}))
        .copied("ada", true, json!({}));
    pair.here[0]["manager"] = json!({ "id": "grace" });
    let judged = |managers: &[(&str, &str)]| {
        let mut engine = pair.judged();
        let referring: Vec<&str> = engine.referring().collect();
        assert_eq!(referring, ["copy-ada"], "nobody else has a manager");
        let managers = managers.iter();
        let managers = managers.map(|(copy, id)| ((*copy).to_owned(), (*id).to_owned()));
        engine.managers(managers.collect());
        let preview = engine.finish(&[]);
        let ada = preview
            .users
            .into_iter()
            .find(|user| &*user.source == "ada")
            .unwrap();
        let changes = ada.changes().iter();
        changes
            .map(|change| (change.before.clone(), change.after.clone()))
            .collect::<Vec<_>>()
    };
    let to = |id: &str| Value::Reference(id.into());
    assert_eq!(judged(&[]), [(Value::Null, to("copy-grace"))]);
    assert_eq!(judged(&[("copy-ada", "copy-grace")]), []);
    assert_eq!(
        judged(&[("copy-ada", "other")]),
        [(to("other"), to("copy-grace"))]
    );
}

#[test]
fn a_user_whom_synchronization_deleted_is_restored_and_no_other() {
    for (by_job, restored) in [(Some(true), true), (None, true), (Some(false), false)] {
        let mut pair = Pair::new();
        let origin = origin("ada", true).map(|origin| Origin {
            deleted_by_job: by_job,
            ..origin
        });
        pair.there.push((copy("ada", json!({})), true, origin));
        let outcome = pair.outcome("ada");
        assert_eq!(
            matches!(outcome, Outcome::Restore(_)),
            restored,
            "{by_job:?}"
        );
    }
}

#[test]
fn a_guest_of_unknown_origin_is_recognized_by_name_with_a_doubt() {
    let mut pair = Pair::new();
    pair.there.push((copy("ada", json!({})), false, None));
    assert!(matches!(pair.outcome("ada"), Outcome::Collide(_)));
    pair.guesses = true;
    let preview = pair.run();
    assert_eq!(
        preview.users[0].outcome,
        Outcome::Nothing { adopted: false }
    );
    assert_eq!(preview.users[0].doubts, [Doubt::MatchedByName]);
}
