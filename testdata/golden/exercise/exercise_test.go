package exercise_test

import (
	"testing"

	"github.com/sessiongen/sessiongen/testdata/golden/aliases"
	"github.com/sessiongen/sessiongen/testdata/golden/anonymous"
	"github.com/sessiongen/sessiongen/testdata/golden/anyhidden"
	"github.com/sessiongen/sessiongen/testdata/golden/arrays"
	"github.com/sessiongen/sessiongen/testdata/golden/binary"
	"github.com/sessiongen/sessiongen/testdata/golden/buildline"
	"github.com/sessiongen/sessiongen/testdata/golden/bytes"
	"github.com/sessiongen/sessiongen/testdata/golden/counter"
	"github.com/sessiongen/sessiongen/testdata/golden/docs"
	"github.com/sessiongen/sessiongen/testdata/golden/dotimport"
	"github.com/sessiongen/sessiongen/testdata/golden/embedded"
	"github.com/sessiongen/sessiongen/testdata/golden/embeddedkey"
	"github.com/sessiongen/sessiongen/testdata/golden/embeddedptr"
	"github.com/sessiongen/sessiongen/testdata/golden/exercise"
	"github.com/sessiongen/sessiongen/testdata/golden/flash"
	"github.com/sessiongen/sessiongen/testdata/golden/foreignembedded"
	"github.com/sessiongen/sessiongen/testdata/golden/generics"
	"github.com/sessiongen/sessiongen/testdata/golden/imported"
	"github.com/sessiongen/sessiongen/testdata/golden/internalpkg"
	"github.com/sessiongen/sessiongen/testdata/golden/jsonoption"
	"github.com/sessiongen/sessiongen/testdata/golden/keys"
	"github.com/sessiongen/sessiongen/testdata/golden/localnames"
	"github.com/sessiongen/sessiongen/testdata/golden/maps"
	"github.com/sessiongen/sessiongen/testdata/golden/max"
	"github.com/sessiongen/sessiongen/testdata/golden/methods"
	"github.com/sessiongen/sessiongen/testdata/golden/named"
	"github.com/sessiongen/sessiongen/testdata/golden/oddpaths"
	"github.com/sessiongen/sessiongen/testdata/golden/owner"
	"github.com/sessiongen/sessiongen/testdata/golden/ownertext"
	"github.com/sessiongen/sessiongen/testdata/golden/pointers"
	"github.com/sessiongen/sessiongen/testdata/golden/renew"
	"github.com/sessiongen/sessiongen/testdata/golden/reservednames"
	"github.com/sessiongen/sessiongen/testdata/golden/runtimenames"
	"github.com/sessiongen/sessiongen/testdata/golden/samename"
	"github.com/sessiongen/sessiongen/testdata/golden/scalars"
	"github.com/sessiongen/sessiongen/testdata/golden/secret"
	"github.com/sessiongen/sessiongen/testdata/golden/shapes"
	"github.com/sessiongen/sessiongen/testdata/golden/shop"
	"github.com/sessiongen/sessiongen/testdata/golden/single"
	"github.com/sessiongen/sessiongen/testdata/golden/skipped"
	"github.com/sessiongen/sessiongen/testdata/golden/slices"
	"github.com/sessiongen/sessiongen/testdata/golden/structs"
	"github.com/sessiongen/sessiongen/testdata/golden/tags"
	"github.com/sessiongen/sessiongen/testdata/golden/takennames"
	"github.com/sessiongen/sessiongen/testdata/golden/text"
	"github.com/sessiongen/sessiongen/testdata/golden/textkeys"
	"github.com/sessiongen/sessiongen/testdata/golden/times"
	"github.com/sessiongen/sessiongen/testdata/golden/ttl"
	"github.com/sessiongen/sessiongen/testdata/golden/twofiles"
	"github.com/sessiongen/sessiongen/testdata/golden/twoschemas"
	"github.com/sessiongen/sessiongen/testdata/golden/unnamedparts"
	"github.com/sessiongen/sessiongen/testdata/golden/was"
	"github.com/sessiongen/sessiongen/testdata/golden/wrappernames"
)

