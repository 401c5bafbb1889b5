//! The provider as a process: started manually, debugged, interrupted, with two tenants at once.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, cli, clis, skipped};
use crate::{both, job};

#[test]
fn a_manual_start_explains_the_binary() {
    let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"))
        .env_remove("TF_PLUGIN_MAGIC_COOKIE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains(env!("CARGO_PKG_VERSION")) && text.contains("--debug"),
        "{text}"
    );
}

#[test]
fn the_schema_is_accepted_by_every_cli() {
    for cli in clis() {
        let emulator = Emulator::start();
        let workspace = Workspace::of(cli, emulator.environment(), &both(""));
        let shown = workspace.run(&["providers", "schema", "-json"]);
        let schema: serde_json::Value = serde_json::from_str(&shown.succeeded().stdout).unwrap();
        let provider = schema["provider_schemas"]
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap()
            .clone();
        assert!(provider["resource_schemas"]["crosstenant_partner_policy"].is_object());
        assert_eq!(
            provider["provider"]["block"]["attributes"]["client_secret"]["sensitive"],
            true
        );
    }
}

#[test]
fn without_transport_security_it_works_as_well() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(&emulator, &job(""));
    workspace.set("TF_DISABLE_PLUGIN_TLS", "1");
    workspace.apply().succeeded();
}

#[test]
fn two_tenants_in_one_run_do_not_mix() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job(""));
    workspace.apply().succeeded();
    assert_eq!(
        emulator.tenant(CONTOSO)["partners"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        [FABRIKAM]
    );
    assert_eq!(
        emulator.tenant(FABRIKAM)["partners"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        [CONTOSO]
    );
}

#[test]
fn a_hundred_instances_share_one_sign_in() {
    let emulator = Emulator::start();
    let main = both(
        "data \"crosstenant_user\" \"ada\" {\n  provider = crosstenant.source\n  count = 100\n  user_principal_name = \
         \"ada@contoso.example\"\n}\n",
    );
    let workspace = Workspace::new(&emulator, &main);
    emulator.forget();
    workspace.plan().succeeded();
    let tokens = emulator
        .journal()
        .iter()
        .filter(|entry| entry["path"].as_str().unwrap().ends_with("/token"))
        .count();
    assert_eq!(tokens, 1);
}

#[test]
fn an_interrupt_stops_at_once_and_keeps_the_state_accurate() {
    let path = &clis()[0];
    if !cli(path).stands_alone {
        skipped(path, "started through a script, which passes no signals on");
        return;
    }
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job(""));
    emulator.fault(&json!([{ "method": "POST", "path": "*/validateCredentials", "kind": "delay", "delay_ms": 60000, "count": 1 }]));
    let mut child = workspace
        .command(&["apply", "-no-color", "-input=false", "-auto-approve"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let reached = || {
        emulator.tenant(CONTOSO)["secrets"].is_object()
            && emulator.tenant(CONTOSO)["partners"] != json!({})
    };
    let since = Instant::now();
    while !reached() && since.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(700)); // It waits for the connection test now.
    let interrupted = Instant::now();
    Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    let status = child.wait().unwrap();
    assert!(!status.success());
    assert!(
        interrupted.elapsed() < Duration::from_secs(15),
        "{:?}",
        interrupted.elapsed()
    );
    let kinds: Vec<String> = workspace
        .resources()
        .into_iter()
        .map(|(_, kind, _)| kind)
        .collect();
    assert!(
        !kinds.contains(&"crosstenant_provisioning_job".to_owned()),
        "{kinds:?}"
    );
    assert_eq!(emulator.tenant(CONTOSO)["jobs"], json!([]));
    workspace.apply().succeeded();
    workspace.is_settled();
}

#[test]
fn a_debugged_provider_serves_one_run_after_another() {
    let emulator = Emulator::start();
    let mut provider = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"))
        .arg("--debug")
        .envs(emulator.environment()) // Only the environment of the provider counts.
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines =
        std::io::BufRead::lines(std::io::BufReader::new(provider.stdout.take().unwrap()));
    let line = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.contains("TF_REATTACH_PROVIDERS="))
        .unwrap();
    let value = line
        .split_once('=')
        .unwrap()
        .1
        .trim()
        .trim_matches('\'')
        .to_owned();
    for alias in ["source", "target"] {
        let other = if alias == "source" {
            "FABRIKAM"
        } else {
            "CONTOSO"
        };
        let main = both(&format!(
            "resource \"crosstenant_partner_policy\" \"it\" {{\n  provider = crosstenant.{alias}\n  partner_tenant_id = \"{other}\"\n}}\n"
        ));
        let mut workspace = Workspace::of(&clis()[0], emulator.environment(), &main);
        workspace.set("TF_REATTACH_PROVIDERS", &value);
        workspace.apply().succeeded();
        workspace.destroy().succeeded();
    }
    both_tenants_in_one_run(&emulator, &value);
    Command::new("kill")
        .args(["-INT", &provider.id().to_string()])
        .status()
        .unwrap();
    assert!(provider.wait().unwrap().success());
}

/// One process serves both aliases, and each writes to its own tenant.
fn both_tenants_in_one_run(emulator: &Emulator, reattach: &str) {
    let main = both(
        "resource \"crosstenant_partner_policy\" \"source\" {\n  provider = crosstenant.source\n  partner_tenant_id = \"FABRIKAM\"\n}\n\
         resource \"crosstenant_partner_policy\" \"target\" {\n  provider = crosstenant.target\n  partner_tenant_id = \"CONTOSO\"\n}\n",
    );
    let mut workspace = Workspace::of(&clis()[0], emulator.environment(), &main);
    workspace.set("TF_REATTACH_PROVIDERS", reattach);
    workspace.apply().succeeded();
    let partners = "/v1.0/policies/crossTenantAccessPolicy/partners";
    for (tenant, partner) in [(CONTOSO, FABRIKAM), (FABRIKAM, CONTOSO)] {
        let (status, _) = emulator.as_admin(tenant, "GET", &format!("{partners}/{partner}"), None);
        assert_eq!(status, 200, "{tenant}");
    }
    workspace.is_settled();
    workspace.destroy().succeeded();
}

#[test]
fn nothing_secret_is_logged_or_stored() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(&emulator, &job(""));
    let log = workspace.folder.path().join("trace.log");
    workspace
        .set("TF_LOG", "TRACE")
        .set("TF_LOG_PATH", log.to_str().unwrap());
    workspace.apply().succeeded();
    let mut searched = std::fs::read_to_string(&log).unwrap();
    searched.push_str(
        &std::fs::read_to_string(workspace.folder.path().join("terraform.tfstate")).unwrap(),
    );
    for secret in [
        "emulator-only-contoso-secret",
        "emulator-only-fabrikam-secret",
        "Bearer ",
    ] {
        assert!(!searched.contains(secret), "{secret} was found");
    }
    assert!(
        searched.contains("/synchronization/jobs"),
        "exchanges are logged"
    );
}
