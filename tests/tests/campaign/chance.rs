//! Chance that a seed repeats: the generator is `SplitMix64`.

/// A source of choices.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Returns the source of a seed.
    pub fn of(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    /// Returns a source of its own for one step, so that no other step's choices depend on how many this one makes.
    pub fn fork(&mut self) -> Chance {
        Chance(self.next())
    }

    /// Returns a number below another.
    pub fn below(&mut self, most: usize) -> usize {
        let most = u64::try_from(most.max(1)).expect("a length fits");
        usize::try_from(self.next() % most).expect("it is below a usize")
    }

    /// Returns a number of a range, both ends included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// Returns yes in so many of a hundred.
    pub fn percent(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    /// Returns one of several.
    pub fn pick<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.below(several.len())]
    }

    /// Returns one of several, as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, several: &[(usize, T)]) -> T {
        let mut left = self.below(several.iter().map(|(weight, _)| weight).sum());
        for (weight, one) in several {
            match left.checked_sub(*weight) {
                None => return *one,
                Some(rest) => left = rest,
            }
        }
        several[several.len() - 1].1
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