// Every session type behaves as its schema says. That of package main is tested there.
func TestEverySchemaKeepsItsValues(t *testing.T) {
	for name, session := range map[string]func(*testing.T){
		"aliases":                  of(aliases.NewSessions),
		"anonymous":                of(anonymous.NewSessions),
		"anyhidden":                of(anyhidden.NewSessions),
		"arrays":                   of(arrays.NewSessions),
		"binary":                   of(binary.NewSessions),
		"buildline":                of(buildline.NewSessions),
		"bytes":                    of(bytes.NewSessions),
		"counter":                  of(counter.NewSessions),
		"docs.Session":             of(docs.NewSessions),
		"docs.Plain":               of(docs.NewPlains),
		"docs.Bare":                of(docs.NewBares),
		"dotimport":                of(dotimport.NewSessions),
		"embedded":                 of(embedded.NewSessions),
		"embeddedkey":              of(embeddedkey.NewSessions),
		"embeddedptr":              of(embeddedptr.NewSessions),
		"flash":                    of(flash.NewSessions),
		"foreignembedded":          of(foreignembedded.NewSessions),
		"generics":                 of(generics.NewSessions),
		"imported":                 of(imported.NewSessions),
		"internalpkg":              of(internalpkg.NewSessions),
		"jsonoption":               of(jsonoption.NewSessions),
		"keys":                     of(keys.NewSessions),
		"localnames":               of(localnames.NewSessions),
		"maps":                     of(maps.NewSessions),
		"max":                      of(max.NewSessions),
		"methods":                  of(methods.NewSessions),
		"named":                    of(named.NewSessions),
		"oddpaths":                 of(oddpaths.NewSessions),
		"owner.Session":            of(owner.NewSessions),
		"owner.Kiosk":              of(owner.NewKiosks),
		"ownertext, plural":        of(ownertext.NewBookingsManager),
		"ownertext, one at a time": of(ownertext.NewChessManager),
		"ownertext, embedded":      of(ownertext.NewVisits),
		"pointers":                 of(pointers.NewSessions),
		"renew":                    of(renew.NewSessions),
		"reservednames":            of(reservednames.NewSessions),
		"runtimenames":             of(runtimenames.NewSessions),
		"samename":                 of(samename.NewSessions),
		"scalars":                  of(scalars.NewSessions),
		"secret.Session":           of(secret.NewSessions),
		"secret.Only":              of(secret.NewOnlys),
		"shapes":                   of(shapes.NewSessions),
		"shop":                     of(shop.NewSessions),
		"single":                   of(single.NewSessions),
		"skipped":                  of(skipped.NewSessions),
		"slices":                   of(slices.NewSessions),
		"structs":                  of(structs.NewSessions),
		"tags":                     of(tags.NewSessions),
		"takennames":               of(takennames.NewSessions),
		"text":                     of(text.NewSessions),
		"textkeys":                 of(textkeys.NewSessions),
		"times":                    of(times.NewSessions),
		"ttl":                      of(ttl.NewSessions),
		"twofiles.Admin":           of(twofiles.NewAdmins),
		"twofiles.Session":         of(twofiles.NewSessions),
		"twoschemas.Session":       of(twoschemas.NewSessions),
		"twoschemas.AdminSession":  of(twoschemas.NewAdminSessions),
		"unnamedparts":             of(unnamedparts.NewSessions),
		"was":                      of(was.NewSessions),
		"wrappernames.Http":        of(wrappernames.NewHttps),
		"wrappernames.News":        of(wrappernames.NewNewsManager),
		"wrappernames, plural":     of(wrappernames.NewBookingsManager),
		"wrappernames.HTTPSession": of(wrappernames.NewHTTPSessions),
		"wrappernames.ID":          of(wrappernames.NewIDs),
		"wrappernames.Under_score": of(wrappernames.NewUnder_scores),
	} {
		t.Run(name, session)
	}
}

func of[S any](open exercise.Constructor[S]) func(*testing.T) {
	return func(t *testing.T) { exercise.Session(t, open) }
}
