package main

import (
	"fmt"
	"io"
	"path"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/pipeline"
)

// observer shows a run: bars on a terminal, else a line now and then.
type observer interface {
	pipeline.Observer
	// stop ends the display. It may be called again.
	stop()
}

func newObserver(cmd *cobra.Command) observer {
	if p, ok := cmd.ErrOrStderr().(*plain); ok && p.terminal {
		return newBars(p.out) // moves the cursor, and makes its texts printable itself
	}
	return newLines(cmd.ErrOrStderr(), 10*time.Second)
}

// bars has one bar for each file that is being read, and one for all.
type bars struct {
	writer progress.Writer
	total  *progress.Tracker
	begun  time.Time
	ended  sync.Once

	mu    sync.Mutex
	files map[string]*progress.Tracker
	size  int64 // of all files begun, as far as known
	lines int64
}

func newBars(out io.Writer) *bars {
	w := progress.NewWriter()
	w.SetOutputWriter(out)
	w.SetAutoStop(false)
	w.SetUpdateFrequency(200 * time.Millisecond)
	w.SetTrackerPosition(progress.PositionRight)
	w.Style().Visibility.Speed, w.Style().Visibility.ETA = true, true
	b := &bars{writer: w, begun: time.Now(), files: map[string]*progress.Tracker{}, total: &progress.Tracker{Message: "all files", Units: progress.UnitsBytes}}
	w.AppendTracker(b.total)
	go w.Render()
	return b
}

// Step shows what the run does now.
func (b *bars) Step(text string) { b.total.UpdateMessage(printable(text)) }

// Begin adds the bar of a file.
func (b *bars) Begin(f pipeline.File) {
	t := &progress.Tracker{Message: printable(path.Base(f.Name)), Units: progress.UnitsBytes, RemoveOnCompletion: true}
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.Bytes > 0 {
		t.Total = f.Bytes
		b.size += f.Bytes
		b.total.UpdateTotal(b.size)
	}
	b.files[f.ID] = t
	b.writer.AppendTracker(t)
}

// Read moves the bars.
func (b *bars) Read(fileID string, bytes, lines int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines += lines
	b.files[fileID].Increment(bytes)
	b.total.Increment(bytes)
	b.total.UpdateMessage(fmt.Sprintf("%d records, %.0f records/s", b.lines, float64(b.lines)/time.Since(b.begun).Seconds()))
}

// End removes a file's bar.
func (b *bars) End(fileID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files[fileID].MarkAsDone()
}

func (b *bars) stop() {
	b.ended.Do(func() {
		b.total.MarkAsDone()
		b.writer.Stop()
		for b.writer.IsRenderInProgress() {
			time.Sleep(10 * time.Millisecond)
		}
	})
}

// lines prints one line an interval.
type lines struct {
	out   io.Writer
	every time.Duration
	begun time.Time

	mu            sync.Mutex
	last          time.Time
	files, ended  int
	bytes, number int64
}

func newLines(out io.Writer, every time.Duration) *lines {
	return &lines{out: out, every: every, begun: time.Now(), last: time.Now()}
}

// Step prints what the run does now.
func (l *lines) Step(text string) { _, _ = fmt.Fprintln(l.out, text) }

// Begin counts a file.
func (l *lines) Begin(pipeline.File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files++
}

// Read prints a line if it is time to.
func (l *lines) Read(_ string, bytes, number int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes, l.number = l.bytes+bytes, l.number+number
	if time.Since(l.last) < l.every {
		return
	}
	l.last = time.Now()
	seconds := time.Since(l.begun).Seconds()
	_, _ = fmt.Fprintf(l.out, "%d of %d files begun are done, %d records, %.1f MB, %.0f records/s, %.1f MB/s\n",
		l.ended, l.files, l.number, float64(l.bytes)/1e6, float64(l.number)/seconds, float64(l.bytes)/1e6/seconds)
}

// End counts a file that is done.
func (l *lines) End(string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended++
}

func (l *lines) stop() {}
