//! Charts as SVG: grouped bars with error bars, over a logarithmic axis where ratios lie far apart; and lines over two
//! such axes.
//!
//! Colours are those of Okabe and Ito, which people who see colours differently can tell apart.

use plotters::coord::Shift;
use plotters::coord::combinators::BindKeyPoints;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::prelude::{
    ChartBuilder, Circle, Color, FontTransform, IntoFont, IntoLogRange, LineSeries, PathElement, RGBColor,
    Rectangle, SVGBackend, SeriesLabelPosition, TRANSPARENT, Text, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Groups of bars.
///
/// A chart with a [`reference`](Self::reference) is one of ratios. Where these span more than a factor of 8, its axis is
/// logarithmic and says so, and bars grow from the reference, up or down: on a linear axis one ratio far from the others
/// would make these too small to be told apart.
#[derive(Clone, Debug, Default)]
pub struct BarChart {
    /// Above the chart.
    pub title: String,
    /// Beside the axis.
    pub label: String,
    /// Below each group.
    pub groups: Vec<String>,
    /// The bars: each series has one in every group.
    pub series: Vec<BarSeries>,
    /// What ratios refer to, above 0; a line goes across all bars there. `None` where bars are no ratios.
    pub reference: Option<f64>,
}

/// The bars of one colour.
#[derive(Clone, Debug, Default)]
pub struct BarSeries {
    /// In the legend.
    pub name: String,
    /// By group; `None` where there is no figure.
    pub bars: Vec<Option<Bar>>,
}

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Its height.
    pub value: f64,
    /// The lower and the upper end of its error bar.
    pub error: Option<(f64, f64)>,
}

/// Lines over two logarithmic axes.
#[derive(Clone, Debug)]
pub struct LineChart {
    /// Above the chart.
    pub title: String,
    /// Below the horizontal axis.
    pub x_label: String,
    /// Beside the vertical axis.
    pub y_label: String,
    /// How numbers are written along that axis.
    pub y_format: fn(f64) -> String,
    /// Name and points of each line; all numbers are above 0.
    pub lines: Vec<(String, Vec<(f64, f64)>)>,
}

const COLOURS: [RGBColor; 9] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(120, 120, 120),
    RGBColor(240, 228, 66),
    RGBColor(60, 60, 60),
];

/// Groups that a chart has room for with their names written across.
const NAMES_ACROSS: usize = 9;
/// Ratios that span more than this have a logarithmic axis.
const WIDEST_LINEAR_SPAN: f64 = 8.0;
/// Room on a logarithmic axis above the highest bar and below the lowest, as a factor.
const MARGIN: f64 = 1.15;
const INK: RGBColor = RGBColor(40, 40, 40);

/// The vertical axis of bars.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Heights {
    low: f64,
    high: f64,
    /// Where bars begin.
    base: f64,
}

/// What there is room for.
struct Space {
    width: u32,
    /// Pixels below the axis, for the names of the groups.
    below: u32,
    /// Rows of the legend.
    rows: u32,
    /// Whether names of groups are written across.
    across: bool,
}

fn colour(series: usize) -> RGBColor {
    COLOURS[series % COLOURS.len()]
}

impl Heights {
    /// The end of an error bar, or the edge that cuts it off.
    fn within(self, end: f64) -> f64 {
        end.clamp(self.low, self.high)
    }
}

impl BarChart {
    /// The chart as SVG.
    ///
    /// # Errors
    /// What plotters says, which for text in memory is nothing.
    pub fn svg(&self) -> Result<String, String> {
        let bars = self.groups.len() * self.series.len();
        let width = (200 + bars * 14 + self.groups.len() * 18).clamp(720, 4000) as u32;
        let longest = self.groups.iter().map(|group| group.chars().count()).max().unwrap_or(0);
        let across = self.groups.len() <= NAMES_ACROSS && longest * self.groups.len() < 100;
        let below = if across { 40 } else { 30 + longest.min(40) * 7 } as u32;
        let rows = self.legend(width).last().map_or(0, |(_, row, _)| row + 1) as u32;
        let height = 340 + below + rows * 20;
        let mut svg = String::new();
        let root = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        let space = Space { width, below, rows, across };
        match self.logarithmic() {
            Some(heights) => {
                let ticks = ticks(heights.low, heights.high);
                let axis = (heights.low..heights.high).log_scale().with_key_points(ticks);
                let label = format!("{}, logarithmic", self.label);
                self.draw(&root, &space, &label, heights, axis)
            }
            None => {
                let heights = self.linear();
                self.draw(&root, &space, &self.label, heights, heights.low..heights.high)
            }
        }
        .map_err(|error| error.to_string())?;
        root.present().map_err(|error| error.to_string())?;
        drop(root);
        Ok(svg)
    }

