package known

import (
	"go/types"
	"strings"
)

// CacheControl is the header that tells caches what they may do (RFC 9111, 5.2).
const CacheControl = "Cache-Control"

// cachingHeaders are that and those that go before it at some caches (RFC 9213, and the Surrogate-Control of the Edge
// Architecture).
var cachingHeaders = []string{CacheControl, "CDN-Cache-Control", "Surrogate-Control"}

// CachingHeader returns the header of this name as it is written, if caches go by it, or "".
func CachingHeader(name string) string {
	for _, h := range cachingHeaders {
		if strings.EqualFold(h, name) {
			return h
		}
	}
	return ""
}

// A Caching is a directive to caches.
type Caching int

const (
	SaysNothing Caching = iota
	AllowsCaching
	ForbidsCaching // to shared caches at least, which would give one visitor's cookie to others
)

// CachingOf classifies the value of a header, of which text is known; whole says that this is all of it.
func CachingOf(text string, whole bool) Caching {
	text = strings.ToLower(text)
	has := func(directives ...string) bool {
		for _, d := range directives {
			if strings.Contains(text, d) {
				return true
			}
		}
		return false
	}
	switch {
	case has("no-store", "private"):
		return ForbidsCaching
	case whole, has("public", "max-age", "s-maxage", "immutable"):
		return AllowsCaching
	}
	return SaysNothing
}

// A HeaderChange is an effect on a header.
type HeaderChange int

const (
	ReadsHeader HeaderChange = iota
	HeaderSet
	HeaderAdded
	HeaderDeleted
)

// HeaderChangeOf returns the effect of a function on a header.
func HeaderChangeOf(fn *types.Func) HeaderChange {
	switch Name(fn) {
	case "(net/http.Header).Set":
		return HeaderSet
	case "(net/http.Header).Add":
		return HeaderAdded
	case "(net/http.Header).Del":
		return HeaderDeleted
	}
	return ReadsHeader
}
