//! The demo: takes two emulated tenants from nothing to synchronized users and back, with the real CLI. `make demo` runs it.
//!
//! With `--watch`, it runs slowly, prints the address of the emulator's page, and keeps the emulator running until Enter is pressed.
//! Everything that it prints about the tenants is read from the emulator, and it fails at the first step that does not have the expected
//! effect.
#![allow(clippy::print_stdout, missing_docs)]

use std::error::Error;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::Value as Json;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let started = Instant::now();
    match tell() {
        Ok(()) => {
            println!(
                "\nThe demo took {:.1} s.\n\n{NEXT}",
                started.elapsed().as_secs_f64()
            );
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("\nThe demo failed: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn tell() -> Result<()> {
    let watch = Watch::from_arguments()?;
    let cli = cli()?;
    let seed: Json = serde_json::from_str(&std::fs::read_to_string(example("seed.json"))?)?;
    let emulator = Emulator::start(&seed)?;
    let folder = tempfile::tempdir()?;
    let run = Run {
        cli,
        folder: folder.path(),
        emulator: &emulator,
    };
    run.prepare()?;
    let [source, target] = &emulator.tenants;
    watch.begin(&emulator.graph)?;

    step(&format!(
        "{} and {} are two tenants of an emulated Microsoft Graph at {}",
        source.name, target.name, emulator.graph
    ));
    step(
        "Apply examples/two-tenants: partners, consent, a policy, a configuration, assignments and a job, in both tenants",
    );
    run.command(&["apply", "-auto-approve", "-compact-warnings"])?;
    step("A second plan shows no changes");
    run.is_settled()?;
    watch.pause();
    step(&format!(
        "After one synchronization cycle: the users in {}, and why others were skipped",
        target.name
    ));
    emulator.cycle()?;
    run.show_users("Ada Lovelace")?;
    run.was_filtered("Katherine Johnson")?;
    watch.pause();

    step("One change: Ada Lovelace is no longer assigned");
    let users = "users=[\"grace@contoso.example\",\"edsger@contoso.example\",\"linus_northwind.example#EXT#@contoso.example\"]";
    run.command(&["apply", "-auto-approve", "-compact-warnings", "-var", users])?;
    emulator.cycle()?;
    run.show_users("Grace Hopper")?;
    watch.pause();

    step("Destroy everything that was applied");
    run.command(&["destroy", "-auto-approve", "-compact-warnings"])?;
    step("Nothing remains in either tenant");
    emulator.is_as_seeded()?;
    println!(
        "Synchronized users stay in {}: destroying the configuration does not delete users.",
        target.name
    );
    watch.end(&emulator.graph)
}

/// Whether the demo is watched on the emulator's page.
struct Watch(bool);

/// Pause after each step.
const PAUSE: Duration = Duration::from_secs(5);

impl Watch {
    fn from_arguments() -> Result<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Ok(Self(false)),
            ["--watch"] => Ok(Self(true)),
            _ => Err("the only option is --watch, which shows the tenants in a browser".into()),
        }
    }

    fn begin(&self, graph: &str) -> Result<()> {
        if !self.0 {
            return Ok(());
        }
        println!(
            "Open {} in a browser to see the tenants.",
            paint(BOLD, &format!("{graph}/"))
        );
        Self::wait("Press Enter to begin.")
    }

    fn pause(&self) {
        if self.0 {
            std::thread::sleep(PAUSE);
        }
    }

    fn end(&self, graph: &str) -> Result<()> {
        if !self.0 {
            return Ok(());
        }
        println!("\nThe emulator keeps running at {graph}/ for you to try the buttons.");
        Self::wait("Press Enter to stop it.")
    }

    /// Waits for Enter; without a terminal, only as long as for a step.
    fn wait(text: &str) -> Result<()> {
        println!("{text}");
        if std::io::stdin().is_terminal() {
            std::io::stdin().read_line(&mut String::new())?;
        } else {
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

fn step(text: &str) {
    println!("\n{}", paint(BOLD, &format!("» {text}")));
}

const BOLD: &str = "1";
const DIM: &str = "2";
const GREEN: &str = "32";

/// Colored text on a terminal, unless colors are disabled.
fn paint(color: &str, text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain || !std::io::stdout().is_terminal() {
        text.to_owned()
    } else {
        format!("\u{1b}[{color}m{text}\u{1b}[0m")
    }
}

/// Next steps, printed after the demo.
const NEXT: &str = "\
What to try next:
  - Read the configuration that was applied: examples/two-tenants/main.tf
  - Change it and apply it yourself: `make install`, `make emulator`, then the variables that README.md lists
  - See the tenants in a browser while it happens: `make demo ARGS=--watch`
  - Draw the pair while the emulator runs: `target/quick/terraform-provider-crosstenant map --help`
  - Connect two real tenants: docs/guides/getting-started.md
  - Export existing tenants: docs/guides/adopt-an-existing-setup.md";

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/two-tenants")
        .join(name)
}

/// The first CLI that can be started.
fn cli() -> Result<&'static str> {
    let works = |name: &&str| {
        Command::new(name)
            .arg("version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    ["terraform", "tofu"]
        .into_iter()
        .find(works)
        .ok_or_else(|| "the demo needs terraform or tofu (1.8 or later) on PATH".into())
}

/// The folder of the binaries: the one of this program, or its parent.
fn binaries() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let holds = |folder: &&Path| folder.join("graph-emulator").exists();
    let found = own.ancestors().skip(1).take(2).find(holds);
    found
        .map(Path::to_path_buf)
        .ok_or_else(|| "the binaries are not built: run `make demo`".into())
}

struct Tenant {
    id: String,
    name: String,
    client_id: String,
    secret: String,
    /// Objects of the tenant before the demo that are of the types in `MADE`.
    at_start: Json,
}

struct Emulator {
    process: Child,
    graph: String,
    tenants: [Tenant; 2],
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Types of objects that the configuration creates in a tenant.
const MADE: [&str; 6] = [
    "partners",
    "syncPolicies",
    "applications",
    "servicePrincipals",
    "assignments",
    "jobs",
];

impl Emulator {
    fn start(seed: &Json) -> Result<Self> {
        let mut process = Command::new(binaries()?.join("graph-emulator"))
            // The demo starts cycles itself; none should start while the job is still being set up.
            .args(["--listen", "127.0.0.1:0", "--first-cycle", "1h", "--seed"])
            .arg(example("seed.json"))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("the emulator has no output")?)
            .read_line(&mut line)?;
        let ready: Json = serde_json::from_str(&line)?;
        let graph = text(&ready["graph"]);
        let tenant = |position: usize| -> Result<Tenant> {
            let tenant = &seed["tenants"][position];
            let id = text(&tenant["tenantId"]);
            let at_start = get(&graph, &format!("tenants/{id}"))?;
            let app = &tenant["apps"][0];
            Ok(Tenant {
                name: text(&tenant["displayName"]),
                client_id: text(&app["clientId"]),
                secret: text(&app["secrets"][0]),
                id,
                at_start,
            })
        };
        let tenants = [tenant(0)?, tenant(1)?];
        Ok(Self {
            process,
            graph,
            tenants,
        })
    }

    fn tenant(&self, position: usize) -> Result<Json> {
        get(
            &self.graph,
            &format!("tenants/{}", self.tenants[position].id),
        )
    }

    fn cycle(&self) -> Result<()> {
        call(reqwest::Method::POST, &self.graph, "cycle").map(drop)
    }

    fn is_as_seeded(&self) -> Result<()> {
        for (position, tenant) in self.tenants.iter().enumerate() {
            let now = self.tenant(position)?;
            for made in MADE {
                if now[made] != tenant.at_start[made] {
                    return Err(format!("{} still has {made}: {}", tenant.name, now[made]).into());
                }
            }
        }
        println!(
            "Partners, synchronization policies, applications, assignments and jobs are as they were before."
        );
        Ok(())
    }
}

fn get(graph: &str, path: &str) -> Result<Json> {
    call(reqwest::Method::GET, graph, path)
}

fn call(method: reqwest::Method, graph: &str, path: &str) -> Result<Json> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let request = reqwest::Client::new().request(method, format!("{graph}/_emulator/{path}"));
        Ok(request.send().await?.error_for_status()?.json().await?)
    })
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

