package fhirtest

import (
	"net/http"
	"strings"
	"time"
)

// capabilities answers GET /metadata: which $export there is, and, until SMART
// configuration came, where tokens are to be had.
func (s *Server) capabilities(w http.ResponseWriter, x *exchange) error {
	system := s.version.operation()
	level := func(name string) string { return strings.Replace(system, "/export", "/"+name+"-export", 1) }
	operation := func(definition string) []any {
		return []any{object{"name": "export", "definition": definition}}
	}
	resources := []any{
		object{"type": "Patient", "operation": operation(level("patient"))},
		object{"type": "Group", "operation": operation(level("group"))},
	}
	for _, t := range s.options.Types {
		if s.options.Declares {
			resources = append(resources, object{"type": t, "interaction": []any{object{"code": "read"}, object{"code": "search-type"}}})
		}
	}
	rest := object{
		"mode":      "server",
		"operation": operation(system),
		"resource":  resources,
	}
	if len(s.options.Clients) > 0 {
		rest["security"] = oauthURIs(x.base() + "/token")
	}
	writeJSON(w, http.StatusOK, "application/fhir+json", object{
		"resourceType": "CapabilityStatement",
		"status":       "active",
		"date":         s.clock().UTC().Format(time.DateOnly),
		"kind":         "instance",
		"instantiates": []string{"http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data", system},
		"fhirVersion":  "4.0.1",
		"format":       []string{"json"},
		"rest":         []any{rest},
	})
	return nil
}

type object map[string]any

func oauthURIs(token string) object {
	return object{
		"service": []any{object{"coding": []any{object{
			"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR",
		}}}},
		"extension": []any{object{
			"url":       "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
			"extension": []any{object{"url": "token", "valueUri": token}},
		}},
	}
}

// smartConfiguration answers GET /.well-known/smart-configuration (SMART App
// Launch, "Backend Services").
func (s *Server) smartConfiguration(w http.ResponseWriter, x *exchange) error {
	if len(s.options.Clients) == 0 {
		return refuse(http.StatusNotFound, "not-found", "this server is open: it has no authorization")
	}
	writeJSON(w, http.StatusOK, "application/json", object{
		"token_endpoint":                                   x.base() + "/token",
		"token_endpoint_auth_methods_supported":            []string{"private_key_jwt", "client_secret_basic"},
		"token_endpoint_auth_signing_alg_values_supported": signingMethods(),
		"grant_types_supported":                            []string{"client_credentials"},
		"scopes_supported":                                 []string{"system/*.rs", "system/*.read"},
		"capabilities":                                     []string{"client-confidential-asymmetric", "permission-v1", "permission-v2"},
	})
	return nil
}
