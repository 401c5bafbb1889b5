//! Seeds of the emulator.

use crosstenant::emulator::{self, Options};

use crate::harness::{Attempt, Target};
use crate::mutate::Form;
use crate::rpc::runtime;

pub const SEEDS: Target = Target {
    name: "seeds",
    what: "the emulator's reader of seeds",
    rounds: 600,
    form: Form::Json(""),
    open,
};

fn open() -> Attempt {
    let runtime = runtime("seeds");
    Box::new(move |input| {
        let text = String::from_utf8_lossy(input).into_owned();
        match runtime.block_on(emulator::start(Options::new(text))) {
            Ok(_) => Ok(0),
            Err(why) if why.is_empty() => Err("refused without a word".to_owned()),
            Err(why) => Ok(why.len()),
        }
    })
}
