package browsertest

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

// patience is how long a test may take on a machine that does other things too.
const patience = 5 * time.Minute

// A tab is one of a headless Chromium's.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site string // its URL

	mu       sync.Mutex
	problems []string // what the browser says against the pages: scripts that fail, what a policy forbids
}

// browse opens a tab on a site.
func browse(t *testing.T, site string) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("not in a short test: it starts a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.WSURLReadTimeout(patience))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which Chromium refuses to root
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, site: site}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	call(b, log.Enable, cdp.Empty{})
	return b
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

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.problems = append(b.problems, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, e.ExceptionDetails.Text)
	}
}

func (b *tab) complaints() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.problems, "\n")
}

// call sends one of the protocol's commands.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) visit(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.site + path))
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

func (b *tab) set(selector, value string) {
	b.t.Helper()
	b.run(chromedp.SetValue(chromedp.CSS(selector), value))
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

// sees waits until the page says a text. It works where scripts do not.
func (b *tab) sees(text string) {
	b.t.Helper()
	b.waits(text, true)
}

// loses waits until the page does not say a text any more.
func (b *tab) loses(text string) {
	b.t.Helper()
	b.waits(text, false)
}

func (b *tab) waits(text string, there bool) {
	b.t.Helper()
	for {
		// A page that gives way to the next while it is asked is an error, upon which the next one is asked.
		page, err := chromedp.Run(b.ctx, chromedp.OuterHTML(chromedp.CSS("body")))
		if err == nil && strings.Contains(page, text) == there {
			return
		}
		select {
		case <-b.ctx.Done():
			b.t.Fatalf("waiting for %q: %v; the page is\n%s", text, err, page)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
