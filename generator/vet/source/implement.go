package source

import (
	"go/types"
	"sync"

	"github.com/sessiongen/sessiongen/generator/vet/known"
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

// IsWriter reports whether a value of the type is a response writer.
func (p *Package) IsWriter(t types.Type) bool { return p.writers.has(t) }

// IsError reports whether a value of the type is an error.
func (p *Package) IsError(t types.Type) bool { return p.errors.has(t) }

// IsWriterOwner reports whether a value of the type is a response writer or a framework's context around one.
func (p *Package) IsWriterOwner(t types.Type) bool { return p.IsWriter(t) || known.IsContext(t) }

// KnowsResponses reports whether anything that the package imports knows response writers.
func (p *Package) KnowsResponses() bool { return p.writers.of != nil }
