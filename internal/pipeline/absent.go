package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// absentFile is the id of the file of deletions that a full export implies.
const absentFile = "absent"

// maxAbsent is the share of a type's resources that a full export may lack without
// somebody saying that it is right: half an export must not delete the other half.
const maxAbsent = 0.1

// absences loads tombstones for what is loaded of the source and a full export has
// no longer: servers do not tell every deletion.
func (r *run) absences(ctx context.Context) error {
	if !r.options.Full && !r.batch.Whole || len(r.failed) > 0 {
		return nil
	}
	files, err := r.ledger.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	if r.goneOn { // deletions are left to a sync that one process saw whole
		r.postpone("", "the sync was interrupted")
		return nil
	}
	if slices.ContainsFunc(files, func(f ledger.File) bool { return !f.Deletes && f.ResourceType == "" && f.Lines > 0 }) {
		r.postpone("", "its files are of many types")
	}
	notRead, err := r.ledger.NotRead(ctx, r.ID)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	for _, s := range r.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return err
		}
		if !t.IsRoot() || !covered(files, t.Resource) || slices.Contains(notRead.Unreadable, t.Resource) {
			continue
		}
		if why := r.doubt(files, t.Resource); why != "" {
			r.postpone(t.Resource, why)
			continue
		}
		if err := r.absent(ctx, t, &lines); err != nil {
			return fmt.Errorf("look for what the export lacks of %s: %w", t.Resource, err)
		}
	}
	if lines.Len() == 0 {
		return nil
	}
	return r.loadAbsent(ctx, lines.Bytes())
}

// absencesCheck is the name of the findings that say of what nothing was taken for absent.
const absencesCheck = "absences"

// postpone leaves what the export lacks of a type, "" for all, to the next full sync.
func (r *run) postpone(resourceType, why string) {
	r.options.Log.Warn("nothing is taken for deleted that the full export lacks: the next one looks again", "run", r.ID, "type", resourceType, "cause", why)
	r.postponed = append(r.postponed, ledger.Finding{Check: absencesCheck, Subject: resourceType, Grade: checks.Warn, Text: "what the full export lacks is not deleted: " + why})
}

// covered reports whether the export's files have anything of a type.
func covered(files []ledger.File, resourceType string) bool {
	return slices.ContainsFunc(files, func(f ledger.File) bool {
		return !f.Deletes && f.ResourceType == resourceType && f.Lines > 0
	})
}

// doubt says why the export's files may lack some of a type that the source has; "" for no
// reason: then each of them is whole, and each of their lines was used.
func (r *run) doubt(files []ledger.File, resourceType string) string {
	if r.batch.Failures.Concern(resourceType) {
		return "the server could not export all: " + r.batch.Failures.String()
	}
	var same []checks.File
	for _, f := range files {
		if f.Deletes || f.ResourceType != resourceType && f.ResourceType != "" {
			continue
		}
		same = append(same, counts(f))
		if short := checks.Short(counts(f)); short != "" {
			return f.ID + ": " + short
		}
		if f.Rejected > 0 {
			return fmt.Sprintf("%s: %d lines could not be used", f.ID, f.Rejected)
		}
		if f.Unmapped > 0 && f.ResourceType != "" {
			return fmt.Sprintf("%s: %d lines are of another type", f.ID, f.Unmapped)
		}
	}
	for _, f := range checks.Repeated(same) {
		return f.Subject + ": " + f.Text
	}
	return ""
}

// absent adds a line for each resource of a type that the run did not bring.
func (r *run) absent(ctx context.Context, t table.Table, lines *bytes.Buffer) error {
	brought, err := r.brought(ctx, t.Name)
	if err != nil {
		return err
	}
	var missing []parquet.Resource
	all := 0
	err = r.parquet.Resources(t.Name, r.Source, func(x parquet.Resource) {
		all++
		if _, ok := slices.BinarySearch(brought, xxh3.HashString(x.ID)); !ok && !r.known.came(t.Resource, x.Hash) {
			missing = append(missing, x)
		}
	})
	if err != nil || len(missing) == 0 {
		return err
	}
	if float64(len(missing)) > maxAbsent*float64(all) && !r.options.AcceptAbsent {
		r.postpone(t.Resource, fmt.Sprintf("it lacks %d of %d that are loaded; if that is right: claimlake sync --full --accept-absent", len(missing), all))
		return nil
	}
	r.options.Log.Info("delete what the full export no longer has", "run", r.ID, "type", t.Resource, "loaded", all, "absent", len(missing))
	for _, x := range missing {
		lines.Write(transform.Absent(t.Resource, x.ID, x.Version))
	}
	return nil
}

// brought is the xxh3 of the ids of which the run has a new copy, sorted.
func (r *run) brought(ctx context.Context, table string) ([]uint64, error) {
	paths, err := r.partsOf(ctx, table)
	if err != nil {
		return nil, err
	}
	var ids []uint64
	err = r.parquet.ResourcesIn(paths, r.Source, func(x parquet.Resource) { ids = append(ids, xxh3.HashString(x.ID)) })
	slices.Sort(ids)
	return ids, err
}

// partsOf are the paths of the run's parts of a table.
func (r *run) partsOf(ctx context.Context, table string) (paths []string, err error) {
	parts, err := r.ledger.Parts(ctx, r.ID)
	for _, p := range parts {
		if p.Table == table {
			paths = append(paths, p.Path)
		}
	}
	return paths, err
}

// loadAbsent loads lines as a file of deletions.
func (r *run) loadAbsent(ctx context.Context, lines []byte) error {
	w, err := r.newWorker()
	if err != nil {
		return err
	}
	f := File{ID: absentFile, Name: "(what the full export lacks)", Deletes: true, Announced: -1, Bytes: int64(len(lines))}
	return errors.Join(w.loadImplied(ctx, f, bytes.NewReader(lines)), w.close())
}
