//! `leftovers`: shows users of the target tenant without a source user in scope, with the recommended action.

mod blocks;
mod gather;
mod table;

use clap::Args;

use super::{Failure, PairOptions, Terminal, Verdict, json};

/// Show leftover users of the target tenant
///
/// Finds the external users of the target tenant whose source user does not exist any more, is deleted, is disabled, or
/// is out of the scope of every configuration that synchronizes to the target tenant. For each user, it shows the
/// evidence for the source user, the reason, and the recommended action. Nothing is changed.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    /// Configuration whose scope is evaluated, by name or by object ID of its service principal. May be repeated. If omitted, every
    /// configuration whose job leads to the target tenant
    #[arg(long = "configuration", value_name = "NAME|ID")]
    configurations: Vec<String>,
    /// Attribute of target users that contains the object ID of the source user. Defaults to the attribute that the configuration
    /// maps the object ID to
    #[arg(long, value_name = "NAME")]
    source_object_id_attribute: Option<String>,
    /// Domain of the source tenant. May be repeated. Defaults to the verified domains of the source tenant
    #[arg(long = "home-domain", value_name = "DOMAIN")]
    home_domains: Vec<String>,
    /// Number of entries of the provisioning log to read for each configuration, newest first; 0 reads none
    #[arg(long, value_name = "COUNT", default_value_t = 2000)]
    log_entries: u32,
    /// Read the profiles of users without exact evidence, one request for each (UNVERIFIED)
    #[arg(long)]
    profiles: bool,
    /// Skip users whose source user is only guessed
    #[arg(long)]
    exact: bool,
    /// Write import blocks for the users, each with the reason and the recommended action, to manage them in a configuration
    #[arg(long = "import", conflicts_with = "json")]
    blocks: bool,
    /// Show all users instead of the first 50
    #[arg(long)]
    all: bool,
    /// Write one JSON document instead of a table; it has every user
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pair: PairOptions,
}

const MORE: &str = "\
Evidence for the source user:
  provisioning_log, attribute   exact
  profile                       UNVERIFIED: may not be set for synchronized users
  user_principal_name, mail     a guess: the user may have been invited manually

Exit codes:
  0  there are no leftover users
  1  there are leftover users
  2  undetermined: a tenant could not be read, or the arguments are wrong

JSON (future versions may add members but will not remove any):
  { \"source_tenant_id\", \"target_tenant_id\", \"configurations\": [ NAME ], \"notes\": [ TEXT ],
    \"leftovers\": [ attributes of crosstenant_leftover_users, with \"state\", \"created\", \"age_days\",
                   \"last_sign_in\" ],
    \"unknown\": [ object IDs of external users without a known source user ] }

Examples:
  terraform-provider-crosstenant leftovers
  terraform-provider-crosstenant leftovers --exact --import > leftovers.tf";

/// Reads both tenants, prints the leftover users, and returns the verdict.
pub(super) async fn run(options: Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    terminal.redact_with(options.pair.redactor());
    let pair = options.pair.open("leftovers")?;
    if terminal.is_err_terminal() {
        terminal.note("Reading both tenants ...");
    }
    let found = gather::found(&pair, &options).await?;
    let text = if options.json {
        json::document(&found.document())
    } else if options.blocks {
        blocks::rendered(&found)
    } else {
        table::rendered(&found, options.all, terminal)
    };
    terminal.print(&text)?;
    Ok(if found.leftovers.is_empty() {
        Verdict::Good
    } else {
        Verdict::Bad
    })
}
