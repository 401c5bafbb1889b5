//! Failures of an export, and unusual names in tenants.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::export::graph::{Configuration, PARTNERS, send};
use crate::export::world::{Place, is_adopted, names, seeded};
use crate::support::{CONTOSO, Emulator, FABRIKAM, clis};

/// Names that users have given to objects.
pub const NAMES: [&str; 24] = [
    "Contoso",
    "contoso",
    "${evil}",
    "$${x} %{if true} %%{y}",
    "a\"b'c`d",
    "back\\slash \\u0041 \\",
    "two\nlines\r\n\ttabbed",
    "\u{202e}drawkcab\u{202c}",
    "\u{200f}\u{200b}\u{feff}invisible",
    "😀🎉👩‍💻",
    "日本語",
    "cafe\u{301}",
    "Ünïcödé Ångström",
    "  spaces  ",
    "null",
    "for",
    "../../etc/passwd",
    "</script><b>",
    "\u{7}\u{1b}[31mred",
    "# comment /* other */ <<EOT",
    "3M",
    "\u{e000}\u{10ffff}",
    "\u{feff}",
    "\u{feff}${marked} \u{feff}",
];

/// Both tenants; the application of each has all permissions except `missing`.
fn without(missing: &[&str], tenant: usize) -> Emulator {
    let all = [
        "Policy.Read.All",
        "MultiTenantOrganization.Read.All",
        "CrossTenantInformation.ReadBasic.All",
        "Application.Read.All",
        "Synchronization.ReadWrite.All",
        "User.Read.All",
        "GroupMember.Read.All",
    ];
    seeded(|seed| {
        let left = all.iter().filter(|one| !missing.contains(one));
        seed["tenants"][tenant]["apps"][0]["permissions"] =
            left.collect::<Vec<_>>().into_iter().copied().collect();
    })
}

/// A partner in each tenant, a configuration with a job, and an assignment.
fn paired(emulator: &Emulator) {
    for (tenant, partner) in [(0, FABRIKAM), (1, CONTOSO)] {
        // Sent by an application with more permissions than the one that exports.
        let id = [CONTOSO, FABRIKAM][tenant];
        let body =
            json!({ "partners": { partner: { "tenantId": partner, "isServiceProvider": true } } });
        emulator.control("PATCH", &format!("tenants/{id}"), Some(&body));
    }
}

#[test]
fn without_permissions_nothing_is_written_and_the_fix_is_shown() {
    for tenant in [0, 1] {
        let emulator = seeded(|seed| seed["tenants"][tenant]["apps"][0]["permissions"] = json!([]));
        let mut place = Place::new(&emulator);
        let run = place.export(&["--save", "saved.json"]);
        let (unread, read) = [("source", "target"), ("target", "source")][tenant];
        let variable = format!("{}_TENANT_ID", unread.to_uppercase());
        let other = [FABRIKAM, CONTOSO][tenant];
        run.ended(2).says(&[
            &format!("The {unread} tenant"),
            "nothing was written",
            &format!("The {read} tenant {other} could be read. To export only this tenant"),
            &format!("without --{unread}-tenant-id and without {variable}"),
            "Policy.Read.All",
            "Security Reader",
            "Application.Read.All",
        ]);
        // Each missing permission is named once, not once for each object.
        assert_eq!(
            run.stderr.matches("permission Policy.Read.All").count(),
            1,
            "{}",
            run.stderr
        );
        assert!(place.names().is_empty(), "{:?}", place.names());
        // The advice in the message works.
        place.set(&variable, "").export(&[]).ended(0);
    }
}

#[test]
fn if_neither_tenant_can_be_read_both_are_reported() {
    let emulator = seeded(|seed| {
        for tenant in seed["tenants"].as_array_mut().unwrap() {
            tenant["apps"][0]["permissions"] = json!([]);
        }
    });
    let run = Place::new(&emulator).export(&[]);
    let nothing = |side: &str, id: &str| {
        format!("The {side} tenant {id} could not be read, so nothing was written")
    };
    run.ended(2)
        .says(&[&nothing("source", CONTOSO), &nothing("target", FABRIKAM)]);
    assert!(!run.stderr.contains("could be read. To export"), "{run:?}");
}

