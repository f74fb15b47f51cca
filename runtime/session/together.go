package session

import "context"

// A run is one swap of a rewrite and what it takes to know its outcome. It has the edit of whom the rewrite is for and,
// if that joins, those of the others who are next in line for the lock, in the order of their arrival, each applied to
// what the one before has made. So it is as if one had followed the other, each is told what has come of its own edit,
// and a lone Save is a run of one.
//
//   - own comes first: if its edit is refused nobody is taken, since that rests on the record itself. Where another's
//     is refused that rests on the edits before it: they are written before he is told, or else he goes alone.
//   - Who is taken may run out of time meanwhile, and go on with its session: the holder uses what the waiter was made
//     with and nothing else. Who is put back may go without having been written.
//   - What has been written, or never will be, ends the run. So does what nobody will ever know: then those wait for
//     the next run whose edits are repeatable.

// A part is an edit on its way to the store, and what has become of it.
type part struct {
	edit
	ctx   context.Context // bounds how long it waits
	doubt bool            // a swap that it was in may have been written
	tries int             // swaps that it was in
	base  []byte          // the fields that it was applied to
	edited
	err error // of apply, or of the swap
}

// ctx bounds what is done now: a run by the latest of its parts' deadlines, everything else by own's.
func (w *rewrite) ctx() context.Context {
	if w.run != nil {
		return w.run
	}
	return w.own.ctx
}

// join takes those who are next in line, unless own's edit has to go alone.
func (w *rewrite) join() {
	if !w.own.joins {
		return
	}
	w.others = w.e.locks.take(w.key)
	own, _ := w.own.ctx.Deadline()
	latest := own
	for _, x := range w.others {
		if end, _ := x.ctx.Deadline(); end.After(latest) {
			latest = end
		}
	}
	if latest.After(own) && w.run == nil {
		w.run = &saveContext{request: w.own.ctx, end: latest}
	}
}

// tried counts a swap of all that is in sealed.
func (w *rewrite) tried() {
	w.own.tries++
	for _, x := range w.others {
		if x.err == nil {
			x.tries++
		}
	}
}

// doubted notes that all that is in sealed may have been written.
func (w *rewrite) doubted() {
	w.own.doubt = true
	for _, x := range w.others {
		x.doubt = x.doubt || x.err == nil
	}
}

// release ends a run in which nothing has been written, or nobody will ever know. Who can, waits for the next one.
func (w *rewrite) release() {
	w.sealed = nil
	w.dismiss(func(p *part) (told bool) {
		p.joins = w.own.joins && p.err == nil
		if p.err = nil; p.doubt && !p.repeatable {
			p.err = ErrUnknown
		}
		return p.err != nil
	})
}

// tell ends the rewrite for the others.
func (w *rewrite) tell(err error) {
	w.dismiss(func(p *part) (told bool) {
		switch {
		case err == nil:
		case p.err == nil:
			p.err = inDoubt(err, p.doubt)
		default:
			p.err, p.joins = nil, false
			return false
		}
		return true
	})
}

// dismiss ends a run: each of the others is told, or waits again.
func (w *rewrite) dismiss(verdict func(*part) (told bool)) {
	if w.others != nil {
		w.e.locks.dismiss(w.key, verdict)
		w.others = nil
	}
	if w.run != nil {
		w.run.release()
		w.run = nil
	}
}
