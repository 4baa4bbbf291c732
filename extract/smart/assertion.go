package smart

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// An assertion may be valid for five minutes at most (SMART App Launch, "Client
// Authentication: Asymmetric"). One minute less lets a server's clock be that
// much behind ours.
const (
	assertionLife = 4 * time.Minute
	maxSkew       = time.Minute
)

// assertion is a signed JWT that proves to the token endpoint audience that the
// bearer is clientID. Each has a jti of its own and is used once. It is good at
// audience only, so that whoever gets it there can use it nowhere else.
func (k *Key) assertion(clientID, audience string, now time.Time) (string, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return "", fmt.Errorf("jti of the assertion: %w", err)
	}
	// Not jwt.RegisteredClaims, which writes aud as an array. SMART has it a string, and
	// servers read nothing else.
	t := jwt.NewWithClaims(jwt.GetSigningMethod(k.Algorithm()), jwt.MapClaims{
		"iss": clientID,
		"sub": clientID,
		"aud": audience,
		"exp": now.Add(assertionLife).Unix(),
		"jti": id.String(),
	})
	t.Header["kid"] = k.ID
	if k.SetURL != "" {
		t.Header["jku"] = k.SetURL
	}
	signed, err := t.SignedString(k.signer)
	if err != nil {
		return "", fmt.Errorf("sign the assertion: %w", err)
	}
	return signed, nil
}
