// Package synth writes synthetic claims as a FHIR server would export them:
// NDJSON files of Patient, Coverage, Claim, ExplanationOfBenefit and the clinical
// resources around them, shaped like CARIN Blue Button and like Medicare's feeds.
//
//	seed ─▶ facts (person, provider, claim, line) ─▶ renderers ─▶ lines ─▶ Type.000.ndjson
//	           ▲                                                    │
//	         changes: what day n does to the claims before it       └─▶ edge cases (some lines)
//
// Nothing is remembered. Every fact is rolled from the seed and the number of
// what it describes (the third claim of patient 17, its second line), so that the
// same options give the same bytes, a patient is the same on every day, and
// memory does not grow with the population. Day n asks of each older claim
// whether it changes on that day; see change.go.
//
// Facts: population.go, provider.go, claim.go, clinical.go, item.go, service.go,
// rules.go and amounts.go. Renderers are methods of line (json.go, fhir.go): one
// file per resource, and of the large ones per part (eob.go, careteam.go, info.go,
// itemwriter.go …); what only Medicare sends is in the files named for it.
//
// The codes are real (ICD-10-CM, ICD-10-PCS, MS-DRG, HCPCS, LOINC) or shaped like
// real ones (NDC, NPI, MBI) and skewed as in practice; the people are not real.
// ICD-10-CM, ICD-10-PCS and MS-DRG are works of the US government; the displays of
// licensed code sets (CPT, CDT, revenue codes) are our own short wording. Money is
// in cents and adds up: submitted = allowed + discount + noncovered, allowed = paid
// + member liability + paid by others, and every total of a claim is the sum of
// its lines.
package synth
