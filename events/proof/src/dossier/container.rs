//! The ZIP of a dossier, read so that nothing in it can mean two things: every file stored as it is, one after the other from the
//! first byte, the directory right behind them, and nothing else. A reader that asks less would show other files than another.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use flate2::Crc;

use super::part::{BadName, Part};
use super::refused::{Refused, Why};

/// The most files that a dossier has.
pub(super) const MOST_ENTRIES: u64 = 65_000;

/// The most bytes of its directory.
const MOST_DIRECTORY: u64 = 16 << 20;

/// How much is read at once.
const CHUNK: usize = 1 << 16;

/// How much of a name is told that is none.
const TOLD: usize = 100;

/// What a field of 32 bits has where the number is elsewhere.
const ELSEWHERE: u32 = u32::MAX;

/// The size of the records of a ZIP, without what is of any length.
const END: usize = 22;
const LOCATOR: usize = 20;
const END_64: usize = 56;
const LOCAL: usize = 30;

/// The number under which an extra field has the numbers of more than 32 bits.
const ZIP_64: u16 = 1;

/// The bit that says that a name is UTF-8; no other may be set.
const UTF_8: u16 = 1 << 11;

/// A ZIP that was looked through, of which every file is one of a dossier's.
#[derive(Debug)]
pub struct Container<R> {
    reader: R,
    entries: BTreeMap<Part, Entry>,
}

/// A file in a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The how-manieth, from 1.
    pub number: usize,
    /// How many bytes it has.
    pub size: u64,
    /// Where it begins, with what the ZIP says before it.
    header: u64,
    /// Where its bytes begin.
    data: u64,
    crc: u32,
}

/// What the end of a ZIP says.
struct End {
    /// Where the directory begins, and how long it is.
    start: u64,
    size: u64,
    entries: u64,
}

/// An entry as the directory has it.
struct Central<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
    header: u64,
    attributes: u32,
}

impl<R: Read + Seek> Container<R> {
    /// Looks through a ZIP, and refuses whatever no dossier has. No more is held of it than its directory.
    pub fn open(mut reader: R) -> Result<Container<R>, Refused> {
        let end = End::read(&mut reader)?;
        let cut = || Refused::Whole { at: end.start, why: Why::Cut };
        let mut directory = vec![0; usize::try_from(end.size).map_err(|_| cut())?];
        reader.seek(SeekFrom::Start(end.start))?;
        reader.read_exact(&mut directory)?;
        let mut rest = Bytes(&directory);
        let mut entries: BTreeMap<Part, Entry> = BTreeMap::new();
        let mut next = 0;
        for number in 1..=end.entries {
            let number = usize::try_from(number).unwrap_or(usize::MAX);
            let central =
                Central::read(&mut rest).ok_or_else(cut)?.map_err(|why| Refused::Whole { at: end.start, why })?;
            let refused = |why| Refused::Entry { number, name: told(central.name), at: central.header, why };
            let part = central.judged().map_err(refused)?;
            if let Some(other) = entries.get(&part) {
                return Err(refused(Why::Twice(other.number)));
            }
            if central.header != next {
                return Err(refused(Why::Apart { wanted: next }));
            }
            let data = central.local(&mut reader)?.map_err(refused)?;
            next = data.checked_add(central.size).filter(|next| *next <= end.start).ok_or_else(|| refused(Why::Cut))?;
            if let Some(most) = part.most().filter(|most| central.size > *most) {
                return Err(refused(Why::Large { found: central.size, most }));
            }
            let Central { crc, size, header, .. } = central;
            entries.insert(part, Entry { number, size, header, data, crc });
        }
        if next != end.start {
            return Err(Refused::Whole { at: end.start, why: Why::Apart { wanted: next } });
        }
        if !rest.0.is_empty() {
            return Err(Refused::Whole { at: end.start, why: Why::Differs("how many files there are") });
        }
        Ok(Container { reader, entries })
    }

    /// Returns every file, in the order of their names.
    pub fn entries(&self) -> impl Iterator<Item = (&Part, &Entry)> {
        self.entries.iter()
    }

    /// Returns how many bytes a file has; none where it is not there.
    pub fn size(&self, part: &Part) -> Option<u64> {
        self.entries.get(part).map(|entry| entry.size)
    }

    /// Returns the bytes of a file; none where it is not there. Only for those that have a limit.
    pub fn whole(&mut self, part: &Part) -> Result<Option<Vec<u8>>, Refused> {
        let mut bytes = Vec::new();
        let there = self.pass(part, |chunk| bytes.extend_from_slice(chunk))?;
        Ok(there.then_some(bytes))
    }

