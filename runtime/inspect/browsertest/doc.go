// Package browsertest tests package inspect in Chromium, through github.com/chromedp/chromedp. It is a module of its
// own, so that this is not among the dependencies of whoever uses sessions.
package browsertest
