//! A finished run read back: its tables, whatever their format.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::Schema;

use crate::error::Error;
use crate::runs::frozen::Frozen;
use crate::runs::nearest;
use clivia_core::base::ids::Ids;
use clivia_core::base::{Day, Money};
use clivia_core::control::Control;
use clivia_core::summary::{Ages, Spend, Summary};
use clivia_io::blocks::for_each_block;
use clivia_io::cells::Cells;
use clivia_io::dates::DateReader;
use clivia_io::error::TableError;
use clivia_io::files::{FileSource, Format};
use clivia_io::plan::ReadSettings;
use clivia_io::rejects::spreadsheet_plain;
use clivia_io::source::Source;
use clivia_io::source::Wanted;
use clivia_io::write::TableFormat;

/// The folder of a finished run.
#[derive(Debug)]
pub struct Finished {
    /// Its settings, parameters, thresholds and centroids.
    pub frozen: Frozen,
    folder: PathBuf,
}

impl Finished {
    /// Opens a folder that `score` wrote.
    ///
    /// # Errors
    /// [`Error::Frozen`] where it holds no run.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let record = nearest::record_of(folder);
        let folder = record.parent().unwrap_or(folder);
        Ok(Finished { frozen: Frozen::load(&record)?, folder: folder.into() })
    }

    /// The file of a table, in whatever format it was written.
    ///
    /// # Errors
    /// [`TableError::NoFile`] where the run has no such table.
    pub(crate) fn source(&self, stem: &str) -> Result<FileSource, Error> {
        Ok(FileSource::open(self.file(stem)?)?)
    }

    fn file(&self, stem: &str) -> Result<PathBuf, Error> {
        let endings = TableFormat::ALL.map(TableFormat::ending);
        let files = endings.map(|ending| self.folder.join(format!("{stem}.{ending}")));
        let file = files.into_iter().find(|file| file.exists());
        let missing = || self.folder.join(format!("{stem}.parquet")).display().to_string();
        Ok(file.ok_or_else(|| TableError::NoFile(missing()))?)
    }

    /// A whole table.
    ///
    /// # Errors
    /// [`Error::Table`] where the run has no such table or it cannot be read.
    pub(crate) fn table(&self, stem: &str) -> Result<Table, Error> {
        let file = self.file(stem)?;
        if std::fs::metadata(&file).is_ok_and(|metadata| metadata.len() == 0) {
            // What a table without rows is in a format without a header.
            return Ok(Table {
                file: file.display().to_string(),
                is_csv: false,
                rows: RecordBatch::new_empty(Schema::empty().into()),
            });
        }
        let source = FileSource::open(file)?;
        let settings = ReadSettings::default();
        let columns = source.columns(&settings)?;
        let mut batches = Vec::new();
        for_each_block(
            &source,
            &settings,
            &Wanted { columns: &columns, fingerprints: false },
            &Control::default(),
            |_| Ok(()),
            |block, ()| block.batch(),
            |batch| {
                batches.push(batch);
                Ok(())
            },
        )?;
        let schema = batches.first().map_or_else(|| Schema::empty().into(), RecordBatch::schema);
        let rows = concat_batches(&schema, &batches).map_err(|error| source.broken(error.to_string()))?;
        Ok(Table { file: source.name().into(), is_csv: source.format == Format::Text, rows })
    }
}

/// A table of a finished run.
#[derive(Debug)]
pub(crate) struct Table {
    file: String,
    /// Whether texts have been made safe for spreadsheets.
    is_csv: bool,
    rows: RecordBatch,
}

impl Table {
    /// How many rows it has.
    pub(crate) fn rows(&self) -> usize {
        self.rows.num_rows()
    }

    /// Whether it has a column.
    pub(crate) fn holds(&self, column: &str) -> bool {
        self.rows.column_by_name(column).is_some()
    }

