package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// Ping asks the node, or every master of a Cluster, for a PONG and to run a script that does nothing, both of which the
// store needs, and reports those that do not. A Cluster of which one master is down may still serve the visitors of the
// others.
func (s *Store) Ping(ctx context.Context) error {
	var errs []error
	for _, n := range s.Nodes(ctx) {
		errs = append(errs, n.Err)
	}
	return errors.Join(errs...)
}

// Nodes asks as Ping does, and tells of each.
func (s *Store) Nodes(ctx context.Context) []session.Node {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	cluster, ok := s.client.(interface {
		ForEachMaster(context.Context, func(context.Context, *goredis.Client) error) error
	})
	if !ok {
		return []session.Node{session.Pinged(ctx, cmp.Or(s.name, "redis"), func(ctx context.Context) error {
			return s.failure(failure.Ping, ping(ctx, s.client), true)
		})}
	}
	var (
		mu    sync.Mutex
		nodes []session.Node
	)
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *goredis.Client) error {
		n := session.Pinged(ctx, node.NodeAddress(), func(ctx context.Context) error { return ping(ctx, node) })
		if n.Err != nil {
			n.Err = s.failure(failure.Ping, fmt.Errorf("%s: %w", n.Name, n.Err), true)
		}
		mu.Lock()
		nodes = append(nodes, n)
		mu.Unlock()
		return nil
	})
	slices.SortFunc(nodes, func(a, b session.Node) int { return cmp.Compare(a.Name, b.Name) })
	if err != nil {
		nodes = append(nodes, session.Node{Name: cmp.Or(s.name, "cluster"), Err: s.failure(failure.Ping, err, true)})
	}
	return nodes
}

func ping(ctx context.Context, c processor) error {
	if err := send(ctx, c, goredis.NewStatusCmd(ctx, "ping"), 0); err != nil {
		return err
	}
	_, err := pingScript.run(func(command, text string) (int64, error) {
		return 1, send(ctx, c, goredis.NewIntCmd(ctx, command, text, 0), 0)
	})
	return err
}
