//! One customer's time cut into stretches of one exposure, and the events in it.

use crate::contacts::timing::axis::Resolution;

/// A time after an event of some factor (a kind of contact, or purchases): `factor x lags + lag`.
pub(super) type Cell = u16;

/// The lag windows of an analysis.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// Where each begins, and where the last ends, in days.
    edges: Vec<f64>,
}

impl Windows {
    pub(super) fn new(lags_days: &[f64], resolution: Resolution) -> Self {
        Windows { edges: lags_days.iter().map(|&lag| resolution.lag(lag)).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.edges.len() - 1
    }

    pub(super) fn cell(&self, factor: usize, lag: usize) -> Cell {
        (factor * self.len() + lag) as Cell
    }
}

/// From here on a factor is in a window, or in none.
struct Change {
    at: f64,
    factor: u16,
    cell: Option<Cell>,
}

/// A customer's time from 0 to `length` days, cut where an exposure changes, and the events within it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    /// Tells its chance from that of the others.
    pub(super) key: u64,
    /// Days.
    pub(super) length: f64,
    /// Rising, in days.
    pub(super) events: Vec<f64>,
    /// Where each stretch ends, rising; the last is `length`.
    ends: Vec<f64>,
    /// Where the cells of each stretch begin in `cells`, and where the last end.
    cell_starts: Vec<u32>,
    cells: Vec<Cell>,
    /// Of each of so many equal parts of the length, the stretch that it begins in: where to look first.
    parts: Vec<u32>,
}

/// Equal parts for each stretch.
const PARTS: usize = 4;

impl Track {
    /// Cuts time. An opening is the moment in days (before 0 too) from which a factor's lags count; each
    /// counts until the next of its factor. Openings may come in any order.
    pub(super) fn new(
        key: u64,
        length: f64,
        events: Vec<f64>,
        mut openings: Vec<(u16, f64)>,
        factors: usize,
        windows: &Windows,
    ) -> Self {
        openings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (ends, cell_starts, cells, parts) = (Vec::new(), vec![0], Vec::new(), Vec::new());
        let mut track = Track { key, length, events, ends, cell_starts, cells, parts };
        track.sweep(&changes(&openings, length, windows), factors);
        track.divide();
        track
    }

    /// Fills in `parts`.
    fn divide(&mut self) {
        let parts = PARTS * self.ends.len();
        let mut stretch = 0;
        for part in 0..parts {
            let begin = part as f64 / parts as f64 * self.length;
            while stretch + 1 < self.ends.len() && self.ends[stretch] <= begin {
                stretch += 1;
            }
            self.parts.push(stretch as u32);
        }
    }

    fn sweep(&mut self, changes: &[Change], factors: usize) {
        let mut state: Vec<Option<Cell>> = vec![None; factors];
        let mut start = 0.0;
        for change in changes {
            let now = usize::from(change.factor);
            if state[now] == change.cell {
                continue;
            }
            if change.at > start {
                self.push(change.at, &state);
                start = change.at;
            }
            state[now] = change.cell;
        }
        self.push(self.length, &state);
    }

    fn push(&mut self, end: f64, state: &[Option<Cell>]) {
        self.ends.push(end);
        self.cells.extend(state.iter().flatten());
        self.cell_starts.push(self.cells.len() as u32);
    }

    /// Its stretches: days and cells.
    pub(super) fn stretches(&self) -> impl Iterator<Item = (f64, &[Cell])> {
        let starts = std::iter::once(0.0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).enumerate().map(|(place, (start, end))| (end - start, self.cells_of(place)))
    }

    fn cells_of(&self, stretch: usize) -> &[Cell] {
        &self.cells[self.cell_starts[stretch] as usize..self.cell_starts[stretch + 1] as usize]
    }

    /// Every cell that it is ever in, once or more.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> {
        self.cells.iter().copied()
    }

    /// Hands over each cell of each event, had all events happened `shift` days later on a circle of `length`.
    pub(super) fn tally(&self, shift: f64, mut count: impl FnMut(Cell)) {
        let parts_a_day = self.parts.len() as f64 / self.length;
        for event in &self.events {
            let at = event + shift;
            let at = if at < self.length { at } else { at - self.length };
            let stretch = self.stretch_at(at, (at * parts_a_day) as u32);
            self.cells_of(stretch).iter().for_each(|&cell| count(cell));
        }
    }

    /// The stretch that holds a moment, which lies in that part of the length or, by rounding, in the one before.
    fn stretch_at(&self, at: f64, part: u32) -> usize {
        let mut stretch = self.parts[(part as usize).min(self.parts.len() - 1)] as usize;
        while stretch > 0 && self.ends[stretch - 1] > at {
            stretch -= 1;
        }
        while stretch + 1 < self.ends.len() && self.ends[stretch] <= at {
            stretch += 1;
        }
        stretch
    }

    /// Whether an event could be in a cell, and could be elsewhere.
    pub(super) fn informs(&self) -> bool {
        !self.events.is_empty() && !self.cells.is_empty()
    }
}

