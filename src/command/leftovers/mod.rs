//! `leftovers`: who is left in the target tenant without a source user in scope, and what can be done about it.

mod blocks;
mod gather;
mod table;

use clap::Args;

use super::{Failure, PairOptions, Terminal, Verdict, json};

/// Show who is left over in the target tenant
///
/// Finds the external users of the target tenant whose source user is gone, deleted, disabled, or out of the scope of every
/// configuration that leads there. Says for each how the source user is known, why the user is left over and what can be done. Nothing
/// is changed, and nobody is deleted.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    /// Configuration whose scope counts, by name or by object id of its service principal. May be repeated. If omitted, every
    /// configuration whose job leads to the target tenant
    #[arg(long = "configuration", value_name = "NAME|ID")]
    configurations: Vec<String>,
    /// Attribute of target users that holds the object id of the source user. If omitted, the one that the configuration maps the
    /// object id to
    #[arg(long, value_name = "NAME")]
    source_object_id_attribute: Option<String>,
    /// Domain of the source tenant. May be repeated. If omitted, the verified domains of the source tenant
    #[arg(long = "home-domain", value_name = "DOMAIN")]
    home_domains: Vec<String>,
    /// Newest entries of the provisioning log to read for each configuration; 0 reads none
    #[arg(long, value_name = "COUNT", default_value_t = 2000)]
    log_entries: u32,
    /// Look at the profiles of users whom nothing exact is known of, one request for each (UNVERIFIED)
    #[arg(long)]
    profiles: bool,
    /// Leave out users whose source user is only guessed
    #[arg(long)]
    exact: bool,
    /// Write import blocks for the users, each with the reason and what can be done, to take them into a configuration
    #[arg(long = "import", conflicts_with = "json")]
    blocks: bool,
    /// Show every user rather than the first 50
    #[arg(long)]
    all: bool,
    /// Write one JSON document instead of a table; it has every user
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pair: PairOptions,
}

const MORE: &str = "\
How a source user is known:
  provisioning_log, attribute   exact
  profile                       UNVERIFIED: Microsoft may not fill it in for synchronized users
  user_principal_name, mail     a guess: the user may have been invited by hand

Exit codes:
  0  nobody is left over
  1  somebody is
  2  could not tell: a tenant could not be asked, or the arguments are wrong

JSON (members may be added, never removed):
  { \"source_tenant_id\", \"target_tenant_id\", \"configurations\": [ NAME ], \"notes\": [ TEXT ],
    \"leftovers\": [ attributes of crosstenant_leftover_users, with \"state\", \"created\", \"age_days\",
                   \"last_sign_in\" ],
    \"unknown\": [ object ids of external users of whom nothing tells a source user ] }

Examples:
  terraform-provider-crosstenant leftovers
  terraform-provider-crosstenant leftovers --exact --import > leftovers.tf";

/// Reads both tenants, shows who is left over, and judges.
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
