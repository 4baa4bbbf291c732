package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
	"github.com/claimlake/claimlake/internal/sourcecheck"
	"github.com/claimlake/claimlake/transform"
)

func newSyncCmd() *cobra.Command {
	var sync syncFlags
	var file string
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Export from the configured FHIR server and load the result",
		Long: `Start a bulk export on the server of claimlake.yaml, wait for it and load its files.
Readers see all rows of the run at its end, or none.

The first sync exports everything, later ones what changed since. To resume an interrupted
sync, repeat the command.`,
		Example: `  claimlake config init && claimlake sync
  claimlake sync --config payer.yaml --dry-run    # print the request and its scopes
  claimlake sync --full                           # full export; unchanged lines cost little`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(file)
			if err != nil {
				return usageError{err}
			}
			return sync.run(cmd, c)
		},
	}
	sync.add(cmd)
	cmd.Flags().StringVar(&file, "config", defaultConfig, "configuration file")
	return cmd
}

// syncFlags are the flags of a sync.
type syncFlags struct {
	loadFlags
	full, acceptAbsent, dryRun bool
}

func (f *syncFlags) add(cmd *cobra.Command) {
	f.loadFlags.add(cmd)
	cmd.Flags().BoolVar(&f.full, "full", false, "full export; delete resources the server no longer returns")
	cmd.Flags().BoolVar(&f.acceptAbsent, "accept-absent", false, "with a full export: delete missing resources even if they are many")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print the request without sending it; reads only what the server declares")
}

// run syncs as the configuration says.
func (f *syncFlags) run(cmd *cobra.Command, c config.Config) error {
	if f.dryRun {
		return f.printPlan(cmd, c)
	}
	o := pipeline.Options{Source: c.Source.Name, Kind: "sync", Resume: true, AcceptAbsent: f.acceptAbsent, Files: c.Limits.Downloads}
	return f.loadFlags.run(cmd, c, o, func(o *pipeline.Options) (pipeline.Source, error) {
		x, err := f.extent(cmd, c, o.Plan)
		if err == nil && !x.all {
			x, err = x.readable(cmd.Context(), c, o)
		}
		if err != nil {
			return nil, err
		}
		if x.why != "" {
			o.Log.Warn(x.why)
		}
		export := x.of(c, o.Plan)
		o.Request, o.Full, o.Subset = asked(c, export), isWhole(c, export) && !x.elsewhere, len(export.Elements) > 0
		return newRemote(cmd.Context(), c, export, x.all, agent(*o))
	})
}

// extent is how much a sync asks for.
type extent struct {
	all       bool
	since     time.Time // where not all is asked for
	why       string    // all is asked for, though only changes would be due
	leftOut   []string  // types that are not asked for, where not all is: the server did not export them
	elsewhere bool      // what it lacks need not be gone: the last sync asked another server, or for something else
}

// of is what a sync of this extent asks for.
func (x extent) of(c config.Config, plan *transform.Plan) extract.Export {
	return setup.Export(c.Export, plan, x.since).Without(x.leftOut)
}

func (f *syncFlags) extent(cmd *cobra.Command, c config.Config, plan *transform.Plan) (x extent, err error) {
	if x.all, err = f.isFull(cmd.Context(), c); err != nil || x.all {
		return x, err
	}
	if x.why, x.elsewhere, err = moved(cmd, c, plan); err != nil || x.why != "" {
		x.all = true
		return x, err
	}
	if c.Export.Mode != "publish" {
		x.since, err = pipeline.Watermark(cmd.Context(), c.Lake.Dir, c.Source.Name)
	}
	if err == nil && len(c.Export.Types) == 0 {
		x.leftOut, err = lastLeftOut(cmd.Context(), c)
	}
	skew, _ := c.Checks.Skew() // it is checked
	if x.since.After(time.Now().Add(skew)) {
		x.why = fmt.Sprintf("everything is asked for: the last sync of %s left %s as the time to ask from, which has not come yet", c.Source.Name, x.since.Format(time.RFC3339))
		x.all, x.since = true, noTime
	}
	return x, err
}

