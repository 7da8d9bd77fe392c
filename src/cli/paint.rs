//! Colour and bars on a terminal. Where there is none, or `NO_COLOR` is set, colour is taken out on the way out.

use anstyle::{Ansi256Color, Style};
use clivia_core::map::CellRow;

/// Black, which can be read on all grounds below.
const INK: Ansi256Color = Ansi256Color(16);
/// Orange, the stronger the more of a cell's customers are under-served.
const UNDER: [Ansi256Color; 3] = [Ansi256Color(223), Ansi256Color(215), Ansi256Color(208)];
/// Blue, the same for the over-served. Both can be told apart by the colour-blind.
const OVER: [Ansi256Color; 3] = [Ansi256Color(153), Ansi256Color(117), Ansi256Color(75)];
const NEITHER: Ansi256Color = Ansi256Color(252);

const BAR: usize = 16;
/// Eighths of a character, from the left.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// Text on the colour of a cell of the map.
pub(super) fn cell(text: &str, cell: &CellRow) -> String {
    let style = Style::new().fg_color(Some(INK.into())).bg_color(Some(ground(cell).into()));
    format!("{style}{text}{style:#}")
}

/// By what most of its misplaced customers are, in thirds of its customers.
fn ground(cell: &CellRow) -> Ansi256Color {
    let shade = |misplaced: u64| (3 * misplaced / cell.customers.max(1)).min(2) as usize;
    match (cell.under_served, cell.over_served) {
        (0, 0) => NEITHER,
        (under, over) if under >= over => UNDER[shade(under)],
        (_, over) => OVER[shade(over)],
    }
}

/// A bar as long as a share of the longest, to an eighth of a character.
pub(super) fn bar(value: f64, longest: f64) -> String {
    if !(value > 0.0 && longest > 0.0) {
        return String::new();
    }
    // What there is at all is seen.
    let eighths = ((value / longest).min(1.0) * (8 * BAR) as f64).round().max(1.0) as usize;
    let bar: String = std::iter::repeat_n('█', eighths / 8).chain([EIGHTHS[eighths % 8]]).collect();
    let style = Style::new().fg_color(Some(Ansi256Color(75).into()));
    format!("{style}{}{style:#}", bar.trim_end())
}

#[cfg(test)]
mod tests {
    use crate::paint::*;

    fn with(customers: u64, under_served: u64, over_served: u64) -> CellRow {
        CellRow {
            attractiveness: "high".into(),
            contact: "low".into(),
            name: "high value, low contact".into(),
            customers,
            share: 0.0,
            under_served,
            aligned: customers - under_served - over_served,
            over_served,
            revenue: None,
            clv: None,
            contact_cost: None,
            profit: None,
        }
    }

    #[test]
    fn a_cell_has_the_colour_of_what_most_are() {
        assert_eq!(ground(&with(0, 0, 0)), NEITHER);
        assert_eq!(ground(&with(10, 10, 0)), UNDER[2]);
        assert_eq!(ground(&with(10, 1, 0)), UNDER[0]);
        assert_eq!(ground(&with(10, 2, 5)), OVER[1]);
    }

    #[test]
    fn bars_are_measured_by_the_longest() {
        let plain = |value, longest| anstream::adapter::strip_str(&bar(value, longest)).to_string();
        assert_eq!(plain(10.0, 10.0), "█".repeat(BAR));
        assert_eq!(plain(5.0, 10.0), "█".repeat(BAR / 2));
        assert_eq!(plain(1.0, 10_000.0), "▏");
        assert_eq!(plain(0.0, 10.0), "");
        assert_eq!(plain(1.0, f64::NAN), "");
    }
}
