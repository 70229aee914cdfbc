// Command short_links serves an in-memory redirect table.
//
//	POST /links        {"url": "..."}  -> 201 {"code": "..."}
//	GET  /{code}                       -> 302, or 404
package main

import (
	"crypto/rand"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// No vowels and no look-alikes, so codes are readable and spell nothing.
const alphabet = "bcdfghjkmnpqrstvwxz23456789BCDFG" // 32 symbols

type linkTable struct {
	mu      sync.RWMutex
	targets map[string]string
}

func newCode() string {
	raw := make([]byte, 7)
	rand.Read(raw) // documented never to fail
	for i, b := range raw {
		raw[i] = alphabet[b%32]
	}
	return string(raw)
}

func (t *linkTable) store(target string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		code := newCode()
		if _, clash := t.targets[code]; !clash {
			t.targets[code] = target
			return code
		}
	}
}

func (t *linkTable) handleCreate(w http.ResponseWriter, r *http.Request) {
	var body struct {
		URL string `json:"url"`
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		http.Error(w, "malformed body", http.StatusBadRequest)
		return
	}
	u, err := url.Parse(body.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		http.Error(w, "url must be absolute", http.StatusUnprocessableEntity)
		return
	}
	code := t.store(u.String())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/"+code)
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(map[string]string{"code": code})
}

func (t *linkTable) handleFollow(w http.ResponseWriter, r *http.Request) {
	t.mu.RLock()
	target, ok := t.targets[r.PathValue("code")]
	t.mu.RUnlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	http.Redirect(w, r, target, http.StatusFound)
}

func main() {
	addr := flag.String("listen", ":8080", "address to listen on")
	flag.Parse()

	table := &linkTable{targets: make(map[string]string)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /links", table.handleCreate)
	mux.HandleFunc("GET /{code}", table.handleFollow)

	srv := &http.Server{Addr: *addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	slog.Info("listening", "addr", *addr)
	if err := srv.ListenAndServe(); err != nil {
		slog.Error("server stopped", "err", err)
		os.Exit(1)
	}
}