    /// The names of the series with the row and the place in it that each gets.
    fn legend(&self, width: u32) -> Vec<(usize, usize, i32)> {
        let (mut row, mut x) = (0, 70);
        let mut places = Vec::new();
        for (number, series) in self.series.iter().enumerate() {
            let wide = 36 + series.name.chars().count() as i32 * 7;
            if x > 70 && x + wide > width as i32 {
                (row, x) = (row + 1, 70);
            }
            places.push((number, row, x));
            x += wide;
        }
        places
    }

    fn bars(&self) -> impl Iterator<Item = Bar> {
        let bars = self.series.iter().flat_map(|series| series.bars.iter().flatten());
        bars.copied().filter(|bar| bar.value.is_finite())
    }

    fn linear(&self) -> Heights {
        let of_bar = |bar: Bar| bar.error.map_or(bar.value, |(_, high)| high.max(bar.value));
        let highest = self.bars().map(of_bar).chain(self.reference);
        let highest = highest.filter(|value| value.is_finite()).fold(0.0, f64::max);
        Heights { low: 0.0, high: if highest > 0.0 { highest * 1.08 } else { 1.0 }, base: 0.0 }
    }

    /// The logarithmic axis, if the chart needs one.
    fn logarithmic(&self) -> Option<Heights> {
        let reference = self.reference.filter(|reference| *reference > 0.0)?;
        let values = || self.bars().map(|bar| bar.value).chain([reference]);
        let (lowest, highest) = (values().fold(reference, f64::min), values().fold(reference, f64::max));
        if lowest <= 0.0 || highest / lowest <= WIDEST_LINEAR_SPAN {
            return None;
        }
        let (mut low, mut high) = (lowest, highest);
        for Bar { value, error } in self.bars() {
            if let Some((from, to)) = error {
                // An error bar that is out of all proportion is cut off, and does not press the others together.
                low = low.min(from.max(value / 2.0));
                high = high.max(to.min(value * 2.0));
            }
        }
        Some(Heights { low: low / MARGIN, high: high * MARGIN, base: reference })
    }

    fn draw<Y>(
        &self,
        root: &DrawingArea<SVGBackend<'_>, Shift>,
        space: &Space,
        label: &str,
        heights: Heights,
        axis: Y,
    ) -> Result<(), Box<dyn std::error::Error + '_>>
    where
        Y: AsRangedCoord<Value = f64>,
        Y::CoordDescType: ValueFormatter<f64>,
    {
        let Space { width, below, rows, across } = *space;
        root.fill(&WHITE)?;
        let title = ("sans-serif", 19).into_font().color(&INK);
        let middle = title.pos(Pos::new(HPos::Center, VPos::Top));
        root.draw(&Text::new(self.title.clone(), (width as i32 / 2, 10), middle))?;
        for (number, row, x) in self.legend(width) {
            let y = 38 + row as i32 * 20;
            root.draw(&Rectangle::new([(x, y), (x + 13, y + 13)], colour(number).filled()))?;
            let style = ("sans-serif", 13).into_font().color(&INK);
            root.draw(&Text::new(self.series[number].name.clone(), (x + 18, y), style))?;
        }
        let count = self.groups.len().max(1) as f64;
        let mut chart = ChartBuilder::on(root)
            .margin_top(42 + rows as i32 * 20)
            .margin_right(16)
            .margin_left(14)
            .x_label_area_size(below)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..count, axis)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(0)
            .light_line_style(TRANSPARENT)
            .bold_line_style(RGBColor(225, 225, 225))
            .axis_style(INK)
            .y_desc(label)
            .y_label_formatter(&|value| round(*value))
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        let bar_width = 0.8 / self.series.len().max(1) as f64;
        for (number, series) in self.series.iter().enumerate() {
            for (group, bar) in series.bars.iter().enumerate() {
                let Some(bar) = bar.filter(|bar| bar.value.is_finite()) else { continue };
                let left = group as f64 + 0.1 + number as f64 * bar_width;
                let box_ = [(left, heights.base), (left + bar_width * 0.92, bar.value)];
                chart.draw_series([Rectangle::new(box_, colour(number).filled())])?;
                if let Some((low, high)) = bar.error.filter(|(low, high)| low.is_finite() && high.is_finite())
                {
                    let [low, high] = [low, high].map(|end| heights.within(end));
                    let middle = left + bar_width * 0.46;
                    let cap = bar_width * 0.22;
                    for line in [
                        [(middle, low), (middle, high)],
                        [(middle - cap, low), (middle + cap, low)],
                        [(middle - cap, high), (middle + cap, high)],
                    ] {
                        chart.draw_series([PathElement::new(line, INK)])?;
                    }
                }
            }
        }
        if let Some(at) = self.reference {
            chart.draw_series([PathElement::new([(0.0, at), (count, at)], INK.stroke_width(1))])?;
        }
        for (group, name) in self.groups.iter().enumerate() {
            let (x, y) = chart.backend_coord(&(group as f64 + 0.5, heights.low));
            let font = ("sans-serif", 13).into_font();
            let style = if across {
                font.color(&INK).pos(Pos::new(HPos::Center, VPos::Top))
            } else {
                let turned = font.transform(FontTransform::Rotate270);
                turned.color(&INK).pos(Pos::new(HPos::Right, VPos::Center))
            };
            root.draw(&Text::new(name.clone(), (x, y + 7), style))?;
        }
        Ok(())
    }
}

