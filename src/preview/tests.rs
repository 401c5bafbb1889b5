//! Tests of the documented examples. `tests/emulator/preview` compares the preview with a complete cycle.

mod copies;
mod identity;

use serde_json::{Value as Json, json};

use super::*;

const DOMAIN: &str = "fabrikam.example";

fn mapping(target: &str, source: &Json, flow: &str) -> Json {
    json!({ "targetAttributeName": target, "flowType": flow, "matchingPriority": 0, "defaultValue": null, "source": source })
}

fn attribute(name: &str) -> Json {
    json!({ "type": "Attribute", "name": name, "expression": format!("[{name}]"), "parameters": [] })
}

fn constant(text: &str) -> Json {
    json!({ "type": "Constant", "name": text, "expression": format!("\"{text}\""), "parameters": [] })
}

fn schema(scope: &Json, flows: &str) -> Json {
    let mut mappings = vec![
        mapping(
            "userPrincipalName",
            &attribute("userPrincipalName"),
            "Always",
        ),
        mapping("displayName", &attribute("displayName"), "Always"),
        mapping("mail", &attribute("mail"), "Always"),
        mapping("accountEnabled", &attribute("accountEnabled"), "Always"),
        mapping("userType", &constant("Member"), "ObjectAddOnly"),
        mapping("manager", &attribute("manager"), "Always"),
    ];
    let mut city = mapping("city", &attribute("city"), "Always");
    city["defaultValue"] = json!("Nowhere");
    mappings.push(city);
    json!({ "synchronizationRules": [{ "objectMappings": [{
        "enabled": true, "sourceObjectName": "User", "targetObjectName": "User", "flowTypes": flows, "scope": scope,
        "attributeMappings": mappings,
    }] }] })
}

struct Pair {
    configuration: Configuration,
    groups: Vec<Group>,
    cycle: Cycle,
    guesses: bool,
    there: Vec<(Json, bool, Option<Origin>)>,
    here: Vec<Json>,
}

impl Pair {
    fn new() -> Self {
        Self::with(&json!({ "groups": [] }), "Add, Update, Delete")
    }

    fn with(scope: &Json, flows: &str) -> Self {
        let mut configuration = Configuration::read(&schema(scope, flows)).unwrap();
        configuration.target_domain = DOMAIN.to_owned();
        configuration.invitations = Some(true);
        configuration.assignments = vec![assigned("ada"), assigned("grace")];
        Self {
            configuration,
            groups: Vec::new(),
            cycle: Cycle::Full,
            guesses: false,
            there: Vec::new(),
            here: vec![user("ada"), user("grace")],
        }
    }

    fn run(&self) -> Preview {
        self.judged().finish(&[])
    }

    /// The engine after it has judged every source user.
    fn judged(&self) -> Engine<'_> {
        let configuration = &self.configuration;
        let mut engine = Engine::new(
            configuration,
            self.groups.clone(),
            self.cycle.clone(),
            self.guesses,
        );
        for (object, deleted, origin) in &self.there {
            engine.target(Target {
                record: configuration.target_columns().record(object),
                deleted: *deleted,
                origin: origin.clone(),
            });
        }
        for object in &self.here {
            engine.source(&Source {
                record: configuration.source_columns().record(object),
                sms_sign_in: Some(object["sms"] == true),
                licensed: object["licensed"].as_bool(),
                managed: None,
            });
        }
        engine
    }

    fn outcome(&self, id: &str) -> Outcome {
        let preview = self.run();
        let mut verdicts = preview.users.into_iter();
        verdicts
            .find(|verdict| &*verdict.source == id)
            .unwrap()
            .outcome
    }

    fn copied(mut self, id: &str, managed: bool, change: Json) -> Self {
        self.there
            .push((copy(id, change), false, origin(id, managed)));
        self
    }
}

