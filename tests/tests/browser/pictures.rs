//! Pictures for the documentation, made small: a page has few colours, and its picture is kept with those alone.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

/// The most colours that are kept.
const COLOURS: usize = 256;

/// What every PNG begins with.
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

type Colour = [u8; 3];

/// Returns a PNG with its most frequent colours only; the nearest of them stands for each other one.
pub fn with_few_colours(png: &[u8]) -> Vec<u8> {
    let Picture { size, width, colours } = Picture::read(png);
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for colour in &colours {
        *counts.entry(*colour).or_default() += 1;
    }
    let mut palette: Vec<Colour> = counts.keys().copied().collect();
    palette.sort_unstable_by_key(|colour| (std::cmp::Reverse(counts[colour]), *colour));
    palette.truncate(COLOURS);
    let places: HashMap<Colour, u8> = counts.into_keys().map(|colour| (colour, nearest(&palette, colour))).collect();

    let mut lines = ZlibEncoder::new(Vec::new(), Compression::best());
    for line in colours.chunks(width) {
        let line: Vec<u8> = std::iter::once(0).chain(line.iter().map(|colour| places[colour])).collect();
        lines.write_all(&line).unwrap();
    }
    let mut small = SIGNATURE.to_vec();
    chunk(&mut small, *b"IHDR", &[size.as_slice(), &[8, 3, 0, 0, 0]].concat());
    chunk(&mut small, *b"PLTE", palette.as_flattened());
    chunk(&mut small, *b"IDAT", &lines.finish().unwrap());
    chunk(&mut small, *b"IEND", &[]);
    small
}

/// Returns the place of the colour in a palette that is most like another.
fn nearest(palette: &[Colour], colour: Colour) -> u8 {
    let distance = |known: &Colour| {
        known.iter().zip(colour).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum::<u32>()
    };
    let place = (0..palette.len()).min_by_key(|place| distance(&palette[*place])).unwrap();
    u8::try_from(place).unwrap()
}

/// Adds a chunk to a PNG.
fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut sum = Crc::new();
    sum.update(&kind);
    sum.update(data);
    png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(sum.sum().to_be_bytes());
}

/// A picture, colour by colour.
struct Picture {
    /// Its width and height, as a PNG has them.
    size: [u8; 8],
    width: usize,
    colours: Vec<Colour>,
}

impl Picture {
    /// Reads a PNG as browsers make them: eight bits a channel, with or without opacity, which is left out.
    fn read(png: &[u8]) -> Self {
        let mut rest = png.strip_prefix(&SIGNATURE).unwrap();
        let (mut header, mut packed) = ([0; 13], Vec::new());
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let (kind, after) = after.split_at(4);
            let (data, after) = after.split_at(u32::from_be_bytes(*length).try_into().unwrap());
            match kind {
                b"IHDR" => header = data.try_into().unwrap(),
                b"IDAT" => packed.extend_from_slice(data),
                _ => {}
            }
            rest = &after[4..];
        }
        let channels = match header[8..] {
            [8, 2, 0, 0, 0] => 3,
            [8, 6, 0, 0, 0] => 4,
            _ => panic!("a browser made a PNG of another kind: {header:?}"),
        };
        let width: usize = u32::from_be_bytes(*header.first_chunk().unwrap()).try_into().unwrap();
        let mut lines = Vec::new();
        ZlibDecoder::new(packed.as_slice()).read_to_end(&mut lines).unwrap();
        let mut above = vec![0; width * channels];
        let mut colours = Vec::new();
        for line in lines.chunks(1 + width * channels) {
            above = unfiltered(line, &above, channels);
            colours.extend(above.chunks(channels).map(|colour| -> Colour { *colour.first_chunk().unwrap() }));
        }
        Self { size: *header.first_chunk().unwrap(), width, colours }
    }
}

/// Returns a line, which a PNG has as differences from what stands before and above.
fn unfiltered(line: &[u8], above: &[u8], channels: usize) -> Vec<u8> {
    let mut whole: Vec<u8> = Vec::new();
    for (at, difference) in line[1..].iter().enumerate() {
        let before = |line: &[u8]| at.checked_sub(channels).map_or(0, |at| line[at]);
        let (left, up, corner) = (before(&whole), above[at], before(above));
        let expected = match line[0] {
            0 => 0,
            1 => left,
            2 => up,
            3 => left.midpoint(up),
            4 => likeliest(left, up, corner),
            other => panic!("a PNG has no filter {other}"),
        };
        whole.push(expected.wrapping_add(*difference));
    }
    whole
}

/// Returns which of three neighbours is nearest to where the slope between them leads: the fourth filter of PNG.
fn likeliest(left: u8, up: u8, corner: u8) -> u8 {
    let slope = i16::from(left) + i16::from(up) - i16::from(corner);
    let mut nearest = left;
    for other in [up, corner] {
        if i16::from(other).abs_diff(slope) < i16::from(nearest).abs_diff(slope) {
            nearest = other;
        }
    }
    nearest
}
