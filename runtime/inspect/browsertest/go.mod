module github.com/sessiongen/sessiongen/runtime/inspect/browsertest

go 1.26.0

replace (
	github.com/sessiongen/sessiongen => ../../../
	github.com/sessiongen/sessiongen/internal/browser => ../../../internal/browser
)

require (
	github.com/sessiongen/sessiongen v0.0.0
	github.com/sessiongen/sessiongen/internal/browser v0.0.0
)

require (
	github.com/chromedp/cdproto v0.159.0 // indirect
	github.com/chromedp/chromedp v0.23.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/maypok86/otter/v2 v2.4.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/tinylib/msgp v1.6.5 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
