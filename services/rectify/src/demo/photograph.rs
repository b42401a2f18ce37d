//! Photographs of the sample: small pictures that are drawn, of places that are nowhere.

use png::{BitDepth, ColorType, Encoder, EncodingError};
use sha2::{Digest as _, Sha256};

/// How a paper that is a photograph ends.
pub(super) const ENDING: &str = ".png";

const WIDTH: u32 = 320;
const HEIGHT: u32 = 200;

type Colour = [u8; 3];

const SKY: Colour = [176, 205, 228];
const HAZE: Colour = [226, 232, 230];
const FAR: Colour = [126, 146, 138];
const NEAR: Colour = [94, 118, 84];
const GROUND: Colour = [166, 142, 104];
const WALL: Colour = [214, 206, 190];
const ROOF: Colour = [150, 78, 60];
const PIPE: Colour = [70, 104, 140];

/// Returns a photograph as PNG. One of the same name is the same, byte by byte; of another name it is another.
pub(super) fn taken(name: &str) -> Result<Vec<u8>, EncodingError> {
    let place = Place::of(name);
    let pixels: Vec<u8> = (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| place.colour(x, y))).collect();
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, WIDTH, HEIGHT);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(png)
}

/// What stands where in a picture: hills, and a house or a pipe before them.
#[derive(Clone, Copy)]
struct Place {
    seed: [u8; 32],
}

impl Place {
    fn of(name: &str) -> Place {
        Place { seed: Sha256::digest(name).into() }
    }

    fn colour(self, x: u32, y: u32) -> Colour {
        let [far, near, slope, left, wide, what, ..] = self.seed.map(u32::from);
        let far = ridge(x, 60 + far % 20, 26, 47 + slope % 30);
        let near = ridge(x + left, 104 + near % 16, 18, 71 + slope % 20);
        let (left, wide) = (40 + left % 120, 60 + wide % 60);
        let inside = (left..left + wide).contains(&x);
        let colour = match y {
            _ if what % 2 == 0 && inside && (120..164).contains(&y) => WALL,
            _ if what % 2 == 0 && inside && (106..120).contains(&y) => ROOF,
            _ if what % 2 == 1 && (150..150 + wide / 6).contains(&y) => PIPE,
            _ if y < far => mixed(SKY, HAZE, y, far),
            _ if y < near => FAR,
            _ if y < 140 => NEAR,
            _ => GROUND,
        };
        let grain = self.seed[usize::try_from((x * 7 + y * 13) % 32).unwrap_or_default()] % 9;
        colour.map(|part| part.saturating_sub(grain))
    }
}

/// Returns how high a ridge stands at a place, from above: a line that goes up and down.
fn ridge(x: u32, middle: u32, height: u32, length: u32) -> u32 {
    let at = x % (2 * length);
    let up = if at < length { at } else { 2 * length - at };
    middle + up * height / length
}

/// Returns a colour so many parts of the way from one to another.
fn mixed(one: Colour, other: Colour, part: u32, of: u32) -> Colour {
    let mix = |(one, other): (u8, u8)| {
        let mixed = (u32::from(one) * of.saturating_sub(part) + u32::from(other) * part) / of.max(1);
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    [mix((one[0], other[0])), mix((one[1], other[1])), mix((one[2], other[2]))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_is_the_same_picture_and_another_is_another() {
        let picture = taken("2020-10-12 管网维修现场.png").unwrap();
        assert_eq!(rectify_kit::media_type::of(&picture, "a.png"), Some("image/png"));
        assert_eq!(taken("2020-10-12 管网维修现场.png").unwrap(), picture);
        assert_ne!(taken("2020-06-18 管网维修后.png").unwrap(), picture);
        assert!(picture.len() < 200_000, "{}", picture.len());
    }
}
