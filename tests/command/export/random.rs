//! Random tenants: all of their objects are imported without changes.

use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::export::graph::{Configuration, PARTNERS, constant, customize, filter, send};
use crate::export::inputs::NAMES;
use crate::export::world::{Place, is_adopted, seeded};
use crate::support::{CONTOSO, Emulator, FABRIKAM, clis};

/// A few in `cargo test`; otherwise as many as `CROSSTENANT_WORLDS`, from the seed in `CROSSTENANT_WORLD`.
fn number(variable: &str, otherwise: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(otherwise, |text| text.parse().unwrap())
}

fn name(dice: &mut Dice) -> &'static str {
    NAMES[dice.below(NAMES.len())]
}

fn chance(dice: &mut Dice) -> bool {
    dice.below(2) == 0
}

fn other(number: usize) -> String {
    format!("d0000000-0000-4000-8000-{number:012}")
}

fn user(number: usize) -> String {
    format!("e0000000-0000-4000-8000-{number:012}")
}

fn group(number: usize) -> String {
    format!("e1000000-0000-4000-8000-{number:012}")
}

fn peopled(dice: &mut Dice) -> Emulator {
    seeded(|seed| {
        let tenants = seed["tenants"].as_array_mut().unwrap();
        for number in 0..6 {
            let domain = format!("tenant{number}.example");
            tenants.push(json!({ "tenantId": other(number), "displayName": name(dice), "domains": [domain] }));
        }
        for number in 0..30 {
            let upn = format!("u{number}@contoso.example");
            let users = tenants[0]["users"].as_array_mut().unwrap();
            users.push(
                json!({ "id": user(number), "displayName": name(dice), "userPrincipalName": upn }),
            );
        }
        for number in 0..4 {
            let groups = tenants[0]["groups"].as_array_mut().unwrap();
            groups.push(json!({ "id": group(number), "displayName": name(dice) }));
        }
    })
}

fn access(dice: &mut Dice) -> &'static str {
    ["allowed", "blocked"][dice.below(2)]
}

fn target(dice: &mut Dice, kinds: &[&str]) -> Json {
    let kind = kinds[dice.below(kinds.len())];
    let number = dice.below(6);
    let id = match kind {
        "user" => user(number),
        "group" => group(number),
        _ => other(number),
    };
    // Policies can contain IDs of objects that no longer exist.
    let id = if dice.below(5) == 0 {
        format!("00000000-dead-4000-8000-{number:012}")
    } else {
        id
    };
    json!({ "target": id, "targetType": kind })
}

fn targets(dice: &mut Dice, keyword: &Json, kinds: &[&str]) -> Json {
    if chance(dice) {
        return json!({ "accessType": access(dice), "targets": [keyword] });
    }
    let mut targets: Vec<Json> = (0..=dice.below(3)).map(|_| target(dice, kinds)).collect();
    targets.sort_by_key(ToString::to_string);
    targets.dedup();
    json!({ "accessType": access(dice), "targets": targets })
}

/// A random block of a partner's policy.
fn block(dice: &mut Dice) -> Json {
    let (everybody, everything) = (
        json!({ "target": "AllUsers", "targetType": "user" }),
        json!({ "target": "AllApplications", "targetType": "application" }),
    );
    let mut block = json!({});
    let both = dice.below(3);
    if both != 1 {
        block["usersAndGroups"] = targets(dice, &everybody, &["user", "group"]);
    }
    if both != 0 {
        block["applications"] = targets(dice, &everything, &["application"]);
    }
    block
}

fn partner(dice: &mut Dice, emulator: &Emulator, tenant: &str, id: &str) {
    let mut body = json!({ "tenantId": id });
    for name in [
        "b2bCollaborationInbound",
        "b2bCollaborationOutbound",
        "b2bDirectConnectInbound",
        "b2bDirectConnectOutbound",
        "tenantRestrictions",
    ] {
        if dice.below(3) == 0 {
            body[name] = block(dice);
        }
    }
    if chance(dice) {
        body["isServiceProvider"] = json!(chance(dice));
    }
    if chance(dice) {
        body["inboundTrust"] = json!({ "isMfaAccepted": chance(dice), "isCompliantDeviceAccepted": chance(dice),
            "isHybridAzureADJoinedDeviceAccepted": chance(dice) });
    }
    if chance(dice) {
        body["automaticUserConsentSettings"] =
            json!({ "inboundAllowed": chance(dice), "outboundAllowed": chance(dice) });
    }
    send(emulator, tenant, "POST", PARTNERS, &body);
    if chance(dice) {
        let mut policy = json!({ "userSyncInbound": { "isSyncAllowed": chance(dice) } });
        if chance(dice) {
            policy["displayName"] = json!(name(dice));
        }
        let (version, rest) = PARTNERS.split_at("/v1.0".len());
        let version = if chance(dice) { version } else { "/beta" };
        if version == "/beta" {
            policy["groupSyncInbound"] = json!({ "isSyncAllowed": chance(dice) });
        }
        send(
            emulator,
            tenant,
            "PUT",
            &format!("{version}{rest}/{id}/identitySynchronization"),
            &policy,
        );
    }
}

