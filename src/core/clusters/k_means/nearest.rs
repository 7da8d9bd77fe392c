//! The nearest of some centroids, for many points at once.

/// Points that are taken at once.
pub(in crate::clusters) const BLOCK: usize = 256;
/// Far more than the relative error of a computed distance, which is below 1e-14.
pub(super) const ROUNDING: f64 = 1e-12;

/// Squared Euclidean distance.
pub(in crate::clusters) fn squared_distance<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).fold(0.0, |sum, square| sum + square)
}

/// The centroid nearest to a point, the first of equally near ones.
pub(in crate::clusters) fn nearest<const D: usize>(centroids: &[[f64; D]], point: &[f64; D]) -> usize {
    let squared = centroids.iter().map(|centroid| squared_distance(point, centroid)).enumerate();
    squared.fold((0, f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best }).0
}

/// Points side by side, the nearest centroid of each, and the squared distances to that and to the next. The loops
/// are plain ones over places, without a jump, which the compiler turns into instructions that serve several points.
#[derive(Debug)]
pub(in crate::clusters) struct Batch<const D: usize> {
    coordinates: [[f64; BLOCK]; D],
    count: usize,
    squared: [f64; BLOCK],
    next_squared: [f64; BLOCK],
    index: [u64; BLOCK],
}

impl<const D: usize> Batch<D> {
    pub(in crate::clusters) fn new() -> Self {
        Batch {
            coordinates: [[0.0; BLOCK]; D],
            count: 0,
            squared: [f64::INFINITY; BLOCK],
            next_squared: [f64::INFINITY; BLOCK],
            index: [0; BLOCK],
        }
    }

    /// Takes points, the first [`BLOCK`] of them, and finds the nearest centroid of each, of equally near ones the
    /// first.
    pub(in crate::clusters) fn find(&mut self, points: impl Iterator<Item = [f64; D]>, centroids: &[[f64; D]]) {
        self.count = 0;
        for (place, point) in points.take(BLOCK).enumerate() {
            self.coordinates.iter_mut().zip(point).for_each(|(row, value)| row[place] = value);
            self.count = place + 1;
        }
        self.squared[..self.count].fill(f64::INFINITY);
        self.next_squared[..self.count].fill(f64::INFINITY);
        for (index, pair) in (0..).step_by(2).zip(centroids.chunks(2)) {
            let second = pair.get(1).unwrap_or(&[f64::INFINITY; D]);
            self.compare(index, &pair[0], second);
        }
    }

    /// Holds two more centroids against the nearest and the next of each point.
    fn compare(&mut self, index: u64, first: &[f64; D], second: &[f64; D]) {
        for place in 0..self.count.min(BLOCK) {
            let (mut a, mut b) = (0.0, 0.0);
            for row in 0..D {
                let value = self.coordinates[row][place];
                a += (value - first[row]) * (value - first[row]);
                b += (value - second[row]) * (value - second[row]);
            }
            let (near, far) = if b < a { (b, a) } else { (a, b) };
            let (old, old_next) = (self.squared[place], self.next_squared[place]);
            let (best, other) = if near < old { (near, old) } else { (old, near) };
            let next = if far < other { far } else { other };
            self.next_squared[place] = if next < old_next { next } else { old_next };
            self.squared[place] = best;
            // All bits or none.
            let nearer = u64::from(near < old).wrapping_neg();
            self.index[place] = ((index + u64::from(b < a)) & nearer) | (self.index[place] & !nearer);
        }
    }

    /// Of each point, the place of its nearest centroid.
    pub(in crate::clusters) fn indices(&self) -> impl Iterator<Item = u16> + '_ {
        self.index[..self.count].iter().map(|&index| index as u16)
    }

    /// Of each point, how much nearer its nearest centroid is than the next, at least.
    pub(super) fn slacks(&self) -> [f64; BLOCK] {
        let mut slacks = [0.0; BLOCK];
        let squared = self.next_squared.iter().zip(&self.squared).take(self.count);
        for (slack, (next, own)) in slacks.iter_mut().zip(squared) {
            *slack = next.sqrt() * (1.0 - ROUNDING) - own.sqrt() * (1.0 + ROUNDING);
        }
        slacks
    }
}