#[test]
fn without_one_permission_the_rest_is_exported_and_missing_objects_are_named() {
    for (permission, missing) in [
        ("Policy.Read.All", "crosstenant_partner_policy"),
        (
            "MultiTenantOrganization.Read.All",
            "crosstenant_multi_tenant_organization_join_request",
        ),
        (
            "Application.Read.All",
            "crosstenant_synchronization_configuration",
        ),
    ] {
        // In a target tenant, synchronization does not require the other permissions.
        let code = i32::from(permission == "Policy.Read.All");
        let emulator = without(&[permission], 1);
        paired(&emulator);
        let place = Place::new(&emulator);
        let run = place.export(&[]);
        let needs = format!(
            "In tenant {FABRIKAM} this call requires the application permission {permission}"
        );
        run.ended(code)
            .says(&["Fabrikam: Not read: ", missing, &needs, "directory role"]);
        is_adopted(&place.workspace(&clis()[0]), run.count());
    }
}

#[test]
fn names_that_cannot_be_looked_up_are_only_mentioned() {
    let emulator = without(&["CrossTenantInformation.ReadBasic.All"], 0);
    paired(&emulator);
    let nobody = "dead0000-0000-4000-8000-000000000000";
    let body = json!({ "partners": { nobody: { "tenantId": nobody } } });
    emulator.control("PATCH", &format!("tenants/{FABRIKAM}"), Some(&body));
    let place = Place::new(&emulator);
    let run = place.export(&[]);
    run.ended(0).says(&[
        "1 tenant could not be looked up, so its ID is written",
        "1 of 2 tenants could not be looked up, so its ID is written",
        "CrossTenantInformation.ReadBasic.All",
        &format!("Tenant \"{nobody}\" not found"),
    ]);
    let partners = &place
        .written()
        .into_iter()
        .find(|(name, _)| name == "partners.tf")
        .unwrap()
        .1;
    assert!(
        partners.contains(&format!(
            "\"crosstenant_partner_policy\" \"tenant_{}\"",
            &FABRIKAM[..8]
        )),
        "{partners}"
    );
    is_adopted(&place.workspace(&clis()[0]), run.count());
}

#[test]
fn a_wrong_tenant_is_named_once() {
    let emulator = seeded(|_| {});
    let mut place = Place::new(&emulator);
    place.set("SOURCE_TENANT_ID", "dead0000-0000-4000-8000-000000000000");
    let run = place.export(&[]);
    run.ended(2).says(&[
        "source tenant dead0000-0000-4000-8000-000000000000",
        "Sign-in to tenant",
    ]);
    assert_eq!(
        run.stderr.matches("Sign-in to tenant").count(),
        1,
        "{}",
        run.stderr
    );
    assert!(place.names().is_empty());

    place.set("SOURCE_TENANT_ID", "contoso");
    place.export(&[]).ended(2).says(&["Invalid `tenant_id`"]);
    for variable in ["SOURCE_TENANT_ID", "TARGET_TENANT_ID"] {
        place.set(variable, "");
    }
    place
        .export(&[])
        .ended(2)
        .says(&["SOURCE_TENANT_ID", "--source-tenant-id"]);
    place
        .set("SOURCE_TENANT_ID", CONTOSO)
        .set("TARGET_TENANT_ID", CONTOSO);
    place.export(&[]).ended(2).says(&["the same tenant"]);
    assert!(place.names().is_empty());
}

#[test]
fn an_empty_tenant_needs_no_import() {
    let emulator = seeded(|_| {});
    let place = Place::new(&emulator);
    for format in ["hcl", "json"] {
        place
            .export(&["--force", "--format", format])
            .ended(0)
            .says(&["without any import: there are no partners"]);
        is_adopted(&place.workspace(&clis()[0]), 0);
    }
    // Objects that were not requested are not reported as missing.
    place
        .export(&["--force", "--only", "sync_policy"])
        .ended(0)
        .says(&["without any import: none of the requested objects was found"]);
    let emulator = without(&["Policy.Read.All"], 0);
    Place::new(&emulator)
        .export(&[])
        .ended(1)
        .says(&["without any import: the parts that could be read contain nothing to export"]);
}

