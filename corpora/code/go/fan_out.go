// Package fanout runs a function over a slice with bounded parallelism and
// keeps the results in the order of the inputs.
package fanout

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrNoWorkers is returned by Map when asked to run with nobody to do the work.
var ErrNoWorkers = errors.New("fanout: need at least one worker")

// ItemError says which input a failure belongs to.
type ItemError struct {
	Index int
	Err   error
}

func (e *ItemError) Error() string { return fmt.Sprintf("item %d: %v", e.Index, e.Err) }
func (e *ItemError) Unwrap() error { return e.Err }

// Map calls fn for every element of in, at most workers at a time.
//
// The first failure cancels the context handed to the calls still running and
// stops new ones from starting; Map then waits for the stragglers, so no
// goroutine outlives it. On failure the results are discarded and the error
// is an *ItemError, or the cause of ctx if the caller gave up first.
func Map[T, R any](
	ctx context.Context,
	workers int,
	in []T,
	fn func(context.Context, T) (R, error),
) ([]R, error) {
	if workers < 1 {
		return nil, ErrNoWorkers
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	out := make([]R, len(in))
	indexes := make(chan int)

	var wg sync.WaitGroup
	for range min(workers, len(in)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range indexes {
				r, err := fn(ctx, in[i])
				if err != nil {
					// Later calls lose: the first cause sticks.
					cancel(&ItemError{Index: i, Err: err})
					return
				}
				// Each index is handed out once, so no lock is needed.
				out[i] = r
			}
		}()
	}

feed:
	for i := range in {
		select {
		case indexes <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(indexes)
	wg.Wait()

	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return out, nil
}
