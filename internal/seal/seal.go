// Package seal encrypts what claimlake keeps of patients outside its tables: archived
// pages and quarantined lines. It is Tink's AES-256-GCM; each sealed piece is bound to
// its place, so that none can stand in for another.
//
//	key set (a file or a variable) ──▶ Keys ──Seal──▶ piece on disk ──Open──▶ the same bytes, or an error
package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

var (
	// ErrKeys says that a key set cannot be used.
	ErrKeys = errors.New("the key set for sealing")
	// ErrSealed says that something is sealed, and none of the keys opens it.
	ErrSealed = errors.New("sealed, and cannot be opened: with another key, altered, or cut off; set seal.key_file or seal.key_env in claimlake.yaml to the key set that it was sealed with")
)

// Keys is a key set: the primary key seals, all of them open. A nil *Keys seals
// nothing and opens nothing.
type Keys struct {
	aead    tink.AEAD
	primary uint32
}

// Primary is the id of the key that seals; 0 of a nil *Keys.
func (k *Keys) Primary() uint32 {
	if k == nil {
		return 0
	}
	return k.primary
}

// KeyOf is the id of the key that a piece was sealed with, which Tink writes before it
// (Tink wire format: 0x01 and four bytes); ok is false where it says none.
func KeyOf(sealed []byte) (id uint32, ok bool) {
	if len(sealed) < 5 || sealed[0] != 1 {
		return 0, false
	}
	return binary.BigEndian.Uint32(sealed[1:5]), true
}

// Parse reads a key set, which is JSON as Tink writes it. kms has the key that the key
// set is encrypted with; nil: it is not. The error never quotes it.
func Parse(text []byte, kms tink.AEAD) (*Keys, error) {
	handle, err := read(text, kms)
	if err != nil {
		return nil, err
	}
	a, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("%w: it has no key for AES-256-GCM", ErrKeys)
	}
	return &Keys{a, handle.KeysetInfo().GetPrimaryKeyId()}, nil
}

func read(text []byte, kms tink.AEAD) (*keyset.Handle, error) {
	if kms != nil {
		asked := &asking{AEAD: kms}
		handle, err := keyset.Read(keyset.NewJSONReader(bytes.NewReader(text)), asked)
		if asked.err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKeys, asked.err)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: it is not one that %w encrypted; make one with: claimlake seal keygen --config", ErrKeys, ErrKMS)
		}
		return handle, nil
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, fmt.Errorf("%w: it is not one; make one with: claimlake seal keygen", ErrKeys)
	}
	return handle, nil
}

// asking remembers why a KMS did not decrypt, which Tink forgets.
type asking struct {
	tink.AEAD
	err error
}

func (a *asking) Decrypt(ciphertext, associated []byte) (plaintext []byte, err error) {
	plaintext, a.err = a.AEAD.Decrypt(ciphertext, associated)
	return plaintext, a.err
}

// Generate makes a key set with one key.
func Generate(kms tink.AEAD) ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	return write(handle, kms)
}

// Rotate gives a key set a new primary key. The others stay, to open what they sealed.
func Rotate(text []byte, kms tink.AEAD) ([]byte, error) {
	handle, err := read(text, kms)
	if err != nil {
		return nil, err
	}
	m := keyset.NewManagerFromHandle(handle)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err == nil {
		handle, err = m.Handle()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	return write(handle, kms)
}

// Forget gives a key set without the keys that no longer seal and are not in use:
// what they sealed cannot be opened then. It gives the ids of those that are gone.
func Forget(text []byte, kms tink.AEAD, inUse map[uint32]bool) (left []byte, gone []uint32, err error) {
	handle, err := read(text, kms)
	if err != nil {
		return nil, nil, err
	}
	m, primary := keyset.NewManagerFromHandle(handle), handle.KeysetInfo().GetPrimaryKeyId()
	for _, key := range handle.KeysetInfo().GetKeyInfo() {
		if id := key.GetKeyId(); id != primary && !inUse[id] {
			gone = append(gone, id)
			err = errors.Join(err, m.Delete(id))
		}
	}
	if err == nil {
		handle, err = m.Handle()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	left, err = write(handle, kms)
	return left, gone, err
}

func write(handle *keyset.Handle, kms tink.AEAD) ([]byte, error) {
	var out bytes.Buffer
	if kms != nil {
		if err := handle.Write(keyset.NewJSONWriter(&out), kms); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKeys, err)
		}
		return append(bytes.TrimSpace(out.Bytes()), '\n'), nil
	}
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&out)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	return append(bytes.TrimSpace(out.Bytes()), '\n'), nil
}

// Seal encrypts data for a place, such as a file's name within the lake.
func (k *Keys) Seal(data []byte, place string) ([]byte, error) {
	sealed, err := k.aead.Encrypt(data, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", place, err)
	}
	return sealed, nil
}

// Open decrypts what was sealed for a place. The error is ErrSealed where no key opens
// it, and there is never a part of the data.
func (k *Keys) Open(sealed []byte, place string) ([]byte, error) {
	if k == nil {
		return nil, fmt.Errorf("%s is %w", place, ErrSealed)
	}
	data, err := k.aead.Decrypt(sealed, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("%s is %w", place, ErrSealed)
	}
	return data, nil
}
