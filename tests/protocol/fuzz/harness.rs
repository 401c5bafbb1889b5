//! Runs inputs on a target: first the corpus, then mutated inputs. A watcher ends inputs that hang.
//!
//! `CROSSTENANT_FUZZ_SECONDS` is the time for mutated inputs of each target, instead of a fixed number of them. `CROSSTENANT_FUZZ_NUMBER`
//! is the number of the one mutated input to run; a failure prints this number.
//!
//! Failing inputs are added to the corpus, so that every later run includes them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::dice::Dice;
use crate::fuzz::mutate::{Form, mutate};

/// A parser of foreign input.
pub struct Target {
    /// Also the name of its folder in `tests/corpus/`.
    pub name: &'static str,
    /// The code that gets the input, as text for the page.
    pub what: &'static str,
    /// Number of mutated inputs in `make test`.
    pub rounds: u64,
    pub form: Form,
    /// Prepares the target, once.
    pub open: fn() -> Attempt,
}

/// The size of the output in bytes, or the violated property.
pub type Tried = Result<usize, String>;

/// Passes an input to a target.
pub type Attempt = Box<dyn FnMut(&[u8]) -> Tried>;

/// Start time of an input, its origin, and the input.
type Trial = (Instant, String, Vec<u8>);

/// Longer than any input takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The memory limit of this process, in MiB.
const MEMORY: u64 = 1024;

/// The allowed size of the output: a constant, plus a multiple of the input.
const OUTPUT: (usize, usize) = (256 * 1024, 20);

/// The current input of each target.
static TRYING: Mutex<BTreeMap<&str, Trial>> = Mutex::new(BTreeMap::new());

/// The panics of each target, including those that were caught.
static PANICS: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder of the corpus of a target.
fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(target)
}

/// The corpus with its names, in order.
pub fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = folder(target);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut kept: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    kept.sort();
    assert!(!kept.is_empty(), "{} is empty", folder.display());
    kept
}

/// Adds an input to the corpus, under a name that is derived from it.
fn keep(target: &str, input: &[u8]) -> PathBuf {
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = folder(target).join(format!("found-{hash:016x}"));
    std::fs::write(&path, input).unwrap();
    path
}

/// The file that contains the current input, in case it ends the process.
fn last_words(target: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"))
}

/// Records panics by thread, and starts the watcher.
fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            match thread.name().and_then(|name| name.strip_prefix("fuzz-")) {
                Some(target) => {
                    let mut panics = locked(&PANICS);
                    let found = panics.entry(target.to_owned()).or_default();
                    found.push(info.to_string());
                }
                None => usual(info),
            }
        }));
        std::thread::spawn(watch);
    });
}

/// Ends the process if an input hangs or exhausts the memory, because it cannot be stopped in another way.
fn watch() {
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let trying = locked(&TRYING);
        let memory = memory();
        for (target, (since, title, input)) in trying.iter() {
            let is_long = since.elapsed() > PATIENCE;
            if is_long || memory > MEMORY {
                let what = if is_long {
                    "hangs"
                } else {
                    "may fill the memory"
                };
                let path = keep(target, input);
                eprintln!(
                    "{target}: {title} {what} ({memory} MiB), kept as {}",
                    path.display()
                );
            }
        }
        let hangs = |(since, ..): &Trial| since.elapsed() > PATIENCE;
        if memory > MEMORY || trying.values().any(hangs) {
            std::process::abort();
        }
    }
}

/// The memory of this process in MiB, if the system provides it.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.unwrap_or(0_u64) / 1024
}

fn number_from(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}

/// Runs a target on a separate thread, whose name identifies its panics. Its stack is as large as those of threads that serve requests.
pub fn fuzz(target: &Target) {
    prepare();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(format!("fuzz-{}", target.name));
        let thread = thread.stack_size(2 * 1024 * 1024);
        let trying = thread
            .spawn_scoped(scope, || Run::of(target).all())
            .unwrap();
        let faults = trying.join().unwrap_or_else(|_| {
            let panics = locked(&PANICS).remove(target.name).unwrap_or_default();
            vec![format!("the harness itself: {}", panics.join("\n"))]
        });
        assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    });
}

struct Run<'t> {
    target: &'t Target,
    give: Attempt,
    faults: Vec<String>,
}

impl<'t> Run<'t> {
    fn of(target: &'t Target) -> Self {
        let give = (target.open)();
        Self {
            target,
            give,
            faults: Vec::new(),
        }
    }

    fn all(mut self) -> Vec<String> {
        let name = self.target.name;
        let words = last_words(name);
        if let Ok(input) = std::fs::read(&words) {
            // The input stays in the folder if it ends this process too.
            let path = keep(name, &input);
            self.attempt("the last input of a process that ended", &input);
            if self.faults.is_empty() {
                std::fs::remove_file(path).unwrap();
            }
        }
        let kept = corpus(name);
        for (file, input) in &kept {
            self.attempt(&format!("the kept input {file}"), input);
        }
        let kept: Vec<Vec<u8>> = kept.into_iter().map(|(_, input)| input).collect();
        let tried = match number_from("CROSSTENANT_FUZZ_NUMBER") {
            Some(number) => self.changed(&kept, number..=number, None),
            None => match number_from("CROSSTENANT_FUZZ_SECONDS") {
                None => self.changed(&kept, 1..=self.target.rounds, None),
                Some(seconds) => {
                    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
                    let until = Instant::now() + Duration::from_secs(seconds);
                    self.changed(&kept, now * 100_000..=u64::MAX, Some(until))
                }
            },
        };
        let _ = std::fs::remove_file(words);
        eprintln!(
            "fuzz {name}: {} kept and {tried} changed inputs",
            kept.len()
        );
        self.faults
    }

    /// Runs the mutated inputs with these numbers; returns how many were run in time.
    fn changed(
        &mut self,
        kept: &[Vec<u8>],
        numbers: std::ops::RangeInclusive<u64>,
        until: Option<Instant>,
    ) -> usize {
        let mut tried = 0;
        for number in numbers {
            if until.is_some_and(|until| Instant::now() > until) || self.faults.len() > 4 {
                break;
            }
            let input = mutate(self.target.form, kept, &mut Dice(number));
            let title = format!("the changed input CROSSTENANT_FUZZ_NUMBER={number}");
            self.attempt(&title, &input);
            tried += 1;
        }
        tried
    }

    fn attempt(&mut self, title: &str, input: &[u8]) {
        let name = self.target.name;
        std::fs::write(last_words(name), input).unwrap();
        let now = (Instant::now(), title.to_owned(), input.to_vec());
        locked(&TRYING).insert(name, now);
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.give)(input)));
        locked(&TRYING).remove(name);
        let panics = locked(&PANICS).remove(name).unwrap_or_default();
        let fault = match outcome {
            _ if !panics.is_empty() => panics.join("\n"),
            Err(_) => "a panic without a word".to_owned(),
            Ok(Err(fault)) => fault,
            Ok(Ok(size)) if size > OUTPUT.0 + OUTPUT.1 * input.len() => {
                format!("{size} bytes came out of {}", input.len())
            }
            Ok(Ok(_)) => return,
        };
        let path = keep(name, input);
        let fault: String = fault.chars().take(2_000).collect();
        self.faults.push(format!(
            "{name}: {title}, kept as {}:\n{fault}",
            path.display()
        ));
    }
}
