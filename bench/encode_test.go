package main

import (
	"testing"

	"github.com/sessiongen/sessiongen/bench/model"
	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/bench/web"
	"github.com/sessiongen/sessiongen/runtime/record"
)

// BenchmarkEncode is for pprof, like BenchmarkRequest.
func BenchmarkEncode(b *testing.B) {
	v := model.Sample()
	visitor := web.Visitor{
		Name: v.Name, UserID: v.UserID, Roles: v.Roles, LastSeen: v.LastSeen, Cart: peer.Items(v.Cart),
		CSRF: v.CSRF, Visits: v.Visits, Notice: v.Notice, Lang: v.Lang,
	}
	room := make([]byte, 0, 4096)
	b.Run("sessiongen", func(b *testing.B) {
		w := record.NewWriter(nil)
		for b.Loop() {
			w.Reset(room)
			web.EncodeVisitor(w, visitor)
			if _, err := w.Encoded(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("msgp", func(b *testing.B) {
		for b.Loop() {
			if _, err := v.MarshalMsg(room); err != nil {
				b.Fatal(err)
			}
		}
	})
}