    /// Hands the bytes of a file on, a chunk at a time, and returns whether it is there.
    pub fn pass(&mut self, part: &Part, mut to: impl FnMut(&[u8])) -> Result<bool, Refused> {
        let Some(entry) = self.entries.get(part).cloned() else { return Ok(false) };
        self.reader.seek(SeekFrom::Start(entry.data))?;
        let mut crc = Crc::new();
        let mut left = entry.size;
        let mut chunk = vec![0; CHUNK];
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let read = self.reader.read(&mut chunk[..wanted])?;
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            crc.update(&chunk[..read]);
            to(&chunk[..read]);
            left -= read as u64;
        }
        if crc.sum() == entry.crc {
            Ok(true)
        } else {
            let Entry { number, header, .. } = entry;
            Err(Refused::Entry { number, name: part.to_string(), at: header, why: Why::Damaged })
        }
    }
}

impl End {
    fn read(reader: &mut (impl Read + Seek)) -> Result<End, Refused> {
        let length = reader.seek(SeekFrom::End(0))?;
        let whole = |at: u64, why| Refused::Whole { at, why };
        let at = length.checked_sub(END as u64).ok_or_else(|| whole(0, Why::Cut))?;
        let record = exactly::<END>(reader, at)?;
        let mut fields = Bytes(&record);
        let mut read = || {
            fields.take(4).filter(|signature| *signature == b"PK\x05\x06")?;
            let [disk, first, here, entries] = [fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?];
            let (size, start) = (fields.u32()?, fields.u32()?);
            fields.u16().filter(|comment| *comment == 0)?;
            Some((disk, first, here, entries, size, start))
        };
        let (disk, first, here, entries, size, start) = read().ok_or_else(|| whole(at, Why::Cut))?;
        let (end, directory_ends) = if entries == u16::MAX || size == ELSEWHERE || start == ELSEWHERE {
            End::read_64(reader, at)?
        } else {
            if disk != 0 || first != 0 || here != entries {
                return Err(whole(at, Why::Split));
            }
            (End { start: u64::from(start), size: u64::from(size), entries: u64::from(entries) }, at)
        };
        if end.entries > MOST_ENTRIES {
            return Err(whole(at, Why::Many { found: end.entries, most: MOST_ENTRIES }));
        }
        if end.size > MOST_DIRECTORY {
            return Err(whole(at, Why::Long { found: end.size, most: MOST_DIRECTORY }));
        }
        if end.start.checked_add(end.size) != Some(directory_ends) {
            return Err(whole(directory_ends, Why::Apart { wanted: end.start.saturating_add(end.size) }));
        }
        Ok(end)
    }

    /// Reads the end of a ZIP of more than 32 bits, which stands before the other at a byte, and where it begins itself.
    fn read_64(reader: &mut (impl Read + Seek), at: u64) -> Result<(End, u64), Refused> {
        let cut = || Refused::Whole { at, why: Why::Cut };
        let locator_at = at.checked_sub(LOCATOR as u64).ok_or_else(cut)?;
        let end_at = locator_at.checked_sub(END_64 as u64).ok_or_else(cut)?;
        let locator = exactly::<LOCATOR>(reader, locator_at)?;
        let mut fields = Bytes(&locator);
        let mut leads = || {
            fields.take(4).filter(|signature| *signature == b"PK\x06\x07")?;
            let (disk, found, disks) = (fields.u32()?, fields.u64()?, fields.u32()?);
            Some(disk == 0 && disks == 1 && found == end_at)
        };
        if leads() != Some(true) {
            return Err(cut());
        }
        let record = exactly::<END_64>(reader, end_at)?;
        let mut fields = Bytes(&record);
        let mut read = || {
            fields.take(4).filter(|signature| *signature == b"PK\x06\x06")?;
            fields.u64().filter(|rest| *rest == END_64 as u64 - 12)?;
            fields.take(4)?;
            let (disk, first) = (fields.u32()?, fields.u32()?);
            let (here, entries, size, start) = (fields.u64()?, fields.u64()?, fields.u64()?, fields.u64()?);
            (disk == 0 && first == 0 && here == entries).then_some(End { start, size, entries })
        };
        Ok((read().ok_or_else(cut)?, end_at))
    }
}

