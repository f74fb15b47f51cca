package memory_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func BenchmarkGet(b *testing.B) {
	ctx, s, key := b.Context(), memory.New(), strings.Repeat("k", 50)
	if err := s.Add(ctx, key, make([]byte, 250), time.Hour); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Get(ctx, key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetAndSwap(b *testing.B) {
	ctx, s, key, value := b.Context(), memory.New(), strings.Repeat("k", 50), make([]byte, 250)
	if err := s.Add(ctx, key, value, time.Hour); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, v, err := s.Get(ctx, key)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Swap(ctx, key, value, v, time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTouch(b *testing.B) {
	ctx, s, key := b.Context(), memory.New(), strings.Repeat("k", 50)
	if err := s.Add(ctx, key, make([]byte, 250), time.Hour); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Touch(ctx, key, time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}
