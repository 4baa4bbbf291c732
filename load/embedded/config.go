package embedded

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

//go:embed config/*.xml
var configFiles embed.FS

var configTemplates = template.Must(template.New("").Funcs(template.FuncMap{"xml": template.HTMLEscapeString}).ParseFS(configFiles, "config/*.xml"))

// constant are the settings that nobody may change: they name files and hosts that
// formats read and write, other languages than the one that is checked, or rights.
var constant = []string{
	"allow_archive_path_syntax", "allow_ddl", "allow_experimental_kusto_dialect", "allow_experimental_polyglot_dialect",
	"allow_experimental_prql_dialect", "allow_introspection_functions", "allow_python_table_function",
	"cluster_for_parallel_replicas", "default_view_definer", "dialect", "dynamic_disk_allow_from_env", "dynamic_disk_allow_from_zk",
	"dynamic_disk_allow_include", "filesystem_cache_name",
	"format_avro_schema_registry_url", "format_schema", "format_schema_source", "format_template_resultset",
	"format_template_row", "implicit_select", "implicit_table_at_top_level", "implicit_transaction",
	"input_format_record_errors_file_path",
	"into_outfile_create_parent_directories", "jemalloc_enable_profiler", "output_format_schema", "polyglot_dialect",
	"promql_database", "promql_table", "rename_files_after_processing", "traverse_shadow_remote_data_paths", "url_base",
}

// fullRole has all of ClickHouse's rights. The engine has one user with this role and one
// for the readers of each database; a session gives up those that it is not to have.
const fullRole = "full"

// reading is the role of the readers of a database.
type reading struct{ Role, Quoted string }

// configure writes the engine's configuration into its folder and returns the file's path.
// With walled, sessions can be given the rights of readers: roles are theirs, by database,
// of which there may be more than the folder has yet.
func configure(dir string, walled bool, more []string) (path string, roles map[string]string, err error) {
	folder := filepath.Join(dir, engineDir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", nil, fmt.Errorf("configure the engine: %w", err)
	}
	users := ""
	if walled {
		names, err := databases(dir)
		if err != nil {
			return "", nil, fmt.Errorf("configure the engine: %w", err)
		}
		names = slices.Concat(names, more)
		slices.Sort(names)
		var readers []reading
		roles = map[string]string{}
		for i, name := range slices.Compact(names) {
			if name == "" {
				continue
			}
			roles[name] = fmt.Sprintf("reader_%d", i)
			readers = append(readers, reading{roles[name], quoteName(name)})
		}
		users = filepath.Join(folder, "users.xml")
		if err := writeConfig(users, map[string]any{"Full": fullRole, "Readers": readers, "Constant": constant}); err != nil {
			return "", nil, err
		}
	}
	path = filepath.Join(folder, "config.xml")
	return path, roles, writeConfig(path, map[string]any{"Users": users})
}

// databases are those of the data folder: each has a file of its name.
func databases(dir string) (names []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, "metadata"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		escaped, ok := strings.CutSuffix(e.Name(), ".sql")
		if name, err := url.PathUnescape(escaped); ok && err == nil && name != "system" {
			names = append(names, name)
		}
	}
	return names, err
}

// writeConfig fills in the template of the file's name.
func writeConfig(path string, data any) error {
	var text bytes.Buffer
	err := configTemplates.ExecuteTemplate(&text, filepath.Base(path), data)
	if err == nil {
		err = os.WriteFile(path, text.Bytes(), 0o600)
	}
	if err != nil {
		return fmt.Errorf("configure the engine: %w", err)
	}
	return nil
}
