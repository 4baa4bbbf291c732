package main

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
)

// newTable is how every list is printed.
func newTable(out io.Writer, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.AppendHeader(header)
	return t
}

func isTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }

// logFlags adds the flags that say what is logged, and how.
func logFlags(root *cobra.Command) {
	root.PersistentFlags().String("log-level", "warn", "what is logged to standard error: debug, info, warn or error")
	root.PersistentFlags().String("purpose", "", "purpose of use, for the audit trail (default: as configured)")
	root.PersistentFlags().String("log-format", "text", "how: text or json")
}

// logger makes the log that the flags ask for. Times are UTC.
func logger(cmd *cobra.Command) (*slog.Logger, error) {
	level, _ := cmd.Flags().GetString("log-level")
	format, _ := cmd.Flags().GetString("log-format")
	o := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.String(a.Key, a.Value.Time().UTC().Format(time.RFC3339Nano))
		}
		return a
	}}
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usagef("--log-level %s: want debug, info, warn or error", level)
	}
	o.Level = l
	switch strings.ToLower(format) {
	case "text":
		return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), o)), nil
	}
	return nil, usagef("--log-format %s: want text or json", format)
}
