//! Broken and malicious answers, and inputs that nobody should send: a clear error, no panic, no hang, bounded memory, and no
//! token for anybody but Graph.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "hostile/answers.rs"]
mod answers;
#[path = "support/dice.rs"]
mod dice;
#[path = "hostile/echoes.rs"]
mod echoes;
#[path = "engine/mod.rs"]
mod engine;
#[path = "protocol/host.rs"]
#[allow(dead_code)] // Only a provider without TLS is needed.
mod host;
#[path = "hostile/impostor.rs"]
mod impostor;
#[path = "hostile/inputs.rs"]
mod inputs;
#[path = "hostile/members.rs"]
mod members;
#[path = "support/reliability.rs"]
mod reliability;

pub use dice::Dice;

/// The most memory this process has ever had, in MiB.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}
