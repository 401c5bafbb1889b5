//! Wrong declarations do not compile, and the compiler's messages explain the mistake. Each is a separate program, and one call of Cargo
//! checks all of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A program, and the words that the compiler's message must contain.
struct Wrong {
    name: &'static str,
    declaration: &'static str,
    says: &'static [&'static str],
}

const fn field(
    name: &'static str,
    declaration: &'static str,
    says: &'static [&'static str],
) -> Wrong {
    Wrong {
        name,
        declaration,
        says,
    }
}

const WRONG: [Wrong; 14] = [
    field(
        "required_by_its_type",
        "/// Name.\n        display_name: String = optional(),",
        &[
            "an attribute of type `String` is always required",
            "write `Option<String>`, or remove the rule",
        ],
    ),
    field(
        "read_only_and_required",
        "/// Name.\n        display_name: String = read_only(),",
        &["an attribute of type `String` is always required"],
    ),
    field(
        "default_of_another_type",
        "/// Whether it is on.\n        enabled: Option<bool> = default(\"yes\"),",
        &["the trait bound `bool: From<&str>` is not satisfied"],
    ),
    field(
        "default_of_what_is_required",
        "/// Whether it is on.\n        enabled: bool = default(true),",
        &["an attribute of type `bool` is always required"],
    ),
    field(
        "guid_of_a_number",
        "/// How many.\n        count: Option<i64> = optional().guid(),",
        &["`i64` holds no text", "this rule is for text"],
    ),
    field(
        "choice_of_a_truth",
        "/// Whether it is on.\n        enabled: Option<bool> = optional().one_of(&[\"true\"]),",
        &["`bool` holds no text"],
    ),
    field(
        "key_that_may_be_left_out",
        "/// Partner.\n        partner_tenant_id: Option<String> = key(),",
        &[
            "an attribute of type `Option<String>` may be left out",
            "write the type without `Option`",
        ],
    ),
    field(
        "read_only_and_replacing",
        "/// Maker.\n        made_by: Option<String> = read_only().replaces(),",
        &["no method named `replaces` found for struct `Rule<_, ReadOnly>`"],
    ),
    field(
        "read_only_and_written",
        "/// Secret.\n        secret: Option<String> = read_only().write_only(),",
        &["no method named `write_only` found for struct `Rule<_, ReadOnly>`"],
    ),
    field(
        "neutral_value_of_what_is_required",
        "/// Whether it is on.\n        enabled: bool = required().neutral(false),",
        &["an attribute of type `bool` is always required"],
    ),
    field(
        "no_description",
        "made_by: Option<String>,",
        &["`made_by`: write a doc comment, which is the published description"],
    ),
    field(
        "description_without_full_stop",
        "/// Name\n        display_name: String,",
        &["end the description with a full stop"],
    ),
    field(
        "description_that_begins_with_who",
        "/// Who made it.\n        made_by: Option<String>,",
        &["begin the description with the thing itself"],
    ),
    field(
        "type_that_hcl_does_not_have",
        "/// How many.\n        count: u8,",
        &[
            "`u8` cannot be the type of an attribute",
            "use bool, i64, String",
        ],
    ),
];

const RIGHT: &str = "/// Name.\n        display_name: String = required().one_of(&[\"a\"]),\n        /// Whether it is on.\n        \
    enabled: Option<bool> = default(true),\n        /// Tenant.\n        tenant_id: Option<String> = read_only().local(),";

fn program(declaration: &str) -> String {
    format!(
        "#![allow(unused_imports, dead_code)]\nuse terraform::*;\nattributes! {{\n    /// A thing.\n    pub struct Thing {{\n        \
        {declaration}\n    }}\n}}\nfn main() {{\n    let _ = Thing::attributes();\n}}\n"
    )
}

/// Writes a package with all programs into `folder`.
fn write(folder: &Path) {
    let root = super::root();
    let manifest = format!(
        "[package]\nname = \"wrong\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nterraform = {{ path = '{}' }}\n\n\
        [workspace]\n",
        root.join("src/terraform").display()
    );
    std::fs::create_dir_all(folder.join("src/bin")).unwrap();
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    for it in &WRONG {
        let file = folder.join(format!("src/bin/{}.rs", it.name));
        std::fs::write(file, program(it.declaration)).unwrap();
    }
    std::fs::write(folder.join("src/bin/right.rs"), program(RIGHT)).unwrap();
}

/// The compiler's messages for each program that it rejects.
fn refused(folder: &Path) -> BTreeMap<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "check",
            "--offline",
            "--bins",
            "--keep-going",
            "--message-format=json",
        ])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<serde_json::Value>(line) else {
            continue;
        };
        if message["message"]["level"] == "error" {
            let name = message["target"]["name"].as_str().unwrap().to_owned();
            let said = message["message"]["rendered"].as_str().unwrap();
            // The compiler writes more of a path if another type has the same name.
            let said = said.replace("std::string::String", "String");
            refused.entry(name).or_default().push_str(&said);
        }
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!refused.is_empty(), "nothing was compiled: {errors}");
    refused
}

#[test]
fn wrong_declarations_do_not_compile_and_the_error_explains_why() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong-declarations");
    write(&folder);
    let refused = refused(&folder);
    assert_eq!(refused.get("right"), None);
    for it in &WRONG {
        let said = refused
            .get(it.name)
            .unwrap_or_else(|| panic!("{} compiles", it.name));
        for words in it.says {
            assert!(said.contains(words), "{}: {words}\n{said}", it.name);
        }
    }
}
