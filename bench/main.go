// Command bench measures what a session costs: sessiongen beside the bare memcached client, alexedwards/scs,
// gorilla/sessions and the protocol of the Tornado project that it grew out of. README.md says how to read what it
// prints.
//
// It needs memcached on the PATH and, for the section of databases, PostgreSQL; it starts servers of its own.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
)

// bench is one run.
type bench struct {
	quick     bool
	only      string // sections, comma separated; empty: all
	tcp, unix *measure.Memcached
	report    report
}

func main() {
	var b bench
	flag.BoolVar(&b.quick, "quick", false, "a minute instead of eight, with wider ranges")
	flag.StringVar(&b.only, "only", "", "sections to run, comma separated: "+strings.Join(names(), ","))
	server := flag.String("serve", "", "be the server process of the HTTP section, on this `store`")
	flag.Parse()
	signal.Ignore(syscall.SIGPIPE) // a reader that leaves early, head for one, must not leave the servers behind
	peer.RegisterGob()
	run := b.run
	if *server != "" {
		run = func() error { return serve(*server) }
	}
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

type section struct {
	name string
	run  func(*bench) error
}

func sections() []section {
	return []section{
		{"workloads", func(b *bench) error { return measure.OnOneCore(b.workloads, b.tcp, b.unix) }},
		{"apart", func(b *bench) error { return measure.OnACoreEach(b.apart, b.tcp, b.unix) }},
		{"databases", func(b *bench) error { return measure.OnOneCore(b.databases) }},
		{"redis", func(b *bench) error { return measure.OnOneCore(b.redis) }},
		{"sizes", func(b *bench) error { return measure.OnOneCore(b.sizes, b.tcp) }},
		{"codecs", (*bench).micro},
		{"throughput", (*bench).throughput},
		{"sites", (*bench).sites},
		{"memory", (*bench).million},
		{"http", (*bench).overHTTP},
		{"generator", (*bench).generator},
	}
}

func names() (all []string) {
	for _, s := range sections() {
		all = append(all, s.name)
	}
	return all
}

func (b *bench) wants(name string) bool {
	return b.only == "" || strings.Contains(","+b.only+",", ","+name+",")
}

func (b *bench) run() (err error) {
	if b.tcp, err = measure.StartTCP(); err != nil {
		return err
	}
	defer b.tcp.Stop()
	if b.unix, err = measure.StartUnix(); err != nil {
		return err
	}
	defer b.unix.Stop()
	if err := os.MkdirAll(scratch, 0o755); err != nil {
		return err
	}
	start := time.Now()
	var failed error // what the other sections have measured is kept
	for _, s := range sections() {
		if !b.wants(s.name) {
			continue
		}
		if err := s.run(b); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	b.report.publish(b.report.barTable())
	fmt.Printf("\n%v\n", time.Since(start).Round(time.Second))
	dir := "."
	if b.quick || b.only != "" || failed != nil {
		dir = scratch
	}
	return errors.Join(failed, b.write(dir))
}

// scratch is where what is not checked in lies.
const scratch = "out"

// write keeps the results: a whole run's beside the source, any other's in scratch.
func (b *bench) write(dir string) error {
	var text bytes.Buffer
	b.report.markdown(&text, about())
	if err := os.WriteFile(filepath.Join(dir, "results.md"), text.Bytes(), 0o644); err != nil {
		return err
	}
	drawn := b.report.charted()
	if len(drawn) == 0 {
		return nil
	}
	var picture bytes.Buffer
	if err := writeChart(&picture, machine(), drawn...); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "results.svg"), picture.Bytes(), 0o644)
}

// pick returns what the mode asks for.
func (b *bench) pick(quick, full time.Duration) time.Duration {
	if b.quick {
		return quick
	}
	return full
}

// must ends the benchmark: a contender that fails has no time.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
