//! Runs a target: kept inputs first, then mutations of them, and of those that led to something new.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::mutation::mutated;

/// What outsiders can hand to us.
pub trait Target {
    /// Also the folder of its corpus.
    const NAME: &'static str;

    /// Whether the first line of an input says what the rest is.
    const HEADED: bool = false;

    /// Well-formed inputs, from which others are made.
    fn samples(&mut self) -> Vec<Vec<u8>>;

    /// Words that mean something here.
    fn words(&self) -> Vec<String>;

    /// A new input from nothing.
    fn invented(&mut self, _dice: &mut Dice) -> Option<Vec<u8>> {
        None
    }

    /// Tries one input and panics where a promise is broken. The answer is what became of it, roughly: an input that leads to
    /// something new is mutated further.
    fn attempt(&mut self, input: &[u8]) -> String;

    /// Memory of another process that does the work, in KiB.
    fn memory(&self) -> Option<u64> {
        None
    }
}

/// The largest input.
pub const LARGEST: usize = 64 * 1024;

/// No input may take longer.
const LIMIT: Duration = Duration::from_secs(20);

/// All targets together may not need more than this, in KiB, when fed inputs of at most [`LARGEST`].
const MEMORY: u64 = 1024 * 1024;

/// So many inputs that led to something new are mutated further.
const POOL: usize = 2_000;

thread_local! {
    /// What the panics of this thread said. Each target works on one thread, runtime included.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn hear_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.with_borrow_mut(|panics| panics.push(info.to_string()));
            usual(info);
        }));
    });
}

/// The input that is being tried, for whoever must end the process.
struct Watched {
    since: Option<Instant>,
    input: Vec<u8>,
    ended: bool,
}

/// Says why, past the test harness's capture.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(name)
}

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(kept(name))
        .unwrap_or_else(|why| panic!("the corpus of {name}: {why}"))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            std::fs::read(&path).unwrap(),
        )
    };
    files.into_iter().map(read).collect()
}

/// Writes an input that failed to where it can be looked at; the path.
fn keep(name: &str, input: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/fuzz")
        .join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let path = folder.join(format!("{:016x}", hasher.finish()));
    std::fs::write(&path, input).unwrap();
    path
}

/// A number of this process in KiB.
pub fn memory_of(process: &str, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.unwrap_or(0)
}

/// Ends the process when an input takes too long or too much memory: nothing else could stop it.
fn watch(name: &'static str, watched: Arc<Mutex<Watched>>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let now = watched.lock().unwrap();
            if now.ended {
                return;
            }
            let slow = now.since.is_some_and(|since| since.elapsed() > LIMIT);
            let used = memory_of("self", "VmRSS");
            if slow || used > MEMORY {
                let path = keep(name, &now.input);
                let why = if slow {
                    format!("takes longer than {LIMIT:?}")
                } else {
                    format!("leads to {used} KiB")
                };
                tell(&format!("fuzz {name}: {} {why}", path.display()));
                std::process::exit(1);
            }
        }
    });
}

/// What a run came to.
#[derive(Default)]
struct Tally {
    tried: u64,
    slowest: Duration,
    kinds: BTreeSet<String>,
}

struct Run<T> {
    target: T,
    watched: Arc<Mutex<Watched>>,
    tally: Tally,
    pool: Vec<Vec<u8>>,
}

impl<T: Target> Run<T> {
    /// Tries one input; one that leads to something new stays.
    fn attempt(&mut self, input: Vec<u8>, title: &str) {
        {
            let mut watched = self.watched.lock().unwrap();
            watched.since = Some(Instant::now());
            watched.input.clone_from(&input);
        }
        let began = Instant::now();
        let ended = std::panic::catch_unwind(AssertUnwindSafe(|| self.target.attempt(&input)));
        self.watched.lock().unwrap().since = None;
        let panics = PANICS.take();
        let kind = match ended {
            Ok(kind) if panics.is_empty() => kind,
            _ => {
                let path = keep(T::NAME, &input);
                panic!(
                    "fuzz {}: {title} broke a promise: {}\n{}",
                    T::NAME,
                    path.display(),
                    panics.join("\n")
                );
            }
        };
        self.tally.tried += 1;
        self.tally.slowest = self.tally.slowest.max(began.elapsed());
        if self.tally.kinds.insert(rough(&kind)) && self.pool.len() < POOL {
            self.pool.push(input);
        }
    }
}

