package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/sessiongen/sessiongen/bench/peer"
)

// report is what a run found.
type report struct {
	tables []*table
	bars   []bar
	groups []*group // for the chart
}

// A bar is a limit that was set before there was anything to measure.
type bar struct {
	what, limit, got string
	met              bool
}

func (r *report) publish(t *table) {
	t.text(os.Stdout)
	r.tables = append(r.tables, t)
}

func (r *report) expect(met bool, what, limit, format string, args ...any) {
	r.bars = append(r.bars, bar{what, limit, fmt.Sprintf(format, args...), met})
}

// atMost is a bar on a measurement.
func (r *report) atMost(what string, limit, got float64, unit string) {
	r.expect(got <= limit, what, fmt.Sprintf("≤ %g%s", limit, unit), "%s%s", digits(got), unit)
}

// allocs is a bar on a count, which does not depend on the machine's mood.
func (r *report) allocs(what string, limit int, got float64) {
	n := int(got) // less what the background added, as testing.AllocsPerRun has it
	r.expect(n <= limit, what, fmt.Sprintf("≤ %d allocs", limit), "%d", n)
}

func (r *report) atLeast(what string, limit, got float64, unit string) {
	r.expect(got >= limit, what, fmt.Sprintf("≥ %g%s", limit, unit), "%s%s", digits(got), unit)
}

// barTable lists the bars.
func (r *report) barTable() *table {
	t := &table{title: "Bars", plain: true, head: []string{"what", "bar", "measured", ""}}
	for _, b := range r.bars {
		met := "met"
		if !b.met {
			met = "not met"
		}
		t.add(b.what, b.limit, b.got, met)
	}
	return t
}

// charted are the groups that the chart shows and the summary quotes: R and W of nine fields on TCP.
func (r *report) charted() (groups []*group) {
	for _, g := range r.groups {
		if g.shape == peer.Nine && g.where == onTCP && (g.workload == read || g.workload == write) {
			groups = append(groups, g)
		}
	}
	return groups
}

// summary is what a README has room for.
func summary(reads, writes *group) *table {
	t := &table{
		title: "Summary: nine fields, memcached on TCP",
		head:  []string{"", "R µs", "× floor", "CPU µs", "allocs", "round trips", "W µs", "× floor", "CPU µs", "allocs", "round trips"},
	}
	for i := range reads.results {
		row := []string{reads.results[i].name}
		for _, g := range []*group{reads, writes} {
			r := &g.results[i]
			row = append(row, micros(r.Wall.Median()), digits(r.Wall.Over(g.results[0].Wall).Median()), micros(r.CPU.Median()),
				fmt.Sprintf("%.0f", r.allocs), fmt.Sprintf("%.0f", r.trips))
		}
		t.add(row...)
	}
	return t
}

func (r *report) markdown(w io.Writer, about string) {
	fmt.Fprintf(w, "# Results\n\nWritten by `make bench`; [README.md](README.md) says how to read them.\n\n%s\n", about)
	if g := r.charted(); len(g) == 2 {
		summary(g[0], g[1]).markdown(w)
	}
	for _, t := range r.tables {
		t.markdown(w)
	}
}

// about describes the run.
func about() string {
	load := "unknown"
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = strings.Join(strings.Fields(string(b))[:3], ", ")
	}
	return fmt.Sprintf("%s; load average at the end %s, of which the benchmark itself is about 1.5.", machine(), load)
}

// machine describes the machine.
func machine() string {
	return fmt.Sprintf("%s, %s/%s, %s, %d cores", runtime.Version(), runtime.GOOS, runtime.GOARCH, cpuModel(), runtime.NumCPU())
}

func cpuModel() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return "unknown processor"
}
