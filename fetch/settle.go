package fetch

import (
	"errors"

	"posta/fetch/store"
)

// settled says whether it is known what became of a message; with wait, it waits until it is.
func settled(r *store.Receipt, wait bool) bool {
	if wait {
		<-r.Done()
		return true
	}
	select {
	case <-r.Done():
		return true
	default:
		return false
	}
}

// unkept says whether err is that of a store that could not keep a message. A command that does not take one says nothing of
// others.
func unkept(err error) bool {
	var write *store.WriteError
	var exit *store.ExitError
	return errors.As(err, &write) && !errors.As(err, &exit)
}
