package sasl

import "fmt"

// login is the LOGIN mechanism. Its prompts are worded as servers please, only their order is sure; and not all servers
// take an initial response, so none is sent.
type login struct{ answers []string }

func newLogin(cred Credentials, _ bool) (Client, error) {
	return &login{[]string{cred.Username, cred.Password}}, nil
}

func (l *login) Start() (mech string, ir []byte, err error) { return Login, nil, nil }

func (l *login) Next([]byte) ([]byte, error) {
	if len(l.answers) == 0 {
		return nil, fmt.Errorf("%w: LOGIN asks for more than name and password", ErrChallenge)
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return []byte(answer), nil
}

func (l *login) Done() error { return nil }
