// The questions of DBeaver, Metabase and Tableau, by ClickHouse's JDBC driver.
import java.sql.*;
import java.util.*;

public class Jdbc {
    static void check(boolean ok, String what) { if (!ok) { System.out.println("FAILED: " + what); System.exit(1); } }
    static int rows(ResultSet r) throws SQLException { int n = 0; while (r.next()) n++; return n; }

    public static void main(String[] args) throws Exception {
        String url = "jdbc:clickhouse://127.0.0.1:" + args[0] + "/claimlake";
        Properties p = new Properties();
        p.put("user", "claimlake"); p.put("password", "open");
        try (Connection c = DriverManager.getConnection(url, p)) {
            DatabaseMetaData m = c.getMetaData();
            System.out.println("driver " + m.getDriverVersion() + ", server " + m.getDatabaseProductName() + " " + m.getDatabaseProductVersion() + " " + m.getDatabaseMajorVersion() + "." + m.getDatabaseMinorVersion());
            check(m.getDatabaseMajorVersion() >= 24, "version");
            System.out.println("catalogs " + rows(m.getCatalogs()) + ", schemas " + rows(m.getSchemas()) + ", table types " + rows(m.getTableTypes()) + ", type info " + rows(m.getTypeInfo()));
            List<String> tables = new ArrayList<>();
            try (ResultSet r = m.getTables(null, "claimlake", "%", null)) { while (r.next()) tables.add(r.getString("TABLE_NAME") + ":" + r.getString("TABLE_TYPE")); }
            System.out.println("tables " + tables.size() + " " + tables.subList(0, 3));
            check(tables.stream().noneMatch(t -> t.contains("_v:") || t.startsWith("_")), "internals are shown");
            int n = 0; String remarks = null;
            try (ResultSet r = m.getColumns(null, "claimlake", "claim", "%")) { while (r.next()) { n++; if (remarks == null) remarks = r.getString("COLUMN_NAME") + " " + r.getString("TYPE_NAME") + " " + r.getString("REMARKS"); } }
            System.out.println("columns " + n + ", first " + remarks); check(n > 10, "columns");
            System.out.println("primary keys " + rows(m.getPrimaryKeys(null, "claimlake", "claim")) + ", indexes " + rows(m.getIndexInfo(null, "claimlake", "claim", false, false)) + ", procedures " + rows(m.getProcedures(null, null, null)) + ", functions " + rows(m.getFunctions(null, null, "%")));
            System.out.println("catalog " + c.getCatalog() + ", schema " + c.getSchema() + ", valid " + c.isValid(3));
            try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("SELECT id, created FROM claim WHERE 0")) {
                check(r.getMetaData().getColumnCount() == 2, "columns of an empty result"); check(!r.next(), "empty"); System.out.println("empty " + r.getMetaData().getColumnName(1));
            }
            try (PreparedStatement s = c.prepareStatement("SELECT count() FROM claim WHERE id != ? AND 1 = ?")) {
                s.setString(1, "no'ne"); s.setInt(2, 1);
                try (ResultSet r = s.executeQuery()) { check(r.next(), "filter"); System.out.println("filter " + r.getLong(1)); }
            }
            try (Statement s = c.createStatement()) {
                s.setFetchSize(1000); s.setMaxRows(0);
                try (ResultSet r = s.executeQuery("SELECT number, toString(number), toDecimal64(number, 2), now64(6) FROM numbers(1000000)")) {
                    long sum = 0; int k = 0; while (r.next()) { sum += r.getLong(1); k++; }
                    check(k == 1000000 && sum == 499999500000L, "big " + k + " " + sum); System.out.println("big " + k);
                }
            }
            try (Statement s = c.createStatement()) { s.setMaxRows(10); try (ResultSet r = s.executeQuery("SELECT number FROM numbers(100)")) { System.out.println("max rows " + rows(r)); } }
            for (String bad : new String[] {"INSERT INTO claim (id) VALUES ('x')", "SELECT file('/etc/hostname')", "SELECT * FROM nothing", "DROP TABLE claim"}) {
                try (Statement s = c.createStatement()) { s.execute(bad); check(false, "not refused: " + bad); } catch (SQLException e) { System.out.println("refused " + e.getErrorCode() + " " + e.getMessage().split("\n")[0].substring(0, Math.min(90, e.getMessage().split("\n")[0].length()))); }
            }
            for (String q : new String[] {
                "select version()", "SELECT currentUser()", "select timezone()", "SELECT 1", "SELECT name FROM system.databases ORDER BY name", "select * from system.functions limit 1",
                "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'claimlake'", "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'claimlake' AND table_name = 'claim'",
                "SELECT name, value FROM system.settings WHERE name = 'max_threads'", "SELECT * FROM system.tables WHERE database = 'claimlake' LIMIT 1", "SELECT name, engine, comment, total_rows, create_table_query FROM system.tables WHERE database = 'claimlake' LIMIT 3",
                "SELECT name, type, is_in_primary_key, default_kind, comment FROM system.columns WHERE database = 'claimlake' AND table = 'claim' LIMIT 3", "SHOW CREATE TABLE claim", "SELECT * FROM system.data_type_families LIMIT 1", "SELECT * FROM system.dictionaries", "SELECT * FROM system.processes", "EXPLAIN SELECT 1",
                "SELECT database, name FROM system.tables WHERE engine = 'View' LIMIT 2", "SELECT * FROM system.clusters", "SELECT * FROM system.users", "SELECT getSetting('session_timezone')", "SELECT `claimlake`.`claim`.`id` AS `id` FROM `claimlake`.`claim` LIMIT 2"}) {
                try (Statement s = c.createStatement(); ResultSet r = s.executeQuery(q)) { System.out.println("asked " + q.substring(0, Math.min(60, q.length())) + ": " + rows(r)); } catch (SQLException e) { System.out.println("asked " + q + ": " + e.getMessage().split("\n")[0]); }
            }
            // The driver's setQueryTimeout sends nothing and stops nothing (0.9.0): the setting does.
            Properties limited = new Properties(); limited.putAll(p); limited.put("clickhouse_setting_max_execution_time", "2");
            try (Connection l = DriverManager.getConnection(url, limited); Statement s = l.createStatement(); ResultSet r = s.executeQuery("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))")) {
                r.next(); check(false, "no time limit");
            } catch (SQLException e) { System.out.println("limited: " + e.getErrorCode()); check(e.getMessage().contains("TIMEOUT_EXCEEDED"), "time limit: " + e.getMessage()); }
            try (Statement s = c.createStatement()) {
                Thread t = new Thread(() -> { try { Thread.sleep(1000); s.cancel(); } catch (Exception e) { System.out.println("cancel: " + e); } });
                t.start(); long at = System.currentTimeMillis();
                try (ResultSet r = s.executeQuery("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))")) { r.next(); check(false, "not cancelled"); }
                catch (SQLException e) { System.out.println("cancelled after " + (System.currentTimeMillis() - at < 5000 ? "a moment" : "long") + ": " + e.getMessage().split("\n")[0].substring(0, 60)); check(System.currentTimeMillis() - at < 8000, "cancel took long"); }
            }
        }
    }
}
