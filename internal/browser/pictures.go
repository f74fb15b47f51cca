package browser

import (
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// A Look is how a page is looked at: on a phone or on a desk, in light or in dark.
type Look struct {
	dir, device, scheme string
	width, height       int64
}

// Looks yields each Look, of which pictures go into a folder. Without a folder the test is skipped.
func Looks(t *testing.T, dir string) iter.Seq[Look] {
	t.Helper()
	if dir == "" {
		t.Skip("no -shots")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return func(yield func(Look) bool) {
		for _, scheme := range []string{"light", "dark"} {
			if !yield(Look{dir, "phone", scheme, 390, 844}) || !yield(Look{dir, "desk", scheme, 1280, 900}) {
				return
			}
		}
	}
}

// Dress makes a tab look at its pages so.
func (l Look) Dress(b *Tab) {
	b.t.Helper()
	b.Size(l.width, l.height)
	b.Prefer(l.scheme)
}

// Shoot leaves a picture of the page that a tab shows.
func (l Look) Shoot(b *Tab, name string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(l.dir, name+"-"+l.device+"-"+l.scheme+".png"), picture, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
