package policy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"
)

// secrets makes what the rows of a page have of the policy's key. All tables of a
// resource have its id and most its patient's: what was made of a value is kept.
type secrets struct {
	mac        hash.Hash
	pseudonyms map[string]string
	shifts     map[string]int
	moves      map[string]int64 // of ranks, by Type/id
}

func (p *Policy) secrets() *secrets { return newSecrets(p.key) }

func newSecrets(key []byte) *secrets {
	return &secrets{mac: hmac.New(sha256.New, key), pseudonyms: map[string]string{}, shifts: map[string]int{}, moves: map[string]int64{}}
}

// sum is the keyed hash of a value for a purpose.
func (s *secrets) sum(purpose, value string) []byte {
	s.mac.Reset()
	_, _ = s.mac.Write([]byte(purpose + "\x00" + value))
	return s.mac.Sum(nil)
}

// pseudonym is the text that stands for a value, wherever it is: 32 hex digits. Nothing
// stands for nothing.
func (s *secrets) pseudonym(value string) string {
	if value == "" {
		return ""
	}
	made, ok := s.pseudonyms[value]
	if !ok {
		made = hex.EncodeToString(s.sum("pseudonym", value)[:16])
		s.pseudonyms[strings.Clone(value)] = made
	}
	return made
}

// maxShift is the most days that dates are shifted by.
const maxShift = 365

// shift is by how many days the dates of a patient are shifted.
func (s *secrets) shift(patient string) int {
	days, ok := s.shifts[patient]
	if !ok {
		days = 1 + int(binary.BigEndian.Uint64(s.sum("shift", patient))%maxShift)
		s.shifts[strings.Clone(patient)] = days
	}
	return days
}
