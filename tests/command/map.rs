//! `map`: the same two tenants, read from the tenants, from a Terraform state and from a snapshot.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::support::{CONTOSO, FABRIKAM, Workspace};
use crate::{admin, command, quarantine, run, seeded, set_up};

/// Texts that every map of the example contains.
const ON_EVERY_MAP: [&str; 5] = [
    CONTOSO,
    FABRIKAM,
    "<b>Contoso</b>",
    "“Contoso to Fabrikam” · assigned users",
    "redeems to it",
];

#[test]
fn tenants_state_and_snapshot_make_the_same_map() {
    let emulator = seeded(|_| ());
    let workspace = set_up(&emulator);
    emulator.cycle();
    let environment = emulator.environment();
    let live = run(&environment, &["map"]);
    live.ended(0, &["flowchart LR", "· running · "])
        .ended(0, &ON_EVERY_MAP);
    // The application in the target tenant may not read configurations.
    live.ended(
        0,
        &[
            "%% Not on the map: Configurations of Fabrikam",
            "Not on the map: Configurations of Fabrikam: GET",
            "Application.Read.All",
        ],
    );

    let state = workspace.run(&["show", "-json"]).stdout;
    let mut child = command(&BTreeMap::new(), &["map", "--state", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(state.as_bytes())
        .unwrap();
    let drawn = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    for words in ON_EVERY_MAP.iter().chain(&["switched on"]) {
        assert!(drawn.contains(words), "{words}: {drawn}");
    }
    let file = workspace.folder.path().join("terraform.tfstate");
    let stored = run(
        &BTreeMap::new(),
        &["map", "--state", file.to_str().unwrap()],
    );
    assert_eq!(stored.out, drawn, "the file and what the CLI shows of it");

    let snapshot = workspace.folder.path().join("snapshot.json");
    let out = workspace.folder.path().join("export");
    let (saved, out) = (snapshot.to_str().unwrap(), out.to_str().unwrap());
    let exported = run(&environment, &["export", "--out", out, "--save", saved]);
    assert!(snapshot.exists(), "{}", exported.err);
    let offline = run(&BTreeMap::new(), &["map", "--snapshot", saved]);
    offline.ended(0, &ON_EVERY_MAP).ended(0, &["· running · "]);

    quarantine(&emulator);
    run(&environment, &["map"]).ended(
        0,
        &[
            "in quarantine: encountered quarantine exception",
            "1 in quarantine",
        ],
    );
}

#[test]
fn a_map_is_written_to_out_in_the_format_of_its_extension() {
    let emulator =
        seeded(|seed| seed["tenants"][1]["displayName"] = json!("Fab\"<&>ri\u{202e}kam 王"));
    let workspace = Workspace::new(&emulator, "");
    let environment = emulator.environment();
    let partners = "/v1.0/policies/crossTenantAccessPolicy/partners";
    admin(
        &emulator,
        CONTOSO,
        "POST",
        partners,
        Some(&json!({ "tenantId": FABRIKAM })),
    );
    let path = |name: &str| {
        workspace
            .folder
            .path()
            .join(name)
            .to_str()
            .unwrap()
            .to_owned()
    };
    let picture = |name: &str, more: &[&str]| {
        let path = path(name);
        let said = run(&environment, &[&["map", "--out", &path], more].concat());
        said.ended(0, &[]);
        assert!(said.out.is_empty());
        std::fs::read_to_string(path).unwrap()
    };
    let svg = picture("map.svg", &["--title", "A <b> & \"c\""]);
    assert!(
        svg.starts_with("<?xml") && svg.contains("Fab&quot;&lt;&amp;&gt;ri\\u202ekam 王"),
        "{svg}"
    );
    assert!(
        svg.contains("A &lt;b&gt; &amp; &quot;c&quot;") && !svg.contains("<b>"),
        "{svg}"
    );
    assert!(picture("map.mmd", &[]).contains("Fab#34;#60;#38;#62;ri"));
    assert!(picture("map.md", &[]).starts_with("```mermaid\n---\n"));
    assert!(picture("map.txt", &["--format", "svg"]).starts_with("<?xml"));
    // An existing file is replaced.
    assert!(picture("map.mmd", &["--format", "svg"]).starts_with("<?xml"));
    assert!(picture("map.SVG", &[]).starts_with("<?xml"));
    let other = path("map.png");
    run(&environment, &["map", "--out", &other])
        .ended(2, &["PNG is not a supported format of a map"]);
    assert!(!std::path::Path::new(&other).exists());
    let nowhere = path("no/such/folder/map.svg");
    run(&environment, &["map", "--out", &nowhere]).ended(2, &["cannot be written"]);
}

#[test]
fn unreadable_parts_are_reported() {
    let nothing = BTreeMap::new();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let map = |kind: &str, path: &str| run(&nothing, &["map", kind, path]);
    map("--state", &file("a", "resource {}")).ended(2, &["not JSON", "terraform show -json"]);
    map("--state", &file("b", "{\"a\":1}")).ended(2, &["not a Terraform state"]);
    map("--state", &file("c", "{\"format_version\":\"1.0\"}")).ended(2, &["nothing to draw"]);
    map("--state", "/nonexistent").ended(2, &["/nonexistent cannot be read"]);
    map("--snapshot", &file("d", "{}")).ended(2, &["snapshot"]);

    let emulator = seeded(|seed| {
        for tenant in seed["tenants"].as_array_mut().unwrap() {
            tenant["apps"][0]["permissions"] = json!([]);
        }
    });
    run(&emulator.environment(), &["map"]).ended(2, &["Policy.Read.All"]);
    // One of two tenants is sufficient for a map, which names the missing one.
    let emulator = seeded(|_| ());
    let mut half = emulator.environment();
    half.insert("TARGET_CLIENT_SECRET".into(), "wrong".into());
    let said = run(&half, &["map"]);
    let missing = format!("%% Not on the map: Tenant {FABRIKAM}");
    said.ended(1, &["Contoso", &missing]);
    let reason = "the client secret is wrong";
    assert!(!said.out.contains(reason), "{}", said.out);
    assert_eq!(said.err.matches(reason).count(), 1, "{}", said.err);
    let file = folder.path().join("half.svg");
    let out = ["map", "--out", file.to_str().unwrap()];
    run(&half, &out).ended(1, &[reason]);
    assert!(file.exists(), "it is drawn all the same");
    half.insert("HUB_TENANT_ID".into(), CONTOSO.into());
    for name in [
        "CLIENT_ID",
        "CLIENT_SECRET",
        "GRAPH_ENDPOINT",
        "LOGIN_ENDPOINT",
    ] {
        half.insert(
            format!("HUB_{name}"),
            half[&format!("SOURCE_{name}")].clone(),
        );
    }
    run(&half, &["map", "--environment-prefix", "HUB"]).ended(0, &["Contoso"]);
}
