//! Broken and malicious answers, and inputs that nobody should send: a clear error, no panic, no hang, bounded memory, and no
//! token for anybody but Graph.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "hostile/answers.rs"]
mod answers;
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

/// Numbers that follow from a seed: SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % limit as u64).unwrap()
    }
}

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
