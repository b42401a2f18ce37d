"""Checks a dossier: check_dossier.py DOSSIER.zip KEYFILE. Written from docs/dossier.md alone, with the standard library alone.

Ends with 0 where everything holds, and with 1 after a line for each thing that is wrong."""

import base64
import hashlib
import json
import re
import struct
import sys
import zlib


class Refused(Exception):
    """It is no dossier."""


# Ed25519 (RFC 8032).
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recovered(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0:
        return None
    return P - x if x & 1 != sign else x


def point(data):
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = recovered(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE = point(bytes([0x58]) + bytes([0x66]) * 31)


def added(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, a):
    total = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            total = added(total, a)
        a, number = added(a, a), number >> 1
    return total


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def verifies(public, signature, message):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same(times(s, BASE), added(r, times(h, a)))


# The tree (RFC 6962).
def sha256(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha256(b"\1" + left + right)


def root_of(leaf_hash, index, size, path):
    """The root that an audit path leads to; None where it has not the right length (RFC 9162, section 2.1.3.2)."""
    if index >= size:
        return None
    fn, sn, r = index, size - 1, leaf_hash
    for hash_ in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = node(hash_, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, hash_)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def goes_on(first, first_root, second, second_root, path):
    """Whether a tree begins with an earlier one (RFC 9162, section 2.1.4.2)."""
    if first == 0:
        return not path
    if first == second:
        return not path and first_root == second_root
    if first > second or not path:
        return False
    path = [first_root] + path if first & (first - 1) == 0 else path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for hash_ in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(hash_, fr), node(hash_, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, hash_)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


# Texts.
def unbase64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("no base64")
    return data


def hashes(text):
    if text and not text.endswith("\n"):
        raise ValueError("the last line has no end")
    found = [unbase64(line) for line in text.split("\n")[:-1]]
    if any(len(hash_) != 32 for hash_ in found):
        raise ValueError("no hash")
    return found


def read_key(line):
    name, id_, encoded = line.split("+", 2)
    key = unbase64(encoded)
    if len(key) != 33 or key[0] != 1 or sha256(name.encode() + b"\n" + key)[:4].hex() != id_:
        raise ValueError("no key")
    return name, bytes.fromhex(id_), key[1:]


def opened(note, keys):
    """The first line, the size and the root of a checkpoint that holds."""
    text, _, signatures = note.decode().rpartition("\n\n")
    text += "\n"
    lines = text.split("\n")
    if len(lines) != 4 or not signatures.endswith("\n"):
        raise ValueError("it is no checkpoint")
    origin, size, root = lines[0], int(lines[1]), unbase64(lines[2])
    if str(size) != lines[1] or len(root) != 32:
        raise ValueError("it is no checkpoint")
    holds = False
    for line in signatures.split("\n")[:-1]:
        dash, name, encoded = line.split(" ")
        data = unbase64(encoded)
        if dash != "\u2014":
            raise ValueError("it has a line that is no signature")
        for known, id_, public in keys:
            if known == name and id_ == data[:4]:
                if not verifies(public, data[4:], text.encode()):
                    raise ValueError("a signature is not of the key that it names")
                holds = holds or name == origin
    if not holds:
        raise ValueError("no key that was given signed it")
    return origin, size, root


# The ZIP.
DIGEST, POSITION = "[0-9a-f]{64}", "([0-9]{12}|[1-9][0-9]{12,19})"
LIMITS = [
    ("dossier.json", 64 << 20),
    ("SHA256SUMS", 16 << 20),
    ("checkpoint|earlier-checkpoint", 64 << 10),
    ("consistency", 16 << 10),
    (f"events/{POSITION}\\.json", 256 << 10),
    (f"proofs/{POSITION}\\.tlog-proof", 96 << 10),
    (f"evidence/{DIGEST}(\\.[a-z0-9]{{1,8}})?", None),
    ("README\\.txt|timeline\\.(zh-CN|en)\\.html|schemas/(case|access)\\.json", None),
]


def wide(extra):
    found = None
    while extra:
        if len(extra) < 4:
            raise Refused("an extra field is cut off")
        id_, length = struct.unpack("<HH", extra[:4])
        if id_ != 1 or found is not None or len(extra) < 4 + length:
            raise Refused("an extra field that is not that of ZIP64")
        found, extra = extra[4 : 4 + length], extra[4 + length :]
    return found or b""


def filled(numbers, extra):
    """Numbers of 32 bits, those that have no room there from the extra field."""
    extra, all_ = wide(extra), []
    for number in numbers:
        if number == 0xFFFFFFFF:
            if len(extra) < 8:
                raise Refused("a number is nowhere")
            number, extra = struct.unpack("<Q", extra[:8])[0], extra[8:]
        all_.append(number)
    return all_


def unzip(file):
    """The files of a dossier by name: where each begins and how long it is."""
    length = file.seek(0, 2)

    def at(place, count):
        if place < 0 or count < 0 or place + count > length:
            raise Refused("it is cut off")
        file.seek(place)
        return file.read(count)

    end = length - 22
    signature, disk, first, here, count, size, start, comment = struct.unpack("<4sHHHHIIH", at(end, 22))
    if signature != b"PK\5\6" or comment:
        raise Refused("it does not end as a ZIP")
    if count == 0xFFFF or size == 0xFFFFFFFF or start == 0xFFFFFFFF:
        signature, disk, place, disks = struct.unpack("<4sIQI", at(end - 20, 20))
        end -= 76
        if signature != b"PK\6\7" or disk or disks != 1 or place != end:
            raise Refused("it has no ZIP64 locator")
        signature, rest, _, _, disk, first, here, count, size, start = struct.unpack("<4sQHHIIQQQQ", at(end, 56))
        if signature != b"PK\6\6" or rest != 44:
            raise Refused("it has no ZIP64 end")
    if disk or first or here != count:
        raise Refused("it is split over disks")
    if count > 65000 or size > 16 << 20 or start + size != end:
        raise Refused("its directory is too large, or not where it says")
    directory, files, expected = at(start, size), {}, 0
    for _ in range(count):
        if len(directory) < 46:
            raise Refused("its directory is cut off")
        (signature, _, _, flags, method, _, crc, packed, size, name, extra, comment, disk, _, mode, header) = struct.unpack(
            "<4sHHHHIIIIHHHHHII", directory[:46]
        )
        if signature != b"PK\1\2" or comment or disk or len(directory) < 46 + name + extra:
            raise Refused("an entry of its directory is none")
        name, more = directory[46 : 46 + name], directory[46 + name : 46 + name + extra]
        directory = directory[46 + len(name) + extra :]
        size, packed, header = filled([size, packed, header], more)
        text = name.decode("ascii", "backslashreplace")
        kind = next((most for form, most in LIMITS if re.fullmatch(form, text)), "")
        if kind == "" or text in files:
            raise Refused(f"{text!r} is no file of a dossier, or is there twice")
        if mode >> 16 & 0o170000 not in (0, 0o100000) or mode & 0x10:
            raise Refused(f"{text} is no plain file")
        if flags & ~0x800 or method or packed != size or (kind is not None and size > kind):
            raise Refused(f"{text} is compressed, encrypted or too large")
        if header != expected:
            raise Refused(f"{text} does not follow what comes before it")
        local = struct.unpack("<4sHHHIIIIHH", at(header, 30))
        data = header + 30 + local[8] + local[9]
        if local[0] != b"PK\3\4" or (local[2], local[3], local[5]) != (flags, method, crc) or at(header + 30, local[8]) != name:
            raise Refused(f"{text} is something else in its own header")
        if filled([local[7], local[6]], at(header + 30 + local[8], local[9])) != [size, size]:
            raise Refused(f"{text} has another size in its own header")
        files[text], expected = (data, size, crc), data + size
        at(data, size)
    if directory or expected != start:
        raise Refused("something lies between its files and its directory")
    return files


class Dossier:
    def __init__(self, file, keys):
        self.file, self.keys, self.wrong, self.files = file, keys, [], unzip(file)
        self.digests = {name: self.pass_over(name) for name in self.files}

    def pass_over(self, name):
        place, size, crc = self.files[name]
        self.file.seek(place)
        hash_, found = hashlib.sha256(), 0
        while size:
            chunk = self.file.read(min(size, 1 << 20))
            if not chunk:
                raise Refused("it is cut off")
            hash_.update(chunk)
            found, size = zlib.crc32(chunk, found), size - len(chunk)
        if found != crc:
            raise Refused(f"{name} is damaged")
        return hash_.hexdigest()

    def read(self, name):
        if name not in self.files:
            raise ValueError("it is missing")
        place, size, _ = self.files[name]
        self.file.seek(place)
        return self.file.read(size)

    def note(self, name, what):
        self.wrong.append(f"{name}: {what}")

    def check(self):
        fields = {"format", "program", "made", "log", "case", "number", "schemas", "rule_packs", "events", "evidence"}
        try:
            self.said = json.loads(self.read("dossier.json"))
            if set(self.said) != fields or self.said["format"] != 1:
                raise ValueError("it is of no format that is known")
        except ValueError as error:
            raise Refused(f"dossier.json: {error}") from error
        self.check_sums()
        try:
            self.note_bytes = self.read("checkpoint")
            origin, self.size, self.root = opened(self.note_bytes, self.keys)
        except ValueError as error:
            self.note("checkpoint", error)
            return
        if origin != "rectify/" + self.said["log"]:
            self.note("checkpoint", "it is of another log")
        self.logs = {self.said["log"]: 2**64}
        self.filed = {}
        self.held, self.shown = set(), []
        for listed in self.said["events"]:
            if listed["stream"] == "directory" and listed["held"]:
                self.check_fork(listed)
        for listed in self.said["events"]:
            self.check_event(listed)
        self.check_order()
        self.check_nothing_else()
        self.check_evidence()
        self.check_earlier()

    def check_sums(self):
        listed = {}
        try:
            for line in self.read("SHA256SUMS").decode().splitlines():
                digest, name = line.split("  ")
                if name in listed or name == "SHA256SUMS":
                    raise ValueError(f"{name} is named again")
                listed[name] = digest
        except ValueError as error:
            self.note("SHA256SUMS", error)
        for name in set(self.files) | set(listed):
            if name != "SHA256SUMS" and listed.get(name) != self.digests.get(name):
                self.note(name, "its SHA-256 is not that in SHA256SUMS")

    def check_fork(self, listed):
        name = f"events/{listed['position']:012}.json"
        try:
            event = json.loads(self.read(name))
            if event["type"] != "log_forked":
                raise ValueError("it does not say that the log was forked")
            self.logs[event["data"]["from"]] = event["data"]["position"]
        except (ValueError, KeyError, TypeError) as error:
            self.note(name, error)

    def check_event(self, listed):
        position, leaf = listed["position"], listed["leaf"]
        name, proof = f"events/{position:012}.json", f"proofs/{position:012}.tlog-proof"
        case = self.said["case"]
        streams = {"case": f"case-{case}", "access": f"access-{case}", "directory": "directory"}
        if listed["held"]:
            try:
                event = json.loads(self.read(name))
                if self.digests[name] != leaf:
                    self.note(name, "it is not the event that was recorded")
                if event["stream"] != streams[listed["stream"]]:
                    self.note(name, "it is no event of this case")
                if event["version"] != listed["version"]:
                    self.note(name, "it has another version")
                if position > self.logs.get(event["log"], 0):
                    self.note(name, "it was written to another log")
                if listed["stream"] == "access":
                    self.check_custody(listed, event)
                if listed["stream"] == "case":
                    filed = {"evidence_filed": lambda data: [data["evidence"]], "merge_received": lambda data: data["evidence"]}
                    for piece in filed.get(event["type"], lambda data: [])(event["data"]):
                        self.filed[piece["digest"]] = piece["size"]
            except (ValueError, KeyError, TypeError) as error:
                self.note(name, error)
        try:
            text = self.read(proof).decode()
            head, _, rest = text.partition("\n")
            index, _, rest = rest.partition("\n")
            path, note = ("", rest[1:]) if rest.startswith("\n") else rest.split("\n\n", 1)
            if head != "c2sp.org/tlog-proof@v1" or index != f"index {position - 1}":
                raise ValueError("it is no proof of this position")
            if note.encode() != self.note_bytes:
                raise ValueError("it leads to another checkpoint")
            leaf_hash = sha256(b"\0" + bytes.fromhex(leaf))
            if root_of(leaf_hash, position - 1, self.size, hashes(path and path + "\n")) != self.root:
                raise ValueError("it does not lead to the root")
        except ValueError as error:
            self.note(proof, error)

    def check_custody(self, listed, event):
        data = event["data"]
        petition = data.get("finding") if isinstance(data, dict) else None
        if not isinstance(petition, str):
            return
        if event["type"] == "petition_held":
            self.held.add(petition)
        elif event["type"] == "petition_released":
            self.held.discard(petition)
        elif event["type"] == "petition_opened" and petition in self.held:
            self.shown.append(f"position {listed['position']}: a petition was opened while it was held to storage only")

    def check_order(self):
        positions = [listed["position"] for listed in self.said["events"]]
        if any(a >= b for a, b in zip(positions, positions[1:])):
            self.note("dossier.json", "its events are not in the order of the log")
        for stream in ("case", "access"):
            versions = [listed["version"] for listed in self.said["events"] if listed["stream"] == stream]
            if versions != list(range(1, len(versions) + 1)) or (stream == "case" and not versions):
                self.note("dossier.json", f"a version of {stream} is missing")

    def check_nothing_else(self):
        known = {file["file"] for file in self.said["evidence"]}
        for listed in self.said["events"]:
            known.add(f"proofs/{listed['position']:012}.tlog-proof")
            if listed["held"]:
                known.add(f"events/{listed['position']:012}.json")
        for name in self.files:
            if name.startswith(("events/", "proofs/", "evidence/")) and name not in known:
                self.note(name, "dossier.json does not name it")

    def check_evidence(self):
        for file in self.said["evidence"]:
            size = self.filed.pop(file["digest"], None)
            if size is None:
                self.note("dossier.json", f"no event puts {file['digest']} on file")
            elif file["file"] is None:
                if file["absent"] not in ("withdrawn", "missing", "damaged"):
                    self.note("dossier.json", f"nothing says where {file['digest']} is")
            elif not file["file"].startswith("evidence/") or file["file"] not in self.files:
                self.note(file["file"], "it is missing")
            elif self.digests[file["file"]] != file["digest"] or self.files[file["file"]][1] != size:
                self.note(file["file"], "it is not the file that was put on file")
        for digest in self.filed:
            self.note("dossier.json", f"it does not name {digest}, which an event puts on file")

    def check_earlier(self):
        if "earlier-checkpoint" not in self.files and "consistency" not in self.files:
            return
        try:
            origin, size, root = opened(self.read("earlier-checkpoint"), self.keys)
            if origin not in {"rectify/" + log for log in self.logs}:
                raise ValueError("it is of another log")
            if not goes_on(size, root, self.size, self.root, hashes(self.read("consistency").decode())):
                raise ValueError("the log does not go on from it")
        except ValueError as error:
            self.note("earlier-checkpoint", error)


def main(dossier, keys):
    with open(keys, encoding="utf-8") as file:
        keys = [read_key(line.strip()) for line in file if line.strip()]
    with open(dossier, "rb") as file:
        try:
            checked = Dossier(file, keys)
            checked.check()
        except Refused as why:
            print(f"refused: {why}")
            return 1
    for line in checked.wrong:
        print(f"wrong: {line}")
    for line in checked.shown:
        print(f"shown: {line}")
    return 1 if checked.wrong else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(*sys.argv[1:]))
