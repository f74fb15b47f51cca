package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the README's figures anew, from results.md")

const (
	figuresBegin = "<!-- figures of bench/results.md: make results -->\n"
	figuresEnd   = "<!-- end of figures -->\n"
)

// TestTheREADMEsFiguresAreThoseOfTheResults keeps people from reading figures that nothing has measured.
func TestTheREADMEsFiguresAreThoseOfTheResults(t *testing.T) {
	const page = "../README.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), figuresBegin)
	got, after, ended := strings.Cut(rest, figuresEnd)
	if !begun || !ended {
		t.Fatalf("%s has no place for figures: a table between the lines\n%s%s", page, figuresBegin, figuresEnd)
	}
	results, err := os.ReadFile("results.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := figures(string(results))
	if err != nil {
		t.Fatal(err)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s has other figures than results.md. go test -run README -update . writes\n%s", page, want)
	}
	if err := os.WriteFile(page, []byte(before+figuresBegin+want+figuresEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFiguresAreNotMadeUp shows that a figure which the results lack is an error, and no empty cell.
func TestFiguresAreNotMadeUp(t *testing.T) {
	results, err := os.ReadFile("results.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"### W by 64 goroutines", "### X by 64 goroutines"}, {"| sessiongen  ", "| somebody  "}, {"× floor", "× roof"},
	} {
		changed := strings.ReplaceAll(string(results), change[0], change[1])
		if changed == string(results) {
			t.Fatalf("the results have no %q", change[0])
		}
		if got, err := figures(changed); err == nil {
			t.Errorf("with %q for %q the figures are\n%s", change[1], change[0], got)
		}
	}
}

// A figure is a row of the README's table: a column of one of the results' tables.
type figure struct{ says, title, column, unit string }

const (
	apartTitle = "%s; nine fields, memcached on TCP, a core each"
	crowdTitle = "%s by 64 goroutines at once; nine fields, memcached on TCP"
	httpTitle  = "%s over HTTP/1.1, 16 connections; nine fields, memcached on TCP"
)

// figures returns the README's table.
func figures(results string) (string, error) {
	tables := parseTables(results)
	var b strings.Builder
	b.WriteString("| | sessiongen | bare client | scs | gorilla |\n|---|---:|---:|---:|---:|\n")
	for _, w := range []struct {
		workload
		says string
	}{{read, "read"}, {write, "write"}} {
		for _, f := range []figure{
			{w.says + ": time, all on one core", fmt.Sprintf("%s: %s; nine fields, memcached on TCP", w.key, w.text), "× floor", " ×"},
			{w.says + ": time, memcached on a core of its own", fmt.Sprintf(apartTitle, w.key+": "+w.text), "× floor", " ×"},
			{w.says + ": the server's CPU for a request over HTTP", fmt.Sprintf(httpTitle, w.key), "server CPU µs", " µs"},
			{w.says + ": requests a second, 64 at once", fmt.Sprintf(crowdTitle, w.key), "× bare", " ×"},
			{w.says + ": allocations", fmt.Sprintf("%s: %s; nine fields, memcached on TCP", w.key, w.text), "allocs", ""},
		} {
			fmt.Fprintf(&b, "| %s |", f.says)
			for _, who := range []string{"sessiongen", "bare gomemcache", "scs", "gorilla, securecookie"} {
				cell, err := tables.cell(f.title, who, f.column)
				if err != nil {
					return "", err
				}
				fmt.Fprintf(&b, " %s%s |", cell, f.unit)
			}
			b.WriteString("\n")
		}
	}
	return b.String(), nil
}

// parsed are the rows of tables by title, a head first.
type parsed map[string][][]string

func parseTables(markdown string) parsed {
	tables, title := make(parsed), ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		if after, ok := strings.CutPrefix(line, "### "); ok {
			title = after
		}
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| --") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		tables[title] = append(tables[title], cells)
	}
	return tables
}

// cell returns what a table has for a contender in the first column of a name.
func (p parsed) cell(title, who, column string) (string, error) {
	rows := p[title]
	if len(rows) == 0 {
		return "", fmt.Errorf("results.md has no table %q", title)
	}
	for i, name := range rows[0] {
		if name != column {
			continue
		}
		for _, row := range rows[1:] {
			if row[0] == who && row[i] != "" {
				return row[i], nil
			}
		}
	}
	return "", fmt.Errorf("results.md has no %q of %q in the table %q", column, who, title)
}
