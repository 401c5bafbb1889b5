//! Features that not every CLI supports: the first version with the feature, and the behavior of earlier versions.
//!
//! Each has a test in `tests/cli/features`. `make matrix` collects the results into the table of `docs/guides/compatibility.md`.

use super::clis::{Cli, Flavor};

/// Minor and patch number of the first version (of 1) with a feature.
type Since = Option<(u32, u32)>;

/// One row of the table.
struct Row {
    key: &'static str,
    /// The name that users know; Markdown.
    title: &'static str,
    terraform: Since,
    opentofu: Since,
    /// The behavior of versions of OpenTofu in which the feature exists but does not work.
    broken: Option<&'static str>,
}

macro_rules! features {
    ($($name:ident: $key:literal, $title:literal, $terraform:expr, $opentofu:expr, $broken:expr;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature { $($name),* }

        impl Feature {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            fn row(self) -> Row {
                match self {
                    $(Self::$name => Row {
                        key: $key, title: $title, terraform: $terraform, opentofu: $opentofu, broken: $broken,
                    }),*
                }
            }
        }
    };
}

features! {
    Functions: "functions", "Provider functions", Some((8, 0)), Some((7, 0)), None;
    FunctionsInConsole: "console", "Provider functions in `console`", Some((8, 0)), None,
        Some("`console` says `BUG: Uninitialized function provider`");
    ImportForEach: "import-for-each", "`import` blocks with `for_each`", Some((7, 0)), Some((7, 0)), None;
    ImportByIdentity: "identity", "Resource identity, `import` by identity", Some((12, 0)), Some((12, 0)), None;
    GenerateConfig: "generate-config", "`plan -generate-config-out`", Some((5, 0)), Some((11, 2)),
        Some("it crashes on read-only nested attributes");
    MovesBetweenTypes: "moved", "`moved` blocks from other providers' types", Some((8, 0)), Some((10, 0)), None;
    RemovedLifecycle: "removed-lifecycle", "`removed` blocks with `lifecycle`", Some((7, 0)), Some((10, 0)), None;
    EphemeralVariables: "ephemeral", "Ephemeral variables in the provider's configuration", Some((10, 0)), Some((11, 0)), None;
    Mocks: "test", "`test` with `mock_provider` and `override_resource`", Some((7, 0)), Some((8, 0)), None;
    Query: "query", "`query` with list resources", Some((14, 0)), None, None;
    Actions: "actions", "Actions, by trigger and by `-invoke`", Some((14, 0)), None, None;
    ProviderForEach: "provider-for-each", "`for_each` in `provider` blocks", None, Some((9, 0)), None;
    Exclude: "exclude", "`-exclude`", None, Some((9, 0)), None;
    EarlyEvaluation: "early-evaluation", "Variables in module sources (early evaluation)", None, Some((8, 0)), None;
    Encryption: "encryption", "Encrypted states and plans", None, Some((7, 0)), None;
    TofuFiles: "tofu-files", "`.tofu` files", None, Some((8, 0)), None;
}

impl Feature {
    /// The name in records and on the command line.
    pub fn key(self) -> &'static str {
        self.row().key
    }

    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// The first version of a flavor that has the feature: `1.8`, or `—`.
    pub fn since(self, flavor: Flavor) -> String {
        let since = match flavor {
            Flavor::Terraform => self.row().terraform,
            Flavor::OpenTofu => self.row().opentofu,
        };
        match since {
            None => "—".to_owned(),
            Some((minor, 0)) => format!("1.{minor}"),
            Some((minor, patch)) => format!("1.{minor}.{patch}"),
        }
    }

    /// Why `cli` does not support this; `None` if it does.
    pub fn lacking(self, cli: &Cli) -> Option<String> {
        let row = self.row();
        let since = match cli.flavor {
            Flavor::Terraform => row.terraform,
            Flavor::OpenTofu => row.opentofu,
        };
        let title = row.title;
        match since {
            None => Some(match row.broken {
                Some(why) => format!("{title}: {why}"),
                None => format!("{title}: {} does not have this", cli.flavor),
            }),
            Some((minor, patch)) if cli.version < (1, minor, patch) => {
                let from = self.since(cli.flavor);
                let why = row
                    .broken
                    .map_or_else(String::new, |why| format!("; before, {why}"));
                Some(format!(
                    "{title}: {} has this from {from} on{why}",
                    cli.flavor
                ))
            }
            Some(_) => None,
        }
    }
}