fn assigned(id: &str) -> Assignment {
    Assignment {
        principal: id.to_owned(),
        kind: Principal::User,
        role: "role".to_owned(),
    }
}

fn user(id: &str) -> Json {
    json!({ "id": id, "userPrincipalName": format!("{id}@contoso.example"), "displayName": id, "mail": format!("{id}@contoso.example"),
        "userType": "Member", "accountEnabled": true })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a test writes its values in place"
)]
fn copy(id: &str, change: Json) -> Json {
    let mut copy = json!({ "id": format!("copy-{id}"), "userPrincipalName": format!("{id}_contoso.example#EXT#@{DOMAIN}"),
        "displayName": id, "mail": format!("{id}@contoso.example"), "userType": "Guest", "accountEnabled": true,
        "creationType": "Invitation", "externalUserState": "Accepted" });
    for (name, value) in change.as_object().unwrap() {
        copy[name] = value.clone();
    }
    copy
}

#[expect(clippy::unnecessary_wraps, reason = "as the field wants it")]
fn origin(id: &str, managed: bool) -> Option<Origin> {
    Some(Origin {
        source: id.to_owned(),
        known: Known::Service,
        managed: Some(managed),
        deleted_by_job: None,
    })
}

fn clause(attribute: &str, operator: &str, values: &[&str]) -> Json {
    json!({ "groups": [{ "name": "Staff", "clauses": [{ "operatorName": operator, "sourceOperandName": attribute,
        "targetOperand": { "values": values } }] }] })
}

#[test]
fn a_new_user_is_created_with_every_mapped_value() {
    let pair = Pair::new();
    let configuration = &pair.configuration;
    let Outcome::Create(changes) = pair.outcome("ada") else {
        panic!("not created");
    };
    let found: Vec<String> = changes
        .iter()
        .map(|change| format!("{}={}", configuration.attribute(change), change.after))
        .collect();
    assert_eq!(
        found,
        [
            "userPrincipalName=ada_contoso.example#EXT#@fabrikam.example",
            "displayName=ada",
            "mail=ada@contoso.example",
            "accountEnabled=true",
            "userType=Member",
            "city=Nowhere",
        ]
    );
}

#[test]
fn defaults_and_creation_only_mappings_leave_existing_users_alone() {
    let pair = Pair::new().copied("ada", true, json!({}));
    assert_eq!(pair.outcome("ada"), Outcome::Nothing { adopted: false });
}

#[test]
fn an_existing_guest_is_adopted_and_updated() {
    let pair = Pair::new().copied("ada", false, json!({ "displayName": "Ada (old)" }));
    let Outcome::Update {
        changes,
        adopted: true,
        when: When::NextCycle,
    } = pair.outcome("ada")
    else {
        panic!("not adopted");
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].before, Value::of(&json!("Ada (old)")));
}

#[test]
fn a_difference_in_the_target_waits_for_a_change_of_the_source() {
    let mut pair = Pair::new().copied("ada", true, json!({ "displayName": "Ada (old)" }));
    let when = |pair: &Pair| match pair.outcome("ada") {
        Outcome::Update { when, .. } => when,
        other => panic!("{other:?}"),
    };
    pair.cycle = Cycle::Incremental(Some(["ada".to_owned()].into()));
    assert_eq!(when(&pair), When::NextCycle);
    pair.cycle = Cycle::Incremental(Some([].into()));
    assert_eq!(when(&pair), When::SourceChanges);
    pair.cycle = Cycle::Incremental(None);
    assert_eq!(when(&pair), When::NotKnown);
}

#[test]
fn disabled_users_are_not_created_but_existing_copies_are_updated() {
    let mut pair = Pair::new();
    pair.here[0]["accountEnabled"] = json!(false);
    assert_eq!(pair.outcome("ada"), Outcome::Skip(Skip::Disabled));
    let pair = Pair {
        here: pair.here,
        ..Pair::new().copied("ada", true, json!({}))
    };
    let preview = pair.run();
    assert!(preview.users[0].disables());
    assert_eq!(preview.counts.disabled, 1);
}

