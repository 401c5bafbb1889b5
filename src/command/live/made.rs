//! Records objects that cannot be found by a name: partner entries. They are recorded in a file before they are created, so that the next
//! run can remove what a crash left behind.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::super::file::{self, Readers};
use super::finding::Obstacle;
use super::side::Side;

/// The partner entries that were created by this command.
pub(super) struct CreatedPartners {
    file: PathBuf,
    /// The tenants, so that the file of another pair is not used.
    pair: [String; 2],
    partners: BTreeSet<Side>,
}

impl CreatedPartners {
    /// The entries that an earlier run left behind, according to `file`.
    pub(super) fn read(file: PathBuf, pair: [String; 2]) -> Self {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let left: Json = serde_json::from_str(&text).unwrap_or_default();
        let is_ours = left["pair"] == json!(pair);
        let named = |side: &Side| {
            let mut names = left["partners"].as_array().into_iter().flatten();
            is_ours && names.any(|name| name == side.name())
        };
        Self {
            partners: Side::BOTH.into_iter().filter(named).collect(),
            file,
            pair,
        }
    }

    pub(super) fn has_partner(&self, side: Side) -> bool {
        self.partners.contains(&side)
    }

    /// Must be called before the entry in the tenant of `side` is created.
    pub(super) fn will_make(&mut self, side: Side) -> Result<(), Obstacle> {
        if self.partners.insert(side) {
            self.write()?;
        }
        Ok(())
    }

    /// Must be called after the entry was removed.
    pub(super) fn is_gone(&mut self, side: Side) -> Result<(), Obstacle> {
        if !self.partners.remove(&side) {
            return Ok(());
        }
        if !self.partners.is_empty() {
            return self.write();
        }
        match std::fs::remove_file(&self.file) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(self.failed(&why)),
            _ => Ok(()),
        }
    }

    fn write(&self) -> Result<(), Obstacle> {
        let names: Vec<&str> = self.partners.iter().map(|side| side.name()).collect();
        let text = json!({ "pair": self.pair, "partners": names }).to_string();
        file::write(&self.file, text.as_bytes(), Readers::Owner).map_err(|why| self.failed(&why))
    }

    fn failed(&self, why: &std::io::Error) -> Obstacle {
        let file = self.file.display();
        Obstacle(format!(
            "{file} could not be written, without which nothing is made: {why}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_leaves_is_known_for_this_pair_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made.json");
        let pair = ["a".to_owned(), "b".to_owned()];
        let mut made = CreatedPartners::read(file.clone(), pair.clone());
        assert!(!made.has_partner(Side::Source));
        made.will_make(Side::Source).unwrap();
        made.will_make(Side::Target).unwrap();
        made.is_gone(Side::Source).unwrap();
        let mut left = CreatedPartners::read(file.clone(), pair.clone());
        assert!(left.has_partner(Side::Target) && !left.has_partner(Side::Source));
        let other = CreatedPartners::read(file.clone(), ["b".to_owned(), "a".to_owned()]);
        assert!(!other.has_partner(Side::Target));
        left.is_gone(Side::Target).unwrap();
        assert!(!file.exists());
    }
}
