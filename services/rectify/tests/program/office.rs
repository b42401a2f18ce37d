//! An office with a data folder of its own.

use std::process::Output;

use rectify_tests::{TempFolder, folder, program};

/// A data folder, in which the program is run.
pub struct Office {
    folder: TempFolder,
    settings: Vec<String>,
}

/// What the program said.
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said beside that.
    pub err: String,
}

impl Office {
    /// Makes an empty data folder.
    pub fn empty() -> Office {
        Office::with(&[])
    }

    /// Makes an office whose program is always given these settings.
    pub fn with(settings: &[&str]) -> Office {
        Office { folder: folder(), settings: settings.iter().map(|setting| (*setting).to_owned()).collect() }
    }

    /// Returns arguments of the program with the settings.
    pub fn arguments(&self, own: &[&str]) -> Vec<String> {
        own.iter().map(|argument| (*argument).to_owned()).chain(self.settings.iter().cloned()).collect()
    }

    /// Makes an office with a prefecture, its rectification office, and somebody in it who hands in.
    pub async fn small() -> Office {
        let office = Office::empty();
        office.does(&["unit", "add", "甘南州", "--kind", "prefecture", "--division", "623000"]).await;
        office.does(&["unit", "add", "州整改办", "--kind", "office", "--parent", "甘南州"]).await;
        office.does(&["person", "add", "马经办", "--role", "officer", "--unit", "州整改办"]).await;
        office
    }

    /// Returns a path in the folder.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Puts a file into the folder and returns where.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs the program in the folder.
    pub async fn asks(&self, arguments: &[&str]) -> Said {
        let data = self.path("data");
        let variables = [("RECTIFY_DATA", data.as_str()), ("COLUMNS", "110")];
        let arguments = self.arguments(arguments);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Said::from(program::run(&arguments, &variables).await)
    }

    /// Runs the program in the folder, which must go well, and returns what it printed.
    pub async fn does(&self, arguments: &[&str]) -> String {
        let said = self.asks(arguments).await;
        assert_eq!(said.code, 0, "rectify {arguments:?}: {}", said.err);
        assert_eq!(said.err, "", "rectify {arguments:?} went well and complains");
        said.out
    }

    /// Runs the program in the folder, which must not go well, and returns the line that says why.
    pub async fn cannot(&self, arguments: &[&str]) -> String {
        let said = self.asks(arguments).await;
        assert_eq!(said.code, 1, "rectify {arguments:?} printed {}", said.out);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
        said.err.replace(self.folder.path().to_str().unwrap(), "FOLDER").trim_end().to_owned()
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Returns a text with ids as `ID`, tokens as `TOKEN`, and the spaces that fill a table up to them left out.
pub fn redacted(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let words = line.split(' ').map(|word| {
            let is_id = word.len() == 36 && word.bytes().filter(|b| *b == b'-').count() == 4;
            let is_token = word.strip_prefix("rct_").is_some_and(|digits| digits.len() == 64);
            if is_id {
                "ID"
            } else if is_token {
                "TOKEN"
            } else {
                word
            }
        });
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}