#[test]
fn one_tenant_alone_needs_no_alias() {
    let emulator = seeded(|_| {});
    paired(&emulator);
    let mut place = Place::new(&emulator);
    for (name, value) in emulator.environment() {
        if let Some(rest) = name.strip_prefix("TARGET_") {
            place.set(&name, "").set(&format!("ARM_{rest}"), &value);
        } else {
            place.set(&name, "");
        }
    }
    let run = place.export(&[]);
    run.ended(0);
    let providers = &place
        .written()
        .into_iter()
        .find(|(name, _)| name == "providers.tf")
        .unwrap()
        .1;
    assert!(
        !providers.contains("alias") && !providers.contains("environment_prefix"),
        "{providers}"
    );
    is_adopted(&place.workspace(&clis()[0]), run.count());
}

#[test]
fn an_interrupted_export_leaves_no_files() {
    let emulator = seeded(|_| {});
    let place = Place::new(&emulator);
    for (signal, code) in [("-INT", Some(2)), ("-KILL", None)] {
        emulator.forget();
        emulator.fault(&json!({ "kind": "delay", "delay_ms": 30_000, "path": "*/policies/crossTenantAccessPolicy/default", "count": 2 }));
        let mut command = place.command(&["--out", "out", "--save", "saved.json"]);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let started = Instant::now();
        // All other requests receive responses meanwhile.
        while emulator.graph_requests().len() < 8 {
            assert!(started.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(20));
        }
        let process = child.id().to_string();
        assert!(
            std::process::Command::new("kill")
                .args([signal, &process])
                .status()
                .unwrap()
                .success()
        );
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), code);
        if code.is_some() {
            assert!(
                String::from_utf8_lossy(&output.stderr)
                    .contains("Interrupted. Nothing was written.")
            );
        }
        assert!(place.names().is_empty(), "{:?}", place.names());
        emulator.control("DELETE", "faults", None);
    }
}

