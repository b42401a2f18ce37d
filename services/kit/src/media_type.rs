//! The type of a file, by its content. The name only chooses among the types of one container.

/// How many bytes from the beginning are looked at.
pub const LOOKED_AT: usize = 8 * 1024;

/// What a content can be by its first bytes, and what the endings of its name may make of it.
struct Container {
    is: fn(&[u8]) -> bool,
    kinds: &'static [(&'static str, &'static str)],
}

const CONTAINERS: &[Container] = &[
    Container { is: |head| head.starts_with(b"%PDF-"), kinds: &[("pdf", "application/pdf")] },
    Container { is: |head| head.starts_with(b"\xff\xd8\xff"), kinds: &[("jpg", "image/jpeg"), ("jpeg", "image/jpeg")] },
    Container { is: |head| head.starts_with(b"\x89PNG\r\n\x1a\n"), kinds: &[("png", "image/png")] },
    Container { is: |head| head.starts_with(b"GIF8"), kinds: &[("gif", "image/gif")] },
    Container { is: |head| head.starts_with(b"BM"), kinds: &[("bmp", "image/bmp")] },
    Container { is: is_webp, kinds: &[("webp", "image/webp")] },
    Container {
        is: |head| head.starts_with(b"II*\0") || head.starts_with(b"MM\0*"),
        kinds: &[("tif", "image/tiff"), ("tiff", "image/tiff")],
    },
    Container {
        is: |head| head.get(4..8) == Some(b"ftyp"),
        kinds: &[("mp4", "video/mp4"), ("m4a", "audio/mp4"), ("mov", "video/quicktime"), ("heic", "image/heic")],
    },
    Container { is: |head| head.starts_with(b"ID3") || head.starts_with(b"\xff\xfb"), kinds: &[("mp3", "audio/mpeg")] },
    Container {
        is: |head| head.starts_with(b"PK\x03\x04"),
        kinds: &[
            ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
            ("ofd", "application/ofd"),
            ("zip", "application/zip"),
        ],
    },
    Container {
        is: |head| head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        kinds: &[
            ("doc", "application/msword"),
            ("xls", "application/vnd.ms-excel"),
            ("ppt", "application/vnd.ms-powerpoint"),
            ("wps", "application/vnd.ms-works"),
            ("et", "application/vnd.ms-excel"),
        ],
    },
    Container { is: is_text, kinds: &[("txt", "text/plain"), ("csv", "text/csv")] },
];

/// Returns the media type of a file that begins like this; none for what is not taken as evidence.
pub fn of(head: &[u8], name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    let container = CONTAINERS.iter().find(|container| (container.is)(head))?;
    container.kinds.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, media_type)| *media_type)
}

fn is_webp(head: &[u8]) -> bool {
    head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")
}

/// Plain text has no control characters but those that lay it out, in UTF-8 as in GB 18030.
fn is_text(head: &[u8]) -> bool {
    !head.is_empty() && head.iter().all(|byte| *byte >= 0x20 && *byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_the_name_only_chooses_within_it() {
        assert_eq!(of(b"%PDF-1.7 ...", "验收单.PDF"), Some("application/pdf"));
        assert_eq!(of(b"%PDF-1.7 ...", "验收单.docx"), None);
        assert_eq!(of(b"PK\x03\x04....", "台账.xlsx").unwrap().rsplit_once('.').unwrap().1, "sheet");
        assert_eq!(of("已整改".as_bytes(), "说明.txt"), Some("text/plain"));
        assert_eq!(of(b"MZ\x90\0\x03", "说明.txt"), None);
        assert_eq!(of(b"<html>", "说明.html"), None);
        assert_eq!(of(b"", "说明.txt"), None);
        assert_eq!(of(b"%PDF-1.7", "无扩展名"), None);
    }
}
