package fhirtest

import (
	"fmt"
	"os"
	"time"

	"github.com/tidwall/gjson"
)

// source is a file of resources of one type, uncompressed.
type source struct {
	stamp
	resourceType string
}

// stamp says which content of a file is meant.
type stamp struct {
	path     string
	size     int64 // bytes
	modified time.Time
}

func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	return stamp{path, info.Size(), info.ModTime()}, nil
}

// typeOf returns the resource type of the first line; "" where there is no line.
func typeOf(path string) (string, error) {
	for line, err := range fileLines(path) {
		if err != nil {
			return "", err
		}
		if blank(line) {
			continue
		}
		resourceType := gjson.GetBytes(line, "resourceType").String()
		if resourceType == "" || !gjson.ValidBytes(line) {
			return "", fmt.Errorf("%s: the first line is not a FHIR resource: put only NDJSON files of resources into the folder", path)
		}
		return resourceType, nil
	}
	return "", nil
}

// piece is a run of whole lines of a file.
type piece struct {
	offset, length int64 // bytes
	count          int   // lines that are not blank
}

// cut splits a file into pieces of about limit bytes.
func cut(path string, limit int64) ([]piece, error) {
	var pieces []piece
	var p piece
	for line, err := range fileLines(path) {
		if err != nil {
			return nil, err
		}
		if p.length > 0 && p.length+int64(len(line)) > limit {
			pieces = append(pieces, p)
			p = piece{offset: p.offset + p.length}
		}
		p.length += int64(len(line))
		if !blank(line) {
			p.count++
		}
	}
	if p.count > 0 {
		pieces = append(pieces, p)
	}
	return pieces, nil
}
