//! Reduces the colors of an image: a screenshot with 256 colors is a third of its size and looks the same.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};

use flate2::{Compression, Crc, read::ZlibDecoder, write::ZlibEncoder};

type Color = [u8; 3];

/// The same image with a palette. The input is what Chromium writes: 8 bits each of red, green and blue.
pub(super) fn with_palette(png: &[u8]) -> Vec<u8> {
    let (width, height, pixels) = read(png);
    let mut counts: HashMap<Color, usize> = HashMap::new();
    for pixel in &pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let palette = palette(&counts);
    let nearest: HashMap<Color, u8> = counts
        .keys()
        .map(|color| (*color, nearest(&palette, *color)))
        .collect();
    let mut lines = Vec::with_capacity(pixels.len() + height);
    for line in pixels.chunks(width) {
        lines.push(0);
        lines.extend(line.iter().map(|pixel| nearest[pixel]));
    }
    let mut header = Vec::new();
    for size in [width, height] {
        header.extend(u32::try_from(size).unwrap().to_be_bytes());
    }
    header.extend([8, 3, 0, 0, 0]);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&lines).unwrap();
    let mut written = b"\x89PNG\r\n\x1a\n".to_vec();
    write(&mut written, *b"IHDR", &header);
    write(&mut written, *b"PLTE", &palette.concat());
    write(&mut written, *b"IDAT", &packed.finish().unwrap());
    write(&mut written, *b"IEND", &[]);
    written
}

fn write(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    png.extend(name);
    png.extend(data);
    let mut sum = Crc::new();
    sum.update(&name);
    sum.update(data);
    png.extend(sum.sum().to_be_bytes());
}

/// Width, height and pixels.
fn read(png: &[u8]) -> (usize, usize, Vec<Color>) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
    let (width, height) = (number(16), number(20));
    assert_eq!(
        png[24..29],
        [8, 2, 0, 0, 0],
        "8 bits of RGB, not interlaced"
    );
    let (mut at, mut packed) = (8, Vec::new());
    while at < png.len() {
        let end = at + 8 + number(at);
        if &png[at + 4..at + 8] == b"IDAT" {
            packed.extend(&png[at + 8..end]);
        }
        at = end + 4;
    }
    let mut lines = Vec::new();
    ZlibDecoder::new(&packed[..])
        .read_to_end(&mut lines)
        .unwrap();
    let mut above = vec![0; width * 3];
    let mut pixels = Vec::with_capacity(width * height);
    for line in lines.chunks(1 + width * 3) {
        above = unfiltered(line[0], &line[1..], &above);
        pixels.extend(above.as_chunks::<3>().0);
    }
    (width, height, pixels)
}

/// Decodes one line of bytes, each of which is stored as the difference from the value that its neighbors predict.
fn unfiltered(filter: u8, line: &[u8], above: &[u8]) -> Vec<u8> {
    let mut found = Vec::with_capacity(line.len());
    for (at, difference) in line.iter().enumerate() {
        let before = at.checked_sub(3);
        let left = before.map_or(0, |before| found[before]);
        let corner = before.map_or(0, |before| above[before]);
        let foretold = match filter {
            0 => 0,
            1 => left,
            2 => above[at],
            3 => u8::midpoint(left, above[at]),
            _ => paeth(left, above[at], corner),
        };
        found.push(difference.wrapping_add(foretold));
    }
    found
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let sum = i16::from(left) + i16::from(above) - i16::from(corner);
    let by = |value: u8| (sum - i16::from(value)).abs();
    if by(left) <= by(above) && by(left) <= by(corner) {
        left
    } else if by(above) <= by(corner) {
        above
    } else {
        corner
    }
}

/// Chooses 256 colors: in each step, the color with the largest error so far.
fn palette(counts: &HashMap<Color, usize>) -> Vec<Color> {
    let mut left: Vec<(Color, usize, u32)> = counts
        .iter()
        .map(|(color, count)| (*color, *count, u32::MAX))
        .collect();
    left.sort_unstable();
    let mut chosen = Vec::new();
    while chosen.len() < 256 {
        let spoiled = |(_, count, away): &(Color, usize, u32)| *count as u64 * u64::from(*away);
        let Some(worst) = left.iter().max_by_key(|one| spoiled(one)) else {
            break;
        };
        if worst.2 == 0 {
            break;
        }
        let worst = worst.0;
        chosen.push(worst);
        for (color, _, away) in &mut left {
            *away = (*away).min(distance(worst, *color));
        }
    }
    chosen
}

fn nearest(palette: &[Color], color: Color) -> u8 {
    let places = 0..palette.len();
    let place = places.min_by_key(|at| distance(palette[*at], color));
    u8::try_from(place.unwrap()).unwrap()
}

fn distance(one: Color, other: Color) -> u32 {
    let parts = one.into_iter().zip(other);
    parts.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}
