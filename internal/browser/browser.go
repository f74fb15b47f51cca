// Package browser shows the pages of a site in a headless Chromium, through github.com/chromedp/chromedp, to tests that
// go through them as a person does. It is a module of its own, so that this is not among the dependencies of whoever
// uses sessions.
package browser

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test may take on a machine that does other things too.
const patience = 5 * time.Minute

// A Tab is one of a browser's. What its tabs share is the cookies. What goes wrong ends the test.
type Tab struct {
	// ErrorPages says that the site answers with some: to the browser that is a complaint, as it is if a style or a
	// script is missing.
	ErrorPages bool

	t    *testing.T
	ctx  context.Context
	site string // its URL

	mu       sync.Mutex
	problems []string // what the browser says against the pages: scripts that fail, what a policy forbids
}

// Open starts a browser and opens a tab for the site at a URL. The test is skipped where there is no Chromium, which
// under CI=true is a failure, and where it is to be short.
func Open(t *testing.T, site string) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("not in a short test: it starts a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.WSURLReadTimeout(patience))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which Chromium refuses to root
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	return open(t, site, ctx)
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("chromium is not installed: .ci/servers does that")
	}
	t.Skip("chromium is not installed")
	return ""
}

func open(t *testing.T, site string, parent context.Context, options ...chromedp.ContextOption) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	b := &Tab{t: t, ctx: ctx, site: site}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	call(b, log.Enable, cdp.Empty{})
	return b
}

// Another opens a second tab of the same browser.
func (b *Tab) Another() *Tab { return b.beside() }

// Device opens a tab of another device: a browser with cookies of its own.
func (b *Tab) Device() *Tab { return b.beside(chromedp.WithNewBrowserContext()) }

func (b *Tab) beside(options ...chromedp.ContextOption) *Tab {
	other := open(b.t, b.site, b.ctx, options...)
	other.ErrorPages = b.ErrorPages
	return other
}

func (b *Tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !(b.ErrorPages && e.Entry.Source == log.EntrySourceNetwork) {
			b.problems = append(b.problems, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, e.ExceptionDetails.Text)
	}
}

// Complaints are what the browser has had to say against the pages, a line each.
func (b *Tab) Complaints() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.problems, "\n")
}

// call sends one of the protocol's commands.
func call[P, R any](b *Tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

func (b *Tab) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// Size gives the window a width and a height, in pixels.
func (b *Tab) Size(width, height int64) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(width, height))
}

// Prefer makes the person one who wants pages "light" or "dark".
func (b *Tab) Prefer(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// NoScripts runs none of the pages' scripts from now on, nor those of Evaluate and At.
func (b *Tab) NoScripts() {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// Visit goes to a path of the site.
func (b *Tab) Visit(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.site + path))
}

// Click clicks what a selector finds, when it is to be seen.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Together clicks in several tabs at once.
func Together(clicks map[*Tab]string) {
	var all sync.WaitGroup
	failed := make(chan error, len(clicks))
	for b, selector := range clicks {
		all.Go(func() { failed <- chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)) })
	}
	all.Wait()
	for b := range clicks {
		if err := <-failed; err != nil {
			b.t.Error(err)
		}
	}
}

// Set enters a value where a selector says.
func (b *Tab) Set(selector, value string) {
	b.t.Helper()
	b.run(chromedp.SetValue(chromedp.CSS(selector), value))
}

// Evaluate returns what an expression is on the page.
func Evaluate[T any](b *Tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// Width is how wide the page is: more than the window is a page that scrolls two ways.
func (b *Tab) Width() int64 { return Evaluate[int64](b, `document.documentElement.scrollWidth`) }

// At waits until the tab is at a path.
func (b *Tab) At(path string) {
	b.t.Helper()
	b.Wait(`(path) => location.pathname === path && document.readyState === "complete"`, path)
}

// Wait waits until a function of the page's, called with an argument, is true.
func (b *Tab) Wait(condition, argument string) {
	b.t.Helper()
	b.until(argument, func() (bool, string, error) {
		yes, err := chromedp.Run(b.ctx, chromedp.PollFunction[bool](condition, chromedp.WithPollingArgs(argument),
			chromedp.WithPollingInterval(pause), chromedp.WithPollingTimeout(patience)))
		return yes, "", err
	})
}

// Shows waits until what a selector finds is to be seen. It works where scripts do not.
func (b *Tab) Shows(selector string) {
	b.t.Helper()
	b.run(chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Sees waits until there is a text in the page's source. It works where scripts do not.
func (b *Tab) Sees(text string) { b.t.Helper(); b.source(text, true) }

// Loses waits until a text is in the page's source no more.
func (b *Tab) Loses(text string) { b.t.Helper(); b.source(text, false) }

func (b *Tab) source(text string, there bool) {
	b.t.Helper()
	b.until(text, func() (bool, string, error) {
		page, err := chromedp.Run(b.ctx, chromedp.OuterHTML(chromedp.CSS("body")))
		return strings.Contains(page, text) == there, page, err
	})
}

const pause = 50 * time.Millisecond

// until asks again until it is so. A page that gives way to the next while it is asked is an error of the browser's,
// upon which the next one is asked.
func (b *Tab) until(what string, so func() (yes bool, page string, err error)) {
	b.t.Helper()
	for {
		yes, page, err := so()
		if err == nil && yes {
			return
		}
		select {
		case <-b.ctx.Done():
			b.t.Fatalf("waiting for %q: %v; the page is\n%s", what, err, page)
		case <-time.After(pause):
		}
	}
}
