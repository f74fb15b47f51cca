package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/sessiongen/sessiongen/bench/peer"
)

//go:embed chart.svg.tmpl
var chartText string

// The chart's geometry in pixels. A row is a contender, a column a workload.
const (
	chartLabels = 190 // width of the names
	chartColumn = 310 // width of a column, its values included
	chartValue  = 120 // width of a value at the end of the longest bar
	chartRow    = 34
	chartHead   = 106 // above the first row
	chartFoot   = 48
	chartEdge   = 24
)

type chart struct {
	Width, Height         int
	CardWidth, CardHeight int
	Foot                  string
	FootY                 int
	Names                 []chartLabel
	Columns               []chartColumnOf
}

type chartLabel struct {
	X, Y int
	Text string
	Ours bool
}

type chartColumnOf struct {
	X           int
	Title, Text string
	Bars        []chartBar
}

type chartBar struct {
	X, Y, Width, Height, ValueX, ValueY int
	Class, Value, Ratio                 string
}

// writeChart draws R and W of a session of nine fields on TCP: the times of all contenders beside the floor's.
func writeChart(w io.Writer, about string, groups ...*group) error {
	c := chart{Width: 2*chartEdge + chartLabels + len(groups)*chartColumn, Foot: about}
	rows, longest := 0, 0.0
	for _, g := range groups { // one scale for all columns
		for i := range g.results {
			longest = max(longest, g.results[i].Wall.Median())
		}
	}
	for column, g := range groups {
		x := chartEdge + chartLabels + column*chartColumn
		col := chartColumnOf{X: x, Title: g.key, Text: g.text}
		row := 0
		for i := range g.results {
			r := &g.results[i]
			if r.name == peer.OursMiddleware { // a line in the table; here a twin
				continue
			}
			y := chartHead + row*chartRow
			median := r.Wall.Median()
			width := max(2, int(median/longest*(chartColumn-chartValue)))
			bar := chartBar{
				X: x, Y: y, Width: width, Height: chartRow - 12, ValueX: x + width + 7, ValueY: y + 16,
				Class: "peer", Value: micros(median) + " µs",
				Ratio: digits(r.Wall.Over(g.results[0].Wall).Median()) + " ×",
			}
			switch {
			case i == 0:
				bar.Class, bar.Ratio = "floor", ""
			case strings.HasPrefix(r.name, peer.Ours):
				bar.Class = "ours"
			}
			col.Bars = append(col.Bars, bar)
			if column == 0 {
				c.Names = append(c.Names, chartLabel{chartEdge, y + 16, r.name, bar.Class == "ours"})
			}
			row++
		}
		rows = max(rows, row)
		c.Columns = append(c.Columns, col)
	}
	c.FootY = chartHead + rows*chartRow + 22
	c.Height = chartHead + rows*chartRow + chartFoot
	c.CardWidth, c.CardHeight = c.Width-1, c.Height-1 // its line is one pixel wide
	t, err := template.New("").Parse(chartText)
	if err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	return t.Execute(w, c)
}
