//! What each setting was given, by whom: the file, then variables, then flags.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::key::{KEYS, Key, Kind};
use super::redact::redacted;

/// The name of the file, in the data folder or else where the process was started.
const FILE: &str = "rectify.toml";

/// The variable in which a service manager says where it put the secrets of this process.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// What was said on the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The configuration file. It must exist when it is named.
    pub config: Option<PathBuf>,
    /// Settings by name, such as `http.listen`, with their values.
    pub settings: Vec<(String, String)>,
}

/// Where a value came from; what stands further down here wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was built in.
    Default,
    /// A line of the file.
    File(PathBuf, usize),
    /// A credential that the service manager hands in, such as systemd's.
    Credential(String),
    /// A variable.
    Variable(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("the default"),
            Origin::File(file, line) => write!(f, "{} line {line}", file.display()),
            Origin::Credential(name) => write!(f, "the credential {name}"),
            Origin::Variable(name) => write!(f, "the variable {name}"),
            Origin::Flag => f.write_str("the command line"),
        }
    }
}

impl Origin {
    /// Returns which layer it is in, whatever the line or variable.
    fn layer(&self) -> u8 {
        match self {
            Origin::Default => 0,
            Origin::File(..) => 1,
            Origin::Credential(_) => 2,
            Origin::Variable(_) => 3,
            Origin::Flag => 4,
        }
    }
}

/// What each setting was given. Values stay out of Debug: some are secrets.
#[derive(Clone)]
pub(super) struct Layers(BTreeMap<&'static str, (String, Origin)>);

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(key, (_, origin))| (key, origin))).finish()
    }
}

impl Layers {
    /// Reads all layers; also returns the variables that set nothing.
    pub(super) fn read(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(Layers, Vec<String>), ConfigError> {
        let mut variables = Variables::read(environment)?;
        let mut over = Layers(std::mem::take(&mut variables.settings));
        for (name, value) in &flags.settings {
            let key = Key::named(name).ok_or_else(|| unknown(name.clone(), Origin::Flag))?;
            over.0.insert(key.name, (value.clone(), Origin::Flag));
        }

        let defaults = KEYS.iter().filter_map(|key| Some((key.name, (key.default?.to_owned(), Origin::Default))));
        let mut layers = Layers(defaults.collect());
        let named = flags.config.clone().or(variables.config);
        let data = over.0.get("data").or_else(|| layers.0.get("data")).map(|(text, _)| PathBuf::from(text));
        layers.read_file(named, data.as_deref())?;
        if let Some(folder) = variables.credentials {
            layers.find_credentials(&folder);
        }
        layers.0.extend(over.0);
        Ok((layers, variables.unknown))
    }

    /// Finds the secrets that the service manager put into a folder of this process: each that may stand in a file may
    /// stand in one there, `database.url` in `rectify_database-url`.
    fn find_credentials(&mut self, folder: &Path) {
        for key in KEYS {
            let Some(secret) = key.name.strip_suffix("_file") else { continue };
            let name = format!("rectify_{}", secret.replace(['.', '_'], "-"));
            let file = folder.join(&name);
            if let Some(path) = file.to_str().filter(|_| file.exists()) {
                self.0.insert(key.name, (path.to_owned(), Origin::Credential(name)));
            }
        }
    }

    fn read_file(&mut self, named: Option<PathBuf>, data: Option<&Path>) -> Result<(), ConfigError> {
        let must_exist = named.is_some();
        let usual = || [data.map(|folder| folder.join(FILE)), Some(FILE.into())].into_iter().flatten().collect();
        for file in named.map_or_else(usual, |file| vec![file]) {
            match std::fs::read_to_string(&file) {
                Ok(text) => return self.read_toml(&file, &text),
                Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => {}
                Err(source) => return Err(ConfigError::Unreadable { file, source }),
            }
        }
        Ok(())
    }

    fn read_toml(&mut self, file: &Path, text: &str) -> Result<(), ConfigError> {
        let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        let table = DeTable::parse(text).map_err(|error| ConfigError::Malformed {
            file: file.to_owned(),
            line: error.span().map_or(1, |span| line(span.start)),
            reason: error.message().to_owned(),
        })?;
        self.read_table(None, table.get_ref(), &|at| Origin::File(file.to_owned(), line(at)))
    }

    fn read_table(
        &mut self,
        section: Option<&str>,
        table: &DeTable<'_>,
        origin: &dyn Fn(usize) -> Origin,
    ) -> Result<(), ConfigError> {
        for (name, value) in table {
            let full = section.map_or_else(|| name.get_ref().to_string(), |s| format!("{s}.{}", name.get_ref()));
            let at = origin(name.span().start);
            if let (None, DeValue::Table(inner), None) = (section, value.get_ref(), Key::named(&full)) {
                if !is_section(&full) {
                    return Err(unknown(full, at));
                }
                self.read_table(Some(&full), inner, origin)?;
                continue;
            }
            let key = Key::named(&full).ok_or_else(|| unknown(full, at.clone()))?;
            let text = scalar(value.get_ref()).ok_or_else(|| ConfigError::Invalid {
                key: key.name,
                origin: at.clone(),
                value: if value.get_ref().is_array() { "[…]" } else { "{…}" }.to_owned(),
                wanted: key.wanted,
            })?;
            self.0.insert(key.name, (text, at));
        }
        Ok(())
    }

    /// Returns what a setting was given and by whom.
    pub(super) fn given(&self, key: &Key) -> Option<(&str, &Origin)> {
        self.0.get(key.name).map(|(text, origin)| (text.as_str(), origin))
    }

    /// Reads a setting that has a default.
    pub(super) fn required<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        self.optional(name, read).map(|value| value.expect("a setting read so has a default, as a test asserts"))
    }

