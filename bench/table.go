package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sessiongen/sessiongen/bench/measure"
)

// A table is printed as text while the benchmark runs and as Markdown at its end.
type table struct {
	title string
	note  string
	plain bool // it says in each row what kind of figure that is
	head  []string
	rows  [][]string
}

// counted are the columns that come out the same on every machine.
var counted = []string{"allocs", "bytes", "round trips", "wire bytes", "stored", "bytes stored"}

// kinds says which columns are ratios, which are counts, and which depend on the machine. A range is what it is the
// range of. It is empty for a table without any measurement of time.
func (t *table) kinds() string {
	var ratios, counts, absolute []string
	for _, column := range t.head[1:] {
		list := &absolute
		switch {
		case column == "" || column == "range":
			continue
		case strings.Contains(column, "×") || column == "beyond floor" || column == "of msgp's":
			list = &ratios
		case slices.Contains(counted, column):
			list = &counts
		}
		if !slices.Contains(*list, column) {
			*list = append(*list, column)
		}
	}
	if t.plain {
		return ""
	}
	var said []string
	for _, k := range []struct {
		what    string
		columns []string
	}{{"Ratios", ratios}, {"counts", counts}, {"absolute, of this machine", absolute}} {
		if len(k.columns) > 0 {
			said = append(said, k.what+": "+strings.Join(k.columns, ", "))
		}
	}
	text := strings.Join(said, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) widths() []int {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// text aligns the first column to the left and the others to the right.
func (t *table) text(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n", t.title)
	widths := t.widths()
	for _, row := range append([][]string{t.head}, t.rows...) {
		fmt.Fprintln(w, strings.TrimRight("  "+pad(row, widths, "  "), " "))
	}
	for _, line := range []string{t.note, t.kinds()} {
		if line != "" {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
}

func (t *table) markdown(w io.Writer) {
	fmt.Fprintf(w, "\n### %s\n\n", t.title)
	widths := t.widths()
	fmt.Fprintf(w, "| %s |\n", pad(t.head, widths, " | "))
	rule := make([]string, len(widths))
	for i, n := range widths {
		rule[i] = strings.Repeat("-", max(n-1, 2)) + ":"
	}
	rule[0] = strings.Repeat("-", max(widths[0], 3))
	fmt.Fprintf(w, "| %s |\n", strings.Join(rule, " | "))
	for _, row := range t.rows {
		fmt.Fprintf(w, "| %s |\n", pad(row, widths, " | "))
	}
	for _, line := range []string{t.note, t.kinds()} {
		if line != "" {
			fmt.Fprintf(w, "\n%s\n", line)
		}
	}
}

func pad(row []string, widths []int, between string) string {
	cells := make([]string, len(widths))
	for i, n := range widths {
		cell := ""
		if i < len(row) {
			cell = row[i]
		}
		blank := strings.Repeat(" ", n-utf8.RuneCountInString(cell))
		if i == 0 {
			cells[i] = cell + blank
		} else {
			cells[i] = blank + cell
		}
	}
	return strings.Join(cells, between)
}

// micros prints nanoseconds as microseconds.
func micros(ns float64) string { return digits(ns / 1e3) }

// digits prints three significant ones or all before the point.
func digits(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// span prints the range in which four of five measurements lie, in units of unit nanoseconds.
func span(t measure.Times, unit float64) string {
	return digits(t.Quantile(0.1)/unit) + "–" + digits(t.Quantile(0.9)/unit)
}
