// Package durabletest is a disk that loses power: it records what a program does through
// internal/durable, and gives back what a disk may hold after any of these operations.
//
//	Record(dir) ──▶ the program runs in dir ──▶ ops
//	ops[:n], Loss ──▶ Disk.Write(another dir) ──▶ the program starts there
package durabletest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/claimlake/claimlake/internal/durable"
)

// Step is an operation, or a mark of the test's.
type Step struct {
	durable.Op
	Mark  string              // what the test says of this moment; "" for an operation
	Files map[string][][]byte // of a Committed: the database's files, by path, in pieces that commits share

	before []Step // what made the folder that was there
}

// Recorder records operations below a folder.
type Recorder struct {
	root  string
	mu    sync.Mutex
	steps []Step
	files map[string][][]byte // of databases, at their last commit
	stop  func()
}

// Record begins to record. What is in the folder is durable.
func Record(root string) *Recorder {
	r := &Recorder{root: root, files: map[string][][]byte{}, steps: []Step{{Op: durable.Op{Kind: "begin", Path: "."}, before: existing(root)}}}
	r.stop = durable.Watch(root, r)
	return r
}

// Before implements durable.Watcher.
func (r *Recorder) Before(durable.Op) error { return nil }

// After implements durable.Watcher.
func (r *Recorder) After(op durable.Op) {
	s := Step{Op: op}
	s.Path = r.rel(op.Path)
	if op.Kind == durable.Renamed || op.Kind == durable.Linked {
		s.To = r.rel(op.To)
	}
	s.Data = bytes.Clone(op.Data)
	r.mu.Lock()
	defer r.mu.Unlock()
	if op.Kind == durable.Committed {
		s.Files = map[string][][]byte{}
		for _, suffix := range []string{"", "-wal"} {
			if content, err := os.ReadFile(op.Path + suffix); err == nil {
				s.Files[s.Path+suffix] = r.pieces(s.Path+suffix, content)
			}
		}
	}
	r.steps = append(r.steps, s)
}

// pieces cuts a database's file into pieces, and shares those that are as they were.
func (r *Recorder) pieces(path string, content []byte) [][]byte {
	const size = 4 << 10
	var pieces [][]byte
	before := r.files[path]
	for piece := range slices.Chunk(content, size) {
		if n := len(pieces); n < len(before) && bytes.Equal(before[n], piece) {
			piece = before[n]
		} else {
			piece = bytes.Clone(piece)
		}
		pieces = append(pieces, piece)
	}
	r.files[path] = pieces
	return pieces
}

// Mark notes what is true from this moment on, such as what the user was told.
func (r *Recorder) Mark(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, Step{Mark: text})
}

// Stop ends the recording and gives all steps.
func (r *Recorder) Stop() []Step {
	r.stop()
	return r.steps
}

