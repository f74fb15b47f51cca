package memory

import (
	"context"
	"fmt"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Nodes tells how full the store is.
func (s *Store) Nodes(ctx context.Context) []session.Node {
	n := session.Pinged(ctx, "memory", s.Ping)
	n.Detail = fmt.Sprintf("%d records, %d of them of passers-by, take %d of %d kB; %d evicted",
		s.known.EstimatedSize()+s.anonymous.EstimatedSize(), s.anonymous.EstimatedSize(),
		(s.known.weight.Load()+s.anonymous.weight.Load()+1023)>>10, s.maxBytes>>10, s.Evicted())
	return []session.Node{n}
}
