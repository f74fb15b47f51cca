package storetest

import (
	"context"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// nodes tests what a store tells package inspect, if it tells anything: session.Node.
func nodes() []test {
	return []test{
		{"Nodes names each node of a store that serves", func(f *fixture) {
			s, ok := f.store.(interface {
				Nodes(context.Context) []session.Node
			})
			if !ok {
				return
			}
			all := s.Nodes(f.ctx())
			if len(all) == 0 {
				f.Error("there are none")
			}
			for _, n := range all {
				if n.Name == "" || n.Err != nil {
					f.Errorf("a node is called %q and says %v", n.Name, n.Err)
				}
			}
		}},
		{"Nodes says of a cancelled context that no node has answered", func(f *fixture) {
			s, ok := f.store.(interface {
				Nodes(context.Context) []session.Node
			})
			if !ok {
				return
			}
			ctx, cancel := context.WithCancel(f.ctx())
			cancel()
			for _, n := range s.Nodes(ctx) {
				if n.Err == nil {
					f.Errorf("%q has", n.Name)
				}
			}
		}},
	}
}
