package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// A value that is written piece by piece is what it was.
func TestObjectField(t *testing.T) {
	e, stdout, _ := testEnv("")
	w, err := e.out.object(struct {
		N int `json:"n"`
	}{1})
	if err != nil {
		t.Fatal(err)
	}
	values := []string{"short", strings.Repeat("é<\"\\\t€", 50_000), "x" + strings.Repeat("é", 64<<10)}
	w.list("header")
	for _, v := range values {
		w.field(headerField{Name: "Subject", Value: v})
	}
	w.endList()
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	e.out.Flush()
	var got struct{ Header []headerField }
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil || strings.Count(stdout.String(), "\n") != 1 {
		t.Fatalf("%v, %d lines", err, strings.Count(stdout.String(), "\n"))
	}
	for i, v := range values {
		if got.Header[i].Name != "Subject" || got.Header[i].Value != v {
			t.Errorf("value %d is not what it was", i)
		}
	}
}