struct Run<'a> {
    cli: &'a str,
    folder: &'a Path,
    emulator: &'a Emulator,
}

impl Run<'_> {
    /// Creates a folder with the example and a CLI configuration that contains the path of the provider, so that nothing must be installed.
    fn prepare(&self) -> Result<()> {
        std::fs::copy(example("main.tf"), self.folder.join("main.tf"))?;
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{ \"crosstenant/crosstenant\" = \"{}\" }}\n  direct {{}}\n}}\n",
            binaries()?.display()
        );
        Ok(std::fs::write(self.folder.join("cli.tfrc"), settings)?)
    }

    fn invocation(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.cli);
        command
            .args(arguments)
            .current_dir(self.folder)
            .stdin(Stdio::null());
        command.env("TF_CLI_CONFIG_FILE", self.folder.join("cli.tfrc"));
        command
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        for (prefix, tenant) in ["SOURCE", "TARGET"].iter().zip(&self.emulator.tenants) {
            command.env(format!("{prefix}_TENANT_ID"), &tenant.id);
            command.env(format!("{prefix}_CLIENT_ID"), &tenant.client_id);
            command.env(format!("{prefix}_CLIENT_SECRET"), &tenant.secret);
            command.env(format!("{prefix}_GRAPH_ENDPOINT"), &self.emulator.graph);
            command.env(format!("{prefix}_LOGIN_ENDPOINT"), &self.emulator.graph);
        }
        command
    }

    /// Runs the CLI and prints its actions on each object.
    fn command(&self, arguments: &[&str]) -> Result<()> {
        println!(
            "{}",
            paint(DIM, &format!("$ {} {}", self.cli, arguments.join(" ")))
        );
        let mut process = self
            .invocation(arguments)
            .arg("-no-color")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        let output = process.stdout.take().ok_or("the CLI has no output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            if line.contains("ion complete after ") {
                println!("  {line}");
            } else if line.contains("complete!") {
                println!("  {}", paint(GREEN, &line));
            }
            said.push_str(&line);
            said.push('\n');
        }
        // The CLI writes its errors at the end, so that this pipe cannot fill up in the meantime.
        if let Some(mut errors) = process.stderr.take() {
            errors.read_to_string(&mut said)?;
        }
        if process.wait()?.success() {
            Ok(())
        } else {
            Err(said.into())
        }
    }

    fn is_settled(&self) -> Result<()> {
        let output = self
            .invocation(&["plan", "-detailed-exitcode", "-input=false"])
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        match output.status.code() {
            Some(0) => println!("  {}", paint(GREEN, "No changes.")),
            _ => return Err(format!("the second plan is not empty:\n{said}").into()),
        }
        Ok(())
    }

    /// Fails unless the scoping filter excluded this user.
    fn was_filtered(&self, name: &str) -> Result<()> {
        let source = self.emulator.tenant(0)?;
        let mut users = source["users"].as_object().into_iter().flatten();
        let user = users.find(|(_, user)| user["displayName"] == name);
        let (_, user) = user.ok_or_else(|| format!("there is no {name}"))?;
        match reason(&source, user) {
            why if why.starts_with("filtered") => Ok(()),
            why => Err(format!("{name} was not filtered: {why}").into()),
        }
    }

    /// Prints the users of the source tenant with their results; `must_be_there` must exist in the target tenant.
    fn show_users(&self, must_be_there: &str) -> Result<()> {
        let (source, target) = (self.emulator.tenant(0)?, self.emulator.tenant(1)?);
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(vec!["in Contoso", "in Fabrikam", "why"]);
        let mut arrived = Vec::new();
        for user in source["users"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, user)| user)
        {
            let there = counterpart(&target, user);
            if there.is_some() {
                arrived.push(text(&user["displayName"]));
            }
            table.add_row(vec![
                text(&user["displayName"]),
                there.unwrap_or_else(|| "–".to_owned()),
                reason(&source, user),
            ]);
        }
        println!("{table}");
        if arrived.iter().any(|name| name == must_be_there) {
            Ok(())
        } else {
            Err(format!("{must_be_there} did not arrive").into())
        }
    }
}

