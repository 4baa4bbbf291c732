package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/load/embedded"
)

func newWarehouseCmd() *cobra.Command {
	var (
		flags        lakeFlags
		listen       string
		passwordFile string
		writable     bool
	)
	cmd := &cobra.Command{
		Use:   "warehouse",
		Short: "Serve the embedded ClickHouse to BI tools",
		Long: `Serve a lake's tables over ClickHouse's HTTP interface on loopback until Ctrl-C. Readers
authenticate with the password of --password-file or a new one printed at the start.
Access is read-only unless --writable is given. The audit trail records the hash of each
statement before it runs. Other commands load and query the same warehouse meanwhile: a
query sees what was there before a run was promoted, or after.`,
		Example: `  claimlake warehouse --lake lake
  claimlake warehouse --listen 127.0.0.1:9123 --password-file keys/reader
  curl -u claimlake:PASSWORD 'http://127.0.0.1:8123/?query=SHOW+TABLES+FROM+claimlake'`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := flags.settings(cmd)
			if err != nil {
				return err
			}
			if _, err := os.Stat(pipeline.WarehouseDir(c.Lake.Dir)); err != nil {
				return fmt.Errorf("the lake %s has no warehouse: claimlake warehouse fill loads it into one: %w", c.Lake.Dir, err)
			}
			password, err := readPassword(passwordFile)
			if err != nil {
				return err
			}
			trail, err := openTrail(cmd, c)
			if err != nil {
				return err
			}
			if err := trail.Append(audit.Event{Action: "warehouse", Object: listen}); err != nil {
				return err
			}
			record := func(statement string) error { return trail.Append(audit.Event{Action: "query", Object: statement}) }
			o := pipeline.EngineOptions(c.Lake.Dir, c.Warehouse.Database, !writable)
			o.Listen, o.Password, o.Record = listen, password, record
			return serve(cmd, o, c.Warehouse.Database)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&listen, "listen", embedded.DefaultListen, "loopback address to serve on")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "file with the readers' password")
	cmd.Flags().BoolVar(&writable, "writable", false, "allow statements that change tables")
	cmd.AddCommand(newWarehouseFillCmd())
	return cmd
}

// readPassword reads the password; "" where a new one is wanted.
func readPassword(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	password := strings.TrimSpace(string(text))
	if password == "" {
		return "", fmt.Errorf("password: %s is empty", file)
	}
	return password, nil
}

// serve runs the engine until the command is interrupted.
func serve(cmd *cobra.Command, o embedded.Options, database string) (err error) {
	s, err := embedded.Start(cmd.Context(), o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	password := ""
	if o.Password == "" {
		password = ", password " + s.Password
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "ClickHouse %s on http://%s, database %s, user %s%s\nCtrl-C ends it.\n", s.Version, s.Addr, database, s.User, password); err != nil {
		return err
	}
	select {
	case <-cmd.Context().Done():
		return nil
	case <-s.Done():
		return s.Err()
	}
}