func (r *Recorder) rel(path string) string {
	rel, err := filepath.Rel(r.root, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

// node is a file, a folder or a symbolic link.
type node struct {
	dir    bool
	target string // of a symbolic link
	link   bool

	live, synced []byte // of a file

	names   map[string]*node // of a folder
	durable map[string]*node
	pending []change
}

// change is a change of a folder's names that is not durable.
type change struct {
	add    string
	node   *node
	remove string // "" for none; with add, both are one
}

func newDir() *node {
	return &node{dir: true, names: map[string]*node{}, durable: map[string]*node{}}
}

func (d *node) change(c change) {
	d.pending = append(d.pending, c)
	apply(d.names, c)
}

func apply(names map[string]*node, c change) {
	if c.remove != "" {
		delete(names, c.remove)
	}
	if c.add != "" {
		names[c.add] = c.node
	}
}

// Disk is a folder as operations made it.
type Disk struct {
	root *node
	open map[*durable.File]*handle
}

type handle struct {
	node *node
	at   int64
}

// NewDisk is an empty folder.
func NewDisk() *Disk { return &Disk{root: newDir(), open: map[*durable.File]*handle{}} }

// find gives what has a path; nil for nothing.
func (d *Disk) find(path string) *node {
	n := d.root
	if path == "." {
		return n
	}
	for _, name := range strings.Split(path, "/") {
		if n == nil || !n.dir {
			return nil
		}
		n = n.names[name]
	}
	return n
}

// parent gives the folder of a path, and the name in it.
func (d *Disk) parent(path string) (*node, string) {
	dir, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, name = path[:i], path[i+1:]
	}
	if dir == "" {
		return d.root, name
	}
	n := d.find(dir)
	if n == nil {
		panic("durabletest: no folder for " + path + ": was it made without internal/durable?")
	}
	return n, name
}

// Do does a step.
func (d *Disk) Do(s Step) {
	for _, b := range s.before {
		d.Do(b)
	}
	if s.Mark != "" || strings.HasPrefix(s.Path, "..") {
		return
	}
	switch s.Kind {
	case durable.Opened:
		d.openFile(s)
	case durable.Wrote:
		h := d.open[s.File]
		at := s.Offset
		if at < 0 {
			at = h.at
			h.at += int64(len(s.Data))
		}
		h.node.live = slices.Concat(resize(h.node.live, max(at, int64(len(h.node.live))))[:at], s.Data, after(h.node.live, at+int64(len(s.Data))))
	case durable.Sought:
		d.open[s.File].at = s.Offset
	case durable.Truncated:
		n := d.open[s.File].node
		n.live = resize(n.live, s.Offset)
	case durable.Synced:
		n := d.open[s.File].node
		n.synced = bytes.Clone(n.live)
	case durable.Renamed:
		d.rename(s)
	case durable.Linked:
		to, name := d.parent(s.To)
		to.change(change{add: name, node: d.find(s.Path)})
	case durable.Symlinked:
		dir, name := d.parent(s.Path)
		dir.change(change{add: name, node: &node{link: true, target: s.To}})
	case durable.Removed:
		if dir, name := d.parent(s.Path); dir.names[name] != nil {
			dir.change(change{remove: name})
		}
	case durable.MadeDir:
		if dir, name := d.parent(s.Path); dir.names[name] == nil {
			dir.change(change{add: name, node: newDir()})
		}
	case durable.SyncedDir:
		n := d.find(s.Path)
		for _, c := range n.pending {
			apply(n.durable, c)
		}
		n.pending = nil
	case durable.Committed:
		d.commit(s)
	}
}

func (d *Disk) openFile(s Step) {
	n := d.find(s.Path)
	if n == nil {
		n = &node{}
		dir, name := d.parent(s.Path)
		dir.change(change{add: name, node: n})
	}
	if s.Flag&os.O_TRUNC != 0 {
		n.live = nil
	}
	h := &handle{node: n}
	if s.Flag&os.O_APPEND != 0 {
		h.at = int64(len(n.live))
	}
	d.open[s.File] = h
}

func (d *Disk) rename(s Step) {
	from, old := d.parent(s.Path)
	to, name := d.parent(s.To)
	n := from.names[old]
	if from == to {
		from.change(change{add: name, node: n, remove: old})
		return
	}
	to.change(change{add: name, node: n})
	from.change(change{remove: old})
}

// commit takes what a database has on disk. SQLite makes the name of its log durable, but
// not its end; the name of the database itself is whose made it.
func (d *Disk) commit(s Step) {
	log := s.Path + "-wal"
	dir, name := d.parent(log)
	if _, there := s.Files[log]; there {
		dir.pending = slices.DeleteFunc(dir.pending, func(c change) bool { return c.remove == name })
	} else if dir.names[name] != nil {
		dir.change(change{remove: name})
	}
	for path, pieces := range s.Files {
		content, n := slices.Concat(pieces...), d.find(path)
		if n == nil {
			n = &node{}
			dir, name := d.parent(path)
			dir.names[name], dir.durable[name] = n, n
		}
		n.live, n.synced = content, content
	}
}

func resize(b []byte, size int64) []byte {
	if int64(len(b)) >= size {
		return b[:size:size]
	}
	return append(bytes.Clone(b), make([]byte, size-int64(len(b)))...)
}

func after(b []byte, at int64) []byte {
	if at >= int64(len(b)) {
		return nil
	}
	return b[at:]
}

// Loss is what a disk keeps, of what was not synced, when the power fails.
type Loss struct {
	Name  string
	names func(n, pending int) bool            // whether change n of a folder's names stays
	data  func(live, synced []byte) (b []byte) // of a file
}

func all(int, int) bool            { return true }
func none(int, int) bool           { return false }
func last(n, pending int) bool     { return n == pending-1 }
func kept(live, _ []byte) []byte   { return live }
func lost(_, synced []byte) []byte { return synced }

// zeros has the file's length, and zeros for what was not synced.
func zeros(live, synced []byte) []byte {
	out := resize(synced, int64(len(live)))
	return out
}

// torn has half of what was not synced.
func torn(live, synced []byte) []byte {
	at := 0
	for at < len(live) && at < len(synced) && live[at] == synced[at] {
		at++
	}
	return live[:at+(len(live)-at)/2]
}

// Losses are the kinds of losses: all that was not synced, none of it, each half, and names
// in another order than they were changed in.
func Losses() []Loss {
	return []Loss{
		{"all is lost", none, lost},
		{"nothing is lost", all, kept},
		{"names stay, data is lost", all, lost},
		{"names stay, data is zeros", all, zeros},
		{"names stay, data is torn", all, torn},
		{"data stays, names are lost", none, kept},
		{"data stays, the last names stay", last, kept},
	}
}

// Random is a loss that the dice decide for each file and folder.
func Random(seed uint64) Loss {
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's dice
	data := []func(live, synced []byte) []byte{kept, lost, zeros, torn}
	return Loss{
		Name:  fmt.Sprintf("random loss %d", seed),
		names: func(int, int) bool { return r.IntN(2) == 0 },
		data:  func(live, synced []byte) []byte { return data[r.IntN(len(data))](live, synced) },
	}
}

// Left is what a disk holds after a loss.
type Left struct{ files []left }

type left struct {
	path, target string // target of a link, symbolic or hard
	dir, symlink bool
	content      []byte
}

// Left gives what is left after a loss.
func (d *Disk) Left(loss Loss) Left {
	g := &gathering{loss: loss, links: map[*node]string{}}
	g.folder(d.root, "")
	return Left{g.files}
}

type gathering struct {
	loss  Loss
	links map[*node]string // files that are there, and where: hard links
	files []left
}

func (g *gathering) folder(n *node, path string) {
	names := maps.Clone(n.durable)
	for i, c := range n.pending {
		if g.loss.names(i, len(n.pending)) {
			apply(names, c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) { // in order: the dice must fall alike
		g.node(names[name], filepath.Join(path, name))
	}
}

func (g *gathering) node(n *node, path string) {
	there, linked := g.links[n]
	switch {
	case n.link:
		g.files = append(g.files, left{path: path, target: n.target, symlink: true})
	case n.dir:
		g.files = append(g.files, left{path: path, dir: true})
		g.folder(n, path)
	case linked:
		g.files = append(g.files, left{path: path, target: there})
	default:
		g.links[n] = path
		content := n.live
		if !bytes.Equal(n.live, n.synced) {
			content = g.loss.data(n.live, n.synced)
		}
		g.files = append(g.files, left{path: path, content: content})
	}
}

// Sum tells what is left from what else may be left.
func (l Left) Sum() [sha256.Size]byte {
	h := sha256.New()
	for _, f := range l.files {
		_, _ = fmt.Fprintf(h, "%q %q %v %v %d\n%s", f.path, f.target, f.dir, f.symlink, len(f.content), f.content)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// Write writes it into an empty folder.
func (l Left) Write(dir string) error {
	for _, f := range l.files {
		var err error
		switch path := filepath.Join(dir, f.path); {
		case f.symlink:
			err = os.Symlink(f.target, path)
		case f.dir:
			err = os.Mkdir(path, 0o700)
		case f.target != "":
			err = os.Link(filepath.Join(dir, f.target), path)
		default:
			err = os.WriteFile(path, f.content, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Crash is a moment at which the power fails, and what the disk loses then.
type Crash struct {
	Left
	Step  int // index of the last one that was done
	Name  string
	Marks []string // those before it
}

// Crashes gives what a disk may hold after each of the steps, each disk once. Apart from
// Losses there are so many random ones after each step.
func Crashes(steps []Step, random int) iter.Seq[Crash] {
	return CrashesAt(steps, func(n int) []Loss {
		losses := Losses()
		for i := range random {
			losses = append(losses, Random(uint64(n*random+i)))
		}
		return losses
	})
}

// CrashesAt gives what a disk may hold after the losses that at gives for each of the
// steps, by their index, each disk once.
func CrashesAt(steps []Step, at func(n int) []Loss) iter.Seq[Crash] {
	return func(yield func(Crash) bool) {
		d, seen := NewDisk(), map[[sha256.Size]byte]int{}
		var marks []string
		for n, s := range steps {
			if d.Do(s); s.Mark != "" {
				marks = append(marks, s.Mark)
			}
			for _, loss := range at(n) {
				c := Crash{d.Left(loss), n, fmt.Sprintf("after step %d of %d, %s %s: %s", n+1, len(steps), s.Kind, s.Path, loss.Name), slices.Clone(marks)}
				sum := c.Sum()
				if before, ok := seen[sum]; ok && before == len(marks) {
					continue
				}
				if seen[sum] = len(marks); !yield(c) {
					return
				}
			}
		}
	}
}
