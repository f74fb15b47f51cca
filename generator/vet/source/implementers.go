package source

import (
	"go/types"
	"sync"
)

// implementers knows which types implement an interface. To find out takes time, and the same types come again and
// again. It is safe for concurrent use.
type implementers struct {
	of    *types.Interface // nil: nothing does
	mu    sync.Mutex
	known map[types.Type]bool
}

func (i *implementers) has(t types.Type) bool {
	if i.of == nil || t == nil {
		return false
	}
	switch types.Unalias(t).(type) {
	case *types.Named, *types.Pointer, *types.Interface, *types.TypeParam:
	default:
		return false // no methods
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	yes, ok := i.known[t]
	if !ok {
		yes = types.Implements(t, i.of)
		if i.known == nil {
			i.known = map[types.Type]bool{}
		}
		i.known[t] = yes
	}
	return yes
}