    fn cells(&self, column: &str) -> Result<Cells, Error> {
        if self.rows() == 0 {
            let nothing: ArrayRef = Arc::new(StringArray::new_null(0));
            return Cells::new(&nothing).map_err(|error| self.broken(error.to_string()));
        }
        let missing = || self.broken(format!("it has no column '{column}'; another version of clivia wrote the run"));
        let column = self.rows.column_by_name(column).ok_or_else(missing)?;
        Cells::new(column).map_err(|error| self.broken(error.to_string()))
    }

    fn broken(&self, cause: String) -> Error {
        Error::Table(TableError::Broken { file: self.file.clone(), format: "a table", cause })
    }

    /// A column of numbers, NaN where there is none.
    pub(crate) fn numbers(&self, column: &str) -> Result<Vec<f64>, Error> {
        let cells = self.cells(column)?;
        Ok(match cells {
            Cells::Float(values) => values.iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
            Cells::Int(values) => values.iter().map(|value| value.map_or(f64::NAN, |value| value as f64)).collect(),
            other => (0..self.rows()).map(|row| other.show(row).parse().unwrap_or(f64::NAN)).collect(),
        })
    }

    /// A column of text.
    pub(crate) fn texts(&self, column: &str) -> Result<Vec<Option<String>>, Error> {
        let cells = self.cells(column)?;
        let text = |row| Some(self.plain(cells.show(row))).filter(|text| !text.is_empty());
        Ok((0..self.rows()).map(text).collect())
    }

    /// The customer ids.
    pub(crate) fn ids(&self) -> Result<Ids, Error> {
        let cells = self.cells("customer_id")?;
        let mut ids = Ids::default();
        (0..self.rows()).for_each(|row| ids.push(&self.plain(cells.show(row))));
        Ok(ids)
    }

    fn plain(&self, text: String) -> String {
        if self.is_csv { spreadsheet_plain(&text).into() } else { text }
    }

    /// A column of days.
    fn days(&self, column: &str) -> Result<Vec<Option<Day>>, Error> {
        let cells = self.cells(column)?;
        let reader = DateReader::default();
        Ok((0..self.rows()).map(|row| cells.moment(row, &reader).ok().map(|at| at.day)).collect())
    }

    /// The rows of customers with a purchase, as the summary that they were scored from, and where they stand.
    pub(crate) fn summary(&self, frozen: &Frozen) -> Result<(Summary, Vec<usize>), Error> {
        let settings = &frozen.settings.summary;
        let (first, last) = (self.days("first_order")?, self.days("last_order")?);
        let places: Vec<usize> = (0..self.rows()).filter(|&row| first[row].is_some() && last[row].is_some()).collect();
        let of = |column: &str| -> Result<Vec<f64>, Error> {
            let numbers = self.numbers(column)?;
            Ok(places.iter().map(|&row| numbers[row]).collect())
        };
        let counts = |column: &str| -> Result<Vec<u32>, Error> {
            Ok(of(column)?.into_iter().map(|count| count as u32).collect())
        };
        let (ids, revenue) = (self.ids()?, of("revenue")?);
        let has_money = revenue.iter().any(|revenue| !revenue.is_nan());
        let mean = of("mean_spend")?.into_iter().map(|mean| Some(mean).filter(|mean| !mean.is_nan())).collect();
        let money = revenue.into_iter().map(|revenue| Money((revenue * Money::SCALE as f64).round() as i64)).collect();
        let spend = has_money.then_some(Spend { days: settings.spend_days, revenue: money, mean });
        let summary = Summary {
            as_of: frozen.as_of,
            unit: settings.time_unit,
            ids: places.iter().map(|&row| ids.get(row)).collect(),
            orders: counts("orders")?,
            frequency: counts("frequency")?,
            ages: Some(Ages { last_purchase: of("last_purchase_age")?, now: of("age")? }),
            first_order: places.iter().filter_map(|&row| first[row]).collect(),
            last_order: places.iter().filter_map(|&row| last[row]).collect(),
            spend,
        };
        Ok((summary, places))
    }
}
