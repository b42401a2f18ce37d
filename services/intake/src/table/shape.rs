//! What a sheet says about its rows beside what stands in them: which are hidden, which cells are merged.

/// The rows and cells of a sheet that are hidden or merged. Rows and columns count from 1 and from 0, as cells do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Hidden rows, as runs: the first and the last of each.
    pub(crate) hidden: Vec<(u64, u64)>,
    /// Merged cells, by the row they begin in.
    pub(crate) merges: Vec<Merge>,
    /// Whether a filter is set, which may be what hides the rows.
    pub(crate) filtered: bool,
}

/// Cells merged into one. What stands there stands in the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Merge {
    pub(crate) first_row: u64,
    pub(crate) last_row: u64,
    pub(crate) first_column: usize,
    pub(crate) last_column: usize,
}

impl Merge {
    /// Whether it is more than one column wide.
    pub(crate) fn is_wide(&self) -> bool {
        self.last_column > self.first_column
    }

    /// Whether it is more than one row high.
    pub(crate) fn is_high(&self) -> bool {
        self.last_row > self.first_row
    }
}

impl Shape {
    /// Returns whether a row is hidden.
    pub(crate) fn hides(&self, row: u64) -> bool {
        let next = self.hidden.partition_point(|(_, last)| *last < row);
        self.hidden.get(next).is_some_and(|(first, _)| *first <= row)
    }

    /// Returns the merged cells that begin in a row.
    pub(crate) fn begin_in(&self, row: u64) -> &[Merge] {
        let from = self.merges.partition_point(|merge| merge.first_row < row);
        let to = self.merges.partition_point(|merge| merge.first_row <= row);
        self.merges.get(from..to).unwrap_or_default()
    }

    /// Notes a hidden row; rows come in order.
    pub(crate) fn hide(&mut self, row: u64) {
        match self.hidden.last_mut() {
            Some((_, last)) if *last + 1 == row => *last = row,
            Some((_, last)) if *last >= row => {}
            _ => self.hidden.push((row, row)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_are_kept_as_runs() {
        let mut shape = Shape::default();
        for row in [3, 4, 5, 9] {
            shape.hide(row);
        }
        assert_eq!(shape.hidden, [(3, 5), (9, 9)]);
        let hidden: Vec<u64> = (1..12).filter(|row| shape.hides(*row)).collect();
        assert_eq!(hidden, [3, 4, 5, 9]);
    }
}
