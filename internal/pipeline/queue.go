package pipeline

import (
	"context"
	"iter"
	"sync"
)

// queue is a list that one goroutine adds to and another takes from, so that neither waits
// for the other's work.
type queue[T any] struct {
	mu    sync.Mutex
	list  []T
	ended bool
	more  chan struct{} // has an element where there is something to look at
}

func newQueue[T any]() *queue[T] { return &queue[T]{more: make(chan struct{}, 1)} }

func (q *queue[T]) put(x T) {
	q.mu.Lock()
	q.list = append(q.list, x)
	q.mu.Unlock()
	q.wake()
}

// end says that nothing more is added.
func (q *queue[T]) end() {
	q.mu.Lock()
	q.ended = true
	q.mu.Unlock()
	q.wake()
}

func (q *queue[T]) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// all yields what is added, until the end or that of the context.
func (q *queue[T]) all(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			q.mu.Lock()
			list, ended := q.list, q.ended
			q.list = nil
			q.mu.Unlock()
			for _, x := range list {
				if !yield(x) {
					return
				}
			}
			if ended {
				return
			}
			select {
			case <-q.more:
			case <-ctx.Done():
				return
			}
		}
	}
}
