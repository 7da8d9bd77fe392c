//! Money in fixed point.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of money in fixed point: whole 1/10,000 of the currency unit.
///
/// Sums of integers do not depend on their order, so revenue is the same on one thread or many and
/// is conserved to the last digit. It serialises as a plain decimal number of currency units.
///
/// ```
/// use clivia_core::base::Money;
/// let sum: Money = [Money::from_f64(0.10), Money::from_f64(0.20)].into_iter().flatten().sum();
/// assert_eq!(sum, Money::from_f64(0.30).unwrap());
/// assert_eq!(sum.to_string(), "0.30");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(pub i64);

impl Money {
    /// Fixed-point units in one currency unit.
    pub const SCALE: i64 = 10_000;
    /// The largest amount a single row may hold: a hundred billion currency units.
    pub const MAX_ROW: Money = Money(100_000_000_000 * Money::SCALE);

    /// The nearest amount, or `None` where it is not finite or beyond [`Money::MAX_ROW`].
    pub fn from_f64(amount: f64) -> Option<Self> {
        let scaled = (amount * Self::SCALE as f64).round();
        (scaled.abs() <= Self::MAX_ROW.0 as f64).then_some(Money(scaled as i64))
    }

    /// The amount in currency units.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::SCALE as f64
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / Self::SCALE as u64, self.0.unsigned_abs() % Self::SCALE as u64);
        let sign = if self.0 < 0 { "-" } else { "" };
        if part % 100 == 0 {
            write!(f, "{sign}{whole}.{:02}", part / 100)
        } else {
            write!(f, "{sign}{whole}.{part:04}")
        }
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        self.0 -= other.0;
    }
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money(0), Add::add)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_f64())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let amount = f64::deserialize(deserializer)?;
        Ok(Money((amount * Self::SCALE as f64).round() as i64))
    }
}