#[test]
fn a_target_that_cannot_be_written_is_refused_before_anything_is_read() {
    let emulator = seeded(|_| {});
    let place = Place::new(&emulator);
    std::fs::create_dir(place.path("full")).unwrap();
    std::fs::write(place.path("full/terraform.tfstate"), "precious").unwrap();
    std::fs::write(place.path("file"), "precious").unwrap();
    for (out, words) in [
        ("full", "is not empty"),
        ("file", "is not a directory"),
        ("file/below", "file"),
        ("/proc/nowhere/out", "cannot be written"),
        ("/", "Choose another"),
    ] {
        let output = place.command(&["--out", out]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{out}: {said}");
        assert!(said.contains(words), "{out}: {said}");
    }
    for (file, words) in [
        ("/proc/nowhere.json", "/proc/nowhere.json cannot be written"),
        ("missing/saved.json", "missing/saved.json cannot be written"),
        ("out/saved.json", "would be inside the directory"),
    ] {
        place.export(&["--save", file]).ended(2).says(&[words]);
    }
    assert_eq!(emulator.graph_requests(), [""; 0]);
    assert_eq!(place.names(), ["file", "full"]);
    assert_eq!(
        std::fs::read_to_string(place.path("full/terraform.tfstate")).unwrap(),
        "precious"
    );
}

#[cfg(unix)]
#[test]
fn the_current_directory_is_not_replaced() {
    use std::os::unix::fs::MetadataExt as _;

    let emulator = seeded(|_| {});
    paired(&emulator);
    let place = Place::new(&emulator);
    let here = place.path("here");
    std::fs::create_dir(&here).unwrap();
    let id = |path: &std::path::Path| std::fs::metadata(path).unwrap().ino();
    let before = id(&here);
    let export = |arguments: &[&str]| {
        let mut command = place.command(&["--out", "."]);
        let output = command.args(arguments).current_dir(&here).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    let (code, said) = export(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(id(&here), before, "a shell in it would be nowhere");
    let written = names(&here);
    assert!(
        written.contains(&"providers.tf".to_owned())
            && written
                .iter()
                .all(|name| name.rsplit_once('.').is_some_and(|(_, end)| end == "tf")),
        "{written:?}"
    );
    for arguments in [&[][..], &["--force"]] {
        let (code, said) = export(arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("not empty"), "{said}");
    }
    assert_eq!((id(&here), names(&here)), (before, written));
    assert_eq!(place.names(), ["here"]);
}

#[test]
fn unusual_names_are_exported_and_imported() {
    let other = |number: usize| format!("d0000000-0000-4000-8000-{number:012}");
    let user = |number: usize| format!("e0000000-0000-4000-8000-{number:012}");
    let group = |number: usize| format!("e1000000-0000-4000-8000-{number:012}");
    let emulator = seeded(|seed| {
        let tenants = seed["tenants"].as_array_mut().unwrap();
        for (number, name) in NAMES.iter().enumerate() {
            let domain = format!("tenant{number}.example");
            tenants.push(
                json!({ "tenantId": other(number), "displayName": name, "domains": [domain] }),
            );
            let users = tenants[0]["users"].as_array_mut().unwrap();
            users.push(json!({ "id": user(number), "displayName": name, "userPrincipalName": format!("u{number}@contoso.example") }));
            let groups = tenants[0]["groups"].as_array_mut().unwrap();
            groups.push(json!({ "id": group(number), "displayName": name }));
        }
    });
    for (number, name) in NAMES.iter().enumerate() {
        let body = json!({ "tenantId": other(number) });
        send(&emulator, FABRIKAM, "POST", PARTNERS, &body);
        let policy = format!("{PARTNERS}/{}/identitySynchronization", other(number));
        let body = json!({ "displayName": name, "userSyncInbound": { "isSyncAllowed": true } });
        send(&emulator, FABRIKAM, "PUT", &policy, &body);
        if number % 3 == 0 {
            // Two objects of every name.
            for _ in 0..2 {
                let made = Configuration::make(&emulator, name);
                made.assign(&emulator, &user(number), &made.role);
                made.assign(&emulator, &group(number), &made.role);
            }
        }
    }
    let place = Place::new(&emulator);
    for format in ["hcl", "json"] {
        let run = place.export(&["--force", "--format", format]);
        run.ended(0);
        for text in place
            .written()
            .into_iter()
            .map(|(_, text)| text)
            .chain([run.stdout.clone(), run.stderr.clone()])
        {
            let unseen = [
                '\u{202e}', '\u{200f}', '\u{200b}', '\u{feff}', '\u{1b}', '\u{7}',
            ];
            assert!(!text.contains(unseen), "{text}");
        }
        let workspace = place.workspace(&clis()[0]);
        if format == "hcl" {
            workspace.run(&["fmt", "-check", "-diff"]).succeeded();
        }
        is_adopted(&workspace, run.count());
    }
}

#[test]
fn a_job_without_a_target_is_not_exported_and_can_be_imported_as_advised() {
    let emulator = seeded(|_| {});
    paired(&emulator);
    let made = Configuration::make(&emulator, "Half done");
    let job = made.bare_job(&emulator);
    let job = job.rsplit('/').next().unwrap();
    let place = Place::new(&emulator);
    let run = place.export(&[]);
    run.ended(1).says(&[
        "Contoso: Not read: crosstenant_provisioning_job (Half done)",
        "Microsoft Graph returned a value that a configuration cannot contain: `target_tenant_id`",
        &format!("and import it as \"{}/{job}\".", made.id),
    ]);
    let workspace = place.workspace(&clis()[0]);
    is_adopted(&workspace, run.count());
    let by_hand = format!(
        r#"
        import {{
          to = crosstenant_provisioning_job.by_hand
          id = "{id}/{job}"
        }}
        resource "crosstenant_provisioning_job" "by_hand" {{
          provider             = crosstenant.source
          service_principal_id = "{id}"
          target_tenant_id     = "{FABRIKAM}"
          validate_connection  = false
        }}"#,
        id = made.id
    );
    workspace.write("by_hand.tf", &by_hand);
    let applied = workspace.apply();
    applied.succeeded().says(&[
        "The job has no target tenant yet",
        "1 imported, 0 added, 1 changed, 0 destroyed",
    ]);
    workspace.is_settled();
}

#[test]
fn only_requested_objects_are_exported() {
    let emulator = seeded(|_| {});
    paired(&emulator);
    let notifications =
        json!({ "Enabled": false, "DeleteThresholdEnabled": true, "DeleteThresholdValue": 500 });
    for (name, target) in [
        ("To Fabrikam", FABRIKAM),
        ("To nobody", "dead0000-0000-4000-8000-000000000000"),
    ] {
        let made = Configuration::make(&emulator, name);
        made.job(&emulator, target, false, &notifications);
        // Edsger uses SMS sign-in.
        made.assign(
            &emulator,
            "a1000000-0000-4000-8000-000000000005",
            &made.role,
        );
    }
    let place = Place::new(&emulator);
    let exported = |arguments: &[&str]| -> Vec<String> {
        let arguments = [&["--force"], arguments].concat();
        place.export(&arguments).ended(0);
        let texts: String = place.written().into_iter().map(|(_, text)| text).collect();
        let addresses = texts
            .lines()
            .filter_map(|line| line.strip_prefix("  to = crosstenant_"));
        addresses.map(str::to_owned).collect()
    };
    let sorted = |mut addresses: Vec<String>| {
        addresses.sort();
        addresses
    };
    assert_eq!(
        exported(&["--only", "partner_policy"]),
        ["partner_policy.fabrikam", "partner_policy.contoso"]
    );
    let to_fabrikam = [
        "app_role_assignment.to_fabrikam_edsger_dijkstra",
        "partner_policy.contoso",
        "partner_policy.fabrikam",
        "provisioning_job.to_fabrikam",
        "synchronization_configuration.to_fabrikam",
    ];
    assert_eq!(
        sorted(exported(&["--configuration", "To Fabrikam"])),
        to_fabrikam
    );
    for partner in ["Fabrikam", FABRIKAM, "fabrikam.example"] {
        let only: Vec<&str> = to_fabrikam
            .iter()
            .filter(|one| **one != "partner_policy.contoso")
            .copied()
            .collect();
        assert_eq!(sorted(exported(&["--partner", partner])), only, "{partner}");
    }
    let sets = [
        "app_role_assignments.to_fabrikam",
        "app_role_assignments.to_nobody",
    ];
    assert_eq!(sorted(exported(&["--only", "app_role_assignments"])), sets);
    assert_eq!(
        exported(&["--only", "sms_sign_in"]),
        ["sms_sign_in.edsger_dijkstra"]
    );
    let profile = json!({ "contactEmail": "privacy@fabrikam.example", "statementUrl": null });
    let organization = json!({ "organization": { "privacyProfile": profile } });
    let fabrikam = format!("tenants/{FABRIKAM}");
    emulator.control("PATCH", &fabrikam, Some(&organization));
    assert_eq!(
        exported(&["--only", "tenant_properties"]),
        ["tenant_properties.fabrikam"]
    );
    let run = place.export(&[
        "--force",
        "--only",
        "tenant_properties,sms_sign_in,provisioning_job,app_role_assignments",
    ]);
    is_adopted(&place.workspace(&clis()[0]), run.count());

    place
        .export(&["--force", "--partner", "Northwind"])
        .ended(2)
        .says(&["no partner \"Northwind\"", "\"Fabrikam\""]);
    place
        .export(&["--force", "--configuration", "x"])
        .ended(2)
        .says(&["\"To Fabrikam\", \"To nobody\""]);
    place
        .export(&["--force", "--only", "users"])
        .ended(2)
        .says(&["invalid value 'users'"]);
}

#[test]
fn a_snapshot_of_another_version_is_refused() {
    let emulator = seeded(|_| {});
    paired(&emulator);
    let place = Place::new(&emulator);
    place.export(&["--save", "saved.json"]).ended(0);
    let saved = std::fs::read_to_string(place.path("saved.json")).unwrap();
    let mut other: Json = serde_json::from_str(&saved).unwrap();
    other["version"] = json!(99);
    std::fs::write(place.path("other.json"), other.to_string()).unwrap();
    std::fs::write(place.path("half.json"), &saved[..saved.len() / 2]).unwrap();
    std::fs::write(place.path("none.json"), "{}").unwrap();
    let strange = saved.replace("crosstenant_partner_policy", "crosstenant_flux");
    std::fs::write(place.path("strange.json"), strange).unwrap();
    emulator.forget();
    for (file, words) in [
        ("other.json", "snapshot of version 99"),
        ("half.json", "not a complete snapshot"),
        ("none.json", "is not a snapshot"),
        ("nowhere.json", "cannot be read"),
        ("strange.json", "exports no \"crosstenant_flux\""),
    ] {
        let output = place
            .command(&["--out", "new", "--offline-from", file])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{file}: {said}");
        assert!(said.contains(words), "{file}: {said}");
        assert!(!place.path("new").exists());
    }
    place
        .command(&["--out", "new", "--offline-from", "saved.json"])
        .output()
        .unwrap();
    assert_eq!(
        emulator.journal(),
        [] as [Json; 0],
        "a snapshot needs no tenant"
    );
    let read =
        |folder: &str| std::fs::read_to_string(place.path(folder).join("partners.tf")).unwrap();
    assert_eq!(read("new"), read("out"));
}
