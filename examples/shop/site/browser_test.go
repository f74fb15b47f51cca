package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a story may take on a machine that does other things too.
const patience = 5 * time.Minute

// A tab is one of a browser's: what its tabs share is the cookies.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site *site

	mu       sync.Mutex
	problems []string // what the browser complains of: scripts that fail, what a policy forbids
}

// browse opens a headless Chromium on a shop.
func browse(t *testing.T, s *site) *tab {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	switch {
	case path == "" && os.Getenv("CI") == "true":
		t.Fatal("there is no chromium: .ci/servers installs it")
	case path == "":
		t.Skip("there is no chromium on this machine")
	case testing.Short():
		t.Skip("not in a short test: it starts a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WSURLReadTimeout(patience))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which Chromium refuses to root
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	return open(t, s, ctx)
}

func open(t *testing.T, s *site, parent context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, site: s}
	listen := func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork { // an error page is an answer like others
				b.problems = append(b.problems, e.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			b.problems = append(b.problems, e.ExceptionDetails.Text)
		}
	}
	if err := chromedp.Listen(ctx, listen); err != nil {
		t.Fatal(err)
	}
	do(b, log.Enable, cdp.Empty{})
	return b
}

// do sends one of the protocol's commands.
func do[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// another opens a second tab of the same browser.
func (b *tab) another() *tab { return open(b.t, b.site, b.ctx) }

// device opens a tab of another device: a browser with cookies of its own.
func (b *tab) device() *tab { return open(b.t, b.site, b.ctx, chromedp.WithNewBrowserContext()) }

func (b *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) visit(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.site.URL + path))
}

// evaluate returns what an expression is on the page.
func evaluate[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// click clicks what a selector finds.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// fill enters texts, by the names of their fields in turns.
func (b *tab) fill(fields ...string) {
	b.t.Helper()
	for i := 0; i+1 < len(fields); i += 2 {
		b.run(chromedp.SetValue(chromedp.CSS(`main [name="`+fields[i]+`"]`), fields[i+1]))
	}
}

// sees waits until the page says a text.
func (b *tab) sees(text string) {
	b.t.Helper()
	b.wait(`(text) => document.body?.innerText.includes(text)`, text)
}

// at waits until the tab is at a path.
func (b *tab) at(path string) {
	b.t.Helper()
	b.wait(`(path) => location.pathname === path && document.readyState === "complete"`, path)
}

// wait waits until something is true of the page. A page that gives way to the next while it is asked is an error of
// the browser's, upon which the next one is asked.
func (b *tab) wait(condition, argument string) {
	b.t.Helper()
	for {
		_, err := chromedp.Run(b.ctx, chromedp.PollFunction[bool](condition, chromedp.WithPollingArgs(argument),
			chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience)))
		if err == nil {
			return
		}
		if b.ctx.Err() != nil {
			b.t.Fatalf("waiting for %q: %v", argument, err)
		}
	}
}

func (b *tab) login(name string) {
	b.t.Helper()
	b.visit("/login")
	b.fill("name", name, "password", password)
	b.click(`form[action="/login"] button`)
	b.sees("You are logged in.")
}

// complaints are what the browser has had to say against the pages.
func (b *tab) complaints() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.problems, "\n")
}
