//! Pictures for the documentation, made small: a page has few colours, and its picture is kept with those alone.

use std::collections::HashMap;
use std::io::Cursor;

use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter};

/// The most colours that are kept.
const COLOURS: usize = 256;

type Colour = [u8; 3];

/// Returns a PNG with its most frequent colours only; the nearest of them stands for each other one.
pub fn with_few_colours(png: &[u8]) -> Vec<u8> {
    let Picture { width, height, colours } = Picture::read(png);
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for colour in &colours {
        *counts.entry(*colour).or_default() += 1;
    }
    let mut palette: Vec<Colour> = counts.keys().copied().collect();
    palette.sort_unstable_by_key(|colour| (std::cmp::Reverse(counts[colour]), *colour));
    palette.truncate(COLOURS);
    let places: HashMap<Colour, u8> = counts.into_keys().map(|colour| (colour, nearest(&palette, colour))).collect();
    let places: Vec<u8> = colours.iter().map(|colour| places[colour]).collect();

    let mut small = Vec::new();
    let mut encoder = Encoder::new(&mut small, width, height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette.as_flattened());
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&places).unwrap();
    writer.finish().unwrap();
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

/// A picture, colour by colour.
struct Picture {
    width: u32,
    height: u32,
    colours: Vec<Colour>,
}

impl Picture {
    /// Reads a PNG as browsers make them: eight bits a channel, with or without opacity, which is left out.
    fn read(png: &[u8]) -> Self {
        let mut reader = Decoder::new(Cursor::new(png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let channels = match (info.bit_depth, info.color_type) {
            (BitDepth::Eight, ColorType::Rgb) => 3,
            (BitDepth::Eight, ColorType::Rgba) => 4,
            other => panic!("a browser made a PNG of another kind: {other:?}"),
        };
        let colours = pixels.chunks_exact(channels).map(|colour| *colour.first_chunk().unwrap());
        Self { width: info.width, height: info.height, colours: colours.collect() }
    }
}
