package parquet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/durable"
)

// emptyMark begins the name of a file without rows that a snapshot has for each table
// without others: readers of current/<table>/*.parquet find the columns, and the rows
// once there are some. Nothing else here sees these files.
const emptyMark = "empty-"

// addEmpty gives each table of the run that has no files in the snapshot one without rows.
func (b *build) addEmpty() error {
	l := b.run.lake
	for _, table := range b.run.order {
		dir := path.Join(b.dir(), table)
		if files, err := os.ReadDir(l.abs(dir)); err == nil && len(files) > 0 {
			continue
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := l.step("add an empty file"); err != nil {
			return err
		}
		if err := b.addEmptyFile(b.run.layouts[table], dir); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	return nil
}

// addEmptyFile links that of the snapshot before, or writes one. Its name says what
// columns it has.
func (b *build) addEmptyFile(t *layout, dir string) error {
	l := b.run.lake
	var text strings.Builder
	for _, m := range t.metadata {
		text.WriteString(m.Key + "\x00" + m.Value + "\x00")
	}
	name := fmt.Sprintf("%s%016x.parquet", emptyMark, xxh3.HashString(text.String()))
	if b.from.number > 0 {
		if err := durable.Mkdir(l.abs(dir)); err != nil {
			return err
		}
		err := durable.Link(l.abs(path.Join(b.from.dir(), t.Name, name)), l.abs(path.Join(dir, name)))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	file, err := create(l.abs(path.Join(dir, name)))
	if err != nil {
		return err
	}
	_, err = file.close(t, "")
	return err
}
