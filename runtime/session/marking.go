package session

import (
	"context"
	"errors"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// updateMarked is the first Save of a session from before its schema had an owner: it enters the owner's roster, and is
// marked after that, so that no record is marked that no roster lists.
func (c *Core) updateMarked(ctx context.Context, changes record.Changes, p passing) ([]byte, error) {
	m, sum := p.before.mark, token.SumOf(c.key)
	m.roster = c.e.ring.Roster(0, p.before.value)
	if ended, err := c.e.endedSince(ctx, p.before.value, c.term.created); err != nil || ended {
		return nil, goneIf(ended, err)
	}
	var err error
	if m.device, err = c.e.register(ctx, registration{
		mark: mark{roster: m.roster, device: newDevice()}, owner: p.before.value,
		sum: sum, since: c.term.created, end: c.e.endOfLife(c.term), limit: c.limit(), report: c.report,
	}); err != nil {
		return nil, notEntered(err)
	}
	done, err := c.rewrite(ctx, edit{repeatable: changes.Repeatable(), apply: func(_ edit, base []byte, t term) (edited, error) {
		now, err := c.holderOf(base)
		if err != nil {
			return edited{}, err
		}
		plain, err := c.replay(t, base, changes)
		if err != nil || now.marked {
			return edited{plain: plain}, err // by another request, as the same entry
		}
		if !now.same(p.before) {
			return edited{}, ErrGone
		}
		plain, err = c.marked(plain, m)
		return edited{plain: plain}, err
	}})
	if errors.Is(err, ErrGone) {
		_, _ = c.e.leave(ctx, m.roster, m.device, "")
	}
	return done.plain, err
}
