package fhirpath

import "strings"

// Projection is the set of elements that expressions can touch, by name. The zero
// Projection wants an item and none of its elements. It is built once and then read by
// one goroutine.
type Projection struct {
	all      bool // the whole item
	children []*Projection
	name     string
	is       *Projection            // merged into this one
	keys     map[string]*Projection // JSON keys seen so far; nil for one to skip
}

// maxKeys bounds how many keys a projection remembers: documents may make up any.
const maxKeys = 1 << 10

func (p *Projection) resolve() *Projection {
	for p.is != nil {
		p = p.is
	}
	return p
}

// All makes p want the whole item.
func (p *Projection) All() { p.resolve().all = true }

// Child is the projection of the elements with a name, which p then wants.
func (p *Projection) Child(name string) *Projection {
	p = p.resolve()
	if c := p.find(name); c != nil {
		return c
	}
	c := &Projection{name: name}
	p.children = append(p.children, c)
	return c
}

func (p *Projection) find(name string) *Projection {
	for _, c := range p.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// Merge makes p and other one projection that wants what either wants. An element that
// repeats inside itself has a projection that is merged with one of its children.
func (p *Projection) Merge(other *Projection) {
	p, other = p.resolve(), other.resolve()
	if p == other {
		return
	}
	other.is, p.all = p, p.all || other.all
	for _, c := range other.children {
		if mine := p.resolve().find(c.name); mine != nil {
			mine.Merge(c)
		} else {
			p.resolve().children = append(p.resolve().children, c)
		}
	}
}

// whole wants everything of everything.
var whole = &Projection{all: true}

// key is the projection for a JSON key; nil if the key is not wanted.
func (p *Projection) key(key []byte) *Projection {
	p = p.resolve()
	if p.all {
		return whole
	}
	if c, ok := p.keys[string(key)]; ok {
		return c
	}
	var found *Projection
	for _, c := range p.children {
		if _, ok := choice(c.name, string(key)); ok {
			found = c
			break
		}
	}
	if p.keys == nil {
		p.keys = map[string]*Projection{}
	}
	if len(p.keys) < maxKeys {
		p.keys[string(key)] = found
	}
	return found
}

// choice reports whether a JSON key is the element of a name, and the type if it is a
// choice element, name[x]: the key valueQuantity is the element value, of type
// Quantity (FHIR, "Choice of Data Types").
func choice(name, key string) (typ string, ok bool) {
	rest, ok := strings.CutPrefix(key, name)
	if !ok || rest == "" {
		return "", ok
	}
	typ, ok = choiceTypes[rest]
	return typ, ok
}

// choiceTypes are the types of choice elements by the ending of their JSON key (FHIR
// R4 and R5, "Open Type Element").
var choiceTypes = func() map[string]string {
	types := map[string]string{}
	for _, t := range strings.Fields(`base64Binary boolean canonical code date dateTime decimal id instant integer
		integer64 markdown oid positiveInt string time unsignedInt uri url uuid
		Address Age Annotation Attachment CodeableConcept CodeableReference Coding ContactPoint Count Distance Duration
		HumanName Identifier Money Period Quantity Range Ratio RatioRange Reference SampledData Signature Timing
		ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition
		UsageContext Availability ExtendedContactDetail VirtualServiceDetail MonetaryComponent Dosage Meta SimpleQuantity`) {
		types[strings.ToUpper(t[:1])+t[1:]] = t
	}
	return types
}()
