package session

import (
	"context"
	"time"
)

// A Node is a server, a file or a process in which a store keeps records, as its method Nodes tells of it.
type Node struct {
	Name   string        // its address or path, without credentials
	Detail string        // what it says of itself: how full it is, whether it is skipped; may be empty
	Took   time.Duration // its answer to a ping; 0 where nothing was asked
	Err    error         // why it does not serve; nil where it does, or was not asked
}

// Nodes returns the nodes of a store. One that has no method Nodes is a single node; it is asked by Ping, if it has
// that, and else nothing is known of it.
func Nodes(ctx context.Context, name string, s Store) []Node {
	switch s := s.(type) {
	case interface{ Nodes(context.Context) []Node }:
		return s.Nodes(ctx)
	case interface{ Ping(context.Context) error }:
		return []Node{Pinged(ctx, name, s.Ping)}
	default:
		return []Node{{Name: name, Detail: "it cannot be asked"}}
	}
}

// Pinged is a node that is asked by ping.
func Pinged(ctx context.Context, name string, ping func(context.Context) error) Node {
	start := time.Now()
	err := ping(ctx)
	return Node{Name: name, Took: max(time.Since(start), 1), Err: err} // a coarse clock may have stood still
}
