// Package anyhidden declares names that are predeclared elsewhere and that generated code can do without.
package anyhidden

type any interface{ Any() }

func len() int { return 0 }

func max(ns ...int) int { return len() }

func make() any { _ = max(); return nil }

// Made keeps them in use.
func Made() bool { return make() == nil }

//sessiongen:schema
type SessionSchema struct {
	Name  string
	Pair  [2]int
	Names []string
}
