package extract

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// outsidePatients are types with claims' or clinical business that are in no patient's
// compartment (FHIR R4, CompartmentDefinition/patient).
var outsidePatients = []string{
	"Endpoint", "HealthcareService", "InsurancePlan", "Location", "Medication", "Organization", "OrganizationAffiliation",
	"Practitioner", "PractitionerRole", "Substance",
}

// OutsidePatients are those of types that are about no patient. Servers may add what
// patients' resources refer to; some fail.
func OutsidePatients(types []string) []string {
	return slices.DeleteFunc(slices.Clone(types), func(t string) bool { return !slices.Contains(outsidePatients, t) })
}

// RulesOut are the types of an export for which the server is known to fail: a HAPI's job
// at the level of patients does for types that are about none.
func (c Capabilities) RulesOut(e Export) []string {
	if e.Level == Patient && strings.Contains(strings.ToUpper(c.Software), "HAPI") {
		return OutsidePatients(e.Types)
	}
	return nil
}

// Undeclared are the types of an export that the server does not declare, though it does
// declare others of them. It may export them all the same: SMART's reference server
// declares no claims, and has them.
func (c Capabilities) Undeclared(e Export) []string {
	listed := func(t string) bool { return slices.Contains(c.Types, t) }
	if !slices.ContainsFunc(e.Types, listed) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.Types), listed)
}

// narrowed starts an export without the types that the server does not export: those that
// it names when it refuses them, or, where it names none, does not declare.
func (c *Client) narrowed(ctx context.Context, e Export) (Job, error) {
	declared, err := c.Capabilities(ctx)
	if _, ok := errors.AsType[*Error](err); err != nil && !ok {
		return Job{}, err
	}
	e = c.leaveOut(ctx, e, declared.RulesOut(e), "the server is known to fail for them")
	job, err := c.kickoff(ctx, e)
	for first := err; err != nil; {
		failure, ok := errors.AsType[*Error](err)
		if !ok || failure.Class != Request {
			return Job{}, err
		}
		refused := declared.refused(e, failure.Said.Reveal())
		if len(refused) == 0 || len(refused) == len(e.Types) {
			return Job{}, first
		}
		e = c.leaveOut(ctx, e, refused, "the server refuses them")
		job, err = c.kickoff(ctx, e)
	}
	return job, nil
}

// refused are the types that a server refuses an export for. At the level of patients and
// of groups those are among them that are about no patient, whatever the server declares:
// it has them, but not there, as HAPI says.
func (c Capabilities) refused(e Export, said string) []string {
	named := refusedTypes(e.Types, c.Types, said)
	if e.Level != System {
		named = merged(named, OutsidePatients(refusedTypes(e.Types, nil, said)))
	}
	if len(named) > 0 {
		return named
	}
	if typeName.MatchString(said) && slices.ContainsFunc(e.Types, func(t string) bool { return strings.Contains(said, t) }) || notAboutTypes.MatchString(said) {
		return nil // it is about something else
	}
	return c.Undeclared(e)
}

// leaveOut is an export without types, of which the user is told.
func (c *Client) leaveOut(ctx context.Context, e Export, types []string, why string) Export {
	if len(types) > 0 {
		c.o.Logger.WarnContext(ctx, "types are left out; name them in export.types to ask for them all the same", "types", types, "why", why)
	}
	return e.Without(types)
}

var (
	typeName = regexp.MustCompile(`[A-Z][A-Za-z]+`)
	// aboutTypes is what a refusal of types has in it, and notAboutTypes one of another
	// parameter, which may name a type too.
	aboutTypes    = regexp.MustCompile(`(?i)\b_?(resource ?)?types?\b|\bresources?\b`)
	notAboutTypes = regexp.MustCompile(`(?i)_?type_?filter|_elements|_since|_until|associated|organizeOutputBy|scope|token|group|patient (id|parameter)`)
)

// refusedTypes are the types that a server refuses a kick-off for, by the names in its
// words; none where they are about something else. A type that the server declares, and
// Patient, which no server lacks, are not among them: their refusal is about more.
func refusedTypes(asked, declared []string, said string) []string {
	if !aboutTypes.MatchString(said) || notAboutTypes.MatchString(said) {
		return nil
	}
	named := typeName.FindAllString(said, -1)
	return slices.DeleteFunc(slices.Clone(asked), func(t string) bool {
		return !slices.Contains(named, t) || slices.Contains(declared, t) || t == "Patient"
	})
}