    /// Reads a setting that need not be given.
    pub(super) fn optional<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some((text, origin)) = self.0.get(name) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| invalid(name, text, origin))
    }

    /// Refuses one of two settings without the other.
    pub(super) fn together(&self, one: &'static str, other: &'static str) -> Result<(), ConfigError> {
        let (key, missing, (_, origin)) = match (self.0.get(one), self.0.get(other)) {
            (Some(given), None) => (one, other, given),
            (None, Some(given)) => (other, one, given),
            (Some(_), Some(_)) | (None, None) => return Ok(()),
        };
        Err(ConfigError::Alone { key, origin: origin.clone(), missing })
    }

    /// Reads a secret, given as it is or in a file. Where both are given, the later layer wins.
    pub(super) fn secret(
        &self,
        name: &'static str,
        file_name: &'static str,
        good: impl FnOnce(&str) -> bool,
    ) -> Result<Option<SecretString>, ConfigError> {
        let (value, file) = (self.0.get(name), self.0.get(file_name));
        if let (Some((_, origin)), Some((_, file_origin))) = (value, file)
            && origin.layer() == file_origin.layer()
        {
            return Err(ConfigError::Twice {
                key: name,
                origin: origin.clone(),
                file_key: file_name,
                file_origin: file_origin.clone(),
            });
        }
        let later_file = file.filter(|(_, at)| value.is_none_or(|(_, origin)| origin.layer() < at.layer()));
        let (text, shown_as, origin) = if let Some((file, origin)) = later_file {
            let text = std::fs::read_to_string(file).map_err(|source| ConfigError::SecretFile {
                key: file_name,
                origin: origin.clone(),
                file: file.into(),
                source,
            })?;
            (text.trim_end().to_owned(), file_name, origin)
        } else if let Some((text, origin)) = value {
            (text.clone(), name, origin)
        } else {
            return Ok(None);
        };
        if good(&text) {
            return Ok(Some(text.into()));
        }
        let wanted = Key::named(name).map_or("", |key| key.wanted);
        // Perhaps a password alone, where a URL with it belongs.
        let value = if text.contains("://") { redacted(Kind::Url, &text) } else { redacted(Kind::Secret, &text) };
        Err(ConfigError::Invalid { key: shown_as, origin: origin.clone(), value, wanted })
    }
}

/// What the environment says.
#[derive(Default)]
struct Variables {
    config: Option<PathBuf>,
    credentials: Option<PathBuf>,
    settings: BTreeMap<&'static str, (String, Origin)>,
    unknown: Vec<String>,
}

impl Variables {
    fn read(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Variables, ConfigError> {
        let mut variables = Variables::default();
        for (name, value) in environment {
            let Some(name) = name.to_str() else { continue };
            if name == CREDENTIALS {
                variables.credentials = Some(value.into());
                continue;
            }
            let Some(short) = name.strip_prefix("RECTIFY_").map(str::to_lowercase) else { continue };
            if value.is_empty() {
                continue;
            }
            let value = value.into_string().map_err(|_| ConfigError::NotUnicode(name.to_owned()))?;
            match Key::of_variable(&short) {
                Some(key) => {
                    variables.settings.insert(key.name, (value, Origin::Variable(name.to_owned())));
                }
                None if short == "config" => variables.config = Some(value.into()),
                // A nested name is meant for us. Others may be somebody else's: Kubernetes sets RECTIFY_PORT for a
                // service named rectify.
                None if short.contains("__") => {
                    return Err(unknown(short.replace("__", "."), Origin::Variable(name.to_owned())));
                }
                None => variables.unknown.push(name.to_owned()),
            }
        }
        variables.unknown.sort();
        Ok(variables)
    }
}

fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.parts().0 == Some(name))
}

fn unknown(key: String, origin: Origin) -> ConfigError {
    let section = key.split_once('.').map(|(section, _)| section).filter(|section| is_section(section));
    let mut names: Vec<&str> =
        KEYS.iter().map(Key::parts).filter(|(s, _)| *s == section).map(|(_, name)| name).collect();
    let known = if let Some(section) = section {
        format!("[{section}] has {}", names.join(", "))
    } else {
        let mut sections: Vec<&str> = KEYS.iter().filter_map(|key| key.parts().0).collect();
        sections.dedup();
        names.retain(|name| !sections.contains(name));
        format!("there are {} and the sections {}", names.join(", "), sections.join(", "))
    };
    ConfigError::UnknownKey { key, origin, known }
}

fn invalid(name: &'static str, text: &str, origin: &Origin) -> ConfigError {
    let (kind, wanted) = Key::named(name).map_or((Kind::Secret, ""), |key| (key.kind, key.wanted));
    ConfigError::Invalid { key: name, origin: origin.clone(), value: redacted(kind, text), wanted }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(at) => Some(at.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
