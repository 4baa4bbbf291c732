// Package policy changes rows between transform and load as the user's privacy policy
// says: columns are emptied, identifiers replaced by pseudonyms, dates shifted or cut
// to their year, and resources with sensitive labels or codes left out or labelled.
//
// Tables and columns stay as the mappings have them, so that whoever reads them needs
// not know of the policy. The column _mapping names it.
package policy
