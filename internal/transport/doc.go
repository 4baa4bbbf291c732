// Package transport makes the HTTP client that talks to a FHIR server, its token
// endpoint and the hosts of its files. What may go over the network, and to whom,
// is decided here and nowhere else:
//
//	request ──▶ plain http? loopback or allowed only ──▶ TLS 1.2 or later
//	            ──▶ certificate: the system's CAs and the own ones
//	            ──▶ address: public, but for hosts that the configuration names
//	            ──▶ pins: one of the public keys of the FHIR server's chain
//	            ──▶ client certificate, for a server that asks for one (mTLS)
//
// A failure that the next attempt would meet again, such as an expired
// certificate, is a redact.Public error, which is not retried and says what to do.
package transport
