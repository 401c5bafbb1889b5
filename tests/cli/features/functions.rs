//! The provider's functions in a configuration in which every tenant has an alias, and in `console`.

use std::io::Write as _;
use std::process::Stdio;

use super::wherever;
use crate::both;
use crate::support::{Emulator, Feature, Flavor, Workspace, cli, clis};

const CALL: &str = "provider::crosstenant::evaluate_expression(\"Join(\\\", \\\", [surname], [givenName])\", { surname = \"Lovelace\", \
                    givenName = \"Ada\" })";

/// OpenTofu configures the default provider to call a function, although there is no `provider` block for it.
#[test]
fn functions_need_no_tenant() {
    wherever(Feature::Functions, |cli| {
        let emulator = Emulator::start();
        let call = format!("output \"preview\" {{\n  value = {CALL}\n}}\n");
        let main = both(&format!(
            "{call}resource \"crosstenant_partner_policy\" \"it\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \"CONTOSO\"\n}}\n"
        ));
        let workspace = Workspace::of(cli, emulator.environment(), &main);
        workspace
            .apply()
            .succeeded()
            .says(&["preview = \"Lovelace, Ada\""]);
        workspace.is_settled();
        workspace.destroy().succeeded();
    });
}

/// The output of `console` for a call.
fn console(cli: &str) -> String {
    let workspace = Workspace::of(cli, Emulator::start().environment(), &both(""));
    let mut console = workspace
        .command(&["console"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = format!("{CALL}\n");
    let mut stdin = console.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = console.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn functions_are_called_in_the_console() {
    wherever(Feature::FunctionsInConsole, |cli| {
        let text = console(cli);
        assert!(text.contains("\"Lovelace, Ada\""), "{text}");
    });
    // A bug of OpenTofu. If this fails, the table of features has to change.
    for path in clis() {
        if cli(path).flavor == Flavor::OpenTofu {
            let text = console(path);
            assert!(
                text.contains("BUG: Uninitialized function provider"),
                "{text}"
            );
        }
    }
}
