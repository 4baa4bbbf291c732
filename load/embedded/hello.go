package embedded

import (
	"net/http"
	"strconv"

	"github.com/ClickHouse/ch-go/proto"
)

// helloQuery is the first query of every clickhouse-go connection over HTTP.
const helloQuery = "SELECT displayName(), version(), revision(), timezone()"

// hello answers helloQuery. clickhouse-go reads the answer at its own protocol
// revision and then speaks the revision that the answer names. Ours is 0: from
// then on blocks are what the engine calls Native, and pass through unchanged.
func hello(w http.ResponseWriter, r *http.Request, version string) error {
	revision, err := strconv.Atoi(r.URL.Query().Get("client_protocol_version"))
	if err != nil {
		return exception(36, "BAD_ARGUMENTS", "client_protocol_version is not a number")
	}
	name, ver, zone := new(proto.ColStr), new(proto.ColStr), new(proto.ColStr)
	name.Append("claimlake")
	ver.Append(version)
	zone.Append("UTC")
	block := proto.Block{Info: proto.BlockInfo{BucketNum: -1}, Columns: 4, Rows: 1}
	var out proto.Buffer
	err = block.EncodeBlock(&out, revision, []proto.InputColumn{
		{Name: "displayName()", Data: name},
		{Name: "version()", Data: ver},
		{Name: "revision()", Data: &proto.ColUInt32{0}},
		{Name: "timezone()", Data: zone},
	})
	if err != nil {
		return exception(1002, "UNKNOWN_EXCEPTION", "%w", err)
	}
	_, err = w.Write(out.Buf)
	return err
}
