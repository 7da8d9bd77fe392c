//! Means of which some are unknown, in the room of numbers.

/// The mean spend of each customer; unknown where there is no day to take it over. Ten million take 80 MB, where as many
/// `Option<f64>` take 160.
#[derive(Debug, Clone, Default)]
pub struct Means(
    /// NaN where unknown, which no mean of money is.
    Vec<f64>,
);

impl Means {
    /// So many, all of them unknown.
    ///
    /// ```
    /// use clivia_core::summary::Means;
    /// let mut means = Means::unknown(2);
    /// means.push(Some(35.2));
    /// assert!(means.iter().eq([None, None, Some(35.2)]));
    /// assert_eq!(means.get(2), Some(35.2));
    /// ```
    pub fn unknown(count: usize) -> Self {
        Means(vec![f64::NAN; count])
    }

    /// Adds one at the end.
    pub fn push(&mut self, mean: Option<f64>) {
        self.0.push(mean.unwrap_or(f64::NAN));
    }

    /// How many there are, the unknown ones too.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mean at `index`, where it is known.
    ///
    /// # Panics
    /// Where `index` is not below [`Means::len`].
    pub fn get(&self, index: usize) -> Option<f64> {
        known(self.0[index])
    }

    /// All of them in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<f64>> + DoubleEndedIterator + '_ {
        self.0.iter().map(|mean| known(*mean))
    }

    /// As they are kept, NaN where unknown.
    pub(crate) fn values_mut(&mut self) -> &mut [f64] {
        &mut self.0
    }
}

fn known(mean: f64) -> Option<f64> {
    (!mean.is_nan()).then_some(mean)
}

impl FromIterator<Option<f64>> for Means {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(means: I) -> Self {
        Means(means.into_iter().map(|mean| mean.unwrap_or(f64::NAN)).collect())
    }
}

/// Two that are unknown are equal.
impl PartialEq for Means {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use crate::summary::means::*;

    #[test]
    fn unknown_means_are_equal_and_known_ones_by_their_value() {
        let means = |means: &[Option<f64>]| means.iter().copied().collect::<Means>();
        assert_eq!(means(&[None, Some(0.0)]), means(&[None, Some(0.0)]));
        assert_ne!(means(&[None, Some(0.0)]), means(&[Some(0.0), None]));
        assert_ne!(means(&[None]), means(&[None, None]));
        assert_eq!(Means::unknown(2), means(&[None, None]));
        assert!(Means::default().is_empty());
    }
}
