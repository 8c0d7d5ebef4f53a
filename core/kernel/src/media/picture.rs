//! From a file that somebody sent to pictures that may be shown: decoded within limits, turned upright, scaled,
//! and written anew, so that nothing of the file is left but what it shows.
use super::{LARGEST_FILE, Refused, Size, gif};
use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, imageops::FilterType,
    metadata::Orientation,
};
use std::io::Cursor;

/// A picture with more is refused before it is opened.
pub const MOST_PIXELS: u64 = 50_000_000;

/// For one picture while it is open: [`MOST_PIXELS`] at eight bytes each.
const MOST_MEMORY: u64 = 8 * MOST_PIXELS;

/// What is kept is no longer than this, on its longer side: more is neither shown nor printed.
const LONGEST_SIDE: u32 = 4096;

/// Of a portrait.
const PORTRAIT_SIDE: u32 = 1024;

const QUALITY: f32 = 84.0;

/// Ready to be kept.
#[derive(Debug)]
pub struct Prepared {
    /// `webp` or `gif`.
    pub suffix: &'static str,
    /// Of the full one.
    pub width: u32,
    /// Of the full one.
    pub height: u32,
    /// The full one alone where it is not scaled.
    pub files: Vec<(Size, Vec<u8>)>,
}

/// A photo in all its sizes; a GIF stays as it is.
pub fn photo(bytes: &[u8]) -> Result<Prepared, Refused> {
    let (format, image) = open(bytes)?;
    if format == ImageFormat::Gif {
        let (file, width, height) = gif::clean(bytes)?;
        return Ok(Prepared { suffix: "gif", width, height, files: vec![(Size::Full, file)] });
    }
    let full = within(&image, LONGEST_SIDE, LONGEST_SIDE);
    drop(image);
    let scaled = within(&full, 700, LONGEST_SIDE);
    let large = within(&scaled, 300, 1500);
    let medium = within(&scaled, 100, 100);
    let small = scaled.resize_to_fill(50, 50, FilterType::CatmullRom);
    prepared(&[
        (Size::Full, &full),
        (Size::Scaled, &scaled),
        (Size::Large, &large),
        (Size::Medium, &medium),
        (Size::Small, &small),
    ])
}

/// The square in the middle, in all its sizes.
pub fn portrait(bytes: &[u8]) -> Result<Prepared, Refused> {
    let (_, image) = open(bytes)?;
    let side = image.width().min(image.height());
    let (left, top) = ((image.width() - side) / 2, (image.height() - side) / 2);
    let square = image.crop_imm(left, top, side, side);
    drop(image);
    let full = within(&square, PORTRAIT_SIDE, PORTRAIT_SIDE);
    let exactly = |side| full.resize_exact(side, side, FilterType::CatmullRom);
    prepared(&[
        (Size::Full, &full),
        (Size::Scaled, &within(&full, 700, 700)),
        (Size::Large, &exactly(300)),
        (Size::Medium, &exactly(100)),
        (Size::Small, &exactly(50)),
    ])
}

fn prepared(sizes: &[(Size, &DynamicImage)]) -> Result<Prepared, Refused> {
    let (width, height) = sizes.first().map_or((0, 0), |(_, full)| (full.width(), full.height()));
    let files = sizes.iter().map(|(size, image)| Ok((*size, webp(image)?)));
    Ok(Prepared { suffix: "webp", width, height, files: files.collect::<Result<_, Refused>>()? })
}

/// What the first bytes say that it is decides, whatever it is called.
fn open(bytes: &[u8]) -> Result<(ImageFormat, DynamicImage), Refused> {
    if bytes.len() > LARGEST_FILE {
        return Err(Refused::Bytes);
    }
    let reader = || ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Refused::Format);
    let Some(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP)) =
        reader()?.format()
    else {
        return Err(Refused::Format);
    };
    let (width, height) = reader()?.into_dimensions().map_err(|error| refused(&error))?;
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Refused::Pixels);
    }
    let mut decoder = reader()?.into_decoder().map_err(|error| refused(&error))?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    decoder.set_limits(limits).map_err(|error| refused(&error))?;
    // which way up a picture is does not make it a broken one
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    image.apply_orientation(orientation);
    Ok((format, image))
}

fn refused(error: &ImageError) -> Refused {
    match error {
        ImageError::Limits(_) => Refused::Pixels,
        _ => Refused::Broken,
    }
}

/// Smaller, if it does not fit; never larger.
fn within(image: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    if image.width() <= width && image.height() <= height {
        return image.clone();
    }
    image.resize(width, height, FilterType::CatmullRom)
}

/// The pixels alone.
fn webp(image: &DynamicImage) -> Result<Vec<u8>, Refused> {
    let (width, height) = (image.width(), image.height());
    let encoded = if image.color().has_alpha() {
        let pixels = image.to_rgba8();
        webp::Encoder::from_rgba(&pixels, width, height).encode_simple(false, QUALITY)
    } else {
        let pixels = image.to_rgb8();
        webp::Encoder::from_rgb(&pixels, width, height).encode_simple(false, QUALITY)
    };
    encoded.map(|file| file.to_vec()).map_err(|_| Refused::Broken)
}
