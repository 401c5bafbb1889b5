//! Zip archives whose bytes depend on nothing but their contents: fixed order, time and permissions.

use std::io::Write;

use flate2::{Compression, Crc, write::DeflateEncoder};

/// One file of an archive.
pub struct Entry<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub executable: bool,
}

/// The first of January 1980, the earliest time in a zip archive.
const DATE: u16 = 1 << 5 | 1;
/// Version 2.0 of the format, which has deflate; created on Unix, so that permissions are kept.
const NEEDED: u16 = 20;
const MADE_BY: u16 = 3 << 8 | NEEDED;
const DEFLATED: u16 = 8;

/// The fields that both headers of an entry share.
struct Header {
    crc: u32,
    packed: u32,
    size: u32,
    name: u16,
}

impl Header {
    fn write(&self, out: &mut Vec<u8>) {
        for half in [NEEDED, 0, DEFLATED, 0, DATE] {
            out.extend(half.to_le_bytes());
        }
        for word in [self.crc, self.packed, self.size] {
            out.extend(word.to_le_bytes());
        }
        out.extend(self.name.to_le_bytes());
        out.extend(0_u16.to_le_bytes()); // no extra field
    }
}

/// The archive of `entries`, in their order, compressed with `effort` from 0 to 9.
pub fn zip(entries: &[Entry], effort: u32) -> std::io::Result<Vec<u8>> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = word(archive.len())?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(effort));
        encoder.write_all(entry.bytes)?;
        let packed = encoder.finish()?;
        let mut crc = Crc::new();
        crc.update(entry.bytes);
        let header = Header {
            crc: crc.sum(),
            packed: word(packed.len())?,
            size: word(entry.bytes.len())?,
            name: half(entry.name.len())?,
        };

        archive.extend(b"PK\x03\x04");
        header.write(&mut archive);
        archive.extend(entry.name.as_bytes());
        archive.extend(packed);

        directory.extend(b"PK\x01\x02");
        directory.extend(MADE_BY.to_le_bytes());
        header.write(&mut directory);
        directory.extend([0; 6]); // no comment, first disk, binary
        let mode: u32 = if entry.executable {
            0o100_755
        } else {
            0o100_644
        };
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let (start, length, count) = (
        word(archive.len())?,
        word(directory.len())?,
        half(entries.len())?,
    );
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(length.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]); // no comment
    Ok(archive)
}

fn word(length: usize) -> std::io::Result<u32> {
    u32::try_from(length)
        .map_err(|_| std::io::Error::other("a file of 4 GB does not fit into a zip archive"))
}

fn half(length: usize) -> std::io::Result<u16> {
    u16::try_from(length)
        .map_err(|_| std::io::Error::other("too many files, or too long a name, for a zip archive"))
}