impl LineChart {
    /// The chart as SVG.
    ///
    /// # Errors
    /// If there is no point, or a number that is not above 0.
    pub fn svg(&self) -> Result<String, String> {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        if points().next().is_none() || points().any(|(x, y)| !(*x > 0.0 && *y > 0.0)) {
            return Err(format!("{}: there is nothing to draw on logarithmic axes", self.title));
        }
        let span = |of: fn(&(f64, f64)) -> f64| {
            let [low, high] = [f64::min as fn(f64, f64) -> f64, f64::max]
                .map(|pick| points().map(of).reduce(pick).expect("there is a point"));
            high / low
        };
        let range = |of: fn(&(f64, f64)) -> f64| {
            let [low, high] = [f64::min as fn(f64, f64) -> f64, f64::max]
                .map(|pick| points().map(of).reduce(pick).expect("there is a point"));
            // A single point would leave no room between the ends.
            low / 1.6..high * 1.6
        };
        let (x, y) = (range(|point| point.0), range(|point| point.1));
        let mut svg = String::new();
        let root = SVGBackend::with_string(&mut svg, (760, 460)).into_drawing_area();
        let spans = (span(|point| point.0), span(|point| point.1));
        self.draw(&root, x.log_scale(), y.log_scale(), spans).map_err(|error| error.to_string())?;
        root.present().map_err(|error| error.to_string())?;
        drop(root);
        Ok(svg)
    }

    fn draw<X, Y>(
        &self,
        root: &DrawingArea<SVGBackend<'_>, Shift>,
        x: X,
        y: Y,
        spans: (f64, f64),
    ) -> Result<(), Box<dyn std::error::Error + '_>>
    where
        X: AsRangedCoord<Value = f64>,
        Y: AsRangedCoord<Value = f64>,
        X::CoordDescType: ValueFormatter<f64>,
        Y::CoordDescType: ValueFormatter<f64>,
    {
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(root)
            .caption(&self.title, ("sans-serif", 19).into_font().color(&INK))
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(76)
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(RGBColor(225, 225, 225))
            .axis_style(INK)
            .x_desc(&self.x_label)
            .y_desc(&self.y_label)
            .x_label_formatter(&|value| tick(*value, spans.0, crate::text::count))
            .y_label_formatter(&|value| tick(*value, spans.1, self.y_format))
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        for (number, (name, points)) in self.lines.iter().enumerate() {
            let style = colour(number).stroke_width(2);
            chart
                .draw_series(LineSeries::new(points.iter().copied(), style))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
            let dots = points.iter().map(|point| Circle::new(*point, 3, colour(number).filled()));
            chart.draw_series(dots)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.85))
            .border_style(RGBColor(200, 200, 200))
            .label_font(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        Ok(())
    }
}

