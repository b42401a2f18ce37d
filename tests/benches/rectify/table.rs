//! What was measured, as a table and as JSON.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The bench it is of.
    pub bench: &'static str,
    /// What was measured.
    pub what: String,
    /// On which database, or in which shape.
    pub on: &'static str,
    /// The figure.
    pub figure: f64,
    /// What it counts.
    pub unit: &'static str,
    /// How many times as much as what it is compared with in the same run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// What it is held to; none for what is only reported.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
}

/// What a figure is held to.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Goal {
    /// Which of the two is.
    pub of: Of,
    /// What is hoped for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aim: Option<f64>,
    /// What must be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// Whether less is better.
    pub at_most: bool,
}

/// What of a row is held to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// The figure.
    Figure,
    /// The ratio.
    Ratio,
}

impl Goal {
    /// Returns the goal of a ratio of at least so much.
    pub fn ratio(floor: f64, aim: f64) -> Option<Goal> {
        Some(Goal { of: Of::Ratio, aim: Some(aim), floor: Some(floor), at_most: false })
    }

    /// Returns the goal of a ratio of at most so much.
    pub fn flat(floor: f64) -> Option<Goal> {
        Some(Goal { of: Of::Ratio, aim: None, floor: Some(floor), at_most: true })
    }

    /// Returns the goal of a figure of at least so much.
    pub fn at_least(floor: f64, aim: Option<f64>) -> Option<Goal> {
        Some(Goal { of: Of::Figure, aim, floor: Some(floor), at_most: false })
    }

    /// Returns the goal of a figure of at most so much.
    pub fn at_most(floor: f64, aim: Option<f64>) -> Option<Goal> {
        Some(Goal { of: Of::Figure, aim, floor: Some(floor), at_most: true })
    }

    /// Returns the goal of a figure that is hoped to be at most so much.
    pub fn hoped_at_most(aim: f64) -> Option<Goal> {
        Some(Goal { of: Of::Figure, aim: Some(aim), floor: None, at_most: true })
    }
}

impl Row {
    /// Returns what it comes to: whether the floor was reached, or the aim too.
    pub fn verdict(&self) -> &'static str {
        let Some(goal) = self.goal else { return "" };
        let held = match goal.of {
            Of::Figure => self.figure,
            Of::Ratio => self.ratio.unwrap_or(f64::NAN),
        };
        let reaches = |wanted: f64| if goal.at_most { held <= wanted } else { held >= wanted };
        match goal.aim {
            Some(aim) if reaches(aim) => "beyond the aim",
            _ => match goal.floor {
                Some(floor) if reaches(floor) => "reached",
                Some(_) => "MISSED",
                None => "short of the aim",
            },
        }
    }

    /// Returns it in one line.
    pub fn line(&self) -> String {
        let mut line = format!("{} · {} · {} {}", self.what, self.on, number(self.figure), self.unit);
        if let Some(ratio) = self.ratio {
            let _ = write!(line, " · {ratio:.2} ×");
        }
        if let Some(goal) = self.goal {
            let wanted = goal.floor.or(goal.aim).map(|wanted| goal.text(wanted)).unwrap_or_default();
            let _ = write!(line, " · {} ({wanted})", self.verdict());
        }
        line
    }
}

impl Goal {
    fn text(&self, wanted: f64) -> String {
        let sign = if self.at_most { "≤" } else { "≥" };
        match self.of {
            Of::Figure => format!("{sign} {}", number(wanted)),
            Of::Ratio => format!("{sign} {wanted} ×"),
        }
    }
}

/// Returns all rows as a table.
pub fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["what", "on", "figure", "", "ratio", "floor", "aim", ""]);
    for row in rows {
        let wanted = |of: Option<f64>| row.goal.zip(of).map(|(goal, of)| goal.text(of)).unwrap_or_default();
        table.add_row([
            row.what.clone(),
            row.on.to_owned(),
            number(row.figure),
            row.unit.to_owned(),
            row.ratio.map(|ratio| format!("{ratio:.2} ×")).unwrap_or_default(),
            wanted(row.goal.and_then(|goal| goal.floor)),
            wanted(row.goal.and_then(|goal| goal.aim)),
            row.verdict().to_owned(),
        ]);
    }
    for column in [2, 4, 5, 6] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// Returns a number with as many digits as say something.
fn number(value: f64) -> String {
    match value.abs() {
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 1_000.0 => format!("{value:.1}"),
        _ => {
            let digits = format!("{value:.0}");
            let mut grouped = String::new();
            for (place, digit) in digits.chars().enumerate() {
                if place > 0 && (digits.len() - place).is_multiple_of(3) {
                    grouped.push(' ');
                }
                grouped.push(digit);
            }
            grouped
        }
    }
}