fn settings(dice: &mut Dice, emulator: &Emulator, tenant: &str) {
    let policy = "/v1.0/policies/crossTenantAccessPolicy";
    if chance(dice) {
        let mut body = json!({ "inboundTrust": { "isMfaAccepted": chance(dice), "isCompliantDeviceAccepted": chance(dice),
            "isHybridAzureADJoinedDeviceAccepted": false } });
        for name in [
            "b2bCollaborationInbound",
            "b2bCollaborationOutbound",
            "b2bDirectConnectInbound",
        ] {
            if chance(dice) {
                body[name] = block(dice);
            }
        }
        send(
            emulator,
            tenant,
            "PATCH",
            &format!("{policy}/default"),
            &body,
        );
    }
    if chance(dice) {
        let clouds = [json!([]), json!(["microsoftonline.us"])][dice.below(2)].clone();
        send(
            emulator,
            tenant,
            "PATCH",
            policy,
            &json!({ "allowedCloudEndpoints": clouds }),
        );
    }
    if chance(dice) {
        let who = ["everyone", "none", "adminsAndGuestInviters"][dice.below(3)];
        send(
            emulator,
            tenant,
            "PATCH",
            "/v1.0/policies/authorizationPolicy",
            &json!({ "allowInvitesFrom": who }),
        );
    }
}

fn configuration(dice: &mut Dice, emulator: &Emulator) {
    let made = Configuration::make(emulator, name(dice));
    for role in [&made.role, &made.other_role] {
        let count = [0, 1, 3, 25][dice.below(4)];
        for number in 0..count {
            made.assign(emulator, &user(number), role);
        }
        for number in 0..dice.below(4) {
            made.assign(emulator, &group(number), role);
        }
    }
    if dice.below(3) == 0 {
        return;
    }
    let mut notifications =
        json!({ "Enabled": chance(dice), "DeleteThresholdEnabled": chance(dice) });
    if notifications["Enabled"] == true {
        notifications["Recipients"] = json!("someone@contoso.example");
    }
    if chance(dice) {
        notifications["DeleteThresholdValue"] = json!(1 + dice.below(900));
    }
    let target = if chance(dice) {
        FABRIKAM.to_uppercase()
    } else {
        other(dice.below(6))
    };
    let job = made.job(emulator, &target, chance(dice), &notifications);
    if chance(dice) {
        let text = name(dice);
        customize(emulator, &job, |users| {
            constant(users, "city", text);
            filter(users, text, text);
        });
    }
    if chance(dice) {
        send(
            emulator,
            CONTOSO,
            "POST",
            &format!("{job}/start"),
            &Json::Null,
        );
    }
}

fn world(dice: &mut Dice) -> Emulator {
    let emulator = peopled(dice);
    for (tenant, counterpart) in [(CONTOSO, FABRIKAM), (FABRIKAM, CONTOSO)] {
        for id in (0..6).map(other).chain([counterpart.to_owned()]) {
            if chance(dice) {
                partner(dice, &emulator, tenant, &id);
            }
        }
        settings(dice, &emulator, tenant);
    }
    for _ in 0..dice.below(4) {
        configuration(dice, &emulator);
    }
    emulator
}

#[test]
fn existing_objects_are_imported_without_changes() {
    let first = number("CROSSTENANT_WORLD", 1);
    for seed in first..first + number("CROSSTENANT_WORLDS", 6) {
        // Shown if the test fails, so that the run can be repeated.
        eprintln!("CROSSTENANT_WORLD={seed}");
        let emulator = world(&mut Dice(seed));
        let place = Place::new(&emulator);
        let format = ["hcl", "json"][usize::try_from(seed % 2).unwrap()];
        let run = place.export(&["--format", format]);
        run.ended(0);
        let count = if run.stdout.contains("without any import") {
            0
        } else {
            run.count()
        };
        is_adopted(&place.workspace(&clis()[0]), count);
    }
}