// lastLeftOut are the types that the last sync left out, since the server does not export
// them. Those after it leave them out too, until one asks for everything.
func lastLeftOut(ctx context.Context, c config.Config) ([]string, error) {
	last, err := pipeline.LastNotRead(ctx, c.Lake.Dir, c.Source.Name)
	return last.LeftOut, err
}

// readable looks whether the token lets types be read that it did not at the last sync.
// Nothing of them is loaded, so that what changed since is not all of them.
func (x extent) readable(ctx context.Context, c config.Config, o *pipeline.Options) (extent, error) {
	last, err := pipeline.LastNotRead(ctx, c.Lake.Dir, c.Source.Name)
	if err != nil || len(last.Unreadable) == 0 || !c.Export.Since.IsZero() {
		return x, err
	}
	still, err := pipeline.Unreadable(ctx, c, x.of(c, o.Plan).Types, agent(*o))
	if err != nil {
		return x, err
	}
	now := slices.DeleteFunc(last.Unreadable, func(t string) bool { return slices.Contains(still, t) })
	if len(now) > 0 {
		x = extent{all: true, why: everything(c, "the token lets types be read that it did not: "+strings.Join(now, ", "))}
	}
	return x, nil
}

// isWhole reports whether what is asked for is all that the server has. Of what is
// published the publisher says so.
func isWhole(c config.Config, e extract.Export) bool {
	return c.Export.Mode != "publish" && e.Since.IsZero() && c.Export.Whole()
}

// isFull reports whether everything is asked for: as the user wants, or since the last
// full sync is long ago.
func (f *syncFlags) isFull(ctx context.Context, c config.Config) (bool, error) {
	every, err := c.Export.Full()
	if f.full || err != nil || every == 0 {
		return f.full, err
	}
	last, err := pipeline.LastFull(ctx, c.Lake.Dir, c.Source.Name)
	return time.Since(last) >= every, err
}

// printPlan says what a sync would ask, and why all, where it would ask for changes else.
func (f *syncFlags) printPlan(cmd *cobra.Command, c config.Config) error {
	plan, _, err := compileUnder(f.schemas, c.Policy)
	if err != nil {
		return err
	}
	x, err := f.extent(cmd, c, plan)
	if err != nil {
		return err
	}
	e := x.of(c, plan)
	scopes := "none"
	switch {
	case c.Source.Auth.Type == "smart" && len(c.Source.Auth.Scopes) > 0:
		scopes = strings.Join(c.Source.Auth.Scopes, " ")
	case c.Source.Auth.Type == "smart":
		scopes = strings.Join(smart.Scopes(e.Types, true), " ")
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "server:    %s\nexport:    %s\nauth:      %s\nscopes:    %s\nlake:      %s\nwarehouse: %s\n",
		c.Source.URL, what(c, e), c.Source.Auth.Type, scopes, c.Lake.Dir, c.Warehouse.Mode)
	if err == nil && x.why != "" {
		_, err = fmt.Fprintln(cmd.OutOrStdout(), x.why)
	}
	if err == nil && c.Export.Mode == "export" {
		err = printRuledOut(cmd, c, e)
	}
	return err
}

// printRuledOut says which types the server does not export, as far as it declares that.
func printRuledOut(cmd *cobra.Command, c config.Config, e extract.Export) error {
	failing, undeclared, err := sourcecheck.RuledOut(cmd.Context(), c, e, "claimlake/"+version)
	text := ""
	switch {
	case err != nil:
		text = "what the server declares could not be read: " + err.Error()
	case len(failing) > 0 && e.Narrow:
		text = "left out, since the server is known to fail for them at this level: " + strings.Join(failing, ", ")
	case len(failing) > 0:
		text = "the server is known to fail for these at this level: " + strings.Join(failing, ", ")
	case len(e.LeftOut) > 0:
		text = "left out, as the last time: " + strings.Join(e.LeftOut, ", ")
	case len(undeclared) > 0 && e.Narrow:
		text = "not declared by the server, and left out if it refuses them: " + strings.Join(undeclared, ", ")
	case len(undeclared) > 0:
		text = "not declared by the server, which may refuse the export: " + strings.Join(undeclared, ", ")
	default:
		return nil
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
	return err
}