/// Without numbers and ids, and short: what differs in these only is not new.
fn rough(kind: &str) -> String {
    let mut rough = String::new();
    for character in kind.chars().take(400) {
        let character = if character.is_ascii_digit() {
            '0'
        } else {
            character
        };
        if !(character == '0' && rough.ends_with('0')) {
            rough.push(character);
        }
    }
    rough
}

/// How long to go on.
enum Until {
    Inputs(u64),
    Moment(Instant),
}

impl Until {
    fn is_reached(&self, tried: u64) -> bool {
        match self {
            Self::Inputs(count) => tried >= *count,
            Self::Moment(moment) => Instant::now() >= *moment,
        }
    }
}

/// Seconds for each target, where time and not the number of inputs counts.
fn seconds() -> Option<u64> {
    Some(
        std::env::var("CROSSTENANT_FUZZ")
            .ok()?
            .parse()
            .expect("CROSSTENANT_FUZZ is a number of seconds"),
    )
}

/// Fixed where a fixed number of inputs is tried; chosen by `CROSSTENANT_SEED`, or new, where time counts.
fn seed() -> u64 {
    match std::env::var("CROSSTENANT_SEED") {
        Ok(text) => text.parse().expect("CROSSTENANT_SEED is a number"),
        Err(_) if seconds().is_some() => std::process::id().into(),
        Err(_) => 1,
    }
}

/// Tries all kept inputs, all samples, and mutations of them.
pub fn fuzz<T: Target>(mut target: T, count: u64) {
    hear_panics();
    let seed = seed();
    let samples = target.samples();
    let (words, kept) = (target.words(), corpus(T::NAME));
    let watched = Arc::new(Mutex::new(Watched {
        since: None,
        input: Vec::new(),
        ended: false,
    }));
    watch(T::NAME, Arc::clone(&watched));
    let mut run = Run {
        target,
        watched,
        tally: Tally::default(),
        pool: Vec::new(),
    };
    let (well_formed, replayed) = (samples.len(), kept.len());
    for (title, input) in kept {
        run.pool.push(input.clone());
        run.attempt(input, &title);
    }
    for (number, input) in samples.into_iter().enumerate() {
        run.pool.push(input.clone());
        run.attempt(input, &format!("sample {number}"));
    }
    crate::reliability::record(
        &format!("Fuzzing: {}", T::NAME),
        &format!("{count} inputs and {replayed} kept ones, besides {well_formed} well-formed"),
    );
    let until = match seconds() {
        Some(seconds) => Until::Moment(Instant::now() + Duration::from_secs(seconds)),
        None => Until::Inputs(run.tally.tried + count),
    };
    let dice = &mut Dice(seed);
    while !until.is_reached(run.tally.tried) {
        let input = match run.target.invented(dice) {
            Some(input) if dice.once_in(2) => input,
            _ => mutated(dice, &run.pool, &words, T::HEADED),
        };
        run.attempt(
            input,
            &format!("CROSSTENANT_SEED={seed}, input {}", run.tally.tried),
        );
    }
    run.watched.lock().unwrap().ended = true;
    let memory = run
        .target
        .memory()
        .unwrap_or_else(|| memory_of("self", "VmHWM"))
        / 1024;
    eprintln!(
        "fuzz {}: {} inputs fuzzed, {replayed} of them kept and {well_formed} well-formed, {} different outcomes, slowest {:?}, peak memory \
         {memory} MiB, seed {seed}",
        T::NAME,
        run.tally.tried,
        run.tally.kinds.len(),
        run.tally.slowest
    );
}