/// Where a logarithmic axis has its lines: at powers of ten, and at twice and five times these.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let decades = low.log10().floor() as i32..=high.log10().floor() as i32;
    let values = decades.flat_map(|decade| [1.0, 2.0, 5.0].map(|mantissa| mantissa * 10f64.powi(decade)));
    values.filter(|value| (low..=high).contains(value) && has_room(*value, high / low)).collect()
}

/// What is written at a line of a logarithmic axis: nothing at most of them, or there would be no room.
fn tick(value: f64, span: f64, format: fn(f64) -> String) -> String {
    if !has_room(value, span) {
        return String::new();
    }
    // Axes have round numbers: 10 ms and not 10.0 ms.
    format(value).replace(".00", "").replace(".0", "")
}

/// Whether a number can be written at this line of a logarithmic axis.
fn has_room(value: f64, span: f64) -> bool {
    let mantissa = value / 10f64.powf((value.log10() + 1e-9).floor());
    let is_near = |wanted: f64| (mantissa - wanted).abs() < 1e-6;
    is_near(1.0) || span < 300.0 && (is_near(2.0) || is_near(5.0))
}

/// A number at a line of an axis, without digits that say nothing.
fn round(value: f64) -> String {
    // Twelve digits are free of the noise that the last ones have.
    let value = format!("{value:.12e}").parse::<f64>().unwrap_or(value);
    if value != 0.0 && value.abs() < 1e-4 { format!("{value:e}") } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::{Bar, BarChart, BarSeries, Heights, LineChart, round, tick, ticks};
    use crate::text::{count, seconds};

    #[test]
    fn axes_have_round_numbers_and_room_between_them() {
        assert_eq!(
            [1e-3, 0.02, 0.5, 3.0].map(|value| tick(value, 100.0, seconds)),
            ["1 ms", "20 ms", "500 ms", ""]
        );
        assert_eq!([10.0, 1000.0, 2000.0].map(|value| tick(value, 1e4, count)), ["10", "1 k", ""]);
    }

    fn chart(groups: usize, series: usize) -> BarChart {
        let bars = |number: usize| {
            let bar = |group: usize| Bar { value: (group + number) as f64, error: Some((0.5, 3.0)) };
            (0..groups).map(|group| (group != 1).then(|| bar(group))).collect()
        };
        BarChart {
            title: "Title <&>".to_owned(),
            label: "seconds".to_owned(),
            groups: (0..groups).map(|group| format!("workload-{group}")).collect(),
            series: (0..series)
                .map(|number| BarSeries { name: format!("engine {number}"), bars: bars(number) })
                .collect(),
            reference: Some(1.0),
        }
    }

    #[test]
    fn every_bar_is_drawn_once() {
        for (groups, series) in [(0, 0), (1, 1), (5, 3), (40, 6)] {
            let svg = chart(groups, series).svg().expect("drawing to text does not fail");
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
            assert!(svg.contains("Title &lt;&amp;&gt;"));
            let bars = if groups > 1 { (groups - 1) * series } else { groups * series };
            // The background, and a swatch for each series.
            assert_eq!(svg.matches("<rect").count(), 1 + series + bars);
        }
    }

    /// One series of ratios to 1.
    fn ratios(values: &[f64]) -> BarChart {
        let bars = values.iter().map(|&value| Some(Bar { value, error: None })).collect();
        BarChart {
            label: "speed, base = 1".to_owned(),
            groups: values.iter().map(f64::to_string).collect(),
            series: vec![BarSeries { name: "engine".to_owned(), bars }],
            reference: Some(1.0),
            ..BarChart::default()
        }
    }

    #[test]
    fn ratios_far_apart_have_a_logarithmic_axis_that_says_so() {
        // As text that stands alone, which the names of the groups here do not.
        let has = |svg: &str, label: &str| svg.lines().any(|line| line.trim() == label);
        let wide = ratios(&[0.4, 1.3, 56.0]).svg().expect("drawing to text does not fail");
        assert!(has(&wide, "speed, base = 1, logarithmic"), "{wide}");
        for label in ["0.5", "1", "2", "5", "10", "20", "50"] {
            assert!(has(&wide, label), "{label}: {wide}");
        }
        assert!(!has(&wide, "30") && !has(&wide, "100"), "{wide}");
        for narrow in [&[0.4, 1.3, 3.0][..], &[1.0, 8.0], &[]] {
            let svg = ratios(narrow).svg().expect("drawing to text does not fail");
            assert!(has(&svg, "speed, base = 1") && !svg.contains("logarithmic"), "{svg}");
        }
        // Times may lie as far apart as they like.
        let times = BarChart { reference: None, ..ratios(&[0.4, 56.0]) };
        assert!(times.logarithmic().is_none());
    }

    #[test]
    fn bars_of_a_logarithmic_axis_grow_from_the_reference() {
        let svg = ratios(&[0.1, 1.0, 10.0]).svg().expect("drawing to text does not fail");
        let bars: Vec<[f64; 2]> = svg
            .lines()
            .filter(|line| line.starts_with("<rect"))
            .skip(2)
            .map(|line| {
                ["y=\"", "height=\""].map(|key| {
                    let (_, rest) = line.split_once(&format!(" {key}")).expect(line);
                    rest.split('"').next().and_then(|number| number.parse().ok()).expect(line)
                })
            })
            .collect();
        let [[low_top, low_height], [_, none], [high_top, high_height]] = bars[..] else { panic!("{svg}") };
        assert!((high_top + high_height - low_top).abs() <= 1.0, "they meet at 1: {bars:?}");
        assert!((high_height - low_height).abs() <= 1.0 && low_height > 50.0, "{bars:?}");
        assert!(none <= 1.0, "{bars:?}");
    }

    #[test]
    fn what_has_no_logarithm_gets_a_linear_axis() {
        for odd in [0.0, -1.0] {
            assert_eq!(ratios(&[odd, 100.0]).logarithmic(), None);
        }
        assert_eq!(BarChart { reference: Some(0.0), ..ratios(&[0.1, 100.0]) }.logarithmic(), None);
        let none = ratios(&[f64::NAN, f64::INFINITY, 2.0]);
        assert_eq!(none.logarithmic(), None);
    }

    #[test]
    fn error_bars_out_of_proportion_are_cut_off() {
        let mut chart = ratios(&[0.5, 40.0]);
        chart.series[0].bars[1] = Some(Bar { value: 40.0, error: Some((-1.0, 1e9)) });
        let heights = chart.logarithmic().expect("they span a factor of 80");
        assert_eq!(heights, Heights { low: 0.5 / 1.15, high: 80.0 * 1.15, base: 1.0 });
        assert_eq!([-1.0, 3.0, 1e9].map(|end| heights.within(end)), [heights.low, 3.0, heights.high]);
        let svg = chart.svg().expect("drawing to text does not fail");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn lines_of_a_logarithmic_axis() {
        let written = |low, high| ticks(low, high).into_iter().map(round).collect::<Vec<_>>();
        assert_eq!(written(0.04, 0.3), ["0.05", "0.1", "0.2"]);
        assert_eq!(written(0.5, 11.0), ["0.5", "1", "2", "5", "10"]);
        // Too many for the room that there is.
        assert_eq!(written(0.5, 2000.0), ["1", "10", "100", "1000"]);
        assert_eq!([0.1 + 0.2, 0.0, 2.5e-9].map(round), ["0.3", "0", "2.5e-9"]);
    }

    #[test]
    fn figures_that_are_none_draw_nothing() {
        let mut chart = chart(3, 1);
        chart.series[0].bars[0] = Some(Bar { value: f64::NAN, error: Some((f64::INFINITY, 1.0)) });
        let svg = chart.svg().expect("drawing to text does not fail");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn lines() {
        let mut chart = LineChart {
            title: "Time".to_owned(),
            x_label: "bytes".to_owned(),
            y_label: "seconds".to_owned(),
            y_format: seconds,
            lines: vec![
                ("load".to_owned(), vec![(1e4, 1e-3), (1e8, 2.0)]),
                ("one".to_owned(), vec![(10.0, 1.0)]),
            ],
        };
        let svg = chart.svg().expect("there are points");
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("<polyline"));
        chart.lines[0].1[0].1 = 0.0;
        assert!(chart.svg().is_err());
        chart.lines.clear();
        assert!(chart.svg().is_err());
    }
}
