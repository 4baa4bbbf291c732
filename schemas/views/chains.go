package views

import (
	"fmt"
	"strings"
)

// A chain is all versions of a claim: those that marks connect, whatever the length of
// the way between them. A mark is a role and a name: what the claim is called ("is"),
// what it replaces or reverses ("names"), what replaces it ("later"), and what versions
// of a claim share ("group"). Each dialect has a statement that gives every claim of a
// patient's shared marks (%s) its chain, which is the least id in it, and its marks.

// isLater says that a related claim comes after this one.
const isLater = relationship + " IN ('replacedby', 'replaced-by', 'replaced by')"

const relationship = "lower(coalesce(relationship_code, relationship_text, ''))"

// relations are those of related claims that are versions of each other.
const relations = relationship + " IN ('prior', 'replaces', 'adjusts', 'reverses', 'replacedby', 'replaced-by', 'replaced by')"

// marks is a SELECT of a row for each mark of a table, which are expressions.
func (d dialect) marks(id, table string, marks ...string) string {
	where := ""
	if strings.HasSuffix(table, "_related") {
		where = " WHERE " + relations
	}
	list := "[" + strings.Join(marks, ", ") + "]"
	return fmt.Sprintf("SELECT _source, coalesce(patient_id, '') AS patient, %s AS id, %s AS mark FROM %s%s", id, fmt.Sprintf(d.eachOf, list), table, where)
}

// chainsOfArrays goes over the marks of a patient once: the labels of the two ends
// become one. Names sort after ids, so that the label is an id.
const chainsOfArrays = `SELECT _source, patient, tupleElement(node, 1) AS id, tupleElement(node, 2) AS chain, tupleElement(node, 3) AS marks
    FROM (
        SELECT
            _source, patient, groupUniqArray((id, name, role)) AS all_links,
            arrayFilter(l -> NOT (tupleElement(l, 3) = 'names' AND has(all_links, (tupleElement(l, 1), tupleElement(l, 2), 'is'))), all_links) AS links,
            arraySort(arrayDistinct(arrayConcat(arrayMap(l -> tupleElement(l, 1), links), arrayMap(l -> concat('~', tupleElement(l, 2)), links)))) AS nodes,
            arrayMap(l -> (indexOf(nodes, tupleElement(l, 1)), indexOf(nodes, concat('~', tupleElement(l, 2)))), arrayFilter(l -> tupleElement(l, 2) <> 'itself', links)) AS ends,
            arrayFold(
                (labels, l) -> arrayMap(x -> if(x = greatest(labels[tupleElement(l, 1)], labels[tupleElement(l, 2)]), least(labels[tupleElement(l, 1)], labels[tupleElement(l, 2)]), x), labels),
                ends, nodes
            ) AS labels,
            arrayJoin(arrayMap(
                n -> (n, labels[indexOf(nodes, n)], arrayMap(l -> concat(tupleElement(l, 3), ' ', tupleElement(l, 2)), arrayFilter(l -> tupleElement(l, 1) = n, links))),
                arrayFilter(n -> NOT startsWith(n, '~'), nodes)
            )) AS node
        FROM %s
        GROUP BY _source, patient
    ) AS n`

// chainsByReach follows the marks from every claim.
const chainsByReach = `SELECT c._source AS _source, c.patient AS patient, c.id AS id, c.chain AS chain, m.marks AS marks
    FROM (
        SELECT _source, patient, id, min(node) AS chain
        FROM (
            WITH RECURSIVE links AS (
                SELECT DISTINCT _source, patient, id, name FROM %[1]s AS s
                WHERE name <> 'itself' AND NOT (role = 'names' AND EXISTS (SELECT 1 FROM %[1]s AS o WHERE o._source = s._source AND o.patient = s.patient AND o.id = s.id AND o.name = s.name AND o.role = 'is'))
            ),
            reach AS (
                SELECT DISTINCT _source, patient, id, id AS node FROM %[1]s
                UNION
                SELECT r._source, r.patient, r.id, o.id AS node
                FROM reach AS r
                JOIN links AS l ON l._source = r._source AND l.patient = r.patient AND l.id = r.node
                JOIN links AS o ON o._source = l._source AND o.patient = l.patient AND o.name = l.name
            )
            SELECT _source, patient, id, node FROM reach
        ) AS r
        GROUP BY _source, patient, id
    ) AS c
    JOIN (
        SELECT _source, patient, id, list(DISTINCT concat(role, ' ', name)) AS marks
        FROM %[1]s AS s
        WHERE NOT (role = 'names' AND EXISTS (SELECT 1 FROM %[1]s AS o WHERE o._source = s._source AND o.patient = s.patient AND o.id = s.id AND o.name = s.name AND o.role = 'is'))
        GROUP BY _source, patient, id
    ) AS m ON m._source = c._source AND m.patient = c.patient AND m.id = c.id`
