//! One state that CLIs of both flavors and different ages write in turn: no change is planned after a switch.

use crate::job;
use crate::support::{Cli, Emulator, Flavor, Workspace, all_clis, cli, clis, skipped};

/// The CLIs that take turns, if they are installed.
const WRITERS: [(Flavor, u32); 5] = [
    (Flavor::Terraform, 15),
    (Flavor::Terraform, 12),
    (Flavor::Terraform, 8),
    (Flavor::OpenTofu, 12),
    (Flavor::OpenTofu, 8),
];

/// The installed CLIs among these. Prints those that are missing.
fn writers(all: &[Cli]) -> Vec<Cli> {
    let mut found = Vec::new();
    for (flavor, minor) in WRITERS {
        let here = all
            .iter()
            .rfind(|cli| cli.flavor == flavor && (cli.version.0, cli.version.1) == (1, minor));
        match here {
            Some(cli) => found.push(cli.clone()),
            None => skipped(
                &clis()[0],
                &format!("{flavor} 1.{minor} is not here to write a state"),
            ),
        }
    }
    found
}

/// Makes `cli` the one that works on the state: each flavor has its own address of the provider.
fn hand_over(workspace: &mut Workspace, cli: &Cli) {
    workspace.cli.clone_from(&cli.path);
    let path = workspace.folder.path().join("terraform.tfstate");
    let Ok(state) = std::fs::read_to_string(path) else {
        return;
    };
    let ours = format!("{}/crosstenant/crosstenant", cli.registry());
    for registry in ["registry.terraform.io", "registry.opentofu.org"] {
        let theirs = format!("{registry}/crosstenant/crosstenant");
        if theirs != ours && state.contains(&theirs) {
            let replaced =
                workspace.run(&["state", "replace-provider", "-auto-approve", &theirs, &ours]);
            replaced.succeeded();
        }
    }
}

#[test]
fn a_state_that_many_clis_write_in_turn_plans_empty_everywhere() {
    let all = all_clis();
    let newest = all.iter().rfind(|cli| cli.flavor == Flavor::Terraform);
    let newest = newest.unwrap_or(&all[0]);
    let here = cli(&clis()[0]);
    if (here.flavor, here.version) != (newest.flavor, newest.version) {
        skipped(
            &clis()[0],
            &format!("takes all CLIs at once, and runs with {newest}"),
        );
        return;
    }
    let mut writers = writers(&all);
    if writers.is_empty() {
        writers.clone_from(&all);
    }
    let emulator = Emulator::start();
    let mut workspace = Workspace::of(&all[0].path, emulator.environment(), &job(""));
    for (turn, writer) in writers.iter().enumerate() {
        hand_over(&mut workspace, writer);
        // A change in every turn makes this CLI write the state.
        let settings = format!("accidental_deletion_threshold = {}", turn + 7);
        workspace.write("main.tf", &job(&settings));
        let applied = workspace.apply();
        assert_eq!(applied.code, Some(0), "{writer}: {}", applied.text);
        for reader in &all {
            hand_over(&mut workspace, reader);
            let plan = workspace.run(&["plan", "-no-color", "-input=false", "-detailed-exitcode"]);
            assert_eq!(plan.code, Some(0), "{reader} after {writer}: {}", plan.text);
        }
    }
}
