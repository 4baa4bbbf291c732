package embedded

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed config/*.xml
var configFiles embed.FS

var configTemplates = template.Must(template.New("").Funcs(template.FuncMap{"xml": template.HTMLEscapeString}).ParseFS(configFiles, "config/*.xml"))

// constant are the settings that a reader must not change: they name files and hosts that
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

// configure writes the engine's configuration into its folder and returns the file's path.
// With a reader's database every session may read that and nothing else, and does not see
// what others run; key, as the setting log_comment, shows it.
func configure(dir, reader string) (path, key string, err error) {
	dir = filepath.Join(dir, ".engine")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", fmt.Errorf("configure the engine: %w", err)
	}
	key = rand.Text()
	users := ""
	if reader != "" {
		users = filepath.Join(dir, "users.xml")
		err = writeConfig(users, map[string]any{
			"Quoted": quoteName(reader), "Text": quoteValue(reader), "Constant": constant, "KeyHash": fmt.Sprintf("%X", sha256.Sum256([]byte(key))),
		})
	}
	path = filepath.Join(dir, "config.xml")
	if err == nil {
		err = writeConfig(path, map[string]any{"Users": users})
	}
	return path, key, err
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
