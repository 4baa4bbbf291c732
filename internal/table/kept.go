package table

// Kept says how a store keeps the rows of a view: in a table that a promote refreshes for
// the patients it touches. To compute such a view takes seconds of planning and reads
// everything, whatever the question.
//
// All rows of a patient in a source are a function of the patient's resources and of those
// that Links connect with them, with two exceptions that are named: Shared and Across.
type Kept struct {
	// Source and Patient are the view's columns that say whose rows they are. Without a
	// Patient they are of the resources that Pair names.
	Source, Patient string
	// Pair are the columns of a row about two resources of Resource: source and id of each.
	Pair [4]string
	// Resource is the main table of which a row has the id in ID; "" if it has none. What
	// reads the view for some resources reads their rows alone.
	Resource, ID string
	// Filters are the columns that readers filter on: month, patient, claim. Rows are sorted
	// by them in this order; all but the first have indexes.
	Filters []string
	// Key are the columns that tell rows apart, after Filters. If rows are equal in all of
	// these, they are still several.
	Key []string
	// Shared is a column whose values patients of a source share. A patient's rows are
	// computed with the rows of all patients that have one of the values; and a patient is
	// touched, too, if one of the few that share a value comes to it or leaves it.
	Shared string
	// Across says that resources are compared with those of other sources that are of the
	// same patient or have the same id.
	Across bool
	// Of are the patients.
	Of *Patients
}

// Patients says where a patient's resources are.
type Patients struct {
	Subjects []Subject
	Links    []Link
}

// Subject is a main table whose resources are of patients.
type Subject struct {
	Table   string
	Patient string // column with the patient's id
}

// Link is a column that refers to the id of another subject, which may be another patient's.
type Link struct{ Table, Column, To string }
