//! Files that commands read: snapshots of tenants, and states of Terraform.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use clap::Parser;
use crosstenant::command::{Command, Terminal, perform};

use crate::fuzz::harness::{Attempt, Target};
use crate::fuzz::mutate::Form;
use crate::fuzz::rpc::runtime;

pub const SNAPSHOTS: Target = Target {
    name: "snapshots",
    what: "the reader of snapshots, what `export --offline-from` writes of them, and what `map` draws",
    rounds: 300,
    form: Form::Json(""),
    open: || {
        open(
            "snapshots",
            &[
                &[
                    "export",
                    "--offline-from",
                    "FILE",
                    "--force",
                    "--out",
                    "FOLDER",
                ],
                &["map", "--snapshot", "FILE", "--format", "svg"],
                &["map", "--snapshot", "FILE"],
            ],
        )
    },
};

pub const STATES: Target = Target {
    name: "states",
    what: "the reader of Terraform's states for `map --state`",
    rounds: 300,
    form: Form::Json(""),
    open: || {
        open(
            "states",
            &[
                &["map", "--state", "FILE"],
                &["map", "--state", "FILE", "--format", "svg"],
            ],
        )
    },
};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Captures the output of a command.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The size of all files in a folder.
fn size(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.map(|entry| {
        let entry = entry.unwrap();
        match entry.metadata().unwrap() {
            data if data.is_dir() => size(&entry.path()),
            data => usize::try_from(data.len()).unwrap(),
        }
    });
    sizes.sum()
}

fn open(name: &'static str, commands: &'static [&'static [&'static str]]) -> Attempt {
    let runtime = runtime(name);
    Box::new(move |input| {
        let home = tempfile::tempdir().unwrap();
        let (file, folder) = (home.path().join("input.json"), home.path().join("out"));
        std::fs::write(&file, input).unwrap();
        let mut most = 0;
        for words in commands {
            let words = words.iter().map(|word| match *word {
                "FILE" => file.to_str().unwrap(),
                "FOLDER" => folder.to_str().unwrap(),
                word => word,
            });
            let arguments = std::iter::once("terraform-provider-crosstenant").chain(words);
            let Arguments { command } = Arguments::parse_from(arguments);
            let written = Written::default();
            let mut terminal = Terminal::of(Box::new(written.clone()), Box::new(written.clone()));
            let outcome = runtime.block_on(perform(command, &mut terminal));
            let said = outcome.map_or_else(|failure| failure.to_string().len(), |_| 0);
            let length = written.0.lock().unwrap().len();
            most = most.max(said + length + size(&folder));
        }
        let entries = std::fs::read_dir(home.path()).unwrap();
        let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        match names
            .iter()
            .find(|name| *name != "input.json" && *name != "out")
        {
            Some(name) => Err(format!("{} was written beside the folder", name.display())),
            None => Ok(most),
        }
    })
}
