//! The grid: levels, cells and their names; and the diagnosis, by distance from the diagonal.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::map::{AxisName, MapError};

/// The fewest and the most levels of an axis.
pub const LEVELS: std::ops::RangeInclusive<usize> = 2..=10;

/// Where an axis of 0-100 is cut into levels: one threshold fewer than levels, rising.
///
/// A coordinate on a threshold belongs to the level above it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Thresholds(Vec<f64>);

impl Thresholds {
    /// Equal parts: 33.33 and 66.67 for three levels.
    pub(super) fn equal_parts(levels: usize) -> Self {
        Thresholds((1..levels).map(|level| 100.0 * level as f64 / levels as f64).collect())
    }

    /// Thresholds as typed.
    ///
    /// # Errors
    /// [`MapError::Thresholds`] unless they rise strictly between 0 and 100.
    pub fn new(axis: AxisName, cuts: Vec<f64>) -> Result<Self, MapError> {
        let within = cuts.iter().all(|&cut| cut > 0.0 && cut < 100.0);
        let rising = cuts.windows(2).all(|pair| pair[0] < pair[1]);
        if within && rising { Ok(Thresholds(cuts)) } else { Err(MapError::Thresholds { axis, cuts }) }
    }

    /// How many levels they make.
    pub fn levels(&self) -> usize {
        self.0.len() + 1
    }

    /// The level of a coordinate, from 0.
    pub fn level(&self, coordinate: f64) -> u8 {
        self.0.partition_point(|&cut| cut <= coordinate) as u8
    }

    /// The cuts, rising.
    pub fn cuts(&self) -> &[f64] {
        &self.0
    }
}

/// The name of a level: `low`, `medium`, `high` of three, `L1` to `Ln` of any other number.
pub fn level_name(level: u8, levels: usize) -> String {
    match (levels, level) {
        (3, 0) => "low".to_string(),
        (3, 1) => "medium".to_string(),
        (3, 2) => "high".to_string(),
        _ => format!("L{}", level + 1),
    }
}

/// A place on the map: the levels of its two axes, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Level of attractiveness.
    pub attractiveness: u8,
    /// Level of contact quality.
    pub contact: u8,
}

impl Cell {
    /// All cells of a square map, attractiveness rising, then contact rising.
    pub fn all(levels: usize) -> impl Iterator<Item = Cell> {
        (0..levels * levels).map(move |i| Cell { attractiveness: (i / levels) as u8, contact: (i % levels) as u8 })
    }

    /// Its place in [`Cell::all`].
    pub fn index(self, levels: usize) -> usize {
        usize::from(self.attractiveness) * levels + usize::from(self.contact)
    }

    /// Its name in exports: `high value, low contact`.
    pub fn name(self, levels: usize) -> String {
        format!("{} value, {} contact", level_name(self.attractiveness, levels), level_name(self.contact, levels))
    }
}

/// Whether the contact fits what the customer is worth.
///
/// It is read off the distance from the map's diagonal, contact quality minus attractiveness in points of the axes,
/// and not off the cell: of two customers a hair apart on either side of a threshold, one would else be misplaced and
/// the other not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Diagnosis {
    /// Contact below attractiveness by more than the tolerance.
    UnderServed,
    /// Contact within the tolerance of attractiveness.
    Aligned,
    /// Contact above attractiveness by more than the tolerance.
    OverServed,
}

impl Diagnosis {
    /// All of them.
    pub const ALL: [Diagnosis; 3] = [Diagnosis::UnderServed, Diagnosis::Aligned, Diagnosis::OverServed];

    /// Of a distance, contact minus attractiveness, -100 to 100; exactly the tolerance is within it.
    pub fn of(distance: f64, tolerance: f64) -> Self {
        if distance < -tolerance {
            Diagnosis::UnderServed
        } else if distance > tolerance {
            Diagnosis::OverServed
        } else {
            Diagnosis::Aligned
        }
    }

    /// Its name in exports: `under_served`.
    pub fn name(self) -> &'static str {
        match self {
            Diagnosis::UnderServed => "under_served",
            Diagnosis::Aligned => "aligned",
            Diagnosis::OverServed => "over_served",
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use crate::map::grid::*;

    #[test]
    fn a_coordinate_on_a_threshold_is_above_it() -> Result<(), MapError> {
        let cuts = Thresholds::new(AxisName::Contact, vec![25.0, 50.0])?;
        assert_eq!([0.0, 24.9, 25.0, 49.0, 50.0, 100.0].map(|c| cuts.level(c)), [0, 0, 1, 1, 2, 2]);
        assert_eq!(Thresholds::equal_parts(4).cuts(), [25.0, 50.0, 75.0]);
        Ok(())
    }

    #[test]
    fn the_tolerance_itself_is_within_it() {
        let read = [-30.1, -30.0, 0.0, 30.0, 30.1].map(|distance| Diagnosis::of(distance, 30.0).name());
        assert_eq!(read, ["under_served", "aligned", "aligned", "aligned", "over_served"]);
        assert_eq!([-100.0, 100.0].map(|distance| Diagnosis::of(distance, 100.0)), [Diagnosis::Aligned; 2]);
    }

    #[test]
    fn cells_are_named() {
        let cells: Vec<Cell> = Cell::all(3).collect();
        assert_eq!(cells.len(), 9);
        assert!(cells.iter().enumerate().all(|(place, cell)| cell.index(3) == place));
        assert_eq!(cells[6].name(3), "high value, low contact");
        assert_eq!(cells[6].name(4), "L3 value, L1 contact");
    }

    #[test]
    fn thresholds_must_rise_within_the_axis() {
        for cuts in [vec![50.0, 50.0], vec![0.0], vec![100.0], vec![f64::NAN], vec![60.0, 30.0]] {
            assert!(Thresholds::new(AxisName::Contact, cuts.clone()).is_err(), "{cuts:?}");
        }
    }
}
