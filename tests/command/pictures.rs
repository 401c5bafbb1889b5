//! The pictures in the documentation are drawn by `map`. `UPDATE_DOCS=1` writes them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::run;
use crate::support::project;

/// The ID of a tenant in the pictures.
fn id(number: usize) -> String {
    format!(
        "{:08x}-0000-4000-8000-{number:012x}",
        0x3f1c_8a52_usize + number
    )
}

fn resource(kind: &str, values: &Json) -> Json {
    json!({ "type": format!("crosstenant_{kind}"), "values": values })
}

/// One tenant synchronizes to another one, with a job of this scope and state.
fn pair(names: &[&str], (from, to): (usize, usize), scope: &str, life: &Json) -> Vec<Json> {
    let (source, target) = (id(from), id(to));
    let principal = format!("principal-{from}-{to}");
    let consent = |direction: &str| json!({ direction: true });
    let mut job = json!({ "service_principal_id": principal, "id": "job", "summary": "", "is_running": true });
    for (name, value) in life.as_object().unwrap() {
        job[name] = value.clone();
    }
    vec![
        resource(
            "trust_settings",
            &json!({ "tenant_id": source, "partner_tenant_id": target,
            "automatic_user_consent_settings": consent("outbound_allowed") }),
        ),
        resource(
            "trust_settings",
            &json!({ "tenant_id": target, "partner_tenant_id": source,
            "inbound_trust": { "is_mfa_accepted": true, "is_compliant_device_accepted": to % 2 == 0 },
            "automatic_user_consent_settings": consent("inbound_allowed") }),
        ),
        resource(
            "sync_policy",
            &json!({ "tenant_id": target, "partner_tenant_id": source,
            "user_sync_inbound": { "is_sync_allowed": true } }),
        ),
        resource(
            "synchronization_configuration",
            &json!({ "tenant_id": source, "service_principal_id": principal,
            "display_name": format!("{} to {}", names[from], names[to]) }),
        ),
        resource(
            "provisioning_job",
            &json!({ "tenant_id": source, "service_principal_id": principal, "id": "job",
            "target_tenant_id": target, "scope": scope, "enabled": true }),
        ),
        resource("provisioning_job", &job),
    ]
}

fn state(names: &[&str], pairs: Vec<Json>) -> String {
    let tenants = names.iter().enumerate().map(|(number, name)| {
        resource(
            "tenant",
            &json!({ "tenant_id": id(number), "display_name": name }),
        )
    });
    let resources: Vec<Json> = tenants.chain(pairs).collect();
    json!({ "format_version": "1.0", "values": { "root_module": { "resources": resources } } })
        .to_string()
}

fn two() -> String {
    let names = ["Contoso", "Fabrikam"];
    let life = json!({ "is_initial_cycle_finished": true,
        "last_execution": { "ended": "2026-08-07T10:00:00Z", "state": "succeeded", "failed": 0 } });
    state(&names, pair(&names, (0, 1), "assigned", &life))
}

/// A company with eight subsidiaries, one of which has its own partner.
fn ten() -> String {
    let names = [
        "Contoso",
        "Fabrikam",
        "Northwind",
        "Adatum",
        "Litware",
        "Tailspin",
        "Wingtip",
        "Proseware",
        "Lucerne",
        "Woodgrove",
    ];
    let running = json!({ "is_initial_cycle_finished": true,
        "last_execution": { "ended": "2026-08-07T10:00:00Z", "state": "succeeded", "failed": 0 } });
    let failing = json!({ "is_initial_cycle_finished": true,
        "last_execution": { "ended": "2026-08-07T10:00:00Z", "state": "entry_level_errors", "failed": 3 } });
    let lives = [
        &running,
        &failing,
        &json!({ "progress": 40 }),
        &running,
        &json!({ "is_running": false }),
        &json!({ "quarantine": { "reason": "too_many_deletes" } }),
        &running,
        &running,
    ];
    let mut all: Vec<Json> = (1..=8)
        .zip(lives)
        .flat_map(|(to, life)| {
            pair(
                &names,
                (0, to),
                if to == 1 { "all" } else { "assigned" },
                life,
            )
        })
        .collect();
    all.extend(pair(&names, (8, 9), "assigned", &running));
    all.extend(pair(&names, (2, 0), "assigned", &running));
    state(&names, all)
}

#[test]
fn pictures_are_current() {
    let folder = tempfile::tempdir().unwrap();
    for (name, state) in [("two-tenants", two()), ("ten-tenants", ten())] {
        let file = folder.path().join(name);
        std::fs::write(&file, state).unwrap();
        let drawn = run(
            &BTreeMap::new(),
            &["map", "--state", file.to_str().unwrap(), "--format", "svg"],
        );
        drawn.ended(0, &[]);
        let path = project(&format!("docs/images/map-{name}.svg"));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &drawn.out).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == drawn.out,
            "docs/images/map-{name}.svg is not what the code draws: run `make docs`"
        );
    }
}
