//! Invalid and malicious responses and inputs: a clear error, no panic, no hang, bounded memory, and no token for any other host.

mod answers;
mod echoes;
pub mod impostor;
mod inputs;
mod members;

/// The peak memory of this process, in MiB.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}

/// Set in the process of a test that needs its own process.
const ALONE: &str = "CROSSTENANT_TEST_ALONE";

/// Whether this process runs only the test at `path` in the crate. If not, the test runs in another process, and has to pass there.
pub fn is_alone(path: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let (_, name) = path.split_once("::").unwrap();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command
        .args([name, "--exact", "--nocapture"])
        .env(ALONE, "1");
    let output = command.output().unwrap();
    let (said, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    eprint!("{errors}");
    let has_passed = output.status.success() && said.contains("1 passed");
    assert!(has_passed, "{said}\n{errors}");
    false
}
