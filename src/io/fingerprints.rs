//! Whole rows told apart.

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::error::ArrowError;
use xxhash_rust::xxh3::Xxh3;

use crate::cells::Texts;

/// A fingerprint of each row of a batch: of all its cells as text, so that equal rows have equal ones whatever their
/// types.
pub(crate) fn of(batch: &RecordBatch) -> Result<Vec<u128>, ArrowError> {
    let mut hashers: Vec<Xxh3> = (0..batch.num_rows()).map(|_| Xxh3::new()).collect();
    for column in batch.columns() {
        add(&mut hashers, column)?;
    }
    Ok(hashers.iter().map(Xxh3::digest128).collect())
}

fn add(hashers: &mut [Xxh3], column: &ArrayRef) -> Result<(), ArrowError> {
    let texts = Texts::of(column)?;
    for (row, hasher) in hashers.iter_mut().enumerate() {
        let cell = texts.get(row);
        hasher.update(&cell.map_or(u64::MAX, |cell| cell.len() as u64).to_le_bytes());
        hasher.update(cell.unwrap_or_default().as_bytes());
    }
    debug_assert_eq!(hashers.len(), column.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, Int32Array, StringArray, StringViewArray, TimestampMicrosecondArray};

    use crate::fingerprints::*;

    #[test]
    fn equal_rows_have_equal_fingerprints() -> Result<(), ArrowError> {
        let batch = |texts: ArrayRef| {
            RecordBatch::try_from_iter([
                ("a", Arc::new(Int32Array::from(vec![Some(1), Some(1), None, Some(1)])) as ArrayRef),
                ("b", texts),
                ("c", Arc::new(Float64Array::from(vec![0.5, 0.5, 0.5, -0.5])) as _),
                ("d", Arc::new(TimestampMicrosecondArray::from(vec![7; 4]).with_timezone("+05:30")) as _),
            ])
        };
        let texts = ["x", "x", "", "x"];
        let prints = of(&batch(Arc::new(StringArray::from(texts.to_vec())))?)?;
        assert_eq!(prints[0], prints[1]);
        assert!(prints[0] != prints[2] && prints[0] != prints[3]);
        assert_eq!(prints, of(&batch(Arc::new(StringViewArray::from(texts.to_vec())))?)?);
        Ok(())
    }
}
