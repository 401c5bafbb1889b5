//! Inputs of the emulator: seeds, and state files.

use crosstenant::emulator::{self, Options};

use crate::fuzz::harness::{Attempt, Target};
use crate::fuzz::mutate::Form;
use crate::fuzz::rpc::runtime;

pub const SEEDS: Target = Target {
    name: "seeds",
    what: "the emulator's reader of seeds",
    rounds: 600,
    form: Form::Json(""),
    open: || open("seeds", false),
};

pub const KEPT: Target = Target {
    name: "emulator-states",
    what: "the emulator's reader of the state that it kept",
    rounds: 150,
    form: Form::Json(""),
    open: || open("emulator-states", true),
};

fn open(name: &'static str, is_kept: bool) -> Attempt {
    let runtime = runtime(name);
    let home = tempfile::tempdir().unwrap();
    Box::new(move |input| {
        let text = String::from_utf8_lossy(input).into_owned();
        let options = if is_kept {
            let file = home.path().join("state.json");
            std::fs::write(&file, input).unwrap();
            let mut options = Options::new("{\"tenants\":[]}");
            options.state = Some(file);
            options
        } else {
            Options::new(text)
        };
        match runtime.block_on(emulator::start(options)) {
            Ok(_) => Ok(0),
            Err(why) if why.is_empty() => Err("refused without a word".to_owned()),
            Err(why) => Ok(why.len()),
        }
    })
}
