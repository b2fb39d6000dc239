package sendmail

// expectation is a reply that is due: to which command of which transaction.
type expectation struct {
	t    *transaction
	kind int
}

const (
	expectRSET = iota
	expectMAIL
	expectRCPT
	expectDATA
	expectEnd  // the reply to the final dot; with LMTP one for each recipient
	expectBDAT // the reply to the last chunk
)

// stages are those of the kinds.
var stages = [...]string{StageRSET, StageMAIL, StageRCPT, StageDATA, StageDataEnd, StageBDAT}

// expectations are the replies due, in their order. On a long stream there is always one, so the room of those that
// came is used again, and no letter is kept by them.
type expectations struct {
	list []expectation
	next int // the first that is due
}

func (x *expectations) none() bool { return x.next == len(x.list) }

// first is the one that comes next. There must be one.
func (x *expectations) first() expectation { return x.list[x.next] }

func (x *expectations) put(e expectation) {
	if len(x.list) == cap(x.list) && 2*x.next >= len(x.list) {
		n := copy(x.list, x.list[x.next:])
		clear(x.list[n:])
		x.list, x.next = x.list[:n], 0
	}
	x.list = append(x.list, e)
}

// came drops the first.
func (x *expectations) came() {
	x.list[x.next] = expectation{}
	if x.next++; x.none() {
		x.list, x.next = x.list[:0], 0
	}
}