/// All changes before `length`, in the order of time.
fn changes(openings: &[(u16, f64)], length: f64, windows: &Windows) -> Vec<Change> {
    let mut changes = Vec::new();
    for (place, &(factor, at)) in openings.iter().enumerate() {
        let next = openings.get(place + 1).filter(|next| next.0 == factor).map_or(length, |next| next.1.min(length));
        for (lag, edge) in windows.edges.iter().enumerate() {
            if at + edge >= next {
                break;
            }
            let cell = (lag < windows.len()).then(|| windows.cell(usize::from(factor), lag));
            changes.push(Change { at: at + edge, factor, cell });
        }
    }
    changes.sort_by(|a, b| a.at.total_cmp(&b.at)); // stable: of two changes of a factor at once the later window counts
    changes
}

#[cfg(test)]
mod tests {
    use crate::contacts::timing::track::*;

    fn windows() -> Windows {
        Windows::new(&[0.0, 1.0, 3.0], Resolution::Clocks)
    }

    fn stretches(track: &Track) -> Vec<(f64, Vec<Cell>)> {
        track.stretches().map(|(days, cells)| (days, cells.to_vec())).collect()
    }

    #[test]
    fn windows_follow_one_another_and_a_new_contact_begins_anew() {
        let track = Track::new(0, 10.0, vec![], vec![(0, 2.0), (0, 4.0)], 1, &windows());
        let expected = [(2.0, vec![]), (1.0, vec![0]), (1.0, vec![1]), (1.0, vec![0]), (2.0, vec![1]), (3.0, vec![])];
        assert_eq!(stretches(&track), expected);
    }

    #[test]
    fn contacts_before_the_beginning_count() {
        let track = Track::new(0, 2.0, vec![], vec![(0, -2.0), (1, -9.0), (1, 1.5)], 2, &windows());
        assert_eq!(stretches(&track), [(1.0, vec![1]), (0.5, vec![]), (0.5, vec![2])]);
    }

    #[test]
    fn two_kinds_at_once_are_two_cells() {
        let track = Track::new(0, 4.0, vec![], vec![(1, 0.0), (0, 0.5)], 2, &windows());
        let expected =
            [(0.5, vec![2]), (0.5, vec![0, 2]), (0.5, vec![0, 3]), (1.5, vec![1, 3]), (0.5, vec![1]), (0.5, vec![])];
        assert_eq!(stretches(&track), expected);
    }

    #[test]
    fn a_moment_is_found_where_a_plain_search_finds_it() {
        let openings = (0..40).map(|contact| (0, f64::from(contact * contact) * 0.37)).collect();
        let track = Track::new(0, 500.0, vec![], openings, 1, &windows());
        for step in 0..5_000 {
            let at = f64::from(step) * 0.1;
            let part = (at * track.parts.len() as f64 / 500.0) as u32;
            let plain = track.ends.partition_point(|end| *end <= at);
            assert_eq!(track.stretch_at(at, part), plain);
            assert_eq!(track.stretch_at(at, part + 1), plain); // rounded up
        }
    }

    #[test]
    fn a_shift_goes_around() {
        let track = Track::new(0, 10.0, vec![1.0, 9.5], vec![(0, 0.0)], 1, &windows());
        let tallied = |shift| {
            let mut cells = Vec::new();
            track.tally(shift, |cell| cells.push(cell));
            cells
        };
        assert_eq!(tallied(0.0), [1]); // on the edge is in the next window
        assert_eq!(tallied(1.0), [1, 0]); // 2.0 and 0.5
        assert_eq!(tallied(8.5), Vec::<Cell>::new()); // 9.5 and 8.0
        assert_eq!(tallied(9.5), [0]); // 0.5 and 9.0
    }

    #[test]
    fn days_are_cut_at_midnight() {
        let days = Windows::new(&[0.0, 0.5, 1.0, 3.0], Resolution::Days);
        let track = Track::new(0, 5.0, vec![0.5, 1.5], vec![(0, 0.0)], 1, &days);
        assert_eq!(stretches(&track), [(1.0, vec![0]), (2.0, vec![2]), (2.0, vec![])]);
    }

    #[test]
    fn a_hundred_thousand_contacts_of_one_customer() {
        let openings = (0..100_000).map(|contact| (0, f64::from(contact) * 0.01)).collect();
        let track = Track::new(0, 1_000.0, vec![3.0], openings, 1, &windows());
        assert_eq!(stretches(&track), [(1_000.0, vec![0])]); // never a day without one
    }
}