#[test]
fn a_user_who_is_unassigned_leaves_except_one_who_was_disabled_before() {
    let unassigned = |enabled: bool, there: bool| {
        let mut pair = Pair::new().copied("ada", true, json!({ "accountEnabled": there }));
        pair.configuration.assignments.clear();
        pair.here[0]["accountEnabled"] = json!(enabled);
        pair.outcome("ada")
    };
    assert_eq!(unassigned(true, true), Outcome::Leave(Leaving::Unassigned));
    assert_eq!(unassigned(false, true), Outcome::Leave(Leaving::Unassigned));
    assert_eq!(
        unassigned(false, false),
        Outcome::Keep(Leaving::Unassigned, Kept::DisabledBefore)
    );
}

#[test]
fn without_the_delete_action_all_users_stay() {
    let mut pair =
        Pair::with(&json!({ "groups": [] }), "Add, Update").copied("ada", true, json!({}));
    pair.configuration.assignments.clear();
    assert_eq!(
        pair.outcome("ada"),
        Outcome::Keep(Leaving::Unassigned, Kept::NoDelete)
    );
    pair.here.remove(0);
    assert_eq!(
        pair.outcome("ada"),
        Outcome::Keep(Leaving::Deleted, Kept::NoDelete)
    );
}

#[test]
fn unmanaged_users_stay_when_out_of_scope() {
    let mut pair = Pair::new().copied("ada", false, json!({}));
    pair.configuration.assignments.clear();
    assert_eq!(pair.outcome("ada"), Outcome::Skip(Skip::NotAssigned));
}

#[test]
fn above_the_threshold_no_user_is_deleted() {
    let mut pair = Pair::new()
        .copied("ada", true, json!({}))
        .copied("grace", true, json!({}));
    pair.configuration.assignments.clear();
    pair.configuration.delete_threshold = Some(2);
    assert!(!pair.run().quarantined);
    pair.configuration.delete_threshold = Some(1);
    let preview = pair.run();
    assert!(preview.quarantined);
    assert_eq!((preview.counts.leaving, preview.counts.kept), (0, 2));
}

#[test]
fn only_direct_members_of_an_assigned_group_are_in_scope() {
    let mut pair = Pair::new();
    pair.configuration.assignments = vec![Assignment {
        principal: "staff".to_owned(),
        kind: Principal::Group,
        role: "role".to_owned(),
    }];
    pair.groups = vec![Group {
        id: "staff".to_owned(),
        display_name: "Staff".to_owned(),
        security_enabled: true,
        entitled: true,
        users: vec!["ada".to_owned()],
        others: 1,
        ..Group::default()
    }];
    assert!(matches!(pair.outcome("ada"), Outcome::Create(_)));
    assert_eq!(pair.outcome("grace"), Outcome::Skip(Skip::NotAssigned));
    pair.configuration.assignments[0].role = "00000000-0000-0000-0000-000000000000".to_owned();
    assert_eq!(pair.outcome("ada"), Outcome::Skip(Skip::DefaultAccess));
}

#[test]
fn users_who_are_not_internal_members_are_skipped() {
    for (change, skip) in [
        (
            json!({ "userPrincipalName": "ada_x#EXT#@contoso.example" }),
            Skip::External,
        ),
        (json!({ "creationType": "Invitation" }), Skip::External),
        (json!({ "externalUserState": "Accepted" }), Skip::External),
        (json!({ "userType": "Guest" }), Skip::InternalGuest),
        (json!({ "sms": true }), Skip::SmsSignIn),
    ] {
        let mut pair = Pair::new();
        for (name, value) in change.as_object().unwrap() {
            pair.here[0][name] = value.clone();
        }
        assert_eq!(pair.outcome("ada"), Outcome::Skip(skip), "{change}");
    }
}
