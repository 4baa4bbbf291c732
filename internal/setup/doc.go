// Package setup makes from the configuration what a command works with: clients of
// servers, keys, hooks, a policy, the request for an export. It asks no server.
package setup