/// The user principal name of a source user's copy in the target tenant.
fn counterpart(target: &Json, user: &Json) -> Option<String> {
    let mail = user["mail"].as_str()?;
    let mut users = target["users"].as_object()?.values();
    users
        .find(|other| other["mail"] == mail)
        .map(|other| text(&other["userPrincipalName"]))
}

/// The reason in the last entry of the provisioning log for a user.
fn reason(source: &Json, user: &Json) -> String {
    let log = source["provisioningLog"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let Some(entry) = log
        .iter()
        .rev()
        .find(|entry| entry["sourceIdentity"]["id"] == user["id"])
    else {
        return "not assigned".to_owned();
    };
    let status = text(&entry["provisioningStatusInfo"]["status"]);
    let action = text(&entry["provisioningAction"]);
    let information = &entry["provisioningStatusInfo"]["errorInformation"];
    let why = [&information["reason"], &information["errorCode"]]
        .into_iter()
        .map(text)
        .find(|text| !text.is_empty());
    match (status.as_str(), why) {
        ("success", _) => format!("synchronized ({action})"),
        (status, Some(why)) => format!("{} – {status}: {why}", in_words(source, user, &why)),
        (status, None) => status.to_owned(),
    }
}

/// Explains the reason of Graph. Guests and users with SMS sign-in have the same reason, so the user's properties are needed.
fn in_words(source: &Json, user: &Json, why: &str) -> &'static str {
    let methods = &source["phoneMethods"][text(&user["id"])];
    let by_sms = methods
        .as_array()
        .into_iter()
        .flatten()
        .any(|method| method["smsSignInState"] == "ready");
    match why {
        _ if user["userType"] == "Guest" => "guest",
        _ if by_sms => "signs in by SMS",
        why if why.contains("not assigned") => "not assigned",
        _ => "filtered",
    }
}
