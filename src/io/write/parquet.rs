//! Parquet, its columns encoded and compressed side by side.

use std::io::Write;

use polars::error::PolarsResult;
use polars::io::parquet::write::{
    BatchedWriter, KeyValueMetadata, ParquetCompression, ParquetWriter, StatisticsOptions,
};
use polars::prelude::{CompatLevel, DataFrame, Schema};
use polars_parquet::read::ParquetError;
use polars_parquet::write::{
    CompressedPage, CompressionOptions, Compressor, SchemaDescriptor, Version, WriteOptions, array_to_columns,
    get_dtype_encoding,
};
use rayon::prelude::*;

use super::made_by;

/// Snappy costs the least time and is read by everything.
const OPTIONS: WriteOptions = WriteOptions {
    statistics: StatisticsOptions {
        min_value: true,
        max_value: true,
        distinct_count: false,
        null_count: true,
        binary_statistics_truncate_length: None,
    },
    version: Version::V1,
    compression: CompressionOptions::Snappy,
    data_page_size: None,
};

/// A Parquet file that grows by row groups. What polars does of it on one core, compressing, takes the most time.
pub(super) struct Parquet<W: Write> {
    writer: BatchedWriter<W>,
    schema: SchemaDescriptor,
}

impl<W: Write> Parquet<W> {
    pub(super) fn new(out: W, schema: &Schema) -> PolarsResult<Self> {
        let writer = ParquetWriter::new(out).with_compression(ParquetCompression::Snappy);
        let mut writer =
            writer.with_key_value_metadata(Some(KeyValueMetadata::from_static(made_by()))).batched(schema)?;
        let schema = writer.parquet_schema().clone();
        Ok(Parquet { writer, schema })
    }

    pub(super) fn write(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        for batch in frame.iter_chunks(CompatLevel::newest(), false).filter(|batch| !batch.is_empty()) {
            let columns = batch.columns().par_iter().zip(self.schema.fields());
            let pages = columns.map(|(array, field)| {
                let parts = array_to_columns(array, field.clone(), OPTIONS, &get_dtype_encoding(array.dtype()))?;
                let parts = parts.into_iter().map(|pages| {
                    let pages = pages.map(|page| page.map_err(|error| ParquetError::OutOfSpec(error.to_string())));
                    Ok(Compressor::new(pages, OPTIONS.compression, Vec::new()).collect::<Result<_, ParquetError>>()?)
                });
                parts.collect::<PolarsResult<Vec<Vec<CompressedPage>>>>()
            });
            let pages: Vec<Vec<CompressedPage>> =
                pages.collect::<PolarsResult<Vec<_>>>()?.into_iter().flatten().collect();
            self.writer.write_row_group(batch.len() as u64, &pages)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> PolarsResult<()> {
        self.writer.finish().map(|_| ())
    }
}