impl<'a> Central<'a> {
    /// Reads the next entry; none where the directory is cut off.
    fn read(bytes: &mut Bytes<'a>) -> Option<Result<Central<'a>, Why>> {
        bytes.take(4).filter(|signature| *signature == b"PK\x01\x02")?;
        bytes.take(4)?;
        let (flags, method) = (bytes.u16()?, bytes.u16()?);
        bytes.take(4)?;
        let crc = bytes.u32()?;
        let (mut compressed, mut size) = (u64::from(bytes.u32()?), u64::from(bytes.u32()?));
        let (name, extra, comment) = (bytes.u16()?, bytes.u16()?, bytes.u16()?);
        let disk = bytes.u16()?;
        bytes.u16()?;
        let attributes = bytes.u32()?;
        let mut header = u64::from(bytes.u32()?);
        let name = bytes.take(usize::from(name))?;
        let extra = Bytes(bytes.take(usize::from(extra))?);
        if comment != 0 {
            return Some(Err(Why::Feature("a comment")));
        }
        if disk != 0 {
            return Some(Err(Why::Split));
        }
        let wide = match wide(extra) {
            Ok(wide) => wide,
            Err(why) => return Some(Err(why)),
        };
        // What the field of 32 bits does not say, the extra field says, in this order.
        let mut wide = Bytes(wide);
        for number in [&mut size, &mut compressed, &mut header] {
            if *number == u64::from(ELSEWHERE) {
                *number = wide.u64()?;
            }
        }
        Some(Ok(Central { name, flags, method, crc, compressed, size, header, attributes }))
    }

    /// Returns which file of a dossier it is, or why it is none.
    fn judged(&self) -> Result<Part, Why> {
        let name = std::str::from_utf8(self.name).map_err(|_| Why::NoText)?;
        let mode = (self.attributes >> 16) & 0o170_000;
        match mode {
            0 | 0o100_000 => {}
            0o120_000 => return Err(Why::Link),
            0o040_000 => return Err(BadName::Folder.into()),
            _ => return Err(Why::Special),
        }
        let part: Part = name.parse()?;
        if self.flags & 1 != 0 {
            return Err(Why::Encrypted);
        }
        if self.method != 0 {
            return Err(Why::Compressed(self.method));
        }
        if self.flags & !UTF_8 != 0 {
            return Err(Why::Feature("a data descriptor, or another flag than that of UTF-8"));
        }
        if self.attributes & 0x10 != 0 {
            return Err(BadName::Folder.into());
        }
        if self.compressed != self.size {
            return Err(Why::Differs("its size"));
        }
        Ok(part)
    }

    /// Compares what stands before the bytes of the entry with what the directory says, and returns where they begin.
    fn local(&self, reader: &mut (impl Read + Seek)) -> io::Result<Result<u64, Why>> {
        let record = match exactly::<LOCAL>(reader, self.header) {
            Ok(record) => record,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Err(Why::Cut)),
            Err(error) => return Err(error),
        };
        let mut fields = Bytes(&record);
        let mut read = || {
            fields.take(4).filter(|signature| *signature == b"PK\x03\x04")?;
            fields.take(2)?;
            let (flags, method) = (fields.u16()?, fields.u16()?);
            fields.take(4)?;
            let (crc, compressed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
            Some((flags, method, crc, compressed, size, fields.u16()?, fields.u16()?))
        };
        let Some((flags, method, crc, compressed, size, name, extra)) = read() else { return Ok(Err(Why::Cut)) };
        if (flags, method, crc) != (self.flags, self.method, self.crc) {
            return Ok(Err(Why::Differs("its flags, method or CRC-32")));
        }
        let (name, extra) = (usize::from(name), usize::from(extra));
        let mut more = vec![0; name + extra];
        if let Err(error) = reader.read_exact(&mut more) {
            return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(Err(Why::Cut)) } else { Err(error) };
        }
        let (name, extra) = more.split_at(name);
        if name != self.name {
            return Ok(Err(Why::Differs("its name")));
        }
        let wide = match wide(Bytes(extra)) {
            Ok(wide) => wide,
            Err(why) => return Ok(Err(why)),
        };
        let mut wide = Bytes(wide);
        for number in [size, compressed] {
            let found = if number == ELSEWHERE { wide.u64() } else { Some(u64::from(number)) };
            if found != Some(self.size) {
                return Ok(Err(Why::Differs("its size")));
            }
        }
        Ok(Ok(self.header + (LOCAL + more.len()) as u64))
    }
}

/// Returns the numbers of more than 32 bits in the extra fields of an entry; there may be no other such field, for some readers
/// take names from them.
fn wide(mut extra: Bytes<'_>) -> Result<&[u8], Why> {
    let mut wide: Option<&[u8]> = None;
    while !extra.0.is_empty() {
        let mut field = || {
            let (id, length) = (extra.u16()?, extra.u16()?);
            Some((id, extra.take(usize::from(length))?))
        };
        match field() {
            Some((ZIP_64, numbers)) if wide.is_none() => wide = Some(numbers),
            Some(_) | None => return Err(Why::Feature("an extra field")),
        }
    }
    Ok(wide.unwrap_or_default())
}

/// Reads so many bytes at a place.
fn exactly<const N: usize>(reader: &mut (impl Read + Seek), at: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.seek(SeekFrom::Start(at))?;
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Returns a name as it is told of one that cannot be trusted.
fn told(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(TOLD)]).into_owned()
}

/// Bytes that are read from their beginning.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, many: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(many)?;
        self.0 = rest;
        Some(first)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}
