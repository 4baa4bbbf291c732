package smart

import (
	"context"
	"errors"

	"github.com/claimlake/claimlake/extract/redact"
)

// Bearer is a token that was got elsewhere.
type Bearer struct{ redact.Secret }

// Token gives the token.
func (b Bearer) Token(context.Context) (Token, error) { return Token{Access: b.Secret}, nil }

// Renew fails: there is no other token. The error is an *Error.
func (b Bearer) Renew(context.Context, Token) (Token, error) {
	return Token{}, &Error{Err: errors.New("the server refuses the bearer token: get a new one")}
}
