// Package smart gets access tokens as a backend service (SMART App Launch,
// "Backend Services"): it finds the token endpoint, proves who claimlake is with
// a signed assertion or a client secret, and shares one token between all
// requests until a fifth of its life is left.
//
//	.well-known/smart-configuration ──▶ token endpoint, scopes' version
//	key file ──▶ signed assertion ──POST──▶ token ──▶ every request
//
// Each call asks the server once at most: whether to ask again is decided where
// all other requests are, in extract.
package smart
