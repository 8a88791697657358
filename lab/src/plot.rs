//! Charts as SVG: grouped bars with error bars, and lines over logarithmic axes.
//!
//! Colours are those of Okabe and Ito, which people who see colours differently can tell apart.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::prelude::{
    ChartBuilder, Circle, Color, FontTransform, IntoFont, IntoLogRange, LineSeries, PathElement, RGBColor,
    Rectangle, SVGBackend, SeriesLabelPosition, TRANSPARENT, Text, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Groups of bars.
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
    /// Where a line goes across all bars, if anywhere.
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
const INK: RGBColor = RGBColor(40, 40, 40);

fn colour(series: usize) -> RGBColor {
    COLOURS[series % COLOURS.len()]
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
        self.draw(&root, width, below, rows, across).map_err(|error| error.to_string())?;
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

    fn top(&self) -> f64 {
        let of_bar = |bar: &Bar| bar.error.map_or(bar.value, |(_, high)| high.max(bar.value));
        let highest = self.series.iter().flat_map(|series| series.bars.iter().flatten()).map(of_bar);
        let highest = highest.chain(self.reference).filter(|value| value.is_finite()).fold(0.0, f64::max);
        if highest > 0.0 { highest * 1.08 } else { 1.0 }
    }

    fn draw(
        &self,
        root: &DrawingArea<SVGBackend<'_>, Shift>,
        width: u32,
        below: u32,
        rows: u32,
        across: bool,
    ) -> Result<(), Box<dyn std::error::Error + '_>> {
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
            .build_cartesian_2d(0.0..count, 0.0..self.top())?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(0)
            .light_line_style(TRANSPARENT)
            .bold_line_style(RGBColor(225, 225, 225))
            .axis_style(INK)
            .y_desc(&self.label)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        let bar_width = 0.8 / self.series.len().max(1) as f64;
        for (number, series) in self.series.iter().enumerate() {
            for (group, bar) in series.bars.iter().enumerate() {
                let Some(bar) = bar.filter(|bar| bar.value.is_finite()) else { continue };
                let left = group as f64 + 0.1 + number as f64 * bar_width;
                let box_ = [(left, 0.0), (left + bar_width * 0.92, bar.value)];
                chart.draw_series([Rectangle::new(box_, colour(number).filled())])?;
                if let Some((low, high)) = bar.error.filter(|(low, high)| low.is_finite() && high.is_finite())
                {
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
            let (x, y) = chart.backend_coord(&(group as f64 + 0.5, 0.0));
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

/// What is written at a line of a logarithmic axis: nothing at most of them, or there would be no room.
fn tick(value: f64, span: f64, format: fn(f64) -> String) -> String {
    let mantissa = value / 10f64.powf((value.log10() + 1e-9).floor());
    let is_near = |wanted: f64| (mantissa - wanted).abs() < 1e-6;
    let has_room = is_near(1.0) || span < 300.0 && (is_near(2.0) || is_near(5.0));
    if !has_room {
        return String::new();
    }
    // Axes have round numbers: 10 ms and not 10.0 ms.
    format(value).replace(".00", "").replace(".0", "")
}

#[cfg(test)]
mod tests {
    use super::{Bar, BarChart, BarSeries, LineChart, tick};
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
